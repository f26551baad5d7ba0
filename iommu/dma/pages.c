// SPDX-License-Identifier: GPL-2.0
/*
 * Pages that the device sees: an address and the tables, and back. On this
 * stands every way to map anything.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/scatterlist.h>
#include "pages.h"

/* A list's DMA fields as they are of one that is not mapped. */
void odma_forget_list(struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		sg_dma_address(sg) = DMA_MAPPING_ERROR;
		sg_dma_len(sg) = 0;
	}
}

/* Away from the hot path: what was in the way is set aside, until it works. */
static noinline dma_addr_t odma_map_elsewhere(struct odma_translated *t,
					      phys_addr_t phys, size_t size,
					      unsigned int prot, u64 mask,
					      gfp_t gfp, u64 iova, int ret,
					      enum odma_failure *why)
{
	struct odma_domain *d = t->domain;
	size_t offset = odma_page_offset(d, phys);
	size_t span = odma_page_span(d, phys, size);

	while (odma_set_aside(t, iova, span, ret)) {
		iova = odma_iova_alloc(t, span, mask);
		if (!iova) {
			*why = odma_why_no_iova(t, span, mask);
			return DMA_MAPPING_ERROR;
		}
		ret = odma_domain_map(d, iova, phys - offset, span, prot, gfp);
		if (!ret)
			return iova + offset;
	}
	*why = odma_why_not_translated(ret);
	return DMA_MAPPING_ERROR;
}

/**
 * odma_map_pages() - translate an address to a piece of memory
 * @t: the device
 * @phys: where the memory is; the pages that it touches get mapped
 * @size: its bytes, not 0
 * @prot: what the device may do, ODMA_READ, ...
 * @mask: the mask that applies, streaming or coherent
 * @gfp: for tables
 * @why: set where it fails
 *
 * Context: any that @gfp allows.
 *
 * Return: the device's address, or DMA_MAPPING_ERROR.
 */
dma_addr_t odma_map_pages(struct odma_translated *t, phys_addr_t phys,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why)
{
	struct odma_domain *d = t->domain;
	size_t offset = odma_page_offset(d, phys);
	size_t span = odma_page_span(d, phys, size);
	u64 iova = odma_iova_alloc(t, span, mask);
	int ret;

	if (unlikely(!iova)) {
		*why = odma_why_no_iova(t, span, mask);
		return DMA_MAPPING_ERROR;
	}
	ret = odma_domain_map(d, iova, phys - offset, span, prot, gfp);
	if (unlikely(ret))
		return odma_map_elsewhere(t, phys, size, prot, mask, gfp, iova,
					  ret, why);
	return iova + offset;
}

/*
 * What was unmapped must not be reached any more, now or, lazily, soon. Its
 * addresses are not given to another mapping before that.
 */
static __always_inline void odma_finish_unmap(struct odma_translated *t,
					      u64 iova, size_t size,
					      struct odma_iommu_gather *gather,
					      bool lazy)
{
	struct odma_domain *d = t->domain;

	if (lazy && likely(odma_lazy_add(d->lazy, iova, size, gather)))
		return;
	odma_domain_flush(d, gather);
	odma_iova_free(d, iova, size);
}

/*
 * What is not mapped has been unmapped before, or never was mapped: its address
 * may be another mapping's by now, or the allocator's. So it stays away.
 */
static noinline void odma_unmap_missed(struct odma_translated *t, u64 iova,
				       size_t size, size_t missing,
				       struct odma_iommu_gather *gather)
{
	const char *dev = dev_name(t->odev->dev);

	if (!odma_gather_is_empty(&gather->range))
		odma_domain_flush(t->domain, gather);
	if (!__ratelimit(&t->odev->failures))
		return;
	/* ODMA_UNMAPPED_NONE is counted as nothing. */
	if ((ssize_t)missing >= 0)
		pr_err("%s: unmap of %#llx+%#zx: %#zx bytes are not mapped there (unmapped twice, or the wrong size?)\n",
		       dev, iova, size, ALIGN(missing, t->domain->granule));
	else
		pr_err("%s: unmap of %#llx+%#zx: %#zx bytes more were mapped as one, and are gone with it (the wrong size?)\n",
		       dev, iova, size, -missing);
}

/**
 * odma_unmap_done() - the tables have changed; now the rest of an unmap
 * @t: the device
 * @iova: first address
 * @size: bytes, as they were allocated
 * @missing: how many of them were not mapped, though they should have been;
 *	negative where a larger leaf went with them
 * @gather: what to invalidate
 *
 * Context: any.
 */
void odma_unmap_done(struct odma_translated *t, u64 iova, size_t size,
		     size_t missing, struct odma_iommu_gather *gather)
{
	if (likely(!missing))
		odma_finish_unmap(t, iova, size, gather, t->lazy);
	else
		odma_unmap_missed(t, iova, size, missing, gather);
}

static __always_inline bool odma_unmap_span(struct odma_translated *t,
					    dma_addr_t addr, size_t size,
					    bool lazy)
{
	struct odma_domain *d = t->domain;
	size_t span = odma_page_span(d, addr, size);
	u64 iova = addr - odma_page_offset(d, addr);
	struct odma_iommu_gather gather;
	size_t done;

	odma_iommu_gather_init(&gather);
	done = odma_domain_unmap(d, iova, span, &gather);
	if (unlikely(done != span)) {
		odma_unmap_missed(t, iova, span, span - done, &gather);
		return false;
	}
	odma_finish_unmap(t, iova, span, &gather, lazy);
	return true;
}

/**
 * odma_unmap_pages() - undo odma_map_pages()
 * @t: the device
 * @addr: as it returned
 * @size: as given to it
 *
 * Context: any.
 */
void odma_unmap_pages(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	odma_unmap_span(t, addr, size, t->lazy);
}

/**
 * odma_unmap_whole() - odma_unmap_pages(), for who has more to undo
 * @t: the device
 * @addr: as odma_map_pages() returned
 * @size: as given to it
 *
 * Context: any.
 *
 * Return: false where not all of it was mapped, having said so. What is known
 * of that address may be another mapping's then, and is to be left alone.
 */
bool odma_unmap_whole(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	return odma_unmap_span(t, addr, size, t->lazy);
}

/**
 * odma_unmap_now() - odma_unmap_pages(), whatever the rule says
 * @t: the device
 * @addr: as odma_map_pages() returned
 * @size: as given to it
 *
 * For memory that is freed next, and becomes somebody else's.
 *
 * Context: any.
 *
 * Return: as odma_unmap_whole(). The memory must not be freed then: the device
 * may reach it still, or it is another's already.
 */
bool odma_unmap_now(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	return odma_unmap_span(t, addr, size, false);
}

/**
 * odma_map_in_place() - map a buffer where it is
 * @t: the device
 * @phys: the buffer
 * @size: its bytes, not 0
 * @dir: who writes
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: the device's address; DMA_MAPPING_ERROR, having said why.
 */
dma_addr_t odma_map_in_place(struct odma_translated *t, phys_addr_t phys,
			     size_t size, enum dma_data_direction dir,
			     unsigned long attrs)
{
	struct device *dev = t->odev->dev;
	enum odma_failure why;
	dma_addr_t addr;

	if (!t->coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_device(phys, size);
	addr = odma_map_pages(t, phys, size, odma_iommu_prot(t, dir, attrs),
			      *dev->dma_mask, GFP_ATOMIC | __GFP_NOWARN, &why);
	if (unlikely(addr == DMA_MAPPING_ERROR))
		return odma_map_failed(dev, phys, size, dir, attrs, why);
	return addr;
}
