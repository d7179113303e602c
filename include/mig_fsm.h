/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The migration state machine of a device.
 */
#ifndef MIG_FSM_H
#define MIG_FSM_H

#include <linux/types.h>
#include <linux/vfio.h>

struct file;
struct hisi_acc;
struct mig_file_host;

/* The last arcs, for debugfs. */
#define MIG_ARCS_KEPT	16

struct mig_arc_done {
	u8 from;
	u8 to;
	int ret;
	u64 ns;			/* how long it took */
};

struct file *mig_fsm_set_state(struct hisi_acc *acc, enum vfio_device_mig_state new_state,
			       bool barred);
void mig_fsm_lose(struct hisi_acc *acc, const char *why);
void mig_fsm_init(struct hisi_acc *acc, int (*check)(const struct mig_file_host *host));
void mig_fsm_reset(struct hisi_acc *acc);

#endif /* MIG_FSM_H */
