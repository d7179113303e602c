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
#include <linux/minmax.h>
#include <linux/string.h>

#include "include/mig_log.h"
#include "include/qm_io.h"
#include "include/qm_mailbox.h"
#include "include/qm_regs.h"
#include "trace.h"

/* The PF drivers allow as much: 1 s for a command, 5 s for one that stops. */
#define QM_MB_TIMEOUT_US	1000000
#define QM_MB_PAUSE_TIMEOUT_US	5000000
#define QM_WB_TIMEOUT_US	100000
/* By then it is done, or the kernel's own driver could not use it: hisi_qm_cache_wb(). */
#define QM_WB_BOUND_US		1000
/* Longer than this nobody waits for one without a look. */
#define QM_WB_BLIND_NS		50000
/* Longer than this nobody is kept waiting to learn how long things take. */
#define QM_MEASURE_TIMEOUT_NS	200000
#define QM_MEASURE_TRIES	4

static bool win_has(const struct qm_win *win, u32 reg, unsigned int num)
{
	return !WARN_ON_ONCE(win->len < num * sizeof(u32) ||
			     reg > win->len - num * sizeof(u32));
}

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
	return win_has(win, reg, 1) ? qm_io_read32(win->regs + reg) : U32_MAX;
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
	if (win_has(win, reg, 1))
		qm_io_write32(win->regs + reg, val);
}

/**
 * qm_win_read_block() - read function registers that follow each other
 * @win: the function's registers
 * @reg: offset of the first
 * @dw: set to their values; to all ones if some are beyond
 * @num: how many
 *
 * Context: any.
 */
void qm_win_read_block(const struct qm_win *win, u32 reg, __le32 *dw, unsigned int num)
{
	void __iomem *addr = win->regs + reg;
	unsigned int i;

	if (!win_has(win, reg, num)) {
		memset(dw, 0xff, num * sizeof(*dw));
		return;
	}
	for (i = 0; i < num; i++, addr += sizeof(u32))
		dw[i] = cpu_to_le32(qm_io_read32(addr));
}

/**
 * qm_win_write_block() - write function registers that follow each other
 * @win: the function's registers
 * @reg: offset of the first; nothing is written if some are beyond
 * @dw: the values
 * @num: how many
 *
 * Context: any.
 */
void qm_win_write_block(const struct qm_win *win, u32 reg, const __le32 *dw,
			unsigned int num)
{
	void __iomem *addr = win->regs + reg;
	unsigned int i;

	if (!win_has(win, reg, num))
		return;
	for (i = 0; i < num; i++, addr += sizeof(u32))
		qm_io_write32(addr, le32_to_cpu(dw[i]));
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
static int mb_poll(const struct qm_win *win, u32 expect_ns, u32 timeout_us,
		   struct qm_io128 *mb)
{
	int ret;

	ret = qm_io_poll128(win->regs + QM_MB_CMD_SEND_BASE, mb, mb_idle_or_gone,
			    expect_ns, timeout_us);
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

	ret = mb_poll(win, 0, QM_MB_TIMEOUT_US, &mb);
	if (ret == -EIO)
		mig_log_err(win->log, "mailbox reads all ones: device does not answer\n");
	else if (ret)
		mig_log_err(win->log, "mailbox is still busy with command %#lx after %u us\n",
			    FIELD_GET(QM_MB_W0_CMD, mb_w0(mb)),
			    QM_MB_TIMEOUT_US);
	return ret == -ETIMEDOUT ? -EBUSY : ret;
}

static void mb_start(const struct qm_win *win, u16 w0, u64 addr)
{
	const struct qm_io128 mb = {
		.lo = w0 | QM_MB_W0_BUSY | addr << 32,
		.hi = addr >> 32,
	};

	qm_io_write128(win->regs + QM_MB_CMD_SEND_BASE, mb);
}

/* What is left of the time that an answer takes. */
static u32 time_left(u32 takes_ns, const struct qm_ask *ask)
{
	u64 gone;

	if (!ask->since)
		return takes_ns;
	gone = ktime_to_ns(ktime_sub(ktime_get(), ask->since));
	return gone < takes_ns ? takes_ns - gone : 0;
}

/* The answer, which may say that the command has failed. */
static int mb_take(const struct qm_win *win, const struct qm_ask *ask, u32 timeout_us,
		   struct qm_io128 *mb)
{
	int ret = mb_poll(win, time_left(win->command_ns, ask), timeout_us, mb);

	if (ret == -EIO)
		mig_log_err(win->log, "mailbox command %#lx: device does not answer\n",
			    FIELD_GET(QM_MB_W0_CMD, ask->w0));
	else if (ret)
		mig_log_err(win->log, "mailbox command %#lx is not done after %u us\n",
			    FIELD_GET(QM_MB_W0_CMD, ask->w0), timeout_us);
	return ret;
}

static u64 mb_data(struct qm_io128 mb)
{
	return mb.lo >> 32 | mb.hi << 32;
}

static bool mb_failed(struct qm_io128 mb)
{
	return mb_w0(mb) & QM_MB_W0_STATUS;
}

/* Has the command failed? If so, that is logged. */
static int mb_status(const struct qm_win *win, const struct qm_ask *ask,
		     struct qm_io128 mb)
{
	if (!mb_failed(mb))
		return 0;
	mig_log_err(win->log, "mailbox command %#lx failed with status %#lx\n",
		    FIELD_GET(QM_MB_W0_CMD, ask->w0),
		    FIELD_GET(QM_MB_W0_STATUS, mb_w0(mb)));
	return -EIO;
}

/* To a mailbox that has been seen ready, with no command since but completed ones. */
static void mb_begin(const struct qm_win *win, u16 w0, u64 addr, bool timed,
		     struct qm_ask *ask)
{
	ask->w0 = w0;
	ask->since = 0;
	if ((timed && win->command_ns) || trace_hisi_acc_mailbox_enabled())
		ask->since = ktime_get();
	mb_start(win, w0, addr);
}

static int mb_end(const struct qm_win *win, const struct qm_ask *ask, u32 timeout_us,
		  struct qm_io128 *mb)
{
	int ret = mb_take(win, ask, timeout_us, mb);

	if (ask->since && trace_hisi_acc_mailbox_enabled())
		trace_hisi_acc_mailbox(win->log->dev, FIELD_GET(QM_MB_W0_CMD, ask->w0),
				       ask->w0 & QM_MB_W0_OP_GET,
				       !ret && mb_failed(*mb) ? -EIO : ret,
				       ktime_to_ns(ktime_sub(ktime_get(), ask->since)));
	return ret;
}

/* A command that has to succeed. */
static int mb_run(const struct qm_win *win, u16 w0, u64 addr, u32 timeout_us)
{
	struct qm_io128 mb;
	struct qm_ask ask;
	int ret;

	mb_begin(win, w0, addr, false, &ask);
	ret = mb_end(win, &ask, timeout_us, &mb);
	return ret ?: mb_status(win, &ask, mb);
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
	int ret = qm_mailbox_wait_ready(win);

	return ret ?: mb_run(win, QM_MB_CMD_PAUSE_QM, 0, QM_MB_PAUSE_TIMEOUT_US);
}

/**
 * qm_mailbox_get_vft() - ask the function for its queue pairs
 * @win: the function's registers
 * @vft: its first queue pair and their number
 *
 * So does the driver of a VF before it is ready (qm_get_vft_v2() of the kernel). The
 * PF has the same answer, in an engine that is its driver's: what a guest does can
 * make that use it at any time.
 *
 * Context: may sleep, for 2 s at worst; nobody else uses the mailbox.
 * Return: 0, -EBUSY, -EIO if the function is gone or has no queue pairs, or
 * -ETIMEDOUT.
 */
int qm_mailbox_get_vft(const struct qm_win *win, struct qm_vft *vft)
{
	struct qm_io128 mb;
	struct qm_ask ask;
	u64 data;
	int ret;

	ret = qm_mailbox_wait_ready(win);
	if (ret)
		return ret;
	mb_begin(win, QM_MB_CMD_SQC_VFT_V2 | QM_MB_W0_OP_GET, 0, false, &ask);
	ret = mb_end(win, &ask, QM_MB_TIMEOUT_US, &mb);
	if (!ret)
		ret = mb_status(win, &ask, mb);
	if (ret)
		return ret;

	data = mb_data(mb);
	if (!data || data == U64_MAX) {
		mig_log_err(win->log, "VFT entry is %#llx: no queue pairs\n", data);
		return -EIO;
	}
	vft->base = FIELD_GET(QM_VFT_SQC_BASE, data);
	vft->num = FIELD_GET(QM_VFT_SQC_NUM, data) + 1;
	return 0;
}

/**
 * qm_mailbox_has_tables() - has somebody set the function's queues up?
 * @win: the function's registers
 * @if_refused: what to take for the answer of a function that takes no such command:
 *	it may be that one that is not ready, or is paused, does not
 * @has: set to whether the SQC table has an address
 *
 * Context: may sleep, for 2 s at worst.
 * Return: 0, -EBUSY, -EIO if the device is gone, or -ETIMEDOUT.
 */
int qm_mailbox_has_tables(const struct qm_win *win, bool if_refused, bool *has)
{
	struct qm_io128 mb;
	struct qm_ask ask;
	int ret;

	ret = qm_mailbox_wait_ready(win);
	if (ret)
		return ret;
	mb_begin(win, QM_MB_CMD_SQC_BT | QM_MB_W0_OP_GET, 0, false, &ask);
	ret = mb_end(win, &ask, QM_MB_TIMEOUT_US, &mb);
	if (!ret)
		*has = mb_failed(mb) ? if_refused : !!mb_data(mb);
	return ret;
}

/**
 * qm_mailbox_set_bases() - set the DMA addresses of both context tables
 * @win: the function's registers; its mailbox is known to be ready
 * @sqc: of the SQC table, as the guest programmed it
 * @cqc: of the CQC table
 *
 * Context: may sleep, for 2 s at worst.
 * Return: 0, -EIO or -ETIMEDOUT.
 */
int qm_mailbox_set_bases(const struct qm_win *win, u64 sqc, u64 cqc)
{
	int ret;

	ret = mb_run(win, QM_MB_CMD_SQC_BT, sqc, QM_MB_TIMEOUT_US);
	return ret ?: mb_run(win, QM_MB_CMD_CQC_BT, cqc, QM_MB_TIMEOUT_US);
}

/**
 * qm_mailbox_ask_base() - ask for the DMA address of a context table
 * @win: the function's registers; its mailbox is known to be ready
 * @cmd: QM_MB_CMD_SQC_BT or QM_MB_CMD_CQC_BT
 * @ask: for qm_mailbox_get_base(), which has to follow
 *
 * In between the function's registers can be read where win->tells_meanwhile says so,
 * but for the mailbox's.
 *
 * Context: any.
 */
void qm_mailbox_ask_base(const struct qm_win *win, u8 cmd, struct qm_ask *ask)
{
	mb_begin(win, cmd | QM_MB_W0_OP_GET, 0, true, ask);
}

/**
 * qm_mailbox_get_base() - get the DMA address that was asked for
 * @win: the function's registers
 * @ask: by qm_mailbox_ask_base()
 * @addr: set to the address
 *
 * Context: may sleep, for 1 s at worst.
 * Return: 0, -EIO or -ETIMEDOUT.
 */
int qm_mailbox_get_base(const struct qm_win *win, const struct qm_ask *ask, u64 *addr)
{
	struct qm_io128 mb;
	int ret;

	ret = mb_end(win, ask, QM_MB_TIMEOUT_US, &mb);
	if (!ret)
		ret = mb_status(win, ask, mb);
	if (!ret)
		*addr = mb_data(mb);
	return ret;
}

static bool wb_reads_done(const struct qm_win *win)
{
	return qm_win_read(win, QM_CACHE_WB_DONE) & BIT(0);
}

/*
 * An eighth less than the last one took: the first look comes as one step of the poll
 * before the end, wherever that moves to.
 */
static u32 wb_expect(u32 took_ns)
{
	return took_ns - took_ns / 8;
}

/**
 * qm_cache_write_back() - have cached SQCs and CQCs written back to memory
 * @win: the function's registers
 * @took_ns: how long the last one took on this accelerator, 0 if that is not known; set
 *	to how long this one takes
 *
 * An earlier one, of the guest's own driver perhaps, may have left "done" behind, which
 * then says nothing. Nobody knows what clears it: a read, the start of the next, or a
 * reset alone. It is believed once it has been seen clear. Where it never is, what counts
 * is the time that the kernel's driver allows for it.
 *
 * Context: may sleep, for 100 ms at worst.
 * Return: 0, -EIO if the device is gone, -ETIMEDOUT if it is never done.
 */
int qm_cache_write_back(const struct qm_win *win, u32 *took_ns)
{
	void __iomem *done = win->regs + QM_CACHE_WB_DONE;
	bool stale = wb_reads_done(win) && wb_reads_done(win);
	ktime_t start = ktime_get();
	int ret = 0;
	u32 val;

	qm_win_write(win, QM_CACHE_WB_START, 1);
	if (!stale || !qm_io_poll32(done, &val, BIT(0), 0, 0, QM_WB_BOUND_US))
		ret = qm_io_poll32(done, &val, BIT(0), BIT(0), wb_expect(READ_ONCE(*took_ns)),
				   QM_WB_TIMEOUT_US);
	if (ret) {
		mig_log_err(win->log, "contexts are not written back after %u us\n",
			    QM_WB_TIMEOUT_US);
		return ret;
	}
	if (val == U32_MAX) {
		mig_log_err(win->log, "write-back status reads all ones: device does not answer\n");
		return -EIO;
	}
	/* VFs of one PF may do this at the same time: the last word is as good as any. */
	WRITE_ONCE(*took_ns, min_t(u64, QM_WB_BLIND_NS,
				   ktime_to_ns(ktime_sub(ktime_get(), start))));
	return 0;
}

static bool mb_answered(const struct qm_win *win)
{
	return mb_idle_or_gone(qm_io_read128(win->regs + QM_MB_CMD_SEND_BASE));
}

static void mb_ask(const struct qm_win *win)
{
	mb_start(win, QM_MB_CMD_SQC_VFT_V2 | QM_MB_W0_OP_GET, 0);
}

/*
 * How long to wait after a command so that the next look sees it done: the time
 * at which the look that did see it began. The least of some tries, for this CPU
 * may be taken away at any time; 0 if one is never answered.
 */
static u32 measure(const struct qm_win *win)
{
	u32 least = QM_MEASURE_TIMEOUT_NS;
	unsigned int i;

	for (i = 0; i < QM_MEASURE_TRIES && least; i++) {
		ktime_t start = ktime_get();
		u64 ns = 0;

		mb_ask(win);
		while (!mb_answered(win)) {
			ns = ktime_to_ns(ktime_sub(ktime_get(), start));
			if (ns >= QM_MEASURE_TIMEOUT_NS)
				return 0;
		}
		least = min_t(u64, least, ns);
	}
	return least;
}

/*
 * Do registers tell what they hold while a command is at work? A look that comes when
 * it is done already proves nothing. One register is written meanwhile, so that a value
 * from before the command shows.
 */
static bool tells_meanwhile(const struct qm_win *win)
{
	u32 eqc = qm_win_read(win, win->eqc);
	u32 mask = qm_win_read(win, QM_VF_EQ_INT_MASK);
	struct qm_io128 mb;
	bool told;

	mb_ask(win);
	qm_win_write(win, QM_VF_EQ_INT_MASK, mask ^ BIT(0));
	told = qm_win_read(win, win->eqc) == eqc;
	told &= qm_win_read(win, QM_VF_EQ_INT_MASK) == (mask ^ BIT(0));
	told &= !mb_answered(win);
	told &= !mb_poll(win, 0, QM_MB_TIMEOUT_US, &mb);
	qm_win_write(win, QM_VF_EQ_INT_MASK, mask);
	return told;
}

/**
 * qm_mailbox_measure() - learn how the function answers
 * @win: the function's registers; gets what is learnt
 * @was_reset: it was reset just now, so no driver has set anything up
 *
 * How long a command takes, so that later, in a blackout, the first look at an answer can
 * be the last: each look is a trip across the interconnect, and one that comes late is
 * time lost. And whether registers can be read meanwhile: the kernel's drivers never do.
 *
 * What is asked for does no harm: the queue pairs, as a driver asks before it is ready.
 * Nothing is written back: what that leaves could be taken for the answer of a later one.
 * Without an answer nothing is known and nothing said.
 *
 * Context: may sleep; nobody else uses the function yet.
 */
void qm_mailbox_measure(struct qm_win *win, bool was_reset)
{
	win->command_ns = 0;
	win->tells_meanwhile = false;
	if (!mb_answered(win))
		return;
	win->command_ns = measure(win);
	if (win->command_ns && was_reset)
		win->tells_meanwhile = tells_meanwhile(win);
}

/**
 * qm_doorbell_restart_sqs() - let all paused submission queues go on
 * @win: the function's registers
 * @num: how many there are
 *
 * Index 0 with priority 1 is what tells the hardware to go on from the queue's
 * own context (known from the in-tree driver).
 *
 * Context: any.
 */
void qm_doorbell_restart_sqs(const struct qm_win *win, u32 num)
{
	void __iomem *addr = win->doorbells + QM_DOORBELL_SQ_CQ_BASE_V2;
	const u64 db = FIELD_PREP(QM_DB_CMD, QM_DOORBELL_CMD_SQ) |
		       FIELD_PREP(QM_DB_PRIORITY, 1);
	u64 queue;

	/* What is in the queues is in memory before anyone is told to look. */
	dma_wmb();
#pragma GCC unroll 4
	for (queue = 0; queue < num; queue++)	/* in the lowest bits */
		qm_io_write64(addr, db + queue);
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
