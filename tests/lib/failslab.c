// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "failslab.h"
#include "sysfs.h"

#define FAILSLAB	"/sys/kernel/debug/failslab/"
#define FAIL_NTH	"/proc/thread-self/fail-nth"
#define DEPTH		"32"	/* callers that are looked at, all that can be */

struct text {
	uint64_t start;
	uint64_t end;
};

int failslab_setup(void)
{
	int ret;

	/* Ordinary allocations, which may wait, fail too; nothing is logged. */
	ret = sysfs_write(FAILSLAB "ignore-gfp-wait", "N");
	if (!ret)
		ret = sysfs_write(FAILSLAB "verbose", "0");
	return ret;
}

/* The pages that a module's functions are in. */
static int module_text(const char *module, struct text *text)
{
	char line[512], type, name[128], owner[128];
	FILE *f = fopen("/proc/kallsyms", "r");
	unsigned long long at;
	uint64_t page = sysconf(_SC_PAGESIZE);

	if (!f)
		return -errno;
	text->start = UINT64_MAX;
	text->end = 0;
	while (fgets(line, sizeof(line), f)) {
		if (sscanf(line, "%llx %c %127s [%127[^]]", &at, &type, name, owner) != 4 ||
		    (type != 't' && type != 'T') || strcmp(owner, module))
			continue;
		if (at < text->start)
			text->start = at;
		if (at >= text->end)
			text->end = (at / page + 1) * page;
	}
	fclose(f);
	return text->end ? 0 : -ENOENT;
}

static int write_text(const char *start, const char *end, const struct text *text)
{
	char number[32];
	int ret;

	snprintf(number, sizeof(number), "0x%llx", (unsigned long long)text->start);
	ret = sysfs_write(start, number);
	if (ret)
		return ret;
	snprintf(number, sizeof(number), "0x%llx", (unsigned long long)text->end);
	return sysfs_write(end, number);
}

int failslab_only(const char *module, const char *but_not)
{
	struct text require = { 0, UINT64_MAX }, reject = { 0, 0 };
	int ret = 0;

	if (module)
		ret = module_text(module, &require);
	if (!ret && but_not)
		ret = module_text(but_not, &reject);
	if (!ret)
		ret = sysfs_write(FAILSLAB "stacktrace-depth", DEPTH);
	if (!ret)
		ret = write_text(FAILSLAB "require-start", FAILSLAB "require-end",
				 &require);
	if (!ret)
		ret = write_text(FAILSLAB "reject-start", FAILSLAB "reject-end",
				 &reject);
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
