// SPDX-License-Identifier: GPL-2.0-only
/*
 * Questions to registers alone.
 */
#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "kit.h"

#define REVISION_V4	0x50
#define WB_LOOKS	100000
#define WB_MOST_US	20000
#define TRIES		50
#define RESETS		8

static void ask_vf_state_reset(struct kit *k, const char *question)
{
	uint32_t state = qm_read(&k->vf, QM_VF_STATE);

	kit_verdict(question, state & 1 ? "not-ready" : "ready", true, "VF_STATE reads %#x", state);
}

static void ask_db_drop_reset(struct kit *k, const char *question)
{
	const char *answer;

	if (k->vf.func.revision <= REVISION_V4) {
		kit_verdict(question, NULL, false, "only V5 and newer have the register");
		return;
	}
	qm_write(&k->vf, QM_FUN_DB_DROP, 0);
	kit_reset(k);
	answer = "set";
	if (!(qm_read(&k->vf, QM_FUN_DB_DROP) & 1)) {
		qm_write(&k->vf, QM_FUN_DB_DROP, 1);
		kit_reset(k);
		answer = qm_read(&k->vf, QM_FUN_DB_DROP) & 1 ? "kept" : "clear";
	}
	qm_write(&k->vf, QM_FUN_DB_DROP, 0);
	kit_verdict(question, answer, true, "written, reset and read back");
}

/* The looks that it took; the first one did not see it done. */
static unsigned int write_back(struct kit *k)
{
	unsigned int looks = 0;

	qm_write(&k->vf, QM_CACHE_WB_START, 1);
	while (!(qm_read(&k->vf, QM_CACHE_WB_DONE) & 1))
		if (++looks > WB_LOOKS)
			kit_trouble(k, "a write-back is never done");
	return looks;
}

static void ask_wb_done(struct kit *k, const char *question)
{
	unsigned int looks, i;
	bool cleared = false;

	looks = write_back(k);
	if (!(qm_read(&k->vf, QM_CACHE_WB_DONE) & 1)) {
		k->done_tells = true;
		kit_verdict(question, "read", true, "seen once, it is gone at the second look");
		return;
	}
	for (i = 0; i < TRIES && !cleared; i++) {
		cleared = write_back(k) > 0;
		/* It may not be done, for all that is known. */
		usleep(WB_MOST_US);
	}
	/* A busy machine may have looked too late; after a reset there is but one look. */
	for (i = 0; i < RESETS && !cleared && !looks; i++) {
		kit_reset(k);
		looks = write_back(k);
	}
	k->done_tells = cleared;
	if (cleared)
		kit_verdict(question, "start", true, "it is clear after a start");
	else if (looks)
		kit_verdict(question, "reset", true, "it was clear after a reset, and is never clear after a start");
	else
		kit_verdict(question, NULL, false, "it is done at the first look, always");
}

static void ask_busy_reads(struct kit *k, const char *question)
{
	unsigned int ones = 0, old = 0, told = 0, late = 0, i;
	uint32_t mask = qm_read(&k->vf, QM_EQ_INT_MASK), val;

	k->ones_are_fine = true;
	for (i = 0; i < TRIES; i++) {
		mask ^= 1;
		qm_write(&k->vf, QM_EQ_INT_MASK, mask ^ 1);
		qm_mailbox_ask(&k->vf, QM_MB_SQC_VFT, 0, 0, true);
		qm_write(&k->vf, QM_EQ_INT_MASK, mask);
		val = qm_read(&k->vf, QM_EQ_INT_MASK);
		if (!qm_mailbox_busy(&k->vf))
			late++;
		else if (val == UINT32_MAX)
			ones++;
		else if (val == mask)
			told++;
		else
			old++;
		for (int ms = 0; qm_mailbox_busy(&k->vf); ms++) {
			if (ms > 3000)
				kit_trouble(k, "a mailbox command is not done in 3 s");
			usleep(1000);
		}
	}
	k->ones_are_fine = false;
	qm_write(&k->vf, QM_EQ_INT_MASK, 1);
	if (ones)
		kit_verdict(question, "ones", true, "%u of %d looks", ones, TRIES);
	else if (old)
		kit_verdict(question, "old", true, "%u of %d looks", old, TRIES);
	else if (told)
		kit_verdict(question, "answer", true, "%u of %d looks", told, TRIES);
	else
		kit_verdict(question, NULL, false, "commands are always done when a look is: too fast, or the look waits for them");
}

/* Is what is written to a register of the configuration kept, at rest and at work? */
static void ask_config(struct kit *k, const char *question, uint32_t reg, uint32_t first,
		       uint32_t second)
{
	uint32_t before = qm_read(&k->vf, reg);
	const char *answer = "holds";

	qm_write(&k->vf, QM_VF_STATE, 1);
	qm_write(&k->vf, reg, first);
	if (qm_read(&k->vf, reg) != first) {
		kit_verdict(question, "ignored", true, "it reads %#x, not the %#x that was written",
			    qm_read(&k->vf, reg), first);
		return;
	}
	if (kit_starts_and_works(k)) {
		qm_write(&k->vf, reg, second);
		if (qm_read(&k->vf, reg) != second)
			answer = "stopped";
		qm_write(&k->vf, reg, before);
		kit_verdict(question, answer, true, "written while not ready, and while jobs can run");
	} else {
		kit_verdict(question, NULL, false, "no guest works here");
	}
}

static void ask_page_size(struct kit *k, const char *question)
{
	ask_config(k, question, QM_PAGE_SIZE, 1, 2);
}

static void ask_iso_cfg(struct kit *k, const char *question)
{
	uint32_t is = qm_read(&k->vf, QM_QUE_ISO_CFG) & 1;

	ask_config(k, question, QM_QUE_ISO_CFG, is ^ 1, is);
}

const struct kit_experiment kit_experiments[] = {
	{ "vf-state-reset", "nothing", ask_vf_state_reset, true },
	{ "db-drop-reset", "FUN_DB_DROP (V5)", ask_db_drop_reset, true },
	{ "wb-done", "CACHE_WB_START", ask_wb_done, true },
	{ "busy-reads", "EQ_INT_MASK; mailbox: SQC_VFT", ask_busy_reads, true },
	{ "page-size", "PAGE_SIZE, VF_STATE; a guest's driver", ask_page_size, true },
	{ "iso-cfg", "QUE_ISO_CFG_V, VF_STATE; a guest's driver", ask_iso_cfg, true },
	{ "int-source", "a guest's driver; EQ_INT_SOURCE", ask_int_source, true },
	{ "int-rule", "a guest's driver; EQ_INT_SOURCE", ask_int_rule, true },
	{ "restart", "a guest's driver; PAUSE_QM, restart doorbells", ask_restart, true },
	{ "restart-events", "a guest's driver; PAUSE_QM, restart doorbells, EQ_INT_SOURCE",
	  ask_restart_events, true },
	{ "mbox-when", "VF_STATE; a guest's driver; PAUSE_QM, restart doorbells", ask_mbox_when, true },
	{ "pause-end", "a guest's driver, twice; PAUSE_QM, restart doorbells", ask_pause_end, true },
	{ NULL, NULL, NULL, false },
};

const struct kit_unasked kit_unasked[] = {
	{ "select-reset", "a reset of the PF takes the work of all its VFs" },
	{ "cache-evict", "that it has not happened proves nothing" },
	{ "posted-order", "that it has not happened proves nothing" },
	{ "flr-recovery", "the kernel waits 100 ms before it hands the VF back" },
	{ "mbox-error", "it would take a command that is known to be wrong" },
	{ "latency", "a machine that does something else looks the same; see the figures" },
	{ "mbox-store", "it would take a store that no driver makes" },
	{ "flr-clears", "the kernel restores config space" },
	{ "flr-dma", "jobs are too short to be met by a reset on purpose" },
	{ "pause-dma", "jobs are too short to be met by a pause on purpose" },
	{ NULL, NULL },
};
