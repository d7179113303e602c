# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# What a compiler has to say of the module. Sourced after lib.sh.

# compile_silently DIR KERNEL ARGUMENT...: the module and its KUnit module anew
# with these arguments to make, in copies under DIR; prints what the compiler or
# sparse warns of, and fails if it does.
compile_silently() {
	local dir=$1 kernel=$2 option copy bad=0
	shift 2

	for option in '' -k; do
		copy=$dir/build-${kernel##*/}$option
		rm -rf "$copy" "$copy.stamp"
		"$HACC_TOP/scripts/module.sh" ${option:+"$option"} "$kernel" \
			"$HACC_TOP" "$copy" "$@" >/dev/null 2>&1 || bad=1
		# The kernel's own headers, named by their full path, may warn, and
		# what it has generated.
		if grep -E '(warning|error|ERROR|WARNING|C=2 specified|\*\*\*)' "$copy.log" |
			grep -E "^([^/]|$copy)|C=2" |
			grep -vE '^\./(include|arch/arm64/include)/generated/'; then
			bad=1
		fi
		[[ -n $(find "$copy" -name '*.ko') ]] || {
			echo "no module came of it, see $copy.log"
			bad=1
		}
	done
	return "$bad"
}
