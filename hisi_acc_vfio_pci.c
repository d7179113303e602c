// SPDX-License-Identifier: GPL-2.0-only
/*
 * A vfio-pci variant driver that migrates VFs of HiSilicon Kunpeng accelerators
 * (ZIP, SEC, HPRE; QM V3 and newer).
 *
 * This file is the device as vfio and the PCI core see it: probe and remove,
 * open and close, resets. What its guest sees of it is guest_view.c's concern.
 *
 * A VF whose PF cannot migrate it is served as plain vfio-pci serves it.
 */
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "hisi_acc_vfio_pci.h"
#include "include/debugfs.h"
#include "include/guest_view.h"
#include "include/qm_regs.h"
#include "include/qm_select.h"

#define QM_FUNC_HALF	0x8000	/* of BAR2: all that is mapped beside a PF window */

/* Opening and closing */

static bool plan_region(struct hisi_acc *acc, struct qm_mig_region *region)
{
	struct pci_dev *pdev = acc->core.pdev;
	const struct qm_mig_facts facts = {
		.ver = acc->pf->ver,
		.sel = qm_select_read(acc->pf),
		.fn = acc->fn,
		.view = guest_view_get(),
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
		.log = &acc->log,
		.regs = pf_ctrl ? acc->pf->regs + region->offset : vf_regs,
		.len = region->len,
		.eqc = region->eqc,
		.aeqc = region->aeqc,
		.doorbells = vf_regs,
	};
	return 0;
}

/* What was possible when the VF was bound is not possible now. */
static int serve_without_migration(struct hisi_acc *acc)
{
	mig_log_err(&acc->log, "no migration while this device is open: %s\n",
		    acc->region.why_not);
	if (acc->guest_revision)
		return -EIO;	/* not what the guest is to take it for */
	acc->core.vdev.migration_flags = 0;
	return 0;
}

static int open_migration(struct hisi_acc *acc)
{
	int ret;

	lockdep_assert_held(&acc->state_lock);
	qm_select_open(acc->pf);
	if (!plan_region(acc, &acc->region)) {
		qm_select_close(acc->pf);
		return serve_without_migration(acc);
	}
	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	acc->guest_bar2_len = acc->region.guest_bar2_len;

	ret = read_match(acc);
	if (!ret)
		ret = map_win(acc);
	if (!ret)
		qm_mailbox_measure(&acc->win);
	if (ret) {
		qm_select_close(acc->pf);
		return ret;
	}

	acc->mig_open = true;
	mig_fsm_reset(acc);
	return 0;
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
		mutex_lock(&acc->state_lock);
		ret = open_migration(acc);
		mutex_unlock(&acc->state_lock);
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
		qm_select_close(acc->pf);
	}
	mutex_unlock(&acc->state_lock);
	mig_fsm_unwatch(acc);

	vfio_pci_core_close_device(vdev);
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

/* Not to be migratable is no error, unless a view depends on it. */
static int init_without_migration(struct hisi_acc *acc, const char *why_not)
{
	struct pci_dev *pdev = acc->core.pdev;

	if (guest_view_is_foreign(pdev->revision)) {
		pci_err(pdev, "guest_view=v3 refused: %s\n", why_not);
		return -EOPNOTSUPP;
	}
	pci_info(pdev, "no migration: %s\n", why_not);
	return 0;
}

static int init_migration(struct hisi_acc *acc)
{
	struct qm_mig_region *region = &acc->region;
	struct pci_dev *pdev = acc->core.pdev;
	struct qm_pf *pf;

	pf = qm_pf_get(pdev);
	if (IS_ERR(pf))
		return PTR_ERR(pf);
	if (!pf)
		return init_without_migration(acc, "not a VF of a PF that its own driver runs");

	acc->pf = pf;
	acc->fn = pci_iov_vf_id(pdev) + 1;
	qm_select_attach(pf);
	if (!plan_region(acc, region))
		return init_without_migration(acc, region->why_not);

	if (guest_view_is_foreign(pf->ver))
		acc->guest_revision = QM_VER_V3;
	pci_info(pdev, "%s VF, QM version %#x: migration under %s control, guest sees %s, %llu KiB of BAR2\n",
		 pf->engine->name, pf->ver, qm_mig_ctrl_name(region->ctrl),
		 acc->guest_revision ? "V3" : "what there is",
		 (u64)region->guest_bar2_len / SZ_1K);

	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	acc->core.vdev.mig_ops = &hisi_acc_mig_ops;
	return 0;
}

static void put_pf(struct hisi_acc *acc)
{
	if (!acc->pf)
		return;
	qm_select_detach(acc->pf);
	qm_pf_put(acc->pf);
}

static int hisi_acc_init_dev(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	int ret;

	ret = vfio_pci_core_init_dev(vdev);
	if (ret)
		return ret;

	mutex_init(&acc->state_lock);
	mig_log_init(&acc->log, hisi_acc_dev(acc));
	mig_fsm_init(acc);
	ret = init_migration(acc);
	if (ret) {
		put_pf(acc);
		mutex_destroy(&acc->state_lock);
		compat_undo_core_init(vdev);
	}
	return ret;
}

static void hisi_acc_release_dev(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	put_pf(acc);
	mutex_destroy(&acc->state_lock);
	vfio_pci_core_release_dev(vdev);
}

static const struct vfio_device_ops hisi_acc_ops = {
	.name = KBUILD_MODNAME,
	.init = hisi_acc_init_dev,
	.release = hisi_acc_release_dev,
	.open_device = hisi_acc_open_device,
	.close_device = hisi_acc_close_device,
	.ioctl = guest_view_ioctl,
	.device_feature = vfio_pci_core_ioctl_feature,
	.read = guest_view_read,
	.write = guest_view_write,
	.mmap = guest_view_mmap,
	.request = vfio_pci_core_request,
	.match = vfio_pci_core_match,
	COMPAT_REGION_INFO_OP(guest_view_region_info)
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
	if (ret) {
		vfio_put_device(&acc->core.vdev);
		return ret;
	}
	hisi_acc_debugfs_init(acc);
	return 0;
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
