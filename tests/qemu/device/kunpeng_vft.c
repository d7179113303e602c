/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Virtual function table: which queues belong to which function. It is read
 * and written through one set of registers for the whole device, an operation
 * being: kind, table and function (and data), then go, then wait, then the
 * data of a read. Two users at once get each other's data, so a sequence that
 * is disturbed is a violation.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"

static uint64_t *vft_entry(KunpengAcc *s)
{
    unsigned type = *kunpeng_pf_plain(s, KP_VFT_TYPE) % ARRAY_SIZE(s->vft);
    unsigned cfg = *kunpeng_pf_plain(s, KP_VFT_CFG) % ARRAY_SIZE(s->vft[0]);

    return &s->vft[type][cfg];
}

static void vft_done(void *opaque)
{
    KunpengAcc *s = opaque;

    if (*kunpeng_pf_plain(s, KP_VFT_OP_WR) & 1) {
        uint64_t data = *vft_entry(s);

        *kunpeng_pf_plain(s, KP_VFT_DATA_L) = data;
        *kunpeng_pf_plain(s, KP_VFT_DATA_H) = data >> 32;
        s->vft_state = KP_VFT_RESULT;
    } else {
        *vft_entry(s) = *kunpeng_pf_plain(s, KP_VFT_DATA_L) |
                        (uint64_t)*kunpeng_pf_plain(s, KP_VFT_DATA_H) << 32;
        s->vft_state = KP_VFT_IDLE;
    }
    *kunpeng_pf_plain(s, KP_VFT_RDY) |= 1;
}

static void race(KunpengAcc *s, hwaddr off, uint32_t val, const char *what)
{
    kunpeng_guest_error(&s->func[0], KP_ERR_VFT_RACE, off, val, "%s", what);
}

/* Does this write fit where the current operation stands? */
static void check_order(KunpengAcc *s, hwaddr off, uint32_t val)
{
    switch (s->vft_state) {
    case KP_VFT_BUSY:
        race(s, off, val, "written while an operation is under way");
        return;
    case KP_VFT_RESULT:
        if (off != KP_VFT_RDY) {
            race(s, off, val, "written before the result was fetched");
            s->vft_state = KP_VFT_IDLE;
        }
        return;
    case KP_VFT_SETUP:
        if (off == KP_VFT_OP_WR ||
            (off == KP_VFT_TYPE && s->vft_type_set) ||
            (off == KP_VFT_CFG && s->vft_cfg_set)) {
            race(s, off, val, "written twice before the operation started");
        }
        return;
    case KP_VFT_IDLE:
        return;
    }
}

void kunpeng_vft_write(KunpengAcc *s, hwaddr off, uint32_t val)
{
    kunpeng_delay_poll(&s->vft_delay);
    check_order(s, off, val);
    if (s->vft_state == KP_VFT_BUSY && off == KP_VFT_OP_ENABLE) {
        return;
    }
    if (s->vft_state == KP_VFT_IDLE && off == KP_VFT_OP_WR) {
        s->vft_state = KP_VFT_SETUP;
        s->vft_type_set = s->vft_cfg_set = false;
    }
    s->vft_type_set |= off == KP_VFT_TYPE;
    s->vft_cfg_set |= off == KP_VFT_CFG;

    if (off == KP_VFT_RDY) {
        *kunpeng_pf_plain(s, off) = val & 1;
    } else if (off != KP_VFT_OP_ENABLE) {
        *kunpeng_pf_plain(s, off) = val;
    } else if (val & 1) {
        *kunpeng_pf_plain(s, KP_VFT_RDY) &= ~1u;
        s->vft_state = KP_VFT_BUSY;
        kunpeng_delay_start(&s->vft_delay, s->vft_time_us);
    }
}

uint32_t kunpeng_vft_read(KunpengAcc *s, hwaddr off)
{
    kunpeng_delay_poll(&s->vft_delay);
    switch (off) {
    case KP_VFT_RDY:
        if (kunpeng_inject(&s->func[0], KP_INJECT_VFT_BUSY, 0, NULL)) {
            /* Who waits may well give up and leave a result behind. */
            if (s->vft_state == KP_VFT_RESULT) {
                s->vft_state = KP_VFT_IDLE;
            }
            return 0;
        }
        break;
    case KP_VFT_DATA_L:
        if (s->vft_state == KP_VFT_SETUP || s->vft_state == KP_VFT_BUSY) {
            race(s, off, 0, "read while another operation is made");
        }
        break;
    case KP_VFT_DATA_H:
        if (s->vft_state == KP_VFT_RESULT) {
            s->vft_state = KP_VFT_IDLE;
        } else if (s->vft_state != KP_VFT_IDLE) {
            race(s, off, 0, "read while another operation is made");
        }
        break;
    }
    return *kunpeng_pf_plain(s, off);
}

unsigned kunpeng_vft_base(const KunpengFunc *f)
{
    return extract64(f->acc->vft[KP_VFT_SQC][f->fn], KP_VFT_BASE_SHIFT,
                     KP_VFT_BASE_LEN);
}

unsigned kunpeng_vft_num(const KunpengFunc *f)
{
    uint64_t data = f->acc->vft[KP_VFT_SQC][f->fn];

    if (!(data & KP_VFT_VALID)) {
        return 0;
    }
    return extract64(data, KP_VFT_NUM_SHIFT, KP_VFT_NUM_LEN) + 1;
}

/* MEM_START_INIT, or a reset: nobody owns a queue any more. */
void kunpeng_vft_reset(KunpengAcc *s)
{
    kunpeng_delay_cancel(&s->vft_delay);
    memset(s->vft, 0, sizeof(s->vft));
    s->vft_state = KP_VFT_IDLE;
    *kunpeng_pf_plain(s, KP_VFT_RDY) = 1;
}

void kunpeng_vft_init(KunpengAcc *s)
{
    kunpeng_delay_init(&s->vft_delay, s, vft_done, s);
    kunpeng_vft_reset(s);
}
