/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The only doors to the hardware: every MMIO access of the module goes through
 * these few functions, so that a test can take their place and see each one.
 */
#ifndef QM_IO_H
#define QM_IO_H

#include <linux/io.h>
#include <linux/io-64-nonatomic-lo-hi.h>
#include <linux/iopoll.h>

static inline u32 qm_io_read32(void __iomem *addr)
{
	return readl(addr);
}

static inline void qm_io_write32(void __iomem *addr, u32 val)
{
	writel(val, addr);
}

static inline void qm_io_write64(void __iomem *addr, u64 val)
{
	writeq(val, addr);
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
	dma_rmb();
	return v;
}

static inline void qm_io_write128(void __iomem *addr, struct qm_io128 v)
{
	/* What the command points to is in memory before the command is out. */
	dma_wmb();
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

/* How long a poll spins before it starts to sleep between its reads. */
#define QM_SPIN_US	20

/*
 * Polls look first, spin for QM_SPIN_US, then sleep for sleep_us at a time.
 * They return 0, or -ETIMEDOUT after timeout_us; *val is what was read last.
 */

/* Until the bits of mask read as want. */
static inline int qm_io_poll32(void __iomem *addr, u32 *val, u32 mask, u32 want,
			       u32 sleep_us, u32 timeout_us)
{
	if (!read_poll_timeout_atomic(qm_io_read32, *val, (*val & mask) == want,
				      1, QM_SPIN_US, false, addr))
		return 0;
	return read_poll_timeout(qm_io_read32, *val, (*val & mask) == want,
				 sleep_us, timeout_us, false, addr);
}

/* Until done(*val). */
static inline int qm_io_poll128(void __iomem *addr, struct qm_io128 *val,
				bool (*done)(struct qm_io128 val),
				u32 sleep_us, u32 timeout_us)
{
	if (!read_poll_timeout_atomic(qm_io_read128, *val, done(*val),
				      1, QM_SPIN_US, false, addr))
		return 0;
	return read_poll_timeout(qm_io_read128, *val, done(*val),
				 sleep_us, timeout_us, false, addr);
}

#endif /* QM_IO_H */
