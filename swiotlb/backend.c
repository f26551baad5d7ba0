// SPDX-License-Identifier: GPL-2.0
/*
 * The backend "swiotlb": a device whose buffers bounce.
 *
 *   force        all of them (what the rule means if it says neither)
 *   auto         those that the device can't reach, and those whose cache lines
 *                it does not see and other data may share
 *   restricted   all of them, and what it allocates comes from its pool too
 *   pool_kib=    a pool of its own, that large to begin with
 *   limit_kib=   ... and at most that large
 *   bits=        ... below that many address bits
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/memremap.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <trace/events/odma.h>
#include "../direct/direct.h"
#include "swiotlb.h"

static struct odma_bouncer *odma_bouncer(struct device *dev)
{
	return odma_device_of(dev)->priv;
}

static struct odma_bounce_pool *odma_pool_of(const struct odma_bouncer *bouncer,
					     struct device *dev)
{
	return bouncer->own ?: odma_pool_below(dev, *dev->dma_mask);
}

static bool odma_skips_cache(const struct odma_bouncer *bouncer,
			     unsigned long attrs)
{
	return bouncer->coherent || (attrs & DMA_ATTR_SKIP_CPU_SYNC);
}

/* Where the device may have the buffer as it is; DMA_MAPPING_ERROR if not. */
static dma_addr_t odma_in_place(struct device *dev, phys_addr_t phys,
				size_t size, enum dma_data_direction dir)
{
	dma_addr_t addr = odma_phys_to_dma(dev, phys);

	if (!odma_direct_reaches(addr, size, odma_direct_limit(dev)) ||
	    !odma_direct_in_one_range(dev, phys, size))
		return odma_direct_maps_nothing(dev, addr, size) ?
			addr : DMA_MAPPING_ERROR;
	if (!odma_bouncer(dev)->coherent && odma_cache_shared(size, dir))
		return DMA_MAPPING_ERROR;
	return addr;
}

static dma_addr_t odma_swiotlb_place(struct device *dev, phys_addr_t phys,
				     size_t size,
				     enum dma_data_direction dir,
				     unsigned long attrs)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);
	dma_addr_t addr = DMA_MAPPING_ERROR;

	/* Another device's memory can't be copied. */
	if (unlikely(is_pci_p2pdma_page(pfn_to_page(PHYS_PFN(phys)))))
		return odma_map_failed(dev, phys, size, dir, attrs,
				       ODMA_FAIL_P2PDMA);
	if (!bouncer->force)
		addr = odma_in_place(dev, phys, size, dir);
	if (addr == DMA_MAPPING_ERROR) {
		phys = odma_bounce_for(odma_pool_of(bouncer, dev),
				       bouncer->client, dev, phys, size, 0,
				       attrs);
		if (phys == PHYS_ADDR_MAX)
			return DMA_MAPPING_ERROR;
		addr = odma_phys_to_dma(dev, phys);
		if (!bouncer->coherent)
			odma_slots_for_device(phys, size);
	} else if (!odma_skips_cache(bouncer, attrs)) {
		odma_cache_for_device(phys, size);
	}
	return addr;
}

static __always_inline dma_addr_t
odma_swiotlb_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		      enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t addr = odma_swiotlb_place(dev, phys, size, dir, attrs);

	if (addr != DMA_MAPPING_ERROR)
		trace_odma_map(dev, phys, addr, size, dir, attrs);
	return addr;
}

static __always_inline void
odma_swiotlb_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
			enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	struct odma_bouncer *bouncer = odev->priv;
	phys_addr_t phys = dma_to_phys(dev, addr);

	if (!odma_skips_cache(bouncer, attrs))
		odma_cache_for_cpu(phys, size, dir);
	odma_bounce_unmap(odev, bouncer->client, phys, size, dir, attrs);
	trace_odma_unmap(dev, addr, size, dir, attrs);
}

ODMA_OPS_ADAPTERS(odma_swiotlb)

static void odma_swiotlb_unmap_sg(struct device *dev, struct scatterlist *sgl,
				  int nents, enum dma_data_direction dir,
				  unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			odma_swiotlb_unmap_phys(dev, sg_dma_address(sg),
						sg_dma_len(sg), dir, attrs);
}

static int odma_swiotlb_map_sg(struct device *dev, struct scatterlist *sgl,
			       int nents, enum dma_data_direction dir,
			       unsigned long attrs)
{
	struct scatterlist *sg;
	int i, ret = -ENOMEM;

	if (nents <= 0)
		return -EINVAL;
	for_each_sg(sgl, sg, nents, i) {
		sg_dma_len(sg) = 0;
		if (!sg->length)
			continue;
		if (unlikely(is_pci_p2pdma_page(sg_page(sg)))) {
			odma_map_failed(dev, sg_phys(sg), sg->length, dir,
					attrs, ODMA_FAIL_P2PDMA);
			ret = -EREMOTEIO;
			goto undo;
		}
		sg_dma_address(sg) = odma_swiotlb_map_phys(dev, sg_phys(sg),
							   sg->length, dir,
							   attrs);
		if (sg_dma_address(sg) == DMA_MAPPING_ERROR)
			goto undo;
		sg_dma_len(sg) = sg->length;
	}
	return nents;

undo:
	/* Nothing has been written by the device: nothing to copy back. */
	odma_swiotlb_unmap_sg(dev, sgl, i, dir, attrs | DMA_ATTR_SKIP_CPU_SYNC);
	return ret;
}

static void odma_swiotlb_sync_for_cpu(struct device *dev, dma_addr_t addr,
				      size_t size, enum dma_data_direction dir)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);
	phys_addr_t phys = dma_to_phys(dev, addr);

	if (!bouncer->coherent)
		odma_cache_for_cpu(phys, size, dir);
	odma_bounce_sync(bouncer->client, phys, size, dir, true);
	trace_odma_sync(dev, addr, size, dir, true);
}

static void odma_swiotlb_sync_for_device(struct device *dev, dma_addr_t addr,
					 size_t size,
					 enum dma_data_direction dir)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);
	phys_addr_t phys = dma_to_phys(dev, addr);

	odma_bounce_sync(bouncer->client, phys, size, dir, false);
	if (!bouncer->coherent)
		odma_cache_for_device(phys, size);
	trace_odma_sync(dev, addr, size, dir, false);
}

static void odma_swiotlb_sync_sg_for_cpu(struct device *dev,
					 struct scatterlist *sgl, int nents,
					 enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			odma_swiotlb_sync_for_cpu(dev, sg_dma_address(sg),
						  sg_dma_len(sg), dir);
}

static void odma_swiotlb_sync_sg_for_device(struct device *dev,
					    struct scatterlist *sgl, int nents,
					    enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			odma_swiotlb_sync_for_device(dev, sg_dma_address(sg),
						     sg_dma_len(sg), dir);
}

/* Registers of another device are no memory: they can't bounce. */
static dma_addr_t odma_swiotlb_map_resource(struct device *dev,
					    phys_addr_t phys, size_t size,
					    enum dma_data_direction dir,
					    unsigned long attrs)
{
	return odma_bouncer(dev)->direct->map_resource(dev, phys, size, dir,
						       attrs);
}

static void odma_swiotlb_unmap_resource(struct device *dev, dma_addr_t addr,
					size_t size,
					enum dma_data_direction dir,
					unsigned long attrs)
{
	odma_bouncer(dev)->direct->unmap_resource(dev, addr, size, dir, attrs);
}

/* The last address that may be given to the device for good. */
static u64 odma_coherent_limit(struct device *dev)
{
	return min_not_zero(dev->coherent_dma_mask, dev->bus_dma_limit);
}

/* Not full, but out of the device's reach: a pool is made before the masks. */
static void odma_say_beyond(const struct odma_bounce_pool *pool,
			    struct device *dev, u64 limit, unsigned long attrs)
{
	if (dma_to_phys(dev, limit) < pool->reach &&
	    !(attrs & DMA_ATTR_NO_WARN))
		pr_err_ratelimited("%s: its coherent mask %#llx does not reach all of its own pool: say bits=%d in the rule\n",
				   dev_name(dev), dev->coherent_dma_mask,
				   fls64(limit));
}

/* Zeroed slots of a restricted device's pool, aligned as pages would be. */
static void *odma_restricted_alloc(struct odma_bouncer *bouncer,
				   struct device *dev, size_t size,
				   dma_addr_t *handle, gfp_t gfp,
				   unsigned long attrs)
{
	struct odma_bounce_request req = {
		.client = bouncer->client,
		.orig = ODMA_NO_ORIG,
		.size = PAGE_ALIGN(size),
		.limit = odma_coherent_limit(dev),
		.align_to = PAGE_SIZE << get_order(size),
		.boundary = ULONG_MAX,
	};
	struct odma_bounced *b;
	struct odma_area *area;
	void *cpu;

	if (gfpflags_allow_blocking(gfp))
		req.gfp = gfp & GFP_KERNEL;
	area = odma_take_slots(bouncer->own, dev, &req, &b);
	if (!area) {
		odma_say_beyond(bouncer->own, dev, req.limit, attrs);
		odma_report_exhausted(bouncer->own, bouncer->client, dev, 0,
				      size, attrs);
		return NULL;
	}
	cpu = area->cpu + (odma_bounced_phys(area, b) - area->phys);
	odma_clean_around(area, b);
	memset(cpu, 0, req.size);
	*handle = odma_phys_to_dma(dev, odma_bounced_phys(area, b));
	return cpu;
}

/* False where it is memory from elsewhere, and the page allocator's. */
static bool odma_free_from_pool(struct device *dev, size_t size,
				dma_addr_t handle)
{
	struct odma_device *odev = odma_device_of(dev);
	struct odma_bouncer *bouncer = odev->priv;

	return odma_bounce_free(odev, bouncer->client,
				dma_to_phys(dev, handle), size);
}

static void *odma_swiotlb_alloc(struct device *dev, size_t size,
				dma_addr_t *handle, gfp_t gfp,
				unsigned long attrs)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);
	void *cpu;

	if (!bouncer->restricted)
		return bouncer->direct->alloc(dev, size, handle, gfp, attrs);
	cpu = odma_restricted_alloc(bouncer, dev, size, handle, gfp, attrs);
	return cpu && (attrs & DMA_ATTR_NO_KERNEL_MAPPING) ?
		virt_to_page(cpu) : cpu;
}

static void odma_swiotlb_free(struct device *dev, size_t size, void *cpu,
			      dma_addr_t handle, unsigned long attrs)
{
	if (!odma_free_from_pool(dev, size, handle))
		odma_bouncer(dev)->direct->free(dev, size, cpu, handle, attrs);
}

static struct page *odma_swiotlb_alloc_pages(struct device *dev, size_t size,
					     dma_addr_t *handle,
					     enum dma_data_direction dir,
					     gfp_t gfp)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);
	void *cpu;

	if (!bouncer->restricted)
		return bouncer->direct->odma_alloc_pages_op(dev, size, handle,
							    dir, gfp);
	cpu = odma_restricted_alloc(bouncer, dev, size, handle, gfp, 0);
	return cpu ? virt_to_page(cpu) : NULL;
}

static void odma_swiotlb_free_pages(struct device *dev, size_t size,
				    struct page *page, dma_addr_t handle,
				    enum dma_data_direction dir)
{
	if (!odma_free_from_pool(dev, size, handle))
		odma_bouncer(dev)->direct->free_pages(dev, size, page, handle,
						      dir);
}

static int odma_swiotlb_mmap(struct device *dev, struct vm_area_struct *vma,
			     void *cpu, dma_addr_t handle, size_t size,
			     unsigned long attrs)
{
	return odma_bouncer(dev)->direct->mmap(dev, vma, cpu, handle, size,
					       attrs);
}

static int odma_swiotlb_get_sgtable(struct device *dev, struct sg_table *sgt,
				    void *cpu, dma_addr_t handle, size_t size,
				    unsigned long attrs)
{
	return odma_bouncer(dev)->direct->get_sgtable(dev, sgt, cpu, handle,
						      size, attrs);
}

/* Called before the mask is set, and where sleeping is allowed. */
static int odma_swiotlb_supported(struct device *dev, u64 mask)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);

	if (!odma_direct_supported(dev, mask))
		return 0;
	/* What need not bounce may never miss the pool. */
	if (!bouncer->own)
		return !odma_prepare_pool(dev, mask) || !bouncer->force;
	if (dma_to_phys(dev, min_not_zero(mask, dev->bus_dma_limit)) >=
	    bouncer->own->reach)
		return 1;
	pr_err("%s: its mask %#llx does not reach its own pool: say bits=%d in the rule\n",
	       dev_name(dev), mask, fls64(mask));
	return 0;
}

static u64 odma_swiotlb_required_mask(struct device *dev)
{
	return odma_bouncer(dev)->direct->get_required_mask(dev);
}

static size_t odma_swiotlb_max_mapping_size(struct device *dev)
{
	struct odma_bouncer *bouncer = odma_bouncer(dev);

	if (!bouncer->force && odma_direct_covers_memory(dev, *dev->dma_mask))
		return SIZE_MAX;
	return odma_bounce_max_size(odma_pool_of(bouncer, dev),
				    bouncer->client, dev);
}

static const struct dma_map_ops odma_swiotlb_ops = {
	.alloc			= odma_swiotlb_alloc,
	.free			= odma_swiotlb_free,
	.odma_alloc_pages_op	= odma_swiotlb_alloc_pages,
	.free_pages		= odma_swiotlb_free_pages,
	.mmap			= odma_swiotlb_mmap,
	.get_sgtable		= odma_swiotlb_get_sgtable,
	ODMA_OPS_MAP(odma_swiotlb),
	.map_sg			= odma_swiotlb_map_sg,
	.unmap_sg		= odma_swiotlb_unmap_sg,
	ODMA_OPS_RESOURCE(odma_swiotlb),
	.sync_single_for_cpu	= odma_swiotlb_sync_for_cpu,
	.sync_single_for_device	= odma_swiotlb_sync_for_device,
	.sync_sg_for_cpu	= odma_swiotlb_sync_sg_for_cpu,
	.sync_sg_for_device	= odma_swiotlb_sync_sg_for_device,
	.dma_supported		= odma_swiotlb_supported,
	.get_required_mask	= odma_swiotlb_required_mask,
	.max_mapping_size	= odma_swiotlb_max_mapping_size,
};

static bool odma_is_word(const char *key)
{
	return !strcmp(key, "force") || !strcmp(key, "auto") ||
	       !strcmp(key, "restricted");
}

static int odma_swiotlb_check_option(const char *key, const char *value)
{
	unsigned int number;

	if (!value)
		return odma_is_word(key) ? 0 : -EINVAL;
	if (!strcmp(key, "coherent"))
		return strcmp(value, "yes") && strcmp(value, "no") ?
			-EINVAL : 0;
	if (kstrtouint(value, 0, &number))
		return -EINVAL;
	if (!strcmp(key, "pool_kib") || !strcmp(key, "limit_kib"))
		return number && number <= U32_MAX / SZ_1K ? 0 : -EINVAL;
	if (!strcmp(key, "bits"))
		return number >= 24 && number <= 64 ? 0 : -EINVAL;
	return -EINVAL;
}

/* Words that ask for the contrary of each other. */
static int odma_swiotlb_check_words(const char *device, const char *words)
{
	bool restricted = odma_word_is(words, "restricted", NULL);
	unsigned int pool_kib = 0, limit_kib = 0;

	odma_word_number(words, "pool_kib", &pool_kib);
	odma_word_number(words, "limit_kib", &limit_kib);
	if (limit_kib && pool_kib > limit_kib) {
		pr_err("rule for %s refused: pool_kib=%u is more than limit_kib=%u\n",
		       device, pool_kib, limit_kib);
		return -EINVAL;
	}
	if (odma_word_is(words, "auto", NULL) &&
	    (restricted || odma_word_is(words, "force", NULL))) {
		pr_err("rule for %s refused: with auto what it reaches does not bounce, with %s all does: say one of them\n",
		       device, restricted ? "restricted" : "force");
		return -EINVAL;
	}
	return odma_check_pool_kib(device, pool_kib);
}

/* A pool of its own, if the rule says anything of one. */
static int odma_own_pool(struct odma_device *odev, struct odma_bouncer *bouncer)
{
	unsigned int pool_kib = 0, limit_kib = 0, bits = 32;

	odma_option_number(odev, "pool_kib", &pool_kib);
	odma_option_number(odev, "limit_kib", &limit_kib);
	odma_option_number(odev, "bits", &bits);
	if (!pool_kib && !limit_kib && bits == 32 && !bouncer->restricted)
		return 0;
	pool_kib = pool_kib ?: min(1024U, limit_kib ?: 1024U);
	limit_kib = limit_kib ?: 16 * pool_kib;
	bouncer->own = odma_new_bounce_pool(dev_name(odev->dev),
					    DMA_BIT_MASK(bits),
					    (size_t)pool_kib * SZ_1K,
					    (size_t)limit_kib * SZ_1K,
					    dev_to_node(odev->dev));
	if (bouncer->own) {
		odma_list_pool(bouncer->own);
		return 0;
	}
	pr_err("%s: no memory for a pool of %u KiB below %u address bits\n",
	       dev_name(odev->dev), pool_kib, bits);
	return -ENOMEM;
}

static int odma_fill_bouncer(struct odma_device *odev,
			     struct odma_bouncer *bouncer)
{
	bouncer->coherent = odma_direct_is_coherent(bouncer->direct);
	bouncer->restricted = odma_option_is(odev, "restricted", NULL);
	bouncer->force = !odma_option_is(odev, "auto", NULL);
	if (bouncer->restricted && !bouncer->coherent) {
		pr_err("%s: restricted is for devices that see the CPU's caches\n",
		       dev_name(odev->dev));
		return -EOPNOTSUPP;
	}
	bouncer->client = odma_get_client(odev->dev, GFP_KERNEL);
	return bouncer->client ? odma_own_pool(odev, bouncer) : -ENOMEM;
}

/* Not every driver sets a mask; one that does may set one that has a pool. */
static void odma_prepare_mask(struct device *dev,
			      const struct odma_bouncer *bouncer)
{
	if (!bouncer->own && dev->dma_mask)
		odma_prepare_pool(dev, *dev->dma_mask);
}

static int odma_swiotlb_attach(struct odma_device *odev)
{
	struct odma_bouncer *bouncer = kzalloc(sizeof(*bouncer), GFP_KERNEL);
	int ret;

	if (!bouncer)
		return -ENOMEM;
	ret = odma_direct_get_ops(odev, &bouncer->direct);
	if (ret)
		goto free;
	ret = odma_fill_bouncer(odev, bouncer);
	if (ret)
		goto put;
	odma_prepare_mask(odev->dev, bouncer);
	odev->priv = bouncer;
	return 0;

put:
	odma_direct_put_ops(bouncer->direct);
free:
	kfree(bouncer);
	return ret;
}

static void odma_swiotlb_detach(struct odma_device *odev)
{
	struct odma_bouncer *bouncer = odev->priv;

	if (bouncer->own)
		odma_unlist_pool(bouncer->own);
	odma_direct_put_ops(bouncer->direct);
	kfree(bouncer);
}

static void odma_swiotlb_live(struct odma_device *odev,
			      struct odma_leftovers *left)
{
	const struct odma_bouncer *bouncer = odev->priv;

	odma_count_live(bouncer->client, left);
}

/*
 * Nobody comes by the device's ops any more. Whoever did before that, in atomic
 * context, is through after a grace period.
 */
static void odma_swiotlb_abandon(struct odma_device *odev)
{
	struct odma_bouncer *bouncer = odev->priv;

	synchronize_rcu();
	if (odma_abandon_client(bouncer->client) && bouncer->own &&
	    atomic_long_read(&bouncer->own->used)) {
		odma_abandon_pool(bouncer->own);
		bouncer->own = NULL;
	}
	odma_swiotlb_detach(odev);
}

/* What it left is counted apart from what comes back in its place. */
static void odma_swiotlb_unplug(struct odma_device *odev)
{
	const struct odma_bouncer *bouncer = odev->priv;

	odma_disown(bouncer->client);
}

struct odma_backend odma_swiotlb_backend = {
	.name = "swiotlb",
	.ops = &odma_swiotlb_ops,
	.check_option = odma_swiotlb_check_option,
	.check_words = odma_swiotlb_check_words,
	.attach = odma_swiotlb_attach,
	.detach = odma_swiotlb_detach,
	.live = odma_swiotlb_live,
	.abandon = odma_swiotlb_abandon,
	.unplug = odma_swiotlb_unplug,
};
