/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device: what vfio, the state machine and the hardware side share of one VF,
 * and the order of all locks. What a file offers to others is in include/, in a
 * header of its name.
 *
 * Lock order, outermost first:
 *
 *   memory_lock (vfio-pci core; a reset holds it)
 *     hisi_acc.state_lock
 *       mig_file.lock
 *         qm_select_lock (of qm_select.c)
 *           mig_log.lock (spins)
 *       qm_pf.vft_lock
 *
 * mig_file.read_lock is taken by read() alone, outside mig_file.lock. It is the
 * only lock under which user memory is touched, and a reset never takes it.
 */
#ifndef HISI_ACC_VFIO_PCI_H
#define HISI_ACC_VFIO_PCI_H

#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/types.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include "include/mig_file.h"
#include "include/mig_fsm.h"
#include "include/mig_log.h"
#include "include/mig_stream.h"
#include "include/qm_mailbox.h"
#include "include/qm_mig_region.h"
#include "include/qm_pf.h"
#include "include/compat/vfio.h"

struct hisi_acc {
	struct vfio_pci_core_device core;	/* first: vfio allocates by it */
	struct qm_pf *pf;			/* NULL: as under plain vfio-pci */
	u16 fn;					/* function number, VFs from 1 */
	bool resetting;				/* PF reset bit held by us */
	u8 guest_revision;			/* 0: that of the hardware */
	struct mig_log log;

	/*
	 * Set when the device is opened, constant until it is closed: read
	 * without a lock by whoever holds the device open, and under state_lock
	 * by debugfs. region is also set when the device is bound.
	 */
	struct qm_mig_region region;
	struct mig_match match;
	resource_size_t guest_bar2_len;

	/* Migration state, its files, and our use of the VF's registers. */
	struct mutex state_lock;
	bool mig_open;				/* win is mapped */
	struct qm_win win;
	bool loaded;				/* a record with queues, not restarted yet */
	enum vfio_device_mig_state mig_state;
	struct delayed_work pf_watch;		/* at work unless RUNNING */
	struct mig_file_host file_host;
	struct mig_file *saving;
	struct mig_file *resuming;
	struct mig_stream last;			/* of the last migration, either way */
	struct mig_arc_done arcs[MIG_ARCS_KEPT];
	unsigned int arc_count;			/* of all time; the ring's next is modulo */
};

static inline struct hisi_acc *to_hisi_acc(struct vfio_device *vdev)
{
	return container_of(vdev, struct hisi_acc, core.vdev);
}

/* The core's device is the driver data, as vfio-pci's core wants it. */
static inline struct hisi_acc *pdev_to_hisi_acc(struct pci_dev *pdev)
{
	return container_of(dev_get_drvdata(&pdev->dev), struct hisi_acc, core);
}

static inline struct device *hisi_acc_dev(struct hisi_acc *acc)
{
	return &acc->core.pdev->dev;
}

#endif /* HISI_ACC_VFIO_PCI_H */
