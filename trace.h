/* SPDX-License-Identifier: GPL-2.0-only */
/* Tracepoints: what a migration does, and how long each part takes. */

#undef TRACE_SYSTEM
#define TRACE_SYSTEM hisi_acc_vfio_pci

#if !defined(HISI_ACC_TRACE_H) || defined(TRACE_HEADER_MULTI_READ)
#define HISI_ACC_TRACE_H

#include <linux/device.h>
#include <linux/tracepoint.h>

#include "include/mig_state.h"
#include "include/compat/kernel.h"

TRACE_EVENT(hisi_acc_arc,
	TP_PROTO(struct device *dev, u8 from, u8 to, int ret, u64 ns),
	TP_ARGS(dev, from, to, ret, ns),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u8, from)
		__field(u8, to)
		__field(int, ret)
		__field(u64, ns)
	),
	TP_fast_assign(
		compat_assign_str(dev, dev_name(dev));
		__entry->from = from;
		__entry->to = to;
		__entry->ret = ret;
		__entry->ns = ns;
	),
	TP_printk("%s %s -> %s ret=%d ns=%llu", __get_str(dev),
		  mig_state_name(__entry->from),
		  mig_state_name(__entry->to), __entry->ret, __entry->ns)
);

TRACE_EVENT(hisi_acc_mailbox,
	TP_PROTO(struct device *dev, u8 cmd, bool get, int ret, u64 ns),
	TP_ARGS(dev, cmd, get, ret, ns),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__field(u8, cmd)
		__field(bool, get)
		__field(int, ret)
		__field(u64, ns)
	),
	TP_fast_assign(
		compat_assign_str(dev, dev_name(dev));
		__entry->cmd = cmd;
		__entry->get = get;
		__entry->ret = ret;
		__entry->ns = ns;
	),
	TP_printk("%s cmd=%#x %s ret=%d ns=%llu", __get_str(dev), __entry->cmd,
		  __entry->get ? "get" : "set", __entry->ret, __entry->ns)
);

TRACE_EVENT(hisi_acc_record,
	TP_PROTO(struct device *dev, const char *what, size_t len, int ret),
	TP_ARGS(dev, what, len, ret),
	TP_STRUCT__entry(
		__string(dev, dev_name(dev))
		__string(what, what)
		__field(size_t, len)
		__field(int, ret)
	),
	TP_fast_assign(
		compat_assign_str(dev, dev_name(dev));
		compat_assign_str(what, what);
		__entry->len = len;
		__entry->ret = ret;
	),
	TP_printk("%s %s len=%zu ret=%d", __get_str(dev), __get_str(what),
		  __entry->len, __entry->ret)
);

#endif /* HISI_ACC_TRACE_H */

#undef TRACE_INCLUDE_PATH
#define TRACE_INCLUDE_PATH .
#undef TRACE_INCLUDE_FILE
#define TRACE_INCLUDE_FILE trace
#include <trace/define_trace.h>
