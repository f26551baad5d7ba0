// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for CPU and device: allocation, mmap, scatterlist.
 *
 * Of the attributes, NO_KERNEL_MAPPING returns the struct page as a cookie, and
 * NO_WARN keeps failures quiet. ALLOC_SINGLE_PAGES and WEAK_ORDERING are hints
 * that mean nothing here, FORCE_CONTIGUOUS and PRIVILEGED ask for what is
 * always so, WRITE_COMBINE matters to memory that is not cached.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/vmalloc.h>
#include "cache.h"
#include "direct.h"

static struct page *odma_handle_to_page(struct device *dev, dma_addr_t handle)
{
	return pfn_to_page(PHYS_PFN(odma_handle_to_phys(dev, handle)));
}

/*
 * The tail of a large order goes back, so that 33 pages don't cost 64. Small
 * orders stay whole: the page allocator keeps them ready on lists per CPU,
 * which pages given back one by one never reach.
 */
static bool odma_is_trimmed(size_t size)
{
	unsigned int order = get_order(size);

	return order > PAGE_ALLOC_COSTLY_ORDER && PFN_UP(size) != 1UL << order;
}

static void odma_free_each_page(struct page *page, unsigned long count)
{
	while (count--)
		__free_page(page++);
}

/* A compound page is one thing, for whoever asked for it. */
static void odma_trim_pages(struct page *page, size_t size)
{
	unsigned long count = PFN_UP(size);

	if (!odma_is_trimmed(size) || PageCompound(page))
		return;
	split_page(page, get_order(size));
	odma_free_each_page(page + count, (1UL << get_order(size)) - count);
}

static void odma_release_pages(struct page *page, size_t size)
{
	if (PageCompound(page))
		__free_pages(page, compound_order(page));
	else if (odma_is_trimmed(size))
		odma_free_each_page(page, PFN_UP(size));
	else
		__free_pages(page, get_order(size));
}

/* Aligned to its order by the page allocator, so no 64 KiB crosses 64 KiB. */
static struct page *odma_reachable_pages(struct device *dev, size_t size,
					 gfp_t gfp)
{
	unsigned int order = get_order(size);
	struct page *page;

	gfp |= odma_direct_zone(dev) | __GFP_ZERO;
	do {
		page = alloc_pages_node(dev_to_node(dev), gfp, order);
		if (!page)
			return NULL;
		if (odma_direct_coherent_reaches(dev, page_to_phys(page),
						 size)) {
			odma_trim_pages(page, size);
			odma_note_extent(page, size);
			return page;
		}
		__free_pages(page, order);
	} while (odma_direct_smaller_zone(&gfp));
	return NULL;
}

/* Zeroed pages that the device reaches; the caller has checked the size. */
static struct page *odma_direct_pages(struct device *dev, size_t size,
				      gfp_t gfp, unsigned long attrs)
{
	enum odma_failure why = ODMA_FAIL_MEMORY;
	struct page *page = NULL;

	/* The failure is reported below, with the device's name. */
	if (gfp & __GFP_NOWARN)
		attrs |= DMA_ATTR_NO_WARN;
	gfp |= __GFP_NOWARN;

	if (get_order(size) > ODMA_MAX_ORDER)
		why = ODMA_FAIL_SIZE_HUGE;
	else
		page = odma_reachable_pages(dev, size, gfp);
	if (!page)
		odma_map_failed(dev, 0, size, DMA_NONE, attrs, why);
	return page;
}

void *odma_coherent_alloc(struct device *dev, size_t size, dma_addr_t *handle,
			  gfp_t gfp, unsigned long attrs)
{
	struct page *page = odma_direct_pages(dev, size, gfp, attrs);

	if (!page)
		return NULL;
	*handle = odma_phys_to_handle(dev, page_to_phys(page));
	if (attrs & DMA_ATTR_NO_KERNEL_MAPPING)
		return page;
	return page_address(page);
}

void odma_coherent_free(struct device *dev, size_t size, void *cpu,
			dma_addr_t handle, unsigned long attrs)
{
	struct page *page = cpu;

	if (!(attrs & DMA_ATTR_NO_KERNEL_MAPPING))
		page = virt_to_page(cpu);
	odma_release_pages(page, odma_end_extent(dev, page, size));
}

static void *odma_noncoherent_alloc_atomic(struct device *dev, size_t size,
					   dma_addr_t *handle,
					   unsigned long attrs)
{
	phys_addr_t phys;
	void *cpu = odma_stock_alloc(dev, PAGE_ALIGN(size), &phys);

	if (!cpu) {
		odma_map_failed(dev, 0, size, DMA_NONE, attrs,
				ODMA_FAIL_ATOMIC);
		return NULL;
	}
	odma_note_extent(pfn_to_page(PHYS_PFN(phys)), size);
	*handle = odma_phys_to_handle(dev, phys);
	return cpu;
}

void *odma_noncoherent_alloc(struct device *dev, size_t size,
			     dma_addr_t *handle, gfp_t gfp,
			     unsigned long attrs)
{
	bool mapped = !(attrs & DMA_ATTR_NO_KERNEL_MAPPING);
	struct page *page;
	void *cpu;

	if (mapped && !gfpflags_allow_blocking(gfp))
		return odma_noncoherent_alloc_atomic(dev, size, handle, attrs);
	page = odma_direct_pages(dev, size, gfp, attrs);
	if (!page)
		return NULL;
	/* Not dropped: the zeroes may still be in the cache only. */
	odma_cache_clean(page_address(page), PAGE_ALIGN(size));
	cpu = mapped ? odma_uncached_map(page, size, attrs) : page;
	if (!cpu) {
		odma_release_pages(page, size);
		odma_map_failed(dev, 0, size, DMA_NONE, attrs,
				ODMA_FAIL_MEMORY);
		return NULL;
	}
	*handle = odma_phys_to_handle(dev, page_to_phys(page));
	return cpu;
}

/*
 * Not by the handle, unless what is freed has been so before: after an unbind
 * the dma-ranges that made it are gone.
 */
static struct page *odma_uncached_page(struct device *dev, const void *cpu,
				       dma_addr_t handle)
{
	if (!is_vmalloc_addr(cpu))
		return virt_to_page(cpu);
	return vmalloc_to_page(cpu) ?: odma_handle_to_page(dev, handle);
}

void odma_noncoherent_free(struct device *dev, size_t size, void *cpu,
			   dma_addr_t handle, unsigned long attrs)
{
	bool mapped = !(attrs & DMA_ATTR_NO_KERNEL_MAPPING);
	struct page *page = cpu;

	if (mapped)
		page = odma_uncached_page(dev, cpu, handle);
	size = odma_end_extent(dev, page, size);
	if (mapped && odma_stock_free(cpu, size))
		return;
	if (mapped)
		odma_uncached_unmap(cpu, page, size);
	odma_release_pages(page, size);
}

/* Cached pages; on a device that is not coherent the driver syncs them. */
struct page *odma_direct_alloc_pages(struct device *dev, size_t size,
				     dma_addr_t *handle,
				     enum dma_data_direction dir, gfp_t gfp)
{
	struct page *page = odma_direct_pages(dev, size, gfp, 0);

	if (page)
		*handle = odma_phys_to_handle(dev, page_to_phys(page));
	return page;
}

void odma_direct_free_pages(struct device *dev, size_t size,
			    struct page *page, dma_addr_t handle,
			    enum dma_data_direction dir)
{
	odma_release_pages(page, odma_end_extent(dev, page, size));
}

static int odma_direct_mmap(struct device *dev, struct vm_area_struct *vma,
			    dma_addr_t handle, size_t size, pgprot_t prot)
{
	unsigned long pfn = PHYS_PFN(odma_handle_to_phys(dev, handle));
	unsigned long count = PFN_UP(size);

	if (vma->vm_pgoff >= count || vma_pages(vma) > count - vma->vm_pgoff)
		return -ENXIO;
	vma->vm_page_prot = prot;
	return remap_pfn_range(vma, vma->vm_start, pfn + vma->vm_pgoff,
			       vma->vm_end - vma->vm_start, prot);
}

int odma_coherent_mmap(struct device *dev, struct vm_area_struct *vma,
		       void *cpu, dma_addr_t handle, size_t size,
		       unsigned long attrs)
{
	return odma_direct_mmap(dev, vma, handle, size, vma->vm_page_prot);
}

int odma_noncoherent_mmap(struct device *dev, struct vm_area_struct *vma,
			  void *cpu, dma_addr_t handle, size_t size,
			  unsigned long attrs)
{
	return odma_direct_mmap(dev, vma, handle, size,
				odma_uncached_prot(vma->vm_page_prot, attrs));
}

int odma_direct_get_sgtable(struct device *dev, struct sg_table *sgt,
			    void *cpu, dma_addr_t handle, size_t size,
			    unsigned long attrs)
{
	struct page *page = odma_handle_to_page(dev, handle);
	int ret = sg_alloc_table(sgt, 1, GFP_KERNEL);

	if (!ret)
		sg_set_page(sgt->sgl, page, PAGE_ALIGN(size), 0);
	return ret;
}
