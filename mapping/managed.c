// SPDX-License-Identifier: GPL-2.0
/*
 * Managed DMA memory: freed when the driver is unbound, or its probe fails.
 *
 * The kernel's devres keeps the list.  It frees in the reverse order of
 * allocation, after the driver's remove() and while the device is still
 * attached (bind.c), so the memory goes back to whom it came from.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/device.h>
#include <odma/dma-mapping.h>
#include "core.h"

/*
 * struct odma_devres - all that odma_free_attrs() will want to know
 */
struct odma_devres {
	size_t size;
	void *vaddr;
	dma_addr_t dma_handle;
	unsigned long attrs;
};

static void odmam_release(struct device *dev, void *res)
{
	const struct odma_devres *this = res;

	odma_free_attrs(dev, this->size, this->vaddr, this->dma_handle,
			this->attrs);
}

/* No two live allocations of a device share an address. */
static int odmam_match(struct device *dev, void *res, void *vaddr)
{
	const struct odma_devres *this = res;

	return this->vaddr == vaddr;
}

/**
 * odmam_alloc_attrs() - odma_alloc_attrs() that needs no free
 * @dev: the device, with a driver bound or being bound
 * @size: bytes, not 0
 * @handle: the device's address of the memory
 * @gfp: how to allocate; zone flags are ignored, the coherent mask decides
 * @attrs: DMA_ATTR_*, kept for the free
 *
 * The memory lives until the driver is unbound, its probe fails, the devres
 * group that it was allocated in is released, or odmam_free_coherent().
 * Source: mapping.md, "Managed DMA".
 *
 * Context: any that @gfp allows.
 *
 * Return: as odma_alloc_attrs(); NULL, with nothing allocated, also where
 * there is no memory to remember it.
 */
void *odmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
			gfp_t gfp, unsigned long attrs)
{
	struct odma_devres *this;

	/* Zone flags would be about the device's memory, not about this. */
	this = devres_alloc(odmam_release, sizeof(*this), gfp & ~GFP_ZONEMASK);
	if (!this)
		return NULL;
	this->vaddr = odma_alloc_attrs(dev, size, handle, gfp, attrs);
	if (!this->vaddr) {
		devres_free(this);
		return NULL;
	}
	this->size = size;
	this->dma_handle = *handle;
	this->attrs = attrs;
	devres_add(dev, this);
	return this->vaddr;
}
EXPORT_SYMBOL_GPL(odmam_alloc_attrs);

/**
 * odmam_free_coherent() - free managed memory before its time
 * @dev: as given to odmam_alloc_attrs()
 * @size: as given to it
 * @cpu: as it returned; NULL is ignored
 * @handle: as it returned
 *
 * @cpu says which memory is meant, and what was recorded for it is what is
 * freed, with the attributes of the allocation: a @size or @handle that differs
 * costs a warning in the log, no memory. Where @cpu is not managed by @dev,
 * being another device's or freed already, nothing is freed, with a warning.
 *
 * Context: any with interrupts enabled.
 */
void odmam_free_coherent(struct device *dev, size_t size, void *cpu,
			 dma_addr_t handle)
{
	struct odma_devres *this;

	if (!cpu)
		return;
	this = devres_remove(dev, odmam_release, odmam_match, cpu);
	if (!this) {
		pr_warn("%s: managed free of %zu bytes at %pad frees nothing: the device does not manage them (never allocated by odmam_alloc_attrs(), or freed already)\n",
			dev_name(dev), size, &handle);
		return;
	}
	if (this->size != size || this->dma_handle != handle)
		pr_warn("%s: managed free of %zu bytes at %pad, where %zu bytes at %pad were allocated: freeing what was allocated\n",
			dev_name(dev), size, &handle, this->size,
			&this->dma_handle);
	odmam_release(dev, this);
	devres_free(this);
}
EXPORT_SYMBOL_GPL(odmam_free_coherent);
