// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who controls migration, where its registers are, what the guest may see.
 */
#include <kunit/test.h>
#include <linux/sizes.h>

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
	{}
};

static struct kunit_suite qm_mig_region_suite = {
	.name = "qm_mig_region",
	.test_cases = qm_mig_region_cases,
};

kunit_test_suite(qm_mig_region_suite);
