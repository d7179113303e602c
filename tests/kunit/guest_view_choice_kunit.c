// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guests are to take a VF for: the default, a VF's own choice, and what is
 * refused.
 */
#include <kunit/test.h>
#include <linux/pci.h>

#include "../../guest_view_choice.c"

static struct pci_bus *bus;

static struct hisi_acc *new_vf(struct kunit *test, unsigned int devfn, u8 revision)
{
	struct hisi_acc *acc = kunit_kzalloc(test, sizeof(*acc), GFP_KERNEL);
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	static const struct vfio_migration_ops ops;

	KUNIT_ASSERT_NOT_NULL(test, acc);
	KUNIT_ASSERT_NOT_NULL(test, pdev);
	pdev->bus = bus;
	pdev->devfn = devfn;
	pdev->revision = revision;
	acc->core.pdev = pdev;
	acc->core.vdev.mig_ops = &ops;
	mutex_init(&acc->state_lock);
	dev_set_drvdata(&pdev->dev, &acc->core);
	return acc;
}

static ssize_t store(struct hisi_acc *acc, const char *words)
{
	return guest_view_store(&acc->core.pdev->dev, NULL, words, strlen(words));
}

static int guest_view_choice_init(struct kunit *test)
{
	default_view = QM_GUEST_VIEW_NATIVE;
	bus = kunit_kzalloc(test, sizeof(*bus), GFP_KERNEL);
	return bus ? 0 : -ENOMEM;
}

static void guest_view_choice_done(struct kunit *test)
{
	guest_view_choice_exit();
	INIT_LIST_HEAD(&view_choices);
}

static void parameter_is_read_and_shown(struct kunit *test)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct hisi_acc *acc = new_vf(test, 1, 0x50);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, set_default_view("v3\n", NULL), 0);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(acc->core.pdev), QM_GUEST_VIEW_V3);
	KUNIT_EXPECT_LT(test, set_default_view("v4", NULL), 0);
	KUNIT_EXPECT_GT(test, get_default_view(page, NULL), 0);
	KUNIT_EXPECT_STREQ(test, page, "v3\n");
	KUNIT_EXPECT_EQ(test, set_default_view("native", NULL), 0);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(acc->core.pdev), QM_GUEST_VIEW_NATIVE);
}

static void view_is_foreign_on_other_hardware(struct kunit *test)
{
	KUNIT_EXPECT_TRUE(test, guest_view_choice_is_foreign(QM_GUEST_VIEW_V3, 0x50));
	KUNIT_EXPECT_TRUE(test, guest_view_choice_is_foreign(QM_GUEST_VIEW_V3, 0x51));
	KUNIT_EXPECT_FALSE(test, guest_view_choice_is_foreign(QM_GUEST_VIEW_V3, 0x30));
	KUNIT_EXPECT_FALSE(test, guest_view_choice_is_foreign(QM_GUEST_VIEW_NATIVE, 0x50));
}

/* A VF that is unbound and bound anew is another device at the same address. */
static void choice_belongs_to_an_address(struct kunit *test)
{
	char *page = kunit_kzalloc(test, PAGE_SIZE, GFP_KERNEL);
	struct hisi_acc *acc = new_vf(test, 1, 0x50), *again = new_vf(test, 1, 0x50);
	struct hisi_acc *other = new_vf(test, 2, 0x50);

	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, store(acc, "v3\n"), 3);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(again->core.pdev), QM_GUEST_VIEW_V3);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(other->core.pdev), QM_GUEST_VIEW_NATIVE);
	KUNIT_EXPECT_EQ(test, guest_view_show(&again->core.pdev->dev, NULL, page), 3);
	KUNIT_EXPECT_STREQ(test, page, "v3\n");

	/* It wins over the default, either way. */
	default_view = QM_GUEST_VIEW_V3;
	KUNIT_EXPECT_EQ(test, store(again, "native"), 6);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(acc->core.pdev), QM_GUEST_VIEW_NATIVE);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(other->core.pdev), QM_GUEST_VIEW_V3);
}

static void what_cannot_be_is_refused_and_nothing_changes(struct kunit *test)
{
	struct hisi_acc *acc = new_vf(test, 1, 0x50);

	KUNIT_EXPECT_EQ(test, store(acc, "v4"), -EINVAL);
	KUNIT_EXPECT_EQ(test, store(acc, ""), -EINVAL);
	acc->is_open = true;
	KUNIT_EXPECT_EQ(test, store(acc, "v3"), -EBUSY);
	acc->is_open = false;
	acc->core.vdev.mig_ops = NULL;
	KUNIT_EXPECT_EQ(test, store(acc, "v3"), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, guest_view_choice_get(acc->core.pdev), QM_GUEST_VIEW_NATIVE);
	KUNIT_EXPECT_FALSE(test, mutex_is_locked(&acc->state_lock));
	/* That is what there is in any case. */
	KUNIT_EXPECT_EQ(test, store(acc, "native"), 6);
	acc = new_vf(test, 2, 0x30);
	acc->core.vdev.mig_ops = NULL;
	KUNIT_EXPECT_EQ(test, store(acc, "v3"), 2);
}

static struct kunit_case guest_view_choice_cases[] = {
	KUNIT_CASE(parameter_is_read_and_shown),
	KUNIT_CASE(view_is_foreign_on_other_hardware),
	KUNIT_CASE(choice_belongs_to_an_address),
	KUNIT_CASE(what_cannot_be_is_refused_and_nothing_changes),
	{}
};

static struct kunit_suite guest_view_choice_suite = {
	.name = "guest_view_choice",
	.init = guest_view_choice_init,
	.exit = guest_view_choice_done,
	.test_cases = guest_view_choice_cases,
};

kunit_test_suite(guest_view_choice_suite);
