// SPDX-License-Identifier: GPL-2.0
/*
 * The direct backend: what a device reaches.
 *
 * A dma-range moves a page to the very end of what a mask covers, so every
 * mask from 24 to 64 bits has its boundary tested, with whatever memory the
 * machine has.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static const int odma_mask_bits[] = { 24, 28, 30, 32, 36, 40, 48, 64 };

/*
 * With KMSAN the kernel looks at all of the buffer, even if mapping it failed,
 * and crashes where there is none.
 */
static dma_addr_t odma_kernel_map(struct odma_fixture *fx, struct page *page,
				  size_t offset, size_t size)
{
	if (IS_ENABLED(CONFIG_KMSAN) && size > SZ_1M)
		return odma_map_page(fx->dev, page, offset, size,
				     DMA_BIDIRECTIONAL);
	return dma_map_page(fx->dev, page, offset, size, DMA_BIDIRECTIONAL);
}

/* Tells a failure from a success, and counts exactly the failures. */
static void odma_expect_map(struct kunit *test, struct page *page,
			    size_t offset, size_t size, dma_addr_t want)
{
	struct odma_fixture *fx = test->priv;
	u64 failures = odma_counted_so_far(fx).failures;
	dma_addr_t odma, kernel;

	odma = odma_map_page(fx->dev, page, offset, size, DMA_BIDIRECTIONAL);
	kernel = odma_kernel_map(fx, page, offset, size);
	KUNIT_EXPECT_EQ(test, odma, want);
	KUNIT_EXPECT_EQ(test, kernel, want);
	failures = odma_counted_so_far(fx).failures - failures;
	KUNIT_EXPECT_EQ(test, failures, want == DMA_MAPPING_ERROR ? 2 : 0);
	if (want == DMA_MAPPING_ERROR)
		return;
	odma_unmap_page(fx->dev, odma, size, DMA_BIDIRECTIONAL);
	dma_unmap_page(fx->dev, kernel, size, DMA_BIDIRECTIONAL);
}

/* The last page in reach, and the first one beyond. */
static void odma_reach_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	phys_addr_t phys = page_to_phys(page);
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_mask_bits); i++) {
		u64 mask = DMA_BIT_MASK(odma_mask_bits[i]);
		dma_addr_t last = mask - PAGE_SIZE + 1;
		struct bus_dma_region range;

		/* With 64 bits there is no address beyond. */
		range = odma_range(phys, last, odma_mask_bits[i] < 64 ?
				   2 * PAGE_SIZE : PAGE_SIZE);
		odma_set_masks(fx, mask);
		odma_set_ranges(fx, &range, 1);
		odma_expect_map(test, page, 0, PAGE_SIZE, last);
		odma_expect_map(test, page, 7, PAGE_SIZE - 7, last + 7);
		odma_expect_map(test, page, PAGE_SIZE, 1, DMA_MAPPING_ERROR);
		odma_expect_map(test, page, PAGE_SIZE - 1, 2,
				DMA_MAPPING_ERROR);
		odma_expect_map(test, page, 0, PAGE_SIZE + 1,
				DMA_MAPPING_ERROR);
	}
}

/* The same without dma-ranges, with real memory on both sides of the mask. */
static void odma_reach_real_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *low = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	struct page *high = odma_test_pages(test, GFP_KERNEL, 0);

	if (page_to_phys(high) <= ODMA_LOW_MASK)
		kunit_skip(test, "no memory above ZONE_DMA at hand");
	odma_set_masks(fx, ODMA_LOW_MASK);
	odma_expect_map(test, low, 0, PAGE_SIZE, page_to_phys(low));
	odma_expect_map(test, high, 0, PAGE_SIZE, DMA_MAPPING_ERROR);
	odma_set_masks(fx, page_to_phys(high) + PAGE_SIZE - 1);
	odma_expect_map(test, high, 0, PAGE_SIZE, page_to_phys(high));
	odma_set_masks(fx, page_to_phys(high) + PAGE_SIZE - 2);
	odma_expect_map(test, high, 0, PAGE_SIZE, DMA_MAPPING_ERROR);
	odma_expect_map(test, high, 0, PAGE_SIZE - 1, page_to_phys(high));
}

static void odma_reach_bus_limit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	phys_addr_t phys = page_to_phys(page);

	odma_set_masks(fx, DMA_BIT_MASK(64));
	fx->dev->bus_dma_limit = phys + PAGE_SIZE - 1;
	odma_expect_map(test, page, 0, PAGE_SIZE, phys);
	odma_expect_map(test, page, 0, PAGE_SIZE + 1, DMA_MAPPING_ERROR);
	/* The smaller of the two counts. */
	odma_set_masks(fx, phys + 99);
	odma_expect_map(test, page, 0, 100, phys);
	odma_expect_map(test, page, 0, 101, DMA_MAPPING_ERROR);
	fx->dev->bus_dma_limit = 0;
	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_expect_map(test, page, 0, 2 * PAGE_SIZE, phys);
}

static void odma_reach_ranges(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 2);
	phys_addr_t phys = page_to_phys(page);
	struct bus_dma_region ranges[2];

	odma_set_masks(fx, DMA_BIT_MASK(48));
	ranges[0] = odma_range(phys, 0x100000000, PAGE_SIZE);
	ranges[1] = odma_range(phys + PAGE_SIZE, 0x900000000, PAGE_SIZE);
	odma_set_ranges(fx, ranges, 2);
	odma_expect_map(test, page, 0, PAGE_SIZE, 0x100000000);
	odma_expect_map(test, page, PAGE_SIZE + 5, 50, 0x900000005);
	/* From one into the other, and out of all. */
	odma_expect_map(test, page, PAGE_SIZE - 1, 2, DMA_MAPPING_ERROR);
	odma_expect_map(test, page, 0, 2 * PAGE_SIZE, DMA_MAPPING_ERROR);
	odma_expect_map(test, page, 2 * PAGE_SIZE, 1, DMA_MAPPING_ERROR);
	odma_expect_map(test, page, 2 * PAGE_SIZE - 1, 2, DMA_MAPPING_ERROR);
	/* Two neighbours that stay neighbours are as good as one. */
	ranges[1] = odma_range(phys + PAGE_SIZE, 0x100000000 + PAGE_SIZE,
			       PAGE_SIZE);
	odma_set_ranges(fx, ranges, 2);
	odma_expect_map(test, page, 0, 2 * PAGE_SIZE, 0x100000000);
	odma_set_ranges(fx, NULL, 0);
	odma_expect_map(test, page, 0, 4 * PAGE_SIZE, phys);
}

/* Syncs and unmaps translate back: with the wrong page this would crash. */
static void odma_reach_translates_back(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct bus_dma_region range = odma_range(page_to_phys(page),
						 0x700000000000, PAGE_SIZE);
	dma_addr_t addr;

	odma_set_masks(fx, DMA_BIT_MASK(48));
	odma_set_ranges(fx, &range, 1);
	memset(page_address(page), 0x3c, PAGE_SIZE);
	addr = odma_map_page(fx->dev, page, 0, PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_EQ(test, addr, 0x700000000000);
	odma_sync_single_for_cpu(fx->dev, addr, PAGE_SIZE, DMA_BIDIRECTIONAL);
	odma_sync_single_for_device(fx->dev, addr, PAGE_SIZE,
				    DMA_BIDIRECTIONAL);
	odma_unmap_page(fx->dev, addr, PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x3c,
					   PAGE_SIZE));
}

static void odma_reach_sizes(struct kunit *test)
{
	static const size_t bad[] = {
		SIZE_MAX, SIZE_MAX - PAGE_SIZE + 1, SIZE_MAX / 2 + 2,
	};
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct bus_dma_region range = odma_range(page_to_phys(page), 0x100000,
						 PAGE_SIZE);
	int i;

	odma_set_masks(fx, DMA_BIT_MASK(63));
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		odma_expect_map(test, page, 8, bad[i], DMA_MAPPING_ERROR);
	odma_set_ranges(fx, &range, 1);
	for (i = 0; i < ARRAY_SIZE(bad); i++)
		odma_expect_map(test, page, 8, bad[i], DMA_MAPPING_ERROR);
	odma_expect_map(test, page, 8, 1, 0x100008);
}

/* With 64 bits only the wrap-around itself is left to find. */
static void odma_reach_wrap(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	phys_addr_t phys = page_to_phys(page);

	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_expect_map(test, page, 0, -(size_t)phys + 1, DMA_MAPPING_ERROR);
	odma_expect_map(test, page, 0, SIZE_MAX, DMA_MAPPING_ERROR);
}

/* As dma-direct, nothing is mapped to where it would be. */
static void odma_reach_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct bus_dma_region range = odma_range(page_to_phys(page), 0x100000,
						 PAGE_SIZE);
	dma_addr_t kernel;

	odma_set_masks(fx, DMA_BIT_MASK(64));
	kernel = dma_map_page(&fx->ref->dev, page, 8, 0, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, kernel, page_to_phys(page) + 8);
	dma_unmap_page(&fx->ref->dev, kernel, 0, DMA_TO_DEVICE);
	odma_expect_map(test, page, 8, 0, kernel);
	odma_expect_map(test, page, 0, 0, page_to_phys(page));
	odma_set_ranges(fx, &range, 1);
	odma_expect_map(test, page, 8, 0, 0x100008);
	odma_expect_map(test, page, 0, 0, 0x100000);
	/* Out of reach it is as out of reach as anything. */
	odma_set_masks(fx, 0xffff);
	odma_expect_map(test, page, 8, 0, DMA_MAPPING_ERROR);
}

static void odma_expect_resource(struct kunit *test, phys_addr_t phys,
				 size_t size, dma_addr_t want)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t odma, kernel;

	odma = odma_map_resource(fx->dev, phys, size, DMA_TO_DEVICE, 0);
	kernel = dma_map_resource(fx->dev, phys, size, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, odma, want);
	KUNIT_EXPECT_EQ(test, kernel, want);
	if (want == DMA_MAPPING_ERROR)
		return;
	odma_unmap_resource(fx->dev, odma, size, DMA_TO_DEVICE, 0);
	dma_unmap_resource(fx->dev, kernel, size, DMA_TO_DEVICE, 0);
}

static void odma_reach_resource(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const phys_addr_t regs = 0xf0000000;
	struct bus_dma_region range = odma_range(0, 0x100000000, SZ_1G);

	odma_set_masks(fx, DMA_BIT_MASK(32));
	odma_expect_resource(test, regs, 4096, regs);
	odma_expect_resource(test, 0xffffffff, 1, 0xffffffff);
	odma_expect_resource(test, 0xffffffff, 2, DMA_MAPPING_ERROR);
	odma_expect_resource(test, 1ULL << 32, 1, DMA_MAPPING_ERROR);
	odma_expect_resource(test, regs, 0, DMA_MAPPING_ERROR);
	odma_expect_resource(test, regs, SIZE_MAX, DMA_MAPPING_ERROR);
	odma_set_masks(fx, DMA_BIT_MASK(31));
	odma_expect_resource(test, regs, 4096, DMA_MAPPING_ERROR);
	fx->dev->bus_dma_limit = regs;
	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_expect_resource(test, regs, 1, regs);
	odma_expect_resource(test, regs, 2, DMA_MAPPING_ERROR);
	fx->dev->bus_dma_limit = 0;
	/* Registers are no RAM: dma-ranges do not shift them. */
	odma_set_ranges(fx, &range, 1);
	odma_expect_resource(test, regs, 4096, regs);
}

static void odma_reach_vmalloc(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	void *buf = vmalloc(PAGE_SIZE);

	KUNIT_ASSERT_NOT_NULL(test, buf);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single_attrs(fx->dev, buf + 9, 64,
					      DMA_TO_DEVICE, DMA_ATTR_NO_WARN));
	vfree(buf);
}

/* Which masks are possible at all is the kernel's rule, with ranges as well. */
static void odma_reach_supported(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, 0));
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(16)));
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, ODMA_LOW_MASK / 2));
	KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev), DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, ODMA_LOW_MASK));
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_set_coherent_mask(fx->dev, ODMA_LOW_MASK / 2));
	KUNIT_EXPECT_EQ(test, 0, odma_set_coherent_mask(fx->dev,
							ODMA_LOW_MASK));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask_and_coherent(fx->dev,
							    DMA_BIT_MASK(64)));
}

/* The kernel's own answers for a device with the same dma-ranges. */
static void odma_reach_masks_with_ranges(struct kunit *test)
{
	static const dma_addr_t starts[] = {
		0, 0x1000000, 0x40000000, 0x100000000, 0x8000000000,
	};
	struct odma_fixture *fx = test->priv;
	struct device *ref = &fx->ref->dev;
	int i, bits;

	for (i = 0; i < ARRAY_SIZE(starts); i++) {
		struct bus_dma_region range[2] = {
			odma_range(0, starts[i], 1ULL << 36),
		};
		/* Where the kernel goes on though nothing can be mapped. */
		u64 lowest = fx->mode->rule ? starts[i] + ODMA_RAM + SZ_4K : 0;

		odma_set_ranges(fx, range, 1);
		ref->dma_range_map = range;
		KUNIT_EXPECT_EQ_MSG(test, odma_get_required_mask(fx->dev),
				    dma_get_required_mask(ref),
				    "range at %pad", &starts[i]);
		for (bits = 20; bits <= 64; bits++) {
			int want = dma_set_mask(ref, DMA_BIT_MASK(bits));

			if (DMA_BIT_MASK(bits) < lowest)
				want = -EIO;
			KUNIT_EXPECT_EQ_MSG(test, want,
					    odma_set_mask(fx->dev,
							  DMA_BIT_MASK(bits)),
					    "range at %pad, %d bits",
					    &starts[i], bits);
		}
		ref->dma_range_map = NULL;
	}
}

static const struct odma_mode odma_untranslated_modes[] = {
	{ .name = "direct", .rule = "direct" },
	{ .name = "swiotlb", .rule = "swiotlb" },
	{ .name = "swiotlb auto", .rule = "swiotlb auto" },
	{ .name = "bypass", .rule = "swiotlb bypass" },
};

static const void *odma_each_untranslated(const void *prev, char *desc)
{
	const struct odma_mode *mode = prev;

	mode = mode ? mode + 1 : odma_untranslated_modes;
	if (mode == odma_untranslated_modes +
		    ARRAY_SIZE(odma_untranslated_modes))
		return NULL;
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

/* No mask reaches all of memory where the ranges leave some of it out. */
static void odma_reach_hole(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	phys_addr_t hole = ODMA_RAM + SZ_512M;
	struct bus_dma_region ranges[] = {
		odma_range(0, 0, hole),
		odma_range(hole, hole, 1ULL << 36),
	};
	struct device *dev = fx->dev;

	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(40)));
	odma_set_ranges(fx, ranges, 2);
	KUNIT_EXPECT_FALSE(test, dma_addressing_limited(dev));
	KUNIT_EXPECT_FALSE(test, odma_addressing_limited(dev));
	ranges[1] = odma_range(hole + SZ_2M, hole + SZ_2M, 1ULL << 36);
	odma_set_ranges(fx, ranges, 2);
	KUNIT_EXPECT_TRUE(test, dma_addressing_limited(dev));
	KUNIT_EXPECT_TRUE(test, odma_addressing_limited(dev));
	KUNIT_EXPECT_EQ(test, DMA_BIT_MASK(64), dma_get_required_mask(dev));
	*dev->dma_mask = DMA_BIT_MASK(64);
	KUNIT_EXPECT_TRUE(test, odma_addressing_limited(dev));
	/* What is beyond all memory is no hole. */
	ranges[1] = odma_range(hole, hole, 1ULL << 34);
	odma_set_ranges(fx, ranges, 2);
	KUNIT_EXPECT_FALSE(test, odma_addressing_limited(dev));
}

/* Every address that it could be given is above the mask: no mask at all. */
static void odma_reach_no_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct bus_dma_region range = odma_range(0, 0x100000000, 1ULL << 36);
	struct device *dev = fx->dev;
	struct kmsg_dump_iter log;

	odma_set_ranges(fx, &range, 1);
	odma_log_mark(&log);
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(dev, DMA_BIT_MASK(32)));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "by its dma-ranges"));
	KUNIT_EXPECT_EQ(test, -EIO,
			dma_set_coherent_mask(dev, DMA_BIT_MASK(32)));
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(40)));
	dev->bus_dma_limit = U32_MAX;
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(dev, DMA_BIT_MASK(40)));
	dev->bus_dma_limit = 0;
	/* Of what it has besides memory nothing is known. */
	range = odma_range(1ULL << 45, 1ULL << 45, SZ_1M);
	odma_set_ranges(fx, &range, 1);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(32)));
}

static struct kunit_case odma_reach_cases[] = {
	KUNIT_CASE_PARAM(odma_reach_mask, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_real_memory, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_bus_limit, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_ranges, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_translates_back, odma_all_modes),
	KUNIT_CASE_PARAM(odma_reach_sizes, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_wrap, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_nothing, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_resource, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_reach_vmalloc, odma_all_modes),
	KUNIT_CASE_PARAM(odma_reach_supported, odma_all_modes),
	KUNIT_CASE_PARAM(odma_reach_masks_with_ranges, odma_all_modes),
	KUNIT_CASE_PARAM(odma_reach_hole, odma_each_untranslated),
	KUNIT_CASE_PARAM(odma_reach_no_mask, odma_each_untranslated),
	{}
};

struct kunit_suite odma_reach_suite = {
	.name = "odma-reach",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_reach_cases,
};
