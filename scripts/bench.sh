#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# bench.sh: measure our driver and the in-tree ones in the same runs, print the
# tables, and make docs/bench/ anew: tables and charts. All figures are in the cache,
# run/bench.json. Runs whose clock is instructions come first, and do not mind what
# else the machine does; those by the wall clock come last, one at a time.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

out=${1:-$HACC_TOP/docs/bench}
runs=(bench-6.12 bench-7.3 onecpu-6.12 onecpu-7.3 crowd-6.12 crowd-7.3 vm-bench)
start=$SECONDS

"$HACC_TOP/scripts/packages.sh" python3-matplotlib
dirs=()
for run in "${runs[@]}"; do
	dir=$HACC_CACHE/run/$run
	mkdir -p "$dir"
	[[ $run == vm-bench ]] || dirs+=("$dir")
	trace=''
	[[ $run != bench-* ]] || trace=$dir/trace
	HACC_TRACE=$trace run_step "bench: $run" "$dir/log" "$HACC_TOP/scripts/run-vm.sh" "$run"
done
"$HACC_TOP/tests/bench/report.py" "$out" "$HACC_CACHE/run/bench.json" "${dirs[@]}"
"$HACC_TOP/tests/bench/downtime.py" "$out" "$HACC_CACHE/run/vm-bench"
say "bench: done in $((SECONDS - start)) s; charts are in $out, all figures in $HACC_CACHE/run/bench.json"
