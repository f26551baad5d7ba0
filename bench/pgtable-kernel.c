// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's page tables, as an IOMMU driver of the kernel calls them.
 */
#include <linux/io-pgtable.h>
#include <linux/scatterlist.h>
#include "bench.h"

#define PROT	(IOMMU_READ | IOMMU_WRITE | IOMMU_CACHE)

static struct io_pgtable_ops *kernel_ops;

static void kernel_flush_all(void *cookie)
{
}

static void kernel_flush_walk(unsigned long iova, size_t size, size_t granule,
			      void *cookie)
{
}

/* The least that a driver can do; one that gathers ranges does more. */
static void kernel_add_page(struct iommu_iotlb_gather *gather,
			    unsigned long iova, size_t granule, void *cookie)
{
}

static const struct iommu_flush_ops kernel_flush_ops = {
	.tlb_flush_all = kernel_flush_all,
	.tlb_flush_walk = kernel_flush_walk,
	.tlb_add_page = kernel_add_page,
};

static int kernel_create(struct device *dev)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = SZ_4K | SZ_2M | SZ_1G,
		.ias = 48,
		.oas = 48,
		.coherent_walk = true,
		.tlb = &kernel_flush_ops,
		.iommu_dev = dev,
	};

	kernel_ops = alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg, NULL);
	return kernel_ops ? 0 : -ENOMEM;
}

static void kernel_destroy(void)
{
	free_io_pgtable_ops(kernel_ops);
}

static u64 kernel_map(const struct bench_span *span)
{
	struct io_pgtable_ops *ops = kernel_ops;
	struct bench_clock clock;
	u64 iova = span->iova;
	unsigned int i;
	size_t mapped;
	int ret = 0;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		ret |= ops->map_pages(ops, iova, span->phys, span->page,
				      span->count, PROT, GFP_ATOMIC, &mapped);
	ticks = bench_end(&clock);
	if (ret)
		bench_fail("kernel", "map", ret);
	return ticks;
}

static u64 kernel_unmap(const struct bench_span *span)
{
	struct io_pgtable_ops *ops = kernel_ops;
	struct iommu_iotlb_gather gather;
	struct bench_clock clock;
	u64 iova = span->iova;
	size_t bytes = 0;
	unsigned int i;
	u64 ticks;

	bench_begin(&clock);
	iommu_iotlb_gather_init(&gather);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		bytes += ops->unmap_pages(ops, iova, span->page, span->count,
					  &gather);
	ticks = bench_end(&clock);
	if (bytes != span->batch * span->page * span->count)
		bench_fail("kernel", "unmap", bytes);
	return ticks;
}

static u64 kernel_pair(const struct bench_span *span)
{
	struct io_pgtable_ops *ops = kernel_ops;
	struct iommu_iotlb_gather gather;
	struct bench_clock clock;
	size_t bytes = 0;
	unsigned int i;
	size_t mapped;
	int ret = 0;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++) {
		ret |= ops->map_pages(ops, span->iova, span->phys, span->page,
				      span->count, PROT, GFP_ATOMIC, &mapped);
		iommu_iotlb_gather_init(&gather);
		bytes += ops->unmap_pages(ops, span->iova, span->page,
					  span->count, &gather);
	}
	ticks = bench_end(&clock);
	if (ret || bytes != span->batch * span->page * span->count)
		bench_fail("kernel", "pair", ret ?: bytes);
	return ticks;
}

static u64 kernel_lookup(const struct bench_span *span)
{
	struct io_pgtable_ops *ops = kernel_ops;
	struct bench_clock clock;
	u64 iova = span->iova;
	phys_addr_t sum = 0;
	unsigned int i;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		sum += ops->iova_to_phys(ops, iova);
	ticks = bench_end(&clock);
	if (sum != span->phys * span->batch)
		bench_fail("kernel", "iova_to_phys", sum);
	return ticks;
}

static u64 kernel_map_list(struct scatterlist *sgl, int nents)
{
	struct io_pgtable_ops *ops = kernel_ops;
	struct bench_clock clock;
	struct scatterlist *sg;
	size_t mapped;
	int ret = 0;
	u64 ticks;
	int i;

	bench_begin(&clock);
	for_each_sg(sgl, sg, nents, i)
		ret |= ops->map_pages(ops, sg_dma_address(sg), sg_phys(sg),
				      SZ_4K, 1, PROT, GFP_ATOMIC, &mapped);
	ticks = bench_end(&clock);
	if (ret)
		bench_fail("kernel", "map, list", ret);
	return ticks;
}

static u64 kernel_unmap_pages(u64 iova, size_t size, unsigned int calls)
{
	const struct bench_span span = {
		.iova = iova,
		.page = SZ_4K,
		.count = size / SZ_4K / calls,
		.stride = size / calls,
		.batch = calls,
	};

	return kernel_unmap(&span);
}

static u64 kernel_unmap_list(u64 iova, size_t size)
{
	return kernel_unmap_pages(iova, size, 1);
}

static u64 kernel_unmap_each(u64 iova, size_t size)
{
	return kernel_unmap_pages(iova, size, size / SZ_4K);
}

static phys_addr_t kernel_iova_to_phys(u64 iova)
{
	return kernel_ops->iova_to_phys(kernel_ops, iova);
}

const struct bench_tables bench_kernel_tables = {
	.name = "kernel",
	.create = kernel_create,
	.destroy = kernel_destroy,
	.map = kernel_map,
	.unmap = kernel_unmap,
	.pair = kernel_pair,
	.lookup = kernel_lookup,
	.map_list = kernel_map_list,
	.unmap_list = kernel_unmap_list,
	.unmap_each = kernel_unmap_each,
	.iova_to_phys = kernel_iova_to_phys,
};
