// SPDX-License-Identifier: GPL-2.0
/*
 * Walkers that don't see the CPU's caches. The fixture keeps a copy of what was
 * written back, and poison for what never was: that copy is all that such a
 * walker knows, and it has to find in it what the CPU finds.
 */
#include <linux/scatterlist.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

/*
 * After each write-back (where memory accesses are slow, some of them): nothing
 * that can be reached is poison.
 */
static void odma_clean_look(struct odma_pgt *fx)
{
	struct odma_walker_check check = { .loose = true };

	if (fx->written++ % ODMA_PGT_SCALE)
		return;
	if (!odma_walker_check(&fx->memory, &check))
		odma_pgt_complain(fx, check.wrong);
}

static int odma_clean_init(struct kunit *test)
{
	struct odma_pgt *fx;
	int ret = odma_pgt_init(test);

	fx = test->priv;
	odma_pgt_remake(fx, fx->cfg.quirks | ODMA_PGT_NONCOHERENT);
	fx->cleaned = odma_clean_look;
	return ret;
}

/* Nothing has been forgotten: memory has the same leaves as the caches. */
static void odma_clean_expect(struct odma_pgt *fx)
{
	struct odma_walker_check seen = odma_pgt_check(fx);
	struct odma_walker_check memory = {};

	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      odma_walker_check(&fx->memory, &memory),
			      "%s: level %d, iova %#llx, entry %#llx",
			      memory.wrong ?: "", memory.level, memory.iova,
			      memory.desc);
	KUNIT_EXPECT_EQ(fx->test, seen.leaves, memory.leaves);
	KUNIT_EXPECT_EQ(fx->test, seen.bytes, memory.bytes);
	KUNIT_EXPECT_EQ(fx->test, seen.hinted, memory.hinted);
}

static bool odma_clean_same(struct odma_pgt *fx, u64 iova, u64 size)
{
	struct odma_walk cpu, memory;
	u64 done = 0;

	while (done < size) {
		odma_walk(&fx->walker, iova + done, &cpu);
		if (odma_walk(&fx->memory, iova + done, &memory) ||
		    cpu.phys != memory.phys || cpu.prot != memory.prot ||
		    cpu.size != memory.size ||
		    cpu.contiguous != memory.contiguous)
			return false;
		done = cpu.iova + cpu.size - iova;
	}
	return true;
}

static void odma_clean_map(struct odma_pgt *fx, u64 offset, u64 phys, u64 size)
{
	u64 iova = odma_pgt_iova(fx) + offset;

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, phys, size));
	odma_pgt_expect(fx, iova, phys, size);
	KUNIT_EXPECT_TRUE(fx->test, odma_clean_same(fx, iova, size));
	odma_clean_expect(fx);
}

static void odma_clean_unmap(struct odma_pgt *fx, u64 offset, u64 size,
			     unsigned int flags)
{
	u64 iova = odma_pgt_iova(fx) + offset;
	struct odma_walk r;

	KUNIT_EXPECT_EQ(fx->test, size, odma_pgt_unmap(fx, iova, size, flags));
	odma_pgt_expect_clear(fx, iova, size);
	KUNIT_EXPECT_EQ(fx->test, -ENOENT, odma_walk(&fx->memory, iova, &r));
	KUNIT_EXPECT_EQ(fx->test, -ENOENT,
			odma_walk(&fx->memory, iova + size - 1, &r));
	odma_clean_expect(fx);
}

static void odma_clean_made(struct kunit *test)
{
	odma_clean_expect(test->priv);
}

static void odma_clean_mapped(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	size_t group = odma_pgt_group(fx, 3);

	odma_clean_map(fx, 0, 0, page);
	odma_clean_map(fx, page, 0, page);
	odma_clean_map(fx, block - page, block - page, block + 2 * page);
	odma_clean_map(fx, odma_pgt_room(fx) - page, 0, page);
	odma_clean_unmap(fx, 0, page, 0);
	odma_clean_unmap(fx, block, block, 0);
	odma_clean_map(fx, group, group, 2 * group);
	odma_clean_unmap(fx, group, 2 * group, 0);
	odma_clean_unmap(fx, page, page, 0);
}

static void odma_clean_pages(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	size_t count = block / page + 10;
	u64 iova = odma_pgt_iova(fx) + 5 * page;

	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_map_pages(fx->pgt, iova, 0, page,
							count, ODMA_RW,
							GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, odma_clean_same(fx, iova, count * page));
	odma_clean_expect(fx);
	odma_clean_unmap(fx, 5 * page, count * page, 0);
}

static void odma_clean_broken(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	odma_clean_map(fx, 0, 0, 3 * group);
	odma_clean_unmap(fx, group / 2, page, 0);
	odma_clean_unmap(fx, group + page, group, 0);
	KUNIT_EXPECT_TRUE(test, odma_clean_same(fx, iova, group / 2));
}

static void odma_clean_split(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx);

	odma_clean_map(fx, 0, 0, 2 * block);
	odma_clean_unmap(fx, page, block, ODMA_UNMAP_SPLIT);
	KUNIT_EXPECT_TRUE(test, odma_clean_same(fx, iova, page));
	KUNIT_EXPECT_TRUE(test, odma_clean_same(fx, iova + block + page,
						block - page));
}

static void odma_clean_split_live(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	odma_pgt_remake(fx, ODMA_PGT_NONCOHERENT | ODMA_PGT_BBML);
	fx->cleaned = odma_clean_look;
	odma_clean_split(test);
	odma_clean_unmap(fx, 0, odma_pgt_leaf(fx, 3), 0);
	odma_pgt_remake(fx, ODMA_PGT_NONCOHERENT | ODMA_PGT_BBML);
	fx->cleaned = odma_clean_look;
	odma_clean_broken(test);
}

static void odma_clean_sg(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx) + block - 2 * page;
	struct scatterlist sgl[5];
	int i;

	sg_init_table(sgl, ARRAY_SIZE(sgl));
	for (i = 0; i < ARRAY_SIZE(sgl); i++) {
		sg_set_page(&sgl[i], pfn_to_page(PHYS_PFN(ODMA_RAM + SZ_128M +
							  3 * i * page)),
			    page, 0);
		sg_dma_address(&sgl[i]) = iova + i * page;
		sg_dma_len(&sgl[i]) = page;
	}
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_map_sg(fx->pgt, sgl,
						     ARRAY_SIZE(sgl), ODMA_RW,
						     GFP_KERNEL));
	KUNIT_EXPECT_TRUE(test, odma_clean_same(fx, iova, 5 * page));
	odma_clean_expect(fx);
}

/* What was undone after an error is undone for the walker, too. */
static void odma_clean_refused(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx);
	struct odma_walk r;

	odma_clean_map(fx, 2 * block + 5 * page, 0, page);
	KUNIT_EXPECT_EQ(test, -EEXIST,
			odma_pgt_map(fx, iova + block - page, block - page,
				     block + 10 * page));
	odma_clean_expect(fx);
	KUNIT_EXPECT_EQ(test, -ENOENT,
			odma_walk(&fx->memory, iova + block, &r));
}

static void odma_clean_in_between(struct odma_pgt *fx,
				  const struct odma_pgt_flush *flush)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx) + page;

	if (odma_pgt_map(fx, iova, 0, page) ||
	    !odma_clean_same(fx, iova, page))
		odma_pgt_complain(fx, "the walker doesn't find a mapping");
	fx->bystander = NULL;
}

/* Tables that go are gone for the walker; those that come back are there. */
static void odma_clean_reclaimed(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);

	odma_clean_map(fx, 0, 0, page);
	odma_clean_unmap(fx, 0, page, 0);
	odma_pgtable_reclaim(fx->pgt);
	odma_clean_expect(fx);
	odma_clean_map(fx, 0, 0, page);
	odma_clean_unmap(fx, 0, page, 0);
	odma_clean_map(fx, 0, 0, block);
	odma_clean_unmap(fx, 0, block, 0);
	odma_clean_map(fx, 0, 0, page);
	odma_clean_unmap(fx, 0, page, 0);
	fx->bystander = odma_clean_in_between;
	odma_pgtable_reclaim(fx->pgt);
	KUNIT_EXPECT_TRUE(test, !fx->bystander);
	odma_clean_expect(fx);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
}

/* Where nobody asked for it, nothing is written back. */
static void odma_clean_not_asked_for(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg;
	struct odma_pgt_shape shape = {
		fx->cfg.stage, fx->cfg.granule_shift, fx->cfg.ias, fx->cfg.oas
	};

	odma_pgt_destroy(fx);
	cfg = odma_pgt_cfg(fx, &shape);
	cfg.clean = fx->cfg.clean;
	/* The fixture complains of a table that has no memory behind it. */
	odma_pgt_make(fx, &cfg);
	KUNIT_ASSERT_NOT_NULL(test, fx->pgt);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, odma_pgt_iova(fx), 0,
					      odma_pgt_leaf(fx, 3)));
	odma_pgt_check(fx);
}

static struct kunit_case odma_pgtable_clean_cases[] = {
	KUNIT_CASE_PARAM(odma_clean_made, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_clean_mapped, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_pages, odma_pgt_some),
	KUNIT_CASE_PARAM(odma_clean_broken, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_split, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_split_live, odma_pgt_some),
	KUNIT_CASE_PARAM(odma_clean_sg, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_refused, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_reclaimed, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_clean_not_asked_for, odma_pgt_granules),
	{}
};

struct kunit_suite odma_pgtable_clean_suite = {
	.name = "odma-pgtable-clean",
	.suite_init = odma_begin_suite,
	.init = odma_clean_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_clean_cases,
};
