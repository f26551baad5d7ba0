// SPDX-License-Identifier: GPL-2.0
/*
 * Streaming mappings of single buffers: caches, an address, the tables.
 *
 * Only whole pages can be translated, so the device may see what is beside the
 * buffer in its first page and its last; untrusted.c and shadow.c are for those
 * that must not.
 *
 * Nothing is kept of a mapping: what it led to is in the tables.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/bits.h>
#include <odma/bounce.h>
#include <trace/events/odma.h>
#include "../../direct/cache.h"
#include "iommu.h"

/* The last address that the device may get. */
u64 odma_iommu_limit(const struct odma_translated *t, u64 mask)
{
	u64 bus = t->odev->dev->bus_dma_limit;

	return min(min_not_zero(mask, bus), t->domain->base.geometry.last);
}

/**
 * odma_iommu_prot() - what a device may do with a buffer
 * @t: the device
 * @dir: who writes
 * @attrs: DMA_ATTR_PRIVILEGED
 *
 * WEAK_ORDERING and the other hints change nothing in Arm's tables.
 *
 * Context: any.
 *
 * Return: ODMA_READ, ...
 */
unsigned int odma_iommu_prot(const struct odma_translated *t,
			     enum dma_data_direction dir, unsigned long attrs)
{
	static const u8 access[] = {
		[DMA_BIDIRECTIONAL]	= ODMA_READ | ODMA_WRITE,
		[DMA_TO_DEVICE]		= ODMA_READ,
		[DMA_FROM_DEVICE]	= ODMA_WRITE,
		[DMA_NONE]		= 0,
	};
	unsigned int prot = access[dir];

	if (t->coherent)
		prot |= ODMA_CACHED;
	if (unlikely(attrs & DMA_ATTR_PRIVILEGED))
		prot |= ODMA_PRIV;
	return prot;
}

/* What an error of the tables is called. */
enum odma_failure odma_why_not_mapped(int error)
{
	return error == -ENOMEM ? ODMA_FAIL_TABLES : ODMA_FAIL_TRANSLATION;
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
		*why = ODMA_FAIL_IOVA;
		return DMA_MAPPING_ERROR;
	}
	ret = odma_domain_map(d, iova, phys - offset, span, prot, gfp);
	if (unlikely(ret)) {
		odma_iova_free(d, iova, span);
		*why = odma_why_not_mapped(ret);
		return DMA_MAPPING_ERROR;
	}
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
	if (!odma_gather_is_empty(&gather->range))
		odma_domain_flush(t->domain, gather);
	if (__ratelimit(&t->odev->failures))
		pr_err("%s: unmap of %#llx+%#zx: %#zx bytes are not mapped there (unmapped twice, or the wrong size?)\n",
		       dev_name(t->odev->dev), iova, size, missing);
}

/**
 * odma_unmap_done() - the tables have changed; now the rest of an unmap
 * @t: the device
 * @iova: first address
 * @size: bytes, as they were allocated
 * @missing: how many of them were not mapped, though they should have been
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

static __always_inline void odma_unmap_span(struct odma_translated *t,
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
	if (unlikely(done != span))
		odma_unmap_missed(t, iova, span, span - done, &gather);
	else
		odma_finish_unmap(t, iova, span, &gather, lazy);
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
 * odma_unmap_now() - odma_unmap_pages(), whatever the rule says
 * @t: the device
 * @addr: as odma_map_pages() returned
 * @size: as given to it
 *
 * For memory that is freed next, and becomes somebody else's.
 *
 * Context: any.
 */
void odma_unmap_now(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	odma_unmap_span(t, addr, size, false);
}

static noinline dma_addr_t odma_map_refused(struct device *dev,
					    phys_addr_t phys, size_t size,
					    enum dma_data_direction dir,
					    unsigned long attrs,
					    enum odma_failure why)
{
	return odma_map_failed(dev, phys, size, dir, attrs, why);
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
		return odma_map_refused(dev, phys, size, dir, attrs, why);
	return addr;
}

static dma_addr_t odma_iommu_map(struct device *dev, phys_addr_t phys,
				 size_t size, enum dma_data_direction dir,
				 unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	if (unlikely(!size || phys + size - 1 < phys))
		return odma_map_refused(dev, phys, size, dir, attrs, size ?
					ODMA_FAIL_WRAP : ODMA_FAIL_SIZE_ZERO);
	if (unlikely(!t->plain))
		return odma_map_apart(t, phys, size, dir, attrs);
	return odma_map_in_place(t, phys, size, dir, attrs);
}

static void odma_iommu_unmap(struct device *dev, dma_addr_t addr, size_t size,
			     enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	/* What the cache holds of the buffer has to be looked up, too. */
	if (unlikely(!t->plain || !t->coherent))
		odma_unmap_apart(t, addr, size, dir, attrs);
	else
		odma_unmap_pages(t, addr, size);
}

static void odma_iommu_sync(struct device *dev, dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, bool for_cpu)
{
	struct odma_translated *t = odma_translated(dev);

	if (unlikely(!t->plain || !t->coherent))
		odma_sync_apart(t, addr, size, dir, for_cpu);
}

static __always_inline dma_addr_t
odma_iommu_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		    enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t addr = odma_iommu_map(dev, phys, size, dir, attrs);

	if (addr != DMA_MAPPING_ERROR)
		trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static __always_inline void
odma_iommu_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	odma_iommu_unmap(dev, addr, size, dir, attrs);
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

ODMA_OPS_ADAPTERS(odma_iommu)

/* Registers of another device: no RAM, so no cache and nothing to copy. */
static dma_addr_t odma_iommu_map_resource(struct device *dev, phys_addr_t phys,
					  size_t size,
					  enum dma_data_direction dir,
					  unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	unsigned int prot = odma_iommu_prot(t, dir, attrs) & ~ODMA_CACHED;
	enum odma_failure why = ODMA_FAIL_SIZE_ZERO;
	dma_addr_t addr = DMA_MAPPING_ERROR;

	if (size && phys + size - 1 < phys)
		why = ODMA_FAIL_WRAP;
	else if (size)
		addr = odma_map_pages(t, phys, size, prot | ODMA_DEVICE,
				      *dev->dma_mask,
				      GFP_ATOMIC | __GFP_NOWARN, &why);
	if (addr == DMA_MAPPING_ERROR)
		return odma_map_failed(dev, phys, size, dir, attrs, why);
	trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static void odma_iommu_unmap_resource(struct device *dev, dma_addr_t addr,
				      size_t size, enum dma_data_direction dir,
				      unsigned long attrs)
{
	odma_unmap_pages(odma_translated(dev), addr, size);
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

static void odma_iommu_sync_for_cpu(struct device *dev, dma_addr_t addr,
				    size_t size, enum dma_data_direction dir)
{
	odma_iommu_sync(dev, addr, size, dir, true);
	trace_odma_sync(dev, addr, size, dir, true);
}

static void odma_iommu_sync_for_device(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir)
{
	odma_iommu_sync(dev, addr, size, dir, false);
	trace_odma_sync(dev, addr, size, dir, false);
}

/* Some of its addresses must be left, or nothing can be mapped. */
static int odma_iommu_supported(struct device *dev, u64 mask)
{
	struct odma_translated *t = odma_translated(dev);
	u64 first = max_t(u64, t->domain->base.geometry.first,
			  t->domain->granule);

	if (odma_iommu_limit(t, mask) < first + t->domain->granule - 1)
		return 0;
	if (t->shadow)
		odma_shadow_move(t, mask);
	return 1;
}

/* Whatever the memory is, there are addresses of 32 bits for it. */
static u64 odma_iommu_required_mask(struct device *dev)
{
	struct odma_translated *t = odma_translated(dev);
	u64 first = t->domain->base.geometry.first;

	return max(DMA_BIT_MASK(32), DMA_BIT_MASK(fls64(first)));
}

/* Of what is untrusted, too, no more than two pages are ever copied. */
static size_t odma_iommu_max_mapping_size(struct device *dev)
{
	return SIZE_MAX;
}

/*
 * The kernel's allocator of addresses keeps up to 32 pages in a row ready on
 * each CPU, and looks for more in a tree. Nobody asks for which device.
 */
static size_t odma_iommu_opt_mapping_size(void)
{
	return 32 * SZ_4K;
}

/* Where one buffer ends with its page and the next begins with one. */
static unsigned long odma_iommu_merge_boundary(struct device *dev)
{
	return odma_translated(dev)->domain->granule - 1;
}

const struct dma_map_ops odma_iommu_ops = {
	.alloc			= odma_iommu_alloc,
	.free			= odma_iommu_free,
	.odma_alloc_pages_op	= odma_iommu_alloc_pages,
	.free_pages		= odma_iommu_free_pages,
	.mmap			= odma_iommu_mmap,
	.get_sgtable		= odma_iommu_get_sgtable,
	ODMA_OPS_MAP(odma_iommu),
	.map_sg			= odma_iommu_map_sg,
	.unmap_sg		= odma_iommu_unmap_sg,
	ODMA_OPS_RESOURCE(odma_iommu),
	.sync_single_for_cpu	= odma_iommu_sync_for_cpu,
	.sync_single_for_device	= odma_iommu_sync_for_device,
	.sync_sg_for_cpu	= odma_iommu_sync_sg_for_cpu,
	.sync_sg_for_device	= odma_iommu_sync_sg_for_device,
	.dma_supported		= odma_iommu_supported,
	.get_required_mask	= odma_iommu_required_mask,
	.max_mapping_size	= odma_iommu_max_mapping_size,
	.opt_mapping_size	= odma_iommu_opt_mapping_size,
	.get_merge_boundary	= odma_iommu_merge_boundary,
};
