// SPDX-License-Identifier: GPL-2.0-only
/*
 * The metrics command: what status tells, and what the driver has counted, in the text
 * format that node exporters read from files. What is not known has no sample.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts.h"
#include "tool.h"

/* One line of the driver's counters: "name value". */
static const struct metric {
	const char *counter;
	const char *name;
	const char *label;	/* besides vf and engine; NULL: none */
	const char *help;	/* NULL: of the one before */
} metrics[] = {
	{ "migrations_out", "hisi_acc_records_total", "direction=\"out\"",
	  "Records of VFs, saved (out) and loaded (in), since the VF was bound." },
	{ "migrations_in", "hisi_acc_records_total", "direction=\"in\"", NULL },
	{ "errors", "hisi_acc_errors_total", NULL,
	  "Changes of the migration state that failed, since the VF was bound." },
	{ "lost", "hisi_acc_lost_total", NULL,
	  "States that a reset has taken, since the VF was bound." },
	{ "resets_user", "hisi_acc_resets_total", "by=\"user\"",
	  "Resets by the VF's user, by others, of the PF, since the VF was bound." },
	{ "resets_vf", "hisi_acc_resets_total", "by=\"others\"", NULL },
	{ "resets_pf", "hisi_acc_resets_total", "by=\"pf\"", NULL },
};

static void describe(const char *name, const char *type, const char *help)
{
	printf("# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void lower(const char *word, char *text, size_t size)
{
	size_t i;

	for (i = 0; word[i] && i < size - 1; i++)
		text[i] = tolower((unsigned char)word[i]);
	text[i] = 0;
}

/* The labels that each sample of a VF has. */
static const char *labels(const struct vf *vf)
{
	static char text[96];
	char engine[WORD_MAX];

	lower(vf->engine->name, engine, sizeof(engine));
	snprintf(text, sizeof(text), "vf=\"%s\",engine=\"%s\"", vf->bdf, engine);
	return text;
}

static void print_migratable(const struct accels *a, const struct facts *facts)
{
	size_t i;

	describe("hisi_acc_vf_migratable", "gauge",
		 "Whether the VF can be migrated; there is no sample where that is unknown.");
	for (i = 0; i < a->nr_vfs; i++)
		if (facts[i].migratable != ANSWER_UNKNOWN)
			printf("hisi_acc_vf_migratable{%s} %d\n", labels(&a->vfs[i]),
			       facts[i].migratable == ANSWER_YES);
}

static void print_state(const struct accels *a, const struct facts *facts)
{
	char state[WORD_MAX];
	size_t i;

	describe("hisi_acc_vf_state", "gauge",
		 "1 for the state that the VF is in: no-driver, other-driver, closed, unknown, or its migration state.");
	for (i = 0; i < a->nr_vfs; i++) {
		if (!*a->vfs[i].driver)
			strcpy(state, "no-driver");
		else if (strcmp(a->vfs[i].driver, DRIVER_NAME))
			strcpy(state, "other-driver");
		else if (facts[i].open == ANSWER_UNKNOWN)
			strcpy(state, "unknown");
		else if (facts[i].open == ANSWER_NO)
			strcpy(state, "closed");
		else
			lower(facts[i].state, state, sizeof(state));
		printf("hisi_acc_vf_state{%s,state=\"%s\"} 1\n", labels(&a->vfs[i]), state);
	}
}

/* Samples of one name stand together, and each counter has its own line in the file. */
static void print_counters(const struct accels *a)
{
	char text[1024], wanted[WORD_MAX];
	const char *at;
	size_t i, k;

	for (k = 0; k < ARRAY_SIZE(metrics); k++) {
		const struct metric *m = &metrics[k];

		if (m->help)
			describe(m->name, "counter", m->help);
		snprintf(wanted, sizeof(wanted), "\n%s ", m->counter);
		for (i = 0; i < a->nr_vfs; i++) {
			*text = '\n';
			if (facts_read_view(&a->vfs[i], "counters", text + 1, sizeof(text) - 1))
				continue;
			at = strstr(text, wanted);
			if (at)
				printf("%s{%s%s%s} %llu\n", m->name, labels(&a->vfs[i]),
				       m->label ? "," : "", m->label ? m->label : "",
				       strtoull(at + strlen(wanted), NULL, 10));
		}
	}
}

/* The last time that each arc was gone; the file has the last one first. */
static void print_arcs(const struct vf *vf)
{
	char text[4096], seen[2048] = "", from[WORD_MAX], to[WORD_MAX], arc[2 * WORD_MAX + 8];
	unsigned long long ns;
	const char *line;
	int ret;

	if (facts_read_view(vf, "status", text, sizeof(text)))
		return;
	for (line = strstr(text, "\n  "); line; line = strstr(line + 1, "\n  ")) {
		if (sscanf(line, "\n  %63s -> %63[^:]: %d, %llu ns", from, to, &ret, &ns) != 4 || ret)
			continue;
		snprintf(arc, sizeof(arc), "|%s>%s|", from, to);
		if (strstr(seen, arc) || strlen(seen) + strlen(arc) >= sizeof(seen))
			continue;
		strcat(seen, arc);
		lower(from, from, sizeof(from));
		lower(to, to, sizeof(to));
		printf("hisi_acc_last_arc_seconds{%s,from=\"%s\",to=\"%s\"} %.9f\n", labels(vf),
		       from, to, ns / 1e9);
	}
}

int cmd_metrics(const struct options *o)
{
	struct facts *facts;
	struct accels a;
	size_t i;
	int ret;

	accels_find(&a);
	/* A host without VFs has metrics as well: none. */
	ret = o->nargs ? accels_select(&a, o->args, o->nargs) : 0;
	if (ret) {
		accels_free(&a);
		return ret;
	}
	facts = calloc(a.nr_vfs + 1, sizeof(*facts));
	if (!facts)
		return complain(NULL, "out of memory");
	for (i = 0; i < a.nr_vfs; i++)
		facts_get(&a.vfs[i], &facts[i]);
	describe("hisi_acc_vfs", "gauge", "VFs of HiSilicon accelerators.");
	printf("hisi_acc_vfs %zu\n", a.nr_vfs);
	print_state(&a, facts);
	print_migratable(&a, facts);
	print_counters(&a);
	describe("hisi_acc_last_arc_seconds", "gauge",
		 "How long the last change of the migration state took, by the states before and after.");
	for (i = 0; i < a.nr_vfs; i++)
		print_arcs(&a.vfs[i]);
	free(facts);
	accels_free(&a);
	return EXIT_YES;
}
