#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# initramfs.sh KERNEL IMAGE MODULE-DIR [DIR...]: make the emulated host's file
# system for the kernel KERNEL: busybox, init, hacc-test, the kernel's modules,
# what module.sh has built in MODULE-DIR, and the programs and modules in each DIR. Not
# compressed: unpacking would take the emulated machine longer than reading. The
# same files make the same image, or no two runs would be alike.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

(($# >= 3)) || die "usage: initramfs.sh KERNEL IMAGE MODULE-DIR [DIR...]"
kernel=$1 image=$2 module=$3
programs=("${@:4}")
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
busybox=$("$HACC_TOP/scripts/sources.sh" busybox)
client=$("$HACC_TOP/scripts/client.sh")

# Lines as the kernel's gen_init_cpio takes them, which needs no root to make
# the console's device node.
contents() {
	local file

	echo "dir /dev 755 0 0"
	echo "nod /dev/console 600 0 0 c 5 1"
	echo "dir /bin 755 0 0"
	echo "file /bin/busybox $(find "$busybox" -name busybox -type f -perm -100) 755 0 0"
	echo "file /bin/hacc-test $client 755 0 0"
	echo "file /init $HACC_TOP/tests/host/init 755 0 0"
	echo "dir /modules 755 0 0"
	echo "dir /modules/intree 755 0 0"
	while read -r file; do
		echo "file /modules/intree/$(basename "$file") $file 644 0 0"
	done < <(find "$kdir" -name '*.ko' | sort)
	# One spelling of the name, whatever the driver's Kbuild calls the file.
	while read -r file; do
		echo "file /modules/$(basename "$file" | tr - _) $file 644 0 0"
	done < <(find "$module" -name '*.ko' | sort)
	((${#programs[@]})) || return 0
	while read -r file; do
		echo "file /modules/$(basename "$file") $file 644 0 0"
	done < <(find "${programs[@]}" -maxdepth 1 -name '*.ko' | sort)
	while read -r file; do
		echo "file /bin/$(basename "$file") $file 755 0 0"
	done < <(find "${programs[@]}" -maxdepth 1 -type f -perm -100 | sort)
}

mkdir -p "$(dirname "$image")"
contents >"$image.list"
"$kdir/usr/gen_init_cpio" -t 0 "$image.list" >"$image"
