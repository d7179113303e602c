/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Messages between PF and VFs: one in each direction at a time. The sender
 * leaves the message (by mailbox, from V4 on in a register), then pulls the
 * trigger; the receiver gets an interrupt, or polls its source bit, fetches the
 * message and acknowledges by clearing the bit, which the sender waits for.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"

static uint32_t *reg(KunpengFunc *f, hwaddr off)
{
    return &f->regs[off / 4];
}

/* An interrupt for a message that waits, unless they are masked. */
void kunpeng_ifc_update(KunpengFunc *f)
{
    if ((*reg(f, KP_IFC_INT_STATUS) & KP_IFC_PENDING) &&
        !(*reg(f, KP_IFC_INT_MASK) & 1)) {
        kunpeng_msi(f, KP_VEC_IFC);
    }
}

static void pf_update_status(KunpengAcc *s)
{
    KunpengFunc *pf = &s->func[0];

    if (s->ifc_source) {
        *reg(pf, KP_IFC_INT_STATUS) |= KP_IFC_PENDING;
    } else {
        *reg(pf, KP_IFC_INT_STATUS) &= ~KP_IFC_PENDING;
    }
}

void kunpeng_ifc_pf_post(KunpengAcc *s, uint16_t to, uint64_t msg)
{
    unsigned num_vfs = kunpeng_num_vfs(s);

    for (unsigned fn = 1; fn <= num_vfs; fn++) {
        if (to == KP_MB_TO_ALL_VFS || to == fn) {
            s->func[fn].msg_in = msg;
        }
    }
}

/* IFC_INT_SET_P: IFC_INT_CFG says who gets it. */
void kunpeng_ifc_pf_send(KunpengAcc *s)
{
    unsigned num_vfs = kunpeng_num_vfs(s);
    unsigned to = kunpeng_pf_read(s, KP_IFC_INT_CFG) & KP_IFC_ALL_VFS;

    for (unsigned fn = 1; fn <= num_vfs; fn++) {
        KunpengFunc *f = &s->func[fn];

        if (to != KP_IFC_ALL_VFS && to != fn) {
            continue;
        }
        if (s->version >= KP_VER_V4 && s->msg_out) {
            f->msg_in = s->msg_out;
        }
        s->ifc_ready |= 1ull << fn;
        *reg(f, KP_IFC_INT_SOURCE_V) |= KP_IFC_PENDING;
        *reg(f, KP_IFC_INT_STATUS) |= KP_IFC_PENDING;
        kunpeng_ifc_update(f);
    }
    s->msg_out = 0;
}

/* A function has taken the message sent to it. */
void kunpeng_ifc_ack(KunpengFunc *f)
{
    *reg(f, KP_IFC_INT_SOURCE_V) &= ~KP_IFC_PENDING;
    if (f->fn) {
        *reg(f, KP_IFC_INT_STATUS) &= ~KP_IFC_PENDING;
        f->acc->ifc_ready &= ~(1ull << f->fn);
    }
}

void kunpeng_ifc_vf_send(KunpengFunc *f)
{
    *reg(f, KP_IFC_INT_SET_V) |= KP_IFC_PENDING;
    f->acc->ifc_source |= 1ull << f->fn;
    pf_update_status(f->acc);
    kunpeng_ifc_update(&f->acc->func[0]);
}

/* The PF has taken the messages of these VFs. */
void kunpeng_ifc_pf_clear(KunpengAcc *s, uint64_t mask)
{
    s->ifc_source &= ~mask;
    for (unsigned fn = 1; fn < KP_MAX_FUNCS; fn++) {
        if (mask & (1ull << fn)) {
            *reg(&s->func[fn], KP_IFC_INT_SET_V) &= ~KP_IFC_PENDING;
        }
    }
    pf_update_status(s);
}
