# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What the tests of hisi-acc-mig that need no VF have in common. Each test is a
# function that says what is wrong and fails. Sourced by scripts/tool-native.sh,
# which sets TOOL (the program) and WORK (a directory for files).

# golden NAME: a record of tests/kunit/mig_golden.h as a file; prints its path
golden() {
	local file=$WORK/$1

	[[ -s $file ]] || printf '%b' "$(
		sed -n "/^static const u8 mig_golden_$1\[/,/^};/p" \
			"$HACC_TOP/tests/kunit/mig_golden.h" |
			grep -o '0x[0-9a-f][0-9a-f]\b' | sed 's/0x/\\x/' | tr -d '\n'
	)" >"$file"
	echo "$file"
}

# patch FILE OFFSET BYTES NEW: a copy with these little-endian bytes there
patched() {
	local file=$1 at=$2 bytes=$3 value=$4 i

	cp "$file" "$WORK/patched"
	for ((i = 0; i < bytes; i++)); do
		# shellcheck disable=SC2059 # the format is the byte
		printf "\\x$(printf %02x $(((value >> (8 * i)) & 255)))" |
			dd of="$WORK/patched" bs=1 seek=$((at + i)) conv=notrunc status=none
	done
	echo "$WORK/patched"
}

# A test of a machine without accelerators is none on one that has them.
with_accelerators() {
	grep -qi 0x19e5 /sys/bus/pci/devices/*/vendor 2>/dev/null &&
		echo "SKIP: this machine has devices of HiSilicon"
}

# expect STATUS WORDS ARGUMENT...: run the tool; it must end so and say this
# (on standard output for 0, on either else)
expect() {
	local want=$1 words=$2 status=0 out
	shift 2

	out=$("$TOOL" "$@" 2>"$WORK/stderr" </dev/null) || status=$?
	said=$out$'\n'$(<"$WORK/stderr")
	if grep -q 'AddressSanitizer\|runtime error' "$WORK/stderr"; then
		echo "hisi-acc-mig $*: $(<"$WORK/stderr")"
		return 1
	fi
	if ((status != want)); then
		echo "hisi-acc-mig $*: exit status $status, should be $want: $said"
		return 1
	fi
	[[ $want != 0 ]] || said=$out
	if [[ $said != *"$words"* ]]; then
		echo "hisi-acc-mig $*: should say \"$words\": $said"
		return 1
	fi
}
