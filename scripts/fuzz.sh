#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# fuzz.sh [-p] [STREAMS]: try so many hostile streams (ten seconds of them, if not
# told) on the driver's parser, built for this machine with the address and
# undefined behaviour sanitizers, and compare each with docs/stream.md.
# -p puts "[fuzz] " before each line. HACC_SEED has the fuzzer take another way.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$HACC_TOP/tests/tool/lib.sh"

prefix=''
if [[ ${1:-} == -p ]]; then
	prefix='[fuzz] '
	shift
fi
streams=${1:-}
seed=${HACC_SEED:-1}
dir=$HACC_CACHE/run/fuzz
WORK=$dir/work
"$HACC_TOP/scripts/packages.sh" clang libclang-rt-dev
lock fuzz
rm -rf "$dir"
mkdir -p "$WORK/corpus" "$WORK/found"

# The reading of docs/stream.md knows none of the driver's headers.
build() {
	local flags='-std=gnu11 -O1 -g -Wall -Wextra -Werror -fno-omit-frame-pointer'
	local sources=("$HACC_TOP"/tests/fuzz/stream_{fuzz,docs}.c "$HACC_TOP/mig_stream.c")

	flags+=' -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all'
	if grep '#include "[^"]*/' "$HACC_TOP"/tests/fuzz/stream_docs.[ch]; then
		echo "the reading of docs/stream.md includes what is not its own"
		return 1
	fi
	# shellcheck disable=SC2086 # as many arguments as words
	clang $flags -I"$HACC_TOP" "${sources[@]}" -o "$WORK/stream-fuzz"
}

corpus() {
	local name head base length edits

	while read -r name head base length edits; do
		[[ -n $name && $name != \#* ]] || continue
		# shellcheck disable=SC2086 # one argument for each
		perl -e '
			my ($head, $file, $length, @edits) = @ARGV;
			open(my $in, "<:raw", $file) or die("$file: $!\n");
			read($in, my $record, 176) == 176 or die("$file is no record\n");
			$record .= "\0" x 16;
			for (@edits) {
				/^(\d+)=((?:[0-9a-f]{2})+)$/ or die("what is $_?\n");
				substr($record, $1, length($2) / 2) = pack("H*", $2);
			}
			binmode(STDOUT);
			print(pack("H*", $head), substr($record, 0, $length));
		' "$head" "$(golden "$base")" "$length" $edits >"$WORK/corpus/$name" || return
	done <"$HACC_TOP/tests/fuzz/corpus"
	try corpus -runs=0 || return
}

# try LOG OPTION...: what is wrong is at the end of the log, with the stream
try() {
	local log=$dir/$1.log
	shift

	if ! UBSAN_OPTIONS=print_stacktrace=1 "$WORK/stream-fuzz" -max_len=200 \
		-use_value_profile=1 -artifact_prefix="$dir/" "$@" \
		"$WORK/found" "$WORK/corpus" >"$log" 2>&1; then
		grep -E '^docs/stream.md: |^  |ERROR|^not all|Test unit written|times:' "$log" | head -n 40
		echo "see $log"
		return 1
	fi
}

fuzz() {
	local limit=-max_total_time=10

	[[ -z $streams ]] || limit=-runs=$streams
	try fuzz "$limit" -seed="$seed"
}

tests() {
	tap_number=0
	tap_result "the parser compiles for user space, with sanitizers" build &&
		tap_result "streams of each kind are judged as docs/stream.md says" corpus &&
		tap_result "so are all that a fuzzer makes of them, and nothing else is touched" fuzz &&
		sed -n 's/^Done /# /p; s/^reached /#   /p' "$dir/fuzz.log"
	echo "1..3"
}

tap_run "$dir" "$prefix" tests
