// SPDX-License-Identifier: GPL-2.0-only
/*
 * The bytes of a migration: writing a record's head, taking a record in pieces
 * of any size, and refusing what is malformed or what this VF cannot be.
 *
 * Nothing here knows a device, a file or a lock; the operator's tool compiles it
 * for user space. All that can be refused is refused on arrival: the match data
 * when their last byte is in, the rest when the record is complete. A VMM runs
 * RESUMING -> STOP inside its VM start, where an error comes too late to reach
 * the source.
 */
#include <linux/errno.h>
#include <linux/string.h>

#include "include/mig_stream.h"

static int refuse(struct mig_refusal *why, int err, const char *what,
		  u64 theirs, u64 ours)
{
	*why = (struct mig_refusal){ what, theirs, ours };
	return err;
}

static bool mig_record_is_v1(const struct mig_record *rec)
{
	return le64_to_cpu(rec->magic) == MIG_MAGIC_V1;
}

/**
 * mig_stream_put_match() - write the match data of a VF into a record
 * @rec: the record; only the match data are written
 * @match: what the VF is
 *
 * The readiness of the guest's driver is left as "ready", which is what a
 * source has to say as long as it does not know better.
 *
 * Context: any.
 */
void mig_stream_put_match(struct mig_record *rec, const struct mig_match *match)
{
	rec->magic = cpu_to_le64(MIG_MAGIC_V2);
	rec->qp_num = cpu_to_le32(match->qp_num);
	rec->dev_id = cpu_to_le32(match->dev_id);
	rec->que_iso_cfg = cpu_to_le32(match->que_iso_cfg);
	rec->qp_base = cpu_to_le32(match->qp_base);
	rec->vf_qm_state = cpu_to_le32(MIG_VF_READY);
	rec->major = cpu_to_le16(MIG_MAJOR);
	rec->minor = cpu_to_le16(MIG_MINOR);
	rec->bar2_size = cpu_to_le32(match->bar2_size);
	rec->rsv_match = 0;
}

static int check_format(const struct mig_record *rec, const struct mig_match *here,
			struct mig_refusal *why)
{
	u64 magic = le64_to_cpu(rec->magic);

	if (magic == MIG_MAGIC_V1 && here->refuse_v1)
		return refuse(why, -EOPNOTSUPP, "magic of V1", magic, MIG_MAGIC_V2);
	if (magic == MIG_MAGIC_V1)
		return 0;
	if (magic != MIG_MAGIC_V2)
		return refuse(why, -EINVAL, "magic", magic, MIG_MAGIC_V2);
	if (le16_to_cpu(rec->major) != MIG_MAJOR)
		return refuse(why, -EOPNOTSUPP, "major version",
			      le16_to_cpu(rec->major), MIG_MAJOR);
	return 0;
}

/* The source says from minor 1 on what its guest sees; before, it is unknown. */
static u32 known_bar2_size(const struct mig_record *rec)
{
	if (mig_record_is_v1(rec) || le16_to_cpu(rec->minor) < 1)
		return 0;
	return le32_to_cpu(rec->bar2_size);
}

static int check_match(const struct mig_record *rec, const struct mig_match *here,
		       struct mig_refusal *why)
{
	u32 state = le32_to_cpu(rec->vf_qm_state);
	u32 bar2_size = known_bar2_size(rec);
	int ret;

	ret = check_format(rec, here, why);
	if (ret)
		return ret;
	if (state != MIG_VF_READY && state != MIG_VF_NOT_READY)
		return refuse(why, -EINVAL, "guest driver state", state, MIG_VF_READY);
	if (le32_to_cpu(rec->dev_id) != here->dev_id)
		return refuse(why, -EOPNOTSUPP, "PCI device id",
			      le32_to_cpu(rec->dev_id), here->dev_id);
	if (le32_to_cpu(rec->qp_num) != here->qp_num)
		return refuse(why, -EOPNOTSUPP, "queue pair number",
			      le32_to_cpu(rec->qp_num), here->qp_num);
	if (le32_to_cpu(rec->que_iso_cfg) != here->que_iso_cfg)
		return refuse(why, -EOPNOTSUPP, "queue isolation",
			      le32_to_cpu(rec->que_iso_cfg), here->que_iso_cfg);
	if (bar2_size && bar2_size != here->bar2_size)
		return refuse(why, -EOPNOTSUPP, "BAR2 size", bar2_size,
			      here->bar2_size);
	return 0;
}

/* How many of the four queue memory addresses are set. */
static unsigned int count_queue_addrs(const struct mig_record *rec)
{
	return !!rec->eqe_dma + !!rec->aeqe_dma + !!rec->sqc_dma + !!rec->cqc_dma;
}

static int check_state(struct mig_record *rec, struct mig_refusal *why)
{
	u64 eqe = mig_xqc_ring(rec->eqc);
	u64 aeqe = mig_xqc_ring(rec->aeqc);
	unsigned int addrs;

	/* V1 senders compute these two wrongly. */
	if (mig_record_is_v1(rec)) {
		rec->eqe_dma = cpu_to_le64(eqe);
		rec->aeqe_dma = cpu_to_le64(aeqe);
	}
	if (le64_to_cpu(rec->eqe_dma) != eqe)
		return refuse(why, -EINVAL, "EQ address",
			      le64_to_cpu(rec->eqe_dma), eqe);
	if (le64_to_cpu(rec->aeqe_dma) != aeqe)
		return refuse(why, -EINVAL, "AEQ address",
			      le64_to_cpu(rec->aeqe_dma), aeqe);

	addrs = count_queue_addrs(rec);
	if (addrs != 0 && addrs != 4)
		return refuse(why, -EINVAL, "number of queue addresses", addrs, 4);
	if (addrs && rec->vf_qm_state != cpu_to_le32(MIG_VF_READY))
		return refuse(why, -EINVAL, "guest driver state with queues",
			      le32_to_cpu(rec->vf_qm_state), MIG_VF_READY);
	return 0;
}

/**
 * mig_stream_write() - take the next bytes of a record
 * @stream: where they are collected; all zero at first
 * @data: the bytes; need not be there beyond MIG_RECORD_BYTES
 * @len: how many
 * @here: what the VF is that shall take the record
 * @why: set when something is refused
 *
 * Any split of the stream works. Of a refused piece nothing is taken, and the
 * stream stays refused with the same error.
 *
 * Context: any; calls on one stream must be serialised.
 * Return: 0, -EINVAL for a malformed record, -EOPNOTSUPP for one that the VF
 * cannot take.
 */
int mig_stream_write(struct mig_stream *stream, const void *data, size_t len,
		     const struct mig_match *here, struct mig_refusal *why)
{
	size_t had = stream->len;
	size_t has = had + len;

	if (stream->err)
		return refuse(why, stream->err, NULL, 0, 0);

	if (len > MIG_RECORD_BYTES - had) {
		stream->err = refuse(why, -EINVAL, "length",
				     has < had ? U64_MAX : has, MIG_RECORD_BYTES);
		return stream->err;
	}

	memcpy(stream->bytes + had, data, len);
	if (had < MIG_MATCH_BYTES && has >= MIG_MATCH_BYTES)
		stream->err = check_match(&stream->rec, here, why);
	if (!stream->err && had < MIG_RECORD_BYTES && has == MIG_RECORD_BYTES)
		stream->err = check_state(&stream->rec, why);
	if (!stream->err)
		stream->len = has;
	return stream->err;
}

/**
 * mig_stream_finish() - the sender is done: is it a whole record?
 * @stream: what has arrived
 * @why: set when it is not
 *
 * Context: any.
 * Return: 0 for the match data alone or a full record, the error of a stream
 * that was refused, -EINVAL for any other length.
 */
int mig_stream_finish(const struct mig_stream *stream, struct mig_refusal *why)
{
	if (stream->err)
		return refuse(why, stream->err, NULL, 0, 0);
	if (stream->len != MIG_MATCH_BYTES && stream->len != MIG_RECORD_BYTES)
		return refuse(why, -EINVAL, "length", stream->len, MIG_RECORD_BYTES);
	return 0;
}

/**
 * mig_stream_has_queues() - is there state to load?
 * @stream: a finished stream
 *
 * A source whose guest driver was not ready sends the match data alone; older
 * kernels send a full record whose queue addresses are all zero.
 *
 * Context: any.
 * Return: true if the record describes queues in memory.
 */
bool mig_stream_has_queues(const struct mig_stream *stream)
{
	return stream->len == MIG_RECORD_BYTES && count_queue_addrs(&stream->rec) == 4;
}

static const char remark_v1[] = {
	"V1 stream: event queue addresses are computed anew, queue contexts may be older than the guest's memory, BAR2 size is not compared"
};

static const char remark_no_bar2_size[] = {
	"stream without BAR2 size: that the guest sees as much of BAR2 here is not compared"
};

/**
 * mig_stream_remark() - what whoever takes a stream should know of it
 * @stream: a stream whose match data have been taken
 *
 * Context: any.
 * Return: one sentence without an end, or NULL where there is nothing to say.
 */
const char *mig_stream_remark(const struct mig_stream *stream)
{
	if (stream->len < MIG_MATCH_BYTES)
		return NULL;
	if (mig_record_is_v1(&stream->rec))
		return remark_v1;
	if (!known_bar2_size(&stream->rec))
		return remark_no_bar2_size;
	return NULL;
}
