// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig metrics: samples that a node exporter takes, and that are true.
 */
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "suites.h"
#include "tool.h"

#define SAMPLES_MAX	400

/* The format, strictly: a name has its HELP and TYPE once, before its samples. */
static void check_format(char *text)
{
	static char seen[SAMPLES_MAX][200];
	char help[64] = "", type[64] = "", name[64], *line, *save;
	regex_t sample;
	int count = 0, i;

	check(!regcomp(&sample, "^[a-z_]+(\\{[a-z]+=\"[^\"\\\\]*\"(,[a-z]+=\"[^\"\\\\]*\")*\\})? [0-9.]+$",
		       REG_EXTENDED | REG_NOSUB), "the pattern");
	for (line = strtok_r(text, "\n", &save); line; line = strtok_r(NULL, "\n", &save)) {
		if (sscanf(line, "# HELP %63s ", name) == 1) {
			check(strcmp(name, help), "HELP of %s twice", name);
			snprintf(help, sizeof(help), "%s", name);
		} else if (sscanf(line, "# TYPE %63s ", type) == 1) {
			check(!strcmp(type, help), "TYPE of %s without HELP", type);
			check(strstr(line, " gauge") || strstr(line, " counter"), "%s", line);
		} else {
			check(!regexec(&sample, line, 0, NULL, 0), "no sample: %s", line);
			snprintf(name, sizeof(name), "%.*s", (int)strcspn(line, "{ "), line);
			check(!strcmp(name, type), "a sample of %s among those of %s", name, type);
			line[strcspn(line, " ")] = 0;
			for (i = 0; i < count; i++)
				check(strcmp(seen[i], line), "twice: %s", line);
			check(count < SAMPLES_MAX, "so many samples");
			snprintf(seen[count++], sizeof(seen[0]), "%s", line);
		}
	}
	regfree(&sample);
	check(count > 1, "%d samples", count);
}

/* The value of a sample, by its name and the labels that it has besides vf and engine. */
static double value_of(const struct pci_func *vf, const char *name, const char *more)
{
	const struct program *p = tool("metrics", vf->bdf);
	char wanted[200];
	const char *at;

	expect(p, YES, NULL);
	snprintf(wanted, sizeof(wanted), "\n%s{vf=\"%s\",engine=\"zip\"%s%s} ", name, vf->bdf,
		 *more ? "," : "", more);
	at = strstr(p->out, wanted);
	return at ? strtod(at + strlen(wanted), NULL) : -1;
}

static void check_value(const struct pci_func *vf, double want, const char *name, const char *more)
{
	double value = value_of(vf, name, more);

	check(value == want, "%s{%s} is %g, should be %g", name, more, value, want);
}

static void counts_what_happens(const void *arg)
{
	static char text[16384];
	struct mig_stream stream;
	struct pci_func vf;
	struct vfio_dev *v;

	(void)arg;
	/* It is bound anew, and the counters begin with it. */
	tool_vf(RIG_V3, 0, NULL, &vf);
	v = rig_open(RIG_V3, 0);
	tool_need_debugfs();
	check_value(&vf, 0, "hisi_acc_records_total", "direction=\"out\"");
	check_value(&vf, 1, "hisi_acc_vf_state", "state=\"running\"");
	check_ok(mig_save(v, &stream, NULL));
	check_value(&vf, 1, "hisi_acc_records_total", "direction=\"out\"");
	check_value(&vf, 1, "hisi_acc_vf_state", "state=\"stop\"");
	check_value(&vf, -1, "hisi_acc_vf_state", "state=\"running\"");
	check(value_of(&vf, "hisi_acc_last_arc_seconds", "from=\"stop_copy\",to=\"stop\"") > 0,
	      "no time of STOP_COPY -> STOP");
	check_ok(mig_load(v, &stream, NULL));
	check_value(&vf, 1, "hisi_acc_records_total", "direction=\"in\"");
	check_ok(vfio_dev_reset(v));
	check_value(&vf, 1, "hisi_acc_resets_total", "by=\"user\"");
	check_value(&vf, 1, "hisi_acc_vf_migratable", "");
	check_value(&vf, 0, "hisi_acc_errors_total", "");
	snprintf(text, sizeof(text), "%s", tool("metrics")->out);
	check_format(text);
	vfio_dev_close(v);
	check_value(&vf, 1, "hisi_acc_vf_state", "state=\"closed\"");
	check_ok(pci_unbind(&vf));
	check_value(&vf, 1, "hisi_acc_vf_state", "state=\"no-driver\"");
	check_value(&vf, 0, "hisi_acc_vf_migratable", "");
	check_value(&vf, -1, "hisi_acc_errors_total", "");
}

/* What is not known has no sample. */
static void says_no_more_than_known(const void *arg)
{
	struct pci_func vf;
	const struct program *p;

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	p = tool_as(NOBODY, "metrics", vf.bdf);
	expect(p, YES, "state=\"unknown\"} 1");
	check(!strstr(p->out, "hisi_acc_vf_migratable{"), "migratable on no evidence");
	check(!strstr(p->out, "hisi_acc_errors_total{"), "counters from nowhere");
}

const struct tap_test tool_metrics_tests[] = {
	{ "metrics count what happens, in the format of a node exporter", counts_what_happens, NULL },
	{ "metrics say no more than is known", says_no_more_than_known, NULL },
	{ NULL, NULL, NULL },
};
