// SPDX-License-Identifier: GPL-2.0
/*
 * Which addresses of a domain are taken: the kernel's allocator, asked for what
 * a device can use.
 *
 * It aligns what it gives to the power of two that is at least as large. So no
 * buffer crosses a boundary that is larger than itself.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/pci.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "iommu.h"

/*
 * struct odma_kept - addresses that are never a mapping's: holes, registers of
 * other devices, doorbells, pools. The allocator has them as taken, like all
 * others.
 * @node: in the domain's list
 * @first: page
 * @last: page
 */
struct odma_kept {
	struct list_head node;
	unsigned long first;
	unsigned long last;
};

static unsigned int odma_iova_shift(const struct odma_domain *d)
{
	return __ffs(d->granule);
}

/**
 * odma_iova_init() - begin with a domain's addresses, all free
 * @d: with granule and geometry
 *
 * Address 0 is given to nobody: for many drivers it means none.
 *
 * Context: process context.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_iova_init(struct odma_domain *d)
{
	u64 first = DIV_ROUND_UP_ULL(d->base.geometry.first, d->granule);
	int ret;

	INIT_LIST_HEAD(&d->kept);
	mutex_init(&d->keep_mutex);
	init_iova_domain(&d->iovad, d->granule, max(first, 1ULL));
	ret = iova_domain_init_rcaches(&d->iovad);
	if (ret)
		put_iova_domain(&d->iovad);
	return ret;
}

void odma_iova_exit(struct odma_domain *d)
{
	struct odma_kept *kept, *next;

	put_iova_domain(&d->iovad);
	list_for_each_entry_safe(kept, next, &d->kept, node)
		kfree(kept);
	mutex_destroy(&d->keep_mutex);
}

/**
 * odma_iova_is_taken() - is an address among these somebody's?
 * @d: the domain
 * @start: first address
 * @last: last address
 *
 * A mapping's, that of the next one on some CPU, or kept for no mapping. As the
 * allocator's ranges are apart, it takes one way through its tree.
 *
 * Context: process context.
 */
bool odma_iova_is_taken(struct odma_domain *d, u64 start, u64 last)
{
	struct iova_domain *iovad = &d->iovad;
	unsigned int shift = odma_iova_shift(d);
	unsigned long first = start >> shift;
	struct rb_node *node;
	bool taken = false;

	spin_lock_irq(&iovad->iova_rbtree_lock);
	for (node = iovad->rbroot.rb_node; node && !taken;) {
		struct iova *iova = rb_entry(node, struct iova, node);

		taken = iova->pfn_lo <= last >> shift && iova->pfn_hi >= first;
		node = iova->pfn_lo > first ? node->rb_left : node->rb_right;
	}
	spin_unlock_irq(&iovad->iova_rbtree_lock);
	return taken;
}

/* The range that has all of these pages; NULL where none has. */
static struct odma_kept *odma_find_kept(struct odma_domain *d,
					unsigned long first, unsigned long last)
{
	struct odma_kept *kept;

	lockdep_assert_held(&d->keep_mutex);
	list_for_each_entry(kept, &d->kept, node)
		if (first >= kept->first && last <= kept->last)
			return kept;
	return NULL;
}

/*
 * The allocator would make one range of these pages and a mapping's, which that
 * could never give back.
 */
static int odma_keep_new(struct odma_domain *d, unsigned long first,
			 unsigned long last)
{
	unsigned int shift = odma_iova_shift(d);
	struct odma_kept *kept;
	struct iova *iova;
	int ret = -ENOMEM;

	if (odma_iova_is_taken(d, (u64)first << shift, (u64)last << shift))
		return -EBUSY;
	kept = kmalloc(sizeof(*kept), GFP_KERNEL);
	if (!kept)
		return -ENOMEM;
	iova = reserve_iova(&d->iovad, first, last);
	if (!iova)
		goto free;
	/* It has been mapped since we looked. */
	ret = -EBUSY;
	if (iova->pfn_lo != first || iova->pfn_hi != last)
		goto free;
	kept->first = first;
	kept->last = last;
	list_add_tail(&kept->node, &d->kept);
	return 0;

free:
	kfree(kept);
	return ret;
}

/* How many pages from this one on, up to @last, are kept, or are not. */
static unsigned long odma_kept_run(struct odma_domain *d, unsigned long first,
				   unsigned long last, bool *is_kept)
{
	struct odma_kept *kept = odma_find_kept(d, first, first);

	*is_kept = kept;
	if (kept)
		return min(kept->last, last) - first + 1;
	list_for_each_entry(kept, &d->kept, node)
		if (kept->first > first && kept->first <= last)
			last = kept->first - 1;
	return last - first + 1;
}

/* Each device of a group brings some of the same ones: they are kept once. */
static int odma_keep(struct odma_domain *d, unsigned long first,
		     unsigned long last)
{
	unsigned long pages;
	bool is_kept;
	int ret = 0;

	for (; first <= last && !ret; first += pages) {
		pages = odma_kept_run(d, first, last, &is_kept);
		if (!is_kept)
			ret = odma_keep_new(d, first, first + pages - 1);
	}
	return ret;
}

/**
 * odma_iova_reserve() - never give these addresses to a mapping
 * @d: the domain
 * @start: first address
 * @last: last address
 *
 * Context: process context.
 *
 * Return: 0, also where the allocator would give none of them anyway; -ENOMEM;
 * -EBUSY where a mapping has one of them, or had it.
 */
int odma_iova_reserve(struct odma_domain *d, u64 start, u64 last)
{
	unsigned int shift = odma_iova_shift(d);
	int ret;

	last = min(last, d->base.geometry.last);
	if (last < start)
		return 0;
	mutex_lock(&d->keep_mutex);
	ret = odma_keep(d, start >> shift, last >> shift);
	mutex_unlock(&d->keep_mutex);
	return ret;
}

/* Undo it, where nothing else was reserved beside it. */
void odma_iova_unreserve(struct odma_domain *d, u64 start)
{
	unsigned long first = start >> odma_iova_shift(d);
	struct odma_kept *kept;

	mutex_lock(&d->keep_mutex);
	kept = odma_find_kept(d, first, first);
	if (kept) {
		free_iova(&d->iovad, first);
		list_del(&kept->node);
		kfree(kept);
	}
	mutex_unlock(&d->keep_mutex);
}

#ifdef CONFIG_PCI
static int odma_reserve_registers(struct odma_domain *d,
				  const struct pci_host_bridge *bridge)
{
	struct resource_entry *window;
	int ret;

	resource_list_for_each_entry(window, &bridge->windows) {
		if (resource_type(window->res) != IORESOURCE_MEM)
			continue;
		ret = odma_iova_reserve(d, window->res->start - window->offset,
					window->res->end - window->offset);
		if (ret)
			return ret;
	}
	return 0;
}

/*
 * The inbound window that @at is in, or the next one above it; false where
 * there is none. They are in no order, and may overlap.
 */
static bool odma_next_inbound(const struct pci_host_bridge *bridge, u64 at,
			      u64 *first, u64 *last)
{
	struct resource_entry *window;
	bool found = false;

	resource_list_for_each_entry(window, &bridge->dma_ranges) {
		u64 start = window->res->start - window->offset;
		u64 end = window->res->end - window->offset;

		if (end < at || (found && start >= *first))
			continue;
		*first = start;
		*last = end;
		found = true;
	}
	return found;
}

/* A bridge that lets everything in says nothing. */
static int odma_reserve_beside_inbound(struct odma_domain *d,
				       const struct pci_host_bridge *bridge)
{
	u64 at = 0, first, last;
	int ret;

	if (list_empty(&bridge->dma_ranges))
		return 0;
	while (odma_next_inbound(bridge, at, &first, &last)) {
		ret = first > at ? odma_iova_reserve(d, at, first - 1) : 0;
		if (ret || last == U64_MAX)
			return ret;
		at = last + 1;
	}
	return odma_iova_reserve(d, at, U64_MAX);
}
#endif

/**
 * odma_iova_reserve_windows() - the addresses that never come to the IOMMU
 * @d: the domain
 * @dev: the device
 *
 * What a PCI device sends to other devices' registers may reach them on its
 * bus, and what is in none of the inbound windows of its host bridge, if that
 * has such, goes nowhere.
 *
 * Context: process context.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_iova_reserve_windows(struct odma_domain *d, struct device *dev)
{
#ifdef CONFIG_PCI
	const struct pci_host_bridge *bridge;

	if (!dev_is_pci(dev))
		return 0;
	bridge = pci_find_host_bridge(to_pci_dev(dev)->bus);
	return odma_reserve_registers(d, bridge) ?:
	       odma_reserve_beside_inbound(d, bridge);
#else
	return 0;
#endif
}

/*
 * The allocator keeps up to so many pages in a row ready, and has an address
 * out of there without looking at a limit that is smaller than what is asked
 * for: it must not be asked then. Other limits need no second look.
 */
#define ODMA_IOVA_READY		32
#define ODMA_SMALL_LIMIT	((u64)ODMA_IOVA_READY * SZ_64K)

/* The last page that ends at or below an address of more than a page. */
static unsigned long odma_last_page(const struct odma_domain *d, u64 limit)
{
	return (limit - (d->granule - 1)) >> odma_iova_shift(d);
}

/* Page 0 is nobody's, and an address is a multiple of what it is for. */
static noinline bool odma_fits_below(const struct odma_domain *d,
				     unsigned long pages, u64 limit)
{
	return limit >= d->granule - 1 &&
	       roundup_pow_of_two(pages) + pages - 1 <=
	       odma_last_page(d, limit);
}

/* The last address that the device may get. */
u64 odma_iommu_limit(const struct odma_translated *t, u64 mask)
{
	u64 bus = t->odev->dev->bus_dma_limit;

	return min(min_not_zero(mask, bus), t->domain->base.geometry.last);
}

/**
 * odma_iova_serves() - is there an address at all below a mask?
 * @t: the device
 * @mask: which it is about to get
 *
 * Context: process context.
 *
 * Return: false, with one line in the log, where no page ends below it.
 */
bool odma_iova_serves(const struct odma_translated *t, u64 mask)
{
	const struct odma_domain *d = t->domain;
	u64 first = (u64)d->iovad.start_pfn << odma_iova_shift(d);
	u64 limit = odma_iommu_limit(t, mask);

	if (limit >= d->granule - 1 && limit - (d->granule - 1) >= first)
		return true;
	pr_err("%s: mask %#llx refused: the first page of addresses is %#llx to %#llx (bus limit %#llx)\n",
	       dev_name(t->odev->dev), mask, first, first + d->granule - 1,
	       t->odev->dev->bus_dma_limit);
	return false;
}

/*
 * Devices and firmware that get addresses of more than 32 bits wrong are still
 * about, so these come when all others are taken. Only PCI devices were ever
 * let down like this.
 */
static unsigned long odma_alloc_low(struct odma_translated *t,
				    unsigned long pages)
{
	struct odma_domain *d = t->domain;
	unsigned long pfn;

	pfn = alloc_iova_fast(&d->iovad, pages,
			      odma_last_page(d, DMA_BIT_MASK(32)), false);
	if (pfn)
		return pfn;
	t->low_first = false;
	dev_notice(t->odev->dev,
		   "odma-iommu: no address below 4 GiB is left: using higher ones\n");
	return 0;
}

/*
 * The allocator remembers the size that it last found no room for below 4 GiB,
 * and looks for none as large until something is freed there. That was for this
 * mask, and says nothing of others.
 */
static noinline void odma_forget_failure(struct iova_domain *iovad)
{
	unsigned long flags;

	spin_lock_irqsave(&iovad->iova_rbtree_lock, flags);
	iovad->max32_alloc_size = iovad->dma_32bit_pfn;
	spin_unlock_irqrestore(&iovad->iova_rbtree_lock, flags);
}

/**
 * odma_iova_alloc() - addresses for a mapping
 * @t: the device
 * @size: bytes, whole pages of the domain
 * @mask: the mask that applies, streaming or coherent
 *
 * Context: any.
 *
 * Return: the first address, a multiple of the power of two that is at least
 * @size; 0 where there is none.
 */
u64 odma_iova_alloc(struct odma_translated *t, size_t size, u64 mask)
{
	struct odma_domain *d = t->domain;
	unsigned long pages = size >> odma_iova_shift(d), pfn = 0;
	u64 limit = odma_iommu_limit(t, mask);

	if (unlikely(limit < ODMA_SMALL_LIMIT) &&
	    !odma_fits_below(d, pages, limit))
		return 0;
	if (t->low_first && limit > DMA_BIT_MASK(32))
		pfn = odma_alloc_low(t, pages);
	if (!pfn)
		pfn = alloc_iova_fast(&d->iovad, pages,
				      odma_last_page(d, limit), true);
	/* What waits for its invalidation is not lost. */
	if (unlikely(!pfn && d->lazy)) {
		odma_lazy_drain(d->lazy);
		pfn = alloc_iova_fast(&d->iovad, pages,
				      odma_last_page(d, limit), true);
	}
	if (unlikely(!pfn && limit < DMA_BIT_MASK(32)))
		odma_forget_failure(&d->iovad);
	return (u64)pfn << odma_iova_shift(d);
}

/**
 * odma_why_no_iova() - why odma_iova_alloc() found nothing
 * @t: the device
 * @size: as it was given
 * @mask: as it was given
 *
 * Context: any.
 */
enum odma_failure odma_why_no_iova(const struct odma_translated *t, size_t size,
				   u64 mask)
{
	const struct odma_domain *d = t->domain;

	return odma_fits_below(d, size >> odma_iova_shift(d),
			       odma_iommu_limit(t, mask)) ?
		ODMA_FAIL_IOVA : ODMA_FAIL_MASK;
}

/* How many are looked at with the allocator's lock held. */
#define ODMA_IOVA_CHUNK	32

struct odma_taken {
	unsigned long first;
	unsigned long pages;
};

/* The taken addresses from a page on, lowest first. */
static unsigned int odma_iova_chunk(struct odma_domain *d, unsigned long from,
				    struct odma_taken *taken)
{
	struct iova_domain *iovad = &d->iovad;
	struct rb_node *node, *next = NULL;
	unsigned int n = 0;
	struct iova *iova;

	spin_lock_irq(&iovad->iova_rbtree_lock);
	for (node = iovad->rbroot.rb_node; node;) {
		iova = rb_entry(node, struct iova, node);
		if (iova->pfn_lo >= from) {
			next = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	for (; next && n < ODMA_IOVA_CHUNK; next = rb_next(next)) {
		iova = rb_entry(next, struct iova, node);
		if (iova == &iovad->anchor)
			break;
		taken[n++] = (struct odma_taken) {
			.first = iova->pfn_lo,
			.pages = iova_size(iova),
		};
	}
	spin_unlock_irq(&iovad->iova_rbtree_lock);
	return n;
}

/**
 * odma_iova_for_each() - the addresses that a mapping has, had or will have
 * @d: the domain
 * @fn: what to do with them; may sleep. A size is what was allocated, a power
 *	of two where that is little
 * @data: for @fn
 *
 * What CPUs keep ready for the next mapping is among them, as the allocator
 * does not tell; no mapping is missed that is there all the time.
 *
 * Context: process context, may sleep.
 */
void odma_iova_for_each(struct odma_domain *d,
			void (*fn)(struct odma_domain *d, u64 iova, u64 size,
				   void *data), void *data)
{
	struct odma_taken taken[ODMA_IOVA_CHUNK];
	unsigned int shift = odma_iova_shift(d), i, n;
	unsigned long from = 0;

	mutex_lock(&d->keep_mutex);
	while ((n = odma_iova_chunk(d, from, taken))) {
		for (i = 0; i < n; i++)
			if (!odma_find_kept(d, taken[i].first, taken[i].first))
				fn(d, (u64)taken[i].first << shift,
				   (u64)taken[i].pages << shift, data);
		from = taken[n - 1].first + 1;
		cond_resched();
	}
	mutex_unlock(&d->keep_mutex);
}

/**
 * odma_iova_used() - how many addresses are taken
 * @d: the domain
 *
 * For people: walks them all. What CPUs keep ready for the next mapping counts.
 *
 * Context: process context.
 *
 * Return: bytes.
 */
u64 odma_iova_used(struct odma_domain *d)
{
	struct odma_taken taken[ODMA_IOVA_CHUNK];
	unsigned long from = 0;
	unsigned int i, n;
	u64 pages = 0;

	while ((n = odma_iova_chunk(d, from, taken))) {
		for (i = 0; i < n; i++)
			pages += taken[i].pages;
		from = taken[n - 1].first + 1;
		cond_resched();
	}
	return pages << odma_iova_shift(d);
}
