/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes that are under way. PF and VF are two functions, and nothing orders
 * what is written to the one and to the other: a doorbell at the VF may overtake
 * what was written to its window in the PF. A read of the PF pushes that ahead
 * of itself; else it arrives after a while.
 */
#include "qemu/osdep.h"
#include "kunpeng.h"

#define ARRIVES_AFTER_US    200

typedef struct KunpengPosted {
    KunpengFunc *f;
    hwaddr off;
    uint64_t val;
    unsigned size;
    QSIMPLEQ_ENTRY(KunpengPosted) next;
} KunpengPosted;

/* A write to a window: true if it is on its way, and takes effect later. */
bool kunpeng_posted_write(KunpengFunc *f, hwaddr off, uint64_t val,
                          unsigned size)
{
    KunpengAcc *s = f->acc;
    KunpengPosted *p;

    if (s->answer[KP_Q_POSTED_ORDER] != KP_POSTED_ORDER_FUNCTION ||
        s->posted_arriving) {
        return false;
    }
    p = g_new(KunpengPosted, 1);
    *p = (KunpengPosted) { .f = f, .off = off, .val = val, .size = size };
    QSIMPLEQ_INSERT_TAIL(&s->posted, p, next);
    if (!s->posted_delay.pending) {
        kunpeng_delay_start(&s->posted_delay, ARRIVES_AFTER_US);
    }
    return true;
}

static void arrive(void *opaque)
{
    KunpengAcc *s = opaque;
    KunpengPosted *p;

    s->posted_arriving = true;
    while ((p = QSIMPLEQ_FIRST(&s->posted))) {
        QSIMPLEQ_REMOVE_HEAD(&s->posted, next);
        kunpeng_window_write(p->f, p->off, p->val, p->size);
        g_free(p);
    }
    s->posted_arriving = false;
}

/* All of it has arrived. */
void kunpeng_posted_flush(KunpengAcc *s)
{
    kunpeng_delay_cancel(&s->posted_delay);
    arrive(s);
}

void kunpeng_posted_init(KunpengAcc *s)
{
    QSIMPLEQ_INIT(&s->posted);
    kunpeng_delay_init(&s->posted_delay, s, arrive, s);
}

void kunpeng_posted_exit(KunpengAcc *s)
{
    KunpengPosted *p;

    while ((p = QSIMPLEQ_FIRST(&s->posted))) {
        QSIMPLEQ_REMOVE_HEAD(&s->posted, next);
        g_free(p);
    }
    timer_free(s->posted_delay.timer);
}
