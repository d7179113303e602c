/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every field of the migration record in order, to be included where
 * MIG_FIELD(type, member, count, offset, meaning) is defined: the layout's
 * assertions and the listings of tools and tests are made of this one table.
 * count 0 is a plain member, else an array; offset in bytes.
 */
MIG_FIELD(__le64, magic,          0,   0, "format, V1 or V2");
MIG_FIELD(__le32, qp_num,         0,   8, "queue pairs of the VF");
MIG_FIELD(__le32, dev_id,         0,  12, "PCI device id of the VF");
MIG_FIELD(__le32, que_iso_cfg,    0,  16, "queue isolation of the PF");
MIG_FIELD(__le32, qp_base,        0,  20, "first queue pair on the source");
MIG_FIELD(__le32, vf_qm_state,    0,  24, "guest driver: 0 ready, 1 not ready");
MIG_FIELD(__le16, major,          0,  28, "format version (V2)");
MIG_FIELD(__le16, minor,          0,  30, "format version (V2)");
MIG_FIELD(__le32, bar2_size,      0,  32, "BAR2 size the guest sees (minor 1), 0 unknown");
MIG_FIELD(__le32, rsv_match,      0,  36, "reserved");
MIG_FIELD(__le32, aeq_int_mask,   0,  40, "register 0x04");
MIG_FIELD(__le32, eq_int_mask,    0,  44, "register 0x0c");
MIG_FIELD(__le32, ifc_int_source, 0,  48, "register 0x20");
MIG_FIELD(__le32, ifc_int_mask,   0,  52, "register 0x24");
MIG_FIELD(__le32, ifc_int_set,    0,  56, "register 0x2c");
MIG_FIELD(__le32, page_size,      0,  60, "register 0x34");
MIG_FIELD(__le32, eqc,            7,  64, "EQC dwords 0..6");
MIG_FIELD(__le32, aeqc,           7,  92, "AEQC dwords 0..6");
MIG_FIELD(__le32, rsv_regs,       6, 120, "reserved");
MIG_FIELD(__le64, eqe_dma,        0, 144, "EQ ring, EQC dwords 2:1");
MIG_FIELD(__le64, aeqe_dma,       0, 152, "AEQ ring, AEQC dwords 2:1");
MIG_FIELD(__le64, sqc_dma,        0, 160, "SQC table");
MIG_FIELD(__le64, cqc_dma,        0, 168, "CQC table");
