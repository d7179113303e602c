// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets as their users ask for them: VFIO_DEVICE_RESET of the VF, and the PF's
 * by its driver, in each state of a migration and beside read() and write().
 *
 * The PF's driver tells its VFs' guests of a reset, and nobody else: the driver
 * has to find out. A guest whose queues are gone gets a reset through VFIO here,
 * as its driver would come up anew.
 */
#include <errno.h>
#include <pthread.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		24
#define ROUNDS		24
#define PF_ROUNDS	6	/* of more than a second each */
#define HALF_MATCH	17
#define HALF_RECORD	99

enum who {
	BY_VFIO,
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
static void into_error(struct vfio_dev *v)
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
		into_error(v);
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

static void reset_in(enum rig_role role, enum who who, const struct place *p,
		     struct vfio_dev *v, struct vfio_dev *other)
{
	int fd = go_to(v, p);

	if (who == BY_PF)
		pf_reset(role);
	else
		check_ok(vfio_dev_reset(v));
	/* The fd first: nobody has asked for the state since. */
	rig_check_fd_dead(p->state, fd);
	rig_check_state(v, MIG_RUNNING);
	if (fd >= 0)
		close(fd);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
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
 * What the PF's reset has taken from a guest that was ready can't be captured; and
 * as long as the guest has not seen the PF's message, it is not quiet.
 */
static void pf_reset_before_capture(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);

	rig_busy_guest(v, JOBS);
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	pf_reset(role);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EBUSY);
	rig_check_state(v, MIG_RUNNING_P2P);
	qm_write(v, QM_IFC_INT_SOURCE_V, 1);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	rig_check_state(v, MIG_STOP);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	check_moves(v, other);
}

/* Asks for the state all the time, until it is told to end. */
struct watcher {
	pthread_t thread;
	struct vfio_dev *v;
	bool end;		/* set and read atomically */
	int refused;		/* requests while the PF was being reset */
	int other_errors;
};

static void *ask_for_stop(void *arg)
{
	struct watcher *w = arg;

	while (!__atomic_load_n(&w->end, __ATOMIC_ACQUIRE)) {
		int ret = mig_set_state(w->v, MIG_STOP, NULL);

		if (ret == -EBUSY)
			w->refused++;
		else if (ret)
			w->other_errors++;
		usleep(2000);
	}
	return NULL;
}

/* A migration that begins while the PF is being reset waits for its end. */
static void pf_reset_keeps_requests_out(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct watcher w = { .v = v };

	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(-pthread_create(&w.thread, NULL, ask_for_stop, &w));
	pf_reset(role);
	__atomic_store_n(&w.end, true, __ATOMIC_RELEASE);
	pthread_join(w.thread, NULL);
	check(w.refused, "no request was refused with EBUSY");
	check(!w.other_errors, "%d requests had other errors", w.other_errors);
	check_ok(vfio_dev_reset(v));
	check_ok(vfio_dev_reset(other));
	check_moves(v, other);
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

static void *use_fd(void *arg)
{
	struct user *u = arg;
	ssize_t ret;
	char byte;

	do {
		if (u->writes)
			ret = write(u->fd, u->stream->data + u->bytes, 1);
		else
			ret = read(u->fd, &byte, 1);
		if (ret > 0 && ++u->bytes == u->stream->len && u->writes)
			u->bytes--;	/* another byte would be one too many */
	} while (ret >= 0);
	u->err = -errno;
	return NULL;
}

static void reset_beside(const struct case_ *c, struct vfio_dev *v,
			 const struct mig_stream *stream, bool writes,
			 unsigned int after_us)
{
	struct user u = { .writes = writes, .stream = stream };

	check_ok(mig_set_state(v, writes ? MIG_RESUMING : MIG_STOP_COPY, &u.fd));
	check_ok(-pthread_create(&u.thread, NULL, use_fd, &u));
	usleep(after_us);
	if (c->who == BY_PF)
		pf_reset(c->role);
	else
		check_ok(vfio_dev_reset(v));
	pthread_join(u.thread, NULL);
	check(u.err == -ENODEV || (writes && u.err == -EINVAL),
	      "after %zu bytes: %s", u.bytes, tap_errno(u.err));
	rig_check_state(v, MIG_RUNNING);
	rig_check_fd_dead(writes ? MIG_RESUMING : MIG_STOP_COPY, u.fd);
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

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;
static const struct case_ vfio_v3 = { RIG_V3, BY_VFIO }, vfio_v4 = { RIG_V4, BY_VFIO },
			  pf_v3 = { RIG_V3, BY_PF }, pf_v4 = { RIG_V4, BY_PF };

const struct tap_test reset_real_tests[] = {
	{ "VFIO_DEVICE_RESET heals every state of a V3 VF, and it moves",
	  in_each_state, &vfio_v3 },
	{ "VFIO_DEVICE_RESET heals every state of a V4 VF, and it moves",
	  in_each_state, &vfio_v4 },
	{ "a reset of the PF leads a V3 VF from every state to RUNNING, its fds are dead, it moves",
	  in_each_state, &pf_v3 },
	{ "a reset of the PF leads a V4 VF from every state to RUNNING, its fds are dead, it moves",
	  in_each_state, &pf_v4 },
	{ "what a reset of the PF has taken is not captured on V3: EIO",
	  pf_reset_before_capture, &v3 },
	{ "what a reset of the PF has taken is not captured on V4: EIO",
	  pf_reset_before_capture, &v4 },
	{ "no V3 VF leaves RUNNING while its PF is being reset: EBUSY",
	  pf_reset_keeps_requests_out, &v3 },
	{ "no V4 VF leaves RUNNING while its PF is being reset: EBUSY",
	  pf_reset_keeps_requests_out, &v4 },
	{ "the reset of one V3 VF leaves the others where they are",
	  other_vf_is_reset, &v3 },
	{ "the reset of one V4 VF leaves the others where they are",
	  other_vf_is_reset, &v4 },
	{ "a reset beside read() and write() ends them with ENODEV on V3",
	  beside_read_and_write, &vfio_v3 },
	{ "a reset beside read() and write() ends them with ENODEV on V4",
	  beside_read_and_write, &vfio_v4 },
	{ "so does a reset of the PF on V3", beside_read_and_write, &pf_v3 },
	{ "so does a reset of the PF on V4", beside_read_and_write, &pf_v4 },
	{ "two V3 VFs and their PF are reset at once", all_at_once, &v3 },
	{ "two V4 VFs and their PF are reset at once", all_at_once, &v4 },
	{ NULL, NULL, NULL },
};
