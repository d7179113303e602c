/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A saved state as the module's own parser judges it.
 */
#ifndef TOOL_INSPECT_H
#define TOOL_INSPECT_H

#include "../include/mig_stream.h"

struct verdict {
	int err;		/* 0: valid; else as the module's write() gives it */
	bool queues;		/* there is state to load */
	const char *remark;	/* what is known to be wrong with its sender, or NULL */
	char why_not[160];
};

/* Would a VF that is like here take it? NULL: is it valid by itself? */
void judge_stream(const u8 *data, size_t len, const struct mig_match *here,
		  struct verdict *verdict);
/*
 * Read a file, or standard input for "-". Reads one byte more than a record at
 * most: what is longer is not one. 0, or an exit status after saying why not.
 */
int read_stream(const char *path, u8 *data, size_t *len);

#endif /* TOOL_INSPECT_H */
