// SPDX-License-Identifier: GPL-2.0
/*
 * The safety net under the direct path: what a device can't reach bounces,
 * where there is somebody who provides bounce buffers.
 */
#include <linux/scatterlist.h>
#include <odma/bounce.h>
#include <trace/events/odma.h>
#include "cache.h"
#include "direct.h"

/* Who has bounce buffers for it; NULL where nobody would undo the mapping. */
static const struct odma_bounce *odma_net_under(struct odma_device *odev)
{
	const struct odma_bounce *bounce = odma_get_bounce(odev);

	return bounce && odma_direct_spread_net(odev) ? bounce : NULL;
}

static dma_addr_t odma_map_bounced(struct odma_device *odev,
				   const struct odma_bounce *bounce,
				   phys_addr_t phys, size_t size,
				   unsigned long attrs)
{
	phys = bounce->map(odev, phys, size, 0, attrs);
	if (phys == PHYS_ADDR_MAX)
		return DMA_MAPPING_ERROR;
	return odma_phys_to_dma(odev->dev, phys);
}

/**
 * odma_direct_bounce() - a buffer that the device can't have as it is
 * @dev: the device
 * @phys: where the buffer is
 * @addr: its DMA address
 * @size: its bytes
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * Away from the hot path.
 *
 * Context: any.
 *
 * Return: the address of a bounce buffer, or DMA_MAPPING_ERROR, having said
 * why.
 */
noinline dma_addr_t odma_direct_bounce(struct device *dev, phys_addr_t phys,
				       dma_addr_t addr, size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_bounce *bounce = odma_net_under(odev);

	if (!bounce)
		return odma_direct_fail(dev, phys, addr, size, dir, attrs);
	return odma_map_bounced(odev, bounce, phys, size, attrs);
}

/**
 * odma_direct_unshare() - a buffer whose cache lines other data may share
 * @dev: a device that does not see the CPU's caches
 * @phys: where the buffer is, in the device's reach
 * @addr: its DMA address
 * @size: its bytes
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * A line with a neighbour's bytes may be written back while the device writes
 * to the buffer. Without a safety net the buffer is taken as it is, as the
 * driver may know better.
 *
 * Context: any.
 *
 * Return: the address of a bounce buffer, or @addr; DMA_MAPPING_ERROR where
 * there is no room for it, having said so.
 */
noinline dma_addr_t odma_direct_unshare(struct device *dev, phys_addr_t phys,
					dma_addr_t addr, size_t size,
					enum dma_data_direction dir,
					unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_bounce *bounce = odma_net_under(odev);

	if (bounce)
		return odma_map_bounced(odev, bounce, phys, size, attrs);
	if (!(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_device(phys, size);
	return addr;
}

/**
 * odma_direct_shared() - odma_direct_unshare(), with its trace event
 * @dev: the device
 * @phys: where the buffer is
 * @addr: its DMA address
 * @size: its bytes
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: as odma_direct_unshare().
 */
noinline dma_addr_t odma_direct_shared(struct device *dev, phys_addr_t phys,
				       dma_addr_t addr, size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	addr = odma_direct_unshare(dev, phys, addr, size, dir, attrs);
	if (addr != DMA_MAPPING_ERROR)
		trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

/**
 * odma_direct_unreachable() - odma_direct_bounce(), with its trace event
 * @dev: the device
 * @phys: where the buffer is
 * @addr: its DMA address
 * @size: its bytes
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: as odma_direct_bounce().
 */
noinline dma_addr_t odma_direct_unreachable(struct device *dev,
					    phys_addr_t phys, dma_addr_t addr,
					    size_t size,
					    enum dma_data_direction dir,
					    unsigned long attrs)
{
	if (!odma_direct_maps_nothing(dev, addr, size))
		addr = odma_direct_bounce(dev, phys, addr, size, dir, attrs);
	if (addr != DMA_MAPPING_ERROR)
		trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

/**
 * odma_direct_undo() - an entry of a list could not be mapped
 * @dev: the device
 * @sgl: the list
 * @nents: the entries before that one
 * @dir: direction
 * @attrs: DMA_ATTR_*
 *
 * The device has written nothing, so nothing is copied back.
 *
 * Context: any.
 *
 * Return: -EIO, or -ENOMEM where a bounce buffer is what was missing.
 */
noinline int odma_direct_undo(struct device *dev, struct scatterlist *sgl,
			      int nents, enum dma_data_direction dir,
			      unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_bounce *bounce = odev->bounce;
	struct scatterlist *sg;
	int i;

	if (!bounce)
		return -EIO;
	for_each_sg(sgl, sg, nents, i)
		if (sg->length)
			bounce->unmap(odev,
				      dma_to_phys(dev, sg_dma_address(sg)),
				      sg->length, dir,
				      attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return -ENOMEM;
}

/*
 * The device will get this mask: time to have bounce buffers that it reaches,
 * as a mapping may be made where nothing can be waited for. That there are none
 * does not speak against the mask: the driver may never need one.
 */
int odma_direct_mask_supported(struct device *dev, u64 mask)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_bounce *bounce;

	if (!odma_direct_supported(dev, mask))
		return 0;
	if (odev && !odma_direct_covers_memory(dev, mask)) {
		bounce = odma_get_bounce(odev);
		if (bounce)
			bounce->prepare(odev, mask);
	}
	return 1;
}

size_t odma_direct_max_mapping_size(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct odma_bounce *bounce;

	if (!odev || odma_direct_covers_memory(dev, *dev->dma_mask))
		return SIZE_MAX;
	bounce = odma_get_bounce(odev);
	return bounce ? bounce->max_mapping_size(odev) : SIZE_MAX;
}
