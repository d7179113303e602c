/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Kernel allocations that fail: the nth of this thread, and no other.
 */
#ifndef HACC_FAILSLAB_H
#define HACC_FAILSLAB_H

#include <stdbool.h>

/* Make them possible; -ENOENT where the kernel is not built for it. */
int failslab_setup(void);
/*
 * From now on only those under this module's functions, and of these none that
 * was asked for by way of the other module's; NULL, NULL: all, as at first. A
 * module that is loaded anew is elsewhere.
 */
int failslab_only(const char *module, const char *but_not);
/* Let the nth allocation from now on fail, from 1; 0: none. */
int failslab_arm(int nth);
/* Has it failed? Disarms as well. */
bool failslab_struck(void);

#endif /* HACC_FAILSLAB_H */
