/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The state of one function: pause, save, load, let go.
 */
#ifndef QM_STATE_H
#define QM_STATE_H

#include <linux/types.h>

struct mig_record;
struct qm_pf;
struct qm_win;

void qm_state_look_at_reset(struct qm_win *win);
int qm_state_pause(const struct qm_win *win, bool *paused);
int qm_state_quiesce(const struct qm_win *win, struct qm_pf *pf);
void qm_state_read_regs(const struct qm_win *win, struct mig_record *rec);
int qm_state_save(const struct qm_win *win, bool paused, struct mig_record *rec,
		  size_t *len);
void qm_state_ring_events(const struct qm_win *win, const struct mig_record *rec);
int qm_state_load(const struct qm_win *win, const struct mig_record *rec);
int qm_state_load_not_ready(const struct qm_win *win);
bool qm_state_has_ones(const struct mig_record *rec);
int qm_state_let_go(const struct qm_win *win, u32 qp_num);

#endif /* QM_STATE_H */
