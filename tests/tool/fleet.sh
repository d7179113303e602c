# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# hisi-acc-mig fleet: pools of VFs by the signatures that check.sh makes. Sourced.

test_fleet_pools() {
	local bad=0

	caps >"$WORK/a"
	caps device '"other"' stream_minor 0 >"$WORK/b"
	caps device_id '"0xa256"' >"$WORK/sec"
	caps queue_isolation 0 >"$WORK/iso"
	caps stream 1 stream_major 0 stream_minor 0 >"$WORK/old"
	caps migratable false why_not '"too old"' >"$WORK/none"
	expect 0 $': pool of 2\n'"  $WORK/a"$'\n'"  $WORK/b" fleet "$WORK/a" "$WORK/b" || bad=1
	expect 0 'ZIP, V3, 16 queue pairs: pool of 1' fleet "$WORK/a" || bad=1
	# Another engine is no fault; each has its pools.
	expect 0 $'\n''SEC, V3, 16 queue pairs: pool of 1' fleet "$WORK/a" "$WORK/b" "$WORK/sec" || bad=1
	# The largest pool is the measure, wherever it comes.
	expect 1 "  $WORK/iso"$'\n''  kept out of the largest pool by queue_isolation: 0 (0) here, 1 (0x1) there' \
		fleet "$WORK/iso" "$WORK/a" "$WORK/b" || bad=1
	# A way that is free one way alone makes no pool.
	expect 1 'by stream: 1 (0x1) here, 2 (0x2) there' fleet "$WORK/a" "$WORK/b" "$WORK/old" || bad=1
	expect 1 'by stream: 2 (0x2) here, 1 (0x1) there' fleet "$WORK/old" "$WORK/a" || bad=1
	expect 1 "$WORK/none: in no pool: can't be migrated: too old" fleet "$WORK/a" "$WORK/none" || bad=1
	expect 1 "can't be migrated" fleet "$WORK/none" || bad=1
	expect 3 'No such file' fleet "$WORK/a" /nowhere || bad=1
	return "$bad"
}

# Two fields that one setting makes alike count; two settings do not.
test_fleet_setting() {
	local one bad=0

	caps >"$WORK/a"
	caps revision 80 bar2_bytes 65536 >"$WORK/v4"
	caps revision 80 >"$WORK/v4half"
	caps queue_pairs 32 >"$WORK/wide"
	caps queue_pairs 32 revision 80 >"$WORK/both"
	caps queue_isolation 0 >"$WORK/iso"
	expect 1 'a pool of 2 by guest_view: load the module with guest_view=v3' \
		fleet "$WORK/a" "$WORK/v4" || bad=1
	expect 1 'a pool of 2 by sriov_numvfs: ' fleet "$WORK/a" "$WORK/wide" || bad=1
	# More VFs decide, not the order.
	expect 1 'a pool of 3 by guest_view: ' fleet "$WORK/a" "$WORK/wide" "$WORK/v4" "$WORK/v4half" || bad=1
	caps queue_pairs 32 >"$WORK/wide2"
	expect 1 'a pool of 4 by sriov_numvfs: ' \
		fleet "$WORK/a" "$WORK/a" "$WORK/v4" "$WORK/wide" "$WORK/wide2" || bad=1
	for one in both iso; do
		expect 1 'pool of 1' fleet "$WORK/a" "$WORK/$one" || bad=1
		[[ $said != *'a pool of'* ]] || {
			echo "no setting alone helps $one: $said"
			bad=1
		}
	done
	return "$bad"
}

test_fleet_json() {
	caps >"$WORK/a"
	caps bar2_bytes 65536 >"$WORK/b"
	caps migratable false why_not '"too old"' >"$WORK/none"
	expect 1 '' fleet --json "$WORK/a" "$WORK/b" "$WORK/none" || return 1
	printf '%s' "$said" >"$WORK/json"
	python3 -c '
import json, sys
report = json.load(open(sys.argv[1]))
first, second = report["pools"]
assert [len(first["vfs"]), len(second["vfs"])] == [1, 1]
assert first["enlarged_by"]["name"] == "guest_view" and first["enlarged_by"]["size"] == 2
assert "kept_out_by" not in first and "enlarged_by" not in second
assert [o["field"] for o in second["kept_out_by"]] == ["bar2_bytes"]
assert report["not_migratable"][0]["why_not"] == "too old"
' "$WORK/json"
}
