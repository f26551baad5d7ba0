/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What a driver says of itself.
 */
#ifndef _ODMA_DRIVER_H
#define _ODMA_DRIVER_H

#include <linux/pci.h>
#include <linux/platform_device.h>

/**
 * odma_driver_manages_dma() - does a driver do without the kernel's DMA code?
 * @dev: a device
 * @drv: the driver that it is, or was, bound to
 *
 * Drivers of bridges do no DMA, and those that hand devices to user space bring
 * a translation of their own: they say so, and the kernel gives them neither
 * its DMA code nor any protection.
 *
 * Context: any, as long as @drv stays.
 */
static inline bool odma_driver_manages_dma(const struct device *dev,
					   const struct device_driver *drv)
{
#ifdef CONFIG_PCI
	if (dev->bus == &pci_bus_type)
		return container_of(drv, struct pci_driver,
				    driver)->driver_managed_dma;
#endif
	if (dev->bus == &platform_bus_type)
		return container_of(drv, struct platform_driver,
				    driver)->driver_managed_dma;
	return false;
}

#endif /* _ODMA_DRIVER_H */
