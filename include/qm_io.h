/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only doors to the hardware: every MMIO access of the module goes through
 * these few functions, so that a test can take their place and see each one.
 */
#ifndef QM_IO_H
#define QM_IO_H

#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/ktime.h>
#include <linux/minmax.h>
#include <linux/sched.h>
#include <linux/sched/stat.h>

/*
 * Accesses are relaxed: to one device they stay in order by themselves, and
 * nothing is read on a guess. Where memory is to be seen with them, there is a
 * barrier: at the end of a poll, before a mailbox command, before the doorbells.
 */
static inline u32 qm_io_read32(void __iomem *addr)
{
	return readl_relaxed(addr);
}

static inline void qm_io_write32(void __iomem *addr, u32 val)
{
	writel_relaxed(val, addr);
}

static inline void qm_io_write64(void __iomem *addr, u64 val)
{
	writeq_relaxed(val, addr);
}

/* The mailbox is read and written 128 bits at a time. */
struct qm_io128 {
	u64 lo;
	u64 hi;
};

#ifdef CONFIG_ARM64

static inline struct qm_io128 qm_io_read128(void __iomem *addr)
{
	struct qm_io128 v;

	asm volatile("ldp %0, %1, [%2]"
		     : "=r" (v.lo), "=r" (v.hi)
		     : "r" (addr)
		     : "memory");
	/* The device is little endian, whatever the kernel is. */
	v.lo = le64_to_cpu((__force __le64)v.lo);
	v.hi = le64_to_cpu((__force __le64)v.hi);
	return v;
}

static inline void qm_io_write128(void __iomem *addr, struct qm_io128 v)
{
	/* What the command points to is in memory before the command is out. */
	dma_wmb();
	v.lo = (__force u64)cpu_to_le64(v.lo);
	v.hi = (__force u64)cpu_to_le64(v.hi);
	asm volatile("stp %1, %2, [%0]"
		     :
		     : "r" (addr), "r" (v.lo), "r" (v.hi)
		     : "memory");
}

#else /* builds for coverage only: the devices are part of arm64 chips */

static inline struct qm_io128 qm_io_read128(void __iomem *addr)
{
	return (struct qm_io128){ readq(addr), readq(addr + 8) };
}

static inline void qm_io_write128(void __iomem *addr, struct qm_io128 v)
{
	writeq(v.lo, addr);
	writeq(v.hi, addr + 8);
}

#endif

/*
 * A poll first waits for as long as the answer is expected to take, then looks.
 * Where that was too short it looks again after an eighth of the time at first,
 * and ever more rarely. A sleep may end late: so it spins up to QM_SPIN_US, and
 * sleeps after that, each time for a sixteenth of the time gone by. Where others
 * wait for this CPU, those who save or load more VFs perhaps, it does not spin for
 * longer than a sleep would keep the CPU busy. Time for which this CPU was taken
 * away is not the device's: when the time is up it gets some looks more.
 */
#define QM_SPIN_US	200
#define QM_SPIN_SHARED_NS	4000	/* a sleep: two switches, a timer's interrupt */
#define QM_STEP_MIN_NS	200
#define QM_SLEEP_MIN_US	10
#define QM_SLEEP_MAX_US	1000
#define QM_LATE_LOOKS	3

struct qm_io_wait {
	ktime_t start;		/* 0: the first look is still to come */
	u32 step_ns;
	unsigned int late;	/* looks since the time was up */
};

/* ndelay() alone takes a sixth longer than it is told. */
static inline void qm_io_spin(u32 ns)
{
	udelay(ns / NSEC_PER_USEC);
	ndelay(ns % NSEC_PER_USEC);
}

static inline bool qm_io_may_spin(u32 ns)
{
	return ns < QM_SPIN_SHARED_NS || (single_task_running() && !need_resched());
}

static inline void qm_io_sleep(u32 us)
{
	usleep_range(us, us + us / 16 + 1);
}

static inline void qm_io_wait_begin(struct qm_io_wait *wait, u32 expect_ns)
{
	wait->start = 0;
	wait->late = 0;
	wait->step_ns = max_t(u32, expect_ns / 8, QM_STEP_MIN_NS);
	if (!expect_ns)
		return;
	if (qm_io_may_spin(expect_ns))
		qm_io_spin(expect_ns);
	else
		qm_io_sleep(expect_ns / NSEC_PER_USEC);
}

/* Between two looks. False if the time is up: the look before was the last. */
static inline bool qm_io_wait_more(struct qm_io_wait *wait, u32 timeout_us)
{
	ktime_t now = ktime_get();
	u32 us;

	if (!wait->start)
		wait->start = now;
	us = ktime_us_delta(now, wait->start);
	if (us >= timeout_us && wait->late++ >= QM_LATE_LOOKS)
		return false;
	if (us < QM_SPIN_US && qm_io_may_spin(us * NSEC_PER_USEC)) {
		qm_io_spin(wait->step_ns);
		wait->step_ns += wait->step_ns / 8;
	} else {
		qm_io_sleep(clamp_t(u32, us / 16, QM_SLEEP_MIN_US, QM_SLEEP_MAX_US));
	}
	return true;
}

/*
 * Polls return 0, or -ETIMEDOUT after timeout_us; *val is what was read last.
 * What the device has written to memory before it answered can be read then.
 */

/* Until the bits of mask read as want. */
static inline int qm_io_poll32(void __iomem *addr, u32 *val, u32 mask, u32 want,
			       u32 expect_ns, u32 timeout_us)
{
	struct qm_io_wait wait;

	qm_io_wait_begin(&wait, expect_ns);
	while (*val = qm_io_read32(addr), (*val & mask) != want) {
		if (!qm_io_wait_more(&wait, timeout_us))
			return -ETIMEDOUT;
	}
	dma_rmb();
	return 0;
}

/* Until done(*val). */
static inline int qm_io_poll128(void __iomem *addr, struct qm_io128 *val,
				bool (*done)(struct qm_io128 val),
				u32 expect_ns, u32 timeout_us)
{
	struct qm_io_wait wait;

	qm_io_wait_begin(&wait, expect_ns);
	while (*val = qm_io_read128(addr), !done(*val)) {
		if (!qm_io_wait_more(&wait, timeout_us))
			return -ETIMEDOUT;
	}
	dma_rmb();
	return 0;
}

#endif /* QM_IO_H */
