/* SPDX-License-Identifier: GPL-2.0 */
/* Bit by bit: what is tested uses these, and is slow enough to be trusted. */
#ifndef _ODMA_USER_LINUX_BITMAP_H
#define _ODMA_USER_LINUX_BITMAP_H

#include <linux/align.h>
#include <linux/bitops.h>
#include <linux/math.h>
#include <linux/slab.h>

#define BITS_TO_LONGS(bits)	DIV_ROUND_UP(bits, BITS_PER_LONG)

static inline bool test_bit(unsigned long nr, const unsigned long *map)
{
	return map[nr / BITS_PER_LONG] & BIT(nr % BITS_PER_LONG);
}

static inline unsigned long odma_user_find(const unsigned long *map,
					   unsigned long size,
					   unsigned long from, bool set)
{
	while (from < size && test_bit(from, map) != set)
		from++;
	return from < size ? from : size;
}

#define find_next_bit(map, size, from)					\
	odma_user_find(map, size, from, true)
#define find_next_zero_bit(map, size, from)				\
	odma_user_find(map, size, from, false)

static inline void bitmap_set(unsigned long *map, unsigned int start,
			      unsigned int count)
{
	for (; count; count--, start++)
		map[start / BITS_PER_LONG] |= BIT(start % BITS_PER_LONG);
}

static inline void bitmap_clear(unsigned long *map, unsigned int start,
				unsigned int count)
{
	for (; count; count--, start++)
		map[start / BITS_PER_LONG] &= ~BIT(start % BITS_PER_LONG);
}

/* Where there is no room: something above @size. */
static inline unsigned long
bitmap_find_next_zero_area_off(unsigned long *map, unsigned long size,
			       unsigned long from, unsigned int count,
			       unsigned long align_mask, unsigned long offset)
{
	unsigned long start;

	for (start = from; start + count <= size; start++) {
		if ((start + offset) & align_mask)
			continue;
		if (find_next_bit(map, start + count, start) == start + count)
			return start;
	}
	return size + 1;
}

static inline unsigned long *bitmap_zalloc(unsigned int bits, gfp_t gfp)
{
	return kcalloc(BITS_TO_LONGS(bits), sizeof(long), gfp);
}

static inline void bitmap_free(const unsigned long *map)
{
	kfree(map);
}

#endif /* _ODMA_USER_LINUX_BITMAP_H */
