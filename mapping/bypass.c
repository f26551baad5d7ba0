// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass": the direct path where a device needs no backend.
 *
 * A backend makes up for what a device can't reach.  A device whose mask covers
 * all of memory pays for that and gains nothing, so with this word it is mapped
 * directly, as long as its mask stays that wide.  Streaming mappings go by the
 * streaming mask and allocations by the coherent mask, each by itself.
 *
 * Between a device's table and the backend's comes one of choosing functions;
 * a device without the word never sees it.
 *
 * A mapping must be undone by whom it was made.  So a choice, once made, holds
 * while anything that went by it is live, and is made anew by the first mapping
 * that finds nothing live and a mask that calls for the other side.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include "../direct/direct.h"
#include "core.h"

/*
 * struct odma_live - what was mapped on one CPU, less what was unmapped there
 */
struct odma_live {
	raw_spinlock_t lock;
	long count;
};

/*
 * struct odma_choice - which side serves one type of call
 * @lock: one CPU at a time makes a choice; taken before that of @live
 * @live: only the sum over all CPUs means anything
 * @direct: the choice
 * @deciding: @direct may be about to change, so nobody goes by it
 * @told: the log knows that the mask calls for the other side
 */
struct odma_choice {
	raw_spinlock_t lock;
	struct odma_live __percpu *live;
	bool direct;
	bool deciding;
	bool told;
};

/*
 * struct odma_bypass - what stands between a device and its backend
 * @ops: choosing functions, the device's odev->base
 * @own: the backend's functions
 * @direct: the direct backend's for this device
 * @streaming: mappings, and pages that are synced like them
 * @coherent: memory that CPU and device share
 */
struct odma_bypass {
	struct dma_map_ops ops;
	const struct dma_map_ops *own;
	const struct dma_map_ops *direct;
	struct odma_choice streaming;
	struct odma_choice coherent;
};

/**
 * odma_go_direct() - does a mask lead to the direct path?
 * @odev: an attached device
 * @mask: one of its masks, or one that it may get
 *
 * Context: any. Source: mapping.md, "Direct mapping".
 *
 * Return: true where the backend is the direct one, or where the rule says
 * bypass and the device reaches all of memory with @mask.
 */
bool odma_go_direct(const struct odma_device *odev, u64 mask)
{
	if (odev->backend->in_place)
		return true;
	return odev->bypass && odma_direct_covers_memory(odev->dev, mask);
}

/**
 * odma_map_direct() - does the streaming mask lead to the direct path?
 * @odev: an attached device
 *
 * Context: any.
 */
bool odma_map_direct(const struct odma_device *odev)
{
	const u64 *mask = odev->dev->dma_mask;

	return odma_go_direct(odev, mask ? *mask : 0);
}

/**
 * odma_alloc_direct() - does the coherent mask lead to the direct path?
 * @odev: an attached device
 *
 * Context: any.
 */
bool odma_alloc_direct(const struct odma_device *odev)
{
	return odma_go_direct(odev, odev->dev->coherent_dma_mask);
}

static bool odma_wants_direct(const struct odma_device *odev,
			      const struct odma_choice *choice)
{
	return choice == &odev->bypass->streaming ? odma_map_direct(odev) :
						    odma_alloc_direct(odev);
}

static void odma_count_live(struct odma_choice *choice, long n)
{
	/* Whichever CPU it is by the time that we have the lock. */
	struct odma_live *live = raw_cpu_ptr(choice->live);
	unsigned long flags;

	raw_spin_lock_irqsave(&live->lock, flags);
	live->count += n;
	raw_spin_unlock_irqrestore(&live->lock, flags);
}

/*
 * Exact, if not zero, for the moment that it began: with @deciding set before,
 * a CPU whose count was taken can't map any more, and what is unmapped behind
 * our back was live when we came by.
 */
static noinline long odma_sum_live(struct odma_choice *choice)
{
	unsigned long flags;
	long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu) {
		struct odma_live *live = per_cpu_ptr(choice->live, cpu);

		raw_spin_lock_irqsave(&live->lock, flags);
		sum += live->count;
		raw_spin_unlock_irqrestore(&live->lock, flags);
	}
	return sum;
}

static void odma_tell_kept(const struct odma_device *odev,
			   const struct odma_choice *choice, bool direct,
			   long live)
{
	bool streaming = choice == &odev->bypass->streaming;
	const u64 *mask = odev->dev->dma_mask;

	pr_warn("%s: the %s mask has changed: %s stay on the %s path until none of them is live (live: %ld, mask %#llx, coherent mask %#llx, bus limit %#llx)\n",
		dev_name(odev->dev), streaming ? "streaming" : "coherent",
		streaming ? "mappings" : "allocations",
		direct ? "direct" : "backend's", live, mask ? *mask : 0,
		odev->dev->coherent_dma_mask, odev->dev->bus_dma_limit);
}

/*
 * One more is live, and the choice agrees with the mask or can't be changed.
 * Under the lock nobody else decides, so the choice holds until it is counted.
 */
static noinline bool odma_choose(const struct odma_device *odev,
				 struct odma_choice *choice)
{
	bool direct, tell = false;
	unsigned long flags;
	long live = 0;

	raw_spin_lock_irqsave(&choice->lock, flags);
	direct = odma_wants_direct(odev, choice);
	if (direct != choice->direct) {
		WRITE_ONCE(choice->deciding, true);
		live = odma_sum_live(choice);
		tell = live > 0 && !choice->told;
		choice->told = live > 0;
		if (live <= 0)
			WRITE_ONCE(choice->direct, direct);
		/* Whoever sees this sees the choice, in odma_enter(). */
		smp_store_release(&choice->deciding, false);
	}
	direct = choice->direct;
	odma_count_live(choice, 1);
	raw_spin_unlock_irqrestore(&choice->lock, flags);
	if (tell)
		odma_tell_kept(odev, choice, direct, live);
	return direct;
}

/* Who serves a new mapping; it counts as live from here on. */
static const struct dma_map_ops *odma_enter(const struct odma_device *odev,
					    struct odma_choice *choice)
{
	struct odma_live *live = raw_cpu_ptr(choice->live);
	bool direct = odma_wants_direct(odev, choice);
	unsigned long flags;
	bool settled;

	raw_spin_lock_irqsave(&live->lock, flags);
	/* Pairs with odma_choose(). */
	settled = !smp_load_acquire(&choice->deciding) &&
		  READ_ONCE(choice->direct) == direct;
	if (settled)
		live->count++;
	raw_spin_unlock_irqrestore(&live->lock, flags);
	if (unlikely(!settled))
		direct = odma_choose(odev, choice);
	return direct ? odev->bypass->direct : odev->bypass->own;
}

/* It is not live any more, or never was. */
static void odma_leave(struct odma_choice *choice)
{
	odma_count_live(choice, -1);
}

/* Who serves what is live. */
static const struct dma_map_ops *odma_serving(const struct odma_device *odev,
					      const struct odma_choice *choice)
{
	return READ_ONCE(choice->direct) ? odev->bypass->direct :
					   odev->bypass->own;
}

/* Who would serve a mapping now. */
static const struct dma_map_ops *odma_next(const struct odma_device *odev,
					   struct odma_choice *choice)
{
	const struct dma_map_ops *ops = odma_enter(odev, choice);

	odma_leave(choice);
	return ops;
}

static const struct dma_map_ops *odma_map_enter(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);

	return odma_enter(odev, &odev->bypass->streaming);
}

static const struct dma_map_ops *odma_map_serving(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);

	return odma_serving(odev, &odev->bypass->streaming);
}

static void odma_map_leave(struct device *dev)
{
	odma_leave(&odma_device_of(dev)->bypass->streaming);
}

static const struct dma_map_ops *odma_alloc_serving(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);

	return odma_serving(odev, &odev->bypass->coherent);
}

static __always_inline dma_addr_t
odma_bypass_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		     enum dma_data_direction dir, unsigned long attrs)
{
	dma_addr_t addr;

	addr = odma_ops_map(odma_map_enter(dev), dev,
			    pfn_to_page(PHYS_PFN(phys)), offset_in_page(phys),
			    size, dir, attrs);
	if (addr == DMA_MAPPING_ERROR)
		odma_map_leave(dev);
	return addr;
}

static __always_inline void
odma_bypass_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
		       enum dma_data_direction dir, unsigned long attrs)
{
	odma_ops_unmap(odma_map_serving(dev), dev, addr, size, dir, attrs);
	odma_map_leave(dev);
}

ODMA_OPS_ADAPTERS(odma_bypass)

static int odma_bypass_map_sg(struct device *dev, struct scatterlist *sg,
			      int nents, enum dma_data_direction dir,
			      unsigned long attrs)
{
	int ret = odma_map_enter(dev)->map_sg(dev, sg, nents, dir, attrs);

	if (ret <= 0)
		odma_map_leave(dev);
	return ret;
}

static void odma_bypass_unmap_sg(struct device *dev, struct scatterlist *sg,
				 int nents, enum dma_data_direction dir,
				 unsigned long attrs)
{
	odma_map_serving(dev)->unmap_sg(dev, sg, nents, dir, attrs);
	odma_map_leave(dev);
}

/* Where a side lacks a function, these do what the kernel would have done. */
static dma_addr_t
odma_bypass_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_map_enter(dev);
	dma_addr_t addr = DMA_MAPPING_ERROR;

	if (ops->map_resource)
		addr = ops->map_resource(dev, phys, size, dir, attrs);
	if (addr == DMA_MAPPING_ERROR)
		odma_map_leave(dev);
	return addr;
}

static void odma_bypass_unmap_resource(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->unmap_resource)
		ops->unmap_resource(dev, addr, size, dir, attrs);
	odma_map_leave(dev);
}

static void odma_bypass_sync_for_cpu(struct device *dev, dma_addr_t addr,
				     size_t size, enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->sync_single_for_cpu)
		ops->sync_single_for_cpu(dev, addr, size, dir);
}

static void odma_bypass_sync_for_device(struct device *dev, dma_addr_t addr,
					size_t size,
					enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->sync_single_for_device)
		ops->sync_single_for_device(dev, addr, size, dir);
}

static void odma_bypass_sync_sg_for_cpu(struct device *dev,
					struct scatterlist *sg, int nents,
					enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->sync_sg_for_cpu)
		ops->sync_sg_for_cpu(dev, sg, nents, dir);
}

static void odma_bypass_sync_sg_for_device(struct device *dev,
					   struct scatterlist *sg, int nents,
					   enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->sync_sg_for_device)
		ops->sync_sg_for_device(dev, sg, nents, dir);
}

static void *odma_bypass_alloc(struct device *dev, size_t size,
			       dma_addr_t *handle, gfp_t gfp,
			       unsigned long attrs)
{
	struct odma_device *odev = odma_device_of(dev);
	struct odma_choice *choice = &odev->bypass->coherent;
	void *cpu;

	cpu = odma_enter(odev, choice)->alloc(dev, size, handle, gfp, attrs);
	if (!cpu)
		odma_leave(choice);
	return cpu;
}

static void odma_bypass_free(struct device *dev, size_t size, void *cpu,
			     dma_addr_t handle, unsigned long attrs)
{
	odma_alloc_serving(dev)->free(dev, size, cpu, handle, attrs);
	odma_leave(&odma_device_of(dev)->bypass->coherent);
}

/*
 * These pages are cached and the driver syncs them, with the functions for
 * streaming mappings: so they have to come from the side that those go to.
 * Memory in the coherent mask's reach is what either side allocates.
 */
static struct page *odma_bypass_alloc_pages(struct device *dev, size_t size,
					    dma_addr_t *handle,
					    enum dma_data_direction dir,
					    gfp_t gfp)
{
	const struct dma_map_ops *ops = odma_map_enter(dev);
	struct page *page = NULL;

	if (ops->odma_alloc_pages_op)
		page = ops->odma_alloc_pages_op(dev, size, handle, dir, gfp);
	if (!page)
		odma_map_leave(dev);
	return page;
}

static void odma_bypass_free_pages(struct device *dev, size_t size,
				   struct page *page, dma_addr_t handle,
				   enum dma_data_direction dir)
{
	const struct dma_map_ops *ops = odma_map_serving(dev);

	if (ops->free_pages)
		ops->free_pages(dev, size, page, handle, dir);
	odma_map_leave(dev);
}

static int odma_bypass_mmap(struct device *dev, struct vm_area_struct *vma,
			    void *cpu, dma_addr_t handle, size_t size,
			    unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_alloc_serving(dev);

	if (!ops->mmap)
		return -ENXIO;
	return ops->mmap(dev, vma, cpu, handle, size, attrs);
}

static int odma_bypass_get_sgtable(struct device *dev, struct sg_table *sgt,
				   void *cpu, dma_addr_t handle, size_t size,
				   unsigned long attrs)
{
	const struct dma_map_ops *ops = odma_alloc_serving(dev);

	if (!ops->get_sgtable)
		return -ENXIO;
	return ops->get_sgtable(dev, sgt, cpu, handle, size, attrs);
}

/*
 * A mask is good if the path it leads to can live with it, so that path is
 * asked, and not the one that serves now: if the mask is taken, the next
 * mapping goes there.  It can't be told for which type of call the mask is
 * meant, and need not be, for either type would go the same way with it.  While
 * something live keeps to the old path, that path sees the new mask too: the
 * direct one looks at the mask with every mapping, and one that served a
 * narrower mask serves a mask that covers all of memory.
 */
static int odma_bypass_supported(struct device *dev, u64 mask)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct dma_map_ops *ops = odev->bypass->own;

	if (odma_go_direct(odev, mask))
		ops = odev->bypass->direct;
	return ops->dma_supported ? ops->dma_supported(dev, mask) : 1;
}

static u64 odma_bypass_required_mask(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct dma_map_ops *ops;

	ops = odma_next(odev, &odev->bypass->coherent);
	if (!ops->get_required_mask)
		return DMA_BIT_MASK(32);
	return ops->get_required_mask(dev);
}

static size_t odma_bypass_max_mapping_size(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct dma_map_ops *ops;

	ops = odma_next(odev, &odev->bypass->streaming);
	return ops->max_mapping_size ? ops->max_mapping_size(dev) : SIZE_MAX;
}

static unsigned long odma_bypass_merge_boundary(struct device *dev)
{
	struct odma_device *odev = odma_device_of(dev);
	const struct dma_map_ops *ops;

	ops = odma_next(odev, &odev->bypass->streaming);
	return ops->get_merge_boundary ? ops->get_merge_boundary(dev) : 0;
}

/*
 * Not here, and thereby absent for both sides: flags, because peer-to-peer
 * memory needs both to know it, and alloc_noncontiguous, from which the kernel
 * concludes what the table is that it got (without it, it takes alloc_pages).
 */
static const struct dma_map_ops odma_bypass_ops = {
	.alloc			= odma_bypass_alloc,
	.free			= odma_bypass_free,
	.odma_alloc_pages_op	= odma_bypass_alloc_pages,
	.free_pages		= odma_bypass_free_pages,
	.mmap			= odma_bypass_mmap,
	.get_sgtable		= odma_bypass_get_sgtable,
	ODMA_OPS_MAP(odma_bypass),
	.map_sg			= odma_bypass_map_sg,
	.unmap_sg		= odma_bypass_unmap_sg,
	ODMA_OPS_RESOURCE(odma_bypass),
	.sync_single_for_cpu	= odma_bypass_sync_for_cpu,
	.sync_single_for_device	= odma_bypass_sync_for_device,
	.sync_sg_for_cpu	= odma_bypass_sync_sg_for_cpu,
	.sync_sg_for_device	= odma_bypass_sync_sg_for_device,
	.dma_supported		= odma_bypass_supported,
	.get_required_mask	= odma_bypass_required_mask,
	.max_mapping_size	= odma_bypass_max_mapping_size,
	.get_merge_boundary	= odma_bypass_merge_boundary,
};

/*
 * The kernel draws conclusions from a member that is NULL, and so does the
 * core: what neither side has must be NULL here.  What one side has is there
 * whichever side serves, for the table stays as it is.
 */
static void odma_build_choosing(struct odma_bypass *b)
{
	const struct dma_map_ops *own = b->own, *direct = b->direct;
	struct dma_map_ops *ops = &b->ops;

	*ops = odma_bypass_ops;
	if (!own->odma_alloc_pages_op && !direct->odma_alloc_pages_op)
		ops->odma_alloc_pages_op = NULL;
	if (!own->free_pages && !direct->free_pages)
		ops->free_pages = NULL;
	if (!own->mmap && !direct->mmap)
		ops->mmap = NULL;
	if (!own->get_sgtable && !direct->get_sgtable)
		ops->get_sgtable = NULL;
	if (!own->sync_single_for_cpu && !direct->sync_single_for_cpu)
		ops->sync_single_for_cpu = NULL;
	if (!own->sync_single_for_device && !direct->sync_single_for_device)
		ops->sync_single_for_device = NULL;
	if (!own->sync_sg_for_cpu && !direct->sync_sg_for_cpu)
		ops->sync_sg_for_cpu = NULL;
	if (!own->sync_sg_for_device && !direct->sync_sg_for_device)
		ops->sync_sg_for_device = NULL;
	if (!own->max_mapping_size && !direct->max_mapping_size)
		ops->max_mapping_size = NULL;
	if (!own->get_merge_boundary && !direct->get_merge_boundary)
		ops->get_merge_boundary = NULL;
	/* It is not told the device, so it can't choose; it is a hint only. */
	ops->opt_mapping_size = own->opt_mapping_size;
}

static int odma_init_choice(struct odma_choice *choice)
{
	int cpu;

	choice->live = alloc_percpu(struct odma_live);
	if (!choice->live)
		return -ENOMEM;
	raw_spin_lock_init(&choice->lock);
	for_each_possible_cpu(cpu)
		raw_spin_lock_init(&per_cpu_ptr(choice->live, cpu)->lock);
	return 0;
}

static void odma_free_bypass(struct odma_bypass *b)
{
	free_percpu(b->streaming.live);
	free_percpu(b->coherent.live);
	kfree(b);
}

/**
 * odma_add_bypass() - put the choice between a device and its backend
 * @odev: a device whose backend has set odev->base
 *
 * Does nothing where the rule does not ask for it, or the backend is the
 * direct one anyway.
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_add_bypass(struct odma_device *odev)
{
	struct odma_bypass *b;
	int ret;

	if (!(odev->flags & ODMA_BYPASS) || odev->backend->in_place)
		return 0;
	b = kzalloc(sizeof(*b), GFP_KERNEL);
	if (!b)
		return -ENOMEM;
	ret = odma_init_choice(&b->streaming) ?: odma_init_choice(&b->coherent);
	if (!ret)
		ret = odma_direct_get_ops(odev, &b->direct);
	if (ret) {
		odma_free_bypass(b);
		return ret;
	}
	b->own = odev->base;
	odma_build_choosing(b);
	odev->bypass = b;
	odev->base = &b->ops;
	b->streaming.direct = odma_map_direct(odev);
	b->coherent.direct = odma_alloc_direct(odev);
	return 0;
}

/**
 * odma_remove_bypass() - give a device its backend's own table back
 * @odev: a device whose dma_ops no longer lead here
 *
 * Context: process context, odma_mutex held.
 */
void odma_remove_bypass(struct odma_device *odev)
{
	struct odma_bypass *b = odev->bypass;

	if (!b)
		return;
	odev->base = b->own;
	odev->bypass = NULL;
	odma_direct_put_ops(b->direct);
	odma_free_bypass(b);
}
