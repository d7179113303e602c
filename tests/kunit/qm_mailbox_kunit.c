// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mailbox and write-back of one function. Windows and doorbells: qm_win_kunit.c.
 */
#include "qm_sim.h"

/* The tracepoint of a command. */
static struct {
	bool enabled;
	unsigned int num;
	u8 cmd;
	bool get;
	int ret;
} traced;

static void trace_mailbox(struct device *dev, u8 cmd, bool get, int ret, u64 ns)
{
	traced.num++;
	traced.cmd = cmd;
	traced.get = get;
	traced.ret = ret;
}

#define trace_hisi_acc_mailbox_enabled()	traced.enabled
#define trace_hisi_acc_mailbox			trace_mailbox
#include "no_trace.h"

/* A refused access is for the test to see, not for the kernel's log. */
#undef WARN_ON_ONCE
#define WARN_ON_ONCE(condition) qm_sim_warn(condition)

/* A clock that goes on by as much at each look, whatever the machine does. */
#define SIM_LOOK_NS	500

static ktime_t sim_now;
static u64 sim_late;

static ktime_t sim_ktime_get(void)
{
	sim_now = ktime_add_ns(sim_now, SIM_LOOK_NS + sim_late);
	return sim_now;
}

#define ktime_get	sim_ktime_get

#include "../../qm_mailbox.c"

#define SQC_BT		4
#define CQC_BT		5
#define SQC_VFT		6
#define PAUSE		0xe

/* A table address of which every byte shows where it went. */
#define TABLE		0x1122334455667788ULL

static void pause_sends_one_command(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_mailbox_pause(&win), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x200e, 0), RD_MB);
}

/* The mailbox has been seen ready, and then its own answer. */
static void set_bases_puts_addresses_into_dwords_1_and_2(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_EQ(test, qm_mailbox_set_bases(&win, TABLE, ~TABLE), 0);
	QM_SIM_EXPECT(test, WR_MB(0x5566778800002004, 0x11223344), RD_MB,
		      WR_MB(0xaa99887700002005, 0xeeddccbb), RD_MB);
	KUNIT_EXPECT_EQ(test, qm_sim.sqc, TABLE);
	KUNIT_EXPECT_EQ(test, qm_sim.cqc, ~TABLE);
}

/* As a save does it: after a look at the mailbox, one after the other. */
static int get_bases(const struct qm_win *win, u64 *sqc, u64 *cqc)
{
	struct qm_ask ask;
	int ret;

	ret = qm_mailbox_wait_ready(win);
	if (ret)
		return ret;
	qm_mailbox_ask_base(win, SQC_BT, &ask);
	ret = qm_mailbox_get_base(win, &ask, sqc);
	if (ret)
		return ret;
	qm_mailbox_ask_base(win, CQC_BT, &ask);
	return qm_mailbox_get_base(win, &ask, cqc);
}

static void get_base_takes_dwords_1_and_2_alone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u64 sqc = 0, cqc = 0;

	qm_sim.sqc = TABLE;
	qm_sim.cqc = ~TABLE;
	KUNIT_EXPECT_EQ(test, get_bases(&win, &sqc, &cqc), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6004, 0), RD_MB, WR_MB(0x6005, 0), RD_MB);
	KUNIT_EXPECT_EQ(test, sqc, TABLE);
	KUNIT_EXPECT_EQ(test, cqc, ~TABLE);
}

static void command_waits_for_a_mailbox_busy_before(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb_left = 2;
	KUNIT_EXPECT_EQ(test, qm_mailbox_pause(&win), 0);
	QM_SIM_EXPECT(test, RD_MB, RD_MB, RD_MB, WR_MB(0x200e, 0), RD_MB);
}

static void command_waits_until_it_is_done(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb_busy[PAUSE] = 3;
	KUNIT_EXPECT_EQ(test, qm_mailbox_pause(&win), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x200e, 0), RD_MB, RD_MB, RD_MB, RD_MB);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 0);
}

/* The commands, for what they have in common. */
static int run_pause(const struct qm_win *win)
{
	return qm_mailbox_pause(win);
}

static int run_set(const struct qm_win *win)
{
	return qm_mailbox_set_bases(win, TABLE, TABLE);
}

static int run_get(const struct qm_win *win)
{
	u64 sqc, cqc = TABLE;
	int ret;

	ret = get_bases(win, &sqc, &cqc);
	/* What has failed has no result. */
	return cqc == TABLE ? ret : -EILSEQ;
}

static const struct command {
	const char *desc;
	int (*run)(const struct qm_win *win);
	u8 cmd;
	u32 timeout_us;
	unsigned int before;	/* other commands that are sent first */
	bool ready;		/* the mailbox must be known to be */
} commands[] = {
	{ "pause", run_pause, PAUSE, 5000000 },
	{ "set bases", run_set, SQC_BT, 1000000, .ready = true },
	{ "get SQC base", run_get, SQC_BT, 1000000 },
	{ "get CQC base", run_get, CQC_BT, 1000000, .before = 1 },
};

static void command_desc(const struct command *command, char *desc)
{
	strscpy(desc, command->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(command, commands, command_desc);

static void command_is_not_sent_to_a_mailbox_that_stays_busy(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	if (command->ready)
		kunit_skip(test, "its caller has seen to that");
	qm_sim.mb_left = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, command->run(&win), -EBUSY);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 1000000);
}

static void command_that_is_never_done_times_out(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb_busy[command->cmd] = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, command->run(&win), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), command->before + 1);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, command->timeout_us);
}

/* Each of the four status bits alone says that it failed. */
static void command_with_error_status_fails(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	unsigned int bit;

	for (bit = 0; bit < 4; bit++) {
		qm_sim.mb_status[command->cmd] = BIT(bit);
		KUNIT_EXPECT_EQ_MSG(test, command->run(&win), -EIO, "bit %u", bit);
	}
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 4 * (command->before + 1));
}

static void command_is_not_sent_to_a_device_that_is_gone(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	if (command->ready)
		kunit_skip(test, "its caller has seen to that");
	qm_sim.gone_after = 0;
	KUNIT_EXPECT_EQ(test, command->run(&win), -EIO);
	/* All ones has the busy bit set, and is no reason to wait. */
	QM_SIM_EXPECT(test, RD_MB);
}

static void command_fails_when_the_device_goes(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	/* After the store, and what is before it. */
	qm_sim.gone_after = 1 + !command->ready + 2 * command->before;
	KUNIT_EXPECT_EQ(test, command->run(&win), -EIO);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, qm_sim.gone_after + 1);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 0);
}

static void old_status_does_not_keep_a_command_back(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb.lo = 0x1e04;
	KUNIT_EXPECT_EQ(test, qm_mailbox_wait_ready(&win), 0);
	KUNIT_EXPECT_EQ(test, qm_mailbox_pause(&win), 0);
}

static void each_command_is_traced_once(struct kunit *test)
{
	const struct command *command = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	traced.num = 0;
	traced.enabled = true;
	qm_sim.mb_status[command->cmd] = 1;
	KUNIT_EXPECT_EQ(test, command->run(&win), -EIO);
	traced.enabled = false;
	KUNIT_EXPECT_EQ(test, traced.num, command->before + 1);
	KUNIT_EXPECT_EQ(test, traced.cmd, command->cmd);
	KUNIT_EXPECT_EQ(test, traced.get, command->run == run_get);
	KUNIT_EXPECT_EQ(test, traced.ret, -EIO);
}

static const struct vft_case {
	const char *desc;
	u64 entry;
	u32 base;
	u32 num;
} vft_cases[] = {
	{ "first and one", 0x0000100000000000, 0, 1 },
	{ "base 1", 0x0000100010000000, 1, 1 },
	{ "base over both halves", 0x00001a5a50000000, 0xa5a5, 1 },
	{ "all 1024", 0x007ff00000000000, 0, 1024 },
	{ "other bits set", 0xff80300fffffffff, 0x0ff, 2 },
	{ "no valid bit in the answer", 0x0000200010000000, 1, 2 },
};

static void vft_case_desc(const struct vft_case *vft_case, char *desc)
{
	strscpy(desc, vft_case->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(vft_case, vft_cases, vft_case_desc);

static void queue_pairs_are_asked_for_and_decoded(struct kunit *test)
{
	const struct vft_case *vft_case = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct qm_vft vft;

	qm_sim.vft = vft_case->entry;
	KUNIT_EXPECT_EQ(test, qm_mailbox_get_vft(&win, &vft), 0);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6006, 0), RD_MB);
	KUNIT_EXPECT_EQ(test, vft.base, vft_case->base);
	KUNIT_EXPECT_EQ(test, vft.num, vft_case->num);
}

static void function_without_queue_pairs_is_refused(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct qm_vft vft = { 0xbad, 0xbad };

	KUNIT_EXPECT_EQ(test, qm_mailbox_get_vft(&win, &vft), -EIO);
	qm_sim.vft = U64_MAX;
	KUNIT_EXPECT_EQ(test, qm_mailbox_get_vft(&win, &vft), -EIO);
	qm_sim.vft = 0x0000200010000000;
	qm_sim.mb_status[SQC_VFT] = 1;
	KUNIT_EXPECT_EQ(test, qm_mailbox_get_vft(&win, &vft), -EIO);
	KUNIT_EXPECT_EQ(test, vft.num, 0xbad);
}

static void table_is_there_if_it_has_an_address(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	bool has = true;

	KUNIT_EXPECT_EQ(test, qm_mailbox_has_tables(&win, false, &has), 0);
	KUNIT_EXPECT_FALSE(test, has);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6004, 0), RD_MB);
	/* One bit in either half. */
	qm_sim.sqc = BIT_ULL(12);
	KUNIT_EXPECT_EQ(test, qm_mailbox_has_tables(&win, false, &has), 0);
	KUNIT_EXPECT_TRUE(test, has);
	qm_sim.sqc = BIT_ULL(44);
	has = false;
	KUNIT_EXPECT_EQ(test, qm_mailbox_has_tables(&win, false, &has), 0);
	KUNIT_EXPECT_TRUE(test, has);
}

/* That is no error: nobody has promised an answer to who is not ready. */
static void function_that_does_not_tell_has_what_the_caller_says(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	bool has = true;

	qm_sim.sqc = TABLE;
	qm_sim.mb_status[SQC_BT] = 1;
	KUNIT_EXPECT_EQ(test, qm_mailbox_has_tables(&win, false, &has), 0);
	KUNIT_EXPECT_FALSE(test, has);
	KUNIT_EXPECT_EQ(test, qm_mailbox_has_tables(&win, true, &has), 0);
	KUNIT_EXPECT_TRUE(test, has);
	KUNIT_EXPECT_STREQ(test, qm_sim_log.last, "");
}

static int ask_for_queue_pairs(const struct qm_win *win)
{
	struct qm_vft vft;

	return qm_mailbox_get_vft(win, &vft);
}

static int ask_for_tables(const struct qm_win *win)
{
	bool has;

	return qm_mailbox_has_tables(win, false, &has);
}

static void what_is_asked_and_not_answered_is_an_error(struct kunit *test)
{
	static int (*const asks[])(const struct qm_win *win) = {
		ask_for_queue_pairs, ask_for_tables,
	};
	static const u8 cmds[] = { SQC_VFT, SQC_BT };
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	unsigned int i, gone;

	for (i = 0; i < ARRAY_SIZE(asks); i++) {
		qm_sim_init(test);
		qm_sim.mb_left = QM_SIM_FOREVER;
		KUNIT_EXPECT_EQ(test, asks[i](&win), -EBUSY);
		KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
		qm_sim_init(test);
		qm_sim.mb_busy[cmds[i]] = QM_SIM_FOREVER;
		KUNIT_EXPECT_EQ(test, asks[i](&win), -ETIMEDOUT);
		for (gone = 0; gone < 3; gone++) {
			qm_sim_init(test);
			qm_sim.gone_after = gone;
			KUNIT_EXPECT_EQ(test, asks[i](&win), -EIO);
		}
	}
}

static void wait_ready_sends_nothing(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.mb_left = 1;
	KUNIT_EXPECT_EQ(test, qm_mailbox_wait_ready(&win), 0);
	QM_SIM_EXPECT(test, RD_MB, RD_MB);

	qm_sim.mb_left = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_mailbox_wait_ready(&win), -EBUSY);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
}

static void write_back_starts_and_waits(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u32 took = 0;

	qm_sim.wb_busy = 2;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x208), WR_WIN(0x204, 1),
		      RD_WIN(0x208), RD_WIN(0x208), RD_WIN(0x208));
}

/* An earlier one has left "done", and this one is not. */
static void write_back_does_not_believe_an_earlier_one(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u32 took = 0;
	void __iomem *done = qm_sim_addr(QM_SIM_WIN, 0x208);

	/* Cleared by the start: seen clear after that. */
	qm_sim_set(done, 1);
	qm_sim.wb_busy = 2;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x208), RD_WIN(0x208), WR_WIN(0x204, 1),
		      RD_WIN(0x208), RD_WIN(0x208), RD_WIN(0x208));
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 0);

	/* By the first look: seen clear by the second. */
	qm_sim_set(done, 1);
	qm_sim.wb_clear = QM_SIM_WB_BY_READ;
	qm_sim.wb_busy = 2;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x208), RD_WIN(0x208), WR_WIN(0x204, 1),
		      RD_WIN(0x208), RD_WIN(0x208), RD_WIN(0x208));
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 0);

	/* Never: the time that the kernel's driver allows is waited for. */
	qm_sim_set(done, 1);
	qm_sim.wb_clear = QM_SIM_WB_NEVER;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 1000);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 1);
}

/* What one has taken is not waited for blindly by the next, but nearly. */
static void write_back_learns_how_long_it_takes(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u32 took = 0;

	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	KUNIT_EXPECT_EQ(test, took, SIM_LOOK_NS);
	KUNIT_EXPECT_EQ(test, wb_expect(8000), 7000);
	/* A CPU that was taken away has not waited for the hardware. */
	sim_late = 1000000;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), 0);
	KUNIT_EXPECT_EQ(test, took, 50000);
	sim_late = 0;
	/* No time is learnt from one that failed. */
	qm_sim.wb_clear = QM_SIM_WB_BY_START;
	qm_sim.wb_busy = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, took, 50000);
}

static void write_back_that_is_never_done_times_out(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u32 took = 0;

	qm_sim.wb_busy = QM_SIM_FOREVER;
	KUNIT_EXPECT_EQ(test, qm_cache_write_back(&win, &took), -ETIMEDOUT);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 100000);
}

/* All ones has the done bit set. */
static void write_back_fails_when_the_device_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	u32 took = 0;
	unsigned int i;

	for (i = 0; i < 3; i++) {
		qm_sim_init(test);
		qm_sim.gone_after = i;
		KUNIT_EXPECT_EQ_MSG(test, qm_cache_write_back(&win, &took), -EIO,
				    "gone after %u accesses", i);
	}
}

static void time_that_has_gone_by_is_not_waited_for_again(struct kunit *test)
{
	struct qm_ask ask = { .since = 0 };

	KUNIT_EXPECT_EQ(test, time_left(5000, &ask), 5000);
	ask.since = sim_ktime_get();
	KUNIT_EXPECT_EQ(test, time_left(5000, &ask), 5000 - SIM_LOOK_NS);
	KUNIT_EXPECT_EQ(test, time_left(5000, &ask), 5000 - 2 * SIM_LOOK_NS);
	sim_now = ktime_add_ns(sim_now, 1000000);
	KUNIT_EXPECT_EQ(test, time_left(5000, &ask), 0);
}

/* Nothing is written back: a later one would find it done. */
static void measure_asks_for_what_does_no_harm(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_mailbox_measure(&win, true);
	QM_SIM_EXPECT(test, RD_MB, WR_MB(0x6006, 0), RD_MB);
	/* The first look saw it done: no need to wait for the first look. */
	KUNIT_EXPECT_EQ(test, win.command_ns, 0);
	KUNIT_EXPECT_FALSE(test, win.tells_meanwhile);

	/* Else some tries, for the least. */
	qm_sim.mb_busy[SQC_VFT] = 3;
	qm_mailbox_measure(&win, false);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 1 + 4 * (1 + 4));
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 4);
	/* Until the look that saw it done began. */
	KUNIT_EXPECT_EQ(test, win.command_ns, 3 * SIM_LOOK_NS);
	/* Nobody has reset it: what it holds is not ours to write. */
	KUNIT_EXPECT_FALSE(test, win.tells_meanwhile);
}

static void measure_learns_whether_registers_tell_meanwhile(struct kunit *test)
{
	static const enum qm_sim_meanwhile answers[] = { QM_SIM_TRUE, QM_SIM_ONES, QM_SIM_OLD };
	unsigned int i, mask, busy;

	for (i = 0; i < ARRAY_SIZE(answers) * 2 * 2; i++) {
		struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

		mask = i & 1;
		busy = i & 2 ? 3 : 1;
		qm_sim_init(test);
		qm_sim_set(qm_sim_addr(QM_SIM_WIN, 0x0c), mask);
		qm_sim.mb_busy[SQC_VFT] = busy;
		qm_sim.meanwhile = answers[i / 4];
		qm_mailbox_measure(&win, true);
		/* As it was. */
		KUNIT_EXPECT_EQ(test, qm_sim_get(qm_sim_addr(QM_SIM_WIN, 0x0c)), mask);
		KUNIT_EXPECT_FALSE(test, qm_sim.mb_left);
		KUNIT_EXPECT_EQ_MSG(test, win.tells_meanwhile, answers[i / 4] == QM_SIM_TRUE,
				    "answer %u, mask %u, busy %u", answers[i / 4], mask, busy);
	}
}

/* The command is done before the registers are read: that proves nothing. */
static void measure_learns_nothing_from_what_is_done(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	KUNIT_EXPECT_FALSE(test, tells_meanwhile(&win));
	QM_SIM_EXPECT(test, RD_WIN(0x8000), RD_WIN(0x0c), WR_MB(0x6006, 0), WR_WIN(0x0c, 1),
		      RD_WIN(0x8000), RD_WIN(0x0c), RD_MB, RD_MB, WR_WIN(0x0c, 0));
}

/* No answer is no news, and nobody waits long for it. */
static void measure_knows_nothing_without_an_answer(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	win.command_ns = 1;
	qm_sim.mb_left = QM_SIM_FOREVER;
	qm_mailbox_measure(&win, true);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
	KUNIT_EXPECT_EQ(test, win.command_ns, 0);
	KUNIT_EXPECT_FALSE(test, win.tells_meanwhile);

	qm_sim_init(test);
	qm_sim.mb_busy[SQC_VFT] = QM_SIM_FOREVER;
	qm_mailbox_measure(&win, true);
	KUNIT_EXPECT_EQ(test, win.command_ns, 0);
	KUNIT_EXPECT_FALSE(test, win.tells_meanwhile);
	KUNIT_EXPECT_EQ(test, qm_sim.waited_us, 0);
}

static struct kunit_case qm_mailbox_cases[] = {
	KUNIT_CASE(pause_sends_one_command),
	KUNIT_CASE(set_bases_puts_addresses_into_dwords_1_and_2),
	KUNIT_CASE(get_base_takes_dwords_1_and_2_alone),
	KUNIT_CASE(command_waits_for_a_mailbox_busy_before),
	KUNIT_CASE(command_waits_until_it_is_done),
	KUNIT_CASE_PARAM(command_is_not_sent_to_a_mailbox_that_stays_busy,
			 command_gen_params),
	KUNIT_CASE_PARAM(command_that_is_never_done_times_out, command_gen_params),
	KUNIT_CASE_PARAM(command_with_error_status_fails, command_gen_params),
	KUNIT_CASE_PARAM(command_is_not_sent_to_a_device_that_is_gone,
			 command_gen_params),
	KUNIT_CASE_PARAM(command_fails_when_the_device_goes, command_gen_params),
	KUNIT_CASE(old_status_does_not_keep_a_command_back),
	KUNIT_CASE_PARAM(each_command_is_traced_once, command_gen_params),
	KUNIT_CASE(wait_ready_sends_nothing),
	KUNIT_CASE(write_back_starts_and_waits),
	KUNIT_CASE(write_back_does_not_believe_an_earlier_one),
	KUNIT_CASE(write_back_learns_how_long_it_takes),
	KUNIT_CASE(write_back_that_is_never_done_times_out),
	KUNIT_CASE(write_back_fails_when_the_device_is_gone),
	KUNIT_CASE(time_that_has_gone_by_is_not_waited_for_again),
	KUNIT_CASE_PARAM(queue_pairs_are_asked_for_and_decoded, vft_case_gen_params),
	KUNIT_CASE(function_without_queue_pairs_is_refused),
	KUNIT_CASE(table_is_there_if_it_has_an_address),
	KUNIT_CASE(function_that_does_not_tell_has_what_the_caller_says),
	KUNIT_CASE(what_is_asked_and_not_answered_is_an_error),
	KUNIT_CASE(measure_asks_for_what_does_no_harm),
	KUNIT_CASE(measure_learns_whether_registers_tell_meanwhile),
	KUNIT_CASE(measure_learns_nothing_from_what_is_done),
	KUNIT_CASE(measure_knows_nothing_without_an_answer),
	{}
};

static struct kunit_suite qm_mailbox_suite = {
	.name = "qm_mailbox",
	.init = qm_sim_init,
	.exit = qm_sim_exit,
	.test_cases = qm_mailbox_cases,
};

kunit_test_suite(qm_mailbox_suite);
