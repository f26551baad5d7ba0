// SPDX-License-Identifier: GPL-2.0
/*
 * Streaming mappings of single buffers, and the table of what the kernel calls.
 *
 * Only whole pages can be translated, so the device may see what is beside the
 * buffer in its first page and its last; untrusted.c and shadow.c are for those
 * that must not.
 *
 * Nothing is kept of a mapping: what it led to is in the tables.
 */
#include <linux/bits.h>
#include <trace/events/odma.h>
#include "pages.h"

static dma_addr_t odma_iommu_map(struct device *dev, phys_addr_t phys,
				 size_t size, enum dma_data_direction dir,
				 unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	if (unlikely(!size || phys + size - 1 < phys))
		return odma_map_failed(dev, phys, size, dir, attrs, size ?
				       ODMA_FAIL_WRAP : ODMA_FAIL_SIZE_ZERO);
	if (unlikely(!t->plain))
		return odma_map_apart(t, phys, size, dir, attrs);
	return odma_map_in_place(t, phys, size, dir, attrs);
}

static void odma_iommu_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	/* What the cache holds of the buffer has to be looked up, too. */
	if (unlikely(!t->plain || !t->coherent))
		odma_unmap_apart(t, addr, size, dir, attrs);
	else
		odma_unmap_pages(t, addr, size);
}

static void odma_iommu_sync(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, bool for_cpu)
{
	struct odma_translated *t = odma_translated(dev);

	if (unlikely(!t->plain || !t->coherent))
		odma_sync_apart(t, addr, size, dir, for_cpu);
}

static __always_inline dma_addr_t
odma_iommu_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		    enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t addr = odma_iommu_map(dev, phys, size, dir, attrs);

	if (addr != DMA_MAPPING_ERROR)
		trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static __always_inline void
odma_iommu_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	odma_iommu_unmap(dev, addr, size, dir, attrs);
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

ODMA_OPS_ADAPTERS(odma_iommu)

/* Registers of another device: no RAM, so no cache and nothing to copy. */
static dma_addr_t odma_iommu_map_resource(struct device *dev, phys_addr_t phys,
					  size_t size,
					  enum dma_data_direction dir,
					  unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	unsigned int prot = odma_iommu_prot(t, dir, attrs) & ~ODMA_CACHED;
	enum odma_failure why = ODMA_FAIL_SIZE_ZERO;
	dma_addr_t addr = DMA_MAPPING_ERROR;

	if (size && phys + size - 1 < phys)
		why = ODMA_FAIL_WRAP;
	else if (size)
		addr = odma_map_pages(t, phys, size, prot | ODMA_DEVICE,
				      *dev->dma_mask,
				      GFP_ATOMIC | __GFP_NOWARN, &why);
	if (addr == DMA_MAPPING_ERROR)
		return odma_map_failed(dev, phys, size, dir, attrs, why);
	trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static void odma_iommu_unmap_resource(struct device *dev, dma_addr_t addr,
				      size_t size, enum dma_data_direction dir,
				      unsigned long attrs)
{
	odma_unmap_pages(odma_translated(dev), addr, size);
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

static void odma_iommu_sync_for_cpu(struct device *dev, dma_addr_t addr,
				    size_t size, enum dma_data_direction dir)
{
	odma_iommu_sync(dev, addr, size, dir, true);
	trace_odma_sync(dev, addr, size, dir, true);
}

static void odma_iommu_sync_for_device(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir)
{
	odma_iommu_sync(dev, addr, size, dir, false);
	trace_odma_sync(dev, addr, size, dir, false);
}

/* Some of its addresses must be left, or nothing can be mapped. */
static int odma_iommu_supported(struct device *dev, u64 mask)
{
	return odma_iova_serves(odma_translated(dev), mask);
}

/* Whatever the memory is, there are addresses of 32 bits for it. */
static u64 odma_iommu_required_mask(struct device *dev)
{
	struct odma_translated *t = odma_translated(dev);
	u64 first = t->domain->base.geometry.first;

	return max(DMA_BIT_MASK(32), DMA_BIT_MASK(fls64(first)));
}

/* Of what is untrusted, too, no more than two pages are ever copied. */
static size_t odma_iommu_max_mapping_size(struct device *dev)
{
	return SIZE_MAX;
}

/*
 * The kernel's allocator of addresses keeps up to 32 pages in a row ready on
 * each CPU, and looks for more in a tree. Nobody asks for which device.
 */
static size_t odma_iommu_opt_mapping_size(void)
{
	return 32 * SZ_4K;
}

/*
 * Where one buffer ends with its page and the next begins with one; 0 where
 * lists may come back as they were.
 */
static unsigned long odma_iommu_merge_boundary(struct device *dev)
{
	const struct odma_translated *t = odma_translated(dev);

	return t->untrusted || t->shadow ? 0 : t->domain->granule - 1;
}

const struct dma_map_ops odma_iommu_ops = {
	.alloc			= odma_iommu_alloc,
	.free			= odma_iommu_free,
	.odma_alloc_pages_op	= odma_iommu_alloc_pages,
	.free_pages		= odma_iommu_free_pages,
	.mmap			= odma_iommu_mmap,
	.get_sgtable		= odma_iommu_get_sgtable,
	ODMA_OPS_MAP(odma_iommu),
	.map_sg			= odma_iommu_map_sg,
	.unmap_sg		= odma_iommu_unmap_sg,
	ODMA_OPS_RESOURCE(odma_iommu),
	.sync_single_for_cpu	= odma_iommu_sync_for_cpu,
	.sync_single_for_device	= odma_iommu_sync_for_device,
	.sync_sg_for_cpu	= odma_iommu_sync_sg_for_cpu,
	.sync_sg_for_device	= odma_iommu_sync_sg_for_device,
	.dma_supported		= odma_iommu_supported,
	.get_required_mask	= odma_iommu_required_mask,
	.max_mapping_size	= odma_iommu_max_mapping_size,
	.opt_mapping_size	= odma_iommu_opt_mapping_size,
	.get_merge_boundary	= odma_iommu_merge_boundary,
};
