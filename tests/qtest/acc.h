/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulated accelerator without any kernel: a machine that stands still and
 * does what a test tells it, a register access or a step of the clock at a time,
 * over QEMU's qtest protocol. The accelerator is at 00:04.0 with some VFs.
 */
#ifndef ACC_H
#define ACC_H

#include "libqtest.h"
#include "../qemu/oracle/kunpeng_oracle.h"

#define ACC_SLOT	4
#define ACC_VFS		3
#define ACC_FUNCS	(ACC_VFS + 1)
#define ACC_QUEUES	64	/* of the device */
#define ACC_FUNC_QUEUES	16	/* of each function */
#define ACC_DEPTH	16	/* of each queue */
#define ACC_EVENTS	64	/* depth of EQ and AEQ */

/* Physical addresses: of the machine, and where acc_start() puts the BARs */
#define ACC_ECAM	0x3f000000ull
#define ACC_RAM		0x40000000ull
#define ACC_RAM_SIZE	(128ull << 20)
#define ACC_PF_BAR2	0x10000000ull
#define ACC_VF_BAR2	0x10400000ull
#define ACC_PF_BAR4	0x11000000ull
#define ACC_VF_BAR4	0x12000000ull
#define ACC_ORACLE	0x18000000ull
#define ACC_OTHER_BAR2	0x20000000ull	/* of a second PF, if a test wants one */
#define ACC_NOWHERE	0x800000000ull

/* In PF BAR2 */
#define ACC_WINDOW(fn)	(ACC_PF_BAR2 + 0x180000 + (fn) * 0x2000)
#define ACC_SELECT	(ACC_PF_BAR2 + 0x100198)

/* Function registers */
#define REG_AEQ_SOURCE	0x00
#define REG_AEQ_MASK	0x04
#define REG_EQ_SOURCE	0x08
#define REG_EQ_MASK	0x0c
#define REG_ISOLATION	0x30
#define REG_PAGE_SIZE	0x34
#define REG_DB_DROP	0x38
#define REG_VF_STATE	0x60
#define REG_WB_START	0x204
#define REG_WB_DONE	0x208
#define REG_MAILBOX	0x300
#define REG_DB_SQ_CQ	0x1000
#define REG_DB_EQ_AEQ	0x2000
#define REG_EQC		0x8000	/* in the VF's BAR2 */
#define WINDOW_EQC	0x1c00	/* in its window */

#define MB_SQC		0x0
#define MB_CQC		0x1
#define MB_EQC		0x2
#define MB_AEQC		0x3
#define MB_SQC_BT	0x4
#define MB_CQC_BT	0x5
#define MB_SQC_VFT	0x6
#define MB_STOP_QP	0x8
#define MB_FLUSH	0x9
#define MB_PAUSE	0xe
#define MB_BUSY		(1u << 13)
#define MB_GET		(1u << 14)
#define MB_STATUS(low)	(((low) >> 9) & 0xf)

#define DB_SQ		0
#define DB_CQ		1
#define DB_EQ		2
#define DB_AEQ		3

/* Config space */
#define CFG_COMMAND	0x04
#define CFG_REVISION	0x08
#define CFG_BAR2	0x18
#define CFG_BAR4	0x20
#define CFG_MSI		0x50
#define CFG_DEVCTL	0x88
#define CFG_FLR		0x8000	/* in DEVCTL */
#define CFG_SRIOV_CTRL	0x108
#define CFG_NUM_VFS	0x110
#define CFG_VF_BAR2	0x12c
#define CFG_VF_BAR4	0x134

struct acc {
	QTestState *q;
	uint64_t ram;		/* first byte that nobody has taken */
	struct acc_func {
		uint64_t regs;	/* address of its registers */
		uint64_t sqc, cqc, eq, aeq, scratch;
		uint64_t sq[ACC_FUNC_QUEUES], cq[ACC_FUNC_QUEUES];
		unsigned tail[ACC_FUNC_QUEUES];
		uint64_t msi;	/* messages go here, 4 bytes */
	} func[ACC_FUNCS];
};

/*
 * Boot a machine whose accelerator has these properties besides the usual ones,
 * set up BARs, VFs and the VFT. No function is started.
 */
void acc_start(struct acc *a, const char *properties);
/* The same, and QEMU's machine has a word more. */
void acc_start_machine(struct acc *a, const char *machine, const char *properties);
/* The same for a machine that runs, whatever has become of it. */
void acc_setup(struct acc *a);
/* It ends in order: no sanitizer has had a word to say. */
void acc_end(struct acc *a);

/* FLR; after one of the PF the functions have their queues again. */
void acc_reset(struct acc *a, unsigned fn);

uint64_t acc_alloc(struct acc *a, size_t size);
uint64_t acc_cfg(unsigned fn, unsigned off);
uint32_t acc_rd(struct acc *a, unsigned fn, unsigned off);
void acc_wr(struct acc *a, unsigned fn, unsigned off, uint32_t val);
void acc_step_us(struct acc *a, int64_t us);
uint32_t acc_oracle(struct acc *a, unsigned fn, uint32_t reg);
void acc_oracle_set(struct acc *a, unsigned fn, uint32_t reg, uint32_t val);
uint64_t acc_counter(struct acc *a, unsigned fn, unsigned counter);
/* So many violations of this kind since the last call, and none of another. */
void acc_violations(struct acc *a, unsigned kind, unsigned count);

/* Store a command, and wait until it is done: the low half as it reads then. */
void acc_mb_store(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue, uint64_t data);
uint64_t acc_mb(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue, uint64_t data);
bool acc_mb_busy(struct acc *a, unsigned fn);
void acc_db(struct acc *a, unsigned fn, unsigned queue, unsigned cmd, unsigned index,
	    unsigned priority);

/* Set up what a driver does: EQ, AEQ, tables, messages to memory, this queue. */
void acc_func_start(struct acc *a, unsigned fn);
void acc_queue_start(struct acc *a, unsigned fn, unsigned queue);

/* Set a context of 8 dwords by mailbox; put an entry of 32 dwords into a queue. */
void acc_set_context(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue,
		     const uint32_t *dw);
void acc_sqe_put(struct acc *a, unsigned fn, unsigned queue, const uint32_t *dw);

/* A job that inflates to so many bytes of what is given here, to any address. */
void acc_job_put(struct acc *a, unsigned fn, unsigned queue, uint64_t dst, const void *data,
		 unsigned len);
/* One that deflates what is at an address. */
void acc_job_deflate(struct acc *a, unsigned fn, unsigned queue, uint64_t src, uint32_t len,
		     uint64_t dst, uint32_t room, bool sgl);
void acc_ring(struct acc *a, unsigned fn, unsigned queue);
/* Dword n of the entry that was job's number (from 0) in its queue. */
uint32_t acc_sqe(struct acc *a, unsigned fn, unsigned queue, unsigned job, unsigned n);
/* Entries written to a CQ that has not wrapped. */
unsigned acc_done(struct acc *a, unsigned fn, unsigned queue);
/* It still works: a job in queue 0 after a reset of its function. */
void acc_check_alive(struct acc *a, unsigned fn);

void acc_add_regs_tests(void);
void acc_add_realize_tests(void);
void acc_add_mailbox_tests(void);
void acc_add_job_tests(void);
void acc_add_reentry_tests(void);
void acc_add_answer_tests(void);
void acc_add_more_answer_tests(void);
void acc_add_hole_tests(void);
void acc_add_written_tests(void);
void acc_add_smmu_tests(void);
void acc_add_alone_tests(void);
void acc_add_fuzz_tests(void);

#endif /* ACC_H */
