/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the engines have in common: entries of their queues, and buffers in the
 * guest's memory, flat or as a scatter-gather list.
 */
#include "qemu/osdep.h"
#include "kunpeng.h"

#define SGL_NEXT            0
#define SGL_ENTRIES         10      /* 16-bit: entries in this list */
#define SGL_HEAD_SIZE       64
#define SGE_SIZE            32
#define SGE_LEN             16
#define SGL_MAX_ENTRIES     255
#define SGL_MAX_CHAIN       256

static bool copy(KunpengFunc *f, uint64_t addr, void *buf, size_t len,
                 bool to_memory)
{
    f->moved += len;
    return (to_memory ?
            kunpeng_dma_write(f, addr, buf, len, KP_FOR_RESULT) :
            kunpeng_dma_read(f, addr, buf, len)) == MEMTX_OK;
}

static bool no_address(KunpengFunc *f, size_t len)
{
    kunpeng_guest_error(f, KP_ERR_DMA_UNSET, KP_DB_SQ_CQ, len,
                        "job with a buffer that has no address");
    return false;
}

/* Go to the next list of the chain, or begin with the first. */
static bool next_list(KunpengFunc *f, KunpengCursor *c)
{
    uint8_t head[SGL_HEAD_SIZE];

    if (c->chain) {
        c->at.addr = c->next;
    }
    if (!c->at.addr || c->chain++ == SGL_MAX_CHAIN ||
        !copy(f, c->at.addr, head, sizeof(head), false)) {
        return false;
    }
    c->next = ldq_le_p(head + SGL_NEXT);
    c->entry = 0;
    c->entries = MIN(lduw_le_p(head + SGL_ENTRIES), SGL_MAX_ENTRIES);
    return true;
}

static bool next_entry(KunpengFunc *f, KunpengCursor *c)
{
    uint8_t sge[SGE_SIZE];
    uint32_t skip;

    if (!copy(f, c->at.addr + SGL_HEAD_SIZE + c->entry * SGE_SIZE, sge,
              sizeof(sge), false)) {
        return false;
    }
    c->entry++;
    c->piece_len = ldl_le_p(sge + SGE_LEN);
    skip = MIN(c->at.skip, c->piece_len);
    c->at.skip -= skip;
    c->piece = ldq_le_p(sge) + skip;
    c->piece_len -= skip;
    return c->piece || !c->piece_len || no_address(f, c->piece_len);
}

static ssize_t move_list(KunpengFunc *f, KunpengCursor *c, uint8_t *buf,
                         size_t len, bool to_memory)
{
    size_t done = 0;

    while (done < len && f->moved < KP_SLICE_BYTES) {
        size_t part = MIN(c->piece_len, len - done);

        if (!part) {
            bool more = c->chain && c->entry < c->entries;

            if (!(more ? next_entry(f, c) : next_list(f, c))) {
                return -1;
            }
            continue;
        }
        if (!copy(f, c->piece, buf + done, part, to_memory)) {
            return -1;
        }
        c->piece += part;
        c->piece_len -= part;
        done += part;
    }
    return done;
}

/*
 * Move the next len bytes of a buffer, or as many as this slice allows: 0 means
 * later. -1 if they can't be reached.
 */
ssize_t kunpeng_buf_move(KunpengFunc *f, KunpengCursor *c, void *buf,
                         size_t len, bool to_memory)
{
    if (!len) {
        return 0;
    }
    if (!c->at.addr && !c->chain) {
        no_address(f, len);
        return -1;
    }
    if (c->at.sgl) {
        return move_list(f, c, buf, len, to_memory);
    }
    if (!copy(f, c->at.addr, buf, len, to_memory)) {
        return -1;
    }
    c->at.addr += len;
    return len;
}

/* The same at once, for a few bytes at an address. */
bool kunpeng_buf_copy(KunpengFunc *f, uint64_t addr, void *buf, size_t len,
                      bool to_memory)
{
    return addr ? copy(f, addr, buf, len, to_memory) : no_address(f, len);
}

/* The job's entry in host byte order; false if it is of another size. */
bool kunpeng_sqe_get(KunpengFunc *f, const KunpengJob *job, uint32_t *dw,
                     unsigned dwords)
{
    if (job->sqe_size != dwords * 4) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, job->sqe_size,
                            "SQ %u has entries of %u bytes", job->q->qn,
                            job->sqe_size);
        return false;
    }
    for (unsigned i = 0; i < dwords; i++) {
        dw[i] = ldl_le_p(job->sqe + i * 4);
    }
    return true;
}

void kunpeng_sqe_put(KunpengJob *job, const uint32_t *dw, unsigned dwords)
{
    for (unsigned i = 0; i < dwords; i++) {
        stl_le_p(job->sqe + i * 4, dw[i]);
    }
}
