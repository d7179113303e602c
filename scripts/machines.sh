# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# The runs: which suite on which kernel, and with which accelerators. This is
# the only place that says so. Sourced.

# The long ones first, so that none is left to run alone at the end.
RUNS=(demo kunit resets sweeps system faults vm stock-6.12 stock-7.3 selftests tool endure oracle interop-6.12 interop-7.3 many engines answers array-1 array-2 array-3 array-4 silicon isolated dirty dirtystock-6.12 dirtystock-7.3 precopy-7.3 pages-64k counts-6.12 counts-7.3)

# A physical function with 63 VFs takes devfn 0x40..0x7f, 0x80..0xbf or
# 0xc0..0xff; one with up to 7 stays within its slot.
pf() {
	devices+=(-device "kunpeng-acc,$1,queues=1024,job-time-us=30000")
}

# How a V4 gets its select bit set, and how it stays clear: 7.3's PF driver sets
# it wherever that is possible, older ones don't know it.
select_for() {
	case $1 in 7.3) echo driver ;; *) echo set ;; esac
}

unselect_for() {
	case $1 in 7.3) echo never ;; *) echo driver ;; esac
}

# vm_host QEMU: a host of virtual machines, with pairs of accelerators to move
# guests between.
vm_host() {
	local select=set

	vm_qemu=$1
	memory=3G
	timeout=1800
	# There the PF driver does it.
	[[ $kernel != 7.3* ]] || select=driver
	# Here only a doorbell ends a pause, and queues of ZIP are isolated.
	pf engine=zip,version=v3,isolation=on,pause-end=doorbell,total_vfs=7,addr=0x4.0
	pf engine=zip,version=v4,select=$select,pause-end=doorbell,isolation=on,total_vfs=7,addr=0x5.0
	pf engine=sec,version=v3,pause-end=doorbell,total_vfs=7,addr=0x6.0
	# 32 and 16 of their queues go to VFs.
	devices+=(-device "kunpeng-acc,engine=zip,version=v3,total_vfs=7,queues=96,job-time-us=30000,addr=0x7.0")
	devices+=(-device "kunpeng-acc,engine=sec,version=v3,total_vfs=7,queues=272,job-time-us=30000,addr=0x8.0")
}

# tracking: the SMMU tells which pages devices write to; its TLB helps nobody who
# forgets to invalidate.
tracking() {
	smmu=(-global arm-smmuv3.httu=on -global arm-smmuv3.x-strict-tlb=on)
}

# vm_tracking: guests by iommufd, with that
vm_tracking() {
	tracking
	kernel_options=hacc.tracking
}

# silicon_row N: what accelerators answer in the Nth of the short runs
silicon_row() {
	"$HACC_TOP/scripts/silicon-array.py" \
		"${HACC_QEMU_BIN:-$("$HACC_TOP/scripts/qemu.sh")}" short | sed -n "$1p"
}

# virtual_clock: one CPU whose instructions are the clock, so that two runs are
# the same to the nanosecond.
virtual_clock() {
	# shellcheck disable=SC2054 # QEMU has commas in its arguments
	cpus=(-smp 1 -icount "shift=0,sleep=off" -rtc "base=2026-01-01,clock=vm" -seed 1)
	timeout=900
}

# counted: one CPU whose instructions are the clock, so that two runs are the
# same to the nanosecond; and accelerators of many sizes, see tests/bench/bench.h.
counted() {
	local version slot=8 queues

	virtual_clock
	for version in v3 v4; do
		for queues in 4 34 258 1024 1024; do
			devices+=(-device "kunpeng-acc,engine=zip,version=$version,select=driver,total_vfs=7,queues=$queues,addr=0x$(printf '%x' $slot)")
			slot=$((slot + 1))
		done
	done
}

# machine RUN: set suite, kernel, timeout (seconds, in emulation on a slow
# machine), memory, devices, words for the kernel's command line, how module.sh is to be
# called, the CPUs, scripts that print a directory with programs that the run needs, and
# for a host of virtual machines their QEMU by its name in sources.sh, whether it has
# libvirt, and whether there are two of it; and what the accelerators answer, how long
# they take unless they are told otherwise, and what the SMMU can do.
machine() {
	suite=${1%%-*}
	kernel=6.12
	timeout=240
	devices=()
	kernel_options=''
	memory=2G
	module_options=()
	programs=()
	vm_qemu='' vm_libvirt='' two_hosts=''
	silicon='' times='' smmu=()
	cpus=(-smp 2)
	case $1 in
	bench-6.12 | bench-7.3 | counts-6.12 | counts-7.3)
		kernel=${1#*-}
		counted
		;;
	crowd-6.12 | crowd-7.3)
		kernel=${1#*-}
		timeout=600
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		;;
	onecpu-6.12 | onecpu-7.3)
		# The same, on one CPU and by the virtual clock.
		suite=crowd
		kernel=${1#*-}
		virtual_clock
		kernel_options=hacc.read_ns=500
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		;;
	kunit)
		kernel=6.12-debug
		timeout=300
		module_options=(-k)
		;;
	demo | many | endure | resets | sweeps)
		[[ $1 == demo ]] || timeout=1800
		[[ $1 != endure ]] || timeout=3600
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=set,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=set,total_vfs=7,addr=0x4.0
		;;
	answers)
		timeout=900
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=set,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=set,total_vfs=7,addr=0x4.0
		;;
	array | array-[1-9])
		# Of what it answers no machine here says a word; array alone takes
		# HACC_SILICON.
		timeout=900
		# So slow that what happens meanwhile is seen; eight times as long is not
		# too long for the in-tree driver, which waits 1 ms.
		times='mbox-time-us=40 wb-time-us=100'
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=set,total_vfs=7,addr=0x5.0
		pf engine=zip,version=v5,select=set,total_vfs=7,addr=0x6.0
		pf engine=zip,version=v3,isolation=on,total_vfs=7,addr=0x7.0
		pf engine=zip,version=v4,select=set,isolation=on,total_vfs=7,addr=0x8.0
		pf engine=sec,version=v3,total_vfs=7,addr=0x9.0
		pf engine=hpre,version=v4,select=set,total_vfs=7,addr=0xa.0
		[[ $1 == array ]] || silicon=$(silicon_row "${1#*-}")
		;;
	dirty | dirty-7.3)
		kernel=6.12-fixed
		[[ $1 == dirty ]] || kernel=7.3-fixed
		programs=(tool)
		tracking
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=set,total_vfs=7,addr=0x5.0
		pf engine=sec,version=v3,total_vfs=7,addr=0x6.0
		;;
	dirtystock-6.12 | dirtystock-7.3)
		kernel=${1#*-}
		tracking
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		;;
	silicon)
		# Slow enough for a program to see a command at work.
		timeout=1800
		pf engine=zip,version=v3,total_vfs=7,mbox-time-us=300,wb-time-us=300,addr=0x4.0
		pf engine=zip,version=v5,total_vfs=7,mbox-time-us=300,wb-time-us=300,addr=0x5.0
		programs=(silicon-kit)
		;;
	arraystock)
		timeout=900
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x10.0
		pf engine=sec,version=v3,total_vfs=7,addr=0x4.0
		pf engine=hpre,version=v3,total_vfs=7,addr=0x6.0
		programs=(guest-module)
		;;
	isolated)
		pf engine=zip,version=v3,isolation=on,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=set,isolation=on,total_vfs=7,addr=0x5.0
		pf engine=zip,version=v3,total_vfs=7,addr=0x6.0
		;;
	system | faults)
		kernel=6.12-debug
		timeout=1800
		# kmemleak takes as long as all else together; the runs with
		# the error paths, where leaks are, have it.
		[[ $1 != system ]] || kernel_options=kmemleak=off
		# Other answers than the model gives unless it is told to.
		pf engine=zip,version=v3,pause-end=doorbell,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=set,pause-end=doorbell,vf-state-reset=ready,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x18.0
		pf engine=zip,version=v5,select=set,total_vfs=7,addr=0x4.0
		;;
	demo-6.1 | demo-7.3)
		kernel=${1#demo-}
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select="$(select_for "$kernel")",total_vfs=63,addr=0x10.0
		;;
	system-6.1 | system-7.3)
		kernel=${1#system-}
		timeout=900
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select="$(select_for "$kernel")",total_vfs=63,addr=0x10.0
		pf engine=zip,version=v4,select="$(unselect_for "$kernel")",total_vfs=63,addr=0x18.0
		;;
	pages-16k | pages-64k)
		kernel=6.12-${1#pages-}
		programs=(tool)
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=set,total_vfs=7,addr=0x5.0
		pf engine=zip,version=v4,select=driver,total_vfs=7,addr=0x6.0
		;;
	tool)
		programs=(tool)
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=set,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x18.0
		;;
	engines)
		pf engine=sec,version=v3,total_vfs=7,addr=0x4.0
		pf engine=sec,version=v4,select=set,total_vfs=7,addr=0x5.0
		pf engine=hpre,version=v3,total_vfs=7,addr=0x6.0
		pf engine=hpre,version=v4,select=set,total_vfs=7,addr=0x7.0
		;;
	oracle)
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=set,total_vfs=7,addr=0x5.0
		pf engine=zip,version=v4,select=driver,total_vfs=7,addr=0x6.0
		pf engine=zip,version=v5,select=set,total_vfs=7,addr=0x7.0
		pf engine=zip,version=v3,isolation=on,total_vfs=7,addr=0x8.0
		pf engine=zip,version=v4,select=set,isolation=on,total_vfs=7,addr=0x9.0
		pf engine=sec,version=v3,total_vfs=7,addr=0xa.0
		pf engine=hpre,version=v3,total_vfs=7,addr=0xb.0
		;;
	precopy-7.3)
		# The newest kernel's uAPI has more of it.
		kernel=7.3
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=driver,total_vfs=7,addr=0x5.0
		;;
	interop-6.12)
		# This PF driver knows nothing of the select bit, nor does its
		# migration driver.
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=never,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=never,total_vfs=63,addr=0x18.0
		;;
	interop-7.3)
		kernel=7.3
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=driver,total_vfs=63,addr=0x18.0
		;;
	selftests)
		kernel=7.3
		programs=(selftests)
		pf engine=zip,version=v3,total_vfs=7,addr=0x4.0
		pf engine=zip,version=v4,select=driver,total_vfs=7,addr=0x5.0
		;;
	stock-6.12 | stock-7.3)
		kernel=${1#stock-}
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=driver,total_vfs=63,addr=0x18.0
		pf engine=sec,version=v3,total_vfs=7,addr=0x4.0
		pf engine=hpre,version=v3,total_vfs=7,addr=0x6.0
		pf engine=zip,version=v3,isolation=on,total_vfs=7,addr=0x5.0
		programs=(guest-module)
		;;
	vm | vm-more)
		suite=$1
		kernel=6.12-fixed
		vm_host vm-qemu
		vm_tracking
		;;
	vm-backports)
		kernel=6.12-fixed
		vm_host vm-qemu-backports
		vm_tracking
		;;
	vm-newest)
		# By iommufd QEMU is replaced with what Linux has from 6.13 on.
		suite=$1
		kernel=7.3-fixed
		vm_host vm-qemu-backports
		vm_tracking
		;;
	vm-bench)
		suite=$1
		kernel=6.12-fixed
		vm_host vm-qemu
		vm_tracking
		memory=6G	# for two guests of 1 GiB, pinned
		;;
	vm-type1)
		vm_host vm-qemu
		;;
	vm-lost)
		suite=$1
		vm_host vm-qemu
		tracking
		;;
	vm-intree)
		suite=$1
		vm_host vm-qemu
		;;
	vm-7.3 | vm-intree-7.3)
		kernel=7.3
		[[ $1 == vm-7.3 ]] || suite=$1
		vm_host vm-qemu
		;;
	vm-two)
		suite=$1
		kernel=6.12-fixed
		vm_host vm-qemu
		vm_tracking
		two_hosts=yes
		;;
	vm-libvirt)
		suite=$1
		vm_host vm-qemu
		vm_libvirt=yes
		;;
	vm-demo)
		suite=$1
		vm_host vm-qemu
		;;
	*)
		die "no run is called $1; there are ${RUNS[*]}"
		;;
	esac

	# Another kernel for everything, say 6.12-debug, which takes its time.
	if [[ -n ${HACC_KERNEL:-} ]]; then
		kernel=$HACC_KERNEL
		timeout=$((3 * timeout))
		kernel_options=''
	fi
}
