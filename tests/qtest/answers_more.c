// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each answer once more: those to what registers, interrupts, mailbox and DMA do.
 */
#include "qemu/osdep.h"
#include "acc.h"

#define LONG_US		"1000000"
#define RECOVERY_US	100000
#define EQ_EVENT	(1u << 0)

static bool says(const void *arg, const char *answer)
{
	return g_str_has_suffix(arg, answer);
}

static void start_with(struct acc *a, const char *also, const void *arg)
{
	g_autofree char *properties = g_strdup_printf("%s%s%s", also, *also ? "," : "",
						      (const char *)arg);

	acc_start(a, properties);
}

static void start_at_work(struct acc *a, const char *also, const void *arg)
{
	start_with(a, also, arg);
	acc_func_start(a, 1);
	acc_queue_start(a, 1, 0);
	acc_queue_start(a, 1, 1);
}

static void put_and_ring(struct acc *a, unsigned queue)
{
	acc_job_put(a, 1, queue, acc_alloc(a, 4), "work", 4);
	acc_ring(a, 1, queue);
}

static uint64_t messages(struct acc *a)
{
	return acc_counter(a, 1, KPO_CNT_MSI);
}

static void wb_done(const void *arg)
{
	struct acc a;

	start_with(&a, "wb-time-us=10", arg);
	acc_wr(&a, 1, REG_WB_START, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, 0);
	acc_step_us(&a, 20);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, !says(arg, "read"));
	acc_wr(&a, 1, REG_WB_START, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, says(arg, "reset"));
	acc_step_us(&a, 20);
	acc_reset(&a, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, 0);
	acc_end(&a);
}

static void busy_reads(const void *arg)
{
	struct acc a;
	uint32_t val;

	start_with(&a, "mbox-time-us=100,wb-time-us=100", arg);
	acc_mb_store(&a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	acc_wr(&a, 1, REG_EQ_MASK, 0);
	val = acc_rd(&a, 1, REG_EQ_MASK);
	g_assert_cmphex(val, ==, says(arg, "ones") ? UINT32_MAX : says(arg, "old"));
	g_assert_true(acc_mb_busy(&a, 1) == !says(arg, "stall"));
	acc_step_us(&a, 200);
	g_assert_false(acc_mb_busy(&a, 1));
	g_assert_cmphex(acc_rd(&a, 1, REG_EQ_MASK), ==, 0);

	/* A write-back, and a context this time */
	acc_wr(&a, 1, REG_EQC + 4, 7);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_wr(&a, 1, REG_EQC + 4, 8);
	val = acc_rd(&a, 1, REG_EQC + 4);
	g_assert_cmphex(val, ==, says(arg, "ones") ? UINT32_MAX : says(arg, "old") ? 7 : 8);
	g_assert_cmpuint(acc_rd(&a, 1, REG_WB_DONE), ==, says(arg, "stall"));
	acc_step_us(&a, 200);
	g_assert_cmphex(acc_rd(&a, 1, REG_EQC + 4), ==, 8);
	acc_end(&a);
}

static void restart(const void *arg)
{
	struct acc a;
	uint64_t started;

	start_at_work(&a, "", arg);
	put_and_ring(&a, 0);
	acc_step_us(&a, 100);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	put_and_ring(&a, 1);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, 0);
	started = acc_counter(&a, 1, KPO_CNT_JOB_STARTED);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, says(arg, "function"));
	if (says(arg, "tail"))		/* what is behind its head, once around */
		g_assert_cmpuint(acc_counter(&a, 1, KPO_CNT_JOB_STARTED), >, started + 1);
	acc_db(&a, 1, 1, DB_SQ, 1, 1);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, 1);
	acc_end(&a);
}

static void restart_events(const void *arg)
{
	struct acc a;
	uint64_t sent;

	start_at_work(&a, "", arg);
	put_and_ring(&a, 0);
	acc_step_us(&a, 100);
	acc_wr(&a, 1, REG_EQ_SOURCE, EQ_EVENT);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	sent = messages(&a);
	g_assert_cmpuint(sent, >, 0);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	g_assert_cmpuint(messages(&a), ==, sent + says(arg, "raised"));
	/* The event queue's own doorbell raises it in any case. */
	acc_db(&a, 1, 0, DB_EQ, 0, 0);
	g_assert_cmpuint(messages(&a), >, sent);
	acc_end(&a);
}

static void int_source(const void *arg)
{
	struct acc a;

	start_at_work(&a, "", arg);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_SOURCE), ==, 0);
	put_and_ring(&a, 0);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_SOURCE), ==, 1);
	acc_wr(&a, 1, REG_EQ_SOURCE, EQ_EVENT);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_SOURCE), ==, !says(arg, "w1c"));
	acc_db(&a, 1, 0, DB_EQ, 1, 0);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_SOURCE), ==, 0);
	acc_end(&a);
}

static void int_rule(const void *arg)
{
	struct acc a;
	uint64_t sent;

	start_at_work(&a, "", arg);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 0));
	sent = messages(&a);
	g_assert_cmpuint(sent, ==, 1);
	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 1));
	g_assert_cmpuint(messages(&a), ==, sent + says(arg, "each"));
	sent = messages(&a);
	acc_wr(&a, 1, REG_AEQ_SOURCE, EQ_EVENT);
	g_assert_cmpuint(messages(&a), ==, sent + says(arg, "level"));
	acc_db(&a, 1, 0, DB_AEQ, 1, 0);
	g_assert_cmpuint(messages(&a), >, sent);
	sent = messages(&a);
	acc_db(&a, 1, 0, DB_AEQ, 2, 0);
	g_assert_cmpuint(messages(&a), ==, sent);
	acc_end(&a);
}

static void config_write(const void *arg)
{
	unsigned reg = g_str_has_prefix(arg, "page-size") ? REG_PAGE_SIZE : REG_ISOLATION;
	uint32_t at_reset, while_stopped;
	struct acc a;

	start_with(&a, "", arg);
	at_reset = acc_rd(&a, 1, reg);
	acc_wr(&a, 1, reg, 5);
	while_stopped = acc_rd(&a, 1, reg);
	g_assert_cmphex(while_stopped, ==, says(arg, "ignored") ? at_reset : 5);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	acc_wr(&a, 1, reg, 7);
	g_assert_cmphex(acc_rd(&a, 1, reg), ==, says(arg, "holds") ? 7 : while_stopped);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_wr(&a, 1, reg, 9);
	g_assert_cmphex(acc_rd(&a, 1, reg), ==, says(arg, "ignored") ? at_reset : 9);
	/* The PF's own is no VF's. */
	acc_wr(&a, 0, reg, 5);
	g_assert_cmphex(acc_rd(&a, 0, reg), ==, 5);
	acc_end(&a);
}

static void cache_evict(const void *arg)
{
	struct acc a;
	uint32_t before;

	start_at_work(&a, "", arg);
	before = qtest_readl(a.q, a.func[1].sqc);
	put_and_ring(&a, 0);
	acc_step_us(&a, 100);
	/* Head and tail */
	g_assert_cmphex(qtest_readl(a.q, a.func[1].sqc), ==,
			says(arg, "asked") ? before : 0x00010001);
	/* It goes on with what it has written. */
	put_and_ring(&a, 0);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 2);
	acc_end(&a);
}

static void posted_order(const void *arg)
{
	bool late = says(arg, "function");
	struct acc a;

	start_with(&a, "version=v4,select=set", arg);
	qtest_writel(a.q, ACC_WINDOW(1) + REG_EQ_MASK, 0);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_MASK), ==, late);
	qtest_readl(a.q, ACC_WINDOW(1) + REG_VF_STATE);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_MASK), ==, 0);
	qtest_writel(a.q, ACC_WINDOW(1) + REG_EQ_MASK, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_MASK), ==, !late);
	acc_step_us(&a, 1000);
	g_assert_cmpuint(acc_rd(&a, 1, REG_EQ_MASK), ==, 1);
	acc_end(&a);
}

static void flr_recovery(const void *arg)
{
	struct acc a;

	start_with(&a, "", arg);
	acc_reset(&a, 1);
	g_assert_cmphex(acc_rd(&a, 1, REG_VF_STATE), ==, says(arg, "ones") ? UINT32_MAX : 1);
	acc_wr(&a, 1, REG_VF_STATE, 0);
	acc_step_us(&a, RECOVERY_US);
	g_assert_cmphex(acc_rd(&a, 1, REG_VF_STATE), ==, says(arg, "ones"));
	g_assert_cmphex(acc_rd(&a, 2, REG_VF_STATE), ==, 1);
	acc_end(&a);
}

static void mbox_error(const void *arg)
{
	struct acc a;

	start_with(&a, "", arg);
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, MB_SQC, ACC_FUNC_QUEUES, 0x1000)), ==,
			 says(arg, "one") ? 1 : 0xa);
	acc_end(&a);
}

static unsigned command_us(struct acc *a)
{
	unsigned us = 0;

	acc_mb_store(a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	while (acc_mb_busy(a, 1)) {
		acc_step_us(a, 1);
		us++;
	}
	return us;
}

static void latency(const void *arg)
{
	unsigned i, first, differ = 0;
	struct acc a;

	start_with(&a, "mbox-time-us=10", arg);
	first = command_us(&a);
	for (i = 0; i < 16; i++)
		differ += command_us(&a) != first;
	g_assert_true(!!differ == says(arg, "jitter"));
	acc_end(&a);
}

static void mbox_store(const void *arg)
{
	struct acc a;
	uint64_t at;

	start_with(&a, "", arg);
	at = a.func[1].regs + REG_MAILBOX;
	qtest_writeq(a.q, at + 8, 0);
	qtest_writeq(a.q, at, MB_SQC_VFT | MB_GET | MB_BUSY);
	acc_step_us(&a, 10);
	g_assert_cmphex(qtest_readq(a.q, at) & 0xff, ==, says(arg, "halves") ? MB_SQC_VFT : 0);
	if (says(arg, "whole"))
		acc_violations(&a, KPO_V_MBOX_WIDTH, 1);
	acc_end(&a);
}

static void flr_clears(const void *arg)
{
	struct acc a;

	start_at_work(&a, "", arg);
	qtest_writew(a.q, acc_cfg(1, CFG_DEVCTL), CFG_FLR);
	g_assert_cmphex(qtest_readw(a.q, acc_cfg(1, CFG_COMMAND)) & 4, ==,
			says(arg, "yes") ? 0 : 4);
	g_assert_cmphex(qtest_readl(a.q, acc_cfg(1, CFG_MSI)) & 1u << 16, ==,
			says(arg, "yes") ? 0 : 1u << 16);
	acc_check_alive(&a, 1);
	acc_end(&a);
}

static void flr_dma(const void *arg)
{
	struct acc a;

	start_at_work(&a, "job-time-us=" LONG_US, arg);
	put_and_ring(&a, 0);
	acc_reset(&a, 1);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, says(arg, "end"));
	acc_step_us(&a, 2000000);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, says(arg, "end"));
	put_and_ring(&a, 0);		/* nothing is set up any more */
	acc_end(&a);
}

static void pause_dma(const void *arg)
{
	struct acc a;
	unsigned i;

	start_at_work(&a, "job-time-us=10000,drain-time-us=5000", arg);
	for (i = 0; i < 4; i++)
		put_and_ring(&a, 0);
	acc_mb_store(&a, 1, MB_PAUSE, 0, 0);
	acc_step_us(&a, 10);
	g_assert_true(acc_mb_busy(&a, 1) == says(arg, "end"));
	acc_step_us(&a, 6000);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, says(arg, "end") ? 4 : 0);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_step_us(&a, 100000);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 4);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static unsigned table_status(struct acc *a)
{
	return MB_STATUS(acc_mb(a, 1, MB_SQC_BT | MB_GET, 0, 0));
}

static void mbox_when(const void *arg)
{
	struct acc a;

	start_with(&a, "", arg);
	g_assert_true(!table_status(&a) == !says(arg, "=ready"));
	acc_wr(&a, 1, REG_VF_STATE, 0);
	g_assert_cmpuint(table_status(&a), ==, 0);
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	g_assert_true(!table_status(&a) == says(arg, "always"));
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, MB_SQC_VFT | MB_GET, 0, 0)), ==, 0);
	acc_end(&a);
}

/* A set, and what is said beside it */
static void sets(const void *arg)
{
	struct acc a;

	acc_start(&a, "wb-done=start,silicon=worst,restart=queue");
	g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(KP_Q_WB_DONE)), ==, KP_WB_DONE_START);
	g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(KP_Q_RESTART)), ==, KP_RESTART_QUEUE);
	g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(KP_Q_VF_STATE_RESET)), ==,
			 KP_VF_STATE_RESET_READY);
	acc_end(&a);
}

static const struct {
	const char *answer;
	void (*test)(const void *arg);
} answers[] = {
	{ "wb-done=start", wb_done },
	{ "wb-done=reset", wb_done },
	{ "wb-done=read", wb_done },
	{ "busy-reads=answer", busy_reads },
	{ "busy-reads=ones", busy_reads },
	{ "busy-reads=old", busy_reads },
	{ "busy-reads=stall", busy_reads },
	{ "restart=queue", restart },
	{ "restart=function", restart },
	{ "restart=tail", restart },
	{ "restart-events=raised", restart_events },
	{ "restart-events=silent", restart_events },
	{ "int-source=w1c", int_source },
	{ "int-source=doorbell", int_source },
	{ "int-source=read-only", int_source },
	{ "int-rule=one-shot", int_rule },
	{ "int-rule=each", int_rule },
	{ "int-rule=level", int_rule },
	{ "page-size=holds", config_write },
	{ "page-size=ignored", config_write },
	{ "page-size=stopped", config_write },
	{ "iso-cfg=holds", config_write },
	{ "iso-cfg=ignored", config_write },
	{ "iso-cfg=stopped", config_write },
	{ "cache-evict=asked", cache_evict },
	{ "cache-evict=any-time", cache_evict },
	{ "posted-order=program", posted_order },
	{ "posted-order=function", posted_order },
	{ "flr-recovery=answers", flr_recovery },
	{ "flr-recovery=ones", flr_recovery },
	{ "mbox-error=one", mbox_error },
	{ "mbox-error=other", mbox_error },
	{ "latency=steady", latency },
	{ "latency=jitter", latency },
	{ "mbox-store=whole", mbox_store },
	{ "mbox-store=halves", mbox_store },
	{ "flr-clears=yes", flr_clears },
	{ "flr-clears=no", flr_clears },
	{ "flr-dma=cut", flr_dma },
	{ "flr-dma=end", flr_dma },
	{ "pause-dma=end", pause_dma },
	{ "pause-dma=cut", pause_dma },
	{ "mbox-when=always", mbox_when },
	{ "mbox-when=not-paused", mbox_when },
	{ "mbox-when=ready", mbox_when },
};

void acc_add_more_answer_tests(void)
{
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *name = g_strdup_printf("/acc/answer/%s", answers[i].answer);

		g_test_add_data_func(name, answers[i].answer, answers[i].test);
	}
	g_test_add_data_func("/acc/answer/sets", NULL, sets);
}
