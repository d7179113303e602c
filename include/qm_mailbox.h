/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The registers of one function: bounded access, mailbox, doorbells and the
 * write-back of cached contexts.
 */
#ifndef QM_MAILBOX_H
#define QM_MAILBOX_H

#include <linux/ktime.h>
#include <linux/types.h>

struct mig_log;

/*
 * An access through the window is never allowed to leave it: @regs covers the
 * VF's BAR2 or its window of the PF's BAR2, and the doorbells, which a window
 * has no room for, have a mapping of their own.
 */
struct qm_win {
	struct mig_log *log;
	void __iomem *regs;
	u32 len;			/* of @regs, in bytes */
	u32 eqc;			/* offsets in @regs */
	u32 aeqc;
	void __iomem *doorbells;	/* VF BAR2, functional half */
	u32 ver;			/* QM version */
	bool ready_is_vague;		/* VF_STATE says "ready" after a reset */
	u32 command_ns;			/* what a mailbox command takes; 0: not known */
	bool tells_meanwhile;		/* registers can be read while a command is at work */
};

/* Queue pairs of a function. */
struct qm_vft {
	u32 base;
	u32 num;
};

/* A mailbox command under way. */
struct qm_ask {
	u16 w0;
	ktime_t since;			/* 0: just sent */
};

u32 qm_win_read(const struct qm_win *win, u32 reg);
void qm_win_write(const struct qm_win *win, u32 reg, u32 val);
void qm_win_read_block(const struct qm_win *win, u32 reg, __le32 *dw, unsigned int num);
void qm_win_write_block(const struct qm_win *win, u32 reg, const __le32 *dw,
			unsigned int num);
void qm_mailbox_measure(struct qm_win *win, bool was_reset);
int qm_mailbox_wait_ready(const struct qm_win *win);
int qm_mailbox_pause(const struct qm_win *win);
int qm_mailbox_get_vft(const struct qm_win *win, struct qm_vft *vft);
int qm_mailbox_has_tables(const struct qm_win *win, bool if_refused, bool *has);
int qm_mailbox_set_bases(const struct qm_win *win, u64 sqc, u64 cqc);
void qm_mailbox_ask_base(const struct qm_win *win, u8 cmd, struct qm_ask *ask);
int qm_mailbox_get_base(const struct qm_win *win, const struct qm_ask *ask, u64 *addr);
int qm_cache_write_back(const struct qm_win *win, u32 *took_ns);
void qm_doorbell_restart_sqs(const struct qm_win *win, u32 num);
void qm_doorbell_xeq(const struct qm_win *win, u8 cmd, u16 head);

#endif /* QM_MAILBOX_H */
