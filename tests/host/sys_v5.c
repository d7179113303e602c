// SPDX-License-Identifier: GPL-2.0-only
/*
 * QM V5 and newer: a function has a register that drops its doorbells, which its guest
 * may write, and of which nobody says what a reset leaves.
 */
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60

static void moves(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V5, 0), *to = rig_open(RIG_V5, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	(void)arg;
	rig_move(z, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	rig_finish(z);
	rig_more_jobs(z, JOBS / 2);
	check_ok(mig_set_state(to, MIG_STOP_COPY, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* The guest before has left its doorbells dropped, or a reset has. */
static void doorbells_work_after_a_load(const void *arg)
{
	uint32_t answer = *(const uint32_t *)arg;
	struct vfio_dev *from = rig_open(RIG_V5, 0), *to = rig_open(RIG_V5, 1);
	struct mig_stream stream;
	struct job_guest *z;

	if (!oracle_present())
		tap_skip("only the accelerator model takes other answers");
	rig_answer(&to->func, KP_Q_DB_DROP_RESET, answer);
	qm_write(to, QM_FUN_DB_DROP, 1);
	check_ok(vfio_dev_reset(to));
	check_eq(qm_read(to, QM_FUN_DB_DROP), answer != KP_DB_DROP_RESET_CLEAR,
		 "FUN_DB_DROP before the load");
	qm_write(from, QM_FUN_DB_DROP, 0);
	z = rig_busy_guest(from, JOBS);
	rig_move(z, to, &stream, NULL);
	check_eq(qm_read(to, QM_FUN_DB_DROP), 0, "FUN_DB_DROP after the load");
	rig_finish(z);
}

static const uint32_t clear = KP_DB_DROP_RESET_CLEAR, set = KP_DB_DROP_RESET_SET,
		      kept = KP_DB_DROP_RESET_KEPT;

const struct tap_test sys_v5_tests[] = {
	{ "a V5 VF moves with jobs in flight, and goes on after a cancelled migration", moves,
	  NULL },
	{ "doorbells of a V5 VF work after a load (db-drop-reset=clear)",
	  doorbells_work_after_a_load, &clear },
	{ "doorbells of a V5 VF work after a load (db-drop-reset=set)",
	  doorbells_work_after_a_load, &set },
	{ "doorbells of a V5 VF work after a load (db-drop-reset=kept)",
	  doorbells_work_after_a_load, &kept },
	{ NULL, NULL, NULL },
};
