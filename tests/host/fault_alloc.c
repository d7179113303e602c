// SPDX-License-Identifier: GPL-2.0-only
/*
 * Each allocation of an arc fails in turn: an errno, the old state, nothing
 * leaked (which is kmemleak's to say), and the arc goes well after it.
 *
 * Bind and open are left out: there 6.12's own vfio_group_release() warns and
 * its vfio_config_free() frees twice, neither of which a driver can help.
 */
#include <errno.h>
#include <unistd.h>

#include "failslab.h"
#include "rig.h"
#include "suites.h"

#define JOBS		40
#define ALLOCS_MAX	100	/* no arc has more */

static void disarm(void *arg)
{
	(void)arg;
	failslab_arm(0);
}

/* The arc with its nth allocation failing; has it failed? */
static bool strike(struct vfio_dev *v, int from, int to, int nth, int *err)
{
	bool struck;
	int fd;

	check_ok(failslab_arm(nth));
	*err = mig_set_state(v, to, &fd);
	struck = failslab_struck();
	if (fd >= 0)
		close(fd);
	check(!*err || *err == -ENOMEM, "%s to %s: %s", mig_state_name(from),
	      mig_state_name(to), tap_errno(*err));
	check(!*err || struck, "%s to %s: ENOMEM, with memory",
	      mig_state_name(from), mig_state_name(to));
	rig_check_state(v, *err ? from : to);
	return struck;
}

static void back(struct vfio_dev *v, int from, int to)
{
	if (to == MIG_RESUMING)
		check_ok(vfio_dev_reset(v));
	check_ok(mig_set_state(v, from, NULL));
}

static void sweep(struct vfio_dev *v, int from, int to)
{
	int nth = 1, failed = 0, err;
	bool struck;

	check_ok(mig_set_state(v, from, NULL));
	do {
		struck = strike(v, from, to, nth, &err);
		if (err)
			failed++;
		else
			back(v, from, to);
	} while (struck && nth++ < ALLOCS_MAX);
	check(!struck, "no end of allocations");
	check(failed, "%s to %s allocates nothing", mig_state_name(from),
	      mig_state_name(to));
}

static void arcs_without_memory(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);

	(void)arg;
	if (failslab_setup())
		tap_skip("the kernel has no CONFIG_FAILSLAB");
	tap_defer(disarm, NULL);
	sweep(v, MIG_STOP, MIG_STOP_COPY);
	sweep(v, MIG_RUNNING, MIG_PRE_COPY);
	rig_finish(z);
	sweep(v, MIG_STOP, MIG_RESUMING);
	check_ok(vfio_dev_reset(v));
	rig_finish(rig_guest(v, JOBS));
}

const struct tap_test fault_alloc_tests[] = {
	{ "arcs that hand out a data fd survive each allocation's failure",
	  arcs_without_memory, NULL },
	{ NULL, NULL, NULL },
};
