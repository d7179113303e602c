// SPDX-License-Identifier: GPL-2.0-only
/*
 * Hostile streams: the driver's parser, mig_stream.c, against docs/stream.md
 * (stream_docs.c), on whatever libFuzzer comes up with. An input is two bytes
 * that say who takes the stream and in which pieces, and then the stream.
 *
 * Each piece is in memory of its own size, so that the address sanitizer sees a
 * read beyond it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../include/mig_stream.h"
#include "stream_docs.h"

#define HEAD		2

/* The first byte of an input. */
#define IN_REFUSE_V1	0x01
#define IN_VF		0x06	/* which of vfs[] */
#define IN_PIECES	0x18	/* enum pieces */
#define IN_THEN_HUGE	0x20	/* a write follows whose end is beyond SIZE_MAX */

enum pieces { WHOLE, BYTES, SMALL, ANY };

static const struct mig_match vfs[] = {
	/* that of tests/kunit/mig_golden.h, which the corpus is made of */
	{ .dev_id = 0xa251, .qp_num = 16, .qp_base = 320, .que_iso_cfg = 1, .bar2_size = 0x8000 },
	{ .dev_id = 0xa251, .qp_num = 16, .qp_base = 0, .que_iso_cfg = 1, .bar2_size = 0x4000 },
	{ .dev_id = 0xa256, .qp_num = 1, .qp_base = 1, .que_iso_cfg = 0, .bar2_size = 0x4000 },
	{ .dev_id = ~0u, .qp_num = ~0u, .qp_base = ~0u, .que_iso_cfg = ~0u, .bar2_size = ~0u },
};

/* What the driver calls the rules in its log. */
static const char *const names[DOCS_RULES] = {
	[DOCS_MAGIC] = "magic",
	[DOCS_MAJOR] = "major version",
	[DOCS_STATE] = "guest driver state",
	[DOCS_DEV_ID] = "PCI device id",
	[DOCS_QP_NUM] = "queue pair number",
	[DOCS_ISOLATION] = "queue isolation",
	[DOCS_BAR2] = "BAR2 size",
	[DOCS_EQ_ADDRESS] = "EQ address",
	[DOCS_AEQ_ADDRESS] = "AEQ address",
	[DOCS_SOME_ADDRESSES] = "number of queue addresses",
	[DOCS_NOT_READY] = "guest driver state with queues",
	[DOCS_TOO_LONG] = "length",
	[DOCS_CUT_SHORT] = "length",
	[DOCS_REFUSED_V1] = "magic of V1",
};

static unsigned long told[DOCS_RULES], taken_alone, taken_empty, taken_with_queues;

/* Two readings of one stream. */
struct trial {
	struct mig_stream stream;
	struct mig_match match;
	struct docs_stream docs;
	struct docs_vf vf;
};

#define demand(what, ...) do {							\
	if (!(what)) {								\
		fprintf(stderr, "docs/stream.md: not so: " #what "\n");		\
		fprintf(stderr, "  " __VA_ARGS__);				\
		fputc('\n', stderr);						\
		abort();							\
	}									\
} while (0)

/* Is it one of the broken rules that the parser names, with the right values? */
static void check_refusal(const struct trial *t, unsigned int broken, size_t len,
			  const struct mig_refusal *why)
{
	struct docs_field field = { 0 };
	enum docs_rule rule;

	demand(why->what, "refused without a word");
	for (rule = 0; rule < DOCS_RULES; rule++) {
		if (broken & 1u << rule && !strcmp(why->what, names[rule]))
			break;
	}
	demand(rule < DOCS_RULES, "told: %s; broken: %#x", why->what, broken);
	field = docs_field(rule, &t->docs, len, &t->vf);
	demand(why->theirs == field.theirs && why->ours == field.ours,
	       "%s: %#" PRIx64 " and %#" PRIx64 ", told %#" PRIx64 " and %#" PRIx64, why->what,
	       field.theirs, field.ours, (uint64_t)why->theirs, (uint64_t)why->ours);
	told[rule]++;
}

/* Whether RESUMING could end now, and with what. */
static void check_finish(const struct trial *t)
{
	unsigned int broken = t->docs.err ? 0 : docs_finish(&t->docs);
	int expected = broken ? docs_errno(DOCS_CUT_SHORT) : t->docs.err;
	struct mig_refusal why = { 0 };
	int ret = mig_stream_finish(&t->stream, &why);

	demand(ret == expected, "%d, expected %d, after %zu bytes", ret, expected, t->docs.len);
	if (broken)
		check_refusal(t, broken, 0, &why);
}

static void check_write(struct trial *t, const uint8_t *data, size_t len)
{
	bool refused = t->docs.err;
	unsigned int broken = refused ? 0 : docs_write(&t->docs, data, len, &t->vf);
	struct mig_refusal why = { 0 };
	int ret = mig_stream_write(&t->stream, data, len, &t->match, &why);

	demand(ret == t->docs.err, "%d, expected %d, %zu bytes after %zu; broken: %#x", ret,
	       t->docs.err, len, t->docs.len, broken);
	demand(t->stream.len == t->docs.len, "%zu, expected %zu", t->stream.len, t->docs.len);
	if (broken)
		check_refusal(t, broken, len, &why);
	else
		demand(!why.what, "%s, which nothing is wrong with, or was said before", why.what);
	check_finish(t);
}

/* Only what a record has place for can be read; the rest need not be there. */
static void write_piece(struct trial *t, const uint8_t *data, size_t there, size_t len)
{
	size_t size = there < DOCS_RECORD ? there : DOCS_RECORD;
	uint8_t *piece = malloc(size);

	if (!piece)
		abort();
	memcpy(piece, data, size);
	check_write(t, piece, len);
	free(piece);
}

static size_t next_piece(enum pieces pieces, unsigned int *seed, size_t left)
{
	size_t len = left;

	*seed = *seed * 1103515245 + 12345;
	switch (pieces) {
	case WHOLE:
		break;
	case BYTES:
		len = 1;
		break;
	case SMALL:	/* some of them empty */
		len = (*seed >> 16) % 8;
		break;
	case ANY:
		len = (*seed >> 16) % DOCS_RECORD;
		break;
	}
	return len < left ? len : left;
}

static enum docs_remark kind_of_remark(const char *remark)
{
	if (!remark)
		return DOCS_NO_REMARK;
	if (!strncmp(remark, "V1 stream: ", 11))
		return DOCS_REMARK_V1;
	if (!strncmp(remark, "stream without BAR2 size: ", 26))
		return DOCS_REMARK_BAR2;
	abort();
}

static void check_taken(const struct trial *t)
{
	bool queues = docs_has_queues(&t->docs);

	demand(!memcmp(t->stream.bytes, t->docs.bytes, t->docs.len), "taken: %zu bytes",
	       t->docs.len);
	demand(mig_stream_has_queues(&t->stream) == queues, "expected %d", queues);
	demand(kind_of_remark(mig_stream_remark(&t->stream)) == docs_remark(&t->docs),
	       "expected %d", docs_remark(&t->docs));
	if (queues)
		taken_with_queues++;
	else if (t->docs.len == DOCS_RECORD)
		taken_empty++;
	else if (t->docs.len == DOCS_MATCH)
		taken_alone++;
}

static struct trial begin(uint8_t how)
{
	struct trial t = { .match = vfs[(how & IN_VF) / (IN_VF & -IN_VF)] };

	t.match.refuse_v1 = how & IN_REFUSE_V1;
	t.vf = (struct docs_vf){
		.dev_id = t.match.dev_id,
		.qp_num = t.match.qp_num,
		.que_iso_cfg = t.match.que_iso_cfg,
		.bar2_size = t.match.bar2_size,
		.refuse_v1 = t.match.refuse_v1,
	};
	return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t done = HEAD, len;
	unsigned int seed;
	struct trial t;

	if (size < HEAD)
		return 0;
	t = begin(data[0]);
	seed = data[1];
	check_finish(&t);
	while (done < size) {
		len = next_piece((data[0] & IN_PIECES) / (IN_PIECES & -IN_PIECES), &seed,
				 size - done);
		write_piece(&t, data + done, len, len);
		done += len;
	}
	if (!t.docs.err)
		check_taken(&t);
	if (data[0] & IN_THEN_HUGE)
		write_piece(&t, data, 1, SIZE_MAX - data[1]);
	/* A refused stream stays refused, an empty write to a good one does nothing. */
	write_piece(&t, data, 0, 0);
	return 0;
}

static bool reached(const char *what, unsigned long times)
{
	fprintf(stderr, "reached %lu times: %s\n", times, what);
	return times;
}

/* A fuzzer that never meets a rule says nothing about it. */
static void at_end(void)
{
	enum docs_rule rule;
	bool all = true;

	for (rule = 0; rule < DOCS_RULES; rule++)
		all &= reached(rule == DOCS_CUT_SHORT ? "cut short" : names[rule], told[rule]);
	all &= reached("match data alone, taken", taken_alone);
	all &= reached("record without queues, taken", taken_empty);
	all &= reached("record with queues, taken", taken_with_queues);
	if (!all) {
		fprintf(stderr, "not all that docs/stream.md says was tried\n");
		_exit(1);
	}
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	(void)argc;
	(void)argv;
	return atexit(at_end);
}
