// SPDX-License-Identifier: GPL-2.0
/*
 * Areas: where their memory comes from, and how an address finds its area.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <linux/xarray.h>
#include "pool.h"

/*
 * Every area, at the index of each of its words. Below 4 GiB, where nearly all
 * of them are, in a table: each unmap and sync looks there.
 */
#define ODMA_LOW_WORDS	(SZ_4G / ODMA_WORD_BYTES)

static struct odma_area **odma_low_areas;
static DEFINE_XARRAY_FLAGS(odma_areas, XA_FLAGS_LOCK_IRQ);

static unsigned long odma_word_of(phys_addr_t phys)
{
	return phys / ODMA_WORD_BYTES;
}

/**
 * odma_area_at() - the area that an address is in
 * @phys: any physical address
 *
 * Context: any. The area lives as long as something is mapped there.
 *
 * Return: the area, or NULL for memory that is no bounce buffer.
 */
struct odma_area *odma_area_at(phys_addr_t phys)
{
	unsigned long word = odma_word_of(phys);

	if (likely(word < ODMA_LOW_WORDS))
		return READ_ONCE(odma_low_areas[word]);
	return xa_load(&odma_areas, word);
}

/* With the xarray's lock held, for both. False where it has no memory. */
static bool odma_set_word(unsigned long word, struct odma_area *area)
{
	if (word >= ODMA_LOW_WORDS)
		return !xa_is_err(__xa_store(&odma_areas, word, area,
					     GFP_NOWAIT | __GFP_NOWARN));
	WRITE_ONCE(odma_low_areas[word], area);
	return true;
}

static void odma_forget_words(struct odma_area *area, unsigned int words)
{
	unsigned long flags, first = odma_word_of(area->phys);

	xa_lock_irqsave(&odma_areas, flags);
	while (words--)
		odma_set_word(first + words, NULL);
	xa_unlock_irqrestore(&odma_areas, flags);
}

static int odma_publish_area(struct odma_area *area)
{
	unsigned long flags, first = odma_word_of(area->phys);
	unsigned int done = 0;

	xa_lock_irqsave(&odma_areas, flags);
	while (done < area->slots.words && odma_set_word(first + done, area))
		done++;
	xa_unlock_irqrestore(&odma_areas, flags);
	if (done == area->slots.words)
		return 0;
	odma_forget_words(area, done);
	return -ENOMEM;
}

static bool odma_in_reach(struct page *page, size_t bytes, phys_addr_t reach)
{
	return page_to_phys(page) + bytes - 1 <= reach;
}

/* In the zones that may have such memory, the largest first. */
static struct page *odma_pages_by_zone(phys_addr_t reach, unsigned int order,
				       gfp_t gfp, int nid)
{
	static const gfp_t zones[] = { 0, GFP_DMA32, GFP_DMA };
	struct page *page;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(zones); i++) {
		if (zones[i] == 0 && reach <= DMA_BIT_MASK(32))
			continue;
		page = alloc_pages_node(nid, gfp | zones[i], order);
		if (page && odma_in_reach(page, PAGE_SIZE << order, reach))
			return page;
		if (page)
			__free_pages(page, order);
	}
	return NULL;
}

/*
 * Below 32 bits there is no zone but the small one of 24: the highest part of
 * memory in reach that can be emptied is taken. Slow, and may move pages.
 */
static struct page *odma_pages_by_address(phys_addr_t reach, size_t bytes,
					  gfp_t gfp)
{
#ifdef CONFIG_CONTIG_ALLOC
	unsigned long count = bytes >> PAGE_SHIFT, pfn;

	if (reach >= DMA_BIT_MASK(32))
		return NULL;
	for (pfn = ALIGN_DOWN((reach + 1) >> PAGE_SHIFT, count); pfn > count;) {
		pfn -= count;
		if (pfn_valid(pfn) && pfn_valid(pfn + count - 1) &&
		    page_zone(pfn_to_page(pfn)) ==
		    page_zone(pfn_to_page(pfn + count - 1)) &&
		    !alloc_contig_range(pfn, pfn + count, MIGRATE_MOVABLE, gfp))
			return pfn_to_page(pfn);
		cond_resched();
	}
#endif
	return NULL;
}

static struct page *odma_area_pages(struct odma_area *area, gfp_t gfp)
{
	phys_addr_t reach = area->pool->reach;
	unsigned int order = get_order(area->bytes);
	struct page *page;

	gfp |= __GFP_NOWARN | __GFP_ZERO;
	page = odma_pages_by_zone(reach, order, gfp, area->nid);
	if (page || !gfpflags_allow_blocking(gfp))
		return page;
	page = odma_pages_by_address(reach, area->bytes, GFP_KERNEL);
	area->contig = page;
	if (page)
		memset(page_address(page), 0, area->bytes);
	return page;
}

static void odma_free_area_pages(struct odma_area *area)
{
	struct page *page = virt_to_page(area->cpu);

	if (area->contig)
		free_contig_range(page_to_pfn(page), area->bytes >> PAGE_SHIFT);
	else
		__free_pages(page, get_order(area->bytes));
}

/* An area for one mapping is new, so clean, and has one entry. */
static struct odma_area *odma_alloc_area(unsigned int words, bool transient,
					 gfp_t gfp)
{
	size_t slots = words * ODMA_WORD_SLOTS, size;
	struct odma_area *area;

	if (transient)
		return kzalloc(struct_size(area, map, 1), gfp | __GFP_NOWARN);
	size = struct_size(area, map, slots);
	area = kvzalloc(size + slots * sizeof(*area->dirt), gfp);
	if (area)
		area->dirt = (void *)area + size;
	return area;
}

/**
 * odma_new_area() - memory to copy buffers to
 * @pool: whose it will be
 * @bytes: how much, a power of two of words, at most what an area may have
 * @nid: the NUMA node where it should be, or NUMA_NO_NODE for this CPU's
 * @transient: it is for one mapping
 * @gfp: GFP_KERNEL, or GFP_NOWAIT where sleeping is forbidden
 *
 * Another node's memory is better than none. An address finds it from now on;
 * nothing is taken from it before it is in the pool's list.
 *
 * Return: the area or NULL.
 */
struct odma_area *odma_new_area(struct odma_bounce_pool *pool, size_t bytes,
				int nid, bool transient, gfp_t gfp)
{
	unsigned int words = bytes / ODMA_WORD_BYTES;
	struct odma_area *area = odma_alloc_area(words, transient, gfp);
	struct page *page;

	if (!area)
		return NULL;
	INIT_LIST_HEAD(&area->node);
	area->pool = pool;
	area->bytes = bytes;
	area->transient = transient;
	area->nid = nid;
	area->idle_since = jiffies;
	spin_lock_init(&area->lock);
	page = odma_area_pages(area, gfp);
	if (!page)
		goto free;
	area->nid = page_to_nid(page);
	area->phys = page_to_phys(page);
	area->cpu = page_address(page);
	odma_slots_init(&area->slots, words, odma_word_of(area->phys));
	if (!odma_publish_area(area))
		return area;
	odma_free_area_pages(area);
free:
	kvfree(area);
	return NULL;
}

/**
 * odma_free_area() - give an area's memory back
 * @area: nothing is mapped there, and no list has it
 *
 * The record itself stays for a while: a driver may unmap a buffer twice, on
 * two CPUs, and the second has looked it up before.
 *
 * Context: any for a transient area, otherwise process context, may sleep.
 */
void odma_free_area(struct odma_area *area)
{
	odma_forget_words(area, area->slots.words);
	odma_free_area_pages(area);
	kvfree_rcu(area, rcu);
}

/* With the xarray's lock held: an area is listed at its first word. */
static void odma_abandon_word(const struct odma_bounce_pool *pool,
			      unsigned long word, struct odma_area *area,
			      struct list_head *left)
{
	if (!area || area->pool != pool)
		return;
	if (word == odma_word_of(area->phys))
		list_move(&area->node, left);
	odma_set_word(word, NULL);
}

/**
 * odma_abandon_areas() - forget what a pool still has, and leak its memory
 * @pool: about to go; what it has is mapped, by drivers that are gone
 *
 * Return: the slots that are mapped.
 */
unsigned int odma_abandon_areas(const struct odma_bounce_pool *pool)
{
	struct odma_area *area, *next;
	unsigned long flags, word;
	unsigned int used = 0;
	LIST_HEAD(left);

	/* An area whose words are here is not being freed on another CPU. */
	xa_lock_irqsave(&odma_areas, flags);
	for (word = 0; word < ODMA_LOW_WORDS; word++)
		odma_abandon_word(pool, word, odma_low_areas[word], &left);
	xa_for_each(&odma_areas, word, area)
		odma_abandon_word(pool, word, area, &left);
	xa_unlock_irqrestore(&odma_areas, flags);
	list_for_each_entry_safe(area, next, &left, node) {
		used += area->slots.used;
		kvfree(area);
	}
	return used;
}

/**
 * odma_bounced_at() - the mapping that an address is in
 * @area: the area that has the address
 * @phys: the address of a mapping, or inside
 *
 * Context: any; the mapping is live.
 *
 * Return: the mapping; NULL where nothing is mapped at the address.
 */
struct odma_bounced *odma_bounced_at(struct odma_area *area, phys_addr_t phys)
{
	unsigned int slot = (phys - area->phys) >> ODMA_SLOT_SHIFT;
	int start = area->transient ? 0 : odma_slots_start(&area->slots, slot);
	struct odma_bounced *b;

	if (start < 0)
		return NULL;
	b = &area->map[start];
	return slot - start < READ_ONCE(b->count) ? b : NULL;
}

int odma_areas_init(void)
{
	odma_low_areas = vzalloc(ODMA_LOW_WORDS * sizeof(*odma_low_areas));
	return odma_low_areas ? 0 : -ENOMEM;
}

void odma_areas_exit(void)
{
	WARN_ON(!xa_empty(&odma_areas));
	xa_destroy(&odma_areas);
	vfree(odma_low_areas);
}
