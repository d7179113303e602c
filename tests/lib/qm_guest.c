// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "qm_guest.h"

#define QM_MAILBOX		0x300
#define QM_DB_SQ_CQ		0x1000
#define QM_DB_EQ_AEQ		0x2000

#define QM_MB_BUSY		(1u << 13)
#define QM_MB_GET		(1u << 14)
#define QM_MB_STATUS		(0xfu << 9)
#define QM_MB_TIMEOUT_MS	3000

#define QM_VFT_NUM(vft)		(((vft) >> 45 & 0x3ff) + 1)

/* Doorbell commands; priority 1 asks a CQ for an event on the next CQE. */
#define QM_DB_CMD_SQ		0
#define QM_DB_CMD_CQ		1
#define QM_DB_CMD_EQ		2
#define QM_DB_CMD_AEQ		3

#define QM_IRQ_EQ		0
#define QM_IRQ_AEQ		1

#define QM_CTX_PHASE		(1u << 16)	/* dw6 of EQC and AEQC */
#define QM_DB_PAGE		0x10000	/* of one queue, in BAR4 */
#define QM_EVENT_PHASE		(1u << 16)
#define QM_CQC_PHASE		(1u << 0)	/* in dw6 */
#define QM_CQC_WANT_EVENT	(1u << 1)
#define QM_CQE_SIZE		16
#define QM_CTX_SIZE		32

/* Contexts and queue entries as the device reads and writes them. */
struct qm_sq_context {
	uint16_t head, tail;
	uint32_t base_l, base_h;
	uint32_t dw3;		/* log2 of the SQE size << 12 | depth - 1 */
	uint16_t w8, rsvd0, pasid, w11;
	uint16_t cq_num;
	uint16_t w13;		/* orders << 4 | algorithm type << 8 */
	uint32_t rsvd1;
};

struct qm_cq_context {
	uint16_t head, tail;
	uint32_t base_l, base_h;
	uint32_t dw3;		/* 4 << 12 | depth - 1 */
	uint16_t w8, rsvd0, pasid, w11;
	uint32_t dw6;		/* bit 0 phase, bit 1 event wanted */
	uint32_t rsvd1;
};

struct qm_event_context {
	uint16_t head, tail;
	uint32_t base_l, base_h;
	uint32_t dw3;
	uint32_t rsvd[2];
	uint32_t dw6;		/* depth - 1 | QM_CTX_PHASE */
	uint32_t pad;
};

struct qm_cqe {
	uint32_t rsvd0;
	uint16_t cmd_id, rsvd1;
	uint16_t sq_head, sq_num;
	uint16_t rsvd2, w7;	/* w7 bit 0: phase */
};

_Static_assert(sizeof(struct qm_sq_context) == QM_CTX_SIZE, "SQC");
_Static_assert(sizeof(struct qm_cq_context) == QM_CTX_SIZE, "CQC");
_Static_assert(sizeof(struct qm_event_context) == QM_CTX_SIZE, "EQC");
_Static_assert(sizeof(struct qm_cqe) == QM_CQE_SIZE, "CQE");

void (*qm_accessed)(char what, unsigned int bits, uint32_t reg, uint64_t value);

static void accessed(char what, unsigned int bits, uint32_t reg, uint64_t value)
{
	if (qm_accessed)
		qm_accessed(what, bits, reg, value);
}

uint32_t qm_read(struct vfio_dev *v, uint32_t reg)
{
	uint32_t value = *(volatile uint32_t *)((volatile char *)v->bar2 + reg);

	accessed('r', 32, reg, value);
	return value;
}

void qm_write(struct vfio_dev *v, uint32_t reg, uint32_t value)
{
	accessed('w', 32, reg, value);
	*(volatile uint32_t *)((volatile char *)v->bar2 + reg) = value;
}

/* What the CPU wrote to memory is there before the device is told of it. */
static void qm_wmb(void)
{
	asm volatile("dmb oshst" ::: "memory");
}

static void qm_rmb(void)
{
	asm volatile("dmb oshld" ::: "memory");
}

/* The mailbox takes one store of 128 bits, and is read by one such load. */
static void qm_mailbox_store(struct vfio_dev *v, uint64_t lo, uint64_t hi)
{
	volatile char *at = (volatile char *)v->bar2 + QM_MAILBOX;

	accessed('w', 128, QM_MAILBOX, lo);
	asm volatile("dmb oshst\n\tstp %0, %1, [%2]"
		     : : "r" (lo), "r" (hi), "r" (at) : "memory");
}

static void qm_mailbox_load(struct vfio_dev *v, uint64_t *lo, uint64_t *hi)
{
	volatile char *at = (volatile char *)v->bar2 + QM_MAILBOX;

	asm volatile("ldp %0, %1, [%2]\n\tdmb oshld"
		     : "=&r" (*lo), "=&r" (*hi) : "r" (at) : "memory");
	accessed('r', 128, QM_MAILBOX, *lo);
}

static uint64_t qm_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000ull + now.tv_nsec / 1000000;
}

static int qm_mailbox_wait(struct vfio_dev *v, uint64_t *lo, uint64_t *hi)
{
	uint64_t end = qm_now_ms() + QM_MB_TIMEOUT_MS;

	for (;;) {
		qm_mailbox_load(v, lo, hi);
		if (!(*lo & QM_MB_BUSY))
			return 0;
		if (qm_now_ms() > end)
			return -ETIMEDOUT;
		usleep(20);
	}
}

void qm_mailbox_ask(struct vfio_dev *v, uint8_t cmd, uint64_t data, uint16_t queue,
		    bool get)
{
	qm_mailbox_store(v, cmd | QM_MB_BUSY | (get ? QM_MB_GET : 0) |
			 (uint64_t)queue << 16 | data << 32, data >> 32);
}

bool qm_mailbox_busy(struct vfio_dev *v)
{
	uint64_t lo, hi;

	qm_mailbox_load(v, &lo, &hi);
	return lo & QM_MB_BUSY;
}

int qm_mailbox(struct vfio_dev *v, uint8_t cmd, uint64_t data, uint16_t queue,
	       bool get, uint64_t *result)
{
	uint64_t lo, hi;
	int ret;

	ret = qm_mailbox_wait(v, &lo, &hi);
	if (ret)
		return ret;
	qm_mailbox_ask(v, cmd, data, queue, get);
	ret = qm_mailbox_wait(v, &lo, &hi);
	if (ret)
		return ret;
	if (lo & QM_MB_STATUS)
		return -EIO;
	if (result)
		*result = lo >> 32 | hi << 32;
	return 0;
}

static void qm_doorbell(struct qm_guest *g, uint16_t queue, uint8_t cmd,
			uint16_t index, uint8_t priority)
{
	bool queues = cmd <= QM_DB_CMD_CQ;
	volatile char *at = g->home->bar2;
	uint64_t value = queue | (uint64_t)cmd << 12 | (uint64_t)index << 32 |
			 (uint64_t)priority << 48;

	if (queues && g->home->pages)
		at = (volatile char *)g->home->pages + queue * QM_DB_PAGE;
	at += queues ? QM_DB_SQ_CQ : QM_DB_EQ_AEQ;
	accessed('w', 64, queues ? QM_DB_SQ_CQ : QM_DB_EQ_AEQ, value);
	qm_wmb();
	*(volatile uint64_t *)at = value;
}

void qm_guest_restart(struct qm_guest *g, const struct qm_guest_queue *q, uint16_t index)
{
	qm_doorbell(g, q->id, QM_DB_CMD_SQ, index, 1);
}

void *qm_guest_ptr(struct qm_guest *g, size_t offset)
{
	return (char *)g->home->ram + offset;
}

uint64_t qm_guest_iova(struct qm_guest *g, size_t offset)
{
	return g->home->ram_iova + offset;
}

size_t qm_guest_alloc(struct qm_guest *g, size_t size, size_t align)
{
	size_t at = (g->ram_used + align - 1) & ~(align - 1);

	if (!at)	/* an offset of 0 means none */
		at = align;
	if (at + size > g->home->ram_size)
		return 0;
	g->ram_used = at + size;
	memset(qm_guest_ptr(g, at), 0, size);
	return at;
}

/* Hand a context over: in memory, its address in the mailbox. */
static int qm_guest_set_context(struct qm_guest *g, uint8_t cmd, uint16_t queue,
				const void *context)
{
	memcpy(qm_guest_ptr(g, g->scratch), context, QM_CTX_SIZE);
	return qm_mailbox(g->home, cmd, qm_guest_iova(g, g->scratch), queue,
			  false, NULL);
}

static int qm_guest_set_events(struct qm_guest *g, uint8_t cmd, size_t ring,
			       uint32_t depth)
{
	uint64_t base = qm_guest_iova(g, ring);
	struct qm_event_context context = {
		.base_l = base,
		.base_h = base >> 32,
		.dw6 = (depth - 1) | QM_CTX_PHASE,
	};

	return qm_guest_set_context(g, cmd, 0, &context);
}

static int qm_guest_alloc_tables(struct qm_guest *g)
{
	g->eq = qm_guest_alloc(g, QM_GUEST_EQ_DEPTH * 4, 4096);
	g->aeq = qm_guest_alloc(g, QM_GUEST_AEQ_DEPTH * 4, 4096);
	g->sqc = qm_guest_alloc(g, g->qp_num * QM_CTX_SIZE, 4096);
	g->cqc = qm_guest_alloc(g, g->qp_num * QM_CTX_SIZE, 4096);
	g->scratch = qm_guest_alloc(g, QM_CTX_SIZE, 64);
	return g->eq && g->aeq && g->sqc && g->cqc && g->scratch ? 0 : -ENOMEM;
}

int qm_guest_start(struct qm_guest *g, struct vfio_dev *home, uint8_t sqe_log2)
{
	uint64_t vft;
	int ret;

	memset(g, 0, sizeof(*g));
	g->home = home;
	g->sqe_log2 = sqe_log2;
	g->eq_phase = true;
	g->aeq_phase = true;

	ret = qm_mailbox(home, QM_MB_SQC_VFT, 0, 0, true, &vft);
	if (ret)
		return ret;
	g->qp_num = QM_VFT_NUM(vft);
	ret = qm_guest_alloc_tables(g);
	if (ret)
		return ret;

	ret = qm_guest_set_events(g, QM_MB_EQC, g->eq, QM_GUEST_EQ_DEPTH);
	if (!ret)
		ret = qm_guest_set_events(g, QM_MB_AEQC, g->aeq,
					  QM_GUEST_AEQ_DEPTH);
	if (!ret)
		ret = qm_mailbox(home, QM_MB_SQC_BT, qm_guest_iova(g, g->sqc),
				 0, false, NULL);
	if (!ret)
		ret = qm_mailbox(home, QM_MB_CQC_BT, qm_guest_iova(g, g->cqc),
				 0, false, NULL);
	if (ret)
		return ret;

	qm_doorbell(g, 0, QM_DB_CMD_AEQ, 0, 0);
	qm_doorbell(g, 0, QM_DB_CMD_EQ, 0, 0);
	qm_write(home, QM_EQ_INT_MASK, 0);
	qm_write(home, QM_AEQ_INT_MASK, 0);
	qm_write(home, QM_IFC_INT_SOURCE_V, 1);
	qm_write(home, QM_IFC_INT_MASK, 0);
	/* As a guest of another page size than the host's, so that it shows. */
	qm_write(home, QM_PAGE_SIZE, 1);
	qm_write(home, QM_VF_STATE, 0);
	return 0;
}

int qm_guest_add_queue(struct qm_guest *g, uint8_t alg, bool polls)
{
	struct qm_guest_queue *q = &g->queues[g->nr_queues];
	struct qm_sq_context sqc = { 0 };
	struct qm_cq_context cqc = { 0 };
	uint64_t base;
	int ret;

	if (g->nr_queues == QM_GUEST_QUEUES ||
	    g->nr_queues >= (int)g->qp_num)
		return -ENOSPC;

	memset(q, 0, sizeof(*q));
	q->id = g->nr_queues;
	q->alg = alg;
	q->polls = polls;
	q->cq_phase = true;
	q->sq = qm_guest_alloc(g, QM_GUEST_QUEUE_DEPTH << g->sqe_log2, 4096);
	q->cq = qm_guest_alloc(g, QM_GUEST_QUEUE_DEPTH * QM_CQE_SIZE, 4096);
	if (!q->sq || !q->cq)
		return -ENOMEM;

	base = qm_guest_iova(g, q->sq);
	sqc.base_l = base;
	sqc.base_h = base >> 32;
	sqc.dw3 = g->sqe_log2 << 12 | (QM_GUEST_QUEUE_DEPTH - 1);
	sqc.cq_num = q->id;
	sqc.w13 = 1 << 4 | alg << 8;
	ret = qm_guest_set_context(g, QM_MB_SQC, q->id, &sqc);
	if (ret)
		return ret;

	base = qm_guest_iova(g, q->cq);
	cqc.base_l = base;
	cqc.base_h = base >> 32;
	cqc.dw3 = 4 << 12 | (QM_GUEST_QUEUE_DEPTH - 1);
	cqc.dw6 = QM_CQC_PHASE | (polls ? 0 : QM_CQC_WANT_EVENT);
	ret = qm_guest_set_context(g, QM_MB_CQC, q->id, &cqc);
	if (ret)
		return ret;

	g->nr_queues++;
	return 0;
}

static void *qm_guest_sqe(struct qm_guest *g, const struct qm_guest_queue *q,
			  uint16_t index)
{
	return qm_guest_ptr(g, q->sq + ((size_t)index << g->sqe_log2));
}

int qm_guest_submit(struct qm_guest *g, struct qm_guest_queue *q,
		    const void *sqe)
{
	/* One entry stays free: a full ring would look like an empty one. */
	if (q->used == QM_GUEST_QUEUE_DEPTH - 1)
		return -EAGAIN;
	memcpy(qm_guest_sqe(g, q, q->tail), sqe, 1u << g->sqe_log2);
	q->tail = (q->tail + 1) % QM_GUEST_QUEUE_DEPTH;
	q->used++;
	qm_doorbell(g, q->id, QM_DB_CMD_SQ, q->tail, 0);
	return 0;
}

static int qm_guest_serve_cq(struct qm_guest *g, struct qm_guest_queue *q)
{
	int seen = 0;

	for (;;) {
		volatile struct qm_cqe *cqe =
			qm_guest_ptr(g, q->cq + q->cq_head * QM_CQE_SIZE);
		void *sqe;

		if ((cqe->w7 & 1) != q->cq_phase)
			break;
		qm_rmb();
		if (cqe->sq_head >= QM_GUEST_QUEUE_DEPTH || !q->used)
			return -EBADMSG;
		sqe = qm_guest_sqe(g, q, cqe->sq_head);
		g->finished(g, q, sqe);
		if (++q->cq_head == QM_GUEST_QUEUE_DEPTH) {
			q->cq_head = 0;
			q->cq_phase = !q->cq_phase;
		}
		q->used--;
		qm_doorbell(g, q->id, QM_DB_CMD_CQ, q->cq_head, 0);
		seen++;
	}
	if (!q->polls)
		qm_doorbell(g, q->id, QM_DB_CMD_CQ, q->cq_head, 1);
	return seen;
}

/* The next event of a ring without its phase, or -1 if there is none. */
static int qm_guest_next_event(struct qm_guest *g, size_t ring, uint16_t depth,
			       uint16_t *head, bool *phase)
{
	volatile uint32_t *event = qm_guest_ptr(g, ring);
	uint32_t value = event[*head];

	if (!!(value & QM_EVENT_PHASE) != *phase)
		return -1;
	qm_rmb();
	if (++*head == depth) {
		*head = 0;
		*phase = !*phase;
	}
	return value & ~QM_EVENT_PHASE;
}

static int qm_guest_serve_eq(struct qm_guest *g)
{
	int seen = 0, ret, id;

	while ((id = qm_guest_next_event(g, g->eq, QM_GUEST_EQ_DEPTH,
					 &g->eq_head, &g->eq_phase)) >= 0) {
		g->events++;
		if (id >= g->nr_queues)
			return -EBADMSG;
		ret = qm_guest_serve_cq(g, &g->queues[id]);
		if (ret < 0)
			return ret;
		seen += ret;
	}
	qm_doorbell(g, 0, QM_DB_CMD_EQ, g->eq_head, 0);
	return seen;
}

static void qm_guest_serve_aeq(struct qm_guest *g)
{
	int event;

	while ((event = qm_guest_next_event(g, g->aeq, QM_GUEST_AEQ_DEPTH,
					    &g->aeq_head, &g->aeq_phase)) >= 0) {
		g->async_events++;
		g->last_async_event = event;
	}
	qm_doorbell(g, 0, QM_DB_CMD_AEQ, g->aeq_head, 0);
}

/* Collect what has arrived at this VF's eventfds; wait if nothing is pending. */
static void qm_guest_collect(struct qm_guest *g, int timeout_ms)
{
	struct pollfd fds[VFIO_DEV_IRQS];
	uint64_t count;
	int i;

	for (i = 0; i < VFIO_DEV_IRQS; i++) {
		fds[i].fd = g->home->irq[i];
		fds[i].events = POLLIN;
		if (g->pending[i])
			timeout_ms = 0;
	}
	if (poll(fds, VFIO_DEV_IRQS, timeout_ms) < 0)
		return;
	for (i = 0; i < VFIO_DEV_IRQS; i++)
		if (read(g->home->irq[i], &count, sizeof(count)) > 0)
			g->pending[i] = true;
}

/* Queues whose owner never asks for an interrupt. */
static int qm_guest_look(struct qm_guest *g, bool *polls)
{
	int i, ret, seen = 0;

	*polls = false;
	for (i = 0; i < g->nr_queues; i++) {
		if (!g->queues[i].polls)
			continue;
		*polls = true;
		ret = qm_guest_serve_cq(g, &g->queues[i]);
		if (ret < 0)
			return ret;
		seen += ret;
	}
	return seen;
}

int qm_guest_stop(struct qm_guest *g)
{
	int ret = qm_mailbox(g->home, QM_MB_FLUSH_QM, 0, 0, false, NULL);

	qm_write(g->home, QM_EQ_INT_MASK, 1);
	qm_write(g->home, QM_AEQ_INT_MASK, 1);
	qm_write(g->home, QM_VF_STATE, 1);
	return ret;
}

int qm_guest_poll(struct qm_guest *g, int timeout_ms)
{
	int seen, ret;
	bool polls;

	seen = qm_guest_look(g, &polls);
	if (seen < 0)
		return seen;
	qm_guest_collect(g, polls ? 1 : timeout_ms);
	if (g->pending[QM_IRQ_EQ]) {
		g->pending[QM_IRQ_EQ] = false;
		g->interrupts++;
		ret = qm_guest_serve_eq(g);
		if (ret < 0)
			return ret;
		seen += ret;
	}
	if (g->pending[QM_IRQ_AEQ]) {
		g->pending[QM_IRQ_AEQ] = false;
		g->interrupts++;
		qm_guest_serve_aeq(g);
	}
	return seen;
}

#define QM_GUEST_SETTLE_MS	2000	/* on a machine that is busy with others, too */

/* Entries are there that the guest has not looked at. */
static bool qm_guest_event_waits(struct qm_guest *g)
{
	uint16_t head = g->eq_head;
	bool phase = g->eq_phase;

	return qm_guest_next_event(g, g->eq, QM_GUEST_EQ_DEPTH, &head, &phase) >= 0;
}

/* Where a VMM takes the state of its interrupt controller, what was sent has arrived. */
void qm_guest_move(struct qm_guest *g, struct vfio_dev *to)
{
	qm_guest_collect(g, qm_guest_event_waits(g) ? QM_GUEST_SETTLE_MS : 0);
	memcpy(to->ram, g->home->ram, g->ram_used);
	g->home = to;
}
