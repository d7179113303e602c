#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# coverage.sh [RUN...]: which lines and branches of the driver the tests run. Does the runs
# on a kernel that counts (6.12-gcov), adds up, and compares with tests/unrun, where each
# line that no run reaches stands with its reason. The cache's coverage/listing has each
# file with its counts.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

runs=("$@")
((${#runs[@]})) || runs=(kunit system faults resets interop-6.12)
dir=$HACC_CACHE/coverage
mkdir -p "$dir"
lock coverage
"$HACC_TOP/scripts/packages.sh"
"$HACC_TOP/scripts/kernel.sh" 6.12-gcov >/dev/null
export HACC_KERNEL=6.12-gcov
failed=0

for run in "${runs[@]}"; do
	options=() build=$dir/module
	[[ $run != kunit ]] || options=(-k) build=$dir/kunit
	module=$("$HACC_TOP/scripts/module.sh" "${options[@]}" 6.12-gcov "$HACC_TOP" "$build" GCOV_PROFILE=y)
	rm -rf "$dir/run/$run"
	mkdir -p "$dir/run/$run/counts"
	"$HACC_TOP/scripts/run-vm.sh" -p -m "$module" -d "$dir/run/$run" "$run" || failed=1
	tar -x -C "$dir/run/$run/counts" -f "$dir/run/$run/gcov.tar"
done

"$HACC_TOP/scripts/coverage.py" "$HACC_TOP" "$dir" "${HACC_CROSS}gcov" "${runs[@]}" || failed=1
exit "$failed"
