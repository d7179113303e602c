/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The migration record, field by field, from the outside: what a test reads in
 * a stream, and what it falsifies. On purpose not the module's own header: a
 * wrong offset there must show here.
 */
#ifndef HACC_RECORD_H
#define HACC_RECORD_H

#include <stdint.h>
#include <stddef.h>

#define RECORD_SIZE		176
#define RECORD_MATCH_SIZE	40
#define RECORD_MAGIC_V1		0xcdcdcdcdfeedaaccull
#define RECORD_MAGIC_V2		0xaaccfeeddecadedeull

enum record_field {
	REC_MAGIC,
	REC_QP_NUM,
	REC_DEV_ID,
	REC_QUE_ISO_CFG,
	REC_QP_BASE,
	REC_VF_QM_STATE,
	REC_MAJOR,
	REC_MINOR,
	REC_BAR2_SIZE,
	REC_RSV_MATCH,
	REC_AEQ_INT_MASK,
	REC_EQ_INT_MASK,
	REC_IFC_INT_SOURCE,
	REC_IFC_INT_MASK,
	REC_IFC_INT_SET,
	REC_PAGE_SIZE,
	REC_EQC_DW0,
	REC_EQC_DW1,
	REC_EQC_DW2,
	REC_EQC_DW3,
	REC_EQC_DW4,
	REC_EQC_DW5,
	REC_EQC_DW6,
	REC_AEQC_DW0,
	REC_AEQC_DW1,
	REC_AEQC_DW2,
	REC_AEQC_DW3,
	REC_AEQC_DW4,
	REC_AEQC_DW5,
	REC_AEQC_DW6,
	REC_EQE_DMA,
	REC_AEQE_DMA,
	REC_SQC_DMA,
	REC_CQC_DMA,
	REC_FIELDS,
};

const char *record_name(enum record_field field);
size_t record_offset(enum record_field field);
uint64_t record_get(const void *record, enum record_field field);
void record_set(void *record, enum record_field field, uint64_t value);
/* Print all fields of len bytes of record as comments. */
void record_note(const void *record, size_t len);

#endif /* HACC_RECORD_H */
