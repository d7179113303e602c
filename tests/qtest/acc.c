// SPDX-License-Identifier: GPL-2.0-only
#include <inttypes.h>

#include "qemu/osdep.h"
#include "acc.h"

#define SQE_SIZE	128
#define CQE_SIZE	16
#define CTX_SIZE	32
#define MSI_ENABLE	(1u << 16 | 2u << 20)	/* four messages */

uint64_t acc_cfg(unsigned fn, unsigned off)
{
	return ACC_ECAM + ((ACC_SLOT * 8 + fn) << 12) + off;
}

uint64_t acc_alloc(struct acc *a, size_t size)
{
	uint64_t at = a->ram;

	a->ram += QEMU_ALIGN_UP(size, 0x1000);
	g_assert_cmphex(a->ram, <=, ACC_RAM + ACC_RAM_SIZE);
	return at;
}

static void set_vft(struct acc *a, unsigned fn)
{
	uint64_t entry = (uint64_t)fn * ACC_FUNC_QUEUES << 28 | 1ull << 44 |
			 (uint64_t)(ACC_FUNC_QUEUES - 1) << 45;
	uint64_t at = ACC_PF_BAR2 + 0x100000;

	qtest_writel(a->q, at + 0x58, 0);
	qtest_writel(a->q, at + 0x5c, 0);
	qtest_writel(a->q, at + 0x60, fn);
	qtest_writel(a->q, at + 0x64, entry);
	qtest_writel(a->q, at + 0x68, entry >> 32);
	qtest_writel(a->q, at + 0x6c, 0);
	qtest_writel(a->q, at + 0x54, 1);
	acc_step_us(a, 10);
}

void acc_start(struct acc *a, const char *properties)
{
	acc_start_machine(a, "", properties);
}

void acc_start_machine(struct acc *a, const char *machine, const char *properties)
{
	memset(a, 0, sizeof(*a));
	a->ram = ACC_RAM;
	a->q = qtest_initf("-M virt,highmem=off,gic-version=3%s -m 128M -display none -nodefaults "
			   "-device kunpeng-oracle,addr=1.0 "
			   "-device kunpeng-acc,addr=%d.0,total_vfs=%d,queues=%d%s%s",
			   machine, ACC_SLOT, ACC_VFS, ACC_QUEUES, *properties ? "," : "", properties);
	acc_setup(a);
	g_assert_cmpuint(acc_oracle(a, ACC_VFS, KPO_VFT_NUM), ==, ACC_FUNC_QUEUES);
}

void acc_setup(struct acc *a)
{
	unsigned fn;

	qtest_writel(a->q, ACC_ECAM + (1 << 15) + 0x10, ACC_ORACLE);
	qtest_writel(a->q, ACC_ECAM + (1 << 15) + CFG_COMMAND, 2);

	qtest_writel(a->q, acc_cfg(0, CFG_BAR2), ACC_PF_BAR2);
	qtest_writel(a->q, acc_cfg(0, CFG_BAR2 + 4), 0);
	qtest_writel(a->q, acc_cfg(0, CFG_BAR4), ACC_PF_BAR4);
	qtest_writel(a->q, acc_cfg(0, CFG_BAR4 + 4), 0);
	qtest_writew(a->q, acc_cfg(0, CFG_COMMAND), 6);
	qtest_writel(a->q, acc_cfg(0, CFG_VF_BAR2), ACC_VF_BAR2);
	qtest_writel(a->q, acc_cfg(0, CFG_VF_BAR2 + 4), 0);
	qtest_writel(a->q, acc_cfg(0, CFG_VF_BAR4), ACC_VF_BAR4);
	qtest_writel(a->q, acc_cfg(0, CFG_VF_BAR4 + 4), 0);
	qtest_writew(a->q, acc_cfg(0, CFG_SRIOV_CTRL), 0);
	qtest_writew(a->q, acc_cfg(0, CFG_NUM_VFS), ACC_VFS);
	qtest_writew(a->q, acc_cfg(0, CFG_SRIOV_CTRL), 9);	/* enable, memory */

	for (fn = 0; fn < ACC_FUNCS; fn++) {
		a->func[fn].regs = fn ? ACC_VF_BAR2 + (fn - 1) * 0x10000 : ACC_PF_BAR2;
		qtest_writew(a->q, acc_cfg(fn, CFG_COMMAND), 6);
		set_vft(a, fn);
	}
}

void acc_end(struct acc *a)
{
	qtest_quit(a->q);
}

void acc_reset(struct acc *a, unsigned fn)
{
	unsigned i;

	qtest_writew(a->q, acc_cfg(fn, CFG_DEVCTL), CFG_FLR);
	qtest_writew(a->q, acc_cfg(fn, CFG_COMMAND), 6);
	for (i = 0; !fn && i < ACC_FUNCS; i++)
		set_vft(a, i);
}

uint32_t acc_rd(struct acc *a, unsigned fn, unsigned off)
{
	return qtest_readl(a->q, a->func[fn].regs + off);
}

void acc_wr(struct acc *a, unsigned fn, unsigned off, uint32_t val)
{
	qtest_writel(a->q, a->func[fn].regs + off, val);
}

void acc_step_us(struct acc *a, int64_t us)
{
	qtest_clock_step(a->q, us * 1000);
}

uint32_t acc_oracle(struct acc *a, unsigned fn, uint32_t reg)
{
	qtest_writel(a->q, ACC_ORACLE + KPO_FUNC, ACC_SLOT * 8 + fn);
	return qtest_readl(a->q, ACC_ORACLE + reg);
}

void acc_oracle_set(struct acc *a, unsigned fn, uint32_t reg, uint32_t val)
{
	qtest_writel(a->q, ACC_ORACLE + KPO_FUNC, ACC_SLOT * 8 + fn);
	qtest_writel(a->q, ACC_ORACLE + reg, val);
}

uint64_t acc_counter(struct acc *a, unsigned fn, unsigned counter)
{
	qtest_writel(a->q, ACC_ORACLE + KPO_PHASE_SEL, KPO_PHASE_ALL);
	return acc_oracle(a, fn, KPO_COUNTER(counter));
}

void acc_violations(struct acc *a, unsigned kind, unsigned count)
{
	unsigned logged = qtest_readl(a->q, ACC_ORACLE + KPO_VIOL_LOGGED), i;

	for (i = 0; i < logged; i++) {
		char text[KPO_VIOL_TEXT_LEN + 1] = "";

		qtest_writel(a->q, ACC_ORACLE + KPO_VIOL_INDEX, i);
		qtest_memread(a->q, ACC_ORACLE + KPO_VIOL_TEXT, text, KPO_VIOL_TEXT_LEN);
		if (logged != count || qtest_readl(a->q, ACC_ORACLE + KPO_VIOL_KIND) != kind)
			g_test_message("violation, kind %u, offset 0x%x: %s",
				       qtest_readl(a->q, ACC_ORACLE + KPO_VIOL_KIND),
				       qtest_readl(a->q, ACC_ORACLE + KPO_VIOL_OFFSET), text);
		g_assert_cmpuint(qtest_readl(a->q, ACC_ORACLE + KPO_VIOL_KIND), ==, kind);
	}
	g_assert_cmpuint(logged, ==, count);
	qtest_writel(a->q, ACC_ORACLE + KPO_CTRL, KPO_CTRL_CLEAR_VIOLATIONS);
}

void acc_mb_store(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue, uint64_t data)
{
	uint64_t low = cmd | MB_BUSY | (uint64_t)queue << 16 | data << 32;

	qtest_writeq(a->q, a->func[fn].regs + REG_MAILBOX, low);
	qtest_writeq(a->q, a->func[fn].regs + REG_MAILBOX + 8, data >> 32);
}

bool acc_mb_busy(struct acc *a, unsigned fn)
{
	return qtest_readq(a->q, a->func[fn].regs + REG_MAILBOX) & MB_BUSY;
}

uint64_t acc_mb(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue, uint64_t data)
{
	unsigned tries;

	acc_mb_store(a, fn, cmd, queue, data);
	for (tries = 0; tries < 1000 && acc_mb_busy(a, fn); tries++)
		acc_step_us(a, 10);
	g_assert_false(acc_mb_busy(a, fn));
	return qtest_readq(a->q, a->func[fn].regs + REG_MAILBOX);
}

void acc_db(struct acc *a, unsigned fn, unsigned queue, unsigned cmd, unsigned index,
	    unsigned priority)
{
	uint64_t val = queue | cmd << 12 | (uint64_t)index << 32 | (uint64_t)priority << 48;

	qtest_writeq(a->q, a->func[fn].regs + (cmd < DB_EQ ? REG_DB_SQ_CQ : REG_DB_EQ_AEQ), val);
}

void acc_set_context(struct acc *a, unsigned fn, uint32_t cmd, unsigned queue,
		     const uint32_t *dw)
{
	unsigned i;

	for (i = 0; i < CTX_SIZE / 4; i++)
		qtest_writel(a->q, a->func[fn].scratch + i * 4, dw[i]);
	g_assert_cmpuint(MB_STATUS(acc_mb(a, fn, cmd, queue, a->func[fn].scratch)), ==, 0);
}

static void start_events(struct acc *a, unsigned fn, uint32_t cmd, uint64_t ring)
{
	uint32_t dw[8] = { [1] = ring, [2] = ring >> 32, [6] = 1u << 16 | (ACC_EVENTS - 1) };

	acc_set_context(a, fn, cmd, 0, dw);
}

void acc_func_start(struct acc *a, unsigned fn)
{
	struct acc_func *f = &a->func[fn];

	f->sqc = acc_alloc(a, ACC_FUNC_QUEUES * CTX_SIZE);
	f->cqc = acc_alloc(a, ACC_FUNC_QUEUES * CTX_SIZE);
	f->eq = acc_alloc(a, ACC_EVENTS * 4);
	f->aeq = acc_alloc(a, ACC_EVENTS * 4);
	f->scratch = acc_alloc(a, CTX_SIZE);
	f->msi = acc_alloc(a, 4);

	/* As a driver gives them; where QEMU puts its device tree is not empty. */
	qtest_memset(a->q, f->sqc, 0, ACC_FUNC_QUEUES * CTX_SIZE);
	qtest_memset(a->q, f->cqc, 0, ACC_FUNC_QUEUES * CTX_SIZE);

	qtest_writel(a->q, acc_cfg(fn, CFG_MSI + 4), f->msi);
	qtest_writel(a->q, acc_cfg(fn, CFG_MSI + 8), 0);
	qtest_writel(a->q, acc_cfg(fn, CFG_MSI + 12), 0x40);
	qtest_writel(a->q, acc_cfg(fn, CFG_MSI), MSI_ENABLE);

	start_events(a, fn, MB_EQC, f->eq);
	start_events(a, fn, MB_AEQC, f->aeq);
	acc_mb(a, fn, MB_SQC_BT, 0, f->sqc);
	acc_mb(a, fn, MB_CQC_BT, 0, f->cqc);
	acc_wr(a, fn, REG_EQ_MASK, 0);
	acc_wr(a, fn, REG_AEQ_MASK, 0);
	acc_wr(a, fn, REG_VF_STATE, 0);
}

void acc_queue_start(struct acc *a, unsigned fn, unsigned queue)
{
	struct acc_func *f = &a->func[fn];
	uint64_t sq = acc_alloc(a, ACC_DEPTH * SQE_SIZE);
	uint64_t cq = acc_alloc(a, ACC_DEPTH * CQE_SIZE);
	uint32_t sqc[8] = { [1] = sq, [2] = sq >> 32, [3] = 7 << 12 | (ACC_DEPTH - 1),
			    [6] = queue };
	uint32_t cqc[8] = { [1] = cq, [2] = cq >> 32, [3] = 4 << 12 | (ACC_DEPTH - 1),
			    [6] = 3 };

	f->sq[queue] = sq;
	f->cq[queue] = cq;
	f->tail[queue] = 0;
	acc_set_context(a, fn, MB_SQC, queue, sqc);
	acc_set_context(a, fn, MB_CQC, queue, cqc);
}

void acc_sqe_put(struct acc *a, unsigned fn, unsigned queue, const uint32_t *dw)
{
	struct acc_func *f = &a->func[fn];
	unsigned i;

	for (i = 0; i < SQE_SIZE / 4; i++)
		qtest_writel(a->q, f->sq[queue] + f->tail[queue] * SQE_SIZE + i * 4, dw[i]);
	f->tail[queue] = (f->tail[queue] + 1) % ACC_DEPTH;
}

/*
 * The queue's type is that of deflate; whoever wants the contrary says so in
 * its context, as acc_job_put() does.
 */
static void set_type(struct acc *a, unsigned fn, unsigned queue, bool inflate)
{
	uint32_t dw[8];
	unsigned i;

	acc_mb(a, fn, MB_SQC | MB_GET, queue, a->func[fn].scratch);
	for (i = 0; i < 8; i++)
		dw[i] = qtest_readl(a->q, a->func[fn].scratch + i * 4);
	if ((dw[6] >> 24 & 0xf) == inflate)
		return;
	dw[6] = (dw[6] & ~(0xfu << 24)) | (uint32_t)inflate << 24;
	acc_set_context(a, fn, MB_SQC, queue, dw);
}

void acc_job_put(struct acc *a, unsigned fn, unsigned queue, uint64_t dst, const void *data,
		 unsigned len)
{
	uint64_t src = acc_alloc(a, len + 5);
	uint32_t dw[SQE_SIZE / 4] = {
		[4] = len + 5, [9] = 1, [14] = len,
		[18] = src, [19] = src >> 32, [20] = dst, [21] = dst >> 32,
	};
	/* A deflate block that is stored, and the last one */
	const uint8_t head[5] = { 1, len, len >> 8, ~len, ~len >> 8 };

	qtest_memwrite(a->q, src, head, sizeof(head));
	qtest_memwrite(a->q, src + sizeof(head), data, len);
	set_type(a, fn, queue, true);
	acc_sqe_put(a, fn, queue, dw);
}

void acc_job_deflate(struct acc *a, unsigned fn, unsigned queue, uint64_t src, uint32_t len,
		     uint64_t dst, uint32_t room, bool sgl)
{
	uint32_t dw[SQE_SIZE / 4] = {
		[4] = len, [9] = 1 | (sgl ? 1 << 8 : 0), [14] = room,
		[18] = src, [19] = src >> 32, [20] = dst, [21] = dst >> 32,
	};

	acc_sqe_put(a, fn, queue, dw);
}

void acc_ring(struct acc *a, unsigned fn, unsigned queue)
{
	acc_db(a, fn, queue, DB_SQ, a->func[fn].tail[queue], 0);
}

uint32_t acc_sqe(struct acc *a, unsigned fn, unsigned queue, unsigned job, unsigned n)
{
	return qtest_readl(a->q, a->func[fn].sq[queue] + job * SQE_SIZE + n * 4);
}

unsigned acc_done(struct acc *a, unsigned fn, unsigned queue)
{
	unsigned n = 0;

	while (n < ACC_DEPTH &&
	       qtest_readl(a->q, a->func[fn].cq[queue] + n * CQE_SIZE + 12) & 1u << 16)
		n++;
	return n;
}

void acc_check_alive(struct acc *a, unsigned fn)
{
	uint64_t dst = acc_alloc(a, 16);

	acc_reset(a, fn);
	acc_func_start(a, fn);
	acc_queue_start(a, fn, 0);
	acc_job_put(a, fn, 0, dst, "all is well", 11);
	acc_ring(a, fn, 0);
	acc_step_us(a, 1000);
	g_assert_cmpuint(acc_done(a, fn, 0), ==, 1);
	g_assert_cmphex(qtest_readl(a->q, dst), ==, 0x206c6c61);	/* "all " */
}
