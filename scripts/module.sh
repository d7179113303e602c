#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# module.sh KERNEL [TREE DIR [MAKE-ARGUMENT...]]: build the driver of TREE
# (default: this one), and its KUnit module if it has one, against the kernel
# KERNEL in a copy under DIR (default: module/KERNEL in the cache). Prints DIR.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: module.sh KERNEL [TREE DIR [MAKE-ARGUMENT...]]}
tree=${2:-$HACC_TOP}
dir=${3:-$HACC_CACHE/module/$kernel}
arguments=("${@:4}")
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
stamp=$dir.stamp
build_id="$(<"$kdir.stamp") ${arguments[*]}"

# Copied by content: what has not changed is not compiled again, and builds
# against several kernels don't meet.
copy() {
	rsync -ri --checksum --delete --prune-empty-dirs \
		--include='/*.c' --include='/*.h' --include='/Kbuild' \
		--include='/Makefile' --include='/include/***' \
		--include='/tests/' --include='/tests/kunit/***' --exclude='*' \
		--filter='P *.o' --filter='P *.ko' --filter='P *.mod*' \
		--filter='P .*' --filter='P *.symvers' "$tree/" "$dir/"
}

build() {
	local part

	for part in "$dir" "$dir/tests/kunit"; do
		[[ -f $part/Kbuild || -f $part/Makefile ]] || continue
		nice make -C "$kdir" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
			-j"$HACC_JOBS" M="$part" "${arguments[@]}" modules || return
	done
}

mkdir -p "$dir"
lock "module-$(inputs_hash "dir=$dir")"
if [[ -n $(copy) ]] || ! stamp_current "$stamp" "$build_id"; then
	rm -f "$stamp"
	run_step "module for $kernel: compiling" "$dir.log" build
	stamp_write "$stamp" "$build_id"
fi
echo "$dir"
