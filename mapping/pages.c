// SPDX-License-Identifier: GPL-2.0
/*
 * Cached pages that a driver allocates for its device and syncs by itself: the
 * twins of dma_alloc_pages() and dma_alloc_noncontiguous().
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include <odma/dma-mapping.h>
#include "core.h"

/* The coherent mask chooses the zone, and the owner of the pages is one. */
#define ODMA_PAGES_BAD_GFP	(ODMA_ZONE_FLAGS | ODMA_GFP_REFUSED)

/**
 * odma_alloc_pages() - allocate cached pages in a device's reach
 * @dev: the device
 * @size: bytes, not 0; whole pages are allocated
 * @handle: the device's address of them
 * @dir: who will write
 * @gfp: how to allocate; zone flags are refused, and __GFP_COMP is where the
 *	kernel refuses it
 *
 * The pages belong to the device, as after a mapping. The CPU looks at them
 * after odma_sync_single_for_cpu(), and what it wrote takes
 * odma_sync_single_for_device(). Source: core-api/dma-api.rst, "Part Ic";
 * mapping.md.
 *
 * Context: any that @gfp allows.
 *
 * Return: the first page, or NULL.
 */
struct page *odma_alloc_pages(struct device *dev, size_t size,
			      dma_addr_t *handle, enum dma_data_direction dir,
			      gfp_t gfp)
{
	if (!odma_may_alloc(dev, size, gfp, ODMA_PAGES_BAD_GFP, 0))
		return NULL;
	if (odma_device_of(dev))
		return odma_core_alloc_pages(dev, PAGE_ALIGN(size), handle, dir,
					     gfp);
	return dma_alloc_pages(dev, size, handle, dir, gfp);
}
EXPORT_SYMBOL_GPL(odma_alloc_pages);

/**
 * odma_free_pages() - free pages from odma_alloc_pages()
 * @dev: as given to it
 * @size: as given to it
 * @page: as it returned; NULL is ignored
 * @handle: as it returned
 * @dir: as given to it
 *
 * Context: any.
 */
void odma_free_pages(struct device *dev, size_t size, struct page *page,
		     dma_addr_t handle, enum dma_data_direction dir)
{
	if (!page)
		return;
	if (odma_device_of(dev))
		odma_core_free_pages(dev, PAGE_ALIGN(size), page, handle, dir);
	else
		dma_free_pages(dev, size, page, handle, dir);
}
EXPORT_SYMBOL_GPL(odma_free_pages);

/**
 * odma_mmap_pages() - let a process see pages from odma_alloc_pages()
 * @dev: as given to it
 * @vma: where; vm_pgoff is the page offset into the memory
 * @size: as given to it
 * @page: as it returned
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0; -ENXIO where @vma reaches beyond the pages.
 */
int odma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size,
		    struct page *page)
{
	return dma_mmap_pages(dev, vma, size, page);
}
EXPORT_SYMBOL_GPL(odma_mmap_pages);

/* Who gives this device such pages; NULL where that is the kernel's function */
static const struct odma_noncontiguous *odma_noncontiguous(struct device *dev)
{
	const struct odma_device *odev = odma_device_of(dev);

	return odev ? odev->backend->noncontiguous : NULL;
}

static struct sg_table *
odma_core_alloc_noncontiguous(struct device *dev, size_t size,
			      enum dma_data_direction dir, gfp_t gfp,
			      unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	struct sg_table *sgt = NULL;

	if (!odma_may_alloc(dev, size, gfp, ODMA_GFP_REFUSED, attrs))
		return NULL;
	if (odev->state == ODMA_REFUSED)
		odma_map_failed(dev, 0, size, dir, attrs, ODMA_FAIL_REFUSED);
	else
		sgt = odma_noncontiguous(dev)->alloc(dev, size, dir,
						     gfp & ~ODMA_ZONE_FLAGS,
						     attrs);
	if (sgt)
		odma_count_alloc(odev, size);
	return sgt;
}

static void odma_core_free_noncontiguous(struct device *dev, size_t size,
					 struct sg_table *sgt,
					 enum dma_data_direction dir)
{
	odma_noncontiguous(dev)->free(dev, size, sgt, dir);
	odma_count_free(odma_device_of(dev), size);
}

/* What the kernel gets of a device whose backend has such pages. */
const struct odma_noncontiguous odma_core_noncontiguous = {
	.alloc = odma_core_alloc_noncontiguous,
	.free = odma_core_free_noncontiguous,
};

/**
 * odma_alloc_noncontiguous() - allocate pages that are a row for the device
 * @dev: the device
 * @size: bytes, not 0
 * @dir: who will write
 * @gfp: how to allocate; zone flags are refused where nothing translates, and
 *	__GFP_COMP where the kernel refuses it
 * @attrs: 0 or DMA_ATTR_ALLOC_SINGLE_PAGES
 *
 * A backend that can't translate gives pages that are a row in memory, too.
 * Source: core-api/dma-api.rst, "Part Ic"; mapping.md.
 *
 * Context: any that @gfp allows.
 *
 * Return: a table with one mapped entry, or NULL.
 */
struct sg_table *odma_alloc_noncontiguous(struct device *dev, size_t size,
					  enum dma_data_direction dir,
					  gfp_t gfp, unsigned long attrs)
{
	if (attrs & ~DMA_ATTR_ALLOC_SINGLE_PAGES) {
		odma_map_failed(dev, 0, size, dir, attrs, ODMA_FAIL_ATTRS);
		return NULL;
	}
	if (odma_noncontiguous(dev))
		return odma_core_alloc_noncontiguous(dev, size, dir, gfp,
						     attrs);
	if (!odma_may_alloc(dev, size, gfp, ODMA_PAGES_BAD_GFP, 0))
		return NULL;
	return dma_alloc_noncontiguous(dev, size, dir, gfp, attrs);
}
EXPORT_SYMBOL_GPL(odma_alloc_noncontiguous);

/**
 * odma_free_noncontiguous() - free what odma_alloc_noncontiguous() gave
 * @dev: as given to it
 * @size: as given to it
 * @sgt: as it returned; NULL is ignored
 * @dir: as given to it
 *
 * Context: process context. A mapping by odma_vmap_noncontiguous() has to be
 * gone.
 */
void odma_free_noncontiguous(struct device *dev, size_t size,
			     struct sg_table *sgt, enum dma_data_direction dir)
{
	if (sgt && odma_noncontiguous(dev))
		odma_core_free_noncontiguous(dev, size, sgt, dir);
	else if (sgt)
		dma_free_noncontiguous(dev, size, sgt, dir);
}
EXPORT_SYMBOL_GPL(odma_free_noncontiguous);

/**
 * odma_vmap_noncontiguous() - let the CPU see such memory in a row
 * @dev: as given to odma_alloc_noncontiguous()
 * @size: as given to it
 * @sgt: as it returned
 *
 * Context: process context, may sleep. The cache is the caller's to maintain,
 * with flush_kernel_vmap_range() and invalidate_kernel_vmap_range().
 *
 * Return: the CPU's address, or NULL.
 */
void *odma_vmap_noncontiguous(struct device *dev, size_t size,
			      struct sg_table *sgt)
{
	if (odma_noncontiguous(dev))
		return vmap(odma_noncontiguous(dev)->pages(sgt), PFN_UP(size),
			    VM_MAP, PAGE_KERNEL);
	return dma_vmap_noncontiguous(dev, size, sgt);
}
EXPORT_SYMBOL_GPL(odma_vmap_noncontiguous);

/**
 * odma_vunmap_noncontiguous() - undo odma_vmap_noncontiguous()
 * @dev: as given to it
 * @cpu: as it returned
 *
 * Context: process context, may sleep.
 */
void odma_vunmap_noncontiguous(struct device *dev, void *cpu)
{
	if (odma_noncontiguous(dev))
		vunmap(cpu);
	else
		dma_vunmap_noncontiguous(dev, cpu);
}
EXPORT_SYMBOL_GPL(odma_vunmap_noncontiguous);

/**
 * odma_mmap_noncontiguous() - let a process see such memory
 * @dev: as given to odma_alloc_noncontiguous()
 * @vma: where; vm_pgoff is the page offset into the memory
 * @size: as given to odma_alloc_noncontiguous()
 * @sgt: as it returned
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0; -ENXIO where @vma reaches beyond the memory.
 */
int odma_mmap_noncontiguous(struct device *dev, struct vm_area_struct *vma,
			    size_t size, struct sg_table *sgt)
{
	const struct odma_noncontiguous *own = odma_noncontiguous(dev);
	unsigned long count = PFN_UP(size);

	if (!own)
		return dma_mmap_noncontiguous(dev, vma, size, sgt);
	if (vma->vm_pgoff >= count || vma_pages(vma) > count - vma->vm_pgoff)
		return -ENXIO;
	return vm_map_pages(vma, own->pages(sgt), count);
}
EXPORT_SYMBOL_GPL(odma_mmap_noncontiguous);

/**
 * odma_can_mmap() - can a process be shown what is allocated for this device?
 * @dev: the device
 *
 * Context: any. It speaks of odma_mmap_attrs() and odma_mmap_coherent().
 */
bool odma_can_mmap(struct device *dev)
{
	return dma_can_mmap(dev);
}
EXPORT_SYMBOL_GPL(odma_can_mmap);
