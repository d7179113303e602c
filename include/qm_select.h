/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The select bit of a PF newer than V3: who keeps it, and whether it is still
 * what the open VFs rely on.
 */
#ifndef QM_SELECT_H
#define QM_SELECT_H

#include <linux/types.h>

#include "qm_mig_region.h"

struct mig_log;
struct qm_pf;

u32 qm_select_read(const struct qm_pf *pf);
void qm_select_attach(struct qm_pf *pf);
void qm_select_detach(struct qm_pf *pf);
u32 qm_select_open(struct qm_pf *pf);
void qm_select_close(struct qm_pf *pf);
bool qm_select_is_lost(struct qm_pf *pf);
int qm_select_keep(struct mig_log *log, struct qm_pf *pf, enum qm_mig_ctrl ctrl);

#endif /* QM_SELECT_H */
