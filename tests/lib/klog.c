// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "klog.h"

int klog_mark(struct klog *log)
{
	log->fd = open("/dev/kmsg", O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	if (log->fd < 0)
		return -errno;
	lseek(log->fd, 0, SEEK_END);
	return 0;
}

bool klog_next(struct klog *log, int *level, char *line, size_t size)
{
	char record[2048], *text;
	ssize_t len;

	do {
		/* EPIPE: lines were overwritten before we came to them. */
		len = read(log->fd, record, sizeof(record) - 1);
	} while (len < 0 && errno == EPIPE);
	if (len <= 0)
		return false;
	record[len] = 0;

	/* "facility and level,sequence,time,flags;text" and a newline */
	*level = atoi(record) & 7;
	text = strchr(record, ';');
	text = text ? text + 1 : record;
	text[strcspn(text, "\n")] = 0;
	snprintf(line, size, "%.*s", (int)size - 1, text);
	return true;
}

bool klog_find_last(struct klog *log, const char *what, char *line, size_t size)
{
	char text[KLOG_LINE_MAX];
	bool found = false;
	int level;

	while (klog_next(log, &level, text, sizeof(text))) {
		if (!strstr(text, what))
			continue;
		snprintf(line, size, "%.*s", (int)size - 1, text);
		found = true;
	}
	return found;
}

void klog_close(struct klog *log)
{
	if (log->fd >= 0)
		close(log->fd);
	log->fd = -1;
}
