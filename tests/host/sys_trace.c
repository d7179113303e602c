// SPDX-License-Identifier: GPL-2.0-only
/*
 * Trace events: each arc, each mailbox command, each record, with what they
 * tell; and none while they are off.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60
#define TRACING	"/sys/kernel/tracing/"
#define EVENTS	TRACING "events/hisi_acc_vfio_pci/enable"
#define NS_MAX	10000000000ull	/* no step takes 10 s */

static void trace_off(void *arg)
{
	(void)arg;
	sysfs_write(EVENTS, "0");
}

/* Opened for writing from its start, the trace is emptied. */
static void trace_clear(void)
{
	FILE *f = fopen(TRACING "trace", "w");

	check(f, "no " TRACING "trace");
	fclose(f);
}

static void trace_on(void)
{
	rig_load_module();
	if (sysfs_write(EVENTS, "1"))
		tap_skip("the kernel has no trace events");
	tap_defer(trace_off, NULL);
	trace_clear();
}

/* Events of a VF that say this, in its words after "<event>: <VF> ". */
static int count_events(const struct pci_func *vf, const char *event,
			const char *says)
{
	char line[512], want[160];
	FILE *f = fopen(TRACING "trace", "r");
	int count = 0;

	check(f, "no " TRACING "trace");
	snprintf(want, sizeof(want), " %s: %s %s", event, vf->bdf, says);
	while (fgets(line, sizeof(line), f)) {
		unsigned long long ns = 1;
		char *at;

		if (!strstr(line, want))
			continue;
		at = strstr(line, " ns=");
		check(!at || sscanf(at, " ns=%llu", &ns) == 1, "%s", line);
		check(ns && ns < NS_MAX, "%s", line);
		count++;
	}
	fclose(f);
	return count;
}

static void check_events(const struct pci_func *vf, const char *event,
			 const char *says, int want)
{
	int count = count_events(vf, event, says);

	check(count == want, "%d events %s \"%s\" of %s, should be %d", count, event,
	      says, vf->bdf, want);
}

static uint64_t commands(struct vfio_dev *v)
{
	struct oracle_counts counts;

	oracle_counts(&v->func, &counts);
	return counts.n[KPO_CNT_MBOX];
}

static void tells_all(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from = rig_open(role, 0), *to = rig_open(role, 1);
	bool vague = !qm_read(from, QM_VF_STATE);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	uint64_t sent[2] = { commands(from), commands(to) };
	struct mig_stream stream;

	trace_on();
	rig_move(z, to, &stream, NULL);
	sent[0] = commands(from) - sent[0];
	sent[1] = commands(to) - sent[1];
	trace_off(NULL);

	check_events(&from->func, "hisi_acc_arc", "RUNNING -> RUNNING_P2P ret=0 ns=", 1);
	check_events(&from->func, "hisi_acc_arc", "RUNNING_P2P -> STOP ret=0 ns=", 1);
	check_events(&from->func, "hisi_acc_arc", "STOP -> STOP_COPY ret=0 ns=", 1);
	check_events(&from->func, "hisi_acc_arc", "STOP_COPY -> STOP ret=0 ns=", 1);
	check_events(&from->func, "hisi_acc_arc", "", 4);
	check_events(&to->func, "hisi_acc_arc", "RESUMING -> STOP ret=0 ns=", 1);
	check_events(&to->func, "hisi_acc_arc", "RUNNING_P2P -> RUNNING ret=0 ns=", 1);
	check_events(&from->func, "hisi_acc_record", "saved len=176 ret=0", 1);
	check_events(&to->func, "hisi_acc_record", "loaded len=176 ret=0", 1);
	check_events(&from->func, "hisi_acc_mailbox", "cmd=0xe set ret=0 ns=", 1);
	/* And one to see whether it is ready, where VF_STATE says so after a reset. */
	check_events(&from->func, "hisi_acc_mailbox", "cmd=0x4 get ret=0 ns=",
		     1 + vague);
	check_events(&to->func, "hisi_acc_mailbox", "cmd=0x5 set ret=0 ns=", 1);
	if (oracle_present()) {
		check_events(&from->func, "hisi_acc_mailbox", "cmd=", sent[0]);
		check_events(&to->func, "hisi_acc_mailbox", "cmd=", sent[1]);
	}

	/* Off, they are silent. */
	trace_clear();
	check_ok(mig_set_state(to, MIG_STOP, NULL));
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	check_events(&to->func, "hisi_acc_arc", "", 0);
	rig_finish(z);
}

static void tells_errors(const void *arg)
{
	const struct oracle_fault fault = {
		.kind = KPO_F_MBOX_STATUS, .arg = 1, .cmd = QM_MB_SQC_BT, .count = 1,
	};
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	(void)arg;
	trace_on();
	rig_fault(&v->func, &fault);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	check_events(&v->func, "hisi_acc_mailbox", "cmd=0x4 get ret=-5 ns=", 1);
	check_events(&v->func, "hisi_acc_record", "saved len=0 ret=-5", 1);
	check_events(&v->func, "hisi_acc_arc", "STOP -> STOP_COPY ret=-5 ns=", 1);
	check_ok(mig_set_state(v, MIG_RUNNING, NULL));
	rig_finish(z);
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_trace_tests[] = {
	{ "trace events tell each arc, command and record on V3", tells_all, &v3 },
	{ "trace events tell each arc, command and record on V4", tells_all, &v4 },
	{ "trace events tell what failed, and how", tells_errors, NULL },
	{ NULL, NULL, NULL },
};
