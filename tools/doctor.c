// SPDX-License-Identifier: GPL-2.0-only
/*
 * The doctor command: is this host ready, and if not, what is missing. Each
 * check finds one thing or several: good, noteworthy, or in the way.
 */
#include <dirent.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "facts.h"
#include "modfile.h"
#include "tool.h"
#include "vfio.h"

enum level {
	GOOD,
	NOTE,
	BAD,
};

static const char *const level_names[] = {
	[GOOD] = "ok",
	[NOTE] = "note",
	[BAD] = "bad",
};

struct doctor {
	struct accels accels;
	struct utsname host;
	bool json;
	bool probe;
	bool named;		/* devices were */
	json_t *findings;
	int bad;
};

/* An id says what was found, for scripts: it never changes. */
static void find(struct doctor *d, enum level level, const char *id, const char *what,
		 const char *fmt, ...)
	__attribute__((format(printf, 5, 6)));

static void find(struct doctor *d, enum level level, const char *id, const char *what,
		 const char *fmt, ...)
{
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	d->bad += level == BAD;
	if (d->json)
		json_array_append_new(d->findings,
				      json_pack("{s:s, s:s, s:s, s:s}", "id", id, "level",
						level_names[level], "what", what, "text", text));
	else
		printf("%-4s  %-14s  %s\n", level_names[level], what, text);
}

static void check_kernel(struct doctor *d)
{
	unsigned int major = 0, minor = 0;

	if (strcmp(d->host.machine, "aarch64"))
		find(d, BAD, "machine.foreign", "machine", "%s; the accelerators are part of arm64 chips",
		     d->host.machine);
	else
		find(d, GOOD, "machine.ok", "machine", "%s, pages of %ld KiB", d->host.machine,
		     sysconf(_SC_PAGESIZE) / 1024);
	sscanf(d->host.release, "%u.%u", &major, &minor);
	if (major < 6 || (major == 6 && minor < 1))
		find(d, BAD, "kernel.old", "kernel", "%s; 6.1 is the oldest that will do", d->host.release);
	else if (major == 6 && minor == 1)
		find(d, NOTE, "kernel.no-precopy", "kernel",
		     "%s knows no pre-copy of device state: a destination that does not fit says so only after the VM has stopped",
		     d->host.release);
	else
		find(d, GOOD, "kernel.ok", "kernel", "%s", d->host.release);
}

static bool pf_is_good(const struct pf *pf)
{
	return pf->revision >= QM_REVISION_V3 && pf->vfs &&
	       !strcmp(pf->driver, pf->engine->pf_driver);
}

/* bad: what it is to lack something that another one has not */
static void check_pf(struct doctor *d, const struct pf *pf, enum level bad)
{
	char version[8];
	const char *hw = qm_version(pf->revision, version, sizeof(version));

	if (pf->revision < QM_REVISION_V3)
		find(d, bad, "pf.old", "accelerator", "%s: %s %s; migration takes V3 or newer", pf->bdf,
		     pf->engine->name, hw);
	else if (!*pf->driver)
		find(d, bad, "pf.no-driver", "accelerator", "%s: %s %s has no driver; modprobe %s", pf->bdf,
		     pf->engine->name, hw, pf->engine->pf_module);
	else if (strcmp(pf->driver, pf->engine->pf_driver))
		find(d, bad, "pf.other-driver", "accelerator", "%s: %s %s has driver %s; migration takes %s",
		     pf->bdf, pf->engine->name, hw, pf->driver, pf->engine->pf_driver);
	else if (!pf->vfs)
		find(d, NOTE, "pf.no-vfs", "accelerator", "%s: %s %s has no VFs; echo 2 > " PCI_DEVICES "/%s/sriov_numvfs",
		     pf->bdf, pf->engine->name, hw, pf->bdf);
	else
		find(d, GOOD, "pf.ok", "accelerator", "%s: %s %s, %d of %d VFs made", pf->bdf,
		     pf->engine->name, hw, pf->vfs, pf->vfs_max);
}

static void check_accelerators(struct doctor *d)
{
	enum level bad = BAD;
	char none[320];
	size_t i;

	/* Who names devices wants them all. */
	for (i = 0; !d->named && i < d->accels.nr_pfs; i++)
		if (pf_is_good(&d->accels.pfs[i]))
			bad = NOTE;
	for (i = 0; i < d->accels.nr_pfs; i++)
		check_pf(d, &d->accels.pfs[i], bad);
	if (!d->accels.nr_vfs)
		find(d, BAD, "vf.none", "accelerator", "%s",
		     accels_none(&d->accels, none, sizeof(none)));
}

/* Entries of a directory, less the dot ones; -1: there is none. */
static int count_entries(const char *path)
{
	struct dirent *entry;
	DIR *dir = opendir(path);
	int count = 0;

	if (!dir)
		return -1;
	while ((entry = readdir(dir)))
		count += *entry->d_name != '.';
	closedir(dir);
	return count;
}

static void check_iommu(struct doctor *d)
{
	const struct vf *lost = NULL, *shared = NULL;
	char path[128];
	size_t i;

	if (count_entries("/sys/class/iommu") <= 0) {
		find(d, BAD, "iommu.none", "IOMMU",
		     "there is none; switch the SMMU on in the firmware, and take a kernel with CONFIG_ARM_SMMU_V3");
		return;
	}
	for (i = 0; i < d->accels.nr_vfs; i++) {
		const struct vf *vf = &d->accels.vfs[i];

		snprintf(path, sizeof(path), "/sys/kernel/iommu_groups/%d/devices", vf->group);
		if (vf->group < 0)
			lost = vf;
		else if (count_entries(path) > 1)
			shared = vf;
	}
	if (lost)
		find(d, BAD, "iommu.no-group", "IOMMU", "VF %s has no group: the IOMMU does not cover it", lost->bdf);
	else if (shared)
		find(d, NOTE, "iommu.shared-group", "IOMMU",
		     "VF %s shares group %d with other devices: they can't be given to different VMs",
		     shared->bdf, shared->group);
	else
		find(d, GOOD, "iommu.ok", "IOMMU", "on, each VF has a group of its own");
}

static void check_vfio(struct doctor *d)
{
	bool group = !access("/dev/vfio/vfio", F_OK);
	bool iommufd = !access("/dev/iommu", F_OK);

	if (!group && !iommufd)
		find(d, BAD, "vfio.none", "VFIO", "neither /dev/vfio/vfio nor /dev/iommu is there; modprobe vfio_iommu_type1");
	else
		find(d, GOOD, "vfio.ok", "VFIO", "%s%s%s", group ? "/dev/vfio/vfio (container)" : "",
		     group && iommufd ? ", " : "", iommufd ? "/dev/iommu (iommufd)" : "");
	if (access("/dev/kvm", F_OK))
		find(d, NOTE, "kvm.none", "KVM", "/dev/kvm is not there: VMs run without it, if at all, slowly");
	else
		find(d, GOOD, "kvm.ok", "KVM", "/dev/kvm");
}

static void check_module_file(struct doctor *d, enum module_kind loaded)
{
	char path[256];
	enum module_kind kind = modfile_find(d->host.release, path, sizeof(path));

	if (kind == MODULE_NONE && loaded == MODULE_NONE)
		find(d, BAD, "module.not-installed", "module", DRIVER_NAME " is not installed for this kernel");
	else if (kind == MODULE_NONE)
		find(d, NOTE, "module.not-found", "module", "it is loaded, but modprobe would not find it: install it, and run depmod");
	else if (modfile_is_weak(path))
		find(d, BAD, "module.weak", "module",
		     "modprobe would take %s, which was built for another kernel: build the module for %s, and delete that link",
		     path, d->host.release);
	else if (loaded != MODULE_NONE && kind != loaded)
		find(d, NOTE, "module.other-loaded", "module",
		     "modprobe would take the %s one, %s, but the other one is loaded: unbind all VFs, rmmod " DRIVER_NAME ", modprobe " DRIVER_NAME,
		     module_kind_name(kind), path);
	else
		find(d, kind == MODULE_OURS ? GOOD : NOTE, "module.file", "module", "modprobe takes the %s one, %s",
		     module_kind_name(kind), path);
}

static void check_module(struct doctor *d)
{
	enum module_kind loaded = module_loaded();
	char view[WORD_MAX] = "", select[WORD_MAX] = "";

	switch (loaded) {
	case MODULE_NONE:
		find(d, NOTE, "module.not-loaded", "module", "not loaded; hisi-acc-mig bind does that");
		break;
	case MODULE_IN_TREE:
		find(d, NOTE, "module.in-tree", "module",
		     "the in-tree one is loaded: no P2P, so a VM with two VFIO devices can't be migrated, and queues stay stopped after a cancelled migration");
		break;
	case MODULE_OURS:
		file_read("/sys/module/" DRIVER_NAME "/parameters/guest_view", view, sizeof(view));
		file_read("/sys/module/" DRIVER_NAME "/parameters/select_bit", select,
			  sizeof(select));
		find(d, GOOD, "module.loaded", "module", "the out-of-tree one is loaded, guest_view=%s, select_bit=%s",
		     view, select);
		break;
	}
	check_module_file(d, loaded);
}

static void check_vfs(struct doctor *d)
{
	const struct vf *clear = NULL;
	size_t i, good = 0, unknown = 0;
	struct facts f;

	for (i = 0; i < d->accels.nr_vfs; i++) {
		const struct vf *vf = &d->accels.vfs[i];

		facts_get(vf, &f);
		if (f.migratable == ANSWER_YES)
			good++;
		else if (f.migratable == ANSWER_UNKNOWN)
			unknown++;
		else if (f.migratable == ANSWER_NO && *vf->driver)
			find(d, NOTE, "vf.not-migratable", "VF", "%s can't be migrated: %s", vf->bdf, f.why_not);
		if (vf->revision > QM_REVISION_V3 && !strcmp(f.control, "VF"))
			clear = vf;
	}
	if (!good && unknown)
		find(d, NOTE, "vf.unknown", "VF", "%zu of %zu are bound; whether they can be migrated is unknown: %s",
		     unknown, d->accels.nr_vfs,
		     geteuid() ? "run this as root" : "hisi-acc-mig status --probe asks those that nobody uses");
	else if (d->accels.nr_vfs)
		find(d, good ? GOOD : BAD, "vf.migratable", "VF", "%zu of %zu are bound and can be migrated%s", good,
		     d->accels.nr_vfs, good ? "" : "; hisi-acc-mig bind all, and see hisi-acc-mig status");
	if (clear)
		find(d, NOTE, "vf.select-clear", "VF",
		     "%s is newer than V3, but its PF driver has not set the select bit: its guest sees half of BAR2, as on V3; select_bit=own changes that",
		     clear->bdf);
}

static void check_debugfs(struct doctor *d)
{
	if (geteuid())
		find(d, NOTE, "debugfs.not-root", "debugfs", "not looked at; run this as root");
	else if (access("/sys/kernel/debug/vfio", F_OK))
		find(d, NOTE, "debugfs.none", "debugfs",
		     "no /sys/kernel/debug/vfio: debugfs is not mounted, VFIO not loaded, or the kernel has no CONFIG_VFIO_DEBUGFS; a VF in use can't be looked into");
	else
		find(d, GOOD, "debugfs.ok", "debugfs", "/sys/kernel/debug/vfio");
}

/* Asks the IOMMU by way of a VF that nobody uses. */
static void check_tracking(struct doctor *d)
{
	struct facts f;
	struct vfio v;
	char who[128];
	bool tracks;
	size_t i;
	int ret;

	if (!d->probe) {
		find(d, NOTE, "tracking.not-asked", "dirty tracking",
		     "not asked for: that takes opening a VF that nobody uses, which --probe does");
		return;
	}
	for (i = 0; i < d->accels.nr_vfs; i++) {
		const struct vf *vf = &d->accels.vfs[i];

		facts_get(vf, &f);
		if (f.migratable == ANSWER_NO || vfio_in_use(vf, who, sizeof(who)) ||
		    vfio_open(&v, vf, VIA_IOMMUFD))
			continue;
		ret = vfio_iommu_tracks(&v, &tracks);
		vfio_close(&v);
		if (ret)
			find(d, NOTE, "tracking.no-answer", "dirty tracking", "this kernel's iommufd can't say: %s",
			     strerror(-ret));
		else if (tracks)
			find(d, NOTE, "tracking.yes", "dirty tracking",
			     "the IOMMU has it, by iommufd; but Linux 6.12 and 7.3 lose writes behind an SMMU unless they are patched, and a host can't tell: see docs/kernel-patches. If you are not sure, use a container, without iommufd");
		else
			find(d, NOTE, "tracking.no", "dirty tracking", "the IOMMU has none");
		return;
	}
	find(d, NOTE, "tracking.unknown", "dirty tracking", "unknown: no VF that could be asked is bound and free");
}

static void say_qemu(struct doctor *d)
{
	const char *vf = d->accels.nr_vfs ? d->accels.vfs[0].bdf : "0000:75:00.1";

	find(d, GOOD, "qemu.type1", "QEMU", "-device vfio-pci,host=%s,enable-migration=on,x-pre-copy-dirty-page-tracking=off",
	     vf);
	find(d, GOOD, "qemu.enable-migration", "QEMU", "enable-migration=on: by itself QEMU migrates a VF only if the IOMMU tracks what devices write");
	find(d, GOOD, "qemu.precopy", "QEMU", "x-pre-copy-dirty-page-tracking=off: the container calls all pinned memory dirty, and pre-copy would not converge");
	find(d, GOOD, "qemu.iommufd", "QEMU", "-object iommufd,id=iommufd0 -device vfio-pci,host=%s,iommufd=iommufd0: if the IOMMU has dirty tracking and the kernel is patched; the VM stands still for less time",
	     vf);
	find(d, GOOD, "qemu.no-iommufd", "QEMU", "no iommufd without both: QEMU then does not send again what the device has written");
}

int cmd_doctor(const struct options *o)
{
	static void (*const checks[])(struct doctor *d) = {
		check_kernel, check_accelerators, check_iommu, check_vfio, check_module,
		check_vfs, check_debugfs, check_tracking, say_qemu,
	};
	struct doctor d = {
		.json = o->json,
		.probe = o->probe,
		.named = o->nargs,
	};
	size_t i;
	int ret;

	uname(&d.host);
	accels_find(&d.accels);
	ret = accels_select_pfs(&d.accels, o->args, o->nargs);
	if (ret) {
		accels_free(&d.accels);
		return ret;
	}
	d.findings = json_array();
	for (i = 0; i < ARRAY_SIZE(checks); i++)
		checks[i](&d);
	accels_free(&d.accels);
	if (d.json) {
		print_json(json_pack("{s:b, s:o}", "ready", !d.bad, "findings", d.findings));
	} else {
		json_decref(d.findings);
		if (d.bad)
			printf("not ready: %d bad\n", d.bad);
		else
			printf("ready\n");
	}
	return d.bad ? EXIT_NO : EXIT_YES;
}
