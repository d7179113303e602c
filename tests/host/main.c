// SPDX-License-Identifier: GPL-2.0-only
/*
 * hacc-test: all tests that run inside the emulated host, and the demonstration.
 *
 *	hacc-test list			every test by its sentence
 *	hacc-test SUITE [PART]		run those whose sentence contains PART
 */
#include <stdio.h>
#include <string.h>

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
	sys_debugfs_tests,
	sys_races_tests,
	sys_many_tests,
	NULL
};

static const struct tap_test *const fault_groups[] = {
	fault_tests,
	fault_alloc_tests,	/* kmemleak is there */
	NULL
};
static const struct tap_test *const interop_groups[] = { interop_tests, NULL };
static const struct tap_test *const engine_groups[] = { sys_engine_tests, NULL };
static const struct tap_test *const stock_groups[] = { stock_tests, NULL };
static const struct tap_test *const endure_groups[] = { endure_tests, NULL };

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
		.name = "faults",
		.about = "the accelerator fails in every way that it knows",
		.groups = fault_groups,
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
