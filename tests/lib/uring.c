// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/io_uring.h>

#include "uring.h"

#define URING_ENTRIES	4

int uring_open(struct uring *u)
{
	struct io_uring_params params = { 0 };
	size_t cq_size;
	char *ring;

	memset(u, 0, sizeof(*u));
	u->fd = syscall(SYS_io_uring_setup, URING_ENTRIES, &params);
	if (u->fd < 0)
		return -errno;
	u->ring_size = params.sq_off.array + params.sq_entries * sizeof(uint32_t);
	cq_size = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
	if (cq_size > u->ring_size)
		u->ring_size = cq_size;
	u->ring = mmap(NULL, u->ring_size, PROT_READ | PROT_WRITE, MAP_SHARED, u->fd,
		       IORING_OFF_SQ_RING);
	u->sqes = mmap(NULL, params.sq_entries * sizeof(struct io_uring_sqe),
		       PROT_READ | PROT_WRITE, MAP_SHARED, u->fd, IORING_OFF_SQES);
	if (u->ring == MAP_FAILED || u->sqes == MAP_FAILED) {
		close(u->fd);
		return -ENOMEM;
	}
	ring = u->ring;
	u->sq_tail = (void *)(ring + params.sq_off.tail);
	u->sq_mask = (void *)(ring + params.sq_off.ring_mask);
	u->sq_array = (void *)(ring + params.sq_off.array);
	u->cq_head = (void *)(ring + params.cq_off.head);
	u->cq_tail = (void *)(ring + params.cq_off.tail);
	u->cq_mask = (void *)(ring + params.cq_off.ring_mask);
	u->cqes = ring + params.cq_off.cqes;
	return 0;
}

void uring_close(struct uring *u)
{
	munmap(u->sqes, URING_ENTRIES * sizeof(struct io_uring_sqe));
	munmap(u->ring, u->ring_size);
	close(u->fd);
}

int uring_submit(struct uring *u, bool write, int fd, void *buf, size_t len)
{
	unsigned int tail = *u->sq_tail, at = tail & *u->sq_mask;
	struct io_uring_sqe *sqe = (struct io_uring_sqe *)u->sqes + at;
	long ret;

	memset(sqe, 0, sizeof(*sqe));
	sqe->opcode = write ? IORING_OP_WRITE : IORING_OP_READ;
	sqe->fd = fd;
	sqe->addr = (uintptr_t)buf;
	sqe->len = len;
	sqe->off = -1;		/* a stream has no position */
	u->sq_array[at] = at;
	__atomic_store_n(u->sq_tail, tail + 1, __ATOMIC_RELEASE);
	ret = syscall(SYS_io_uring_enter, u->fd, 1, 0, 0, NULL, 0);
	return ret < 0 ? -errno : ret == 1 ? 0 : -EIO;
}

bool uring_wait(struct uring *u, int timeout_ms, int *result)
{
	struct pollfd ready = { .fd = u->fd, .events = POLLIN };
	unsigned int head = *u->cq_head;
	const struct io_uring_cqe *cqe;

	poll(&ready, 1, timeout_ms);
	if (head == __atomic_load_n(u->cq_tail, __ATOMIC_ACQUIRE))
		return false;
	cqe = (const struct io_uring_cqe *)u->cqes + (head & *u->cq_mask);
	*result = cqe->res;
	__atomic_store_n(u->cq_head, head + 1, __ATOMIC_RELEASE);
	return true;
}
