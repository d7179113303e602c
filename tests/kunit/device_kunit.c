// SPDX-License-Identifier: GPL-2.0-only
/*
 * The device as vfio and PCI see it: what is taken when it is bound and opened is
 * given back in the right order, on each error path, too.
 */
#include <kunit/test.h>
#include <linux/module.h>

#include "../../hisi_acc_vfio_pci.h"
#include "../../include/debugfs.h"
#include "../../include/guest_view.h"
#include "../../include/guest_view_choice.h"
#include "../../include/mig_reset.h"
#include "../../include/qm_select.h"
#include "../../include/qm_state.h"

static struct {
	struct pci_dev *pdev;
	struct hisi_acc *acc;
	struct qm_pf *pf;
	u8 bar[16];

	/* what a test may set */
	const char *fails;	/* the call that shall fail */
	int err;
	bool no_pf;
	bool no_plan;
	bool no_reset;		/* nothing resets the function */
	enum qm_guest_view view;

	char calls[512];	/* each with a blank */
} fake;

/* Writes a call down; the errno that it shall give, or 0. */
static int say(const char *call)
{
	strlcat(fake.calls, call, sizeof(fake.calls));
	strlcat(fake.calls, " ", sizeof(fake.calls));
	return fake.fails && !strcmp(fake.fails, call) ? fake.err : 0;
}

static void *fake_alloc(size_t size, const struct vfio_device_ops *ops)
{
	struct hisi_acc *acc;
	int ret = say("alloc");

	if (ret)
		return ERR_PTR(ret);
	acc = kzalloc(size, GFP_KERNEL);
	acc->core.pdev = fake.pdev;
	fake.acc = acc;
	ret = ops->init(&acc->core.vdev);
	if (!ret)
		return acc;
	kfree(acc);
	return ERR_PTR(ret);
}

static void fake_put_device(struct vfio_device *vdev, const struct vfio_device_ops *ops);

static int fake_core_init(struct vfio_device *vdev)
{
	return say("core_init");
}

static void fake_core_release(struct vfio_device *vdev)
{
	say("core_release");
}

static int fake_register(struct vfio_pci_core_device *core)
{
	return say("register");
}

static void fake_unregister(struct vfio_pci_core_device *core)
{
	say("unregister");
}

static int fake_enable(struct vfio_pci_core_device *core)
{
	core->reset_works = !fake.no_reset;
	return say("enable");
}

static void fake_disable(struct vfio_pci_core_device *core)
{
	say("disable");
}

static void fake_finish_enable(struct vfio_pci_core_device *core)
{
	say("finish_enable");
}

static void fake_close_device(struct vfio_device *vdev)
{
	say("core_close");
}

static struct qm_pf *fake_pf_get(struct pci_dev *vf)
{
	int ret = say("pf_get");

	return ret ? ERR_PTR(ret) : fake.no_pf ? NULL : fake.pf;
}

static void fake_pf_put(struct qm_pf *pf)
{
	say("pf_put");
}

static int fake_read_isolation(struct qm_pf *pf, u32 *iso)
{
	*iso = 1;
	return say("isolation");
}

static void fake_attach(struct qm_pf *pf)
{
	say("attach");
}

static void fake_detach(struct qm_pf *pf)
{
	say("detach");
}

static u32 fake_select_open(struct qm_pf *pf)
{
	say("select_open");
	return 0;
}

static void fake_select_close(struct qm_pf *pf)
{
	say("select_close");
}

static u32 fake_select_read(const struct qm_pf *pf)
{
	return 0;
}

static bool fake_plan(const struct qm_mig_facts *facts, struct qm_mig_region *region)
{
	*region = (struct qm_mig_region){
		.ctrl = QM_MIG_CTRL_VF, .len = 0x10000, .guest_bar2_len = 0x8000,
		.why_not = fake.no_plan ? "of the test" : NULL,
	};
	return !fake.no_plan;
}

static int fake_get_vft(const struct qm_win *win, struct qm_vft *vft)
{
	*vft = (struct qm_vft){ .base = 32, .num = 16 };
	return say("vft");
}

static void fake_measure(struct qm_win *win, bool was_reset)
{
	say(was_reset ? "measure" : "measure_time");
}

static void fake_look_at_reset(struct qm_win *win)
{
	say("look");
}

static void __iomem *fake_ioremap(void)
{
	return say("map") ? NULL : (void __iomem *)fake.bar;
}

static void fake_iounmap(void)
{
	say("unmap");
}

static void fake_reset_init(struct hisi_acc *acc)
{
	mutex_init(&acc->user_reset_lock);
}

static long fake_by_user(struct hisi_acc *acc, unsigned long arg)
{
	return say("reset_by_user");
}

static void fake_at_close(struct hisi_acc *acc,
			  void (*close)(struct vfio_pci_core_device *core))
{
	say("bit");
	close(&acc->core);
	say("bit_back");
}

static void fake_unwatch(struct hisi_acc *acc)
{
	say("unwatch");
}

static void fake_fsm_reset(struct hisi_acc *acc)
{
	say("fsm_reset");
}

static struct file *fake_set_state(struct hisi_acc *acc, enum vfio_device_mig_state state)
{
	say("set_state");
	return NULL;
}

static enum qm_guest_view fake_choice(struct pci_dev *pdev)
{
	return fake.view;
}

static long fake_guest_view_ioctl(struct vfio_device *vdev, unsigned int cmd,
				  unsigned long arg)
{
	return say("guest_view_ioctl");
}

static void fake_debugfs(struct hisi_acc *acc)
{
	say("debugfs");
}

#undef vfio_alloc_device
#undef pci_iov_vf_id
#undef ioremap
#undef module_init
#undef module_exit
#undef MODULE_DEVICE_TABLE
#define vfio_alloc_device(type, member, dev, ops)	\
	((struct hisi_acc *)fake_alloc(sizeof(struct type), ops))
#define vfio_put_device(vdev)		fake_put_device(vdev, &hisi_acc_ops)
#define vfio_pci_core_init_dev		fake_core_init
#define vfio_pci_core_release_dev	fake_core_release
#define vfio_pci_core_register_device	fake_register
#define vfio_pci_core_unregister_device	fake_unregister
#define vfio_pci_core_enable		fake_enable
#define vfio_pci_core_disable		fake_disable
#define vfio_pci_core_finish_enable	fake_finish_enable
#define vfio_pci_core_close_device	fake_close_device
#define pci_iov_vf_id(pdev)		3
#define qm_pf_get			fake_pf_get
#define qm_pf_put			fake_pf_put
#define qm_pf_read_isolation		fake_read_isolation
#define qm_select_attach		fake_attach
#define qm_select_detach		fake_detach
#define qm_select_open			fake_select_open
#define qm_select_close			fake_select_close
#define qm_select_read			fake_select_read
#define qm_mig_region_plan		fake_plan
#define qm_mailbox_get_vft		fake_get_vft
#define qm_mailbox_measure		fake_measure
#define qm_state_look_at_reset		fake_look_at_reset
#define ioremap(at, len)		((void)(at), (void)(len), fake_ioremap())
#define iounmap(at)			fake_iounmap()
#define mig_reset_init			fake_reset_init
#define mig_reset_by_user		fake_by_user
#define mig_reset_at_close		fake_at_close
#define mig_reset_unwatch		fake_unwatch
#define mig_reset_set_state		fake_set_state
#define mig_fsm_reset			fake_fsm_reset
#define guest_view_choice_get		fake_choice
#define guest_view_ioctl		fake_guest_view_ioctl
#define hisi_acc_debugfs_init		fake_debugfs
#define module_init(fn)
#define module_exit(fn)
#define MODULE_DEVICE_TABLE(type, table)

#define hisi_acc_init			__maybe_unused hisi_acc_init
#define hisi_acc_exit			__maybe_unused hisi_acc_exit

#include "../../hisi_acc_vfio_pci.c"

static void fake_put_device(struct vfio_device *vdev, const struct vfio_device_ops *ops)
{
	say("put");
	ops->release(vdev);
	kfree(fake.acc);
	fake.acc = NULL;
}

static int device_kunit_init(struct kunit *test)
{
	static const struct qm_engine zip = { .name = "ZIP" };

	memset(&fake, 0, sizeof(fake));
	fake.pdev = kunit_kzalloc(test, sizeof(*fake.pdev), GFP_KERNEL);
	fake.pf = kunit_kzalloc(test, sizeof(*fake.pf), GFP_KERNEL);
	if (!fake.pdev || !fake.pf)
		return -ENOMEM;
	fake.pdev->dev.init_name = "simulated";
	fake.pdev->revision = 0x50;
	fake.pdev->device = 0xa251;
	fake.pf->engine = &zip;
	fake.pf->ver = 0x50;
	fake.err = -EIO;
	return 0;
}

static void device_kunit_exit(struct kunit *test)
{
	KUNIT_EXPECT_NULL(test, fake.acc);
	kfree(fake.acc);
}

static int probe(void)
{
	return hisi_acc_probe(fake.pdev, NULL);
}

/* What was bound goes, and nothing of the PF is touched after that. */
static void remove(struct kunit *test)
{
	fake.calls[0] = '\0';
	hisi_acc_remove(fake.pdev);
	KUNIT_EXPECT_STREQ(test, fake.calls, fake.no_pf ?
			   "unregister put core_release " :
			   "unregister detach pf_put put core_release ");
}

static void bound_device_offers_migration(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, probe(), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "alloc core_init pf_get attach register debugfs ");
	KUNIT_EXPECT_PTR_EQ(test, fake.acc->core.vdev.mig_ops, &hisi_acc_mig_ops);
	KUNIT_EXPECT_EQ(test, fake.acc->fn, 4);
	remove(test);
}

static void device_without_pf_is_bound_without_migration(struct kunit *test)
{
	fake.no_pf = true;
	KUNIT_ASSERT_EQ(test, probe(), 0);
	KUNIT_EXPECT_NULL(test, fake.acc->core.vdev.mig_ops);
	remove(test);
}

static void device_without_plan_is_bound_without_migration(struct kunit *test)
{
	fake.no_plan = true;
	KUNIT_ASSERT_EQ(test, probe(), 0);
	KUNIT_EXPECT_NULL(test, fake.acc->core.vdev.mig_ops);
	remove(test);
}

/* A call of probe that fails, and all that has to be given back then. */
static const struct probe_failure {
	const char *fails;
	const char *calls;
} probe_failures[] = {
	{ "alloc", "alloc " },
	{ "core_init", "alloc core_init " },
	{ "pf_get", "alloc core_init pf_get put core_release " },
	{ "register", "alloc core_init pf_get attach register detach pf_put put core_release " },
};

static void probe_failure_desc(const struct probe_failure *failure, char *desc)
{
	strscpy(desc, failure->fails, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(probe_failure, probe_failures, probe_failure_desc);

static void probe_that_fails_gives_all_back(struct kunit *test)
{
	const struct probe_failure *failure = test->param_value;

	fake.fails = failure->fails;
	KUNIT_EXPECT_EQ(test, probe(), fake.err);
	KUNIT_EXPECT_STREQ(test, fake.calls, failure->calls);
	if (!strcmp(failure->fails, "core_init"))
		fake.acc = NULL;
}

static void view_that_cannot_be_kept_up_is_refused(struct kunit *test)
{
	fake.view = QM_GUEST_VIEW_V3;
	fake.no_plan = true;
	KUNIT_EXPECT_EQ(test, probe(), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "alloc core_init pf_get attach detach pf_put put core_release ");
	fake.calls[0] = '\0';
	fake.no_pf = true;
	KUNIT_EXPECT_EQ(test, probe(), -EOPNOTSUPP);
	KUNIT_EXPECT_STREQ(test, fake.calls, "alloc core_init pf_get put core_release ");
}

static struct vfio_device *bound(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, probe(), 0);
	fake.calls[0] = '\0';
	return &fake.acc->core.vdev;
}

#define OPENED	"enable select_open map look vft isolation measure fsm_reset finish_enable "
#define CLOSED	"fsm_reset unmap select_close unwatch bit core_close bit_back "

static void device_is_opened_and_closed(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);
	struct hisi_acc *acc = fake.acc;
	enum vfio_device_mig_state state;

	KUNIT_EXPECT_EQ(test, hisi_acc_get_state(vdev, &state), -ENOTTY);
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls, OPENED);
	KUNIT_EXPECT_TRUE(test, acc->is_open);
	KUNIT_EXPECT_EQ(test, acc->match.qp_num, 16);
	KUNIT_EXPECT_EQ(test, acc->match.que_iso_cfg, 1);
	KUNIT_EXPECT_EQ(test, acc->win.ver, 0x50);
	KUNIT_EXPECT_EQ(test, hisi_acc_get_state(vdev, &state), 0);
	fake.calls[0] = '\0';
	hisi_acc_close_device(vdev);
	KUNIT_EXPECT_STREQ(test, fake.calls, CLOSED);
	KUNIT_EXPECT_FALSE(test, acc->is_open);
	KUNIT_EXPECT_EQ(test, hisi_acc_get_state(vdev, &state), -ENOTTY);
	remove(test);
}

/* What it holds then may be somebody's. */
static void open_learns_by_writing_only_after_a_reset(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);

	fake.no_reset = true;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_NOT_NULL(test, strstr(fake.calls, "measure_time "));
	hisi_acc_close_device(vdev);
	remove(test);
}

/* A call of open that fails, and all that has to be given back then. */
static const struct open_failure {
	const char *fails;
	int err;
	const char *calls;
} open_failures[] = {
	{ "enable", -EIO, "enable " },
	{ "map", -ENOMEM, "enable select_open map select_close bit disable bit_back " },
	{ "vft", -EIO,
	  "enable select_open map look vft unmap select_close bit disable bit_back " },
	{ "isolation", -EIO, "enable select_open map look vft isolation unmap select_close "
	  "bit disable bit_back " },
};

static void open_failure_desc(const struct open_failure *failure, char *desc)
{
	strscpy(desc, failure->fails, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(open_failure, open_failures, open_failure_desc);

static void open_that_fails_gives_all_back(struct kunit *test)
{
	const struct open_failure *failure = test->param_value;
	struct vfio_device *vdev = bound(test);

	fake.fails = failure->fails;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), failure->err);
	KUNIT_EXPECT_STREQ(test, fake.calls, failure->calls);
	KUNIT_EXPECT_FALSE(test, fake.acc->is_open);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&fake.acc->state_lock));

	fake.fails = NULL;
	fake.calls[0] = '\0';
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls, OPENED);
	hisi_acc_close_device(vdev);
	remove(test);
}

/* It could be migrated when it was bound: one answer as long as it is open. */
static void device_without_plan_is_opened_without_migration(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);
	enum vfio_device_mig_state state;
	unsigned long bytes;

	fake.no_plan = true;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "enable select_open select_close finish_enable ");
	KUNIT_EXPECT_EQ(test, vdev->migration_flags, 0);
	KUNIT_EXPECT_PTR_EQ(test, vdev->mig_ops, &hisi_acc_mig_ops);
	KUNIT_EXPECT_EQ(test, hisi_acc_get_state(vdev, &state), -ENOTTY);
	KUNIT_EXPECT_EQ(test, hisi_acc_get_data_size(vdev, &bytes), -ENOTTY);
	KUNIT_EXPECT_EQ(test, PTR_ERR(hisi_acc_set_state(vdev, VFIO_DEVICE_STATE_STOP)),
			-ENOTTY);
	fake.calls[0] = '\0';
	hisi_acc_close_device(vdev);
	KUNIT_EXPECT_STREQ(test, fake.calls, "unwatch bit core_close bit_back ");

	fake.no_plan = false;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_EQ(test, vdev->migration_flags, COMPAT_MIGRATION_FLAGS);
	KUNIT_EXPECT_EQ(test, hisi_acc_get_data_size(vdev, &bytes), 0);
	KUNIT_EXPECT_EQ(test, bytes, 176);
	hisi_acc_close_device(vdev);
	remove(test);
}

/* A guest that takes it for V3 must not find something else. */
static void device_without_plan_and_with_a_view_is_not_opened(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);

	fake.no_plan = true;
	fake.view = QM_GUEST_VIEW_V3;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), -EIO);
	KUNIT_EXPECT_STREQ(test, fake.calls,
			   "enable select_open select_close bit disable bit_back ");
	KUNIT_EXPECT_FALSE(test, fake.acc->is_open);
	remove(test);
}

/* It may have been chosen anew since the device was bound. */
static void view_is_looked_at_when_the_device_is_opened(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);

	KUNIT_EXPECT_EQ(test, fake.acc->guest_revision, 0);
	fake.view = QM_GUEST_VIEW_V3;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_EQ(test, fake.acc->guest_revision, 0x30);
	hisi_acc_close_device(vdev);
	fake.view = QM_GUEST_VIEW_NATIVE;
	KUNIT_EXPECT_EQ(test, hisi_acc_open_device(vdev), 0);
	KUNIT_EXPECT_EQ(test, fake.acc->guest_revision, 0);
	hisi_acc_close_device(vdev);
	remove(test);
}

static void reset_by_ioctl_is_the_users(struct kunit *test)
{
	struct vfio_device *vdev = bound(test);

	hisi_acc_ioctl(vdev, VFIO_DEVICE_RESET, 0);
	hisi_acc_ioctl(vdev, VFIO_DEVICE_GET_INFO, 0);
	KUNIT_EXPECT_STREQ(test, fake.calls, "reset_by_user guest_view_ioctl ");
	remove(test);
}

static struct kunit_case device_cases[] = {
	KUNIT_CASE(bound_device_offers_migration),
	KUNIT_CASE(device_without_pf_is_bound_without_migration),
	KUNIT_CASE(device_without_plan_is_bound_without_migration),
	KUNIT_CASE_PARAM(probe_that_fails_gives_all_back, probe_failure_gen_params),
	KUNIT_CASE(view_that_cannot_be_kept_up_is_refused),
	KUNIT_CASE(device_is_opened_and_closed),
	KUNIT_CASE(open_learns_by_writing_only_after_a_reset),
	KUNIT_CASE_PARAM(open_that_fails_gives_all_back, open_failure_gen_params),
	KUNIT_CASE(device_without_plan_is_opened_without_migration),
	KUNIT_CASE(device_without_plan_and_with_a_view_is_not_opened),
	KUNIT_CASE(view_is_looked_at_when_the_device_is_opened),
	KUNIT_CASE(reset_by_ioctl_is_the_users),
	{}
};

static struct kunit_suite device_suite = {
	.name = "device",
	.init = device_kunit_init,
	.exit = device_kunit_exit,
	.test_cases = device_cases,
};

kunit_test_suite(device_suite);
