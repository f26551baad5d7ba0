// SPDX-License-Identifier: GPL-2.0
/*
 * Coherent memory out of a device's pools: which memory, at which address, in
 * which order, and what happens when there is none.
 */
#include <linux/log2.h>
#include "fixture.h"
#include "../suites.h"

/**
 * struct odma_way - how a device comes to its pool
 * @name:	for the report
 * @words:	of the rule; else it is declared
 * @phys:	the memory
 * @size:	bytes
 * @device:	where the device sees it, ODMA_POOL_DERIVE: derived
 */
struct odma_way {
	const char *name;
	const char *words;
	u64 phys;
	u64 size;
	u64 device;
};

static const struct odma_way odma_ways[] = {
	{ "rule", "pool=0x44000000+2M", 0x44000000, SZ_2M, ODMA_POOL_DERIVE },
	{ "rule, device address", "stats pool=0x44203000+1M@0x123456785000",
	  0x44203000, SZ_1M, 0x123456785000 },
	{ "rule, uncached", "coherent=no pool=0x45000000+1M@0",
	  0x45000000, SZ_1M, 0 },
	{ "declared", NULL, 0x44001000, SZ_2M, ODMA_POOL_DERIVE },
	{ "declared, device address", NULL, 0x45ff0000, SZ_64K, 0xffff0000 },
};

static void odma_describe_way(const struct odma_way *way, char *desc)
{
	strscpy(desc, way->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_way, odma_ways, odma_describe_way);

static const struct odma_way *odma_go(struct kunit *test)
{
	const struct odma_way *way = test->param_value;
	struct odma_fixture *fx = test->priv;

	odma_bind_with(fx, way->words ?: "");
	if (!way->words)
		KUNIT_ASSERT_EQ(test, 0,
				odma_declare_coherent_memory(fx->dev,
							     way->phys,
							     way->device,
							     way->size));
	KUNIT_ASSERT_NOT_NULL(test, odma_own_pool(fx, 0));
	KUNIT_ASSERT_NULL(test, odma_own_pool(fx, 1));
	return way;
}

static u64 odma_seen_at(const struct odma_way *way)
{
	return way->device == ODMA_POOL_DERIVE ? way->phys : way->device;
}

static void odma_check_buffer(struct kunit *test, const struct odma_way *way,
			      const struct odma_buffer *buf)
{
	size_t whole = PAGE_ALIGN(buf->size);
	u64 span = roundup_pow_of_two(whole);
	u64 base = odma_seen_at(way);
	u64 phys = way->phys + (buf->handle - base);

	KUNIT_EXPECT_TRUE(test, odma_buffer_at(buf, base, way->size));
	KUNIT_EXPECT_EQ(test, 0, buf->handle & (span - 1));
	/* Zeroes, as far as a process would see of it. */
	KUNIT_EXPECT_NULL(test, memchr_inv(buf->cpu, 0, whole));
	KUNIT_EXPECT_TRUE(test, odma_memory_is(test, phys, whole, 0));
	/* One memory, whichever way one looks. */
	memset(buf->cpu, 0xa7, whole);
	wmb(); /* write-combining buffers */
	KUNIT_EXPECT_TRUE(test, odma_memory_is(test, phys, whole, 0xa7));
}

static void odma_pool_gives(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 100, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1, 3 * PAGE_SIZE,
		5 * PAGE_SIZE - 100, SZ_32K, SZ_32K + 1, SZ_64K, SZ_64K + 1,
		33 * PAGE_SIZE, SZ_256K,
	};
	const struct odma_way *way = odma_go(test);
	struct odma_fixture *fx = test->priv;
	struct odma_pool *pool = odma_own_pool(fx, 0);
	struct odma_buffer buf;
	int i;

	odma_scribble(test, way->phys, way->size, 0xdb);
	for (i = 0; i < ARRAY_SIZE(sizes) && sizes[i] <= way->size; i++) {
		KUNIT_ASSERT_TRUE_MSG(test, odma_get_buffer(fx, &buf, sizes[i]),
				      "%zu bytes", sizes[i]);
		odma_check_buffer(test, way, &buf);
		KUNIT_EXPECT_EQ(test, pool->map.used, PFN_UP(sizes[i]));
		odma_put_buffer(fx, &buf);
		KUNIT_EXPECT_EQ(test, pool->map.used, 0);
	}
	KUNIT_EXPECT_EQ(test, pool->map.high_water, PFN_UP(sizes[i - 1]));
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).failures);
}

/* The kernel's own pools can be had whole, wherever they begin. */
static void odma_pool_whole(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf;

	odma_bind_with(fx, "pool=0x44100000+4M pool=only");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_4M));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44100000);
	odma_put_buffer(fx, &buf);
	/* What has a place that is aligned gets it. */
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_2M));
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44200000);
	odma_put_buffer(fx, &buf);
}

/* 60 KiB each: no two fit into 64 KiB, and none goes over its end. */
static void odma_pool_no_crossing(struct kunit *test)
{
	const struct odma_way *way = odma_go(test);
	struct odma_fixture *fx = test->priv;
	u64 base = odma_seen_at(way);
	struct odma_buffer buf[40];
	int n = 0, i;

	while (n < ARRAY_SIZE(buf)) {
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[n],
							15 * PAGE_SIZE));
		n++;
		if (!odma_buffer_at(&buf[n - 1], base, way->size))
			break;
		KUNIT_EXPECT_EQ(test, 0, buf[n - 1].handle % SZ_64K);
	}
	/* As many as the pool has of 64 KiB that are aligned, but for one. */
	KUNIT_EXPECT_GE(test, n - 1, min_t(int, ARRAY_SIZE(buf),
					   way->size / SZ_64K) - 1);
	for (i = 0; i < n; i++)
		odma_put_buffer(fx, &buf[i]);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 0);
}

/* All of it, page by page, each once; then the backend. */
static void odma_pool_every_page(struct kunit *test)
{
	const struct odma_way *way = odma_go(test);
	struct odma_fixture *fx = test->priv;
	u64 base = odma_seen_at(way);
	int pages = way->size / PAGE_SIZE, i;
	struct odma_buffer *buf;

	buf = kunit_kcalloc(test, pages + 1, sizeof(*buf), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, buf);
	for (i = 0; i <= pages; i++) {
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[i], 8));
		KUNIT_ASSERT_EQ(test, i < pages,
				odma_buffer_at(&buf[i], base, way->size));
		*(u64 *)buf[i].cpu = i;
	}
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, pages);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->failures, 1);
	for (i = 0; i <= pages; i++) {
		KUNIT_EXPECT_EQ(test, *(u64 *)buf[i].cpu, i);
		odma_put_buffer(fx, &buf[i]);
	}
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).allocs, pages + 1);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).frees, pages + 1);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).failures, 0);
}

/* The bus sets them before each bind, and the driver core frees them after. */
static void odma_rebind_in_ranges(struct odma_fixture *fx,
				  const struct bus_dma_region *range)
{
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_set_ranges(fx, range, 1);
	KUNIT_ASSERT_EQ(fx->test, 0, odma_bind_driver(fx, ODMA_DRIVER));
}

/* The device's ranges say where it sees the pool; half of one is none. */
static void odma_pool_dma_ranges(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const u64 shift = 0x8000000000;
	struct bus_dma_region range = odma_range(0, shift, SZ_2G);
	struct odma_buffer buf;

	odma_set_ranges(fx, &range, 1);
	odma_bind_with(fx, "pool=0x44000000+1M pool=0x44100000+1M@0x7000000");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_8K));
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&buf, 0x44000000 + shift,
					       SZ_1M));
	odma_put_buffer(fx, &buf);
	/* What was given is not derived. */
	range = odma_range(0x44080000, shift, SZ_128M);
	odma_rebind_in_ranges(fx, &range);
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_8K));
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&buf, 0x7000000, SZ_1M));
	odma_put_buffer(fx, &buf);
	/* All that is asked for would fit, but the pool's end is not there. */
	range = odma_range(0x44000000, shift, SZ_512K);
	odma_rebind_in_ranges(fx, &range);
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_8K));
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&buf, 0x7000000, SZ_1M));
	odma_put_buffer(fx, &buf);
	odma_set_ranges(fx, NULL, 0);
}

static u64 odma_source(const struct odma_buffer *buf)
{
	return buf->handle & ~(u64)(SZ_64K - 1);
}

/* Own pools in their order, the global one, the backend. */
static void odma_pool_order(struct kunit *test)
{
	static const u64 order[] = {
		0x44000000, 0x44000000, 0x44200000, 0x44200000, 0x44100000,
		0x44100000,
	};
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf[7];
	int i;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44100000,
							      SZ_64K));
	odma_bind_with(fx, "pool=global pool=0x44000000+64K pool=0x44200000+64K");
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[i], SZ_32K));
	for (i = 0; i < ARRAY_SIZE(order); i++)
		KUNIT_EXPECT_EQ(test, odma_source(&buf[i]), order[i]);
	KUNIT_EXPECT_FALSE(test, odma_buffer_at(&buf[i], ODMA_KEPT,
						ODMA_KEPT_END - ODMA_KEPT));
	/* A place that is free again comes before what is further on. */
	odma_put_buffer(fx, &buf[1]);
	odma_put_buffer(fx, &buf[4]);
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[1], SZ_32K));
	KUNIT_EXPECT_EQ(test, odma_source(&buf[1]), order[1]);
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf[4], SZ_32K));
	KUNIT_EXPECT_EQ(test, odma_source(&buf[4]), order[4]);
	for (i = 0; i < ARRAY_SIZE(buf); i++)
		odma_put_buffer(fx, &buf[i]);
}

/* Without the word the global pool is not for this device. */
static void odma_pool_not_global(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf;

	KUNIT_ASSERT_EQ(test, 0, odma_declare_global_coherent(0x44100000,
							      SZ_1M));
	odma_bind_with(fx, "pool=0x44000000+64K");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, SZ_128K));
	KUNIT_EXPECT_FALSE(test, odma_buffer_at(&buf, 0x44100000, SZ_1M));
	odma_put_buffer(fx, &buf);
}

static void odma_pool_only(struct kunit *test)
{
	static const char full[] =
		"32768 bytes asked, largest free run 16384, 49152 of";
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf, none;
	char text[96];

	odma_bind_with(fx, "pool=0x44000000+64K pool=only pool=0x44200000+16K");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &buf, 12 * PAGE_SIZE));
	odma_mark_log();
	KUNIT_EXPECT_FALSE(test, odma_get_buffer(fx, &none, SZ_32K));
	KUNIT_EXPECT_EQ(test, none.handle, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines(full));
	snprintf(text, sizeof(text),
		 "%s (odma-kunit) holds most, 49152 bytes in 1 allocations",
		 dev_name(fx->dev));
	KUNIT_EXPECT_EQ(test, 1, odma_log_lines(text));
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).allocs);
	/* What no pool will ever hold is no different. */
	KUNIT_EXPECT_FALSE(test, odma_get_buffer(fx, &none, SZ_1M));
	KUNIT_EXPECT_EQ(test, 2, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, 4, odma_read_file(fx, "pool_failures"));
	odma_put_buffer(fx, &buf);
	KUNIT_EXPECT_TRUE(test, odma_get_buffer(fx, &buf, SZ_32K));
	odma_put_buffer(fx, &buf);
}

/* Whoever asks to keep the log quiet is heard, and counted all the same. */
static void odma_pool_only_quiet(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;

	odma_bind_with(fx, "pool=0x44000000+64K pool=only");
	odma_mark_log();
	KUNIT_EXPECT_NULL(test, odma_alloc_attrs(fx->dev, SZ_1M, &handle,
						 GFP_KERNEL,
						 DMA_ATTR_NO_WARN));
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, SZ_1M, &handle,
						    GFP_KERNEL | __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, 0, odma_log_lines("no room"));
	KUNIT_EXPECT_EQ(test, 2, odma_counted_so_far(fx).failures);
}

/* As many pages of the pool as the mask reaches, for the last byte of each. */
static void odma_pool_mask(struct kunit *test)
{
	static const struct {
		u64 mask;
		u64 bus_limit;
		int pages;
	} reach[] = {
		{ DMA_BIT_MASK(64), 0, 16 },
		{ DMA_BIT_MASK(27), 0, 16 },
		{ DMA_BIT_MASK(26), 0, 8 },
		{ DMA_BIT_MASK(25), 0, 0 },
		{ DMA_BIT_MASK(64), 0x3ff8000 + 0xfff, 1 },
		{ DMA_BIT_MASK(64), 0x3ff8000 + 0xffe, 0 },
		{ DMA_BIT_MASK(64), 0x3ff8000, 0 },
		{ DMA_BIT_MASK(64), 0x3ff7fff, 0 },
		{ DMA_BIT_MASK(64), 0x3ff8000 + 0x5fff, 6 },
		{ DMA_BIT_MASK(64), 0x3ff8000 + 0x6ffe, 6 },
		{ DMA_BIT_MASK(64), 0x4007fff, 16 },
		{ DMA_BIT_MASK(64), 0x4007ffe, 15 },
		{ DMA_BIT_MASK(26), 0x4007fff, 8 },
	};
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf[17];
	int i, n;

	odma_bind_with(fx, "pool=only pool=0x44000000+64K@0x3ff8000");
	for (i = 0; i < ARRAY_SIZE(reach); i++) {
		odma_set_masks(fx, reach[i].mask);
		fx->dev->bus_dma_limit = reach[i].bus_limit;
		for (n = 0; n < ARRAY_SIZE(buf); n++)
			if (!odma_get_buffer(fx, &buf[n], 64))
				break;
		KUNIT_EXPECT_EQ_MSG(test, n, reach[i].pages,
				    "mask %#llx, bus limit %#llx",
				    reach[i].mask, reach[i].bus_limit);
		while (n--)
			odma_put_buffer(fx, &buf[n]);
	}
	fx->dev->bus_dma_limit = 0;
}

/* From the first address on, and almost up to the last one. */
static void odma_pool_ends_of_space(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer low, high;

	odma_bind_with(fx, "pool=0x44000000+8K@0 pool=0x44010000+64K@0xfffffffffffe0000");
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &low, SZ_8K));
	KUNIT_ASSERT_TRUE(test, odma_get_buffer(fx, &high, SZ_64K));
	KUNIT_EXPECT_EQ(test, low.handle, 0);
	KUNIT_EXPECT_EQ(test, high.handle, 0xfffffffffffe0000);
	odma_put_buffer(fx, &low);
	odma_put_buffer(fx, &high);
}

static void odma_pool_atomic(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_buffer buf = { .size = SZ_16K };
	unsigned long flags;
	dma_addr_t handle;
	bool ours;
	void *cpu;

	odma_bind_with(fx, "pool=0x44000000+1M");
	odma_scribble(test, 0x44000000, SZ_1M, 0xdb);
	local_irq_save(flags);
	buf.cpu = odma_alloc_coherent(fx->dev, SZ_16K, &buf.handle, GFP_ATOMIC);
	cpu = odma_alloc_from_dev_coherent(fx->dev, SZ_16K, &handle);
	local_irq_restore(flags);
	KUNIT_ASSERT_NOT_NULL(test, buf.cpu);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, buf.handle, 0x44000000);
	KUNIT_EXPECT_EQ(test, handle, 0x44004000);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_16K));
	local_irq_save(flags);
	ours = odma_release_from_dev_coherent(fx->dev, SZ_16K, cpu);
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, ours);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 4);
	odma_put_buffer(fx, &buf);
}

static struct kunit_case odma_pool_cases[] = {
	KUNIT_CASE_PARAM(odma_pool_gives, odma_way_gen_params),
	KUNIT_CASE(odma_pool_whole),
	KUNIT_CASE_PARAM(odma_pool_no_crossing, odma_way_gen_params),
	KUNIT_CASE_PARAM(odma_pool_every_page, odma_way_gen_params),
	KUNIT_CASE(odma_pool_dma_ranges),
	KUNIT_CASE(odma_pool_order),
	KUNIT_CASE(odma_pool_not_global),
	KUNIT_CASE(odma_pool_only),
	KUNIT_CASE(odma_pool_only_quiet),
	KUNIT_CASE(odma_pool_mask),
	KUNIT_CASE(odma_pool_ends_of_space),
	KUNIT_CASE(odma_pool_atomic),
	{}
};

struct kunit_suite odma_pool_suite = {
	.name = "odma-pool",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_cases,
};
