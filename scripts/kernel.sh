#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh NAME: build the kernel NAME for the emulated host, its modules and
# all that an external module needs, in the cache at kernel/NAME. Prints that
# directory, the module's KDIR. A name is a series and, after a dash, what is
# special: 6.1, 6.12, 6.12-debug, 6.12-kcsan, 6.12-gcov, 6.12-16k, 6.12-64k, 6.12-fixed, 7.3,
# 7.3-fixed. What
# is fixed is in docs/kernel-patches.
#
# kernel.sh -p COMPILER SERIES: only what an external module needs to compile,
# for any series that sources.sh can get, in kernel/SERIES-COMPILER. There is
# no list of symbols in it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

compiler=${HACC_CROSS}gcc
prepare=''
if [[ ${1:-} == -p ]]; then
	prepare=yes compiler=${2:?}
	shift 2
fi
name=${1:?usage: kernel.sh [-p COMPILER] 6.1|6.12|6.12-debug|6.12-kcsan|6.12-gcov|6.12-16k|6.12-64k|6.12-fixed|7.3|7.3-fixed}
series=${name%%-*} special='' fixes=()
# The kernel's own code is not looked at, see kcsan.config.
unwatched=()
[[ $name != *-kcsan ]] || unwatched=(KCSAN_SANITIZE=n)
case ${prepare:-$name} in
yes) name=$series-$compiler ;;
6.1) ;;
6.12 | 7.3) special=host ;;
6.12-debug | 6.12-kcsan | 6.12-gcov | 6.12-16k | 6.12-64k) special=${name#*-} ;;
6.12-fixed | 7.3-fixed)
	special=host
	fixes=("$HACC_TOP/docs/kernel-patches/linux-$series"-*.patch)
	;;
*) die "no kernel is called $name; there are 6.1, 6.12, 6.12-debug, 6.12-kcsan, 6.12-gcov, 6.12-16k, 6.12-64k, 6.12-fixed, 7.3 and 7.3-fixed" ;;
esac
fragments=("$HACC_TOP/tests/kernel/base.config")
for fragment in "linux-$series" "$special" ${fixes:+fixed}; do
	fragment=$HACC_TOP/tests/kernel/$fragment.config
	[[ ! -f $fragment ]] || fragments+=("$fragment")
done

# kmake TARGET...: make in the kernel's source for the build directory
kmake() {
	nice make -C "$source" O="$build" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
		CC="$compiler" KBUILD_BUILD_USER=hacc KBUILD_BUILD_HOST=hacc \
		KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 1970" "${unwatched[@]}" "$@"
}

# One setting each, the last fragment's; what that one sets to n is left out,
# since the series may not know it.
merge() {
	awk -F= '
	/^CONFIG_/ { if (!($1 in line)) order[++n] = $1; line[$1] = $0 }
	END {
		for (i = 1; i <= n; i++)
			if (line[order[i]] !~ /=n$/)
				print line[order[i]]
	}' "${fragments[@]}"
}

# Kconfig drops what it can't satisfy without a word: find out here, not when
# a test wonders where a feature has gone.
configure() {
	local line missing=0

	merge >"$build/fragment.config"
	kmake KCONFIG_ALLCONFIG="$build/fragment.config" allnoconfig || return
	while read -r line; do
		if ! grep -qxF -- "$line" "$build/.config"; then
			echo "kernel $name does not take $line"
			missing=1
		fi
	done < <(grep '^CONFIG_' "$build/fragment.config")
	return "$missing"
}

# The source with what is fixed: nobody's tree is touched. Of all other files it has
# another name for the same content, if they are on one file system.
fix() {
	local patch

	rm -rf "$build/fixed-source"
	cp -al "$stock" "$build/fixed-source" 2>/dev/null || {
		rm -rf "$build/fixed-source"
		cp -a "$stock" "$build/fixed-source"
	} || return
	for patch in "${fixes[@]}"; do
		patch -d "$build/fixed-source" -p1 --no-backup-if-mismatch <"$patch" || return
	done
}

stock=$("$HACC_TOP/scripts/sources.sh" "linux-$series")
build=$HACC_CACHE/kernel/$name
source=$stock
((!${#fixes[@]})) || source=$build/fixed-source
stamp=$HACC_CACHE/kernel/$name.stamp

lock "kernel-$name"
hash=$(inputs_hash "${fragments[@]}" "source=$stock" "$stock/Makefile" "${fixes[@]}" \
	"$("$compiler" --version)")
if ! stamp_current "$stamp" "$hash"; then
	mkdir -p "$build"
	if ((${#fixes[@]})); then
		run_step "kernel $name: patching" "$build.fix.log" fix
	fi
	run_step "kernel $name: configuring" "$build.configure.log" configure
	if [[ -n $prepare ]]; then
		run_step "kernel $name: preparing for modules" \
			"$build.log" kmake -j"$HACC_JOBS" modules_prepare
	else
		run_step "kernel $name: compiling, some minutes the first time" \
			"$build.log" kmake -j"$HACC_JOBS" Image modules
	fi
	stamp_write "$stamp" "$hash"
fi
echo "$build"
