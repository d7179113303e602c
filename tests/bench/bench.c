// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench.h"

/* Under PF control its EQ and AEQ doorbells leave the window. */
#define KNOWN_OF_THEIRS	(1u << KPO_V_OUT_OF_WINDOW)

const struct bench_driver bench_ours = { "ours", MODULE_OURS, 0 };
const struct bench_driver bench_theirs = { "in-tree", MODULE_THEIRS,
					   KNOWN_OF_THEIRS };

static struct {
	struct oracle_counts counts;
	struct oracle_clock clock;
	struct oracle_clock zero;	/* what measuring nothing costs */
} meter;

void bench_before(void)
{
	int i;

	check_ok(module_load("vfio_iommu_type1"));
	check_ok(module_load("vfio_pci_core"));
	check_ok(module_load("hisi_qm"));
	/* The least that a PF keeps: its VFs get the rest. */
	check_ok(module_load_file(MODULE_DIR_INTREE "/hisi_zip.ko", "pf_q_num=2"));
	rig_before();
	oracle_watch_quiet(false);
	for (i = 0; i < 2; i++) {
		struct oracle_clock start, end;

		oracle_clock(&start);
		oracle_clock(&end);
		meter.zero.ns = end.ns - start.ns;
		meter.zero.insns = end.insns - start.insns;
	}
	check(meter.zero.insns, "this machine counts no instructions: -icount is missing");
}

void bench_use(const struct bench_driver *driver)
{
	rig_use_module(driver->module, "");
	rig_load_module();
	/* By kernel and chip: interop demands it where it has to come. */
	oracle_tolerate(driver->expected);
}

void bench_pf(int version, enum bench_size size, struct pci_func *pf)
{
	int revision = version == 3 ? QM_REVISION_V3 : QM_REVISION_V4;
	int i, nth = 0;

	for (i = 0; !pci_find(PCI_VENDOR_HUAWEI, PCI_DEVICE_ZIP_PF, i, pf); i++)
		if (pf->revision == revision && nth++ == (int)size)
			return;
	fail("this machine has no PF number %d of V%d", size, version);
}

void bench_vf(const struct pci_func *pf, int num, int n, struct pci_func *vf)
{
	check_ok(pci_set_vfs(pf, num));
	check_ok(pci_get_vf(pf, n, vf));
	check_ok(pci_bind(vf, MODULE_VFIO_NAME));
}

void bench_set_times(const struct pci_func *func, const struct bench_times *times)
{
	oracle_set(func, KPO_MBOX_TIME_US, times->mbox_us);
	oracle_set(func, KPO_WB_TIME_US, times->wb_us);
	oracle_set(func, KPO_VFT_TIME_US, times->vft_us);
	oracle_set(func, KPO_READ_NS, times->read_ns);
}

void bench_begin(struct bench_log *log, const char *name, bool blackout)
{
	struct bench_step *step = &log->steps[log->nr];

	check(log->nr < BENCH_STEPS_MAX, "too many steps");
	*step = (struct bench_step){ .name = name, .blackout = blackout };
	oracle_counts(NULL, &meter.counts);
	oracle_clock(&meter.clock);
	step->start_ns = meter.clock.ns;
}

int bench_end(struct bench_log *log, int ret)
{
	struct bench_step *step = &log->steps[log->nr];
	struct oracle_counts counts;
	struct oracle_clock clock;

	oracle_clock(&clock);
	oracle_counts(NULL, &counts);
	step->ns = clock.ns - meter.clock.ns - meter.zero.ns;
	step->insns = clock.insns - meter.clock.insns - meter.zero.insns;
	step->reads = oracle_diff(&counts, &meter.counts, KPO_CNT_MMIO_READ);
	step->writes = oracle_diff(&counts, &meter.counts, KPO_CNT_MMIO_WRITE);
	step->commands = oracle_diff(&counts, &meter.counts, KPO_CNT_MBOX);
	log->nr++;
	return ret;
}

void bench_blackout(const struct bench_log *log, struct bench_step *sum)
{
	int i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < log->nr; i++) {
		if (!log->steps[i].blackout)
			continue;
		sum->reads += log->steps[i].reads;
		sum->writes += log->steps[i].writes;
		sum->commands += log->steps[i].commands;
		sum->insns += log->steps[i].insns;
		sum->ns += log->steps[i].ns;
	}
}

void bench_print(const struct bench_log *log, const char *fmt, ...)
{
	char line[4096];
	size_t at;
	va_list args;
	int i;

	va_start(args, fmt);
	at = vsnprintf(line, sizeof(line), fmt, args);
	va_end(args);
	at += snprintf(line + at, sizeof(line) - at, ", \"steps\": [");
	for (i = 0; i < log->nr; i++) {
		const struct bench_step *s = &log->steps[i];

		at += snprintf(line + at, sizeof(line) - at,
			       "%s[\"%s\", %d, %llu, %llu, %llu, %llu, %llu, %llu]",
			       i ? ", " : "", s->name, s->blackout,
			       (unsigned long long)s->reads,
			       (unsigned long long)s->writes,
			       (unsigned long long)s->commands,
			       (unsigned long long)s->insns,
			       (unsigned long long)s->ns,
			       (unsigned long long)s->start_ns);
		check(at < sizeof(line) - 2, "a line of data is too long");
	}
	tap_note("data {%s]}", line);
}
