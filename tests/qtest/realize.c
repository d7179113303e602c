// SPDX-License-Identifier: GPL-2.0-only
/*
 * Devices that can't be: bad properties, no room; and what QEMU may not do with
 * those that are there.
 */
#include "qemu/osdep.h"
#include "qobject/qdict.h"
#include "acc.h"

/*
 * QEMU with these devices, which says why it doesn't start. What had been made of
 * one is undone before that; QEMU ends too soon to tell what is left.
 */
static void refused(const char *first, const char *second, const char *why)
{
	const char *argv[] = {
		g_getenv("QTEST_QEMU_BINARY"), "-M", "virt", "-accel", "qtest", "-display",
		"none", "-nodefaults", "-device", first, second ? "-device" : NULL, second, NULL,
	};
	g_autofree char *said = NULL;
	int status;

	g_assert_true(g_spawn_sync(NULL, (char **)argv, NULL, G_SPAWN_DEFAULT, NULL, NULL,
				   NULL, &said, &status, NULL));
	g_test_message("%s", said);
	g_assert_cmpint(WIFEXITED(status) ? WEXITSTATUS(status) : -1, ==, 1);
	g_assert_nonnull(strstr(said, why));
}

static void bad_properties(const void *arg)
{
	static const char *const bad[][2] = {
		{ "total_vfs=64", "must be 1 to 63" }, { "total_vfs=0", "must be 1 to 63" },
		{ "queues=1", "must be 2 to 1024" }, { "queues=1025", "must be 2 to 1024" },
		{ "engine=tea", "tea" }, { "version=v2", "v2" }, { "select=maybe", "maybe" },
		{ "pause-end=never", "never" }, { "silicon=carbide", "carbide" },
	};
	unsigned i;

	for (i = 0; i < G_N_ELEMENTS(bad); i++) {
		g_autofree char *device = g_strdup_printf("kunpeng-acc,addr=4.0,%s", bad[i][0]);

		refused(device, NULL, bad[i][1]);
	}
}

/* There is no room for the VFs: behind the last address, or at that of another. */
static void no_room(const void *arg)
{
	refused("kunpeng-acc,addr=1f.0,isolation=on", NULL, "VF addr overflows");
	refused("kunpeng-acc,addr=5.0,total_vfs=1", "kunpeng-acc,addr=4.0,total_vfs=63",
		"not available");
}

static void one_oracle(const void *arg)
{
	refused("kunpeng-oracle,addr=1.0", "kunpeng-oracle,addr=2.0", "one oracle");
	refused("kunpeng-oracle,addr=1.0,trace=/nowhere/at/all", NULL, "/nowhere/at/all");
}

/* QEMU says so, rather than lose what a guest has in the device. */
static void not_migrated(const void *arg)
{
	const char *device = arg;
	QTestState *q = qtest_initf("-M virt,highmem=off -display none -nodefaults -device %s", device);
	QDict *answer = qtest_qmp(q, "{'execute': 'migrate',"
				  " 'arguments': {'uri': 'exec:cat >/dev/null'}}");
	QDict *error = qdict_get_qdict(answer, "error");

	g_assert_nonnull(error);
	g_assert_nonnull(strstr(qdict_get_str(error, "desc"), "non-migratable"));
	qobject_unref(answer);
	qtest_quit(q);
}

void acc_add_realize_tests(void)
{
	g_test_add_data_func("/acc/realize/bad-properties", NULL, bad_properties);
	g_test_add_data_func("/acc/realize/no-room", NULL, no_room);
	g_test_add_data_func("/acc/realize/one-oracle", NULL, one_oracle);
	g_test_add_data_func("/acc/realize/not-migrated", "kunpeng-acc,addr=4.0,total_vfs=1",
			     not_migrated);
	g_test_add_data_func("/acc/realize/oracle-not-migrated", "kunpeng-oracle,addr=1.0",
			     not_migrated);
}
