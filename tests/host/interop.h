/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our driver and the in-tree one on the same VFs.
 */
#ifndef HACC_INTEROP_H
#define HACC_INTEROP_H

#include "rig.h"

/*
 * What the in-tree driver is known to do wrong when it saves the guest at work in this VF:
 * under PF control its EQ and AEQ doorbells leave the window.
 */
void interop_expect_of_theirs(const struct vfio_dev *v);
/* A guest at work is saved by one module and goes on under the other. */
void interop_exchange(const char *source, const char *destination, enum rig_role role);

#endif /* HACC_INTEROP_H */
