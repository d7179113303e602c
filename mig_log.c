// SPDX-License-Identifier: GPL-2.0-only
/*
 * Errors in words: each goes to the kernel log, rate-limited, and the last one
 * is kept for debugfs, where it is still there when the log has moved on.
 */
#include <linux/dev_printk.h>
#include <linux/kernel.h>
#include <linux/ratelimit.h>
#include <linux/string.h>

#include "include/mig_log.h"

/**
 * mig_log_init() - set a device's log up
 * @log: the log
 * @dev: the device its messages are about
 *
 * Context: any.
 */
void mig_log_init(struct mig_log *log, struct device *dev)
{
	*log = (struct mig_log){ .dev = dev };
	spin_lock_init(&log->lock);
	ratelimit_default_init(&log->rate);
}

/**
 * mig_log_err() - say what went wrong
 * @log: the device's log
 * @fmt: one line, newline included
 *
 * Context: any but hard interrupts.
 */
void mig_log_err(struct mig_log *log, const char *fmt, ...)
{
	char words[MIG_LOG_WORDS];
	va_list args;

	va_start(args, fmt);
	vscnprintf(words, sizeof(words), fmt, args);
	va_end(args);
	strim(words);

	if (__ratelimit(&log->rate))
		dev_err(log->dev, "%s\n", words);

	spin_lock(&log->lock);
	strscpy(log->last, words, sizeof(log->last));
	log->when = ktime_get();
	spin_unlock(&log->lock);
}

/**
 * mig_log_note() - say what is no error, but worth knowing
 * @log: the device's log
 * @words: one line, no newline
 *
 * Context: any but hard interrupts.
 */
void mig_log_note(struct mig_log *log, const char *words)
{
	if (__ratelimit(&log->rate))
		dev_notice(log->dev, "%s\n", words);
}
