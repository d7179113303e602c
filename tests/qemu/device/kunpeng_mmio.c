/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From an address in a BAR to a register: which function an access concerns,
 * whether that door is open, and which widths are taken.
 *
 * PF BAR2:  0         registers of function 0
 *           0x100000  registers of the device
 *           0x180000  windows, 8 KiB a function, if the select bit is set
 * VF BAR2:  0         registers of the function
 *           0x8000    its migration registers, if the select bit is clear
 * BAR4:     with isolation, the doorbells again: 64 KiB a queue
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "hw/core/cpu.h"
#include "kunpeng.h"

/* Where an access leads. */
typedef struct Door {
    KunpengFunc *f;         /* whom it concerns */
    hwaddr off;             /* in the function, or in the PF's BAR2 */
    bool window;
    bool global;            /* a register of the device */
    bool dead;              /* nobody answers */
} Door;

static Door pf_door(KunpengAcc *s, hwaddr addr)
{
    Door d = { .f = &s->func[0], .off = addr };
    unsigned fn;

    if (addr < KP_PF_GLOBAL) {
        return d;
    }
    if (addr < KP_WINDOW_BASE || addr > KP_WINDOW_END) {
        d.global = true;
        return d;
    }
    fn = (addr - KP_WINDOW_BASE) / KP_WINDOW_SIZE;
    d.off = (addr - KP_WINDOW_BASE) % KP_WINDOW_SIZE;
    d.window = true;
    if (fn > s->total_vfs) {
        /* Just behind the last window: someone left that one. */
        d.f = &s->func[s->total_vfs];
        d.off = addr - KP_WINDOW_BASE - s->total_vfs * KP_WINDOW_SIZE;
        d.dead = true;
        return d;
    }
    d.f = &s->func[fn];
    d.dead = !s->region_sel || fn > kunpeng_num_vfs(s);
    return d;
}

static Door vf_door(KunpengFunc *f, hwaddr addr)
{
    return (Door) {
        .f = f,
        .off = addr,
        .dead = addr >= KP_FUNC_LOW_SIZE && f->acc->region_sel,
    };
}

/* Through the PF's BAR, where what was written before is ahead of a read. */
static bool at_pf(const Door *d)
{
    return d->window || d->global || !d->f->fn;
}

/*
 * See whether the function answers at all. A 128-bit access comes as two of 64
 * bits, of which the first is told.
 */
static bool access_begin(Door *d, bool write, unsigned size)
{
    KunpengFunc *f = d->f;
    bool second_half = size == 8 && d->off == KP_MAILBOX + 8 && !d->global &&
                       f->last_was_64 && f->last_was_write == write &&
                       f->last_offset == KP_MAILBOX;

    /* Halves of one store have nothing between them, of that CPU at least. */
    if (f->mb_half && f->mb_cpu == current_cpu &&
        (d->global || d->off < KP_MAILBOX || d->off >= KP_MAILBOX_END)) {
        kunpeng_guest_error(f, KP_ERR_MBOX_WIDTH, d->off, f->mb_low,
                            "access between the halves of a command");
        f->mb_half = false;
    }
    f->last_offset = d->global ? HWADDR_MAX : d->off;
    f->last_was_write = write;
    f->last_was_64 = size == 8;
    if (!second_half) {
        kunpeng_tell(f, write ? KP_EV_ACCESS_WRITE : KP_EV_ACCESS_READ,
                     d->off, size, 0);
    }
    if (qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) < f->recovers_at) {
        return false;
    }
    return !kunpeng_inject(f, KP_INJECT_ALL_ONES, 0, NULL);
}

static void check_narrow(const Door *d, uint64_t val, unsigned size)
{
    if (size < 4 || d->off % size) {
        kunpeng_guest_error(d->f, KP_ERR_WIDTH, d->off, val,
                            "%u-bit access, or not aligned", size * 8);
    }
}

/*
 * The doorbells of EQ and AEQ have no room in a window. Rung there they land
 * at offset 0 of the next one, as two 32-bit registers are written at once.
 */
static bool is_stray_doorbell(const Door *d, uint64_t val)
{
    unsigned cmd = extract64(val, KP_DB_CMD_SHIFT, KP_DB_CMD_LEN);

    return d->window && d->off == 0 && d->f->fn &&
           (cmd == KP_DB_CMD_EQ || cmd == KP_DB_CMD_AEQ);
}

static void stray_doorbell(const Door *d, uint64_t val)
{
    kunpeng_guest_error(d->f - 1, KP_ERR_OUT_OF_WINDOW, KP_DB_EQ_AEQ, val,
                        "doorbell hits the window of function %u", d->f->fn);
}

/* Nobody answers there. Reads of a VF's dead half harm nobody: a guest may. */
static void dead_access(const Door *d, bool write, uint64_t val)
{
    if (d->window && d->off >= KP_WINDOW_SIZE) {
        kunpeng_guest_error(d->f, KP_ERR_OUT_OF_WINDOW, d->off, val,
                            "%s behind the last window",
                            write ? "write" : "read");
    } else if (write && d->f->acc->region_sel && is_stray_doorbell(d, val)) {
        stray_doorbell(d, val);
    } else if (d->window || write) {
        kunpeng_guest_error(d->f, KP_ERR_DEAD_HALF, d->off, val,
                            "%s of %s, select bit is %d",
                            write ? "write" : "read",
                            d->window ? "a dead window" : "the dead half of BAR2",
                            d->f->acc->region_sel);
    }
}

static uint32_t read32(const Door *d, hwaddr off)
{
    return d->global ? kunpeng_pf_read(d->f->acc, off) :
                       kunpeng_func_read(d->f, off, d->window);
}

static uint64_t read_reg(const Door *d, unsigned size)
{
    uint64_t val;

    if (size < 4) {
        return extract64(read32(d, d->off & ~3ull), (d->off & 3) * 8,
                         size * 8);
    }
    if (size == 4) {
        return read32(d, d->off);
    }
    if (!d->global && d->off >= KP_MAILBOX && d->off < KP_MAILBOX_END) {
        return kunpeng_mbox_read(d->f, d->off, size);
    }
    if (d->global && kunpeng_pf_read64(d->f->acc, d->off, &val)) {
        return val;
    }
    kunpeng_guest_error(d->f, KP_ERR_WIDTH, d->off, 0, "64-bit load");
    val = read32(d, d->off);
    return val | (uint64_t)read32(d, d->off + 4) << 32;
}

static uint64_t door_read(Door d, unsigned size)
{
    uint64_t val = UINT64_MAX;

    if (!kunpeng_enter_access(d.f, d.off)) {
        return extract64(val, 0, size * 8);
    }
    if (at_pf(&d)) {
        kunpeng_posted_flush(d.f->acc);
    }
    if (access_begin(&d, false, size)) {
        if (d.dead) {
            dead_access(&d, false, 0);
        } else {
            check_narrow(&d, 0, size);
            val = read_reg(&d, size);
        }
    }
    val = extract64(val, 0, size * 8);
    kunpeng_tell(d.f, KP_EV_READ, d.off, size, val);
    kunpeng_leave(d.f->acc);
    return val;
}

static void write32(const Door *d, hwaddr off, uint32_t val)
{
    if (d->global) {
        kunpeng_pf_write(d->f->acc, off, val);
    } else {
        kunpeng_func_write(d->f, off, val, d->window);
    }
}

static void write_reg(const Door *d, uint64_t val, unsigned size)
{
    if (size < 4) {
        return;
    }
    if (size == 4) {
        write32(d, d->off, val);
        return;
    }
    if (d->global ? kunpeng_pf_write64(d->f->acc, d->off, val) :
                    kunpeng_func_write64(d->f, d->off, val)) {
        return;
    }
    if (is_stray_doorbell(d, val)) {
        stray_doorbell(d, val);
    } else {
        kunpeng_guest_error(d->f, KP_ERR_WIDTH, d->off, val, "64-bit store");
    }
    write32(d, d->off, val);
    write32(d, d->off + 4, val >> 32);
}

/* What was written to a window arrives. */
void kunpeng_window_write(KunpengFunc *f, hwaddr off, uint64_t val,
                          unsigned size)
{
    const Door d = { .f = f, .off = off, .window = true };

    write_reg(&d, val, size);
}

static void door_write(Door d, uint64_t val, unsigned size)
{
    if (!kunpeng_enter_access(d.f, d.off)) {
        return;
    }
    kunpeng_tell(d.f, KP_EV_WRITE, d.off, size, val);
    if (at_pf(&d) && !d.window) {
        kunpeng_posted_flush(d.f->acc);
    }
    if (access_begin(&d, true, size)) {
        if (d.dead) {
            dead_access(&d, true, val);
        } else {
            check_narrow(&d, val, size);
            if (!d.window || !kunpeng_posted_write(d.f, d.off, val, size)) {
                write_reg(&d, val, size);
            }
        }
    }
    /* The second half has come, even if nobody was there to take it. */
    if (!d.global && d.off == KP_MAILBOX + 8) {
        d.f->mb_half = false;
    }
    kunpeng_leave(d.f->acc);
}

static uint64_t pf_bar2_read(void *opaque, hwaddr addr, unsigned size)
{
    return door_read(pf_door(opaque, addr), size);
}

static void pf_bar2_write(void *opaque, hwaddr addr, uint64_t val,
                          unsigned size)
{
    door_write(pf_door(opaque, addr), val, size);
}

static uint64_t vf_bar2_read(void *opaque, hwaddr addr, unsigned size)
{
    return door_read(vf_door(opaque, addr), size);
}

static void vf_bar2_write(void *opaque, hwaddr addr, uint64_t val,
                          unsigned size)
{
    door_write(vf_door(opaque, addr), val, size);
}

static uint64_t bar4_read(void *opaque, hwaddr addr, unsigned size)
{
    Door d = { .f = opaque, .off = addr };
    uint64_t val = UINT64_MAX;

    if (!kunpeng_enter_access(d.f, addr)) {
        return val;
    }
    if (access_begin(&d, false, size)) {
        kunpeng_guest_error(d.f, KP_ERR_UNIMPLEMENTED, addr, 0, "read of BAR4");
        val = 0;
    }
    kunpeng_leave(d.f->acc);
    return val;
}

static void page_doorbell(KunpengFunc *f, hwaddr addr, uint64_t val,
                          unsigned size)
{
    if (size != 8) {
        kunpeng_guest_error(f, KP_ERR_WIDTH, addr, val, "%u-bit doorbell",
                            size * 8);
    } else if (addr % KP_BAR4_QUEUE_SIZE != KP_DB_SQ_CQ ||
               addr / KP_BAR4_QUEUE_SIZE != extract64(val, 0, KP_DB_QN_LEN)) {
        kunpeng_guest_error(f, KP_ERR_BAD_DOORBELL, addr, val,
                            "doorbell in another queue's page");
    } else {
        kunpeng_tell(f, KP_EV_DOORBELL_PAGE, addr, 0, val);
        kunpeng_doorbell(f, KP_DB_SQ_CQ, val);
    }
}

static void bar4_write(void *opaque, hwaddr addr, uint64_t val, unsigned size)
{
    Door d = { .f = opaque, .off = addr };

    if (!kunpeng_enter_access(d.f, addr)) {
        return;
    }
    kunpeng_tell(d.f, KP_EV_WRITE, addr, size, val);
    if (access_begin(&d, true, size)) {
        page_doorbell(d.f, addr, val, size);
    }
    kunpeng_leave(d.f->acc);
}

const MemoryRegionOps kunpeng_bar4_ops = {
    .read = bar4_read,
    .write = bar4_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 4, .max_access_size = 8 },
    .impl = { .min_access_size = 4, .max_access_size = 8 },
};

const MemoryRegionOps kunpeng_pf_bar2_ops = {
    .read = pf_bar2_read,
    .write = pf_bar2_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};

const MemoryRegionOps kunpeng_vf_bar2_ops = {
    .read = vf_bar2_read,
    .write = vf_bar2_write,
    .endianness = DEVICE_LITTLE_ENDIAN,
    .valid = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
    .impl = { .min_access_size = 1, .max_access_size = 8, .unaligned = true },
};
