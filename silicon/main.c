// SPDX-License-Identifier: GPL-2.0-only
/*
 * hisi-acc-silicon [--dry-run] [--transcript FILE] VF: ask a Kunpeng accelerator what
 * nobody outside the vendor knows. The VF is bound to vfio-pci and used by nobody.
 *
 * Exit: 0 all was asked; 1 the device is in trouble, and was reset; 2 usage; 3 the VF
 * can't be used.
 */
#include <getopt.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kit.h"

#define LIMIT_S	60	/* for each experiment; they take less than ten */

static struct kit kit;

void kit_trouble(struct kit *k, const char *why)
{
	k->why = why;
	siglongjmp(k->trouble, 1);
}

static void too_late(int sig)
{
	(void)sig;
	kit.why = "the experiment does not end";
	siglongjmp(kit.trouble, 1);
}

static void show_plan(void)
{
	const struct kit_experiment *e;

	kit_say("plan: each experiment resets the VF, and writes to it alone:");
	for (e = kit_experiments; e->question; e++)
		kit_say("plan: %s: %s", e->question, e->does);
	kit_say("plan: \"a guest's driver\" is: contexts and tables by mailbox, in memory of this program; masks, messages, PAGE_SIZE, VF_STATE, on V5 FUN_DB_DROP; jobs by doorbell");
}

static int find(const char *bdf, struct pci_func *func)
{
	return pci_func_get(bdf, func) || func->vendor != PCI_VENDOR_HUAWEI;
}

static void unknown_from(const struct kit_experiment *e, const char *why)
{
	for (; e->question; e++)
		kit_verdict(e->question, NULL, false, "not asked: %s", why);
}

static int ask_all(struct kit *k)
{
	const struct kit_experiment *volatile e = kit_experiments;
	const struct kit_unasked *u;

	signal(SIGALRM, too_late);
	if (sigsetjmp(k->trouble, 1)) {
		alarm(0);
		kit_watch(NULL);
		k->ones_are_fine = false;
		kit_say("trouble: %s, while asking for %s", k->why, k->asking);
		unknown_from(e, k->why);
		kit_say(vfio_dev_reset(&k->vf) ? "the VF can't be reset" : "the VF has been reset");
		return 1;
	}
	kit_watch(k);
	for (; e->question; e++) {
		k->asking = e->question;
		kit_say("experiment: %s", e->question);
		alarm(LIMIT_S);
		if (e->resets)
			kit_reset(k);
		e->ask(k, e->question);
	}
	k->asking = "times";
	alarm(LIMIT_S);
	kit_measure(k);
	alarm(0);
	for (u = kit_unasked; u->question; u++)
		kit_verdict(u->question, NULL, false, "%s", u->why);
	kit_watch(NULL);
	kit_say(vfio_dev_reset(&k->vf) ? "the VF can't be reset" : "done: the VF has been reset");
	return 0;
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{ "dry-run", no_argument, NULL, 'n' },
		{ "transcript", required_argument, NULL, 't' },
		{ NULL, 0, NULL, 0 },
	};
	const char *transcript = NULL;
	struct pci_func func;
	bool dry = false;
	int option, ret;

	while ((option = getopt_long(argc, argv, "nt:", options, NULL)) >= 0) {
		switch (option) {
		case 'n':
			dry = true;
			break;
		case 't':
			transcript = optarg;
			break;
		default:
			return 2;
		}
	}
	if (optind + 1 != argc) {
		fprintf(stderr, "usage: hisi-acc-silicon [--dry-run] [--transcript FILE] VF\n");
		return 2;
	}
	if (find(argv[optind], &func)) {
		fprintf(stderr, "hisi-acc-silicon: %s: no HiSilicon function has this address\n",
			argv[optind]);
		return 3;
	}
	if (transcript && kit_log_open(transcript)) {
		fprintf(stderr, "hisi-acc-silicon: %s can't be written\n", transcript);
		return 3;
	}
	kit_say("device: %04x, revision %#x", func.device, func.revision);
	show_plan();
	if (dry)
		return 0;
	ret = vfio_dev_open(&kit.vf, &func);
	if (ret || vfio_dev_add_ram(&kit.vf, JOB_GUEST_IOVA, JOB_GUEST_RAM)) {
		fprintf(stderr, "hisi-acc-silicon: %s can't be opened (%s): bind it to vfio-pci, run as root, and see that nobody uses it\n",
			argv[optind], strerror(-ret));
		return 3;
	}
	ret = ask_all(&kit);
	vfio_dev_close(&kit.vf);
	kit_log_close();
	return ret;
}
