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
#include "../direct/direct.h"
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

/* The record of what was mapped, or allocated, at exactly this address. */
static __always_inline struct odma_bounced *
odma_begins_at(struct odma_area *area, phys_addr_t phys, bool allocated)
{
	struct odma_bounced *b =
		&area->map[(phys - area->phys) >> ODMA_SLOT_SHIFT];

	/* Mostly the slot at the address is the first one of the mapping. */
	if (unlikely(!READ_ONCE(b->count) ||
		     odma_bounced_phys(area, b) != phys))
		b = odma_bounced_at(area, phys);
	return likely(b && odma_bounced_phys(area, b) == phys &&
		      (READ_ONCE(b->orig) == ODMA_NO_ORIG) == allocated) ?
		b : NULL;
}

/*
 * Whoever takes the name off the record ends it: a second unmap, on another CPU
 * or after the slots have gone to somebody else, finds another name or none.
 */
static __always_inline struct odma_bounced *
odma_claim(struct odma_area *area, struct odma_client *client,
	   phys_addr_t phys, bool allocated)
{
	struct odma_bounced *b;

	if (!area || !client)
		return NULL;
	b = odma_begins_at(area, phys, allocated);
	if (unlikely(!b || cmpxchg(&b->client, client, NULL) != client))
		return NULL;
	return b;
}

/**
 * odma_bounce_unmap() - undo odma_bounce_map()
 * @odev: the device
 * @client: its name on the records, or NULL where it has none
 * @phys: as odma_bounce_map() returned, or any other address
 * @size: as it was mapped; all of the mapping ends in any case
 * @dir: who wrote
 * @attrs: DMA_ATTR_SKIP_CPU_SYNC leaves the driver's memory as it is
 *
 * What is in a pool may be another device's memory, which this one maps where
 * it is: then there is nothing to undo.
 *
 * Context: any.
 *
 * Return: false where no mapping of the device begins at @phys, and nothing was
 * done.
 */
bool odma_bounce_unmap(struct odma_device *odev, struct odma_client *client,
		       phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_bounced *b;
	struct odma_area *area;

	rcu_read_lock();
	area = odma_area_at(phys);
	b = odma_claim(area, client, phys, false);
	if (likely(b)) {
		if (unlikely(b->size != size))
			odma_report_cut(odev, b, size);
		if (odma_device_writes(dir) &&
		    !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
			odma_copy_out(b->orig, odma_bounced_cpu(area, phys),
				      b->size);
		odma_give_slots(area, b, client);
	} else if (unlikely(area)) {
		odma_report_stray(odev, client, phys, size, false);
	}
	rcu_read_unlock();
	return b;
}

/**
 * odma_bounce_free() - give back slots that were allocated, not mapped
 * @odev: the device
 * @client: its name on the records
 * @phys: where the allocation is
 * @size: its bytes
 *
 * Context: any.
 *
 * Return: false where @phys is in no pool. Where it is, it is no matter for the
 * page allocator: what is not this device's allocation is left alone, and said.
 */
bool odma_bounce_free(struct odma_device *odev, struct odma_client *client,
		      phys_addr_t phys, size_t size)
{
	struct odma_bounced *b;
	struct odma_area *area;

	rcu_read_lock();
	area = odma_area_at(phys);
	b = odma_claim(area, client, phys, true);
	if (likely(b)) {
		if (unlikely(b->size != PAGE_ALIGN(size))) {
			odma_report_cut(odev, b, size);
			odma_recount_free(odev, size, b->size);
		}
		odma_give_slots(area, b, client);
	} else if (unlikely(area)) {
		odma_report_stray(odev, client, phys, size, true);
	}
	rcu_read_unlock();
	return area;
}

/* With the offset in the buffer of the device's mapping there; or NULL. */
static struct odma_bounced *odma_mapped_at(struct odma_area *area,
					   const struct odma_client *client,
					   phys_addr_t phys, size_t *offset)
{
	struct odma_bounced *b = area ? odma_bounced_at(area, phys) : NULL;

	if (!b || !client || READ_ONCE(b->client) != client ||
	    b->orig == ODMA_NO_ORIG)
		return NULL;
	*offset = phys - odma_bounced_phys(area, b);
	return *offset < b->size ? b : NULL;
}

/**
 * odma_bounce_sync() - bring a part of a mapping up to date
 * @client: the device's name on the records, or NULL where it has none
 * @phys: the address of a mapping, or inside; or any other address
 * @size: bytes from there; what is beyond the mapping is left out
 * @dir: who writes
 * @for_cpu: the CPU wants to see it, and otherwise the device
 *
 * Context: any.
 *
 * Return: false where @phys is in no mapping of the device, and nothing was
 * done.
 */
bool odma_bounce_sync(const struct odma_client *client, phys_addr_t phys,
		      size_t size, enum dma_data_direction dir, bool for_cpu)
{
	struct odma_bounced *b;
	struct odma_area *area;
	size_t offset;
	void *cpu;

	rcu_read_lock();
	area = odma_area_at(phys);
	b = odma_mapped_at(area, client, phys, &offset);
	if (b) {
		size = min_t(size_t, size, b->size - offset);
		cpu = odma_bounced_cpu(area, phys);
		if (for_cpu && odma_device_writes(dir))
			odma_copy_out(b->orig + offset, cpu, size);
		else if (!for_cpu && dir != DMA_FROM_DEVICE)
			odma_copy_in(cpu, b->orig + offset, size);
	}
	rcu_read_unlock();
	return b;
}
