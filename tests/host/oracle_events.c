// SPDX-License-Identifier: GPL-2.0-only
/*
 * Asynchronous events that a test has the accelerator model raise reach the
 * guest as its own do.
 */
#include <errno.h>

#include "rig.h"
#include "suites.h"

#define JOBS		16
#define PATIENCE_POLLS	200	/* of 10 ms */

static const enum rig_role roles[] = {
	RIG_V3, RIG_V4, RIG_SEC_V3, RIG_HPRE_V3,
};

static void raise_error(struct vfio_dev *v, uint32_t type, uint32_t number)
{
	oracle_set(&v->func, KPO_RAISE_AEQE, KPO_AEQE(type, number));
}

static void wait_events(struct job_guest *z, uint64_t count)
{
	int i;

	for (i = 0; i < PATIENCE_POLLS && z->qm.async_events < count; i++)
		check_ok(qm_guest_poll(&z->qm, 10));
	check_eq(z->qm.async_events, count, "asynchronous events that came");
}

static void reaches_the_guest(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = rig_guest(v, JOBS);

	rig_finish(z);
	raise_error(v, KPO_AEQE_CQ_OVERFLOW, 1);
	wait_events(z, 1);
	raise_error(v, KPO_AEQE_CQE_ERROR, 0);
	raise_error(v, KPO_AEQE_EQ_OVERFLOW, 0);
	wait_events(z, 3);
	check_eq(z->qm.last_async_event, KPO_AEQE(KPO_AEQE_EQ_OVERFLOW, 0),
		 "the last asynchronous event");
}

/* The jobs that a pause waits for may well end in an error. */
static void reaches_it_when_paused(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_guest(v, JOBS);

	(void)arg;
	rig_finish(z);
	check_ok(qm_mailbox(v, QM_MB_PAUSE, 0, 0, false, NULL));
	raise_error(v, KPO_AEQE_CQ_OVERFLOW, 0);
	wait_events(z, 1);
}

/* A whole ring of them and more: what has no room is lost. */
static void ring_wraps(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_guest(v, JOBS);
	int i;

	(void)arg;
	for (i = 0; i < QM_GUEST_AEQ_DEPTH / 2; i++)
		raise_error(v, KPO_AEQE_CQE_ERROR, 0);
	wait_events(z, QM_GUEST_AEQ_DEPTH / 2);
	for (i = 0; i < 2 * QM_GUEST_AEQ_DEPTH; i++)
		raise_error(v, KPO_AEQE_CQE_ERROR, 0);
	wait_events(z, QM_GUEST_AEQ_DEPTH / 2 + QM_GUEST_AEQ_DEPTH - 1);
}

/* No driver has set the function up: nobody is told, and nothing is wrong. */
static void is_lost_without_a_queue(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct oracle_counts before, after;

	(void)arg;
	oracle_counts(&v->func, &before);
	raise_error(v, KPO_AEQE_CQ_OVERFLOW, 0);
	oracle_counts(&v->func, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_DMA_WRITE), 0, "DMA writes");
	check_eq(oracle_diff(&after, &before, KPO_CNT_MSI), 0, "interrupts");
}

const struct tap_test oracle_event_tests[] = {
	{ "an error that the accelerator finds reaches the guest (V3)", reaches_the_guest, &roles[0] },
	{ "an error that the accelerator finds reaches the guest (V4)", reaches_the_guest, &roles[1] },
	{ "an error that the accelerator finds reaches the guest (SEC)", reaches_the_guest, &roles[2] },
	{ "an error that the accelerator finds reaches the guest (HPRE)", reaches_the_guest, &roles[3] },
	{ "an error reaches the guest of a paused function", reaches_it_when_paused, NULL },
	{ "errors wrap their ring, and those without room are lost", ring_wraps, NULL },
	{ "an error of a function without event queues is lost", is_lost_without_a_queue, NULL },
	{ NULL, NULL, NULL },
};
