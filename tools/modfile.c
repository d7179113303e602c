// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "modfile.h"

/* The file in "a/b/NAME.ko.xz: c/d.ko", if it is the module's; hyphens count as underscores. */
static bool is_module(char *line)
{
	char name[WORD_MAX], *c;
	const char *base;

	line[strcspn(line, ":\n")] = 0;
	base = strrchr(line, '/');
	snprintf(name, sizeof(name), "%s", base ? base + 1 : line);
	for (c = name; *c; c++)
		if (*c == '-')
			*c = '_';
	return !strncmp(name, DRIVER_NAME ".ko", strlen(DRIVER_NAME ".ko"));
}

/* Is it in one of depmod's lists? Then the name goes to path. */
static bool listed(const char *release, const char *list, char *path, size_t size)
{
	char *line = NULL, name[256];
	size_t room = 0;
	bool found = false;
	FILE *file;

	snprintf(name, sizeof(name), "/lib/modules/%.100s/%s", release, list);
	file = fopen(name, "re");
	if (!file)
		return false;
	while (!found && getline(&line, &room, file) > 0) {
		found = is_module(line);
		if (found)
			snprintf(path, size, "%s", line);
	}
	free(line);
	fclose(file);
	return found;
}

enum module_kind modfile_find(const char *release, char *path, size_t size)
{
	if (listed(release, "modules.builtin", path, size))
		return MODULE_IN_TREE;
	if (!listed(release, "modules.dep", path, size))
		return MODULE_NONE;
	return strncmp(path, "kernel/", 7) ? MODULE_OURS : MODULE_IN_TREE;
}

bool modfile_is_weak(const char *path)
{
	return !strncmp(path, "weak-updates/", strlen("weak-updates/"));
}
