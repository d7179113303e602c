/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Another program, run to its end: what it says and how it ends.
 */
#ifndef HACC_PROGRAM_H
#define HACC_PROGRAM_H

#include <sys/types.h>

struct program {
	int status;		/* of exit; -1 if it was killed */
	char out[16384];	/* what does not fit is lost */
	char err[4096];
	char both[sizeof("exit 255; out: ; err: ") + 300];	/* in short, for a complaint */
};

/*
 * Run argv[0], found in PATH, as this user. 0 or -errno; -ETIMEDOUT for one that
 * hangs, which is killed.
 */
int program_run(struct program *p, uid_t uid, const char *const argv[]);

#endif /* HACC_PROGRAM_H */
