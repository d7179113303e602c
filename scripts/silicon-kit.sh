#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# silicon-kit.sh: build hisi-acc-silicon, the one static arm64 program that asks a chip
# (docs/silicon.md), from silicon/ and the guest's driver in tests/lib. Prints the
# directory where it is, with silicon-documented, the commands of that page.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

linux=$("$HACC_TOP/scripts/sources.sh" linux-7.3)
libraries=("$("$HACC_TOP/scripts/sources.sh" zlib)"
	"$("$HACC_TOP/scripts/sources.sh" crypto)")
dir=$HACC_CACHE/silicon-kit
page=$HACC_TOP/docs/silicon.md
headers=$("$HACC_TOP/scripts/headers.sh")

lock silicon-kit

compile() {
	local library flags=()

	for library in "${libraries[@]}"; do
		flags+=(-isystem "$library/usr/include"
			-isystem "$library/usr/include/aarch64-linux-gnu"
			-L"$library/usr/lib/aarch64-linux-gnu")
	done
	"${HACC_CROSS}gcc" -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -static -pthread \
		-ffunction-sections -Wl,--gc-sections \
		-I"$HACC_TOP/tests/lib" -isystem "$headers/include" \
		"${flags[@]}" "$HACC_TOP"/silicon/*.c "$HACC_TOP"/tests/lib/*.c \
		-lz -lnettle -lgmp -o "$dir/bin/hisi-acc-silicon" &&
		documented >"$dir/bin/silicon-documented" && chmod +x "$dir/bin/silicon-documented"
}

# What the page tells owners of hardware to type there, for the emulated host, whose
# accelerator is at another address, whose modules are files that modprobe does not know,
# and whose VFs have no driver yet.
documented() {
	sed -nE '/if it has a driver/d; s/^    ((echo|\.\/hisi).*)/\1/p' "$page" |
		sed 's|75:00|00:04|g; s|\./hisi|hisi|'
}

mkdir -p "$dir/bin"
hash=$(inputs_hash "$0" "$linux" "$HACC_TOP"/{silicon,tests/lib} "$page" \
	"$HACC_TOP"/tests/qemu/{oracle/kunpeng_oracle,device/kunpeng_answers}.h "$("${HACC_CROSS}gcc" --version)")
if ! stamp_current "$dir/stamp" "$hash"; then
	run_step "kit: compiling hisi-acc-silicon" "$dir/log" compile
	stamp_write "$dir/stamp" "$hash"
fi
echo "$dir/bin"
