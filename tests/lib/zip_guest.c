// SPDX-License-Identifier: GPL-2.0-only
/* ZIP: compress and decompress, checked by zlib. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <zlib.h>

#include "job_guest.h"

#define ZIP_TEXT_MAX		1800
#define ZIP_OUT_MAX		2560
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

_Static_assert(sizeof(struct zip_sqe) == 128, "SQE");

/* The text of a job follows from its tag: nothing has to be kept. */
static uint32_t zip_text(uint64_t tag, uint8_t *text)
{
	static const char *const words[] = {
		"queue ", "mailbox ", "doorbell ", "migration ", "guest ",
		"accelerator ", "record ", "context ", "window ", "page ",
	};
	uint64_t state = job_random_start(tag);
	uint32_t want = 300 + job_random(&state) % (ZIP_TEXT_MAX - 340);
	uint32_t len = sprintf((char *)text, "%016llx: ",
			       (unsigned long long)tag);

	while (len < want) {
		const char *word = words[job_random(&state) % 10];
		size_t n = strlen(word);

		memcpy(text + len, word, n);
		len += n;
		if (job_random(&state) % 4 == 0)
			text[len++] = job_random(&state);
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

static int zip_fill(struct job_guest *g, struct job *job)
{
	uint8_t text[ZIP_TEXT_MAX];
	uint32_t text_len = zip_text(job->tag, text);

	job->in = qm_guest_alloc(&g->qm, ZIP_TEXT_MAX + 64, 64);
	job->out = qm_guest_alloc(&g->qm, ZIP_OUT_MAX, 64);
	if (!job->in || !job->out)
		return -ENOMEM;

	if (g->qm.queues[job->queue].alg == ZIP_COMPRESS) {
		memcpy(qm_guest_ptr(&g->qm, job->in), text, text_len);
		job->in_len = text_len;
	} else if (zip_deflate(text, text_len, qm_guest_ptr(&g->qm, job->in),
			       ZIP_TEXT_MAX + 64, &job->in_len)) {
		return -EINVAL;
	}

	/* Every other job of a queue: in pieces, as the kernel's driver does. */
	if ((job->tag / g->qm.nr_queues) % 2)
		return 0;
	job->in_sgl = job_guest_alloc_sgl(g, job->in, job->in_len);
	job->out_sgl = job_guest_alloc_sgl(g, job->out, ZIP_OUT_MAX);
	return job->in_sgl && job->out_sgl ? 0 : -ENOMEM;
}

static void zip_ask(struct job_guest *g, const struct job *job, void *sqe)
{
	uint64_t source = qm_guest_iova(&g->qm,
					job->in_sgl ? job->in_sgl : job->in);
	uint64_t dest = qm_guest_iova(&g->qm,
				      job->out_sgl ? job->out_sgl : job->out);

	*(struct zip_sqe *)sqe = (struct zip_sqe) {
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
}

static uint64_t zip_tag(const void *sqe)
{
	const struct zip_sqe *done = sqe;

	return done->tag_l | (uint64_t)done->tag_h << 32;
}

static void zip_answer(struct job *job, const void *sqe)
{
	const struct zip_sqe *done = sqe;

	job->status = done->dw3 & 0xff;
	job->produced = done->produced;
}

static const char *zip_verdict(struct job_guest *g, const struct job *job)
{
	uint8_t text[ZIP_TEXT_MAX], got[ZIP_OUT_MAX];
	const uint8_t *out = qm_guest_ptr(&g->qm, job->out);
	uint32_t len = zip_text(job->tag, text), got_len;

	if (job->status && job->status != ZIP_STATUS_NC)
		return "ended with an error status";
	if (job->produced > ZIP_OUT_MAX)
		return "produced more than there was room for";
	if (g->qm.queues[job->queue].alg == ZIP_DECOMPRESS) {
		memcpy(got, out, job->produced);
		got_len = job->produced;
	} else if (zip_inflate(out, job->produced, got, sizeof(got), &got_len)) {
		return "produced something that is no deflate stream";
	}
	if (got_len != len || memcmp(got, text, len))
		return "produced the wrong bytes";
	return NULL;
}

const struct job_engine zip_engine = {
	.vf = PCI_DEVICE_ZIP_VF,
	.sqe_log2 = 7,
	.queue_types = { ZIP_COMPRESS, ZIP_DECOMPRESS },
	.tag_mask = ~0ull,
	.fill = zip_fill,
	.ask = zip_ask,
	.tag = zip_tag,
	.answer = zip_answer,
	.verdict = zip_verdict,
};
