// SPDX-License-Identifier: GPL-2.0
/*
 * Examples of the kernel's DMA API HOWTO: handling errors. In any mode a
 * buffer of vmalloc() can't be mapped, and with a backend that fails when told,
 * one that could be.
 */
#include <linux/mm.h>
#include <linux/vmalloc.h>
#include "howto.h"
#include "../suites.h"

static int odma_map_two(struct device *dev, void *a, void *b, size_t size,
			dma_addr_t handles[2])
{
	handles[0] = odma_map_single(dev, a, size, DMA_TO_DEVICE);
	if (odma_mapping_error(dev, handles[0]))
		goto map_error_handling1;
	handles[1] = odma_map_single(dev, b, size, DMA_TO_DEVICE);
	if (odma_mapping_error(dev, handles[1]))
		goto map_error_handling2;
	return 0;

map_error_handling2:
	odma_unmap_single(dev, handles[0], size, DMA_TO_DEVICE);
map_error_handling1:
	return -EIO;
}

static void odma_howto_unwind_two(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *good = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	void *bad = vmalloc(PAGE_SIZE);
	dma_addr_t handles[2];
	struct odma_counters sum;

	KUNIT_ASSERT_NOT_NULL(test, bad);
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_map_two(fx->dev, bad, good, 64, handles));
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_map_two(fx->dev, good, bad, 64, handles));
	vfree(bad);
	odma_merger.fail = 2;
	if (odma_is_merging(fx))
		KUNIT_EXPECT_EQ(test, -EIO, odma_map_two(fx->dev, good, good,
							 64, handles));
	KUNIT_EXPECT_EQ(test, odma_merger.live, 0);
	odma_merger.fail = 0;
	KUNIT_EXPECT_EQ(test, 0, odma_map_two(fx->dev, good, good + 64, 64,
					      handles));
	odma_unmap_single(fx->dev, handles[0], 64, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, handles[1], 64, DMA_TO_DEVICE);
	if (!fx->mode->stats)
		return;
	/* One in the first half, which was undone, and two in the second. */
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.maps, odma_is_merging(fx) ? 4 : 3);
	KUNIT_EXPECT_EQ(test, sum.maps, sum.unmaps);
}

#define ODMA_DMA_BUFFERS 8

static int odma_map_all(struct device *dev, u8 *const bufs[],
			dma_addr_t array[])
{
	int i, save_index = 0;

	for (i = 0; i < ODMA_DMA_BUFFERS; i++) {
		dma_addr_t dma_addr;

		dma_addr = odma_map_single(dev, bufs[i], 128, DMA_FROM_DEVICE);
		if (odma_mapping_error(dev, dma_addr))
			goto map_error_handling;
		array[i] = dma_addr;
		save_index++;
	}
	return 0;

map_error_handling:
	for (i = 0; i < save_index; i++)
		odma_unmap_single(dev, array[i], 128, DMA_FROM_DEVICE);
	return -EIO;
}

static void odma_howto_unwind_loop(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	u8 *bad = vmalloc(PAGE_SIZE), *bufs[ODMA_DMA_BUFFERS];
	dma_addr_t array[ODMA_DMA_BUFFERS];
	int i, fail;

	KUNIT_ASSERT_NOT_NULL(test, bad);
	for (fail = 0; fail <= ODMA_DMA_BUFFERS; fail++) {
		struct odma_counters before = { }, after = { };
		u64 mapped = fx->mode->stats ? fail : 0;

		for (i = 0; i < ODMA_DMA_BUFFERS; i++)
			bufs[i] = buf + i * 128;
		if (fail < ODMA_DMA_BUFFERS && odma_is_merging(fx))
			odma_merger.fail = fail + 1;
		else if (fail < ODMA_DMA_BUFFERS)
			bufs[fail] = bad;
		if (fx->mode->rule)
			before = odma_counted_so_far(fx);
		KUNIT_EXPECT_EQ(test, odma_map_all(fx->dev, bufs, array),
				fail < ODMA_DMA_BUFFERS ? -EIO : 0);
		if (fail == ODMA_DMA_BUFFERS)
			while (i--)
				odma_unmap_single(fx->dev, array[i], 128,
						  DMA_FROM_DEVICE);
		KUNIT_EXPECT_EQ(test, odma_merger.live, 0);
		if (fx->mode->rule)
			after = odma_counted_so_far(fx);
		KUNIT_EXPECT_EQ(test, after.maps - before.maps, mapped);
		KUNIT_EXPECT_EQ(test, after.unmaps - before.unmaps, mapped);
	}
	vfree(bad);
}

/* The other calls that may fail say so in their own ways. */
static void odma_howto_failures(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	dma_addr_t handle;

	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, SIZE_MAX, &handle,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2, DMA_NONE));
	odma_merger.fail = 1;
	if (odma_is_merging(fx))
		KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2,
						     DMA_TO_DEVICE));
	odma_merger.fail = 0;
	KUNIT_EXPECT_EQ(test, odma_merger.live_lists, 0);
	/* Reduce, delay, and try again later: that works. */
	KUNIT_EXPECT_GT(test, odma_map_sg(fx->dev, sg, 2, DMA_TO_DEVICE), 0);
	odma_unmap_sg(fx->dev, sg, 2, DMA_TO_DEVICE);
}

static struct kunit_case odma_howto_errors_cases[] = {
	KUNIT_CASE_PARAM(odma_howto_unwind_two, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_unwind_loop, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_failures, odma_howto_modes),
	{}
};

struct kunit_suite odma_howto_errors_suite = {
	.name = "odma-howto-errors",
	.suite_init = odma_begin_suite,
	.init = odma_howto_init,
	.exit = odma_howto_exit,
	.test_cases = odma_howto_errors_cases,
};
