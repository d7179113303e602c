/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The answers that a device gives to what public sources leave open: one enum
 * property each. They may be changed while the machine runs.
 */
#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qapi/util.h"
#include "qapi/visitor.h"
#include "kunpeng.h"

typedef struct KunpengQuestion {
    const char *name;
    const char *about;
    QEnumLookup answers;
} KunpengQuestion;

#define ANSWERS(...) {                                                      \
    .array = (const char *const[]) { __VA_ARGS__ },                         \
    .size = ARRAY_SIZE(((const char *const[]) { __VA_ARGS__ })),            \
}

static const KunpengQuestion questions[KP_QUESTIONS] = {
    [KP_Q_PAUSE_END] = {
        "pause-end", "what ends PAUSE_QM",
        ANSWERS("eqc", "doorbell", "doorbell-only"),
    },
    [KP_Q_VF_STATE_RESET] = {
        "vf-state-reset", "VF_STATE after a reset of the function",
        ANSWERS("not-ready", "ready"),
    },
    [KP_Q_DB_DROP_RESET] = {
        "db-drop-reset", "V5: FUN_DB_DROP after a reset of the function",
        ANSWERS("clear", "set", "kept"),
    },
    [KP_Q_SELECT_RESET] = {
        "select-reset", "the select bit after a reset of the PF",
        ANSWERS("lost", "kept"),
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
    const KunpengQuestion *q = opaque;
    int answer;

    if (visit_type_enum(v, name, &answer, &q->answers, errp)) {
        kunpeng_answer_set(KUNPENG_ACC(obj), q - questions, answer);
    }
}

void kunpeng_answers_class_init(ObjectClass *class)
{
    for (unsigned i = 0; i < KP_QUESTIONS; i++) {
        const KunpengQuestion *q = &questions[i];

        object_class_property_add(class, q->name, "str", get_answer,
                                  set_answer, NULL, (void *)q);
        object_class_property_set_description(class, q->name, q->about);
    }
}
