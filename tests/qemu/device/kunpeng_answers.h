/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Emulated HiSilicon Kunpeng accelerator: what its users know nothing of.
 *
 * Where public sources leave open what the hardware does, a property of the
 * device decides. Each question has a few answers; 0 is the one that a device
 * gives unless told otherwise. docs/emulator.md says what each of them means.
 *
 * Plain enumerations only, so that programs can share them. Numbers are never
 * reused.
 */
#ifndef KUNPENG_ANSWERS_H
#define KUNPENG_ANSWERS_H

enum kunpeng_question {
    KP_Q_PAUSE_END,         /* what ends PAUSE_QM */
    KP_Q_VF_STATE_RESET,    /* VF_STATE after a reset of the function */
    KP_Q_DB_DROP_RESET,     /* V5: FUN_DB_DROP after a reset of the function */
    KP_Q_SELECT_RESET,      /* the select bit after a reset of the PF */
    KP_Q_WB_DONE,           /* what clears CACHE_WB_DONE */
    KP_Q_BUSY_READS,        /* registers while a command or write-back runs */
    KP_Q_RESTART,           /* what a restart doorbell lets go */
    KP_Q_RESTART_EVENTS,    /* events that wait at a restart doorbell */
    KP_Q_INT_SOURCE,        /* what clears the source of an event queue */
    KP_Q_INT_RULE,          /* when an event queue sends its message */
    KP_Q_PAGE_SIZE,         /* PAGE_SIZE written by a VF */
    KP_Q_ISO_CFG,           /* QUE_ISO_CFG_V written by a VF */
    KP_Q_CACHE_EVICT,       /* when cached contexts reach memory */
    KP_Q_POSTED_ORDER,      /* writes to a window, doorbells to the VF */
    KP_Q_FLR_RECOVERY,      /* registers in the 100 ms after a reset */
    KP_Q_MBOX_ERROR,        /* status of a command that fails */
    KP_Q_LATENCY,           /* are commands alike in time? */
    KP_Q_MBOX_STORE,        /* how a command is taken */
    KP_Q_FLR_CLEARS,        /* Bus Master and MSI after a reset */
    KP_Q_FLR_DMA,           /* jobs in flight at a reset */
    KP_Q_PAUSE_DMA,         /* jobs in flight at PAUSE_QM */
    KP_Q_MBOX_WHEN,         /* which functions' commands are taken */
    KP_QUESTIONS,
};

enum kunpeng_pause_end {
    KP_PAUSE_END_EQC,           /* the EQ's context set, a restart, a reset */
    KP_PAUSE_END_DOORBELL,      /* a restart of a queue with a context, a reset */
    KP_PAUSE_END_DOORBELL_ONLY, /* a restart of a queue with a context */
};

enum kunpeng_vf_state_reset {
    KP_VF_STATE_RESET_NOT_READY,
    KP_VF_STATE_RESET_READY,
};

enum kunpeng_db_drop_reset {
    KP_DB_DROP_RESET_CLEAR,
    KP_DB_DROP_RESET_SET,
    KP_DB_DROP_RESET_KEPT,
};

enum kunpeng_select_reset {
    KP_SELECT_RESET_LOST,
    KP_SELECT_RESET_KEPT,
};

enum kunpeng_wb_done {
    KP_WB_DONE_START,           /* the next start */
    KP_WB_DONE_RESET,           /* a reset of the function alone */
    KP_WB_DONE_READ,            /* a read that has seen it set */
};

enum kunpeng_busy_reads {
    KP_BUSY_READS_ANSWER,
    KP_BUSY_READS_ONES,
    KP_BUSY_READS_OLD,          /* as they were when it began */
    KP_BUSY_READS_STALL,        /* the read ends when the command does */
};

enum kunpeng_restart {
    KP_RESTART_QUEUE,           /* its queue, from its context */
    KP_RESTART_FUNCTION,        /* all queues of the function */
    KP_RESTART_TAIL,            /* its index is the tail, if merely paused */
};

enum kunpeng_restart_events {
    KP_RESTART_EVENTS_RAISED,
    KP_RESTART_EVENTS_SILENT,
};

enum kunpeng_int_source {
    KP_INT_SOURCE_W1C,          /* a 1 written there, and the doorbell */
    KP_INT_SOURCE_DOORBELL,     /* the doorbell alone */
    KP_INT_SOURCE_READ_ONLY,    /* nothing: it tells whether entries wait */
};

enum kunpeng_int_rule {
    KP_INT_RULE_ONE_SHOT,       /* once, until its source is cleared */
    KP_INT_RULE_EACH,           /* with each event */
    KP_INT_RULE_LEVEL,          /* again whenever it is cleared and entries wait */
};

enum kunpeng_config_write {     /* of PAGE_SIZE and of QUE_ISO_CFG_V */
    KP_CONFIG_WRITE_HOLDS,
    KP_CONFIG_WRITE_IGNORED,
    KP_CONFIG_WRITE_STOPPED,    /* holds if the function is paused or not ready */
};

enum kunpeng_cache_evict {
    KP_CACHE_EVICT_ASKED,
    KP_CACHE_EVICT_ANY_TIME,
};

enum kunpeng_posted_order {
    KP_POSTED_ORDER_PROGRAM,
    KP_POSTED_ORDER_FUNCTION,   /* those to the PF may come later */
};

enum kunpeng_flr_recovery {
    KP_FLR_RECOVERY_ANSWERS,
    KP_FLR_RECOVERY_ONES,
};

enum kunpeng_mbox_error {
    KP_MBOX_ERROR_ONE,
    KP_MBOX_ERROR_OTHER,
};

enum kunpeng_latency {
    KP_LATENCY_STEADY,
    KP_LATENCY_JITTER,
};

enum kunpeng_mbox_store {
    KP_MBOX_STORE_WHOLE,        /* 128 bits */
    KP_MBOX_STORE_HALVES,       /* 64 bits twice, in any order */
};

enum kunpeng_flr_clears {
    KP_FLR_CLEARS_YES,
    KP_FLR_CLEARS_NO,
};

enum kunpeng_flr_dma {
    KP_FLR_DMA_CUT,
    KP_FLR_DMA_ENDS,            /* the jobs are done first */
};

enum kunpeng_pause_dma {
    KP_PAUSE_DMA_ENDS,
    KP_PAUSE_DMA_CUT,           /* given up, and begun again after the pause */
};

enum kunpeng_mbox_when {
    KP_MBOX_WHEN_ALWAYS,
    KP_MBOX_WHEN_NOT_PAUSED,
    KP_MBOX_WHEN_READY,         /* but for SQC_VFT and messages */
};

#endif /* KUNPENG_ANSWERS_H */
