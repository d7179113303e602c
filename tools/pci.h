/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The accelerators as sysfs shows them; nothing here takes root.
 */
#ifndef TOOL_PCI_H
#define TOOL_PCI_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PCI_DEVICES	"/sys/bus/pci/devices"
#define DRIVER_NAME	"hisi_acc_vfio_pci"

#define QM_REVISION_V3	0x30
#define BDF_MAX		16
#define WORD_MAX	64

struct engine {
	const char *name;
	uint16_t pf_device;
	uint16_t vf_device;
	const char *pf_driver;
	const char *pf_module;
};

struct pf {
	char bdf[BDF_MAX];
	const struct engine *engine;
	uint8_t revision;
	char driver[WORD_MAX];		/* empty: none */
	int vfs;
	int vfs_max;
};

struct vf {
	char bdf[BDF_MAX];
	const struct engine *engine;
	uint8_t revision;
	char driver[WORD_MAX];		/* empty: none */
	char pf[BDF_MAX];		/* empty: not here, as in a guest */
	char pf_driver[WORD_MAX];
	int group;			/* of the IOMMU; -1: none */
};

struct accels {
	struct pf *pfs;
	size_t nr_pfs;
	struct vf *vfs;
	size_t nr_vfs;
};

/* All accelerators in order of address. */
void accels_find(struct accels *a);
void accels_free(struct accels *a);
/*
 * Keep the VFs that these words mean: addresses of VFs or PFs, or "all"; no
 * word means all. Says what is wrong with them. 0 or an exit status.
 */
int accels_select(struct accels *a, char **words, int nr);
/* Likewise, and the PFs among them and of them; a PF may have no VFs. */
int accels_select_pfs(struct accels *a, char **words, int nr);
/* Why there are no VFs, and what to do; for a sentence. */
const char *accels_none(const struct accels *a, char *text, size_t size);

const struct engine *engine_of_vf(uint16_t device);
/* zip, sec or hpre, in any case; NULL: none of them */
const struct engine *engine_named(const char *name);
/* A PCI address in full, also from one without a domain; false: it is none. */
bool pci_address(const char *word, char *bdf);
/* "V3" and so on, by the revision id */
const char *qm_version(uint8_t revision, char *text, size_t size);

/* Text files without their last newline; 0 or -errno. */
int file_read(const char *path, char *text, size_t size);
int file_write(const char *path, const char *text);
/* The same for a file of a PCI device. */
int pci_read(const char *bdf, const char *name, char *text, size_t size);
int pci_write(const char *bdf, const char *name, const char *text);
/* The last part of where a link of a PCI device points to; empty: no link. */
void pci_link(const char *bdf, const char *name, char *text, size_t size);

#endif /* TOOL_PCI_H */
