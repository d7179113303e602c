// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "job_guest.h"

/* A tag is the job's number, from 1, and which batch of jobs it came with. */
#define JOB_TAG_BATCH_SHIFT	8
#define JOB_TAG_NUMBER		0xff

#define SGL_ENTRIES		5
#define SGL_HEAD_SIZE		64
#define SGL_ENTRY_SIZE		32

_Static_assert(JOB_GUEST_JOBS_MAX < JOB_TAG_NUMBER, "tag");

static const struct job_engine *const engines[] = {
	&zip_engine, &sec_engine, &hpre_engine, NULL
};

uint64_t job_random_start(uint64_t tag)
{
	return tag * 0x9e3779b97f4a7c15ull | 1;
}

uint64_t job_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

void job_random_fill(uint64_t *state, void *buf, size_t len)
{
	uint8_t *at = buf;

	while (len--)
		*at++ = job_random(state) >> 24;
}

size_t job_guest_alloc_sgl(struct job_guest *g, size_t buf, uint32_t len)
{
	size_t sgl = qm_guest_alloc(&g->qm, SGL_HEAD_SIZE +
				    SGL_ENTRIES * SGL_ENTRY_SIZE, 64);
	uint8_t *head = qm_guest_ptr(&g->qm, sgl);
	uint16_t entries = 0;
	uint32_t at = 0;

	if (!sgl)
		return 0;
	while (at < len) {
		uint8_t *entry = head + SGL_HEAD_SIZE + entries * SGL_ENTRY_SIZE;
		uint32_t piece = len / SGL_ENTRIES + 1 + entries;
		uint64_t iova = qm_guest_iova(&g->qm, buf + at);

		if (piece > len - at || entries == SGL_ENTRIES - 1)
			piece = len - at;
		memcpy(entry, &iova, 8);
		memcpy(entry + 16, &piece, 4);
		at += piece;
		entries++;
	}
	memcpy(head + 8, &entries, 2);		/* entries in the chain */
	memcpy(head + 10, &entries, 2);		/* entries in this list */
	memcpy(head + 12, &entries, 2);		/* room in this list */
	return sgl;
}

static void job_guest_finished(struct qm_guest *qm, struct qm_guest_queue *q,
			       void *sqe)
{
	struct job_guest *g = (struct job_guest *)qm;
	uint64_t tag = g->engine->tag(sqe);
	uint64_t index = (tag & JOB_TAG_NUMBER) - 1;
	struct job *job;

	if (index >= (uint64_t)g->nr_jobs ||
	    (g->jobs[index].tag & g->engine->tag_mask) != tag ||
	    g->jobs[index].queue != q->id) {
		g->strangers++;
		return;
	}
	job = &g->jobs[index];
	job->finished++;
	g->engine->answer(job, sqe);
	g->finished++;
}

int job_guest_start(struct job_guest *g, struct vfio_dev *home, int queues)
{
	return job_guest_start_polling(g, home, queues, 0);
}

int job_guest_start_polling(struct job_guest *g, struct vfio_dev *home, int queues,
			    unsigned int polls)
{
	int ret, i, e;

	memset(g, 0, sizeof(*g));
	for (e = 0; engines[e]; e++)
		if (engines[e]->vf == home->func.device)
			g->engine = engines[e];
	if (!g->engine)
		return -ENODEV;
	ret = qm_guest_start(&g->qm, home, g->engine->sqe_log2);
	g->qm.finished = job_guest_finished;
	for (i = 0; i < queues && !ret; i++) {
		uint8_t type = g->engine->queue_types[i % JOB_GUEST_QUEUE_TYPES];

		ret = qm_guest_add_queue(&g->qm, type, polls & 1u << i);
	}
	return ret;
}

int job_guest_add_jobs(struct job_guest *g, int count)
{
	static uint32_t batch;
	int ret, i;

	batch++;
	for (i = 0; i < count; i++) {
		struct job *job = &g->jobs[g->nr_jobs];

		if (g->nr_jobs == JOB_GUEST_JOBS_MAX)
			return -ENOSPC;
		memset(job, 0, sizeof(*job));
		job->tag = (uint64_t)batch << JOB_TAG_BATCH_SHIFT |
			   (g->nr_jobs + 1);
		job->queue = g->nr_jobs % g->qm.nr_queues;
		ret = g->engine->fill(g, job);
		if (ret)
			return ret;
		g->nr_jobs++;
	}
	return 0;
}

static int job_guest_submit_one(struct job_guest *g, const struct job *job)
{
	uint64_t sqe[QM_GUEST_SQE_MAX / 8] = { 0 };

	g->engine->ask(g, job, sqe);
	return qm_guest_submit(&g->qm, &g->qm.queues[job->queue], sqe);
}

int job_guest_submit(struct job_guest *g)
{
	int count = 0, ret;

	/* In order: the first job whose queue is full waits, and all behind it. */
	while (g->next < g->nr_jobs) {
		ret = job_guest_submit_one(g, &g->jobs[g->next]);
		if (ret == -EAGAIN)
			break;
		if (ret)
			return ret;
		g->jobs[g->next++].submitted = 1;
		g->submitted++;
		count++;
	}
	return count;
}

int job_guest_run(struct job_guest *g, int finished, int timeout_ms)
{
	struct timespec start, now;
	int last = g->finished, ret;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		ret = job_guest_submit(g);
		if (ret < 0)
			return ret;
		if (g->finished >= finished)
			return 0;
		ret = qm_guest_poll(&g->qm, 10);
		if (ret < 0)
			return ret;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (g->finished != last) {
			last = g->finished;
			start = now;
		}
		if ((now.tv_sec - start.tv_sec) * 1000 +
		    (now.tv_nsec - start.tv_nsec) / 1000000 > timeout_ms)
			return -ETIMEDOUT;
	}
}

/* What is wrong with this job, or NULL. */
static const char *job_guest_check_job(struct job_guest *g,
				       const struct job *job)
{
	if (!job->submitted)
		return "was never submitted";
	if (!job->finished)
		return "never finished";
	if (job->finished > 1)
		return "finished more than once";
	return g->engine->verdict(g, job);
}

int job_guest_verify(struct job_guest *g, char *why, size_t size)
{
	int i;

	if (g->strangers) {
		snprintf(why, size, "%d completions of jobs nobody sent",
			 g->strangers);
		return -1;
	}
	if (g->qm.async_events) {
		snprintf(why, size, "%llu asynchronous error events",
			 (unsigned long long)g->qm.async_events);
		return -1;
	}
	for (i = 0; i < g->nr_jobs; i++) {
		const char *what = job_guest_check_job(g, &g->jobs[i]);

		if (what) {
			snprintf(why, size, "job %d of %d (queue %d, status 0x%x) %s",
				 i + 1, g->nr_jobs, g->jobs[i].queue,
				 g->jobs[i].status, what);
			return -1;
		}
	}
	return 0;
}

uint32_t job_guest_ram_sum(const struct vfio_dev *v)
{
	return crc32(0, v->ram, v->ram_size);
}
