/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The migration record: what goes through the data fd of a VF, 176 bytes,
 * little endian. The in-tree driver sends and takes the same bytes, so nothing
 * here can change. Shared by the module, its tests and the user space tools;
 * docs/stream.md explains the fields.
 */
#ifndef MIG_RECORD_H
#define MIG_RECORD_H

#include <linux/types.h>

#define MIG_MAGIC_V1		0xcdcdcdcdfeedaaccULL
#define MIG_MAGIC_V2		0xaaccfeeddecadedeULL
#define MIG_MAJOR		1
#define MIG_MINOR		1	/* from 1 on rsv_match[0] is the BAR2 size */

#define MIG_MATCH_BYTES		40
#define MIG_RECORD_BYTES	176

#define MIG_VF_READY		0	/* vf_qm_state */
#define MIG_VF_NOT_READY	1

/*
 * F(type, member, count, offset, meaning): every field in order. count 0 is a
 * plain member, else an array. The layout of struct mig_record, the assertions
 * below, and the listings of tools and tests are all made of this.
 */
#define MIG_RECORD_FIELDS(F) \
	F(__le64, magic,          0,   0, "format, V1 or V2") \
	F(__le32, qp_num,         0,   8, "queue pairs of the VF") \
	F(__le32, dev_id,         0,  12, "PCI device id of the VF") \
	F(__le32, que_iso_cfg,    0,  16, "queue isolation of the PF") \
	F(__le32, qp_base,        0,  20, "first queue pair on the source") \
	F(__le32, vf_qm_state,    0,  24, "guest driver: 0 ready, 1 not ready") \
	F(__le16, major,          0,  28, "format version (V2)") \
	F(__le16, minor,          0,  30, "format version (V2)") \
	F(__le32, bar2_size,      0,  32, "BAR2 size the guest sees (minor 1), 0 unknown") \
	F(__le32, rsv_match,      0,  36, "reserved") \
	F(__le32, aeq_int_mask,   0,  40, "register 0x04") \
	F(__le32, eq_int_mask,    0,  44, "register 0x0c") \
	F(__le32, ifc_int_source, 0,  48, "register 0x20") \
	F(__le32, ifc_int_mask,   0,  52, "register 0x24") \
	F(__le32, ifc_int_set,    0,  56, "register 0x2c") \
	F(__le32, page_size,      0,  60, "register 0x34") \
	F(__le32, eqc,            7,  64, "EQC dwords 0..6") \
	F(__le32, aeqc,           7,  92, "AEQC dwords 0..6") \
	F(__le32, rsv_regs,       6, 120, "reserved") \
	F(__le64, eqe_dma,        0, 144, "EQ ring, EQC dwords 2:1") \
	F(__le64, aeqe_dma,       0, 152, "AEQ ring, AEQC dwords 2:1") \
	F(__le64, sqc_dma,        0, 160, "SQC table") \
	F(__le64, cqc_dma,        0, 168, "CQC table")

struct mig_record {
	__le64 magic;
	__le32 qp_num;
	__le32 dev_id;
	__le32 que_iso_cfg;
	__le32 qp_base;
	__le32 vf_qm_state;
	__le16 major;
	__le16 minor;
	__le32 bar2_size;
	__le32 rsv_match;

	__le32 aeq_int_mask;
	__le32 eq_int_mask;
	__le32 ifc_int_source;
	__le32 ifc_int_mask;
	__le32 ifc_int_set;
	__le32 page_size;
	__le32 eqc[7];
	__le32 aeqc[7];
	__le32 rsv_regs[6];
	__le64 eqe_dma;
	__le64 aeqe_dma;
	__le64 sqc_dma;
	__le64 cqc_dma;
};

#define MIG_RECORD_ASSERT(type, member, count, offset, meaning) \
	_Static_assert(__builtin_offsetof(struct mig_record, member) == (offset), \
		       "mig_record." #member " is misplaced"); \
	_Static_assert(sizeof(((struct mig_record *)0)->member) == \
		       sizeof(type) * ((count) ? (count) : 1), \
		       "mig_record." #member " has a wrong size");
MIG_RECORD_FIELDS(MIG_RECORD_ASSERT)
_Static_assert(sizeof(struct mig_record) == MIG_RECORD_BYTES,
	       "mig_record has a wrong size");

#endif /* MIG_RECORD_H */
