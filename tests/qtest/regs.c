// SPDX-License-Identifier: GPL-2.0-only
/*
 * Registers and doors: what they are after a reset, which of them lead where.
 */
#include "qemu/osdep.h"
#include "acc.h"

static void identity(const void *arg)
{
	const char *version = arg;
	g_autofree char *properties = g_strdup_printf("version=%s", version);
	unsigned revision = !strcmp(version, "v3") ? 0x30 : !strcmp(version, "v4") ? 0x50 : 0x51;
	struct acc a;
	unsigned fn;

	acc_start(&a, properties);
	for (fn = 0; fn < ACC_FUNCS; fn++) {
		g_assert_cmphex(qtest_readb(a.q, acc_cfg(fn, CFG_REVISION)), ==, revision);
		g_assert_cmphex(acc_rd(&a, fn, REG_EQ_MASK), ==, 1);
		g_assert_cmphex(acc_rd(&a, fn, REG_AEQ_MASK), ==, 1);
		g_assert_cmphex(acc_rd(&a, fn, REG_VF_STATE), ==, 1);
		g_assert_cmphex(acc_rd(&a, fn, REG_WB_DONE), ==, 0);
		g_assert_cmphex(acc_rd(&a, fn, REG_ISOLATION), ==, 0);
		g_assert_false(acc_mb_busy(&a, fn));
	}
	g_assert_cmphex(qtest_readw(a.q, acc_cfg(0, 0)), ==, 0x19e5);
	g_assert_cmphex(qtest_readw(a.q, acc_cfg(0, 2)), ==, 0xa250);
	/* Ids of VFs are in the PF's capability alone. */
	g_assert_cmphex(qtest_readl(a.q, acc_cfg(1, 0)), ==, 0xffffffff);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* The migration registers have two doors, of which the select bit opens one. */
static void doors(const void *arg)
{
	bool selected = arg;
	struct acc a;
	uint64_t open, closed;

	acc_start(&a, selected ? "version=v4,select=set" : "version=v4,select=never");
	open = selected ? ACC_WINDOW(1) + WINDOW_EQC : ACC_VF_BAR2 + REG_EQC;
	closed = selected ? ACC_VF_BAR2 + REG_EQC : ACC_WINDOW(1) + WINDOW_EQC;

	qtest_writel(a.q, open + 4, 0x12345000);
	g_assert_cmphex(qtest_readl(a.q, open + 4), ==, 0x12345000);
	acc_violations(&a, 0, 0);
	qtest_writel(a.q, closed + 4, 0x54321000);
	acc_violations(&a, KPO_V_DEAD_HALF, 1);
	g_assert_cmphex(qtest_readl(a.q, closed + 4), ==, 0xffffffff);
	g_assert_cmphex(qtest_readl(a.q, open + 4), ==, 0x12345000);
	/* A guest may read its dead half; nobody has business at a dead window. */
	acc_violations(&a, KPO_V_DEAD_HALF, !selected);
	/* The other registers are one and the same behind both. */
	if (selected) {
		qtest_writel(a.q, ACC_WINDOW(2) + REG_PAGE_SIZE, 2);
		g_assert_cmphex(acc_rd(&a, 2, REG_PAGE_SIZE), ==, 2);
		g_assert_cmphex(acc_rd(&a, 1, REG_PAGE_SIZE), ==, 0);
	}
	acc_end(&a);
}

static void select_bit(const void *arg)
{
	struct acc a;

	acc_start(&a, "version=v4,select=driver");
	g_assert_cmphex(qtest_readl(a.q, ACC_SELECT), ==, 0);
	qtest_writel(a.q, ACC_SELECT, 1);
	g_assert_cmphex(qtest_readl(a.q, ACC_SELECT), ==, 1);
	acc_end(&a);
	acc_start(&a, "version=v3,select=driver");
	qtest_writel(a.q, ACC_SELECT, 1);
	g_assert_cmphex(qtest_readl(a.q, ACC_SELECT), ==, 0);
	acc_end(&a);
}

static void odd_accesses(const void *arg)
{
	struct acc a;
	uint64_t at;

	acc_start(&a, "");
	at = a.func[1].regs;
	qtest_readb(a.q, at + REG_VF_STATE);
	qtest_readw(a.q, at + REG_VF_STATE);
	qtest_readl(a.q, at + REG_VF_STATE + 2);
	qtest_writew(a.q, at + REG_VF_STATE, 0);
	acc_violations(&a, KPO_V_WIDTH, 4);
	g_assert_cmphex(acc_rd(&a, 1, REG_VF_STATE), ==, 1);
	qtest_readl(a.q, at + 0x4000);
	qtest_writel(a.q, at + 0x4000, 1);
	qtest_readl(a.q, ACC_PF_BAR2 + 0x3ffffc);
	acc_violations(&a, KPO_V_UNIMPLEMENTED, 3);
	acc_end(&a);
}

/* A queue that is set up and rung in its own page, and in that of another. */
static void isolation(const void *arg)
{
	struct acc a;
	uint64_t dst;

	acc_start(&a, "isolation=on");
	g_assert_cmphex(acc_rd(&a, 1, REG_ISOLATION), ==, 1);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 1);
	dst = acc_alloc(&a, 4);
	acc_job_put(&a, 1, 1, dst, "ring", 4);
	qtest_writeq(a.q, ACC_VF_BAR4 + 2 * 0x10000 + REG_DB_SQ_CQ, 1 | 1ull << 32);
	qtest_writeq(a.q, ACC_VF_BAR4 + 17 * 0x10000 + REG_DB_SQ_CQ, 17 | 1ull << 32);
	acc_violations(&a, KPO_V_BAD_DOORBELL, 2);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, 0);
	qtest_writeq(a.q, ACC_VF_BAR4 + 1 * 0x10000 + REG_DB_SQ_CQ, 1 | 1ull << 32);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 1), ==, 1);
	/* Rung in their own pages: this queue, and the one that is not there. */
	g_assert_cmpuint(acc_counter(&a, 1, KPO_CNT_DOORBELL_PAGE), ==, 2);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

void acc_add_regs_tests(void)
{
	g_test_add_data_func("/acc/regs/identity/v3", "v3", identity);
	g_test_add_data_func("/acc/regs/identity/v4", "v4", identity);
	g_test_add_data_func("/acc/regs/identity/v5", "v5", identity);
	g_test_add_data_func("/acc/regs/doors/clear", NULL, doors);
	g_test_add_data_func("/acc/regs/doors/selected", "yes", doors);
	g_test_add_data_func("/acc/regs/select-bit", NULL, select_bit);
	g_test_add_data_func("/acc/regs/odd-accesses", NULL, odd_accesses);
	g_test_add_data_func("/acc/regs/isolation", NULL, isolation);
}
