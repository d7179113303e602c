// SPDX-License-Identifier: GPL-2.0-only
/*
 * The runner: counts, prints and cleans up.
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tap.h"

#define TAP_DEFERRED_MAX	512
#define TAP_SLOW_MS		3000	/* from here on the time is told */

enum tap_outcome {
	TAP_RUNNING,
	TAP_FAILED,
	TAP_SKIPPED,
};

static struct {
	jmp_buf out;
	enum tap_outcome outcome;
	bool armed;		/* out is valid */
	char why[512];
	struct {
		void (*fn)(void *arg);
		void *arg;
	} deferred[TAP_DEFERRED_MAX];
	int nr_deferred;
} tap;

const char *tap_errno(int err)
{
	static char buf[4][48];
	static unsigned int next;
	const char *name;
	char *s = buf[next++ % 4];

	if (err >= 0) {
		snprintf(s, sizeof(buf[0]), "%d", err);
		return s;
	}
	name = strerrorname_np(-err);
	snprintf(s, sizeof(buf[0]), "-%s", name ? name : "E?");
	return s;
}

void tap_note(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fputs("# ", stdout);
	vprintf(fmt, args);
	putchar('\n');
	va_end(args);
	fflush(stdout);
}

void tap_fail(const char *file, int line, const char *fmt, ...)
{
	const char *base = strrchr(file, '/');
	char text[400];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);

	/* The first failure is the one to tell; later ones come of cleaning up. */
	if (tap.outcome == TAP_FAILED) {
		tap_note("also %s:%d: %s", base ? base + 1 : file, line, text);
	} else {
		tap.outcome = TAP_FAILED;
		snprintf(tap.why, sizeof(tap.why), "%s:%d: %s",
			 base ? base + 1 : file, line, text);
	}
	if (tap.armed)
		longjmp(tap.out, 1);
	printf("%s\n", tap.why);
	exit(1);
}

void tap_skip(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	vsnprintf(tap.why, sizeof(tap.why), fmt, args);
	va_end(args);
	tap.outcome = TAP_SKIPPED;
	if (tap.armed)
		longjmp(tap.out, 1);
	printf("# SKIP %s\n", tap.why);
	exit(0);
}

void tap_defer(void (*fn)(void *arg), void *arg)
{
	if (tap.nr_deferred == TAP_DEFERRED_MAX) {
		fn(arg);
		fail("more than %d things to clean up", TAP_DEFERRED_MAX);
	}
	tap.deferred[tap.nr_deferred].fn = fn;
	tap.deferred[tap.nr_deferred].arg = arg;
	tap.nr_deferred++;
}

/* One guarded step of a test; fn may leave by tap_fail() or tap_skip(). */
static void tap_step(void (*fn)(const void *arg), const void *arg)
{
	tap.armed = true;
	if (!setjmp(tap.out))
		fn(arg);
	tap.armed = false;
}

static void tap_call(const void *arg)
{
	void (*const *fn)(void) = arg;

	(*fn)();
}

static void tap_undo(const void *arg)
{
	int i = *(const int *)arg;

	tap.deferred[i].fn(tap.deferred[i].arg);
}

static void tap_one(const struct tap_suite *suite, const struct tap_test *test)
{
	tap.outcome = TAP_RUNNING;
	tap.nr_deferred = 0;

	if (suite->before)
		tap_step(tap_call, &suite->before);
	if (tap.outcome == TAP_RUNNING)
		tap_step(test->run, test->arg);
	while (tap.nr_deferred) {
		int last = --tap.nr_deferred;

		tap_step(tap_undo, &last);
	}
	if (suite->after && tap.outcome != TAP_SKIPPED)
		tap_step(tap_call, &suite->after);
}

/* Call each(suite, test) for every test that the filter leaves. */
static int tap_each(const struct tap_suite *suite, const char *filter,
		    void (*each)(const struct tap_suite *suite,
				 const struct tap_test *test, int nr))
{
	const struct tap_test *const *group, *test;
	int nr = 0;

	for (group = suite->groups; group && *group; group++) {
		for (test = *group; test->sentence; test++) {
			if (filter && !strstr(test->sentence, filter))
				continue;
			nr++;
			if (each)
				each(suite, test, nr);
		}
	}
	return nr;
}

static int tap_failed;

static long tap_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void tap_report(const struct tap_suite *suite,
		       const struct tap_test *test, int nr)
{
	long ms = tap_now_ms();

	tap_one(suite, test);
	ms = tap_now_ms() - ms;
	switch (tap.outcome) {
	case TAP_RUNNING:
		printf("ok %d - %s\n", nr, test->sentence);
		break;
	case TAP_SKIPPED:
		printf("ok %d - %s # SKIP %s\n", nr, test->sentence, tap.why);
		break;
	case TAP_FAILED:
		printf("not ok %d - %s\n# %s\n", nr, test->sentence, tap.why);
		tap_failed++;
		break;
	}
	if (ms > TAP_SLOW_MS)
		tap_note("that took %ld.%ld s", ms / 1000, ms % 1000 / 100);
	fflush(stdout);
}

int tap_run(const struct tap_suite *suite, const char *filter)
{
	int total;

	if (suite->program)
		return suite->program();

	total = tap_each(suite, filter, NULL);
	printf("1..%d\n", total);
	fflush(stdout);
	if (!total) {
		printf("# no test of %s says \"%s\"\n", suite->name, filter);
		return 1;
	}
	tap_failed = 0;
	tap_each(suite, filter, tap_report);
	if (suite->end)
		suite->end();
	return tap_failed ? 1 : 0;
}

static void tap_show(const struct tap_suite *suite,
		     const struct tap_test *test, int nr)
{
	(void)nr;
	printf("%s: %s\n", suite->name, test->sentence);
}

void tap_list(const struct tap_suite *suite)
{
	if (suite->program)
		printf("%s: %s\n", suite->name, suite->about);
	else
		tap_each(suite, NULL, tap_show);
}
