// SPDX-License-Identifier: GPL-2.0
/*
 * One area, two CPUs: what its lock is for.
 */
#include <linux/mm.h>
#include "contest.h"
#include "../suites.h"

/* No slot has two owners, and in the end each is free again. */
static void odma_lock_contest(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	u8 *all = page_address(odma_test_pages(test, GFP_KERNEL, 5));
	dma_addr_t first = odma_contest(fx), addr;

	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	addr = odma_map_single(fx->dev, all, SZ_128K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, addr, first);
	if (addr != DMA_MAPPING_ERROR)
		odma_unmap_single(fx->dev, addr, SZ_128K, DMA_TO_DEVICE);
}

static struct kunit_case odma_lock_cases[] = {
	KUNIT_CASE(odma_lock_contest),
	{}
};

struct kunit_suite odma_swiotlb_lock_suite = {
	.name = "odma-swiotlb-lock",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_lock_cases,
};
