// SPDX-License-Identifier: GPL-2.0
/*
 * Tables that nothing uses: they stay for the next mapping, until they are
 * reclaimed, or a block takes their place. The fixture sees that none is freed
 * before an invalidation has found it out of reach; and as those come in the
 * middle of a reclaim, a mapping that is made in one of them is the other CPU.
 */
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

static int odma_reclaim_init(struct kunit *test)
{
	int ret = odma_pgt_init(test);

	((struct odma_pgt *)test->priv)->watch = true;
	return ret;
}

/* Look first, to know which tables there were. */
static unsigned int odma_reclaim(struct odma_pgt *fx)
{
	odma_pgt_check(fx);
	odma_pgt_forget(fx);
	return odma_pgtable_reclaim(fx->pgt);
}

static void odma_reclaim_map_and_unmap(struct odma_pgt *fx, u64 offset)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx) + offset;

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, 0, page));
	odma_pgt_scan(fx);
	KUNIT_EXPECT_EQ(fx->test, page, odma_pgt_unmap(fx, iova, page, 0));
}

/* A driver that maps and unmaps all day makes its tables once. */
static void odma_reclaim_stays(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	unsigned int tables;
	int allocs, i;

	odma_reclaim_map_and_unmap(fx, 0);
	tables = odma_pgtable_tables(fx->pgt);
	KUNIT_EXPECT_EQ(test, tables, 4 - fx->regs.start_level);
	allocs = atomic_read(&fx->allocs);
	odma_pgt_forget(fx);
	for (i = 0; i < 10; i++)
		odma_reclaim_map_and_unmap(fx, i * odma_pgt_leaf(fx, 3));
	KUNIT_EXPECT_EQ(test, allocs, atomic_read(&fx->allocs));
	KUNIT_EXPECT_EQ(test, tables, odma_pgtable_tables(fx->pgt));
	KUNIT_EXPECT_EQ(test, 0, fx->flushes);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
}

static void odma_reclaim_all(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	u64 room = odma_pgt_room(fx);
	unsigned int tables;

	odma_reclaim_map_and_unmap(fx, 0);
	odma_reclaim_map_and_unmap(fx, room / 2);
	odma_reclaim_map_and_unmap(fx, room - odma_pgt_leaf(fx, 3));
	tables = odma_pgtable_tables(fx->pgt);
	KUNIT_EXPECT_EQ(test, tables - 1, odma_reclaim(fx));
	KUNIT_EXPECT_GE(test, fx->flushes, 1);
	KUNIT_EXPECT_EQ(test, odma_pgtable_tables(fx->pgt), 1);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables, 1);
	/* And again: there is nothing to do. */
	KUNIT_EXPECT_EQ(test, 0, odma_reclaim(fx));
	KUNIT_EXPECT_EQ(test, 0, fx->flushes);
	odma_reclaim_map_and_unmap(fx, 0);
}

/* Only those that nothing uses. */
static void odma_reclaim_some(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + block - page, 0,
					      page));
	odma_reclaim_map_and_unmap(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_reclaim(fx));
	odma_reclaim_map_and_unmap(fx, block);
	odma_reclaim_map_and_unmap(fx, 2 * block);
	KUNIT_EXPECT_EQ(test, 2, odma_reclaim(fx));
	odma_pgt_expect(fx, iova + block - page, 0, page);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
}

static void odma_look_at_block(struct odma_pgt *fx,
			       const struct odma_pgt_flush *flush)
{
	struct odma_walk r;

	if (!odma_walk(&fx->walker, odma_pgt_iova(fx), &r) &&
	    !(fx->cfg.quirks & ODMA_PGT_BBML))
		odma_pgt_complain(fx, "a block before the table was forgotten");
}

static void odma_expect_block_over_table(struct odma_pgt *fx)
{
	size_t block = odma_pgt_leaf(fx, 2), page = odma_pgt_leaf(fx, 3);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	odma_reclaim_map_and_unmap(fx, block / 2);
	fx->bystander = odma_look_at_block;
	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, phys, block));
	fx->bystander = NULL;
	KUNIT_EXPECT_TRUE(fx->test, odma_pgt_leaves_are(fx, iova, block, block,
							false));
	odma_pgt_expect(fx, iova, phys, block);
	odma_pgtable_reclaim(fx->pgt);
	odma_pgt_expect(fx, iova, phys, block);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, 1);
	KUNIT_EXPECT_EQ(fx->test, block, odma_pgt_unmap(fx, iova, block, 0));
	/* Under a page in use there is no place for a block. */
	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova + page, phys, page));
	KUNIT_EXPECT_EQ(fx->test, -EEXIST, odma_pgt_map(fx, iova, phys, block));
	odma_pgt_expect(fx, iova + page, phys, page);
}

static void odma_reclaim_block(struct kunit *test)
{
	odma_expect_block_over_table(test->priv);
}

static void odma_reclaim_block_live(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	odma_pgt_remake(fx, ODMA_PGT_BBML);
	odma_expect_block_over_table(fx);
}

/* Over a table of tables, all empty. */
static void odma_reclaim_giant(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	u64 iova = odma_pgt_iova(fx);

	odma_reclaim_map_and_unmap(fx, 0);
	odma_reclaim_map_and_unmap(fx, SZ_64M);
	odma_reclaim_map_and_unmap(fx, SZ_512M);
	fx->bystander = odma_look_at_block;
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, SZ_1G));
	fx->bystander = NULL;
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova, SZ_1G, SZ_1G,
						    false));
	odma_pgt_expect(fx, iova, 0, SZ_1G);
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables,
			2 - fx->regs.start_level);
}

/**
 * struct odma_reviver - a mapping that is made while tables are reclaimed
 * @offset:	where
 * @size:	of what size
 * @after:	so many invalidations are let pass
 * @count:	how often it was made
 * @ret:	what came of it
 * @there:	it could be reached at once
 */
struct odma_reviver {
	u64 offset;
	size_t size;
	int after;
	int count;
	int ret;
	bool there;
};

static void odma_revive(struct odma_pgt *fx, const struct odma_pgt_flush *flush)
{
	struct odma_reviver *reviver = fx->priv;
	u64 iova = odma_pgt_iova(fx) + reviver->offset;

	if (reviver->after-- > 0 || reviver->count)
		return;
	reviver->count++;
	reviver->ret = odma_pgtable_map(fx->pgt, iova, odma_pgt_phys(fx),
					reviver->size, ODMA_RW, GFP_ATOMIC);
	reviver->there = odma_pgt_is_mapped(fx, iova, odma_pgt_phys(fx),
					    reviver->size, ODMA_RW);
}

static void odma_expect_revived(struct odma_pgt *fx, u64 offset, size_t size,
				int after)
{
	struct odma_reviver reviver = {
		.offset = offset,
		.size = size,
		.after = after,
	};
	u64 iova = odma_pgt_iova(fx);
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);

	odma_reclaim_map_and_unmap(fx, 0);
	odma_reclaim_map_and_unmap(fx, block);
	odma_reclaim_map_and_unmap(fx, odma_pgt_room(fx) / 2);
	fx->priv = &reviver;
	fx->bystander = odma_revive;
	odma_reclaim(fx);
	fx->bystander = NULL;
	if (!after)
		KUNIT_EXPECT_EQ(fx->test, reviver.count, 1);
	KUNIT_EXPECT_EQ(fx->test, reviver.ret, 0);
	if (reviver.count) {
		KUNIT_EXPECT_TRUE(fx->test, reviver.there);
		odma_pgt_expect(fx, iova + offset, odma_pgt_phys(fx), size);
		KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).bytes, size);
		/* The table works in all respects. */
		KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova + offset +
							  size, 0, page));
		KUNIT_EXPECT_EQ(fx->test, size + page,
				odma_pgt_unmap(fx, iova + offset, size + page,
					       0));
	}
	odma_reclaim(fx);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).tables, 1);
}

static void odma_reclaim_revived(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	int after;

	for (after = 0; after < 2; after++) {
		odma_expect_revived(fx, page, page, after);
		odma_expect_revived(fx, block, page, after);
		odma_expect_revived(fx, block, odma_pgt_group(fx, 3), after);
		/* Beside those tables, and in their place. */
		odma_expect_revived(fx, block / 2, block, after);
		odma_expect_revived(fx, odma_pgt_room(fx) / 2, page, after);
		odma_expect_revived(fx, block, block, after);
	}
}

/* Lookups meet a retired table as an empty one. */
static void odma_look_up_retired(struct odma_pgt *fx,
				 const struct odma_pgt_flush *flush)
{
	u64 iova = odma_pgt_iova(fx);
	struct odma_leaf leaf;

	if (odma_pgtable_iova_to_phys(fx->pgt, iova) != PHYS_ADDR_MAX ||
	    odma_pgtable_lookup(fx->pgt, iova, &leaf) != -ENOENT ||
	    odma_pgt_unmap(fx, iova, odma_pgt_leaf(fx, 2), 0) != 0 ||
	    odma_pgt_unmap(fx, iova, odma_pgt_leaf(fx, 2),
			   ODMA_UNMAP_SPARSE) != 0)
		odma_pgt_complain(fx, "something is in a table on its way out");
}

static void odma_reclaim_looked_up(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	odma_reclaim_map_and_unmap(fx, 0);
	fx->bystander = odma_look_up_retired;
	KUNIT_EXPECT_EQ(test, 3 - fx->regs.start_level, odma_reclaim(fx));
	fx->bystander = NULL;
	KUNIT_EXPECT_GE(test, fx->flushes, 1);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).tables, 1);
}

/* Destroyed with all that a life may leave. */
static void odma_reclaim_destroyed(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx);

	odma_reclaim_map_and_unmap(fx, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + block - page, 0,
					      block + page));
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova + block, page,
						   ODMA_UNMAP_SPLIT));
	odma_reclaim_map_and_unmap(fx, odma_pgt_room(fx) / 2);
	odma_pgt_destroy(fx);
}

static struct kunit_case odma_pgtable_reclaim_cases[] = {
	KUNIT_CASE_PARAM(odma_reclaim_stays, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_reclaim_all, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_reclaim_some, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_reclaim_block, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_reclaim_block_live, odma_pgt_ends),
	KUNIT_CASE(odma_reclaim_giant),
	KUNIT_CASE_PARAM(odma_reclaim_revived, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_reclaim_looked_up, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_reclaim_destroyed, odma_pgt_all),
	{}
};

struct kunit_suite odma_pgtable_reclaim_suite = {
	.name = "odma-pgtable-reclaim",
	.suite_init = odma_begin_suite,
	.init = odma_reclaim_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_reclaim_cases,
};
