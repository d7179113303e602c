// SPDX-License-Identifier: GPL-2.0-only
/*
 * What can be seen of a device, in the place and under the names of the in-tree
 * driver: <debugfs>/vfio/<device>/migration/hisi_acc/. Everything is shown under
 * the state lock, and nothing here ever gives a command to the hardware: the
 * mailbox of a running VF is its guest's.
 */
#include <linux/debugfs.h>
#include <linux/pci.h>
#include <linux/pm_runtime.h>
#include <linux/seq_file.h>
#include <linux/sizes.h>

#include "hisi_acc_vfio_pci.h"
#include "include/debugfs.h"
#include "include/guest_view_choice.h"
#include "include/mig_reset.h"
#include "include/mig_state.h"
#include "include/qm_io.h"
#include "include/qm_regs.h"
#include "include/qm_select.h"
#include "include/qm_state.h"

static void show_record(struct seq_file *seq, const char *prefix,
			const struct mig_record *rec)
{
	seq_hex_dump(seq, prefix, DUMP_PREFIX_OFFSET, 16, 1, rec,
		     offsetof(struct mig_record, eqe_dma), false);
}

static int show_dev_data(struct hisi_acc *acc, struct seq_file *seq)
{
	struct mig_record rec = {};
	u32 state;

	state = qm_win_read(&acc->win, QM_VF_STATE);
	if (state == U32_MAX) {
		seq_puts(seq, "device does not answer\n");
		return -EIO;
	}

	mig_stream_put_match(&rec, &acc->match);
	rec.vf_qm_state = cpu_to_le32(state & QM_VF_STATE_NOT_READY);
	qm_state_read_regs(&acc->win, &rec);
	show_record(seq, "Dev Data:", &rec);
	seq_printf(seq, "guest driver load: %lu\n", state & QM_VF_STATE_NOT_READY);
	seq_printf(seq, "data size: %u\n", MIG_RECORD_BYTES);
	return 0;
}

static int show_migf_data(struct hisi_acc *acc, struct seq_file *seq)
{
	if (acc->last.len < MIG_MATCH_BYTES) {
		seq_puts(seq, "device not migrated!\n");
		return -EAGAIN;
	}
	show_record(seq, "Mig Data:", &acc->last.rec);
	seq_printf(seq, "migrate data length: %zu\n", acc->last.len);
	return 0;
}

static int show_cmd_state(struct hisi_acc *acc, struct seq_file *seq)
{
	u32 w0 = lower_32_bits(qm_io_read128(acc->win.regs + QM_MB_CMD_SEND_BASE).lo);

	if (w0 == U32_MAX) {
		seq_puts(seq, "mailbox cmd channel not ready!\n");
		return -EIO;
	}
	seq_printf(seq, "mailbox cmd channel %s!\n",
		   w0 & QM_MB_W0_BUSY ? "busy" : "ready");
	return 0;
}

static void show_arcs(struct hisi_acc *acc, struct seq_file *seq)
{
	unsigned int i = acc->arc_count;

	seq_puts(seq, "arcs, last first:\n");
	while (i && acc->arc_count - i < MIG_ARCS_KEPT) {
		const struct mig_arc_done *arc = &acc->arcs[--i % MIG_ARCS_KEPT];

		seq_printf(seq, "  %s -> %s: %d, %llu ns\n",
			   mig_state_name(arc->from),
			   mig_state_name(arc->to), arc->ret, arc->ns);
	}
}

static void show_last_error(struct mig_log *log, struct seq_file *seq)
{
	char words[MIG_LOG_WORDS];
	ktime_t when;

	spin_lock(&log->lock);
	strscpy(words, log->last, sizeof(words));
	when = log->when;
	spin_unlock(&log->lock);

	if (when)
		seq_printf(seq, "last error: %s (%lld ms ago)\n", words,
			   ktime_ms_delta(ktime_get(), when));
	else
		seq_puts(seq, "last error: none\n");
}

static int show_status(struct hisi_acc *acc, struct seq_file *seq)
{
	const char *remark;

	seq_printf(seq, "engine: %s\n", acc->pf->engine->name);
	seq_printf(seq, "function: %u\n", acc->fn);
	seq_printf(seq, "qm version: %#x\n", acc->pf->ver);
	seq_printf(seq, "guest view: %s\n",
		   guest_view_choice_name(guest_view_choice_get(acc->core.pdev)));
	seq_printf(seq, "stream: %u.%u\n", MIG_MAJOR, MIG_MINOR);
	seq_printf(seq, "open: %s\n", acc->mig_open ? "yes" : "no");
	/* As found when the device was bound, and anew each time it was opened. */
	seq_printf(seq, "control: %s\n", qm_mig_ctrl_name(acc->region.ctrl));
	seq_printf(seq, "bar2 shown: %llu KiB\n",
		   (u64)acc->region.guest_bar2_len / SZ_1K);
	if (acc->match.qp_num) {
		seq_printf(seq, "queue pairs: %u from %u\n", acc->match.qp_num,
			   acc->match.qp_base);
		seq_printf(seq, "queue isolation: %#x\n", acc->match.que_iso_cfg);
	}
	if (acc->mig_open)
		seq_printf(seq, "state: %s\n", mig_state_name(acc->mig_state));
	if (acc->mig_open && acc->lost)
		seq_printf(seq, "lost: by a %s\n", acc->lost);
	if (qm_select_is_lost(acc->pf))
		seq_puts(seq, "select bit: lost, can't be set again\n");
	remark = mig_stream_remark(&acc->last);
	if (remark)
		seq_printf(seq, "last stream: %s\n", remark);
	show_last_error(&acc->log, seq);
	show_arcs(acc, seq);
	return 0;
}

static int show_counters(struct hisi_acc *acc, struct seq_file *seq)
{
	const struct hisi_acc_counts *counts = &acc->counts;

	seq_printf(seq, "migrations_out %llu\n", counts->migrations_out);
	seq_printf(seq, "migrations_in %llu\n", counts->migrations_in);
	seq_printf(seq, "errors %llu\n", counts->errors);
	seq_printf(seq, "lost %llu\n", counts->lost);
	seq_printf(seq, "resets_user %llu\n", counts->resets_user);
	seq_printf(seq, "resets_vf %llu\n", counts->resets_vf);
	seq_printf(seq, "resets_pf %llu\n", counts->resets_pf);
	return 0;
}

static int show_locked(struct seq_file *seq,
		       int (*show)(struct hisi_acc *acc, struct seq_file *seq))
{
	struct hisi_acc *acc = pdev_to_hisi_acc(to_pci_dev(seq->private));
	int ret;

	mutex_lock(&acc->state_lock);
	ret = show(acc, seq);
	mutex_unlock(&acc->state_lock);
	return ret;
}

/* For what reads registers: those of a VF that sleeps are left alone. */
static int show_registers(struct seq_file *seq,
			  int (*show)(struct hisi_acc *acc, struct seq_file *seq))
{
	struct hisi_acc *acc = pdev_to_hisi_acc(to_pci_dev(seq->private));
	struct device *dev = hisi_acc_dev(acc);
	int active = pm_runtime_get_if_in_use(dev);	/* negative: no runtime PM */
	int ret;

	mutex_lock(&acc->state_lock);
	if (!acc->mig_open) {
		seq_puts(seq, "device is not open\n");
		ret = -EINVAL;
	} else if (mig_reset_under_way(acc)) {
		seq_puts(seq, "device is being reset\n");
		ret = -EAGAIN;
	} else if (!active) {
		seq_puts(seq, "device is in low power\n");
		ret = -EAGAIN;
	} else {
		ret = show(acc, seq);
	}
	if (active > 0)
		pm_runtime_put(dev);
	mutex_unlock(&acc->state_lock);
	return ret;
}

static int read_dev_data(struct seq_file *seq, void *data)
{
	return show_registers(seq, show_dev_data);
}

static int read_migf_data(struct seq_file *seq, void *data)
{
	return show_locked(seq, show_migf_data);
}

static int read_cmd_state(struct seq_file *seq, void *data)
{
	return show_registers(seq, show_cmd_state);
}

static int read_status(struct seq_file *seq, void *data)
{
	return show_locked(seq, show_status);
}

static int read_counters(struct seq_file *seq, void *data)
{
	return show_locked(seq, show_counters);
}

/**
 * hisi_acc_debugfs_init() - make the files of a device
 * @acc: the device, registered
 *
 * They go with the directory of the VFIO device, which the core removes when
 * the device is unregistered.
 *
 * Context: may sleep.
 */
void hisi_acc_debugfs_init(struct hisi_acc *acc)
{
	struct vfio_device *vdev = &acc->core.vdev;
	struct device *dev = hisi_acc_dev(acc);
	struct dentry *migration, *dir;

	if (!debugfs_initialized() || !vdev->mig_ops)
		return;
	migration = debugfs_lookup("migration", vdev->debug_root);
	if (!migration)
		return;

	dir = debugfs_create_dir("hisi_acc", migration);
	debugfs_create_devm_seqfile(dev, "dev_data", dir, read_dev_data);
	debugfs_create_devm_seqfile(dev, "migf_data", dir, read_migf_data);
	debugfs_create_devm_seqfile(dev, "cmd_state", dir, read_cmd_state);
	debugfs_create_devm_seqfile(dev, "status", dir, read_status);
	debugfs_create_devm_seqfile(dev, "counters", dir, read_counters);
	dput(migration);
}
