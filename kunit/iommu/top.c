// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: addresses up to the last one of 64 bits.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

#define ODMA_TOP_PAGE	(U64_MAX - (SZ_4K - 1))

static struct device *odma_top_begin(struct kunit *test, bool own)
{
	struct device *dev = odma_iommu_dev(test);

	odma_iommu_begin(test, "iommu", &(struct odma_soft_cfg) {
			 .granule_shift = 12, .ias = 48, .upper = true,
			 .first = ~DMA_BIT_MASK(48), .last = U64_MAX,
			 .own = own });
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(dev));
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(64)));
	return dev;
}

/* The page that has DMA_MAPPING_ERROR in it is nobody's. */
static void odma_top_single(struct kunit *test)
{
	struct device *dev = odma_top_begin(test, false);
	u8 *buf = odma_iommu_buffer(test, 0), byte = 1;
	dma_addr_t addr;

	addr = odma_map_single(dev, buf + 4095, 1, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LT(test, addr, ODMA_TOP_PAGE);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, &byte, 1));
	odma_unmap_single(dev, addr, 1, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

static void odma_top_list(struct kunit *test, bool own)
{
	struct device *dev = odma_top_begin(test, own);
	struct scatterlist sg[3];
	dma_addr_t addr;
	int i;

	sg_init_table(sg, 3);
	for (i = 0; i < 3; i++)
		sg_set_buf(&sg[i], odma_iommu_buffer(test, 0), SZ_4K);
	KUNIT_ASSERT_EQ(test, 1, odma_map_sg(dev, sg, 3, DMA_BIDIRECTIONAL));
	addr = sg_dma_address(sg);
	KUNIT_EXPECT_LT(test, addr + 3 * SZ_4K - 1, ODMA_TOP_PAGE);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_sg(dev, sg, 3, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
}

static void odma_top_list_tables(struct kunit *test)
{
	odma_top_list(test, false);
}

static void odma_top_list_own(struct kunit *test)
{
	odma_top_list(test, true);
}

/* An end that wraps is an end like any other. */
static void odma_top_list_end(struct kunit *test)
{
	struct device *dev = odma_top_begin(test, false);
	struct scatterlist *sg = odma_test_list(test, 1, SZ_4K);
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	sg_dma_address(sg) = ODMA_TOP_PAGE;
	sg_dma_len(sg) = SZ_4K;
	odma_unmap_sg(dev, sg, 1, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "not mapped there"));
}

static struct kunit_case odma_iommu_top_cases[] = {
	KUNIT_CASE(odma_top_single),
	KUNIT_CASE(odma_top_list_tables),
	KUNIT_CASE(odma_top_list_own),
	KUNIT_CASE(odma_top_list_end),
	{}
};

struct kunit_suite odma_iommu_top_suite = {
	.name = "odma-iommu-top",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_top_cases,
};
