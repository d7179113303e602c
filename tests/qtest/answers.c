// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each answer to what is not known: the property takes it by name, and the
 * device acts on it.
 */
#include "qemu/osdep.h"
#include "acc.h"

/* By property, and again by the oracle device: nothing is left of the other. */
static void start_answering(struct acc *a, const char *also, const char *answer)
{
	g_autofree char *properties = g_strdup_printf("%s%s%s", also, *also ? "," : "", answer);

	acc_start(a, properties);
}

static bool works(struct acc *a, unsigned fn)
{
	unsigned before = acc_counter(a, fn, KPO_CNT_JOB_DONE);

	acc_func_start(a, fn);
	acc_queue_start(a, fn, 0);
	acc_job_put(a, fn, 0, acc_alloc(a, 4), "work", 4);
	acc_ring(a, fn, 0);
	acc_step_us(a, 100);
	return acc_counter(a, fn, KPO_CNT_JOB_DONE) > before;
}

static void pause_end(const void *arg)
{
	struct acc a;

	start_answering(&a, "", arg);
	g_assert_true(works(&a, 1));
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	g_assert_true(works(&a, 1) == !strcmp(arg, "pause-end=eqc"));
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_reset(&a, 1);
	g_assert_true(works(&a, 1) == !!strcmp(arg, "pause-end=doorbell-only"));
	/* A queue that has no context lets nothing go, another one does. */
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_db(&a, 1, 5, DB_SQ, 0, 1);
	g_assert_true(!(acc_oracle(&a, 1, KPO_STATE) & KPO_STATE_PAUSED) ==
		      !strcmp(arg, "pause-end=eqc"));
	acc_db(&a, 1, 0, DB_SQ, 0, 1);
	g_assert_false(acc_oracle(&a, 1, KPO_STATE) & KPO_STATE_PAUSED);
	g_assert_true(works(&a, 1));
	acc_mb(&a, 1, MB_PAUSE, 0, 0);
	acc_reset(&a, 0);
	g_assert_true(works(&a, 1));
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

static void vf_state_reset(const void *arg)
{
	struct acc a;

	start_answering(&a, "", arg);
	acc_wr(&a, 1, REG_VF_STATE, strcmp(arg, "vf-state-reset=ready") ? 0 : 1);
	acc_reset(&a, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_VF_STATE), ==, !!strcmp(arg, "vf-state-reset=ready"));
	acc_end(&a);
}

static void db_drop_reset(const void *arg)
{
	struct acc a;
	unsigned is;

	start_answering(&a, "version=v5", arg);
	acc_wr(&a, 1, REG_DB_DROP, 1);
	acc_reset(&a, 1);
	is = acc_rd(&a, 1, REG_DB_DROP);
	g_assert_cmpuint(is, ==, !!strcmp(arg, "db-drop-reset=clear"));
	g_assert_true(works(&a, 1) == !is);
	acc_wr(&a, 1, REG_DB_DROP, 0);
	g_assert_true(works(&a, 1));
	acc_reset(&a, 1);
	g_assert_cmpuint(acc_rd(&a, 1, REG_DB_DROP), ==, !strcmp(arg, "db-drop-reset=set"));
	acc_end(&a);
}

static void select_reset(const void *arg)
{
	struct acc a;

	start_answering(&a, "version=v4", arg);
	qtest_writel(a.q, ACC_SELECT, 1);
	acc_reset(&a, 0);
	g_assert_cmpuint(qtest_readl(a.q, ACC_SELECT), ==, !strcmp(arg, "select-reset=kept"));
	qtest_writel(a.q, ACC_SELECT, 0);
	acc_reset(&a, 0);
	g_assert_cmpuint(qtest_readl(a.q, ACC_SELECT), ==, 0);
	acc_end(&a);
}

/* The oracle device knows how many answers there are, and takes no other. */
static void by_oracle(const void *arg)
{
	struct acc a;
	unsigned i, n;

	acc_start(&a, "");
	for (i = 0; i < KP_QUESTIONS; i++) {
		unsigned answers = acc_oracle(&a, 0, KPO_ANSWERS(i));

		g_assert_cmpuint(answers, >=, 2);
		g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(i)), ==, 0);
		for (n = answers; n--;) {
			acc_oracle_set(&a, 2, KPO_ANSWER(i), n);
			g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(i)), ==, n);
		}
		acc_oracle_set(&a, 2, KPO_ANSWER(i), answers - 1);
		acc_oracle_set(&a, 2, KPO_ANSWER(i), answers);
		g_assert_cmpuint(acc_oracle(&a, 0, KPO_ANSWER(i)), ==, answers - 1);
	}
	acc_end(&a);
}

static const struct {
	const char *answer;
	void (*test)(const void *arg);
} answers[] = {
	{ "pause-end=eqc", pause_end },
	{ "pause-end=doorbell", pause_end },
	{ "pause-end=doorbell-only", pause_end },
	{ "vf-state-reset=not-ready", vf_state_reset },
	{ "vf-state-reset=ready", vf_state_reset },
	{ "db-drop-reset=clear", db_drop_reset },
	{ "db-drop-reset=set", db_drop_reset },
	{ "db-drop-reset=kept", db_drop_reset },
	{ "select-reset=lost", select_reset },
	{ "select-reset=kept", select_reset },
};

void acc_add_answer_tests(void)
{
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(answers); i++) {
		g_autofree char *name = g_strdup_printf("/acc/answer/%s", answers[i].answer);

		g_test_add_data_func(name, answers[i].answer, answers[i].test);
	}
	g_test_add_data_func("/acc/answer/by-oracle", NULL, by_oracle);
}
