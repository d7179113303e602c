// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a migration: every length, every split, every field.
 */
#include <kunit/test.h>

#include "mig_golden.h"
#include "../../include/mig_record_fields.h"
#include "../../mig_stream.c"

/* The VF that the golden records are for. */
static const struct mig_match golden_here = {
	.dev_id = 0xa251,
	.qp_num = 16,
	.qp_base = 48,		/* another one than the source's */
	.que_iso_cfg = 1,
	.bar2_size = 0x8000,
};

#define V1		BIT(0)
#define V2_MINOR_0	BIT(1)
#define V2_MINOR_1	BIT(2)
#define V2		(V2_MINOR_0 | V2_MINOR_1)
#define ALL		(V1 | V2)

static const struct format {
	const char *desc;
	const u8 *bytes;
	u8 bit;
} formats[] = {
	{ "V1", mig_golden_v1, V1 },
	{ "V2 minor 0", mig_golden_v2_minor_0, V2_MINOR_0 },
	{ "V2 minor 1", mig_golden_v2_minor_1, V2_MINOR_1 },
};

static void format_desc(const struct format *format, char *desc)
{
	strscpy(desc, format->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(format, formats, format_desc);

static struct mig_refusal why;

/* One byte more than a record, so that too much of it can be written. */
static u8 bytes[MIG_RECORD_BYTES + 1];
static struct mig_stream stream;

static void start(const struct format *format)
{
	memcpy(bytes, format->bytes, MIG_RECORD_BYTES);
	memset(&stream, 0, sizeof(stream));
	memset(&why, 0, sizeof(why));
}

static int put(size_t from, size_t len)
{
	return mig_stream_write(&stream, bytes + from, len, &golden_here, &why);
}

/* Writes a byte at a time; *at is how many there were when it ended. */
static int put_bytewise(size_t len, size_t *at)
{
	int ret = 0;

	for (*at = 0; !ret && *at < len; ++*at)
		ret = put(*at, 1);
	return ret;
}

static void golden_record_is_accepted_and_decoded(struct kunit *test)
{
	const struct format *format = test->param_value;
	const struct mig_record *rec = &stream.rec;

	start(format);
	KUNIT_EXPECT_EQ(test, put(0, MIG_RECORD_BYTES), 0);
	KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), 0);
	KUNIT_EXPECT_TRUE(test, mig_stream_has_queues(&stream));
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec->qp_base), 320);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec->eq_int_mask), 1);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec->page_size), 2);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec->eqc[6]), 11);
	KUNIT_EXPECT_EQ(test, le32_to_cpu(rec->aeqc[0]), 0x000203e8);
	/* V1 has these two wrong; they are made right. */
	KUNIT_EXPECT_EQ(test, le64_to_cpu(rec->eqe_dma), 0x18a5c4000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(rec->aeqe_dma), 0x18a5c9000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(rec->sqc_dma), 0x18a600000ULL);
	KUNIT_EXPECT_EQ(test, le64_to_cpu(rec->cqc_dma), 0x18a610000ULL);
}

static void put_match_writes_the_golden_head(struct kunit *test)
{
	struct mig_match match = golden_here;
	struct mig_record rec;
	const u8 *rest = (const u8 *)&rec + MIG_MATCH_BYTES;

	memset(&rec, 0xa5, sizeof(rec));
	match.qp_base = 320;
	mig_stream_put_match(&rec, &match);
	KUNIT_EXPECT_EQ(test, memcmp(&rec, mig_golden_v2_minor_1, MIG_MATCH_BYTES), 0);
	KUNIT_EXPECT_NULL(test, memchr_inv(rest, 0xa5, sizeof(rec) - MIG_MATCH_BYTES));
}

static bool is_whole(size_t len)
{
	return len == 40 || len == 176;
}

static void every_length_but_40_and_176_is_refused(struct kunit *test)
{
	const struct format *format = test->param_value;
	size_t len;

	for (len = 0; len <= MIG_RECORD_BYTES; len++) {
		start(format);
		KUNIT_EXPECT_EQ_MSG(test, put(0, len), 0, "%zu bytes", len);
		KUNIT_EXPECT_EQ_MSG(test, mig_stream_finish(&stream, &why),
				    is_whole(len) ? 0 : -EINVAL, "%zu bytes", len);
		KUNIT_EXPECT_EQ(test, stream.len, len);
		KUNIT_EXPECT_EQ(test, mig_stream_has_queues(&stream), len == 176);
		if (!is_whole(len)) {
			KUNIT_EXPECT_STREQ(test, why.what, "length");
			KUNIT_EXPECT_EQ(test, why.theirs, len);
		}
	}
}

static void every_length_may_come_bytewise(struct kunit *test)
{
	const struct format *format = test->param_value;
	size_t len, at;

	for (len = 0; len <= MIG_RECORD_BYTES; len++) {
		start(format);
		KUNIT_EXPECT_EQ_MSG(test, put_bytewise(len, &at), 0, "%zu bytes", len);
		KUNIT_EXPECT_EQ_MSG(test, mig_stream_finish(&stream, &why),
				    is_whole(len) ? 0 : -EINVAL, "%zu bytes", len);
	}
}

static void byte_177_is_refused(struct kunit *test)
{
	const struct format *format = test->param_value;
	size_t first;

	for (first = 0; first <= MIG_RECORD_BYTES; first++) {
		start(format);
		KUNIT_EXPECT_EQ(test, put(0, first), 0);
		KUNIT_EXPECT_EQ(test, put(first, 177 - first), -EINVAL);
		KUNIT_EXPECT_EQ(test, stream.len, first);
		KUNIT_EXPECT_EQ(test, why.theirs, 177);
		KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), -EINVAL);
	}
}

/* The caller has no more than a record's bytes to show. */
static void bytes_that_do_not_fit_are_not_looked_at(struct kunit *test)
{
	static const size_t lens[] = { 167, 177, SIZE_MAX - 9, SIZE_MAX };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(lens); i++) {
		start(&formats[0]);
		KUNIT_EXPECT_EQ(test, put(0, 10), 0);
		KUNIT_EXPECT_EQ(test, mig_stream_write(&stream, NULL, lens[i],
						       &golden_here, &why), -EINVAL);
		KUNIT_EXPECT_STREQ(test, why.what, "length");
		KUNIT_EXPECT_GT(test, why.theirs, 176);
	}
}

static void writing_nothing_changes_nothing(struct kunit *test)
{
	const struct format *format = test->param_value;

	start(format);
	KUNIT_EXPECT_EQ(test, put(0, 0), 0);
	KUNIT_EXPECT_EQ(test, put(0, 40), 0);
	KUNIT_EXPECT_EQ(test, put(40, 0), 0);
	KUNIT_EXPECT_EQ(test, put(40, 136), 0);
	KUNIT_EXPECT_EQ(test, put(176, 0), 0);
	KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), 0);
}

static void every_split_gives_the_same_record(struct kunit *test)
{
	const struct format *format = test->param_value;
	u8 whole[MIG_RECORD_BYTES];
	size_t a, b;
	int bad = 0;

	start(format);
	KUNIT_ASSERT_EQ(test, put(0, MIG_RECORD_BYTES), 0);
	memcpy(whole, stream.bytes, sizeof(whole));

	for (a = 0; a <= MIG_RECORD_BYTES; a++) {
		for (b = a; b <= MIG_RECORD_BYTES; b++) {
			start(format);
			bad |= put(0, a);
			bad |= put(a, b - a);
			bad |= put(b, MIG_RECORD_BYTES - b);
			bad |= mig_stream_finish(&stream, &why);
			bad |= memcmp(whole, stream.bytes, sizeof(whole));
			KUNIT_ASSERT_EQ_MSG(test, bad, 0, "split at %zu and %zu", a, b);
		}
	}
}

/* Wherever a bad record is split, its first whole part is what is refused. */
static void every_split_is_refused_alike(struct kunit *test)
{
	const struct format *format = test->param_value;
	size_t a;
	int ret;

	for (a = 0; a <= MIG_RECORD_BYTES; a++) {
		start(format);
		bytes[12]++;
		ret = put(0, a);
		KUNIT_EXPECT_EQ_MSG(test, ret, a < 40 ? 0 : -EOPNOTSUPP, "split at %zu", a);
		KUNIT_EXPECT_EQ(test, put(a, MIG_RECORD_BYTES - a), -EOPNOTSUPP);
		KUNIT_EXPECT_EQ(test, stream.len, a < 40 ? a : 0);
		KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), -EOPNOTSUPP);
	}
}

static void refusal_is_sticky_and_told_once(struct kunit *test)
{
	const struct format *format = test->param_value;

	start(format);
	bytes[8]++;
	KUNIT_EXPECT_EQ(test, put(0, 40), -EOPNOTSUPP);
	KUNIT_EXPECT_NOT_NULL(test, why.what);

	/* Neither more bytes, nor none, nor too many, nor a good record help. */
	bytes[8]--;
	KUNIT_EXPECT_EQ(test, put(40, 136), -EOPNOTSUPP);
	KUNIT_EXPECT_NULL(test, why.what);
	KUNIT_EXPECT_EQ(test, put(0, 0), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, put(0, 177), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, put(0, 176), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), -EOPNOTSUPP);
	KUNIT_EXPECT_NULL(test, why.what);
	KUNIT_EXPECT_FALSE(test, mig_stream_has_queues(&stream));
}

/*
 * What is not accepted when one element of the record is off by one, with all
 * the bytes that show it in. Everything else is accepted.
 */
static const struct verdict {
	u8 formats;
	u16 offset;
	int delta;	/* 0: up or down */
	int err;
	size_t at;
	const char *what;
} verdicts[] = {
	{ ALL,	       0,   0, -EINVAL,     40,  "magic" },
	{ ALL,	       8,   0, -EOPNOTSUPP, 40,  "queue pair number" },
	{ ALL,	       12,  0, -EOPNOTSUPP, 40,  "PCI device id" },
	{ ALL,	       16,  0, -EOPNOTSUPP, 40,  "queue isolation" },
	{ ALL,	       24, -1, -EINVAL,     40,  "guest driver state" },
	{ ALL,	       24,  1, -EINVAL,     176, "guest driver state with queues" },
	{ V2,	       28,  0, -EOPNOTSUPP, 40,  "major version" },
	{ V2_MINOR_1,  32,  0, -EOPNOTSUPP, 40,  "BAR2 size" },
	{ V2,	       68,  0, -EINVAL,     176, "EQ address" },
	{ V2,	       72,  0, -EINVAL,     176, "EQ address" },
	{ V2,	       96,  0, -EINVAL,     176, "AEQ address" },
	{ V2,	       100, 0, -EINVAL,     176, "AEQ address" },
	{ V2,	       144, 0, -EINVAL,     176, "EQ address" },
	{ V2,	       152, 0, -EINVAL,     176, "AEQ address" },
};

static const struct verdict *find_verdict(u8 format, size_t offset, int delta)
{
	static const struct verdict accepted = { .at = MIG_RECORD_BYTES };
	const struct verdict *v;

	for (v = verdicts; v < verdicts + ARRAY_SIZE(verdicts); v++) {
		if ((v->formats & format) && v->offset == offset &&
		    (!v->delta || v->delta == delta))
			return v;
	}
	return &accepted;
}

static u64 get_le(const u8 *at, unsigned int size)
{
	u64 val = 0;

	while (size--)
		val = val << 8 | at[size];
	return val;
}

static void put_le(u8 *at, unsigned int size, u64 val)
{
	for (; size--; val >>= 8)
		*at++ = val;
}

static void expect_verdict(struct kunit *test, const struct format *format,
			   size_t offset, unsigned int size, int delta)
{
	const struct verdict *want = find_verdict(format->bit, offset, delta);
	size_t at;

	start(format);
	put_le(bytes + offset, size, get_le(bytes + offset, size) + delta);
	KUNIT_EXPECT_EQ_MSG(test, put_bytewise(MIG_RECORD_BYTES, &at), want->err,
			    "offset %zu by %d", offset, delta);
	KUNIT_EXPECT_EQ_MSG(test, at, want->at, "offset %zu by %d", offset, delta);
	KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), want->err);

	/* In one piece it fares no better. */
	memset(&stream, 0, sizeof(stream));
	memset(&why, 0, sizeof(why));
	KUNIT_EXPECT_EQ(test, put(0, MIG_RECORD_BYTES), want->err);
	if (want->err)
		KUNIT_EXPECT_STREQ_MSG(test, why.what, want->what, "offset %zu", offset);
	else
		KUNIT_EXPECT_TRUE(test, mig_stream_has_queues(&stream));
}

static void every_field_off_by_one_has_its_verdict(struct kunit *test)
{
	const struct format *format = test->param_value;
	const struct mig_record_field *field;
	size_t offset = 0;
	unsigned int i, j;

	for (i = 0; i < ARRAY_SIZE(mig_record_fields); i++) {
		field = &mig_record_fields[i];
		for (j = 0; j < field->count; j++) {
			expect_verdict(test, format, offset, field->bytes, 1);
			expect_verdict(test, format, offset, field->bytes, -1);
			offset += field->bytes;
		}
	}
	KUNIT_EXPECT_EQ(test, offset, MIG_RECORD_BYTES);
}

/* One element changed to a value of its own, in a record of minor 1. */
static const struct change {
	const char *desc;
	u16 offset;
	u8 size;
	u64 val;
	int err;
	u64 theirs;
	u64 ours;
} changes[] = {
	{ "magic of zeros", 0, 8, 0, -EINVAL, 0, 0xaaccfeeddecadede },
	{ "magic, bytes swapped", 0, 8, 0xdedecadeedfeccaa, -EINVAL, 0xdedecadeedfeccaa,
	  0xaaccfeeddecadede },
	{ "no queue pairs", 8, 4, 0, -EOPNOTSUPP, 0, 16 },
	{ "200000 queue pairs", 8, 4, 200000, -EOPNOTSUPP, 200000, 16 },
	{ "VF of another engine", 12, 4, 0xa256, -EOPNOTSUPP, 0xa256, 0xa251 },
	{ "PF in place of VF", 12, 4, 0xa250, -EOPNOTSUPP, 0xa250, 0xa251 },
	{ "no isolation", 16, 4, 0, -EOPNOTSUPP, 0, 1 },
	{ "any first queue pair", 20, 4, U32_MAX, 0, 0, 0 },
	{ "guest driver state 2", 24, 4, 2, -EINVAL, 2, 0 },
	{ "major 0", 28, 2, 0, -EOPNOTSUPP, 0, 1 },
	{ "major 0xffff", 28, 2, 0xffff, -EOPNOTSUPP, 0xffff, 1 },
	{ "highest minor", 30, 2, 0xffff, 0, 0, 0 },
	{ "BAR2 of unknown size", 32, 4, 0, 0, 0, 0 },
	{ "BAR2 of 64 KiB", 32, 4, 0x10000, -EOPNOTSUPP, 0x10000, 0x8000 },
	{ "reserved match word", 36, 4, U32_MAX, 0, 0, 0 },
	{ "another EQ address", 144, 8, 0x28a5c4000, -EINVAL, 0x28a5c4000, 0x18a5c4000 },
	{ "another AEQ address", 152, 8, 0x18a5c8000, -EINVAL, 0x18a5c8000, 0x18a5c9000 },
	{ "no SQC table", 160, 8, 0, -EINVAL, 3, 4 },
	{ "no CQC table", 168, 8, 0, -EINVAL, 3, 4 },
};

static void change_desc(const struct change *change, char *desc)
{
	strscpy(desc, change->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(change, changes, change_desc);

static void refusal_names_both_values(struct kunit *test)
{
	const struct change *change = test->param_value;

	start(&formats[2]);
	put_le(bytes + change->offset, change->size, change->val);
	/* Match data are refused when they are in, before all the rest. */
	KUNIT_EXPECT_EQ(test, put(0, change->offset < MIG_MATCH_BYTES ?
				     MIG_MATCH_BYTES : MIG_RECORD_BYTES), change->err);
	KUNIT_EXPECT_EQ(test, why.theirs, change->theirs);
	KUNIT_EXPECT_EQ(test, why.ours, change->ours);
}

static void bar2_size_counts_from_minor_1_on(struct kunit *test)
{
	static const u16 minors[] = { 0, 1, 2, 0xffff };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(minors); i++) {
		start(&formats[2]);
		put_le(bytes + 30, 2, minors[i]);
		put_le(bytes + 32, 4, 0x10000);
		KUNIT_EXPECT_EQ_MSG(test, put(0, MIG_MATCH_BYTES),
				    minors[i] ? -EOPNOTSUPP : 0, "minor %u", minors[i]);
	}
}

/* Takes the rings' addresses away in the contexts as well. */
/* A stream that is known to be bad may be refused, and is spoken of otherwise. */
static void v1_is_refused_if_told_to(struct kunit *test)
{
	struct mig_match here = golden_here;

	here.refuse_v1 = true;
	start(&formats[0]);
	KUNIT_EXPECT_EQ(test, mig_stream_write(&stream, bytes, MIG_RECORD_BYTES, &here, &why),
			-EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, why.what, "magic of V1");
	start(&formats[1]);
	KUNIT_EXPECT_EQ(test, mig_stream_write(&stream, bytes, MIG_RECORD_BYTES, &here, &why),
			0);
}

static void remark_is_made_on_what_is_not_compared(struct kunit *test)
{
	static const char * const words[] = { "V1 stream", "without BAR2 size", NULL };
	const char *remark;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(formats); i++) {
		start(&formats[i]);
		KUNIT_EXPECT_NULL(test, mig_stream_remark(&stream));
		KUNIT_EXPECT_EQ(test, put(0, MIG_MATCH_BYTES - 1), 0);
		KUNIT_EXPECT_NULL(test, mig_stream_remark(&stream));
		KUNIT_EXPECT_EQ(test, put(MIG_MATCH_BYTES - 1, 1), 0);
		remark = mig_stream_remark(&stream);
		KUNIT_EXPECT_EQ(test, !!remark, !!words[i]);
		if (remark && words[i])
			KUNIT_EXPECT_NOT_NULL(test, strstr(remark, words[i]));
	}
}

static void clear_address(unsigned int nr)
{
	memset(bytes + 144 + 8 * nr, 0, 8);
	if (nr < 2)
		memset(bytes + 68 + 28 * nr, 0, 8);
}

static void queue_addresses_are_all_there_or_none(struct kunit *test)
{
	const struct format *format = test->param_value;
	unsigned int set, i;

	for (set = 0; set < 16; set++) {
		bool good = set == 0 || set == 15;

		start(format);
		for (i = 0; i < 4; i++) {
			if (!(set & BIT(i)))
				clear_address(i);
		}
		KUNIT_EXPECT_EQ_MSG(test, put(0, MIG_RECORD_BYTES), good ? 0 : -EINVAL,
				    "addresses %#x", set);
		if (good)
			KUNIT_EXPECT_EQ(test, mig_stream_has_queues(&stream), set == 15);
		else
			KUNIT_EXPECT_EQ(test, why.theirs, hweight32(set));
	}
}

static void driver_that_is_not_ready_has_no_queues(struct kunit *test)
{
	const struct format *format = test->param_value;
	unsigned int i;

	start(format);
	bytes[24] = 1;
	KUNIT_EXPECT_EQ(test, put(0, MIG_MATCH_BYTES), 0);
	KUNIT_EXPECT_EQ(test, mig_stream_finish(&stream, &why), 0);
	KUNIT_EXPECT_FALSE(test, mig_stream_has_queues(&stream));
	KUNIT_EXPECT_EQ(test, put(40, 136), -EINVAL);

	start(format);
	bytes[24] = 1;
	for (i = 0; i < 4; i++)
		clear_address(i);
	KUNIT_EXPECT_EQ(test, put(0, MIG_RECORD_BYTES), 0);
	KUNIT_EXPECT_FALSE(test, mig_stream_has_queues(&stream));
}

static struct kunit_case mig_stream_cases[] = {
	KUNIT_CASE_PARAM(golden_record_is_accepted_and_decoded, format_gen_params),
	KUNIT_CASE(put_match_writes_the_golden_head),
	KUNIT_CASE_PARAM(every_length_but_40_and_176_is_refused, format_gen_params),
	KUNIT_CASE_PARAM(every_length_may_come_bytewise, format_gen_params),
	KUNIT_CASE_PARAM(byte_177_is_refused, format_gen_params),
	KUNIT_CASE(bytes_that_do_not_fit_are_not_looked_at),
	KUNIT_CASE_PARAM(writing_nothing_changes_nothing, format_gen_params),
	KUNIT_CASE_PARAM(every_split_gives_the_same_record, format_gen_params),
	KUNIT_CASE_PARAM(every_split_is_refused_alike, format_gen_params),
	KUNIT_CASE_PARAM(refusal_is_sticky_and_told_once, format_gen_params),
	KUNIT_CASE_PARAM(every_field_off_by_one_has_its_verdict, format_gen_params),
	KUNIT_CASE_PARAM(refusal_names_both_values, change_gen_params),
	KUNIT_CASE(bar2_size_counts_from_minor_1_on),
	KUNIT_CASE(v1_is_refused_if_told_to),
	KUNIT_CASE(remark_is_made_on_what_is_not_compared),
	KUNIT_CASE_PARAM(queue_addresses_are_all_there_or_none, format_gen_params),
	KUNIT_CASE_PARAM(driver_that_is_not_ready_has_no_queues, format_gen_params),
	{}
};

static struct kunit_suite mig_stream_suite = {
	.name = "mig_stream",
	.test_cases = mig_stream_cases,
};

kunit_test_suite(mig_stream_suite);
