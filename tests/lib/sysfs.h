/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * PCI functions as sysfs shows them: find the accelerators, make VFs, bind them.
 */
#ifndef HACC_SYSFS_H
#define HACC_SYSFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_VENDOR_HUAWEI	0x19e5
#define PCI_DEVICE_ZIP_PF	0xa250
#define PCI_DEVICE_ZIP_VF	0xa251
#define PCI_DEVICE_SEC_PF	0xa255
#define PCI_DEVICE_SEC_VF	0xa256
#define PCI_DEVICE_HPRE_PF	0xa258
#define PCI_DEVICE_HPRE_VF	0xa259

#define QM_REVISION_V3		0x30
#define QM_REVISION_V4		0x50

/* One PCI function, PF or VF. */
struct pci_func {
	char bdf[16];		/* "0000:00:08.0" */
	uint32_t rid;		/* routing id, bus << 8 | devfn */
	uint16_t vendor;
	uint16_t device;
	uint8_t revision;
};

/* All give 0 or -errno. Text written as it is; text read without its newline. */
int sysfs_write(const char *path, const char *text);
int sysfs_read(const char *path, char *buf, size_t size);
int sysfs_read_number(const char *path, unsigned long *value);

/* The same for /sys/bus/pci/devices/<bdf>/<name>. */
int pci_write(const char *bdf, const char *name, const char *text);
int pci_read_number(const char *bdf, const char *name, unsigned long *value);

int pci_func_get(const char *bdf, struct pci_func *func);
/* The nth function (from 0) of this vendor and device in order of address. */
int pci_find(uint16_t vendor, uint16_t device, int nth, struct pci_func *func);

int pci_set_vfs(const struct pci_func *pf, int num);
int pci_num_vfs(const struct pci_func *pf);
/* VF n of the PF, counted from 0. */
int pci_get_vf(const struct pci_func *pf, int n, struct pci_func *vf);

/*
 * Bind to this driver and no other, by driver_override; NULL: no driver at all. -EBUSY:
 * another driver was faster; -EAGAIN: the kernel is about to probe it itself.
 */
int pci_bind(const struct pci_func *func, const char *driver);
int pci_unbind(const struct pci_func *func);
bool pci_bound(const struct pci_func *func, const char *driver);

#endif /* HACC_SYSFS_H */
