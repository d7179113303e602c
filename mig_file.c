// SPDX-License-Identifier: GPL-2.0-only
/*
 * The data fds. A file may outlive the open device and even the device itself:
 * disabling it cuts the link under its lock, and after that every use gives
 * -ENODEV.
 *
 * User memory may be a mapping of a BAR, whose page faults take memory_lock,
 * which a reset holds when it comes to disable the file. So user memory is
 * touched without mig_file.lock, by way of a buffer on the stack. Of that no byte is
 * used that has not been copied there, so it need not be cleared, in a blackout.
 */
#include <linux/anon_inodes.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/minmax.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/uaccess.h>
#include <linux/vfio.h>

#include "include/mig_file.h"
#include "include/mig_log.h"
#include "include/compat/kernel.h"
#include "include/compat/vfio.h"

static void log_refusal(const struct mig_file_host *host, const struct mig_refusal *why,
			int err)
{
	/* Bytes after a refusal: it has been named already. */
	if (!why->what)
		return;
	mig_log_err(host->log, "migration stream refused: %s is %#llx, here %#llx (%pe)\n",
		    why->what, why->theirs, why->ours, ERR_PTR(err));
}

/* The next bytes to be read, copied to buf; 0 at the end, or an errno. */
static ssize_t mig_file_peek(struct mig_file *migf, void *buf, size_t len)
{
	const struct mig_stream *stream = &migf->stream;
	size_t n;

	lockdep_assert_held(&migf->lock);
	if (!migf->host)
		return -ENODEV;
	n = min(len, stream->len - migf->pos);
	if (!n && len && !migf->complete)
		return -ENOMSG;
	memcpy(buf, stream->bytes + migf->pos, n);
	return n;
}

static ssize_t mig_file_read(struct file *filp, char __user *ubuf, size_t len,
			     loff_t *pos)
{
	struct mig_file *migf = filp->private_data;
	u8 buf[MIG_RECORD_BYTES] __uninitialized;
	ssize_t n;

	if (pos)
		return -ESPIPE;

	mutex_lock(&migf->read_lock);
	mutex_lock(&migf->lock);
	n = mig_file_peek(migf, buf, len);
	mutex_unlock(&migf->lock);

	if (n > 0) {
		if (copy_to_user(ubuf, buf, n)) {
			n = -EFAULT;
		} else {
			mutex_lock(&migf->lock);
			migf->pos += n;
			mutex_unlock(&migf->lock);
		}
	}
	mutex_unlock(&migf->read_lock);
	return n;
}

static bool crossed(size_t had, size_t has, size_t mark)
{
	return had < mark && has >= mark;
}

/* Has a part come in that decides? */
static int mig_file_check(struct mig_file *migf, size_t had)
{
	size_t has = migf->stream.len;

	if (!crossed(had, has, MIG_MATCH_BYTES) && !crossed(had, has, MIG_RECORD_BYTES))
		return 0;
	return migf->host->check(migf->host);
}

static void remark(const struct mig_file *migf)
{
	const char *words = mig_stream_remark(&migf->stream);

	if (words)
		mig_log_note(migf->host->log, words);
}

static int mig_file_take(struct mig_file *migf, const void *buf, size_t len)
{
	size_t had = migf->stream.len;
	struct mig_refusal why;
	int ret;

	lockdep_assert_held(&migf->lock);
	if (!migf->host)
		return -ENODEV;

	ret = mig_stream_write(&migf->stream, buf, len, migf->host->match, &why);
	if (ret) {
		log_refusal(migf->host, &why, ret);
		return ret;
	}
	if (crossed(had, migf->stream.len, MIG_MATCH_BYTES))
		remark(migf);
	migf->stream.err = mig_file_check(migf, had);
	return migf->stream.err;
}

static ssize_t mig_file_write(struct file *filp, const char __user *ubuf, size_t len,
			      loff_t *pos)
{
	struct mig_file *migf = filp->private_data;
	u8 buf[MIG_RECORD_BYTES] __uninitialized;
	int ret;

	if (pos)
		return -ESPIPE;
	/* What does not fit is refused by its length; its bytes do not matter. */
	if (copy_from_user(buf, ubuf, min(len, sizeof(buf))))
		return -EFAULT;

	mutex_lock(&migf->lock);
	ret = mig_file_take(migf, buf, len);
	mutex_unlock(&migf->lock);
	return ret ?: len;
}

static int mig_file_release(struct inode *inode, struct file *filp)
{
	struct mig_file *migf = filp->private_data;

	mutex_destroy(&migf->lock);
	mutex_destroy(&migf->read_lock);
	kfree(migf);
	return 0;
}

/* Readable with bytes or at the end, but not where more is to come. */
static __poll_t mig_file_poll_save(struct file *filp, struct poll_table_struct *table)
{
	struct mig_file *migf = filp->private_data;
	__poll_t mask = 0;

	poll_wait(filp, &migf->wait, table);
	mutex_lock(&migf->lock);
	if (!migf->host)
		mask = EPOLLERR | EPOLLHUP;
	else if (migf->pos < migf->stream.len || migf->complete)
		mask = EPOLLIN | EPOLLRDNORM;
	mutex_unlock(&migf->lock);
	return mask;
}

/* Whatever is written is taken or refused at once. */
static __poll_t mig_file_poll_resume(struct file *filp, struct poll_table_struct *table)
{
	struct mig_file *migf = filp->private_data;
	__poll_t mask = EPOLLOUT | EPOLLWRNORM;

	poll_wait(filp, &migf->wait, table);
	mutex_lock(&migf->lock);
	if (!migf->host)
		mask = EPOLLERR | EPOLLHUP;
	else if (migf->stream.err)
		mask |= EPOLLERR;
	mutex_unlock(&migf->lock);
	return mask;
}

/* What is there to be read before the guest stops. */
static long mig_file_precopy_info(struct mig_file *migf, struct vfio_precopy_info *info)
{
	lockdep_assert_held(&migf->lock);
	if (!migf->host)
		return -ENODEV;
	if (migf->complete)
		return -EINVAL;

	compat_precopy_clear_flags(migf->host->vdev, info);
	info->initial_bytes = migf->stream.len - migf->pos;
	info->dirty_bytes = 0;
	return 0;
}

static long mig_file_ioctl(struct file *filp, unsigned int cmd, unsigned long arg)
{
	const size_t minsz = offsetofend(struct vfio_precopy_info, dirty_bytes);
	struct mig_file *migf = filp->private_data;
	struct vfio_precopy_info info;
	long ret;

	if (cmd != VFIO_MIG_GET_PRECOPY_INFO)
		return -ENOTTY;
	if (copy_from_user(&info, (void __user *)arg, minsz))
		return -EFAULT;
	if (info.argsz < minsz)
		return -EINVAL;

	mutex_lock(&migf->lock);
	ret = mig_file_precopy_info(migf, &info);
	mutex_unlock(&migf->lock);
	if (ret)
		return ret;
	return copy_to_user((void __user *)arg, &info, minsz) ? -EFAULT : 0;
}

static const struct file_operations mig_file_save_fops = {
	.owner = THIS_MODULE,
	.read = mig_file_read,
	.poll = mig_file_poll_save,
	.unlocked_ioctl = mig_file_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	.release = mig_file_release,
};

static const struct file_operations mig_file_resume_fops = {
	.owner = THIS_MODULE,
	.write = mig_file_write,
	.poll = mig_file_poll_resume,
	.release = mig_file_release,
};

static struct mig_file *mig_file_open(const struct mig_file_host *host,
				      const struct file_operations *fops, int flags)
{
	struct mig_file *migf;
	struct file *filp;

	migf = kzalloc_obj(*migf, GFP_KERNEL_ACCOUNT);
	if (!migf)
		return ERR_PTR(-ENOMEM);

	filp = anon_inode_getfile("hisi_acc_vf_mig", fops, migf, flags);
	if (IS_ERR(filp)) {
		kfree(migf);
		return ERR_CAST(filp);
	}

	stream_open(filp->f_inode, filp);
	mutex_init(&migf->read_lock);
	init_waitqueue_head(&migf->wait);
	mutex_init(&migf->lock);
	migf->host = host;
	migf->filp = filp;
	return migf;
}

/**
 * mig_file_open_save() - make a data fd to read a record from
 * @host: the device
 *
 * It has the match data, and reads of more give -ENOMSG until it is completed.
 *
 * Context: may sleep; caller serialises.
 * Return: the file, whose one reference is the caller's, or ERR_PTR().
 */
struct mig_file *mig_file_open_save(const struct mig_file_host *host)
{
	struct mig_file *migf;

	migf = mig_file_open(host, &mig_file_save_fops, O_RDONLY);
	if (IS_ERR(migf))
		return migf;

	mig_stream_put_match(&migf->stream.rec, host->match);
	migf->stream.len = MIG_MATCH_BYTES;
	return migf;
}

/**
 * mig_file_complete() - add the state to the match data of a file
 * @migf: a file of mig_file_open_save()
 * @rec: the state; its match data are not taken but for the guest driver's
 *	readiness, and that only as long as nothing has been read: in pre-copy
 *	nobody can know it yet, and a destination goes by the length
 * @len: what of @rec is sent
 *
 * Context: may sleep; caller serialises.
 */
void mig_file_complete(struct mig_file *migf, const struct mig_record *rec, size_t len)
{
	struct mig_stream *stream = &migf->stream;

	mutex_lock(&migf->lock);
	if (!migf->pos)
		stream->rec.vf_qm_state = rec->vf_qm_state;
	memcpy(stream->bytes + MIG_MATCH_BYTES, (const u8 *)rec + MIG_MATCH_BYTES,
	       len - MIG_MATCH_BYTES);
	stream->len = len;
	migf->complete = true;
	mutex_unlock(&migf->lock);
	wake_up_all(&migf->wait);
}

/**
 * mig_file_open_resume() - make a data fd to write a record to
 * @host: the device
 *
 * Context: may sleep; caller serialises.
 * Return: the file, whose one reference is the caller's, or ERR_PTR().
 */
struct mig_file *mig_file_open_resume(const struct mig_file_host *host)
{
	return mig_file_open(host, &mig_file_resume_fops, O_WRONLY);
}

/**
 * mig_file_disable() - cut a data fd off its device and drop the device's reference
 * @migf: the file; may be gone on return
 * @last: gets what the file carried
 *
 * Context: may sleep; caller serialises.
 */
void mig_file_disable(struct mig_file *migf, struct mig_stream *last)
{
	mutex_lock(&migf->lock);
	migf->host = NULL;
	*last = migf->stream;
	mutex_unlock(&migf->lock);
	wake_up_all(&migf->wait);
	fput(migf->filp);
}
