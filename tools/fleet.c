// SPDX-License-Identifier: GPL-2.0-only
/*
 * The fleet command: pools of VFs, by their caps. In a pool a VM can go from each
 * VF to each other. Since that takes equal values, pools do not overlap.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caps.h"
#include "tool.h"

#define NO_POOL	SIZE_MAX

struct member {
	const char *file;
	struct caps caps;
	size_t pool;		/* its first member; NO_POOL: can't be migrated */
};

struct fleet {
	struct member *members;
	size_t nr;
};

/* What an operator can change, and the fields of caps that become alike by it. */
static const struct setting {
	const char *name;
	const char *fields[3];
	const char *advice;
} settings[] = {
	{ "guest_view", { "bar2_bytes", "revision" },
	  "load the module with guest_view=v3 on all hosts" },
	{ "sriov_numvfs", { "queue_pairs" },
	  "make the same number of VFs on all PFs, and take no PF's last VF: it may have more queue pairs" },
	{ "driver", { "stream", "stream_major" },
	  "install the same version of the driver on all hosts" },
};

static bool setting_covers(const struct setting *setting, const char *field)
{
	size_t i;

	for (i = 0; setting && i < ARRAY_SIZE(setting->fields); i++)
		if (setting->fields[i] && !strcmp(setting->fields[i], field))
			return true;
	return false;
}

/* Is nothing in this way, or would nothing be with the setting? */
static bool way_is_free(const struct caps *from, const struct caps *to,
			const struct setting *setting)
{
	json_t *list = caps_obstacles(from, to), *item;
	bool is_free = true;
	size_t i;

	json_array_foreach(list, i, item)
		is_free &= setting_covers(setting,
					  json_string_value(json_object_get(item, "field")));
	json_decref(list);
	return is_free;
}

static bool fit(const struct member *a, const struct member *b, const struct setting *setting)
{
	return way_is_free(&a->caps, &b->caps, setting) && way_is_free(&b->caps, &a->caps, setting);
}

static void find_pools(struct fleet *f)
{
	size_t i, j;

	for (i = 0; i < f->nr; i++) {
		struct member *m = &f->members[i];

		m->pool = NO_POOL;
		/* One that can't be migrated does not fit itself either. */
		for (j = 0; j <= i && m->pool == NO_POOL; j++)
			if (fit(&f->members[j], m, NULL))
				m->pool = j;
	}
}

/* How many fit the first member of a pool */
static size_t pool_size(const struct fleet *f, size_t first, const struct setting *setting)
{
	size_t i, n = 0;

	for (i = 0; i < f->nr; i++)
		n += fit(&f->members[first], &f->members[i], setting);
	return n;
}

/* The largest pool of the same engine; the first of several */
static size_t largest(const struct fleet *f, size_t first)
{
	size_t i, size, best = first, most = 0;

	for (i = 0; i < f->nr; i++) {
		if (f->members[i].pool != i ||
		    f->members[i].caps.device_id != f->members[first].caps.device_id)
			continue;
		size = pool_size(f, i, NULL);
		if (size > most) {
			most = size;
			best = i;
		}
	}
	return best;
}

/* The setting by which most others join; NULL: none does alone */
static const struct setting *enlarging(const struct fleet *f, size_t first, size_t *size)
{
	const struct setting *best = NULL;
	size_t i, n;

	*size = pool_size(f, first, NULL);
	for (i = 0; i < ARRAY_SIZE(settings); i++) {
		n = pool_size(f, first, &settings[i]);
		if (n > *size) {
			*size = n;
			best = &settings[i];
		}
	}
	return best;
}

/* The fields that bar a way between a pool (here) and the largest one (there) */
static json_t *what_keeps_out(const struct caps *here, const struct caps *there)
{
	json_t *list = caps_obstacles(here, there), *back, *item, *turned;
	size_t i;

	if (json_array_size(list))
		return list;
	/* An older stream bars the way back alone. */
	back = caps_obstacles(there, here);
	json_array_foreach(back, i, item) {
		turned = json_copy(item);
		json_object_set(turned, "from", json_object_get(item, "to"));
		json_object_set(turned, "to", json_object_get(item, "from"));
		json_array_append_new(list, turned);
	}
	json_decref(back);
	return list;
}

static json_t *files_of(const struct fleet *f, size_t pool)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < f->nr; i++)
		if (f->members[i].pool == pool)
			json_array_append_new(list, json_string(f->members[i].file));
	return list;
}

static const char *engine_name(const struct caps *c)
{
	const struct engine *engine = engine_of_vf(c->device_id);

	return engine ? engine->name : "unknown";
}

static json_t *enlarging_to_json(const struct fleet *f, size_t first)
{
	size_t size;
	const struct setting *best = enlarging(f, first, &size);

	return best ? json_pack("{s:s, s:I, s:s}", "name", best->name, "size",
				(json_int_t)size, "advice", best->advice) : json_null();
}

static json_t *pool_to_json(const struct fleet *f, size_t first)
{
	const struct caps *c = &f->members[first].caps;
	size_t top = largest(f, first);
	json_t *pool = json_pack("{s:s, s:I, s:I, s:o}", "engine", engine_name(c), "revision",
				 (json_int_t)c->revision, "queue_pairs",
				 (json_int_t)c->queue_pairs, "vfs", files_of(f, first));

	if (top == first)
		json_object_set_new(pool, "enlarged_by", enlarging_to_json(f, first));
	else
		json_object_set_new(pool, "kept_out_by",
				    what_keeps_out(c, &f->members[top].caps));
	return pool;
}

static json_t *fleet_to_json(const struct fleet *f)
{
	json_t *pools = json_array(), *none = json_array();
	size_t i;

	for (i = 0; i < f->nr; i++) {
		const struct member *m = &f->members[i];

		if (m->pool == i)
			json_array_append_new(pools, pool_to_json(f, i));
		else if (m->pool == NO_POOL)
			json_array_append_new(none, json_pack("{s:s, s:s}", "vf", m->file,
							      "why_not", m->caps.why_not));
	}
	return json_pack("{s:o, s:o}", "pools", pools, "not_migratable", none);
}

static const char *text_of(const json_t *object, const char *key)
{
	return json_string_value(json_object_get(object, key));
}

static long long number_of(const json_t *object, const char *key)
{
	return json_integer_value(json_object_get(object, key));
}

static void print_pool(const json_t *pool)
{
	const json_t *files = json_object_get(pool, "vfs"), *by;
	const json_t *item;
	char version[16];
	size_t i;

	printf("%s, %s, %lld queue pairs: pool of %zu\n", text_of(pool, "engine"),
	       qm_version(number_of(pool, "revision"), version, sizeof(version)),
	       number_of(pool, "queue_pairs"), json_array_size(files));
	json_array_foreach(files, i, item)
		printf("  %s\n", json_string_value(item));
	json_array_foreach(json_object_get(pool, "kept_out_by"), i, item)
		printf("  kept out of the largest pool by %s: %lld (%#llx) here, %lld (%#llx) there: %s\n",
		       text_of(item, "field"), number_of(item, "from"), number_of(item, "from"),
		       number_of(item, "to"), number_of(item, "to"), text_of(item, "advice"));
	by = json_object_get(pool, "enlarged_by");
	if (json_is_object(by))
		printf("  a pool of %lld by %s: %s\n", number_of(by, "size"),
		       text_of(by, "name"), text_of(by, "advice"));
}

static void print_fleet(const json_t *fleet)
{
	const json_t *item;
	size_t i;

	json_array_foreach(json_object_get(fleet, "pools"), i, item)
		print_pool(item);
	json_array_foreach(json_object_get(fleet, "not_migratable"), i, item)
		printf("%s: in no pool: can't be migrated: %s\n", text_of(item, "vf"),
		       text_of(item, "why_not"));
}

/* Is each VF in the largest pool of its engine? */
static bool is_whole(const struct fleet *f)
{
	size_t i;

	for (i = 0; i < f->nr; i++)
		if (f->members[i].pool == NO_POOL || f->members[i].pool != largest(f, i))
			return false;
	return true;
}

int cmd_fleet(const struct options *o)
{
	struct fleet f = { .nr = o->nargs };
	json_t *json;
	size_t i;
	int ret = 0;

	f.members = calloc(f.nr, sizeof(*f.members));
	if (!f.members)
		return complain(NULL, "out of memory");
	/* A pool without one of the hosts would be no answer. */
	for (i = 0; !ret && i < f.nr; i++) {
		f.members[i].file = o->args[i];
		ret = caps_load(o->args[i], &f.members[i].caps);
	}
	if (!ret) {
		find_pools(&f);
		json = fleet_to_json(&f);
		if (o->json) {
			print_json(json);
		} else {
			print_fleet(json);
			json_decref(json);
		}
		ret = is_whole(&f) ? EXIT_YES : EXIT_NO;
	}
	free(f.members);
	return ret;
}
