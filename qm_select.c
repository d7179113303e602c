// SPDX-License-Identifier: GPL-2.0-only
/*
 * The select bit of a PF newer than V3 moves the migration registers of all its
 * VFs at once: who has set it, who relies on it, who clears it.
 *
 * The state is one for each PF. What is asked for here is asked for rarely, so one
 * lock does for all PFs.
 */
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/string.h>
#include <linux/sysfs.h>
#include <linux/workqueue.h>

#include "include/mig_log.h"
#include "include/qm_io.h"
#include "include/qm_pf.h"
#include "include/qm_regs.h"
#include "include/qm_select.h"
#include "include/compat/kernel.h"

/*
 * How often a bit is looked at that open VFs rely on: while it is lost, their guests
 * reach more than they are to. No hurry is worth waking a CPU that sleeps.
 */
#define QM_SELECT_WATCH	msecs_to_jiffies(1000)

/* The bits, and struct qm_select of every PF. */
static DEFINE_MUTEX(qm_select_lock);

static bool own_select;

static int set_select_bit(const char *val, const struct kernel_param *kp)
{
	if (sysfs_streq(val, "own"))
		own_select = true;
	else if (sysfs_streq(val, "detect"))
		own_select = false;
	else
		return -EINVAL;
	return 0;
}

static int get_select_bit(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", own_select ? "own" : "detect");
}

static const struct kernel_param_ops select_bit_ops = {
	.set = set_select_bit,
	.get = get_select_bit,
};
module_param_cb(select_bit, &select_bit_ops, NULL, 0444);
MODULE_PARM_DESC(select_bit,
		 "Migration select bit of V4 and newer PFs: detect (default) takes it as it is, own sets it where the PF driver does not know it");

/**
 * qm_select_read() - read the select bit's register
 * @pf: the PF
 *
 * The register is there from V4 on and not touched before.
 *
 * Context: any; one MMIO read at most.
 * Return: its value; 0 up to V3.
 */
u32 qm_select_read(const struct qm_pf *pf)
{
	return pf->ver > QM_VER_V3 ? qm_io_read32(pf->regs + QM_MIG_REGION_SEL) : 0;
}

/*
 * A PF driver that knows the bit sets it itself, and it is never ours then. Of
 * the others one cannot know whether they will come to, so that a bit which is
 * set already when its first VF comes along is not ours either.
 */
static bool may_claim(const struct qm_pf *pf)
{
	return own_select && !COMPAT_PF_DRIVER_SETS_SELECT && pf->ver > QM_VER_V3 &&
	       !pf->select.opens;
}

static void claim(struct qm_pf *pf)
{
	u32 sel;

	lockdep_assert_held(&qm_select_lock);
	if (!may_claim(pf))
		return;
	sel = qm_select_read(pf);
	if (sel & QM_MIG_REGION_EN)
		return;
	qm_io_write32(pf->regs + QM_MIG_REGION_SEL, sel | QM_MIG_REGION_EN);
	if (!pf->select.ours)
		pci_info(pf->pdev, "migration select set: PF control for all VFs\n");
	pf->select.ours = true;
}

static void give_back(struct qm_pf *pf)
{
	u32 sel;

	lockdep_assert_held(&qm_select_lock);
	if (!pf->select.ours)
		return;
	sel = qm_select_read(pf);
	if (sel != U32_MAX)
		qm_io_write32(pf->regs + QM_MIG_REGION_SEL, sel & ~QM_MIG_REGION_EN);
	pf->select.ours = false;
}

/* Does a look at the register have to wait? A PF in reset is its driver's alone. */
static bool out_of_reach(const struct qm_pf *pf)
{
	return pf->ver <= QM_VER_V3 || qm_pf_is_resetting(pf);
}

static void say_once(struct qm_pf *pf)
{
	if (!pf->select.said)
		pci_err(pf->pdev, "migration select can't be set again: open VFs can't migrate, and their guests reach their migration registers\n");
	pf->select.said = true;
}

/*
 * Sets the bit again where open VFs rely on it, and a reset of the PF has cleared it,
 * whoever set it first. False if it was set.
 */
static bool restore(struct qm_pf *pf, u32 *sel)
{
	lockdep_assert_held(&qm_select_lock);
	*sel = qm_select_read(pf);
	if (!pf->select.opens || !pf->select.plan || (*sel & QM_MIG_REGION_EN))
		return false;

	qm_io_write32(pf->regs + QM_MIG_REGION_SEL, *sel | QM_MIG_REGION_EN);
	*sel = qm_select_read(pf);
	if (*sel & QM_MIG_REGION_EN)
		pci_warn(pf->pdev, "migration select was lost, set again\n");
	else
		say_once(pf);
	return true;
}

static void watch_work(struct work_struct *work)
{
	struct qm_pf *pf = container_of(to_delayed_work(work), struct qm_pf, select.watch);
	bool again = true;
	u32 sel;

	/* Who waits for this work to end has the lock. */
	if (mutex_trylock(&qm_select_lock)) {
		again = pf->select.opens && pf->select.plan;
		if (again && !out_of_reach(pf))
			restore(pf, &sel);
		mutex_unlock(&qm_select_lock);
	}
	if (again)
		schedule_delayed_work(&pf->select.watch, QM_SELECT_WATCH);
}

/**
 * qm_select_attach() - a VF has been bound
 * @pf: its PF
 *
 * Takes the bit where the PF driver leaves it alone, if the module was told to
 * (select_bit=own); never while a VF of the PF is open.
 *
 * Context: may sleep; takes qm_select_lock.
 */
void qm_select_attach(struct qm_pf *pf)
{
	mutex_lock(&qm_select_lock);
	if (!pf->select.users++)
		INIT_DELAYED_WORK(&pf->select.watch, watch_work);
	claim(pf);
	mutex_unlock(&qm_select_lock);
}

/**
 * qm_select_detach() - a VF is being unbound
 * @pf: its PF
 *
 * With the last one a bit that was set by us is cleared.
 *
 * Context: may sleep; takes qm_select_lock.
 */
void qm_select_detach(struct qm_pf *pf)
{
	mutex_lock(&qm_select_lock);
	if (!--pf->select.users) {
		cancel_delayed_work_sync(&pf->select.watch);
		give_back(pf);
	}
	mutex_unlock(&qm_select_lock);
}

/**
 * qm_select_open() - a VF is about to rely on where its registers are
 * @pf: its PF
 *
 * All open VFs of a PF have the same plan: that of the first, to which a lost bit is
 * brought back.
 *
 * Context: may sleep; takes qm_select_lock.
 * Return: QM_MIG_REGION_SEL, for the plan; 0 up to V3.
 */
u32 qm_select_open(struct qm_pf *pf)
{
	struct qm_select *select = &pf->select;
	u32 sel;

	mutex_lock(&qm_select_lock);
	claim(pf);
	restore(pf, &sel);
	if (!select->opens++) {
		select->plan = sel != U32_MAX && (sel & QM_MIG_REGION_EN);
		select->said = false;
	}
	if (select->plan) {
		sel |= QM_MIG_REGION_EN;
		schedule_delayed_work(&select->watch, QM_SELECT_WATCH);
	}
	mutex_unlock(&qm_select_lock);
	return sel;
}

/**
 * qm_select_close() - a VF does not care any more where its registers are
 * @pf: its PF
 *
 * Context: may sleep; takes qm_select_lock.
 */
void qm_select_close(struct qm_pf *pf)
{
	mutex_lock(&qm_select_lock);
	pf->select.opens--;
	mutex_unlock(&qm_select_lock);
}

/**
 * qm_select_is_lost() - is the bit not to be kept as open VFs need it?
 * @pf: the PF
 *
 * Context: may sleep; takes qm_select_lock.
 * Return: true if it has been tried in vain.
 */
bool qm_select_is_lost(struct qm_pf *pf)
{
	bool lost;

	mutex_lock(&qm_select_lock);
	lost = pf->select.opens && pf->select.said;
	mutex_unlock(&qm_select_lock);
	return lost;
}

/**
 * qm_select_keep() - is the control mode still what it was at open?
 * @log: the VF's log
 * @pf: its PF
 * @ctrl: what was found at open
 *
 * If not, the registers that we know are dead, and a state read from them
 * would be all ones. A bit that was lost is set again, but for during the reset
 * that takes it.
 *
 * Context: may sleep; takes qm_select_lock; one MMIO read, and a write and another
 * read if the bit was lost; nothing on V3, which has no such bit.
 * Return: 0; 1 if it is so again, and was not; -EIO.
 */
int qm_select_keep(struct mig_log *log, struct qm_pf *pf, enum qm_mig_ctrl ctrl)
{
	enum qm_mig_ctrl now;
	bool was_lost;
	u32 sel;

	if (pf->ver <= QM_VER_V3)
		return 0;
	if (out_of_reach(pf)) {
		mig_log_err(log, "PF is being reset\n");
		return -EIO;
	}

	mutex_lock(&qm_select_lock);
	was_lost = restore(pf, &sel);
	mutex_unlock(&qm_select_lock);

	if (sel == U32_MAX) {
		mig_log_err(log, "PF does not answer: migration select reads all ones\n");
		return -EIO;
	}
	now = qm_mig_ctrl(pf->ver, sel);
	if (now != ctrl) {
		mig_log_err(log, "migration control moved from %s to %s since the device was opened\n",
			    qm_mig_ctrl_name(ctrl), qm_mig_ctrl_name(now));
		return -EIO;
	}
	return was_lost;
}
