// SPDX-License-Identifier: GPL-2.0-only
#include <string.h>

#include "record.h"
#include "tap.h"

static const struct {
	const char *name;
	uint16_t offset;
	uint16_t size;
} record_fields[REC_FIELDS] = {
	[REC_MAGIC]		= { "magic",		0,   8 },
	[REC_QP_NUM]		= { "qp_num",		8,   4 },
	[REC_DEV_ID]		= { "dev_id",		12,  4 },
	[REC_QUE_ISO_CFG]	= { "que_iso_cfg",	16,  4 },
	[REC_QP_BASE]		= { "qp_base",		20,  4 },
	[REC_VF_QM_STATE]	= { "vf_qm_state",	24,  4 },
	[REC_MAJOR]		= { "major",		28,  2 },
	[REC_MINOR]		= { "minor",		30,  2 },
	[REC_BAR2_SIZE]		= { "bar2_size",	32,  4 },
	[REC_RSV_MATCH]		= { "rsv_match",	36,  4 },
	[REC_AEQ_INT_MASK]	= { "aeq_int_mask",	40,  4 },
	[REC_EQ_INT_MASK]	= { "eq_int_mask",	44,  4 },
	[REC_IFC_INT_SOURCE]	= { "ifc_int_source",	48,  4 },
	[REC_IFC_INT_MASK]	= { "ifc_int_mask",	52,  4 },
	[REC_IFC_INT_SET]	= { "ifc_int_set",	56,  4 },
	[REC_PAGE_SIZE]		= { "page_size",	60,  4 },
	[REC_EQC_DW0]		= { "eqc_dw0",		64,  4 },
	[REC_EQC_DW1]		= { "eqc_dw1",		68,  4 },
	[REC_EQC_DW2]		= { "eqc_dw2",		72,  4 },
	[REC_EQC_DW3]		= { "eqc_dw3",		76,  4 },
	[REC_EQC_DW4]		= { "eqc_dw4",		80,  4 },
	[REC_EQC_DW5]		= { "eqc_dw5",		84,  4 },
	[REC_EQC_DW6]		= { "eqc_dw6",		88,  4 },
	[REC_AEQC_DW0]		= { "aeqc_dw0",		92,  4 },
	[REC_AEQC_DW1]		= { "aeqc_dw1",		96,  4 },
	[REC_AEQC_DW2]		= { "aeqc_dw2",		100, 4 },
	[REC_AEQC_DW3]		= { "aeqc_dw3",		104, 4 },
	[REC_AEQC_DW4]		= { "aeqc_dw4",		108, 4 },
	[REC_AEQC_DW5]		= { "aeqc_dw5",		112, 4 },
	[REC_AEQC_DW6]		= { "aeqc_dw6",		116, 4 },
	[REC_EQE_DMA]		= { "eqe_dma",		144, 8 },
	[REC_AEQE_DMA]		= { "aeqe_dma",		152, 8 },
	[REC_SQC_DMA]		= { "sqc_dma",		160, 8 },
	[REC_CQC_DMA]		= { "cqc_dma",		168, 8 },
};

const char *record_name(enum record_field field)
{
	return record_fields[field].name;
}

size_t record_offset(enum record_field field)
{
	return record_fields[field].offset;
}

/* Both the stream and this machine are little endian. */
uint64_t record_get(const void *record, enum record_field field)
{
	uint64_t value = 0;

	memcpy(&value, (const char *)record + record_fields[field].offset,
	       record_fields[field].size);
	return value;
}

void record_set(void *record, enum record_field field, uint64_t value)
{
	memcpy((char *)record + record_fields[field].offset, &value,
	       record_fields[field].size);
}

void record_note(const void *record, size_t len)
{
	unsigned int i;

	for (i = 0; i < REC_FIELDS; i++) {
		if (record_fields[i].offset + record_fields[i].size > len)
			continue;
		tap_note("%3u %-16s 0x%llx", record_fields[i].offset,
			 record_fields[i].name,
			 (unsigned long long)record_get(record, i));
	}
}
