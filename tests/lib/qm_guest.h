/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The guest's driver of a VF's queue manager: tables and rings in the guest's
 * memory, contexts by mailbox, doorbells, interrupts. It learns of finished
 * work by interrupt alone, as the real one does, so that a lost event shows.
 * One thread uses a guest at a time. Calls give 0 or -errno.
 */
#ifndef HACC_QM_GUEST_H
#define HACC_QM_GUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vfio.h"

#define QM_GUEST_QUEUES		8
#define QM_GUEST_SQE_MAX	128
#define QM_GUEST_QUEUE_DEPTH	16	/* small: the rings wrap often */
#define QM_GUEST_EQ_DEPTH	64
#define QM_GUEST_AEQ_DEPTH	64

#define QM_MB_SQC		0x0
#define QM_MB_CQC		0x1
#define QM_MB_EQC		0x2
#define QM_MB_AEQC		0x3
#define QM_MB_SQC_BT		0x4
#define QM_MB_CQC_BT		0x5
#define QM_MB_SQC_VFT		0x6
#define QM_MB_FLUSH_QM		0x9
#define QM_MB_PAUSE		0xe

struct qm_guest_queue {
	uint16_t id;
	uint8_t alg;		/* the engine's type of queue */
	bool polls;		/* its owner asks for no interrupts, and looks */
	size_t sq;		/* offsets in the guest's memory */
	size_t cq;
	uint16_t tail;
	uint16_t cq_head;
	bool cq_phase;
	uint16_t used;		/* SQEs that the device may still own */
};

struct qm_guest {
	struct vfio_dev *home;	/* the VF that it drives now */
	uint32_t qp_num;
	uint8_t sqe_log2;	/* of the size of the engine's SQEs */
	size_t ram_used;
	size_t eq;
	size_t aeq;
	size_t sqc;
	size_t cqc;
	size_t scratch;		/* a context on its way to the device */
	uint16_t eq_head;
	uint16_t aeq_head;
	bool eq_phase;
	bool aeq_phase;
	struct qm_guest_queue queues[QM_GUEST_QUEUES];
	int nr_queues;
	/* Interrupts that arrived at an earlier home and were not served there. */
	bool pending[VFIO_DEV_IRQS];
	/* Called for each CQE with the SQE that the device has given back. */
	void (*finished)(struct qm_guest *g, struct qm_guest_queue *q,
			 void *sqe);
	uint64_t interrupts;
	uint64_t events;	/* EQEs */
	uint64_t async_events;	/* AEQEs: errors, all of them */
	uint32_t last_async_event;	/* without its phase */
};

/* Find the queues and start the function; its guest driver is then "ready". */
int qm_guest_start(struct qm_guest *g, struct vfio_dev *home,
		   uint8_t sqe_log2);
int qm_guest_add_queue(struct qm_guest *g, uint8_t alg, bool polls);
/* -EAGAIN: the queue is full. */
int qm_guest_submit(struct qm_guest *g, struct qm_guest_queue *q,
		    const void *sqe);
/*
 * The doorbell that no guest rings: a paused queue goes on where its context says. Whether
 * the index means anything is not known; drivers that move guests give 0.
 */
void qm_guest_restart(struct qm_guest *g, const struct qm_guest_queue *q, uint16_t index);
/* Wait for an interrupt, serve it; CQEs seen, or -errno. */
int qm_guest_poll(struct qm_guest *g, int timeout_ms);
/* The guest's driver goes: its queues are done, it is not ready any more. */
int qm_guest_stop(struct qm_guest *g);
/* The guest goes on in another VF: copy its memory, keep its interrupts. */
void qm_guest_move(struct qm_guest *g, struct vfio_dev *to);

/* Memory that the device can reach: its offset, zeroed. 0 = no more. */
size_t qm_guest_alloc(struct qm_guest *g, size_t size, size_t align);
void *qm_guest_ptr(struct qm_guest *g, size_t offset);
uint64_t qm_guest_iova(struct qm_guest *g, size_t offset);

/* One mailbox command of a VF; result (may be NULL) gets its 64-bit data. */
int qm_mailbox(struct vfio_dev *v, uint8_t cmd, uint64_t data, uint16_t queue,
	       bool get, uint64_t *result);
/* Begin a command, and look whether it is done; the mailbox is free before. */
void qm_mailbox_ask(struct vfio_dev *v, uint8_t cmd, uint64_t data, uint16_t queue,
		    bool get);
bool qm_mailbox_busy(struct vfio_dev *v);
/* Who wants to hear of each access to a register: 'r' or 'w', bits, which, its value. */
extern void (*qm_accessed)(char what, unsigned int bits, uint32_t reg, uint64_t value);
uint32_t qm_read(struct vfio_dev *v, uint32_t reg);
void qm_write(struct vfio_dev *v, uint32_t reg, uint32_t value);

#define QM_AEQ_INT_MASK		0x04
#define QM_EQ_INT_SOURCE	0x08
#define QM_EQ_INT_MASK		0x0c
#define QM_IFC_INT_SOURCE_V	0x20
#define QM_IFC_INT_MASK		0x24
#define QM_QUE_ISO_CFG		0x30
#define QM_PAGE_SIZE		0x34
#define QM_FUN_DB_DROP		0x38	/* V5 */
#define QM_VF_STATE		0x60
#define QM_CACHE_WB_START	0x204
#define QM_CACHE_WB_DONE	0x208

#endif /* HACC_QM_GUEST_H */
