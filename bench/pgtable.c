// SPDX-License-Identifier: GPL-2.0
/*
 * What page tables cost: one leaf, many in a call, a scatterlist, and whether
 * it matters how much is mapped. Tables are there before anything is counted.
 */
#include <linux/bits.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include "bench.h"

/* Each case has a range of its own, far from the others'. */
#define CASE_SIZE	BIT_ULL(39)
#define PHYS		SZ_1G
#define LIST_ENTRIES	64
#define FILL_CHUNK	512

struct shape {
	const char *what;
	struct bench_span span;
};

static const struct shape shapes[] = {
	{ "4K x 1", { .page = SZ_4K, .count = 1, .batch = 64 } },
	{ "4K x 512", { .page = SZ_4K, .count = 512, .batch = 8 } },
	{ "2M x 1", { .page = SZ_2M, .count = 1, .batch = 64 } },
	{ "1G x 1", { .page = SZ_1G, .count = 1, .batch = 16 } },
};

static const struct {
	const char *what;
	unsigned int pages;
} fills[] = {
	{ "4K x 1, 10 mapped", 10 },
	{ "4K x 1, 1,000 mapped", 1000 },
	{ "4K x 1, 100,000 mapped", 100000 },
	{ "4K x 1, 1,000,000 mapped", 1000000 },
};

static struct bench_series pgtable_series(const struct bench_tables *tables,
					  const char *what, const char *op,
					  unsigned int ops)
{
	return (struct bench_series) {
		.group = "tables",
		.impl = tables->name,
		.what = what,
		.op = op,
		.ops = ops,
	};
}

/* The cost of a wrong mapping means nothing. */
static void check_mapped(const struct bench_tables *tables, u64 iova,
			 phys_addr_t expected)
{
	phys_addr_t phys = tables->iova_to_phys(iova);

	if (phys != expected)
		bench_fail(tables->name, "wrong translation", phys);
}

static void check_span(const struct bench_tables *tables,
		       const struct bench_span *span)
{
	const u64 last = span->iova + (span->batch - 1) * (u64)span->stride;
	const size_t inside = span->page * span->count - SZ_4K;

	check_mapped(tables, span->iova, span->phys);
	check_mapped(tables, last + inside, span->phys + inside);
}

static void measure_span(const struct bench_tables *tables, const char *what,
			 const struct bench_span *span)
{
	struct bench_series map, unmap, pair, lookup;
	unsigned int i;

	map = pgtable_series(tables, what, "map", span->batch);
	unmap = pgtable_series(tables, what, "unmap", span->batch);
	pair = pgtable_series(tables, what, "pair", span->batch);
	lookup = pgtable_series(tables, what, "lookup", span->batch);

	/* Makes the tables. */
	tables->map(span);
	check_span(tables, span);
	tables->unmap(span);
	for (i = 0; i < bench_rounds; i++) {
		map.ticks[i] = tables->map(span);
		lookup.ticks[i] = tables->lookup(span);
		unmap.ticks[i] = tables->unmap(span);
		pair.ticks[i] = tables->pair(span);
	}
	check_mapped(tables, span->iova, 0);
	bench_report(&map);
	bench_report(&unmap);
	bench_report(&pair);
	bench_report(&lookup);
}

static void measure_shape(const struct bench_tables *tables,
			  const struct shape *shape, u64 iova)
{
	struct bench_span span = shape->span;

	span.iova = iova;
	span.phys = PHYS;
	span.stride = span.page * span.count;
	measure_span(tables, shape->what, &span);
}

static void fill(const struct bench_tables *tables, u64 iova,
		 unsigned int pages, bool map)
{
	struct bench_span span = {
		.iova = iova,
		.phys = PHYS,
		.page = SZ_4K,
	};

	for (; pages; pages -= span.count) {
		span.count = min_t(unsigned int, pages, FILL_CHUNK);
		span.batch = 1;
		if (map)
			tables->map(&span);
		else
			tables->unmap(&span);
		span.iova += span.count * SZ_4K;
	}
}

static void measure_fill(const struct bench_tables *tables, const char *what,
			 unsigned int pages, u64 iova)
{
	const struct bench_span span = {
		.iova = iova + (u64)pages * SZ_4K,
		.phys = PHYS,
		.page = SZ_4K,
		.count = 1,
		.stride = SZ_4K,
		.batch = 64,
	};

	fill(tables, iova, pages, true);
	measure_span(tables, what, &span);
	fill(tables, iova, pages, false);
}

static void measure_list(const struct bench_tables *tables,
			 struct scatterlist *sgl, u64 iova)
{
	const size_t size = LIST_ENTRIES * SZ_4K;
	struct bench_series map, unmap, each;
	unsigned int i;

	map = pgtable_series(tables, "64 scattered pages", "map", 1);
	unmap = pgtable_series(tables, "64 scattered pages", "unmap", 1);
	each = pgtable_series(tables, "64 scattered pages", "unmap each", 1);

	tables->map_list(sgl, LIST_ENTRIES);
	check_mapped(tables, iova, sg_phys(sgl));
	check_mapped(tables, iova + size - SZ_4K,
		     sg_phys(&sgl[LIST_ENTRIES - 1]));
	tables->unmap_list(iova, size);
	for (i = 0; i < bench_rounds; i++) {
		map.ticks[i] = tables->map_list(sgl, LIST_ENTRIES);
		unmap.ticks[i] = tables->unmap_list(iova, size);
		tables->map_list(sgl, LIST_ENTRIES);
		each.ticks[i] = tables->unmap_each(iova, size);
	}
	bench_report(&map);
	bench_report(&unmap);
	bench_report(&each);
}

/* Every other page of a run, backwards: no two are next to each other. */
void bench_scatter(struct scatterlist *sgl, struct page *pages, unsigned int n)
{
	unsigned int i;

	sg_init_table(sgl, n);
	for (i = 0; i < n; i++)
		sg_set_page(&sgl[i], &pages[2 * (n - 1 - i)], SZ_4K, 0);
}

static void lay_out_list(struct scatterlist *sgl, struct page *pages, u64 iova)
{
	unsigned int i;

	bench_scatter(sgl, pages, LIST_ENTRIES);
	for (i = 0; i < LIST_ENTRIES; i++) {
		sg_dma_address(&sgl[i]) = iova + i * SZ_4K;
		sg_dma_len(&sgl[i]) = SZ_4K;
	}
}

static void measure_scattered(const struct bench_tables *tables, u64 iova)
{
	const unsigned int order = get_order(2 * LIST_ENTRIES * SZ_4K);
	struct page *pages = alloc_pages(GFP_KERNEL, order);
	struct scatterlist *sgl;

	sgl = kmalloc_array(LIST_ENTRIES, sizeof(*sgl), GFP_KERNEL);
	if (pages && sgl) {
		lay_out_list(sgl, pages, iova);
		measure_list(tables, sgl, iova);
	} else {
		bench_fail(tables->name, "list", -ENOMEM);
	}
	kfree(sgl);
	if (pages)
		__free_pages(pages, order);
}

void bench_tables(const struct bench_tables *tables, struct device *dev)
{
	u64 iova = 0;
	unsigned int i;
	int ret;

	ret = tables->create(dev);
	if (ret) {
		bench_fail(tables->name, "create", ret);
		return;
	}
	for (i = 0; i < ARRAY_SIZE(shapes); i++, iova += CASE_SIZE)
		measure_shape(tables, &shapes[i], iova);
	measure_scattered(tables, iova);
	for (i = 0; i < ARRAY_SIZE(fills); i++) {
		iova += CASE_SIZE;
		measure_fill(tables, fills[i].what, fills[i].pages, iova);
	}
	tables->destroy();
}
