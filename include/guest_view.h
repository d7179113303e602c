/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the guest sees of its VF: ops for vfio.
 */
#ifndef GUEST_VIEW_H
#define GUEST_VIEW_H

#include <linux/types.h>

struct vfio_device;
struct vfio_info_cap;
struct vfio_region_info;
struct vm_area_struct;

ssize_t guest_view_read(struct vfio_device *vdev, char __user *buf, size_t count,
			loff_t *ppos);
ssize_t guest_view_write(struct vfio_device *vdev, const char __user *buf,
			 size_t count, loff_t *ppos);
int guest_view_mmap(struct vfio_device *vdev, struct vm_area_struct *vma);
int guest_view_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
			   struct vfio_info_cap *caps);
long guest_view_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);

#endif /* GUEST_VIEW_H */
