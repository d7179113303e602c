// SPDX-License-Identifier: GPL-2.0-only
/*
 * A guest moves, step by step as QEMU 10 drives it, who uses P2P where a driver has
 * it: one more request on either side. The guest is idle when it
 * is paused, so that what is measured is the driver and not the guest's jobs;
 * after each move it does a few.
 *
 * Blackout: from the pause of the source until its state is read out, and at
 * the destination from RESUMING to RUNNING. What is in between is the VM
 * monitor's and the network's.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench.h"

#define BENCH_JOBS	2	/* after each move */
#define BENCH_QUEUES	4	/* that the guest has made; all of them are restarted */

static void bench_open(struct bench_pair *p, int n)
{
	check_ok(vfio_dev_open(&p->dev[n], &p->vf[n]));
	check_ok(vfio_dev_add_ram(&p->dev[n], JOB_GUEST_IOVA, JOB_GUEST_RAM));
}

void bench_pair_close(struct bench_pair *p)
{
	vfio_dev_close(&p->dev[0]);
	vfio_dev_close(&p->dev[1]);
}

static void bench_pair_free(void *arg)
{
	struct bench_pair *p = arg;

	bench_pair_close(p);
	free(p->guest);
	free(p);
}

static void bench_work(struct bench_pair *p)
{
	struct job_guest *z = p->guest;
	char why[200];

	check_ok(job_guest_add_jobs(z, BENCH_JOBS));
	check_ok(job_guest_run(z, z->nr_jobs, RIG_PATIENCE_MS));
	if (job_guest_verify(z, why, sizeof(why)))
		fail("after a move: %s", why);
}

void bench_reopen(struct bench_pair *p)
{
	vfio_dev_close(&p->dev[!p->at]);
	bench_open(p, !p->at);
}

/* A new guest in a VF that nobody uses. */
static void bench_start_guest(struct bench_pair *p)
{
	struct vfio_dev *v = &p->dev[p->at];
	uint32_t num = oracle_get(&v->func, KPO_VFT_NUM);

	check_ok(job_guest_start(p->guest, v,
				 num < BENCH_QUEUES ? (int)num : BENCH_QUEUES));
	bench_work(p);
}

struct bench_pair *bench_pair(int version, enum bench_size size, bool two_pfs)
{
	struct bench_pair *p = calloc(1, sizeof(*p));
	struct pci_func pf;
	int i;

	p->version = version;
	p->guest = calloc(1, sizeof(*p->guest));
	for (i = 0; i < 2; i++) {
		p->dev[i].device = -1;
		p->dev[i].container = -1;
		p->dev[i].group = -1;
	}
	tap_defer(bench_pair_free, p);
	for (i = 0; i < 2; i++) {
		bench_pf(version, size + (two_pfs && i), &pf);
		bench_vf(&pf, two_pfs ? 1 : 2, two_pfs ? 0 : i, &p->vf[i]);
		bench_open(p, i);
	}
	bench_start_guest(p);
	return p;
}

/* Read to the end; bytes or -errno. Pre-copy ends with ENOMSG, or at 0. */
static int bench_read(int fd, struct mig_stream *stream)
{
	for (;;) {
		ssize_t n = read(fd, stream->data + stream->len,
				 sizeof(stream->data) - stream->len);

		if (n < 0)
			return errno == ENOMSG ? 0 : -errno;
		if (!n)
			return 0;
		stream->len += n;
	}
}

static int bench_write(int fd, const struct mig_stream *stream, size_t from, size_t to)
{
	ssize_t n = write(fd, stream->data + from, to - from);

	return n == (ssize_t)(to - from) ? 0 : -errno;
}

static void bench_arc(struct bench_log *log, struct vfio_dev *v, const char *name,
		      bool blackout, int state, int *fd)
{
	bench_begin(log, name, blackout);
	check_ok(bench_end(log, mig_set_state(v, state, fd)));
}

/* The guest has gone: the VF it has left is closed, and opened for the next. */
static void bench_arrived(struct bench_pair *p, struct bench_log *log)
{
	int left = p->at;

	p->at = !left;
	bench_work(p);
	bench_begin(log, "close", false);
	vfio_dev_close(&p->dev[left]);
	bench_end(log, 0);
	bench_begin(log, "open", false);
	check_ok(bench_end(log, vfio_dev_open(&p->dev[left], &p->vf[left])));
	check_ok(vfio_dev_add_ram(&p->dev[left], JOB_GUEST_IOVA, JOB_GUEST_RAM));
	/* A guest has room for so many jobs: then there comes another. */
	if (p->guest->nr_jobs + BENCH_JOBS > JOB_GUEST_JOBS_MAX) {
		check_ok(vfio_dev_reset(&p->dev[p->at]));
		bench_start_guest(p);
	}
}

static void bench_move_guest(struct bench_pair *p)
{
	qm_guest_move(&p->guest->qm, &p->dev[!p->at]);
}

bool bench_has_p2p(struct vfio_dev *v)
{
	return vfio_dev_migration_flags(v) & VFIO_MIGRATION_P2P;
}

void bench_move(struct bench_pair *p, bool p2p, struct bench_log *log)
{
	struct vfio_dev *from = &p->dev[p->at], *to = &p->dev[!p->at];
	struct mig_stream stream = { .len = 0 };
	int in, out;

	log->nr = 0;
	bench_arc(log, to, "RUNNING -> RESUMING", false, MIG_RESUMING, &in);
	bench_arc(log, from, "RUNNING -> PRE_COPY", false, MIG_PRE_COPY, &out);
	bench_begin(log, "read match data", false);
	check_ok(bench_end(log, bench_read(out, &stream)));
	check_eq(stream.len, RECORD_MATCH_SIZE, "bytes in pre-copy");
	bench_begin(log, "write match data", false);
	check_ok(bench_end(log, bench_write(in, &stream, 0, stream.len)));

	if (p2p) {
		bench_arc(log, from, "PRE_COPY -> PRE_COPY_P2P", true,
			  MIG_PRE_COPY_P2P, NULL);
		bench_arc(log, from, "PRE_COPY_P2P -> STOP_COPY", true,
			  MIG_STOP_COPY, NULL);
	} else {
		bench_arc(log, from, "PRE_COPY -> STOP_COPY", true,
			  MIG_STOP_COPY, NULL);
	}
	bench_begin(log, "read state", true);
	check_ok(bench_end(log, bench_read(out, &stream)));
	check_eq(stream.len, RECORD_SIZE, "bytes of the record");
	bench_move_guest(p);
	bench_arc(log, from, "STOP_COPY -> STOP", false, MIG_STOP, NULL);
	close(out);

	bench_begin(log, "write state", false);
	check_ok(bench_end(log, bench_write(in, &stream, RECORD_MATCH_SIZE,
					    RECORD_SIZE)));
	if (p2p) {
		bench_arc(log, to, "RESUMING -> RUNNING_P2P", true,
			  MIG_RUNNING_P2P, NULL);
		bench_arc(log, to, "RUNNING_P2P -> RUNNING", true, MIG_RUNNING,
			  NULL);
	} else {
		bench_arc(log, to, "RESUMING -> RUNNING", true, MIG_RUNNING,
			  NULL);
	}
	close(in);
	bench_arrived(p, log);
}

void bench_move_stopped(struct bench_pair *p, struct bench_log *log)
{
	struct vfio_dev *from = &p->dev[p->at], *to = &p->dev[!p->at];
	struct mig_stream stream = { .len = 0 };
	int in, out;

	log->nr = 0;
	bench_arc(log, from, "RUNNING -> STOP", true, MIG_STOP, NULL);
	bench_arc(log, from, "STOP -> STOP_COPY", true, MIG_STOP_COPY, &out);
	bench_begin(log, "read all", true);
	check_ok(bench_end(log, bench_read(out, &stream)));
	check_eq(stream.len, RECORD_SIZE, "bytes of the record");
	bench_move_guest(p);
	bench_arc(log, from, "STOP_COPY -> STOP", false, MIG_STOP, NULL);
	close(out);

	bench_arc(log, to, "RUNNING -> STOP, idle", false, MIG_STOP, NULL);
	bench_arc(log, to, "STOP -> RESUMING", false, MIG_RESUMING, &in);
	bench_begin(log, "write all", false);
	check_ok(bench_end(log, bench_write(in, &stream, 0, RECORD_SIZE)));
	bench_arc(log, to, "RESUMING -> STOP", true, MIG_STOP, NULL);
	bench_arc(log, to, "STOP -> RUNNING", true, MIG_RUNNING, NULL);
	close(in);
	bench_arrived(p, log);
}
