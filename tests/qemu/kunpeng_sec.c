/* SPDX-License-Identifier: GPL-2.0-only */
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

typedef struct SecJob {
    KunpengFunc *f;
    uint32_t dw[BD_DWORDS];
} SecJob;

static uint64_t bd_addr(const SecJob *s, unsigned at)
{
    return s->dw[at] | (uint64_t)s->dw[at + 1] << 32;
}

static bool fetch(SecJob *s, unsigned at, void *buf, size_t len)
{
    KunpengBuf where = { .addr = bd_addr(s, at) };

    return kunpeng_buf_copy(s->f, &where, buf, len, false);
}

/* Without "de" there is no destination: the result goes where the data were. */
static bool copy_data(SecJob *s, bool to_memory, void *buf, size_t len)
{
    bool dst = to_memory && extract32(s->dw[BD_PARAM], 9, 2);
    KunpengBuf where = {
        .addr = bd_addr(s, dst ? BD_DST : BD_SRC),
        .sgl = extract32(s->dw[BD_PARAM], dst ? 14 : 11, 3) == ADDR_SGL,
    };

    return kunpeng_buf_copy(s->f, &where, buf, len, to_memory);
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

static QCryptoCipher *cipher_new(SecJob *s, unsigned *err)
{
    static const QCryptoCipherAlgo algs[] = {
        QCRYPTO_CIPHER_ALGO_AES_128,
        QCRYPTO_CIPHER_ALGO_AES_192,
        QCRYPTO_CIPHER_ALGO_AES_256,
    };
    unsigned size = extract32(s->dw[BD_CIPHER], 13, 3);
    bool cbc = extract32(s->dw[BD_CIPHER], 16, 4) == MODE_CBC;
    uint8_t key[32], iv[BLOCK];
    QCryptoCipher *cipher;

    *err = ERR_ADDRESS;
    if (!fetch(s, BD_KEY, key, 16 + 8 * size) ||
        (cbc && !fetch(s, BD_IV, iv, BLOCK))) {
        return NULL;
    }
    cipher = qcrypto_cipher_new(algs[size], cbc ? QCRYPTO_CIPHER_MODE_CBC :
                                                  QCRYPTO_CIPHER_MODE_ECB,
                                key, 16 + 8 * size, &error_abort);
    if (cbc) {
        qcrypto_cipher_setiv(cipher, iv, BLOCK, &error_abort);
    }
    return cipher;
}

static unsigned sec_run(SecJob *s)
{
    uint32_t len = extract32(s->dw[BD_CIPHER_LEN], 0, 24);
    g_autoptr(QCryptoCipher) cipher = NULL;
    g_autofree uint8_t *data = NULL;
    unsigned err;

    if (!offered(s)) {
        return ERR_BD;
    }
    if (!len || len % BLOCK) {
        return ERR_LENGTH;
    }
    cipher = cipher_new(s, &err);
    if (!cipher) {
        return err;
    }
    data = g_malloc(len);
    if (!copy_data(s, false, data, len)) {
        return ERR_ADDRESS;
    }
    if (extract32(s->dw[BD_CIPHER], 0, 2) == CIPHER_ENC) {
        qcrypto_cipher_encrypt(cipher, data, data, len, &error_abort);
    } else {
        qcrypto_cipher_decrypt(cipher, data, data, len, &error_abort);
    }
    return copy_data(s, true, data, len) ? ERR_NONE : ERR_ADDRESS;
}

void kunpeng_sec_do(KunpengFunc *f, KunpengJob *job)
{
    SecJob s = { .f = f };
    uint32_t done = DONE;
    unsigned err;

    if (!kunpeng_sqe_get(f, job, s.dw, BD_DWORDS)) {
        return;
    }
    if (extract32(s.dw[BD_PARAM], 0, 4) != BD_TYPE3) {
        /* Where an error would be told depends on the type. */
        kunpeng_violation(f, KPO_V_BAD_CONTEXT, KP_DB_SQ_CQ, s.dw[BD_PARAM],
                          "SQE is a BD of type %u",
                          extract32(s.dw[BD_PARAM], 0, 4));
        return;
    }
    err = sec_run(&s);
    done = deposit32(done, 7, 4, err ? 0 : FLAG_CIPHER);
    s.dw[BD_DONE] = deposit32(done, 16, 8, err);
    kunpeng_sqe_put(job, s.dw, BD_DWORDS);
}
