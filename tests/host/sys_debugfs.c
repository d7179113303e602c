// SPDX-License-Identifier: GPL-2.0-only
/*
 * The views in debugfs: true, there in every state, and never a hand on what
 * belongs to the guest.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rig.h"
#include "suites.h"

#define JOBS	60
#define DUMPED	144	/* bytes of a record in a dump: all but the addresses */

static const char *const views[] = {
	"dev_data", "migf_data", "cmd_state", "status", "counters",
};

/* Looking at a function at work is no capture, though it reads the same. */
#define LOOKS_LIKE_SAVE (1u << KPO_V_SAVE_BUSY | 1u << KPO_V_SAVE_DIRTY | \
			 1u << KPO_V_SAVE_RUNNING)

/* The whole of a view, or -errno. */
static int read_view(const char *bdf, const char *name, char *text, size_t size)
{
	char path[160];
	size_t len = 0;
	ssize_t ret;
	int fd;

	snprintf(path, sizeof(path),
		 "/sys/kernel/debug/vfio/%s/migration/hisi_acc/%s", bdf, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	do {
		ret = read(fd, text + len, size - 1 - len);
		if (ret > 0)
			len += ret;
	} while (ret > 0 && len < size - 1);
	if (ret < 0)
		ret = -errno;
	text[len] = 0;
	close(fd);
	return ret < 0 ? ret : 0;
}

static void need_debugfs(struct vfio_dev *v)
{
	char text[4096];

	if (read_view(v->func.bdf, "status", text, sizeof(text)) == -ENOENT)
		tap_skip("the kernel has no CONFIG_VFIO_DEBUGFS");
}

static void tells_state(const void *arg)
{
	char text[4096], want[32];
	int i, fd;

	(void)arg;
	for (i = 0; i < RIG_STATES; i++) {
		struct vfio_dev *v = rig_in_state(rig_states[i], &fd);

		need_debugfs(v);
		check_ok(read_view(v->func.bdf, "status", text, sizeof(text)));
		snprintf(want, sizeof(want), "state: %s\n",
			 mig_state_name(rig_states[i]));
		check(strstr(text, want), "no \"%s\" in the status",
		      mig_state_name(rig_states[i]));
		if (fd >= 0)
			close(fd);
		vfio_dev_close(v);
	}
}

static void check_status(const char *bdf, const char *line, bool there)
{
	char text[4096], wanted[80];

	check_ok(read_view(bdf, "status", text, sizeof(text)));
	snprintf(wanted, sizeof(wanted), "\n%s", line);
	check(!!strstr(text, wanted) == there, "status has %s line \"%s\"",
	      there ? "no" : "a", line);
}

/* Where a VM can go is known of a VF in use, and most of it of one that is not. */
static void tells_what_a_vf_is(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	bool half = rig_bar2_size(role) == 0x8000;
	const char *bar2 = half ? "bar2 shown: 32 KiB\n" : "bar2 shown: 64 KiB\n";
	const char *control = half ? "control: VF\n" : "control: PF\n";
	struct vfio_dev *v = rig_open(role, 0);
	struct pci_func func = v->func;

	need_debugfs(v);
	check_status(func.bdf, "stream: 1.1\n", true);
	check_status(func.bdf, "open: yes\n", true);
	check_status(func.bdf, control, true);
	check_status(func.bdf, bar2, true);
	check_status(func.bdf, "queue pairs: ", true);
	check_status(func.bdf, "queue isolation: 0x", true);

	vfio_dev_close(v);
	check_status(func.bdf, "open: no\n", true);
	check_status(func.bdf, "state: ", false);
	check_status(func.bdf, "queue pairs: ", true);

	check_ok(pci_unbind(&func));
	check_ok(pci_bind(&func, MODULE_VFIO_NAME));
	check_status(func.bdf, control, true);
	check_status(func.bdf, bar2, true);
	check_status(func.bdf, "queue pairs: ", false);
}

/* What is known to be wrong in older senders stays to be seen. */
static void tells_of_old_senders(const void *arg)
{
	struct vfio_dev *from = rig_open(RIG_V3, 0), *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;

	(void)arg;
	need_debugfs(to);
	check_ok(mig_save(from, &stream, NULL));
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_status(to->func.bdf, "last stream: ", false);
	record_set(stream.data, REC_MINOR, 0);
	record_set(stream.data, REC_BAR2_SIZE, 0);
	check_ok(vfio_dev_reset(to));
	check_ok(mig_load(to, &stream, NULL));
	check_status(to->func.bdf, "last stream: stream without BAR2 size: ", true);
	record_set(stream.data, REC_MAGIC, RECORD_MAGIC_V1);
	check_ok(vfio_dev_reset(to));
	check_ok(mig_load(to, &stream, NULL));
	check_status(to->func.bdf, "last stream: V1 stream: ", true);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* No view gives a command, rings, or writes at all. */
static void touches_nothing(const void *arg)
{
	static const int counters[] = {
		KPO_CNT_MMIO_WRITE, KPO_CNT_MBOX, KPO_CNT_DOORBELL,
		KPO_CNT_WRITE_BACK,
	};
	struct vfio_dev *v = rig_open(*(const enum rig_role *)arg, 0);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	struct oracle_counts before, after;
	char text[4096];
	size_t i;

	need_debugfs(v);
	oracle_expect(LOOKS_LIKE_SAVE);
	oracle_counts(&v->func, &before);
	for (i = 0; i < ARRAY_SIZE(views); i++)
		read_view(v->func.bdf, views[i], text, sizeof(text));
	oracle_counts(&v->func, &after);
	for (i = 0; i < ARRAY_SIZE(counters); i++)
		check_eq(oracle_diff(&after, &before, counters[i]), 0,
			 "writes, commands, doorbells, write-backs");
	rig_finish(z);
}

/* A dump of registers or record has the same bytes as a stream. */
static void check_dump(const struct pci_func *func, const char *view,
		       const char *prefix, const struct mig_stream *stream)
{
	char text[4096], want[128];
	size_t i, k, len;

	check_ok(read_view(func->bdf, view, text, sizeof(text)));
	for (i = 0; i < DUMPED; i += 16) {
		len = snprintf(want, sizeof(want), "%s%08zx:", prefix, i);
		for (k = 0; k < 16; k++)
			len += snprintf(want + len, sizeof(want) - len, " %02x",
					stream->data[i + k]);
		check(strstr(text, want), "%s has no \"%s\"", view, want);
	}
}

static void shows_records(const void *arg)
{
	enum rig_role role = *(const enum rig_role *)arg;
	struct vfio_dev *from, *to;
	struct mig_stream stream;
	struct job_guest *z;
	char text[4096];

	/* Bound anew, with nothing of the tests before. */
	rig_unload_module();
	from = rig_open(role, 0);
	to = rig_open(role, 1);
	z = rig_busy_guest(from, JOBS);
	need_debugfs(from);
	check_err(read_view(to->func.bdf, "migf_data", text, sizeof(text)), -EAGAIN);
	check_ok(mig_save(from, &stream, NULL));
	check_dump(&from->func, "dev_data", "Dev Data:", &stream);
	check_dump(&from->func, "migf_data", "Mig Data:", &stream);
	check_ok(read_view(from->func.bdf, "migf_data", text, sizeof(text)));
	check(strstr(text, "migrate data length: 176\n"), "no length in migf_data");
	qm_guest_move(&z->qm, to);
	check_ok(mig_load(to, &stream, NULL));
	check_dump(&to->func, "migf_data", "Mig Data:", &stream);
	check_ok(mig_set_state(to, MIG_RUNNING, NULL));
	rig_finish(z);
}

/* What went wrong, in words, and where. */
static void tells_last_error(const void *arg)
{
	const struct oracle_fault status = {
		.kind = KPO_F_MBOX_STATUS, .arg = 1, .cmd = QM_MB_SQC_BT, .count = 1,
	};
	const struct oracle_fault stuck = { .kind = KPO_F_MBOX_STUCK, .cmd = QM_MB_SQC_BT };
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	char text[4096], *arcs;

	(void)arg;
	need_debugfs(v);
	check_ok(read_view(v->func.bdf, "cmd_state", text, sizeof(text)));
	check(!strcmp(text, "mailbox cmd channel ready!\n"), "cmd_state: %s", text);
	rig_busy_guest(v, JOBS);
	rig_fault(&v->func, &status);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -EIO);
	check_status(v->func.bdf,
		     "last error: mailbox command 0x4 failed with status 0x1 (", true);
	check_ok(read_view(v->func.bdf, "status", text, sizeof(text)));
	arcs = strstr(text, "arcs, last first:\n");
	check(arcs, "no arcs in the status");
	check(strstr(arcs, "last first:\n  STOP -> STOP_COPY: -5, "),
	      "the last arc is another: %s", arcs);
	check(strstr(arcs, "\n  RUNNING_P2P -> STOP: 0, "), "no RUNNING_P2P -> STOP: %s",
	      arcs);

	rig_fault(&v->func, &stuck);
	check_err(mig_set_state(v, MIG_STOP_COPY, NULL), -ETIMEDOUT);
	check_status(v->func.bdf, "state: ERROR\n", true);
	check_ok(read_view(v->func.bdf, "cmd_state", text, sizeof(text)));
	check(!strcmp(text, "mailbox cmd channel busy!\n"), "cmd_state: %s", text);
	oracle_disarm(&v->func);
	check_ok(vfio_dev_reset(v));
	rig_finish(rig_guest(v, JOBS));
}

/* Not open, or gone: an errno, and nothing worse. */
static void survives_close(const void *arg)
{
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	struct pci_func func = v->func;
	char text[4096];
	size_t i;

	(void)arg;
	need_debugfs(v);
	vfio_dev_close(v);
	check_err(read_view(func.bdf, "dev_data", text, sizeof(text)), -EINVAL);
	check_err(read_view(func.bdf, "cmd_state", text, sizeof(text)), -EINVAL);
	check_ok(read_view(func.bdf, "status", text, sizeof(text)));
	check_ok(pci_unbind(&func));
	for (i = 0; i < ARRAY_SIZE(views); i++)
		check_err(read_view(func.bdf, views[i], text, sizeof(text)),
			  -ENOENT);
}

/* A reader that never rests, beside migrations, resets and closes. */
struct reader {
	pthread_t thread;
	char bdf[16];
	volatile bool stop;
	unsigned long reads;
};

static void *reader_run(void *arg)
{
	struct reader *r = arg;
	char text[4096];
	size_t i = 0;

	while (!r->stop) {
		read_view(r->bdf, views[i++ % ARRAY_SIZE(views)], text, sizeof(text));
		r->reads++;
	}
	return NULL;
}

static void reader_stop(void *arg)
{
	struct reader *r = arg;

	if (r->stop)
		return;
	r->stop = true;
	pthread_join(r->thread, NULL);
}

static void read_beside_migration(const void *arg)
{
	static struct reader r;
	struct vfio_dev *from = rig_open(RIG_V3, 0), *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(from, JOBS);
	struct mig_stream stream;
	int i;

	(void)arg;
	need_debugfs(from);
	oracle_expect(LOOKS_LIKE_SAVE);
	memset(&r, 0, sizeof(r));
	snprintf(r.bdf, sizeof(r.bdf), "%s", from->func.bdf);
	check_ok(-pthread_create(&r.thread, NULL, reader_run, &r));
	tap_defer(reader_stop, &r);
	for (i = 0; i < 3; i++) {
		rig_move(z, to, &stream, NULL);
		check_ok(vfio_dev_reset(from));
		rig_move(z, from, &stream, NULL);
		check_ok(vfio_dev_reset(to));
	}
	vfio_dev_close(to);
	rig_finish(z);
	vfio_dev_close(from);
	reader_stop(&r);
	check(r.reads > 10, "only %lu reads", r.reads);
}

static unsigned long counter(const struct vfio_dev *v, const char *name)
{
	char text[4096], wanted[32];
	const char *line;

	text[0] = '\n';
	check_ok(read_view(v->func.bdf, "counters", text + 1, sizeof(text) - 1));
	snprintf(wanted, sizeof(wanted), "\n%s ", name);
	line = strstr(text, wanted);
	check(line, "no counter %s", name);
	return strtoul(line + strlen(wanted), NULL, 10);
}

/* What happens next is counted once, by this counter. */
static void check_counted(const struct vfio_dev *v, const char *name, unsigned long *before)
{
	check_eq(counter(v, name), ++*before, name);
}

static void counts(const void *arg)
{
	struct oracle_fault stuck = { .kind = KPO_F_MBOX_STUCK };
	struct vfio_dev *v = rig_open(RIG_V3, 0), *to = rig_open(RIG_V3, 1);
	struct job_guest *z = rig_busy_guest(v, JOBS);
	unsigned long out, in, errors, lost, user, vf, pf;
	struct mig_stream stream;
	int fd;

	(void)arg;
	need_debugfs(v);
	out = counter(v, "migrations_out");
	in = counter(to, "migrations_in");
	errors = counter(v, "errors");
	lost = counter(v, "lost");
	user = counter(v, "resets_user");
	vf = counter(v, "resets_vf");
	pf = counter(v, "resets_pf");

	rig_move(z, to, &stream, NULL);
	check_counted(v, "migrations_out", &out);
	check_counted(to, "migrations_in", &in);
	rig_finish(z);
	/* What it has sent is still there for a migration that fails. */
	check_ok(vfio_dev_reset(v));
	check_counted(v, "resets_user", &user);
	check_counted(v, "lost", &lost);

	check_ok(mig_set_state(v, MIG_STOP, NULL));
	check_ok(pci_write(v->func.bdf, "reset", "1"));
	check_counted(v, "resets_vf", &vf);
	check_counted(v, "lost", &lost);
	check_ok(vfio_dev_reset(v));
	check_counted(v, "resets_user", &user);

	rig_busy_guest(v, JOBS);
	rig_fault(&v->func, &stuck);
	check_err(mig_set_state(v, MIG_STOP, NULL), -ETIMEDOUT);
	check_counted(v, "errors", &errors);
	oracle_disarm(&v->func);
	check_ok(vfio_dev_reset(v));
	check_counted(v, "resets_user", &user);

	/* One of the PF is looked for while there is a data fd. */
	check_ok(mig_set_state(v, MIG_STOP_COPY, &fd));
	check_counted(v, "migrations_out", &out);
	check_ok(pci_write(rig_pf(RIG_V3)->bdf, "reset", "1"));
	close(fd);
	check_counted(v, "resets_pf", &pf);
	check_counted(v, "lost", &lost);
	check_ok(vfio_dev_reset(v));
	check_counted(v, "resets_user", &user);
	/* And nothing besides. */
	check_eq(counter(v, "migrations_out"), out, "migrations_out");
	check_eq(counter(v, "migrations_in"), 0, "migrations_in");
	check_eq(counter(v, "errors"), errors, "errors");
	check_eq(counter(v, "lost"), lost, "lost");
	check_eq(counter(v, "resets_vf"), vf, "resets_vf");
}

/* Registers that answer with ones hold nothing to be shown. */
static void dead_registers(const void *arg)
{
	struct oracle_fault dies = { .kind = KPO_F_ALL_ONES };
	struct vfio_dev *v = rig_open(RIG_V3, 0);
	char text[4096];

	(void)arg;
	need_debugfs(v);
	check_ok(read_view(v->func.bdf, "dev_data", text, sizeof(text)));
	check_ok(read_view(v->func.bdf, "cmd_state", text, sizeof(text)));
	rig_fault(&v->func, &dies);
	check_err(read_view(v->func.bdf, "dev_data", text, sizeof(text)), -EIO);
	check_err(read_view(v->func.bdf, "cmd_state", text, sizeof(text)), -EIO);
	check_ok(read_view(v->func.bdf, "status", text, sizeof(text)));
	oracle_disarm(&v->func);
	check_ok(read_view(v->func.bdf, "dev_data", text, sizeof(text)));
	check_ok(vfio_dev_reset(v));
}

static const enum rig_role v3 = RIG_V3, v4 = RIG_V4;

const struct tap_test sys_debugfs_tests[] = {
	{ "debugfs tells the state, in every state", tells_state, NULL },
	{ "debugfs tells what a VF of V3 is, open or not", tells_what_a_vf_is, &v3 },
	{ "debugfs tells what a VF of V4 is, open or not", tells_what_a_vf_is, &v4 },
	{ "debugfs tells what is wrong with a stream of an older sender", tells_of_old_senders,
	  NULL },
	{ "debugfs reads and touches nothing on V3", touches_nothing, &v3 },
	{ "debugfs reads and touches nothing on V4", touches_nothing, &v4 },
	{ "debugfs shows registers and record as the stream has them on V3",
	  shows_records, &v3 },
	{ "debugfs shows registers and record as the stream has them on V4",
	  shows_records, &v4 },
	{ "debugfs tells the last error in words and the last arcs",
	  tells_last_error, NULL },
	{ "debugfs of a closed or unbound device gives an errno",
	  survives_close, NULL },
	{ "debugfs counts migrations, errors, what is lost, and resets", counts, NULL },
	{ "debugfs of registers that do not answer gives EIO", dead_registers, NULL },
	{ "debugfs is read beside migrations and resets", read_beside_migration,
	  NULL },
	{ NULL, NULL, NULL },
};
