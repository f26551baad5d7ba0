// SPDX-License-Identifier: GPL-2.0
/*
 * Giving back the tables that nothing uses.
 *
 * Not done when the last entry of a table goes: that table is likely to be used
 * again at once, and hardware would have to forget the way to it each time. See
 * pgtable.h for how a table can be retired under running mappers.
 */
#include <linux/export.h>
#include <linux/rcupdate.h>
#include "pgtable.h"

/* How many are retired before hardware is told to forget them. */
#define ODMA_BATCH	32

/*
 * struct odma_retired - a slot made invalid
 * @slot:	of the retired table
 * @desc:	what it holds
 * @parent:	slot of the table that has it
 * @level:	of the retired table
 */
struct odma_retired {
	u64 *slot;
	u64 desc;
	u64 *parent;
	unsigned int level;
};

struct odma_reclaimer {
	struct odma_pgtable *pgt;
	struct odma_retired batch[ODMA_BATCH];
	unsigned int n;
	u64 first;
	u64 last;
	unsigned int freed;
};

/* Is there really nothing in a table that counts no entries? */
static bool odma_is_clear(const struct odma_pgtable *pgt, u64 desc,
			  unsigned int level)
{
	const u64 *table = odma_desc_table(pgt, desc);
	unsigned int i, n = odma_entries(pgt, level);

	for (i = 0; i < n; i++)
		if (READ_ONCE(table[i]))
			return false;
	return true;
}

/*
 * Empty the slot of a retired table, if no mapper has brought it back; one that
 * has something in it after all is. Under the lock, so that who makes room for
 * a block sees the slot and what is counted above it change as one.
 */
static bool odma_unlink_retired(struct odma_pgtable *pgt,
				const struct odma_retired *t)
{
	bool clear = odma_is_clear(pgt, t->desc, t->level);
	u64 then = clear ? 0 : t->desc | ODMA_DESC_VALID;
	unsigned long flags;
	bool done;

	raw_spin_lock_irqsave(&pgt->change_lock, flags);
	done = cmpxchg(t->slot, t->desc, then) == t->desc;
	if (done && clear)
		odma_unhold(pgt, t->parent, 1);
	raw_spin_unlock_irqrestore(&pgt->change_lock, flags);
	if (done && !clear)
		odma_clean(pgt, t->slot, 1);
	return done && clear;
}

/* Hardware forgets them; those that no mapper has brought back are unlinked. */
static void odma_finish_batch(struct odma_reclaimer *r)
{
	struct odma_pgtable *pgt = r->pgt;
	struct odma_retired *t;

	if (!r->n)
		return;
	odma_flush(pgt, r->first, r->last - r->first + 1, 1UL << pgt->shift,
		   true);
	for (t = r->batch; t < r->batch + r->n; t++) {
		if (!odma_unlink_retired(pgt, t))
			continue;
		odma_clean(pgt, t->slot, 1);
		llist_add((struct llist_node *)odma_desc_table(pgt, t->desc),
			  &pgt->dead);
		r->freed++;
	}
	r->n = 0;
}

static void odma_add_to_batch(struct odma_reclaimer *r, u64 *slot, u64 desc,
			      u64 *parent, u64 off, unsigned int level)
{
	u64 size = odma_level_size(r->pgt, level);

	if (!r->n || r->first > off)
		r->first = off;
	if (!r->n || r->last < off + size - 1)
		r->last = off + size - 1;
	r->batch[r->n++] = (struct odma_retired){
		slot, desc, parent, level + 1
	};
	if (r->n == ODMA_BATCH)
		odma_finish_batch(r);
}

static void odma_retire(struct odma_reclaimer *r, u64 *slot, u64 *parent,
			u64 off, unsigned int level)
{
	struct odma_pgtable *pgt = r->pgt;
	u64 desc = READ_ONCE(*slot), retired;
	unsigned long flags;
	bool done;

	if (!odma_is_table(desc, level) || odma_desc_count(desc) ||
	    !odma_is_clear(pgt, desc, level + 1))
		return;
	/* Whoever brings it back has to sync it again. */
	retired = desc & ~(ODMA_DESC_VALID | ODMA_DESC_SYNCED);
	/* The slot may be in a table that gives way to a block: odma_bury(). */
	raw_spin_lock_irqsave(&pgt->change_lock, flags);
	done = cmpxchg(slot, desc, retired) == desc;
	raw_spin_unlock_irqrestore(&pgt->change_lock, flags);
	if (!done)
		return;
	odma_clean(pgt, slot, 1);
	odma_add_to_batch(r, slot, retired, parent, off, level);
}

/*
 * Children before parents. Only the reclaimer frees tables, so it may look at
 * them without anything; how many entries of a last table are used its slot
 * says, so those are not looked at. As deep as there are levels.
 */
static void odma_reclaim_table(struct odma_reclaimer *r, u64 *table, u64 *slot,
			       u64 off, unsigned int level)
{
	struct odma_pgtable *pgt = r->pgt;
	unsigned int i, n = odma_entries(pgt, level);

	for (i = 0; i < n; i++) {
		u64 desc = READ_ONCE(table[i]);

		if (odma_is_table(desc, level)) {
			if (level + 1 < ODMA_LAST_LEVEL)
				odma_reclaim_table(r,
						   odma_desc_table(pgt, desc),
						   &table[i], off, level + 1);
			odma_retire(r, &table[i], slot, off, level);
		}
		off += odma_level_size(pgt, level);
	}
}

/* Is there nothing but tables without use? As deep as there are levels. */
static bool odma_is_unused(const struct odma_pgtable *pgt, u64 desc,
			   unsigned int level)
{
	u64 *table;
	unsigned int i;

	if (!desc)
		return true;
	if (level == ODMA_LAST_LEVEL || odma_is_leaf(desc, level))
		return false;
	if (!odma_desc_count(desc))
		return odma_is_clear(pgt, desc, level + 1);
	if (level + 1 == ODMA_LAST_LEVEL)
		return false;
	table = odma_desc_table(pgt, desc);
	for (i = 0; i < odma_entries(pgt, level + 1); i++)
		if (!odma_is_unused(pgt, READ_ONCE(table[i]), level + 1))
			return false;
	return true;
}

/*
 * Empty an entry that leads to unused tables, and put these on @list. False
 * where one is in use after all.
 */
static bool odma_unlink(struct odma_pgtable *pgt, u64 *slot, u64 *entry,
			unsigned int level, struct llist_head *list)
{
	u64 desc = READ_ONCE(*entry), *table;
	unsigned int i;

	if (!desc)
		return true;
	if (odma_is_leaf(desc, level))
		return false;
	table = odma_desc_table(pgt, desc);
	for (i = 0; odma_desc_count(desc) && level + 1 < ODMA_LAST_LEVEL &&
	     i < odma_entries(pgt, level + 1); i++)
		if (!odma_unlink(pgt, entry, &table[i], level + 1, list))
			return false;
	desc = READ_ONCE(*entry);
	do {
		if (!desc)
			return true;
		if (odma_is_leaf(desc, level) || odma_desc_count(desc) ||
		    !odma_is_clear(pgt, desc, level + 1))
			return false;
	} while (!try_cmpxchg(entry, &desc, 0));
	odma_clean(pgt, entry, 1);
	odma_unhold(pgt, slot, 1);
	llist_add((struct llist_node *)table, list);
	return true;
}

/*
 * Leave unlinked tables to the reclaimer. It may just be looking whether a slot
 * in one of them is as it was before: so both change their words under the lock
 * only.
 */
static void odma_bury(struct odma_pgtable *pgt, struct llist_head *list)
{
	struct llist_node *node, *next;
	unsigned long flags;

	raw_spin_lock_irqsave(&pgt->change_lock, flags);
	for (node = llist_del_all(list); node; node = next) {
		next = node->next;
		llist_add(node, &pgt->dead);
	}
	raw_spin_unlock_irqrestore(&pgt->change_lock, flags);
}

/**
 * odma_drop_unused() - make room for blocks where unused tables are
 * @pgt: the tables
 * @off: the first block's offset
 * @slot: of the table where they go, held
 * @entry: the first one's entry
 * @n: how many
 * @level: their level
 *
 * Hardware may remember the way to the tables, and a block there would clash
 * with that: so it is flushed here.
 *
 * Context: any.
 *
 * Return: false where anything is mapped.
 */
bool odma_drop_unused(struct odma_pgtable *pgt, u64 off, u64 *slot,
		      u64 *entry, unsigned int n, unsigned int level)
{
	u64 size = odma_level_size(pgt, level);
	struct llist_head list;
	unsigned long flags;
	bool room = true;
	unsigned int i;

	init_llist_head(&list);
	rcu_read_lock();
	for (i = 0; room && i < n; i++)
		room = odma_is_unused(pgt, READ_ONCE(entry[i]), level);
	raw_spin_lock_irqsave(&pgt->change_lock, flags);
	for (i = 0; room && i < n; i++)
		room = odma_unlink(pgt, slot, &entry[i], level, &list);
	raw_spin_unlock_irqrestore(&pgt->change_lock, flags);
	rcu_read_unlock();
	if (!llist_empty(&list)) {
		odma_flush(pgt, off, n * size, 1UL << pgt->shift, true);
		odma_bury(pgt, &list);
	}
	return room;
}

/* After this no CPU looks at them. */
void odma_free_dead(struct odma_pgtable *pgt)
{
	struct llist_node *node = llist_del_all(&pgt->dead), *next;

	if (!node)
		return;
	synchronize_rcu();
	for (; node; node = next) {
		next = node->next;
		odma_free_table(pgt, (u64 *)node, ODMA_LAST_LEVEL);
	}
}

/**
 * odma_pgtable_reclaim() - free the tables that nothing uses
 * @pgt: the tables
 *
 * Others may map and unmap meanwhile. What hardware remembers of the way to
 * the tables is invalidated before they are freed.
 *
 * Context: process context, may sleep.
 *
 * Return: how many tables went.
 */
unsigned int odma_pgtable_reclaim(struct odma_pgtable *pgt)
{
	struct odma_reclaimer r = { .pgt = pgt };
	unsigned int before;

	mutex_lock(&pgt->reclaim);
	/* Tables that lead to nothing but unused ones go in the next round. */
	do {
		before = r.freed;
		odma_reclaim_table(&r, pgt->first, &pgt->root, 0, pgt->start);
		odma_finish_batch(&r);
	} while (r.freed != before);
	odma_free_dead(pgt);
	mutex_unlock(&pgt->reclaim);
	return r.freed;
}
EXPORT_SYMBOL_GPL(odma_pgtable_reclaim);
