// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching by a call: what a driver or platform code says of one device.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/device/bus.h>
#include "core.h"

/**
 * odma_attach() - put a backend under a device, by its driver or platform code
 * @dev: a registered device with a bus that is no module's
 * @backend: a registered backend's name
 * @flags: ODMA_STATS, ODMA_BYPASS, both or 0
 *
 * Call it before the device's first mapping: at the beginning of probe, or
 * with no driver bound. The attachment ends with odma_detach(), or when a
 * driver is unbound, whichever comes first; a rule is what lasts longer. What
 * is live then keeps it: see odma_detach().
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL no bus or unknown flags, -ENODEV a bus that can't be
 * watched, -EBUSY attached already, -ENOENT no such backend, -EOPNOTSUPP the
 * kernel's IOMMU translates the device, memory is encrypted or the device has
 * no DMA mask, -ENOMEM. Each error is also a line in the log.
 */
int odma_attach(struct device *dev, const char *backend, unsigned long flags)
{
	struct odma_terms terms = { .backend = backend, .flags = flags };
	int ret;

	if (!dev->bus || (flags & ~ODMA_FLAGS)) {
		pr_err("%s not attached: %s\n", dev_name(dev),
		       dev->bus ? "unknown flags" : "it is on no bus");
		return -EINVAL;
	}
	ret = odma_check_bus(dev->bus) ?: odma_watch_bus(dev->bus);
	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	ret = odma_life_attach(dev, &terms);
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_attach);

/**
 * odma_detach() - undo odma_attach()
 * @dev: an attached device
 *
 * Where a mapping or an allocation is live, the attachment lingers until none
 * is, and the log says so.
 *
 * Context: process context, may sleep; no DMA call of @dev is under way.
 *
 * Return: 0, or -ENOENT where @dev is not attached (also a line in the log).
 */
int odma_detach(struct device *dev)
{
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_life_detach(dev);
	mutex_unlock(&odma_mutex);
	if (ret)
		pr_err("%s not detached: it is not attached\n", dev_name(dev));
	return ret;
}
EXPORT_SYMBOL_GPL(odma_detach);
