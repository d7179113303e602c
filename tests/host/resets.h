/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the tests of resets have in common.
 */
#ifndef HACC_RESETS_H
#define HACC_RESETS_H

#include "vfio.h"

/* The caches are never written back: half-way. Skips without the accelerator model. */
void resets_into_error(struct vfio_dev *v);
/*
 * A state that stands for nothing any more: what would need it fails, back is no
 * error. Leaves the VF there, in RESUMING, or in ERROR.
 */
void resets_check_lost(struct vfio_dev *v, int state);

#endif /* HACC_RESETS_H */
