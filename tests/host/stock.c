// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own drivers on the emulated accelerator: they come, work and go
 * without a word of complaint in the kernel's log. What they say is the test of
 * the model, whose users can't tell.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interop.h"
#include "rig.h"
#include "suites.h"

struct engine {
	const char *module;
	uint16_t pf;
	uint16_t vf;
};

static const struct engine zip = { "hisi_zip", PCI_DEVICE_ZIP_PF, PCI_DEVICE_ZIP_VF };
static const struct engine sec = { "hisi_sec2", PCI_DEVICE_SEC_PF, PCI_DEVICE_SEC_VF };
static const struct engine hpre = { "hisi_hpre", PCI_DEVICE_HPRE_PF, PCI_DEVICE_HPRE_VF };

static struct klog stock_log = { .fd = -1 };

static void end_log(void *arg)
{
	klog_close(arg);
}

static void watch_log(void)
{
	check_ok(klog_mark(&stock_log));
	tap_defer(end_log, &stock_log);
}

/*
 * No warning, no error since the mark, but that the emulated host is slow: its
 * clock's interrupt took long.
 */
static void check_log(void)
{
	char line[KLOG_LINE_MAX];
	int level;

	while (klog_next(&stock_log, &level, line, sizeof(line)))
		check(level > KLOG_WARNING || strstr(line, "hrtimer: interrupt"),
		      "kernel: %s", line);
}

/* The PF driver loaded; the engine's PFs by number. */
static const struct engine *setup(const void *arg)
{
	const struct engine *e = arg;
	struct pci_func pf;

	if (pci_find(PCI_VENDOR_HUAWEI, e->pf, 0, &pf))
		tap_skip("no PF of %s here", e->module);
	oracle_open();	/* where there is one */
	check_ok(module_load(e->module));
	watch_log();
	return e;
}

static bool each_pf(const struct engine *e, int n, struct pci_func *pf)
{
	if (pci_find(PCI_VENDOR_HUAWEI, e->pf, n, pf))
		return false;
	check(pci_bound(pf, e->module), "%s has not taken %s", e->module,
	      pf->bdf);
	return true;
}

static void loads_and_unloads(const void *arg)
{
	const struct engine *e = setup(arg);
	struct pci_func pf;
	int n, round;

	for (round = 0; round < 2; round++) {
		check_ok(module_unload(e->module));
		check_ok(module_load(e->module));
		for (n = 0; each_pf(e, n, &pf); n++)
			;
	}
	check_log();
}

static void makes_vfs(const void *arg)
{
	static const int counts[] = { 1, 2, 7, 63 };
	const struct engine *e = setup(arg);
	struct pci_func pf, vf;
	unsigned long total;
	size_t i;
	int n, last;

	for (n = 0; each_pf(e, n, &pf); n++) {
		check_ok(pci_read_number(pf.bdf, "sriov_totalvfs", &total));
		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			if (counts[i] > (int)total)
				continue;
			last = counts[i] - 1;
			check_ok(pci_set_vfs(&pf, counts[i]));
			check_ok(pci_get_vf(&pf, last, &vf));
			check_eq(vf.device, e->vf, "device id of the last VF");
			check_eq(vf.revision, pf.revision,
				 "revision of the last VF");
			check(oracle_get(&vf, KPO_VFT_NUM),
			      "the last VF has no queue pairs");
		}
		check_ok(pci_set_vfs(&pf, 0));
	}
	check_log();
}

/* The same driver runs VFs: in a guest, or here in the host. */
static void drives_vfs(const void *arg)
{
	const struct engine *e = setup(arg);
	struct pci_func pf, vf;
	int n, round;

	for (n = 0; each_pf(e, n, &pf); n++) {
		check_ok(pci_set_vfs(&pf, 2));
		check_ok(pci_get_vf(&pf, 1, &vf));
		for (round = 0; round < 2; round++) {
			check_ok(pci_bind(&vf, e->module));
			check(oracle_get(&vf, KPO_STATE) & KPO_STATE_READY,
			      "%s runs %s, which is not ready", e->module,
			      vf.bdf);
			check_ok(pci_bind(&vf, NULL));
		}
		check_ok(pci_set_vfs(&pf, 0));
	}
	check_log();
}

static void rebinds(const void *arg)
{
	const struct engine *e = setup(arg);
	char path[96];
	struct pci_func pf;
	int n;

	for (n = 0; each_pf(e, n, &pf); n++) {
		check_ok(pci_set_vfs(&pf, 2));
		check_ok(pci_unbind(&pf));
		snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind",
			 e->module);
		check_ok(sysfs_write(path, pf.bdf));
		check_ok(pci_set_vfs(&pf, 2));
		check_ok(pci_set_vfs(&pf, 0));
	}
	check_log();
}

static void survives_reset(const void *arg)
{
	const struct engine *e = setup(arg);
	struct pci_func pf, vf;
	int n;

	for (n = 0; each_pf(e, n, &pf); n++) {
		struct oracle_counts before, after;

		oracle_counts(&pf, &before);
		check_ok(pci_write(pf.bdf, "reset", "1"));
		oracle_counts(&pf, &after);
		check_eq(oracle_diff(&after, &before, KPO_CNT_RESET), 1,
			 "resets of the PF");
		check_ok(pci_set_vfs(&pf, 2));
		check_ok(pci_get_vf(&pf, 1, &vf));
		oracle_counts(&vf, &before);
		check_ok(pci_write(vf.bdf, "reset", "1"));
		oracle_counts(&vf, &after);
		check_eq(oracle_diff(&after, &before, KPO_CNT_RESET), 1,
			 "resets of the VF");
		check_ok(pci_bind(&vf, e->module));
		check_ok(pci_write(vf.bdf, "reset", "1"));
		check_ok(pci_bind(&vf, NULL));
		check_ok(pci_set_vfs(&pf, 0));
	}
	check_log();
}

#define WORK_MODULE	"hacc_guest"	/* users of the kernel's own drivers */
#define WORK_S		2
#define WORK_END_S	20

/* The users have gone once all their jobs are back: how many, all of them good. */
static int stop_work(void)
{
	char line[KLOG_LINE_MAX];
	int level, jobs = 0, i;

	check_ok(sysfs_write("/sys/module/" WORK_MODULE "/parameters/stop", "1"));
	for (i = 0; i < WORK_END_S * 10 && !jobs; i++) {
		usleep(100000);
		while (klog_next(&stock_log, &level, line, sizeof(line))) {
			const char *said = strstr(line, "hacc-guest: stopped, ");

			check(level > KLOG_WARNING || strstr(line, "hrtimer: interrupt"),
			      "kernel: %s", line);
			check(!strstr(line, "WRONG"), "kernel: %s", line);
			if (said)
				jobs = atoi(strpbrk(said, "0123456789"));
		}
	}
	check_ok(module_unload(WORK_MODULE));
	return jobs;
}

/* The test is over, well or not: the next one finds all as it was. */
static void as_before(void *arg)
{
	module_unload(WORK_MODULE);
	module_unload(arg);
	module_load(arg);
}

/*
 * With two queues of its own the PF serves one user of the kernel's, and the VF
 * serves the others.
 */
static void works_by_pages(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V3_ISOLATED);
	struct oracle_counts pf_had, pf_has, vf_had, vf_has;
	struct pci_func other, vf;
	int n;

	(void)arg;
	check_ok(module_unload(zip.module));
	tap_defer(as_before, (void *)zip.module);
	check_ok(module_load_file(MODULE_DIR_INTREE "/hisi_zip.ko", "pf_q_num=2"));
	for (n = 0; !pci_find(PCI_VENDOR_HUAWEI, zip.pf, n, &other); n++)
		if (other.rid != pf->rid)
			check_ok(pci_unbind(&other));
	check_ok(pci_set_vfs(pf, 1));
	check_ok(pci_get_vf(pf, 0, &vf));
	check_ok(pci_bind(&vf, zip.module));

	oracle_counts(pf, &pf_had);
	oracle_counts(&vf, &vf_had);
	/* That it is no module of the kernel's is what the log says first. */
	check_ok(module_load_file("/modules/" WORK_MODULE ".ko", "zip=2"));
	watch_log();
	sleep(WORK_S);
	check(stop_work() > 0, "no job was done");
	oracle_counts(pf, &pf_has);
	oracle_counts(&vf, &vf_has);
	check(oracle_diff(&pf_has, &pf_had, KPO_CNT_JOB_DONE), "the PF has done no job");
	check(oracle_diff(&vf_has, &vf_had, KPO_CNT_JOB_DONE), "the VF has done no job");
	check(oracle_diff(&pf_has, &pf_had, KPO_CNT_DOORBELL_PAGE) &&
	      oracle_diff(&vf_has, &vf_had, KPO_CNT_DOORBELL_PAGE),
	      "doorbells were not rung in BAR4");
	check_ok(pci_bind(&vf, NULL));
	check_ok(pci_set_vfs(pf, 0));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v5 = RIG_V5;

/* The in-tree migration driver, as it is. */
static void theirs_migrates(const void *arg)
{
	enum rig_role role = rig_role_here(arg);
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct job_guest *z;

	rig_pf(role);
	rig_use_module(MODULE_THEIRS, "");
	from = rig_open(role, 0);
	to = rig_open(role, 2);
	z = rig_busy_guest(from, 80);
	interop_expect_of_theirs(from);
	watch_log();
	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	check_log();
}

static void theirs_migrates_empty(const void *arg)
{
	enum rig_role role = rig_role_here(arg);
	struct vfio_dev *from, *to;
	struct mig_stream stream;

	rig_pf(role);
	rig_use_module(MODULE_THEIRS, "");
	from = rig_open(role, 0);
	to = rig_open(role, 1);
	watch_log();
	check_ok(mig_save(from, &stream, NULL));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes of the stream");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(rig_guest(to, 40));
	check_log();
}

#define ENGINES(sentence, fn)						\
	{ "hisi_zip " sentence, fn, &zip },				\
	{ "hisi_sec2 " sentence, fn, &sec },				\
	{ "hisi_hpre " sentence, fn, &hpre }

#define ROLES(sentence, fn)						\
	{ sentence " (V3)", fn, &v3 },					\
	{ sentence " (V4)", fn, &v4 },					\
	{ sentence " (V5)", fn, &v5 }

const struct tap_test stock_tests[] = {
	ENGINES("loads and unloads twice, silently", loads_and_unloads),
	ENGINES("makes and removes 1 to 63 VFs, silently", makes_vfs),
	ENGINES("drives a VF as well, silently", drives_vfs),
	ENGINES("survives unbind and bind of its PF, silently", rebinds),
	ENGINES("survives resets of PF and VF, silently", survives_reset),
	{ "hisi_zip works by doorbells of a page each, as PF and as VF", works_by_pages, NULL },
	ROLES("the in-tree driver moves a guest at work", theirs_migrates),
	ROLES("the in-tree driver moves a VF without guest driver",
	      theirs_migrates_empty),
	{ NULL, NULL, NULL },
};
