// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state machine through the uAPI: arcs, non-arcs, resets, errors.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60

static const int mig_states[] = {
	MIG_RUNNING, MIG_STOP, MIG_STOP_COPY, MIG_RESUMING,
};

#define NR_STATES (sizeof(mig_states) / sizeof(mig_states[0]))

/* A VF with a guest at work, brought to this state; the data fd, if any. */
static struct vfio_dev *vf_in_state(int state, int *fd)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);

	rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, state, fd));
	rig_check_state(v, state);
	return v;
}

static void offers_migration(const void *arg)
{
	struct vfio_device_feature_mig_data_size size = { 0 };
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	int64_t flags = vfio_dev_migration_flags(v);
	uint32_t probe = VFIO_DEVICE_FEATURE_PROBE | VFIO_DEVICE_FEATURE_GET;

	(void)arg;
	check_ok(flags);
	check(flags & VFIO_MIGRATION_STOP_COPY, "flags are 0x%llx",
	      (unsigned long long)flags);
	rig_check_state(v, MIG_RUNNING);
	check_ok(vfio_dev_feature(v, VFIO_DEVICE_FEATURE_GET |
				  VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, &size,
				  sizeof(size)));
	check_eq(size.stop_copy_length, RECORD_SIZE, "stop_copy_length");
	check_ok(vfio_dev_feature(v, probe | VFIO_DEVICE_FEATURE_MIGRATION,
				  NULL, 0));
	check_ok(vfio_dev_feature(v, probe | VFIO_DEVICE_FEATURE_SET |
				  VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE, NULL, 0));
}

/* Which fd comes with which request, from a state to a state. */
static void check_request(int from, int to)
{
	int fd, new_fd, ret;
	struct vfio_dev *v = vf_in_state(from, &fd);
	bool no_data = from == MIG_RESUMING && to != MIG_RESUMING;
	bool wants_fd = (to == MIG_STOP_COPY || to == MIG_RESUMING) &&
			from != to;

	ret = mig_set_state(v, to, &new_fd);
	if (no_data) {
		/* Nothing was written: the way out of RESUMING is a reset. */
		check(ret == -EINVAL, "RESUMING to %s without data: %s",
		      mig_state_name(to), tap_errno(ret));
		rig_check_state(v, MIG_RESUMING);
	} else {
		check(!ret, "%s to %s: %s", mig_state_name(from),
		      mig_state_name(to), tap_errno(ret));
		rig_check_state(v, to);
		check(wants_fd == (new_fd >= 0), "%s to %s: data fd is %d",
		      mig_state_name(from), mig_state_name(to), new_fd);
	}
	if (fd >= 0)
		close(fd);
	if (new_fd >= 0)
		close(new_fd);
	vfio_dev_close(v);
}

static void every_pair_of_states(const void *arg)
{
	size_t i, k;

	(void)arg;
	for (i = 0; i < NR_STATES; i++)
		for (k = 0; k < NR_STATES; k++)
			check_request(mig_states[i], mig_states[k]);
}

static void no_such_state(const void *arg)
{
	static const int wrong[] = {
		VFIO_DEVICE_STATE_ERROR, VFIO_DEVICE_STATE_RUNNING_P2P,
		VFIO_DEVICE_STATE_PRE_COPY, VFIO_DEVICE_STATE_PRE_COPY_P2P,
		VFIO_DEVICE_STATE_NR, 1000, -1,
	};
	size_t i, k;
	int fd, ret;

	(void)arg;
	for (i = 0; i < NR_STATES; i++) {
		struct vfio_dev *v = vf_in_state(mig_states[i], &fd);
		int64_t flags = vfio_dev_migration_flags(v);

		for (k = 0; k < sizeof(wrong) / sizeof(wrong[0]); k++) {
			if (wrong[k] == VFIO_DEVICE_STATE_RUNNING_P2P &&
			    flags & VFIO_MIGRATION_P2P)
				continue;
			if ((wrong[k] == VFIO_DEVICE_STATE_PRE_COPY ||
			     wrong[k] == VFIO_DEVICE_STATE_PRE_COPY_P2P) &&
			    flags & VFIO_MIGRATION_PRE_COPY)
				continue;
			ret = mig_set_state(v, wrong[k], NULL);
			check(ret == -EINVAL, "%s to %d: %s",
			      mig_state_name(mig_states[i]), wrong[k],
			      tap_errno(ret));
			rig_check_state(v, mig_states[i]);
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
	struct zip_guest *z;
	struct vfio_dev *v;
	char byte = 0;
	int fd;

	v = vf_in_state(state, &fd);
	check_ok(vfio_dev_reset(v));
	rig_check_state(v, MIG_RUNNING);
	if (state == MIG_STOP_COPY)
		check_err(read(fd, &byte, 1) < 0 ? -errno : 0, -ENODEV);
	if (state == MIG_RESUMING)
		check_err(write(fd, &byte, 1) < 0 ? -errno : 0, -ENODEV);
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
	size_t i;

	(void)arg;
	for (i = 0; i < NR_STATES; i++)
		check_reset_from(mig_states[i]);
}

/* The same by sysfs, as an administrator would do it. */
static void sysfs_reset(const void *arg)
{
	struct vfio_dev *v;
	char byte;
	int fd;

	(void)arg;
	v = vf_in_state(MIG_STOP_COPY, &fd);
	check_ok(pci_write(v->func.bdf, "reset", "1"));
	rig_check_state(v, MIG_RUNNING);
	check_err(read(fd, &byte, 1) < 0 ? -errno : 0, -ENODEV);
	close(fd);
	rig_finish(rig_guest(v, JOBS));
}

/* The next to open the device finds nothing of what was. */
static void open_is_new(const void *arg)
{
	size_t i;
	int fd;

	(void)arg;
	for (i = 0; i < NR_STATES; i++) {
		struct vfio_dev *v = vf_in_state(mig_states[i], &fd);

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
	{ "states that do not exist or are not offered give EINVAL",
	  no_such_state, NULL },
	{ "a reset leads from every state to RUNNING, data fds die",
	  reset_in_each_state, NULL },
	{ "a reset by sysfs in STOP_COPY does the same", sysfs_reset, NULL },
	{ "closed in any state, the device opens in RUNNING", open_is_new, NULL },
	{ NULL, NULL, NULL },
};
