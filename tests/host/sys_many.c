// SPDX-License-Identifier: GPL-2.0-only
/*
 * All VFs of a PF at once. The VFT engine, which knows the queue pairs of them all, is
 * the PF driver's: they ask each for its own.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define MANY_VFS	63
#define MANY_ROUNDS	2
#define MANY_JOBS	12
#define MANY_WORKER_JOBS 100

struct many_vf {
	pthread_t thread;
	struct pci_func func;
	struct vfio_dev v;
	pthread_barrier_t *start;
	uint32_t base;
	uint32_t num;
	uint64_t bad_base;
	uint64_t bad_num;
	int wrong;
	int err;
	bool opened;
};

static void many_close(void *arg)
{
	struct many_vf *vfs = arg;
	int i;

	for (i = 0; i < MANY_VFS; i++) {
		if (vfs[i].opened)
			vfio_dev_close(&vfs[i].v);
		pci_write(vfs[i].func.bdf, "reset_method", "default");
	}
	free(vfs);
}

static struct many_vf *many_vfs(enum rig_role role)
{
	struct many_vf *vfs = calloc(MANY_VFS, sizeof(*vfs));
	int i;

	tap_defer(many_close, vfs);
	rig_make_vfs(role, MANY_VFS);
	rig_load_module();
	for (i = 0; i < MANY_VFS; i++) {
		rig_vf(role, i, &vfs[i].func);
		check_ok(pci_bind(&vfs[i].func, MODULE_VFIO_NAME));
		/*
		 * Without the reset at open and close: resets of VFs wait for
		 * each other, and then nothing would be at once.
		 */
		check_ok(pci_write(vfs[i].func.bdf, "reset_method", "\n"));
		vfs[i].base = oracle_get(&vfs[i].func, KPO_VFT_BASE);
		vfs[i].num = oracle_get(&vfs[i].func, KPO_VFT_NUM);
	}
	return vfs;
}

static void many_check_record(struct many_vf *vf, const struct mig_stream *stream)
{
	uint64_t base = record_get(stream->data, REC_QP_BASE);
	uint64_t num = record_get(stream->data, REC_QP_NUM);

	if (stream->len != RECORD_MATCH_SIZE && stream->len != RECORD_SIZE)
		vf->err = -EBADMSG;
	if (base == vf->base && num == vf->num)
		return;
	vf->wrong++;
	vf->bad_base = base;
	vf->bad_num = num;
}

/* Open, save, close, again and again: every use of queue pairs that there is. */
static void *many_save(void *arg)
{
	struct many_vf *vf = arg;
	struct mig_stream stream;
	int i;

	pthread_barrier_wait(vf->start);
	for (i = 0; i < MANY_ROUNDS && !vf->err; i++) {
		vf->err = vfio_dev_open(&vf->v, &vf->func);
		if (vf->err)
			break;
		vf->opened = true;
		vf->err = mig_save(&vf->v, &stream, NULL);
		if (vf->err)
			break;
		many_check_record(vf, &stream);
		vf->err = mig_set_state(&vf->v, MIG_RUNNING, NULL);
		if (vf->err)
			break;
		vf->err = mig_save(&vf->v, &stream, NULL);
		if (!vf->err)
			many_check_record(vf, &stream);
		vfio_dev_close(&vf->v);
		vf->opened = false;
	}
	return NULL;
}

static void many_run(struct many_vf *vfs, void *(*run)(void *arg))
{
	pthread_barrier_t start;
	int i;

	pthread_barrier_init(&start, NULL, MANY_VFS);
	for (i = 0; i < MANY_VFS; i++) {
		vfs[i].start = &start;
		if (pthread_create(&vfs[i].thread, NULL, run, &vfs[i]))
			abort();	/* the others would wait for ever */
	}
	for (i = 0; i < MANY_VFS; i++)
		pthread_join(vfs[i].thread, NULL);
	pthread_barrier_destroy(&start);
	for (i = 0; i < MANY_VFS; i++) {
		check(!vfs[i].err, "VF %d: %s", i, tap_errno(vfs[i].err));
		check(!vfs[i].wrong,
		      "VF %d: %d records with a wrong base or number, last %llu and %llu, should be %u and %u",
		      i, vfs[i].wrong, (unsigned long long)vfs[i].bad_base,
		      (unsigned long long)vfs[i].bad_num, vfs[i].base,
		      vfs[i].num);
	}
}

/* With the engine never free, as while its owner uses it: nobody else does. */
static void all_at_once(const void *arg)
{
	static const struct oracle_fault busy = { .kind = KPO_F_VFT_BUSY };
	enum rig_role role = *(const enum rig_role *)arg;
	struct many_vf *vfs = many_vfs(role);

	rig_fault(rig_pf(role), &busy);
	many_run(vfs, many_save);
	check_eq(oracle_hits(rig_pf(role)), 0, "looks at the VFT engine");
	oracle_disarm(rig_pf(role));
}

/* The last VF has the last window: nothing of it may reach beyond. */
static void last_vf_moves(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct job_guest *z;

	rig_make_vfs(role, MANY_VFS);
	from = rig_open(role, 0);
	to = rig_open(role, MANY_VFS - 2);
	z = rig_busy_guest(from, 60);
	rig_move(z, to, &stream, NULL);
	rig_finish(z);

	/* The remainder of the queues may make the last one unlike the others. */
	vfio_dev_close(from);
	from = rig_open(role, MANY_VFS - 1);
	z = rig_busy_guest(from, 60);
	check_ok(mig_save(from, &stream, NULL));
	check_ok(vfio_dev_reset(from));
	check_ok(mig_load(from, &stream, NULL));
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(z);
}

struct many_move {
	pthread_t thread;
	pthread_barrier_t *start;
	struct vfio_dev *v;
	struct job_guest *guest;
	int err;
};

/* Out of the VF and in again: all VFs of the PF are taken, none is free to go to. */
static void *many_move(void *arg)
{
	struct many_move *m = arg;
	struct mig_stream stream;

	pthread_barrier_wait(m->start);
	m->err = mig_save(m->v, &stream, NULL);
	if (!m->err && stream.len != RECORD_SIZE)
		m->err = -EBADMSG;
	if (!m->err)
		m->err = mig_load(m->v, &stream, NULL);
	if (!m->err)
		m->err = mig_set_state(m->v, MIG_RUNNING, NULL);
	return NULL;
}

/* A guest in a VF of another PF works all the time. */
static void all_move_while_one_works(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	enum rig_role other = role == RIG_V3 ? RIG_V4 : RIG_V3;
	struct many_move m[MANY_VFS] = {};
	pthread_barrier_t start;
	struct job_guest *worker;
	size_t i;
	int ret;

	many_vfs(role);
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		m[i].v = rig_open(role, i);
		m[i].guest = rig_busy_guest(m[i].v, MANY_JOBS);
		m[i].start = &start;
	}
	worker = rig_guest(rig_open(other, 0), MANY_WORKER_JOBS);
	rig_run(worker, 1);

	pthread_barrier_init(&start, NULL, ARRAY_SIZE(m) + 1);
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		if (pthread_create(&m[i].thread, NULL, many_move, &m[i]))
			abort();	/* the others would wait for ever */
	}
	pthread_barrier_wait(&start);
	ret = job_guest_run(worker, MANY_WORKER_JOBS, RIG_PATIENCE_MS);
	for (i = 0; i < ARRAY_SIZE(m); i++)
		pthread_join(m[i].thread, NULL);
	pthread_barrier_destroy(&start);

	check(!ret, "the VF that works: %s", tap_errno(ret));
	rig_finish(worker);
	for (i = 0; i < ARRAY_SIZE(m); i++) {
		check(!m[i].err, "VF %zu: %s", i, tap_errno(m[i].err));
		rig_finish(m[i].guest);
	}
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_many_tests[] = {
	{ "63 V3 VFs save at once, each with its own queue pairs", all_at_once,
	  &v3 },
	{ "function 63 of V3 moves like any other", last_vf_moves, &v3 },
	{ "63 V4 VFs save at once, each with its own queue pairs", all_at_once,
	  &v4 },
	{ "function 63 of V4 moves like any other", last_vf_moves, &v4 },
	{ NULL, NULL, NULL },
};

/* In a run of their own, for what 63 guests do takes a debug kernel long. */
const struct tap_test many_tests[] = {
	{ "63 V3 VFs save and load at once with jobs in flight, while another one works",
	  all_move_while_one_works, &v3 },
	{ "63 V4 VFs save and load at once with jobs in flight, while another one works",
	  all_move_while_one_works, &v4 },
	{ NULL, NULL, NULL },
};
