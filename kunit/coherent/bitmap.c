// SPDX-License-Identifier: GPL-2.0
/*
 * Runs of pages, against a plain model: an array that says of each page whose
 * it is, searched from the front. Model and bitmap must do the same, page for
 * page, operation for operation.
 *
 * The functions under test are nobody's interface: so this module has its own
 * copy of them.
 */
#include <linux/prandom.h>
#include "../../coherent/bitmap.c"
#include "../shared/fixture.h"
#include "../suites.h"

#define ODMA_MODEL_PAGES	1024
#define ODMA_MODEL_ROUNDS	20000

/* How often the whole of model and bitmap are compared: it takes long. */
#define ODMA_MODEL_LOOK		64

/**
 * struct odma_model - what a bitmap ought to be
 * @b:		the bitmap
 * @owner:	of each page, 0 where it is free
 * @runs:	first pages of the runs that are taken
 * @count:	how many
 * @last_owner:	they are numbered
 * @used:	pages
 * @high_water:	the most that were ever used
 * @rnd:	what happens next
 */
struct odma_model {
	struct odma_bitmap b;
	u32 owner[ODMA_MODEL_PAGES];
	u32 runs[ODMA_MODEL_PAGES];
	u32 count;
	u32 last_owner;
	u32 used;
	u32 high_water;
	struct rnd_state rnd;
};

static u32 odma_dice(struct odma_model *m, u32 sides)
{
	return prandom_u32_state(&m->rnd) % sides;
}

static bool odma_model_free(const struct odma_model *m, u32 start, u32 count)
{
	while (count--)
		if (m->owner[start++])
			return false;
	return true;
}

/* The first place of all, without any cleverness. */
static int odma_model_find_from(const struct odma_model *m, u32 count,
				u32 limit, u64 origin)
{
	u32 align = 1, start;

	while (align < count)
		align *= 2;
	if (limit > m->b.pages)
		limit = m->b.pages;
	for (start = 0; count && start + count <= limit; start++)
		if ((origin + start) % align == 0 &&
		    odma_model_free(m, start, count))
			return start;
	return -ENOSPC;
}

/* By address; what is longer than 64 KiB also from the first page on. */
static int odma_model_find(const struct odma_model *m, u32 count, u32 limit)
{
	int start = odma_model_find_from(m, count, limit, m->b.origin);

	if (start < 0 && count * PAGE_SIZE > SZ_64K)
		start = odma_model_find_from(m, count, limit, 0);
	return start;
}

static u32 odma_model_length(const struct odma_model *m, u32 start)
{
	u32 end = start;

	while (end < m->b.pages && m->owner[end] == m->owner[start])
		end++;
	return end - start;
}

static u32 odma_model_largest(const struct odma_model *m)
{
	u32 largest = 0, run = 0, i;

	for (i = 0; i < m->b.pages; i++) {
		run = m->owner[i] ? 0 : run + 1;
		largest = max(largest, run);
	}
	return largest;
}

static bool odma_model_take(struct odma_model *m, u32 count, u32 limit)
{
	int want = odma_model_find(m, count, limit);
	int got = odma_bitmap_take(&m->b, count, limit);
	u32 i;

	if (got != want)
		return false;
	if (want < 0)
		return true;
	m->last_owner++;
	for (i = want; i < want + count; i++)
		m->owner[i] = m->last_owner;
	m->runs[m->count++] = want;
	m->used += count;
	m->high_water = max(m->high_water, m->used);
	return true;
}

static void odma_model_give(struct odma_model *m, u32 which)
{
	u32 start = m->runs[which];
	u32 count = odma_model_length(m, start);

	odma_bitmap_give(&m->b, start, count);
	memset(&m->owner[start], 0, count * sizeof(*m->owner));
	m->runs[which] = m->runs[--m->count];
	m->used -= count;
}

/* Mostly what drivers ask for, now and then what no pool has. */
static u32 odma_model_count(struct odma_model *m)
{
	switch (odma_dice(m, 16)) {
	case 0:
		return odma_dice(m, m->b.pages + 8);
	case 1 ... 5:
		return 1 << odma_dice(m, 7);
	default:
		return 1 + odma_dice(m, 64);
	}
}

static u32 odma_model_limit(struct odma_model *m)
{
	switch (odma_dice(m, 8)) {
	case 0:
		return odma_dice(m, m->b.pages + 2);
	case 1:
		return UINT_MAX;
	default:
		return m->b.pages;
	}
}

/* Fills up for a while, then empties, so that both ends are reached. */
static bool odma_model_step(struct odma_model *m, int round)
{
	u32 takes = round / 500 % 2 ? 3 : 7;

	if (!m->count || odma_dice(m, 10) < takes)
		return odma_model_take(m, odma_model_count(m),
				       odma_model_limit(m));
	odma_model_give(m, odma_dice(m, m->count));
	return true;
}

static bool odma_model_same_sums(const struct odma_model *m)
{
	const struct odma_bitmap *b = &m->b;

	return b->used == m->used && b->high_water == m->high_water &&
	       b->first_free <= b->pages;
}

static bool odma_model_same_pages(const struct odma_model *m)
{
	const struct odma_bitmap *b = &m->b;
	u32 largest = odma_model_largest(m), free = b->pages - m->used, i;
	u32 scattered = free ? 100 - 100 * largest / free : 0;

	for (i = 0; i < b->pages; i++)
		if (test_bit(i, b->bits) != !!m->owner[i] ||
		    (i < b->first_free && !m->owner[i]))
			return false;
	return odma_bitmap_largest(b) == largest &&
	       odma_bitmap_fragmentation(b) == scattered;
}

static bool odma_model_same(const struct odma_model *m, int round)
{
	return odma_model_same_sums(m) &&
	       (round % ODMA_MODEL_LOOK || odma_model_same_pages(m));
}

static struct odma_model *odma_new_model(struct kunit *test, u64 origin,
					 u32 pages, u64 seed)
{
	struct odma_model *m = kunit_kzalloc(test, sizeof(*m), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	KUNIT_ASSERT_LE(test, pages, ODMA_MODEL_PAGES);
	KUNIT_ASSERT_EQ(test, 0, odma_bitmap_init(&m->b, origin, pages));
	prandom_seed_state(&m->rnd, seed);
	return m;
}

struct odma_model_size {
	u64 origin;
	u32 pages;
};

/* On the edges of words, and where address 0 is far from aligned. */
static const struct odma_model_size odma_model_sizes[] = {
	{ 0, 1024 }, { 0x4000, 1000 }, { 0x12345, 777 },
	{ ULONG_MAX / PAGE_SIZE - 300, 257 }, { 63, 129 }, { 1, 64 }, { 7, 63 },
};

static void odma_model_describe(const struct odma_model_size *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u pages from page %#llx",
		 size->pages, size->origin);
}

KUNIT_ARRAY_PARAM(odma_model, odma_model_sizes, odma_model_describe);

/* 20,000 operations on each of seven: 140,000 in all. */
static void odma_bitmap_as_model(struct kunit *test)
{
	const struct odma_model_size *size = test->param_value;
	const u64 seed = 0x6f646d61ULL * size->pages + size->origin;
	struct odma_model *m = odma_new_model(test, size->origin, size->pages,
					      seed);
	u32 most = 0;
	int round;

	for (round = 0; round < ODMA_MODEL_ROUNDS; round++) {
		bool same = odma_model_step(m, round) &&
			    odma_model_same(m, round);

		most = max(most, m->count);
		if (same)
			continue;
		KUNIT_FAIL(test, "seed %#llx: differs in round %d (used %u of %u, model %u, first free %u)\n",
			   seed, round, m->b.used, m->b.pages, m->used,
			   m->b.first_free);
		break;
	}
	KUNIT_EXPECT_GT(test, most, 1);
	/* Was it ever nearly full? */
	KUNIT_EXPECT_GT(test, m->high_water, m->b.pages / 2);
	while (m->count)
		odma_model_give(m, 0);
	KUNIT_EXPECT_TRUE(test, odma_model_same(m, 0));
	KUNIT_EXPECT_EQ(test, m->b.used, 0);
	KUNIT_EXPECT_EQ(test, odma_bitmap_largest(&m->b), m->b.pages);
	odma_bitmap_destroy(&m->b);
}

static void odma_bitmap_exact_fit(struct kunit *test)
{
	struct odma_model *m = odma_new_model(test, 0x400, 128, 1);
	struct odma_bitmap *b = &m->b;

	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, 128, UINT_MAX));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 1, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_largest(b));
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_fragmentation(b));
	/* A hole is filled by what has its size, and by nothing larger. */
	odma_bitmap_give(b, 0, 128);
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, 64, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 64, odma_bitmap_take(b, 64, UINT_MAX));
	odma_bitmap_give(b, 64, 64);
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 65, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 64, odma_bitmap_take(b, 64, UINT_MAX));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 1, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 128, b->high_water);
	odma_bitmap_destroy(b);
}

/* 256 GiB: more than kmalloc() has a bitmap for. */
static void odma_bitmap_huge(struct kunit *test)
{
	const unsigned int pages = 1U << 26;
	struct odma_bitmap b;

	KUNIT_ASSERT_EQ(test, 0, odma_bitmap_init(&b, 0, pages));
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(&b, pages / 2, pages));
	KUNIT_EXPECT_EQ(test, pages / 2, odma_bitmap_take(&b, 1, pages));
	odma_bitmap_destroy(&b);
}

/* Five pages are five pages: the other three are for somebody else. */
static void odma_bitmap_no_waste(struct kunit *test)
{
	struct odma_model *m = odma_new_model(test, 0, 16, 1);
	struct odma_bitmap *b = &m->b;

	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, 5, 16));
	KUNIT_EXPECT_EQ(test, 5, odma_bitmap_take(b, 1, 16));
	KUNIT_EXPECT_EQ(test, 6, odma_bitmap_take(b, 2, 16));
	KUNIT_EXPECT_EQ(test, 8, odma_bitmap_take(b, 5, 16));
	KUNIT_EXPECT_EQ(test, 13, b->used);
	odma_bitmap_destroy(b);
}

static void odma_bitmap_limit(struct kunit *test)
{
	struct odma_model *m = odma_new_model(test, 0, 32, 1);
	struct odma_bitmap *b = &m->b;

	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 1, 0));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 0, 32));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 8, 7));
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, 8, 8));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 4, 11));
	KUNIT_EXPECT_EQ(test, 8, odma_bitmap_take(b, 4, 12));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 33, UINT_MAX));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, UINT_MAX, UINT_MAX));
	KUNIT_EXPECT_EQ(test, 12, b->used);
	odma_bitmap_destroy(b);
}

/* In addresses, not in pages of the pool. */
static void odma_bitmap_alignment(struct kunit *test)
{
	static const u32 counts[] = { 1, 2, 3, 4, 5, 8, 9, 16, 17, 32 };
	u32 origin, i;

	for (origin = 0; origin < 40; origin++) {
		struct odma_model *m = odma_new_model(test, origin, 128, 1);

		for (i = 0; i < ARRAY_SIZE(counts); i++) {
			u32 span = roundup_pow_of_two(counts[i]);
			int start = odma_bitmap_take(&m->b, counts[i], 128);

			KUNIT_ASSERT_GE(test, start, 0);
			KUNIT_EXPECT_EQ_MSG(test, 0, (origin + start) % span,
					    "%u pages, origin %u", counts[i],
					    origin);
			KUNIT_EXPECT_LT(test, start, span);
			odma_bitmap_give(&m->b, start, counts[i]);
		}
		odma_bitmap_destroy(&m->b);
	}
}

/* The whole of a pool can be had, and what is promised stays as it is. */
static void odma_bitmap_from_first_page(struct kunit *test)
{
	const unsigned int promised = SZ_64K / PAGE_SIZE;
	struct odma_model *m = odma_new_model(test, 0x44101, 1024, 1);
	struct odma_bitmap *b = &m->b;

	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, 1024, UINT_MAX));
	odma_bitmap_give(b, 0, 1024);
	/* By address where there is room for it. */
	KUNIT_EXPECT_EQ(test, 0xff, odma_bitmap_take(b, 257, 1024));
	odma_bitmap_give(b, 0xff, 257);
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, promised, promised));
	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_take(b, promised + 1,
						  promised + 1));
	odma_bitmap_destroy(b);
}

/* Every other page: half is free, and no two of them together. */
static void odma_bitmap_comb(struct kunit *test)
{
	struct odma_model *m = odma_new_model(test, 0, 100, 1);
	struct odma_bitmap *b = &m->b;
	int i;

	KUNIT_EXPECT_EQ(test, 0, odma_bitmap_fragmentation(b));
	for (i = 0; i < 100; i++)
		KUNIT_ASSERT_EQ(test, i, odma_bitmap_take(b, 1, 100));
	for (i = 1; i < 100; i += 2)
		odma_bitmap_give(b, i, 1);
	KUNIT_EXPECT_EQ(test, 50, b->used);
	KUNIT_EXPECT_EQ(test, 100, b->high_water);
	KUNIT_EXPECT_EQ(test, 1, odma_bitmap_largest(b));
	KUNIT_EXPECT_EQ(test, 98, odma_bitmap_fragmentation(b));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_bitmap_take(b, 2, 100));
	KUNIT_EXPECT_EQ(test, 1, odma_bitmap_take(b, 1, 100));
	odma_bitmap_destroy(b);
}

static struct kunit_case odma_bitmap_cases[] = {
	KUNIT_CASE_PARAM(odma_bitmap_as_model, odma_model_gen_params),
	KUNIT_CASE(odma_bitmap_exact_fit),
	KUNIT_CASE(odma_bitmap_huge),
	KUNIT_CASE(odma_bitmap_no_waste),
	KUNIT_CASE(odma_bitmap_limit),
	KUNIT_CASE(odma_bitmap_alignment),
	KUNIT_CASE(odma_bitmap_from_first_page),
	KUNIT_CASE(odma_bitmap_comb),
	{}
};

struct kunit_suite odma_bitmap_suite = {
	.name = "odma-bitmap",
	.suite_init = odma_begin_suite,
	.exit = odma_tally,
	.test_cases = odma_bitmap_cases,
};
