// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands bind and unbind, by driver_override: it names the one driver
 * that a device may have, whatever others there are.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "facts.h"
#include "tool.h"
#include "vfio.h"

static bool is_vfio_driver(const char *driver)
{
	return strstr(driver, "vfio");
}

static int trouble(const struct vf *vf, const char *what, int err)
{
	if (err == -EACCES || err == -EPERM)
		return complain(vf->bdf, "%s: %s; run this as root", what, strerror(-err));
	return complain(vf->bdf, "%s: %s", what, strerror(-err));
}

static int load_module(void)
{
	int status = -1;
	pid_t child;

	if (module_loaded() != MODULE_NONE)
		return 0;
	child = fork();
	if (!child) {
		execlp("modprobe", "modprobe", DRIVER_NAME, (char *)NULL);
		/* su without "-" leaves root a PATH without these two */
		execl("/usr/sbin/modprobe", "modprobe", DRIVER_NAME, (char *)NULL);
		execl("/sbin/modprobe", "modprobe", DRIVER_NAME, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	if (status || module_loaded() == MODULE_NONE)
		return complain(NULL, "module " DRIVER_NAME " is not loaded, and modprobe does not load it; is it installed?");
	return 0;
}

/* The kernel would take a VF from a VM that has it, and the VM would notice. */
static int refuse_if_used(const struct vf *vf)
{
	char who[128];

	if (!is_vfio_driver(vf->driver) || !vfio_in_use(vf, who, sizeof(who)))
		return 0;
	return complain(vf->bdf, "is in use by %s; end that first", who);
}

static int leave_driver(const struct vf *vf)
{
	char path[160];

	if (!*vf->driver)
		return 0;
	snprintf(path, sizeof(path), "/sys/bus/pci/drivers/%s/unbind", vf->driver);
	return file_write(path, vf->bdf);
}

static void driver_now(const struct vf *vf, char *driver, size_t size)
{
	pci_link(vf->bdf, "driver", driver, size);
}

/* As it was before: the same override, and the driver that it or the ids give. */
static void put_back(const struct vf *vf, const char *override)
{
	bool none = !*override || !strcmp(override, "(null)");

	pci_write(vf->bdf, "driver_override", none ? "\n" : override);
	if (*vf->driver)
		file_write("/sys/bus/pci/drivers_probe", vf->bdf);
}

static int bind_one(const struct vf *vf)
{
	char override[WORD_MAX], driver[WORD_MAX];
	int ret;

	if (!strcmp(vf->driver, DRIVER_NAME)) {
		printf("%s: bound to " DRIVER_NAME " already\n", vf->bdf);
		return 0;
	}
	ret = refuse_if_used(vf);
	if (ret)
		return ret;
	ret = pci_read(vf->bdf, "driver_override", override, sizeof(override));
	if (!ret)
		ret = pci_write(vf->bdf, "driver_override", DRIVER_NAME);
	if (ret)
		return trouble(vf, "driver_override", ret);
	ret = leave_driver(vf);
	if (ret) {
		put_back(vf, override);
		return trouble(vf, "can't be taken from its driver", ret);
	}
	ret = file_write("/sys/bus/pci/drivers_probe", vf->bdf);
	driver_now(vf, driver, sizeof(driver));
	if (!ret && !strcmp(driver, DRIVER_NAME)) {
		printf("%s: bound to " DRIVER_NAME "%s%s\n", vf->bdf,
		       *vf->driver ? ", before to " : "", vf->driver);
		return 0;
	}
	put_back(vf, override);
	return complain(vf->bdf, DRIVER_NAME " does not take it%s%s; it is as it was; the kernel's log says why: dmesg | grep %s",
			ret ? ": " : "", ret ? strerror(-ret) : "", vf->bdf);
}

static int unbind_one(const struct vf *vf)
{
	char override[WORD_MAX];
	int ret;

	if (*vf->driver && strcmp(vf->driver, DRIVER_NAME)) {
		printf("%s: has driver %s, left as it is\n", vf->bdf, vf->driver);
		return 0;
	}
	ret = refuse_if_used(vf);
	if (ret)
		return ret;
	ret = pci_read(vf->bdf, "driver_override", override, sizeof(override));
	if (!ret && !strcmp(override, DRIVER_NAME))
		ret = pci_write(vf->bdf, "driver_override", "\n");
	if (ret)
		return trouble(vf, "driver_override", ret);
	ret = leave_driver(vf);
	if (ret)
		return trouble(vf, "can't be taken from " DRIVER_NAME, ret);
	printf("%s: %s\n", vf->bdf, *vf->driver ? "no driver any more" : "has no driver already");
	return 0;
}

/* One that fails does not keep the others from being done. */
static int for_each(const struct options *o, int (*one)(const struct vf *vf), bool module)
{
	struct accels a;
	int ret, bad = EXIT_YES;
	size_t i;

	accels_find(&a);
	ret = accels_select(&a, o->args, o->nargs);
	if (!ret && module)
		ret = load_module();
	for (i = 0; !ret && i < a.nr_vfs; i++)
		if (one(&a.vfs[i]))
			bad = EXIT_TROUBLE;
	accels_free(&a);
	return ret ? ret : bad;
}

int cmd_bind(const struct options *o)
{
	return for_each(o, bind_one, true);
}

int cmd_unbind(const struct options *o)
{
	return for_each(o, unbind_one, false);
}
