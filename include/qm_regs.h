/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Registers of the HiSilicon accelerator queue manager (QM) that a migration
 * driver touches. Names are those of the kernel's own headers; where both are
 * included the definitions must stay token for token the same.
 */
#ifndef QM_REGS_H
#define QM_REGS_H

#include <linux/bits.h>

/* QM version: the revision id of the PCI function */
#define QM_VER_V3			0x30
#define QM_VER_V5			0x51

/*
 * Function registers: offset in the VF's BAR2, or in its window of the PF's
 * BAR2 as far as that reaches.
 */
#define QM_VF_AEQ_INT_SOURCE		0x0000	/* write 1 to clear */
#define QM_VF_AEQ_INT_MASK		0x0004
#define QM_VF_EQ_INT_SOURCE		0x0008	/* write 1 to clear */
#define QM_VF_EQ_INT_MASK		0x000c
#define QM_IFC_INT_SOURCE_V		0x0020	/* write 1 to clear */
#define QM_IFC_INT_MASK			0x0024	/* 0: PF/VF messages enabled */
#define QM_IFC_INT_STATUS		0x0028
#define QM_IFC_INT_SET_V		0x002c
#define QM_QUE_ISO_CFG_V		0x0030
#define QM_PAGE_SIZE			0x0034
#define QM_FUN_DB_DROP			0x0038	/* from V5 on; 1: doorbells are dropped */
#define QM_VF_STATE			0x60
#define QM_VF_STATE_NOT_READY		BIT(0)
#define QM_CACHE_WB_START		0x204
#define QM_CACHE_WB_DONE		0x208
#define QM_MB_CMD_SEND_BASE		0x300
#define QM_DOORBELL_SQ_CQ_BASE_V2	0x1000
#define QM_DOORBELL_EQ_AEQ_BASE_V2	0x2000

/* Migration registers: EQC and AEQC, 7 dwords each */
#define QM_XQC_DW_NUM			7
#define QM_EQC_VF_DW0			0x8000	/* in the VF's BAR2 */
#define QM_AEQC_VF_DW0			0x8020
#define QM_EQC_PF_DW0			0x1c00	/* in the VF's window of the PF */
#define QM_AEQC_PF_DW0			0x1c20
#define QM_XQC_DW0_HEAD			GENMASK(15, 0)

#define QM_MIG_REGION_OFFSET		0x180000	/* PF BAR2: window of function 0 */
#define QM_MIG_REGION_SIZE		0x2000		/* of one function */

/* Mailbox: 16 bytes, taken by the hardware as one store */
#define QM_MB_W0_CMD			GENMASK(7, 0)
#define QM_MB_W0_STATUS			GENMASK(12, 9)
#define QM_MB_W0_BUSY			BIT(13)
#define QM_MB_W0_OP_GET			BIT(14)
#define QM_MB_CMD_SQC_BT                0x4
#define QM_MB_CMD_CQC_BT                0x5
#define QM_MB_CMD_SQC_VFT_V2		0x6
#define QM_MB_CMD_PAUSE_QM		0xe

/* Answer to QM_MB_CMD_SQC_VFT_V2, 64 bits: a function's queue pairs */
#define QM_VFT_SQC_BASE			GENMASK_ULL(43, 28)
#define QM_VFT_SQC_NUM			GENMASK_ULL(54, 45)	/* less one */

/* Doorbell, 64 bits */
#define QM_DB_QUEUE			GENMASK_ULL(11, 0)
#define QM_DB_CMD			GENMASK_ULL(15, 12)
#define QM_DB_INDEX			GENMASK_ULL(47, 32)
#define QM_DB_PRIORITY			GENMASK_ULL(63, 48)
#define QM_DOORBELL_CMD_SQ              0
#define QM_DOORBELL_CMD_EQ              2
#define QM_DOORBELL_CMD_AEQ             3

/* PF registers */
#define QM_ABNORMAL_INT_STATUS		0x100008
#define QM_MIG_REGION_SEL		0x100198
#define QM_MIG_REGION_EN		BIT(0)
#define SEC_CORE_INT_STATUS		0x301008
#define HPRE_HAC_INT_STATUS		0x301800
#define HZIP_CORE_INT_STATUS		0x3010ac

#endif /* QM_REGS_H */
