// SPDX-License-Identifier: GPL-2.0-only
/*
 * The check command: can a VM move between two VFs? Known from two caps files,
 * before anybody tries.
 */
#include <stdio.h>
#include <string.h>

#include "../include/mig_stream.h"
#include "caps.h"

/* Where VFs must be alike, in the order in which a destination would notice. */
static const struct rule {
	const char *field;
	size_t at;
	size_t bytes;
	const char *advice;
} rules[] = {
	{ "device_id", offsetof(struct caps, device_id), 2,
	  "they are different accelerators" },
	{ "queue_pairs", offsetof(struct caps, queue_pairs), 4,
	  "make the same number of VFs on both PFs; if it is, take another VF there: a PF may give its last one more queue pairs than the others" },
	{ "queue_isolation", offsetof(struct caps, queue_isolation), 4,
	  "the PFs are set up differently" },
	{ "bar2_bytes", offsetof(struct caps, bar2_bytes), 4,
	  "load the module with guest_view=v3 on the host that shows more, or select_bit=own on one of V4 that shows less" },
	{ "revision", offsetof(struct caps, revision), 1,
	  "QEMU compares it; load the module with guest_view=v3 on the host with newer hardware" },
};

static uint32_t value_at(const struct caps *c, const struct rule *rule)
{
	const char *at = (const char *)c + rule->at;

	switch (rule->bytes) {
	case 1:
		return *(const uint8_t *)at;
	case 2:
		return *(const uint16_t *)at;
	default:
		return *(const uint32_t *)at;
	}
}

static void add(json_t *list, const char *field, json_t *from, json_t *to, const char *advice)
{
	json_array_append_new(list, json_pack("{s:s, s:o, s:o, s:s}", "field", field,
					      "from", from, "to", to, "advice", advice));
}

json_t *caps_obstacles(const struct caps *from, const struct caps *to)
{
	json_t *list = json_array();
	size_t i;

	if (!from->migratable || !to->migratable) {
		add(list, "migratable",
		    from->migratable ? json_true() : json_string(from->why_not),
		    to->migratable ? json_true() : json_string(to->why_not),
		    "only a VF that is migratable can send or receive a VM");
		return list;
	}
	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		uint32_t a = value_at(from, &rules[i]), b = value_at(to, &rules[i]);

		if (a != b)
			add(list, rules[i].field, json_integer(a), json_integer(b),
			    rules[i].advice);
	}
	/* Who sends V1 knows nothing else; who sends V2 takes V1 as well. */
	if (from->stream > to->stream)
		add(list, "stream", json_integer(from->stream), json_integer(to->stream),
		    "the destination's driver is too old for what the source sends");
	else if (from->stream == 2 && to->stream == 2 && from->major != to->major)
		add(list, "stream_major", json_integer(from->major), json_integer(to->major),
		    "the two drivers have no format in common");
	return list;
}

static void print_value(json_t *value)
{
	if (json_is_string(value))
		printf("no (%s)", json_string_value(value));
	else if (json_is_true(value))
		printf("yes");
	else
		printf("%lld (%#llx)", (long long)json_integer_value(value),
		       (unsigned long long)json_integer_value(value));
}

/* What is known to be wrong with streams of this source, in the module's words, or NULL. */
static const char *remark_on(const struct caps *from)
{
	const struct mig_stream stream = {
		.len = MIG_MATCH_BYTES,
		.rec = {
			.magic = cpu_to_le64(from->stream == 1 ? MIG_MAGIC_V1 : MIG_MAGIC_V2),
			.major = cpu_to_le16(from->major),
			.minor = cpu_to_le16(from->minor),
			.bar2_size = cpu_to_le32(from->bar2_bytes),
		},
	};

	return from->migratable ? mig_stream_remark(&stream) : NULL;
}

static void print_way(const char *from, const char *to, json_t *list, const char *remark)
{
	json_t *item;
	size_t i;

	printf("%s -> %s: %s\n", from, to, json_array_size(list) ? "no" : "yes");
	if (remark)
		printf("  remark: %s\n", remark);
	json_array_foreach(list, i, item) {
		printf("  %s: ", json_string_value(json_object_get(item, "field")));
		print_value(json_object_get(item, "from"));
		printf(" here, ");
		print_value(json_object_get(item, "to"));
		printf(" there: %s\n", json_string_value(json_object_get(item, "advice")));
	}
}

static json_t *way_to_json(const char *from, const char *to, json_t *list, const char *remark)
{
	return json_pack("{s:s, s:s, s:b, s:s?, s:o}", "from", from, "to", to, "possible",
			 !json_array_size(list), "remark", remark, "obstacles", list);
}

int cmd_check(const struct options *o)
{
	const char *name_a = o->args[0], *name_b = o->args[1];
	struct caps a, b;
	json_t *there, *back;
	bool barred, devices;
	int ret;

	if (!strcmp(name_a, "-") && !strcmp(name_b, "-")) {
		complain(NULL, "only one of the two can be standard input");
		return EXIT_USAGE;
	}
	ret = caps_load(name_a, &a);
	if (!ret)
		ret = caps_load(name_b, &b);
	if (ret)
		return ret;

	there = caps_obstacles(&a, &b);
	back = caps_obstacles(&b, &a);
	barred = json_array_size(there) || json_array_size(back);
	devices = a.migratable && b.migratable && !(a.p2p && b.p2p);
	if (o->json) {
		print_json(json_pack("{s:o, s:o, s:b}",
				     "there", way_to_json(name_a, name_b, there, remark_on(&a)),
				     "back", way_to_json(name_b, name_a, back, remark_on(&b)),
				     "several_devices", !barred && !devices));
	} else {
		print_way(name_a, name_b, there, remark_on(&a));
		print_way(name_b, name_a, back, remark_on(&b));
		if (!barred && devices)
			printf("note: one of the drivers lacks P2P; QEMU moves no VM with two or more VFIO devices then\n");
		json_decref(there);
		json_decref(back);
	}
	return barred ? EXIT_NO : EXIT_YES;
}
