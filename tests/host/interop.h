/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Our driver and the in-tree one on the same VFs.
 */
#ifndef HACC_INTEROP_H
#define HACC_INTEROP_H

#include "rig.h"

/* This module binds the VFs from now on; of the in-tree one, what it is known to do wrong
 * is expected of it.
 */
void interop_use(const char *module);
/* A guest at work is saved by one module and goes on under the other. */
void interop_exchange(const char *source, const char *destination, enum rig_role role);

#endif /* HACC_INTEROP_H */
