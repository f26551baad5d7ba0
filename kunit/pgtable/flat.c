// SPDX-License-Identifier: GPL-2.0
/*
 * A million pages at once: all of them translate, and what is done to one has
 * no effect on another. That it costs no more than with ten is bench/'s to say.
 */
#include <linux/prandom.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

#define ODMA_FLAT_PAGES		(1000000 / ODMA_PGT_SCALE)
#define ODMA_FLAT_STEPS		(20000 / ODMA_PGT_SCALE)
/* How many pages a call maps: not a multiple of anything. */
#define ODMA_FLAT_RUN		997

/* Each run of pages somewhere else. */
static phys_addr_t odma_flat_phys(const struct odma_pgt *fx, u64 i)
{
	u64 run = i / ODMA_FLAT_RUN;

	return ((run * 7919 % 4096) * 1024 + i % ODMA_FLAT_RUN) *
	       odma_pgt_leaf(fx, 3);
}

static u64 odma_flat_iova(const struct odma_pgt *fx, u64 i)
{
	return odma_pgt_iova(fx) + i * odma_pgt_leaf(fx, 3);
}

static int odma_flat_map(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 i, n;
	int ret;

	for (i = 0; i < ODMA_FLAT_PAGES; i += n) {
		n = min_t(u64, ODMA_FLAT_RUN, ODMA_FLAT_PAGES - i);
		ret = odma_pgtable_map_pages(fx->pgt, odma_flat_iova(fx, i),
					     odma_flat_phys(fx, i), page, n,
					     ODMA_RW, GFP_KERNEL);
		if (ret)
			return ret;
		cond_resched();
	}
	return 0;
}

/* The number of pages that hardware finds as they were mapped. */
static u64 odma_flat_right(struct odma_pgt *fx)
{
	struct odma_walk r;
	u64 i, right = 0;

	for (i = 0; i < ODMA_FLAT_PAGES; i++) {
		right += !odma_walk(&fx->walker, odma_flat_iova(fx, i), &r) &&
			 r.phys == odma_flat_phys(fx, i) && r.prot == ODMA_RW;
		if (i % 4096 == 0)
			cond_resched();
	}
	return right;
}

static bool odma_flat_is(struct odma_pgt *fx, u64 i, bool mapped)
{
	u64 iova = odma_flat_iova(fx, i);
	phys_addr_t phys = mapped ? odma_flat_phys(fx, i) : PHYS_ADDR_MAX;
	struct odma_walk r;

	if (odma_pgtable_iova_to_phys(fx->pgt, iova) != phys)
		return false;
	return odma_walk(&fx->walker, iova, &r) == (mapped ? 0 : -ENOENT);
}

/* One page is taken out and put back; its neighbours don't notice. */
static bool odma_flat_step(struct odma_pgt *fx, u64 i)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_flat_iova(fx, i);

	return odma_flat_is(fx, i, true) &&
	       odma_pgt_map(fx, iova, 0, page) == -EEXIST &&
	       odma_pgt_unmap(fx, iova, page, 0) == page &&
	       odma_flat_is(fx, i, false) &&
	       odma_flat_is(fx, i - 1, true) && odma_flat_is(fx, i + 1, true) &&
	       !odma_pgt_map(fx, iova, odma_flat_phys(fx, i), page) &&
	       odma_flat_is(fx, i, true);
}

static void odma_flat_million(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3);
	ssize_t all = (ssize_t)ODMA_FLAT_PAGES * page;
	struct rnd_state rnd;
	int i, right = 0;

	KUNIT_ASSERT_EQ(test, 0, odma_flat_map(fx));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, ODMA_FLAT_PAGES);
	prandom_seed_state(&rnd, 1000000);
	for (i = 0; i < ODMA_FLAT_STEPS; i++)
		right += odma_flat_step(fx, 1 + prandom_u32_state(&rnd) %
					(ODMA_FLAT_PAGES - 2));
	KUNIT_EXPECT_EQ(test, right, ODMA_FLAT_STEPS);
	KUNIT_EXPECT_EQ(test, odma_flat_right(fx), ODMA_FLAT_PAGES);
	KUNIT_EXPECT_EQ(test, all, odma_pgt_unmap(fx, odma_pgt_iova(fx), all,
						  0));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables, 1);
}

static struct kunit_case odma_pgtable_flat_cases[] = {
	KUNIT_CASE_PARAM(odma_flat_million, odma_pgt_granules),
	{}
};

struct kunit_suite odma_pgtable_flat_suite = {
	.name = "odma-pgtable-flat",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_flat_cases,
};
