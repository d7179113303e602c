// SPDX-License-Identifier: GPL-2.0-only
/*
 * Both drivers over the same accelerators: latencies swept one by one and all
 * together, and the number of queue pairs.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench.h"
#include "../host/suites.h"

#define READ_NS		500	/* across an interconnect */

static const struct bench_case {
	const struct bench_driver *driver;
	int version;
} ours_v3 = { &bench_ours, 3 }, theirs_v3 = { &bench_theirs, 3 },
  ours_v4 = { &bench_ours, 4 }, theirs_v4 = { &bench_theirs, 4 };

static const uint32_t latencies_us[] = { 0, 1, 5, 20, 100 };
static const uint32_t reads_ns[] = { 0, READ_NS };
static const struct bench_times usual = { 5, 5, 5, READ_NS };

static void print(const struct bench_case *c, const struct bench_pair *p,
		  const char *what, const struct bench_times *t,
		  const struct bench_log *log)
{
	bench_print(log, "\"driver\": \"%s\", \"version\": %d, \"what\": \"%s\", \"queue_pairs\": %u, \"mailbox_us\": %u, \"write_back_us\": %u, \"vft_us\": %u, \"read_ns\": %u",
		    c->driver->name, c->version, what,
		    oracle_get(&p->vf[0], KPO_VFT_NUM), t->mbox_us, t->wb_us,
		    t->vft_us, t->read_ns);
}

static void set_times(struct bench_pair *p, const struct bench_times *t)
{
	bench_set_times(&p->vf[0], t);
	bench_set_times(&p->vf[1], t);
}

/* As QEMU does it: with P2P wherever the driver has it. */
static void move(const struct bench_case *c, struct bench_pair *p, const char *what,
		 const struct bench_times *t)
{
	struct bench_log log;

	set_times(p, t);
	bench_move(p, bench_has_p2p(&p->dev[p->at]), &log);
	print(c, p, what, t, &log);
}

/* Without P2P, each driver is asked for the same. */
static void move_alike(const struct bench_case *c, struct bench_pair *p,
		       const char *what, const struct bench_times *t)
{
	struct bench_log log;
	char name[64];

	if (!bench_has_p2p(&p->dev[p->at]))
		return;
	snprintf(name, sizeof(name), "%s, same requests", what);
	bench_move(p, false, &log);
	print(c, p, name, t, &log);
}

/*
 * Other accelerators than before: both VFs were opened on these. The move is
 * not as it would be in life, where latencies do not change under an open VF:
 * how the drivers take that is in the data all the same.
 */
static void settle(const struct bench_case *c, struct bench_pair *p,
		   const struct bench_times *t)
{
	set_times(p, t);
	bench_reopen(p);
	move(c, p, "latencies changed", t);
}

/* What a sweep changes. */
static const struct knob {
	const char *name;
	bool mbox, wb, vft;
} knobs[] = {
	{ "sweep mailbox", true, false, false },
	{ "sweep write-back", false, true, false },
	{ "sweep VFT", false, false, true },
	{ "sweep all", true, true, true },
};

static void sweep(const struct bench_case *c, struct bench_pair *p,
		  const struct knob *knob)
{
	size_t i, k;

	for (i = 0; i < ARRAY_SIZE(reads_ns); i++) {
		for (k = 0; k < ARRAY_SIZE(latencies_us); k++) {
			struct bench_times t = usual;

			t.read_ns = reads_ns[i];
			if (knob->mbox)
				t.mbox_us = latencies_us[k];
			if (knob->wb)
				t.wb_us = latencies_us[k];
			if (knob->vft)
				t.vft_us = latencies_us[k];
			settle(c, p, &t);
			move(c, p, knob->name, &t);
			move_alike(c, p, knob->name, &t);
		}
	}
}

/*
 * What a chip takes by its transcript (docs/silicon.md), which the accelerators are told
 * at their start; NULL if they are told nothing, then reads take no time. Asked before
 * any test sets times.
 */
static const struct bench_times *chip_times(const struct pci_func *func)
{
	static struct bench_times chip;
	static bool asked;

	if (!asked) {
		chip = (struct bench_times){
			oracle_get(func, KPO_MBOX_TIME_US), oracle_get(func, KPO_WB_TIME_US),
			oracle_get(func, KPO_VFT_TIME_US), oracle_get(func, KPO_READ_NS),
		};
		asked = true;
	}
	return chip.read_ns ? &chip : NULL;
}

static void bench_latencies(const void *arg)
{
	const struct bench_case *c = arg;
	const struct bench_times *chip;
	struct bench_pair *p;
	struct bench_log log;
	size_t i;

	bench_use(c->driver);
	p = bench_pair(c->version, BENCH_1022, false);
	chip = chip_times(&p->vf[0]);
	move(c, p, "first of all", &usual);
	settle(c, p, &usual);
	move(c, p, "usual", &usual);
	move_alike(c, p, "usual", &usual);
	bench_move_stopped(p, &log);
	print(c, p, "without pre-copy", &usual, &log);
	if (chip) {
		settle(c, p, chip);
		move(c, p, "as the chip", chip);
	}
	for (i = 0; i < ARRAY_SIZE(knobs); i++)
		sweep(c, p, &knobs[i]);
	set_times(p, &usual);
}

static void bench_queue_pairs(const void *arg)
{
	static const struct {
		enum bench_size size;
		bool two_pfs;
	} sizes[] = {
		{ BENCH_2, false },		/* 1 queue pair */
		{ BENCH_32, false },		/* 16 */
		{ BENCH_256, false },		/* 128 */
		{ BENCH_1022, false },		/* 511 */
		{ BENCH_1022, true },		/* 1022 */
	};
	static const struct bench_times at_once = { 0, 0, 0, 0 };
	const struct bench_case *c = arg;
	size_t i;

	bench_use(c->driver);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct bench_pair *p = bench_pair(c->version, sizes[i].size,
						  sizes[i].two_pfs);

		settle(c, p, &usual);
		move(c, p, "sweep queue pairs", &usual);
		move_alike(c, p, "sweep queue pairs", &usual);
		settle(c, p, &at_once);
		move(c, p, "sweep queue pairs", &at_once);
		move_alike(c, p, "sweep queue pairs", &at_once);
		set_times(p, &usual);
		bench_pair_close(p);
	}
}

/* Bind and release VFs of a PF: what a host's start and end take. */
static void bench_probe(const void *arg)
{
	const struct bench_case *c = arg;
	struct bench_log log = { .nr = 0 };
	struct pci_func pf, vf;
	int i;

	bench_use(c->driver);
	bench_pf(c->version, BENCH_1022_TOO, &pf);
	check_ok(pci_set_vfs(&pf, 7));
	for (i = 0; i < 7; i++) {
		check_ok(pci_get_vf(&pf, i, &vf));
		bench_begin(&log, "probe", false);
		check_ok(bench_end(&log, pci_bind(&vf, MODULE_VFIO_NAME)));
	}
	bench_print(&log, "\"driver\": \"%s\", \"version\": %d, \"what\": \"probe\"",
		    c->driver->name, c->version);
	check_ok(pci_set_vfs(&pf, 0));
}

#define BOTH(sentence, fn)						\
	{ sentence ": ours, V3", fn, &ours_v3 },			\
	{ sentence ": in-tree, V3", fn, &theirs_v3 },			\
	{ sentence ": ours, V4", fn, &ours_v4 },			\
	{ sentence ": in-tree, V4", fn, &theirs_v4 }

const struct tap_test bench_tests[] = {
	BOTH("latencies are swept", bench_latencies),
	BOTH("queue pairs are swept", bench_queue_pairs),
	BOTH("VFs are probed", bench_probe),
	{ NULL, NULL, NULL },
};

/* The short form: of the in-tree driver's blackout no more than so many percent. */
#define READS_PERCENT	80
#define TIME_PERCENT	50

static void blackout(const struct bench_case *c, struct bench_step *sum)
{
	struct bench_pair *p;
	struct bench_log log;

	bench_use(c->driver);
	p = bench_pair(c->version, BENCH_32, false);
	settle(c, p, &usual);
	bench_move(p, bench_has_p2p(&p->dev[p->at]), &log);
	bench_blackout(&log, sum);
	print(c, p, "counts", &usual, &log);
	bench_pair_close(p);
}

static void check_share(const char *what, uint64_t ours, uint64_t theirs, unsigned int percent)
{
	tap_note("%s: %llu, the in-tree driver %llu", what, (unsigned long long)ours,
		 (unsigned long long)theirs);
	check(ours * 100 <= theirs * percent, "%s: %llu, the in-tree driver %llu: more than %u percent",
	      what, (unsigned long long)ours, (unsigned long long)theirs, percent);
}

static void counts(const void *arg)
{
	bool v3 = *(const int *)arg == 3;
	struct bench_step ours, theirs;

	blackout(v3 ? &ours_v3 : &ours_v4, &ours);
	blackout(v3 ? &theirs_v3 : &theirs_v4, &theirs);
	check_share("reads", ours.reads, theirs.reads, READS_PERCENT);
	check_share("ns", ours.ns, theirs.ns, TIME_PERCENT);
}

static const int v3 = 3, v4 = 4;

const struct tap_test counts_tests[] = {
	{ "a V3 blackout takes half the in-tree driver's time, and four fifths of its reads",
	  counts, &v3 },
	{ "a V4 blackout takes half the in-tree driver's time, and four fifths of its reads",
	  counts, &v4 },
	{ NULL, NULL, NULL },
};
