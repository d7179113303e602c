// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig: the doctor, and all that the documentation tells people to type.
 */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "documented.h"
#include "suites.h"
#include "tool.h"

/* depmod's list for the running kernel, for this test. */
static void write_modules(const char *list, const char *text)
{
	struct utsname host;
	char path[128];
	FILE *file;

	uname(&host);
	mkdir("/lib", 0755);
	mkdir("/lib/modules", 0755);
	snprintf(path, sizeof(path), "/lib/modules/%s", host.release);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "/lib/modules/%s/%s", host.release, list);
	unlink(path);
	if (!text)
		return;
	file = fopen(path, "w");
	check(file, "%s can't be written", path);
	fputs(text, file);
	fclose(file);
}

static void forget_modules(void *list)
{
	write_modules(list, NULL);
}

static void finds_a_host_ready(const void *arg)
{
	const struct program *p;
	bool iommufd;
	struct utsname host;
	struct pci_func vf;

	(void)arg;
	uname(&host);
	tool_vf(RIG_V3, 0, NULL, &vf);
	expect(tool("unbind", "all"), YES, NULL);
	expect(tool("doctor"), NO, "0 of ");
	expect(tool("doctor"), NO, "not ready: 1 bad");
	expect(tool("bind", vf.bdf), YES, NULL);
	iommufd = !access("/dev/vfio/devices", F_OK);
	p = tool("doctor");
	expect(p, YES, "\nready\n");
	expect(p, YES, "aarch64, pages of 4 KiB");
	expect(p, YES, "ZIP V3, 3 of 63 VFs made");
	expect(p, YES, "each VF has a group of its own");
	expect(p, YES, iommufd ? "/dev/vfio/vfio (container), /dev/iommu (iommufd)" :
				 "/dev/vfio/vfio (container)");
	expect(p, YES, strncmp(host.release, "6.1.", 4) ? host.release :
							  "knows no pre-copy of device state");
	expect(p, YES, "the out-of-tree one is loaded, guest_view=native, select_bit=detect");
	expect(p, YES, "/sys/kernel/debug/vfio");
	expect(p, YES, "1 of ");
	expect(p, YES, "enable-migration=on,x-pre-copy-dirty-page-tracking=off");
	expect(p, YES, "dirty tracking  not asked for");
	expect(tool("doctor", "--probe"), YES, iommufd ?
	       "dirty tracking  the IOMMU has none" : "no VF that could be asked");
	expect(tool("doctor", "--json"), YES, "\"ready\": true");
	/* One in use is not asked. */
	rig_open(RIG_V3, 0);
	expect(tool("doctor", "--probe"), YES, "no VF that could be asked is bound and free");
}

static void bind_pf(void *pf)
{
	check_ok(pci_bind(pf, "hisi_zip"));
}

/* Whoever names devices wants all of them; else one good PF will do. */
static void looks_at_what_is_named(const void *arg)
{
	struct pci_func vf, *pf = (struct pci_func *)rig_pf(RIG_V4_CLEAR);
	const struct program *p;

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	check_ok(pci_unbind(pf));
	tap_defer(bind_pf, pf);
	p = tool("doctor");
	expect(p, YES, pf->bdf);
	expect(p, YES, "has no driver; modprobe hisi_zip");
	p = tool("doctor", pf->bdf);
	expect(p, NO, "has no driver; modprobe hisi_zip");
	check(!strstr(p->out, rig_pf(RIG_V3)->bdf), "it looks at others: %s", p->out);
	p = tool("doctor", vf.bdf);
	expect(p, YES, rig_pf(RIG_V3)->bdf);
	expect(p, YES, "1 of 1 are bound");
	check(!strstr(p->out, pf->bdf), "it looks at others: %s", p->out);
	p = tool("doctor", "--json", pf->bdf);
	expect(p, NO, "\"id\": \"pf.no-driver\"");
	expect(tool("doctor", "--json"), YES, "\"id\": \"vf.migratable\"");
}

static void hints_at_the_select_bit(const void *arg)
{
	struct pci_func vf;

	(void)arg;
	tool_need_debugfs();
	tool_vf(RIG_V4_CLEAR, 0, MODULE_VFIO_NAME, &vf);
	expect(tool("doctor"), YES, "its PF driver has not set the select bit");
	check_ok(pci_unbind(&vf));
	rig_use_module(MODULE_OURS, "select_bit=own");
	tool_vf(RIG_V4_CLEAR, 0, MODULE_VFIO_NAME, &vf);
	expect(tool("doctor"), YES, "select_bit=own");
	check(!strstr(tool("doctor")->out, "has not set the select bit"), "it says so still");
}

static void knows_which_module_wins(const void *arg)
{
	struct pci_func vf;

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	tap_defer(forget_modules, "modules.dep");
	expect(tool("doctor"), YES, "modprobe would not find it");
	write_modules("modules.dep",
		      "kernel/drivers/vfio/vfio.ko.xz:\n"
		      "updates/dkms/hisi-acc-vfio-pci.ko.xz: kernel/drivers/vfio/vfio.ko.xz\n");
	expect(tool("doctor"), YES, "modprobe takes the out-of-tree one, updates/dkms/hisi-acc-vfio-pci.ko.xz");
	write_modules("modules.dep",
		      "kernel/drivers/vfio/pci/hisilicon/hisi-acc-vfio-pci.ko: kernel/drivers/vfio/vfio.ko\n");
	expect(tool("doctor"), YES, "modprobe would take the in-tree one, kernel/drivers/vfio/pci/hisilicon/hisi-acc-vfio-pci.ko, but the other one is loaded");
	write_modules("modules.dep", "weak-updates/hisi-acc-vfio-pci.ko: kernel/drivers/vfio/vfio.ko\n");
	expect(tool("doctor"), NO, "modprobe would take weak-updates/hisi-acc-vfio-pci.ko, which was built for another kernel");
	expect(tool("doctor", "--json"), NO, "\"id\": \"module.weak\"");
	write_modules("modules.dep", "updates/hisi_acc_vfio_pci.ko:\n");
	tap_defer(forget_modules, "modules.builtin");
	write_modules("modules.builtin",
		      "kernel/drivers/vfio/pci/hisilicon/hisi-acc-vfio-pci.ko\n");
	expect(tool("doctor"), YES, "modprobe would take the in-tree one");
}

/* Under VF control it takes pages of 32 KiB at most. */
static void knows_the_page_size(const void *arg)
{
	long kib = sysconf(_SC_PAGESIZE) / 1024;
	struct pci_func v3, v4;
	char words[80];

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &v3);
	tool_vf(RIG_V4, 0, MODULE_VFIO_NAME, &v4);
	snprintf(words, sizeof(words), "half of BAR2 cannot be mapped with pages of %ld KiB", kib);
	if (kib <= 32) {
		expect(tool("status", v3.bdf), YES, "  yes");
	} else {
		expect(tool("status", v3.bdf), YES, words);
		expect(tool_as(NOBODY, "status", v3.bdf), YES, words);
		expect(tool("save", "/tmp/none", v3.bdf), TROUBLE, words);
		expect(tool_as(NOBODY, "status", v4.bdf), YES,
		       "unknown: with pages of this size it depends on the control mode");
		expect(tool("doctor"), YES, words);
	}
	expect(tool("status", v4.bdf), YES, "  yes");
	expect(tool("save", tool_file("state"), v4.bdf), YES, "saved");
	snprintf(words, sizeof(words), "aarch64, pages of %ld KiB", kib);
	expect(tool("doctor"), YES, words);
}

static void remove_configuration(void *unused)
{
	(void)unused;
	unlink("/etc/hisi-acc-mig.conf");
}

static void documentation_is_true(const void *arg)
{
	(void)arg;
	rig_make_vfs(RIG_V3, 0);
	rig_load_module();
	mkdir("/etc", 0755);
	tap_defer(remove_configuration, NULL);
	documented_run("/bin/tool-documented", 10);
}

const struct tap_test tool_pages_tests[] = {
	{ "the tool knows what large pages bar", knows_the_page_size, NULL },
	{ NULL, NULL, NULL },
};

const struct tap_test tool_doctor_tests[] = {
	{ "doctor finds a host ready, or says what is missing", finds_a_host_ready, NULL },
	{ "doctor looks at what is named, or else wants one PF that will do",
	  looks_at_what_is_named, NULL },
	{ "doctor hints at a select bit that nobody sets", hints_at_the_select_bit, NULL },
	{ "doctor knows which module modprobe takes", knows_which_module_wins, NULL },
	{ "each command in the documentation of the tool does what it should",
	  documentation_is_true, NULL },
	{ NULL, NULL, NULL },
};
