#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# qtest.sh [-p] [-d MODEL-DIR] [TEST...]: test the emulated accelerator without
# a kernel, by QEMU's own harness, with the address and undefined behaviour
# sanitizers in it.
#	-p		put "[qtest] " before each line
#	-d MODEL-DIR	another model's sources, say older ones
#	TEST		only these: /acc/fuzz, or /acc/job/hpre-powers
# HACC_SEED has the fuzzer take another way, HACC_FUZZ_OPS so many steps of it.
#
# QEMU is the one of qemu.sh, where the model's own files are replaced by ones
# that were compiled with sanitizers: that takes seconds, not minutes. It is linked
# once more without the oracle, which the device has to work without.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"

prefix='' model=$HACC_TOP/tests/qemu
while getopts pd: option; do
	case $option in
	p) prefix='[qtest] ' ;;
	d) model=$(cd "$OPTARG" && pwd) ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))

"$HACC_TOP/scripts/qemu.sh" >/dev/null
qemu=$HACC_CACHE/qemu
build=$HACC_CACHE/qtest
dir=$HACC_CACHE/run/qtest
sanitize=-fsanitize=address,undefined
mkdir -p "$build" "$dir"

# commands OUTPUT: the command that makes it, with all its arguments
command_of() {
	ninja -C "$qemu/build" -t compdb -x c_COMPILER c_LINKER_RSP |
		python3 -c '
import json, sys
for entry in json.load(sys.stdin):
    if entry["output"] == sys.argv[1]:
        print(entry["command"])' "$1"
}

# compile_one OBJECT SOURCE COMMAND...: it is left alone if it would be the same
compile_one() {
	local object=$1 source=$2 hash
	shift 2

	hash=$(inputs_hash "$*" "$source" "$(dirname "$source")"/*.h "$model"/*/*.h)
	stamp_current "$object.stamp" "$hash" && return
	rm -f "$object"
	"$@" -o "$object" -c "$source" &&
		stamp_write "$object.stamp" "$hash"
}

# compile_all DIR COMMAND FLAGS SOURCE...: an object of each source in DIR, by a
# command that ninja has; sets objects
compile_all() {
	local dir=$1 compile=$2 flags=$3 source
	shift 3

	mkdir -p "$dir"
	objects=()
	for source in "$@"; do
		while (($(jobs -rp | wc -l) >= HACC_JOBS)); do
			wait -n || true
		done
		objects+=("$dir/$(basename "$source").o")
		# shellcheck disable=SC2086 # as many arguments as words
		compile_one "${objects[-1]}" "$source" ${compile% -MD *} $flags &
	done
	wait
	for source in "${objects[@]}"; do
		[[ -f $source ]] || return
	done
}

# link OUTPUT OBJECT...: QEMU with these in the place of its own of the model
link() {
	local output=$1 command
	shift

	command=$(command_of qemu-system-aarch64 |
		sed "s| libcommon\.a\.p/hw_misc_kunpeng_[^ ]*||g
			s| -o [^ ]*| -o $output $sanitize $*|")
	$command
}

compile_model() {
	local compile flags objects device

	compile=$(command_of libcommon.a.p/hw_misc_kunpeng_device_kunpeng_acc.c.o)
	flags="$sanitize -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all"
	compile_all "$build/device" "$compile" "$flags" "$model"/device/*.c || return
	device=("${objects[@]}")
	compile_all "$build/oracle" "$compile" "$flags" "$model"/oracle/*.c || return
	link "$build/qemu-system-aarch64" "${device[@]}" "${objects[@]}" &&
		link "$build/qemu-without-oracle" "${device[@]}"
}

compile_test() {
	local compile objects

	compile=$(command_of tests/qtest/libqos/libqos.a.p/.._libqtest.c.o)
	compile_all "$build/test" \
		"$compile" "-I$qemu/source/tests/qtest -Wall" \
		"$HACC_TOP"/tests/qtest/*.c \
		"$qemu"/source/tests/qtest/{libqtest,libqmp}.c || return
	# shellcheck disable=SC2046 # as many arguments as words
	cc "${objects[@]}" libqom.a.p/*.o \
		libqemuutil.a $(pkg-config --libs glib-2.0) -lgmp -lm -pthread \
		-o "$build/acc-test"
}

compile() {
	cd "$qemu/build" && compile_model && compile_test
}

lock qtest
hash=$(inputs_hash "$(<"$qemu/hacc.stamp")" "$model" "$HACC_TOP/tests/qtest" "$0")
if ! stamp_current "$build/stamp" "$hash"; then
	rm -f "$build/stamp"
	run_step "qtest: compiling model and test" "$build.log" compile
	stamp_write "$build/stamp" "$hash"
fi

# Of several names glib gives a plan each, which counts those before as well.
results() {
	awk '/^1\.\./ { plan = $0 }
		/^(ok|not ok|Bail out!)/ { print; fflush() }
		END { if (plan) print plan }'
}

# selected TEST...: the arguments for these and what is below them; glib's own
# choice leaves out what is two levels down. libqtest puts the target before names.
selected() {
	local all test names name

	all=$("$build/acc-test" -l 2>/dev/null | grep '^/')
	for test in "$@"; do
		names=$(grep -E "^(/aarch64)?$test(/|$)" <<<"$all") ||
			die "there is no test $test"
		while read -r name; do
			arguments+=(-p "$name")
		done <<<"$names"
	done
}

tests() {
	local arguments=()

	export QTEST_QEMU_BINARY=$build/qemu-system-aarch64
	export QTEST_QEMU_WITHOUT_ORACLE=$build/qemu-without-oracle
	selected "$@"
	UBSAN_OPTIONS=print_stacktrace=1 \
		"$build/acc-test" --tap "${arguments[@]}" 2>"$dir/errors" |
		tee "$dir/log" | results && return
	# What was going on, and what the sanitizers, QEMU and glib said of it.
	tail -n 3 "$dir/log"
	grep -vE 'makecontext|handle_no_return|False positive|sanitizers/issues' "$dir/errors" |
		tail -n 60 | sed 's/^/# /'
	return 1
}

tap_run "$dir" "$prefix" tests "$@"
