// SPDX-License-Identifier: GPL-2.0-only
/*
 * VFs of SEC and HPRE: what migrates is the queue manager, the same in all
 * engines, but the driver knows each by its ids, and their guests' work differs.
 */
#include <errno.h>
#include <string.h>

#include "rig.h"
#include "suites.h"

#define JOBS	80

static const enum rig_role sec_v3 = RIG_SEC_V3, sec_v4 = RIG_SEC_V4;
static const enum rig_role hpre_v3 = RIG_HPRE_V3, hpre_v4 = RIG_HPRE_V4;

static void moves_mid_work(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0);
	struct vfio_dev *to = rig_open(role, 1);
	struct job_guest *g = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(g, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	rig_run(g, g->finished + JOBS / 4);
	rig_more_jobs(g, JOBS / 4);
	rig_move(g, from, &stream, NULL);
	rig_finish(g);
}

static void moves_as_40_bytes(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0);
	struct vfio_dev *to = rig_open(role, 1);
	struct mig_stream stream;

	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, JOBS / 4));
}

/* A guest's queues mean nothing to another engine. */
static void refused_by_another_engine(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_SEC_V3, 0);
	struct vfio_dev *to = rig_open(RIG_HPRE_V3, 0);
	struct job_guest *g = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	(void)arg;
	check_ok(mig_save(from, &stream, NULL));
	check_err(mig_load(to, &stream, NULL), -EOPNOTSUPP);
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(g);
}

/* Each engine tells its errors in a register of its own in the PF. */
static void engine_error_holds_up(const void *arg)
{
	static const struct oracle_fault error = {
		.kind = KPO_F_ENGINE_RAS, .arg = 2,
	};
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	struct job_guest *g = rig_busy_guest(v, JOBS / 2);

	rig_fault(rig_pf(role), &error);
	check_err(mig_set_state(v, MIG_STOP, NULL), -EBUSY);
	rig_check_state(v, MIG_RUNNING_P2P);
	check(oracle_hits(rig_pf(role)), "nobody looked at the engine's errors");
	oracle_disarm(rig_pf(role));
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(g);
}

/* One dword of a good SQE changed, and where and how the engine complains. */
struct bad_job {
	const enum rig_role *role;
	int at;
	uint32_t mask;
	uint32_t value;
	int status_at;
	uint32_t done;
	uint32_t error;
};

#define SEC_BAD(at, mask, value)	\
	{ &sec_v3, at, mask, value, 28, 1, 0xff << 16 }
#define HPRE_BAD(at, mask, value)	\
	{ &hpre_v3, at, mask, value, 0, 3u << 30, 0x7ff << 5 }

static const struct bad_job
	sec_gcm = SEC_BAD(1, 0xf << 16, 6 << 16),
	sec_sm4 = SEC_BAD(1, 0xf << 20, 3 << 20),
	sec_auth = SEC_BAD(14, 3, 1),
	sec_half_block = SEC_BAD(18, 0xffffff, 24),
	hpre_crt = HPRE_BAD(0, 0x1f, 0x1),
	hpre_curve = HPRE_BAD(0, 0x1f, 0xd);

static uint32_t answer[QM_GUEST_SQE_MAX / 4];

static void note_answer(struct qm_guest *qm, struct qm_guest_queue *q, void *sqe)
{
	(void)q;
	memcpy(answer, sqe, 1u << qm->sqe_log2);
}

static void refuses_job(const void *arg)
{
	const struct bad_job *bad = arg;
	struct job_guest *g = rig_guest(rig_open(*bad->role, 0), 1);
	uint32_t sqe[QM_GUEST_SQE_MAX / 4] = { 0 }, status;
	int seen = 0, tries;

	g->engine->ask(g, &g->jobs[0], sqe);
	sqe[bad->at] = (sqe[bad->at] & ~bad->mask) | bad->value;
	g->qm.finished = note_answer;
	check_ok(qm_guest_submit(&g->qm, &g->qm.queues[0], sqe));
	for (tries = 0; tries < RIG_PATIENCE_MS / 10 && !seen; tries++)
		seen = check_ok(qm_guest_poll(&g->qm, 10));
	check_eq(seen, 1, "jobs that came back");
	status = answer[bad->status_at];
	check((status & bad->done) == bad->done, "job is not done: 0x%x", status);
	check(status & bad->error, "dword %d of the SQE was 0x%x: no error told",
	      bad->at, sqe[bad->at]);
}

const struct tap_test sys_engine_tests[] = {
	{ "a SEC VF moves with jobs in flight on V3", moves_mid_work, &sec_v3 },
	{ "a SEC VF moves with jobs in flight on V4", moves_mid_work, &sec_v4 },
	{ "an HPRE VF moves with jobs in flight on V3", moves_mid_work, &hpre_v3 },
	{ "an HPRE VF moves with jobs in flight on V4", moves_mid_work, &hpre_v4 },
	{ "a SEC VF without guest driver moves as 40 bytes",
	  moves_as_40_bytes, &sec_v4 },
	{ "an HPRE VF without guest driver moves as 40 bytes",
	  moves_as_40_bytes, &hpre_v4 },
	{ "HPRE refuses a guest of SEC", refused_by_another_engine, NULL },
	{ "an error in the SEC engine holds up a stop",
	  engine_error_holds_up, &sec_v3 },
	{ "an error in the HPRE engine holds up a stop",
	  engine_error_holds_up, &hpre_v3 },
	{ "the model of SEC ends a GCM job with an error", refuses_job, &sec_gcm },
	{ "the model of SEC ends an SM4 job with an error", refuses_job, &sec_sm4 },
	{ "the model of SEC ends a job with authentication with an error",
	  refuses_job, &sec_auth },
	{ "the model of SEC ends half a block with an error",
	  refuses_job, &sec_half_block },
	{ "the model of HPRE ends an RSA job by CRT with an error",
	  refuses_job, &hpre_crt },
	{ "the model of HPRE ends a curve's job with an error",
	  refuses_job, &hpre_curve },
	{ NULL, NULL, NULL },
};
