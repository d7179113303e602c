// SPDX-License-Identifier: GPL-2.0-only
/*
 * An access that no BAR decodes is an external abort: whoever touches a function whose
 * memory is off ends by it, a program by SIGBUS and the kernel by an oops, and reads no
 * ones that it could take for an answer.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define PCI_SRIOV_CTRL		0x108	/* in the model's PFs */
#define PCI_SRIOV_CTRL_MSE	0x08	/* memory of the VFs */
#define ALL_ONES		3

static int config;

static uint16_t control(void)
{
	uint16_t value = 0;

	check(pread(config, &value, sizeof(value), PCI_SRIOV_CTRL) == sizeof(value),
	      "the PF's SR-IOV control can't be read");
	return value;
}

static void memory_on(void *arg)
{
	uint16_t value = control() | PCI_SRIOV_CTRL_MSE;

	(void)arg;
	if (pwrite(config, &value, sizeof(value), PCI_SRIOV_CTRL) != sizeof(value))
		tap_note("the VFs' memory stays off");
	close(config);
}

static void memory_off(const struct pci_func *pf)
{
	char path[128];
	uint16_t value;

	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/config", pf->bdf);
	config = open(path, O_RDWR | O_CLOEXEC);
	check(config >= 0, "%s can't be opened", path);
	value = control();
	check(value & PCI_SRIOV_CTRL_MSE, "the VFs' memory is not on");
	tap_defer(memory_on, NULL);
	value &= ~PCI_SRIOV_CTRL_MSE;
	check(pwrite(config, &value, sizeof(value), PCI_SRIOV_CTRL) == sizeof(value),
	      "the PF's SR-IOV control can't be written");
}

/* How a process ends that reads or writes a register of the VF, as wait() says. */
static int touch(struct vfio_dev *v, bool write)
{
	volatile uint32_t *reg = (volatile uint32_t *)v->bar2;
	int status = 0;
	pid_t pid;

	pid = fork();
	check(pid >= 0, "fork() fails");
	if (!pid) {
		if (write)
			*reg = 0;
		_exit(!write && *reg == UINT32_MAX ? ALL_ONES : 0);
	}
	check(waitpid(pid, &status, 0) == pid, "waitpid() fails");
	return status;
}

static void undecoded_access_faults(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	bool write = arg;
	int status;

	check_eq(touch(v, write), 0, "how an access ends while memory is on");
	memory_off(rig_pf(RIG_V3));
	status = touch(v, write);
	check(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS,
	      "an access that nothing decodes ends with status 0x%x", status);
}

const struct tap_test oracle_unmapped_tests[] = {
	{ "a read that no BAR decodes faults", undecoded_access_faults },
	{ "a write that no BAR decodes faults", undecoded_access_faults, "write" },
	{ NULL, NULL, NULL },
};
