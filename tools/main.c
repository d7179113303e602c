// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-mig: the operator's view of live migration of HiSilicon accelerator
 * VFs. This file knows the commands and their options; each command has a file.
 */
#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "tool.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

enum {
	OPT_JSON = 1 << 0,
	OPT_PROBE = 1 << 1,
	OPT_FORCE = 1 << 2,
	OPT_VIA = 1 << 3,
	OPT_FOR = 1 << 4,
	OPT_DRY_RUN = 1 << 5,
	OPT_CONFIG = 1 << 6,
	OPTIONS_MAX = 7,
};

const struct option_help option_helps[] = {
	{ OPT_JSON, "json", NULL, "print JSON" },
	{ OPT_PROBE, "probe", NULL,
	  "open VFs that nobody uses to learn more; this resets them" },
	{ OPT_FORCE, "force", NULL, "overwrite FILE" },
	{ OPT_VIA, "via", "group|iommufd", "the way to open a VF (default: what there is)" },
	{ OPT_FOR, "for", "CAPS", "judge for the VF whose caps are in the file CAPS" },
	{ OPT_DRY_RUN, "dry-run", NULL, "say what would change, and change nothing" },
	{ OPT_CONFIG, "config", "FILE", "this file, and not what is in /etc" },
	{ 0 }
};

const struct command commands[] = {
	{ "status", "[VF|PF|all]...", 0, -1, OPT_JSON | OPT_PROBE, cmd_status,
	  "show accelerator VFs and whether they can be migrated",
	  "Exits with 1 if there is no accelerator VF. Root sees more." },
	{ "bind", "VF|PF|all...", 1, -1, 0, cmd_bind,
	  "give VFs to hisi_acc_vfio_pci",
	  "A VF that is bound already is left as it is; one that is in use is refused." },
	{ "unbind", "VF|PF|all...", 1, -1, 0, cmd_unbind,
	  "take VFs from hisi_acc_vfio_pci",
	  "They have no driver then. Those of other drivers are left as they are." },
	{ "apply", "", 0, 0, OPT_DRY_RUN | OPT_CONFIG, cmd_apply,
	  "make and bind the VFs that /etc/hisi-acc-mig.conf asks for",
	  "What is so already, or in use, is left alone. With --dry-run, exits with 1 if something is to be changed." },
	{ "caps", "VF", 1, 1, OPT_VIA, cmd_caps,
	  "print what decides where a VM with this VF can go, as JSON",
	  "A VF in use is not touched; one that is not is opened, which resets it." },
	{ "check", "A.json B.json", 2, 2, OPT_JSON, cmd_check,
	  "can a VM move between two VFs, by their caps, and if not, why; one of the files may be -",
	  "Exits with 1 if one of the two ways is barred." },
	{ "fleet", "CAPS.json...", 1, -1, OPT_JSON, cmd_fleet,
	  "which VFs form a pool in which a VM can move, what keeps others out, and what enlarges it",
	  "Exits with 1 if not all VFs of an engine are in one pool. The files are made with caps." },
	{ "save", "FILE VF", 2, 2, OPT_FORCE | OPT_VIA, cmd_save,
	  "save the state of a VF that nobody uses; FILE may be -",
	  "The VF is reset by it, so that FILE has the state of a VF without a guest." },
	{ "load", "FILE VF", 2, 2, OPT_VIA, cmd_load,
	  "try whether a VF that nobody uses takes a saved state; FILE may be -",
	  "Exits with 1 if it is refused. The VF is reset before and after." },
	{ "inspect", "FILE", 1, 1, OPT_JSON | OPT_FOR, cmd_inspect,
	  "show a saved state field by field, and whether it is valid; FILE may be -",
	  "Exits with 1 if it is not. Works on any machine." },
	{ "doctor", "[VF|PF|all]...", 0, -1, OPT_JSON | OPT_PROBE, cmd_doctor,
	  "is this host ready for migrations, and what is QEMU to be told",
	  "Exits with 1 if something is missing. A PF that is not named may lack something, as long as another is all right." },
	{ "metrics", "[VF|PF|all]...", 0, -1, 0, cmd_metrics,
	  "print what is known of VFs, and what the driver has counted, for a node exporter",
	  "Root sees the counters. There is no sample of what is not known." },
	{ "completion", "zsh|fish", 1, 1, 0, cmd_completion,
	  "print completion of this tool for a shell",
	  "It is made of the same tables as this help. That of bash is a file of its own." },
	{ 0 }
};

int complain(const char *about, const char *fmt, ...)
{
	va_list args;

	/* A log that takes both has them in the order in which they were said. */
	fflush(stdout);
	fprintf(stderr, "hisi-acc-mig: %s%s", about ? about : "", about ? ": " : "");
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_TROUBLE;
}

void print_json(json_t *json)
{
	json_dumpf(json, stdout, JSON_INDENT(2) | JSON_PRESERVE_ORDER);
	putchar('\n');
	json_decref(json);
}

static void print_usage(const struct command *cmd, FILE *to)
{
	fprintf(to, "usage: hisi-acc-mig %s%s%s%s\n", cmd->name,
		cmd->options ? " [OPTION]..." : "", *cmd->args ? " " : "", cmd->args);
}

static void print_command_help(const struct command *cmd)
{
	size_t i;

	print_usage(cmd, stdout);
	printf("%s\n%s\n", cmd->about, cmd->more);
	for (i = 0; option_helps[i].name; i++) {
		const struct option_help *opt = &option_helps[i];
		char name[40];

		if (!(cmd->options & opt->bit))
			continue;
		snprintf(name, sizeof(name), "--%s%s%s", opt->name,
			 opt->value ? "=" : "", opt->value ? opt->value : "");
		printf("  %-20s %s\n", name, opt->about);
	}
}

static void print_help(void)
{
	size_t i;

	printf("usage: hisi-acc-mig COMMAND [OPTION]... [ARGUMENT]...\n"
	       "Live migration of HiSilicon accelerator VFs, for the operator.\n\n");
	for (i = 0; commands[i].name; i++)
		printf("  %-10s %s\n", commands[i].name, commands[i].about);
	printf("\nhisi-acc-mig help COMMAND tells more, and so does hisi-acc-mig(8).\n"
	       "Exit status: 0 done or yes, 1 no, 2 wrong usage, 3 trouble.\n");
}

static const struct command *find_command(const char *name)
{
	size_t i;

	for (i = 0; commands[i].name; i++)
		if (!strcmp(commands[i].name, name))
			return &commands[i];
	return NULL;
}

static int usage_error(const struct command *cmd, const char *what, const char *which)
{
	fprintf(stderr, "hisi-acc-mig %s: %s%s\n", cmd->name, what, which);
	print_usage(cmd, stderr);
	return EXIT_USAGE;
}

static int set_via(const char *value, enum via *via)
{
	if (!strcmp(value, "group"))
		*via = VIA_GROUP;
	else if (!strcmp(value, "iommufd"))
		*via = VIA_IOMMUFD;
	else
		return -EINVAL;
	return 0;
}

/* 0: go on; -1: help was given; else an exit status */
static int parse(const struct command *cmd, int argc, char **argv, struct options *o)
{
	struct option longs[OPTIONS_MAX + 2];
	int n = 0, opt;
	size_t i;

	memset(longs, 0, sizeof(longs));
	for (i = 0; option_helps[i].name; i++) {
		if (!(cmd->options & option_helps[i].bit))
			continue;
		longs[n].name = option_helps[i].name;
		longs[n].has_arg = option_helps[i].value ? required_argument : no_argument;
		longs[n++].val = 0x100 | option_helps[i].bit;
	}
	longs[n].name = "help";
	longs[n].val = 'h';

	opterr = 0;
	while ((opt = getopt_long(argc, argv, ":h", longs, NULL)) != -1) {
		switch (opt) {
		case 'h':
			print_command_help(cmd);
			return -1;
		case 0x100 | OPT_JSON:
			o->json = true;
			break;
		case 0x100 | OPT_PROBE:
			o->probe = true;
			break;
		case 0x100 | OPT_FORCE:
			o->force = true;
			break;
		case 0x100 | OPT_FOR:
			o->for_caps = optarg;
			break;
		case 0x100 | OPT_VIA:
			if (set_via(optarg, &o->via))
				return usage_error(cmd, "--via is group or iommufd, not ",
						   optarg);
			break;
		case 0x100 | OPT_DRY_RUN:
			o->dry_run = true;
			break;
		case 0x100 | OPT_CONFIG:
			o->config = optarg;
			break;
		case ':':
			return usage_error(cmd, "a value is missing after ",
					   argv[optind - 1]);
		default:
			return usage_error(cmd, "no such option: ", argv[optind - 1]);
		}
	}
	o->args = argv + optind;
	o->nargs = argc - optind;
	if (o->nargs < cmd->min_args)
		return usage_error(cmd, "too few arguments", "");
	if (cmd->max_args >= 0 && o->nargs > cmd->max_args)
		return usage_error(cmd, "too many arguments, from here on: ",
				   o->args[cmd->max_args]);
	return 0;
}

static int run_help(int argc, char **argv)
{
	const struct command *cmd;

	if (argc < 2) {
		print_help();
		return EXIT_YES;
	}
	cmd = find_command(argv[1]);
	if (!cmd) {
		complain(NULL, "no such command: %s", argv[1]);
		return EXIT_USAGE;
	}
	print_command_help(cmd);
	return EXIT_YES;
}

static int run_command(int argc, char **argv)
{
	const struct command *cmd = find_command(argv[0]);
	struct options o = { 0 };
	int ret;

	if (!cmd) {
		complain(NULL, "no such command: %s; hisi-acc-mig help lists them", argv[0]);
		return EXIT_USAGE;
	}
	ret = parse(cmd, argc, argv, &o);
	if (ret)
		return ret < 0 ? EXIT_YES : ret;
	return cmd->run(&o);
}

int main(int argc, char **argv)
{
	int ret;

	if (argc < 2) {
		fprintf(stderr, "usage: hisi-acc-mig COMMAND [OPTION]... [ARGUMENT]...\n"
				"hisi-acc-mig help lists the commands.\n");
		return EXIT_USAGE;
	}
	if (!strcmp(argv[1], "help") || !strcmp(argv[1], "--help") || !strcmp(argv[1], "-h")) {
		ret = run_help(argc - 1, argv + 1);
	} else if (!strcmp(argv[1], "version") || !strcmp(argv[1], "--version")) {
		printf("hisi-acc-mig %s\n", VERSION);
		ret = EXIT_YES;
	} else {
		ret = run_command(argc - 1, argv + 1);
	}
	/* What did not reach its reader was not said. */
	if (fflush(stdout) || ferror(stdout))
		return complain("standard output", "%s", strerror(errno));
	return ret;
}
