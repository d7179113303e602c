// SPDX-License-Identifier: GPL-2.0-only
/*
 * docs/stream.md as a program. Offsets are those of its table "Composed".
 *
 * Of several rules that a stream breaks the page doesn't say which one is told.
 * It says that EOPNOTSUPP stands for a well-formed record, so what is malformed
 * goes before what does not fit; and a format that is not taken has no fields
 * that could be looked at. Within what is left, any broken rule may be told.
 */
#include <errno.h>
#include <string.h>

#include "stream_docs.h"

#define V1	0xcdcdcdcdfeedaaccull
#define V2	0xaaccfeeddecadedeull
#define BROKEN(rule)	(1u << (rule))

static uint64_t little(const uint8_t *bytes, size_t at, size_t width)
{
	uint64_t value = 0;

	while (width--)
		value = value << 8 | bytes[at + width];
	return value;
}

static uint64_t magic(const uint8_t *b)
{
	return little(b, 0, 8);
}

static uint64_t state(const uint8_t *b)
{
	return little(b, 24, 4);
}

/* Dwords 2:1 of the context at this offset. */
static uint64_t ring(const uint8_t *b, size_t context)
{
	return little(b, context + 4, 8);
}

static uint64_t eq_ring(const uint8_t *b)
{
	return ring(b, 64);
}

static uint64_t aeq_ring(const uint8_t *b)
{
	return ring(b, 92);
}

/* 0: not known, or not said. */
static uint64_t bar2(const uint8_t *b)
{
	return magic(b) == V2 && little(b, 30, 2) >= 1 ? little(b, 32, 4) : 0;
}

static unsigned int addresses(const uint8_t *b)
{
	unsigned int set = 0;
	size_t at;

	for (at = 144; at < DOCS_RECORD; at += 8)
		set += little(b, at, 8) != 0;
	return set;
}

int docs_errno(enum docs_rule rule)
{
	switch (rule) {
	case DOCS_MAJOR:
	case DOCS_DEV_ID:
	case DOCS_QP_NUM:
	case DOCS_ISOLATION:
	case DOCS_BAR2:
	case DOCS_REFUSED_V1:
		return -EOPNOTSUPP;
	default:
		return -EINVAL;
	}
}

static unsigned int broken_match(const uint8_t *b, const struct docs_vf *vf)
{
	unsigned int broken = 0;

	if (magic(b) != V1 && magic(b) != V2)
		return BROKEN(DOCS_MAGIC);
	if (magic(b) == V1 && vf->refuse_v1)
		return BROKEN(DOCS_REFUSED_V1);
	if (magic(b) == V2 && little(b, 28, 2) != 1)
		return BROKEN(DOCS_MAJOR);
	if (state(b) > 1)
		return BROKEN(DOCS_STATE);

	if (little(b, 12, 4) != vf->dev_id)
		broken |= BROKEN(DOCS_DEV_ID);
	if (little(b, 8, 4) != vf->qp_num)
		broken |= BROKEN(DOCS_QP_NUM);
	if (little(b, 16, 4) != vf->que_iso_cfg)
		broken |= BROKEN(DOCS_ISOLATION);
	if (bar2(b) && bar2(b) != vf->bar2_size)
		broken |= BROKEN(DOCS_BAR2);
	return broken;
}

static void put_ring(uint8_t *b, size_t to, size_t context)
{
	memcpy(b + to, b + context + 4, 8);
}

static unsigned int broken_addresses(uint8_t *b)
{
	unsigned int broken = 0;

	if (magic(b) == V1) {
		put_ring(b, 144, 64);
		put_ring(b, 152, 92);
	}
	if (little(b, 144, 8) != eq_ring(b))
		broken |= BROKEN(DOCS_EQ_ADDRESS);
	if (little(b, 152, 8) != aeq_ring(b))
		broken |= BROKEN(DOCS_AEQ_ADDRESS);
	if (addresses(b) % 4)
		broken |= BROKEN(DOCS_SOME_ADDRESSES);
	if (addresses(b) && state(b) == 1)
		broken |= BROKEN(DOCS_NOT_READY);
	return broken;
}

/*
 * The rules that the stream breaks with these bytes; 0 if they are taken. All of
 * them have one errno, with which the stream stays refused.
 */
unsigned int docs_write(struct docs_stream *stream, const uint8_t *data, size_t len,
			const struct docs_vf *vf)
{
	size_t had = stream->len;
	unsigned int broken = 0;
	enum docs_rule rule;

	if (len > DOCS_RECORD - had) {
		broken = BROKEN(DOCS_TOO_LONG);
	} else {
		memcpy(stream->bytes + had, data, len);
		if (had < DOCS_MATCH && had + len >= DOCS_MATCH)
			broken = broken_match(stream->bytes, vf);
		if (!broken && len && had + len == DOCS_RECORD)
			broken = broken_addresses(stream->bytes);
	}
	if (!broken)
		stream->len += len;
	for (rule = 0; rule < DOCS_RULES; rule++) {
		if (broken & BROKEN(rule))
			stream->err = docs_errno(rule);
	}
	return broken;
}

/* RESUMING ends here. */
unsigned int docs_finish(const struct docs_stream *stream)
{
	if (stream->len == DOCS_MATCH || stream->len == DOCS_RECORD)
		return 0;
	return BROKEN(DOCS_CUT_SHORT);
}

/* What is told of a rule that is broken by len bytes more than stream->len. */
struct docs_field docs_field(enum docs_rule rule, const struct docs_stream *stream,
			     size_t len, const struct docs_vf *vf)
{
	const uint8_t *b = stream->bytes;

	switch (rule) {
	case DOCS_MAGIC:
	case DOCS_REFUSED_V1:
		return (struct docs_field){ magic(b), V2 };
	case DOCS_MAJOR:
		return (struct docs_field){ little(b, 28, 2), 1 };
	case DOCS_STATE:
	case DOCS_NOT_READY:
		return (struct docs_field){ state(b), 0 };
	case DOCS_DEV_ID:
		return (struct docs_field){ little(b, 12, 4), vf->dev_id };
	case DOCS_QP_NUM:
		return (struct docs_field){ little(b, 8, 4), vf->qp_num };
	case DOCS_ISOLATION:
		return (struct docs_field){ little(b, 16, 4), vf->que_iso_cfg };
	case DOCS_BAR2:
		return (struct docs_field){ bar2(b), vf->bar2_size };
	case DOCS_EQ_ADDRESS:
		return (struct docs_field){ little(b, 144, 8), eq_ring(b) };
	case DOCS_AEQ_ADDRESS:
		return (struct docs_field){ little(b, 152, 8), aeq_ring(b) };
	case DOCS_SOME_ADDRESSES:
		return (struct docs_field){ addresses(b), 4 };
	case DOCS_TOO_LONG:
		/* More than can be counted is told as the most that can be. */
		if (len > UINT64_MAX - stream->len)
			return (struct docs_field){ UINT64_MAX, DOCS_RECORD };
		return (struct docs_field){ stream->len + len, DOCS_RECORD };
	default:
		return (struct docs_field){ stream->len, DOCS_RECORD };
	}
}

bool docs_has_queues(const struct docs_stream *stream)
{
	return stream->len == DOCS_RECORD && addresses(stream->bytes);
}

/* Once the match data are there. */
enum docs_remark docs_remark(const struct docs_stream *stream)
{
	if (stream->len < DOCS_MATCH)
		return DOCS_NO_REMARK;
	if (magic(stream->bytes) == V1)
		return DOCS_REMARK_V1;
	return bar2(stream->bytes) ? DOCS_NO_REMARK : DOCS_REMARK_BAR2;
}
