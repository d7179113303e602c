// SPDX-License-Identifier: GPL-2.0-only
/*
 * The names of the states: each state of the uAPI has one of its own.
 */
#include <kunit/test.h>

#include "../../mig_state.c"

static void each_state_has_a_name_of_its_own(struct kunit *test)
{
	unsigned int i, j;

	for (i = 0; i <= VFIO_DEVICE_STATE_PRE_COPY_P2P; i++) {
		KUNIT_EXPECT_STRNEQ(test, mig_state_name(i), "?");
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_STRNEQ(test, mig_state_name(i), mig_state_name(j));
	}
	KUNIT_EXPECT_STREQ(test, mig_state_name(VFIO_DEVICE_STATE_RUNNING), "RUNNING");
}

static void what_is_no_state_has_no_name(struct kunit *test)
{
	KUNIT_EXPECT_STREQ(test, mig_state_name(VFIO_DEVICE_STATE_PRE_COPY_P2P + 1), "?");
	KUNIT_EXPECT_STREQ(test, mig_state_name(UINT_MAX), "?");
}

static struct kunit_case mig_state_cases[] = {
	KUNIT_CASE(each_state_has_a_name_of_its_own),
	KUNIT_CASE(what_is_no_state_has_no_name),
	{}
};

static struct kunit_suite mig_state_suite = {
	.name = "mig_state",
	.test_cases = mig_state_cases,
};

kunit_test_suite(mig_state_suite);
