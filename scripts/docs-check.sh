#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# docs-check.sh: each line that README and docs/ tell people to type is one that
# a test types, too. Complains about every one that no test is known to run.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

cd "$HACC_TOP"
bad=0

# What stands in an indented block: "PAGE:COMMAND", without remarks. A line that
# goes on after two spaces has a remark of another kind.
commands() {
	local page

	for page in README.md docs/*.md; do
		# shellcheck disable=SC2016 # the marks of a block, not a command
		sed -nE '/^```/,/^```/d; s/^    +([^ ].*)/\1/p' "$page" |
			sed -E "s/ +#.*//; s/   +.*//; /^(#.*)?$/d; s|^|$page:|"
	done
}

# has FILE... -- WORD...: each word is in one of the files
has() {
	local files=() word

	while [[ $1 != -- ]]; do
		files+=("$1")
		shift
	done
	shift
	for word in "$@"; do
		grep -qF -- "$word" "${files[@]}" || return
	done
}

# Is this target of ours, and are the runs and patches there that it names?
make_target() {
	local word

	for word in $1; do
		case $word in
		make | '&&') ;;
		PATCH=*) [[ -f ${word#*=} ]] || return ;;
		*=* | *\"*) ;;
		depmod | -a | apt | *-*-*) ;;
		*) grep -qE "^([a-z -]+ )?$word( [a-z -]+)?:" Makefile mk/*.mk || return ;;
		esac
	done
}

while IFS=: read -r page command; do
	# shellcheck disable=SC2086 # word by word
	case $page:$command in
	docs/silicon.md:echo\ * | docs/silicon.md:modprobe\ vfio-pci | docs/silicon.md:./hisi-acc-silicon\ *)
		# silicon-kit.sh takes them from there, and the silicon run does them; it
		# loads vfio-pci in its own way.
		has scripts/silicon-kit.sh -- "$page" && continue
		;;
	esac
	# shellcheck disable=SC2086 # word by word
	case $command in
	hisi-acc-mig\ * | echo\ *)
		# tool.sh takes them from these pages and has the tool run do them.
		has scripts/tool.sh -- "$page" && continue
		;;
	ssh\ HOST\ hisi-acc-mig\ *)
		# There is one host; the test has the file come by a pipe.
		has tests/tool/check.sh -- test_check_stdin && continue
		;;
	make\ * | HACC_*make\ *)
		make_target "$(sed -E 's/^HACC_[A-Z0-9_]*=[^ ]* //; s/(RUN|ONLY)=("[^"]*"|[^ ]*)//g' <<<"$command")" && continue
		;;
	virsh\ *)
		has tests/vm/host/test_libvirt.py tests/vm/host/libvirt.py -- \
			"\"$(cut -d ' ' -f 2 <<<"$command")\"" && continue
		;;
	-object\ iommufd,*)
		has tests/vm/host/vm.py -- '"-object", "iommufd,id=iommufd0"' iommufd=iommufd0 &&
			continue
		;;
	-device\ kunpeng-*)
		has scripts/machines.sh scripts/run-vm.sh -- "$(cut -d ' ' -f 2 <<<"${command%%,*}")" && continue
		;;
	-device\ *)
		IFS=, read -ra words <<<"${command#*host=*,}"
		has tests/vm/host/vm.py tests/vm/host/test_cpr.py -- "${words[@]}" && continue
		;;
	systemctl\ enable\ hisi-acc-mig.service)
		has scripts/package-check.sh -- 'systemctl --root' && continue
		;;
	driverctl\ *)
		continue	# a tool of others: its line is apply's driver_override
		;;
	dkms\ * | tar\ *)
		has scripts/dkms-check.sh -- "$(cut -d ' ' -f 1-2 <<<"$command")" && continue
		;;
	modinfo\ -F\ version\ *)
		has scripts/package-check.sh -- "modinfo -F version" && continue
		;;
	dnf\ install\ /tmp/packages/*)
		continue	# Debian has no dnf; package-check.sh runs the RPM's script
		;;
	modinfo\ *)
		has scripts/dkms-check.sh -- "modinfo -k" "${command#modinfo }" && continue
		;;
	apt\ install\ *)
		has scripts/dkms-check.sh -- "dpkg -i" && continue
		;;
	hisi_acc_vfio_pci\ 0000:*)
		continue	# a line of the kernel's log
		;;
	esac
	echo "$page: no test is known to run: $command"
	bad=1
done < <(commands)
# The table of what may happen at the same time is one for readers and for the test.
table_of_test() {
	perl -0ne 'while (/\{ "([^"]+)", [A-Z_]+, \w+,\s*\{ ([^}]*) \} \}/g) {
		my ($event, $cells) = ($1, $2);
		$cells =~ s/"//g;
		$cells =~ s/,/ |/g;
		print "| $event | $cells |\n";
	}' tests/host/resets_table.c
}

while IFS= read -r row; do
	grep -qxF -- "$row" docs/design.md || {
		echo "docs/design.md has no line: $row"
		bad=1
	}
done < <(table_of_test)

# What holds a promise is there: the run, the words in a test's sentence, the change.
# shellcheck disable=SC2016 # the marks of code, not commands
promises() {
	local promise page tests changes test words run change

	while IFS='|' read -r _ promise page tests changes _; do
		[[ -f docs/${page// /}.md || ${page// /} == README || -f docs/${page// /}/README.md ]] ||
			echo "there is no page $page for: $promise"
		while IFS= read -r test; do
			run=${test%%/*} words=${test#*/}
			case $test in
			make\ *)
				grep -qE "^${test#make }:" mk/*.mk || echo "there is no $test"
				continue
				;;
			esac
			grep -qE "(^|[[:space:](|])$run([[:space:])|]|\$)" scripts/machines.sh || echo "there is no run $run"
			grep -rqiF -- "$words" tests/host tests/vm tests/kunit ||
				grep -rqiF -- "${words// /_}" tests/kunit || echo "no test of $run says: $words"
		done < <(grep -oE '`[^`]+`' <<<"$tests" | tr -d '`')
		for change in ${changes//,/ }; do
			[[ -f tests/mutate/$change.patch ]] || echo "there is no change $change"
		done
	done < <(grep -E '^\| .*`.*`' docs/promises.md)
}

said=$(promises)
[[ -z $said ]] || {
	echo "docs/promises.md: $said"
	bad=1
}
exit "$bad"
