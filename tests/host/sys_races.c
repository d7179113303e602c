// SPDX-License-Identifier: GPL-2.0-only
/*
 * Users that do not wait for each other: what they get are errnos; what the
 * kernel gets is nothing to complain of. Lockdep and KASAN are the judges.
 */
#include <errno.h>
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		60
#define RACE_ROUNDS	12
#define RACE_TURNS	6	/* of the other thread, at least */

struct racer {
	pthread_t thread;
	struct vfio_dev *v;
	void (*turn)(struct racer *r, unsigned int n);
	volatile bool stop;
	volatile unsigned int turns;
};

static void *racer_run(void *arg)
{
	struct racer *r = arg;

	while (!r->stop)
		r->turn(r, r->turns++);
	return NULL;
}

static void racer_stop(void *arg)
{
	struct racer *r = arg;

	if (r->stop)
		return;
	r->stop = true;
	pthread_join(r->thread, NULL);
}

static void racer_start(struct racer *r, struct vfio_dev *v,
			void (*turn)(struct racer *r, unsigned int n))
{
	r->v = v;
	r->turn = turn;
	r->stop = false;
	r->turns = 0;
	check_ok(-pthread_create(&r->thread, NULL, racer_run, r));
	tap_defer(racer_stop, r);
}

static void turn_reset(struct racer *r, unsigned int n)
{
	if (n % 2)
		vfio_dev_reset(r->v);
	else
		pci_write(r->v->func.bdf, "reset", "1");
	usleep(1000);
}

static void turn_state(struct racer *r, unsigned int n)
{
	int fd;

	mig_set_state(r->v, rig_states[n % RIG_STATES], &fd);
	if (fd >= 0)
		close(fd);
}

/* A whole round of everything, errors and all. */
static void use_all(struct vfio_dev *v, const struct mig_stream *good)
{
	struct mig_stream stream;
	int fd;

	mig_set_state(v, MIG_PRE_COPY, &fd);
	if (fd >= 0) {
		mig_read(fd, &stream, 13);
		mig_set_state(v, MIG_STOP_COPY, NULL);
		mig_read(fd, &stream, 64);
		close(fd);
	}
	mig_set_state(v, MIG_STOP, NULL);
	mig_set_state(v, MIG_RESUMING, &fd);
	if (fd >= 0) {
		mig_write(fd, good->data, good->len, 17, NULL);
		mig_set_state(v, MIG_STOP, NULL);
		close(fd);
	}
	mig_set_state(v, MIG_RUNNING, NULL);
}

static void check_race(void (*turn)(struct racer *r, unsigned int n))
{
	static struct racer r;
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct mig_stream good;
	struct job_guest *z;
	int i;

	rig_busy_guest(v, JOBS);
	check_ok(mig_save(v, &good, NULL));
	/* Of two who ask for states nobody knows whose is the last. */
	oracle_quiet(&v->func, false);
	oracle_watch_quiet(false);
	racer_start(&r, v, turn);
	for (i = 0; i < RACE_ROUNDS || r.turns < RACE_TURNS; i++)
		use_all(v, &good);
	racer_stop(&r);

	check_ok(vfio_dev_reset(v));
	rig_check_state(v, MIG_RUNNING);
	z = rig_guest(v, JOBS);
	rig_finish(z);
}

static void resets_beside_migrations(const void *arg)
{
	(void)arg;
	check_race(turn_reset);
}

static void states_by_two(const void *arg)
{
	(void)arg;
	check_race(turn_state);
}

/*
 * User memory that is a mapping of the BAR: its page fault takes the lock that
 * a reset holds when it comes to the data fd.
 */
static void bar_as_buffer(const void *arg)
{
	static const int states[] = { MIG_STOP_COPY, MIG_RESUMING };
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	char *map;
	size_t i;
	int fd;

	(void)arg;
	rig_busy_guest(v, JOBS);
	/* And what is written there is no VF_STATE. */
	oracle_expect(1u << KPO_V_CONFIG_RUNNING);
	for (i = 0; i < 2; i++) {
		map = mmap(NULL, VFIO_DEV_BAR2_LOW, PROT_READ | PROT_WRITE,
			   MAP_SHARED, v->device, v->bar2_offset);
		check(map != MAP_FAILED, "BAR2 can't be mapped twice");
		check_ok(mig_set_state(v, states[i], &fd));
		if (states[i] == MIG_STOP_COPY)
			check_eq(read(fd, map + QM_VF_STATE, 4), 4, "read()");
		else
			check_eq(write(fd, map + QM_VF_STATE, 4), 4, "write()");
		munmap(map, VFIO_DEV_BAR2_LOW);
		check_ok(vfio_dev_reset(v));
		rig_check_fd_dead(states[i], fd);
		close(fd);
	}
	rig_finish(rig_guest(v, JOBS));
}

const struct tap_test sys_races_tests[] = {
	{ "resets beside migrations do no harm", resets_beside_migrations, NULL },
	{ "two threads may ask for states at once", states_by_two, NULL },
	{ "a data fd takes a mapped BAR for user memory", bar_as_buffer, NULL },
	{ NULL, NULL, NULL },
};
