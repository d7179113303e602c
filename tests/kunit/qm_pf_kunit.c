// SPDX-License-Identifier: GPL-2.0-only
/*
 * Finding the PF of a VF, its queue isolation and its reset bit.
 */
#include <linux/delay.h>
#include <linux/hisi_acc_qm.h>
#include <linux/module.h>
#include <linux/pci.h>

#include "qm_sim.h"

/* The kernel around the file under test. */
static void *fake_symbol_get(const char *symbol);
static void fake_symbol_put(const char *symbol);
static void *fake_get_pf_drvdata(struct pci_dev *vf, struct pci_driver *driver);
static void fake_msleep(unsigned int ms);

#undef __symbol_get
#undef __symbol_put
#define __symbol_get		fake_symbol_get
#define __symbol_put		fake_symbol_put
#define pci_iov_get_pf_drvdata	fake_get_pf_drvdata
#define msleep			fake_msleep

#include "../../qm_pf.c"

static struct {
	/* which PF driver is there, and what it keeps */
	const char *accessor;
	struct pci_driver driver;
	void *qm;
	int refs;
	/* what has been asked for */
	char asked[32];
	/* a reset by somebody else */
	unsigned long *reset_bits;
	unsigned int reset_ends_ms;
	unsigned int slept_ms;
} fake;

static struct pci_driver *fake_accessor(void)
{
	return &fake.driver;
}

static void *fake_symbol_get(const char *symbol)
{
	strscpy(fake.asked, symbol, sizeof(fake.asked));
	if (!fake.accessor || strcmp(symbol, fake.accessor))
		return NULL;
	fake.refs++;
	return fake_accessor;
}

static void fake_symbol_put(const char *symbol)
{
	fake.refs--;
}

static void *fake_get_pf_drvdata(struct pci_dev *vf, struct pci_driver *driver)
{
	return driver == &fake.driver ? fake.qm : ERR_PTR(-EINVAL);
}

static void fake_msleep(unsigned int ms)
{
	fake.slept_ms += ms;
	if (fake.reset_bits && fake.slept_ms >= fake.reset_ends_ms)
		clear_bit(QM_RESETTING, fake.reset_bits);
}

static int qm_pf_init(struct kunit *test)
{
	memset(&fake, 0, sizeof(fake));
	return qm_sim_init(test);
}

/* Symbols are given back, and so are PFs. */
static void qm_pf_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fake.refs, 0);
	KUNIT_EXPECT_TRUE(test, list_empty(&qm_pfs));
	qm_sim_exit(test);
}

static struct pci_dev *new_vf(struct kunit *test, unsigned short device)
{
	struct pci_dev *vf = kunit_kzalloc(test, sizeof(*vf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, vf);
	vf->is_virtfn = 1;
	vf->device = device;
	vf->physfn = kunit_kzalloc(test, sizeof(*vf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vf->physfn);
	return vf;
}

/* What the driver of a VF's PF keeps */
static struct hisi_qm *new_qm(struct kunit *test, struct pci_dev *vf)
{
	struct hisi_qm *qm = kunit_kzalloc(test, sizeof(*qm), GFP_KERNEL);
	struct pci_dev *pdev = vf->physfn;

	KUNIT_ASSERT_NOT_NULL(test, qm);
	pdev->dev.init_name = "simulated PF";
	pdev->resource[2].start = 0x10000000;
	pdev->resource[2].end = 0x103fffff;
	pdev->resource[4].start = 0x20000000;
	pdev->resource[4].end = 0x203fffff;
	qm->pdev = pdev;
	qm->io_base = qm_sim_addr(QM_SIM_PF, 0);
	qm->ver = 0x50;
	qm->phys_base = 0x10000000;
	qm->db_phys_base = 0x10000000;
	return qm;
}

static const struct engine {
	const char *desc;
	unsigned short vf_device;
	const char *accessor;
	const char *module;
	u32 core_status;
} engines[] = {
	{ "SEC", 0xa256, "hisi_sec_get_pf_driver", "hisi_sec2", 0x301008 },
	{ "HPRE", 0xa259, "hisi_hpre_get_pf_driver", "hisi_hpre", 0x301800 },
	{ "ZIP", 0xa251, "hisi_zip_get_pf_driver", "hisi_zip", 0x3010ac },
};

static void engine_desc(const struct engine *engine, char *desc)
{
	strscpy(desc, engine->desc, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(engine, engines, engine_desc);

static void get_finds_the_pf_by_its_own_driver(struct kunit *test)
{
	const struct engine *engine = test->param_value;
	struct pci_dev *vf = new_vf(test, engine->vf_device);
	struct hisi_qm *qm = new_qm(test, vf);
	struct qm_pf *pf;

	fake.accessor = engine->accessor;
	fake.qm = qm;
	pf = qm_pf_get(vf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pf);
	KUNIT_EXPECT_PTR_EQ(test, pf->pdev, qm->pdev);
	KUNIT_EXPECT_TRUE(test, pf->regs == qm->io_base);
	KUNIT_EXPECT_EQ(test, pf->regs_len, 0x400000);
	KUNIT_EXPECT_EQ(test, pf->ver, 0x50);
	KUNIT_EXPECT_STREQ(test, pf->engine->name, engine->desc);
	KUNIT_EXPECT_EQ(test, pf->engine->core_status, engine->core_status);
	qm_pf_put(pf);
}

static void get_finds_nothing_without_the_pf_driver(struct kunit *test)
{
	const struct engine *engine = test->param_value;

	KUNIT_EXPECT_NULL(test, qm_pf_get(new_vf(test, engine->vf_device)));
	KUNIT_EXPECT_STREQ(test, fake.asked, engine->accessor);
}

static void get_finds_nothing_for_a_pf_of_another_driver(struct kunit *test)
{
	const struct engine *engine = test->param_value;

	fake.accessor = engine->accessor;
	fake.qm = ERR_PTR(-EINVAL);
	KUNIT_EXPECT_NULL(test, qm_pf_get(new_vf(test, engine->vf_device)));
	fake.qm = NULL;
	KUNIT_EXPECT_NULL(test, qm_pf_get(new_vf(test, engine->vf_device)));
}

/* A module that makes VFs while it is being loaded: its symbols are not live. */
static struct pci_dev *vf_of_starting(struct kunit *test, const struct engine *engine)
{
	struct module *owner = kunit_kzalloc(test, sizeof(*owner), GFP_KERNEL);
	struct pci_dev *pf = kunit_kzalloc(test, sizeof(*pf), GFP_KERNEL);
	struct pci_dev *vf = new_vf(test, engine->vf_device);

	KUNIT_ASSERT_NOT_NULL(test, owner);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	strscpy(owner->name, engine->module, sizeof(owner->name));
	owner->state = MODULE_STATE_COMING;
	fake.driver.driver.owner = owner;
	fake.driver.driver.name = engine->module;
	pf->dev.driver = &fake.driver.driver;
	vf->physfn = pf;
	return vf;
}

static void get_finds_the_pf_of_a_driver_that_is_starting(struct kunit *test)
{
	const struct engine *engine = test->param_value;
	struct pci_dev *vf = vf_of_starting(test, engine);
	struct qm_pf *pf;

	fake.qm = new_qm(test, vf);
	pf = qm_pf_get(vf);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, pf);
	KUNIT_EXPECT_STREQ(test, pf->engine->name, engine->desc);
	qm_pf_put(pf);
}

static void get_takes_no_other_driver_for_one_that_is_starting(struct kunit *test)
{
	const struct engine *engine = test->param_value;
	struct pci_dev *vf = vf_of_starting(test, engine);
	struct device_driver *driver = &fake.driver.driver;

	fake.qm = new_qm(test, vf);
	/* Not starting any more, and yet without its symbol. */
	driver->owner->state = MODULE_STATE_LIVE;
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
	driver->owner->state = MODULE_STATE_GOING;
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
	driver->owner->state = MODULE_STATE_COMING;

	driver->name = "hisi_foreign";
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
	driver->name = engine->module;
	strscpy(driver->owner->name, "foreign", sizeof(driver->owner->name));
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
	driver->owner = NULL;
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
	vf->physfn->dev.driver = NULL;
	KUNIT_EXPECT_NULL(test, qm_pf_get(vf));
}

/* Each of the places where struct hisi_qm is not what this module takes it for. */
static void get_refuses_a_pf_driver_of_another_layout(struct kunit *test)
{
	struct pci_dev *vf = new_vf(test, 0xa251);
	struct hisi_qm *qm = new_qm(test, vf);
	const struct hisi_qm good = *qm;
	struct qm_pf *pf;

	fake.accessor = "hisi_zip_get_pf_driver";
	fake.qm = qm;
	qm->pdev = vf;
	KUNIT_EXPECT_PTR_EQ(test, qm_pf_get(vf), ERR_PTR(-ENOEXEC));
	*qm = good;
	qm->io_base = NULL;
	KUNIT_EXPECT_PTR_EQ(test, qm_pf_get(vf), ERR_PTR(-ENOEXEC));
	*qm = good;
	qm->phys_base = 0x30000000;
	KUNIT_EXPECT_PTR_EQ(test, qm_pf_get(vf), ERR_PTR(-ENOEXEC));
	*qm = good;
	qm->db_phys_base = 0x30000000;
	KUNIT_EXPECT_PTR_EQ(test, qm_pf_get(vf), ERR_PTR(-ENOEXEC));
	/* Doorbells of their own, as on V3 and newer */
	qm->db_phys_base = 0x20000000;
	pf = qm_pf_get(vf);
	KUNIT_EXPECT_NOT_ERR_OR_NULL(test, pf);
	qm_pf_put(IS_ERR(pf) ? NULL : pf);
}

static void get_asks_nobody_about_other_devices(struct kunit *test)
{
	struct pci_dev *pf = new_vf(test, 0xa251);

	pf->is_virtfn = 0;
	KUNIT_EXPECT_NULL(test, qm_pf_get(pf));
	KUNIT_EXPECT_NULL(test, qm_pf_get(new_vf(test, 0xa250)));
	KUNIT_EXPECT_STREQ(test, fake.asked, "");
}

static void vfs_of_a_pf_share_it_until_the_last_is_gone(struct kunit *test)
{
	struct pci_dev *vf = new_vf(test, 0xa251), *another = new_vf(test, 0xa251);
	struct qm_pf *one, *two, *other;

	fake.accessor = "hisi_zip_get_pf_driver";
	fake.qm = new_qm(test, vf);
	one = qm_pf_get(vf);
	two = qm_pf_get(vf);
	fake.qm = new_qm(test, another);
	other = qm_pf_get(another);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, one);
	KUNIT_ASSERT_NOT_ERR_OR_NULL(test, other);
	KUNIT_EXPECT_PTR_EQ(test, one, two);
	KUNIT_EXPECT_PTR_NE(test, one, other);

	qm_pf_put(other);
	qm_pf_put(one);
	KUNIT_EXPECT_PTR_EQ(test, list_first_entry(&qm_pfs, struct qm_pf, node), two);
	qm_pf_put(two);
	KUNIT_EXPECT_TRUE(test, list_empty(&qm_pfs));
	qm_pf_put(NULL);
}

static void isolation_is_read_on_the_pf(struct kunit *test)
{
	struct qm_pf *pf = qm_sim_pf(test, 0x30);
	u32 iso = 0;

	qm_sim_set(qm_sim_addr(QM_SIM_PF, 0x30), 0x11);
	KUNIT_EXPECT_EQ(test, qm_pf_read_isolation(pf, &iso), 0);
	KUNIT_EXPECT_EQ(test, iso, 0x11);
	QM_SIM_EXPECT(test, RD_PF(0x30));

	qm_sim.gone_after = 0;
	KUNIT_EXPECT_EQ(test, qm_pf_read_isolation(pf, &iso), -EIO);
}

#define TIMEOUT_MS	40000

/* A PF with its driver's bits. */
static struct qm_pf *pf_with_bits(struct kunit *test, unsigned long **bits)
{
	struct qm_pf *pf = qm_sim_pf(test, 0x30);

	pf->qm = new_qm(test, new_vf(test, 0xa251));
	*bits = &pf->qm->misc_ctl;
	return pf;
}

static void reset_enter_takes_the_bit_and_exit_gives_it_back(struct kunit *test)
{
	unsigned long *bits;
	struct qm_pf *pf = pf_with_bits(test, &bits);

	KUNIT_EXPECT_EQ(test, qm_pf_reset_enter(pf, TIMEOUT_MS), 0);
	KUNIT_EXPECT_TRUE(test, test_bit(QM_RESETTING, bits));
	KUNIT_EXPECT_EQ(test, fake.slept_ms, 0);
	qm_pf_reset_exit(pf);
	KUNIT_EXPECT_EQ(test, *bits, 0);
}

/* The bit is taken for resets of VFs, too, and a QM stops for other reasons. */
static void reset_of_the_pf_is_known_by_bit_and_stop(struct kunit *test)
{
	unsigned long *bits;
	struct qm_pf *pf = pf_with_bits(test, &bits);
	unsigned int i;

	for (i = 0; i < 4; i++) {
		*bits = i & 1 ? BIT(QM_RESETTING) : 0;
		atomic_set(&pf->qm->status.flags, i & 2 ? QM_STOP : QM_STOP + 1);
		KUNIT_EXPECT_EQ(test, qm_pf_is_resetting(pf), i == 3);
	}
	QM_SIM_EXPECT_NONE(test);
}

static void reset_enter_waits_for_another_reset(struct kunit *test)
{
	unsigned long *bits;
	struct qm_pf *pf = pf_with_bits(test, &bits);

	set_bit(QM_RESETTING, bits);
	fake.reset_bits = bits;
	fake.reset_ends_ms = 30000;
	KUNIT_EXPECT_EQ(test, qm_pf_reset_enter(pf, TIMEOUT_MS), 0);
	KUNIT_EXPECT_TRUE(test, test_bit(QM_RESETTING, bits));
	KUNIT_EXPECT_GE(test, fake.slept_ms, 30000);
}

static void reset_enter_leaves_the_bit_of_an_endless_reset(struct kunit *test)
{
	unsigned long *bits;
	struct qm_pf *pf = pf_with_bits(test, &bits);

	set_bit(QM_RESETTING, bits);
	KUNIT_EXPECT_EQ(test, qm_pf_reset_enter(pf, TIMEOUT_MS), -ETIMEDOUT);
	KUNIT_EXPECT_TRUE(test, test_bit(QM_RESETTING, bits));
	KUNIT_EXPECT_EQ(test, fake.slept_ms, TIMEOUT_MS);
}

static struct kunit_case qm_pf_cases[] = {
	KUNIT_CASE_PARAM(get_finds_the_pf_by_its_own_driver, engine_gen_params),
	KUNIT_CASE_PARAM(get_finds_nothing_without_the_pf_driver, engine_gen_params),
	KUNIT_CASE_PARAM(get_finds_nothing_for_a_pf_of_another_driver, engine_gen_params),
	KUNIT_CASE_PARAM(get_finds_the_pf_of_a_driver_that_is_starting, engine_gen_params),
	KUNIT_CASE_PARAM(get_takes_no_other_driver_for_one_that_is_starting,
			 engine_gen_params),
	KUNIT_CASE(get_refuses_a_pf_driver_of_another_layout),
	KUNIT_CASE(get_asks_nobody_about_other_devices),
	KUNIT_CASE(vfs_of_a_pf_share_it_until_the_last_is_gone),
	KUNIT_CASE(isolation_is_read_on_the_pf),
	KUNIT_CASE(reset_enter_takes_the_bit_and_exit_gives_it_back),
	KUNIT_CASE(reset_of_the_pf_is_known_by_bit_and_stop),
	KUNIT_CASE(reset_enter_waits_for_another_reset),
	KUNIT_CASE(reset_enter_leaves_the_bit_of_an_endless_reset),
	{}
};

static struct kunit_suite qm_pf_suite = {
	.name = "qm_pf",
	.init = qm_pf_init,
	.exit = qm_pf_exit,
	.test_cases = qm_pf_cases,
};

kunit_test_suite(qm_pf_suite);
