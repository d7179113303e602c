// SPDX-License-Identifier: GPL-2.0-only
/*
 * The migration state machine: every arc, every request and every non-arc. What
 * becomes of an arc that fails is in mig_fsm_fail_kunit.c.
 */
#include "mig_fsm_fake.h"
#include "../../mig_fsm.c"

#define fake		mig_fsm_fake

#define LOAD_NONE	"load_not_ready close_resume "

static const struct arc {
	enum vfio_device_mig_state from;
	enum vfio_device_mig_state to;
	const char *calls;
	struct file *filp;	/* that it hands out */
} arcs[] = {
	{ RUNNING,      RUNNING_P2P,  "pause "},
	{ RUNNING_P2P,  RUNNING,      "let_go " },
	{ RUNNING_P2P,  STOP,         "quiesce " },
	{ STOP,         RUNNING_P2P,  "" },
	{ STOP,         STOP_COPY,    "open_save " CAPTURE, &fake.save_filp },
	{ STOP_COPY,    STOP,         "close_save " },
	{ STOP,         RESUMING,     RESUME, &fake.resume_filp },
	{ RESUMING,     STOP,         LOAD },
	{ RUNNING,      PRE_COPY,     "open_save ", &fake.save_filp },
	{ PRE_COPY,     RUNNING,      "close_save " },
	{ PRE_COPY,     PRE_COPY_P2P, "pause "},
	{ PRE_COPY_P2P, PRE_COPY,     "let_go " },
	{ RUNNING_P2P,  PRE_COPY_P2P, "open_save ", &fake.save_filp },
	{ PRE_COPY_P2P, RUNNING_P2P,  "close_save " },
	{ PRE_COPY_P2P, STOP_COPY,    "quiesce " CAPTURE },
};

/*
 * The requests that take more than one arc, from their first state to their last,
 * as the uAPI has them. What is neither here nor an arc is refused.
 */
#define ROUTE_MAX	5

static const struct route {
	unsigned int num;
	enum vfio_device_mig_state states[ROUTE_MAX];
} routes[] = {
	{ 3, { RUNNING, RUNNING_P2P, PRE_COPY_P2P } },
	{ 3, { RUNNING, RUNNING_P2P, STOP } },
	{ 4, { RUNNING, RUNNING_P2P, STOP, STOP_COPY } },
	{ 4, { RUNNING, RUNNING_P2P, STOP, RESUMING } },
	{ 3, { RUNNING_P2P, RUNNING, PRE_COPY } },
	{ 3, { RUNNING_P2P, STOP, STOP_COPY } },
	{ 3, { RUNNING_P2P, STOP, RESUMING } },
	{ 3, { PRE_COPY, RUNNING, RUNNING_P2P } },
	{ 4, { PRE_COPY, RUNNING, RUNNING_P2P, STOP } },
	{ 5, { PRE_COPY, RUNNING, RUNNING_P2P, STOP, RESUMING } },
	{ 3, { PRE_COPY, PRE_COPY_P2P, STOP_COPY } },
	{ 3, { PRE_COPY_P2P, RUNNING_P2P, RUNNING } },
	{ 3, { PRE_COPY_P2P, RUNNING_P2P, STOP } },
	{ 4, { PRE_COPY_P2P, RUNNING_P2P, STOP, RESUMING } },
	{ 3, { STOP, RUNNING_P2P, RUNNING } },
	{ 3, { STOP, RUNNING_P2P, PRE_COPY_P2P } },
	{ 4, { STOP, RUNNING_P2P, RUNNING, PRE_COPY } },
	{ 3, { STOP_COPY, STOP, RUNNING_P2P } },
	{ 4, { STOP_COPY, STOP, RUNNING_P2P, RUNNING } },
	{ 3, { STOP_COPY, STOP, RESUMING } },
	{ 3, { RESUMING, STOP, RUNNING_P2P } },
	{ 4, { RESUMING, STOP, RUNNING_P2P, RUNNING } },
	{ 4, { RESUMING, STOP, RUNNING_P2P, PRE_COPY_P2P } },
	{ 5, { RESUMING, STOP, RUNNING_P2P, RUNNING, PRE_COPY } },
	{ 3, { RESUMING, STOP, STOP_COPY } },
};

static const struct arc *find_arc(enum vfio_device_mig_state from,
				  enum vfio_device_mig_state to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(arcs); i++) {
		if (arcs[i].from == from && arcs[i].to == to)
			return &arcs[i];
	}
	return NULL;
}

static const struct route *find_route(enum vfio_device_mig_state from,
				      enum vfio_device_mig_state to)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(routes); i++) {
		if (routes[i].states[0] == from &&
		    routes[i].states[routes[i].num - 1] == to)
			return &routes[i];
	}
	return NULL;
}

static void add_calls(char *calls, const struct arc *arc, size_t size)
{
	bool loaded = strstr(calls, "load ");
	const char *more = arc->calls;

	/* What has just been loaded needs less to go on, and was paused by nobody. */
	if (loaded && arc->from == RUNNING_P2P && arc->to == RUNNING)
		more = "doorbells ";
	else if (loaded && arc->from == STOP && arc->to == STOP_COPY)
		more = "open_save pause quiesce " CAPTURE;
	strlcat(calls, more, size);
}

/* What a request has to do. The file that it brings, or an errno. */
static struct file *expected(enum vfio_device_mig_state from,
			     enum vfio_device_mig_state to, char *calls, size_t size)
{
	const struct route *route = find_route(from, to);
	const struct arc *arc = find_arc(from, to);
	unsigned int i;

	calls[0] = '\0';
	if (from == ERROR || to == ERROR)
		return ERR_PTR(-EINVAL);
	if (from == to)
		return NULL;
	if (!mig_fsm_core_knows(to))
		return ERR_PTR(-EINVAL);
	for (i = 0; route && i < route->num - 1; i++) {
		arc = find_arc(route->states[i], route->states[i + 1]);
		if (i < route->num - 2)
			add_calls(calls, arc, size);
	}
	if (!arc)
		return ERR_PTR(-EINVAL);
	add_calls(calls, arc, size);
	return arc->filp;
}

static const enum vfio_device_mig_state states[] = {
	RUNNING, RUNNING_P2P, STOP, STOP_COPY, RESUMING, PRE_COPY, PRE_COPY_P2P, ERROR,
};

static void state_desc(const enum vfio_device_mig_state *state, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "from %s", mig_state_name(*state));
}

KUNIT_ARRAY_PARAM(state, states, state_desc);

static enum vfio_device_mig_state param_state(struct kunit *test)
{
	return *(const enum vfio_device_mig_state *)test->param_value;
}

static void every_request_is_served_or_refused(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);
	struct file *want, *filp;
	char calls[128];
	unsigned int to;

	if (!mig_fsm_core_knows(from))
		kunit_skip(test, "this kernel's core knows no pre-copy");

	/* One state more than there are, too. */
	for (to = 0; to <= MIG_FSM_STATES; to++) {
		kunit_info(test, "to %s", mig_state_name(to));
		want = expected(from, to, calls, sizeof(calls));
		filp = mig_fsm_request(mig_fsm_fake_enter(from), to);
		KUNIT_EXPECT_PTR_EQ(test, filp, want);
		mig_fsm_fake_expect(test, want, calls, IS_ERR(want) ? from : to);
	}
}

/* The table itself, whatever the core would make of a request. */
static void every_pair_but_the_arcs_is_refused(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);
	const struct arc *arc;
	struct hisi_acc *acc;
	struct file *filp;
	unsigned int to;
	ktime_t start;

	for (to = 0; to <= MIG_FSM_STATES; to++) {
		acc = mig_fsm_fake_enter(from);
		arc = find_arc(from, to);
		mutex_lock(&acc->state_lock);
		start = ktime_get();
		filp = mig_fsm_step(acc, to, false, &start);
		mutex_unlock(&acc->state_lock);
		KUNIT_EXPECT_PTR_EQ(test, filp, arc ? arc->filp : ERR_PTR(-EINVAL));
		mig_fsm_fake_expect(test, filp, arc ? arc->calls : "", arc ? to : from);
	}
}

/* The ring keeps the newest, failed ones too. */
static void arcs_are_kept_with_their_result(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RUNNING_P2P);
	const struct mig_arc_done *done;
	unsigned int i;

	for (i = 0; i < MIG_ARCS_KEPT; i++)
		mig_fsm_request(acc, i % 2 ? RUNNING_P2P : RUNNING);
	fake.fault = (struct mig_fsm_fault){ "quiesce", 1, -EBUSY };
	mig_fsm_request(acc, STOP);

	KUNIT_EXPECT_EQ(test, acc->arc_count, MIG_ARCS_KEPT + 1);
	done = &acc->arcs[MIG_ARCS_KEPT - 1];
	KUNIT_EXPECT_EQ(test, done->from, RUNNING);
	KUNIT_EXPECT_EQ(test, done->to, RUNNING_P2P);
	KUNIT_EXPECT_EQ(test, done->ret, 0);
	done = &acc->arcs[0];
	KUNIT_EXPECT_EQ(test, done->from, RUNNING_P2P);
	KUNIT_EXPECT_EQ(test, done->to, STOP);
	KUNIT_EXPECT_EQ(test, done->ret, -EBUSY);
}

static void migration_opens_and_closes_each_file_once(struct kunit *test)
{
	static const enum vfio_device_mig_state stops[] = {
		PRE_COPY, STOP_COPY, STOP, RESUMING,
	};
	struct hisi_acc *acc = mig_fsm_fake_enter(RUNNING);
	unsigned int i;

	if (!mig_fsm_core_knows(PRE_COPY))
		kunit_skip(test, "this kernel's core knows no pre-copy");
	for (i = 0; i < ARRAY_SIZE(stops); i++)
		KUNIT_EXPECT_FALSE(test, IS_ERR(mig_fsm_request(acc, stops[i])));
	memset(&acc->resuming->stream.rec, 1, MIG_RECORD_BYTES);
	acc->resuming->stream.len = MIG_RECORD_BYTES;
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "open_save " "pause quiesce " CAPTURE
			   "close_save " RESUME LOAD "doorbells ");
	KUNIT_EXPECT_EQ(test, fake.save_refs, 1);
	KUNIT_EXPECT_EQ(test, fake.resume_refs, 1);
}

static void second_session_takes_nothing_from_the_first(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, RESUMING), &fake.resume_filp);
	/* Nothing has been written this time. */
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP)), -EINVAL);
	mig_fsm_fake_expect(test, &fake.resume_filp, LOAD RESUME, RESUMING);
}

static void state_that_is_not_ready_is_completed_without_ringing(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.save_len = MIG_MATCH_BYTES;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "open_save save complete ", STOP_COPY);
}

/* Is it a dead register? The select bit knows. */
static void record_with_ones_makes_the_region_be_checked_again(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.save_ones = true;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "open_save save keep ring complete ", STOP_COPY);
}

/*
 * The functional half of the VF's BAR2 is always there, the other half may be
 * gone: after a load nobody knows but the select bit.
 */
static void vf_control_is_checked_where_it_matters(struct kunit *test)
{
	static const struct {
		enum vfio_device_mig_state from, to;
		const char *calls;
		struct file *filp;
	} requests[] = {
		{ RUNNING, STOP, "pause quiesce " },
		{ STOP, STOP_COPY, "open_save save ring complete ", &fake.save_filp },
		{ STOP, RESUMING, "keep ready open_resume ", &fake.resume_filp },
		{ RESUMING, STOP, "load keep close_resume " },
		{ RUNNING_P2P, RUNNING, "let_go " },
	};
	unsigned int i;

	fake.acc->region.ctrl = QM_MIG_CTRL_VF;
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		struct hisi_acc *acc = mig_fsm_fake_enter(requests[i].from);

		KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, requests[i].to),
				    requests[i].filp);
		mig_fsm_fake_expect(test, requests[i].filp, requests[i].calls,
				    requests[i].to);
	}
}

/* What has been loaded is ready and has its messages; else the hardware is asked. */
static void loaded_function_waits_for_its_doorbells_alone(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, LOAD "doorbells ", RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "let_go ", RUNNING);

	/* A reset has taken what was loaded. */
	acc = mig_fsm_fake_enter(RESUMING);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	mutex_lock(&acc->state_lock);
	mig_fsm_reset(acc);
	mutex_unlock(&acc->state_lock);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "let_go ", RUNNING);
}

/* Where no guest driver is at work, nothing is paused, and so nothing let go. */
static void function_that_is_not_at_work_is_left_alone(struct kunit *test)
{
	struct hisi_acc *acc;

	fake.idle = true;
	fake.save_len = MIG_MATCH_BYTES;
	acc = mig_fsm_fake_enter(RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING_P2P));
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "pause ", RUNNING);

	acc = mig_fsm_fake_enter(RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	mig_fsm_fake_expect(test, NULL, "pause pause ", STOP);
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, STOP_COPY), &fake.save_filp);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	KUNIT_EXPECT_STREQ(test, fake.calls, "pause pause open_save pause save complete close_save ");
}

/* It has been paused by the arc that found it at work, and is let go by the way back. */
static void driver_that_comes_between_two_arcs_is_paused_by_the_next(struct kunit *test)
{
	struct hisi_acc *acc;

	fake.idle = true;
	acc = mig_fsm_fake_enter(RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING_P2P));
	fake.idle = false;
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "pause pause quiesce let_go ", RUNNING);

	fake.idle = true;
	acc = mig_fsm_fake_enter(STOP);
	fake.idle = false;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_request(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp, "open_save pause quiesce " CAPTURE,
			    STOP_COPY);

	if (!mig_fsm_core_knows(PRE_COPY))
		return;
	fake.idle = true;
	acc = mig_fsm_fake_enter(PRE_COPY_P2P);
	fake.idle = false;
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP_COPY));
	mig_fsm_fake_expect(test, NULL, "pause quiesce " CAPTURE, STOP_COPY);
}

/* It came while the device was stopped: it runs, and is none of ours. */
static void driver_that_comes_unseen_is_not_restarted(struct kunit *test)
{
	struct hisi_acc *acc;

	fake.idle = true;
	acc = mig_fsm_fake_enter(STOP);
	fake.idle = false;
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "", RUNNING);
}

/* The queues that could let it go are those of the guest before. */
static void paused_function_takes_no_guest_without_driver(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	acc->paused = true;
	acc->resuming->stream.len = MIG_MATCH_BYTES;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_request(acc, STOP)), -EBUSY);
	mig_fsm_fake_expect(test, NULL, "", RESUMING);
	/* Another guest's queues do let it go. */
	acc->resuming->stream.len = MIG_RECORD_BYTES;
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, LOAD "doorbells ", RUNNING);
	KUNIT_EXPECT_FALSE(test, acc->paused);
}

/* All four queue addresses zero, as older kernels send it. */
static void record_without_queues_is_loaded_as_not_ready(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	memset(&acc->resuming->stream.rec, 0, MIG_RECORD_BYTES);
	KUNIT_EXPECT_NULL(test, mig_fsm_request(acc, STOP));
	mig_fsm_fake_expect(test, NULL, LOAD_NONE, STOP);
}

static const char *files_are_closed(const struct hisi_acc *acc)
{
	return acc->saving ? "close_save " : acc->resuming ? "close_resume " : "";
}

static void reset_by_the_user_leads_to_running_from_anywhere(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);
	struct hisi_acc *acc;
	const char *calls;
	unsigned int lost;

	for (lost = 0; lost < 2; lost++) {
		acc = mig_fsm_fake_enter(from);
		calls = files_are_closed(acc);
		if (lost)
			mig_fsm_fake_lose(acc);
		mutex_lock(&acc->state_lock);
		mig_fsm_reset(acc);
		mutex_unlock(&acc->state_lock);
		mig_fsm_fake_expect(test, NULL, calls, RUNNING);
		KUNIT_EXPECT_NULL(test, acc->lost);
		KUNIT_EXPECT_FALSE(test, acc->paused);
	}
}

/* Any other reset takes what the state stands for, and the files: no more. */
static void what_is_lost_keeps_its_state(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);
	struct hisi_acc *acc = mig_fsm_fake_enter(from);
	const char *calls = files_are_closed(acc);
	unsigned int i;

	for (i = 0; i < 2; i++) {
		mig_fsm_fake_lose(acc);
		KUNIT_EXPECT_STREQ(test, fake.calls, calls);
		KUNIT_EXPECT_EQ(test, acc->mig_state, from);
		KUNIT_EXPECT_NULL(test, acc->saving);
		KUNIT_EXPECT_NULL(test, acc->resuming);
		KUNIT_EXPECT_EQ(test, !!acc->lost, from != RUNNING && from != ERROR);
	}
	KUNIT_EXPECT_EQ(test, acc->counts.lost, from != RUNNING && from != ERROR);
	KUNIT_EXPECT_EQ(test, !!strstr(acc->log.last, "ZIP accelerator has lost its work"),
			from != RUNNING && from != ERROR);
}

/*
 * The requests from a state that is lost: what it takes to go there, and with a reset
 * under way whether that has to wait.
 */
static const struct lost_request {
	enum vfio_device_mig_state from;
	enum vfio_device_mig_state to;
	int ret;
	enum vfio_device_mig_state ends;
	const char *calls;
	struct file *filp;
	bool waits;
} lost_requests[] = {
	{ RUNNING_P2P,  RUNNING,      0, RUNNING, "" },
	{ RUNNING_P2P,  STOP,         0, STOP, "" },
	{ RUNNING_P2P,  PRE_COPY_P2P, 0, PRE_COPY_P2P, "open_save ", &fake.save_filp },
	{ RUNNING_P2P,  STOP_COPY,    -EIO, STOP, "", NULL, true },
	{ STOP,         RUNNING_P2P,  0, RUNNING_P2P, "" },
	{ STOP,         RUNNING,      0, RUNNING, "" },
	{ STOP,         STOP_COPY,    -EIO, STOP, "", NULL, true },
	/* All that was lost is replaced. */
	{ STOP,         RESUMING,     0, RESUMING, RESUME, &fake.resume_filp, true },
	{ STOP_COPY,    STOP,         0, STOP, "" },
	{ STOP_COPY,    RUNNING,      0, RUNNING, "" },
	{ RESUMING,     STOP,         -EIO, RESUMING, "", NULL, true },
	{ RESUMING,     RUNNING,      -EIO, RESUMING, "", NULL, true },
	{ PRE_COPY,     RUNNING,      0, RUNNING, "" },
	{ PRE_COPY,     PRE_COPY_P2P, 0, PRE_COPY_P2P, "" },
	{ PRE_COPY,     STOP_COPY,    -EIO, PRE_COPY_P2P, "", NULL, true },
	/* By way of RUNNING, where nothing is lost any more. */
	{ PRE_COPY,     STOP,         0, STOP, "pause quiesce ", NULL, true },
	{ PRE_COPY_P2P, RUNNING,      0, RUNNING, "" },
	{ PRE_COPY_P2P, PRE_COPY,     0, PRE_COPY, "" },
	{ PRE_COPY_P2P, STOP,         0, STOP, "" },
	{ PRE_COPY_P2P, STOP_COPY,    -EIO, PRE_COPY_P2P, "", NULL, true },
	{ ERROR,        RUNNING,      -EINVAL, ERROR, "" },
};

static void lost_request_desc(const struct lost_request *request, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%s to %s", mig_state_name(request->from),
		 mig_state_name(request->to));
}

KUNIT_ARRAY_PARAM(lost_request, lost_requests, lost_request_desc);

static struct hisi_acc *enter_lost(struct kunit *test, const struct lost_request *request)
{
	struct hisi_acc *acc;

	if (!mig_fsm_core_knows(request->from) || !mig_fsm_core_knows(request->to))
		kunit_skip(test, "this kernel's core knows no pre-copy");
	acc = mig_fsm_fake_enter(request->from);
	mig_fsm_fake_lose(acc);
	fake.calls[0] = '\0';
	return acc;
}

static void what_is_lost_leads_back_alone(struct kunit *test)
{
	const struct lost_request *request = test->param_value;
	struct hisi_acc *acc = enter_lost(test, request);
	struct file *filp = mig_fsm_request(acc, request->to);

	if (request->ret)
		KUNIT_EXPECT_EQ(test, PTR_ERR(filp), request->ret);
	else
		KUNIT_EXPECT_PTR_EQ(test, filp, request->filp);
	KUNIT_EXPECT_STREQ(test, fake.calls, request->calls);
	KUNIT_EXPECT_EQ(test, acc->mig_state, request->ends);
	if (request->ret == -EIO)
		KUNIT_EXPECT_NOT_NULL(test, strstr(acc->log.last, "lost by a reset of some kind"));
}

/* The way back to RUNNING needs no registers, and so waits for nobody. */
static void what_is_lost_goes_back_during_a_reset(struct kunit *test)
{
	const struct lost_request *request = test->param_value;
	struct hisi_acc *acc = enter_lost(test, request);
	struct file *filp;

	mutex_lock(&acc->state_lock);
	filp = mig_fsm_set_state(acc, request->to, true);
	mutex_unlock(&acc->state_lock);
	if (request->waits) {
		KUNIT_EXPECT_EQ(test, PTR_ERR(filp), -EBUSY);
		KUNIT_EXPECT_STREQ(test, fake.calls, "");
	} else {
		KUNIT_EXPECT_EQ(test, PTR_ERR_OR_ZERO(filp), request->ret);
		KUNIT_EXPECT_EQ(test, acc->mig_state, request->ends);
	}
}

/* Of the arcs those that touch no registers are gone all the same. */
static void no_register_is_touched_during_a_reset(struct kunit *test)
{
	const struct arc *arc;
	struct hisi_acc *acc;
	struct file *filp;
	unsigned int i;
	bool touches;

	for (i = 0; i < ARRAY_SIZE(arcs); i++) {
		arc = &arcs[i];
		if (!mig_fsm_core_knows(arc->from) || !mig_fsm_core_knows(arc->to))
			continue;
		touches = *arc->calls && strcmp(arc->calls, "open_save ") &&
			  strcmp(arc->calls, "close_save ");
		acc = mig_fsm_fake_enter(arc->from);
		mutex_lock(&acc->state_lock);
		filp = mig_fsm_set_state(acc, arc->to, true);
		mutex_unlock(&acc->state_lock);
		if (touches)
			KUNIT_EXPECT_EQ(test, PTR_ERR(filp), -EBUSY);
		mig_fsm_fake_expect(test, filp, touches ? "" : arc->calls,
				    touches ? arc->from : arc->to);
	}
}

static struct kunit_case mig_fsm_cases[] = {
	KUNIT_CASE_PARAM(every_request_is_served_or_refused, state_gen_params),
	KUNIT_CASE_PARAM(every_pair_but_the_arcs_is_refused, state_gen_params),
	KUNIT_CASE(arcs_are_kept_with_their_result),
	KUNIT_CASE(migration_opens_and_closes_each_file_once),
	KUNIT_CASE(second_session_takes_nothing_from_the_first),
	KUNIT_CASE(state_that_is_not_ready_is_completed_without_ringing),
	KUNIT_CASE(record_without_queues_is_loaded_as_not_ready),
	KUNIT_CASE(record_with_ones_makes_the_region_be_checked_again),
	KUNIT_CASE(vf_control_is_checked_where_it_matters),
	KUNIT_CASE(loaded_function_waits_for_its_doorbells_alone),
	KUNIT_CASE(function_that_is_not_at_work_is_left_alone),
	KUNIT_CASE(driver_that_comes_between_two_arcs_is_paused_by_the_next),
	KUNIT_CASE(driver_that_comes_unseen_is_not_restarted),
	KUNIT_CASE(paused_function_takes_no_guest_without_driver),
	KUNIT_CASE_PARAM(reset_by_the_user_leads_to_running_from_anywhere, state_gen_params),
	KUNIT_CASE_PARAM(what_is_lost_keeps_its_state, state_gen_params),
	KUNIT_CASE_PARAM(what_is_lost_leads_back_alone, lost_request_gen_params),
	KUNIT_CASE_PARAM(what_is_lost_goes_back_during_a_reset, lost_request_gen_params),
	KUNIT_CASE(no_register_is_touched_during_a_reset),
	{}
};

static struct kunit_suite mig_fsm_suite = {
	.name = "mig_fsm",
	.init = mig_fsm_fake_init,
	.test_cases = mig_fsm_cases,
};

kunit_test_suite(mig_fsm_suite);
