# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# hisi-acc-mig apply on a machine without accelerators: the files that it reads.
# Sourced.

# apply_says STATUS WORDS LINE...: of a file with these lines
apply_says() {
	local status=$1 words=$2
	shift 2

	printf '%s\n' "$@" >"$WORK/apply.conf"
	expect "$status" "$words" apply --config="$WORK/apply.conf"
}

test_apply_mistakes() {
	local bad=0 key

	apply_says 3 'apply.conf:1: no section, such as [zip], comes before vfs' 'vfs = 1' || bad=1
	apply_says 3 'apply.conf:2: a section is a name in brackets, not [zip' '' '[zip' || bad=1
	apply_says 3 'apply.conf:1: a section is a name in brackets, not [zip] vfs' '[zip] vfs' || bad=1
	for key in zib '' 75:00 0000:75:20.0 all; do
		apply_says 3 "apply.conf:1: a section is zip, sec, hpre, the address of a PF, or module, not $key" \
			"[$key]" || bad=1
	done
	apply_says 3 'apply.conf:3: this section is in the file already: ZIP' '[zip]' '[sec]' '[ ZIP ]' || bad=1
	apply_says 3 'apply.conf:2: this section is in the file already: 0000:75:00.0' \
		'[75:00.0]' '[0000:75:00.0]' || bad=1
	for key in -1 64 3x '' 0x3 99999999999999999999; do
		apply_says 3 "apply.conf:2: vfs is a number from 0 to 63, not $key" '[zip]' "vfs = $key" || bad=1
	done
	for key in 'a b' '' ../x "$(printf 'x%.0s' {1..64})"; do
		apply_says 3 "apply.conf:2: driver is the name of a driver, or none, not $key" \
			'[zip]' "driver = $key" || bad=1
	done
	apply_says 3 'apply.conf:2: guest_view is native or v3, not v4' '[zip]' 'guest_view=v4' || bad=1
	apply_says 3 'apply.conf:2: a PF has vfs, driver and guest_view, and nothing else: VFS' \
		'[zip]' 'VFS = 1' || bad=1
	apply_says 3 'apply.conf:2: select_bit is detect or own, not mine' '[module]' 'select_bit = mine' || bad=1
	apply_says 3 'apply.conf:2: the section module has select_bit, and nothing else: vfs' \
		'[module]' 'vfs = 1' || bad=1
	apply_says 3 'apply.conf:2: neither a [section] nor key = value: vfs' '[zip]' 'vfs' || bad=1
	# All that is wrong is said at once, and what follows a wrong section is not.
	apply_says 3 'apply.conf:3: vfs' '[zib]' '[zip]' 'vfs = x' || bad=1
	apply_says 3 'apply.conf:1: a section' '[zib]' 'vfs = 1' || bad=1
	if grep -q 'apply.conf:2' "$WORK/stderr"; then
		echo "a line of a section that is none is told of"
		bad=1
	fi
	expect 3 '/nowhere: No such file' apply --config /nowhere || bad=1
	expect 3 "$WORK: Is a directory" apply --config "$WORK" || bad=1
	return "$bad"
}

test_apply_forms() {
	local bad=0

	with_accelerators && return
	apply_says 0 'apply.conf:2: no PF of ZIP here' '# none' '	[ Zip ]	# all' 'vfs=4' ' driver = vfio-pci # or so' \
		'guest_view = v3' '' '[module]' 'select_bit=own' || bad=1
	apply_says 3 'apply.conf:1: there is no PF of a HiSilicon accelerator at 0000:75:00.0' '[75:00.0]' || bad=1
	apply_says 0 'all is as the configuration has it' '' || bad=1
	printf '[hpre]\nvfs = 2' >"$WORK/apply.conf"
	expect 0 'no PF of HPRE here' apply --dry-run --config "$WORK/apply.conf" || bad=1
	expect 0 'no PF of ZIP here' apply --config "$HACC_TOP/tools/hisi-acc-mig.conf.example" || bad=1
	return "$bad"
}

# What systemd has to say of a unit. Man pages that are not installed are no fault of it.
verified() {
	systemd-analyze verify --man=no "$1" 2>&1 | grep -F "${1##*/}"
}

test_apply_unit() {
	local unit=$WORK/hisi-acc-mig.service

	sed 's,@SBINDIR@,/bin,; s,/bin/hisi-acc-mig apply,/bin/true,' "$HACC_TOP/tools/hisi-acc-mig.service.in" >"$unit"
	if grep '@' "$unit"; then
		echo "something is not filled in"
		return 1
	fi
	if verified "$unit"; then
		return 1
	fi
	# It has an eye for what is wrong.
	sed 's/^Type=.*/Type=nonsense/' "$unit" >"$WORK/hisi-acc-mig-wrong.service"
	verified "$WORK/hisi-acc-mig-wrong.service" >/dev/null || {
		echo "a unit of a type that is none is taken"
		return 1
	}
}
