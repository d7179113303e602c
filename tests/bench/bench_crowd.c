// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many VFs of a PF at once, on two CPUs and by the wall clock: what is worth
 * reading is how one driver's time compares with the other's in the same run.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "../host/suites.h"

#define CROWD_VFS	63
#define CROWD_ROUNDS	8
#define CROWD_TURNS	2	/* of each driver, in turn; the first warms up */
#define CROWD_QUEUES	4

struct crowd_vf {
	struct pci_func func;
	struct vfio_dev dev;
	struct job_guest guest;
	struct mig_stream stream;
	pthread_t thread;
	int in, out;
	int err;
	uint64_t begin_ns, end_ns;
};

struct crowd {
	struct crowd_vf vf[CROWD_VFS];
	int num;		/* that take part */
	pthread_barrier_t start, end;
	int (*step)(struct crowd_vf *vf);
};

static struct crowd *crowd;
/* As in the middle of the sweeps; by the wall clock no read can be made to take time. */
static struct bench_times usual = { 5, 5, 5, 0 };
static const int crowd_sizes[] = { 1, 8, 32, 63 };

static uint64_t crowd_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void *crowd_thread(void *arg)
{
	struct crowd_vf *vf = arg;

	pthread_barrier_wait(&crowd->start);
	vf->begin_ns = crowd_now_ns();
	vf->err = crowd->step(vf);
	vf->end_ns = crowd_now_ns();
	pthread_barrier_wait(&crowd->end);
	return NULL;
}

/* One after the other: what is not measured. */
static void crowd_each(int num, int (*step)(struct crowd_vf *vf))
{
	int i;

	for (i = 0; i < num; i++)
		check_ok(step(&crowd->vf[i]));
}

/*
 * So many do it at once; ns from the first one's begin until the last has done it.
 * Waking so many threads takes time as well, which is not the drivers'.
 */
static uint64_t crowd_run(int num, int (*step)(struct crowd_vf *vf))
{
	uint64_t begin = UINT64_MAX, end = 0;
	int i;

	crowd->step = step;
	pthread_barrier_init(&crowd->start, NULL, num + 1);
	pthread_barrier_init(&crowd->end, NULL, num + 1);
	for (i = 0; i < num; i++)
		if (pthread_create(&crowd->vf[i].thread, NULL, crowd_thread,
				   &crowd->vf[i]))
			abort();	/* the others would wait for ever */
	usleep(20000);			/* all of them are at the barrier */
	pthread_barrier_wait(&crowd->start);
	pthread_barrier_wait(&crowd->end);
	for (i = 0; i < num; i++)
		pthread_join(crowd->vf[i].thread, NULL);
	for (i = 0; i < num; i++) {
		check(!crowd->vf[i].err, "VF %d of %d: %s", i, num,
		      tap_errno(crowd->vf[i].err));
		if (crowd->vf[i].begin_ns < begin)
			begin = crowd->vf[i].begin_ns;
		if (crowd->vf[i].end_ns > end)
			end = crowd->vf[i].end_ns;
	}
	return end - begin;
}

static int crowd_prepare_save(struct crowd_vf *vf)
{
	ssize_t n;
	int ret;

	vf->stream.len = 0;
	ret = mig_set_state(&vf->dev, MIG_PRE_COPY, &vf->out);
	if (ret)
		return ret;
	n = read(vf->out, vf->stream.data, RECORD_MATCH_SIZE);
	return n == RECORD_MATCH_SIZE ? 0 : -EIO;
}

static int crowd_save(struct crowd_vf *vf)
{
	int ret = mig_set_state(&vf->dev, MIG_STOP_COPY, NULL);
	ssize_t n;

	if (ret)
		return ret;
	n = read(vf->out, vf->stream.data + RECORD_MATCH_SIZE,
		 RECORD_SIZE - RECORD_MATCH_SIZE);
	return n == RECORD_SIZE - RECORD_MATCH_SIZE ? 0 : -EIO;
}

static int crowd_prepare_load(struct crowd_vf *vf)
{
	int ret;

	close(vf->out);
	ret = mig_set_state(&vf->dev, MIG_RESUMING, &vf->in);
	if (ret)
		return ret;
	return write(vf->in, vf->stream.data, RECORD_SIZE) == RECORD_SIZE ? 0 : -errno;
}

static int crowd_load(struct crowd_vf *vf)
{
	return mig_set_state(&vf->dev, MIG_RUNNING, NULL);
}

static int crowd_finish(struct crowd_vf *vf)
{
	return close(vf->in) ? -errno : 0;
}

/* Of times that others make longer, the least says most. */
static unsigned long long least(const uint64_t *ns)
{
	uint64_t min = ns[0];
	int i;

	for (i = 1; i < CROWD_ROUNDS; i++)
		if (ns[i] < min)
			min = ns[i];
	return min;
}

static void crowd_moves(const struct bench_driver *driver, int turn, int num)
{
	uint64_t save[CROWD_ROUNDS], load[CROWD_ROUNDS];
	int i;

	for (i = 0; i < CROWD_ROUNDS; i++) {
		crowd_each(num, crowd_prepare_save);
		save[i] = crowd_run(num, crowd_save);
		crowd_each(num, crowd_prepare_load);
		load[i] = crowd_run(num, crowd_load);
		crowd_each(num, crowd_finish);
	}
	tap_note("data {\"driver\": \"%s\", \"what\": \"crowd\", \"turn\": %d, \"vfs\": %d, \"save_ns\": %llu, \"load_ns\": %llu}",
		 driver->name, turn, num,
		 least(save), least(load));
}

static long crowd_free_kib(void)
{
	char line[128];
	long kib = -1;
	FILE *f;

	usleep(200000);		/* what is freed by RCU is free then */
	f = fopen("/proc/meminfo", "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "MemFree: %ld kB", &kib) == 1)
			break;
	if (f)
		fclose(f);
	return kib;
}

static void crowd_timed(const struct bench_driver *driver, int turn, const char *what,
			int (*step)(struct crowd_vf *vf))
{
	uint64_t ns;
	long kib = crowd_free_kib();

	ns = crowd_now_ns();
	crowd_each(CROWD_VFS, step);
	ns = crowd_now_ns() - ns;
	tap_note("data {\"driver\": \"%s\", \"what\": \"%s\", \"turn\": %d, \"vfs\": %d, \"ns\": %llu, \"bytes\": %ld}",
		 driver->name, what, turn, CROWD_VFS, (unsigned long long)ns,
		 (kib - crowd_free_kib()) * 1024 / CROWD_VFS);
}

static int crowd_bind(struct crowd_vf *vf)
{
	return pci_bind(&vf->func, MODULE_VFIO_NAME);
}

static int crowd_open(struct crowd_vf *vf)
{
	return vfio_dev_open(&vf->dev, &vf->func);
}

static int crowd_start(struct crowd_vf *vf)
{
	int ret = vfio_dev_add_ram(&vf->dev, JOB_GUEST_IOVA, JOB_GUEST_RAM);

	return ret ? ret : job_guest_start(&vf->guest, &vf->dev, CROWD_QUEUES);
}

static int crowd_close(struct crowd_vf *vf)
{
	vfio_dev_close(&vf->dev);
	return 0;
}

static int crowd_unbind(struct crowd_vf *vf)
{
	return pci_bind(&vf->func, NULL);
}

/*
 * As a VF is when a VM monitor opens it: no guest's driver has set it up. Resets
 * of VFs wait for each other, so the opens, which are measured, do without.
 */
static int crowd_reset(struct crowd_vf *vf)
{
	int ret = pci_write(vf->func.bdf, "reset_method", "default");

	ret = ret ? ret : pci_write(vf->func.bdf, "reset", "1");
	return ret ? ret : pci_write(vf->func.bdf, "reset_method", "\n");
}

static void crowd_turn(const struct bench_driver *driver, int turn)
{
	size_t i;

	rig_use_module(driver->module, "");
	rig_load_module();
	crowd_each(CROWD_VFS, crowd_reset);
	crowd_timed(driver, turn, "bind", crowd_bind);
	crowd_timed(driver, turn, "open", crowd_open);
	crowd_each(CROWD_VFS, crowd_start);
	crowd_timed(driver, turn, "in pre-copy", crowd_prepare_save);
	for (i = 0; i < CROWD_VFS; i++) {
		check_ok(mig_set_state(&crowd->vf[i].dev, MIG_RUNNING, NULL));
		close(crowd->vf[i].out);
	}
	for (i = 0; i < ARRAY_SIZE(crowd_sizes); i++)
		crowd_moves(driver, turn, crowd_sizes[i]);
	crowd_timed(driver, turn, "close", crowd_close);
	crowd_timed(driver, turn, "unbind", crowd_unbind);
}

static void crowd_free(void *arg)
{
	int i;

	for (i = 0; i < CROWD_VFS; i++)
		vfio_dev_close(&crowd->vf[i].dev);
	free(arg);
	crowd = NULL;
}

static void crowd_of_63(const void *arg)
{
	int i, turn;

	(void)arg;
	crowd = calloc(1, sizeof(*crowd));
	for (i = 0; i < CROWD_VFS; i++) {
		crowd->vf[i].dev.device = -1;
		crowd->vf[i].dev.group = -1;
		crowd->vf[i].dev.container = -1;
	}
	tap_defer(crowd_free, crowd);
	rig_make_vfs(RIG_V3, CROWD_VFS);
	for (i = 0; i < CROWD_VFS; i++)
		rig_vf(RIG_V3, i, &crowd->vf[i].func);
	usual.read_ns = rig_parameter("hacc.read_ns=", 0);
	bench_set_times(rig_pf(RIG_V3), &usual);
	for (turn = 0; turn < CROWD_TURNS; turn++) {
		crowd_turn(&bench_ours, turn);
		crowd_turn(&bench_theirs, turn);
	}
	/* Their last VF is bound to a module that the next test may not want. */
	rig_use_module(MODULE_OURS, "");
}

const struct tap_test crowd_tests[] = {
	{ "63 VFs of both drivers are bound, opened, saved, loaded and closed",
	  crowd_of_63, NULL },
	{ NULL, NULL, NULL },
};
