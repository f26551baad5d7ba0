// SPDX-License-Identifier: GPL-2.0
/*
 * Slots of a bounce buffer, against a plain model: an array that says of each
 * slot whose it is. Whatever is taken must be allowed by the model's rules, and
 * whatever is refused must have no place in it.
 *
 * The functions under test are nobody's interface: so this module has its own
 * copy of them.
 */
#include <linux/prandom.h>
#include "../../swiotlb/slots.c"
#include "../shared/fixture.h"
#include "../suites.h"

#define ODMA_AREA_SLOTS		(ODMA_AREA_WORDS * ODMA_WORD_SLOTS)
#define ODMA_SLOTS_ROUNDS	25000

/* How often the whole of model and slots are compared: it takes long. */
#define ODMA_SLOTS_LOOK		128

struct odma_run {
	u16 start;
	u16 count;
};

/**
 * struct odma_slots_model - what the slots ought to be
 * @s:		the slots
 * @origin:	the area's address, in slots
 * @slots:	how many there are
 * @owner:	of each slot its run's first one, plus 1; 0 where it is free
 * @runs:	what is taken
 * @count:	how many runs
 * @used:	slots
 * @most:	the most slots that were ever taken
 * @refused:	how often there was no place
 * @rnd:	what happens next
 */
struct odma_slots_model {
	struct odma_slots s;
	u64 origin;
	unsigned int slots;
	u16 owner[ODMA_AREA_SLOTS];
	struct odma_run runs[ODMA_AREA_SLOTS];
	unsigned int count;
	unsigned int used;
	unsigned int most;
	unsigned int refused;
	struct rnd_state rnd;
};

static u32 odma_roll(struct odma_slots_model *m, u32 sides)
{
	return prandom_u32_state(&m->rnd) % sides;
}

static bool odma_all_free(const struct odma_slots_model *m, unsigned int start,
			  unsigned int count)
{
	if (start + count > m->slots)
		return false;
	while (count--)
		if (m->owner[start++])
			return false;
	return true;
}

static bool odma_one_side(const struct odma_slots_model *m, unsigned int start,
			  unsigned int count, unsigned int boundary)
{
	u64 first = m->origin + start, last = first + count - 1;

	/* A boundary that is larger than any area counts as that of an area. */
	boundary = min(boundary, ODMA_AREA_SLOTS);
	return !boundary || first / boundary == last / boundary;
}

/*
 * The rules: what fits into a word does not cross one, and what does not begins
 * in the first word of several that are free as a whole.
 */
static bool odma_may_begin(const struct odma_slots_model *m,
			   const struct odma_slots_want *want,
			   unsigned int start)
{
	unsigned int word = start / ODMA_WORD_SLOTS * ODMA_WORD_SLOTS;
	unsigned int span = round_up(want->phase + want->count,
				     ODMA_WORD_SLOTS);

	if (start % want->stride != want->phase)
		return false;
	if (span == ODMA_WORD_SLOTS)
		return start - word + want->count <= ODMA_WORD_SLOTS &&
		       odma_all_free(m, start, want->count) &&
		       odma_one_side(m, start, want->count, want->boundary);
	return start - word == want->phase && odma_all_free(m, word, span) &&
	       odma_one_side(m, word, span, want->boundary);
}

static bool odma_has_place(const struct odma_slots_model *m,
			   const struct odma_slots_want *want)
{
	unsigned int start;

	for (start = want->phase; start < m->slots; start++)
		if (odma_may_begin(m, want, start))
			return true;
	return false;
}

static void odma_own(struct odma_slots_model *m, struct odma_run run, u16 owner)
{
	unsigned int i;

	for (i = run.start; i < run.start + run.count; i++)
		m->owner[i] = owner;
}

static bool odma_slots_take_both(struct odma_slots_model *m,
				 const struct odma_slots_want *want)
{
	int start = odma_slots_take(&m->s, want);
	struct odma_run run = { .start = start, .count = want->count };

	if (start < 0) {
		m->refused++;
		return start == -ENOSPC && !odma_has_place(m, want);
	}
	if (!odma_may_begin(m, want, start))
		return false;
	odma_own(m, run, start + 1);
	m->runs[m->count++] = run;
	m->used += run.count;
	m->most = max(m->most, m->used);
	return true;
}

static void odma_slots_give_both(struct odma_slots_model *m, unsigned int which)
{
	struct odma_run run = m->runs[which];

	odma_slots_give(&m->s, run.start, run.count);
	odma_own(m, run, 0);
	m->runs[which] = m->runs[--m->count];
	m->used -= run.count;
}

/* Mostly what drivers map, now and then what is larger than a word or all. */
static struct odma_slots_want odma_any_want(struct odma_slots_model *m)
{
	struct odma_slots_want want = {
		.count = 1 + odma_roll(m, 4),
		.stride = 1,
	};

	switch (odma_roll(m, 16)) {
	case 0:
		want.count = 1 + odma_roll(m, m->slots + 70);
		break;
	case 1 ... 3:
		want.count = 1 + odma_roll(m, 80);
		break;
	case 4 ... 6:
		want.count = 1 << odma_roll(m, 7);
		break;
	}
	if (odma_roll(m, 3) == 0)
		want.stride = 1 << odma_roll(m, 7);
	if (odma_roll(m, 2))
		want.phase = odma_roll(m, want.stride);
	if (odma_roll(m, 3) == 0)
		want.boundary = 1 << odma_roll(m, 15);
	return want;
}

/* Fills up for a while, then empties, so that both ends are reached. */
static bool odma_slots_step(struct odma_slots_model *m, int round)
{
	u32 takes = round / 800 % 2 ? 3 : 8;
	struct odma_slots_want want;

	if (m->count && odma_roll(m, 10) >= takes) {
		odma_slots_give_both(m, odma_roll(m, m->count));
		return true;
	}
	want = odma_any_want(m);
	return odma_slots_take_both(m, &want);
}

/* The longest run in one word; of free words in a row, if there is one. */
static unsigned int odma_longest(const struct odma_slots_model *m)
{
	unsigned int words = 0, in_word = 0, best = 0, i;

	for (i = 0; i < m->slots; i++) {
		bool free = !m->owner[i];

		in_word = i % ODMA_WORD_SLOTS ? in_word : 0;
		in_word = free ? in_word + 1 : 0;
		best = max(best, in_word);
		if (i % ODMA_WORD_SLOTS != ODMA_WORD_SLOTS - 1)
			continue;
		words = in_word == ODMA_WORD_SLOTS ? words + 1 : 0;
		best = max(best, words * ODMA_WORD_SLOTS);
	}
	return best;
}

static bool odma_same_slot(const struct odma_slots_model *m, unsigned int slot)
{
	bool free = m->s.free[slot / 64] >> slot % 64 & 1;
	bool start = m->s.starts[slot / 64] >> slot % 64 & 1;
	u16 owner = m->owner[slot];

	if (free != !owner || start != (owner == slot + 1))
		return false;
	return free || odma_slots_start(&m->s, slot) == owner - 1;
}

static bool odma_same_slots(const struct odma_slots_model *m, int round)
{
	unsigned int i;

	if (m->s.used != m->used)
		return false;
	if (round % ODMA_SLOTS_LOOK)
		return true;
	for (i = 0; i < m->slots; i++)
		if (!odma_same_slot(m, i))
			return false;
	return odma_slots_largest(&m->s) == odma_longest(m);
}

static struct odma_slots_model *odma_new_slots(struct kunit *test,
					       unsigned int words, u64 origin)
{
	struct odma_slots_model *m = kunit_kzalloc(test, sizeof(*m),
						   GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, m);
	odma_slots_init(&m->s, words, origin);
	m->origin = origin * ODMA_WORD_SLOTS;
	m->slots = words * ODMA_WORD_SLOTS;
	prandom_seed_state(&m->rnd, 0x736c6f74ULL * words + origin);
	return m;
}

struct odma_slots_size {
	unsigned int words;
	u64 origin;
};

static const struct odma_slots_size odma_slots_sizes[] = {
	{ 1, 5 }, { 2, 31 }, { 3, 63 }, { 8, 8 }, { 33, 0x3ffffff },
	{ 64, 0x1000 },
};

static void odma_slots_describe(const struct odma_slots_size *size, char *desc)
{
	snprintf(desc, KUNIT_PARAM_DESC_SIZE, "%u words from word %#llx",
		 size->words, size->origin);
}

KUNIT_ARRAY_PARAM(odma_slots, odma_slots_sizes, odma_slots_describe);

/* 25,000 operations on each of six: 150,000 in all. */
static void odma_slots_as_model(struct kunit *test)
{
	const struct odma_slots_size *size = test->param_value;
	struct odma_slots_model *m = odma_new_slots(test, size->words,
						    size->origin);
	int round;

	for (round = 0; round < ODMA_SLOTS_ROUNDS; round++) {
		if (odma_slots_step(m, round) && odma_same_slots(m, round))
			continue;
		KUNIT_FAIL(test, "differs in round %d: used %u, model %u\n",
			   round, m->s.used, m->used);
		break;
	}
	/* Both ways out of it were gone, often, and it was nearly full. */
	KUNIT_EXPECT_GT(test, m->refused, ODMA_SLOTS_ROUNDS / 50);
	KUNIT_EXPECT_GT(test, m->most, m->slots * 2 / 3);
	while (m->count)
		odma_slots_give_both(m, odma_roll(m, m->count));
	KUNIT_EXPECT_TRUE(test, odma_same_slots(m, 0));
	KUNIT_EXPECT_EQ(test, 0, m->s.used);
	KUNIT_EXPECT_EQ(test, m->slots, odma_slots_largest(&m->s));
}

/* On an empty area: every count with every place that it can ask for. */
static void odma_slots_empty(struct kunit *test)
{
	struct odma_slots_model *m = odma_new_slots(test, 4, 62);
	struct odma_slots_want want = {};
	int wrong = 0;

	for (want.count = 1; want.count <= m->slots + 1; want.count++)
		for (want.stride = 1; want.stride <= 64; want.stride *= 2)
			for (want.phase = 0; want.phase < want.stride;
			     want.phase += 1 + want.phase / 3) {
				wrong += !odma_slots_take_both(m, &want);
				if (m->count)
					odma_slots_give_both(m, 0);
			}
	KUNIT_EXPECT_EQ(test, 0, wrong);
	KUNIT_EXPECT_EQ(test, m->slots, odma_slots_largest(&m->s));
}

/*
 * 128 KiB that begin 2 KiB into a page: one slot more than there is in a word,
 * so it is never found inside of one.
 */
static void odma_slots_phase_over_word(struct kunit *test)
{
	struct odma_slots_model *m = odma_new_slots(test, 4, 0);
	struct odma_slots_want want = { .count = 64, .stride = 2, .phase = 1 };

	KUNIT_EXPECT_EQ(test, 1, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, 129, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_slots_take(&m->s, &want));
	/* What the phase leaves free is there for others. */
	want = (struct odma_slots_want) { .count = 1, .stride = 1 };
	KUNIT_EXPECT_EQ(test, 0, odma_slots_take(&m->s, &want));
}

/* Several words, aligned as large as they are, past what is in the way. */
static void odma_slots_aligned_words(struct kunit *test)
{
	struct odma_slots_model *m = odma_new_slots(test, 64, 0x1040);
	struct odma_slots_want one = { .count = 1, .stride = 1 };
	struct odma_slots_want want = {};
	unsigned int stride;

	for (stride = 128; stride <= 2048; stride *= 2) {
		KUNIT_ASSERT_EQ(test, 0, odma_slots_take(&m->s, &one));
		want.count = stride - stride / 4;
		want.stride = stride;
		KUNIT_EXPECT_EQ(test, stride, odma_slots_take(&m->s, &want));
		odma_slots_give(&m->s, stride, want.count);
		odma_slots_give(&m->s, 0, 1);
		KUNIT_EXPECT_EQ(test, 0, odma_slots_take(&m->s, &want));
		odma_slots_give(&m->s, 0, want.count);
	}
	want.count = 4096;
	want.stride = 4096;
	KUNIT_EXPECT_EQ(test, 0, odma_slots_take(&m->s, &want));
}

/* Every slot of a run leads to its beginning, and none beside it. */
static void odma_slots_inner(struct kunit *test)
{
	struct odma_slots_model *m = odma_new_slots(test, 4, 0);
	struct odma_slots_want want = { .count = 130, .stride = 1 };
	unsigned int i;

	KUNIT_EXPECT_EQ(test, -ENOENT, odma_slots_start(&m->s, 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_slots_start(&m->s, 255));
	KUNIT_ASSERT_EQ(test, 0, odma_slots_take(&m->s, &want));
	want.count = 3;
	KUNIT_ASSERT_EQ(test, 130, odma_slots_take(&m->s, &want));
	for (i = 0; i < 133; i++)
		KUNIT_EXPECT_EQ(test, i < 130 ? 0 : 130,
				odma_slots_start(&m->s, i));
	odma_slots_give(&m->s, 0, 130);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_slots_start(&m->s, 129));
	KUNIT_EXPECT_EQ(test, 130, odma_slots_start(&m->s, 131));
}

static void odma_slots_largest_run(struct kunit *test)
{
	struct odma_slots_model *m = odma_new_slots(test, 3, 0);
	struct odma_slots_want want = { .count = 1, .stride = 1 };

	KUNIT_EXPECT_EQ(test, 192, odma_slots_largest(&m->s));
	KUNIT_ASSERT_EQ(test, 0, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, 128, odma_slots_largest(&m->s));
	want = (struct odma_slots_want) { .count = 128, .stride = 64 };
	KUNIT_ASSERT_EQ(test, 64, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, 63, odma_slots_largest(&m->s));
	want = (struct odma_slots_want) {
		.count = 1, .stride = 64, .phase = 31,
	};
	KUNIT_ASSERT_EQ(test, 31, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, 32, odma_slots_largest(&m->s));
	want = (struct odma_slots_want) { .count = 32, .stride = 1 };
	KUNIT_ASSERT_EQ(test, 32, odma_slots_take(&m->s, &want));
	want.count = 30;
	KUNIT_ASSERT_EQ(test, 1, odma_slots_take(&m->s, &want));
	KUNIT_EXPECT_EQ(test, 0, odma_slots_largest(&m->s));
}

/* Less than a word: nothing that is not there is given. */
static void odma_slots_part(struct kunit *test)
{
	struct odma_slots_want one = { .count = 1, .stride = 1 };
	struct odma_slots_want many = { .count = 9, .stride = 1 };
	struct odma_slots s;
	int i;

	odma_slots_init_part(&s, 24, 8, 5);
	KUNIT_EXPECT_EQ(test, 8, odma_slots_largest(&s));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_slots_take(&s, &many));
	many.count = 64;
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_slots_take(&s, &many));
	for (i = 24; i < 32; i++)
		KUNIT_EXPECT_EQ(test, i, odma_slots_take(&s, &one));
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_slots_take(&s, &one));
	KUNIT_EXPECT_EQ(test, 8, s.used);
	for (i = 24; i < 32; i++)
		odma_slots_give(&s, i, 1);
	KUNIT_EXPECT_EQ(test, 0, s.used);
	KUNIT_EXPECT_EQ(test, 8, odma_slots_largest(&s));
}

static struct kunit_case odma_slots_cases[] = {
	KUNIT_CASE_PARAM(odma_slots_as_model, odma_slots_gen_params),
	KUNIT_CASE(odma_slots_empty),
	KUNIT_CASE(odma_slots_phase_over_word),
	KUNIT_CASE(odma_slots_aligned_words),
	KUNIT_CASE(odma_slots_inner),
	KUNIT_CASE(odma_slots_largest_run),
	KUNIT_CASE(odma_slots_part),
	{}
};

struct kunit_suite odma_slots_suite = {
	.name = "odma-slots",
	.suite_init = odma_begin_suite,
	.exit = odma_tally,
	.test_cases = odma_slots_cases,
};
