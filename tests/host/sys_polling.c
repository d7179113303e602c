// SPDX-License-Identifier: GPL-2.0-only
/*
 * Guests that poll, as user space drivers do: their queues ask for no interrupts, their
 * owner looks at the completion queues alone. Nothing but memory tells them anything.
 */
#include <stdlib.h>

#include "rig.h"
#include "suites.h"

#define JOBS		80
#define QUEUES		4
#define ALL		((1u << QUEUES) - 1)
#define HALF		0x5u	/* beside queues with interrupts, of the same VF */

static struct job_guest *polling_guest(struct vfio_dev *v, unsigned int polls)
{
	struct job_guest *z = calloc(1, sizeof(*z));

	tap_defer(free, z);
	check_ok(job_guest_start_polling(z, v, QUEUES, polls));
	check_ok(job_guest_add_jobs(z, JOBS / 2));
	rig_run(z, JOBS / 4);
	rig_more_jobs(z, JOBS / 2);
	return z;
}

static void moves(enum rig_role role, unsigned int polls)
{
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = polling_guest(from, polls);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	if (polls == ALL)
		check_eq(z->qm.interrupts, 0, "interrupts of a guest that polls");
	/* And goes on where it is, after a pause. */
	rig_more_jobs(z, JOBS / 2);
	check_ok(mig_set_state(to, MIG_STOP, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void moves_alone(const void *arg)
{
	moves(*(const enum rig_role *)arg, ALL);
}

static void moves_beside_interrupts(const void *arg)
{
	moves(*(const enum rig_role *)arg, HALF);
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_polling_tests[] = {
	{ "a guest that polls moves with jobs in flight on V3", moves_alone, &v3 },
	{ "a guest that polls moves with jobs in flight on V4", moves_alone, &v4 },
	{ "queues that poll move beside others on V3", moves_beside_interrupts, &v3 },
	{ "queues that poll move beside others on V4", moves_beside_interrupts, &v4 },
	{ NULL, NULL, NULL },
};
