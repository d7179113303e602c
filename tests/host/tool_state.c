// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig: where a VM can go, and trying it with a VF that nobody uses.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "suites.h"
#include "tool.h"

#define JOBS	40

/* The signature of VF n of a role, in a file. */
static const char *caps_file(enum rig_role role, int n, const char *name)
{
	const char *path = tool_file(name);
	const struct program *p;
	struct pci_func vf;

	tool_vf(role, n, MODULE_VFIO_NAME, &vf);
	p = tool("caps", vf.bdf);
	expect(p, YES, "hisi-acc-mig caps 1");
	tool_write_file(path, p->out, strlen(p->out));
	return path;
}

/* What a guest at work leaves when it is stopped, from VF 0, which is free then. */
static const char *record_file(enum rig_role role, const char *name,
			       struct mig_stream *stream)
{
	const char *path = tool_file(name);
	struct vfio_dev *v = rig_open(role, 0);

	rig_busy_guest(v, JOBS);
	check_ok(mig_save(v, stream, NULL));
	vfio_dev_close(v);
	check_eq(stream->len, RECORD_SIZE, "bytes of the record");
	tool_write_file(path, stream->data, stream->len);
	return path;
}

/* The signature says what a record says. */
static void caps_are_match_data(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	const struct program *p;
	struct mig_stream stream;
	char words[80];

	check_ok(mig_save(v, &stream, NULL));
	vfio_dev_close(v);
	p = tool("caps", v->func.bdf);
	expect(p, YES, "\"migratable\": true");
	snprintf(words, sizeof(words), "\"device_id\": \"%#llx\"",
		 (unsigned long long)record_get(stream.data, REC_DEV_ID));
	expect(p, YES, words);
	snprintf(words, sizeof(words), "\"queue_pairs\": %llu",
		 (unsigned long long)record_get(stream.data, REC_QP_NUM));
	expect(p, YES, words);
	snprintf(words, sizeof(words), "\"queue_isolation\": \"%#llx\"",
		 (unsigned long long)record_get(stream.data, REC_QUE_ISO_CFG));
	expect(p, YES, words);
	snprintf(words, sizeof(words), "\"bar2_bytes\": %llu",
		 (unsigned long long)record_get(stream.data, REC_BAR2_SIZE));
	expect(p, YES, words);
	snprintf(words, sizeof(words), "\"revision\": \"%#x\"", v->func.revision);
	expect(p, YES, words);
	expect(p, YES, "\"stream_minor\": 1");
	expect(p, YES, "\"p2p\": true");
}

/* The same of a VF at work, to which nothing is done. */
static void caps_of_a_vf_in_use(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct oracle_counts before, after;
	static struct program idle;
	struct job_guest *z;
	struct vfio_dev *v;
	struct pci_func vf;

	tool_need_debugfs();
	tool_vf(role, 0, MODULE_VFIO_NAME, &vf);
	idle = *tool("caps", vf.bdf);
	expect(&idle, YES, "\"migratable\": true");

	v = rig_open(role, 0);
	z = rig_busy_guest(v, JOBS);
	oracle_counts(&v->func, &before);
	expect(tool("caps", vf.bdf), YES, idle.out);
	oracle_counts(&v->func, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_READ), 0, "MMIO reads");
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0, "MMIO writes");
	rig_finish(z);

	expect(tool_as(NOBODY, "caps", vf.bdf), TROUBLE, "run this as root");
}

static void checks_before_anyone_tries(const void *arg)
{
	const char *a, *b, *c;
	const struct program *p;

	(void)arg;
	a = caps_file(RIG_V3, 0, "a.json");
	b = caps_file(RIG_V3, 1, "b.json");
	c = caps_file(RIG_V4, 0, "c.json");
	p = tool("check", a, b);
	expect(p, YES, "/tmp/a.json -> /tmp/b.json: yes");
	expect(p, YES, "/tmp/b.json -> /tmp/a.json: yes");
	p = tool("check", a, c);
	expect(p, NO, "/tmp/a.json -> /tmp/c.json: no");
	expect(p, NO, "bar2_bytes: 32768 (0x8000) here, 65536 (0x10000) there: load the module with guest_view=v3");
	expect(p, NO, "revision: 48 (0x30) here, 80 (0x50) there: QEMU compares it");
	expect(tool("check", "--json", a, c), NO, "\"possible\": false");

	/* And with the advice taken it is so. */
	rig_use_module(MODULE_OURS, "guest_view=v3");
	c = caps_file(RIG_V4, 0, "c.json");
	expect(tool("check", a, c), YES, "yes");
}

static void saves_and_loads(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	uint8_t data[MIG_STREAM_MAX];
	const char *const *way, *file;
	struct pci_func from, to;
	size_t len;

	tool_vf(role, 0, MODULE_VFIO_NAME, &from);
	tool_vf(role, 1, MODULE_VFIO_NAME, &to);
	for_each_way(way) {
		file = tool_file("state");
		expect(tool("save", *way, file, from.bdf), YES, "40 bytes saved to");
		len = tool_read_file(file, data, sizeof(data));
		check_eq(len, RECORD_MATCH_SIZE, "bytes saved");
		check_eq(record_get(data, REC_VF_QM_STATE), 1, "not ready");
		check_eq(record_get(data, REC_BAR2_SIZE), rig_bar2_size(role), "bar2_size");
		expect(tool("inspect", file), YES, "valid: yes, without queues");
		expect(tool("load", *way, file, to.bdf), YES, "takes /tmp/state, 40 bytes");
		expect(tool("save", *way, file, from.bdf), TROUBLE, "is there already");
		expect(tool("save", "--force", file, from.bdf), YES, "saved");
	}
	check(pci_bound(&from, MODULE_VFIO_NAME), "the source has lost its driver");
}

static void loads_a_guest(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct mig_stream stream;
	const char *file, *caps;
	struct pci_func to;

	file = record_file(role, "record", &stream);
	tool_vf(role, 1, MODULE_VFIO_NAME, &to);
	caps = caps_file(role, 1, "to.json");
	expect(tool("inspect", file), YES, "valid: yes, with queues");
	expect(tool("inspect", "--for", caps, file), YES, "valid: yes, with queues");
	expect(tool("load", file, to.bdf), YES, "takes /tmp/record, 176 bytes");
	/* Nothing of it is left. */
	check_eq(oracle_get(&to, KPO_STATE) & KPO_STATE_READY, 0, "guest driver ready");
	rig_finish(rig_guest(rig_open(role, 1), JOBS));
}

/* What the driver refuses, inspect knows; and both say the same. */
static void check_refused(const char *caps, const struct pci_func *to,
			  const void *data, size_t len, const char *why)
{
	const char *file = tool_file("bad");

	tool_write_file(file, data, len);
	expect(tool("load", file, to->bdf), NO, why);
	expect(tool("load", file, to->bdf), NO, "refuses it");
	expect(tool("inspect", "--for", caps, file), NO, why);
}

static void says_why_it_is_refused(const void *arg)
{
	struct mig_stream good, bad;
	struct pci_func to;
	const char *caps;

	(void)arg;
	record_file(RIG_V3, "record", &good);
	tool_vf(RIG_V3, 1, MODULE_VFIO_NAME, &to);
	caps = caps_file(RIG_V3, 1, "to.json");

	check_refused(caps, &to, good.data, 100, "malformed: length is 100, must be 40 or 176");
	check_refused(caps, &to, good.data, 0, "malformed: length is 0");
	check_refused(caps, &to, good.data, 177, "length is at least 177");
	bad = good;
	record_set(bad.data, REC_MAGIC, 1);
	check_refused(caps, &to, bad.data, bad.len, "malformed: magic is 0x1, must be 0xaaccfeeddecadede");
	bad = good;
	record_set(bad.data, REC_QP_NUM, 7);
	check_refused(caps, &to, bad.data, bad.len, "not for this VF: queue pair number is 0x7, there 0x");
	bad = good;
	record_set(bad.data, REC_BAR2_SIZE, 0x10000);
	check_refused(caps, &to, bad.data, bad.len, "not for this VF: BAR2 size is 0x10000, there 0x8000");
	bad = good;
	record_set(bad.data, REC_EQE_DMA, 0x123000);
	check_refused(caps, &to, bad.data, bad.len, "malformed: EQ address is 0x123000, must be");

	/* None the worse for it. */
	rig_finish(rig_guest(rig_open(RIG_V3, 1), JOBS));
}

static void leaves_a_vf_in_use(const void *arg)
{
	const char *state = tool_file("state");
	const char *const *way;
	struct vfio_dev *v, other;
	struct pci_func vf;
	struct job_guest *z;

	(void)arg;
	tool_vf(RIG_V3, 1, MODULE_VFIO_NAME, &vf);
	expect(tool("save", state, vf.bdf), YES, "saved");
	v = rig_open(RIG_V3, 0);
	z = rig_busy_guest(v, JOBS);
	for_each_way(way) {
		expect(tool("save", *way, "/tmp/none", v->func.bdf), TROUBLE,
		       "is in use by hacc-test (pid ");
		expect(tool("load", *way, state, v->func.bdf), TROUBLE,
		       "is in use by hacc-test (pid ");
	}
	rig_check_state(v, MIG_RUNNING);
	rig_finish(z);

	check(access("/tmp/none", F_OK), "a file was made for nothing");

	/* One that is open by its own node is so as well. */
	if (access("/dev/vfio/devices", F_OK)) {
		expect(tool("save", "--via=iommufd", "/tmp/none", vf.bdf), TROUBLE,
		       "this kernel has no CONFIG_VFIO_DEVICE_CDEV; use --via=group");
		return;
	}
	check_ok(vfio_dev_open_iommufd(&other, &vf));
	for_each_way(way)
		expect(tool("save", *way, "/tmp/none", vf.bdf), TROUBLE,
		       "is in use by hacc-test (pid ");
	rig_check_state(&other, MIG_RUNNING);
	vfio_dev_close(&other);
}

static void needs_right_and_driver(const void *arg)
{
	const char *state = tool_file("state");
	const char *const *way;
	struct pci_func vf;

	(void)arg;
	tool_vf(RIG_V3, 0, NULL, &vf);
	expect(tool("save", state, vf.bdf), TROUBLE, "no driver; hisi-acc-mig bind");
	expect(tool("caps", vf.bdf), YES, "\"why_not\": \"no driver");
	check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
	for_each_way(way)
		expect(tool_as(NOBODY, "save", *way, state, vf.bdf), TROUBLE,
		       "run this as root");
	expect(tool_as(NOBODY, "caps", vf.bdf), TROUBLE, "run this as root");
	expect(tool("save", "/nowhere/state", vf.bdf), TROUBLE, "/nowhere/state: No such file");
	expect(tool("load", "/nowhere/state", vf.bdf), TROUBLE, "/nowhere/state: No such file");
	expect(tool("save", "-", vf.bdf), YES, NULL);
	expect(tool("save", "/dev/full", "--force", vf.bdf), TROUBLE, "/dev/full: No space left");
}

static struct {
	uint32_t reg, us;
} times[] = {
	{ .reg = KPO_MBOX_TIME_US }, { .reg = KPO_WB_TIME_US }, { .reg = KPO_VFT_TIME_US },
};

static void times_as_before(void *arg)
{
	const struct pci_func *func = arg;
	size_t i;

	for (i = 0; i < ARRAY_SIZE(times); i++)
		oracle_set(func, times[i].reg, times[i].us);
}

/* What the device does takes no time. */
static void instant(const struct pci_func *func)
{
	static struct pci_func copy;
	size_t i;

	copy = *func;
	for (i = 0; i < ARRAY_SIZE(times); i++) {
		times[i].us = oracle_get(func, times[i].reg);
		oracle_set(func, times[i].reg, 0);
	}
	tap_defer(times_as_before, &copy);
}

/* The device itself is the trouble. */
static void tells_of_broken_hardware(const void *arg)
{
	struct oracle_fault vft = { .kind = KPO_F_MBOX_STATUS, .arg = 1, .cmd = 6 };
	struct oracle_fault dies = { .kind = KPO_F_ALL_ONES };
	const char *state = tool_file("state");
	struct oracle_counts before, after;
	const char *const *way;
	struct pci_func vf;

	(void)arg;
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	expect(tool("save", state, vf.bdf), YES, NULL);
	rig_fault(&vf, &vft);
	for_each_way(way)
		expect(tool("caps", *way, vf.bdf), TROUBLE, "can't be opened: ");
	oracle_disarm(&vf);
	/*
	 * It lives as long as it takes to be opened, in accesses: one that is done at once
	 * is looked at once, however busy the machine is.
	 */
	instant(&vf);
	oracle_counts(&vf, &before);
	expect(tool("caps", vf.bdf), YES, NULL);
	oracle_counts(&vf, &after);
	dies.skip = oracle_diff(&after, &before, KPO_CNT_MMIO_READ) +
		    oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE);
	rig_fault(&vf, &dies);
	expect(tool("save", "/tmp/none", vf.bdf), TROUBLE, "can't be stopped and saved: ");
	oracle_disarm(&vf);
	oracle_arm(&vf, &dies);
	expect(tool("load", state, vf.bdf), TROUBLE,
	       "the kernel's log may say why");
	oracle_disarm(&vf);
	expect(tool("load", state, vf.bdf), YES, "takes");
}

/* The driver itself finds that it can't, when it is bound or when it is opened. */
static void tells_of_no_migration(const void *arg)
{
	struct oracle_fault gone = { .kind = KPO_F_ALL_ONES };
	const char *state = tool_file("state");
	struct pci_func vf;

	(void)arg;
	tool_need_debugfs();
	tool_vf(RIG_V4, 1, MODULE_VFIO_NAME, &vf);
	expect(tool("status", vf.bdf), YES, "  yes");
	expect(tool_as(NOBODY, "status", vf.bdf), YES, "unknown: root sees more");
	expect(tool("save", state, vf.bdf), YES, NULL);
	rig_fault(rig_pf(RIG_V4), &gone);
	expect(tool("caps", vf.bdf), YES, "offers no migration for it; the kernel's log says why");
	expect(tool("status", "--probe", "--json", vf.bdf), YES, "\"migratable\": false");
	expect(tool("save", "/tmp/none", vf.bdf), TROUBLE, "can't be stopped and saved: ");
	expect(tool("load", state, vf.bdf), TROUBLE, "can't be migrated: hisi_acc_vfio_pci offers");

	check_ok(pci_unbind(&vf));
	expect(tool("bind", vf.bdf), YES, "bound to");
	oracle_disarm(rig_pf(RIG_V4));
	expect(tool("status", vf.bdf), YES, "no: the kernel's log says why: dmesg | grep");
	expect(tool("save", "/tmp/none", vf.bdf), TROUBLE, "the kernel's log says why: dmesg");
	check_ok(pci_unbind(&vf));
}

/* The other module of the same name. */
static void works_with_the_in_tree_driver(const void *arg)
{
	const char *state = tool_file("state"), *ours, *theirs;
	struct vfio_dev *v;
	struct pci_func vf;

	(void)arg;
	ours = caps_file(RIG_V3, 0, "ours.json");
	rig_use_module(MODULE_THEIRS, "");
	tool_vf(RIG_V3, 0, MODULE_VFIO_NAME, &vf);
	expect(tool("status", vf.bdf), YES, "hisi_acc_vfio_pci (in-tree)      VF       -");
	/* It says of a VF neither yes nor no before one asks. */
	expect(tool("status", vf.bdf), YES, "unknown: nobody has asked");
	expect(tool("status", "--json", vf.bdf), YES, "\"migratable\": null");
	expect(tool("status", "--probe", "--json", vf.bdf), YES, "\"migratable\": true");
	expect(tool("doctor", vf.bdf), YES, "whether they can be migrated is unknown");
	theirs = caps_file(RIG_V3, 0, "theirs.json");
	expect(tool("caps", vf.bdf), YES, "\"module\": \"in-tree\"");
	expect(tool("check", ours, theirs), YES, "note: one of the drivers lacks P2P");
	expect(tool("save", state, vf.bdf), YES, "saved");
	expect(tool("load", state, vf.bdf), YES, "takes");
	expect(tool("doctor"), YES, "the in-tree one is loaded: no P2P");

	/* It tells nothing of a VF in use without a hand on its mailbox. */
	v = rig_open(RIG_V3, 0);
	expect(tool("caps", vf.bdf), TROUBLE, "is in use by hacc-test (pid ");
	expect(tool("caps", vf.bdf), TROUBLE, "debugfs does not show its state");
	vfio_dev_close(v);
}

const struct tap_test tool_state_tests[] = {
#define ROLES(sentence, run)					\
	{ sentence " on V3", run, &(const enum rig_role){ RIG_V3 } },	\
	{ sentence " on V4", run, &(const enum rig_role){ RIG_V4 } }
	ROLES("caps say what a record says", caps_are_match_data),
	ROLES("caps of a VF in use are the same, and leave it alone",
	      caps_of_a_vf_in_use),
	{ "check says where a VM can go, and what to do", checks_before_anyone_tries,
	  NULL },
	ROLES("save and load go from VF to VF, both ways to open one", saves_and_loads),
	ROLES("load takes the state of a guest at work, and leaves nothing of it",
	      loads_a_guest),
	{ "load and inspect say why a state is refused", says_why_it_is_refused, NULL },
	{ "save and load leave a VF in use alone", leaves_a_vf_in_use, NULL },
	{ "save, load and caps need a driver, a right and a file",
	  needs_right_and_driver, NULL },
	{ "hardware that fails is named as the trouble", tells_of_broken_hardware, NULL },
	{ "what the driver can't migrate is known before or after opening",
	  tells_of_no_migration, NULL },
	{ "the in-tree driver is known, and served as well as it allows",
	  works_with_the_in_tree_driver, NULL },
	{ NULL, NULL, NULL },
};
