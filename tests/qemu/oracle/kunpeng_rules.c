/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What no driver may do, although the device does as it is told: a state that is
 * taken or given at the wrong time, a restart of what runs, work of a function
 * that is to stand still, a PF's registers changed under its VFs.
 */
#include "qemu/osdep.h"
#include "kunpeng_watch.h"
#include "../device/kunpeng_ctx.h"

/* It works for its guest, or could at any time. */
static bool runs(const KunpengFunc *f)
{
    return !f->paused && kunpeng_queue_any_live(f);
}

/* A migration driver takes the state: it must be complete and at rest. */
static void capture(KunpengFunc *f, hwaddr off)
{
    if (runs(f) && !(f->regs[KP_VF_STATE / 4] & KP_VF_NOT_READY)) {
        kunpeng_violation(f, KPO_V_SAVE_RUNNING, off, 0,
                          "state taken, function was not paused");
    }
    if (f->in_flight) {
        kunpeng_violation(f, KPO_V_SAVE_BUSY, off, f->in_flight,
                          "state taken with %u jobs in flight", f->in_flight);
    }
    if (kunpeng_queue_any_dirty(f)) {
        kunpeng_violation(f, KPO_V_SAVE_DIRTY, off, 0,
                          "state taken, contexts not written back");
    }
}

static void load(KunpengFunc *f, hwaddr off, uint32_t val)
{
    if (f->in_flight || runs(f)) {
        kunpeng_violation(f, KPO_V_LOAD_RUNNING, off, val,
                          "load register written, function runs");
    }
}

static void config_write(KunpengFunc *f, hwaddr off, uint32_t val)
{
    if (off == KP_VF_STATE) {
        if (val & ~KP_VF_NOT_READY) {
            kunpeng_violation(f, KPO_V_CONFIG_RUNNING, off, val,
                              "VF_STATE is one bit");
        }
    } else if (f->fn && runs(f)) {
        kunpeng_violation(f, KPO_V_CONFIG_RUNNING, off, val,
                          "configuration written, function runs");
    }
}

static void restart(KunpengFunc *f, unsigned qn)
{
    const KunpengQueue *q = f->queue[qn];

    if (!f->paused && !q->paused && q->sqc.valid && sq_usable(q) &&
        f->acc->answer[KP_Q_RESTART] != KP_RESTART_FUNCTION) {
        kunpeng_violation(f, KPO_V_RESTART_RUNNING, KP_DB_SQ_CQ, qn,
                          "SQ %u restarted, it runs", qn);
    }
}

static void restarted(KunpengFunc *f, unsigned qn)
{
    uint64_t eq = event_base(&f->eq), aeq = event_base(&f->aeq);

    if (eq == UINT64_MAX || aeq == UINT64_MAX) {
        kunpeng_violation(f, KPO_V_DMA_UNSET, KP_DB_SQ_CQ, qn,
                          "SQ %u restarted, %s has an address of all ones", qn,
                          eq == UINT64_MAX ? "the EQ" : "the AEQ");
    }
    if (!eq || !aeq) {
        kunpeng_violation(f, KPO_V_DMA_UNSET, KP_DB_SQ_CQ, qn,
                          "SQ %u restarted before %s has an address", qn,
                          eq ? "the AEQ" : "the EQ");
    }
}

static bool any_vf_in_use(const KunpengAcc *s)
{
    for (unsigned fn = 1; fn <= s->total_vfs; fn++) {
        if (s->func[fn].paused || kunpeng_queue_any_live(&s->func[fn])) {
            return true;
        }
    }
    return false;
}

/* Whoever moves the bit moves the registers of all VFs; putting it back is none. */
static void select_write(KunpengFunc *pf, bool set)
{
    KunpengWatch *w = kunpeng_watch_of(pf);

    if (!any_vf_in_use(pf->acc)) {
        w->select_planned = set;
    } else if (set != w->select_planned) {
        kunpeng_violation(pf, KPO_V_SELECT_MOVED, KP_MIG_REGION_SEL, set,
                          "select bit moved, VFs are in use");
    }
}

static void mem_init(KunpengFunc *pf)
{
    KunpengWatch *w = kunpeng_watch_of(pf);

    if (w->mem_inited && kunpeng_num_vfs(pf->acc)) {
        kunpeng_violation(pf, KPO_V_MEM_INIT, KP_MEM_START_INIT, 1,
                          "the VFT is wiped, %u VFs are enabled",
                          kunpeng_num_vfs(pf->acc));
    }
    w->mem_inited = true;
}

/*
 * What may be written in a PF that its driver has started, while there are VFs; up to
 * then a driver may set up what it likes. The list is what the kernel's PF drivers were
 * seen to write, and the select bit. Error registers are set up anew at each reset of a VF.
 */
static const struct {
    uint32_t start, end;
    bool in_arc;            /* and while a VF's migration state is changed, too */
} pf_writes[] = {
    { KP_ABNORMAL_INT_SOURCE, KP_ABNORMAL_INT_SET },
    { KP_RAS_CE_ENABLE, KP_RAS_CE_THRESHOLD },
    { KP_OOO_SHUTDOWN_SEL, KP_OOO_SHUTDOWN_SEL },
    { KP_VFT_OP_ENABLE, KP_VFT_CFG, true },         /* an entry is read */
    { KP_VFT_DATA_L, KP_VFT_DATA_H },
    { KP_VFT_RDY, KP_VFT_RDY, true },
    { KP_SHAPER_CFG, KP_SHAPER_CFG },
    { KP_IFC_READY_STATUS, KP_IFC_INT_SOURCE_P + 4, true },
    { KP_MIG_REGION_SEL, KP_MIG_REGION_SEL, true },
    { KP_DEV_DB_DROP, KP_DEV_DB_DROP + 4, true },
    { KP_FUNC_AXI_ERR, KP_FUNC_AXI_ERR + 4 },
    { KP_PF2VF_PF_W, KP_PF2VF_PF_W + 4, true },
};

/* Errors of the engine */
static const struct {
    unsigned engine;
    uint32_t start, end;
} engine_writes[] = {
    { KP_ENGINE_ZIP, 0x30100c, 0x30100c },
    { KP_ENGINE_ZIP, KP_ZIP_INT_SOURCE, KP_ZIP_INT_SET },
    { KP_ENGINE_ZIP, 0x301160, 0x301168 },
    { KP_ENGINE_ZIP, 0x30120c, 0x30120c },
    { KP_ENGINE_SEC, 0x301000, 0x301014 },
    { KP_ENGINE_SEC, 0x301050, 0x301058 },
    { KP_ENGINE_SEC, 0x301200, 0x301200 },
    { KP_ENGINE_HPRE, 0x301044, 0x301044 },
    { KP_ENGINE_HPRE, KP_HPRE_INT_MASK, 0x301418 },
    { KP_ENGINE_HPRE, KP_HPRE_INT_SOURCE, KP_HPRE_INT_SOURCE },
    { KP_ENGINE_HPRE, 0x301a3c, 0x301a3c },
};

static bool may_write(const KunpengAcc *s, hwaddr off, bool in_arc)
{
    for (unsigned i = 0; i < ARRAY_SIZE(pf_writes); i++) {
        if (off >= pf_writes[i].start && off <= pf_writes[i].end) {
            return !in_arc || pf_writes[i].in_arc;
        }
    }
    for (unsigned i = 0; i < ARRAY_SIZE(engine_writes); i++) {
        if (engine_writes[i].engine == s->engine &&
            off >= engine_writes[i].start && off <= engine_writes[i].end) {
            return !in_arc;
        }
    }
    return false;
}

static void pf_write(KunpengFunc *pf, hwaddr off, uint64_t val)
{
    bool in_arc = kunpeng_check.phase;

    if (off >= KP_ABNORMAL_INT_SOURCE && kunpeng_watch_of(pf)->started &&
        kunpeng_num_vfs(pf->acc) && !may_write(pf->acc, off, in_arc)) {
        kunpeng_violation(pf, KPO_V_PF_STRAY, off, val,
                          in_arc ? "PF register written, a VF's state changes" :
                                   "PF register written, VFs are enabled");
    }
}

void kunpeng_rules_event(KunpengFunc *f, KunpengEvent event, uint64_t off,
                         unsigned size, uint64_t val)
{
    switch (event) {
    case KP_EV_EQC_READ:
        capture(f, off);
        break;
    case KP_EV_EQC_WRITE:
        load(f, off, val);
        break;
    case KP_EV_CONFIG_WRITE:
        config_write(f, off, val);
        break;
    case KP_EV_BUSY_READ:
        if (f->paused &&
            f->acc->answer[KP_Q_BUSY_READS] != KP_BUSY_READS_STALL) {
            kunpeng_violation(f, KPO_V_READ_BUSY, off, 0,
                              "read while a command or a write-back runs");
        }
        break;
    case KP_EV_RESTART:
        restart(f, val);
        break;
    case KP_EV_RESTARTED:
        restarted(f, val);
        break;
    case KP_EV_SELECT_WRITE:
        select_write(f, val);
        break;
    case KP_EV_MEM_INIT:
        mem_init(f);
        break;
    case KP_EV_QM_RESET:
        kunpeng_watch_of(f)->mem_inited = false;
        kunpeng_watch_of(f)->started = false;
        break;
    case KP_EV_MBOX:
        /* The last command of those that start a function */
        if (!f->fn && (uint8_t)val == KP_MB_CMD_CQC_BT) {
            kunpeng_watch_of(f)->started = true;
        }
        break;
    case KP_EV_WRITE:
        if (!f->fn) {
            pf_write(f, off, val);
        }
        break;
    case KP_EV_DMA_WRITE:
        if (kunpeng_watch_of(f)->quiet) {
            kunpeng_violation(f, KPO_V_NOT_QUIET, 0, off,
                              "%u bytes written, function is to stand still",
                              size);
        }
        break;
    case KP_EV_JOB_START:
        if (kunpeng_watch_of(f)->quiet) {
            kunpeng_violation(f, KPO_V_NOT_QUIET, KP_DB_SQ_CQ, off,
                              "job of SQ %" PRIu64
                              " started, function is to stand still", off);
        }
        break;
    default:
        break;
    }
}
