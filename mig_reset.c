// SPDX-License-Identifier: GPL-2.0-only
/*
 * DOC: Resets
 *
 * Who may reset a VF, and what becomes of its migration state:
 *
 *   VFIO_DEVICE_RESET                 RUNNING, whatever it was, and so is an open
 *   sysfs, or the guest by its        the state stays, what it stands for is lost
 *   config space                      (see mig_fsm_lose())
 *   its PF, by the PF's driver        likewise
 *   the last close                    there is no user any more
 *
 * From the beginning of a reset to its end the data files are dead and no arc touches
 * the function: a request that would have to waits, with no lock held, for
 * MIG_RESET_WAIT_MS. It has to be an errno after that, but never on the way back to
 * RUNNING: there is nothing left to be let go. (A VMM answers an errno with a reset,
 * and if that fails, too, gives its VM up.)
 *
 * The kernel tells the driver of a VF nothing of a reset of its PF. It is looked for
 * by each request and, while there is a data file whose user may be waiting, by a
 * watch. One that both have missed is found by what it leaves: a function that was
 * paused with a guest driver at work, and has none now.
 *
 * All who reset a PF or one of its VFs wait for each other by the PF's reset bit; it
 * is given back by who has taken it.
 */
#include <linux/delay.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/lockdep.h>
#include <linux/minmax.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "hisi_acc_vfio_pci.h"
#include "include/mig_fsm.h"
#include "include/mig_reset.h"
#include "include/qm_select.h"
#include "include/qm_state.h"

/* The PF's driver gives its VFs tens of seconds to stop before it resets the PF. */
#define MIG_RESET_BIT_MS	60000
/* A VM that ends has waited for long enough. */
#define MIG_RESET_CLOSE_MS	10000
/* A VMM stands still meanwhile. A reset of a VF takes a tenth of a second. */
#define MIG_RESET_WAIT_MS	5000
#define MIG_RESET_POLL_MS	20
/* A reset of the PF takes more than the 100 ms that PCI wants to be waited. */
#define MIG_RESET_WATCH_MS	50

/**
 * mig_reset_under_way() - is the function being reset?
 * @acc: the open device
 *
 * If so, its registers are not to be touched, nor those of its PF.
 *
 * Context: any; caller holds state_lock, or takes the answer for what it was.
 * Return: in words by what, or NULL.
 */
const char *mig_reset_under_way(const struct hisi_acc *acc)
{
	if (READ_ONCE(acc->resets))
		return "reset of the VF";
	return qm_pf_is_resetting(acc->pf) ? "reset of the PF" : NULL;
}

/* Whoever asks for a state finds a reset of the PF that is under way. */
static const char *follow(struct hisi_acc *acc)
{
	const char *why = mig_reset_under_way(acc);

	lockdep_assert_held(&acc->state_lock);
	if (why && !acc->resets) {
		mig_fsm_lose(acc, why);
		acc->counts.resets_pf += !acc->pf_reset_seen;
	}
	acc->pf_reset_seen = why && !acc->resets;
	return why;
}

/* For who does not ask for a state, but waits for data. */
static void watch(struct hisi_acc *acc)
{
	lockdep_assert_held(&acc->state_lock);
	if (acc->saving || acc->resuming)
		queue_delayed_work(system_long_wq, &acc->reset_watch,
				   msecs_to_jiffies(MIG_RESET_WATCH_MS));
}

static void watch_work(struct work_struct *work)
{
	struct hisi_acc *acc = container_of(to_delayed_work(work), struct hisi_acc,
					    reset_watch);

	mutex_lock(&acc->state_lock);
	follow(acc);
	watch(acc);
	mutex_unlock(&acc->state_lock);
}

/**
 * mig_reset_unwatch() - the device is being closed: look after its PF no more
 * @acc: the device, which has no data file any more
 *
 * Context: may sleep; takes state_lock.
 */
void mig_reset_unwatch(struct hisi_acc *acc)
{
	cancel_delayed_work_sync(&acc->reset_watch);
}

/* Of a data file, see mig_file.h: its lock is held, so this looks and no more. */
static int check_file(const struct mig_file_host *host)
{
	struct hisi_acc *acc = container_of(host, struct hisi_acc, file_host);
	int ret;

	if (mig_reset_under_way(acc))
		return -ENODEV;
	ret = qm_select_keep(&acc->log, acc->pf, acc->region.ctrl);
	return min(ret, 0);
}

/**
 * mig_reset_init() - prepare a device's state machine, and to follow its resets
 * @acc: the device
 *
 * Context: any; nobody else knows @acc yet.
 */
void mig_reset_init(struct hisi_acc *acc)
{
	mig_fsm_init(acc, check_file);
	INIT_DELAYED_WORK(&acc->reset_watch, watch_work);
	init_waitqueue_head(&acc->reset_end);
	mutex_init(&acc->user_reset_lock);
}

static bool is_by_user(const struct hisi_acc *acc)
{
	return READ_ONCE(acc->user_resetter) == current;
}

/**
 * mig_reset_prepare() - the function is about to be reset
 * @acc: the device
 *
 * Context: may sleep, for 60 s at worst; takes state_lock; whoever resets holds the
 * device's lock until mig_reset_done().
 */
void mig_reset_prepare(struct hisi_acc *acc)
{
	mutex_lock(&acc->state_lock);
	WRITE_ONCE(acc->resets, acc->resets + 1);
	if (acc->mig_open) {
		if (is_by_user(acc))
			acc->counts.resets_user++;
		else
			acc->counts.resets_vf++;
		mig_fsm_lose(acc, "reset of the VF");
	}
	mutex_unlock(&acc->state_lock);

	acc->reset_bit = acc->pf && !qm_pf_reset_enter(acc->pf, MIG_RESET_BIT_MS);
}

static void end_reset(struct hisi_acc *acc)
{
	lockdep_assert_held(&acc->state_lock);
	WRITE_ONCE(acc->resets, acc->resets - 1);
	wake_up_all(&acc->reset_end);
}

/**
 * mig_reset_done() - the function has been reset
 * @acc: the device
 *
 * Context: may sleep; takes state_lock.
 */
void mig_reset_done(struct hisi_acc *acc)
{
	if (acc->reset_bit) {
		acc->reset_bit = false;
		qm_pf_reset_exit(acc->pf);
	}

	mutex_lock(&acc->state_lock);
	/* A reset of the PF before may have moved the registers with the select bit. */
	if (acc->mig_open && qm_select_keep(&acc->log, acc->pf, acc->region.ctrl) >= 0)
		qm_state_look_at_reset(&acc->win);
	/* What the user has asked for ends when it is known how it went. */
	if (is_by_user(acc))
		acc->user_resets++;
	else
		end_reset(acc);
	mutex_unlock(&acc->state_lock);
}

static void end_reset_by_user(struct hisi_acc *acc, long ret)
{
	mutex_lock(&acc->state_lock);
	if (!ret && acc->mig_open)
		mig_fsm_reset(acc);
	while (acc->user_resets) {
		acc->user_resets--;
		end_reset(acc);
	}
	mutex_unlock(&acc->state_lock);
}

/**
 * mig_reset_by_user() - VFIO_DEVICE_RESET
 * @acc: the open device
 * @arg: of the ioctl
 *
 * Fails with -EAGAIN only if somebody else keeps the device for long, not for being
 * beside another reset: a VMM takes a failure for the end.
 *
 * Context: may sleep; takes user_reset_lock, memory_lock and state_lock.
 * Return: as the core's.
 */
long mig_reset_by_user(struct hisi_acc *acc, unsigned long arg)
{
	unsigned long end = jiffies + msecs_to_jiffies(MIG_RESET_WAIT_MS);
	long ret;

	mutex_lock(&acc->user_reset_lock);
	WRITE_ONCE(acc->user_resetter, current);
	for (;;) {
		ret = vfio_pci_core_ioctl(&acc->core.vdev, VFIO_DEVICE_RESET, arg);
		if (ret != -EAGAIN || time_after(jiffies, end) ||
		    fatal_signal_pending(current))
			break;
		msleep(MIG_RESET_POLL_MS);
	}
	end_reset_by_user(acc, ret);
	WRITE_ONCE(acc->user_resetter, NULL);
	mutex_unlock(&acc->user_reset_lock);
	return ret;
}

/**
 * mig_reset_at_close() - do what resets the function without asking anybody
 * @acc: the device, which has no user any more
 * @close: what to do: the core's close or disable
 *
 * Context: may sleep, for 10 s at worst before @close.
 */
void mig_reset_at_close(struct hisi_acc *acc,
			void (*close)(struct vfio_pci_core_device *core))
{
	bool bit = acc->pf && !qm_pf_reset_enter(acc->pf, MIG_RESET_CLOSE_MS);

	if (acc->pf && !bit)
		mig_log_err(&acc->log, "VF is reset at close beside another reset\n");
	close(&acc->core);
	if (bit)
		qm_pf_reset_exit(acc->pf);
}

/* Until the reset is over, or for a moment; an errno if there is no use in it. */
static int wait_for_end(struct hisi_acc *acc, unsigned long end)
{
	if (time_after_eq(jiffies, end))
		return -EBUSY;
	if (READ_ONCE(acc->resets))
		wait_event_killable_timeout(acc->reset_end, !READ_ONCE(acc->resets),
					    end - jiffies);
	else	/* of the PF's end nobody tells */
		schedule_timeout_killable(msecs_to_jiffies(MIG_RESET_POLL_MS));
	return fatal_signal_pending(current) ? -EINTR : 0;
}

/**
 * mig_reset_set_state() - bring the device into a migration state, beside resets
 * @acc: the open device
 * @new_state: where to
 *
 * Context: may sleep; takes state_lock; no lock is held that a reset needs while it
 * waits for one to end.
 * Return: as mig_fsm_set_state(); -EBUSY if a reset does not end in time.
 */
struct file *mig_reset_set_state(struct hisi_acc *acc,
				 enum vfio_device_mig_state new_state)
{
	unsigned long end = jiffies + msecs_to_jiffies(MIG_RESET_WAIT_MS);
	struct file *filp;
	const char *why;
	int ret;

	for (;;) {
		mutex_lock(&acc->state_lock);
		why = follow(acc);
		filp = mig_fsm_set_state(acc, new_state, why);
		watch(acc);
		mutex_unlock(&acc->state_lock);
		if (!why || filp != ERR_PTR(-EBUSY))
			return filp;

		ret = wait_for_end(acc, end);
		if (ret) {
			mig_log_err(&acc->log, "no migration now: %s has not ended in %u ms\n",
				    why, MIG_RESET_WAIT_MS);
			return ERR_PTR(ret);
		}
	}
}
