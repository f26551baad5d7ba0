// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: what is mapped apart for whose sake, and what is not:
 * buffers that share their cache lines, and lists with such; memory in pieces.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <odma/bounce.h>
#include "fixture.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

#define ODMA_LINE	max(dma_get_cache_alignment(), 64)

/* Does the device see this byte of a buffer where the driver has it? */
static bool odma_is_in_place(struct kunit *test, dma_addr_t addr,
			     const u8 *byte)
{
	struct odma_leaf leaf;

	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	return leaf.phys + (addr - leaf.iova) == virt_to_phys((void *)byte);
}

static long odma_slots_used(struct kunit *test)
{
	return odma_named_pool_file(test, ODMA_SHARED_POOL, "used");
}

static void odma_device_fills(struct kunit *test, dma_addr_t addr, size_t size,
			      u8 seed)
{
	u8 *bytes = kunit_kzalloc(test, size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, bytes);
	odma_pattern(bytes, size, seed);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, bytes, size));
	kunit_kfree(test, bytes);
}

/* What the device writes comes to the buffer, and only when it is asked for. */
static void odma_expect_place(struct kunit *test, u8 *buf, size_t size,
			      enum dma_data_direction dir, bool in_place)
{
	struct device *dev = odma_iommu_dev(test);
	long used = odma_slots_used(test);
	dma_addr_t addr;

	odma_pattern(buf, size + 1, 1);
	addr = odma_map_single(dev, buf, size, dir);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, in_place, odma_is_in_place(test, addr, buf));
	if (dir != DMA_TO_DEVICE) {
		odma_device_fills(test, addr, size, 5);
		KUNIT_EXPECT_NE(test, in_place,
				odma_has_pattern(buf, size + 1, 1));
		odma_sync_single_for_cpu(dev, addr, size, dir);
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, size, 5));
		odma_device_fills(test, addr, size, 9);
	}
	odma_unmap_single(dev, addr, size, dir);
	if (dir != DMA_TO_DEVICE)
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, size, 9));
	KUNIT_EXPECT_EQ(test, used, odma_slots_used(test));
}

static void odma_expect_places(struct kunit *test, bool shares)
{
	u8 *buf = odma_iommu_buffer(test, 1);

	odma_expect_place(test, buf, 8, DMA_FROM_DEVICE, !shares);
	odma_expect_place(test, buf + 4096 - 8, ODMA_LINE / 2,
			  DMA_BIDIRECTIONAL, !shares);
	odma_expect_place(test, buf, 8, DMA_TO_DEVICE, true);
	odma_expect_place(test, buf, ODMA_LINE, DMA_FROM_DEVICE, true);
	odma_expect_place(test, buf, 4096, DMA_BIDIRECTIONAL, true);
}

/* One small entry: all are mapped one by one, and the others in place. */
static void odma_expect_list(struct kunit *test, bool shares)
{
	struct scatterlist *sg = odma_test_list(test, 3, 4 * ODMA_LINE);
	struct device *dev = odma_iommu_dev(test);
	long used = odma_slots_used(test);
	int i;

	sg[1].length = 8;
	KUNIT_ASSERT_EQ(test, 3, odma_map_sg(dev, sg, 3, DMA_FROM_DEVICE));
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_EQ(test, sg[i].length, sg_dma_len(&sg[i]));
		KUNIT_EXPECT_EQ(test, i != 1 || !shares,
				odma_is_in_place(test, sg_dma_address(&sg[i]),
						 sg_virt(&sg[i])));
		odma_device_fills(test, sg_dma_address(&sg[i]), sg[i].length,
				  i);
	}
	odma_sync_sg_for_cpu(dev, sg, 3, DMA_FROM_DEVICE);
	for (i = 0; i < 3; i++)
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(sg_virt(&sg[i]),
							 sg[i].length, i));
	odma_device_fills(test, sg_dma_address(&sg[1]), 8, 40);
	odma_unmap_sg(dev, sg, 3, DMA_FROM_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(sg_virt(&sg[1]), 8, 40));
	KUNIT_EXPECT_EQ(test, used, odma_slots_used(test));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

static void odma_apart_small(struct kunit *test)
{
	bool shares = IS_ENABLED(CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC) &&
		      odma_iommu_mode(test)->mode.uncached;

	odma_expect_places(test, shares);
	odma_expect_list(test, shares);
}

/* Nobody has a bounce buffer: as it is, rather than not at all. */
static void odma_apart_small_off(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_expect_places(test, false);
	odma_expect_list(test, false);
}

/* Only for those whose lists are joined. */
static void odma_apart_merge_boundary(struct kunit *test)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);

	KUNIT_EXPECT_EQ(test, mode->copies || mode->shadows ? 0 : SZ_4K - 1,
			odma_get_merge_boundary(odma_iommu_dev(test)));
}

/* The most that was brought up to date from one place in memory. */
static size_t odma_most_synced;

static bool odma_watch_sync(struct odma_device *odev, phys_addr_t phys,
			    size_t size, enum dma_data_direction dir,
			    bool for_cpu)
{
	odma_most_synced = max(odma_most_synced, size);
	return false;
}

/*
 * Pages from anywhere, whose first entry has the addresses of all of them: no
 * more is synced from the first page on than is there.
 */
static void odma_apart_sync_table(struct kunit *test)
{
	static const struct odma_bounce watch = { .sync = odma_watch_sync };
	const struct odma_bounce *bounce;
	struct odma_device *odev;
	struct sg_table *sgt;
	struct device *dev;

	odma_iommu_begin(test, "iommu untrusted shadow shadow_max=4096 coherent=no",
			 NULL);
	dev = odma_iommu_dev(test);
	odev = odma_device_of(dev);
	KUNIT_ASSERT_NOT_NULL(test, odev);
	sgt = odma_alloc_noncontiguous(dev, SZ_64K, DMA_BIDIRECTIONAL,
				       GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	/* As it is where memory is fragmented. */
	sgt->sgl->length = SZ_4K;
	odma_most_synced = 0;
	bounce = odev->bounce;
	odev->bounce = &watch;
	dma_sync_sgtable_for_cpu(dev, sgt, DMA_BIDIRECTIONAL);
	dma_sync_sgtable_for_device(dev, sgt, DMA_BIDIRECTIONAL);
	odev->bounce = bounce;
	KUNIT_EXPECT_LE(test, odma_most_synced, SZ_4K);
	odma_free_noncontiguous(dev, SZ_64K, sgt, DMA_BIDIRECTIONAL);
}

static struct kunit_case odma_iommu_apart_cases[] = {
	KUNIT_CASE_PARAM(odma_apart_small, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_apart_small_off, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_apart_merge_boundary, odma_iommu_modes),
	{}
};

struct kunit_suite odma_iommu_apart_suite = {
	.name = "odma-iommu-apart",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_apart_cases,
};

static struct kunit_case odma_iommu_table_cases[] = {
	KUNIT_CASE(odma_apart_sync_table),
	{}
};

struct kunit_suite odma_iommu_table_suite = {
	.name = "odma-iommu-table",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_table_cases,
};
