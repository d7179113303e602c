#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check-silicon.sh [stock]: the migrations, resets and exchanges of the run "array" on
# accelerators that answer in every plausible way: each pair of answers of two questions
# comes together at least once (silicon-array.py). Ends with a table: answer, runs, passed.
# With "stock": the kernel's own drivers on each answer alone, which is the evidence for
# tests/silicon/struck; there a failure is a result, and the status is 0.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

mode=${1:-pairs} run=array rows=pairs
if [[ $mode == stock ]]; then
	run=arraystock rows=one
elif [[ $mode != pairs ]]; then
	die "usage: check-silicon.sh [stock]"
fi
parallel=${HACC_PARALLEL:-$(($(nproc) + 1))}
results=$HACC_CACHE/run/silicon-$mode
start=$SECONDS

"$HACC_TOP/scripts/packages.sh"
qemu=${HACC_QEMU_BIN:-$("$HACC_TOP/scripts/qemu.sh")}
"$HACC_TOP/scripts/client.sh" >/dev/null
"$HACC_TOP/scripts/module.sh" 6.12 >/dev/null
rm -rf "${results:?}"
mkdir -p "$results"
"$HACC_TOP/scripts/silicon-array.py" "$qemu" "$rows" >"$results/rows"
"$HACC_TOP/scripts/silicon-array.py" "$qemu" all >"$results/answers"
total=$(wc -l <"$results/rows")

say "$total runs of $run, $parallel at a time; logs in $results"
number=0
while read -r row; do
	while (($(jobs -rp | wc -l) >= parallel)); do
		wait -n || true
	done
	number=$((number + 1))
	mkdir -p "$results/$number"
	echo "$row" >"$results/$number/answers"
	(
		ret=0
		HACC_SILICON=$row "$HACC_TOP/scripts/run-vm.sh" -d "$results/$number" "$run" \
			>"$results/$number/log" 2>&1 </dev/null || ret=$?
		say "  $number of $total: $(tail -n 1 "$results/$number/log"), $((SECONDS - start)) s"
		exit "$ret"
	) &
done <"$results/rows"
wait || true

# How a run has ended: a word for the table.
good() {
	local passed failed skipped

	read -r passed failed skipped 2>/dev/null <"$results/$1/result" || return 1
	((failed == 0 && passed > 0 && skipped >= 0))
}

passed=0 failed=0
declare -A runs well
for ((n = 1; n <= total; n++)); do
	verdict=0
	if good "$n"; then
		passed=$((passed + 1))
		verdict=1
	else
		failed=$((failed + 1))
		say "failed: $results/$n, with $(<"$results/$n/answers")"
		grep -h '^not ok' "$results/$n/log" >&2 || true
	fi
	for answer in $(<"$results/$n/answers"); do
		runs[$answer]=$((${runs[$answer]:-0} + 1))
		well[$answer]=$((${well[$answer]:-0} + verdict))
	done
done
{
	printf '%-32s %5s %7s\n' answer runs passed
	while read -r answer; do
		if [[ -n ${runs[$answer]:-} ]]; then
			printf '%-32s %5d %7d\n' "$answer" "${runs[$answer]}" "${well[$answer]}"
		elif [[ $mode == pairs ]]; then
			printf '%-32s struck: %s\n' "$answer" "$(sed -n "s/^${answer}[[:space:]]*//p" \
				"$HACC_TOP/tests/silicon/struck")"
		fi
	done <"$results/answers"
} | tee "$results/table"
echo "in $((SECONDS - start)) s"
echo "$passed passed, $failed failed"
[[ $mode == stock ]] || ((failed == 0 && passed > 0))
