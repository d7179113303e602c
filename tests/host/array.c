// SPDX-License-Identifier: GPL-2.0-only
/*
 * What has to be right whatever the accelerator answers (docs/emulator.md, "Answers"):
 * a guest moves and comes back, is stopped and goes on, has no driver yet, is reset in the
 * midst, and is exchanged with the in-tree driver. The machine says which answers are
 * given; each story runs on each kind of accelerator.
 */
#include <errno.h>
#include <unistd.h>

#include "interop.h"
#include "rig.h"
#include "suites.h"

#define JOBS	40

struct place {
	enum rig_role role;
	const char *module;
};

static struct vfio_dev *open_vf(const void *arg, int n)
{
	const struct place *p = arg;

	rig_use_module(p->module, "");
	return rig_open(p->role, n);
}

static void moves_and_comes_back(const void *arg)
{
	struct vfio_dev *from = open_vf(arg, 0), *to = open_vf(arg, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of a guest at work");
	rig_run(z, z->finished + JOBS / 4);
	rig_more_jobs(z, JOBS / 4);
	check_ok(vfio_dev_reset(from));
	rig_move(z, from, &stream, NULL);
	rig_finish(z);
	/* Idle at the stop: its next event comes all the same. */
	check_ok(vfio_dev_reset(to));
	rig_move(z, to, &stream, NULL);
	check_ok(job_guest_add_jobs(z, JOBS / 4));
	rig_finish(z);
}

static void goes_on_at_the_source(const void *arg)
{
	struct vfio_dev *v = open_vf(arg, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream stream;
	int fd, i;

	for (i = 0; i < 3; i++) {
		check_ok(mig_set_state(v, MIG_STOP, NULL));
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		rig_run(z, z->finished + JOBS / 8);
		rig_more_jobs(z, JOBS / 8);
	}
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &stream, 64));
	close(fd);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
	/* With nothing to do, twice, and then at work again. */
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	check_ok(job_guest_add_jobs(z, JOBS / 4));
	rig_finish(z);
}

static void has_no_driver_yet(const void *arg)
{
	struct vfio_dev *from = open_vf(arg, 0), *to = open_vf(arg, 1);
	struct mig_stream stream;

	check_ok(mig_set_state(from, MIG_STOP, NULL));
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of a guest without driver");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, JOBS));
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(rig_guest(from, JOBS));
}

/* Its driver goes after the move and comes again, once without and once with a reset. */
static void driver_is_loaded_again(const void *arg)
{
	struct vfio_dev *from = open_vf(arg, 0), *to = open_vf(arg, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	check_ok(qm_guest_stop(&z->qm));
	check_ok(mig_set_state(to, MIG_STOP, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, JOBS));
	check_ok(vfio_dev_reset(to));
	rig_finish(rig_guest(to, JOBS));
}

static void check_like_new(struct vfio_dev *v, struct vfio_dev *other)
{
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream stream;

	rig_move(z, other, &stream, NULL);
	rig_finish(z);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
}

/* By its user, by sysfs and with its PF: where it stood, with its record half read. */
static void is_reset_in_the_midst(const void *arg)
{
	const struct place *p = arg;
	struct vfio_dev *v = open_vf(arg, 0), *other = open_vf(arg, 1);
	const char *const bdfs[] = { NULL, v->func.bdf, rig_pf(p->role)->bdf };
	struct mig_stream stream;
	size_t i;
	int fd;

	for (i = 0; i < ARRAY_SIZE(bdfs); i++) {
		rig_busy_guest(v, JOBS);
		check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
		check_ok(mig_read(fd, &stream, 64));
		if (bdfs[i])
			check_ok(pci_write(bdfs[i], "reset", "1"));
		else
			check_ok(vfio_dev_reset(v));
		rig_check_fd_dead(MIG_STOP_COPY, fd);
		close(fd);
		rig_check_state(v, bdfs[i] ? MIG_STOP_COPY : MIG_RUNNING);
		check_ok(vfio_dev_reset(v));
		check_ok(vfio_dev_reset(other));
		check_like_new(v, other);
	}
}

static void is_reset_while_it_loads(const void *arg)
{
	struct vfio_dev *from = open_vf(arg, 0), *to = open_vf(arg, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	int fd;

	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL));
	check_ok(pci_write(to->func.bdf, "reset", "1"));
	check_err(mig_set_state(to, MIG_STOP, NULL), -EIO);
	close(fd);
	check_ok(vfio_dev_reset(to));
	/* The source has lost nothing. */
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(z);
	check_ok(vfio_dev_reset(from));
	check_like_new(from, to);
}

static void goes_to_the_other_driver_and_back(const void *arg)
{
	const struct place *p = arg;

	interop_exchange(MODULE_OURS, MODULE_THEIRS, p->role);
	interop_exchange(MODULE_THEIRS, MODULE_OURS, p->role);
}

#define AT(role)	(&(const struct place){ role, MODULE_OURS })
#define WITH_THEIRS(role) (&(const struct place){ role, MODULE_THEIRS })

#define MOVES(name, place)							\
	{ name " moves at work and idle, and comes back", moves_and_comes_back, place },	\
	{ name " moves without a driver, which comes later", has_no_driver_yet, place },	\
	{ name " has its driver loaded again after a move",			\
	  driver_is_loaded_again, place }

#define MIGRATES(name, place)							\
	MOVES(name, place),							\
	{ name " goes on after pauses and a cancelled migration",		\
	  goes_on_at_the_source, place }

#define IS_RESET(name, place)							\
	{ name " is reset while it is saved, in each way", is_reset_in_the_midst, place },	\
	{ name " is reset while it loads", is_reset_while_it_loads, place }

const struct tap_test array_tests[] = {
	MIGRATES("a V3 guest", AT(RIG_V3)),
	IS_RESET("a V3 guest", AT(RIG_V3)),
	MIGRATES("a V4 guest", AT(RIG_V4)),
	IS_RESET("a V4 guest", AT(RIG_V4)),
	MIGRATES("a V5 guest", AT(RIG_V5)),
	IS_RESET("a V5 guest", AT(RIG_V5)),
	MIGRATES("an isolated V3 guest", AT(RIG_V3_ISOLATED)),
	MIGRATES("an isolated V4 guest", AT(RIG_V4_ISOLATED)),
	IS_RESET("an isolated V4 guest", AT(RIG_V4_ISOLATED)),
	MIGRATES("a SEC V3 guest", AT(RIG_SEC_V3)),
	MIGRATES("an HPRE V4 guest", AT(RIG_HPRE_V4)),
	{ "a V3 guest goes to the in-tree driver and back", goes_to_the_other_driver_and_back,
	  AT(RIG_V3) },
	{ NULL, NULL, NULL },
};

/* The same where the in-tree driver is at work, which does not go on after a pause. */
const struct tap_test array_intree_tests[] = {
	MOVES("with the in-tree driver, a V3 guest", WITH_THEIRS(RIG_V3)),
	{ NULL, NULL, NULL },
};
