// SPDX-License-Identifier: GPL-2.0-only
/*
 * The accelerator model gives each answer that it was told to give: what a
 * guest's driver sees of it. docs/emulator.md, "Answers".
 */
#include <errno.h>

#include "rig.h"
#include "suites.h"

#define JOBS		16
/* So long a living function never takes, on any machine, with jobs this short. */
#define DEAD_MS		1500

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;
static const uint32_t lost = KP_SELECT_RESET_LOST, kept = KP_SELECT_RESET_KEPT;

static void pause_it(struct vfio_dev *v)
{
	check_ok(qm_mailbox(v, QM_MB_PAUSE, 0, 0, false, NULL));
	check(oracle_get(&v->func, KPO_STATE) & KPO_STATE_PAUSED,
	      "the function is not paused");
}

/* A guest's driver starts the function anew and finds it alive, or not. */
static struct job_guest *start_anew(struct vfio_dev *v, bool alive)
{
	struct job_guest *z = rig_guest(v, JOBS);

	oracle_set(&v->func, KPO_JOB_TIME_US, RIG_JOB_TIME_US);
	if (alive) {
		rig_finish(z);
		return z;
	}
	check_err(job_guest_run(z, 1, DEAD_MS), -ETIMEDOUT);
	check_eq(z->qm.interrupts, 0, "interrupts of a paused function");
	return z;
}

static void check_restart_revives(struct job_guest *z)
{
	int i;

	for (i = 0; i < z->qm.nr_queues; i++)
		qm_guest_restart(&z->qm, &z->qm.queues[i], 0);
	rig_finish(z);
}

static void eqc_ends_a_pause(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);

	pause_it(v);
	start_anew(v, true);
}

static void doorbell_alone_ends_a_pause(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);

	rig_answer(&v->func, KP_Q_PAUSE_END, KP_PAUSE_END_DOORBELL);
	pause_it(v);
	check_restart_revives(start_anew(v, false));
	pause_it(v);
	check_ok(vfio_dev_reset(v));
	start_anew(v, true);
}

static void no_reset_ends_a_pause(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z;

	rig_answer(&v->func, KP_Q_PAUSE_END, KP_PAUSE_END_DOORBELL_ONLY);
	pause_it(v);
	check_ok(vfio_dev_reset(v));
	z = start_anew(v, false);
	check_restart_revives(z);
}

/* No queue has a context yet: nothing can go on, and nothing is let go. */
static void doorbell_without_context_is_none(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest z = { };

	rig_answer(&v->func, KP_Q_PAUSE_END, KP_PAUSE_END_DOORBELL);
	check_ok(job_guest_start(&z, v, 0));
	pause_it(v);
	qm_guest_restart(&z.qm, &z.qm.queues[0], 0);
	check(oracle_get(&v->func, KPO_STATE) & KPO_STATE_PAUSED,
	      "the doorbell of a queue without context has ended the pause");
	check_restart_revives(start_anew(v, false));
}

static void vf_state_after_reset(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);

	check_eq(qm_read(v, QM_VF_STATE), 1, "VF_STATE after a reset");
	rig_answer(&v->func, KP_Q_VF_STATE_RESET, KP_VF_STATE_RESET_READY);
	check_ok(vfio_dev_reset(v));
	check_eq(qm_read(v, QM_VF_STATE), 0, "VF_STATE after a reset");
	start_anew(v, true);
}

static void db_drop_after_reset(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V5, 0);

	(void)arg;
	qm_write(v, QM_FUN_DB_DROP, 1);
	check_ok(vfio_dev_reset(v));
	check_eq(qm_read(v, QM_FUN_DB_DROP), 0, "FUN_DB_DROP after a reset");
	rig_answer(&v->func, KP_Q_DB_DROP_RESET, KP_DB_DROP_RESET_KEPT);
	qm_write(v, QM_FUN_DB_DROP, 1);
	check_ok(vfio_dev_reset(v));
	check_eq(qm_read(v, QM_FUN_DB_DROP), 1, "FUN_DB_DROP after a reset");
	qm_write(v, QM_FUN_DB_DROP, 0);
	rig_answer(&v->func, KP_Q_DB_DROP_RESET, KP_DB_DROP_RESET_SET);
	check_ok(vfio_dev_reset(v));
	check_eq(qm_read(v, QM_FUN_DB_DROP), 1, "FUN_DB_DROP after a reset");
}

/* What was rung while doorbells were dropped is made good by the next one. */
static void dropped_doorbells_are_lost(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V5, 0);
	struct job_guest *z;

	(void)arg;
	z = rig_guest(v, JOBS);
	qm_write(v, QM_FUN_DB_DROP, 1);
	check_err(job_guest_run(z, 1, DEAD_MS), -ETIMEDOUT);
	qm_write(v, QM_FUN_DB_DROP, 0);
	check_err(job_guest_run(z, 1, DEAD_MS), -ETIMEDOUT);
	check_ok(job_guest_add_jobs(z, JOBS));
	rig_finish(z);
}

static bool selected(const struct pci_func *pf)
{
	return oracle_get(pf, KPO_STATE) & KPO_STATE_SELECT;
}

static void select_after_reset(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V4_CLEAR);
	uint32_t answer = *(const uint32_t *)arg;

	rig_answer(pf, KP_Q_SELECT_RESET, answer);
	oracle_set(pf, KPO_SELECT, 1);
	check_ok(pci_write(pf->bdf, "reset", "1"));
	check(selected(pf) == (answer == KP_SELECT_RESET_KEPT),
	      "the select bit is %d after a reset of the PF", selected(pf));
	oracle_set(pf, KPO_SELECT, 0);
	check_ok(pci_write(pf->bdf, "reset", "1"));
	check(!selected(pf), "a reset of the PF has set the select bit");
}

#define ROLES(sentence, fn)						\
	{ sentence " (V3)", fn, &v3 },					\
	{ sentence " (V4)", fn, &v4 }

const struct tap_test oracle_answer_tests[] = {
	ROLES("a guest's driver ends a pause when it starts, as pause-end=eqc", eqc_ends_a_pause),
	ROLES("only a restart or a reset ends a pause with pause-end=doorbell",
	      doorbell_alone_ends_a_pause),
	ROLES("only a restart ends a pause with pause-end=doorbell-only", no_reset_ends_a_pause),
	ROLES("a restart without a context ends no pause", doorbell_without_context_is_none),
	ROLES("VF_STATE after a reset is what vf-state-reset says", vf_state_after_reset),
	{ "FUN_DB_DROP after a reset is what db-drop-reset says (V5)", db_drop_after_reset, NULL },
	{ "doorbells are dropped until somebody clears FUN_DB_DROP (V5)",
	  dropped_doorbells_are_lost, NULL },
	{ "a reset of the PF loses the select bit with select-reset=lost", select_after_reset, &lost },
	{ "a reset of the PF keeps the select bit with select-reset=kept", select_after_reset, &kept },
	{ NULL, NULL, NULL },
};
