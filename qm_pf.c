// SPDX-License-Identifier: GPL-2.0-only
/*
 * The physical function: finding it, its VFT engine, and the reset bit that
 * all its users share. The only file that knows struct hisi_qm, whose layout
 * differs from kernel to kernel.
 *
 * A PF driver removes its VFs before it goes, and so waits for us; while a VF
 * is bound to this module, what is read here stays valid.
 */
#include <linux/bitfield.h>
#include <linux/delay.h>
#include <linux/hisi_acc_qm.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>

#include "include/qm_io.h"
#include "include/qm_pf.h"
#include "include/qm_regs.h"
#include "include/compat/kernel.h"

#define QM_PF_BAR		2
#define QM_VFT_TIMEOUT_US	100000
#define QM_RESET_TIMEOUT_MS	60000
#define QM_RESET_POLL_MS	20

static const struct {
	struct qm_engine engine;
	const char *accessor;	/* exported by the PF driver, gives its pci_driver */
} qm_engines[] = {
	{ { "SEC", PCI_DEVICE_ID_HUAWEI_SEC_VF, SEC_CORE_INT_STATUS },
	  "hisi_sec_get_pf_driver" },
	{ { "HPRE", PCI_DEVICE_ID_HUAWEI_HPRE_VF, HPRE_HAC_INT_STATUS },
	  "hisi_hpre_get_pf_driver" },
	{ { "ZIP", PCI_DEVICE_ID_HUAWEI_ZIP_VF, HZIP_CORE_INT_STATUS },
	  "hisi_zip_get_pf_driver" },
};

static LIST_HEAD(qm_pfs);
static DEFINE_MUTEX(qm_pfs_lock);	/* the list and every users count */

/*
 * A PF driver is asked for by name at run time: a kernel that has only one of
 * the three must still be able to load this module.
 */
static struct pci_driver *find_pf_driver(const char *accessor)
{
	typeof(hisi_zip_get_pf_driver) *get = __symbol_get(accessor);
	struct pci_driver *driver;

	if (!get)
		return NULL;
	driver = get();
	__symbol_put(accessor);
	return driver;
}

/* The PF's QM as its driver keeps it, or NULL where that driver is not there. */
static struct hisi_qm *find_qm(struct pci_dev *vf, const struct qm_engine **engine)
{
	struct pci_driver *driver;
	struct hisi_qm *qm;
	unsigned int i;

	if (!vf->is_virtfn)
		return NULL;

	for (i = 0; i < ARRAY_SIZE(qm_engines); i++) {
		if (qm_engines[i].engine.vf_device == vf->device)
			break;
	}
	if (i == ARRAY_SIZE(qm_engines))
		return NULL;

	driver = find_pf_driver(qm_engines[i].accessor);
	if (!driver)
		return NULL;
	qm = pci_iov_get_pf_drvdata(vf, driver);
	if (IS_ERR_OR_NULL(qm))
		return NULL;

	*engine = &qm_engines[i].engine;
	return qm;
}

static struct qm_pf *new_pf(struct hisi_qm *qm, const struct qm_engine *engine)
{
	struct qm_pf *pf = kzalloc_obj(*pf, GFP_KERNEL);

	if (!pf)
		return NULL;
	pf->pdev = qm->pdev;
	pf->regs = qm->io_base;
	pf->regs_len = pci_resource_len(qm->pdev, QM_PF_BAR);
	pf->ver = qm->ver;
	pf->engine = engine;
	pf->qm = qm;
	mutex_init(&pf->vft_lock);
	list_add(&pf->node, &qm_pfs);
	return pf;
}

/**
 * qm_pf_get() - find the PF of a VF
 * @vf: the VF
 *
 * The VFs of a PF share one object, and so its locks.
 *
 * Context: may sleep; @vf is bound or being bound to this module.
 * Return: the PF, to be given back with qm_pf_put(); NULL if @vf is not a VF or
 * its PF is not driven by the accelerator's PF driver; ERR_PTR(-ENOMEM).
 */
struct qm_pf *qm_pf_get(struct pci_dev *vf)
{
	const struct qm_engine *engine;
	struct hisi_qm *qm = find_qm(vf, &engine);
	struct qm_pf *pf;

	if (!qm)
		return NULL;

	mutex_lock(&qm_pfs_lock);
	list_for_each_entry(pf, &qm_pfs, node) {
		if (pf->qm == qm)
			goto found;
	}
	pf = new_pf(qm, engine);
found:
	if (pf)
		pf->users++;
	mutex_unlock(&qm_pfs_lock);
	return pf ?: ERR_PTR(-ENOMEM);
}

/**
 * qm_pf_put() - give a PF back
 * @pf: the PF, or NULL
 *
 * Context: may sleep.
 */
void qm_pf_put(struct qm_pf *pf)
{
	if (!pf)
		return;

	mutex_lock(&qm_pfs_lock);
	if (!--pf->users) {
		list_del(&pf->node);
		mutex_destroy(&pf->vft_lock);
		kfree(pf);
	}
	mutex_unlock(&qm_pfs_lock);
}

static int vft_wait_ready(struct qm_pf *pf, const char *when)
{
	u32 val;

	if (!qm_io_poll32(pf->regs + QM_VFT_CFG_RDY, &val, BIT(0), BIT(0), 0,
			  QM_VFT_TIMEOUT_US))
		return 0;
	dev_err_ratelimited(&pf->pdev->dev, "VFT engine is busy %s a lookup for %u us\n",
			    when, QM_VFT_TIMEOUT_US);
	return -EBUSY;
}

/**
 * qm_pf_read_vft() - look a function's queue pairs up
 * @pf: the PF
 * @fn: function number
 * @vft: its first queue pair and their number
 *
 * The engine belongs to all functions of the PF, the PF driver among them, who
 * uses it while VFs are made: it may be found busy.
 *
 * Context: may sleep; takes vft_lock.
 * Return: 0, -EBUSY if the engine stays busy, -EIO if the PF is gone or @fn has
 * no queue pairs.
 */
int qm_pf_read_vft(struct qm_pf *pf, u16 fn, struct qm_vft *vft)
{
	u64 data = 0;
	int ret;

	mutex_lock(&pf->vft_lock);
	ret = vft_wait_ready(pf, "before");
	if (ret)
		goto unlock;

	qm_io_write32(pf->regs + QM_VFT_CFG_OP_WR, QM_VFT_CFG_OP_WR_READ);
	qm_io_write32(pf->regs + QM_VFT_CFG_TYPE, QM_VFT_CFG_TYPE_SQC);
	qm_io_write32(pf->regs + QM_VFT_CFG, fn);
	qm_io_write32(pf->regs + QM_VFT_CFG_RDY, 0);
	qm_io_write32(pf->regs + QM_VFT_CFG_OP_ENABLE, 1);

	ret = vft_wait_ready(pf, "after");
	if (ret)
		goto unlock;
	data = qm_io_read32(pf->regs + QM_VFT_CFG_DATA_L);
	data |= (u64)qm_io_read32(pf->regs + QM_VFT_CFG_DATA_H) << 32;
unlock:
	mutex_unlock(&pf->vft_lock);
	if (ret)
		return ret;

	/* All ones in one half alone: the PF went between the two reads. */
	if (upper_32_bits(data) == U32_MAX || !(data & QM_VFT_SQC_VALID)) {
		dev_err_ratelimited(&pf->pdev->dev, "VFT entry of function %u is %#llx: no queue pairs\n",
				    fn, data);
		return -EIO;
	}
	vft->base = FIELD_GET(QM_VFT_SQC_BASE, data);
	vft->num = FIELD_GET(QM_VFT_SQC_NUM, data) + 1;
	return 0;
}

/**
 * qm_pf_read_isolation() - read how the PF isolates queues
 * @pf: the PF
 * @iso: set to QM_QUE_ISO_CFG_V of the PF
 *
 * Context: any.
 * Return: 0, or -EIO if the PF is gone.
 */
int qm_pf_read_isolation(struct qm_pf *pf, u32 *iso)
{
	*iso = qm_io_read32(pf->regs + QM_QUE_ISO_CFG_V);
	if (*iso != U32_MAX)
		return 0;
	dev_err_ratelimited(&pf->pdev->dev, "queue isolation reads all ones: PF does not answer\n");
	return -EIO;
}

/**
 * qm_pf_is_resetting() - is the PF being reset, and all its VFs with it?
 * @pf: the PF
 *
 * The kernel tells the driver of a VF nothing of its PF's reset. The reset bit
 * alone does not tell either: the reset of any VF takes it, too. But only for a
 * reset of its own does a PF driver stop the QM of the PF while it has the bit.
 *
 * Context: any; touches no hardware.
 * Return: true from when the PF's driver has stopped until it has started again.
 */
bool qm_pf_is_resetting(const struct qm_pf *pf)
{
	return test_bit(QM_RESETTING, &pf->qm->misc_ctl) &&
	       atomic_read(&pf->qm->status.flags) == QM_STOP;
}

/**
 * qm_pf_reset_enter() - take the PF's reset bit
 * @pf: the PF
 *
 * Whoever resets the PF or one of its VFs holds this bit, the PF driver
 * included.
 *
 * Context: may sleep, for 60 s at worst.
 * Return: 0 if it is ours now, -ETIMEDOUT if somebody else kept it.
 */
int qm_pf_reset_enter(struct qm_pf *pf)
{
	unsigned int ms;

	for (ms = 0; ms < QM_RESET_TIMEOUT_MS; ms += QM_RESET_POLL_MS) {
		if (!test_and_set_bit(QM_RESETTING, &pf->qm->misc_ctl))
			return 0;
		msleep(QM_RESET_POLL_MS);
	}
	dev_err(&pf->pdev->dev, "another reset is not done after %u ms\n",
		QM_RESET_TIMEOUT_MS);
	return -ETIMEDOUT;
}

/**
 * qm_pf_reset_exit() - give the PF's reset bit back
 * @pf: the PF; only after qm_pf_reset_enter() has returned 0
 *
 * Context: any.
 */
void qm_pf_reset_exit(struct qm_pf *pf)
{
	clear_bit(QM_RESETTING, &pf->qm->misc_ctl);
}
