/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * ZIP engine: deflate and inflate, by zlib, one whole stream a job.
 *
 * An SQE is 32 dwords. The queue's context says whether it compresses (type 0)
 * or decompresses (1); dw9[7:0] names the format, dw9[11:8] whether addresses
 * lead to flat buffers or to scatter-gather lists.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qemu/units.h"
#include <zlib.h>
#include "kunpeng.h"
#include "kunpeng_ctx.h"

enum {
    SQE_CONSUMED = 0,
    SQE_PRODUCED = 1,
    SQE_STATUS = 3,         /* [7:0] */
    SQE_IN_LEN = 4,
    SQE_IN_OFFSET = 7,      /* [23:0] into the list */
    SQE_OUT_OFFSET = 8,     /* [23:0] */
    SQE_TYPE = 9,
    SQE_OUT_LEN = 14,
    SQE_SRC = 18,
    SQE_DST = 20,
    SQE_DWORDS = 32,
};

#define FORMAT_DEFLATE      1
#define FORMAT_ZLIB         2
#define FORMAT_GZIP         3
#define BUF_SGL             1

#define STATUS_OK           0x00
#define STATUS_NO_SPACE     0x01
#define STATUS_BAD_DATA     0x0a
#define STATUS_BAD_SQE      0x0b
#define STATUS_BAD_ADDRESS  0x0c

#define MAX_LEN             (64 * MiB)

typedef struct ZipJob {
    KunpengFunc *f;
    uint32_t dw[SQE_DWORDS];
    bool decompress;
} ZipJob;

static uint64_t sqe_addr(const ZipJob *z, unsigned at)
{
    return z->dw[at] | (uint64_t)z->dw[at + 1] << 32;
}

static bool copy_data(ZipJob *z, bool to_memory, uint8_t *buf, size_t len)
{
    KunpengBuf where = {
        .addr = sqe_addr(z, to_memory ? SQE_DST : SQE_SRC),
        .sgl = extract32(z->dw[SQE_TYPE], 8, 4) == BUF_SGL,
        .skip = extract32(z->dw[to_memory ? SQE_OUT_OFFSET : SQE_IN_OFFSET],
                          0, 24),
    };

    return kunpeng_buf_copy(z->f, &where, buf, len, to_memory);
}

static int window_bits(unsigned format)
{
    switch (format) {
    case FORMAT_ZLIB:
        return MAX_WBITS;
    case FORMAT_GZIP:
        return MAX_WBITS + 16;
    default:
        return -MAX_WBITS;
    }
}

static unsigned run_zlib(ZipJob *z, uint8_t *in, uint8_t *out)
{
    int wbits = window_bits(extract32(z->dw[SQE_TYPE], 0, 8));
    z_stream s = {
        .next_in = in,
        .avail_in = z->dw[SQE_IN_LEN],
        .next_out = out,
        .avail_out = z->dw[SQE_OUT_LEN],
    };
    int ret;

    if (z->decompress) {
        if (inflateInit2(&s, wbits) != Z_OK) {
            return STATUS_BAD_SQE;
        }
        ret = inflate(&s, Z_FINISH);
        inflateEnd(&s);
    } else {
        if (deflateInit2(&s, Z_DEFAULT_COMPRESSION, Z_DEFLATED, wbits, 8,
                         Z_DEFAULT_STRATEGY) != Z_OK) {
            return STATUS_BAD_SQE;
        }
        ret = deflate(&s, Z_FINISH);
        deflateEnd(&s);
    }
    z->dw[SQE_CONSUMED] = s.total_in;
    z->dw[SQE_PRODUCED] = s.total_out;
    if (ret == Z_STREAM_END) {
        return STATUS_OK;
    }
    return ret == Z_DATA_ERROR || s.avail_out ? STATUS_BAD_DATA :
                                                STATUS_NO_SPACE;
}

static unsigned zip_run(ZipJob *z)
{
    unsigned format = extract32(z->dw[SQE_TYPE], 0, 8);
    g_autofree uint8_t *in = NULL;
    g_autofree uint8_t *out = NULL;
    unsigned status;

    z->dw[SQE_CONSUMED] = 0;
    z->dw[SQE_PRODUCED] = 0;
    if (format < FORMAT_DEFLATE || format > FORMAT_GZIP ||
        extract32(z->dw[SQE_TYPE], 8, 4) > BUF_SGL ||
        z->dw[SQE_IN_LEN] > MAX_LEN || z->dw[SQE_OUT_LEN] > MAX_LEN) {
        kunpeng_violation(z->f, KPO_V_BAD_CONTEXT, KP_DB_SQ_CQ,
                          z->dw[SQE_TYPE],
                          "SQE with dw9 0x%x, in 0x%x, out 0x%x bytes",
                          z->dw[SQE_TYPE], z->dw[SQE_IN_LEN],
                          z->dw[SQE_OUT_LEN]);
        return STATUS_BAD_SQE;
    }
    in = g_malloc(z->dw[SQE_IN_LEN]);
    out = g_malloc(z->dw[SQE_OUT_LEN]);
    if (!copy_data(z, false, in, z->dw[SQE_IN_LEN])) {
        return STATUS_BAD_ADDRESS;
    }
    status = run_zlib(z, in, out);
    if (!copy_data(z, true, out, z->dw[SQE_PRODUCED])) {
        return STATUS_BAD_ADDRESS;
    }
    return status;
}

void kunpeng_zip_do(KunpengFunc *f, KunpengJob *job)
{
    ZipJob z = {
        .f = f,
        .decompress = extract32(job->q->sqc.dw[6], 24, 4) & 1,
    };
    unsigned status;

    if (!kunpeng_sqe_get(f, job, z.dw, SQE_DWORDS)) {
        return;
    }
    status = zip_run(&z);
    z.dw[SQE_STATUS] = deposit32(z.dw[SQE_STATUS], 0, 8, status);
    kunpeng_sqe_put(job, z.dw, SQE_DWORDS);
}
