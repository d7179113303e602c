/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tool needs of the VFIO and iommufd interfaces and the headers of an
 * older distribution lack. These are fixed by the kernel's ABI; whether the
 * running kernel has them is found out by asking it.
 */
#ifndef TOOL_UAPI_H
#define TOOL_UAPI_H

#include <linux/types.h>
#include <linux/vfio.h>

/* v6.2 */
#ifndef VFIO_MIGRATION_PRE_COPY
#define VFIO_MIGRATION_PRE_COPY		(1 << 2)
#define VFIO_DEVICE_STATE_PRE_COPY	6
#endif

/* v6.6: a device by its own node, with iommufd */
#define UAPI_BIND_IOMMUFD	_IO(VFIO_TYPE, VFIO_BASE + 18)

struct uapi_bind_iommufd {
	__u32 argsz;
	__u32 flags;
	__s32 iommufd;
	__u32 out_devid;
};

/* v6.6, its capabilities since v6.7 */
#define UAPI_IOMMU_GET_HW_INFO	_IO(';', 0x8a)
#define UAPI_IOMMU_CAP_DIRTY	(1 << 0)

struct uapi_iommu_hw_info {
	__u32 size;
	__u32 flags;
	__u32 dev_id;
	__u32 data_len;
	__u64 data_uptr __attribute__((aligned(8)));
	__u32 out_data_type;
	__u32 reserved;
	__u64 out_capabilities __attribute__((aligned(8)));
};

#endif /* TOOL_UAPI_H */
