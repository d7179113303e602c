// SPDX-License-Identifier: GPL-2.0-only
/*
 * The completion command: the tables of commands and options, as zsh and fish
 * want them.
 */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "tool.h"

/* Addresses of accelerators, for either shell: fish takes no $ in it. */
#define DEVICES	"grep -lsxE '0xa25[015689]' /sys/bus/pci/devices/*/device | cut -d/ -f6"

/* Inside single quotes; the shells differ in how a quote is written there. */
static void print_escaped(const char *text, const char *quote)
{
	for (; *text; text++) {
		if (*text == '\'')
			fputs(quote, stdout);
		else
			putchar(*text);
	}
}

static bool is_devices(const char *word)
{
	return strstr(word, "VF");
}

/* "a|b" as "a b" */
static void print_choice(const char *word)
{
	for (; *word; word++)
		putchar(*word == '|' ? ' ' : *word);
}

static void zsh_value(const char *word)
{
	if (is_devices(word)) {
		printf(":device:_hisi_acc_mig_devices");
	} else if (strchr(word, '|')) {
		printf(":value:(");
		print_choice(word);
		putchar(')');
	} else {
		printf(":file:_files");
	}
}

static void zsh_command(const struct command *cmd)
{
	char args[64], *word, *rest = args;
	int nth = 0;
	size_t i;

	printf("\t%s)\n\t\t_arguments '--help[print help]'", cmd->name);
	for (i = 0; option_helps[i].name; i++) {
		const struct option_help *opt = &option_helps[i];

		if (!(cmd->options & opt->bit))
			continue;
		printf(" \\\n\t\t\t'--%s%s[", opt->name, opt->value ? "=" : "");
		print_escaped(opt->about, "'\\''");
		putchar(']');
		if (opt->value)
			zsh_value(opt->value);
		putchar('\'');
	}
	snprintf(args, sizeof(args), "%s", cmd->args);
	while ((word = strsep(&rest, " "))) {
		if (!*word)
			continue;
		nth++;
		if (strstr(word, "..."))
			printf(" \\\n\t\t\t'*");
		else
			printf(" \\\n\t\t\t'%d", nth);
		zsh_value(word);
		putchar('\'');
	}
	printf("\n\t\t;;\n");
}

static void print_zsh(void)
{
	size_t i;

	printf("#compdef hisi-acc-mig\n\n"
	       "_hisi_acc_mig_devices() {\n\tcompadd all $(" DEVICES ")\n}\n\n"
	       "_hisi_acc_mig() {\n\tlocal -a commands\n\n\tcommands=(\n");
	for (i = 0; commands[i].name; i++) {
		printf("\t\t'%s:", commands[i].name);
		print_escaped(commands[i].about, "'\\''");
		printf("'\n");
	}
	printf("\t\t'help:tell more of a command'\n\t\t'version:print the version'\n\t)\n"
	       "\tif ((CURRENT == 2)); then\n\t\t_describe command commands\n\t\treturn\n\tfi\n"
	       "\tshift words\n\t((CURRENT--))\n\tcase ${words[1]} in\n");
	for (i = 0; commands[i].name; i++)
		zsh_command(&commands[i]);
	printf("\thelp)\n\t\t_describe command commands\n\t\t;;\n\tesac\n}\n\n"
	       "compdef _hisi_acc_mig hisi-acc-mig\n");
}

static void fish_line(const char *name)
{
	printf("complete -c hisi-acc-mig -n '__fish_seen_subcommand_from %s'", name);
}

static void fish_command(const struct command *cmd)
{
	size_t i;

	printf("complete -c hisi-acc-mig -n __fish_use_subcommand -a %s -d '", cmd->name);
	print_escaped(cmd->about, "\\'");
	printf("'\n");
	for (i = 0; option_helps[i].name; i++) {
		const struct option_help *opt = &option_helps[i];

		if (!(cmd->options & opt->bit))
			continue;
		fish_line(cmd->name);
		printf(" -l %s", opt->name);
		if (opt->value && strchr(opt->value, '|')) {
			printf(" -x -a '");
			print_choice(opt->value);
			putchar('\'');
		} else if (opt->value) {
			printf(" -r -F");
		}
		printf(" -d '");
		print_escaped(opt->about, "\\'");
		printf("'\n");
	}
	/* fish knows no places: what any of the arguments may be is offered for each. */
	if (is_devices(cmd->args)) {
		fish_line(cmd->name);
		printf(" -a \"all (" DEVICES ")\"\n");
	} else if (strchr(cmd->args, '|')) {
		fish_line(cmd->name);
		printf(" -a '");
		print_choice(cmd->args);
		printf("'\n");
	}
	if (strstr(cmd->args, "FILE") || strstr(cmd->args, ".json")) {
		fish_line(cmd->name);
		printf(" -F\n");
	}
}

static void print_fish(void)
{
	size_t i;

	printf("complete -c hisi-acc-mig -f\n"
	       "complete -c hisi-acc-mig -l help -d 'print help'\n");
	for (i = 0; commands[i].name; i++)
		fish_command(&commands[i]);
	printf("complete -c hisi-acc-mig -n __fish_use_subcommand -a 'help version'\n");
}

int cmd_completion(const struct options *o)
{
	if (!strcmp(o->args[0], "zsh")) {
		print_zsh();
	} else if (!strcmp(o->args[0], "fish")) {
		print_fish();
	} else {
		complain(NULL, "no completion for %s; there is one for zsh and fish", o->args[0]);
		return EXIT_USAGE;
	}
	return EXIT_YES;
}
