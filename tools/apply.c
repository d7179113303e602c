// SPDX-License-Identifier: GPL-2.0-only
/*
 * The command apply: what the configuration says of PFs and VFs becomes true. What is so
 * already is not touched, and what somebody uses is not taken from him.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bind.h"
#include "config.h"
#include "tool.h"
#include "vfio.h"

#define PARAMETER	"/sys/module/" DRIVER_NAME "/parameters/select_bit"

/* What has come of it so far. */
struct outcome {
	bool dry;
	unsigned int changes;	/* made, or to be made */
	bool trouble;
};

static const char *or_none(const char *driver)
{
	return *driver ? driver : "none";
}

static int vfs_now(const struct pf *pf)
{
	char text[32];

	return pci_read(pf->bdf, "sriov_numvfs", text, sizeof(text)) ? -1 : atoi(text);
}

static int set_vfs(const struct pf *pf, int vfs)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", vfs);
	return pci_write(pf->bdf, "sriov_numvfs", text);
}

/* Another number of VFs takes all that there are away, so nobody may have one. */
static int vfs_are_free(const struct accels *a, const struct pf *pf, int wanted)
{
	char who[128];
	size_t i;

	for (i = 0; i < a->nr_vfs; i++) {
		const struct vf *vf = &a->vfs[i];

		if (strcmp(vf->pf, pf->bdf) || !*vf->driver)
			continue;
		if (!strstr(vf->driver, "vfio"))
			return complain(vf->bdf, "has driver %s; unbind it first: %s is to have %d VFs instead of %d",
					vf->driver, pf->bdf, wanted, pf->vfs);
		if (vfio_in_use(vf, who, sizeof(who)))
			return complain(vf->bdf, "is in use by %s; end that first: %s is to have %d VFs instead of %d",
					who, pf->bdf, wanted, pf->vfs);
	}
	return 0;
}

/*
 * The VFs come without a driver: those of the host, which know them by their ids, would
 * take them, and put the host's own work on them.
 */
static int make_vfs(const struct accels *a, const struct pf *pf, int wanted)
{
	int ret = vfs_are_free(a, pf, wanted);

	if (ret)
		return ret;
	ret = pci_write(pf->bdf, "sriov_drivers_autoprobe", "0");
	if (!ret && pf->vfs)
		ret = set_vfs(pf, 0);
	if (!ret && wanted)
		ret = set_vfs(pf, wanted);
	if (ret)
		return complain(pf->bdf, "can't have %d VFs: %s; it has %d now, before %d%s", wanted,
				strerror(-ret), vfs_now(pf), pf->vfs,
				ret == -EACCES ? "; run this as root" : "");
	return 0;
}

static int apply_number(const struct accels *a, const struct pf *pf, int wanted,
			struct outcome *o)
{
	if (wanted < 0 || wanted == pf->vfs)
		return 0;
	if (wanted > pf->vfs_max)
		return complain(pf->bdf, "is to have %d VFs; it can have %d", wanted, pf->vfs_max);
	if (strcmp(pf->driver, pf->engine->pf_driver))
		return complain(pf->bdf, "is to have %d VFs, but has driver %s, not %s", wanted,
				or_none(pf->driver), pf->engine->pf_driver);
	if (!o->dry && make_vfs(a, pf, wanted))
		return EXIT_TROUBLE;
	o->changes++;
	printf("%s: %s%d VFs, before %d\n", pf->bdf, o->dry ? "to have " : "", wanted, pf->vfs);
	return 0;
}

static int apply_view(const struct vf *vf, const char *view, struct outcome *o)
{
	char now[WORD_MAX];
	int ret;

	if (!*view)
		return 0;
	ret = pci_read(vf->bdf, "guest_view", now, sizeof(now));
	if (ret)
		return complain(vf->bdf, "guest_view is to be %s, but its driver has none: %s", view,
				strerror(-ret));
	if (!strcmp(now, view))
		return 0;
	if (!o->dry) {
		ret = pci_write(vf->bdf, "guest_view", view);
		if (ret)
			return complain(vf->bdf, "guest_view can't be %s: %s", view,
					ret == -EBUSY ? "the VF is open" : strerror(-ret));
	}
	o->changes++;
	printf("%s: guest_view %s%s, before %s\n", vf->bdf, o->dry ? "to be " : "", view, now);
	return 0;
}

static int apply_vf(const struct vf *vf, const struct config_pf *want, struct outcome *o)
{
	const char *driver = strcmp(want->driver, "none") ? want->driver : "";
	bool bound = !strcmp(vf->driver, driver);
	int ret;

	if (!bound && o->dry)
		printf("%s: to be bound to %s, before to %s\n", vf->bdf, or_none(driver),
		       or_none(vf->driver));
	if (!bound)
		o->changes++;
	if (!bound && o->dry && *want->view)
		printf("%s: guest_view to be %s\n", vf->bdf, want->view);
	if (!bound && o->dry)
		return 0;
	ret = bound ? 0 : vf_bind(vf, driver);
	return ret ? ret : apply_view(vf, want->view, o);
}

static void apply_pf(const struct accels *a, const struct pf *pf,
		     const struct config_pf *want, struct outcome *o)
{
	struct accels now;
	unsigned int before = o->changes;
	size_t i;

	if (apply_number(a, pf, want->vfs, o)) {
		o->trouble = true;
		return;
	}
	/* VFs that are not there yet have no address to be named by. */
	if (o->dry && o->changes != before) {
		if (want->vfs)
			printf("%s: its VFs to be bound to %s%s%s\n", pf->bdf, want->driver,
			       *want->view ? ", guest_view to be " : "", want->view);
		return;
	}
	accels_find(&now);
	for (i = 0; i < now.nr_vfs; i++)
		if (!strcmp(now.vfs[i].pf, pf->bdf) && apply_vf(&now.vfs[i], want, o))
			o->trouble = true;
	accels_free(&now);
}

/* The drivers that are wanted; ours takes its parameter when it is loaded. */
static int load_drivers(const struct config *c, const struct accels *a)
{
	char parameter[WORD_MAX + 16];
	struct config_pf want;
	size_t i;
	int ret = 0;

	snprintf(parameter, sizeof(parameter), "select_bit=%s", c->select_bit);
	for (i = 0; i < a->nr_pfs && !ret; i++) {
		if (!config_of(c, &a->pfs[i], &want) || !strcmp(want.driver, "none"))
			continue;
		ret = driver_load(want.driver, *c->select_bit && !strcmp(want.driver, DRIVER_NAME) ?
					       parameter : NULL);
	}
	return ret;
}

static void check_select_bit(const struct config *c, struct outcome *o)
{
	char now[WORD_MAX];

	if (!*c->select_bit || file_read(PARAMETER, now, sizeof(now)) ||
	    !strcmp(now, c->select_bit))
		return;
	complain(NULL, "select_bit is %s, and is to be %s: it is set when the module is loaded; with no VF in use: modprobe -r " DRIVER_NAME,
		 now, c->select_bit);
	o->trouble = true;
}

/* What is said of PFs that are not there. */
static void check_sections(const struct config *c, const struct accels *a, struct outcome *o)
{
	size_t i, k;

	for (i = 0; i < c->nr; i++) {
		const struct config_section *s = &c->sections[i];
		char where[PATH_MAX + 16];

		for (k = 0; k < a->nr_pfs; k++)
			if (!strcmp(s->of, s->address ? a->pfs[k].bdf : a->pfs[k].engine->name))
				break;
		if (k < a->nr_pfs)
			continue;
		snprintf(where, sizeof(where), "%s:%d", s->file, s->line);
		if (s->address) {
			complain(where, "there is no PF of a HiSilicon accelerator at %s", s->of);
			o->trouble = true;
		} else {
			printf("%s: no PF of %s here\n", where, s->of);
		}
	}
}

int cmd_apply(const struct options *opt)
{
	struct outcome o = { .dry = opt->dry_run };
	struct config_pf want;
	struct config c;
	struct accels a;
	size_t i;

	if (config_read(&c, opt->config)) {
		config_free(&c);
		return EXIT_TROUBLE;
	}
	accels_find(&a);
	check_sections(&c, &a, &o);
	/* VFs that nobody can drive are not made. */
	if (!o.dry && load_drivers(&c, &a)) {
		accels_free(&a);
		config_free(&c);
		return EXIT_TROUBLE;
	}
	check_select_bit(&c, &o);
	for (i = 0; i < a.nr_pfs; i++)
		if (config_of(&c, &a.pfs[i], &want))
			apply_pf(&a, &a.pfs[i], &want, &o);
	accels_free(&a);
	config_free(&c);
	if (o.trouble)
		return EXIT_TROUBLE;
	if (!o.changes)
		printf("all is as the configuration has it\n");
	return o.dry && o.changes ? EXIT_NO : EXIT_YES;
}
