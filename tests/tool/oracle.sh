# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What no driver may do: each kind is explained in docs/emulator.md, and provoked by a
# qtest, or it may never be seen. Sourced.

test_violation_kinds() {
	local oracle=$HACC_TOP/tests/qemu/oracle kinds kind name

	mapfile -t kinds < <(sed -nE 's/^#define (KPO_V_[A-Z_]+)\s+[0-9]+\s.*/\1/p' \
		"$oracle/kunpeng_oracle.h")
	# A pattern that finds nothing any more must not pass.
	if ((${#kinds[@]} < 20)); then
		echo "only ${#kinds[@]} kinds found in kunpeng_oracle.h"
		return 1
	fi
	for kind in "${kinds[@]}"; do
		name=$(sed -nE "s/^ *\[$kind\] = \"([a-z-]+)\",/\1/p" "$oracle/kunpeng_check.c")
		if [[ -z $name ]]; then
			echo "$kind has no name"
			return 1
		elif ! grep -q "^| $name | " "$HACC_TOP/docs/emulator.md"; then
			echo "docs/emulator.md does not explain $name"
			return 1
		elif ! grep -qw "$kind" "$HACC_TOP"/tests/qtest/*.c; then
			echo "no qtest provokes $name"
			return 1
		fi
	done
}
