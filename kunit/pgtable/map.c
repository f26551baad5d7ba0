// SPDX-License-Identifier: GPL-2.0
/*
 * Page tables: what hardware is told of them, which leaves a mapping is made
 * of, and which calls are refused.
 */
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

#define ODMA_LEAF_LEVELS(level)	for ((level) = 1; (level) <= 3; (level)++)

static const struct {
	u8 bits;
	u8 ips;
} odma_output_sizes[] = {
	{ 32, 0 }, { 36, 1 }, { 40, 2 }, { 42, 3 }, { 44, 4 }, { 48, 5 },
	{ 52, 6 },
};

static u8 odma_ips_of(u8 oas)
{
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_output_sizes); i++)
		if (odma_output_sizes[i].bits == oas)
			return odma_output_sizes[i].ips;
	return 0xff;
}

/* Bytes of memory types that leaves refer to, 0 to 2. */
#define ODMA_MAIR	0x04ff44ULL
#define ODMA_MAIR_MASK	0xffffffULL

/* odma_walker_init() in the fixture has seen that they fit together. */
static void odma_pgt_registers(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	KUNIT_EXPECT_EQ(test, fx->regs.tsz, 64 - fx->cfg.ias);
	KUNIT_EXPECT_EQ(test, fx->regs.tg, fx->cfg.granule_shift);
	KUNIT_EXPECT_EQ(test, fx->regs.ips, odma_ips_of(fx->cfg.oas));
	KUNIT_EXPECT_EQ(test, fx->regs.sh, 3);
	KUNIT_EXPECT_EQ(test, fx->regs.rgn, 1);
	if (fx->cfg.stage == ODMA_STAGE_1)
		KUNIT_EXPECT_EQ(test, fx->regs.mair & ODMA_MAIR_MASK,
				ODMA_MAIR);
	KUNIT_EXPECT_EQ(test, odma_pgtable_tables(fx->pgt), 1);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
}

static void odma_pgt_uncached_registers(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;

	odma_pgt_remake(fx, ODMA_PGT_NONCOHERENT);
	KUNIT_EXPECT_EQ(test, fx->regs.sh, 2);
	KUNIT_EXPECT_EQ(test, fx->regs.rgn, 0);
}

static void odma_pgt_leaf_sizes(struct kunit *test)
{
	static const unsigned long sizes[] = {
		[12] = SZ_4K | SZ_2M | SZ_1G,
		[14] = SZ_16K | SZ_32M,
		[16] = SZ_64K | SZ_512M,
	};
	struct odma_pgt *fx = test->priv;

	KUNIT_EXPECT_EQ(test, odma_pgtable_sizes(fx->pgt),
			sizes[fx->cfg.granule_shift]);
}

/* Up to 16 tables side by side spare stage 2 a level. */
static void odma_pgt_concatenated(struct kunit *test)
{
	static const struct {
		u8 granule, ias, start;
	} known[] = {
		{ 12, 40, 1 }, { 12, 42, 1 }, { 12, 43, 1 }, { 12, 44, 0 },
		{ 12, 48, 0 }, { 14, 48, 1 },
	};
	struct odma_pgt *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(known); i++) {
		const struct odma_pgt_shape shape = {
			ODMA_STAGE_2, known[i].granule, known[i].ias
		};
		struct odma_pgtable_cfg cfg = odma_pgt_cfg(fx, &shape);

		odma_pgt_make(fx, &cfg);
		KUNIT_EXPECT_EQ(test, fx->regs.start_level, known[i].start);
		odma_pgt_destroy(fx);
	}
}

static void odma_pgt_expect_ends(struct odma_pgt *fx)
{
	size_t page = odma_pgt_leaf(fx, 3);
	u64 last = BIT_ULL(fx->cfg.ias) - page;

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, 0, page, page));
	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, last, 0, page));
	odma_pgt_expect(fx, 0, page, page);
	odma_pgt_expect(fx, last, 0, page);
	KUNIT_EXPECT_EQ(fx->test, -ERANGE,
			odma_pgt_map(fx, last + page, 0, page));
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).leaves, 2);
}

/* Also the input sizes that no architecture document has a line for. */
static void odma_pgt_every_input_size(struct kunit *test)
{
	const struct odma_pgt_shape *param = test->param_value;
	struct odma_pgt_shape shape = *param;
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg;

	for (shape.ias = 32; shape.ias <= 48; shape.ias++) {
		cfg = odma_pgt_cfg(fx, &shape);
		odma_pgt_make(fx, &cfg);
		KUNIT_ASSERT_NOT_NULL(test, fx->pgt);
		odma_pgt_expect_ends(fx);
		odma_pgt_destroy(fx);
	}
}

static void odma_pgt_every_output_size(struct kunit *test)
{
	const struct odma_pgt_shape *param = test->param_value;
	struct odma_pgt_shape shape = *param;
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg;
	size_t page;
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_output_sizes); i++) {
		shape.oas = odma_output_sizes[i].bits;
		if (shape.oas == 52 && shape.granule_shift != 16)
			continue;
		cfg = odma_pgt_cfg(fx, &shape);
		odma_pgt_make(fx, &cfg);
		KUNIT_ASSERT_NOT_NULL(test, fx->pgt);
		KUNIT_EXPECT_EQ(test, fx->regs.ips, odma_output_sizes[i].ips);
		page = odma_pgt_leaf(fx, 3);
		KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, 0, BIT_ULL(shape.oas)
						      - page, page));
		odma_pgt_expect(fx, 0, BIT_ULL(shape.oas) - page, page);
		KUNIT_EXPECT_EQ(test, -ERANGE,
				odma_pgt_map(fx, page, BIT_ULL(shape.oas),
					     page));
		KUNIT_EXPECT_EQ(test, -ERANGE,
				odma_pgt_map(fx, page, BIT_ULL(shape.oas) -
					     page, 2 * page));
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
		odma_pgt_destroy(fx);
	}
}

/* Bits 51 to 48 of what is mapped have a place of their own in an entry. */
static void odma_pgt_across_bit_48(struct kunit *test)
{
	static const struct odma_pgt_shape shapes[] = {
		{ ODMA_STAGE_1, 16, 52, 52 }, { ODMA_STAGE_2, 16, 48, 52 },
	};
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg;
	size_t size;
	int i, level;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		cfg = odma_pgt_cfg(fx, &shapes[i]);
		odma_pgt_make(fx, &cfg);
		KUNIT_ASSERT_NOT_NULL(test, fx->pgt);
		for (level = 2; level <= 3; level++) {
			size = odma_pgt_leaf(fx, level);
			KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, size,
					BIT_ULL(48) - 3 * size, 7 * size));
			odma_pgt_expect(fx, size, BIT_ULL(48) - 3 * size,
					7 * size);
			KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 7);
			KUNIT_EXPECT_EQ(test, 7 * size,
					odma_pgt_unmap(fx, size, 7 * size, 0));
		}
		odma_pgt_destroy(fx);
	}
}

static void odma_pgt_impossible(struct kunit *test)
{
	static const struct odma_pgt_shape shapes[] = {
		{ ODMA_STAGE_1, 13, 48, 48 }, { ODMA_STAGE_1, 0, 48, 48 },
		{ ODMA_STAGE_1, 12, 31, 48 }, { ODMA_STAGE_1, 12, 49, 48 },
		{ ODMA_STAGE_1, 12, 52, 48 }, { ODMA_STAGE_1, 14, 52, 48 },
		{ ODMA_STAGE_1, 16, 53, 48 }, { ODMA_STAGE_1, 12, 48, 31 },
		{ ODMA_STAGE_1, 12, 48, 52 }, { ODMA_STAGE_1, 16, 48, 53 },
		{ ODMA_STAGE_2, 12, 48, 52 }, { ODMA_STAGE_2 + 1, 12, 48, 48 },
		{ ODMA_STAGE_2, 12, 48, 48, ODMA_PGT_TTBR1 },
		{ ODMA_STAGE_1, 12, 48, 48, BIT(17) },
	};
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable *pgt;
	int i;

	for (i = 0; i < ARRAY_SIZE(shapes); i++) {
		struct odma_pgtable_cfg cfg = odma_pgt_cfg(fx, &shapes[i]);

		pgt = odma_pgtable_create(&cfg);
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL, PTR_ERR_OR_ZERO(pgt),
				    "shape %d", i);
		if (!IS_ERR(pgt))
			odma_pgtable_destroy(pgt);
	}
}

/* Nobody has to bring memory of his own. */
static void odma_pgt_own_memory(struct kunit *test)
{
	const struct odma_pgt_shape shape = { ODMA_STAGE_1, 12, 48 };
	struct odma_pgt *fx = test->priv;
	struct odma_pgtable_cfg cfg = odma_pgt_cfg(fx, &shape);

	cfg.alloc = NULL;
	cfg.free = NULL;
	odma_pgt_make(fx, &cfg);
	KUNIT_ASSERT_NOT_NULL(test, fx->pgt);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, SZ_1G, SZ_1M, SZ_4M));
	odma_pgt_expect(fx, SZ_1G, SZ_1M, SZ_4M);
	KUNIT_EXPECT_EQ(test, SZ_4M, odma_pgt_unmap(fx, SZ_1G, SZ_4M, 0));
	odma_pgt_expect_clear(fx, SZ_1G, SZ_4M);
	/* The fixture would miss its tables. */
	odma_pgt_destroy(fx);
}

static void odma_pgt_expect_lookup(struct odma_pgt *fx, u64 iova)
{
	struct odma_leaf leaf = {};
	struct odma_walk r;

	KUNIT_ASSERT_EQ(fx->test, 0, odma_walk(&fx->walker, iova, &r));
	KUNIT_ASSERT_EQ(fx->test, 0, odma_pgtable_lookup(fx->pgt, iova, &leaf));
	KUNIT_EXPECT_EQ(fx->test, leaf.iova, r.iova);
	KUNIT_EXPECT_EQ(fx->test, leaf.phys, r.phys - (iova - r.iova));
	KUNIT_EXPECT_EQ(fx->test, leaf.size, r.size);
	KUNIT_EXPECT_EQ(fx->test, leaf.prot, r.prot);
	KUNIT_EXPECT_EQ(fx->test, leaf.contiguous, r.contiguous);
}

/* One leaf of each size, found in the middle, and nothing beside it. */
static void odma_pgt_one_leaf(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	phys_addr_t phys = odma_pgt_phys(fx);
	size_t size, page = odma_pgt_leaf(fx, 3);
	struct odma_leaf leaf;
	u64 iova;
	u8 level;

	ODMA_LEAF_LEVELS(level) {
		size = odma_pgt_leaf(fx, level);
		if (!size)
			continue;
		iova = odma_pgt_iova(fx) + odma_pgt_room(fx) / 2;
		KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys, size));
		odma_pgt_expect(fx, iova, phys, size);
		KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova, size,
							    size, false));
		odma_pgt_expect_lookup(fx, iova + size / 2 + 12);
		odma_pgt_expect_clear(fx, iova - page, page);
		if (odma_pgt_room(fx) / 2 > size)
			odma_pgt_expect_clear(fx, iova + size, page);
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
		KUNIT_EXPECT_EQ(test, size, odma_pgt_unmap(fx, iova, size, 0));
		odma_pgt_expect_clear(fx, iova, size);
		KUNIT_EXPECT_EQ(test, -ENOENT,
				odma_pgtable_lookup(fx->pgt, iova, &leaf));
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	}
}

/* Each leaf is the largest that its place and the rest allow. */
static void odma_pgt_expect_fit(struct odma_pgt *fx, u64 iova,
				phys_addr_t phys, u64 size)
{
	struct odma_walk r;
	u64 done;

	KUNIT_EXPECT_EQ(fx->test, 0, odma_pgt_map(fx, iova, phys, size));
	odma_pgt_expect(fx, iova, phys, size);
	for (done = 0; done < size; done += r.size) {
		KUNIT_ASSERT_EQ(fx->test, 0,
				odma_walk(&fx->walker, iova + done, &r));
		KUNIT_EXPECT_EQ_MSG(fx->test, r.size,
				    odma_pgt_fit(fx, iova + done, phys + done,
						 size - done),
				    "at %#llx of %#llx", done, size);
	}
	KUNIT_EXPECT_EQ(fx->test, odma_pgt_check(fx).bytes, size);
	KUNIT_EXPECT_EQ(fx->test, size, odma_pgt_unmap(fx, iova, size, 0));
	odma_pgt_expect_clear(fx, iova, size);
}

static void odma_pgt_largest(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	odma_pgt_expect_fit(fx, iova, phys, 2 * block);
	odma_pgt_expect_fit(fx, iova, phys, block + page);
	odma_pgt_expect_fit(fx, iova + block - page, phys + block - page,
			    block + 2 * page);
	/* Memory that never is as aligned as the address. */
	odma_pgt_expect_fit(fx, iova, phys + page, 2 * block);
	odma_pgt_expect_fit(fx, iova + page, phys, block);
	if (odma_pgt_leaf(fx, 1))
		odma_pgt_expect_fit(fx, iova + SZ_1G - SZ_2M - page,
				    phys + SZ_1G - SZ_2M - page,
				    page + SZ_2M + SZ_2M + page);
	if (odma_pgt_leaf(fx, 1) && odma_pgt_room(fx) > SZ_2G)
		odma_pgt_expect_fit(fx, iova + SZ_1G - SZ_2M - page,
				    phys + SZ_1G - SZ_2M - page,
				    page + SZ_2M + SZ_1G + SZ_2M + page);
}

/* 3 MiB, contiguous and aligned: a block of 2 MiB, and 256 pages. */
static void odma_pgt_three_mib(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_walker_check check;
	u64 iova = 0x40000000;
	phys_addr_t phys = 0x80200000;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, phys, SZ_2M + SZ_1M));
	odma_pgt_expect(fx, iova, phys, SZ_2M + SZ_1M);
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova, SZ_2M, SZ_2M,
						    false));
	KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova + SZ_2M, SZ_1M,
						    SZ_4K, true));
	check = odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(test, check.leaves, 257);
	KUNIT_EXPECT_EQ(test, check.bytes, SZ_2M + SZ_1M);
}

/* As many as the caller says, of the size that he says. */
static void odma_pgt_pages(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);
	struct odma_walker_check check;
	size_t size, count;
	u8 level;

	ODMA_LEAF_LEVELS(level) {
		size = odma_pgt_leaf(fx, level);
		if (!size)
			continue;
		/* Enough to be tempting: all of the next larger one. */
		count = level == 3 ? 2 * odma_pgt_leaf(fx, 2) / size : 2;
		KUNIT_EXPECT_EQ(test, 0,
				odma_pgtable_map_pages(fx->pgt, iova, phys,
						       size, count, ODMA_RW,
						       GFP_KERNEL));
		odma_pgt_expect(fx, iova, phys, size * count);
		check = odma_pgt_check(fx);
		KUNIT_EXPECT_EQ(test, check.leaves, count);
		KUNIT_EXPECT_EQ(test, check.bytes, size * count);
		KUNIT_EXPECT_EQ(test, size * count,
				odma_pgt_unmap(fx, iova, size * count, 0));
	}
	odma_pgt_expect_clear(fx, iova, odma_pgt_leaf(fx, 2) * 2);
}

/* What a format says of permissions: stage 1 can't forbid to read. */
static unsigned int odma_pgt_says(const struct odma_pgt *fx, unsigned int prot)
{
	if (prot & ODMA_DEVICE)
		prot &= ~ODMA_CACHED;
	if (fx->cfg.stage == ODMA_STAGE_1)
		return prot | ODMA_READ;
	return prot & ~ODMA_PRIV;
}

static void odma_pgt_expect_prot(struct odma_pgt *fx, unsigned int prot,
				 size_t size)
{
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);
	int ret = odma_pgtable_map(fx->pgt, iova, phys, size, prot, GFP_KERNEL);

	if (!(prot & (ODMA_READ | ODMA_WRITE))) {
		KUNIT_EXPECT_EQ(fx->test, -EINVAL, ret);
		odma_pgt_expect_clear(fx, iova, size);
		return;
	}
	KUNIT_EXPECT_EQ(fx->test, 0, ret);
	KUNIT_EXPECT_TRUE_MSG(fx->test,
			      odma_pgt_is_mapped(fx, iova, phys, size,
						 odma_pgt_says(fx, prot)),
			      "prot %#x", prot);
	odma_pgt_expect_lookup(fx, iova);
	odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(fx->test, size, odma_pgt_unmap(fx, iova, size, 0));
}

static void odma_pgt_prot(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	unsigned int prot;

	for (prot = 0; prot <= ODMA_PROT_MASK; prot++) {
		odma_pgt_expect_prot(fx, prot, odma_pgt_leaf(fx, 3));
		odma_pgt_expect_prot(fx, prot, odma_pgt_leaf(fx, 2));
		odma_pgt_expect_prot(fx, prot, odma_pgt_group(fx, 3));
	}
	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_pgtable_map(fx->pgt, odma_pgt_iova(fx), 0,
					 odma_pgt_leaf(fx, 3),
					 ODMA_RW | (ODMA_PROT_MASK + 1),
					 GFP_KERNEL));
}

/* Something is there: nothing changes, wherever in the range it is. */
static void odma_pgt_expect_exists(struct odma_pgt *fx, u64 iova, size_t size)
{
	struct odma_walker_check before = odma_pgt_check(fx), after;

	KUNIT_EXPECT_EQ_MSG(fx->test, -EEXIST,
			    odma_pgt_map(fx, iova, 0, size), "%#llx+%#zx", iova,
			    size);
	after = odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(fx->test, before.leaves, after.leaves);
	KUNIT_EXPECT_EQ(fx->test, before.bytes, after.bytes);
	KUNIT_EXPECT_EQ(fx->test, before.hinted, after.hinted);
}

static void odma_pgt_exists(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);
	u64 there = iova + block + 5 * page;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, there, phys, 4 * page));
	odma_pgt_expect_exists(fx, there, page);
	odma_pgt_expect_exists(fx, there + page, 2 * page);
	odma_pgt_expect_exists(fx, there - page, 2 * page);
	odma_pgt_expect_exists(fx, there + 3 * page, 2 * page);
	odma_pgt_expect_exists(fx, there - 2 * page, 8 * page);
	odma_pgt_expect_exists(fx, iova + block, block);
	/* After a block, pages, and a table that has to be made. */
	odma_pgt_expect_exists(fx, iova, block + 6 * page);
	odma_pgt_expect_exists(fx, iova + block - 3 * page, 12 * page);
	odma_pgt_expect_exists(fx, iova, 3 * block);
	odma_pgt_expect(fx, there, phys, 4 * page);
	odma_pgt_expect_clear(fx, iova, block + 5 * page);
	odma_pgt_expect_clear(fx, there + 4 * page, block);
}

static void odma_pgt_block_exists(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + block, phys, block));
	odma_pgt_expect_exists(fx, iova + block, block);
	odma_pgt_expect_exists(fx, iova + block, page);
	odma_pgt_expect_exists(fx, iova + 2 * block - page, 2 * page);
	odma_pgt_expect_exists(fx, iova + block - page, 2 * page);
	odma_pgt_expect_exists(fx, iova, 3 * block);
	if (odma_pgt_leaf(fx, 1))
		odma_pgt_expect_exists(fx, iova, SZ_1G);
	odma_pgt_expect(fx, iova + block, phys, block);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 1);
}

static void odma_pgt_expect_refused(struct odma_pgt *fx, int why, u64 iova,
				    phys_addr_t phys, size_t size)
{
	KUNIT_EXPECT_EQ_MSG(fx->test, why, odma_pgt_map(fx, iova, phys, size),
			    "%#llx to %#llx, %#zx", iova, (u64)phys, size);
}

static void odma_pgt_alignment(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), offset;
	phys_addr_t phys = odma_pgt_phys(fx);
	u64 iova = odma_pgt_iova(fx);

	for (offset = 1; offset < page; offset *= 2) {
		odma_pgt_expect_refused(fx, -EINVAL, iova + offset, phys, page);
		odma_pgt_expect_refused(fx, -EINVAL, iova, phys + offset, page);
		odma_pgt_expect_refused(fx, -EINVAL, iova, phys, page + offset);
		odma_pgt_expect_refused(fx, -EINVAL, iova + offset,
					phys + offset, page);
		KUNIT_EXPECT_EQ(test, -EINVAL,
				odma_pgt_unmap(fx, iova + offset, page, 0));
		KUNIT_EXPECT_EQ(test, -EINVAL,
				odma_pgt_unmap(fx, iova, page + offset, 0));
	}
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	KUNIT_EXPECT_EQ(test, odma_pgtable_tables(fx->pgt), 1);
}

static int odma_pgt_try_pages(struct odma_pgt *fx, u64 offset, size_t page,
			      size_t count)
{
	return odma_pgtable_map_pages(fx->pgt, odma_pgt_iova(fx) + offset,
				      odma_pgt_phys(fx) + offset, page, count,
				      ODMA_RW, GFP_KERNEL);
}

static void odma_pgt_page_sizes_refused(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2), size;
	unsigned long sizes = odma_pgtable_sizes(fx->pgt);

	for (size = 1; size && size <= SZ_2G; size *= 2)
		if (!(size & sizes))
			KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
					    odma_pgt_try_pages(fx, 0, size, 1),
					    "%#zx", size);
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_pgt_try_pages(fx, 0, 0, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_pgt_try_pages(fx, 0, sizes, 1));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_pgt_try_pages(fx, page, block, 1));
	/* These would come out short if they were multiplied carelessly. */
	KUNIT_EXPECT_NE(test, 0, odma_pgt_try_pages(fx, 0, page,
						    SIZE_MAX / page + 2));
	KUNIT_EXPECT_NE(test, 0, odma_pgt_try_pages(fx, 0, page, SIZE_MAX));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
}

/* The last page of the input addresses, and whatever is beyond. */
static void odma_pgt_limits(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	bool upper = fx->cfg.quirks & ODMA_PGT_TTBR1;
	u64 first = upper ? U64_MAX << fx->cfg.ias : 0;
	u64 last = upper ? -(u64)page : BIT_ULL(fx->cfg.ias) - page;
	phys_addr_t phys = odma_pgt_phys(fx);

	odma_pgt_expect_refused(fx, -ERANGE, first - page, phys, page);
	odma_pgt_expect_refused(fx, -ERANGE, first - page, phys, 2 * page);
	odma_pgt_expect_refused(fx, -ERANGE, last + page, phys, page);
	odma_pgt_expect_refused(fx, -ERANGE, last, phys, 2 * page);
	odma_pgt_expect_refused(fx, -ERANGE, last, phys, -page);
	odma_pgt_expect_refused(fx, -ERANGE, ~last & ~(u64)(page - 1), phys,
				page);
	KUNIT_EXPECT_EQ(test, -ERANGE, odma_pgt_unmap(fx, last, 2 * page, 0));
	KUNIT_EXPECT_EQ(test, -ERANGE,
			odma_pgt_unmap(fx, last + page, page, 0));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, last, phys, page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, first, phys, block));
	odma_pgt_expect(fx, last, phys, page);
	odma_pgt_expect(fx, first, phys, block);
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, last, page, 0));
	odma_pgt_expect_clear(fx, last, page);
	odma_pgt_expect(fx, first, phys, block);
}

/* Addresses that aren't in the tables at all. */
static void odma_pgt_lookup_outside(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);
	u64 alias = iova ^ BIT_ULL(63);
	struct odma_leaf leaf;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, page));
	KUNIT_EXPECT_EQ(test, PHYS_ADDR_MAX,
			odma_pgtable_iova_to_phys(fx->pgt, alias));
	KUNIT_EXPECT_EQ(test, -ENOENT,
			odma_pgtable_lookup(fx->pgt, alias, &leaf));
	KUNIT_EXPECT_EQ(test, PHYS_ADDR_MAX,
			odma_pgtable_iova_to_phys(fx->pgt, ~iova));
	/* Address 0 of memory is no error. */
	KUNIT_EXPECT_EQ(test, 5, odma_pgtable_iova_to_phys(fx->pgt, iova + 5));
}

/**
 * struct odma_pgt_listing - what odma_pgtable_for_each() went through
 * @fx:		the tables
 * @last:	where the last leaf ended
 * @leaves:	how many there were
 * @bytes:	of them
 * @stop:	end it after so many
 */
struct odma_pgt_listing {
	struct odma_pgt *fx;
	u64 last;
	u64 leaves;
	u64 bytes;
	u64 stop;
};

static int odma_pgt_list_leaf(const struct odma_leaf *leaf, void *data)
{
	struct odma_pgt_listing *list = data;
	struct odma_walk r;

	if (list->leaves && leaf->iova <= list->last)
		odma_pgt_complain(list->fx, "leaves out of order");
	if (odma_walk(&list->fx->walker, leaf->iova, &r) ||
	    r.iova != leaf->iova || r.phys != leaf->phys ||
	    r.size != leaf->size || r.prot != leaf->prot ||
	    r.contiguous != leaf->contiguous)
		odma_pgt_complain(list->fx, "a leaf that isn't there");
	list->last = leaf->iova + (leaf->size - 1);
	list->leaves++;
	list->bytes += leaf->size;
	return list->leaves == list->stop ? 4711 : 0;
}

static void odma_pgt_each(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), room = odma_pgt_room(fx);
	struct odma_pgt_listing list = { .fx = fx }, cut = { fx, .stop = 3 };
	struct odma_walker_check check;

	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_for_each(fx->pgt,
						       odma_pgt_list_leaf,
						       &list));
	KUNIT_EXPECT_EQ(test, list.leaves, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova, 0, 2 * block + page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + room / 4 * 3 - page,
					      0, 3 * page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + room - page, 0, page));
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_for_each(fx->pgt,
						       odma_pgt_list_leaf,
						       &list));
	check = odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(test, list.leaves, 7);
	KUNIT_EXPECT_EQ(test, list.leaves, check.leaves);
	KUNIT_EXPECT_EQ(test, list.bytes, check.bytes);
	KUNIT_EXPECT_EQ(test, 4711, odma_pgtable_for_each(fx->pgt,
							  odma_pgt_list_leaf,
							  &cut));
	KUNIT_EXPECT_EQ(test, cut.leaves, 3);
}

/* Whoever may not sleep gets memory that way. */
static void odma_pgt_gfp(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	preempt_disable();
	KUNIT_EXPECT_EQ(test, 0, odma_pgtable_map(fx->pgt, iova, 0, page,
						  ODMA_RW, GFP_ATOMIC));
	preempt_enable();
	KUNIT_EXPECT_FALSE(test, gfpflags_allow_blocking(fx->gfp));
	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + odma_pgt_room(fx) / 2,
					      0, page));
	KUNIT_EXPECT_TRUE(test, gfpflags_allow_blocking(fx->gfp));
}

static struct kunit_case odma_pgtable_cases[] = {
	KUNIT_CASE_PARAM(odma_pgt_registers, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_uncached_registers, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_pgt_leaf_sizes, odma_pgt_some),
	KUNIT_CASE_PARAM(odma_pgt_one_leaf, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_largest, odma_pgt_all),
	KUNIT_CASE(odma_pgt_three_mib),
	KUNIT_CASE_PARAM(odma_pgt_pages, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_prot, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_pgt_exists, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_block_exists, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_alignment, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_pgt_page_sizes_refused, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_pgt_limits, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_lookup_outside, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_each, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_pgt_gfp, odma_pgt_all),
	{}
};

struct kunit_suite odma_pgtable_suite = {
	.name = "odma-pgtable",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_cases,
};

static struct kunit_case odma_pgtable_make_cases[] = {
	KUNIT_CASE(odma_pgt_concatenated),
	KUNIT_CASE_PARAM(odma_pgt_every_input_size, odma_pgt_some),
	KUNIT_CASE_PARAM(odma_pgt_every_output_size, odma_pgt_some),
	KUNIT_CASE(odma_pgt_across_bit_48),
	KUNIT_CASE(odma_pgt_impossible),
	KUNIT_CASE(odma_pgt_own_memory),
	{}
};

struct kunit_suite odma_pgtable_make_suite = {
	.name = "odma-pgtable-make",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_bare_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_make_cases,
};
