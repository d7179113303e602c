/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the "kunpeng-oracle" PCI device, the side channel through which
 * a test inside the emulated machine asks the accelerator model what happened:
 * how often each function was touched, what no driver may do and was done all
 * the same, and which faults to make. No driver binds to it; a test maps BAR0.
 *
 * Shared by the QEMU device and by the test programs: plain defines only.
 * All registers are 32-bit little endian, except those marked 64, which can be
 * read as one 64-bit or two 32-bit accesses. Accesses here are never counted.
 */
#ifndef KUNPENG_ORACLE_H
#define KUNPENG_ORACLE_H

#include "../device/kunpeng_answers.h"

#define KPO_VENDOR_ID		0x1234
#define KPO_DEVICE_ID		0xacc0
#define KPO_BAR_SIZE		0x10000

/* Selection: the registers below marked (func) speak of this function. */
#define KPO_MAGIC		0x000	/* RO: KPO_MAGIC_VALUE */
#define KPO_MAGIC_VALUE		0x314f504b	/* "KPO1" */
#define KPO_FUNC		0x004	/* RW: routing id, bus << 8 | devfn */
#define KPO_FUNC_ALL		0xffffffffu	/* counters: sum of all functions */
#define KPO_FUNC_VALID		0x008	/* RO: 1 = an emulated function has it */
#define KPO_CTRL		0x00c	/* WO: KPO_CTRL_* */
#define KPO_CTRL_CLEAR_COUNTERS	(1u << 0)	/* all functions, all phases */
#define KPO_CTRL_CLEAR_VIOLATIONS (1u << 1)	/* the log and both counts */

/*
 * Counters. An access is counted for the function that it concerns: BAR2 of a
 * function and its window in the PF's BAR2 count for that function, all other
 * PF registers for the PF.
 */
#define KPO_PHASE		0x010	/* RW: phase in which events count now */
#define KPO_PHASES		64
#define KPO_PHASE_SEL		0x014	/* RW: phase that the counters show */
#define KPO_PHASE_ALL		0xffffffffu	/* sum of all phases */
#define KPO_COUNTER(n)		(0x040 + (n) * 8)	/* RO, 64, (func) */
#define KPO_CNT_MMIO_READ	0	/* MMIO reads (a 128-bit one counts once) */
#define KPO_CNT_MMIO_WRITE	1	/* MMIO writes (a 128-bit one counts once) */
#define KPO_CNT_MBOX		2	/* mailbox commands taken */
#define KPO_CNT_DOORBELL	3	/* doorbells rung */
#define KPO_CNT_WRITE_BACK	4	/* cache write-backs completed */
#define KPO_CNT_DMA_READ	5	/* DMA reads */
#define KPO_CNT_DMA_WRITE	6	/* DMA writes */
#define KPO_CNT_MSI		7	/* interrupts sent */
#define KPO_CNT_JOB_STARTED	8	/* SQEs fetched and started */
#define KPO_CNT_JOB_DONE	9	/* jobs whose CQE was written */
#define KPO_CNT_RESET		10	/* function level resets */
#define KPO_CNT_DMA_ERROR	11	/* DMA refused by the IOMMU */
#define KPO_CNT_DOORBELL_PAGE	12	/* doorbells rung in a page of BAR4 */
#define KPO_COUNTERS		13

/* Violations: what no driver may do. Kinds that are expected count apart. */
#define KPO_VIOL_COUNT		0x100	/* RO: unexpected ones, all functions */
#define KPO_VIOL_EXPECTED	0x104	/* RO: expected ones */
#define KPO_VIOL_EXPECT_MASK	0x108	/* RW: bit (1 << kind) = expected */
#define KPO_VIOL_INDEX		0x10c	/* RW: which log entry is shown, from 0 */
#define KPO_VIOL_LOGGED		0x110	/* RO: entries in the log, both sorts */
#define KPO_VIOL_KIND		0x114	/* RO: KPO_V_* */
#define KPO_VIOL_FUNC		0x118	/* RO: routing id */
#define KPO_VIOL_PHASE		0x11c	/* RO */
#define KPO_VIOL_OFFSET		0x120	/* RO, 64: register offset or address */
#define KPO_VIOL_VALUE		0x128	/* RO, 64: value written, or 0 */
#define KPO_VIOL_TIME_NS	0x130	/* RO, 64: virtual clock */
#define KPO_VIOL_TEXT		0x140	/* RO: 64 bytes of text, NUL terminated */
#define KPO_VIOL_TEXT_LEN	64
#define KPO_VIOL_LOG_MAX	256

#define KPO_V_OUT_OF_WINDOW	0	/* access beyond a function's own window */
#define KPO_V_DEAD_HALF		1	/* write to (or read of) a dead BAR2 half or window */
#define KPO_V_MBOX_WIDTH	2	/* mailbox not written as 128 bits */
#define KPO_V_MBOX_BUSY		3	/* mailbox written while busy */
#define KPO_V_LOAD_RUNNING	4	/* load register written while the function runs */
#define KPO_V_DMA_UNSET		5	/* DMA address used before it was set */
#define KPO_V_UNIMPLEMENTED	6	/* register that the model does not know */
#define KPO_V_SAVE_BUSY		7	/* EQC/AEQC captured with jobs in flight */
#define KPO_V_SAVE_DIRTY	8	/* captured with contexts not written back */
#define KPO_V_VFT_RACE		9	/* VFT engine: sequences interleaved or started while busy */
#define KPO_V_BAD_DOORBELL	10	/* doorbell for a queue that is not there */
#define KPO_V_BAD_CONTEXT	11	/* context or SQE that makes no sense */
#define KPO_V_WIDTH		12	/* access of a width the register does not take */
#define KPO_V_SAVE_RUNNING	13	/* captured from a guest at work that nobody paused */
#define KPO_V_READ_BUSY		14	/* a register read that a command in work may falsify */
#define KPO_V_RESTART_RUNNING	15	/* restart of a queue that runs */
#define KPO_V_WB_BUSY		16	/* a write-back asked for while one is under way */
#define KPO_V_NOT_QUIET		17	/* a function that is to stand still works: KPO_QUIET */
#define KPO_V_CONFIG_RUNNING	18	/* configuration changed under a guest at work */
#define KPO_V_MEM_INIT		19	/* the VFT is wiped while VFs are enabled */
#define KPO_V_SELECT_MOVED	20	/* select bit moved while VFs are in use */
#define KPO_V_PF_STRAY		21	/* a PF's register that its phase does not allow */
#define KPO_V_KINDS		22

/* Faults: fill in the registers, then write KPO_FAULT_ARM. */
#define KPO_FAULT_KIND		0x200	/* RW: KPO_F_* */
#define KPO_FAULT_ARG		0x204	/* RW: see the kinds */
#define KPO_FAULT_CMD		0x208	/* RW: mailbox faults: only this command; 0 = any */
#define KPO_FAULT_SKIP		0x20c	/* RW: let so many occasions pass first */
#define KPO_FAULT_COUNT		0x210	/* RW: strike so often; 0 = until cleared */
#define KPO_FAULT_ARM		0x214	/* WO, (func): 1 arm this one, 0 clear the function's all */
#define KPO_FAULT_HITS		0x218	/* RO, (func): times that faults struck since armed */

#define KPO_F_MBOX_STUCK	1	/* the command is taken and busy stays set */
#define KPO_F_MBOX_STATUS	2	/* the command ends with status ARG, not done */
#define KPO_F_MBOX_LATE		3	/* the command takes ARG microseconds longer */
#define KPO_F_WB_NEVER		4	/* CACHE_WB_DONE stays 0 */
#define KPO_F_VFT_BUSY		5	/* VFT_CFG_RDY stays 0 (arm on the PF) */
#define KPO_F_RAS_PENDING	6	/* ABNORMAL_INT_STATUS reads ARG (arm on the PF) */
#define KPO_F_ENGINE_RAS	7	/* the engine's status reads ARG (arm on the PF) */
#define KPO_F_IFC_PENDING	8	/* IFC_INT_STATUS reads ARG */
#define KPO_F_ALL_ONES		9	/* every MMIO read of the function gives all ones,
					 * writes are dropped */
#define KPO_F_SEL_FLIP		10	/* the PF's select bit flips at the (SKIP+1)th
					 * MMIO access to the function */
#define KPO_F_FLR		11	/* the function is reset at that access */
#define KPO_F_PF_FLR		12	/* its PF is reset at that access */

/* What the function is doing now. */
#define KPO_STATE		0x300	/* RO, (func): KPO_STATE_* */
#define KPO_STATE_PAUSED	(1u << 0)	/* fetches nothing more */
#define KPO_STATE_SELECT	(1u << 1)	/* select bit of its PF */
#define KPO_STATE_DIRTY		(1u << 2)	/* cached contexts differ from memory */
#define KPO_STATE_READY		(1u << 3)	/* VF_STATE bit 0 is 0: guest driver ready */
#define KPO_JOBS_IN_FLIGHT	0x304	/* RO, (func): started and not finished */
#define KPO_VFT_BASE		0x308	/* RO, (func): first queue pair */
#define KPO_VFT_NUM		0x30c	/* RO, (func): queue pairs, 0 = none */
#define KPO_JOB_TIME_US		0x310	/* RW, (func): virtual time of a job; any
					 * function sets it for its whole device, and
					 * its own jobs in flight take no longer */
#define KPO_SELECT		0x314	/* RW, (func): select bit of its PF, set by a test */
#define KPO_MBOX_TIME_US	0x318	/* RW, (func): time of a mailbox command */
#define KPO_WB_TIME_US		0x31c	/* RW, (func): time of a cache write-back */
#define KPO_VFT_TIME_US		0x320	/* RW, (func): time of a VFT operation */
#define KPO_CLOCK_NS		0x328	/* RO, 64: QEMU's virtual clock */
#define KPO_INSTRUCTIONS	0x330	/* RO, 64: executed so far; 0 without -icount */
#define KPO_READ_NS		0x338	/* RW: what an MMIO read takes, with -icount */

#define KPO_QUIET		0x324	/* RW, (func): 1: user space takes the function for
					 * stopped; it starts no job and writes nothing */

#define KPO_RAISE_AEQE		0x33c	/* WO, (func): the function finds an error, KPO_AEQE();
					 * without an AEQ that has an address nothing comes */
#define KPO_AEQE(type, number)	((type) << 17 | (number))
#define KPO_AEQE_CQ_OVERFLOW	0	/* the number is the queue's */
#define KPO_AEQE_EQ_OVERFLOW	1
#define KPO_AEQE_CQE_ERROR	2	/* the number is the queue's */

/*
 * What the device answers where public sources leave the choice: the question
 * is one of enum kunpeng_question, the answer a value of the enumeration named
 * after it. Any function sets it for its whole device; an answer that there is
 * not changes nothing.
 */
#define KPO_ANSWER(question)	(0x400 + (question) * 4)	/* RW, (func) */
#define KPO_ANSWERS(question)	(0x480 + (question) * 4)	/* RO, (func): how many */

/*
 * Which pages a function has written to, by IOVA, and with what: a byte of
 * KPO_WROTE_* for each of KPO_PAGES pages. To watch none is to forget them.
 */
#define KPO_PAGES_WATCH		0x500	/* WO, (func): 1 watch from KPO_PAGES_FROM, 0 none */
#define KPO_PAGES_FROM		0x504	/* RW: number of the first page */
#define KPO_PAGES_TAKE		0x508	/* WO, (func): what was written since the last time,
					 * by no more than one moment, goes to KPO_PAGES_MAP */
#define KPO_PAGE_SHIFT		12
#define KPO_PAGES		0x2000
#define KPO_PAGES_MAP		0x8000	/* RO, 64: what was taken */

#define KPO_WROTE_RESULT	(1u << 0)	/* of a job */
#define KPO_WROTE_SQE		(1u << 1)
#define KPO_WROTE_CQE		(1u << 2)
#define KPO_WROTE_EQE		(1u << 3)
#define KPO_WROTE_AEQE		(1u << 4)
#define KPO_WROTE_CONTEXT	(1u << 5)	/* write-back of a queue's context */
#define KPO_WROTE_MAILBOX	(1u << 6)	/* answer of a mailbox command */

#endif /* KUNPENG_ORACLE_H */
