/* SPDX-License-Identifier: GPL-2.0-only */
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

typedef struct HpreJob {
    KunpengFunc *f;
    uint32_t dw[SQE_DWORDS];
} HpreJob;

static KunpengBuf buf_at(const HpreJob *h, unsigned at)
{
    return (KunpengBuf) {
        .addr = h->dw[at] | (uint64_t)h->dw[at + 1] << 32,
    };
}

/* out = base ^ exp mod modulus, all of len bytes */
static bool mod_exp(uint8_t *out, const uint8_t *base, const uint8_t *exp,
                    const uint8_t *modulus, size_t len)
{
    mpz_t b, e, m;
    bool ok;

    mpz_inits(b, e, m, NULL);
    mpz_import(b, len, 1, 1, 1, 0, base);
    mpz_import(e, len, 1, 1, 1, 0, exp);
    mpz_import(m, len, 1, 1, 1, 0, modulus);
    ok = mpz_sgn(m) != 0;
    if (ok) {
        size_t size;

        mpz_powm(b, b, e, m);
        size = (mpz_sizeinbase(b, 2) + 7) / 8;
        memset(out, 0, len);
        mpz_export(out + len - size, NULL, 1, 1, 1, 0, b);
    }
    mpz_clears(b, e, m, NULL);
    return ok;
}

static unsigned hpre_run(HpreJob *h)
{
    unsigned alg = extract32(h->dw[SQE_DW0], 0, 5);
    size_t len = (extract32(h->dw[SQE_LEN], 0, 8) + 1) * 8;
    uint8_t key[2 * MAX_LEN], base[MAX_LEN] = { 0 }, out[MAX_LEN];
    KunpengBuf key_at = buf_at(h, SQE_KEY);
    KunpengBuf in_at = buf_at(h, SQE_IN);
    KunpengBuf out_at = buf_at(h, SQE_OUT);

    if ((alg != ALG_RSA && alg != ALG_DH && alg != ALG_DH_G2) ||
        len > MAX_LEN) {
        return ERR_ALG;
    }
    if (!kunpeng_buf_copy(h->f, &key_at, key, 2 * len, false)) {
        return ERR_ADDRESS;
    }
    if (alg == ALG_DH_G2) {
        base[len - 1] = 2;
    } else if (!kunpeng_buf_copy(h->f, &in_at, base, len, false)) {
        return ERR_ADDRESS;
    }
    if (!mod_exp(out, base, key, key + len, len)) {
        return ERR_MODULUS;
    }
    return kunpeng_buf_copy(h->f, &out_at, out, len, true) ? ERR_NONE :
                                                             ERR_ADDRESS;
}

void kunpeng_hpre_do(KunpengFunc *f, KunpengJob *job)
{
    HpreJob h = { .f = f };

    if (!kunpeng_sqe_get(f, job, h.dw, SQE_DWORDS)) {
        return;
    }
    h.dw[SQE_DW0] = deposit32(h.dw[SQE_DW0], 5, 11, hpre_run(&h));
    h.dw[SQE_DW0] = deposit32(h.dw[SQE_DW0], 30, 2, DONE);
    kunpeng_sqe_put(job, h.dw, SQE_DWORDS);
}
