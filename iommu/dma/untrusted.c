// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers that are not, or not quite, the device's to see: copied to a shadow,
 * if they are small and the rule says so. If the device is not trusted, a page
 * that a buffer has only a part of is a bounce buffer, with nothing but zeroes
 * beside the buffer; of a large buffer, the whole pages in between are mapped
 * where they are. And if the device does not see the CPU's caches, a buffer
 * whose lines may hold other data is one.
 *
 * Away from the hot path.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/memremap.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <odma/bounce.h>
#include "pages.h"

static bool odma_is_shadowed(const struct odma_translated *t, size_t size)
{
	return size <= t->shadow_max;
}

static bool odma_is_ragged(const struct odma_translated *t, phys_addr_t phys,
			   size_t size)
{
	return t->untrusted && odma_page_offset(t->domain, phys | size);
}

/* Its lines may hold other data, which a write-back would put over it. */
static bool odma_is_shared(const struct odma_translated *t, size_t size,
			   enum dma_data_direction dir)
{
	return !t->coherent && odma_cache_shared(size, dir);
}

/*
 * struct odma_part - bytes that are in one place
 * @phys: where; PHYS_ADDR_MAX is nowhere
 * @size: how many, may be none
 */
struct odma_part {
	phys_addr_t phys;
	size_t size;
};

/* What is in the first page, in whole pages, and in the last page. */
enum { ODMA_HEAD, ODMA_BODY, ODMA_TAIL, ODMA_PARTS };

/*
 * Where the same is cut at mapping and at unmapping. What fits a packet is
 * copied as one: emulated network cards (QEMU's e1000e, igb, vmxnet3) drop it
 * if its pages are not in a row in memory.
 */
static bool odma_is_cut(const struct odma_domain *d, u64 addr, size_t size)
{
	return odma_page_span(d, addr, size) > SZ_64K + d->granule;
}

static void odma_cut(const struct odma_domain *d, u64 addr, size_t size,
		     struct odma_part *part)
{
	size_t offset = odma_page_offset(d, addr);
	size_t head = offset ? min(size, d->granule - offset) : 0;
	size_t tail = odma_page_offset(d, size - head);

	part[ODMA_HEAD].size = head;
	part[ODMA_BODY].size = size - head - tail;
	part[ODMA_TAIL].size = tail;
}

/* Where a mapping has its parts, as the tables say. */
static void odma_find_parts(struct odma_domain *d, u64 addr,
			    struct odma_part *part)
{
	int i;

	for (i = 0; i < ODMA_PARTS; i++) {
		part[i].phys = PHYS_ADDR_MAX;
		if (part[i].size)
			part[i].phys = odma_domain_phys(d, addr);
		addr += part[i].size;
	}
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

/* Whole pages that have these bytes; PHYS_ADDR_MAX, having said why. */
static phys_addr_t odma_bounce_part(struct odma_translated *t, phys_addr_t phys,
				    size_t size, unsigned long attrs)
{
	struct odma_domain *d = t->domain;
	phys_addr_t slot;

	slot = t->odev->bounce->map(t->odev, phys, size, d->granule, attrs);
	if (slot == PHYS_ADDR_MAX)
		return slot;
	odma_clear_beside(d, slot, size);
	/* The zeroes, too. */
	if (!t->coherent)
		odma_cache_for_device(slot - odma_page_offset(d, slot),
				      odma_page_span(d, slot, size));
	return slot;
}

static void odma_unbounce_parts(struct odma_translated *t,
				const struct odma_part *part,
				enum dma_data_direction dir,
				unsigned long attrs)
{
	int i;

	for (i = 0; i < ODMA_PARTS; i++)
		if (i != ODMA_BODY && part[i].phys != PHYS_ADDR_MAX)
			t->odev->bounce->unmap(t->odev, part[i].phys,
					       part[i].size, dir, attrs);
}

/* All of it in one row. */
static dma_addr_t odma_map_bounced(struct odma_translated *t, phys_addr_t phys,
				   size_t size, enum dma_data_direction dir,
				   unsigned long attrs)
{
	struct device *dev = t->odev->dev;
	enum odma_failure why;
	phys_addr_t slot;
	dma_addr_t addr;

	slot = odma_bounce_part(t, phys, size, attrs);
	if (slot == PHYS_ADDR_MAX)
		return DMA_MAPPING_ERROR;
	addr = odma_map_pages(t, slot, size, odma_iommu_prot(t, dir, attrs),
			      *dev->dma_mask, GFP_ATOMIC | __GFP_NOWARN, &why);
	if (addr != DMA_MAPPING_ERROR)
		return addr;
	t->odev->bounce->unmap(t->odev, slot, size, dir,
			       attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return odma_map_failed(dev, phys, size, dir, attrs, why);
}

/* Bounce buffers for the pages that are not all the driver's buffer. */
static bool odma_take_ends(struct odma_translated *t, phys_addr_t phys,
			   struct odma_part *part, unsigned long attrs)
{
	phys_addr_t at = phys;
	int i;

	for (i = 0; i < ODMA_PARTS; i++)
		part[i].phys = PHYS_ADDR_MAX;
	for (i = 0; i < ODMA_PARTS; i++) {
		size_t size = part[i].size;

		if (i == ODMA_BODY)
			part[i].phys = at;
		else if (size)
			part[i].phys = odma_bounce_part(t, at, size, attrs);
		if (size && part[i].phys == PHYS_ADDR_MAX)
			return false;
		at += size;
	}
	return true;
}

/* All parts at addresses in a row; 0 or an error, with nothing mapped. */
static int odma_map_parts(struct odma_translated *t, u64 iova,
			  const struct odma_part *part, unsigned int prot)
{
	struct odma_domain *d = t->domain;
	struct odma_iommu_gather gather;
	u64 at = iova;
	int i, ret = 0;

	for (i = 0; i < ODMA_PARTS && !ret; i++) {
		size_t span = odma_page_span(d, part[i].phys, part[i].size);

		if (!part[i].size)
			continue;
		ret = odma_domain_map(d, at, round_down(part[i].phys,
							d->granule),
				      span, prot, GFP_ATOMIC | __GFP_NOWARN);
		if (!ret)
			at += span;
	}
	if (ret && at != iova) {
		odma_iommu_gather_init(&gather);
		odma_domain_unmap(d, iova, at - iova, &gather);
		odma_domain_flush(d, &gather);
	}
	return ret;
}

/* A large one, and the first page or the last is not all the buffer's. */
static dma_addr_t odma_map_cut(struct odma_translated *t, phys_addr_t phys,
			       size_t size, enum dma_data_direction dir,
			       unsigned long attrs)
{
	struct odma_domain *d = t->domain;
	struct device *dev = t->odev->dev;
	size_t span = odma_page_span(d, phys, size);
	enum odma_failure why;
	struct odma_part part[ODMA_PARTS];
	u64 iova = 0;
	int ret;

	odma_cut(d, phys, size, part);
	if (!odma_take_ends(t, phys, part, attrs))
		goto drop;
	if (!t->coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_cache_for_device(part[ODMA_BODY].phys,
				      part[ODMA_BODY].size);
	do {
		iova = odma_iova_alloc(t, span, *dev->dma_mask);
		if (!iova) {
			why = odma_why_no_iova(t, span, *dev->dma_mask);
			goto failed;
		}
		ret = odma_map_parts(t, iova, part,
				     odma_iommu_prot(t, dir, attrs));
		if (!ret)
			return iova + odma_page_offset(d, phys);
	} while (odma_set_aside(t, iova, span, ret));
	why = odma_why_not_translated(ret);
failed:
	odma_map_failed(dev, phys, size, dir, attrs, why);
drop:
	odma_unbounce_parts(t, part, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return DMA_MAPPING_ERROR;
}

/**
 * odma_map_apart() - map a buffer, by a copy where that is called for
 * @t: a device that is not plain
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
		addr = odma_shadow_map(t, phys, size, dir);
	if (addr != DMA_MAPPING_ERROR)
		return addr;
	/* Without bounce buffers what is shared is taken as it is. */
	if (!odma_is_ragged(t, phys, size) &&
	    !(odma_is_shared(t, size, dir) && odma_get_bounce(t->odev)))
		return odma_map_in_place(t, phys, size, dir, attrs);
	if (odma_is_cut(t->domain, phys, size))
		return odma_map_cut(t, phys, size, dir, attrs);
	return odma_map_bounced(t, phys, size, dir, attrs);
}

/* What was mapped by pages had no copy, and needs no look at the caches. */
static bool odma_is_as_mapped(const struct odma_translated *t)
{
	return !t->untrusted && t->coherent;
}

/* Where the device is trusted, a buffer is all in one place. */
static void odma_parts_of(struct odma_translated *t, u64 addr, size_t size,
			  bool cut, struct odma_part *part)
{
	part[ODMA_HEAD].size = size;
	part[ODMA_BODY].size = 0;
	part[ODMA_TAIL].size = 0;
	if (t->untrusted && cut)
		odma_cut(t->domain, addr, size, part);
	odma_find_parts(t->domain, addr, part);
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
	struct odma_part part[ODMA_PARTS];
	int i;

	if (t->shadow && odma_shadow_has(t->shadow, addr)) {
		odma_shadow_unmap(t, addr, size, dir, attrs);
		return;
	}
	if (odma_is_as_mapped(t)) {
		odma_unmap_pages(t, addr, size);
		return;
	}
	odma_parts_of(t, addr, size, odma_is_cut(t->domain, addr, size), part);
	if (!odma_unmap_whole(t, addr, size))
		return;
	for (i = 0; i < ODMA_PARTS; i++)
		if (!t->coherent && part[i].phys != PHYS_ADDR_MAX &&
		    !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
			odma_cache_for_cpu(part[i].phys, part[i].size, dir);
	if (t->odev->bounce)
		odma_unbounce_parts(t, part, dir, attrs);
}

static void odma_sync_part(struct odma_translated *t,
			   const struct odma_part *part,
			   enum dma_data_direction dir, bool for_cpu)
{
	if (part->phys == PHYS_ADDR_MAX)
		return;
	if (!t->coherent && for_cpu)
		odma_cache_for_cpu(part->phys, part->size, dir);
	if (t->odev->bounce)
		t->odev->bounce->sync(t->odev, part->phys, part->size, dir,
				      for_cpu);
	if (!t->coherent && !for_cpu)
		odma_cache_for_device(part->phys, part->size);
}

/* A piece of a mapping, which need not say where all of it has been cut. */
void odma_sync_apart(struct odma_translated *t, dma_addr_t addr, size_t size,
		     enum dma_data_direction dir, bool for_cpu)
{
	struct odma_part part[ODMA_PARTS];
	int i;

	if (t->shadow && odma_shadow_has(t->shadow, addr)) {
		odma_shadow_sync(t, addr, size, dir, for_cpu);
		return;
	}
	if (odma_is_as_mapped(t))
		return;
	odma_parts_of(t, addr, size, true, part);
	for (i = 0; i < ODMA_PARTS; i++)
		odma_sync_part(t, &part[i], dir, for_cpu);
}

static bool odma_list_shared(struct scatterlist *sgl, int nents,
			     enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (odma_cache_shared(sg->length, dir))
			return true;
	return false;
}

/**
 * odma_list_apart() - are a list's entries mapped one by one?
 * @t: a device that is not plain
 * @sgl: the list
 * @nents: its entries
 * @dir: who writes
 *
 * Asked again when the list is unmapped: only what does not change in between
 * may decide.
 *
 * Context: any.
 */
bool odma_list_apart(const struct odma_translated *t, struct scatterlist *sgl,
		     int nents, enum dma_data_direction dir)
{
	bool small = true, ragged = false;
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		small &= odma_is_shadowed(t, sg->length);
		ragged |= odma_is_ragged(t, sg->offset, sg->length);
	}
	return small || ragged ||
	       (!t->coherent && odma_list_shared(sgl, nents, dir));
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
	if (odma_get_bounce(t->odev))
		return 0;
	pr_err("%s: untrusted takes bounce buffers, and there are none (is odma-swiotlb.ko loaded, with net=1?)\n",
	       dev_name(t->odev->dev));
	return -EOPNOTSUPP;
}
