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
 * An arc that fails leaves the old state, which the hardware is in still. Where
 * the hardware was left half-way, the state is ERROR, both files are dead, and
 * only a reset leads out.
 *
 * A reset of the PF takes the state of all its VFs, and the kernel tells nobody:
 * see follow_pf().
 *
 * Each file has two references: that of the fd and that of the device, which
 * mig_file_disable() drops.
 */
#include <linux/err.h>
#include <linux/file.h>
#include <linux/jiffies.h>
#include <linux/kernel.h>
#include <linux/workqueue.h>

#include "hisi_acc_vfio_pci.h"
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
	dev_err_ratelimited(hisi_acc_dev(acc), "migration state is ERROR: the VF needs a reset\n");
}

/* Passes an errno of the hardware on; what is half-way is in error. */
static struct file *arc_result(struct hisi_acc *acc, int ret)
{
	if (ret == -ETIMEDOUT)
		enter_error(acc);
	return ERR_PTR(ret);
}

static int recheck_region(struct hisi_acc *acc)
{
	return qm_select_recheck(&acc->log, acc->pf, acc->region.ctrl);
}

/* Of a data file, see mig_file.h. */
static int check_file(const struct mig_file_host *host)
{
	return recheck_region(container_of(host, struct hisi_acc, file_host));
}

/* Registers that do not answer may have moved: then that is what the log says. */
static int ask_why(struct hisi_acc *acc, int ret)
{
	if (ret == -EIO)
		recheck_region(acc);
	return ret;
}

static struct file *pause(struct hisi_acc *acc)
{
	return arc_result(acc, ask_why(acc, qm_state_pause(&acc->win)));
}

static struct file *let_go(struct hisi_acc *acc)
{
	/* What has just been loaded waits for its doorbells alone. */
	if (acc->loaded) {
		qm_doorbell_restart_sqs(&acc->win, acc->match.qp_num);
		acc->loaded = false;
		return NULL;
	}
	return arc_result(acc, ask_why(acc, qm_state_restart(&acc->win,
							     acc->match.qp_num)));
}

static struct file *quiesce(struct hisi_acc *acc)
{
	return arc_result(acc, ask_why(acc, qm_state_quiesce(&acc->win, acc->pf)));
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

static int save_record(struct hisi_acc *acc, bool quiet, struct mig_record *rec,
		       size_t *len)
{
	int ret;

	ret = quiet ? qm_state_save(&acc->win, rec, len) :
		      qm_state_quiesce_and_save(&acc->win, acc->pf, rec, len);
	ret = ask_why(acc, ret);
	/* Registers that died while they were read would be a record of ones. */
	if (!ret && qm_state_has_ones(rec))
		ret = recheck_region(acc);
	return ret;
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

	ret = save_record(acc, quiet, &rec, &len);
	trace_hisi_acc_record(hisi_acc_dev(acc), "saved", ret ? 0 : len, ret);
	if (ret)
		return ret;

	if (len == MIG_RECORD_BYTES)
		qm_state_ring_events(&acc->win, &rec);
	mig_file_complete(acc->saving, &rec, len);
	return 0;
}

static struct file *stop_to_stop_copy(struct hisi_acc *acc)
{
	struct file *filp;
	int ret;

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
	return arc_result(acc, capture(acc, false));
}

static struct file *stop_to_resuming(struct hisi_acc *acc)
{
	struct mig_file *migf;
	int ret;

	/* What can be known is found here, not in the blackout. */
	ret = recheck_region(acc);
	if (!ret)
		ret = qm_mailbox_wait_ready(&acc->win);
	if (ret)
		return ERR_PTR(ret);

	migf = mig_file_open_resume(&acc->file_host);
	if (IS_ERR(migf))
		return ERR_CAST(migf);

	acc->resuming = migf;
	acc->loaded = false;
	return get_file(migf->filp);
}

static int load_record(struct hisi_acc *acc, const struct mig_stream *stream)
{
	int ret;

	if (!mig_stream_has_queues(stream)) {
		dev_info(hisi_acc_dev(acc), "loaded without queues: the source's guest driver was not ready\n");
		return ask_why(acc, qm_state_load_not_ready(&acc->win));
	}
	ret = ask_why(acc, qm_state_load(&acc->win, &stream->rec));
	/*
	 * write() has seen where the registers are; writes to some that died
	 * since are lost. In a window of the PF the mailbox is the last to be
	 * asked, and has answered; in the VF's BAR2 it is in the other half.
	 */
	if (!ret && acc->region.ctrl == QM_MIG_CTRL_VF)
		ret = recheck_region(acc);
	acc->loaded = !ret;
	return ret;
}

static struct file *resuming_to_stop(struct hisi_acc *acc)
{
	struct mig_file *migf = acc->resuming;
	struct mig_refusal why;
	int ret;

	/* Writers are locked out until the record is in. */
	mutex_lock(&migf->lock);
	ret = mig_stream_finish(&migf->stream, &why);
	if (ret && why.what)
		mig_log_err(&acc->log, "migration stream refused: %s is %llu, want %u or %u\n",
			    why.what, why.theirs, MIG_MATCH_BYTES, MIG_RECORD_BYTES);
	if (ret) {
		mutex_unlock(&migf->lock);
		return ERR_PTR(ret);
	}

	ret = load_record(acc, &migf->stream);
	trace_hisi_acc_record(hisi_acc_dev(acc), "loaded", migf->stream.len, ret);
	mutex_unlock(&migf->lock);
	if (ret) {
		enter_error(acc);
		return ERR_PTR(ret);
	}
	disable_files(acc);
	return NULL;
}

#define MIG_FSM_STATES	(VFIO_DEVICE_STATE_PRE_COPY_P2P + 1)

/* From, to. What is not here is no arc. */
static struct file *(*const mig_fsm_arcs[MIG_FSM_STATES][MIG_FSM_STATES])(struct hisi_acc *acc) = {
#define ARC(from, to, go)	\
	[VFIO_DEVICE_STATE_##from][VFIO_DEVICE_STATE_##to] = (go)
	ARC(RUNNING, RUNNING_P2P, pause),
	ARC(RUNNING_P2P, RUNNING, let_go),
	ARC(RUNNING_P2P, STOP, quiesce),
	ARC(STOP, RUNNING_P2P, stay_paused),
	ARC(STOP, STOP_COPY, stop_to_stop_copy),
	ARC(STOP_COPY, STOP, end_files),
	ARC(STOP, RESUMING, stop_to_resuming),
	ARC(RESUMING, STOP, resuming_to_stop),
	ARC(RUNNING, PRE_COPY, open_save),
	ARC(PRE_COPY, RUNNING, end_files),
	ARC(PRE_COPY, PRE_COPY_P2P, pause),
	ARC(PRE_COPY_P2P, PRE_COPY, let_go),
	ARC(RUNNING_P2P, PRE_COPY_P2P, open_save),
	ARC(PRE_COPY_P2P, RUNNING_P2P, end_files),
	ARC(PRE_COPY_P2P, STOP_COPY, pre_copy_p2p_to_stop_copy),
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
	trace_hisi_acc_arc(hisi_acc_dev(acc), from, to, ret, done->ns);
}

/* Goes one arc. NULL or a file with a reference for the fd, or ERR_PTR(). */
static struct file *mig_fsm_step(struct hisi_acc *acc,
				 enum vfio_device_mig_state to, ktime_t *start)
{
	enum vfio_device_mig_state from = acc->mig_state;
	struct file *filp;

	if (from >= MIG_FSM_STATES || to >= MIG_FSM_STATES || !mig_fsm_arcs[from][to])
		return ERR_PTR(-EINVAL);

	filp = mig_fsm_arcs[from][to](acc);
	if (!IS_ERR(filp))
		acc->mig_state = to;
	keep_arc(acc, from, to, PTR_ERR_OR_ZERO(filp), start);
	return filp;
}

/*
 * How often the PF is looked at. In a reset its driver waits for those of its VFs
 * in steps of 10 ms, and PCI waits 100 ms for a function to come back.
 */
#define PF_WATCH_MS	5

static void watch_pf(struct hisi_acc *acc)
{
	if (acc->mig_state != VFIO_DEVICE_STATE_RUNNING &&
	    !delayed_work_pending(&acc->pf_watch))
		queue_delayed_work(system_long_wq, &acc->pf_watch,
				   msecs_to_jiffies(PF_WATCH_MS));
}

/* A reset of the PF ends what was under way, as one of the VF does. */
static void follow_pf(struct hisi_acc *acc)
{
	if (acc->mig_state == VFIO_DEVICE_STATE_RUNNING)
		return;
	mig_log_err(&acc->log, "PF is being reset: migration state was %s, is RUNNING\n",
		    mig_state_name(acc->mig_state));
	mig_fsm_reset(acc);
}

/* For whoever does not ask for the state, but reads and writes data. */
static void pf_watch_work(struct work_struct *work)
{
	struct hisi_acc *acc = container_of(to_delayed_work(work), struct hisi_acc,
					    pf_watch);
	bool resetting = qm_pf_is_resetting(acc->pf);

	mutex_lock(&acc->state_lock);
	if (resetting)
		follow_pf(acc);
	watch_pf(acc);
	mutex_unlock(&acc->state_lock);
}

/*
 * Can a request be served at all? Where the select bit is ours, a lost one is
 * brought back here, before registers are needed. The bits of others are looked
 * at where that costs a guest no time, and where registers read as all ones.
 */
static int check_request(struct hisi_acc *acc, bool resetting)
{
	if (resetting) {
		mig_log_err(&acc->log, "no migration now: PF is being reset\n");
		return -EBUSY;
	}
	/* The core warns of being asked for a way out. */
	if (acc->mig_state == VFIO_DEVICE_STATE_ERROR)
		return -EINVAL;
	return acc->pf->select.ours ? recheck_region(acc) : 0;
}

/**
 * mig_fsm_set_state() - bring the device into a migration state
 * @acc: the open device
 * @new_state: where to
 *
 * Context: may sleep; takes state_lock.
 * Return: NULL, or the data file of @new_state with a reference for its fd, or
 * ERR_PTR(): -EBUSY while the PF is being reset, -EINVAL if there is no way or
 * the record is malformed, else what the hardware code or the allocation gave.
 * mig_fsm_get_state() tells where the device is after an error.
 */
struct file *mig_fsm_set_state(struct hisi_acc *acc,
			       enum vfio_device_mig_state new_state)
{
	enum vfio_device_mig_state next;
	struct file *filp = NULL;
	bool resetting;
	ktime_t start;
	int ret;

	mutex_lock(&acc->state_lock);
	resetting = qm_pf_is_resetting(acc->pf);
	if (resetting)
		follow_pf(acc);
	start = ktime_get();
	if (acc->mig_state != new_state)
		filp = ERR_PTR(check_request(acc, resetting));
	/* Only the last arc of a request can have a file. */
	while (!filp && acc->mig_state != new_state) {
		ret = vfio_mig_get_next_state(&acc->core.vdev, acc->mig_state,
					      new_state, &next);
		filp = ret ? ERR_PTR(ret) : mig_fsm_step(acc, next, &start);
	}
	watch_pf(acc);
	mutex_unlock(&acc->state_lock);
	return filp;
}

/**
 * mig_fsm_get_state() - where the device is
 * @acc: the device
 *
 * Context: may sleep; takes state_lock.
 * Return: its migration state.
 */
enum vfio_device_mig_state mig_fsm_get_state(struct hisi_acc *acc)
{
	enum vfio_device_mig_state state;

	mutex_lock(&acc->state_lock);
	if (qm_pf_is_resetting(acc->pf))
		follow_pf(acc);
	state = acc->mig_state;
	mutex_unlock(&acc->state_lock);
	return state;
}

/**
 * mig_fsm_init() - prepare the state machine of a device
 * @acc: the device
 *
 * Context: any; nobody else knows @acc yet.
 */
void mig_fsm_init(struct hisi_acc *acc)
{
	acc->file_host = (struct mig_file_host){
		.vdev = &acc->core.vdev,
		.log = &acc->log,
		.match = &acc->match,
		.check = check_file,
	};
	INIT_DELAYED_WORK(&acc->pf_watch, pf_watch_work);
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
}

/**
 * mig_fsm_unwatch() - the device is being closed: do not look after its PF any more
 * @acc: the device, which is RUNNING for good
 *
 * Context: may sleep; takes state_lock.
 */
void mig_fsm_unwatch(struct hisi_acc *acc)
{
	cancel_delayed_work_sync(&acc->pf_watch);
}

/**
 * mig_fsm_reset() - the function has been reset, or is being opened or closed
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
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
}
