// SPDX-License-Identifier: GPL-2.0-only
/*
 * The demonstration: a VF with jobs in flight moves to another function, and
 * what that took. For people to read; the exit status says whether it is true.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define DEMO_JOBS	160

static void demo_table(const struct mig_log *log)
{
	uint64_t total_ns = 0;
	int i;

	printf("  %-22s %10s %7s %11s %12s\n", "arc", "time", "bytes",
	       "MMIO reads", "MMIO writes");
	for (i = 0; i < log->nr; i++) {
		const struct mig_arc *arc = &log->arcs[i];
		char bytes[24] = "";

		if (arc->bytes)
			snprintf(bytes, sizeof(bytes), "%zu", arc->bytes);
		printf("  %-22s %7llu us %7s %11llu %12llu\n", arc->name,
		       (unsigned long long)arc->time_ns / 1000, bytes,
		       (unsigned long long)arc->mmio_reads,
		       (unsigned long long)arc->mmio_writes);
		total_ns += arc->time_ns;
	}
	printf("  %-22s %7llu us\n", "all of it",
	       (unsigned long long)total_ns / 1000);
}

static void demo_move(enum rig_role role)
{
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	struct job_guest *z = rig_busy_guest(from, DEMO_JOBS);
	struct mig_stream stream;
	struct mig_log log = { 0 };
	int before = z->finished;
	uint32_t flying = oracle_get(&from->func, KPO_JOBS_IN_FLIGHT);

	printf("\n%s -> %s: the guest of VF %s goes on in VF %s\n",
	       rig_role_name(role), rig_role_name(role), from->func.bdf,
	       to->func.bdf);
	printf("  %d jobs sent to %d queue pairs, %d done, %u in the engines; pause!\n\n",
	       z->submitted, z->qm.nr_queues, before, flying);

	rig_move(z, to, &stream, &log);
	rig_finish(z);
	demo_table(&log);

	printf("\n  jobs: %d sent, %d done before, %d done after, %d results verified\n",
	       z->submitted, before, z->finished - before, z->finished);
	printf("  violations of the accelerator's rules: %u\n",
	       oracle_violations());
	check(!oracle_violations(), "the accelerator was misused");
}

/* A VF of a V4 part with the select bit set shows its guest another BAR2. */
static void demo_refuse(void)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0), *to = rig_open(RIG_V4, 0);
	struct job_guest *z = rig_guest(from, DEMO_JOBS);
	char reason[KLOG_LINE_MAX];
	struct mig_stream stream;
	struct klog log;
	int fd, ret;

	printf("\nV3 -> V4: VF %s to VF %s, which is to be refused\n",
	       from->func.bdf, to->func.bdf);
	check_ok(klog_mark(&log));
	check_ok(mig_save(from, &stream, NULL));
	check_ok(mig_set_state(to, MIG_RESUMING, &fd));
	ret = mig_write(fd, stream.data, stream.len, MIG_STREAM_MAX, NULL);
	close(fd);
	printf("  write() of %zu bytes to the destination: %s\n", stream.len,
	       tap_errno(ret));
	check_err(ret, -EOPNOTSUPP);
	if (klog_find_last(&log, to->func.bdf, reason, sizeof(reason)))
		printf("  kernel: %s\n", reason);
	else
		fail("the kernel's log does not say why");
	klog_close(&log);

	/* The source has lost nothing by it. */
	check_ok(mig_set_state(from, MIG_RUNNING, NULL));
	rig_finish(z);
	printf("  back at the source: %d jobs sent, %d done, %d results verified\n",
	       z->submitted, z->finished, z->finished);
}

static void demo_v3(const void *arg)
{
	(void)arg;
	demo_move(RIG_V3);
}

static void demo_v4(const void *arg)
{
	(void)arg;
	demo_move(RIG_V4);
}

static void demo_v3_to_v4(const void *arg)
{
	(void)arg;
	demo_refuse();
}

int demo_run(void)
{
	static const struct tap_test tests[] = {
		{ "a ZIP VF of V3 moves with jobs in flight", demo_v3, NULL },
		{ "a ZIP VF of V4 moves with jobs in flight", demo_v4, NULL },
		{ "V4 refuses a guest of V3 by write()", demo_v3_to_v4, NULL },
		{ NULL, NULL, NULL },
	};
	static const struct tap_test *const groups[] = { tests, NULL };
	static const struct tap_suite suite = {
		.name = "demo",
		.groups = groups,
		.before = rig_before,
		.after = rig_after,
	};

	return tap_run(&suite, NULL);
}
