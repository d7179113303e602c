/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Resets of a VF and its PF, and what they mean to a migration and to those who ask
 * for something meanwhile.
 */
#ifndef MIG_RESET_H
#define MIG_RESET_H

#include <linux/types.h>
#include <linux/vfio.h>

struct file;
struct hisi_acc;

void mig_reset_init(struct hisi_acc *acc);
void mig_reset_prepare(struct hisi_acc *acc);
void mig_reset_done(struct hisi_acc *acc);
long mig_reset_by_user(struct hisi_acc *acc, unsigned long arg);
void mig_reset_at_close(struct hisi_acc *acc,
			void (*close)(struct vfio_pci_core_device *core));
void mig_reset_unwatch(struct hisi_acc *acc);
const char *mig_reset_under_way(const struct hisi_acc *acc);
struct file *mig_reset_set_state(struct hisi_acc *acc,
				 enum vfio_device_mig_state new_state);

#endif /* MIG_RESET_H */
