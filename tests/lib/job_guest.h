/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's driver of an engine and its users: jobs, each with a tag of its
 * own, each to be done exactly once and well. What an engine is asked to do,
 * and whether it did, is in zip_guest.c, sec_guest.c and hpre_guest.c.
 */
#ifndef HACC_JOB_GUEST_H
#define HACC_JOB_GUEST_H

#include <stddef.h>
#include <stdint.h>

#include "qm_guest.h"

#define JOB_GUEST_IOVA		0x140000000ull	/* above 4 GiB, on purpose */
#define JOB_GUEST_RAM		(1u << 20)
#define JOB_GUEST_JOBS_MAX	180
#define JOB_GUEST_QUEUE_TYPES	2

struct job {
	uint64_t tag;
	int queue;
	size_t key;		/* offsets in the guest's memory */
	size_t in;
	size_t out;
	size_t in_sgl;
	size_t out_sgl;
	uint32_t in_len;
	uint32_t produced;
	uint32_t status;	/* as the engine's SQE tells it */
	int submitted;
	int finished;
};

struct job_guest {
	struct qm_guest qm;	/* first: a qm_guest is found in its job_guest */
	const struct job_engine *engine;
	struct job jobs[JOB_GUEST_JOBS_MAX];
	int nr_jobs;
	int next;		/* first job not submitted */
	int submitted;
	int finished;		/* completions, each counted */
	int strangers;		/* completions of no job of ours */
};

struct job_engine {
	uint16_t vf;		/* PCI device id */
	uint8_t sqe_log2;
	/* Queues are of these types in turn. */
	uint8_t queue_types[JOB_GUEST_QUEUE_TYPES];
	/* Make the job's input, which follows from its tag; 0 or -errno. */
	int (*fill)(struct job_guest *g, struct job *job);
	/* Its SQE, all zeroes before. */
	void (*ask)(struct job_guest *g, const struct job *job, void *sqe);
	/* The tag in an SQE that came back: so much of it as an SQE holds. */
	uint64_t (*tag)(const void *sqe);
	uint64_t tag_mask;
	/* Note from it what verdict() needs. */
	void (*answer)(struct job *job, const void *sqe);
	/* What is wrong with the result, or NULL. */
	const char *(*verdict)(struct job_guest *g, const struct job *job);
};

extern const struct job_engine zip_engine, sec_engine, hpre_engine;

/* Start the function of whatever engine, with so many queues. */
int job_guest_start(struct job_guest *g, struct vfio_dev *home, int queues);
/* The same, with queues that ask for no interrupts: bit n for queue n. */
int job_guest_start_polling(struct job_guest *g, struct vfio_dev *home, int queues,
			    unsigned int polls);
/* Prepare so many more jobs, for all queues in turn. */
int job_guest_add_jobs(struct job_guest *g, int count);
/* Submit what the queues take; jobs submitted, or -errno. */
int job_guest_submit(struct job_guest *g);
/*
 * Submit and serve interrupts until so many jobs are done; 0, -ETIMEDOUT when
 * nothing has finished for timeout_ms, or -errno.
 */
int job_guest_run(struct job_guest *g, int finished, int timeout_ms);
/*
 * Are the jobs done, each once, each with the right result? 0, or -1 with the
 * first complaint in why.
 */
int job_guest_verify(struct job_guest *g, char *why, size_t size);
/* A sum over the guest's memory in a VF, to see whether it changes. */
uint32_t job_guest_ram_sum(const struct vfio_dev *v);

/* For engines: numbers that follow from a tag, and their bytes. */
uint64_t job_random_start(uint64_t tag);
uint64_t job_random(uint64_t *state);
void job_random_fill(uint64_t *state, void *buf, size_t len);
/* Room for a list of entries over one buffer, pieces of uneven length. */
size_t job_guest_alloc_sgl(struct job_guest *g, size_t buf, uint32_t len);

#endif /* HACC_JOB_GUEST_H */
