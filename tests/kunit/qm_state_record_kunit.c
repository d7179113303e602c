// SPDX-License-Identifier: GPL-2.0-only
/*
 * Saving and loading one function, register by register and in order. The
 * functions under test are linked from qm_state_kunit.c.
 */
#include "qm_sim.h"

/* What a function is filled with, and where its record has it. */
static const struct {
	u32 offset;
	u32 val;
	size_t field;
} singles[] = {
	{ 0x04, 0x101, 40 },	/* AEQ interrupt mask */
	{ 0x0c, 0x202, 44 },	/* EQ interrupt mask */
	{ 0x20, 0x303, 48 },	/* message source */
	{ 0x24, 0x404, 52 },	/* message mask */
	{ 0x2c, 0, 56 },	/* message set: 0 in a quiet function, and not read */
	{ 0x34, 0x606, 60 },	/* page size */
};

#define EQC_DW(i)	(0xe0a10001 + (i) * 0x101)
#define AEQC_DW(i)	(0xa0b20002 + (i) * 0x202)
#define SQC_TABLE	0x0000007711223000ULL
#define CQC_TABLE	0x0000008844556000ULL
#define ISO		0x707

static const struct mode {
	const char *desc;
	enum qm_mig_ctrl ctrl;
	u32 eqc;
	u32 aeqc;
} modes[] = {
	{ "VF control", QM_MIG_CTRL_VF, 0x8000, 0x8020 },
	{ "PF control", QM_MIG_CTRL_PF, 0x1c00, 0x1c20 },
};

static void mode_desc(const struct mode *mode, char *desc)
{
	strscpy(desc, mode->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mode, modes, mode_desc);

static void __iomem *win_reg(u32 offset)
{
	return qm_sim_addr(QM_SIM_WIN, offset);
}

/* A function whose guest driver is at work. */
static void fill_function(const struct mode *mode)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(singles); i++)
		qm_sim_set(win_reg(singles[i].offset), singles[i].val);
	for (i = 0; i < 7; i++) {
		qm_sim_set(win_reg(mode->eqc + 4 * i), EQC_DW(i));
		qm_sim_set(win_reg(mode->aeqc + 4 * i), AEQC_DW(i));
	}
	qm_sim.sqc = SQC_TABLE;
	qm_sim.cqc = CQC_TABLE;
}

/* The match data are there before a function is saved. */
static void fill_match(struct mig_record *rec)
{
	memset(rec, 0, sizeof(*rec));
	memset(rec, 0x5a, MIG_MATCH_BYTES);
	rec->que_iso_cfg = cpu_to_le32(ISO);
}

/* The record that this function makes. */
static void fill_record(struct mig_record *rec)
{
	unsigned int i;

	fill_match(rec);
	rec->vf_qm_state = 0;
	for (i = 0; i < ARRAY_SIZE(singles); i++)
		*(__le32 *)((void *)rec + singles[i].field) = cpu_to_le32(singles[i].val);
	for (i = 0; i < 7; i++) {
		rec->eqc[i] = cpu_to_le32(EQC_DW(i));
		rec->aeqc[i] = cpu_to_le32(AEQC_DW(i));
	}
	rec->eqe_dma = cpu_to_le64((u64)EQC_DW(2) << 32 | EQC_DW(1));
	rec->aeqe_dma = cpu_to_le64((u64)AEQC_DW(2) << 32 | AEQC_DW(1));
	rec->sqc_dma = cpu_to_le64(SQC_TABLE);
	rec->cqc_dma = cpu_to_le64(CQC_TABLE);
}

static void save_reads_all_and_writes_no_register(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	const struct qm_sim_op ops[] = {
		RD_WIN(0x60),
		RD_WIN(0x04), RD_WIN(0x0c), RD_WIN(0x20), RD_WIN(0x24), RD_WIN(0x34),
		RD_MB, WR_MB(0x6004, 0),
		RD_WIN(mode->eqc), RD_WIN(mode->eqc + 4),
		RD_WIN(mode->eqc + 8), RD_WIN(mode->eqc + 12),
		RD_WIN(mode->eqc + 16), RD_WIN(mode->eqc + 20),
		RD_WIN(mode->eqc + 24),
		RD_MB, WR_MB(0x6005, 0),
		RD_WIN(mode->aeqc), RD_WIN(mode->aeqc + 4),
		RD_WIN(mode->aeqc + 8), RD_WIN(mode->aeqc + 12),
		RD_WIN(mode->aeqc + 16), RD_WIN(mode->aeqc + 20),
		RD_WIN(mode->aeqc + 24),
		RD_MB,
	};
	struct mig_record *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);
	size_t len = 0;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	fill_function(mode);
	fill_match(rec);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, rec, &len), 0);
	KUNIT_EXPECT_EQ(test, len, 176);
	qm_sim_expect(test, ops, ARRAY_SIZE(ops));
}

/* Where registers don't tell while a command is at work, none is read then. */
static void save_asks_for_one_thing_at_a_time(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct mig_record *rec = kunit_kcalloc(test, 2, sizeof(*rec), GFP_KERNEL);
	struct qm_win win = qm_sim_win(mode->ctrl);
	size_t len = 0;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	win.tells_meanwhile = false;
	qm_sim.meanwhile = QM_SIM_ONES;
	qm_sim.mb_busy[4] = 2;
	qm_sim.mb_busy[5] = 2;
	fill_function(mode);
	fill_match(&rec[0]);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec[0], &len), 0);
	fill_record(&rec[1]);
	KUNIT_EXPECT_EQ(test, memcmp(&rec[0], &rec[1], sizeof(*rec)), 0);
}

static void saved_record_has_each_register_in_its_place(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	struct mig_record *rec = kunit_kcalloc(test, 2, sizeof(*rec), GFP_KERNEL);
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	fill_function(mode);
	fill_match(&rec[0]);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec[0], &len), 0);
	fill_record(&rec[1]);
	KUNIT_EXPECT_EQ(test, memcmp(&rec[0], &rec[1], sizeof(*rec)), 0);
}

static void events_are_rung_for_with_16_bits_of_the_heads(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	struct mig_record rec;

	fill_record(&rec);
	rec.eqc[0] = cpu_to_le32(0xffff8765);
	rec.aeqc[0] = cpu_to_le32(0xabcd1234);
	qm_state_ring_events(&win, &rec);
	QM_SIM_EXPECT(test, WR_DB(0x2000, 0x0000876500002000),
		      WR_DB(0x2000, 0x0000123400003000));
}

static void save_sends_match_data_alone_if_not_ready(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = {};
	size_t len = 0;

	fill_function(&modes[0]);
	/* bit 0 decides */
	qm_sim_set(win_reg(0x60), 0xf1);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, false, &rec, &len), 0);
	KUNIT_EXPECT_EQ(test, len, 40);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec.vf_qm_state), 1);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static void save_takes_a_driver_for_ready_by_bit_0(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = { .vf_qm_state = cpu_to_le32(1) };
	size_t len = 0;

	fill_function(&modes[0]);
	qm_sim_set(win_reg(0x60), 0xf0);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec, &len), 0);
	KUNIT_EXPECT_EQ(test, len, 176);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec.vf_qm_state), 0);
}

/* Each combination of the four addresses. */
static void fill_addresses(unsigned int set)
{
	fill_function(&modes[0]);
	if (!(set & 1)) {
		qm_sim_set(win_reg(modes[0].eqc + 4), 0);
		qm_sim_set(win_reg(modes[0].eqc + 8), 0);
	}
	if (!(set & 2)) {
		qm_sim_set(win_reg(modes[0].aeqc + 4), 0);
		qm_sim_set(win_reg(modes[0].aeqc + 8), 0);
	}
	if (!(set & 4))
		qm_sim.sqc = 0;
	if (!(set & 8))
		qm_sim.cqc = 0;
}

static void save_fails_when_some_queues_are_not_there(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	unsigned int set, paused;

	for (set = 1; set < 15; set++) {
		for (paused = 0; paused < 2; paused++) {
			struct mig_record rec = {};
			size_t len = 0;

			qm_sim_init(test);
			fill_addresses(set);
			KUNIT_EXPECT_EQ_MSG(test, qm_state_save(&win, paused, &rec, &len),
					    paused ? -ESTALE : -EIO, "addresses %#x, paused %u", set, paused);
		}
	}
}

/* Ready without queues is what some hardware is after a reset: no driver there. */
static void save_takes_ready_without_queues_for_not_ready(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = {};
	size_t len = 0;

	fill_addresses(0);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, false, &rec, &len), 0);
	KUNIT_EXPECT_EQ(test, len, 40);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec.vf_qm_state), 1);
}

/* What was at work when it was paused has been reset since. */
static void save_fails_when_what_was_paused_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = {};
	size_t len = 0;

	fill_addresses(0);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec, &len), -ESTALE);
	KUNIT_EXPECT_NOT_NULL(test, strstr(qm_sim_log.last, "queues are gone"));
	qm_sim_init(test);
	fill_function(&modes[0]);
	qm_sim_set(win_reg(0x60), 1);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec, &len), -ESTALE);
	KUNIT_EXPECT_NOT_NULL(test, strstr(qm_sim_log.last, "it is not ready"));
}

#define SQC_BT	4
#define CQC_BT	5

/* What goes wrong with a table's mailbox command. */
static const struct mb_fault {
	const char *desc;
	u8 cmd;
	u8 status;
	unsigned int busy;
	int ret;
} mb_faults[] = {
	{ "SQC table, error status", SQC_BT, 1, 0, -EIO },
	{ "CQC table, error status", CQC_BT, 8, 0, -EIO },
	{ "SQC table, never done", SQC_BT, 0, QM_SIM_FOREVER, -ETIMEDOUT },
	{ "CQC table, never done", CQC_BT, 0, QM_SIM_FOREVER, -ETIMEDOUT },
};

static void mb_fault_desc(const struct mb_fault *fault, char *desc)
{
	strscpy(desc, fault->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(mb_fault, mb_faults, mb_fault_desc);

static void inject(const struct mb_fault *fault)
{
	qm_sim.mb_status[fault->cmd] = fault->status;
	qm_sim.mb_busy[fault->cmd] = fault->busy;
}

/* The last access that was none of the mailbox. */
static const struct qm_sim_op *last_other_op(void)
{
	unsigned int i = qm_sim.num_ops;

	while (i && qm_sim.ops[i - 1].offset == 0x300)
		i--;
	return i ? &qm_sim.ops[i - 1] : NULL;
}

static void save_stops_at_a_mailbox_fault(struct kunit *test)
{
	const struct mb_fault *fault = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = {};
	size_t len = 0;

	fill_function(&modes[0]);
	inject(fault);
	KUNIT_EXPECT_EQ(test, qm_state_save(&win, true, &rec, &len), fault->ret);
	/* After SQC failed, no CQC. */
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), fault->cmd == SQC_BT ? 1 : 2);
	/* The context that is read meanwhile is. */
	KUNIT_EXPECT_EQ(test, last_other_op()->offset,
			(fault->cmd == SQC_BT ? 0x8000 : 0x8020) + 24);
}

static void save_fails_when_the_device_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec = {};
	size_t len = 0;
	unsigned int i;

	/* At every access before the last result is in. */
	for (i = 0; i < 25; i++) {
		qm_sim_init(test);
		fill_function(&modes[0]);
		qm_sim.gone_after = i;
		KUNIT_EXPECT_EQ_MSG(test, qm_state_save(&win, true, &rec, &len), -EIO,
				    "gone after %u accesses", i);
	}
}

static void load_writes_all_in_order(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	const struct qm_sim_op ops[] = {
		WR_WIN(0x00, 1), WR_WIN(0x08, 1),
		WR_WIN(0x04, 0x101), WR_WIN(0x0c, 0x202),
		WR_WIN(0x20, 0x303), WR_WIN(0x24, 0x404), WR_WIN(0x2c, 0),
		WR_WIN(0x30, ISO),
		/* It has to hold, and the function is not ready before that. */
		WR_WIN(0x34, 0x606), RD_WIN(0x34),
		WR_WIN(0x60, 0),
		WR_WIN(mode->eqc, EQC_DW(0)),
		WR_WIN(mode->eqc + 4, EQC_DW(1)),
		WR_WIN(mode->eqc + 8, EQC_DW(2)),
		WR_WIN(mode->eqc + 12, EQC_DW(3)),
		WR_WIN(mode->eqc + 16, EQC_DW(4)),
		WR_WIN(mode->eqc + 20, EQC_DW(5)),
		WR_WIN(mode->eqc + 24, EQC_DW(6)),
		WR_WIN(mode->aeqc, AEQC_DW(0)),
		WR_WIN(mode->aeqc + 4, AEQC_DW(1)),
		WR_WIN(mode->aeqc + 8, AEQC_DW(2)),
		WR_WIN(mode->aeqc + 12, AEQC_DW(3)),
		WR_WIN(mode->aeqc + 16, AEQC_DW(4)),
		WR_WIN(mode->aeqc + 20, AEQC_DW(5)),
		WR_WIN(mode->aeqc + 24, AEQC_DW(6)),
		WR_WIN(0x20, 1), WR_WIN(0x24, 0),
		/* A read is the last through the window: no doorbell overtakes. */
		WR_MB(0x1122300000002004, 0x77), RD_MB,
		WR_MB(0x4455600000002005, 0x88), RD_MB,
	};
	struct mig_record *rec = kunit_kzalloc(test, sizeof(*rec), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, rec);
	fill_record(rec);
	qm_sim_set(win_reg(0x60), 1);
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, rec), 0);
	qm_sim_expect(test, ops, ARRAY_SIZE(ops));
	KUNIT_EXPECT_EQ(test, qm_sim.sqc, SQC_TABLE);
	KUNIT_EXPECT_EQ(test, qm_sim.cqc, CQC_TABLE);
}

/* Whatever the VF makes of the guest's value, nothing but that will do. */
static void load_fails_when_the_page_size_does_not_take(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec;

	fill_record(&rec);
	qm_sim_set(win_reg(0x60), 1);
	qm_sim_stuck(win_reg(0x34), 0x607);
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, &rec), -EIO);
	KUNIT_EXPECT_NOT_NULL(test, strstr(qm_sim_log.last, "page size reads 0x607"));
	/* No guest driver is ready, and no queue is known. */
	KUNIT_EXPECT_EQ(test, qm_sim_get(win_reg(0x60)), 1);
	KUNIT_EXPECT_EQ(test, qm_sim.sqc, 0);

	/* It may hold the guest's already. */
	rec.page_size = cpu_to_le32(0x607);
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, &rec), 0);
}

/* Doorbells that are dropped would restart nothing. */
static void load_opens_the_doorbells_of_v5(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);
	struct mig_record rec;
	unsigned int i;

	fill_record(&rec);
	win.ver = 0x51;
	qm_sim_set(win_reg(0x38), 1);
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, &rec), 0);
	KUNIT_EXPECT_EQ(test, qm_sim_get(win_reg(0x38)), 0);
	/* Before the first doorbell could be, and on no older hardware. */
	qm_sim_init(test);
	qm_sim.win_len = win.len;
	win.ver = 0x50;
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, &rec), 0);
	for (i = 0; i < qm_sim.num_ops; i++)
		KUNIT_EXPECT_NE(test, qm_sim.ops[i].offset, 0x38);
}

static void loaded_function_saves_the_same_record(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	struct mig_record *rec = kunit_kcalloc(test, 2, sizeof(*rec), GFP_KERNEL);
	size_t len;

	KUNIT_ASSERT_NOT_NULL(test, rec);
	fill_record(&rec[0]);
	KUNIT_ASSERT_EQ(test, qm_state_load(&win, &rec[0]), 0);
	fill_match(&rec[1]);
	KUNIT_ASSERT_EQ(test, qm_state_save(&win, true, &rec[1], &len), 0);

	/* All but the messages, which the load enables at its end. */
	rec[0].ifc_int_source = cpu_to_le32(1);
	rec[0].ifc_int_mask = 0;
	KUNIT_EXPECT_EQ(test, memcmp(&rec[0], &rec[1], sizeof(*rec)), 0);
}

/* For those who look at a function that may be running. */
static void read_regs_reads_each_register(struct kunit *test)
{
	const struct mode *mode = test->param_value;
	struct qm_win win = qm_sim_win(mode->ctrl);
	struct mig_record rec = {};

	fill_function(mode);
	qm_sim_set(win_reg(0x2c), 0x505);
	qm_state_read_regs(&win, &rec);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec.ifc_int_set), 0x505);
	KUNIT_EXPECT_EQ(test, qm_sim.num_ops, 6 + 14);
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(), 0);
}

/* Each register in turn, and none. */
static void ones_are_seen_in_any_register(struct kunit *test)
{
	struct mig_record rec;
	unsigned int at;

	fill_record(&rec);
	KUNIT_EXPECT_FALSE(test, qm_state_has_ones(&rec));
	for (at = 40; at < 176; at += 4) {
		fill_record(&rec);
		*(__le32 *)((void *)&rec + at) = cpu_to_le32(U32_MAX);
		KUNIT_EXPECT_TRUE_MSG(test, qm_state_has_ones(&rec), "at %u", at);
	}
}

static void load_stops_at_a_mailbox_fault(struct kunit *test)
{
	const struct mb_fault *fault = test->param_value;
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);
	struct mig_record rec;

	fill_record(&rec);
	inject(fault);
	KUNIT_EXPECT_EQ(test, qm_state_load(&win, &rec), fault->ret);
	/* After SQC failed, no CQC. */
	KUNIT_EXPECT_EQ(test, qm_sim_count_writes(),
			3 + 7 + 14 + 2 + (fault->cmd == SQC_BT ? 1 : 2));
	KUNIT_EXPECT_EQ(test, last_other_op()->offset, 0x24);
}

static void load_not_ready_says_so_once(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_PF);

	KUNIT_EXPECT_EQ(test, qm_state_load_not_ready(&win), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x60), WR_WIN(0x60, 1));
	KUNIT_EXPECT_EQ(test, qm_state_load_not_ready(&win), 0);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static void load_not_ready_fails_when_the_device_is_gone(struct kunit *test)
{
	struct qm_win win = qm_sim_win(QM_MIG_CTRL_VF);

	qm_sim.gone_after = 0;
	KUNIT_EXPECT_EQ(test, qm_state_load_not_ready(&win), -EIO);
	QM_SIM_EXPECT(test, RD_WIN(0x60));
}

static struct kunit_case qm_state_record_cases[] = {
	KUNIT_CASE_PARAM(save_reads_all_and_writes_no_register, mode_gen_params),
	KUNIT_CASE_PARAM(save_asks_for_one_thing_at_a_time, mode_gen_params),
	KUNIT_CASE_PARAM(saved_record_has_each_register_in_its_place, mode_gen_params),
	KUNIT_CASE_PARAM(events_are_rung_for_with_16_bits_of_the_heads, mode_gen_params),
	KUNIT_CASE(save_sends_match_data_alone_if_not_ready),
	KUNIT_CASE(save_takes_a_driver_for_ready_by_bit_0),
	KUNIT_CASE(save_fails_when_some_queues_are_not_there),
	KUNIT_CASE(save_takes_ready_without_queues_for_not_ready),
	KUNIT_CASE(save_fails_when_what_was_paused_is_gone),
	KUNIT_CASE_PARAM(save_stops_at_a_mailbox_fault, mb_fault_gen_params),
	KUNIT_CASE(save_fails_when_the_device_is_gone),
	KUNIT_CASE_PARAM(load_writes_all_in_order, mode_gen_params),
	KUNIT_CASE(load_fails_when_the_page_size_does_not_take),
	KUNIT_CASE(load_opens_the_doorbells_of_v5),
	KUNIT_CASE_PARAM(loaded_function_saves_the_same_record, mode_gen_params),
	KUNIT_CASE_PARAM(read_regs_reads_each_register, mode_gen_params),
	KUNIT_CASE(ones_are_seen_in_any_register),
	KUNIT_CASE_PARAM(load_stops_at_a_mailbox_fault, mb_fault_gen_params),
	KUNIT_CASE(load_not_ready_says_so_once),
	KUNIT_CASE(load_not_ready_fails_when_the_device_is_gone),
	{}
};

static struct kunit_suite qm_state_record_suite = {
	.name = "qm_state_record",
	.init = qm_sim_init,
	.exit = qm_sim_exit,
	.test_cases = qm_state_record_cases,
};

kunit_test_suite(qm_state_record_suite);
