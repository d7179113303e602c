// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device's DMA goes to the device itself: to its registers, to its config
 * space, to those of its other functions, while it is in the midst of something.
 * Nothing of that may do harm to QEMU, and after a reset all works as before.
 */
#include "qemu/osdep.h"
#include "acc.h"

#define FN		1	/* who does it */

/* Where to, and the 32 bytes that are to be written there. */
struct target {
	const char *name;
	uint64_t addr;
	unsigned len;		/* of them, where it can be chosen */
	uint32_t dw[8];
};

#define OWN		ACC_VF_BAR2
#define OTHER		(ACC_VF_BAR2 + 0x10000)
#define CFG(fn, off)	(ACC_ECAM + ((ACC_SLOT * 8 + (fn)) << 12) + (off))

static const struct target targets[] = {
	{ "own-mailbox", OWN + REG_MAILBOX, 16, { MB_PAUSE | MB_BUSY } },
	{ "own-mailbox-flush", OWN + REG_MAILBOX, 16, { MB_FLUSH | MB_BUSY } },
	{ "own-mailbox-context", OWN + REG_MAILBOX, 16, { MB_SQC | MB_BUSY, ACC_RAM } },
	{ "own-sq", OWN + REG_DB_SQ_CQ, 8, { 0, 5 } },
	{ "own-restart", OWN + REG_DB_SQ_CQ, 8, { 0, 1 << 16 } },
	{ "own-cq", OWN + REG_DB_SQ_CQ, 8, { DB_CQ << 12, 1 << 16 } },
	{ "own-eq", OWN + REG_DB_EQ_AEQ, 8, { DB_EQ << 12, 3 } },
	{ "own-write-back", OWN + REG_WB_START, 4, { 1 } },
	{ "own-eqc", OWN + REG_EQC, 28, { 0 } },
	{ "own-flr", CFG(FN, CFG_DEVCTL), 2, { CFG_FLR } },
	{ "own-command", CFG(FN, CFG_COMMAND), 2, { 0 } },
	{ "own-msi", CFG(FN, CFG_MSI), 16, { 0 } },
	{ "other-mailbox", OTHER + REG_MAILBOX, 16, { MB_PAUSE | MB_BUSY } },
	{ "other-flr", CFG(FN + 1, CFG_DEVCTL), 2, { CFG_FLR } },
	{ "pf-mailbox", ACC_PF_BAR2 + REG_MAILBOX, 16, { MB_SQC_BT | MB_BUSY } },
	{ "pf-window", ACC_WINDOW(FN) + REG_MAILBOX, 16, { MB_PAUSE | MB_BUSY } },
	{ "pf-wipe", ACC_PF_BAR2 + 0x100040, 4, { 1 } },
	{ "pf-flr", CFG(0, CFG_DEVCTL), 2, { CFG_FLR } },
	{ "pf-vfs-off", CFG(0, CFG_SRIOV_CTRL), 2, { 0 } },
	{ "pf-bars", CFG(0, CFG_BAR2), 16, { ACC_RAM, 0, ACC_RAM, 0 } },
	{ "oracle-aeqe", ACC_ORACLE + KPO_RAISE_AEQE, 4, { 0 } },
	{ "oracle-fault", ACC_ORACLE + KPO_FAULT_KIND, 24, { KPO_F_FLR, 0, 0, 0, 0, 1 } },
	{ "nowhere", ACC_NOWHERE, 4, { 0 } },
};

static void queue_with_jobs(struct acc *a, unsigned jobs)
{
	acc_queue_start(a, FN, 0);
	while (jobs--)
		acc_job_put(a, FN, 0, acc_alloc(a, 16), "job", 3);
}

static void by_result(struct acc *a, const struct target *t)
{
	queue_with_jobs(a, 1);
	acc_job_put(a, FN, 0, t->addr, t->dw, t->len);
	acc_job_put(a, FN, 0, acc_alloc(a, 16), "job", 3);
	acc_ring(a, FN, 0);
	acc_step_us(a, 20);
}

/* The same while a pause, read by the driver, waits for the job. */
static void by_result_in_pause(struct acc *a, const struct target *t)
{
	queue_with_jobs(a, 1);
	acc_job_put(a, FN, 0, t->addr, t->dw, t->len);
	acc_job_put(a, FN, 0, acc_alloc(a, 16), "job", 3);
	acc_ring(a, FN, 0);
	acc_mb_store(a, FN, MB_PAUSE, 0, 0);
	acc_step_us(a, 20);
	acc_mb_busy(a, FN);
}

static void by_source(struct acc *a, const struct target *t)
{
	acc_queue_start(a, FN, 0);
	acc_job_deflate(a, FN, 0, t->addr, 16, acc_alloc(a, 256), 256, false);
	acc_job_deflate(a, FN, 0, t->addr, 16, acc_alloc(a, 256), 256, true);
	acc_ring(a, FN, 0);
	acc_mb_store(a, FN, MB_PAUSE, 0, 0);
	acc_step_us(a, 20);
	acc_mb_busy(a, FN);
}

static void by_list(struct acc *a, const struct target *t)
{
	uint64_t list = acc_alloc(a, 128), dst = acc_alloc(a, 16);

	qtest_writew(a->q, list + 10, 1);
	qtest_writeq(a->q, list + 64, t->addr);
	qtest_writel(a->q, list + 64 + 16, t->len);
	acc_queue_start(a, FN, 0);
	acc_job_deflate(a, FN, 0, dst, 16, list, 64, true);
	acc_ring(a, FN, 0);
	acc_step_us(a, 20);
}

static void by_entry(struct acc *a, const struct target *t)
{
	uint32_t dw[8] = { [1] = t->addr, [2] = t->addr >> 32, [3] = 7 << 12 | (ACC_DEPTH - 1) };

	acc_queue_start(a, FN, 0);
	acc_set_context(a, FN, MB_SQC, 0, dw);
	acc_db(a, FN, 0, DB_SQ, 3, 0);
	acc_step_us(a, 20);
}

static void by_completion(struct acc *a, const struct target *t)
{
	uint32_t dw[8] = { [1] = t->addr, [2] = t->addr >> 32, [3] = 4 << 12 | (ACC_DEPTH - 1),
			   [6] = 3 };

	queue_with_jobs(a, 3);
	acc_set_context(a, FN, MB_CQC, 0, dw);
	acc_ring(a, FN, 0);
	acc_step_us(a, 20);
}

static void by_event(struct acc *a, const struct target *t)
{
	uint32_t dw[8] = { [1] = t->addr, [2] = t->addr >> 32, [6] = 1 << 16 | (ACC_EVENTS - 1) };

	queue_with_jobs(a, 3);
	acc_set_context(a, FN, MB_EQC, 0, dw);
	acc_set_context(a, FN, MB_AEQC, 0, dw);
	acc_oracle_set(a, FN, KPO_RAISE_AEQE, t->dw[0]);
	acc_ring(a, FN, 0);
	acc_step_us(a, 20);
}

static void by_message(struct acc *a, const struct target *t)
{
	queue_with_jobs(a, 2);
	qtest_writel(a->q, acc_cfg(FN, CFG_MSI + 4), t->addr);
	qtest_writel(a->q, acc_cfg(FN, CFG_MSI + 8), t->addr >> 32);
	qtest_writel(a->q, acc_cfg(FN, CFG_MSI + 12), t->dw[0]);
	acc_ring(a, FN, 0);
	acc_step_us(a, 20);
	/* And in an access: it was masked until now. */
	acc_wr(a, FN, REG_EQ_MASK, 1);
	acc_wr(a, FN, REG_EQ_MASK, 0);
}

static void by_context(struct acc *a, const struct target *t)
{
	queue_with_jobs(a, 3);
	acc_set_context(a, FN, MB_AEQC, 0, t->dw);
	acc_ring(a, FN, 0);
	acc_mb_store(a, FN, MB_AEQC | MB_GET, 0, t->addr);
	acc_step_us(a, 20);
	acc_mb_store(a, FN, MB_AEQC, 0, t->addr);
	acc_step_us(a, 20);
}

static void by_table(struct acc *a, const struct target *t)
{
	queue_with_jobs(a, 3);
	acc_mb(a, FN, MB_SQC_BT, 0, t->addr);
	acc_mb(a, FN, MB_CQC_BT, 0, t->addr - 32);
	/* One context is written there, another read from there. */
	acc_set_context(a, FN, MB_SQC, 0, t->dw);
	acc_set_context(a, FN, MB_CQC, 1, t->dw);
	acc_db(a, FN, 1, DB_SQ, 1, 0);
	acc_wr(a, FN, REG_WB_START, 1);
	acc_step_us(a, 20);
}

static const struct {
	const char *name;
	void (*go)(struct acc *a, const struct target *t);
} ways[] = {
	{ "result", by_result },
	{ "result-in-pause", by_result_in_pause },
	{ "source", by_source },
	{ "list", by_list },
	{ "entry", by_entry },
	{ "completion", by_completion },
	{ "event", by_event },
	{ "message", by_message },
	{ "context", by_context },
	{ "table", by_table },
};

static void one_way(struct acc *a, const struct target *t, unsigned way)
{
	g_test_message("%s to %s", ways[way].name, t->name);
	a->ram = ACC_RAM;
	qtest_memset(a->q, ACC_RAM, 0, 1 << 20);
	acc_setup(a);
	acc_reset(a, 0);
	acc_reset(a, FN);
	acc_func_start(a, FN);
	ways[way].go(a, t);
	acc_step_us(a, 1000);
	acc_setup(a);
	acc_oracle_set(a, FN, KPO_FAULT_ARM, 0);
	acc_check_alive(a, FN);
}

/* One machine for all of them: whatever one does to it, the next finds it whole. */
static struct acc shared;

static void set_times(struct acc *a, unsigned us)
{
	acc_oracle_set(a, FN, KPO_MBOX_TIME_US, us);
	acc_oracle_set(a, FN, KPO_WB_TIME_US, us);
	acc_oracle_set(a, FN, KPO_JOB_TIME_US, us);
}

/* Each way, with commands that take time, and with such that don't. */
static void each_way(const void *arg)
{
	const struct target *t = arg;
	unsigned way;

	if (!shared.q)
		acc_start(&shared, "version=v4,select=set");
	set_times(&shared, 2);
	for (way = 0; way < G_N_ELEMENTS(ways); way++)
		one_way(&shared, t, way);
	set_times(&shared, 0);
	for (way = 0; way < G_N_ELEMENTS(ways); way++)
		one_way(&shared, t, way);
}

static void ends_in_order(const void *arg)
{
	if (!shared.q) {
		g_test_skip("no other test was done");
		return;
	}
	acc_end(&shared);
	shared.q = NULL;
}

/* Two accelerators that write to each other's mailboxes, to and fro. */
static void two_of_them(const void *arg)
{
	struct target there = { "other-device", ACC_OTHER_BAR2 + REG_MAILBOX, 16,
				{ MB_AEQC | MB_GET | MB_BUSY, ACC_VF_BAR2 + REG_MAILBOX } };
	uint64_t cfg = ACC_ECAM + (6 << 15);
	struct acc a;
	unsigned way;

	acc_start(&a, "mbox-time-us=0 -device kunpeng-acc,addr=6.0,total_vfs=1,mbox-time-us=0");
	qtest_writel(a.q, cfg + CFG_BAR2, ACC_OTHER_BAR2);
	qtest_writel(a.q, cfg + CFG_BAR2 + 4, 0);
	qtest_writew(a.q, cfg + CFG_COMMAND, 6);
	for (way = 0; way < G_N_ELEMENTS(ways); way++)
		one_way(&a, &there, way);
	acc_end(&a);
}

static void machine_reset(const void *arg)
{
	struct acc a;
	unsigned i;

	acc_start(&a, "job-time-us=1000");
	for (i = 0; i < 3; i++) {
		acc_func_start(&a, FN);
		queue_with_jobs(&a, 10);
		acc_ring(&a, FN, 0);
		acc_mb_store(&a, FN, MB_PAUSE, 0, 0);
		acc_wr(&a, FN, REG_WB_START, 1);
		qtest_system_reset(a.q);
		acc_step_us(&a, 5000);
		acc_setup(&a);
	}
	acc_check_alive(&a, FN);
	acc_end(&a);
}

void acc_add_reentry_tests(void)
{
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(targets); i++) {
		g_autofree char *name = g_strdup_printf("/acc/reentry/%s", targets[i].name);

		g_test_add_data_func(name, &targets[i], each_way);
	}
	g_test_add_data_func("/acc/reentry/ends-in-order", NULL, ends_in_order);
	g_test_add_data_func("/acc/reentry/two-of-them", NULL, two_of_them);
	g_test_add_data_func("/acc/reentry/machine-reset", NULL, machine_reset);
}
