// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest may see of its VF, at every door.
 */
#include <kunit/test.h>
#include <linux/mm.h>
#include <linux/uaccess.h>

#include "../../hisi_acc_vfio_pci.h"

/* The core behind the doors, and user memory. */
static ssize_t fake_core_read(struct vfio_device *vdev, char __user *buf, size_t count,
			      loff_t *ppos);
static ssize_t fake_core_write(struct vfio_device *vdev, const char __user *buf,
			       size_t count, loff_t *ppos);
static int fake_core_mmap(struct vfio_device *vdev, struct vm_area_struct *vma);
static long fake_core_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);
static int fake_core_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
				 struct vfio_info_cap *caps);
static unsigned long fake_copy(void *to, const void *from, unsigned long n);
static int fake_put_user(u8 val, u8 *to);

#undef compat_get_region_info
#undef copy_from_user
#undef copy_to_user
#undef put_user
#define vfio_pci_core_read		fake_core_read
#define vfio_pci_core_write		fake_core_write
#define vfio_pci_core_mmap		fake_core_mmap
#define vfio_pci_core_ioctl		fake_core_ioctl
#define compat_get_region_info		fake_core_region_info
#define copy_from_user(to, from, n)	fake_copy(to, (__force void *)(from), n)
#define copy_to_user(to, from, n)	fake_copy((__force void *)(to), from, n)
#define put_user(val, to)		fake_put_user(val, (__force u8 *)(to))

#include "../../guest_view.c"

#define BAR2_SIZE	0x10000
#define HALF		0x8000
/* What the core says of any region but BAR2. */
#define OTHER_SIZE	0x20000

static struct {
	struct hisi_acc *acc;
	unsigned int calls;		/* of the core */
	size_t count;			/* of the last read or write */
	bool bad_memory;
} fake;

static u8 buf[64];

static ssize_t fake_core_read(struct vfio_device *vdev, char __user *ubuf, size_t count,
			      loff_t *ppos)
{
	fake.calls++;
	fake.count = count;
	if (count <= sizeof(buf))
		memset((__force void *)ubuf, 0xcc, count);
	*ppos += count;
	return count;
}

static ssize_t fake_core_write(struct vfio_device *vdev, const char __user *ubuf,
			       size_t count, loff_t *ppos)
{
	fake.calls++;
	fake.count = count;
	*ppos += count;
	return count;
}

static int fake_core_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	fake.calls++;
	return 0;
}

static int fake_core_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
				 struct vfio_info_cap *caps)
{
	fake.calls++;
	info->size = info->index == VFIO_PCI_BAR2_REGION_INDEX ? BAR2_SIZE : OTHER_SIZE;
	return 0;
}

static long fake_core_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	if (cmd == VFIO_DEVICE_GET_REGION_INFO)
		return fake_core_region_info(vdev, (void *)arg, NULL);
	fake.calls++;
	return 77;
}

static unsigned long fake_copy(void *to, const void *from, unsigned long n)
{
	if (fake.bad_memory)
		return n;
	memcpy(to, from, n);
	return 0;
}

static int fake_put_user(u8 val, u8 *to)
{
	if (fake.bad_memory)
		return -EFAULT;
	*to = val;
	return 0;
}

static int guest_view_init(struct kunit *test)
{
	struct hisi_acc *acc = kunit_kzalloc(test, sizeof(*acc), GFP_KERNEL);
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);

	if (!acc || !pdev)
		return -ENOMEM;
	pdev->resource[2].start = 0x10000000;
	pdev->resource[2].end = 0x10000000 + BAR2_SIZE - 1;
	acc->core.pdev = pdev;
	acc->guest_bar2_len = HALF;
	memset(&fake, 0, sizeof(fake));
	fake.acc = acc;
	return 0;
}

static struct vfio_device *vdev(void)
{
	return &fake.acc->core.vdev;
}

static loff_t pos_of(unsigned int index, u64 offset)
{
	return (u64)index << VFIO_PCI_OFFSET_SHIFT | offset;
}

/* How much of an access to BAR2 gets through while its high half is hidden. */
static const struct access {
	const char *desc;
	u64 offset;
	size_t count;
	ssize_t through;
} accesses[] = {
	{ "first register", 0, 4, 4 },
	{ "whole visible half", 0, HALF, HALF },
	{ "whole BAR", 0, BAR2_SIZE, HALF },
	{ "last visible byte", HALF - 1, 1, 1 },
	{ "last visible and first hidden", HALF - 4, 8, 4 },
	{ "nothing at the border", HALF - 1, 0, 0 },
	{ "first hidden byte", HALF, 1, -EINVAL },
	{ "EQC", HALF, 28, -EINVAL },
	{ "last hidden byte", BAR2_SIZE - 1, 1, -EINVAL },
	{ "beyond the BAR", BAR2_SIZE, 4, -EINVAL },
	{ "highest offset", VFIO_PCI_OFFSET_MASK, 4, -EINVAL },
	{ "endless", 4, SSIZE_MAX, HALF - 4 },
};

static void access_desc(const struct access *access, char *desc)
{
	strscpy(desc, access->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(access, accesses, access_desc);

static void expect_both(struct kunit *test, loff_t pos, size_t count, ssize_t through)
{
	loff_t end = pos;

	fake.calls = 0;
	KUNIT_EXPECT_EQ(test, guest_view_read(vdev(), (char __user *)buf, count, &end),
			through);
	KUNIT_EXPECT_EQ(test, end, pos + max_t(ssize_t, through, 0));
	end = pos;
	KUNIT_EXPECT_EQ(test, guest_view_write(vdev(), (char __user *)buf, count, &end),
			through);
	KUNIT_EXPECT_EQ(test, end, pos + max_t(ssize_t, through, 0));
	/* What is refused does not get as far as the core. */
	KUNIT_EXPECT_EQ(test, fake.calls, through < 0 ? 0 : 2);
	if (through >= 0)
		KUNIT_EXPECT_EQ(test, fake.count, through);
}

static void read_and_write_end_where_bar2_is_hidden(struct kunit *test)
{
	const struct access *access = test->param_value;

	expect_both(test, pos_of(VFIO_PCI_BAR2_REGION_INDEX, access->offset),
		    access->count, access->through);
}

static void read_and_write_reach_all_of_a_visible_bar2(struct kunit *test)
{
	const struct access *access = test->param_value;

	fake.acc->guest_bar2_len = BAR2_SIZE;
	expect_both(test, pos_of(VFIO_PCI_BAR2_REGION_INDEX, access->offset),
		    access->count, access->count);
}

static void read_and_write_of_other_regions_are_left_to_the_core(struct kunit *test)
{
	const struct access *access = test->param_value;
	unsigned int index;

	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		if (index != VFIO_PCI_BAR2_REGION_INDEX)
			expect_both(test, pos_of(index, access->offset), access->count,
				    access->count);
	}
}

static int map(unsigned int index, u64 offset, u64 len)
{
	static struct vm_area_struct vma;

	vma.vm_start = 0x40000000;
	vma.vm_end = vma.vm_start + len;
	vma.vm_pgoff = pos_of(index, offset) >> PAGE_SHIFT;
	fake.calls = 0;
	return guest_view_mmap(vdev(), &vma);
}

static void mmap_ends_where_bar2_is_hidden(struct kunit *test)
{
	const unsigned int bar2 = VFIO_PCI_BAR2_REGION_INDEX;

	if (PAGE_SIZE > HALF)
		kunit_skip(test, "half of BAR2 is less than a page");
	KUNIT_EXPECT_EQ(test, map(bar2, 0, HALF), 0);
	KUNIT_EXPECT_EQ(test, map(bar2, HALF - PAGE_SIZE, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, fake.calls, 1);

	KUNIT_EXPECT_EQ(test, map(bar2, 0, HALF + PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, map(bar2, HALF - PAGE_SIZE, 2 * PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, map(bar2, HALF, PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, map(bar2, BAR2_SIZE, PAGE_SIZE), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake.calls, 0);

	KUNIT_EXPECT_EQ(test, map(bar2 - 1, HALF, PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, map(bar2 + 1, HALF, PAGE_SIZE), 0);
	fake.acc->guest_bar2_len = BAR2_SIZE;
	KUNIT_EXPECT_EQ(test, map(bar2, 0, BAR2_SIZE), 0);
}

static void ioeventfd_is_refused_while_a_part_is_hidden(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, guest_view_ioctl(vdev(), VFIO_DEVICE_IOEVENTFD, 0), -ENOTTY);
	KUNIT_EXPECT_EQ(test, fake.calls, 0);
	KUNIT_EXPECT_EQ(test, guest_view_ioctl(vdev(), VFIO_DEVICE_RESET, 0), 77);

	fake.acc->guest_bar2_len = BAR2_SIZE;
	KUNIT_EXPECT_EQ(test, guest_view_ioctl(vdev(), VFIO_DEVICE_IOEVENTFD, 0), 77);
}

/* By ioctl or by an op of its own, as the kernel has it. */
static long ask_region_info(u32 index, struct vfio_region_info *info)
{
	*info = (struct vfio_region_info){ .argsz = sizeof(*info), .index = index };
	if (compat_is_region_info(VFIO_DEVICE_GET_REGION_INFO))
		return guest_view_ioctl(vdev(), VFIO_DEVICE_GET_REGION_INFO,
					(unsigned long)info);
	return guest_view_region_info(vdev(), info, NULL);
}

static void region_info_shows_the_guests_part(struct kunit *test)
{
	struct vfio_region_info info;
	u32 index;

	for (index = 0; index < VFIO_PCI_NUM_REGIONS; index++) {
		KUNIT_EXPECT_EQ(test, ask_region_info(index, &info), 0);
		KUNIT_EXPECT_EQ(test, info.size,
				index == VFIO_PCI_BAR2_REGION_INDEX ? HALF : OTHER_SIZE);
	}
	fake.acc->guest_bar2_len = BAR2_SIZE;
	KUNIT_EXPECT_EQ(test, ask_region_info(VFIO_PCI_BAR2_REGION_INDEX, &info), 0);
	KUNIT_EXPECT_EQ(test, info.size, BAR2_SIZE);
}

static void region_info_that_cannot_be_clipped_is_an_error(struct kunit *test)
{
	struct vfio_region_info info;

	if (!compat_is_region_info(VFIO_DEVICE_GET_REGION_INFO))
		kunit_skip(test, "region info is no ioctl of ours in this kernel");
	fake.bad_memory = true;
	KUNIT_EXPECT_EQ(test, ask_region_info(VFIO_PCI_BAR2_REGION_INDEX, &info), -EFAULT);
}

/* Every read of config space up to 8 bytes, around the revision id at 8. */
static void revision_id_is_the_guests(struct kunit *test)
{
	u64 offset, count, i;
	loff_t pos;

	fake.acc->guest_revision = 0x30;
	for (offset = 0; offset <= 12; offset++) {
		for (count = 1; count <= 8; count++) {
			pos = pos_of(VFIO_PCI_CONFIG_REGION_INDEX, offset);
			memset(buf, 0xee, sizeof(buf));
			KUNIT_EXPECT_EQ(test, guest_view_read(vdev(), (char __user *)buf,
							      count, &pos), count);
			for (i = 0; i < count; i++)
				KUNIT_EXPECT_EQ(test, buf[i], offset + i == 8 ? 0x30 : 0xcc);
			/* The user's memory beyond the answer is not ours. */
			KUNIT_EXPECT_EQ(test, buf[count], 0xee);
		}
	}
}

static void revision_id_of_the_hardware_is_left_alone(struct kunit *test)
{
	loff_t pos = pos_of(VFIO_PCI_CONFIG_REGION_INDEX, 8);

	KUNIT_EXPECT_EQ(test, guest_view_read(vdev(), (char __user *)buf, 1, &pos), 1);
	KUNIT_EXPECT_EQ(test, buf[0], 0xcc);

	/* Nor is that of another view to be seen at offset 8 of a BAR. */
	fake.acc->guest_revision = 0x30;
	pos = pos_of(VFIO_PCI_BAR0_REGION_INDEX, 8);
	KUNIT_EXPECT_EQ(test, guest_view_read(vdev(), (char __user *)buf, 1, &pos), 1);
	KUNIT_EXPECT_EQ(test, buf[0], 0xcc);
}

static void revision_id_that_cannot_be_shown_is_an_error(struct kunit *test)
{
	loff_t pos = pos_of(VFIO_PCI_CONFIG_REGION_INDEX, 8);

	fake.acc->guest_revision = 0x30;
	fake.bad_memory = true;
	KUNIT_EXPECT_EQ(test, guest_view_read(vdev(), (char __user *)buf, 4, &pos), -EFAULT);
}

static struct kunit_case guest_view_cases[] = {
	KUNIT_CASE_PARAM(read_and_write_end_where_bar2_is_hidden, access_gen_params),
	KUNIT_CASE_PARAM(read_and_write_reach_all_of_a_visible_bar2, access_gen_params),
	KUNIT_CASE_PARAM(read_and_write_of_other_regions_are_left_to_the_core,
			 access_gen_params),
	KUNIT_CASE(mmap_ends_where_bar2_is_hidden),
	KUNIT_CASE(ioeventfd_is_refused_while_a_part_is_hidden),
	KUNIT_CASE(region_info_shows_the_guests_part),
	KUNIT_CASE(region_info_that_cannot_be_clipped_is_an_error),
	KUNIT_CASE(revision_id_is_the_guests),
	KUNIT_CASE(revision_id_of_the_hardware_is_left_alone),
	KUNIT_CASE(revision_id_that_cannot_be_shown_is_an_error),
	{}
};

static struct kunit_suite guest_view_suite = {
	.name = "guest_view",
	.init = guest_view_init,
	.test_cases = guest_view_cases,
};

kunit_test_suite(guest_view_suite);
