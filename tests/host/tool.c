// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the tests of hisi-acc-mig have in common.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tool.h"

struct program *tool_run(uid_t uid, const char *const argv[])
{
	static struct program p;

	check_ok(program_run(&p, uid, argv));
	return &p;
}

void tool_expect(const char *file, int line, const struct program *p, int want,
		 const char *words)
{
	if (p->status == want && (!words || strstr(p->out, words) || strstr(p->err, words)))
		return;
	tap_fail(file, line, "should exit with %d and say \"%s\": %s", want,
		 words ? words : "", p->both);
}

static void tool_remove(void *path)
{
	unlink(path);
	free(path);
}

const char *tool_file(const char *name)
{
	char *path = malloc(64);

	snprintf(path, 64, "/tmp/%s", name);
	unlink(path);
	tap_defer(tool_remove, path);
	return path;
}

void tool_write_file(const char *path, const void *data, size_t len)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	check(fd >= 0, "%s: %s", path, tap_errno(-errno));
	check(write(fd, data, len) == (ssize_t)len, "%s can't be written", path);
	close(fd);
}

size_t tool_read_file(const char *path, void *data, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t len;

	check(fd >= 0, "%s: %s", path, tap_errno(-errno));
	len = read(fd, data, size);
	close(fd);
	check(len >= 0, "%s can't be read", path);
	return len;
}

void tool_need_debugfs(void)
{
	if (access("/sys/kernel/debug/vfio", F_OK))
		tap_skip("the kernel has no CONFIG_VFIO_DEBUGFS");
}

const char *const *tool_ways(void)
{
	static const char *const all[] = { "--via=group", "--via=iommufd", NULL };
	static const char *const group[] = { "--via=group", NULL };

	return access("/dev/vfio/devices", F_OK) ? group : all;
}

static void remove_modprobe(void *path)
{
	unlink(path);
	unlink(TOOL_ASKED);
}

void tool_fake_modprobe(void)
{
	static const char script[] = "#!/bin/sh\necho \"$@\" >" TOOL_ASKED "\nexit 1\n";
	static char path[] = "/sbin/modprobe";

	check(!mkdir("/sbin", 0755) || errno == EEXIST, "no /sbin");
	check(access(path, F_OK), "the emulated host has a modprobe of its own");
	tool_write_file(path, script, sizeof(script) - 1);
	tap_defer(remove_modprobe, path);
	check(!chmod(path, 0755), "%s stays as it is", path);
	unlink(TOOL_ASKED);
}

void tool_vf(enum rig_role role, int n, const char *driver, struct pci_func *vf)
{
	rig_vf(role, n, vf);
	rig_load_module();
	check_ok(pci_bind(vf, driver));
}
