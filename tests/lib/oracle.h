/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The side channel to the accelerator model: what happened, what went wrong,
 * and what is to go wrong. See tests/qemu/oracle/kunpeng_oracle.h for the terms.
 */
#ifndef HACC_ORACLE_H
#define HACC_ORACLE_H

#include <stdbool.h>
#include <stdint.h>

#include "../qemu/oracle/kunpeng_oracle.h"
#include "sysfs.h"

/* Map it; 0, or -errno: -ENODEV where the accelerators are real ones. */
int oracle_open(void);
/*
 * Without it no violation is seen and no phase kept; a test that asks for
 * anything else below is skipped.
 */
bool oracle_present(void);

struct oracle_counts {
	uint64_t n[KPO_COUNTERS];
};

/* Counts of one function, or of all for a func of NULL, since the last clear. */
void oracle_counts(const struct pci_func *func, struct oracle_counts *counts);
/* n of the later less n of the earlier */
uint64_t oracle_diff(const struct oracle_counts *later,
		     const struct oracle_counts *earlier, int n);
void oracle_phase(uint32_t phase);

uint32_t oracle_violations(void);
uint32_t oracle_violations_expected(void);
/*
 * These kinds, and no others, may come from now on. Each has to come, or the test hides
 * more than it need: oracle_missing() are those that did not since the last clear. What is
 * left to chance is tolerated.
 */
void oracle_expect(uint32_t mask);
void oracle_tolerate(uint32_t mask);
uint32_t oracle_missing(void);
void oracle_clear_violations(void);
/* Print the first few of the log as comments. */
void oracle_note_violations(void);

struct oracle_fault {
	uint32_t kind;		/* KPO_F_* */
	uint32_t arg;
	uint32_t cmd;		/* mailbox faults: only this command; 0 = any */
	uint32_t skip;
	uint32_t count;
};

void oracle_arm(const struct pci_func *func, const struct oracle_fault *fault);
void oracle_disarm(const struct pci_func *func);
uint32_t oracle_hits(const struct pci_func *func);

/* QEMU's virtual clock, and instructions executed; only -icount counts them. */
struct oracle_clock {
	uint64_t ns;
	uint64_t insns;
};

void oracle_clock(struct oracle_clock *clock);

/* One of the (func) registers from KPO_STATE on, and one of the writable ones. */
uint32_t oracle_get(const struct pci_func *func, uint32_t reg);
void oracle_set(const struct pci_func *func, uint32_t reg, uint32_t value);

/*
 * Which of the pages from iova on the function writes to, and with what, KPO_WROTE_*:
 * what is taken was written since the last time. The map has KPO_PAGES bytes.
 */
void oracle_watch_pages(const struct pci_func *func, uint64_t iova);
void oracle_take_pages(const struct pci_func *func, uint8_t *map, size_t pages);

/*
 * User space takes the function for stopped, or not: what it does then is a violation.
 * Nothing without the model; and where accesses are counted, nobody wants more of them.
 */
void oracle_quiet(const struct pci_func *func, bool quiet);
void oracle_watch_quiet(bool watch);
bool oracle_knows(const struct pci_func *func);

#endif /* HACC_ORACLE_H */
