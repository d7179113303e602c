/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Emulated HiSilicon Kunpeng accelerator: what its users know nothing of.
 *
 * Where public sources leave open what the hardware does, a property of the
 * device decides. Each question has a few answers; 0 is the one that a device
 * gives unless told otherwise. docs/emulator.md says what each of them means.
 *
 * Shared by the QEMU device and by the test programs: plain enumerations only.
 * Numbers are never reused.
 */
#ifndef KUNPENG_ANSWERS_H
#define KUNPENG_ANSWERS_H

enum kunpeng_question {
    KP_Q_PAUSE_END,         /* what ends PAUSE_QM */
    KP_Q_VF_STATE_RESET,    /* VF_STATE after a reset of the function */
    KP_Q_DB_DROP_RESET,     /* V5: FUN_DB_DROP after a reset of the function */
    KP_Q_SELECT_RESET,      /* the select bit after a reset of the PF */
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

#endif /* KUNPENG_ANSWERS_H */
