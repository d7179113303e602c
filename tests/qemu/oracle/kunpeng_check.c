/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the oracle knows: counters, the log of violations, armed faults, and
 * the trace. Counters and faults belong to a function, the rest is one for the
 * whole machine.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/log.h"
#include "../device/kunpeng.h"

KunpengCheck kunpeng_check;

const char *const kunpeng_violation_name[KPO_V_KINDS] = {
    [KPO_V_OUT_OF_WINDOW] = "out-of-window",
    [KPO_V_DEAD_HALF] = "dead-half",
    [KPO_V_MBOX_WIDTH] = "mailbox-width",
    [KPO_V_MBOX_BUSY] = "mailbox-busy",
    [KPO_V_LOAD_RUNNING] = "load-running",
    [KPO_V_DMA_UNSET] = "dma-unset",
    [KPO_V_UNIMPLEMENTED] = "unimplemented",
    [KPO_V_SAVE_BUSY] = "save-busy",
    [KPO_V_SAVE_DIRTY] = "save-dirty",
    [KPO_V_VFT_RACE] = "vft-race",
    [KPO_V_BAD_DOORBELL] = "bad-doorbell",
    [KPO_V_BAD_CONTEXT] = "bad-context",
    [KPO_V_WIDTH] = "width",
    [KPO_V_SAVE_RUNNING] = "save-running",
    [KPO_V_READ_BUSY] = "read-busy",
    [KPO_V_RESTART_RUNNING] = "restart-running",
    [KPO_V_WB_BUSY] = "write-back-busy",
    [KPO_V_NOT_QUIET] = "not-quiet",
    [KPO_V_CONFIG_RUNNING] = "config-running",
    [KPO_V_MEM_INIT] = "mem-init",
    [KPO_V_SELECT_MOVED] = "select-moved",
};

void kunpeng_count(KunpengFunc *f, unsigned counter)
{
    f->counter[kunpeng_check.phase][counter]++;
}

static void log_add(KunpengLog *log, bool expected, const KunpengViolation *v)
{
    if (expected) {
        log->expected++;
    } else {
        log->unexpected++;
    }
    if (log->logged < KPO_VIOL_LOG_MAX) {
        log->entry[log->logged] = *v;
        log->entry[log->logged++].expected = expected;
    }
}

void kunpeng_violation(KunpengFunc *f, unsigned kind, uint64_t offset,
                       uint64_t value, const char *fmt, ...)
{
    KunpengCheck *c = &kunpeng_check;
    bool expected = c->expect_mask & (1u << kind);
    char text[KPO_VIOL_TEXT_LEN];
    KunpengViolation v;
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);

    v.kind = kind;
    v.func = kunpeng_func_id(f);
    v.phase = c->phase;
    v.offset = offset;
    v.value = value;
    v.time_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    pstrcpy(v.text, sizeof(v.text), text);

    log_add(&c->log, expected, &v);
    log_add(&c->whole_run, expected, &v);
    qemu_log_mask(LOG_GUEST_ERROR,
                  "kunpeng %04x: %s at 0x%" PRIx64 ", value 0x%" PRIx64
                  ": %s%s\n", kunpeng_func_id(f), kunpeng_violation_name[kind],
                  offset, value, text, expected ? " (expected)" : "");
    kunpeng_trace(f, '!', offset, kind, value);
}

/*
 * An occasion for a fault of this kind has come: does one strike? Mailbox
 * faults name the command, others pass 0.
 */
bool kunpeng_fault(KunpengFunc *f, uint32_t kind, uint32_t cmd, uint32_t *arg)
{
    KunpengFault *fault;

    QTAILQ_FOREACH(fault, &f->faults, next) {
        if (fault->kind != kind || (fault->cmd && fault->cmd != cmd)) {
            continue;
        }
        if (fault->skip) {
            fault->skip--;
            continue;
        }
        if (arg) {
            *arg = fault->arg;
        }
        f->fault_hits++;
        if (fault->count && --fault->count == 0) {
            QTAILQ_REMOVE(&f->faults, fault, next);
            g_free(fault);
        }
        return true;
    }
    return false;
}

void kunpeng_fault_arm(KunpengFunc *f, const KunpengFault *fault)
{
    KunpengFault *copy = g_new0(KunpengFault, 1);

    if (QTAILQ_EMPTY(&f->faults)) {
        f->fault_hits = 0;
    }
    copy->kind = fault->kind;
    copy->arg = fault->arg;
    copy->cmd = fault->cmd;
    copy->skip = fault->skip;
    copy->count = fault->count;
    /* These happen once, at one access. */
    if (copy->kind >= KPO_F_SEL_FLIP && !copy->count) {
        copy->count = 1;
    }
    QTAILQ_INSERT_TAIL(&f->faults, copy, next);
}

void kunpeng_fault_clear(KunpengFunc *f)
{
    KunpengFault *fault, *tmp;

    QTAILQ_FOREACH_SAFE(fault, &f->faults, next, tmp) {
        QTAILQ_REMOVE(&f->faults, fault, next);
        g_free(fault);
    }
}

/*
 * One line an event: virtual time, function, what, offset, size, value. What:
 * r(ead), w(rite), i(nterrupt; size is the vector), s(tart of) and d(one) a job
 * (offset is the queue, value the entry), f (reset), x (DMA refused),
 * ! (violation; size is the kind).
 */
void kunpeng_trace(KunpengFunc *f, char what, hwaddr off, unsigned size,
                   uint64_t val)
{
    if (kunpeng_check.trace) {
        fprintf(kunpeng_check.trace,
                "%" PRId64 " %04x %c 0x%" HWADDR_PRIx " %u 0x%" PRIx64 "\n",
                qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), kunpeng_func_id(f),
                what, off, size, val);
    }
}
