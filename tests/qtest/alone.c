// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device without its oracle: where none is attached, and in a QEMU that has
 * not been built with one.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "acc.h"

/* A guest at work, one that errs, and one that is reset in the midst of it. */
static void works(const void *arg)
{
	const char *binary = arg;
	struct acc a = { .ram = ACC_RAM };
	uint64_t dst;

	a.q = qtest_init_with_env(binary, "-M virt,highmem=off,gic-version=3 -m 128M "
				  "-display none -nodefaults "
				  "-device kunpeng-acc,addr=4.0,total_vfs=3,queues=64,version=v4", true);
	acc_setup(&a);
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	dst = acc_alloc(&a, 16);
	acc_job_put(&a, 1, 0, dst, "all by itself", 13);
	acc_ring(&a, 1, 0);
	acc_step_us(&a, 100);
	g_assert_cmpuint(acc_done(&a, 1, 0), ==, 1);
	g_assert_cmphex(qtest_readl(a.q, dst), ==, 0x206c6c61);	/* "all " */

	acc_db(&a, 1, ACC_FUNC_QUEUES, DB_SQ, 1, 0);
	qtest_writel(a.q, ACC_WINDOW(1) + WINDOW_EQC, 1);
	qtest_readl(a.q, a.func[1].regs + REG_EQC);
	acc_job_put(&a, 1, 0, dst, "cut", 3);
	acc_ring(&a, 1, 0);
	acc_check_alive(&a, 1);
	acc_reset(&a, 0);
	acc_check_alive(&a, 2);
	acc_end(&a);
}

static void has_none(const void *arg)
{
	QTestState *q = qtest_init_with_env("QTEST_QEMU_WITHOUT_ORACLE", "-M none",
					    true);
	QDict *answer = qtest_qmp(q, "{'execute': 'device-list-properties',"
				  " 'arguments': {'typename': 'kunpeng-oracle'}}");

	g_assert_true(qdict_haskey(answer, "error"));
	qobject_unref(answer);
	answer = qtest_qmp(q, "{'execute': 'device-list-properties',"
			   " 'arguments': {'typename': 'kunpeng-acc'}}");
	g_assert_true(qdict_haskey(answer, "return"));
	qobject_unref(answer);
	qtest_quit(q);
}

void acc_add_alone_tests(void)
{
	g_test_add_data_func("/acc/alone/not-attached", "QTEST_QEMU_BINARY", works);
	g_test_add_data_func("/acc/alone/not-built", "QTEST_QEMU_WITHOUT_ORACLE", works);
	g_test_add_data_func("/acc/alone/no-such-device", NULL, has_none);
}
