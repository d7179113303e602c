/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Fields of the queue contexts, see the top of kunpeng_queue.c. */
#ifndef KUNPENG_CTX_H
#define KUNPENG_CTX_H

#include "qemu/bitops.h"

#define CTX_TAIL_WRAP   (1u << 22)  /* in dw5 */
#define SQC_DISABLED    (1u << 22)  /* in dw6 */
#define CQC_PHASE       (1u << 0)   /* in dw6 */
#define CQC_WANT_EVENT  (1u << 1)   /* in dw6 */
#define EVENT_PHASE     (1u << 16)  /* in dw6 of EQC and AEQC, and in entries */

static inline uint64_t ctx_base(const KunpengCtx *ctx)
{
    return ctx->dw[1] | (uint64_t)ctx->dw[2] << 32;
}

static inline uint64_t event_base(const KunpengEventQueue *eq)
{
    return eq->dw[1] | (uint64_t)eq->dw[2] << 32;
}

static inline unsigned ctx_depth(const KunpengCtx *ctx)
{
    return extract32(ctx->dw[3], 0, 12) + 1;
}

static inline unsigned ctx_entry_log2(const KunpengCtx *ctx)
{
    return extract32(ctx->dw[3], 12, 4);
}

static inline void ctx_set_tail(KunpengCtx *ctx, unsigned tail)
{
    if (tail < extract32(ctx->dw[0], 16, 16)) {
        ctx->dw[5] ^= CTX_TAIL_WRAP;
    }
    ctx->dw[0] = deposit32(ctx->dw[0], 16, 16, tail);
}

static inline unsigned sq_head(const KunpengQueue *q)
{
    return extract32(q->sqc.dw[0], 0, 16);
}

static inline unsigned sq_tail(const KunpengQueue *q)
{
    return extract32(q->sqc.dw[0], 16, 16);
}

static inline bool sq_disabled(const KunpengQueue *q)
{
    return q->sqc.dw[6] & SQC_DISABLED;
}

static inline bool sq_usable(const KunpengQueue *q)
{
    return ctx_base(&q->sqc) && !sq_disabled(q) &&
           (1u << ctx_entry_log2(&q->sqc)) <= KP_SQE_MAX &&
           sq_head(q) < ctx_depth(&q->sqc) && sq_tail(q) < ctx_depth(&q->sqc);
}

#endif /* KUNPENG_CTX_H */
