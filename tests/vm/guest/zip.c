// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lanes for ZIP: one sort has the accelerator compress and inflates in
 * software, the other has it decompress what software has deflated.
 */
#include <crypto/acompress.h>
#include <linux/err.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/zlib.h>

#include "hacc_guest.h"

/* By the driver's own name: there is software of the same algorithm. */
#define ZIP_DRIVER	"hisi-deflate-acomp"
#define ZIP_LEVEL	1

static void zip_put(struct guest_lane *lane)
{
	vfree(lane->soft);
	if (lane->tfm)
		crypto_free_acomp(lane->tfm);
}

static int zip_get(struct guest_lane *lane)
{
	size_t size = max(zlib_inflate_workspacesize(),
			  zlib_deflate_workspacesize(MAX_WBITS, MAX_MEM_LEVEL));
	struct crypto_acomp *tfm;

	tfm = crypto_alloc_acomp(ZIP_DRIVER, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	lane->tfm = tfm;
	lane->soft = vmalloc(size);
	if (!lane->soft) {
		zip_put(lane);
		return -ENOMEM;
	}
	return 0;
}

static void zip_done(void *data, int err)
{
	struct guest_job *job = data;
	struct acomp_req *req = job->req;

	job->out_len = req->dlen;
	guest_job_back(job, err);
}

static int zip_job_get(struct guest_job *job)
{
	struct acomp_req *req = acomp_request_alloc(job->lane->tfm);

	if (!req)
		return -ENOMEM;
	acomp_request_set_callback(req, 0, zip_done, job);
	job->req = req;
	return 0;
}

static void zip_job_put(struct guest_job *job)
{
	acomp_request_free(job->req);
}

static void zip_set_params(struct guest_job *job)
{
	guest_sg(job->in_sg, job->in, job->in_len);
	guest_sg(job->out_sg, job->out, job->out_len);
	acomp_request_set_params(job->req, job->in_sg, job->out_sg, job->in_len,
				 job->out_len);
}

static int deflate_prepare(struct guest_job *job)
{
	memcpy(job->in, job->data, job->data_len);
	job->in_len = job->data_len;
	job->out_len = GUEST_OUT_MAX;
	zip_set_params(job);
	return 0;
}

static int deflate_send(struct guest_job *job)
{
	return crypto_acomp_compress(job->req);
}

static const char *deflate_check(struct guest_job *job)
{
	struct z_stream_s z = {
		.workspace = job->lane->soft,
		.next_in = job->out,
		.avail_in = job->out_len,
		.next_out = job->scratch,
		.avail_out = GUEST_OUT_MAX,
	};

	if (!job->out_len || job->out_len > GUEST_OUT_MAX)
		return "nothing written";
	if (zlib_inflateInit2(&z, -MAX_WBITS) != Z_OK ||
	    zlib_inflate(&z, Z_FINISH) != Z_STREAM_END)
		return "software can't inflate it";
	if (z.total_out != job->data_len ||
	    memcmp(job->scratch, job->data, job->data_len))
		return "it inflates to something else";
	return NULL;
}

static int inflate_prepare(struct guest_job *job)
{
	struct z_stream_s z = {
		.workspace = job->lane->soft,
		.next_in = job->data,
		.avail_in = job->data_len,
		.next_out = job->in,
		.avail_out = GUEST_OUT_MAX,
	};

	if (zlib_deflateInit2(&z, ZIP_LEVEL, Z_DEFLATED, -MAX_WBITS,
			      DEF_MEM_LEVEL, Z_DEFAULT_STRATEGY) != Z_OK ||
	    zlib_deflate(&z, Z_FINISH) != Z_STREAM_END ||
	    zlib_deflateEnd(&z) != Z_OK)
		return -EIO;
	job->in_len = z.total_out;
	job->out_len = GUEST_OUT_MAX;
	zip_set_params(job);
	return 0;
}

static int inflate_send(struct guest_job *job)
{
	return crypto_acomp_decompress(job->req);
}

static const char *inflate_check(struct guest_job *job)
{
	if (job->out_len != job->data_len)
		return "another length";
	if (memcmp(job->out, job->data, job->data_len))
		return "other bytes";
	return NULL;
}

const struct guest_engine guest_deflate = {
	.name = "deflate",
	.get = zip_get,
	.put = zip_put,
	.job_get = zip_job_get,
	.job_put = zip_job_put,
	.prepare = deflate_prepare,
	.send = deflate_send,
	.check = deflate_check,
};

const struct guest_engine guest_inflate = {
	.name = "inflate",
	.get = zip_get,
	.put = zip_put,
	.job_get = zip_job_get,
	.job_put = zip_job_put,
	.prepare = inflate_prepare,
	.send = inflate_send,
	.check = inflate_check,
};
