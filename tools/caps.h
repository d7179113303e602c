/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What decides where a VM that has a certain VF can go.
 */
#ifndef TOOL_CAPS_H
#define TOOL_CAPS_H

#include "../include/mig_stream.h"
#include "facts.h"
#include "tool.h"
#include "vfio.h"

#define CAPS_FORMAT	"hisi-acc-mig caps 1"

struct caps {
	char device[BDF_MAX];
	uint16_t device_id;
	uint8_t revision;		/* as the guest sees it */
	bool migratable;
	char why_not[256];
	/* the rest only if migratable */
	uint32_t queue_pairs;
	uint32_t queue_isolation;
	uint32_t bar2_bytes;		/* as the guest sees it */
	unsigned int stream;		/* what it sends: 1 or 2 ... */
	unsigned int major, minor;	/* ... and of 2 */
	bool p2p, pre_copy;
};

/* Of a VF that this process has open. 0, or an exit status after saying why not. */
int caps_of_open(const struct vfio *v, const struct vf *vf, struct caps *c);
/* Open a VF that can be migrated, as far as can be known. */
int caps_open(struct vfio *v, const struct vf *vf, const struct facts *f, enum via via);
/* From a file that the caps command wrote. */
int caps_load(const char *path, struct caps *c);
/*
 * All that bars the way from one VF to another: a list of {field, from, to, advice},
 * empty if nothing does.
 */
json_t *caps_obstacles(const struct caps *from, const struct caps *to);
void caps_match(const struct caps *c, struct mig_match *match);

#endif /* TOOL_CAPS_H */
