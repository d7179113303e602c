// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-silicon writes to the VF that it is given, to registers that it has named
 * before, and to nothing else.
 */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "program.h"
#include "rig.h"
#include "suites.h"

#define TRANSCRIPT	"/tmp/plan.txt"
#define GUEST		"a guest's driver"
#define MAILBOX		0x300
#define DB_SQ_CQ	0x1000
#define DB_CMD		0xf000	/* 0 is SQ */
#define DB_RESTART	(1ull << 48)
#define MB_PAUSE	0xe
#define MB_SQC_VFT	0x6

/* What a plan calls a register; and what calls it the line that says what a guest's driver is. */
static const struct reg {
	uint32_t at;
	const char *name, *guest;
} regs[] = {
	{ 0x04, "AEQ_INT_MASK", "masks" },
	{ 0x08, "EQ_INT_SOURCE", NULL },
	{ 0x0c, "EQ_INT_MASK", "masks" },
	{ 0x20, "IFC_INT_SOURCE", "messages" },
	{ 0x24, "IFC_INT_MASK", "messages" },
	{ 0x30, "QUE_ISO_CFG_V", NULL },
	{ 0x34, "PAGE_SIZE", "PAGE_SIZE" },
	{ 0x38, "FUN_DB_DROP", "on V5 FUN_DB_DROP" },
	{ 0x60, "VF_STATE", "VF_STATE" },
	{ 0x204, "CACHE_WB_START", NULL },
	{ MAILBOX, "mailbox", "mailbox" },
	{ DB_SQ_CQ, "doorbells", "doorbell" },
	{ 0x2000, "EQ doorbell", "doorbell" },
};

static char guest_is[300];

/* Does the plan of an experiment have this write in it? */
static bool planned(const char *plan, uint32_t at, uint64_t value)
{
	bool guest = strstr(plan, GUEST);
	uint32_t command = value & 0xff;
	size_t i;

	if (at == MAILBOX && command == MB_PAUSE)
		return strstr(plan, "PAUSE_QM");
	if (at == MAILBOX && !guest && command != MB_SQC_VFT)
		return false;
	if (at == DB_SQ_CQ && !(value & DB_CMD) && value & DB_RESTART)
		return strstr(plan, "restart doorbells");
	for (i = 0; i < ARRAY_SIZE(regs); i++)
		if (regs[i].at == at)
			return strstr(plan, regs[i].name) ||
			       (guest && regs[i].guest && strstr(guest_is, regs[i].guest));
	return false;
}

/* The words behind "plan: NAME" */
static void get_plan(const char *name, char *words, size_t size)
{
	char line[300], head[80];
	FILE *file = fopen(TRANSCRIPT, "re");
	bool found = false;

	check(file, "there is no transcript");
	snprintf(head, sizeof(head), "plan: %s", name);
	while (!found && fgets(line, sizeof(line), file))
		found = !strncmp(line, head, strlen(head));
	fclose(file);
	check(found, "there is no line \"%s\"", head);
	line[strcspn(line, "\n")] = 0;
	snprintf(words, size, "%s", line + strlen(head));
}

static unsigned int check_transcript(FILE *file)
{
	char line[300], question[40] = "none", plan[300] = "";
	unsigned int writes = 0, bits, at;
	unsigned long long value;

	get_plan("\"" GUEST "\" is: ", guest_is, sizeof(guest_is));
	while (fgets(line, sizeof(line), file)) {
		if (sscanf(line, "experiment: %39s", question) == 1)
			get_plan(question, plan, sizeof(plan));
		if (!isdigit((unsigned char)line[0]) ||
		    sscanf(line, "%*s w%u 0x%x 0x%llx", &bits, &at, &value) != 3)
			continue;
		writes++;
		check(planned(plan, at, value), "%s writes 0x%llx to 0x%x; it said \"%s\"",
		      question, value, at, plan);
	}
	return writes;
}

static void writes_what_it_says(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	const char *argv[] = { "hisi-acc-silicon", "--transcript", TRANSCRIPT, NULL, NULL };
	struct oracle_counts before[2], after[2];
	const struct pci_func *others[2];
	struct pci_func vf, neighbour;
	static struct program p;
	unsigned int writes;
	FILE *file;
	size_t i;

	if (!oracle_present())
		tap_skip("only the accelerator model counts what others see");
	check_ok(module_load("vfio_pci"));
	rig_vf(role, 0, &vf);
	rig_vf(role, 1, &neighbour);
	check_ok(pci_bind(&vf, "vfio-pci"));
	oracle_tolerate(1u << KPO_V_CONFIG_RUNNING | 1u << KPO_V_RESTART_RUNNING);
	others[0] = rig_pf(role);
	others[1] = &neighbour;
	for (i = 0; i < ARRAY_SIZE(others); i++)
		oracle_counts(others[i], &before[i]);
	argv[3] = vf.bdf;
	check_ok(program_run(&p, 0, argv));
	check_eq(p.status, 0, "status of the kit");
	for (i = 0; i < ARRAY_SIZE(others); i++) {
		oracle_counts(others[i], &after[i]);
		check_eq(oracle_diff(&after[i], &before[i], KPO_CNT_MMIO_WRITE), 0,
			 "writes to a function that it was not given");
	}
	file = fopen(TRANSCRIPT, "re");
	check(file, "there is no transcript");
	writes = check_transcript(file);
	fclose(file);
	check(writes > 100, "the transcript has %u writes", writes);
}

static const enum rig_role v3 = RIG_V3, v5 = RIG_V5;

const struct tap_test kit_plan_tests[] = {
	{ "the kit writes what it has said, and no more, on V3", writes_what_it_says, &v3 },
	{ "the kit writes what it has said, and no more, on V5", writes_what_it_says, &v5 },
	{ NULL, NULL, NULL },
};
