/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The plan of one VF: who controls migration, where its registers are, and how
 * much of BAR2 that leaves for the guest. It follows from a few facts.
 */
#ifndef QM_MIG_REGION_H
#define QM_MIG_REGION_H

#include <linux/types.h>

enum qm_mig_ctrl {
	QM_MIG_CTRL_VF,		/* registers in the high half of the VF's BAR2 */
	QM_MIG_CTRL_PF,		/* registers in a window of the PF's BAR2 */
};

/* What the guest is to take the VF for. */
enum qm_guest_view {
	QM_GUEST_VIEW_NATIVE,
	QM_GUEST_VIEW_V3,	/* BAR2 of 32 KiB, revision id of V3 */
};

/* All that the choice depends on. */
struct qm_mig_facts {
	u32 ver;		/* QM version */
	u32 sel;		/* QM_MIG_REGION_SEL; read if ver > V3, else 0 */
	int fn;			/* function number, VFs from 1 */
	enum qm_guest_view view;
	size_t page_size;	/* of the host */
	resource_size_t vf_bar2_len;
	resource_size_t pf_bar2_len;
};

struct qm_mig_region {
	enum qm_mig_ctrl ctrl;
	resource_size_t offset;		/* of the function's registers in BAR2 of VF or PF */
	u32 len;			/* of these registers, in bytes */
	u32 eqc;			/* offset of EQC dword 0 in them */
	u32 aeqc;
	resource_size_t guest_bar2_len;	/* what the guest may see of BAR2 */
	const char *why_not;		/* migration is not offered because of this */
};

enum qm_mig_ctrl qm_mig_ctrl(u32 ver, u32 sel);
const char *qm_mig_ctrl_name(enum qm_mig_ctrl ctrl);
bool qm_mig_region_plan(const struct qm_mig_facts *facts,
			struct qm_mig_region *region);

#endif /* QM_MIG_REGION_H */
