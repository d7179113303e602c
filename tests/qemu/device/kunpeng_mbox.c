/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Mailbox. A command is one 128-bit store, which arrives here as two 64-bit
 * ones, low half first; nothing else starts a command. It is busy from then on
 * until its time is over, and in the case of pause, stop and flush until the
 * jobs that it waits for are done.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/core/cpu.h"
#include "kunpeng.h"
#include "kunpeng_ctx.h"

static unsigned mb_cmd(const KunpengFunc *f)
{
    return extract64(f->mb[0], 0, 8);
}

static unsigned mb_queue(const KunpengFunc *f)
{
    return extract64(f->mb[0], 16, 16);
}

static bool mb_is_get(const KunpengFunc *f)
{
    return f->mb[0] & KP_MB_GET;
}

/* The address, or the datum, of a command: dwords 1 and 2. */
static uint64_t mb_data(const KunpengFunc *f)
{
    return f->mb[0] >> 32 | f->mb[1] << 32;
}

static void mb_set_data(KunpengFunc *f, uint64_t data)
{
    f->mb[0] = deposit64(f->mb[0], 32, 32, data);
    f->mb[1] = deposit64(f->mb[1], 0, 32, data >> 32);
}

static void mb_finish(KunpengFunc *f, unsigned status)
{
    f->mb_draining = false;
    f->mb[0] = deposit64(f->mb[0], KP_MB_STATUS_SHIFT, KP_MB_STATUS_LEN,
                         status);
    f->mb[0] &= ~(uint64_t)KP_MB_BUSY;
}

/* What takes this long at least takes up to eight times as long, pseudo-randomly. */
uint32_t kunpeng_latency(KunpengAcc *s, uint32_t us)
{
    if (s->answer[KP_Q_LATENCY] == KP_LATENCY_STEADY) {
        return us;
    }
    s->jitter = s->jitter * 1664525u + 1013904223u;
    return us * ((s->jitter >> 24) % 8 + 1);
}

static unsigned mb_error(const KunpengFunc *f)
{
    return f->acc->answer[KP_Q_MBOX_ERROR] == KP_MBOX_ERROR_ONE ?
           KP_MB_STATUS_ERROR : KP_MB_STATUS_OTHER;
}

/* Are the function's commands taken now, or this one at least? */
static bool mb_refused(const KunpengFunc *f)
{
    bool not_ready = f->regs[KP_VF_STATE / 4] & KP_VF_NOT_READY;

    if (!f->fn || mb_cmd(f) == KP_MB_CMD_SQC_VFT ||
        mb_cmd(f) == KP_MB_CMD_SRC || mb_cmd(f) == KP_MB_CMD_DST) {
        return false;
    }
    switch (f->acc->answer[KP_Q_MBOX_WHEN]) {
    case KP_MBOX_WHEN_NOT_PAUSED:
        return f->paused;
    case KP_MBOX_WHEN_READY:
        return f->paused || not_ready;
    default:
        return false;
    }
}

/* Move a context between memory and device. */
static unsigned do_context(KunpengFunc *f, uint32_t *dw)
{
    uint64_t addr = mb_data(f);
    uint32_t raw[KP_CTX_DWORDS];

    if (!addr) {
        kunpeng_guest_error(f, KP_ERR_DMA_UNSET, KP_MAILBOX, f->mb[0],
                            "mailbox command %u without an address", mb_cmd(f));
        return mb_error(f);
    }
    if (mb_is_get(f)) {
        for (unsigned i = 0; i < KP_CTX_DWORDS; i++) {
            raw[i] = cpu_to_le32(dw[i]);
        }
        return kunpeng_dma_write(f, addr, raw, sizeof(raw),
                                 KP_FOR_MAILBOX) == MEMTX_OK ?
               0 : mb_error(f);
    }
    if (kunpeng_dma_read(f, addr, raw, sizeof(raw)) != MEMTX_OK) {
        return mb_error(f);
    }
    for (unsigned i = 0; i < KP_CTX_DWORDS; i++) {
        dw[i] = le32_to_cpu(raw[i]);
    }
    return 0;
}

static unsigned do_queue_context(KunpengFunc *f, bool cq)
{
    KunpengQueue *q = kunpeng_queue_get(f, mb_queue(f));
    KunpengCtx *ctx;
    unsigned status;

    if (!q) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_MAILBOX, f->mb[0],
                            "context of queue %u of %u", mb_queue(f),
                            kunpeng_vft_num(f));
        kunpeng_pf_error(f->acc, cq ? KP_RAS_CQ : KP_RAS_SQ);
        return mb_error(f);
    }
    ctx = cq ? &q->cqc : &q->sqc;
    if (mb_is_get(f) && !kunpeng_ctx_fetch(f, q, cq)) {
        return mb_error(f);
    }
    status = do_context(f, ctx->dw);
    if (!status && !mb_is_get(f)) {
        ctx->valid = true;
        kunpeng_ctx_touch(ctx);
        if (!cq) {
            q->paused = f->paused;
            q->closed = q->dead = false;
        }
    }
    return status;
}

static unsigned do_event_context(KunpengFunc *f, KunpengEventQueue *eq)
{
    unsigned status = do_context(f, eq->dw);

    /* Only a driver that starts the function sets it this way. */
    if (!status && !mb_is_get(f)) {
        f->regs[eq->source_reg / 4] = 0;
        kunpeng_event_set_up(eq);
        if (f->acc->answer[KP_Q_PAUSE_END] == KP_PAUSE_END_EQC) {
            f->paused = false;
        }
    }
    return status;
}

static void do_table(KunpengFunc *f, uint64_t *table, bool cq)
{
    if (mb_is_get(f)) {
        mb_set_data(f, *table);
        return;
    }
    if (f->in_flight) {
        kunpeng_guest_error(f, KP_ERR_TABLE_BUSY, KP_MAILBOX, mb_data(f),
                            "%s table moved with %u jobs in flight",
                            cq ? "CQC" : "SQC", f->in_flight);
        return;
    }
    *table = mb_data(f);
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        KunpengQueue *q = f->queue[i];

        if (q) {
            KunpengCtx *ctx = cq ? &q->cqc : &q->sqc;

            ctx->valid = ctx->dirty = false;
            if (!cq) {
                q->closed = q->dead = false;
            }
        }
    }
}

static unsigned do_message(KunpengFunc *f)
{
    bool is_pf = f->fn == 0;

    if (mb_cmd(f) == KP_MB_CMD_SRC) {
        if (is_pf) {
            kunpeng_ifc_pf_post(f->acc, mb_queue(f), mb_data(f));
        } else {
            f->msg_out = mb_data(f);
        }
        return 0;
    }
    if (is_pf && mb_queue(f) > kunpeng_num_vfs(f->acc)) {
        return mb_error(f);
    }
    mb_set_data(f, is_pf ? f->acc->func[mb_queue(f)].msg_out : f->msg_in);
    return 0;
}

/* The command waits for jobs: have they been done? */
static bool drained(KunpengFunc *f)
{
    KunpengQueue *q;

    switch (mb_cmd(f)) {
    case KP_MB_CMD_STOP_QP:
        q = kunpeng_queue_get(f, mb_queue(f));
        return !q || kunpeng_queue_idle(f, q);
    case KP_MB_CMD_FLUSH_QM:
        for (unsigned i = 0; i < f->acc->num_queues; i++) {
            if (f->queue[i] && !kunpeng_queue_idle(f, f->queue[i])) {
                return false;
            }
        }
        return true;
    default:
        return f->in_flight == 0;
    }
}

static void close_queues(KunpengFunc *f)
{
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        KunpengQueue *q = f->queue[i];

        if (q && (mb_cmd(f) == KP_MB_CMD_FLUSH_QM || i == mb_queue(f))) {
            q->closed = true;
        }
    }
}

void kunpeng_mbox_jobs_done(KunpengFunc *f)
{
    if (!f->mb_draining || !drained(f)) {
        return;
    }
    if (mb_cmd(f) != KP_MB_CMD_PAUSE_QM) {
        close_queues(f);
    }
    mb_finish(f, 0);
}

static void do_pause(KunpengFunc *f)
{
    f->paused = true;
    for (unsigned i = 0; i < f->acc->num_queues; i++) {
        if (f->queue[i]) {
            f->queue[i]->paused = true;
        }
    }
}

static void mb_execute(void *opaque)
{
    KunpengFunc *f = opaque;
    unsigned status = 0;

    if (f->mb_status) {
        mb_finish(f, f->mb_status);
        f->mb_status = 0;
        return;
    }
    if (mb_refused(f)) {
        mb_finish(f, mb_error(f));
        return;
    }
    switch (mb_cmd(f)) {
    case KP_MB_CMD_SQC:
    case KP_MB_CMD_CQC:
        status = do_queue_context(f, mb_cmd(f) == KP_MB_CMD_CQC);
        break;
    case KP_MB_CMD_EQC:
        status = do_event_context(f, &f->eq);
        break;
    case KP_MB_CMD_AEQC:
        status = do_event_context(f, &f->aeq);
        break;
    case KP_MB_CMD_SQC_BT:
        do_table(f, &f->sqc_bt, false);
        break;
    case KP_MB_CMD_CQC_BT:
        do_table(f, &f->cqc_bt, true);
        break;
    case KP_MB_CMD_SQC_VFT:
        mb_set_data(f, f->acc->vft[KP_VFT_SQC][f->fn]);
        break;
    case KP_MB_CMD_SRC:
    case KP_MB_CMD_DST:
        status = do_message(f);
        break;
    case KP_MB_CMD_PAUSE_QM:
        do_pause(f);
        if (f->acc->answer[KP_Q_PAUSE_DMA] == KP_PAUSE_DMA_CUT) {
            kunpeng_job_give_back(f);
        }
        /* fall through */
    case KP_MB_CMD_STOP_QP:
    case KP_MB_CMD_FLUSH_QM:
        f->mb_draining = true;
        kunpeng_job_hurry(f, f->acc->drain_time_us);
        kunpeng_mbox_jobs_done(f);
        return;
    default:
        kunpeng_guest_error(f, KP_ERR_UNIMPLEMENTED, KP_MAILBOX, f->mb[0],
                            "mailbox command 0x%x", mb_cmd(f));
        status = mb_error(f);
        break;
    }
    mb_finish(f, status);
}

static void mb_take(KunpengFunc *f, uint64_t low, uint64_t high)
{
    uint32_t late_us = 0, status = 0;

    if (!(low & KP_MB_BUSY)) {
        return;
    }
    f->mb[0] = deposit64(low, KP_MB_STATUS_SHIFT, KP_MB_STATUS_LEN, 0);
    f->mb[1] = high;
    kunpeng_tell(f, KP_EV_MBOX, 0, 0, f->mb[0]);
    if (kunpeng_inject(f, KP_INJECT_MBOX_STUCK, mb_cmd(f), NULL)) {
        return;     /* and stays busy until a reset */
    }
    if (kunpeng_inject(f, KP_INJECT_MBOX_STATUS, mb_cmd(f), &status)) {
        f->mb_status = extract32(status, 0, KP_MB_STATUS_LEN);
    }
    kunpeng_inject(f, KP_INJECT_MBOX_LATE, mb_cmd(f), &late_us);
    kunpeng_func_remember(f);
    kunpeng_delay_start(&f->mb_delay,
                        kunpeng_latency(f->acc, f->acc->mbox_time_us) +
                        late_us);
}

bool kunpeng_mbox_at_work(KunpengFunc *f)
{
    kunpeng_delay_poll(&f->mb_delay);
    if (f->mb_draining) {
        kunpeng_job_poll(f);
    }
    return f->mb_delay.pending || f->mb_draining;
}

/* Whoever looks has waited for the end: what is under way is done now. */
void kunpeng_mbox_finish(KunpengFunc *f)
{
    if (f->mb_delay.pending) {
        kunpeng_delay_finish(&f->mb_delay);
    }
    if (f->mb_draining) {
        kunpeng_job_finish_all(f);
        kunpeng_job_schedule(f);
    }
}

/* Halves that come alone, in any order: the second one starts the command. */
static void mb_take_half(KunpengFunc *f, bool high, uint64_t val)
{
    f->mb_part[high] = val;
    f->mb_have[high] = true;
    if (f->mb_have[0] && f->mb_have[1]) {
        f->mb_have[0] = f->mb_have[1] = false;
        mb_take(f, f->mb_part[0], f->mb_part[1]);
    }
}

uint64_t kunpeng_mbox_read(KunpengFunc *f, hwaddr off, unsigned size)
{
    uint64_t val;

    kunpeng_delay_poll(&f->mb_delay);
    if (f->mb_draining) {
        kunpeng_job_poll(f);
    }
    val = f->mb[(off - KP_MAILBOX) / 8];
    return size == 8 ? val : extract64(val, off & 4 ? 32 : 0, 32);
}

void kunpeng_mbox_write(KunpengFunc *f, hwaddr off, uint64_t val,
                        unsigned size)
{
    bool low = off == KP_MAILBOX;
    bool half = f->mb_half;

    f->mb_half = false;
    kunpeng_delay_poll(&f->mb_delay);
    if (size == 8 && !(f->mb[0] & KP_MB_BUSY) &&
        f->acc->answer[KP_Q_MBOX_STORE] == KP_MBOX_STORE_HALVES) {
        mb_take_half(f, !low, val);
        return;
    }
    if (size != 8 || (!low && !half)) {
        kunpeng_guest_error(f, KP_ERR_MBOX_WIDTH, off, val,
                            "%u-bit store to the mailbox", size * 8);
        return;
    }
    if (f->mb[0] & KP_MB_BUSY) {
        if (low) {
            kunpeng_guest_error(f, KP_ERR_MBOX_BUSY, off, val,
                                "command 0x%x while 0x%x is busy",
                                (unsigned)extract64(val, 0, 8), mb_cmd(f));
            f->mb_half = true;
        }
        return;
    }
    if (low) {
        if (half) {
            kunpeng_guest_error(f, KP_ERR_MBOX_WIDTH, off, val,
                                "a command begun between the halves of another");
        }
        f->mb_low = val;
        f->mb_half = true;
        f->mb_cpu = current_cpu;
    } else {
        mb_take(f, f->mb_low, val);
    }
}

void kunpeng_mbox_reset(KunpengFunc *f)
{
    kunpeng_delay_cancel(&f->mb_delay);
    memset(f->mb, 0, sizeof(f->mb));
    f->mb_half = f->mb_draining = false;
    f->mb_have[0] = f->mb_have[1] = false;
    f->mb_status = 0;
}

void kunpeng_mbox_init(KunpengFunc *f)
{
    kunpeng_delay_init(&f->mb_delay, f->acc, mb_execute, f);
}
