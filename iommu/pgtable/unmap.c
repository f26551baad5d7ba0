// SPDX-License-Identifier: GPL-2.0
/*
 * Unmapping.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include "pgtable.h"

/* The same loops as for mapping; see there. */
static __always_inline u64 odma_and_entries(const u64 *entry, unsigned int n)
{
	u64 all = ~0ULL;

	for (; n >= 8; n -= 8, entry += 8)
		all &= READ_ONCE(entry[0]) & READ_ONCE(entry[1]) &
		       READ_ONCE(entry[2]) & READ_ONCE(entry[3]) &
		       READ_ONCE(entry[4]) & READ_ONCE(entry[5]) &
		       READ_ONCE(entry[6]) & READ_ONCE(entry[7]);
	for (; n; n--)
		all &= READ_ONCE(*entry++);
	return all;
}

static __always_inline void odma_zero_entries(u64 *entry, unsigned int n)
{
	unsigned int i;

	for (; n >= 8; n -= 8, entry += 8)
#pragma GCC unroll 8
		for (i = 0; i < 8; i++)
			WRITE_ONCE(entry[i], 0);
	for (; n; n--)
		WRITE_ONCE(*entry++, 0);
}

/* How many leaves there are from here on, @n at most. */
static __always_inline unsigned int
odma_count_leaves(const struct odma_place *at, unsigned int n)
{
	unsigned int i;

	if (likely(at->level == ODMA_LAST_LEVEL &&
		   odma_is_leaf(odma_and_entries(at->entry, n), at->level)))
		return n;
	for (i = 0; i < n; i++)
		if (!odma_is_leaf(READ_ONCE(at->entry[i]), at->level))
			break;
	return i;
}

/*
 * A group that is cut at either end is none any more. What our entries say does
 * not tell: somebody else may be breaking it up, and have come as far as that.
 */
static void odma_break_ends(struct odma_pgtable *pgt, u64 off,
			    const struct odma_place *at, unsigned int n)
{
	unsigned int mask = pgt->cont[at->level] - 1;
	unsigned int index = odma_index(pgt, off, at->level);
	u64 *last = at->entry + n - 1;

	if (index & mask)
		odma_break_group(pgt, off, at->entry, at->level);
	if ((index + n) & mask)
		odma_break_group(pgt, off + (u64)(n - 1) *
				 odma_level_size(pgt, at->level), last,
				 at->level);
}

/* Clear leaves of one table, @n at most; returns how many it were. */
static __always_inline unsigned int odma_clear(struct odma_pgtable *pgt,
					       u64 off,
					       const struct odma_place *at,
					       unsigned int n)
{
	n = odma_count_leaves(at, n);
	if (unlikely(!n))
		return 0;
	if (pgt->cont[at->level])
		odma_break_ends(pgt, off, at, n);
	odma_zero_entries(at->entry, n);
	odma_clean(pgt, at->entry, n);
	odma_unhold(pgt, at->slot, n);
	return n;
}

/*
 * Would clearing @n leaves cut a contiguous group? A group is broken up entry
 * by entry: only while nobody does that does one of them speak for all.
 */
static __always_inline bool odma_cuts_group(struct odma_pgtable *pgt,
					    const u64 *entry,
					    unsigned int index,
					    unsigned int n)
{
	unsigned int mask = pgt->cont[ODMA_LAST_LEVEL] - 1;
	unsigned int seq;

	if (!((index | (index + n)) & mask))
		return false;
	seq = raw_seqcount_begin(&pgt->changing);
	return (READ_ONCE(*entry) & ODMA_DESC_CONT) ||
	       (READ_ONCE(entry[n - 1]) & ODMA_DESC_CONT) ||
	       read_seqcount_retry(&pgt->changing, seq);
}

/* One leaf, which is all of its group or has none. */
static __always_inline bool odma_clear_one(struct odma_pgtable *pgt,
					   u64 *entry, u64 *slot,
					   unsigned int level)
{
	u64 desc = READ_ONCE(*entry);

	if (unlikely(!odma_is_leaf(desc, level) || (desc & ODMA_DESC_CONT)))
		return false;
	WRITE_ONCE(*entry, 0);
	odma_clean(pgt, entry, 1);
	odma_unhold(pgt, slot, 1);
	return true;
}

/* @n pages of one table; false where they are anything else. */
static __always_inline bool odma_clear_pages(struct odma_pgtable *pgt,
					     u64 *entry, u64 *slot,
					     unsigned int index,
					     unsigned int n)
{
	if (n == 1)
		return odma_clear_one(pgt, entry, slot, ODMA_LAST_LEVEL);
	if (unlikely(!odma_is_leaf(odma_and_entries(entry, n),
				   ODMA_LAST_LEVEL) ||
		     odma_cuts_group(pgt, entry, index, n)))
		return false;
	odma_zero_entries(entry, n);
	odma_clean(pgt, entry, n);
	odma_unhold(pgt, slot, n);
	return true;
}

/*
 * What most ranges are: pages of one table, or one block. Returns 0 where it is
 * anything else, and has changed nothing then.
 */
static __always_inline u64 odma_clear_simple(struct odma_pgtable *pgt, u64 off,
					     u64 size,
					     struct odma_gather *gather,
					     unsigned int granule)
{
	const unsigned int mask = (1U << (granule - 3)) - 1;
	unsigned int index = (off >> granule) & mask;
	u64 n = size >> granule, leaf = 1ULL << granule;
	u64 *slot, *entry, *table, desc;

	entry = odma_level2_entry(pgt, off, granule, &slot, &desc);
	if (unlikely(!entry || n > mask + 1 - index))
		return 0;
	desc = READ_ONCE(*entry);
	if (likely(odma_leads_on(pgt, desc))) {
		table = phys_to_virt(desc & GENMASK_ULL(47, granule));
		if (unlikely(!odma_clear_pages(pgt, table + index, entry,
					       index, n)))
			return 0;
	} else {
		leaf = size;
		if (n != mask + 1 ||
		    !odma_clear_one(pgt, entry, slot, ODMA_LAST_LEVEL - 1))
			return 0;
	}
	odma_gather_add(gather, pgt->base + off, size, leaf);
	return size;
}

/* Bytes cleared of [@off, @end), up to the first hole that isn't passed over */
static u64 odma_clear_range(struct odma_pgtable *pgt, u64 off, u64 end,
			    bool sparse, struct odma_gather *gather)
{
	struct odma_place at;
	u64 size, bytes, cleared = 0;
	unsigned int n;

	for (; off < end; off += bytes) {
		bool found = odma_find_leaf(pgt, off, &at);
		unsigned int shift = odma_level_shift(pgt, at.level);

		size = 1ULL << shift;
		if (!found) {
			if (!sparse)
				break;
			bytes = size - (off & (size - 1));
			continue;
		}
		n = min_t(u64, (end - off) >> shift,
			  odma_entries(pgt, at.level) -
			  odma_index(pgt, off, at.level));
		bytes = (u64)odma_clear(pgt, off, &at, n) << shift;
		if (bytes)
			odma_gather_add(gather, pgt->base + off, bytes, size);
		cleared += bytes;
	}
	return cleared;
}

static noinline ssize_t odma_unmap_slowly(struct odma_pgtable *pgt, u64 off,
					  u64 end, unsigned int flags,
					  struct odma_gather *gather)
{
	bool split = flags & ODMA_UNMAP_SPLIT;
	struct odma_place at;
	int ret;

	if (odma_find_leaf(pgt, off, &at) && !(off & (end - off - 1)) &&
	    odma_level_size(pgt, at.level) == end - off &&
	    odma_clear_one(pgt, at.entry, at.slot, at.level)) {
		odma_gather_add(gather, pgt->base + off, end - off, end - off);
		return end - off;
	}
	ret = odma_split_at(pgt, off, split);
	if (!ret && end <= pgt->last)
		ret = odma_split_at(pgt, end, split);
	if (ret)
		return ret;
	return odma_clear_range(pgt, off, end, flags & ODMA_UNMAP_SPARSE,
				gather);
}

/**
 * odma_pgtable_unmap() - undo mappings
 * @pgt: the tables
 * @iova: first input address, a multiple of the granule
 * @size: bytes, a multiple of the granule
 * @flags: ODMA_UNMAP_SPLIT, ODMA_UNMAP_SPARSE
 * @gather: what to invalidate is added here. Until the caller has done that,
 *	hardware may go on using the old translation.
 *
 * A range that ends inside a block is refused, or with ODMA_UNMAP_SPLIT the
 * block is cut. Tables that nothing uses any more stay, until
 * odma_pgtable_reclaim().
 *
 * Context: any.
 *
 * Return: bytes unmapped, less than @size where a hole was met (with
 * ODMA_UNMAP_SPARSE holes are passed over). -EINVAL where addresses don't fit
 * the granule or a block would have to be cut; -ERANGE beyond the input size;
 * -ENOMEM where a block can't be cut: then all is translated as before.
 */
ssize_t odma_pgtable_unmap(struct odma_pgtable *pgt, u64 iova, size_t size,
			   unsigned int flags, struct odma_gather *gather)
{
	u64 off = odma_offset(pgt, iova, size);
	ssize_t ret;

	if (unlikely((iova | size) & ((1ULL << pgt->shift) - 1)))
		return -EINVAL;
	if (unlikely(off == U64_MAX))
		return -ERANGE;
	rcu_read_lock();
	ret = odma_by_granule(pgt, odma_clear_simple, off, size, gather);
	if (unlikely(!ret))
		ret = odma_unmap_slowly(pgt, off, off + size, flags, gather);
	rcu_read_unlock();
	return ret;
}
EXPORT_SYMBOL_GPL(odma_pgtable_unmap);
