#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# check.sh [RUN...]: build what is missing, then do the runs that are named
# (machines.sh lists them; also: lint, tool-native, fuzz, qtest), or all of them, and add up.
# The last line says "N passed, N failed"; the status is 0 only if something ran
# and nothing failed.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/machines.sh"

# Emulated machines wait for their clock a good deal: two more than there are
# cores keeps these at work.
parallel=${HACC_PARALLEL:-$(($(nproc) + 2))}
runs=("$@")
((${#runs[@]})) || runs=(lint tool-native fuzz qtest "${RUNS[@]}")
results=$HACC_CACHE/run
# One at a time: the results are in one place.
lock check
start=$SECONDS

# Everything is built before anything runs, so that a compiler does not steal
# time from a machine whose timeouts count, and nothing is built twice at once.
"$HACC_TOP/scripts/packages.sh"
if printf '%s\n' "${runs[@]}" | grep -qvxE 'lint|tool-native|fuzz'; then
	"$HACC_TOP/scripts/qemu.sh" >/dev/null
	"$HACC_TOP/scripts/client.sh" >/dev/null
	"$HACC_TOP/scripts/sources.sh" busybox >/dev/null
fi
for run in "${runs[@]}"; do
	rm -rf "${results:?}/$run"
	if [[ $run == lint ]]; then
		"$HACC_TOP/scripts/kernel.sh" 6.12 >/dev/null
		"$HACC_TOP/scripts/kernel.sh" 7.3 >/dev/null
	elif [[ $run != tool-native && $run != fuzz && $run != qtest ]]; then
		# What does not compile fails its own run, below.
		machine "$run"
		for script in "${programs[@]}"; do
			"$HACC_TOP/scripts/$script.sh" "$kernel" >/dev/null
		done
		[[ -z $vm_qemu ]] ||
			"$HACC_TOP/scripts/vm-host.sh" "$kernel" "$vm_qemu" >/dev/null
		"$HACC_TOP/scripts/module.sh" "${module_options[@]}" "$kernel" >/dev/null || true
	fi
done

run_one() {
	local since=$SECONDS ret=0

	case $1 in
	lint | tool-native | fuzz | qtest) "$HACC_TOP/scripts/$1.sh" -p ;;
	*) "$HACC_TOP/scripts/run-vm.sh" -p "$1" ;;
	esac || ret=$?
	mkdir -p "$results/$1"
	echo "$((SECONDS - since))" >"$results/$1/seconds"
	return "$ret"
}

say "running ${runs[*]}, $parallel at a time; logs in $results"
for run in "${runs[@]}"; do
	while (($(jobs -rp | wc -l) >= parallel)); do
		wait -n || true
	done
	run_one "$run" &
done
wait || true

passed=0 failed=0 skipped=0 broken=()
say ""
for run in "${runs[@]}"; do
	if [[ -f $results/$run/result ]]; then
		read -r ok not_ok skip <"$results/$run/result"
	else
		ok=0 not_ok=1 skip=0
		say "$run gave no result; see $results/$run"
	fi
	passed=$((passed + ok))
	failed=$((failed + not_ok))
	skipped=$((skipped + skip))
	verdict=good
	((not_ok == 0)) || broken+=("$run") verdict="FAILED, see $results/$run"
	printf '%-14s %4d passed, %d failed, %d skipped in %4d s  %s\n' "$run" "$ok" "$not_ok" "$skip" \
		"$(<"$results/$run/seconds")" "$verdict"
done
# Once more at the end, where a reader of a long log looks first.
for run in "${broken[@]}"; do
	echo "what failed in $run:"
	{
		grep -sA 2 '^not ok' "$results/$run/output"
		cat "$results/$run/problems" 2>/dev/null
	} | head -n 20 | sed 's/^/  /' || true
done
echo "in $((SECONDS - start)) s"
summary="$passed passed, $failed failed"
((skipped == 0)) || summary+=", $skipped skipped"
echo "$summary"
((failed == 0 && passed > 0))
