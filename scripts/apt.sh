# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# A private apt beside the machine's own: it fetches files from Debian trixie
# (or the suites in APT_SUITES), whatever release the machine runs, and installs
# nothing. It asks the mirror that the machine asks, and keeps the machine's
# other settings (proxies, credentials, certificates). Sourced after lib.sh.

APT_HOME=$HACC_CACHE/apt
APT_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg
APT_SUITES=(trixie trixie-backports)
# Every suite that may carry a series of the kernel of its own. A mirror need
# not have them all.
APT_ALL_SUITES=(bookworm bookworm-backports trixie trixie-backports sid)

# Lines "URI SUITE COMPONENTS" of the machine's binary sources, one-line style.
apt_list_entries() {
	sed -E 's/#.*//; s/\[[^]]*\]//' "$@" |
		awk '$1 == "deb" { $1 = ""; print substr($0, 2) }'
}

# The same of deb822 style. A stanza lists URIs and suites: all pairs are meant.
apt_sources_entries() {
	awk '
	function flush(   i, j) {
		if (types ~ /(^| )deb( |$)/ && enabled != "no")
			for (i = 1; i <= split(uris, u, " "); i++)
				for (j = 1; j <= split(suites, s, " "); j++)
					print u[i], s[j], components
		types = uris = suites = components = enabled = key = ""
	}
	FNR == 1 || /^[ \t]*$/	{ flush() }
	/^#/			{ next }
	/^[^ \t]/		{ key = tolower($1); sub(/^[^:]*:[ \t]*/, "") }
	key == "types:"		{ types = types " " $0 }
	key == "uris:"		{ uris = uris " " $0 }
	key == "suites:"	{ suites = suites " " $0 }
	key == "components:"	{ components = components " " $0 }
	key == "enabled:"	{ enabled = $1 }
	END			{ flush() }' "$@"
}

# The mirror that the machine takes Debian itself from: the one that has its
# release in component main. Third parties use that suite's name, too, so one
# whose path names debian goes first.
apt_mirror() {
	local dir=${APT_ETC:-/etc/apt} codename uri suite rest found=

	codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
	while read -r uri suite rest; do
		[[ " $rest " == *" main "* ]] || continue
		case $suite in
		"$codename" | stable | testing | unstable | sid) ;;
		*) continue ;;
		esac
		found=${found:-$uri}
		if [[ $uri =~ debian/?$ || $uri == mirror* ]]; then
			found=$uri
			break
		fi
	done < <(
		shopt -s nullglob
		list=("$dir"/sources.list "$dir"/sources.list.d/*.list)
		deb822=("$dir"/sources.list.d/*.sources)
		[[ -f ${list[0]} ]] || list=("${list[@]:1}")
		((${#list[@]} == 0)) || apt_list_entries "${list[@]}"
		((${#deb822[@]} == 0)) || apt_sources_entries "${deb822[@]}"
	)
	[[ -n $found ]] ||
		die "no Debian mirror in $dir; name one: HACC_MIRROR=<address of a debian/ tree>"
	echo "$found"
}

# Settings that name directories or run commands would tie the private apt to
# the machine's own; all others are kept.
apt_configure() {
	local mirror suite

	mirror=${HACC_MIRROR:-$(apt_mirror)} || return
	[[ -f $APT_KEYRING ]] ||
		die "$APT_KEYRING is missing: install debian-archive-keyring"
	mkdir -p "$APT_HOME"/{etc,lists/partial,cache/archives/partial}
	: >"$APT_HOME/status"
	for suite in "${APT_SUITES[@]}"; do
		echo "deb [signed-by=$APT_KEYRING] $mirror $suite main"
	done >"$APT_HOME/etc/sources.list"
	echo "deb-src [signed-by=$APT_KEYRING] $mirror trixie main" \
		>>"$APT_HOME/etc/sources.list"
	{
		apt-config dump | grep -vE '^(Dir::(State|Cache)|Dir::Etc::(sourcelist|sourceparts|parts|main|preferences|preferencesparts)|Dir::Log|APT::Architectures?|APT::Default-Release|Acquire::Languages|[^ ]*(Pre|Post)-(Invoke|Install)[^ ]*)\b'
		cat <<-END
			Dir::Etc::sourcelist "$APT_HOME/etc/sources.list";
			Dir::Etc::sourceparts "-";
			Dir::Etc::parts "-";
			Dir::Etc::main "-";
			Dir::Etc::preferences "-";
			Dir::Etc::preferencesparts "-";
			Dir::State "$APT_HOME";
			Dir::State::lists "$APT_HOME/lists";
			Dir::State::status "$APT_HOME/status";
			Dir::Cache "$APT_HOME/cache";
			Dir::Cache::pkgcache "";
			Dir::Cache::srcpkgcache "";
			APT::Architecture "arm64";
			APT::Architectures { "arm64"; };
			APT::Sandbox::User "";
			Acquire::Languages { "none"; };
			Acquire::Retries "3";
			APT::Get::List-Cleanup "0";
		END
	} >"$APT_HOME/apt.conf"
	export APT_CONFIG=$APT_HOME/apt.conf
}

# apt_update: fetch the lists of packages. One of many suites may be missing or
# out of date; what it would have is not found then.
apt_update() {
	apt-get update || ((${#APT_SUITES[@]} > 2))
}

# apt_fetch DIR download|closure|source PACKAGE...: put the packages' files into
# DIR, verified by apt against the Debian archive's signature; closure: with all
# that they depend on, of the suite that the first PACKAGE/SUITE names.
apt_fetch() {
	local dir=$1 verb=$2
	shift 2

	apt_configure
	mkdir -p "$dir"
	cd "$dir" || return
	apt_update || return
	case $verb in
	download) apt-get download "$@" ;;
	closure)
		mkdir -p partial
		apt-get install -y --download-only --no-install-recommends \
			-t "${1#*/}" -o Dir::Cache::archives="$dir" "$@"
		;;
	source) apt-get source --only-source --download-only "$@" ;;
	esac
}
