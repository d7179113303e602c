/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Faults that a test has armed. Most of them are made by the device, which asks
 * at each occasion; resets and the select bit are moved from here.
 */
#include "qemu/osdep.h"
#include "kunpeng_watch.h"

static const uint32_t fault_of[KP_INJECTIONS] = {
    [KP_INJECT_MBOX_STUCK] = KPO_F_MBOX_STUCK,
    [KP_INJECT_MBOX_STATUS] = KPO_F_MBOX_STATUS,
    [KP_INJECT_MBOX_LATE] = KPO_F_MBOX_LATE,
    [KP_INJECT_WB_NEVER] = KPO_F_WB_NEVER,
    [KP_INJECT_VFT_BUSY] = KPO_F_VFT_BUSY,
    [KP_INJECT_RAS_PENDING] = KPO_F_RAS_PENDING,
    [KP_INJECT_ENGINE_RAS] = KPO_F_ENGINE_RAS,
    [KP_INJECT_IFC_PENDING] = KPO_F_IFC_PENDING,
    [KP_INJECT_ALL_ONES] = KPO_F_ALL_ONES,
};

/*
 * An occasion for a fault of this kind has come: does one strike? Mailbox
 * faults name the command, others pass 0.
 */
static bool strikes(KunpengFunc *f, uint32_t kind, uint32_t cmd, uint32_t *arg)
{
    KunpengWatch *w = kunpeng_watch_of(f);
    KunpengFault *fault;

    QTAILQ_FOREACH(fault, &w->faults, next) {
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
        w->fault_hits++;
        if (fault->count && --fault->count == 0) {
            QTAILQ_REMOVE(&w->faults, fault, next);
            g_free(fault);
        }
        return true;
    }
    return false;
}

bool kunpeng_fault_inject(KunpengFunc *f, KunpengInjection what, uint32_t cmd,
                          uint32_t *arg)
{
    return strikes(f, fault_of[what], cmd, arg);
}

/* The function is about to be accessed. */
void kunpeng_fault_access(KunpengFunc *f)
{
    if (strikes(f, KPO_F_SEL_FLIP, 0, NULL)) {
        kunpeng_set_select(f->acc, !f->acc->region_sel);
    }
    if (strikes(f, KPO_F_FLR, 0, NULL)) {
        kunpeng_flr(f, false);
    }
    if (strikes(f, KPO_F_PF_FLR, 0, NULL)) {
        kunpeng_flr(&f->acc->func[0], false);
    }
}

void kunpeng_fault_arm(KunpengFunc *f, const KunpengFault *fault)
{
    KunpengWatch *w = kunpeng_watch_of(f);
    KunpengFault *copy = g_new0(KunpengFault, 1);

    if (QTAILQ_EMPTY(&w->faults)) {
        w->fault_hits = 0;
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
    QTAILQ_INSERT_TAIL(&w->faults, copy, next);
}

void kunpeng_fault_clear(KunpengFunc *f)
{
    KunpengWatch *w = kunpeng_watch_of(f);
    KunpengFault *fault, *tmp;

    QTAILQ_FOREACH_SAFE(fault, &w->faults, next, tmp) {
        QTAILQ_REMOVE(&w->faults, fault, next);
        g_free(fault);
    }
}
