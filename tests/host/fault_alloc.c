// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation of an arc, a bind, an open fails in turn: an errno, the old
 * state, nothing leaked (which is kmemleak's to say), and it goes well after.
 *
 * At bind and open only what is allocated under this module fails, and not what
 * vfio-pci's core allocates for it: there 6.12's own vfio_group_release() warns
 * and its vfio_config_free() frees twice, neither of which a driver can help.
 */
#include <errno.h>
#include <unistd.h>

#include "failslab.h"
#include "rig.h"
#include "suites.h"

#define JOBS		40
#define ALLOCS_MAX	100	/* no arc has more */

static void disarm(void *arg)
{
	(void)arg;
	failslab_arm(0);
}

/* The arc with its nth allocation failing; has it failed? */
static bool strike(struct vfio_dev *v, int from, int to, int nth, int *err)
{
	bool struck;
	int fd;

	check_ok(failslab_arm(nth));
	*err = mig_set_state(v, to, &fd);
	struck = failslab_struck();
	if (fd >= 0)
		close(fd);
	check(!*err || *err == -ENOMEM, "%s to %s: %s", mig_state_name(from),
	      mig_state_name(to), tap_errno(*err));
	check(!*err || struck, "%s to %s: ENOMEM, with memory",
	      mig_state_name(from), mig_state_name(to));
	rig_check_state(v, *err ? from : to);
	return struck;
}

static void back(struct vfio_dev *v, int from, int to)
{
	if (to == MIG_RESUMING)
		check_ok(vfio_dev_reset(v));
	check_ok(mig_set_state(v, from, NULL));
}

static void sweep(struct vfio_dev *v, int from, int to)
{
	int nth = 1, failed = 0, err;
	bool struck;

	check_ok(mig_set_state(v, from, NULL));
	do {
		struck = strike(v, from, to, nth, &err);
		if (err)
			failed++;
		else
			back(v, from, to);
	} while (struck && nth++ < ALLOCS_MAX);
	check(!struck, "no end of allocations");
	check(failed, "%s to %s allocates nothing", mig_state_name(from),
	      mig_state_name(to));
}

static void arcs_without_memory(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	(void)arg;
	if (failslab_setup())
		tap_skip("the kernel has no CONFIG_FAILSLAB");
	tap_defer(disarm, NULL);
	sweep(v, MIG_STOP, MIG_STOP_COPY);
	sweep(v, MIG_RUNNING, MIG_PRE_COPY);
	rig_finish(z);
	sweep(v, MIG_STOP, MIG_RESUMING);
	check_ok(vfio_dev_reset(v));
	rig_finish(rig_guest(v, JOBS));
}

static void all_of_them(void *arg)
{
	(void)arg;
	failslab_only(NULL, NULL);
}

static void only_ours(void)
{
	if (failslab_setup())
		tap_skip("the kernel has no CONFIG_FAILSLAB");
	tap_defer(all_of_them, NULL);
	tap_defer(disarm, NULL);
	rig_load_module();
	if (failslab_only(MODULE_VFIO_NAME, "vfio_pci_core"))
		tap_skip("the kernel can't tell allocations by their callers");
}

/* What is bound all the same lacks nothing. */
static void check_migratable(const struct pci_func *vf)
{
	struct vfio_dev v;
	int64_t flags;

	check_ok(vfio_dev_open(&v, vf));
	flags = vfio_dev_migration_flags(&v);
	vfio_dev_close(&v);
	check(flags > 0, "bound without migration: %s", tap_errno(flags));
}

/* The first VF: its PF is not known yet. */
static void bind_without_memory(const void *arg)
{
	int nth = 1, failed = 0, ret;
	struct pci_func vf;
	bool struck;

	only_ours();
	rig_vf(*(const enum rig_role *)arg, 0, &vf);
	do {
		check_ok(pci_unbind(&vf));
		check_ok(pci_write(vf.bdf, "driver_override", MODULE_VFIO_NAME));
		check_ok(failslab_arm(nth));
		sysfs_write("/sys/bus/pci/drivers_probe", vf.bdf);
		struck = failslab_struck();
		ret = pci_bound(&vf, MODULE_VFIO_NAME) ? 0 : -ENODEV;
		check(!ret || struck, "not bound, with memory");
		if (ret)
			failed++;
		else
			check_migratable(&vf);
	} while (struck && nth++ < ALLOCS_MAX);
	check(!struck, "no end of allocations");
	check(failed > 1, "%d of %d allocations are needed to bind", failed, nth - 1);
	tap_note("%d allocations at bind, %d of them needed", nth - 1, failed);
	rig_finish(rig_guest(rig_open(*(const enum rig_role *)arg, 0), JOBS));
}

static void open_without_memory(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	int nth = 1, failed = 0, ret;
	struct pci_func vf;
	struct vfio_dev v;
	bool struck;

	only_ours();
	rig_vf(role, 0, &vf);
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	do {
		check_ok(failslab_arm(nth));
		ret = vfio_dev_open(&v, &vf);
		struck = failslab_struck();
		check(!ret || ret == -ENOMEM, "open: %s", tap_errno(ret));
		check(!ret || struck, "open: ENOMEM, with memory");
		if (ret) {
			failed++;
			continue;
		}
		/* kmemleak's own have a reserve. */
		check(vfio_dev_migration_flags(&v) > 0, "no migration");
		vfio_dev_close(&v);
	} while (struck && nth++ < ALLOCS_MAX);
	check(!struck, "no end of allocations");
	check(failed, "nothing is allocated at open");
	tap_note("%d allocations at open, %d of them needed", nth - 1, failed);
	rig_finish(rig_guest(rig_open(role, 0), JOBS));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test fault_alloc_tests[] = {
	{ "arcs that hand out a data fd survive each allocation's failure",
	  arcs_without_memory, NULL },
	{ "bind survives each of the module's allocations' failure (V3)",
	  bind_without_memory, &v3 },
	{ "bind survives each of the module's allocations' failure (V4)",
	  bind_without_memory, &v4 },
	{ "open survives each of the module's allocations' failure (V3)",
	  open_without_memory, &v3 },
	{ "open survives each of the module's allocations' failure (V4)",
	  open_without_memory, &v4 },
	{ NULL, NULL, NULL },
};
