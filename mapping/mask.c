// SPDX-License-Identifier: GPL-2.0
/*
 * What a device can address.
 *
 * None of this is on a hot path, and the kernel's functions ask an attached
 * device's table themselves: so they serve both kinds of device.
 */
#include <odma/dma-mapping.h>
#include "core.h"

/**
 * odma_set_mask() - say which addresses a device reaches by streaming mappings
 * @dev: the device
 * @mask: DMA_BIT_MASK() of its address bits
 *
 * Context: process context. Source: dma-api-howto.md, "DMA addressing
 * capabilities".
 *
 * Return: 0, or -EIO where DMA can't work with this mask here.
 */
int odma_set_mask(struct device *dev, u64 mask)
{
	return dma_set_mask(dev, mask);
}
EXPORT_SYMBOL_GPL(odma_set_mask);

/**
 * odma_set_coherent_mask() - the same for allocations
 * @dev: the device
 * @mask: DMA_BIT_MASK() of its address bits
 *
 * Context: process context.
 *
 * Return: 0, or -EIO where no such memory can be allocated here.
 */
int odma_set_coherent_mask(struct device *dev, u64 mask)
{
	return dma_set_coherent_mask(dev, mask);
}
EXPORT_SYMBOL_GPL(odma_set_coherent_mask);

/**
 * odma_get_required_mask() - the mask that reaches all of memory
 * @dev: the device
 *
 * Context: process context.
 *
 * Return: the smallest such mask.
 */
u64 odma_get_required_mask(struct device *dev)
{
	return dma_get_required_mask(dev);
}
EXPORT_SYMBOL_GPL(odma_get_required_mask);
