// SPDX-License-Identifier: GPL-2.0
/*
 * What a device can address, and how large, how aligned its buffers may be.
 *
 * None of this is on a hot path, and the kernel's functions ask an attached
 * device's table themselves: so they serve both kinds of device.
 */
#include <linux/dma-direct.h>
#include <odma/dma-mapping.h>
#include "../direct/direct.h"
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

/**
 * odma_addressing_limited() - is there memory that the device can't reach?
 * @dev: the device
 *
 * The kernel's function compares two masks, and so sees no hole in the ranges
 * of an attached device that has a mask of 64 bits and no limit.
 *
 * Context: process context.
 *
 * Return: true where its mask, or its bus, is too small for all of memory.
 */
bool odma_addressing_limited(struct device *dev)
{
	if (dma_addressing_limited(dev))
		return true;
	return odma_device_of(dev) && !odma_is_translated(dev) &&
	       odma_direct_misses_memory(dev);
}
EXPORT_SYMBOL_GPL(odma_addressing_limited);

/**
 * odma_coherent_ok() - would this memory do as shared memory of the device?
 * @dev: the device
 * @phys: physical address of the first byte
 * @size: bytes
 *
 * For devices that see memory without translation. The kernel's function is
 * not for modules, and what it asks is known here as well.
 *
 * Context: any.
 *
 * Return: true where coherent mask and bus limit reach all of it; false for
 * a size of 0 and a range that wraps.
 */
bool odma_coherent_ok(struct device *dev, phys_addr_t phys, size_t size)
{
	u64 limit = min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
	dma_addr_t addr = phys_to_dma_unencrypted(dev, phys);
	dma_addr_t last = addr + size - 1;

	return addr != DMA_MAPPING_ERROR && last >= addr && last <= limit;
}
EXPORT_SYMBOL_GPL(odma_coherent_ok);

/**
 * odma_pci_p2pdma_supported() - may the device map peer-to-peer memory?
 * @dev: the device
 *
 * Context: any.
 */
bool odma_pci_p2pdma_supported(struct device *dev)
{
	return dma_pci_p2pdma_supported(dev);
}
EXPORT_SYMBOL_GPL(odma_pci_p2pdma_supported);

/**
 * odma_max_mapping_size() - the largest buffer that one mapping takes
 * @dev: the device
 *
 * Context: any.
 *
 * Return: bytes; SIZE_MAX where there is no limit.
 */
size_t odma_max_mapping_size(struct device *dev)
{
	return dma_max_mapping_size(dev);
}
EXPORT_SYMBOL_GPL(odma_max_mapping_size);

/**
 * odma_opt_mapping_size() - the largest buffer that maps without extra cost
 * @dev: the device
 *
 * Context: any.
 *
 * Return: bytes, at most odma_max_mapping_size().
 */
size_t odma_opt_mapping_size(struct device *dev)
{
	return dma_opt_mapping_size(dev);
}
EXPORT_SYMBOL_GPL(odma_opt_mapping_size);

/**
 * odma_get_merge_boundary() - where entries of a scatterlist can be joined
 * @dev: the device
 *
 * Context: any.
 *
 * Return: a mask of the address bits that have to match, or 0 where nothing is
 * ever joined.
 */
unsigned long odma_get_merge_boundary(struct device *dev)
{
	return dma_get_merge_boundary(dev);
}
EXPORT_SYMBOL_GPL(odma_get_merge_boundary);

/**
 * odma_need_sync() - does this mapping need odma_sync_*() calls?
 * @dev: the device
 * @addr: as the map function returned
 *
 * Context: any.
 */
bool odma_need_sync(struct device *dev, dma_addr_t addr)
{
	return dma_need_sync(dev, addr);
}
EXPORT_SYMBOL_GPL(odma_need_sync);

/**
 * odma_dev_need_sync() - might any mapping of the device need them?
 * @dev: the device
 *
 * Context: any.
 *
 * Return: true also on a kernel that can't tell.
 */
bool odma_dev_need_sync(const struct device *dev)
{
#ifdef ODMA_HAVE_DMA_DEV_NEED_SYNC
	return dma_dev_need_sync(dev);
#else
	return true;
#endif
}
EXPORT_SYMBOL_GPL(odma_dev_need_sync);

/* A bus that has DMA gives its devices a place for what is set here. */
static bool odma_has_parms(struct device *dev)
{
	if (likely(dev->dma_parms))
		return true;
	odma_map_failed(dev, 0, 0, DMA_NONE, 0, ODMA_FAIL_NO_PARMS);
	return false;
}

/**
 * odma_set_max_seg_size() - say how long an entry of a scatterlist may be
 * @dev: the device
 * @size: bytes
 *
 * Context: process context, before the first mapping.
 *
 * Return: 0 or -EIO where the kernel's function returns anything at all.
 */
odma_set_parm_t odma_set_max_seg_size(struct device *dev, unsigned int size)
{
	if (!odma_has_parms(dev))
		return (odma_set_parm_t)-EIO;
	return dma_set_max_seg_size(dev, size);
}
EXPORT_SYMBOL_GPL(odma_set_max_seg_size);

/**
 * odma_set_seg_boundary() - say which boundary no entry may cross
 * @dev: the device
 * @mask: the boundary less one
 *
 * Context: process context, before the first mapping.
 *
 * Return: as odma_set_max_seg_size().
 */
odma_set_parm_t odma_set_seg_boundary(struct device *dev, unsigned long mask)
{
	if (!odma_has_parms(dev))
		return (odma_set_parm_t)-EIO;
	return dma_set_seg_boundary(dev, mask);
}
EXPORT_SYMBOL_GPL(odma_set_seg_boundary);

/**
 * odma_set_min_align_mask() - say which bits of an address a mapping must keep
 * @dev: the device
 * @mask: these bits
 *
 * A bounce backend has to respect it.
 *
 * Context: process context, before the first mapping.
 *
 * Return: as odma_set_max_seg_size().
 */
odma_set_parm_t odma_set_min_align_mask(struct device *dev, unsigned int mask)
{
	if (!odma_has_parms(dev))
		return (odma_set_parm_t)-EIO;
	return dma_set_min_align_mask(dev, mask);
}
EXPORT_SYMBOL_GPL(odma_set_min_align_mask);
