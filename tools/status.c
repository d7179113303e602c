// SPDX-License-Identifier: GPL-2.0-only
/*
 * The status command: every accelerator VF on a line. Looks only, unless it is
 * told to probe.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "caps.h"
#include "facts.h"
#include "tool.h"
#include "vfio.h"

/* What only an open VF tells; one that somebody else has is left alone. */
static void probe(const struct vf *vf, struct facts *f)
{
	struct caps caps;
	struct vfio v;
	char who[128];

	if (f->migratable == ANSWER_NO || f->open == ANSWER_YES ||
	    vfio_in_use(vf, who, sizeof(who)) || vfio_open(&v, vf, VIA_ANY))
		return;
	if (!caps_of_open(&v, vf, &caps)) {
		f->open = ANSWER_NO;
		f->migratable = caps.migratable ? ANSWER_YES : ANSWER_NO;
		f->bar2_bytes = caps.bar2_bytes;
		f->queue_pairs = caps.queue_pairs;
		snprintf(f->why_not, sizeof(f->why_not), "%s", caps.why_not);
	}
	vfio_close(&v);
}

static const char *driver_of(const struct vf *vf, const struct facts *f, char *text, size_t size)
{
	if (!*vf->driver)
		return "-";
	if (f->module == MODULE_NONE)
		return vf->driver;
	snprintf(text, size, "%s (%s)", vf->driver, module_kind_name(f->module));
	return text;
}

static const char *number_or_dash(long value, const char *unit, char *text, size_t size)
{
	if (value < 0)
		return "-";
	snprintf(text, size, "%ld%s", value, unit);
	return text;
}

static void print_migration(const struct facts *f)
{
	static const char *const words[] = {
		[ANSWER_NO] = "no",
		[ANSWER_YES] = "yes",
		[ANSWER_UNKNOWN] = "unknown",
	};

	printf("%s", words[f->migratable]);
	if (*f->why_not)
		printf(": %s", f->why_not);
	if (f->open == ANSWER_YES)
		printf("%s, state %s", f->migratable == ANSWER_YES ? ", in use" : "; in use",
		       f->state);
	putchar('\n');
}

static void print_line(const struct vf *vf, const struct facts *f)
{
	char version[8], driver[WORD_MAX + 16], bar2[24], queues[24], group[24];

	printf("%-12s  %-6s  %-4s  %-31s  %-7s  %-6s  %-6s  %-5s  ", vf->bdf, vf->engine->name,
	       qm_version(vf->revision, version, sizeof(version)),
	       driver_of(vf, f, driver, sizeof(driver)), *f->control ? f->control : "-",
	       number_or_dash(f->bar2_bytes < 0 ? -1 : f->bar2_bytes / 1024, "K", bar2,
			      sizeof(bar2)),
	       number_or_dash(f->queue_pairs, "", queues, sizeof(queues)),
	       number_or_dash(vf->group, "", group, sizeof(group)));
	print_migration(f);
}

static json_t *known(long value)
{
	return value < 0 ? json_null() : json_integer(value);
}

static json_t *words(const char *text)
{
	return *text ? json_string(text) : json_null();
}

static json_t *answer(enum answer a)
{
	return a == ANSWER_UNKNOWN ? json_null() : json_boolean(a == ANSWER_YES);
}

static json_t *line_to_json(const struct vf *vf, const struct facts *f)
{
	char version[8], revision[8];

	snprintf(revision, sizeof(revision), "%#x", vf->revision);
	return json_pack("{s:s, s:o, s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
			 "vf", vf->bdf, "pf", words(vf->pf), "engine", vf->engine->name,
			 "hardware", qm_version(vf->revision, version, sizeof(version)),
			 "revision", revision, "driver", words(vf->driver),
			 "module", f->module == MODULE_NONE ? json_null() :
				   json_string(module_kind_name(f->module)),
			 "control", words(f->control), "bar2_bytes", known(f->bar2_bytes),
			 "queue_pairs", known(f->queue_pairs),
			 "iommu_group", known(vf->group), "in_use", answer(f->open),
			 "state", words(f->state), "migratable", answer(f->migratable),
			 "why_not", words(f->why_not));
}

static void print_text(const struct accels *a, const struct facts *facts)
{
	bool unknown = false, asked = true, migratable = false;
	size_t i;

	printf("%-12s  %-6s  %-4s  %-31s  %-7s  %-6s  %-6s  %-5s  %s\n", "VF", "ENGINE", "HW",
	       "DRIVER", "CONTROL", "BAR2", "QUEUES", "GROUP", "MIGRATION");
	for (i = 0; i < a->nr_vfs; i++) {
		print_line(&a->vfs[i], &facts[i]);
		if (facts[i].migratable == ANSWER_NO)
			continue;
		migratable |= facts[i].migratable == ANSWER_YES;
		unknown |= facts[i].queue_pairs < 0;
		asked &= facts[i].debugfs;
	}
	if (unknown && !asked && geteuid())
		printf("-: not known; root sees more.\n");
	else if (unknown)
		printf("-: not known before a VF has been opened; --probe opens those that nobody uses.\n");
	/* What downtime depends on most is no property of a VF. */
	if (migratable)
		printf("Does the IOMMU track what VFs write? hisi-acc-mig doctor --probe asks it.\n");
}

static void print_json_list(const struct accels *a, const struct facts *facts)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < a->nr_vfs; i++)
		json_array_append_new(list, line_to_json(&a->vfs[i], &facts[i]));
	print_json(list);
}

int cmd_status(const struct options *o)
{
	struct facts *facts;
	struct accels a;
	char none[320];
	size_t i;
	int ret;

	accels_find(&a);
	if (!a.nr_vfs && !o->nargs) {
		if (o->json)
			print_json(json_array());
		complain(NULL, "%s", accels_none(&a, none, sizeof(none)));
		accels_free(&a);
		return EXIT_NO;
	}
	ret = accels_select(&a, o->args, o->nargs);
	if (ret)
		return ret;
	facts = calloc(a.nr_vfs, sizeof(*facts));
	if (!facts)
		return complain(NULL, "out of memory");
	for (i = 0; i < a.nr_vfs; i++) {
		facts_get(&a.vfs[i], &facts[i]);
		if (o->probe)
			probe(&a.vfs[i], &facts[i]);
	}
	if (o->json)
		print_json_list(&a, facts);
	else
		print_text(&a, facts);
	free(facts);
	accels_free(&a);
	return EXIT_YES;
}
