/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mapping through a bounce buffer.
 */
#ifndef _ODMA_SWIOTLB_BOUNCE_H
#define _ODMA_SWIOTLB_BOUNCE_H

#include "../direct/cache.h"
#include "pool.h"

/* What the copies of a mapping need to know of it: a look at its record. */
struct odma_bounced_part {
	phys_addr_t orig;
	void *cpu;
	size_t size;
};

/*
 * All that is in the slots of a mapping: the zeroes beside the buffer, too, or
 * the device finds there what the last mapping had. So it does not matter what
 * the driver says of its own bytes.
 */
static inline void odma_slots_for_device(phys_addr_t phys, size_t size)
{
	phys_addr_t first = round_down(phys, ODMA_SLOT_SIZE);

	odma_cache_for_device(first, round_up(phys + size, ODMA_SLOT_SIZE) -
				     first);
}

phys_addr_t odma_bounce_map(struct odma_bounce_pool *pool, struct device *dev,
			    const struct odma_bounce_request *req);
void odma_clean_around(struct odma_area *area, const struct odma_bounced *b);
bool odma_bounce_unmap(struct odma_device *odev, struct odma_client *client,
		       phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, unsigned long attrs);
bool odma_bounce_free(struct odma_device *odev, struct odma_client *client,
		      phys_addr_t phys, size_t size);
bool odma_bounce_sync(const struct odma_client *client, phys_addr_t phys,
		      size_t size, enum dma_data_direction dir, bool for_cpu);

/* stray.c */
void odma_report_stray(struct odma_device *odev,
		       const struct odma_client *client, phys_addr_t phys,
		       size_t size, bool allocated);
void odma_report_cut(struct odma_device *odev, const struct odma_bounced *b,
		     size_t size);

/* copy.c */
void odma_copy_in(void *slot, phys_addr_t orig, size_t size);
void odma_copy_out(phys_addr_t orig, void *slot, size_t size);

#endif /* _ODMA_SWIOTLB_BOUNCE_H */
