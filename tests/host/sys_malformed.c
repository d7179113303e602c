// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records that can't be taken: each refused with the right errno, at the right
 * write, the hardware untouched; and records that look odd and are good.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"
#include "rig.h"
#include "suites.h"

#define JOBS	60

/* A field and what is written there instead. */
struct falsehood {
	const char *what;
	enum record_field field;
	uint64_t value;
	uint64_t xor;		/* if not 0: the true value with these bits turned */
	int err;		/* 0: the record is good all the same */
};

static const struct falsehood match_falsehoods[] = {
	{ "a magic of 0", REC_MAGIC, 0, 0, -EINVAL },
	{ "a magic with one bit wrong", REC_MAGIC, 0, 1, -EINVAL },
	{ "a magic of all ones", REC_MAGIC, ~0ull, 0, -EINVAL },
	{ "major version 0", REC_MAJOR, 0, 0, -EOPNOTSUPP },
	{ "major version 2", REC_MAJOR, 2, 0, -EOPNOTSUPP },
	{ "the device id of a SEC VF", REC_DEV_ID, PCI_DEVICE_SEC_VF, 0,
	  -EOPNOTSUPP },
	{ "the device id of a ZIP PF", REC_DEV_ID, PCI_DEVICE_ZIP_PF, 0,
	  -EOPNOTSUPP },
	{ "another number of queue pairs", REC_QP_NUM, 0, 1, -EOPNOTSUPP },
	{ "200000 queue pairs", REC_QP_NUM, 200000, 0, -EOPNOTSUPP },
	{ "another queue isolation", REC_QUE_ISO_CFG, 0, 1, -EOPNOTSUPP },
	{ "a readiness that does not exist", REC_VF_QM_STATE, 2, 0, -EINVAL },
	{ "another BAR2 size", REC_BAR2_SIZE, 0x4000, 0, -EOPNOTSUPP },
};

static const struct falsehood record_falsehoods[] = {
	{ "an EQ ring that the EQC does not know", REC_EQE_DMA, 0, 0x1000,
	  -EINVAL },
	{ "an EQC that the EQ ring does not know", REC_EQC_DW1, 0, 0x1000,
	  -EINVAL },
	{ "a high half of the EQC that is another", REC_EQC_DW2, 0, 1, -EINVAL },
	{ "an AEQ ring that the AEQC does not know", REC_AEQE_DMA, 0, 0x1000,
	  -EINVAL },
	{ "an AEQC that the AEQ ring does not know", REC_AEQC_DW1, 0, 0x1000,
	  -EINVAL },
	{ "a high half of the AEQC that is another", REC_AEQC_DW2, 0, 1,
	  -EINVAL },
	{ "queues of a driver that was not ready", REC_VF_QM_STATE, 1, 0,
	  -EINVAL },
	{ "no EQ ring", REC_EQE_DMA, 0, 0, -EINVAL },
	{ "no AEQ ring", REC_AEQE_DMA, 0, 0, -EINVAL },
	{ "no SQC table", REC_SQC_DMA, 0, 0, -EINVAL },
	{ "no CQC table", REC_CQC_DMA, 0, 0, -EINVAL },
};

static const struct falsehood harmless_falsehoods[] = {
	{ "a queue base of another PF", REC_QP_BASE, 12345, 0, 0 },
	{ "a minor version still to come", REC_MINOR, 7, 0, 0 },
	{ "a BAR2 size that the source did not know", REC_BAR2_SIZE, 0, 0, 0 },
	{ "a reserved match word still to come", REC_RSV_MATCH, 5, 0, 0 },
};

static void falsify(void *record, const struct falsehood *lie)
{
	uint64_t value = lie->xor ? record_get(record, lie->field) ^ lie->xor :
				    lie->value;

	record_set(record, lie->field, value);
}

/* A good record of a guest at work, whose source stays in STOP. */
static struct job_guest *good_record(enum rig_role role,
				     struct mig_stream *stream)
{
	struct job_guest *z = rig_busy_guest(rig_open(role, 0), JOBS);

	check_ok(mig_save(z->qm.home, stream, NULL));
	check_eq(stream->len, RECORD_SIZE, "bytes of the good record");
	return z;
}

/* End a resuming session that is not to be finished. */
static void abandon(struct vfio_dev *v, int fd)
{
	close(fd);
	check_ok(vfio_dev_reset(v));
	rig_check_state(v, MIG_RUNNING);
}

/*
 * This record is refused once byte number at - 1 is written, not earlier, with
 * this errno, for good, and the hardware does not notice.
 */
static void check_refused(struct vfio_dev *to, const uint8_t *record, size_t at,
			  int err, const char *what)
{
	struct oracle_counts before, after;
	int fd, ret;

	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	oracle_counts(NULL, &before);
	ret = mig_write(fd, record, at - 1, at, NULL);
	check(!ret, "%s: refused too early, with %s", what, tap_errno(ret));
	ret = mig_write(fd, record + at - 1, 1, 1, NULL);
	check(ret == err, "%s: %s, should be %s", what, tap_errno(ret),
	      tap_errno(err));
	ret = mig_write(fd, record, 1, 1, NULL);
	check(ret == err, "%s: the next write() gives %s", what, tap_errno(ret));
	ret = mig_set_state(to, MIG_STOP, NULL);
	check(ret == err, "%s: RESUMING to STOP gives %s", what, tap_errno(ret));
	oracle_counts(NULL, &after);
	check(!oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE),
	      "%s: %llu MMIO writes", what, (unsigned long long)
	      oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE));
	rig_check_state(to, MIG_RESUMING);
	abandon(to, fd);
}

static void check_table(enum rig_role role, const struct falsehood *lies,
			size_t count, size_t at)
{
	struct mig_stream stream, bad;
	struct job_guest *z = good_record(role, &stream);
	struct vfio_dev *to = rig_open(role, 1);
	size_t i;

	for (i = 0; i < count; i++) {
		bad = stream;
		falsify(bad.data, &lies[i]);
		check_refused(to, bad.data, at, lies[i].err, lies[i].what);
	}

	/* The destination takes the true record after all these. */
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void refuses_match_data(const void *arg)
{
	check_table(*(const enum rig_role *)arg, match_falsehoods,
		    ARRAY_SIZE(match_falsehoods), RECORD_MATCH_SIZE);
}

static void refuses_record(const void *arg)
{
	check_table(*(const enum rig_role *)arg, record_falsehoods,
		    ARRAY_SIZE(record_falsehoods), RECORD_SIZE);
}

/*
 * All lengths in one session: RESUMING to STOP is tried after each byte. The
 * match data alone are a record of their own, see takes_match_data_alone().
 */
static void refuses_every_length(const void *arg)
{
	struct mig_stream stream;
	struct job_guest *z = good_record(RIG_V3, &stream);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct oracle_counts before, after;
	size_t len;
	int fd, ret;

	(void)arg;
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	oracle_counts(NULL, &before);
	for (len = 0; len < RECORD_SIZE; len++) {
		if (len != RECORD_MATCH_SIZE) {
			ret = mig_set_state(to, MIG_STOP, NULL);
			check(ret == -EINVAL, "%zu bytes: %s, should be -EINVAL",
			      len, tap_errno(ret));
			rig_check_state(to, MIG_RESUMING);
		}
		check_ok(mig_write(fd, stream.data + len, 1, 1, NULL));
	}
	oracle_counts(NULL, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0,
		 "MMIO writes");

	/* 176 are right. */
	qm_guest_move(&z->qm, to);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	close(fd);
	rig_finish(z);
}

#define REFUSALS	60
#define BURST		10	/* lines that the kernel lets a device say in 5 s */

/* Whoever asks again and again does not fill the log of the host. */
static void refusals_are_limited(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	char line[KLOG_LINE_MAX];
	int fd, i, level, lines = 0;
	struct klog log;

	(void)arg;
	check_ok(mig_set_state(v, MIG_RESUMING, &fd));
	check_ok(klog_mark(&log));
	for (i = 0; i < REFUSALS; i++)
		check_err(mig_set_state(v, MIG_STOP, NULL), -EINVAL);
	while (klog_next(&log, &level, line, sizeof(line)))
		lines += level <= KLOG_ERR && strstr(line, v->func.bdf);
	klog_close(&log);
	check(lines > 0, "the log does not say why");
	/* Twice as many where a new interval has begun meanwhile. */
	check(lines <= 2 * BURST, "%d lines in the log for %d refusals", lines, REFUSALS);
	abandon(v, fd);
}

/* An in-tree source may say "ready" in them before it knows better. */
static void takes_match_data_alone(const void *arg)
{
	struct mig_stream stream;
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct job_guest *z;

	(void)arg;
	good_record(RIG_V3, &stream);
	stream.len = RECORD_MATCH_SIZE;
	check_eq(record_get(stream.data, REC_VF_QM_STATE), 0, "vf_qm_state");
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	z = rig_guest(to, JOBS);
	rig_finish(z);
}

static void refuses_byte_177(const void *arg)
{
	struct mig_stream stream;
	struct job_guest *z = good_record(RIG_V3, &stream);
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	int fd;

	(void)arg;
	stream.data[RECORD_SIZE] = 0;
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_err(mig_write(fd, stream.data, RECORD_SIZE + 1, MIG_STREAM_MAX,
			    NULL), -EINVAL);
	check_err(mig_set_state(to, MIG_STOP, NULL), -EINVAL);
	abandon(to, fd);

	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_ok(mig_write(fd, stream.data, RECORD_SIZE, MIG_STREAM_MAX, NULL));
	check_err(mig_write(fd, stream.data, 1, 1, NULL), -EINVAL);
	check_err(mig_set_state(to, MIG_STOP, NULL), -EINVAL);
	abandon(to, fd);

	check_ok(mig_set_state(z->qm.home, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void takes_odd_records(const void *arg)
{
	size_t i;

	(void)arg;
	for (i = 0; i < ARRAY_SIZE(harmless_falsehoods); i++) {
		struct mig_stream stream;
		struct job_guest *z = good_record(RIG_V3, &stream);
		struct vfio_dev *from = z->qm.home, *to = rig_open(RIG_V3, 1);
		int ret;

		falsify(stream.data, &harmless_falsehoods[i]);
		qm_guest_move(&z->qm, to);
		ret = mig_load(to, &stream, NULL);
		check(!ret, "%s: %s", harmless_falsehoods[i].what,
		      tap_errno(ret));
		check_ok(mig_set_state(to, MIG_RUNNING, NULL));
		rig_finish(z);
		vfio_dev_close(from);
		vfio_dev_close(to);
	}
}

/* What an older in-tree driver sends: V1, whose ring addresses are wrong. */
static struct job_guest *v1_record(enum rig_role role, struct mig_stream *stream)
{
	struct job_guest *z = good_record(role, stream);

	record_set(stream->data, REC_MAGIC, RECORD_MAGIC_V1);
	record_set(stream->data, REC_MAJOR, 0);
	record_set(stream->data, REC_MINOR, 0);
	record_set(stream->data, REC_BAR2_SIZE, 0);
	record_set(stream->data, REC_EQE_DMA, 0x4711);
	record_set(stream->data, REC_AEQE_DMA, 0x4712);
	return z;
}

/* The last line of the log since the mark that says this is about this VF. */
static void check_said(struct klog *log, const char *words, const struct pci_func *vf)
{
	char line[KLOG_LINE_MAX];
	bool said = klog_find_last(log, words, line, sizeof(line));

	klog_close(log);
	check(said && strstr(line, vf->bdf), "the log does not say of %s: %s", vf->bdf, words);
}

static void takes_v1(const void *arg)
{
	struct mig_stream stream;
	struct job_guest *z = v1_record(*(const enum rig_role *)arg, &stream);
	struct vfio_dev *to = rig_open(*(const enum rig_role *)arg, 1);
	struct klog log;

	qm_guest_move(&z->qm, to);
	check_ok(klog_mark(&log));
	check_ok(mig_load(to, &stream, NULL));
	check_said(&log, "V1 stream: ", &to->func);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

static void refuses_v1_if_told_to(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct mig_stream stream, good;
	struct vfio_dev *to;
	struct job_guest *z;
	struct klog log;
	int fd;

	rig_use_module(MODULE_OURS, "refuse_v1=Y");
	z = v1_record(role, &stream);
	to = rig_open(role, 1);
	check_ok(klog_mark(&log));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	check_err(mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL), -EOPNOTSUPP);
	check_said(&log, "magic of V1", &to->func);
	abandon(to, fd);
	/* And no other. */
	check_ok(mig_set_state(z->qm.home, MIG_RUNNING, NULL));
	check_ok(mig_save(z->qm.home, &good, NULL));
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &good, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* What the in-tree driver sends says nothing of the guest's BAR2. */
static void tells_of_minor_0(const void *arg)
{
	struct mig_stream stream;
	struct job_guest *z = good_record(*(const enum rig_role *)arg, &stream);
	struct vfio_dev *to = rig_open(*(const enum rig_role *)arg, 1);
	struct klog log;

	record_set(stream.data, REC_MINOR, 0);
	record_set(stream.data, REC_BAR2_SIZE, 0);
	qm_guest_move(&z->qm, to);
	check_ok(klog_mark(&log));
	check_ok(mig_load(to, &stream, NULL));
	check_said(&log, "stream without BAR2 size", &to->func);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* Older kernels: 176 bytes with no address stand for a driver not ready. */
static void takes_zero_addresses(const void *arg)
{
	static const enum record_field addresses[] = {
		REC_EQE_DMA, REC_AEQE_DMA, REC_SQC_DMA, REC_CQC_DMA,
		REC_EQC_DW1, REC_EQC_DW2, REC_AEQC_DW1, REC_AEQC_DW2,
	};
	struct vfio_dev *to = rig_open(RIG_V3, 1);
	struct oracle_counts before, after;
	struct mig_stream stream;
	struct job_guest *z;
	size_t i;

	(void)arg;
	good_record(RIG_V3, &stream);
	for (i = 0; i < ARRAY_SIZE(addresses); i++)
		record_set(stream.data, addresses[i], 0);
	check_ok(mig_load(to, &stream, NULL));
	oracle_counts(NULL, &before);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	oracle_counts(NULL, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_DOORBELL), 0,
		 "doorbells rung for a driver that was not ready");
	z = rig_guest(to, JOBS);
	rig_finish(z);
}

/* The check belongs to one session: nothing of a good one helps the next. */
static void second_session_is_checked(const void *arg)
{
	struct mig_stream stream, bad;
	struct job_guest *z = good_record(RIG_V3, &stream);
	struct vfio_dev *from = z->qm.home, *to = rig_open(RIG_V3, 1);

	(void)arg;
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);

	/* Still the same open device, and again with no reset in between. */
	check_ok(mig_save(to, &stream, NULL));
	bad = stream;
	record_set(bad.data, REC_QP_NUM, 200000);
	check_refused(to, bad.data, RECORD_MATCH_SIZE, -EOPNOTSUPP,
		      "200000 queue pairs in a second session");
	bad = stream;
	record_set(bad.data, REC_MAGIC, 0);
	check_refused(to, bad.data, RECORD_MATCH_SIZE, -EINVAL,
		      "a bad magic in a third session");
	(void)from;
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_malformed_tests[] = {
	{ "V3 refuses wrong match data, hardware untouched",
	  refuses_match_data, &v3 },
	{ "V4 refuses wrong match data, hardware untouched",
	  refuses_match_data, &v4 },
	{ "V3 refuses a malformed record, hardware untouched",
	  refuses_record, &v3 },
	{ "V4 refuses a malformed record, hardware untouched",
	  refuses_record, &v4 },
	{ "refusals again and again do not fill the log", refusals_are_limited, NULL },
	{ "every length from 0 to 175 is refused, 40 aside",
	  refuses_every_length, NULL },
	{ "40 bytes mean a driver that was not ready", takes_match_data_alone,
	  NULL },
	{ "byte 177 is refused", refuses_byte_177, NULL },
	{ "odd values in fields that do not matter are taken",
	  takes_odd_records, NULL },
	{ "a V1 record with wrong ring addresses is taken on V3", takes_v1, &v3 },
	{ "a V1 record with wrong ring addresses is taken on V4", takes_v1, &v4 },
	{ "a V1 record is refused with refuse_v1", refuses_v1_if_told_to, &v3 },
	{ "a record without BAR2 size is taken and told of", tells_of_minor_0, &v4 },
	{ "176 bytes with no address mean a driver that was not ready",
	  takes_zero_addresses, NULL },
	{ "a second session is checked like the first",
	  second_session_is_checked, NULL },
	{ NULL, NULL, NULL },
};
