// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: The migration state machine
 *
 * vfio_mig_get_next_state() breaks a request into the arcs that a driver
 * serves. These are all of them, and what each has to do:
 *
 *   RUNNING -> RUNNING_P2P, PRE_COPY -> PRE_COPY_P2P      pause
 *   RUNNING_P2P -> RUNNING, PRE_COPY_P2P -> PRE_COPY      let the queues go on
 *   RUNNING_P2P -> STOP                                   quiesce
 *   STOP -> RUNNING_P2P                                   nothing
 *   RUNNING -> PRE_COPY, RUNNING_P2P -> PRE_COPY_P2P      hand out a file with
 *                                                         the match data
 *   PRE_COPY -> RUNNING, PRE_COPY_P2P -> RUNNING_P2P      that file is dead
 *   PRE_COPY_P2P -> STOP_COPY                             quiesce, capture; the
 *                                                         file goes on
 *   STOP -> STOP_COPY                                     hand out a file, capture
 *   STOP_COPY -> STOP                                     that file is dead
 *   STOP -> RESUMING                                      see that the mailbox
 *                                                         is ready, hand out a
 *                                                         file
 *   RESUMING -> STOP                                      load, that file is dead
 *
 * The accelerators do no peer-to-peer DMA, and a pause stops all DMA of theirs:
 * that is what the P2P states ask for. To quiesce is to see that nothing is in
 * flight and to have the cached contexts written back.
 *
 * Only a function whose guest driver is at work is paused, and what has been paused
 * is let go by doorbells. A driver that comes to work between two arcs is paused by
 * the next.
 *
 * An arc that fails leaves the old state, which the hardware is in still. Where
 * the hardware was left half-way, the state is ERROR, both files are dead, and
 * only a reset that the user asks for leads out.
 *
 * The state changes by requests and by such a reset alone. Any other reset takes
 * what the state stands for: see mig_fsm_lose().
 *
 * Each file has two references: that of the fd and that of the device, which
 * mig_file_disable() drops.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/kernel.h>
#include <linux/lockdep.h>
#include <linux/string.h>

#include "hisi_acc_vfio_pci.h"
#include "include/mig_fsm.h"
#include "include/mig_state.h"
#include "include/qm_select.h"
#include "include/qm_state.h"
#include "trace.h"

static void disable_file(struct hisi_acc *acc, struct mig_file **migf)
{
	if (!*migf)
		return;
	mig_file_disable(*migf, &acc->last);
	*migf = NULL;
}

static void disable_files(struct hisi_acc *acc)
{
	lockdep_assert_held(&acc->state_lock);
	disable_file(acc, &acc->saving);
	disable_file(acc, &acc->resuming);
}

static void enter_error(struct hisi_acc *acc)
{
	disable_files(acc);
	acc->mig_state = VFIO_DEVICE_STATE_ERROR;
	acc->lost = NULL;
	dev_err_ratelimited(hisi_acc_dev(acc), "migration state is ERROR: the VF needs a reset\n");
}

/* Passes an errno of the hardware on; what is half-way is in error. */
static struct file *arc_result(struct hisi_acc *acc, int ret)
{
	if (ret == -ETIMEDOUT)
		enter_error(acc);
	return ERR_PTR(ret);
}

/*
 * Registers that do not answer may have moved with the select bit, which a reset of
 * the PF clears. Puts it back, if it can: true if the arc is worth another try. What
 * that reset has taken the registers tell then.
 */
static bool have_come_back(struct hisi_acc *acc, int ret)
{
	return ret == -EIO && qm_select_keep(&acc->log, acc->pf, acc->region.ctrl) > 0;
}

static int try(struct hisi_acc *acc, int (*hardware)(struct hisi_acc *acc))
{
	int ret = hardware(acc);

	return have_come_back(acc, ret) ? hardware(acc) : ret;
}

static int pause_what_is_at_work(struct hisi_acc *acc)
{
	return acc->paused ? 0 : qm_state_pause(&acc->win, &acc->paused);
}

static struct file *pause(struct hisi_acc *acc)
{
	if (acc->lost)
		return NULL;
	return arc_result(acc, try(acc, pause_what_is_at_work));
}

static int let_go_what_is_paused(struct hisi_acc *acc)
{
	/* What has just been loaded waits for its doorbells alone. */
	if (acc->loaded)
		qm_doorbell_restart_sqs(&acc->win, acc->match.qp_num);
	else if (acc->paused)
		return qm_state_let_go(&acc->win, acc->match.qp_num);
	return 0;
}

static struct file *let_go(struct hisi_acc *acc)
{
	int ret = try(acc, let_go_what_is_paused);

	if (!ret) {
		acc->loaded = false;
		acc->paused = false;
	}
	return arc_result(acc, ret);
}

static int settle(struct hisi_acc *acc)
{
	int ret = pause_what_is_at_work(acc);

	/* What is not at work is quiet. */
	return ret || !acc->paused ? ret : qm_state_quiesce(&acc->win, acc->pf);
}

/* A reset that was missed shows by what it has left. */
static bool is_gone(struct hisi_acc *acc, int ret)
{
	if (ret != -ESTALE)
		return false;
	mig_fsm_lose(acc, "reset that nobody has seen");
	return true;
}

static struct file *quiesce(struct hisi_acc *acc)
{
	int ret;

	if (acc->lost)
		return NULL;
	ret = try(acc, settle);
	return is_gone(acc, ret) ? NULL : arc_result(acc, ret);
}

static struct file *stay_paused(struct hisi_acc *acc)
{
	return NULL;
}

static struct file *end_files(struct hisi_acc *acc)
{
	disable_files(acc);
	return NULL;
}

/* Makes a file that has the match data, for the caller to give to an fd. */
static struct file *open_save(struct hisi_acc *acc)
{
	struct mig_file *migf;

	migf = mig_file_open_save(&acc->file_host);
	if (IS_ERR(migf))
		return ERR_CAST(migf);

	acc->saving = migf;
	return get_file(migf->filp);
}

static int check_lost(struct hisi_acc *acc)
{
	if (!acc->lost)
		return 0;
	mig_log_err(&acc->log, "no way on from %s but back to RUNNING: its state is lost by a %s\n",
		    mig_state_name(acc->mig_state), acc->lost);
	return -EIO;
}

static int save_record(struct hisi_acc *acc, bool quiet, struct mig_record *rec,
		       size_t *len)
{
	int ret = 0;

	if (!quiet || !acc->paused)
		ret = settle(acc);
	return ret ?: qm_state_save(&acc->win, acc->paused, rec, len);
}

/*
 * Registers that died while they were read would be a record of ones. -EAGAIN if they
 * are alive again.
 */
static int save_living(struct hisi_acc *acc, bool quiet, struct mig_record *rec, size_t *len)
{
	int ret = save_record(acc, quiet, rec, len);
	int moved;

	if (ret != -EIO && (ret || !qm_state_has_ones(rec)))
		return ret;
	moved = qm_select_keep(&acc->log, acc->pf, acc->region.ctrl);
	if (!moved)
		return ret;
	return moved > 0 ? -EAGAIN : -EIO;
}

/*
 * Captures the state, for the file that has the match data already. A function that
 * is paused and not quiet yet is quiesced as well.
 */
static int capture(struct hisi_acc *acc, bool quiet)
{
	struct mig_record rec = {};
	size_t len;
	int ret;

	ret = save_living(acc, quiet, &rec, &len);
	if (ret == -EAGAIN) {
		memset(&rec, 0, sizeof(rec));
		ret = save_living(acc, quiet, &rec, &len);
	}
	if (ret == -EAGAIN || is_gone(acc, ret))
		ret = -EIO;
	trace_hisi_acc_record(hisi_acc_dev(acc), "saved", ret ? 0 : len, ret);
	if (ret)
		return ret;

	if (len == MIG_RECORD_BYTES)
		qm_state_ring_events(&acc->win, &rec);
	mig_file_complete(acc->saving, &rec, len);
	acc->counts.migrations_out++;
	return 0;
}

static struct file *stop_to_stop_copy(struct hisi_acc *acc)
{
	struct file *filp;
	int ret;

	ret = check_lost(acc);
	if (ret)
		return ERR_PTR(ret);
	filp = open_save(acc);
	if (IS_ERR(filp))
		return filp;

	ret = capture(acc, true);
	if (!ret)
		return filp;

	fput(filp);
	disable_files(acc);
	return arc_result(acc, ret);
}

/* The file goes on where pre-copy left it; the fd is there already. */
static struct file *pre_copy_p2p_to_stop_copy(struct hisi_acc *acc)
{
	int ret = check_lost(acc);

	return arc_result(acc, ret ?: capture(acc, false));
}

static struct file *stop_to_resuming(struct hisi_acc *acc)
{
	struct mig_file *migf;
	int ret;

	/* What can be known is found here, not in the blackout. */
	ret = qm_select_keep(&acc->log, acc->pf, acc->region.ctrl);
	if (ret >= 0)
		ret = qm_mailbox_wait_ready(&acc->win);
	if (ret)
		return ERR_PTR(ret);

	migf = mig_file_open_resume(&acc->file_host);
	if (IS_ERR(migf))
		return ERR_CAST(migf);

	acc->resuming = migf;
	acc->loaded = false;
	/* All that was lost is to be replaced. */
	acc->lost = NULL;
	return get_file(migf->filp);
}

/* Only its own queues could let a paused function go, and they are another guest's. */
static int check_load(struct hisi_acc *acc, const struct mig_stream *stream)
{
	struct mig_refusal why;
	int ret = mig_stream_finish(stream, &why);

	if (ret && why.what)
		mig_log_err(&acc->log, "migration stream refused: %s is %llu, want %u or %u\n",
			    why.what, why.theirs, MIG_MATCH_BYTES, MIG_RECORD_BYTES);
	if (ret || !acc->paused || mig_stream_has_queues(stream))
		return ret;
	mig_log_err(&acc->log, "VF still has the queues of another guest: reset it before it takes one without driver\n");
	return -EBUSY;
}

static int load_not_ready(struct hisi_acc *acc)
{
	return qm_state_load_not_ready(&acc->win);
}

/*
 * write() has seen where the registers are; writes to some that died since are lost.
 * In a window of the PF the mailbox is the last to be asked, and has answered; in
 * the VF's BAR2 it is in the other half.
 */
static int load_queues(struct hisi_acc *acc)
{
	int ret = qm_state_load(&acc->win, &acc->resuming->stream.rec);

	if (!ret && acc->region.ctrl == QM_MIG_CTRL_VF)
		ret = qm_select_keep(&acc->log, acc->pf, acc->region.ctrl);
	acc->loaded = !ret;
	return ret;
}

static int load_record(struct hisi_acc *acc, const struct mig_stream *stream)
{
	if (mig_stream_has_queues(stream))
		return try(acc, load_queues);
	dev_info(hisi_acc_dev(acc), "loaded without queues: the source's guest driver was not ready\n");
	return try(acc, load_not_ready);
}

static struct file *resuming_to_stop(struct hisi_acc *acc)
{
	struct mig_file *migf = acc->resuming;
	int ret, refused;

	ret = check_lost(acc);
	if (ret)
		return ERR_PTR(ret);

	/* Writers are locked out until the record is in. */
	mutex_lock(&migf->lock);
	refused = check_load(acc, &migf->stream);
	if (!refused) {
		ret = load_record(acc, &migf->stream);
		trace_hisi_acc_record(hisi_acc_dev(acc), "loaded", migf->stream.len, ret);
	}
	mutex_unlock(&migf->lock);
	if (refused)
		return ERR_PTR(refused);
	if (ret) {
		enter_error(acc);
		return ERR_PTR(ret);
	}
	disable_files(acc);
	acc->counts.migrations_in++;
	return NULL;
}

/* What an arc does with the function's registers. */
enum arc_regs {
	ARC_NONE,		/* nothing */
	ARC_UNLESS_LOST,	/* nothing where the state is lost */
	ARC_ALWAYS,
};

struct mig_fsm_arc {
	struct file *(*go)(struct hisi_acc *acc);
	enum arc_regs regs;
};

#define MIG_FSM_STATES	(VFIO_DEVICE_STATE_PRE_COPY_P2P + 1)

/* From, to. What is not here is no arc. */
static const struct mig_fsm_arc mig_fsm_arcs[MIG_FSM_STATES][MIG_FSM_STATES] = {
#define ARC(from, to, go, regs)	\
	[VFIO_DEVICE_STATE_##from][VFIO_DEVICE_STATE_##to] = { go, regs }
	ARC(RUNNING, RUNNING_P2P, pause, ARC_UNLESS_LOST),
	ARC(RUNNING_P2P, RUNNING, let_go, ARC_UNLESS_LOST),
	ARC(RUNNING_P2P, STOP, quiesce, ARC_UNLESS_LOST),
	ARC(STOP, RUNNING_P2P, stay_paused, ARC_NONE),
	ARC(STOP, STOP_COPY, stop_to_stop_copy, ARC_ALWAYS),
	ARC(STOP_COPY, STOP, end_files, ARC_NONE),
	ARC(STOP, RESUMING, stop_to_resuming, ARC_ALWAYS),
	ARC(RESUMING, STOP, resuming_to_stop, ARC_ALWAYS),
	ARC(RUNNING, PRE_COPY, open_save, ARC_NONE),
	ARC(PRE_COPY, RUNNING, end_files, ARC_NONE),
	ARC(PRE_COPY, PRE_COPY_P2P, pause, ARC_UNLESS_LOST),
	ARC(PRE_COPY_P2P, PRE_COPY, let_go, ARC_UNLESS_LOST),
	ARC(RUNNING_P2P, PRE_COPY_P2P, open_save, ARC_NONE),
	ARC(PRE_COPY_P2P, RUNNING_P2P, end_files, ARC_NONE),
	ARC(PRE_COPY_P2P, STOP_COPY, pre_copy_p2p_to_stop_copy, ARC_ALWAYS),
#undef ARC
};

/* An arc ends where the next one of its request begins. */
static void keep_arc(struct hisi_acc *acc, u8 from, u8 to, int ret, ktime_t *start)
{
	struct mig_arc_done *done = &acc->arcs[acc->arc_count++ % MIG_ARCS_KEPT];
	ktime_t now = ktime_get();

	*done = (struct mig_arc_done){
		.from = from,
		.to = to,
		.ret = ret,
		.ns = ktime_to_ns(ktime_sub(now, *start)),
	};
	*start = now;
	if (ret)
		acc->counts.errors++;
	trace_hisi_acc_arc(hisi_acc_dev(acc), from, to, ret, done->ns);
}

static bool touches_registers(const struct hisi_acc *acc, const struct mig_fsm_arc *arc)
{
	return arc->regs == ARC_ALWAYS || (arc->regs == ARC_UNLESS_LOST && !acc->lost);
}

/* Goes one arc. NULL or a file with a reference for the fd, or ERR_PTR(). */
static struct file *mig_fsm_step(struct hisi_acc *acc, enum vfio_device_mig_state to,
				 bool barred, ktime_t *start)
{
	enum vfio_device_mig_state from = acc->mig_state;
	const struct mig_fsm_arc *arc;
	struct file *filp;

	if (from >= MIG_FSM_STATES || to >= MIG_FSM_STATES || !mig_fsm_arcs[from][to].go)
		return ERR_PTR(-EINVAL);
	arc = &mig_fsm_arcs[from][to];
	if (barred && touches_registers(acc, arc))
		return ERR_PTR(-EBUSY);

	filp = arc->go(acc);
	if (!IS_ERR(filp)) {
		acc->mig_state = to;
		if (to == VFIO_DEVICE_STATE_RUNNING)
			acc->lost = NULL;
	}
	keep_arc(acc, from, to, PTR_ERR_OR_ZERO(filp), start);
	return filp;
}

/**
 * mig_fsm_set_state() - bring the device into a migration state
 * @acc: the open device
 * @new_state: where to
 * @barred: the function is being reset: its registers are not to be touched
 *
 * Context: may sleep; caller holds state_lock.
 * Return: NULL, or the data file of @new_state with a reference for its fd, or
 * ERR_PTR(): -EBUSY before an arc that is barred, -EINVAL if there is no way or the
 * record is malformed, -EIO if the arc needs what is lost, else what the hardware
 * code or the allocation gave. Where that leaves the device is acc->mig_state.
 */
struct file *mig_fsm_set_state(struct hisi_acc *acc, enum vfio_device_mig_state new_state,
			       bool barred)
{
	enum vfio_device_mig_state next;
	ktime_t start = ktime_get();
	struct file *filp = NULL;
	int ret;

	lockdep_assert_held(&acc->state_lock);
	/* The core warns of being asked for a way out. */
	if (acc->mig_state == VFIO_DEVICE_STATE_ERROR)
		return ERR_PTR(-EINVAL);
	/* Only the last arc of a request can have a file. */
	while (!filp && acc->mig_state != new_state) {
		ret = vfio_mig_get_next_state(&acc->core.vdev, acc->mig_state,
					      new_state, &next);
		filp = ret ? ERR_PTR(ret) : mig_fsm_step(acc, next, barred, &start);
	}
	return filp;
}

/**
 * mig_fsm_lose() - what the state stands for has been taken by a reset
 * @acc: the open device
 * @why: which reset, in words for the log
 *
 * The files are dead, and the state stays: it is the user's. What would need what is
 * lost fails from now on; the way back to RUNNING is open, and there is nothing to
 * be let go. RUNNING stands for nothing that could be lost.
 *
 * Context: may sleep; caller holds state_lock.
 */
void mig_fsm_lose(struct hisi_acc *acc, const char *why)
{
	lockdep_assert_held(&acc->state_lock);
	acc->loaded = false;
	acc->paused = false;
	disable_files(acc);
	if (acc->lost || acc->mig_state == VFIO_DEVICE_STATE_RUNNING ||
	    acc->mig_state == VFIO_DEVICE_STATE_ERROR)
		return;
	acc->lost = why;
	acc->counts.lost++;
	mig_log_err(&acc->log, "%s accelerator has lost its work by a %s in %s\n",
		    acc->pf->engine->name, why, mig_state_name(acc->mig_state));
}

/**
 * mig_fsm_init() - prepare the state machine of a device
 * @acc: the device
 * @check: see mig_file.h
 *
 * Context: any; nobody else knows @acc yet.
 */
void mig_fsm_init(struct hisi_acc *acc, int (*check)(const struct mig_file_host *host))
{
	acc->file_host = (struct mig_file_host){
		.vdev = &acc->core.vdev,
		.log = &acc->log,
		.match = &acc->match,
		.check = check,
	};
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
}

/**
 * mig_fsm_reset() - the user has reset the function, or opens or closes it
 * @acc: the device
 *
 * Its data files are dead, and it is RUNNING.
 *
 * Context: may sleep; caller holds state_lock.
 */
void mig_fsm_reset(struct hisi_acc *acc)
{
	lockdep_assert_held(&acc->state_lock);
	disable_files(acc);
	acc->loaded = false;
	acc->paused = false;
	acc->lost = NULL;
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
}
