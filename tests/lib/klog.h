/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The kernel's log, read from a mark on.
 */
#ifndef HACC_KLOG_H
#define HACC_KLOG_H

#include <stdbool.h>
#include <stddef.h>

#define KLOG_ERR	3	/* levels as syslog(2) numbers them */
#define KLOG_WARNING	4
#define KLOG_LINE_MAX	400

struct klog {
	int fd;
};

/* From now on: 0 or -errno. */
int klog_mark(struct klog *log);
/* The next line after the mark: false when there is none yet. */
bool klog_next(struct klog *log, int *level, char *line, size_t size);
/* The last line after the mark that says this; false when none does. */
bool klog_find_last(struct klog *log, const char *what, char *line,
		    size_t size);
void klog_close(struct klog *log);

#endif /* HACC_KLOG_H */
