// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers that are not, or not quite, the device's to see: copied to a shadow,
 * if they are small and the rule says so, or to a bounce buffer, if the device
 * is not trusted and they begin or end inside of a page. Bounce buffers come in
 * whole pages, which have nothing but zeroes beside the buffer.
 *
 * Away from the hot path.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/memremap.h>
#include <linux/scatterlist.h>
#include <odma/bounce.h>
#include "../direct/cache.h"
#include "iommu.h"

static bool odma_is_shadowed(const struct odma_translated *t, size_t size)
{
	return size <= t->shadow_max;
}

static bool odma_is_ragged(const struct odma_translated *t, phys_addr_t phys,
			   size_t size)
{
	return t->untrusted && odma_page_offset(t->domain, phys | size);
}

/*
 * What drivers had there is 0 already. What a device wrote beside its buffer is
 * not, and another device must not read it.
 */
static void odma_clear_beside(const struct odma_domain *d, phys_addr_t slot,
			      size_t size)
{
	size_t offset = odma_page_offset(d, slot);
	void *page = phys_to_virt(slot - offset);

	memset(page, 0, offset);
	memset(page + offset + size, 0,
	       odma_page_span(d, slot, size) - offset - size);
}

static dma_addr_t odma_map_bounced(struct odma_translated *t, phys_addr_t phys,
				   size_t size, enum dma_data_direction dir,
				   unsigned long attrs)
{
	const struct odma_bounce *bounce = t->odev->bounce;
	struct device *dev = t->odev->dev;
	enum odma_failure why;
	phys_addr_t slot;
	dma_addr_t addr;

	slot = bounce->map(t->odev, phys, size, t->domain->granule, attrs);
	if (slot == PHYS_ADDR_MAX)
		return DMA_MAPPING_ERROR;
	odma_clear_beside(t->domain, slot, size);
	/* The zeroes, too. */
	if (!t->coherent)
		odma_cache_for_device(slot - odma_page_offset(t->domain, slot),
				      odma_page_span(t->domain, slot, size));
	addr = odma_map_pages(t, slot, size, odma_iommu_prot(t, dir, attrs),
			      *dev->dma_mask, GFP_ATOMIC | __GFP_NOWARN, &why);
	if (addr != DMA_MAPPING_ERROR)
		return addr;
	bounce->unmap(slot, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return odma_map_failed(dev, phys, size, dir, attrs, why);
}

/**
 * odma_map_apart() - map a buffer, by a copy where that is called for
 * @t: a device that has shadows, or is not trusted
 * @phys: the buffer
 * @size: its bytes, not 0
 * @dir: who writes
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: the device's address; DMA_MAPPING_ERROR, having said why.
 */
dma_addr_t odma_map_apart(struct odma_translated *t, phys_addr_t phys,
			  size_t size, enum dma_data_direction dir,
			  unsigned long attrs)
{
	struct device *dev = t->odev->dev;
	dma_addr_t addr = DMA_MAPPING_ERROR;

	/* Another device's memory can't be copied. */
	if (unlikely(is_pci_p2pdma_page(pfn_to_page(PHYS_PFN(phys)))))
		return odma_map_failed(dev, phys, size, dir, attrs,
				       ODMA_FAIL_P2PDMA);
	if (odma_is_shadowed(t, size))
		addr = odma_shadow_map(t, phys, size);
	if (addr != DMA_MAPPING_ERROR)
		return addr;
	if (odma_is_ragged(t, phys, size))
		return odma_map_bounced(t, phys, size, dir, attrs);
	return odma_map_in_place(t, phys, size, dir, attrs);
}

/**
 * odma_unmap_apart() - undo odma_map_apart()
 * @t: the device
 * @addr: as it returned
 * @size: as given to it
 * @dir: as given to it
 * @attrs: DMA_ATTR_*
 *
 * The device is kept out of a bounce buffer before its bytes are looked at.
 *
 * Context: any.
 */
void odma_unmap_apart(struct odma_translated *t, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	const struct odma_bounce *bounce = t->odev->bounce;
	phys_addr_t phys;

	if (t->shadow && odma_shadow_has(t->shadow, addr)) {
		odma_shadow_unmap(t, addr, dir, attrs);
		return;
	}
	phys = odma_domain_phys(t->domain, addr);
	odma_unmap_pages(t, addr, size);
	if (phys == PHYS_ADDR_MAX)
		return;
	if (!t->coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_cpu(phys, size, dir);
	if (t->untrusted)
		bounce->unmap(phys, dir, attrs);
}

void odma_sync_apart(struct odma_translated *t, dma_addr_t addr, size_t size,
		     enum dma_data_direction dir, bool for_cpu)
{
	phys_addr_t phys;

	if (t->shadow && odma_shadow_has(t->shadow, addr)) {
		odma_shadow_sync(t, addr, size, dir, for_cpu);
		return;
	}
	phys = odma_domain_phys(t->domain, addr);
	if (phys == PHYS_ADDR_MAX)
		return;
	if (!t->coherent && for_cpu)
		odma_cache_for_cpu(phys, size, dir);
	if (t->untrusted)
		t->odev->bounce->sync(phys, size, dir, for_cpu);
	if (!t->coherent && !for_cpu)
		odma_cache_for_device(phys, size);
}

/**
 * odma_list_apart() - are a list's entries mapped one by one?
 * @t: a device that has shadows, or is not trusted
 * @sgl: the list
 * @nents: its entries
 *
 * Asked again when the list is unmapped: only what does not change in between
 * may decide.
 *
 * Context: any.
 */
bool odma_list_apart(const struct odma_translated *t, struct scatterlist *sgl,
		     int nents)
{
	bool small = true, ragged = false;
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		small &= odma_is_shadowed(t, sg->length);
		ragged |= odma_is_ragged(t, sg->offset, sg->length);
	}
	return small || ragged;
}

void odma_unmap_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			   int nents, enum dma_data_direction dir,
			   unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			odma_unmap_apart(t, sg_dma_address(sg), sg_dma_len(sg),
					 dir, attrs);
}

/**
 * odma_map_list_apart() - map each entry of a list by itself
 * @t: the device
 * @sgl: the list
 * @nents: its entries
 * @dir: who writes
 * @attrs: DMA_ATTR_*
 *
 * Context: any.
 *
 * Return: @nents, -ENOMEM, or -EREMOTEIO, having said why and with nothing
 * mapped.
 */
int odma_map_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			int nents, enum dma_data_direction dir,
			unsigned long attrs)
{
	struct scatterlist *sg;
	int i, ret = 0;

	odma_forget_list(sgl, nents);
	for_each_sg(sgl, sg, nents, i) {
		if (!sg->length)
			continue;
		sg_dma_address(sg) = odma_map_apart(t, sg_phys(sg), sg->length,
						    dir, attrs);
		if (sg_dma_address(sg) == DMA_MAPPING_ERROR) {
			ret = is_pci_p2pdma_page(sg_page(sg)) ? -EREMOTEIO :
								-ENOMEM;
			break;
		}
		sg_dma_len(sg) = sg->length;
	}
	if (!ret)
		return nents;
	/* The device has written nothing: nothing to copy back. */
	odma_unmap_list_apart(t, sgl, i, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	odma_forget_list(sgl, nents);
	return ret;
}

void odma_sync_list_apart(struct odma_translated *t, struct scatterlist *sgl,
			  int nents, enum dma_data_direction dir, bool for_cpu)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			odma_sync_apart(t, sg_dma_address(sg), sg_dma_len(sg),
					dir, for_cpu);
}

/**
 * odma_untrust() - see that there are bounce buffers for a device
 * @t: the device
 *
 * Context: process context.
 *
 * Return: 0; -EOPNOTSUPP with one line in the log.
 */
int odma_untrust(struct odma_translated *t)
{
	struct device *dev = t->odev->dev;
	const struct odma_bounce *bounce = odma_get_bounce(t->odev);

	if (!bounce) {
		pr_err("%s: untrusted takes bounce buffers, and there are none (is odma-swiotlb.ko loaded, with net=1?)\n",
		       dev_name(dev));
		return -EOPNOTSUPP;
	}
	if (dev->dma_mask)
		bounce->prepare(t->odev, *dev->dma_mask);
	return 0;
}
