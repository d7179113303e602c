/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Tests as sentences, their results in the Test Anything Protocol.
 *
 * A failed check leaves the test at once by a jump, runs what the test has
 * deferred, last first, and goes on with the next test. Checks belong to the
 * main thread alone: a thread hands its result back to it.
 */
#ifndef HACC_TAP_H
#define HACC_TAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARRAY_SIZE(array)	(sizeof(array) / sizeof((array)[0]))

struct tap_test {
	const char *sentence;
	void (*run)(const void *arg);
	const void *arg;
};

struct tap_suite {
	const char *name;
	const char *about;
	/* Groups of tests, each ended by a sentence of NULL; NULL ends the list. */
	const struct tap_test *const *groups;
	/* Instead of groups: a program of its own, which returns the exit status. */
	int (*program)(void);
	/* Around each test. after() may fail it by a check. */
	void (*before)(void);
	void (*after)(void);
	/* Once, when all tests are done. */
	void (*end)(void);
};

/* Run the tests whose sentence contains filter (NULL: all); 0 if all passed. */
int tap_run(const struct tap_suite *suite, const char *filter);
void tap_list(const struct tap_suite *suite);

/* Call fn(arg) when the test is over, however it ends; last deferred first. */
void tap_defer(void (*fn)(void *arg), void *arg);
/* A comment line on the test output. */
void tap_note(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void tap_fail(const char *file, int line, const char *fmt, ...)
	__attribute__((format(printf, 3, 4), noreturn));
void tap_skip(const char *fmt, ...)
	__attribute__((format(printf, 1, 2), noreturn));

/* errno names as a reader knows them; err is negative or 0 */
const char *tap_errno(int err);

#define fail(...)	tap_fail(__FILE__, __LINE__, __VA_ARGS__)

#define check(cond, ...) do {						\
	if (!(cond))							\
		fail(__VA_ARGS__);					\
} while (0)

/* got and want are both printed, in decimal and hex. */
#define check_eq(got, want, what) do {					\
	uint64_t got_ = (got), want_ = (want);				\
	if (got_ != want_)						\
		fail("%s: is %lld (0x%llx), should be %lld (0x%llx)", what,	\
		     (long long)got_, (unsigned long long)got_,		\
		     (long long)want_, (unsigned long long)want_);	\
} while (0)

/* A call that gives 0 or more when good, a negative errno when not. */
#define check_ok(expr) ({						\
	__typeof__(expr) ret_ = (expr);					\
	if (ret_ < 0)							\
		fail("%s: %s", #expr, tap_errno((int)ret_));		\
	ret_;								\
})

#define check_err(expr, want) do {					\
	long ret_ = (expr), want_ = (want);				\
	if (ret_ != want_)						\
		fail("%s: is %s, should be %s", #expr,			\
		     tap_errno((int)ret_), tap_errno((int)want_));	\
} while (0)

#endif /* HACC_TAP_H */
