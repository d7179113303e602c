// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig apply: what a file says of PFs and VFs becomes true, or nothing happens.
 */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "suites.h"
#include "tool.h"

#define SAID_ALREADY	"all is as the configuration has it"

/* The configuration that apply is given from now on. */
static const char *config(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static const char *config(const char *fmt, ...)
{
	const char *path = tool_file("hisi-acc-mig.conf");
	char text[512];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	tool_write_file(path, text, strlen(text));
	return path;
}

#define apply(conf, ...)	tool("apply", "--config", conf, ##__VA_ARGS__)

static bool pf_read_is(const struct pci_func *pf, const char *name, unsigned long value)
{
	unsigned long now;

	check_ok(pci_read_number(pf->bdf, name, &now));
	return now == value;
}

static void check_vfs(const struct pci_func *pf, int count, const char *driver)
{
	struct pci_func vf;
	int i;

	check_eq(pci_num_vfs(pf), count, "VFs");
	for (i = 0; i < count; i++) {
		check_ok(pci_get_vf(pf, i, &vf));
		check(pci_bound(&vf, driver), "%s is not bound to %s", vf.bdf, driver);
	}
}

/* A PF as after a boot: no VF, and new ones go to the host's drivers. */
static const struct pci_func *booted(enum rig_role role)
{
	const struct pci_func *pf = rig_pf(role);

	rig_load_module();
	check_ok(pci_set_vfs(pf, 0));
	check_ok(pci_write(pf->bdf, "sriov_drivers_autoprobe", "1"));
	return pf;
}

static void makes_and_binds(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V3);
	const char *conf = config("[%s]\nvfs = 4\n", pf->bdf);

	(void)arg;
	expect(apply(conf, "--dry-run"), NO, "to have 4 VFs, before 0");
	check_eq(pci_num_vfs(pf), 0, "VFs after a dry run");
	check(pf_read_is(pf, "sriov_drivers_autoprobe", 1), "a dry run has written");
	expect(apply(conf), YES, "4 VFs, before 0");
	check_vfs(pf, 4, MODULE_VFIO_NAME);
	check(pf_read_is(pf, "sriov_drivers_autoprobe", 0), "new VFs go to the host's driver");
	/* Once more, and nothing is to be done. */
	expect(apply(conf), YES, SAID_ALREADY);
	expect(apply(conf, "--dry-run"), YES, SAID_ALREADY);

	expect(apply(config("[%s]\nvfs = 2\n", pf->bdf)), YES, "2 VFs, before 4");
	check_vfs(pf, 2, MODULE_VFIO_NAME);
	expect(apply(config("[%s]\nvfs = 0\n", pf->bdf)), YES, "0 VFs, before 2");
	check_vfs(pf, 0, MODULE_VFIO_NAME);
}

/* What is said of one PF counts more than what is said of all of its engine. */
static void engine_and_address(const void *arg)
{
	const struct pci_func *v3 = booted(RIG_V3), *v4 = booted(RIG_V4);
	struct pci_func vf;

	(void)arg;
	booted(RIG_V4_CLEAR);
	check_ok(module_load("vfio-pci"));
	expect(apply(config("[zip]\nvfs=2\ndriver=vfio-pci # not ours\n[%s]\ndriver = hisi_acc_vfio_pci\n[hpre]\nvfs=1\n",
			    v4->bdf + 5)), YES, "no PF of HPRE here");
	check_vfs(v3, 2, "vfio-pci");
	check_vfs(rig_pf(RIG_V4_CLEAR), 2, "vfio-pci");
	check_vfs(v4, 2, MODULE_VFIO_NAME);

	/* As many as there are, but others have them. */
	expect(apply(config("[%s]\ndriver = none\n", v3->bdf), "--dry-run"), NO,
	       "to be bound to none, before to vfio-pci");
	check_vfs(v3, 2, "vfio-pci");
	expect(apply(config("[%s]\ndriver = none\n", v3->bdf)), YES, "no driver any more");
	check_ok(pci_get_vf(v3, 0, &vf));
	check(!pci_bound(&vf, "vfio-pci"), "still bound");
	expect(apply(config("[%s]\n", v3->bdf)), YES, "bound to hisi_acc_vfio_pci");
	check_vfs(v3, 2, MODULE_VFIO_NAME);
}

static void leaves_what_is_used(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V3);
	struct pci_func vf;
	struct vfio_dev v;

	(void)arg;
	expect(apply(config("[%s]\nvfs=3\n", pf->bdf)), YES, NULL);
	check_ok(pci_get_vf(pf, 1, &vf));
	check_ok(vfio_dev_open(&v, &vf));
	expect(apply(config("[%s]\nvfs=2\n", pf->bdf)), TROUBLE, "in use by hacc-test (pid ");
	expect(apply(config("[%s]\ndriver=vfio-pci\n", pf->bdf)), TROUBLE, "in use by");
	check(pci_bound(&vf, MODULE_VFIO_NAME), "the VF is taken from its user");
	check_eq(pci_num_vfs(pf), 3, "VFs");
	check_err(mig_get_state(&v), MIG_RUNNING);
	vfio_dev_close(&v);

	/* And a VF with the host's own work. */
	check_ok(pci_bind(&vf, "hisi_zip"));
	expect(apply(config("[%s]\nvfs=2\n", pf->bdf)), TROUBLE, "has driver hisi_zip; unbind it first");
	check_eq(pci_num_vfs(pf), 3, "VFs");
}

static void sets_the_view(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V4);
	const char *conf = config("[%s]\nvfs=1\nguest_view=v3\n", pf->bdf);
	struct pci_func vf;
	struct vfio_dev v;

	(void)arg;
	expect(apply(conf, "--dry-run"), NO, "guest_view to be v3");
	expect(apply(conf), YES, "guest_view v3, before native");
	expect(apply(conf), YES, SAID_ALREADY);
	check_ok(pci_get_vf(pf, 0, &vf));
	check_ok(vfio_dev_open(&v, &vf));
	conf = config("[%s]\nguest_view=native\n", pf->bdf);
	expect(apply(conf), TROUBLE, "guest_view can't be native: the VF is open");
	vfio_dev_close(&v);
	expect(apply(conf, "--dry-run"), NO, "guest_view to be native, before v3");
	expect(apply(conf), YES, "guest_view native, before v3");
	expect(apply(config("[%s]\ndriver=none\nguest_view=v3\n", pf->bdf)), TROUBLE,
	       "guest_view is to be v3, but its driver has none");
}

static void refuses_bad_files(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V3);

	(void)arg;
	expect(apply(config("[%s]\nvfs = 2\n[zip]\nvfs = many\n", pf->bdf)), TROUBLE,
	       "hisi-acc-mig.conf:4: vfs is a number from 0 to 63, not many");
	check_eq(pci_num_vfs(pf), 0, "VFs that a wrong file has made");
	expect(apply(config("[0000:7f:00.0]\nvfs = 2\n")), TROUBLE,
	       "hisi-acc-mig.conf:1: there is no PF of a HiSilicon accelerator at 0000:7f:00.0");
	expect(apply("/nowhere/conf"), TROUBLE, "/nowhere/conf: No such file");
	expect(tool("apply"), TROUBLE, "/etc/hisi-acc-mig.conf: there is none");
	expect(tool_as(NOBODY, "apply", "--config", config("[%s]\nvfs=1\n", pf->bdf)), TROUBLE,
	       "run this as root");
	check_eq(pci_num_vfs(pf), 0, "VFs that somebody else has made");
}

static void host_dir_away(void *unused)
{
	(void)unused;
	unlink("/etc/hisi-acc-mig.conf");
	unlink("/etc/hisi-acc-mig.conf.d/10-two.conf");
	rmdir("/etc/hisi-acc-mig.conf.d");
}

/* Without --config: the file, then those of the directory, and the last word counts. */
static void reads_the_hosts(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V3);
	char text[64];

	(void)arg;
	tap_defer(host_dir_away, NULL);
	mkdir("/etc", 0755);
	check(!mkdir("/etc/hisi-acc-mig.conf.d", 0755), "no directory");
	snprintf(text, sizeof(text), "[%s]\nvfs=1\n", pf->bdf);
	tool_write_file("/etc/hisi-acc-mig.conf", text, strlen(text));
	expect(tool("apply"), YES, "1 VFs, before 0");
	snprintf(text, sizeof(text), "[%s]\nvfs=2\n", pf->bdf);
	tool_write_file("/etc/hisi-acc-mig.conf.d/10-two.conf", text, strlen(text));
	expect(tool("apply"), YES, "2 VFs, before 1");
	check_vfs(pf, 2, MODULE_VFIO_NAME);
}

static void needs_drivers(const void *arg)
{
	const struct pci_func *pf = booted(RIG_V3);
	char asked[128];

	(void)arg;
	expect(apply(config("[%s]\nvfs=1\ndriver=nonsense\n", pf->bdf)), TROUBLE,
	       "module nonsense is not loaded, and modprobe does not load it");
	check_eq(pci_num_vfs(pf), 0, "VFs without a driver");
	expect(apply(config("[module]\nselect_bit=own\n[%s]\nvfs=1\n", pf->bdf)), TROUBLE,
	       "select_bit is detect, and is to be own: it is set when the module is loaded");

	/* With the parameter, where it is not loaded yet. */
	rig_unload_module();
	tool_fake_modprobe();
	expect(apply(config("[module]\nselect_bit=own\n[%s]\nvfs=1\n", pf->bdf)), TROUBLE,
	       "modprobe does not load it");
	check_ok(sysfs_read(TOOL_ASKED, asked, sizeof(asked)));
	check(!strcmp(asked, "hisi_acc_vfio_pci select_bit=own"), "modprobe %s", asked);
}

const struct tap_test tool_apply_tests[] = {
	{ "apply makes and binds VFs, once", makes_and_binds, NULL },
	{ "apply knows engines and addresses", engine_and_address, NULL },
	{ "apply leaves VFs in use alone", leaves_what_is_used, NULL },
	{ "apply sets the view of a VF", sets_the_view, NULL },
	{ "apply does nothing by a file that is wrong", refuses_bad_files, NULL },
	{ "apply reads what the host has in /etc", reads_the_hosts, NULL },
	{ "apply needs the drivers that it binds to", needs_drivers, NULL },
	{ NULL, NULL, NULL },
};
