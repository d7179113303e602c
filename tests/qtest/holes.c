// SPDX-License-Identifier: GPL-2.0-only
/*
 * What no driver may do, provoked: each kind of violation that a driver could commit
 * and still seem to work.
 */
#include "qemu/osdep.h"
#include "acc.h"

#define PF_ABNORMAL_SOURCE	(ACC_PF_BAR2 + 0x100000)
#define PF_ABNORMAL_MASK	(ACC_PF_BAR2 + 0x100004)
#define PF_ABNORMAL_SET		(ACC_PF_BAR2 + 0x10000c)
#define PF_MEM_START_INIT	(ACC_PF_BAR2 + 0x100040)
#define PF_ZIP_INT_MASK		(ACC_PF_BAR2 + 0x3010a4)
#define PF_ZIP_INT_SET		(ACC_PF_BAR2 + 0x3010a8)
#define PF_ZIP_INT_STATUS	(ACC_PF_BAR2 + 0x3010ac)

static void start_at_work(struct acc *a, const char *properties)
{
	acc_start(a, properties);
	acc_func_start(a, 1);
	acc_queue_start(a, 1, 0);
}

static void put_and_ring(struct acc *a)
{
	acc_job_put(a, 1, 0, acc_alloc(a, 4), "work", 4);
	acc_ring(a, 1, 0);
}

/* Idle and ready, never paused; one that is not ready need not be. */
static void save_running(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	put_and_ring(&a);
	acc_step_us(&a, 100);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_step_us(&a, 100);
	acc_rd(&a, 1, REG_EQC + 8);
	acc_violations(&a, KPO_V_SAVE_RUNNING, 1);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_rd(&a, 1, REG_EQC + 8);
	acc_violations(&a, 0, 0);
	acc_rd(&a, 2, REG_EQC);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* Contexts are in the cache alone, though the function stands still. */
static void save_dirty(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	put_and_ring(&a);
	acc_step_us(&a, 100);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_rd(&a, 1, REG_EQC + 8);
	acc_violations(&a, KPO_V_SAVE_DIRTY, 1);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_step_us(&a, 100);
	acc_rd(&a, 1, REG_EQC + 8);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* Each dword of a context, not the first alone. */
static void save_busy(const void *arg)
{
	struct acc a;

	start_at_work(&a, "job-time-us=1000000");
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_step_us(&a, 100);
	put_and_ring(&a);
	acc_wr(&a, 1, REG_VF_STATE, 1);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_step_us(&a, 100);
	acc_rd(&a, 1, REG_EQC + 24);
	acc_violations(&a, KPO_V_SAVE_BUSY, 1);
	acc_end(&a);
}

static void read_busy(const void *arg)
{
	struct acc a;

	start_at_work(&a, "busy-reads=old,mbox-time-us=100");
	acc_mb_store(&a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	acc_rd(&a, 1, REG_EQ_MASK);
	acc_violations(&a, 0, 0);
	acc_step_us(&a, 200);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_mb_store(&a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	acc_rd(&a, 1, REG_EQ_MASK);
	acc_violations(&a, KPO_V_READ_BUSY, 1);
	acc_end(&a);
}

static void restart_running(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_violations(&a, KPO_V_RESTART_RUNNING, 1);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void wb_busy(const void *arg)
{
	struct acc a;

	acc_start(&a, "wb-time-us=100");
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_violations(&a, KPO_V_WB_BUSY, 1);
	acc_step_us(&a, 200);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void not_quiet(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	acc_job_put(&a, 1, 0, acc_alloc(&a, 4), "work", 4);
	acc_oracle_set(&a, 1, KPO_QUIET, 1);
	acc_ring(&a, 1, 0);
	acc_violations(&a, KPO_V_NOT_QUIET, 1);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 1);
	acc_oracle_set(&a, 1, KPO_QUIET, 0);
	acc_oracle_set(&a, 1, KPO_CTRL, KPO_CTRL_CLEAR_VIOLATIONS);
	put_and_ring(&a);
	acc_step_us(&a, 100);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void config_running(const void *arg)
{
	struct acc a;

	acc_start(&a, "");
	acc_wr(&a, 1, REG_PAGE_SIZE, 2);
	acc_violations(&a, 0, 0);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	acc_wr(&a, 1, REG_PAGE_SIZE, 2);
	acc_wr(&a, 1, REG_ISOLATION, 0);
	acc_wr(&a, 1, REG_VF_STATE, 0x10);
	acc_violations(&a, KPO_V_CONFIG_RUNNING, 3);
	acc_end(&a);
}

/* An EQ whose address reads as all ones where it was taken */
static void all_ones_restarted(const void *arg)
{
	struct acc a;
	unsigned i;

	start_at_work(&a, "");
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	for (i = 0; i < 7; i++)
		acc_wr(&a, 1, REG_EQC + 4 * i, UINT32_MAX);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_violations(&a, KPO_V_DMA_UNSET, 1);
	acc_end(&a);
}

static void torn_stores(const void *arg)
{
	uint64_t low = MB_SQC_VFT | MB_GET | MB_BUSY, at;
	struct acc a;

	acc_start(&a, "");
	at = a.func[1].regs + REG_MAILBOX;
	qtest_writeq(a.q, at, low);
	qtest_writeq(a.q, at, low);
	acc_violations(&a, KPO_V_MBOX_WIDTH, 1);
	qtest_writeq(a.q, at + 8, 0);
	acc_step_us(&a, 10);
	acc_violations(&a, 0, 0);
	qtest_writeq(a.q, at, low);
	acc_rd(&a, 1, REG_EQ_MASK);
	acc_violations(&a, KPO_V_MBOX_WIDTH, 1);
	acc_end(&a);
}

static void mem_init(const void *arg)
{
	struct acc a;

	acc_start(&a, "");
	acc_reset(&a, 0);
	qtest_writel(a.q, PF_MEM_START_INIT, 1);
	acc_violations(&a, 0, 0);
	qtest_writel(a.q, PF_MEM_START_INIT, 1);
	acc_violations(&a, KPO_V_MEM_INIT, 1);
	qtest_writew(a.q, acc_cfg(0, CFG_SRIOV_CTRL), 0);
	qtest_writel(a.q, PF_MEM_START_INIT, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

#define PF_CACHE_CTL		(ACC_PF_BAR2 + 0x100050)
#define PF_ZIP_CLOCK		(ACC_PF_BAR2 + 0x301030)
#define AN_ARC			3

/* A driver that starts a PF sets what it likes; under its VFs, what the table says. */
static void pf_stray(const void *arg)
{
	struct acc a;

	acc_start(&a, "version=v4");
	qtest_writel(a.q, PF_CACHE_CTL, 1);
	acc_violations(&a, 0, 0);
	acc_func_start(&a, 0);
	qtest_writel(a.q, PF_CACHE_CTL, 1);
	acc_violations(&a, KPO_V_PF_STRAY, 1);
	qtest_writel(a.q, PF_ZIP_CLOCK, 1);
	acc_violations(&a, KPO_V_PF_STRAY, 1);
	qtest_writel(a.q, PF_ABNORMAL_MASK, 0x7fff);
	qtest_writel(a.q, ACC_SELECT, 1);
	acc_violations(&a, 0, 0);

	/* And less while the state of a VF changes. */
	acc_oracle_set(&a, 0, KPO_PHASE, AN_ARC);
	qtest_writel(a.q, ACC_SELECT, 0);
	acc_violations(&a, 0, 0);
	qtest_writel(a.q, PF_ABNORMAL_MASK, 0);
	acc_violations(&a, KPO_V_PF_STRAY, 1);
	acc_oracle_set(&a, 0, KPO_PHASE, 0);

	acc_reset(&a, 0);
	qtest_writel(a.q, PF_CACHE_CTL, 1);
	acc_violations(&a, 0, 0);
	acc_func_start(&a, 0);
	qtest_writew(a.q, acc_cfg(0, CFG_SRIOV_CTRL), 0);
	qtest_writel(a.q, PF_CACHE_CTL, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void select_moved(const void *arg)
{
	struct acc a;

	acc_start(&a, "version=v4");
	qtest_writel(a.q, ACC_SELECT, 1);
	acc_violations(&a, 0, 0);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	qtest_writel(a.q, ACC_SELECT, 0);
	acc_violations(&a, KPO_V_SELECT_MOVED, 1);
	qtest_writel(a.q, ACC_SELECT, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* The window of a VF that is not enabled */
static void no_such_window(const void *arg)
{
	struct acc a;

	acc_start(&a, "version=v4,select=set");
	qtest_writew(a.q, acc_cfg(0, CFG_SRIOV_CTRL), 0);
	g_assert_cmphex(qtest_readl(a.q, ACC_WINDOW(1) + REG_VF_STATE), ==, UINT32_MAX);
	acc_violations(&a, KPO_V_DEAD_HALF, 1);
	acc_end(&a);
}

static void head_beyond_tail(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	put_and_ring(&a);
	acc_step_us(&a, 100);
	acc_db(&a, 1, 0, DB_EQ, 1, 0);
	acc_violations(&a, 0, 0);
	acc_db(&a, 1, 0, DB_EQ, 2, 0);
	acc_violations(&a, KPO_V_BAD_DOORBELL, 1);
	acc_end(&a);
}

#define VFT(reg)		(ACC_PF_BAR2 + 0x100054 + (reg) * 4)
#define VFT_GO			0
#define VFT_KIND		1	/* 1: read */
#define VFT_TYPE		2
#define VFT_FUNC		3
#define VFT_LOW			4
#define VFT_HIGH		5
#define VFT_READY		6

static void vft_fill_in(struct acc *a, unsigned kind)
{
	qtest_writel(a->q, VFT(VFT_READY), 0);
	qtest_writel(a->q, VFT(VFT_KIND), kind);
	qtest_writel(a->q, VFT(VFT_TYPE), 0);
	qtest_writel(a->q, VFT(VFT_FUNC), 1);
}

/* Two who read entries of the VFT at once: each place where they can meet. */
static void vft_race(const void *arg)
{
	struct acc a;

	acc_start(&a, "");
	vft_fill_in(&a, 1);
	qtest_writel(a.q, VFT(VFT_KIND), 1);	/* another one fills in */
	acc_violations(&a, KPO_V_VFT_RACE, 1);
	qtest_readl(a.q, VFT(VFT_LOW));		/* or takes it for done */
	acc_violations(&a, KPO_V_VFT_RACE, 1);
	qtest_writel(a.q, VFT(VFT_GO), 1);
	qtest_writel(a.q, VFT(VFT_FUNC), 2);	/* or wants another function's */
	acc_violations(&a, KPO_V_VFT_RACE, 1);
	qtest_readl(a.q, VFT(VFT_HIGH));
	acc_violations(&a, KPO_V_VFT_RACE, 1);
	acc_step_us(&a, 10);
	qtest_writel(a.q, VFT(VFT_KIND), 1);	/* or takes the result's place */
	acc_violations(&a, KPO_V_VFT_RACE, 1);

	qtest_writel(a.q, VFT(VFT_GO), 1);
	acc_step_us(&a, 10);
	qtest_readl(a.q, VFT(VFT_HIGH));
	/* One after the other is none of it. */
	vft_fill_in(&a, 1);
	qtest_writel(a.q, VFT(VFT_GO), 1);
	acc_step_us(&a, 10);
	g_assert_cmphex(qtest_readl(a.q, VFT(VFT_LOW)), ==, ACC_FUNC_QUEUES << 28);
	qtest_readl(a.q, VFT(VFT_HIGH));
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* The doorbell of an event queue is beyond its window, in the next one or nowhere. */
static void out_of_window(const void *arg)
{
	struct acc a;
	uint64_t window;

	acc_start(&a, "version=v4,select=set");
	window = ACC_WINDOW(2);
	qtest_writel(a.q, window + REG_AEQ_MASK, 0);
	qtest_writeq(a.q, ACC_WINDOW(1) + REG_DB_EQ_AEQ, DB_EQ << 12 | 1ull << 32);
	acc_violations(&a, KPO_V_OUT_OF_WINDOW, 1);
	g_assert_cmphex(qtest_readl(a.q, window + REG_AEQ_MASK), ==, 1);
	qtest_writeq(a.q, window, 0);		/* that is no doorbell */
	acc_violations(&a, KPO_V_WIDTH, 1);
	acc_end(&a);
}

static void wide_load(const void *arg)
{
	struct acc a;

	acc_start(&a, "");
	qtest_readq(a.q, a.func[1].regs + REG_AEQ_SOURCE);
	acc_violations(&a, KPO_V_WIDTH, 1);
	acc_end(&a);
}

/* What is masked sends nothing, and shows nothing. */
static void masked_errors(const void *arg)
{
	uint64_t sent;
	struct acc a;

	acc_start(&a, "");
	acc_func_start(&a, 0);
	sent = acc_counter(&a, 0, KPO_CNT_MSI);
	qtest_writel(a.q, PF_ABNORMAL_MASK, 1);
	qtest_writel(a.q, PF_ABNORMAL_SET, 1);
	g_assert_cmphex(qtest_readl(a.q, PF_ABNORMAL_SOURCE), ==, 1);
	qtest_writel(a.q, PF_ZIP_INT_MASK, 1);
	qtest_writel(a.q, PF_ZIP_INT_SET, 1);
	g_assert_cmphex(qtest_readl(a.q, PF_ZIP_INT_STATUS), ==, 0);
	g_assert_cmpuint(acc_counter(&a, 0, KPO_CNT_MSI), ==, sent);
	qtest_writel(a.q, PF_ABNORMAL_SET, 2);
	qtest_writel(a.q, PF_ZIP_INT_SET, 2);
	g_assert_cmphex(qtest_readl(a.q, PF_ZIP_INT_STATUS), ==, 2);
	g_assert_cmpuint(acc_counter(&a, 0, KPO_CNT_MSI), ==, sent + 2);
	acc_end(&a);
}

/* A mailbox that a reset of the PF has found waiting for jobs takes commands again. */
static void pf_reset_while_draining(const void *arg)
{
	struct acc a;

	start_at_work(&a, "job-time-us=1000000,drain-time-us=1000000");
	put_and_ring(&a);
	acc_mb_store(&a, 1, MB_PAUSE, 0, 0);
	acc_step_us(&a, 10);
	g_assert_true(acc_mb_busy(&a, 1));
	acc_reset(&a, 0);
	g_assert_false(acc_mb_busy(&a, 1));
	acc_oracle_set(&a, 1, KPO_JOB_TIME_US, 5);
	acc_check_alive(&a, 1);
	acc_end(&a);
}

#define CONTEXT_WORDS	7

/*
 * An AEQ is taken from a function and given back after a reset, all of it or all
 * but one word; two errors have been told and seen, a third comes then.
 */
static void words_of_a_context(const void *arg)
{
	unsigned dropped = GPOINTER_TO_UINT(arg), i;
	uint32_t word[CONTEXT_WORDS];
	struct acc a;
	uint64_t aeqc, aeq;

	acc_start(&a, "int-source=read-only");
	acc_func_start(&a, 1);
	aeqc = a.func[1].regs + REG_EQC + 0x20;
	aeq = a.func[1].aeq;
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 2));
	acc_db(&a, 1, 0, DB_AEQ, 2, 0);
	for (i = 0; i < CONTEXT_WORDS; i++)
		word[i] = qtest_readl(a.q, aeqc + i * 4);
	acc_reset(&a, 1);
	for (i = 0; i < CONTEXT_WORDS; i++)
		qtest_writel(a.q, aeqc + i * 4, i == dropped ? 0 : word[i]);
	/* Where the head is lost, what has been seen seems to wait. */
	g_assert_cmphex(acc_rd(&a, 1, REG_AEQ_SOURCE), ==, dropped == 5 || dropped == 4);

	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 3));
	/* Where the tail is lost, one that has been seen is overwritten. */
	g_assert_cmphex(qtest_readl(a.q, aeq) & 0xffff, ==, dropped == 4 ? 3 : 1);
	g_assert_cmphex(qtest_readl(a.q, aeq + 8) & 0xffff, ==, dropped == 4 ? 0 : 3);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* Entries of another size, or a tail beyond the end, and nothing is told. */
static void bad_event_context(const void *arg)
{
	struct acc a;
	uint64_t aeqc;

	acc_start(&a, "");
	acc_func_start(&a, 1);
	aeqc = a.func[1].regs + REG_EQC + 0x20;
	qtest_writel(a.q, aeqc + 12, 0x2000);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	acc_violations(&a, KPO_V_BAD_CONTEXT, 1);
	qtest_writel(a.q, aeqc + 12, 0);
	qtest_writel(a.q, aeqc + 16, ACC_EVENTS);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	acc_violations(&a, KPO_V_BAD_CONTEXT, 1);
	qtest_writel(a.q, aeqc + 16, 0);
	g_assert_cmphex(qtest_readl(a.q, a.func[1].aeq), ==, 0);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	g_assert_cmphex(qtest_readl(a.q, a.func[1].aeq), !=, 0);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

#define RAS_EQ_AEQ	(1u << 7)
#define RAS_CQ		(1u << 8)
#define RAS_SQ		(1u << 9)
#define RAS_ALL		0x7fffu

/* The PF's driver is told of this: it sees it in the status, and clears it. */
static void expect_ras(struct acc *a, uint32_t bits, unsigned kind)
{
	uint64_t told = acc_counter(a, 0, KPO_CNT_MSI);

	g_assert_cmphex(qtest_readl(a->q, PF_ABNORMAL_SOURCE), ==, bits);
	g_assert_cmphex(qtest_readl(a->q, PF_ABNORMAL_SOURCE + 8), ==, bits);
	qtest_writel(a->q, PF_ABNORMAL_SOURCE, bits);
	g_assert_cmphex(qtest_readl(a->q, PF_ABNORMAL_SOURCE), ==, 0);
	acc_violations(a, kind, 1);
	g_assert_cmpuint(acc_counter(a, 0, KPO_CNT_MSI), ==, told);
}

static void context_errors(const void *arg)
{
	struct acc a;
	uint64_t told;

	start_at_work(&a, "");
	acc_func_start(&a, 0);
	g_assert_cmphex(qtest_readl(a.q, PF_ABNORMAL_MASK), ==, RAS_ALL);
	qtest_writel(a.q, PF_ABNORMAL_MASK, 0);
	told = acc_counter(&a, 0, KPO_CNT_MSI);

	acc_db(&a, 1, 1, DB_SQ, 1, 0);		/* its table entry is empty */
	expect_ras(&a, RAS_SQ, KPO_V_BAD_CONTEXT);
	acc_db(&a, 1, 1, DB_CQ, 1, 0);
	expect_ras(&a, RAS_CQ, KPO_V_BAD_CONTEXT);
	acc_db(&a, 2, 0, DB_SQ, 1, 0);		/* it has no table */
	expect_ras(&a, RAS_SQ, KPO_V_DMA_UNSET);
	acc_mb(&a, 1, MB_CQC | MB_GET, ACC_FUNC_QUEUES, a.func[1].scratch);
	expect_ras(&a, RAS_CQ, KPO_V_BAD_CONTEXT);
	qtest_writel(a.q, a.func[1].regs + REG_EQC + 0x20 + 12, 1);
	acc_violations(&a, KPO_V_LOAD_RUNNING, 1);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	expect_ras(&a, RAS_EQ_AEQ, KPO_V_BAD_CONTEXT);
	g_assert_cmpuint(acc_counter(&a, 0, KPO_CNT_MSI), ==, told + 5);

	/* As the kernel's drivers have it: no interrupt, but it can be seen. */
	qtest_writel(a.q, PF_ABNORMAL_MASK, RAS_EQ_AEQ | RAS_CQ | RAS_SQ);
	acc_db(&a, 1, 1, DB_SQ, 1, 0);
	g_assert_cmphex(qtest_readl(a.q, PF_ABNORMAL_SOURCE + 8), ==, 0);
	g_assert_cmphex(qtest_readl(a.q, PF_ABNORMAL_SOURCE), ==, RAS_SQ);
	g_assert_cmpuint(acc_counter(&a, 0, KPO_CNT_MSI), ==, told + 5);
	acc_violations(&a, KPO_V_BAD_CONTEXT, 1);
	acc_end(&a);
}

/* A queue at work is none of it. */
static void no_context_error(const void *arg)
{
	struct acc a;

	start_at_work(&a, "");
	put_and_ring(&a);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 1);
	g_assert_cmphex(qtest_readl(a.q, PF_ABNORMAL_SOURCE), ==, 0);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

void acc_add_hole_tests(void)
{
	static const struct {
		const char *name;
		void (*test)(const void *arg);
	} tests[] = {
		{ "save-running", save_running },
		{ "save-busy", save_busy },
		{ "save-dirty", save_dirty },
		{ "read-busy", read_busy },
		{ "restart-running", restart_running },
		{ "write-back-busy", wb_busy },
		{ "not-quiet", not_quiet },
		{ "config-running", config_running },
		{ "all-ones-restarted", all_ones_restarted },
		{ "torn-stores", torn_stores },
		{ "mem-init", mem_init },
		{ "pf-stray", pf_stray },
		{ "select-moved", select_moved },
		{ "no-such-window", no_such_window },
		{ "head-beyond-tail", head_beyond_tail },
		{ "vft-race", vft_race },
		{ "out-of-window", out_of_window },
		{ "wide-load", wide_load },
		{ "masked-errors", masked_errors },
		{ "pf-reset-while-draining", pf_reset_while_draining },
	};
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(tests); i++) {
		g_autofree char *name = g_strdup_printf("/acc/hole/%s", tests[i].name);

		g_test_add_data_func(name, NULL, tests[i].test);
	}
	g_test_add_data_func("/acc/hole/event-words/all", GUINT_TO_POINTER(CONTEXT_WORDS),
			     words_of_a_context);
	g_test_add_data_func("/acc/hole/event-words/no-dw4", GUINT_TO_POINTER(4),
			     words_of_a_context);
	g_test_add_data_func("/acc/hole/event-words/no-dw5", GUINT_TO_POINTER(5),
			     words_of_a_context);
	g_test_add_data_func("/acc/hole/event-words/bad", NULL, bad_event_context);
	g_test_add_data_func("/acc/hole/context-errors/told", NULL, context_errors);
	g_test_add_data_func("/acc/hole/context-errors/none", NULL, no_context_error);
}
