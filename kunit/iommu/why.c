// SPDX-License-Identifier: GPL-2.0
/*
 * The line of a mapping that failed names what it failed for.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static void odma_why_begin(struct kunit *test, const char *rule)
{
	static const struct odma_soft_cfg cfg = {
		.granule_shift = 12, .ias = 48, .own = true,
	};

	odma_iommu_begin(test, rule, &cfg);
}

/* A single buffer and a list of two: each says so once. */
static void odma_expect_why(struct kunit *test, size_t size, int error,
			    const char *words)
{
	struct odma_fixture *fx = test->priv;
	unsigned int order = get_order(size);
	struct scatterlist sg[2];
	struct sg_table sgt = { .sgl = sg, .orig_nents = 2 };
	struct kmsg_dump_iter log;
	int i;

	odma_log_mark(&log);
	/* As many lines as there are failures. */
	ratelimit_state_init(&odma_device_of(fx->dev)->failures, 0, 0);
	sg_init_table(sg, 2);
	for (i = 0; i < 2; i++)
		sg_set_page(&sg[i], odma_test_pages(test, GFP_KERNEL, order),
			    size, 0);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_page(fx->dev, sg_page(sg), 0, size,
				      DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_count(&log, words), "%s", words);
	KUNIT_EXPECT_EQ(test, error,
			odma_map_sgtable(fx->dev, &sgt, DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_count(&log, words), "%s", words);
}

static int odma_refusal_of_map;

static int odma_refusing_map(struct odma_iommu_domain *domain, u64 iova,
			     phys_addr_t phys, size_t size, unsigned int prot,
			     gfp_t gfp)
{
	return odma_refusal_of_map;
}

/* What the IOMMU says of it. */
static void odma_why_provider(struct kunit *test)
{
	static const struct {
		int error;
		int list;
		const char *words;
	} says[] = {
		{ -ENOMEM, -ENOMEM, "no memory for the IOMMU's tables" },
		{ -EEXIST, -EINVAL, "has something else at its address" },
		{ -ERANGE, -EINVAL, "can't translate to" },
		{ -EFAULT, -EINVAL, "its IOMMU's driver refuses it" },
	};
	int i;

	odma_why_begin(test, "iommu");
	odma_soft->iommu.map = odma_refusing_map;
	for (i = 0; i < ARRAY_SIZE(says); i++) {
		odma_refusal_of_map = says[i].error;
		odma_expect_why(test, SZ_4K, says[i].list, says[i].words);
	}
}

/* Too long for the mask is not the same as nothing free. */
static void odma_why_no_address(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr[4];
	int i;

	odma_why_begin(test, "iommu");
	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(fx->dev, DMA_BIT_MASK(16)));
	odma_expect_why(test, SZ_64K, -ENOMEM, "longer than all addresses");
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = odma_map_resource(fx->dev, 0xc0000000, SZ_16K,
					    DMA_TO_DEVICE, DMA_ATTR_NO_WARN);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR, addr[3]);
	odma_expect_why(test, SZ_16K, -ENOMEM, "reach is free");
	for (i = 0; i < 3; i++)
		odma_unmap_resource(fx->dev, addr[i], SZ_16K, DMA_TO_DEVICE,
				    0);
}

static struct kunit_case odma_iommu_why_cases[] = {
	KUNIT_CASE(odma_why_provider),
	KUNIT_CASE(odma_why_no_address),
	{}
};

struct kunit_suite odma_iommu_why_suite = {
	.name = "odma-iommu-why",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_why_cases,
};
