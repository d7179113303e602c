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

#define MIG_FIELD(type, member, count, offset, meaning)			\
	_Static_assert(__builtin_offsetof(struct mig_record, member) == (offset) && \
		       sizeof(((struct mig_record *)0)->member) ==	\
				sizeof(type) * ((count) ? (count) : 1),	\
		       "mig_record." #member " is misplaced")
#include "mig_record_fields.h"
#undef MIG_FIELD
_Static_assert(sizeof(struct mig_record) == MIG_RECORD_BYTES,
	       "mig_record has a wrong size");

#endif /* MIG_RECORD_H */
