// SPDX-License-Identifier: GPL-2.0-only
/*
 * The physical function: finding it, and the reset bit that all its users
 * share. The only file that knows struct hisi_qm, whose layout
 * differs from kernel to kernel.
 *
 * A PF driver removes its VFs before it goes, and so waits for us; while a VF
 * is bound to this module, what is read here stays valid.
 */
#include <linux/delay.h>
#include <linux/hisi_acc_qm.h>
#include <linux/list.h>
#include <linux/module.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>

#include "include/qm_io.h"
#include "include/qm_pf.h"
#include "include/qm_regs.h"
#include "include/compat/kernel.h"

#define QM_PF_BAR		2
#define QM_PF_DB_BAR		4	/* of PFs with doorbells of their own */
#define QM_RESET_POLL_MS	20

static const struct qm_pf_driver {
	struct qm_engine engine;
	const char *accessor;	/* exported by the PF driver, gives its pci_driver */
	const char *module;	/* that it comes as; the driver has the same name */
} qm_pf_drivers[] = {
	{ { "SEC", PCI_DEVICE_ID_HUAWEI_SEC_VF, SEC_CORE_INT_STATUS },
	  "hisi_sec_get_pf_driver", "hisi_sec2" },
	{ { "HPRE", PCI_DEVICE_ID_HUAWEI_HPRE_VF, HPRE_HAC_INT_STATUS },
	  "hisi_hpre_get_pf_driver", "hisi_hpre" },
	{ { "ZIP", PCI_DEVICE_ID_HUAWEI_ZIP_VF, HZIP_CORE_INT_STATUS },
	  "hisi_zip_get_pf_driver", "hisi_zip" },
};

static LIST_HEAD(qm_pfs);
static DEFINE_MUTEX(qm_pfs_lock);	/* the list and every users count */

/*
 * A PF driver is asked for by name at run time: a kernel that has only one of
 * the three must still be able to load this module.
 */
static struct pci_driver *find_live_driver(const struct qm_pf_driver *known)
{
	typeof(hisi_zip_get_pf_driver) *get = __symbol_get(known->accessor);
	struct pci_driver *driver;

	if (!get)
		return NULL;
	driver = get();
	__symbol_put(known->accessor);
	return driver;
}

/*
 * A module that makes VFs while it is being loaded can't be asked yet: its symbols
 * are not live until its init is done, and nobody would tell us then. Its name says
 * who it is, and what its driver keeps is there before it makes VFs.
 */
static struct pci_driver *find_starting_driver(struct pci_dev *vf,
					       const struct qm_pf_driver *known)
{
	struct device_driver *driver = pci_physfn(vf)->dev.driver;

	if (!driver || !driver->owner || driver->owner->state != MODULE_STATE_COMING ||
	    strcmp(driver->owner->name, known->module) ||
	    strcmp(driver->name, known->module))
		return NULL;
	return to_pci_driver(driver);
}

static const struct qm_pf_driver *find_known(struct pci_dev *vf)
{
	unsigned int i;

	for (i = 0; vf->is_virtfn && i < ARRAY_SIZE(qm_pf_drivers); i++) {
		if (qm_pf_drivers[i].engine.vf_device == vf->device)
			return &qm_pf_drivers[i];
	}
	return NULL;
}

/* The PF's QM as its driver keeps it, or NULL where that driver is not there. */
static struct hisi_qm *find_qm(struct pci_dev *vf, const struct qm_engine **engine)
{
	const struct qm_pf_driver *known = find_known(vf);
	struct pci_driver *driver;
	struct hisi_qm *qm;

	if (!known)
		return NULL;
	driver = find_live_driver(known) ?: find_starting_driver(vf, known);
	if (!driver)
		return NULL;
	qm = pci_iov_get_pf_drvdata(vf, driver);
	if (IS_ERR_OR_NULL(qm))
		return NULL;

	*engine = &known->engine;
	return qm;
}

/*
 * A module that was built for another kernel reads struct hisi_qm at the wrong
 * places; and there are ways past the kernel's own check of versions. What is
 * known of the PF stands near the struct's begin and near its end.
 */
static bool layout_is_known(struct pci_dev *vf, const struct hisi_qm *qm)
{
	struct pci_dev *pf = pci_physfn(vf);

	return qm->pdev == pf && qm->io_base &&
	       qm->phys_base == pci_resource_start(pf, QM_PF_BAR) &&
	       (qm->db_phys_base == qm->phys_base ||
		qm->db_phys_base == pci_resource_start(pf, QM_PF_DB_BAR));
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
 * its PF is not driven by the accelerator's PF driver; ERR_PTR(-ENOEXEC) if that
 * driver's data are not laid out as this module was built for; ERR_PTR(-ENOMEM).
 */
struct qm_pf *qm_pf_get(struct pci_dev *vf)
{
	const struct qm_engine *engine;
	struct hisi_qm *qm = find_qm(vf, &engine);
	struct qm_pf *pf;

	if (!qm)
		return NULL;
	if (!layout_is_known(vf, qm)) {
		pci_err(vf, "refused: the PF driver's data are not as this module was built for\n");
		return ERR_PTR(-ENOEXEC);
	}

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
		kfree(pf);
	}
	mutex_unlock(&qm_pfs_lock);
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
 * @timeout_ms: for how long to wait
 *
 * Whoever resets the PF or one of its VFs holds this bit, the PF driver
 * included.
 *
 * Context: may sleep, for @timeout_ms at worst.
 * Return: 0 if it is the caller's now, -ETIMEDOUT if somebody else kept it.
 */
int qm_pf_reset_enter(struct qm_pf *pf, unsigned int timeout_ms)
{
	unsigned int ms;

	for (ms = 0; ms < timeout_ms; ms += QM_RESET_POLL_MS) {
		if (!test_and_set_bit(QM_RESETTING, &pf->qm->misc_ctl))
			return 0;
		msleep(QM_RESET_POLL_MS);
	}
	pci_err(pf->pdev, "another reset is not done after %u ms\n",
		timeout_ms);
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
