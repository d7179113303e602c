// SPDX-License-Identifier: GPL-2.0-only
/*
 * The select bit: who sets it, who relies on it, who clears it.
 */
#include <linux/pci.h>

#include "qm_sim.h"

/* Does the kernel's PF driver set the select bit? Both answers, on any kernel. */
static bool pf_driver_sets_select;

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

static const struct recheck {
	const char *desc;
	u32 ver;
	enum qm_mig_ctrl at_open;
	u32 sel_now;
	int ret;
} rechecks[] = {
	{ "V3 knows no bit",		V3, QM_MIG_CTRL_VF, 1, 0 },
	{ "V4, bit still clear",	V4, QM_MIG_CTRL_VF, 0, 0 },
	{ "V4, bit still set",		V4, QM_MIG_CTRL_PF, 1, 0 },
	{ "V4, bit was set since",	V4, QM_MIG_CTRL_VF, 1, -EIO },
	{ "V4, bit was lost",		V4, QM_MIG_CTRL_PF, 0, -EIO },
	{ "V4, other bit set since",	V4, QM_MIG_CTRL_VF, 2, 0 },
	{ "V5, bit was lost",		V5, QM_MIG_CTRL_PF, 0, -EIO },
	{ "V4 by PF, PF gone",		V4, QM_MIG_CTRL_PF, U32_MAX, -EIO },
	{ "V4 by VF, PF gone",		V4, QM_MIG_CTRL_VF, U32_MAX, -EIO },
};

static void recheck_desc(const struct recheck *recheck, char *desc)
{
	strscpy(desc, recheck->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(recheck, rechecks, recheck_desc);

static void recheck_finds_a_moved_control(struct kunit *test)
{
	const struct recheck *recheck = test->param_value;
	struct qm_pf *pf = qm_sim_pf(test, recheck->ver);

	set_select(recheck->sel_now);
	KUNIT_EXPECT_EQ(test, qm_select_recheck(&qm_sim_log, pf, recheck->at_open),
			recheck->ret);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
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
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, claim->looks ? 2 : 0);

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
	qm_select_open(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 1));

	/* The second VF comes upon an open one. */
	qm_select_open(pf);
	QM_SIM_EXPECT_NONE(test);
	KUNIT_EXPECT_EQ(test, pf->select.opens, 2);
}

static void recheck_sets_a_lost_bit_of_ours_again(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	qm_select_attach(pf);
	qm_select_open(pf);
	set_select(0x20);
	qm_sim_forget();
	KUNIT_EXPECT_EQ(test, qm_select_recheck(&qm_sim_log, pf, QM_MIG_CTRL_PF), 0);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x21));
	KUNIT_EXPECT_EQ(test, qm_select_recheck(&qm_sim_log, pf, QM_MIG_CTRL_PF), 0);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&qm_select_lock));
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
	KUNIT_CASE_PARAM(recheck_finds_a_moved_control, recheck_gen_params),
	KUNIT_CASE(claim_sets_a_bit_that_nobody_sets),
	KUNIT_CASE_PARAM(claim_leaves_the_bit_alone, no_claim_gen_params),
	KUNIT_CASE(open_claims_a_bit_that_was_lost_while_all_were_closed),
	KUNIT_CASE(recheck_sets_a_lost_bit_of_ours_again),
	KUNIT_CASE(detach_writes_nothing_to_a_pf_that_is_gone),
	{}
};

static int qm_select_init(struct kunit *test)
{
	own_select = false;
	pf_driver_sets_select = false;
	return qm_sim_init(test);
}

static struct kunit_suite qm_select_suite = {
	.name = "qm_select",
	.init = qm_select_init,
	.exit = qm_sim_exit,
	.test_cases = qm_select_cases,
};

kunit_test_suite(qm_select_suite);
