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
#include <linux/limits.h>
#include <linux/sizes.h>

#include "include/qm_mig_region.h"
#include "include/qm_regs.h"

#define QM_VF_BAR2_SIZE		SZ_64K
#define QM_VF_BAR2_FUNC_SIZE	SZ_32K	/* functional half */
#define QM_FN_MAX		63

/**
 * qm_mig_ctrl() - who controls migration
 * @ver: QM version
 * @sel: QM_MIG_REGION_SEL; 0 up to V3
 *
 * Context: any.
 * Return: the control mode.
 */
enum qm_mig_ctrl qm_mig_ctrl(u32 ver, u32 sel)
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
