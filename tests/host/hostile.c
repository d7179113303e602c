// SPDX-License-Identifier: GPL-2.0-only
/*
 * Records of an enemy, by the data fd of a VF: whatever is in them and in
 * whatever pieces they come, each write() is answered as docs/stream.md has it
 * (tests/fuzz/stream_docs.c), and nothing of it reaches the hardware.
 * The kernel command line may have hacc.seed=N and hacc.records=N.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "../fuzz/stream_docs.h"
#include "rig.h"
#include "suites.h"

#define DEFAULT_SEED	1
#define DEFAULT_RECORDS	300	/* after each the VF is reset, which takes 0.1 s */
#define LONGEST		(DOCS_RECORD + 24)
#define JOBS		20

struct enemy {
	uint32_t seed;
	uint8_t record[LONGEST];
	size_t len;
};

static uint32_t dice(struct enemy *e, uint32_t sides)
{
	e->seed = e->seed * 1103515245 + 12345;
	return (e->seed >> 8) % sides;
}

/* A good record with up to four lies in it, and in one of four of another length. */
static void forge(struct enemy *e, const uint8_t *good)
{
	static const uint64_t values[] = { 0, 1, 2, 0xffff, ~0ull, RECORD_MAGIC_V1, 0x1000 };
	uint32_t lies = dice(e, 5);
	size_t at, bytes;

	memset(e->record, dice(e, 256), sizeof(e->record));
	memcpy(e->record, good, DOCS_RECORD);
	while (lies--) {
		/* More of them where there is most to say */
		at = dice(e, 3) ? dice(e, DOCS_MATCH) : dice(e, DOCS_RECORD);
		bytes = 1u << dice(e, 4);
		at -= at % bytes;
		if (dice(e, 2))
			e->record[at] ^= 1u << dice(e, 8);
		else
			memcpy(e->record + at, &values[dice(e, ARRAY_SIZE(values))], bytes);
	}
	e->len = dice(e, 4) ? DOCS_RECORD : dice(e, LONGEST);
}

/* What the table of docs/stream.md says to it, and what write() said. */
static int send_pieces(struct enemy *e, int fd, const struct docs_vf *vf)
{
	struct docs_stream docs = { 0 };
	size_t done, len;
	int ret;

	for (done = 0; done < e->len && !docs.err; done += len) {
		len = 1 + dice(e, dice(e, 2) ? 8 : LONGEST);
		if (len > e->len - done)
			len = e->len - done;
		docs_write(&docs, e->record + done, len, vf);
		ret = mig_write(fd, e->record + done, len, len, NULL);
		check(ret == docs.err, "%zu bytes after %zu: %s, should be %s", len, done,
		      tap_errno(ret), tap_errno(docs.err));
	}
	return docs.err ?: docs_finish(&docs) ? docs_errno(DOCS_CUT_SHORT) : 0;
}

static void refuses_an_enemy(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	long records = rig_parameter("hacc.records=", DEFAULT_RECORDS), refused = 0, n;
	struct enemy e = { .seed = rig_parameter("hacc.seed=", DEFAULT_SEED) };
	struct job_guest *z = rig_busy_guest(rig_open(role, 0), JOBS);
	struct vfio_dev *to = rig_open(role, 1);
	struct oracle_counts before, after;
	struct mig_stream good;
	struct docs_vf vf;
	int fd, err, ret;

	check_ok(mig_save(z->qm.home, &good, NULL));
	check_eq(good.len, DOCS_RECORD, "bytes of the good record");
	vf = (struct docs_vf){
		.dev_id = record_get(good.data, REC_DEV_ID),
		.qp_num = record_get(good.data, REC_QP_NUM),
		.que_iso_cfg = record_get(good.data, REC_QUE_ISO_CFG),
		.bar2_size = record_get(good.data, REC_BAR2_SIZE),
	};
	for (n = 0; n < records; n++) {
		forge(&e, good.data);
		check_ok(mig_set_state(to, MIG_RESUMING, &fd));
		oracle_counts(NULL, &before);
		err = send_pieces(&e, fd, &vf);
		if (err) {
			refused++;
			ret = mig_set_state(to, MIG_STOP, NULL);
			check(ret == err, "record %ld, RESUMING to STOP: %s, should be %s", n,
			      tap_errno(ret), tap_errno(err));
			rig_check_state(to, MIG_RESUMING);
		}
		oracle_counts(NULL, &after);
		check(!oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE),
		      "record %ld: %llu MMIO writes", n, (unsigned long long)
		      oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE));
		close(fd);
		check_ok(vfio_dev_reset(to));
	}
	tap_note("%ld of %ld records were refused", refused, records);
	check(refused > records / 2 && refused < records, "all are of one kind");

	/* The true one is taken after all these. */
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &good, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

static const enum rig_role v3 = RIG_V3;

const struct tap_test hostile_tests[] = {
	{ "hostile records are answered as documented, and none touches a V3 VF",
	  refuses_an_enemy, &v3 },
	{ NULL, NULL, NULL },
};
