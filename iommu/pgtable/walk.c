// SPDX-License-Identifier: GPL-2.0
/*
 * Looking up what is mapped.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/rcupdate.h>
#include "pgtable.h"

/* Follow @off down to a leaf, or to where nothing is mapped. */
static __always_inline void odma_find(struct odma_pgtable *pgt, u64 off,
				      struct odma_place *at)
{
	unsigned int level = pgt->start, shift = pgt->start_shift;
	u64 *slot = &pgt->root, *table = pgt->first;
	u64 desc, index = off >> shift;

	for (;;) {
		at->entry = table + index;
		desc = READ_ONCE(*at->entry);
		if (!odma_is_table(desc, level))
			break;
		slot = at->entry;
		table = odma_desc_table(pgt, desc);
		level++;
		shift -= pgt->bits;
		index = (off >> shift) & pgt->mask;
	}
	at->slot = slot;
	at->level = level;
	at->desc = desc;
}

/*
 * Find the leaf that translates @off; if there is none, @at is where it would
 * be. The caller is in an RCU read-side section.
 *
 * While a block is cut, or a contiguous group broken up, hardware needs to find
 * its entries invalid for a moment; that is no hole.
 */
bool odma_find_leaf(struct odma_pgtable *pgt, u64 off, struct odma_place *at)
{
	unsigned int seq;

	do {
		seq = raw_seqcount_begin(&pgt->changing);
		odma_find(pgt, off, at);
		if (likely(odma_is_leaf(at->desc, at->level)))
			return true;
	} while (read_seqcount_retry(&pgt->changing, seq));
	return false;
}

/**
 * odma_pgtable_iova_to_phys() - translate one address
 * @pgt: the tables
 * @iova: an input address
 *
 * Context: any.
 *
 * Return: what it is translated to; PHYS_ADDR_MAX where nothing is mapped.
 */
phys_addr_t odma_pgtable_iova_to_phys(struct odma_pgtable *pgt, u64 iova)
{
	phys_addr_t phys = PHYS_ADDR_MAX;
	u64 off = odma_offset(pgt, iova, 1);
	struct odma_place at;

	if (off == U64_MAX)
		return phys;
	rcu_read_lock();
	if (odma_find_leaf(pgt, off, &at))
		phys = odma_desc_phys(pgt, at.desc) |
		       (off & (odma_level_size(pgt, at.level) - 1));
	rcu_read_unlock();
	return phys;
}
EXPORT_SYMBOL_GPL(odma_pgtable_iova_to_phys);

static void odma_describe(const struct odma_pgtable *pgt, u64 off, u64 desc,
			  unsigned int level, struct odma_leaf *leaf)
{
	leaf->size = odma_level_size(pgt, level);
	leaf->iova = pgt->base + (off & ~((u64)leaf->size - 1));
	leaf->phys = odma_desc_phys(pgt, desc);
	leaf->prot = odma_desc_prot(pgt, desc);
	leaf->contiguous = desc & ODMA_DESC_CONT;
}

/**
 * odma_pgtable_lookup() - the leaf that translates an address
 * @pgt: the tables
 * @iova: an input address
 * @leaf: what was found
 *
 * What the format can't tell apart comes back as what is the same to it: stage
 * 1 has no memory that may be written and not read.
 *
 * Context: any.
 *
 * Return: 0, or -ENOENT where nothing is mapped.
 */
int odma_pgtable_lookup(struct odma_pgtable *pgt, u64 iova,
			struct odma_leaf *leaf)
{
	u64 off = odma_offset(pgt, iova, 1);
	struct odma_place at;
	bool found = false;

	if (off == U64_MAX)
		return -ENOENT;
	rcu_read_lock();
	if (odma_find_leaf(pgt, off, &at)) {
		odma_describe(pgt, off, at.desc, at.level, leaf);
		found = true;
	}
	rcu_read_unlock();
	return found ? 0 : -ENOENT;
}
EXPORT_SYMBOL_GPL(odma_pgtable_lookup);

/* The first leaf from @off on in a table; as deep as there are levels. */
static bool odma_next_leaf(const struct odma_pgtable *pgt, u64 *table,
			   u64 begin, unsigned int level, u64 off,
			   struct odma_leaf *leaf)
{
	unsigned int shift = odma_level_shift(pgt, level);
	unsigned int i = off > begin ? (off - begin) >> shift : 0;
	unsigned int n = odma_entries(pgt, level);

	for (; i < n; i++) {
		u64 desc = READ_ONCE(table[i]), at = begin + ((u64)i << shift);

		if (odma_is_leaf(desc, level)) {
			odma_describe(pgt, at, desc, level, leaf);
			return true;
		}
		if (odma_is_table(desc, level) &&
		    odma_next_leaf(pgt, odma_desc_table(pgt, desc), at,
				   level + 1, off, leaf))
			return true;
	}
	return false;
}

/**
 * odma_pgtable_for_each() - every leaf, in the order of addresses
 * @pgt: the tables
 * @fn: what to do with it; may sleep where the caller may; other than 0 ends
 *	the walk
 * @data: for @fn
 *
 * What others map and unmap meanwhile is seen or not. However much is mapped,
 * nobody has to wait but the caller.
 *
 * Context: any.
 *
 * Return: 0, or what @fn returned.
 */
int odma_pgtable_for_each(struct odma_pgtable *pgt,
			  int (*fn)(const struct odma_leaf *leaf, void *data),
			  void *data)
{
	struct odma_leaf leaf;
	u64 off = 0;
	bool found;
	int ret;

	do {
		rcu_read_lock();
		found = odma_next_leaf(pgt, pgt->first, 0, pgt->start, off,
				       &leaf);
		rcu_read_unlock();
		if (!found)
			return 0;
		ret = fn(&leaf, data);
		off = leaf.iova - pgt->base + leaf.size;
	} while (!ret && off <= pgt->last);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_pgtable_for_each);
