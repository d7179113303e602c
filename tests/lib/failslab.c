// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>

#include "failslab.h"
#include "sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_NTH	"/proc/thread-self/fail-nth"

int failslab_setup(void)
{
	int ret;

	/* Ordinary allocations, which may wait, fail too; nothing is logged. */
	ret = sysfs_write(FAILSLAB "ignore-gfp-wait", "N");
	if (!ret)
		ret = sysfs_write(FAILSLAB "verbose", "0");
	return ret;
}

int failslab_arm(int nth)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", nth);
	return sysfs_write(FAIL_NTH, text);
}

bool failslab_struck(void)
{
	unsigned long left = 1;

	/* What is left of the count: 0 when it has come to its end. */
	sysfs_read_number(FAIL_NTH, &left);
	failslab_arm(0);
	return !left;
}
