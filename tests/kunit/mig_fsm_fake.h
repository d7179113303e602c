/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the state machine calls, as fakes that write down who was called and
 * fail when told to. Included before mig_fsm.c, which then gets them in place of
 * the real ones; the renaming keeps the two apart in one module.
 */
#ifndef MIG_FSM_FAKE_H
#define MIG_FSM_FAKE_H

#include <kunit/test.h>
#include <linux/file.h>
#include <linux/fs.h>

#define qm_state_pause		fake_qm_state_pause
#define qm_state_quiesce	fake_qm_state_quiesce
#define qm_state_save		fake_qm_state_save
#define qm_state_ring_events	fake_qm_state_ring_events
#define qm_state_load		fake_qm_state_load
#define qm_state_load_not_ready	fake_qm_state_load_not_ready
#define qm_state_let_go		fake_qm_state_let_go
#define qm_state_has_ones	fake_qm_state_has_ones
#define qm_mailbox_wait_ready	fake_qm_mailbox_wait_ready
#define qm_doorbell_restart_sqs	fake_qm_doorbell_restart_sqs
#define qm_select_keep		fake_qm_select_keep
#define mig_file_open_save	fake_mig_file_open_save
#define mig_file_complete	fake_mig_file_complete
#define mig_file_open_resume	fake_mig_file_open_resume
#define mig_file_disable	fake_mig_file_disable
#define get_file		fake_get_file
#define fput			fake_fput

struct file *fake_get_file(struct file *filp);
void fake_fput(struct file *filp);

#include "no_trace.h"
#include "../../hisi_acc_vfio_pci.h"
#include "../../include/mig_state.h"
#include "../../include/qm_select.h"
#include "../../include/qm_state.h"

int fake_get_next_state(struct vfio_device *vdev, enum vfio_device_mig_state cur,
			enum vfio_device_mig_state to, enum vfio_device_mig_state *next);

#ifndef MIG_FSM_FAKE_REAL_NEXT_STATE
#define vfio_mig_get_next_state	fake_get_next_state
#endif

/* A call that shall fail: the nth one of its name, from 1. */
struct mig_fsm_fault {
	const char *call;
	unsigned int nth;
	int err;
	unsigned int often;	/* from then on; 0: once */
};

struct mig_fsm_fake {
	/* what a test may set */
	struct mig_fsm_fault fault;
	bool idle;			/* no guest driver is at work */
	size_t save_len;		/* how much a save makes */
	bool save_ones;			/* and whether a register read all ones */
	bool ones_once;
	int keep;			/* what becomes of the select bit */

	/*
	 * What a test may look at: the names of all calls, each with a blank;
	 * after a name, '!' says that its arguments or locks were wrong.
	 */
	char calls[256];

	struct hisi_acc *acc;
	const struct mig_record *saved;
	struct mig_file saving;
	struct mig_file resuming;
	int save_refs;			/* taken for the fd */
	int resume_refs;
	struct file save_filp;
	struct file resume_filp;
};

extern struct mig_fsm_fake mig_fsm_fake;

int mig_fsm_fake_init(struct kunit *test);
struct hisi_acc *mig_fsm_fake_enter(enum vfio_device_mig_state state);
void mig_fsm_fake_expect(struct kunit *test, const struct file *filp,
			 const char *calls, enum vfio_device_mig_state state);

#define ERROR		VFIO_DEVICE_STATE_ERROR
#define STOP		VFIO_DEVICE_STATE_STOP
#define RUNNING		VFIO_DEVICE_STATE_RUNNING
#define STOP_COPY	VFIO_DEVICE_STATE_STOP_COPY
#define RESUMING	VFIO_DEVICE_STATE_RESUMING
#define RUNNING_P2P	VFIO_DEVICE_STATE_RUNNING_P2P
#define PRE_COPY	VFIO_DEVICE_STATE_PRE_COPY
#define PRE_COPY_P2P	VFIO_DEVICE_STATE_PRE_COPY_P2P

/* What the calls of an arc are made of, under PF control. */
#define CAPTURE		"save ring complete "
#define RESUME		"keep ready open_resume "
#define LOAD		"load close_resume "

/* A request as from a user, with no reset under way. */
static inline struct file *mig_fsm_request(struct hisi_acc *acc,
					   enum vfio_device_mig_state to)
{
	struct file *filp;

	mutex_lock(&acc->state_lock);
	filp = mig_fsm_set_state(acc, to, false);
	mutex_unlock(&acc->state_lock);
	return filp;
}

static inline void mig_fsm_fake_lose(struct hisi_acc *acc)
{
	mutex_lock(&acc->state_lock);
	mig_fsm_lose(acc, "reset of some kind");
	mutex_unlock(&acc->state_lock);
}

/* Pre-copy is younger than the oldest kernel that the driver is for. */
static inline bool mig_fsm_core_knows(enum vfio_device_mig_state state)
{
	return state < PRE_COPY ||
	       COMPAT_MIGRATION_FLAGS != (VFIO_MIGRATION_STOP_COPY | VFIO_MIGRATION_P2P);
}

#endif /* MIG_FSM_FAKE_H */
