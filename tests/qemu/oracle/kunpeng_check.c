/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the device tells is counted, judged, and traced. Counters belong to a
 * function; log and trace are one for the whole machine.
 */
#include "qemu/osdep.h"
#include "qemu/cutils.h"
#include "qemu/log.h"
#include "kunpeng_watch.h"

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
    [KPO_V_PF_STRAY] = "pf-stray",
};

static const uint32_t violation_of[KP_ERRORS] = {
    [KP_ERR_OUT_OF_WINDOW] = KPO_V_OUT_OF_WINDOW,
    [KP_ERR_DEAD_HALF] = KPO_V_DEAD_HALF,
    [KP_ERR_MBOX_WIDTH] = KPO_V_MBOX_WIDTH,
    [KP_ERR_MBOX_BUSY] = KPO_V_MBOX_BUSY,
    [KP_ERR_TABLE_BUSY] = KPO_V_LOAD_RUNNING,
    [KP_ERR_DMA_UNSET] = KPO_V_DMA_UNSET,
    [KP_ERR_UNIMPLEMENTED] = KPO_V_UNIMPLEMENTED,
    [KP_ERR_VFT_RACE] = KPO_V_VFT_RACE,
    [KP_ERR_BAD_DOORBELL] = KPO_V_BAD_DOORBELL,
    [KP_ERR_BAD_CONTEXT] = KPO_V_BAD_CONTEXT,
    [KP_ERR_WIDTH] = KPO_V_WIDTH,
    [KP_ERR_WB_BUSY] = KPO_V_WB_BUSY,
};

#define NO_COUNTER  (-1)

/* What an event counts as, and its letter in the trace. */
static const struct {
    int counter;
    char letter;
} told[KP_EVENTS] = {
    [0 ... KP_EVENTS - 1] = { NO_COUNTER },
    [KP_EV_ACCESS_READ] = { KPO_CNT_MMIO_READ },
    [KP_EV_ACCESS_WRITE] = { KPO_CNT_MMIO_WRITE },
    [KP_EV_READ] = { NO_COUNTER, 'r' },
    [KP_EV_WRITE] = { NO_COUNTER, 'w' },
    [KP_EV_MBOX] = { KPO_CNT_MBOX },
    [KP_EV_DOORBELL] = { KPO_CNT_DOORBELL },
    [KP_EV_DOORBELL_PAGE] = { KPO_CNT_DOORBELL_PAGE },
    [KP_EV_WRITE_BACK] = { KPO_CNT_WRITE_BACK },
    [KP_EV_DMA_READ] = { KPO_CNT_DMA_READ },
    [KP_EV_DMA_WRITE] = { KPO_CNT_DMA_WRITE },
    [KP_EV_DMA_ERROR] = { KPO_CNT_DMA_ERROR, 'x' },
    [KP_EV_MSI] = { KPO_CNT_MSI, 'i' },
    [KP_EV_JOB_STARTED] = { KPO_CNT_JOB_STARTED, 's' },
    [KP_EV_JOB_DONE] = { KPO_CNT_JOB_DONE, 'd' },
    [KP_EV_RESET] = { KPO_CNT_RESET, 'f' },
};

KunpengWatch *kunpeng_watch_of(KunpengFunc *f)
{
    KunpengWatch *w = f->watch;

    if (!w) {
        f->watch = w = g_new0(KunpengWatch, 1);
        QTAILQ_INIT(&w->faults);
    }
    return w;
}

/*
 * One line an event: virtual time, function, what, offset, size, value. What:
 * r(ead), w(rite), i(nterrupt; size is the vector), s(tart of) and d(one) a job
 * (offset is the queue, value the entry), f (reset), x (DMA refused),
 * ! (violation; size is the kind).
 */
static void trace(KunpengFunc *f, char what, uint64_t off, unsigned size,
                  uint64_t val)
{
    if (kunpeng_check.trace) {
        fprintf(kunpeng_check.trace,
                "%" PRId64 " %04x %c 0x%" PRIx64 " %u 0x%" PRIx64 "\n",
                qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL), kunpeng_func_id(f),
                what, off, size, val);
    }
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

static void record(KunpengFunc *f, unsigned kind, uint64_t offset,
                   uint64_t value, const char *text)
{
    KunpengCheck *c = &kunpeng_check;
    bool expected = c->expect_mask & (1u << kind);
    KunpengViolation v = {
        .kind = kind,
        .func = kunpeng_func_id(f),
        .phase = c->phase,
        .offset = offset,
        .value = value,
        .time_ns = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL),
    };

    pstrcpy(v.text, sizeof(v.text), text);
    log_add(&c->log, expected, &v);
    log_add(&c->whole_run, expected, &v);
    trace(f, '!', offset, kind, value);
}

void kunpeng_violation(KunpengFunc *f, unsigned kind, uint64_t offset,
                       uint64_t value, const char *fmt, ...)
{
    char text[KPO_VIOL_TEXT_LEN];
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(text, sizeof(text), fmt, ap);
    va_end(ap);
    qemu_log_mask(LOG_GUEST_ERROR,
                  "kunpeng %04x: %s at 0x%" PRIx64 ", value 0x%" PRIx64
                  ": %s\n", kunpeng_func_id(f), kunpeng_violation_name[kind],
                  offset, value, text);
    record(f, kind, offset, value, text);
}

static void event(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val)
{
    int counter = told[event].counter;

    if (told[event].letter) {
        trace(f, told[event].letter, off, size, val);
    }
    if (counter != NO_COUNTER) {
        kunpeng_watch_of(f)->counter[kunpeng_check.phase][counter]++;
    }
    switch (event) {
    case KP_EV_ACCESS_READ:
        kunpeng_charge_read();
        kunpeng_fault_access(f);
        break;
    case KP_EV_ACCESS_WRITE:
        kunpeng_fault_access(f);
        break;
    case KP_EV_DMA_WRITTEN:
        kunpeng_wrote(f, off, size, val);
        break;
    default:
        kunpeng_rules_event(f, event, off, size, val);
        break;
    }
}

static void guest_error(KunpengFunc *f, KunpengError error, uint64_t off,
                        uint64_t val, const char *text)
{
    record(f, violation_of[error], off, val, text);
}

static void gone(KunpengFunc *f)
{
    if (f->watch) {
        kunpeng_fault_clear(f);
        kunpeng_wrote_watch(f, false, 0);
        g_free(f->watch);
        f->watch = NULL;
    }
}

const KunpengHooks kunpeng_check_hooks = {
    .event = event,
    .guest_error = guest_error,
    .inject = kunpeng_fault_inject,
    .exit = gone,
};
