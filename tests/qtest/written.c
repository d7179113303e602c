// SPDX-License-Identifier: GPL-2.0-only
/*
 * The oracle knows which pages a function writes to, and with what.
 */
#include <inttypes.h>

#include "qemu/osdep.h"
#include "acc.h"

static void take(struct acc *a)
{
	acc_oracle_set(a, 1, KPO_PAGES_TAKE, 1);
}

/* What was written to the page that has this address, as taken last. */
static uint8_t wrote(struct acc *a, uint64_t at)
{
	uint64_t page = (at - ACC_RAM) >> KPO_PAGE_SHIFT;
	uint64_t eight;

	g_assert_cmphex(page, <, KPO_PAGES);
	eight = qtest_readq(a->q, ACC_ORACLE + KPO_PAGES_MAP + (page & ~7ull));
	return eight >> (page & 7) * 8;
}

static unsigned pages(struct acc *a)
{
	unsigned n = 0;
	uint64_t at;

	for (at = ACC_RAM; at < ACC_RAM + ((uint64_t)KPO_PAGES << KPO_PAGE_SHIFT); at += 0x1000)
		if (wrote(a, at)) {
			g_test_message("0x%" PRIx64 " was written to: 0x%x", at, wrote(a, at));
			n++;
		}
	return n;
}

static void pages_written(void)
{
	struct acc a;
	uint64_t out;

	acc_start(&a, "");
	qtest_writel(a.q, ACC_ORACLE + KPO_PAGES_FROM, ACC_RAM >> KPO_PAGE_SHIFT);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	acc_oracle_set(&a, 1, KPO_PAGES_WATCH, 1);
	/* Over the border of two pages */
	out = acc_alloc(&a, 0x2000) + 0x1000;
	acc_job_put(&a, 1, 0, out - 2, "work", 4);
	acc_ring(&a, 1, 0);
	acc_step_us(&a, 100);
	take(&a);
	g_assert_cmphex(wrote(&a, out - 2), ==, KPO_WROTE_RESULT);
	g_assert_cmphex(wrote(&a, out), ==, KPO_WROTE_RESULT);
	g_assert_cmphex(wrote(&a, a.func[1].sq[0]), ==, KPO_WROTE_SQE);
	g_assert_cmphex(wrote(&a, a.func[1].cq[0]), ==, KPO_WROTE_CQE);
	g_assert_cmphex(wrote(&a, a.func[1].eq), ==, KPO_WROTE_EQE);
	/* The queue's context is asked for when a job is put into it. */
	g_assert_cmphex(wrote(&a, a.func[1].scratch), ==, KPO_WROTE_MAILBOX);
	g_assert_cmpuint(pages(&a), ==, 6);

	/* What is taken is not there a second time. */
	take(&a);
	g_assert_cmpuint(pages(&a), ==, 0);

	acc_oracle_set(&a, 1, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQE_ERROR, 0));
	acc_mb(&a, 1, MB_EQC | MB_GET, 0, out);
	acc_wr(&a, 1, REG_WB_START, 1);
	acc_step_us(&a, 100);
	take(&a);
	g_assert_cmphex(wrote(&a, a.func[1].aeq), ==, KPO_WROTE_AEQE);
	g_assert_cmphex(wrote(&a, out), ==, KPO_WROTE_MAILBOX);
	g_assert_cmphex(wrote(&a, a.func[1].sqc), ==, KPO_WROTE_CONTEXT);
	g_assert_cmphex(wrote(&a, a.func[1].cqc), ==, KPO_WROTE_CONTEXT);
	g_assert_cmpuint(pages(&a), ==, 4);

	/* Nobody watches any more. */
	acc_oracle_set(&a, 1, KPO_PAGES_WATCH, 0);
	acc_mb(&a, 1, MB_EQC | MB_GET, 0, out);
	take(&a);
	g_assert_cmpuint(pages(&a), ==, 0);
	acc_end(&a);
}

void acc_add_written_tests(void)
{
	qtest_add_func("/acc/written/pages", pages_written);
}
