// SPDX-License-Identifier: GPL-2.0-only
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "config.h"
#include "tool.h"

#define VFS_MAX		63	/* of any PF */

/* Where the reader is, and in which section. */
struct place {
	struct config *c;
	const char *file;
	int line;
	bool module;		/* [module] */
	struct config_section *section;
	int errors;
};

static void wrong(struct place *at, const char *what, const char *which)
{
	char where[PATH_MAX + 16];

	snprintf(where, sizeof(where), "%s:%d", at->file, at->line);
	complain(where, "%s%s", what, which);
	at->errors++;
}

static char *trimmed(char *text)
{
	size_t len;

	text += strspn(text, " \t\r\n");
	for (len = strlen(text); len && strchr(" \t\r\n", text[len - 1]); len--)
		text[len - 1] = 0;
	return text;
}

/* A comment begins with # at the start of a word. */
static char *without_comment(char *line)
{
	char *at;

	for (at = line; (at = strchr(at, '#')); at++) {
		if (at == line || isblank((unsigned char)at[-1])) {
			*at = 0;
			break;
		}
	}
	return trimmed(line);
}

static struct config_section *new_section(struct place *at, const char *of, bool address)
{
	struct config *c = at->c;
	struct config_section *s;
	size_t i;

	for (i = 0; i < c->nr; i++) {
		if (!strcmp(c->sections[i].of, of) && !strcmp(c->sections[i].file, at->file)) {
			wrong(at, "this section is in the file already: ", of);
			return NULL;
		}
	}
	s = realloc(c->sections, (c->nr + 1) * sizeof(*s));
	if (!s)
		exit(complain(NULL, "out of memory"));
	c->sections = s;
	s = &s[c->nr++];
	memset(s, 0, sizeof(*s));
	snprintf(s->of, sizeof(s->of), "%s", of);
	snprintf(s->file, sizeof(s->file), "%s", at->file);
	s->address = address;
	s->line = at->line;
	s->want.vfs = -1;
	return s;
}

static void read_section(struct place *at, char *line)
{
	char *end = strchr(line, ']'), bdf[BDF_MAX], *name = trimmed(line + 1);
	const struct engine *engine;

	at->module = false;
	at->section = NULL;
	if (!end || end[1]) {
		wrong(at, "a section is a name in brackets, not ", line);
		return;
	}
	*end = 0;
	name = trimmed(name);
	engine = engine_named(name);
	if (!strcmp(name, "module"))
		at->module = true;
	else if (pci_address(name, bdf))
		at->section = new_section(at, bdf, true);
	else if (engine)
		at->section = new_section(at, engine->name, false);
	else
		wrong(at, "a section is zip, sec, hpre, the address of a PF, or module, not ", name);
}

static bool one_of(const char *value, const char *const *words)
{
	for (; *words; words++)
		if (!strcmp(value, *words))
			return true;
	return false;
}

static bool is_name(const char *value)
{
	return *value && strlen(value) < WORD_MAX &&
	       !value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")];
}

static void read_vfs(struct place *at, const char *value)
{
	char *end;
	long n = strtol(value, &end, 10);

	if (!isdigit((unsigned char)*value) || *end || n > VFS_MAX)
		wrong(at, "vfs is a number from 0 to 63, not ", value);
	else
		at->section->want.vfs = n;
}

static void read_setting(struct place *at, const char *key, const char *value)
{
	static const char *const views[] = { "native", "v3", NULL };
	static const char *const bits[] = { "detect", "own", NULL };
	struct config_pf *want = at->section ? &at->section->want : NULL;

	if (!at->module && !at->section) {
		/* Of a section that was wrong, all has been said. */
		if (!at->errors)
			wrong(at, "no section, such as [zip], comes before ", key);
	} else if (at->module && !strcmp(key, "select_bit")) {
		if (one_of(value, bits))
			snprintf(at->c->select_bit, WORD_MAX, "%s", value);
		else
			wrong(at, "select_bit is detect or own, not ", value);
	} else if (at->module) {
		wrong(at, "the section module has select_bit, and nothing else: ", key);
	} else if (!strcmp(key, "vfs")) {
		read_vfs(at, value);
	} else if (!strcmp(key, "driver")) {
		if (is_name(value))
			snprintf(want->driver, WORD_MAX, "%s", value);
		else
			wrong(at, "driver is the name of a driver, or none, not ", value);
	} else if (!strcmp(key, "guest_view")) {
		if (one_of(value, views))
			snprintf(want->view, WORD_MAX, "%s", value);
		else
			wrong(at, "guest_view is native or v3, not ", value);
	} else {
		wrong(at, "a PF has vfs, driver and guest_view, and nothing else: ", key);
	}
}

static void read_line(struct place *at, char *text)
{
	char *line = without_comment(text), *equals = strchr(line, '=');

	if (*line == '[') {
		read_section(at, line);
	} else if (equals) {
		*equals = 0;
		read_setting(at, trimmed(line), trimmed(equals + 1));
	} else if (*line) {
		wrong(at, "neither a [section] nor key = value: ", line);
	}
}

static int read_file(struct config *c, const char *path)
{
	struct place at = { .c = c, .file = path };
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;

	if (!file)
		return complain(path, "%s", strerror(errno));
	while (getline(&text, &size, file) >= 0) {
		at.line++;
		read_line(&at, text);
	}
	if (ferror(file)) {
		complain(path, "%s", strerror(errno));
		at.errors++;
	}
	free(text);
	fclose(file);
	return at.errors ? EXIT_TROUBLE : 0;
}

static int is_conf(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return *entry->d_name != '.' && dot && !strcmp(dot, ".conf");
}

/* A file that is wrong does not keep what is wrong in the others from being said. */
static int read_host(struct config *c)
{
	struct dirent **entries = NULL;
	int count, i, ret = 0;

	count = scandir(CONFIG_DIR, &entries, is_conf, alphasort);
	if (!access(CONFIG_FILE, F_OK))
		ret = read_file(c, CONFIG_FILE);
	else if (count <= 0)
		ret = complain(CONFIG_FILE, "there is none, and no .conf in " CONFIG_DIR);
	for (i = 0; i < count; i++) {
		char path[PATH_MAX];

		snprintf(path, sizeof(path), CONFIG_DIR "/%s", entries[i]->d_name);
		ret |= read_file(c, path);
		free(entries[i]);
	}
	free(entries);
	return ret;
}

int config_read(struct config *c, const char *file)
{
	memset(c, 0, sizeof(*c));
	return file ? read_file(c, file) : read_host(c);
}

void config_free(struct config *c)
{
	free(c->sections);
	memset(c, 0, sizeof(*c));
}

static void add(struct config_pf *want, const struct config_pf *more)
{
	if (more->vfs >= 0)
		want->vfs = more->vfs;
	if (*more->driver)
		memcpy(want->driver, more->driver, WORD_MAX);
	if (*more->view)
		memcpy(want->view, more->view, WORD_MAX);
}

bool config_of(const struct config *c, const struct pf *pf, struct config_pf *want)
{
	bool found = false;
	size_t i;
	int address;

	*want = (struct config_pf){ .vfs = -1, .driver = DRIVER_NAME };
	/* What is said of the one PF counts more than what is said of its kind. */
	for (address = 0; address < 2; address++) {
		for (i = 0; i < c->nr; i++) {
			const struct config_section *s = &c->sections[i];

			if (s->address != address ||
			    strcmp(s->of, address ? pf->bdf : pf->engine->name))
				continue;
			add(want, &s->want);
			found = true;
		}
	}
	return found;
}
