// SPDX-License-Identifier: GPL-2.0-only
/*
 * The guest's driver, as the tests have it, and what an experiment does with it.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "kit.h"

#define QUEUES		4
#define WORK_MS		3000
#define REVISION_V4	0x50

void kit_reset(struct kit *k)
{
	kit_say("reset by VFIO_DEVICE_RESET");
	if (vfio_dev_reset(&k->vf))
		kit_trouble(k, "the VF can't be reset");
}

bool kit_start(struct kit *k)
{
	int ret;

	/* Newer parts drop doorbells until their driver says otherwise. */
	if (k->vf.func.revision > REVISION_V4)
		qm_write(&k->vf, QM_FUN_DB_DROP, 0);
	/* First of all here: it may be that no command is taken before. */
	qm_write(&k->vf, QM_VF_STATE, 0);
	if (k->guest.qm.nr_queues)
		k->before = k->guest.qm;
	ret = job_guest_start(&k->guest, &k->vf, QUEUES);
	if (ret == -ETIMEDOUT)
		kit_trouble(k, "a mailbox command is not done in 3 s");
	return !ret;
}

bool kit_work(struct kit *k, int jobs, int ms)
{
	char why[200];

	return !job_guest_add_jobs(&k->guest, jobs) &&
	       !job_guest_run(&k->guest, k->guest.nr_jobs, ms) &&
	       !job_guest_verify(&k->guest, why, sizeof(why));
}

bool kit_starts_and_works(struct kit *k)
{
	return kit_start(k) && kit_work(k, QUEUES, WORK_MS);
}

bool kit_pause(struct kit *k)
{
	int ret = qm_mailbox(&k->vf, QM_MB_PAUSE, 0, 0, false, NULL);

	if (ret == -ETIMEDOUT)
		kit_trouble(k, "PAUSE_QM is not done in 3 s");
	return !ret;
}

/*
 * With each queue's own tail, so that nothing happens if the index is taken for that. A
 * guest that could not start has no queues: those of the one before are still there.
 */
void kit_resume(struct kit *k)
{
	struct qm_guest *g = &k->guest.qm;
	int i;

	if (!g->nr_queues)
		g = &k->before;
	for (i = 0; i < g->nr_queues; i++)
		qm_guest_restart(g, &g->queues[i], g->queues[i].tail);
}

unsigned int kit_interrupts(struct kit *k, int ms)
{
	struct pollfd fd = { .fd = k->vf.irq[0], .events = POLLIN };
	uint64_t count = 0;

	if (poll(&fd, 1, ms) > 0 && read(fd.fd, &count, sizeof(count)) != sizeof(count))
		count = 0;
	return count;
}
