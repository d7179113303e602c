// SPDX-License-Identifier: GPL-2.0-only
/*
 * The migration states by name.
 */
#include <linux/kernel.h>
#include <linux/vfio.h>

#include "include/mig_state.h"
#include "include/compat/vfio.h"

static const char * const mig_states[] = {
	[VFIO_DEVICE_STATE_ERROR] = "ERROR",
	[VFIO_DEVICE_STATE_STOP] = "STOP",
	[VFIO_DEVICE_STATE_RUNNING] = "RUNNING",
	[VFIO_DEVICE_STATE_STOP_COPY] = "STOP_COPY",
	[VFIO_DEVICE_STATE_RESUMING] = "RESUMING",
	[VFIO_DEVICE_STATE_RUNNING_P2P] = "RUNNING_P2P",
	[VFIO_DEVICE_STATE_PRE_COPY] = "PRE_COPY",
	[VFIO_DEVICE_STATE_PRE_COPY_P2P] = "PRE_COPY_P2P",
};

/**
 * mig_state_name() - name a migration state
 * @state: the state
 *
 * Context: any.
 * Return: its name in the uAPI, less the prefix.
 */
const char *mig_state_name(unsigned int state)
{
	return state < ARRAY_SIZE(mig_states) ? mig_states[state] : "?";
}
