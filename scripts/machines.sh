# SPDX-License-Identifier: GPL-2.0-only
# shellcheck shell=bash disable=SC2034
#
# The runs: which suite on which kernel, and with which accelerators. This is
# the only place that says so. Sourced.

RUNS=(kunit demo system faults engines endure interop-6.12 interop-7.3 stock-6.12 stock-7.3)

# A physical function with 63 VFs takes devfn 0x40..0x7f, 0x80..0xbf or
# 0xc0..0xff; one with up to 7 stays within its slot.
pf() {
	devices+=(-device "kunpeng-acc,$1,queues=1024,job-time-us=30000")
}

# machine RUN: set suite, kernel, timeout (seconds, in emulation on a slow
# machine), devices, words for the kernel's command line, and how module.sh is
# to be called.
machine() {
	suite=${1%%-*}
	kernel=6.12
	timeout=240
	devices=()
	kernel_options=''
	module_options=()
	case $1 in
	kunit)
		kernel=6.12-debug
		timeout=300
		module_options=(-k)
		;;
	demo | endure)
		[[ $1 != endure ]] || timeout=900
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=set,total_vfs=63,addr=0x10.0
		;;
	system | faults)
		kernel=6.12-debug
		timeout=900
		# kmemleak takes as long as all else together; the runs with
		# the error paths, where leaks are, have it.
		[[ $1 != system ]] || kernel_options=kmemleak=off
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
	stock-6.12 | stock-7.3)
		kernel=${1#stock-}
		pf engine=zip,version=v3,total_vfs=63,addr=0x8.0
		pf engine=zip,version=v4,select=driver,total_vfs=63,addr=0x10.0
		pf engine=zip,version=v5,select=driver,total_vfs=63,addr=0x18.0
		pf engine=sec,version=v3,total_vfs=7,addr=0x4.0
		pf engine=hpre,version=v3,total_vfs=7,addr=0x6.0
		;;
	*)
		die "no run is called $1; there are ${RUNS[*]}"
		;;
	esac
}
