/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an access costs. A read of a register keeps a real CPU waiting until the
 * answer has come across the interconnect; QEMU gives it in no time. With
 * -icount, where time is instructions, a read can be made to take time as well:
 * the CPU's budget of instructions up to the next timer shrinks as if it had
 * executed so many. Without -icount nothing is charged.
 */
#include "qemu/osdep.h"
#include "hw/core/cpu.h"
#include "system/cpu-timers.h"
#include "kunpeng_watch.h"

uint32_t kunpeng_read_ns;

static uint64_t charged;    /* instructions that nobody has executed */

void kunpeng_charge_read(void)
{
    CPUState *cpu = current_cpu;
    int64_t insns, part;

    if (!kunpeng_read_ns || !icount_enabled() || !cpu || !cpu->running) {
        return;
    }
    insns = icount_round(kunpeng_read_ns);
    charged += insns;

    part = MIN(insns, cpu->icount_extra);
    cpu->icount_extra -= part;
    insns -= part;
    part = MIN(insns, cpu->neg.icount_decr.u16.low);
    cpu->neg.icount_decr.u16.low -= part;
    insns -= part;
    /* A timer expires while the CPU waits: it is served after the read. */
    cpu->icount_budget += insns;
}

/* Instructions that the machine has executed; 0 without -icount. */
uint64_t kunpeng_instructions(void)
{
    return icount_enabled() ? icount_get_raw() - charged : 0;
}
