// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include <zlib.h>

#include "zip_guest.h"

#define ZIP_OUT_MAX		2560
#define ZIP_SGL_ENTRIES		5
#define ZIP_SGL_HEAD		64
#define ZIP_SGL_ENTRY		32
#define ZIP_ALG_DEFLATE		0x01
#define ZIP_BUF_SGL		0x1
#define ZIP_SQE_TYPE		0x3
#define ZIP_STATUS_NC		0x0d	/* no error: the output is all there */

#define ZIP_COMPRESS		0
#define ZIP_DECOMPRESS		1

struct zip_sqe {
	uint32_t consumed;
	uint32_t produced;
	uint32_t comp_data_length;
	uint32_t dw3;			/* status [7:0] */
	uint32_t input_data_length;
	uint32_t dw5, dw6;
	uint32_t dw7;			/* SQE type [31:28] */
	uint32_t dw8;
	uint32_t dw9;			/* algorithm [7:0], buffer type [11:8] */
	uint32_t dw10, dw11, dw12, dw13;
	uint32_t dest_avail_out;
	uint32_t dw15, dw16, dw17;
	uint32_t source_l, source_h;
	uint32_t dest_l, dest_h;
	uint32_t dw22, dw23, dw24, dw25;
	uint32_t tag_l, tag_h;
	uint32_t rsvd[4];
};

_Static_assert(sizeof(struct zip_sqe) == QM_GUEST_SQE_SIZE, "SQE");

static uint64_t zip_random(uint64_t *state)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return *state;
}

/* The text of a job follows from its tag: nothing has to be kept. */
static uint32_t zip_text(uint64_t tag, uint8_t *text)
{
	static const char *const words[] = {
		"queue ", "mailbox ", "doorbell ", "migration ", "guest ",
		"accelerator ", "record ", "context ", "window ", "page ",
	};
	uint64_t state = tag * 0x9e3779b97f4a7c15ull | 1;
	uint32_t want = 300 + zip_random(&state) % (ZIP_GUEST_TEXT_MAX - 340);
	uint32_t len = sprintf((char *)text, "%016llx: ",
			       (unsigned long long)tag);

	while (len < want) {
		const char *word = words[zip_random(&state) % 10];
		size_t n = strlen(word);

		memcpy(text + len, word, n);
		len += n;
		if (zip_random(&state) % 4 == 0)
			text[len++] = zip_random(&state);
	}
	return len;
}

static int zip_deflate(const uint8_t *in, uint32_t in_len, uint8_t *out,
		       uint32_t room, uint32_t *out_len)
{
	z_stream z = { .next_in = (uint8_t *)in, .avail_in = in_len,
		       .next_out = out, .avail_out = room };
	int ret;

	/* A small window and table: under emulation, clearing memory is dear. */
	if (deflateInit2(&z, 1, Z_DEFLATED, -10, 1, Z_DEFAULT_STRATEGY) != Z_OK)
		return -ENOMEM;
	ret = deflate(&z, Z_FINISH);
	*out_len = z.total_out;
	deflateEnd(&z);
	return ret == Z_STREAM_END ? 0 : -EINVAL;
}

static int zip_inflate(const uint8_t *in, uint32_t in_len, uint8_t *out,
		       uint32_t room, uint32_t *out_len)
{
	z_stream z = { .next_in = (uint8_t *)in, .avail_in = in_len,
		       .next_out = out, .avail_out = room };
	int ret;

	if (inflateInit2(&z, -15) != Z_OK)
		return -ENOMEM;
	ret = inflate(&z, Z_FINISH);
	*out_len = z.total_out;
	inflateEnd(&z);
	return ret == Z_STREAM_END ? 0 : -EINVAL;
}

static void zip_finished(struct qm_guest *g, struct qm_guest_queue *q, void *sqe)
{
	struct zip_guest *z = (struct zip_guest *)g;
	struct zip_sqe *done = sqe;
	uint64_t tag = done->tag_l | (uint64_t)done->tag_h << 32;
	uint64_t index = (tag & 0xffffffff) - 1;
	struct zip_job *job;

	if (index >= (uint64_t)z->nr_jobs || z->jobs[index].tag != tag ||
	    z->jobs[index].queue != q->id) {
		z->strangers++;
		return;
	}
	job = &z->jobs[index];
	job->finished++;
	job->status = done->dw3;
	job->produced = done->produced;
	z->finished++;
}

int zip_guest_start(struct zip_guest *z, struct vfio_dev *home, int pairs)
{
	int ret, i;

	memset(z, 0, sizeof(*z));
	ret = qm_guest_start(&z->qm, home);
	z->qm.finished = zip_finished;
	for (i = 0; i < pairs && !ret; i++) {
		ret = qm_guest_add_queue(&z->qm, ZIP_COMPRESS);
		if (!ret)
			ret = qm_guest_add_queue(&z->qm, ZIP_DECOMPRESS);
	}
	return ret;
}

/* A list of entries over one buffer, pieces of uneven length. */
static void zip_fill_sgl(struct zip_guest *z, size_t sgl, size_t buf,
			 uint32_t len)
{
	uint8_t *head = qm_guest_ptr(&z->qm, sgl);
	uint16_t entries = 0;
	uint32_t at = 0;

	while (at < len) {
		uint8_t *entry = head + ZIP_SGL_HEAD + entries * ZIP_SGL_ENTRY;
		uint32_t piece = len / ZIP_SGL_ENTRIES + 1 + entries;
		uint64_t iova = qm_guest_iova(&z->qm, buf + at);

		if (piece > len - at || entries == ZIP_SGL_ENTRIES - 1)
			piece = len - at;
		memcpy(entry, &iova, 8);
		memcpy(entry + 16, &piece, 4);
		at += piece;
		entries++;
	}
	memcpy(head + 8, &entries, 2);		/* entries in the chain */
	memcpy(head + 10, &entries, 2);		/* entries in this list */
	memcpy(head + 12, &entries, 2);		/* room in this list */
}

static int zip_guest_fill(struct zip_guest *z, struct zip_job *job)
{
	uint8_t text[ZIP_GUEST_TEXT_MAX];
	size_t sgl_size = ZIP_SGL_HEAD + ZIP_SGL_ENTRIES * ZIP_SGL_ENTRY;

	job->in = qm_guest_alloc(&z->qm, ZIP_GUEST_TEXT_MAX + 64, 64);
	job->out = qm_guest_alloc(&z->qm, ZIP_OUT_MAX, 64);
	if (!job->in || !job->out)
		return -ENOMEM;

	job->text_len = zip_text(job->tag, text);
	if (z->qm.queues[job->queue].alg == ZIP_COMPRESS) {
		memcpy(qm_guest_ptr(&z->qm, job->in), text, job->text_len);
		job->in_len = job->text_len;
	} else if (zip_deflate(text, job->text_len,
			       qm_guest_ptr(&z->qm, job->in),
			       ZIP_GUEST_TEXT_MAX + 64, &job->in_len)) {
		return -EINVAL;
	}

	/* Every other job of a queue: in pieces, as the kernel's driver does. */
	if ((job->tag / z->qm.nr_queues) % 2)
		return 0;
	job->in_sgl = qm_guest_alloc(&z->qm, sgl_size, 64);
	job->out_sgl = qm_guest_alloc(&z->qm, sgl_size, 64);
	if (!job->in_sgl || !job->out_sgl)
		return -ENOMEM;
	zip_fill_sgl(z, job->in_sgl, job->in, job->in_len);
	zip_fill_sgl(z, job->out_sgl, job->out, ZIP_OUT_MAX);
	return 0;
}

int zip_guest_add_jobs(struct zip_guest *z, int count)
{
	static uint32_t generation;
	int ret, i;

	generation++;
	for (i = 0; i < count; i++) {
		struct zip_job *job = &z->jobs[z->nr_jobs];

		if (z->nr_jobs == ZIP_GUEST_JOBS_MAX)
			return -ENOSPC;
		memset(job, 0, sizeof(*job));
		job->tag = (uint64_t)generation << 32 | (z->nr_jobs + 1);
		job->queue = z->nr_jobs % z->qm.nr_queues;
		ret = zip_guest_fill(z, job);
		if (ret)
			return ret;
		z->nr_jobs++;
	}
	return 0;
}

static int zip_guest_submit_one(struct zip_guest *z, struct zip_job *job)
{
	uint64_t source = qm_guest_iova(&z->qm,
					job->in_sgl ? job->in_sgl : job->in);
	uint64_t dest = qm_guest_iova(&z->qm,
				      job->out_sgl ? job->out_sgl : job->out);
	struct zip_sqe sqe = {
		.input_data_length = job->in_len,
		.dw7 = (uint32_t)ZIP_SQE_TYPE << 28,
		.dw9 = ZIP_ALG_DEFLATE | (job->in_sgl ? ZIP_BUF_SGL << 8 : 0),
		.dest_avail_out = ZIP_OUT_MAX,
		.source_l = source,
		.source_h = source >> 32,
		.dest_l = dest,
		.dest_h = dest >> 32,
		.tag_l = job->tag,
		.tag_h = job->tag >> 32,
	};

	return qm_guest_submit(&z->qm, &z->qm.queues[job->queue], &sqe);
}

int zip_guest_submit(struct zip_guest *z)
{
	int count = 0, ret;

	/* In order: the first job whose queue is full waits, and all behind it. */
	while (z->next < z->nr_jobs) {
		ret = zip_guest_submit_one(z, &z->jobs[z->next]);
		if (ret == -EAGAIN)
			break;
		if (ret)
			return ret;
		z->jobs[z->next++].submitted = 1;
		z->submitted++;
		count++;
	}
	return count;
}

int zip_guest_run(struct zip_guest *z, int finished, int timeout_ms)
{
	struct timespec start, now;
	int last = z->finished, ret;

	clock_gettime(CLOCK_MONOTONIC, &start);
	for (;;) {
		ret = zip_guest_submit(z);
		if (ret < 0)
			return ret;
		if (z->finished >= finished)
			return 0;
		ret = qm_guest_poll(&z->qm, 10);
		if (ret < 0)
			return ret;
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (z->finished != last) {
			last = z->finished;
			start = now;
		}
		if ((now.tv_sec - start.tv_sec) * 1000 +
		    (now.tv_nsec - start.tv_nsec) / 1000000 > timeout_ms)
			return -ETIMEDOUT;
	}
}

/* What is wrong with this job, or NULL. */
static const char *zip_guest_check_job(struct zip_guest *z, struct zip_job *job)
{
	uint8_t text[ZIP_GUEST_TEXT_MAX], got[ZIP_OUT_MAX];
	const uint8_t *out = qm_guest_ptr(&z->qm, job->out);
	uint32_t len = zip_text(job->tag, text), got_len;

	if (!job->submitted)
		return "was never submitted";
	if (!job->finished)
		return "never finished";
	if (job->finished > 1)
		return "finished more than once";
	if (job->status && job->status != ZIP_STATUS_NC)
		return "ended with an error status";
	if (job->produced > ZIP_OUT_MAX)
		return "produced more than there was room for";
	if (z->qm.queues[job->queue].alg == ZIP_DECOMPRESS) {
		memcpy(got, out, job->produced);
		got_len = job->produced;
	} else if (zip_inflate(out, job->produced, got, sizeof(got), &got_len)) {
		return "produced something that is no deflate stream";
	}
	if (got_len != len || memcmp(got, text, len))
		return "produced the wrong bytes";
	return NULL;
}

int zip_guest_verify(struct zip_guest *z, char *why, size_t size)
{
	int i;

	if (z->strangers) {
		snprintf(why, size, "%d completions of jobs nobody sent",
			 z->strangers);
		return -1;
	}
	if (z->qm.async_events) {
		snprintf(why, size, "%llu asynchronous error events",
			 (unsigned long long)z->qm.async_events);
		return -1;
	}
	for (i = 0; i < z->nr_jobs; i++) {
		const char *what = zip_guest_check_job(z, &z->jobs[i]);

		if (what) {
			snprintf(why, size, "job %d of %d (queue %d, status %d) %s",
				 i + 1, z->nr_jobs, z->jobs[i].queue,
				 z->jobs[i].status, what);
			return -1;
		}
	}
	return 0;
}

uint32_t zip_guest_ram_sum(const struct vfio_dev *v)
{
	return crc32(0, v->ram, v->ram_size);
}
