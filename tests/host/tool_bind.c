// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig: binding VFs, and seeing what there is.
 */
#include <stdio.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "suites.h"
#include "tool.h"

/* All VFs of a role as new: without a driver, an override, or a past. */
static void fresh_vfs(enum rig_role role, struct pci_func *vf)
{
	int i;

	for (i = 0; i < RIG_VFS; i++)
		tool_vf(role, i, NULL, &vf[i]);
}

static void check_bound(const struct pci_func *vf, int count, bool bound)
{
	int i;

	for (i = 0; i < count; i++)
		check(pci_bound(&vf[i], MODULE_VFIO_NAME) == bound, "%s is %sbound",
		      vf[i].bdf, bound ? "not " : "");
}

/* The line of text that begins with this address. */
static const char *line_of(const struct program *p, const char *bdf)
{
	static char line[512];
	const char *at = strstr(p->out, bdf);

	check(at, "no line for %s: %s", bdf, p->both);
	snprintf(line, sizeof(line), "%.*s", (int)strcspn(at, "\n"), at);
	return line;
}

#define check_line(p, bdf, words)	\
	check(strstr(line_of(p, bdf), words), "no \"%s\" in: %s", words, line_of(p, bdf))

static void binds_one(const void *arg)
{
	struct pci_func vf[RIG_VFS];
	char override[64], path[128];

	(void)arg;
	fresh_vfs(RIG_V3, vf);
	expect(tool("bind", vf[0].bdf), YES, "bound to hisi_acc_vfio_pci\n");
	check_bound(vf, 1, true);
	check_bound(vf + 1, RIG_VFS - 1, false);
	expect(tool("bind", vf[0].bdf), YES, "already");
	check_bound(vf, 1, true);
	/* An address without its domain means the same. */
	expect(tool("bind", vf[1].bdf + 5), YES, vf[1].bdf);
	check_bound(vf, 2, true);

	expect(tool("unbind", vf[0].bdf), YES, "no driver any more");
	check_bound(vf, 1, false);
	check_bound(vf + 1, 1, true);
	expect(tool("unbind", vf[0].bdf), YES, "already");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", vf[0].bdf);
	check_ok(sysfs_read(path, override, sizeof(override)));
	check(!strcmp(override, "(null)"), "an override is left: %s", override);
}

static void binds_many(const void *arg)
{
	struct pci_func v3[RIG_VFS], v4[RIG_VFS];

	(void)arg;
	fresh_vfs(RIG_V3, v3);
	fresh_vfs(RIG_V4, v4);
	expect(tool("bind", rig_pf(RIG_V3)->bdf), YES, v3[2].bdf);
	check_bound(v3, RIG_VFS, true);
	check_bound(v4, RIG_VFS, false);
	expect(tool("bind", "all"), YES, v4[2].bdf);
	check_bound(v4, RIG_VFS, true);
	expect(tool("unbind", rig_pf(RIG_V4)->bdf, v3[0].bdf), YES, v3[0].bdf);
	check_bound(v4, RIG_VFS, false);
	check_bound(v3, 1, false);
	check_bound(v3 + 1, RIG_VFS - 1, true);
	expect(tool("unbind", "all"), YES, "no driver any more");
	check_bound(v3, RIG_VFS, false);
}

static void takes_from_another_driver(const void *arg)
{
	const struct program *p;
	struct pci_func vf;

	(void)arg;
	check_ok(module_load("vfio-pci"));
	tool_vf(RIG_V3, 0, "vfio-pci", &vf);
	p = tool("status", vf.bdf);
	expect(p, YES, "no: driver is vfio-pci");
	check(!strstr(p->out, "doctor --probe"), "it asks for more: %s", p->out);
	expect(tool("unbind", vf.bdf), YES, "has driver vfio-pci, left as it is");
	check(pci_bound(&vf, "vfio-pci"), "it was not left");
	expect(tool("save", "/tmp/none", vf.bdf), TROUBLE, "driver is vfio-pci");
	expect(tool("bind", vf.bdf), YES, "before to vfio-pci");
	check_bound(&vf, 1, true);
}

/* A VM would notice if its VF went. */
static void leaves_a_vf_in_use(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(v, 40);
	struct vfio_dev other;
	struct pci_func vf;

	(void)arg;
	expect(tool("unbind", v->func.bdf), TROUBLE, "in use by hacc-test (pid ");
	expect(tool("bind", v->func.bdf), YES, "already");
	rig_finish(z);
	vfio_dev_close(v);
	expect(tool("unbind", v->func.bdf), YES, "no driver any more");

	check_ok(module_load("vfio-pci"));
	tool_vf(RIG_V3, 1, "vfio-pci", &vf);
	check_ok(vfio_dev_open(&other, &vf));
	expect(tool("bind", vf.bdf), TROUBLE, "in use by hacc-test (pid ");
	check(pci_bound(&vf, "vfio-pci"), "it was taken all the same");
	vfio_dev_close(&other);
}

/* One that can't be bound does not keep the others from it. */
static void goes_on_after_trouble(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct pci_func vf;

	(void)arg;
	tool_vf(RIG_V3, 1, MODULE_VFIO_NAME, &vf);
	expect(tool("unbind", rig_pf(RIG_V3)->bdf), TROUBLE, v->func.bdf);
	check_bound(&v->func, 1, true);
	check_bound(&vf, 1, false);
}

static void needs_root_to_bind(const void *arg)
{
	struct pci_func vf[RIG_VFS];

	(void)arg;
	fresh_vfs(RIG_V3, vf);
	expect(tool_as(NOBODY, "bind", vf[0].bdf), TROUBLE, "run this as root");
	check_bound(vf, 1, false);
	expect(tool("bind", vf[0].bdf), YES, NULL);
	expect(tool_as(NOBODY, "unbind", vf[0].bdf), TROUBLE, "run this as root");
	check_bound(vf, 1, true);
}

static void needs_the_module(const void *arg)
{
	struct pci_func vf[RIG_VFS];

	(void)arg;
	fresh_vfs(RIG_V3, vf);
	rig_unload_module();
	expect(tool("bind", vf[0].bdf), TROUBLE, "modprobe does not load it");
	expect(tool("doctor"), NO, "is not installed for this kernel");
	check_bound(vf, 1, false);
}

/* Where this PATH does not lead. */
static void finds_modprobe(const void *arg)
{
	struct pci_func vf[RIG_VFS];
	const char *const command[] = {
		"env", "PATH=/nowhere", "/bin/hisi-acc-mig", "bind", vf[0].bdf, NULL
	};

	(void)arg;
	fresh_vfs(RIG_V3, vf);
	rig_unload_module();
	tool_fake_modprobe();
	expect(tool_run(0, command), TROUBLE, "modprobe does not load it");
	check(!access(TOOL_ASKED, F_OK), "modprobe was not asked");
}

static void names_what_is_no_vf(const void *arg)
{
	(void)arg;
	rig_make_vfs(RIG_V3, RIG_VFS);
	expect(tool("bind", "0000:7f:1f.7"), TROUBLE, "there is no such PCI device");
	expect(tool("bind", "0000:00:02.0"), TROUBLE, "this is no HiSilicon accelerator");
	expect(tool("bind", "75.00.1"), USAGE, "neither a PCI address");
	expect(tool("bind", "0000:75:00.1x"), USAGE, "neither a PCI address");
	expect(tool("caps", rig_pf(RIG_V3)->bdf), TROUBLE, "means 3 VFs");
	expect(tool("save", "/tmp/none", rig_pf(RIG_V3)->bdf), TROUBLE, "means 3 VFs");
	rig_make_vfs(RIG_V4, 0);
	expect(tool("bind", rig_pf(RIG_V4)->bdf), TROUBLE, "this PF has no VFs");
	rig_make_vfs(RIG_V3, 0);
	rig_make_vfs(RIG_V4_CLEAR, 0);
	expect(tool("status"), NO, "no accelerator VF: there are PFs (3), but none has VFs");
	expect(tool("status", "--json"), NO, "[]");
	expect(tool("bind", "all"), TROUBLE, "make some: echo 2 >");
	expect(tool("doctor"), NO, "has no VFs");
}

/* Refused by the module: back to what it was. */
static void restores_what_is_refused(const void *arg)
{
	struct oracle_fault busy = { .kind = KPO_F_ALL_ONES };
	struct pci_func vf;
	char override[64], path[128];

	(void)arg;
	check_ok(module_load("vfio-pci"));
	rig_use_module(MODULE_OURS, "guest_view=v3");
	tool_vf(RIG_V4, 0, "vfio-pci", &vf);
	rig_fault(rig_pf(RIG_V4), &busy);
	expect(tool("bind", vf.bdf), TROUBLE, "does not take it");
	oracle_disarm(rig_pf(RIG_V4));
	check(pci_bound(&vf, "vfio-pci"), "its driver is not back");
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/driver_override", vf.bdf);
	check_ok(sysfs_read(path, override, sizeof(override)));
	check(!strcmp(override, "vfio-pci"), "its override is %s", override);
}

static void shows_each_vf(const void *arg)
{
	struct pci_func v3[RIG_VFS], v4[RIG_VFS];
	const struct program *p;

	(void)arg;
	tool_need_debugfs();
	fresh_vfs(RIG_V3, v3);
	fresh_vfs(RIG_V4, v4);
	p = tool("status");
	expect(p, YES, "MIGRATION");
	check_line(p, v3[0].bdf, "ZIP");
	check_line(p, v3[0].bdf, "V3");
	check_line(p, v4[2].bdf, "V4");
	check_line(p, v4[2].bdf, "no: no driver; hisi-acc-mig bind");

	expect(tool("bind", v3[0].bdf, v4[0].bdf), YES, NULL);
	p = tool("status");
	expect(p, YES, "--probe opens those");
	check_line(p, v3[0].bdf, "hisi_acc_vfio_pci (out-of-tree)  VF       32K");
	check_line(p, v3[0].bdf, "  yes");
	check_line(p, v4[0].bdf, "hisi_acc_vfio_pci (out-of-tree)  PF       64K");
	check_line(p, v4[0].bdf, "  yes");

	/* Nobody has opened them yet. */
	p = tool("status", "--json", v3[0].bdf);
	expect(p, YES, "\"queue_pairs\": null");
	expect(p, YES, "\"in_use\": false");
	p = tool("status", "--json", "--probe", v3[0].bdf);
	expect(p, YES, "\"migratable\": true");
	check(!strstr(p->out, "null,\n    \"iommu_group\""), "no queue pairs: %s", p->both);
	check(!strstr(p->out, v3[1].bdf), "not the one that was asked for");
}

static void shows_a_vf_in_use(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V4, 0);
	struct job_guest *z = rig_busy_guest(v, 40);
	struct oracle_counts before, after;
	const struct program *p;
	char queues[64];

	(void)arg;
	tool_need_debugfs();
	snprintf(queues, sizeof(queues), "\"queue_pairs\": %u",
		 oracle_get(&v->func, KPO_VFT_NUM));
	oracle_counts(&v->func, &before);
	p = tool("status", "--probe", v->func.bdf);
	expect(p, YES, "yes, in use, state RUNNING");
	expect(p, YES, "hisi-acc-mig doctor --probe asks it");
	expect(tool("status", "--json", v->func.bdf), YES, queues);
	expect(tool("status", "--json", v->func.bdf), YES, "\"in_use\": true");
	oracle_counts(&v->func, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0, "MMIO writes");
	rig_finish(z);
}

static void shows_without_root(const void *arg)
{
	const struct program *p;
	struct pci_func vf;

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	p = tool_as(NOBODY, "status");
	expect(p, YES, "root sees more");
	check_line(p, vf.bdf, "hisi_acc_vfio_pci (out-of-tree)  VF       -");
	check_line(p, vf.bdf, "unknown: root sees more");
	expect(tool_as(NOBODY, "doctor"), YES, "not looked at; run this as root");
}

/* Whoever runs the PF: a VF is migrated by the PF's own driver or not at all. */
static void unstub(void *arg)
{
	pci_write(rig_pf(RIG_V4)->bdf, "sriov_numvfs", "0");
	check_ok(pci_bind(rig_pf(RIG_V4), NULL));
	check_ok(pci_bind(rig_pf(RIG_V4), arg));
}

static void tells_of_a_foreign_pf(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V4);
	const char *good = tool_file("good.json"), *bad = tool_file("bad.json");
	const struct program *p;
	struct pci_func vf;

	(void)arg;
	if (module_load("pci-pf-stub"))
		tap_skip("the kernel has no pci-pf-stub");
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	p = tool("caps", vf.bdf);
	expect(p, YES, NULL);
	tool_write_file(good, p->out, strlen(p->out));

	rig_make_vfs(RIG_V4, 0);
	tap_defer(unstub, "hisi_zip");
	check_ok(pci_bind(pf, "pci-pf-stub"));
	rig_make_vfs(RIG_V4, 1);
	tool_vf(RIG_V4, 0, MODULE_VFIO_NAME, &vf);
	expect(tool("status", vf.bdf), YES, "has driver pci-pf-stub, not hisi_zip");
	expect(tool("doctor"), YES, "has driver pci-pf-stub; migration takes hisi_zip");
	expect(tool("doctor", pf->bdf), NO, "has driver pci-pf-stub; migration takes hisi_zip");
	p = tool("caps", vf.bdf);
	expect(p, YES, "\"migratable\": false");
	tool_write_file(bad, p->out, strlen(p->out));
	expect(tool("check", good, bad), NO, "migratable: yes here, no (its PF");
	expect(tool("save", "/tmp/none", vf.bdf), TROUBLE, "can't be migrated: its PF");
	expect(tool("inspect", "--for", bad, "/dev/null"), NO, "this VF can't be migrated");
}

const struct tap_test tool_bind_tests[] = {
	{ "bind and unbind do one VF, once", binds_one, NULL },
	{ "bind and unbind do the VFs of a PF, and all", binds_many, NULL },
	{ "bind takes a VF from vfio-pci, unbind leaves it there",
	  takes_from_another_driver, NULL },
	{ "a VF in use is neither bound nor unbound", leaves_a_vf_in_use, NULL },
	{ "one VF that can't be unbound does not keep the others from it",
	  goes_on_after_trouble, NULL },
	{ "binding takes root, and says so", needs_root_to_bind, NULL },
	{ "without the module there is no binding", needs_the_module, NULL },
	{ "what is no VF, or means too many, is named", names_what_is_no_vf, NULL },
	{ "modprobe is found with a PATH that lacks sbin", finds_modprobe, NULL },
	{ "a VF that the module refuses is as it was", restores_what_is_refused, NULL },
	{ "status has each VF, its control mode and BAR2", shows_each_vf, NULL },
	{ "status of a VF in use does not touch it", shows_a_vf_in_use, NULL },
	{ "status and doctor work without root", shows_without_root, NULL },
	{ "a VF whose PF has another driver is not migratable, and why",
	  tells_of_a_foreign_pf, NULL },
	{ NULL, NULL, NULL },
};
