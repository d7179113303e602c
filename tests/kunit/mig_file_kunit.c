// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data fds: what is read and written in which pieces, what ends them, and
 * what is locked while user memory is touched.
 */
#include <kunit/test.h>
#include <linux/device.h>
#include <linux/uaccess.h>

#include "mig_golden.h"

/* User memory, and the check of the control mode. */
static unsigned long fake_copy_to_user(void __user *to, const void *from,
				       unsigned long n);
static unsigned long fake_copy_from_user(void *to, const void __user *from,
					 unsigned long n);

#undef copy_to_user
#undef copy_from_user
#define copy_to_user		fake_copy_to_user
#define copy_from_user		fake_copy_from_user

#include "../../mig_file.c"

static struct {
	struct mig_file_host host;
	struct mig_match match;
	struct mig_log log;
	struct vfio_device vdev;
	struct mig_stream last;
	struct mig_file *migf;		/* the file under test */
	bool bad_memory;		/* user memory cannot be touched */
	void (*meanwhile)(void);	/* done by others during one copy */
	unsigned int locked_copies;
	unsigned int rechecks;
	int recheck_ret;
	unsigned int woken;
} fake;

static void copying(void)
{
	void (*meanwhile)(void) = fake.meanwhile;

	/* User memory may be a BAR, whose faults wait for a reset. */
	fake.locked_copies += mutex_is_locked(&fake.migf->lock);
	fake.meanwhile = NULL;
	if (meanwhile)
		meanwhile();
}

static unsigned long fake_copy_to_user(void __user *to, const void *from, unsigned long n)
{
	copying();
	if (fake.bad_memory)
		return n;
	memcpy((__force void *)to, from, n);
	return 0;
}

static unsigned long fake_copy_from_user(void *to, const void __user *from, unsigned long n)
{
	copying();
	if (fake.bad_memory)
		return n;
	memcpy(to, (__force const void *)from, n);
	return 0;
}

static int fake_check(const struct mig_file_host *host)
{
	fake.rechecks += host == &fake.host && mutex_is_locked(&fake.migf->lock);
	return fake.recheck_ret;
}

/* More room than a record needs. */
static u8 buf[2 * MIG_RECORD_BYTES];

static ssize_t do_read(size_t at, size_t len)
{
	return fake.migf->filp->f_op->read(fake.migf->filp, (void __user *)buf + at,
					   len, NULL);
}

static ssize_t do_write(size_t at, size_t len)
{
	return fake.migf->filp->f_op->write(fake.migf->filp, (void __user *)buf + at,
					    len, NULL);
}

static long do_ioctl(unsigned int cmd)
{
	return fake.migf->filp->f_op->unlocked_ioctl(fake.migf->filp, cmd,
						     (unsigned long)buf);
}

static int mig_file_init(struct kunit *test)
{
	static struct device dev = { .init_name = "simulated" };

	memset(&fake, 0, sizeof(fake));
	fake.match = (struct mig_match){
		.dev_id = 0xa251,
		.qp_num = 16,
		.qp_base = 320,
		.que_iso_cfg = 1,
		.bar2_size = 0x8000,
	};
	mig_log_init(&fake.log, &dev);
	fake.host = (struct mig_file_host){
		.vdev = &fake.vdev,
		.log = &fake.log,
		.match = &fake.match,
		.check = fake_check,
	};
	return 0;
}

/* The fd's reference keeps a file when the device has let go of it. */
static void mig_file_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, fake.locked_copies, 0);
	if (fake.migf) {
		if (fake.migf->host)
			mig_file_disable(fake.migf, &fake.last);
		fput(fake.migf->filp);
	}
}

static void open_save(struct kunit *test)
{
	struct mig_file *migf;

	migf = mig_file_open_save(&fake.host);
	KUNIT_ASSERT_FALSE(test, IS_ERR(migf));
	get_file(migf->filp);
	fake.migf = migf;
	memset(buf, 0, sizeof(buf));
}

static void open_resume(struct kunit *test)
{
	struct mig_file *migf;

	migf = mig_file_open_resume(&fake.host);
	KUNIT_ASSERT_FALSE(test, IS_ERR(migf));
	get_file(migf->filp);
	fake.migf = migf;
	memset(buf, 0, sizeof(buf));
	memcpy(buf, mig_golden_v2_minor_1, MIG_RECORD_BYTES);
}

static void close_file(void)
{
	mig_file_disable(fake.migf, &fake.last);
	fput(fake.migf->filp);
	fake.migf = NULL;
}

static void complete_with(const u8 *bytes, size_t len)
{
	mig_file_complete(fake.migf, (const struct mig_record *)bytes, len);
}

static void saved_file_gives_match_data_then_waits(struct kunit *test)
{
	open_save(test);
	KUNIT_EXPECT_EQ(test, do_read(0, 0), 0);
	KUNIT_EXPECT_EQ(test, do_read(0, sizeof(buf)), 40);
	KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, 40), 0);
	KUNIT_EXPECT_EQ(test, do_read(0, 1), -ENOMSG);
	KUNIT_EXPECT_EQ(test, do_read(0, 0), 0);
}

static void completed_file_goes_on_after_match_data(struct kunit *test)
{
	open_save(test);
	KUNIT_EXPECT_EQ(test, do_read(0, 40), 40);
	KUNIT_EXPECT_EQ(test, do_read(40, 1), -ENOMSG);
	complete_with(mig_golden_v2_minor_1, MIG_RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, do_read(40, sizeof(buf) - 40), 136);
	KUNIT_EXPECT_EQ(test, do_read(176, 1), 0);
	KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, MIG_RECORD_BYTES), 0);
}

static void every_read_size_gives_the_same_bytes(struct kunit *test)
{
	size_t size, at;
	ssize_t n;

	for (size = 1; size <= MIG_RECORD_BYTES + 1; size++) {
		open_save(test);
		complete_with(mig_golden_v2_minor_1, MIG_RECORD_BYTES);
		for (at = 0; (n = do_read(at, size)) > 0; at += n)
			KUNIT_EXPECT_EQ(test, n, min(size, MIG_RECORD_BYTES - at));
		KUNIT_EXPECT_EQ(test, n, 0);
		KUNIT_EXPECT_EQ(test, at, MIG_RECORD_BYTES);
		KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, at), 0);
		close_file();
	}
}

static void short_state_ends_after_match_data(struct kunit *test)
{
	struct mig_record rec = { .vf_qm_state = cpu_to_le32(MIG_VF_NOT_READY) };

	open_save(test);
	complete_with((u8 *)&rec, MIG_MATCH_BYTES);
	KUNIT_EXPECT_EQ(test, do_read(0, sizeof(buf)), 40);
	KUNIT_EXPECT_EQ(test, do_read(40, 1), 0);
	KUNIT_EXPECT_EQ(test, buf[24], 1);
	/* The rest of the match data is that of the device. */
	buf[24] = 0;
	KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, 40), 0);
}

static void readiness_does_not_change_once_it_is_read(struct kunit *test)
{
	struct mig_record rec = { .vf_qm_state = cpu_to_le32(MIG_VF_NOT_READY) };

	open_save(test);
	KUNIT_EXPECT_EQ(test, do_read(0, 24), 24);
	complete_with((u8 *)&rec, MIG_MATCH_BYTES);
	KUNIT_EXPECT_EQ(test, do_read(24, sizeof(buf) - 24), 16);
	KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, 40), 0);
}

static void failed_copy_reads_nothing(struct kunit *test)
{
	open_save(test);
	fake.bad_memory = true;
	KUNIT_EXPECT_EQ(test, do_read(0, 10), -EFAULT);
	fake.bad_memory = false;
	KUNIT_EXPECT_EQ(test, do_read(0, 40), 40);
	KUNIT_EXPECT_EQ(test, memcmp(buf, mig_golden_v2_minor_1, 40), 0);
}

static void precopy_info_tells_what_is_left(struct kunit *test)
{
	struct vfio_precopy_info *info = (struct vfio_precopy_info *)buf;

	open_save(test);
	info->argsz = sizeof(*info);
	info->dirty_bytes = 99;
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), 0);
	KUNIT_EXPECT_EQ(test, info->initial_bytes, 40);
	KUNIT_EXPECT_EQ(test, info->dirty_bytes, 0);

	KUNIT_EXPECT_EQ(test, do_read(100, 15), 15);
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), 0);
	KUNIT_EXPECT_EQ(test, info->initial_bytes, 25);

	/* There is no pre-copy any more. */
	complete_with(mig_golden_v2_minor_1, MIG_RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), -EINVAL);
}

static void precopy_info_refuses_bad_calls(struct kunit *test)
{
	struct vfio_precopy_info *info = (struct vfio_precopy_info *)buf;

	open_save(test);
	info->argsz = sizeof(*info) - 1;
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), -EINVAL);
	info->argsz = sizeof(*info);
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO + 1), -ENOTTY);
	fake.bad_memory = true;
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), -EFAULT);
}

static void every_write_size_takes_the_same_bytes(struct kunit *test)
{
	size_t size, at, n;

	for (size = 1; size <= MIG_RECORD_BYTES; size++) {
		open_resume(test);
		fake.rechecks = 0;
		for (at = 0; at < MIG_RECORD_BYTES; at += n) {
			n = min(size, MIG_RECORD_BYTES - at);
			KUNIT_EXPECT_EQ(test, do_write(at, n), n);
		}
		KUNIT_EXPECT_EQ(test, fake.migf->stream.len, MIG_RECORD_BYTES);
		KUNIT_EXPECT_EQ(test, memcmp(fake.migf->stream.bytes, buf, at), 0);
		/* After the match data and after the record, or both at once. */
		KUNIT_EXPECT_EQ(test, fake.rechecks, size == MIG_RECORD_BYTES ? 1 : 2);
		close_file();
	}
}

static void refused_bytes_are_not_taken(struct kunit *test)
{
	open_resume(test);
	buf[12]++;
	KUNIT_EXPECT_EQ(test, do_write(0, 39), 39);
	KUNIT_EXPECT_EQ(test, do_write(39, 1), -EOPNOTSUPP);
	KUNIT_EXPECT_EQ(test, fake.migf->stream.len, 39);
	KUNIT_EXPECT_EQ(test, do_write(40, 1), -EOPNOTSUPP);
	/* What is refused anyhow is no reason to look at the hardware. */
	KUNIT_EXPECT_EQ(test, fake.rechecks, 0);
}

static void more_than_a_record_is_refused(struct kunit *test)
{
	open_resume(test);
	KUNIT_EXPECT_EQ(test, do_write(0, MIG_RECORD_BYTES + 1), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake.migf->stream.len, 0);
	close_file();

	open_resume(test);
	KUNIT_EXPECT_EQ(test, do_write(0, MIG_RECORD_BYTES), MIG_RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, do_write(MIG_RECORD_BYTES, 1), -EINVAL);
}

static void moved_control_is_told_to_the_writer_for_good(struct kunit *test)
{
	static const size_t ends[] = { MIG_MATCH_BYTES, MIG_RECORD_BYTES };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(ends); i++) {
		open_resume(test);
		KUNIT_EXPECT_EQ(test, do_write(0, ends[i] - 1), ends[i] - 1);
		fake.recheck_ret = -EIO;
		KUNIT_EXPECT_EQ(test, do_write(ends[i] - 1, 1), -EIO);
		fake.recheck_ret = 0;
		KUNIT_EXPECT_EQ(test, do_write(ends[i], 1), -EIO);
		close_file();
	}
}

static void failed_copy_writes_nothing(struct kunit *test)
{
	open_resume(test);
	fake.bad_memory = true;
	KUNIT_EXPECT_EQ(test, do_write(0, 10), -EFAULT);
	KUNIT_EXPECT_EQ(test, fake.migf->stream.len, 0);
	fake.bad_memory = false;
	KUNIT_EXPECT_EQ(test, do_write(0, MIG_RECORD_BYTES), MIG_RECORD_BYTES);
}

static void write_100(void)
{
	do_write(0, 100);
}

/* The bound is that of the moment when the bytes are taken. */
static void two_writers_do_not_overrun_a_record(struct kunit *test)
{
	open_resume(test);
	fake.meanwhile = write_100;
	KUNIT_EXPECT_EQ(test, do_write(0, 100), -EINVAL);
	KUNIT_EXPECT_EQ(test, fake.migf->stream.len, 100);
}

static void disable(void)
{
	mig_file_disable(fake.migf, &fake.last);
}

static void disabled_file_gives_enodev(struct kunit *test)
{
	open_save(test);
	disable();
	((struct vfio_precopy_info *)buf)->argsz = sizeof(struct vfio_precopy_info);
	KUNIT_EXPECT_EQ(test, do_read(0, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, do_ioctl(VFIO_MIG_GET_PRECOPY_INFO), -ENODEV);
	fput(fake.migf->filp);

	open_resume(test);
	disable();
	KUNIT_EXPECT_EQ(test, do_write(0, 1), -ENODEV);
	KUNIT_EXPECT_EQ(test, fake.migf->stream.len, 0);
}

static void reset_during_a_copy_disables_the_file(struct kunit *test)
{
	open_save(test);
	fake.meanwhile = disable;
	KUNIT_EXPECT_EQ(test, do_read(0, 10), 10);
	KUNIT_EXPECT_EQ(test, do_read(10, 10), -ENODEV);
	fput(fake.migf->filp);

	open_resume(test);
	fake.meanwhile = disable;
	KUNIT_EXPECT_EQ(test, do_write(0, 10), -ENODEV);
}

static void files_are_streams_of_one_direction(struct kunit *test)
{
	loff_t pos = 0;
	struct file *filp;

	open_save(test);
	filp = fake.migf->filp;
	KUNIT_EXPECT_TRUE(test, filp->f_mode & FMODE_READ);
	KUNIT_EXPECT_FALSE(test, filp->f_mode & FMODE_WRITE);
	KUNIT_EXPECT_TRUE(test, filp->f_mode & FMODE_STREAM);
	KUNIT_EXPECT_EQ(test, filp->f_op->read(filp, NULL, 1, &pos), -ESPIPE);
	close_file();

	open_resume(test);
	filp = fake.migf->filp;
	KUNIT_EXPECT_TRUE(test, filp->f_mode & FMODE_WRITE);
	KUNIT_EXPECT_FALSE(test, filp->f_mode & FMODE_READ);
	KUNIT_EXPECT_TRUE(test, filp->f_mode & FMODE_STREAM);
	KUNIT_EXPECT_EQ(test, filp->f_op->write(filp, NULL, 1, &pos), -ESPIPE);
}

/* As a number, which KUnit can compare and print. */
static u32 do_poll(void)
{
	return (__force u32)fake.migf->filp->f_op->poll(fake.migf->filp, NULL);
}

#define READABLE	((__force u32)(EPOLLIN | EPOLLRDNORM))
#define WRITABLE	((__force u32)(EPOLLOUT | EPOLLWRNORM))
#define DEAD		((__force u32)(EPOLLERR | EPOLLHUP))

/* By poll() users wait for what read() would not do now. */
static void poll_tells_when_there_is_something_to_read(struct kunit *test)
{
	open_save(test);
	KUNIT_EXPECT_EQ(test, do_poll(), READABLE);
	KUNIT_EXPECT_EQ(test, do_read(0, MIG_MATCH_BYTES - 1), MIG_MATCH_BYTES - 1);
	KUNIT_EXPECT_EQ(test, do_poll(), READABLE);
	/* More is to come. */
	KUNIT_EXPECT_EQ(test, do_read(0, 1), 1);
	KUNIT_EXPECT_EQ(test, do_poll(), 0);
	mig_file_complete(fake.migf, (const struct mig_record *)mig_golden_v2_minor_1, MIG_RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, do_poll(), READABLE);
	KUNIT_EXPECT_EQ(test, do_read(0, MIG_RECORD_BYTES), MIG_RECORD_BYTES - MIG_MATCH_BYTES);
	/* The end is something to read, too. */
	KUNIT_EXPECT_EQ(test, do_poll(), READABLE);
	mig_file_disable(fake.migf, &fake.last);
	KUNIT_EXPECT_EQ(test, do_poll(), DEAD);
}

static void poll_tells_when_there_is_no_use_in_writing(struct kunit *test)
{
	open_resume(test);
	KUNIT_EXPECT_EQ(test, do_poll(), WRITABLE);
	memset(buf, 0, sizeof(buf));
	KUNIT_EXPECT_EQ(test, do_write(0, MIG_MATCH_BYTES), -EINVAL);
	KUNIT_EXPECT_EQ(test, do_poll(), WRITABLE | (__force u32)EPOLLERR);
	mig_file_disable(fake.migf, &fake.last);
	KUNIT_EXPECT_EQ(test, do_poll(), DEAD);
}

static int wake(struct wait_queue_entry *entry, unsigned int mode, int flags, void *key)
{
	fake.woken++;
	return 0;
}

static void who_waits_is_woken_by_bytes_and_by_the_end(struct kunit *test)
{
	struct wait_queue_entry entry = {};

	open_save(test);
	init_waitqueue_func_entry(&entry, wake);
	add_wait_queue(&fake.migf->wait, &entry);
	mig_file_complete(fake.migf, (const struct mig_record *)mig_golden_v2_minor_1, MIG_RECORD_BYTES);
	KUNIT_EXPECT_EQ(test, fake.woken, 1);
	mig_file_disable(fake.migf, &fake.last);
	KUNIT_EXPECT_EQ(test, fake.woken, 2);
	remove_wait_queue(&fake.migf->wait, &entry);
}

static struct kunit_case mig_file_cases[] = {
	KUNIT_CASE(saved_file_gives_match_data_then_waits),
	KUNIT_CASE(completed_file_goes_on_after_match_data),
	KUNIT_CASE(every_read_size_gives_the_same_bytes),
	KUNIT_CASE(short_state_ends_after_match_data),
	KUNIT_CASE(readiness_does_not_change_once_it_is_read),
	KUNIT_CASE(failed_copy_reads_nothing),
	KUNIT_CASE(precopy_info_tells_what_is_left),
	KUNIT_CASE(precopy_info_refuses_bad_calls),
	KUNIT_CASE(every_write_size_takes_the_same_bytes),
	KUNIT_CASE(refused_bytes_are_not_taken),
	KUNIT_CASE(more_than_a_record_is_refused),
	KUNIT_CASE(moved_control_is_told_to_the_writer_for_good),
	KUNIT_CASE(failed_copy_writes_nothing),
	KUNIT_CASE(two_writers_do_not_overrun_a_record),
	KUNIT_CASE(disabled_file_gives_enodev),
	KUNIT_CASE(reset_during_a_copy_disables_the_file),
	KUNIT_CASE(files_are_streams_of_one_direction),
	KUNIT_CASE(poll_tells_when_there_is_something_to_read),
	KUNIT_CASE(poll_tells_when_there_is_no_use_in_writing),
	KUNIT_CASE(who_waits_is_woken_by_bytes_and_by_the_end),
	{}
};

static struct kunit_suite mig_file_suite = {
	.name = "mig_file",
	.init = mig_file_init,
	.exit = mig_file_exit,
	.test_cases = mig_file_cases,
};

kunit_test_suite(mig_file_suite);
