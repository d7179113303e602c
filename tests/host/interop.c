// SPDX-License-Identifier: GPL-2.0-only
/*
 * Our driver and the in-tree one exchange guests at work, both ways. Both have
 * one name, so the stream and the guest's memory wait while modules change.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop.h"
#include "rig.h"
#include "suites.h"

#define JOBS	80

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v5 = RIG_V5;

void interop_expect_of_theirs(const struct vfio_dev *v)
{
	if (oracle_get(&v->func, KPO_STATE) & KPO_STATE_SELECT)
		oracle_expect(1u << KPO_V_OUT_OF_WINDOW);
}

/* A place for a guest that is between two hosts: memory and nothing else. */
static struct vfio_dev *limbo(void)
{
	struct vfio_dev *v = calloc(1, sizeof(*v));
	int i;

	tap_defer(free, v);
	v->ram = calloc(1, JOB_GUEST_RAM);
	tap_defer(free, v->ram);
	v->ram_iova = JOB_GUEST_IOVA;
	v->ram_size = JOB_GUEST_RAM;
	for (i = 0; i < VFIO_DEV_IRQS; i++)
		v->irq[i] = -1;
	return v;
}

/* A guest at work saved by this module and taken out of its VF. */
static struct job_guest *save_with(const char *module, enum rig_role role,
				   struct mig_stream *stream)
{
	struct vfio_dev *from;
	struct job_guest *z;

	rig_use_module(module, "");
	from = rig_open(role, 0);
	z = rig_busy_guest(from, JOBS);
	if (strcmp(module, MODULE_OURS))
		interop_expect_of_theirs(from);
	check_ok(mig_save(from, stream, NULL));
	qm_guest_move(&z->qm, limbo());
	vfio_dev_close(from);
	return z;
}

static struct vfio_dev *load_with(const char *module, enum rig_role role, int n,
				  struct job_guest *z,
				  const struct mig_stream *stream)
{
	struct vfio_dev *to;

	rig_use_module(module, "");
	oracle_tolerate(0);
	to = rig_open(role, n);
	if (z)
		qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, stream, NULL));
	return to;
}

void interop_exchange(const char *source, const char *destination, enum rig_role role)
{
	struct mig_stream stream;
	struct job_guest *z = save_with(source, role, &stream);
	struct vfio_dev *to;

	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	to = load_with(destination, role, 1, z, &stream);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
	vfio_dev_close(to);
}

static void ours_to_theirs(const void *arg)
{
	interop_exchange(MODULE_OURS, MODULE_THEIRS, rig_role_here(arg));
}

static void theirs_to_ours(const void *arg)
{
	interop_exchange(MODULE_THEIRS, MODULE_OURS, rig_role_here(arg));
}

/* The one difference that the format has between the two. */
static void check_same_record(const struct mig_stream *theirs,
			      const struct mig_stream *ours, enum rig_role role)
{
	struct mig_stream expected = *theirs;
	size_t i;

	check_eq(theirs->len, RECORD_SIZE, "bytes of their record");
	check_eq(ours->len, RECORD_SIZE, "bytes of our record");
	check_eq(record_get(theirs->data, REC_MINOR), 0, "their minor");
	check_eq(record_get(theirs->data, REC_BAR2_SIZE), 0,
		 "their reserved match word");
	record_set(expected.data, REC_MINOR, 1);
	record_set(expected.data, REC_BAR2_SIZE, rig_bar2_size(role));
	for (i = 0; i < RECORD_SIZE; i++)
		if (expected.data[i] != ours->data[i])
			break;
	if (i == RECORD_SIZE)
		return;
	tap_note("theirs:");
	record_note(theirs->data, theirs->len);
	tap_note("ours:");
	record_note(ours->data, ours->len);
	fail("byte %zu is 0x%02x in ours, 0x%02x in theirs", i, ours->data[i],
	     expected.data[i]);
}

/* The same state, loaded by one and saved again by the other at once. */
static void same_bytes(const void *arg)
{
	enum rig_role role = rig_role_here(arg);
	struct mig_stream theirs, ours;
	struct job_guest *z = save_with(MODULE_THEIRS, role, &theirs);
	struct vfio_dev *v;
	int fd;

	v = load_with(MODULE_OURS, role, 0, z, &theirs);
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &ours, MIG_STREAM_MAX));
	close(fd);
	check_same_record(&theirs, &ours, role);
	qm_guest_move(&z->qm, limbo());
	vfio_dev_close(v);

	v = load_with(MODULE_THEIRS, role, 0, z, &ours);
	interop_expect_of_theirs(v);
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &theirs, MIG_STREAM_MAX));
	close(fd);
	check_same_record(&theirs, &ours, role);

	/* And it is the guest's state still. */
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	qm_guest_move(&z->qm, limbo());
	vfio_dev_close(v);
	v = load_with(MODULE_OURS, role, 1, z, &theirs);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* No guest driver: 40 bytes from either, taken by either. */
static void check_empty(const char *source, const char *destination,
			enum rig_role role)
{
	struct mig_stream stream;
	struct vfio_dev *v;

	rig_use_module(source, "");
	v = rig_open(role, 0);
	check_ok(mig_save(v, &stream, NULL));
	vfio_dev_close(v);
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	v = load_with(destination, role, 1, NULL, &stream);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(rig_guest(v, JOBS));
	vfio_dev_close(v);
}

static void empty_both_ways(const void *arg)
{
	enum rig_role role = rig_role_here(arg);

	check_empty(MODULE_OURS, MODULE_THEIRS, role);
	check_empty(MODULE_THEIRS, MODULE_OURS, role);
}

/* What ours refuses of theirs, for want of the same hardware. */
static void theirs_is_checked(const void *arg)
{
	struct mig_stream stream;
	struct vfio_dev *to;
	int fd;

	(void)arg;
	save_with(MODULE_THEIRS, RIG_V3, &stream);
	record_set(stream.data, REC_QP_NUM,
		   record_get(stream.data, REC_QP_NUM) + 1);
	rig_use_module(MODULE_OURS, "");
	oracle_tolerate(0);
	to = rig_open(RIG_V3, 1);
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_err(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL),
		  -EOPNOTSUPP);
	close(fd);
}

#define ROLES(sentence, fn)						\
	{ sentence " (V3)", fn, &v3 },					\
	{ sentence " (V4)", fn, &v4 },					\
	{ sentence " (V5)", fn, &v5 }

const struct tap_test interop_tests[] = {
	ROLES("a guest at work goes from our driver to the in-tree one",
	      ours_to_theirs),
	ROLES("a guest at work goes from the in-tree driver to ours",
	      theirs_to_ours),
	ROLES("both drivers write the same bytes, minor version and BAR2 size aside",
	      same_bytes),
	ROLES("40 bytes for no guest driver are understood both ways",
	      empty_both_ways),
	{ "a stream of the in-tree driver is checked like any other",
	  theirs_is_checked, NULL },
	{ NULL, NULL, NULL },
};
