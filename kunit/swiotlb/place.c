// SPDX-License-Identifier: GPL-2.0
/*
 * The backend "swiotlb": where a bounce buffer is: alignment, boundaries, the
 * device's reach, and the largest one there is.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

static void odma_set_masks_or_fail(struct odma_fixture *fx, unsigned int bits)
{
	KUNIT_ASSERT_EQ(fx->test, 0,
			odma_set_mask_and_coherent(fx->dev,
						   DMA_BIT_MASK(bits)));
}

/* Map, look, write as the device, unmap; false where any of it is wrong. */
static bool odma_place_works(struct odma_fixture *fx, u8 *buf, size_t size,
			     unsigned long align, unsigned long boundary)
{
	dma_addr_t addr;
	bool ok;

	odma_pattern(buf, size, 1);
	addr = odma_map_single(fx->dev, buf, size, DMA_BIDIRECTIONAL);
	if (addr == DMA_MAPPING_ERROR)
		return false;
	ok = (addr & align) == (virt_to_phys(buf) & align) &&
	     (addr & ~boundary) == ((addr + size - 1) & ~boundary) &&
	     addr + size - 1 <= *fx->dev->dma_mask &&
	     odma_has_pattern(odma_device_view(fx, addr), size, 1) &&
	     odma_clear_beside(fx, addr, size);
	odma_pattern(odma_device_view(fx, addr), size, 2);
	odma_unmap_single(fx->dev, addr, size, DMA_BIDIRECTIONAL);
	return ok && odma_has_pattern(buf, size, 2);
}

static void odma_expect_place(struct odma_fixture *fx, u8 *buf, size_t size,
			      unsigned long align, unsigned long boundary)
{
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      odma_place_works(fx, buf, size, align, boundary),
			      "%zu bytes at %#lx, align mask %#lx, boundary mask %#lx",
			      size, offset_in_page(buf), align, boundary);
}

static void odma_place_align(struct kunit *test)
{
	static const unsigned int masks[] = { 0, 0x1ff, 0xfff, 0xffff };
	static const size_t offsets[] = {
		0, 1, 511, 512, 2047, 2048, 2500, 4095, 4096, 6144, 12345,
		63 * SZ_1K, 65535,
	};
	static const size_t sizes[] = {
		1, 600, 2048, 4096, 5000, 70000, SZ_128K - 2048, SZ_128K,
		SZ_128K + 1,
	};
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 6));
	long at_once = odma_pool_file(fx, "at_once");
	int m, o, s;

	for (m = 0; m < ARRAY_SIZE(masks); m++) {
		dma_set_min_align_mask(fx->dev, masks[m]);
		for (o = 0; o < ARRAY_SIZE(offsets); o++)
			for (s = 0; s < ARRAY_SIZE(sizes); s++)
				odma_expect_place(fx, buf + offsets[o],
						  sizes[s], masks[m], ~0UL);
	}
	dma_set_min_align_mask(fx->dev, 0);
	/* For none of it an area had to be made: slots do all that. */
	KUNIT_EXPECT_EQ(test, at_once, odma_pool_file(fx, "at_once"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* What is made at once keeps to the same rules. */
static void odma_place_align_at_once(struct kunit *test)
{
	static const size_t offsets[] = { 0, 777, 2048, 5000, 63 * SZ_1K };
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=8192");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 7));
	int i;

	for (i = 0; i < ARRAY_SIZE(offsets); i++) {
		dma_set_min_align_mask(fx->dev, i % 2 ? 0xffff : 0xfff);
		odma_expect_place(fx, buf + offsets[i], 3 * SZ_128K,
				  i % 2 ? 0xffff : 0xfff, ~0UL);
	}
	dma_set_min_align_mask(fx->dev, 0);
	KUNIT_EXPECT_GT(test, odma_pool_file(fx, "at_once"), 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* What fits between two boundaries is there, next to others; no more. */
static void odma_place_boundary(struct kunit *test)
{
	static const unsigned long masks[] = {
		SZ_4K - 1, SZ_8K - 1, 0xffff, SZ_128K - 1, SZ_256K - 1, 0xfffff,
	};
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 9));
	unsigned int m, i;

	for (m = 0; m < ARRAY_SIZE(masks); m++) {
		size_t most = masks[m] + 1;
		dma_addr_t held[8];

		dma_set_seg_boundary(fx->dev, masks[m]);
		/* What is in the way moves the next ones about. */
		for (i = 0; i < ARRAY_SIZE(held); i++)
			held[i] = odma_map_single(fx->dev, buf,
						  1 + i % 3 * ODMA_SLOT,
						  DMA_TO_DEVICE);
		for (i = 1; i < 16; i++)
			odma_expect_place(fx, buf, most * i / 16, 0, masks[m]);
		odma_expect_place(fx, buf, most, 0, masks[m]);
		KUNIT_EXPECT_EQ(test, most, odma_max_mapping_size(fx->dev));
		KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
				odma_map_single(fx->dev, buf, most + 1,
						DMA_TO_DEVICE));
		for (i = 0; i < ARRAY_SIZE(held); i++)
			odma_unmap_single(fx->dev, held[i],
					  1 + i % 3 * ODMA_SLOT, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* Between boundaries that are closer than slots are long nothing fits. */
static void odma_place_boundary_too_close(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));

	dma_set_seg_boundary(fx->dev, 1023);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 8, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "failed_align"));
	dma_set_seg_boundary(fx->dev, ODMA_SLOT - 1);
	odma_expect_place(fx, buf, 2048, 0, ODMA_SLOT - 1);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

struct odma_max_rule {
	const char *rule;
	size_t piece;
	size_t most;
};

/*
 * What is in one piece, and what the device may have in all: a list of what a
 * driver is told must have room however it is cut, down to sectors.
 */
static const struct odma_max_rule odma_max_rules[] = {
	{ "swiotlb", SZ_4M, SZ_8M },
	{ "swiotlb coherent=no", SZ_4M, SZ_8M },
	{ "swiotlb pool_kib=1024 limit_kib=1024", SZ_1M, SZ_1M },
	{ "swiotlb restricted pool_kib=128 limit_kib=128", SZ_128K, SZ_128K },
	{ "swiotlb pool_kib=4096 limit_kib=4096", SZ_4M, SZ_4M },
};

static void odma_max_describe(const struct odma_max_rule *rule, char *desc)
{
	strscpy(desc, rule->rule, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_max, odma_max_rules, odma_max_describe);

/* It says what can be had, wherever the buffer begins; and no more can be. */
static void odma_place_max(struct kunit *test)
{
	static const unsigned int masks[] = { 0, 0x1ff, 0xfff, 0xffff };
	const struct odma_max_rule *rule = test->param_value;
	struct odma_fixture *fx = odma_bouncing(test, rule->rule);
	u8 *buf = odma_test_buffer(test, ODMA_MAX_ORDER);
	size_t most;
	int i;

	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		size_t takes = max_t(size_t, masks[i] + 1, ODMA_SLOT);

		if (rule->most < PAGE_SIZE / 512 * takes)
			continue;
		dma_set_min_align_mask(fx->dev, masks[i]);
		most = odma_max_mapping_size(fx->dev);
		KUNIT_EXPECT_EQ(test, most, dma_max_mapping_size(fx->dev));
		KUNIT_EXPECT_EQ(test, most,
				min(rule->most / (takes / 512),
				    rule->piece - round_up(masks[i],
							   ODMA_SLOT)));
		/* At the worst beginning, which takes the most slots. */
		if (masks[i])
			odma_expect_place(fx, buf + masks[i], most, masks[i],
					  ~0UL);
	}
	dma_set_min_align_mask(fx->dev, 0);
	odma_expect_place(fx, buf, rule->piece, 0, ~0UL);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, rule->piece + 1,
					DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/*
 * A list as large as a driver was told to make it, cut so that its parts are in
 * each other's way: it must fit into an empty pool, or is retried for good.
 */
static void odma_place_max_list(struct kunit *test)
{
	static const unsigned int first_kib[] = { 1, 4, 15, 20, 31, 200 };
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=256 limit_kib=256");
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	struct page *page = virt_to_page(odma_test_buffer(test, 8));
	size_t most;
	int i;

	dma_set_min_align_mask(fx->dev, 0xfff);
	most = odma_max_mapping_size(fx->dev);
	KUNIT_EXPECT_EQ(test, most, 32 * SZ_1K);
	for (i = 0; i < ARRAY_SIZE(first_kib); i++) {
		size_t first = min_t(size_t, first_kib[i] * SZ_1K, most - 1);

		sg_set_page(&sg[0], page, first, 0);
		sg_set_page(&sg[1], page, most - first, SZ_512K);
		KUNIT_EXPECT_EQ(test, 2, odma_map_sg(fx->dev, sg, 2,
						     DMA_TO_DEVICE));
		odma_unmap_sg(fx->dev, sg, 2, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* Sectors, each of which must be where a page has it: one in each page. */
static void odma_place_max_cut(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	u8 *buf = odma_test_buffer(test, 0);
	struct scatterlist *sg;
	int nents, i;

	dma_set_min_align_mask(fx->dev, 0xfff);
	nents = odma_max_mapping_size(fx->dev) / 512;
	KUNIT_ASSERT_GE(test, nents, PAGE_SIZE / 512);
	sg = odma_test_list(test, nents, 512);
	for (i = 0; i < nents; i++)
		sg_set_page(&sg[i], virt_to_page(buf), 512, 1024);
	KUNIT_EXPECT_EQ(test, nents, odma_map_sg(fx->dev, sg, nents,
						 DMA_TO_DEVICE));
	odma_unmap_sg(fx->dev, sg, nents, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "limit"));
}

/* Not even a page would fit: then the limit is too low, and that is said. */
static void odma_place_max_raised(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	struct scatterlist *sg = odma_test_list(test, 8, 512);
	struct kmsg_dump_iter mark;

	dma_set_min_align_mask(fx->dev, 0x7fff);
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, odma_max_mapping_size(fx->dev));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"more than its limit_kib=128, which is"));
	KUNIT_EXPECT_EQ(test, SZ_256K, odma_pool_file(fx, "limit"));
	KUNIT_EXPECT_EQ(test, 8, odma_map_sg(fx->dev, sg, 8, DMA_TO_DEVICE));
	odma_unmap_sg(fx->dev, sg, 8, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, PAGE_SIZE, odma_max_mapping_size(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "is raised"));
}

static void odma_place_max_auto(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb auto");

	odma_set_masks_or_fail(fx, 64);
	KUNIT_EXPECT_EQ(test, SIZE_MAX, odma_max_mapping_size(fx->dev));
	odma_set_masks_or_fail(fx, ODMA_LOW_BITS);
	KUNIT_EXPECT_GE(test, odma_max_mapping_size(fx->dev), SZ_128K);
	KUNIT_EXPECT_LE(test, odma_max_mapping_size(fx->dev), SZ_4M);
}

/* On arm64's virt machine there is no RAM below 30 bits. */
static const unsigned int odma_place_bits[] = {
	ODMA_LOW_BITS,
#ifndef CONFIG_ARM64
	28, 30,
#endif
	32, 40, 64
};

static void odma_bits_describe(const unsigned int *bits, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u bits", *bits);
}

KUNIT_ARRAY_PARAM(odma_bits_of_mask, odma_place_bits, odma_bits_describe);

/* A mask gets a pool below it when it is set, shared by all that need it. */
static void odma_place_mask(struct kunit *test)
{
	const unsigned int *bits = test->param_value;
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 4));
	dma_addr_t addr;
	char pool[16];

	odma_set_masks_or_fail(fx, *bits);
	odma_expect_place(fx, buf, 1, 0, ~0UL);
	odma_expect_place(fx, buf, SZ_64K, 0, ~0UL);
	snprintf(pool, sizeof(pool), "%u-bit", min(*bits, 32U));
	KUNIT_EXPECT_EQ(test, 0, odma_named_pool_file(test, pool, "used"));
	addr = odma_map_single(fx->dev, buf, SZ_64K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 32, odma_named_pool_file(test, pool, "used"));
	KUNIT_EXPECT_LE(test, addr + SZ_64K - 1, DMA_BIT_MASK(*bits));
	odma_unmap_single(fx->dev, addr, SZ_64K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_named_pool_file(test, pool, "used"));
}

/* Not a size that another case has a pool for, where there is a choice. */
static unsigned int odma_bus_bits(bool net)
{
	return ODMA_LOW_BITS == 24 ? 25 + net : ODMA_LOW_BITS;
}

static const char * const odma_silent_rules[] = { "direct", "swiotlb" };

static void odma_silent_describe(const char * const *rule, char *desc)
{
	strscpy(desc, *rule, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_silent, odma_silent_rules, odma_silent_describe);

/* A driver that leaves the mask alone, on a bus that reaches less. */
static void odma_place_no_mask(struct kunit *test)
{
	const char * const *rule = test->param_value;
	struct odma_fixture *fx = test->priv;
	bool net = !strcmp(*rule, "direct");
	u64 limit = DMA_BIT_MASK(odma_bus_bits(net));
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr;
	char pool[16];
	int i;

	/* Large pieces of memory are where it is not in use yet. */
	for (i = 0; i < 16 && virt_to_phys(buf) <= limit; i++)
		buf = odma_test_buffer(test, ODMA_MAX_ORDER);
	if (virt_to_phys(buf) <= limit)
		kunit_skip(test, "no memory beyond the bus at hand");
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", net ? "1" : "0"));
	fx->dev->bus_dma_limit = limit;
	odma_bouncing(test, *rule);
	snprintf(pool, sizeof(pool), "%u-bit", odma_bus_bits(net));
	KUNIT_EXPECT_GE(test, odma_named_pool_file(test, pool, "bytes"),
			PAGE_SIZE);
	addr = odma_map_single(fx->dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_LE(test, addr, limit);
	if (addr != DMA_MAPPING_ERROR)
		odma_unmap_single(fx->dev, addr, 100, DMA_TO_DEVICE);
	odma_unbind_driver(fx, ODMA_DRIVER);
	fx->dev->bus_dma_limit = 0;
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
}

/* The same with a pool of its own, and whatever limits the bus. */
static void odma_place_own_bits(struct kunit *test)
{
	const unsigned int *bits = test->param_value;
	char *rule = kunit_kzalloc(test, 64, GFP_KERNEL);
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 4));
	struct odma_fixture *fx;

	snprintf(rule, 64, "swiotlb bits=%u pool_kib=256", *bits);
	fx = odma_bouncing(test, rule);
	odma_set_masks_or_fail(fx, *bits);
	KUNIT_EXPECT_EQ(test, SZ_256K, odma_pool_file(fx, "bytes"));
	odma_expect_place(fx, buf, SZ_64K, 0, ~0UL);
	odma_set_masks(fx, DMA_BIT_MASK(64));
	if (*bits > 32)
		return;
	fx->dev->bus_dma_limit = DMA_BIT_MASK(*bits);
	odma_expect_place(fx, buf, SZ_64K, 0, ~0UL);
	fx->dev->bus_dma_limit = 0;
}

/* The pool of a device is where the rule says: a smaller mask is refused. */
static void odma_place_mask_below_pool(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb pool_kib=128");
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(31)));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "say bits=31"));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(32)));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
}

static void odma_place_no_pool(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	u64 failures = odma_counted_so_far(fx).failures;
	struct kmsg_dump_iter mark;

	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(23)));
	odma_set_masks(fx, DMA_BIT_MASK(20));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"its mask 0xfffff reaches no pool"));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single_attrs(fx->dev, buf, 64, DMA_TO_DEVICE,
					      DMA_ATTR_NO_WARN));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "reaches no pool"));
	KUNIT_EXPECT_EQ(test, failures + 2, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, 0, odma_max_mapping_size(fx->dev));
	odma_set_masks(fx, DMA_BIT_MASK(32));
	odma_expect_place(fx, buf, 64, 0, ~0UL);
}

/* Behind a bus that shifts addresses the device has the shifted one. */
static void odma_place_ranges(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	struct bus_dma_region range = odma_range(0, 1ULL << 40, 1ULL << 36);
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	dma_addr_t addr;

	odma_set_ranges(fx, &range, 1);
	odma_set_masks(fx, DMA_BIT_MASK(48));
	addr = odma_map_single(fx->dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_GE(test, addr, 1ULL << 40);
	odma_unmap_single(fx->dev, addr, 100, DMA_TO_DEVICE);
	odma_expect_place(fx, buf, 2000, 0, ~0UL);
	/* All of the pool beyond the mask: nothing can be had. */
	odma_set_masks(fx, DMA_BIT_MASK(40));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 100, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* ... and then no more of it is made: it would be beyond, too. */
static void odma_place_beyond(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=4096");
	struct bus_dma_region range = odma_range(0, 1ULL << 40, 1ULL << 36);
	u8 *buf = odma_test_buffer(test, 0);
	struct kmsg_dump_iter mark;
	int i;

	odma_set_ranges(fx, &range, 1);
	odma_set_masks(fx, DMA_BIT_MASK(40));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 100, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "reaches nothing of"));
	for (i = 0; i < 20; i++) {
		KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
				odma_map_single(fx->dev, buf, 100,
						DMA_TO_DEVICE));
		msleep(20);
	}
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "bytes"));
	KUNIT_EXPECT_EQ(test, 21, odma_pool_file(fx, "failed_reach"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
}

/* Longer than what is between two boundaries, from where it has to begin. */
static void odma_place_never(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=4096");
	u8 *buf = odma_test_buffer(test, 5);
	int i;

	dma_set_seg_boundary(fx->dev, SZ_64K - 1);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
				odma_map_single(fx->dev, buf, SZ_64K + 1,
						DMA_TO_DEVICE));
	dma_set_min_align_mask(fx->dev, SZ_64K - 1);
	for (i = 0; i < 10; i++)
		KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
				odma_map_single(fx->dev, buf + SZ_32K,
						SZ_32K + 1, DMA_TO_DEVICE));
	odma_expect_place(fx, buf + SZ_32K, SZ_32K, SZ_64K - 1, SZ_64K - 1);
	dma_set_min_align_mask(fx->dev, 0);
	msleep(100);
	KUNIT_EXPECT_EQ(test, 20, odma_pool_file(fx, "failed_align"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "bytes"));
}

/* By the device's addresses, wherever the bus has them. */
static void odma_place_shifted(struct kunit *test)
{
	static const u64 shifts[] = {
		0, SZ_128K, 3 * SZ_128K, 5 * SZ_256K, 7 * SZ_1M, SZ_16M,
	};
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=4096 limit_kib=4096");
	u8 *buf = odma_test_buffer(test, 9);
	struct bus_dma_region range;
	unsigned long boundary;
	int i;

	for (i = 0; i < ARRAY_SIZE(shifts); i++) {
		range = odma_range(0, (1ULL << 40) + shifts[i], 1ULL << 36);
		odma_set_ranges(fx, &range, 1);
		odma_set_masks(fx, DMA_BIT_MASK(48));
		for (boundary = SZ_64K; boundary <= SZ_2M; boundary *= 2) {
			dma_set_seg_boundary(fx->dev, boundary - 1);
			odma_expect_place(fx, buf, boundary / 2 + 5000, 0,
					  boundary - 1);
		}
		dma_set_seg_boundary(fx->dev, DMA_BIT_MASK(32));
		dma_set_min_align_mask(fx->dev, SZ_64K - 1);
		odma_expect_place(fx, buf + 12345, SZ_16K, SZ_64K - 1, ~0UL);
		dma_set_min_align_mask(fx->dev, 0);
	}
	/* Off by less than can be made good for: rather not at all. */
	range = odma_range(0, (1ULL << 40) + SZ_4K, 1ULL << 36);
	odma_set_ranges(fx, &range, 1);
	odma_expect_place(fx, buf, 5000, 0, ~0UL);
	dma_set_min_align_mask(fx->dev, SZ_4K - 1);
	odma_expect_place(fx, buf + 999, 5000, SZ_4K - 1, ~0UL);
	dma_set_min_align_mask(fx->dev, SZ_64K - 1);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 5000, DMA_TO_DEVICE));
	dma_set_min_align_mask(fx->dev, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

static struct kunit_case odma_place_cases[] = {
	KUNIT_CASE(odma_place_align),
	KUNIT_CASE(odma_place_align_at_once),
	KUNIT_CASE(odma_place_boundary),
	KUNIT_CASE(odma_place_boundary_too_close),
	KUNIT_CASE_PARAM(odma_place_max, odma_max_gen_params),
	KUNIT_CASE(odma_place_max_list),
	KUNIT_CASE(odma_place_max_cut),
	KUNIT_CASE(odma_place_max_raised),
	KUNIT_CASE(odma_place_max_auto),
	KUNIT_CASE_PARAM(odma_place_mask, odma_bits_of_mask_gen_params),
	KUNIT_CASE_PARAM(odma_place_no_mask, odma_silent_gen_params),
	KUNIT_CASE_PARAM(odma_place_own_bits, odma_bits_of_mask_gen_params),
	KUNIT_CASE(odma_place_mask_below_pool),
	KUNIT_CASE(odma_place_no_pool),
	KUNIT_CASE(odma_place_ranges),
	KUNIT_CASE(odma_place_beyond),
	KUNIT_CASE(odma_place_never),
	KUNIT_CASE(odma_place_shifted),
	{}
};

struct kunit_suite odma_swiotlb_place_suite = {
	.name = "odma-swiotlb-place",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_place_cases,
};
