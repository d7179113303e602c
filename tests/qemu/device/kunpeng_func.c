/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of one function. They are reached through the function's own BAR2
 * and, if the select bit is set, those of a VF through its window in the PF's
 * BAR2 as well: the same registers by two doors. The migration registers, EQC
 * and AEQC, are behind one door only, at another offset each.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"

static bool in_range(hwaddr off, hwaddr start, hwaddr size)
{
    return off >= start && off < start + size;
}

/* Drivers read all there is up to the mailbox, for their snapshots. */
static bool is_plain(hwaddr off)
{
    return off < KP_MAILBOX || in_range(off, KP_VF2PF_VF_W, 8) ||
           in_range(off, KP_PF2VF_VF_R, 8);
}

/* Which event queue's context this is, if any, and which dword of it. */
static KunpengEventQueue *migration_reg(KunpengFunc *f, hwaddr off,
                                        bool window, unsigned *dw)
{
    hwaddr eqc = window ? KP_WINDOW_EQC : KP_BAR_EQC;
    hwaddr aeqc = window ? KP_WINDOW_AEQC : KP_BAR_AEQC;

    if (in_range(off, eqc, KP_XEQC_SIZE)) {
        *dw = (off - eqc) / 4;
        return &f->eq;
    }
    if (in_range(off, aeqc, KP_XEQC_SIZE)) {
        *dw = (off - aeqc) / 4;
        return &f->aeq;
    }
    return NULL;
}

static void cache_wb_done(void *opaque)
{
    KunpengFunc *f = opaque;

    kunpeng_queue_write_back(f);
    f->regs[KP_CACHE_WB_DONE / 4] |= 1;
    kunpeng_tell(f, KP_EV_WRITE_BACK, 0, 0, 0);
}

static void cache_wb_start(KunpengFunc *f)
{
    KunpengAcc *s = f->acc;

    kunpeng_delay_poll(&f->wb_delay);
    if (f->wb_delay.pending) {
        kunpeng_guest_error(f, KP_ERR_WB_BUSY, KP_CACHE_WB_START, 1,
                            "write-back asked for while one runs");
    }
    kunpeng_func_remember(f);
    if (s->answer[KP_Q_WB_DONE] == KP_WB_DONE_START) {
        f->regs[KP_CACHE_WB_DONE / 4] &= ~1u;
    }
    if (!kunpeng_inject(f, KP_INJECT_WB_NEVER, 0, NULL)) {
        kunpeng_delay_start(&f->wb_delay, kunpeng_latency(s, s->wb_time_us));
    }
}

static uint32_t cache_wb_read(KunpengFunc *f)
{
    uint32_t *reg = &f->regs[KP_CACHE_WB_DONE / 4];
    uint32_t val;

    kunpeng_delay_poll(&f->wb_delay);
    val = *reg;
    if (f->acc->answer[KP_Q_WB_DONE] == KP_WB_DONE_READ) {
        *reg &= ~1u;
    }
    return val;
}

/* A command or a write-back begins: what its registers are now. */
void kunpeng_func_remember(KunpengFunc *f)
{
    memcpy(f->old_regs, f->regs, sizeof(f->old_regs));
    memcpy(f->old_eq[0], f->eq.dw, sizeof(f->old_eq[0]));
    memcpy(f->old_eq[1], f->aeq.dw, sizeof(f->old_eq[1]));
}

static uint32_t plain_read(KunpengFunc *f, hwaddr off)
{
    uint32_t arg;

    switch (off) {
    case KP_IFC_INT_STATUS:
        if (kunpeng_inject(f, KP_INJECT_IFC_PENDING, 0, &arg)) {
            return arg;
        }
        break;
    case KP_CACHE_WB_DONE:
        return cache_wb_read(f);
    case KP_EQ_INT_SOURCE:
    case KP_AEQ_INT_SOURCE:
        if (f->acc->answer[KP_Q_INT_SOURCE] == KP_INT_SOURCE_READ_ONLY) {
            return kunpeng_event_waits(off == KP_EQ_INT_SOURCE ? &f->eq :
                                                                 &f->aeq);
        }
        break;
    case KP_PF2VF_VF_R:
        return f->msg_in;
    case KP_PF2VF_VF_R + 4:
        return f->msg_in >> 32;
    }
    return f->regs[off / 4];
}

/* A write-back is under way, or a command. */
static bool at_work(KunpengFunc *f)
{
    kunpeng_delay_poll(&f->wb_delay);
    return f->wb_delay.pending || kunpeng_mbox_at_work(f);
}

/* The register is read while something is at work: true if that shows. */
static bool busy_read(KunpengFunc *f, hwaddr off, bool window, uint32_t *val)
{
    unsigned answer = f->acc->answer[KP_Q_BUSY_READS], dw;
    KunpengEventQueue *eq;

    /* What says that it is done answers, or nobody could wait for it. */
    if (answer == KP_BUSY_READS_ANSWER || !at_work(f) ||
        (off == KP_CACHE_WB_DONE && f->wb_delay.pending)) {
        return false;
    }
    kunpeng_tell(f, KP_EV_BUSY_READ, off, 0, 0);
    eq = migration_reg(f, off, window, &dw);
    switch (answer) {
    case KP_BUSY_READS_ONES:
        *val = UINT32_MAX;
        return true;
    case KP_BUSY_READS_OLD:
        if (eq) {
            *val = f->old_eq[eq == &f->aeq][dw];
            return true;
        }
        if (is_plain(off) && off < KP_MAILBOX) {
            *val = f->old_regs[off / 4];
            return true;
        }
        return false;
    default:
        if (f->wb_delay.pending) {
            kunpeng_delay_finish(&f->wb_delay);
        }
        kunpeng_mbox_finish(f);
        return false;
    }
}

uint32_t kunpeng_func_read(KunpengFunc *f, hwaddr off, bool window)
{
    KunpengEventQueue *eq;
    uint32_t val;
    unsigned dw;

    if (in_range(off, KP_MAILBOX, KP_MAILBOX_END - KP_MAILBOX)) {
        return kunpeng_mbox_read(f, off, 4);
    }
    if (busy_read(f, off, window, &val)) {
        return val;
    }
    if (is_plain(off)) {
        return plain_read(f, off);
    }
    if (in_range(off, KP_CAPS, KP_CAPS_END - KP_CAPS)) {
        return f->acc->caps[(off - KP_CAPS) / 4];
    }
    if (in_range(off, KP_CHANNEL_USAGE,
                 KP_CHANNEL_USAGE_END - KP_CHANNEL_USAGE)) {
        return 0;
    }
    eq = migration_reg(f, off, window, &dw);
    if (eq) {
        kunpeng_tell(f, KP_EV_EQC_READ, off, 0, 0);
        return eq->dw[dw];
    }
    kunpeng_guest_error(f, KP_ERR_UNIMPLEMENTED, off, 0, "read");
    return 0;
}

static void mask_write(KunpengFunc *f, KunpengEventQueue *eq, uint32_t val)
{
    bool was_masked = f->regs[eq->mask_reg / 4] & 1;

    f->regs[eq->mask_reg / 4] = val;
    if (was_masked && !(val & 1) && (f->regs[eq->source_reg / 4] & 1)) {
        kunpeng_msi(f, eq->vector);
    }
}

/* Does what a VF writes to a register of its configuration take? */
static bool config_takes(const KunpengFunc *f, unsigned question)
{
    switch (f->acc->answer[question]) {
    case KP_CONFIG_WRITE_IGNORED:
        return !f->fn;
    case KP_CONFIG_WRITE_STOPPED:
        return !f->fn || f->paused ||
               (f->regs[KP_VF_STATE / 4] & KP_VF_NOT_READY);
    default:
        return true;
    }
}

static void plain_write(KunpengFunc *f, hwaddr off, uint32_t val)
{
    uint32_t *reg = &f->regs[off / 4];
    uint32_t old = *reg;

    switch (off) {
    case KP_AEQ_INT_SOURCE:
        kunpeng_event_source_write(f, &f->aeq, val);
        break;
    case KP_EQ_INT_SOURCE:
        kunpeng_event_source_write(f, &f->eq, val);
        break;
    case KP_AEQ_INT_MASK:
        mask_write(f, &f->aeq, val);
        break;
    case KP_EQ_INT_MASK:
        mask_write(f, &f->eq, val);
        break;
    case KP_IFC_INT_SOURCE_V:
        if (val & KP_IFC_PENDING) {
            kunpeng_ifc_ack(f);
        }
        break;
    case KP_IFC_INT_MASK:
        *reg = val;
        if ((old & 1) && !(val & 1)) {
            kunpeng_ifc_update(f);
        }
        break;
    case KP_IFC_INT_SET_V:
        if ((val & KP_IFC_PENDING) && f->fn) {
            kunpeng_ifc_vf_send(f);
        }
        break;
    case KP_CACHE_WB_START:
        if (val & 1) {
            cache_wb_start(f);
        }
        break;
    case KP_PAGE_SIZE:
        kunpeng_tell(f, KP_EV_CONFIG_WRITE, off, 0, val);
        *reg = config_takes(f, KP_Q_PAGE_SIZE) ? val : *reg;
        break;
    case KP_QUE_ISO_CFG_V:
        kunpeng_tell(f, KP_EV_CONFIG_WRITE, off, 0, val);
        *reg = config_takes(f, KP_Q_ISO_CFG) ? val : *reg;
        break;
    case KP_VF_STATE:
        kunpeng_tell(f, KP_EV_CONFIG_WRITE, off, 0, val);
        *reg = val;
        break;
    case KP_FUN_DB_DROP:
        *reg = val;
        break;
    case KP_VF2PF_VF_W:
        f->msg_out = deposit64(f->msg_out, 0, 32, val);
        break;
    case KP_VF2PF_VF_W + 4:
        f->msg_out = deposit64(f->msg_out, 32, 32, val);
        break;
    default:
        kunpeng_guest_error(f, KP_ERR_UNIMPLEMENTED, off, val, "write");
        break;
    }
}

void kunpeng_func_write(KunpengFunc *f, hwaddr off, uint32_t val, bool window)
{
    KunpengEventQueue *eq;
    unsigned dw;

    if (in_range(off, KP_MAILBOX, KP_MAILBOX_END - KP_MAILBOX)) {
        kunpeng_mbox_write(f, off, val, 4);
        return;
    }
    if (in_range(off, KP_DB_SQ_CQ, 8) || in_range(off, KP_DB_EQ_AEQ, 8)) {
        kunpeng_guest_error(f, KP_ERR_WIDTH, off, val, "32-bit doorbell");
        return;
    }
    if (is_plain(off)) {
        plain_write(f, off, val);
        return;
    }
    eq = migration_reg(f, off, window, &dw);
    if (eq) {
        kunpeng_tell(f, KP_EV_EQC_WRITE, off, 0, val);
        eq->dw[dw] = val;
        return;
    }
    kunpeng_guest_error(f, KP_ERR_UNIMPLEMENTED, off, val, "write");
}

/* A 64-bit store: true if there is a register that takes it whole. */
bool kunpeng_func_write64(KunpengFunc *f, hwaddr off, uint64_t val)
{
    switch (off) {
    case KP_MAILBOX:
    case KP_MAILBOX + 8:
        kunpeng_mbox_write(f, off, val, 8);
        return true;
    case KP_DB_SQ_CQ:
    case KP_DB_EQ_AEQ:
        kunpeng_doorbell(f, off, val);
        return true;
    case KP_VF2PF_VF_W:
        f->msg_out = val;
        return true;
    default:
        return false;
    }
}

static uint32_t db_drop_after_reset(const KunpengFunc *f)
{
    if (f->acc->version < KP_VER_V5) {
        return 0;
    }
    switch (f->acc->answer[KP_Q_DB_DROP_RESET]) {
    case KP_DB_DROP_RESET_SET:
        return 1;
    case KP_DB_DROP_RESET_KEPT:
        return f->regs[KP_FUN_DB_DROP / 4];
    default:
        return 0;
    }
}

void kunpeng_func_reset(KunpengFunc *f)
{
    uint32_t db_drop = db_drop_after_reset(f);

    kunpeng_job_cancel_all(f);
    kunpeng_queue_drop_all(f);
    kunpeng_mbox_reset(f);
    kunpeng_delay_cancel(&f->wb_delay);
    memset(f->regs, 0, sizeof(f->regs));
    memset(f->eq.dw, 0, sizeof(f->eq.dw));
    memset(f->aeq.dw, 0, sizeof(f->aeq.dw));
    f->regs[KP_EQ_INT_MASK / 4] = 1;
    f->regs[KP_AEQ_INT_MASK / 4] = 1;
    if (f->acc->answer[KP_Q_VF_STATE_RESET] == KP_VF_STATE_RESET_NOT_READY) {
        f->regs[KP_VF_STATE / 4] = KP_VF_NOT_READY;
    }
    f->regs[KP_QUE_ISO_CFG_V / 4] = f->acc->isolation;
    f->regs[KP_FUN_DB_DROP / 4] = db_drop;
    f->sqc_bt = f->cqc_bt = 0;
    f->msg_in = f->msg_out = 0;
    if (f->acc->answer[KP_Q_PAUSE_END] != KP_PAUSE_END_DOORBELL_ONLY) {
        f->paused = false;
    }
    f->acc->ifc_ready &= ~(1ull << f->fn);
    f->acc->ifc_source &= ~(1ull << f->fn);
}

void kunpeng_func_power_on(KunpengFunc *f)
{
    f->regs[KP_FUN_DB_DROP / 4] = 0;
    kunpeng_func_reset(f);
    f->paused = false;
}

void kunpeng_func_init(KunpengAcc *s, unsigned fn)
{
    KunpengFunc *f = &s->func[fn];

    f->acc = s;
    f->fn = fn;
    f->eq = (KunpengEventQueue) {
        .vector = KP_VEC_EQ,
        .source_reg = KP_EQ_INT_SOURCE,
        .mask_reg = KP_EQ_INT_MASK,
    };
    f->aeq = (KunpengEventQueue) {
        .vector = KP_VEC_AEQ,
        .source_reg = KP_AEQ_INT_SOURCE,
        .mask_reg = KP_AEQ_INT_MASK,
    };
    f->queue = g_new0(KunpengQueue *, s->num_queues);
    kunpeng_job_init(f);
    kunpeng_mbox_init(f);
    kunpeng_delay_init(&f->wb_delay, s, cache_wb_done, f);
    kunpeng_func_reset(f);
}

void kunpeng_func_exit(KunpengFunc *f)
{
    kunpeng_job_exit(f);
    kunpeng_queue_drop_all(f);
    kunpeng_watch_exit(f);
    timer_free(f->mb_delay.timer);
    timer_free(f->wb_delay.timer);
    g_free(f->queue);
}
