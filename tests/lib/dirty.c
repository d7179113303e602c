// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include <linux/iommufd.h>

#include "dirty.h"

static int dirty_track(struct dirty *d, bool on)
{
	struct iommu_hwpt_set_dirty_tracking arg = {
		.size = sizeof(arg),
		.flags = on ? IOMMU_HWPT_DIRTY_TRACKING_ENABLE : 0,
		.hwpt_id = d->v->hwpt,
	};

	return ioctl(d->v->container, IOMMU_HWPT_SET_DIRTY_TRACKING, &arg) ? -errno : 0;
}

static size_t dirty_pages(const struct dirty *d)
{
	return d->v->ram_size / DIRTY_PAGE;
}

int dirty_start(struct dirty *d, struct vfio_dev *v, size_t page_size)
{
	int ret;

	memset(d, 0, sizeof(*d));
	d->v = v;
	d->page_size = page_size;
	if (dirty_pages(d) > KPO_PAGES || v->ram_size % page_size)
		return -EINVAL;
	ret = dirty_track(d, true);
	if (ret)
		return ret;
	/* What was written before is nobody's business. */
	oracle_watch_pages(&v->func, v->ram_iova);
	return 0;
}

int dirty_stop(struct dirty *d)
{
	return dirty_track(d, false);
}

static const char *const dirty_what[] = {
	"result of a job", "SQE", "CQE", "EQE", "AEQE", "context of a queue",
	"answer of a mailbox command",
};

static void dirty_lose(struct dirty *d, size_t page, uint8_t what)
{
	size_t i, len;

	if (d->lost++)
		return;
	len = snprintf(d->why, sizeof(d->why), "read %u lacks IOVA 0x%llx, written with",
		       d->reads, (unsigned long long)(d->v->ram_iova + page * DIRTY_PAGE));
	for (i = 0; i < sizeof(dirty_what) / sizeof(dirty_what[0]); i++)
		if (what & 1u << i && len < sizeof(d->why))
			len += snprintf(d->why + len, sizeof(d->why) - len, " %s,",
					dirty_what[i]);
}

/* The bitmap as the kernel gives it, a bit for each of its pages, to bytes for ours. */
static int dirty_get(struct dirty *d, uint8_t *reported)
{
	uint64_t bits[KPO_PAGES / 64] = { 0 };
	struct iommu_hwpt_get_dirty_bitmap arg = {
		.size = sizeof(arg),
		.hwpt_id = d->v->hwpt,
		.iova = d->v->ram_iova,
		.length = d->v->ram_size,
		.page_size = d->page_size,
		.data = (uintptr_t)bits,
	};
	size_t page;

	if (ioctl(d->v->container, IOMMU_HWPT_GET_DIRTY_BITMAP, &arg))
		return -errno;
	for (page = 0; page < dirty_pages(d); page++) {
		size_t bit = page * DIRTY_PAGE / d->page_size;

		reported[page] = bits[bit / 64] >> bit % 64 & 1;
	}
	return 0;
}

int dirty_read(struct dirty *d)
{
	uint8_t before[KPO_PAGES], reported[KPO_PAGES];
	size_t page;
	int ret;

	oracle_take_pages(&d->v->func, before, dirty_pages(d));
	ret = dirty_get(d, reported);
	if (ret)
		return ret;
	d->reads++;
	for (page = 0; page < dirty_pages(d); page++) {
		d->pages += reported[page];
		d->written += !!before[page];
		if (before[page] && !reported[page])
			dirty_lose(d, page, before[page]);
		else if (d->meanwhile[page] && !reported[page] && !d->reported[page])
			dirty_lose(d, page, d->meanwhile[page]);
	}
	oracle_take_pages(&d->v->func, d->meanwhile, dirty_pages(d));
	memcpy(d->reported, reported, sizeof(reported));
	return 0;
}

bool dirty_is_still(struct dirty *d)
{
	uint8_t now[KPO_PAGES];
	size_t page;

	oracle_take_pages(&d->v->func, now, dirty_pages(d));
	for (page = 0; page < dirty_pages(d); page++)
		if (d->meanwhile[page] || now[page])
			return false;
	return true;
}
