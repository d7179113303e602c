/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What guests are to take a VF for, as the operator has chosen it.
 */
#ifndef GUEST_VIEW_CHOICE_H
#define GUEST_VIEW_CHOICE_H

#include <linux/types.h>

#include "qm_mig_region.h"

struct attribute_group;
struct pci_dev;

enum qm_guest_view guest_view_choice_get(struct pci_dev *pdev);
const char *guest_view_choice_name(enum qm_guest_view view);
bool guest_view_choice_is_foreign(enum qm_guest_view view, u32 ver);
void guest_view_choice_exit(void);

extern const struct attribute_group *guest_view_choice_groups[];

#endif /* GUEST_VIEW_CHOICE_H */
