// SPDX-License-Identifier: GPL-2.0-only
/*
 * Migrations that succeed, and plain pauses: no job is lost or done twice.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	120

static enum rig_role role_of(const void *arg)
{
	return *(const enum rig_role *)arg;
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v4_clear = RIG_V4_CLEAR;

static void moves_mid_work(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	rig_finish(z);
}

static void moves_idle(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_guest(from, JOBS / 2);
	struct mig_stream stream;

	rig_finish(z);
	rig_move(z, to, &stream, NULL);
	check_ok(job_guest_add_jobs(z, JOBS / 2));
	rig_finish(z);
}

/* Jobs that are done, and whose events nobody has looked at yet. */
static void leave_events(struct job_guest *z)
{
	if (!oracle_present())
		tap_skip("nobody says when the accelerator is done");
	check_ok(job_guest_submit(z) > 0 ? 0 : -EAGAIN);
	while (oracle_get(&z->qm.home->func, KPO_JOBS_IN_FLIGHT))
		usleep(1000);
}

/*
 * A guest goes before it has seen its last interrupt, and comes back to the VF
 * that has raised it: its next one there comes all the same.
 */
static void comes_back_to_an_old_interrupt(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_guest(from, JOBS / 4);
	struct mig_stream stream;

	leave_events(z);
	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	rig_move(z, from, &stream, NULL);
	check_ok(job_guest_add_jobs(z, JOBS / 4));
	rig_finish(z);
}

static void moves_a_b_a_c(const void *arg)
{
	struct vfio_dev *a = rig_open(role_of(arg), 0);
	struct vfio_dev *b = rig_open(role_of(arg), 1);
	struct vfio_dev *c = rig_open(role_of(arg), 2);
	struct vfio_dev *const way[] = { b, a, c };
	struct job_guest *z = rig_busy_guest(a, JOBS / 2);
	struct mig_stream stream;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(way); i++) {
		rig_run(z, z->finished + JOBS / 8);
		rig_more_jobs(z, JOBS / 4);
		rig_move(z, way[i], &stream, NULL);
	}
	rig_finish(z);
}

/* Version alone decides nothing: V4 with the bit clear is a V3 to its guest. */
static void moves_between_versions(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0);
	struct vfio_dev *to = rig_open(RIG_V4_CLEAR, 0);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	(void)arg;
	rig_move(z, to, &stream, NULL);
	rig_run(z, z->finished + JOBS / 2);
	rig_more_jobs(z, JOBS / 4);
	rig_move(z, from, &stream, NULL);
	rig_finish(z);
}

/* What the match data show is refused by the write that completes them. */
static void check_refused_at_match(enum rig_role from_role, enum rig_role to_role)
{
	struct vfio_dev *from = rig_open(from_role, 0);
	struct vfio_dev *to = rig_open(to_role, 0);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct oracle_counts before, after;
	struct mig_stream stream;
	size_t done;
	int fd;

	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	oracle_counts(NULL, &before);
	check_ok(mig_write(fd, stream.data, RECORD_MATCH_SIZE - 1,
			   RECORD_MATCH_SIZE, NULL));
	check_err(mig_write(fd, stream.data + RECORD_MATCH_SIZE - 1, 1, 1, &done),
		  -EOPNOTSUPP);
	check_err(mig_write(fd, stream.data, 1, 1, NULL), -EOPNOTSUPP);
	oracle_counts(NULL, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0,
		 "MMIO writes while refusing");
	close(fd);
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void v3_to_v4_is_refused(const void *arg)
{
	(void)arg;
	check_refused_at_match(RIG_V3, RIG_V4);
}

static void v4_to_v3_is_refused(const void *arg)
{
	(void)arg;
	check_refused_at_match(RIG_V4, RIG_V3);
}

static void moves_without_guest_driver(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct oracle_counts before, after;
	struct mig_stream stream;
	struct job_guest *z;

	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	check_eq(record_get(stream.data, REC_VF_QM_STATE), 1, "vf_qm_state");
	check_ok(mig_load(to, &stream, NULL));
	oracle_counts(NULL, &before);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	oracle_counts(NULL, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_DOORBELL), 0,
		 "doorbells rung for queues that nobody set up");
	rig_check_state(to, MIG_RUNNING);

	/* The guest loads its driver after the move. */
	z = rig_guest(to, JOBS);
	rig_finish(z);
}

static void moves_with_driver_not_ready(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_guest(from, JOBS / 2);
	struct mig_stream stream;

	rig_finish(z);
	qm_write(from, QM_VF_STATE, 1);
	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	z = rig_guest(to, JOBS / 2);
	rig_finish(z);
}

/* From STOP_COPY back to RUNNING, in two steps or in one. */
static void check_cancelled(struct vfio_dev *v, bool at_once)
{
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct mig_stream stream;
	int fd, before;

	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_ok(mig_read(fd, &stream, 64));
	if (!at_once)
		check_ok(mig_set_state(v, MIG_STOP, NULL));
	before = z->finished;
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	check_err(mig_read(fd, &stream, 64), -ENODEV);
	close(fd);
	rig_finish(z);
	check(z->finished > before, "no job was left to be done");
}

static void cancelled_migration(const void *arg)
{
	struct vfio_dev *v = rig_open(role_of(arg), 0);

	check_cancelled(v, false);
}

static void cancelled_at_once(const void *arg)
{
	struct vfio_dev *v = rig_open(role_of(arg), 0);

	check_cancelled(v, true);
}

static void plain_pause(const void *arg)
{
	struct vfio_dev *v = rig_open(role_of(arg), 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	uint32_t sum;

	check(rig_activity(v), "a guest at work is as silent as a paused one");
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	sum = job_guest_ram_sum(v);
	check_eq(rig_activity(v), 0, "jobs, DMA and interrupts in STOP");
	check(sum == job_guest_ram_sum(v), "guest memory changed in STOP");
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void pause_twice(const void *arg)
{
	struct vfio_dev *v = rig_open(role_of(arg), 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	int i;

	for (i = 0; i < 5; i++) {
		check_ok(mig_set_state(v, MIG_STOP, NULL));
		check_ok(mig_set_state(v, MIG_RUNNING, NULL));
		rig_run(z, z->finished + 5);
	}
	rig_finish(z);
}

static void record_tells_the_truth(const void *arg)
{
	struct vfio_dev *v = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_guest(v, JOBS / 4);
	struct qm_guest *g = &z->qm;
	struct mig_stream stream;
	const void *rec = stream.data;
	static const char zero[24];

	rig_finish(z);
	check_ok(mig_save(v, &stream, NULL));
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	check_eq(record_get(rec, REC_MAGIC), RECORD_MAGIC_V2, "magic");
	check_eq(record_get(rec, REC_MAJOR), 1, "major");
	check_eq(record_get(rec, REC_MINOR), 1, "minor");
	check_eq(record_get(rec, REC_DEV_ID), PCI_DEVICE_ZIP_VF, "dev_id");
	check_eq(record_get(rec, REC_QP_NUM),
		 oracle_get(&v->func, KPO_VFT_NUM), "qp_num");
	check_eq(record_get(rec, REC_QP_BASE),
		 oracle_get(&v->func, KPO_VFT_BASE), "qp_base");
	check_eq(record_get(rec, REC_VF_QM_STATE), 0, "vf_qm_state");
	check_eq(record_get(rec, REC_BAR2_SIZE), rig_bar2_size(role_of(arg)),
		 "bar2_size");
	check_eq(record_get(rec, REC_RSV_MATCH), 0, "reserved match word 1");
	check_eq(record_get(rec, REC_AEQ_INT_MASK), 0, "aeq_int_mask");
	check_eq(record_get(rec, REC_EQ_INT_MASK), 0, "eq_int_mask");
	check_eq(record_get(rec, REC_IFC_INT_MASK), 0, "ifc_int_mask");
	check_eq(record_get(rec, REC_EQE_DMA), qm_guest_iova(g, g->eq),
		 "eqe_dma");
	check_eq(record_get(rec, REC_EQC_DW1) |
		 record_get(rec, REC_EQC_DW2) << 32, qm_guest_iova(g, g->eq),
		 "EQC dwords 2:1");
	check_eq(record_get(rec, REC_EQC_DW0) & 0xffff, g->eq_head,
		 "EQC dword 0, the head");
	check_eq(record_get(rec, REC_AEQE_DMA), qm_guest_iova(g, g->aeq),
		 "aeqe_dma");
	check_eq(record_get(rec, REC_AEQC_DW1) |
		 record_get(rec, REC_AEQC_DW2) << 32, qm_guest_iova(g, g->aeq),
		 "AEQC dwords 2:1");
	check_eq(record_get(rec, REC_SQC_DMA), qm_guest_iova(g, g->sqc),
		 "sqc_dma");
	check_eq(record_get(rec, REC_CQC_DMA), qm_guest_iova(g, g->cqc),
		 "cqc_dma");
	check(!memcmp(stream.data + 120, zero, sizeof(zero)),
	      "the reserved bytes at 120 are not zero");
}

/* What the guest has masked stays masked where it goes. */
static void masks_move(const void *arg)
{
	struct vfio_dev *from = rig_open(role_of(arg), 0);
	struct vfio_dev *to = rig_open(role_of(arg), 1);
	struct job_guest *z = rig_guest(from, JOBS / 4);
	struct mig_stream stream;

	rig_finish(z);
	qm_write(from, QM_AEQ_INT_MASK, 1);
	qm_write(from, QM_EQ_INT_MASK, 1);
	rig_move(z, to, &stream, NULL);
	check_eq(qm_read(to, QM_AEQ_INT_MASK), 1, "AEQ interrupt mask");
	check_eq(qm_read(to, QM_EQ_INT_MASK), 1, "EQ interrupt mask");
	check_eq(qm_read(to, QM_VF_STATE), 0, "VF_STATE");
}

const struct tap_test sys_migrate_tests[] = {
	{ "a V3 VF moves with jobs in flight", moves_mid_work, &v3 },
	{ "a V4 VF moves with jobs in flight", moves_mid_work, &v4 },
	{ "a V4 VF with the select bit clear moves with jobs in flight",
	  moves_mid_work, &v4_clear },
	{ "an idle guest works on after a move on V3", moves_idle, &v3 },
	{ "an idle guest works on after a move on V4", moves_idle, &v4 },
	{ "a guest gets its interrupts where it has left one behind on V3",
	  comes_back_to_an_old_interrupt, &v3 },
	{ "a guest gets its interrupts where it has left one behind on V4",
	  comes_back_to_an_old_interrupt, &v4 },
	{ "a working guest goes from A to B to A to C on V3", moves_a_b_a_c, &v3 },
	{ "a working guest goes from A to B to A to C on V4", moves_a_b_a_c, &v4 },
	{ "V3 and V4 with the select bit clear exchange a working guest",
	  moves_between_versions, NULL },
	{ "V4 refuses a guest of V3 at the write that completes the match data",
	  v3_to_v4_is_refused, NULL },
	{ "V3 refuses a guest of V4 at the write that completes the match data",
	  v4_to_v3_is_refused, NULL },
	{ "a V3 VF without guest driver moves as 40 bytes",
	  moves_without_guest_driver, &v3 },
	{ "a V4 VF without guest driver moves as 40 bytes",
	  moves_without_guest_driver, &v4 },
	{ "a V3 VF moves as 40 bytes while its guest driver is not ready",
	  moves_with_driver_not_ready, &v3 },
	{ "a V4 VF moves as 40 bytes while its guest driver is not ready",
	  moves_with_driver_not_ready, &v4 },
	{ "jobs finish at the source after a cancelled migration on V3",
	  cancelled_migration, &v3 },
	{ "jobs finish at the source after a cancelled migration on V4",
	  cancelled_migration, &v4 },
	{ "STOP_COPY to RUNNING in one request restarts the source",
	  cancelled_at_once, &v3 },
	{ "nothing moves in STOP, and jobs finish after a pause on V3",
	  plain_pause, &v3 },
	{ "nothing moves in STOP, and jobs finish after a pause on V4",
	  plain_pause, &v4 },
	{ "a V3 guest survives being paused again and again", pause_twice, &v3 },
	{ "a V4 guest survives being paused again and again", pause_twice, &v4 },
	{ "every field of the record says what the hardware holds on V3",
	  record_tells_the_truth, &v3 },
	{ "every field of the record says what the hardware holds on V4",
	  record_tells_the_truth, &v4 },
	{ "interrupt masks and readiness move with the guest on V3",
	  masks_move, &v3 },
	{ "interrupt masks and readiness move with the guest on V4",
	  masks_move, &v4 },
	{ NULL, NULL, NULL },
};
