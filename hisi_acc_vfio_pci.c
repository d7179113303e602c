// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vfio-pci variant driver that migrates VFs of HiSilicon Kunpeng accelerators
 * (ZIP, SEC, HPRE; QM V3 and newer).
 *
 * This file is the device as vfio and the PCI core see it: probe and remove,
 * open and close, resets, and the doors to BAR2. While the migration registers
 * are in the VF's BAR2, its guest is shown the functional half alone, at every
 * door there is: region info, read, write, mmap, ioeventfd. (dma-buf export
 * needs pci_ops, which this driver does not set.) Which control mode holds is
 * found when the device is opened and cannot change what the guest sees until
 * it is closed.
 *
 * A VF whose PF cannot migrate it is served as plain vfio-pci serves it.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "hisi_acc_vfio_pci.h"
#include "include/compat/compat.h"

#define QM_FUNC_HALF	0x8000	/* of BAR2: all that is mapped beside a PF window */

static struct hisi_acc *to_hisi_acc(struct vfio_device *vdev)
{
	return container_of(vdev, struct hisi_acc, core.vdev);
}

static struct hisi_acc *pdev_to_hisi_acc(struct pci_dev *pdev)
{
	return container_of(dev_get_drvdata(&pdev->dev), struct hisi_acc, core);
}

/* Opening and closing */

static bool plan_region(struct hisi_acc *acc, struct qm_mig_region *region)
{
	struct pci_dev *pdev = acc->core.pdev;
	const struct qm_mig_facts facts = {
		.ver = acc->pf->ver,
		.sel = qm_mig_region_read_sel(acc->pf),
		.fn = acc->fn,
		.page_size = PAGE_SIZE,
		.vf_bar2_len = pci_resource_len(pdev, VFIO_PCI_BAR2_REGION_INDEX),
		.pf_bar2_len = acc->pf->regs_len,
	};

	return qm_mig_region_plan(&facts, region);
}

/* What is constant while the device is open, and so is not read in a blackout. */
static int read_match(struct hisi_acc *acc)
{
	struct qm_vft vft;
	u32 iso;
	int ret;

	ret = qm_pf_read_vft(acc->pf, acc->fn, &vft);
	if (!ret)
		ret = qm_pf_read_isolation(acc->pf, &iso);
	if (ret)
		return ret;

	acc->match = (struct mig_match){
		.dev_id = acc->core.pdev->device,
		.qp_num = vft.num,
		.qp_base = vft.base,
		.que_iso_cfg = iso,
		.bar2_size = acc->guest_bar2_len,
	};
	return 0;
}

static int map_win(struct hisi_acc *acc)
{
	resource_size_t bar2 = pci_resource_start(acc->core.pdev,
						  VFIO_PCI_BAR2_REGION_INDEX);
	const struct qm_mig_region *region = &acc->region;
	bool pf_ctrl = region->ctrl == QM_MIG_CTRL_PF;
	void __iomem *vf_regs;

	vf_regs = ioremap(bar2, pf_ctrl ? QM_FUNC_HALF : region->len);
	if (!vf_regs)
		return -ENOMEM;

	acc->win = (struct qm_win){
		.dev = hisi_acc_dev(acc),
		.regs = pf_ctrl ? acc->pf->regs + region->offset : vf_regs,
		.len = region->len,
		.eqc = region->eqc,
		.aeqc = region->aeqc,
		.doorbells = vf_regs,
	};
	return 0;
}

static int open_migration(struct hisi_acc *acc)
{
	int ret;

	if (!plan_region(acc, &acc->region)) {
		pci_warn(acc->core.pdev, "no migration while this device is open: %s\n",
			 acc->region.why_not);
		acc->core.vdev.migration_flags = 0;
		return 0;
	}
	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	acc->guest_bar2_len = acc->region.guest_bar2_len;

	ret = read_match(acc);
	if (ret)
		return ret;

	mutex_lock(&acc->state_lock);
	ret = map_win(acc);
	if (!ret) {
		acc->mig_open = true;
		mig_fsm_reset(acc);
	}
	mutex_unlock(&acc->state_lock);
	return ret;
}

static int hisi_acc_open_device(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	int ret;

	ret = vfio_pci_core_enable(&acc->core);
	if (ret)
		return ret;

	acc->guest_bar2_len = pci_resource_len(acc->core.pdev,
					       VFIO_PCI_BAR2_REGION_INDEX);
	if (vdev->mig_ops) {
		ret = open_migration(acc);
		if (ret) {
			vfio_pci_core_disable(&acc->core);
			return ret;
		}
	}

	vfio_pci_core_finish_enable(&acc->core);
	return 0;
}

static void hisi_acc_close_device(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	mutex_lock(&acc->state_lock);
	if (acc->mig_open) {
		mig_fsm_reset(acc);
		acc->mig_open = false;
		iounmap(acc->win.doorbells);
	}
	mutex_unlock(&acc->state_lock);

	vfio_pci_core_close_device(vdev);
}

/* The guest's part of BAR2 */

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

static ssize_t hisi_acc_read(struct vfio_device *vdev, char __user *buf,
			     size_t count, loff_t *ppos)
{
	ssize_t allowed = clip_access(to_hisi_acc(vdev), count, *ppos);

	if (allowed < 0)
		return allowed;
	return vfio_pci_core_read(vdev, buf, allowed, ppos);
}

static ssize_t hisi_acc_write(struct vfio_device *vdev, const char __user *buf,
			      size_t count, loff_t *ppos)
{
	ssize_t allowed = clip_access(to_hisi_acc(vdev), count, *ppos);

	if (allowed < 0)
		return allowed;
	return vfio_pci_core_write(vdev, buf, allowed, ppos);
}

static int hisi_acc_mmap(struct vfio_device *vdev, struct vm_area_struct *vma)
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

static int __maybe_unused hisi_acc_get_region_info(struct vfio_device *vdev,
						   struct vfio_region_info *info,
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

static long hisi_acc_ioctl(struct vfio_device *vdev, unsigned int cmd,
			   unsigned long arg)
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

/* Migration */

static struct file *hisi_acc_set_state(struct vfio_device *vdev,
				       enum vfio_device_mig_state new_state)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	if (!acc->mig_open)
		return ERR_PTR(-EOPNOTSUPP);
	return mig_fsm_set_state(acc, new_state);
}

static int hisi_acc_get_state(struct vfio_device *vdev,
			      enum vfio_device_mig_state *state)
{
	*state = mig_fsm_get_state(to_hisi_acc(vdev));
	return 0;
}

static int __maybe_unused hisi_acc_get_data_size(struct vfio_device *vdev,
						 unsigned long *bytes)
{
	*bytes = MIG_RECORD_BYTES;
	return 0;
}

static const struct vfio_migration_ops hisi_acc_mig_ops = {
	.migration_set_state = hisi_acc_set_state,
	.migration_get_state = hisi_acc_get_state,
	COMPAT_VFIO_DATA_SIZE_OP(hisi_acc_get_data_size)
};

/* Setting up */

/* Finds out whether the VF can be migrated; not being able to is no error. */
static int init_migration(struct hisi_acc *acc)
{
	struct pci_dev *pdev = acc->core.pdev;
	struct qm_mig_region region;
	struct qm_pf *pf;

	pf = qm_pf_get(pdev);
	if (IS_ERR(pf))
		return PTR_ERR(pf);
	if (!pf) {
		pci_info(pdev, "no migration: not a VF of a PF that its accelerator driver runs\n");
		return 0;
	}

	acc->pf = pf;
	acc->fn = pci_iov_vf_id(pdev) + 1;
	if (!plan_region(acc, &region)) {
		pci_info(pdev, "no migration: %s\n", region.why_not);
		return 0;
	}

	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	acc->core.vdev.mig_ops = &hisi_acc_mig_ops;
	return 0;
}

static int hisi_acc_init_dev(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	int ret;

	ret = vfio_pci_core_init_dev(vdev);
	if (ret)
		return ret;

	mutex_init(&acc->state_lock);
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
	ret = init_migration(acc);
	if (ret) {
		mutex_destroy(&acc->state_lock);
		vfio_pci_core_release_dev(vdev);
	}
	return ret;
}

static void hisi_acc_release_dev(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	qm_pf_put(acc->pf);
	mutex_destroy(&acc->state_lock);
	vfio_pci_core_release_dev(vdev);
}

static const struct vfio_device_ops hisi_acc_ops = {
	.name = KBUILD_MODNAME,
	.init = hisi_acc_init_dev,
	.release = hisi_acc_release_dev,
	.open_device = hisi_acc_open_device,
	.close_device = hisi_acc_close_device,
	.ioctl = hisi_acc_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = hisi_acc_read,
	.write = hisi_acc_write,
	.mmap = hisi_acc_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	COMPAT_REGION_INFO_OP(hisi_acc_get_region_info)
	COMPAT_VFIO_BIND_OPS
	COMPAT_VFIO_DETACH_OPS
	COMPAT_VFIO_MATCH_TOKEN_OPS
};

static int hisi_acc_probe(struct pci_dev *pdev, const struct pci_device_id *id)
{
	struct hisi_acc *acc;
	int ret;

	acc = vfio_alloc_device(hisi_acc, core.vdev, &pdev->dev, &hisi_acc_ops);
	if (IS_ERR(acc))
		return PTR_ERR(acc);

	dev_set_drvdata(&pdev->dev, &acc->core);
	ret = vfio_pci_core_register_device(&acc->core);
	if (ret)
		vfio_put_device(&acc->core.vdev);
	return ret;
}

static void hisi_acc_remove(struct pci_dev *pdev)
{
	struct hisi_acc *acc = pdev_to_hisi_acc(pdev);

	vfio_pci_core_unregister_device(&acc->core);
	vfio_put_device(&acc->core.vdev);
}

/* Resets: one at a time on a PF and its VFs, and only we clear what we set. */

static void hisi_acc_reset_prepare(struct pci_dev *pdev)
{
	struct hisi_acc *acc = pdev_to_hisi_acc(pdev);

	acc->resetting = acc->pf && !qm_pf_reset_enter(acc->pf);
}

static void hisi_acc_reset_done(struct pci_dev *pdev)
{
	struct hisi_acc *acc = pdev_to_hisi_acc(pdev);

	if (acc->resetting) {
		acc->resetting = false;
		qm_pf_reset_exit(acc->pf);
	}

	mutex_lock(&acc->state_lock);
	mig_fsm_reset(acc);
	mutex_unlock(&acc->state_lock);
}

static const struct pci_error_handlers hisi_acc_err_handlers = {
	.reset_prepare = hisi_acc_reset_prepare,
	.reset_done = hisi_acc_reset_done,
	.error_detected = vfio_pci_core_aer_err_detected,
};

static const struct pci_device_id hisi_acc_ids[] = {
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_HUAWEI, PCI_DEVICE_ID_HUAWEI_SEC_VF) },
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_HUAWEI, PCI_DEVICE_ID_HUAWEI_HPRE_VF) },
	{ PCI_DRIVER_OVERRIDE_DEVICE_VFIO(PCI_VENDOR_ID_HUAWEI, PCI_DEVICE_ID_HUAWEI_ZIP_VF) },
	{ }
};
MODULE_DEVICE_TABLE(pci, hisi_acc_ids);

static struct pci_driver hisi_acc_driver = {
	.name = KBUILD_MODNAME,
	.id_table = hisi_acc_ids,
	.probe = hisi_acc_probe,
	.remove = hisi_acc_remove,
	.err_handler = &hisi_acc_err_handlers,
	.driver_managed_dma = true,
};
module_pci_driver(hisi_acc_driver);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("VFIO PCI driver with live migration for HiSilicon accelerator VFs (ZIP, SEC, HPRE)");
