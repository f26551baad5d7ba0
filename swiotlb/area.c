// SPDX-License-Identifier: GPL-2.0
/*
 * Areas: where their memory comes from, and how an address finds its area.
 *
 * An area of less than a word has its place in the word that its memory is in,
 * with the slots around it taken for good. So several areas may be in a word,
 * of several pools: then the table has one of them, and that one the next.
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

static struct odma_area *odma_word_has(unsigned long word)
{
	if (likely(word < ODMA_LOW_WORDS))
		return READ_ONCE(odma_low_areas[word]);
	return xa_load(&odma_areas, word);
}

/**
 * odma_area_at() - the area that an address is in
 * @phys: any physical address
 *
 * Context: any, in an RCU section. The area lives as long as something is
 * mapped there.
 *
 * Return: the area, or NULL for memory that is no bounce buffer.
 */
struct odma_area *odma_area_at(phys_addr_t phys)
{
	struct odma_area *area = odma_word_has(odma_word_of(phys));

	while (area && unlikely(phys - area->begin >= area->bytes))
		area = READ_ONCE(area->sibling);
	return area;
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

/* With the lock held, too. Who is at a sibling finds its way on from there. */
static void odma_leave_word(unsigned long word, struct odma_area *area)
{
	struct odma_area *at = odma_word_has(word);

	if (at == area) {
		odma_set_word(word, area->sibling);
		return;
	}
	while (at && at->sibling != area)
		at = at->sibling;
	if (at)
		WRITE_ONCE(at->sibling, area->sibling);
}

static void odma_leave_words(struct odma_area *area, unsigned int words)
{
	unsigned long first = odma_word_of(area->phys);

	while (words--)
		odma_leave_word(first + words, area);
}

static int odma_publish_area(struct odma_area *area)
{
	unsigned long flags, first = odma_word_of(area->phys);
	unsigned int done = 0;

	xa_lock_irqsave(&odma_areas, flags);
	/* Only what shares its word with others finds any there. */
	area->sibling = odma_word_has(first);
	while (done < area->slots.words && odma_set_word(first + done, area))
		done++;
	if (done < area->slots.words)
		odma_leave_words(area, done);
	xa_unlock_irqrestore(&odma_areas, flags);
	return done < area->slots.words ? -ENOMEM : 0;
}

/**
 * odma_forget_area() - no address finds it any more
 * @area: the area, whose memory and record stay what they are
 *
 * Context: any.
 */
void odma_forget_area(struct odma_area *area)
{
	unsigned long flags;

	xa_lock_irqsave(&odma_areas, flags);
	odma_leave_words(area, area->slots.words);
	xa_unlock_irqrestore(&odma_areas, flags);
}

static bool odma_in_reach(struct page *page, size_t bytes, phys_addr_t reach)
{
	return page_to_phys(page) + bytes - 1 <= reach;
}

static struct page *odma_pages_in_zone(phys_addr_t reach, unsigned int order,
				       gfp_t gfp, int nid)
{
	struct page *page = alloc_pages_node(nid, gfp | __GFP_NOWARN, order);

	if (!page)
		return NULL;
	if (!odma_in_reach(page, PAGE_SIZE << order, reach)) {
		__free_pages(page, order);
		return NULL;
	}
	/* Page by page, as what comes by its address: any may be held. */
	if (order)
		split_page(page, order);
	return page;
}

#ifdef CONFIG_CONTIG_ALLOC
static bool odma_in_zone_dma(unsigned long pfn)
{
#ifdef CONFIG_ZONE_DMA
	return page_zonenum(pfn_to_page(pfn)) == ZONE_DMA;
#else
	return false;
#endif
}
#endif

/*
 * Below 32 bits there is no zone but the small one of 24: the highest part of
 * memory in reach that can be emptied is taken. Slow, and may move pages.
 */
static struct page *odma_pages_by_address(phys_addr_t reach, size_t bytes,
					  gfp_t gfp, bool zone_dma)
{
#ifdef CONFIG_CONTIG_ALLOC
	unsigned long count = bytes >> PAGE_SHIFT, pfn;

	if (reach >= DMA_BIT_MASK(32))
		return NULL;
	for (pfn = ALIGN_DOWN((reach + 1) >> PAGE_SHIFT, count); pfn > count;) {
		pfn -= count;
		if (pfn_valid(pfn) && pfn_valid(pfn + count - 1) &&
		    odma_in_zone_dma(pfn) == zone_dma &&
		    page_zone(pfn_to_page(pfn)) ==
		    page_zone(pfn_to_page(pfn + count - 1)) &&
		    !alloc_contig_range(pfn, pfn + count, MIGRATE_MOVABLE, gfp))
			return pfn_to_page(pfn);
		cond_resched();
	}
#endif
	return NULL;
}

/*
 * The small zone comes last: there are devices that reach no other memory. Less
 * than a word is not looked for by its address.
 */
static struct page *odma_area_pages(const struct odma_area *area, gfp_t gfp)
{
	bool search = gfpflags_allow_blocking(gfp) &&
		      area->bytes >= ODMA_WORD_BYTES;
	unsigned int order = get_order(area->bytes);
	phys_addr_t reach = area->pool->reach;
	struct page *page = NULL;
	int nid = area->nid;

	if (reach > DMA_BIT_MASK(32))
		page = odma_pages_in_zone(reach, order, gfp, nid);
	if (!page)
		page = odma_pages_in_zone(reach, order, gfp | GFP_DMA32, nid);
	if (!page && search)
		page = odma_pages_by_address(reach, area->bytes,
					     gfp & GFP_KERNEL, false);
	if (!page)
		page = odma_pages_in_zone(reach, order, gfp | GFP_DMA, nid);
	if (!page && search)
		page = odma_pages_by_address(reach, area->bytes,
					     gfp & GFP_KERNEL, true);
	return page;
}

static void odma_free_area_pages(struct odma_area *area)
{
	struct page *page = pfn_to_page(PHYS_PFN(area->begin));
	unsigned long count = area->bytes >> PAGE_SHIFT;

	while (count--)
		__free_page(page++);
}

/* There is no vmalloc() where sleeping is forbidden. */
static void *odma_kvzalloc(size_t size, gfp_t gfp)
{
	if (gfpflags_allow_blocking(gfp))
		return kvzalloc(size, gfp);
	return kzalloc(size, gfp | __GFP_NOWARN);
}

static struct odma_area *odma_alloc_area(size_t bytes, gfp_t gfp)
{
	unsigned int words = DIV_ROUND_UP(bytes, ODMA_WORD_BYTES);
	size_t slots = words * ODMA_WORD_SLOTS, size;
	struct odma_area *area;

	size = struct_size(area, map, slots);
	area = odma_kvzalloc(size + slots * sizeof(*area->dirt), gfp);
	if (area)
		area->dirt = (void *)area + size;
	return area;
}

/* Whose memory was somebody else's: each slot is cleaned when it is taken. */
static void odma_soil(struct odma_area *area)
{
	unsigned int slots = area->slots.words * ODMA_WORD_SLOTS, i;

	for (i = 0; i < slots; i++)
		area->dirt[i].to = ODMA_SLOT_SIZE;
}

static void odma_place_area(struct odma_area *area, struct page *page)
{
	phys_addr_t begin = page_to_phys(page);
	unsigned long word = odma_word_of(begin);
	size_t before = begin % ODMA_WORD_BYTES;

	area->nid = page_to_nid(page);
	area->begin = begin;
	area->phys = begin - before;
	area->cpu = page_address(page) - before;
	if (area->bytes < ODMA_WORD_BYTES)
		odma_slots_init_part(&area->slots, before >> ODMA_SLOT_SHIFT,
				     area->bytes >> ODMA_SLOT_SHIFT, word);
	else
		odma_slots_init(&area->slots, area->bytes / ODMA_WORD_BYTES,
				word);
	odma_soil(area);
}

/**
 * odma_new_area() - memory to copy buffers to
 * @pool: whose it will be
 * @bytes: how much, a power of two, from a page to what an area may have
 * @nid: the NUMA node where it should be, or NUMA_NO_NODE for this CPU's
 * @gfp: GFP_KERNEL with more or less, or GFP_NOWAIT where sleeping is forbidden
 *
 * Another node's memory is better than none. An address finds it from now on;
 * nothing is taken from it before it is in the pool's list.
 *
 * Return: the area or NULL.
 */
struct odma_area *odma_new_area(struct odma_bounce_pool *pool, size_t bytes,
				int nid, gfp_t gfp)
{
	struct odma_area *area = odma_alloc_area(bytes, gfp);
	struct page *page;

	if (!area)
		return NULL;
	area->pool = pool;
	area->bytes = bytes;
	area->nid = nid;
	area->idle_since = jiffies;
	spin_lock_init(&area->lock);
	page = odma_area_pages(area, gfp);
	if (!page)
		goto free;
	odma_place_area(area, page);
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
 * The record itself stays for a while: who unmaps a buffer that is gone may
 * have looked it up before.
 *
 * Context: any.
 */
void odma_free_area(struct odma_area *area)
{
	odma_forget_area(area);
	odma_free_area_pages(area);
	kvfree_rcu(area, rcu);
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
	int start = odma_slots_start(&area->slots, slot);
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
