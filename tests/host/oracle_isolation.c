// SPDX-License-Identifier: GPL-2.0-only
/*
 * Queue isolation: each queue has a doorbell page of its own in BAR4. What a
 * guest rings there, in its own pages and in others.
 */
#include <errno.h>
#include <sys/mman.h>

#include <linux/vfio.h>

#include "rig.h"
#include "suites.h"

#define JOBS		16
#define PAGE		0x10000ull
#define DOORBELL	0x1000
#define RESTART(queue)	((uint64_t)(queue) | 1ull << 48)
#define DEAD_MS		1500

static const enum rig_role v3 = RIG_V3_ISOLATED, v4 = RIG_V4_ISOLATED;

/* BAR4 of the VF that is open. */
static uint64_t pages;
static volatile char *bar4;

static void unmap(void *arg)
{
	(void)arg;
	munmap((void *)bar4, pages * PAGE);
}

static void map_bar4(struct vfio_dev *v)
{
	uint64_t offset, size;
	uint32_t flags;
	void *map;

	check_ok(vfio_dev_region(v, VFIO_PCI_BAR4_REGION_INDEX, &size, &offset, &flags));
	check(flags & VFIO_REGION_INFO_FLAG_MMAP, "BAR4 of %s can't be mapped", v->func.bdf);
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device, offset);
	check(map != MAP_FAILED, "BAR4: %s", tap_errno(-errno));
	bar4 = map;
	pages = size / PAGE;
	tap_defer(unmap, NULL);
}

static void ring(uint64_t page, uint64_t value)
{
	*(volatile uint64_t *)(bar4 + page * PAGE + DOORBELL) = value;
}

/* A paused guest with a job in its first queue, which waits for a restart. */
static struct job_guest *guest_with_a_job(struct vfio_dev *v)
{
	struct job_guest *z = rig_guest(v, 1);

	oracle_set(&v->func, KPO_JOB_TIME_US, RIG_JOB_TIME_US);
	check_ok(qm_mailbox(v, QM_MB_PAUSE, 0, 0, false, NULL));
	check_ok(job_guest_submit(z));
	return z;
}

static void own_page_rings(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = guest_with_a_job(v);

	map_bar4(v);
	check_err(job_guest_run(z, 1, DEAD_MS), -ETIMEDOUT);
	ring(0, RESTART(0));
	rig_finish(z);
}

static void other_pages_ring_nothing(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = guest_with_a_job(v);
	uint32_t own = oracle_get(&v->func, KPO_VFT_NUM);
	uint64_t page;

	map_bar4(v);
	check(pages > own, "BAR4 has no page beyond the VF's %u queues", own);
	oracle_expect(1u << KPO_V_BAD_DOORBELL);
	/* A queue's doorbell in the page of another one, near and far. */
	ring(1, RESTART(0));
	ring(pages - 1, RESTART(0));
	/* The page of a queue that the function does not have. */
	for (page = own; page < pages; page++)
		ring(page, RESTART(page));
	check_eq(oracle_violations_expected(), 2 + pages - own,
		 "doorbells that belong to nobody");
	oracle_expect(0);
	check_err(job_guest_run(z, 1, DEAD_MS), -ETIMEDOUT);
	ring(0, RESTART(0));
	rig_finish(z);
}

static void bar2_rings_as_well(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);

	rig_finish(rig_guest(v, JOBS));
}

#define ROLES(sentence, fn)						\
	{ sentence " (V3)", fn, &v3 },					\
	{ sentence " (V4)", fn, &v4 }

const struct tap_test oracle_isolation_tests[] = {
	ROLES("with isolation a queue is rung in its own page", own_page_rings),
	ROLES("with isolation no other page rings it", other_pages_ring_nothing),
	ROLES("with isolation BAR2 rings all queues as well", bar2_rings_as_well),
	{ NULL, NULL, NULL },
};
