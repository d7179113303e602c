/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The oracle's own: what it keeps of each function, and of the whole machine.
 */
#ifndef KUNPENG_WATCH_H
#define KUNPENG_WATCH_H

#include "../device/kunpeng.h"
#include "kunpeng_oracle.h"

typedef struct KunpengFault {
    uint32_t kind, arg, cmd, skip, count;
    QTAILQ_ENTRY(KunpengFault) next;
} KunpengFault;

/* Of one function. */
typedef struct KunpengWatch {
    /* Aligned: gcc 12 sums it up by vectors, and takes that for granted. */
    uint64_t counter[KPO_PHASES][KPO_COUNTERS] QEMU_ALIGNED(16);
    QTAILQ_HEAD(, KunpengFault) faults;
    uint32_t fault_hits;
    bool quiet;             /* user space takes it for stopped */
    uint64_t pages_from;    /* number of the first page that is watched */
    uint8_t *wrote;         /* KPO_WROTE_* of each; NULL unless watched */
    /* Of a PF: */
    bool select_planned;    /* the select bit, as it was when no VF was in use */
    bool mem_inited;        /* its memory, since the last reset */
    bool started;           /* by its driver, since then */
} KunpengWatch;

typedef struct KunpengViolation {
    uint32_t kind, func, phase;
    uint64_t offset, value, time_ns;
    bool expected;
    char text[KPO_VIOL_TEXT_LEN];
} KunpengViolation;

typedef struct KunpengLog {
    uint32_t unexpected, expected, logged;
    KunpengViolation entry[KPO_VIOL_LOG_MAX];
} KunpengLog;

typedef struct KunpengCheck {
    uint32_t phase;
    uint32_t expect_mask;
    KunpengLog log;         /* what a test sees, and may clear */
    KunpengLog whole_run;   /* for the report: nothing clears it */
    FILE *trace;
} KunpengCheck;

/* kunpeng_check.c: what is counted, logged and traced */
extern KunpengCheck kunpeng_check;
extern const KunpengHooks kunpeng_check_hooks;
extern const char *const kunpeng_violation_name[KPO_V_KINDS];

KunpengWatch *kunpeng_watch_of(KunpengFunc *f);
void kunpeng_violation(KunpengFunc *f, unsigned kind, uint64_t offset,
                       uint64_t value, const char *fmt, ...)
    G_GNUC_PRINTF(5, 6);

/* kunpeng_rules.c: what no driver may do, though the device lets it */
void kunpeng_rules_event(KunpengFunc *f, KunpengEvent event, uint64_t off,
                         unsigned size, uint64_t val);

/* kunpeng_faults.c: what is to go wrong */
bool kunpeng_fault_inject(KunpengFunc *f, KunpengInjection what, uint32_t cmd,
                          uint32_t *arg);
void kunpeng_fault_access(KunpengFunc *f);
void kunpeng_fault_arm(KunpengFunc *f, const KunpengFault *fault);
void kunpeng_fault_clear(KunpengFunc *f);

/* kunpeng_written.c: which pages have been written to */
void kunpeng_wrote_watch(KunpengFunc *f, bool watch, uint64_t from);
void kunpeng_wrote(KunpengFunc *f, uint64_t addr, size_t len,
                   KunpengPurpose what);
void kunpeng_wrote_take(KunpengFunc *f, uint8_t *taken);

/* kunpeng_cost.c: what an access costs */
extern uint32_t kunpeng_read_ns;
void kunpeng_charge_read(void);
uint64_t kunpeng_instructions(void);

#endif /* KUNPENG_WATCH_H */
