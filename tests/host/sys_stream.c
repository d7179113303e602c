// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data fds as streams: any split, the end, two users of one fd.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60

/* No memory is mapped there; volatile, so that no compiler knows better. */
static void *volatile nowhere = (void *)16;

static void check_split(struct vfio_dev *from, struct vfio_dev *to,
			size_t read_chunk, size_t write_chunk)
{
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	int fd;

	check_ok(mig_set_state(from, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &stream, read_chunk));
	close(fd);
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");

	qm_guest_move(&z->qm, to);
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, stream.len, write_chunk, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	close(fd);
	rig_finish(z);
}

static void any_split(const void *arg)
{
	static const struct {
		size_t read, write;
	} splits[] = {
		{ 1, 1 }, { 3, 7 }, { 39, 41 }, { 40, 136 }, { 175, 175 },
		{ 4096, 39 },
	};
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(splits); i++) {
		struct vfio_dev *from = rig_open(RIG_V3, 0);
		struct vfio_dev *to = rig_open(RIG_V3, 1);

		check_split(from, to, splits[i].read, splits[i].write);
		vfio_dev_close(from);
		vfio_dev_close(to);
	}
}

static void end_of_stream(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct mig_stream stream;
	char byte;
	int fd, i;

	(void)arg;
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &stream, 4096));
	for (i = 0; i < 3; i++)
		check_eq(read(fd, &byte, 1), 0, "read() after the end");
	check_err(write(fd, &byte, 1) < 0 ? -errno : 0, -EBADF);
	check_err(pread(fd, &byte, 1, 0) < 0 ? -errno : 0, -ESPIPE);
	check_err(lseek(fd, 0, SEEK_SET) < 0 ? -errno : 0, -ESPIPE);
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_err(read(fd, &byte, 1) < 0 ? -errno : 0, -ENODEV);
	close(fd);
}

static void resuming_fd_is_for_writing(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	char byte = 0;
	int fd;

	(void)arg;
	check_ok(mig_set_state(v, MIG_RESUMING, &fd));
	check_err(read(fd, &byte, 1) < 0 ? -errno : 0, -EBADF);
	check_err(pwrite(fd, &byte, 1, 0) < 0 ? -errno : 0, -ESPIPE);
	check_eq(write(fd, &byte, 0), 0, "write() of nothing");
	close(fd);
}

static void bad_pointer(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	int fd;

	(void)arg;
	check_ok(mig_set_state(from, MIG_STOP_COPY, &fd));
	check_err(read(fd, nowhere, 8) < 0 ? -errno : 0, -EFAULT);
	check_ok(mig_read(fd, &stream, 4096));
	close(fd);
	check_eq(stream.len, RECORD_SIZE, "bytes after the failed read()");

	qm_guest_move(&z->qm, to);
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_err(write(fd, nowhere, 8) < 0 ? -errno : 0, -EFAULT);
	check_ok(mig_write(fd, stream.data, stream.len, 4096, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	close(fd);
	rig_finish(z);
}

/* A thread that moves bytes one at a time through an fd that others use too. */
struct mover {
	pthread_t thread;
	int fd;
	bool writes;
	size_t want;
	size_t done;
	unsigned int sum;	/* of the bytes read */
	int err;
};

static void *mover_run(void *arg)
{
	struct mover *m = arg;
	uint8_t byte = 0;

	while (m->done < m->want) {
		ssize_t ret = m->writes ? write(m->fd, &byte, 1) :
					  read(m->fd, &byte, 1);

		if (ret < 0)
			m->err = -errno;
		if (ret <= 0)
			break;
		m->sum += byte;
		m->done++;
	}
	return NULL;
}

static void movers_run(struct mover *m, int count)
{
	int i;

	for (i = 0; i < count; i++)
		check_ok(-pthread_create(&m[i].thread, NULL, mover_run, &m[i]));
	for (i = 0; i < count; i++)
		pthread_join(m[i].thread, NULL);
}

static void two_readers(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mover m[2] = { 0 };
	struct mig_stream stream;
	unsigned int sum = 0;
	size_t i;
	int fd;

	(void)arg;
	check_ok(mig_save(v, &stream, NULL));
	for (i = 0; i < stream.len; i++)
		sum += stream.data[i];

	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	m[0].fd = fd;
	m[1].fd = fd;
	m[0].want = 1000;
	m[1].want = 1000;
	movers_run(m, 2);
	close(fd);
	check_eq(m[0].done + m[1].done, RECORD_SIZE, "bytes that both have read");
	check_eq(m[0].sum + m[1].sum, sum, "sum of the bytes that both have read");
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* The reserved bytes at 120 are all zero: who writes which does not matter. */
static void two_writers(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mover m[2] = { 0 };
	struct mig_stream stream;
	int fd, i;

	(void)arg;
	check_ok(mig_save(from, &stream, NULL));
	qm_guest_move(&z->qm, to);
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, 120, 120, NULL));
	for (i = 0; i < 2; i++) {
		m[i].fd = fd;
		m[i].writes = true;
		m[i].want = 12;
	}
	movers_run(m, 2);
	check_eq(m[0].done + m[1].done, 24, "bytes that both have written");
	check_ok(mig_write(fd, stream.data + 144, 32, 32, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	close(fd);
	rig_finish(z);
}

/* Writers that all go on for ever: the record ends, and so do they. */
static void many_writers_overrun(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mover m[8] = { 0 };
	struct mig_stream stream;
	size_t done = 0;
	int fd, i;

	(void)arg;
	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, 120, 120, NULL));
	for (i = 0; i < 8; i++) {
		m[i].fd = fd;
		m[i].writes = true;
		m[i].want = 100000;
	}
	movers_run(m, 8);
	for (i = 0; i < 8; i++) {
		done += m[i].done;
		check_err(m[i].err, -EINVAL);
	}
	check(done < RECORD_SIZE - 120, "%zu bytes were taken after byte 120",
	      done);
	close(fd);
	check_ok(vfio_dev_reset(to));
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(z);
}

const struct tap_test sys_stream_tests[] = {
	{ "the stream may be split anywhere, on both sides", any_split, NULL },
	{ "the saving fd ends with 0, can't be sought, and dies with STOP_COPY",
	  end_of_stream, NULL },
	{ "the resuming fd can only be written, and only in order",
	  resuming_fd_is_for_writing, NULL },
	{ "a bad pointer gives EFAULT and costs the stream nothing",
	  bad_pointer, NULL },
	{ "two readers of one fd get each byte once", two_readers, NULL },
	{ "two writers of one fd write one record", two_writers, NULL },
	{ "eight writers that never stop do not overrun the record",
	  many_writers_overrun, NULL },
	{ NULL, NULL, NULL },
};
