/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The fields of the migration record by name, for those who show it to people.
 * They stand in order and without gaps, so each begins where the one before ends.
 */
#ifndef MIG_RECORD_FIELDS_H
#define MIG_RECORD_FIELDS_H

struct mig_record_field {
	const char *name;
	unsigned int bytes;	/* of one element */
	unsigned int count;
	const char *meaning;
};

static const struct mig_record_field mig_record_fields[] = {
	{ "magic", 8, 1, "format, V1 or V2" },
	{ "qp_num", 4, 1, "queue pairs of the VF" },
	{ "dev_id", 4, 1, "PCI device id of the VF" },
	{ "que_iso_cfg", 4, 1, "queue isolation of the PF" },
	{ "qp_base", 4, 1, "first queue pair on the source" },
	{ "vf_qm_state", 4, 1, "guest driver: 0 ready, 1 not ready" },
	{ "major", 2, 1, "format version (V2)" },
	{ "minor", 2, 1, "format version (V2)" },
	{ "bar2_size", 4, 1, "BAR2 size the guest sees (minor 1), 0 unknown" },
	{ "rsv_match", 4, 1, "reserved" },
	{ "aeq_int_mask", 4, 1, "register 0x04" },
	{ "eq_int_mask", 4, 1, "register 0x0c" },
	{ "ifc_int_source", 4, 1, "register 0x20" },
	{ "ifc_int_mask", 4, 1, "register 0x24" },
	{ "ifc_int_set", 4, 1, "register 0x2c" },
	{ "page_size", 4, 1, "register 0x34" },
	{ "eqc", 4, 7, "EQC dwords 0..6" },
	{ "aeqc", 4, 7, "AEQC dwords 0..6" },
	{ "rsv_regs", 4, 6, "reserved" },
	{ "eqe_dma", 8, 1, "EQ ring, EQC dwords 2:1" },
	{ "aeqe_dma", 8, 1, "AEQ ring, AEQC dwords 2:1" },
	{ "sqc_dma", 8, 1, "SQC table" },
	{ "cqc_dma", 8, 1, "CQC table" },
};

#endif /* MIG_RECORD_FIELDS_H */
