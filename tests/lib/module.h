/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel modules, loaded by file as the emulated host's file system has them.
 */
#ifndef HACC_MODULE_H
#define HACC_MODULE_H

#include <stdbool.h>

#define MODULE_DIR_INTREE	"/modules/intree"
#define MODULE_OURS		"/modules/hisi_acc_vfio_pci.ko"
#define MODULE_THEIRS		MODULE_DIR_INTREE "/hisi-acc-vfio-pci.ko"
#define MODULE_VFIO_NAME	"hisi_acc_vfio_pci"

/*
 * Load the module in this file with these parameters, and first what it depends
 * on, from the in-tree directory. One that is loaded already is good. Returns 0
 * or -errno.
 */
int module_load_file(const char *path, const char *parameters);
/* The same for an in-tree module by its name. */
int module_load(const char *name);
int module_load_with(const char *name, const char *parameters);
int module_unload(const char *name);
bool module_loaded(const char *name);

#endif /* HACC_MODULE_H */
