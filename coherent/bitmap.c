// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of pages in a bitmap.
 *
 * A run begins at an address that is a multiple of the power of two that holds
 * it: so what is no larger than 64 KiB does not cross 64 KiB, as drivers are
 * promised. A longer one that finds no such place begins at a multiple from the
 * first page on, as in the kernel's own pools: else one whose base is less
 * aligned than its size could never be had whole. A run is exactly as long as
 * asked for; what a power of two would waste stays free.
 *
 * Source: seeds page coherent.md, "Memory allocation algorithm".
 */
#include <linux/bitmap.h>
#include <linux/errno.h>
#include <linux/gfp.h>
#include <linux/log2.h>
#include <linux/math64.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "bitmap.h"

/* Up to so many pages the address counts, and nothing else. */
#define ODMA_PROMISED_PAGES	DIV_ROUND_UP(SZ_64K, PAGE_SIZE)

int odma_bitmap_init(struct odma_bitmap *b, unsigned long origin,
		     unsigned int pages)
{
	*b = (struct odma_bitmap) {
		.bits = kvcalloc(BITS_TO_LONGS(pages), sizeof(*b->bits),
				 GFP_KERNEL | __GFP_NOWARN),
		.origin = origin,
		.pages = pages,
	};
	return b->bits ? 0 : -ENOMEM;
}

void odma_bitmap_destroy(struct odma_bitmap *b)
{
	kvfree(b->bits);
}

static unsigned long odma_bitmap_find(const struct odma_bitmap *b,
				      unsigned int count, unsigned int limit,
				      unsigned long origin)
{
	unsigned long align = roundup_pow_of_two(count) - 1;

	return bitmap_find_next_zero_area_off(b->bits, limit, b->first_free,
					      count, align, origin & align);
}

/**
 * odma_bitmap_take() - take a run of pages
 * @b: the bitmap
 * @count: pages, not 0
 * @limit: the run must end before this page
 *
 * Return: its first page, or -ENOSPC.
 */
int odma_bitmap_take(struct odma_bitmap *b, unsigned int count,
		     unsigned int limit)
{
	unsigned long start;

	limit = min(limit, b->pages);
	if (!count || count > limit)
		return -ENOSPC;
	start = odma_bitmap_find(b, count, limit, b->origin);
	if (start >= limit && count > ODMA_PROMISED_PAGES)
		start = odma_bitmap_find(b, count, limit, 0);
	if (start >= limit)
		return -ENOSPC;
	bitmap_set(b->bits, start, count);
	if (start == b->first_free)
		b->first_free += count;
	b->used += count;
	b->high_water = max(b->high_water, b->used);
	return start;
}

/**
 * odma_bitmap_give() - give a run back
 * @b: the bitmap
 * @start: what odma_bitmap_take() returned
 * @count: as given to it
 */
void odma_bitmap_give(struct odma_bitmap *b, unsigned int start,
		      unsigned int count)
{
	bitmap_clear(b->bits, start, count);
	b->first_free = min(b->first_free, start);
	b->used -= count;
}

/**
 * odma_bitmap_largest() - the longest run of free pages
 * @b: the bitmap
 *
 * Looks at all of it. Not every run as long can be taken: see the alignment.
 *
 * Return: its length in pages.
 */
unsigned int odma_bitmap_largest(const struct odma_bitmap *b)
{
	unsigned int largest = 0, start, end = 0;

	while ((start = find_next_zero_bit(b->bits, b->pages, end)) <
	       b->pages) {
		end = find_next_bit(b->bits, b->pages, start);
		largest = max(largest, end - start);
	}
	return largest;
}

/**
 * odma_bitmap_fragmentation() - how scattered is what is free?
 * @b: the bitmap
 *
 * Return: per cent of the free pages that are not in the longest run.
 */
unsigned int odma_bitmap_fragmentation(const struct odma_bitmap *b)
{
	u64 free = b->pages - b->used;

	return free ? 100 - div64_u64(100ULL * odma_bitmap_largest(b), free) :
		      0;
}
