// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping, unmapping and invalidation, by the kernel's IOMMU API.
 */
#include <linux/align.h>
#include <linux/sizes.h>
#include "host.h"

/*
 * A range that is larger is invalidated with the whole domain: Intel's driver
 * on 6.1 counts the pages of a range in 32 bits.
 */
#define ODMA_HOST_RANGE_MAX	SZ_1G

static struct iommu_domain *odma_host_kernel(struct odma_iommu_domain *domain)
{
	return ((struct odma_host *)domain->priv)->kernel;
}

static int odma_host_prot(unsigned int prot)
{
	int kernel = 0;

	if (prot & ODMA_READ)
		kernel |= IOMMU_READ;
	if (prot & ODMA_WRITE)
		kernel |= IOMMU_WRITE;
	if (prot & ODMA_NOEXEC)
		kernel |= IOMMU_NOEXEC;
	if (prot & ODMA_PRIV)
		kernel |= IOMMU_PRIV;
	if (prot & ODMA_DEVICE)
		kernel |= IOMMU_MMIO;
	else if (prot & ODMA_CACHED)
		kernel |= IOMMU_CACHE;
	return kernel;
}

/*
 * When memory runs out half-way, the kernel unmaps what the IOMMU's driver
 * says it has mapped. Intel's says "nothing" of a run that it has begun: that
 * would stay, behind what the kernel has unmapped, and whoever is given these
 * addresses next would reach the old memory.
 */
static void odma_host_unwind(struct iommu_domain *kernel, u64 iova,
			     phys_addr_t phys, size_t size)
{
	size_t page = 1UL << __ffs(kernel->pgsize_bitmap);
	size_t at = 0, run;

	while (at < size) {
		run = 0;
		while (at + run < size &&
		       iommu_iova_to_phys(kernel, iova + at + run) ==
		       phys + at + run)
			run += page;
		if (run)
			iommu_unmap(kernel, iova + at, run);
		at += run ?: page;
	}
}

/**
 * odma_host_map() - struct odma_iommu's map
 * @domain: the domain
 * @iova: where; nothing is mapped there. Not all drivers of IOMMUs look, and
 *	Intel's overwrites what is.
 * @phys: what
 * @size: bytes; like the addresses, a multiple of the smallest page
 * @prot: ODMA_READ, ...
 * @gfp: for tables
 *
 * Context: any that @gfp allows.
 *
 * Return: 0, -EINVAL, -ENOMEM, or what the IOMMU's driver said; nothing is
 * mapped then.
 */
int odma_host_map(struct odma_iommu_domain *domain, u64 iova, phys_addr_t phys,
		  size_t size, unsigned int prot, gfp_t gfp)
{
	struct iommu_domain *kernel = odma_host_kernel(domain);
	int ret;

	ret = odma_unmanaged_map(kernel, iova, phys, size, odma_host_prot(prot),
				 gfp);
	if (ret == -ENOMEM)
		odma_host_unwind(kernel, iova, phys, size);
	return ret;
}

/*
 * What is left to be invalidated: of a range that the driver has gathered, the
 * rest is done. An SMMU is told of a range which size its pages have, and
 * forgets no others: so only what has the same size is one range.
 */
static void odma_host_gather(struct odma_iommu_domain *domain, u64 iova,
			     size_t size, struct iommu_iotlb_gather *seen,
			     struct odma_iommu_gather *gather)
{
	struct odma_gather *range = &gather->range;
	size_t granule = seen->pgsize ?:
		1UL << __ffs(odma_host_kernel(domain)->pgsize_bitmap);

	if (!odma_gather_is_empty(range) && range->granule != granule)
		odma_host_flush(domain, gather);
	if (seen->end) {
		iova = seen->start;
		size = seen->end - seen->start + 1;
	}
	odma_gather_add(range, iova, size, granule);
	list_splice_tail(&seen->freelist, &gather->pages);
}

/**
 * odma_host_unmap() - struct odma_iommu's unmap
 * @domain: the domain
 * @iova: where
 * @size: bytes. They have been looked up: where there is no table for @iova,
 *	Intel's driver unmaps from there on as much as one is for, and what
 *	wasn't mapped it counts with the rest.
 * @gather: what is to be invalidated is added
 *
 * Context: any.
 *
 * Return: bytes unmapped, more than @size where that is part of a larger leaf.
 */
size_t odma_host_unmap(struct odma_iommu_domain *domain, u64 iova, size_t size,
		       struct odma_iommu_gather *gather)
{
	struct iommu_domain *kernel = odma_host_kernel(domain);
	struct iommu_iotlb_gather seen;
	size_t done;

	iommu_iotlb_gather_init(&seen);
	done = iommu_unmap_fast(kernel, iova, size, &seen);
	if (done)
		odma_host_gather(domain, iova, done, &seen, gather);
	return done;
}

/* The kernel's answer for nothing is 0, where an odd byte can't be. */
phys_addr_t odma_host_iova_to_phys(struct odma_iommu_domain *domain, u64 iova)
{
	phys_addr_t odd = iommu_iova_to_phys(odma_host_kernel(domain),
					     iova | 1);

	return odd ? odd - !(iova & 1) : PHYS_ADDR_MAX;
}

/*
 * Invalidate a range, and free tables: how that is done, and counted, only the
 * IOMMU's driver knows.
 */
static void odma_host_sync(struct iommu_domain *kernel, u64 start, u64 last,
			   size_t granule, struct list_head *pages)
{
	struct iommu_iotlb_gather gather;

	iommu_iotlb_gather_init(&gather);
	gather.start = start;
	gather.end = last;
	gather.pgsize = granule;
	list_splice_init(pages, &gather.freelist);
	iommu_iotlb_sync(kernel, &gather);
}

void odma_host_flush_all(struct odma_iommu_domain *domain,
			 struct odma_iommu_gather *gather)
{
	struct iommu_domain *kernel = odma_host_kernel(domain);
	size_t page = 1UL << __ffs(kernel->pgsize_bitmap);
	u64 first = kernel->geometry.aperture_start;
	u64 last = kernel->geometry.aperture_end;

	if (kernel->ops->flush_iotlb_all) {
		kernel->ops->flush_iotlb_all(kernel);
		/* Any range will do to have the tables freed. */
		last = first + page - 1;
	}
	if (!kernel->ops->flush_iotlb_all || !list_empty(&gather->pages))
		odma_host_sync(kernel, first, last, page, &gather->pages);
	odma_gather_init(&gather->range);
}

void odma_host_flush(struct odma_iommu_domain *domain,
		     struct odma_iommu_gather *gather)
{
	const struct odma_gather *range = &gather->range;

	if (odma_gather_is_empty(range))
		return;
	if (range->last - range->start >= ODMA_HOST_RANGE_MAX) {
		odma_host_flush_all(domain, gather);
		return;
	}
	odma_host_sync(odma_host_kernel(domain), range->start, range->last,
		       range->granule, &gather->pages);
	odma_gather_init(&gather->range);
}
