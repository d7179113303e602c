// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hosts with pages of 16 and 64 KiB. Half of BAR2, which is all that a guest
 * may see under VF control or by guest_view=v3, can't be mapped where a page is
 * larger than that: migration is not offered there, and the log says why. All
 * else is as with pages of 4 KiB.
 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	80
#define HALF	0x8000
#define FULL	0x10000
#define REASON	"half of BAR2 cannot be mapped with this page size"

static bool half_can_be_mapped(void)
{
	return sysconf(_SC_PAGESIZE) <= HALF;
}

static void check_region(struct vfio_dev *v, uint64_t want)
{
	const uint32_t all = VFIO_REGION_INFO_FLAG_READ |
			     VFIO_REGION_INFO_FLAG_WRITE |
			     VFIO_REGION_INFO_FLAG_MMAP;
	uint64_t size, offset;
	uint32_t flags;
	void *map;

	check_ok(vfio_dev_region(v, VFIO_PCI_BAR2_REGION_INDEX, &size, &offset,
				 &flags));
	check_eq(size, want, "size of BAR2");
	check_eq(flags & all, all, "read, write and mmap offered");
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device,
		   offset);
	check(map != MAP_FAILED, "what is offered for mmap can't be mapped: %s",
	      tap_errno(-errno));
	munmap(map, size);
}

static void check_move(struct vfio_dev *from, struct vfio_dev *to)
{
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	check_eq(stream.len, RECORD_SIZE, "bytes of the stream");
	check_eq(record_get(stream.data, REC_BAR2_SIZE), from->bar2_size,
		 "bar2_size in the stream");
	rig_finish(z);
}

static void check_moves(enum rig_role role)
{
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);

	check_region(from, rig_bar2_size(role));
	check_move(from, to);
}

static void moves(const void *arg)
{
	check_moves(*(const enum rig_role *)arg);
}

/* How often the log says this of a VF from the mark on. */
static int count_lines(struct klog *log, const struct pci_func *vf, const char *what)
{
	char line[KLOG_LINE_MAX];
	int level, count = 0;

	while (klog_next(log, &level, line, sizeof(line)))
		if (strstr(line, vf->bdf) && strstr(line, what))
			count++;
	return count;
}

static void klog_close_(void *arg)
{
	klog_close(arg);
}

static void log_mark(struct klog *log)
{
	check_ok(klog_mark(log));
	tap_defer(klog_close_, log);
}

static void unbound(enum rig_role role, struct pci_func *vf)
{
	rig_vf(role, 0, vf);
	rig_load_module();
	check_ok(pci_unbind(vf));
}

/* What plain vfio-pci shows of BAR2. */
static uint64_t vfio_pci_bar2_size(const struct pci_func *vf)
{
	struct vfio_dev v;
	uint64_t size;

	check_ok(module_load("vfio_pci"));
	check_ok(pci_bind(vf, "vfio-pci"));
	check_ok(vfio_dev_open(&v, vf));
	size = v.bar2_size;
	vfio_dev_close(&v);
	check_ok(pci_unbind(vf));
	return size;
}

static void check_not_offered(enum rig_role role)
{
	static struct klog log;
	struct pci_func vf;
	struct vfio_dev *v;
	uint32_t eqc;

	unbound(role, &vf);
	check_eq(vfio_pci_bar2_size(&vf), FULL, "BAR2 under vfio-pci");
	log_mark(&log);
	v = rig_open(role, 0);
	check_err(vfio_dev_migration_flags(v), -ENOTTY);
	check_err(mig_get_state(v), -ENOTTY);
	check_err(mig_set_state(v, MIG_STOP, NULL), -ENOTTY);
	check_region(v, FULL);
	check_err(vfio_dev_pread(v, HALF, &eqc, 4), 4);
	rig_finish(rig_guest(v, JOBS));
	check_ok(vfio_dev_reset(v));
	rig_finish(rig_guest(v, JOBS));
	check_eq(count_lines(&log, &vf, "no migration: " REASON), 1,
		 "lines in the log that say why");
}

static void moves_if_half_fits(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;

	if (half_can_be_mapped())
		check_moves(role);
	else
		check_not_offered(role);
}

/* There and back between V3 and a V4 that looks like it. */
static void check_view_moves(enum rig_role role)
{
	struct vfio_dev *old = rig_open(RIG_V3, 0), *new = rig_open(role, 0);
	struct mig_stream stream;
	struct job_guest *z;

	check_region(new, HALF);
	z = rig_busy_guest(old, JOBS);
	rig_move(z, new, &stream, NULL);
	rig_run(z, z->finished + JOBS / 4);
	rig_more_jobs(z, JOBS / 4);
	rig_move(z, old, &stream, NULL);
	rig_finish(z);
}

static void check_view_refused(enum rig_role role)
{
	static struct klog log;
	struct pci_func vf;

	unbound(role, &vf);
	log_mark(&log);
	check_err(pci_bind(&vf, MODULE_VFIO_NAME), -EOPNOTSUPP);
	check_eq(count_lines(&log, &vf, "guest_view=v3 refused: " REASON), 1,
		 "lines in the log that say why");
	/* Not foreign to V3, so nothing to refuse there. */
	check_region(rig_open(RIG_V3, 0), FULL);
}

static void view_if_half_fits(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;

	rig_use_module(MODULE_OURS, "guest_view=v3");
	if (half_can_be_mapped())
		check_view_moves(role);
	else
		check_view_refused(role);
}

static void own_select(const void *arg)
{
	(void)arg;
	rig_use_module(MODULE_OURS, "select_bit=own");
	check_move(rig_open(RIG_V4_CLEAR, 0), rig_open(RIG_V4_CLEAR, 1));
}

static void select_back(void *arg)
{
	oracle_set(arg, KPO_SELECT, 1);
}

/* Bound under PF control, opened under VF control. */
static void lost_before_open(const void *arg)
{
	bool fits = half_can_be_mapped();
	struct pci_func vf;
	struct vfio_dev *v;

	(void)arg;
	rig_vf(RIG_V4, 0, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	tap_defer(select_back, (void *)rig_pf(RIG_V4));
	oracle_set(rig_pf(RIG_V4), KPO_SELECT, 0);
	v = rig_open(RIG_V4, 0);
	check(!vfio_dev_migration_flags(v) == !fits, "migration flags");
	check_err(mig_set_state(v, MIG_STOP, NULL), fits ? 0 : -ENOTTY);
	check_region(v, fits ? HALF : FULL);
	check_ok(vfio_dev_reset(v));
	rig_finish(rig_guest(v, JOBS));
	vfio_dev_close(v);
	select_back((void *)rig_pf(RIG_V4));
	check_moves(RIG_V4);
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v4_clear = RIG_V4_CLEAR;

const struct tap_test sys_pages_tests[] = {
	{ "a V4 VF moves at work with any page size", moves, &v4 },
	{ "a V3 VF moves if half of BAR2 can be mapped, else the log says why not",
	  moves_if_half_fits, &v3 },
	{ "a V4 VF with the select bit clear moves if half of BAR2 can be mapped",
	  moves_if_half_fits, &v4_clear },
	{ "guest_view=v3 goes to V4 and back if half can be mapped, else is refused",
	  view_if_half_fits, &v4 },
	{ "select_bit=own makes a V4 VF migratable with any page size", own_select,
	  NULL },
	{ "a V4 VF that has lost PF control at open migrates if half can be mapped",
	  lost_before_open, NULL },
	{ NULL, NULL, NULL },
};
