/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's work: lanes, each with a queue of the accelerator for itself and
 * some jobs in flight. A job has a tag, its data follow from lane and tag, and
 * software says whether the accelerator has done it right.
 */
#ifndef HACC_GUEST_H
#define HACC_GUEST_H

#include <linux/list.h>
#include <linux/scatterlist.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>

#define GUEST_DATA_MAX		4096
#define GUEST_OUT_MAX		(2 * GUEST_DATA_MAX)
#define GUEST_PIECES		3	/* of each buffer, for the engine */
#define GUEST_DEPTH_MAX		8
#define GUEST_NAME_MAX		16

struct guest_lane;

enum guest_job_state {
	GUEST_JOB_IDLE,
	GUEST_JOB_SENT,
	GUEST_JOB_BACK,		/* given back by the engine, not yet looked at */
};

struct guest_job {
	struct guest_lane *lane;
	struct list_head back;	/* in lane->back */
	enum guest_job_state state;	/* under lane->lock */
	u64 tag;
	int err;		/* what the engine's driver says */
	void *req;
	u8 *data;		/* what the tag gives */
	u8 *in;			/* what the engine reads */
	u8 *out;		/* what it writes */
	u8 *scratch;		/* for software */
	u32 data_len;
	u32 in_len;
	u32 out_len;		/* room before, bytes written after */
	struct scatterlist in_sg[GUEST_PIECES];
	struct scatterlist out_sg[GUEST_PIECES];
};

struct guest_engine {
	const char *name;
	/* All but job_put() and put() give 0 or -errno. */
	int (*get)(struct guest_lane *lane);
	void (*put)(struct guest_lane *lane);
	int (*job_get)(struct guest_job *job);
	void (*job_put)(struct guest_job *job);
	/* Make in of data; the sizes of both go with it. */
	int (*prepare)(struct guest_job *job);
	/* Hand it to the engine: -EINPROGRESS, -EAGAIN for a full queue, or -errno. */
	int (*send)(struct guest_job *job);
	/* What is wrong with out, by software; NULL if nothing. */
	const char *(*check)(struct guest_job *job);
};

struct guest_lane {
	const struct guest_engine *engine;
	char name[GUEST_NAME_MAX];
	u32 nr;
	struct task_struct *thread;
	void *tfm;		/* the accelerator's */
	void *soft;		/* the engine's means of checking in software */
	spinlock_t lock;	/* protects back and the jobs' states */
	struct list_head back;
	wait_queue_head_t wait;
	u64 next_tag;
	u64 checked;
	int sent;		/* jobs that the accelerator has */
	struct guest_job jobs[GUEST_DEPTH_MAX];
};

extern const struct guest_engine guest_deflate, guest_inflate, guest_cipher;

/* Called by the engines' completions, in whatever context. */
void guest_job_back(struct guest_job *job, int err);
/* Bytes in GUEST_PIECES uneven pieces. */
void guest_sg(struct scatterlist *sg, u8 *buf, u32 len);

#endif /* HACC_GUEST_H */
