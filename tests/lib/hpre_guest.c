// SPDX-License-Identifier: GPL-2.0-only
/* HPRE: powers modulo a number, for RSA and Diffie-Hellman, checked by GMP. */
#include <errno.h>
#include <string.h>

#include <gmp.h>

#include "job_guest.h"

#define HPRE_LEN_MAX		128	/* 1024 bits */
#define HPRE_EXP_LEN		24	/* of the exponent what is not zero */

#define HPRE_ALG_NC_NCRT	0x0
#define HPRE_ALG_DH_G2		0x4	/* the base is 2, and not read */
#define HPRE_ALG_DH		0x5

#define HPRE_DONE_SHIFT		30
#define HPRE_ASKED		1u
#define HPRE_DONE		3u
#define HPRE_ERROR		(0x7ffu << 5)

struct hpre_sqe {
	uint32_t dw0;		/* algorithm [4:0], error [15:5], done [31:30] */
	uint8_t task_len1;	/* units of 8 bytes, less one */
	uint8_t task_len2;
	uint8_t mrttest_num;
	uint8_t rsvd1;
	uint64_t key;		/* exponent, and behind it the modulus */
	uint64_t in;
	uint64_t out;
	uint16_t tag;
	uint16_t rsvd2;
	uint32_t rsvd3[7];
};

_Static_assert(sizeof(struct hpre_sqe) == 64, "SQE");

/* What a job is follows from its tag; numbers are big-endian. */
struct hpre_task {
	uint32_t alg;
	uint32_t len;
	uint8_t exp[HPRE_LEN_MAX];
	uint8_t modulus[HPRE_LEN_MAX];
	uint8_t base[HPRE_LEN_MAX];
};

static void hpre_task(const struct job *job, struct hpre_task *t)
{
	static const uint32_t algs[] = {
		HPRE_ALG_NC_NCRT, HPRE_ALG_DH_G2, HPRE_ALG_DH,
	};
	uint64_t state = job_random_start(job->tag);
	uint64_t choice = job_random(&state) >> 20;

	memset(t, 0, sizeof(*t));
	t->alg = algs[choice % 3];
	/* Lengths that the kernel's driver has for DH; RSA has no 768. */
	t->len = t->alg != HPRE_ALG_NC_NCRT && choice >> 8 & 1 ? 96 : 128;
	job_random_fill(&state, t->exp + t->len - HPRE_EXP_LEN, HPRE_EXP_LEN);
	job_random_fill(&state, t->modulus, t->len);
	t->modulus[0] |= 0x80;
	t->modulus[t->len - 1] |= 1;
	job_random_fill(&state, t->base, t->len);
	t->base[0] &= 0x7f;	/* below the modulus */
	if (t->alg == HPRE_ALG_DH_G2) {
		memset(t->base, 0, t->len);
		t->base[t->len - 1] = 2;
	}
}

static int hpre_fill(struct job_guest *g, struct job *job)
{
	struct hpre_task t;
	uint8_t *key;

	hpre_task(job, &t);
	job->in_len = t.len;
	job->key = qm_guest_alloc(&g->qm, 2 * t.len, 64);
	job->in = qm_guest_alloc(&g->qm, t.len, 64);
	job->out = qm_guest_alloc(&g->qm, t.len, 64);
	if (!job->key || !job->in || !job->out)
		return -ENOMEM;
	key = qm_guest_ptr(&g->qm, job->key);
	memcpy(key, t.exp, t.len);
	memcpy(key + t.len, t.modulus, t.len);
	memcpy(qm_guest_ptr(&g->qm, job->in), t.base, t.len);
	return 0;
}

static void hpre_ask(struct job_guest *g, const struct job *job, void *sqe)
{
	struct hpre_task t;

	hpre_task(job, &t);
	*(struct hpre_sqe *)sqe = (struct hpre_sqe) {
		.dw0 = t.alg | HPRE_ASKED << HPRE_DONE_SHIFT,
		.task_len1 = t.len / 8 - 1,
		.key = qm_guest_iova(&g->qm, job->key),
		.in = t.alg == HPRE_ALG_DH_G2 ? 0 :
		      qm_guest_iova(&g->qm, job->in),
		.out = qm_guest_iova(&g->qm, job->out),
		.tag = job->tag,
	};
}

static uint64_t hpre_tag(const void *sqe)
{
	return ((const struct hpre_sqe *)sqe)->tag;
}

static void hpre_answer(struct job *job, const void *sqe)
{
	uint32_t dw0 = ((const struct hpre_sqe *)sqe)->dw0;

	job->status = dw0 & (HPRE_ERROR | HPRE_DONE << HPRE_DONE_SHIFT);
}

static const char *hpre_verdict(struct job_guest *g, const struct job *job)
{
	mpz_t base, exp, modulus, out;
	struct hpre_task t;
	int differs;

	if (job->status != HPRE_DONE << HPRE_DONE_SHIFT)
		return "ended with an error status";
	hpre_task(job, &t);
	mpz_inits(base, exp, modulus, out, NULL);
	mpz_import(base, t.len, 1, 1, 1, 0, t.base);
	mpz_import(exp, t.len, 1, 1, 1, 0, t.exp);
	mpz_import(modulus, t.len, 1, 1, 1, 0, t.modulus);
	mpz_import(out, t.len, 1, 1, 1, 0, qm_guest_ptr(&g->qm, job->out));
	mpz_powm(base, base, exp, modulus);
	differs = mpz_cmp(base, out);
	mpz_clears(base, exp, modulus, out, NULL);
	return differs ? "produced the wrong number" : NULL;
}

const struct job_engine hpre_engine = {
	.vf = PCI_DEVICE_HPRE_VF,
	.sqe_log2 = 6,
	.tag_mask = 0xffff,
	.fill = hpre_fill,
	.ask = hpre_ask,
	.tag = hpre_tag,
	.answer = hpre_answer,
	.verdict = hpre_verdict,
};
