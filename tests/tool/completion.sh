# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash
#
# Completion of zsh and fish: what is offered is what the tool's help has. Sourced.

test_completion_zsh() {
	local command offered bad=0

	"$TOOL" completion zsh >"$WORK/zsh" || return
	zsh -n "$WORK/zsh" || bad=1
	for command in $all_commands; do
		grep -q "^		'$command:" "$WORK/zsh" || {
			echo "$command is not offered"
			bad=1
		}
		offered=$(sed -n "/^	$command)/,/;;/p" "$WORK/zsh" | grep -oE "'--[a-z-]+" | tr -d "'" | sort)
		[[ $offered == "$({
			options_of "$command"
			echo --help
		} | sort)" ]] || {
			echo "$command: offered are $offered"
			bad=1
		}
	done
	return "$bad"
}

# fish LINE: what fish offers at the end of this line, without its descriptions
offered_by_fish() {
	fish --no-config -c "source $WORK/fish; complete -C '$1'" | cut -f1 | sort
}

test_completion_fish() {
	local command bad=0

	"$TOOL" completion fish >"$WORK/fish" || return
	fish --no-config --no-execute "$WORK/fish" || bad=1
	diff <(offered_by_fish 'hisi-acc-mig ') <(xargs -n 1 <<<"$all_commands help version" | sort) ||
		bad=1
	for command in $all_commands; do
		diff <(offered_by_fish "hisi-acc-mig $command --" | sed 's/=$//') <({
			options_of "$command"
			echo --help
		} | sort) || bad=1
	done
	[[ $(offered_by_fish 'hisi-acc-mig bind al') == all ]] || {
		echo "all is not offered to bind"
		bad=1
	}
	[[ $(offered_by_fish 'hisi-acc-mig completion ') == $'fish\nzsh' ]] || bad=1
	return "$bad"
}

test_completion_other() {
	expect 2 'no completion for tcsh' completion tcsh
}
