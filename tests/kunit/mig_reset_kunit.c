// SPDX-License-Identifier: GPL-2.0-only
/*
 * Resets: who waits for whom, what is told to the state machine, and when.
 */
#include <kunit/test.h>
#include <linux/delay.h>
#include <linux/jiffies.h>
#include <linux/sched/signal.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "../../hisi_acc_vfio_pci.h"
#include "../../include/mig_reset.h"
#include "../../include/qm_select.h"
#include "../../include/qm_state.h"

static struct {
	struct hisi_acc *acc;

	/* what a test may set */
	bool pf_resetting;
	bool pf_bit_busy;
	bool killed;
	struct file *filp;	/* that a request brings */
	bool needs_registers;	/* the request does */
	int keep;		/* what becomes of the select bit */
	long core_ret;		/* of VFIO_DEVICE_RESET */
	unsigned int core_again;	/* so often it gives -EAGAIN before */
	void (*meanwhile)(void);	/* done by others during one wait */

	/* what a test may look at */
	char calls[512];	/* each with a blank; '!' says that a lock was wrong */
	unsigned long now;
	unsigned int waits;
	bool watched;
} fake;

static void say(const char *call, bool locked)
{
	size_t had = strlen(fake.calls);

	snprintf(fake.calls + had, sizeof(fake.calls) - had, "%s%s ", call,
		 mutex_is_locked(&fake.acc->state_lock) == locked ? "" : "!");
}

static bool fake_is_resetting(const struct qm_pf *pf)
{
	return fake.pf_resetting;
}

static int fake_reset_enter(struct qm_pf *pf, unsigned int timeout_ms)
{
	say(timeout_ms == MSEC_PER_SEC * 60 ? "take" : "take_at_close", false);
	return fake.pf_bit_busy ? -ETIMEDOUT : 0;
}

static void fake_reset_exit(struct qm_pf *pf)
{
	say("give", false);
}

static int fake_keep(struct mig_log *log, struct qm_pf *pf, enum qm_mig_ctrl ctrl)
{
	return fake.keep;
}

static void fake_look_at_reset(struct qm_win *win)
{
	say("look", true);
}

static void fake_fsm_init(struct hisi_acc *acc, int (*check)(const struct mig_file_host *host))
{
	acc->file_host.check = check;
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
}

static void fake_lose(struct hisi_acc *acc, const char *why)
{
	say(strstr(why, "VF") ? "lose_vf" : "lose_pf", true);
}

static void fake_fsm_reset(struct hisi_acc *acc)
{
	say("reset", true);
}

static struct file *fake_set_state(struct hisi_acc *acc, enum vfio_device_mig_state state,
				   bool barred)
{
	say(barred ? "barred" : "set_state", true);
	return barred && fake.needs_registers ? ERR_PTR(-EBUSY) : fake.filp;
}

static long fake_core_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);

static void passes(unsigned int ms)
{
	void (*meanwhile)(void) = fake.meanwhile;

	/* A reset needs both. */
	if (mutex_is_locked(&fake.acc->state_lock))
		say("asleep_with_lock", false);
	fake.waits++;
	fake.now += msecs_to_jiffies(ms);
	fake.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
}

static bool fake_queue_work(struct delayed_work *work)
{
	fake.watched |= work == &fake.acc->reset_watch;
	return true;
}

#define qm_pf_is_resetting		fake_is_resetting
#define qm_pf_reset_enter		fake_reset_enter
#define qm_pf_reset_exit		fake_reset_exit
#define qm_select_keep			fake_keep
#define qm_state_look_at_reset		fake_look_at_reset
#define mig_fsm_init			fake_fsm_init
#define mig_fsm_lose			fake_lose
#define mig_fsm_reset			fake_fsm_reset
#define mig_fsm_set_state		fake_set_state
#define vfio_pci_core_ioctl		fake_core_ioctl
#define queue_delayed_work(wq, work, delay)	fake_queue_work(work)
#define jiffies				fake.now
#define msleep(ms)			passes(ms)
#define fatal_signal_pending(task)	fake.killed
#define schedule_timeout_killable(ticks)	passes(jiffies_to_msecs(ticks))
#undef wait_event_killable_timeout
#define wait_event_killable_timeout(wq, condition, ticks)			\
({										\
	passes((condition) ? 0 : 20);						\
	(ticks);								\
})

#include "../../mig_reset.c"

static long fake_core_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	say("core", false);
	if (fake.core_again) {
		fake.core_again--;
		return -EAGAIN;
	}
	mig_reset_prepare(fake.acc);
	say("flr", false);
	mig_reset_done(fake.acc);
	return fake.core_ret;
}

static int mig_reset_kunit_init(struct kunit *test)
{
	static struct device dev = { .init_name = "simulated" };
	struct hisi_acc *acc = kunit_kzalloc(test, sizeof(*acc), GFP_KERNEL);
	struct qm_pf *pf = kunit_kzalloc(test, sizeof(*pf), GFP_KERNEL);

	if (!acc || !pf)
		return -ENOMEM;
	memset(&fake, 0, sizeof(fake));
	fake.acc = acc;
	acc->pf = pf;
	acc->mig_open = true;
	mutex_init(&acc->state_lock);
	mig_log_init(&acc->log, &dev);
	mig_reset_init(acc);
	return 0;
}

/* No wrong lock, none left, no reset under way, the bit given back. */
static void mig_reset_kunit_exit(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, strchr(fake.calls, '!'));
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&fake.acc->state_lock));
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&fake.acc->user_reset_lock));
	KUNIT_EXPECT_EQ(test, fake.acc->resets, 0);
	KUNIT_EXPECT_EQ(test, fake.acc->user_resets, 0);
	KUNIT_EXPECT_FALSE(test, fake.acc->reset_bit);
}

static void reset_of_others_loses_the_state(struct kunit *test)
{
	mig_reset_prepare(fake.acc);
	KUNIT_EXPECT_NOT_NULL(test, mig_reset_under_way(fake.acc));
	mig_reset_done(fake.acc);
	KUNIT_EXPECT_NULL(test, mig_reset_under_way(fake.acc));
	KUNIT_EXPECT_STREQ(test, fake.calls, "lose_vf take give look ");
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_vf, 1);
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_user, 0);
}

static void reset_of_a_closed_device_says_nothing(struct kunit *test)
{
	fake.acc->mig_open = false;
	mig_reset_prepare(fake.acc);
	mig_reset_done(fake.acc);
	KUNIT_EXPECT_STREQ(test, fake.calls, "take give ");
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_vf, 0);
}

static void device_without_pf_takes_no_bit(struct kunit *test)
{
	fake.acc->mig_open = false;
	fake.acc->pf = NULL;
	mig_reset_prepare(fake.acc);
	mig_reset_done(fake.acc);
	KUNIT_EXPECT_STREQ(test, fake.calls, "");
}

/* What was not taken is not given back. */
static void bit_of_somebody_else_is_left_alone(struct kunit *test)
{
	fake.pf_bit_busy = true;
	mig_reset_prepare(fake.acc);
	mig_reset_done(fake.acc);
	KUNIT_EXPECT_STREQ(test, fake.calls, "lose_vf take look ");
}

static void reset_by_the_user_ends_in_running(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls, "core lose_vf take flr give look reset ");
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_user, 1);
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_vf, 0);
}

/* It may have done nothing, or half of it. */
static void reset_by_the_user_that_fails_leaves_the_state(struct kunit *test)
{
	fake.core_ret = -ENOTTY;
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), -ENOTTY);
	KUNIT_EXPECT_STREQ(test, fake.calls, "core lose_vf take flr give look ");
}

static void reset_by_the_user_waits_for_another_one(struct kunit *test)
{
	fake.core_again = 3;
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "core core core core lose_vf take flr give look reset ");
	KUNIT_EXPECT_EQ(test, fake.waits, 3);
}

static void reset_by_the_user_does_not_wait_for_ever(struct kunit *test)
{
	fake.core_again = UINT_MAX;
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), -EAGAIN);
	KUNIT_EXPECT_GE(test, jiffies_to_msecs(fake.now), 5000);
	KUNIT_EXPECT_LE(test, jiffies_to_msecs(fake.now), 6000);
	fake.waits = 0;
	fake.killed = true;
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), -EAGAIN);
	KUNIT_EXPECT_EQ(test, fake.waits, 0);
}

/* As by sysfs, from another thread, while the user's waits for it. */
static void others_reset(void)
{
	struct task_struct *user = fake.acc->user_resetter;

	fake.acc->user_resetter = NULL;
	mig_reset_prepare(fake.acc);
	mig_reset_done(fake.acc);
	fake.acc->user_resetter = user;
}

static void reset_of_others_is_no_reset_by_the_user(struct kunit *test)
{
	fake.core_again = 1;
	fake.meanwhile = others_reset;
	KUNIT_EXPECT_EQ(test, mig_reset_by_user(fake.acc, 0), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls, "core lose_vf take give look "
			   "core lose_vf take flr give look reset ");
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_vf, 1);
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_user, 1);
}

static void close_it(struct vfio_pci_core_device *core)
{
	say(core == &fake.acc->core ? "close" : "close_another", false);
}

static void close_holds_the_bit(struct kunit *test)
{
	mig_reset_at_close(fake.acc, close_it);
	KUNIT_EXPECT_STREQ(test, fake.calls, "take_at_close close give ");
}

static void close_goes_on_without_the_bit_and_says_so(struct kunit *test)
{
	fake.pf_bit_busy = true;
	mig_reset_at_close(fake.acc, close_it);
	KUNIT_EXPECT_STREQ(test, fake.calls, "take_at_close close ");
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake.acc->log.last, "beside another reset"));
}

static void close_without_pf_closes(struct kunit *test)
{
	fake.acc->pf = NULL;
	mig_reset_at_close(fake.acc, close_it);
	KUNIT_EXPECT_STREQ(test, fake.calls, "close ");
	KUNIT_EXPECT_STREQ(test, fake.acc->log.last, "");
}

static void request_beside_no_reset_is_passed_on(struct kunit *test)
{
	fake.filp = ERR_PTR(-EBUSY);
	/* That errno is the hardware's: nobody waits. */
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP)),
			-EBUSY);
	KUNIT_EXPECT_STREQ(test, fake.calls, "set_state ");
	KUNIT_EXPECT_EQ(test, fake.waits, 0);
}

static void end_reset_of_vf(void)
{
	mutex_lock(&fake.acc->state_lock);
	end_reset(fake.acc);
	mutex_unlock(&fake.acc->state_lock);
}

static void end_reset_of_pf(void)
{
	fake.pf_resetting = false;
}

static void request_waits_for_the_end_of_a_reset_of_the_vf(struct kunit *test)
{
	fake.acc->resets = 1;
	fake.needs_registers = true;
	fake.meanwhile = end_reset_of_vf;
	KUNIT_EXPECT_NULL(test, mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP));
	KUNIT_EXPECT_STREQ(test, fake.calls, "barred set_state ");
}

static void request_waits_for_the_end_of_a_reset_of_the_pf(struct kunit *test)
{
	fake.pf_resetting = true;
	fake.needs_registers = true;
	fake.meanwhile = end_reset_of_pf;
	KUNIT_EXPECT_NULL(test, mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP));
	KUNIT_EXPECT_STREQ(test, fake.calls, "lose_pf barred set_state ");
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_pf, 1);
}

static void request_that_needs_no_registers_does_not_wait(struct kunit *test)
{
	fake.pf_resetting = true;
	KUNIT_EXPECT_NULL(test, mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_RUNNING));
	KUNIT_EXPECT_STREQ(test, fake.calls, "lose_pf barred ");
	KUNIT_EXPECT_EQ(test, fake.waits, 0);
}

static void request_waits_for_seconds_and_no_longer(struct kunit *test)
{
	fake.pf_resetting = true;
	fake.needs_registers = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP)),
			-EBUSY);
	KUNIT_EXPECT_GE(test, jiffies_to_msecs(fake.now), 5000);
	KUNIT_EXPECT_LE(test, jiffies_to_msecs(fake.now), 6000);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake.acc->log.last, "reset of the PF has not ended"));
	/* It is one reset, however often it is looked at. */
	KUNIT_EXPECT_EQ(test, fake.acc->counts.resets_pf, 1);
}

static void request_of_who_is_killed_ends(struct kunit *test)
{
	fake.acc->resets = 1;
	fake.needs_registers = true;
	fake.killed = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP)),
			-EINTR);
	fake.acc->resets = 0;
}

/* A VM that is paused for a week must cost nothing. */
static void pf_is_watched_while_there_is_a_file(struct kunit *test)
{
	struct mig_file migf;

	mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP);
	KUNIT_EXPECT_FALSE(test, fake.watched);
	watch_work(&fake.acc->reset_watch.work);
	KUNIT_EXPECT_FALSE(test, fake.watched);

	fake.acc->saving = &migf;
	mig_reset_set_state(fake.acc, VFIO_DEVICE_STATE_STOP_COPY);
	KUNIT_EXPECT_TRUE(test, fake.watched);
	fake.watched = false;
	watch_work(&fake.acc->reset_watch.work);
	KUNIT_EXPECT_TRUE(test, fake.watched);

	fake.acc->saving = NULL;
	fake.acc->resuming = &migf;
	fake.watched = false;
	fake.pf_resetting = true;
	fake.calls[0] = '\0';
	watch_work(&fake.acc->reset_watch.work);
	KUNIT_EXPECT_STREQ(test, fake.calls, "lose_pf ");
	KUNIT_EXPECT_FALSE(test, fake.acc->reset_watch.timer.flags & TIMER_DEFERRABLE);
}

/* For who writes data. */
static void file_is_not_checked_during_a_reset(struct kunit *test)
{
	const struct mig_file_host *host = &fake.acc->file_host;

	KUNIT_EXPECT_EQ(test, host->check(host), 0);
	fake.keep = 1;
	KUNIT_EXPECT_EQ(test, host->check(host), 0);
	fake.keep = -EIO;
	KUNIT_EXPECT_EQ(test, host->check(host), -EIO);
	fake.acc->resets = 1;
	KUNIT_EXPECT_EQ(test, host->check(host), -ENODEV);
	fake.acc->resets = 0;
	fake.pf_resetting = true;
	KUNIT_EXPECT_EQ(test, host->check(host), -ENODEV);
}

static struct kunit_case mig_reset_cases[] = {
	KUNIT_CASE(reset_of_others_loses_the_state),
	KUNIT_CASE(reset_of_a_closed_device_says_nothing),
	KUNIT_CASE(device_without_pf_takes_no_bit),
	KUNIT_CASE(bit_of_somebody_else_is_left_alone),
	KUNIT_CASE(reset_by_the_user_ends_in_running),
	KUNIT_CASE(reset_by_the_user_that_fails_leaves_the_state),
	KUNIT_CASE(reset_by_the_user_waits_for_another_one),
	KUNIT_CASE(reset_by_the_user_does_not_wait_for_ever),
	KUNIT_CASE(reset_of_others_is_no_reset_by_the_user),
	KUNIT_CASE(close_holds_the_bit),
	KUNIT_CASE(close_goes_on_without_the_bit_and_says_so),
	KUNIT_CASE(close_without_pf_closes),
	KUNIT_CASE(request_beside_no_reset_is_passed_on),
	KUNIT_CASE(request_waits_for_the_end_of_a_reset_of_the_vf),
	KUNIT_CASE(request_waits_for_the_end_of_a_reset_of_the_pf),
	KUNIT_CASE(request_that_needs_no_registers_does_not_wait),
	KUNIT_CASE(request_waits_for_seconds_and_no_longer),
	KUNIT_CASE(request_of_who_is_killed_ends),
	KUNIT_CASE(pf_is_watched_while_there_is_a_file),
	KUNIT_CASE(file_is_not_checked_during_a_reset),
	{}
};

static struct kunit_suite mig_reset_suite = {
	.name = "mig_reset",
	.init = mig_reset_kunit_init,
	.exit = mig_reset_kunit_exit,
	.test_cases = mig_reset_cases,
};

kunit_test_suite(mig_reset_suite);
