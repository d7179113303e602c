// SPDX-License-Identifier: GPL-2.0-only
/*
 * The transcript: text, a line each. Nothing of the machine is in it: no address of a
 * device, no serial number; the addresses in commands are those that the kit gives its
 * own memory, which only the VF sees.
 */
#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <time.h>

#include "kit.h"

#define QM_REG_MAILBOX	0x300

static FILE *log_file;
static struct kit *watched;
static struct timespec started;

int kit_log_open(const char *path)
{
	log_file = fopen(path, "we");
	if (!log_file)
		return -errno;
	clock_gettime(CLOCK_MONOTONIC, &started);
	return 0;
}

void kit_log_close(void)
{
	if (log_file)
		fclose(log_file);
	log_file = NULL;
}

static double seconds(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec - started.tv_sec + (now.tv_nsec - started.tv_nsec) / 1e9;
}

static void say(const char *fmt, va_list ap)
{
	va_list again;

	va_copy(again, ap);
	vprintf(fmt, ap);
	putchar('\n');
	fflush(stdout);
	if (log_file) {
		vfprintf(log_file, fmt, again);
		fputc('\n', log_file);
		fflush(log_file);
	}
	va_end(again);
}

void kit_say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
}

void kit_verdict(const char *question, const char *answer, bool certain, const char *fmt, ...)
{
	char why[200];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(why, sizeof(why), fmt, ap);
	va_end(ap);
	if (answer)
		kit_say("verdict: %s=%s %s: %s", question, answer,
			certain ? "certain" : "likely", why);
	else
		kit_say("verdict: %s unknown: %s", question, why);
}

static void accessed(char what, unsigned int bits, uint32_t reg, uint64_t value)
{
	uint64_t ones = bits == 32 ? UINT32_MAX : UINT64_MAX;

	if (log_file)
		fprintf(log_file, "%.6f %c%u 0x%x 0x%llx\n", seconds(), what, bits, reg,
			(unsigned long long)value);
	if (what == 'r' && value == ones && !(watched->ones_are_fine && reg != QM_REG_MAILBOX))
		kit_trouble(watched, "a register reads all ones: the device does not answer");
}

void kit_watch(struct kit *k)
{
	watched = k;
	qm_accessed = k ? accessed : NULL;
}
