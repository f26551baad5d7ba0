// SPDX-License-Identifier: GPL-2.0
/*
 * Streaming mappings: the twins of dma_map_*(), dma_unmap_*(), dma_sync_*().
 */
#define pr_fmt(fmt) "odma: " fmt

#include <odma/dma-mapping.h>
#include "core.h"
#include "kmsan.h"

/* The table to call on an attached device; NULL on any other. */
static __always_inline const struct dma_map_ops *odma_ops(struct device *dev)
{
	const struct dma_map_ops *ops = get_dma_ops(dev);

	return ops && ops->alloc == odma_core_alloc ? ops : NULL;
}

/*
 * The kernel's functions end in BUG() for a direction that is none, so this is
 * asked before either side of the dispatch.
 */
static __always_inline bool odma_may_map(struct device *dev, u64 addr,
					 size_t size,
					 enum dma_data_direction dir)
{
	if (likely(valid_dma_direction(dir) && dev->dma_mask))
		return true;
	odma_map_failed(dev, addr, size, dir, 0, valid_dma_direction(dir) ?
			ODMA_FAIL_NO_MASK : ODMA_FAIL_DIRECTION);
	return false;
}

static __always_inline bool odma_may_unmap(struct device *dev, dma_addr_t addr,
					   size_t size,
					   enum dma_data_direction dir)
{
	if (likely(valid_dma_direction(dir)))
		return true;
	odma_map_failed(dev, addr, size, dir, 0, ODMA_FAIL_DIRECTION);
	return false;
}

/**
 * odma_map_page_attrs() - hand a part of a page to a device
 * @dev: the device
 * @page: first page
 * @offset: bytes from its beginning; may be beyond it
 * @size: bytes, not 0
 * @dir: who will write
 * @attrs: DMA_ATTR_*
 *
 * Context: any. The CPU leaves the buffer alone until it is unmapped or
 * synced. Source: dma-api-howto.md, "Using streaming DMA mappings"; mapping.md.
 *
 * Return: the device's address of the buffer, or DMA_MAPPING_ERROR, to be
 * tested with odma_mapping_error().
 */
dma_addr_t odma_map_page_attrs(struct device *dev, struct page *page,
			       size_t offset, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_ops(dev);
	dma_addr_t addr;

	if (!odma_may_map(dev, page_to_phys(page) + offset, size, dir))
		return DMA_MAPPING_ERROR;
	if (!ops)
		return dma_map_page_attrs(dev, page, offset, size, dir, attrs);
	addr = odma_ops_map(ops, dev, page, offset, size, dir, attrs);
	if (addr != DMA_MAPPING_ERROR)
		odma_kmsan_handle(page, offset, size, dir);
	return addr;
}
EXPORT_SYMBOL_GPL(odma_map_page_attrs);

/**
 * odma_unmap_page_attrs() - take a buffer back from a device
 * @dev: as given to the map function
 * @addr: as it returned
 * @size: as given to it
 * @dir: as given to it
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 */
void odma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, addr, size, dir))
		return;
	if (!ops)
		dma_unmap_page_attrs(dev, addr, size, dir, attrs);
	else
		odma_ops_unmap(ops, dev, addr, size, dir, attrs);
}
EXPORT_SYMBOL_GPL(odma_unmap_page_attrs);

/**
 * odma_map_single_attrs() - hand a kernel buffer to a device
 * @dev: the device
 * @ptr: in the kernel's direct mapping: from kmalloc() or the page allocator
 * @size: bytes, not 0
 * @dir: who will write
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: as odma_map_page_attrs(); vmalloc memory is refused.
 */
dma_addr_t odma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				 enum dma_data_direction dir,
				 unsigned long attrs)
{
	if (unlikely(is_vmalloc_addr(ptr)))
		return odma_map_failed(dev, 0, size, dir, attrs,
				       ODMA_FAIL_VMALLOC);
	return odma_map_page_attrs(dev, virt_to_page(ptr), offset_in_page(ptr),
				   size, dir, attrs);
}
EXPORT_SYMBOL_GPL(odma_map_single_attrs);

/* As the kernel: what a backend may say is one of four errors. */
static int odma_sg_result(int ret)
{
	switch (ret) {
	case 1 ... INT_MAX:
	case -EINVAL:
	case -ENOMEM:
	case -EREMOTEIO:
		return ret;
	default:
		return -EIO;
	}
}

static int odma_map_sg_any(struct device *dev, struct scatterlist *sg,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_ops(dev);
	int ret;

	if (!odma_may_map(dev, 0, 0, dir))
		return -EINVAL;
	if (!ops)
		return dma_map_sg_attrs(dev, sg, nents, dir, attrs) ?: -EIO;
	ret = ops->map_sg(dev, sg, nents, dir, attrs);
	if (ret > 0)
		odma_kmsan_handle_sg(sg, nents, dir);
	return odma_sg_result(ret);
}

/**
 * odma_map_sg_attrs() - hand a scatterlist to a device
 * @dev: the device
 * @sg: the list, may be chained
 * @nents: its entries
 * @dir: who will write
 * @attrs: DMA_ATTR_*
 *
 * Context: any. Source: dma-api-howto.md; mapping.md, "Scatterlist".
 *
 * Return: the number of mapped entries, which may be less than @nents; 0 on
 * failure, and then nothing is mapped. Unmap with the original @nents.
 */
unsigned int odma_map_sg_attrs(struct device *dev, struct scatterlist *sg,
			       int nents, enum dma_data_direction dir,
			       unsigned long attrs)
{
	int ret = odma_map_sg_any(dev, sg, nents, dir, attrs);

	return ret < 0 ? 0 : ret;
}
EXPORT_SYMBOL_GPL(odma_map_sg_attrs);

/**
 * odma_map_sgtable() - hand an sg_table to a device
 * @dev: the device
 * @sgt: the table; its nents is set on success
 * @dir: who will write
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: 0; -EINVAL wrong use, -EIO not mappable, -ENOMEM try again later,
 * -EREMOTEIO peer-to-peer memory that the device can't have.
 */
int odma_map_sgtable(struct device *dev, struct sg_table *sgt,
		     enum dma_data_direction dir, unsigned long attrs)
{
	int ret;

	if (valid_dma_direction(dir) && dev->dma_mask && !odma_ops(dev))
		return dma_map_sgtable(dev, sgt, dir, attrs);
	ret = odma_map_sg_any(dev, sgt->sgl, sgt->orig_nents, dir, attrs);
	if (ret < 0)
		return ret;
	sgt->nents = ret;
	return 0;
}
EXPORT_SYMBOL_GPL(odma_map_sgtable);

/**
 * odma_unmap_sg_attrs() - take a scatterlist back from a device
 * @dev: as given to the map function
 * @sg: as given to it
 * @nents: as given to it, not what it returned
 * @dir: as given to it
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 */
void odma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			 enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, 0, 0, dir))
		return;
	if (!ops)
		dma_unmap_sg_attrs(dev, sg, nents, dir, attrs);
	else
		ops->unmap_sg(dev, sg, nents, dir, attrs);
}
EXPORT_SYMBOL_GPL(odma_unmap_sg_attrs);

/**
 * odma_map_resource() - let a device reach another device's registers
 * @dev: the device
 * @phys: physical address of the region, not RAM
 * @size: bytes, not 0
 * @dir: who will write
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: the device's address of the region, or DMA_MAPPING_ERROR.
 */
dma_addr_t odma_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	if (!odma_may_map(dev, phys, size, dir))
		return DMA_MAPPING_ERROR;
	return dma_map_resource(dev, phys, size, dir, attrs);
}
EXPORT_SYMBOL_GPL(odma_map_resource);

/**
 * odma_unmap_resource() - undo odma_map_resource()
 * @dev: as given to it
 * @addr: as it returned
 * @size: as given to it
 * @dir: as given to it
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 */
void odma_unmap_resource(struct device *dev, dma_addr_t addr, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	if (odma_may_unmap(dev, addr, size, dir))
		dma_unmap_resource(dev, addr, size, dir, attrs);
}
EXPORT_SYMBOL_GPL(odma_unmap_resource);

/**
 * odma_sync_single_for_cpu() - let the CPU look at a mapped buffer
 * @dev: as given to the map function
 * @addr: as it returned, or an address inside
 * @size: bytes from there
 * @dir: as given to it
 *
 * Context: any. The device does not write meanwhile.
 */
void odma_sync_single_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
			      enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, addr, size, dir))
		return;
	if (!ops)
		dma_sync_single_for_cpu(dev, addr, size, dir);
	else if (ops->sync_single_for_cpu)
		ops->sync_single_for_cpu(dev, addr, size, dir);
}
EXPORT_SYMBOL_GPL(odma_sync_single_for_cpu);

/**
 * odma_sync_single_for_device() - give a buffer back after the CPU had it
 * @dev: as given to the map function
 * @addr: as it returned, or an address inside
 * @size: bytes from there
 * @dir: as given to it
 *
 * Context: any.
 */
void odma_sync_single_for_device(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, addr, size, dir))
		return;
	if (!ops)
		dma_sync_single_for_device(dev, addr, size, dir);
	else if (ops->sync_single_for_device)
		ops->sync_single_for_device(dev, addr, size, dir);
}
EXPORT_SYMBOL_GPL(odma_sync_single_for_device);

/**
 * odma_sync_sg_for_cpu() - let the CPU look at a mapped scatterlist
 * @dev: as given to the map function
 * @sg: as given to it
 * @nents: as given to it
 * @dir: as given to it
 *
 * Context: any.
 */
void odma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg,
			  int nents, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, 0, 0, dir))
		return;
	if (!ops)
		dma_sync_sg_for_cpu(dev, sg, nents, dir);
	else if (ops->sync_sg_for_cpu)
		ops->sync_sg_for_cpu(dev, sg, nents, dir);
}
EXPORT_SYMBOL_GPL(odma_sync_sg_for_cpu);

/**
 * odma_sync_sg_for_device() - give a scatterlist back after the CPU had it
 * @dev: as given to the map function
 * @sg: as given to it
 * @nents: as given to it
 * @dir: as given to it
 *
 * Context: any.
 */
void odma_sync_sg_for_device(struct device *dev, struct scatterlist *sg,
			     int nents, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_ops(dev);

	if (!odma_may_unmap(dev, 0, 0, dir))
		return;
	if (!ops)
		dma_sync_sg_for_device(dev, sg, nents, dir);
	else if (ops->sync_sg_for_device)
		ops->sync_sg_for_device(dev, sg, nents, dir);
}
EXPORT_SYMBOL_GPL(odma_sync_sg_for_device);
