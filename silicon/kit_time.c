// SPDX-License-Identifier: GPL-2.0-only
/*
 * How long things take: least, median and most of a thousand.
 */
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include "kit.h"

#define SAMPLES		1000
#define TIMEOUT_NS	3000000000ull

static uint64_t now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void read_register(struct kit *k)
{
	qm_read(&k->vf, QM_VF_STATE);
}

static void run_command(struct kit *k)
{
	uint64_t start = now_ns();

	qm_mailbox_ask(&k->vf, QM_MB_SQC_VFT, 0, 0, true);
	while (qm_mailbox_busy(&k->vf))
		if (now_ns() - start > TIMEOUT_NS)
			kit_trouble(k, "a mailbox command is not done in 3 s");
}

static void write_back(struct kit *k)
{
	uint64_t start = now_ns();

	qm_write(&k->vf, QM_CACHE_WB_START, 1);
	while (!(qm_read(&k->vf, QM_CACHE_WB_DONE) & 1))
		if (now_ns() - start > TIMEOUT_NS)
			kit_trouble(k, "a write-back is never done");
}

static int by_size(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* Accesses are not noted one by one: that would take longer than they do. */
void kit_measure(struct kit *k)
{
	static const struct {
		const char *name;
		void (*run)(struct kit *k);
	} things[] = {
		{ "read", read_register },
		{ "mailbox", run_command },
		{ "write-back", write_back },
	};
	static uint64_t ns[SAMPLES];
	size_t i, n;

	kit_reset(k);
	kit_watch(NULL);
	for (i = 0; i < sizeof(things) / sizeof(things[0]); i++) {
		if (things[i].run == write_back && !k->done_tells) {
			kit_say("time: %s unknown: nothing tells when it is done", things[i].name);
			continue;
		}
		for (n = 0; n < SAMPLES; n++) {
			uint64_t start = now_ns();

			things[i].run(k);
			ns[n] = now_ns() - start;
		}
		qsort(ns, SAMPLES, sizeof(ns[0]), by_size);
		kit_say("time: %s %llu %llu %llu ns (least, median, most of %d)", things[i].name,
			(unsigned long long)ns[0], (unsigned long long)ns[SAMPLES / 2],
			(unsigned long long)ns[SAMPLES - 1], SAMPLES);
	}
	kit_watch(k);
}
