/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Giving a VF to a driver, and to no other.
 */
#ifndef TOOL_BIND_H
#define TOOL_BIND_H

#include "pci.h"

/*
 * See that a driver is there; its module, which has the same name, is loaded with this
 * parameter if it is not (NULL: with none). 0, or an exit status after saying why not.
 */
int driver_load(const char *driver, const char *parameter);
/*
 * Bind it to this driver, or to none if the name is empty, and say so. One that somebody
 * has is refused; after a failure it is put back. 0, or an exit status after saying why.
 */
int vf_bind(const struct vf *vf, const char *driver);

#endif /* TOOL_BIND_H */
