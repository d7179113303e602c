// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-silicon asks an accelerator whose answers are known: it is right about each
 * that can be asked, says "unknown" of the rest, and ends by itself when the device does.
 */
#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>

#include "documented.h"
#include "program.h"
#include "rig.h"
#include "suites.h"

#define DRAWS		4	/* of each kind; hacc.walks= for more */

static const struct question {
	const char *name;
	int number;
	const char *answers[5];
} questions[] = {
	{ "vf-state-reset", KP_Q_VF_STATE_RESET, { "not-ready", "ready" } },
	{ "db-drop-reset", KP_Q_DB_DROP_RESET, { "clear", "set", "kept" } },
	{ "wb-done", KP_Q_WB_DONE, { "start", "reset", "read" } },
	{ "busy-reads", KP_Q_BUSY_READS, { "answer", "ones", "old", "stall" } },
	{ "page-size", KP_Q_PAGE_SIZE, { "holds", "ignored", "stopped" } },
	{ "iso-cfg", KP_Q_ISO_CFG, { "holds", "ignored", "stopped" } },
	{ "int-source", KP_Q_INT_SOURCE, { "w1c", "doorbell", "read-only" } },
	{ "int-rule", KP_Q_INT_RULE, { "one-shot", "each", "level" } },
	{ "restart", KP_Q_RESTART, { "queue", "function", "tail" } },
	{ "restart-events", KP_Q_RESTART_EVENTS, { "raised", "silent" } },
	{ "mbox-when", KP_Q_MBOX_WHEN, { "always", "not-paused", "ready" } },
	{ "pause-end", KP_Q_PAUSE_END, { "eqc", "doorbell", "doorbell-only" } },
	/* Never told */
	{ "select-reset", KP_Q_SELECT_RESET, { "lost", "kept" } },
	{ "cache-evict", KP_Q_CACHE_EVICT, { "asked", "any-time" } },
	{ "posted-order", KP_Q_POSTED_ORDER, { "program", "function" } },
	{ "flr-recovery", KP_Q_FLR_RECOVERY, { "answers", "ones" } },
	{ "mbox-error", KP_Q_MBOX_ERROR, { "one", "other" } },
	{ "latency", KP_Q_LATENCY, { "steady", "jitter" } },
	{ "mbox-store", KP_Q_MBOX_STORE, { "whole", "halves" } },
	{ "flr-clears", KP_Q_FLR_CLEARS, { "yes", "no" } },
	{ "flr-dma", KP_Q_FLR_DMA, { "cut", "end" } },
	{ "pause-dma", KP_Q_PAUSE_DMA, { "end", "cut" } },
};

#define NEVER_TOLD	12	/* from here on */

/* Can it be asked where the others are answered so? */
static bool can_tell(int question, const uint32_t answer[KP_QUESTIONS], bool v5)
{
	bool w1c = answer[KP_Q_INT_SOURCE] == KP_INT_SOURCE_W1C;

	switch (question) {
	case KP_Q_DB_DROP_RESET:
		return v5;
	case KP_Q_BUSY_READS:
		return answer[question] != KP_BUSY_READS_STALL;
	case KP_Q_INT_SOURCE:
		return w1c;
	case KP_Q_INT_RULE:
		return w1c || answer[question] == KP_INT_RULE_EACH;
	case KP_Q_RESTART_EVENTS:
		return w1c && answer[KP_Q_INT_RULE] != KP_INT_RULE_LEVEL;
	case KP_Q_PAUSE_END:
		return answer[KP_Q_MBOX_WHEN] == KP_MBOX_WHEN_ALWAYS;
	default:
		return true;
	}
}

static void kit_vf(enum rig_role role, struct pci_func *vf)
{
	if (!oracle_present())
		tap_skip("only the accelerator model has answers that are known");
	check_ok(module_load("vfio_pci"));
	rig_vf(role, 0, vf);
	check_ok(pci_bind(vf, "vfio-pci"));
	/*
	 * It tries what no driver does: a configuration that is written at work. By what the
	 * accelerator answers, what it rings for may run already: it can't know.
	 */
	oracle_tolerate(1u << KPO_V_CONFIG_RUNNING | 1u << KPO_V_RESTART_RUNNING);
}

static void run_kit(struct program *p, const struct pci_func *vf, int status, const char *words)
{
	const char *const argv[] = { "hisi-acc-silicon", vf->bdf, NULL };

	check_ok(program_run(p, 0, argv));
	check(p->status == status && strstr(p->out, words), "the kit should exit with %d and say \"%s\": %d, %s",
	      status, words, p->status, p->out + (strlen(p->out) > 600 ? strlen(p->out) - 600 : 0));
}

static void check_verdict(const struct program *p, const struct question *q, const char *answer)
{
	char right[80], line[200] = "nothing";
	const char *at;

	if (answer)
		snprintf(right, sizeof(right), "verdict: %s=%s ", q->name, answer);
	else
		snprintf(right, sizeof(right), "verdict: %s unknown", q->name);
	if (strstr(p->out, right))
		return;
	snprintf(right, sizeof(right), "verdict: %s", q->name);
	at = strstr(p->out, right);
	if (at)
		snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	fail("of %s, which is %s, the kit says %s", q->name, answer ?: "not to be told", line);
}

static void draws(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	unsigned long rounds = rig_parameter("hacc.walks=", DRAWS), n;
	uint64_t random = job_random_start(rig_parameter("hacc.seed=", 1) + role);
	struct pci_func vf;
	size_t i;

	kit_vf(role, &vf);
	for (n = 0; n < rounds; n++) {
		static struct program p;
		uint32_t answer[KP_QUESTIONS] = { 0 };
		char drawn[600] = "";

		for (i = 0; i < ARRAY_SIZE(questions); i++) {
			const struct question *q = &questions[i];
			uint32_t answers = oracle_get(&vf, KPO_ANSWERS(q->number));

			answer[q->number] = (job_random(&random) >> 32) % answers;
			if (!n)		/* what was before comes back at the end */
				rig_answer(&vf, q->number, answer[q->number]);
			else
				oracle_set(&vf, KPO_ANSWER(q->number), answer[q->number]);
			snprintf(drawn + strlen(drawn), sizeof(drawn) - strlen(drawn), " %s=%s",
				 q->name, q->answers[answer[q->number]]);
		}
		tap_note("%lu:%s", n + 1, drawn);
		run_kit(&p, &vf, 0, "done: the VF has been reset");
		for (i = 0; i < ARRAY_SIZE(questions); i++) {
			const struct question *q = &questions[i];
			bool told = i < NEVER_TOLD && can_tell(q->number, answer, role == RIG_V5);

			check_verdict(&p, q, told ? q->answers[answer[q->number]] : NULL);
		}
	}
}

static void dies(const void *arg)
{
	const struct oracle_fault *fault = arg;
	static struct program p;
	struct pci_func vf;

	kit_vf(RIG_V3, &vf);
	rig_fault(&vf, fault);
	run_kit(&p, &vf, 1, "trouble: ");
	check(strstr(p.out, "verdict: pause-end unknown: not asked: "), "it says more than it can know");
	oracle_disarm(&vf);
	run_kit(&p, &vf, 0, "done: the VF has been reset");
}

static void only_says(const void *arg)
{
	const char *const argv[] = { "hisi-acc-silicon", "--dry-run", NULL, NULL };
	const char *dry[ARRAY_SIZE(argv)];
	struct oracle_counts before, after;
	static struct program p;
	struct pci_func vf;

	(void)arg;
	kit_vf(RIG_V3, &vf);
	memcpy(dry, argv, sizeof(dry));
	dry[2] = vf.bdf;
	oracle_tolerate(0);
	oracle_counts(&vf, &before);
	check_ok(program_run(&p, 0, (const char *const *)dry));
	oracle_counts(&vf, &after);
	check_eq(p.status, 0, "status of a dry run");
	check(strstr(p.out, "plan: pause-end: "), "it does not say what it would write");
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_READ) +
		 oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0, "accesses of a dry run");
}

/* As silicon-replay.sh reads it: tests/silicon/transcript is one that is replayed. */
static void check_line(const char *text, const char *pattern)
{
	regex_t regex;
	bool found;

	check(!regcomp(&regex, pattern, REG_EXTENDED | REG_NEWLINE | REG_NOSUB), "%s", pattern);
	found = !regexec(&regex, text, 0, NULL, 0);
	regfree(&regex);
	check(found, "the transcript has no line %s", pattern);
}

/* The transcript is there, with accesses and verdicts, and no address of the device. */
static void documentation_is_true(const void *arg)
{
	static char text[1 << 20];
	struct pci_func vf;
	size_t len;
	FILE *file;

	(void)arg;
	kit_vf(RIG_V3, &vf);
	check_ok(pci_set_vfs(rig_pf(RIG_V3), 0));
	documented_run("/bin/silicon-documented", 4);
	file = fopen("/tmp/documented/chip.txt", "re");
	check(file, "there is no transcript");
	len = fread(text, 1, sizeof(text) - 1, file);
	fclose(file);
	text[len] = 0;
	check_line(text, "^verdict: pause-end=eqc certain: ");
	check_line(text, "^time: read [0-9]+ [0-9]+ [0-9]+ ns ");
	check_line(text, "^time: mailbox [0-9]+ [0-9]+ [0-9]+ ns ");
	check_line(text, "^time: write-back [0-9]+ [0-9]+ [0-9]+ ns ");
	check(strstr(text, " r32 0x60 0x"), "it has no access");
	check(!strstr(text, vf.bdf + 5), "it has the address of the device");
}

static const enum rig_role v3 = RIG_V3, v5 = RIG_V5;
static const struct oracle_fault all_ones = { .kind = KPO_F_ALL_ONES, .skip = 60 },
				 stuck = { .kind = KPO_F_MBOX_STUCK, .skip = 20 },
				 never = { .kind = KPO_F_WB_NEVER };

const struct tap_test kit_tests[] = {
	{ "the kit is right about what can be asked of a V3 VF, and unknown is the rest", draws, &v3 },
	{ "the kit is right about what can be asked of a V5 VF, and unknown is the rest", draws, &v5 },
	{ "the kit ends when the device gives all ones", dies, &all_ones },
	{ "the kit ends when the mailbox is stuck", dies, &stuck },
	{ "the kit ends when a write-back is never done", dies, &never },
	{ "the kit says what it would do, and does nothing", only_says, NULL },
	{ "each command for owners of hardware does what it should", documentation_is_true, NULL },
	{ NULL, NULL, NULL },
};
