#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-guest.sh KERNEL: make the file system of a guest for the kernel KERNEL:
# busybox, the kernel's own drivers of the accelerators, and a module that gives
# them work. Prints its path.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

kernel=${1:?usage: vm-guest.sh KERNEL}
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
busybox=$("$HACC_TOP/scripts/sources.sh" busybox)
module=$("$HACC_TOP/scripts/guest-module.sh" "$kernel")
source=$HACC_TOP/tests/vm/guest
dir=$HACC_CACHE/vm/guest-$kernel
stamp=$dir.stamp

contents() {
	local driver

	echo "dir /dev 755 0 0"
	echo "nod /dev/console 600 0 0 c 5 1"
	echo "dir /bin 755 0 0"
	echo "file /bin/busybox $(find "$busybox" -name busybox -type f -perm -100) 755 0 0"
	echo "file /init $source/init 755 0 0"
	echo "dir /modules 755 0 0"
	for driver in hisi_qm zip/hisi_zip sec2/hisi_sec2; do
		echo "file /modules/${driver##*/}.ko $kdir/drivers/crypto/hisilicon/$driver.ko 644 0 0"
	done
	echo "file /modules/hacc_guest.ko $module/hacc_guest.ko 644 0 0"
}

mkdir -p "$dir"
lock "vm-guest-$kernel"
hash=$(inputs_hash "$source" "$0" "$(<"$kdir.stamp")")
if ! stamp_current "$stamp" "$hash"; then
	contents >"$dir/list"
	"$kdir/usr/gen_init_cpio" "$dir/list" >"$dir/initramfs.cpio"
	stamp_write "$stamp" "$hash"
fi
echo "$dir/initramfs.cpio"
