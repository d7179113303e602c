// SPDX-License-Identifier: GPL-2.0-only
#include "qemu/osdep.h"
#include "acc.h"

int main(int argc, char **argv)
{
	g_test_init(&argc, &argv, NULL);
	acc_add_regs_tests();
	acc_add_realize_tests();
	acc_add_mailbox_tests();
	acc_add_job_tests();
	acc_add_reentry_tests();
	acc_add_answer_tests();
	acc_add_more_answer_tests();
	acc_add_hole_tests();
	acc_add_written_tests();
	acc_add_smmu_tests();
	acc_add_alone_tests();
	acc_add_fuzz_tests();
	return g_test_run();
}
