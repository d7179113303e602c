// SPDX-License-Identifier: GPL-2.0-only
/*
 * Register windows and doorbells of one function: what is reached, and what is not.
 */
#include "qm_sim.h"

/* queue [11:0], command [15:12], index [47:32], priority [63:48] */
static void doorbells_are_encoded(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_doorbell_restart_sqs(&win, 3);
	qm_doorbell_xeq(&win, 2, 0x1234);
	qm_doorbell_xeq(&win, 3, 0xffff);
	QM_SIM_EXPECT(test,
		      WR_DB(0x1000, 0x0001000000000000),
		      WR_DB(0x1000, 0x0001000000000001),
		      WR_DB(0x1000, 0x0001000000000002),
		      WR_DB(0x2000, 0x0000123400002000),
		      WR_DB(0x2000, 0x0000ffff00003000));
}

/* There a doorbell would be a register of the next function. */
static void doorbells_stay_out_of_a_window_of_the_pf(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);

	qm_doorbell_restart_sqs(&win, 1);
	qm_doorbell_xeq(&win, 2, 3);
	QM_SIM_EXPECT(test, WR_DB(0x1000, 0x0001000000000000),
		      WR_DB(0x2000, 0x0000000300002000));
}

static const struct window {
	const char *desc;
	enum qm_mig_ctrl ctrl;
	u32 len;
} windows[] = {
	{ "VF control, 64 KiB", QM_MIG_CTRL_VF, 0x10000 },
	{ "PF control, 8 KiB", QM_MIG_CTRL_PF, 0x2000 },
};

static void window_desc(const struct window *window, char *desc)
{
	strscpy(desc, window->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(window, windows, window_desc);

static void last_register_of_a_window_is_reached(struct kunit *test)
{
	const struct window *window = test->param_value;
	struct qm_win win = qm_sim_win(window->ctrl);
	u32 last = window->len - 4;
	const struct qm_sim_op ops[] = { RD_WIN(last), WR_WIN(last, 7) };

	qm_sim_set(qm_sim_addr(QM_SIM_WIN, last), 0xabcd);
	KUNIT_EXPECT_EQ(test, qm_win_read(&win, last), 0xabcd);
	qm_win_write(&win, last, 7);
	qm_sim_expect(test, ops, ARRAY_SIZE(ops));
}

static void nothing_beyond_a_window_is_reached(struct kunit *test)
{
	const struct window *window = test->param_value;
	struct qm_win win = qm_sim_win(window->ctrl);
	const u32 beyond[] = { window->len - 3, window->len, window->len + 0x2000,
			       0xfffffffc };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		KUNIT_EXPECT_EQ(test, qm_win_read(&win, beyond[i]), U32_MAX);
		qm_win_write(&win, beyond[i], 1);
	}
	QM_SIM_EXPECT_NONE(test);
	KUNIT_EXPECT_EQ(test, qm_sim.warnings, 2 * ARRAY_SIZE(beyond));
	qm_sim.warnings = 0;
}

static void blocks_are_read_and_written_in_order(struct kunit *test)
{
	const struct window *window = test->param_value;
	struct qm_win win = qm_sim_win(window->ctrl);
	u32 at = window->len - 8;
	const struct qm_sim_op ops[] = {
		RD_WIN(at), RD_WIN(at + 4), WR_WIN(at, 0x1234), WR_WIN(at + 4, 0x5678),
	};
	const __le32 out[2] = { cpu_to_le32(0x1234), cpu_to_le32(0x5678) };
	__le32 in[2];

	qm_sim_set(qm_sim_addr(QM_SIM_WIN, at), 0xabcd);
	qm_sim_set(qm_sim_addr(QM_SIM_WIN, at + 4), 0xef01);
	qm_win_read_block(&win, at, in, 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(in[0]), 0xabcd);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(in[1]), 0xef01);
	qm_win_write_block(&win, at, out, 2);
	qm_sim_expect(test, ops, ARRAY_SIZE(ops));
}

/* Not even the part that is within. */
static void block_that_leaves_a_window_is_not_touched(struct kunit *test)
{
	const struct window *window = test->param_value;
	struct qm_win win = qm_sim_win(window->ctrl);
	const u32 beyond[] = { window->len - 4, window->len, 0xfffffffc };
	__le32 dw[2] = {};
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(beyond); i++) {
		qm_win_write_block(&win, beyond[i], dw, 2);
		qm_win_read_block(&win, beyond[i], dw, 2);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(dw[0]), U32_MAX);
		KUNIT_EXPECT_EQ(test, le32_to_cpu(dw[1]), U32_MAX);
	}
	QM_SIM_EXPECT_NONE(test);
	KUNIT_EXPECT_EQ(test, qm_sim.warnings, 2 * ARRAY_SIZE(beyond));
	qm_sim.warnings = 0;
}

static struct kunit_case qm_win_cases[] = {
	KUNIT_CASE(doorbells_are_encoded),
	KUNIT_CASE(doorbells_stay_out_of_a_window_of_the_pf),
	KUNIT_CASE_PARAM(last_register_of_a_window_is_reached, window_gen_params),
	KUNIT_CASE_PARAM(nothing_beyond_a_window_is_reached, window_gen_params),
	KUNIT_CASE_PARAM(blocks_are_read_and_written_in_order, window_gen_params),
	KUNIT_CASE_PARAM(block_that_leaves_a_window_is_not_touched, window_gen_params),
	{}
};

static struct kunit_suite qm_win_suite = {
	.name = "qm_win",
	.init = qm_sim_init,
	.exit = qm_sim_exit,
	.test_cases = qm_win_cases,
};

kunit_test_suite(qm_win_suite);
