/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Just enough of io_uring to read and write a file by it, one request at a time.
 */
#ifndef HACC_URING_H
#define HACC_URING_H

#include <stdbool.h>
#include <stddef.h>

struct uring {
	int fd;
	void *ring;		/* both queues */
	void *sqes;
	size_t ring_size;
	unsigned int *sq_tail, *sq_mask, *sq_array;
	unsigned int *cq_head, *cq_tail, *cq_mask;
	void *cqes;
};

/* 0 or -errno; -ENOSYS where the kernel has none. */
int uring_open(struct uring *u);
void uring_close(struct uring *u);
/* Ask for bytes to be read or written; 0 or -errno. */
int uring_submit(struct uring *u, bool write, int fd, void *buf, size_t len);
/* What became of it: false if it is not done after so long. */
bool uring_wait(struct uring *u, int timeout_ms, int *result);

#endif /* HACC_URING_H */
