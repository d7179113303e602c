/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Emulated HiSilicon Kunpeng accelerator: the PCI devices, PF and VF.
 *
 * The PF is an integrated endpoint with SR-IOV; VF n has routing id PF + n + 1.
 * See docs/emulator.md for what is modelled and where it is known from.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "hw/pci/msi.h"
#include "hw/pci/pcie.h"
#include "hw/pci/pcie_sriov.h"
#include "hw/qdev-properties.h"
#include "migration/vmstate.h"
#include "kunpeng.h"

#define CAP_MSI         0x50
#define CAP_PCIE        0x80
#define CAP_SRIOV       0x100
/*
 * A driver waits 100 ms after a reset [PCIe], but a guest's jiffies may be behind by
 * as long as one of its CPUs stood still: that much of the wait is not waited.
 */
#define RECOVERY_NS     (10 * 1000000ll)
#define BAR2            2
#define BAR4            4
#define BAR_TYPE        (PCI_BASE_ADDRESS_SPACE_MEMORY | \
                         PCI_BASE_ADDRESS_MEM_TYPE_64)

OBJECT_DECLARE_SIMPLE_TYPE(KunpengVf, KUNPENG_VF)

struct KunpengVf {
    PCIDevice parent_obj;
    MemoryRegion bar2, bar4;
};

struct KunpengAccList kunpeng_accs = QLIST_HEAD_INITIALIZER(kunpeng_accs);

static const struct {
    uint16_t pf_id, vf_id, class_id;
} engines[] = {
    [KP_ENGINE_ZIP] = { 0xa250, 0xa251, 0x1200 },
    [KP_ENGINE_SEC] = { 0xa255, 0xa256, PCI_CLASS_CRYPT_OTHER },
    [KP_ENGINE_HPRE] = { 0xa258, 0xa259, PCI_CLASS_CRYPT_OTHER },
};

static const uint8_t revisions[] = { KP_VER_V3, KP_VER_V4, KP_VER_V5 };

uint16_t kunpeng_func_id(const KunpengFunc *f)
{
    return pci_requester_id(f->pci);
}

KunpengFunc *kunpeng_func_by_id(uint32_t id)
{
    KunpengAcc *s;

    QLIST_FOREACH(s, &kunpeng_accs, next) {
        for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
            if (kunpeng_func_id(&s->func[fn]) == id) {
                return &s->func[fn];
            }
        }
    }
    return NULL;
}

unsigned kunpeng_num_vfs(KunpengAcc *s)
{
    return pcie_sriov_num_vfs(PCI_DEVICE(s));
}

static MemTxResult dma_result(KunpengFunc *f, MemTxResult ret, char what,
                              uint64_t addr, size_t len)
{
    if (ret != MEMTX_OK) {
        kunpeng_tell(f, KP_EV_DMA_ERROR, addr, len, what);
    }
    return ret;
}

MemTxResult kunpeng_dma_read(KunpengFunc *f, uint64_t addr, void *buf,
                             size_t len)
{
    assert(f->acc->busy);
    kunpeng_tell(f, KP_EV_DMA_READ, addr, len, 0);
    return dma_result(f, pci_dma_read(f->pci, addr, buf, len), 'r', addr, len);
}

MemTxResult kunpeng_dma_write(KunpengFunc *f, uint64_t addr, const void *buf,
                              size_t len, KunpengPurpose what)
{
    MemTxResult ret;

    assert(f->acc->busy);
    kunpeng_tell(f, KP_EV_DMA_WRITE, addr, len, 0);
    ret = pci_dma_write(f->pci, addr, buf, len);
    if (ret == MEMTX_OK) {
        kunpeng_tell(f, KP_EV_DMA_WRITTEN, addr, len, what);
    }
    return dma_result(f, ret, 'w', addr, len);
}

void kunpeng_msi(KunpengFunc *f, unsigned vector)
{
    if (msi_enabled(f->pci) && vector < msi_nr_vectors_allocated(f->pci)) {
        kunpeng_tell(f, KP_EV_MSI, 0, vector, 0);
        msi_notify(f->pci, vector);
    }
}

static void delay_done(KunpengDelay *d)
{
    if (d->pending) {
        d->pending = false;
        d->done(d->opaque);
    }
}

static void delay_expired(void *opaque)
{
    KunpengDelay *d = opaque;

    if (kunpeng_enter(d->acc)) {
        delay_done(d);
        kunpeng_leave(d->acc);
    } else {
        timer_mod_ns(d->timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                               KP_SLICE_NS);
    }
}

void kunpeng_delay_init(KunpengDelay *d, KunpengAcc *s, void (*done)(void *),
                        void *opaque)
{
    d->acc = s;
    d->done = done;
    d->opaque = opaque;
    d->timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, delay_expired, d);
}

void kunpeng_delay_start(KunpengDelay *d, uint32_t us)
{
    d->pending = true;
    d->deadline = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + us * 1000ll;
    if (us) {
        timer_mod_ns(d->timer, d->deadline);
    } else {
        delay_done(d);
    }
}

/* Done by now, although the timer had no chance to say so yet? */
void kunpeng_delay_poll(KunpengDelay *d)
{
    if (d->pending && qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) >= d->deadline) {
        timer_del(d->timer);
        delay_done(d);
    }
}

/* Done now, whatever is left of its time. */
void kunpeng_delay_finish(KunpengDelay *d)
{
    timer_del(d->timer);
    delay_done(d);
}

void kunpeng_delay_cancel(KunpengDelay *d)
{
    d->pending = false;
    timer_del(d->timer);
}

/* Function level reset requested? The bit never reads as set. */
static bool flr_requested(PCIDevice *dev)
{
    uint8_t *devctl = dev->config + dev->exp.exp_cap + PCI_EXP_DEVCTL;

    return pci_word_test_and_clear_mask(devctl, PCI_EXP_DEVCTL_BCR_FLR);
}

/*
 * Memory space enable of a VF reads as zero: the PF's VF MSE decides. QEMU
 * looks at the VF's own bit, so it follows here, and is hidden from readers.
 */
static void vf_follow_mse(KunpengAcc *s)
{
    PCIDevice *pf = PCI_DEVICE(s);
    bool mse = pci_get_word(pf->config + CAP_SRIOV + PCI_SRIOV_CTRL) &
               PCI_SRIOV_CTRL_MSE;
    unsigned num_vfs = kunpeng_num_vfs(s);

    for (unsigned fn = 1; fn <= num_vfs; fn++) {
        PCIDevice *vf = s->func[fn].pci;
        uint16_t cmd = pci_get_word(vf->config + PCI_COMMAND);
        uint16_t want = mse ? cmd | PCI_COMMAND_MEMORY :
                              cmd & ~PCI_COMMAND_MEMORY;

        if (cmd != want) {
            pci_default_write_config(vf, PCI_COMMAND, want, 2);
        }
    }
}

static uint32_t vf_config_read(PCIDevice *dev, uint32_t addr, int len)
{
    uint32_t val = pci_default_read_config(dev, addr, len);

    if (addr <= PCI_COMMAND && PCI_COMMAND < addr + len) {
        val &= ~((uint32_t)PCI_COMMAND_MEMORY << (PCI_COMMAND - addr) * 8);
    }
    return val;
}

static KunpengFunc *vf_func(PCIDevice *dev)
{
    KunpengAcc *s = KUNPENG_ACC(pcie_sriov_get_pf(dev));

    return &s->func[pcie_sriov_vf_number(dev) + 1];
}

/*
 * FLR of the PF resets the QM and with it what the VFs had in it. VF enable
 * stays, as do message masks and the VFs' messages, since the drivers of PF and
 * VFs go on talking through them: the PF's masks its interrupt and then polls.
 */
static void pf_flr(KunpengAcc *s)
{
    uint32_t ifc_mask = s->func[0].regs[KP_IFC_INT_MASK / 4];

    for (unsigned fn = 1; fn <= s->total_vfs; fn++) {
        KunpengFunc *f = &s->func[fn];

        kunpeng_job_cancel_all(f);
        kunpeng_queue_drop_all(f);
        kunpeng_mbox_reset(f);
        f->sqc_bt = f->cqc_bt = 0;
        f->paused = false;
    }
    kunpeng_func_power_on(&s->func[0]);
    s->func[0].regs[KP_IFC_INT_MASK / 4] = ifc_mask;
    kunpeng_pf_reset(s);
}

/* What a reset leaves in config space: Bus Master and MSI are off. */
static void clear_config(PCIDevice *dev)
{
    uint16_t cmd = pci_get_word(dev->config + PCI_COMMAND);

    pci_default_write_config(dev, PCI_COMMAND, cmd & ~PCI_COMMAND_MASTER, 2);
    msi_reset(dev);
}

/*
 * Asked for by config space, of which it clears a part, or by a watcher in the
 * midst of an access: as by somebody who has restored config space since.
 */
void kunpeng_flr(KunpengFunc *f, bool by_config)
{
    kunpeng_posted_flush(f->acc);
    kunpeng_tell(f, KP_EV_RESET, 0, 0, 0);
    if (f->acc->answer[KP_Q_FLR_DMA] == KP_FLR_DMA_ENDS) {
        for (unsigned fn = f->fn; fn <= (f->fn ?: f->acc->total_vfs); fn++) {
            kunpeng_job_finish_all(&f->acc->func[fn]);
        }
    }
    if (f->fn) {
        kunpeng_func_reset(f);
    } else {
        pf_flr(f->acc);
    }
    if (!by_config) {
        return;
    }
    if (f->acc->answer[KP_Q_FLR_CLEARS] == KP_FLR_CLEARS_YES) {
        clear_config(f->pci);
    }
    if (f->acc->answer[KP_Q_FLR_RECOVERY] == KP_FLR_RECOVERY_ONES) {
        f->recovers_at = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                         RECOVERY_NS;
    }
}

/* As the machine's reset leaves it, or a VF that is enabled anew. */
void kunpeng_power_on(KunpengFunc *f)
{
    kunpeng_func_power_on(f);
    f->recovers_at = 0;
    if (!f->fn) {
        kunpeng_pf_power_on(f->acc);
    }
}

static void vf_config_write(PCIDevice *dev, uint32_t addr, uint32_t val,
                            int len)
{
    KunpengFunc *f = vf_func(dev);

    pci_default_write_config(dev, addr, val, len);
    vf_follow_mse(f->acc);
    if (flr_requested(dev)) {
        kunpeng_request_flr(f);
    }
}

static void pf_config_write(PCIDevice *dev, uint32_t addr, uint32_t val,
                            int len)
{
    KunpengAcc *s = KUNPENG_ACC(dev);

    pci_default_write_config(dev, addr, val, len);
    vf_follow_mse(s);
    if (flr_requested(dev)) {
        kunpeng_request_flr(&s->func[0]);
    }
}

static bool common_realize(PCIDevice *dev, uint8_t revision, Error **errp)
{
    pci_config_set_revision(dev->config, revision);
    pci_config_set_interrupt_pin(dev->config, 0);
    if (msi_init(dev, CAP_MSI, KP_VECTORS, true, true, errp)) {
        return false;
    }
    if (pcie_endpoint_cap_init(dev, CAP_PCIE) < 0) {
        error_setg(errp, "no room for the PCI Express capability");
        msi_uninit(dev);
        return false;
    }
    pcie_cap_flr_init(dev);
    return true;
}

static void common_exit(PCIDevice *dev)
{
    pcie_cap_exit(dev);
    msi_uninit(dev);
}

/* The least that a BAR can be and every queue has its page. */
static uint64_t bar4_size(const KunpengAcc *s)
{
    return (uint64_t)pow2ceil(s->num_queues) * KP_BAR4_QUEUE_SIZE;
}

static void bar4_realize(KunpengFunc *f, MemoryRegion *bar4)
{
    if (f->acc->isolation) {
        memory_region_init_io(bar4, OBJECT(f->pci), &kunpeng_bar4_ops, f,
                              "kunpeng-doorbells", bar4_size(f->acc));
        pci_register_bar(f->pci, BAR4, BAR_TYPE, bar4);
    }
}

static void vf_realize(PCIDevice *dev, Error **errp)
{
    KunpengVf *vf = KUNPENG_VF(dev);
    KunpengFunc *f = vf_func(dev);

    f->pci = dev;
    pci_config_set_class(dev->config, engines[f->acc->engine].class_id);
    if (!common_realize(dev, f->acc->version, errp)) {
        return;
    }
    memory_region_init_io(&vf->bar2, OBJECT(dev), &kunpeng_vf_bar2_ops, f,
                          "kunpeng-vf", KP_VF_BAR2_SIZE);
    pci_register_bar(dev, BAR2, BAR_TYPE, &vf->bar2);
    bar4_realize(f, &vf->bar4);
}

static void vf_reset_hold(Object *obj, ResetType type)
{
    kunpeng_request_power_on(vf_func(PCI_DEVICE(obj)));
}

static bool check_properties(KunpengAcc *s, Error **errp)
{
    if (s->total_vfs < 1 || s->total_vfs >= KP_MAX_FUNCS) {
        error_setg(errp, "total_vfs must be 1 to %d", KP_MAX_FUNCS - 1);
        return false;
    }
    if (s->num_queues < 2 || s->num_queues > 1024) {
        error_setg(errp, "queues must be 2 to 1024");
        return false;
    }
    return true;
}

static void pf_cleanup(KunpengAcc *s)
{
    for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
        kunpeng_func_exit(&s->func[fn]);
    }
    kunpeng_pf_exit(s);
    kunpeng_posted_exit(s);
    common_exit(PCI_DEVICE(s));
}

static void pf_realize(PCIDevice *dev, Error **errp)
{
    KunpengAcc *s = KUNPENG_ACC(dev);

    if (!check_properties(s, errp)) {
        return;
    }
    s->version = revisions[s->version_prop];
    pci_config_set_device_id(dev->config, engines[s->engine].pf_id);
    pci_config_set_class(dev->config, engines[s->engine].class_id);
    if (!common_realize(dev, s->version, errp)) {
        return;
    }
    kunpeng_answers_realize(s);
    kunpeng_posted_init(s);
    s->func[0].pci = dev;
    for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
        kunpeng_func_init(s, fn);
    }
    kunpeng_pf_init(s);
    memory_region_init_io(&s->bar2, OBJECT(dev), &kunpeng_pf_bar2_ops, s,
                          "kunpeng-pf", KP_PF_BAR2_SIZE);
    pci_register_bar(dev, BAR2, BAR_TYPE, &s->bar2);
    bar4_realize(&s->func[0], &s->bar4);
    if (!pcie_sriov_pf_init(dev, CAP_SRIOV, TYPE_KUNPENG_VF,
                            engines[s->engine].vf_id, s->total_vfs,
                            s->total_vfs, 1, 1, errp)) {
        pf_cleanup(s);
        return;
    }
    pcie_sriov_pf_init_vf_bar(dev, BAR2, BAR_TYPE, KP_VF_BAR2_SIZE);
    if (s->isolation) {
        pcie_sriov_pf_init_vf_bar(dev, BAR4, BAR_TYPE, bar4_size(s));
    }
    QLIST_INSERT_HEAD(&kunpeng_accs, s, next);
}

static void pf_exit(PCIDevice *dev)
{
    KunpengAcc *s = KUNPENG_ACC(dev);

    QLIST_REMOVE(s, next);
    pcie_sriov_pf_exit(dev);
    pf_cleanup(s);
}

static void pf_reset_hold(Object *obj, ResetType type)
{
    KunpengAcc *s = KUNPENG_ACC(obj);

    for (unsigned fn = 0; fn <= s->total_vfs; fn++) {
        kunpeng_request_power_on(&s->func[fn]);
    }
}

static const Property pf_properties[] = {
    DEFINE_PROP_UINT16("total_vfs", KunpengAcc, total_vfs, 63),
    DEFINE_PROP_UINT16("queues", KunpengAcc, num_queues, 1024),
    DEFINE_PROP_BOOL("isolation", KunpengAcc, isolation, false),
    DEFINE_PROP_UINT32("job-time-us", KunpengAcc, job_time_us, 5),
    DEFINE_PROP_UINT32("drain-time-us", KunpengAcc, drain_time_us, 100),
    DEFINE_PROP_UINT32("mbox-time-us", KunpengAcc, mbox_time_us, 1),
    DEFINE_PROP_UINT32("wb-time-us", KunpengAcc, wb_time_us, 2),
    DEFINE_PROP_UINT32("vft-time-us", KunpengAcc, vft_time_us, 1),
};

/* Guest memory is on the way in many places: jobs, contexts, messages. */
static const VMStateDescription kunpeng_vmstate = {
    .name = "kunpeng-acc",
    .unmigratable = 1,
};

static void pf_class_init(ObjectClass *class, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *c = PCI_DEVICE_CLASS(class);

    c->realize = pf_realize;
    c->exit = pf_exit;
    c->config_write = pf_config_write;
    c->vendor_id = KP_VENDOR_ID;
    RESETTABLE_CLASS(class)->phases.hold = pf_reset_hold;
    dc->desc = "HiSilicon Kunpeng accelerator";
    dc->vmsd = &kunpeng_vmstate;
    /* An integrated endpoint; nor may it go away within a section. */
    dc->hotpluggable = false;
    device_class_set_props(dc, pf_properties);
    kunpeng_answers_class_init(class);
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static void vf_class_init(ObjectClass *class, void *data)
{
    DeviceClass *dc = DEVICE_CLASS(class);
    PCIDeviceClass *c = PCI_DEVICE_CLASS(class);

    c->realize = vf_realize;
    c->exit = common_exit;
    c->config_read = vf_config_read;
    c->config_write = vf_config_write;
    c->vendor_id = KP_VENDOR_ID;
    RESETTABLE_CLASS(class)->phases.hold = vf_reset_hold;
    dc->desc = "HiSilicon Kunpeng accelerator, virtual function";
    dc->vmsd = &kunpeng_vmstate;
    dc->user_creatable = false;
    set_bit(DEVICE_CATEGORY_MISC, dc->categories);
}

static const TypeInfo kunpeng_types[] = {
    {
        .name = TYPE_KUNPENG_ACC,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(KunpengAcc),
        .class_init = pf_class_init,
        .interfaces = (InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
    {
        .name = TYPE_KUNPENG_VF,
        .parent = TYPE_PCI_DEVICE,
        .instance_size = sizeof(KunpengVf),
        .class_init = vf_class_init,
        .interfaces = (InterfaceInfo[]) { { INTERFACE_PCIE_DEVICE }, { } },
    },
};

DEFINE_TYPES(kunpeng_types)
