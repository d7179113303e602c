/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the device tells to whoever watches it, and what a watcher may have it
 * do wrong. There need be none: errors of the guest then go to QEMU's log, and
 * everything works as it should.
 */
#ifndef KUNPENG_HOOKS_H
#define KUNPENG_HOOKS_H

typedef struct KunpengFunc KunpengFunc;

/* Offset, size and value that come with it are in parentheses. */
typedef enum KunpengEvent {
    KP_EV_ACCESS_READ,      /* an access begins; one of 128 bits is one */
    KP_EV_ACCESS_WRITE,
    KP_EV_READ,             /* a register has been read (off, bytes, value) */
    KP_EV_WRITE,            /* one is about to be written (off, bytes, value) */
    KP_EV_MBOX,             /* a command is taken (-, -, its low half) */
    KP_EV_DOORBELL,         /* (off, -, value) */
    KP_EV_DOORBELL_PAGE,    /* a doorbell in BAR4 (off, -, value) */
    KP_EV_WRITE_BACK,       /* contexts are in memory */
    KP_EV_DMA_READ,         /* (address, bytes, -) */
    KP_EV_DMA_WRITE,        /* it is about to be done (address, bytes, -) */
    KP_EV_DMA_WRITTEN,      /* it has been (address, bytes, KP_FOR_*) */
    KP_EV_DMA_ERROR,        /* DMA was refused (address, bytes, 'r' or 'w') */
    KP_EV_MSI,              /* (-, vector, -) */
    KP_EV_JOB_START,        /* an entry is wanted (queue, -, entry) */
    KP_EV_JOB_STARTED,
    KP_EV_JOB_DONE,         /* its completion has been written */
    KP_EV_RESET,            /* of the function */
    KP_EV_QM_RESET,         /* of the PF, and the queue manager with it */
    KP_EV_MEM_INIT,         /* the VFT is about to be cleared */
    KP_EV_SELECT_WRITE,     /* so is the select bit (-, -, value) */
    KP_EV_CONFIG_WRITE,     /* is about to be written (off, -, value) */
    KP_EV_EQC_READ,         /* EQC or AEQC by its registers (off, -, -) */
    KP_EV_EQC_WRITE,        /* it is about to be written (off, -, value) */
    KP_EV_BUSY_READ,        /* a register while a command runs (off, -, -) */
    KP_EV_RESTART,          /* a restart doorbell has come (-, -, queue) */
    KP_EV_RESTARTED,        /* it has let the queue go (-, -, queue) */
    KP_EVENTS,
} KunpengEvent;

/* What a guest does wrong, and the device refuses or can only do by halves. */
typedef enum KunpengError {
    KP_ERR_OUT_OF_WINDOW,   /* an access beyond the function's own window */
    KP_ERR_DEAD_HALF,       /* where the select bit lets nobody answer */
    KP_ERR_MBOX_WIDTH,      /* mailbox not written as 128 bits */
    KP_ERR_MBOX_BUSY,       /* mailbox written while busy */
    KP_ERR_TABLE_BUSY,      /* a context table moved with jobs in flight */
    KP_ERR_DMA_UNSET,       /* an address used that nobody has set */
    KP_ERR_UNIMPLEMENTED,   /* a register or command that is not known */
    KP_ERR_VFT_RACE,        /* VFT operations interleaved */
    KP_ERR_BAD_DOORBELL,    /* a queue or index that is not there */
    KP_ERR_BAD_CONTEXT,     /* a context or SQE that makes no sense */
    KP_ERR_WIDTH,           /* an access that the register does not take */
    KP_ERR_WB_BUSY,         /* a write-back asked for while one is under way */
    KP_ERRORS,
} KunpengError;

/* What memory is written for. */
typedef enum KunpengPurpose {
    KP_FOR_RESULT,          /* of a job */
    KP_FOR_SQE,
    KP_FOR_CQE,
    KP_FOR_EQE,
    KP_FOR_AEQE,
    KP_FOR_CONTEXT,         /* write-back of a queue's context */
    KP_FOR_MAILBOX,         /* answer of a mailbox command */
    KP_PURPOSES,
} KunpengPurpose;

/* What goes wrong if a watcher wants it; some take an argument from it. */
typedef enum KunpengInjection {
    KP_INJECT_MBOX_STUCK,   /* the command is taken and busy stays set */
    KP_INJECT_MBOX_STATUS,  /* it ends with this status, not done */
    KP_INJECT_MBOX_LATE,    /* it takes so many microseconds longer */
    KP_INJECT_WB_NEVER,     /* CACHE_WB_DONE stays 0 */
    KP_INJECT_VFT_BUSY,     /* VFT_CFG_RDY stays 0 */
    KP_INJECT_RAS_PENDING,  /* ABNORMAL_INT_STATUS reads so */
    KP_INJECT_ENGINE_RAS,   /* the engine's status reads so */
    KP_INJECT_IFC_PENDING,  /* IFC_INT_STATUS reads so */
    KP_INJECT_ALL_ONES,     /* reads give all ones, writes are dropped */
    KP_INJECTIONS,
} KunpengInjection;

/* Called within a section (kunpeng_guard.c), or where nothing else goes on. */
typedef struct KunpengHooks {
    void (*event)(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val);
    void (*guest_error)(KunpengFunc *f, KunpengError error, uint64_t off,
                        uint64_t val, const char *text);
    /* Mailbox commands are named; 0 for all else. */
    bool (*inject)(KunpengFunc *f, KunpengInjection what, uint32_t cmd,
                   uint32_t *arg);
    void (*exit)(KunpengFunc *f);   /* it goes away, with its watch */
} KunpengHooks;

/* One watcher at a time: false if there is another. */
bool kunpeng_watch(const KunpengHooks *hooks);

void kunpeng_tell(KunpengFunc *f, KunpengEvent event, uint64_t off,
                  unsigned size, uint64_t val);
void kunpeng_guest_error(KunpengFunc *f, KunpengError error, uint64_t off,
                         uint64_t val, const char *fmt, ...)
    G_GNUC_PRINTF(5, 6);
bool kunpeng_inject(KunpengFunc *f, KunpengInjection what, uint32_t cmd,
                    uint32_t *arg);
void kunpeng_watch_exit(KunpengFunc *f);

#endif /* KUNPENG_HOOKS_H */
