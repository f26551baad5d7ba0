// SPDX-License-Identifier: GPL-2.0
/*
 * The safety net under the direct backend: what a device can't reach bounces,
 * if there is somebody who provides bounce buffers.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <odma/bounce.h>
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

#define ODMA_LOW_POOL	__stringify(ODMA_LOW_BITS) "-bit"

static long odma_low_used(struct kunit *test)
{
	return odma_named_pool_file(test, ODMA_LOW_POOL, "used");
}

static int odma_net_case_init(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	return odma_bound_init(test);
}

static void odma_net_case_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_fixture_exit(test);
}

/* A page that the device reaches by a bounce buffer only. */
static u8 *odma_far_page(struct odma_fixture *fx)
{
	struct page *page = odma_test_pages(fx->test, GFP_KERNEL, 1);

	odma_banish(fx, page, 2 * PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	return page_address(page);
}

static void odma_net_bounces(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_far_page(fx);
	dma_addr_t addr;

	addr = odma_map_single(fx->dev, buf, 5000, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr + 4999, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, used + 3, odma_pool_file(fx, "used"));
	odma_unmap_single(fx->dev, addr, 5000, DMA_BIDIRECTIONAL);
	odma_round_trip(fx, buf, 5000, false);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).failures);
}

/* The kernel's own calls: they must find the functions that know of it. */
static void odma_net_kernel_calls(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	long used = odma_pool_file(fx, "used");

	odma_round_trip(fx, odma_far_page(fx), 700, true);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* Without the net it is as if there were no such module. */
static void odma_net_off(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 failures = odma_counted_so_far(fx).failures;
	long refs = odma_swiotlb_refs(test);
	u8 *buf = odma_far_page(fx);
	struct kmsg_dump_iter mark;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"reach, and no bounce backend serves it"));
	KUNIT_EXPECT_EQ(test, failures + 1, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, SIZE_MAX, odma_max_mapping_size(fx->dev));
	KUNIT_EXPECT_EQ(test, refs, odma_swiotlb_refs(test));
}

/* What was mapped before the first bounce is unmapped after it, and so on. */
static void odma_net_table(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const struct odma_device *odev = odma_device_of(fx->dev);
	const struct dma_map_ops *base = odev->base;
	u8 *near = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	u8 *far = odma_far_page(fx);
	dma_addr_t before, bounced, after;

	odma_pattern(near, 100, 1);
	before = odma_map_single(fx->dev, near, 100, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, before, virt_to_phys(near));
	KUNIT_EXPECT_PTR_EQ(test, base, odev->base);
	bounced = odma_map_single(fx->dev, far, 100, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, bounced, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_PTR_NE(test, base, odev->base);
	after = odma_map_single(fx->dev, near, 100, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, after, before);
	odma_sync_single_for_cpu(fx->dev, before, 100, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(near, 100, 1));
	odma_unmap_single(fx->dev, before, 100, DMA_BIDIRECTIONAL);
	odma_pattern(odma_device_view(fx, bounced), 100, 5);
	odma_unmap_single(fx->dev, bounced, 100, DMA_BIDIRECTIONAL);
	odma_unmap_single(fx->dev, after, 100, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(near, 100, 1));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(far, 100, 5));
}

/* Entries in reach stay in place, the one that is not bounces. */
static void odma_net_list(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sgl = odma_test_list(test, 5, 600), *sg;
	long used = odma_pool_file(fx, "used");
	u8 *view;
	int i;

	sgl[3].length = 0;
	odma_banish(fx, sg_page(&sgl[2]), PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	for_each_sg(sgl, sg, 5, i)
		odma_pattern(sg_virt(sg), sg->length, i);
	KUNIT_ASSERT_EQ(test, 5, odma_map_sg(fx->dev, sgl, 5,
					     DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(test, used + 1, odma_pool_file(fx, "used"));
	for_each_sg(sgl, sg, 5, i) {
		view = odma_device_view(fx, sg_dma_address(sg));
		if (i != 2 && sg->length)
			KUNIT_EXPECT_PTR_EQ(test, view, (u8 *)sg_virt(sg));
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(view, sg->length, i));
		odma_pattern(view, sg->length, i + 10);
	}
	odma_sync_sg_for_cpu(fx->dev, sgl, 5, DMA_BIDIRECTIONAL);
	for_each_sg(sgl, sg, 5, i) {
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(sg_virt(sg),
							 sg->length, i + 10));
		odma_pattern(sg_virt(sg), sg->length, i + 20);
	}
	odma_sync_sg_for_device(fx->dev, sgl, 5, DMA_BIDIRECTIONAL);
	view = odma_device_view(fx, sg_dma_address(&sgl[2]));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(view, 600, 22));
	odma_pattern(view, 600, 30);
	odma_unmap_sg(fx->dev, sgl, 5, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(sg_virt(&sgl[2]), 600, 30));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* The second of two that must bounce can't: nothing is left of the first. */
static void odma_net_list_undone(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sgl = odma_test_list(test, 3, 600);
	struct sg_table sgt = { .sgl = sgl, .orig_nents = 3, .nents = 42 };
	struct page *page = odma_test_pages(test, GFP_KERNEL, 2);
	long used = odma_pool_file(fx, "used");
	u64 failures = odma_counted_so_far(fx).failures;

	odma_banish(fx, page, 4 * PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	dma_set_seg_boundary(fx->dev, SZ_4K - 1);
	sg_set_page(&sgl[1], page, 600, 0);
	sg_set_page(&sgl[2], page, 5000, PAGE_SIZE);
	odma_pattern(page_address(page), 4 * PAGE_SIZE, 1);
	KUNIT_EXPECT_EQ(test, -ENOMEM, odma_map_sgtable(fx->dev, &sgt,
							DMA_FROM_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgl, 3, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, dma_map_sg(fx->dev, sgl, 3, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, sgt.nents, 42);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, failures + 3, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(page_address(page),
						 4 * PAGE_SIZE, 1));
	dma_set_seg_boundary(fx->dev, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 3, odma_map_sg(fx->dev, sgl, 3, DMA_TO_DEVICE));
	odma_unmap_sg(fx->dev, sgl, 3, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* What is no memory at all fails as ever, net or no net. */
static void odma_net_bad_calls(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_far_page(fx);
	u64 failures = odma_counted_so_far(fx).failures;
	long used = odma_pool_file(fx, "used");
	struct kmsg_dump_iter mark, again;

	odma_log_mark(&mark);
	again = mark;
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			dma_map_single(fx->dev, buf, 0, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			dma_map_single(fx->dev, buf, SIZE_MAX, DMA_TO_DEVICE));
	/* Each for what it is: no bounce buffer would help. */
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "size is 0"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&again, "wraps around"));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 0, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SIZE_MAX,
					DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, DMA_NONE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(fx->dev, 1ULL << 33, 64,
					  DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, failures + 6, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

#define ODMA_LINE	max(dma_get_cache_alignment(), 64)

/* How many slots a mapping takes: 0 where it stays in place. */
static long odma_slots_taken(struct odma_fixture *fx, u8 *buf, size_t size,
			     enum dma_data_direction dir)
{
	long used = odma_pool_file(fx, "used"), taken;
	dma_addr_t addr = odma_map_single(fx->dev, buf, size, dir);
	bool in_place = addr == virt_to_phys(buf);

	KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
	taken = odma_pool_file(fx, "used") - used;
	KUNIT_EXPECT_EQ(fx->test, in_place, !taken);
	odma_pattern(odma_device_view(fx, addr), size, 9);
	odma_unmap_single(fx->dev, addr, size, dir);
	if (dir != DMA_TO_DEVICE)
		KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(buf, size, 9));
	KUNIT_EXPECT_EQ(fx->test, used, odma_pool_file(fx, "used"));
	return taken;
}

/* Shorter than a line: kmalloc() may have put others' data beside it. */
static void odma_expect_small(struct odma_fixture *fx, u8 *buf, long taken)
{
	struct kunit *test = fx->test;

	KUNIT_EXPECT_EQ(test, taken,
			odma_slots_taken(fx, buf, 8, DMA_FROM_DEVICE));
	KUNIT_EXPECT_EQ(test, taken,
			odma_slots_taken(fx, buf, ODMA_LINE / 2,
					 DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(test, 0, odma_slots_taken(fx, buf, 8, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_slots_taken(fx, buf, ODMA_LINE,
						  DMA_FROM_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_slots_taken(fx, buf, 2 * ODMA_LINE,
						  DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(test, 0, odma_slots_taken(fx, buf, 4096,
						  DMA_FROM_DEVICE));
}

static void odma_expect_small_list(struct odma_fixture *fx, long taken)
{
	struct scatterlist *sg = odma_test_list(fx->test, 3, 4 * ODMA_LINE);
	long used = odma_pool_file(fx, "used");
	u8 *view;

	sg[1].length = 8;
	KUNIT_ASSERT_EQ(fx->test, 3, odma_map_sg(fx->dev, sg, 3,
						 DMA_FROM_DEVICE));
	KUNIT_EXPECT_EQ(fx->test, used + taken, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(fx->test, sg_dma_address(&sg[0]), sg_phys(&sg[0]));
	KUNIT_EXPECT_EQ(fx->test, sg_dma_address(&sg[2]), sg_phys(&sg[2]));
	view = odma_device_view(fx, sg_dma_address(&sg[1]));
	KUNIT_EXPECT_EQ(fx->test, !taken, view == sg_virt(&sg[1]));
	odma_pattern(view, 8, 5);
	odma_unmap_sg(fx->dev, sg, 3, DMA_FROM_DEVICE);
	KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(sg_virt(&sg[1]), 8, 5));
	KUNIT_EXPECT_EQ(fx->test, used, odma_pool_file(fx, "used"));
}

static void odma_net_small(struct kunit *test)
{
	bool shares = IS_ENABLED(CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC);
	struct odma_fixture *fx = test->priv;
	long taken = shares && fx->mode->uncached;
	u8 *buf = odma_test_buffer(test, 0);

	odma_set_masks(fx, DMA_BIT_MASK(32));
	odma_expect_small(fx, buf, taken);
	odma_expect_small_list(fx, taken);
}

/* Nobody has a bounce buffer: as it is, rather than not at all. */
static void odma_net_small_off(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_expect_small(fx, odma_test_buffer(test, 0), 0);
	odma_expect_small_list(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).failures);
}

/* A mask that does not cover memory has buffers below it, and a largest one. */
static void odma_net_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
	KUNIT_EXPECT_EQ(test, SIZE_MAX, odma_max_mapping_size(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(fx->dev, ODMA_LOW_MASK));
	KUNIT_EXPECT_LE(test, odma_max_mapping_size(fx->dev), SZ_4M);
	KUNIT_EXPECT_GE(test, odma_max_mapping_size(fx->dev), SZ_128K);
	if (virt_to_phys(buf) <= ODMA_LOW_MASK)
		kunit_skip(test, "no memory above the mask at hand");
	odma_pattern(buf, 4096, 1);
	addr = odma_map_single(fx->dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr + 4095, ODMA_LOW_MASK);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx, addr),
						 4096, 1));
	KUNIT_EXPECT_EQ(test, 2, odma_low_used(test));
	odma_unmap_single(fx->dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_low_used(test));
}

static void odma_net_counters(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_far_page(fx);
	struct odma_counters sum;
	dma_addr_t addr;
	int i;

	for (i = 1; i <= 10; i++) {
		addr = odma_map_single(fx->dev, buf, i * 100, DMA_TO_DEVICE);
		odma_sync_single_for_device(fx->dev, addr, 50, DMA_TO_DEVICE);
		odma_unmap_single(fx->dev, addr, i * 100, DMA_TO_DEVICE);
	}
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.failures, 0);
	if (!fx->mode->stats)
		return;
	KUNIT_EXPECT_EQ(test, sum.maps, 10);
	KUNIT_EXPECT_EQ(test, sum.unmaps, 10);
	KUNIT_EXPECT_EQ(test, sum.map_bytes, 5500);
	KUNIT_EXPECT_EQ(test, sum.unmap_bytes, 5500);
	KUNIT_EXPECT_EQ(test, sum.syncs, 10);
}

/* From its first bounce to its detach a device keeps the module. */
static void odma_net_reference(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	long refs = odma_swiotlb_refs(test);
	u8 *buf = odma_far_page(fx);
	dma_addr_t addr;
	int i;

	for (i = 0; i < 3; i++) {
		addr = odma_map_single(fx->dev, buf, 10, DMA_TO_DEVICE);
		odma_unmap_single(fx->dev, addr, 10, DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, refs + 1, odma_swiotlb_refs(test));
	}
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, refs, odma_swiotlb_refs(test));
}

/* Taken away under a device that uses it, it still serves that one. */
static void odma_net_taken_away(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_far_page(fx);
	dma_addr_t addr, more;

	addr = odma_map_single(fx->dev, buf, 500, DMA_FROM_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	more = odma_map_single(fx->dev, buf + 500, 500, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NE(test, more, DMA_MAPPING_ERROR);
	odma_pattern(odma_device_view(fx, addr), 500, 6);
	odma_unmap_single(fx->dev, addr, 500, DMA_FROM_DEVICE);
	odma_unmap_single(fx->dev, more, 500, DMA_FROM_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 500, 6));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

static int odma_net_prepared;

static int odma_net_prepare(struct odma_device *odev, u64 mask)
{
	odma_net_prepared++;
	return 0;
}

/* The driver core is busy with a device: it is looked at afterwards. */
static void odma_net_prepare_later(struct kunit *test)
{
	static const struct odma_bounce other = {
		.owner = THIS_MODULE,
		.prepare = odma_net_prepare,
	};
	struct odma_fixture *fx = test->priv;
	int tries = 250;

	odma_net_prepared = 0;
	odma_set_masks(fx, DMA_BIT_MASK(ODMA_LOW_BITS));
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	KUNIT_EXPECT_EQ(test, 0, odma_register_bounce(&other));
	KUNIT_EXPECT_EQ(test, 1, odma_net_prepared);
	odma_unregister_bounce(&other);
	device_lock(fx->dev);
	KUNIT_EXPECT_EQ(test, 0, odma_register_bounce(&other));
	msleep(100);
	KUNIT_EXPECT_EQ(test, 1, READ_ONCE(odma_net_prepared));
	device_unlock(fx->dev);
	while (READ_ONCE(odma_net_prepared) != 2 && tries--)
		msleep(20);
	KUNIT_EXPECT_EQ(test, 2, READ_ONCE(odma_net_prepared));
	odma_unregister_bounce(&other);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "1"));
}

static void odma_net_provider(struct kunit *test)
{
	static const struct odma_bounce other = { .owner = THIS_MODULE };
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_far_page(fx);
	dma_addr_t addr;

	KUNIT_EXPECT_EQ(test, -EBUSY, odma_register_bounce(&other));
	/* Whoever has not registered takes nothing back. */
	odma_unregister_bounce(&other);
	addr = odma_map_single(fx->dev, buf, 500, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NE(test, addr, DMA_MAPPING_ERROR);
	if (addr != DMA_MAPPING_ERROR)
		odma_unmap_single(fx->dev, addr, 500, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_set_swiotlb("net", "perhaps"));
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "yes"));
	/* Somebody else has it: then the parameter says so, and stays. */
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	KUNIT_EXPECT_EQ(test, 0, odma_register_bounce(&other));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_set_swiotlb("net", "1"));
	odma_unregister_bounce(&other);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "1"));
}

static struct kunit_case odma_net_cases[] = {
	KUNIT_CASE_PARAM(odma_net_bounces, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_kernel_calls, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_off, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_table, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_list, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_list_undone, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_bad_calls, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_small, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_small_off, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_mask, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_counters, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_reference, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_taken_away, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_prepare_later, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_net_provider, odma_attached_modes),
	{}
};

struct kunit_suite odma_swiotlb_net_suite = {
	.name = "odma-swiotlb-net",
	.suite_init = odma_begin_suite,
	.init = odma_net_case_init,
	.exit = odma_net_case_exit,
	.test_cases = odma_net_cases,
};
