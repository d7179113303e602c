/* SPDX-License-Identifier: GPL-2.0-only */
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

static bool copy_piece(KunpengFunc *f, uint64_t addr, uint8_t *buf, size_t len,
                       bool to_memory)
{
    if (!addr) {
        kunpeng_violation(f, KPO_V_DMA_UNSET, KP_DB_SQ_CQ, len,
                          "job with a buffer that has no address");
        return false;
    }
    return (to_memory ? kunpeng_dma_write(f, addr, buf, len) :
                        kunpeng_dma_read(f, addr, buf, len)) == MEMTX_OK;
}

/* Move len bytes between buf and a scatter-gather list, from skip on. */
static bool copy_sgl(KunpengFunc *f, uint64_t sgl, uint32_t skip, uint8_t *buf,
                     size_t len, bool to_memory)
{
    for (unsigned chain = 0; len && sgl && chain < SGL_MAX_CHAIN; chain++) {
        uint8_t head[SGL_HEAD_SIZE], sge[SGE_SIZE];
        unsigned entries;

        if (kunpeng_dma_read(f, sgl, head, sizeof(head)) != MEMTX_OK) {
            return false;
        }
        entries = MIN(lduw_le_p(head + SGL_ENTRIES), SGL_MAX_ENTRIES);
        for (unsigned i = 0; len && i < entries; i++) {
            uint64_t addr;
            uint32_t piece;

            if (kunpeng_dma_read(f, sgl + SGL_HEAD_SIZE + i * SGE_SIZE,
                                 sge, sizeof(sge)) != MEMTX_OK) {
                return false;
            }
            addr = ldq_le_p(sge);
            piece = ldl_le_p(sge + SGE_LEN);
            if (skip >= piece) {
                skip -= piece;
                continue;
            }
            addr += skip;
            piece = MIN(piece - skip, len);
            skip = 0;
            if (!copy_piece(f, addr, buf, piece, to_memory)) {
                return false;
            }
            buf += piece;
            len -= piece;
        }
        sgl = ldq_le_p(head + SGL_NEXT);
    }
    return len == 0;
}

bool kunpeng_buf_copy(KunpengFunc *f, const KunpengBuf *where, void *buf,
                      size_t len, bool to_memory)
{
    if (!len) {
        return true;
    }
    if (where->addr && where->sgl) {
        return copy_sgl(f, where->addr, where->skip, buf, len, to_memory);
    }
    return copy_piece(f, where->addr, buf, len, to_memory);
}

/* The job's entry in host byte order; false if it is of another size. */
bool kunpeng_sqe_get(KunpengFunc *f, const KunpengJob *job, uint32_t *dw,
                     unsigned dwords)
{
    if (job->sqe_size != dwords * 4) {
        kunpeng_violation(f, KPO_V_BAD_CONTEXT, KP_DB_SQ_CQ, job->sqe_size,
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
