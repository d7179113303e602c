#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# debian-arm64.sh: make a small Debian trixie for arm64 in the cache, with DKMS
# and a compiler, as an operator's host has them. Prints its directory. It runs
# by QEMU's user emulation unless this is an arm64 machine; takes root, as
# everything does that enters it by chroot.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"

((EUID == 0)) || die "chroot takes root"
packages=(mmdebstrap)
[[ -z $HACC_CROSS ]] || packages+=(qemu-user-static binfmt-support arch-test)
"$HACC_TOP/scripts/packages.sh" "${packages[@]}"

# Packages register the emulator where a machine has booted; a container may
# have to be told.
binfmt=/proc/sys/fs/binfmt_misc
if [[ -n $HACC_CROSS && ! -e $binfmt/qemu-aarch64 ]]; then
	[[ -e $binfmt/register ]] || mount -t binfmt_misc binfmt_misc "$binfmt" || true
	update-binfmts --enable qemu-aarch64 || true
	[[ -e $binfmt/qemu-aarch64 ]] ||
		die "this machine does not run arm64 programs: $binfmt/qemu-aarch64 is missing"
fi

tree=$HACC_CACHE/debian-arm64
bootstrap() {
	local mirror

	mirror=${HACC_MIRROR:-$(apt_mirror)} || return
	mmdebstrap --variant=apt --architectures=arm64 --include=dkms,gcc,make,kmod \
		--keyring="$APT_KEYRING" trixie "$tree.new" "$mirror"
}

lock debian-arm64
if [[ ! -d $tree ]]; then
	rm -rf "$tree.new"
	run_step "Debian for arm64: installing DKMS in a tree of its own" "$tree.log" bootstrap
	mv "$tree.new" "$tree"
fi
echo "$tree"
