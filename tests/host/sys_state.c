// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine through the uAPI: arcs, non-arcs, resets, errors.
 */
#include <errno.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		60
#define FEW_JOBS	16

static void offers_migration(const void *arg)
{
	struct vfio_device_feature_mig_data_size size = { 0 };
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	int64_t flags = vfio_dev_migration_flags(v);
	uint32_t probe = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET;
	/* Both came with 6.2. */
	bool has_size = vfio_dev_has_feature(v, VFIO_DEVICE_FEATURE_MIG_DATA_SIZE);

	(void)arg;
	check_eq(flags, VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P |
		 (has_size ? VFIO_MIGRATION_PRE_COPY : 0), "migration flags");
	rig_check_state(v, MIG_RUNNING);
	if (has_size) {
		check_ok(vfio_dev_feature(v, VFIO_DEVICE_FEATURE_GET |
					  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE,
					  &size, sizeof(size)));
		check_eq(size.stop_copy_length, RECORD_SIZE, "stop_copy_length");
	}
	check_ok(vfio_dev_feature(v, probe | VFIO_DEVICE_FEATURE_MIGRATION,
				  NULL, 0));
	check_ok(vfio_dev_feature(v, probe | VFIO_DEVICE_FEATURE_SET |
				  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, NULL, 0));
}

static bool is_saving(int state)
{
	return state == MIG_STOP_COPY || state == MIG_PRE_COPY ||
	       state == MIG_PRE_COPY_P2P;
}

/* What the uAPI wants of this request, where nothing was written to the fd. */
static bool is_allowed(int from, int to)
{
	if (from == to)
		return true;
	/* Without data the way out of RESUMING is a reset. */
	if (from == MIG_RESUMING)
		return false;
	return from != MIG_STOP_COPY || !is_saving(to);
}

/* One fd lasts for all saving states; RESUMING has one of its own. */
static bool is_session_start(int from, int to)
{
	return from != to &&
	       (to == MIG_RESUMING || (is_saving(to) && !is_saving(from)));
}

static void check_request(struct vfio_dev *v, int from, int to)
{
	int fd, new_fd, ret;

	check_ok(vfio_dev_reset(v));
	rig_busy_guest(v, FEW_JOBS);
	check_ok(mig_set_state(v, from, &fd));
	ret = mig_set_state(v, to, &new_fd);
	check(ret == (is_allowed(from, to) ? 0 : -EINVAL), "%s to %s: %s",
	      mig_state_name(from), mig_state_name(to), tap_errno(ret));
	if (ret) {
		rig_check_state(v, from);
	} else {
		rig_check_state(v, to);
		check(is_session_start(from, to) == (new_fd >= 0),
		      "%s to %s: data fd is %d", mig_state_name(from),
		      mig_state_name(to), new_fd);
	}
	if (!ret && from != to && !(is_saving(from) && is_saving(to)))
		rig_check_fd_dead(from, fd);
	if (fd >= 0)
		close(fd);
	if (new_fd >= 0)
		close(new_fd);
}

static void every_pair_of_states(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	int i, k;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++)
		for (k = 0; k < rig_nr_states(); k++)
			check_request(v, rig_states[i], rig_states[k]);
}

static void no_such_state(const void *arg)
{
	static const int wrong[] = {
		VFIO_DEVICE_STATE_ERROR, VFIO_DEVICE_STATE_NR, 1000, -1,
	};
	size_t k;
	int fd, i;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++) {
		struct vfio_dev *v = rig_in_state(rig_states[i], &fd);

		for (k = 0; k < ARRAY_SIZE(wrong); k++) {
			check_err(mig_set_state(v, wrong[k], NULL), -EINVAL);
			rig_check_state(v, rig_states[i]);
		}
		if (fd >= 0)
			close(fd);
		vfio_dev_close(v);
	}
}

/* A reset leads from anywhere to RUNNING, to a function like new. */
static void check_reset_from(int state)
{
	struct mig_stream stream;
	struct job_guest *z;
	struct vfio_dev *v;
	int fd;

	v = rig_in_state(state, &fd);
	check_ok(vfio_dev_reset(v));
	rig_check_state(v, MIG_RUNNING);
	rig_check_fd_dead(state, fd);
	if (fd >= 0)
		close(fd);

	/* The guest driver is gone with the reset. */
	check_ok(mig_save(v, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes after a reset");
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	z = rig_guest(v, JOBS);
	rig_finish(z);
	vfio_dev_close(v);
}

static void reset_in_each_state(const void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++)
		check_reset_from(rig_states[i]);
}

/* The same by sysfs, as an administrator would do it. */
static void sysfs_reset(const void *arg)
{
	struct vfio_dev *v;
	int fd;

	(void)arg;
	v = rig_in_state(MIG_STOP_COPY, &fd);
	check_ok(pci_write(v->func.bdf, "reset", "1"));
	/* The state is its user's, who has not asked for it. */
	rig_check_state(v, MIG_STOP_COPY);
	rig_check_fd_dead(MIG_STOP_COPY, fd);
	close(fd);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(rig_guest(v, JOBS));
}

/* The next to open the device finds nothing of what was. */
static void open_is_new(const void *arg)
{
	int i;
	int fd;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++) {
		struct vfio_dev *v = rig_in_state(rig_states[i], &fd);

		vfio_dev_close(v);
		if (fd >= 0)
			close(fd);
		v = rig_open(RIG_V3, 0);
		rig_check_state(v, MIG_RUNNING);
		vfio_dev_close(v);
	}
}

const struct tap_test sys_state_tests[] = {
	{ "migration is offered, and its size is that of the record",
	  offers_migration, NULL },
	{ "every request from every state ends where it should",
	  every_pair_of_states, NULL },
	{ "states that do not exist give EINVAL",
	  no_such_state, NULL },
	{ "a reset leads from every state to RUNNING, data fds die",
	  reset_in_each_state, NULL },
	{ "a reset by sysfs in STOP_COPY leaves the state, and the fd dies", sysfs_reset, NULL },
	{ "closed in any state, the device opens in RUNNING", open_is_new, NULL },
	{ NULL, NULL, NULL },
};
