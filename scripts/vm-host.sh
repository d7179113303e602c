#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# vm-host.sh KERNEL QEMU: what the emulated host's file system takes, on top of
# initramfs.sh, to run guests: Debian's own QEMU for arm64 (vm-qemu or another
# of that sort in sources.sh), Python for the tests, and the guest itself, with
# the kernel KERNEL. Prints the path of the archive.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/elf.sh"

(($# == 2)) || die "usage: vm-host.sh KERNEL QEMU"
kernel=$1 name=$2
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
qemu=$("$HACC_TOP/scripts/sources.sh" "$name")
python=$("$HACC_TOP/scripts/sources.sh" vm-python)
stdlib=$(cd "$python" && echo usr/lib/python3.*)
guest=$("$HACC_TOP/scripts/vm-guest.sh" "$kernel")
tests=$HACC_TOP/tests/vm/host
dir=$HACC_CACHE/vm/host-$kernel-$name
image=$dir.cpio

# Of Python's own library, what the tests use.
python_packages=(collections encodings importlib json re)

contents() {
	local file package

	for file in usr usr/bin usr/lib "$libdir" "$stdlib" \
		"$stdlib/lib-dynload" vm vm/guest; do
		echo "dir /$file 755 0 0"
	done
	echo "slink /lib usr/lib 777 0 0"
	elf_loader "$qemu"
	elf_file "$qemu" usr/bin/qemu-system-aarch64

	echo "file /usr/bin/python3 $python/usr/bin/${stdlib##*/} 755 0 0"
	elf_closure "$python" "$python/usr/bin/${stdlib##*/}"
	for file in "$python/$stdlib"/*.py \
		"$python/$stdlib"/lib-dynload/mmap.*.so; do
		# One is a link to a place that only an installation has.
		[[ ! -f $file ]] || echo "file ${file#"$python"} $file 644 0 0"
	done
	for package in "${python_packages[@]}"; do
		find "$python/$stdlib/$package" -type d -printf \
			"dir /$stdlib/$package/%P 755 0 0\n"
		find "$python/$stdlib/$package" -name '*.py' -printf \
			"file /$stdlib/$package/%P %p 644 0 0\n"
	done

	for file in "$tests"/*.py; do
		echo "file /vm/${file##*/} $file 644 0 0"
	done
	echo "file /vm/guest/Image $kdir/arch/arm64/boot/Image 644 0 0"
	echo "file /vm/guest/initramfs.cpio $guest 644 0 0"
}

mkdir -p "${dir%/*}"
lock "vm-host-$kernel-$name"
hash=$(inputs_hash "$0" "$HACC_TOP/scripts/elf.sh" "$(<"$kdir.stamp")" "qemu=$qemu" \
	"python=$python" "$guest" "$tests")
if ! stamp_current "$dir.stamp" "$hash"; then
	contents >"$dir.list"
	"$kdir/usr/gen_init_cpio" "$dir.list" >"$image"
	stamp_write "$dir.stamp" "$hash"
fi
echo "$image"
