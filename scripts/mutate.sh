#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# mutate.sh [PATCH...]: break the driver, or the accelerator or the SMMU that it is
# tested with, as each tests/mutate/*.patch does, and demand that this is noticed. A patch starts with a line
#	Caught-by: RUN/WORDS
# where RUN is one of machines.sh and WORDS are in the test's sentence: that test
# turns red. The same test is green before anything is broken, or nothing is proved.
# A line more says what the accelerators answer, where it takes that to notice:
#	Silicon: PROPERTY=ANSWER ...
# What the kernel or the accelerator model notices has a line more,
#	Reported-as: WORDS
# and instead of a red test the judgement of the run names WORDS. What no test on an
# emulation can see, a barrier say, is kept with its reason and counts as skipped:
#	Unseen: REASON
# A mutant that nobody catches is a hole in the tests, and a failure here.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/machines.sh"

patches=("$@")
((${#patches[@]})) || patches=("$HACC_TOP"/tests/mutate/*.patch)
[[ -f ${patches[0]} ]] || die "no patches in tests/mutate"
parallel=${HACC_PARALLEL:-2}
dir=$HACC_CACHE/mutate
mkdir -p "$dir"
lock mutate

header() {
	sed -n "s/^$1: *//p" "$2" | head -n 1
}

# The driver as it is passes this test; asked once for each, by one worker. A process
# of its own, which gives the lock back.
unbroken() (
	run=$1 words=$2
	name=$(inputs_hash "$run" "$words" "${HACC_SILICON:-}" | cut -c 1-16)
	base=$dir/unbroken/$name
	mkdir -p "$base"
	# By run: the driver is built by one of them, and packed by the other.
	lock "mutate-$run"
	[[ ! -f $base/good ]] || exit 0
	if "$HACC_TOP/scripts/run-vm.sh" -o "$words" -d "$base" "$run" >"$base/log" 2>&1 &&
		grep '^ok ' "$base/output" | grep -F -- "$words" | grep -qiv '# skip'; then
		touch "$base/good"
	else
		echo "'$words' is not green before anything is broken; see $base/log"
		exit 1
	fi
)

# broken_qemu PATCH TREE: print a QEMU with what the patch has broken in TREE, or
# nothing if that is not the model. They share a build: what is touched is compiled.
broken_qemu() (
	grep -q '^+++ b/tests/qemu' "$1" || exit 0
	lock mutate-qemu
	HACC_QEMU=$("$HACC_TOP/scripts/sources.sh" qemu-10.0)
	HACC_MESON=$("$HACC_TOP/scripts/sources.sh" meson)
	export HACC_QEMU HACC_MESON HACC_CACHE=$dir/qemu
	built=$("$2/scripts/qemu.sh") || exit
	cp "$built" "$dir/$(basename "$1" .patch).qemu"
	echo "$dir/$(basename "$1" .patch).qemu"
)

# mutant PATCH WORKER: each worker has a tree, and in it a build for each
# kernel. The tree is copied by content: only what a patch touches, and what the
# one before has touched, is compiled again.
mutant() {
	local patch=$1 worker=$dir/worker-$2 name caught run words report module qemu

	name=$(basename "$patch" .patch)
	caught=$(header Caught-by "$patch")
	run=${caught%%/*} words=${caught#*/}
	report=$(header Reported-as "$patch")
	HACC_SILICON=$(header Silicon "$patch")
	export HACC_SILICON
	if [[ -z $caught || $run == "$caught" ]]; then
		echo "$patch has no line 'Caught-by: RUN/WORDS'"
		return 1
	fi
	machine "$run"
	unbroken "$run" "$words" || return
	mkdir -p "$worker/tree"
	rsync -r --checksum --delete --exclude=/.git "$HACC_TOP/" "$worker/tree/"
	patch -d "$worker/tree" -p1 --fuzz=0 --no-backup-if-mismatch <"$patch" \
		>"$dir/$name.log" 2>&1 || {
		echo "the patch does not apply; see $dir/$name.log"
		return 1
	}
	module=$("$HACC_TOP/scripts/module.sh" "${module_options[@]}" "$kernel" \
		"$worker/tree" "$worker/$kernel${module_options[*]}" \
		2>>"$dir/$name.log") || {
		echo "the broken driver does not compile; see $dir/$name.log"
		return 1
	}
	qemu=$(broken_qemu "$patch" "$worker/tree" 2>>"$dir/$name.log") || {
		echo "the broken model does not compile; see $dir/$name.log"
		return 1
	}
	HACC_QEMU_BIN=${qemu:-${HACC_QEMU_BIN:-}} "$HACC_TOP/scripts/run-vm.sh" -o "$words" \
		-m "$module" -d "$dir/$name" "$run" >>"$dir/$name.log" 2>&1 || true
	[[ -z $qemu ]] || rm -f "$qemu"
	if [[ -n $report ]]; then
		grep -s '^#   ' "$dir/$name.log" | grep -qF -- "$report" || {
			echo "nobody said '$report'; see $dir/$name.log"
			return 1
		}
		return
	fi
	grep -s '^not ok ' "$dir/$name/output" | grep -qF -- "$words" || {
		echo "'$words' did not fail; see $dir/$name.log"
		return 1
	}
}

# The patches number WORKER, WORKER + parallel and so on
work() {
	local worker=$1 i title unseen

	for ((i = worker; i < ${#patches[@]}; i += parallel)); do
		title=$(header Subject "${patches[i]}")
		tap_number=$i
		unseen=$(header Unseen "${patches[i]}")
		if [[ -n $unseen ]]; then
			echo "ok $((i + 1)) - ${title:-${patches[i]}} # SKIP not seen here: $unseen"
			continue
		fi
		tap_result "${title:-${patches[i]}}: caught by $(header Caught-by "${patches[i]}")" \
			mutant "${patches[i]}" "$worker" || true
	done
}

# What all of them need is built before, by one.
"$HACC_TOP/scripts/qemu.sh" >/dev/null
"$HACC_TOP/scripts/client.sh" >/dev/null
rm -rf "$dir/unbroken"

{
	echo "1..${#patches[@]}"
	for ((worker = 0; worker < parallel; worker++)); do
		work "$worker" &
	done
	wait
} | tee "$dir/output"
tap_count "$dir/output"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
