/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in vfio. The driver is written for the newest
 * one; each block serves older ones and says since when they are not needed.
 * HAVE_* come from include/compat/probes.mk. Included last.
 */
#ifndef COMPAT_VFIO_H
#define COMPAT_VFIO_H

#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

/* v6.2: iommufd, bind_iommufd and friends (da3c22c74a3c, a4d1f91db502) */
#ifdef HAVE_VFIO_BIND_IOMMUFD
#define COMPAT_VFIO_BIND_OPS					\
	.bind_iommufd = vfio_iommufd_physical_bind,		\
	.unbind_iommufd = vfio_iommufd_physical_unbind,		\
	.attach_ioas = vfio_iommufd_physical_attach_ioas,
#else
#define COMPAT_VFIO_BIND_OPS
#endif

/* v6.6: detach_ioas, mandatory from then on */
#ifdef HAVE_VFIO_DETACH_IOAS
#define COMPAT_VFIO_DETACH_OPS					\
	.detach_ioas = vfio_iommufd_physical_detach_ioas,
#else
#define COMPAT_VFIO_DETACH_OPS
#endif

/* v6.17, and backported: match_token_uuid, without which tokens go unchecked */
#ifdef HAVE_VFIO_MATCH_TOKEN_UUID
#define COMPAT_VFIO_MATCH_TOKEN_OPS				\
	.match_token_uuid = vfio_pci_core_match_token_uuid,
#else
#define COMPAT_VFIO_MATCH_TOKEN_OPS
#endif

/* v6.2: migration_get_data_size, mandatory from then on */
#ifdef VFIO_DEVICE_FEATURE_MIG_DATA_SIZE
#define COMPAT_VFIO_DATA_SIZE_OP(fn)	.migration_get_data_size = fn,
#else
#define COMPAT_VFIO_DATA_SIZE_OP(fn)
#endif

/* v6.2: PRE_COPY (4db52602a607); before, the core never asks for its arcs */
#ifdef VFIO_MIGRATION_PRE_COPY
#define COMPAT_MIGRATION_FLAGS	(VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P | \
				 VFIO_MIGRATION_PRE_COPY)
#else
#define COMPAT_MIGRATION_FLAGS	(VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P)
#define VFIO_DEVICE_STATE_PRE_COPY	6
#define VFIO_DEVICE_STATE_PRE_COPY_P2P	7
#define VFIO_MIG_GET_PRECOPY_INFO	_IO(VFIO_TYPE, VFIO_BASE + 21)

struct vfio_precopy_info {
	__u32 argsz;
	__u32 flags;
	__aligned_u64 initial_bytes;
	__aligned_u64 dirty_bytes;
};
#endif

/* v7.1: a user that has opted in to v2 of the pre-copy info gets its flags */
#ifdef VFIO_DEVICE_FEATURE_MIG_PRECOPY_INFOv2
static inline void compat_precopy_clear_flags(struct vfio_device *vdev,
					      struct vfio_precopy_info *info)
{
	if (vdev->precopy_info_v2)
		info->flags = 0;
}
#else
static inline void compat_precopy_clear_flags(struct vfio_device *vdev,
					      struct vfio_precopy_info *info)
{
}
#endif

/*
 * v6.19: VFIO_DEVICE_GET_REGION_INFO is taken from the ioctl op and given to an
 * op of its own, get_region_info_caps. Before, the ioctl op sees it: the core
 * answers, then the answer's size is clipped in user memory.
 */
#ifdef HAVE_VFIO_GET_REGION_INFO_CAPS
#define COMPAT_REGION_INFO_OP(fn)	.get_region_info_caps = fn,
#define compat_get_region_info		vfio_pci_ioctl_get_region_info

static inline bool compat_is_region_info(unsigned int cmd)
{
	return false;
}
#else
#define COMPAT_REGION_INFO_OP(fn)
struct vfio_info_cap;

static inline bool compat_is_region_info(unsigned int cmd)
{
	return cmd == VFIO_DEVICE_GET_REGION_INFO;
}

static inline int compat_get_region_info(struct vfio_device *vdev,
					 struct vfio_region_info *info,
					 struct vfio_info_cap *caps)
{
	return -EOPNOTSUPP;
}
#endif

/* v7.1: the index of a negative offset is no longer negative itself */
#define compat_vfio_offset_to_index(off)	((u64)(off) >> VFIO_PCI_OFFSET_SHIFT)

/* v6.8: a debugfs directory for each VFIO device */
#if defined(HAVE_VFIO_DEBUG_ROOT) && IS_ENABLED(CONFIG_VFIO_DEBUGFS)
#define COMPAT_DEBUGFS
#endif

#endif /* COMPAT_VFIO_H */
