// SPDX-License-Identifier: GPL-2.0
/*
 * What memory a device reaches: masks, limits, dma-ranges, zones.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/mm.h>
#include <linux/mmzone.h>
#include <linux/sizes.h>
#include "direct.h"

/* First address after ZONE_DMA; 0 where the machine has none. */
static phys_addr_t odma_zone_dma_end __ro_after_init;

/*
 * The kernel's own limit is not exported, and differs between architectures
 * and machines: so look at where the zone's pages are.
 */
void __init odma_direct_find_zones(void)
{
#ifdef CONFIG_ZONE_DMA
	const struct zone *zone;
	int nid;

	for_each_online_node(nid) {
		zone = &NODE_DATA(nid)->node_zones[ZONE_DMA];
		if (zone->spanned_pages)
			odma_zone_dma_end = max_t(phys_addr_t,
						  odma_zone_dma_end,
						  PFN_PHYS(zone_end_pfn(zone)));
	}
#endif
}

static phys_addr_t odma_last_ram_address(void)
{
	return __pa(high_memory - 1);
}

/* Not __pa(PAGE_OFFSET): on arm64 that may be far from any memory. */
static phys_addr_t odma_first_ram_address(void)
{
	unsigned long pfn = ULONG_MAX;
	int nid;

	for_each_online_node(nid)
		if (node_spanned_pages(nid))
			pfn = min(pfn, node_start_pfn(nid));
	return PFN_PHYS(pfn);
}

/* The slow half of odma_direct_in_one_range(). */
bool odma_direct_range_holds(struct device *dev, phys_addr_t phys, size_t size)
{
	dma_addr_t addr = odma_phys_to_dma(dev, phys);

	return addr != DMA_MAPPING_ERROR &&
	       odma_phys_to_dma(dev, phys + size - 1) == addr + size - 1;
}
EXPORT_SYMBOL_GPL(odma_direct_range_holds);

/**
 * odma_direct_zone() - where to look first for memory in the coherent mask
 * @dev: the device
 *
 * The zone that the limit falls into: part of it may still be out of reach, so
 * the caller looks at what it got, and tries odma_direct_smaller_zone().
 */
gfp_t odma_direct_zone(struct device *dev)
{
	u64 limit = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
	phys_addr_t last = dma_to_phys(dev, limit);

	if (odma_is_translated(dev))
		return 0;
	if (IS_ENABLED(CONFIG_ZONE_DMA) && last < odma_zone_dma_end)
		return GFP_DMA;
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && last <= DMA_BIT_MASK(32))
		return GFP_DMA32;
	return 0;
}

/* The next zone to try; false where there is none. */
bool odma_direct_smaller_zone(gfp_t *gfp)
{
	if (*gfp & GFP_DMA)
		return false;
	if (IS_ENABLED(CONFIG_ZONE_DMA32) && !(*gfp & GFP_DMA32)) {
		*gfp |= GFP_DMA32;
		return true;
	}
	if (!odma_zone_dma_end)
		return false;
	*gfp = (*gfp & ~GFP_DMA32) | GFP_DMA;
	return true;
}

bool odma_direct_coherent_reaches(struct device *dev, phys_addr_t phys,
				  size_t size)
{
	u64 limit = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);

	if (odma_is_translated(dev))
		return true;
	return odma_direct_reaches(odma_phys_to_dma(dev, phys), size, limit) &&
	       odma_direct_in_one_range(dev, phys, size);
}

/*
 * The lowest address that any memory has for the device; U64_MAX where none
 * has one, and it must have memory of its own.
 */
static u64 odma_direct_lowest(struct device *dev)
{
	const struct bus_dma_region *r = dev->dma_range_map;
	phys_addr_t first = odma_first_ram_address();
	phys_addr_t last = odma_last_ram_address();
	u64 lowest = U64_MAX;

	if (!r)
		return first;
	for (; r->size; r++) {
		phys_addr_t at = max_t(phys_addr_t, r->cpu_start, first);

		if (at <= last && at - r->cpu_start < r->size)
			lowest = min_t(u64, lowest,
				       r->dma_start + (at - r->cpu_start));
	}
	return lowest;
}

/* Is there a page of memory that it reaches, or memory of its own? */
static bool odma_direct_reaches_any(struct device *dev, u64 mask)
{
	u64 limit = min_not_zero(mask, dev->bus_dma_limit);
	const struct odma_device *odev = odma_device_of(dev);
	u64 lowest = odma_direct_lowest(dev);

	if (lowest == U64_MAX || (lowest | ~PAGE_MASK) <= limit)
		return true;
	if (odma_has_kernel_pool(dev) ||
	    (odev && rcu_access_pointer(odev->pools)))
		return true;
	pr_err("%s: mask %#llx refused: memory begins at %#llx for the device%s (bus limit %#llx)\n",
	       dev_name(dev), mask, lowest,
	       dev->dma_range_map ? ", by its dma-ranges" : "",
	       dev->bus_dma_limit);
	return false;
}

/*
 * Drivers may count on 32 bits, where any memory is below.  Less works where
 * there is memory to allocate below the mask: all of it, or a ZONE_DMA.
 */
int odma_direct_supported(struct device *dev, u64 mask)
{
	phys_addr_t need = odma_last_ram_address();

	if (!odma_direct_reaches_any(dev, mask))
		return 0;
	if (mask >= DMA_BIT_MASK(32))
		return 1;
	if (odma_zone_dma_end)
		need = min(need, odma_zone_dma_end - 1);
	return mask >= odma_phys_to_dma(dev, need & PAGE_MASK);
}
EXPORT_SYMBOL_GPL(odma_direct_supported);

/*
 * The next address from this one on that may be memory's. Of what is between
 * banks a module can tell that there are no pages for it.
 */
static phys_addr_t odma_next_memory(phys_addr_t at, phys_addr_t last)
{
	while (at <= last && !pfn_valid(PHYS_PFN(at)))
		at = ALIGN(at + 1, SZ_2M);
	return at;
}

/*
 * Where else memory has holes is not for modules to know, so what is in no
 * range, and has pages, counts as out of reach.
 */
static bool odma_direct_ranges_cover(const struct bus_dma_region *map,
				     u64 limit)
{
	phys_addr_t at = odma_first_ram_address();
	phys_addr_t last = odma_last_ram_address();
	const struct bus_dma_region *r = map;

	while (r->size) {
		phys_addr_t end = min(r->cpu_start + r->size - 1, last);

		if (at < r->cpu_start || at > end) {
			r++;
			continue;
		}
		if (r->dma_start + (end - r->cpu_start) > limit)
			return false;
		if (end == last)
			return true;
		at = odma_next_memory(end + 1, last);
		if (at > last)
			return true;
		r = map;
	}
	return false;
}

/**
 * odma_direct_misses_memory() - is there memory that no mask makes reachable?
 * @dev: a device that is not translated
 *
 * Context: any; memory may have been added since the last call.
 */
bool odma_direct_misses_memory(struct device *dev)
{
	return dev->dma_range_map &&
	       !odma_direct_ranges_cover(dev->dma_range_map, U64_MAX);
}

/* No mask is large enough where ranges leave something out. */
u64 odma_direct_required_mask(struct device *dev)
{
	u64 last = odma_phys_to_dma(dev, odma_last_ram_address() & PAGE_MASK);

	if (odma_direct_misses_memory(dev))
		return DMA_BIT_MASK(64);
	return DMA_BIT_MASK(fls64(last));
}

/**
 * odma_direct_covers_memory() - does a device reach all of memory?
 * @dev: the device
 * @mask: its streaming or coherent mask
 *
 * Context: any; memory may have been added since the last call.
 */
bool odma_direct_covers_memory(struct device *dev, u64 mask)
{
	u64 limit = min_not_zero(mask, dev->bus_dma_limit);

	if (!mask || limit < odma_direct_required_mask(dev))
		return false;
	return !dev->dma_range_map ||
	       odma_direct_ranges_cover(dev->dma_range_map, limit);
}
EXPORT_SYMBOL_GPL(odma_direct_covers_memory);

/**
 * odma_direct_fail() - say why a device can't have a buffer
 * @dev: the device
 * @phys: where the buffer is
 * @addr: its DMA address
 * @size: its bytes
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * Return: DMA_MAPPING_ERROR.
 */
noinline dma_addr_t odma_direct_fail(struct device *dev, phys_addr_t phys,
				     dma_addr_t addr, size_t size,
				     enum dma_data_direction dir,
				     unsigned long attrs)
{
	enum odma_failure why = ODMA_FAIL_REACH;

	if (!size)
		why = ODMA_FAIL_SIZE_ZERO;
	else if (phys + size - 1 < phys || addr + size - 1 < addr)
		why = ODMA_FAIL_WRAP;
	else if (!odma_direct_in_one_range(dev, phys, size))
		why = ODMA_FAIL_RANGE;
	/* Memory that has no DMA address is known by its physical one. */
	if (addr == DMA_MAPPING_ERROR) {
		why = ODMA_FAIL_RANGE;
		addr = phys;
	}
	return odma_map_failed(dev, addr, size, dir, attrs, why);
}
