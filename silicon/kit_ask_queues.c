// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions that take queues with jobs: what ends a pause, and who tells of events.
 * Whatever pauses ends it by doorbells before it is through.
 */
#include <errno.h>
#include <unistd.h>

#include "kit.h"

#define QUEUES		4
#define DEPTH		QM_GUEST_QUEUE_DEPTH
#define WORK_MS		3000
#define STILL_MS	400	/* no job takes so long */
#define SETTLE_MS	60

static bool ready_to_ask(struct kit *k, const char *question)
{
	if (kit_starts_and_works(k))
		return true;
	kit_verdict(question, NULL, false, "no guest works here");
	return false;
}

void ask_pause_end(struct kit *k, const char *question)
{
	bool started;

	if (!ready_to_ask(k, question))
		return;
	if (!kit_pause(k) || kit_work(k, QUEUES, STILL_MS)) {
		kit_verdict(question, NULL, false, "PAUSE_QM does not stop the queues");
		return;
	}
	started = kit_start(k);
	if (started && kit_work(k, QUEUES, WORK_MS)) {
		kit_verdict(question, "eqc", true, "a driver that starts finds it running");
		return;
	}
	kit_resume(k);
	if (!started || job_guest_run(&k->guest, k->guest.nr_jobs, WORK_MS)) {
		kit_verdict(question, NULL, false, "%s", started ? "restart doorbells do not end it" :
			    "no driver can start while it is paused");
		return;
	}
	if (!kit_pause(k)) {
		kit_verdict(question, NULL, false, "the second PAUSE_QM is refused");
		return;
	}
	kit_reset(k);
	if (kit_starts_and_works(k)) {
		kit_verdict(question, "doorbell", true, "no driver's start ends it; doorbells do, and a reset");
		return;
	}
	kit_resume(k);
	if (job_guest_run(&k->guest, k->guest.nr_jobs, WORK_MS))
		kit_verdict(question, NULL, false, "after a reset nothing ends it");
	else
		kit_verdict(question, "doorbell-only", true, "no driver's start ends it and no reset; doorbells do");
}

void ask_restart(struct kit *k, const char *question)
{
	struct job_guest *g = &k->guest;
	int before, i;

	/* Full rings: whatever old entry ran again would be one of ours. */
	if (!kit_start(k) || !kit_work(k, QUEUES * DEPTH, WORK_MS)) {
		kit_verdict(question, NULL, false, "no guest works here");
		return;
	}
	if (!kit_pause(k)) {
		kit_verdict(question, NULL, false, "PAUSE_QM is refused");
		return;
	}
	before = g->finished;
	/* Tails are where they began; so the index of a restart, 0, is no entry. */
	if (job_guest_add_jobs(g, QUEUES) || job_guest_submit(g) != QUEUES) {
		kit_resume(k);
		kit_verdict(question, NULL, false, "the rings take no job");
		return;
	}
	qm_guest_restart(&g->qm, &g->qm.queues[0], 0);
	job_guest_run(g, before + QUEUES, STILL_MS);
	i = g->finished - before;
	/* Those that have not gone on. */
	for (int q = 1; q < QUEUES && i < QUEUES; q++)
		qm_guest_restart(&g->qm, &g->qm.queues[q], g->qm.queues[q].tail);
	if (i == QUEUES)
		kit_verdict(question, "function", true, "all queues went on at the first one's doorbell");
	else if (i == 1)
		kit_verdict(question, "queue", true, "the queue went on, and no other");
	else if (!i)
		kit_verdict(question, "tail", false, "the queue took the index for its tail, and had nothing to do");
	else
		kit_verdict(question, NULL, false, "%d of %d queues went on", i, QUEUES);
}

/* One job, done, and its event not looked at; false if none came. */
static bool leave_an_event(struct kit *k, unsigned int *interrupts)
{
	if (job_guest_add_jobs(&k->guest, 1) || job_guest_submit(&k->guest) != 1)
		return false;
	usleep(SETTLE_MS * 1000);
	*interrupts = kit_interrupts(k, SETTLE_MS);
	return true;
}

/* An event waits: is its source cleared by writing there? More may come by that. */
static bool clears_by_write(struct kit *k, unsigned int *interrupts)
{
	qm_write(&k->vf, QM_EQ_INT_SOURCE, 1);
	*interrupts = kit_interrupts(k, SETTLE_MS);
	return *interrupts || !(qm_read(&k->vf, QM_EQ_INT_SOURCE) & 1);
}

/* A guest whose event queue has just been read to its end, and one more event. */
static bool event_waits(struct kit *k, const char *question, unsigned int *interrupts)
{
	if (!ready_to_ask(k, question))
		return false;
	kit_interrupts(k, SETTLE_MS);
	if (leave_an_event(k, interrupts) && *interrupts)
		return true;
	kit_verdict(question, NULL, false, "a job that is done raises no interrupt");
	return false;
}

void ask_int_source(struct kit *k, const char *question)
{
	unsigned int n;

	if (!event_waits(k, question, &n))
		return;
	if (!(qm_read(&k->vf, QM_EQ_INT_SOURCE) & 1))
		kit_verdict(question, NULL, false, "the source does not show an event that waits");
	else if (clears_by_write(k, &n))
		kit_verdict(question, "w1c", true, "a 1 written there clears it");
	else
		kit_verdict(question, NULL, false, "a 1 written there does not clear it; what does can't be told");
}

void ask_int_rule(struct kit *k, const char *question)
{
	unsigned int n;

	if (!event_waits(k, question, &n))
		return;
	if (!leave_an_event(k, &n))
		kit_verdict(question, NULL, false, "no second job is taken");
	else if (n)
		kit_verdict(question, "each", true, "a second event interrupts beside one that waits");
	else if (!clears_by_write(k, &n))
		kit_verdict(question, NULL, false, "the source can't be cleared while an event waits");
	else if (n)
		kit_verdict(question, "level", true, "cleared, it interrupts again for what waits");
	else
		kit_verdict(question, "one-shot", true, "a second event is silent, and so is what waits when it is cleared");
}

void ask_restart_events(struct kit *k, const char *question)
{
	unsigned int n;

	if (!event_waits(k, question, &n))
		return;
	if (!clears_by_write(k, &n) || n) {
		kit_verdict(question, NULL, false, "the interrupt of an event that waits can't be cleared");
		return;
	}
	if (!kit_pause(k)) {
		kit_verdict(question, NULL, false, "PAUSE_QM is refused");
		return;
	}
	kit_interrupts(k, SETTLE_MS);
	kit_resume(k);
	if (kit_interrupts(k, SETTLE_MS))
		kit_verdict(question, "raised", true, "a restart interrupts for an event that waits");
	else
		kit_verdict(question, "silent", true, "a restart does not interrupt for an event that waits");
}

static bool taken(struct kit *k)
{
	int ret = qm_mailbox(&k->vf, QM_MB_SQC_BT, 0, 0, true, NULL);

	if (ret == -ETIMEDOUT)
		kit_trouble(k, "a mailbox command is not done in 3 s");
	return !ret;
}

void ask_mbox_when(struct kit *k, const char *question)
{
	bool not_ready, paused;

	qm_write(&k->vf, QM_VF_STATE, 1);
	not_ready = taken(k);
	if (!ready_to_ask(k, question))
		return;
	if (!kit_pause(k)) {
		kit_verdict(question, NULL, false, "PAUSE_QM is refused");
		return;
	}
	paused = taken(k);
	kit_resume(k);
	if (not_ready && paused)
		kit_verdict(question, "always", true, "SQC_BT is read while not ready, and while paused");
	else if (not_ready)
		kit_verdict(question, "not-paused", true, "SQC_BT is refused while paused");
	else if (!paused)
		kit_verdict(question, "ready", true, "SQC_BT is refused while not ready, and while paused");
	else
		kit_verdict(question, NULL, false, "refused while not ready, taken while paused");
}
