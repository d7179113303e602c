# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Common ground of the scripts: where things are, what is said while a long
# step runs, and what is still up to date. Sourced, never run.

HACC_TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
HACC_CACHE=${HACC_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/hisi-acc-vfio-pci}
HACC_JOBS=${HACC_JOBS:-$(nproc)}

# Native on an arm64 machine, cross anywhere else.
case $(uname -m) in
aarch64) HACC_CROSS= ;;
*) HACC_CROSS=aarch64-linux-gnu- ;;
esac
export HACC_TOP HACC_CACHE HACC_JOBS HACC_CROSS

# What runs in the background ignores ^C: end it with the script.
lib_stop() {
	local pids

	pids=$(jobs -p)
	# shellcheck disable=SC2086 # one argument for each process
	[[ -z $pids ]] || kill $pids 2>/dev/null
	exit 130
}
trap lib_stop INT TERM

say() {
	printf '%s\n' "$*" >&2
}

die() {
	printf 'error: %s\n' "$*" >&2
	exit 1
}

# run_step TITLE LOG COMMAND...: run a command that may take long with its
# output in LOG. Says every 20 seconds that it is alive and how far it is; if
# it fails, shows the end of the log and where the rest is.
run_step() {
	local title=$1 log=$2 start=$SECONDS pid ret=0 beat=0
	shift 2

	mkdir -p "$(dirname "$log")"
	say "$title ..."
	"$@" >"$log" 2>&1 </dev/null &
	pid=$!
	while kill -0 "$pid" 2>/dev/null; do
		sleep 0.2
		beat=$((beat + 1))
		if ((beat % 100 == 0)); then
			say "  $title: $((SECONDS - start)) s, $(wc -l <"$log") lines in $log"
		fi
	done
	wait "$pid" || ret=$?
	if ((ret)); then
		say "  $title: failed with status $ret after $((SECONDS - start)) s; the end of $log:"
		tail -n 20 "$log" | sed 's/^/    /' >&2
		return "$ret"
	fi
	say "  $title: done in $((SECONDS - start)) s"
}

# inputs_hash ITEM...: one hash of strings, files and directories (a file or
# directory counts with its contents).
inputs_hash() {
	local item

	for item in "$@"; do
		if [[ -d $item ]]; then
			(cd "$item" && find . -type f -print0 | sort -z |
				xargs -0 -r sha256sum)
		elif [[ -f $item ]]; then
			sha256sum <"$item"
		else
			printf '%s\n' "$item"
		fi
	done | sha256sum | cut -d ' ' -f 1
}

# stamp_current STAMP HASH: is what STAMP stands for built from these inputs?
stamp_current() {
	[[ -f $1 && $(<"$1") == "$2" ]]
}

stamp_write() {
	printf '%s\n' "$2" >"$1"
}

# lock NAME: one process at a time is at NAME in the cache; held until the
# calling script ends.
lock() {
	local file=$HACC_CACHE/lock/$1 fd

	mkdir -p "$(dirname "$file")"
	exec {fd}>"$file"
	if ! flock -n "$fd"; then
		say "waiting for another process that is at $1 ..."
		flock "$fd"
	fi
}
