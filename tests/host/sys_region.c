// SPDX-License-Identifier: GPL-2.0-only
/*
 * What of BAR2 the guest gets, at every door: all of it where the migration
 * registers are in the PF, the low half where they are in the VF.
 */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define HALF		0x8000
#define FULL		0x10000
#define SCRATCH_REG	QM_VF_STATE	/* in the low half, harmless to write */

static const enum rig_role roles[RIG_ROLES] = {
	[RIG_V3] = RIG_V3, [RIG_V4] = RIG_V4, [RIG_V4_CLEAR] = RIG_V4_CLEAR,
};

static void region_info(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	uint64_t size, offset;
	uint32_t flags;

	check_ok(vfio_dev_region(v, VFIO_PCI_BAR2_REGION_INDEX, &size, &offset,
				 &flags));
	check_eq(size, rig_bar2_size(role), "size of BAR2");
	check_eq(flags & (VFIO_REGION_INFO_FLAG_READ |
			  VFIO_REGION_INFO_FLAG_WRITE |
			  VFIO_REGION_INFO_FLAG_MMAP), 7,
		 "read, write and mmap offered");
}

static void pread_pwrite(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	bool hidden = rig_bar2_size(role) == HALF;
	struct oracle_counts before, after;
	uint32_t value = 0, other, pair[2];

	/* Whatever a reset leaves there. */
	check_err(vfio_dev_pread(v, SCRATCH_REG, &value, 4), 4);
	other = !value;
	check_err(vfio_dev_pwrite(v, SCRATCH_REG, &other, 4), 4);
	check_err(vfio_dev_pread(v, SCRATCH_REG, &other, 4), 4);
	check_eq(other, !value, "VF_STATE as written");
	check_err(vfio_dev_pwrite(v, SCRATCH_REG, &value, 4), 4);
	if (!hidden)
		return;

	/* Nothing beyond the half reaches the device. */
	oracle_counts(&v->func, &before);
	check_err(vfio_dev_pread(v, HALF, &value, 4), -EINVAL);
	check_err(vfio_dev_pwrite(v, HALF, &value, 4), -EINVAL);
	check_err(vfio_dev_pread(v, HALF + 0x24, &value, 4), -EINVAL);
	check_err(vfio_dev_pread(v, FULL - 4, &value, 4), -EINVAL);
	oracle_counts(&v->func, &after);
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_READ), 0,
		 "MMIO reads beyond the half");
	check_eq(oracle_diff(&after, &before, KPO_CNT_MMIO_WRITE), 0,
		 "MMIO writes beyond the half");

	/* An access across the border is cut there. (No register is there.) */
	oracle_expect(1u << KPO_V_UNIMPLEMENTED);
	check_err(vfio_dev_pread(v, HALF - 4, pair, 8), 4);
}

/* 0 if that part of BAR2 can be mapped, else -errno. */
static int try_mmap(struct vfio_dev *v, uint64_t at, size_t len)
{
	void *map = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_SHARED,
			 v->device, v->bar2_offset + at);

	if (map == MAP_FAILED)
		return -errno;
	munmap(map, len);
	return 0;
}

static void mmap_door(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	int beyond = rig_bar2_size(role) == HALF ? -EINVAL : 0;
	size_t page = sysconf(_SC_PAGESIZE);

	check_err(try_mmap(v, 0, HALF), 0);
	if (page <= HALF) {	/* else nothing begins or ends at the border */
		check_err(try_mmap(v, HALF - page, page), 0);
		check_err(try_mmap(v, HALF, page), beyond);
		check_err(try_mmap(v, HALF - page, 2 * page), beyond);
	}
	check_err(try_mmap(v, 0, FULL), beyond);
	check_err(try_mmap(v, FULL - page, page), beyond);
	check_err(try_mmap(v, FULL, page), -EINVAL);
}

static void ioeventfd_door(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *v = rig_open(role, 0);
	bool hidden = rig_bar2_size(role) == HALF;
	int fd = eventfd(0, EFD_CLOEXEC);

	check(fd >= 0, "eventfd");
	check_err(vfio_dev_ioeventfd(v, HALF + 0x24, 4, fd),
		  hidden ? -ENOTTY : 0);
	check_err(vfio_dev_ioeventfd(v, SCRATCH_REG, 4, fd),
		  hidden ? -ENOTTY : 0);
	close(fd);
}

/*
 * The hidden half lives: what the guest can't reach has to be there. (Else the
 * tests above would pass on a BAR2 that is 32 KiB in truth.)
 */
static void bar2_is_64k(const void *arg)
{
	const enum rig_role role = *(const enum rig_role *)arg;
	unsigned long long start, end;
	struct pci_func vf;
	char path[96], line[80];

	rig_vf(role, 0, &vf);
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource", vf.bdf);
	/* The third line is BAR2's. */
	{
		FILE *file = fopen(path, "r");
		int i;

		check(file, "no %s", path);
		for (i = 0; i < 3; i++)
			check(fgets(line, sizeof(line), file), "no BAR2");
		fclose(file);
	}
	check(sscanf(line, "%llx %llx", &start, &end) == 2, "%s", line);
	check_eq(end - start + 1, FULL, "size of BAR2 in sysfs");
}

/* Other regions are as vfio-pci shows them. */
static void other_regions(const void *arg)
{
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	uint64_t size, offset;
	uint32_t flags, i, id;

	for (i = 0; i < VFIO_PCI_ROM_REGION_INDEX; i++) {
		if (i == VFIO_PCI_BAR2_REGION_INDEX)
			continue;
		check_ok(vfio_dev_region(v, i, &size, &offset, &flags));
		check(size == 0 || i == VFIO_PCI_BAR4_REGION_INDEX,
		      "BAR%u has 0x%llx bytes", i, (unsigned long long)size);
	}
	check_ok(vfio_dev_region(v, VFIO_PCI_CONFIG_REGION_INDEX, &size, &offset,
				 &flags));
	check(pread(v->device, &id, 4, offset) == 4, "config space");
	check_eq(id, (uint32_t)PCI_DEVICE_ZIP_VF << 16 | PCI_VENDOR_HUAWEI,
		 "vendor and device in config space");
}

#define DOOR(sentence, fn)						\
	{ sentence " on V3", fn, &roles[RIG_V3] },			\
	{ sentence " on V4 with the select bit set", fn, &roles[RIG_V4] }, \
	{ sentence " on V4 with the select bit clear", fn,		\
	  &roles[RIG_V4_CLEAR] }

const struct tap_test sys_region_tests[] = {
	DOOR("region info shows the guest's part of BAR2", region_info),
	DOOR("read and write end where the guest's part of BAR2 does",
	     pread_pwrite),
	DOOR("mmap takes the guest's part of BAR2 and no more", mmap_door),
	DOOR("an ioeventfd is refused while a part of BAR2 is hidden",
	     ioeventfd_door),
	DOOR("BAR2 of the VF has 64 KiB in truth", bar2_is_64k),
	DOOR("other regions are those of the device", other_regions),
	{ NULL, NULL, NULL },
};
