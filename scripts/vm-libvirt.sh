#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-libvirt.sh KERNEL MODULE-DIR: what the emulated host's file system takes, on
# top of vm-host.sh, to run Debian's libvirt: its daemon and virsh, their
# settings (tests/vm/libvirt), the XML that docs/libvirt.md tells people to use,
# and an index of the kernel's modules and the driver in MODULE-DIR, where
# libvirt looks up which driver fits a VF. Prints the path of the archive.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/elf.sh"

(($# == 2)) || die "usage: vm-libvirt.sh KERNEL MODULE-DIR"
kernel=$1 module=$2
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
libvirt=$("$HACC_TOP/scripts/sources.sh" vm-libvirt)
settings=$HACC_TOP/tests/vm/libvirt
document=$HACC_TOP/docs/libvirt.md
dir=$HACC_CACHE/vm/libvirt-$kernel
image=$dir.cpio

# xml N FILE: the Nth block of XML in the document
xml() {
	awk -v wanted="$1" '
	/^```xml/	{ inside = ++n == wanted; next }
	/^```/		{ inside = 0 }
	inside' "$document" >"$2"
	[[ -s $2 ]] || die "$document has no block $1 of XML"
}

# As "make modules_install" and our own "make install" would have it.
index_modules() {
	local release tree=$dir/modules

	release=$(make -s -C "$kdir" kernelrelease)
	rm -rf "$tree"
	mkdir -p "$tree/lib/modules/$release"/{kernel,updates}
	find "$kdir" -name '*.ko' -exec cp -t "$tree/lib/modules/$release/kernel" {} +
	find "$module" -maxdepth 1 -name '*.ko' \
		-exec cp -t "$tree/lib/modules/$release/updates" {} +
	cp "$kdir"/modules.{order,builtin,builtin.modinfo} "$tree/lib/modules/$release"
	depmod -b "$tree" "$release"
}

contents() {
	local file

	for file in etc etc/libvirt run run/libvirt var var/cache var/lib var/log \
		usr/sbin usr/share usr/lib/libvirt "$libdir/libvirt" "$libdir/libvirt/connection-driver" \
		usr/lib/modules; do
		echo "dir /$file 755 0 0"
	done
	# It keeps its sockets in one, people look in the other.
	echo "slink /var/run ../run 777 0 0"
	(cd "$libvirt" && find usr/share/libvirt \( -type d -printf 'dir /%p 755 0 0\n' \) \
		-o \( -type f -printf "file /%p $libvirt/%p 644 0 0\n" \))
	elf_file "$libvirt" usr/sbin/libvirtd
	elf_file "$libvirt" usr/bin/virsh
	elf_file "$libvirt" usr/lib/libvirt/libvirt_iohelper
	elf_file "$libvirt" "$libdir/libvirt/connection-driver/libvirt_driver_qemu.so"
	for file in passwd group nsswitch.conf; do
		echo "file /etc/$file $settings/$file 644 0 0"
	done
	for file in qemu.conf libvirtd.conf destination.conf; do
		echo "file /etc/libvirt/$file $settings/$file 644 0 0"
	done
	for file in hostdev.xml commandline.xml; do
		echo "file /vm/$file $dir/$file 644 0 0"
	done
	(cd "$dir/modules/lib/modules" && find . -mindepth 1 \
		\( -type d -printf 'dir /usr/lib/modules/%P 755 0 0\n' \) \
		-o \( -type f -printf "file /usr/lib/modules/%P $dir/modules/lib/modules/%P 644 0 0\n" \))
}

lock "vm-libvirt-$kernel"
mkdir -p "$dir"
xml 1 "$dir/hostdev.xml"
xml 2 "$dir/commandline.xml"
index_modules
contents >"$dir/list"
"$kdir/usr/gen_init_cpio" "$dir/list" >"$image"
echo "$image"
