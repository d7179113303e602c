// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guests are to take a VF for, chosen for each VF: guest_view in sysfs.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

static const char *view_of(const struct pci_func *vf)
{
	static char view[16];
	char path[128];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/guest_view", vf->bdf);
	check_ok(sysfs_read(path, view, sizeof(view)));
	return view;
}

static void check_view(const struct pci_func *vf, const char *view)
{
	check(!strcmp(view_of(vf), view), "guest_view of %s is %s, should be %s", vf->bdf,
	      view_of(vf), view);
}

static void bind_vf(enum rig_role role, int n, struct pci_func *vf)
{
	rig_vf(role, n, vf);
	rig_load_module();
	check_ok(pci_bind(vf, MODULE_VFIO_NAME));
}

/* A host with VMs of both kinds: one VF looks like V3, its neighbour does not. */
static void one_vf_looks_like_v3(const void *arg)
{
	struct vfio_dev *old, *native;
	struct mig_stream stream;
	struct job_guest *z;
	struct pci_func vf;

	(void)arg;
	bind_vf(RIG_V4, 0, &vf);
	check_view(&vf, "native");
	check_ok(pci_write(vf.bdf, "guest_view", "v3"));
	check_view(&vf, "v3");
	old = rig_open(RIG_V4, 0);
	native = rig_open(RIG_V4, 1);
	check_eq(old->bar2_size, 0x8000, "BAR2 of the one that looks like V3");
	check_eq(native->bar2_size, 0x10000, "BAR2 of its neighbour");

	/* It takes a guest of V3, and gives it back. */
	z = rig_busy_guest(rig_open(RIG_V3, 0), JOBS);
	rig_move(z, old, &stream, NULL);
	rig_more_jobs(z, JOBS);
	check_ok(vfio_dev_reset(native));
	check_err(mig_load(native, &stream, NULL), -EOPNOTSUPP);
	rig_finish(z);
}

static void survives_being_bound_anew(const void *arg)
{
	struct vfio_dev *v;
	struct pci_func vf;

	(void)arg;
	bind_vf(RIG_V4, 0, &vf);
	check_ok(pci_write(vf.bdf, "guest_view", "v3"));
	/* As libvirt does for each VM. */
	check_ok(pci_unbind(&vf));
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	check_view(&vf, "v3");
	v = rig_open(RIG_V4, 0);
	check_eq(v->bar2_size, 0x8000, "BAR2");
	vfio_dev_close(v);
	rig_unload_module();
	bind_vf(RIG_V4, 0, &vf);
	check_view(&vf, "native");
}

static void is_not_changed_while_open(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);

	check_err(pci_write(v->func.bdf, "guest_view", "v3"), -EBUSY);
	check_view(&v->func, "native");
	vfio_dev_close(v);
	check_err(pci_write(v->func.bdf, "guest_view", "v2"), -EINVAL);
	check_ok(pci_write(v->func.bdf, "guest_view", "v3"));
	check_view(&v->func, "v3");
}

/* The module's parameter is the default, and no more. */
static void wins_over_the_parameter(const void *arg)
{
	struct pci_func vf;

	(void)arg;
	rig_use_module(MODULE_OURS, "guest_view=v3");
	bind_vf(RIG_V4, 0, &vf);
	check_view(&vf, "v3");
	check_ok(pci_write(vf.bdf, "guest_view", "native"));
	check_eq(rig_open(RIG_V4, 0)->bar2_size, 0x10000, "BAR2 of the one that is native");
	check_eq(rig_open(RIG_V4, 1)->bar2_size, 0x8000, "BAR2 of the others");
}

const struct tap_test sys_view_tests[] = {
	{ "guest_view of one VF makes it look like V3, and no other", one_vf_looks_like_v3, NULL },
	{ "guest_view of a VF survives that it is bound anew", survives_being_bound_anew, NULL },
	{ "guest_view of a V3 VF is not changed while it is open", is_not_changed_while_open,
	  &v3 },
	{ "guest_view of a V4 VF is not changed while it is open", is_not_changed_while_open,
	  &v4 },
	{ "guest_view of a VF wins over the module's", wins_over_the_parameter, NULL },
	{ NULL, NULL, NULL },
};
