// SPDX-License-Identifier: GPL-2.0
/*
 * The slots of a bounce buffer, against an array that says of each slot whose
 * it is.
 */
#include <linux/kernel.h>
#include <linux/log2.h>
#include <errno.h>
#include <string.h>
#include "../../swiotlb/slots.h"
#include "user.h"

#define ODMA_AREA_SLOTS		(ODMA_AREA_WORDS * ODMA_WORD_SLOTS)

/* How often every word is looked at: it takes long. */
#define ODMA_LOOK_AT_ALL	8

struct odma_slots_run {
	unsigned int start;
	unsigned int count;
};

/**
 * struct odma_slots_model - what the slots ought to be
 * @s: the slots
 * @origin: the area's address, in slots
 * @slots: how many it has
 * @used: how many are taken
 * @owner: of each slot the first one of its run, plus 1; 0 where it is free
 * @runs: what is taken
 * @count: how many runs
 */
static struct odma_slots_model {
	struct odma_slots s;
	unsigned int origin;
	unsigned int slots;
	unsigned int used;
	u16 owner[ODMA_AREA_SLOTS];
	struct odma_slots_run runs[ODMA_AREA_SLOTS];
	unsigned int count;
} odma_model;

static bool odma_free(const struct odma_slots_model *m, unsigned int start,
		      unsigned int count)
{
	unsigned int i;

	for (i = start; i < start + count; i++)
		if (i >= m->slots || m->owner[i])
			return false;
	return true;
}

/* A boundary of more than an area counts as an area's. */
static bool odma_crosses(const struct odma_slots_model *m, unsigned int start,
			 unsigned int count, unsigned int boundary)
{
	unsigned int first = m->origin + start, last = first + count - 1;

	boundary = min(boundary, ODMA_AREA_SLOTS);
	return boundary && first / boundary != last / boundary;
}

/* What no run may do, whoever chose its place. */
static bool odma_sound(const struct odma_slots_model *m,
		       const struct odma_slots_want *want, unsigned int start)
{
	return start % want->stride == want->phase &&
	       odma_free(m, start, want->count) &&
	       !odma_crosses(m, start, want->count, want->boundary);
}

/*
 * Where a place has to be found: within one word; or, for what is longer, in
 * words that are free as a whole and that together cross no boundary.
 */
static bool odma_place(const struct odma_slots_model *m,
		       const struct odma_slots_want *want, unsigned int start)
{
	unsigned int in_word = start % ODMA_WORD_SLOTS;
	unsigned int span = round_up(want->phase + want->count,
				     ODMA_WORD_SLOTS);

	if (!odma_sound(m, want, start))
		return false;
	if (span == ODMA_WORD_SLOTS)
		return in_word + want->count <= ODMA_WORD_SLOTS;
	return in_word == want->phase && odma_free(m, start - in_word, span) &&
	       !odma_crosses(m, start - in_word, span, want->boundary);
}

static bool odma_any_place(const struct odma_slots_model *m,
			   const struct odma_slots_want *want)
{
	unsigned int start;

	for (start = want->phase; start < m->slots; start += want->stride)
		if (odma_place(m, want, start))
			return true;
	return false;
}

static void odma_own(struct odma_slots_model *m, struct odma_slots_run run,
		     u16 owner)
{
	unsigned int i;

	for (i = run.start; i < run.start + run.count; i++)
		m->owner[i] = owner;
}

/* A run of @run.count slots has been taken at @run.start: where it may be? */
static void odma_record(struct odma_slots_model *m,
			const struct odma_slots_want *want, unsigned int start)
{
	struct odma_slots_run run = { start, want->count };

	odma_expect(odma_sound(m, want, start),
		    "%u slots at %u: stride %u, phase %u, boundary %u",
		    want->count, start, want->stride, want->phase,
		    want->boundary);
	odma_own(m, run, start + 1);
	m->runs[m->count++] = run;
	m->used += run.count;
}

/* Mostly short runs; one in eight up to more than the area has. */
static struct odma_slots_want odma_any_want(struct odma_input *in)
{
	u8 kind = odma_byte(in);
	struct odma_slots_want want = { .stride = 1U << kind % 7 };

	want.count = 1 + (kind & 0xe0 ? odma_below(in, ODMA_WORD_SLOTS) :
					odma_below(in, ODMA_AREA_SLOTS + 64));
	want.phase = odma_byte(in) % want.stride;
	if (kind & 0x08)
		want.boundary = 1U << odma_below(in, 20);
	if ((kind & 0x10) && want.count > ODMA_WORD_SLOTS) {
		want.phase = 0;
		want.stride = 1U << odma_below(in, 16);
	}
	return want;
}

static void odma_do_take(struct odma_slots_model *m, struct odma_input *in)
{
	struct odma_slots_want want = odma_any_want(in);
	int start = odma_slots_take(&m->s, &want);

	odma_tell("take count %u stride %u phase %u boundary %u: %d",
		  want.count, want.stride, want.phase, want.boundary, start);
	if (start >= 0) {
		odma_record(m, &want, start);
		return;
	}
	odma_expect(start == -ENOSPC, "error %d", start);
	odma_expect(!odma_any_place(m, &want),
		    "refused %u slots: stride %u, phase %u, boundary %u",
		    want.count, want.stride, want.phase, want.boundary);
}

static void odma_do_give(struct odma_slots_model *m, struct odma_input *in)
{
	unsigned int which = odma_bytes(in, 2);
	struct odma_slots_run run;

	if (!m->count)
		return;
	which %= m->count;
	run = m->runs[which];
	odma_tell("give %u at %u", run.count, run.start);
	odma_slots_give(&m->s, run.start, run.count);
	odma_own(m, run, 0);
	m->runs[which] = m->runs[--m->count];
	m->used -= run.count;
}

/* Whoever asks for the longest run gets it, and for one more doesn't. */
static void odma_do_largest(struct odma_slots_model *m)
{
	unsigned int largest = odma_slots_largest(&m->s);
	struct odma_slots_want want = { .count = largest, .stride = 1 };

	odma_tell("largest: %u", largest);
	odma_expect(largest || m->used == m->slots, "none of %u slots, %u used",
		    m->slots, m->used);
	if (largest)
		odma_expect(odma_any_place(m, &want), "%u slots", largest);
	want.count++;
	odma_expect(!odma_any_place(m, &want), "%u slots, and %u have a place",
		    largest, want.count);
}

static void odma_do_start(struct odma_slots_model *m, struct odma_input *in)
{
	unsigned int slot = odma_bytes(in, 2) % m->slots, from = slot;
	int start = odma_slots_start(&m->s, slot);

	odma_tell("start of %u: %d", slot, start);
	while (from && !m->owner[from])
		from--;
	odma_expect(start == (m->owner[from] ? m->owner[from] - 1 : -ENOENT),
		    "slot %u is said to belong to %d", slot, start);
}

static void odma_check_word(const struct odma_slots_model *m, unsigned int word)
{
	const u16 *owner = m->owner + word * ODMA_WORD_SLOTS;
	unsigned int i, here = 0, longest = 0;
	u64 free = 0, starts = 0;

	for (i = 0; i < ODMA_WORD_SLOTS; i++) {
		free |= (u64)!owner[i] << i;
		here = owner[i] ? 0 : here + 1;
		longest = max(longest, here);
		if (owner[i] == word * ODMA_WORD_SLOTS + i + 1)
			starts |= BIT_ULL(i);
	}
	odma_expect(m->s.free[word] == free, "free[%u] %llx, not %llx", word,
		    m->s.free[word], free);
	odma_expect(m->s.starts[word] == starts, "starts[%u] %llx, not %llx",
		    word, m->s.starts[word], starts);
	odma_expect(m->s.classes[word] == ilog2(longest) + 1,
		    "classes[%u]: %u, the longest run is %u", word,
		    m->s.classes[word], longest);
	for (i = 0; i < ODMA_RUN_CLASSES; i++)
		odma_expect((m->s.has_run[i] >> word & 1) ==
			    (longest >= 1U << i),
			    "has_run[%u]: %llx, word %u's longest run is %u", i,
			    m->s.has_run[i], word, longest);
}

static void odma_check(const struct odma_slots_model *m)
{
	unsigned int word, class;

	for (word = 0; word < m->s.words; word++)
		odma_check_word(m, word);
	for (class = 0; class < ODMA_RUN_CLASSES; class++)
		odma_expect(word == 64 || !(m->s.has_run[class] >> word),
			    "has_run[%u] is %llx, of %u words", class,
			    m->s.has_run[class], word);
}

/* Small areas are full soon. */
static void odma_begin(struct odma_slots_model *m, struct odma_input *in)
{
	u8 size = odma_byte(in), origin = odma_byte(in);
	unsigned int words = size & 0xc0 ? 1 + size % 4 :
					   1 + size % ODMA_AREA_WORDS;

	memset(m, 0, sizeof(*m));
	m->slots = words * ODMA_WORD_SLOTS;
	m->origin = origin * ODMA_WORD_SLOTS;
	odma_tell("init words %u origin %u", words, origin);
	odma_slots_init(&m->s, words, origin);
}

static void odma_step(struct odma_slots_model *m, struct odma_input *in)
{
	u8 op = odma_byte(in) % 16;

	if (op < 8)
		odma_do_take(m, in);
	else if (op < 14)
		odma_do_give(m, in);
	else if (op == 14)
		odma_do_start(m, in);
	else
		odma_do_largest(m);
}

int odma_fuzz_one(const u8 *data, size_t size)
{
	struct odma_input in = { data, data + size }, none = {};
	struct odma_slots_model *m = &odma_model;
	unsigned int ops = 0;

	odma_begin(m, &in);
	odma_check(m);
	while (odma_more(&in)) {
		odma_step(m, &in);
		odma_expect(m->s.used == m->used, "used %u, not %u", m->s.used,
			    m->used);
		if (ops++ % ODMA_LOOK_AT_ALL == 0)
			odma_check(m);
	}
	odma_check(m);
	while (m->count)
		odma_do_give(m, &none);
	odma_check(m);
	odma_expect(odma_slots_largest(&m->s) == m->slots,
		    "all is given back, and the largest is %u of %u",
		    odma_slots_largest(&m->s), m->slots);
	return 0;
}
