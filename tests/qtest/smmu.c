// SPDX-License-Identifier: GPL-2.0-only
/*
 * The SMMU sets the Access flag and the dirty state, as tests/qemu-smmu adds it to QEMU.
 * What writes and reads through it is the accelerator, by mailbox commands with a context.
 */
#include "qemu/osdep.h"
#include "acc.h"

#define SMMU		0x09050000ull
#define SMMU_IDR0	(SMMU + 0x00)
#define SMMU_CR0	(SMMU + 0x20)
#define SMMU_STRTAB	(SMMU + 0x80)
#define SMMU_STRTAB_CFG	(SMMU + 0x88)
#define SMMU_CMDQ	(SMMU + 0x90)
#define SMMU_CMDQ_PROD	(SMMU + 0x98)
#define SMMU_CMDQ_CONS	(SMMU + 0x9c)
#define SMMU_EVENTQ	(SMMU + 0xa0)
#define IDR0_HTTU(idr0)	((idr0) >> 6 & 3)
#define CR0_ENABLE	0xd	/* translation, event and command queue */

#define STREAM		(ACC_SLOT << 3)
#define STRTAB_LOG2	6
#define QUEUE_LOG2	5

#define CD_AA64		(1u << 9)
#define CD_HD		(1u << 10)
#define CD_HA		(1u << 11)
#define CD_A		(1u << 14)
#define ASID		5

#define PTE_VALID	1ull
#define PTE_PAGE	3ull	/* or a table */
#define PTE_AF		(1ull << 10)
#define PTE_RO		(1ull << 7)
#define PTE_DBM		(1ull << 51)
#define PTE_CLEAN	(PTE_AF | PTE_RO | PTE_DBM)

#define CMD_CFGI_ALL	0x04	/* CFGI_STE_RANGE of all streams */
#define CMD_TLBI_VA	0x12

#define IOVA		0x40000000ull	/* the first that table 2 is for */
#define BLOCK		(2u << 20)

#define WITH_HTTU	",iommu=smmuv3 -global arm-smmuv3.httu=on"
#define STRICT		WITH_HTTU " -global arm-smmuv3.x-strict-tlb=on"

struct smmu {
	struct acc acc;
	uint64_t cd, cmdq, page;
	uint64_t table[4];	/* of this level, from 1; a page's entry is in the last */
	unsigned cmds;
};

static void map(struct smmu *s, unsigned level, uint64_t pte)
{
	qtest_writeq(s->acc.q, s->table[level], pte);
}

static uint64_t pte(struct smmu *s, unsigned level)
{
	return qtest_readq(s->acc.q, s->table[level]);
}

static void command(struct smmu *s, uint64_t low, uint64_t high)
{
	uint64_t at = s->cmdq + s->cmds % (1 << QUEUE_LOG2) * 16;

	qtest_writeq(s->acc.q, at, low);
	qtest_writeq(s->acc.q, at + 8, high);
	s->cmds++;
	qtest_writel(s->acc.q, SMMU_CMDQ_PROD, s->cmds % (2 << QUEUE_LOG2));
	g_assert_cmphex(qtest_readl(s->acc.q, SMMU_CMDQ_CONS), ==,
			s->cmds % (2 << QUEUE_LOG2));
}

/* One page of IOVA, by a range of one with this level as a hint, or none. */
static void invalidate(struct smmu *s, unsigned level)
{
	command(s, CMD_TLBI_VA | (uint64_t)ASID << 48, IOVA | 1 << 10 | level << 8);
}

/* A machine with this SMMU, whose tables have this context descriptor; one page is mapped. */
static void start(struct smmu *s, const char *machine, uint32_t cd_flags)
{
	QTestState *q;
	uint64_t strtab, eventq;
	unsigned level;

	memset(s, 0, sizeof(*s));
	acc_start_machine(&s->acc, machine, "");
	q = s->acc.q;
	/* The machine's own tables are where memory begins. */
	qtest_memset(q, ACC_RAM, 0, ACC_RAM_SIZE);
	strtab = acc_alloc(&s->acc, 64 << STRTAB_LOG2);
	s->cd = acc_alloc(&s->acc, 64);
	s->cmdq = acc_alloc(&s->acc, 16 << QUEUE_LOG2);
	eventq = acc_alloc(&s->acc, 32 << QUEUE_LOG2);
	for (level = 1; level <= 3; level++)
		s->table[level] = acc_alloc(&s->acc, 0x1000);
	s->acc.ram = QEMU_ALIGN_UP(s->acc.ram, BLOCK);
	s->page = acc_alloc(&s->acc, BLOCK);

	/* 39 bits in pages of 4 KiB: tables from level 1 on; the second half is not used. */
	qtest_writel(q, s->cd, 25 | 1u << 30 | 1u << 31);
	qtest_writel(q, s->cd + 4, 2 | cd_flags | CD_AA64 | CD_A | ASID << 16);
	qtest_writeq(q, s->cd + 8, s->table[1]);
	s->table[1] += 8;	/* IOVA's entry is the second there */
	map(s, 1, s->table[2] | PTE_PAGE);
	map(s, 2, s->table[3] | PTE_PAGE);

	qtest_writeq(q, strtab + STREAM * 64, s->cd | 1 | 5 << 1);	/* valid, stage 1 */
	qtest_writeq(q, SMMU_STRTAB, strtab);
	qtest_writel(q, SMMU_STRTAB_CFG, STRTAB_LOG2);
	qtest_writeq(q, SMMU_CMDQ, s->cmdq | QUEUE_LOG2);
	qtest_writeq(q, SMMU_EVENTQ, eventq | QUEUE_LOG2);
	qtest_writel(q, SMMU_CR0, CR0_ENABLE);
	command(s, CMD_CFGI_ALL, 31);
}

static void end(struct smmu *s)
{
	acc_end(&s->acc);
}

/* Does the accelerator get through to the page, to write a context or to read one? */
static bool writes(struct smmu *s)
{
	return !MB_STATUS(acc_mb(&s->acc, 0, MB_EQC | MB_GET, 0, IOVA));
}

static bool reads(struct smmu *s)
{
	return !MB_STATUS(acc_mb(&s->acc, 0, MB_EQC, 0, IOVA));
}

/* A write gets through by this entry, which is then another one, or the same. */
static void check_write(struct smmu *s, unsigned level, uint64_t then)
{
	g_assert_true(writes(s));
	g_assert_cmphex(pte(s, level), ==, then);
}

static unsigned dirty_marks(struct smmu *s)
{
	QDict *answer = qtest_qmp(s->acc.q, "{'execute': 'qom-list', 'arguments': "
				  "{'path': '/machine/unattached'}}");
	QListEntry *entry;
	char *path = NULL;
	unsigned marks;

	QLIST_FOREACH_ENTRY(qdict_get_qlist(answer, "return"), entry) {
		QDict *child = qobject_to(QDict, qlist_entry_obj(entry));

		if (!strcmp(qdict_get_str(child, "type"), "child<arm-smmuv3>"))
			path = g_strdup_printf("/machine/unattached/%s",
					       qdict_get_str(child, "name"));
	}
	qobject_unref(answer);
	g_assert_nonnull(path);
	answer = qtest_qmp(s->acc.q, "{'execute': 'qom-get', 'arguments': "
			   "{'path': %s, 'property': 'dirty-marks'}}", path);
	marks = qdict_get_int(answer, "return");
	qobject_unref(answer);
	g_free(path);
	return marks;
}

static void no_httu(void)
{
	struct smmu s;

	start(&s, ",iommu=smmuv3", 0);
	g_assert_cmpuint(IDR0_HTTU(qtest_readl(s.acc.q, SMMU_IDR0)), ==, 0);
	map(&s, 3, s.page | PTE_PAGE | PTE_CLEAN);
	g_assert_true(reads(&s));
	g_assert_false(writes(&s));
	map(&s, 3, s.page | PTE_PAGE);
	invalidate(&s, 0);
	g_assert_false(reads(&s));
	g_assert_cmphex(pte(&s, 3), ==, s.page | PTE_PAGE);
	end(&s);

	/* And there it is a fault of the descriptor to ask for it. */
	start(&s, ",iommu=smmuv3", CD_HA | CD_HD);
	map(&s, 3, s.page | PTE_PAGE | PTE_AF);
	g_assert_false(reads(&s));
	end(&s);
}

static void access_flag(void)
{
	struct smmu s;

	start(&s, WITH_HTTU, CD_HA);
	g_assert_cmpuint(IDR0_HTTU(qtest_readl(s.acc.q, SMMU_IDR0)), ==, 2);
	map(&s, 3, s.page | PTE_PAGE | PTE_RO | PTE_DBM);
	g_assert_true(reads(&s));
	g_assert_cmphex(pte(&s, 3), ==, s.page | PTE_PAGE | PTE_CLEAN);
	/* HA alone makes nothing dirty. */
	g_assert_false(writes(&s));
	g_assert_cmphex(pte(&s, 3), ==, s.page | PTE_PAGE | PTE_CLEAN);
	end(&s);
}

static void dirty_state(void)
{
	struct smmu s;

	start(&s, WITH_HTTU, CD_HA | CD_HD);
	map(&s, 3, s.page | PTE_PAGE | PTE_CLEAN);
	g_assert_true(reads(&s));
	g_assert_cmphex(pte(&s, 3), ==, s.page | PTE_PAGE | PTE_CLEAN);
	g_assert_cmpuint(dirty_marks(&s), ==, 0);
	/* Though an entry of a clean page is in the TLB now. */
	check_write(&s, 3, s.page | PTE_PAGE | PTE_AF | PTE_DBM);
	g_assert_true(writes(&s));
	g_assert_cmpuint(dirty_marks(&s), ==, 1);

	/* Without DBM what is read-only stays so. */
	map(&s, 3, s.page | PTE_PAGE | PTE_AF | PTE_RO);
	invalidate(&s, 0);
	g_assert_false(writes(&s));
	g_assert_cmphex(pte(&s, 3), ==, s.page | PTE_PAGE | PTE_AF | PTE_RO);
	g_assert_cmpuint(dirty_marks(&s), ==, 1);
	end(&s);
}

/* Whoever clears the dirty state has to invalidate. */
static void tlb_marks_nothing(void)
{
	struct smmu s;

	start(&s, WITH_HTTU, CD_HA | CD_HD);
	map(&s, 3, s.page | PTE_PAGE | PTE_CLEAN);
	g_assert_true(writes(&s));
	map(&s, 3, s.page | PTE_PAGE | PTE_CLEAN);
	check_write(&s, 3, s.page | PTE_PAGE | PTE_CLEAN);
	invalidate(&s, 3);
	check_write(&s, 3, s.page | PTE_PAGE | PTE_AF | PTE_DBM);
	g_assert_cmpuint(dirty_marks(&s), ==, 2);
	end(&s);
}

/* A hint at the level of pages leaves a block in a strict TLB, and takes it from another. */
static void blocks(void)
{
	const uint64_t clean = PTE_VALID | PTE_CLEAN, dirty = PTE_VALID | PTE_AF | PTE_DBM;
	struct smmu s;

	start(&s, STRICT, CD_HA | CD_HD);
	map(&s, 2, s.page | clean);
	check_write(&s, 2, s.page | dirty);
	map(&s, 2, s.page | clean);
	invalidate(&s, 3);
	check_write(&s, 2, s.page | clean);
	invalidate(&s, 0);
	check_write(&s, 2, s.page | dirty);
	map(&s, 2, s.page | clean);
	invalidate(&s, 2);
	check_write(&s, 2, s.page | dirty);
	end(&s);

	start(&s, WITH_HTTU, CD_HA | CD_HD);
	map(&s, 2, s.page | clean);
	g_assert_true(writes(&s));
	map(&s, 2, s.page | clean);
	invalidate(&s, 3);
	check_write(&s, 2, s.page | dirty);
	end(&s);
}

void acc_add_smmu_tests(void)
{
	qtest_add_func("/acc/smmu/no-httu", no_httu);
	qtest_add_func("/acc/smmu/access-flag", access_flag);
	qtest_add_func("/acc/smmu/dirty-state", dirty_state);
	qtest_add_func("/acc/smmu/tlb-marks-nothing", tlb_marks_nothing);
	qtest_add_func("/acc/smmu/blocks", blocks);
}
