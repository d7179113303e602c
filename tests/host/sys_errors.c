// SPDX-License-Identifier: GPL-2.0-only
/*
 * The error path moves, too: an asynchronous event reaches the guest where it is, its
 * driver resets the function by its config space, and works on.
 */
#include <errno.h>
#include <unistd.h>

#include <linux/pci_regs.h>

#include "rig.h"
#include "suites.h"

#define JOBS	24
#define WAIT_MS	20000	/* no event takes longer, on any machine */

static uint64_t config_offset(struct vfio_dev *v)
{
	uint64_t offset, size;
	uint32_t flags;

	check_ok(vfio_dev_region(v, VFIO_PCI_CONFIG_REGION_INDEX, &size, &offset, &flags));
	return offset;
}

static uint8_t config_byte(struct vfio_dev *v, uint8_t at)
{
	uint8_t val;

	check_eq(pread(v->device, &val, 1, config_offset(v) + at), 1, "a byte of config space");
	return val;
}

/* As a guest's kernel does: the bit in the PCI Express capability. */
static void reset_by_guest(struct vfio_dev *v)
{
	uint8_t at = config_byte(v, PCI_CAPABILITY_LIST);
	uint16_t ctl = PCI_EXP_DEVCTL_BCR_FLR;

	while (at && config_byte(v, at) != PCI_CAP_ID_EXP)
		at = config_byte(v, at + PCI_CAP_LIST_NEXT);
	check(at, "%s has no PCI Express capability", v->func.bdf);
	check_eq(pwrite(v->device, &ctl, sizeof(ctl), config_offset(v) + at + PCI_EXP_DEVCTL),
		 sizeof(ctl), "a reset by the guest");
}

static void raise(struct vfio_dev *v)
{
	if (!oracle_present())
		tap_skip("only the accelerator model fails when it is told to");
	oracle_set(&v->func, KPO_RAISE_AEQE, KPO_AEQE(KPO_AEQE_CQ_OVERFLOW, 1));
}

/* The guest sees the event, and resets its VF; then all is as new. */
static void guest_recovers(struct job_guest *z)
{
	struct vfio_dev *v = z->qm.home;
	int ms;

	for (ms = 0; ms < WAIT_MS && !z->qm.async_events; ms += 10)
		check_ok(qm_guest_poll(&z->qm, 10));
	check_eq(z->qm.async_events, 1, "asynchronous events that the guest has seen");
	check_eq(z->qm.last_async_event, KPO_AEQE(KPO_AEQE_CQ_OVERFLOW, 1), "the event");
	reset_by_guest(v);
	rig_check_state(v, MIG_RUNNING);
	rig_finish(rig_guest(v, JOBS));
}

static void after_a_move(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	rig_move(z, to, &stream, NULL);
	rig_finish(z);
	raise(to);
	guest_recovers(z);
	/* It can be moved again. */
	check_ok(vfio_dev_reset(from));
	z = rig_busy_guest(to, JOBS);
	rig_move(z, from, &stream, NULL);
	rig_finish(z);
}

/* The guest stands still when it happens. */
static void pending_at_the_stop(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = rig_guest(from, JOBS);
	struct mig_stream stream;

	rig_finish(z);
	raise(from);
	rig_move(z, to, &stream, NULL);
	guest_recovers(z);
}

static void after_a_cancelled_migration(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = rig_guest(v, JOBS);
	struct mig_stream stream;

	rig_finish(z);
	check_ok(mig_save(v, &stream, NULL));
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	raise(v);
	guest_recovers(z);
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4, sec_v3 = RIG_SEC_V3, sec_v4 = RIG_SEC_V4,
			   hpre_v3 = RIG_HPRE_V3, hpre_v4 = RIG_HPRE_V4;

#define ERRORS(name, role)							\
	{ "an error after a move reaches the guest, which recovers, on " name,	\
	  after_a_move, role },							\
	{ "an error before a move reaches the guest after it on " name,		\
	  pending_at_the_stop, role },						\
	{ "an error after a cancelled migration reaches the guest on " name,	\
	  after_a_cancelled_migration, role }

const struct tap_test sys_error_tests[] = {
	ERRORS("V3", &v3),
	ERRORS("V4", &v4),
	{ NULL, NULL, NULL },
};

const struct tap_test engine_error_tests[] = {
	ERRORS("SEC V3", &sec_v3),
	ERRORS("SEC V4", &sec_v4),
	ERRORS("HPRE V3", &hpre_v3),
	ERRORS("HPRE V4", &hpre_v4),
	{ NULL, NULL, NULL },
};
