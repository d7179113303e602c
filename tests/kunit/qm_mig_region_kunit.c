// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who controls migration, where its registers are, what the guest may see.
 */
#include <linux/sizes.h>

#include "qm_sim.h"

/* Does the kernel's PF driver set the select bit? Both answers, on any kernel. */
static bool pf_driver_sets_select;

#undef COMPAT_PF_DRIVER_SETS_SELECT
#define COMPAT_PF_DRIVER_SETS_SELECT	pf_driver_sets_select

#include "../../qm_mig_region.c"

#define V1	0x20
#define V2	0x21
#define V3	0x30
#define V4	0x50
#define V5	0x51

#define FN_LAST	63
/* A PF BAR2 that ends with the window of function 63. */
#define PF_BAR	0x200000

enum answer { NOT_OFFERED, BY_VF, BY_PF };

/* All of version x select bit x page size, for a 64 KiB BAR2. */
static const struct choice {
	u32 ver;
	u32 sel;
	size_t page_size;
	enum answer answer;
} choices[] = {
	{ V1, 0, SZ_4K,  NOT_OFFERED },
	{ V1, 0, SZ_16K, NOT_OFFERED },
	{ V1, 0, SZ_64K, NOT_OFFERED },
	{ V1, 1, SZ_4K,  NOT_OFFERED },
	{ V1, 1, SZ_16K, NOT_OFFERED },
	{ V1, 1, SZ_64K, NOT_OFFERED },
	{ V2, 0, SZ_4K,  NOT_OFFERED },
	{ V2, 0, SZ_16K, NOT_OFFERED },
	{ V2, 0, SZ_64K, NOT_OFFERED },
	{ V2, 1, SZ_4K,  NOT_OFFERED },
	{ V2, 1, SZ_16K, NOT_OFFERED },
	{ V2, 1, SZ_64K, NOT_OFFERED },
	{ V3, 0, SZ_4K,  BY_VF },
	{ V3, 0, SZ_16K, BY_VF },
	{ V3, 0, SZ_64K, NOT_OFFERED },
	{ V3, 1, SZ_4K,  BY_VF },
	{ V3, 1, SZ_16K, BY_VF },
	{ V3, 1, SZ_64K, NOT_OFFERED },
	{ V4, 0, SZ_4K,  BY_VF },
	{ V4, 0, SZ_16K, BY_VF },
	{ V4, 0, SZ_64K, NOT_OFFERED },
	{ V4, 1, SZ_4K,  BY_PF },
	{ V4, 1, SZ_16K, BY_PF },
	{ V4, 1, SZ_64K, BY_PF },
	{ V5, 0, SZ_4K,  BY_VF },
	{ V5, 0, SZ_16K, BY_VF },
	{ V5, 0, SZ_64K, NOT_OFFERED },
	{ V5, 1, SZ_4K,  BY_PF },
	{ V5, 1, SZ_16K, BY_PF },
	{ V5, 1, SZ_64K, BY_PF },
	/* the other bits of the select register decide nothing */
	{ V4, 0xfffffffe, SZ_4K, BY_VF },
	{ V4, 0x7fffffff, SZ_4K, BY_PF },
};

static void choice_desc(const struct choice *choice, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "version %#x, select %#x, %zu KiB pages",
		 choice->ver, choice->sel, choice->page_size / SZ_1K);
}

KUNIT_ARRAY_PARAM(choice, choices, choice_desc);

static struct qm_mig_facts facts_of(const struct choice *choice)
{
	return (struct qm_mig_facts){
		.ver = choice->ver,
		.sel = choice->sel,
		.fn = 5,
		.page_size = choice->page_size,
		.vf_bar2_len = SZ_64K,
		.pf_bar2_len = PF_BAR,
	};
}

static void expect_not_offered(struct kunit *test, const struct qm_mig_facts *facts)
{
	struct qm_mig_region region;

	KUNIT_EXPECT_FALSE(test, qm_mig_region_plan(facts, &region));
	KUNIT_EXPECT_NOT_NULL(test, region.why_not);
	/* As plain vfio-pci shows it. */
	KUNIT_EXPECT_EQ(test, region.guest_bar2_len, facts->vf_bar2_len);
}

static void plan_chooses_registers_and_guest_share(struct kunit *test)
{
	const struct choice *choice = test->param_value;
	struct qm_mig_facts facts = facts_of(choice);
	struct qm_mig_region region;

	if (choice->answer == NOT_OFFERED) {
		expect_not_offered(test, &facts);
		return;
	}

	KUNIT_EXPECT_TRUE(test, qm_mig_region_plan(&facts, &region));
	KUNIT_EXPECT_NULL(test, region.why_not);
	if (choice->answer == BY_VF) {
		KUNIT_EXPECT_EQ(test, region.ctrl, QM_MIG_CTRL_VF);
		KUNIT_EXPECT_EQ(test, region.offset, 0);
		KUNIT_EXPECT_EQ(test, region.len, 0x10000);
		KUNIT_EXPECT_EQ(test, region.eqc, 0x8000);
		KUNIT_EXPECT_EQ(test, region.aeqc, 0x8020);
		KUNIT_EXPECT_EQ(test, region.guest_bar2_len, 0x8000);
	} else {
		KUNIT_EXPECT_EQ(test, region.ctrl, QM_MIG_CTRL_PF);
		KUNIT_EXPECT_EQ(test, region.offset, 0x18a000);
		KUNIT_EXPECT_EQ(test, region.len, 0x2000);
		KUNIT_EXPECT_EQ(test, region.eqc, 0x1c00);
		KUNIT_EXPECT_EQ(test, region.aeqc, 0x1c20);
		KUNIT_EXPECT_EQ(test, region.guest_bar2_len, 0x10000);
	}
}

static void plan_wants_a_bar2_of_64k(struct kunit *test)
{
	const struct choice *choice = test->param_value;
	struct qm_mig_facts facts = facts_of(choice);
	static const resource_size_t lens[] = { 0, SZ_32K, SZ_64K - 1, SZ_64K + 1, SZ_128K };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		facts.vf_bar2_len = lens[i];
		expect_not_offered(test, &facts);
	}
}

static const struct choice by_vf = { V3, 0, SZ_4K, BY_VF };
static const struct choice by_pf = { V4, 1, SZ_4K, BY_PF };

/* To look like V3 is to show the half that V3 shows, wherever the registers are. */
static void v3_view_shows_half_of_bar2(struct kunit *test)
{
	const struct choice *choice = test->param_value;
	struct qm_mig_facts facts = facts_of(choice);
	struct qm_mig_region native, v3;

	qm_mig_region_plan(&facts, &native);
	facts.view = QM_GUEST_VIEW_V3;
	if (choice->answer == NOT_OFFERED || choice->page_size > SZ_32K) {
		expect_not_offered(test, &facts);
		return;
	}
	KUNIT_EXPECT_TRUE(test, qm_mig_region_plan(&facts, &v3));
	KUNIT_EXPECT_EQ(test, v3.guest_bar2_len, 0x8000);
	/* Nothing else is different. */
	KUNIT_EXPECT_EQ(test, v3.ctrl, native.ctrl);
	KUNIT_EXPECT_EQ(test, v3.offset, native.offset);
	KUNIT_EXPECT_EQ(test, v3.len, native.len);
	KUNIT_EXPECT_EQ(test, v3.eqc, native.eqc);
	KUNIT_EXPECT_EQ(test, v3.aeqc, native.aeqc);
}

/* Whatever the version: a register that is read has an answer, or nobody has. */
static void plan_refuses_a_pf_that_does_not_answer(struct kunit *test)
{
	struct qm_mig_facts facts = facts_of(&by_pf);

	facts.sel = U32_MAX;
	expect_not_offered(test, &facts);
}

static void plan_refuses_functions_out_of_range(struct kunit *test)
{
	static const int fns[] = { INT_MIN, -1, 0, FN_LAST + 1, INT_MAX };
	struct qm_mig_facts vf_facts = facts_of(&by_vf);
	struct qm_mig_facts pf_facts = facts_of(&by_pf);
	unsigned int i;

	pf_facts.pf_bar2_len = SZ_1G;
	for (i = 0; i < ARRAY_SIZE(fns); i++) {
		vf_facts.fn = fns[i];
		expect_not_offered(test, &vf_facts);
		pf_facts.fn = fns[i];
		expect_not_offered(test, &pf_facts);
	}
}

/* Windows lie side by side from function 0 on, which is the PF itself. */
static void windows_of_functions_do_not_meet(struct kunit *test)
{
	struct qm_mig_facts facts = facts_of(&by_pf);
	resource_size_t end = 0x180000 + 0x2000;
	struct qm_mig_region region;

	for (facts.fn = 1; facts.fn <= FN_LAST; facts.fn++) {
		KUNIT_ASSERT_TRUE(test, qm_mig_region_plan(&facts, &region));
		KUNIT_EXPECT_EQ(test, region.offset, end);
		end = region.offset + region.len;
	}
	KUNIT_EXPECT_EQ(test, end, PF_BAR);
}

static void migration_registers_lie_inside_their_window(struct kunit *test)
{
	const struct choice *all[] = { &by_vf, &by_pf };
	struct qm_mig_region region;
	struct qm_mig_facts facts;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(all); i++) {
		facts = facts_of(all[i]);
		KUNIT_ASSERT_TRUE(test, qm_mig_region_plan(&facts, &region));
		KUNIT_EXPECT_GE(test, region.aeqc, region.eqc + 7 * 4);
		KUNIT_EXPECT_LE(test, region.aeqc + 7 * 4, region.len);
		/* The guest must not reach them in its own BAR2. */
		if (region.ctrl == QM_MIG_CTRL_VF)
			KUNIT_EXPECT_LE(test, region.guest_bar2_len, region.eqc);
	}
}

static void plan_refuses_a_pf_bar_that_ends_in_the_window(struct kunit *test)
{
	struct qm_mig_facts facts = facts_of(&by_pf);
	struct qm_mig_region region;
	resource_size_t need;

	for (facts.fn = 1; facts.fn <= FN_LAST; facts.fn++) {
		need = 0x180000 + (facts.fn + 1) * 0x2000;
		facts.pf_bar2_len = need;
		KUNIT_EXPECT_TRUE(test, qm_mig_region_plan(&facts, &region));
		facts.pf_bar2_len = need - 1;
		expect_not_offered(test, &facts);
		facts.pf_bar2_len = need - 0x2000;
		expect_not_offered(test, &facts);
	}
	facts.fn = 1;
	facts.pf_bar2_len = 0;
	expect_not_offered(test, &facts);
}

static void vf_control_needs_no_pf_bar(struct kunit *test)
{
	struct qm_mig_facts facts = facts_of(&by_vf);
	struct qm_mig_region region;

	facts.pf_bar2_len = 0;
	facts.fn = FN_LAST;
	KUNIT_EXPECT_TRUE(test, qm_mig_region_plan(&facts, &region));
	KUNIT_EXPECT_EQ(test, region.offset, 0);
}

#define SELECT	0x100198

static void set_select(u32 val)
{
	qm_sim_set(qm_sim_addr(QM_SIM_PF, SELECT), val);
}

static void select_register_is_left_alone_up_to_v3(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V3);

	set_select(1);
	KUNIT_EXPECT_EQ(test, qm_mig_region_read_sel(pf), 0);
	pf->ver = V2;
	KUNIT_EXPECT_EQ(test, qm_mig_region_read_sel(pf), 0);
	QM_SIM_EXPECT_NONE(test);
}

static void select_register_is_read_once_from_v4_on(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, V4);

	set_select(0x11);
	KUNIT_EXPECT_EQ(test, qm_mig_region_read_sel(pf), 0x11);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	pf->ver = V5;
	KUNIT_EXPECT_EQ(test, qm_mig_region_read_sel(pf), 0x11);
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
	const struct qm_mig_region region = { .ctrl = recheck->at_open };
	struct qm_pf *pf = qm_sim_pf(test, recheck->ver);

	set_select(recheck->sel_now);
	KUNIT_EXPECT_EQ(test, qm_mig_region_recheck(&qm_sim_log, pf, &region),
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
	qm_mig_region_claim(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x31));
	KUNIT_EXPECT_TRUE(test, pf->owns_sel);

	qm_mig_region_release(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x30));
	KUNIT_EXPECT_FALSE(test, pf->owns_sel);
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
	pf->opens = claim->opens;
	set_select(claim->sel);
	qm_mig_region_claim(pf);
	qm_mig_region_open(pf);
	KUNIT_EXPECT_FALSE(test, pf->owns_sel);
	KUNIT_EXPECT_EQ(test, pf->opens, claim->opens + 1);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, claim->looks ? 2 : 0);

	/* Nor is a bit cleared that others have set. */
	qm_sim_forget();
	qm_mig_region_release(pf);
	QM_SIM_EXPECT_NONE(test);
}

static void open_claims_a_bit_that_was_lost_while_all_were_closed(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	qm_mig_region_claim(pf);
	qm_mig_region_open(pf);
	qm_mig_region_close(pf);
	set_select(0);
	qm_sim_forget();
	qm_mig_region_open(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 1));

	/* The second VF comes upon an open one. */
	qm_mig_region_open(pf);
	QM_SIM_EXPECT_NONE(test);
	KUNIT_EXPECT_EQ(test, pf->opens, 2);
}

static void recheck_sets_a_lost_bit_of_ours_again(struct kunit *test)
{
	const struct qm_mig_region region = { .ctrl = QM_MIG_CTRL_PF };
	struct qm_pf *pf = claimable_pf(test);

	qm_mig_region_claim(pf);
	qm_mig_region_open(pf);
	set_select(0x20);
	qm_sim_forget();
	KUNIT_EXPECT_EQ(test, qm_mig_region_recheck(&qm_sim_log, pf, &region), 0);
	QM_SIM_EXPECT(test, RD_PF(SELECT), WR_PF(SELECT, 0x21));
	KUNIT_EXPECT_EQ(test, qm_mig_region_recheck(&qm_sim_log, pf, &region), 0);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&pf->sel_lock));
}

static void release_writes_nothing_to_a_pf_that_is_gone(struct kunit *test)
{
	struct qm_pf *pf = claimable_pf(test);

	qm_mig_region_claim(pf);
	qm_sim_forget();
	set_select(U32_MAX);
	qm_mig_region_release(pf);
	QM_SIM_EXPECT(test, RD_PF(SELECT));
}

static struct kunit_case qm_mig_region_cases[] = {
	KUNIT_CASE_PARAM(plan_chooses_registers_and_guest_share, choice_gen_params),
	KUNIT_CASE_PARAM(plan_wants_a_bar2_of_64k, choice_gen_params),
	KUNIT_CASE_PARAM(v3_view_shows_half_of_bar2, choice_gen_params),
	KUNIT_CASE(plan_refuses_a_pf_that_does_not_answer),
	KUNIT_CASE(plan_refuses_functions_out_of_range),
	KUNIT_CASE(windows_of_functions_do_not_meet),
	KUNIT_CASE(migration_registers_lie_inside_their_window),
	KUNIT_CASE(plan_refuses_a_pf_bar_that_ends_in_the_window),
	KUNIT_CASE(vf_control_needs_no_pf_bar),
	KUNIT_CASE(select_register_is_left_alone_up_to_v3),
	KUNIT_CASE(select_register_is_read_once_from_v4_on),
	KUNIT_CASE_PARAM(recheck_finds_a_moved_control, recheck_gen_params),
	KUNIT_CASE(claim_sets_a_bit_that_nobody_sets),
	KUNIT_CASE_PARAM(claim_leaves_the_bit_alone, no_claim_gen_params),
	KUNIT_CASE(open_claims_a_bit_that_was_lost_while_all_were_closed),
	KUNIT_CASE(recheck_sets_a_lost_bit_of_ours_again),
	KUNIT_CASE(release_writes_nothing_to_a_pf_that_is_gone),
	{}
};

static int qm_mig_region_init(struct kunit *test)
{
	own_select = false;
	pf_driver_sets_select = false;
	return qm_sim_init(test);
}

static struct kunit_suite qm_mig_region_suite = {
	.name = "qm_mig_region",
	.init = qm_mig_region_init,
	.exit = qm_sim_exit,
	.test_cases = qm_mig_region_cases,
};

kunit_test_suite(qm_mig_region_suite);
