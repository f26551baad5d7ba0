// SPDX-License-Identifier: GPL-2.0
/*
 * How large an allocation is, from its first page: drivers have been seen to
 * say something else when they free it.
 *
 * A page's owner has page->private to himself. A driver that was given a page
 * is one, so what stands there counts only with a mark that no address, and
 * hardly anything else, has.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/mm.h>
#include "../mapping/core.h"
#include "direct.h"

/* Pages on record; 0 where there is no record. */
static unsigned long odma_noted(struct page *page)
{
	unsigned long count = page_private(page) ^ ODMA_EXTENT_MARK;

	return count >> ODMA_EXTENT_BITS ? 0 : count;
}

/**
 * odma_extent() - how large is an allocation?
 * @page: its first page
 * @size: what the driver says
 *
 * Context: any.
 *
 * Return: the bytes on record, whole pages; of @size where there are none.
 */
size_t odma_extent(struct page *page, size_t size)
{
	unsigned long count = odma_noted(page);

	return count ? count << PAGE_SHIFT : PAGE_ALIGN(size);
}
EXPORT_SYMBOL_GPL(odma_extent);

/**
 * odma_recount_free() - a free ends something else than the driver says
 * @odev: the device
 * @said: bytes that the driver says, which are what the core counts
 * @extent: bytes that are freed
 *
 * Context: any.
 */
void odma_recount_free(struct odma_device *odev, size_t said, size_t extent)
{
	this_cpu_add(odev->counters->free_bytes, extent - PAGE_ALIGN(said));
}
EXPORT_SYMBOL_GPL(odma_recount_free);

/**
 * odma_end_odd_extent() - odma_end_extent(), where the driver says another size
 * @dev: the device
 * @page: the first page
 * @size: what the driver says
 *
 * One line in the log.
 *
 * Context: any.
 *
 * Return: as odma_extent().
 */
size_t odma_end_odd_extent(struct device *dev, struct page *page, size_t size)
{
	struct odma_device *odev = odma_device_of(dev);
	size_t extent = odma_extent(page, size);

	/* Without a mark it may be somebody else's by now. */
	if (!odma_noted(page))
		return extent;
	set_page_private(page, 0);
	if (!odev || __ratelimit(&odev->failures))
		pr_err("%s: free of %#zx bytes at %#llx: the allocation has %#zx, which are freed\n",
		       dev_name(dev), size, (u64)page_to_phys(page), extent);
	if (odev)
		odma_recount_free(odev, size, extent);
	return extent;
}
EXPORT_SYMBOL_GPL(odma_end_odd_extent);
