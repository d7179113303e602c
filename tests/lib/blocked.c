// SPDX-License-Identifier: GPL-2.0-only
/* Does a thread wait in the kernel? */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "blocked.h"
#include "sysfs.h"

void blocked_here(pid_t *tid)
{
	__atomic_store_n(tid, gettid(), __ATOMIC_RELEASE);
}

bool blocked_in(const pid_t *tid, long call, int patience_ms)
{
	char path[64], text[256], *end;
	int ms;

	for (ms = 0; ms < patience_ms; ms++) {
		pid_t id = __atomic_load_n(tid, __ATOMIC_ACQUIRE);

		/* "running" while it runs, else the number of the call, -1 outside any */
		snprintf(path, sizeof(path), "/proc/self/task/%d/syscall", id);
		if (id && !sysfs_read(path, text, sizeof(text)) &&
		    strtol(text, &end, 10) == call && end != text)
			return true;
		usleep(1000);
	}
	return false;
}
