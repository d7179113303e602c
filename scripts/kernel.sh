#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# kernel.sh NAME: build the kernel NAME for the emulated host, its modules and
# all that an external module needs, in the cache at kernel/NAME. Prints that
# directory, the module's KDIR. Names: 6.12, 6.12-debug, 7.3.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

name=${1:?usage: kernel.sh 6.12|6.12-debug|7.3}
case $name in
6.12 | 6.12-debug | 7.3) series=${name%-debug} ;;
*) die "no kernel is called $name; there are 6.12, 6.12-debug and 7.3" ;;
esac
fragments=("$HACC_TOP"/tests/kernel/{base,linux-"$series"}.config)
if [[ $name == *-debug ]]; then
	fragments+=("$HACC_TOP/tests/kernel/debug.config")
fi

# kmake TARGET...: make in the kernel's source for the build directory
kmake() {
	nice make -C "$source" O="$build" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
		KBUILD_BUILD_USER=hacc KBUILD_BUILD_HOST=hacc \
		KBUILD_BUILD_TIMESTAMP="Thu Jan  1 00:00:00 UTC 1970" "$@"
}

# Kconfig drops what it can't satisfy without a word: find out here, not when
# a test wonders where a feature has gone.
configure() {
	local line missing=0

	cat "${fragments[@]}" >"$build/fragment.config"
	kmake KCONFIG_ALLCONFIG="$build/fragment.config" allnoconfig || return
	while read -r line; do
		if ! grep -qxF -- "$line" "$build/.config"; then
			echo "kernel $name does not take $line"
			missing=1
		fi
	done < <(grep '^CONFIG_' "$build/fragment.config")
	return "$missing"
}

source=$("$HACC_TOP/scripts/sources.sh" "linux-$series")
build=$HACC_CACHE/kernel/$name
stamp=$HACC_CACHE/kernel/$name.stamp

lock "kernel-$name"
hash=$(inputs_hash "${fragments[@]}" "source=$source" "$source/Makefile" \
	"$("${HACC_CROSS}gcc" --version)")
if ! stamp_current "$stamp" "$hash"; then
	mkdir -p "$build"
	run_step "kernel $name: configuring" "$build.configure.log" configure
	run_step "kernel $name: compiling, some minutes the first time" \
		"$build.log" kmake -j"$HACC_JOBS" Image modules
	stamp_write "$stamp" "$hash"
fi
echo "$build"
