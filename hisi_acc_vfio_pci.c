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
#include <linux/moduleparam.h>
#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>

#include "hisi_acc_vfio_pci.h"
#include "include/debugfs.h"
#include "include/guest_view.h"
#include "include/guest_view_choice.h"
#include "include/mig_reset.h"
#include "include/qm_regs.h"
#include "include/qm_select.h"
#include "include/qm_state.h"

#define QM_FUNC_HALF	0x8000	/* of BAR2: all that is mapped beside a PF window */

static bool refuse_v1;
module_param(refuse_v1, bool, 0644);
MODULE_PARM_DESC(refuse_v1,
		 "Refuse migration streams of old in-tree drivers (V1), which may carry stale queue contexts (default: no)");

/* Opening and closing */

static bool plan_region(struct hisi_acc *acc, u32 sel, struct qm_mig_region *region)
{
	struct pci_dev *pdev = acc->core.pdev;
	const struct qm_mig_facts facts = {
		.ver = acc->pf->ver,
		.sel = sel,
		.fn = acc->fn,
		.view = guest_view_choice_get(pdev),
		.page_size = PAGE_SIZE,
		.vf_bar2_len = pci_resource_len(pdev, VFIO_PCI_BAR2_REGION_INDEX),
		.pf_bar2_len = acc->pf->regs_len,
	};

	return qm_mig_region_plan(&facts, region);
}

/* Are guests to take the VF for other hardware than it is? */
static bool is_foreign(struct hisi_acc *acc)
{
	struct pci_dev *pdev = acc->core.pdev;

	return guest_view_choice_is_foreign(guest_view_choice_get(pdev), pdev->revision);
}

/* What is constant while the device is open, and so is not read in a blackout. */
static int read_match(struct hisi_acc *acc)
{
	struct qm_vft vft;
	u32 iso;
	int ret;

	ret = qm_mailbox_get_vft(&acc->win, &vft);
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
		.refuse_v1 = refuse_v1,
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
		.ver = acc->pf->ver,
	};
	return 0;
}

static void unmap_win(struct hisi_acc *acc)
{
	iounmap(acc->win.doorbells);
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

/* Of a function that has just been reset, and is nobody else's yet. */
static int look_at_function(struct hisi_acc *acc)
{
	int ret;

	ret = map_win(acc);
	if (ret)
		return ret;
	qm_state_look_at_reset(&acc->win);
	ret = read_match(acc);
	if (ret)
		unmap_win(acc);
	else
		qm_mailbox_measure(&acc->win, acc->core.reset_works);
	return ret;
}

static int open_migration(struct hisi_acc *acc)
{
	int ret;

	lockdep_assert_held(&acc->state_lock);
	acc->guest_revision = is_foreign(acc) ? QM_VER_V3 : 0;
	if (!plan_region(acc, qm_select_open(acc->pf), &acc->region)) {
		qm_select_close(acc->pf);
		return serve_without_migration(acc);
	}
	acc->guest_bar2_len = acc->region.guest_bar2_len;

	ret = look_at_function(acc);
	if (ret) {
		qm_select_close(acc->pf);
		return ret;
	}

	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
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
	mutex_lock(&acc->state_lock);
	ret = vdev->mig_ops ? open_migration(acc) : 0;
	acc->is_open = !ret;
	mutex_unlock(&acc->state_lock);
	if (ret) {
		mig_reset_at_close(acc, vfio_pci_core_disable);
		return ret;
	}

	vfio_pci_core_finish_enable(&acc->core);
	return 0;
}

static void close_core(struct vfio_pci_core_device *core)
{
	vfio_pci_core_close_device(&core->vdev);
}

static void hisi_acc_close_device(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	mutex_lock(&acc->state_lock);
	if (acc->mig_open) {
		mig_fsm_reset(acc);
		acc->mig_open = false;
		unmap_win(acc);
		qm_select_close(acc->pf);
	}
	mutex_unlock(&acc->state_lock);
	mig_reset_unwatch(acc);

	mig_reset_at_close(acc, close_core);

	mutex_lock(&acc->state_lock);
	acc->is_open = false;
	mutex_unlock(&acc->state_lock);
}

static long hisi_acc_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg)
{
	if (cmd == VFIO_DEVICE_RESET)
		return mig_reset_by_user(to_hisi_acc(vdev), arg);
	return guest_view_ioctl(vdev, cmd, arg);
}

/* Migration. While a device is open that can't be migrated, it has no state. */

static struct file *hisi_acc_set_state(struct vfio_device *vdev,
				       enum vfio_device_mig_state new_state)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	if (!acc->mig_open)
		return ERR_PTR(-ENOTTY);
	return mig_reset_set_state(acc, new_state);
}

static int hisi_acc_get_state(struct vfio_device *vdev,
			      enum vfio_device_mig_state *state)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);
	int ret = 0;

	mutex_lock(&acc->state_lock);
	if (acc->mig_open)
		*state = acc->mig_state;
	else
		ret = -ENOTTY;
	mutex_unlock(&acc->state_lock);
	return ret;
}

static int __maybe_unused hisi_acc_get_data_size(struct vfio_device *vdev,
						 unsigned long *bytes)
{
	if (!to_hisi_acc(vdev)->mig_open)
		return -ENOTTY;
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

	if (is_foreign(acc)) {
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
	if (!plan_region(acc, qm_select_read(pf), region))
		return init_without_migration(acc, region->why_not);

	acc->guest_revision = is_foreign(acc) ? QM_VER_V3 : 0;
	pci_info(pdev, "%s VF, QM version %#x: migration under %s control, guest sees %s, %llu KiB of BAR2\n",
		 pf->engine->name, pf->ver, qm_mig_ctrl_name(region->ctrl),
		 acc->guest_revision ? "V3" : "what there is",
		 (u64)region->guest_bar2_len / SZ_1K);

	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	acc->core.vdev.mig_ops = &hisi_acc_mig_ops;
	return 0;
}

/* Nothing of the PF is touched from here on: its driver may go. */
static void exit_migration(struct hisi_acc *acc)
{
	struct qm_pf *pf = acc->pf;

	if (!pf)
		return;
	acc->pf = NULL;
	qm_select_detach(pf);
	qm_pf_put(pf);
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
	mig_reset_init(acc);
	return 0;
}

static void hisi_acc_release_dev(struct vfio_device *vdev)
{
	struct hisi_acc *acc = to_hisi_acc(vdev);

	mutex_destroy(&acc->user_reset_lock);
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

	ret = init_migration(acc);
	if (ret)
		goto put_device;
	dev_set_drvdata(&pdev->dev, &acc->core);
	ret = vfio_pci_core_register_device(&acc->core);
	if (ret)
		goto put_device;
	hisi_acc_debugfs_init(acc);
	return 0;

put_device:
	exit_migration(acc);
	vfio_put_device(&acc->core.vdev);
	return ret;
}

static void hisi_acc_remove(struct pci_dev *pdev)
{
	struct hisi_acc *acc = pdev_to_hisi_acc(pdev);

	vfio_pci_core_unregister_device(&acc->core);
	exit_migration(acc);
	vfio_put_device(&acc->core.vdev);
}

static void hisi_acc_reset_prepare(struct pci_dev *pdev)
{
	mig_reset_prepare(pdev_to_hisi_acc(pdev));
}

static void hisi_acc_reset_done(struct pci_dev *pdev)
{
	mig_reset_done(pdev_to_hisi_acc(pdev));
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
	.dev_groups = guest_view_choice_groups,
	.err_handler = &hisi_acc_err_handlers,
	.driver_managed_dma = true,
};

static int __init hisi_acc_init(void)
{
	return pci_register_driver(&hisi_acc_driver);
}
module_init(hisi_acc_init);

static void __exit hisi_acc_exit(void)
{
	pci_unregister_driver(&hisi_acc_driver);
	guest_view_choice_exit();
}
module_exit(hisi_acc_exit);

MODULE_LICENSE("GPL");
MODULE_VERSION(HISI_ACC_VERSION);	/* Kbuild has it */
MODULE_DESCRIPTION("VFIO PCI driver with live migration for HiSilicon accelerator VFs (ZIP, SEC, HPRE)");
