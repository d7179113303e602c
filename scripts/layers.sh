#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# layers.sh DIR: does the driver keep its layers? DIR has it compiled. A unit is a
# .c file and its header in include/; it may include its own layer's headers of
# below, never of above, and none of another unit beside it. What a compiler
# has read for a unit counts as well, so that nothing comes in by a third header.
# The picture in docs/design.md has the same layers.
set -euo pipefail
. "$(dirname "$0")/lib.sh"

dir=${1:?usage: layers.sh DIR}
cd "$HACC_TOP"

# From the bottom up; a layer a line.
layers=(
	"qm_regs qm_io mig_log mig_record mig_record_fields mig_state kernel trace"
	"mig_stream qm_mig_region vfio"
	"qm_pf qm_mailbox"
	"qm_select qm_state mig_file"
	"hisi_acc_vfio_pci.h"
	"mig_fsm guest_view guest_view_choice"
	"mig_reset"
	"debugfs"
	"hisi_acc_vfio_pci"
)
# Headers whose types the device struct has; their units are above it.
types=" mig_fsm "

layer_of() {
	local i

	for i in "${!layers[@]}"; do
		if [[ " ${layers[i]} " == *" $1 "* ]]; then
			echo "$i"
			return
		fi
	done
	echo "$1 is in no layer" >&2
	return 1
}

# includes FILE: the units whose headers it includes
includes() {
	sed -n 's/^#include "\(.*\)"$/\1/p' "$1" | while read -r header; do
		case $header in
		hisi_acc_vfio_pci.h) echo hisi_acc_vfio_pci.h ;;
		*/tools/*) ;;
		*) basename "$header" .h ;;
		esac
	done
}

bad=0
complain() {
	echo "$*"
	bad=1
}

check_file() {
	local file=$1 unit=$2 mine other theirs

	mine=$(layer_of "$unit") || { bad=1; return; }
	for other in $(includes "$file"); do
		[[ $other != "$unit" ]] || continue
		[[ $unit != hisi_acc_vfio_pci.h || $types != *" $other "* ]] || continue
		theirs=$(layer_of "$other") || { bad=1; continue; }
		((theirs < mine)) || [[ $mine == 0 ]] ||
			complain "$file includes $other, which is not below it"
	done
}

for file in *.c; do
	check_file "$file" "${file%.c}"
done
for file in include/*.h include/compat/*.h trace.h; do
	check_file "$file" "$(basename "$file" .h)"
done
check_file hisi_acc_vfio_pci.h hisi_acc_vfio_pci.h

# never UNIT PATTERN: what a compiler has not read for it
never() {
	local read

	read=$(tr ' ' '\n' <"$dir/.$1.o.cmd" | grep '\.h$' | sed 's|.*/include/||' |
		grep -E "$2" | head -n 3 | tr '\n' ' ') || true
	[[ -z $read ]] || complain "$1.c gets to see $read"
}

for file in qm_*.c; do
	never "${file%.c}" '(^|/)vfio|hisi_acc_vfio_pci\.h|^mig_(file|fsm)\.h'
done
for unit in mig_stream qm_mig_region; do
	never "$unit" '^linux/(device|pci|fs|file|mutex|spinlock|workqueue|io)\.h|(^|/)vfio'
done
exit "$bad"
