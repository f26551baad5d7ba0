// SPDX-License-Identifier: GPL-2.0
/*
 * Which slots of an area are free.
 *
 * A word of 64 bits stands for 64 slots. Where in it a run of so many free ones
 * begins is a matter of a few shifts; which words have such a run is kept, for
 * each power of two, in one more word. So what fits into a word, 128 KiB, is
 * found without a loop over the area. What is longer begins at a word and
 * takes words that are free as a whole, which are found in the same way.
 */
#include <linux/bitops.h>
#include <linux/errno.h>
#include <linux/kernel.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include "slots.h"

static u64 odma_low_bits(unsigned int count)
{
	return count < 64 ? (1ULL << count) - 1 : ~0ULL;
}

/* A bit at each multiple of @step, a power of two up to 64. */
static u64 odma_every(unsigned int step)
{
	return ~0ULL / odma_low_bits(step);
}

/* Where @count ones in a row begin; @count is at most 64. */
static u64 odma_runs(u64 ones, unsigned int count)
{
	unsigned int have = 1, more;

	while (have < count && ones) {
		more = min(have, count - have);
		ones &= ones >> more;
		have += more;
	}
	return ones;
}

/* Of how many classes, 1, 2, 4, ... 64 free slots, does the word have a run? */
static unsigned int odma_run_classes(u64 runs)
{
	unsigned int class = 0;

	while (runs && class < ODMA_RUN_CLASSES - 1)
		runs &= runs >> (1U << class++);
	return runs ? class + 1 : class;
}

/* Mostly nothing changes, and then at one end only. */
static void odma_note_runs(struct odma_slots *s, unsigned int word)
{
	unsigned int now = odma_run_classes(s->free[word]);
	unsigned int was = s->classes[word];
	u64 bit = 1ULL << word;

	s->classes[word] = now;
	while (was < now)
		s->has_run[was++] |= bit;
	while (was > now)
		s->has_run[--was] &= ~bit;
}

/**
 * odma_slots_init() - an area with nothing taken
 * @s: the slots
 * @words: how many words of slots it has, 1 to ODMA_AREA_WORDS
 * @origin: its address, in words
 */
void odma_slots_init(struct odma_slots *s, unsigned int words,
		     unsigned long origin)
{
	unsigned int i;

	*s = (struct odma_slots) {
		.words = words,
		.origin = origin % ODMA_AREA_WORDS,
	};
	for (i = 0; i < words; i++) {
		s->free[i] = ~0ULL;
		s->classes[i] = ODMA_RUN_CLASSES;
	}
	for (i = 0; i < ODMA_RUN_CLASSES; i++)
		s->has_run[i] = odma_low_bits(words);
}

/**
 * odma_slots_init_part() - an area of less than a word, with nothing taken
 * @s: the slots
 * @first: the first that there is in the word
 * @count: how many there are, less than a word has
 * @origin: the word's address, in words
 */
void odma_slots_init_part(struct odma_slots *s, unsigned int first,
			  unsigned int count, unsigned long origin)
{
	odma_slots_init(s, 1, origin);
	s->free[0] = odma_low_bits(count) << first;
	odma_note_runs(s, 0);
}

static void odma_mark(struct odma_slots *s, unsigned int start,
		      unsigned int count, bool taken)
{
	unsigned int word = start / ODMA_WORD_SLOTS;
	unsigned int bit = start % ODMA_WORD_SLOTS;

	s->used += taken ? count : -count;
	while (count) {
		unsigned int here = min(count, ODMA_WORD_SLOTS - bit);
		u64 bits = odma_low_bits(here) << bit;

		if (taken)
			s->free[word] &= ~bits;
		else
			s->free[word] |= bits;
		odma_note_runs(s, word++);
		count -= here;
		bit = 0;
	}
}

/* Where in a word a run may begin, for its alignment and the boundary. */
static u64 odma_allowed(const struct odma_slots_want *want)
{
	u64 allowed = odma_every(want->stride) << want->phase;
	unsigned int room;

	if (!want->boundary || want->boundary > ODMA_WORD_SLOTS)
		return allowed;
	if (want->count > want->boundary)
		return 0;
	room = want->boundary - want->count + 1;
	return allowed & (odma_every(want->boundary) * odma_low_bits(room));
}

static int odma_take_from(struct odma_slots *s,
			  const struct odma_slots_want *want, u64 words,
			  u64 allowed)
{
	for (; words; words &= words - 1) {
		unsigned int word = __ffs64(words);
		u64 runs = odma_runs(s->free[word], want->count) & allowed;

		if (runs)
			return word * ODMA_WORD_SLOTS + __ffs64(runs);
	}
	return -ENOSPC;
}

/*
 * Words that have a run of the next power of two are tried first, as they can
 * only fail for the alignment.
 */
static int odma_find_short(struct odma_slots *s,
			   const struct odma_slots_want *want)
{
	u64 likely = s->has_run[order_base_2(want->count)];
	u64 maybe = s->has_run[ilog2(want->count)] & ~likely;
	u64 allowed = odma_allowed(want);
	int start;

	start = odma_take_from(s, want, likely, allowed);
	return start < 0 ? odma_take_from(s, want, maybe, allowed) : start;
}

/*
 * Where in the area a run of words may begin. A boundary of more than 8 MiB is
 * taken for one of 8 MiB: stricter, and such a run is never longer.
 */
static u64 odma_allowed_words(const struct odma_slots *s, unsigned int words,
			      const struct odma_slots_want *want)
{
	unsigned int every = min(want->boundary / ODMA_WORD_SLOTS,
				 ODMA_AREA_WORDS);

	if (!want->boundary)
		return ~0ULL;
	if (words > every)
		return 0;
	return ror64(odma_every(every) * odma_low_bits(every - words + 1),
		     (s->origin + want->shift) % ODMA_AREA_WORDS);
}

/* Where an alignment of more than a word lets it begin: areas have as much. */
static u64 odma_aligned_words(unsigned int stride)
{
	return odma_every(clamp(stride / ODMA_WORD_SLOTS, 1U, ODMA_AREA_WORDS));
}

/*
 * For what its phase pushes over the end of a word, too. Of the first word only
 * what is before the phase is left out.
 */
static int odma_find_long(struct odma_slots *s,
			  const struct odma_slots_want *want)
{
	unsigned int words = DIV_ROUND_UP(want->phase + want->count,
					  ODMA_WORD_SLOTS);
	u64 runs;

	if (words > s->words)
		return -ENOSPC;
	runs = odma_runs(s->has_run[ODMA_RUN_CLASSES - 1], words) &
	       odma_allowed_words(s, words, want) &
	       odma_aligned_words(want->stride);
	return runs ? __ffs64(runs) * ODMA_WORD_SLOTS + want->phase : -ENOSPC;
}

/**
 * odma_slots_take() - take a run of slots
 * @s: the slots
 * @want: what is needed
 *
 * Return: the first slot, or -ENOSPC.
 */
int odma_slots_take(struct odma_slots *s, const struct odma_slots_want *want)
{
	int start;

	if (want->phase + want->count <= ODMA_WORD_SLOTS)
		start = odma_find_short(s, want);
	else
		start = odma_find_long(s, want);
	if (start < 0)
		return start;
	odma_mark(s, start, want->count, true);
	s->starts[start / ODMA_WORD_SLOTS] |= BIT_ULL(start % ODMA_WORD_SLOTS);
	return start;
}

/**
 * odma_slots_give() - give a run back
 * @s: the slots
 * @start: what odma_slots_take() returned
 * @count: as it was wanted
 */
void odma_slots_give(struct odma_slots *s, unsigned int start,
		     unsigned int count)
{
	s->starts[start / ODMA_WORD_SLOTS] &=
		~BIT_ULL(start % ODMA_WORD_SLOTS);
	odma_mark(s, start, count, false);
}

/**
 * odma_slots_start() - which allocation has this slot?
 * @s: the slots
 * @slot: a slot of the area
 *
 * Without the area's lock: of a live allocation the bits in question don't
 * change.
 *
 * Return: its first slot; -ENOENT where the slot is free. A run that ends
 * before @slot, with free ones in between, is for the caller to notice.
 */
int odma_slots_start(const struct odma_slots *s, unsigned int slot)
{
	unsigned int word = slot / ODMA_WORD_SLOTS;
	u64 starts = READ_ONCE(s->starts[word]) &
		     odma_low_bits(slot % ODMA_WORD_SLOTS + 1);

	while (!starts && word)
		starts = READ_ONCE(s->starts[--word]);
	return starts ? word * ODMA_WORD_SLOTS + __fls(starts) : -ENOENT;
}

/**
 * odma_slots_largest() - the longest run that could be taken
 * @s: the slots
 *
 * For messages: looks at every word.
 *
 * Return: slots.
 */
unsigned int odma_slots_largest(const struct odma_slots *s)
{
	u64 full = s->has_run[ODMA_RUN_CLASSES - 1];
	unsigned int count = 0, word;

	while (odma_runs(full, count + 1) && count < s->words)
		count++;
	if (count)
		return count * ODMA_WORD_SLOTS;
	for (word = 0; word < s->words; word++)
		while (count < ODMA_WORD_SLOTS &&
		       odma_runs(s->free[word], count + 1))
			count++;
	return count;
}
