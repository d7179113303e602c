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

#include "bind.h"
#include "facts.h"
#include "tool.h"
#include "vfio.h"

#define DRIVERS	"/sys/bus/pci/drivers"

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

static bool driver_is_there(const char *driver)
{
	char path[160];

	snprintf(path, sizeof(path), DRIVERS "/%s", driver);
	return !access(path, F_OK);
}

int driver_load(const char *driver, const char *parameter)
{
	int status = -1;
	pid_t child;

	if (driver_is_there(driver))
		return 0;
	child = fork();
	if (!child) {
		execlp("modprobe", "modprobe", driver, parameter, (char *)NULL);
		/* su without "-" leaves root a PATH without these two */
		execl("/usr/sbin/modprobe", "modprobe", driver, parameter, (char *)NULL);
		execl("/sbin/modprobe", "modprobe", driver, parameter, (char *)NULL);
		_exit(127);
	}
	if (child > 0)
		waitpid(child, &status, 0);
	if (status || !driver_is_there(driver))
		return complain(NULL, "module %s is not loaded, and modprobe does not load it; is it installed?",
				driver);
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
	snprintf(path, sizeof(path), DRIVERS "/%s/unbind", vf->driver);
	return file_write(path, vf->bdf);
}

/*
 * The name of a driver stands in sysfs before its probe has ended, and a write to
 * drivers_probe does not wait for one that is under way. A write to the driver's bind
 * file does, and gives the probe's error. -EBUSY: the device has a driver by now.
 */
static int enter_driver(const struct vf *vf, const char *driver)
{
	char path[160], now[WORD_MAX];
	int ret;

	snprintf(path, sizeof(path), DRIVERS "/%s/bind", driver);
	ret = file_write(path, vf->bdf);
	if (ret && ret != -EBUSY)
		return ret;
	pci_link(vf->bdf, "driver", now, sizeof(now));
	return strcmp(now, driver) ? -EBUSY : 0;
}

static bool no_override(const char *override)
{
	return !*override || !strcmp(override, "(null)");
}

/* The override and the driver that it had; says in words what came of it. */
static const char *put_back(const struct vf *vf, const char *override, char *text, size_t size)
{
	char now[WORD_MAX], override_now[WORD_MAX] = "";

	/* Its driver need not be the one that ids or override would give it. */
	if (*vf->driver) {
		pci_write(vf->bdf, "driver_override", vf->driver);
		enter_driver(vf, vf->driver);
	}
	pci_write(vf->bdf, "driver_override", no_override(override) ? "\n" : override);
	pci_link(vf->bdf, "driver", now, sizeof(now));
	pci_read(vf->bdf, "driver_override", override_now, sizeof(override_now));
	if (!strcmp(now, vf->driver) && (!strcmp(override_now, override) ||
					 (no_override(override_now) && no_override(override))))
		return "it is as it was";
	snprintf(text, size, "it had driver %s before, and has %s now",
		 *vf->driver ? vf->driver : "none", *now ? now : "none");
	return text;
}

static int vf_unbind(const struct vf *vf)
{
	char override[WORD_MAX];
	int ret;

	ret = refuse_if_used(vf);
	if (ret)
		return ret;
	ret = pci_read(vf->bdf, "driver_override", override, sizeof(override));
	if (!ret && !no_override(override) && (!*vf->driver || !strcmp(override, vf->driver)))
		ret = pci_write(vf->bdf, "driver_override", "\n");
	if (ret)
		return trouble(vf, "driver_override", ret);
	ret = leave_driver(vf);
	if (ret)
		return trouble(vf, "can't be taken from its driver", ret);
	printf("%s: %s%s\n", vf->bdf,
	       *vf->driver ? "no driver any more, before " : "has no driver already", vf->driver);
	return 0;
}

int vf_bind(const struct vf *vf, const char *driver)
{
	char override[WORD_MAX], text[2 * WORD_MAX + 48];
	int ret;

	if (!*driver)
		return vf_unbind(vf);
	if (!strcmp(vf->driver, driver)) {
		printf("%s: bound to %s already\n", vf->bdf, driver);
		return 0;
	}
	ret = refuse_if_used(vf);
	if (ret)
		return ret;
	ret = pci_read(vf->bdf, "driver_override", override, sizeof(override));
	if (!ret)
		ret = pci_write(vf->bdf, "driver_override", driver);
	if (ret)
		return trouble(vf, "driver_override", ret);
	ret = leave_driver(vf);
	if (ret)
		return complain(vf->bdf, "can't be taken from %s: %s; %s", vf->driver,
				strerror(-ret), put_back(vf, override, text, sizeof(text)));
	ret = enter_driver(vf, driver);
	if (!ret) {
		printf("%s: bound to %s%s%s\n", vf->bdf, driver,
		       *vf->driver ? ", before to " : "", vf->driver);
		return 0;
	}
	return complain(vf->bdf, "%s does not take it: %s; %s; the kernel's log says why: dmesg | grep %s",
			driver, strerror(-ret), put_back(vf, override, text, sizeof(text)),
			vf->bdf);
}

static int bind_one(const struct vf *vf)
{
	return vf_bind(vf, DRIVER_NAME);
}

static int unbind_one(const struct vf *vf)
{
	if (*vf->driver && strcmp(vf->driver, DRIVER_NAME)) {
		printf("%s: has driver %s, left as it is\n", vf->bdf, vf->driver);
		return 0;
	}
	return vf_bind(vf, "");
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
		ret = driver_load(DRIVER_NAME, NULL);
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
