/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages a function has written to: what a dirty page tracker has to tell,
 * whoever it is. A test compares.
 */
#include "qemu/osdep.h"
#include "../device/kunpeng.h"

void kunpeng_wrote_watch(KunpengFunc *f, bool watch, uint64_t from)
{
    g_free(f->wrote);
    f->wrote = watch ? g_new0(uint8_t, KPO_PAGES) : NULL;
    f->pages_from = from;
}

void kunpeng_wrote(KunpengFunc *f, uint64_t addr, size_t len, uint8_t what)
{
    uint64_t page = addr >> KPO_PAGE_SHIFT;
    uint64_t last = (addr + len - 1) >> KPO_PAGE_SHIFT;

    if (!f->wrote || !len) {
        return;
    }
    for (; page <= last; page++) {
        if (page - f->pages_from < KPO_PAGES) {
            f->wrote[page - f->pages_from] |= what;
        }
    }
}

void kunpeng_wrote_take(KunpengFunc *f, uint8_t *taken)
{
    memset(taken, 0, KPO_PAGES);
    if (f->wrote) {
        memcpy(taken, f->wrote, KPO_PAGES);
        memset(f->wrote, 0, KPO_PAGES);
    }
}
