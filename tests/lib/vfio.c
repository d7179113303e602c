// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <linux/iommufd.h>
#include <linux/vfio.h>

#include "oracle.h"
#include "vfio.h"

static void vfio_dev_init(struct vfio_dev *v, const struct pci_func *func)
{
	int i;

	memset(v, 0, sizeof(*v));
	v->func = *func;
	v->container = -1;
	v->group = -1;
	v->device = -1;
	for (i = 0; i < VFIO_DEV_IRQS; i++)
		v->irq[i] = -1;
}

static void vfio_dev_close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vfio_dev_close(struct vfio_dev *v)
{
	int i;

	if (v->device >= 0)
		oracle_quiet(&v->func, false);
	if (v->bar2)
		munmap((void *)v->bar2, VFIO_DEV_BAR2_LOW);
	v->bar2 = NULL;
	if (v->pages)
		munmap((void *)v->pages, v->pages_size);
	v->pages = NULL;
	vfio_dev_close_fd(&v->device);
	vfio_dev_close_fd(&v->group);
	vfio_dev_close_fd(&v->container);
	for (i = 0; i < VFIO_DEV_IRQS; i++)
		vfio_dev_close_fd(&v->irq[i]);
	if (v->ram)
		munmap(v->ram, v->ram_size);
	v->ram = NULL;
}

int vfio_dev_region(struct vfio_dev *v, uint32_t index, uint64_t *size,
		    uint64_t *offset, uint32_t *flags)
{
	struct vfio_region_info info = {
		.argsz = sizeof(info),
		.index = index,
	};

	if (ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, &info))
		return -errno;
	*size = info.size;
	*offset = info.offset;
	*flags = info.flags;
	return 0;
}

static int vfio_dev_set_irqs(struct vfio_dev *v)
{
	struct {
		struct vfio_irq_set set;
		int32_t fds[VFIO_DEV_IRQS];
	} arg = {
		.set = {
			.argsz = sizeof(arg),
			.flags = VFIO_IRQ_SET_DATA_EVENTFD |
				 VFIO_IRQ_SET_ACTION_TRIGGER,
			.index = VFIO_PCI_MSI_IRQ_INDEX,
			.count = VFIO_DEV_IRQS,
		},
	};
	int i;

	for (i = 0; i < VFIO_DEV_IRQS; i++) {
		v->irq[i] = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
		if (v->irq[i] < 0)
			return -errno;
		arg.fds[i] = v->irq[i];
	}
	return ioctl(v->device, VFIO_DEVICE_SET_IRQS, &arg) ? -errno : 0;
}

/* Bus mastering: the guest's driver would ask for it in config space. */
static int vfio_dev_enable_dma(struct vfio_dev *v)
{
	uint64_t size = 0, offset = 0;
	uint32_t flags = 0;
	uint16_t command;
	int ret;

	ret = vfio_dev_region(v, VFIO_PCI_CONFIG_REGION_INDEX, &size, &offset,
			      &flags);
	if (ret)
		return ret;
	if (pread(v->device, &command, 2, offset + 4) != 2)
		return -errno;
	command |= 0x6;
	return pwrite(v->device, &command, 2, offset + 4) == 2 ? 0 : -errno;
}

/* With queue isolation the guest's driver rings there. */
static int vfio_dev_map_pages(struct vfio_dev *v)
{
	uint64_t size = 0, offset = 0;
	uint32_t flags = 0;
	void *map;
	int ret;

	ret = vfio_dev_region(v, VFIO_PCI_BAR4_REGION_INDEX, &size, &offset, &flags);
	if (ret || !size)
		return ret;
	map = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, v->device, offset);
	if (map == MAP_FAILED)
		return -errno;
	v->pages = map;
	v->pages_size = size;
	return 0;
}

static int vfio_dev_setup(struct vfio_dev *v)
{
	uint32_t flags;
	void *map;
	int ret;

	ret = vfio_dev_region(v, VFIO_PCI_BAR2_REGION_INDEX, &v->bar2_size,
			      &v->bar2_offset, &flags);
	if (ret)
		return ret;
	ret = vfio_dev_enable_dma(v);
	if (ret)
		return ret;
	map = mmap(NULL, VFIO_DEV_BAR2_LOW, PROT_READ | PROT_WRITE, MAP_SHARED,
		   v->device, v->bar2_offset);
	if (map == MAP_FAILED)
		return -errno;
	v->bar2 = map;
	ret = vfio_dev_map_pages(v);
	return ret ? ret : vfio_dev_set_irqs(v);
}

static int vfio_dev_group_number(const struct pci_func *func)
{
	char path[128], target[PATH_MAX], *base;
	ssize_t len;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/iommu_group",
		 func->bdf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = 0;
	base = strrchr(target, '/');
	return base ? atoi(base + 1) : -ENODEV;
}

static int vfio_dev_open_group(struct vfio_dev *v)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	int number = vfio_dev_group_number(&v->func);
	char path[64];

	if (number < 0)
		return number;
	snprintf(path, sizeof(path), "/dev/vfio/%d", number);
	v->container = open("/dev/vfio/vfio", O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return -errno;
	v->group = open(path, O_RDWR | O_CLOEXEC);
	if (v->group < 0)
		return -errno;
	if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status))
		return -errno;
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return -EPERM;
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container))
		return -errno;
	if (ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU))
		return -errno;
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, v->func.bdf);
	return v->device < 0 ? -errno : 0;
}

int vfio_dev_open(struct vfio_dev *v, const struct pci_func *func)
{
	int ret;

	vfio_dev_init(v, func);
	ret = vfio_dev_open_group(v);
	if (!ret)
		ret = vfio_dev_setup(v);
	if (ret)
		vfio_dev_close(v);
	return ret;
}

static int vfio_dev_open_node(struct vfio_dev *v)
{
	char path[320] = "";
	struct dirent *entry;
	DIR *dir;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/vfio-dev",
		 v->func.bdf);
	dir = opendir(path);
	if (!dir)
		return -errno;
	path[0] = 0;
	while ((entry = readdir(dir)))
		if (!strncmp(entry->d_name, "vfio", 4))
			snprintf(path, sizeof(path), "/dev/vfio/devices/%s",
				 entry->d_name);
	closedir(dir);
	if (!path[0])
		return -ENODEV;
	v->device = open(path, O_RDWR | O_CLOEXEC);
	return v->device < 0 ? -errno : 0;
}

static int vfio_dev_alloc_tracked(struct vfio_dev *v, uint32_t dev)
{
	struct iommu_hwpt_alloc alloc = {
		.size = sizeof(alloc),
		.flags = IOMMU_HWPT_ALLOC_DIRTY_TRACKING,
		.dev_id = dev,
		.pt_id = v->ioas,
	};

	if (ioctl(v->container, IOMMU_HWPT_ALLOC, &alloc))
		return -errno;
	v->hwpt = alloc.out_hwpt_id;
	return 0;
}

static int vfio_dev_attach_iommufd(struct vfio_dev *v, bool tracked)
{
	struct vfio_device_bind_iommufd bind = { .argsz = sizeof(bind) };
	struct vfio_device_attach_iommufd_pt attach = { .argsz = sizeof(attach) };
	struct iommu_ioas_alloc alloc = { .size = sizeof(alloc) };
	int ret;

	v->container = open("/dev/iommu", O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return -errno;
	bind.iommufd = v->container;
	if (ioctl(v->device, VFIO_DEVICE_BIND_IOMMUFD, &bind))
		return -errno;
	if (ioctl(v->container, IOMMU_IOAS_ALLOC, &alloc))
		return -errno;
	v->ioas = alloc.out_ioas_id;
	attach.pt_id = v->ioas;
	if (tracked) {
		ret = vfio_dev_alloc_tracked(v, bind.out_devid);
		if (ret)
			return ret;
		attach.pt_id = v->hwpt;
	}
	return ioctl(v->device, VFIO_DEVICE_ATTACH_IOMMUFD_PT, &attach) ?
		-errno : 0;
}

static int vfio_dev_open_by_node(struct vfio_dev *v, const struct pci_func *func,
				 bool tracked)
{
	int ret;

	vfio_dev_init(v, func);
	ret = vfio_dev_open_node(v);
	if (!ret)
		ret = vfio_dev_attach_iommufd(v, tracked);
	if (!ret)
		ret = vfio_dev_setup(v);
	if (ret)
		vfio_dev_close(v);
	return ret;
}

int vfio_dev_open_iommufd(struct vfio_dev *v, const struct pci_func *func)
{
	return vfio_dev_open_by_node(v, func, false);
}

int vfio_dev_open_tracked(struct vfio_dev *v, const struct pci_func *func)
{
	return vfio_dev_open_by_node(v, func, true);
}

static int vfio_dev_map(struct vfio_dev *v, void *ram, uint64_t iova,
			size_t size)
{
	struct vfio_iommu_type1_dma_map map = {
		.argsz = sizeof(map),
		.flags = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE,
		.vaddr = (uintptr_t)ram,
		.iova = iova,
		.size = size,
	};
	struct iommu_ioas_map ioas = {
		.size = sizeof(ioas),
		.flags = IOMMU_IOAS_MAP_FIXED_IOVA | IOMMU_IOAS_MAP_READABLE |
			 IOMMU_IOAS_MAP_WRITEABLE,
		.ioas_id = v->ioas,
		.user_va = (uintptr_t)ram,
		.iova = iova,
		.length = size,
	};

	if (v->group >= 0)
		return ioctl(v->container, VFIO_IOMMU_MAP_DMA, &map) ? -errno : 0;
	return ioctl(v->container, IOMMU_IOAS_MAP, &ioas) ? -errno : 0;
}

static int vfio_dev_take_ram(struct vfio_dev *v, void *ram, uint64_t iova, size_t size)
{
	int ret = vfio_dev_map(v, ram, iova, size);

	if (ret) {
		munmap(ram, size);
		return ret;
	}
	v->ram = ram;
	v->ram_iova = iova;
	v->ram_size = size;
	return 0;
}

int vfio_dev_add_ram(struct vfio_dev *v, uint64_t iova, size_t size)
{
	void *ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
			 MAP_SHARED | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	return ram == MAP_FAILED ? -errno : vfio_dev_take_ram(v, ram, iova, size);
}

int vfio_dev_add_blocks(struct vfio_dev *v, uint64_t iova, size_t size)
{
	char *all = mmap(NULL, size + VFIO_DEV_BLOCK, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t before;

	if (all == MAP_FAILED)
		return -errno;
	before = -(uintptr_t)all % VFIO_DEV_BLOCK;
	if (before)
		munmap(all, before);
	munmap(all + before + size, VFIO_DEV_BLOCK - before);
	if (madvise(all + before, size, MADV_HUGEPAGE))
		return -errno;
	memset(all + before, 0, size);
	return vfio_dev_take_ram(v, all + before, iova, size);
}

int vfio_dev_reset(struct vfio_dev *v)
{
	oracle_quiet(&v->func, false);
	return ioctl(v->device, VFIO_DEVICE_RESET) ? -errno : 0;
}

int vfio_dev_feature(struct vfio_dev *v, uint32_t flags, void *data,
		     size_t size)
{
	uint64_t buf[8] = { 0 };
	struct vfio_device_feature *feature = (void *)buf;

	if (size > sizeof(buf) - sizeof(*feature))
		return -E2BIG;
	feature->argsz = sizeof(*feature) + size;
	feature->flags = flags;
	if (size)
		memcpy(feature->data, data, size);
	if (ioctl(v->device, VFIO_DEVICE_FEATURE, feature))
		return -errno;
	if (size)
		memcpy(data, feature->data, size);
	return 0;
}

bool vfio_dev_has_feature(struct vfio_dev *v, uint32_t feature)
{
	return !vfio_dev_feature(v, VFIO_DEVICE_FEATURE_PROBE |
				 VFIO_DEVICE_FEATURE_GET | feature, NULL, 0);
}

int64_t vfio_dev_migration_flags(struct vfio_dev *v)
{
	struct vfio_device_feature_migration mig = { 0 };
	int ret;

	ret = vfio_dev_feature(v, VFIO_DEVICE_FEATURE_GET |
			       VFIO_DEVICE_FEATURE_MIGRATION, &mig, sizeof(mig));
	return ret ? ret : (int64_t)mig.flags;
}

int vfio_dev_ioeventfd(struct vfio_dev *v, uint64_t bar2_at, int width, int fd)
{
	struct vfio_device_ioeventfd arg = {
		.argsz = sizeof(arg),
		.flags = width,		/* VFIO_DEVICE_IOEVENTFD_32 is 1 << 2 */
		.offset = v->bar2_offset + bar2_at,
		.data = 0,
		.fd = fd,
	};

	return ioctl(v->device, VFIO_DEVICE_IOEVENTFD, &arg) ? -errno : 0;
}

int64_t vfio_dev_pread(struct vfio_dev *v, uint64_t bar2_at, void *buf,
		       size_t len)
{
	ssize_t ret = pread(v->device, buf, len, v->bar2_offset + bar2_at);

	return ret < 0 ? -errno : ret;
}

int64_t vfio_dev_pwrite(struct vfio_dev *v, uint64_t bar2_at, const void *buf,
			size_t len)
{
	ssize_t ret = pwrite(v->device, buf, len, v->bar2_offset + bar2_at);

	return ret < 0 ? -errno : ret;
}
