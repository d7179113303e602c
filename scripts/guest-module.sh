#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# guest-module.sh KERNEL: build the module that gives the kernel's own drivers of
# the accelerators work, for the kernel KERNEL. Prints the directory that has it.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: guest-module.sh KERNEL}
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
source=$HACC_TOP/tests/vm/guest
dir=$HACC_CACHE/guest-module/$kernel
stamp=$dir.stamp

build() {
	rsync -r --checksum --exclude=init "$source/" "$dir/" || return
	nice make -C "$kdir" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
		-j"$HACC_JOBS" M="$dir" modules
}

mkdir -p "$dir"
lock "guest-module-$kernel"
hash=$(inputs_hash "$source" "$0" "$(<"$kdir.stamp")")
if ! stamp_current "$stamp" "$hash"; then
	run_step "guest for $kernel: compiling its module" "$dir.log" build
	stamp_write "$stamp" "$hash"
fi
echo "$dir"
