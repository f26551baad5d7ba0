// SPDX-License-Identifier: GPL-2.0
/*
 * The host provider's mappings, over a driver of an IOMMU that is made up: it
 * fails as Intel's does, and forgets as an SMMU does that is told which pages a
 * range has. The provider's code is compiled once more for this.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include <kunit/test.h>
#include "../../iommu/host/map.c"
#include "../shared/fixture.h"
#include "../suites.h"

#define ODMA_FAKE_PAGES	2048

/**
 * struct odma_fake - one domain of that driver, by page
 * @kernel:	as the kernel has it
 * @host:	as the provider has it
 * @domain:	as the backend has it
 * @maps:	calls of map_pages()
 * @fail_at:	which of them fails half-way, and says that it did nothing
 * @phys:	what is mapped, 0: nothing
 * @tlb:	bytes of the leaf that is remembered, 0: none
 */
struct odma_fake {
	struct iommu_domain kernel;
	struct odma_host host;
	struct odma_iommu_domain domain;
	int maps;
	int fail_at;
	phys_addr_t phys[ODMA_FAKE_PAGES];
	u32 tlb[ODMA_FAKE_PAGES];
};

static struct odma_fake *odma_fake_of(struct iommu_domain *kernel)
{
	return container_of(kernel, struct odma_fake, kernel);
}

static void odma_fake_set(struct odma_fake *fake, unsigned long iova,
			  phys_addr_t phys, size_t size, size_t leaf)
{
	size_t at;

	for (at = 0; at < size; at += SZ_4K) {
		fake->phys[(iova + at) / SZ_4K] = phys ? phys + at : 0;
		if (phys)
			fake->tlb[(iova + at) / SZ_4K] = leaf;
	}
}

static int odma_fake_map(struct iommu_domain *kernel, unsigned long iova,
			 phys_addr_t phys, size_t pgsize, size_t count,
			 int prot, gfp_t gfp, size_t *mapped)
{
	struct odma_fake *fake = odma_fake_of(kernel);

	if (++fake->maps == fake->fail_at) {
		odma_fake_set(fake, iova, phys, (count + 1) / 2 * pgsize,
			      pgsize);
		return -ENOMEM;
	}
	odma_fake_set(fake, iova, phys, count * pgsize, pgsize);
	*mapped += count * pgsize;
	return 0;
}

static size_t odma_fake_unmap(struct iommu_domain *kernel, unsigned long iova,
			      size_t pgsize, size_t count,
			      struct iommu_iotlb_gather *gather)
{
	struct odma_fake *fake = odma_fake_of(kernel);
	size_t i;

	for (i = 0; i < count; i++) {
		unsigned long at = iova + i * pgsize;

		if (!fake->phys[at / SZ_4K])
			break;
		odma_fake_set(fake, at, 0, pgsize, pgsize);
		iommu_iotlb_gather_add_page(kernel, gather, at, pgsize);
	}
	return i * pgsize;
}

/* Leaves of that size, from an address on where there can be one. */
static void odma_fake_sync(struct iommu_domain *kernel,
			   struct iommu_iotlb_gather *gather)
{
	struct odma_fake *fake = odma_fake_of(kernel);
	unsigned long at;

	if (!gather->pgsize || gather->start % gather->pgsize)
		return;
	for (at = gather->start; at < gather->end; at += SZ_4K)
		if (fake->tlb[at / SZ_4K] == gather->pgsize)
			fake->tlb[at / SZ_4K] = 0;
}

static phys_addr_t odma_fake_phys(struct iommu_domain *kernel, dma_addr_t iova)
{
	return odma_fake_of(kernel)->phys[iova / SZ_4K];
}

static const struct iommu_domain_ops odma_fake_ops = {
	.map_pages = odma_fake_map,
	.unmap_pages = odma_fake_unmap,
	.iotlb_sync = odma_fake_sync,
	.iova_to_phys = odma_fake_phys,
};

static struct odma_fake *odma_new_fake(struct kunit *test)
{
	struct odma_fake *fake = kunit_kzalloc(test, sizeof(*fake),
					       GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, fake);
	fake->kernel.type = IOMMU_DOMAIN_UNMANAGED;
	fake->kernel.ops = &odma_fake_ops;
	fake->kernel.pgsize_bitmap = SZ_4K | SZ_2M;
	fake->host.kernel = &fake->kernel;
	fake->domain.priv = &fake->host;
	return fake;
}

static int odma_fake_map_at(struct odma_fake *fake, u64 iova, size_t size)
{
	return odma_host_map(&fake->domain, iova, SZ_1G + iova, size, ODMA_READ,
			     GFP_KERNEL);
}

/* Nothing leads anywhere any more, and nothing is remembered. */
static void odma_expect_gone(struct kunit *test, const struct odma_fake *fake)
{
	KUNIT_EXPECT_NULL(test, memchr_inv(fake->phys, 0, sizeof(fake->phys)));
	KUNIT_EXPECT_NULL(test, memchr_inv(fake->tlb, 0, sizeof(fake->tlb)));
}

/* In each of its runs: pages, a block, and pages again. */
static void odma_host_map_fails(struct kunit *test)
{
	struct odma_fake *fake = odma_new_fake(test);
	size_t size = SZ_16K + SZ_2M + SZ_16K;
	int i;

	for (i = 1; i <= 3; i++) {
		fake->maps = 0;
		fake->fail_at = i;
		KUNIT_EXPECT_EQ(test, -ENOMEM,
				odma_fake_map_at(fake, SZ_2M - SZ_16K, size));
		odma_expect_gone(test, fake);
	}
}

static void odma_fake_unmap_at(struct kunit *test, struct odma_fake *fake,
			       u64 iova, size_t size,
			       struct odma_iommu_gather *gather)
{
	KUNIT_EXPECT_EQ(test, size, odma_host_unmap(&fake->domain, iova, size,
						    gather));
}

/* A list with a hole in it: one invalidation, but not for pages of two sizes */
static void odma_host_unmap_sizes(struct kunit *test)
{
	struct odma_fake *fake = odma_new_fake(test);
	struct odma_iommu_gather gather;

	KUNIT_ASSERT_EQ(test, 0, odma_fake_map_at(fake, SZ_2M, SZ_2M));
	KUNIT_ASSERT_EQ(test, 0, odma_fake_map_at(fake, SZ_4M + SZ_8K, SZ_8K));
	KUNIT_ASSERT_EQ(test, 0, odma_fake_map_at(fake, SZ_4M + SZ_32K, SZ_8K));
	odma_gather_init(&gather.range);
	INIT_LIST_HEAD(&gather.pages);
	odma_fake_unmap_at(test, fake, SZ_2M, SZ_2M, &gather);
	odma_fake_unmap_at(test, fake, SZ_4M + SZ_8K, SZ_8K, &gather);
	odma_fake_unmap_at(test, fake, SZ_4M + SZ_32K, SZ_8K, &gather);
	odma_host_flush(&fake->domain, &gather);
	odma_expect_gone(test, fake);
}

/* What the driver has invalidated on the way is not asked for again. */
static void odma_host_unmap_mixed(struct kunit *test)
{
	struct odma_fake *fake = odma_new_fake(test);
	struct odma_iommu_gather gather;

	KUNIT_ASSERT_EQ(test, 0, odma_fake_map_at(fake, SZ_2M - SZ_16K,
						  SZ_16K + SZ_2M));
	odma_gather_init(&gather.range);
	INIT_LIST_HEAD(&gather.pages);
	odma_fake_unmap_at(test, fake, SZ_2M - SZ_16K, SZ_16K + SZ_2M, &gather);
	odma_host_flush(&fake->domain, &gather);
	odma_expect_gone(test, fake);
}

static struct kunit_case odma_iommu_host_map_cases[] = {
	KUNIT_CASE(odma_host_map_fails),
	KUNIT_CASE(odma_host_unmap_sizes),
	KUNIT_CASE(odma_host_unmap_mixed),
	{}
};

struct kunit_suite odma_iommu_host_map_suite = {
	.name = "odma-iommu-host-map",
	.suite_init = odma_begin_suite,
	.exit = odma_tally,
	.test_cases = odma_iommu_host_map_cases,
};
