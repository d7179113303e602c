// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "pci.h"
#include "tool.h"

#define VENDOR_HUAWEI	0x19e5
#define PATH_BYTES	512

static const struct engine engines[] = {
	{ "ZIP", 0xa250, 0xa251, "hisi_zip", "hisi_zip" },
	{ "SEC", 0xa255, 0xa256, "hisi_sec2", "hisi_sec2" },
	{ "HPRE", 0xa258, 0xa259, "hisi_hpre", "hisi_hpre" },
};

const struct engine *engine_of_vf(uint16_t device)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (engines[i].vf_device == device)
			return &engines[i];
	return NULL;
}

static const struct engine *engine_of_pf(uint16_t device)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (engines[i].pf_device == device)
			return &engines[i];
	return NULL;
}

const struct engine *engine_named(const char *name)
{
	size_t i;

	for (i = 0; i < ARRAY_SIZE(engines); i++)
		if (!strcasecmp(engines[i].name, name))
			return &engines[i];
	return NULL;
}

const char *qm_version(uint8_t revision, char *text, size_t size)
{
	static const struct {
		uint8_t revision;
		const char *name;
	} versions[] = {
		{ 0x20, "V1" }, { 0x21, "V2" }, { 0x30, "V3" }, { 0x50, "V4" }, { 0x51, "V5" },
	};
	size_t i;

	for (i = 0; i < ARRAY_SIZE(versions); i++)
		if (versions[i].revision == revision)
			return versions[i].name;
	snprintf(text, size, "%#x", revision);
	return text;
}

int file_read(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	size_t len = 0;
	ssize_t n;

	*text = 0;
	if (fd < 0)
		return -errno;
	do {
		n = read(fd, text + len, size - 1 - len);
		if (n > 0)
			len += n;
	} while (n > 0 && len < size - 1);
	n = n < 0 ? -errno : 0;
	close(fd);
	text[len] = 0;
	if (len && text[len - 1] == '\n')
		text[len - 1] = 0;
	return n;
}

int file_write(const char *path, const char *text)
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

int pci_read(const char *bdf, const char *name, char *text, size_t size)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	return file_read(path, text, size);
}

int pci_write(const char *bdf, const char *name, const char *text)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	return file_write(path, text);
}

void pci_link(const char *bdf, const char *name, char *text, size_t size)
{
	char path[PATH_BYTES], target[PATH_MAX];
	const char *last;
	ssize_t len;

	*text = 0;
	snprintf(path, sizeof(path), PCI_DEVICES "/%s/%s", bdf, name);
	len = readlink(path, target, sizeof(target) - 1);
	if (len < 0)
		return;
	target[len] = 0;
	last = strrchr(target, '/');
	snprintf(text, size, "%.*s", (int)size - 1, last ? last + 1 : target);
}

static long pci_number(const char *bdf, const char *name)
{
	char text[32];

	return pci_read(bdf, name, text, sizeof(text)) ? -1 : strtol(text, NULL, 0);
}

static void *grown(void *array, size_t nr, size_t size)
{
	void *more = realloc(array, (nr + 1) * size);

	if (!more)
		exit(complain(NULL, "out of memory"));
	memset((char *)more + nr * size, 0, size);
	return more;
}

static void add_pf(struct accels *a, const char *bdf, const struct engine *engine)
{
	struct pf *pf;
	long vfs = pci_number(bdf, "sriov_numvfs");
	long max = pci_number(bdf, "sriov_totalvfs");

	a->pfs = grown(a->pfs, a->nr_pfs, sizeof(*a->pfs));
	pf = &a->pfs[a->nr_pfs++];
	snprintf(pf->bdf, sizeof(pf->bdf), "%s", bdf);
	pf->engine = engine;
	pf->revision = pci_number(bdf, "revision");
	pci_link(bdf, "driver", pf->driver, sizeof(pf->driver));
	pf->vfs = vfs < 0 ? 0 : vfs;
	pf->vfs_max = max < 0 ? 0 : max;
}

static void add_vf(struct accels *a, const char *bdf, const struct engine *engine)
{
	char group[32];
	struct vf *vf;

	a->vfs = grown(a->vfs, a->nr_vfs, sizeof(*a->vfs));
	vf = &a->vfs[a->nr_vfs++];
	snprintf(vf->bdf, sizeof(vf->bdf), "%s", bdf);
	vf->engine = engine;
	vf->revision = pci_number(bdf, "revision");
	pci_link(bdf, "driver", vf->driver, sizeof(vf->driver));
	pci_link(bdf, "physfn", vf->pf, sizeof(vf->pf));
	if (*vf->pf)
		pci_link(vf->pf, "driver", vf->pf_driver, sizeof(vf->pf_driver));
	pci_link(bdf, "iommu_group", group, sizeof(group));
	vf->group = *group ? atoi(group) : -1;
}

void accels_find(struct accels *a)
{
	struct dirent **entries;
	int count, i;

	memset(a, 0, sizeof(*a));
	count = scandir(PCI_DEVICES, &entries, NULL, alphasort);
	for (i = 0; i < count; i++) {
		const char *name = entries[i]->d_name;
		const struct engine *engine;
		char bdf[BDF_MAX];
		long device;

		if (*name != '.' && strlen(name) < sizeof(bdf) &&
		    pci_number(name, "vendor") == VENDOR_HUAWEI) {
			snprintf(bdf, sizeof(bdf), "%.15s", name);
			device = pci_number(bdf, "device");
			engine = engine_of_pf(device);
			if (engine)
				add_pf(a, bdf, engine);
			engine = engine_of_vf(device);
			if (engine)
				add_vf(a, bdf, engine);
		}
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

void accels_free(struct accels *a)
{
	free(a->pfs);
	free(a->vfs);
	memset(a, 0, sizeof(*a));
}

const char *accels_none(const struct accels *a, char *text, size_t size)
{
	struct utsname host;

	if (a->nr_pfs) {
		snprintf(text, size,
			 "no accelerator VF: there are PFs (%zu), but none has VFs; make some: echo 2 > " PCI_DEVICES "/%s/sriov_numvfs",
			 a->nr_pfs, a->pfs[0].bdf);
		return text;
	}
	if (access(PCI_DEVICES, F_OK)) {
		snprintf(text, size, "no accelerator: there is no %s; is this a machine with PCI, and is /sys mounted?",
			 PCI_DEVICES);
		return text;
	}
	uname(&host);
	snprintf(text, size,
		 "no accelerator: no PCI device here is a HiSilicon ZIP, SEC or HPRE function (vendor 19e5)%s%s%s",
		 strcmp(host.machine, "aarch64") ? "; they are part of arm64 chips, and this machine is " : "",
		 strcmp(host.machine, "aarch64") ? host.machine : "",
		 strcmp(host.machine, "aarch64") ? "" : "; is the accelerator switched on in the firmware?");
	return text;
}

bool pci_address(const char *word, char *bdf)
{
	unsigned int domain = 0, bus, slot, fn;
	int end = 0;

	/* sscanf() would take signs and blanks */
	if (word[strspn(word, "0123456789abcdefABCDEF:.")])
		return false;
	if (sscanf(word, "%4x:%2x:%2x.%1x%n", &domain, &bus, &slot, &fn, &end) != 4 || word[end]) {
		domain = 0;
		end = 0;
		if (sscanf(word, "%2x:%2x.%1x%n", &bus, &slot, &fn, &end) != 3 || word[end])
			return false;
	}
	snprintf(bdf, BDF_MAX, "%04x:%02x:%02x.%x", domain & 0xffff, bus & 0xff,
		 slot & 0xff, fn & 0xf);
	return slot < 32 && fn < 8;
}

/* Mark a PF in the list, if there is one. */
static bool mark_pf(const struct accels *a, const char *bdf, bool *pfs)
{
	size_t i;

	for (i = 0; pfs && i < a->nr_pfs; i++) {
		if (!strcmp(a->pfs[i].bdf, bdf))
			return pfs[i] = true;
	}
	return false;
}

/*
 * Mark the VFs that one word means, and the PFs, of which one that has no VFs is
 * an error if nobody asks for PFs; 0 or an exit status.
 */
static int select_word(const struct accels *a, const char *word, bool *wanted, bool *pfs)
{
	char bdf[BDF_MAX], path[PATH_BYTES];
	bool found = false;
	size_t i;

	if (!strcmp(word, "all")) {
		memset(wanted, true, a->nr_vfs * sizeof(*wanted));
		if (pfs)
			memset(pfs, true, a->nr_pfs * sizeof(*pfs));
		return EXIT_YES;
	}
	if (!pci_address(word, bdf)) {
		complain(word, "neither a PCI address, such as 0000:75:00.1, nor all");
		return EXIT_USAGE;
	}
	for (i = 0; i < a->nr_vfs; i++) {
		if (!strcmp(a->vfs[i].bdf, bdf) || !strcmp(a->vfs[i].pf, bdf)) {
			found = wanted[i] = true;
			mark_pf(a, a->vfs[i].pf, pfs);
		}
	}
	if (mark_pf(a, bdf, pfs) || found)
		return EXIT_YES;
	for (i = 0; i < a->nr_pfs; i++) {
		if (!strcmp(a->pfs[i].bdf, bdf))
			return complain(bdf, "this PF has no VFs; make some: echo 2 > " PCI_DEVICES "/%s/sriov_numvfs",
					bdf);
	}
	snprintf(path, sizeof(path), PCI_DEVICES "/%s", bdf);
	if (access(path, F_OK))
		return complain(bdf, "there is no such PCI device");
	return complain(bdf, "this is no HiSilicon accelerator (ZIP, SEC or HPRE); hisi-acc-mig status lists those here");
}

/* Keep what the words mean, all if there are none; of PFs all unless asked for. */
static int keep(struct accels *a, char **words, int nr, bool with_pfs)
{
	bool *vfs = calloc(a->nr_vfs + 1, sizeof(*vfs));
	bool *pfs = calloc(a->nr_pfs + 1, sizeof(*pfs));
	size_t i, kept;
	int w, ret = EXIT_YES;

	if (!vfs || !pfs)
		exit(complain(NULL, "out of memory"));
	for (w = 0; w < nr && !ret; w++)
		ret = select_word(a, words[w], vfs, with_pfs ? pfs : NULL);
	if (nr && !ret) {
		for (i = 0, kept = 0; i < a->nr_vfs; i++)
			if (vfs[i])
				a->vfs[kept++] = a->vfs[i];
		a->nr_vfs = kept;
		for (i = 0, kept = 0; with_pfs && i < a->nr_pfs; i++)
			if (pfs[i])
				a->pfs[kept++] = a->pfs[i];
		if (with_pfs)
			a->nr_pfs = kept;
	}
	free(vfs);
	free(pfs);
	return ret;
}

int accels_select(struct accels *a, char **words, int nr)
{
	char none[320];
	int ret = keep(a, words, nr, false);

	if (!ret && !a->nr_vfs)
		ret = complain(NULL, "%s", accels_none(a, none, sizeof(none)));
	return ret;
}

int accels_select_pfs(struct accels *a, char **words, int nr)
{
	return keep(a, words, nr, true);
}
