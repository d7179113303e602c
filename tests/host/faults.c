// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accelerator fails: each failure at each arc gives the errno and the state
 * that docs say, the jobs go on where the function does, and a reset heals it.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		80
#define MB_SQC_VFT	0x6
#define FOREVER		0	/* count of a fault that stays until cleared */

enum where {
	AT_PAUSE,		/* RUNNING -> RUNNING_P2P */
	AT_QUIESCE,		/* RUNNING_P2P -> STOP */
	AT_PRE_COPY_QUIESCE,	/* PRE_COPY_P2P -> STOP_COPY */
	AT_SAVE,		/* STOP -> STOP_COPY */
	AT_LOAD,		/* RESUMING -> STOP */
	AT_RESTART,		/* RUNNING_P2P -> RUNNING */
};

struct failure {
	enum rig_role role;
	enum where where;
	bool on_pf;
	struct oracle_fault fault;
	int err;
	int state;		/* after it */
};

/* After a reset the function does all that it could before. */
static void check_healed(struct vfio_dev *v, struct vfio_dev *other)
{
	struct mig_stream stream;
	struct job_guest *z;

	check_ok(vfio_dev_reset(v));
	rig_check_state(v, MIG_RUNNING);
	z = rig_busy_guest(v, JOBS / 2);
	check_ok(vfio_dev_reset(other));
	rig_move(z, other, &stream, NULL);
	rig_finish(z);
}

static void check_in_error(struct vfio_dev *v)
{
	int i;

	for (i = 0; i < RIG_STATES; i++) {
		check_err(mig_set_state(v, rig_states[i], NULL), -EINVAL);
		rig_check_state(v, MIG_ERROR);
	}
}

static void disarm(const struct failure *f, struct vfio_dev *v)
{
	oracle_disarm(f->on_pf ? rig_pf(f->role) : &v->func);
}

static int strike(const struct failure *f, struct vfio_dev *v, int state)
{
	const struct pci_func *func = f->on_pf ? rig_pf(f->role) : &v->func;
	int ret;

	rig_fault(func, &f->fault);
	ret = mig_set_state(v, state, NULL);
	check(oracle_hits(func), "the fault never struck");
	check(ret == f->err, "%s, should be %s", tap_errno(ret),
	      tap_errno(f->err));
	rig_check_state(v, f->state);
	disarm(f, v);
	return ret;
}

/* The function runs or rests, and works on from there. */
static void check_goes_on(struct vfio_dev *v, struct job_guest *z, int state)
{
	if (state != MIG_RUNNING)
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void fails_at_source(const struct failure *f, int from, int to)
{
	struct vfio_dev *v = rig_open(f->role, 0);
	struct vfio_dev *other = rig_open(f->role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	check_ok(mig_set_state(v, from, NULL));
	strike(f, v, to);
	if (f->state == MIG_ERROR)
		check_in_error(v);
	else
		check_goes_on(v, z, f->state);
	check_healed(v, other);
}

static void fails_at_destination(const struct failure *f)
{
	struct vfio_dev *from = rig_open(f->role, 0);
	struct vfio_dev *to = rig_open(f->role, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	char byte = 0;
	int fd;

	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL));
	if (!f->err)
		qm_guest_move(&z->qm, to);
	strike(f, to, MIG_STOP);
	check_err(write(fd, &byte, 1) < 0 ? -errno : 0, -ENODEV);
	close(fd);
	if (f->state == MIG_ERROR) {
		check_in_error(to);
		check_ok(vfio_dev_reset(to));
		qm_guest_move(&z->qm, to);
		check_ok(mig_load(to, &stream, NULL));
	}
	check_goes_on(to, z, MIG_STOP);
	check_healed(to, from);
}

static void fails(const void *arg)
{
	const struct failure *f = arg;

	switch (f->where) {
	case AT_PAUSE:
		fails_at_source(f, MIG_RUNNING, MIG_RUNNING_P2P);
		break;
	case AT_QUIESCE:
		fails_at_source(f, MIG_RUNNING_P2P, MIG_STOP);
		break;
	case AT_PRE_COPY_QUIESCE:
		fails_at_source(f, MIG_PRE_COPY_P2P, MIG_STOP_COPY);
		break;
	case AT_SAVE:
		fails_at_source(f, MIG_STOP, MIG_STOP_COPY);
		break;
	case AT_RESTART:
		fails_at_source(f, MIG_RUNNING_P2P, MIG_RUNNING);
		break;
	case AT_LOAD:
		fails_at_destination(f);
		break;
	}
}

/* The function does not tell its queue pairs: what the mailbox says is what open says. */
static void fails_at_open(const void *arg)
{
	static const struct {
		struct oracle_fault fault;
		int err;
	} faults[] = {
		{ { .kind = KPO_F_MBOX_STATUS, .arg = 1, .cmd = MB_SQC_VFT }, -EIO },
		{ { .kind = KPO_F_MBOX_STUCK, .cmd = MB_SQC_VFT }, -ETIMEDOUT },
	};
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev v;
	struct pci_func vf;
	size_t i;

	rig_vf(role, 0, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	for (i = 0; i < ARRAY_SIZE(faults); i++) {
		oracle_arm(&vf, &faults[i].fault);
		check_err(vfio_dev_open(&v, &vf), faults[i].err);
		check(oracle_hits(&vf), "the fault never struck");
		oracle_disarm(&vf);
	}
	rig_finish(rig_guest(rig_open(role, 0), JOBS));
}

/* The select bit as a test sets it, and as it was when the test is over. */
static void select_back(void *arg)
{
	const struct pci_func *pf = arg;

	oracle_set(pf, KPO_SELECT, pf == rig_pf(RIG_V4));
}

static void flip_select(enum rig_role role)
{
	const struct pci_func *pf = rig_pf(role);

	oracle_set(pf, KPO_SELECT, role != RIG_V4);
}

/*
 * What does not answer is found by asking. It is written to no more then, but for
 * a load, which does not ask before it writes: write() has.
 */
static void expect_ones(void)
{
	oracle_expect(1u << KPO_V_DEAD_HALF);
}

static void select_flips_before_pause(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	expect_ones();
	tap_defer(select_back, (void *)rig_pf(role));
	flip_select(role);
	check_err(mig_set_state(v, MIG_STOP, NULL), -EIO);
	rig_check_state(v, MIG_RUNNING);
	select_back((void *)rig_pf(role));
	check_goes_on(v, z, MIG_RUNNING);
	check_healed(v, other);
}

/* A pause takes the functional half of BAR2 alone, which is there all the same. */
static void select_is_set_before_pause(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	tap_defer(select_back, (void *)rig_pf(role));
	flip_select(role);
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	rig_check_state(v, MIG_STOP);
	select_back((void *)rig_pf(role));
	check_goes_on(v, z, MIG_STOP);
	check_healed(v, other);
}

static void select_flips_before_save(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	check_ok(mig_set_state(v, MIG_STOP, NULL));
	/* The half of BAR2 that goes when the bit is set is not asked. */
	if (role == RIG_V4)
		expect_ones();
	tap_defer(select_back, (void *)rig_pf(role));
	flip_select(role);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	rig_check_state(v, MIG_STOP);
	select_back((void *)rig_pf(role));
	check_goes_on(v, z, MIG_STOP);
	check_healed(v, other);
}

/* After the last write(), which has found all well: the guest goes on at the source. */
static void select_flips_before_load(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	int fd;

	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL));
	expect_ones();
	tap_defer(select_back, (void *)rig_pf(role));
	flip_select(role);
	check_err(mig_set_state(to, MIG_STOP, NULL), -EIO);
	rig_check_fd_dead(MIG_RESUMING, fd);
	close(fd);
	check_in_error(to);
	select_back((void *)rig_pf(role));
	check_goes_on(from, z, MIG_STOP);
	check_healed(to, from);
}

static void select_flips_before_write(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct mig_stream stream;
	int fd;

	rig_busy_guest(from, JOBS);
	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	tap_defer(select_back, (void *)rig_pf(role));
	flip_select(role);
	check_err(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL),
		  -EIO);
	close(fd);
	select_back((void *)rig_pf(role));
	check_healed(to, from);
}

/*
 * The bit flips at each access of a save in turn. Reading what is dead can't
 * be helped then; what is handed out is the true record or none.
 */
static void select_flips_during_save(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct oracle_fault flip = { .kind = KPO_F_SEL_FLIP, .count = 1 };
	struct vfio_dev *v = rig_open(role, 0), *other = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream truth, stream;
	int fd, ret;
	bool struck;

	check_ok(mig_save(v, &truth, NULL));
	if (role == RIG_V4)
		expect_ones();
	tap_defer(select_back, (void *)rig_pf(role));
	do {
		oracle_arm(&v->func, &flip);
		ret = mig_set_state(v, MIG_STOP_COPY, &fd);
		struck = oracle_hits(&v->func);
		oracle_disarm(&v->func);
		select_back((void *)rig_pf(role));
		check(!ret || ret == -EIO, "flipped at access %u: %s",
		      flip.skip + 1, tap_errno(ret));
		if (!ret) {
			check_ok(mig_read(fd, &stream, MIG_STREAM_MAX));
			close(fd);
			check(stream.len == truth.len &&
			      !memcmp(stream.data, truth.data, truth.len),
			      "flipped at access %u: another record",
			      flip.skip + 1);
			check_ok(mig_set_state(v, MIG_STOP, NULL));
		}
		rig_check_state(v, MIG_STOP);
		flip.skip++;
	} while (struck);
	check(flip.skip > 10, "only %u accesses in a save", flip.skip - 1);
	check_goes_on(v, z, MIG_STOP);
	check_healed(v, other);
}

#define FAIL(role_, where_, pf_, kind_, arg_, cmd_, count_, err_, state_)	\
	(&(const struct failure) {						\
		.role = role_, .where = where_, .on_pf = pf_,			\
		.fault = {							\
			.kind = kind_, .arg = arg_, .cmd = cmd_,		\
			.count = count_						\
		},								\
		.err = err_, .state = state_,					\
	})

/* The same failure in both control modes. */
#define BOTH(sentence, where, pf, kind, arg, cmd, count, err, state)		\
	{ sentence " (V3)", fails,						\
	  FAIL(RIG_V3, where, pf, kind, arg, cmd, count, err, state) },	\
	{ sentence " (V4)", fails,						\
	  FAIL(RIG_V4, where, pf, kind, arg, cmd, count, err, state) }

#define ON_V5(sentence, where, pf, kind, arg, cmd, count, err, state)		\
	{ sentence " (V5)", fails,						\
	  FAIL(RIG_V5, where, pf, kind, arg, cmd, count, err, state) }

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v4_clear = RIG_V4_CLEAR;

const struct tap_test fault_tests[] = {
	/* RUNNING -> RUNNING_P2P */
	BOTH("pause: the command is never done: ETIMEDOUT, ERROR", AT_PAUSE,
	     false, KPO_F_MBOX_STUCK, 0, QM_MB_PAUSE, FOREVER,
	     -ETIMEDOUT, MIG_ERROR),
	BOTH("pause: the command fails: EIO, still RUNNING", AT_PAUSE, false,
	     KPO_F_MBOX_STATUS, 5, QM_MB_PAUSE, 1, -EIO, MIG_RUNNING),
	BOTH("pause: the command is late: good all the same", AT_PAUSE, false,
	     KPO_F_MBOX_LATE, 300000, QM_MB_PAUSE, 1, 0, MIG_RUNNING_P2P),
	BOTH("pause: all ones: EIO, still RUNNING", AT_PAUSE, false,
	     KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_RUNNING),

	/* RUNNING_P2P -> STOP */
	BOTH("quiesce: caches are never written back: ETIMEDOUT, ERROR",
	     AT_QUIESCE, false, KPO_F_WB_NEVER, 0, 0, FOREVER,
	     -ETIMEDOUT, MIG_ERROR),
	BOTH("quiesce: a RAS error stays: EBUSY, still RUNNING_P2P", AT_QUIESCE,
	     true, KPO_F_RAS_PENDING, 4, 0, FOREVER, -EBUSY, MIG_RUNNING_P2P),
	BOTH("quiesce: a RAS error goes away: good", AT_QUIESCE, true,
	     KPO_F_RAS_PENDING, 4, 0, 2, 0, MIG_STOP),
	BOTH("quiesce: an engine error stays: EBUSY, still RUNNING_P2P",
	     AT_QUIESCE, true, KPO_F_ENGINE_RAS, 2, 0, FOREVER,
	     -EBUSY, MIG_RUNNING_P2P),
	BOTH("quiesce: an engine error goes away: good", AT_QUIESCE, true,
	     KPO_F_ENGINE_RAS, 2, 0, 2, 0, MIG_STOP),
	BOTH("quiesce: a message stays under way: EBUSY, still RUNNING_P2P",
	     AT_QUIESCE, false, KPO_F_IFC_PENDING, 1, 0, FOREVER,
	     -EBUSY, MIG_RUNNING_P2P),
	BOTH("quiesce: a message is done in time: good", AT_QUIESCE, false,
	     KPO_F_IFC_PENDING, 1, 0, 2, 0, MIG_STOP),
	BOTH("quiesce: all ones: EIO, still RUNNING_P2P", AT_QUIESCE, false,
	     KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_RUNNING_P2P),

	/* PRE_COPY_P2P -> STOP_COPY quiesces and captures */
	BOTH("pre-copy: a RAS error stays: EBUSY, still PRE_COPY_P2P",
	     AT_PRE_COPY_QUIESCE, true, KPO_F_RAS_PENDING, 4, 0, FOREVER,
	     -EBUSY, MIG_PRE_COPY_P2P),
	BOTH("pre-copy: caches are never written back: ETIMEDOUT, ERROR",
	     AT_PRE_COPY_QUIESCE, false, KPO_F_WB_NEVER, 0, 0, FOREVER,
	     -ETIMEDOUT, MIG_ERROR),
	BOTH("pre-copy: all ones: EIO, still PRE_COPY_P2P", AT_PRE_COPY_QUIESCE,
	     false, KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_PRE_COPY_P2P),
	BOTH("pre-copy: the SQC base can't be read: EIO, still PRE_COPY_P2P",
	     AT_PRE_COPY_QUIESCE, false, KPO_F_MBOX_STATUS, 1, QM_MB_SQC_BT, 1,
	     -EIO, MIG_PRE_COPY_P2P),
	BOTH("pre-copy: a command is never done: ETIMEDOUT, ERROR",
	     AT_PRE_COPY_QUIESCE, false, KPO_F_MBOX_STUCK, 0, QM_MB_SQC_BT,
	     FOREVER, -ETIMEDOUT, MIG_ERROR),

	/* STOP -> STOP_COPY */
	BOTH("save: a command is never done: ETIMEDOUT, ERROR", AT_SAVE, false,
	     KPO_F_MBOX_STUCK, 0, QM_MB_SQC_BT, FOREVER, -ETIMEDOUT, MIG_ERROR),
	BOTH("save: the SQC base can't be read: EIO, still STOP", AT_SAVE, false,
	     KPO_F_MBOX_STATUS, 1, QM_MB_SQC_BT, 1, -EIO, MIG_STOP),
	BOTH("save: the CQC base can't be read: EIO, still STOP", AT_SAVE, false,
	     KPO_F_MBOX_STATUS, 1, QM_MB_CQC_BT, 1, -EIO, MIG_STOP),
	BOTH("save: a command is late: good all the same", AT_SAVE, false,
	     KPO_F_MBOX_LATE, 100000, QM_MB_CQC_BT, 1, 0, MIG_STOP_COPY),
	BOTH("save: all ones: EIO, still STOP", AT_SAVE, false,
	     KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_STOP),

	/* RESUMING -> STOP: whatever fails, the function is half loaded. */
	BOTH("load: a command is never done: ETIMEDOUT, ERROR", AT_LOAD, false,
	     KPO_F_MBOX_STUCK, 0, QM_MB_CQC_BT, FOREVER, -ETIMEDOUT, MIG_ERROR),
	BOTH("load: the SQC base can't be set: EIO, ERROR", AT_LOAD, false,
	     KPO_F_MBOX_STATUS, 1, QM_MB_SQC_BT, 1, -EIO, MIG_ERROR),
	BOTH("load: the CQC base can't be set: EIO, ERROR", AT_LOAD, false,
	     KPO_F_MBOX_STATUS, 1, QM_MB_CQC_BT, 1, -EIO, MIG_ERROR),
	BOTH("load: a command is late: good all the same", AT_LOAD, false,
	     KPO_F_MBOX_LATE, 100000, QM_MB_SQC_BT, 1, 0, MIG_STOP),
	BOTH("load: all ones: EIO, ERROR", AT_LOAD, false,
	     KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_ERROR),

	/* RUNNING_P2P -> RUNNING */
	BOTH("restart: all ones: EIO, still RUNNING_P2P", AT_RESTART, false,
	     KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_RUNNING_P2P),
	/* The queues do not depend on a mailbox. */
	BOTH("restart: the mailbox refuses: good all the same", AT_RESTART, false,
	     KPO_F_MBOX_STATUS, 1, QM_MB_SQC_BT, 1, 0, MIG_RUNNING),
	BOTH("restart: the mailbox is stuck: good all the same", AT_RESTART, false,
	     KPO_F_MBOX_STUCK, 0, QM_MB_SQC_BT, FOREVER, 0, MIG_RUNNING),

	/* The newest hardware has one register more: the rest is the same code. */
	ON_V5("pause: the command is never done: ETIMEDOUT, ERROR", AT_PAUSE, false,
	      KPO_F_MBOX_STUCK, 0, QM_MB_PAUSE, FOREVER, -ETIMEDOUT, MIG_ERROR),
	ON_V5("quiesce: a RAS error stays: EBUSY, still RUNNING_P2P", AT_QUIESCE,
	      true, KPO_F_RAS_PENDING, 4, 0, FOREVER, -EBUSY, MIG_RUNNING_P2P),
	ON_V5("save: the CQC base can't be read: EIO, still STOP", AT_SAVE, false,
	      KPO_F_MBOX_STATUS, 1, QM_MB_CQC_BT, 1, -EIO, MIG_STOP),
	ON_V5("load: the CQC base can't be set: EIO, ERROR", AT_LOAD, false,
	      KPO_F_MBOX_STATUS, 1, QM_MB_CQC_BT, 1, -EIO, MIG_ERROR),
	ON_V5("restart: all ones: EIO, still RUNNING_P2P", AT_RESTART, false,
	      KPO_F_ALL_ONES, 0, 0, FOREVER, -EIO, MIG_RUNNING_P2P),

	{ "the VF does not tell its queue pairs: EIO, ETIMEDOUT at open (V3)", fails_at_open, &v3 },
	{ "the VF does not tell its queue pairs: EIO, ETIMEDOUT at open (V4)", fails_at_open, &v4 },

	{ "the select bit is cleared before a pause: EIO, still RUNNING",
	  select_flips_before_pause, &v4 },
	{ "the select bit is set before a pause: paused, EIO at the save, STOP",
	  select_is_set_before_pause, &v4_clear },
	{ "the select bit is cleared before a save: EIO, STOP",
	  select_flips_before_save, &v4 },
	{ "the select bit is set before a save: EIO, STOP",
	  select_flips_before_save, &v4_clear },
	{ "the select bit is cleared between write() and load: EIO, ERROR",
	  select_flips_before_load, &v4 },
	{ "the select bit is set between write() and load: EIO, ERROR",
	  select_flips_before_load, &v4_clear },
	{ "the select bit is cleared before write(): EIO",
	  select_flips_before_write, &v4 },
	{ "the select bit is set before write(): EIO",
	  select_flips_before_write, &v4_clear },
	{ "the select bit is cleared at any access of a save: never a record of ones",
	  select_flips_during_save, &v4 },
	{ "the select bit is set at any access of a save: never a record of ones",
	  select_flips_during_save, &v4_clear },
	{ NULL, NULL, NULL },
};
