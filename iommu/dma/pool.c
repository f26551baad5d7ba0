// SPDX-License-Identifier: GPL-2.0
/*
 * A device's own pools: mapped for it while it has them, at the addresses that
 * they are known by.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include "iommu.h"

static int odma_place_pool(struct odma_translated *t, phys_addr_t phys,
			   dma_addr_t addr, size_t size, const char **wrong)
{
	const struct odma_iommu_geometry *g = &t->domain->base.geometry;
	struct odma_domain *d = t->domain;
	u64 last = addr + size - 1;
	int ret;

	*wrong = "its IOMMU translates no such addresses";
	if (addr == DMA_MAPPING_ERROR || last < addr || addr < g->first ||
	    last > g->last)
		return -ERANGE;
	/* A rule's pools come before all mappings. */
	*wrong = "addresses there are taken (say pool= in its rule)";
	if (odma_iova_is_taken(d, addr, last))
		return -EBUSY;
	*wrong = "no memory for it";
	ret = odma_iova_reserve(d, addr, last);
	if (ret)
		return ret;
	*wrong = "it can't be mapped";
	ret = odma_domain_map(d, addr, phys, size, ODMA_READ | ODMA_WRITE,
			      GFP_KERNEL);
	if (ret)
		odma_iova_unreserve(d, addr);
	return ret;
}

/**
 * odma_iommu_map_pool() - struct odma_backend's map_pool
 * @odev: the device
 * @phys: the pool
 * @addr: the device's address of it
 * @size: its bytes
 *
 * The CPU has it write-combining, so it is not cached for the device either.
 *
 * Context: process context.
 *
 * Return: 0; -ERANGE, -EBUSY, -ENOMEM, and one line in the log.
 */
int odma_iommu_map_pool(struct odma_device *odev, phys_addr_t phys,
			dma_addr_t addr, size_t size)
{
	const char *wrong;
	int ret;

	ret = odma_place_pool(odev->priv, phys, addr, size, &wrong);
	if (ret)
		pr_err("%s: no pool %#llx+%#zx at %#llx: %s\n",
		       dev_name(odev->dev), (u64)phys, size, (u64)addr, wrong);
	return ret;
}

void odma_iommu_unmap_pool(struct odma_device *odev, dma_addr_t addr,
			   size_t size)
{
	struct odma_translated *t = odev->priv;
	struct odma_iommu_gather gather;

	odma_iommu_gather_init(&gather);
	odma_domain_unmap(t->domain, addr, size, &gather);
	odma_domain_flush(t->domain, &gather);
	odma_iova_unreserve(t->domain, addr);
}
