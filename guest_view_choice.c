// SPDX-License-Identifier: GPL-2.0-only
/*
 * What guests are to take a VF for: native, which is what there is, or V3, so that a
 * VM may come from V3 hardware and go there. The module's parameter is the default.
 * A VF has an attribute of its own, guest_view, for hosts that have VMs of both kinds.
 *
 * What is written to it holds for that PCI address until the module goes, and so
 * survives that the VF is unbound and bound anew, as libvirt does for each VM. It is
 * looked at when the VF is opened, and can't be written while it is.
 */
#include <linux/device.h>
#include <linux/list.h>
#include <linux/moduleparam.h>
#include <linux/mutex.h>
#include <linux/pci.h>
#include <linux/slab.h>
#include <linux/string.h>
#include <linux/sysfs.h>

#include "hisi_acc_vfio_pci.h"
#include "include/guest_view_choice.h"
#include "include/qm_regs.h"
#include "include/compat/kernel.h"

static const char * const view_names[] = {
	[QM_GUEST_VIEW_NATIVE] = "native",
	[QM_GUEST_VIEW_V3] = "v3",
};

static enum qm_guest_view default_view;

static int set_default_view(const char *val, const struct kernel_param *kp)
{
	int view = sysfs_match_string(view_names, val);

	if (view < 0)
		return view;
	default_view = view;
	return 0;
}

static int get_default_view(char *buf, const struct kernel_param *kp)
{
	return sysfs_emit(buf, "%s\n", view_names[default_view]);
}

static const struct kernel_param_ops default_view_ops = {
	.set = set_default_view,
	.get = get_default_view,
};
module_param_cb(guest_view, &default_view_ops, NULL, 0444);
MODULE_PARM_DESC(guest_view,
		 "What guests are to take VFs for unless a VF's guest_view says otherwise: native (default), or v3 so that a VM may come from and go to V3 hardware");

/* One VF's own choice. */
struct view_choice {
	struct list_head node;
	int domain;
	unsigned int id;	/* PCI_DEVID() */
	enum qm_guest_view view;
};

static LIST_HEAD(view_choices);
static DEFINE_MUTEX(view_choices_lock);

static struct view_choice *find_choice(struct pci_dev *pdev)
{
	struct view_choice *choice;

	lockdep_assert_held(&view_choices_lock);
	list_for_each_entry(choice, &view_choices, node) {
		if (choice->domain == pci_domain_nr(pdev->bus) &&
		    choice->id == pci_dev_id(pdev))
			return choice;
	}
	return NULL;
}

static int choose(struct pci_dev *pdev, enum qm_guest_view view)
{
	struct view_choice *choice;
	int ret = 0;

	mutex_lock(&view_choices_lock);
	choice = find_choice(pdev);
	if (!choice) {
		choice = kzalloc_obj(*choice, GFP_KERNEL);
		if (!choice) {
			ret = -ENOMEM;
			goto unlock;
		}
		choice->domain = pci_domain_nr(pdev->bus);
		choice->id = pci_dev_id(pdev);
		list_add(&choice->node, &view_choices);
	}
	choice->view = view;
unlock:
	mutex_unlock(&view_choices_lock);
	return ret;
}

/**
 * guest_view_choice_get() - what guests are to take a VF for
 * @pdev: the VF
 *
 * Context: may sleep.
 * Return: its own choice, or else the module's parameter.
 */
enum qm_guest_view guest_view_choice_get(struct pci_dev *pdev)
{
	struct view_choice *choice;
	enum qm_guest_view view;

	mutex_lock(&view_choices_lock);
	choice = find_choice(pdev);
	view = choice ? choice->view : default_view;
	mutex_unlock(&view_choices_lock);
	return view;
}

/**
 * guest_view_choice_name() - name a view
 * @view: the view
 *
 * Context: any.
 * Return: its name, as it is written to guest_view.
 */
const char *guest_view_choice_name(enum qm_guest_view view)
{
	return view_names[view];
}

/**
 * guest_view_choice_is_foreign() - is a VF to look like other hardware than it is?
 * @view: what guests are to take it for
 * @ver: its QM version
 *
 * Context: any.
 * Return: true if so.
 */
bool guest_view_choice_is_foreign(enum qm_guest_view view, u32 ver)
{
	return view == QM_GUEST_VIEW_V3 && ver != QM_VER_V3;
}

/**
 * guest_view_choice_exit() - the module goes, and what was chosen with it
 *
 * Context: may sleep; no VF is bound any more.
 */
void guest_view_choice_exit(void)
{
	struct view_choice *choice, *next;

	list_for_each_entry_safe(choice, next, &view_choices, node)
		kfree(choice);
}

static ssize_t guest_view_show(struct device *dev, struct device_attribute *attr,
			       char *buf)
{
	return sysfs_emit(buf, "%s\n", view_names[guest_view_choice_get(to_pci_dev(dev))]);
}

static ssize_t guest_view_store(struct device *dev, struct device_attribute *attr,
				const char *buf, size_t count)
{
	struct hisi_acc *acc = pdev_to_hisi_acc(to_pci_dev(dev));
	int view = sysfs_match_string(view_names, buf);
	int ret;

	if (view < 0)
		return view;

	mutex_lock(&acc->state_lock);
	if (acc->is_open)
		ret = -EBUSY;
	else if (guest_view_choice_is_foreign(view, acc->core.pdev->revision) &&
		 !acc->core.vdev.mig_ops)
		ret = -EOPNOTSUPP;
	else
		ret = choose(acc->core.pdev, view);
	mutex_unlock(&acc->state_lock);
	return ret ?: count;
}
static DEVICE_ATTR_RW(guest_view);

static struct attribute *guest_view_attrs[] = {
	&dev_attr_guest_view.attr,
	NULL
};

static const struct attribute_group guest_view_group = {
	.attrs = guest_view_attrs,
};

/* Of each VF that is bound. */
const struct attribute_group *guest_view_choice_groups[] = {
	&guest_view_group,
	NULL
};
