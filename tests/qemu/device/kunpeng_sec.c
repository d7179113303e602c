/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SEC engine: AES in ECB and CBC mode, by QEMU's own ciphers.
 *
 * An SQE is 32 dwords, a BD of type 3, which drivers use from V3 on. Key and
 * IV are fetched by address; data are flat or in scatter-gather lists. Other
 * ciphers, modes, and all authentication end with an error type, by which the
 * driver gives its user -EIO.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qapi/error.h"
#include "crypto/cipher.h"
#include "kunpeng.h"

enum {
    BD_PARAM = 0,
    BD_CIPHER = 1,
    BD_SRC = 4,
    BD_KEY = 12,
    BD_AUTH = 14,           /* [1:0] */
    BD_OFFSETS = 16,        /* of the data in src: auth [15:0], cipher [31:16] */
    BD_CIPHER_LEN = 18,     /* [23:0] */
    BD_DST = 19,
    BD_IV = 23,
    BD_DONE = 28,
    BD_DWORDS = 32,
};

#define BD_TYPE3            3
#define SCENE_COMMON        0
#define ADDR_FLAT           0
#define ADDR_SGL            1

#define CIPHER_ENC          1
#define CIPHER_DEC          2
#define ALG_AES             2
#define MODE_ECB            0
#define MODE_CBC            1

#define DONE                1u      /* [0] */
#define FLAG_CIPHER         2       /* [10:7]: enciphered, deciphered */

/* Error types, [23:16]. */
#define ERR_NONE            0
#define ERR_BD              1       /* what the engine does not offer */
#define ERR_LENGTH          2
#define ERR_ADDRESS         3

#define BLOCK               16
#define CHUNK               (32 * KiB)

typedef struct SecJob {
    KunpengFunc *f;
    uint32_t dw[BD_DWORDS];
    QCryptoCipher *cipher;
    KunpengCursor src, dst;
    uint32_t left;          /* not fetched yet */
    uint32_t fill;          /* bytes in the chunk */
    uint32_t ready, at;     /* those of them that are to be written, from at on */
    uint8_t chunk[CHUNK];
} SecJob;

static uint64_t bd_addr(const SecJob *s, unsigned at)
{
    return s->dw[at] | (uint64_t)s->dw[at + 1] << 32;
}

static KunpengCursor cursor(const SecJob *s, unsigned addr, unsigned how)
{
    return (KunpengCursor) {
        .at = {
            .addr = bd_addr(s, addr),
            .sgl = extract32(s->dw[BD_PARAM], how, 3) == ADDR_SGL,
        },
    };
}

static bool offered(const SecJob *s)
{
    uint32_t param = s->dw[BD_PARAM], cipher = s->dw[BD_CIPHER];
    unsigned dir = extract32(cipher, 0, 2);

    return extract32(param, 5, 4) == SCENE_COMMON &&
           extract32(param, 11, 3) <= ADDR_SGL &&
           extract32(param, 14, 3) <= ADDR_SGL &&
           (dir == CIPHER_ENC || dir == CIPHER_DEC) &&
           extract32(cipher, 13, 3) <= 2 &&
           extract32(cipher, 16, 4) <= MODE_CBC &&
           extract32(cipher, 20, 4) == ALG_AES &&
           !extract32(s->dw[BD_AUTH], 0, 2) && !s->dw[BD_OFFSETS];
}

static unsigned cipher_init(SecJob *s)
{
    static const QCryptoCipherAlgo algs[] = {
        QCRYPTO_CIPHER_ALGO_AES_128,
        QCRYPTO_CIPHER_ALGO_AES_192,
        QCRYPTO_CIPHER_ALGO_AES_256,
    };
    unsigned size = extract32(s->dw[BD_CIPHER], 13, 3);
    bool cbc = extract32(s->dw[BD_CIPHER], 16, 4) == MODE_CBC;
    uint8_t key[32], iv[BLOCK];

    if (!kunpeng_buf_copy(s->f, bd_addr(s, BD_KEY), key, 16 + 8 * size,
                          false) ||
        (cbc && !kunpeng_buf_copy(s->f, bd_addr(s, BD_IV), iv, BLOCK, false))) {
        return ERR_ADDRESS;
    }
    s->cipher = qcrypto_cipher_new(algs[size],
                                   cbc ? QCRYPTO_CIPHER_MODE_CBC :
                                         QCRYPTO_CIPHER_MODE_ECB,
                                   key, 16 + 8 * size, &error_abort);
    if (cbc) {
        qcrypto_cipher_setiv(s->cipher, iv, BLOCK, &error_abort);
    }
    return ERR_NONE;
}

static unsigned sec_init(SecJob *s)
{
    uint32_t len = extract32(s->dw[BD_CIPHER_LEN], 0, 24);

    if (!offered(s)) {
        return ERR_BD;
    }
    if (!len || len % BLOCK) {
        return ERR_LENGTH;
    }
    s->left = len;
    s->src = cursor(s, BD_SRC, 11);
    /* Without "de" there is no destination: the result goes where the data were. */
    s->dst = extract32(s->dw[BD_PARAM], 9, 2) ? cursor(s, BD_DST, 14) : s->src;
    return cipher_init(s);
}

static void set_result(SecJob *s, KunpengJob *job, unsigned err)
{
    uint32_t done = deposit32(DONE, 7, 4, err ? 0 : FLAG_CIPHER);

    s->dw[BD_DONE] = deposit32(done, 16, 8, err);
    kunpeng_sqe_put(job, s->dw, BD_DWORDS);
}

static void sec_end(void *work)
{
    SecJob *s = work;

    qcrypto_cipher_free(s->cipher);
    g_free(s);
}

static void *sec_begin(KunpengFunc *f, KunpengJob *job)
{
    SecJob *s = g_new0(SecJob, 1);
    unsigned err;

    s->f = f;
    if (!kunpeng_sqe_get(f, job, s->dw, BD_DWORDS)) {
        g_free(s);
        return NULL;
    }
    if (extract32(s->dw[BD_PARAM], 0, 4) != BD_TYPE3) {
        /* Where an error would be told depends on the type. */
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, s->dw[BD_PARAM],
                            "SQE is a BD of type %u",
                            extract32(s->dw[BD_PARAM], 0, 4));
        g_free(s);
        return NULL;
    }
    err = sec_init(s);
    if (err) {
        set_result(s, job, err);
        sec_end(s);
        return NULL;
    }
    return s;
}

/* Fetch up to a chunk and work on it: false if the memory can't be reached. */
static bool next_chunk(SecJob *s)
{
    ssize_t got = kunpeng_buf_move(s->f, &s->src, s->chunk + s->fill,
                                   MIN(s->left, CHUNK - s->fill), false);

    if (got < 0) {
        return false;
    }
    s->fill += got;
    s->left -= got;
    if (s->left && s->fill < CHUNK) {
        return true;
    }
    if (extract32(s->dw[BD_CIPHER], 0, 2) == CIPHER_ENC) {
        qcrypto_cipher_encrypt(s->cipher, s->chunk, s->chunk, s->fill,
                               &error_abort);
    } else {
        qcrypto_cipher_decrypt(s->cipher, s->chunk, s->chunk, s->fill,
                               &error_abort);
    }
    s->ready = s->fill;
    s->at = s->fill = 0;
    return true;
}

static bool deliver(SecJob *s)
{
    ssize_t put = kunpeng_buf_move(s->f, &s->dst, s->chunk + s->at, s->ready,
                                   true);

    if (put < 0) {
        return false;
    }
    s->at += put;
    s->ready -= put;
    return true;
}

static bool sec_slice(void *work, KunpengJob *job)
{
    SecJob *s = work;

    if ((!s->ready && !next_chunk(s)) || !deliver(s)) {
        set_result(s, job, ERR_ADDRESS);
        return true;
    }
    if (s->left || s->fill || s->ready) {
        return false;
    }
    set_result(s, job, ERR_NONE);
    return true;
}

const KunpengEngineOps kunpeng_sec_ops = {
    .begin = sec_begin,
    .slice = sec_slice,
    .end = sec_end,
};
