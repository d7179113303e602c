// SPDX-License-Identifier: GPL-2.0-only
/*
 * What may happen at the same time: each event in each state, and what becomes of the
 * VF then. The same table, word for word, is in docs/design.md; lint compares them.
 *
 * A cell is one of these words:
 *	same	state and data fd are as they were
 *	RUNNING	that is the state now, and the data fd is dead
 *	lost	the state is as it was and stands for nothing: its fd is dead, what
 *		would need it fails, the way back to RUNNING does not
 *	waits	same, and the event ends when the VF is closed
 *	EAGAIN	same, and the event is refused
 */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blocked.h"
#include "resets.h"
#include "rig.h"
#include "suites.h"

#define STATES		8
#define JOBS		24

static const int states[STATES] = {
	MIG_RUNNING, MIG_RUNNING_P2P, MIG_STOP, MIG_STOP_COPY, MIG_RESUMING, MIG_PRE_COPY,
	MIG_PRE_COPY_P2P, MIG_ERROR,
};

enum event_kind {
	AT_ONCE,	/* happens, and returns */
	CLOSES,		/* the VF is opened anew */
	MAY_WAIT,	/* for the VF to be closed: in a thread of its own */
};

struct place {
	enum rig_role role;
	struct vfio_dev *v;
	struct vfio_dev *other;
	struct mig_stream record;
	int state;
	int fd;
};

struct event {
	const char *name;
	enum event_kind kind;
	int (*happen)(struct place *p);
	const char *cells[STATES];
};

static int look(struct place *p)
{
	int64_t flags = vfio_dev_migration_flags(p->v);
	struct pollfd fd = { .fd = p->fd, .events = POLLIN | POLLOUT };
	struct mig_stream stream;
	char byte;

	if (flags < 0)
		return flags;
	if (p->fd < 0)
		return 0;
	if (poll(&fd, 1, 0) < 0)
		return -errno;
	if (p->state == MIG_RESUMING)
		return write(p->fd, p->record.data, 1) == 1 ? 0 : -errno;
	if (p->state == MIG_STOP_COPY)
		return mig_read(p->fd, &stream, 7);
	return read(p->fd, &byte, 1) == 1 ? 0 : -errno;
}

static int reset_by_user(struct place *p)
{
	return vfio_dev_reset(p->v);
}

static int reset_by_sysfs(struct place *p)
{
	return pci_write(p->v->func.bdf, "reset", "1");
}

static int reset_pf(struct place *p)
{
	return pci_write(rig_pf(p->role)->bdf, "reset", "1");
}

static int reopen(struct place *p)
{
	struct pci_func vf = p->v->func;
	int tries, ret = -EBUSY;

	vfio_dev_close(p->v);
	for (tries = 0; ret == -EBUSY && tries < 100; tries++) {
		ret = vfio_dev_open(p->v, &vf);
		usleep(10000);
	}
	return ret;
}

/* All that the neighbour may do: work, migrate, be reset. */
static int use_other(struct place *p)
{
	struct job_guest *z = rig_busy_guest(p->other, JOBS);
	struct mig_stream stream;
	int ret;

	ret = mig_save(p->other, &stream, NULL);
	if (!ret)
		ret = mig_set_state(p->other, MIG_RUNNING, NULL);
	if (ret)
		return ret;
	rig_finish(z);
	ret = vfio_dev_reset(p->other);
	return ret ?: pci_write(p->other->func.bdf, "reset", "1");
}

static int unbind_vf(struct place *p)
{
	return pci_unbind(&p->v->func);
}

static int remove_vfs(struct place *p)
{
	return pci_write(rig_pf(p->role)->bdf, "sriov_numvfs", "0");
}

static int unbind_pf(struct place *p)
{
	return pci_unbind(rig_pf(p->role));
}

static int remove_module(struct place *p)
{
	(void)p;
	return module_unload(MODULE_VFIO_NAME);
}

/*
 * RUNNING_P2P and STOP have no data fd: of a reset of the PF nobody is told there, but
 * by what fails.
 */
static const struct event events[] = {
	{ "read(), write(), poll(), features", AT_ONCE, look,
	  { "same", "same", "same", "same", "same", "same", "same", "same" } },
	{ "VFIO_DEVICE_RESET", AT_ONCE, reset_by_user,
	  { "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING" } },
	{ "reset by sysfs", AT_ONCE, reset_by_sysfs,
	  { "same", "lost", "lost", "lost", "lost", "lost", "lost", "same" } },
	{ "reset of the PF", AT_ONCE, reset_pf,
	  { "same", "lost", "lost", "lost", "lost", "lost", "lost", "same" } },
	{ "last close, next open", CLOSES, reopen,
	  { "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING", "RUNNING" } },
	{ "another VF works, migrates, is reset", AT_ONCE, use_other,
	  { "same", "same", "same", "same", "same", "same", "same", "same" } },
	{ "VF is unbound", MAY_WAIT, unbind_vf,
	  { "waits", "waits", "waits", "waits", "waits", "waits", "waits", "waits" } },
	{ "sriov_numvfs is set to 0", MAY_WAIT, remove_vfs,
	  { "waits", "waits", "waits", "waits", "waits", "waits", "waits", "waits" } },
	{ "PF is unbound", MAY_WAIT, unbind_pf,
	  { "waits", "waits", "waits", "waits", "waits", "waits", "waits", "waits" } },
	{ "module is removed", AT_ONCE, remove_module,
	  { "EAGAIN", "EAGAIN", "EAGAIN", "EAGAIN", "EAGAIN", "EAGAIN", "EAGAIN", "EAGAIN" } },
};

static void go_to(struct place *p, int state)
{
	p->state = state;
	p->fd = -1;
	if (state == MIG_RUNNING)
		return;
	rig_busy_guest(p->v, JOBS);
	if (state == MIG_ERROR) {
		resets_into_error(p->v);
	} else if (state == MIG_RESUMING) {
		check_ok(mig_save(p->v, &p->record, NULL));
		check_ok(mig_set_state(p->v, MIG_RESUMING, &p->fd));
	} else {
		check_ok(mig_set_state(p->v, state, &p->fd));
	}
	rig_check_state(p->v, state);
}

static bool is(const char *cell, const char *word)
{
	return !strcmp(cell, word);
}

static void check_cell(struct place *p, const char *cell)
{
	bool same = !is(cell, "RUNNING") && !is(cell, "lost");

	/* The fd first: nobody has asked for the state since. */
	if (p->fd >= 0)
		check(rig_fd_is_alive(p->state, p->fd) == same, "its data fd is %s",
		      same ? "dead" : "alive");
	rig_check_state(p->v, is(cell, "RUNNING") ? MIG_RUNNING : p->state);
	if (is(cell, "lost"))
		resets_check_lost(p->v, p->state);
}

/* An event that may last: all are writes to sysfs. */
struct waiter {
	pthread_t thread;
	pid_t tid;
	struct place *p;
	const struct event *e;
	bool done;		/* set and read atomically */
	int ret;
};

static void *let_happen(void *arg)
{
	struct waiter *w = arg;

	blocked_here(&w->tid);
	w->ret = w->e->happen(w->p);
	__atomic_store_n(&w->done, true, __ATOMIC_RELEASE);
	return NULL;
}

#define LONG_ENOUGH_US	200000	/* for it to be done if it did not wait */

static void waits(struct place *p, const struct event *e, const char *cell)
{
	static struct waiter w;	/* of a thread that may wait for good, as is the place */

	w = (struct waiter){ .p = p, .e = e };
	vfio_dev_close(p->other);
	check_ok(-pthread_create(&w.thread, NULL, let_happen, &w));
	check(blocked_in(&w.tid, SYS_write, RIG_PATIENCE_MS), "it does not wait");
	usleep(LONG_ENOUGH_US);
	check(!__atomic_load_n(&w.done, __ATOMIC_ACQUIRE), "it did not wait: %s",
	      tap_errno(w.ret));
	check_cell(p, cell);
	vfio_dev_close(p->v);
	pthread_join(w.thread, NULL);
	check_ok(w.ret);
	if (p->fd >= 0)
		check(!rig_fd_is_alive(p->state, p->fd), "its data fd lives");
}

static void cell(enum rig_role role, const struct event *e, int column)
{
	const char *word = e->cells[column];
	static struct place p;
	int ret;

	p = (struct place){ .role = role };
	check_ok(pci_bind(rig_pf(role), "hisi_zip"));
	p.v = rig_open(role, 0);
	p.other = rig_open(role, 1);
	if (!rig_has_state(states[column]))
		return;
	go_to(&p, states[column]);
	if (e->kind == MAY_WAIT) {
		waits(&p, e, word);
	} else {
		ret = e->happen(&p);
		check_err(ret, is(word, "EAGAIN") ? -EAGAIN : 0);
		check_cell(&p, word);
		/* Whatever it was, this is the way out. */
		check_ok(vfio_dev_reset(p.v));
		rig_check_state(p.v, MIG_RUNNING);
		vfio_dev_close(p.v);
		vfio_dev_close(p.other);
	}
	if (p.fd >= 0)
		close(p.fd);
}

struct row {
	enum rig_role role;
	size_t nr;
};

static void row(const void *arg)
{
	const struct row *r = arg;
	const struct event *e = &events[r->nr];
	int i;

	for (i = 0; i < STATES; i++) {
		tap_note("%s in %s: %s", e->name, mig_state_name(states[i]), e->cells[i]);
		cell(r->role, e, i);
	}
	check_ok(pci_bind(rig_pf(r->role), "hisi_zip"));
}

#define ROW(nr, name)								\
	{ name " in each state of a V3 VF", row, &(const struct row){ RIG_V3, nr } },	\
	{ name " in each state of a V4 VF", row, &(const struct row){ RIG_V4, nr } }

const struct tap_test reset_table_tests[] = {
	ROW(0, "read(), write(), poll(), features"),
	ROW(1, "VFIO_DEVICE_RESET"),
	ROW(2, "reset by sysfs"),
	ROW(3, "reset of the PF"),
	ROW(4, "last close, next open"),
	ROW(5, "another VF works, migrates, is reset"),
	ROW(6, "VF is unbound"),
	ROW(7, "sriov_numvfs is set to 0"),
	ROW(8, "PF is unbound"),
	ROW(9, "module is removed"),
	{ "VFIO_DEVICE_RESET in each state of a V5 VF", row, &(const struct row){ RIG_V5, 1 } },
	{ "reset by sysfs in each state of a V5 VF", row, &(const struct row){ RIG_V5, 2 } },
	{ "reset of the PF in each state of a V5 VF", row, &(const struct row){ RIG_V5, 3 } },
	{ NULL, NULL, NULL },
};
