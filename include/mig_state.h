/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Names of the migration states, without vfio: for logs, traces and debugfs.
 */
#ifndef MIG_STATE_H
#define MIG_STATE_H

const char *mig_state_name(unsigned int state);

#endif /* MIG_STATE_H */
