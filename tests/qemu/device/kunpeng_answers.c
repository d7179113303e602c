/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Properties whose values have names; their descriptions end with these.
 *
 * Which chip it is, and who decides on the select bit, is settled before the
 * device is there. The answers that it gives to what public sources leave open
 * may be changed while the machine runs: one property each, and "silicon",
 * which names a whole set of answers. What is said beside the set wins.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qapi/visitor.h"
#include "kunpeng.h"

/* Sets of answers, the first of which is what a device gives. */
enum { SET_KERNEL, SET_LITERAL, SET_PCIE, SET_WORST, SETS };

static const char *const set_names[SETS] = {
    [SET_KERNEL] = "kernel",    /* what the kernel's drivers need */
    [SET_LITERAL] = "literal",  /* what public headers say, and no more */
    [SET_PCIE] = "pcie",        /* what PCI Express promises, and no more */
    [SET_WORST] = "worst",      /* what hurts a driver most */
};

typedef struct KunpengQuestion {
    const char *name;
    const char *about;
    QEnumLookup answers;
    uint8_t set[SETS];          /* 0 is the first answer */
} KunpengQuestion;

#define ANSWERS(...) {                                                      \
    .array = (const char *const[]) { __VA_ARGS__ },                         \
    .size = ARRAY_SIZE(((const char *const[]) { __VA_ARGS__ })),            \
}

static const KunpengQuestion questions[KP_QUESTIONS] = {
    [KP_Q_PAUSE_END] = {
        "pause-end", "what ends PAUSE_QM",
        ANSWERS("eqc", "doorbell", "doorbell-only"),
        { [SET_LITERAL] = KP_PAUSE_END_DOORBELL,
          [SET_WORST] = KP_PAUSE_END_DOORBELL },
    },
    [KP_Q_VF_STATE_RESET] = {
        "vf-state-reset", "VF_STATE after a reset of the function",
        ANSWERS("not-ready", "ready"),
        { [SET_LITERAL] = KP_VF_STATE_RESET_READY,
          [SET_WORST] = KP_VF_STATE_RESET_READY },
    },
    [KP_Q_DB_DROP_RESET] = {
        "db-drop-reset", "V5, FUN_DB_DROP after a reset of the function",
        ANSWERS("clear", "set", "kept"),
        { [SET_WORST] = KP_DB_DROP_RESET_KEPT },
    },
    [KP_Q_SELECT_RESET] = {
        "select-reset", "the select bit after a reset of the PF",
        ANSWERS("lost", "kept"),
        { [SET_LITERAL] = KP_SELECT_RESET_KEPT },
    },
    [KP_Q_WB_DONE] = {
        "wb-done", "what clears CACHE_WB_DONE",
        ANSWERS("start", "reset", "read"),
        { [SET_LITERAL] = KP_WB_DONE_RESET, [SET_WORST] = KP_WB_DONE_RESET },
    },
    [KP_Q_BUSY_READS] = {
        "busy-reads", "registers while a command or a write-back runs",
        ANSWERS("answer", "ones", "old", "stall"),
        { [SET_PCIE] = KP_BUSY_READS_STALL, [SET_WORST] = KP_BUSY_READS_OLD },
    },
    [KP_Q_RESTART] = {
        "restart", "what a restart doorbell lets go",
        ANSWERS("queue", "function", "tail"),
        { [SET_WORST] = KP_RESTART_FUNCTION },
    },
    [KP_Q_RESTART_EVENTS] = {
        "restart-events", "events that wait at a restart doorbell",
        ANSWERS("raised", "silent"),
        { [SET_LITERAL] = KP_RESTART_EVENTS_SILENT,
          [SET_WORST] = KP_RESTART_EVENTS_SILENT },
    },
    [KP_Q_INT_SOURCE] = {
        "int-source", "what clears the source of an event queue",
        ANSWERS("w1c", "doorbell", "read-only"),
        { [SET_WORST] = KP_INT_SOURCE_READ_ONLY },
    },
    [KP_Q_INT_RULE] = {
        "int-rule", "when an event queue sends its message",
        ANSWERS("one-shot", "each", "level"),
        { [SET_WORST] = KP_INT_RULE_LEVEL },
    },
    [KP_Q_PAGE_SIZE] = {
        "page-size", "PAGE_SIZE written by a VF",
        ANSWERS("holds", "ignored", "stopped"),
        { [SET_WORST] = KP_CONFIG_WRITE_STOPPED },
    },
    [KP_Q_ISO_CFG] = {
        "iso-cfg", "QUE_ISO_CFG_V written by a VF",
        ANSWERS("holds", "ignored", "stopped"),
        { [SET_WORST] = KP_CONFIG_WRITE_STOPPED },
    },
    [KP_Q_CACHE_EVICT] = {
        "cache-evict", "when cached contexts reach memory",
        ANSWERS("asked", "any-time"),
        { [SET_PCIE] = KP_CACHE_EVICT_ANY_TIME },
    },
    [KP_Q_POSTED_ORDER] = {
        "posted-order", "writes to a window and doorbells to the VF",
        ANSWERS("program", "function"),
        { [SET_PCIE] = KP_POSTED_ORDER_FUNCTION,
          [SET_WORST] = KP_POSTED_ORDER_FUNCTION },
    },
    [KP_Q_FLR_RECOVERY] = {
        "flr-recovery", "registers in the 100 ms after a reset",
        ANSWERS("answers", "ones"),
        { [SET_PCIE] = KP_FLR_RECOVERY_ONES,
          [SET_WORST] = KP_FLR_RECOVERY_ONES },
    },
    [KP_Q_MBOX_ERROR] = {
        "mbox-error", "status of a command that fails",
        ANSWERS("one", "other"),
        { [SET_LITERAL] = KP_MBOX_ERROR_OTHER,
          [SET_WORST] = KP_MBOX_ERROR_OTHER },
    },
    [KP_Q_LATENCY] = {
        "latency", "time of commands and write-backs",
        ANSWERS("steady", "jitter"),
        { [SET_PCIE] = KP_LATENCY_JITTER, [SET_WORST] = KP_LATENCY_JITTER },
    },
    [KP_Q_MBOX_STORE] = {
        "mbox-store", "how a command is taken",
        ANSWERS("whole", "halves"),
        { [SET_PCIE] = KP_MBOX_STORE_HALVES },
    },
    [KP_Q_FLR_CLEARS] = {
        "flr-clears", "a reset clears Bus Master and MSI",
        ANSWERS("yes", "no"),
        { [SET_WORST] = KP_FLR_CLEARS_NO },
    },
    [KP_Q_FLR_DMA] = {
        "flr-dma", "jobs in flight at a reset",
        ANSWERS("cut", "end"),
        { [SET_PCIE] = KP_FLR_DMA_ENDS, [SET_WORST] = KP_FLR_DMA_ENDS },
    },
    [KP_Q_PAUSE_DMA] = {
        "pause-dma", "jobs in flight at PAUSE_QM",
        ANSWERS("end", "cut"),
        { [SET_WORST] = KP_PAUSE_DMA_CUT },
    },
    [KP_Q_MBOX_WHEN] = {
        "mbox-when", "whose commands are taken",
        ANSWERS("always", "not-paused", "ready"),
    },
};

unsigned kunpeng_answers(unsigned question)
{
    return questions[question].answers.size;
}

bool kunpeng_answer_set(KunpengAcc *s, unsigned question, uint32_t answer)
{
    if (answer >= kunpeng_answers(question)) {
        return false;
    }
    s->answer[question] = answer;
    return true;
}

/* What is not said by a property of its own is said by the set. */
void kunpeng_answers_realize(KunpengAcc *s)
{
    for (unsigned i = 0; i < KP_QUESTIONS; i++) {
        if (!(s->answer_given & (1u << i))) {
            s->answer[i] = questions[i].set[s->answer_set];
        }
    }
}

static void get_answer(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const KunpengQuestion *q = opaque;
    int answer = KUNPENG_ACC(obj)->answer[q - questions];

    visit_type_enum(v, name, &answer, &q->answers, errp);
}

static void set_answer(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    KunpengAcc *s = KUNPENG_ACC(obj);
    const KunpengQuestion *q = opaque;
    int answer;

    if (visit_type_enum(v, name, &answer, &q->answers, errp)) {
        kunpeng_answer_set(s, q - questions, answer);
        s->answer_given |= 1u << (q - questions);
    }
}

/* What is settled before the device is there. */
static const struct KunpengChoice {
    const char *name;
    const char *about;
    QEnumLookup values;
    size_t at;              /* of an int or enum in KunpengAcc */
} choices[] = {
    { "engine", "what it accelerates", ANSWERS("zip", "sec", "hpre"),
      offsetof(KunpengAcc, engine) },
    { "version", "of the queue manager", ANSWERS("v3", "v4", "v5"),
      offsetof(KunpengAcc, version_prop) },
    { "select", "who decides on the select bit",
      ANSWERS("driver", "set", "never"), offsetof(KunpengAcc, select) },
    { "silicon", "a set of answers",
      { .array = set_names, .size = SETS }, offsetof(KunpengAcc, answer_set) },
};

QEMU_BUILD_BUG_ON(sizeof(KunpengEngine) != sizeof(int));

static int *choice(Object *obj, const struct KunpengChoice *c)
{
    return (int *)((char *)KUNPENG_ACC(obj) + c->at);
}

static void get_choice(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const struct KunpengChoice *c = opaque;
    int val = *choice(obj, c);

    visit_type_enum(v, name, &val, &c->values, errp);
}

static void set_choice(Object *obj, Visitor *v, const char *name,
                       void *opaque, Error **errp)
{
    const struct KunpengChoice *c = opaque;
    int val;

    if (DEVICE(obj)->realized) {
        error_setg(errp, "'%s' is chosen before the device is there", name);
    } else if (visit_type_enum(v, name, &val, &c->values, errp)) {
        *choice(obj, c) = val;
    }
}

static void describe(ObjectClass *class, const char *name, const char *about,
                     const QEnumLookup *values)
{
    g_autoptr(GString) text = g_string_new(about);

    for (int i = 0; i < values->size; i++) {
        g_string_append_printf(text, "%s%s", i ? "/" : ": ", values->array[i]);
    }
    object_class_property_set_description(class, name, text->str);
}

void kunpeng_answers_class_init(ObjectClass *class)
{
    for (unsigned i = 0; i < KP_QUESTIONS; i++) {
        const KunpengQuestion *q = &questions[i];

        object_class_property_add(class, q->name, "str", get_answer,
                                  set_answer, NULL, (void *)q);
        describe(class, q->name, q->about, &q->answers);
    }
    for (unsigned i = 0; i < ARRAY_SIZE(choices); i++) {
        const struct KunpengChoice *c = &choices[i];

        object_class_property_add(class, c->name, "str", get_choice,
                                  set_choice, NULL, (void *)c);
        describe(class, c->name, c->about, &c->values);
    }
}
