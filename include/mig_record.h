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
#ifdef __KERNEL__
#include <linux/build_bug.h>
#include <linux/stddef.h>
#else
#include <assert.h>
#include <stddef.h>
#endif

#define MIG_MAGIC_V1		0xcdcdcdcdfeedaaccULL
#define MIG_MAGIC_V2		0xaaccfeeddecadedeULL
#define MIG_MAJOR		1
#define MIG_MINOR		1	/* from 1 on bar2_size says what the guest sees */

#define MIG_MATCH_BYTES		40
#define MIG_RECORD_BYTES	176

#define MIG_VF_READY		0	/* vf_qm_state */
#define MIG_VF_NOT_READY	1

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

#define MIG_RECORD_AT(at, member) \
	static_assert(offsetof(struct mig_record, member) == (at), #member)

MIG_RECORD_AT(0, magic);
MIG_RECORD_AT(8, qp_num);
MIG_RECORD_AT(12, dev_id);
MIG_RECORD_AT(16, que_iso_cfg);
MIG_RECORD_AT(20, qp_base);
MIG_RECORD_AT(24, vf_qm_state);
MIG_RECORD_AT(28, major);
MIG_RECORD_AT(30, minor);
MIG_RECORD_AT(32, bar2_size);
MIG_RECORD_AT(36, rsv_match);
MIG_RECORD_AT(40, aeq_int_mask);
MIG_RECORD_AT(44, eq_int_mask);
MIG_RECORD_AT(48, ifc_int_source);
MIG_RECORD_AT(52, ifc_int_mask);
MIG_RECORD_AT(56, ifc_int_set);
MIG_RECORD_AT(60, page_size);
MIG_RECORD_AT(64, eqc);
MIG_RECORD_AT(92, aeqc);
MIG_RECORD_AT(120, rsv_regs);
MIG_RECORD_AT(144, eqe_dma);
MIG_RECORD_AT(152, aeqe_dma);
MIG_RECORD_AT(160, sqc_dma);
MIG_RECORD_AT(168, cqc_dma);
static_assert(sizeof(struct mig_record) == MIG_RECORD_BYTES, "size");

#endif /* MIG_RECORD_H */
