// SPDX-License-Identifier: GPL-2.0
/*
 * What the DMA API costs a driver, whoever serves its device.
 */
#include <linux/device.h>
#include <linux/dma-mapping.h>
#include <linux/gfp.h>
#include <linux/io.h>
#include <linux/kernel.h>
#include <linux/scatterlist.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include "bench.h"

/*
 * Pairs come in numbers that average what happens now and then: bounce slots
 * have neighbours in a segment of 128, lazy queues are full after 256.
 */
#define PAIRS		1024
#define BATCH		64
#define LIST_BATCH	8
#define LIST_ENTRIES	64
#define MEMORY_BATCH	16

/*
 * struct subject - a device, and what it is called in the results
 */
struct subject {
	const struct bench_subject *name;
	struct device *dev;
};

struct single {
	const char *what;
	size_t size;
	enum dma_data_direction dir;
};

static const struct single singles[] = {
	{ "4K, bidirectional", SZ_4K, DMA_BIDIRECTIONAL },
	{ "4K, to device", SZ_4K, DMA_TO_DEVICE },
	{ "4K, from device", SZ_4K, DMA_FROM_DEVICE },
	{ "256 B, bidirectional", 256, DMA_BIDIRECTIONAL },
	{ "256 B, to device", 256, DMA_TO_DEVICE },
};

static struct bench_series dma_series(const struct subject *subject,
				      const char *what, const char *op,
				      unsigned int ops)
{
	return (struct bench_series) {
		.group = subject->name->group,
		.impl = subject->name->impl,
		.what = what,
		.op = op,
		.ops = ops,
	};
}

static void dma_fail(const struct subject *subject, const char *what)
{
	bench_fail(subject->name->word, what, -ENOMEM);
}

/* The address that a device gets tells who serves it, too. */
static bool mapped_as_said(const struct subject *subject, void *buffer)
{
	dma_addr_t handle = dma_map_single(subject->dev, buffer, 256,
					   DMA_TO_DEVICE);
	bool in_place = handle == virt_to_phys(buffer);

	if (dma_mapping_error(subject->dev, handle))
		return false;
	dma_unmap_single(subject->dev, handle, 256, DMA_TO_DEVICE);
	return in_place == subject->name->in_place;
}

/* A map that its unmap follows at once. */
static u64 single_pair(const struct subject *subject, void *buffer,
		       const struct single *single)
{
	struct device *dev = subject->dev;
	struct bench_clock clock;
	unsigned int i, failed = 0;
	dma_addr_t handle;
	u64 ticks;

	bench_begin(&clock);
	for (i = 0; i < PAIRS; i++) {
		handle = dma_map_single(dev, buffer, single->size, single->dir);
		failed += dma_mapping_error(dev, handle);
		dma_unmap_single(dev, handle, single->size, single->dir);
	}
	ticks = bench_end(&clock);
	if (failed)
		dma_fail(subject, single->what);
	return ticks;
}

static void measure_pairs(const struct subject *subject, void *buffer)
{
	unsigned int i, k;

	for (k = 0; k < ARRAY_SIZE(singles); k++) {
		struct bench_series pair = dma_series(subject, singles[k].what,
						      "pair", PAIRS);

		single_pair(subject, buffer, &singles[k]);
		for (i = 0; i < bench_rounds; i++)
			pair.ticks[i] = single_pair(subject, buffer,
						    &singles[k]);
		bench_report(&pair);
	}
}

/* Maps first, then the unmaps: adds their ticks. */
static bool single_batch(struct device *dev, void *buffer, dma_addr_t *handles,
			 u64 *map, u64 *unmap)
{
	struct bench_clock clock;
	unsigned int i, failed = 0;

	bench_begin(&clock);
	for (i = 0; i < BATCH; i++)
		handles[i] = dma_map_single(dev, buffer, SZ_4K,
					    DMA_BIDIRECTIONAL);
	*map = bench_end(&clock);
	for (i = 0; i < BATCH; i++)
		failed += !!dma_mapping_error(dev, handles[i]);
	if (failed)
		return false;
	bench_begin(&clock);
	for (i = 0; i < BATCH; i++)
		dma_unmap_single(dev, handles[i], SZ_4K, DMA_BIDIRECTIONAL);
	*unmap = bench_end(&clock);
	return true;
}

static void measure_batches(const struct subject *subject, void *buffer)
{
	const char *what = singles[0].what;
	struct bench_series unmap = dma_series(subject, what, "unmap", BATCH);
	struct bench_series map = dma_series(subject, what, "map", BATCH);
	dma_addr_t handles[BATCH];
	unsigned int i;
	u64 ignored;

	if (!single_batch(subject->dev, buffer, handles, &ignored, &ignored))
		dma_fail(subject, "batch");
	for (i = 0; i < bench_rounds; i++)
		if (!single_batch(subject->dev, buffer, handles, &map.ticks[i],
				  &unmap.ticks[i]))
			dma_fail(subject, "batch");
	bench_report(&map);
	bench_report(&unmap);
}

static bool list_batch(struct device *dev, struct scatterlist *sgl, u64 *map,
		       u64 *unmap)
{
	struct bench_clock clock;
	unsigned int i;

	*map = 0;
	*unmap = 0;
	for (i = 0; i < LIST_BATCH; i++) {
		int n;

		bench_begin(&clock);
		n = dma_map_sg(dev, sgl, LIST_ENTRIES, DMA_BIDIRECTIONAL);
		*map += bench_end(&clock);
		if (n <= 0)
			return false;
		bench_begin(&clock);
		dma_unmap_sg(dev, sgl, LIST_ENTRIES, DMA_BIDIRECTIONAL);
		*unmap += bench_end(&clock);
	}
	return true;
}

static void measure_list(const struct subject *subject, const char *what,
			 struct scatterlist *sgl)
{
	struct bench_series unmap, map;
	unsigned int i;
	u64 ignored;

	map = dma_series(subject, what, "map", LIST_BATCH);
	unmap = dma_series(subject, what, "unmap", LIST_BATCH);
	if (!list_batch(subject->dev, sgl, &ignored, &ignored))
		dma_fail(subject, what);
	for (i = 0; i < bench_rounds; i++)
		if (!list_batch(subject->dev, sgl, &map.ticks[i],
				&unmap.ticks[i]))
			dma_fail(subject, what);
	bench_report(&map);
	bench_report(&unmap);
}

static void measure_lists(const struct subject *subject, struct page *pages)
{
	struct scatterlist *sgl;
	unsigned int i;

	sgl = kmalloc_array(LIST_ENTRIES, sizeof(*sgl), GFP_KERNEL);
	if (!sgl) {
		dma_fail(subject, "list");
		return;
	}
	bench_scatter(sgl, pages, LIST_ENTRIES);
	measure_list(subject, "64 x 4K, scattered", sgl);
	sg_init_table(sgl, LIST_ENTRIES);
	for (i = 0; i < LIST_ENTRIES; i++)
		sg_set_page(&sgl[i], &pages[i], SZ_4K, 0);
	measure_list(subject, "64 x 4K, contiguous", sgl);
	kfree(sgl);
}

/* It may sleep: now and then a round has an interrupt in it. */
static bool memory_batch(struct device *dev, size_t size, u64 *alloc,
			 u64 *free)
{
	dma_addr_t handle;
	unsigned int i;
	void *cpu;
	u64 begin;

	*alloc = 0;
	*free = 0;
	for (i = 0; i < MEMORY_BATCH; i++) {
		begin = get_cycles();
		cpu = dma_alloc_coherent(dev, size, &handle, GFP_KERNEL);
		*alloc += get_cycles() - begin;
		if (!cpu)
			return false;
		begin = get_cycles();
		dma_free_coherent(dev, size, cpu, handle);
		*free += get_cycles() - begin;
	}
	return true;
}

static void measure_memory(const struct subject *subject, const char *what,
			   size_t size)
{
	struct bench_series alloc, free;
	unsigned int i;
	u64 ignored;

	alloc = dma_series(subject, what, "alloc", MEMORY_BATCH);
	free = dma_series(subject, what, "free", MEMORY_BATCH);
	if (!memory_batch(subject->dev, size, &ignored, &ignored))
		dma_fail(subject, what);
	for (i = 0; i < bench_rounds; i++)
		if (!memory_batch(subject->dev, size, &alloc.ticks[i],
				  &free.ticks[i]))
			dma_fail(subject, what);
	bench_report(&alloc);
	bench_report(&free);
}

static unsigned int map_live(struct device *dev, void *buffer,
			     dma_addr_t *live, unsigned int from,
			     unsigned int to)
{
	for (; from < to; from++) {
		live[from] = dma_map_single(dev, buffer, SZ_4K,
					    DMA_BIDIRECTIONAL);
		if (dma_mapping_error(dev, live[from]))
			break;
	}
	return from;
}

/* Does it matter how many mappings there are? */
static void measure_live(const struct subject *subject, void *buffer)
{
	static const struct {
		const char *op;
		unsigned int n;
	} steps[] = {
		{ "pair, 1,000 live", 1000 },
		{ "pair, 10,000 live", 10000 },
		{ "pair, 100,000 live", 100000 },
	};
	const unsigned int most = steps[ARRAY_SIZE(steps) - 1].n;
	dma_addr_t *live = vmalloc(array_size(most, sizeof(*live)));
	unsigned int i, k, n = 0;

	for (k = 0; live && k < ARRAY_SIZE(steps); k++) {
		struct bench_series pair = dma_series(subject, singles[0].what,
						      steps[k].op, PAIRS);

		n = map_live(subject->dev, buffer, live, n, steps[k].n);
		if (n != steps[k].n)
			break;
		single_pair(subject, buffer, &singles[0]);
		for (i = 0; i < bench_rounds; i++)
			pair.ticks[i] = single_pair(subject, buffer,
						    &singles[0]);
		bench_report(&pair);
	}
	if (n != most)
		dma_fail(subject, "live mappings");
	while (n--)
		dma_unmap_single(subject->dev, live[n], SZ_4K,
				 DMA_BIDIRECTIONAL);
	vfree(live);
}

static void measure_all(const struct subject *subject, struct page *pages)
{
	void *buffer = page_address(pages);

	if (!mapped_as_said(subject, buffer)) {
		bench_fail(subject->name->word, "not mapped as it should be",
			   0);
		return;
	}
	measure_pairs(subject, buffer);
	measure_batches(subject, buffer);
	measure_lists(subject, pages);
	measure_memory(subject, "coherent 4K", SZ_4K);
	measure_memory(subject, "coherent 64K", SZ_64K);
	if (subject->name->live)
		measure_live(subject, buffer);
}

void bench_dma(const struct bench_subject *name, struct device *dev)
{
	const unsigned int order = get_order(2 * LIST_ENTRIES * SZ_4K);
	const struct subject subject = { .name = name, .dev = dev };
	struct page *pages = alloc_pages(GFP_KERNEL, order);

	if (!pages) {
		dma_fail(&subject, "buffer");
		return;
	}
	measure_all(&subject, pages);
	__free_pages(pages, order);
}
