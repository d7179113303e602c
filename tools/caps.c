// SPDX-License-Identifier: GPL-2.0-only
/*
 * The caps command, and the file that it writes.
 *
 * A VF that nobody has open is opened, and its match data are read as the first
 * bytes of a migration: in PRE_COPY, where nothing has been stopped. One that
 * is open elsewhere is asked through debugfs alone, where our module shows what
 * it found when the VF was opened.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "caps.h"

/* The first bytes that a data fd gives, all of the match data or nothing. */
static int read_match(int fd, struct mig_record *rec)
{
	char *at = (char *)rec;
	size_t len = 0;
	ssize_t n;

	while (len < MIG_MATCH_BYTES) {
		n = read(fd, at + len, MIG_MATCH_BYTES - len);
		if (n < 0)
			return -errno;
		if (!n)
			return -ENODATA;
		len += n;
	}
	return 0;
}

static int read_match_of(const struct vfio *v, uint64_t flags, struct mig_record *rec)
{
	uint32_t state = flags & VFIO_MIGRATION_PRE_COPY ? VFIO_DEVICE_STATE_PRE_COPY :
							   VFIO_DEVICE_STATE_STOP_COPY;
	int ret, fd;

	ret = vfio_set_state(v, state, &fd);
	if (ret)
		return ret;
	ret = read_match(fd, rec);
	close(fd);
	return ret ? ret : vfio_set_state(v, VFIO_DEVICE_STATE_RUNNING, NULL);
}

int caps_of_open(const struct vfio *v, const struct vf *vf, struct caps *c)
{
	struct mig_record rec = { 0 };
	uint64_t flags, bar2;
	int ret;

	memset(c, 0, sizeof(*c));
	snprintf(c->device, sizeof(c->device), "%s", vf->bdf);
	c->device_id = vf->engine->vf_device;
	ret = vfio_revision(v, &c->revision);
	if (!ret)
		ret = vfio_bar2_size(v, &bar2);
	if (ret)
		return complain(vf->bdf, "VFIO does not tell BAR2 or revision: %s", strerror(-ret));
	if (vfio_migration_flags(v, &flags) || !flags) {
		snprintf(c->why_not, sizeof(c->why_not),
			 "%s offers no migration for it; the kernel's log says why", vf->driver);
		return 0;
	}
	ret = read_match_of(v, flags, &rec);
	if (ret)
		return complain(vf->bdf, "the match data can't be read: %s; the kernel's log may say why",
				strerror(-ret));

	c->migratable = true;
	c->bar2_bytes = bar2;
	c->queue_pairs = le32_to_cpu(rec.qp_num);
	c->queue_isolation = le32_to_cpu(rec.que_iso_cfg);
	c->stream = le64_to_cpu(rec.magic) == MIG_MAGIC_V1 ? 1 : 2;
	c->major = c->stream == 1 ? 0 : le16_to_cpu(rec.major);
	c->minor = c->stream == 1 ? 0 : le16_to_cpu(rec.minor);
	c->p2p = flags & VFIO_MIGRATION_P2P;
	c->pre_copy = flags & VFIO_MIGRATION_PRE_COPY;
	return 0;
}

/* From what root sees in debugfs of a VF that somebody else has open. */
static int caps_of_used(const struct vf *vf, const struct facts *f, struct caps *c)
{
	char who[128];

	if (f->open != ANSWER_YES || f->queue_pairs < 0 || f->isolation < 0 ||
	    sscanf(f->stream, "%u.%u", &c->major, &c->minor) != 2) {
		vfio_in_use(vf, who, sizeof(who));
		return complain(vf->bdf, "is in use by %s, and debugfs does not show its state: that takes root, this project's module and a kernel with CONFIG_VFIO_DEBUGFS",
				who);
	}
	c->migratable = true;
	c->revision = !strcmp(f->view, "v3") ? QM_REVISION_V3 : vf->revision;
	c->bar2_bytes = f->bar2_bytes;
	c->queue_pairs = f->queue_pairs;
	c->queue_isolation = f->isolation;
	c->stream = 2;
	c->p2p = true;
	c->pre_copy = true;
	return 0;
}

int caps_open(struct vfio *v, const struct vf *vf, const struct facts *f, enum via via)
{
	/*
	 * Opening what can't be migrated is of no use, and with the in-tree
	 * driver it is a danger: it resets such a VF by way of a PF that it has
	 * not found.
	 */
	if (f->migratable == ANSWER_NO)
		return complain(vf->bdf, "can't be migrated: %s", f->why_not);
	return vfio_open(v, vf, via);
}

static json_t *hex(uint64_t value)
{
	char text[24];

	snprintf(text, sizeof(text), "%#llx", (unsigned long long)value);
	return json_string(text);
}

static json_t *caps_to_json(const struct caps *c, const struct vf *vf, const struct facts *f)
{
	json_t *json = json_object();
	struct utsname host;
	char version[8];

	uname(&host);
	json_object_set_new(json, "format", json_string(CAPS_FORMAT));
	json_object_set_new(json, "device", json_string(c->device));
	json_object_set_new(json, "engine", json_string(vf->engine->name));
	json_object_set_new(json, "hardware",
			    json_string(qm_version(vf->revision, version, sizeof(version))));
	json_object_set_new(json, "kernel", json_string(host.release));
	json_object_set_new(json, "module", json_string(module_kind_name(f->module)));
	json_object_set_new(json, "control", *f->control ? json_string(f->control) : json_null());
	json_object_set_new(json, "migratable", json_boolean(c->migratable));
	if (!c->migratable)
		json_object_set_new(json, "why_not", json_string(c->why_not));
	json_object_set_new(json, "device_id", hex(c->device_id));
	json_object_set_new(json, "revision", hex(c->revision));
	if (!c->migratable)
		return json;
	json_object_set_new(json, "queue_pairs", json_integer(c->queue_pairs));
	json_object_set_new(json, "queue_isolation", hex(c->queue_isolation));
	json_object_set_new(json, "bar2_bytes", json_integer(c->bar2_bytes));
	json_object_set_new(json, "stream", json_integer(c->stream));
	json_object_set_new(json, "stream_major", json_integer(c->major));
	json_object_set_new(json, "stream_minor", json_integer(c->minor));
	json_object_set_new(json, "p2p", json_boolean(c->p2p));
	json_object_set_new(json, "pre_copy", json_boolean(c->pre_copy));
	return json;
}

int cmd_caps(const struct options *o)
{
	struct accels a;
	struct caps c = { 0 };
	struct facts f;
	struct vfio v;
	char who[128];
	int ret;

	accels_find(&a);
	ret = accels_select(&a, o->args, o->nargs);
	if (ret)
		goto out;
	if (a.nr_vfs != 1) {
		ret = complain(o->args[0], "means %zu VFs; caps are of one", a.nr_vfs);
		goto out;
	}

	facts_get(&a.vfs[0], &f);
	snprintf(c.device, sizeof(c.device), "%s", a.vfs[0].bdf);
	c.device_id = a.vfs[0].engine->vf_device;
	c.revision = a.vfs[0].revision;
	if (f.migratable == ANSWER_NO) {
		snprintf(c.why_not, sizeof(c.why_not), "%s", f.why_not);
	} else if (f.open == ANSWER_YES || vfio_in_use(&a.vfs[0], who, sizeof(who))) {
		ret = caps_of_used(&a.vfs[0], &f, &c);
	} else {
		ret = caps_open(&v, &a.vfs[0], &f, o->via);
		if (!ret) {
			ret = caps_of_open(&v, &a.vfs[0], &c);
			/* Of V4, it is known only while the VF is open or ours. */
			vfio_close(&v);
		}
	}
	if (!ret)
		print_json(caps_to_json(&c, &a.vfs[0], &f));
out:
	accels_free(&a);
	return ret;
}

/* Reading */

static int bad_file(const char *path, const char *key, const char *what)
{
	return complain(path, "\"%s\" %s; make the file with hisi-acc-mig caps", key, what);
}

/* A number, or a string that is one; -1 if it is none, too large or not there. */
static long long number_of(json_t *json, const char *key, long long max)
{
	json_t *value = json_object_get(json, key);
	long long number = -1;
	const char *text;
	char *end;

	if (json_is_integer(value)) {
		number = json_integer_value(value);
	} else if (json_is_string(value)) {
		text = json_string_value(value);
		errno = 0;
		number = strtoll(text, &end, 0);
		if (!*text || *end || errno)
			number = -1;
	}
	return number < 0 || number > max ? -1 : number;
}

static int caps_from_json(const char *path, json_t *json, struct caps *c)
{
	static const struct {
		const char *key;
		long long max;
		size_t at;
	} numbers[] = {
		{ "queue_pairs", UINT32_MAX, offsetof(struct caps, queue_pairs) },
		{ "queue_isolation", UINT32_MAX, offsetof(struct caps, queue_isolation) },
		{ "bar2_bytes", UINT32_MAX, offsetof(struct caps, bar2_bytes) },
		{ "stream", 2, offsetof(struct caps, stream) },
		{ "stream_major", UINT16_MAX, offsetof(struct caps, major) },
		{ "stream_minor", UINT16_MAX, offsetof(struct caps, minor) },
	};
	const char *format = json_string_value(json_object_get(json, "format"));
	const char *text = json_string_value(json_object_get(json, "device"));
	json_t *migratable = json_object_get(json, "migratable");
	long long number;
	size_t i;

	if (!format || strcmp(format, CAPS_FORMAT))
		return bad_file(path, "format", "is not \"" CAPS_FORMAT "\"");
	if (!json_is_boolean(migratable))
		return bad_file(path, "migratable", "is neither true nor false");
	snprintf(c->device, sizeof(c->device), "%s", text ? text : "?");
	c->migratable = json_is_true(migratable);
	number = number_of(json, "device_id", UINT16_MAX);
	if (number < 0)
		return bad_file(path, "device_id", "is no number that fits");
	c->device_id = number;
	number = number_of(json, "revision", UINT8_MAX);
	if (number < 0)
		return bad_file(path, "revision", "is no number that fits");
	c->revision = number;
	if (!c->migratable) {
		text = json_string_value(json_object_get(json, "why_not"));
		snprintf(c->why_not, sizeof(c->why_not), "%s", text ? text : "no reason given");
		return 0;
	}
	for (i = 0; i < ARRAY_SIZE(numbers); i++) {
		number = number_of(json, numbers[i].key, numbers[i].max);
		if (number < 0)
			return bad_file(path, numbers[i].key, "is no number that fits");
		*(uint32_t *)((char *)c + numbers[i].at) = number;
	}
	c->p2p = json_is_true(json_object_get(json, "p2p"));
	c->pre_copy = json_is_true(json_object_get(json, "pre_copy"));
	return 0;
}

int caps_load(const char *path, struct caps *c)
{
	json_error_t error;
	json_t *json;
	int ret;

	memset(c, 0, sizeof(*c));
	json = strcmp(path, "-") ? json_load_file(path, JSON_REJECT_DUPLICATES, &error) :
				   json_loadf(stdin, JSON_REJECT_DUPLICATES, &error);
	if (!json) {
		if (error.line < 0)
			return complain(path, "%s", strerror(errno));
		return complain(path, "line %d, column %d: no JSON: %s", error.line,
				error.column, error.text);
	}
	if (json_is_object(json))
		ret = caps_from_json(path, json, c);
	else
		ret = complain(path, "holds no caps; make the file with hisi-acc-mig caps");
	json_decref(json);
	return ret;
}

void caps_match(const struct caps *c, struct mig_match *match)
{
	*match = (struct mig_match){
		.dev_id = c->device_id,
		.qp_num = c->queue_pairs,
		.que_iso_cfg = c->queue_isolation,
		.bar2_size = c->bar2_bytes,
	};
}
