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

program_dirs=()
kdir=$("$HACC_TOP/scripts/kernel.sh" "$kernel")
qemu=${HACC_QEMU_BIN:-$("$HACC_TOP/scripts/qemu.sh")}
if [[ -z $module ]]; then
	module=$("$HACC_TOP/scripts/module.sh" "${module_options[@]}" "$kernel")
fi
for script in "${programs[@]}"; do
	program_dirs+=("$("$HACC_TOP/scripts/$script.sh" "$kernel")")
done
"$HACC_TOP/scripts/initramfs.sh" "$kernel" "$dir/initramfs.cpio" "$module" \
	"${program_dirs[@]}"

virtualization=off
if [[ -n $vm_qemu ]]; then
	virtualization=on
	# Archives one after the other are one file system to the kernel.
	cat "$("$HACC_TOP/scripts/vm-host.sh" "$kernel" "$vm_qemu")" \
		>>"$dir/initramfs.cpio"
	if [[ -n $vm_libvirt ]]; then
		cat "$("$HACC_TOP/scripts/vm-libvirt.sh" "$kernel" "$module")" \
			>>"$dir/initramfs.cpio"
	fi
fi

append="console=ttyAMA0 panic=-1 oops=panic $kernel_options hacc.run=\"$suite\""
[[ -z $only ]] || append+=" hacc.only=\"$only\""
[[ -z ${HACC_SEED:-} ]] || append+=" hacc.seed=$HACC_SEED"
[[ -z ${HACC_WALKS:-} ]] || append+=" hacc.walks=$HACC_WALKS"
[[ -z ${HACC_RECORDS:-} ]] || append+=" hacc.records=$HACC_RECORDS"
[[ -z ${HACC_STRIDE:-} ]] || append+=" hacc.stride=$HACC_STRIDE"
# On from the start, and every fifth access of the module is watched for a millisecond.
[[ $kernel != *-kcsan ]] || append+=" kcsan.early_enable=1 kcsan.skip_watch=5 kcsan.udelay_task=1000"
# What the accelerators answer, where it is not the machine that says so.
globals=()
for answer in $times ${HACC_SILICON:-$silicon}; do
	case $answer in
	read-ns=*) globals+=(-global "kunpeng-oracle.$answer") ;;
	*) globals+=(-global "kunpeng-acc.$answer") ;;
	esac
done

# What the kernel has counted goes its own way, see tests/host/init.
gcov=()
[[ $kernel != *-gcov ]] || gcov=(-chardev "file,id=gcov,path=$dir/gcov.tar"
	-device "virtserialport,chardev=gcov,nr=2")

# machine_command DIR TESTS ARGUMENT...: sets command to what starts a machine
# with its logs in DIR and what its tests say in the file TESTS
machine_command() {
	local dir=$1 tests=$2
	shift 2

	# Without ioeventfd the console is served when it is rung for, and not some
	# time later by another thread: on the virtual clock no two runs would be alike.
	# An access that no BAR decodes is an external abort, and no read of all ones.
	# shellcheck disable=SC2054 # QEMU has commas in its arguments
	command=("$qemu" -M "virt,gic-version=3,iommu=smmuv3,virtualization=$virtualization"
		-global gpex-pcihost.allow-unmapped-accesses=off
		-cpu "max,pauth-impdef=on"
		"${cpus[@]}" -m "$memory" -accel tcg -nodefaults -no-user-config -no-reboot
		-display none -serial "file:$dir/console.log"
		-chardev "file,id=tests,path=$tests"
		-device virtio-serial-pci,addr=0x2,disable-legacy=on,ioeventfd=off
		-device virtserialport,chardev=tests,nr=1 "${gcov[@]}"
		-device "kunpeng-oracle,addr=0x1,report=$dir/oracle.json${HACC_TRACE:+,trace=$HACC_TRACE}"
		"${globals[@]}" "${smmu[@]}" "${devices[@]}"
		-kernel "$kdir/arch/arm64/boot/Image" -initrd "$dir/initramfs.cpio"
		"$@")
	printf '%q ' "${command[@]}" >"$dir/command"
}

# wire SERVER: the arguments for one end of a network between two machines
wire() {
	echo -netdev "stream,id=wire,server=$1,addr.type=unix,addr.path=$dir/wire" \
		-device virtio-net-pci,netdev=wire,addr=0x3,disable-legacy=on,romfile=
}

# A second host: the first one's tests tell it what to do, and to end.
start_second() {
	local tries=0

	second_dir=$dir/second
	mkdir -p "$second_dir"
	rm -f "$second_dir"/{output,console.log,qemu.log,oracle.json}
	ln -sf ../initramfs.cpio "$second_dir/initramfs.cpio"
	while [[ ! -S $dir/wire ]] && ((tries++ < 100)); do
		sleep 0.1
	done
	# shellcheck disable=SC2046 # several arguments
	machine_command "$second_dir" "$second_dir/output" $(wire off) \
		-append "$append hacc.role=second"
	"${command[@]}" 2>"$second_dir/qemu.log" </dev/null &
	second=$!
}

# It ends a moment after the first one, or something is wrong.
end_second() {
	local tries=0

	while kill -0 "$second" 2>/dev/null && ((tries++ < 300)); do
		sleep 0.1
	done
	if kill "$second" 2>/dev/null; then
		problems+=("the second machine has not ended in 30 s; see $second_dir")
	elif ! grep -q '^hacc-exit: 0' "$second_dir/output"; then
		problems+=("the second machine did not end well; see $second_dir")
	fi
}

# What this run may skip, tests/skips says: another test that is skipped has not been
# done, and one that is done after all is to be struck from there.
check_skips() {
	local line

	while IFS= read -r line; do
		problems+=("skipped, and tests/skips does not know of it: $line")
	done < <(grep -E '^ok .*# *SKIP' "$dir/output" |
		grep -vFf <(sed -n "s/^$run: //p" "$HACC_TOP/tests/skips"; echo ' never '))
	while IFS= read -r line; do
		grep -E '^ok .*# *SKIP' "$dir/output" | grep -qF -- "$line" ||
			problems+=("not skipped, as tests/skips says: $line")
	done < <(sed -n "s/^$run: //p" "$HACC_TOP/tests/skips")
}

second='' second_dir='' problems=()
arguments=()
if [[ -n $two_hosts ]]; then
	rm -f "$dir/wire"
	# shellcheck disable=SC2207 # as many arguments as words
	arguments=($(wire on))
fi
machine_command "$dir" /dev/stdout "${arguments[@]}" -append "$append"

# The machine's output, line by line as it comes; ends what does not end.
start=$SECONDS
exec {output}< <(exec "${command[@]}" 2>"$dir/qemu.log" </dev/null)
pid=$!
trap 'kill "$pid" $second 2>/dev/null; exit 130' INT TERM
[[ -z $two_hosts ]] || start_second
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
[[ -z $second ]] || end_second

# Lines by which a kernel says that something is wrong with it.
trouble='WARNING:|BUG:|UBSAN:|ODEBUG:|Oops|Internal error|Unable to handle kernel'
trouble+='|Kernel panic|Call trace:|possible circular|possible recursive'
trouble+='|inconsistent lock|suspicious RCU|self-detected stall|detected stalls'
trouble+='|blocked for more than|unreferenced object|new suspected memory leaks'

if [[ -n $timed_out ]]; then
	problems+=("timeout: no end after $timeout s, $last; killed")
elif [[ -z $status ]]; then
	problems+=("the machine went down before the tests ended ($last); see $dir/console.log and $dir/qemu.log")
elif [[ $status != 0 ]]; then
	problems+=("the tests ended with status $status")
fi
for log_dir in "$dir" ${second_dir:+"$second_dir"}; do
	touch "$log_dir"/{output,console.log,oracle.json}
	while IFS= read -r line; do
		problems+=("kernel log: $line")
	done < <(grep -E -m 10 "$trouble" "$log_dir/console.log")
	# A test that provokes a violation has told the model to expect it.
	if ! grep -qE '"unexpected": 0,' "$log_dir/oracle.json"; then
		problems+=("accelerator model: it saw what no driver may do, see $log_dir/oracle.json")
		while IFS= read -r line; do
			problems+=("  $line")
		done < <(grep -E -m 10 '"kind":' "$log_dir/oracle.json")
	fi
	if [[ -s $log_dir/qemu.log && -z $timed_out ]]; then
		problems+=("qemu: $(head -n 1 "$log_dir/qemu.log")")
	fi
done

passed=0 failed=0 skipped=0
if grep -qE '^(1\.\.|(not )?ok )' "$dir/output"; then
	tap_count "$dir/output"
	[[ -n $only || -n ${HACC_KERNEL:-}${HACC_SILICON:-} || " ${RUNS[*]} " != *" $run "* ]] ||
		check_skips
elif [[ $suite != *demo && ${#problems[@]} == 0 ]]; then
	problems+=("no test reported anything")
fi
if ((${#problems[@]})); then
	failed=$((failed + 1))
	say "${prefix}not ok - $run: the machine, its kernel and the model found fault:"
	printf "$prefix#   %s\n" "${problems[@]}" >&2
	printf '%s\n' "${problems[@]}" >"$dir/problems"
	say "${prefix}#   all of it in $dir"
else
	passed=$((passed + 1))
	say "${prefix}ok - $run: the machine ended in order, its kernel log is clean, no violation"
fi
say "$prefix$run: $passed passed, $failed failed, $skipped skipped in $((SECONDS - start)) s"
echo "$passed $failed $skipped" >"$dir/result"
((failed == 0))
