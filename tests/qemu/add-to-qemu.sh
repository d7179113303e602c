#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# Adds the emulated accelerator and its oracle to a QEMU 10.0 source tree: this
# directory is linked in as hw/misc/kunpeng and named once in the two files that
# list hw/misc, and in the list of trace events. Nothing else of QEMU is touched.
# Running it again changes nothing. The device takes zlib, as QEMU does, and GMP.
# device/ does without oracle/.
#
# usage: add-to-qemu.sh QEMU-SOURCE
#
# Then configure with the device list given here, which is a virt machine with
# the accelerator and a console, and nothing more:
#   configure --target-list=aarch64-softmmu --without-default-features \
#       --without-default-devices --with-devices-aarch64=kunpeng

set -euo pipefail

src=${1:?usage: add-to-qemu.sh QEMU-SOURCE}
here=$(cd "$(dirname "$0")" && pwd)
dir=$src/hw/misc

[[ -f $dir/Kconfig && -f $dir/meson.build ]] || {
	echo "$src: not a QEMU source tree" >&2
	exit 1
}

ln -sfn "$here" "$dir/kunpeng"
ln -sfn "$here/kunpeng.mak" "$src/configs/devices/aarch64-softmmu/kunpeng.mak"

# Debian's source package comes without firmware blobs, yet meson wants to
# unpack those of EDK2. No test uses any: empty files stand in.
sed -n "s/^ *'\(edk2-.*\.fd\)',$/\1/p" "$src/pc-bios/meson.build" |
while read -r blob; do
	[[ -e $src/pc-bios/$blob.bz2 ]] ||
		bzip2 -c /dev/null >"$src/pc-bios/$blob.bz2"
done

add_line() {
	local file=$1 line=$2

	grep -qxF "$line" "$file" || printf '%s\n' "$line" >>"$file"
}

add_line "$dir/Kconfig" 'source kunpeng/Kconfig'
add_line "$dir/meson.build" "subdir('kunpeng')"
grep -qF "'hw/misc/kunpeng/device'," "$src/meson.build" ||
	sed -i "s|^\( *\)'hw/misc/macio',|\1'hw/misc/kunpeng/device',\n&|" "$src/meson.build"
