/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What is known of a VF without opening it: sysfs, and what the module shows in
 * debugfs to root.
 */
#ifndef TOOL_FACTS_H
#define TOOL_FACTS_H

#include "pci.h"

#define UNKNOWN		(-1)

enum answer {
	ANSWER_NO,
	ANSWER_YES,
	ANSWER_UNKNOWN,
};

/* Which module has the name hisi_acc_vfio_pci. */
enum module_kind {
	MODULE_NONE,
	MODULE_OURS,
	MODULE_IN_TREE,
};

struct facts {
	enum module_kind module;	/* that the VF is bound to */
	bool debugfs;			/* what follows is from there */
	enum answer open;
	char control[WORD_MAX];		/* "VF", "PF"; empty: unknown */
	char view[WORD_MAX];		/* "native", "v3"; empty: unknown */
	char state[WORD_MAX];		/* if open */
	char stream[WORD_MAX];		/* "1.1": what a save sends */
	long bar2_bytes;		/* shown to a guest */
	long queue_pairs;
	long long isolation;
	enum answer migratable;
	char why_not[256];
};

enum module_kind module_loaded(void);
const char *module_kind_name(enum module_kind kind);
/* What the module shows in debugfs of a VF that it can migrate; 0 or -errno. */
int facts_read_view(const struct vf *vf, const char *view, char *text, size_t size);
void facts_get(const struct vf *vf, struct facts *f);

#endif /* TOOL_FACTS_H */
