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

static void pause_stops_what_is_ready(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);
	bool paused = false;

	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), 0);
	KUNIT_EXPECT_TRUE(test, paused);
	QM_SIM_EXPECT(test, RD_WIN(0x60), RD_MB, WR_MB(0x200e, 0), RD_MB);
}

/* Nobody knows what would end its pause. */
static void pause_leaves_alone_what_is_not_ready(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	bool paused = false;

	/* bit 0 decides */
	qm_sim_set(win_reg(0x60), 0xf1);
	qm_sim.sqc = 0x1000;
	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), 0);
	KUNIT_EXPECT_FALSE(test, paused);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static void pause_asks_for_tables_where_a_reset_leaves_ready(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	bool paused = false;

	win.ready_is_vague = true;
	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), 0);
	KUNIT_EXPECT_FALSE(test, paused);
	QM_SIM_EXPECT(test, RD_WIN(0x60), RD_MB, WR_MB(0x6004, 0), RD_MB);

	qm_sim.sqc = 0x1000;
	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), 0);
	KUNIT_EXPECT_TRUE(test, paused);
	QM_SIM_EXPECT(test, RD_WIN(0x60), RD_MB, WR_MB(0x6004, 0), RD_MB,
		      RD_MB, WR_MB(0x200e, 0), RD_MB);
}

static void pause_that_fails_has_not_paused(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	bool paused = false;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		qm_sim_init(test);
		qm_sim.gone_after = i;
		KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), -EIO);
	}
	qm_sim_init(test);
	qm_sim.mb_busy[0xe] = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), -ETIMEDOUT);
	qm_sim_init(test);
	win.ready_is_vague = true;
	qm_sim.mb_left = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_pause(&win, &paused), -EBUSY);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	KUNIT_EXPECT_FALSE(test, paused);
}

static void what_a_reset_leaves_is_learnt_and_kept(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set(win_reg(0x60), 1);
	qm_state_look_at_reset(&win);
	KUNIT_EXPECT_FALSE(test, win.ready_is_vague);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
	/* One that does not answer says nothing. */
	qm_sim_set(win_reg(0x60), U32_MAX);
	qm_state_look_at_reset(&win);
	KUNIT_EXPECT_FALSE(test, win.ready_is_vague);
	qm_sim_set(win_reg(0x60), 0);
	qm_state_look_at_reset(&win);
	KUNIT_EXPECT_TRUE(test, win.ready_is_vague);
	qm_sim_set(win_reg(0x60), 1);
	qm_state_look_at_reset(&win);
	KUNIT_EXPECT_TRUE(test, win.ready_is_vague);
}

static void quiesce_looks_everywhere_then_writes_back(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), 0);
	QM_SIM_EXPECT(test, RD_PF(0x100008), RD_WIN(0x28), RD_WIN(0x2c), RD_PF(0x3010ac),
		      RD_WIN(0x208), WR_WIN(0x204, 1), RD_WIN(0x208));
}

static void quiesce_looks_at_the_engine_of_the_pf(struct kunit *test)
{
	static const u32 statuses[] = { 0x301008, 0x301800, 0x3010ac };
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct qm_pf *pf = qm_sim_pf(test, 0x30);
	struct qm_engine engine = {};
	unsigned int i;

	pf->engine = &engine;
	qm_sim.sqc = 0x1000;
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

	qm_sim.sqc = 0x1000;
	for (bit = 0; bit < 32; bit++) {
		qm_sim_set(qm_sim_addr(unquiet->space, unquiet->offset), BIT(bit));
		KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -EBUSY);
	}
	/*
	 * Nothing is written back while something may still change it; but it is asked
	 * whether there is anything at all.
	 */
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 32);
	KUNIT_EXPECT_EQ(test, qm_sim.ops[qm_sim.num_ops - 2].val, 0x6004);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 32 * 10000);
}

/* A reset by way of the PF leaves a message that nobody takes. */
static void quiesce_finds_what_a_reset_has_taken(struct kunit *test)
{
	const struct unquiet *unquiet = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set(qm_sim_addr(unquiet->space, unquiet->offset), 1);
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -ESTALE);
	/* One that does not tell may be there. */
	qm_sim.mb_status[4] = 1;
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -EBUSY);
	qm_sim.mb_left = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), -EBUSY);
}

static void quiesce_waits_for_what_gets_quiet(struct kunit *test)
{
	const struct unquiet *unquiet = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set_later(qm_sim_addr(unquiet->space, unquiet->offset), 0x80000000, 3, 0);
	KUNIT_EXPECT_EQ(test, qm_state_quiesce(&win, qm_sim_pf(test, 0x30)), 0);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 1);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 7 + 3);
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

static void let_go_rings_each_queue(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);

	qm_sim.sqc = 0x1000;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 4), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6004, 0), RD_MB,
		      WR_WIN(0x20, 1), WR_WIN(0x24, 0),
		      /* No doorbell overtakes them. */
		      RD_WIN(0x24),
		      WR_DB(0x1000, 0x0001000000000000),
		      WR_DB(0x1000, 0x0001000000000001),
		      WR_DB(0x1000, 0x0001000000000002),
		      WR_DB(0x1000, 0x0001000000000003));
}

static void let_go_rings_a_thousand_queues(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.sqc = 0x1000;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 1024), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 6 + 1024);
	KUNIT_EXPECT_EQ(test, qm_sim.ops[6 + 1023].val, 0x00010000000003ffULL);
}

static void let_go_rings_for_nothing_that_a_reset_has_taken(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 4), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6004, 0), RD_MB);
}

/* Its driver may have gone, or does not tell: it must not stay paused. */
static void let_go_rings_for_what_can_not_be_told(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim_set(win_reg(0x60), 1);
	qm_sim.sqc = 0x1000;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 1), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 6 + 1);
	qm_sim_forget();
	qm_sim.sqc = 0;
	qm_sim.mb_status[4] = 1;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 1), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 6 + 1);
}

static void let_go_fails_when_the_device_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	unsigned int i;

	for (i = 0; i < 3; i++) {
		qm_sim_init(test);
		qm_sim.gone_after = i;
		KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 4), -EIO);
	}
}

static void let_go_rings_when_the_mailbox_is_stuck(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb_left = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 4), 0);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 2 + 4);
	qm_sim_init(test);
	qm_sim.mb_busy[4] = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_state_let_go(&win, 4), 0);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 1 + 2 + 4);
}

static struct kunit_case qm_state_cases[] = {
	KUNIT_CASE(pause_stops_what_is_ready),
	KUNIT_CASE(pause_leaves_alone_what_is_not_ready),
	KUNIT_CASE(pause_asks_for_tables_where_a_reset_leaves_ready),
	KUNIT_CASE(pause_that_fails_has_not_paused),
	KUNIT_CASE(what_a_reset_leaves_is_learnt_and_kept),
	KUNIT_CASE(quiesce_looks_everywhere_then_writes_back),
	KUNIT_CASE(quiesce_looks_at_the_engine_of_the_pf),
	KUNIT_CASE_PARAM(quiesce_refuses_what_is_not_quiet, unquiet_gen_params),
	KUNIT_CASE_PARAM(quiesce_finds_what_a_reset_has_taken, unquiet_gen_params),
	KUNIT_CASE_PARAM(quiesce_waits_for_what_gets_quiet, unquiet_gen_params),
	KUNIT_CASE_PARAM(quiesce_fails_when_all_reads_ones, unquiet_gen_params),
	KUNIT_CASE(quiesce_times_out_when_nothing_is_written_back),
	KUNIT_CASE(let_go_rings_each_queue),
	KUNIT_CASE(let_go_rings_a_thousand_queues),
	KUNIT_CASE(let_go_rings_for_nothing_that_a_reset_has_taken),
	KUNIT_CASE(let_go_rings_for_what_can_not_be_told),
	KUNIT_CASE(let_go_fails_when_the_device_is_gone),
	KUNIT_CASE(let_go_rings_when_the_mailbox_is_stuck),
	{}
};

static struct kunit_suite qm_state_suite = {
	.name = "qm_state",
	.init = qm_sim_init,
	.exit = qm_sim_exit,
	.test_cases = qm_state_cases,
};

kunit_test_suite(qm_state_suite);
