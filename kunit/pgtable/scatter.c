// SPDX-License-Identifier: GPL-2.0
/*
 * Scatterlists: each entry lands where it says, neighbours in both spaces
 * become one piece, and a list that can't be mapped leaves nothing.
 *
 * Nobody touches the memory that these lists are of: it only has to be RAM.
 */
#include <linux/scatterlist.h>
#include "../shared/fixture.h"
#include "fixture.h"
#include "../suites.h"

#define ODMA_SG_MEMORY	(ODMA_RAM + SZ_128M)
#define ODMA_SG_ENTRIES	600

/**
 * struct odma_piece - an entry of a list
 * @phys:	its memory
 * @iova:	where that is to be mapped
 * @size:	how much of it, bytes
 */
struct odma_piece {
	phys_addr_t phys;
	u64 iova;
	size_t size;
};

/**
 * struct odma_pieces - a list that grows
 * @piece:	the entries
 * @n:		how many
 */
struct odma_pieces {
	struct odma_piece piece[ODMA_SG_ENTRIES];
	int n;
};

static struct odma_pieces *odma_new_pieces(struct odma_pgt *fx)
{
	struct odma_pieces *list = kunit_kzalloc(fx->test, sizeof(*list),
						 GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(fx->test, list);
	return list;
}

/* Offsets from the first address and from the beginning of memory. */
static void odma_piece(struct odma_pgt *fx, struct odma_pieces *list, u64 iova,
		       u64 phys, size_t size)
{
	KUNIT_ASSERT_LT(fx->test, list->n, ODMA_SG_ENTRIES);
	list->piece[list->n++] = (struct odma_piece){
		.phys = ODMA_SG_MEMORY + phys,
		.iova = odma_pgt_iova(fx) + iova,
		.size = size,
	};
}

static void odma_fill_entry(struct scatterlist *sg,
			    const struct odma_piece *piece)
{
	sg_set_page(sg, pfn_to_page(PHYS_PFN(piece->phys)),
		    max_t(size_t, piece->size, 1),
		    offset_in_page(piece->phys));
	sg_dma_address(sg) = piece->iova;
	sg_dma_len(sg) = piece->size;
}

/* In one array, or in two that are chained. */
static struct scatterlist *odma_list_of(struct odma_pgt *fx,
					const struct odma_pieces *list,
					int first)
{
	struct scatterlist *sgl, *more, *sg;
	int i;

	sgl = kunit_kzalloc(fx->test, (list->n + 2) * sizeof(*sgl), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, sgl);
	if (first < list->n) {
		sg_init_table(sgl, first + 1);
		more = sgl + first + 1;
		sg_init_table(more, list->n - first);
		sg_chain(sgl, first + 1, more);
	} else {
		sg_init_table(sgl, list->n);
	}
	for_each_sg(sgl, sg, list->n, i)
		odma_fill_entry(sg, &list->piece[i]);
	return sgl;
}

static int odma_map_pieces(struct odma_pgt *fx, const struct odma_pieces *list,
			   int first)
{
	return odma_pgtable_map_sg(fx->pgt, odma_list_of(fx, list, first),
				   list->n, ODMA_RW, GFP_KERNEL);
}

/* Whole granules, whatever the entry begins and ends with. */
static void odma_expect_pieces(struct odma_pgt *fx,
			       const struct odma_pieces *list)
{
	size_t page = odma_pgt_leaf(fx, 3);
	const struct odma_piece *p;

	for (p = list->piece; p < list->piece + list->n; p++) {
		u64 iova = ALIGN_DOWN(p->iova, page);
		u64 size = ALIGN(p->iova - iova + p->size, page);

		if (p->size)
			odma_pgt_expect(fx, iova, ALIGN_DOWN(p->phys, page),
					size);
	}
}

static void odma_sg_scattered(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3);
	int i;

	for (i = 0; i < 64; i++)
		odma_piece(fx, list, i * page, (i * 37 % 64) * 3 * page, page);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, 64));
	odma_expect_pieces(fx, list);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 64);
	KUNIT_EXPECT_EQ(test, 64 * page,
			odma_pgt_unmap(fx, odma_pgt_iova(fx), 64 * page, 0));
}

/* Entries of one page each, that together are more. */
static void odma_sg_merged_to(struct kunit *test, size_t whole)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3), at;
	u64 iova = odma_pgt_iova(fx);

	odma_piece(fx, list, whole - page, 3 * whole, page);
	for (at = 0; at < whole; at += page)
		odma_piece(fx, list, whole + at, whole + at, page);
	odma_piece(fx, list, 2 * whole, 5 * whole, page);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, list->n));
	odma_expect_pieces(fx, list);
	if (whole == odma_pgt_leaf(fx, 2))
		KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova + whole,
							    whole, whole,
							    false));
	else
		KUNIT_EXPECT_TRUE(test, odma_pgt_leaves_are(fx, iova + whole,
							    whole, page, true));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).bytes, whole + 2 * page);
}

static void odma_sg_merged(struct kunit *test)
{
	odma_sg_merged_to(test, odma_pgt_group(test->priv, 3));
}

static void odma_sg_merged_to_block(struct kunit *test)
{
	odma_sg_merged_to(test, SZ_2M);
}

/* Neighbours in one space only stay what they are. */
static void odma_sg_not_merged(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3), group = odma_pgt_group(fx, 3);

	odma_piece(fx, list, 0, 0, group / 2);
	odma_piece(fx, list, group / 2, 2 * group, group / 2);
	odma_piece(fx, list, 2 * group, 4 * group, group / 2);
	odma_piece(fx, list, 3 * group, 4 * group + group / 2, group / 2);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, list->n));
	odma_expect_pieces(fx, list);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).hinted, 0);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 2 * group / page);
}

/* Buffers that begin and end somewhere in a page. */
static void odma_sg_offsets(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3);
	u64 iova = odma_pgt_iova(fx);

	odma_piece(fx, list, 0x200, 9 * page + 0x200, 1);
	odma_piece(fx, list, page + 0xffc, 20 * page + 0xffc, page);
	odma_piece(fx, list, 3 * page, 30 * page, 17);
	odma_piece(fx, list, 5 * page - 4, 41 * page - 4, 4);
	odma_piece(fx, list, 6 * page - 4, 51 * page - 4, 8);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, list->n));
	odma_expect_pieces(fx, list);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 7);
	odma_pgt_expect_clear(fx, iova + 7 * page, page);
	odma_pgt_expect(fx, iova, ODMA_SG_MEMORY + 9 * page, page);
}

static void odma_sg_chained(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3);
	int first, i;

	for (i = 0; i < 12; i++)
		odma_piece(fx, list, 2 * i * page, (12 - i) * page, page);
	for (first = 1; first < 12; first++) {
		KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, first));
		odma_expect_pieces(fx, list);
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 12);
		KUNIT_EXPECT_EQ(test, 12 * page,
				odma_pgt_unmap(fx, odma_pgt_iova(fx), 24 * page,
					       ODMA_UNMAP_SPARSE));
	}
}

/* From table to table, with nothing between, and entries of no length. */
static void odma_sg_holes(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), room = odma_pgt_room(fx);

	odma_piece(fx, list, 0, 0, 0);
	odma_piece(fx, list, page, 5 * page, 2 * page);
	odma_piece(fx, list, 0, 0, 0);
	odma_piece(fx, list, block - page, 9 * page, 2 * page);
	odma_piece(fx, list, room / 2 + block + page, 3 * page, page);
	odma_piece(fx, list, 0, 0, 0);
	odma_piece(fx, list, room - page, 4 * page, page);
	odma_piece(fx, list, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, list->n));
	odma_expect_pieces(fx, list);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).bytes, 6 * page);
	odma_pgt_expect_clear(fx, iova, page);
	odma_pgt_expect_clear(fx, iova + block + page, block);
}

static void odma_sg_nothing(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);

	odma_piece(fx, list, 0, 0, 0);
	odma_piece(fx, list, 0, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_map_pieces(fx, list, list->n));
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
	KUNIT_EXPECT_EQ(test, odma_pgtable_tables(fx->pgt), 1);
}

/* The same list but for one entry, which is the last or in the middle. */
static void odma_sg_expect_refused(struct odma_pgt *fx, int why, int at,
				   u64 iova, u64 phys)
{
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	struct odma_walker_check before = odma_pgt_check(fx), after;
	int i;

	for (i = 0; i < 6; i++) {
		if (i == at)
			odma_piece(fx, list, iova, phys, 2 * page);
		else
			odma_piece(fx, list, i * 4 * page + (i / 3) * block,
				   i * 5 * page, 2 * page);
	}
	KUNIT_EXPECT_EQ_MSG(fx->test, why, odma_map_pieces(fx, list, 3),
			    "%#llx at %d", iova, at);
	after = odma_pgt_check(fx);
	KUNIT_EXPECT_EQ(fx->test, before.leaves, after.leaves);
	KUNIT_EXPECT_EQ(fx->test, before.bytes, after.bytes);
}

static void odma_sg_refused(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	u64 iova = odma_pgt_iova(fx), room = odma_pgt_room(fx);
	u64 there = 4 * 4 * page + block;

	KUNIT_EXPECT_EQ(test, 0, odma_pgt_map(fx, iova + there + page, 0,
					      page));
	/* Something is there already. */
	odma_sg_expect_refused(fx, -EEXIST, 5, there + 3 * page, 0);
	odma_sg_expect_refused(fx, -EEXIST, 4, there, 0);
	odma_sg_expect_refused(fx, -EEXIST, 4, there + page, 0);
	odma_pgt_expect(fx, iova + there + page, 0, page);
	KUNIT_EXPECT_EQ(test, page, odma_pgt_unmap(fx, iova + there + page,
						   page, 0));
	/* Backwards, or over the one before. */
	odma_sg_expect_refused(fx, -EINVAL, 5, 2 * page, 0);
	odma_sg_expect_refused(fx, -EINVAL, 4, there - 4 * page, 0);
	odma_sg_expect_refused(fx, -EINVAL, 2, 4 * page + page, 0);
	/* Beyond the last address. */
	if (!(fx->cfg.quirks & ODMA_PGT_TTBR1))
		odma_sg_expect_refused(fx, -ERANGE, 5, room, 0);
	odma_sg_expect_refused(fx, -ERANGE, 5, room - page, 0);
	KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
}

/* Every table that the list needs is refused in turn. */
static void odma_sg_no_memory(struct kunit *test)
{
	struct odma_pgt *fx = test->priv;
	struct odma_pieces *list = odma_new_pieces(fx);
	size_t page = odma_pgt_leaf(fx, 3), block = odma_pgt_leaf(fx, 2);
	int i, ret;

	for (i = 0; i < 3; i++)
		odma_piece(fx, list, (i + 1) * block - page, i * 5 * page,
			   2 * page);
	for (fx->fail_at = 1; fx->fail_at < 20; fx->fail_at++) {
		atomic_set(&fx->allocs, 0);
		atomic_set(&fx->failed, 0);
		ret = odma_map_pieces(fx, list, list->n);
		if (!atomic_read(&fx->failed))
			break;
		KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
		KUNIT_EXPECT_EQ(test, odma_pgt_check(fx).leaves, 0);
		odma_pgtable_reclaim(fx->pgt);
		KUNIT_EXPECT_EQ(test, odma_pgtable_tables(fx->pgt), 1);
	}
	KUNIT_EXPECT_EQ(test, 0, ret);
	/* Four tables of pages, and whatever is above them. */
	KUNIT_EXPECT_GT(test, fx->fail_at, 4);
	odma_expect_pieces(fx, list);
}

static struct kunit_case odma_pgtable_sg_cases[] = {
	KUNIT_CASE_PARAM(odma_sg_scattered, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_sg_merged, odma_pgt_ends),
	KUNIT_CASE(odma_sg_merged_to_block),
	KUNIT_CASE_PARAM(odma_sg_not_merged, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_sg_offsets, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_sg_chained, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_sg_holes, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_sg_nothing, odma_pgt_ends),
	KUNIT_CASE_PARAM(odma_sg_refused, odma_pgt_all),
	KUNIT_CASE_PARAM(odma_sg_no_memory, odma_pgt_all),
	{}
};

struct kunit_suite odma_pgtable_sg_suite = {
	.name = "odma-pgtable-sg",
	.suite_init = odma_begin_suite,
	.init = odma_pgt_init,
	.exit = odma_pgt_exit,
	.test_cases = odma_pgtable_sg_cases,
};
