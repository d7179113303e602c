/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Which pages a VF has written to, as its IOMMU tells by iommufd: what a VM monitor
 * sends again. And whether that is true: the accelerator model knows what it wrote.
 */
#ifndef HACC_DIRTY_H
#define HACC_DIRTY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oracle.h"
#include "vfio.h"

#define DIRTY_PAGE	(1u << KPO_PAGE_SHIFT)

struct dirty {
	struct vfio_dev *v;	/* opened by vfio_dev_open_tracked(), with memory */
	size_t page_size;	/* of the bitmap */
	uint8_t reported[KPO_PAGES];	/* by the read before; a byte for each 4 KiB */
	uint8_t meanwhile[KPO_PAGES];	/* written while that read was at work */
	unsigned int reads;
	size_t pages;		/* reported, in all reads */
	size_t written;		/* so many that the model wrote to, likewise */
	size_t lost;		/* written and reported by no read that had to */
	char why[160];		/* the first of them */
};

/* Begin: all is clean, and so it is taken to be. 0 or -errno. */
int dirty_start(struct dirty *d, struct vfio_dev *v, size_t page_size);
int dirty_stop(struct dirty *d);
/*
 * Read and clear the bitmap; 0 or -errno. What was written before this read and after
 * the one before is in this one, or lost. What is written while a read is at work may be
 * in the next one.
 */
int dirty_read(struct dirty *d);
/* Nothing has been written since the last read began? */
bool dirty_is_still(struct dirty *d);

#endif /* HACC_DIRTY_H */
