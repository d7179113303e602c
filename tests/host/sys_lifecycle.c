// SPDX-License-Identifier: GPL-2.0-only
/*
 * Coming and going: data fds that outlive the device, drivers that leave while
 * a migration is under way, PF drivers that are not there, iommufd.
 */
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "blocked.h"
#include "rig.h"
#include "suites.h"

#define JOBS	60

static void close_fd(int fd)
{
	if (fd >= 0)
		close(fd);
}

static void close_with_data_fd(const void *arg)
{
	int i;
	int fd;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++) {
		struct vfio_dev *v = rig_in_state(rig_states[i], &fd);

		vfio_dev_close(v);
		rig_check_fd_dead(rig_states[i], fd);
		close_fd(fd);
		v = rig_open(RIG_V3, 0);
		rig_finish(rig_guest(v, JOBS));
		vfio_dev_close(v);
	}
}

struct unbinder {
	pthread_t thread;
	pid_t tid;
	struct pci_func func;
};

static void *unbind_run(void *arg)
{
	struct unbinder *u = arg;

	blocked_here(&u->tid);
	return (void *)(long)pci_unbind(&u->func);
}

/* Unbinding waits for the last close, whatever the device is doing. */
static void check_unbind_in(int state)
{
	static struct unbinder u;	/* of a thread that may wait for good */
	struct vfio_dev *v;
	void *ret;
	int fd;

	v = rig_in_state(state, &fd);
	u = (struct unbinder){ .func = v->func };
	check_ok(-pthread_create(&u.thread, NULL, unbind_run, &u));
	check(blocked_in(&u.tid, SYS_write, RIG_PATIENCE_MS), "unbind does not wait");
	usleep(50000);
	check(pthread_tryjoin_np(u.thread, &ret) == EBUSY,
	      "unbind did not wait for the device to be closed");
	rig_check_state(v, state);
	vfio_dev_close(v);
	pthread_join(u.thread, &ret);
	check_err((long)ret, 0);
	rig_check_fd_dead(state, fd);
	close_fd(fd);
}

static void unbind_in_each_state(const void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++)
		check_unbind_in(rig_states[i]);
	rig_finish(rig_guest(rig_open(RIG_V3, 0), JOBS));
}

static void check_rmmod_in(int state)
{
	struct vfio_dev *v;
	int fd;

	v = rig_in_state(state, &fd);
	check_err(module_unload(MODULE_VFIO_NAME), -EAGAIN);
	vfio_dev_close(v);
	if (fd >= 0) {
		/* The code behind the fd has to stay as long as the fd does. */
		usleep(50000);
		check_err(module_unload(MODULE_VFIO_NAME), -EAGAIN);
		rig_check_fd_dead(state, fd);
		close(fd);
	}
	rig_unload_module();
	check(!pci_bound(&v->func, MODULE_VFIO_NAME), "still bound");
}

static void rmmod_in_each_state(const void *arg)
{
	int i;

	(void)arg;
	for (i = 0; i < rig_nr_states(); i++)
		check_rmmod_in(rig_states[i]);
	rig_finish(rig_guest(rig_open(RIG_V3, 0), JOBS));
}

/* The record outlives its device and its driver. */
static void stream_outlives_source(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	struct pci_func func = from->func;

	(void)arg;
	check_ok(mig_save(from, &stream, NULL));
	qm_guest_move(&z->qm, to);
	vfio_dev_close(from);
	check_ok(pci_unbind(&func));
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void close_iommufd(void *arg)
{
	vfio_dev_close(arg);
}

static void moves_by_iommufd(const void *arg)
{
	static struct vfio_dev from, to;
	struct mig_stream stream;
	struct pci_func vf[2];
	struct job_guest *z;
	struct vfio_dev *const devs[] = { &from, &to };
	int i;

	(void)arg;
	if (access("/dev/iommu", F_OK))
		tap_skip("the kernel has no iommufd");
	rig_load_module();
	for (i = 0; i < 2; i++) {
		rig_vf(RIG_V3, i, &vf[i]);
		check_ok(pci_bind(&vf[i], MODULE_VFIO_NAME));
		check_ok(vfio_dev_open_iommufd(devs[i], &vf[i]));
		tap_defer(close_iommufd, devs[i]);
		check_ok(vfio_dev_add_ram(devs[i], JOB_GUEST_IOVA,
					  JOB_GUEST_RAM));
	}
	z = rig_busy_guest(&from, JOBS);
	rig_move(z, &to, &stream, NULL);
	rig_finish(z);
}

static void one_engine_is_enough(const void *arg)
{
	struct vfio_dev *v;

	(void)arg;
	check_ok(module_unload("hisi_sec2"));
	check_ok(module_unload("hisi_hpre"));
	rig_unload_module();
	v = rig_open(RIG_V3, 0);
	check(!module_loaded("hisi_sec2") && !module_loaded("hisi_hpre"),
	      "the module has pulled in the drivers of other engines");
	check_ok(vfio_dev_migration_flags(v));
}

static void pf_driver_back(void *arg)
{
	const struct pci_func *pf = arg;

	check_ok(pci_set_vfs(pf, 0));
	check_ok(pci_bind(pf, NULL));
	check_ok(pci_bind(pf, "hisi_zip"));
	check_ok(pci_write(pf->bdf, "driver_override", "\n"));
}

/* VFs of a PF that some other driver runs: plain vfio-pci, and no crash. */
static void pf_driver_absent(const void *arg)
{
	const struct pci_func *pf = rig_pf(*(const enum rig_role *)arg);
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v;

	if (module_load("pci-pf-stub"))
		tap_skip("the kernel has no pci-pf-stub to make VFs without the PF driver");
	rig_load_module();
	check_ok(pci_set_vfs(pf, 0));
	tap_defer(pf_driver_back, (void *)pf);
	check_ok(pci_bind(pf, "pci-pf-stub"));
	rig_make_vfs(role, 2);
	v = rig_open(role, 1);
	check_err(vfio_dev_migration_flags(v), -ENOTTY);
	check_err(mig_get_state(v), -ENOTTY);
	check_err(mig_set_state(v, MIG_STOP, NULL), -ENOTTY);
	check_eq(v->bar2_size, 0x10000, "size of BAR2, as vfio-pci shows it");
	check_ok(vfio_dev_reset(v));
	vfio_dev_close(v);
}

/* A view that can't be kept up is refused, and the log says so. */
static void view_without_pf_driver(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V4);
	char line[KLOG_LINE_MAX];
	struct pci_func vf;
	struct klog log;
	bool said;

	(void)arg;
	if (module_load("pci-pf-stub"))
		tap_skip("the kernel has no pci-pf-stub to make VFs without the PF driver");
	rig_use_module(MODULE_OURS, "guest_view=v3");
	rig_load_module();
	check_ok(pci_set_vfs(pf, 0));
	tap_defer(pf_driver_back, (void *)pf);
	check_ok(pci_bind(pf, "pci-pf-stub"));
	rig_vf(RIG_V4, 0, &vf);
	check_ok(klog_mark(&log));
	check_err(pci_bind(&vf, MODULE_VFIO_NAME), -EOPNOTSUPP);
	said = klog_find_last(&log, "guest_view=v3 refused: ", line, sizeof(line));
	klog_close(&log);
	check(said && strstr(line, vf.bdf), "the log does not say why");
}

/* The PF driver may go when no VF is in use, and nothing of ours holds it. */
static void pf_driver_unloads(const void *arg)
{
	struct pci_func vf;
	int role;

	(void)arg;
	rig_vf(RIG_V3, 0, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	for (role = 0; role < RIG_ROLES; role++)
		if (rig_has(role))
			check_ok(pci_set_vfs(rig_pf(role), 0));
	check_ok(module_unload("hisi_zip"));
	check_ok(module_load("hisi_zip"));
	rig_finish(rig_guest(rig_open(RIG_V3, 0), JOBS));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_lifecycle_tests[] = {
	{ "a data fd that outlives the open device gives ENODEV",
	  close_with_data_fd, NULL },
	{ "unbind in each state waits for the close and harms nothing",
	  unbind_in_each_state, NULL },
	{ "the module stays while device or data fd is open, in each state",
	  rmmod_in_each_state, NULL },
	{ "a stream is good when its source is gone", stream_outlives_source,
	  NULL },
	{ "a VF in an iommufd moves with jobs in flight", moves_by_iommufd, NULL },
	{ "the module needs no PF driver but that of its VF",
	  one_engine_is_enough, NULL },
	{ "a V3 VF whose PF driver is absent works as under plain vfio-pci",
	  pf_driver_absent, &v3 },
	{ "a V4 VF whose PF driver is absent works as under plain vfio-pci",
	  pf_driver_absent, &v4 },
	{ "guest_view=v3 is refused to a VF whose PF driver is absent",
	  view_without_pf_driver, NULL },
	{ "the PF driver can be unloaded and loaded again", pf_driver_unloads,
	  NULL },
	{ NULL, NULL, NULL },
};
