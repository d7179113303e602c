// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs whose queues are isolated from each other: a doorbell page for each queue, in
 * BAR4, where their guests ring. So it is on newer parts.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60

static const enum rig_role v3 = RIG_V3_ISOLATED, v4 = RIG_V4_ISOLATED;

static void moves(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	check(from->pages, "%s has no doorbell pages", from->func.bdf);
	rig_move(z, to, &stream, NULL);
	check_eq(record_get(stream.data, REC_QUE_ISO_CFG) & 1, 1, "isolation in the record");
	rig_finish(z);
	check_ok(vfio_dev_reset(from));
	rig_more_jobs(z, JOBS / 2);
	rig_move(z, from, &stream, NULL);
	rig_finish(z);
}

static void goes_on_at_the_source(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	int fd;

	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_more_jobs(z, JOBS / 2);
	check_ok(mig_set_state(v, MIG_PRE_COPY, &fd));
	check_ok(mig_set_state(v, MIG_STOP_COPY, NULL));
	close(fd);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void moves_without_guest_driver(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct mig_stream stream;

	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, JOBS));
}

static void check_refused(struct vfio_dev *to, const struct mig_stream *stream)
{
	size_t done = 0;
	int fd;

	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_err(mig_write(fd, stream->data, stream->len, 1, &done), -EOPNOTSUPP);
	check_eq(done, RECORD_MATCH_SIZE - 1, "bytes taken");
	close(fd);
	check_ok(vfio_dev_reset(to));
}

/* The guest's driver rings where the other kind has nothing. */
static void is_refused_without_isolation(const void *arg)
{
	struct vfio_dev *isolated = rig_open(RIG_V3_ISOLATED, 0), *plain = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(isolated, JOBS);
	struct mig_stream stream;

	(void)arg;
	check_ok(mig_save(isolated, &stream, NULL));
	check_refused(plain, &stream);
	check_ok(mig_set_state(isolated, MIG_RUNNING, NULL));
	rig_finish(z);

	check_ok(vfio_dev_reset(isolated));
	z = rig_busy_guest(plain, JOBS);
	check_ok(mig_save(plain, &stream, NULL));
	check_refused(isolated, &stream);
	check_ok(mig_set_state(plain, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void reset_by_user(struct vfio_dev *v, enum rig_role role)
{
	(void)role;
	check_ok(vfio_dev_reset(v));
}

static void reset_by_sysfs(struct vfio_dev *v, enum rig_role role)
{
	(void)role;
	check_ok(pci_write(v->func.bdf, "reset", "1"));
}

static void reset_pf(struct vfio_dev *v, enum rig_role role)
{
	(void)v;
	check_ok(pci_write(rig_pf(role)->bdf, "reset", "1"));
}

static void is_healed_by_resets(const void *arg)
{
	static void (*const resets[])(struct vfio_dev *v, enum rig_role role) = {
		reset_by_user, reset_by_sysfs, reset_pf,
	};
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct mig_stream stream;
	struct job_guest *z;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(resets); i++) {
		rig_busy_guest(v, JOBS);
		check_ok(mig_set_state(v, MIG_STOP, NULL));
		resets[i](v, role);
		check_ok(vfio_dev_reset(v));
		check_ok(vfio_dev_reset(other));
		z = rig_busy_guest(v, JOBS);
		rig_move(z, other, &stream, NULL);
		rig_finish(z);
		check_ok(vfio_dev_reset(v));
	}
}

/* A VMM wants a power of two, and a guest's driver maps all of it. */
static void shows_all_of_bar4(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	uint64_t size, offset;
	uint32_t flags;

	check_ok(vfio_dev_region(v, VFIO_PCI_BAR4_REGION_INDEX, &size, &offset, &flags));
	check(size && !(size & (size - 1)), "BAR4 has %#llx bytes", (unsigned long long)size);
	check(size >= oracle_get(&v->func, KPO_VFT_NUM) * 0x10000ull,
	      "BAR4 has no page for each queue");
}

#define BOTH(sentence, fn)	\
	{ sentence " (V3)", fn, &v3 }, { sentence " (V4)", fn, &v4 }

const struct tap_test isolated_tests[] = {
	BOTH("an isolated VF moves with jobs in flight, and back", moves),
	BOTH("an isolated VF goes on after a pause and a cancelled migration",
	     goes_on_at_the_source),
	BOTH("an isolated VF without guest driver moves as 40 bytes", moves_without_guest_driver),
	{ "isolated VFs and others refuse each other's guests", is_refused_without_isolation,
	  NULL },
	BOTH("an isolated VF is healed by each reset", is_healed_by_resets),
	BOTH("an isolated VF shows all of BAR4", shows_all_of_bar4),
	{ NULL, NULL, NULL },
};
