/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One thing at a time.
 *
 * Whatever the device does, it does DMA in the midst of it, and DMA goes where
 * the guest says: to registers of this very device, by which jobs, contexts and
 * mailbox would change under the hands of who works on them; or to its config
 * space, where a reset frees them. QEMU guards the regions of one device while
 * it serves an access; here PF and VFs share one state, and timers do the work.
 *
 * So everything that may do DMA is within a section, of which a device has at
 * most one open. Accesses that come meanwhile can only be its own DMA: they are
 * refused. Resets that are asked for meanwhile wait until the section is left.
 * Within one, nothing goes away.
 */
#include "qemu/osdep.h"
#include "qemu/log.h"
#include "kunpeng.h"

bool kunpeng_enter(KunpengAcc *s)
{
    if (s->busy) {
        return false;
    }
    s->busy = true;
    return true;
}

void kunpeng_leave(KunpengAcc *s)
{
    assert(s->busy);
    while (s->power_on_pending || s->flr_pending) {
        uint64_t power_on = s->power_on_pending, flr = s->flr_pending;

        s->power_on_pending = s->flr_pending = 0;
        for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
            if (power_on & (1ull << fn)) {
                kunpeng_power_on(&s->func[fn]);
            } else if (flr & (1ull << fn)) {
                kunpeng_flr(&s->func[fn], true);
            }
        }
    }
    s->busy = false;
}

/* As kunpeng_enter(), for an access to a register of this function. */
bool kunpeng_enter_access(KunpengFunc *f, hwaddr off)
{
    if (kunpeng_enter(f->acc)) {
        return true;
    }
    qemu_log_mask(LOG_GUEST_ERROR,
                  "kunpeng %04x: DMA of the device to its own register 0x%"
                  HWADDR_PRIx " is refused\n", kunpeng_func_id(f), off);
    return false;
}

static void request(KunpengFunc *f, uint64_t *pending)
{
    KunpengAcc *s = f->acc;

    *pending |= 1ull << f->fn;
    if (kunpeng_enter(s)) {
        kunpeng_leave(s);
    }
}

void kunpeng_request_flr(KunpengFunc *f)
{
    request(f, &f->acc->flr_pending);
}

void kunpeng_request_power_on(KunpengFunc *f)
{
    request(f, &f->acc->power_on_pending);
}
