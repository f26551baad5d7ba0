// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping through a bounce buffer: slots, copies, and back.
 *
 * The driver's bytes are copied in whatever the direction is: what the device
 * then does not write is given back as it was. What the slots have beside the
 * buffer is cleared, where it was another mapping's. So no byte passes from one
 * mapping to another, in either direction.
 */
#include <linux/dma-mapping.h>
#include <linux/string.h>
#include "bounce.h"

static void *odma_bounced_cpu(struct odma_area *area, phys_addr_t phys)
{
	return area->cpu + (phys - area->phys);
}

#define ODMA_SLOT_END	((long)ODMA_SLOT_SIZE)

/* What was written to a slot, and is in [from, to) of it, becomes 0. */
static void odma_clean(struct odma_area *area, unsigned int slot,
		       unsigned int from, unsigned int to)
{
	const struct odma_dirt *dirt = &area->dirt[slot];

	from = max_t(unsigned int, from, dirt->from);
	to = min_t(unsigned int, to, dirt->to);
	if (from < to)
		memset(area->cpu + ((size_t)slot << ODMA_SLOT_SHIFT) + from, 0,
		       to - from);
}

/*
 * The buffer is in [from, to) of this slot. Slots are mostly taken again for
 * what is as large as before: then there is nothing to clean.
 */
static void odma_clean_slot(struct odma_area *area, unsigned int slot,
			    unsigned int from, unsigned int to)
{
	if (from)
		odma_clean(area, slot, 0, from);
	if (to < ODMA_SLOT_SIZE)
		odma_clean(area, slot, to, ODMA_SLOT_SIZE);
	area->dirt[slot] = (struct odma_dirt) { from, to };
}

/**
 * odma_clean_around() - nobody else's bytes beside a mapping
 * @area: the area that it is in
 * @b: the mapping; what is in it is for the caller to write
 *
 * Context: any.
 */
void odma_clean_around(struct odma_area *area, const struct odma_bounced *b)
{
	unsigned int slot = b - area->map, last = slot + b->count;
	long from = b->offset, to = from + b->size;

	if (area->transient)
		return;
	for (; slot < last; slot++) {
		odma_clean_slot(area, slot, clamp(from, 0L, ODMA_SLOT_END),
				clamp(to, 0L, ODMA_SLOT_END));
		from -= ODMA_SLOT_SIZE;
		to -= ODMA_SLOT_SIZE;
	}
}

/**
 * odma_bounce_map() - map a buffer through a bounce buffer
 * @pool: where the slots come from
 * @dev: the device
 * @req: the buffer and what its address must be like
 *
 * Context: any.
 *
 * Return: the bounce buffer's physical address, in the device's reach, or
 * PHYS_ADDR_MAX.
 */
phys_addr_t odma_bounce_map(struct odma_bounce_pool *pool, struct device *dev,
			    const struct odma_bounce_request *req)
{
	struct odma_bounced *b;
	struct odma_area *area;
	phys_addr_t phys;

	area = odma_take_slots(pool, dev, req, &b);
	if (unlikely(!area))
		return PHYS_ADDR_MAX;
	phys = odma_bounced_phys(area, b);
	odma_clean_around(area, b);
	odma_copy_in(odma_bounced_cpu(area, phys), req->orig, req->size);
	return phys;
}

static bool odma_device_writes(enum dma_data_direction dir)
{
	return dir != DMA_TO_DEVICE;
}

/**
 * odma_bounce_unmap() - undo odma_bounce_map()
 * @phys: as it returned, or any other address
 * @dir: who wrote
 * @attrs: DMA_ATTR_SKIP_CPU_SYNC leaves the driver's memory as it is
 *
 * Context: any.
 *
 * Return: false where @phys is no bounce buffer, and nothing was done.
 */
bool odma_bounce_unmap(phys_addr_t phys, enum dma_data_direction dir,
		       unsigned long attrs)
{
	struct odma_area *area = odma_area_at(phys);
	struct odma_bounced *b = area ? odma_bounced_at(area, phys) : NULL;

	if (!b)
		return false;
	phys = odma_bounced_phys(area, b);
	if (odma_device_writes(dir) && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_copy_out(b->orig, odma_bounced_cpu(area, phys), b->size);
	odma_give_slots(area, b);
	return true;
}

/**
 * odma_bounce_sync() - bring a part of a mapping up to date
 * @phys: the address of a mapping, or inside; or any other address
 * @size: bytes from there; what is beyond the mapping is left out
 * @dir: who writes
 * @for_cpu: the CPU wants to see it, and otherwise the device
 *
 * Context: any.
 *
 * Return: false where @phys is no bounce buffer, and nothing was done.
 */
bool odma_bounce_sync(phys_addr_t phys, size_t size,
		      enum dma_data_direction dir, bool for_cpu)
{
	struct odma_area *area = odma_area_at(phys);
	struct odma_bounced *b = area ? odma_bounced_at(area, phys) : NULL;
	size_t offset;
	void *cpu;

	if (!b)
		return false;
	offset = phys - odma_bounced_phys(area, b);
	if (offset >= b->size || b->orig == ODMA_NO_ORIG)
		return true;
	size = min_t(size_t, size, b->size - offset);
	cpu = odma_bounced_cpu(area, phys);
	if (for_cpu && odma_device_writes(dir))
		odma_copy_out(b->orig + offset, cpu, size);
	else if (!for_cpu && dir != DMA_FROM_DEVICE)
		odma_copy_in(cpu, b->orig + offset, size);
	return true;
}
