// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest's accelerator works whatever ends a pause, and whatever VF_STATE is after a
 * reset: the same stories under each pair of answers that the hardware may give.
 */
#include <errno.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	40

struct answers {
	enum rig_role role;
	uint32_t pause_end;
	uint32_t vf_state;
};

/* A VF that has been reset since it answers like this. */
static struct vfio_dev *open_with(const struct answers *a, int n)
{
	struct pci_func vf;

	if (!oracle_present())
		tap_skip("only the accelerator model takes other answers");
	rig_vf(a->role, n, &vf);
	rig_answer(&vf, KP_Q_PAUSE_END, a->pause_end);
	rig_answer(&vf, KP_Q_VF_STATE_RESET, a->vf_state);
	return rig_open(a->role, n);
}

static void guest_works(struct vfio_dev *v)
{
	rig_finish(rig_guest(v, JOBS));
}

static void stop_and_go(struct vfio_dev *v)
{
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
}

/* As QEMU starts a VM; and as one that is stopped before its driver is there. */
static void driver_comes_late(const void *arg)
{
	struct vfio_dev *v = open_with(arg, 0);

	check_ok(mig_set_state(v, MIG_RUNNING_P2P, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	guest_works(v);
	check_ok(vfio_dev_reset(v));
	stop_and_go(v);
	stop_and_go(v);
	guest_works(v);
}

static void without_driver_to_a_destination(const void *arg)
{
	struct vfio_dev *from = open_with(arg, 0), *to = open_with(arg, 1);
	struct mig_stream stream;

	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of a guest without driver");
	check_ok(mig_set_state(to, MIG_RUNNING_P2P, NULL));
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	guest_works(to);
	/* The source goes on: the migration has been cancelled. */
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	guest_works(from);
}

static void at_work_to_a_destination(const void *arg)
{
	struct vfio_dev *from = open_with(arg, 0), *to = open_with(arg, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	check_ok(mig_set_state(to, MIG_RUNNING_P2P, NULL));
	rig_move(z, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of a guest at work");
	rig_more_jobs(z, JOBS);
	rig_finish(z);
	/* And back, to a VF that is like new. */
	check_ok(vfio_dev_reset(from));
	rig_more_jobs(z, JOBS);
	rig_move(z, from, &stream, NULL);
	rig_finish(z);
}

static void goes_on_at_the_source(const void *arg)
{
	struct vfio_dev *v = open_with(arg, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	int fd;

	stop_and_go(v);
	rig_more_jobs(z, JOBS);
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	close(fd);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* It has been moved, goes, and comes again; the VM is stopped meanwhile. */
static void driver_is_loaded_again(const void *arg)
{
	struct vfio_dev *from = open_with(arg, 0), *to = open_with(arg, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	check_ok(qm_guest_stop(&z->qm));
	stop_and_go(to);
	guest_works(to);
}

/* The state's user lets it: what becomes ready meanwhile is paused at the next arc. */
static void driver_comes_between_two_arcs(const void *arg)
{
	struct vfio_dev *v = open_with(arg, 0);
	struct job_guest *z;
	int finished, fd;

	check_ok(mig_set_state(v, MIG_RUNNING_P2P, NULL));
	z = rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_eq(oracle_get(&v->func, KPO_JOBS_IN_FLIGHT), 0, "jobs in flight in STOP");
	check(oracle_get(&v->func, KPO_STATE) & KPO_STATE_PAUSED, "it is not paused");
	finished = z->finished;
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	check(finished < z->nr_jobs, "all jobs were done before");
	rig_finish(z);

	check_ok(vfio_dev_reset(v));
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	oracle_quiet(&v->func, false);
	z = rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	close(fd);
	check_eq(oracle_get(&v->func, KPO_JOBS_IN_FLIGHT), 0, "jobs in flight in STOP_COPY");
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* Queues of the guest before could let it go, and nothing else: refused, not dead. */
static void guest_without_driver_comes_after_another(const void *arg)
{
	struct vfio_dev *v = open_with(arg, 0), *other = open_with(arg, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream none, stream;

	check_ok(mig_save(other, &none, NULL));
	check_ok(mig_save(v, &stream, NULL));
	check_err(mig_load(v, &none, NULL), -EBUSY);
	rig_check_state(v, MIG_RESUMING);
	check_ok(vfio_dev_reset(v));
	check_ok(mig_load(v, &none, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	guest_works(v);
	(void)z;
}

#define STORY(sentence, fn, role, name, pause, state)			\
	{ sentence " (" name ", pause-end=" #pause ", vf-state-reset=" #state ")",	\
	  fn, &(const struct answers){ role, KP_PAUSE_END_##pause,	\
				       KP_VF_STATE_RESET_##state } }

#define PAIRS(sentence, fn)						\
	STORY(sentence, fn, RIG_V3, "V3", EQC, NOT_READY),		\
	STORY(sentence, fn, RIG_V3, "V3", DOORBELL, NOT_READY),		\
	STORY(sentence, fn, RIG_V4, "V4", EQC, READY),			\
	STORY(sentence, fn, RIG_V4, "V4", DOORBELL, READY)

const struct tap_test sys_answer_tests[] = {
	PAIRS("a guest's driver comes after the VM has been started, or stopped",
	      driver_comes_late),
	PAIRS("a guest without driver goes to a destination that has waited",
	      without_driver_to_a_destination),
	PAIRS("a guest at work goes to a destination that has waited, and back",
	      at_work_to_a_destination),
	PAIRS("a guest at work goes on after a pause and a cancelled migration",
	      goes_on_at_the_source),
	PAIRS("a guest's driver is loaded again after a migration", driver_is_loaded_again),
	PAIRS("a guest's driver comes between two arcs", driver_comes_between_two_arcs),
	PAIRS("a VF that is paused refuses a guest without driver",
	      guest_without_driver_comes_after_another),
	{ NULL, NULL, NULL },
};
