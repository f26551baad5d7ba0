// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that the IOMMU can't tell apart are translated together: all of them
 * or none.
 */
#define pr_fmt(fmt) "odma-iommu-host: " fmt

#include <odma/driver.h>
#include "host.h"

static int odma_host_is_used(struct device *other, void *data)
{
	struct device *dev = data;

	if (other == dev || !other->driver ||
	    odma_driver_manages_dma(other, other->driver))
		return 0;
	pr_err("%s not taken over: the IOMMU can't tell it from %s, which '%s' drives (remedy: unbind that first; the two can't be in use together while one is attached)\n",
	       dev_name(dev), dev_name(other), other->driver->name);
	return -EBUSY;
}

/**
 * odma_host_group_is_free() - may a device's whole group change its domain?
 * @group: the device's
 * @dev: the one that is being attached
 *
 * The kernel lets no other driver in while a domain of ours is in the place of
 * the default one: so this is good for as long as the device is attached, if
 * asked when that domain is there.
 *
 * Context: process context.
 *
 * Return: 0, or -EBUSY with a line in the log.
 */
int odma_host_group_is_free(struct iommu_group *group, struct device *dev)
{
	if (dev->driver && odma_driver_manages_dma(dev, dev->driver)) {
		pr_err("%s not taken over: its driver '%s' brings a translation of its own\n",
		       dev_name(dev), dev->driver->name);
		return -EBUSY;
	}
	return iommu_group_for_each_dev(group, dev, odma_host_is_used);
}

static int odma_host_count(struct device *dev, void *data)
{
	unsigned int *count = data;

	(*count)++;
	return 0;
}

unsigned int odma_host_group_size(struct iommu_group *group)
{
	unsigned int count = 0;

	iommu_group_for_each_dev(group, &count, odma_host_count);
	return count;
}
