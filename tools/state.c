// SPDX-License-Identifier: GPL-2.0-only
/*
 * The commands save and load: the state of a VF that nobody uses, through the
 * same calls that a VM monitor makes.
 *
 * VFIO resets a VF when it is opened and when it is closed. So what is saved is
 * the state of a VF without a guest, and what is loaded is gone afterwards: a
 * trial of source and destination, with nothing at stake.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "caps.h"
#include "inspect.h"

/* One VF that can be migrated, opened. 0 or an exit status. */
static int open_one(const char *word, enum via via, struct vfio *v, struct vf *vf)
{
	struct accels a;
	struct facts f;
	char *words[] = { (char *)word };
	int ret;

	accels_find(&a);
	ret = accels_select(&a, words, 1);
	if (!ret && a.nr_vfs != 1)
		ret = complain(word, "means %zu VFs; name one", a.nr_vfs);
	if (!ret) {
		*vf = a.vfs[0];
		facts_get(vf, &f);
		ret = caps_open(v, vf, &f, via);
	}
	accels_free(&a);
	return ret;
}

static int read_all(int fd, u8 *data, size_t size, size_t *len)
{
	ssize_t n;

	*len = 0;
	do {
		n = read(fd, data + *len, size - *len);
		if (n < 0)
			return -errno;
		*len += n;
	} while (n && *len < size);
	return 0;
}

/* A write may take less than all; only an error or nothing at all ends it. */
static int write_all(int fd, const u8 *data, size_t len)
{
	ssize_t n;

	while (len) {
		n = write(fd, data, len);
		if (n < 0)
			return -errno;
		if (!n)
			return -EIO;
		data += n;
		len -= n;
	}
	return 0;
}

static int save_state(const struct vfio *v, const struct vf *vf, u8 *data, size_t size,
		      size_t *len)
{
	int fd, ret;

	ret = vfio_set_state(v, VFIO_DEVICE_STATE_STOP_COPY, &fd);
	if (ret)
		return complain(vf->bdf, "can't be stopped and saved: %s; the kernel's log may say why",
				strerror(-ret));
	ret = read_all(fd, data, size, len);
	close(fd);
	if (ret)
		return complain(vf->bdf, "its state can't be read: %s", strerror(-ret));
	vfio_set_state(v, VFIO_DEVICE_STATE_RUNNING, NULL);
	return 0;
}

/* A file that is there stays as it is until all there is to write is known. */
static int write_file(const char *path, bool force, const u8 *data, size_t len)
{
	int flags = O_WRONLY | O_CREAT | O_CLOEXEC | (force ? O_TRUNC : O_EXCL);
	int fd = open(path, flags, 0600), ret;

	if (fd < 0)
		return complain(path, "%s", strerror(errno));
	ret = write_all(fd, data, len);
	if (!ret && fsync(fd) && errno != EINVAL && errno != EROFS)
		ret = -errno;
	if (close(fd) && !ret)
		ret = -errno;
	if (!ret)
		return 0;
	if (!force)
		unlink(path);
	return complain(path, "%s", strerror(-ret));
}

int cmd_save(const struct options *o)
{
	const char *path = o->args[0];
	bool use_stdout = !strcmp(path, "-");
	struct stat st;
	struct vfio v;
	struct vf vf;
	u8 data[4096];
	size_t len = 0;
	int ret;

	if (!use_stdout && !o->force && !stat(path, &st))
		return complain(path, "is there already; --force overwrites it");
	ret = open_one(o->args[1], o->via, &v, &vf);
	if (ret)
		return ret;
	ret = save_state(&v, &vf, data, sizeof(data), &len);
	vfio_close(&v);
	if (ret)
		return ret;
	if (use_stdout)
		return fwrite(data, 1, len, stdout) == len ? EXIT_YES :
			complain("standard output", "%s", strerror(errno));
	ret = write_file(path, o->force, data, len);
	if (!ret)
		printf("%s: %zu bytes saved to %s\n", vf.bdf, len, path);
	return ret;
}

/* The kernel says why in its log; the same rules say it here. */
static int refused(const char *path, const struct vf *vf, int err, const u8 *data, size_t len,
		   const struct mig_match *here)
{
	struct verdict verdict;

	judge_stream(data, len, here, &verdict);
	if (verdict.err)
		complain(path, "%s refuses it: %s", vf->bdf, verdict.why_not);
	else
		complain(path, "%s refuses it: %s; the kernel's log says why", vf->bdf,
			 strerror(-err));
	return EXIT_NO;
}

static int load_state(const struct vfio *v, const struct vf *vf, const char *path,
		      const u8 *data, size_t len)
{
	struct mig_match here;
	struct caps caps;
	int fd, ret;

	ret = caps_of_open(v, vf, &caps);
	if (ret)
		return ret;
	if (!caps.migratable)
		return complain(vf->bdf, "can't be migrated: %s", caps.why_not);
	caps_match(&caps, &here);

	ret = vfio_set_state(v, VFIO_DEVICE_STATE_RESUMING, &fd);
	if (ret)
		return complain(vf->bdf, "can't be made to receive: %s; the kernel's log may say why",
				strerror(-ret));
	ret = write_all(fd, data, len);
	if (!ret)
		ret = vfio_set_state(v, VFIO_DEVICE_STATE_STOP, NULL);
	close(fd);
	return ret ? refused(path, vf, ret, data, len, &here) : 0;
}

int cmd_load(const struct options *o)
{
	const char *path = o->args[0];
	u8 data[MIG_RECORD_BYTES + 1];
	struct vfio v;
	struct vf vf;
	size_t len;
	int ret;

	ret = read_stream(path, data, &len);
	if (ret)
		return ret;
	ret = open_one(o->args[1], o->via, &v, &vf);
	if (ret)
		return ret;
	ret = load_state(&v, &vf, path, data, len);
	vfio_close(&v);
	if (!ret)
		printf("%s: takes %s, %zu bytes\n", vf.bdf, path, len);
	return ret;
}
