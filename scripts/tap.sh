# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a list of results in the Test Anything Protocol adds up to. Sourced.

# tap_count FILE: set passed, failed and skipped. Tests that the plan promises
# and that never reported have failed, and so has a list without a plan.
tap_count() {
	read -r passed failed skipped < <(awk '
		/^1\.\.[0-9]+/		{ planned = substr($1, 4) + 0; plans++ }
		/^ok .*# *[Ss][Kk][Ii][Pp]/	{ skipped++; next }
		/^ok( |$)/		{ passed++ }
		/^(not ok( |$)|Bail out!)/	{ failed++ }
		END {
			seen = passed + failed + skipped
			if (plans != 1)
				failed++
			else if (seen < planned)
				failed += planned - seen
			else if (seen > planned)
				failed++
			print passed + 0, failed + 0, skipped + 0
		}' "$1")
}

# tap_result SENTENCE COMMAND...: one line of results for a command, which
# says what is wrong on its output, or SKIP: and why; needs tap_number set to 0 before.
tap_result() {
	local sentence=$1 output ret=0
	shift

	tap_number=$((tap_number + 1))
	output=$("$@" 2>&1) || ret=$?
	if ((ret)); then
		echo "not ok $tap_number - $sentence"
		[[ -z $output ]] || printf '#   %s\n' "${output//$'\n'/$'\n#   '}"
		return 1
	fi
	if [[ $output == SKIP:* ]]; then
		sentence+=" # SKIP ${output#SKIP: }"
	fi
	echo "ok $tap_number - $sentence"
}

# tap_run DIR PREFIX COMMAND...: show the results of a command, keep them in
# DIR/output and their sum in DIR/result; fails if one of them did.
tap_run() {
	local dir=$1 prefix=$2
	shift 2

	{ "$@" || true; } | tee "$dir/output" | sed -u "s/^/$prefix/"
	tap_count "$dir/output"
	echo "$passed $failed $skipped" >"$dir/result"
	say "$prefix$passed passed, $failed failed, $skipped skipped"
	((failed == 0))
}
