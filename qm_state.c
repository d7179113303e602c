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

#include "hisi_acc_vfio_pci.h"
#include "include/qm_io.h"
#include "include/qm_regs.h"

/* PF and engine may still be clearing an error: time to get quiet. */
#define QM_QUIET_TIMEOUT_US	10000
#define QM_QUIET_POLL_US	100

/* Single registers in the order of loading, and where the record has them. */
static const struct qm_reg {
	u16 reg;
	u16 field;
	bool load_only;		/* what is saved is the PF's value */
} qm_regs[] = {
	{ QM_VF_AEQ_INT_MASK,	offsetof(struct mig_record, aeq_int_mask) },
	{ QM_VF_EQ_INT_MASK,	offsetof(struct mig_record, eq_int_mask) },
	{ QM_IFC_INT_SOURCE_V,	offsetof(struct mig_record, ifc_int_source) },
	{ QM_IFC_INT_MASK,	offsetof(struct mig_record, ifc_int_mask) },
	{ QM_IFC_INT_SET_V,	offsetof(struct mig_record, ifc_int_set) },
	{ QM_QUE_ISO_CFG_V,	offsetof(struct mig_record, que_iso_cfg), true },
	{ QM_PAGE_SIZE,		offsetof(struct mig_record, page_size) },
};

static __le32 *qm_field(struct mig_record *rec, u16 offset)
{
	return (void *)rec + offset;
}

static void qm_read_xqc(const struct qm_win *win, u32 reg, __le32 *dw)
{
	unsigned int i;

	for (i = 0; i < QM_XQC_DW_NUM; i++)
		dw[i] = cpu_to_le32(qm_win_read(win, reg + i * sizeof(u32)));
}

static void qm_write_xqc(const struct qm_win *win, u32 reg, const __le32 *dw)
{
	unsigned int i;

	for (i = 0; i < QM_XQC_DW_NUM; i++)
		qm_win_write(win, reg + i * sizeof(u32), le32_to_cpu(dw[i]));
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
 * qm_state_pause() - stop all DMA of the function
 * @win: the function's registers
 *
 * Context: may sleep.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_state_pause(const struct qm_win *win)
{
	return qm_mailbox_pause(win);
}

static int qm_wait_quiet(const struct qm_win *win, void __iomem *reg,
			 const char *what)
{
	u32 val;

	if (!qm_io_poll32(reg, &val, U32_MAX, 0, QM_QUIET_POLL_US,
			  QM_QUIET_TIMEOUT_US))
		return 0;
	mig_log_err(win->log, "%s reads %#x, want 0: not quiet\n", what, val);
	return val == U32_MAX ? -EIO : -EBUSY;
}

/**
 * qm_state_quiesce() - see that a paused function is quiet, write its caches back
 * @win: the function's registers
 * @pf: its PF, whose error status counts as well
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if something is not quiet (nothing has changed then), -EIO,
 * or -ETIMEDOUT if the write-back is never done.
 */
int qm_state_quiesce(const struct qm_win *win, const struct qm_pf *pf)
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
	int ret;

	for (i = 0; i < ARRAY_SIZE(quiet); i++) {
		ret = qm_wait_quiet(win, quiet[i].reg, quiet[i].what);
		if (ret)
			return ret;
	}
	return qm_cache_write_back(win);
}

/**
 * qm_state_read_regs() - read what of the state is in registers
 * @win: the function's registers
 * @rec: gets the registers and the addresses of the event rings
 *
 * Context: any.
 */
void qm_state_read_regs(const struct qm_win *win, struct mig_record *rec)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(qm_regs); i++) {
		if (!qm_regs[i].load_only)
			*qm_field(rec, qm_regs[i].field) =
				cpu_to_le32(qm_win_read(win, qm_regs[i].reg));
	}
	qm_read_xqc(win, win->eqc, rec->eqc);
	qm_read_xqc(win, win->aeqc, rec->aeqc);
	rec->eqe_dma = cpu_to_le64(mig_xqc_ring(rec->eqc));
	rec->aeqe_dma = cpu_to_le64(mig_xqc_ring(rec->aeqc));
}

static int qm_save_queues(const struct qm_win *win, struct mig_record *rec)
{
	u64 sqc, cqc;
	int ret;

	ret = qm_mailbox_get_base(win, QM_MB_CMD_SQC_BT, &sqc);
	if (ret)
		return ret;
	rec->sqc_dma = cpu_to_le64(sqc);

	ret = qm_mailbox_get_base(win, QM_MB_CMD_CQC_BT, &cqc);
	if (ret)
		return ret;
	rec->cqc_dma = cpu_to_le64(cqc);
	return 0;
}

/**
 * qm_state_save() - capture the state of a stopped function
 * @win: the function's registers
 * @rec: the record; the match data are there already
 * @len: set to what of the record is to be sent: the match data alone if the
 *	guest's driver is not ready, else all of it
 *
 * Context: may sleep.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_state_save(const struct qm_win *win, struct mig_record *rec, size_t *len)
{
	bool ready;
	int ret;

	ret = qm_read_vf_state(win, &ready);
	if (ret)
		return ret;
	rec->vf_qm_state = cpu_to_le32(ready ? MIG_VF_READY : MIG_VF_NOT_READY);
	if (!ready) {
		*len = MIG_MATCH_BYTES;
		return 0;
	}

	qm_state_read_regs(win, rec);
	ret = qm_save_queues(win, rec);
	if (ret)
		return ret;
	*len = MIG_RECORD_BYTES;
	return 0;
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

/**
 * qm_state_load() - put a checked record into a stopped function
 * @win: the function's registers
 * @rec: a record with queues that has passed all checks
 *
 * Context: may sleep.
 * Return: 0, or an errno after which the function is half-loaded.
 */
int qm_state_load(const struct qm_win *win, const struct mig_record *rec)
{
	unsigned int i;
	int ret;

	qm_win_write(win, QM_VF_STATE, le32_to_cpu(rec->vf_qm_state));
	ret = qm_mailbox_wait_ready(win);
	if (ret)
		return ret;

	for (i = 0; i < ARRAY_SIZE(qm_regs); i++)
		qm_win_write(win, qm_regs[i].reg,
			     le32_to_cpu(*qm_field((struct mig_record *)rec,
						   qm_regs[i].field)));
	qm_write_xqc(win, win->eqc, rec->eqc);
	qm_write_xqc(win, win->aeqc, rec->aeqc);

	ret = qm_mailbox_set_base(win, QM_MB_CMD_SQC_BT, le64_to_cpu(rec->sqc_dma));
	if (ret)
		return ret;
	ret = qm_mailbox_set_base(win, QM_MB_CMD_CQC_BT, le64_to_cpu(rec->cqc_dma));
	if (ret)
		return ret;

	qm_enable_messages(win);
	return 0;
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
 * qm_state_restart() - let a stopped function go on
 * @win: the function's registers
 * @qp_num: its queue pairs
 *
 * Whether there is anything to restart is the hardware's word: the guest's
 * driver was ready when the function was paused, or a record with queues has
 * been loaded.
 *
 * Context: any.
 * Return: 0, or -EIO if the device is gone.
 */
int qm_state_restart(const struct qm_win *win, u32 qp_num)
{
	bool ready;
	u32 i;
	int ret;

	ret = qm_read_vf_state(win, &ready);
	if (ret || !ready)
		return ret;

	qm_enable_messages(win);
	for (i = 0; i < qp_num; i++)
		qm_doorbell_restart_sq(win, i);
	return 0;
}
