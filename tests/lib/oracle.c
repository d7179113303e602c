// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "oracle.h"
#include "tap.h"

#define ORACLE_NOTES_MAX	8

static volatile uint8_t *oracle_regs;
/* The function selection is a register of its own: one user at a time. */
static pthread_mutex_t oracle_lock = PTHREAD_MUTEX_INITIALIZER;

static uint32_t rd(uint32_t reg)
{
	return *(volatile uint32_t *)(oracle_regs + reg);
}

static uint64_t rd64(uint32_t reg)
{
	return *(volatile uint64_t *)(oracle_regs + reg);
}

static void wr(uint32_t reg, uint32_t value)
{
	*(volatile uint32_t *)(oracle_regs + reg) = value;
}

int oracle_open(void)
{
	struct pci_func func;
	char path[128];
	void *map;
	int fd, ret;

	if (oracle_regs)
		return 0;
	ret = pci_find(KPO_VENDOR_ID, KPO_DEVICE_ID, 0, &func);
	if (ret)
		return ret;
	ret = pci_write(func.bdf, "enable", "1");
	if (ret)
		return ret;
	snprintf(path, sizeof(path), "/sys/bus/pci/devices/%s/resource0",
		 func.bdf);
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	map = mmap(NULL, KPO_BAR_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	close(fd);
	if (map == MAP_FAILED)
		return -errno;
	oracle_regs = map;
	return rd(KPO_MAGIC) == KPO_MAGIC_VALUE ? 0 : -ENXIO;
}

bool oracle_present(void)
{
	return oracle_regs;
}

static void oracle_need(void)
{
	if (!oracle_regs)
		tap_skip("only the accelerator model can tell or do that");
}

static void oracle_select(const struct pci_func *func)
{
	wr(KPO_FUNC, func ? func->rid : KPO_FUNC_ALL);
}

void oracle_counts(const struct pci_func *func, struct oracle_counts *counts)
{
	int i;

	oracle_need();
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(KPO_PHASE_SEL, KPO_PHASE_ALL);
	for (i = 0; i < KPO_COUNTERS; i++)
		counts->n[i] = rd64(KPO_COUNTER(i));
	pthread_mutex_unlock(&oracle_lock);
}

void oracle_clock(struct oracle_clock *clock)
{
	oracle_need();
	clock->ns = rd64(KPO_CLOCK_NS);
	clock->insns = rd64(KPO_INSTRUCTIONS);
}

uint64_t oracle_diff(const struct oracle_counts *later,
		     const struct oracle_counts *earlier, int n)
{
	return later->n[n] - earlier->n[n];
}

void oracle_phase(uint32_t phase)
{
	if (oracle_regs)
		wr(KPO_PHASE, phase);
}

uint32_t oracle_violations(void)
{
	return oracle_regs ? rd(KPO_VIOL_COUNT) : 0;
}

uint32_t oracle_violations_expected(void)
{
	oracle_need();
	return rd(KPO_VIOL_EXPECTED);
}

static uint32_t oracle_demanded;

void oracle_tolerate(uint32_t mask)
{
	if (oracle_regs)
		wr(KPO_VIOL_EXPECT_MASK, mask);
}

void oracle_expect(uint32_t mask)
{
	oracle_demanded |= mask;
	oracle_tolerate(mask);
}

uint32_t oracle_missing(void)
{
	uint32_t logged, i, seen = 0;

	if (!oracle_regs)
		return 0;
	logged = rd(KPO_VIOL_LOGGED);
	for (i = 0; i < logged; i++) {
		wr(KPO_VIOL_INDEX, i);
		seen |= 1u << rd(KPO_VIOL_KIND);
	}
	return oracle_demanded & ~seen;
}

void oracle_clear_violations(void)
{
	oracle_demanded = 0;
	if (oracle_regs)
		wr(KPO_CTRL, KPO_CTRL_CLEAR_VIOLATIONS);
}

void oracle_note_violations(void)
{
	uint32_t logged = rd(KPO_VIOL_LOGGED), i, k;
	char text[KPO_VIOL_TEXT_LEN + 1];

	for (i = 0; i < logged && i < ORACLE_NOTES_MAX; i++) {
		wr(KPO_VIOL_INDEX, i);
		for (k = 0; k < KPO_VIOL_TEXT_LEN; k += 4) {
			uint32_t word = rd(KPO_VIOL_TEXT + k);

			memcpy(text + k, &word, 4);
		}
		text[KPO_VIOL_TEXT_LEN] = 0;
		tap_note("violation, kind %u, function %02x:%02x.%x, offset 0x%llx, value 0x%llx, arc %u: %s",
			 rd(KPO_VIOL_KIND), rd(KPO_VIOL_FUNC) >> 8,
			 rd(KPO_VIOL_FUNC) >> 3 & 0x1f, rd(KPO_VIOL_FUNC) & 7,
			 (unsigned long long)rd64(KPO_VIOL_OFFSET),
			 (unsigned long long)rd64(KPO_VIOL_VALUE),
			 rd(KPO_VIOL_PHASE), text);
	}
	if (logged > ORACLE_NOTES_MAX)
		tap_note("and %u violations more", logged - ORACLE_NOTES_MAX);
}

void oracle_arm(const struct pci_func *func, const struct oracle_fault *fault)
{
	oracle_need();
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(KPO_FAULT_KIND, fault->kind);
	wr(KPO_FAULT_ARG, fault->arg);
	wr(KPO_FAULT_CMD, fault->cmd);
	wr(KPO_FAULT_SKIP, fault->skip);
	wr(KPO_FAULT_COUNT, fault->count);
	wr(KPO_FAULT_ARM, 1);
	pthread_mutex_unlock(&oracle_lock);
}

void oracle_disarm(const struct pci_func *func)
{
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(KPO_FAULT_ARM, 0);
	pthread_mutex_unlock(&oracle_lock);
}

uint32_t oracle_hits(const struct pci_func *func)
{
	return oracle_get(func, KPO_FAULT_HITS);
}

uint32_t oracle_get(const struct pci_func *func, uint32_t reg)
{
	uint32_t value;

	oracle_need();
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	value = rd(reg);
	pthread_mutex_unlock(&oracle_lock);
	return value;
}

void oracle_set(const struct pci_func *func, uint32_t reg, uint32_t value)
{
	oracle_need();
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(reg, value);
	pthread_mutex_unlock(&oracle_lock);
}

bool oracle_knows(const struct pci_func *func)
{
	return oracle_get(func, KPO_FUNC_VALID) == 1;
}

static bool oracle_watches_quiet = true;

void oracle_watch_quiet(bool watch)
{
	oracle_watches_quiet = watch;
}

void oracle_quiet(const struct pci_func *func, bool quiet)
{
	if (oracle_watches_quiet && oracle_present())
		oracle_set(func, KPO_QUIET, quiet);
}

void oracle_watch_pages(const struct pci_func *func, uint64_t iova)
{
	oracle_need();
	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(KPO_PAGES_FROM, iova >> KPO_PAGE_SHIFT);
	wr(KPO_PAGES_WATCH, 1);
	pthread_mutex_unlock(&oracle_lock);
}

void oracle_take_pages(const struct pci_func *func, uint8_t *map, size_t pages)
{
	size_t i;

	pthread_mutex_lock(&oracle_lock);
	oracle_select(func);
	wr(KPO_PAGES_TAKE, 1);
	for (i = 0; i < pages; i += 8) {
		uint64_t eight = rd64(KPO_PAGES_MAP + i);

		memcpy(map + i, &eight, 8);
	}
	pthread_mutex_unlock(&oracle_lock);
}
