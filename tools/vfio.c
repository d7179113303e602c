// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "vfio.h"

#define CONTAINER	"/dev/vfio/vfio"
#define IOMMUFD		"/dev/iommu"

static void group_node(const struct vf *vf, char *path, size_t size)
{
	snprintf(path, size, "/dev/vfio/%d", vf->group);
}

/* The VF's own node; empty: the kernel has none. */
static void device_node(const struct vf *vf, char *path, size_t size)
{
	char dir_path[128];
	struct dirent *entry;
	DIR *dir;

	*path = 0;
	snprintf(dir_path, sizeof(dir_path), PCI_DEVICES "/%s/vfio-dev", vf->bdf);
	dir = opendir(dir_path);
	if (!dir)
		return;
	while ((entry = readdir(dir))) {
		if (!strncmp(entry->d_name, "vfio", 4))
			snprintf(path, size, "/dev/vfio/devices/%s", entry->d_name);
	}
	closedir(dir);
	if (access(path, F_OK))
		*path = 0;
}

/* Does this process have one of the two files open? */
static bool process_has(const char *pid, const char *node, const char *other)
{
	char path[300], target[300];
	struct dirent *entry;
	bool has = false;
	ssize_t len;
	DIR *dir;

	snprintf(path, sizeof(path), "/proc/%.20s/fd", pid);
	dir = opendir(path);
	if (!dir)
		return false;
	while (!has && (entry = readdir(dir))) {
		snprintf(path, sizeof(path), "/proc/%.20s/fd/%.20s", pid, entry->d_name);
		len = readlink(path, target, sizeof(target) - 1);
		if (len < 0)
			continue;
		target[len] = 0;
		has = !strcmp(target, node) || (*other && !strcmp(target, other));
	}
	closedir(dir);
	return has;
}

static bool find_user(const struct vf *vf, char *who, size_t size)
{
	char node[64], other[300], path[64], comm[64];
	struct dirent *entry;
	bool found = false;
	DIR *dir;

	group_node(vf, node, sizeof(node));
	device_node(vf, other, sizeof(other));
	dir = opendir("/proc");
	if (!dir)
		return false;
	while (!found && (entry = readdir(dir))) {
		if (atoi(entry->d_name) <= 0 || atoi(entry->d_name) == getpid() ||
		    !process_has(entry->d_name, node, other))
			continue;
		snprintf(path, sizeof(path), "/proc/%.20s/comm", entry->d_name);
		if (file_read(path, comm, sizeof(comm)))
			snprintf(comm, sizeof(comm), "process");
		snprintf(who, size, "%s (pid %.20s)", comm, entry->d_name);
		found = true;
	}
	closedir(dir);
	return found;
}

/* Opening a group opens no device, and so resets none. */
static bool group_is_busy(const struct vf *vf)
{
	char node[64];
	int fd;

	group_node(vf, node, sizeof(node));
	fd = open(node, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return errno == EBUSY;
	close(fd);
	return false;
}

bool vfio_in_use(const struct vf *vf, char *who, size_t size)
{
	snprintf(who, size, "another process");
	return find_user(vf, who, size) || group_is_busy(vf);
}

static int trouble_busy(const struct vf *vf)
{
	char who[128];

	vfio_in_use(vf, who, sizeof(who));
	return complain(vf->bdf, "is in use by %s; end that first", who);
}

/* The driver has been asked to open the VF, and does not. */
static int trouble_device(const struct vf *vf, int err)
{
	return complain(vf->bdf, "can't be opened: %s; the kernel's log may say why",
			strerror(err));
}

static int trouble_opening(const struct vf *vf, const char *path, int err)
{
	switch (err) {
	case EBUSY:
		return trouble_busy(vf);
	case EACCES:
	case EPERM:
		return complain(vf->bdf, "%s: %s; run this as root", path, strerror(err));
	case ENOENT:
	case ENODEV:
		return complain(vf->bdf, "%s: %s; load the module: modprobe %s", path, strerror(err),
				!strcmp(path, IOMMUFD) ? "iommufd" :
				!strcmp(path, CONTAINER) ? "vfio_iommu_type1" : "vfio");
	default:
		return complain(vf->bdf, "%s: %s", path, strerror(err));
	}
}

static int set_container(struct vfio *v, const struct vf *vf)
{
	if (ioctl(v->group, VFIO_GROUP_SET_CONTAINER, &v->container))
		return complain(vf->bdf, "its IOMMU group %d can't be used: %s", vf->group,
				strerror(errno));
	if (!ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1v2_IOMMU) ||
	    !ioctl(v->container, VFIO_SET_IOMMU, VFIO_TYPE1_IOMMU))
		return 0;
	return complain(vf->bdf, "no type1 IOMMU: %s; load the module: modprobe vfio_iommu_type1",
			strerror(errno));
}

static int open_by_group(struct vfio *v, const struct vf *vf)
{
	struct vfio_group_status status = { .argsz = sizeof(status) };
	char node[64];
	int ret;

	group_node(vf, node, sizeof(node));
	v->group = open(node, O_RDWR | O_CLOEXEC);
	if (v->group < 0)
		return trouble_opening(vf, node, errno);
	v->container = open(CONTAINER, O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return trouble_opening(vf, CONTAINER, errno);
	if (ioctl(v->group, VFIO_GROUP_GET_STATUS, &status))
		return complain(vf->bdf, "%s: %s", node, strerror(errno));
	if (!(status.flags & VFIO_GROUP_FLAGS_VIABLE))
		return complain(vf->bdf,
				"another device of its IOMMU group %d has a driver that is not VFIO's; see /sys/kernel/iommu_groups/%d/devices",
				vf->group, vf->group);
	ret = set_container(v, vf);
	if (ret)
		return ret;
	v->device = ioctl(v->group, VFIO_GROUP_GET_DEVICE_FD, vf->bdf);
	return v->device < 0 ? trouble_device(vf, errno) : 0;
}

static int open_by_node(struct vfio *v, const struct vf *vf)
{
	struct uapi_bind_iommufd bind = { .argsz = sizeof(bind) };
	char node[300], who[128];
	int err;

	device_node(vf, node, sizeof(node));
	if (!*node)
		return complain(vf->bdf, "has no node in /dev/vfio/devices: this kernel has no CONFIG_VFIO_DEVICE_CDEV; use --via=group");
	v->device = open(node, O_RDWR | O_CLOEXEC);
	if (v->device < 0)
		return trouble_opening(vf, node, errno);
	v->container = open(IOMMUFD, O_RDWR | O_CLOEXEC);
	if (v->container < 0)
		return trouble_opening(vf, IOMMUFD, errno);
	bind.iommufd = v->container;
	if (!ioctl(v->device, UAPI_BIND_IOMMUFD, &bind)) {
		v->devid = bind.out_devid;
		return 0;
	}
	/* Of a VF in use it may be any errno. */
	err = errno;
	return vfio_in_use(vf, who, sizeof(who)) ? trouble_busy(vf) : trouble_device(vf, err);
}

int vfio_open(struct vfio *v, const struct vf *vf, enum via via)
{
	char node[64];
	int ret;

	*v = (struct vfio){ .container = -1, .group = -1, .device = -1 };
	if (!*vf->driver)
		return complain(vf->bdf, "has no driver; give it one: hisi-acc-mig bind %s", vf->bdf);
	if (vf->group < 0)
		return complain(vf->bdf, "has no IOMMU group; is the IOMMU on? see hisi-acc-mig doctor");
	if (via == VIA_ANY) {
		group_node(vf, node, sizeof(node));
		via = access(node, F_OK) ? VIA_IOMMUFD : VIA_GROUP;
	}
	ret = via == VIA_GROUP ? open_by_group(v, vf) : open_by_node(v, vf);
	if (ret)
		vfio_close(v);
	return ret;
}

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

void vfio_close(struct vfio *v)
{
	close_fd(&v->device);
	close_fd(&v->group);
	close_fd(&v->container);
}

/* One VFIO_DEVICE_FEATURE, whose data are copied in and out. */
static int feature(const struct vfio *v, uint32_t flags, void *data, size_t size)
{
	uint64_t buf[8] = { 0 };
	struct vfio_device_feature *arg = (void *)buf;

	arg->argsz = sizeof(*arg) + size;
	arg->flags = flags;
	memcpy(arg->data, data, size);
	if (ioctl(v->device, VFIO_DEVICE_FEATURE, arg))
		return -errno;
	memcpy(data, arg->data, size);
	return 0;
}

int vfio_migration_flags(const struct vfio *v, uint64_t *flags)
{
	struct vfio_device_feature_migration mig = { 0 };
	int ret = feature(v, VFIO_DEVICE_FEATURE_GET | VFIO_DEVICE_FEATURE_MIGRATION,
			  &mig, sizeof(mig));

	*flags = mig.flags;
	return ret;
}

int vfio_set_state(const struct vfio *v, uint32_t state, int *data_fd)
{
	struct vfio_device_feature_mig_state mig = {
		.device_state = state,
		.data_fd = -1,
	};
	int ret = feature(v, VFIO_DEVICE_FEATURE_SET | VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			  &mig, sizeof(mig));

	if (data_fd)
		*data_fd = ret ? -1 : mig.data_fd;
	return ret;
}

static int region_info(const struct vfio *v, uint32_t index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	return ioctl(v->device, VFIO_DEVICE_GET_REGION_INFO, info) ? -errno : 0;
}

int vfio_bar2_size(const struct vfio *v, uint64_t *size)
{
	struct vfio_region_info info;
	int ret = region_info(v, VFIO_PCI_BAR2_REGION_INDEX, &info);

	*size = info.size;
	return ret;
}

int vfio_revision(const struct vfio *v, uint8_t *revision)
{
	struct vfio_region_info info;
	int ret = region_info(v, VFIO_PCI_CONFIG_REGION_INDEX, &info);

	if (ret)
		return ret;
	return pread(v->device, revision, 1, info.offset + 8) == 1 ? 0 : -errno;
}

int vfio_iommu_tracks(const struct vfio *v, bool *tracks)
{
	struct uapi_iommu_hw_info info = { .size = sizeof(info), .dev_id = v->devid };

	if (ioctl(v->container, UAPI_IOMMU_GET_HW_INFO, &info))
		return -errno;
	*tracks = info.out_capabilities & UAPI_IOMMU_CAP_DIRTY;
	return 0;
}
