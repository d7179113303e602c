#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# lint.sh [-p]: what can be said of the sources without running them, each
# check one result. -p puts "[lint] " before each line.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/compile.sh"

prefix=''
[[ ${1:-} != -p ]] || prefix='[lint] '
dir=$HACC_CACHE/run/lint
mkdir -p "$dir"

# Files of the module, its headers and its tests, as the repository has them.
kernel_sources() {
	(cd "$HACC_TOP" && find . -maxdepth 1 -name '*.[ch]' -o \
		-path './include/*.[ch]' -o -path './tests/kunit/*.[ch]') | sort
}

# Nothing of ours is in the kernel's MAINTAINERS. Headers of trace events are
# macros of a layout of their own, which the kernel's own do not hold to either.
checkpatch() {
	local linux options ignore=FILE_PATH_CHANGES

	linux=$("$HACC_TOP/scripts/sources.sh" linux-7.3) || return
	options=(--no-tree --strict --terse --file --show-types
		--max-line-length=100)
	cd "$HACC_TOP" || return
	{
		kernel_sources | grep -v '/trace\.h$' |
			xargs perl "$linux/scripts/checkpatch.pl" "${options[@]}" \
				--ignore "$ignore" || true
		ignore+=,OPEN_ENDED_LINE,PARENTHESIS_ALIGNMENT
		kernel_sources | grep '/trace\.h$' |
			xargs -r perl "$linux/scripts/checkpatch.pl" "${options[@]}" \
				--ignore "$ignore" || true
	} >"$dir/checkpatch.log" 2>&1
	! grep -vE '^total: 0 errors, 0 warnings, 0 checks|^$' "$dir/checkpatch.log"
}

shell_files() {
	grep -lE '^#!/bin/(ba)?sh|^# shellcheck shell=' -r "$HACC_TOP"/scripts \
		"$HACC_TOP"/tests "$HACC_TOP"/.ci
}

check_shell() {
	local files

	mapfile -t files < <(shell_files)
	(cd "$HACC_TOP/scripts" && shellcheck -x "${files[@]}") || return
	# busybox sh, which shellcheck knows as dash
	shellcheck -s dash "$HACC_TOP"/tests/{host,vm/guest}/init
}

check_python() {
	pyflakes3 "$HACC_TOP"/tests/vm/host/*.py
}

spdx() {
	local missing licence

	missing=$(cd "$HACC_TOP" && git ls-files |
		grep -E '\.(c|h|sh|py|mk|config|build|mak|conf)$|Kbuild$|Makefile$|Kconfig$|tests/.*/init$' |
		while read -r file; do
			licence=GPL-2.0-only
			# What is fit for QEMU has the licence of QEMU's devices.
			[[ $file != tests/qemu/device/* ]] || licence=GPL-2.0-or-later
			grep -qE "SPDX-License-Identifier: $licence( |$)" "$file" || echo "$file"
		done)
	[[ -z $missing ]] || {
		echo "no SPDX line: $missing"
		return 1
	}
}

# Nothing in the tree may speak of a particular machine.
names() {
	! (cd "$HACC_TOP" && git grep -nE '(TOD[O]|FIXM[E]|XX[X])\b|/root/' -- \
		':!scripts/lint.sh' ':!*.patch')
}

# As README has it, but for where to.
installs() {
	local tree=$dir/installed copy kdir

	kdir=$("$HACC_TOP/scripts/kernel.sh" 6.12) &&
		copy=$("$HACC_TOP/scripts/module.sh" 6.12) || return
	rm -rf "$tree"
	make -C "$copy" KDIR="$kdir" ARCH=arm64 CROSS_COMPILE="$HACC_CROSS" \
		INSTALL_MOD_PATH="$tree" install >"$dir/install.log" 2>&1 || {
		tail -n 5 "$dir/install.log"
		return 1
	}
	compgen -G "$tree/lib/modules/*/updates/hisi-acc-vfio-pci.ko*" >/dev/null || {
		echo "there is no updates/hisi-acc-vfio-pci.ko in $tree"
		return 1
	}
}

lint() {
	tap_number=0
	tap_result "checkpatch --strict has nothing to say" checkpatch
	tap_result "W=1 C=2 on 6.12: no warning of gcc, none of sparse" \
		compile_silently "$dir" 6.12 W=1 C=2 CHECK=sparse
	# Headers of 7.3 are beyond the sparse that Debian 12 has.
	tap_result "W=1 on 7.3: no warning of gcc" \
		compile_silently "$dir" 7.3 W=1
	tap_result "no include crosses a layer of the driver" \
		"$HACC_TOP/scripts/layers.sh" "$dir/build-6.12"
	tap_result "shellcheck has nothing to say" check_shell
	tap_result "pyflakes has nothing to say" check_python
	tap_result "each source file names its licence" spdx
	tap_result "no marks of unfinished work, no path of a machine" names
	tap_result "each command in README and docs is one that a test runs" \
		"$HACC_TOP/scripts/docs-check.sh"
	tap_result "make install puts the module into updates/" installs
	echo "1..$tap_number"
}

tap_run "$dir" "$prefix" lint
