/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What can be seen of a device in debugfs; nothing without VFIO_DEBUGFS.
 */
#ifndef HISI_ACC_DEBUGFS_H
#define HISI_ACC_DEBUGFS_H

#include "compat/vfio.h"

struct hisi_acc;

#ifdef COMPAT_DEBUGFS
void hisi_acc_debugfs_init(struct hisi_acc *acc);
#else
static inline void hisi_acc_debugfs_init(struct hisi_acc *acc)
{
}
#endif

#endif /* HISI_ACC_DEBUGFS_H */
