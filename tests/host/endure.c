// SPDX-License-Identifier: GPL-2.0-only
/*
 * Endurance: a guest at work, and a VM monitor that does anything at all with
 * its VF: random states, reads and writes of random sizes, resets, records of
 * rubbish, faults, and now and then a migration. What each step has to give is
 * known beforehand; the guest's jobs have to be done in the end, each once and
 * well, and the accelerator model must see nothing wrong.
 *
 * The kernel command line may have hacc.seed=N and hacc.walks=N.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define DEFAULT_SEED	1
#define DEFAULT_WALKS	120	/* for each PF */
#define STEPS_MAX	12
#define JOB_TIME_US	100
#define WALKS_A_MOVE	12
#define RESETS_A_SYSFS	4
#define RESETS_A_PF	40	/* resets of the PF take a second each */
#define MATCH_BYTES	40
#define RECORD_BYTES	176

struct endure {
	uint64_t random;
	unsigned int walk;
	struct vfio_dev *vf[2];
	int home;
	struct job_guest *guest;
	int state;		/* that the home VF is to be in */
	int fd;			/* data fd or -1 */
	size_t left;		/* bytes still to be read from it */
	size_t written;		/* bytes of rubbish that it has taken */
	bool refused;
	const struct pci_func *pf;
	unsigned int arcs, reads, writes, faults, resets, sysfs_resets, pf_resets, moves, jobs;
};

static unsigned int pick(struct endure *e, unsigned int of)
{
	return job_random(&e->random) % of;
}

static struct vfio_dev *home(struct endure *e)
{
	return e->vf[e->home];
}

static bool is_pre_copy(int state)
{
	return state == MIG_PRE_COPY || state == MIG_PRE_COPY_P2P;
}

static bool has_file(int state)
{
	return is_pre_copy(state) || state == MIG_STOP_COPY || state == MIG_RESUMING;
}

static bool guest_runs(int state)
{
	return state == MIG_RUNNING || state == MIG_PRE_COPY;
}

/* The data fd of a state that is no more: no device is behind it. */
static void drop_fd(struct endure *e, int old)
{
	if (e->fd < 0)
		return;
	rig_check_fd_dead(old, e->fd);
	close(e->fd);
	e->fd = -1;
}

static void new_guest(struct endure *e)
{
	struct job_guest *g = e->guest;

	memset(g, 0, sizeof(*g));
	check_ok(job_guest_start(g, home(e), 4));
	if (oracle_present())
		oracle_set(&home(e)->func, KPO_JOB_TIME_US, JOB_TIME_US);
}

/*
 * Resets that the VM monitor has not asked for take the guest's queues, and leave the
 * state: a reset of the VF, below, has its driver come up anew.
 */
static void reset_pf(struct endure *e)
{
	check_ok(pci_write(e->pf->bdf, "reset", "1"));
	rig_check_state(home(e), e->state);
	check_ok(vfio_dev_reset(e->vf[!e->home]));
	e->pf_resets++;
}

static void reset_by_sysfs(struct endure *e)
{
	check_ok(pci_write(home(e)->func.bdf, "reset", "1"));
	rig_check_state(home(e), e->state);
	if (e->fd >= 0)
		rig_check_fd_dead(e->state, e->fd);
	e->sysfs_resets++;
}

static void reset(struct endure *e)
{
	int old = e->state;

	if (!pick(e, RESETS_A_PF))
		reset_pf(e);
	if (!pick(e, RESETS_A_SYSFS))
		reset_by_sysfs(e);
	check_ok(vfio_dev_reset(home(e)));
	e->state = MIG_RUNNING;
	drop_fd(e, old);
	rig_check_state(home(e), MIG_RUNNING);
	new_guest(e);
	e->resets++;
}

static void some_jobs(struct endure *e)
{
	struct job_guest *g = e->guest;
	int n = 1 + pick(e, 4);

	if (!guest_runs(e->state) || g->nr_jobs + n > JOB_GUEST_JOBS_MAX)
		return;
	check_ok(job_guest_add_jobs(g, n));
	check_ok(job_guest_submit(g));
	e->jobs += n;
}

/* What a request has to end in; nothing gets a bad record out of RESUMING. */
static int expected_state(int from, int to)
{
	if (from == MIG_RESUMING)
		return from;
	if (from == MIG_STOP_COPY && is_pre_copy(to))
		return from;
	return to;
}

/* The home VF has come to a state, with a data fd of its own or without. */
static void arrive(struct endure *e, int state, int fd)
{
	int old = e->state;
	bool goes_on = is_pre_copy(old) && (is_pre_copy(state) || state == MIG_STOP_COPY);

	e->state = state;
	if (old == state)
		return;
	if (!goes_on)
		drop_fd(e, old);
	check((fd >= 0) == (has_file(state) && !goes_on), "%s to %s: data fd %d",
	      mig_state_name(old), mig_state_name(state), fd);
	if (fd >= 0) {
		e->fd = fd;
		e->left = state == MIG_STOP_COPY ? RECORD_BYTES : MATCH_BYTES;
		e->written = 0;
		e->refused = false;
	} else if (goes_on && state == MIG_STOP_COPY) {
		e->left += RECORD_BYTES - MATCH_BYTES;
	}
}

static void go(struct endure *e, int to)
{
	int want = expected_state(e->state, to);
	int err = want == to ? 0 : -EINVAL;
	int fd, ret;

	ret = mig_set_state(home(e), to, &fd);
	check(ret == err, "%s to %s: %s, should be %s", mig_state_name(e->state),
	      mig_state_name(to), tap_errno(ret), tap_errno(err));
	arrive(e, want, fd);
	rig_check_state(home(e), e->state);
	e->arcs++;
}

/* A refused mailbox command ends a request half-way, in whatever state that is. */
static void go_with_fault(struct endure *e, int to)
{
	static const struct oracle_fault faults[] = {
		{ .kind = KPO_F_MBOX_STATUS, .arg = 1, .count = 1 },
		{ .kind = KPO_F_MBOX_LATE, .arg = 300, .count = 2 },
		{ .kind = KPO_F_IFC_PENDING, .arg = 1, .count = 3 },
	};
	const struct oracle_fault *fault = &faults[pick(e, ARRAY_SIZE(faults))];
	int fd, ret, state;

	if (expected_state(e->state, to) != to || !oracle_present())
		return;
	oracle_arm(&home(e)->func, fault);
	ret = mig_set_state(home(e), to, &fd);
	oracle_disarm(&home(e)->func);
	state = mig_get_state(home(e));
	if (ret) {
		check(ret == -EIO && fault->kind == KPO_F_MBOX_STATUS,
		      "fault %u: %s", fault->kind, tap_errno(ret));
		check(state != MIG_ERROR, "a refusal is no error");
	} else {
		check_eq(state, to, "state after a fault that passes");
	}
	arrive(e, state, fd);
	e->faults++;
}

static void read_some(struct endure *e)
{
	size_t want = 1 + pick(e, 200), n = want < e->left ? want : e->left;
	char buf[200];
	long ret;

	ret = read(e->fd, buf, want);
	if (ret < 0)
		ret = -errno;
	if (!n && is_pre_copy(e->state))
		check_err(ret, -ENOMSG);
	else
		check_eq(ret, n, "read()");
	e->left -= n;
	e->reads++;
}

/* Rubbish is taken as long as nothing tells it from a record. */
static void write_some(struct endure *e)
{
	size_t len = 1 + pick(e, 200);
	char buf[200];
	long ret;

	job_random_fill(&e->random, buf, len);
	ret = write(e->fd, buf, len);
	if (ret < 0)
		ret = -errno;
	e->refused |= e->written + len >= MATCH_BYTES;
	if (e->refused)
		check_err(ret, -EINVAL);
	else
		check_eq(ret, len, "write()");
	e->written += len;
	e->writes++;
}

static void step(struct endure *e)
{
	int to = rig_states[pick(e, RIG_STATES)];

	switch (pick(e, 20)) {
	case 0:
		reset(e);
		break;
	case 1:
	case 2:
		go_with_fault(e, to);
		break;
	case 3 ... 9:
		if (e->state == MIG_RESUMING)
			write_some(e);
		else if (e->fd >= 0)
			read_some(e);
		else
			some_jobs(e);
		break;
	case 10 ... 11:
		some_jobs(e);
		break;
	default:
		go(e, to);
	}
}

/* The guest runs on and its jobs get done, wherever the walk has led. */
static void come_home(struct endure *e)
{
	struct job_guest *g = e->guest;
	char why[200];

	if (e->state == MIG_RESUMING)
		reset(e);
	go(e, MIG_RUNNING);
	check_ok(job_guest_run(g, g->nr_jobs, RIG_PATIENCE_MS));
	if (job_guest_verify(g, why, sizeof(why)))
		fail("%s", why);
	if (g->nr_jobs > JOB_GUEST_JOBS_MAX * 3 / 4)
		reset(e);
}

static void move(struct endure *e)
{
	struct mig_stream stream;

	check_ok(job_guest_add_jobs(e->guest, 4));
	check_ok(job_guest_submit(e->guest));
	e->jobs += 4;
	rig_move(e->guest, e->vf[!e->home], &stream, NULL);
	check_ok(vfio_dev_reset(home(e)));
	e->home = !e->home;
	e->moves++;
	come_home(e);
}

static void report(void *arg)
{
	struct endure *e = arg;

	tap_note("%u walks: %u arcs, %u reads, %u writes, %u faults, %u resets, %u of them by sysfs first and %u with the PF, %u moves, %u jobs",
		 e->walk, e->arcs, e->reads, e->writes, e->faults, e->resets,
		 e->sysfs_resets, e->pf_resets, e->moves, e->jobs);
	free(e->guest);
	free(e);
}

static void endures(const void *arg)
{
	unsigned long seed = rig_parameter("hacc.seed=", DEFAULT_SEED);
	unsigned long walks = rig_parameter("hacc.walks=", DEFAULT_WALKS);
	struct endure *e = calloc(1, sizeof(*e));
	unsigned int steps;

	e->guest = calloc(1, sizeof(*e->guest));
	tap_defer(report, e);
	tap_note("seed %lu; hacc.seed= repeats a walk", seed);
	e->random = job_random_start(seed + *(const enum rig_role *)arg);
	e->vf[0] = rig_open(*(const enum rig_role *)arg, 0);
	e->vf[1] = rig_open(*(const enum rig_role *)arg, 1);
	e->pf = rig_pf(*(const enum rig_role *)arg);
	e->state = MIG_RUNNING;
	e->fd = -1;
	new_guest(e);
	for (e->walk = 0; e->walk < walks; e->walk++) {
		some_jobs(e);
		for (steps = 1 + pick(e, STEPS_MAX); steps; steps--)
			step(e);
		come_home(e);
		check(!oracle_violations(), "violation in walk %u", e->walk);
		if (e->walk % WALKS_A_MOVE == WALKS_A_MOVE - 1)
			move(e);
	}
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v5 = RIG_V5;

const struct tap_test endure_tests[] = {
	{ "a V3 VF endures whatever its VM monitor does", endures, &v3 },
	{ "a V4 VF endures whatever its VM monitor does", endures, &v4 },
	{ "a V5 VF endures whatever its VM monitor does", endures, &v5 },
	{ NULL, NULL, NULL },
};
