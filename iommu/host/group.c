// SPDX-License-Identifier: GPL-2.0
/*
 * Devices that the IOMMU can't tell apart are translated together: all of them
 * or none.
 */
#define pr_fmt(fmt) "odma-iommu-host: " fmt

#include <odma/driver.h>
#include "host.h"

/*
 * Its driver may be unbound while we look, as its lock comes before the
 * group's. So that is read once; its module goes after a grace period.
 */
static int odma_host_is_used(struct device *other, void *data)
{
	const struct device_driver *driver;
	struct device *dev = data;
	int ret = 0;

	rcu_read_lock();
	driver = READ_ONCE(other->driver);
	if (other != dev && driver && !odma_driver_manages_dma(other, driver))
		ret = -EBUSY;
	if (ret)
		pr_err("%s not taken over: the IOMMU can't tell it from %s, which '%s' drives (remedy: unbind that first; the two can't be in use together while one is attached)\n",
		       dev_name(dev), dev_name(other), driver->name);
	rcu_read_unlock();
	return ret;
}

/**
 * odma_host_may_attach() - is a device's driver one that leaves DMA to others?
 * @dev: the device, which is being attached
 *
 * Context: process context.
 *
 * Return: 0, or -EBUSY with a line in the log.
 */
int odma_host_may_attach(struct device *dev)
{
	if (!dev->driver || !odma_driver_manages_dma(dev, dev->driver))
		return 0;
	pr_err("%s not taken over: its driver '%s' brings a translation of its own\n",
	       dev_name(dev), dev_driver_string(dev));
	return -EBUSY;
}

/**
 * odma_host_can_attach() - struct odma_iommu's can_attach
 * @dev: behind one of the kernel's IOMMUs
 *
 * Context: process context.
 *
 * Return: 0, or -EBUSY with a line in the log.
 */
int odma_host_can_attach(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);
	int ret = 0;

	if (group)
		ret = iommu_group_for_each_dev(group, dev, odma_host_is_used);
	iommu_group_put(group);
	return ret;
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
	return odma_host_may_attach(dev) ?:
	       iommu_group_for_each_dev(group, dev, odma_host_is_used);
}
