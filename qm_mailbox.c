// SPDX-License-Identifier: GPL-2.0-only
/*
 * The registers of one function: bounded access, mailbox, doorbells and the
 * write-back of cached contexts.
 *
 * What an errno means here, and the state machine relies on it:
 *
 *   -EBUSY      the hardware did not take the request; nothing has changed
 *   -EIO        it took the request and said no, or the device is gone
 *   -ETIMEDOUT  it took the request and never finished: left half-way
 */
#include <linux/bitfield.h>
#include <linux/byteorder/generic.h>
#include <linux/errno.h>

#include "hisi_acc_vfio_pci.h"
#include "include/qm_io.h"
#include "include/qm_regs.h"
#include "trace.h"

/* The PF drivers allow as much: 1 s for a command, 5 s for one that stops. */
#define QM_MB_TIMEOUT_US	1000000
#define QM_MB_PAUSE_TIMEOUT_US	5000000
#define QM_WB_TIMEOUT_US	100000
#define QM_POLL_US		10

/**
 * qm_win_read() - read a function register
 * @win: the function's registers
 * @reg: offset
 *
 * Context: any.
 * Return: the value; all ones for an offset beyond the function's registers,
 * as for any register that is not there.
 */
u32 qm_win_read(const struct qm_win *win, u32 reg)
{
	if (WARN_ON_ONCE(reg + sizeof(u32) > win->len))
		return U32_MAX;
	return qm_io_read32(win->regs + reg);
}

/**
 * qm_win_write() - write a function register
 * @win: the function's registers
 * @reg: offset; nothing is written beyond the function's registers
 * @val: the value
 *
 * Context: any.
 */
void qm_win_write(const struct qm_win *win, u32 reg, u32 val)
{
	if (WARN_ON_ONCE(reg + sizeof(u32) > win->len))
		return;
	qm_io_write32(win->regs + reg, val);
}

static u16 mb_w0(struct qm_io128 mb)
{
	return mb.lo & U16_MAX;
}

static bool mb_gone(struct qm_io128 mb)
{
	return mb.lo == U64_MAX && mb.hi == U64_MAX;
}

static bool mb_idle_or_gone(struct qm_io128 mb)
{
	return !(mb_w0(mb) & QM_MB_W0_BUSY) || mb_gone(mb);
}

/* 0, -EIO if the device is gone, -ETIMEDOUT if the mailbox stays busy */
static int mb_poll(const struct qm_win *win, u32 timeout_us, struct qm_io128 *mb)
{
	int ret;

	ret = qm_io_poll128(win->regs + QM_MB_CMD_SEND_BASE, mb, mb_idle_or_gone,
			    QM_POLL_US, timeout_us);
	return mb_gone(*mb) ? -EIO : ret;
}

/**
 * qm_mailbox_wait_ready() - wait until the mailbox takes a command
 * @win: the function's registers
 *
 * Context: may sleep.
 * Return: 0, -EBUSY if it stays busy, -EIO if the device is gone.
 */
int qm_mailbox_wait_ready(const struct qm_win *win)
{
	struct qm_io128 mb;
	int ret;

	ret = mb_poll(win, QM_MB_TIMEOUT_US, &mb);
	if (ret == -EIO)
		mig_log_err(win->log, "mailbox reads all ones: device does not answer\n");
	else if (ret)
		mig_log_err(win->log, "mailbox is still busy with command %#lx after %u us\n",
			    FIELD_GET(QM_MB_W0_CMD, mb_w0(mb)),
			    QM_MB_TIMEOUT_US);
	return ret == -ETIMEDOUT ? -EBUSY : ret;
}

static int mb_send(const struct qm_win *win, u16 w0, u64 addr, u32 timeout_us,
		   u64 *result)
{
	struct qm_io128 mb = {
		.lo = w0 | QM_MB_W0_BUSY | addr << 32,
		.hi = addr >> 32,
	};
	int ret;

	ret = qm_mailbox_wait_ready(win);
	if (ret)
		return ret;

	qm_io_write128(win->regs + QM_MB_CMD_SEND_BASE, mb);
	ret = mb_poll(win, timeout_us, &mb);
	if (ret == -EIO) {
		mig_log_err(win->log, "mailbox command %#lx: device does not answer\n",
			    FIELD_GET(QM_MB_W0_CMD, w0));
		return ret;
	}
	if (ret) {
		mig_log_err(win->log, "mailbox command %#lx is not done after %u us\n",
			    FIELD_GET(QM_MB_W0_CMD, w0), timeout_us);
		return ret;
	}
	if (mb_w0(mb) & QM_MB_W0_STATUS) {
		mig_log_err(win->log, "mailbox command %#lx failed with status %#lx\n",
			    FIELD_GET(QM_MB_W0_CMD, w0),
			    FIELD_GET(QM_MB_W0_STATUS, mb_w0(mb)));
		return -EIO;
	}

	if (result)
		*result = mb.lo >> 32 | mb.hi << 32;
	return 0;
}

static int mb_run(const struct qm_win *win, u16 w0, u64 addr, u32 timeout_us,
		  u64 *result)
{
	ktime_t start;
	int ret;

	if (!trace_hisi_acc_mailbox_enabled())
		return mb_send(win, w0, addr, timeout_us, result);

	start = ktime_get();
	ret = mb_send(win, w0, addr, timeout_us, result);
	trace_hisi_acc_mailbox(win->log->dev, FIELD_GET(QM_MB_W0_CMD, w0),
			       w0 & QM_MB_W0_OP_GET, ret,
			       ktime_to_ns(ktime_sub(ktime_get(), start)));
	return ret;
}

/**
 * qm_mailbox_pause() - stop the function
 * @win: the function's registers
 *
 * It fetches nothing more, and what it has started is finished when this
 * returns.
 *
 * Context: may sleep, for 5 s at worst.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_mailbox_pause(const struct qm_win *win)
{
	return mb_run(win, QM_MB_CMD_PAUSE_QM, 0, QM_MB_PAUSE_TIMEOUT_US, NULL);
}

/**
 * qm_mailbox_set_base() - set the DMA address of a context table
 * @win: the function's registers
 * @cmd: QM_MB_CMD_SQC_BT or QM_MB_CMD_CQC_BT
 * @addr: DMA address, as the guest programmed it
 *
 * Context: may sleep, for 1 s at worst.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_mailbox_set_base(const struct qm_win *win, u8 cmd, u64 addr)
{
	return mb_run(win, cmd, addr, QM_MB_TIMEOUT_US, NULL);
}

/**
 * qm_mailbox_get_base() - get the DMA address of a context table
 * @win: the function's registers
 * @cmd: QM_MB_CMD_SQC_BT or QM_MB_CMD_CQC_BT
 * @addr: set to the DMA address
 *
 * Context: may sleep, for 1 s at worst.
 * Return: 0, -EBUSY, -EIO or -ETIMEDOUT.
 */
int qm_mailbox_get_base(const struct qm_win *win, u8 cmd, u64 *addr)
{
	return mb_run(win, cmd | QM_MB_W0_OP_GET, 0, QM_MB_TIMEOUT_US, addr);
}

/**
 * qm_cache_write_back() - write cached SQCs and CQCs back to memory
 * @win: the function's registers
 *
 * Context: may sleep, for 100 ms at worst.
 * Return: 0, -EIO if the device is gone, -ETIMEDOUT if it is never done.
 */
int qm_cache_write_back(const struct qm_win *win)
{
	u32 val;
	int ret;

	qm_win_write(win, QM_CACHE_WB_START, 1);
	ret = qm_io_poll32(win->regs + QM_CACHE_WB_DONE, &val, BIT(0), BIT(0),
			   QM_POLL_US, QM_WB_TIMEOUT_US);
	if (ret) {
		mig_log_err(win->log, "contexts are not written back after %u us\n",
			    QM_WB_TIMEOUT_US);
		return ret;
	}
	if (val == U32_MAX) {
		mig_log_err(win->log, "write-back status reads all ones: device does not answer\n");
		return -EIO;
	}
	return 0;
}

/**
 * qm_doorbell_restart_sq() - let a paused submission queue go on
 * @win: the function's registers
 * @queue: which one, from 0 in this function
 *
 * Index 0 with priority 1 is what tells the hardware to go on from the queue's
 * own context (known from the in-tree driver).
 *
 * Context: any.
 */
void qm_doorbell_restart_sq(const struct qm_win *win, u16 queue)
{
	qm_io_write64(win->doorbells + QM_DOORBELL_SQ_CQ_BASE_V2,
		      FIELD_PREP(QM_DB_QUEUE, queue) |
		      FIELD_PREP(QM_DB_CMD, QM_DOORBELL_CMD_SQ) |
		      FIELD_PREP(QM_DB_PRIORITY, 1));
}

/**
 * qm_doorbell_xeq() - ring for an event queue
 * @win: the function's registers
 * @cmd: QM_DOORBELL_CMD_EQ or QM_DOORBELL_CMD_AEQ
 * @head: index up to which events have been taken
 *
 * Rung through the VF's own BAR2: in a window of the PF the address would
 * already belong to the next function.
 *
 * Context: any.
 */
void qm_doorbell_xeq(const struct qm_win *win, u8 cmd, u16 head)
{
	qm_io_write64(win->doorbells + QM_DOORBELL_EQ_AEQ_BASE_V2,
		      FIELD_PREP(QM_DB_CMD, cmd) | FIELD_PREP(QM_DB_INDEX, head));
}
