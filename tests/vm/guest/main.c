// SPDX-License-Identifier: GPL-2.0-only
/*
 * Keeps the accelerator of a guest at work and tells the console of each job,
 * in lines that are numbered without a gap:
 *
 *	hacc-guest: <number> <lane> <tag> ok
 *	hacc-guest: <number> <lane> <tag> WRONG <why>
 *
 * Whoever reads them over all the hosts that the guest has been on sees a job
 * that was lost, done twice or out of turn. Writing 1 to the parameter "stop"
 * ends the work once all jobs are back, which the last line says.
 */
#define pr_fmt(fmt) "hacc-guest: " fmt

#include <linux/kthread.h>
#include <linux/module.h>
#include <linux/mutex.h>
#include <linux/prandom.h>
#include <linux/slab.h>

#include "hacc_guest.h"

#define GUEST_LANES_MAX		12
/* Without any job back for so long, jobs are lost. The pause is not counted. */
#define GUEST_LOST_S		60

static int zip = 2;
module_param(zip, int, 0444);
MODULE_PARM_DESC(zip, "lanes that compress, and as many that decompress");

static int sec;
module_param(sec, int, 0444);
MODULE_PARM_DESC(sec, "lanes that encipher");

static int depth = 3;
module_param(depth, int, 0444);
MODULE_PARM_DESC(depth, "jobs in flight of each lane");

static bool stop;
module_param(stop, bool, 0644);
MODULE_PARM_DESC(stop, "send no more jobs");

static struct guest_lane *guest_lanes;
static int guest_nr_lanes;
static atomic_t guest_at_work;
static atomic64_t guest_checked;

/* Numbers the lines; held while one is printed, so that they are in order. */
static DEFINE_MUTEX(guest_say_lock);
static u64 guest_said;

static void guest_say(struct guest_job *job, const char *wrong)
{
	mutex_lock(&guest_say_lock);
	if (wrong)
		pr_info("%llu %s %llu WRONG %s\n", guest_said++,
			job->lane->name, job->tag, wrong);
	else
		pr_info("%llu %s %llu ok\n", guest_said++, job->lane->name,
			job->tag);
	mutex_unlock(&guest_say_lock);
}

void guest_sg(struct scatterlist *sg, u8 *buf, u32 len)
{
	u32 piece = len / GUEST_PIECES | 1;
	int i;

	sg_init_table(sg, GUEST_PIECES);
	for (i = 0; i < GUEST_PIECES - 1; i++, buf += piece, len -= piece)
		sg_set_buf(&sg[i], buf, piece);
	sg_set_buf(&sg[i], buf, len);
}

void guest_job_back(struct guest_job *job, int err)
{
	struct guest_lane *lane = job->lane;
	bool twice;
	unsigned long flags;

	/* A job that waited in a software queue has got through, no more. */
	if (err == -EINPROGRESS)
		return;

	spin_lock_irqsave(&lane->lock, flags);
	twice = job->state != GUEST_JOB_SENT;
	if (!twice) {
		job->state = GUEST_JOB_BACK;
		job->err = err;
		list_add_tail(&job->back, &lane->back);
	}
	spin_unlock_irqrestore(&lane->lock, flags);
	if (twice)
		pr_err("TWICE %s %llu\n", lane->name, job->tag);
	wake_up(&lane->wait);
}

/* Text that compresses, but not to nothing, of a length that varies. */
static void guest_fill(struct guest_job *job)
{
	static const char letters[] = "abcdefgh the quick queue manager\n";
	struct rnd_state rnd;
	u32 i;

	prandom_seed_state(&rnd, job->tag * GUEST_LANES_MAX + job->lane->nr + 1);
	job->data_len = 256 + (prandom_u32_state(&rnd) % (GUEST_DATA_MAX - 256) & ~15u);
	for (i = 0; i < job->data_len; i++)
		job->data[i] = letters[prandom_u32_state(&rnd) % (sizeof(letters) - 1)];
	memset(job->out, 0xa5, GUEST_OUT_MAX);
}

static int guest_send(struct guest_job *job)
{
	struct guest_lane *lane = job->lane;
	unsigned long flags;
	int ret;

	job->tag = lane->next_tag++;
	guest_fill(job);
	ret = lane->engine->prepare(job);
	if (ret)
		return ret;

	spin_lock_irqsave(&lane->lock, flags);
	job->state = GUEST_JOB_SENT;
	spin_unlock_irqrestore(&lane->lock, flags);
	ret = lane->engine->send(job);
	if (ret != -EINPROGRESS && ret != -EBUSY) {
		job->state = GUEST_JOB_IDLE;
		return ret ?: -EPROTO;	/* done at once: not by the engine */
	}
	lane->sent++;
	return 0;
}

static struct guest_job *guest_next_back(struct guest_lane *lane)
{
	struct guest_job *job;
	unsigned long flags;

	spin_lock_irqsave(&lane->lock, flags);
	job = list_first_entry_or_null(&lane->back, struct guest_job, back);
	if (job) {
		list_del(&job->back);
		job->state = GUEST_JOB_IDLE;
	}
	spin_unlock_irqrestore(&lane->lock, flags);
	return job;
}

static void guest_look_at(struct guest_job *job)
{
	const char *wrong;

	job->lane->sent--;
	wrong = job->err ? "the driver reports an error" :
			   job->lane->engine->check(job);
	guest_say(job, wrong);
	if (!wrong) {
		job->lane->checked++;
		atomic64_inc(&guest_checked);
	}
}

static int guest_work(void *data)
{
	struct guest_lane *lane = data;
	struct guest_job *job;
	int i, ret;

	while (!READ_ONCE(stop) || lane->sent) {
		for (i = 0; i < depth && !READ_ONCE(stop); i++) {
			job = &lane->jobs[i];
			if (READ_ONCE(job->state) != GUEST_JOB_IDLE)
				continue;
			ret = guest_send(job);
			if (ret) {
				pr_err("REFUSED %s %llu %d\n", lane->name,
				       job->tag, ret);
				goto out;
			}
		}
		if (!wait_event_timeout(lane->wait, !list_empty(&lane->back),
					GUEST_LOST_S * HZ) && lane->sent) {
			pr_err("LOST %s: %d jobs, nothing back for %d s\n",
			       lane->name, lane->sent, GUEST_LOST_S);
			continue;
		}
		while ((job = guest_next_back(lane)))
			guest_look_at(job);
	}
out:
	if (atomic_dec_and_test(&guest_at_work))
		pr_info("stopped, %lld jobs checked\n",
			atomic64_read(&guest_checked));
	/* kthread_stop() is what ends it: jobs may still be at the engine. */
	while (!kthread_should_stop())
		schedule_timeout_interruptible(HZ / 10);
	return 0;
}

static void guest_lane_put(struct guest_lane *lane)
{
	int i;

	for (i = 0; i < depth; i++) {
		struct guest_job *job = &lane->jobs[i];

		if (job->req)
			lane->engine->job_put(job);
		kfree(job->data);
		kfree(job->in);
		kfree(job->out);
		kfree(job->scratch);
	}
	lane->engine->put(lane);
}

static int guest_lane_get(struct guest_lane *lane, const struct guest_engine *engine,
			  int nr)
{
	int i, ret;

	lane->engine = engine;
	lane->nr = guest_nr_lanes;
	snprintf(lane->name, sizeof(lane->name), "%s%d", engine->name, nr);
	spin_lock_init(&lane->lock);
	INIT_LIST_HEAD(&lane->back);
	init_waitqueue_head(&lane->wait);

	ret = engine->get(lane);
	if (ret) {
		pr_err("no %s: %d\n", lane->name, ret);
		return ret;
	}
	for (i = 0; i < depth; i++) {
		struct guest_job *job = &lane->jobs[i];

		job->lane = lane;
		job->data = kmalloc(GUEST_DATA_MAX, GFP_KERNEL);
		job->in = kmalloc(GUEST_OUT_MAX, GFP_KERNEL);
		job->out = kmalloc(GUEST_OUT_MAX, GFP_KERNEL);
		job->scratch = kmalloc(GUEST_OUT_MAX, GFP_KERNEL);
		if (job->data && job->in && job->out && job->scratch)
			ret = engine->job_get(job);
		else
			ret = -ENOMEM;
		if (ret) {
			pr_err("no job for %s: %d\n", lane->name, ret);
			guest_lane_put(lane);
			return ret;
		}
	}
	guest_nr_lanes++;
	return 0;
}

static int guest_lanes_get(const struct guest_engine *engine, int count)
{
	int i, ret = 0;

	for (i = 0; i < count && !ret; i++)
		ret = guest_lane_get(&guest_lanes[guest_nr_lanes], engine, i);
	return ret;
}

static void guest_end(void)
{
	int i;

	WRITE_ONCE(stop, true);
	for (i = 0; i < guest_nr_lanes; i++)
		if (!IS_ERR_OR_NULL(guest_lanes[i].thread))
			kthread_stop(guest_lanes[i].thread);
	for (i = 0; i < guest_nr_lanes; i++)
		guest_lane_put(&guest_lanes[i]);
	kvfree(guest_lanes);
}

static int __init guest_init(void)
{
	int i, ret;

	if (zip < 0 || sec < 0 || 2 * zip + sec > GUEST_LANES_MAX || depth < 1 ||
	    depth > GUEST_DEPTH_MAX)
		return -EINVAL;
	guest_lanes = kvcalloc(GUEST_LANES_MAX, sizeof(*guest_lanes), GFP_KERNEL);
	if (!guest_lanes)
		return -ENOMEM;

	ret = guest_lanes_get(&guest_deflate, zip);
	ret = ret ?: guest_lanes_get(&guest_inflate, zip);
	ret = ret ?: guest_lanes_get(&guest_cipher, sec);
	if (ret)
		goto err_end;

	atomic_set(&guest_at_work, guest_nr_lanes);
	for (i = 0; i < guest_nr_lanes; i++) {
		struct guest_lane *lane = &guest_lanes[i];

		lane->thread = kthread_run(guest_work, lane, "hacc-%s", lane->name);
		if (IS_ERR(lane->thread)) {
			ret = PTR_ERR(lane->thread);
			goto err_end;
		}
	}
	return 0;

err_end:
	guest_end();
	return ret;
}
module_init(guest_init);

static void __exit guest_exit(void)
{
	guest_end();
}
module_exit(guest_exit);

MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Work for an accelerator in a guest");
