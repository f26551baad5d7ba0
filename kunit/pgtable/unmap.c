// SPDX-License-Identifier: GPL-2.0
/*
 * Unmapping: what is to be invalidated afterwards, holes, and blocks that reach
 * beyond the range.
 */
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

static void odma_unmap_expect_gather(struct odma_pgt *fx,
				     const struct odma_gather *gather,
				     u64 iova, u64 size, size_t granule)
{
	KUNIT_EXPECT_EQ(fx->test, gather->start, iova);
	KUNIT_EXPECT_EQ(fx->test, gather->last, iova + (size - 1));
	KUNIT_EXPECT_EQ(fx->test, gather->granule, granule);
	KUNIT_EXPECT_FALSE(fx->test, gather->tables);
}

/* Just the range, and leaves of the size that was there. */
static void odma_unmap_gathers(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	u64 iova = odma_pgt_iova(fx);
	struct odma_gather gather;
	size_t leaf;
	u8 level;

	for (level = 1; level <= 3; level++) {
		leaf = odma_pgt_leaf(fx, level);
		if (!leaf || 2 * leaf > odma_pgt_room(fx))
			continue;
		KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, 2 * leaf));
		odma_gather_init(&gather);
		odma_pgt_forget(fx);
		KUNIT_EXPECT_EQ(test, leaf, odma_pgtable_unmap(fx->pgt, iova,
							       leaf, 0,
							       &gather));
		odma_unmap_expect_gather(fx, &gather, iova, leaf, leaf);
		KUNIT_EXPECT_EQ(test, leaf,
				odma_pgtable_unmap(fx->pgt, iova + leaf, leaf,
						   0, &gather));
		odma_unmap_expect_gather(fx, &gather, iova, 2 * leaf, leaf);
		/* Invalidating is the caller's. */
		KUNIT_EXPECT_EQ(test, 0, fx->flushes);
		odma_pgt_expect_clear(fx, iova, 2 * leaf);
	}
}

/* Some pages in the middle of others, in one table. */
static void odma_unmap_gathers_pages(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, 9 * page));
	KUNIT_EXPECT_EQ(test, 3 * page,
			odma_pgtable_unmap(fx->pgt, iova + 4 * page, 3 * page,
					   0, &gather));
	odma_unmap_expect_gather(fx, &gather, iova + 4 * page, 3 * page, page);
	KUNIT_EXPECT_EQ(test, page,
			odma_pgtable_unmap(fx->pgt, iova + page, page, 0,
					   &gather));
	odma_unmap_expect_gather(fx, &gather, iova + page, 6 * page, page);
}

static void odma_unmap_gathers_smallest(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + block - page,
					      block - page, block + 2 * page));
	KUNIT_EXPECT_EQ(test, block + 2 * page,
			odma_pgtable_unmap(fx->pgt, iova + block - page,
					   block + 2 * page, 0, &gather));
	odma_unmap_expect_gather(fx, &gather, iova + block - page,
				 block + 2 * page, page);
	odma_pgt_expect_clear(fx, iova, 3 * block);
}

/* Up to the hole; from the hole; without it. */
static void odma_unmap_holes(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, 4 * page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + 6 * page, 6 * page,
					      4 * page));
	KUNIT_EXPECT_EQ(test, 4 * page,
			odma_pgtable_unmap(fx->pgt, iova, 10 * page, 0,
					   &gather));
	odma_unmap_expect_gather(fx, &gather, iova, 4 * page, page);
	odma_pgt_expect_clear(fx, iova, 6 * page);
	odma_pgt_expect(fx, iova + 6 * page, 6 * page, 4 * page);
	odma_gather_init(&gather);
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_unmap(fx->pgt, iova, 10 * page,
						    0, &gather));
	KUNIT_EXPECT_TRUE(test, odma_gather_is_empty(&gather));
	odma_pgt_expect(fx, iova + 6 * page, 6 * page, 4 * page);
	KUNIT_EXPECT_EQ(test, 4 * page,
			odma_pgtable_unmap(fx->pgt, iova, 10 * page,
					   ODMA_UNMAP_SPARSE, &gather));
	KUNIT_EXPECT_LE(test, gather.start, iova + 6 * page);
	KUNIT_EXPECT_GE(test, gather.last, iova + 10 * page - 1);
	odma_pgt_expect_clear(fx, iova, 10 * page);
}

/* The same where a whole table, or the one above it, is missing. */
static void odma_unmap_far_holes(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), room = odma_pgt_room(fx);
	u64 last = iova + room - page;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + block - page, 0,
					      page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, last, 0, page));
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova + block - page,
						   2 * block, 0));
	odma_pgt_expect(fx, last, 0, page);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + room / 2, 0, block));
	/* Half of the addresses, of which the tables know next to nothing. */
	KUNIT_EXPECT_EQ(test, block + page,
			odma_pgt_unmap(fx, iova, room, ODMA_UNMAP_SPARSE));
	odma_pgt_expect_clear(fx, iova, room);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_unmap(fx, iova, room,
						ODMA_UNMAP_SPARSE));
}

static void odma_unmap_expect_uncut(struct odma_pgt *fx, u64 from, u64 size,
				    unsigned int flags)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;
	struct odma_walker_check before = odma_pgt_check(fx), after;

	odma_pgt_forget(fx);
	KUNIT_EXPECT_EQ(fx->test, -EINVAL,
			odma_pgtable_unmap(fx->pgt, from, size, flags,
					   &gather));
	after = odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(fx->test, before.leaves, after.leaves);
	KUNIT_EXPECT_EQ(fx->test, before.bytes, after.bytes);
}

static void odma_unmap_not_split(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), at = iova + block;

	/* A page, a block, a page. */
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, at - page, block - page,
					      block + 2 * page));
	odma_unmap_expect_uncut(fx, at, page, 0);
	odma_unmap_expect_uncut(fx, at + page, page, 0);
	odma_unmap_expect_uncut(fx, at + block - page, page, 0);
	odma_unmap_expect_uncut(fx, at, block - page, 0);
	odma_unmap_expect_uncut(fx, at + page, block - page, 0);
	odma_unmap_expect_uncut(fx, at - page, 2 * page, 0);
	odma_unmap_expect_uncut(fx, at + block - page, 2 * page, 0);
	odma_unmap_expect_uncut(fx, at - page, 2 * page, ODMA_UNMAP_SPARSE);
	odma_unmap_expect_uncut(fx, at + page, block, ODMA_UNMAP_SPARSE);
	odma_pgt_expect(fx, at - page, block - page, block + 2 * page);
	KUNIT_EXPECT_EQ(test, block + 2 * page,
			odma_pgt_unmap(fx, at - page, block + 2 * page, 0));
}

/**
 * struct odma_split_watch - what invalidations find of a block
 * @iova:	where it begins
 * @size:	its bytes
 * @gone:	invalidations of all of it that found nothing there
 * @early:	... that found something smaller, before that
 * @missing:	... that found nothing where there is to be something
 * @stays:	there
 */
struct odma_split_watch {
	u64 iova;
	u64 size;
	int gone;
	int early;
	int missing;
	u64 stays;
};

static void odma_split_look(struct odma_pgt *fx,
			    const struct odma_pgt_flush *flush)
{
	struct odma_split_watch *watch = fx->priv;
	struct odma_walk r;

	if (odma_walk(&fx->walker, watch->stays, &r)) {
		watch->missing++;
		watch->gone += flush->all || (flush->iova <= watch->iova &&
			flush->iova + (flush->size - 1) >=
			watch->iova + (watch->size - 1));
	} else if (r.size < watch->size && !watch->gone) {
		watch->early++;
	}
}

/* [@offset, @offset + @size) of a block goes, the rest has to stay. */
static void odma_split(struct odma_pgt *fx, u8 level, u64 offset, u64 size)
{
	size_t block = odma_pgt_leaf(fx, level);
	u64 iova = odma_pgt_iova(fx);
	phys_addr_t phys = odma_pgt_phys(fx);
	struct odma_split_watch watch = {
		.iova = iova,
		.size = block,
		.stays = offset ? iova : iova + block - 1,
	};

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, phys, block));
	fx->priv = &watch;
	fx->bystander = odma_split_look;
	KUNIT_EXPECT_EQ(fx->test, size,
			odma_pgt_unmap(fx, iova + offset, size,
				       ODMA_UNMAP_SPLIT));
	fx->bystander = NULL;
	KUNIT_EXPECT_FALSE(fx->test, gfpflags_allow_blocking(fx->gfp));
	if (fx->cfg.quirks & ODMA_PGT_BBML) {
		KUNIT_EXPECT_EQ(fx->test, watch.missing, 0);
	} else {
		KUNIT_EXPECT_GE(fx->test, watch.gone, 1);
		KUNIT_EXPECT_EQ(fx->test, watch.early, 0);
	}
	odma_pgt_expect(fx, iova, phys, offset);
	odma_pgt_expect_clear(fx, iova + offset, size);
	odma_pgt_expect(fx, iova + offset + size, phys + offset + size,
			block - offset - size);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).bytes, block - size);
	KUNIT_EXPECT_EQ(fx->test, block - size,
			odma_pgt_unmap(fx, iova, block, ODMA_UNMAP_SPARSE));
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).tables, 1);
}

static void odma_splits(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3), block;
	u8 level;

	for (level = 1; level <= 2; level++) {
		block = odma_pgt_leaf(fx, level);
		if (!block)
			continue;
		odma_split(fx, level, 0, page);
		odma_split(fx, level, block - page, page);
		odma_split(fx, level, block / 2 + page, page);
		odma_split(fx, level, page, block - 2 * page);
		odma_split(fx, level, 0, block / 2);
	}
}

static void odma_unmap_split(struct kunit *test)
{
	odma_splits(test->priv);
}

static void odma_unmap_split_live(struct kunit *test)
{
	odma_pgt_remake(test->priv, ODMA_PGT_BBML);
	odma_splits(test->priv);
}

/* Two blocks, of which each loses a part; a hole in front is no reason. */
static void odma_unmap_split_two(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys, 3 * block));
	KUNIT_EXPECT_EQ(test, block + 2 * page,
			odma_pgt_unmap(fx, iova + block - page,
				       block + 2 * page, ODMA_UNMAP_SPLIT));
	odma_pgt_expect(fx, iova, phys, block - page);
	odma_pgt_expect_clear(fx, iova + block - page, block + 2 * page);
	odma_pgt_expect(fx, iova + 2 * block + page, phys + 2 * block + page,
			block - page);
	odma_pgt_check(fx);
	/* The permissions have come along. */
	KUNIT_EXPECT_EQ(test, 2 * block - 2 * page,
			odma_pgt_unmap(fx, iova, 3 * block, ODMA_UNMAP_SPARSE));
	KUNIT_EXPECT_EQ(test, 0,
			odma_pgtable_map(fx->pgt, iova, phys, block, ODMA_READ |
					 ODMA_NOEXEC | ODMA_DEVICE,
					 GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova, page,
						   ODMA_UNMAP_SPLIT));
	KUNIT_EXPECT_TRUE(test, odma_pgt_is_mapped(fx, iova + page, phys + page,
						   block - page, ODMA_READ |
						   ODMA_NOEXEC | ODMA_DEVICE));
	odma_pgt_check(fx);
}

/* Interrupts off, as under a driver's lock. */
static void odma_unmap_atomic(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx);
	unsigned long flags;
	ssize_t done;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, block));
	local_irq_save(flags);
	done = odma_pgt_unmap(fx, iova, page, ODMA_UNMAP_SPLIT);
	local_irq_restore(flags);
	KUNIT_EXPECT_EQ(test, page, done);
	odma_pgt_expect(fx, iova + page, page, block - page);
}

static struct kunit_case odma_pgtable_unmap_cases[] = {
	KUNIT_CASE_PARAM(odma_unmap_gathers, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_gathers_pages, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_gathers_smallest, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_holes, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_far_holes, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_not_split, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_unmap_split, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_unmap_split_live, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_unmap_split_two, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_unmap_atomic, odma_pgt_ends),
	{}
};

struct kunit_suite odma_pgtable_unmap_suite = {
	.name = "odma-pgtable-unmap",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_unmap_cases,
};
