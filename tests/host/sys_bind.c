// SPDX-License-Identifier: GPL-2.0-only
/*
 * What a VF is bound to, and when: a PF driver that is still starting, a PF that is
 * bound to us itself, a VF that can't be migrated when it is opened.
 */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <linux/vfio.h>

#include "rig.h"
#include "suites.h"

#define JOBS		24
#define VFS		"3"
#define START_MS	60000	/* no PF driver takes longer, on any machine */

/* Loads the PF driver, which makes VFs as it goes. */
struct starter {
	pthread_t thread;
	bool ended;		/* set and read atomically */
	int ret;
};

/* A test that fails is left by a jump: what others use outlives it, and ends in order. */
static struct starter starter;
static struct vfio_dev starting_vf = {
	.container = -1, .group = -1, .device = -1, .irq = { -1, -1, -1, -1 },
};

static void *start_pf_driver(void *arg)
{
	struct starter *s = arg;

	s->ret = module_load_with("hisi_zip", "vfs_num=" VFS);
	__atomic_store_n(&s->ended, true, __ATOMIC_RELEASE);
	return NULL;
}

static void pf_driver_as_before(void *arg)
{
	int role;

	(void)arg;
	vfio_dev_close(&starting_vf);
	pthread_join(starter.thread, NULL);
	for (role = 0; role < RIG_ROLES; role++)
		if (rig_has(role))
			pci_set_vfs(rig_pf(role), 0);
	module_unload("hisi_zip");
	check_ok(module_load("hisi_zip"));
}

static bool is_coming(void)
{
	char state[32] = "";

	return !sysfs_read("/sys/module/hisi_zip/initstate", state, sizeof(state)) &&
	       !strcmp(state, "coming");
}

/* Binds the first VF that is there, as udev would. */
static void bind_meanwhile(const struct pci_func *pf, struct pci_func *vf)
{
	int ms, ret;

	for (ms = 0; pci_get_vf(pf, 0, vf) && ms < START_MS; ms++)
		usleep(1000);
	/* The PF driver takes its VFs, too, and may be just about to. */
	do {
		ret = pci_bind(vf, MODULE_VFIO_NAME);
	} while ((ret == -ENODEV || ret == -EBUSY || ret == -EAGAIN) && ms++ < START_MS);
	check_ok(ret);
}

static void pf_driver_is_starting(const void *arg)
{
	const struct pci_func *pf = rig_pf(*(const enum rig_role *)arg);
	struct vfio_dev *v = &starting_vf;
	struct pci_func vf;
	bool coming;
	int role;

	rig_load_module();
	for (role = 0; role < RIG_ROLES; role++)
		if (rig_has(role))
			check_ok(pci_set_vfs(rig_pf(role), 0));
	check_ok(module_unload("hisi_zip"));
	check_ok(sysfs_write("/sys/bus/pci/drivers_autoprobe", "1"));
	starter.ended = false;
	check_ok(-pthread_create(&starter.thread, NULL, start_pf_driver, &starter));
	tap_defer(pf_driver_as_before, NULL);
	bind_meanwhile(pf, &vf);
	coming = is_coming();
	check_ok(vfio_dev_open(v, &vf));
	check(vfio_dev_migration_flags(v) > 0, "no migration");
	check_err(mig_get_state(v), MIG_RUNNING);
	while (!__atomic_load_n(&starter.ended, __ATOMIC_ACQUIRE))
		usleep(1000);
	check_ok(starter.ret);
	check(coming, "the PF driver was live before the VF was bound: nothing was tried");
	/* And after that, without anybody's help. */
	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
}

static void pf_back(void *arg)
{
	const struct pci_func *pf = arg;

	check_ok(pci_bind(pf, NULL));
	check_ok(pci_bind(pf, "hisi_zip"));
	check_ok(pci_write(pf->bdf, "driver_override", "\n"));
}

/* The whole PF goes to a guest: no migration, and none of the VFs' code. */
static void pf_is_bound_to_us(const void *arg)
{
	const struct pci_func *pf = rig_pf(*(const enum rig_role *)arg);
	struct vfio_dev v;
	int i;

	rig_load_module();
	check_ok(pci_set_vfs(pf, 0));
	tap_defer(pf_back, (void *)pf);
	check_ok(pci_bind(pf, MODULE_VFIO_NAME));
	for (i = 0; i < 2; i++) {
		check_ok(vfio_dev_open(&v, pf));
		check_err(vfio_dev_migration_flags(&v), -ENOTTY);
		check_err(mig_set_state(&v, MIG_STOP, NULL), -ENOTTY);
		check_ok(vfio_dev_reset(&v));
		check_ok(pci_write(pf->bdf, "reset", "1"));
		vfio_dev_close(&v);
		check_ok(pci_write(pf->bdf, "reset", "1"));
	}
}

/* Bound as one that can be migrated, and opened while its PF does not answer. */
static void features_tell_the_truth(const void *arg)
{
	static const struct oracle_fault gone = { .kind = KPO_F_ALL_ONES };
	enum rig_role role = *(const enum rig_role *)arg;
	struct pci_func vf;
	struct vfio_dev v;
	int round;

	rig_vf(role, 0, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	rig_fault(rig_pf(role), &gone);
	check_ok(vfio_dev_open(&v, &vf));
	for (round = 0; round < 2; round++) {
		struct vfio_device_feature_mig_data_size size;

		check_err(vfio_dev_migration_flags(&v), 0);
		check_err(mig_get_state(&v), -ENOTTY);
		check_err(mig_set_state(&v, MIG_STOP, NULL), -ENOTTY);
		check_err(vfio_dev_feature(&v, VFIO_DEVICE_FEATURE_GET |
					   VFIO_DEVICE_FEATURE_MIG_DATA_SIZE, &size,
					   sizeof(size)), -ENOTTY);
		/* As long as it is open, whatever becomes of the PF. */
		oracle_disarm(rig_pf(role));
		check_ok(vfio_dev_reset(&v));
	}
	vfio_dev_close(&v);
	rig_finish(rig_guest(rig_open(role, 0), JOBS));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_bind_tests[] = {
	{ "a V3 VF that is bound while its PF driver is starting can be migrated",
	  pf_driver_is_starting, &v3 },
	{ "a V4 VF that is bound while its PF driver is starting can be migrated",
	  pf_driver_is_starting, &v4 },
	{ "a V3 PF is opened, reset and closed as under plain vfio-pci", pf_is_bound_to_us, &v3 },
	{ "a V4 PF is opened, reset and closed as under plain vfio-pci", pf_is_bound_to_us, &v4 },
	{ "a V4 VF that can't be migrated says so as long as it is open",
	  features_tell_the_truth, &v4 },
	{ NULL, NULL, NULL },
};
