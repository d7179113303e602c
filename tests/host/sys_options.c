// SPDX-License-Identifier: GPL-2.0-only
/*
 * Module parameters: guest_view=v3 for mixed fleets, select_bit=own for V4 parts
 * under a PF driver that does not know the select bit.
 */
#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS		80
#define HALF		0x8000
#define CONFIG_REVISION	8

static uint8_t config_revision(struct vfio_dev *v)
{
	uint64_t size, offset;
	uint32_t flags, dword;
	uint8_t byte;

	check_ok(vfio_dev_region(v, VFIO_PCI_CONFIG_REGION_INDEX, &size, &offset,
				 &flags));
	check(pread(v->device, &byte, 1, offset + CONFIG_REVISION) == 1,
	      "reading the revision id");
	check(pread(v->device, &dword, 4, offset + CONFIG_REVISION) == 4,
	      "reading class and revision");
	check_eq(dword & 0xff, byte, "revision in a read of 4 bytes");
	check_eq(dword >> 8, 0x120000, "class in a read of 4 bytes");
	return byte;
}

static void native_revision(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V4, 0);

	(void)arg;
	check_eq(config_revision(v), QM_REVISION_V4, "revision id");
}

static void v3_view(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v;
	uint32_t value;
	void *map;
	int fd;

	rig_use_module(MODULE_OURS, "guest_view=v3");
	v = rig_open(role, 0);
	check_eq(v->bar2_size, HALF, "size of BAR2");
	check_eq(config_revision(v), QM_REVISION_V3, "revision id");
	check_err(vfio_dev_pread(v, HALF, &value, 4), -EINVAL);
	check_err(vfio_dev_pwrite(v, HALF, &value, 4), -EINVAL);
	map = mmap(NULL, 2 * HALF, PROT_READ, MAP_SHARED, v->device,
		   v->bar2_offset);
	check(map == MAP_FAILED && errno == EINVAL, "all of BAR2 is mapped");
	fd = eventfd(0, EFD_CLOEXEC);
	check_err(vfio_dev_ioeventfd(v, QM_VF_STATE, 4, fd), -ENOTTY);
	close(fd);
	rig_finish(rig_guest(v, JOBS));
}

/* A fleet of both: with the view of V3, a guest goes there and back. */
static void v3_guest_on_v4(const void *arg)
{
	struct vfio_dev *old, *new;
	struct mig_stream stream;
	struct job_guest *z;

	(void)arg;
	rig_use_module(MODULE_OURS, "guest_view=v3");
	old = rig_open(RIG_V3, 0);
	new = rig_open(RIG_V4, 0);
	z = rig_busy_guest(old, JOBS);
	rig_move(z, new, &stream, NULL);
	check_eq(record_get(stream.data, REC_BAR2_SIZE), HALF, "bar2_size");
	rig_run(z, z->finished + JOBS / 4);
	rig_more_jobs(z, JOBS / 4);
	rig_move(z, old, &stream, NULL);
	check_eq(record_get(stream.data, REC_BAR2_SIZE), HALF, "bar2_size");
	rig_finish(z);
}

/* The log says at bind what the VF is and what its guest will see. */
static void bind_is_logged(const void *arg)
{
	static const struct {
		enum rig_role role;
		const char *parameters, *says;
	} cases[] = {
		{ RIG_V3, "", "ZIP VF, QM version 0x30: migration under VF control, guest sees what there is, 32 KiB of BAR2" },
		{ RIG_V4, "", "ZIP VF, QM version 0x50: migration under PF control, guest sees what there is, 64 KiB of BAR2" },
		{ RIG_V4, "guest_view=v3", "ZIP VF, QM version 0x50: migration under PF control, guest sees V3, 32 KiB of BAR2" },
	};
	char line[KLOG_LINE_MAX];
	struct pci_func vf;
	struct klog log;
	size_t i;
	bool said;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(cases); i++) {
		rig_use_module(MODULE_OURS, cases[i].parameters);
		rig_vf(cases[i].role, 0, &vf);
		rig_load_module();
		check_ok(pci_unbind(&vf));
		check_ok(klog_mark(&log));
		check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
		said = klog_find_last(&log, cases[i].says, line, sizeof(line));
		klog_close(&log);
		check(said && strstr(line, vf.bdf), "the log does not say of %s: %s",
		      vf.bdf, cases[i].says);
	}
}

static void wrong_parameters(const void *arg)
{
	static const char *const wrong[] = {
		"guest_view=v4", "guest_view=", "guest_view=3",
		"select_bit=mine", "select_bit=", "refuse_v1=perhaps",
	};
	size_t i;

	(void)arg;
	rig_unload_module();
	for (i = 0; i < ARRAY_SIZE(wrong); i++)
		check_err(module_load_file(MODULE_OURS, wrong[i]), -EINVAL);
}

/* What a parameter was set to is what it shows. */
static void parameters_show(const void *arg)
{
	static const struct {
		const char *given, *name, *shown;
	} parameters[] = {
		{ "", "select_bit", "detect" },
		{ "select_bit=detect", "select_bit", "detect" },
		{ "select_bit=own", "select_bit", "own" },
		{ "", "guest_view", "native" },
		{ "guest_view=native", "guest_view", "native" },
		{ "guest_view=v3", "guest_view", "v3" },
		{ "", "refuse_v1", "N" },
		{ "refuse_v1=1", "refuse_v1", "Y" },
	};
	char path[128], shown[64];
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(parameters); i++) {
		rig_use_module(MODULE_OURS, parameters[i].given);
		rig_load_module();
		snprintf(path, sizeof(path), "/sys/module/" MODULE_VFIO_NAME "/parameters/%s",
			 parameters[i].name);
		check_ok(sysfs_read(path, shown, sizeof(shown)));
		check(!strcmp(shown, parameters[i].shown), "%s, given \"%s\", shows %s",
		      parameters[i].name, parameters[i].given, shown);
	}
}

static void select_as_it_was(void *arg)
{
	oracle_set(arg, KPO_SELECT, 1);
	oracle_expect(0);
}

static bool select_is_set(enum rig_role role)
{
	return oracle_get(rig_pf(role), KPO_STATE) & KPO_STATE_SELECT;
}

/* The bit is ours from the first VF on until the last one is gone. */
static void owns_select(const void *arg)
{
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct pci_func vf[2];
	struct job_guest *z;

	(void)arg;
	if (!rig_can_select(RIG_V4_CLEAR))
		tap_skip("the select bit of this V4 can't be set");
	check(!select_is_set(RIG_V4_CLEAR), "the select bit is set already");
	rig_use_module(MODULE_OURS, "select_bit=own");
	from = rig_open(RIG_V4_CLEAR, 0);
	to = rig_open(RIG_V4_CLEAR, 1);
	vf[0] = from->func;
	vf[1] = to->func;
	check(select_is_set(RIG_V4_CLEAR), "the select bit is not set");
	check_eq(from->bar2_size, 2 * HALF, "size of BAR2");
	z = rig_busy_guest(from, JOBS);
	rig_move(z, to, &stream, NULL);
	rig_finish(z);

	/* It is there again when it is needed. */
	oracle_set(rig_pf(RIG_V4_CLEAR), KPO_SELECT, 0);
	check_ok(job_guest_add_jobs(z, JOBS / 2));
	rig_run(z, z->finished + JOBS / 4);
	vfio_dev_close(from);
	from = rig_open(RIG_V4_CLEAR, 0);
	check_ok(mig_set_state(to, MIG_STOP_COPY, NULL));
	check(select_is_set(RIG_V4_CLEAR), "the select bit stays lost");
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);

	vfio_dev_close(from);
	vfio_dev_close(to);
	check_ok(pci_unbind(&vf[0]));
	check(select_is_set(RIG_V4_CLEAR), "cleared with a VF bound still");
	check_ok(pci_unbind(&vf[1]));
	check(!select_is_set(RIG_V4_CLEAR), "not cleared with the last VF");
}

#define SELECT_TRIES	6

/* The PF's own reset, by its driver: the bit is lost, and ours again at need. */
static void keeps_select(const void *arg)
{
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct job_guest *z;
	int i;

	(void)arg;
	if (!rig_can_select(RIG_V4_CLEAR))
		tap_skip("the select bit of this V4 can't be set");
	rig_use_module(MODULE_OURS, "select_bit=own");
	from = rig_open(RIG_V4_CLEAR, 0);
	to = rig_open(RIG_V4_CLEAR, 1);
	check_ok(pci_write(rig_pf(RIG_V4_CLEAR)->bdf, "reset", "1"));
	/*
	 * A reset of the VF meets it lost. The driver looks after it each second, and may
	 * come first: hardly so each time.
	 */
	for (i = 0; i < SELECT_TRIES; i++) {
		if (oracle_present())
			oracle_set(rig_pf(RIG_V4_CLEAR), KPO_SELECT, 0);
		check_ok(vfio_dev_reset(i % 2 ? from : to));
	}
	z = rig_busy_guest(from, JOBS);
	rig_move(z, to, &stream, NULL);
	check(select_is_set(RIG_V4_CLEAR), "the select bit stays lost");
	rig_finish(z);

	/* The same with no VF open: the next open needs it. */
	vfio_dev_close(from);
	vfio_dev_close(to);
	check_ok(pci_write(rig_pf(RIG_V4_CLEAR)->bdf, "reset", "1"));
	check(!select_is_set(RIG_V4_CLEAR), "the reset has not lost the bit");
	from = rig_open(RIG_V4_CLEAR, 0);
	check(select_is_set(RIG_V4_CLEAR), "not set again at open");
	check_eq(from->bar2_size, 2 * HALF, "size of BAR2");
}

#define SELECT_MS	10000	/* it is looked at each second */

static void wait_for_select(enum rig_role role)
{
	int ms;

	for (ms = 0; ms < SELECT_MS && !select_is_set(role); ms += 10)
		usleep(10000);
	check(select_is_set(role), "the select bit stays lost");
}

/*
 * A bit that somebody has set, as a PF driver does when it is bound, and that a reset
 * of the PF takes: open VFs rely on it, one that is opened then gets what they have,
 * and no guest reaches its migration registers for long.
 */
static void keeps_what_others_have_set(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V4_CLEAR);
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct job_guest *z;

	(void)arg;
	if (!rig_can_select(RIG_V4_CLEAR))
		tap_skip("the select bit of this V4 can't be set");
	oracle_set(pf, KPO_SELECT, 1);
	from = rig_open(RIG_V4_CLEAR, 0);
	check_eq(from->bar2_size, 2 * HALF, "size of BAR2");
	check_ok(pci_write(pf->bdf, "reset", "1"));
	to = rig_open(RIG_V4_CLEAR, 1);
	check_eq(to->bar2_size, 2 * HALF, "size of BAR2 of the second VF");
	check_ok(vfio_dev_reset(from));
	z = rig_busy_guest(from, JOBS);
	rig_move(z, to, &stream, NULL);
	rig_finish(z);

	/* Nobody asks for anything: it is set again all the same. */
	check_ok(pci_write(pf->bdf, "reset", "1"));
	wait_for_select(RIG_V4_CLEAR);

	/* When nobody relies on it, it is what it is. */
	vfio_dev_close(from);
	vfio_dev_close(to);
	check_ok(pci_write(pf->bdf, "reset", "1"));
	from = rig_open(RIG_V4_CLEAR, 0);
	check_eq(from->bar2_size, HALF, "size of BAR2");
	check(!select_is_set(RIG_V4_CLEAR), "the select bit is set");
}

/* It is no guest's fault, and not to be mended: that is said once, and shown. */
static void tells_of_a_bit_that_does_not_take(const void *arg)
{
	const struct pci_func *pf = rig_pf(RIG_V4);
	char line[KLOG_LINE_MAX];
	struct vfio_dev *v;
	struct klog log;
	bool said;

	(void)arg;
	if (rig_can_select(RIG_V4))
		tap_skip("the select bit of this V4 can be set");
	v = rig_open(RIG_V4, 0);
	check_ok(klog_mark(&log));
	tap_defer(select_as_it_was, (void *)pf);
	oracle_expect(1u << KPO_V_DEAD_HALF);
	oracle_set(pf, KPO_SELECT, 0);
	check_err(mig_set_state(v, MIG_RESUMING, NULL), -EIO);
	said = klog_find_last(&log, "can't be set again", line, sizeof(line));
	klog_close(&log);
	check(said && strstr(line, pf->bdf), "the log does not say so");
	select_as_it_was((void *)pf);
}

/* What is set by others is not ours to clear; V3 has no such bit. */
static void leaves_select_alone(const void *arg)
{
	struct vfio_dev *v4, *v3;

	(void)arg;
	rig_use_module(MODULE_OURS, "select_bit=own");
	v4 = rig_open(RIG_V4, 0);
	v3 = rig_open(RIG_V3, 0);
	check_eq(v3->bar2_size, HALF, "size of BAR2 on V3");
	check_eq(v4->bar2_size, 2 * HALF, "size of BAR2 on V4");
	vfio_dev_close(v3);
	vfio_dev_close(v4);
	rig_unload_module();
	check(select_is_set(RIG_V4), "the select bit of others is cleared");
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, v4_clear = RIG_V4_CLEAR;

const struct tap_test sys_options_tests[] = {
	{ "a V4 VF shows its own revision id", native_revision, NULL },
	{ "guest_view=v3 changes nothing on V3", v3_view, &v3 },
	{ "guest_view=v3 makes V4 look like V3 at every door", v3_view, &v4 },
	{ "guest_view=v3 makes V4 with the select bit clear look like V3",
	  v3_view, &v4_clear },
	{ "guest_view=v3 takes a V3 guest to V4 and back at work",
	  v3_guest_on_v4, NULL },
	{ "the log tells at bind who controls a VF and what its guest sees",
	  bind_is_logged, NULL },
	{ "parameters that mean nothing are refused", wrong_parameters, NULL },
	{ "parameters show what they were set to", parameters_show, NULL },
	{ "select_bit=own sets the bit for its VFs, and clears it after them",
	  owns_select, NULL },
	{ "select_bit=own keeps the bit over resets of the PF", keeps_select, NULL },
	{ "a select bit that others have set is kept over resets of the PF",
	  keeps_what_others_have_set, NULL },
	{ "a select bit that does not take is told of", tells_of_a_bit_that_does_not_take, NULL },
	{ "select_bit=own leaves alone what others have set",
	  leaves_select_alone, NULL },
	{ NULL, NULL, NULL },
};
