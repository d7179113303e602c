#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# selftests.sh: build the kernel's own VFIO selftests (series 7.3), as they are,
# static for the emulated host. Prints the directory that has the programs.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

linux=$("$HACC_TOP/scripts/sources.sh" linux-7.3)
uuid=$("$HACC_TOP/scripts/sources.sh" uuid)
headers=$("$HACC_TOP/scripts/headers.sh")
dir=$HACC_CACHE/selftests
programs=(vfio_pci_device_test vfio_iommufd_setup_test vfio_dma_mapping_test
	vfio_dma_mapping_mmio_test vfio_pci_device_init_perf_test)

# Their Makefile takes its output directory and a compiler by name. Trixie's
# libuuid knows a strtoul() by a name that Debian 12's C library does not have.
compile() {
	rm -rf "$dir"
	mkdir -p "$dir"
	make -C "$linux/tools/testing/selftests/vfio" -j"$HACC_JOBS" \
		ARCH=arm64 CC="${HACC_CROSS}gcc" OUTPUT="$dir" \
		KHDR_INCLUDES="-isystem $headers/include" \
		EXTRA_CFLAGS="-isystem $uuid/usr/include" \
		LDFLAGS="-static -L$uuid/usr/lib/aarch64-linux-gnu -Wl,--defsym=__isoc23_strtoul=strtoul" \
		"${programs[@]/#/$dir/}"
}

lock selftests
hash=$(inputs_hash "$0" "$linux" "$uuid" "$("${HACC_CROSS}gcc" --version)")
if ! stamp_current "$dir/stamp" "$hash"; then
	run_step "selftests: compiling the VFIO selftests of Linux 7.3" \
		"$dir.log" compile
	stamp_write "$dir/stamp" "$hash"
fi
echo "$dir"
