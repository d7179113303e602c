// SPDX-License-Identifier: GPL-2.0-only
/*
 * P2P and PRE_COPY: the way that QEMU takes, and what else the uAPI promises.
 */
#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"
#include "uring.h"

#define JOBS		100
#define PATIENCE_MS	20000	/* nothing takes longer, on any machine */

static enum rig_role role_of(const void *arg)
{
	return *(const enum rig_role *)arg;
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

/* initial_bytes, or -errno; dirty_bytes are always 0. */
static int64_t precopy_info(int fd)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info) };

	if (ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, &info))
		return -errno;
	check_eq(info.dirty_bytes, 0, "dirty_bytes");
	return info.initial_bytes;
}

/* So many bytes exactly, appended to the stream. */
static void read_bytes(int fd, struct mig_stream *stream, size_t count)
{
	while (count) {
		ssize_t ret = read(fd, stream->data + stream->len, count);

		check(ret > 0, "read(): %s with %zu bytes to come",
		      tap_errno(ret < 0 ? -errno : 0), count);
		stream->len += ret;
		count -= ret;
	}
}

static void check_read(int fd, long want)
{
	char byte;
	ssize_t ret = read(fd, &byte, 1);

	check_err(ret < 0 ? -errno : ret, want);
}

static void as_qemu_does(const void *arg)
{
	struct vfio_dev *from = rig_open_precopy(role_of(arg), 0);
	struct vfio_dev *to = rig_open_precopy(role_of(arg), 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream = { .len = 0 };
	int out, in, none;

	check_ok(mig_set_state(from, MIG_PRE_COPY, &out));
	check(out >= 0, "PRE_COPY gives no data fd");
	check_eq(precopy_info(out), RECORD_MATCH_SIZE, "initial_bytes");
	read_bytes(out, &stream, RECORD_MATCH_SIZE);
	check_eq(precopy_info(out), 0, "initial_bytes when all are read");
	check_read(out, -ENOMSG);

	/* The destination makes itself ready, and takes what there is. */
	check_ok(mig_set_state(to, MIG_RUNNING_P2P, NULL));
	check_ok(mig_set_state(to, MIG_STOP, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &in));
	check_ok(mig_write(in, stream.data, stream.len, 32, NULL));

	/* The guest works on meanwhile. */
	rig_run(z, z->finished + 10);

	check_ok(mig_set_state(from, MIG_PRE_COPY_P2P, &none));
	check(none < 0, "PRE_COPY_P2P gives another data fd");
	check_read(out, -ENOMSG);
	check_ok(mig_set_state(from, MIG_STOP_COPY, &none));
	check(none < 0, "STOP_COPY gives another data fd");
	read_bytes(out, &stream, RECORD_SIZE - RECORD_MATCH_SIZE);
	check_read(out, 0);
	check_err(precopy_info(out), -EINVAL);
	check_ok(mig_set_state(from, MIG_STOP, NULL));
	check_read(out, -ENODEV);
	close(out);

	qm_guest_move(&z->qm, to);
	check_ok(mig_write(in, stream.data + RECORD_MATCH_SIZE,
			   stream.len - RECORD_MATCH_SIZE, MIG_STREAM_MAX, NULL));
	check_ok(mig_set_state(to, MIG_STOP, NULL));
	close(in);
	check_ok(mig_set_state(to, MIG_RUNNING_P2P, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* Nobody has to read in PRE_COPY: the stream is the same in the end. */
static void unread_precopy(const void *arg)
{
	struct vfio_dev *from = rig_open_precopy(role_of(arg), 0);
	struct vfio_dev *to = rig_open_precopy(role_of(arg), 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream = { .len = 0 };
	int fd;

	check_ok(mig_set_state(from, MIG_PRE_COPY, &fd));
	read_bytes(fd, &stream, 7);
	check_ok(mig_set_state(from, MIG_STOP_COPY, NULL));
	read_bytes(fd, &stream, RECORD_SIZE - 7);
	check_read(fd, 0);
	close(fd);
	check_ok(mig_set_state(from, MIG_STOP, NULL));
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* The destination says no while the guest still runs. */
static void refused_before_blackout(const void *arg)
{
	struct vfio_dev *from = rig_open_precopy(RIG_V3, 0);
	struct vfio_dev *to = rig_open_precopy(RIG_V4, 0);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream = { .len = 0 };
	int out, in;

	(void)arg;
	check_ok(mig_set_state(from, MIG_PRE_COPY, &out));
	read_bytes(out, &stream, RECORD_MATCH_SIZE);
	check_ok(mig_set_state(to, MIG_RESUMING, &in));
	check_err(mig_write(in, stream.data, stream.len, MIG_STREAM_MAX, NULL),
		  -EOPNOTSUPP);
	close(in);
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	check_read(out, -ENODEV);
	close(out);
	rig_finish(z);
}

static void precopy_without_guest_driver(const void *arg)
{
	struct vfio_dev *from = rig_open_precopy(role_of(arg), 0);
	struct vfio_dev *to = rig_open_precopy(role_of(arg), 1);
	struct mig_stream stream = { .len = 0 };
	int fd;

	check_ok(mig_set_state(from, MIG_PRE_COPY, &fd));
	read_bytes(fd, &stream, RECORD_MATCH_SIZE);
	check_read(fd, -ENOMSG);
	check_ok(mig_set_state(from, MIG_STOP_COPY, NULL));
	check_read(fd, 0);
	close(fd);
	check_ok(mig_set_state(from, MIG_STOP, NULL));
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, JOBS));
}

/* The guest's driver comes up after PRE_COPY has been entered. */
static void driver_comes_late(const void *arg)
{
	struct vfio_dev *from = rig_open_precopy(role_of(arg), 0);
	struct vfio_dev *to = rig_open_precopy(role_of(arg), 1);
	struct mig_stream stream = { .len = 0 };
	struct job_guest *z;
	int fd;

	check_ok(mig_set_state(from, MIG_PRE_COPY, &fd));
	read_bytes(fd, &stream, RECORD_MATCH_SIZE);
	z = rig_busy_guest(from, JOBS);
	check_ok(mig_set_state(from, MIG_STOP_COPY, NULL));
	read_bytes(fd, &stream, RECORD_SIZE - RECORD_MATCH_SIZE);
	check_read(fd, 0);
	close(fd);
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* Every way back out of a migration that has begun. */
static void cancelled(const void *arg)
{
	static const int ways[][3] = {
		{ MIG_PRE_COPY, MIG_RUNNING, MIG_RUNNING },
		{ MIG_PRE_COPY_P2P, MIG_PRE_COPY, MIG_RUNNING },
		{ MIG_PRE_COPY_P2P, MIG_RUNNING_P2P, MIG_RUNNING },
		{ MIG_PRE_COPY, MIG_STOP_COPY, MIG_RUNNING },
		{ MIG_PRE_COPY, MIG_STOP, MIG_RUNNING_P2P },
	};
	struct vfio_dev *v = rig_open_precopy(role_of(arg), 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	size_t i;
	int fd, k;

	for (i = 0; i < ARRAY_SIZE(ways); i++) {
		check_ok(mig_set_state(v, ways[i][0], &fd));
		for (k = 1; k < 3; k++)
			check_ok(mig_set_state(v, ways[i][k], NULL));
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		check_read(fd, -ENODEV);
		close(fd);
		rig_run(z, z->finished + 5);
	}
	rig_finish(z);
}

/* In the P2P states the function does no DMA at all. */
static void p2p_is_silent(const void *arg)
{
	static const int states[] = { MIG_RUNNING_P2P, MIG_PRE_COPY_P2P };
	struct vfio_dev *v = rig_open_precopy(role_of(arg), 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	size_t i;

	check(rig_activity(v), "a guest at work is as silent as a paused one");
	for (i = 0; i < 2; i++) {
		rig_more_jobs(z, JOBS / 4);
		check_ok(mig_set_state(v, states[i], NULL));
		check_eq(rig_activity(v), 0, "jobs, DMA and interrupts in a P2P state");
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		rig_run(z, z->finished + 5);
	}
	rig_finish(z);
}

static void precopy_info_is_strict(const void *arg)
{
	struct vfio_precopy_info info = { .argsz = 8 };
	struct vfio_dev *v = rig_open_precopy(RIG_V3, 0);
	int fd;

	(void)arg;
	check_ok(mig_set_state(v, MIG_PRE_COPY, &fd));
	check_err(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, &info) ? -errno : 0,
		  -EINVAL);
	check_err(ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, NULL) ? -errno : 0,
		  -EFAULT);
	check_err(ioctl(fd, VFIO_DEVICE_RESET) ? -errno : 0, -ENOTTY);
	check_eq(precopy_info(fd), RECORD_MATCH_SIZE, "initial_bytes");
	check_ok(vfio_dev_reset(v));
	check_err(precopy_info(fd), -ENODEV);
	close(fd);
	check_ok(mig_set_state(v, MIG_RESUMING, &fd));
	check_err(precopy_info(fd), -ENOTTY);
	close(fd);
}

/* What is in the flags of an answer to a question that had this in them. */
static uint32_t flags_of(int fd, uint32_t asked)
{
	struct vfio_precopy_info info = { .argsz = sizeof(info), .flags = asked };

	check(!ioctl(fd, VFIO_MIG_GET_PRECOPY_INFO, &info), "GET_PRECOPY_INFO");
	check_eq(info.initial_bytes, RECORD_MATCH_SIZE, "initial_bytes");
	return info.flags;
}

/*
 * The flags mean something once the user has said that it knows them; before,
 * what it left there stays. Kernels without v2 don't know the question.
 */
static void precopy_info_v2(const void *arg)
{
	const uint32_t rubbish = 0xa5a5a5a5;
	struct vfio_dev *v = rig_open_precopy(RIG_V3, 0);
	int fd, ret;

	(void)arg;
	check_ok(mig_set_state(v, MIG_PRE_COPY, &fd));
	check_eq(flags_of(fd, rubbish), rubbish, "flags before v2");
	ret = vfio_dev_feature(v, VFIO_DEVICE_FEATURE_SET |
			       VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2, NULL, 0);
	if (ret) {
		check_err(ret, -ENOTTY);
		tap_note("this kernel has no v2");
	} else {
		check_eq(flags_of(fd, rubbish), 0, "flags in v2");
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		check_ok(mig_set_state(v, MIG_PRE_COPY, &fd));
		check_eq(flags_of(fd, rubbish), 0, "flags of the next fd");
	}
}

static void uring_done(void *arg)
{
	uring_close(arg);
}

static int uring_result(struct uring *u)
{
	int result = 0;

	check(uring_wait(u, PATIENCE_MS, &result), "io_uring does not end");
	return result;
}

/* As a VM monitor may: a read where more is to come waits for it. */
static void by_io_uring(const void *arg)
{
	static struct uring u;
	struct vfio_dev *from = rig_open_precopy(role_of(arg), 0);
	struct vfio_dev *to = rig_open_precopy(role_of(arg), 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	char record[RECORD_SIZE];
	int out, in, result;

	result = uring_open(&u);
	if (result == -ENOSYS)
		tap_skip("the kernel has no io_uring");
	check_ok(result);
	tap_defer(uring_done, &u);
	check_ok(mig_set_state(from, MIG_PRE_COPY, &out));
	check_ok(uring_submit(&u, false, out, record, sizeof(record)));
	check_eq(uring_result(&u), RECORD_MATCH_SIZE, "bytes before the stop");
	check_ok(uring_submit(&u, false, out, record + RECORD_MATCH_SIZE, sizeof(record)));
	check(!uring_wait(&u, 100, &result), "a read with nothing to read gives %s",
	      tap_errno(result));
	check_ok(mig_set_state(from, MIG_STOP_COPY, NULL));
	check_eq(uring_result(&u), RECORD_SIZE - RECORD_MATCH_SIZE, "bytes after the stop");

	qm_guest_move(&z->qm, to);
	check_ok(mig_set_state(to, MIG_RESUMING, &in));
	check_ok(uring_submit(&u, true, in, record, sizeof(record)));
	check_eq(uring_result(&u), RECORD_SIZE, "bytes written");
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	check_ok(uring_submit(&u, true, in, record, 1));
	check_err(uring_result(&u), -ENODEV);
	close(in);
	close(out);
	rig_finish(z);
}

const struct tap_test sys_precopy_tests[] = {
	{ "a V3 guest moves as QEMU moves it, by PRE_COPY and P2P",
	  as_qemu_does, &v3 },
	{ "a V4 guest moves as QEMU moves it, by PRE_COPY and P2P",
	  as_qemu_does, &v4 },
	{ "what is not read in PRE_COPY comes in STOP_COPY", unread_precopy, &v3 },
	{ "a destination can refuse while the source still runs",
	  refused_before_blackout, NULL },
	{ "PRE_COPY without guest driver: 40 bytes and the end",
	  precopy_without_guest_driver, &v3 },
	{ "a guest driver that comes up in PRE_COPY moves whole on V3",
	  driver_comes_late, &v3 },
	{ "a guest driver that comes up in PRE_COPY moves whole on V4",
	  driver_comes_late, &v4 },
	{ "every way out of PRE_COPY lets a V3 guest work on", cancelled, &v3 },
	{ "every way out of PRE_COPY lets a V4 guest work on", cancelled, &v4 },
	{ "no DMA in the P2P states on V3", p2p_is_silent, &v3 },
	{ "no DMA in the P2P states on V4", p2p_is_silent, &v4 },
	{ "VFIO_MIG_GET_PRECOPY_INFO is there in PRE_COPY and nowhere else",
	  precopy_info_is_strict, NULL },
	{ "VFIO_MIG_GET_PRECOPY_INFO has flags in v2, where the kernel has that",
	  precopy_info_v2, NULL },
	{ "io_uring reads and writes a V3 record", by_io_uring, &v3 },
	{ "io_uring reads and writes a V4 record", by_io_uring, &v4 },
	{ NULL, NULL, NULL },
};
