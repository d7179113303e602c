// SPDX-License-Identifier: GPL-2.0-only
/*
 * The kernel's own VFIO selftests, those that are tied to no vendor, on VFs bound
 * to the driver under test: users of the uAPI that know nothing of this project.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define SELFTEST_VFS_MAX	7
#define SELFTEST_SKIPPED	4	/* exit status of the kernel's selftests */

struct selftest {
	const char *program;
	enum rig_role role;
	int vfs;	/* it is given so many at once */
	int parts;	/* it must come to this many good ones at least */
};

static void selftest_bind(const struct selftest *test, char *const *bdfs)
{
	struct pci_func vf;
	int i;

	rig_make_vfs(test->role, test->vfs);
	rig_load_module();
	for (i = 0; i < test->vfs; i++) {
		rig_vf(test->role, i, &vf);
		check_ok(pci_bind(&vf, MODULE_VFIO_NAME));
		strcpy(bdfs[i], vf.bdf);
	}
}

/* The program with its output in a pipe. */
static FILE *selftest_start(char *const *argv, pid_t *pid)
{
	int fds[2];

	check(!pipe(fds), "pipe: %s", tap_errno(-errno));
	fflush(NULL);
	*pid = fork();
	check(*pid >= 0, "fork: %s", tap_errno(-errno));
	if (!*pid) {
		dup2(fds[1], STDOUT_FILENO);
		dup2(fds[1], STDERR_FILENO);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	return fdopen(fds[0], "r");
}

/* Counts parts that are good; notes why others are skipped, fails for the rest. */
static int selftest_parts(FILE *output, bool *failed)
{
	char line[256];
	int good = 0;

	while (fgets(line, sizeof(line), output)) {
		line[strcspn(line, "\n")] = '\0';
		if (!strncmp(line, "ok ", 3) && !strstr(line, "# SKIP"))
			good++;
		else if (strstr(line, "# SKIP"))
			tap_note("%s", line);
		else if (!strncmp(line, "not ok ", 7))
			*failed = true;
		/* What it says of itself is wanted only if something is wrong. */
		if (strstr(line, "Expected") || strstr(line, "not ok ") ||
		    strstr(line, "Assertion") || strstr(line, "rrno"))
			tap_note("%s", line);
	}
	fclose(output);
	return good;
}

static void selftest_passes(const void *arg)
{
	const struct selftest *test = arg;
	char bdf[SELFTEST_VFS_MAX][sizeof(((struct pci_func *)0)->bdf)];
	char *argv[SELFTEST_VFS_MAX + 2] = { NULL };
	bool failed = false;
	char path[64];
	int status, good, i;
	pid_t pid;

	snprintf(path, sizeof(path), "/bin/%s", test->program);
	if (access(path, X_OK))
		tap_skip("%s is not here", path);
	argv[0] = path;
	for (i = 0; i < test->vfs; i++)
		argv[i + 1] = bdf[i];
	selftest_bind(test, argv + 1);

	good = selftest_parts(selftest_start(argv, &pid), &failed);
	check(waitpid(pid, &status, 0) == pid, "waitpid: %s", tap_errno(-errno));
	check(WIFEXITED(status), "%s ends by signal %d", test->program,
	      WTERMSIG(status));
	check(!failed && (!WEXITSTATUS(status) ||
			  WEXITSTATUS(status) == SELFTEST_SKIPPED),
	      "%s exits with status %d", test->program, WEXITSTATUS(status));
	check(good >= test->parts, "%s: %d of its tests are good, should be %d",
	      test->program, good, test->parts);
	tap_note("%s: %d of its tests are good", test->program, good);
}

#define SELFTEST(program, role, vfs, parts) \
	(&(const struct selftest){ program, role, vfs, parts })

const struct tap_test selftest_tests[] = {
	{ "vfio_pci_device_test passes on a V3 VF", selftest_passes,
	  SELFTEST("vfio_pci_device_test", RIG_V3, 1, 4) },
	{ "vfio_pci_device_test passes on a V4 VF", selftest_passes,
	  SELFTEST("vfio_pci_device_test", RIG_V4, 1, 4) },
	{ "vfio_iommufd_setup_test passes on a V3 VF", selftest_passes,
	  SELFTEST("vfio_iommufd_setup_test", RIG_V3, 1, 6) },
	{ "vfio_iommufd_setup_test passes on a V4 VF", selftest_passes,
	  SELFTEST("vfio_iommufd_setup_test", RIG_V4, 1, 6) },
	{ "vfio_dma_mapping_test passes on a V3 VF", selftest_passes,
	  SELFTEST("vfio_dma_mapping_test", RIG_V3, 1, 20) },
	{ "vfio_dma_mapping_test passes on a V4 VF", selftest_passes,
	  SELFTEST("vfio_dma_mapping_test", RIG_V4, 1, 20) },
	{ "vfio_dma_mapping_mmio_test passes on a V3 VF", selftest_passes,
	  SELFTEST("vfio_dma_mapping_mmio_test", RIG_V3, 1, 15) },
	{ "vfio_dma_mapping_mmio_test passes on a V4 VF", selftest_passes,
	  SELFTEST("vfio_dma_mapping_mmio_test", RIG_V4, 1, 15) },
	{ "vfio_pci_device_init_perf_test passes on seven V3 VFs at once",
	  selftest_passes,
	  SELFTEST("vfio_pci_device_init_perf_test", RIG_V3, 7, 5) },
	{ "vfio_pci_device_init_perf_test passes on seven V4 VFs at once",
	  selftest_passes,
	  SELFTEST("vfio_pci_device_init_perf_test", RIG_V4, 7, 5) },
	{ NULL, NULL, NULL },
};
