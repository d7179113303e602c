// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets as their users ask for them: VFIO_DEVICE_RESET and sysfs for the VF, and
 * the PF's by its driver, in each state of a migration and beside read() and write().
 *
 * The first leads to RUNNING. The others leave the state to its user, and take what
 * it stands for. The PF's driver tells its VFs' guests of a reset, and nobody else:
 * the driver has to find out. A guest whose queues are gone gets a reset through VFIO
 * here, as its driver would come up anew.
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "blocked.h"
#include "resets.h"
#include "rig.h"
#include "suites.h"

#define JOBS		24
#define ROUNDS		24
#define PF_ROUNDS	6	/* of more than a second each */
#define HALF_MATCH	17
#define HALF_RECORD	99

enum who {
	BY_VFIO,
	BY_SYSFS,
	BY_PF,
};

struct case_ {
	enum rig_role role;
	enum who who;
};

/* Where a reset finds the VF: a state, and so much read from or written to its fd. */
static const struct place {
	int state;
	size_t bytes;
} places[] = {
	{ MIG_RUNNING, 0 },
	{ MIG_RUNNING_P2P, 0 },
	{ MIG_STOP, 0 },
	{ MIG_STOP_COPY, 0 },
	{ MIG_STOP_COPY, HALF_RECORD },
	{ MIG_STOP_COPY, RECORD_SIZE },
	{ MIG_RESUMING, 0 },
	{ MIG_RESUMING, HALF_MATCH },
	{ MIG_RESUMING, HALF_RECORD },
	{ MIG_RESUMING, RECORD_SIZE },
	{ MIG_PRE_COPY, 0 },
	{ MIG_PRE_COPY, HALF_MATCH },
	{ MIG_PRE_COPY_P2P, 0 },
	{ MIG_PRE_COPY_P2P, RECORD_MATCH_SIZE },
	{ MIG_ERROR, 0 },
};

static void pf_reset(enum rig_role role)
{
	check_ok(pci_write(rig_pf(role)->bdf, "reset", "1"));
}

/* The caches are never written back: half-way. */
void resets_into_error(struct vfio_dev *v)
{
	const struct oracle_fault fault = { .kind = KPO_F_WB_NEVER };

	if (!oracle_present())
		tap_skip("no way into ERROR without the accelerator model");
	oracle_arm(&v->func, &fault);
	check_err(mig_set_state(v, MIG_STOP, NULL), -ETIMEDOUT);
	oracle_disarm(&v->func);
}

static int go_to(struct vfio_dev *v, const struct place *p)
{
	struct mig_stream stream;
	char buf[RECORD_SIZE];
	int fd = -1;

	rig_busy_guest(v, JOBS);
	if (p->state == MIG_ERROR) {
		resets_into_error(v);
	} else if (p->state == MIG_RESUMING) {
		check_ok(mig_save(v, &stream, NULL));
		check_ok(mig_set_state(v, MIG_RESUMING, &fd));
		check_ok(mig_write(fd, stream.data, p->bytes, MIG_STREAM_MAX, NULL));
	} else {
		check_ok(mig_set_state(v, p->state, &fd));
		if (p->bytes)
			check_eq(read(fd, buf, p->bytes), p->bytes, "read()");
	}
	rig_check_state(v, p->state);
	return fd;
}

static void check_moves(struct vfio_dev *v, struct vfio_dev *other)
{
	struct mig_stream stream;
	struct job_guest *z = rig_busy_guest(v, JOBS);

	rig_move(z, other, &stream, NULL);
	rig_finish(z);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
}

static void reset_by(enum rig_role role, enum who who, struct vfio_dev *v)
{
	switch (who) {
	case BY_VFIO:
		check_ok(vfio_dev_reset(v));
		break;
	case BY_SYSFS:
		check_ok(pci_write(v->func.bdf, "reset", "1"));
		break;
	case BY_PF:
		pf_reset(role);
		break;
	}
}

/* What stands for nothing any more: what would need it fails, back is no error. */
void resets_check_lost(struct vfio_dev *v, int state)
{
	switch (state) {
	case MIG_RUNNING:
		return;
	case MIG_ERROR:
		check_err(mig_set_state(v, MIG_RUNNING, NULL), -EINVAL);
		rig_check_state(v, MIG_ERROR);
		return;
	case MIG_RESUMING:
		check_err(mig_set_state(v, MIG_STOP, NULL), -EIO);
		check_err(mig_set_state(v, MIG_RUNNING, NULL), -EIO);
		rig_check_state(v, MIG_RESUMING);
		return;
	case MIG_STOP_COPY:
		check_ok(mig_set_state(v, MIG_STOP, NULL));
		/* fall through */
	default:
		check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		rig_check_state(v, MIG_RUNNING);
	}
}

/* Is a reset of the PF seen that nobody asks about? Only where a user may wait. */
static bool has_fd(int state)
{
	return state == MIG_STOP_COPY || state == MIG_RESUMING ||
	       state == MIG_PRE_COPY || state == MIG_PRE_COPY_P2P;
}

static void reset_in(enum rig_role role, enum who who, const struct place *p,
		     struct vfio_dev *v, struct vfio_dev *other)
{
	int fd = go_to(v, p);

	reset_by(role, who, v);
	/* The fd first: nobody has asked for the state since. */
	rig_check_fd_dead(p->state, fd);
	rig_check_state(v, who == BY_VFIO ? MIG_RUNNING : p->state);
	if (who != BY_VFIO && (who != BY_PF || has_fd(p->state)))
		resets_check_lost(v, p->state);
	if (fd >= 0)
		close(fd);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	rig_check_state(v, MIG_RUNNING);
	/* There is no guest to go on: nothing is rung for. */
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	check_moves(v, other);
}

static void in_each_state(const void *arg)
{
	const struct case_ *c = arg;
	struct vfio_dev *v = rig_open(c->role, 0), *other = rig_open(c->role, 1);
	size_t i;

	for (i = 0; i < ARRAY_SIZE(places); i++)
		if (rig_has_state(places[i].state))
			reset_in(c->role, c->who, &places[i], v, other);
}

/*
 * With a whole record in its fd and a reset since, a VF must not start with nothing
 * loaded and tell nobody.
 */
static void record_is_not_loaded_after(const void *arg)
{
	const struct case_ *c = arg;
	struct vfio_dev *v = rig_open(c->role, 0), *other = rig_open(c->role, 1);
	struct mig_stream stream;
	int fd;

	rig_busy_guest(v, JOBS);
	check_ok(mig_save(v, &stream, NULL));
	check_ok(mig_set_state(other, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL));
	reset_by(c->role, c->who, other);
	check_err(mig_set_state(other, MIG_RUNNING, NULL), -EIO);
	rig_check_state(other, MIG_RESUMING);
	rig_check_fd_dead(MIG_RESUMING, fd);
	close(fd);
	check_ok(vfio_dev_reset(other));
	check_ok(vfio_dev_reset(v));
	check_moves(v, other);
}

/* Resets of VFs and PF wait for each other by one bit of the PF driver's. */
struct resetter {
	pthread_t thread;
	struct pci_func func;
	int failed;
};

static void *reset_often(void *arg)
{
	struct resetter *r = arg;
	int i;

	for (i = 0; i < 4; i++)
		if (pci_write(r->func.bdf, "reset", "1"))
			r->failed++;
	return NULL;
}

/*
 * What the PF's reset has taken from a guest that was at work can't be captured,
 * whether somebody has seen that reset or not: nobody watches a VF that is stopped.
 */
static void pf_reset_before_capture(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);

	rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	pf_reset(role);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	rig_check_state(v, MIG_STOP);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	check_moves(v, other);
}

/* Asks for states all the time, until it is told to end. */
struct asker {
	pthread_t thread;
	struct vfio_dev *v;
	bool end;		/* set and read atomically */
	int rounds;
	int err;		/* the first that there was */
};

static void *stop_and_go(void *arg)
{
	struct asker *a = arg;

	while (!__atomic_load_n(&a->end, __ATOMIC_ACQUIRE)) {
		int ret = mig_set_state(a->v, MIG_STOP, NULL);

		ret = ret ?: mig_set_state(a->v, MIG_RUNNING, NULL);
		if (ret && !a->err)
			a->err = ret;
		__atomic_add_fetch(&a->rounds, 1, __ATOMIC_RELEASE);
	}
	return NULL;
}

/*
 * As a VM that is stopped and goes on while somebody resets its VF, or the PF: a
 * request waits for the end, and none fails.
 */
static void requests_wait_for_the_end(const void *arg)
{
	const struct case_ *c = arg;
	struct vfio_dev *v = rig_open(c->role, 0), *other = rig_open(c->role, 1);
	struct asker a = { .v = v };
	int i, before;

	check_ok(-pthread_create(&a.thread, NULL, stop_and_go, &a));
	for (i = 0; i < (c->who == BY_PF ? 2 : 10); i++) {
		/* One has begun and ended since the reset before. */
		before = __atomic_load_n(&a.rounds, __ATOMIC_ACQUIRE);
		while (__atomic_load_n(&a.rounds, __ATOMIC_ACQUIRE) < before + 2)
			usleep(1000);
		reset_by(c->role, c->who, v);
	}
	__atomic_store_n(&a.end, true, __ATOMIC_RELEASE);
	pthread_join(a.thread, NULL);
	check_err(a.err, 0);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	check_moves(v, other);
}

/* It would be the end of a VM: VFIO_DEVICE_RESET fails for no other reset. */
static void resets_wait_for_each_other(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct resetter r = { .func = v->func };
	int i;

	check_ok(-pthread_create(&r.thread, NULL, reset_often, &r));
	for (i = 0; i < 8; i++) {
		int ret = vfio_dev_reset(v);

		if (ret) {
			pthread_join(r.thread, NULL);
			check_err(ret, 0);
		}
	}
	pthread_join(r.thread, NULL);
	check(!r.failed, "%d resets by sysfs failed", r.failed);
	rig_check_state(v, MIG_RUNNING);
	check_ok(vfio_dev_reset(v));
	check_moves(v, other);
}

/* The last close resets the VF, and asks nobody. */
static void close_beside_a_reset(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *other = rig_open(role, 1);
	struct vfio_dev v;
	struct pci_func vf;
	int i;

	rig_vf(role, 0, &vf);
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	for (i = 0; i < 6; i++) {
		struct resetter r = { .func = vf };
		int tries = 0, ret;

		/* While somebody resets it, it can't be opened. */
		while ((ret = vfio_dev_open(&v, &vf)) == -EAGAIN && tries++ < 100)
			usleep(10000);
		check_ok(ret);
		check_ok(mig_set_state(&v, MIG_STOP, NULL));
		check_ok(-pthread_create(&r.thread, NULL, reset_often, &r));
		usleep(i * 20000);
		vfio_dev_close(&v);
		pthread_join(r.thread, NULL);
		check(!r.failed, "%d resets by sysfs failed", r.failed);
	}
	/* Nobody has kept the reset bit, which a reset of the PF waits for. */
	pf_reset(role);
	check_ok(vfio_dev_reset(other));
	check_moves(rig_open(role, 0), other);
}

/* Who resets one VF says nothing about the others. */
static void other_vf_is_reset(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream stream;
	int i, fd;

	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	for (i = 0; i < 3; i++)
		check_ok(vfio_dev_reset(other));
	rig_check_state(v, MIG_STOP_COPY);
	check_ok(mig_read(fd, &stream, HALF_MATCH));
	close(fd);
	check_eq(stream.len, RECORD_SIZE, "bytes of the record");
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
	check_ok(vfio_dev_reset(v));
}

/* A thread that reads or writes until its fd is dead; what it has got then. */
struct user {
	pthread_t thread;
	int fd;
	bool writes;
	const struct mig_stream *stream;
	size_t bytes;
	int err;
};

/* What is full takes nothing, and tells so: of that, a reset must be told, too. */
static ssize_t write_next(struct user *u)
{
	size_t left = u->stream->len - u->bytes;

	return write(u->fd, u->stream->data + u->bytes, left ? 1 : 0);
}

static void *use_fd(void *arg)
{
	struct user *u = arg;
	ssize_t ret;
	char byte;

	do {
		ret = u->writes ? write_next(u) : read(u->fd, &byte, 1);
		if (ret > 0)
			u->bytes += ret;
	} while (ret >= 0);
	u->err = -errno;
	return NULL;
}

static void reset_beside(const struct case_ *c, struct vfio_dev *v,
			 const struct mig_stream *stream, bool writes,
			 unsigned int after_us)
{
	int state = writes ? MIG_RESUMING : MIG_STOP_COPY;
	struct user u = { .writes = writes, .stream = stream };

	check_ok(mig_set_state(v, state, &u.fd));
	check_ok(-pthread_create(&u.thread, NULL, use_fd, &u));
	usleep(after_us);
	reset_by(c->role, c->who, v);
	pthread_join(u.thread, NULL);
	check_err(u.err, -ENODEV);
	rig_check_state(v, c->who == BY_VFIO ? MIG_RUNNING : state);
	rig_check_fd_dead(state, u.fd);
	close(u.fd);
}

static void beside_read_and_write(const void *arg)
{
	const struct case_ *c = arg;
	struct vfio_dev *v = rig_open(c->role, 0), *other = rig_open(c->role, 1);
	unsigned int i, rounds = c->who == BY_PF ? PF_ROUNDS : ROUNDS;
	struct mig_stream stream;

	for (i = 0; i < rounds; i++) {
		rig_busy_guest(v, JOBS);
		check_ok(mig_save(v, &stream, NULL));
		reset_beside(c, v, &stream, i % 2, i * 50);
		check_ok(vfio_dev_reset(v));
	}
	check_ok(vfio_dev_reset(other));
	check_moves(v, other);
}

static void all_at_once(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct resetter r[3] = { 0 };
	size_t i;

	rig_busy_guest(v, JOBS);
	r[0].func = v->func;
	r[1].func = other->func;
	r[2].func = *rig_pf(role);
	for (i = 0; i < ARRAY_SIZE(r); i++)
		check_ok(-pthread_create(&r[i].thread, NULL, reset_often, &r[i]));
	for (i = 0; i < ARRAY_SIZE(r); i++)
		pthread_join(r[i].thread, NULL);
	for (i = 0; i < ARRAY_SIZE(r); i++)
		check(!r[i].failed, "%d resets of %s failed", r[i].failed,
		      r[i].func.bdf);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	rig_check_state(v, MIG_RUNNING);
	check_moves(v, other);
	/* The bit is free again: a reset that found it taken would wait for 60 s. */
	check_ok(vfio_dev_reset(v));
}

/* Waits at the temporary end of a pre-copy for what comes next. */
struct sleeper {
	pthread_t thread;
	pid_t tid;
	struct pollfd fd;
	int ret;
};

static void *sleep_on_fd(void *arg)
{
	struct sleeper *s = arg;

	blocked_here(&s->tid);
	/* At the end of a timeout it would look once more, woken or not. */
	s->ret = poll(&s->fd, 1, -1);
	return NULL;
}

static void wakes_who_polls(const void *arg)
{
	const struct case_ *c = arg;
	struct vfio_dev *v = rig_open_precopy(c->role, 0);
	static struct sleeper s;	/* of a thread that may sleep for good */
	struct mig_stream stream;
	struct timespec end;

	memset(&s, 0, sizeof(s));
	rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, MIG_PRE_COPY, &s.fd.fd));
	check_err(mig_read(s.fd.fd, &stream, RECORD_MATCH_SIZE), -ENOMSG);
	s.fd.events = POLLIN;
	check_eq(poll(&s.fd, 1, 0), 0, "poll() where there is nothing to read");
	check_ok(-pthread_create(&s.thread, NULL, sleep_on_fd, &s));
	/* A thread that has not got there yet would need nobody to wake it. */
	check(blocked_in(&s.tid, SYS_ppoll, RIG_PATIENCE_MS),
	      "the thread does not come to poll()");
	reset_by(c->role, c->who, v);
	clock_gettime(CLOCK_REALTIME, &end);
	end.tv_sec += RIG_PATIENCE_MS / 1000;
	check_ok(-pthread_timedjoin_np(s.thread, NULL, &end));
	check_eq(s.ret, 1, "poll()");
	check(s.fd.revents & POLLERR, "poll() says %#x, no error", s.fd.revents);
	check(!(s.fd.revents & POLLIN), "poll() says that there is something to read");
	close(s.fd.fd);
	check_ok(vfio_dev_reset(v));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;
static const struct case_ vfio_v3 = { RIG_V3, BY_VFIO }, vfio_v4 = { RIG_V4, BY_VFIO },
			  sysfs_v3 = { RIG_V3, BY_SYSFS }, sysfs_v4 = { RIG_V4, BY_SYSFS },
			  pf_v3 = { RIG_V3, BY_PF }, pf_v4 = { RIG_V4, BY_PF };

const struct tap_test reset_real_tests[] = {
	{ "VFIO_DEVICE_RESET heals every state of a V3 VF, and it moves",
	  in_each_state, &vfio_v3 },
	{ "VFIO_DEVICE_RESET heals every state of a V4 VF, and it moves",
	  in_each_state, &vfio_v4 },
	{ "a reset by sysfs leaves a V3 VF in its state, which is lost; VFIO_DEVICE_RESET heals it",
	  in_each_state, &sysfs_v3 },
	{ "a reset by sysfs leaves a V4 VF in its state, which is lost; VFIO_DEVICE_RESET heals it",
	  in_each_state, &sysfs_v4 },
	{ "a reset of the PF leaves a V3 VF in its state, which is lost; VFIO_DEVICE_RESET heals it",
	  in_each_state, &pf_v3 },
	{ "a reset of the PF leaves a V4 VF in its state, which is lost; VFIO_DEVICE_RESET heals it",
	  in_each_state, &pf_v4 },
	{ "a record is not taken for loaded after a reset by sysfs (V3)",
	  record_is_not_loaded_after, &sysfs_v3 },
	{ "a record is not taken for loaded after a reset by sysfs (V4)",
	  record_is_not_loaded_after, &sysfs_v4 },
	{ "a record is not taken for loaded after a reset of the PF (V3)",
	  record_is_not_loaded_after, &pf_v3 },
	{ "a record is not taken for loaded after a reset of the PF (V4)",
	  record_is_not_loaded_after, &pf_v4 },
	{ "what a reset of the PF has taken is not captured on V3: EIO",
	  pf_reset_before_capture, &v3 },
	{ "what a reset of the PF has taken is not captured on V4: EIO",
	  pf_reset_before_capture, &v4 },
	{ "requests wait for the end of a reset by sysfs (V3)",
	  requests_wait_for_the_end, &sysfs_v3 },
	{ "requests wait for the end of a reset by sysfs (V4)",
	  requests_wait_for_the_end, &sysfs_v4 },
	{ "requests wait for the end of a reset of the PF (V3)",
	  requests_wait_for_the_end, &pf_v3 },
	{ "requests wait for the end of a reset of the PF (V4)",
	  requests_wait_for_the_end, &pf_v4 },
	{ "VFIO_DEVICE_RESET waits for resets by sysfs (V3)",
	  resets_wait_for_each_other, &v3 },
	{ "VFIO_DEVICE_RESET waits for resets by sysfs (V4)",
	  resets_wait_for_each_other, &v4 },
	{ "a V3 VF is closed beside resets by sysfs", close_beside_a_reset, &v3 },
	{ "a V4 VF is closed beside resets by sysfs", close_beside_a_reset, &v4 },
	{ "the reset of one V3 VF leaves the others where they are",
	  other_vf_is_reset, &v3 },
	{ "the reset of one V4 VF leaves the others where they are",
	  other_vf_is_reset, &v4 },
	{ "a reset beside read() and write() ends them with ENODEV on V3",
	  beside_read_and_write, &vfio_v3 },
	{ "a reset beside read() and write() ends them with ENODEV on V4",
	  beside_read_and_write, &vfio_v4 },
	{ "so does a reset by sysfs on V3", beside_read_and_write, &sysfs_v3 },
	{ "so does a reset by sysfs on V4", beside_read_and_write, &sysfs_v4 },
	{ "so does a reset of the PF on V3", beside_read_and_write, &pf_v3 },
	{ "so does a reset of the PF on V4", beside_read_and_write, &pf_v4 },
	{ "VFIO_DEVICE_RESET wakes who polls a data fd", wakes_who_polls, &vfio_v3 },
	{ "a reset by sysfs wakes who polls a data fd", wakes_who_polls, &sysfs_v4 },
	{ "a reset of the PF wakes who polls a data fd", wakes_who_polls, &pf_v4 },
	{ "two V3 VFs and their PF are reset at once", all_at_once, &v3 },
	{ "two V4 VFs and their PF are reset at once", all_at_once, &v4 },
	{ NULL, NULL, NULL },
};
