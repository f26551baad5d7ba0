// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching by a call: what a driver or platform code says of one device.
 */
#define pr_fmt(fmt) "odma: " fmt

#include "core.h"

/**
 * odma_attach() - put a backend under a device, by its driver or platform code
 * @dev: a registered device with a bus
 * @backend: a registered backend's name
 * @flags: ODMA_STATS, ODMA_BYPASS, both or 0
 *
 * Call it before the device's first mapping: at the beginning of probe, or
 * with no driver bound. The attachment ends with odma_detach(), or when a
 * driver is unbound, whichever comes first; a rule is what lasts longer.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL no bus or unknown flags, -EBUSY attached already, -ENOENT
 * no such backend, -EOPNOTSUPP the kernel's IOMMU translates the device or
 * memory is encrypted, -ENOMEM. Each error is also a line in the log.
 */
int odma_attach(struct device *dev, const char *backend, unsigned long flags)
{
	struct odma_device *odev;
	int ret;

	if (!dev->bus || (flags & ~ODMA_FLAGS)) {
		pr_err("%s not attached: %s\n", dev_name(dev),
		       dev->bus ? "unknown flags" : "it is on no bus");
		return -EINVAL;
	}
	ret = odma_watch_bus(dev->bus);
	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	if (odma_find_device(dev)) {
		pr_err("%s not attached: it is attached already\n",
		       dev_name(dev));
		ret = -EBUSY;
	} else {
		odev = odma_install(dev, backend, NULL, flags, NULL);
		ret = PTR_ERR_OR_ZERO(odev);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_attach);

/**
 * odma_detach() - undo odma_attach()
 * @dev: an attached device with no mapping and no allocation left
 *
 * Context: process context, may sleep; no DMA call of @dev is under way.
 *
 * Return: 0, or -ENOENT where @dev is not attached (also a line in the log).
 */
int odma_detach(struct device *dev)
{
	struct odma_device *odev;
	int ret = 0;

	mutex_lock(&odma_mutex);
	odev = odma_find_device(dev);
	if (odev) {
		odma_restore(odev);
	} else {
		pr_err("%s not detached: it is not attached\n", dev_name(dev));
		ret = -ENOENT;
	}
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_detach);
