# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2207
#
# bash completion for hisi-acc-mig

# Addresses of accelerator VFs, and with "all" of their PFs.
_hisi_acc_mig_devices() {
	local dir vendor device

	for dir in /sys/bus/pci/devices/*; do
		[[ -r $dir/vendor ]] || continue
		read -r vendor <"$dir/vendor"
		read -r device <"$dir/device"
		[[ $vendor == 0x19e5 ]] || continue
		case $device in
		0xa251 | 0xa256 | 0xa259) echo "${dir##*/}" ;;
		0xa250 | 0xa255 | 0xa258) [[ ${1:-} != all ]] || echo "${dir##*/}" ;;
		esac
	done
	[[ ${1:-} != all ]] || echo all
}

_hisi_acc_mig() {
	local cur=${COMP_WORDS[COMP_CWORD]} words=("${COMP_WORDS[@]}") cword=$COMP_CWORD
	local commands='status bind unbind apply caps check fleet save load inspect doctor metrics completion'
	local options nth=0 i

	# Addresses have colons, at which readline breaks words.
	if declare -F _get_comp_words_by_ref >/dev/null; then
		_get_comp_words_by_ref -n := cur words cword
	fi
	COMPREPLY=()
	if ((cword == 1)); then
		COMPREPLY=($(compgen -W "$commands help version" -- "$cur"))
		return
	fi
	case ${words[1]} in
	status | doctor) options='--json --probe --help' ;;
	check | fleet) options='--json --help' ;;
	inspect) options='--json --for= --help' ;;
	caps | load) options='--via=group --via=iommufd --help' ;;
	save) options='--force --via=group --via=iommufd --help' ;;
	bind | unbind | metrics | completion) options='--help' ;;
	apply) options='--dry-run --config= --help' ;;
	help) options=$commands ;;
	esac
	if [[ $cur == -?* || ${words[1]} == help ]]; then
		COMPREPLY=($(compgen -W "$options" -- "$cur"))
		[[ ${COMPREPLY[*]} != --@(for|config)= ]] || compopt -o nospace
	else
		for ((i = 2; i < cword; i++)); do
			[[ ${words[i]} == -?* ]] || nth=$((nth + 1))
		done
		case ${words[1]}:$nth in
		status:* | bind:* | unbind:* | doctor:* | metrics:*)
			COMPREPLY=($(compgen -W "$(_hisi_acc_mig_devices all)" -- "$cur"))
			;;
		caps:0 | save:1 | load:1)
			COMPREPLY=($(compgen -W "$(_hisi_acc_mig_devices)" -- "$cur"))
			;;
		completion:0)
			COMPREPLY=($(compgen -W "zsh fish" -- "$cur"))
			;;
		check:[01] | fleet:* | inspect:0 | save:0 | load:0)
			COMPREPLY=($(compgen -f -- "$cur"))
			;;
		esac
	fi
	if declare -F __ltrim_colon_completions >/dev/null; then
		__ltrim_colon_completions "$cur"
	fi
}

complete -F _hisi_acc_mig hisi-acc-mig
