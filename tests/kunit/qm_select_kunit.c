// SPDX-License-Identifier: GPL-2.0-only
/*
 * The select bit: who sets it, who relies on it, who clears it.
 */
#include <linux/pci.h>

#include "qm_sim.h"

/* Does the kernel's PF driver set the select bit? Both answers, on any kernel. */
static bool pf_driver_sets_select;
/* Nobody resets the PF, unless a test says so; work is done by the tests. */
static bool pf_resetting;
static unsigned int watches;

static bool fake_is_resetting(const struct qm_pf *pf)
{
	return pf_resetting;
}

static bool fake_schedule(struct delayed_work *work)
{
	watches++;
	return true;
}

#define qm_pf_is_resetting	fake_is_resetting
#define schedule_delayed_work(work, delay)	fake_schedule(work)
#define cancel_delayed_work_sync(work)		fake_cancel(work)

static bool fake_cancel(struct delayed_work *work)
{
	watches = 0;
	return true;
}

#include "../../include/compat/kernel.h"
#undef COMPAT_PF_DRIVER_SETS_SELECT
#define COMPAT_PF_DRIVER_SETS_SELECT	pf_driver_sets_select

#include "../../qm_select.c"

#define V2	0x21
#define V3	0x30
#define V4	0x50
#define V5	0x51

#define SELECT	0x100198

static void set_select(u32 val)
{
	qm_sim_set(qm_sim_addr(QM_SIM_PF, SELECT), val);
}

static void select_register_is_left_alone_up_to_v3(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V3);

	set_select(1);
	KUNIT_EXPECT_EQ(test, qm_select_read(pf), 0);
	pf->ver = V2;
	KUNIT_EXPECT_EQ(test, qm_select_read(pf), 0);
	QM_SIM_EXPECT_NONE(test);
}

static void select_register_is_read_once_from_v4_on(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	set_select(0x11);
	KUNIT_EXPECT_EQ(test, qm_select_read(pf), 0x11);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	pf->ver = V5;
	KUNIT_EXPECT_EQ(test, qm_select_read(pf), 0x11);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
}

static const struct kept {
	const char *desc;
	u32 ver;
	u32 sel_at_open;
	u32 sel_now;
	int ret;
	u32 sel_then;
} kepts[] = {
	{ "V3 knows no bit",		V3, 0, 1, 0, 1 },
	{ "V4, bit still clear",	V4, 0, 0, 0, 0 },
	{ "V4, bit still set",		V4, 1, 1, 0, 1 },
	{ "V4, bit was set since",	V4, 0, 1, -EIO, 1 },
	{ "V4, bit was lost",		V4, 0x11, 0x10, 1, 0x11 },
	{ "V4, other bit set since",	V4, 0, 2, 0, 2 },
	{ "V5, bit was lost",		V5, 1, 0, 1, 1 },
	{ "V4 by PF, PF gone",		V4, 1, U32_MAX, -EIO, U32_MAX },
	{ "V4 by VF, PF gone",		V4, 0, U32_MAX, -EIO, U32_MAX },
};

static void kept_desc(const struct kept *kept, char *desc)
{
	strscpy(desc, kept->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(kept, kepts, kept_desc);

/* By whomever it was set: open VFs rely on it. */
static void bit_that_was_set_at_open_is_kept_set(struct kunit *test)
{
	const struct kept *kept = test->param_value;
	struct qm_pf *pf = qm_sim_pf(test, kept->ver);
	enum qm_mig_ctrl ctrl;

	set_select(kept->sel_at_open);
	qm_select_attach(pf);
	ctrl = qm_mig_ctrl(kept->ver, qm_select_open(pf));
	set_select(kept->sel_now);
	KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, ctrl), kept->ret);
	KUNIT_EXPECT_EQ(test, qm_sim_get(qm_sim_addr(QM_SIM_PF, SELECT)), kept->sel_then);
	KUNIT_EXPECT_FALSE(test, qm_select_is_lost(pf));
	/* Once it is back, there is no more to it. */
	if (kept->ret == 1)
		KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, ctrl), 0);
	qm_select_close(pf);
	qm_select_detach(pf);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&qm_select_lock));
}

/* A PF that is being reset is its driver's alone. */
static void bit_is_left_alone_during_a_reset_of_the_pf(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	set_select(1);
	qm_select_attach(pf);
	qm_select_open(pf);
	set_select(0);
	qm_sim_forget();
	pf_resetting = true;
	watch_work(&pf->select.watch.work);
	KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, QM_MIG_CTRL_PF), -EIO);
	QM_SIM_EXPECT_NONE(test);

	pf_resetting = false;
	watch_work(&pf->select.watch.work);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 1), RD_PF(SELECT));
}

static void bit_is_watched_while_somebody_relies_on_it(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	qm_select_attach(pf);
	qm_select_open(pf);
	KUNIT_EXPECT_EQ(test, watches, 0);
	qm_select_close(pf);

	set_select(1);
	qm_select_open(pf);
	KUNIT_EXPECT_EQ(test, watches, 1);
	qm_sim_forget();
	watch_work(&pf->select.watch.work);
	KUNIT_EXPECT_EQ(test, watches, 2);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	KUNIT_EXPECT_FALSE(test, pf->select.watch.timer.flags & TIMER_DEFERRABLE);

	/* The one that waits for it to end has the lock. */
	mutex_lock(&qm_select_lock);
	watch_work(&pf->select.watch.work);
	mutex_unlock(&qm_select_lock);
	QM_SIM_EXPECT_NONE(test);

	qm_select_close(pf);
	watches = 0;
	watch_work(&pf->select.watch.work);
	KUNIT_EXPECT_EQ(test, watches, 0);
	QM_SIM_EXPECT_NONE(test);
}

/* All open VFs have one plan, whatever has become of the bit. */
static void second_vf_gets_the_plan_of_the_first(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	set_select(1);
	qm_select_attach(pf);
	qm_select_open(pf);
	set_select(0);
	KUNIT_EXPECT_EQ(test, qm_select_open(pf), 1);
	KUNIT_EXPECT_EQ(test, qm_sim_get(qm_sim_addr(QM_SIM_PF, SELECT)), 1);

	/* When all are closed, it is what it is. */
	qm_select_close(pf);
	qm_select_close(pf);
	set_select(0);
	KUNIT_EXPECT_EQ(test, qm_select_open(pf), 0);
	KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, QM_MIG_CTRL_VF), 0);
}

static void bit_that_does_not_take_is_said_once(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	set_select(1);
	qm_select_attach(pf);
	qm_select_open(pf);
	qm_sim_stuck(qm_sim_addr(QM_SIM_PF, SELECT), 0);
	KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, QM_MIG_CTRL_PF), -EIO);
	KUNIT_EXPECT_TRUE(test, qm_select_is_lost(pf));
	KUNIT_EXPECT_EQ(test, qm_select_keep(&qm_sim_log, pf, QM_MIG_CTRL_PF), -EIO);
	qm_select_close(pf);
	KUNIT_EXPECT_FALSE(test, qm_select_is_lost(pf));
}

/* A PF whose select bit is left to us, as the user has asked for. */
static struct qm_pf *claimable_pf(struct kunit *test)
{
	own_select = true;
	pf_driver_sets_select = false;
	return qm_sim_pf(test, V4);
}

static void claim_sets_a_bit_that_nobody_sets(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	/* The register's other bits stay. */
	set_select(0x30);
	qm_select_attach(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x31));
	KUNIT_EXPECT_TRUE(test, pf->select.ours);

	qm_select_detach(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x30));
	KUNIT_EXPECT_FALSE(test, pf->select.ours);
}

static const struct claim {
	const char *desc;
	bool not_asked;
	bool pf_driver_sets;
	u32 ver;
	unsigned int opens;
	u32 sel;
	bool looks;
} no_claims[] = {
	{ "not asked for", .not_asked = true, .ver = V4 },
	{ "PF driver sets it", .pf_driver_sets = true, .ver = V4 },
	{ "V3 has no bit", .ver = V3 },
	{ "VF is open", .ver = V4, .opens = 1 },
	{ "set already", .ver = V4, .sel = 1, .looks = true },
	{ "PF gone", .ver = V4, .sel = U32_MAX, .looks = true },
};

static void claim_desc(const struct claim *claim, char *desc)
{
	strscpy(desc, claim->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(no_claim, no_claims, claim_desc);

static void claim_leaves_the_bit_alone(struct kunit *test)
{
	const struct claim *claim = test->param_value;
	struct qm_pf *pf = claimable_pf(test);

	own_select = !claim->not_asked;
	pf_driver_sets_select = claim->pf_driver_sets;
	pf->ver = claim->ver;
	pf->select.opens = claim->opens;
	set_select(claim->sel);
	qm_select_attach(pf);
	qm_select_open(pf);
	KUNIT_EXPECT_FALSE(test, pf->select.ours);
	KUNIT_EXPECT_EQ(test, pf->select.opens, claim->opens + 1);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	/* To open it, it is looked at. */
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, (claim->looks ? 2 : 0) + (claim->ver > V3));

	/* Nor is a bit cleared that others have set. */
	qm_sim_forget();
	qm_select_detach(pf);
	QM_SIM_EXPECT_NONE(test);
}

static void open_claims_a_bit_that_was_lost_while_all_were_closed(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	qm_select_attach(pf);
	qm_select_open(pf);
	qm_select_close(pf);
	set_select(0);
	qm_sim_forget();
	KUNIT_EXPECT_EQ(test, qm_select_open(pf), 1);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 1), RD_PF(SELECT));

	/* The second VF comes upon an open one. */
	KUNIT_EXPECT_EQ(test, qm_select_open(pf), 1);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	KUNIT_EXPECT_EQ(test, pf->select.opens, 2);
}

static void detach_writes_nothing_to_a_pf_that_is_gone(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	qm_select_attach(pf);
	qm_sim_forget();
	set_select(U32_MAX);
	qm_select_detach(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
}

static struct kunit_case qm_select_cases[] = {
	KUNIT_CASE(select_register_is_left_alone_up_to_v3),
	KUNIT_CASE(select_register_is_read_once_from_v4_on),
	KUNIT_CASE_PARAM(bit_that_was_set_at_open_is_kept_set, kept_gen_params),
	KUNIT_CASE(bit_is_left_alone_during_a_reset_of_the_pf),
	KUNIT_CASE(bit_is_watched_while_somebody_relies_on_it),
	KUNIT_CASE(second_vf_gets_the_plan_of_the_first),
	KUNIT_CASE(bit_that_does_not_take_is_said_once),
	KUNIT_CASE(claim_sets_a_bit_that_nobody_sets),
	KUNIT_CASE_PARAM(claim_leaves_the_bit_alone, no_claim_gen_params),
	KUNIT_CASE(open_claims_a_bit_that_was_lost_while_all_were_closed),
	KUNIT_CASE(detach_writes_nothing_to_a_pf_that_is_gone),
	{}
};

static int qm_select_init(struct kunit *test)
{
	own_select = false;
	pf_driver_sets_select = false;
	pf_resetting = false;
	watches = 0;
	return qm_sim_init(test);
}

static struct kunit_suite qm_select_suite = {
	.name = "qm_select",
	.init = qm_select_init,
	.exit = qm_sim_exit,
	.test_cases = qm_select_cases,
};

kunit_test_suite(qm_select_suite);
