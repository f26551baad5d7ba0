/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Runs of pages in a bitmap: which are taken, where is room.
 *
 * Knows nothing of devices or memory, takes no lock: its user does.
 */
#ifndef _ODMA_COHERENT_BITMAP_H
#define _ODMA_COHERENT_BITMAP_H

#include <linux/types.h>

/**
 * struct odma_bitmap - the pages of a pool
 * @bits:	one a page, set where it is taken
 * @origin:	the address of page 0, in pages: alignment counts from address
 *		0, or for a long run that finds no such place from page 0
 * @pages:	how many there are
 * @used:	how many are taken
 * @high_water:	the most that were ever taken
 * @first_free:	no page before this one is free
 */
struct odma_bitmap {
	unsigned long *bits;
	unsigned long origin;
	unsigned int pages;
	unsigned int used;
	unsigned int high_water;
	unsigned int first_free;
};

int odma_bitmap_init(struct odma_bitmap *b, unsigned long origin,
		     unsigned int pages);
void odma_bitmap_destroy(struct odma_bitmap *b);
int odma_bitmap_take(struct odma_bitmap *b, unsigned int count,
		     unsigned int limit);
void odma_bitmap_give(struct odma_bitmap *b, unsigned int start,
		      unsigned int count);
unsigned int odma_bitmap_largest(const struct odma_bitmap *b);
unsigned int odma_bitmap_fragmentation(const struct odma_bitmap *b);

#endif /* _ODMA_COHERENT_BITMAP_H */
