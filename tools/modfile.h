/* SPDX-License-Identifier: GPL-2.0-only */
#ifndef TOOL_MODFILE_H
#define TOOL_MODFILE_H

#include "facts.h"

/*
 * Which file modprobe takes for the module on this kernel, by depmod's list,
 * which has the winner alone.
 */
enum module_kind modfile_find(const char *release, char *path, size_t size);

/*
 * Does the path of such a file lead to another kernel's module? RPM distributions
 * link modules of one kernel into weak-updates/ of others.
 */
bool modfile_is_weak(const char *path);

#endif /* TOOL_MODFILE_H */
