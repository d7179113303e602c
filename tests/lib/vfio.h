/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VF through VFIO, as a VM monitor would have it: guest memory mapped for
 * DMA, BAR2 mapped, interrupts by eventfd. Everything here gives 0 or -errno
 * unless said otherwise, so that refusals can be tested.
 */
#ifndef HACC_VFIO_H
#define HACC_VFIO_H

#include <stdbool.h>
#include <stdint.h>
#include <stddef.h>

#include "sysfs.h"

#define VFIO_DEV_IRQS		4
#define VFIO_DEV_BAR2_SIZE	0x10000
#define VFIO_DEV_BLOCK		(2u << 20)
#define VFIO_DEV_BAR2_LOW	0x8000	/* the half that is always the guest's */

struct vfio_dev {
	struct pci_func func;
	int container;		/* type1 container, or iommufd */
	int group;		/* -1 with iommufd */
	int device;
	uint32_t ioas;		/* with iommufd */
	uint32_t hwpt;		/* with dirty tracking, see dirty.h */
	uint64_t bar2_offset;	/* in the device fd */
	uint64_t bar2_size;	/* as shown */
	volatile void *bar2;	/* its low half */
	volatile void *pages;	/* of doorbells, in BAR4, one for each queue; or NULL */
	size_t pages_size;
	int irq[VFIO_DEV_IRQS];	/* eventfds of the MSIs, nonblocking */
	void *ram;		/* the guest's memory */
	uint64_t ram_iova;
	size_t ram_size;
};

/* Open, map BAR2, set up the interrupts; the VF is bound to a VFIO driver. */
int vfio_dev_open(struct vfio_dev *v, const struct pci_func *func);
/* The same by the device's own node and iommufd. */
int vfio_dev_open_iommufd(struct vfio_dev *v, const struct pci_func *func);
/* And in a domain that tells which pages are written to; -EOPNOTSUPP: none can. */
int vfio_dev_open_tracked(struct vfio_dev *v, const struct pci_func *func);
/* Give the guest memory of this size, zeroed, at iova. */
int vfio_dev_add_ram(struct vfio_dev *v, uint64_t iova, size_t size);
/* The same, where a multiple of VFIO_DEV_BLOCK lies together; -ENOMEM: it doesn't. */
int vfio_dev_add_blocks(struct vfio_dev *v, uint64_t iova, size_t size);
/* Closes all that is open; may be called twice. */
void vfio_dev_close(struct vfio_dev *v);

int vfio_dev_reset(struct vfio_dev *v);
/* VFIO_DEVICE_FEATURE with flags (VFIO_DEVICE_FEATURE_GET...) | feature. */
int vfio_dev_feature(struct vfio_dev *v, uint32_t flags, void *data,
		     size_t size);
/* Can this VFIO_DEVICE_FEATURE_* be asked for? */
bool vfio_dev_has_feature(struct vfio_dev *v, uint32_t feature);
/* VFIO_MIGRATION_* flags, or -errno where there is no migration. */
int64_t vfio_dev_migration_flags(struct vfio_dev *v);
int vfio_dev_region(struct vfio_dev *v, uint32_t index, uint64_t *size,
		    uint64_t *offset, uint32_t *flags);
/* A write of width bytes at this offset of BAR2 whenever the eventfd fires. */
int vfio_dev_ioeventfd(struct vfio_dev *v, uint64_t bar2_at, int width, int fd);
/* read and write through the device fd: bytes done or -errno */
int64_t vfio_dev_pread(struct vfio_dev *v, uint64_t bar2_at, void *buf,
		       size_t len);
int64_t vfio_dev_pwrite(struct vfio_dev *v, uint64_t bar2_at, const void *buf,
			size_t len);

#endif /* HACC_VFIO_H */
