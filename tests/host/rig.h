/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The emulated host as the tests use it: its accelerators by role, their VFs
 * bound to the driver under test and opened, guests at work in them. All of it
 * is checked here, so that a test says only what is special about it, and is
 * cleaned up when the test ends.
 */
#ifndef HACC_RIG_H
#define HACC_RIG_H

#include "job_guest.h"
#include "klog.h"
#include "migration.h"
#include "module.h"
#include "oracle.h"
#include "record.h"
#include "tap.h"
#include "vfio.h"

enum rig_role {
	/* ZIP, which most tests take */
	RIG_V3,			/* VF control */
	RIG_V4,			/* select bit set: PF control */
	RIG_V4_CLEAR,		/* select bit clear: VF control, as V3 */
	RIG_V5,			/* whatever its select bit says */
	RIG_V3_ISOLATED,	/* a doorbell page for each queue, in BAR4 */
	RIG_V4_ISOLATED,
	/* the other engines; V4 with the select bit set */
	RIG_SEC_V3,
	RIG_SEC_V4,
	RIG_HPRE_V3,
	RIG_HPRE_V4,
	RIG_ROLES,
};

#define RIG_VFS			3	/* on each PF, unless a test says otherwise */
#define RIG_JOB_TIME_US		2000
#define RIG_LONG_JOB_US		600000	/* as long as a test needs to interrupt it */
#define RIG_PATIENCE_MS		20000	/* no job takes longer, on any machine */

/* Find the PFs and load the PF drivers; once, and before any test. */
void rig_setup(void);
/*
 * The module that binds the VFs from now on, MODULE_OURS or MODULE_THEIRS, and
 * its parameters. Both have one name, so the other is unloaded. Each test
 * starts with ours, without parameters.
 */
void rig_use_module(const char *path, const char *parameters);
void rig_load_module(void);
void rig_unload_module(void);

/* Hooks of a suite: nothing expected before, no violation after a test. */
void rig_before(void);
void rig_after(void);

bool rig_has(enum rig_role role);
/* Skips the test where the machine has no such PF. */
const struct pci_func *rig_pf(enum rig_role role);
/*
 * The role that arg points to; for V4, the one that the PF driver has made of
 * it: older ones do not know the select bit.
 */
enum rig_role rig_role_here(const void *arg);
/* Does the select bit of this PF stay set if somebody sets it? */
bool rig_can_select(enum rig_role role);
const char *rig_role_name(enum rig_role role);
/* BAR2 that a guest is to see there */
uint64_t rig_bar2_size(enum rig_role role);
/* Another number of VFs than RIG_VFS, for this test. */
void rig_make_vfs(enum rig_role role, int num);
void rig_vf(enum rig_role role, int n, struct pci_func *vf);

/* VF n bound and opened, closed at the end; with guest memory. */
struct vfio_dev *rig_open(enum rig_role role, int n);
/* A guest in it with so many jobs prepared, none submitted. */
struct job_guest *rig_guest(struct vfio_dev *v, int jobs);
/* The same at work: a quarter done, some in flight in the device, others queued. */
struct job_guest *rig_busy_guest(struct vfio_dev *v, int jobs);
/* So many more, some in flight again. */
void rig_more_jobs(struct job_guest *z, int jobs);
/* Work until so many are done in all. */
void rig_run(struct job_guest *z, int finished);
/*
 * What the function does, jobs, DMA and interrupts counted, in more time than a job takes
 * that has begun: 0 is a function that stands still.
 */
uint64_t rig_activity(struct vfio_dev *v);
/* All jobs come to their end, each once and well. */
void rig_finish(struct job_guest *z);

/* Move a guest as a VM monitor does; returns when it runs in the new place. */
void rig_move(struct job_guest *z, struct vfio_dev *to,
	      struct mig_stream *stream, struct mig_log *log);
void rig_check_state(struct vfio_dev *v, int state);

/* Every state but ERROR. */
#define RIG_STATES	7
extern const int rig_states[RIG_STATES];
/* So many of them does the kernel's VFIO know: PRE_COPY, last, came with 6.2. */
int rig_nr_states(void);
/* As rig_open(), and skips the test where VFIO has no PRE_COPY. */
struct vfio_dev *rig_open_precopy(enum rig_role role, int n);
/* What the kernel's VFIO knows is known once a VF has been opened. */
bool rig_has_state(int state);
/* Skip the test without it. */
void rig_need_state(int state);
/* VF 0 of V3 with a guest at work, brought to this state; its data fd or -1. */
struct vfio_dev *rig_in_state(int state, int *fd);
/* Whatever way this state's data fd goes: there is no device behind it. */
void rig_check_fd_dead(int state, int fd);
/* Is there a device behind it? Touches nothing. */
bool rig_fd_is_alive(int state, int fd);
/* A number on the kernel's command line, as in hacc.seed=N. */
unsigned long rig_parameter(const char *name, unsigned long otherwise);
void rig_fault(const struct pci_func *func, const struct oracle_fault *fault);
/* The accelerator of this function answers so, KP_Q_*, until the test is over. */
void rig_answer(const struct pci_func *func, int question, uint32_t answer);

#endif /* HACC_RIG_H */
