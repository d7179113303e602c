// SPDX-License-Identifier: GPL-2.0-only
/* SEC: AES in ECB and CBC mode, all key lengths, both ways, checked by nettle. */
#include <errno.h>
#include <string.h>

#include <nettle/cbc.h>
#include <nettle/nettle-meta.h>

#include "job_guest.h"

#define SEC_DATA_MAX		1792
#define SEC_BLOCK		16
#define SEC_KEY_MAX		32

#define SEC_BD_TYPE3		3
#define SEC_BD_DE		(1u << 9)	/* the result goes to data_dst */
#define SEC_BD_SRC_SGL		(1u << 11)
#define SEC_BD_DST_SGL		(1u << 14)
#define SEC_ALG_AES		2
#define SEC_MODE_CBC		1
#define SEC_DONE_MASK		0xff0781	/* error type, flag, done */
#define SEC_DONE_GOOD		0x000101

/* A BD of type 3. */
struct sec_sqe {
	uint32_t bd_param;
	uint16_t c_icv_key;	/* direction [1:0], key length [15:13] */
	uint8_t c_mode_alg;	/* mode [3:0], algorithm [7:4] */
	uint8_t huk_iv_seq;
	uint64_t tag;
	uint64_t data_src;
	uint64_t a_key;
	uint32_t auth_ivin[4];
	uint64_t c_key;
	uint32_t auth_mac_key;
	uint32_t salt;
	uint16_t auth_src_offset, cipher_src_offset;
	uint32_t a_len_key;
	uint32_t c_len;
	uint32_t data_dst_l, data_dst_h;
	uint32_t mac_l, mac_h;
	uint32_t c_ivin_l, c_ivin_h;
	uint32_t rsvd[3];
	uint32_t done;		/* done [0], flag [10:7], error type [23:16] */
	uint32_t dw29, dw30;
	uint32_t counter;
};

_Static_assert(sizeof(struct sec_sqe) == 128, "SQE");
_Static_assert(offsetof(struct sec_sqe, done) == 112, "SQE");

/* What a job is follows from its tag. */
struct sec_task {
	unsigned int key_size;	/* 0, 1, 2: 128, 192, 256 bits */
	bool cbc;
	bool decrypt;
	bool in_place;
	bool sgl;
	uint32_t len;
	uint8_t key[SEC_KEY_MAX];
	uint8_t iv[SEC_BLOCK];
	uint8_t data[SEC_DATA_MAX];
};

static void sec_task(const struct job *job, struct sec_task *t)
{
	uint64_t state = job_random_start(job->tag);
	uint64_t choice = job_random(&state) >> 20;

	t->key_size = choice % 3;
	t->cbc = choice >> 8 & 3;
	t->decrypt = choice >> 10 & 1;
	t->in_place = choice >> 11 & 1;
	t->sgl = choice >> 12 & 1;
	t->len = (1 + (choice >> 16) % (SEC_DATA_MAX / SEC_BLOCK)) * SEC_BLOCK;
	job_random_fill(&state, t->key, sizeof(t->key));
	job_random_fill(&state, t->iv, sizeof(t->iv));
	job_random_fill(&state, t->data, t->len);
}

static int sec_fill(struct job_guest *g, struct job *job)
{
	struct sec_task t;
	uint8_t *key;

	sec_task(job, &t);
	job->in_len = t.len;
	job->key = qm_guest_alloc(&g->qm, SEC_KEY_MAX + SEC_BLOCK, 64);
	job->in = qm_guest_alloc(&g->qm, t.len, 64);
	job->out = t.in_place ? job->in : qm_guest_alloc(&g->qm, t.len, 64);
	if (!job->key || !job->in || !job->out)
		return -ENOMEM;
	key = qm_guest_ptr(&g->qm, job->key);
	memcpy(key, t.key, SEC_KEY_MAX);
	memcpy(key + SEC_KEY_MAX, t.iv, SEC_BLOCK);
	memcpy(qm_guest_ptr(&g->qm, job->in), t.data, t.len);
	if (!t.sgl)
		return 0;
	job->in_sgl = job_guest_alloc_sgl(g, job->in, t.len);
	job->out_sgl = t.in_place ? job->in_sgl :
				    job_guest_alloc_sgl(g, job->out, t.len);
	return job->in_sgl && job->out_sgl ? 0 : -ENOMEM;
}

static void sec_ask(struct job_guest *g, const struct job *job, void *sqe)
{
	uint64_t key = qm_guest_iova(&g->qm, job->key);
	uint64_t iv = key + SEC_KEY_MAX;
	uint64_t dst = qm_guest_iova(&g->qm,
				     job->out_sgl ? job->out_sgl : job->out);
	struct sec_task t;

	sec_task(job, &t);
	*(struct sec_sqe *)sqe = (struct sec_sqe) {
		.bd_param = SEC_BD_TYPE3 | (t.in_place ? 0 : SEC_BD_DE) |
			    (t.sgl ? SEC_BD_SRC_SGL | SEC_BD_DST_SGL : 0),
		.c_icv_key = (t.decrypt ? 2 : 1) | t.key_size << 13,
		.c_mode_alg = SEC_ALG_AES << 4 | (t.cbc ? SEC_MODE_CBC : 0),
		.tag = job->tag,
		.data_src = qm_guest_iova(&g->qm, job->in_sgl ? job->in_sgl :
								job->in),
		.c_key = key,
		.c_len = t.len,
		.data_dst_l = dst,
		.data_dst_h = dst >> 32,
		.c_ivin_l = iv,
		.c_ivin_h = iv >> 32,
	};
}

static uint64_t sec_tag(const void *sqe)
{
	return ((const struct sec_sqe *)sqe)->tag;
}

static void sec_answer(struct job *job, const void *sqe)
{
	job->status = ((const struct sec_sqe *)sqe)->done & SEC_DONE_MASK;
}

/* The same by a library, in place. */
static int sec_expect(struct sec_task *t)
{
	static const struct nettle_cipher *const ciphers[] = {
		&nettle_aes128, &nettle_aes192, &nettle_aes256,
	};
	const struct nettle_cipher *c = ciphers[t->key_size];
	_Alignas(16) uint8_t ctx[512];

	if (c->context_size > sizeof(ctx))
		return -1;
	if (t->decrypt)
		c->set_decrypt_key(ctx, t->key);
	else
		c->set_encrypt_key(ctx, t->key);
	if (!t->cbc && t->decrypt)
		c->decrypt(ctx, t->len, t->data, t->data);
	else if (!t->cbc)
		c->encrypt(ctx, t->len, t->data, t->data);
	else if (t->decrypt)
		cbc_decrypt(ctx, c->decrypt, SEC_BLOCK, t->iv, t->len, t->data,
			    t->data);
	else
		cbc_encrypt(ctx, c->encrypt, SEC_BLOCK, t->iv, t->len, t->data,
			    t->data);
	return 0;
}

static const char *sec_verdict(struct job_guest *g, const struct job *job)
{
	struct sec_task t;

	if (job->status != SEC_DONE_GOOD)
		return "ended with an error status";
	sec_task(job, &t);
	if (sec_expect(&t))
		return "can't be checked";
	if (memcmp(qm_guest_ptr(&g->qm, job->out), t.data, t.len))
		return "produced the wrong bytes";
	return NULL;
}

const struct job_engine sec_engine = {
	.vf = PCI_DEVICE_SEC_VF,
	.sqe_log2 = 7,
	.tag_mask = ~0ull,
	.fill = sec_fill,
	.ask = sec_ask,
	.tag = sec_tag,
	.answer = sec_answer,
	.verdict = sec_verdict,
};
