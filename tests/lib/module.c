// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "module.h"

/* '-' and '_' are the same in a module's name. */
static bool module_same_name(const char *a, const char *b, size_t len)
{
	size_t i;

	for (i = 0; i < len; i++) {
		char x = a[i] == '-' ? '_' : a[i];
		char y = b[i] == '-' ? '_' : b[i];

		if (x != y || !x)
			return false;
	}
	return true;
}

static int module_find(const char *name, char *path, size_t size)
{
	DIR *dir = opendir(MODULE_DIR_INTREE);
	size_t len = strlen(name);
	struct dirent *entry;
	int ret = -ENOENT;

	if (!dir)
		return -errno;
	while ((entry = readdir(dir))) {
		if (strlen(entry->d_name) != len + 3 ||
		    strcmp(entry->d_name + len, ".ko") ||
		    !module_same_name(entry->d_name, name, len))
			continue;
		snprintf(path, size, "%s/%s", MODULE_DIR_INTREE, entry->d_name);
		ret = 0;
		break;
	}
	closedir(dir);
	return ret;
}

bool module_loaded(const char *name)
{
	char path[128], *c;

	snprintf(path, sizeof(path), "/sys/module/%s/initstate", name);
	for (c = path; *c; c++)
		if (*c == '-')
			*c = '_';
	return !access(path, F_OK);
}

/* The module's own list of what it needs: "depends=a,b" in its .modinfo. */
static int module_load_depends(int fd)
{
	static const char key[] = "depends=";
	char list[512] = "", *image, *end, *p, *name, *save;
	struct stat st;
	int ret = 0;

	if (fstat(fd, &st))
		return -errno;
	image = malloc(st.st_size);
	if (!image)
		return -ENOMEM;
	if (pread(fd, image, st.st_size, 0) != st.st_size) {
		free(image);
		return -EIO;
	}
	end = image + st.st_size - sizeof(key);
	for (p = image; p < end; p++) {
		p = memchr(p, 0, end - p);
		if (!p)
			break;
		if (!memcmp(p + 1, key, sizeof(key) - 1)) {
			snprintf(list, sizeof(list), "%s", p + sizeof(key));
			break;
		}
	}
	free(image);

	for (name = strtok_r(list, ",", &save); name && !ret;
	     name = strtok_r(NULL, ",", &save))
		ret = module_load(name);
	return ret;
}

int module_load_file(const char *path, const char *parameters)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	int ret;

	if (fd < 0)
		return -errno;
	ret = module_load_depends(fd);
	if (!ret && syscall(SYS_finit_module, fd, parameters, 0) &&
	    errno != EEXIST)
		ret = -errno;
	close(fd);
	return ret;
}

int module_load_with(const char *name, const char *parameters)
{
	char path[320];
	int ret;

	if (module_loaded(name))
		return 0;
	ret = module_find(name, path, sizeof(path));
	return ret ? ret : module_load_file(path, parameters);
}

int module_load(const char *name)
{
	return module_load_with(name, "");
}

int module_unload(const char *name)
{
	if (!module_loaded(name))
		return 0;
	return syscall(SYS_delete_module, name, O_NONBLOCK) ? -errno : 0;
}
