// SPDX-License-Identifier: GPL-2.0
/*
 * Pools become larger, and smaller again.
 *
 * A worker makes room before it is short. A mapping that is faster has an area
 * made at once, which is one like any other from then on. Where memory is in
 * small pieces areas are small, down to a page; these are few, as each is
 * looked at when room is searched for.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include "pool.h"

/* The most areas of less than a word in a pool. */
#define ODMA_PIECES_MAX		64

/* After a growth that failed, before the next one. */
#define ODMA_GROW_PAUSE	(HZ / 10)

/* What waits may try harder, and nobody is killed for it. */
#define ODMA_GFP_GROW	(GFP_KERNEL | __GFP_NORETRY)

static unsigned int idle_ms = 10000;
module_param(idle_ms, uint, 0644);
MODULE_PARM_DESC(idle_ms, "ms that an area is idle before it goes, if its pool can do without it");

static unsigned long odma_idle(void)
{
	return msecs_to_jiffies(max(READ_ONCE(idle_ms), 1U));
}

static struct odma_area_list *odma_areas_of(struct odma_bounce_pool *pool)
{
	return rcu_dereference_protected(pool->areas,
					 lockdep_is_held(&pool->lock));
}

static unsigned int odma_count_areas(struct odma_bounce_pool *pool)
{
	const struct odma_area_list *list;
	unsigned int count;

	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	count = list ? list->count : 0;
	rcu_read_unlock();
	return count;
}

/*
 * The pool's list with one area more (@with), or one less (@without), in @list,
 * which has room for so many. False where that has become too few.
 */
static bool odma_replace_list(struct odma_bounce_pool *pool,
			      struct odma_area_list *list, unsigned int room,
			      struct odma_area *with, struct odma_area *without)
{
	struct odma_area_list *old;
	unsigned int i, count;
	unsigned long flags;
	bool fits;

	spin_lock_irqsave(&pool->lock, flags);
	old = odma_areas_of(pool);
	count = old ? old->count : 0;
	fits = count < room;
	for (i = 0; fits && i < count; i++)
		if (old->area[i] != without)
			list->area[list->count++] = old->area[i];
	if (fits && with)
		list->area[list->count++] = with;
	if (fits)
		rcu_assign_pointer(pool->areas, list);
	spin_unlock_irqrestore(&pool->lock, flags);
	if (fits && old)
		kfree_rcu(old, rcu);
	return fits;
}

static int odma_change_areas(struct odma_bounce_pool *pool,
			     struct odma_area *with, struct odma_area *without,
			     gfp_t gfp)
{
	struct odma_area_list *list = NULL;
	unsigned int room;

	do {
		kfree(list);
		room = odma_count_areas(pool) + 1;
		list = kzalloc(struct_size(list, area, room),
			       gfp | __GFP_NOWARN);
		if (!list)
			return -ENOMEM;
	} while (!odma_replace_list(pool, list, room, with, without));
	return 0;
}

/**
 * odma_plan_area() - an area within the limit that no list has yet
 * @pool: whose it will be
 * @bytes: how much, a power of two from a page to ODMA_AREA_MAX
 * @nid: see odma_new_area()
 * @gfp: see there
 *
 * Return: the area; ERR_PTR(-ENOSPC) where the limit, and ERR_PTR(-ENOMEM)
 * where memory does not allow for it.
 */
struct odma_area *odma_plan_area(struct odma_bounce_pool *pool, size_t bytes,
				 int nid, gfp_t gfp)
{
	bool piece = bytes < ODMA_WORD_BYTES;
	struct odma_area *area = NULL;

	if (atomic_long_add_return(bytes, &pool->planned) > pool->limit) {
		atomic_long_sub(bytes, &pool->planned);
		return ERR_PTR(-ENOSPC);
	}
	if (!piece || atomic_inc_return(&pool->pieces) <= ODMA_PIECES_MAX)
		area = odma_new_area(pool, bytes, nid, gfp);
	if (area)
		return area;
	if (piece)
		atomic_dec(&pool->pieces);
	atomic_long_sub(bytes, &pool->planned);
	return ERR_PTR(-ENOMEM);
}

/**
 * odma_drop_area() - undo odma_plan_area()
 * @area: nothing is mapped there, and no list has it any more, or yet
 *
 * Context: any.
 */
void odma_drop_area(struct odma_area *area)
{
	struct odma_bounce_pool *pool = area->pool;
	size_t bytes = area->bytes;

	odma_free_area(area);
	if (bytes < ODMA_WORD_BYTES)
		atomic_dec(&pool->pieces);
	atomic_long_sub(bytes, &pool->planned);
}

/**
 * odma_list_area() - an area is there to be used by all
 * @area: from odma_plan_area()
 * @gfp: how to allocate
 *
 * Context: any that @gfp allows.
 *
 * Return: 0 or -ENOMEM.
 */
int odma_list_area(struct odma_area *area, gfp_t gfp)
{
	struct odma_bounce_pool *pool = area->pool;
	int ret = odma_change_areas(pool, area, NULL, gfp);

	if (ret)
		return ret;
	atomic_long_add(area->bytes, &pool->bytes);
	/* Looks again later while there is anything that may go. */
	if (pool->shrinks)
		queue_delayed_work(system_unbound_wq, &pool->shrink,
				   odma_idle());
	return 0;
}

static int odma_add_area(struct odma_bounce_pool *pool, size_t bytes, int nid)
{
	struct odma_area *area = odma_plan_area(pool, bytes, nid,
						ODMA_GFP_GROW);

	if (IS_ERR(area))
		return PTR_ERR(area);
	if (!odma_list_area(area, GFP_KERNEL))
		return 0;
	odma_drop_area(area);
	return -ENOMEM;
}

/*
 * The largest area up to @size that memory and limit allow; @size is set to
 * what it has. Less than a word is for want of memory only.
 */
static int odma_grow_by(struct odma_bounce_pool *pool, size_t *size, int nid)
{
	int ret = odma_add_area(pool, *size, nid);

	while (ret && *size > (ret == -ENOSPC ? ODMA_WORD_BYTES : PAGE_SIZE)) {
		*size /= 2;
		ret = odma_add_area(pool, *size, nid);
	}
	return ret;
}

/* As much again as there is, and at least one large area: few steps to any. */
static size_t odma_growth(struct odma_bounce_pool *pool)
{
	size_t more = max_t(size_t, atomic_long_read(&pool->bytes),
			    ODMA_AREA_MAX);
	size_t planned = atomic_long_read(&pool->planned);

	/* Somebody may be about to see that it would be too much. */
	return planned < pool->limit ? min(more, pool->limit - planned) : 0;
}

static void odma_grow(struct work_struct *work)
{
	struct odma_bounce_pool *pool =
		container_of(work, struct odma_bounce_pool, grow);
	size_t more, size = ODMA_AREA_MAX;
	int ret = 0;

	/* Asked for again while the last attempt was failing. */
	if (time_before(jiffies, READ_ONCE(pool->grow_after)))
		return;
	mutex_lock(&pool->mutex);
	for (more = odma_growth(pool); more >= ODMA_WORD_BYTES; more -= size) {
		size = min(size, rounddown_pow_of_two(more));
		ret = odma_grow_by(pool, &size, READ_ONCE(pool->grow_nid));
		if (ret)
			break;
	}
	mutex_unlock(&pool->mutex);
	if (ret != -ENOMEM)
		return;
	WRITE_ONCE(pool->grow_after, jiffies + ODMA_GROW_PAUSE);
	atomic_long_inc(&pool->grow_failures);
}

/**
 * odma_is_full() - does its limit keep a pool from having more?
 * @pool: the pool
 * @bytes: how much more, in one piece; a word at least
 *
 * Context: any.
 */
bool odma_is_full(struct odma_bounce_pool *pool, size_t bytes)
{
	return atomic_long_read(&pool->bytes) + max(bytes, ODMA_WORD_BYTES) >
	       pool->limit;
}

/**
 * odma_wait_for_more() - until the worker is through, if it is at work
 * @pool: the pool
 *
 * What it is about to have is no longer anybody else's to make.
 *
 * Context: process context, may sleep; not from where memory is made free.
 */
void odma_wait_for_more(struct odma_bounce_pool *pool)
{
	flush_work(&pool->grow);
}

/**
 * odma_ask_for_more() - have the worker make a pool larger
 * @pool: the pool
 * @nid: the NUMA node that has too little
 *
 * Unless the last attempt was a moment ago, and failed: it may have moved pages
 * all over low memory.
 *
 * Context: any.
 */
void odma_ask_for_more(struct odma_bounce_pool *pool, int nid)
{
	if (atomic_long_read(&pool->planned) + ODMA_WORD_BYTES > pool->limit ||
	    time_before(jiffies, READ_ONCE(pool->grow_after)))
		return;
	WRITE_ONCE(pool->grow_nid, nid);
	queue_work(system_unbound_wq, &pool->grow);
}

static bool odma_retire_idle(struct odma_area *area)
{
	spin_lock_irq(&area->lock);
	area->retired = !area->slots.used && !area->promised &&
			time_after(jiffies, area->idle_since + odma_idle());
	spin_unlock_irq(&area->lock);
	return area->retired;
}

/*
 * Those that the pool began with stay: they are the first in the list. Sets
 * @again where one that does not go yet may do so later. With the mutex held:
 * the list may be replaced, but none of it goes.
 */
static struct odma_area *odma_idle_area(struct odma_bounce_pool *pool,
					bool *again)
{
	struct odma_area *area, *idle = NULL;
	struct odma_area_list *list;
	size_t before = 0;
	unsigned int i;

	*again = false;
	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count && !idle; i++) {
		area = list->area[i];
		if (before >= pool->initial) {
			if (odma_retire_idle(area))
				idle = area;
			else
				*again |= !area->promised;
		}
		before += area->bytes;
	}
	rcu_read_unlock();
	return idle;
}

static void odma_shrink(struct work_struct *work)
{
	struct odma_bounce_pool *pool = container_of(to_delayed_work(work),
						     struct odma_bounce_pool,
						     shrink);
	struct odma_area *area;
	bool again;

	mutex_lock(&pool->mutex);
	while ((area = odma_idle_area(pool, &again))) {
		if (odma_change_areas(pool, NULL, area, GFP_KERNEL)) {
			area->retired = false;
			again = true;
			break;
		}
		atomic_long_sub(area->bytes, &pool->bytes);
		synchronize_rcu();
		odma_drop_area(area);
	}
	mutex_unlock(&pool->mutex);
	if (again)
		queue_delayed_work(system_unbound_wq, &pool->shrink,
				   odma_idle());
}

/**
 * odma_grow_first() - what a pool begins with
 * @pool: the pool, new
 * @home: on which NUMA node; NUMA_NO_NODE for one after the other
 *
 * As much of it as there is memory for.
 *
 * Context: process context, may sleep.
 */
void odma_grow_first(struct odma_bounce_pool *pool, int home)
{
	size_t have, size = ODMA_AREA_MAX;
	int nid = home, ret = 0;

	while (!ret) {
		have = atomic_long_read(&pool->bytes);
		if (have >= pool->initial)
			break;
		if (home == NUMA_NO_NODE)
			nid = next_node_in(nid, node_states[N_MEMORY]);
		size = min(size, rounddown_pow_of_two(pool->initial - have));
		ret = odma_grow_by(pool, &size, nid);
	}
	pool->shrinks = true;
}

void odma_grow_init(struct odma_bounce_pool *pool)
{
	pool->grow_after = jiffies;
	mutex_init(&pool->mutex);
	spin_lock_init(&pool->lock);
	INIT_WORK(&pool->grow, odma_grow);
	INIT_DELAYED_WORK(&pool->shrink, odma_shrink);
}

/* Nobody maps there any more, so nobody asks for more. */
void odma_grow_stop(struct odma_bounce_pool *pool)
{
	pool->shrinks = false;
	cancel_work_sync(&pool->grow);
	cancel_delayed_work_sync(&pool->shrink);
}
