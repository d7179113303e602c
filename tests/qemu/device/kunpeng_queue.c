/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Queue contexts and doorbells.
 *
 * A function has a table of SQ contexts and one of CQ contexts in memory, 32
 * bytes a queue. The device works on cached copies: a context enters the cache
 * by mailbox or on the first doorbell of its queue, and reaches the table only
 * when a write-back is asked for. Whoever reads the table before that sees an
 * old state.
 *
 * SQ context:  dw0 head, tail   dw1 dw2 base   dw3 depth - 1, log2 of the size
 *              of an entry   dw5[22] wrap of the tail   dw6 CQ number, [22]
 *              queue is disabled
 * CQ context:  dw0 head, tail   dw1 dw2 base   dw3 depth - 1   dw5[22] wrap of
 *              the tail   dw6[0] phase, [1] an event is wanted
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"
#include "kunpeng_ctx.h"

KunpengQueue *kunpeng_queue_get(KunpengFunc *f, unsigned qn)
{
    KunpengQueue *q;

    if (qn >= kunpeng_vft_num(f) || qn >= f->acc->num_queues) {
        return NULL;
    }
    q = f->queue[qn];
    if (!q) {
        q = f->queue[qn] = g_new0(KunpengQueue, 1);
        q->qn = qn;
    }
    return q;
}

/* Everything cached is gone; no job may be in flight. */
void kunpeng_queue_drop_all(KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        g_free(f->queue[i]);
        f->queue[i] = NULL;
    }
    QTAILQ_INIT(&f->ready);
}

bool kunpeng_queue_any_dirty(const KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        const KunpengQueue *q = f->queue[i];

        if (q && (q->sqc.dirty || q->cqc.dirty)) {
            return true;
        }
    }
    return false;
}

bool kunpeng_queue_any_live(const KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        const KunpengQueue *q = f->queue[i];

        if (q && q->sqc.valid && !q->paused && !q->closed && !q->dead) {
            return true;
        }
    }
    return false;
}

/* Nothing in flight, and nothing left that would be started. */
bool kunpeng_queue_idle(const KunpengFunc *f, const KunpengQueue *q)
{
    bool stopped = f->paused || q->paused || q->dead || q->closed;

    return !q->in_flight &&
           (stopped || !q->sqc.valid || sq_head(q) == sq_tail(q));
}

void kunpeng_ctx_touch(KunpengCtx *ctx)
{
    ctx->dirty = true;
}

static uint64_t ctx_addr(const KunpengFunc *f, const KunpengQueue *q, bool cq)
{
    return (cq ? f->cqc_bt : f->sqc_bt) + q->qn * KP_CTX_DWORDS * 4;
}

/* It can't be used, which the PF's driver may want to know. */
static void context_error(KunpengFunc *f, bool cq)
{
    kunpeng_pf_error(f->acc, cq ? KP_RAS_CQ : KP_RAS_SQ);
}

/* See that the context is in the cache. */
bool kunpeng_ctx_fetch(KunpengFunc *f, KunpengQueue *q, bool cq)
{
    KunpengCtx *ctx = cq ? &q->cqc : &q->sqc;
    uint32_t raw[KP_CTX_DWORDS];

    if (ctx->valid) {
        return true;
    }
    if (!(cq ? f->cqc_bt : f->sqc_bt)) {
        kunpeng_guest_error(f, KP_ERR_DMA_UNSET, KP_DB_SQ_CQ, q->qn,
                            "queue %u used before the %s table has an address",
                            q->qn, cq ? "CQC" : "SQC");
        context_error(f, cq);
        return false;
    }
    if (kunpeng_dma_read(f, ctx_addr(f, q, cq), raw, sizeof(raw)) !=
        MEMTX_OK) {
        q->dead = true;
        context_error(f, cq);
        return false;
    }
    for (unsigned i = 0; i < KP_CTX_DWORDS; i++) {
        ctx->dw[i] = le32_to_cpu(raw[i]);
    }
    ctx->valid = true;
    ctx->dirty = false;
    return true;
}

static void write_back(KunpengFunc *f, KunpengQueue *q, bool cq)
{
    KunpengCtx *ctx = cq ? &q->cqc : &q->sqc;
    uint32_t raw[KP_CTX_DWORDS];

    if (!ctx->valid || !ctx->dirty) {
        return;
    }
    if (!(cq ? f->cqc_bt : f->sqc_bt)) {
        return;
    }
    for (unsigned i = 0; i < KP_CTX_DWORDS; i++) {
        raw[i] = cpu_to_le32(ctx->dw[i]);
    }
    if (kunpeng_dma_write(f, ctx_addr(f, q, cq), raw, sizeof(raw),
                          KP_FOR_CONTEXT) == MEMTX_OK) {
        ctx->dirty = false;
    }
}

void kunpeng_queue_write_back(KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        if (f->queue[i]) {
            write_back(f, f->queue[i], false);
            write_back(f, f->queue[i], true);
        }
    }
}

/* Its place in the cache is wanted for another: it is fetched again when used. */
void kunpeng_queue_evict(KunpengFunc *f, KunpengQueue *q)
{
    KunpengCtx *const both[] = { &q->sqc, &q->cqc };

    write_back(f, q, false);
    write_back(f, q, true);
    for (unsigned i = 0; i < ARRAY_SIZE(both); i++) {
        if (both[i]->valid && !both[i]->dirty) {
            both[i]->valid = false;
        }
    }
}

/* What the table had says nothing: look again next time. */
static void forget_clean(KunpengCtx *ctx)
{
    ctx->valid = ctx->dirty;
}

/* All queues that have a context go on. */
static void restart_all(KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        KunpengQueue *q = f->queue[i];

        if (q) {
            q->paused = false;
            kunpeng_job_kick(f, q);
        }
    }
}

/*
 * The restart doorbell (priority 1): the queue, paused here or come from
 * elsewhere, goes on where its context says. Its index means nothing. It is
 * rung for all queues of a function, most of which were never set up.
 */
static void sq_restart(KunpengFunc *f, KunpengQueue *q, unsigned index)
{
    bool merely_paused = q->paused && q->sqc.valid;

    kunpeng_tell(f, KP_EV_RESTART, 0, 0, q->qn);
    if (f->acc->answer[KP_Q_PAUSE_END] == KP_PAUSE_END_EQC) {
        f->paused = false;
    }
    q->paused = false;
    if (!kunpeng_ctx_fetch(f, q, false)) {
        return;
    }
    if (!sq_usable(q)) {
        forget_clean(&q->sqc);
        return;
    }
    f->paused = false;
    kunpeng_tell(f, KP_EV_RESTARTED, 0, 0, q->qn);
    if (f->acc->answer[KP_Q_RESTART_EVENTS] == KP_RESTART_EVENTS_RAISED) {
        kunpeng_event_update(f, &f->eq);
        kunpeng_event_update(f, &f->aeq);
    }
    switch (f->acc->answer[KP_Q_RESTART]) {
    case KP_RESTART_FUNCTION:
        restart_all(f);
        break;
    case KP_RESTART_TAIL:
        if (merely_paused && index < ctx_depth(&q->sqc)) {
            ctx_set_tail(&q->sqc, index);
            kunpeng_ctx_touch(&q->sqc);
        }
        break;
    }
    kunpeng_job_kick(f, q);
}

static void sq_doorbell(KunpengFunc *f, KunpengQueue *q, unsigned index)
{
    if (!kunpeng_ctx_fetch(f, q, false)) {
        return;
    }
    if (q->closed || sq_disabled(q)) {
        return;     /* the driver knows that such a doorbell is dropped */
    }
    if (!sq_usable(q)) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, q->qn,
                            "SQ %u rung, its context is not set up", q->qn);
        context_error(f, false);
        forget_clean(&q->sqc);
        return;
    }
    if (index >= ctx_depth(&q->sqc)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, KP_DB_SQ_CQ, index,
                            "SQ %u tail %u, depth %u", q->qn, index,
                            ctx_depth(&q->sqc));
        return;
    }
    ctx_set_tail(&q->sqc, index);
    kunpeng_ctx_touch(&q->sqc);
    kunpeng_job_kick(f, q);
}

static void cq_doorbell(KunpengFunc *f, KunpengQueue *q, unsigned index,
                        bool want_event)
{
    if (!kunpeng_ctx_fetch(f, q, true)) {
        return;
    }
    if (!ctx_base(&q->cqc)) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, q->qn,
                            "CQ %u rung, its context is not set up", q->qn);
        context_error(f, true);
        forget_clean(&q->cqc);
        return;
    }
    if (index >= ctx_depth(&q->cqc)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, KP_DB_SQ_CQ, index,
                            "CQ %u head %u, depth %u", q->qn, index,
                            ctx_depth(&q->cqc));
        return;
    }
    q->cqc.dw[0] = deposit32(q->cqc.dw[0], 0, 16, index);
    kunpeng_ctx_touch(&q->cqc);
    if (want_event) {
        kunpeng_cq_arm(f, q);
    }
}

static bool dropped(const KunpengFunc *f)
{
    return f->acc->version >= KP_VER_V5 &&
           ((f->regs[KP_FUN_DB_DROP / 4] & 1) ||
            (f->acc->db_drop & (1ull << f->fn)));
}

void kunpeng_doorbell(KunpengFunc *f, hwaddr off, uint64_t val)
{
    unsigned qn = extract64(val, 0, KP_DB_QN_LEN);
    unsigned cmd = extract64(val, KP_DB_CMD_SHIFT, KP_DB_CMD_LEN);
    unsigned index = extract64(val, KP_DB_INDEX_SHIFT, 16);
    bool prio = extract64(val, KP_DB_PRIO_SHIFT, 1);
    bool at_eq = off == KP_DB_EQ_AEQ;
    KunpengQueue *q;

    kunpeng_tell(f, KP_EV_DOORBELL, off, 0, val);
    if (dropped(f)) {
        return;
    }
    if (cmd > KP_DB_CMD_AEQ || at_eq != (cmd >= KP_DB_CMD_EQ)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, off, val,
                            "doorbell command %u does not belong here", cmd);
        return;
    }
    if (at_eq) {
        kunpeng_event_doorbell(f, cmd == KP_DB_CMD_EQ ? &f->eq : &f->aeq,
                               index);
        return;
    }
    q = kunpeng_queue_get(f, qn);
    if (!q) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, off, val,
                            "queue %u of %u", qn, kunpeng_vft_num(f));
        return;
    }
    if (cmd == KP_DB_CMD_CQ) {
        cq_doorbell(f, q, index, prio);
    } else if (prio) {
        sq_restart(f, q, index);
    } else {
        sq_doorbell(f, q, index);
    }
}
