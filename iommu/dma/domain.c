// SPDX-License-Identifier: GPL-2.0
/*
 * Domains: made for the first device of a group, gone with the last.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/sizes.h>
#include <linux/slab.h>
#include "iommu.h"

LIST_HEAD(odma_domains);

/* Tables that were emptied stay for so long, as they may be needed again. */
#define ODMA_RECLAIM_AFTER	(5 * HZ)

static void odma_reclaim_tables(struct work_struct *work)
{
	struct odma_domain *d = container_of(to_delayed_work(work),
					     struct odma_domain, reclaim);

	odma_pgtable_reclaim(d->base.pgtable);
	schedule_delayed_work(&d->reclaim, ODMA_RECLAIM_AFTER);
}

static struct odma_domain *odma_find_domain(const struct odma_iommu *iommu,
					    void *group)
{
	struct odma_domain *d;

	if (!group)
		return NULL;
	list_for_each_entry(d, &odma_domains, node)
		if (d->base.iommu == iommu && d->group == group)
			return d;
	return NULL;
}

/* What a provider can't have meant. */
static int odma_check_geometry(const struct odma_domain *d, struct device *dev)
{
	const struct odma_iommu_geometry *g = &d->base.geometry;
	const char *wrong = NULL;

	if (!d->base.pgtable && !d->base.iommu->map)
		wrong = "neither tables nor functions to map with";
	else if (!g->page_sizes || g->last <= g->first)
		wrong = "a domain that can translate nothing";
	else if (d->granule > PAGE_SIZE)
		wrong = "no page as small as the CPU's";
	if (!wrong)
		return 0;
	pr_err("%s: %s gives it %s\n", dev_name(dev), d->base.iommu->name,
	       wrong);
	return -EINVAL;
}

/*
 * Is there something wherever the provider may begin with a table? Where there
 * is not even a table, Intel's driver unmaps as much as that would have been
 * for, with whatever of it is beyond.
 */
static bool odma_is_found(struct odma_domain *d, u64 iova, size_t size)
{
	size_t last = size - d->granule, at = 0;

	for (; at < last; at += SZ_2M - ((iova + at) & (SZ_2M - 1)))
		if (odma_domain_phys(d, iova + at) == PHYS_ADDR_MAX)
			return false;
	return odma_domain_phys(d, iova + last) != PHYS_ADDR_MAX;
}

/* For a provider that must not be asked to unmap what is not mapped. */
static size_t odma_look_and_unmap(struct odma_iommu_domain *base, u64 iova,
				  size_t size, struct odma_iommu_gather *gather)
{
	struct odma_domain *d = container_of(base, struct odma_domain, base);

	if (unlikely(!size || !odma_is_found(d, iova, size)))
		return 0;
	return base->iommu->unmap(base, iova, size, gather);
}

static void odma_free_domain(struct odma_domain *d)
{
	if (d->base.pgtable)
		cancel_delayed_work_sync(&d->reclaim);
	d->base.iommu->destroy(&d->base);
	free_percpu(d->counts);
	kfree(d);
}

static struct odma_domain *odma_new_domain(const struct odma_iommu *iommu,
					   struct device *dev, void *group)
{
	struct odma_domain *d = kzalloc(sizeof(*d), GFP_KERNEL);
	int ret = -ENOMEM;

	if (!d)
		return ERR_PTR(-ENOMEM);
	INIT_LIST_HEAD(&d->devices);
	INIT_DEFERRABLE_WORK(&d->reclaim, odma_reclaim_tables);
	d->group = group;
	d->base.iommu = iommu;
	d->unmap = iommu->miscounts ? odma_look_and_unmap : iommu->unmap;
	d->counts = alloc_percpu(struct odma_iommu_counts);
	if (d->counts)
		ret = iommu->create(&d->base, dev);
	if (ret) {
		free_percpu(d->counts);
		kfree(d);
		return ERR_PTR(ret);
	}
	d->granule = d->base.geometry.page_sizes &
		     -d->base.geometry.page_sizes;
	/* The last byte of all would be DMA_MAPPING_ERROR. */
	if (d->base.geometry.last == DMA_MAPPING_ERROR)
		d->base.geometry.last -= d->granule;
	ret = odma_check_geometry(d, dev);
	if (!ret)
		ret = odma_iova_init(d);
	if (ret) {
		odma_free_domain(d);
		return ERR_PTR(ret);
	}
	if (d->base.pgtable)
		schedule_delayed_work(&d->reclaim, ODMA_RECLAIM_AFTER);
	list_add_tail(&d->node, &odma_domains);
	return d;
}

static void odma_put_domain(struct odma_domain *d)
{
	if (!list_empty(&d->devices))
		return;
	list_del(&d->node);
	if (d->lazy)
		odma_lazy_destroy(d->lazy);
	odma_iova_exit(d);
	odma_free_domain(d);
}

/* The next bytes that are not mapped to themselves. */
static size_t odma_unmapped_run(struct odma_domain *d, u64 start, size_t size)
{
	size_t run = 0;

	while (run < size && odma_domain_phys(d, start + run) != start + run)
		run += d->granule;
	return run;
}

/* To itself; another device of the group may have done so with some of it. */
static int odma_map_reserved(struct odma_domain *d,
			     const struct odma_reserved *r)
{
	size_t left = odma_page_span(d, r->start, r->last - r->start + 1), run;
	u64 at = ALIGN_DOWN(r->start, d->granule);
	unsigned int prot = r->prot;
	int ret = 0;

	if (r->type == ODMA_RESERVED_MSI)
		prot |= ODMA_DEVICE;
	while (left && !ret) {
		run = odma_unmapped_run(d, at, left);
		if (run)
			ret = odma_domain_map(d, at, at, run, prot, GFP_KERNEL);
		else
			run = d->granule;
		at += run;
		left -= run;
	}
	return ret;
}

static int odma_take_reserved(struct odma_domain *d, struct device *dev,
			      const struct odma_reserved *r)
{
	int ret = odma_iova_reserve(d, r->start, r->last);

	if (!ret && r->type != ODMA_RESERVED_HOLE)
		ret = odma_map_reserved(d, r);
	if (ret)
		pr_err("%s: error %d keeping %#llx to %#llx for what it is reserved for%s\n",
		       dev_name(dev), ret, r->start, r->last, ret != -EBUSY ?
		       "" : " (its group has mappings there: attach it first)");
	return ret;
}

static int odma_reserve_for(struct odma_domain *d, struct device *dev)
{
	const struct odma_iommu *iommu = d->base.iommu;
	struct odma_reserved *r, *next;
	LIST_HEAD(list);
	int ret = odma_iova_reserve_windows(d, dev);

	if (ret)
		pr_err("%s: error %d keeping its bridge's windows free\n",
		       dev_name(dev), ret);
	else if (iommu->get_reserved)
		ret = iommu->get_reserved(dev, &list);
	list_for_each_entry_safe(r, next, &list, node) {
		if (!ret)
			ret = odma_take_reserved(d, dev, r);
		kfree(r);
	}
	return ret;
}

/**
 * odma_join_domain() - translate a device by a domain
 * @t: the device
 * @iommu: who has it
 *
 * Context: process context, odma_iommu_mutex held.
 *
 * Return: the domain of its group, or a new one; ERR_PTR(-ENOMEM), -EINVAL
 * where the provider's domain is of no use, or what the provider said.
 */
struct odma_domain *odma_join_domain(struct odma_translated *t,
				     const struct odma_iommu *iommu)
{
	struct device *dev = t->odev->dev;
	void *group = iommu->group ? iommu->group(dev) : NULL;
	struct odma_domain *d = odma_find_domain(iommu, group);
	int ret;

	lockdep_assert_held(&odma_iommu_mutex);
	if (!d)
		d = odma_new_domain(iommu, dev, group);
	if (IS_ERR(d))
		return d;
	ret = odma_reserve_for(d, dev);
	if (!ret && t->lazy && !d->lazy) {
		d->lazy = odma_lazy_create(d);
		ret = d->lazy ? 0 : -ENOMEM;
	}
	if (!ret)
		ret = iommu->attach(&d->base, dev);
	if (ret) {
		odma_put_domain(d);
		return ERR_PTR(ret);
	}
	list_add_tail(&t->node, &d->devices);
	return d;
}

/**
 * odma_unplug_domain() - a device is leaving its bus
 * @t: the device; what is mapped for it stays, for those who unmap it later
 *
 * Context: process context, odma_iommu_mutex held.
 */
void odma_unplug_domain(struct odma_translated *t)
{
	struct odma_domain *d = t->domain;

	lockdep_assert_held(&odma_iommu_mutex);
	if (t->gone)
		return;
	if (d->lazy)
		odma_lazy_drain(d->lazy);
	d->base.iommu->detach(&d->base, t->odev->dev);
	t->gone = true;
}

/**
 * odma_leave_domain() - give a device its own translation back
 * @t: the device. Nothing of it is mapped any more, or others are in the
 *	domain: then what it left stays mapped, and its addresses taken.
 *
 * Context: process context, odma_iommu_mutex held.
 */
void odma_leave_domain(struct odma_translated *t)
{
	struct odma_domain *d = t->domain;

	odma_unplug_domain(t);
	list_del(&t->node);
	odma_put_domain(d);
}

/**
 * odma_find_peer() - who brought the translation that a device is under
 * @dev: any device
 *
 * Context: process context, odma_iommu_mutex held.
 *
 * Return: an attached device of its group, which is translated by a domain of
 * ours now; NULL where there is none.
 */
struct odma_translated *odma_find_peer(struct device *dev)
{
	struct odma_translated *t;
	struct odma_domain *d;

	lockdep_assert_held(&odma_iommu_mutex);
	list_for_each_entry(d, &odma_domains, node) {
		if (!d->group || d->base.iommu->group(dev) != d->group)
			continue;
		list_for_each_entry(t, &d->devices, node)
			if (!t->gone)
				return t;
	}
	return NULL;
}
