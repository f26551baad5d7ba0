// SPDX-License-Identifier: GPL-2.0
/*
 * Out of memory: every allocation of a call fails in turn, once alone and once
 * with all after it. Then nothing has changed; with memory the call works.
 */
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

/**
 * struct odma_attempt - a call that may run out of memory
 * @prepare:	what has to be there before
 * @call:	the call: 0 or an error
 * @undone:	all is as it was before the call
 * @done:	it has worked
 */
struct odma_attempt {
	void (*prepare)(struct odma_pgt *fx);
	int (*call)(struct odma_pgt *fx);
	bool (*undone)(struct odma_pgt *fx);
	bool (*done)(struct odma_pgt *fx);
};

/* Far more than any call here allocates. */
#define ODMA_FAIL_MOST	40

static void odma_fail_clear(struct odma_pgt *fx)
{
	odma_pgt_unmap(fx, odma_pgt_iova(fx), odma_pgt_room(fx),
		       ODMA_UNMAP_SPARSE);
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(fx->test, odma_pgtable_tables(fx->pgt), 1);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, 0);
}

/* Did the call get by without the allocation that was to fail? */
static bool odma_fail_once(struct odma_pgt *fx, const struct odma_attempt *try,
			   int at, bool on)
{
	int ret;

	if (try->prepare)
		try->prepare(fx);
	atomic_set(&fx->allocs, 0);
	atomic_set(&fx->failed, 0);
	fx->fail_on = on;
	fx->fail_at = at;
	ret = try->call(fx);
	fx->fail_at = 0;
	odma_pgt_check(fx);
	if (!atomic_read(&fx->failed)) {
		KUNIT_EXPECT_EQ(fx->test, 0, ret);
		KUNIT_EXPECT_TRUE(fx->test, try->done(fx));
		odma_fail_clear(fx);
		return true;
	}
	KUNIT_EXPECT_EQ(fx->test, -ENOMEM, ret);
	KUNIT_EXPECT_TRUE_MSG(fx->test, try->undone(fx), "allocation %d", at);
	/* And nothing is in the way of another attempt. */
	if (ret) {
		KUNIT_EXPECT_EQ(fx->test, 0, try->call(fx));
		KUNIT_EXPECT_TRUE(fx->test, try->done(fx));
	}
	odma_fail_clear(fx);
	return false;
}

static void odma_fail_each(struct odma_pgt *fx, const struct odma_attempt *try,
			   int least)
{
	int at, on;

	for (on = 0; on < 2; on++) {
		for (at = 1; at < ODMA_FAIL_MOST; at++)
			if (odma_fail_once(fx, try, at, on))
				break;
		KUNIT_EXPECT_GT(fx->test, at, least);
		KUNIT_EXPECT_LT(fx->test, at, ODMA_FAIL_MOST);
	}
}

/* Pages in one table, a block, pages in another table. */
static u64 odma_fail_from(struct odma_pgt *fx)
{
	return odma_pgt_leaf(fx, 2) - 3 * odma_pgt_leaf(fx, 3);
}

static u64 odma_fail_size(struct odma_pgt *fx)
{
	return odma_pgt_leaf(fx, 2) + 6 * odma_pgt_leaf(fx, 3);
}

static int odma_fail_call_map(struct odma_pgt *fx)
{
	u64 from = odma_fail_from(fx);

	return odma_pgt_map(fx, odma_pgt_iova(fx) + from,
			    odma_pgt_phys(fx) + from, odma_fail_size(fx));
}

static bool odma_fail_all_clear(struct odma_pgt *fx)
{
	return odma_pgt_is_clear(fx, odma_pgt_iova(fx), odma_pgt_room(fx));
}

static bool odma_fail_mapped(struct odma_pgt *fx)
{
	u64 from = odma_fail_from(fx);

	return odma_pgt_is_mapped(fx, odma_pgt_iova(fx) + from,
				  odma_pgt_phys(fx) + from, odma_fail_size(fx),
				  ODMA_RW);
}

static void odma_fail_map(struct kunit *test)
{
	static const struct odma_attempt try = {
		.call = odma_fail_call_map,
		.undone = odma_fail_all_clear,
		.done = odma_fail_mapped,
	};

	odma_fail_each(test->priv, &try, 2);
}

static int odma_fail_call_pages(struct odma_pgt *fx)
{
	u64 from = odma_fail_from(fx);
	size_t page = odma_pgt_leaf(fx, 3);

	return odma_pgtable_map_pages(fx->pgt, odma_pgt_iova(fx) + from,
				      odma_pgt_phys(fx) + from, page,
				      odma_fail_size(fx) / page, ODMA_RW,
				      GFP_KERNEL);
}

static void odma_fail_pages(struct kunit *test)
{
	static const struct odma_attempt try = {
		.call = odma_fail_call_pages,
		.undone = odma_fail_all_clear,
		.done = odma_fail_mapped,
	};

	odma_fail_each(test->priv, &try, 3);
}

/* Some of the tables are there already, with something in them. */
static void odma_fail_neighbours(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, 0, page));
}

static bool odma_fail_neighbours_only(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	return odma_pgt_is_mapped(fx, iova, 0, page, ODMA_RW) &&
	       odma_pgt_is_clear(fx, iova + page, odma_pgt_room(fx) - page);
}

static void odma_fail_map_beside(struct kunit *test)
{
	static const struct odma_attempt try = {
		.prepare = odma_fail_neighbours,
		.call = odma_fail_call_map,
		.undone = odma_fail_neighbours_only,
		.done = odma_fail_mapped,
	};

	odma_fail_each(test->priv, &try, 1);
}

static void odma_fail_two_blocks(struct odma_pgt *fx)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			odma_pgtable_map_pages(fx->pgt, odma_pgt_iova(fx),
					       odma_pgt_phys(fx),
					       odma_pgt_leaf(fx, 2), 2, ODMA_RW,
					       GFP_KERNEL));
}

/* From inside the first into the second: each has to be split. */
static int odma_fail_call_split(struct odma_pgt *fx)
{
	ssize_t done = odma_pgt_unmap(fx, odma_pgt_iova(fx) +
				      odma_pgt_leaf(fx, 3),
				      odma_pgt_leaf(fx, 2), ODMA_UNMAP_SPLIT);

	return done < 0 ? done : 0;
}

static bool odma_fail_not_split(struct odma_pgt *fx)
{
	return odma_pgt_is_mapped(fx, odma_pgt_iova(fx), odma_pgt_phys(fx),
				  2 * odma_pgt_leaf(fx, 2), ODMA_RW);
}

static bool odma_fail_is_split(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), end = block + page;
	phys_addr_t phys = odma_pgt_phys(fx);

	return odma_pgt_is_mapped(fx, iova, phys, page, ODMA_RW) &&
	       odma_pgt_is_clear(fx, iova + page, block) &&
	       odma_pgt_is_mapped(fx, iova + end, phys + end, block - page,
				  ODMA_RW);
}

static void odma_fail_split(struct kunit *test)
{
	static const struct odma_attempt try = {
		.prepare = odma_fail_two_blocks,
		.call = odma_fail_call_split,
		.undone = odma_fail_not_split,
		.done = odma_fail_is_split,
	};

	odma_fail_each(test->priv, &try, 2);
}

static void odma_fail_giant(struct odma_pgt *fx)
{
	KUNIT_EXPECT_EQ(fx->test, 0,
			odma_pgt_map(fx, odma_pgt_iova(fx), odma_pgt_phys(fx),
				     SZ_1G));
}

/* In the middle of 1 GiB: a table of blocks, and one of pages. */
static int odma_fail_call_giant(struct odma_pgt *fx)
{
	ssize_t done = odma_pgt_unmap(fx, odma_pgt_iova(fx) + SZ_512M + SZ_4K,
				      SZ_4K, ODMA_UNMAP_SPLIT);

	return done < 0 ? done : 0;
}

static bool odma_fail_giant_there(struct odma_pgt *fx)
{
	return odma_pgt_is_mapped(fx, odma_pgt_iova(fx), odma_pgt_phys(fx),
				  SZ_1G, ODMA_RW);
}

static bool odma_fail_giant_cut(struct odma_pgt *fx)
{
	u64 iova = odma_pgt_iova(fx), at = SZ_512M + SZ_4K;
	phys_addr_t phys = odma_pgt_phys(fx);

	return odma_pgt_is_mapped(fx, iova, phys, at, ODMA_RW) &&
	       odma_pgt_is_clear(fx, iova + at, SZ_4K) &&
	       odma_pgt_is_mapped(fx, iova + at + SZ_4K, phys + at + SZ_4K,
				  SZ_1G - at - SZ_4K, ODMA_RW);
}

static void odma_fail_split_giant(struct kunit *test)
{
	static const struct odma_attempt try = {
		.prepare = odma_fail_giant,
		.call = odma_fail_call_giant,
		.undone = odma_fail_giant_there,
		.done = odma_fail_giant_cut,
	};

	odma_fail_each(test->priv, &try, 2);
}

/* The very first table. */
static void odma_fail_create(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg = fx->cfg;
	struct odma_pgtable *pgt;

	odma_pgt_destroy(fx);
	atomic_set(&fx->allocs, 0);
	fx->fail_at = 1;
	fx->fail_on = true;
	pgt = odma_pgtable_create(&cfg);
	fx->fail_at = 0;
	KUNIT_EXPECT_EQ(test, -ENOMEM, PTR_ERR_OR_ZERO(pgt));
	if (!IS_ERR(pgt))
		odma_pgtable_destroy(pgt);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&fx->live));
}

static struct kunit_case odma_pgtable_fail_cases[] = {
	KUNIT_CASE_PARAM(odma_fail_map, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_fail_pages, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_fail_map_beside, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_fail_split, odma_pgt_all),
	KUNIT_CASE(odma_fail_split_giant),
	KUNIT_CASE_PARAM(odma_fail_create, odma_pgt_some),
	{}
};

struct kunit_suite odma_pgtable_fail_suite = {
	.name = "odma-pgtable-fail",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_fail_cases,
};
