/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever watches the device is told by a table of functions. None of them is
 * there unless kunpeng_watch() has been called. QEMU's trace is told as well.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "kunpeng.h"
#include "trace.h"

static KunpengHooks hooks;

bool kunpeng_watch(const KunpengHooks *from)
{
    if (hooks.event) {
        return false;
    }
    hooks = *from;
    return true;
}

static void trace(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val)
{
    uint16_t id = kunpeng_func_id(f);

    switch (event) {
    case KP_EV_READ:
        trace_kunpeng_read(id, off, size, val);
        break;
    case KP_EV_WRITE:
        trace_kunpeng_write(id, off, size, val);
        break;
    case KP_EV_MBOX:
        trace_kunpeng_mailbox(id, val);
        break;
    case KP_EV_DOORBELL:
        trace_kunpeng_doorbell(id, off, val);
        break;
    case KP_EV_WRITE_BACK:
        trace_kunpeng_write_back(id);
        break;
    case KP_EV_DMA_READ:
        trace_kunpeng_dma_read(id, off, size);
        break;
    case KP_EV_DMA_WRITE:
        trace_kunpeng_dma_write(id, off, size);
        break;
    case KP_EV_DMA_ERROR:
        trace_kunpeng_dma_error(id, val, off, size);
        break;
    case KP_EV_MSI:
        trace_kunpeng_msi(id, size);
        break;
    case KP_EV_JOB_STARTED:
        trace_kunpeng_job_started(id, off, val);
        break;
    case KP_EV_JOB_DONE:
        trace_kunpeng_job_done(id, off, val);
        break;
    case KP_EV_RESET:
        trace_kunpeng_reset(id);
        break;
    case KP_EV_SELECT_WRITE:
        trace_kunpeng_select(id, val);
        break;
    default:
        break;
    }
}

void kunpeng_tell(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val)
{
    trace(f, event, off, size, val);
    if (hooks.event) {
        hooks.event(f, event, off, size, val);
    }
}

void kunpeng_guest_error(KunpengFunc *f, KunpengError error, uint64_t off,
                         uint64_t val, const char *fmt, ...)
{
    g_autofree char *text = NULL;
    va_list ap;

    va_start(ap, fmt);
    text = g_strdup_vprintf(fmt, ap);
    va_end(ap);
    qemu_log_mask(error == KP_ERR_UNIMPLEMENTED ? LOG_UNIMP : LOG_GUEST_ERROR,
                  "kunpeng %04x: at 0x%" PRIx64 ", value 0x%" PRIx64 ": %s\n",
                  kunpeng_func_id(f), off, val, text);
    if (hooks.guest_error) {
        hooks.guest_error(f, error, off, val, text);
    }
}

bool kunpeng_inject(KunpengFunc *f, KunpengInjection what, uint32_t cmd,
                    uint32_t *arg)
{
    return hooks.inject && hooks.inject(f, what, cmd, arg);
}

void kunpeng_watch_exit(KunpengFunc *f)
{
    if (hooks.exit) {
        hooks.exit(f);
    }
}
