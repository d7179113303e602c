// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the guest sees of its VF.
 *
 * While the migration registers are in the VF's BAR2, the guest is shown the
 * functional half alone, at every door there is: region info, read, write,
 * mmap, ioeventfd. (dma-buf export needs pci_ops, which this driver does not
 * set.) How much that is has been found when the device was opened and holds
 * until it is closed.
 *
 * Where guests are to take the VF for V3 (guest_view_choice.c), newer hardware looks
 * like it: the same half of BAR2, and the revision id of V3.
 */
#include <linux/pci.h>
#include <linux/uaccess.h>

#include "hisi_acc_vfio_pci.h"
#include "include/guest_view.h"

static bool bar2_has_hidden_part(struct hisi_acc *acc)
{
	return acc->guest_bar2_len <
	       pci_resource_len(acc->core.pdev, VFIO_PCI_BAR2_REGION_INDEX);
}

/* How much of an access at *ppos may go on: count, less, or -EINVAL. */
static ssize_t clip_access(struct hisi_acc *acc, size_t count, loff_t pos)
{
	u64 offset = pos & VFIO_PCI_OFFSET_MASK;

	if (!bar2_has_hidden_part(acc) ||
	    compat_vfio_offset_to_index(pos) != VFIO_PCI_BAR2_REGION_INDEX)
		return count;
	if (offset >= acc->guest_bar2_len)
		return -EINVAL;
	return min_t(u64, count, acc->guest_bar2_len - offset);
}

/* The core's answer of n bytes from pos on is in user memory already. */
static int show_guest_revision(struct hisi_acc *acc, char __user *buf, ssize_t n,
			       loff_t pos)
{
	u64 offset = pos & VFIO_PCI_OFFSET_MASK;

	if (!acc->guest_revision ||
	    compat_vfio_offset_to_index(pos) != VFIO_PCI_CONFIG_REGION_INDEX ||
	    offset > PCI_REVISION_ID || offset + n <= PCI_REVISION_ID)
		return 0;
	return put_user(acc->guest_revision, (u8 __user *)buf + PCI_REVISION_ID - offset);
}

/**
 * guest_view_read() - the read op: what the guest may see of a region
 * @vdev: the device
 * @buf: user buffer
 * @count: its size in bytes
 * @ppos: region and offset, moved on
 *
 * Context: may sleep; touches user memory.
 * Return: bytes read, or an errno; -EINVAL beyond what the guest may see.
 */
ssize_t guest_view_read(struct vfio_device *vdev, char __user *buf, size_t count,
			loff_t *ppos)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	loff_t pos = *ppos;
	ssize_t n = clip_access(acc, count, pos);

	if (n < 0)
		return n;
	n = vfio_pci_core_read(vdev, buf, n, ppos);
	if (n > 0 && show_guest_revision(acc, buf, n, pos))
		return -EFAULT;
	return n;
}

/**
 * guest_view_write() - the write op: what the guest may touch of a region
 * @vdev: the device
 * @buf: user buffer
 * @count: its size in bytes
 * @ppos: region and offset, moved on
 *
 * Context: may sleep; touches user memory.
 * Return: bytes written, or an errno; -EINVAL beyond what the guest may touch.
 */
ssize_t guest_view_write(struct vfio_device *vdev, const char __user *buf,
			 size_t count, loff_t *ppos)
{
	ssize_t allowed = clip_access(to_hisi_acc(vdev), count, *ppos);

	if (allowed < 0)
		return allowed;
	return vfio_pci_core_write(vdev, buf, allowed, ppos);
}

/**
 * guest_view_mmap() - the mmap op: refuses what reaches into a hidden part
 * @vdev: the device
 * @vma: what is to be mapped
 *
 * Context: may sleep; mmap lock held.
 * Return: 0, or an errno; -EINVAL if a hidden part would be mapped.
 */
int guest_view_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
{
	const unsigned int index_shift = VFIO_PCI_OFFSET_SHIFT - PAGE_SHIFT;
	struct hisi_acc *acc = to_hisi_acc(vdev);
	u64 start = (u64)(vma->vm_pgoff & (BIT_ULL(index_shift) - 1)) << PAGE_SHIFT;

	if (bar2_has_hidden_part(acc) &&
	    vma->vm_pgoff >> index_shift == VFIO_PCI_BAR2_REGION_INDEX &&
	    start + (vma->vm_end - vma->vm_start) > acc->guest_bar2_len)
		return -EINVAL;
	return vfio_pci_core_mmap(vdev, vma);
}

static void clip_region_info(struct hisi_acc *acc, struct vfio_region_info *info)
{
	if (info->index == VFIO_PCI_BAR2_REGION_INDEX)
		info->size = min_t(u64, info->size, acc->guest_bar2_len);
}

/**
 * guest_view_region_info() - the get_region_info_caps op, from v6.19 on
 * @vdev: the device
 * @info: the answer
 * @caps: its capabilities
 *
 * Context: may sleep.
 * Return: 0, or an errno.
 */
int guest_view_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
			   struct vfio_info_cap *caps)
{
	int ret = compat_get_region_info(vdev, info, caps);

	if (!ret)
		clip_region_info(to_hisi_acc(vdev), info);
	return ret;
}

/* Where region info comes by ioctl, the answer is in user memory already. */
static long clip_region_info_user(struct hisi_acc *acc, void __user *arg)
{
	const size_t minsz = offsetofend(struct vfio_region_info, offset);
	struct vfio_region_info info;

	if (copy_from_user(&info, arg, minsz))
		return -EFAULT;
	clip_region_info(acc, &info);
	return copy_to_user(arg, &info, minsz) ? -EFAULT : 0;
}

/**
 * guest_view_ioctl() - the ioctl op
 * @vdev: the device
 * @cmd: command
 * @arg: its argument
 *
 * Context: may sleep; touches user memory.
 * Return: as the core's; -ENOTTY for VFIO_DEVICE_IOEVENTFD while a part of BAR2
 * is hidden.
 */
long guest_view_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	long ret;

	/*
	 * The core would bound an ioeventfd by the whole BAR, and reads its
	 * argument anew, so that looking at the offset here is no protection.
	 */
	if (cmd == VFIO_DEVICE_IOEVENTFD && bar2_has_hidden_part(acc))
		return -ENOTTY;

	ret = vfio_pci_core_ioctl(vdev, cmd, arg);
	if (!ret && compat_is_region_info(cmd))
		ret = clip_region_info_user(acc, (void __user *)arg);
	return ret;
}
