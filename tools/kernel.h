/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few words of the kernel's that include/mig_stream.h and mig_stream.c are
 * written in, for a C library. What the module refuses and what this tool calls
 * invalid are the same lines of code.
 */
#ifndef TOOL_KERNEL_H
#define TOOL_KERNEL_H

#include <endian.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/types.h>

typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;

#define U64_MAX		UINT64_MAX

#define cpu_to_le16	htole16
#define cpu_to_le32	htole32
#define cpu_to_le64	htole64
#define le16_to_cpu	le16toh
#define le32_to_cpu	le32toh
#define le64_to_cpu	le64toh

#endif /* TOOL_KERNEL_H */
