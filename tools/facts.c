// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "facts.h"
#include "tool.h"

#define VFIO_DEBUGFS	"/sys/kernel/debug/vfio"
#define BAR2_HALF	0x8000

enum module_kind module_loaded(void)
{
	if (access("/sys/module/" DRIVER_NAME, F_OK))
		return MODULE_NONE;
	return access("/sys/module/" DRIVER_NAME "/parameters/guest_view", F_OK) ?
		MODULE_IN_TREE : MODULE_OURS;
}

const char *module_kind_name(enum module_kind kind)
{
	switch (kind) {
	case MODULE_OURS:
		return "out-of-tree";
	case MODULE_IN_TREE:
		return "in-tree";
	default:
		return "none";
	}
}

/* The rest of the line that begins with "key: "; empty if there is none. */
static void value_of(const char *text, const char *key, char *value, size_t size)
{
	size_t len = strlen(key);
	const char *line = text;

	*value = 0;
	while (line) {
		if (!strncmp(line, key, len) && !strncmp(line + len, ": ", 2)) {
			line += len + 2;
			snprintf(value, size, "%.*s", (int)strcspn(line, "\n"), line);
			return;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
}

int facts_read_view(const struct vf *vf, const char *view, char *text, size_t size)
{
	char path[160];

	snprintf(path, sizeof(path), VFIO_DEBUGFS "/%s/migration/hisi_acc/%s", vf->bdf, view);
	return file_read(path, text, size);
}

static int read_status(const struct vf *vf, struct facts *f)
{
	char text[4096], value[WORD_MAX];
	int ret;

	ret = facts_read_view(vf, "status", text, sizeof(text));
	if (ret)
		return ret;

	f->debugfs = true;
	value_of(text, "open", value, sizeof(value));
	f->open = !strcmp(value, "yes") ? ANSWER_YES : ANSWER_NO;
	value_of(text, "control", f->control, sizeof(f->control));
	value_of(text, "guest view", f->view, sizeof(f->view));
	value_of(text, "state", f->state, sizeof(f->state));
	value_of(text, "stream", f->stream, sizeof(f->stream));
	value_of(text, "bar2 shown", value, sizeof(value));
	if (*value)
		f->bar2_bytes = atol(value) * 1024;
	value_of(text, "queue pairs", value, sizeof(value));
	if (*value)
		f->queue_pairs = atol(value);
	value_of(text, "queue isolation", value, sizeof(value));
	if (*value)
		f->isolation = strtoll(value, NULL, 0);
	return 0;
}

static void no_migration(struct facts *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

static void no_migration(struct facts *f, const char *fmt, ...)
{
	va_list args;

	f->migratable = ANSWER_NO;
	va_start(args, fmt);
	vsnprintf(f->why_not, sizeof(f->why_not), fmt, args);
	va_end(args);
}

/* Under VF control, which is all that V3 has, half of BAR2 must be mappable. */
static bool pages_are_too_large(void)
{
	return sysconf(_SC_PAGESIZE) > BAR2_HALF;
}

static void judge(const struct vf *vf, struct facts *f, int debugfs)
{
	char vfio_dir[128];

	snprintf(vfio_dir, sizeof(vfio_dir), VFIO_DEBUGFS "/%s", vf->bdf);
	if (vf->revision < QM_REVISION_V3)
		no_migration(f, "hardware is older than QM V3");
	else if (!*vf->pf)
		no_migration(f, "its PF is not in this machine (a guest's VF is migrated by its host)");
	else if (strcmp(vf->pf_driver, vf->engine->pf_driver))
		no_migration(f, "its PF %s has %s%s, not %s", vf->pf,
			     *vf->pf_driver ? "driver " : "no driver", vf->pf_driver,
			     vf->engine->pf_driver);
	else if (!*vf->driver)
		no_migration(f, "no driver; hisi-acc-mig bind %s", vf->bdf);
	else if (strcmp(vf->driver, DRIVER_NAME))
		no_migration(f, "driver is %s; hisi-acc-mig bind %s", vf->driver, vf->bdf);
	else if (vf->group < 0)
		no_migration(f, "it has no IOMMU group, so that no VM can have it");
	else if (f->debugfs)
		f->migratable = ANSWER_YES;
	else if (pages_are_too_large() && !strcmp(f->control, "VF"))
		no_migration(f, "half of BAR2 cannot be mapped with pages of %ld KiB",
			     sysconf(_SC_PAGESIZE) / 1024);
	else if (f->module == MODULE_OURS && debugfs == -ENOENT && !access(vfio_dir, F_OK))
		no_migration(f, "the kernel's log says why: dmesg | grep '%s: no migration'",
			     vf->bdf);
	else if (pages_are_too_large() && !*f->control)
		snprintf(f->why_not, sizeof(f->why_not),
			 "with pages of this size it depends on the control mode; root sees more");
	else
		snprintf(f->why_not, sizeof(f->why_not), "%s",
			 f->module == MODULE_OURS && geteuid() ? "root sees more" :
			 "nobody has asked; hisi-acc-mig status --probe opens it, if nobody uses it");
}

void facts_get(const struct vf *vf, struct facts *f)
{
	int debugfs = -ENOENT;

	memset(f, 0, sizeof(*f));
	f->open = ANSWER_UNKNOWN;
	f->migratable = ANSWER_UNKNOWN;
	f->bar2_bytes = UNKNOWN;
	f->queue_pairs = UNKNOWN;
	f->isolation = UNKNOWN;
	if (!strcmp(vf->driver, DRIVER_NAME))
		f->module = module_loaded();
	if (f->module == MODULE_OURS)
		debugfs = read_status(vf, f);
	/* No hardware of V3 has another mode. */
	if (vf->revision == QM_REVISION_V3 && !*f->control)
		snprintf(f->control, sizeof(f->control), "VF");
	judge(vf, f, debugfs);
}
