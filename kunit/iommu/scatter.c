// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: scatterlists.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

#define ODMA_PARTS	24

/* All bytes of a list, as the driver sees them and as the device does. */
static void odma_fill_list(struct scatterlist *sgl, int nents, u8 seed)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		odma_pattern(sg_virt(sg), sg->length, seed + i);
}

static void odma_gather_list(struct scatterlist *sgl, int nents, u8 *to)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		memcpy(to, sg_virt(sg), sg->length);
		to += sg->length;
	}
}

static size_t odma_list_bytes(struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	size_t bytes = 0;
	int i;

	for_each_sg(sgl, sg, nents, i)
		bytes += sg->length;
	return bytes;
}

/* No segment crosses the boundary or is too long; entries aside. */
static void odma_check_segments(struct kunit *test, struct scatterlist *sgl,
				int count, unsigned int longest)
{
	struct device *dev = odma_iommu_dev(test);
	u64 boundary = dma_get_seg_boundary(dev);
	unsigned int max = max(dma_get_max_seg_size(dev), longest);
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, count, i) {
		u64 last = sg_dma_address(sg) + sg_dma_len(sg) - 1;

		if (!sg_dma_len(sg))
			continue;
		KUNIT_EXPECT_EQ(test, sg_dma_address(sg) & ~boundary,
				last & ~boundary);
		KUNIT_EXPECT_LE(test, sg_dma_len(sg), max);
	}
}

static int odma_list_io(struct scatterlist *sgl, int count, u8 *bytes,
			bool write)
{
	struct scatterlist *sg;
	int i, ret;

	for_each_sg(sgl, sg, count, i) {
		if (!sg_dma_len(sg))
			continue;
		ret = write ? odma_soft_write(odma_soft, sg_dma_address(sg),
					      bytes, sg_dma_len(sg)) :
			      odma_soft_read(odma_soft, sg_dma_address(sg),
					     bytes, sg_dma_len(sg));
		if (ret)
			return ret;
		bytes += sg_dma_len(sg);
	}
	return 0;
}

/* Map, look at it from both sides, unmap; how many segments it became. */
static int odma_list_trip(struct kunit *test, struct scatterlist *sgl,
			  int nents)
{
	struct device *dev = odma_iommu_dev(test);
	size_t bytes = odma_list_bytes(sgl, nents);
	u8 *seen = kvzalloc(bytes, GFP_KERNEL);
	u8 *want = kvzalloc(bytes, GFP_KERNEL);
	unsigned int longest = 0;
	struct scatterlist *sg;
	dma_addr_t first;
	int i, count;

	for_each_sg(sgl, sg, nents, i)
		longest = max(longest, sg->length);
	odma_fill_list(sgl, nents, 3);
	odma_gather_list(sgl, nents, want);
	count = odma_map_sg(dev, sgl, nents, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_GT(test, count, 0);
	if (count <= 0)
		goto out;
	odma_check_segments(test, sgl, count, longest);
	KUNIT_EXPECT_EQ(test, 0, odma_list_io(sgl, count, seen, false));
	KUNIT_EXPECT_EQ(test, 0, memcmp(seen, want, bytes));
	odma_pattern(want, bytes, 77);
	KUNIT_EXPECT_EQ(test, 0, odma_list_io(sgl, count, want, true));
	odma_sync_sg_for_cpu(dev, sgl, nents, DMA_BIDIRECTIONAL);
	odma_gather_list(sgl, nents, seen);
	KUNIT_EXPECT_EQ(test, 0, memcmp(seen, want, bytes));
	odma_fill_list(sgl, nents, 9);
	odma_sync_sg_for_device(dev, sgl, nents, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_list_io(sgl, count, seen, false));
	odma_gather_list(sgl, nents, want);
	KUNIT_EXPECT_EQ(test, 0, memcmp(seen, want, bytes));
	first = sg_dma_address(sgl);
	odma_unmap_sg(dev, sgl, nents, DMA_BIDIRECTIONAL);
	if (odma_iommu_mode(test)->shadows)
		goto out;
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	if (!odma_iommu_mode(test)->lazy)
		KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, first));
out:
	kvfree(seen);
	kvfree(want);
	return count;
}

/* Entries anywhere in pages from anywhere. */
static void odma_sg_scattered(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_PARTS, 700);
	int i;

	for (i = 0; i < ODMA_PARTS; i++)
		sgl[i].length = 1 + i * 140;
	KUNIT_EXPECT_EQ(test, ODMA_PARTS, odma_list_trip(test, sgl,
							 ODMA_PARTS));
	/* Only a part of the list is given, then one entry. */
	KUNIT_EXPECT_EQ(test, 7, odma_list_trip(test, sgl, 7));
	KUNIT_EXPECT_EQ(test, 1, odma_list_trip(test, sgl, 1));
}

/* Whole pages from anywhere are one segment for the device. */
static void odma_sg_joined(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_PARTS, PAGE_SIZE);
	struct device_dma_parameters parms = { };
	struct device *dev = odma_iommu_dev(test);
	int i;

	dev->dma_parms = &parms;
	odma_set_max_seg_size(dev, SZ_1M);
	for (i = 0; i < ODMA_PARTS; i++)
		sgl[i].offset = 0;
	sgl[0].offset = 100;
	sgl[0].length = PAGE_SIZE - 100;
	sgl[ODMA_PARTS - 1].length = 512;
	/* Where copies are made it may not be: bytes and limits are. */
	i = odma_list_trip(test, sgl, ODMA_PARTS);
	if (!odma_iommu_mode(test)->copies)
		KUNIT_EXPECT_EQ(test, 1, i);
	sgl[0].offset = 0;
	sgl[0].length = PAGE_SIZE;
	sgl[ODMA_PARTS - 1].length = PAGE_SIZE;
	KUNIT_EXPECT_EQ(test, 1, odma_list_trip(test, sgl, ODMA_PARTS));
	/* Not across a hole in the middle of a page. */
	sgl[11].length = PAGE_SIZE - 1;
	i = odma_list_trip(test, sgl, ODMA_PARTS);
	if (!odma_iommu_mode(test)->copies)
		KUNIT_EXPECT_EQ(test, 2, i);
	dev->dma_parms = NULL;
}

static void odma_sg_max_segment(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_PARTS, PAGE_SIZE);
	struct odma_fixture *fx = test->priv;
	struct device_dma_parameters parms = { };
	int i;

	for (i = 0; i < ODMA_PARTS; i++)
		sgl[i].offset = 0;
	fx->dev->dma_parms = &parms;
	odma_set_max_seg_size(fx->dev, 3 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, 8, odma_list_trip(test, sgl, ODMA_PARTS));
	odma_set_max_seg_size(fx->dev, 4 * PAGE_SIZE - 1);
	KUNIT_EXPECT_EQ(test, 8, odma_list_trip(test, sgl, ODMA_PARTS));
	odma_set_max_seg_size(fx->dev, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, ODMA_PARTS, odma_list_trip(test, sgl,
							 ODMA_PARTS));
	odma_set_max_seg_size(fx->dev, 100);
	KUNIT_EXPECT_EQ(test, ODMA_PARTS, odma_list_trip(test, sgl,
							 ODMA_PARTS));
	fx->dev->dma_parms = NULL;
}

/* Boundaries of 64 KiB and less: with entries that make holes before them. */
static void odma_sg_boundary(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_dma_parameters parms = { };
	struct scatterlist sgl[5];
	static const unsigned int pages[] = { 3, 2, 5, 7, 1 };
	int i;

	sg_init_table(sgl, 5);
	for (i = 0; i < 5; i++)
		sg_set_page(&sgl[i], odma_test_pages(test, GFP_KERNEL, 3),
			    pages[i] * PAGE_SIZE, 0);
	fx->dev->dma_parms = &parms;
	odma_set_max_seg_size(fx->dev, SZ_1M);
	odma_set_seg_boundary(fx->dev, SZ_64K - 1);
	/* 3 + 2 + 5 | a hole, 7 + 1 */
	KUNIT_EXPECT_EQ(test, 2, odma_list_trip(test, sgl, 5));
	odma_set_seg_boundary(fx->dev, SZ_32K - 1);
	/* 3 + 2 | 5 | 7 + 1: */
	KUNIT_EXPECT_EQ(test, 3, odma_list_trip(test, sgl, 5));
	/* One that no boundary leaves room for */
	odma_set_seg_boundary(fx->dev, SZ_16K - 1);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgl, 5,
					     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	fx->dev->dma_parms = NULL;
}

/* In a hole before a boundary nothing is mapped. */
static void odma_sg_hole(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_dma_parameters parms = { };
	struct scatterlist sgl[2];
	dma_addr_t addr;
	int i;

	sg_init_table(sgl, 2);
	for (i = 0; i < 2; i++)
		sg_set_page(&sgl[i], odma_test_pages(test, GFP_KERNEL, 3),
			    5 * PAGE_SIZE, 0);
	fx->dev->dma_parms = &parms;
	odma_set_max_seg_size(fx->dev, SZ_1M);
	odma_set_seg_boundary(fx->dev, SZ_32K - 1);
	KUNIT_ASSERT_EQ(test, 2, odma_map_sg(fx->dev, sgl, 2, DMA_TO_DEVICE));
	addr = sg_dma_address(&sgl[0]);
	KUNIT_EXPECT_EQ(test, addr + SZ_32K, sg_dma_address(&sgl[1]));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft,
						addr + 5 * PAGE_SIZE - 1));
	for (i = 5; i < 8; i++)
		KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr +
							 i * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, 10 * PAGE_SIZE, odma_soft_mapped(odma_soft));
	odma_unmap_sg(fx->dev, sgl, 2, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	fx->dev->dma_parms = NULL;
}

static void odma_sg_one_flush(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_PARTS, 700);
	struct device *dev = odma_iommu_dev(test);
	int before = atomic_read(&odma_soft->flushes);

	KUNIT_ASSERT_EQ(test, ODMA_PARTS, odma_map_sg(dev, sgl, ODMA_PARTS,
						      DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, before, atomic_read(&odma_soft->flushes));
	odma_unmap_sg(dev, sgl, ODMA_PARTS, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, before + !odma_iommu_mode(test)->lazy,
			atomic_read(&odma_soft->flushes));
}

static void odma_sg_empty_entries(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, 6, 500);
	struct device *dev = odma_iommu_dev(test);
	int i;

	sgl[0].length = 0;
	sgl[3].length = 0;
	sgl[5].length = 0;
	i = odma_list_trip(test, sgl, 6);
	KUNIT_EXPECT_TRUE(test, i == 3 || i == 6);
	for (i = 0; i < 6; i++)
		sgl[i].length = 0;
	KUNIT_EXPECT_EQ(test, 6, odma_map_sg(dev, sgl, 6, DMA_TO_DEVICE));
	odma_unmap_sg(dev, sgl, 6, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(dev, sgl, 0, DMA_TO_DEVICE));
}

/* The last one is in no address: nothing of the list is mapped, nor changed. */
static void odma_sg_no_addresses(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_PARTS, PAGE_SIZE);
	struct sg_table sgt = { .sgl = sgl, .orig_nents = ODMA_PARTS,
				.nents = 42 };
	struct device *dev = odma_iommu_dev(test);
	u64 before = odma_soft_mapped(odma_soft);
	int i;

	for (i = 0; i < ODMA_PARTS; i++)
		sgl[i].offset = 0;
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(16)));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(dev, sgl, ODMA_PARTS,
					     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, -ENOMEM, odma_map_sgtable(dev, &sgt,
							DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, -ENOMEM, dma_map_sgtable(dev, &sgt,
						       DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 42, sgt.nents);
	KUNIT_EXPECT_EQ(test, before, odma_soft_mapped(odma_soft));
	for (i = 0; i < ODMA_PARTS; i++) {
		KUNIT_EXPECT_EQ(test, PAGE_SIZE, sgl[i].length);
		KUNIT_EXPECT_EQ(test, 0, sg_dma_len(&sgl[i]));
	}
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(32)));
	/* 96 KiB in segments of no more than 64. */
	KUNIT_EXPECT_EQ(test, 2, odma_list_trip(test, sgl, ODMA_PARTS));
}

static struct kunit_case odma_iommu_sg_cases[] = {
	KUNIT_CASE_PARAM(odma_sg_scattered, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_sg_joined, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_sg_max_segment, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_sg_boundary, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_sg_hole, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_sg_one_flush, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_sg_empty_entries, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_sg_no_addresses, odma_iommu_plain_modes),
	{}
};

struct kunit_suite odma_iommu_sg_suite = {
	.name = "odma-iommu-sg",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_sg_cases,
};
