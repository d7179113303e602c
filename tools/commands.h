/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The tables of commands and options: what is parsed, helped with and completed.
 */
#ifndef TOOL_COMMANDS_H
#define TOOL_COMMANDS_H

#include "tool.h"

struct option_help {
	int bit;
	const char *name;
	const char *value;	/* NULL: takes none; a|b: one of these; else a file */
	const char *about;
};

struct command {
	const char *name;
	const char *args;	/* words; with VF: devices, a|b: one of these, else files */
	int min_args;
	int max_args;		/* -1: any number */
	int options;
	int (*run)(const struct options *o);
	const char *about;
	const char *more;
};

/* Each ends with one that has no name. */
extern const struct option_help option_helps[];
extern const struct command commands[];

#endif /* TOOL_COMMANDS_H */
