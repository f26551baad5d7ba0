// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass" when masks and limits change: what "all of memory" is,
 * and that what is live stays where it is.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>
#include "bypass.h"
#include "../shared/log.h"
#include "../suites.h"

static const struct {
	const char *name;
	int (*set)(struct device *dev, u64 mask);
} odma_mask_setters[] = {
	{ "odma_set_mask", odma_set_mask },
	{ "dma_set_mask", dma_set_mask },
};

/* Nothing is live: the next call follows the mask, both ways, at once. */
static void odma_bypass_mask_changes(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	struct kmsg_dump_iter log;
	int i, round;

	odma_log_mark(&log);
	for (i = 0; i < ARRAY_SIZE(odma_mask_setters); i++) {
		for (round = 0; round < 3; round++) {
			int (*set)(struct device *dev, u64 mask) =
				odma_mask_setters[i].set;

			KUNIT_EXPECT_EQ(test, 0, set(dev, ODMA_NARROW));
			odma_expect_map_side(test, false);
			odma_expect_alloc_side(test, true);
			KUNIT_EXPECT_EQ(test, 0, set(dev, ODMA_WIDE));
			odma_expect_map_side(test, true);
			KUNIT_EXPECT_EQ(test, 0,
					dma_set_coherent_mask(dev,
							      ODMA_NARROW));
			odma_expect_alloc_side(test, false);
			odma_expect_map_side(test, true);
			KUNIT_EXPECT_EQ(test, 0,
					odma_set_coherent_mask(dev, ODMA_WIDE));
			odma_expect_alloc_side(test, true);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "has changed"));
}

/*
 * What is live is undone where it was made, new ones join it, the log says so
 * once, and when all are gone the mask has its way.
 */
static void odma_keep_while_mapped(struct kunit *test, bool direct)
{
	struct odma_fixture *fx = test->priv;
	/* In reach of the narrow mask: the direct path has to serve it. */
	struct page *page = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	struct device *dev = fx->dev;
	struct kmsg_dump_iter log;
	struct scatterlist sg[2];
	dma_addr_t a, b;

	sg_init_table(sg, 2);
	sg_set_page(&sg[0], page, 64, 128);
	sg_set_page(&sg[1], page, 64, 256);
	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(dev, direct ? ODMA_WIDE :
					      ODMA_NARROW));
	a = dma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
	odma_log_mark(&log);
	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(dev, direct ? ODMA_NARROW :
					      ODMA_WIDE));
	odma_record.calls = 0;
	odma_sync_single_for_cpu(dev, a, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_CPU);
	/* Yet another mask, that calls for the same. */
	*dev->dma_mask = direct ? ODMA_LESS_NARROW : ODMA_WIDE;
	b = odma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_MAP);
	odma_expect_map_side(test, direct);
	KUNIT_EXPECT_GT(test, dma_map_sg(dev, sg, 2, DMA_TO_DEVICE), 0);
	odma_expect_side(test, direct, ODMA_OP_MAP_SG);
	KUNIT_EXPECT_EQ(test, dma_max_mapping_size(dev),
			direct ? SIZE_MAX : ODMA_MAX_SIZE);
	/* The other type of call is not concerned. */
	odma_expect_alloc_side(test, true);
	dma_unmap_page(dev, a, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	odma_unmap_sg(dev, sg, 2, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_SG);
	odma_expect_map_side(test, direct);
	odma_unmap_page(dev, b, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	odma_expect_map_side(test, !direct);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "has changed"));
}

static void odma_bypass_live_mapping(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_bypass_bind(test, fx->mode->rule, 1, 1);
	odma_keep_while_mapped(test, true);
	odma_keep_while_mapped(test, false);
	odma_keep_while_mapped(test, true);
}

static void odma_bypass_live_alloc(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	struct kmsg_dump_iter log;
	bool direct = true;
	dma_addr_t handle;
	char words[96];
	int round;
	void *cpu;

	for (round = 0; round < 4; round++, direct = !direct) {
		odma_expect_alloc_side(test, direct);
		cpu = odma_alloc_coherent(dev, 64, &handle, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_log_mark(&log);
		KUNIT_EXPECT_EQ(test, 0,
				dma_set_coherent_mask(dev, direct ?
						      ODMA_NARROW :
						      ODMA_WIDE));
		odma_expect_alloc_side(test, direct);
		odma_expect_alloc_side(test, direct);
		odma_expect_map_side(test, true);
		dma_free_coherent(dev, 64, cpu, handle);
		odma_expect_side(test, direct, ODMA_OP_FREE);
		odma_expect_alloc_side(test, !direct);
		snprintf(words, sizeof(words),
			 "odma: %s: the coherent mask has changed",
			 dev_name(dev));
		KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, words));
	}
	KUNIT_EXPECT_EQ(test, odma_record.allocs, odma_record.frees);
}

/* Pages hold the streaming choice. */
static void odma_bypass_live_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_FROM_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_NARROW));
	odma_record.calls = 0;
	dma_sync_single_for_cpu(dev, handle, PAGE_SIZE, DMA_FROM_DEVICE);
	odma_expect_side(test, true, ODMA_OP_SYNC_CPU);
	odma_expect_alloc_side(test, false);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_FROM_DEVICE);
	odma_expect_side(test, true, ODMA_OP_FREE_PAGES);
	odma_expect_map_side(test, false);
}

/* What failed is not live, whatever it was. */
static void odma_bypass_failures(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(test, 1, 64);
	dma_addr_t handle;
	int i;

	odma_record.addr_ret = DMA_MAPPING_ERROR;
	odma_record.sg_ret = -ENOMEM;
	for (i = 0; i < 2; i++) {
		handle = dma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
		KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
		KUNIT_EXPECT_EQ(test, 0, dma_map_sg(dev, sg, 1, DMA_TO_DEVICE));
		handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE,
					  0);
		KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
		/* Hundreds of GiB: neither side has them. */
		KUNIT_EXPECT_NULL(test, odma_alloc_attrs(dev, 1UL << 38,
							 &handle,
							 GFP_KERNEL |
							 __GFP_NOWARN,
							 DMA_ATTR_NO_WARN));
		KUNIT_EXPECT_NULL(test, dma_alloc_pages(dev, 1UL << 38,
							&handle,
							DMA_TO_DEVICE,
							GFP_KERNEL |
							__GFP_NOWARN));
		odma_record.addr_ret = ODMA_OWN_ADDR;
		KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev,
								   ODMA_WIDE));
		odma_expect_map_side(test, true);
		odma_expect_alloc_side(test, true);
		odma_record.addr_ret = DMA_MAPPING_ERROR;
		KUNIT_EXPECT_EQ(test, 0,
				dma_set_mask_and_coherent(dev, ODMA_NARROW));
		odma_record.calls = 0;
	}
	/* The direct path fails, too: the mask does not reach this. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	dev->bus_dma_limit = ODMA_WIDE;
	handle = dma_map_resource(dev, 1ULL << 50, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
	dev->bus_dma_limit = 0;
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_NARROW));
	odma_record.addr_ret = ODMA_OWN_ADDR;
	odma_expect_map_side(test, false);
}

/* "All of memory" is what the bus lets through, and what its ranges hold. */
static void odma_bypass_bus_limit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	u64 need = dma_get_required_mask(&fx->ref->dev);

	dev->bus_dma_limit = need >> 1;
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	dev->bus_dma_limit = need;
	odma_expect_map_side(test, true);
	odma_expect_alloc_side(test, true);
	dev->bus_dma_limit = 0;
	/* To the bit. */
	*dev->dma_mask = need >> 1;
	dev->coherent_dma_mask = need >> 1;
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	*dev->dma_mask = need;
	dev->coherent_dma_mask = need;
	odma_expect_map_side(test, true);
	odma_expect_alloc_side(test, true);
	/* No limit of the bus stands in for a mask. */
	dev->bus_dma_limit = ODMA_WIDE;
	*dev->dma_mask = 0;
	odma_expect_map_side(test, false);
	dev->bus_dma_limit = 0;
	*dev->dma_mask = ODMA_WIDE;
}

static void odma_bypass_ranges(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	u64 shift = 0x10000000000;
	struct bus_dma_region all = odma_range(0, shift, SZ_4G);
	struct bus_dma_region low = odma_range(ODMA_RAM, shift, SZ_16M);
	struct bus_dma_region two[] = {
		odma_range(ODMA_RAM + SZ_16M, 0x100000000, SZ_4G),
		odma_range(ODMA_RAM, 0, SZ_16M),
	};
	struct bus_dma_region gap[] = {
		odma_range(ODMA_RAM, 0, SZ_16M),
		odma_range(ODMA_RAM + SZ_32M, SZ_32M, SZ_4G),
	};

	odma_set_ranges(fx, &all, 1);
	odma_expect_map_side(test, true);
	*dev->dma_mask = shift - 1;
	odma_expect_map_side(test, false);
	*dev->dma_mask = ODMA_WIDE;
	/* Most of memory has no address on this bus: no mask covers that. */
	odma_set_ranges(fx, &low, 1);
	odma_expect_map_side(test, false);
	*dev->dma_mask = DMA_BIT_MASK(64);
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, gap, 2);
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, two, 2);
	odma_expect_map_side(test, true);
	*dev->dma_mask = U32_MAX;
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, NULL, 0);
	odma_expect_map_side(test, true);
}

/* The side that a mask leads to is the one that may refuse it. */
static void odma_bypass_supported(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);

	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	KUNIT_EXPECT_EQ(test, 0, odma_set_coherent_mask(dev, ODMA_WIDE));
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(dev, DMA_BIT_MASK(20)));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_coherent_mask(dev,
							   DMA_BIT_MASK(20)));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), ODMA_WIDE);
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, ODMA_WIDE);
	/* The direct path alone would refuse this one. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_NARROW));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	/* Where the backend has no opinion, any mask will do. */
	odma_bypassed_ops.dma_supported = NULL;
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(20)));
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
}

static struct kunit_case odma_bypass_masks_cases[] = {
	KUNIT_CASE(odma_bypass_mask_changes),
	KUNIT_CASE(odma_bypass_live_mapping),
	KUNIT_CASE(odma_bypass_live_alloc),
	KUNIT_CASE(odma_bypass_live_pages),
	KUNIT_CASE(odma_bypass_failures),
	KUNIT_CASE(odma_bypass_bus_limit),
	KUNIT_CASE(odma_bypass_ranges),
	KUNIT_CASE(odma_bypass_supported),
	{}
};

struct kunit_suite odma_bypass_masks_suite = {
	.name = "odma-bypass-masks",
	.suite_init = odma_begin_suite,
	.init = odma_bypass_init,
	.exit = odma_bypass_exit,
	.test_cases = odma_bypass_masks_cases,
};
