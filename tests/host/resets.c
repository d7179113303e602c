// SPDX-License-Identifier: GPL-2.0-only
/*
 * The function, or its whole PF, is reset by the hardware at the nth register
 * access of an arc, for every n there is: the arc ends, with an errno or well,
 * what it hands out is the truth, and a reset through VFIO leads to a function
 * that works and moves. The driver is not told of such a reset: it comes from
 * another thread, or from the PF.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		12
#define VFS		63	/* few queue pairs each: a restart rings for all */
#define ACCESSES_MAX	200	/* no arc has more */
#define ARC_MAX_S	7	/* a pause may take 5 */

struct sweep {
	enum rig_role role;
	uint32_t kind;		/* KPO_F_FLR, KPO_F_PF_FLR */
	int from;
	int to;
};

struct round {
	const struct sweep *s;
	struct vfio_dev *v;	/* has the guest */
	struct vfio_dev *other;	/* is like new */
	struct job_guest *guest;
	struct mig_stream truth;
	int fd;
	unsigned int nth;	/* access, from 1 */
};

/*
 * A function that has nothing any more, under the hands of a driver that can't know: a
 * restart rings for event queues without an address, or, where its queues went with the
 * PF's registers, for queues that are not there.
 */
static void expect_violations(const struct sweep *s)
{
	switch (s->to) {
	case MIG_RUNNING:
	case MIG_PRE_COPY:
		oracle_expect(1u << (s->kind == KPO_F_FLR ? KPO_V_DMA_UNSET :
							    KPO_V_BAD_DOORBELL));
		break;
	case MIG_STOP_COPY:
		/* After the capture, doorbells for event queues: if the stride meets them. */
		oracle_tolerate(s->kind == KPO_F_FLR ? 1u << KPO_V_BAD_DOORBELL : 0);
		break;
	default:
		break;
	}
}

static void need_faults(void)
{
	if (!oracle_present())
		tap_skip("only the accelerator model can be reset at a given access");
}

static void start_round(struct round *r)
{
	int state = r->s->from == MIG_RESUMING ? MIG_STOP : r->s->from;

	rig_more_jobs(r->guest, JOBS);
	if (r->s->from == MIG_RESUMING || r->s->from == MIG_STOP) {
		check_ok(mig_save(r->v, &r->truth, NULL));
		check_eq(r->truth.len, RECORD_SIZE, "bytes of a record");
	}
	check_ok(mig_set_state(r->v, state, &r->fd));
	if (r->s->from != MIG_RESUMING)
		return;
	check_ok(mig_set_state(r->v, MIG_RESUMING, &r->fd));
	check_ok(mig_write(r->fd, r->truth.data, r->truth.len, MIG_STREAM_MAX,
			   NULL));
}

/* The record is the one of before the reset, or none. */
static void check_record(struct round *r)
{
	struct mig_stream stream;

	if (r->s->to != MIG_STOP_COPY)
		return;
	check_ok(mig_read(r->fd, &stream, MIG_STREAM_MAX));
	/* A guest that was at work has more than match data. */
	check_eq(stream.len, RECORD_SIZE, "bytes of a record");
	check(record_get(stream.data, REC_EQE_DMA) &&
	      record_get(stream.data, REC_AEQE_DMA) &&
	      record_get(stream.data, REC_SQC_DMA) &&
	      record_get(stream.data, REC_CQC_DMA),
	      "reset at access %u: a record without its queues", r->nth);
	if (r->s->from == MIG_STOP)
		check(!memcmp(stream.data, r->truth.data, stream.len),
		      "reset at access %u: another record", r->nth);
}

static void check_result(struct round *r, int ret)
{
	const struct sweep *s = r->s;
	int want = s->to;

	if (ret)
		want = ret == -ETIMEDOUT || s->from == MIG_RESUMING ? MIG_ERROR :
								       s->from;
	check(!ret || ret == -EIO || ret == -EBUSY || ret == -ETIMEDOUT,
	      "reset at access %u: %s", r->nth, tap_errno(ret));
	rig_check_state(r->v, want);
	if (!ret)
		check_record(r);
}

/* The arc with a reset at its nth access; was there an nth access? */
static bool strike(struct round *r)
{
	const struct oracle_fault fault = {
		.kind = r->s->kind, .skip = r->nth - 1, .count = 1,
	};
	time_t start = time(NULL);
	int fd, ret;
	bool struck;

	expect_violations(r->s);
	oracle_arm(&r->v->func, &fault);
	ret = mig_set_state(r->v, r->s->to, &fd);
	struck = oracle_hits(&r->v->func);
	oracle_disarm(&r->v->func);
	check(time(NULL) - start <= ARC_MAX_S, "reset at access %u: the arc took %ld s",
	      r->nth, (long)(time(NULL) - start));
	check(struck || !ret, "without a reset: %s", tap_errno(ret));
	if (fd >= 0)
		r->fd = fd;
	check_result(r, ret);
	return struck;
}

static void check_fd_dead(struct round *r)
{
	if (r->fd < 0)
		return;
	rig_check_fd_dead(r->s->from, r->fd);
	close(r->fd);
	r->fd = -1;
}

/* A guest at work goes to the other VF; what it leaves is like new. */
static void new_guest_moves(struct round *r)
{
	struct vfio_dev *from = r->v;
	struct mig_stream stream;

	r->guest = rig_busy_guest(from, JOBS);
	rig_move(r->guest, r->other, &stream, NULL);
	rig_finish(r->guest);
	check_ok(vfio_dev_reset(from));
	r->v = r->other;
	r->other = from;
}

/* What leads to a function that works: its PF's driver first, where that is hit. */
static void heal(struct round *r)
{
	if (r->s->kind == KPO_F_PF_FLR) {
		check_ok(pci_write(rig_pf(r->s->role)->bdf, "reset", "1"));
		check_ok(vfio_dev_reset(r->other));
	}
	check_ok(vfio_dev_reset(r->v));
	oracle_expect(0);
	rig_check_state(r->v, MIG_RUNNING);
	check_fd_dead(r);
	new_guest_moves(r);
}

/*
 * A reset of a VF takes 0.1 s, one of the PF a second, and V3 goes through the
 * same code as V4. hacc.stride=1 strikes at each access everywhere.
 */
static unsigned int stride(const struct sweep *s)
{
	unsigned int usual = s->role == RIG_V4 ? 1 : 3;

	return rig_parameter("hacc.stride=", s->kind == KPO_F_FLR ? usual : 4 * usual);
}

static void at_each_access(const void *arg)
{
	struct round r = { .s = arg, .fd = -1, .nth = 1 };
	unsigned int rounds = 0;

	need_faults();
	rig_make_vfs(r.s->role, VFS);
	r.v = rig_open(r.s->role, 0);
	r.other = rig_open(r.s->role, 1);
	rig_need_state(r.s->from);
	new_guest_moves(&r);
	for (;;) {
		bool struck;

		start_round(&r);
		struck = strike(&r);
		heal(&r);
		if (!struck)
			break;
		rounds++;
		r.nth += stride(r.s);
		check(r.nth < ACCESSES_MAX, "no end of accesses");
	}
	check(rounds, "the arc touches nothing");
	tap_note("%u resets, the last one at access %u", rounds, r.nth - stride(r.s));
}

#define SWEEP(role, kind, from, to)						\
	(&(const struct sweep){ role, kind, MIG_##from, MIG_##to })

#define ARC(from, to)								\
	{ "the VF is reset at any access of " #from " to " #to " (V3)",		\
	  at_each_access, SWEEP(RIG_V3, KPO_F_FLR, from, to) },			\
	{ "the VF is reset at any access of " #from " to " #to " (V4)",		\
	  at_each_access, SWEEP(RIG_V4, KPO_F_FLR, from, to) },			\
	{ "the PF is reset at any access of " #from " to " #to " (V3)",		\
	  at_each_access, SWEEP(RIG_V3, KPO_F_PF_FLR, from, to) },		\
	{ "the PF is reset at any access of " #from " to " #to " (V4)",		\
	  at_each_access, SWEEP(RIG_V4, KPO_F_PF_FLR, from, to) }

/* The arcs that touch registers of the VF */
const struct tap_test reset_sweep_tests[] = {
	ARC(RUNNING, RUNNING_P2P),
	ARC(RUNNING_P2P, RUNNING),
	ARC(RUNNING_P2P, STOP),
	ARC(PRE_COPY, PRE_COPY_P2P),
	ARC(PRE_COPY_P2P, PRE_COPY),
	ARC(PRE_COPY_P2P, STOP_COPY),
	ARC(STOP, STOP_COPY),
	ARC(RESUMING, STOP),
	{ NULL, NULL, NULL },
};
