// SPDX-License-Identifier: GPL-2.0-only
/*
 * The migration state machine: what becomes of arcs that fail. It is linked
 * from mig_fsm_kunit.c.
 */
#include "mig_fsm_fake.h"

#define fake		mig_fsm_fake

/* One request, the call in it that fails, and where that leaves the device. */
static const struct failure {
	const char *desc;
	enum vfio_device_mig_state from;
	enum vfio_device_mig_state to;
	struct mig_fsm_fault fault;
	enum vfio_device_mig_state state;
	const char *calls;
	bool save_ones;
	bool vf_ctrl;
} failures[] = {
	{ "pause not taken", RUNNING, RUNNING_P2P, { "pause", 1, -EBUSY },
	  RUNNING, "pause " },
	{ "pause refused", RUNNING, RUNNING_P2P, { "pause", 1, -EIO },
	  RUNNING, "pause keep " },
	{ "pause never done", RUNNING, RUNNING_P2P, { "pause", 1, -ETIMEDOUT },
	  ERROR, "pause " },
	{ "pause refused, save wanted", RUNNING, STOP_COPY, { "pause", 1, -EIO },
	  RUNNING, "pause keep " },
	{ "pause refused in pre-copy", PRE_COPY, PRE_COPY_P2P, { "pause", 1, -EIO },
	  PRE_COPY, "pause keep " },
	{ "pause never done in pre-copy", PRE_COPY, STOP_COPY, { "pause", 1, -ETIMEDOUT },
	  ERROR, "pause close_save " },

	{ "not quiet", RUNNING_P2P, STOP, { "quiesce", 1, -EBUSY },
	  RUNNING_P2P, "quiesce " },
	{ "device gone after pause", RUNNING_P2P, STOP, { "quiesce", 1, -EIO },
	  RUNNING_P2P, "quiesce keep " },
	{ "never written back", RUNNING_P2P, STOP, { "quiesce", 1, -ETIMEDOUT },
	  ERROR, "quiesce " },
	{ "not quiet, coming from running", RUNNING, STOP_COPY, { "quiesce", 1, -EBUSY },
	  RUNNING_P2P, "pause quiesce " },
	{ "not quiet in pre-copy", PRE_COPY_P2P, STOP_COPY, { "quiesce", 1, -EBUSY },
	  PRE_COPY_P2P, "quiesce " },
	{ "never written back in pre-copy", PRE_COPY_P2P, STOP_COPY,
	  { "quiesce", 1, -ETIMEDOUT }, ERROR, "quiesce close_save " },

	{ "device gone at restart", RUNNING_P2P, RUNNING, { "let_go", 1, -EIO },
	  RUNNING_P2P, "let_go keep " },
	{ "restart never done", RUNNING_P2P, RUNNING, { "let_go", 1, -ETIMEDOUT },
	  ERROR, "let_go " },
	{ "restart after stop", STOP, RUNNING, { "let_go", 1, -EIO },
	  RUNNING_P2P, "let_go keep " },
	{ "restart after cancel", STOP_COPY, RUNNING, { "let_go", 1, -EIO },
	  RUNNING_P2P, "close_save let_go keep " },
	{ "restart in pre-copy", PRE_COPY_P2P, PRE_COPY, { "let_go", 1, -EIO },
	  PRE_COPY_P2P, "let_go keep " },

	{ "no file to save to", STOP, STOP_COPY, { "open_save", 1, -ENOMEM },
	  STOP, "open_save " },
	{ "no file for pre-copy", RUNNING, PRE_COPY, { "open_save", 1, -ENOMEM },
	  RUNNING, "open_save " },
	{ "no file for paused pre-copy", RUNNING_P2P, PRE_COPY_P2P,
	  { "open_save", 1, -ENOMEM }, RUNNING_P2P, "open_save " },
	{ "save refused", STOP, STOP_COPY, { "save", 1, -EIO },
	  STOP, "open_save save keep close_save " },
	{ "save not taken", STOP, STOP_COPY, { "save", 1, -EBUSY },
	  STOP, "open_save save close_save " },
	{ "save never done", STOP, STOP_COPY, { "save", 1, -ETIMEDOUT },
	  ERROR, "open_save save close_save " },
	{ "control moved in save", STOP, STOP_COPY, { "keep", 1, -EIO },
	  STOP, "open_save save keep close_save ", .save_ones = true },
	{ "save refused after stop", RUNNING, STOP_COPY, { "save", 1, -EIO },
	  STOP, "pause quiesce open_save save keep close_save " },
	{ "last copy refused", PRE_COPY_P2P, STOP_COPY, { "save", 1, -EIO },
	  PRE_COPY_P2P, "quiesce save keep " },
	{ "last copy never done", PRE_COPY_P2P, STOP_COPY, { "save", 1, -ETIMEDOUT },
	  ERROR, "quiesce save close_save " },
	{ "control moved in last copy", PRE_COPY_P2P, STOP_COPY, { "keep", 1, -EIO },
	  PRE_COPY_P2P, "quiesce save keep ", .save_ones = true },

	{ "control moved before resume", STOP, RESUMING, { "keep", 1, -EIO },
	  STOP, "keep " },
	{ "mailbox not ready to resume", STOP, RESUMING, { "ready", 1, -EBUSY },
	  STOP, "keep ready " },
	{ "no file to resume from", STOP, RESUMING, { "open_resume", 1, -ENOMEM },
	  STOP, RESUME },
	{ "same, coming from save", STOP_COPY, RESUMING, { "open_resume", 1, -ENOMEM },
	  STOP, "close_save " RESUME },

	{ "load not taken", RESUMING, STOP, { "load", 1, -EBUSY },
	  ERROR, LOAD },
	{ "load refused", RESUMING, STOP, { "load", 1, -EIO },
	  ERROR, "load keep close_resume " },
	{ "load never done", RESUMING, STOP, { "load", 1, -ETIMEDOUT },
	  ERROR, LOAD },
	{ "control moved in load, VF control", RESUMING, STOP, { "keep", 1, -EIO },
	  ERROR, "load keep keep close_resume ", .vf_ctrl = true },
	{ "control moved in save, VF control", STOP, STOP_COPY, { "keep", 1, -EIO },
	  STOP, "open_save save keep close_save ", .save_ones = true, .vf_ctrl = true },
	{ "load refused, run wanted", RESUMING, RUNNING, { "load", 1, -EIO },
	  ERROR, "load keep close_resume " },

};

static void failure_desc(const struct failure *failure, char *desc)
{
	strscpy(desc, failure->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(failure, failures, failure_desc);

static struct hisi_acc *enter_failure(struct kunit *test, const struct failure *failure)
{
	if (!mig_fsm_core_knows(failure->from) || !mig_fsm_core_knows(failure->to))
		kunit_skip(test, "this kernel's core knows no pre-copy");
	fake.fault = failure->fault;
	fake.save_ones = failure->save_ones;
	fake.acc->region.ctrl = failure->vf_ctrl ? QM_MIG_CTRL_VF : QM_MIG_CTRL_PF;
	return mig_fsm_fake_enter(failure->from);
}

static void failed_call_gives_its_errno_and_a_known_state(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct hisi_acc *acc = enter_failure(test, failure);

	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, failure->to)),
			failure->fault.err);
	mig_fsm_fake_expect(test, NULL, failure->calls, failure->state);
}

/* All but an error is left by the way that was asked for. */
static void arc_that_failed_can_be_gone_again(struct kunit *test)
{
	const struct failure *failure = test->param_value;
	struct hisi_acc *acc = enter_failure(test, failure);
	struct file *filp;

	mig_fsm_request(acc, failure->to);
	fake.fault.call = NULL;
	fake.calls[0] = '\0';

	filp = mig_fsm_request(acc, failure->to);
	if (failure->state == ERROR) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(filp), -EINVAL);
		mig_fsm_fake_expect(test, NULL, "", ERROR);
	} else {
		KUNIT_EXPECT_FALSE(test, IS_ERR(filp));
		KUNIT_EXPECT_EQ(test, acc->mig_state, failure->to);
	}
}

/* Registers that had moved with the select bit, and are back. */
static const struct moved {
	enum vfio_device_mig_state from;
	enum vfio_device_mig_state to;
	const char *call;
	const char *calls;
	const char *calls_twice;	/* when they do not stay */
	enum vfio_device_mig_state state;
} moves[] = {
	{ RUNNING, RUNNING_P2P, "pause", "pause keep pause ", "pause keep pause ", RUNNING },
	{ PRE_COPY, PRE_COPY_P2P, "pause", "pause keep pause ", "pause keep pause ", PRE_COPY },
	{ RUNNING_P2P, RUNNING, "let_go", "let_go keep let_go ", "let_go keep let_go ",
	  RUNNING_P2P },
	{ RUNNING_P2P, STOP, "quiesce", "quiesce keep quiesce ", "quiesce keep quiesce ",
	  RUNNING_P2P },
	{ STOP, STOP_COPY, "save", "open_save save keep save ring complete ",
	  "open_save save keep save keep close_save ", STOP },
	{ PRE_COPY_P2P, STOP_COPY, "quiesce", "quiesce keep quiesce save ring complete ",
	  "quiesce keep quiesce keep ", PRE_COPY_P2P },
	{ RESUMING, STOP, "load", "load keep load close_resume ",
	  "load keep load close_resume ", ERROR },
};

static void moved_desc(const struct moved *moved, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s to %s", mig_state_name(moved->from),
		 mig_state_name(moved->to));
}

KUNIT_ARRAY_PARAM(moved, moves, moved_desc);

static struct hisi_acc *enter_moved(struct kunit *test, const struct moved *moved)
{
	if (!mig_fsm_core_knows(moved->from) || !mig_fsm_core_knows(moved->to))
		kunit_skip(test, "this kernel's core knows no pre-copy");
	fake.fault = (struct mig_fsm_fault){ moved->call, 1, -EIO };
	fake.keep = 1;
	return mig_fsm_fake_enter(moved->from);
}

static void arc_is_gone_again_when_registers_have_come_back(struct kunit *test)
{
	const struct moved *moved = test->param_value;
	struct hisi_acc *acc = enter_moved(test, moved);
	struct file *filp = mig_fsm_request(acc, moved->to);

	KUNIT_EXPECT_FALSE(test, IS_ERR(filp));
	mig_fsm_fake_expect(test, filp, moved->calls, moved->to);
}

static void arc_is_gone_again_once(struct kunit *test)
{
	const struct moved *moved = test->param_value;
	struct hisi_acc *acc = enter_moved(test, moved);

	fake.fault.often = 2;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, moved->to)), -EIO);
	mig_fsm_fake_expect(test, NULL, moved->calls_twice, moved->state);
}

/* Read while they were dead: it is read again. */
static void record_with_ones_is_captured_again_when_registers_have_come_back(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.keep = 1;
	fake.save_ones = true;
	fake.ones_once = true;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "open_save save keep save ring complete ", STOP_COPY);

	acc = mig_fsm_fake_enter(STOP);
	fake.save_ones = true;
	fake.ones_once = false;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP_COPY)), -EIO);
	mig_fsm_fake_expect(test, NULL, "open_save save keep save keep close_save ", STOP);
}

/* A reset that nobody has seen shows by what it has left. */
static void capture_of_what_is_gone_loses_the_state(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.fault = (struct mig_fsm_fault){ "save", 1, -ESTALE };
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP_COPY)), -EIO);
	mig_fsm_fake_expect(test, NULL, "open_save save close_save ", STOP);
	KUNIT_EXPECT_NOT_NULL(test, acc->lost);
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "", RUNNING);

	/* Stopped it is, with nothing to stop. */
	acc = mig_fsm_fake_enter(RUNNING_P2P);
	fake.fault = (struct mig_fsm_fault){ "quiesce", 1, -ESTALE };
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP_COPY)), -EIO);
	mig_fsm_fake_expect(test, NULL, "quiesce ", STOP);

	if (!mig_fsm_core_knows(PRE_COPY))
		return;
	acc = mig_fsm_fake_enter(PRE_COPY_P2P);
	fake.fault = (struct mig_fsm_fault){ "save", 1, -ESTALE };
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP_COPY)), -EIO);
	KUNIT_EXPECT_EQ(test, acc->mig_state, PRE_COPY_P2P);
	KUNIT_EXPECT_NULL(test, acc->saving);
}

static void failed_load_without_queues_is_an_error(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	acc->resuming->stream.len = MIG_MATCH_BYTES;
	fake.fault = (struct mig_fsm_fault){ "load_not_ready", 1, -EIO };
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP)), -EIO);
	mig_fsm_fake_expect(test, NULL, "load_not_ready keep close_resume ", ERROR);
}

static void record_of_another_length_touches_no_hardware(struct kunit *test)
{
	struct hisi_acc *acc;
	size_t len;

	for (len = 0; len < MIG_RECORD_BYTES; len++) {
		if (len == MIG_MATCH_BYTES)
			continue;
		acc = mig_fsm_fake_enter(RESUMING);
		acc->resuming->stream.len = len;
		KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP)), -EINVAL);
		mig_fsm_fake_expect(test, NULL, "", RESUMING);
		KUNIT_EXPECT_FALSE(test, mutex_is_locked(&acc->resuming->lock));
	}
}

static void refused_record_touches_no_hardware(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);
	unsigned int i;

	acc->resuming->stream.err = -EOPNOTSUPP;
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP)), -EOPNOTSUPP);
		mig_fsm_fake_expect(test, NULL, "", RESUMING);
		KUNIT_EXPECT_FALSE(test, mutex_is_locked(&acc->resuming->lock));
	}
}

static struct kunit_case mig_fsm_fail_cases[] = {
	KUNIT_CASE_PARAM(failed_call_gives_its_errno_and_a_known_state, failure_gen_params),
	KUNIT_CASE_PARAM(arc_that_failed_can_be_gone_again, failure_gen_params),
	KUNIT_CASE_PARAM(arc_is_gone_again_when_registers_have_come_back, moved_gen_params),
	KUNIT_CASE_PARAM(arc_is_gone_again_once, moved_gen_params),
	KUNIT_CASE(record_with_ones_is_captured_again_when_registers_have_come_back),
	KUNIT_CASE(capture_of_what_is_gone_loses_the_state),
	KUNIT_CASE(failed_load_without_queues_is_an_error),
	KUNIT_CASE(record_of_another_length_touches_no_hardware),
	KUNIT_CASE(refused_record_touches_no_hardware),
	{}
};

static struct kunit_suite mig_fsm_fail_suite = {
	.name = "mig_fsm_fail",
	.init = mig_fsm_fake_init,
	.test_cases = mig_fsm_fail_cases,
};

kunit_test_suite(mig_fsm_fail_suite);
