// SPDX-License-Identifier: GPL-2.0
/*
 * The dma-ranges of a device whose driver is gone. The driver core frees them
 * with the driver, and what lingers is still to be unmapped by them: an address
 * would be taken for memory that it is not, and caches written back or dropped
 * there. So there is a copy, which the device gets for as long as it lingers.
 *
 * It is the driver core's from then on: to be freed with the device, or with
 * the next driver. Only where the next bind finds ranges in the device tree
 * anew does the core put those in its place without freeing it; some bytes are
 * lost then, as nothing tells that from a bind that failed and has freed it.
 */
#include <linux/dma-direct.h>
#include <linux/slab.h>
#include "core.h"

/**
 * odma_save_ranges() - a driver is bound: keep a copy of what it maps by
 * @odev: the device
 *
 * Context: process context, the device's lock held.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_save_ranges(struct odma_device *odev)
{
	const struct bus_dma_region *map = odev->dev->dma_range_map;
	size_t count = 0;

	if (!map || odev->ranges)
		return 0;
	while (map[count].size)
		count++;
	odev->ranges = kmemdup(map, (count + 1) * sizeof(*map), GFP_KERNEL);
	return odev->ranges ? 0 : -ENOMEM;
}

/**
 * odma_lend_ranges() - a driver is gone, and left something behind
 * @odev: the device
 *
 * Context: process context, the device's lock held.
 */
void odma_lend_ranges(struct odma_device *odev)
{
	struct device *dev = odev->dev;

	if (dev->driver || dev->dma_range_map || !odev->ranges)
		return;
	dev->dma_range_map = odev->ranges;
	odev->lent = odev->ranges;
	odev->ranges = NULL;
}

/**
 * odma_return_ranges() - nothing is left that would need a copy
 * @odev: the device's, which is about to be freed
 *
 * Context: process context.
 */
void odma_return_ranges(struct odma_device *odev)
{
	struct device *dev = odev->dev;

	if (odev->lent && !dev->driver && dev->dma_range_map == odev->lent) {
		dev->dma_range_map = NULL;
		kfree(odev->lent);
	}
	kfree(odev->ranges);
}
