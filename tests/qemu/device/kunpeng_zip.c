/* SPDX-License-Identifier: GPL-2.0-or-later */
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
#define CHUNK               (32 * KiB)

typedef struct ZipJob {
    KunpengFunc *f;
    uint32_t dw[SQE_DWORDS];
    bool decompress;
    bool ended;             /* the stream; what is left is to be written */
    z_stream stream;
    KunpengCursor in, out;
    size_t in_left;         /* not fetched yet */
    size_t out_left;        /* of the destination's room, for the stream */
    size_t out_ready;       /* in out_buf, from out_at on */
    size_t out_at;
    uint8_t in_buf[CHUNK];
    uint8_t out_buf[CHUNK];
} ZipJob;

static KunpengCursor cursor(const ZipJob *z, unsigned addr, unsigned skip)
{
    return (KunpengCursor) {
        .at = {
            .addr = z->dw[addr] | (uint64_t)z->dw[addr + 1] << 32,
            .sgl = extract32(z->dw[SQE_TYPE], 8, 4) == BUF_SGL,
            .skip = extract32(z->dw[skip], 0, 24),
        },
    };
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

static void set_status(ZipJob *z, KunpengJob *job, unsigned status)
{
    z->dw[SQE_STATUS] = deposit32(z->dw[SQE_STATUS], 0, 8, status);
    kunpeng_sqe_put(job, z->dw, SQE_DWORDS);
}

static bool sqe_makes_sense(ZipJob *z)
{
    unsigned format = extract32(z->dw[SQE_TYPE], 0, 8);

    if (format >= FORMAT_DEFLATE && format <= FORMAT_GZIP &&
        extract32(z->dw[SQE_TYPE], 8, 4) <= BUF_SGL &&
        z->dw[SQE_IN_LEN] <= MAX_LEN && z->dw[SQE_OUT_LEN] <= MAX_LEN) {
        return true;
    }
    kunpeng_guest_error(z->f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, z->dw[SQE_TYPE],
                        "SQE with dw9 0x%x, in 0x%x, out 0x%x bytes",
                        z->dw[SQE_TYPE], z->dw[SQE_IN_LEN], z->dw[SQE_OUT_LEN]);
    return false;
}

static bool stream_init(ZipJob *z)
{
    int bits = window_bits(extract32(z->dw[SQE_TYPE], 0, 8));

    if (z->decompress) {
        return inflateInit2(&z->stream, bits) == Z_OK;
    }
    return deflateInit2(&z->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits, 8,
                        Z_DEFAULT_STRATEGY) == Z_OK;
}

static void *zip_begin(KunpengFunc *f, KunpengJob *job)
{
    ZipJob *z = g_new0(ZipJob, 1);

    z->f = f;
    z->decompress = extract32(job->q->sqc.dw[6], 24, 4) & 1;
    if (!kunpeng_sqe_get(f, job, z->dw, SQE_DWORDS)) {
        g_free(z);
        return NULL;
    }
    z->dw[SQE_CONSUMED] = 0;
    z->dw[SQE_PRODUCED] = 0;
    if (!sqe_makes_sense(z) || !stream_init(z)) {
        set_status(z, job, STATUS_BAD_SQE);
        g_free(z);
        return NULL;
    }
    z->in = cursor(z, SQE_SRC, SQE_IN_OFFSET);
    z->out = cursor(z, SQE_DST, SQE_OUT_OFFSET);
    z->in_left = z->dw[SQE_IN_LEN];
    z->out_left = z->dw[SQE_OUT_LEN];
    return z;
}

/* Each of these two is false if the memory can't be reached. */
static bool fetch(ZipJob *z)
{
    ssize_t got;

    if (z->stream.avail_in || !z->in_left) {
        return true;
    }
    got = kunpeng_buf_move(z->f, &z->in, z->in_buf, MIN(z->in_left, CHUNK),
                           false);
    if (got < 0) {
        return false;
    }
    z->stream.next_in = z->in_buf;
    z->stream.avail_in = got;
    z->in_left -= got;
    return true;
}

static bool deliver(ZipJob *z)
{
    ssize_t put = kunpeng_buf_move(z->f, &z->out, z->out_buf + z->out_at,
                                   z->out_ready, true);

    if (put < 0) {
        return false;
    }
    z->out_at += put;
    z->out_ready -= put;
    return true;
}

/* The stream goes on as far as input and buffer reach: -1, or how it has ended. */
static int stream_run(ZipJob *z)
{
    size_t room = MIN(z->out_left, CHUNK);
    int flush = z->in_left ? Z_NO_FLUSH : Z_FINISH;
    int ret;

    z->stream.next_out = z->out_buf;
    z->stream.avail_out = room;
    ret = z->decompress ? inflate(&z->stream, Z_NO_FLUSH) :
                          deflate(&z->stream, flush);
    z->out_at = 0;
    z->out_ready = room - z->stream.avail_out;
    z->out_left -= z->out_ready;
    if (ret == Z_STREAM_END) {
        return STATUS_OK;
    }
    if (ret != Z_OK && ret != Z_BUF_ERROR) {
        return STATUS_BAD_DATA;
    }
    if (!z->stream.avail_in && z->in_left) {
        return -1;
    }
    if (z->stream.avail_out) {
        return STATUS_BAD_DATA;     /* it ends too early */
    }
    return z->out_left ? -1 : STATUS_NO_SPACE;
}

static bool zip_slice(void *work, KunpengJob *job)
{
    ZipJob *z = work;

    if (!z->ended && !z->out_ready) {
        int status;

        if (!fetch(z)) {
            set_status(z, job, STATUS_BAD_ADDRESS);
            return true;
        }
        if (!z->stream.avail_in && z->in_left) {
            return false;
        }
        status = stream_run(z);
        z->ended = status >= 0;
        if (z->ended) {
            z->dw[SQE_CONSUMED] = z->stream.total_in;
            z->dw[SQE_PRODUCED] = z->stream.total_out;
            set_status(z, job, status);
        }
    }
    if (!deliver(z)) {
        set_status(z, job, STATUS_BAD_ADDRESS);
        return true;
    }
    return z->ended && !z->out_ready;
}

static void zip_end(void *work)
{
    ZipJob *z = work;

    if (z->decompress) {
        inflateEnd(&z->stream);
    } else {
        deflateEnd(&z->stream);
    }
    g_free(z);
}

const KunpengEngineOps kunpeng_zip_ops = {
    .begin = zip_begin,
    .slice = zip_slice,
    .end = zip_end,
};
