// SPDX-License-Identifier: GPL-2.0-only
/*
 * Lanes for SEC: the accelerator enciphers, software deciphers.
 */
#include <crypto/skcipher.h>
#include <linux/err.h>
#include <linux/slab.h>

#include "hacc_guest.h"

/* By the driver's own name, and what the same is called in software. */
#define SEC_DRIVER	"hisi_sec_cbc(aes)"
#define SEC_SOFTWARE	"cbc(aes)"

static const u8 sec_key[] = "of sixteen bytes";
#define SEC_KEY_LEN	16
#define SEC_IV_LEN	16

struct sec_req {
	u8 iv[SEC_IV_LEN];
	struct skcipher_request *req;
};

static void sec_put(struct guest_lane *lane)
{
	if (lane->soft)
		crypto_free_sync_skcipher(lane->soft);
	if (lane->tfm)
		crypto_free_skcipher(lane->tfm);
}

static int sec_get(struct guest_lane *lane)
{
	struct crypto_sync_skcipher *soft;
	struct crypto_skcipher *tfm;
	int ret;

	tfm = crypto_alloc_skcipher(SEC_DRIVER, 0, 0);
	if (IS_ERR(tfm))
		return PTR_ERR(tfm);
	lane->tfm = tfm;
	soft = crypto_alloc_sync_skcipher(SEC_SOFTWARE, 0, 0);
	if (IS_ERR(soft)) {
		sec_put(lane);
		return PTR_ERR(soft);
	}
	lane->soft = soft;
	ret = crypto_skcipher_setkey(tfm, sec_key, SEC_KEY_LEN);
	ret = ret ?: crypto_sync_skcipher_setkey(soft, sec_key, SEC_KEY_LEN);
	if (ret)
		sec_put(lane);
	return ret;
}

static void sec_done(void *data, int err)
{
	guest_job_back(data, err);
}

static int sec_job_get(struct guest_job *job)
{
	struct sec_req *sec = kzalloc(sizeof(*sec), GFP_KERNEL);

	if (!sec)
		return -ENOMEM;
	sec->req = skcipher_request_alloc(job->lane->tfm, GFP_KERNEL);
	if (!sec->req) {
		kfree(sec);
		return -ENOMEM;
	}
	skcipher_request_set_callback(sec->req, CRYPTO_TFM_REQ_MAY_BACKLOG,
				      sec_done, job);
	job->req = sec;
	return 0;
}

static void sec_job_put(struct guest_job *job)
{
	struct sec_req *sec = job->req;

	skcipher_request_free(sec->req);
	kfree(sec);
}

static void sec_iv(const struct guest_job *job, u8 *iv)
{
	memset(iv, 0x42, SEC_IV_LEN);
	memcpy(iv, &job->tag, sizeof(job->tag));
}

static int sec_prepare(struct guest_job *job)
{
	struct sec_req *sec = job->req;

	memcpy(job->in, job->data, job->data_len);
	job->in_len = job->data_len;
	job->out_len = job->data_len;
	sec_iv(job, sec->iv);
	guest_sg(job->in_sg, job->in, job->in_len);
	guest_sg(job->out_sg, job->out, job->out_len);
	skcipher_request_set_crypt(sec->req, job->in_sg, job->out_sg,
				   job->in_len, sec->iv);
	return 0;
}

static int sec_send(struct guest_job *job)
{
	struct sec_req *sec = job->req;

	return crypto_skcipher_encrypt(sec->req);
}

static const char *sec_check(struct guest_job *job)
{
	struct crypto_sync_skcipher *soft = job->lane->soft;
	struct scatterlist from, to;
	u8 iv[SEC_IV_LEN];
	SYNC_SKCIPHER_REQUEST_ON_STACK(req, soft);

	sec_iv(job, iv);
	sg_init_one(&from, job->out, job->data_len);
	sg_init_one(&to, job->scratch, job->data_len);
	skcipher_request_set_sync_tfm(req, soft);
	skcipher_request_set_callback(req, 0, NULL, NULL);
	skcipher_request_set_crypt(req, &from, &to, job->data_len, iv);
	if (crypto_skcipher_decrypt(req))
		return "software can't decipher it";
	if (memcmp(job->scratch, job->data, job->data_len))
		return "it deciphers to something else";
	return NULL;
}

const struct guest_engine guest_cipher = {
	.name = "cipher",
	.get = sec_get,
	.put = sec_put,
	.job_get = sec_job_get,
	.job_put = sec_job_put,
	.prepare = sec_prepare,
	.send = sec_send,
	.check = sec_check,
};
