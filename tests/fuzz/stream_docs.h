/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * docs/stream.md as a program: what a destination has to say to a stream. It was
 * written from that page, apart from the driver's parser, and includes none of
 * the driver's headers; where the two differ, one of them is wrong.
 */
#ifndef STREAM_DOCS_H
#define STREAM_DOCS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DOCS_MATCH	40
#define DOCS_RECORD	176

/* The table under "Validated", in its order, but for what the fd itself sees. */
enum docs_rule {
	DOCS_MAGIC,
	DOCS_MAJOR,
	DOCS_STATE,
	DOCS_DEV_ID,
	DOCS_QP_NUM,
	DOCS_ISOLATION,
	DOCS_BAR2,
	DOCS_EQ_ADDRESS,
	DOCS_AEQ_ADDRESS,
	DOCS_SOME_ADDRESSES,
	DOCS_NOT_READY,
	DOCS_TOO_LONG,
	DOCS_CUT_SHORT,
	DOCS_REFUSED_V1,	/* "Older senders" */
	DOCS_RULES
};

enum docs_remark {
	DOCS_NO_REMARK,
	DOCS_REMARK_V1,
	DOCS_REMARK_BAR2,
};

/* What the VF is that shall take the stream. */
struct docs_vf {
	uint32_t dev_id;
	uint32_t qp_num;
	uint32_t que_iso_cfg;
	uint32_t bar2_size;
	bool refuse_v1;
};

struct docs_stream {
	uint8_t bytes[DOCS_RECORD];
	size_t len;
	int err;
};

/* A field that is refused, as the log has it. */
struct docs_field {
	uint64_t theirs;
	uint64_t ours;
};

int docs_errno(enum docs_rule rule);
unsigned int docs_write(struct docs_stream *stream, const uint8_t *data, size_t len,
			const struct docs_vf *vf);
unsigned int docs_finish(const struct docs_stream *stream);
struct docs_field docs_field(enum docs_rule rule, const struct docs_stream *stream,
			     size_t len, const struct docs_vf *vf);
bool docs_has_queues(const struct docs_stream *stream);
enum docs_remark docs_remark(const struct docs_stream *stream);

#endif /* STREAM_DOCS_H */
