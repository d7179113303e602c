// SPDX-License-Identifier: GPL-2.0-only
/*
 * The mailbox: what it takes, for how long it is busy, and how it ends.
 */
#include "qemu/osdep.h"
#include "acc.h"

static void commands(const void *arg)
{
	struct acc a;
	uint64_t low, table;

	acc_start(&a, "");
	acc_mb_store(&a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	g_assert_true(acc_mb_busy(&a, 1));
	acc_step_us(&a, 2);
	g_assert_false(acc_mb_busy(&a, 1));
	low = qtest_readq(a.q, a.func[1].regs + REG_MAILBOX);
	g_assert_cmpuint(MB_STATUS(low), ==, 0);
	g_assert_cmphex(low >> 32, ==, ACC_FUNC_QUEUES << 28);

	table = acc_alloc(&a, 4096);
	acc_mb(&a, 1, MB_SQC_BT, 0, table);
	low = acc_mb(&a, 1, MB_SQC_BT | MB_GET, 0, 0);
	g_assert_cmphex(low >> 32, ==, table);
	acc_violations(&a, 0, 0);

	/* No such command, no such queue, no address, an address of nothing. */
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, 0x3f, 0, 0)), !=, 0);
	acc_violations(&a, KPO_V_UNIMPLEMENTED, 1);
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, MB_SQC, ACC_FUNC_QUEUES, table)), !=, 0);
	acc_violations(&a, KPO_V_BAD_CONTEXT, 1);
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, MB_EQC, 0, 0)), !=, 0);
	acc_violations(&a, KPO_V_DMA_UNSET, 1);
	g_assert_cmpuint(MB_STATUS(acc_mb(&a, 1, MB_EQC, 0, ACC_NOWHERE)), !=, 0);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void wrong_stores(const void *arg)
{
	struct acc a;
	uint64_t at;

	acc_start(&a, "");
	at = a.func[1].regs + REG_MAILBOX;
	qtest_writel(a.q, at, MB_SQC_VFT | MB_GET | MB_BUSY);
	qtest_writeq(a.q, at + 8, 0);
	acc_violations(&a, KPO_V_MBOX_WIDTH, 2);
	g_assert_cmphex(qtest_readq(a.q, at), ==, 0);
	acc_mb_store(&a, 1, MB_SQC_VFT | MB_GET, 0, 0);
	acc_mb_store(&a, 1, MB_SQC_BT, 0, 0x1000);
	acc_violations(&a, KPO_V_MBOX_BUSY, 1);
	acc_step_us(&a, 10);
	g_assert_cmphex(qtest_readq(a.q, at) & 0xff, ==, MB_SQC_VFT);
	g_assert_cmphex(acc_mb(&a, 1, MB_SQC_BT | MB_GET, 0, 0) >> 32, ==, 0);
	acc_end(&a);
}

/* A pause waits for what is in flight, and lets nothing follow. */
static void pausing(const void *arg)
{
	struct acc a;
	unsigned i;

	acc_start(&a, "job-time-us=1000000,drain-time-us=5000");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	for (i = 0; i < 12; i++)
		acc_job_put(&a, 1, 0, acc_alloc(&a, 4), "done", 4);
	acc_ring(&a, 1, 0);
	g_assert_cmpuint(acc_oracle(&a, 1, KPO_JOBS_IN_FLIGHT), ==, 8);
	acc_mb_store(&a, 1, MB_PAUSE, 0, 0);
	acc_step_us(&a, 4900);
	g_assert_true(acc_mb_busy(&a, 1));
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 0);
	acc_step_us(&a, 200);
	g_assert_false(acc_mb_busy(&a, 1));
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 8);
	acc_step_us(&a, 5000000);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 8);
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	acc_step_us(&a, 5000000);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 12);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* With the jobs that it waits for, the command is gone as well. */
static void pf_reset_ends_a_wait(const void *arg)
{
	static const unsigned commands[] = { MB_PAUSE, MB_STOP_QP, MB_FLUSH };
	struct acc a;
	unsigned i;

	acc_start(&a, "job-time-us=1000000,drain-time-us=1000000");
	for (i = 0; i < G_N_ELEMENTS(commands); i++) {
		acc_func_start(&a, 1);
		acc_queue_start(&a, 1, 0);
		acc_job_put(&a, 1, 0, acc_alloc(&a, 4), "gone", 4);
		acc_ring(&a, 1, 0);
		acc_mb_store(&a, 1, commands[i], 0, 0);
		acc_step_us(&a, 10);
		g_assert_true(acc_mb_busy(&a, 1));
		acc_reset(&a, 0);
		g_assert_false(acc_mb_busy(&a, 1));
		g_assert_cmpuint(acc_oracle(&a, 1, KPO_JOBS_IN_FLIGHT), ==, 0);
	}
	acc_oracle_set(&a, 1, KPO_JOB_TIME_US, 5);
	acc_check_alive(&a, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void stop_and_flush(const void *arg)
{
	struct acc a;
	unsigned queue, i;

	acc_start(&a, "job-time-us=1000000");
	acc_func_start(&a, 1);
	for (queue = 0; queue < 2; queue++) {
		acc_queue_start(&a, 1, queue);
		for (i = 0; i < 10; i++)
			acc_job_put(&a, 1, queue, acc_alloc(&a, 4), "done", 4);
		acc_ring(&a, 1, queue);
	}
	acc_mb(&a, 1, MB_STOP_QP, 1, 0);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, 10);
	acc_mb(&a, 1, MB_FLUSH, 0, 0);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 10);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void write_back(const void *arg)
{
	struct acc a;

	acc_start(&a, "");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 2);
	g_assert_cmphex(qtest_readl(a.q, a.func[1].sqc + 2 * 32 + 4), ==, 0);
	acc_wr(&a, 1, REG_WB_START, 1);
	g_assert_cmphex(acc_rd(&a, 1, REG_WB_DONE), ==, 0);
	acc_step_us(&a, 10);
	g_assert_cmphex(acc_rd(&a, 1, REG_WB_DONE), ==, 1);
	g_assert_cmphex(qtest_readl(a.q, a.func[1].sqc + 2 * 32 + 4), ==, a.func[1].sq[2]);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

void acc_add_mailbox_tests(void)
{
	g_test_add_data_func("/acc/mailbox/commands", NULL, commands);
	g_test_add_data_func("/acc/mailbox/wrong-stores", NULL, wrong_stores);
	g_test_add_data_func("/acc/mailbox/pause", NULL, pausing);
	g_test_add_data_func("/acc/mailbox/pf-reset-ends-a-wait", NULL, pf_reset_ends_a_wait);
	g_test_add_data_func("/acc/mailbox/stop-and-flush", NULL, stop_and_flush);
	g_test_add_data_func("/acc/mailbox/write-back", NULL, write_back);
}
