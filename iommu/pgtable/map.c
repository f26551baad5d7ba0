// SPDX-License-Identifier: GPL-2.0
/*
 * Mapping: which sizes, which tables, which entries.
 */
#include <linux/errno.h>
#include <linux/export.h>
#include <linux/log2.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include <linux/scatterlist.h>
#include "pgtable.h"

/*
 * These loops are what mapping many pages costs: eight entries a turn. Entries
 * are read and written one by one, as a walker may look at any of them.
 */
static __always_inline u64 odma_or_entries(const u64 *entry, unsigned int n)
{
	u64 all = 0;

	for (; n >= 8; n -= 8, entry += 8)
		all |= READ_ONCE(entry[0]) | READ_ONCE(entry[1]) |
		       READ_ONCE(entry[2]) | READ_ONCE(entry[3]) |
		       READ_ONCE(entry[4]) | READ_ONCE(entry[5]) |
		       READ_ONCE(entry[6]) | READ_ONCE(entry[7]);
	for (; n; n--)
		all |= READ_ONCE(*entry++);
	return all;
}

static __always_inline void odma_write_entries(u64 *entry, unsigned int n,
					       u64 desc, u64 step)
{
	unsigned int i;

	for (; n >= 8; n -= 8, entry += 8)
#pragma GCC unroll 8
		for (i = 0; i < 8; i++, desc += step)
			WRITE_ONCE(entry[i], desc);
	for (; n; n--, desc += step)
		WRITE_ONCE(*entry++, desc);
}

/*
 * How many of @n entries come before a contiguous group can begin; @n, where
 * none can.
 */
static __always_inline unsigned int
odma_before_group(const struct odma_pgtable *pgt, u64 off, phys_addr_t phys,
		  unsigned int n, unsigned int level)
{
	unsigned int group = pgt->cont[level];
	unsigned int shift = odma_level_shift(pgt, level);
	unsigned int before = -(off >> shift) & (group - 1);

	if (n < before + group || ((off ^ phys) >> shift) & (group - 1))
		return n;
	return before;
}

/* The hint says that an aligned group of entries is alike and in a row. */
static __always_inline void odma_write_run(const struct odma_pgtable *pgt,
					   u64 off, phys_addr_t phys,
					   u64 *entry, unsigned int n,
					   u64 desc, unsigned int level)
{
	u64 step = odma_level_size(pgt, level);
	unsigned int group = pgt->cont[level], before, some;

	if (group && n >= group) {
		before = odma_before_group(pgt, off, phys, n, level);
		odma_write_entries(entry, before, desc, step);
		some = round_down(n - before, group);
		odma_write_entries(entry + before, some,
				   (desc + before * step) | ODMA_DESC_CONT,
				   step);
		some += before;
		entry += some;
		desc += some * step;
		n -= some;
	}
	odma_write_entries(entry, n, desc, step);
}

/* Write @n entries of a held table, all of them or none. */
static __always_inline int odma_fill(struct odma_pgtable *pgt, u64 off,
				     phys_addr_t phys, u64 *slot, u64 *entry,
				     unsigned int n, u64 attrs,
				     unsigned int level)
{
	u64 desc = odma_desc_addr(phys) | attrs |
		   (level == ODMA_LAST_LEVEL ? ODMA_DESC_PAGE :
					       ODMA_DESC_BLOCK);
	u64 used = n == 1 ? READ_ONCE(*entry) : odma_or_entries(entry, n);

	if (unlikely(used) &&
	    (level == ODMA_LAST_LEVEL ||
	     !odma_drop_unused(pgt, off, slot, entry, n, level)))
		return -EEXIST;
	if (n == 1)
		WRITE_ONCE(*entry, desc);
	else
		odma_write_run(pgt, off, phys, entry, n, desc, level);
	odma_clean(pgt, entry, n);
	return 0;
}

/* Descriptors count up by a constant as long as this bit doesn't change. */
static unsigned int odma_below_bit_48(phys_addr_t phys, unsigned int n,
				      unsigned int shift)
{
	u64 left = (BIT_ULL(48) - ((u64)phys & (BIT_ULL(48) - 1))) >> shift;

	return min_t(u64, n, left);
}

/* @n leaves of one size. */
static int odma_map_run(struct odma_cursor *cur, u64 off, phys_addr_t phys,
			size_t n, unsigned int level)
{
	struct odma_pgtable *pgt = cur->pgt;
	unsigned int shift = odma_level_shift(pgt, level);
	unsigned int index, some;
	int ret;

	for (; n; n -= some) {
		index = odma_index(pgt, off, level);
		some = min_t(size_t, n, odma_entries(pgt, level) - index);
		if (unlikely(pgt->cfg.oas > 48))
			some = odma_below_bit_48(phys, some, shift);
		if (cur->held < some || cur->level != level ||
		    off >> cur->window_shift != cur->window) {
			ret = odma_cursor_seek(cur, off, level, some);
			if (ret)
				return ret;
		}
		ret = odma_fill(pgt, off, phys, cur->slot, cur->table + index,
				some, cur->attrs, level);
		if (ret)
			return ret;
		cur->held -= some;
		off += (u64)some << shift;
		phys += (u64)some << shift;
		cur->done = off;
	}
	return 0;
}

/* The largest leaf that fits. */
static unsigned int odma_best_level(const struct odma_pgtable *pgt, u64 align,
				    u64 size)
{
	unsigned int level;

	for (level = pgt->start; level < ODMA_LAST_LEVEL; level++) {
		u64 leaf = odma_level_size(pgt, level);

		if ((pgt->sizes & leaf) && size >= leaf &&
		    !(align & (leaf - 1)))
			break;
	}
	return level;
}

/* Leaves of this size before a larger one fits, or to the end. */
static u64 odma_run_length(const struct odma_pgtable *pgt, u64 off,
			   phys_addr_t phys, u64 size, unsigned int level)
{
	unsigned int shift = odma_level_shift(pgt, level);
	u64 larger = odma_level_size(pgt, level - 1);
	u64 before;

	if (level == pgt->start || !(pgt->sizes & larger) ||
	    ((off ^ phys) & (larger - 1)))
		return size >> shift;
	before = larger - (off & (larger - 1));
	return (size >= before + larger ? before : size) >> shift;
}

static int odma_map_range(struct odma_cursor *cur, u64 off, phys_addr_t phys,
			  u64 size)
{
	struct odma_pgtable *pgt = cur->pgt;
	unsigned int level;
	u64 n, bytes;
	int ret;

	for (; size; size -= bytes) {
		level = odma_best_level(pgt, off | phys, size);
		n = odma_run_length(pgt, off, phys, size, level);
		ret = odma_map_run(cur, off, phys, n, level);
		if (ret)
			return ret;
		bytes = n << odma_level_shift(pgt, level);
		off += bytes;
		phys += bytes;
	}
	return 0;
}

/*
 * What most mappings are: pages of a table that is there already. -EAGAIN: this
 * one isn't.
 */
static __always_inline int odma_map_pages(struct odma_pgtable *pgt, u64 off,
					  phys_addr_t phys, u64 n, u64 attrs,
					  unsigned int granule)
{
	const unsigned int mask = (1U << (granule - 3)) - 1;
	unsigned int index = (off >> granule) & mask;
	u64 *upper, *slot, *table, desc;
	int ret = -EAGAIN;

	if (unlikely(n > mask + 1 - index))
		return ret;
	rcu_read_lock();
	slot = odma_level2_entry(pgt, off, granule, &upper, &desc);
	if (likely(slot)) {
		desc = READ_ONCE(*slot);
		if (likely(odma_leads_on(pgt, desc)))
			ret = odma_hold(pgt, slot, desc, n);
	}
	rcu_read_unlock();
	if (unlikely(ret))
		return ret;
	table = phys_to_virt(desc & GENMASK_ULL(47, granule));
	ret = odma_fill(pgt, off, phys, slot, table + index, n, attrs,
			ODMA_LAST_LEVEL);
	if (unlikely(ret))
		odma_unhold(pgt, slot, n);
	return ret;
}

/* The same for one block of level 2. */
static __always_inline int odma_map_block(struct odma_pgtable *pgt, u64 off,
					  phys_addr_t phys, u64 attrs,
					  unsigned int granule)
{
	u64 *slot, *entry, desc;
	int ret = -EAGAIN;

	rcu_read_lock();
	entry = odma_level2_entry(pgt, off, granule, &slot, &desc);
	if (likely(entry))
		ret = odma_hold(pgt, slot, desc, 1);
	rcu_read_unlock();
	if (unlikely(ret))
		return ret;
	ret = odma_fill(pgt, off, phys, slot, entry, 1, attrs,
			ODMA_LAST_LEVEL - 1);
	if (unlikely(ret))
		odma_unhold(pgt, slot, 1);
	return ret;
}

static __always_inline bool odma_prot_is_sane(unsigned int prot)
{
	return !(prot & ~ODMA_PROT_MASK) && (prot & (ODMA_READ | ODMA_WRITE));
}

static __always_inline bool odma_in_reach(const struct odma_pgtable *pgt,
					  u64 off, phys_addr_t phys, u64 size)
{
	return likely(off <= pgt->last && size - 1 <= pgt->last - off &&
		      phys <= pgt->out_last &&
		      size - 1 <= pgt->out_last - phys);
}

static __always_inline int odma_check(const struct odma_pgtable *pgt, u64 off,
				      phys_addr_t phys, u64 size,
				      u64 page_size, unsigned int prot)
{
	if (unlikely((off | phys | size) & (page_size - 1)) || !size ||
	    !odma_prot_is_sane(prot))
		return -EINVAL;
	return odma_in_reach(pgt, off, phys, size) ? 0 : -ERANGE;
}

/* A failed mapping goes away, and with it what hardware has seen of it. */
static void odma_unwind(struct odma_pgtable *pgt, u64 off, u64 end)
{
	struct odma_gather gather = ODMA_GATHER_EMPTY;

	if (off >= end)
		return;
	odma_pgtable_unmap(pgt, pgt->base + off, end - off, 0, &gather);
	odma_flush(pgt, off, end - off, 1UL << pgt->shift, false);
}

/* What belongs to the held table is set with it. */
static __always_inline void odma_cursor_init(struct odma_cursor *cur,
					     struct odma_pgtable *pgt, u64 off,
					     unsigned int prot, gfp_t gfp,
					     unsigned int ahead)
{
	cur->pgt = pgt;
	cur->gfp = gfp;
	cur->attrs = pgt->attrs[prot];
	cur->ahead = ahead;
	cur->done = off;
	cur->table = NULL;
	cur->held = 0;
	cur->spare = NULL;
}

/* A block of any level, where its table is there already. */
static int odma_map_one(struct odma_pgtable *pgt, u64 off, phys_addr_t phys,
			u64 attrs, unsigned int level)
{
	struct odma_place at;
	int ret = -EAGAIN;

	rcu_read_lock();
	if (odma_walk_down(pgt, off, level, &at))
		ret = odma_hold(pgt, at.slot, at.table_desc, 1);
	rcu_read_unlock();
	if (ret)
		return ret;
	ret = odma_fill(pgt, off, phys, at.slot,
			at.table + odma_index(pgt, off, level), 1, attrs,
			level);
	if (ret)
		odma_unhold(pgt, at.slot, 1);
	return ret;
}

static noinline int odma_map_slowly(struct odma_pgtable *pgt, u64 off,
				    phys_addr_t phys, u64 size,
				    unsigned int level, unsigned int prot,
				    gfp_t gfp)
{
	unsigned int best = level;
	struct odma_cursor cur;
	int ret;

	if (level == ODMA_LEVELS)
		best = odma_best_level(pgt, off | phys, size);
	if (odma_level_size(pgt, best) == size) {
		ret = odma_map_one(pgt, off, phys, pgt->attrs[prot], best);
		if (ret != -EAGAIN)
			return ret;
	}
	odma_cursor_init(&cur, pgt, off, prot, gfp, 0);
	if (level < ODMA_LEVELS)
		ret = odma_map_run(&cur, off, phys,
				   size >> odma_level_shift(pgt, level), level);
	else
		ret = odma_map_range(&cur, off, phys, size);
	odma_cursor_end(&cur);
	if (unlikely(ret))
		odma_unwind(pgt, off, cur.done);
	return ret;
}

/* Is it one block of level 2, and may such a block be there? */
static __always_inline bool odma_is_block(const struct odma_pgtable *pgt,
					  u64 align, u64 size)
{
	return size == 1ULL << (pgt->shift + pgt->bits) &&
	       !(align & (size - 1));
}

/**
 * odma_pgtable_map() - map a range with leaves of the largest sizes that fit
 * @pgt: the tables
 * @iova: first input address, a multiple of the granule
 * @phys: what it is translated to, a multiple of the granule
 * @size: bytes, a multiple of the granule
 * @prot: ODMA_READ, ...
 * @gfp: how to allocate tables
 *
 * Context: any that @gfp allows. Source: seeds page dma-map-sg.md, "pgsize".
 *
 * Return: 0; -EEXIST where something is mapped there, -EINVAL for addresses or
 * sizes that don't fit the granule and for permissions that say nothing,
 * -ERANGE beyond the input or output size, -ENOMEM. After an error nothing has
 * changed.
 */
int odma_pgtable_map(struct odma_pgtable *pgt, u64 iova, phys_addr_t phys,
		     size_t size, unsigned int prot, gfp_t gfp)
{
	u64 off = iova - pgt->base;
	int ret = odma_check(pgt, off, phys, size, 1ULL << pgt->shift, prot);

	if (unlikely(ret))
		return ret;
	if (likely(!(size >> (pgt->shift + pgt->bits))))
		ret = odma_by_granule(pgt, odma_map_pages, off, phys,
				      size >> pgt->shift, pgt->attrs[prot]);
	else if (odma_is_block(pgt, off | phys, size))
		ret = odma_by_granule(pgt, odma_map_block, off, phys,
				      pgt->attrs[prot]);
	else
		ret = -EAGAIN;
	if (unlikely(ret == -EAGAIN))
		ret = odma_map_slowly(pgt, off, phys, size, ODMA_LEVELS, prot,
				      gfp);
	/* The walker sees the entries before anybody tells the device. */
	wmb();
	return ret;
}
EXPORT_SYMBOL_GPL(odma_pgtable_map);

/**
 * odma_pgtable_map_pages() - map a range with leaves of one size
 * @pgt: the tables
 * @iova: first input address, a multiple of @page_size
 * @phys: what it is translated to, a multiple of @page_size
 * @page_size: one of odma_pgtable_sizes(), bytes
 * @count: how many
 * @prot: ODMA_READ, ...
 * @gfp: how to allocate tables
 *
 * Context: any that @gfp allows.
 *
 * Return: as odma_pgtable_map(); -EINVAL also for a size that the tables don't
 * have.
 */
int odma_pgtable_map_pages(struct odma_pgtable *pgt, u64 iova,
			   phys_addr_t phys, size_t page_size, size_t count,
			   unsigned int prot, gfp_t gfp)
{
	u64 off = iova - pgt->base;
	unsigned int shift, level;
	int ret;

	if (unlikely(!is_power_of_2(page_size) || !(pgt->sizes & page_size)))
		return -EINVAL;
	shift = __ffs(page_size);
	if (unlikely(count > (pgt->last >> shift) + 1))
		return -EINVAL;
	ret = odma_check(pgt, off, phys, count << shift, page_size, prot);
	if (unlikely(ret))
		return ret;
	if (likely(shift == pgt->shift))
		ret = odma_by_granule(pgt, odma_map_pages, off, phys, count,
				      pgt->attrs[prot]);
	else if (odma_is_block(pgt, off | phys, count << shift))
		ret = odma_by_granule(pgt, odma_map_block, off, phys,
				      pgt->attrs[prot]);
	else
		ret = -EAGAIN;
	if (unlikely(ret == -EAGAIN)) {
		level = ODMA_LAST_LEVEL - (shift - pgt->shift) / pgt->bits;
		ret = odma_map_slowly(pgt, off, phys, count << shift, level,
				      prot, gfp);
	}
	/* As in odma_pgtable_map(). */
	wmb();
	return ret;
}
EXPORT_SYMBOL_GPL(odma_pgtable_map_pages);

/*
 * struct odma_run - whole pages that are in a row in both spaces
 */
struct odma_run {
	u64 off;
	phys_addr_t phys;
	u64 size;
};

static __always_inline struct odma_run
odma_sg_run(const struct odma_pgtable *pgt, struct scatterlist *sg)
{
	u64 mask = (1ULL << pgt->shift) - 1;
	phys_addr_t phys = sg_phys(sg);
	u64 inside = phys & mask;

	return (struct odma_run) {
		.off = (sg_dma_address(sg) & ~mask) - pgt->base,
		.phys = phys - inside,
		.size = (inside + sg_dma_len(sg) + mask) & ~mask,
	};
}

/* Neighbours in a list that are neighbours in both spaces make one run. */
static __always_inline bool odma_join_runs(struct odma_run *run,
					   const struct odma_run *next)
{
	if (next->phys != run->phys + run->size ||
	    next->off != run->off + run->size)
		return false;
	run->size += next->size;
	return true;
}

/* Most runs are a few pages of the table that the cursor is at. */
static __always_inline int odma_map_next(struct odma_cursor *cur,
					 const struct odma_run *run)
{
	struct odma_pgtable *pgt = cur->pgt;
	unsigned int index = (run->off >> pgt->shift) & pgt->mask;
	u64 n = run->size >> pgt->shift;
	int ret;

	if (likely(n <= cur->held && n <= pgt->mask + 1 - index &&
		   cur->level == ODMA_LAST_LEVEL &&
		   run->off >> cur->window_shift == cur->window &&
		   pgt->cfg.oas <= 48)) {
		ret = odma_fill(pgt, run->off, run->phys, cur->slot,
				cur->table + index, n, cur->attrs,
				ODMA_LAST_LEVEL);
		if (unlikely(ret))
			return ret;
		cur->held -= n;
		cur->done = run->off + run->size;
		return 0;
	}
	if (likely(!(run->size >> (pgt->shift + pgt->bits))))
		return odma_map_run(cur, run->off, run->phys, n,
				    ODMA_LAST_LEVEL);
	return odma_map_range(cur, run->off, run->phys, run->size);
}

static __always_inline int odma_map_checked(struct odma_cursor *cur,
					    const struct odma_run *run)
{
	if (!run->size)
		return 0;
	if (unlikely(run->off < cur->done))
		return -EINVAL;
	if (!odma_in_reach(cur->pgt, run->off, run->phys, run->size))
		return -ERANGE;
	cur->done = run->off;
	return odma_map_next(cur, run);
}

static __always_inline int odma_map_list(struct odma_cursor *cur,
					 struct scatterlist *sgl, int nents)
{
	struct odma_run run = { }, next;
	struct scatterlist *sg;
	int i, ret;

	for_each_sg(sgl, sg, nents, i) {
		if (unlikely(!sg_dma_len(sg)))
			continue;
		next = odma_sg_run(cur->pgt, sg);
		if (run.size && odma_join_runs(&run, &next))
			continue;
		ret = odma_map_checked(cur, &run);
		if (unlikely(ret))
			return ret;
		run = next;
	}
	return odma_map_checked(cur, &run);
}

/* Only what was mapped goes: between the runs there may be others'. */
static void odma_unwind_list(struct odma_pgtable *pgt, struct scatterlist *sgl,
			     int nents, u64 done)
{
	struct odma_run run = { }, next;
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		if (!sg_dma_len(sg))
			continue;
		next = odma_sg_run(pgt, sg);
		if (run.size && odma_join_runs(&run, &next))
			continue;
		odma_unwind(pgt, run.off, min(run.off + run.size, done));
		/* That one has failed, or comes after it. */
		if (next.off < run.off + run.size || next.off >= done)
			return;
		run = next;
	}
	odma_unwind(pgt, run.off, min(run.off + run.size, done));
}

/* Entries that a list holds at once: few enough to waste, many to share. */
#define ODMA_LIST_AHEAD	32

/**
 * odma_pgtable_map_sg() - map a scatterlist in one walk
 * @pgt: the tables
 * @sgl: the list; of each entry, sg_dma_address() says where its memory is to
 *	be mapped and sg_dma_len() how much of it (0: nothing). Addresses
 *	ascend; memory and address have the same offset in a granule, and what
 *	else is in the first and last granule is mapped with it.
 * @nents: its entries
 * @prot: ODMA_READ, ...
 * @gfp: how to allocate tables
 *
 * Neighbours in both spaces are mapped as one piece.
 *
 * Context: any that @gfp allows. Source: seeds page dma-map-sg.md.
 *
 * Return: as odma_pgtable_map(); -EINVAL also for addresses that don't ascend.
 */
int odma_pgtable_map_sg(struct odma_pgtable *pgt, struct scatterlist *sgl,
			int nents, unsigned int prot, gfp_t gfp)
{
	struct odma_cursor cur;
	int ret;

	if (unlikely(!odma_prot_is_sane(prot)))
		return -EINVAL;
	odma_cursor_init(&cur, pgt, 0, prot, gfp, ODMA_LIST_AHEAD);
	ret = odma_map_list(&cur, sgl, nents);
	odma_cursor_end(&cur);
	if (unlikely(ret))
		odma_unwind_list(pgt, sgl, nents, cur.done);
	/* As in odma_pgtable_map(). */
	wmb();
	return ret;
}
EXPORT_SYMBOL_GPL(odma_pgtable_map_sg);
