// SPDX-License-Identifier: GPL-2.0
/*
 * Cached pages from anywhere, which are a row for the device, and which the
 * driver syncs: dma_alloc_noncontiguous().
 */
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "../../direct/direct.h"
#include "pages.h"

static void odma_clean_list(struct sg_table *sgt)
{
	struct scatterlist *sg;
	int i;

	for_each_sgtable_sg(sgt, sg, i)
		odma_cache_for_device(sg_phys(sg), sg->length);
}

/* Its first entry has the device's address of all. */
static bool odma_map_noncontiguous(struct odma_translated *t,
				   struct sg_table *sgt, size_t size,
				   enum dma_data_direction dir, gfp_t gfp,
				   enum odma_failure *why)
{
	struct device *dev = t->odev->dev;
	dma_addr_t addr;

	if (!t->coherent)
		odma_clean_list(sgt);
	addr = odma_map_table(t, sgt, size, odma_iommu_prot(t, dir, 0),
			      dev->coherent_dma_mask, gfp, why);
	if (addr == DMA_MAPPING_ERROR)
		return false;
	odma_forget_list(sgt->sgl, sgt->orig_nents);
	sg_dma_address(sgt->sgl) = addr;
	sg_dma_len(sgt->sgl) = size;
	sgt->nents = 1;
	return true;
}

static struct sg_table *
odma_iommu_alloc_noncontiguous(struct device *dev, size_t size,
			       enum dma_data_direction dir, gfp_t gfp,
			       unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	enum odma_failure why = ODMA_FAIL_MEMORY;
	struct dma_sgt_handle *handle;

	if (gfp & __GFP_NOWARN)
		attrs |= DMA_ATTR_NO_WARN;
	size = PAGE_ALIGN(size);
	handle = kzalloc(sizeof(*handle), gfp);
	if (!handle)
		goto fail;
	handle->pages = odma_get_pages(dev, size, gfp, false);
	if (!handle->pages)
		goto free;
	if (sg_alloc_table_from_pages(&handle->sgt, handle->pages,
				      PFN_UP(size), 0, size, gfp))
		goto put;
	if (odma_map_noncontiguous(t, &handle->sgt, size, dir, gfp, &why))
		return &handle->sgt;
	sg_free_table(&handle->sgt);
put:
	odma_put_pages(handle->pages, PFN_UP(size));
free:
	kfree(handle);
fail:
	odma_map_failed(dev, 0, size, dir, attrs, why);
	return NULL;
}

static struct dma_sgt_handle *odma_handle_of(struct sg_table *sgt)
{
	return container_of(sgt, struct dma_sgt_handle, sgt);
}

static void odma_iommu_free_noncontiguous(struct device *dev, size_t size,
					  struct sg_table *sgt,
					  enum dma_data_direction dir)
{
	struct dma_sgt_handle *handle = odma_handle_of(sgt);

	if (!odma_unmap_now(odma_translated(dev), sg_dma_address(sgt->sgl),
			    odma_extent(handle->pages[0], size)))
		return;
	size = odma_end_extent(dev, handle->pages[0], size);
	odma_put_pages(handle->pages, PFN_UP(size));
	sg_free_table(sgt);
	kfree(handle);
}

static struct page **odma_iommu_noncontiguous_pages(struct sg_table *sgt)
{
	return odma_handle_of(sgt)->pages;
}

const struct odma_noncontiguous odma_iommu_noncontiguous = {
	.alloc = odma_iommu_alloc_noncontiguous,
	.free = odma_iommu_free_noncontiguous,
	.pages = odma_iommu_noncontiguous_pages,
};
