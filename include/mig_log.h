/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Errors in words: for the kernel log, and for who asks later.
 */
#ifndef MIG_LOG_H
#define MIG_LOG_H

#include <linux/compiler_attributes.h>
#include <linux/ktime.h>
#include <linux/ratelimit_types.h>
#include <linux/spinlock_types.h>

#define MIG_LOG_WORDS	128

struct device;

struct mig_log {
	struct device *dev;
	struct ratelimit_state rate;	/* of this device alone */
	spinlock_t lock;		/* the rest */
	ktime_t when;			/* 0: no error yet */
	char last[MIG_LOG_WORDS];
};

void mig_log_init(struct mig_log *log, struct device *dev);
__printf(2, 3) void mig_log_err(struct mig_log *log, const char *fmt, ...);
void mig_log_note(struct mig_log *log, const char *words);

#endif /* MIG_LOG_H */
