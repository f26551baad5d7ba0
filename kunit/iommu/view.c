// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: pages that can be mapped for the device and not for the
 * CPU, as there are no addresses left. The code is compiled once more here,
 * with a vmap() that always fails.
 */
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include <kunit/test.h>

static void *odma_no_view(struct page **pages, unsigned int count,
			  unsigned long flags, pgprot_t prot)
{
	return NULL;
}

#undef pr_fmt
#define vmap	odma_no_view
#include "../../iommu/dma/memory.c"
#undef vmap

#include "../shared/fixture.h"
#include "../suites.h"

/* What the code under test asks of the files beside its own. */
static size_t odma_now_unmapped;
static int odma_later_unmapped;

dma_addr_t odma_map_pages(struct odma_translated *t, phys_addr_t phys,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why)
{
	return DMA_MAPPING_ERROR;
}

dma_addr_t odma_map_table(struct odma_translated *t, struct sg_table *sgt,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why)
{
	return SZ_64K;
}

void odma_unmap_pages(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	odma_later_unmapped++;
}

bool odma_unmap_now(struct odma_translated *t, dma_addr_t addr, size_t size)
{
	if (addr == SZ_64K)
		odma_now_unmapped += size;
	return true;
}

/* Out of reach, as it was in reach, before the pages go to somebody else. */
static void odma_view_fails(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_device odev = { .dev = fx->dev };
	struct odma_translated t = { .odev = &odev, .coherent = true,
				     .lazy = true };
	dma_addr_t addr;

	odma_now_unmapped = 0;
	odma_later_unmapped = 0;
	KUNIT_EXPECT_NULL(test, odma_alloc_scattered(&t, SZ_64K - 100, &addr,
						     GFP_KERNEL,
						     DMA_ATTR_NO_WARN));
	KUNIT_EXPECT_EQ(test, 0, odma_later_unmapped);
	KUNIT_EXPECT_EQ(test, SZ_64K, odma_now_unmapped);
}

static struct kunit_case odma_iommu_view_cases[] = {
	KUNIT_CASE(odma_view_fails),
	{}
};

struct kunit_suite odma_iommu_view_suite = {
	.name = "odma-iommu-view",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_iommu_view_cases,
};
