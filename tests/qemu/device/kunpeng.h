/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Emulated HiSilicon Kunpeng accelerator: types shared by its parts.
 *
 * One KunpengAcc is the PF and owns everything: an array of functions (0 is
 * the PF, n + 1 is VF n), each with its registers, mailbox, queues and jobs.
 * The PCI device of a VF is a shell that leads to its function. All of it runs
 * under QEMU's big lock.
 */
#ifndef KUNPENG_H
#define KUNPENG_H

#include "qemu/timer.h"
#include "qemu/queue.h"
#include "qemu/units.h"
#include "hw/pci/pci_device.h"
#include "kunpeng_answers.h"
#include "kunpeng_hooks.h"
#include "kunpeng_regs.h"

#define TYPE_KUNPENG_ACC "kunpeng-acc"
#define TYPE_KUNPENG_VF  "kunpeng-acc-vf"
OBJECT_DECLARE_SIMPLE_TYPE(KunpengAcc, KUNPENG_ACC)

typedef struct KunpengQueue KunpengQueue;
typedef struct KunpengJob KunpengJob;

typedef enum { KP_ENGINE_ZIP, KP_ENGINE_SEC, KP_ENGINE_HPRE } KunpengEngine;
typedef enum { KP_V3, KP_V4, KP_V5 } KunpengVersion;
typedef enum { KP_SEL_DRIVER, KP_SEL_SET, KP_SEL_NEVER } KunpengSelect;

typedef struct KunpengAcc KunpengAcc;

/* An operation that takes time: done by timer, or by who looks first. */
typedef struct KunpengDelay {
    KunpengAcc *acc;
    QEMUTimer *timer;
    void (*done)(void *opaque);
    void *opaque;
    int64_t deadline;
    bool pending;
} KunpengDelay;

/* A queue context, 32 bytes, in host byte order. */
#define KP_CTX_DWORDS 8
typedef struct KunpengCtx {
    uint32_t dw[KP_CTX_DWORDS];
    bool valid;             /* cached */
    bool dirty;             /* differs from the table in memory */
} KunpengCtx;

struct KunpengQueue {
    unsigned qn;
    KunpengCtx sqc;
    KunpengCtx cqc;
    bool paused;            /* by PAUSE_QM, until a restart doorbell */
    bool closed;            /* by STOP_QP or FLUSH_QM, until a new context */
    bool dead;              /* its memory can't be reached */
    bool ready;             /* on the function's ready list */
    unsigned in_flight;
    QTAILQ_ENTRY(KunpengQueue) ready_next;
};

#define KP_SQE_MAX 128
/*
 * What a function's engine does in one go, so that no job keeps the machine from
 * all else: so many bytes moved, of which an entry of a list counts for some; and
 * the time until it goes on.
 */
#define KP_SLICE_BYTES      (64 * KiB)
#define KP_SLICE_NS         10000

struct KunpengJob {
    KunpengQueue *q;
    unsigned index;         /* of the SQE in its queue */
    uint64_t sqe_addr;
    unsigned sqe_size;
    uint8_t sqe[KP_SQE_MAX];
    int64_t deadline;
    void *work;             /* of the engine, once it has begun */
    QTAILQ_ENTRY(KunpengJob) next;
};

/* EQ or AEQ; the context lives here, in no table. */
typedef struct KunpengEventQueue {
    uint32_t dw[KP_CTX_DWORDS];
    unsigned vector;
    unsigned source_reg;
    unsigned mask_reg;
} KunpengEventQueue;

struct KunpengFunc {
    KunpengAcc *acc;
    PCIDevice *pci;
    unsigned fn;

    uint32_t regs[KP_FUNC_PLAIN_END / 4];
    KunpengEventQueue eq, aeq;
    uint64_t sqc_bt, cqc_bt;
    KunpengQueue **queue;   /* by number, made on first use */

    /* mailbox */
    uint64_t mb[2];         /* as it reads */
    uint64_t mb_low;        /* first half of a store under way */
    bool mb_half;
    bool mb_have[2];        /* halves that have come, where they come alone */
    uint64_t mb_part[2];
    bool mb_draining;       /* done when the jobs are */
    unsigned mb_status;     /* to end with, by a fault */
    KunpengDelay mb_delay;
    KunpengDelay wb_delay;
    uint64_t msg_in, msg_out;

    /* registers as they were when the command or write-back began */
    uint32_t old_regs[KP_FUNC_PLAIN_END / 4];
    uint32_t old_eq[2][KP_CTX_DWORDS];
    int64_t recovers_at;    /* from a reset; nothing answers until then */

    /* jobs */
    bool paused;            /* PAUSE_QM: nothing is fetched */
    unsigned in_flight;
    QTAILQ_HEAD(, KunpengQueue) ready;
    QTAILQ_HEAD(, KunpengJob) jobs;
    size_t moved;           /* in this slice */
    int64_t job_not_before; /* the engine rests until then */
    QEMUTimer *job_timer;

    /* the last access, for those that come in halves */
    void *mb_cpu;           /* who has stored the first half of a command */
    hwaddr last_offset;
    bool last_was_write;
    bool last_was_64;

    void *watch;            /* of whoever has hooks */
};

typedef enum {
    KP_VFT_IDLE,
    KP_VFT_SETUP,           /* someone fills in an operation */
    KP_VFT_BUSY,
    KP_VFT_RESULT,          /* a read's result waits to be fetched */
} KunpengVftState;

struct KunpengAcc {
    PCIDevice parent_obj;
    MemoryRegion bar2, bar4;
    QLIST_ENTRY(KunpengAcc) next;

    bool busy;              /* in a section, see kunpeng_guard.c */
    uint64_t flr_pending, power_on_pending;     /* functions, when it is left */

    /* properties */
    KunpengEngine engine;
    KunpengVersion version_prop;
    KunpengSelect select;   /* who decides on the select bit */
    uint16_t total_vfs;
    uint16_t num_queues;
    bool isolation;         /* doorbells of queues in BAR4, a page each */
    uint32_t job_time_us, drain_time_us;
    uint32_t mbox_time_us, wb_time_us, vft_time_us;
    uint8_t answer[KP_QUESTIONS];
    uint32_t answer_given;  /* those that a property of their own has set */
    int answer_set;         /* of the others */

    uint8_t version;        /* KP_VER_* */
    bool region_sel;        /* select bit: the windows in the PF answer */

    KunpengFunc func[KP_MAX_FUNCS];
    uint32_t caps[(KP_CAPS_END - KP_CAPS) / 4];
    GHashTable *plain;      /* PF registers that only remember */

    uint64_t vft[3][2 * KP_MAX_FUNCS];
    KunpengVftState vft_state;
    bool vft_type_set, vft_cfg_set;
    KunpengDelay vft_delay;
    QSIMPLEQ_HEAD(, KunpengPosted) posted;
    KunpengDelay posted_delay;
    bool posted_arriving;
    uint32_t jitter;
    uint64_t ifc_ready;     /* VFs that have not taken the PF's message */
    uint64_t ifc_source;    /* VFs that have sent one */
    uint64_t msg_out;
    uint64_t db_drop;
};

extern QLIST_HEAD(KunpengAccList, KunpengAcc) kunpeng_accs;

/* kunpeng_acc.c */
uint16_t kunpeng_func_id(const KunpengFunc *f);
KunpengFunc *kunpeng_func_by_id(uint32_t id);
unsigned kunpeng_num_vfs(KunpengAcc *s);
MemTxResult kunpeng_dma_read(KunpengFunc *f, uint64_t addr, void *buf,
                             size_t len);
MemTxResult kunpeng_dma_write(KunpengFunc *f, uint64_t addr, const void *buf,
                              size_t len, KunpengPurpose what);
void kunpeng_msi(KunpengFunc *f, unsigned vector);
void kunpeng_flr(KunpengFunc *f, bool by_config);
void kunpeng_power_on(KunpengFunc *f);
void kunpeng_delay_init(KunpengDelay *d, KunpengAcc *s, void (*done)(void *),
                        void *opaque);
void kunpeng_delay_start(KunpengDelay *d, uint32_t us);
void kunpeng_delay_poll(KunpengDelay *d);
void kunpeng_delay_finish(KunpengDelay *d);
void kunpeng_delay_cancel(KunpengDelay *d);

/* kunpeng_guard.c: one thing at a time */
bool kunpeng_enter(KunpengAcc *s);
bool kunpeng_enter_access(KunpengFunc *f, hwaddr off);
void kunpeng_leave(KunpengAcc *s);
void kunpeng_request_flr(KunpengFunc *f);
void kunpeng_request_power_on(KunpengFunc *f);

/* kunpeng_answers.c: what the chip is, and what public sources leave open */
void kunpeng_answers_class_init(ObjectClass *class);
unsigned kunpeng_answers(unsigned question);
bool kunpeng_answer_set(KunpengAcc *s, unsigned question, uint32_t answer);
void kunpeng_answers_realize(KunpengAcc *s);

/* kunpeng_mmio.c: from an address in a BAR to a register */
extern const MemoryRegionOps kunpeng_pf_bar2_ops;
extern const MemoryRegionOps kunpeng_vf_bar2_ops;
extern const MemoryRegionOps kunpeng_bar4_ops;
void kunpeng_window_write(KunpengFunc *f, hwaddr off, uint64_t val,
                          unsigned size);

/* kunpeng_posted.c: writes to windows that have not arrived yet */
bool kunpeng_posted_write(KunpengFunc *f, hwaddr off, uint64_t val,
                          unsigned size);
void kunpeng_posted_flush(KunpengAcc *s);
void kunpeng_posted_init(KunpengAcc *s);
void kunpeng_posted_exit(KunpengAcc *s);

/* kunpeng_func.c: the registers of one function */
void kunpeng_func_init(KunpengAcc *s, unsigned fn);
void kunpeng_func_exit(KunpengFunc *f);
void kunpeng_func_reset(KunpengFunc *f);
void kunpeng_func_power_on(KunpengFunc *f);
void kunpeng_func_remember(KunpengFunc *f);
uint32_t kunpeng_func_read(KunpengFunc *f, hwaddr off, bool window);
void kunpeng_func_write(KunpengFunc *f, hwaddr off, uint32_t val, bool window);
bool kunpeng_func_write64(KunpengFunc *f, hwaddr off, uint64_t val);

/* kunpeng_ifc.c: messages between PF and VFs */
void kunpeng_ifc_pf_send(KunpengAcc *s);
void kunpeng_ifc_pf_post(KunpengAcc *s, uint16_t to, uint64_t msg);
void kunpeng_ifc_pf_clear(KunpengAcc *s, uint64_t mask);
void kunpeng_ifc_vf_send(KunpengFunc *f);
void kunpeng_ifc_ack(KunpengFunc *f);
void kunpeng_ifc_update(KunpengFunc *f);

/* kunpeng_pf_regs.c: registers that a device has once */
void kunpeng_pf_init(KunpengAcc *s);
void kunpeng_pf_exit(KunpengAcc *s);
void kunpeng_pf_reset(KunpengAcc *s);
void kunpeng_pf_power_on(KunpengAcc *s);
uint32_t *kunpeng_pf_plain(KunpengAcc *s, hwaddr off);
uint32_t kunpeng_pf_read(KunpengAcc *s, hwaddr off);
void kunpeng_pf_write(KunpengAcc *s, hwaddr off, uint32_t val);
bool kunpeng_pf_read64(KunpengAcc *s, hwaddr off, uint64_t *val);
bool kunpeng_pf_write64(KunpengAcc *s, hwaddr off, uint64_t val);
void kunpeng_set_select(KunpengAcc *s, bool set);
void kunpeng_pf_error(KunpengAcc *s, uint32_t bits);    /* KP_RAS_* */

/* kunpeng_vft.c: which queues belong to which function */
void kunpeng_vft_init(KunpengAcc *s);
void kunpeng_vft_reset(KunpengAcc *s);
uint32_t kunpeng_vft_read(KunpengAcc *s, hwaddr off);
void kunpeng_vft_write(KunpengAcc *s, hwaddr off, uint32_t val);
unsigned kunpeng_vft_base(const KunpengFunc *f);
unsigned kunpeng_vft_num(const KunpengFunc *f);

/* kunpeng_mbox.c */
void kunpeng_mbox_init(KunpengFunc *f);
void kunpeng_mbox_reset(KunpengFunc *f);
uint64_t kunpeng_mbox_read(KunpengFunc *f, hwaddr off, unsigned size);
void kunpeng_mbox_write(KunpengFunc *f, hwaddr off, uint64_t val,
                        unsigned size);
void kunpeng_mbox_jobs_done(KunpengFunc *f);
bool kunpeng_mbox_at_work(KunpengFunc *f);
void kunpeng_mbox_finish(KunpengFunc *f);
uint32_t kunpeng_latency(KunpengAcc *s, uint32_t us);

/* kunpeng_queue.c: contexts, doorbells, write-back */
KunpengQueue *kunpeng_queue_get(KunpengFunc *f, unsigned qn);
void kunpeng_queue_drop_all(KunpengFunc *f);
bool kunpeng_queue_any_dirty(const KunpengFunc *f);
bool kunpeng_queue_any_live(const KunpengFunc *f);
bool kunpeng_queue_idle(const KunpengFunc *f, const KunpengQueue *q);
bool kunpeng_ctx_fetch(KunpengFunc *f, KunpengQueue *q, bool cq);
void kunpeng_queue_evict(KunpengFunc *f, KunpengQueue *q);
void kunpeng_ctx_touch(KunpengCtx *ctx);
void kunpeng_queue_write_back(KunpengFunc *f);
void kunpeng_doorbell(KunpengFunc *f, hwaddr off, uint64_t val);

/* kunpeng_event.c: EQ, AEQ and their interrupts */
void kunpeng_event_doorbell(KunpengFunc *f, KunpengEventQueue *eq,
                            uint16_t index);
void kunpeng_event_post(KunpengFunc *f, KunpengEventQueue *eq, uint32_t what);
void kunpeng_event_update(KunpengFunc *f, KunpengEventQueue *eq);
void kunpeng_event_source_write(KunpengFunc *f, KunpengEventQueue *eq,
                                uint32_t val);
bool kunpeng_event_waits(const KunpengEventQueue *eq);
void kunpeng_event_set_up(KunpengEventQueue *eq);
#define KP_AEQE_CQ_OVERFLOW     0
#define KP_AEQE_EQ_OVERFLOW     1
#define KP_AEQE_TYPE_SHIFT      17

/* kunpeng_job.c: jobs are started, take their time, and complete */
void kunpeng_job_init(KunpengFunc *f);
void kunpeng_job_exit(KunpengFunc *f);
void kunpeng_job_cancel_all(KunpengFunc *f);
void kunpeng_job_hurry(KunpengFunc *f, uint32_t us);
void kunpeng_job_finish_all(KunpengFunc *f);
void kunpeng_job_give_back(KunpengFunc *f);
void kunpeng_job_poll(KunpengFunc *f);
void kunpeng_job_kick(KunpengFunc *f, KunpengQueue *q);
void kunpeng_job_schedule(KunpengFunc *f);
void kunpeng_cq_arm(KunpengFunc *f, KunpengQueue *q);

/* kunpeng_data.c: what a job's entry holds and leads to */
typedef struct KunpengBuf {
    uint64_t addr;
    bool sgl;               /* leads to a list of pieces */
    uint32_t skip;          /* bytes of the list */
} KunpengBuf;

/* How far into a buffer someone has come. */
typedef struct KunpengCursor {
    KunpengBuf at;          /* flat; or the list, and what is to be skipped */
    uint64_t next;          /* list */
    unsigned chain;         /* lists so far */
    unsigned entry, entries;
    uint64_t piece;         /* what is left of an entry */
    uint32_t piece_len;
} KunpengCursor;

ssize_t kunpeng_buf_move(KunpengFunc *f, KunpengCursor *c, void *buf,
                         size_t len, bool to_memory);
bool kunpeng_buf_copy(KunpengFunc *f, uint64_t addr, void *buf, size_t len,
                      bool to_memory);
bool kunpeng_sqe_get(KunpengFunc *f, const KunpengJob *job, uint32_t *dw,
                     unsigned dwords);
void kunpeng_sqe_put(KunpengJob *job, const uint32_t *dw, unsigned dwords);

/*
 * kunpeng_zip.c, kunpeng_sec.c, kunpeng_hpre.c: the engines. begin() gives what
 * the work needs, or NULL if nothing is to be done; slice() does a part of it
 * and is true with the last, when the result is in the SQE.
 */
typedef struct KunpengEngineOps {
    void *(*begin)(KunpengFunc *f, KunpengJob *job);
    bool (*slice)(void *work, KunpengJob *job);
    void (*end)(void *work);
} KunpengEngineOps;

extern const KunpengEngineOps kunpeng_zip_ops, kunpeng_sec_ops,
                              kunpeng_hpre_ops;

#endif /* KUNPENG_H */
