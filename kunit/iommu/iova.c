// SPDX-License-Identifier: GPL-2.0
/*
 * The addresses that mappings get. Of registers, which need no memory.
 */
#include <linux/prandom.h>
#include <linux/sizes.h>
#include <linux/sort.h>
#include "../../iommu/dma/iommu.h"
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

#define ODMA_LIVE	1500

struct odma_given {
	dma_addr_t addr;
	size_t size;
};

static struct odma_given odma_given[ODMA_LIVE];

static int odma_compare_given(const void *a, const void *b)
{
	const struct odma_given *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static bool odma_give(struct device *dev, struct odma_given *g, size_t size)
{
	g->size = size;
	g->addr = odma_map_resource(dev, 0xc0000000, size, DMA_TO_DEVICE, 0);
	return g->addr != DMA_MAPPING_ERROR;
}

static void odma_take_back(struct device *dev, struct odma_given *g)
{
	odma_unmap_resource(dev, g->addr, g->size, DMA_TO_DEVICE, 0);
	g->size = 0;
}

static void odma_expect_apart(struct kunit *test, struct device *dev)
{
	int i;

	sort(odma_given, ODMA_LIVE, sizeof(odma_given[0]), odma_compare_given,
	     NULL);
	for (i = 1; i < ODMA_LIVE; i++)
		if (odma_given[i].addr < odma_given[i - 1].addr +
					 odma_given[i - 1].size)
			KUNIT_FAIL(test, "%#llx overlaps the one before",
				   (u64)odma_given[i].addr);
}

/* Aligned to the power of two that holds it, and none in another. */
static void odma_iova_apart(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct rnd_state rnd;
	int i, round;

	prandom_seed_state(&rnd, 3);
	memset(odma_given, 0, sizeof(odma_given));
	for (round = 0; round < 4; round++) {
		for (i = 0; i < ODMA_LIVE; i++) {
			size_t size = (1 + prandom_u32_state(&rnd) % 70) *
				      SZ_4K;

			if (odma_given[i].size && prandom_u32_state(&rnd) % 2)
				continue;
			if (odma_given[i].size)
				odma_take_back(dev, &odma_given[i]);
			KUNIT_ASSERT_TRUE(test, odma_give(dev, &odma_given[i],
							  size));
			KUNIT_EXPECT_EQ(test, 0, odma_given[i].addr &
					(roundup_pow_of_two(size) - 1));
			KUNIT_EXPECT_NE(test, 0, odma_given[i].addr);
		}
		odma_expect_apart(test, dev);
	}
	for (i = 0; i < ODMA_LIVE; i++)
		odma_take_back(dev, &odma_given[i]);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

/* The last page that the mask reaches is given, and no byte beyond it. */
static void odma_iova_limits(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 masks[] = { DMA_BIT_MASK(20), DMA_BIT_MASK(32), DMA_BIT_MASK(40),
			DMA_BIT_MASK(64), 0x123fffULL, 0x1237ffULL };
	struct odma_given g;
	int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		u64 limit = min(masks[i], odma_soft->domain->geometry.last);

		*fx->dev->dma_mask = masks[i];
		KUNIT_ASSERT_TRUE(test, odma_give(fx->dev, &g, SZ_4K));
		KUNIT_EXPECT_LE(test, g.addr + SZ_4K - 1, limit);
		odma_take_back(fx->dev, &g);
	}
	*fx->dev->dma_mask = DMA_BIT_MASK(64);
	fx->dev->bus_dma_limit = 0xfffff;
	KUNIT_ASSERT_TRUE(test, odma_give(fx->dev, &g, SZ_512K));
	KUNIT_EXPECT_EQ(test, SZ_512K, g.addr);
	odma_take_back(fx->dev, &g);
	fx->dev->bus_dma_limit = 0;
}

/* What CPUs keep ready is not for who can't reach it, however small. */
static void odma_iova_small_limits(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_given g[8];
	size_t size;
	int i, bits;

	for (size = SZ_4K; size <= SZ_128K; size *= 2) {
		*fx->dev->dma_mask = DMA_BIT_MASK(32);
		for (i = 0; i < ARRAY_SIZE(g); i++)
			KUNIT_ASSERT_TRUE(test, odma_give(fx->dev, &g[i],
							  size));
		for (i = 0; i < ARRAY_SIZE(g); i++)
			odma_take_back(fx->dev, &g[i]);
		for (bits = 11; bits <= 18; bits++) {
			bool want = 2 * size <= BIT(bits);

			*fx->dev->dma_mask = DMA_BIT_MASK(bits);
			KUNIT_EXPECT_EQ_MSG(test, want,
					    odma_give(fx->dev, &g[0], size),
					    "%zu bytes below %d bits", size,
					    bits);
			if (g[0].addr == DMA_MAPPING_ERROR)
				continue;
			KUNIT_EXPECT_LE_MSG(test, g[0].addr + size - 1,
					    DMA_BIT_MASK(bits),
					    "%zu bytes, %d bits", size, bits);
			odma_take_back(fx->dev, &g[0]);
		}
	}
}

/* A mask without a page is refused, with the first page that there is. */
static void odma_iova_no_page(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;

	odma_log_mark(&log);
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(fx->dev, DMA_BIT_MASK(12)));
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(fx->dev, 0x1ffe));
	KUNIT_EXPECT_EQ(test, 2,
			odma_log_count(&log, "is 0x1000 to 0x1fff"));
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(fx->dev, DMA_BIT_MASK(13)));
}

/* No room below one mask says nothing of another one. */
static void odma_iova_failure_forgotten(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_given g;

	*fx->dev->dma_mask = DMA_BIT_MASK(20);
	KUNIT_EXPECT_FALSE(test, odma_give(fx->dev, &g, SZ_1M));
	*fx->dev->dma_mask = DMA_BIT_MASK(32);
	KUNIT_ASSERT_TRUE(test, odma_give(fx->dev, &g, SZ_1M));
	odma_take_back(fx->dev, &g);
}

/*
 * As PCI devices have it: below 4 GiB while there is room, and beyond it, not
 * asking again, when there is none.
 */
static void odma_iova_low_first(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct odma_translated *t = odma_device_of(dev)->priv;
	struct kmsg_dump_iter mark;
	struct odma_given g[4], small;
	int i;

	KUNIT_EXPECT_FALSE(test, t->low_first);
	*dev->dma_mask = DMA_BIT_MASK(64);
	KUNIT_ASSERT_TRUE(test, odma_give(dev, &small, SZ_4K));
	KUNIT_EXPECT_GT(test, small.addr, DMA_BIT_MASK(32));
	odma_take_back(dev, &small);
	t->low_first = true;
	odma_log_mark(&mark);
	/* Address 0 is nobody's, so there is room for three. */
	for (i = 0; i < 3; i++) {
		KUNIT_ASSERT_TRUE(test, odma_give(dev, &g[i], SZ_1G));
		KUNIT_EXPECT_LE(test, g[i].addr + SZ_1G - 1, DMA_BIT_MASK(32));
	}
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "below 4 GiB is left"));
	KUNIT_ASSERT_TRUE(test, odma_give(dev, &g[3], SZ_1G));
	KUNIT_EXPECT_GT(test, g[3].addr, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "below 4 GiB is left"));
	KUNIT_ASSERT_TRUE(test, odma_give(dev, &small, SZ_4K));
	KUNIT_EXPECT_GT(test, small.addr, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "below 4 GiB is left"));
	odma_take_back(dev, &small);
	for (i = 0; i < ARRAY_SIZE(g); i++)
		odma_take_back(dev, &g[i]);
}

static struct kunit_case odma_iova_cases[] = {
	KUNIT_CASE_PARAM(odma_iova_apart, odma_iommu_plain_modes),
	KUNIT_CASE(odma_iova_limits),
	KUNIT_CASE(odma_iova_small_limits),
	KUNIT_CASE(odma_iova_no_page),
	KUNIT_CASE(odma_iova_failure_forgotten),
	KUNIT_CASE(odma_iova_low_first),
	{}
};

struct kunit_suite odma_iova_suite = {
	.name = "odma-iova",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iova_cases,
};
