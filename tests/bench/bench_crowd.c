// SPDX-License-Identifier: GPL-2.0-only
/*
 * Many VFs of a PF at once. By the wall clock, on two CPUs, what is worth reading
 * is how one driver's time compares with the other's in the same run; by the
 * virtual clock, on one CPU, the times are exact.
 */
#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "../host/suites.h"

#define CROWD_VFS	63
#define CROWD_ROUNDS	8
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

/*
 * What a mailbox command and a write-back take. The first is for the first turn,
 * which warms up, and the only one by the wall clock, where an access takes as
 * long as most of them, and where no read can be made to take time.
 */
static const uint32_t crowd_latencies_us[] = { 5, 5, 1, 20, 100 };
#define CROWD_TURNS_BY_WALL_CLOCK	2

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

/* One turn of one driver. */
struct crowd_turn {
	const struct bench_driver *driver;
	int nr;
	uint32_t latency_us;
};

__attribute__((format(printf, 4, 5)))
static void crowd_data(const struct crowd_turn *turn, const char *what, int vfs,
		       const char *fmt, ...)
{
	char line[256];
	va_list args;

	va_start(args, fmt);
	vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	tap_note("data {\"driver\": \"%s\", \"what\": \"%s\", \"turn\": %d, \"latency_us\": %u, \"vfs\": %d, %s}",
		 turn->driver->name, what, turn->nr, turn->latency_us, vfs, line);
}

/* Somebody else's work, which takes all of a CPU that it can get. */
static void *busy_thread(void *arg)
{
	while (!__atomic_load_n((bool *)arg, __ATOMIC_RELAXED))
		;
	return NULL;
}

static void crowd_moves(const struct crowd_turn *turn, const char *what, int num)
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
	crowd_data(turn, what, num, "\"save_ns\": %llu, \"load_ns\": %llu",
		   least(save), least(load));
}

/* Where there is but one CPU: else the VF's thread has the other for itself. */
static void crowd_move_on_busy_cpu(const struct crowd_turn *turn)
{
	static bool enough;	/* outlives a check that fails */
	pthread_t busy;

	if (sysconf(_SC_NPROCESSORS_ONLN) > 1)
		return;
	enough = false;
	check(!pthread_create(&busy, NULL, busy_thread, &enough), "no thread");
	crowd_moves(turn, "busy", 1);
	__atomic_store_n(&enough, true, __ATOMIC_RELAXED);
	pthread_join(busy, NULL);
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

static void crowd_timed(const struct crowd_turn *turn, const char *what,
			int (*step)(struct crowd_vf *vf))
{
	uint64_t ns;
	long kib = crowd_free_kib();

	ns = crowd_now_ns();
	crowd_each(CROWD_VFS, step);
	ns = crowd_now_ns() - ns;
	crowd_data(turn, what, CROWD_VFS, "\"ns\": %llu, \"bytes\": %ld",
		   (unsigned long long)ns, (kib - crowd_free_kib()) * 1024 / CROWD_VFS);
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

static void crowd_go(const struct crowd_turn *turn)
{
	size_t i;

	rig_use_module(turn->driver->module, "");
	rig_load_module();
	crowd_each(CROWD_VFS, crowd_reset);
	crowd_timed(turn, "bind", crowd_bind);
	crowd_timed(turn, "open", crowd_open);
	crowd_each(CROWD_VFS, crowd_start);
	crowd_timed(turn, "in pre-copy", crowd_prepare_save);
	for (i = 0; i < CROWD_VFS; i++) {
		check_ok(mig_set_state(&crowd->vf[i].dev, MIG_RUNNING, NULL));
		close(crowd->vf[i].out);
	}
	for (i = 0; i < ARRAY_SIZE(crowd_sizes); i++)
		crowd_moves(turn, "crowd", crowd_sizes[i]);
	crowd_move_on_busy_cpu(turn);
	crowd_timed(turn, "close", crowd_close);
	crowd_timed(turn, "unbind", crowd_unbind);
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
	struct bench_times times = { .vft_us = 5 };
	int i, turns;

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
	times.read_ns = rig_parameter("hacc.read_ns=", 0);
	turns = times.read_ns ? ARRAY_SIZE(crowd_latencies_us) : CROWD_TURNS_BY_WALL_CLOCK;
	for (i = 0; i < turns; i++) {
		uint32_t us = crowd_latencies_us[i];

		times.mbox_us = us;
		times.wb_us = us;
		bench_set_times(rig_pf(RIG_V3), &times);
		crowd_go(&(struct crowd_turn){ &bench_ours, i, us });
		crowd_go(&(struct crowd_turn){ &bench_theirs, i, us });
	}
	/* Their last VF is bound to a module that the next test may not want. */
	rig_use_module(MODULE_OURS, "");
}

const struct tap_test crowd_tests[] = {
	{ "63 VFs of both drivers are bound, opened, saved, loaded and closed",
	  crowd_of_63, NULL },
	{ NULL, NULL, NULL },
};
