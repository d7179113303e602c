#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# tool-native.sh [-p]: build hisi-acc-mig for this machine and test what needs
# no VF. -p puts "[tool-native] " before each line.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$HACC_TOP/tests/tool/lib.sh"
. "$HACC_TOP/tests/tool/inspect.sh"
. "$HACC_TOP/tests/tool/apply.sh"
. "$HACC_TOP/tests/tool/check.sh"
. "$HACC_TOP/tests/tool/completion.sh"
. "$HACC_TOP/tests/tool/fleet.sh"
. "$HACC_TOP/tests/tool/manners.sh"
. "$HACC_TOP/tests/tool/messages.sh"
. "$HACC_TOP/tests/tool/oracle.sh"
. "$HACC_TOP/tests/tool/replay.sh"

prefix=''
[[ ${1:-} != -p ]] || prefix='[tool-native] '
dir=$HACC_CACHE/run/tool-native
WORK=$dir/work
TOOL=$WORK/build/hisi-acc-mig
cflags='-O1 -g -Werror -fsanitize=address,undefined -fno-sanitize-recover=all'
"$HACC_TOP/scripts/packages.sh" libjansson-dev mandoc systemd zsh fish
rm -rf "$dir"
mkdir -p "$WORK"

build() {
	make -C "$HACC_TOP/tools" O="$WORK/build" CFLAGS="$cflags" -j"$HACC_JOBS"
}

tests() {
	tap_number=0
	tap_result "it compiles without a warning, with address sanitizer" build
	tap_result "inspect shows each byte of golden records" test_inspect_values
	tap_result "inspect shows the same as JSON" test_inspect_json
	tap_result "inspect says what is wrong with older senders" test_inspect_remarks
	tap_result "inspect knows each length that is none" test_inspect_lengths
	tap_result "inspect knows each rule of the driver" test_inspect_rules
	tap_result "inspect judges for a certain VF" test_inspect_for
	tap_result "inspect names files that can't be read" test_inspect_files
	tap_result "check names each field that differs" test_check_pairs
	tap_result "check knows one-way streets" test_check_ways
	tap_result "check says what is wrong with older senders" test_check_remarks
	tap_result "check says the same as JSON" test_check_json
	tap_result "check takes one of the files from a pipe" test_check_stdin
	tap_result "check refuses files that hold no caps" test_check_files
	tap_result "fleet puts VFs that can exchange a VM into one pool" test_fleet_pools
	tap_result "fleet names the one setting that enlarges a pool most" test_fleet_setting
	tap_result "fleet says the same as JSON" test_fleet_json
	tap_result "apply names each line that is wrong" test_apply_mistakes
	tap_result "apply reads what is right in any form" test_apply_forms
	tap_result "the unit is one that systemd takes" test_apply_unit
	tap_result "wrong usage is told, with the right one" test_usage
	tap_result "output that is lost is an error" test_lost_output
	tap_result "results and complaints keep their order in one log" test_order
	tap_result "the manual has each command and option, and is in order" test_manual
	tap_result "the module's manual has its parameters" test_module_manual
	tap_result "the completion has each command and option" test_completion
	tap_result "completion of zsh has each command and option" test_completion_zsh
	tap_result "completion of fish offers each command and option" test_completion_fish
	tap_result "completion of another shell is refused" test_completion_other
	tap_result "a machine without an accelerator is told so" test_no_accelerator
	tap_result "it installs what it has to" test_install
	tap_result "docs/messages.md explains each line of the module's log" test_messages
	tap_result "no line of the module's log is overlooked" test_messages_found
	tap_result "each kind of violation is explained, and provoked" test_violation_kinds
	tap_result "a chip's transcript is replayed as the chip answered" test_replay_answers
	tap_result "what is no transcript is not replayed" test_replay_refuses
	echo "1..$tap_number"
}

tap_run "$dir" "$prefix" tests
