# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# hisi-acc-mig inspect: golden streams, each length, each rule. Sourced.

formats='v1 v2_minor_0 v2_minor_1'

# Each value as od reads it at the offset that is shown, and no byte left out.
test_inspect_values() {
	local format file offset bytes name value rest next bad=0

	for format in $formats; do
		file=$(golden "$format")
		expect 0 'valid: yes, with queues' inspect "$file" || bad=1
		next=0
		while read -r offset bytes name value rest; do
			if ((offset != next)) || [[ -z $rest ]]; then
				echo "$format: $name begins at $offset, should at $next"
				bad=1
			fi
			next=$((offset + bytes))
			if [[ $value != 0x$(od -An -v -t "x$bytes" -j "$offset" -N "$bytes" "$file" |
				tr -d ' ') ]]; then
				echo "$format: $name at $offset is not $value"
				bad=1
			fi
		done < <(grep '^ *[0-9]' <<<"$said")
		if ((next != 176)); then
			echo "$format: the fields end at $next"
			bad=1
		fi
	done
	return "$bad"
}

# The same as JSON, read by another program.
# What is known to be wrong with an older sender is said, and of ours nothing.
test_inspect_remarks() {
	expect 0 'remark: V1 stream: ' inspect "$(golden v1)" &&
		expect 0 'remark: stream without BAR2 size: ' inspect "$(golden v2_minor_0)" &&
		expect 0 '"remark": "V1 stream: ' inspect --json "$(golden v1)" &&
		expect 0 '"remark": null' inspect --json "$(golden v2_minor_1)"
}

test_inspect_json() {
	expect 0 '"valid": true' inspect --json "$(golden v2_minor_1)" || return
	printf '%s' "$said" >"$WORK/json"
	python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
data = open(sys.argv[2], "rb").read()
at = 0
for field in report["fields"]:
    assert field["offset"] == at, field
    at += field["bytes"]
    assert int(field["value"], 0) == int.from_bytes(data[field["offset"]:at], "little"), field
assert at == 176 == report["bytes"]
assert report["format"] == "V2" and report["engine"] == "ZIP" and report["queues"]
assert report["why_not"] is None
' "$WORK/json" "$(golden v2_minor_1)" || return
	head -c 30 "$(golden v2_minor_1)" >"$WORK/short"
	expect 1 '"why_not": "malformed: length is 30, must be 40 or 176"' \
		inspect --json "$WORK/short" || return
	head -c 29 "$WORK/short" >"$WORK/cut"
	expect 1 '"value": null' inspect --json "$WORK/cut"
}

# All of them for one format; of the others, those where something ends.
test_inspect_lengths() {
	local format file len lengths bad=0 want words

	for format in $formats; do
		file=$(golden "$format")
		lengths='0 7 8 39 40 41 175 176 177'
		[[ $format != v2_minor_1 ]] || lengths=$(seq 0 177)
		for len in $lengths; do
			{
				cat "$file"
				printf '\0'
			} | head -c "$len" >"$WORK/cut"
			want=1 words="valid: no, malformed: length is $len, must be 40 or 176"
			case $len in
			40) want=0 words='valid: yes, without queues' ;;
			176) want=0 words='valid: yes, with queues' ;;
			177) words='malformed: length is at least 177' ;;
			esac
			expect "$want" "$words" inspect "$WORK/cut" || bad=1
		done
	done
	return "$bad"
}

# offset, bytes, value, status, words: what is wrong with a record of V2
test_inspect_rules() {
	local file at bytes value want words bad=0

	file=$(golden v2_minor_1)
	while IFS='|' read -r at bytes value want words; do
		expect "$want" "$words" inspect "$(patched "$file" "$at" "$bytes" "$value")" || bad=1
	done <<-'END'
		0|1|0|1|malformed: magic is 0xaaccfeeddecade00, must be 0xaaccfeeddecadede
		24|4|2|1|malformed: guest driver state is 0x2, must be 0
		24|4|1|1|malformed: guest driver state with queues is 0x1, must be 0
		28|2|2|1|not supported: major version is 0x2, must be 0x1
		28|2|0|1|not supported: major version is 0, must be 0x1
		30|2|9|0|valid: yes
		32|4|0|0|valid: yes
		36|4|5|0|valid: yes
		12|4|4660|0|of a VF of an unknown kind
		68|4|4096|1|malformed: EQ address is 0x18a5c4000, must be 0x100001000
		96|4|4096|1|malformed: AEQ address is 0x18a5c9000, must be 0x100001000
		160|8|0|1|malformed: number of queue addresses is 0x3, must be 0x4
	END
	# V1 has neither version nor right ring addresses.
	file=$(golden v1)
	expect 0 'a record of format V1' inspect "$(patched "$file" 28 2 7)" || bad=1
	expect 0 'valid: yes' inspect "$(patched "$file" 144 8 7)" || bad=1
	expect 1 'of no known format' inspect "$(patched "$file" 3 1 0)" || bad=1
	return "$bad"
}

# As a certain VF would see it.
test_inspect_for() {
	local file bad=0

	file=$(golden v2_minor_1)
	caps >"$WORK/vf.json"
	expect 0 'valid: yes' inspect --for="$WORK/vf.json" "$file" || bad=1
	caps queue_pairs 17 >"$WORK/vf.json"
	expect 1 'not for this VF: queue pair number is 0x10, there 0x11' \
		inspect --for="$WORK/vf.json" "$file" || bad=1
	caps bar2_bytes 65536 >"$WORK/vf.json"
	expect 1 'not for this VF: BAR2 size is 0x8000, there 0x10000' \
		inspect --for "$WORK/vf.json" "$file" || bad=1
	# Who does not know what its guest sees may come.
	expect 0 'valid: yes' inspect --for "$WORK/vf.json" "$(golden v2_minor_0)" || bad=1
	caps device_id '"0xa256"' >"$WORK/vf.json"
	expect 1 'PCI device id is 0xa251, there 0xa256' \
		inspect --for "$WORK/vf.json" "$file" || bad=1
	caps queue_isolation '"0x3"' >"$WORK/vf.json"
	expect 1 'queue isolation is 0x1, there 0x3' \
		inspect --for "$WORK/vf.json" "$file" || bad=1
	caps migratable false >"$WORK/vf.json"
	expect 1 "this VF can't be migrated: no reason given" \
		inspect --for "$WORK/vf.json" "$file" || bad=1
	expect 3 '/nowhere: No such file' inspect --for /nowhere "$file" || bad=1
	return "$bad"
}

test_inspect_files() {
	local bad=0

	expect 3 'hisi-acc-mig: /nowhere: No such file or directory' inspect /nowhere || bad=1
	expect 3 "$WORK: Is a directory" inspect "$WORK" || bad=1
	expect 1 'length is 0' inspect - || bad=1
	"$TOOL" inspect - <"$(golden v1)" | grep -q '^-: 176 bytes, a record of format V1' || {
		echo "standard input is not read"
		bad=1
	}
	return "$bad"
}
