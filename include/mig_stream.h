/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The bytes of a migration, without a device: what mig_stream.c offers to the
 * module and, compiled for user space, to the operator's tool, so that both
 * judge a stream by the same rules.
 */
#ifndef MIG_STREAM_H
#define MIG_STREAM_H

#ifdef __KERNEL__
#include <linux/limits.h>
#include <linux/types.h>
#include <asm/byteorder.h>
#else
#include "../tools/kernel.h"
#endif

#include "mig_record.h"

/* What decides whether a VF can take a record. Constant while it is open. */
struct mig_match {
	u32 dev_id;
	u32 qp_num;
	u32 qp_base;
	u32 que_iso_cfg;
	u32 bar2_size;		/* as shown to the guest */
	bool refuse_v1;		/* take no streams of V1 senders */
};

/* Why a record was refused. */
struct mig_refusal {
	const char *what;
	u64 theirs;
	u64 ours;
};

/* A record that arrives in pieces. */
struct mig_stream {
	union {
		struct mig_record rec;
		u8 bytes[MIG_RECORD_BYTES];
	};
	size_t len;
	int err;		/* sticky */
};

/* Ring addresses are kept twice: as a field and in dwords 1 and 2 of a context. */
static inline u64 mig_xqc_ring(const __le32 *xqc)
{
	return (u64)le32_to_cpu(xqc[2]) << 32 | le32_to_cpu(xqc[1]);
}

void mig_stream_put_match(struct mig_record *rec, const struct mig_match *match);
int mig_stream_write(struct mig_stream *stream, const void *data, size_t len,
		     const struct mig_match *here, struct mig_refusal *why);
int mig_stream_finish(const struct mig_stream *stream, struct mig_refusal *why);
bool mig_stream_has_queues(const struct mig_stream *stream);
const char *mig_stream_remark(const struct mig_stream *stream);

#endif /* MIG_STREAM_H */
