#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# headers.sh: install the newest kernel's interface headers for programs of the
# emulated host; what a kernel has is found out there. Prints the directory
# whose include/ has them.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

linux=$("$HACC_TOP/scripts/sources.sh" linux-7.3)
headers=$HACC_CACHE/headers

lock headers
if ! stamp_current "$headers/hacc.stamp" "$linux"; then
	rm -rf "$headers"
	run_step "installing the headers of Linux 7.3" "$headers.log" \
		make -C "$linux" O="$headers/build" ARCH=arm64 headers_install \
		INSTALL_HDR_PATH="$headers"
	stamp_write "$headers/hacc.stamp" "$linux"
fi
echo "$headers"
