// SPDX-License-Identifier: GPL-2.0-only
/*
 * Random accesses, in which there is some sense: registers that exist, commands
 * that are known, addresses that lead to memory or back to the device, time that
 * passes. Each run is a seed's; HACC_SEED has another one tried, HACC_FUZZ_OPS
 * says for how long.
 */
#include "qemu/osdep.h"
#include "acc.h"

#define OPS		6000
#define SEED		1

static uint64_t state;

static uint64_t rnd(void)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state >> 11;
}

static bool one_in(unsigned n)
{
	return rnd() % n == 0;
}

#define PICK(array)	((array)[rnd() % G_N_ELEMENTS(array)])

/* Some place for the device to do DMA to. */
static uint64_t address(struct acc *a)
{
	unsigned fn = rnd() % ACC_FUNCS;

	switch (rnd() % 12) {
	case 0:
		return a->func[fn].regs + REG_MAILBOX;
	case 1:
		return a->func[fn].regs + (rnd() & 0xfffc);
	case 2:
		return ACC_WINDOW(fn) + (rnd() & 0x1ffc);
	case 3:
		return acc_cfg(fn, CFG_DEVCTL);
	case 4:
		return acc_cfg(fn, rnd() & 0x1fc);
	case 5:
		return ACC_ORACLE + (rnd() & 0x7fc);
	case 6:
		return ACC_PF_BAR2 + 0x100000 + (rnd() & 0x1fc);
	case 7:
		return one_in(2) ? 0 : ACC_NOWHERE + rnd();
	default:
		return ACC_RAM + (rnd() & 0xfffc0);
	}
}

static uint32_t value(struct acc *a)
{
	switch (rnd() % 8) {
	case 0:
		return 0;
	case 1:
		return 1;
	case 2:
		return ~0u;
	case 3:
		return rnd();
	case 4:
		return 1u << rnd() % 32;
	case 5:
		return CFG_FLR;
	default:
		return address(a);
	}
}

static void fuzz_register(struct acc *a)
{
	static const uint16_t known[] = {
		0x00, 0x04, 0x08, 0x0c, 0x20, 0x24, 0x28, 0x2c, 0x30, 0x34, 0x38, 0x60, 0x204,
		0x208, 0x300, 0x308, 0x320, 0x380, 0x1000, 0x1c00, 0x1c20, 0x2000, 0x3100, 0x8000,
		0x8004, 0x8018, 0x8020, 0x8038,
	};
	uint64_t at = one_in(8) ? address(a) : a->func[rnd() % ACC_FUNCS].regs + PICK(known);

	if (one_in(40))
		at += rnd() & 7;
	switch (rnd() % 8) {
	case 0:
		qtest_readl(a->q, at);
		break;
	case 1:
		qtest_readq(a->q, at);
		break;
	case 2:
		qtest_writeq(a->q, at, value(a) | (uint64_t)value(a) << 32);
		break;
	case 3:
		qtest_writew(a->q, at, value(a));
		break;
	default:
		qtest_writel(a->q, at, value(a));
		break;
	}
}

static void fuzz_pf_register(struct acc *a)
{
	static const uint32_t known[] = {
		0x100000, 0x10000c, 0x100040, 0x100054, 0x100058, 0x10005c, 0x100060, 0x100064,
		0x100068, 0x10006c, 0x100130, 0x100134, 0x100138, 0x100198, 0x100250, 0x104700,
		0x104800, 0x300000, 0x3010a8, 0x3010a0,
	};
	uint64_t at = ACC_PF_BAR2 + PICK(known);

	if (one_in(2))
		qtest_readl(a->q, at);
	else
		qtest_writel(a->q, at, value(a));
}

static void fuzz_config(struct acc *a)
{
	static const uint16_t known[] = {
		CFG_COMMAND, CFG_DEVCTL, CFG_MSI, CFG_MSI + 4, CFG_MSI + 12, CFG_MSI + 16,
		CFG_SRIOV_CTRL, CFG_NUM_VFS, CFG_BAR2,
	};

	qtest_writew(a->q, acc_cfg(rnd() % ACC_FUNCS, PICK(known)), value(a));
	if (one_in(2))
		acc_setup(a);
}

static void fuzz_mailbox(struct acc *a)
{
	static const uint8_t commands[] = {
		MB_SQC, MB_CQC, MB_EQC, MB_AEQC, MB_SQC_BT, MB_CQC_BT, MB_SQC_VFT, MB_STOP_QP,
		MB_FLUSH, MB_PAUSE, 0xc, 0xd, 0x3f,
	};
	unsigned fn = rnd() % ACC_FUNCS;

	acc_mb_store(a, fn, PICK(commands) | (one_in(3) ? MB_GET : 0), rnd() % 20, address(a));
	if (one_in(2))
		acc_step_us(a, 3);
}

/* Contexts and entries that might as well be right ones, somewhere in memory. */
static void fuzz_memory(struct acc *a)
{
	uint64_t at = ACC_RAM + (rnd() & 0xfffc0), to = address(a), from = address(a);
	uint32_t dw[32] = {
		[0] = one_in(4) ? rnd() : 0,
		[1] = to, [2] = to >> 32,
		[3] = (one_in(4) ? rnd() & 0xf : 7) << 12 | (one_in(4) ? rnd() & 0xfff : 15),
		[4] = one_in(8) ? rnd() : 100, [6] = rnd() % 20 | 1u << 16,
		[9] = one_in(8) ? rnd() : 1 | (one_in(3) ? 1 << 8 : 0),
		[14] = one_in(8) ? rnd() : 100,
		[18] = from, [19] = from >> 32, [20] = to, [21] = to >> 32,
	};

	qtest_memwrite(a->q, at, dw, sizeof(dw));
}

static void fuzz_doorbell(struct acc *a)
{
	unsigned fn = rnd() % ACC_FUNCS;

	acc_db(a, fn, rnd() % (one_in(8) ? 64 : 4), rnd() % (one_in(8) ? 8 : 3),
	       rnd() % (one_in(8) ? 65536 : ACC_DEPTH), one_in(4));
}

/* A function that works, or would: so that there is something to be disturbed. */
static void fuzz_work(struct acc *a)
{
	unsigned fn = rnd() % ACC_FUNCS, queue = rnd() % 4, i;

	a->ram = ACC_RAM + (rnd() & 0x7f000);
	acc_setup(a);
	qtest_writew(a->q, acc_cfg(fn, CFG_DEVCTL), CFG_FLR);
	qtest_writew(a->q, acc_cfg(fn, CFG_COMMAND), 6);
	acc_oracle_set(a, fn, KPO_FAULT_ARM, 0);
	if (fn && acc_mb_busy(a, fn))
		return;
	acc_mb_store(a, fn, MB_SQC_BT, 0, acc_alloc(a, 4096));
	acc_step_us(a, 5);
	acc_mb_store(a, fn, MB_CQC_BT, 0, acc_alloc(a, 4096));
	acc_step_us(a, 5);
	for (i = MB_SQC; i <= MB_AEQC; i++) {
		uint32_t dw[8] = { [1] = acc_alloc(a, 4096), [3] = 7 << 12 | (ACC_DEPTH - 1),
				   [6] = i < MB_EQC ? queue : 1 << 16 | 63 };
		uint64_t at = acc_alloc(a, 32);

		qtest_memwrite(a->q, at, dw, sizeof(dw));
		acc_mb_store(a, fn, i, queue, at);
		acc_step_us(a, 5);
	}
	acc_db(a, fn, queue, DB_SQ, 1 + rnd() % (ACC_DEPTH - 1), 0);
}

static void fuzz_oracle(struct acc *a)
{
	unsigned fn = rnd() % ACC_FUNCS;

	switch (rnd() % 6) {
	case 0:
		acc_oracle_set(a, fn, KPO_ANSWER(rnd() % KP_QUESTIONS), rnd() % 5);
		break;
	case 1:
		acc_oracle_set(a, fn, KPO_RAISE_AEQE, rnd());
		break;
	case 2:
		acc_oracle_set(a, fn, KPO_JOB_TIME_US, rnd() % 30);
		acc_oracle_set(a, fn, KPO_MBOX_TIME_US, rnd() % 3);
		acc_oracle_set(a, fn, KPO_WB_TIME_US, rnd() % 3);
		break;
	case 3:
		acc_oracle_set(a, fn, KPO_SELECT, rnd());
		break;
	case 4:
		acc_oracle_set(a, fn, KPO_FAULT_KIND, rnd() % 14);
		acc_oracle_set(a, fn, KPO_FAULT_ARG, rnd());
		acc_oracle_set(a, fn, KPO_FAULT_SKIP, rnd() % 20);
		acc_oracle_set(a, fn, KPO_FAULT_COUNT, 1);
		acc_oracle_set(a, fn, KPO_FAULT_ARM, 1);
		break;
	default:
		acc_oracle_set(a, fn, KPO_FAULT_ARM, 0);
		break;
	}
}

static void step(struct acc *a)
{
	acc_step_us(a, 1 + rnd() % (one_in(10) ? 1000 : 10));
}

static unsigned long number(const char *name, unsigned long otherwise)
{
	const char *text = g_getenv(name);

	return text && *text ? strtoul(text, NULL, 0) : otherwise;
}

static void fuzz(const void *arg)
{
	static void (*const what[])(struct acc *a) = {
		fuzz_register, fuzz_register, fuzz_register, fuzz_pf_register, fuzz_config,
		fuzz_mailbox, fuzz_mailbox, fuzz_memory, fuzz_memory, fuzz_doorbell, fuzz_doorbell,
		fuzz_work, fuzz_oracle, step, step, step,
	};
	unsigned long ops = number("HACC_FUZZ_OPS", OPS), seed = number("HACC_SEED", SEED);
	unsigned fn, commands = 0, jobs = 0;
	struct acc a;

	g_test_message("HACC_SEED=%lu, HACC_FUZZ_OPS=%lu", seed, ops);
	state = (seed + g_str_hash(arg)) * 0x9e3779b97f4a7c15ull | 1;
	acc_start(&a, arg);
	while (ops--)
		PICK(what)(&a);
	for (fn = 0; fn < ACC_FUNCS; fn++) {
		commands += acc_counter(&a, fn, KPO_CNT_MBOX);
		jobs += acc_counter(&a, fn, KPO_CNT_JOB_DONE);
	}
	g_test_message("%u mailbox commands, %u jobs done", commands, jobs);
	g_assert_cmpuint(commands, >, 0);
	g_assert_cmpuint(jobs, >, 0);
	acc_end(&a);
}

void acc_add_fuzz_tests(void)
{
	g_test_add_data_func("/acc/fuzz/zip-v3", "version=v3", fuzz);
	g_test_add_data_func("/acc/fuzz/zip-v5", "version=v5,select=set,isolation=on", fuzz);
	g_test_add_data_func("/acc/fuzz/sec-v4", "engine=sec,version=v4", fuzz);
	g_test_add_data_func("/acc/fuzz/hpre-v4", "engine=hpre,version=v4,select=set", fuzz);
}
