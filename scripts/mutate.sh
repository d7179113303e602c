#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mutate.sh [PATCH...]: break the driver as each tests/mutate/*.patch does, and
# demand that the test it names turns red. A patch starts with a line
#	Caught-by: RUN/WORDS
# where RUN is one of machines.sh and WORDS are in the test's sentence. A
# mutant that no test catches is a hole in the tests, and a failure here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/machines.sh"

patches=("$@")
((${#patches[@]})) || patches=("$HACC_TOP"/tests/mutate/*.patch)
[[ -f ${patches[0]} ]] || die "no patches in tests/mutate"
dir=$HACC_CACHE/mutate
mkdir -p "$dir"

# One tree and one build of it for each kernel: what one patch changes is
# copied by content, so only that is compiled again.
mutant_tree() {
	mkdir -p "$dir/tree"
	rsync -r --checksum --delete --exclude=/.git "$HACC_TOP/" "$dir/tree/"
	patch -d "$dir/tree" -p1 --no-backup-if-mismatch <"$1"
}

mutant() {
	local patch=$1 caught name run words module

	name=$(basename "$patch" .patch)
	caught=$(sed -n 's/^Caught-by: *//p' "$patch" | head -n 1)
	run=${caught%%/*} words=${caught#*/}
	if [[ -z $caught || $run == "$caught" ]]; then
		echo "$patch has no line 'Caught-by: RUN/WORDS'"
		return 1
	fi
	machine "$run"
	mutant_tree "$patch" >"$dir/$name.log" 2>&1 || {
		echo "the patch does not apply; see $dir/$name.log"
		return 1
	}
	module=$("$HACC_TOP/scripts/module.sh" "${module_options[@]}" "$kernel" \
		"$dir/tree" "$dir/module-$kernel${module_options[*]}" 2>>"$dir/$name.log") || {
		echo "the broken driver does not compile; see $dir/$name.log"
		return 1
	}
	"$HACC_TOP/scripts/run-vm.sh" -o "$words" -m "$module" -d "$dir/$name" \
		"$run" >>"$dir/$name.log" 2>&1 || true
	grep -q "^not ok .*$words" "$dir/$name/output" || {
		echo "'$words' did not fail; see $dir/$name"
		return 1
	}
}

tap_number=0
echo "1..${#patches[@]}" >"$dir/output"
for patch in "${patches[@]}"; do
	sentence=$(sed -n 's/^Subject: *//p' "$patch" | head -n 1)
	tap_result "${sentence:-$(basename "$patch")} is caught by $(sed -n 's/^Caught-by: *//p' "$patch" | head -n 1)" \
		mutant "$patch" || true
done | tee -a "$dir/output"
tap_count "$dir/output"
echo "$passed passed, $failed failed"
((failed == 0 && passed > 0))
