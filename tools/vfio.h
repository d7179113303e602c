/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * A VF through VFIO. The kernel resets a VF when it is opened and when it is
 * closed, so only one that nobody uses is ever opened, and the kernel refuses
 * one that somebody has.
 */
#ifndef TOOL_VFIO_H
#define TOOL_VFIO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pci.h"
#include "tool.h"
#include "uapi.h"

struct vfio {
	int container;		/* or iommufd */
	int group;		/* -1 with iommufd */
	int device;
	uint32_t devid;		/* with iommufd */
};

/* 0, or an exit status after saying why not. */
int vfio_open(struct vfio *v, const struct vf *vf, enum via via);
void vfio_close(struct vfio *v);

/* Is it open somewhere? Says who has it, as far as can be seen. */
bool vfio_in_use(const struct vf *vf, char *who, size_t size);

/* These give 0 or -errno. */
int vfio_migration_flags(const struct vfio *v, uint64_t *flags);
/* The data fd, where the state has one, or -1, goes to *data_fd. */
int vfio_set_state(const struct vfio *v, uint32_t state, int *data_fd);
int vfio_bar2_size(const struct vfio *v, uint64_t *size);
/* The revision id that a guest sees. */
int vfio_revision(const struct vfio *v, uint8_t *revision);
/* Can the IOMMU say which memory the device has written? Needs iommufd. */
int vfio_iommu_tracks(const struct vfio *v, bool *tracks);

#endif /* TOOL_VFIO_H */
