/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers that a device has once, in the PF's BAR2: initialisation, errors,
 * messages, select bit, capabilities, and the engine's own. Most of them only
 * remember what was written; a table says where such registers are.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"

/* Where registers are that are known to exist, and just hold a value. */
static const struct {
    uint32_t start, end;
} plain_ranges[] = {
    { 0x100000, 0x1002ff },     /* QM */
    { 0x104000, 0x1049ff },     /* QM: state and counters */
    { 0x300000, 0x3001ff },     /* bus master */
    { 0x301000, 0x30ffff },     /* engine: control, cores, clusters */
    { 0x330000, 0x3341ff },     /* ZIP: second engine of newer parts */
};

/* Error status of the engine, and the W1C source behind it. */
static const struct {
    uint32_t source, status, set;
    uint32_t mask;              /* 0: nobody tells which way it masks */
} engine_int[] = {
    [KP_ENGINE_ZIP] = { KP_ZIP_INT_SOURCE, KP_ZIP_INT_STATUS, KP_ZIP_INT_SET,
                        KP_ZIP_INT_MASK },
    [KP_ENGINE_SEC] = { KP_SEC_INT_SOURCE, KP_SEC_INT_STATUS, 0, 0 },
    [KP_ENGINE_HPRE] = { KP_HPRE_INT_SOURCE, KP_HPRE_INT_STATUS,
                         KP_HPRE_INT_SET, KP_HPRE_INT_MASK },
};

/*
 * Capability words, from KP_CAPS on: QM, then the engine's from 0x3124 on.
 * The first has the version, 1, and says: QoS, stopping of queues and of the
 * function, messages, prefetch. Runtime PM, which needs ACPI, is left out.
 */
static const uint32_t caps_qm[] = {
    0x00004f01,
    0x04000800,     /* depth of EQ 0x800, of AEQ 0x400 */
    0x04000400,     /* depth of SQ and CQ */
    0x00010000,     /* EQ, AEQ, error, message: interrupt there, vector */
    0x00010001,
    0x00010003,
    0x00010002,
    0x00040004,     /* vectors: PF, VF */
    0x00000014,     /* index of an extension BAR */
};

static const uint32_t caps_engine[][20] = {
    [KP_ENGINE_ZIP] = {
        0x7c77, 0x6c77, 0x8, 0x1ffe, 0x7fe, 0x1, 0x12050203, 0x1c0003,
        0x30, 0x3f, 0xd5, 0xd5, 0x2a, 0x2a, 0x2a,
    },
    [KP_ENGINE_SEC] = {
        0x7c77, 0x6c77, 0x8, 0x60177, 0x177, 0xc088, 0x110404, 0xf,
        0x18670cf, 0x395c, 0xffffffff, 0x3fff, 0xffffffff, 0x3fff,
        0xffffffff, 0x3fff, 0xffffffff, 0x3fff, 0xffffffff, 0x3fff,
    },
    [KP_ENGINE_HPRE] = {
        0x7c37, 0x6c37, 0x8, 0x1fffc3e, 0xbffc3e, 0x1, 0x120a0a, 0x3ff,
        0x27, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f, 0x7f,
        0x10, 0x10,
    },
};

uint32_t *kunpeng_pf_plain(KunpengAcc *s, hwaddr off)
{
    uint32_t *reg = g_hash_table_lookup(s->plain, GUINT_TO_POINTER(off));

    if (!reg) {
        reg = g_new0(uint32_t, 1);
        g_hash_table_insert(s->plain, GUINT_TO_POINTER(off), reg);
    }
    return reg;
}

static uint32_t plain_get(KunpengAcc *s, hwaddr off)
{
    return *kunpeng_pf_plain(s, off);
}

static void plain_set(KunpengAcc *s, hwaddr off, uint32_t val)
{
    *kunpeng_pf_plain(s, off) = val;
}

static bool is_plain(hwaddr off)
{
    for (unsigned i = 0; i < ARRAY_SIZE(plain_ranges); i++) {
        if (off >= plain_ranges[i].start && off <= plain_ranges[i].end) {
            return true;
        }
    }
    return false;
}

static bool is_vft(hwaddr off)
{
    return off >= KP_VFT_OP_ENABLE && off <= KP_VFT_RDY;
}

void kunpeng_set_select(KunpengAcc *s, bool set)
{
    s->region_sel = set && s->version > KP_VER_V3;
}

static uint32_t hpre_cluster_read(KunpengAcc *s, hwaddr off)
{
    /* All cores that were enabled are ready. */
    if ((off & 0xfff) == KP_HPRE_CORE_INI_STATUS) {
        off = (off & ~0xfffull) | KP_HPRE_CORE_ENB;
    }
    return plain_get(s, off);
}

static uint32_t engine_read(KunpengAcc *s, hwaddr off)
{
    uint32_t arg;

    if (off == engine_int[s->engine].status) {
        if (kunpeng_inject(&s->func[0], KP_INJECT_ENGINE_RAS, 0, &arg)) {
            return arg;
        }
        return plain_get(s, engine_int[s->engine].source) &
               ~(engine_int[s->engine].mask ?
                 plain_get(s, engine_int[s->engine].mask) : 0);
    }
    switch (s->engine) {
    case KP_ENGINE_SEC:
        if (off == KP_SEC_MEM_DONE) {
            return plain_get(s, KP_SEC_MEM_START) & 1;
        }
        break;
    case KP_ENGINE_HPRE:
        if (off == KP_HPRE_RDCHN_INI_ST) {
            return 1;
        }
        if (off >= KP_HPRE_CLUSTER && off < KP_HPRE_CLUSTER_END) {
            return hpre_cluster_read(s, off);
        }
        break;
    case KP_ENGINE_ZIP:
        break;
    }
    return plain_get(s, off);
}

uint32_t kunpeng_pf_read(KunpengAcc *s, hwaddr off)
{
    KunpengFunc *pf = &s->func[0];
    uint32_t arg;

    if (is_vft(off)) {
        return kunpeng_vft_read(s, off);
    }
    switch (off) {
    case KP_ABNORMAL_INT_STATUS:
        if (kunpeng_inject(pf, KP_INJECT_RAS_PENDING, 0, &arg)) {
            return arg;
        }
        return plain_get(s, KP_ABNORMAL_INT_SOURCE) &
               ~plain_get(s, KP_ABNORMAL_INT_MASK);
    case KP_MEM_INIT_DONE:
        return plain_get(s, KP_MEM_START_INIT) & 1;
    case KP_IFC_READY_STATUS:
        return s->ifc_ready;
    case KP_IFC_READY_STATUS + 4:
        return s->ifc_ready >> 32;
    case KP_IFC_INT_SOURCE_P:
        return s->ifc_source;
    case KP_IFC_INT_SOURCE_P + 4:
        return s->ifc_source >> 32;
    case KP_IFC_INT_SET_P:
        return 0;
    case KP_QP_CAPS:
        return s->num_queues | s->num_queues << 11;
    case KP_MIG_REGION_SEL:
        return s->region_sel;
    case KP_VF2PF_PF_R ... KP_VF2PF_PF_R + 4 * KP_MAX_FUNCS - 1:
        return s->func[(off - KP_VF2PF_PF_R) / 4].msg_out;
    case KP_MASTER_TRANS_RETURN:
        return plain_get(s, KP_MASTER_CTRL) & 1 ? 3 : 0;
    }
    if (!is_plain(off)) {
        kunpeng_guest_error(pf, KP_ERR_UNIMPLEMENTED, off, 0, "read");
        return 0;
    }
    return off < KP_ENGINE ? plain_get(s, off) : engine_read(s, off);
}

static void abnormal_set(KunpengAcc *s, hwaddr source, hwaddr mask,
                         uint32_t bits)
{
    plain_set(s, source, plain_get(s, source) | bits);
    if (bits & ~(mask ? plain_get(s, mask) : 0)) {
        kunpeng_msi(&s->func[0], KP_VEC_ABNORMAL);
    }
}

/* The queue manager finds an error of any function. */
void kunpeng_pf_error(KunpengAcc *s, uint32_t bits)
{
    abnormal_set(s, KP_ABNORMAL_INT_SOURCE, KP_ABNORMAL_INT_MASK, bits);
}

void kunpeng_pf_write(KunpengAcc *s, hwaddr off, uint32_t val)
{
    if (is_vft(off)) {
        kunpeng_vft_write(s, off, val);
        return;
    }
    if (off == KP_ABNORMAL_INT_SOURCE || off == engine_int[s->engine].source) {
        plain_set(s, off, plain_get(s, off) & ~val);
        return;
    }
    if (off == engine_int[s->engine].set) {
        abnormal_set(s, engine_int[s->engine].source,
                     engine_int[s->engine].mask, val);
        return;
    }
    switch (off) {
    case KP_ABNORMAL_INT_SET:
        abnormal_set(s, KP_ABNORMAL_INT_SOURCE, KP_ABNORMAL_INT_MASK, val);
        return;
    case KP_ABNORMAL_INT_STATUS:
        return;
    case KP_MEM_START_INIT:
        if (val & 1) {
            kunpeng_tell(&s->func[0], KP_EV_MEM_INIT, off, 0, val);
            kunpeng_vft_reset(s);
        }
        break;
    case KP_IFC_INT_SET_P:
        if (val & KP_IFC_PENDING) {
            kunpeng_ifc_pf_send(s);
        }
        return;
    case KP_IFC_INT_SOURCE_P:
        kunpeng_ifc_pf_clear(s, val);
        return;
    case KP_IFC_INT_SOURCE_P + 4:
        kunpeng_ifc_pf_clear(s, (uint64_t)val << 32);
        return;
    case KP_MIG_REGION_SEL:
        if (s->select == KP_SEL_DRIVER) {
            kunpeng_tell(&s->func[0], KP_EV_SELECT_WRITE, off, 0, val & 1);
            kunpeng_set_select(s, val & 1);
        }
        return;
    }
    if (!is_plain(off)) {
        kunpeng_guest_error(&s->func[0], KP_ERR_UNIMPLEMENTED, off, val,
                            "write");
        return;
    }
    plain_set(s, off, val);
}

bool kunpeng_pf_read64(KunpengAcc *s, hwaddr off, uint64_t *val)
{
    switch (off) {
    case KP_IFC_READY_STATUS:
        *val = s->ifc_ready;
        return true;
    case KP_IFC_INT_SOURCE_P:
        *val = s->ifc_source;
        return true;
    case KP_FUNC_AXI_ERR:
        *val = 0;
        return true;
    default:
        return false;
    }
}

bool kunpeng_pf_write64(KunpengAcc *s, hwaddr off, uint64_t val)
{
    switch (off) {
    case KP_IFC_INT_SOURCE_P:
        kunpeng_ifc_pf_clear(s, val);
        return true;
    case KP_PF2VF_PF_W:
        s->msg_out = val;
        return true;
    case KP_DEV_DB_DROP:
        s->db_drop = val;
        return true;
    case KP_FUNC_AXI_ERR:
        return true;
    default:
        return false;
    }
}

/*
 * Reset of the whole QM. Which VFs are enabled is not part of it, nor are their
 * masks and messages: their drivers go on talking to the PF's meanwhile.
 */
void kunpeng_pf_reset(KunpengAcc *s)
{
    g_hash_table_remove_all(s->plain);
    plain_set(s, KP_ABNORMAL_INT_MASK, KP_RAS_ALL);
    kunpeng_vft_reset(s);
    s->ifc_source = 0;
    s->ifc_ready = 0;
    s->msg_out = 0;
    s->db_drop = 0;
    kunpeng_tell(&s->func[0], KP_EV_QM_RESET, 0, 0, 0);
    if (s->answer[KP_Q_SELECT_RESET] == KP_SELECT_RESET_LOST) {
        kunpeng_set_select(s, s->select == KP_SEL_SET);
    }
}

void kunpeng_pf_power_on(KunpengAcc *s)
{
    kunpeng_pf_reset(s);
    kunpeng_set_select(s, s->select == KP_SEL_SET);
}

void kunpeng_pf_init(KunpengAcc *s)
{
    s->plain = g_hash_table_new_full(NULL, NULL, NULL, g_free);
    memcpy(s->caps, caps_qm, sizeof(caps_qm));
    memcpy(&s->caps[ARRAY_SIZE(caps_qm)], caps_engine[s->engine],
           sizeof(caps_engine[0]));
    kunpeng_vft_init(s);
    kunpeng_pf_power_on(s);
}

void kunpeng_pf_exit(KunpengAcc *s)
{
    timer_free(s->vft_delay.timer);
    g_hash_table_destroy(s->plain);
}
