/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages a function has written to: what a dirty page tracker has to tell,
 * whoever it is. A test compares.
 */
#include "qemu/osdep.h"
#include "kunpeng_watch.h"

static const uint8_t bit_of[KP_PURPOSES] = {
    [KP_FOR_RESULT] = KPO_WROTE_RESULT,
    [KP_FOR_SQE] = KPO_WROTE_SQE,
    [KP_FOR_CQE] = KPO_WROTE_CQE,
    [KP_FOR_EQE] = KPO_WROTE_EQE,
    [KP_FOR_AEQE] = KPO_WROTE_AEQE,
    [KP_FOR_CONTEXT] = KPO_WROTE_CONTEXT,
    [KP_FOR_MAILBOX] = KPO_WROTE_MAILBOX,
};

void kunpeng_wrote_watch(KunpengFunc *f, bool watch, uint64_t from)
{
    KunpengWatch *w = kunpeng_watch_of(f);

    g_free(w->wrote);
    w->wrote = watch ? g_new0(uint8_t, KPO_PAGES) : NULL;
    w->pages_from = from;
}

void kunpeng_wrote(KunpengFunc *f, uint64_t addr, size_t len,
                   KunpengPurpose what)
{
    KunpengWatch *w = kunpeng_watch_of(f);
    uint64_t page = addr >> KPO_PAGE_SHIFT;
    uint64_t last = (addr + len - 1) >> KPO_PAGE_SHIFT;

    if (!w->wrote || !len) {
        return;
    }
    for (; page <= last; page++) {
        if (page - w->pages_from < KPO_PAGES) {
            w->wrote[page - w->pages_from] |= bit_of[what];
        }
    }
}

void kunpeng_wrote_take(KunpengFunc *f, uint8_t *taken)
{
    KunpengWatch *w = kunpeng_watch_of(f);

    memset(taken, 0, KPO_PAGES);
    if (w->wrote) {
        memcpy(taken, w->wrote, KPO_PAGES);
        memset(w->wrote, 0, KPO_PAGES);
    }
}
