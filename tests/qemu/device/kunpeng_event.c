/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Event queue (EQ: "this completion queue has news") and asynchronous event
 * queue (AEQ: errors). Their contexts live in the function itself, are set by
 * mailbox or, dword by dword, through the migration registers.
 *
 * Context:  dw0 head, tail, for who reads   dw1 dw2 base   dw3 0, or entries of
 *           a size that is not known here   dw4 tail, dw5 head, which the device
 *           goes by: they are set with the context and live on with it   dw6
 *           depth - 1, [16] phase
 *
 * The interrupt of a queue is one-shot: posting an entry raises its source
 * bit, and a message goes out if the mask allows. Further entries stay silent
 * until the driver rings the queue's doorbell with the head that it has read
 * up to, which lowers the bit, and raises it again at once if entries are left.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"
#include "kunpeng_ctx.h"

static unsigned depth(const KunpengEventQueue *eq)
{
    return extract32(eq->dw[6], 0, 16) + 1;
}

static unsigned head(const KunpengEventQueue *eq)
{
    return extract32(eq->dw[5], 0, 16);
}

static void set_head(KunpengEventQueue *eq, unsigned index)
{
    eq->dw[0] = deposit32(eq->dw[0], 0, 16, index);
    eq->dw[5] = index;
}

static unsigned tail(const KunpengEventQueue *eq)
{
    return extract32(eq->dw[4], 0, 16);
}

static void set_tail(KunpengEventQueue *eq, unsigned index)
{
    eq->dw[0] = deposit32(eq->dw[0], 16, 16, index);
    eq->dw[4] = index;
}

/* Its context has been set as a whole, by a driver that starts the function. */
void kunpeng_event_set_up(KunpengEventQueue *eq)
{
    eq->dw[4] = extract32(eq->dw[0], 16, 16);
    eq->dw[5] = extract32(eq->dw[0], 0, 16);
}

/* There are entries that its driver has not seen. */
bool kunpeng_event_waits(const KunpengEventQueue *eq)
{
    return head(eq) != tail(eq);
}

static void raise_source(KunpengFunc *f, KunpengEventQueue *eq)
{
    uint32_t *source = &f->regs[eq->source_reg / 4];

    if ((*source & 1) &&
        f->acc->answer[KP_Q_INT_RULE] != KP_INT_RULE_EACH) {
        return;
    }
    *source |= 1;
    if (!(f->regs[eq->mask_reg / 4] & 1)) {
        kunpeng_msi(f, eq->vector);
    }
}

/* Entries wait: see that their interrupt is raised. */
void kunpeng_event_update(KunpengFunc *f, KunpengEventQueue *eq)
{
    if (kunpeng_event_waits(eq)) {
        raise_source(f, eq);
    }
}

/* Written by a driver, which wants the interrupt to be over. */
void kunpeng_event_source_write(KunpengFunc *f, KunpengEventQueue *eq,
                                uint32_t val)
{
    if (f->acc->answer[KP_Q_INT_SOURCE] != KP_INT_SOURCE_W1C) {
        return;
    }
    f->regs[eq->source_reg / 4] &= ~val;
    if ((val & 1) && f->acc->answer[KP_Q_INT_RULE] == KP_INT_RULE_LEVEL) {
        kunpeng_event_update(f, eq);
    }
}

void kunpeng_event_doorbell(KunpengFunc *f, KunpengEventQueue *eq,
                            uint16_t index)
{
    if (index >= depth(eq)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, KP_DB_EQ_AEQ, index,
                            "event queue head %u, depth %u", index, depth(eq));
        return;
    }
    if ((index + depth(eq) - head(eq)) % depth(eq) >
        (tail(eq) + depth(eq) - head(eq)) % depth(eq)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, KP_DB_EQ_AEQ, index,
                            "event queue head %u beyond its tail %u", index,
                            tail(eq));
    }
    set_head(eq, index);
    f->regs[eq->source_reg / 4] &= ~1u;
    kunpeng_event_update(f, eq);
}

void kunpeng_event_post(KunpengFunc *f, KunpengEventQueue *eq, uint32_t what)
{
    uint64_t base = event_base(eq);
    unsigned pos = tail(eq), next = pos + 1 == depth(eq) ? 0 : pos + 1;
    uint32_t entry;

    if (!base) {
        kunpeng_guest_error(f, KP_ERR_DMA_UNSET, eq->source_reg, what,
                            "event posted before the %s has an address",
                            eq == &f->eq ? "EQ" : "AEQ");
        kunpeng_pf_error(f->acc, KP_RAS_EQ_AEQ);
        return;
    }
    if (eq->dw[3] || pos >= depth(eq)) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, eq->source_reg, eq->dw[3],
                            "event for the %s, tail %u, depth %u, dw3 0x%x",
                            eq == &f->eq ? "EQ" : "AEQ", pos, depth(eq),
                            eq->dw[3]);
        kunpeng_pf_error(f->acc, KP_RAS_EQ_AEQ);
        return;
    }
    if (next == head(eq)) {
        /* Full. Of an EQ the driver is told by the AEQ, of an AEQ nobody. */
        if (eq == &f->eq) {
            kunpeng_event_post(f, &f->aeq,
                               KP_AEQE_EQ_OVERFLOW << KP_AEQE_TYPE_SHIFT);
        }
        return;
    }
    entry = cpu_to_le32(what | (eq->dw[6] & EVENT_PHASE));
    if (kunpeng_dma_write(f, base + pos * sizeof(entry), &entry, sizeof(entry),
                          eq == &f->eq ? KP_FOR_EQE : KP_FOR_AEQE) !=
        MEMTX_OK) {
        return;
    }
    set_tail(eq, next);
    if (!next) {
        eq->dw[6] ^= EVENT_PHASE;
    }
    raise_source(f, eq);
}
