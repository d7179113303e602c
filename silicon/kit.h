/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hisi-acc-silicon: what a chip answers where public sources leave the choice, asked of
 * a VF that nobody uses. It plays the VF's guest driver over VFIO (tests/lib); questions
 * and answers have the names of the emulated accelerator's properties.
 */
#ifndef KIT_H
#define KIT_H

#include <setjmp.h>
#include <stdbool.h>
#include <stdio.h>

#include "job_guest.h"

struct kit {
	struct vfio_dev vf;
	bool opened;
	struct job_guest guest;
	struct qm_guest before;	/* the one before */
	sigjmp_buf trouble;	/* the device is not to be trusted any more */
	const char *why;	/* what that was */
	bool ones_are_fine;	/* all ones may be an answer */
	const char *asking;
	bool done_tells;	/* the status of a write-back, of its own end */
};

/* kit_log.c: the transcript, each access with its time */
int kit_log_open(const char *path);
void kit_log_close(void);
void kit_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
/* "QUESTION=ANSWER certain|likely: why", or "QUESTION unknown: why"; answer may be NULL */
void kit_verdict(const char *question, const char *answer, bool certain, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));
/* Accesses are noted from now on, and all ones are trouble; NULL ends that. */
void kit_watch(struct kit *k);

/* Give up: what is said and asked so far stands. */
void kit_trouble(struct kit *k, const char *why) __attribute__((noreturn));

/* kit_guest.c: the guest's driver */
void kit_reset(struct kit *k);
/* A guest with four queues on the function as it is; false if it can't be started. */
bool kit_start(struct kit *k);
/* So many more jobs; true if all that were given come back well in this time. */
bool kit_work(struct kit *k, int jobs, int ms);
bool kit_starts_and_works(struct kit *k);
bool kit_pause(struct kit *k);
/* Ring for each queue: what is known to end a pause. */
void kit_resume(struct kit *k);
/* Interrupts of the event queue since the last call, waiting for one so long. */
unsigned int kit_interrupts(struct kit *k, int ms);

/* kit_ask.c, kit_ask_queues.c: the experiments */
struct kit_experiment {
	const char *question;
	const char *does;	/* all that it writes */
	void (*ask)(struct kit *k, const char *question);
	bool resets;		/* begins with a reset of the VF */
};

extern const struct kit_experiment kit_experiments[];
/* What nobody can ask from a VF, and why. */
extern const struct kit_unasked {
	const char *question, *why;
} kit_unasked[];

void ask_pause_end(struct kit *k, const char *question);
void ask_restart(struct kit *k, const char *question);
void ask_restart_events(struct kit *k, const char *question);
void ask_int_source(struct kit *k, const char *question);
void ask_int_rule(struct kit *k, const char *question);
void ask_mbox_when(struct kit *k, const char *question);

/* kit_time.c: how long things take */
void kit_measure(struct kit *k);

#endif /* KIT_H */
