/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Measuring a migration driver on the accelerator model: what each step costs
 * in register accesses, instructions and virtual time. Meant for a machine with
 * one CPU and -icount, where two runs give the same numbers to the nanosecond.
 *
 * Numbers leave as comment lines "# data {...}", JSON, for report.py.
 */
#ifndef HACC_BENCH_H
#define HACC_BENCH_H

#include "../host/rig.h"

/* The two drivers, measured in one boot, one after the other. */
struct bench_driver {
	const char *name;
	const char *module;
	uint32_t expected;	/* violations that it is known for */
};

extern const struct bench_driver bench_ours, bench_theirs;

/*
 * PFs of one version, in order of address; scripts/machines.sh gives them these
 * numbers of queue pairs, less the two that a PF keeps for itself.
 */
enum bench_size {
	BENCH_2,
	BENCH_32,
	BENCH_256,
	BENCH_1022,
	BENCH_1022_TOO,
	BENCH_SIZES,
};

struct bench_times {
	uint32_t mbox_us;
	uint32_t wb_us;
	uint32_t vft_us;
	uint32_t read_ns;
};

/* One measured step. */
struct bench_step {
	const char *name;
	bool blackout;		/* the guest stands still */
	uint64_t reads;
	uint64_t writes;
	uint64_t commands;	/* mailbox */
	uint64_t insns;
	uint64_t ns;
	uint64_t start_ns;	/* virtual clock, as in the model's trace */
};

#define BENCH_STEPS_MAX		16

struct bench_log {
	struct bench_step steps[BENCH_STEPS_MAX];
	int nr;
};

/* bench.c: the machine, and steps */

/* Before each test: PF drivers are there, the machine can measure. */
void bench_before(void);
void bench_use(const struct bench_driver *driver);
void bench_pf(int version, enum bench_size size, struct pci_func *pf);
/* VF n of a PF that has num of them, bound and ready to be opened. */
void bench_vf(const struct pci_func *pf, int num, int n, struct pci_func *vf);
void bench_set_times(const struct pci_func *func, const struct bench_times *times);
void bench_begin(struct bench_log *log, const char *name, bool blackout);
/* Returns ret, an errno of what was measured. */
int bench_end(struct bench_log *log, int ret);
/* What the blackout costs in all. */
void bench_blackout(const struct bench_log *log, struct bench_step *sum);
/* A line of data: title says what was measured, as JSON members. */
void bench_print(const struct bench_log *log, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* bench_move.c: migrations as QEMU makes them */

struct bench_pair {
	struct pci_func vf[2];
	struct vfio_dev dev[2];
	struct job_guest *guest;
	int at;			/* where the guest is */
	int version;
};

/* Two VFs of one PF, or of two, opened, with a guest in the first. */
struct bench_pair *bench_pair(int version, enum bench_size size, bool two_pfs);
/* Before the end of the test, which does it otherwise. */
void bench_pair_close(struct bench_pair *p);
/* Close and open again the VF that has no guest. */
void bench_reopen(struct bench_pair *p);
bool bench_has_p2p(struct vfio_dev *v);
/*
 * Move the guest to the other VF, by way of the P2P states or without; open anew
 * what it has left.
 */
void bench_move(struct bench_pair *p, bool p2p, struct bench_log *log);
/* The same through the states that know no pre-copy. */
void bench_move_stopped(struct bench_pair *p, struct bench_log *log);

#endif /* HACC_BENCH_H */
