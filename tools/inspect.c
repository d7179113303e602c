// SPDX-License-Identifier: GPL-2.0-only
/*
 * The inspect command: a saved state, field by field. Whether it is valid is
 * the word of the module's own parser.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../include/mig_record_fields.h"
#include "caps.h"
#include "inspect.h"

/* A VF that is just what the record asks for. */
static void match_of(const u8 *data, size_t len, struct mig_match *match)
{
	struct mig_record rec;

	memset(&rec, 0, sizeof(rec));
	memcpy(&rec, data, len < sizeof(rec) ? len : sizeof(rec));
	*match = (struct mig_match){
		.dev_id = le32_to_cpu(rec.dev_id),
		.qp_num = le32_to_cpu(rec.qp_num),
		.que_iso_cfg = le32_to_cpu(rec.que_iso_cfg),
		.bar2_size = le32_to_cpu(rec.bar2_size),
	};
}

static void explain(struct verdict *verdict, const struct mig_refusal *why, bool here)
{
	const char *kind = verdict->err == -EINVAL ? "malformed" : "not for this VF";

	if (!strcmp(why->what, "length"))
		snprintf(verdict->why_not, sizeof(verdict->why_not),
			 "%s: length is %s%llu, must be %u or %u", kind,
			 why->theirs > MIG_RECORD_BYTES ? "at least " : "",
			 (unsigned long long)why->theirs, MIG_MATCH_BYTES, MIG_RECORD_BYTES);
	else
		snprintf(verdict->why_not, sizeof(verdict->why_not), "%s: %s is %#llx, %s %#llx",
			 verdict->err == -EINVAL || here ? kind : "not supported", why->what,
			 (unsigned long long)why->theirs,
			 verdict->err == -EINVAL || !here ? "must be" : "there",
			 (unsigned long long)why->ours);
}

void judge_stream(const u8 *data, size_t len, const struct mig_match *here,
		  struct verdict *verdict)
{
	struct mig_stream stream;
	struct mig_refusal why;
	struct mig_match own;

	memset(&stream, 0, sizeof(stream));
	memset(verdict, 0, sizeof(*verdict));
	match_of(data, len, &own);
	verdict->err = mig_stream_write(&stream, data, len, here ? here : &own, &why);
	if (!verdict->err)
		verdict->err = mig_stream_finish(&stream, &why);
	if (verdict->err)
		explain(verdict, &why, here);
	else
		verdict->queues = mig_stream_has_queues(&stream);
	if (!verdict->err)
		verdict->remark = mig_stream_remark(&stream);
}

int read_stream(const char *path, u8 *data, size_t *len)
{
	bool use_stdin = !strcmp(path, "-");
	int fd = use_stdin ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	*len = 0;
	if (fd < 0)
		return complain(path, "%s", strerror(errno));
	do {
		n = read(fd, data + *len, MIG_RECORD_BYTES + 1 - *len);
		if (n > 0)
			*len += n;
	} while (n > 0 && *len <= MIG_RECORD_BYTES);
	if (n < 0)
		complain(path, "%s", strerror(errno));
	if (!use_stdin)
		close(fd);
	return n < 0 ? EXIT_TROUBLE : 0;
}

/* How much of a field is there. */
enum presence {
	ABSENT,
	CUT,
	WHOLE,
};

struct element {
	char name[24];
	size_t offset;
	unsigned int bytes;
	const char *meaning;
	enum presence presence;
	u64 value;		/* of a whole one */
};

static u64 little_endian(const u8 *at, unsigned int bytes)
{
	u64 value = 0;

	while (bytes--)
		value = value << 8 | at[bytes];
	return value;
}

/* Call show for each element of each field of the record. */
static void walk(const u8 *data, size_t len,
		 void (*show)(const struct element *e, void *arg), void *arg)
{
	struct element e = { .offset = 0 };
	unsigned int i;
	size_t f;

	for (f = 0; f < ARRAY_SIZE(mig_record_fields); f++) {
		const struct mig_record_field *field = &mig_record_fields[f];

		for (i = 0; i < field->count; i++) {
			if (field->count > 1)
				snprintf(e.name, sizeof(e.name), "%s[%u]", field->name, i);
			else
				snprintf(e.name, sizeof(e.name), "%s", field->name);
			e.bytes = field->bytes;
			e.meaning = field->meaning;
			e.presence = e.offset + e.bytes <= len ? WHOLE :
				     e.offset < len ? CUT : ABSENT;
			e.value = e.presence == WHOLE ?
				  little_endian(data + e.offset, e.bytes) : 0;
			show(&e, arg);
			e.offset += e.bytes;
		}
	}
}

static void print_element(const struct element *e, void *arg)
{
	char value[24];

	(void)arg;
	if (e->presence == ABSENT)
		return;
	if (e->presence == CUT)
		snprintf(value, sizeof(value), "cut short");
	else
		snprintf(value, sizeof(value), "0x%0*llx", 2 * (int)e->bytes,
			 (unsigned long long)e->value);
	printf("%6zu %5u  %-15s %-18s  %s\n", e->offset, e->bytes, e->name, value, e->meaning);
}

static void add_element(const struct element *e, void *list)
{
	char value[24];

	if (e->presence == ABSENT)
		return;
	snprintf(value, sizeof(value), "%#llx", (unsigned long long)e->value);
	json_array_append_new(list, json_pack("{s:s, s:I, s:I, s:s?, s:s}",
					      "name", e->name,
					      "offset", (json_int_t)e->offset,
					      "bytes", (json_int_t)e->bytes,
					      "value", e->presence == WHOLE ? value : NULL,
					      "meaning", e->meaning));
}

static const char *kind_of(const u8 *data, size_t len)
{
	u64 magic = len >= 8 ? little_endian(data, 8) : 0;

	return magic == MIG_MAGIC_V1 ? "V1" : magic == MIG_MAGIC_V2 ? "V2" : NULL;
}

static const char *engine_in(const u8 *data, size_t len)
{
	const struct engine *engine = NULL;

	if (len >= 16)
		engine = engine_of_vf(little_endian(data + 12, 4) & 0xffff);
	return engine ? engine->name : NULL;
}

static void print_report(const char *path, const u8 *data, size_t len,
			 const struct verdict *verdict)
{
	const char *kind = kind_of(data, len), *engine = engine_in(data, len);

	printf("%s: %s%zu bytes, ", path, len > MIG_RECORD_BYTES ? "at least " : "", len);
	if (kind)
		printf("a record of format %s, of a VF of %s\n", kind,
		       engine ? engine : "an unknown kind");
	else
		printf("of no known format\n");
	printf("offset bytes  field           value               meaning\n");
	walk(data, len, print_element, NULL);
	if (verdict->err)
		printf("valid: no, %s\n", verdict->why_not);
	else
		printf("valid: yes, %s\n", verdict->queues ? "with queues" :
		       "without queues: the guest's driver was not ready");
	if (verdict->remark)
		printf("remark: %s\n", verdict->remark);
}

static void print_report_json(const char *path, const u8 *data, size_t len,
			      const struct verdict *verdict)
{
	json_t *fields = json_array();

	walk(data, len, add_element, fields);
	print_json(json_pack("{s:s, s:I, s:s?, s:s?, s:b, s:s?, s:b, s:s?, s:o}",
			     "file", path, "bytes", (json_int_t)len,
			     "format", kind_of(data, len), "engine", engine_in(data, len),
			     "valid", !verdict->err,
			     "why_not", verdict->err ? verdict->why_not : NULL,
			     "queues", verdict->queues, "remark", verdict->remark,
			     "fields", fields));
}

int cmd_inspect(const struct options *o)
{
	u8 data[MIG_RECORD_BYTES + 1];
	struct verdict verdict;
	struct mig_match here;
	struct caps caps;
	size_t len;
	int ret;

	ret = read_stream(o->args[0], data, &len);
	if (!ret && o->for_caps)
		ret = caps_load(o->for_caps, &caps);
	if (ret)
		return ret;
	if (o->for_caps && !caps.migratable) {
		complain(o->for_caps, "this VF can't be migrated: %s", caps.why_not);
		return EXIT_NO;
	}

	if (o->for_caps)
		caps_match(&caps, &here);
	judge_stream(data, len, o->for_caps ? &here : NULL, &verdict);
	if (o->json)
		print_report_json(o->args[0], data, len, &verdict);
	else
		print_report(o->args[0], data, len, &verdict);
	return verdict.err ? EXIT_NO : EXIT_YES;
}
