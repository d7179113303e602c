// SPDX-License-Identifier: GPL-2.0-only
/*
 * Fakes for the tests of the state machine: see mig_fsm_fake.h.
 */
/* This one goes on to the core. */
#define MIG_FSM_FAKE_REAL_NEXT_STATE
#include "mig_fsm_fake.h"

#define fake	mig_fsm_fake

struct mig_fsm_fake mig_fsm_fake;

/* Writes a call down. The errno that it shall give, or 0. */
static int say(const char *call, bool good)
{
	char *end = fake.calls + strlen(fake.calls);

	good &= mutex_is_locked(&fake.acc->state_lock);
	snprintf(end, fake.calls + sizeof(fake.calls) - end, "%s%s ", call, good ? "" : "!");

	if (!fake.fault.call || strcmp(fake.fault.call, call) || --fake.fault.nth)
		return 0;
	if (fake.fault.often > 1) {
		fake.fault.often--;
		fake.fault.nth = 1;
	}
	return fake.fault.err;
}

int qm_state_pause(const struct qm_win *win, bool *paused)
{
	int ret = say("pause", win == &fake.acc->win && paused == &fake.acc->paused &&
			       !*paused);

	if (!ret && !fake.idle)
		*paused = true;
	return ret;
}

int qm_state_quiesce(const struct qm_win *win, struct qm_pf *pf)
{
	return say("quiesce", win == &fake.acc->win && pf == fake.acc->pf &&
			      fake.acc->paused);
}

int qm_state_save(const struct qm_win *win, bool paused, struct mig_record *rec, size_t *len)
{
	int ret = say("save", win == &fake.acc->win && paused == fake.acc->paused);

	fake.saved = rec;
	if (!ret)
		*len = fake.save_len;
	return ret;
}

void qm_state_ring_events(const struct qm_win *win, const struct mig_record *rec)
{
	say("ring", win == &fake.acc->win && rec == fake.saved);
}

void mig_file_complete(struct mig_file *migf, const struct mig_record *rec, size_t len)
{
	bool good = migf == &fake.saving && migf == fake.acc->saving;

	say("complete", good && rec == fake.saved && len == fake.save_len);
}

/* Nobody writes to a record while it is being loaded. */
static bool is_stable(const struct mig_file *migf)
{
	return migf == fake.acc->resuming && mutex_is_locked((struct mutex *)&migf->lock);
}

int qm_state_load(const struct qm_win *win, const struct mig_record *rec)
{
	return say("load", win == &fake.acc->win && rec == &fake.resuming.stream.rec &&
			   is_stable(&fake.resuming));
}

int qm_state_load_not_ready(const struct qm_win *win)
{
	return say("load_not_ready", win == &fake.acc->win && is_stable(&fake.resuming));
}

bool qm_state_has_ones(const struct mig_record *rec)
{
	bool ones = fake.save_ones;

	fake.save_ones &= !fake.ones_once;
	return ones;
}

int qm_mailbox_wait_ready(const struct qm_win *win)
{
	return say("ready", win == &fake.acc->win);
}

void qm_doorbell_restart_sqs(const struct qm_win *win, u32 num)
{
	say("doorbells", win == &fake.acc->win && num == fake.acc->match.qp_num);
}

int qm_state_let_go(const struct qm_win *win, u32 qp_num)
{
	return say("let_go", win == &fake.acc->win && qp_num == fake.acc->match.qp_num);
}

int qm_select_keep(struct mig_log *log, struct qm_pf *pf, enum qm_mig_ctrl ctrl)
{
	int ret = say("keep", log == &fake.acc->log && pf == fake.acc->pf &&
			      ctrl == fake.acc->region.ctrl);

	return ret ? ret : fake.keep;
}

static struct mig_file *open_file(struct mig_file *migf, struct file *filp, int err)
{
	if (err)
		return ERR_PTR(err);
	memset(migf, 0, sizeof(*migf));
	mutex_init(&migf->lock);
	migf->filp = filp;
	migf->host = &fake.acc->file_host;
	return migf;
}

struct mig_file *mig_file_open_save(const struct mig_file_host *host)
{
	return open_file(&fake.saving, &fake.save_filp, say("open_save", host == &fake.acc->file_host));
}

struct mig_file *mig_file_open_resume(const struct mig_file_host *host)
{
	return open_file(&fake.resuming, &fake.resume_filp,
			 say("open_resume", host == &fake.acc->file_host));
}

/* A file is disabled once, while it is linked, and with its own lock free. */
void mig_file_disable(struct mig_file *migf, struct mig_stream *last)
{
	bool good = migf->host && !mutex_is_locked(&migf->lock);

	say(migf == &fake.saving ? "close_save" : "close_resume",
	    good && last == &fake.acc->last);
	migf->host = NULL;
}

static int *refs_of(const struct file *filp)
{
	return filp == &fake.save_filp ? &fake.save_refs : &fake.resume_refs;
}

struct file *fake_get_file(struct file *filp)
{
	++*refs_of(filp);
	return filp;
}

void fake_fput(struct file *filp)
{
	--*refs_of(filp);
}

/* Asked for a way out of ERROR, the core warns: anyone could fill the log. */
int fake_get_next_state(struct vfio_device *vdev, enum vfio_device_mig_state cur,
			enum vfio_device_mig_state to, enum vfio_device_mig_state *next)
{
	if (cur == VFIO_DEVICE_STATE_ERROR) {
		say("way_out_of_error", false);
		return -EINVAL;
	}
	return vfio_mig_get_next_state(vdev, cur, to, next);
}

static const struct qm_engine mig_fsm_fake_engine = { .name = "ZIP" };

/* For .init of a suite: an open device that is RUNNING. */
int mig_fsm_fake_init(struct kunit *test)
{
	struct hisi_acc *acc = kunit_kzalloc(test, sizeof(*acc), GFP_KERNEL);
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	struct qm_pf *pf = kunit_kzalloc(test, sizeof(*pf), GFP_KERNEL);

	if (!acc || !pdev || !pf)
		return -ENOMEM;

	memset(&fake, 0, sizeof(fake));
	fake.acc = acc;
	fake.save_len = MIG_RECORD_BYTES;
	pdev->dev.init_name = "simulated";
	acc->core.pdev = pdev;
	acc->core.vdev.migration_flags = COMPAT_MIGRATION_FLAGS;
	pf->engine = &mig_fsm_fake_engine;
	acc->pf = pf;
	acc->region.ctrl = QM_MIG_CTRL_PF;
	acc->match.qp_num = 16;
	acc->mig_open = true;
	acc->mig_state = VFIO_DEVICE_STATE_RUNNING;
	mig_log_init(&acc->log, &pdev->dev);
	mutex_init(&acc->state_lock);
	mig_fsm_init(acc, NULL);
	return 0;
}

static bool has_saving(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_STOP_COPY ||
	       state == VFIO_DEVICE_STATE_PRE_COPY ||
	       state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

static bool has_resuming(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_RESUMING;
}

static bool is_paused(enum vfio_device_mig_state state)
{
	return state == VFIO_DEVICE_STATE_RUNNING_P2P ||
	       state == VFIO_DEVICE_STATE_STOP ||
	       state == VFIO_DEVICE_STATE_STOP_COPY ||
	       state == VFIO_DEVICE_STATE_PRE_COPY_P2P;
}

/*
 * Puts the device into a state, with the file that belongs to it. What is at work
 * there is paused, but for a destination, which nobody has been in.
 */
struct hisi_acc *mig_fsm_fake_enter(enum vfio_device_mig_state state)
{
	struct hisi_acc *acc = fake.acc;

	acc->mig_state = state;
	acc->loaded = false;
	acc->paused = is_paused(state) && !fake.idle;
	acc->lost = NULL;
	acc->saving = NULL;
	acc->resuming = NULL;
	if (has_saving(state))
		acc->saving = open_file(&fake.saving, &fake.save_filp, 0);
	if (has_resuming(state)) {
		acc->resuming = open_file(&fake.resuming, &fake.resume_filp, 0);
		/* A whole record with queues. */
		memset(&acc->resuming->stream.rec, 1, MIG_RECORD_BYTES);
		acc->resuming->stream.len = MIG_RECORD_BYTES;
	}
	fake.save_refs = 0;
	fake.resume_refs = 0;
	fake.calls[0] = '\0';
	return acc;
}

/*
 * The calls were these, the device is in this state, with its file or none, and
 * the reference that was taken is that of the file which has been returned.
 */
void mig_fsm_fake_expect(struct kunit *test, const struct file *filp,
			 const char *calls, enum vfio_device_mig_state state)
{
	struct hisi_acc *acc = fake.acc;

	KUNIT_EXPECT_STREQ(test, fake.calls, calls);
	KUNIT_EXPECT_STREQ(test, mig_state_name(acc->mig_state),
			   mig_state_name(state));
	KUNIT_EXPECT_PTR_EQ(test, acc->saving, has_saving(state) ? &fake.saving : NULL);
	KUNIT_EXPECT_PTR_EQ(test, acc->resuming,
			    has_resuming(state) ? &fake.resuming : NULL);
	KUNIT_EXPECT_EQ(test, fake.save_refs, filp == &fake.save_filp);
	KUNIT_EXPECT_EQ(test, fake.resume_refs, filp == &fake.resume_filp);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&acc->state_lock));
}
