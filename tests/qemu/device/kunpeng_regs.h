/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Registers of the emulated HiSilicon Kunpeng accelerator: what the model
 * decodes. docs/emulator.md tells for each where it is known from.
 */
#ifndef KUNPENG_REGS_H
#define KUNPENG_REGS_H

#define KP_VENDOR_ID            0x19e5
#define KP_MAX_FUNCS            64
#define KP_VECTORS              4
#define KP_VEC_EQ               0
#define KP_VEC_AEQ              1
#define KP_VEC_IFC              2
#define KP_VEC_ABNORMAL         3

#define KP_VER_V3               0x30
#define KP_VER_V4               0x50
#define KP_VER_V5               0x51

/* BAR2: a VF's, and the PF's with the VFs' windows in it */
#define KP_VF_BAR2_SIZE         0x10000
#define KP_PF_BAR2_SIZE         0x400000
#define KP_BAR4_QUEUE_SIZE      0x10000     /* doorbell page of a queue */
#define KP_FUNC_LOW_SIZE        0x8000      /* function registers */
#define KP_WINDOW_BASE          0x180000
#define KP_WINDOW_SIZE          0x2000
#define KP_WINDOW_END           (KP_WINDOW_BASE + KP_MAX_FUNCS * KP_WINDOW_SIZE)
#define KP_PF_GLOBAL            0x100000    /* the PF's own begin here */

/* Function registers */
#define KP_AEQ_INT_SOURCE       0x0000
#define KP_AEQ_INT_MASK         0x0004
#define KP_EQ_INT_SOURCE        0x0008
#define KP_EQ_INT_MASK          0x000c
#define KP_IFC_INT_SOURCE_V     0x0020
#define KP_IFC_INT_MASK         0x0024
#define KP_IFC_INT_STATUS       0x0028
#define KP_IFC_INT_SET_V        0x002c
#define KP_QUE_ISO_CFG_V        0x0030
#define KP_PAGE_SIZE            0x0034
#define KP_FUN_DB_DROP          0x0038      /* V5 */
#define KP_VF_STATE             0x0060
#define KP_FUNS_ACTIVE_ST       0x0200
#define KP_CACHE_WB_START       0x0204
#define KP_CACHE_WB_DONE        0x0208
#define KP_SUB_VERSION_ID       0x0210
#define KP_MAILBOX              0x0300
#define KP_MAILBOX_END          0x0310
#define KP_VF2PF_VF_W           0x0320      /* V4: 64-bit message to the PF */
#define KP_PF2VF_VF_R           0x0380      /* V4: 64-bit message of the PF */
#define KP_FUNC_PLAIN_END       0x0388
#define KP_DB_SQ_CQ             0x1000
#define KP_CHANNEL_USAGE        0x1100
#define KP_CHANNEL_USAGE_END    0x1120
#define KP_WINDOW_EQC           0x1c00
#define KP_WINDOW_AEQC          0x1c20
#define KP_DB_EQ_AEQ            0x2000
#define KP_CAPS                 0x3100
#define KP_CAPS_END             0x3180
#define KP_BAR_EQC              0x8000
#define KP_BAR_AEQC             0x8020
#define KP_XEQC_SIZE            0x1c        /* dwords 0..6 */

#define KP_IFC_PENDING          (1u << 0)
#define KP_VF_NOT_READY         (1u << 0)

/* Mailbox */
#define KP_MB_STATUS_SHIFT      9
#define KP_MB_STATUS_LEN        4
#define KP_MB_BUSY              (1u << 13)
#define KP_MB_GET               (1u << 14)
#define KP_MB_CMD_SQC           0x0
#define KP_MB_CMD_CQC           0x1
#define KP_MB_CMD_EQC           0x2
#define KP_MB_CMD_AEQC          0x3
#define KP_MB_CMD_SQC_BT        0x4
#define KP_MB_CMD_CQC_BT        0x5
#define KP_MB_CMD_SQC_VFT       0x6
#define KP_MB_CMD_STOP_QP       0x8
#define KP_MB_CMD_FLUSH_QM      0x9
#define KP_MB_CMD_SRC           0xc
#define KP_MB_CMD_DST           0xd
#define KP_MB_CMD_PAUSE_QM      0xe
#define KP_MB_TO_ALL_VFS        0xffff
#define KP_MB_STATUS_ERROR      1
#define KP_MB_STATUS_OTHER      0xa

/* Doorbell, 64-bit */
#define KP_DB_QN_LEN            12
#define KP_DB_CMD_SHIFT         12
#define KP_DB_CMD_LEN           4
#define KP_DB_INDEX_SHIFT       32
#define KP_DB_PRIO_SHIFT        48
#define KP_DB_CMD_SQ            0
#define KP_DB_CMD_CQ            1
#define KP_DB_CMD_EQ            2
#define KP_DB_CMD_AEQ           3

/* PF registers */
#define KP_ABNORMAL_INT_SOURCE  0x100000
#define KP_ABNORMAL_INT_MASK    0x100004
#define KP_ABNORMAL_INT_STATUS  0x100008
#define KP_ABNORMAL_INT_SET     0x10000c
#define KP_RAS_EQ_AEQ           (1u << 7)   /* a context that can't be used */
#define KP_RAS_CQ               (1u << 8)
#define KP_RAS_SQ               (1u << 9)
#define KP_RAS_ALL              0x7fffu
#define KP_MEM_START_INIT       0x100040
#define KP_MEM_INIT_DONE        0x100044
#define KP_VFT_OP_ENABLE        0x100054
#define KP_VFT_OP_WR            0x100058
#define KP_VFT_TYPE             0x10005c
#define KP_VFT_CFG              0x100060
#define KP_VFT_DATA_L           0x100064
#define KP_VFT_DATA_H           0x100068
#define KP_VFT_RDY              0x10006c
#define KP_RAS_CE_ENABLE        0x1000ec
#define KP_RAS_CE_THRESHOLD     0x1000f8
#define KP_IFC_READY_STATUS     0x100128    /* 64-bit */
#define KP_IFC_INT_SET_P        0x100130
#define KP_IFC_INT_CFG          0x100134
#define KP_IFC_INT_SOURCE_P     0x100138    /* 64-bit */
#define KP_QP_CAPS              0x100158
#define KP_SHAPER_CFG           0x100164
#define KP_MIG_REGION_SEL       0x100198
#define KP_DEV_DB_DROP          0x100250    /* V5, 64-bit */
#define KP_FUNC_AXI_ERR         0x100280    /* 64-bit */
#define KP_OOO_SHUTDOWN_SEL     0x1040f8
#define KP_PF2VF_PF_W           0x104700    /* V4, 64-bit */
#define KP_VF2PF_PF_R           0x104800    /* V4, 32 bits a function */
#define KP_MASTER_CTRL          0x300000
#define KP_MASTER_TRANS_RETURN  0x300150

#define KP_IFC_ALL_VFS          0x7f
#define KP_VFT_SQC              0
#define KP_VFT_CQC              1
#define KP_VFT_SHAPER           2
#define KP_VFT_SHAPER_ALG_SHIFT 6
#define KP_VFT_BASE_SHIFT       28
#define KP_VFT_BASE_LEN         16
#define KP_VFT_VALID            (1ull << 44)
#define KP_VFT_NUM_SHIFT        45
#define KP_VFT_NUM_LEN          10

/* Engines */
#define KP_ENGINE               0x301000    /* their registers begin here */
#define KP_ZIP_INT_SOURCE       0x3010a0
#define KP_ZIP_INT_MASK         0x3010a4
#define KP_ZIP_INT_SET          0x3010a8
#define KP_ZIP_INT_STATUS       0x3010ac
#define KP_SEC_INT_STATUS       0x301008
#define KP_SEC_INT_SOURCE       0x301010
#define KP_SEC_MEM_START        0x301100
#define KP_SEC_MEM_DONE         0x301104
#define KP_HPRE_INT_MASK        0x301400
#define KP_HPRE_INT_SET         0x301500
#define KP_HPRE_INT_SOURCE      0x301600
#define KP_HPRE_INT_STATUS      0x301800
#define KP_HPRE_RDCHN_INI_ST    0x301a00
#define KP_HPRE_CLUSTER         0x302000
#define KP_HPRE_CLUSTER_END     0x306000
#define KP_HPRE_CORE_ENB        0x004       /* in a cluster's 4 KiB */
#define KP_HPRE_CORE_INI_STATUS 0x080

#endif /* KUNPENG_REGS_H */
