// SPDX-License-Identifier: GPL-2.0-only
/*
 * Who controls migration, where its registers are, and what that leaves of
 * BAR2 for the guest.
 *
 * VF control (QM V3, and newer ones while the PF's select bit is clear): the
 * migration registers are the high half of the VF's BAR2, so the guest gets the
 * low half alone. PF control (newer than V3 and bit set): they are in a window
 * of the PF's BAR2, one for each function, the high half of the VF's BAR2 is
 * dead, and the guest gets all of it. Only one of the two answers at any time.
 *
 * Version alone decides nothing: a PF driver that does not know the bit leaves
 * V4 hardware under VF control.
 */
#include <linux/align.h>
#include <linux/lockdep.h>
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "hisi_acc_vfio_pci.h"
#include "include/qm_io.h"
#include "include/qm_regs.h"

#define QM_VF_BAR2_SIZE		SZ_64K
#define QM_VF_BAR2_FUNC_SIZE	SZ_32K	/* functional half */
#define QM_FN_MAX		63

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

static enum qm_mig_ctrl qm_mig_ctrl(u32 ver, u32 sel)
{
	return ver > QM_VER_V3 && (sel & QM_MIG_REGION_EN) ? QM_MIG_CTRL_PF :
							     QM_MIG_CTRL_VF;
}

/**
 * qm_mig_ctrl_name() - name a control mode
 * @ctrl: the mode
 *
 * Context: any.
 * Return: "PF" or "VF".
 */
const char *qm_mig_ctrl_name(enum qm_mig_ctrl ctrl)
{
	return ctrl == QM_MIG_CTRL_PF ? "PF" : "VF";
}

/**
 * qm_mig_region_read_sel() - read the select bit's register
 * @pf: the PF
 *
 * The register is there from V4 on and not touched before.
 *
 * Context: any; one MMIO read at most.
 * Return: its value; 0 up to V3.
 */
u32 qm_mig_region_read_sel(const struct qm_pf *pf)
{
	return pf->ver > QM_VER_V3 ? qm_io_read32(pf->regs + QM_MIG_REGION_SEL) : 0;
}

/*
 * A PF driver that knows the bit sets it itself, and it is never ours then. Of
 * the others one cannot know whether they will come to, so that a bit which is
 * set already when its first VF comes along is not ours either.
 */
static bool may_claim(struct qm_pf *pf)
{
	lockdep_assert_held(&pf->sel_lock);
	return own_select && !COMPAT_PF_DRIVER_SETS_SELECT && pf->ver > QM_VER_V3 &&
	       !pf->opens;
}

static void claim_locked(struct qm_pf *pf)
{
	u32 sel;

	if (!may_claim(pf))
		return;
	sel = qm_mig_region_read_sel(pf);
	if (sel & QM_MIG_REGION_EN)
		return;
	qm_io_write32(pf->regs + QM_MIG_REGION_SEL, sel | QM_MIG_REGION_EN);
	if (!pf->owns_sel)
		pci_info(pf->pdev, "migration select set: PF control for all VFs\n");
	pf->owns_sel = true;
}

/**
 * qm_mig_region_claim() - take the select bit where the PF driver leaves it alone
 * @pf: the PF of a VF that is being bound
 *
 * Does nothing unless the module was told to (select_bit=own), and nothing while
 * a VF of the PF is open: the bit moves the registers of all of them.
 *
 * Context: may sleep; takes sel_lock.
 */
void qm_mig_region_claim(struct qm_pf *pf)
{
	mutex_lock(&pf->sel_lock);
	claim_locked(pf);
	mutex_unlock(&pf->sel_lock);
}

/**
 * qm_mig_region_open() - a VF is about to rely on where its registers are
 * @pf: its PF
 *
 * Context: may sleep; takes sel_lock.
 */
void qm_mig_region_open(struct qm_pf *pf)
{
	mutex_lock(&pf->sel_lock);
	claim_locked(pf);
	pf->opens++;
	mutex_unlock(&pf->sel_lock);
}

/**
 * qm_mig_region_close() - a VF does not care any more where its registers are
 * @pf: its PF
 *
 * Context: may sleep; takes sel_lock.
 */
void qm_mig_region_close(struct qm_pf *pf)
{
	mutex_lock(&pf->sel_lock);
	pf->opens--;
	mutex_unlock(&pf->sel_lock);
}

/**
 * qm_mig_region_release() - the last VF of a PF is unbound
 * @pf: the PF
 *
 * Clears the select bit if it was set by us.
 *
 * Context: any; nobody else uses @pf any more.
 */
void qm_mig_region_release(struct qm_pf *pf)
{
	u32 sel;

	if (!pf->owns_sel)
		return;
	sel = qm_mig_region_read_sel(pf);
	if (sel != U32_MAX)
		qm_io_write32(pf->regs + QM_MIG_REGION_SEL, sel & ~QM_MIG_REGION_EN);
	pf->owns_sel = false;
}

static void plan_vf_ctrl(struct qm_mig_region *region)
{
	region->offset = 0;
	region->len = QM_VF_BAR2_SIZE;
	region->eqc = QM_EQC_VF_DW0;
	region->aeqc = QM_AEQC_VF_DW0;
	region->guest_bar2_len = QM_VF_BAR2_FUNC_SIZE;
}

static void plan_pf_ctrl(const struct qm_mig_facts *facts,
			 struct qm_mig_region *region)
{
	region->offset = QM_MIG_REGION_OFFSET +
			 (resource_size_t)facts->fn * QM_MIG_REGION_SIZE;
	region->len = QM_MIG_REGION_SIZE;
	region->eqc = QM_EQC_PF_DW0;
	region->aeqc = QM_AEQC_PF_DW0;
	region->guest_bar2_len = facts->view == QM_GUEST_VIEW_V3 ?
				 QM_VF_BAR2_FUNC_SIZE : QM_VF_BAR2_SIZE;

	if (region->offset + region->len > facts->pf_bar2_len)
		region->why_not = "PF's BAR2 has no window for this function";
}

/**
 * qm_mig_region_plan() - choose control mode, registers and the guest's share
 * @facts: what it depends on
 * @region: the choice
 *
 * Where migration cannot be offered, the guest is shown all of BAR2, as plain
 * vfio-pci does, and @region->why_not says why, in words for the log.
 *
 * Context: any; touches no hardware.
 * Return: true if migration can be offered.
 */
bool qm_mig_region_plan(const struct qm_mig_facts *facts,
			struct qm_mig_region *region)
{
	*region = (struct qm_mig_region){
		.ctrl = qm_mig_ctrl(facts->ver, facts->sel),
	};

	if (facts->ver < QM_VER_V3)
		region->why_not = "hardware is older than QM V3";
	else if (facts->sel == U32_MAX)
		region->why_not = "PF does not answer";
	else if (facts->fn < 1 || facts->fn > QM_FN_MAX)
		region->why_not = "function number is out of range";
	else if (facts->vf_bar2_len != QM_VF_BAR2_SIZE)
		region->why_not = "BAR2 is not 64 KiB";
	else if (region->ctrl == QM_MIG_CTRL_PF)
		plan_pf_ctrl(facts, region);
	else
		plan_vf_ctrl(region);

	/*
	 * What cannot be mapped would be trapped, and a trapped 128-bit access
	 * to the mailbox cannot be emulated: the guest's driver would die.
	 */
	if (!region->why_not && !IS_ALIGNED(region->guest_bar2_len, facts->page_size))
		region->why_not = "half of BAR2 cannot be mapped with this page size";

	if (region->why_not)
		region->guest_bar2_len = facts->vf_bar2_len;
	return !region->why_not;
}

/**
 * qm_mig_region_recheck() - is the control mode still what it was at open?
 * @log: the VF's log
 * @pf: its PF
 * @region: what was found at open
 *
 * If not, the registers that we know are dead, and a state read from them
 * would be all ones. A bit of our own that was lost is set again.
 *
 * Context: may sleep; one MMIO read, and a write if the bit was lost; nothing on
 * V3, which has no such bit.
 * Return: 0, or -EIO.
 */
int qm_mig_region_recheck(struct mig_log *log, struct qm_pf *pf,
			  const struct qm_mig_region *region)
{
	enum qm_mig_ctrl now;
	u32 sel;

	if (pf->ver <= QM_VER_V3)
		return 0;

	mutex_lock(&pf->sel_lock);
	sel = qm_mig_region_read_sel(pf);
	if (pf->owns_sel && !(sel & QM_MIG_REGION_EN)) {
		/* A reset of the PF may do that. */
		sel |= QM_MIG_REGION_EN;
		qm_io_write32(pf->regs + QM_MIG_REGION_SEL, sel);
		dev_warn(&pf->pdev->dev, "migration select was lost, set again\n");
	}
	mutex_unlock(&pf->sel_lock);

	if (sel == U32_MAX) {
		mig_log_err(log, "PF does not answer: migration select reads all ones\n");
		return -EIO;
	}
	now = qm_mig_ctrl(pf->ver, sel);
	if (now != region->ctrl) {
		mig_log_err(log, "migration control moved from %s to %s since the device was opened\n",
			    qm_mig_ctrl_name(region->ctrl), qm_mig_ctrl_name(now));
		return -EIO;
	}
	return 0;
}
