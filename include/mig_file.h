/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The data fds, through which the bytes of a migration go.
 */
#ifndef MIG_FILE_H
#define MIG_FILE_H

#include <linux/mutex.h>
#include <linux/types.h>
#include <linux/wait.h>

#include "mig_stream.h"

struct file;
struct mig_log;
struct vfio_device;

/* The device as its files know it: constant while they are linked to it. */
struct mig_file_host {
	struct vfio_device *vdev;
	struct mig_log *log;
	const struct mig_match *match;
	/*
	 * A part of a record has come in that decides: can it be loaded as things
	 * stand? 0 or an errno, which the writer gets. Called with mig_file.lock held.
	 */
	int (*check)(const struct mig_file_host *host);
};

struct mig_file {
	struct file *filp;
	struct mutex read_lock;		/* readers, one at a time */
	wait_queue_head_t wait;		/* for bytes, or for the end */
	struct mutex lock;		/* everything below */
	const struct mig_file_host *host;	/* NULL: disabled */
	struct mig_stream stream;
	size_t pos;			/* how much of it has been read */
	bool complete;			/* saving: nothing more will come */
};

struct mig_file *mig_file_open_save(const struct mig_file_host *host);
void mig_file_complete(struct mig_file *migf, const struct mig_record *rec, size_t len);
struct mig_file *mig_file_open_resume(const struct mig_file_host *host);
void mig_file_disable(struct mig_file *migf, struct mig_stream *last);

#endif /* MIG_FILE_H */
