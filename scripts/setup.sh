#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# setup.sh: build all that the other commands need, ahead of time.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

"$HACC_TOP/scripts/packages.sh"
"$HACC_TOP/scripts/qemu.sh"
for kernel in 6.12 7.3 6.12-debug 6.12-64k; do
	"$HACC_TOP/scripts/kernel.sh" "$kernel"
done
"$HACC_TOP/scripts/client.sh"
