/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Oracle: a PCI device through which a test inside the machine asks what the
 * accelerators saw, and tells them which faults to make. Registers are in
 * kunpeng_oracle.h. On exit it writes a report, so that the run can be judged
 * from outside as well.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "qapi/error.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "system/system.h"
#include "kunpeng_watch.h"
#include "../device/kunpeng_ctx.h"

#define TYPE_KUNPENG_ORACLE "kunpeng-oracle"
OBJECT_DECLARE_SIMPLE_TYPE(KunpengOracle, KUNPENG_ORACLE)

struct KunpengOracle {
    PCIDevice parent_obj;
    MemoryRegion bar0;
    char *report_name, *trace_name;
    uint32_t read_ns;
    Notifier exit;

    uint32_t func_id;
    uint32_t phase_sel;
    uint32_t viol_index;
    KunpengFault fault;
    uint32_t pages_from;
    uint8_t taken[KPO_PAGES];
};

static const char *const counter_name[KPO_COUNTERS] = {
    [KPO_CNT_MMIO_READ] = "mmio_read",
    [KPO_CNT_MMIO_WRITE] = "mmio_write",
    [KPO_CNT_MBOX] = "mailbox",
    [KPO_CNT_DOORBELL] = "doorbell",
    [KPO_CNT_WRITE_BACK] = "write_back",
    [KPO_CNT_DMA_READ] = "dma_read",
    [KPO_CNT_DMA_WRITE] = "dma_write",
    [KPO_CNT_MSI] = "msi",
    [KPO_CNT_JOB_STARTED] = "job_started",
    [KPO_CNT_JOB_DONE] = "job_done",
    [KPO_CNT_RESET] = "reset",
    [KPO_CNT_DMA_ERROR] = "dma_error",
    [KPO_CNT_DOORBELL_PAGE] = "doorbell_page",
};

static uint64_t count_func(KunpengFunc *f, unsigned counter, uint32_t phase)
{
    const KunpengWatch *w = kunpeng_watch_of(f);
    uint64_t sum = 0;

    if (phase < KPO_PHASES) {
        return w->counter[phase][counter];
    }
    for (unsigned i = 0; i < KPO_PHASES; i++) {
        sum += w->counter[i][counter];
    }
    return sum;
}

static uint64_t counter_read(KunpengOracle *o, unsigned counter)
{
    KunpengFunc *one = kunpeng_func_by_id(o->func_id);
    KunpengAcc *s;
    uint64_t sum = 0;

    if (o->func_id != KPO_FUNC_ALL) {
        return one ? count_func(one, counter, o->phase_sel) : 0;
    }
    QLIST_FOREACH(s, &kunpeng_accs, next) {
        for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
            sum += count_func(&s->func[fn], counter, o->phase_sel);
        }
    }
    return sum;
}

static void clear_counters(void)
{
    KunpengAcc *s;

    QLIST_FOREACH(s, &kunpeng_accs, next) {
        for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
            KunpengWatch *w = kunpeng_watch_of(&s->func[fn]);

            memset(w->counter, 0, sizeof(w->counter));
        }
    }
}

static uint32_t func_state(KunpengFunc *f)
{
    uint32_t state = 0;

    if (f->paused) {
        state |= KPO_STATE_PAUSED;
    }
    if (f->acc->region_sel) {
        state |= KPO_STATE_SELECT;
    }
    if (kunpeng_queue_any_dirty(f)) {
        state |= KPO_STATE_DIRTY;
    }
    if (!(f->regs[KP_VF_STATE / 4] & KP_VF_NOT_READY)) {
        state |= KPO_STATE_READY;
    }
    return state;
}

static uint64_t violation_read(KunpengOracle *o, hwaddr addr)
{
    const KunpengViolation *v;

    if (o->viol_index >= kunpeng_check.log.logged) {
        return 0;
    }
    v = &kunpeng_check.log.entry[o->viol_index];
    switch (addr) {
    case KPO_VIOL_KIND:
        return v->kind;
    case KPO_VIOL_FUNC:
        return v->func;
    case KPO_VIOL_PHASE:
        return v->phase;
    case KPO_VIOL_OFFSET:
        return v->offset;
    case KPO_VIOL_VALUE:
        return v->value;
    case KPO_VIOL_TIME_NS:
        return v->time_ns;
    default:
        return ldq_le_p(v->text + (addr - KPO_VIOL_TEXT));
    }
}

static uint64_t func_read(KunpengOracle *o, hwaddr addr)
{
    KunpengFunc *f = kunpeng_func_by_id(o->func_id);

    if (!f) {
        return 0;
    }
    switch (addr) {
    case KPO_FUNC_VALID:
        return 1;
    case KPO_FAULT_HITS:
        return kunpeng_watch_of(f)->fault_hits;
    case KPO_STATE:
        return func_state(f);
    case KPO_JOBS_IN_FLIGHT:
        return f->in_flight;
    case KPO_VFT_BASE:
        return kunpeng_vft_base(f);
    case KPO_VFT_NUM:
        return kunpeng_vft_num(f);
    case KPO_JOB_TIME_US:
        return f->acc->job_time_us;
    case KPO_SELECT:
        return f->acc->region_sel;
    case KPO_MBOX_TIME_US:
        return f->acc->mbox_time_us;
    case KPO_WB_TIME_US:
        return f->acc->wb_time_us;
    case KPO_VFT_TIME_US:
        return f->acc->vft_time_us;
    case KPO_QUIET:
        return kunpeng_watch_of(f)->quiet;
    case KPO_ANSWER(0) ... KPO_ANSWER(KP_QUESTIONS) - 1:
        return f->acc->answer[(addr - KPO_ANSWER(0)) / 4];
    case KPO_ANSWERS(0) ... KPO_ANSWERS(KP_QUESTIONS) - 1:
        return kunpeng_answers((addr - KPO_ANSWERS(0)) / 4);
    default:
        return 0;
    }
}

/* A register that is 64 bits wide, or the pair of which addr is the lower. */
static uint64_t oracle_read64(KunpengOracle *o, hwaddr addr)
{
    KunpengCheck *c = &kunpeng_check;

    switch (addr) {
    case KPO_MAGIC:
        return KPO_MAGIC_VALUE;
    case KPO_FUNC:
        return o->func_id;
    case KPO_PHASE:
        return c->phase;
    case KPO_PHASE_SEL:
        return o->phase_sel;
    case KPO_COUNTER(0) ... KPO_COUNTER(KPO_COUNTERS) - 1:
        return counter_read(o, (addr - KPO_COUNTER(0)) / 8);
    case KPO_VIOL_COUNT:
        return c->log.unexpected;
    case KPO_VIOL_EXPECTED:
        return c->log.expected;
    case KPO_VIOL_EXPECT_MASK:
        return c->expect_mask;
    case KPO_VIOL_INDEX:
        return o->viol_index;
    case KPO_VIOL_LOGGED:
        return c->log.logged;
    case KPO_VIOL_KIND ... KPO_VIOL_TEXT + KPO_VIOL_TEXT_LEN - 1:
        return violation_read(o, addr);
    case KPO_FAULT_KIND:
        return o->fault.kind;
    case KPO_FAULT_ARG:
        return o->fault.arg;
    case KPO_FAULT_CMD:
        return o->fault.cmd;
    case KPO_FAULT_SKIP:
        return o->fault.skip;
    case KPO_FAULT_COUNT:
        return o->fault.count;
    case KPO_PAGES_FROM:
        return o->pages_from;
    case KPO_PAGES_MAP ... KPO_PAGES_MAP + KPO_PAGES - 1:
        return ldq_le_p(o->taken + (addr - KPO_PAGES_MAP));
    case KPO_CLOCK_NS:
        return qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    case KPO_INSTRUCTIONS:
        return kunpeng_instructions();
    case KPO_READ_NS:
        return kunpeng_read_ns;
    default:
        return func_read(o, addr);
    }
}

static bool is_64bit(hwaddr addr)
{
    return (addr >= KPO_COUNTER(0) && addr < KPO_COUNTER(KPO_COUNTERS)) ||
           (addr >= KPO_VIOL_OFFSET && addr < KPO_VIOL_TIME_NS + 8) ||
           (addr >= KPO_VIOL_TEXT &&
            addr < KPO_VIOL_TEXT + KPO_VIOL_TEXT_LEN) ||
           (addr >= KPO_CLOCK_NS && addr < KPO_INSTRUCTIONS + 8) ||
           (addr >= KPO_PAGES_MAP && addr < KPO_PAGES_MAP + KPO_PAGES);
}

static uint64_t oracle_read(void *opaque, hwaddr addr, unsigned size)
{
    KunpengOracle *o = opaque;
    uint64_t val;

    if (!is_64bit(addr)) {
        val = oracle_read64(o, addr) & UINT32_MAX;
        if (size == 8) {
            val |= oracle_read64(o, addr + 4) << 32;
        }
        return val;
    }
    val = oracle_read64(o, addr & ~7ull);
    return size == 8 ? val : extract64(val, addr & 4 ? 32 : 0, 32);
}

static void fault_arm(KunpengOracle *o, uint32_t val)
{
    KunpengFunc *one = kunpeng_func_by_id(o->func_id);
    KunpengAcc *s;

    if (o->func_id == KPO_FUNC_ALL && !val) {
        QLIST_FOREACH(s, &kunpeng_accs, next) {
            for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
                kunpeng_fault_clear(&s->func[fn]);
            }
        }
    } else if (one && val) {
        kunpeng_fault_arm(one, &o->fault);
    } else if (one) {
        kunpeng_fault_clear(one);
    }
}

/* An error that the function finds by itself. Without an AEQ nobody hears of it. */
static void raise_aeqe(KunpengFunc *f, uint32_t what)
{
    if (event_base(&f->aeq) && kunpeng_enter(f->acc)) {
        kunpeng_event_post(f, &f->aeq, what & ~EVENT_PHASE);
        kunpeng_leave(f->acc);
    }
}

static void func_write(KunpengOracle *o, hwaddr addr, uint32_t val)
{
    KunpengFunc *f = kunpeng_func_by_id(o->func_id);

    if (!f) {
        return;
    }
    switch (addr) {
    case KPO_JOB_TIME_US:
        f->acc->job_time_us = val;
        kunpeng_job_hurry(f, val);
        break;
    case KPO_SELECT:
        kunpeng_set_select(f->acc, val & 1);
        break;
    case KPO_MBOX_TIME_US:
        f->acc->mbox_time_us = val;
        break;
    case KPO_WB_TIME_US:
        f->acc->wb_time_us = val;
        break;
    case KPO_VFT_TIME_US:
        f->acc->vft_time_us = val;
        break;
    case KPO_QUIET:
        kunpeng_watch_of(f)->quiet = val & 1;
        break;
    case KPO_PAGES_WATCH:
        kunpeng_wrote_watch(f, val & 1, o->pages_from);
        break;
    case KPO_PAGES_TAKE:
        kunpeng_wrote_take(f, o->taken);
        break;
    case KPO_RAISE_AEQE:
        raise_aeqe(f, val);
        break;
    case KPO_ANSWER(0) ... KPO_ANSWER(KP_QUESTIONS) - 1:
        kunpeng_answer_set(f->acc, (addr - KPO_ANSWER(0)) / 4, val);
        break;
    }
}

static void oracle_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    KunpengOracle *o = opaque;
    KunpengCheck *c = &kunpeng_check;

    switch (addr) {
    case KPO_FUNC:
        o->func_id = val;
        break;
    case KPO_CTRL:
        if (val & KPO_CTRL_CLEAR_COUNTERS) {
            clear_counters();
        }
        if (val & KPO_CTRL_CLEAR_VIOLATIONS) {
            memset(&c->log, 0, sizeof(c->log));
        }
        break;
    case KPO_PHASE:
        c->phase = val % KPO_PHASES;
        break;
    case KPO_PHASE_SEL:
        o->phase_sel = val;
        break;
    case KPO_VIOL_EXPECT_MASK:
        c->expect_mask = val;
        break;
    case KPO_VIOL_INDEX:
        o->viol_index = val;
        break;
    case KPO_PAGES_FROM:
        o->pages_from = val;
        break;
    case KPO_FAULT_KIND:
        o->fault.kind = val;
        break;
    case KPO_FAULT_ARG:
        o->fault.arg = val;
        break;
    case KPO_FAULT_CMD:
        o->fault.cmd = val;
        break;
    case KPO_FAULT_SKIP:
        o->fault.skip = val;
        break;
    case KPO_FAULT_COUNT:
        o->fault.count = val;
        break;
    case KPO_FAULT_ARM:
        fault_arm(o, val);
        break;
    case KPO_READ_NS:
        kunpeng_read_ns = val;
        break;
    default:
        func_write(o, addr, val);
        break;
    }
}

static const MemoryRegionOps oracle_ops = {
    .read = oracle_read,
    .write = oracle_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 8 },
};

static void report_violations(FILE *out)
{
    const KunpengLog *log = &kunpeng_check.whole_run;

    fprintf(out, "  \"unexpected\": %u,\n  \"expected\": %u,\n"
            "  \"violations\": [", log->unexpected, log->expected);
    for (unsigned i = 0; i < log->logged; i++) {
        const KunpengViolation *v = &log->entry[i];

        fprintf(out, "%s\n    {\"kind\": \"%s\", \"expected\": %s,"
                " \"function\": \"%02x:%02x.%x\", \"phase\": %u,"
                " \"offset\": \"0x%" PRIx64 "\", \"value\": \"0x%" PRIx64
                "\", \"time_ns\": %" PRIu64 ", \"text\": \"%s\"}",
                i ? "," : "", kunpeng_violation_name[v->kind],
                v->expected ? "true" : "false", v->func >> 8,
                PCI_SLOT(v->func), PCI_FUNC(v->func), v->phase, v->offset,
                v->value, v->time_ns, v->text);
    }
    fprintf(out, "%s],\n", log->logged ? "\n  " : "");
}

static void report_functions(FILE *out)
{
    const char *sep = "";
    KunpengAcc *s;

    fprintf(out, "  \"functions\": [");
    QLIST_FOREACH(s, &kunpeng_accs, next) {
        for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
            uint16_t id = kunpeng_func_id(&s->func[fn]);
            uint64_t used = 0;

            for (unsigned i = 0; i < KPO_COUNTERS; i++) {
                used += count_func(&s->func[fn], i, KPO_PHASE_ALL);
            }
            if (!used) {
                continue;
            }
            fprintf(out, "%s\n    {\"function\": \"%02x:%02x.%x\"", sep,
                    id >> 8, PCI_SLOT(id), PCI_FUNC(id));
            for (unsigned i = 0; i < KPO_COUNTERS; i++) {
                fprintf(out, ", \"%s\": %" PRIu64, counter_name[i],
                        count_func(&s->func[fn], i, KPO_PHASE_ALL));
            }
            fprintf(out, "}");
            sep = ",";
        }
    }
    fprintf(out, "%s]\n", *sep ? "\n  " : "");
}

static void oracle_exit(Notifier *n, void *data)
{
    KunpengOracle *o = container_of(n, KunpengOracle, exit);
    FILE *out;

    if (kunpeng_check.trace) {
        fclose(kunpeng_check.trace);
        kunpeng_check.trace = NULL;
    }
    if (!o->report_name) {
        return;
    }
    out = fopen(o->report_name, "w");
    if (!out) {
        fprintf(stderr, "%s: %s\n", o->report_name, strerror(errno));
        return;
    }
    fprintf(out, "{\n");
    report_violations(out);
    report_functions(out);
    fprintf(out, "}\n");
    fclose(out);
}

static void oracle_realize(PCIDevice *dev, Error **errp)
{
    KunpengOracle *o = KUNPENG_ORACLE(dev);
    FILE *trace = NULL;

    if (o->trace_name) {
        trace = fopen(o->trace_name, "w");
        if (!trace) {
            error_setg_errno(errp, errno, "%s", o->trace_name);
            return;
        }
    }
    if (!kunpeng_watch(&kunpeng_check_hooks)) {
        error_setg(errp, "a machine has one oracle");
        if (trace) {
            fclose(trace);
        }
        return;
    }
    kunpeng_check.trace = trace;
    kunpeng_read_ns = o->read_ns;
    o->func_id = KPO_FUNC_ALL;
    o->phase_sel = KPO_PHASE_ALL;
    memory_region_init_io(&o->bar0, OBJECT(dev), &oracle_ops, o,
                          "kunpeng-oracle", KPO_BAR_SIZE);
    pci_register_bar(dev, 0, PCI_BASE_ADDRESS_SPACE_MEMORY, &o->bar0);
    o->exit.notify = oracle_exit;
    qemu_add_exit_notifier(&o->exit);
}

static const VMStateDescription oracle_vmstate = {
    .name = "kunpeng-oracle",
    .unmigratable = 1,
};

static const Property oracle_properties[] = {
    DEFINE_PROP_STRING("report", KunpengOracle, report_name),
    DEFINE_PROP_STRING("trace", KunpengOracle, trace_name),
    DEFINE_PROP_UINT32("read-ns", KunpengOracle, read_ns, 0),
};

static void oracle_class_init(ObjectClass *class, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *c = PCI_DEVICE_CLASS(class);

    c->realize = oracle_realize;
    c->vendor_id = KPO_VENDOR_ID;
    c->device_id = KPO_DEVICE_ID;
    c->class_id = PCI_CLASS_OTHERS;
    dc->desc = "Oracle of the emulated Kunpeng accelerators";
    dc->vmsd = &oracle_vmstate;
    dc->hotpluggable = false;
    device_class_set_props(dc, oracle_properties);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo oracle_types[] = {
    {
        .name = TYPE_KUNPENG_ORACLE,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(KunpengOracle),
        .class_init = oracle_class_init,
        .interfaces = (InterfaceInfo[]) {
            { INTERFACE_CONVENTIONAL_PCI_DEVICE }, { }
        },
    },
};

DEFINE_TYPES(oracle_types)
