/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The VFIO migration protocol as a VM monitor speaks it, each arc measured.
 */
#ifndef HACC_MIGRATION_H
#define HACC_MIGRATION_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <linux/vfio.h>

#include "vfio.h"

#define MIG_ERROR	VFIO_DEVICE_STATE_ERROR
#define MIG_STOP	VFIO_DEVICE_STATE_STOP
#define MIG_RUNNING	VFIO_DEVICE_STATE_RUNNING
#define MIG_STOP_COPY	VFIO_DEVICE_STATE_STOP_COPY
#define MIG_RESUMING	VFIO_DEVICE_STATE_RESUMING
#define MIG_RUNNING_P2P	VFIO_DEVICE_STATE_RUNNING_P2P
#define MIG_PRE_COPY	VFIO_DEVICE_STATE_PRE_COPY
#define MIG_PRE_COPY_P2P VFIO_DEVICE_STATE_PRE_COPY_P2P

#define MIG_STREAM_MAX	4096
#define MIG_ARCS_MAX	16

struct mig_stream {
	uint8_t data[MIG_STREAM_MAX];
	size_t len;
};

/* What one step of a migration cost. */
struct mig_arc {
	const char *name;
	uint64_t time_ns;
	uint64_t mmio_reads;
	uint64_t mmio_writes;
	size_t bytes;
};

struct mig_log {
	struct mig_arc arcs[MIG_ARCS_MAX];
	int nr;
};

const char *mig_state_name(int state);
/* The state, or -errno. */
int mig_get_state(struct vfio_dev *v);
/*
 * Ask for a state, 0 or -errno. Where the arc hands out a data fd it goes to
 * *data_fd (or is closed if that is NULL); else *data_fd is -1.
 */
int mig_set_state(struct vfio_dev *v, int state, int *data_fd);
/* The same, noted in the log unless that is NULL; nothing to do is no arc. */
int mig_arc(struct vfio_dev *v, int state, int *data_fd, struct mig_log *log);

/* Read to the end, at most chunk bytes at once; 0 or -errno. */
int mig_read(int fd, struct mig_stream *stream, size_t chunk);
/*
 * Write all, at most chunk bytes at once; 0 or -errno. *done, unless it is
 * NULL, gets the bytes that were taken.
 */
int mig_write(int fd, const void *data, size_t len, size_t chunk, size_t *done);

/* RUNNING to STOP to STOP_COPY, read, back to STOP. 0 or -errno. */
int mig_save(struct vfio_dev *v, struct mig_stream *stream, struct mig_log *log);
/* RUNNING to STOP to RESUMING, write, to STOP. 0 or -errno. */
int mig_load(struct vfio_dev *v, const struct mig_stream *stream,
	     struct mig_log *log);

#endif /* HACC_MIGRATION_H */
