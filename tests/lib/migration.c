// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "migration.h"
#include "oracle.h"

static const char *const mig_state_names[] = {
	[VFIO_DEVICE_STATE_ERROR]	 = "ERROR",
	[VFIO_DEVICE_STATE_STOP]	 = "STOP",
	[VFIO_DEVICE_STATE_RUNNING]	 = "RUNNING",
	[VFIO_DEVICE_STATE_STOP_COPY]	 = "STOP_COPY",
	[VFIO_DEVICE_STATE_RESUMING]	 = "RESUMING",
	[VFIO_DEVICE_STATE_RUNNING_P2P]	 = "RUNNING_P2P",
	[VFIO_DEVICE_STATE_PRE_COPY]	 = "PRE_COPY",
	[VFIO_DEVICE_STATE_PRE_COPY_P2P] = "PRE_COPY_P2P",
};

const char *mig_state_name(int state)
{
	if (state < 0 || state >= VFIO_DEVICE_STATE_NR)
		return "?";
	return mig_state_names[state];
}

int mig_get_state(struct vfio_dev *v)
{
	struct vfio_device_feature_mig_state mig = { 0 };
	int ret;

	ret = vfio_dev_feature(v, VFIO_DEVICE_FEATURE_GET |
			       VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			       &mig, sizeof(mig));
	return ret ? ret : (int)mig.device_state;
}

static bool stands_still(int state)
{
	return state == MIG_STOP || state == MIG_STOP_COPY || state == MIG_RESUMING;
}

int mig_set_state(struct vfio_dev *v, int state, int *data_fd)
{
	struct vfio_device_feature_mig_state mig = {
		.device_state = state,
		.data_fd = -1,
	};
	int ret;

	if (data_fd)
		*data_fd = -1;
	if (!stands_still(state))
		oracle_quiet(&v->func, false);
	ret = vfio_dev_feature(v, VFIO_DEVICE_FEATURE_SET |
			       VFIO_DEVICE_FEATURE_MIG_DEVICE_STATE,
			       &mig, sizeof(mig));
	if (ret)
		return ret;
	if (stands_still(state))
		oracle_quiet(&v->func, true);
	if (data_fd)
		*data_fd = mig.data_fd;
	else if (mig.data_fd >= 0)
		close(mig.data_fd);
	return 0;
}

static uint64_t mig_now_ns(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

/* A step between two snapshots of the clock and of the oracle's counts. */
struct mig_meter {
	struct oracle_counts counts;
	uint64_t start_ns;
};

static void mig_meter_start(struct mig_meter *meter, const struct mig_log *log)
{
	if (log)
		oracle_counts(NULL, &meter->counts);
	meter->start_ns = mig_now_ns();
}

static void mig_meter_stop(const struct mig_meter *meter, const char *name,
			   size_t bytes, struct mig_log *log)
{
	uint64_t end_ns = mig_now_ns();
	struct oracle_counts counts;
	struct mig_arc *arc;

	if (!log || log->nr == MIG_ARCS_MAX)
		return;
	oracle_counts(NULL, &counts);
	arc = &log->arcs[log->nr++];
	arc->name = name;
	arc->time_ns = end_ns - meter->start_ns;
	arc->mmio_reads = oracle_diff(&counts, &meter->counts,
				      KPO_CNT_MMIO_READ);
	arc->mmio_writes = oracle_diff(&counts, &meter->counts,
				       KPO_CNT_MMIO_WRITE);
	arc->bytes = bytes;
}

static const char *mig_arc_name(int from, int to)
{
	static char names[VFIO_DEVICE_STATE_NR * VFIO_DEVICE_STATE_NR][40];
	char *name = names[from * VFIO_DEVICE_STATE_NR + to];

	snprintf(name, sizeof(names[0]), "%s -> %s", mig_state_name(from),
		 mig_state_name(to));
	return name;
}

int mig_arc(struct vfio_dev *v, int state, int *data_fd, struct mig_log *log)
{
	int from = mig_get_state(v), ret;
	struct mig_meter meter;

	if (from < 0)
		return from;
	if (from == state)
		return 0;
	/* Violations name the phase: let it say which arc it was. */
	oracle_phase(from * VFIO_DEVICE_STATE_NR + state);
	mig_meter_start(&meter, log);
	ret = mig_set_state(v, state, data_fd);
	if (log)
		mig_meter_stop(&meter, mig_arc_name(from, state), 0, log);
	oracle_phase(0);
	return ret;
}

int mig_read(int fd, struct mig_stream *stream, size_t chunk)
{
	stream->len = 0;
	for (;;) {
		size_t room = sizeof(stream->data) - stream->len;
		ssize_t done = read(fd, stream->data + stream->len,
				    chunk < room ? chunk : room);

		if (done < 0)
			return -errno;
		if (!done)
			return room ? 0 : -EFBIG;
		stream->len += done;
	}
}

int mig_write(int fd, const void *data, size_t len, size_t chunk, size_t *done)
{
	size_t at = 0;
	int ret = 0;

	while (at < len) {
		size_t want = len - at < chunk ? len - at : chunk;
		ssize_t got = write(fd, (const char *)data + at, want);

		if (got < 0) {
			ret = -errno;
			break;
		}
		if (!got) {
			ret = -EIO;
			break;
		}
		at += got;
	}
	if (done)
		*done = at;
	return ret;
}

int mig_save(struct vfio_dev *v, struct mig_stream *stream, struct mig_log *log)
{
	struct mig_meter meter;
	int fd, ret;

	ret = mig_arc(v, MIG_STOP, NULL, log);
	if (ret)
		return ret;
	ret = mig_arc(v, MIG_STOP_COPY, &fd, log);
	if (ret)
		return ret;
	mig_meter_start(&meter, log);
	ret = mig_read(fd, stream, MIG_STREAM_MAX);
	mig_meter_stop(&meter, "read()", stream->len, log);
	if (!ret)
		ret = mig_arc(v, MIG_STOP, NULL, log);
	close(fd);
	return ret;
}

int mig_load(struct vfio_dev *v, const struct mig_stream *stream,
	     struct mig_log *log)
{
	struct mig_meter meter;
	int fd, ret;

	ret = mig_arc(v, MIG_STOP, NULL, log);
	if (ret)
		return ret;
	ret = mig_arc(v, MIG_RESUMING, &fd, log);
	if (ret)
		return ret;
	mig_meter_start(&meter, log);
	ret = mig_write(fd, stream->data, stream->len, MIG_STREAM_MAX, NULL);
	mig_meter_stop(&meter, "write()", stream->len, log);
	if (!ret)
		ret = mig_arc(v, MIG_STOP, NULL, log);
	close(fd);
	return ret;
}
