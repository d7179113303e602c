// SPDX-License-Identifier: GPL-2.0-only
/*
 * The state of one function: pause it, see that it is quiet, save it, load it,
 * let it go on. Registers come from a table; vfio, files and locks are not
 * known here. Queues and context tables are in guest memory and move with it.
 *
 * Errnos as in qm_mailbox.c: after -ETIMEDOUT the hardware is half-way.
 */
#include <linux/delay.h>
#include <linux/errno.h>
#include <linux/kernel.h>

#include "include/mig_log.h"
#include "include/mig_stream.h"
#include "include/qm_io.h"
#include "include/qm_mailbox.h"
#include "include/qm_pf.h"
#include "include/qm_regs.h"
#include "include/qm_state.h"

/* PF and engine may still be clearing an error: time to get quiet. */
#define QM_QUIET_TIMEOUT_US	10000

/* Single registers in the order of loading, and where the record has them. */
static const struct qm_reg {
	u16 reg;
	u16 field;
	bool load_only;		/* what is saved is the PF's value */
	bool quiet;		/* 0 in a function that has been quiesced */
} qm_regs[] = {
	{ QM_VF_AEQ_INT_MASK,	offsetof(struct mig_record, aeq_int_mask) },
	{ QM_VF_EQ_INT_MASK,	offsetof(struct mig_record, eq_int_mask) },
	{ QM_IFC_INT_SOURCE_V,	offsetof(struct mig_record, ifc_int_source) },
	{ QM_IFC_INT_MASK,	offsetof(struct mig_record, ifc_int_mask) },
	{ QM_IFC_INT_SET_V,	offsetof(struct mig_record, ifc_int_set), .quiet = true },
	{ QM_QUE_ISO_CFG_V,	offsetof(struct mig_record, que_iso_cfg), .load_only = true },
	{ QM_PAGE_SIZE,		offsetof(struct mig_record, page_size) },
};

static __le32 *qm_field(struct mig_record *rec, u16 offset)
{
	return (void *)rec + offset;
}

/* PF and VF may exchange messages again. */
static void qm_enable_messages(const struct qm_win *win)
{
	qm_win_write(win, QM_IFC_INT_SOURCE_V, 1);
	qm_win_write(win, QM_IFC_INT_MASK, 0);
}

/* Has the guest's driver set the function up? */
static int qm_read_vf_state(const struct qm_win *win, bool *ready)
{
	u32 state = qm_win_read(win, QM_VF_STATE);

	if (state == U32_MAX) {
		mig_log_err(win->log, "VF state reads all ones: device does not answer\n");
		return -EIO;
	}
	*ready = !(state & QM_VF_STATE_NOT_READY);
	return 0;
}

/**
 * qm_state_look_at_reset() - learn what a reset leaves
 * @win: the function's registers, just reset; gets what is learnt
 *
 * Where VF_STATE says "ready" although no driver can be, it is not to be relied on
 * alone.
 *
 * Context: any; one MMIO read.
 */
void qm_state_look_at_reset(struct qm_win *win)
{
	u32 state = qm_win_read(win, QM_VF_STATE);

	if (state != U32_MAX && !(state & QM_VF_STATE_NOT_READY))
		win->ready_is_vague = true;
}

/* Is there a guest driver whose queues may be at work? */
static int qm_read_at_work(const struct qm_win *win, bool *at_work)
{
	int ret = qm_read_vf_state(win, at_work);

	if (!ret && *at_work && win->ready_is_vague)
		ret = qm_mailbox_has_tables(win, false, at_work);
	return ret;
}

/**
 * qm_state_pause() - stop all DMA of the function
 * @win: the function's registers
 * @paused: set if the function is paused now; left as it is otherwise
 *
 * A function whose guest driver is not ready does no DMA, and is left alone: nobody
 * knows what would end its pause when its driver starts it. A restart doorbell does,
 * but only a queue takes it.
 *
 * Context: may sleep.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_state_pause(const struct qm_win *win, bool *paused)
{
	bool at_work;
	int ret;

	ret = qm_read_at_work(win, &at_work);
	if (ret || !at_work)
		return ret;
	ret = qm_mailbox_pause(win);
	if (!ret)
		*paused = true;
	return ret;
}

static int qm_wait_quiet(const struct qm_win *win, void __iomem *reg,
			 const char *what)
{
	u32 val;

	if (!qm_io_poll32(reg, &val, U32_MAX, 0, 0, QM_QUIET_TIMEOUT_US))
		return 0;
	mig_log_err(win->log, "%s reads %#x, want 0: not quiet\n", what, val);
	return val == U32_MAX ? -EIO : -EBUSY;
}

/* What was at work when it was paused, and is not all there now, has been reset. */
static int qm_lost(const struct qm_win *win, const char *what)
{
	mig_log_err(win->log, "guest driver was at work when the VF was paused, now %s: reset meanwhile\n",
		    what);
	return -ESTALE;
}

/*
 * A function that has been reset by way of its PF has a message that nobody takes, and
 * so is never quiet.
 */
static int qm_why_not_quiet(const struct qm_win *win)
{
	bool has_tables;

	if (!qm_mailbox_has_tables(win, true, &has_tables) && !has_tables)
		return qm_lost(win, "queues are gone");
	return -EBUSY;
}

static int qm_look_quiet(const struct qm_win *win, const struct qm_pf *pf)
{
	const struct {
		void __iomem *reg;
		const char *what;
	} quiet[] = {
		{ pf->regs + QM_ABNORMAL_INT_STATUS, "QM error status of the PF" },
		{ win->regs + QM_IFC_INT_STATUS, "PF to VF message status" },
		{ win->regs + QM_IFC_INT_SET_V, "VF to PF message status" },
		{ pf->regs + pf->engine->core_status, "engine error status" },
	};
	unsigned int i;
	int ret = 0;

	for (i = 0; !ret && i < ARRAY_SIZE(quiet); i++)
		ret = qm_wait_quiet(win, quiet[i].reg, quiet[i].what);
	return ret == -EBUSY ? qm_why_not_quiet(win) : ret;
}

/**
 * qm_state_quiesce() - see that a paused function is quiet, write its caches back
 * @win: the function's registers
 * @pf: its PF, whose error status counts as well; learns how long a write-back takes
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if something is not quiet (nothing has changed then), -EIO,
 * -ESTALE if a reset has taken what was paused, or -ETIMEDOUT if the write-back is
 * never done.
 */
int qm_state_quiesce(const struct qm_win *win, struct qm_pf *pf)
{
	int ret = qm_look_quiet(win, pf);

	return ret ?: qm_cache_write_back(win, &pf->write_back_ns);
}

static void qm_read_singles(const struct qm_win *win, struct mig_record *rec, bool quiet)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qm_regs); i++) {
		if (qm_regs[i].load_only || (quiet && qm_regs[i].quiet))
			continue;
		*qm_field(rec, qm_regs[i].field) = cpu_to_le32(qm_win_read(win, qm_regs[i].reg));
	}
}

static void qm_set_rings(struct mig_record *rec)
{
	rec->eqe_dma = cpu_to_le64(mig_xqc_ring(rec->eqc));
	rec->aeqe_dma = cpu_to_le64(mig_xqc_ring(rec->aeqc));
}

/**
 * qm_state_read_regs() - read what of the state is in registers
 * @win: the function's registers
 * @rec: gets the registers and the addresses of the event rings
 *
 * Context: any; the function may be running.
 */
void qm_state_read_regs(const struct qm_win *win, struct mig_record *rec)
{
	qm_read_singles(win, rec, false);
	qm_win_read_block(win, win->eqc, rec->eqc, QM_XQC_DW_NUM);
	qm_win_read_block(win, win->aeqc, rec->aeqc, QM_XQC_DW_NUM);
	qm_set_rings(rec);
}

/* If it can, the hardware looks the base of a table up while an event context is read. */
static int qm_save_base(const struct qm_win *win, u8 cmd, __le64 *base, u32 xqc, __le32 *dw)
{
	struct qm_ask ask;
	u64 addr;
	int ret;

	if (!win->tells_meanwhile)
		qm_win_read_block(win, xqc, dw, QM_XQC_DW_NUM);
	qm_mailbox_ask_base(win, cmd, &ask);
	if (win->tells_meanwhile)
		qm_win_read_block(win, xqc, dw, QM_XQC_DW_NUM);
	ret = qm_mailbox_get_base(win, &ask, &addr);
	if (!ret)
		*base = cpu_to_le64(addr);
	return ret;
}

static int qm_save_queues(const struct qm_win *win, struct mig_record *rec)
{
	int ret;

	ret = qm_mailbox_wait_ready(win);
	if (!ret)
		ret = qm_save_base(win, QM_MB_CMD_SQC_BT, &rec->sqc_dma, win->eqc, rec->eqc);
	if (!ret)
		ret = qm_save_base(win, QM_MB_CMD_CQC_BT, &rec->cqc_dma, win->aeqc,
				   rec->aeqc);
	qm_set_rings(rec);
	return ret;
}

static unsigned int count_addrs(const struct mig_record *rec)
{
	return !!rec->eqe_dma + !!rec->aeqe_dma + !!rec->sqc_dma + !!rec->cqc_dma;
}

/**
 * qm_state_save() - capture the state of a stopped function
 * @win: the function's registers
 * @paused: it is paused, so its guest driver was at work then
 * @rec: the record; the match data are there already, the rest is 0
 * @len: set to what of the record is to be sent: the match data alone if the
 *	guest's driver is not ready, else all of it
 *
 * Context: may sleep.
 * Return: 0, -EBUSY, -EIO, -ETIMEDOUT, or -ESTALE if a reset has taken what was paused.
 */
int qm_state_save(const struct qm_win *win, bool paused, struct mig_record *rec, size_t *len)
{
	unsigned int addrs;
	bool ready;
	int ret;

	ret = qm_read_vf_state(win, &ready);
	if (ret)
		return ret;
	if (!ready && paused)
		return qm_lost(win, "it is not ready");
	rec->vf_qm_state = cpu_to_le32(ready ? MIG_VF_READY : MIG_VF_NOT_READY);
	if (!ready) {
		*len = MIG_MATCH_BYTES;
		return 0;
	}

	qm_read_singles(win, rec, true);
	ret = qm_save_queues(win, rec);
	if (ret)
		return ret;
	addrs = count_addrs(rec);
	if (addrs < 4 && paused)
		return qm_lost(win, "queues are gone");
	if (!addrs) {
		/* As a reset leaves it: no driver has been there. */
		rec->vf_qm_state = cpu_to_le32(MIG_VF_NOT_READY);
		*len = MIG_MATCH_BYTES;
		return 0;
	}
	if (addrs < 4) {
		mig_log_err(win->log, "guest driver is ready, but has set %u of 4 queue addresses\n",
			    addrs);
		return -EIO;
	}
	*len = MIG_RECORD_BYTES;
	return 0;
}

/**
 * qm_state_has_ones() - may a captured state have been read from dead registers?
 * @rec: the state
 *
 * What is dead reads as all ones, and a register that dies while others are
 * read is dead at the last of them. That may be half of a mailbox's answer.
 *
 * Context: any.
 * Return: false if each register has answered.
 */
bool qm_state_has_ones(const struct mig_record *rec)
{
	const __le32 *dw = &rec->aeq_int_mask;
	unsigned int i;

#pragma GCC unroll 4
	for (i = 0; i < (MIG_RECORD_BYTES - MIG_MATCH_BYTES) / sizeof(*dw); i++) {
		if (dw[i] == cpu_to_le32(U32_MAX))
			return true;
	}
	return false;
}

/**
 * qm_state_ring_events() - ring for the event queues of a captured function
 * @win: the function's registers
 * @rec: its state, known to be good: a doorbell with a head of all ones would
 *	be worse than none
 *
 * An event may have come in after the guest last looked; it must not be lost if
 * the guest goes on here.
 *
 * Context: any.
 */
void qm_state_ring_events(const struct qm_win *win, const struct mig_record *rec)
{
	qm_doorbell_xeq(win, QM_DOORBELL_CMD_EQ,
			le32_to_cpu(rec->eqc[0]) & QM_XQC_DW0_HEAD);
	qm_doorbell_xeq(win, QM_DOORBELL_CMD_AEQ,
			le32_to_cpu(rec->aeqc[0]) & QM_XQC_DW0_HEAD);
}

static int qm_load_singles(const struct qm_win *win, const struct mig_record *rec)
{
	const u32 page_size = le32_to_cpu(rec->page_size);
	unsigned int i;
	u32 holds;

	for (i = 0; i < ARRAY_SIZE(qm_regs); i++)
		qm_win_write(win, qm_regs[i].reg,
			     le32_to_cpu(*qm_field((struct mig_record *)rec,
						   qm_regs[i].field)));
	/* Written by the guest's driver, so it matters; whether it takes here is not sure. */
	holds = qm_win_read(win, QM_PAGE_SIZE);
	if (holds == page_size)
		return 0;
	mig_log_err(win->log, "page size reads %#x, and not %#x as the guest's driver has set it\n",
		    holds, page_size);
	return -EIO;
}

/**
 * qm_state_load() - put a checked record into a stopped function
 * @win: the function's registers; its mailbox is known to be ready
 * @rec: a record with queues that has passed all checks
 *
 * The function is said to be ready once it is configured, as the guest's driver has
 * done it: some registers may not take a value later. The commands come last, and so
 * no doorbell overtakes what goes through a window of the PF: their answers are read
 * through it.
 *
 * Context: may sleep.
 * Return: 0, or an errno after which the function is half-loaded.
 */
int qm_state_load(const struct qm_win *win, const struct mig_record *rec)
{
	int ret;

	/* Nobody knows whether a reset opens it, and a restart needs its doorbells. */
	if (win->ver >= QM_VER_V5)
		qm_win_write(win, QM_FUN_DB_DROP, 0);
	/* What a guest before has left would keep this one's interrupts back. */
	qm_win_write(win, QM_VF_AEQ_INT_SOURCE, 1);
	qm_win_write(win, QM_VF_EQ_INT_SOURCE, 1);
	ret = qm_load_singles(win, rec);
	if (ret)
		return ret;

	qm_win_write(win, QM_VF_STATE, le32_to_cpu(rec->vf_qm_state));
	qm_win_write_block(win, win->eqc, rec->eqc, QM_XQC_DW_NUM);
	qm_win_write_block(win, win->aeqc, rec->aeqc, QM_XQC_DW_NUM);
	qm_enable_messages(win);
	return qm_mailbox_set_bases(win, le64_to_cpu(rec->sqc_dma),
				    le64_to_cpu(rec->cqc_dma));
}

/**
 * qm_state_load_not_ready() - become a function whose guest driver is not ready
 * @win: the function's registers
 *
 * Nothing is written where that is what it is already.
 *
 * Context: any.
 * Return: 0, or -EIO.
 */
int qm_state_load_not_ready(const struct qm_win *win)
{
	bool ready;
	int ret;

	ret = qm_read_vf_state(win, &ready);
	if (!ret && ready)
		qm_win_write(win, QM_VF_STATE, QM_VF_STATE_NOT_READY);
	return ret;
}

/**
 * qm_state_let_go() - let a paused function go on
 * @win: the function's registers
 * @qp_num: its queue pairs
 *
 * What a reset has taken is not rung for: the queues have no table then. Whether the
 * guest's driver is ready says nothing: it was when the function was paused, and one
 * that has gone since must not find a paused function when it comes again.
 *
 * A mailbox that does not tell is no reason to leave it paused.
 *
 * Context: may sleep, for 2 s at worst.
 * Return: 0, or -EIO if the device is gone.
 */
int qm_state_let_go(const struct qm_win *win, u32 qp_num)
{
	bool has_tables;
	int ret;

	ret = qm_mailbox_has_tables(win, true, &has_tables);
	if (ret == -EIO || (!ret && !has_tables))
		return ret;

	qm_enable_messages(win);
	/* No doorbell overtakes that on its way through the window. */
	qm_win_read(win, QM_IFC_INT_MASK);
	qm_doorbell_restart_sqs(win, qp_num);
	return 0;
}
