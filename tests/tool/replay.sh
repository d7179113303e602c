# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a chip's transcript (docs/silicon.md) becomes for the emulated accelerator.
# tests/silicon/transcript is of one that answers otherwise than it does by default.
# Sourced.

replay() {
	"$HACC_TOP/scripts/silicon-replay.sh" -p "$1"
}

# replays FILE PROPERTIES
replays() {
	local got

	got=$(replay "$1") || return
	if [[ $got != "$2 " ]]; then
		echo "$1 becomes: $got"
		echo "it should be: $2"
		return 1
	fi
}

test_replay_answers() {
	local transcript=$HACC_TOP/tests/silicon/transcript answers times property

	answers="vf-state-reset=not-ready wb-done=reset busy-reads=answer page-size=stopped iso-cfg=holds"
	answers+=" int-source=w1c int-rule=one-shot restart=queue restart-events=silent mbox-when=always"
	answers+=" pause-end=doorbell"
	times="read-ns=531 mbox-time-us=303"
	replays "$transcript" "$answers $times" || return
	# A write-back that tells its end is replayed as well; to the nearest microsecond.
	sed 's/^time: write-back .*/time: write-back 1000 2500 9000 ns (least, median, most of 1000)/' \
		"$transcript" >"$WORK/transcript"
	replays "$WORK/transcript" "$answers $times wb-time-us=3" || return
	# What is likely counts; what is not known leaves the default.
	sed -i 's/^\(verdict: wb-done=.*\) certain:/\1 likely:/
		s/^verdict: pause-end=.*/verdict: pause-end unknown: not asked/' "$WORK/transcript"
	replays "$WORK/transcript" "${answers% *} $times wb-time-us=3" || return
	# The model has each of them.
	for property in $(replay "$WORK/transcript"); do
		grep -qF "\"${property%%=*}\"" "$HACC_TOP"/tests/qemu/{device,oracle}/*.c || {
			echo "the model has no property ${property%%=*}"
			return 1
		}
	done
}

test_replay_refuses() {
	local said file

	echo "device: a251, revision 0x30" >"$WORK/no-transcript"
	for file in "$WORK/no-transcript" "$WORK/there-is-none"; do
		if said=$(replay "$file" 2>&1); then
			echo "$file is replayed: $said"
			return 1
		fi
	done
}
