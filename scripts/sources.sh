#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# sources.sh NAME: see to it that something of Debian trixie lies extracted in
# the cache, and print its directory. A tree of one's own takes its place when
# the variable named behind it says where it is.
#	linux-6.12	the kernel, series 6.12			HACC_LINUX_6_12
#	linux-7.3	the kernel, series 7.3, backports	HACC_LINUX_7_3
#	linux-N.N	any other series that a suite has	HACC_LINUX_N_N
#	qemu-10.0	QEMU, series 10.0			HACC_QEMU
#	meson		what QEMU is configured with		HACC_MESON
#	busybox		static, for arm64			HACC_BUSYBOX
#	zlib		library and headers, for arm64		HACC_ZLIB
#	crypto		nettle and GMP, likewise		HACC_CRYPTO
#	uuid		libuuid, likewise			HACC_UUID
#	jansson		likewise, for the operator's tool	HACC_JANSSON
#	vm-qemu		Debian's own QEMU, for arm64, series 10.0	HACC_VM_QEMU
#	vm-qemu-backports	its newest, of the backports	HACC_VM_QEMU_BACKPORTS
#	vm-libvirt	Debian's own libvirt, for arm64		HACC_VM_LIBVIRT
#	vm-python	Python, for arm64			HACC_VM_PYTHON
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

name=${1:?usage: sources.sh NAME}
variable=HACC_$(tr a-z.- A-Z__ <<<"$name")
if [[ -n ${!variable:-} ]]; then
	[[ -d ${!variable} ]] || die "$variable=${!variable} is no directory"
	(cd "${!variable}" && pwd)
	exit 0
fi

dest=$HACC_CACHE/src/$name
if [[ -d $dest ]]; then
	echo "$dest"
	exit 0
fi

"$HACC_TOP/scripts/packages.sh"

# unpack_debs DIR: the files of all packages that were fetched, in one tree
unpack_debs() {
	local deb

	for deb in "$dl"/*.deb; do
		dpkg-deb -x "$deb" "$1"
	done
}

unpack_linux() {
	mkdir "$new"
	dpkg-deb --fsys-tarfile "$dl"/*.deb |
		tar -xO --wildcards './usr/src/linux-source-*.tar.xz' |
		tar -xJ -C "$new" --strip-components=1
}

# apt has verified the files by the archive's signature, which is one more
# than the maintainer's, whose key need not be on this machine.
unpack_qemu() {
	dpkg-source --no-check -x "$dl"/*.dsc "$new"
}

verb=download
unpack=(unpack_debs "$dest.new")
case $name in
linux-6.12) packages=(linux-source-6.12) unpack=(unpack_linux) ;;
linux-7.3) packages=(linux-source-7.3) unpack=(unpack_linux) ;;
linux-[0-9]*.[0-9]*)
	packages=("linux-source-${name#linux-}") unpack=(unpack_linux)
	APT_SUITES=("${APT_ALL_SUITES[@]}")
	;;
qemu-10.0) packages=(qemu/trixie) unpack=(unpack_qemu) verb=source ;;
meson) packages=(meson/trixie python3-pycotap/trixie) ;;
busybox) packages=(busybox-static:arm64/trixie) ;;
zlib) packages=(zlib1g-dev:arm64/trixie) ;;
crypto) packages=(nettle-dev:arm64/trixie libgmp-dev:arm64/trixie) ;;
uuid) packages=(uuid-dev:arm64/trixie) ;;
jansson) packages=(libjansson-dev:arm64/trixie) ;;
vm-libvirt) packages=(libvirt-daemon/trixie libvirt-daemon-driver-qemu/trixie libvirt-clients/trixie) verb=closure ;;
vm-qemu) packages=(qemu-system-arm/trixie) verb=closure ;;
vm-qemu-backports) packages=(qemu-system-arm/trixie-backports) verb=closure ;;
vm-python) packages=(python3-minimal/trixie libpython3-stdlib/trixie) verb=closure ;;
*) die "sources.sh knows no $name" ;;
esac

lock "src-$name"
lock apt
if [[ ! -d $dest ]]; then
	dl=$HACC_CACHE/dl/$name
	new=$dest.new
	rm -rf "$new" "$dl"
	mkdir -p "$(dirname "$dest")"
	run_step "$name: fetching ${packages[*]%/*} from Debian" \
		"$HACC_CACHE/dl/$name.log" apt_fetch "$dl" "$verb" "${packages[@]}" ||
		die "$name can't be had; is there a way to the mirror? A tree of your own will do: $variable=DIR"
	run_step "$name: unpacking" "$HACC_CACHE/dl/$name.log" "${unpack[@]}"
	mv "$new" "$dest"
	rm -rf "$dl"
fi
echo "$dest"
