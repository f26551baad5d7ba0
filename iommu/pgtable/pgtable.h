/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the page-table library share.
 *
 * Words: a table is an array of entries.  An entry is empty, a leaf (a page at
 * level 3, a block above it), or leads to a table of the next level; such an
 * entry is that table's slot.  The first table's slot is pgt->root.
 *
 * Life of a table.  Its slot counts, in bits that hardware ignores, how many
 * entries of the table are in use.  So one compare-and-exchange of the slot
 * both proves that the table is still there and keeps it there:
 *
 *   hold    before writing entries, add their number to the count; on failure
 *           begin again at the root
 *   unhold  after clearing entries, take it off
 *
 * A table that nothing uses stays, for the next mapping. Reclaim retires it:
 * it makes the slot invalid for hardware, keeping the address, flushes what
 * hardware remembers, and then empties the slot. A mapper that finds a retired
 * table makes its slot valid again, and reclaim's second exchange fails.
 *
 * Callers who unmap what others are unmapping just then may make a count too
 * low, though not below 0. So reclaim looks, too, whether there is nothing in a
 * table, before it retires it and before it empties the slot.
 *
 * What looks at tables without holding them is in an RCU read-side section, and
 * tables are freed after a grace period.
 *
 * Floors, each calls only those below it:
 *
 *   pgtable.c                     tables as a whole
 *   map.c                         leaves written, and undone when that fails
 *   unmap.c                       leaves cleared
 *   split.c, reclaim.c            leaves made smaller; unused tables given back
 *   walk.c, table.c               leaves looked up; tables found and held
 *   format.c, memory.c            what tables look like; what they are made of
 */
#ifndef _ODMA_PGTABLE_INTERNAL_H
#define _ODMA_PGTABLE_INTERNAL_H

#include <linux/atomic.h>
#include <linux/bits.h>
#include <linux/compiler.h>
#include <linux/errno.h>
#include <linux/io.h>
#include <linux/llist.h>
#include <linux/minmax.h>
#include <linux/mutex.h>
#include <linux/seqlock.h>
#include <linux/spinlock.h>
#include <odma/pgtable.h>

#define ODMA_LAST_LEVEL		3
#define ODMA_LEVELS		4

/*
 * Descriptors: Arm ARM, "VMSAv8-64 translation table format descriptors".
 * Two bits say what an entry is; software may use all others of one with bit 0
 * clear, and of a table descriptor those that are called IGNORED.
 */
#define ODMA_DESC_VALID		BIT_ULL(0)
#define ODMA_DESC_TYPE		GENMASK_ULL(1, 0)
#define ODMA_DESC_BLOCK		1ULL
#define ODMA_DESC_RETIRED	2ULL	/* ours: invalid, with an address */
#define ODMA_DESC_TABLE		3ULL
#define ODMA_DESC_PAGE		3ULL
#define ODMA_DESC_ADDR		GENMASK_ULL(47, 12)
#define ODMA_DESC_CONT		BIT_ULL(52)

/* The use count of a table, in its slot. */
#define ODMA_COUNT_LOW		GENMASK_ULL(11, 2)
#define ODMA_COUNT_LOW_BITS	10
#define ODMA_COUNT_HIGH		GENMASK_ULL(57, 51)
#define ODMA_COUNT_HIGH_SHIFT	51
/* A walker that doesn't see the caches will find the table. */
#define ODMA_DESC_SYNCED	BIT_ULL(58)

/**
 * struct odma_pgtable - tables, and what they look like
 * @root:	stands for the first table's slot: nothing counts its entries
 * @first:	the first table
 * @base:	the lowest address; offsets into the tables begin there
 * @last:	the highest offset
 * @out_last:	the highest output address
 * @sizes:	a bit for each size of a leaf
 * @start:	level of the first table
 * @start_shift: log2 of what an entry of it translates
 * @bits:	log2 of the entries of a table but the first
 * @mask:	the same number, less one
 * @shift:	log2 of the granule
 * @table_mask:	bits of an entry that are a table's address
 * @way_mask:	which bits of an entry say that it leads to a table
 * @way:	what they are then
 * @cont:	entries of a contiguous group at each level, or 0
 * @attrs:	a leaf's bits for each combination of ODMA_READ, ...
 * @cfg:	as given
 * @tables:	how many there are, with those that wait to be freed
 * @dead:	unlinked and flushed, to be freed after a grace period; linked
 *		through their first entry
 * @changing:	odd while entries are invalid because they change their size
 * @change_lock: one such change at a time; tables that give way to blocks are
 *		unlinked, and the reclaimer changes slots, under it
 * @reclaim:	one reclaimer at a time
 */
struct odma_pgtable {
	u64 root;
	u64 *first;
	u64 base;
	u64 last;
	u64 out_last;
	unsigned long sizes;
	u8 start;
	u8 start_shift;
	u8 bits;
	u8 shift;
	u32 mask;
	u64 table_mask;
	u64 way_mask;
	u64 way;
	u16 cont[ODMA_LEVELS];
	u64 attrs[ODMA_PROT_MASK + 1];
	struct odma_pgtable_cfg cfg;
	atomic_t tables;
	struct llist_head dead;
	seqcount_t changing;
	raw_spinlock_t change_lock;
	struct mutex reclaim;	/* see @reclaim */
};

static __always_inline unsigned int
odma_level_shift(const struct odma_pgtable *pgt, unsigned int level)
{
	return pgt->shift + (ODMA_LAST_LEVEL - level) * pgt->bits;
}

/* Bytes that one entry translates. */
static __always_inline u64 odma_level_size(const struct odma_pgtable *pgt,
					   unsigned int level)
{
	return 1ULL << odma_level_shift(pgt, level);
}

static __always_inline unsigned int
odma_entries(const struct odma_pgtable *pgt, unsigned int level)
{
	if (level != ODMA_LAST_LEVEL && level == pgt->start)
		return (pgt->last >> odma_level_shift(pgt, level)) + 1;
	return pgt->mask + 1;
}

/* The first table may have more entries than others: nothing is cut off. */
static __always_inline unsigned int
odma_index(const struct odma_pgtable *pgt, u64 off, unsigned int level)
{
	u64 index = off >> odma_level_shift(pgt, level);

	if (level != ODMA_LAST_LEVEL && level == pgt->start)
		return index;
	return index & pgt->mask;
}

static __always_inline u64 odma_desc_type(u64 desc)
{
	return desc & ODMA_DESC_TYPE;
}

static __always_inline bool odma_is_leaf(u64 desc, unsigned int level)
{
	return odma_desc_type(desc) == (level == ODMA_LAST_LEVEL ?
					ODMA_DESC_PAGE : ODMA_DESC_BLOCK);
}

static __always_inline bool odma_is_table(u64 desc, unsigned int level)
{
	return odma_desc_type(desc) == ODMA_DESC_TABLE &&
	       level != ODMA_LAST_LEVEL;
}

static __always_inline bool odma_is_retired(u64 desc, unsigned int level)
{
	return odma_desc_type(desc) == ODMA_DESC_RETIRED &&
	       level != ODMA_LAST_LEVEL;
}

/* With 64 KiB pages, bits 51 to 48 of an address are kept in bits 15 to 12. */
static __always_inline u64 odma_desc_addr(phys_addr_t phys)
{
	return (phys | (u64)phys >> 36) & ODMA_DESC_ADDR;
}

static __always_inline phys_addr_t
odma_desc_phys(const struct odma_pgtable *pgt, u64 desc)
{
	u64 phys = desc & GENMASK_ULL(47, 0) & (~0ULL << pgt->shift);

	if (pgt->shift == 16)
		phys |= (desc & GENMASK_ULL(15, 12)) << 36;
	return phys;
}

/* Tables of 64 KiB pages, on machines with more than 48 bits. */
static __always_inline u64 *odma_desc_table(const struct odma_pgtable *pgt,
					    u64 desc)
{
	u64 phys = desc & pgt->table_mask;

	if (unlikely(pgt->cfg.oas > 48))
		phys = odma_desc_phys(pgt, desc);
	return phys_to_virt(phys);
}

static __always_inline unsigned int odma_desc_count(u64 desc)
{
	return (desc & ODMA_COUNT_LOW) >> 2 |
	       (desc & ODMA_COUNT_HIGH) >>
	       (ODMA_COUNT_HIGH_SHIFT - ODMA_COUNT_LOW_BITS);
}

static inline u64 odma_desc_set_count(u64 desc, unsigned int count)
{
	desc &= ~(ODMA_COUNT_LOW | ODMA_COUNT_HIGH);
	desc |= ((u64)count << 2) & ODMA_COUNT_LOW;
	return desc | (u64)(count >> ODMA_COUNT_LOW_BITS) <<
		      ODMA_COUNT_HIGH_SHIFT;
}

/*
 * A correct caller holds no more entries than the table has; but there are
 * blocks that take the place of unused tables, and lists that hold ahead.
 */
#define ODMA_MOST_HELD		GENMASK(16, 0)

/* Most counts change in their low part alone. 0 where there is no room. */
static __always_inline u64 odma_desc_add(u64 desc, unsigned int n)
{
	u64 low = (desc & ODMA_COUNT_LOW) + ((u64)n << 2);

	if (likely(low <= ODMA_COUNT_LOW))
		return desc + ((u64)n << 2);
	if (odma_desc_count(desc) + n > ODMA_MOST_HELD)
		return 0;
	return odma_desc_set_count(desc, odma_desc_count(desc) + n);
}

/* Never below 0: that would be more than any table has. */
static __always_inline u64 odma_desc_sub(u64 desc, unsigned int n)
{
	if (likely((desc & ODMA_COUNT_LOW) >= (u64)n << 2))
		return desc - ((u64)n << 2);
	return odma_desc_set_count(desc, odma_desc_count(desc) -
				   min(odma_desc_count(desc), n));
}

/* Write back what a walker doesn't see otherwise. */
static __always_inline void odma_clean(const struct odma_pgtable *pgt,
				       u64 *entries, size_t n)
{
	if (unlikely(pgt->cfg.quirks & ODMA_PGT_NONCOHERENT))
		pgt->cfg.clean(pgt->cfg.cookie, entries, n * sizeof(*entries));
}

static inline void odma_flush(const struct odma_pgtable *pgt, u64 off,
			      u64 size, u64 granule, bool tables)
{
	pgt->cfg.tlb->flush_range(pgt->cfg.cookie, pgt->base + off, size,
				  granule, tables);
}

/*
 * struct odma_place - where a walk has come to
 * @slot:	of the table that it is in
 * @table_desc:	what was read there; of the first table, nothing
 * @table:	that table
 * @entry:	of it, at @level
 * @desc:	what was read there
 */
struct odma_place {
	u64 *slot;
	u64 table_desc;
	u64 *table;
	u64 *entry;
	u64 desc;
	unsigned int level;
};

/* Does an entry above the last level lead to a table, ready to be used? */
static __always_inline bool odma_leads_on(const struct odma_pgtable *pgt,
					  u64 desc)
{
	return (desc & pgt->way_mask) == pgt->way;
}

/*
 * Follow @off down to a table of @level: then @at has its slot. False where the
 * way ends before, or takes more than to follow it: @at is that entry. The
 * caller is in an RCU read-side section.
 */
static __always_inline bool odma_walk_down(struct odma_pgtable *pgt, u64 off,
					   unsigned int level,
					   struct odma_place *at)
{
	unsigned int shift = pgt->start_shift;
	u64 index = off >> shift;

	at->slot = &pgt->root;
	at->table_desc = 0;
	at->table = pgt->first;
	for (at->level = pgt->start; at->level < level; at->level++) {
		at->entry = at->table + index;
		at->desc = READ_ONCE(*at->entry);
		if (unlikely(!odma_leads_on(pgt, at->desc)))
			return false;
		at->slot = at->entry;
		at->table_desc = at->desc;
		at->table = odma_desc_table(pgt, at->desc);
		shift -= pgt->bits;
		index = (off >> shift) & pgt->mask;
	}
	return true;
}

/*
 * The same for those who do nothing else that often, compiled for each granule,
 * so that shifts are constants. Returns the entry of level 2, which is a block
 * or the slot of a table of pages, and the slot of the table that has it; NULL
 * where the way there takes more than to follow it.
 */
static __always_inline u64 *odma_step_down(const struct odma_pgtable *pgt,
					   u64 *entry, u64 off,
					   unsigned int level,
					   unsigned int granule, u64 *desc)
{
	const unsigned int bits = granule - 3;
	const unsigned int shift = granule + (ODMA_LAST_LEVEL - level) * bits;

	*desc = READ_ONCE(*entry);
	if (unlikely(!odma_leads_on(pgt, *desc)))
		return NULL;
	entry = phys_to_virt(*desc & GENMASK_ULL(47, granule));
	return entry + ((off >> shift) & ((1U << bits) - 1));
}

static __always_inline u64 *odma_level2_entry(struct odma_pgtable *pgt,
					      u64 off, unsigned int granule,
					      u64 **slot, u64 *table_desc)
{
	u64 *entry = pgt->first + (off >> pgt->start_shift);

	*slot = &pgt->root;
	*table_desc = 0;
	if (granule == 16 && unlikely(pgt->cfg.oas > 48))
		return NULL;
	switch (pgt->start) {
	case 0:
		entry = odma_step_down(pgt, entry, off, 1, granule,
				       table_desc);
		if (unlikely(!entry))
			return NULL;
		fallthrough;
	case 1:
		*slot = entry;
		entry = odma_step_down(pgt, entry, off, 2, granule,
				       table_desc);
	}
	return entry;
}

/* Call a function that is compiled for each granule. */
#define odma_by_granule(pgt, fn, ...)					\
	((pgt)->shift == 12 ? fn(pgt, __VA_ARGS__, 12) :		\
	 (pgt)->shift == 16 ? fn(pgt, __VA_ARGS__, 16) :		\
			      fn(pgt, __VA_ARGS__, 14))

/*
 * Is the table that @desc led to still there? Then it stays: @n of its entries
 * are in use now. Others may have changed the count meanwhile, and nothing
 * else, as long as it is the same table.
 *
 * Return: 0; -EAGAIN where it is gone, -EEXIST where many more entries are
 * claimed than it has.
 */
static __always_inline int odma_hold(struct odma_pgtable *pgt, u64 *slot,
				     u64 desc, unsigned int n)
{
	const u64 ours = ODMA_COUNT_LOW | ODMA_COUNT_HIGH | ODMA_DESC_SYNCED;
	u64 now = desc, then;

	if (slot == &pgt->root)
		return 0;
	do {
		if (unlikely((now ^ desc) & ~ours))
			return -EAGAIN;
		then = odma_desc_add(now, n);
		if (unlikely(!then))
			return -EEXIST;
	} while (unlikely(!try_cmpxchg(slot, &now, then)));
	return 0;
}

/* Its entries are cleared, or were never written. */
static __always_inline void odma_unhold(struct odma_pgtable *pgt, u64 *slot,
					unsigned int n)
{
	u64 desc = READ_ONCE(*slot);

	if (slot == &pgt->root)
		return;
	while (!try_cmpxchg(slot, &desc, odma_desc_sub(desc, n)))
		;
}

/*
 * struct odma_cursor - a mapping in the making
 * @pgt:	where to
 * @gfp:	how to get tables
 * @attrs:	the leaves' bits
 * @ahead:	how many entries to hold at once, where fewer are asked for
 * @done:	the first offset that isn't mapped yet
 * @table:	where entries are written now, or NULL
 * @slot:	its slot
 * @held:	how many entries of it are held and not written
 * @level:	its level
 * @window:	what its offsets have in common: off >> @window_shift
 * @spare:	an empty table for when one is missing
 */
struct odma_cursor {
	struct odma_pgtable *pgt;
	gfp_t gfp;
	u64 attrs;
	unsigned int ahead;
	u64 done;
	u64 *table;
	u64 *slot;
	unsigned int held;
	unsigned int level;
	unsigned int window_shift;
	u64 window;
	u64 *spare;
};

/* memory.c */
void *odma_table_pages(int nid, size_t size, gfp_t gfp);
void odma_free_table_pages(void *table, size_t size);
void odma_clean_tables(void *cookie, void *cpu, size_t size);

/* format.c */
int odma_set_format(struct odma_pgtable *pgt);
unsigned int odma_desc_prot(const struct odma_pgtable *pgt, u64 desc);

/* table.c */
u64 *odma_new_table(struct odma_pgtable *pgt, unsigned int level, gfp_t gfp);
void odma_free_table(struct odma_pgtable *pgt, u64 *table, unsigned int level);
int odma_cursor_seek(struct odma_cursor *cur, u64 off, unsigned int level,
		     unsigned int n);
void odma_cursor_leave(struct odma_cursor *cur);
void odma_cursor_end(struct odma_cursor *cur);

/* walk.c */
bool odma_find_leaf(struct odma_pgtable *pgt, u64 off, struct odma_place *at);

/* split.c */
void odma_break_group(struct odma_pgtable *pgt, u64 off, u64 *entry,
		      unsigned int level);
int odma_split_at(struct odma_pgtable *pgt, u64 off, bool allowed);

/* reclaim.c */
bool odma_drop_unused(struct odma_pgtable *pgt, u64 off, u64 *slot,
		      u64 *entry, unsigned int n, unsigned int level);
void odma_free_dead(struct odma_pgtable *pgt);

/*
 * Bytes of a table. The first one may be larger or smaller than others; TTBR
 * has no bits for less than 64.
 */
static inline size_t odma_table_size(const struct odma_pgtable *pgt,
				     unsigned int level)
{
	return max_t(size_t, odma_entries(pgt, level) * sizeof(u64), 64);
}

/* An offset, if the range is in the tables' reach; U64_MAX if not. */
static __always_inline u64 odma_offset(const struct odma_pgtable *pgt,
				       u64 iova, u64 size)
{
	u64 off = iova - pgt->base;

	if (unlikely(!size || off > pgt->last || size - 1 > pgt->last - off))
		return U64_MAX;
	return off;
}

#endif /* _ODMA_PGTABLE_INTERNAL_H */
