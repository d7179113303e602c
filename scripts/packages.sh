#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# packages.sh [-o] [PACKAGE...]: install what building the kernels, QEMU and the tests
# needs and this machine lacks, and these PACKAGEs, which only some of the tests
# need; with -o, those only. Takes a moment where nothing is missing.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

only=''
if [[ ${1:-} == -o ]]; then
	only=yes
	shift
fi
packages=(
	# all of it
	build-essential dpkg-dev debian-archive-keyring ca-certificates xz-utils
	bzip2 patch perl python3 rsync
	# the kernels and modules
	bc bison flex kmod cpio
	# QEMU
	ninja-build pkg-config python3-venv libglib2.0-dev libpixman-1-dev
	libfdt-dev zlib1g-dev libgmp-dev
	# make lint
	git sparse shellcheck pyflakes3
	# which answers go together (silicon-array.py)
	python3-allpairspy
)
if [[ -n $HACC_CROSS ]]; then
	packages+=(gcc-aarch64-linux-gnu libc6-dev-arm64-cross)
fi
[[ -z $only ]] || packages=()
packages+=("$@")

command -v dpkg-query >/dev/null ||
	die "this is no Debian machine; it takes one (a container will do) with: ${packages[*]}"

missing=()
for package in "${packages[@]}"; do
	status=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)
	[[ $status == installed* ]] || missing+=("$package")
done
((${#missing[@]})) || exit 0

if ((EUID)); then
	die "not installed: ${missing[*]}; run 'apt-get install ${missing[*]}' as root"
fi

install() {
	export DEBIAN_FRONTEND=noninteractive
	apt-get update
	apt-get install -y --no-install-recommends "${missing[@]}"
}
lock packages
run_step "installing ${#missing[@]} packages by apt" "$HACC_CACHE/packages.log" install
