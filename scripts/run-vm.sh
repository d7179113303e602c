#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-only
#
# run-vm.sh [-o WORDS] [-m MODULE-DIR] [-d DIR] [-p] RUN: boot the emulated
# host, have it do one of the runs that machines.sh lists, and judge it: by the
# tests' results, by the kernel's log, and by what the accelerator model saw.
#	-o WORDS	only tests whose sentence has these words
#	-m MODULE-DIR	a driver built by module.sh, instead of this tree's
#	-d DIR		where logs go (default: run/RUN in the cache)
#	-p		put the run's name before each line
# DIR/result gets "passed failed skipped".
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/tap.sh"
. "$(dirname "$0")/machines.sh"

only='' module='' dir='' prefix=''
while getopts o:m:d:p option; do
	case $option in
	o) only=$OPTARG ;;
	m) module=$OPTARG ;;
	d) dir=$OPTARG ;;
	p) prefix=yes ;;
	*) exit 2 ;;
	esac
done
shift $((OPTIND - 1))
run=${1:?usage: run-vm.sh [-o WORDS] [-m MODULE-DIR] [-d DIR] [-p] RUN}
machine "$run"
prefix=${prefix:+[$run] }
dir=${dir:-$HACC_CACHE/run/$run}
mkdir -p "$dir"
lock "run-${dir//\//-}"
rm -f "$dir"/{result,output,times,console.log,qemu.log,oracle.json}

kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
qemu=${HACC_QEMU_BIN:-$("$HACC_TOP/scripts/qemu.sh")}
if [[ -z $module ]]; then
	module=$("$HACC_TOP/scripts/module.sh" "${module_options[@]}" "$kernel")
fi
"$HACC_TOP/scripts/initramfs.sh" "$kernel" "$dir/initramfs.cpio" "$module"

append="console=ttyAMA0 panic=-1 oops=panic $kernel_options hacc.run=\"$suite\""
[[ -z $only ]] || append+=" hacc.only=\"$only\""
[[ -z ${HACC_SEED:-} ]] || append+=" hacc.seed=$HACC_SEED"
[[ -z ${HACC_WALKS:-} ]] || append+=" hacc.walks=$HACC_WALKS"
# shellcheck disable=SC2054 # QEMU has commas in its arguments
command=("$qemu" -M "virt,gic-version=3,iommu=smmuv3" -cpu "max,pauth-impdef=on"
	-smp 2 -m 2G -accel tcg -nodefaults -no-user-config -no-reboot
	-display none -serial "file:$dir/console.log"
	-chardev "file,id=tests,path=/dev/stdout"
	-device virtio-serial-pci,addr=0x2,disable-legacy=on
	-device virtserialport,chardev=tests,nr=1
	-device "kunpeng-oracle,addr=0x1,report=$dir/oracle.json"
	"${devices[@]}"
	-kernel "$kdir/arch/arm64/boot/Image" -initrd "$dir/initramfs.cpio"
	-append "$append")
printf '%q ' "${command[@]}" >"$dir/command"

# The machine's output, line by line as it comes; ends what does not end.
start=$SECONDS
exec {output}< <(exec "${command[@]}" 2>"$dir/qemu.log" </dev/null)
pid=$!
trap 'kill "$pid" 2>/dev/null; exit 130' INT TERM
status='' timed_out='' last='the boot'
while :; do
	left=$((timeout - (SECONDS - start)))
	if ((left <= 0)); then
		timed_out=yes
		kill "$pid"
		break
	fi
	ret=0
	IFS= read -r -t "$left" -u "$output" line || ret=$?
	((ret <= 128)) || continue
	((ret == 0)) || break
	line=${line%$'\r'}
	case $line in
	"hacc-exit: "*)
		status=${line#hacc-exit: }
		continue
		;;
	"ok "* | "not ok "*) last="after '${line#*ok }'" ;;
	esac
	printf '%s\n' "$line" >>"$dir/output"
	printf '%4d s  %s\n' $((SECONDS - start)) "$line" >>"$dir/times"
	printf '%s%s\n' "$prefix" "$line"
done
wait "$pid" || true
touch "$dir"/{output,console.log,oracle.json}

# Lines by which a kernel says that something is wrong with it.
trouble='WARNING:|BUG:|UBSAN:|ODEBUG:|Oops|Internal error|Unable to handle kernel'
trouble+='|Kernel panic|Call trace:|possible circular|possible recursive'
trouble+='|inconsistent lock|suspicious RCU|self-detected stall|detected stalls'
trouble+='|blocked for more than|unreferenced object|new suspected memory leaks'

problems=()
if [[ -n $timed_out ]]; then
	problems+=("timeout: no end after $timeout s, $last; killed")
elif [[ -z $status ]]; then
	problems+=("the machine went down before the tests ended ($last); see $dir/console.log and $dir/qemu.log")
elif [[ $status != 0 ]]; then
	problems+=("the tests ended with status $status")
fi
while IFS= read -r line; do
	problems+=("kernel log: $line")
done < <(grep -E -m 10 "$trouble" "$dir/console.log")
# A test that provokes a violation has told the model to expect it.
if ! grep -qE '"unexpected": 0,' "$dir/oracle.json"; then
	problems+=("accelerator model: it saw what no driver may do, see $dir/oracle.json")
	while IFS= read -r line; do
		problems+=("  $line")
	done < <(grep -E -m 10 '"kind":' "$dir/oracle.json")
fi
if [[ -s $dir/qemu.log && -z $timed_out ]]; then
	problems+=("qemu: $(head -n 1 "$dir/qemu.log")")
fi

passed=0 failed=0 skipped=0
if grep -qE '^(1\.\.|(not )?ok )' "$dir/output"; then
	tap_count "$dir/output"
elif [[ $suite != demo && ${#problems[@]} == 0 ]]; then
	problems+=("no test reported anything")
fi
if ((${#problems[@]})); then
	failed=$((failed + 1))
	say "${prefix}not ok - $run: the machine, its kernel and the model found fault:"
	printf "$prefix#   %s\n" "${problems[@]}" >&2
	say "${prefix}#   all of it in $dir"
else
	passed=$((passed + 1))
	say "${prefix}ok - $run: the machine ended in order, its kernel log is clean, no violation"
fi
say "$prefix$run: $passed passed, $failed failed, $skipped skipped in $((SECONDS - start)) s"
echo "$passed $failed $skipped" >"$dir/result"
((failed == 0))
