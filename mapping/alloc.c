// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that CPU and device share: the twins of dma_alloc_attrs() and its
 * kin, and the entries through which an attached device's allocations come.
 */
#include <linux/percpu.h>
#include <odma/dma-mapping.h>
#include <trace/events/odma.h>
#include "core.h"

void odma_count_alloc(struct odma_device *odev, size_t size)
{
	this_cpu_inc(odev->counters->allocs);
	this_cpu_add(odev->counters->alloc_bytes, PAGE_ALIGN(size));
}

void odma_count_free(struct odma_device *odev, size_t size)
{
	this_cpu_inc(odev->counters->frees);
	this_cpu_add(odev->counters->free_bytes, PAGE_ALIGN(size));
}

/*
 * What no backend needs to be asked about, and what the kernel's functions
 * would answer with a stack trace.
 */
bool odma_may_alloc(struct device *dev, size_t size, gfp_t gfp, gfp_t refused,
		    unsigned long attrs)
{
	enum odma_failure why;

	if (gfp & __GFP_NOWARN)
		attrs |= DMA_ATTR_NO_WARN;
	if (unlikely(!size))
		why = ODMA_FAIL_SIZE_ZERO;
	else if (unlikely(PAGE_ALIGN(size) < size))
		why = ODMA_FAIL_WRAP;
	else if (unlikely(gfp & refused))
		why = ODMA_FAIL_GFP;
	else if (unlikely(!dev->coherent_dma_mask))
		why = ODMA_FAIL_NO_MASK;
	else
		return true;
	odma_map_failed(dev, 0, size, DMA_NONE, attrs, why);
	return false;
}

/* The device's pools come first, the backend where they may be left. */
static void *odma_alloc_any(struct odma_device *odev, size_t size,
			    dma_addr_t *handle, gfp_t gfp,
			    unsigned long attrs)
{
	bool only = false;
	void *cpu = NULL;

	if (rcu_access_pointer(odev->pools) && odev->state != ODMA_REFUSED)
		cpu = odma_pool_ops->alloc(odev, size, handle, &only);
	if (!cpu && !only)
		return odev->base->alloc(odev->dev, size, handle,
					 gfp & ~ODMA_ZONE_FLAGS, attrs);
	if (!cpu && !(gfp & __GFP_NOWARN) && !(attrs & DMA_ATTR_NO_WARN))
		odma_pool_ops->full(odev, size);
	/* That has put it into words. */
	if (!cpu)
		odma_map_failed(odev->dev, 0, size, DMA_NONE,
				attrs | DMA_ATTR_NO_WARN, ODMA_FAIL_POOL);
	return cpu;
}

/**
 * odma_core_alloc() - dma_map_ops::alloc of every attached device
 * @dev: an attached device
 * @size: bytes
 * @handle: the device's address of the memory
 * @gfp: how to allocate
 * @attrs: DMA_ATTR_*
 *
 * Exported for odma_device_of() to compare with, not to be called.
 *
 * Return: as odma_alloc_attrs().
 */
void *odma_core_alloc(struct device *dev, size_t size, dma_addr_t *handle,
		      gfp_t gfp, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	void *cpu = NULL;

	*handle = DMA_MAPPING_ERROR;
	if (odma_may_alloc(dev, size, gfp, ODMA_GFP_REFUSED, attrs))
		cpu = odma_alloc_any(odev, size, handle, gfp, attrs);
	if (cpu)
		odma_count_alloc(odev, size);
	trace_odma_alloc(dev, cpu, *handle, size, gfp, attrs);
	return cpu;
}
EXPORT_SYMBOL_GPL(odma_core_alloc);

/* dma_map_ops::free of every attached device */
void odma_core_free(struct device *dev, size_t size, void *cpu,
		    dma_addr_t handle, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);

	trace_odma_free(dev, cpu, handle, size, 0, attrs);
	if (!rcu_access_pointer(odev->pools) ||
	    !odma_pool_ops->free(odev, cpu, &size))
		odev->base->free(dev, size, cpu, handle, attrs);
	if (size)
		odma_count_free(odev, size);
}

/* dma_map_ops::mmap of every attached device whose backend has one */
int odma_core_mmap(struct device *dev, struct vm_area_struct *vma, void *cpu,
		   dma_addr_t handle, size_t size, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	int ret = 1;

	if (rcu_access_pointer(odev->pools))
		ret = odma_pool_ops->mmap(odev, vma, cpu, size);
	if (ret != 1)
		return ret;
	return odev->base->mmap(dev, vma, cpu, handle, size, attrs);
}

/* dma_map_ops::get_sgtable, likewise */
int odma_core_get_sgtable(struct device *dev, struct sg_table *sgt, void *cpu,
			  dma_addr_t handle, size_t size, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	int ret = 1;

	if (rcu_access_pointer(odev->pools))
		ret = odma_pool_ops->get_sgtable(odev, sgt, cpu, size);
	if (ret != 1)
		return ret;
	return odev->base->get_sgtable(dev, sgt, cpu, handle, size, attrs);
}

/* dma_map_ops::alloc_pages of every attached device */
struct page *odma_core_alloc_pages(struct device *dev, size_t size,
				   dma_addr_t *handle,
				   enum dma_data_direction dir, gfp_t gfp)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct dma_map_ops *base = odev->base;
	struct page *page = NULL;

	*handle = DMA_MAPPING_ERROR;
	if (base->odma_alloc_pages_op &&
	    odma_may_alloc(dev, size, gfp, ODMA_GFP_REFUSED, 0))
		page = base->odma_alloc_pages_op(dev, size, handle, dir,
						 gfp & ~ODMA_ZONE_FLAGS);
	if (page)
		odma_count_alloc(odev, size);
	trace_odma_alloc(dev, page ? page_address(page) : NULL, *handle, size,
			 gfp, 0);
	return page;
}

/* dma_map_ops::free_pages of every attached device */
void odma_core_free_pages(struct device *dev, size_t size, struct page *page,
			  dma_addr_t handle, enum dma_data_direction dir)
{
	struct odma_device *odev = odma_device_of(dev);

	trace_odma_free(dev, page_address(page), handle, size, 0, 0);
	odev->base->free_pages(dev, size, page, handle, dir);
	odma_count_free(odev, size);
}

/**
 * odma_alloc_attrs() - allocate memory that CPU and device share
 * @dev: the device
 * @size: bytes, not 0
 * @handle: the device's address of it
 * @gfp: how to allocate; zone flags are ignored, the coherent mask decides
 * @attrs: DMA_ATTR_*
 *
 * The memory is zeroed and aligned to the smallest power of two of pages that
 * holds it, for CPU and device. Source: dma-api-howto.md, "Using consistent DMA
 * mappings"; mapping.md.
 *
 * Context: any that @gfp allows.
 *
 * Return: the CPU's address (with DMA_ATTR_NO_KERNEL_MAPPING a cookie), or
 * NULL.
 */
void *odma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs)
{
	if (odma_device_of(dev) && !odma_has_kernel_pool(dev))
		return odma_core_alloc(dev, size, handle, gfp, attrs);
	/* Here the kernel would warn with a stack trace, or run on. */
	if (!odma_may_alloc(dev, size, gfp, ODMA_GFP_REFUSED, attrs))
		return NULL;
	return dma_alloc_attrs(dev, size, handle, gfp, attrs);
}
EXPORT_SYMBOL_GPL(odma_alloc_attrs);

/**
 * odma_free_attrs() - free memory from odma_alloc_attrs()
 * @dev: as given to it
 * @size: as given to it
 * @cpu: as it returned; NULL is ignored
 * @handle: as it returned
 * @attrs: as given to it
 *
 * Context: any with interrupts enabled.
 */
void odma_free_attrs(struct device *dev, size_t size, void *cpu,
		     dma_addr_t handle, unsigned long attrs)
{
	if (!odma_device_of(dev) || odma_has_kernel_pool(dev))
		dma_free_attrs(dev, size, cpu, handle, attrs);
	else if (cpu)
		odma_core_free(dev, size, cpu, handle, attrs);
}
EXPORT_SYMBOL_GPL(odma_free_attrs);

/**
 * odma_get_sgtable_attrs() - describe shared memory as a scatterlist
 * @dev: as given to odma_alloc_attrs()
 * @sgt: filled in; the caller frees it with sg_free_table()
 * @cpu: as odma_alloc_attrs() returned
 * @handle: as odma_alloc_attrs() returned
 * @size: as given to odma_alloc_attrs()
 * @attrs: as given to odma_alloc_attrs()
 *
 * Context: process context, may sleep.
 *
 * Return: 0, -ENOMEM, -ENXIO.
 */
int odma_get_sgtable_attrs(struct device *dev, struct sg_table *sgt, void *cpu,
			   dma_addr_t handle, size_t size, unsigned long attrs)
{
	return dma_get_sgtable_attrs(dev, sgt, cpu, handle, size, attrs);
}
EXPORT_SYMBOL_GPL(odma_get_sgtable_attrs);

/**
 * odma_mmap_attrs() - let a process see shared memory
 * @dev: as given to odma_alloc_attrs()
 * @vma: where; vm_pgoff is the page offset into the memory
 * @cpu: as odma_alloc_attrs() returned
 * @handle: as odma_alloc_attrs() returned
 * @size: as given to odma_alloc_attrs()
 * @attrs: as given to odma_alloc_attrs()
 *
 * Context: process context, mmap lock held.
 *
 * Return: 0; -ENXIO where @vma reaches beyond the memory.
 */
int odma_mmap_attrs(struct device *dev, struct vm_area_struct *vma, void *cpu,
		    dma_addr_t handle, size_t size, unsigned long attrs)
{
	return dma_mmap_attrs(dev, vma, cpu, handle, size, attrs);
}
EXPORT_SYMBOL_GPL(odma_mmap_attrs);
