/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * hisi-acc-mig as an operator calls it.
 */
#ifndef HACC_TOOL_H
#define HACC_TOOL_H

#include "program.h"
#include "rig.h"

#define NOBODY	65534

/* Its exit statuses */
#define YES	0
#define NO	1
#define USAGE	2
#define TROUBLE	3

/* tool("status", "--json"): run it, as root or as another user. */
#define tool(...)		tool_as(0, __VA_ARGS__)
#define tool_as(uid, ...)	\
	tool_run(uid, (const char *const []){ "hisi-acc-mig", __VA_ARGS__, NULL })

/* What it said last, until the next call. */
struct program *tool_run(uid_t uid, const char *const argv[]);

/* It must end so, and say this. */
#define expect(p, want, words)	tool_expect(__FILE__, __LINE__, p, want, words)
void tool_expect(const char *file, int line, const struct program *p, int want,
		 const char *words);

/* Where a test's files go; empty and in the memory at first. */
const char *tool_file(const char *name);
void tool_write_file(const char *path, const void *data, size_t len);
size_t tool_read_file(const char *path, void *data, size_t size);

/*
 * A modprobe in /sbin that loads nothing, for this test: what it was asked for is in
 * TOOL_ASKED, which is not there before.
 */
#define TOOL_ASKED	"/tmp/asked"
void tool_fake_modprobe(void);

/* Skips the test on a kernel that does not have it. */
void tool_need_debugfs(void);
/* The ways that the kernel has to open a VF, as an option; ended by NULL. */
const char *const *tool_ways(void);
#define for_each_way(way)	for (way = tool_ways(); *way; way++)

/* VF n as the test wants it: with this driver, or with none for NULL. */
void tool_vf(enum rig_role role, int n, const char *driver, struct pci_func *vf);

#endif /* HACC_TOOL_H */
