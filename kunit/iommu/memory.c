// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: memory for CPU and device.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

static const size_t odma_memory_sizes[] = {
	1, 4096, 5000, SZ_16K, SZ_32K, 33 * 4096, SZ_128K + 1, SZ_1M,
};

static const struct {
	unsigned long attrs;
	gfp_t gfp;
} odma_memory_ways[] = {
	{ 0, GFP_KERNEL },
	{ DMA_ATTR_FORCE_CONTIGUOUS, GFP_KERNEL },
	{ DMA_ATTR_NO_KERNEL_MAPPING, GFP_KERNEL },
	{ DMA_ATTR_NO_KERNEL_MAPPING | DMA_ATTR_FORCE_CONTIGUOUS, GFP_KERNEL },
	{ 0, GFP_ATOMIC },
	{ DMA_ATTR_NO_KERNEL_MAPPING, GFP_ATOMIC },
	{ DMA_ATTR_WRITE_COMBINE, GFP_KERNEL },
	{ DMA_ATTR_ALLOC_SINGLE_PAGES | DMA_ATTR_PRIVILEGED, GFP_KERNEL },
};

/* All zero for the device, and what one writes is what the other reads. */
static void odma_check_memory(struct kunit *test, u8 *cpu, dma_addr_t addr,
			      size_t size)
{
	u8 *seen = kvzalloc(size, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	memset(seen, 1, size);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr, seen, size));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen, 0, size));
	odma_pattern(seen, size, 8);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, seen, size));
	if (cpu) {
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(cpu, size, 8));
		odma_pattern(cpu, size, 80);
		KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr, seen,
							size));
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(seen, size, 80));
	}
	kvfree(seen);
}

static void odma_memory_one(struct kunit *test, size_t size,
			    unsigned long attrs, gfp_t gfp)
{
	struct device *dev = odma_iommu_dev(test);
	size_t align = PAGE_SIZE << get_order(size);
	bool mapped = !(attrs & DMA_ATTR_NO_KERNEL_MAPPING);
	dma_addr_t addr;
	void *cpu;

	cpu = odma_alloc_attrs(dev, size, &addr, gfp, attrs);
	/* Of uncached memory for those who can't wait there is not that much */
	if (!cpu && gfp == GFP_ATOMIC && odma_iommu_mode(test)->mode.uncached)
		return;
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, 0, addr & (align - 1));
	if (mapped)
		KUNIT_EXPECT_EQ(test, 0, (unsigned long)cpu & (align - 1));
	odma_check_memory(test, mapped ? cpu : NULL, addr, size);
	odma_free_attrs(dev, size, cpu, addr, attrs);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
}

static void odma_memory_ways_and_sizes(struct kunit *test)
{
	int i, way;

	for (way = 0; way < ARRAY_SIZE(odma_memory_ways); way++)
		for (i = 0; i < ARRAY_SIZE(odma_memory_sizes); i++)
			odma_memory_one(test, odma_memory_sizes[i],
					odma_memory_ways[way].attrs,
					odma_memory_ways[way].gfp);
	if (!odma_iommu_mode(test)->shadows)
		KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

/* More than the page allocator has in one piece. */
static void odma_memory_large(struct kunit *test)
{
	if (!odma_iommu_mode(test)->mode.uncached)
		odma_memory_one(test, SZ_8M, 0, GFP_KERNEL);
}

static void odma_memory_pages(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct page *page;
	dma_addr_t addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_memory_sizes); i++) {
		size_t size = odma_memory_sizes[i];

		page = odma_alloc_pages(dev, size, &addr, DMA_BIDIRECTIONAL,
					GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		odma_check_memory(test, page_address(page), addr, size);
		odma_free_pages(dev, size, page, addr, DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
	}
}

static void odma_memory_sgtable(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_memory_sizes); i++) {
		size_t size = odma_memory_sizes[i], at = 0;
		struct scatterlist *sg;
		struct sg_table sgt;
		dma_addr_t addr;
		u8 *cpu;
		int n;

		cpu = odma_alloc_coherent(dev, size, &addr, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_pattern(cpu, size, 4);
		KUNIT_EXPECT_EQ(test, 0, odma_get_sgtable(dev, &sgt, cpu, addr,
							  size));
		for_each_sgtable_sg(&sgt, sg, n) {
			KUNIT_EXPECT_EQ(test, 0,
					memcmp(sg_virt(sg), cpu + at,
					       min_t(size_t, sg->length,
						     size - at)));
			at += sg->length;
		}
		KUNIT_EXPECT_EQ(test, PAGE_ALIGN(size), at);
		sg_free_table(&sgt);
		odma_free_coherent(dev, size, cpu, addr);
	}
}

/* Pages from anywhere, in a row for the device, and for the CPU if it asks. */
static void odma_memory_noncontiguous(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_memory_sizes); i++) {
		size_t size = odma_memory_sizes[i];
		struct sg_table *sgt;
		dma_addr_t addr;
		u8 *cpu;

		sgt = odma_alloc_noncontiguous(dev, size, DMA_BIDIRECTIONAL,
					       GFP_KERNEL, 0);
		KUNIT_ASSERT_NOT_NULL(test, sgt);
		KUNIT_EXPECT_EQ(test, 1, sgt->nents);
		addr = sg_dma_address(sgt->sgl);
		KUNIT_EXPECT_EQ(test, PAGE_ALIGN(size), sg_dma_len(sgt->sgl));
		cpu = odma_vmap_noncontiguous(dev, size, sgt);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_check_memory(test, cpu, addr, size);
		odma_vunmap_noncontiguous(dev, cpu);
		odma_free_noncontiguous(dev, size, sgt, DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
	}
}

/* A driver of 6.1 asks for compound pages wherever it allocates. */
static void odma_memory_compound(struct kunit *test)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_COMP | __GFP_NOWARN;
	struct device *dev = odma_iommu_dev(test);
	struct sg_table *sgt;
	struct page *page;
	dma_addr_t addr;
	int i;

	if (ODMA_GFP_REFUSED)
		kunit_skip(test, "this kernel refuses it");
	for (i = 0; i < ARRAY_SIZE(odma_memory_sizes); i++) {
		size_t size = odma_memory_sizes[i];

		odma_memory_one(test, size, 0, gfp);
		odma_memory_one(test, size, DMA_ATTR_WRITE_COMBINE, gfp);
		odma_memory_one(test, size, DMA_ATTR_NO_KERNEL_MAPPING, gfp);
		odma_memory_one(test, size, DMA_ATTR_FORCE_CONTIGUOUS, gfp);
		page = dma_alloc_pages(dev, size, &addr, DMA_BIDIRECTIONAL,
				       gfp);
		KUNIT_ASSERT_NOT_NULL(test, page);
		odma_check_memory(test, page_address(page), addr, size);
		/* A part of it can be held by itself. */
		page += PFN_UP(size) - 1;
		KUNIT_EXPECT_EQ(test, page_count(page), 1);
		page -= PFN_UP(size) - 1;
		dma_free_pages(dev, size, page, addr, DMA_BIDIRECTIONAL);
		sgt = odma_alloc_noncontiguous(dev, size, DMA_BIDIRECTIONAL,
					       gfp | __GFP_RETRY_MAYFAIL, 0);
		KUNIT_ASSERT_NOT_NULL(test, sgt);
		odma_check_memory(test, NULL, sg_dma_address(sgt->sgl), size);
		odma_free_noncontiguous(dev, size, sgt, DMA_BIDIRECTIONAL);
	}
}

/* The kernel's function: on some kernels contiguous, and right on all. */
static void odma_memory_kernel_noncontiguous(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct sg_table *sgt;
	u8 *cpu;

	sgt = dma_alloc_noncontiguous(dev, SZ_64K, DMA_BIDIRECTIONAL,
				      GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	cpu = dma_vmap_noncontiguous(dev, SZ_64K, sgt);
	odma_check_memory(test, cpu, sg_dma_address(sgt->sgl), SZ_64K);
	dma_vunmap_noncontiguous(dev, cpu);
	dma_free_noncontiguous(dev, SZ_64K, sgt, DMA_BIDIRECTIONAL);
}

static void odma_free_wrongly(struct kunit *test, size_t size, size_t freed,
			      unsigned long attrs, gfp_t gfp)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr, last;
	void *cpu;

	cpu = odma_alloc_attrs(dev, size, &addr, gfp, attrs);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	last = addr + size - 1;
	odma_free_attrs(dev, freed, cpu, addr, attrs);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, last));
}

/* What was allocated is taken from the device and freed, and no more. */
static void odma_memory_wrong_free(struct kunit *test)
{
	static const size_t sizes[] = {
		PAGE_SIZE, 3 * PAGE_SIZE, 33 * PAGE_SIZE, 36 * PAGE_SIZE,
		64 * PAGE_SIZE,
	};
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_counters sum;
	int i, n, way;

	odma_log_mark(&mark);
	for (way = 0; way < 4; way++)
		for (i = 0; i < ARRAY_SIZE(sizes); i++)
			for (n = 0; n < ARRAY_SIZE(sizes); n++)
				if (i != n)
					odma_free_wrongly(test, sizes[i],
						sizes[n],
						odma_memory_ways[way].attrs,
						odma_memory_ways[way].gfp);
	KUNIT_EXPECT_GE(test, odma_log_count(&mark, "which are freed"), 1);
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
	if (!odma_iommu_mode(test)->shadows)
		KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

static void odma_memory_wrong_free_pages(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct kmsg_dump_iter mark;
	struct sg_table *sgt;
	struct page *page;
	dma_addr_t addr;

	odma_log_mark(&mark);
	page = odma_alloc_pages(dev, SZ_256K, &addr, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_free_pages(dev, SZ_64K, page, addr, DMA_TO_DEVICE);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft,
						 addr + SZ_256K - 1));
	sgt = odma_alloc_noncontiguous(dev, SZ_256K, DMA_TO_DEVICE, GFP_KERNEL,
				       0);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	addr = sg_dma_address(sgt->sgl);
	odma_free_noncontiguous(dev, SZ_64K, sgt, DMA_TO_DEVICE);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft,
						 addr + SZ_256K - 1));
	KUNIT_EXPECT_EQ(test, 2, odma_log_count(&mark, "which are freed"));
}

static void odma_memory_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr;
	void *cpu;

	KUNIT_ASSERT_EQ(test, 0, odma_set_coherent_mask(fx->dev,
							DMA_BIT_MASK(24)));
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_LE(test, addr + SZ_64K - 1, DMA_BIT_MASK(24));
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
}

static struct kunit_case odma_iommu_memory_cases[] = {
	KUNIT_CASE_PARAM(odma_memory_ways_and_sizes, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_large, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_memory_pages, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_sgtable, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_noncontiguous, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_compound, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_kernel_noncontiguous, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_wrong_free, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_wrong_free_pages, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_memory_mask, odma_iommu_plain_modes),
	{}
};

struct kunit_suite odma_iommu_memory_suite = {
	.name = "odma-iommu-memory",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_memory_cases,
};
