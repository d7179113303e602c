#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# client.sh: build hacc-test, the one static program that plays guest driver,
# migration tool and test in the emulated host. Prints its path.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

# A program built elsewhere, say for a try.
if [[ -n ${HACC_CLIENT:-} ]]; then
	echo "$HACC_CLIENT"
	exit 0
fi

linux=$("$HACC_TOP/scripts/sources.sh" linux-7.3)
libraries=("$("$HACC_TOP/scripts/sources.sh" zlib)"
	"$("$HACC_TOP/scripts/sources.sh" crypto)")
dir=$HACC_CACHE/client
headers=$("$HACC_TOP/scripts/headers.sh")
sources=("$HACC_TOP"/tests/{host,lib,bench}/*.c "$HACC_TOP/tests/fuzz/stream_docs.c")

lock client

compile() {
	local library flags=()

	for library in "${libraries[@]}"; do
		flags+=(-isystem "$library/usr/include"
			-isystem "$library/usr/include/aarch64-linux-gnu"
			-L"$library/usr/lib/aarch64-linux-gnu")
	done
	"${HACC_CROSS}gcc" -std=gnu11 -D_GNU_SOURCE -O2 -Wall -Wextra -static -pthread \
		-I"$HACC_TOP/tests/lib" -I"$HACC_TOP/include" -isystem "$headers/include" \
		"${flags[@]}" "${sources[@]}" -lz -lnettle -lgmp \
		-o "$dir/hacc-test"
}

mkdir -p "$dir"
hash=$(inputs_hash "$0" "$linux" "$HACC_TOP"/tests/{host,lib,bench,fuzz} \
	"$HACC_TOP"/tests/qemu/{oracle/kunpeng_oracle,device/kunpeng_answers}.h "$HACC_TOP/include" \
	"$("${HACC_CROSS}gcc" --version)")
if ! stamp_current "$dir/stamp" "$hash"; then
	run_step "client: compiling hacc-test" "$dir/log" compile
	stamp_write "$dir/stamp" "$hash"
fi
echo "$dir/hacc-test"
