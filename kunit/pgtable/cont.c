// SPDX-License-Identifier: GPL-2.0
/*
 * The contiguous hint: where it has to be, where it must not be, and that it is
 * gone from all of a group before a part of it is.
 *
 * Hardware may keep one TLB entry for a group. An IOMMU that doesn't bear an
 * entry and the same address in another size at once has to be shown nothing
 * (break), and told to forget, before it is shown the smaller entries (make).
 */
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

/**
 * struct odma_group_watch - what invalidations find of a group
 * @iova:	where it begins
 * @size:	its bytes
 * @leaf:	of one entry
 * @whole:	invalidations that found all of it with the hint
 * @gone:	... nothing at all, and covered it all
 * @single:	... entries without hint, before anything was found gone
 * @mixed:	... entries with hint and others
 * @missing:	the most entries that one of them didn't find
 */
struct odma_group_watch {
	u64 iova;
	u64 size;
	size_t leaf;
	int whole;
	int gone;
	int single;
	int mixed;
	u64 missing;
};

static void odma_group_look(struct odma_pgt *fx,
			    const struct odma_pgt_flush *flush)
{
	struct odma_group_watch *watch = fx->priv;
	u64 hinted = 0, plain = 0, at, n = watch->size / watch->leaf;
	struct odma_walk r;

	for (at = 0; at < watch->size; at += watch->leaf) {
		if (odma_walk(&fx->walker, watch->iova + at, &r))
			continue;
		if (r.contiguous)
			hinted++;
		else
			plain++;
	}
	watch->missing = max(watch->missing, n - hinted - plain);
	watch->mixed += hinted && hinted < n;
	watch->whole += hinted == n;
	watch->single += plain && !watch->gone;
	watch->gone += !hinted && !plain &&
		(flush->all || (flush->iova <= watch->iova &&
				flush->iova + (flush->size - 1) >=
				watch->iova + (watch->size - 1)));
}

static struct odma_group_watch odma_group_watch(struct odma_pgt *fx, u64 iova,
						u64 size, size_t leaf)
{
	return (struct odma_group_watch){
		.iova = iova,
		.size = size,
		.leaf = leaf,
	};
}

/* A group of a level where there is one, mapped, with the hint. */
static bool odma_group_map(struct odma_pgt *fx, u8 level, u64 iova)
{
	size_t group = odma_pgt_group(fx, level);

	if (!group || 2 * group > odma_pgt_room(fx))
		return false;
	KUNIT_EXPECT_EQ(fx->test, 0,
			odma_pgt_map(fx, iova, odma_pgt_phys(fx), group));
	KUNIT_EXPECT_TRUE(fx->test,
			  odma_pgt_leaves_are(fx, iova, group,
					      odma_pgt_leaf(fx, level), true));
	return true;
}

static void odma_cont_set(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t group, leaf;
	u64 iova = odma_pgt_iova(fx);
	u8 level;

	for (level = 2; level <= 3; level++) {
		group = odma_pgt_group(fx, level);
		leaf = odma_pgt_leaf(fx, level);
		if (!odma_group_map(fx, level, iova))
			continue;
		odma_pgt_expect(fx, iova, odma_pgt_phys(fx), group);
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, group / leaf);
		odma_pgt_forget(fx);
		KUNIT_EXPECT_EQ(test, group, odma_pgt_unmap(fx, iova, group,
							    0));
		/* Nothing had to be broken up. */
		KUNIT_EXPECT_EQ(test, 0, fx->flushes);
		odma_pgt_expect_clear(fx, iova, group);
	}
}

/* A page too many on each side has none, nor what is a page too short. */
static void odma_cont_only_aligned(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);
	phys_addr_t phys = odma_pgt_phys(fx) + group;
	u64 iova = odma_pgt_iova(fx) + group;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova - page, phys - page,
					      group + 2 * page));
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova - page, page,
						    page, false));
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova, group, page,
						    true));
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova + group, page,
						    page, false));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, group / page);
	KUNIT_EXPECT_EQ(test, group + 2 * page,
			odma_pgt_unmap(fx, iova - page, group + 2 * page, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys, group - page));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 0);
	KUNIT_EXPECT_EQ(test, group - page,
			odma_pgt_unmap(fx, iova, group - page, 0));
	/* The address is aligned, memory is not. */
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys + page,
					      2 * group));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 0);
}

/* Page by page no group comes about, or a complete one. */
static void odma_cont_by_pages(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3), at;
	u64 iova = odma_pgt_iova(fx);

	for (at = 0; at < 2 * group; at += page) {
		KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + at,
						      odma_pgt_phys(fx) + at,
						      page));
		odma_pgt_check(fx);
	}
	odma_pgt_expect(fx, iova, odma_pgt_phys(fx), 2 * group);
}

static void odma_cont_not_asked_for(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t block = odma_pgt_leaf(fx, 2);

	odma_pgt_remake(fx, ODMA_PGT_NO_CONT);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, odma_pgt_iova(fx),
					      odma_pgt_phys(fx), 2 * block -
					      odma_pgt_leaf(fx, 3)));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 0);
}

/* Which orders of events an IOMMU bears. */
static void odma_group_expect_order(struct odma_pgt *fx,
				    const struct odma_group_watch *watch,
				    u64 cut)
{
	KUNIT_EXPECT_EQ(fx->test, watch->mixed, 0);
	if (fx->cfg.quirks & ODMA_PGT_BBML) {
		/* What stays mapped was never away. */
		KUNIT_EXPECT_LE(fx->test, watch->missing * watch->leaf, cut);
		return;
	}
	KUNIT_EXPECT_GE(fx->test, watch->gone, 1);
	KUNIT_EXPECT_EQ(fx->test, watch->single, 0);
}

/* [@offset, @offset + @size) of a group goes, the rest has to stay. */
static void odma_group_cut(struct odma_pgt *fx, u8 level, u64 offset, u64 size)
{
	size_t group = odma_pgt_group(fx, level);
	u64 iova = odma_pgt_iova(fx) + group;
	struct odma_group_watch watch = odma_group_watch(fx, iova, group,
						odma_pgt_leaf(fx, level));
	phys_addr_t phys = odma_pgt_phys(fx);

	if (!odma_group_map(fx, level, iova))
		return;
	fx->priv = &watch;
	fx->bystander = odma_group_look;
	KUNIT_EXPECT_EQ(fx->test, size,
			odma_pgt_unmap(fx, iova + offset, size, 0));
	fx->bystander = NULL;
	odma_group_expect_order(fx, &watch, size);
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).hinted, 0);
	odma_pgt_expect(fx, iova, phys, offset);
	odma_pgt_expect_clear(fx, iova + offset, size);
	odma_pgt_expect(fx, iova + offset + size, phys + offset + size,
			group - offset - size);
	KUNIT_EXPECT_EQ(fx->test, group - size,
			odma_pgt_unmap(fx, iova, group, ODMA_UNMAP_SPARSE));
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, 0);
}

static void odma_group_cuts(struct odma_pgt *fx)
{
	size_t group, leaf;
	u8 level;

	for (level = 2; level <= 3; level++) {
		group = odma_pgt_group(fx, level);
		leaf = odma_pgt_leaf(fx, level);
		odma_group_cut(fx, level, 0, leaf);
		odma_group_cut(fx, level, group - leaf, leaf);
		odma_group_cut(fx, level, group / 2, leaf);
		odma_group_cut(fx, level, leaf, group - 2 * leaf);
		odma_group_cut(fx, level, 0, group - leaf);
		odma_group_cut(fx, level, leaf, group - leaf);
	}
}

static void odma_cont_broken(struct kunit *test)
{
	odma_group_cuts(test->priv);
}

static void odma_cont_broken_live(struct kunit *test)
{
	odma_pgt_remake(test->priv, ODMA_PGT_BBML);
	odma_group_cuts(test->priv);
}

/* Of three groups the middle one goes, and half of its neighbours. */
static void odma_cont_both_ends(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t group = odma_pgt_group(fx, 3), page = odma_pgt_leaf(fx, 3);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);
	size_t half = group / 2 - page;
	struct odma_group_watch watch = odma_group_watch(fx, iova, group, page);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys, 5 * group));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 5 * group / page);
	fx->priv = &watch;
	fx->bystander = odma_group_look;
	KUNIT_EXPECT_EQ(test, 3 * group - 2 * half,
			odma_pgt_unmap(fx, iova + half,
				       3 * group - 2 * half, 0));
	fx->bystander = NULL;
	odma_group_expect_order(fx, &watch, group - half);
	odma_pgt_expect(fx, iova, phys, half);
	odma_pgt_expect_clear(fx, iova + half, 3 * group - 2 * half);
	odma_pgt_expect(fx, iova + 3 * group - half, phys + 3 * group - half,
			2 * group + half);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 2 * group / page);
}

/* The hole is filled again: with no hint, for that is of all or none. */
static void odma_cont_filled(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t group = odma_pgt_group(fx, 3), page = odma_pgt_leaf(fx, 3);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	odma_group_map(fx, 3, iova);
	KUNIT_EXPECT_EQ(test, -EEXIST, odma_pgt_map(fx, iova + page, 0, page));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, group / page);
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova + page, page, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + page, phys + page,
					      page));
	odma_pgt_expect(fx, iova, phys, group);
	odma_pgt_check(fx);
}

/* Nothing of a group is unmapped: then it stays one. */
static void odma_cont_beside(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t group = odma_pgt_group(fx, 3), page = odma_pgt_leaf(fx, 3);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	odma_group_map(fx, 3, iova);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + group, phys, page));
	odma_pgt_forget(fx);
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova + group, page, 0));
	KUNIT_EXPECT_EQ(test, 0, fx->flushes);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, group / page);
	/* Refused, and nothing is broken up by that. */
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_pgt_unmap(fx, iova + 1, page, 0));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, group / page);
}

/* A page of a block of a group of blocks. */
static void odma_group_split(struct odma_pgt *fx)
{
	size_t group = odma_pgt_group(fx, 2), page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx) + group;
	struct odma_group_watch watch = odma_group_watch(fx, iova, group,
						odma_pgt_leaf(fx, 2));
	phys_addr_t phys = odma_pgt_phys(fx);

	if (!odma_group_map(fx, 2, iova))
		return;
	KUNIT_EXPECT_EQ(fx->test, -EINVAL,
			odma_pgt_unmap(fx, iova + group / 2, page, 0));
	odma_pgt_expect(fx, iova, phys, group);
	fx->priv = &watch;
	fx->bystander = odma_group_look;
	KUNIT_EXPECT_EQ(fx->test, page,
			odma_pgt_unmap(fx, iova + group / 2, page,
				       ODMA_UNMAP_SPLIT));
	fx->bystander = NULL;
	odma_group_expect_order(fx, &watch, odma_pgt_leaf(fx, 2));
	odma_pgt_expect(fx, iova, phys, group / 2);
	odma_pgt_expect_clear(fx, iova + group / 2, page);
	odma_pgt_expect(fx, iova + group / 2 + page, phys + group / 2 + page,
			group / 2 - page);
	odma_pgt_check(fx);
}

static void odma_cont_split(struct kunit *test)
{
	odma_group_split(test->priv);
}

static void odma_cont_split_live(struct kunit *test)
{
	odma_pgt_remake(test->priv, ODMA_PGT_BBML);
	odma_group_split(test->priv);
}

static struct kunit_case odma_pgtable_cont_cases[] = {
	KUNIT_CASE_PARAM(odma_cont_set, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_cont_only_aligned, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_cont_by_pages, odma_pgt_granules),
	KUNIT_CASE_PARAM(odma_cont_not_asked_for, odma_pgt_some),
	KUNIT_CASE_PARAM(odma_cont_broken, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_cont_broken_live, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_cont_both_ends, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_cont_filled, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_cont_beside, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_cont_split, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_cont_split_live, odma_pgt_ends),
	{}
};

struct kunit_suite odma_pgtable_cont_suite = {
	.name = "odma-pgtable-cont",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_cont_cases,
};
