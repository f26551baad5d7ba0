/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Which slots of an area are free: found in constant time.
 *
 * Knows nothing of devices or memory, takes no lock: its user does.
 */
#ifndef _ODMA_SWIOTLB_SLOTS_H
#define _ODMA_SWIOTLB_SLOTS_H

#include <linux/types.h>

#define ODMA_SLOT_SHIFT		11
#define ODMA_SLOT_SIZE		2048U

/* One word of the bitmap has this many slots, 128 KiB; an area has 8 MiB. */
#define ODMA_WORD_SLOTS		64U
#define ODMA_WORD_BYTES		((size_t)ODMA_WORD_SLOTS << ODMA_SLOT_SHIFT)
#define ODMA_AREA_WORDS		64U

/* Runs of 1, 2, 4, ... 64 free slots */
#define ODMA_RUN_CLASSES	7

/**
 * struct odma_slots - the slots of one area
 * @free:	a bit a slot, set where it is free
 * @starts:	a bit a slot, set where an allocation begins
 * @has_run:	for each class a bit a word: has it a run of so many free slots?
 * @classes:	how many classes each word has a run of
 * @words:	how many words the area has
 * @origin:	its address, in words: where boundaries count from
 * @used:	slots that are taken
 */
struct odma_slots {
	u64 free[ODMA_AREA_WORDS];
	u64 starts[ODMA_AREA_WORDS];
	u64 has_run[ODMA_RUN_CLASSES];
	u8 classes[ODMA_AREA_WORDS];
	unsigned int words;
	unsigned int origin;
	unsigned int used;
};

/**
 * struct odma_slots_want - what an allocation needs
 * @count:	slots in a row, not 0
 * @stride:	its first slot is a multiple of this, a power of two up to
 *		ODMA_WORD_SLOTS, ...
 * @phase:	... plus this, less than @stride. Where a word is too short for
 *		@count, @stride may be larger, with @phase 0
 * @boundary:	the run does not cross a multiple of this, a power of two; 0
 *		where it may cross any
 * @shift:	by how many words what boundaries count is further on than what
 *		@origin counts
 */
struct odma_slots_want {
	unsigned int count;
	unsigned int stride;
	unsigned int phase;
	unsigned int boundary;
	unsigned int shift;
};

void odma_slots_init(struct odma_slots *s, unsigned int words,
		     unsigned long origin);
void odma_slots_init_part(struct odma_slots *s, unsigned int first,
			  unsigned int count, unsigned long origin);
int odma_slots_take(struct odma_slots *s, const struct odma_slots_want *want);
void odma_slots_give(struct odma_slots *s, unsigned int start,
		     unsigned int count);
int odma_slots_start(const struct odma_slots *s, unsigned int slot);
unsigned int odma_slots_largest(const struct odma_slots *s);

/* Does an allocation begin with this slot? */
static inline bool odma_slots_begin(const struct odma_slots *s,
				    unsigned int slot)
{
	return READ_ONCE(s->starts[slot / ODMA_WORD_SLOTS]) >>
	       slot % ODMA_WORD_SLOTS & 1;
}

#endif /* _ODMA_SWIOTLB_SLOTS_H */
