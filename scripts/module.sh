#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module.sh [-k] KERNEL [TREE DIR [MAKE-ARGUMENT...]]: build the driver of TREE
# (default: this one) against the kernel KERNEL in a copy under DIR (default:
# module/KERNEL in the cache); with -k, its KUnit module instead (default:
# module/KERNEL-kunit). Prints DIR. KERNEL is a name that kernel.sh knows, or a
# directory that it has printed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

part='' kunit=''
if [[ ${1:-} == -k ]]; then
	part=/tests/kunit kunit=-kunit
	shift
fi
kernel=${1:?usage: module.sh [-k] KERNEL [TREE DIR [MAKE-ARGUMENT...]]}
tree=${2:-$HACC_TOP}
dir=${3:-$HACC_CACHE/module/$kernel$kunit}
arguments=("${@:4}")
kdir=$kernel
[[ $kernel == /* ]] || kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
stamp=$dir.stamp
build_id="$(<"$kdir.stamp") ${arguments[*]}"

# Copied by content: what has not changed is not compiled again, and builds
# against several kernels don't meet.
copy() {
	rsync -ri --checksum --delete --prune-empty-dirs \
		--include='/*.c' --include='/*.h' --include='/Kbuild' \
		--include='/dkms.conf' --include='/Makefile' --include='/include/***' \
		--include='/tests/' --include='/tests/kunit/***' --exclude='*' \
		--filter='P *.o' --filter='P *.ko' --filter='P *.mod*' \
		--filter='P .*' --filter='P *.symvers' "$tree/" "$dir/"
}

build() {
	nice make -C "$kdir" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
		-j"$HACC_JOBS" M="$dir$part" "${arguments[@]}" modules
}

mkdir -p "$dir"
lock "module-${dir//\//-}"
if [[ -n $(copy) ]] || ! stamp_current "$stamp" "$build_id"; then
	rm -f "$stamp"
	run_step "module$kunit for $kernel: compiling" "$dir.log" build
	stamp_write "$stamp" "$build_id"
fi
echo "$dir"
