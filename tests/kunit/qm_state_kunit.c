// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pause, quiet and restart of one function, register by register. Saving and
 * loading are in qm_state_record_kunit.c.
 */
#include "qm_sim.h"
#include "../../qm_state.c"

static void __iomem *win_reg(u32 offset)
{
	return qm_sim_addr(QM_SIM_WIN, offset);
}

static void pause_is_a_mailbox_command(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);

	KUNIT_EXPECT_EQ(test, qm_state_pause(&win), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x200e, 0), RD_MB);
}

static void quiesce_looks_everywhere_then_writes_back(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), 0);
	QM_SIM_EXPECT(test, RD_PF(0x100008), RD_WIN(0x28), RD_WIN(0x2c), RD_PF(0x3010ac),
		      WR_WIN(0x204, 1), RD_WIN(0x208));
}

static void quiesce_looks_at_the_engine_of_the_pf(struct kunit *test)
{
	static const u32 statuses[] = { 0x301008, 0x301800, 0x3010ac };
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct qm_pf *pf = qm_sim_pf(test, 0x30);
	struct qm_engine engine = {};
	unsigned int i;

	pf->engine = &engine;
	for (i = 0; i < ARRAY_SIZE(statuses); i++) {
		engine.core_status = statuses[i];
		qm_sim_set(qm_sim_addr(QM_SIM_PF, statuses[i]), 4);
		KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, pf), -EBUSY);
	}
}

static const struct unquiet {
	const char *desc;
	enum qm_sim_space space;
	u32 offset;
} unquiets[] = {
	{ "QM error", QM_SIM_PF, 0x100008 },
	{ "message PF to VF", QM_SIM_WIN, 0x28 },
	{ "message VF to PF", QM_SIM_WIN, 0x2c },
	{ "engine error", QM_SIM_PF, 0x3010ac },
};

static void unquiet_desc(const struct unquiet *unquiet, char *desc)
{
	strscpy(desc, unquiet->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(unquiet, unquiets, unquiet_desc);

static void quiesce_refuses_what_is_not_quiet(struct kunit *test)
{
	const struct unquiet *unquiet = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	unsigned int bit;

	for (bit = 0; bit < 32; bit++) {
		qm_sim_set(qm_sim_addr(unquiet->space, unquiet->offset), BIT(bit));
		KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -EBUSY);
	}
	/* Nothing is written back while something may still change it. */
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 32 * 10000);
}

static void quiesce_waits_for_what_gets_quiet(struct kunit *test)
{
	const struct unquiet *unquiet = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set_later(qm_sim_addr(unquiet->space, unquiet->offset), 0x80000000, 3, 0);
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), 0);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 1);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 6 + 3);
}

static void quiesce_fails_when_all_reads_ones(struct kunit *test)
{
	const struct unquiet *unquiet = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set(qm_sim_addr(unquiet->space, unquiet->offset), U32_MAX);
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -EIO);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
}

static void quiesce_times_out_when_nothing_is_written_back(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.wb_busy = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 100000);
}

static void restart_rings_each_queue_of_a_ready_driver(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);

	KUNIT_EXPECT_EQ(test, qm_state_restart(&win, 4), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x60), WR_WIN(0x20, 1), WR_WIN(0x24, 0),
		      WR_DB(0x1000, 0x0001000000000000),
		      WR_DB(0x1000, 0x0001000000000001),
		      WR_DB(0x1000, 0x0001000000000002),
		      WR_DB(0x1000, 0x0001000000000003));
}

static void restart_rings_a_thousand_queues(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_state_restart(&win, 1024), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 3 + 1024);
	KUNIT_EXPECT_EQ(test, qm_sim.ops[3 + 1023].val, 0x00010000000003ffULL);
}

static void restart_leaves_a_driver_that_is_not_ready_alone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set(win_reg(0x60), 1);
	KUNIT_EXPECT_EQ(test, qm_state_restart(&win, 4), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static void restart_fails_when_the_device_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.gone_after = 0;
	KUNIT_EXPECT_EQ(test, qm_state_restart(&win, 4), -EIO);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static struct kunit_case qm_state_cases[] = {
	KUNIT_CASE(pause_is_a_mailbox_command),
	KUNIT_CASE(quiesce_looks_everywhere_then_writes_back),
	KUNIT_CASE(quiesce_looks_at_the_engine_of_the_pf),
	KUNIT_CASE_PARAM(quiesce_refuses_what_is_not_quiet, unquiet_gen_params),
	KUNIT_CASE_PARAM(quiesce_waits_for_what_gets_quiet, unquiet_gen_params),
	KUNIT_CASE_PARAM(quiesce_fails_when_all_reads_ones, unquiet_gen_params),
	KUNIT_CASE(quiesce_times_out_when_nothing_is_written_back),
	KUNIT_CASE(restart_rings_each_queue_of_a_ready_driver),
	KUNIT_CASE(restart_rings_a_thousand_queues),
	KUNIT_CASE(restart_leaves_a_driver_that_is_not_ready_alone),
	KUNIT_CASE(restart_fails_when_the_device_is_gone),
	{}
};

static struct kunit_suite qm_state_suite = {
	.name = "qm_state",
	.init = qm_sim_init,
	.exit = qm_sim_exit,
	.test_cases = qm_state_cases,
};

kunit_test_suite(qm_state_suite);
