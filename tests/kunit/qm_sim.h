/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A small simulated accelerator that takes the place of include/qm_io.h: it
 * records every access, answers from a register file, and knows as much of
 * mailbox and write-back as one function needs. Included before the file
 * under test.
 *
 * Expected accesses are written with literal offsets and values, from the
 * hardware's description and not from qm_regs.h, which is under test as well.
 */
#ifndef QM_SIM_H
#define QM_SIM_H

/* What include/qm_io.h would be. */
#define QM_IO_H

#include <kunit/test.h>
#include <linux/io.h>
#include <linux/types.h>

#include "../../include/mig_log.h"
#include "../../include/mig_stream.h"
#include "../../include/qm_mailbox.h"
#include "../../include/qm_mig_region.h"
#include "../../include/qm_pf.h"
#include "../../include/qm_state.h"

struct qm_io128 {
	u64 lo;
	u64 hi;
};

u32 qm_io_read32(void __iomem *addr);
void qm_io_write32(void __iomem *addr, u32 val);
void qm_io_write64(void __iomem *addr, u64 val);
struct qm_io128 qm_io_read128(void __iomem *addr);
void qm_io_write128(void __iomem *addr, struct qm_io128 v);
int qm_io_poll32(void __iomem *addr, u32 *val, u32 mask, u32 want,
		 u32 expect_ns, u32 timeout_us);
int qm_io_poll128(void __iomem *addr, struct qm_io128 *val,
		  bool (*done)(struct qm_io128 val), u32 expect_ns, u32 timeout_us);

/* Where the registers seem to be; nothing is there to be dereferenced. */
enum qm_sim_space {
	QM_SIM_WIN = 1,		/* the function's registers */
	QM_SIM_DB,		/* its doorbells */
	QM_SIM_PF,		/* the PF's BAR2 */
};

#define QM_SIM_SPACE_SHIFT	24

static inline void __iomem *qm_sim_addr(enum qm_sim_space space, u32 offset)
{
	return (void __iomem *)((unsigned long)space << QM_SIM_SPACE_SHIFT | offset);
}

enum qm_sim_kind {
	QM_SIM_R32,
	QM_SIM_W32,
	QM_SIM_W64,
	QM_SIM_R128,
	QM_SIM_W128,
};

/* One access. */
struct qm_sim_op {
	enum qm_sim_kind kind;
	enum qm_sim_space space;
	u32 offset;
	u64 val;		/* as written; not compared for reads */
	u64 hi;
};

/* Expected accesses. */
#define RD_WIN(off)		{ QM_SIM_R32, QM_SIM_WIN, off }
#define WR_WIN(off, val)		{ QM_SIM_W32, QM_SIM_WIN, off, val }
#define RD_PF(off)		{ QM_SIM_R32, QM_SIM_PF, off }
#define WR_PF(off, val)		{ QM_SIM_W32, QM_SIM_PF, off, val }
#define WR_DB(off, val)		{ QM_SIM_W64, QM_SIM_DB, off, val }
#define RD_MB			{ QM_SIM_R128, QM_SIM_WIN, 0x300 }
#define WR_MB(lo, hi)		{ QM_SIM_W128, QM_SIM_WIN, 0x300, lo, hi }

#define QM_SIM_OPS		1100U	/* more than the doorbells of a restart */
#define QM_SIM_REGS		64
#define QM_SIM_FOREVER		UINT_MAX
/* Reads in a poll before its time is up: no real time passes. */
#define QM_SIM_TRIES		8

/* What clears "written back", but for a reset. */
enum qm_sim_wb_clear {
	QM_SIM_WB_BY_START,
	QM_SIM_WB_BY_READ,
	QM_SIM_WB_NEVER,
};

/* What the function's registers read as while a command is at work. */
enum qm_sim_meanwhile {
	QM_SIM_TRUE,
	QM_SIM_ONES,
	QM_SIM_OLD,			/* as they were read last */
};

struct qm_sim {
	/* what a test may set */
	u32 win_len;			/* an access beyond it is a violation */
	struct qm_io128 mb;		/* what it reads */
	unsigned int mb_left;		/* reads until the mailbox is free */
	unsigned int mb_busy[16];	/* reads until a command is done */
	u8 mb_status[16];		/* of a command */
	u64 sqc;			/* context tables */
	u64 cqc;
	unsigned int wb_busy;		/* reads until contexts are written back */
	enum qm_sim_wb_clear wb_clear;
	enum qm_sim_meanwhile meanwhile;
	u64 vft;			/* the function's queue pairs */
	unsigned int gone_after;	/* accesses; then all reads are all ones */

	/* what a test may look at */
	u64 waited_us;			/* time that polls have used up */
	unsigned int warnings;		/* WARN_ON_ONCE() in the file under test */

	/* private to qm_sim.c */
	struct {
		void __iomem *addr;
		u32 val;
		u32 later;
		u32 seen;		/* at the last read */
		unsigned int reads;	/* until later is what it reads */
		bool stuck;		/* no write changes it */
	} regs[QM_SIM_REGS];
	struct qm_sim_op ops[QM_SIM_OPS];
	unsigned int num_ops;
	unsigned int accesses;		/* ever */
	unsigned int violations;
};

extern struct qm_sim qm_sim;
extern struct mig_log qm_sim_log;

int qm_sim_init(struct kunit *test);
void qm_sim_exit(struct kunit *test);
struct qm_win qm_sim_win(enum qm_mig_ctrl ctrl);
struct qm_pf *qm_sim_pf(struct kunit *test, u32 ver);
void qm_sim_set_later(void __iomem *addr, u32 val, unsigned int reads, u32 later);
void qm_sim_stuck(void __iomem *addr, u32 val);
u32 qm_sim_get(void __iomem *addr);
bool qm_sim_warn(bool condition);
void qm_sim_forget(void);
unsigned int qm_sim_count_writes(void);
void qm_sim_expect(struct kunit *test, const struct qm_sim_op *ops, unsigned int num);

static inline void qm_sim_set(void __iomem *addr, u32 val)
{
	qm_sim_set_later(addr, val, 0, val);
}

/* The accesses since the last time were these and no others. */
#define QM_SIM_EXPECT(test, ...)						\
do {										\
	static const struct qm_sim_op __ops[] = { __VA_ARGS__ };		\
										\
	qm_sim_expect(test, __ops, ARRAY_SIZE(__ops));				\
} while (0)

#define QM_SIM_EXPECT_NONE(test)	qm_sim_expect(test, NULL, 0)

#endif /* QM_SIM_H */
