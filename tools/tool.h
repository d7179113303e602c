/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the commands of hisi-acc-mig have in common: options, complaints, exit
 * statuses. A command complains on stderr where it finds the trouble, and
 * returns its exit status.
 */
#ifndef TOOL_H
#define TOOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

enum exit_status {
	EXIT_YES = 0,		/* done, or yes */
	EXIT_NO = 1,		/* the answer is no */
	EXIT_USAGE = 2,
	EXIT_TROUBLE = 3,	/* there was no way to do it, or to tell */
};

enum via {
	VIA_ANY,
	VIA_GROUP,
	VIA_IOMMUFD,
};

struct options {
	bool json;
	bool probe;
	bool force;
	enum via via;
	bool dry_run;
	const char *for_caps;
	const char *config;
	char **args;		/* what is no option */
	int nargs;
};

/* "hisi-acc-mig: ABOUT: ..." on stderr; returns EXIT_TROUBLE. */
int complain(const char *about, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
/* Prints with a newline and lets go of it. */
void print_json(json_t *json);

int cmd_status(const struct options *o);
int cmd_bind(const struct options *o);
int cmd_unbind(const struct options *o);
int cmd_caps(const struct options *o);
int cmd_check(const struct options *o);
int cmd_fleet(const struct options *o);
int cmd_save(const struct options *o);
int cmd_load(const struct options *o);
int cmd_inspect(const struct options *o);
int cmd_apply(const struct options *o);
int cmd_completion(const struct options *o);
int cmd_metrics(const struct options *o);
int cmd_doctor(const struct options *o);

#endif /* TOOL_H */
