# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# hisi-acc-mig check: pairs of signatures, and files that are none. Sourced.

# caps [KEY VALUE]...: the signature of a VF as the caps command prints it, with
# these values instead (JSON); a value of - leaves the key out
caps() {
	local key line
	declare -A change=()

	while (($#)); do
		change[$1]=$2
		shift 2
	done
	while read -r key line; do
		line=${change[$key]:-$line}
		[[ $line == - ]] || printf '  "%s": %s,\n' "$key" "$line"
	done <<-'END' | sed '1i {' | sed '$s/,$/\n}/'
		format "hisi-acc-mig caps 1"
		device "0000:75:00.1"
		engine "ZIP"
		migratable true
		why_not -
		device_id "0xa251"
		revision "0x30"
		queue_pairs 16
		queue_isolation "0x1"
		bar2_bytes 32768
		stream 2
		stream_major 1
		stream_minor 1
		p2p true
		pre_copy true
	END
}

# pair STATUS WORDS [KEY VALUE]...: from a plain VF to one that is so
pair() {
	local want=$1 words=$2
	shift 2

	caps >"$WORK/a"
	caps "$@" >"$WORK/b"
	expect "$want" "$words" check "$WORK/a" "$WORK/b"
}

test_check_pairs() {
	local bad=0

	pair 0 "$WORK/b -> $WORK/a: yes" || bad=1
	pair 0 yes engine '"other"' device '"other"' stream_minor 0 || bad=1
	pair 1 'device_id: 41553 (0xa251) here, 41558 (0xa256) there' device_id '"0xa256"' || bad=1
	pair 1 'queue_pairs: 16 (0x10) here, 32 (0x20) there' queue_pairs 32 || bad=1
	pair 1 'queue_isolation: 1 (0x1) here, 0 (0) there' queue_isolation 0 || bad=1
	pair 1 'bar2_bytes: 32768 (0x8000) here, 65536 (0x10000) there' bar2_bytes 65536 || bad=1
	pair 1 'revision: 48 (0x30) here, 80 (0x50) there' revision 80 || bad=1
	pair 1 'stream_major: 1 (0x1) here, 2 (0x2) there' stream_major 2 || bad=1
	pair 1 'migratable: yes here, no (too old) there' migratable false why_not '"too old"' || bad=1
	pair 0 'note: one of the drivers lacks P2P' p2p false || bad=1
	return "$bad"
}

# An old driver sends what a new one takes, and not the other way.
test_check_ways() {
	local bad=0

	pair 1 "$WORK/a -> $WORK/b: no" stream 1 stream_major 0 || bad=1
	pair 1 "$WORK/b -> $WORK/a: yes" stream 1 stream_major 0 || bad=1
	pair 1 "stream: 2 (0x2) here, 1 (0x1) there" stream 1 stream_major 0 || bad=1
	return "$bad"
}

# What is known to be wrong with an older sender stands below its way.
test_check_remarks() {
	local bad=0

	pair 1 '  remark: V1 stream: ' stream 1 stream_major 0 stream_minor 0 || bad=1
	pair 0 '  remark: stream without BAR2 size: ' stream_minor 0 || bad=1
	caps >"$WORK/a"
	expect 0 '"remark": null' check --json "$WORK/a" "$WORK/a" || bad=1
	return "$bad"
}

test_check_json() {
	local bad=0

	caps >"$WORK/a"
	caps bar2_bytes 65536 queue_pairs 8 >"$WORK/b"
	expect 1 '' check --json "$WORK/a" "$WORK/b" || bad=1
	printf '%s' "$said" >"$WORK/json"
	python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
there, back = report["there"], report["back"]
assert not there["possible"] and not back["possible"]
assert there["from"] == back["to"] and there["to"] == back["from"]
assert [o["field"] for o in there["obstacles"]] == ["queue_pairs", "bar2_bytes"], there
assert there["obstacles"][1]["from"] == 32768 == back["obstacles"][1]["to"]
assert all(o["advice"] for o in there["obstacles"])
' "$WORK/json" || bad=1
	expect 0 '"several_devices": true' check --json "$WORK/a" "$WORK/a" || bad=1
	return "$bad"
}

# One of the files may come by a pipe, from another host.
test_check_stdin() {
	local bad=0

	caps >"$WORK/a"
	caps queue_pairs 32 | "$TOOL" check "$WORK/a" - >"$WORK/said" && bad=1
	grep -q "^$WORK/a -> -: no" "$WORK/said" && grep -q 'take another VF there' "$WORK/said" || bad=1
	caps | "$TOOL" check - "$WORK/a" >"$WORK/said" || bad=1
	((!bad)) || cat "$WORK/said"
	expect 3 'no JSON' check "$WORK/a" - || bad=1
	expect 2 'only one of the two' check - - || bad=1
	return "$bad"
}

# Each part of a file, each key missing, each number that is none.
test_check_files() {
	local key value len bad=0

	caps >"$WORK/a"
	for ((len = 0; len < $(wc -c <"$WORK/a") - 2; len += 7)); do
		head -c "$len" "$WORK/a" >"$WORK/b"
		expect 3 'no JSON' check "$WORK/a" "$WORK/b" || bad=1
	done
	for key in format migratable device_id revision queue_pairs queue_isolation bar2_bytes \
		stream stream_major stream_minor; do
		for value in - '"x"' -1 99999999999 1.5 null '[]'; do
			pair 3 "\"$key\" is" "$key" "$value" || bad=1
		done
	done
	pair 3 'duplicate object key' device_id '"0xa251", "device_id": 2' || bad=1
	pair 3 'format' format '"hisi-acc-mig caps 2"' || bad=1
	echo '[]' >"$WORK/b"
	expect 3 'holds no caps' check "$WORK/a" "$WORK/b" || bad=1
	expect 3 '/nowhere: No such file' check /nowhere "$WORK/a" || bad=1
	expect 3 "$WORK: " check "$WORK/a" "$WORK" || bad=1
	return "$bad"
}
