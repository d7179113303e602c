/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What differs between kernels in other things than vfio: see vfio.h for how.
 * Included last.
 */
#ifndef COMPAT_KERNEL_H
#define COMPAT_KERNEL_H

#include <linux/slab.h>

/* v7.0, and backported: kzalloc_obj */
#ifndef kzalloc_obj
#define kzalloc_obj(var, gfp)	kzalloc(sizeof(var), gfp)
#endif

/* v6.19: the PF driver sets the migration select bit of V4 and newer hardware */
#ifdef HAVE_QM_MIG_REGION_SEL
#define COMPAT_PF_DRIVER_SETS_SELECT	true
#else
#define COMPAT_PF_DRIVER_SETS_SELECT	false
#endif

/* v6.10: __assign_str() knows the source */
#ifdef HAVE_ASSIGN_STR_SRC
#define compat_assign_str(dst, src)	__assign_str(dst, src)
#else
#define compat_assign_str(dst, ...)	__assign_str(dst)
#endif

#endif /* COMPAT_KERNEL_H */
