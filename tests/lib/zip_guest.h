/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's ZIP driver and its users: jobs that compress and decompress, each
 * with a tag of its own, each to be done exactly once and checked by zlib.
 */
#ifndef HACC_ZIP_GUEST_H
#define HACC_ZIP_GUEST_H

#include <stdint.h>
#include <stddef.h>

#include "qm_guest.h"

#define ZIP_GUEST_IOVA		0x140000000ull	/* above 4 GiB, on purpose */
#define ZIP_GUEST_RAM		(1u << 20)
#define ZIP_GUEST_JOBS_MAX	180
#define ZIP_GUEST_TEXT_MAX	1800

struct zip_job {
	uint64_t tag;
	int queue;
	size_t in;		/* offsets in the guest's memory */
	size_t out;
	size_t in_sgl;
	size_t out_sgl;
	uint32_t in_len;
	uint32_t produced;
	uint32_t text_len;
	uint8_t status;
	int submitted;
	int finished;
};

struct zip_guest {
	struct qm_guest qm;	/* first: a qm_guest is found in its zip_guest */
	struct zip_job jobs[ZIP_GUEST_JOBS_MAX];
	int nr_jobs;
	int next;		/* first job not submitted */
	int submitted;
	int finished;		/* completions, each counted */
	int strangers;		/* completions of no job of ours */
};

/* Start the function with pairs of a compressing and a decompressing queue. */
int zip_guest_start(struct zip_guest *z, struct vfio_dev *home, int pairs);
/* Prepare so many more jobs: all queues, flat and scattered buffers in turn. */
int zip_guest_add_jobs(struct zip_guest *z, int count);
/* Submit what the queues take; jobs submitted, or -errno. */
int zip_guest_submit(struct zip_guest *z);
/*
 * Submit and serve interrupts until so many jobs are done; 0, -ETIMEDOUT when
 * nothing has finished for timeout_ms, or -errno.
 */
int zip_guest_run(struct zip_guest *z, int finished, int timeout_ms);
/*
 * Are the jobs done, each once, each with the right result? 0, or -1 with the
 * first complaint in why.
 */
int zip_guest_verify(struct zip_guest *z, char *why, size_t size);
/* A sum over the guest's memory in a VF, to see whether it changes. */
uint32_t zip_guest_ram_sum(const struct vfio_dev *v);

#endif /* HACC_ZIP_GUEST_H */
