// SPDX-License-Identifier: GPL-2.0-only
/*
 * Jobs of each engine, long ones above all: they are worked on in slices, and
 * what comes of it must not show it.
 */
#include "qemu/osdep.h"
#include <gmp.h>
#include "acc.h"

#define STATUS(sqe)	((sqe) & 0xff)
#define BAD_ADDRESS	0x0c

static void tells_of_its_end(const void *arg)
{
	struct acc a;
	uint64_t dst;

	acc_start(&a, "");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 3);
	dst = acc_alloc(&a, 16);
	acc_job_put(&a, 1, 3, dst, "sixteen bytes ok", 16);
	acc_ring(&a, 1, 3);
	g_assert_cmpuint(acc_oracle(&a, 1, KPO_JOBS_IN_FLIGHT), ==, 1);
	acc_step_us(&a, 6);
	g_assert_cmpuint(acc_done(&a, 1, 3), ==, 1);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 3, 0, 3)), ==, 0);
	g_assert_cmpuint(acc_sqe(&a, 1, 3, 0, 1), ==, 16);
	g_assert_cmphex(qtest_readl(a.q, dst + 12), ==, 0x6b6f2073);
	g_assert_cmphex(qtest_readl(a.q, a.func[1].eq), ==, 1u << 16 | 3);
	g_assert_cmphex(qtest_readl(a.q, a.func[1].msi), ==, 0x40);
	g_assert_cmphex(acc_rd(&a, 1, REG_EQ_SOURCE), ==, 1);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/* Steps of the clock until a job is done, each of them one slice at most. */
static unsigned slices(struct acc *a, unsigned queue, unsigned done)
{
	unsigned n = 0;

	while (acc_done(a, 1, queue) < done) {
		acc_step_us(a, 10);
		g_assert_cmpuint(++n, <, 100000);
	}
	return n;
}

static void long_ones_take_slices(const void *arg)
{
	const uint32_t len = 2 << 20;
	uint8_t *data = g_malloc(len), *back = g_malloc(len);
	uint64_t src, packed, dst;
	uint32_t produced, i;
	struct acc a;

	acc_start(&a, "");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	acc_queue_start(&a, 1, 1);
	src = acc_alloc(&a, len);
	packed = acc_alloc(&a, len);
	dst = acc_alloc(&a, len + 1);
	for (i = 0; i < len; i++)
		data[i] = i * 2654435761u >> 29;
	qtest_bufwrite(a.q, src, data, len);

	acc_job_deflate(&a, 1, 0, src, len, packed, len, false);
	acc_ring(&a, 1, 0);
	g_assert_cmpuint(slices(&a, 0, 1), >, 60);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 0, 0, 3)), ==, 0);
	g_assert_cmpuint(acc_sqe(&a, 1, 0, 0, 0), ==, len);
	produced = acc_sqe(&a, 1, 0, 0, 1);
	g_assert_cmpuint(produced, <, len / 2);

	/* And back, which acc_job_put()'s type of queue does. */
	acc_job_put(&a, 1, 1, acc_alloc(&a, 4), "type", 4);
	acc_job_deflate(&a, 1, 1, packed, produced, dst, len, false);
	acc_ring(&a, 1, 1);
	g_assert_cmpuint(slices(&a, 1, 2), >, 60);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 1, 1, 3)), ==, 0);
	qtest_bufread(a.q, dst, back, len);
	g_assert_cmpmem(data, len, back, len);

	/* One byte short of room, of input, and no deflate stream at all. */
	acc_job_deflate(&a, 1, 1, packed, produced, dst, len - 1, false);
	acc_job_deflate(&a, 1, 1, packed, produced - 1, dst, len + 1, false);
	acc_job_deflate(&a, 1, 1, src + 7, 4096, dst, len, false);
	acc_ring(&a, 1, 1);
	slices(&a, 1, 5);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 1, 2, 3)), ==, 0x01);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 1, 3, 3)), ==, 0x0a);
	g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 1, 4, 3)), ==, 0x0a);
	acc_violations(&a, 0, 0);
	acc_end(&a);
	g_free(data);
	g_free(back);
}

static void resets_end_them(const void *arg)
{
	struct acc a;
	unsigned i;

	acc_start(&a, "");
	for (i = 0; i < 3; i++) {
		acc_func_start(&a, 1);
		acc_queue_start(&a, 1, 0);
		acc_job_deflate(&a, 1, 0, ACC_RAM, 64 << 20, ACC_RAM + (64 << 20), 64 << 20,
				false);
		acc_ring(&a, 1, 0);
		acc_step_us(&a, 100);
		g_assert_cmpuint(acc_oracle(&a, 1, KPO_JOBS_IN_FLIGHT), ==, 1);
		acc_reset(&a, i == 1 ? 0 : 1);
		g_assert_cmpuint(acc_oracle(&a, 1, KPO_JOBS_IN_FLIGHT), ==, 0);
	}
	acc_check_alive(&a, 1);
	acc_end(&a);
}

/* A list that leads to itself: without entries, with empty ones, with data. */
static void looped_lists_end(const void *arg)
{
	struct acc a;
	unsigned i;

	acc_start(&a, "");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	for (i = 0; i < 3; i++) {
		uint64_t list = acc_alloc(&a, 64 + 255 * 32);

		qtest_writeq(a.q, list, list);
		qtest_writew(a.q, list + 10, i ? 255 : 0);
		if (i == 2) {
			qtest_writeq(a.q, list + 64 + 254 * 32, ACC_RAM);
			qtest_writel(a.q, list + 64 + 254 * 32 + 16, 16);
		}
		acc_job_deflate(&a, 1, 0, list, 1 << 20, acc_alloc(&a, 1 << 20), 1 << 20, true);
		acc_ring(&a, 1, 0);
		slices(&a, 0, i + 1);
		g_assert_cmpuint(STATUS(acc_sqe(&a, 1, 0, i, 3)), ==, BAD_ADDRESS);
	}
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

/*
 * A queue waits for its turn when its context is set anew, with entries of 32
 * KiB: nothing of it may be used that was not looked at.
 */
static void context_changes_while_waiting(const void *arg)
{
	uint32_t dw[8] = { [0] = 4 << 16, [1] = ACC_RAM, [3] = 15 << 12 | (ACC_DEPTH - 1) };
	struct acc a;
	unsigned queue, i;

	acc_start(&a, "job-time-us=1000");
	acc_func_start(&a, 1);
	for (queue = 0; queue < 10; queue++) {
		acc_queue_start(&a, 1, queue);
		for (i = 0; i < 4; i++)
			acc_job_put(&a, 1, queue, acc_alloc(&a, 4), "wait", 4);
		acc_ring(&a, 1, queue);
	}
	acc_set_context(&a, 1, MB_SQC, 9, dw);
	acc_step_us(&a, 100000);
	g_assert_cmpuint(acc_done(&a, 1, 8), ==, 4);
	g_assert_cmpuint(acc_done(&a, 1, 9), ==, 0);
	acc_check_alive(&a, 1);
	acc_end(&a);
}

static void sec_chunks(const void *arg)
{
	const uint32_t len = 80 << 10, first = 32 << 10;
	uint8_t *whole = g_malloc(len), *parts = g_malloc(len);
	uint64_t key, src, dst, dst2, iv;
	struct acc a;
	uint32_t dw[32] = { 0 };

	acc_start(&a, "engine=sec");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	key = acc_alloc(&a, 16);
	iv = acc_alloc(&a, 16);
	src = acc_alloc(&a, len);
	dst = acc_alloc(&a, len);
	dst2 = acc_alloc(&a, len);
	qtest_memset(a.q, key, 0x5a, 16);
	qtest_memset(a.q, src, 0xa5, len);

	/* AES-128-CBC, enciphered to its own place */
	dw[0] = 3 | 1 << 9;
	dw[1] = 1 | 1 << 16 | 2 << 20;
	dw[12] = key;
	dw[23] = iv;
	dw[4] = src;
	dw[18] = len;
	dw[19] = dst;
	acc_sqe_put(&a, 1, 0, dw);
	dw[18] = first;
	dw[19] = dst2;
	acc_sqe_put(&a, 1, 0, dw);
	acc_ring(&a, 1, 0);
	slices(&a, 0, 2);
	/* The rest goes on from the last block. */
	dw[23] = dst2 + first - 16;
	dw[4] = src + first;
	dw[18] = len - first;
	dw[19] = dst2 + first;
	acc_sqe_put(&a, 1, 0, dw);
	acc_ring(&a, 1, 0);
	slices(&a, 0, 3);

	g_assert_cmphex(acc_sqe(&a, 1, 0, 2, 28), ==, 1 | 2 << 7);
	qtest_memread(a.q, dst, whole, len);
	qtest_memread(a.q, dst2, parts, len);
	g_assert_cmpmem(whole, len, parts, len);
	g_assert_cmpuint(whole[0], !=, 0xa5);
	acc_violations(&a, 0, 0);
	acc_end(&a);
	g_free(whole);
	g_free(parts);
}

static void hpre_power(struct acc *a, gmp_randstate_t random, size_t len, unsigned n)
{
	uint64_t key = acc_alloc(a, 2 * len), in = acc_alloc(a, len), out = acc_alloc(a, len);
	uint8_t number[512] = { 0 }, theirs[512], ours[512] = { 0 };
	uint32_t dw[16] = { [1] = len / 8 - 1, [2] = key, [4] = in, [6] = out };
	mpz_t base, exp, modulus;
	unsigned i;

	mpz_inits(base, exp, modulus, NULL);
	for (i = 0; i < 3; i++) {
		mpz_t *what[] = { &exp, &modulus, &base };
		uint64_t where[] = { key, key + len, in };

		mpz_rrandomb(*what[i], random, 8 * len);
		memset(number, 0, len);
		mpz_export(number, NULL, 1, 1, 1, 0, *what[i]);
		qtest_memwrite(a->q, where[i], number, len);
	}
	for (i = 0; i < G_N_ELEMENTS(dw); i++)
		qtest_writel(a->q, a->func[1].sq[0] + n * sizeof(dw) + i * 4, dw[i]);
	acc_db(a, 1, 0, DB_SQ, n + 1, 0);
	slices(a, 0, n + 1);
	g_assert_cmphex(qtest_readl(a->q, a->func[1].sq[0] + n * sizeof(dw)), ==, 3u << 30);

	mpz_powm(base, base, exp, modulus);
	mpz_export(ours + len - (mpz_sizeinbase(base, 2) + 7) / 8, NULL, 1, 1, 1, 0, base);
	qtest_memread(a->q, out, theirs, len);
	g_assert_cmpmem(ours, len, theirs, len);
	mpz_clears(base, exp, modulus, NULL);
}

static void hpre_powers(const void *arg)
{
	static const size_t lens[] = { 8, 64, 256, 512 };
	gmp_randstate_t random;
	struct acc a;
	uint32_t dw[8] = { 0 };
	unsigned i;

	acc_start(&a, "engine=hpre");
	acc_func_start(&a, 1);
	acc_queue_start(&a, 1, 0);
	dw[1] = a.func[1].sq[0];
	dw[3] = 6 << 12 | (ACC_DEPTH - 1);
	acc_set_context(&a, 1, MB_SQC, 0, dw);
	gmp_randinit_default(random);
	for (i = 0; i < G_N_ELEMENTS(lens); i++)
		hpre_power(&a, random, lens[i], i);
	gmp_randclear(random);
	acc_violations(&a, 0, 0);
	acc_end(&a);
}

void acc_add_job_tests(void)
{
	g_test_add_data_func("/acc/job/tells-of-its-end", NULL, tells_of_its_end);
	g_test_add_data_func("/acc/job/long-ones-take-slices", NULL, long_ones_take_slices);
	g_test_add_data_func("/acc/job/resets-end-them", NULL, resets_end_them);
	g_test_add_data_func("/acc/job/looped-lists-end", NULL, looped_lists_end);
	g_test_add_data_func("/acc/job/context-changes-while-waiting", NULL,
			    context_changes_while_waiting);
	g_test_add_data_func("/acc/job/sec-chunks", NULL, sec_chunks);
	g_test_add_data_func("/acc/job/hpre-powers", NULL, hpre_powers);
}
