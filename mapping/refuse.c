// SPDX-License-Identifier: GPL-2.0
/*
 * No DMA at all: what a device gets whose rule promises something that can't
 * be kept.
 *
 * veto.c keeps its driver off it. One that is bound all the same, or was
 * before, has its masks refused and gets no address to give to its device.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/module.h>
#include <linux/pci.h>
#include "core.h"

static __always_inline dma_addr_t
odma_refused_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	return odma_map_failed(dev, phys, size, dir, attrs, ODMA_FAIL_REFUSED);
}

/* Nothing was ever mapped here. */
static __always_inline void
odma_refused_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
}

ODMA_OPS_ADAPTERS(odma_refused)

static int odma_refused_map_sg(struct device *dev, struct scatterlist *sg,
			       int nents, enum dma_data_direction dir,
			       unsigned long attrs)
{
	odma_map_failed(dev, 0, 0, dir, attrs, ODMA_FAIL_REFUSED);
	return -EINVAL;
}

static void odma_refused_unmap_sg(struct device *dev, struct scatterlist *sg,
				  int nents, enum dma_data_direction dir,
				  unsigned long attrs)
{
}

static dma_addr_t __maybe_unused
odma_refused_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			  enum dma_data_direction dir, unsigned long attrs)
{
	return odma_map_failed(dev, phys, size, dir, attrs, ODMA_FAIL_REFUSED);
}

static void __maybe_unused
odma_refused_unmap_resource(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, unsigned long attrs)
{
}

static void *odma_refused_alloc(struct device *dev, size_t size,
				dma_addr_t *handle, gfp_t gfp,
				unsigned long attrs)
{
	odma_map_failed(dev, 0, size, DMA_NONE, attrs, ODMA_FAIL_REFUSED);
	return NULL;
}

static void odma_refused_free(struct device *dev, size_t size, void *cpu,
			      dma_addr_t handle, unsigned long attrs)
{
}

static struct page *odma_refused_alloc_pages(struct device *dev, size_t size,
					     dma_addr_t *handle,
					     enum dma_data_direction dir,
					     gfp_t gfp)
{
	odma_map_failed(dev, 0, size, dir, 0, ODMA_FAIL_REFUSED);
	return NULL;
}

static void odma_refused_free_pages(struct device *dev, size_t size,
				    struct page *page, dma_addr_t handle,
				    enum dma_data_direction dir)
{
}

static int odma_refused_supported(struct device *dev, u64 mask)
{
	odma_map_failed(dev, 0, 0, DMA_NONE, 0, ODMA_FAIL_REFUSED);
	return 0;
}

static const struct dma_map_ops odma_refused_ops = {
	.alloc			= odma_refused_alloc,
	.free			= odma_refused_free,
	.odma_alloc_pages_op	= odma_refused_alloc_pages,
	.free_pages		= odma_refused_free_pages,
	ODMA_OPS_MAP(odma_refused),
	.map_sg			= odma_refused_map_sg,
	.unmap_sg		= odma_refused_unmap_sg,
	ODMA_OPS_RESOURCE(odma_refused),
	.dma_supported		= odma_refused_supported,
};

/* In no registry: a rule can't ask for it. */
const struct odma_backend odma_refusal = {
	.name = "none",
	.owner = THIS_MODULE,
	.ops = &odma_refused_ops,
};

/**
 * odma_refusing_ops() - a table that lets go of what is live, and of no more
 * @to: filled in
 * @from: the functions that what is live came from
 *
 * Context: any.
 */
void odma_refusing_ops(struct dma_map_ops *to, const struct dma_map_ops *from)
{
	*to = *from;
	to->alloc = odma_refused_alloc;
	if (to->odma_alloc_pages_op)
		to->odma_alloc_pages_op = odma_refused_alloc_pages;
	ODMA_OPS_SET_MAP_ONLY(to, odma_refused);
	to->map_sg = odma_refused_map_sg;
	to->dma_supported = odma_refused_supported;
}

/**
 * odma_stop_bus_master() - keep a device from doing what it was told before
 * @dev: a device that gets no DMA; its driver may enable it again
 *
 * Context: process context.
 */
void odma_stop_bus_master(struct device *dev)
{
#ifdef CONFIG_PCI
	if (dev_is_pci(dev))
		pci_clear_master(to_pci_dev(dev));
#endif
}
