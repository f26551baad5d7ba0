// SPDX-License-Identifier: GPL-2.0
/*
 * The life of tables: made, held while entries are written, dropped.
 * See pgtable.h for how that works without a lock.
 */
#include <linux/errno.h>
#include <linux/minmax.h>
#include <linux/rcupdate.h>
#include "pgtable.h"

u64 *odma_new_table(struct odma_pgtable *pgt, unsigned int level, gfp_t gfp)
{
	size_t size = odma_table_size(pgt, level);
	u64 *table;

	if (pgt->cfg.alloc)
		table = pgt->cfg.alloc(pgt->cfg.cookie, size, gfp);
	else
		table = odma_table_pages(pgt->cfg.nid, size, gfp);
	if (!table)
		return NULL;
	odma_clean(pgt, table, odma_entries(pgt, level));
	atomic_inc(&pgt->tables);
	return table;
}

/* Nobody, neither CPU nor hardware, may find it any more. */
void odma_free_table(struct odma_pgtable *pgt, u64 *table, unsigned int level)
{
	size_t size = odma_table_size(pgt, level);

	atomic_dec(&pgt->tables);
	if (pgt->cfg.free)
		pgt->cfg.free(pgt->cfg.cookie, table, size);
	else
		odma_free_table_pages(table, size);
}

/*
 * Whoever first follows a slot has to know that a walker without a view of the
 * caches can follow it, too: the CPU that wrote it may not have come to that.
 */
static noinline void odma_sync_slot(struct odma_pgtable *pgt, u64 *slot)
{
	u64 desc = READ_ONCE(*slot);

	odma_clean(pgt, slot, 1);
	while (odma_desc_type(desc) == ODMA_DESC_TABLE &&
	       !try_cmpxchg(slot, &desc, desc | ODMA_DESC_SYNCED))
		;
}

/*
 * Put the spare table into an empty entry. The table that has the entry is held
 * for it first: an empty entry does not prove that it is still in use.
 */
static int odma_install(struct odma_cursor *cur, const struct odma_place *at)
{
	struct odma_pgtable *pgt = cur->pgt;
	u64 desc = odma_desc_addr(virt_to_phys(cur->spare)) | ODMA_DESC_TABLE;
	int ret = odma_hold(pgt, at->slot, at->table_desc, 1);

	if (ret)
		return ret;
	/* Ordered: the table is zero before anybody finds it. */
	if (cmpxchg(at->entry, 0, desc))
		odma_unhold(pgt, at->slot, 1);
	else
		cur->spare = NULL;
	return 0;
}

/*
 * The walk has to begin again after this, if it returns 0 or -EAGAIN. -ENOMEM:
 * a spare table is missing; -EEXIST: a block is in the way.
 */
static int odma_make_way(struct odma_cursor *cur, struct odma_place *at)
{
	u64 desc = at->desc;

	switch (odma_desc_type(desc)) {
	case ODMA_DESC_TABLE:
		odma_sync_slot(cur->pgt, at->entry);
		return 0;
	case ODMA_DESC_BLOCK:
		return -EEXIST;
	case ODMA_DESC_RETIRED:
		try_cmpxchg(at->entry, &desc, desc | ODMA_DESC_VALID);
		return 0;
	default:
		return cur->spare ? odma_install(cur, at) : -ENOMEM;
	}
}

static int odma_pin(struct odma_cursor *cur, u64 off, unsigned int level,
		    unsigned int n)
{
	struct odma_pgtable *pgt = cur->pgt;
	struct odma_place at;
	int ret;

	do {
		if (likely(odma_walk_down(pgt, off, level, &at)))
			ret = odma_hold(pgt, at.slot, at.table_desc, n) ?: 1;
		else
			ret = odma_make_way(cur, &at);
	} while (!ret || ret == -EAGAIN);
	if (ret < 0)
		return ret;
	cur->slot = at.slot;
	cur->table = at.table;
	return 0;
}

/**
 * odma_cursor_seek() - go to the table where entries are to be written
 * @cur: the mapping
 * @off: the first one's offset
 * @level: the leaves' level
 * @n: how many, at most as many as the table has from there on
 *
 * Return: 0, -EEXIST or -ENOMEM.
 */
int odma_cursor_seek(struct odma_cursor *cur, u64 off, unsigned int level,
		     unsigned int n)
{
	struct odma_pgtable *pgt = cur->pgt;
	int ret;

	odma_cursor_leave(cur);
	n = max(n, cur->ahead);
	for (;;) {
		rcu_read_lock();
		ret = odma_pin(cur, off, level, n);
		rcu_read_unlock();
		if (likely(ret != -ENOMEM))
			break;
		/* Of all tables only the first may differ in size. */
		cur->spare = odma_new_table(pgt, ODMA_LAST_LEVEL, cur->gfp);
		if (!cur->spare)
			return -ENOMEM;
	}
	if (ret)
		return ret;
	cur->held = n;
	cur->level = level;
	cur->window_shift = level == pgt->start ? 63 :
			    odma_level_shift(pgt, level) + pgt->bits;
	cur->window = off >> cur->window_shift;
	return 0;
}

/* Give back what is held and was not written. */
void odma_cursor_leave(struct odma_cursor *cur)
{
	if (cur->table && cur->held)
		odma_unhold(cur->pgt, cur->slot, cur->held);
	cur->table = NULL;
	cur->held = 0;
}

void odma_cursor_end(struct odma_cursor *cur)
{
	odma_cursor_leave(cur);
	/* Another CPU was faster: nobody has seen ours. */
	if (unlikely(cur->spare))
		odma_free_table(cur->pgt, cur->spare, ODMA_LAST_LEVEL);
}
