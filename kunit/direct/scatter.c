// SPDX-License-Identifier: GPL-2.0
/*
 * The direct backend: scatterlists of every shape.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include "../shared/fixture.h"
#include "../suites.h"

static void odma_expect_mapped(struct kunit *test, struct scatterlist *sgl,
			       int nents)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		KUNIT_EXPECT_EQ(test, sg_dma_address(sg), sg_phys(sg));
		KUNIT_EXPECT_EQ(test, sg_dma_len(sg), sg->length);
	}
}

static void odma_map_and_check(struct kunit *test, struct scatterlist *sgl,
			       int nents)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, nents, odma_map_sg(fx->dev, sgl, nents,
						 DMA_BIDIRECTIONAL));
	odma_expect_mapped(test, sgl, nents);
	odma_sync_sg_for_cpu(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
	odma_sync_sg_for_device(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
	odma_unmap_sg(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
}

static void odma_scatter_sizes(struct kunit *test)
{
	static const int sizes[] = { 1, 2, 3, 7, 64, 127, 128, 129, 200 };
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;
	int i, entries = 0;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct scatterlist *sg = odma_test_list(test, sizes[i], 512);

		odma_map_and_check(test, sg, sizes[i]);
		entries += sizes[i];
	}
	if (!fx->mode->stats)
		return;
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.maps, entries);
	KUNIT_EXPECT_EQ(test, sum.unmaps, entries);
	KUNIT_EXPECT_EQ(test, sum.map_bytes, entries * 512);
	KUNIT_EXPECT_EQ(test, sum.unmap_bytes, entries * 512);
	KUNIT_EXPECT_EQ(test, sum.syncs, 2 * entries);
}

/* Three arrays in a chain: the links are no entries. */
static void odma_scatter_chained(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *part[3];
	int i;

	for (i = 0; i < 3; i++)
		part[i] = odma_test_list(test, 6, 300);
	sg_chain(part[0], 6, part[1]);
	sg_chain(part[1], 6, part[2]);
	odma_map_and_check(test, part[0], 5 + 5 + 6);
	/* Only a part of the list is given. */
	KUNIT_EXPECT_EQ(test, 7, odma_map_sg(fx->dev, part[0], 7,
					     DMA_TO_DEVICE));
	odma_expect_mapped(test, part[0], 7);
	odma_unmap_sg(fx->dev, part[0], 7, DMA_TO_DEVICE);
}

static void odma_scatter_allocated_table(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg;
	struct sg_table sgt;
	int i;

	/* More than fit into one page: sg_alloc_table() chains. */
	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&sgt, 300, GFP_KERNEL));
	for_each_sgtable_sg(&sgt, sg, i)
		sg_set_page(sg, page, 8, i * 8);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sgtable(fx->dev, &sgt, DMA_TO_DEVICE,
						  0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 300);
	odma_expect_mapped(test, sgt.sgl, 300);
	odma_unmap_sgtable(fx->dev, &sgt, DMA_TO_DEVICE, 0);
	sg_free_table(&sgt);
}

/* An entry that is longer than its page, and one that begins beyond it. */
static void odma_scatter_long_entries(struct kunit *test)
{
	struct scatterlist sg[2];

	sg_init_table(sg, 2);
	sg_set_page(&sg[0], odma_test_pages(test, GFP_KERNEL, 3),
		    7 * PAGE_SIZE, 500);
	sg_set_page(&sg[1], odma_test_pages(test, GFP_KERNEL, 1), 100,
		    PAGE_SIZE + 1);
	odma_map_and_check(test, sg, 2);
}

/* One entry of eight is out of reach: nothing is mapped, and why is said. */
static void odma_scatter_beyond_reach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table sgt = { .orig_nents = 8, .nents = 42 };
	struct bus_dma_region range;
	phys_addr_t phys;
	u64 failures;
	int bad;

	sgt.sgl = odma_test_list(test, 8, 256);
	for (bad = 0; bad < 8; bad++) {
		failures = odma_counted_so_far(fx).failures;
		/* Everything is where it is, but for this page, far away. */
		phys = page_to_phys(sg_page(&sgt.sgl[bad]));
		range = odma_range(phys, 1ULL << 40, PAGE_SIZE);
		odma_set_ranges(fx, (struct bus_dma_region []) { range,
				odma_range(0, 0, 1ULL << 36) }, 2);
		KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, 8,
						     DMA_TO_DEVICE));
		KUNIT_EXPECT_EQ(test, 0, dma_map_sg(fx->dev, sgt.sgl, 8,
						    DMA_TO_DEVICE));
		KUNIT_EXPECT_EQ(test, -EIO,
				odma_map_sgtable(fx->dev, &sgt, DMA_TO_DEVICE,
						 0));
		KUNIT_EXPECT_EQ(test, -EIO,
				dma_map_sgtable(fx->dev, &sgt, DMA_TO_DEVICE,
						0));
		KUNIT_EXPECT_EQ(test, sgt.nents, 42);
		KUNIT_EXPECT_EQ(test, failures + 4,
				odma_counted_so_far(fx).failures);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).maps);
	odma_set_ranges(fx, NULL, 0);
	odma_map_and_check(test, sgt.sgl, 8);
}

static void odma_scatter_straddling(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	phys_addr_t phys = page_to_phys(page);
	struct bus_dma_region ranges[2];
	struct scatterlist sg[1];

	ranges[0] = odma_range(phys, 0x1000000, PAGE_SIZE);
	ranges[1] = odma_range(phys + PAGE_SIZE, 0x2000000, PAGE_SIZE);
	odma_set_ranges(fx, ranges, 2);
	sg_init_table(sg, 1);
	sg_set_page(sg, page, 2 * PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 1, DMA_TO_DEVICE));
	sg_set_page(sg, page, PAGE_SIZE, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 1, odma_map_sg(fx->dev, sg, 1, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, sg_dma_address(sg), 0x2000000);
	odma_unmap_sg(fx->dev, sg, 1, DMA_TO_DEVICE);
	/* One byte outside of all, with a mask that covers everything. */
	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_set_ranges(fx, ranges, 1);
	sg_set_page(sg, page, 1, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 1, DMA_TO_DEVICE));
}

static void odma_scatter_no_entries(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table sgt = { .nents = 13 };

	sgt.sgl = odma_test_list(test, 1, 64);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, 0,
					     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, -1,
					     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_map_sgtable(fx->dev, &sgt,
							DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 13);
	odma_map_and_check(test, sgt.sgl, 1);
}

/* As the kernel: an entry of length 0 does no harm. */
static void odma_scatter_empty_entry(struct kunit *test)
{
	struct scatterlist *sg = odma_test_list(test, 3, 64);

	sg[1].length = 0;
	odma_map_and_check(test, sg, 3);
}

static void odma_scatter_skip_sync(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, 4, 64);

	KUNIT_EXPECT_EQ(test, 4, odma_map_sg_attrs(fx->dev, sg, 4,
						   DMA_FROM_DEVICE,
						   DMA_ATTR_SKIP_CPU_SYNC));
	odma_expect_mapped(test, sg, 4);
	odma_unmap_sg_attrs(fx->dev, sg, 4, DMA_FROM_DEVICE,
			    DMA_ATTR_SKIP_CPU_SYNC);
}

static struct kunit_case odma_scatter_cases[] = {
	KUNIT_CASE_PARAM(odma_scatter_sizes, odma_all_modes),
	KUNIT_CASE_PARAM(odma_scatter_chained, odma_all_modes),
	KUNIT_CASE_PARAM(odma_scatter_allocated_table, odma_all_modes),
	KUNIT_CASE_PARAM(odma_scatter_long_entries, odma_all_modes),
	KUNIT_CASE_PARAM(odma_scatter_beyond_reach, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_scatter_straddling, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_scatter_no_entries, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_scatter_empty_entry, odma_all_modes),
	KUNIT_CASE_PARAM(odma_scatter_skip_sync, odma_all_modes),
	{}
};

struct kunit_suite odma_scatter_suite = {
	.name = "odma-scatter",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_scatter_cases,
};
