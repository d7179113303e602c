/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Live migration of HiSilicon accelerator VFs: the device, its parts and what
 * each file offers to the others.
 *
 * Lock order, outermost first:
 *
 *   memory_lock (vfio-pci core; a reset holds it)
 *     hisi_acc.state_lock
 *       mig_file.lock
 *         qm_pf.sel_lock
 *           mig_log.lock (spins)
 *       qm_pf.vft_lock
 *
 * mig_file.read_lock is taken by read() alone, outside mig_file.lock. It is the
 * only lock under which user memory is touched, and a reset never takes it.
 */
#ifndef HISI_ACC_VFIO_PCI_H
#define HISI_ACC_VFIO_PCI_H

#include <linux/ktime.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/ratelimit.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/vfio.h>
#include <linux/vfio_pci_core.h>
#include <linux/workqueue.h>

#include "include/mig_stream.h"
#include "include/compat/compat.h"

struct file;
struct hisi_acc;

/* mig_log.c: errors, for the kernel log and for who asks later */

#define MIG_LOG_WORDS	128

struct mig_log {
	struct device *dev;
	struct ratelimit_state rate;	/* of this device alone */
	spinlock_t lock;		/* the rest */
	ktime_t when;			/* 0: no error yet */
	char last[MIG_LOG_WORDS];
};

void mig_log_init(struct mig_log *log, struct device *dev);
__printf(2, 3) void mig_log_err(struct mig_log *log, const char *fmt, ...);

/* qm_pf.c: the physical function, shared by all its VFs */

/* What is special about one kind of accelerator. */
struct qm_engine {
	const char *name;
	unsigned short vf_device;	/* PCI device id of its VFs */
	u32 core_status;		/* PF register, non-zero: error pending */
};

struct qm_pf {
	struct pci_dev *pdev;
	void __iomem *regs;		/* PF BAR2, mapped by the PF driver */
	resource_size_t regs_len;
	u32 ver;			/* QM version */
	const struct qm_engine *engine;
	/* One VFT engine serves all functions: one lookup at a time. */
	struct mutex vft_lock;
	/* The select bit moves the registers of all VFs at once. */
	struct mutex sel_lock;
	unsigned int opens;		/* VFs that rely on where they are */
	bool owns_sel;			/* we have set it, we clear it */

	/* private to qm_pf.c */
	struct hisi_qm *qm;
	struct list_head node;
	unsigned int users;
};

/* Queue pairs of a function, as the VFT has them. */
struct qm_vft {
	u32 base;
	u32 num;
};

struct qm_pf *qm_pf_get(struct pci_dev *vf);
void qm_pf_put(struct qm_pf *pf);
int qm_pf_read_vft(struct qm_pf *pf, u16 fn, struct qm_vft *vft);
int qm_pf_read_isolation(struct qm_pf *pf, u32 *iso);
bool qm_pf_is_resetting(const struct qm_pf *pf);
int qm_pf_reset_enter(struct qm_pf *pf);
void qm_pf_reset_exit(struct qm_pf *pf);

/* qm_mig_region.c: who controls migration, and where its registers are */

enum qm_mig_ctrl {
	QM_MIG_CTRL_VF,		/* registers in the high half of the VF's BAR2 */
	QM_MIG_CTRL_PF,		/* registers in a window of the PF's BAR2 */
};

/* What the guest is to take the VF for. */
enum qm_guest_view {
	QM_GUEST_VIEW_NATIVE,
	QM_GUEST_VIEW_V3,	/* BAR2 of 32 KiB, revision id of V3 */
};

/* All that the choice depends on. */
struct qm_mig_facts {
	u32 ver;		/* QM version */
	u32 sel;		/* QM_MIG_REGION_SEL; read if ver > V3, else 0 */
	int fn;			/* function number, VFs from 1 */
	enum qm_guest_view view;
	size_t page_size;	/* of the host */
	resource_size_t vf_bar2_len;
	resource_size_t pf_bar2_len;
};

struct qm_mig_region {
	enum qm_mig_ctrl ctrl;
	resource_size_t offset;		/* of the function's registers in BAR2 of VF or PF */
	u32 len;			/* of these registers, in bytes */
	u32 eqc;			/* offset of EQC dword 0 in them */
	u32 aeqc;
	resource_size_t guest_bar2_len;	/* what the guest may see of BAR2 */
	const char *why_not;		/* migration is not offered because of this */
};

u32 qm_mig_region_read_sel(const struct qm_pf *pf);
void qm_mig_region_claim(struct qm_pf *pf);
void qm_mig_region_open(struct qm_pf *pf);
void qm_mig_region_close(struct qm_pf *pf);
void qm_mig_region_release(struct qm_pf *pf);
const char *qm_mig_ctrl_name(enum qm_mig_ctrl ctrl);
bool qm_mig_region_plan(const struct qm_mig_facts *facts,
			struct qm_mig_region *region);
int qm_mig_region_recheck(struct mig_log *log, struct qm_pf *pf,
			  const struct qm_mig_region *region);

/*
 * qm_mailbox.c: one function's registers, mailbox, doorbells, write-back
 *
 * An access through the window is never allowed to leave it: @regs covers the
 * VF's BAR2 or its window of the PF's BAR2, and the doorbells, which a window
 * has no room for, have a mapping of their own.
 */
struct qm_win {
	struct mig_log *log;
	void __iomem *regs;
	u32 len;			/* of @regs, in bytes */
	u32 eqc;			/* offsets in @regs */
	u32 aeqc;
	void __iomem *doorbells;	/* VF BAR2, functional half */
	u32 command_ns;			/* what a mailbox command takes; 0: not known */
	u32 write_back_ns;
};

/* A mailbox command or a write-back under way. */
struct qm_ask {
	u16 w0;				/* of a command */
	ktime_t since;			/* 0: just sent */
};

u32 qm_win_read(const struct qm_win *win, u32 reg);
void qm_win_write(const struct qm_win *win, u32 reg, u32 val);
void qm_win_read_block(const struct qm_win *win, u32 reg, __le32 *dw, unsigned int num);
void qm_win_write_block(const struct qm_win *win, u32 reg, const __le32 *dw,
			unsigned int num);
void qm_mailbox_measure(struct qm_win *win);
int qm_mailbox_wait_ready(const struct qm_win *win);
int qm_mailbox_pause(const struct qm_win *win);
int qm_mailbox_set_bases(const struct qm_win *win, u64 sqc, u64 cqc);
void qm_mailbox_ask_base(const struct qm_win *win, u8 cmd, struct qm_ask *ask);
int qm_mailbox_get_base(const struct qm_win *win, const struct qm_ask *ask, u64 *addr);
void qm_cache_ask_write_back(const struct qm_win *win, struct qm_ask *ask);
int qm_cache_end_write_back(const struct qm_win *win, const struct qm_ask *ask);
void qm_doorbell_restart_sqs(const struct qm_win *win, u32 num);
void qm_doorbell_xeq(const struct qm_win *win, u8 cmd, u16 head);

/* qm_state.c: pause, save, load and restart one function */

int qm_state_pause(const struct qm_win *win);
int qm_state_quiesce(const struct qm_win *win, const struct qm_pf *pf);
void qm_state_read_regs(const struct qm_win *win, struct mig_record *rec);
int qm_state_save(const struct qm_win *win, struct mig_record *rec, size_t *len);
int qm_state_quiesce_and_save(const struct qm_win *win, const struct qm_pf *pf,
			      struct mig_record *rec, size_t *len);
void qm_state_ring_events(const struct qm_win *win, const struct mig_record *rec);
int qm_state_load(const struct qm_win *win, const struct mig_record *rec);
int qm_state_load_not_ready(const struct qm_win *win);
bool qm_state_has_ones(const struct mig_record *rec);
int qm_state_restart(const struct qm_win *win, u32 qp_num);

/* mig_file.c: the data fds */

struct mig_file {
	struct file *filp;
	struct mutex read_lock;		/* readers, one at a time */
	struct mutex lock;		/* everything below */
	struct hisi_acc *acc;		/* NULL: disabled */
	struct mig_stream stream;
	size_t pos;			/* how much of it has been read */
	bool complete;			/* saving: nothing more will come */
};

/* mig_fsm.c keeps the last arcs for debugfs. */
#define MIG_ARCS_KEPT	16

struct mig_arc_done {
	u8 from;
	u8 to;
	int ret;
	u64 ns;			/* how long it took */
};

struct mig_file *mig_file_open_save(struct hisi_acc *acc);
void mig_file_complete(struct mig_file *migf, const struct mig_record *rec, size_t len);
struct mig_file *mig_file_open_resume(struct hisi_acc *acc);
void mig_file_disable(struct mig_file *migf, struct mig_stream *last);

/* mig_fsm.c: the migration state machine */

struct file *mig_fsm_set_state(struct hisi_acc *acc,
			       enum vfio_device_mig_state new_state);
enum vfio_device_mig_state mig_fsm_get_state(struct hisi_acc *acc);
void mig_fsm_init(struct hisi_acc *acc);
void mig_fsm_reset(struct hisi_acc *acc);
void mig_fsm_unwatch(struct hisi_acc *acc);
const char *mig_fsm_state_name(enum vfio_device_mig_state state);

/* guest_view.c: what the guest sees of its VF */

enum qm_guest_view guest_view_get(void);
bool guest_view_is_foreign(u32 ver);
ssize_t guest_view_read(struct vfio_device *vdev, char __user *buf, size_t count,
			loff_t *ppos);
ssize_t guest_view_write(struct vfio_device *vdev, const char __user *buf,
			 size_t count, loff_t *ppos);
int guest_view_mmap(struct vfio_device *vdev, struct vm_area_struct *vma);
int guest_view_region_info(struct vfio_device *vdev, struct vfio_region_info *info,
			   struct vfio_info_cap *caps);
long guest_view_ioctl(struct vfio_device *vdev, unsigned int cmd, unsigned long arg);

/* debugfs.c: what can be seen of a device; empty without VFIO_DEBUGFS */

#ifdef COMPAT_DEBUGFS
void hisi_acc_debugfs_init(struct hisi_acc *acc);
#else
static inline void hisi_acc_debugfs_init(struct hisi_acc *acc)
{
}
#endif

/* hisi_acc_vfio_pci.c: the device as vfio and PCI see it */

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
