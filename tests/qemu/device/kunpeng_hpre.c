/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HPRE engine: modular exponentiation, by GMP, for RSA without CRT and for
 * Diffie-Hellman.
 *
 * An SQE is 16 dwords. Numbers are big-endian, all of one length: the key is
 * the exponent with the modulus behind it. RSA by CRT and elliptic curves end
 * with an error type, by which the driver gives its user -EINVAL.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include <gmp.h>
#include "kunpeng.h"

enum {
    SQE_DW0 = 0,            /* algorithm [4:0], error [15:5], done [31:30] */
    SQE_LEN = 1,            /* [7:0]: units of 8 bytes, less one */
    SQE_KEY = 2,
    SQE_IN = 4,
    SQE_OUT = 6,
    SQE_DWORDS = 16,
};

#define ALG_RSA             0x00    /* NC_NCRT */
#define ALG_DH_G2           0x04    /* the base is 2 */
#define ALG_DH              0x05

#define DONE                3

#define ERR_NONE            0
#define ERR_ALG             1
#define ERR_MODULUS         2
#define ERR_ADDRESS         3

#define MAX_LEN             512     /* 4096 bits */

/* Bits of the exponent a slice: as many steps as take about as long for each. */
#define SLICE_BITS(len)     (64 * MAX_LEN / (len))

typedef struct HpreJob {
    KunpengFunc *f;
    uint32_t dw[SQE_DWORDS];
    size_t len;             /* of each number */
    mpz_t base, exp, modulus;
    mpz_t result;           /* base to the bits of exp that were done */
    size_t bits;            /* of exp that were not, the lower ones */
} HpreJob;

static uint64_t addr(const HpreJob *h, unsigned at)
{
    return h->dw[at] | (uint64_t)h->dw[at + 1] << 32;
}

static void import(mpz_t number, const uint8_t *from, size_t len)
{
    mpz_import(number, len, 1, 1, 1, 0, from);
}

static unsigned hpre_init(HpreJob *h)
{
    unsigned alg = extract32(h->dw[SQE_DW0], 0, 5);
    uint8_t key[2 * MAX_LEN], base[MAX_LEN] = { 0 };

    h->len = (extract32(h->dw[SQE_LEN], 0, 8) + 1) * 8;
    if ((alg != ALG_RSA && alg != ALG_DH && alg != ALG_DH_G2) ||
        h->len > MAX_LEN) {
        return ERR_ALG;
    }
    if (!kunpeng_buf_copy(h->f, addr(h, SQE_KEY), key, 2 * h->len, false)) {
        return ERR_ADDRESS;
    }
    if (alg == ALG_DH_G2) {
        base[h->len - 1] = 2;
    } else if (!kunpeng_buf_copy(h->f, addr(h, SQE_IN), base, h->len, false)) {
        return ERR_ADDRESS;
    }
    import(h->exp, key, h->len);
    import(h->modulus, key + h->len, h->len);
    import(h->base, base, h->len);
    if (!mpz_sgn(h->modulus)) {
        return ERR_MODULUS;
    }
    mpz_set_ui(h->result, 1);
    mpz_mod(h->result, h->result, h->modulus);
    h->bits = mpz_sizeinbase(h->exp, 2);
    return ERR_NONE;
}

static void set_result(HpreJob *h, KunpengJob *job, unsigned err)
{
    h->dw[SQE_DW0] = deposit32(h->dw[SQE_DW0], 5, 11, err);
    h->dw[SQE_DW0] = deposit32(h->dw[SQE_DW0], 30, 2, DONE);
    kunpeng_sqe_put(job, h->dw, SQE_DWORDS);
}

static void hpre_end(void *work)
{
    HpreJob *h = work;

    mpz_clears(h->base, h->exp, h->modulus, h->result, NULL);
    g_free(h);
}

static void *hpre_begin(KunpengFunc *f, KunpengJob *job)
{
    HpreJob *h = g_new0(HpreJob, 1);
    unsigned err;

    h->f = f;
    if (!kunpeng_sqe_get(f, job, h->dw, SQE_DWORDS)) {
        g_free(h);
        return NULL;
    }
    mpz_inits(h->base, h->exp, h->modulus, h->result, NULL);
    err = hpre_init(h);
    if (err) {
        set_result(h, job, err);
        hpre_end(h);
        return NULL;
    }
    return h;
}

/* result = result ^ (2 ^ n) * base ^ (the next n bits) */
static void do_bits(HpreJob *h, size_t n)
{
    mpz_t e, power;

    mpz_inits(e, power, NULL);
    mpz_setbit(e, n);
    mpz_powm(h->result, h->result, e, h->modulus);

    h->bits -= n;
    mpz_tdiv_q_2exp(e, h->exp, h->bits);
    mpz_tdiv_r_2exp(e, e, n);
    mpz_powm(power, h->base, e, h->modulus);
    mpz_mul(h->result, h->result, power);
    mpz_mod(h->result, h->result, h->modulus);
    mpz_clears(e, power, NULL);
}

static bool hpre_slice(void *work, KunpengJob *job)
{
    HpreJob *h = work;
    uint8_t out[MAX_LEN] = { 0 };
    size_t size;

    do_bits(h, MIN(h->bits, SLICE_BITS(h->len)));
    h->f->moved += KP_SLICE_BYTES / 8;
    if (h->bits) {
        return false;
    }
    size = (mpz_sizeinbase(h->result, 2) + 7) / 8;
    mpz_export(out + h->len - size, NULL, 1, 1, 1, 0, h->result);
    set_result(h, job, kunpeng_buf_copy(h->f, addr(h, SQE_OUT), out, h->len,
                                        true) ? ERR_NONE : ERR_ADDRESS);
    return true;
}

const KunpengEngineOps kunpeng_hpre_ops = {
    .begin = hpre_begin,
    .slice = hpre_slice,
    .end = hpre_end,
};
