// SPDX-License-Identifier: GPL-2.0-only
/*
 * All VFs of a PF at once: they share the VFT engine and nothing else.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define MANY_VFS	63
#define MANY_ROUNDS	2
#define MANY_VFT_US	1000	/* long enough for many users to meet */

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

/* Open, save, close, again and again: every use of the VFT that there is. */
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

static uint32_t many_vft_us_was;

static void many_vft_as_was(void *arg)
{
	oracle_set(arg, KPO_VFT_TIME_US, many_vft_us_was);
}

static void all_at_once(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct many_vf *vfs = many_vfs(role);

	many_vft_us_was = oracle_get(rig_pf(role), KPO_VFT_TIME_US);
	oracle_set(rig_pf(role), KPO_VFT_TIME_US, MANY_VFT_US);
	tap_defer(many_vft_as_was, (void *)rig_pf(role));
	many_run(vfs, many_save);
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
