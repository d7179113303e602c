// SPDX-License-Identifier: GPL-2.0-only
/*
 * The last error in words.
 */
#include <kunit/test.h>
#include <linux/device.h>

#include "../../mig_log.c"

static struct device dev = { .init_name = "simulated" };

static void new_log_has_no_error(struct kunit *test)
{
	struct mig_log log;

	mig_log_init(&log, &dev);
	KUNIT_EXPECT_STREQ(test, log.last, "");
	KUNIT_EXPECT_EQ(test, log.when, 0);
}

static void last_error_is_kept_without_its_newline(struct kunit *test)
{
	struct mig_log log;

	mig_log_init(&log, &dev);
	mig_log_err(&log, "first\n");
	mig_log_err(&log, "%s is %#x, want %d\n", "this", 0x12, 3);
	KUNIT_EXPECT_STREQ(test, log.last, "this is 0x12, want 3");
	KUNIT_EXPECT_GT(test, log.when, 0);
}

static void long_error_is_cut(struct kunit *test)
{
	struct mig_log log;

	mig_log_init(&log, &dev);
	mig_log_err(&log, "%0200d\n", 0);
	KUNIT_EXPECT_EQ(test, strlen(log.last), MIG_LOG_WORDS - 1);
}

static void error_is_kept_when_the_kernel_log_has_had_enough(struct kunit *test)
{
	struct mig_log log;
	unsigned int i;

	mig_log_init(&log, &dev);
	for (i = 0; i < 50; i++)
		mig_log_err(&log, "error %u\n", i);
	KUNIT_EXPECT_STREQ(test, log.last, "error 49");
}

static struct kunit_case mig_log_cases[] = {
	KUNIT_CASE(new_log_has_no_error),
	KUNIT_CASE(last_error_is_kept_without_its_newline),
	KUNIT_CASE(long_error_is_cut),
	KUNIT_CASE(error_is_kept_when_the_kernel_log_has_had_enough),
	{}
};

static struct kunit_suite mig_log_suite = {
	.name = "mig_log",
	.test_cases = mig_log_cases,
};

kunit_test_suite(mig_log_suite);
