/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the VFs of this host are to be: /etc/hisi-acc-mig.conf and what is in
 * /etc/hisi-acc-mig.conf.d, in order of names. hisi-acc-mig.conf(5) has the format.
 */
#ifndef TOOL_CONFIG_H
#define TOOL_CONFIG_H

#include <limits.h>
#include <stdbool.h>

#include "pci.h"

#define CONFIG_FILE	"/etc/hisi-acc-mig.conf"
#define CONFIG_DIR	"/etc/hisi-acc-mig.conf.d"

/* What is wanted of a PF and its VFs. */
struct config_pf {
	int vfs;			/* -1: as many as there are */
	char driver[WORD_MAX];		/* "none": no driver */
	char view[WORD_MAX];		/* guest_view; empty: as it is */
};

struct config_section {
	char of[WORD_MAX];		/* address of a PF, or an engine in lower case */
	bool address;
	char file[PATH_MAX];
	int line;
	struct config_pf want;
};

struct config {
	struct config_section *sections;
	size_t nr;
	char select_bit[WORD_MAX];	/* empty: as the module has it */
};

/* This file, or for NULL what the host has. 0, or an exit status after saying what is wrong. */
int config_read(struct config *c, const char *file);
void config_free(struct config *c);
/* All that is said of this PF; false: nothing is. */
bool config_of(const struct config *c, const struct pf *pf, struct config_pf *want);

#endif /* TOOL_CONFIG_H */
