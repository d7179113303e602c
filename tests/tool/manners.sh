# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# hisi-acc-mig: usage, help, manual, completion, and a machine without an
# accelerator. Sourced.

all_commands='status bind unbind apply caps check fleet save load inspect doctor metrics completion'

test_usage() {
	local command bad=0

	expect 2 'usage: hisi-acc-mig COMMAND' || bad=1
	expect 2 'no such command: frobnicate' frobnicate || bad=1
	expect 2 'no such command: frobnicate' help frobnicate || bad=1
	for command in $all_commands; do
		expect 2 "usage: hisi-acc-mig $command" "$command" --frobnicate || bad=1
		expect 2 'no such option: --frobnicate' "$command" --frobnicate || bad=1
		expect 0 "usage: hisi-acc-mig $command" "$command" --help || bad=1
		expect 0 "usage: hisi-acc-mig $command" help "$command" || bad=1
	done
	for command in bind unbind caps check save load inspect; do
		expect 2 'too few arguments' "$command" || bad=1
	done
	for command in 'caps a' 'check a b' 'save a b' 'load a b' 'inspect a'; do
		# shellcheck disable=SC2086 # command and arguments
		expect 2 'too many arguments, from here on: more' $command more || bad=1
	done
	expect 2 '--via is group or iommufd, not tunnel' caps --via=tunnel a || bad=1
	expect 2 'a value is missing after --for' inspect --for || bad=1
	for command in 75 75:-1.1 75:+0.1 '75: 0.1' 0x75:00.1 75:20.1 75:00.8 75:00.1.; do
		expect 2 'neither a PCI address' bind "$command" || bad=1
		expect 2 'neither a PCI address' doctor "$command" || bad=1
	done
	expect 3 'there is no such PCI device' bind 75:1f.7 || bad=1
	expect 0 'hisi-acc-mig ' version || bad=1
	return "$bad"
}

# What is printed and does not arrive is trouble.
test_lost_output() {
	local status=0

	"$TOOL" help >/dev/full 2>"$WORK/stderr" || status=$?
	if ((status != 3)) || ! grep -q 'standard output: No space' "$WORK/stderr"; then
		echo "exit status $status: $(<"$WORK/stderr")"
		return 1
	fi
}

# A log that takes both outputs has them in the order in which they were said.
test_order() {
	local both

	with_accelerators && return
	both=$("$TOOL" status --json 2>&1 || true)
	if [[ $both != '[]'$'\n''hisi-acc-mig: no accelerator'* ]]; then
		echo "$both"
		return 1
	fi
}

# The options of a command, by its help; one a line.
options_of() {
	"$TOOL" help "$1" | sed -nE 's/^  (--[a-z-]+).*/\1/p' | sort
}

test_manual() {
	local command manual synopsis bad=0 page

	for page in hisi-acc-mig.8 hisi-acc-mig.conf.5 hisi_acc_vfio_pci.4; do
		mandoc -T lint "$HACC_TOP/tools/$page" || bad=1
	done
	manual=$(mandoc -T ascii -O width=500 "$HACC_TOP/tools/hisi-acc-mig.8" | sed 's/.\x08//g')
	for command in $all_commands; do
		synopsis=$(grep -m 1 "^ *hisi-acc-mig $command\b" <<<"$manual")
		if [[ $(options_of "$command") != $(grep -oE -- '--[a-z-]+' <<<"$synopsis" | sort) ]]; then
			echo "$command: help has $(options_of "$command" | tr '\n' ' '), the manual $synopsis"
			bad=1
		fi
		grep -qE "^ +$command( |\$)" <<<"$manual" || {
			echo "$command is not explained"
			bad=1
		}
	done
	while read -r option; do
		grep -qE "^ +$option" <<<"$manual" || {
			echo "$option is not explained"
			bad=1
		}
	done < <(for command in $all_commands; do options_of "$command"; done | sort -u)
	return "$bad"
}

# Parameters in the module's manual are those that the module has.
test_module_manual() {
	local manual sources bad=0

	manual=$(grep -oE '^\.BI [a-z_]+=' "$HACC_TOP/tools/hisi_acc_vfio_pci.4" |
		sed 's/^\.BI //; s/=//' | sort)
	sources=$(sed -nE 's/^module_param(_cb|_named)?\(([a-z_]+),.*/\2/p' "$HACC_TOP"/*.c | sort)
	if [[ $manual != "$sources" || -z $manual ]]; then
		echo "the manual has $manual, the module $sources"
		bad=1
	fi
	return "$bad"
}

# completed WORD...: what is offered for the last word
completed() (
	compopt() { :; }
	# shellcheck source=tools/hisi-acc-mig.bash
	. "$HACC_TOP/tools/hisi-acc-mig.bash"
	COMP_WORDS=(hisi-acc-mig "$@")
	COMP_CWORD=$#
	_hisi_acc_mig
	printf '%s\n' "${COMPREPLY[@]}"
)

test_completion() {
	local command offered bad=0

	shellcheck "$HACC_TOP/tools/hisi-acc-mig.bash" || bad=1
	offered=$(completed '')
	for command in $all_commands help version; do
		grep -qx "$command" <<<"$offered" || {
			echo "$command is not offered"
			bad=1
		}
	done
	for command in $all_commands; do
		offered=$(completed "$command" -- | sed 's/=.*//' | sort -u)
		if [[ $offered != $({
			options_of "$command"
			echo --help
		} | sort) ]]; then
			echo "$command: offered are $offered"
			bad=1
		fi
	done
	[[ $(completed bind al) == all ]] || {
		echo "all is not offered to bind"
		bad=1
	}
	touch "$WORK/some.state"
	for command in 'inspect' 'save' 'load' 'check' 'check a' 'load --via=group'; do
		# shellcheck disable=SC2086 # words
		[[ $(completed $command "$WORK/some.") == "$WORK/some.state" ]] || {
			echo "no file is offered to $command"
			bad=1
		}
	done
	[[ -z $(completed load a "$WORK/some.") ]] || {
		echo "a file is offered where a VF should be"
		bad=1
	}
	return "$bad"
}

# Here there is nothing to show, and that is said.
test_no_accelerator() {
	local bad=0

	with_accelerators && return
	expect 1 'no accelerator: ' status || bad=1
	expect 1 '[]' status --json || bad=1
	expect 3 'no accelerator: ' bind all || bad=1
	expect 3 'there is no such PCI device' caps 0000:ff:1f.7 || bad=1
	expect 3 'there is no such PCI device' save "$WORK/state" 0000:ff:1f.7 || bad=1
	[[ ! -e $WORK/state ]] || bad=1
	expect 1 'not ready: ' doctor || bad=1
	expect 1 '"ready": false' doctor --json || bad=1
	return "$bad"
}

test_install() {
	make -s -C "$HACC_TOP/tools" O="$WORK/build" CFLAGS="$cflags" install \
		DESTDIR="$WORK/root" PREFIX=/usr || return
	diff <(cd "$WORK/root" && find . -type f | sort) - <<-END
		./usr/lib/systemd/system/hisi-acc-mig.service
		./usr/sbin/hisi-acc-mig
		./usr/share/bash-completion/completions/hisi-acc-mig
		./usr/share/fish/vendor_completions.d/hisi-acc-mig.fish
		./usr/share/hisi-acc-mig/hisi-acc-mig.conf
		./usr/share/hisi-acc-mig/modprobe.conf
		./usr/share/man/man4/hisi_acc_vfio_pci.4
		./usr/share/man/man5/hisi-acc-mig.conf.5
		./usr/share/man/man8/hisi-acc-mig.8
		./usr/share/zsh/site-functions/_hisi-acc-mig
	END
}
