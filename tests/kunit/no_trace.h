/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Takes the place of trace.h, so that the test module can be loaded beside the
 * driver: tracepoints of one name are for one module. Included before the file
 * under test.
 */
#ifndef NO_TRACE_H
#define NO_TRACE_H

/* What trace.h would be. */
#define HISI_ACC_TRACE_H

#include <linux/types.h>

struct device;

#ifndef trace_hisi_acc_mailbox_enabled
#define trace_hisi_acc_mailbox_enabled()	false
#endif

static inline void trace_hisi_acc_arc(struct device *dev, u8 from, u8 to, int ret,
				      u64 ns)
{
}

#ifndef trace_hisi_acc_mailbox
static inline void trace_hisi_acc_mailbox(struct device *dev, u8 cmd, bool get,
					  int ret, u64 ns)
{
}
#endif

static inline void trace_hisi_acc_record(struct device *dev, const char *what,
					 size_t len, int ret)
{
}

#endif /* NO_TRACE_H */
