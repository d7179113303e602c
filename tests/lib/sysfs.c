// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sysfs.h"

#define PCI_DEVICES	"/sys/bus/pci/devices"
#define PCI_PATH_MAX	192

int sysfs_write(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	ssize_t len = strlen(text);
	int ret = 0;

	if (fd < 0)
		return -errno;
	if (write(fd, text, len) != len)
		ret = -errno;
	close(fd);
	return ret;
}

int sysfs_read(const char *path, char *buf, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	if (fd < 0)
		return -errno;
	len = read(fd, buf, size - 1);
	if (len < 0) {
		len = -errno;
		close(fd);
		return len;
	}
	close(fd);
	buf[len] = 0;
	buf[strcspn(buf, "\n")] = 0;
	return 0;
}

int sysfs_read_number(const char *path, unsigned long *value)
{
	char text[32];
	int ret = sysfs_read(path, text, sizeof(text));

	if (!ret)
		*value = strtoul(text, NULL, 0);
	return ret;
}

int pci_write(const char *bdf, const char *name, const char *text)
{
	char path[PCI_PATH_MAX];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	return sysfs_write(path, text);
}

int pci_read_number(const char *bdf, const char *name, unsigned long *value)
{
	char path[PCI_PATH_MAX];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	return sysfs_read_number(path, value);
}

int pci_func_get(const char *bdf, struct pci_func *func)
{
	unsigned int domain, bus, slot, fn;
	unsigned long vendor, device, revision;
	int ret;

	if (sscanf(bdf, "%x:%x:%x.%x", &domain, &bus, &slot, &fn) != 4)
		return -EINVAL;
	ret = pci_read_number(bdf, "vendor", &vendor);
	if (!ret)
		ret = pci_read_number(bdf, "device", &device);
	if (!ret)
		ret = pci_read_number(bdf, "revision", &revision);
	if (ret)
		return ret;

	snprintf(func->bdf, sizeof(func->bdf), "%.15s", bdf);
	func->rid = bus << 8 | slot << 3 | fn;
	func->vendor = vendor;
	func->device = device;
	func->revision = revision;
	return 0;
}

int pci_find(uint16_t vendor, uint16_t device, int nth, struct pci_func *func)
{
	struct dirent **names;
	int count, i, ret = -ENODEV;

	count = scandir(PCI_DEVICES, &names, NULL, alphasort);
	if (count < 0)
		return -errno;
	for (i = 0; i < count; i++) {
		struct pci_func found;

		if (ret && !pci_func_get(names[i]->d_name, &found) &&
		    found.vendor == vendor && found.device == device &&
		    !nth--) {
			*func = found;
			ret = 0;
		}
		free(names[i]);
	}
	free(names);
	return ret;
}

int pci_num_vfs(const struct pci_func *pf)
{
	unsigned long num;
	int ret = pci_read_number(pf->bdf, "sriov_numvfs", &num);

	return ret ? ret : (int)num;
}

int pci_set_vfs(const struct pci_func *pf, int num)
{
	char text[16];
	int ret;

	/* The tests choose each VF's driver; a new VF is to be free. */
	ret = pci_write(pf->bdf, "sriov_drivers_autoprobe", "0");
	if (ret)
		return ret;
	if (pci_num_vfs(pf) == num)
		return 0;
	if (pci_num_vfs(pf) > 0) {
		ret = pci_write(pf->bdf, "sriov_numvfs", "0");
		if (ret)
			return ret;
	}
	if (!num)
		return 0;
	snprintf(text, sizeof(text), "%d", num);
	return pci_write(pf->bdf, "sriov_numvfs", text);
}

int pci_get_vf(const struct pci_func *pf, int n, struct pci_func *vf)
{
	char path[PCI_PATH_MAX], target[PATH_MAX], *base;
	ssize_t len;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/virtfn%d", pf->bdf, n);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = 0;
	base = strrchr(target, '/');
	return pci_func_get(base ? base + 1 : target, vf);
}

static int pci_driver_of(const struct pci_func *func, char *name, size_t size)
{
	char path[PCI_PATH_MAX], target[PATH_MAX], *base;
	ssize_t len;

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/driver", func->bdf);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return -errno;
	target[len] = 0;
	base = strrchr(target, '/');
	snprintf(name, size, "%.*s", (int)size - 1, base ? base + 1 : target);
	return 0;
}

bool pci_bound(const struct pci_func *func, const char *driver)
{
	char name[64];

	return !pci_driver_of(func, name, sizeof(name)) && !strcmp(name, driver);
}

int pci_unbind(const struct pci_func *func)
{
	char name[64], path[PCI_PATH_MAX];

	if (pci_driver_of(func, name, sizeof(name)))
		return 0;
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", name);
	return sysfs_write(path, func->bdf);
}

int pci_bind(const struct pci_func *func, const char *driver)
{
	char path[PCI_PATH_MAX];
	int ret;

	if (!driver || !pci_bound(func, driver)) {
		ret = pci_unbind(func);
		if (!ret)
			ret = pci_write(func->bdf, "driver_override", driver ? driver : "\n");
		if (ret || !driver)
			return ret;
	}
	/*
	 * The name of a driver stands in sysfs before its probe has ended, and a write to
	 * drivers_probe does not wait for that. This one does, and gives the probe's error.
	 */
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/bind", driver);
	ret = sysfs_write(path, func->bdf);
	return ret == -EBUSY && pci_bound(func, driver) ? 0 : ret;
}
