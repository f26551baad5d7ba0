// SPDX-License-Identifier: GPL-2.0
/*
 * Making leaves smaller: a block becomes a table, a contiguous group loses its
 * hint.
 *
 * Hardware may have the old size in its TLB while it reads the new one, which
 * the architecture forbids (Arm ARM, "break-before-make"): the old entries have
 * to be invalid and flushed first. For that moment a device that uses what
 * remains of them faults; only a walker that says it can do without
 * (ODMA_PGT_BBML) is spared.
 */
#include <linux/errno.h>
#include "pgtable.h"

static void odma_begin_change(struct odma_pgtable *pgt, unsigned long *flags)
	__acquires(&pgt->change_lock)
{
	raw_spin_lock_irqsave(&pgt->change_lock, *flags);
	write_seqcount_begin(&pgt->changing);
}

static void odma_end_change(struct odma_pgtable *pgt, unsigned long flags)
	__releases(&pgt->change_lock)
{
	write_seqcount_end(&pgt->changing);
	raw_spin_unlock_irqrestore(&pgt->change_lock, flags);
}

static void odma_write_leaves(struct odma_pgtable *pgt, u64 *entry,
			      unsigned int n, u64 desc, u64 step)
{
	unsigned int i;

	for (i = 0; i < n; i++)
		WRITE_ONCE(entry[i], desc + i * step);
	odma_clean(pgt, entry, n);
}

static void odma_invalidate_leaves(struct odma_pgtable *pgt, u64 *entry,
				   unsigned int n, u64 off, u64 size)
{
	if (pgt->cfg.quirks & ODMA_PGT_BBML)
		return;
	odma_write_leaves(pgt, entry, n, 0, 0);
	odma_flush(pgt, off, n * size, size, false);
}

/**
 * odma_break_group() - take the hint from the group that a leaf belongs to
 * @pgt: the tables
 * @off: an offset that the leaf translates
 * @entry: the leaf
 * @level: its level
 *
 * Who unmaps another part of the group at the same time comes here as well; the
 * second finds nothing to do. None of them clears an entry before.
 */
void odma_break_group(struct odma_pgtable *pgt, u64 off, u64 *entry,
		      unsigned int level)
{
	unsigned int group = pgt->cont[level];
	u64 size = odma_level_size(pgt, level);
	unsigned long flags;
	u64 desc;

	odma_begin_change(pgt, &flags);
	desc = READ_ONCE(*entry);
	if (odma_is_leaf(desc, level) && (desc & ODMA_DESC_CONT)) {
		entry -= odma_index(pgt, off, level) & (group - 1);
		off &= ~(group * size - 1);
		desc = READ_ONCE(*entry);
		odma_invalidate_leaves(pgt, entry, group, off, size);
		odma_write_leaves(pgt, entry, group, desc & ~ODMA_DESC_CONT,
				  size);
	}
	odma_end_change(pgt, flags);
}

/* A full table that translates what the block did. */
static void odma_fill_split(struct odma_pgtable *pgt, u64 *table, u64 block,
			    unsigned int level)
{
	const u64 attrs = ~(ODMA_DESC_TYPE | GENMASK_ULL(47, 12));
	phys_addr_t phys = odma_desc_phys(pgt, block);
	u64 desc = (block & attrs) | odma_desc_addr(phys);

	desc |= level == ODMA_LAST_LEVEL ? ODMA_DESC_PAGE : ODMA_DESC_BLOCK;
	odma_write_leaves(pgt, table, odma_entries(pgt, level), desc,
			  odma_level_size(pgt, level));
}

/* False where somebody else has changed the block meanwhile. */
static bool odma_replace_block(struct odma_pgtable *pgt, u64 off,
			       const struct odma_place *at, u64 *table)
{
	u64 size = odma_level_size(pgt, at->level);
	u64 desc = odma_desc_addr(virt_to_phys(table)) | ODMA_DESC_TABLE;
	unsigned long flags;
	bool same;

	desc = odma_desc_set_count(desc, odma_entries(pgt, at->level + 1));
	odma_fill_split(pgt, table, at->desc, at->level + 1);
	odma_begin_change(pgt, &flags);
	same = READ_ONCE(*at->entry) == at->desc;
	if (same) {
		odma_invalidate_leaves(pgt, at->entry, 1, off & ~(size - 1),
				       size);
		/* The leaves are there before the way to them. */
		smp_store_release(at->entry, desc);
		odma_clean(pgt, at->entry, 1);
	}
	odma_end_change(pgt, flags);
	return same;
}

/**
 * odma_split_at() - let a leaf begin at an offset
 * @pgt: the tables
 * @off: the offset, a multiple of the granule
 * @allowed: may a block be cut for that?
 *
 * What is translated stays the same. The caller is in an RCU read-side section.
 *
 * Return: 0, also where nothing is mapped; -EINVAL where a block would have to
 * be cut and must not be; -ENOMEM.
 */
int odma_split_at(struct odma_pgtable *pgt, u64 off, bool allowed)
{
	struct odma_place at;
	u64 *table;

	while (odma_find_leaf(pgt, off, &at) &&
	       (off & (odma_level_size(pgt, at.level) - 1))) {
		if (!allowed)
			return -EINVAL;
		if (at.desc & ODMA_DESC_CONT) {
			odma_break_group(pgt, off, at.entry, at.level);
			continue;
		}
		table = odma_new_table(pgt, at.level + 1,
				       GFP_ATOMIC | __GFP_NOWARN);
		if (!table)
			return -ENOMEM;
		if (!odma_replace_block(pgt, off, &at, table))
			odma_free_table(pgt, table, at.level + 1);
	}
	return 0;
}
