/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Whoever watches the device is told by a table of functions. None of them is
 * there unless kunpeng_watch() has been called.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "kunpeng.h"

static KunpengHooks hooks;

bool kunpeng_watch(const KunpengHooks *from)
{
    if (hooks.event) {
        return false;
    }
    hooks = *from;
    return true;
}

void kunpeng_tell(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val)
{
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
