// SPDX-License-Identifier: GPL-2.0
/*
 * Counting what goes through a device.
 *
 * Allocations are always counted, being rare and slow.  Mappings are counted
 * with the rule word "stats" only: the device's table then holds the functions
 * below, which call the backend's.
 */
#include <linux/percpu.h>
#include <linux/scatterlist.h>
#include "core.h"

static void odma_sum_ends(const struct odma_device *odev,
			  struct odma_counters *sum)
{
	int cpu;

	for_each_possible_cpu(cpu) {
		const struct odma_counters *c =
			per_cpu_ptr(odev->counters, cpu);

		sum->unmaps += READ_ONCE(c->unmaps);
		sum->unmap_bytes += READ_ONCE(c->unmap_bytes);
		sum->frees += READ_ONCE(c->frees);
		sum->free_bytes += READ_ONCE(c->free_bytes);
	}
}

void odma_sum_counters(const struct odma_device *odev,
		       struct odma_counters *sum)
{
	int cpu;

	memset(sum, 0, sizeof(*sum));
	/* Ends first: whose end is seen here has its beginning seen below. */
	odma_sum_ends(odev, sum);
	/* Pairs with what brought the address to whoever ended it. */
	smp_rmb();
	for_each_possible_cpu(cpu) {
		const struct odma_counters *c =
			per_cpu_ptr(odev->counters, cpu);

		sum->maps += READ_ONCE(c->maps);
		sum->map_bytes += READ_ONCE(c->map_bytes);
		sum->syncs += READ_ONCE(c->syncs);
		sum->allocs += READ_ONCE(c->allocs);
		sum->alloc_bytes += READ_ONCE(c->alloc_bytes);
		sum->failures += READ_ONCE(c->failures);
	}
}

static void odma_find_balance(u64 begun, u64 ended, u64 bytes, u64 ended_bytes,
			      struct odma_balance *b)
{
	b->live = begun > ended ? begun - ended : 0;
	b->extra = ended > begun ? ended - begun : 0;
	b->bytes = b->live && bytes > ended_bytes ? bytes - ended_bytes : 0;
	b->stray = 0;
	if (ended_bytes > bytes)
		b->stray = ended_bytes - bytes;
	else if (!b->live)
		b->stray = bytes - ended_bytes;
}

/**
 * odma_balance_mappings() - what is mapped by the counters, and what is wrong
 * @sum: of all CPUs
 * @b: filled in
 *
 * An unmap too many is taken for that of whatever is mapped besides: it shows
 * when that is gone, too.
 *
 * Context: any.
 */
void odma_balance_mappings(const struct odma_counters *sum,
			   struct odma_balance *b)
{
	odma_find_balance(sum->maps, sum->unmaps, sum->map_bytes,
			  sum->unmap_bytes, b);
}

/**
 * odma_balance_allocs() - the same of what is allocated
 * @sum: of all CPUs
 * @b: filled in
 *
 * Context: any.
 */
void odma_balance_allocs(const struct odma_counters *sum,
			 struct odma_balance *b)
{
	odma_find_balance(sum->allocs, sum->frees, sum->alloc_bytes,
			  sum->free_bytes, b);
}

/* The table is this device's own, so its state is around it. */
static struct odma_device *odma_counted(struct device *dev)
{
	return container_of(get_dma_ops(dev), struct odma_device, ops);
}

static void odma_count_map(struct odma_device *odev, u64 bytes)
{
	this_cpu_inc(odev->counters->maps);
	this_cpu_add(odev->counters->map_bytes, bytes);
}

static void odma_count_unmap(struct odma_device *odev, u64 bytes)
{
	this_cpu_inc(odev->counters->unmaps);
	this_cpu_add(odev->counters->unmap_bytes, bytes);
}

/* The CPU side of the list: the same at map and at unmap, however it merged. */
static u64 odma_sg_bytes(struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	u64 bytes = 0;
	int i;

	for_each_sg(sgl, sg, nents, i)
		bytes += sg->length;
	return bytes;
}

static __always_inline dma_addr_t
odma_counting_map_phys(struct device *dev, phys_addr_t phys, size_t size,
		       enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);
	dma_addr_t addr;

	addr = odma_ops_map(odev->base, dev, pfn_to_page(PHYS_PFN(phys)),
			    offset_in_page(phys), size, dir, attrs);
	if (addr != DMA_MAPPING_ERROR)
		odma_count_map(odev, size);
	return addr;
}

static __always_inline void
odma_counting_unmap_phys(struct device *dev, dma_addr_t addr, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);

	odma_ops_unmap(odev->base, dev, addr, size, dir, attrs);
	odma_count_unmap(odev, size);
}

ODMA_OPS_ADAPTERS(odma_counting)

static int odma_counting_map_sg(struct device *dev, struct scatterlist *sgl,
				int nents, enum dma_data_direction dir,
				unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);
	int ret = odev->base->map_sg(dev, sgl, nents, dir, attrs);

	if (ret > 0) {
		this_cpu_add(odev->counters->maps, nents);
		this_cpu_add(odev->counters->map_bytes,
			     odma_sg_bytes(sgl, nents));
	}
	return ret;
}

static void odma_counting_unmap_sg(struct device *dev, struct scatterlist *sgl,
				   int nents, enum dma_data_direction dir,
				   unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);

	odev->base->unmap_sg(dev, sgl, nents, dir, attrs);
	this_cpu_add(odev->counters->unmaps, nents);
	this_cpu_add(odev->counters->unmap_bytes, odma_sg_bytes(sgl, nents));
}

static dma_addr_t
odma_counting_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			   enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);
	dma_addr_t addr;

	addr = odev->base->map_resource(dev, phys, size, dir, attrs);
	if (addr != DMA_MAPPING_ERROR)
		odma_count_map(odev, size);
	return addr;
}

static void odma_counting_unmap_resource(struct device *dev, dma_addr_t addr,
					 size_t size,
					 enum dma_data_direction dir,
					 unsigned long attrs)
{
	struct odma_device *odev = odma_counted(dev);

	if (odev->base->unmap_resource)
		odev->base->unmap_resource(dev, addr, size, dir, attrs);
	odma_count_unmap(odev, size);
}

static void odma_counting_sync_for_cpu(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir)
{
	struct odma_device *odev = odma_counted(dev);

	this_cpu_inc(odev->counters->syncs);
	if (odev->base->sync_single_for_cpu)
		odev->base->sync_single_for_cpu(dev, addr, size, dir);
}

static void odma_counting_sync_for_device(struct device *dev, dma_addr_t addr,
					  size_t size,
					  enum dma_data_direction dir)
{
	struct odma_device *odev = odma_counted(dev);

	this_cpu_inc(odev->counters->syncs);
	if (odev->base->sync_single_for_device)
		odev->base->sync_single_for_device(dev, addr, size, dir);
}

static void odma_counting_sync_sg_for_cpu(struct device *dev,
					  struct scatterlist *sgl, int nents,
					  enum dma_data_direction dir)
{
	struct odma_device *odev = odma_counted(dev);

	this_cpu_add(odev->counters->syncs, nents);
	if (odev->base->sync_sg_for_cpu)
		odev->base->sync_sg_for_cpu(dev, sgl, nents, dir);
}

static void odma_counting_sync_sg_for_device(struct device *dev,
					     struct scatterlist *sgl,
					     int nents,
					     enum dma_data_direction dir)
{
	struct odma_device *odev = odma_counted(dev);

	this_cpu_add(odev->counters->syncs, nents);
	if (odev->base->sync_sg_for_device)
		odev->base->sync_sg_for_device(dev, sgl, nents, dir);
}

/**
 * odma_count_ops() - make a device's table count
 * @ops: holds the backend's functions
 *
 * A member that the backend doesn't have stays NULL where the kernel draws a
 * conclusion from that, as it does for map_resource.
 */
void odma_count_ops(struct dma_map_ops *ops)
{
	ODMA_OPS_SET_MAP(ops, odma_counting);
	ODMA_OPS_SET_RESOURCE(ops, odma_counting);
	ops->map_sg = odma_counting_map_sg;
	ops->unmap_sg = odma_counting_unmap_sg;
	ops->sync_single_for_cpu = odma_counting_sync_for_cpu;
	ops->sync_single_for_device = odma_counting_sync_for_device;
	ops->sync_sg_for_cpu = odma_counting_sync_sg_for_cpu;
	ops->sync_sg_for_device = odma_counting_sync_sg_for_device;
}
