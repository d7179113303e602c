/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The groups of tests, each in a file of its name.
 */
#ifndef HACC_SUITES_H
#define HACC_SUITES_H

#include "tap.h"

int demo_run(void);

extern const struct tap_test sys_migrate_tests[];
extern const struct tap_test sys_precopy_tests[];
extern const struct tap_test sys_stream_tests[];
extern const struct tap_test sys_malformed_tests[];
extern const struct tap_test sys_state_tests[];
extern const struct tap_test sys_region_tests[];
extern const struct tap_test sys_lifecycle_tests[];
extern const struct tap_test sys_options_tests[];
extern const struct tap_test sys_debugfs_tests[];
extern const struct tap_test sys_trace_tests[];
extern const struct tap_test sys_races_tests[];
extern const struct tap_test fault_alloc_tests[];
extern const struct tap_test sys_answer_tests[];
extern const struct tap_test sys_bind_tests[];
extern const struct tap_test sys_error_tests[];
extern const struct tap_test engine_error_tests[];
extern const struct tap_test sys_polling_tests[];
extern const struct tap_test sys_view_tests[];
extern const struct tap_test sys_v5_tests[];
extern const struct tap_test isolated_tests[];
extern const struct tap_test sys_many_tests[];
extern const struct tap_test many_tests[];
extern const struct tap_test sys_engine_tests[];
extern const struct tap_test fault_tests[];
extern const struct tap_test sys_pages_tests[];
extern const struct tap_test reset_sweep_tests[];
extern const struct tap_test reset_real_tests[];
extern const struct tap_test reset_table_tests[];
extern const struct tap_test interop_tests[];
extern const struct tap_test array_tests[];
extern const struct tap_test array_intree_tests[];
extern const struct tap_test dirty_tests[];
extern const struct tap_test dirty_stock_tests[];
extern const struct tap_test kit_tests[];
extern const struct tap_test kit_plan_tests[];
extern const struct tap_test stock_tests[];
extern const struct tap_test oracle_answer_tests[];
extern const struct tap_test oracle_event_tests[];
extern const struct tap_test oracle_isolation_tests[];
extern const struct tap_test oracle_unmapped_tests[];
extern const struct tap_test tool_apply_tests[];
extern const struct tap_test tool_metrics_tests[];
extern const struct tap_test tool_bind_tests[];
extern const struct tap_test tool_state_tests[];
extern const struct tap_test tool_doctor_tests[];
extern const struct tap_test tool_pages_tests[];
extern const struct tap_test endure_tests[];
extern const struct tap_test hostile_tests[];
extern const struct tap_test bench_tests[];
extern const struct tap_test counts_tests[];
extern const struct tap_test crowd_tests[];
extern const struct tap_test selftest_tests[];

#endif /* HACC_SUITES_H */
