// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for CPU and device.
 *
 * A piece that can't be waited for is contiguous in memory, or one that the
 * driver wants so, and a small one where that is to be had. Others are pages
 * from anywhere, in a row for the CPU (by vmalloc's addresses) and for the
 * device. With NO_KERNEL_MAPPING the CPU has no address, and the cookie is the
 * array of pages.
 *
 * For a device that does not see the CPU's caches the direct path makes memory
 * that bypasses them.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "../../direct/direct.h"
#include "pages.h"

/* The page allocator keeps pieces of up to so many bytes at hand. */
#define ODMA_SMALL_BYTES	(PAGE_SIZE << PAGE_ALLOC_COSTLY_ORDER)

static void *odma_memory_failed(struct device *dev, size_t size,
				unsigned long attrs, enum odma_failure why)
{
	odma_map_failed(dev, 0, size, DMA_NONE, attrs, why);
	return NULL;
}

static dma_addr_t odma_map_memory(struct odma_translated *t, phys_addr_t phys,
				  size_t size, unsigned long attrs, gfp_t gfp)
{
	unsigned int prot = odma_iommu_prot(t, DMA_BIDIRECTIONAL, attrs);
	struct device *dev = t->odev->dev;
	enum odma_failure why;
	dma_addr_t addr;

	addr = odma_map_pages(t, phys, size, prot, dev->coherent_dma_mask, gfp,
			      &why);
	if (addr == DMA_MAPPING_ERROR)
		odma_map_failed(dev, phys, size, DMA_NONE, attrs, why);
	return addr;
}

static bool odma_must_be_contiguous(gfp_t gfp, unsigned long attrs)
{
	return !gfpflags_allow_blocking(gfp) ||
	       (attrs & DMA_ATTR_FORCE_CONTIGUOUS);
}

/*
 * The tail of a large order goes back: 33 pages don't cost 64. A compound page
 * can't be split, so whoever asks for one gets pages that each are one.
 */
static bool odma_is_split(size_t size)
{
	return size > ODMA_SMALL_BYTES;
}

static struct page *odma_get_contiguous(struct device *dev, size_t size,
					gfp_t gfp, bool split)
{
	unsigned int order = get_order(size);
	unsigned long i;
	struct page *page;

	if (order > ODMA_MAX_ORDER)
		return NULL;
	if (split)
		gfp &= ~__GFP_COMP;
	page = alloc_pages_node(dev_to_node(dev), gfp | __GFP_ZERO |
				__GFP_NOWARN, order);
	if (!page)
		return NULL;
	if (split)
		split_page(page, order);
	for (i = PFN_UP(size); split && i < 1UL << order; i++)
		__free_page(page + i);
	odma_note_extent(page, size);
	return page;
}

static void odma_put_contiguous(struct page *page, size_t size)
{
	unsigned long i;

	if (PageCompound(page))
		__free_pages(page, compound_order(page));
	else if (!odma_is_split(size))
		__free_pages(page, get_order(size));
	else
		for (i = 0; i < PFN_UP(size); i++)
			__free_page(page + i);
}

void odma_put_pages(struct page **pages, unsigned int count)
{
	while (count--)
		__free_page(pages[count]);
	kvfree(pages);
}

/* As large as there are: the device's tables get larger entries by that. */
static unsigned int odma_get_piece(struct page **pages, unsigned int count,
				   gfp_t gfp, int nid)
{
	unsigned int order = min_t(unsigned int, ilog2(count), ODMA_MAX_ORDER);
	struct page *page;
	unsigned int i;

	gfp &= ~__GFP_COMP;
	do {
		page = alloc_pages_node(nid, gfp | __GFP_ZERO | __GFP_NOWARN |
					(order ? __GFP_NORETRY : 0), order);
	} while (!page && order--);
	if (!page)
		return 0;
	if (order)
		split_page(page, order);
	for (i = 0; i < 1U << order; i++)
		pages[i] = page + i;
	return i;
}

/* Zeroed pages in an array, each of them to be freed by itself. */
struct page **odma_get_pages(struct device *dev, size_t size, gfp_t gfp,
			     bool contiguous)
{
	unsigned int done = 0, got, count = PFN_UP(size);
	struct page **pages, *page;

	if (gfpflags_allow_blocking(gfp))
		pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	else
		pages = kmalloc_array(count, sizeof(*pages), gfp);
	if (!pages)
		return NULL;
	if (contiguous) {
		page = odma_get_contiguous(dev, size, gfp, true);
		for (; page && done < count; done++)
			pages[done] = page + done;
	}
	while (done < count && !contiguous) {
		got = odma_get_piece(pages + done, count - done, gfp,
				     dev_to_node(dev));
		if (!got)
			break;
		done += got;
	}
	if (done == count) {
		odma_note_extent(pages[0], size);
		return pages;
	}
	odma_put_pages(pages, done);
	return NULL;
}

static dma_addr_t odma_map_scattered(struct odma_translated *t,
				     struct page **pages, size_t size,
				     unsigned long attrs, gfp_t gfp)
{
	unsigned int prot = odma_iommu_prot(t, DMA_BIDIRECTIONAL, attrs);
	enum odma_failure why = ODMA_FAIL_MEMORY;
	dma_addr_t addr = DMA_MAPPING_ERROR;
	struct device *dev = t->odev->dev;
	struct sg_table sgt;

	if (!sg_alloc_table_from_pages(&sgt, pages, PFN_UP(size), 0,
				       PAGE_ALIGN(size), gfp)) {
		addr = odma_map_table(t, &sgt, PAGE_ALIGN(size), prot,
				      dev->coherent_dma_mask, gfp, &why);
		sg_free_table(&sgt);
	}
	if (addr == DMA_MAPPING_ERROR)
		odma_map_failed(dev, 0, size, DMA_NONE, attrs, why);
	return addr;
}

/*
 * VM_IOREMAP: aligned to its size, as drivers are promised. VM_MAP_PUT_PAGES:
 * the array and the pages are vfree()'s from then on.
 */
static void *odma_view_pages(struct page **pages, size_t size)
{
	return vmap(pages, PFN_UP(size),
		    VM_MAP | VM_IOREMAP | VM_MAP_PUT_PAGES, PAGE_KERNEL);
}

static void *odma_alloc_scattered(struct odma_translated *t, size_t size,
				  dma_addr_t *handle, gfp_t gfp,
				  unsigned long attrs)
{
	struct device *dev = t->odev->dev;
	struct page **pages;
	void *cpu;

	pages = odma_get_pages(dev, size, gfp,
			       odma_must_be_contiguous(gfp, attrs));
	if (!pages)
		return odma_memory_failed(dev, size, attrs, ODMA_FAIL_MEMORY);
	*handle = odma_map_scattered(t, pages, size, attrs, gfp);
	if (*handle == DMA_MAPPING_ERROR)
		goto put;
	if (attrs & DMA_ATTR_NO_KERNEL_MAPPING)
		return pages;
	cpu = odma_view_pages(pages, size);
	if (cpu)
		return cpu;
	odma_unmap_now(t, *handle, PAGE_ALIGN(size));
	odma_memory_failed(dev, size, attrs, ODMA_FAIL_MEMORY);
put:
	odma_put_pages(pages, PFN_UP(size));
	return NULL;
}

static void *odma_alloc_contiguous(struct odma_translated *t, size_t size,
				   dma_addr_t *handle, gfp_t gfp,
				   unsigned long attrs)
{
	bool must = size <= PAGE_SIZE || odma_must_be_contiguous(gfp, attrs);
	struct device *dev = t->odev->dev;
	struct page *page;

	page = odma_get_contiguous(dev, size, must ? gfp : gfp | __GFP_NORETRY,
				   odma_is_split(size));
	if (!page && !must)
		return odma_alloc_scattered(t, size, handle, gfp, attrs);
	if (!page)
		return odma_memory_failed(dev, size, attrs,
					  get_order(size) > ODMA_MAX_ORDER ?
					  ODMA_FAIL_SIZE_HUGE :
					  ODMA_FAIL_MEMORY);
	*handle = odma_map_memory(t, page_to_phys(page), PAGE_ALIGN(size),
				  attrs, gfp);
	if (*handle != DMA_MAPPING_ERROR)
		return page_address(page);
	odma_put_contiguous(page, size);
	return NULL;
}

/* Uncached memory is the direct path's, known by its physical address. */
static void *odma_alloc_uncached(struct odma_translated *t, size_t size,
				 dma_addr_t *handle, gfp_t gfp,
				 unsigned long attrs)
{
	struct device *dev = t->odev->dev;
	dma_addr_t phys;
	void *cpu;

	cpu = t->direct->alloc(dev, size, &phys, gfp, attrs);
	if (!cpu)
		return NULL;
	*handle = odma_map_memory(t, phys, PAGE_ALIGN(size), attrs, gfp);
	if (*handle != DMA_MAPPING_ERROR)
		return cpu;
	t->direct->free(dev, size, cpu, phys, attrs);
	return NULL;
}

void *odma_iommu_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	if (gfp & __GFP_NOWARN)
		attrs |= DMA_ATTR_NO_WARN;
	if (!t->coherent)
		return odma_alloc_uncached(t, size, handle, gfp, attrs);
	if (!(attrs & DMA_ATTR_NO_KERNEL_MAPPING) &&
	    (size <= ODMA_SMALL_BYTES || odma_must_be_contiguous(gfp, attrs)))
		return odma_alloc_contiguous(t, size, handle, gfp, attrs);
	return odma_alloc_scattered(t, size, handle, gfp, attrs);
}

static void odma_free_uncached(struct odma_translated *t, size_t size,
			       void *cpu, dma_addr_t handle,
			       unsigned long attrs)
{
	phys_addr_t phys = odma_domain_phys(t->domain, handle);
	size_t extent = PAGE_ALIGN(size);

	if (phys != PHYS_ADDR_MAX)
		extent = odma_extent(pfn_to_page(PHYS_PFN(phys)), size);
	if (odma_unmap_now(t, handle, extent))
		t->direct->free(t->odev->dev, size, cpu, phys, attrs);
}

/* The page at an index of what was allocated for a coherent device. */
static struct page *odma_nth_page(void *cpu, unsigned long n,
				  unsigned long attrs)
{
	struct page **pages = cpu;

	if (attrs & DMA_ATTR_NO_KERNEL_MAPPING)
		return pages[n];
	if (is_vmalloc_addr(cpu))
		return vmalloc_to_page(cpu + n * PAGE_SIZE);
	return virt_to_page(cpu + n * PAGE_SIZE);
}

/* NULL where it has been freed before, when @cpu points to nothing, too. */
static struct page *odma_first_page(struct odma_translated *t, void *cpu,
				    dma_addr_t handle, unsigned long attrs)
{
	phys_addr_t phys;

	if (!(attrs & DMA_ATTR_NO_KERNEL_MAPPING))
		return odma_nth_page(cpu, 0, attrs);
	phys = odma_domain_phys(t->domain, handle);
	return phys == PHYS_ADDR_MAX ? NULL : pfn_to_page(PHYS_PFN(phys));
}

/* The device loses it first; then it may become somebody else's. */
void odma_iommu_free(struct device *dev, size_t size, void *cpu,
		     dma_addr_t handle, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	struct page *page;

	if (!t->coherent) {
		odma_free_uncached(t, size, cpu, handle, attrs);
		return;
	}
	page = odma_first_page(t, cpu, handle, attrs);
	if (!odma_unmap_now(t, handle, page ? odma_extent(page, size) :
					      PAGE_ALIGN(size)))
		return;
	if (page)
		size = odma_end_extent(dev, page, size);
	if (attrs & DMA_ATTR_NO_KERNEL_MAPPING)
		odma_put_pages(cpu, PFN_UP(size));
	else if (is_vmalloc_addr(cpu))
		vfree(cpu);
	else
		odma_put_contiguous(virt_to_page(cpu), size);
}

/* Cached pages, which the driver syncs where the device is not coherent. */
struct page *odma_iommu_alloc_pages(struct device *dev, size_t size,
				    dma_addr_t *handle,
				    enum dma_data_direction dir, gfp_t gfp)
{
	struct odma_translated *t = odma_translated(dev);
	unsigned int prot = odma_iommu_prot(t, dir, 0);
	enum odma_failure why = ODMA_FAIL_MEMORY;
	unsigned long attrs = gfp & __GFP_NOWARN ? DMA_ATTR_NO_WARN : 0;
	struct page *page;

	page = odma_get_contiguous(dev, size, gfp, odma_is_split(size));
	if (page) {
		/* The zeroes, and not what was there before. */
		if (!t->coherent)
			odma_cache_for_device(page_to_phys(page),
					      PAGE_ALIGN(size));
		*handle = odma_map_pages(t, page_to_phys(page),
					 PAGE_ALIGN(size), prot,
					 dev->coherent_dma_mask, gfp, &why);
		if (*handle != DMA_MAPPING_ERROR)
			return page;
		odma_put_contiguous(page, size);
	} else if (get_order(size) > ODMA_MAX_ORDER) {
		why = ODMA_FAIL_SIZE_HUGE;
	}
	odma_map_failed(dev, 0, size, dir, attrs, why);
	return NULL;
}

void odma_iommu_free_pages(struct device *dev, size_t size, struct page *page,
			   dma_addr_t handle, enum dma_data_direction dir)
{
	if (!odma_unmap_now(odma_translated(dev), handle,
			    odma_extent(page, size)))
		return;
	odma_put_contiguous(page, odma_end_extent(dev, page, size));
}

static int odma_map_to_process(struct vm_area_struct *vma, void *cpu,
			       unsigned long attrs)
{
	bool scattered = (attrs & DMA_ATTR_NO_KERNEL_MAPPING) ||
			 is_vmalloc_addr(cpu);
	struct page *page = odma_nth_page(cpu, vma->vm_pgoff, attrs);
	unsigned long i;
	int ret = 0;

	/* Private mappings are remapped as a whole or not at all. */
	if (!scattered)
		return remap_pfn_range(vma, vma->vm_start, page_to_pfn(page),
				       vma->vm_end - vma->vm_start,
				       vma->vm_page_prot);
	for (i = 0; i < vma_pages(vma) && !ret; i++) {
		page = odma_nth_page(cpu, vma->vm_pgoff + i, attrs);
		ret = vm_insert_page(vma, vma->vm_start + i * PAGE_SIZE, page);
	}
	return ret;
}

int odma_iommu_mmap(struct device *dev, struct vm_area_struct *vma, void *cpu,
		    dma_addr_t handle, size_t size, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	unsigned long count = PFN_UP(size);
	phys_addr_t phys;

	if (vma->vm_pgoff >= count || vma_pages(vma) > count - vma->vm_pgoff)
		return -ENXIO;
	if (t->coherent)
		return odma_map_to_process(vma, cpu, attrs);
	phys = odma_domain_phys(t->domain, handle);
	if (phys == PHYS_ADDR_MAX)
		return -ENXIO;
	return t->direct->mmap(dev, vma, cpu, phys, size, attrs);
}

int odma_iommu_get_sgtable(struct device *dev, struct sg_table *sgt, void *cpu,
			   dma_addr_t handle, size_t size, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	unsigned int i, count = PFN_UP(size);
	struct page **pages;
	phys_addr_t phys;
	int ret;

	if (!t->coherent) {
		phys = odma_domain_phys(t->domain, handle);
		if (phys == PHYS_ADDR_MAX)
			return -ENXIO;
		return t->direct->get_sgtable(dev, sgt, cpu, phys, size,
					      attrs);
	}
	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		pages[i] = odma_nth_page(cpu, i, attrs);
	ret = sg_alloc_table_from_pages(sgt, pages, count, 0, PAGE_ALIGN(size),
					GFP_KERNEL);
	kvfree(pages);
	return ret;
}
