/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How pages come into the reach of a device, and out of it.
 */
#ifndef _ODMA_IOMMU_PAGES_H
#define _ODMA_IOMMU_PAGES_H

#include "../../direct/cache.h"
#include "iommu.h"

/**
 * odma_iommu_prot() - what a device may do with a buffer
 * @t: the device
 * @dir: who writes
 * @attrs: DMA_ATTR_PRIVILEGED
 *
 * WEAK_ORDERING and the other hints change nothing in Arm's tables.
 *
 * Context: any.
 *
 * Return: ODMA_READ, ...
 */
static __always_inline unsigned int
odma_iommu_prot(const struct odma_translated *t, enum dma_data_direction dir,
		unsigned long attrs)
{
	static const u8 access[] = {
		[DMA_BIDIRECTIONAL]	= ODMA_READ | ODMA_WRITE,
		[DMA_TO_DEVICE]		= ODMA_READ,
		[DMA_FROM_DEVICE]	= ODMA_WRITE,
		[DMA_NONE]		= 0,
	};
	unsigned int prot = access[dir];

	if (t->coherent)
		prot |= ODMA_CACHED;
	if (unlikely(attrs & DMA_ATTR_PRIVILEGED))
		prot |= ODMA_PRIV;
	return prot;
}

/* pages.c */
void odma_forget_list(struct scatterlist *sgl, int nents);
dma_addr_t odma_map_pages(struct odma_translated *t, phys_addr_t phys,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why);
void odma_unmap_pages(struct odma_translated *t, dma_addr_t addr, size_t size);
bool odma_unmap_whole(struct odma_translated *t, dma_addr_t addr, size_t size);
bool odma_unmap_now(struct odma_translated *t, dma_addr_t addr, size_t size);
void odma_unmap_done(struct odma_translated *t, u64 iova, size_t size,
		     size_t missing, struct odma_iommu_gather *gather);
dma_addr_t odma_map_in_place(struct odma_translated *t, phys_addr_t phys,
			     size_t size, enum dma_data_direction dir,
			     unsigned long attrs);

#endif /* _ODMA_IOMMU_PAGES_H */
