/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Jobs: an entry is fetched from its SQ (the job is started, and the SQ's head
 * moves), takes its time, and is completed: data, the entry written back, a
 * CQ entry, and an event if the CQ wants one.
 *
 * A function works on a few jobs at a time, its queues taking turns. They end
 * in the order in which they were started. A paused function starts none.
 *
 * While the mailbox waits for jobs, they hurry: those in flight end within the
 * drain time, others follow at once. Real ones take microseconds, and drivers
 * do not wait long for them; here they may be set to take much longer.
 */
#include "qemu/osdep.h"
#include "qemu/bitops.h"
#include "kunpeng.h"
#include "kunpeng_ctx.h"

#define JOB_SLOTS   8
#define CQE_DWORDS  4

/* No job takes less: one that is started while others are awaited takes so long. */
#define LEAST_JOB_NS    1000

static void arm_timer(KunpengFunc *f)
{
    KunpengJob *job = QTAILQ_FIRST(&f->jobs);

    if (job) {
        timer_mod_ns(f->job_timer, MAX(job->deadline, f->job_not_before));
    } else {
        timer_del(f->job_timer);
    }
}

static void start_job(KunpengFunc *f, KunpengQueue *q)
{
    KunpengJob *job = g_new0(KunpengJob, 1);
    KunpengJob *last = QTAILQ_LAST(&f->jobs);

    job->q = q;
    job->index = sq_head(q);
    kunpeng_tell(f, KP_EV_JOB_START, q->qn, 0, job->index);
    job->sqe_size = 1u << ctx_entry_log2(&q->sqc);
    job->sqe_addr = ctx_base(&q->sqc) + job->index * job->sqe_size;
    if (kunpeng_dma_read(f, job->sqe_addr, job->sqe, job->sqe_size) !=
        MEMTX_OK) {
        q->dead = true;
        g_free(job);
        return;
    }
    q->sqc.dw[0] = deposit32(q->sqc.dw[0], 0, 16,
                             (job->index + 1) % ctx_depth(&q->sqc));
    kunpeng_ctx_touch(&q->sqc);

    job->deadline = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + LEAST_JOB_NS;
    if (!f->mb_draining && f->acc->job_time_us) {
        job->deadline += f->acc->job_time_us * 1000ll - LEAST_JOB_NS;
    }
    if (last && last->deadline > job->deadline) {
        job->deadline = last->deadline;
    }
    QTAILQ_INSERT_TAIL(&f->jobs, job, next);
    q->in_flight++;
    f->in_flight++;
    kunpeng_tell(f, KP_EV_JOB_STARTED, q->qn, 0, job->index);
}

static bool startable(const KunpengFunc *f, const KunpengQueue *q)
{
    return !f->paused && !q->paused && !q->closed && !q->dead &&
           q->sqc.valid && sq_usable(q) && sq_head(q) != sq_tail(q);
}

void kunpeng_job_schedule(KunpengFunc *f)
{
    KunpengQueue *q;

    while (f->in_flight < JOB_SLOTS && (q = QTAILQ_FIRST(&f->ready))) {
        QTAILQ_REMOVE(&f->ready, q, ready_next);
        q->ready = false;
        if (!startable(f, q)) {
            continue;
        }
        start_job(f, q);
        kunpeng_job_kick(f, q);
    }
    arm_timer(f);
}

/* The queue may have something to start. */
void kunpeng_job_kick(KunpengFunc *f, KunpengQueue *q)
{
    bool first = QTAILQ_EMPTY(&f->ready);

    if (q->ready || !startable(f, q)) {
        return;
    }
    q->ready = true;
    QTAILQ_INSERT_TAIL(&f->ready, q, ready_next);
    if (first) {
        kunpeng_job_schedule(f);
    }
}

static void cq_event(KunpengFunc *f, KunpengQueue *cq)
{
    cq->cqc.dw[6] &= ~CQC_WANT_EVENT;
    kunpeng_ctx_touch(&cq->cqc);
    kunpeng_event_post(f, &f->eq, cq->qn);
}

/* The driver wants an event for the next entry, or for those it left. */
void kunpeng_cq_arm(KunpengFunc *f, KunpengQueue *cq)
{
    unsigned head = extract32(cq->cqc.dw[0], 0, 16);
    unsigned tail = extract32(cq->cqc.dw[0], 16, 16);

    cq->cqc.dw[6] |= CQC_WANT_EVENT;
    if (head != tail) {
        cq_event(f, cq);
    }
}

static void cqe_post(KunpengFunc *f, KunpengJob *job)
{
    unsigned cqn = extract32(job->q->sqc.dw[6], 0, 16);
    KunpengQueue *cq = kunpeng_queue_get(f, cqn);
    uint32_t cqe[CQE_DWORDS] = { 0 };
    unsigned tail, next;

    if (!cq || !kunpeng_ctx_fetch(f, cq, true) || !ctx_base(&cq->cqc)) {
        kunpeng_guest_error(f, KP_ERR_BAD_CONTEXT, KP_DB_SQ_CQ, job->q->qn,
                            "job of SQ %u done, CQ %u is not set up",
                            job->q->qn, cqn);
        kunpeng_pf_error(f->acc, KP_RAS_CQ);
        job->q->dead = true;
        return;
    }
    tail = extract32(cq->cqc.dw[0], 16, 16);
    next = (tail + 1) % ctx_depth(&cq->cqc);
    if (next == extract32(cq->cqc.dw[0], 0, 16)) {
        job->q->dead = true;
        kunpeng_event_post(f, &f->aeq,
                           KP_AEQE_CQ_OVERFLOW << KP_AEQE_TYPE_SHIFT | cqn);
        return;
    }
    cqe[2] = cpu_to_le32(job->index | job->q->qn << 16);
    cqe[3] = cpu_to_le32((cq->cqc.dw[6] & CQC_PHASE) << 16);
    if (kunpeng_dma_write(f, ctx_base(&cq->cqc) + tail * sizeof(cqe), cqe,
                          sizeof(cqe), KP_FOR_CQE) != MEMTX_OK) {
        job->q->dead = true;
        return;
    }
    ctx_set_tail(&cq->cqc, next);
    if (!next) {
        cq->cqc.dw[6] ^= CQC_PHASE;
    }
    kunpeng_ctx_touch(&cq->cqc);
    kunpeng_tell(f, KP_EV_JOB_DONE, job->q->qn, 0, job->index);
    if (cq->cqc.dw[6] & CQC_WANT_EVENT) {
        cq_event(f, cq);
    }
}

static const KunpengEngineOps *engine_ops(const KunpengFunc *f)
{
    static const KunpengEngineOps *const ops[] = {
        [KP_ENGINE_ZIP] = &kunpeng_zip_ops,
        [KP_ENGINE_SEC] = &kunpeng_sec_ops,
        [KP_ENGINE_HPRE] = &kunpeng_hpre_ops,
    };

    return ops[f->acc->engine];
}

static void end_work(KunpengFunc *f, KunpengJob *job)
{
    if (job->work) {
        engine_ops(f)->end(job->work);
        job->work = NULL;
    }
}

/* Some of the engine's work; true if that was all. */
static bool work_on(KunpengFunc *f, KunpengJob *job)
{
    if (!job->work) {
        job->work = engine_ops(f)->begin(f, job);
    }
    if (job->work && !engine_ops(f)->slice(job->work, job)) {
        return false;
    }
    end_work(f, job);
    return true;
}

static void complete_job(KunpengFunc *f, KunpengJob *job)
{
    if (kunpeng_dma_write(f, job->sqe_addr, job->sqe, job->sqe_size,
                          KP_FOR_SQE) == MEMTX_OK) {
        cqe_post(f, job);
    } else {
        job->q->dead = true;
    }
    if (f->acc->answer[KP_Q_CACHE_EVICT] == KP_CACHE_EVICT_ANY_TIME &&
        !job->q->in_flight && sq_head(job->q) == sq_tail(job->q)) {
        kunpeng_queue_evict(f, job->q);
    }
}

/*
 * All that is in flight is done now, and nothing follows; a reset or a pause is
 * behind it.
 */
void kunpeng_job_finish_all(KunpengFunc *f)
{
    KunpengJob *job;

    while ((job = QTAILQ_FIRST(&f->jobs))) {
        f->moved = 0;
        while (!work_on(f, job)) {
            f->moved = 0;
        }
        QTAILQ_REMOVE(&f->jobs, job, next);
        job->q->in_flight--;
        f->in_flight--;
        complete_job(f, job);
        g_free(job);
    }
    f->job_not_before = 0;
    kunpeng_mbox_jobs_done(f);
}

/* What is in flight is given up; its queues begin it again when they go on. */
void kunpeng_job_give_back(KunpengFunc *f)
{
    KunpengJob *job;

    QTAILQ_FOREACH_REVERSE(job, &f->jobs, next) {
        job->q->sqc.dw[0] = deposit32(job->q->sqc.dw[0], 0, 16, job->index);
        kunpeng_ctx_touch(&job->q->sqc);
    }
    kunpeng_job_cancel_all(f);
    kunpeng_job_schedule(f);    /* nothing is on the list of a paused one */
}

/* What is in flight is done in so many microseconds, or sooner. */
void kunpeng_job_hurry(KunpengFunc *f, uint32_t us)
{
    int64_t latest = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) + us * 1000ll;
    KunpengJob *job;

    QTAILQ_FOREACH(job, &f->jobs, next) {
        job->deadline = MIN(job->deadline, latest);
    }
    arm_timer(f);
}

/*
 * Complete what is done by now: by timer, or by who looks first. A job that has
 * more to do than fits a slice goes on later, and those behind it wait.
 */
void kunpeng_job_poll(KunpengFunc *f)
{
    int64_t now = qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL);
    KunpengJob *job;

    if (QTAILQ_EMPTY(&f->jobs) || now < f->job_not_before) {
        return;
    }
    f->moved = 0;
    while ((job = QTAILQ_FIRST(&f->jobs)) && job->deadline <= now) {
        if (f->moved >= KP_SLICE_BYTES || !work_on(f, job)) {
            f->job_not_before = now + KP_SLICE_NS;
            break;
        }
        QTAILQ_REMOVE(&f->jobs, job, next);
        job->q->in_flight--;
        f->in_flight--;
        complete_job(f, job);
        g_free(job);
    }
    kunpeng_job_schedule(f);
    kunpeng_mbox_jobs_done(f);
}

static void job_expired(void *opaque)
{
    KunpengFunc *f = opaque;

    if (kunpeng_enter(f->acc)) {
        kunpeng_job_poll(f);
        kunpeng_leave(f->acc);
    } else {
        timer_mod_ns(f->job_timer, qemu_clock_get_ns(QEMU_CLOCK_VIRTUAL) +
                                   KP_SLICE_NS);
    }
}

void kunpeng_job_cancel_all(KunpengFunc *f)
{
    KunpengJob *job, *tmp;

    QTAILQ_FOREACH_SAFE(job, &f->jobs, next, tmp) {
        QTAILQ_REMOVE(&f->jobs, job, next);
        job->q->in_flight--;
        end_work(f, job);
        g_free(job);
    }
    f->in_flight = 0;
    f->job_not_before = 0;
    timer_del(f->job_timer);
}

void kunpeng_job_init(KunpengFunc *f)
{
    QTAILQ_INIT(&f->ready);
    QTAILQ_INIT(&f->jobs);
    f->job_timer = timer_new_ns(QEMU_CLOCK_VIRTUAL, job_expired, f);
}

void kunpeng_job_exit(KunpengFunc *f)
{
    kunpeng_job_cancel_all(f);
    timer_free(f->job_timer);
}
