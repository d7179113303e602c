// SPDX-License-Identifier: GPL-2.0-only
/*
 * Dirty tracking in the IOMMU, by iommufd as a VM monitor uses it: each page that the
 * accelerator writes to is reported by the read of the bitmap that has to. A page that is
 * missing is old in the destination, and the guest's accelerator is dead there.
 *
 * The SMMU's TLB is strict in these runs, see tests/qemu-smmu. Kernels that forget to
 * invalidate it lose writes, and that is a test as well: of the kernel, not of the driver.
 */
#include <errno.h>
#include <stdlib.h>

#include "dirty.h"
#include "rig.h"
#include "suites.h"
#include "tool.h"

#define JOBS		20	/* in each round, and then the bitmap is read */
#define ROUNDS		6
#define PAGE_4K		0x1000
#define PAGE_64K	0x10000

struct tracked {
	struct vfio_dev v;
	struct dirty dirty;
};

static void tracked_close(void *arg)
{
	struct tracked *t = arg;

	vfio_dev_close(&t->v);
	free(t);
}

/* A VF of this role in a domain that tracks, with memory in pages or in blocks. */
static struct tracked *tracked_open(enum rig_role role, bool blocks)
{
	struct tracked *t = calloc(1, sizeof(*t));
	struct pci_func vf;

	rig_vf(role, 0, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	check_ok(vfio_dev_open_tracked(&t->v, &vf));
	tap_defer(tracked_close, t);
	if (blocks)
		check_ok(vfio_dev_add_blocks(&t->v, JOB_GUEST_IOVA, VFIO_DEV_BLOCK));
	else
		check_ok(vfio_dev_add_ram(&t->v, JOB_GUEST_IOVA, JOB_GUEST_RAM));
	return t;
}

static void check_none_lost(const struct dirty *d)
{
	check(d->written, "nothing was written: %u reads", d->reads);
	check(!d->lost, "%zu pages are lost, %zu were written to; %s", d->lost, d->written,
	      d->why);
}

static void work_and_read(struct tracked *t, struct job_guest *z)
{
	int round;

	for (round = 0; round < ROUNDS; round++) {
		check_ok(job_guest_add_jobs(z, JOBS));
		rig_run(z, z->nr_jobs - JOBS / 2);
		check_ok(dirty_read(&t->dirty));
	}
}

/* Back to the jobs' end, whose pages are read as well. */
static void finish_and_read(struct tracked *t, struct job_guest *z)
{
	rig_finish(z);
	check_ok(dirty_read(&t->dirty));
	check_ok(dirty_read(&t->dirty));
	check(dirty_is_still(&t->dirty), "something is written without a job");
	check_ok(dirty_stop(&t->dirty));
}

struct bitmap {
	enum rig_role role;
	bool blocks;		/* the IOMMU has blocks of VFIO_DEV_BLOCK */
	size_t page_size;	/* a bit of the bitmap stands for so much */
};

static void reads_at_work(const void *arg)
{
	const struct bitmap *b = arg;
	struct tracked *t = tracked_open(rig_role_here(&b->role), b->blocks);
	struct job_guest *z = rig_guest(&t->v, 0);
	size_t unit = b->blocks ? VFIO_DEV_BLOCK : b->page_size, all;

	check_ok(dirty_start(&t->dirty, &t->v, b->page_size));
	work_and_read(t, z);
	finish_and_read(t, z);
	check_none_lost(&t->dirty);
	/* Or blocks would be none; and every read might give all there is. */
	check(!(t->dirty.pages % (unit / PAGE_4K)), "%zu pages reported, not in units of %zu",
	      t->dirty.pages, unit);
	all = t->dirty.reads * (t->v.ram_size / PAGE_4K);
	check(t->dirty.pages < all, "%zu of %zu pages reported in %u reads", t->dirty.pages,
	      all, t->dirty.reads);
}

/* What is written after the last read before the stop is in the last one. */
static void reads_over_the_stop(const void *arg)
{
	static const int arcs[] = {
		MIG_PRE_COPY, MIG_PRE_COPY_P2P, MIG_STOP_COPY,
	};
	struct tracked *t = tracked_open(rig_role_here(arg), false);
	struct job_guest *z = rig_guest(&t->v, 0);
	struct mig_stream stream = { 0 };
	size_t i, at_stop;
	int fd = -1, next;

	check_ok(dirty_start(&t->dirty, &t->v, PAGE_4K));
	work_and_read(t, z);
	rig_more_jobs(z, JOBS);
	for (i = 0; i < ARRAY_SIZE(arcs); i++) {
		at_stop = t->dirty.written;
		check_ok(mig_set_state(&t->v, arcs[i], &next));
		if (next >= 0)
			fd = next;
		check_ok(dirty_read(&t->dirty));
	}
	check(fd >= 0, "no data fd");
	check_ok(mig_read(fd, &stream, sizeof(stream.data)));
	check(dirty_is_still(&t->dirty), "a stopped VF writes");
	check_ok(dirty_read(&t->dirty));
	check(t->dirty.written > at_stop, "the stop wrote nothing: no contexts, no jobs' ends");
	check_none_lost(&t->dirty);

	/* The guest goes on where it is. */
	close(fd);
	check_ok(mig_set_state(&t->v, MIG_RUNNING, NULL));
	finish_and_read(t, z);
	check_none_lost(&t->dirty);
}

static void offers_no_logging(const void *arg)
{
	struct vfio_dev *v = rig_open(rig_role_here(arg), 0);
	struct vfio_device_feature_dma_logging_control control = { .page_size = PAGE_4K };

	check_err(vfio_dev_feature(v, VFIO_DEVICE_FEATURE_SET |
				   VFIO_DEVICE_FEATURE_DMA_LOGGING_START, &control,
				   sizeof(control)), -ENOTTY);
}

static void doctor_asks_the_iommu(const void *arg)
{
	struct pci_func vf;

	tool_vf(rig_role_here(arg), 0, MODULE_VFIO_NAME, &vf);
	expect(tool("doctor", "--probe"), YES, "dirty tracking  the IOMMU has it, by iommufd; but");
}

static void kernel_loses_writes(const void *arg)
{
	struct tracked *t = tracked_open(rig_role_here(arg), false);
	struct job_guest *z = rig_guest(&t->v, 0);

	check_ok(dirty_start(&t->dirty, &t->v, PAGE_4K));
	work_and_read(t, z);
	finish_and_read(t, z);
	check(t->dirty.lost, "this kernel loses no write any more, of %zu: say so in docs/vm.md, and move it to the runs where none may be lost",
	      t->dirty.written);
	tap_note("%zu of %zu pages lost: %s", t->dirty.lost, t->dirty.written, t->dirty.why);
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;
static const struct bitmap v3_4k = { RIG_V3, false, PAGE_4K },
			   v4_4k = { RIG_V4, false, PAGE_4K },
			   sec_4k = { RIG_SEC_V3, false, PAGE_4K },
			   v3_64k = { RIG_V3, false, PAGE_64K },
			   v3_blocks = { RIG_V3, true, PAGE_4K };

const struct tap_test dirty_tests[] = {
	{ "each page that a V3 VF writes to is reported, while it works", reads_at_work, &v3_4k },
	{ "each page that a V4 VF writes to is reported, while it works", reads_at_work, &v4_4k },
	{ "each page that a SEC VF writes to is reported, while it works", reads_at_work, &sec_4k },
	{ "each page is reported in pages of 64 KiB", reads_at_work, &v3_64k },
	{ "each page is reported where the IOMMU has blocks of 2 MiB", reads_at_work, &v3_blocks },
	{ "each page is reported over pause, write-back and capture of V3", reads_over_the_stop,
	  &v3 },
	{ "each page is reported over pause, write-back and capture of V4", reads_over_the_stop,
	  &v4 },
	{ "the driver itself offers no DMA logging", offers_no_logging, &v3 },
	{ "doctor says what an IOMMU that tracks is good for", doctor_asks_the_iommu, &v3 },
	{ }
};

const struct tap_test dirty_stock_tests[] = {
	{ "a kernel as it is loses writes of a V3 VF at work", kernel_loses_writes, &v3 },
	{ }
};
