// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"

#define RIG_STATE_JOBS	60

static struct {
	struct pci_func pf[RIG_ROLES];
	bool has[RIG_ROLES];
	int vfs[RIG_ROLES];	/* how many this test wants */
	const char *module;
	const char *parameters;
} rig;

static const char *const rig_role_names[RIG_ROLES] = {
	[RIG_V3]	= "V3",
	[RIG_V4]	= "V4",
	[RIG_V4_CLEAR]	= "V4, select bit clear",
	[RIG_V5]	= "V5",
	[RIG_V3_ISOLATED] = "V3 with queue isolation",
	[RIG_V4_ISOLATED] = "V4 with queue isolation",
	[RIG_SEC_V3]	= "SEC V3",
	[RIG_SEC_V4]	= "SEC V4",
	[RIG_HPRE_V3]	= "HPRE V3",
	[RIG_HPRE_V4]	= "HPRE V4",
};

#define QM_MIG_REGION_SEL	0x100198	/* of the PF; bit 0 */

static const struct rig_engine {
	uint16_t pf;
	const char *module;
	enum rig_role v3, v4, v4_clear, v5;	/* RIG_ROLES: of no use */
} rig_engines[] = {
	{ PCI_DEVICE_ZIP_PF, "hisi_zip", RIG_V3, RIG_V4, RIG_V4_CLEAR, RIG_V5 },
	{ PCI_DEVICE_SEC_PF, "hisi_sec2", RIG_SEC_V3, RIG_SEC_V4, RIG_ROLES,
	  RIG_ROLES },
	{ PCI_DEVICE_HPRE_PF, "hisi_hpre", RIG_HPRE_V3, RIG_HPRE_V4, RIG_ROLES,
	  RIG_ROLES },
};

const char *rig_role_name(enum rig_role role)
{
	return rig_role_names[role];
}

/* The select bit of a PF newer than V3, which is tried out if @try says so. */
static bool rig_selects(const struct pci_func *pf, bool try)
{
	volatile uint32_t *reg;
	uint32_t val, was;
	char path[128];
	void *map;
	int fd;

	if (oracle_present() && !try)
		return oracle_get(pf, KPO_STATE) & KPO_STATE_SELECT;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource2", pf->bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	check(fd >= 0, "%s can't be opened", path);
	map = mmap(NULL, getpagesize(), PROT_READ | PROT_WRITE, MAP_SHARED, fd,
		   QM_MIG_REGION_SEL & -getpagesize());
	close(fd);
	check(map != MAP_FAILED, "%s can't be mapped", path);
	reg = (void *)((char *)map + (QM_MIG_REGION_SEL & (getpagesize() - 1)));
	val = was = *reg;
	if (try) {
		*reg = was | 1;
		val = *reg;
		*reg = was;
	}
	munmap(map, getpagesize());
	return val & 1;
}

bool rig_can_select(enum rig_role role)
{
	return rig_selects(rig_pf(role), true);
}

/* Doorbells by queue are in a BAR of their own. */
static bool rig_isolates(const struct pci_func *pf)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource4", pf->bdf);
	return !access(path, F_OK);
}

static enum rig_role rig_role_of(const struct rig_engine *e,
				 const struct pci_func *pf)
{
	if (rig_isolates(pf))
		return e->pf != PCI_DEVICE_ZIP_PF ? RIG_ROLES :
		       pf->revision <= QM_REVISION_V3 ? RIG_V3_ISOLATED : RIG_V4_ISOLATED;
	if (pf->revision <= QM_REVISION_V3)
		return e->v3;
	if (pf->revision > QM_REVISION_V4)
		return e->v5;
	return rig_selects(pf, false) ? e->v4 : e->v4_clear;
}

static void rig_find_pfs(const struct rig_engine *e)
{
	struct pci_func pf;
	int i;

	for (i = 0; !pci_find(PCI_VENDOR_HUAWEI, e->pf, i, &pf); i++) {
		enum rig_role role;

		if (oracle_present() && !oracle_knows(&pf))
			continue;
		role = rig_role_of(e, &pf);
		if (role == RIG_ROLES)
			continue;
		rig.pf[role] = pf;
		rig.has[role] = true;
	}
}

void rig_setup(void)
{
	static bool found;
	struct pci_func pf;
	size_t i;

	if (oracle_open() && !found)
		tap_note("no accelerator model here: what asks it is skipped");
	check_ok(module_load("vfio_iommu_type1"));
	check_ok(module_load("vfio_pci_core"));
	for (i = 0; i < ARRAY_SIZE(rig_engines); i++) {
		const struct rig_engine *e = &rig_engines[i];

		if (pci_find(PCI_VENDOR_HUAWEI, e->pf, 0, &pf))
			continue;
		check_ok(module_load(e->module));
		if (!found)
			rig_find_pfs(e);
	}
	found = true;
}

void rig_load_module(void)
{
	check_ok(module_load_file(rig.module, rig.parameters));
}

void rig_unload_module(void)
{
	int tries, ret = 0;

	/* The last close of a device is finished a moment after its close(). */
	for (tries = 0; tries < 100; tries++) {
		ret = module_unload(MODULE_VFIO_NAME);
		if (!ret)
			return;
		usleep(10000);
	}
	fail("the module can't be unloaded: %s", tap_errno(ret));
}

enum rig_role rig_role_here(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;

	if (role == RIG_V4 && !rig.has[RIG_V4])
		return RIG_V4_CLEAR;
	return role;
}

void rig_use_module(const char *path, const char *parameters)
{
	if (rig.module && (strcmp(rig.module, path) ||
			   strcmp(rig.parameters, parameters)))
		rig_unload_module();
	rig.module = path;
	rig.parameters = parameters;
}

bool rig_has(enum rig_role role)
{
	return rig.has[role];
}

const struct pci_func *rig_pf(enum rig_role role)
{
	if (!rig.has[role])
		tap_skip("no PF here is %s", rig_role_names[role]);
	return &rig.pf[role];
}

uint64_t rig_bar2_size(enum rig_role role)
{
	const struct pci_func *pf = rig_pf(role);

	return pf->revision > QM_REVISION_V3 && rig_selects(pf, false) ? 0x10000 : 0x8000;
}

void rig_make_vfs(enum rig_role role, int num)
{
	rig.vfs[role] = num;
	check_ok(pci_set_vfs(rig_pf(role), num));
}

void rig_vf(enum rig_role role, int n, struct pci_func *vf)
{
	rig_make_vfs(role, rig.vfs[role]);
	check_ok(pci_get_vf(rig_pf(role), n, vf));
}

/* A test that leaves by a jump may have left a data fd open. */
static void rig_close_fds(void *arg)
{
	close_range((unsigned long)arg, ~0u, 0);
}

void rig_before(void)
{
	int role, first = dup(STDOUT_FILENO);

	check(first >= 0, "dup: %s", tap_errno(-errno));
	close(first);
	tap_defer(rig_close_fds, (void *)(unsigned long)first);
	rig_use_module(MODULE_OURS, "");
	rig_setup();
	oracle_expect(0);
	oracle_watch_quiet(true);
	oracle_clear_violations();
	for (role = 0; role < RIG_ROLES; role++)
		rig.vfs[role] = RIG_VFS;
}

void rig_after(void)
{
	uint32_t count = oracle_violations(), missing = oracle_missing();

	if (count)
		oracle_note_violations();
	oracle_clear_violations();
	check(!count, "the accelerator was misused: %u violations", count);
	check(!missing, "of the violations that are expected, kinds %#x never come", missing);
}

static void rig_close(void *arg)
{
	struct vfio_dev *v = arg;

	vfio_dev_close(v);
	free(v);
}

/*
 * What the last device that was opened says of the kernel. The size of the data
 * and PRE_COPY came together, and one must not follow from the driver's own word.
 */
static bool rig_has_precopy = true;

struct vfio_dev *rig_open(enum rig_role role, int n)
{
	struct vfio_dev *v = calloc(1, sizeof(*v));
	struct pci_func vf;

	rig_vf(role, n, &vf);
	rig_load_module();
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	check_ok(vfio_dev_open(v, &vf));
	tap_defer(rig_close, v);
	check_ok(vfio_dev_add_ram(v, JOB_GUEST_IOVA, JOB_GUEST_RAM));
	if (vfio_dev_migration_flags(v) >= 0)
		rig_has_precopy = vfio_dev_has_feature(v, VFIO_DEVICE_FEATURE_MIG_DATA_SIZE);
	return v;
}

bool rig_has_state(int state)
{
	return rig_has_precopy || (state != MIG_PRE_COPY && state != MIG_PRE_COPY_P2P);
}

void rig_need_state(int state)
{
	if (!rig_has_state(state))
		tap_skip("the kernel's VFIO has no PRE_COPY");
}

struct vfio_dev *rig_open_precopy(enum rig_role role, int n)
{
	struct vfio_dev *v = rig_open(role, n);

	rig_need_state(MIG_PRE_COPY);
	return v;
}

struct job_guest *rig_guest(struct vfio_dev *v, int jobs)
{
	struct job_guest *z = calloc(1, sizeof(*z));

	tap_defer(free, z);
	/* Drivers that know this register clear it when they start. */
	if (v->func.revision > QM_REVISION_V4)
		qm_write(v, QM_FUN_DB_DROP, 0);
	check_ok(job_guest_start(z, v, 4));
	check_ok(job_guest_add_jobs(z, jobs));
	return z;
}

/* Jobs that start from now on last: the test decides when they are done. */
static void rig_hold(struct job_guest *z)
{
	struct vfio_dev *v = z->qm.home;

	if (oracle_present())
		oracle_set(&v->func, KPO_JOB_TIME_US, RIG_LONG_JOB_US);
	check_ok(job_guest_submit(z));
	check(!oracle_present() || oracle_get(&v->func, KPO_JOBS_IN_FLIGHT),
	      "no job is in flight in the device");
}

struct job_guest *rig_busy_guest(struct vfio_dev *v, int jobs)
{
	struct job_guest *z = rig_guest(v, jobs / 4);

	rig_run(z, jobs / 4);
	check_ok(job_guest_add_jobs(z, jobs - jobs / 4));
	rig_hold(z);
	return z;
}

void rig_more_jobs(struct job_guest *z, int jobs)
{
	check_ok(job_guest_add_jobs(z, jobs));
	rig_hold(z);
}

void rig_run(struct job_guest *z, int finished)
{
	int ret;

	/* On a slow machine they may all be done already. */
	if (finished > z->nr_jobs)
		finished = z->nr_jobs;
	if (oracle_present())
		oracle_set(&z->qm.home->func, KPO_JOB_TIME_US, RIG_JOB_TIME_US);
	ret = job_guest_run(z, finished, RIG_PATIENCE_MS);
	if (ret)
		fail("%d of %d jobs are done, then: %s", z->finished, z->nr_jobs,
		     tap_errno(ret));
}

uint64_t rig_activity(struct vfio_dev *v)
{
	static const int what[] = {
		KPO_CNT_JOB_STARTED, KPO_CNT_JOB_DONE, KPO_CNT_DMA_READ, KPO_CNT_DMA_WRITE,
		KPO_CNT_MSI,
	};
	struct oracle_counts before, after;
	uint64_t sum = 0;
	size_t i;

	oracle_counts(&v->func, &before);
	usleep(RIG_LONG_JOB_US * 5 / 4);
	oracle_counts(&v->func, &after);
	for (i = 0; i < ARRAY_SIZE(what); i++)
		sum += oracle_diff(&after, &before, what[i]);
	return sum;
}

void rig_finish(struct job_guest *z)
{
	char why[200];

	rig_run(z, z->nr_jobs);
	if (job_guest_verify(z, why, sizeof(why)))
		fail("%s", why);
}

void rig_check_state(struct vfio_dev *v, int state)
{
	int is = mig_get_state(v);

	check(is == state, "%s is in %s, should be in %s", v->func.bdf,
	      is < 0 ? tap_errno(is) : mig_state_name(is),
	      mig_state_name(state));
}

const int rig_states[RIG_STATES] = {
	MIG_RUNNING, MIG_RUNNING_P2P, MIG_STOP, MIG_STOP_COPY, MIG_RESUMING,
	MIG_PRE_COPY, MIG_PRE_COPY_P2P,
};

int rig_nr_states(void)
{
	return rig_has_precopy ? RIG_STATES : RIG_STATES - 2;
}

struct vfio_dev *rig_in_state(int state, int *fd)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);

	rig_busy_guest(v, RIG_STATE_JOBS);
	check_ok(mig_set_state(v, state, fd));
	rig_check_state(v, state);
	return v;
}

void rig_check_fd_dead(int state, int fd)
{
	char byte = 0;
	long ret;

	if (fd < 0)
		return;
	ret = state == MIG_RESUMING ? write(fd, &byte, 1) : read(fd, &byte, 1);
	check_err(ret < 0 ? -errno : ret, -ENODEV);
}

bool rig_fd_is_alive(int state, int fd)
{
	char byte = 0;
	long ret = state == MIG_RESUMING ? write(fd, &byte, 0) : read(fd, &byte, 0);

	check(!ret || errno == ENODEV, "no bytes: %s", tap_errno(-errno));
	return !ret;
}

void rig_move(struct job_guest *z, struct vfio_dev *to,
	      struct mig_stream *stream, struct mig_log *log)
{
	struct vfio_dev *from = z->qm.home;
	uint32_t sum;

	check_ok(mig_save(from, stream, log));
	qm_guest_move(&z->qm, to);
	sum = job_guest_ram_sum(from);
	check_ok(mig_load(to, stream, log));
	check_ok(mig_arc(to, MIG_RUNNING, NULL, log));
	rig_check_state(from, MIG_STOP);
	rig_check_state(to, MIG_RUNNING);
	check(sum == job_guest_ram_sum(from),
	      "the source wrote to guest memory after it was stopped");
}

unsigned long rig_parameter(const char *name, unsigned long otherwise)
{
	char line[2048] = "", *at;
	FILE *f = fopen("/proc/cmdline", "r");

	if (f) {
		if (!fgets(line, sizeof(line), f))
			line[0] = 0;
		fclose(f);
	}
	at = strstr(line, name);
	return at ? strtoul(at + strlen(name), NULL, 0) : otherwise;
}

static void rig_disarm(void *arg)
{
	oracle_disarm(arg);
	free(arg);
}

void rig_fault(const struct pci_func *func, const struct oracle_fault *fault)
{
	struct pci_func *copy = malloc(sizeof(*copy));

	*copy = *func;
	oracle_arm(func, fault);
	tap_defer(rig_disarm, copy);
}

struct rig_answer {
	struct pci_func func;
	uint32_t reg, answer;
};

static void rig_answer_as_before(void *arg)
{
	struct rig_answer *was = arg;

	oracle_set(&was->func, was->reg, was->answer);
	free(was);
}

void rig_answer(const struct pci_func *func, int question, uint32_t answer)
{
	struct rig_answer *was = malloc(sizeof(*was));

	was->func = *func;
	was->reg = KPO_ANSWER(question);
	was->answer = oracle_get(func, was->reg);
	tap_defer(rig_answer_as_before, was);
	oracle_set(func, was->reg, answer);
	check_eq(oracle_get(func, was->reg), answer, "the answer set");
}
