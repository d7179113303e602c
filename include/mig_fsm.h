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

/* The last arcs, for debugfs. */
#define MIG_ARCS_KEPT	16

struct mig_arc_done {
	u8 from;
	u8 to;
	int ret;
	u64 ns;			/* how long it took */
};

struct file *mig_fsm_set_state(struct hisi_acc *acc,
			       enum vfio_device_mig_state new_state);
enum vfio_device_mig_state mig_fsm_get_state(struct hisi_acc *acc);
void mig_fsm_init(struct hisi_acc *acc);
void mig_fsm_reset(struct hisi_acc *acc);
void mig_fsm_unwatch(struct hisi_acc *acc);

#endif /* MIG_FSM_H */
