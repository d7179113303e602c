// SPDX-License-Identifier: GPL-2.0-only
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "documented.h"
#include "program.h"
#include "tap.h"

static void remove_directory(void *path)
{
	const char *const argv[] = { "rm", "-rf", path, NULL };
	static struct program p;

	chdir("/");
	program_run(&p, 0, argv);
}

void documented_run(const char *path, int least)
{
	static struct program p;
	char line[400];
	int count = 0;
	FILE *file;

	file = fopen(path, "re");
	check(file, "%s is missing", path);
	mkdir("/tmp/documented", 0755);
	tap_defer(remove_directory, "/tmp/documented");
	check(!chdir("/tmp/documented"), "no directory to work in");
	while (fgets(line, sizeof(line), file)) {
		const char *const argv[] = { "sh", "-c", line, NULL };

		line[strcspn(line, "\n")] = 0;
		check_ok(program_run(&p, 0, argv));
		check(!p.status, "%s: %s", line, p.both);
		count++;
	}
	fclose(file);
	check(count > least, "only %d commands", count);
	tap_note("%d commands", count);
}
