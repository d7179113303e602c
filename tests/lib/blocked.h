/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Does a thread wait in the kernel? One that has not got there yet looks the same from
 * outside as one that waits: the kernel is asked.
 */
#ifndef HACC_BLOCKED_H
#define HACC_BLOCKED_H

#include <stdbool.h>
#include <sys/types.h>

/* In the thread, right before it makes the call. */
void blocked_here(pid_t *tid);
/* The thread that has said so sleeps in this system call (SYS_...), or comes to it in time. */
bool blocked_in(const pid_t *tid, long call, int patience_ms);

#endif /* HACC_BLOCKED_H */
