// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that have to grow: where nothing may wait, where somebody may, with
 * memory in small pieces, and as far as they were asked to.
 */
#include <linux/bottom_half.h>
#include <linux/delay.h>
#include <linux/list.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../suites.h"
#include "fixture.h"

static int odma_grow_case_init(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("idle_ms", "50"));
	return odma_unbound_init(test);
}

static void odma_grow_case_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("idle_ms", "10000"));
	odma_fixture_exit(test);
}

static dma_addr_t *odma_addresses(struct kunit *test, int count)
{
	dma_addr_t *addr = kvmalloc_array(count, sizeof(*addr), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, addr);
	return addr;
}

/* Nobody else runs on this CPU, and no worker is waited for. */
static int odma_map_burst(struct odma_fixture *fx, u8 *buf, size_t size,
			  dma_addr_t *addr, int count)
{
	int i = 0;

	local_bh_disable();
	while (i < count && odma_try_map(fx->dev, buf, size, &addr[i]))
		i++;
	local_bh_enable();
	return i;
}

#define ODMA_BURST	SZ_16M

/* What is there is used up, to the last slot and the limit. */
static void odma_grow_burst(struct kunit *test)
{
	const int all = ODMA_BURST / ODMA_SLOT;
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=1024 limit_kib=16384");
	dma_addr_t *addr = odma_addresses(test, all + 1);
	u8 *buf = odma_test_buffer(test, 0);
	int count = odma_map_burst(fx, buf, 2048, addr, all + 1);

	/* The worker, on another CPU, may have had a hand on the rest. */
	KUNIT_EXPECT_GE(test, count, all / 2);
	count += odma_fill(fx, fx->dev, buf, 2048, &addr[count],
			   all + 1 - count);
	KUNIT_EXPECT_EQ(test, all, count);
	KUNIT_EXPECT_EQ(test, ODMA_BURST, odma_pool_file(fx, "bytes"));
	KUNIT_EXPECT_EQ(test, all, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "failed_full"), 1);
	/* A few steps, not one for each mapping. */
	KUNIT_EXPECT_LT(test, odma_pool_file(fx, "at_once"), 100);
	odma_unmap_all(fx->dev, addr, count, 2048);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_1M, SZ_1M));
	kvfree(addr);
}

/* What is as large as a page begins at one: 10 times 5 slots in each word. */
static void odma_grow_burst_odd(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=8192");
	dma_addr_t *addr = odma_addresses(test, 2000);
	u8 *buf = odma_test_buffer(test, 2);
	int count = odma_map_burst(fx, buf, 9000, addr, 2000);

	KUNIT_EXPECT_GE(test, count, 10 * 64 / 4);
	count += odma_fill(fx, fx->dev, buf, 9000, &addr[count], 2000 - count);
	KUNIT_EXPECT_EQ(test, 10 * 64, count);
	odma_unmap_all(fx->dev, addr, count, 9000);
	kvfree(addr);
}

/* Whoever may wait has all that the rule allows, in any size. */
static void odma_grow_restricted(struct kunit *test)
{
	static const size_t sizes[] = { SZ_4K, SZ_16K, SZ_64K, SZ_1M };
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb restricted");
	dma_addr_t *addr = odma_addresses(test, SZ_16M / SZ_4K);
	void **cpu = kvmalloc_array(SZ_16M / SZ_4K, sizeof(*cpu), GFP_KERNEL);
	int i, count;

	KUNIT_ASSERT_NOT_NULL(test, cpu);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		for (count = 0; count < SZ_16M / sizes[i]; count++) {
			cpu[count] = odma_alloc_attrs(fx->dev, sizes[i],
						      &addr[count], GFP_KERNEL,
						      DMA_ATTR_NO_WARN);
			if (!cpu[count])
				break;
		}
		KUNIT_EXPECT_EQ_MSG(test, SZ_16M / sizes[i], count,
				    "of %zu bytes", sizes[i]);
		while (count--)
			odma_free_coherent(fx->dev, sizes[i], cpu[count],
					   addr[count]);
		KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_1M,
						       SZ_1M));
	}
	kvfree(cpu);
	kvfree(addr);
}

/* As much again as there is, though no area is as large. */
static void odma_grow_target(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=12288 limit_kib=65536");
	u8 *buf = odma_test_buffer(test, 8);
	dma_addr_t addr[10];
	int i;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("idle_ms", "10000"));
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M,
						     &addr[i]));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", 2 * 12 * SZ_1M,
					       2 * 12 * SZ_1M));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "at_once"));
	odma_unmap_all(fx->dev, addr, ARRAY_SIZE(addr), SZ_1M);
}

#ifndef CONFIG_ARM64

/* All of ZONE_DMA, of which every second page is given back. */
static void odma_crumble(struct list_head *taken)
{
	struct page *page, *next;
	LIST_HEAD(all);
	int i = 0;

	while ((page = alloc_page(GFP_KERNEL | GFP_DMA | __GFP_NORETRY |
				  __GFP_NOWARN))) {
		bool low = page_to_phys(page) <= ODMA_LOW_MASK;

		list_add(&page->lru, low ? &all : taken);
		if (!low)
			break;
	}
	list_for_each_entry_safe(page, next, &all, lru) {
		list_move(&page->lru, taken);
		if (page_to_pfn(page) % 2 && i++ < 256) {
			list_del(&page->lru);
			__free_page(page);
		}
	}
}

static void odma_uncrumble(struct list_head *taken)
{
	struct page *page, *next;

	list_for_each_entry_safe(page, next, taken, lru) {
		list_del(&page->lru);
		__free_page(page);
	}
}

/* No two pages that are neighbours: one is as much as a mapping needs. */
static void odma_grow_fragmented(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb bits=24 pool_kib=128 limit_kib=4096");
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr[120], twice;
	LIST_HEAD(taken);
	int count, i;

	odma_crumble(&taken);
	count = odma_map_burst(fx, buf, 2048, addr, ARRAY_SIZE(addr));
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(addr), count);
	KUNIT_EXPECT_LT(test, odma_pool_file(fx, "bytes"), SZ_1M);
	for (i = 0; i < count; i++)
		odma_pattern(odma_device_view(fx, addr[i]), 2048, i);
	for (i = 0; i < count; i++) {
		odma_unmap_all(fx->dev, &addr[i], 1, 2048);
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 2048, i));
	}
	/* Beside them is memory that is no pool's. */
	twice = addr[0];
	odma_unmap_all(fx->dev, &twice, 1, 2048);
	odma_uncrumble(&taken);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
}

#endif

static struct kunit_case odma_grow_cases[] = {
	KUNIT_CASE(odma_grow_burst),
	KUNIT_CASE(odma_grow_burst_odd),
	KUNIT_CASE(odma_grow_restricted),
	KUNIT_CASE(odma_grow_target),
#ifndef CONFIG_ARM64
	KUNIT_CASE(odma_grow_fragmented),
#endif
	{}
};

struct kunit_suite odma_swiotlb_grow_suite = {
	.name = "odma-swiotlb-grow",
	.suite_init = odma_begin_suite,
	.init = odma_grow_case_init,
	.exit = odma_grow_case_exit,
	.test_cases = odma_grow_cases,
};
