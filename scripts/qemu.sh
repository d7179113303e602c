#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qemu.sh: build qemu-system-aarch64 with the emulated accelerator in the
# cache, with the virt machine and what the tests need alone; and with an SMMU
# that tracks what devices write, see tests/qemu-smmu. Prints the program's path.
# After a change in tests/qemu that is compiled anew.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

source=$("$HACC_TOP/scripts/sources.sh" qemu-10.0)
meson=$("$HACC_TOP/scripts/sources.sh" meson)
build=$HACC_CACHE/qemu
patches=$HACC_TOP/tests/qemu-smmu
stamp=$build/hacc.stamp

# A copy of QEMU's source takes the device in, since that may be someone's own
# tree, and what QEMU lacks. Both are copied by content: what is touched is compiled.
prepare() {
	local copied patch

	mkdir -p "$build"
	copied=$(inputs_hash "source=$source" "$source/VERSION" "$patches")
	if ! stamp_current "$build/source.stamp" "$copied"; then
		rsync -rl --checksum --chmod=u+w --executability "$source/" \
			"$build/source/" || return
		for patch in "$patches"/*.patch; do
			patch -d "$build/source" -p1 --no-backup-if-mismatch \
				<"$patch" || return
		done
		stamp_write "$build/source.stamp" "$copied"
	fi
	rsync -r --checksum --delete --chmod=u+w --executability \
		"$HACC_TOP/tests/qemu/" "$build/device/"
	"$build/device/add-to-qemu.sh" "$build/source"
}

configure() {
	mkdir -p "$build/build"
	cd "$build/build" || return
	PYTHONPATH=$meson/usr/lib/python3/dist-packages nice \
		"$build/source/configure" --python=/usr/bin/python3 \
		--target-list=aarch64-softmmu --without-default-features \
		--without-default-devices --with-devices-aarch64=kunpeng \
		--enable-tcg --enable-fdt=system --disable-install-blobs \
		--disable-docs --disable-tools --disable-guest-agent \
		--disable-debug-info --disable-werror
}

compile() {
	PYTHONPATH=$meson/usr/lib/python3/dist-packages nice \
		ninja -C "$build/build" -j "$HACC_JOBS" qemu-system-aarch64
}

lock qemu
hash=$(inputs_hash "source=$source" "$source/VERSION" "$HACC_TOP/tests/qemu" \
	"$patches" "$0" "$(gcc --version)")
if ! stamp_current "$stamp" "$hash"; then
	run_step "qemu: preparing the source" "$build.prepare.log" prepare
	if [[ ! -f $build/build/build.ninja ]]; then
		run_step "qemu: configuring" "$build.configure.log" configure
	fi
	run_step "qemu: compiling, some minutes the first time" \
		"$build.log" compile
	stamp_write "$stamp" "$hash"
fi
echo "$build/build/qemu-system-aarch64"
