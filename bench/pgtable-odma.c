// SPDX-License-Identifier: GPL-2.0
/*
 * odma's page tables, in calls that ask for the same as pgtable-kernel.c's.
 */
#include <linux/scatterlist.h>
#include <odma/pgtable.h>
#include "bench.h"

#define PROT	(ODMA_READ | ODMA_WRITE | ODMA_CACHED)

static struct odma_pgtable *odma_tables;

static void odma_flush_range(void *cookie, u64 iova, size_t size,
			     size_t granule, bool tables)
{
}

static void odma_flush_all(void *cookie)
{
}

static const struct odma_tlb_ops odma_flush_ops = {
	.flush_range = odma_flush_range,
	.flush_all = odma_flush_all,
};

static int odma_create(struct device *dev)
{
	const struct odma_pgtable_cfg cfg = {
		.stage = ODMA_STAGE_1,
		.granule_shift = 12,
		.ias = 48,
		.oas = 48,
		.nid = NUMA_NO_NODE,
		.tlb = &odma_flush_ops,
	};

	odma_tables = odma_pgtable_create(&cfg);
	return PTR_ERR_OR_ZERO(odma_tables);
}

static void odma_destroy(void)
{
	odma_pgtable_destroy(odma_tables);
}

static u64 odma_map(const struct bench_span *span)
{
	struct odma_pgtable *tables = odma_tables;
	struct bench_clock clock;
	u64 iova = span->iova;
	unsigned int i;
	int ret = 0;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		ret |= odma_pgtable_map_pages(tables, iova, span->phys,
					      span->page, span->count, PROT,
					      GFP_ATOMIC);
	ticks = bench_end(&clock);
	if (ret)
		bench_fail("odma", "map", ret);
	return ticks;
}

static u64 odma_unmap(const struct bench_span *span)
{
	const size_t size = span->page * span->count;
	struct odma_pgtable *tables = odma_tables;
	struct odma_gather gather;
	struct bench_clock clock;
	u64 iova = span->iova;
	size_t bytes = 0;
	unsigned int i;
	u64 ticks;

	bench_begin(&clock);
	odma_gather_init(&gather);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		bytes += odma_pgtable_unmap(tables, iova, size, 0, &gather);
	ticks = bench_end(&clock);
	if (bytes != span->batch * size)
		bench_fail("odma", "unmap", bytes);
	return ticks;
}

static u64 odma_pair(const struct bench_span *span)
{
	const size_t size = span->page * span->count;
	struct odma_pgtable *tables = odma_tables;
	struct odma_gather gather;
	struct bench_clock clock;
	size_t bytes = 0;
	unsigned int i;
	int ret = 0;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++) {
		ret |= odma_pgtable_map_pages(tables, span->iova, span->phys,
					      span->page, span->count, PROT,
					      GFP_ATOMIC);
		odma_gather_init(&gather);
		bytes += odma_pgtable_unmap(tables, span->iova, size, 0,
					    &gather);
	}
	ticks = bench_end(&clock);
	if (ret || bytes != span->batch * size)
		bench_fail("odma", "pair", ret ?: bytes);
	return ticks;
}

static u64 odma_lookup(const struct bench_span *span)
{
	struct odma_pgtable *tables = odma_tables;
	struct bench_clock clock;
	u64 iova = span->iova;
	phys_addr_t sum = 0;
	unsigned int i;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < span->batch; i++, iova += span->stride)
		sum += odma_pgtable_iova_to_phys(tables, iova);
	ticks = bench_end(&clock);
	if (sum != span->phys * span->batch)
		bench_fail("odma", "iova_to_phys", sum);
	return ticks;
}

static u64 odma_map_list(struct scatterlist *sgl, int nents)
{
	struct odma_pgtable *tables = odma_tables;
	struct bench_clock clock;
	u64 ticks;
	int ret;

	bench_begin(&clock);
	ret = odma_pgtable_map_sg(tables, sgl, nents, PROT, GFP_ATOMIC);
	ticks = bench_end(&clock);
	if (ret)
		bench_fail("odma", "map, list", ret);
	return ticks;
}

static u64 odma_unmap_pages(u64 iova, size_t size, unsigned int calls)
{
	const struct bench_span span = {
		.iova = iova,
		.page = SZ_4K,
		.count = size / SZ_4K / calls,
		.stride = size / calls,
		.batch = calls,
	};

	return odma_unmap(&span);
}

static u64 odma_unmap_list(u64 iova, size_t size)
{
	return odma_unmap_pages(iova, size, 1);
}

static u64 odma_unmap_each(u64 iova, size_t size)
{
	return odma_unmap_pages(iova, size, size / SZ_4K);
}

static phys_addr_t odma_iova_to_phys(u64 iova)
{
	phys_addr_t phys = odma_pgtable_iova_to_phys(odma_tables, iova);

	return phys == PHYS_ADDR_MAX ? 0 : phys;
}

const struct bench_tables bench_odma_tables = {
	.name = "odma",
	.create = odma_create,
	.destroy = odma_destroy,
	.map = odma_map,
	.unmap = odma_unmap,
	.pair = odma_pair,
	.lookup = odma_lookup,
	.map_list = odma_map_list,
	.unmap_list = odma_unmap_list,
	.unmap_each = odma_unmap_each,
	.iova_to_phys = odma_iova_to_phys,
};
