#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# matrix.sh [builds|boots]: compile the module and its KUnit module against every series of
# the kernel that Debian's suites have now, by gcc and by clang, with W=1; boot
# the demo and the system tests on the oldest, the middle and the newest kernel
# that kernel.sh builds; or only one of the two. Ends with a table, in which what could not be had is
# named as not tested, and "N passed, N failed, N skipped".
#	HACC_LINUX_N_N=DIR	a tree of one's own for that series: the only
#				way to series that no suite has
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/apt.sh"
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/compile.sh"

# Meant to work, and known to run on accelerators' hosts somewhere.
supported=(6.1 6.6 6.8 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3)
booted=(6.1 6.12 7.3)
declare -A known_as=([6.6]="openEuler 24.03" [6.8]="Ubuntu 24.04" [6.1]="Debian 12" [6.12]="Debian 13")
# The oldest one that the newest kernels take; Debian 12 has it.
clang=${HACC_CLANG:-clang-19}
gcc=${HACC_CROSS}gcc

part=${1:-all}
dir=$HACC_CACHE/run/matrix
mkdir -p "$dir"
rm -f "$dir"/{output,table}

# available: the series that the suites have
available() {
	APT_SUITES=("${APT_ALL_SUITES[@]}")
	apt_configure
	apt_update >"$dir/apt.log" 2>&1 || return
	apt-cache pkgnames linux-source- 2>>"$dir/apt.log" |
		sed -nE 's/^linux-source-([0-9]+\.[0-9]+)$/\1/p'
}

# Suites whose list is not to be had, or no longer valid.
missing_suites() {
	local suite

	for suite in "${APT_ALL_SUITES[@]}"; do
		compgen -G "$APT_HOME/lists/*_dists_${suite}_InRelease" >/dev/null ||
			echo "$suite"
	done
}

# exports TREE: all symbols that a kernel of this source may export, in the form
# of Module.symvers, for modpost to check ours against. One macro has its own way,
# others paste names together and are none.
exports() {
	(cd "$1" && grep -rhoE --include='*.[chS]' \
		'^[[:space:]]*(EXPORT_(PER_CPU_)?SYMBOL(_GPL)?|define_dev_printk_level)\([[:space:]]*\w+[,)]' \
		arch/arm64 block crypto drivers fs include kernel lib mm virt) |
		sed -E 's/^[[:space:]]*(\w+)\([[:space:]]*(\w+).*/\2 \1/; s/PER_CPU_//; s/ define_.*/ EXPORT_SYMBOL/' |
		awk '!seen[$1]++ { print "0x00000000\t" $1 "\tvmlinux\t" $2 "\t" }'
}

# kernel_for SERIES COMPILER: a directory to build the module against
kernel_for() {
	local series=$1 compiler=$2 kdir

	if [[ $compiler == "$gcc" && " ${booted[*]} " == *" $series "* ]]; then
		"$HACC_TOP/scripts/kernel.sh" "$series"
		return
	fi
	kdir=$("$HACC_TOP/scripts/kernel.sh" -p "$compiler" "$series") || return
	if [[ ! -f $kdir/Module.symvers ]]; then
		exports "$("$HACC_TOP/scripts/sources.sh" "linux-$series")" \
			>"$kdir/symvers.new"
		mv "$kdir/symvers.new" "$kdir/Module.symvers"
	fi
	echo "$kdir"
}

# result KEY SENTENCE COMMAND...: one line of results, live and in the file
result() {
	local key=$1 ret=0
	shift

	tap_result "$@" >"$dir/line" || ret=$?
	tee -a "$dir/output" <"$dir/line"
	verdict[$key]=yes
	((ret == 0)) || verdict[$key]=FAILED
}

# openEuler's 6.6 has other names in the QM driver's header. What is said of it in
# public is put into that of 6.12, before the kernel's own directories.
openeuler() {
	local over=$dir/openeuler source

	source=$("$HACC_TOP/scripts/sources.sh" linux-6.12) || return
	mkdir -p "$over/linux"
	sed -e 's/\bhisi_qm_mb(/hisi_qm_mb_write(/' \
		-e 's/QM_DRIVER_REMOVING/QM_DRIVER_DOWN/' \
		-e 's/\tQM_MODULE_PARAM,/&\n\tQM_DEVICE_DOWN,/' \
		"$source/include/linux/hisi_acc_qm.h" >"$over/linux/hisi_acc_qm.h"
	compile_silently "$over" 6.12 W=1 NOSTDINC_FLAGS="-nostdinc -I$over" || return
	grep -q "$over/linux/hisi_acc_qm.h" "$over"/build-6.12/.qm_pf.o.cmd ||
		! echo "the module was not compiled with the other header"
}

# build_all: one result for each series and compiler
build_all() {
	local series compiler source kdir

	tap_number=0
	for series in "${to_build[@]}"; do
		if ! source=$("$HACC_TOP/scripts/sources.sh" "linux-$series"); then
			result "$series" "$series can be had" false
			continue
		fi
		version[$series]=$(make -s -C "$source" kernelversion)
		for compiler in "$gcc" "$clang"; do
			mkdir -p "$dir/$series-$compiler"
			verdict[$series-$compiler]='not built'
			[[ $part != boots ]] || continue
			kdir=$(kernel_for "$series" "$compiler") || kdir=/nowhere
			result "$series-$compiler" \
				"$series ${version[$series]}: no warning with W=1 of $compiler" \
				compile_silently "$dir/$series-$compiler" "$kdir" W=1 CC="$compiler"
		done
	done
	[[ $part == boots ]] || result openeuler "6.12 with openEuler's names in the QM API" openeuler
	echo "1..$tap_number" | tee -a "$dir/output"
}

# run_of SUITE SERIES: its name in machines.sh
run_of() {
	case $2 in
	6.12) echo "$1" ;;
	*) echo "$1-$2" ;;
	esac
}

# outcome RUN: in words
outcome() {
	local ok not_ok skip words

	read -r ok not_ok skip 2>/dev/null <"$HACC_CACHE/run/$1/result" || {
		echo "FAILED, no result"
		return
	}
	words="$ok passed"
	((skip == 0)) || words+=", $skip skipped"
	((not_ok == 0)) || words="FAILED: $not_ok"
	echo "$words"
}

# boot_all: demo and system tests on the kernels that boot. Adds to passed,
# failed and skipped.
boot_all() {
	local series suite run runs=() ok not_ok skip

	for series in "${booted[@]}"; do
		runs+=("$(run_of demo "$series")" "$(run_of system "$series")")
	done
	"$HACC_TOP/scripts/check.sh" "${runs[@]}" || true
	for run in "${runs[@]}"; do
		read -r ok not_ok skip 2>/dev/null <"$HACC_CACHE/run/$run/result" ||
			ok=0 not_ok=1 skip=0
		passed=$((passed + ok)) failed=$((failed + not_ok)) skipped=$((skipped + skip))
	done
}

# cell SUITE SERIES: what the table says of it
cell() {
	if [[ $part != builds && " ${booted[*]} " == *" $2 "* ]]; then
		outcome "$(run_of "$1" "$2")"
	else
		echo "not booted"
	fi
}

table() {
	local series suite row='%-6s %-10s %-9s %-9s %-12s %s\n'

	# shellcheck disable=SC2059 # the format is ours
	printf "$row" series version gcc clang demo system
	for series in "${supported[@]}" "${others[@]}"; do
		if [[ -z ${version[$series]:-} ]]; then
			printf '%-6s not tested: no suite of Debian has it%s\n' "$series" \
				"${known_as[$series]:+ (${known_as[$series]})}; HACC_LINUX_${series/./_}=DIR gives a tree"
			continue
		fi
		# shellcheck disable=SC2059
		printf "$row" "$series" "${version[$series]}" \
			"${verdict[$series-$gcc]}" "${verdict[$series-$clang]}" \
			"$(cell demo "$series")" "$(cell system "$series")"
	done
	for suite in "${missing[@]}"; do
		printf 'not looked into: %s, whose list of packages could not be had\n' "$suite"
	done
	printf 'gcc is %s; clang is %s\n' "$("$gcc" --version | head -n 1)" \
		"$("$clang" --version | head -n 1)"
}

"$HACC_TOP/scripts/packages.sh" "$clang"
declare -A version=() verdict=()
others=()
mapfile -t to_build < <(lock apt && available)
((${#to_build[@]})) || die "no list of packages, see $dir/apt.log; is there a way to the mirror?"
mapfile -t missing < <(missing_suites)
for series in "${supported[@]}"; do
	variable=HACC_LINUX_${series/./_}
	[[ -z ${!variable:-} ]] || to_build+=("$series")
done
mapfile -t to_build < <(printf '%s\n' "${to_build[@]}" | sort -uV)
for series in "${to_build[@]}"; do
	[[ " ${supported[*]} " == *" $series "* ]] || others+=("$series")
done

say "Debian has ${to_build[*]}"
build_all
passed=0 failed=0 skipped=0
[[ $part == boots ]] || tap_count "$dir/output"
[[ $part == builds ]] || boot_all
untested=0
for series in "${supported[@]}"; do
	[[ -n ${version[$series]:-} ]] || untested=$((untested + 1))
done
skipped=$((skipped + untested))

echo
table | tee "$dir/table"
echo "$passed passed, $failed failed, $skipped skipped"
((failed == 0 && passed > 0))
