// SPDX-License-Identifier: GPL-2.0-only
/*
 * hacc-test: all tests that run inside the emulated host, and the demonstration.
 *
 *	hacc-test list			every test by its sentence
 *	hacc-test SUITE [PART]		run those whose sentence contains PART
 */
#include <stdio.h>
#include <string.h>

#include "../bench/bench.h"
#include "rig.h"
#include "suites.h"

static const struct tap_test *const system_groups[] = {
	sys_migrate_tests,
	sys_precopy_tests,
	sys_stream_tests,
	sys_malformed_tests,
	sys_state_tests,
	sys_region_tests,
	sys_lifecycle_tests,
	sys_options_tests,
	sys_view_tests,
	sys_bind_tests,
	sys_debugfs_tests,
	sys_trace_tests,
	sys_races_tests,
	sys_many_tests,
	NULL
};

static const struct tap_test *const fault_groups[] = {
	fault_tests,
	fault_alloc_tests,	/* kmemleak is there */
	NULL
};
static const struct tap_test *const reset_groups[] = {
	reset_table_tests,
	reset_real_tests,
	NULL
};
static const struct tap_test *const sweep_groups[] = { reset_sweep_tests, NULL };
static const struct tap_test *const precopy_groups[] = { sys_precopy_tests, NULL };
static const struct tap_test *const page_groups[] = {
	sys_pages_tests,
	tool_pages_tests,
	NULL
};
static const struct tap_test *const interop_groups[] = { interop_tests, NULL };
static const struct tap_test *const engine_groups[] = {
	sys_engine_tests,
	engine_error_tests,
	NULL
};
static const struct tap_test *const answer_groups[] = {
	sys_answer_tests,
	sys_error_tests,
	sys_polling_tests,
	sys_v5_tests,
	NULL
};
static const struct tap_test *const array_groups[] = { array_tests, NULL };
static const struct tap_test *const array_stock_groups[] = {
	stock_tests,
	array_intree_tests,
	NULL
};
static const struct tap_test *const dirty_groups[] = { dirty_tests, NULL };
static const struct tap_test *const dirty_stock_groups[] = { dirty_stock_tests, NULL };
static const struct tap_test *const kit_groups[] = { kit_tests, kit_plan_tests, NULL };
static const struct tap_test *const isolated_groups[] = { isolated_tests, NULL };
static const struct tap_test *const stock_groups[] = { stock_tests, NULL };
static const struct tap_test *const oracle_groups[] = {
	oracle_answer_tests,
	oracle_event_tests,
	oracle_isolation_tests,
	oracle_unmapped_tests,
	NULL
};
static const struct tap_test *const many_groups[] = { many_tests, NULL };
static const struct tap_test *const endure_groups[] = {
	endure_tests,
	hostile_tests,
	NULL
};
static const struct tap_test *const bench_groups[] = { bench_tests, NULL };
static const struct tap_test *const counts_groups[] = { counts_tests, NULL };
static const struct tap_test *const crowd_groups[] = { crowd_tests, NULL };
static const struct tap_test *const tool_groups[] = {
	tool_bind_tests,
	tool_apply_tests,
	tool_metrics_tests,
	tool_state_tests,
	tool_doctor_tests,
	NULL
};
static const struct tap_test *const selftest_groups[] = { selftest_tests, NULL };

static const struct tap_suite suites[] = {
	{
		.name = "demo",
		.about = "a VF moves with jobs in flight, told for people",
		.program = demo_run,
	}, {
		.name = "system",
		.about = "the driver through the VFIO uAPI",
		.groups = system_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "engines",
		.about = "VFs of the other engines",
		.groups = engine_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "answers",
		.about = "what the hardware may answer, and guests of other kinds",
		.groups = answer_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "array",
		.about = "right whatever the accelerator answers",
		.groups = array_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "arraystock",
		.about = "the kernel's own drivers, whatever the accelerator answers",
		.groups = array_stock_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "dirty",
		.about = "the IOMMU tells which pages the accelerator has written to",
		.groups = dirty_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "dirtystock",
		.about = "kernels that lose writes",
		.groups = dirty_stock_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "silicon",
		.about = "the kit that asks a chip, on answers that are known",
		.groups = kit_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "isolated",
		.about = "VFs whose queues are isolated from each other",
		.groups = isolated_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "faults",
		.about = "the accelerator fails in every way that it knows",
		.groups = fault_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "resets",
		.about = "VF and PF are reset in each state, and beside all else",
		.groups = reset_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "sweeps",
		.about = "resets at any access of an arc",
		.groups = sweep_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "pages",
		.about = "hosts with pages of 16 and 64 KiB",
		.groups = page_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "precopy",
		.about = "P2P and PRE_COPY alone",
		.groups = precopy_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "interop",
		.about = "streams exchanged with the in-tree driver",
		.groups = interop_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "endure",
		.about = "random walks over the states, seeded",
		.groups = endure_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "many",
		.about = "all VFs of a PF move at once",
		.groups = many_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "selftests",
		.about = "the kernel's own VFIO selftests, on our VFs",
		.groups = selftest_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "bench",
		.about = "what each step of a migration costs, in both drivers",
		.groups = bench_groups,
		.before = bench_before,
		.after = rig_after,
	}, {
		.name = "crowd",
		.about = "63 VFs at once, in both drivers, by the wall clock",
		.groups = crowd_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "counts",
		.about = "reads of registers in the blackout, in both drivers",
		.groups = counts_groups,
		.before = bench_before,
		.after = rig_after,
	}, {
		.name = "tool",
		.about = "the operator's tool on our VFs",
		.groups = tool_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "oracle",
		.about = "the accelerator model gives each of its answers",
		.groups = oracle_groups,
		.before = rig_before,
		.after = rig_after,
	}, {
		.name = "stock",
		.about = "the kernel's own drivers on the emulated accelerator",
		.groups = stock_groups,
		.before = rig_before,
		.after = rig_after,
	},
};

int main(int argc, char **argv)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(suites) && argc > 1; i++) {
		if (!strcmp(argv[1], "list"))
			tap_list(&suites[i]);
		else if (!strcmp(argv[1], suites[i].name))
			return tap_run(&suites[i], argc > 2 ? argv[2] : NULL);
	}
	if (argc > 1 && !strcmp(argv[1], "list"))
		return 0;

	fprintf(stderr, "usage: hacc-test list | SUITE [PART OF A SENTENCE]\n");
	for (i = 0; i < ARRAY_SIZE(suites); i++)
		fprintf(stderr, "\t%-8s %s\n", suites[i].name, suites[i].about);
	return 2;
}
