// SPDX-License-Identifier: GPL-2.0-only
/*
 * The simulated accelerator of the tests: see qm_sim.h.
 */
#include <linux/module.h>
#include <linux/pci.h>

#include "qm_sim.h"

#define MB_OFFSET	0x300
#define MB_CMD		GENMASK(3, 0)
#define MB_BUSY		BIT(13)
#define MB_GET		BIT(14)
#define WB_START	0x204
#define WB_DONE		0x208

/* KUnit runs one test at a time. */
struct qm_sim qm_sim;
struct mig_log qm_sim_log;
/* Never registered: messages only need its name. */
static struct device qm_sim_dev = { .init_name = "simulated" };

static enum qm_sim_space space_of(void __iomem *addr)
{
	return (unsigned long)addr >> QM_SIM_SPACE_SHIFT;
}

static u32 offset_of(void __iomem *addr)
{
	return (unsigned long)addr & (BIT(QM_SIM_SPACE_SHIFT) - 1);
}

static bool is_gone(void)
{
	return qm_sim.accesses > qm_sim.gone_after;
}

static void violation(const char *what, void __iomem *addr)
{
	qm_sim.violations++;
	pr_err("simulated: %s at space %d offset %#x\n", what, space_of(addr),
	       offset_of(addr));
}

static void record(enum qm_sim_kind kind, void __iomem *addr, u32 size, u64 val, u64 hi)
{
	enum qm_sim_space space = space_of(addr);
	u32 offset = offset_of(addr);

	if (offset % size)
		violation("unaligned access", addr);
	if (space == QM_SIM_WIN && offset + size > qm_sim.win_len)
		violation("access beyond the function", addr);
	if (qm_sim.num_ops < QM_SIM_OPS)
		qm_sim.ops[qm_sim.num_ops] = (struct qm_sim_op){
			kind, space, offset, val, hi
		};
	qm_sim.num_ops++;
	qm_sim.accesses++;
}

void qm_sim_set_later(void __iomem *addr, u32 val, unsigned int reads, u32 later)
{
	unsigned int i;

	for (i = 0; i < QM_SIM_REGS - 1; i++) {
		if (!qm_sim.regs[i].addr || qm_sim.regs[i].addr == addr)
			break;
	}
	if (qm_sim.regs[i].addr && qm_sim.regs[i].addr != addr)
		violation("no room for a register", addr);
	if (qm_sim.regs[i].stuck)
		return;
	qm_sim.regs[i].addr = addr;
	qm_sim.regs[i].val = val;
	qm_sim.regs[i].later = later;
	qm_sim.regs[i].reads = reads;
}

/* From now on it reads as val, whatever is written. */
void qm_sim_stuck(void __iomem *addr, u32 val)
{
	unsigned int i;

	qm_sim_set(addr, val);
	for (i = 0; i < QM_SIM_REGS; i++) {
		if (qm_sim.regs[i].addr == addr)
			qm_sim.regs[i].stuck = true;
	}
}

/* Reads a register for the hardware, or for a look at what has become of it. */
u32 qm_sim_get(void __iomem *addr)
{
	unsigned int i;

	for (i = 0; i < QM_SIM_REGS; i++) {
		if (qm_sim.regs[i].addr == addr)
			return qm_sim.regs[i].val;
	}
	return 0;
}

/* Is the register one of a function that is at work on a command? */
static bool is_at_work(void __iomem *addr)
{
	return space_of(addr) == QM_SIM_WIN && qm_sim.mb_left;
}

static u32 read_reg(void __iomem *addr)
{
	unsigned int i;

	for (i = 0; i < QM_SIM_REGS; i++) {
		if (qm_sim.regs[i].addr != addr)
			continue;
		if (!qm_sim.regs[i].reads)
			qm_sim.regs[i].val = qm_sim.regs[i].later;
		else if (qm_sim.regs[i].reads != QM_SIM_FOREVER)
			qm_sim.regs[i].reads--;
		if (!is_at_work(addr) || qm_sim.meanwhile != QM_SIM_OLD)
			qm_sim.regs[i].seen = qm_sim.regs[i].val;
		return qm_sim.regs[i].seen;
	}
	return 0;
}

static void start_write_back(void)
{
	void __iomem *done = qm_sim_addr(QM_SIM_WIN, WB_DONE);

	if (qm_sim.wb_clear == QM_SIM_WB_BY_START || !qm_sim_get(done))
		qm_sim_set_later(done, 0, qm_sim.wb_busy, 1);
}

static u32 read_wb_done(void __iomem *done)
{
	u32 val = read_reg(done);

	if (val && qm_sim.wb_clear == QM_SIM_WB_BY_READ)
		qm_sim_set(done, 0);
	return val;
}

u32 qm_io_read32(void __iomem *addr)
{
	record(QM_SIM_R32, addr, sizeof(u32), 0, 0);
	if (is_gone() || (is_at_work(addr) && qm_sim.meanwhile == QM_SIM_ONES))
		return U32_MAX;
	return addr == qm_sim_addr(QM_SIM_WIN, WB_DONE) ? read_wb_done(addr) : read_reg(addr);
}

void qm_io_write32(void __iomem *addr, u32 val)
{
	record(QM_SIM_W32, addr, sizeof(u32), val, 0);
	if (is_gone())
		return;
	qm_sim_set(addr, val);
	if (addr == qm_sim_addr(QM_SIM_WIN, WB_START) && val == 1)
		start_write_back();
}

void qm_io_write64(void __iomem *addr, u64 val)
{
	record(QM_SIM_W64, addr, sizeof(u64), val, 0);
}

struct qm_io128 qm_io_read128(void __iomem *addr)
{
	struct qm_io128 mb = qm_sim.mb;

	record(QM_SIM_R128, addr, 2 * sizeof(u64), 0, 0);
	if (addr != qm_sim_addr(QM_SIM_WIN, MB_OFFSET))
		violation("128-bit read", addr);
	if (is_gone())
		return (struct qm_io128){ U64_MAX, U64_MAX };

	if (qm_sim.mb_left) {
		if (qm_sim.mb_left != QM_SIM_FOREVER)
			qm_sim.mb_left--;
		mb.lo |= MB_BUSY;
	}
	return mb;
}

void qm_io_write128(void __iomem *addr, struct qm_io128 v)
{
	unsigned int cmd = v.lo & MB_CMD;
	u64 *table = cmd == 4 ? &qm_sim.sqc : cmd == 5 ? &qm_sim.cqc :
		     cmd == 6 ? &qm_sim.vft : NULL;

	record(QM_SIM_W128, addr, 2 * sizeof(u64), v.lo, v.hi);
	if (is_gone())
		return;
	if (addr != qm_sim_addr(QM_SIM_WIN, MB_OFFSET) || !(v.lo & MB_BUSY))
		violation("128-bit write that is no command", addr);
	if (qm_sim.mb_left)
		violation("command while busy", addr);

	if (table && !(v.lo & MB_GET) && !qm_sim.mb_status[cmd])
		*table = v.lo >> 32 | v.hi << 32;
	/* The command stays to be read, with the result in the address. */
	qm_sim.mb.lo = (v.lo & ~MB_BUSY) | qm_sim.mb_status[cmd] << 9;
	if (table && (v.lo & MB_GET)) {
		qm_sim.mb.lo = (u32)qm_sim.mb.lo | *table << 32;
		/* Nobody says that the reserved last dword is zero. */
		qm_sim.mb.hi = *table >> 32 | 0xfeedULL << 48;
	}
	qm_sim.mb_left = qm_sim.mb_busy[cmd];
}

int qm_io_poll32(void __iomem *addr, u32 *val, u32 mask, u32 want,
		 u32 expect_ns, u32 timeout_us)
{
	unsigned int i;

	for (i = 0; i < QM_SIM_TRIES; i++) {
		*val = qm_io_read32(addr);
		if ((*val & mask) == want)
			return 0;
	}
	qm_sim.waited_us += timeout_us;
	return -ETIMEDOUT;
}

int qm_io_poll128(void __iomem *addr, struct qm_io128 *val,
		  bool (*done)(struct qm_io128 val), u32 expect_ns, u32 timeout_us)
{
	unsigned int i;

	for (i = 0; i < QM_SIM_TRIES; i++) {
		*val = qm_io_read128(addr);
		if (done(*val))
			return 0;
	}
	qm_sim.waited_us += timeout_us;
	return -ETIMEDOUT;
}

bool qm_sim_warn(bool condition)
{
	qm_sim.warnings += condition;
	return condition;
}

/* For .init and .exit of a suite: a healthy function, no violation at the end. */
int qm_sim_init(struct kunit *test)
{
	memset(&qm_sim, 0, sizeof(qm_sim));
	qm_sim.win_len = 0x10000;
	qm_sim.gone_after = QM_SIM_FOREVER;
	mig_log_init(&qm_sim_log, &qm_sim_dev);
	return 0;
}

void qm_sim_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, qm_sim.violations, 0);
	KUNIT_EXPECT_EQ(test, qm_sim.warnings, 0);
}

/* What the control mode makes of the function's registers. */
struct qm_win qm_sim_win(enum qm_mig_ctrl ctrl)
{
	bool by_pf = ctrl == QM_MIG_CTRL_PF;

	qm_sim.win_len = by_pf ? 0x2000 : 0x10000;
	return (struct qm_win){
		.log = &qm_sim_log,
		.regs = qm_sim_addr(QM_SIM_WIN, 0),
		.len = qm_sim.win_len,
		.eqc = by_pf ? 0x1c00 : 0x8000,
		.aeqc = by_pf ? 0x1c20 : 0x8020,
		.doorbells = qm_sim_addr(QM_SIM_DB, 0),
		.ver = by_pf ? 0x50 : 0x30,
		.tells_meanwhile = true,
	};
}

/* That of a ZIP. */
struct qm_pf *qm_sim_pf(struct kunit *test, u32 ver)
{
	static const struct qm_engine zip = { "ZIP", 0xa251, 0x3010ac };
	struct pci_dev *pdev = kunit_kzalloc(test, sizeof(*pdev), GFP_KERNEL);
	struct qm_pf *pf = kunit_kzalloc(test, sizeof(*pf), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, pdev);
	KUNIT_ASSERT_NOT_NULL(test, pf);
	pdev->dev.init_name = "simulated PF";
	pf->pdev = pdev;
	pf->regs = qm_sim_addr(QM_SIM_PF, 0);
	pf->regs_len = 0x400000;
	pf->ver = ver;
	pf->engine = &zip;
	return pf;
}

/* What has been accessed so far is of no interest. */
void qm_sim_forget(void)
{
	qm_sim.num_ops = 0;
}

unsigned int qm_sim_count_writes(void)
{
	unsigned int i, num = 0;

	for (i = 0; i < min(qm_sim.num_ops, QM_SIM_OPS); i++)
		num += qm_sim.ops[i].kind != QM_SIM_R32 && qm_sim.ops[i].kind != QM_SIM_R128;
	return num;
}

static bool same_op(const struct qm_sim_op *a, const struct qm_sim_op *b)
{
	if (a->kind != b->kind || a->space != b->space || a->offset != b->offset)
		return false;
	return a->kind == QM_SIM_R32 || a->kind == QM_SIM_R128 ||
	       (a->val == b->val && a->hi == b->hi);
}

static void show_op(struct kunit *test, const char *what, const struct qm_sim_op *op)
{
	static const char * const kinds[] = {
		[QM_SIM_R32] = "read32", [QM_SIM_W32] = "write32",
		[QM_SIM_W64] = "write64", [QM_SIM_R128] = "read128",
		[QM_SIM_W128] = "write128",
	};
	static const char * const spaces[] = {
		[QM_SIM_WIN] = "function", [QM_SIM_DB] = "doorbells",
		[QM_SIM_PF] = "PF",
	};

	kunit_info(test, "%s: %s %s+%#x val %#llx hi %#llx", what, kinds[op->kind],
		   spaces[op->space], op->offset, op->val, op->hi);
}

void qm_sim_expect(struct kunit *test, const struct qm_sim_op *ops, unsigned int num)
{
	unsigned int seen = min(qm_sim.num_ops, QM_SIM_OPS);
	unsigned int i;

	for (i = 0; i < min(seen, num); i++) {
		if (same_op(&qm_sim.ops[i], &ops[i]))
			continue;
		show_op(test, "seen", &qm_sim.ops[i]);
		show_op(test, "want", &ops[i]);
		KUNIT_FAIL(test, "access %u of %u is another one", i, num);
		break;
	}
	if (i == num && i < seen)
		show_op(test, "seen", &qm_sim.ops[i]);
	if (i == seen && i < num)
		show_op(test, "want", &ops[i]);
	KUNIT_EXPECT_EQ_MSG(test, qm_sim.num_ops, num, "number of accesses");
	qm_sim_forget();
}

MODULE_DESCRIPTION("KUnit tests of hisi_acc_vfio_pci");
MODULE_LICENSE("GPL");
