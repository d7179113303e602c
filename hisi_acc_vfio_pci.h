/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The device: what vfio, the state machine and the hardware side share of one VF,
 * and the order of all locks. What a file offers to others is in include/, in a
 * header of its name.
 *
 * Lock order, outermost first:
 *
 *   hisi_acc.user_reset_lock
 *     memory_lock (vfio-pci core; a reset that the user asks for holds it)
 *       hisi_acc.state_lock
 *         mig_file.lock
 *           qm_select_lock (of qm_select.c)
 *             mig_log.lock (spins)
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
#include <linux/wait.h>
#include <linux/workqueue.h>

#include "include/mig_file.h"
#include "include/mig_fsm.h"
#include "include/mig_log.h"
#include "include/mig_stream.h"
#include "include/qm_mailbox.h"
#include "include/qm_mig_region.h"
#include "include/qm_pf.h"
#include "include/compat/vfio.h"

/* What has happened since the device was bound. */
struct hisi_acc_counts {
	u64 migrations_out;	/* records captured */
	u64 migrations_in;	/* records loaded */
	u64 errors;		/* arcs that failed */
	u64 lost;		/* states taken by a reset that the user had not asked for */
	u64 resets_user;	/* VFIO_DEVICE_RESET */
	u64 resets_vf;		/* others of the VF, while it was open */
	u64 resets_pf;		/* of the PF, as far as they were seen */
};

struct hisi_acc {
	struct vfio_pci_core_device core;	/* first: vfio allocates by it */
	struct qm_pf *pf;			/* NULL: as under plain vfio-pci */
	u16 fn;					/* function number, VFs from 1 */
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
	bool is_open;
	bool mig_open;				/* can be migrated, win is mapped */
	struct qm_win win;
	bool paused;				/* by us, and let go by nobody */
	bool loaded;				/* a record with queues, not let go yet */
	const char *lost;			/* by which reset; NULL: not lost */
	enum vfio_device_mig_state mig_state;
	struct mig_file_host file_host;
	struct mig_file *saving;
	struct mig_file *resuming;
	struct mig_stream last;			/* of the last migration, either way */
	struct mig_arc_done arcs[MIG_ARCS_KEPT];
	unsigned int arc_count;			/* of all time; the ring's next is modulo */
	struct hisi_acc_counts counts;

	/* Resets: see mig_reset.c. Written under state_lock, but for reset_bit. */
	unsigned int resets;			/* of the VF under way */
	unsigned int user_resets;		/* of them, done but for their result */
	bool pf_reset_seen;
	bool reset_bit;				/* held from prepare to done */
	wait_queue_head_t reset_end;
	struct delayed_work reset_watch;	/* while there is a data file */
	struct mutex user_reset_lock;		/* one VFIO_DEVICE_RESET at a time */
	struct task_struct *user_resetter;	/* who is at it; written under that lock */
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
