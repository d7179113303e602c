/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The physical function, shared by all its VFs: finding it, and the
 * reset bit by which all who reset it or one of its VFs wait for each other.
 */
#ifndef QM_PF_H
#define QM_PF_H

#include <linux/list.h>
#include <linux/types.h>
#include <linux/workqueue.h>

struct hisi_qm;
struct pci_dev;

/* What is special about one kind of accelerator. */
struct qm_engine {
	const char *name;
	unsigned short vf_device;	/* PCI device id of its VFs */
	u32 core_status;		/* PF register, non-zero: error pending */
};

/* Of qm_select.c, which alone looks into it; all zero at first. */
struct qm_select {
	unsigned int users;		/* VFs bound */
	unsigned int opens;		/* VFs that rely on where their registers are */
	bool ours;			/* we have set it, we clear it */
	bool plan;			/* while there are opens: it was set for the first */
	bool said;			/* that it can't be kept set */
	struct delayed_work watch;	/* while there are opens and plan is set */
};

struct qm_pf {
	struct pci_dev *pdev;
	void __iomem *regs;		/* PF BAR2, mapped by the PF driver */
	resource_size_t regs_len;
	u32 ver;			/* QM version */
	const struct qm_engine *engine;
	struct qm_select select;
	u32 write_back_ns;		/* what the last one took; 0: not known */

	/* private to qm_pf.c */
	struct hisi_qm *qm;
	struct list_head node;
	unsigned int users;
};

struct qm_pf *qm_pf_get(struct pci_dev *vf);
void qm_pf_put(struct qm_pf *pf);
int qm_pf_read_isolation(struct qm_pf *pf, u32 *iso);
bool qm_pf_is_resetting(const struct qm_pf *pf);
int qm_pf_reset_enter(struct qm_pf *pf, unsigned int timeout_ms);
void qm_pf_reset_exit(struct qm_pf *pf);

#endif /* QM_PF_H */
