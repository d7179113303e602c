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
	{ RUNNING_P2P,  RUNNING,      "restart " },
	{ RUNNING_P2P,  STOP,         "quiesce " },
	{ STOP,         RUNNING_P2P,  "" },
	{ STOP,         STOP_COPY,    "open_save " CAPTURE, &fake.save_filp },
	{ STOP_COPY,    STOP,         "close_save " },
	{ STOP,         RESUMING,     RESUME, &fake.resume_filp },
	{ RESUMING,     STOP,         LOAD },
	{ RUNNING,      PRE_COPY,     "open_save ", &fake.save_filp },
	{ PRE_COPY,     RUNNING,      "close_save " },
	{ PRE_COPY,     PRE_COPY_P2P, "pause "},
	{ PRE_COPY_P2P, PRE_COPY,     "restart " },
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
	/* What has just been loaded needs less to go on. */
	bool loaded = strstr(calls, "load ") && !strcmp(arc->calls, "restart ");

	strlcat(calls, loaded ? "doorbells " : arc->calls, size);
}

/* What a request has to do. The file that it brings, or an errno. */
static struct file *expected(enum vfio_device_mig_state from,
			     enum vfio_device_mig_state to, char *calls, size_t size)
{
	const struct route *route = find_route(from, to);
	const struct arc *arc = find_arc(from, to);
	unsigned int i;

	calls[0] = '\0';
	if (from == to && from != ERROR)
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
		/* Whether there is anything to do is not worth a promise. */
		if (from == ERROR && to == ERROR)
			continue;
		kunit_info(test, "to %s", mig_state_name(to));
		want = expected(from, to, calls, sizeof(calls));
		filp = mig_fsm_set_state(mig_fsm_fake_enter(from), to);
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
		filp = mig_fsm_step(acc, to, &start);
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
		mig_fsm_set_state(acc, i % 2 ? RUNNING_P2P : RUNNING);
	fake.fault = (struct mig_fsm_fault){ "quiesce", 1, -EBUSY };
	mig_fsm_set_state(acc, STOP);

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
		KUNIT_EXPECT_FALSE(test, IS_ERR(mig_fsm_set_state(acc, stops[i])));
	/* The match data alone: the source's guest driver was not ready. */
	acc->resuming->stream.len = MIG_MATCH_BYTES;
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "open_save " "pause quiesce " CAPTURE
			   "close_save " RESUME LOAD_NONE "restart ");
	KUNIT_EXPECT_EQ(test, fake.save_refs, 1);
	KUNIT_EXPECT_EQ(test, fake.resume_refs, 1);
}

static void second_session_takes_nothing_from_the_first(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, STOP));
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, RESUMING), &fake.resume_filp);
	/* Nothing has been written this time. */
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_set_state(acc, STOP)), -EINVAL);
	mig_fsm_fake_expect(test, &fake.resume_filp, LOAD RESUME, RESUMING);
}

static void state_that_is_not_ready_is_completed_without_ringing(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.save_len = MIG_MATCH_BYTES;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "open_save save complete ", STOP_COPY);
}

/* Is it a dead register? The select bit knows. */
static void record_with_ones_makes_the_region_be_checked_again(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(STOP);

	fake.save_ones = true;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "open_save save recheck ring complete ", STOP_COPY);
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
		{ STOP, RESUMING, "recheck ready open_resume ", &fake.resume_filp },
		{ RESUMING, STOP, "load recheck close_resume " },
		{ RUNNING_P2P, RUNNING, "restart " },
	};
	unsigned int i;

	fake.acc->region.ctrl = QM_MIG_CTRL_VF;
	for (i = 0; i < ARRAY_SIZE(requests); i++) {
		struct hisi_acc *acc = mig_fsm_fake_enter(requests[i].from);

		KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, requests[i].to),
				    requests[i].filp);
		mig_fsm_fake_expect(test, requests[i].filp, requests[i].calls,
				    requests[i].to);
	}
}

/* A bit of our own that was lost is set again: once in a request, before the rest. */
static void own_select_bit_is_checked_once_in_a_request(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RUNNING);

	acc->pf->select.ours = true;
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp,
			    "recheck pause quiesce open_save " CAPTURE, STOP_COPY);
	acc = mig_fsm_fake_enter(STOP);
	KUNIT_EXPECT_PTR_EQ(test, mig_fsm_set_state(acc, STOP_COPY), &fake.save_filp);
	mig_fsm_fake_expect(test, &fake.save_filp, "recheck open_save " CAPTURE, STOP_COPY);
	acc = mig_fsm_fake_enter(RESUMING);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "recheck " LOAD "doorbells ", RUNNING);
	acc = mig_fsm_fake_enter(STOP);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "recheck restart ", RUNNING);
}

/* What has been loaded is ready and has its messages; else the hardware is asked. */
static void loaded_function_waits_for_its_doorbells_alone(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, LOAD "doorbells ", RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, STOP));
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "restart ", RUNNING);

	/* A reset has taken what was loaded. */
	acc = mig_fsm_fake_enter(RESUMING);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, STOP));
	mutex_lock(&acc->state_lock);
	mig_fsm_reset(acc);
	mutex_unlock(&acc->state_lock);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, STOP));
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	mig_fsm_fake_expect(test, NULL, "restart ", RUNNING);
}

/* All four queue addresses zero, as older kernels send it. */
static void record_without_queues_is_loaded_as_not_ready(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(RESUMING);

	memset(&acc->resuming->stream.rec, 0, MIG_RECORD_BYTES);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, STOP));
	mig_fsm_fake_expect(test, NULL, LOAD_NONE, STOP);
}

static const char *files_are_closed(const struct hisi_acc *acc)
{
	return acc->saving ? "close_save " : acc->resuming ? "close_resume " : "";
}

static void reset_leads_to_running_from_anywhere(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(param_state(test));
	const char *calls = files_are_closed(acc);

	mutex_lock(&acc->state_lock);
	mig_fsm_reset(acc);
	mutex_unlock(&acc->state_lock);
	mig_fsm_fake_expect(test, NULL, calls, RUNNING);
}

static void get_state_tells_where_it_is(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);

	KUNIT_EXPECT_EQ(test, mig_fsm_get_state(mig_fsm_fake_enter(from)), from);
	mig_fsm_fake_expect(test, NULL, "", from);
}

static void pf_is_watched_unless_running(struct kunit *test)
{
	enum vfio_device_mig_state from = param_state(test);
	struct hisi_acc *acc = mig_fsm_fake_enter(from);

	mig_fsm_set_state(acc, from);
	KUNIT_EXPECT_EQ(test, fake.watched, from != RUNNING);
	fake.watched = false;
	pf_watch_work(&acc->pf_watch.work);
	KUNIT_EXPECT_EQ(test, fake.watched, from != RUNNING);
	mig_fsm_fake_expect(test, NULL, "", from);
}

static void reset_of_the_pf_is_seen_by_its_watch(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(param_state(test));
	const char *calls = files_are_closed(acc);

	fake.pf_resetting = true;
	pf_watch_work(&acc->pf_watch.work);
	mig_fsm_fake_expect(test, NULL, calls, RUNNING);
	KUNIT_EXPECT_FALSE(test, fake.watched);
}

static void reset_of_the_pf_is_seen_by_who_asks(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(param_state(test));
	const char *calls = files_are_closed(acc);

	fake.pf_resetting = true;
	KUNIT_EXPECT_EQ(test, mig_fsm_get_state(acc), RUNNING);
	mig_fsm_fake_expect(test, NULL, calls, RUNNING);
}

/* Nothing is begun before it is over; to go back to RUNNING is no error. */
static void reset_of_the_pf_keeps_requests_out(struct kunit *test)
{
	struct hisi_acc *acc = mig_fsm_fake_enter(param_state(test));
	const char *calls = files_are_closed(acc);

	fake.pf_resetting = true;
	KUNIT_EXPECT_EQ(test, PTR_ERR(mig_fsm_set_state(acc, STOP)), -EBUSY);
	mig_fsm_fake_expect(test, NULL, calls, RUNNING);
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING));
	KUNIT_EXPECT_FALSE(test, fake.watched);

	fake.pf_resetting = false;
	fake.calls[0] = '\0';
	KUNIT_EXPECT_NULL(test, mig_fsm_set_state(acc, RUNNING_P2P));
	mig_fsm_fake_expect(test, NULL, "pause ", RUNNING_P2P);
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
	KUNIT_CASE(own_select_bit_is_checked_once_in_a_request),
	KUNIT_CASE(loaded_function_waits_for_its_doorbells_alone),
	KUNIT_CASE_PARAM(reset_leads_to_running_from_anywhere, state_gen_params),
	KUNIT_CASE_PARAM(get_state_tells_where_it_is, state_gen_params),
	KUNIT_CASE_PARAM(pf_is_watched_unless_running, state_gen_params),
	KUNIT_CASE_PARAM(reset_of_the_pf_is_seen_by_its_watch, state_gen_params),
	KUNIT_CASE_PARAM(reset_of_the_pf_is_seen_by_who_asks, state_gen_params),
	KUNIT_CASE_PARAM(reset_of_the_pf_keeps_requests_out, state_gen_params),
	{}
};

static struct kunit_suite mig_fsm_suite = {
	.name = "mig_fsm",
	.init = mig_fsm_fake_init,
	.test_cases = mig_fsm_cases,
};

kunit_test_suite(mig_fsm_suite);
