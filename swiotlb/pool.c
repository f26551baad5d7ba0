// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: slots out of their areas, and more or fewer areas as it takes.
 *
 * Every CPU begins its search at an area of its own, so that two of them seldom
 * want the same lock, and goes on to the others. On a machine of several nodes
 * the areas on the device's node come before that, and new ones are made there.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "../direct/direct.h"
#include "pool.h"

/* The largest area: what the page allocator has in one piece, or 8 MiB. */
#define ODMA_AREA_MAX	min_t(size_t, PAGE_SIZE << ODMA_MAX_ORDER,	\
			      ODMA_AREA_WORDS * ODMA_WORD_BYTES)

/* After a growth that failed, before the next one. */
#define ODMA_GROW_PAUSE	(HZ / 10)

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
					 lockdep_is_held(&pool->mutex));
}

/* The pool's list with one area more (@with), or one less (@without). */
static int odma_change_areas(struct odma_bounce_pool *pool,
			     struct odma_area *with, struct odma_area *without)
{
	struct odma_area_list *old = odma_areas_of(pool), *list;
	unsigned int i, count = old ? old->count : 0;

	list = kzalloc(struct_size(list, area, count + 1), GFP_KERNEL);
	if (!list)
		return -ENOMEM;
	for (i = 0; i < count; i++)
		if (old->area[i] != without)
			list->area[list->count++] = old->area[i];
	if (with)
		list->area[list->count++] = with;
	rcu_assign_pointer(pool->areas, list);
	if (old)
		kfree_rcu(old, rcu);
	return 0;
}

/* Room for @bytes more under the limit is set aside, or isn't there. */
static bool odma_reserve_bytes(struct odma_bounce_pool *pool, size_t bytes)
{
	if (atomic_long_add_return(bytes, &pool->bytes) <= pool->limit)
		return true;
	atomic_long_sub(bytes, &pool->bytes);
	return false;
}

static int odma_add_area(struct odma_bounce_pool *pool, size_t bytes, int nid)
{
	struct odma_area *area;

	if (!odma_reserve_bytes(pool, bytes))
		return -ENOSPC;
	area = odma_new_area(pool, bytes, nid, false,
			     GFP_KERNEL | __GFP_NORETRY);
	if (area && odma_change_areas(pool, area, NULL)) {
		odma_free_area(area);
		area = NULL;
	}
	if (area)
		return 0;
	atomic_long_sub(bytes, &pool->bytes);
	return -ENOMEM;
}

/* The largest area that memory and limit allow. */
static int odma_grow_by(struct odma_bounce_pool *pool, size_t bytes, int nid)
{
	size_t size = min_t(size_t, ODMA_AREA_MAX, rounddown_pow_of_two(bytes));
	int ret = -ENOSPC;

	for (; size >= ODMA_WORD_BYTES; size /= 2) {
		ret = odma_add_area(pool, size, nid);
		if (!ret)
			break;
	}
	return ret;
}

static void odma_grow(struct work_struct *work)
{
	struct odma_bounce_pool *pool =
		container_of(work, struct odma_bounce_pool, grow);

	/* Asked for again while the last attempt was failing. */
	if (time_before(jiffies, READ_ONCE(pool->grow_after)))
		return;
	mutex_lock(&pool->mutex);
	/* As much again as there is: few steps to any size. */
	if (odma_grow_by(pool, max_t(size_t, atomic_long_read(&pool->bytes),
				     ODMA_AREA_MAX),
			 READ_ONCE(pool->grow_nid)) == -ENOMEM) {
		WRITE_ONCE(pool->grow_after, jiffies + ODMA_GROW_PAUSE);
		atomic_long_inc(&pool->grow_failures);
	}
	mutex_unlock(&pool->mutex);
	mod_delayed_work(system_unbound_wq, &pool->shrink, odma_idle());
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
 * @again where one that does not go yet may do so later.
 */
static struct odma_area *odma_idle_area(struct odma_bounce_pool *pool,
					bool *again)
{
	struct odma_area_list *list = odma_areas_of(pool);
	size_t before = 0;
	unsigned int i;

	*again = false;
	for (i = 0; i < list->count; i++) {
		struct odma_area *area = list->area[i];

		if (before >= pool->initial) {
			if (odma_retire_idle(area))
				return area;
			*again |= !area->promised;
		}
		before += area->bytes;
	}
	return NULL;
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
		size_t bytes = area->bytes;

		if (odma_change_areas(pool, NULL, area)) {
			area->retired = false;
			again = true;
			break;
		}
		synchronize_rcu();
		odma_free_area(area);
		atomic_long_sub(bytes, &pool->bytes);
	}
	mutex_unlock(&pool->mutex);
	if (again)
		mod_delayed_work(system_unbound_wq, &pool->shrink, odma_idle());
}

/* All of an area, seen by a device. */
static bool odma_area_reaches(const struct odma_area *area, struct device *dev,
			      u64 limit)
{
	return odma_direct_reaches(odma_phys_to_dma(dev, area->phys),
				   area->bytes, limit) &&
	       odma_direct_in_one_range(dev, area->phys, area->bytes);
}

/* Where the device's addresses are translated, memory may be anywhere. */
static bool odma_area_serves(const struct odma_area *area, struct device *dev,
			     const struct odma_bounce_request *req)
{
	return unlikely(req->granule) ||
	       odma_area_reaches(area, dev, req->limit);
}

/* The buffer's offset in its first unit, of which @least must be kept. */
static unsigned int odma_offset_in(const struct odma_bounce_request *req,
				   unsigned int least, unsigned int unit)
{
	unsigned int offset;

	if (!req->granule)
		return least;
	offset = req->orig & (unit - 1);
	return round_up(offset + req->size, unit) >
	       round_up(least + req->size, unit) ? least : offset;
}

/* Translate bytes into slots; false where no area could ever satisfy it. */
static bool odma_want_slots(const struct odma_bounce_request *req,
			    struct odma_slots_want *want, unsigned int *offset)
{
	unsigned int unit = max(req->granule, ODMA_SLOT_SIZE);
	unsigned int residue = req->orig & req->align, stride;
	size_t bytes;

	*offset = odma_offset_in(req, residue % unit, unit);
	bytes = *offset + req->size;
	if (bytes < req->size || bytes > ODMA_AREA_MAX)
		return false;
	stride = max3(roundup_pow_of_two(req->align + 1U), unit, req->align_to);
	/* What is as large as a page begins at one, as drivers expect. */
	if (req->size >= PAGE_SIZE && !residue)
		stride = max_t(unsigned int, stride, PAGE_SIZE);
	want->count = round_up(bytes, unit) >> ODMA_SLOT_SHIFT;
	want->stride = stride >> ODMA_SLOT_SHIFT;
	want->phase = round_down(residue, unit) >> ODMA_SLOT_SHIFT;
	/* No area crosses a boundary as large as the largest one. */
	want->boundary = 0;
	if (req->boundary < ODMA_AREA_MAX - 1)
		want->boundary = (req->boundary + 1) >> ODMA_SLOT_SHIFT;
	return (want->stride <= ODMA_WORD_SLOTS || req->align_to) &&
	       req->boundary >= ODMA_SLOT_SIZE - 1;
}

/* One more mapping in an area, if there is room. */
static struct odma_bounced *odma_take_in(struct odma_area *area,
					 const struct odma_slots_want *want)
{
	struct odma_bounced *b = NULL;
	unsigned long flags;
	int start = -ENOSPC;

	spin_lock_irqsave(&area->lock, flags);
	if (likely(!area->retired))
		start = odma_slots_take(&area->slots, want);
	if (likely(start >= 0)) {
		b = &area->map[start];
		b->count = want->count;
		area->high_water = max(area->high_water, area->slots.used);
	}
	spin_unlock_irqrestore(&area->lock, flags);
	return b;
}

/* Where a device's buffers should be: with it, or else with the CPU. */
static int odma_home(struct device *dev)
{
	int nid = dev_to_node(dev);

	return nid == NUMA_NO_NODE ? numa_mem_id() : nid;
}

/* The same in all areas: this node's first, this CPU's first of those. */
static struct odma_bounced *odma_take_any(struct odma_bounce_pool *pool,
					  struct device *dev,
					  const struct odma_bounce_request *req,
					  const struct odma_slots_want *want,
					  struct odma_area **taken)
{
	struct odma_area_list *list = rcu_dereference(pool->areas);
	unsigned int class = min_t(unsigned int, ilog2(want->count),
				   ODMA_RUN_CLASSES - 1);
	unsigned int cpu = raw_smp_processor_id(), pass, i;
	bool nodes = nr_node_ids > 1;
	int home = nodes ? odma_home(dev) : NUMA_NO_NODE;
	struct odma_bounced *b;

	if (!list || !list->count)
		return NULL;
	for (pass = !nodes; pass < 2; pass++) {
		unsigned int at = cpu < list->count ? cpu : cpu % list->count;

		for (i = 0; i < list->count; i++) {
			struct odma_area *area = list->area[at];
			bool near = area->nid == home;

			if (++at == list->count)
				at = 0;
			if (nodes && near == pass)
				continue;
			/* Without the lock: what is full is passed by. */
			if (!READ_ONCE(area->slots.has_run[class]) ||
			    !odma_area_serves(area, dev, req))
				continue;
			b = odma_take_in(area, want);
			*taken = area;
			if (b)
				return b;
		}
	}
	return NULL;
}

/* In any context: its memory came from the page allocator without waiting. */
static void odma_free_transient(struct odma_area *area)
{
	struct odma_bounce_pool *pool = area->pool;
	size_t bytes = area->bytes;
	unsigned long flags;

	spin_lock_irqsave(&pool->transient_lock, flags);
	list_del(&area->node);
	spin_unlock_irqrestore(&pool->transient_lock, flags);
	odma_free_area(area);
	atomic_long_sub(bytes, &pool->bytes);
}

/* From here on a report sees it. */
static struct odma_bounced *odma_sign_transient(struct odma_area *area,
						unsigned int count)
{
	struct odma_bounce_pool *pool = area->pool;
	unsigned long flags;

	atomic_long_inc(&pool->transient);
	area->map[0].count = count;
	area->slots.used = count;
	spin_lock_irqsave(&pool->transient_lock, flags);
	list_add(&area->node, &pool->transients);
	spin_unlock_irqrestore(&pool->transient_lock, flags);
	return &area->map[0];
}

/*
 * An area for this mapping alone: as the pool is full, or has none as large.
 * May be in atomic context, so it takes luck.
 */
static struct odma_bounced *
odma_take_transient(struct odma_bounce_pool *pool, struct device *dev,
		    const struct odma_bounce_request *req,
		    const struct odma_slots_want *want,
		    struct odma_area **taken)
{
	size_t bytes = (size_t)(want->phase + want->count) << ODMA_SLOT_SHIFT;
	struct odma_area *area;

	bytes = max(roundup_pow_of_two(bytes), ODMA_WORD_BYTES);
	if (want->boundary || bytes > ODMA_AREA_MAX ||
	    !odma_reserve_bytes(pool, bytes))
		return NULL;
	area = odma_new_area(pool, bytes, odma_home(dev), true, GFP_NOWAIT);
	if (area && odma_area_serves(area, dev, req)) {
		*taken = area;
		return odma_sign_transient(area, want->phase + want->count);
	}
	if (area)
		odma_free_area(area);
	atomic_long_sub(bytes, &pool->bytes);
	return NULL;
}

/*
 * Unless the last attempt was a moment ago, and failed: it may have moved pages
 * all over low memory.
 */
static void odma_ask_for_more(struct odma_bounce_pool *pool, struct device *dev)
{
	if (atomic_long_read(&pool->bytes) + ODMA_WORD_BYTES > pool->limit ||
	    time_before(jiffies, READ_ONCE(pool->grow_after)))
		return;
	WRITE_ONCE(pool->grow_nid, odma_home(dev));
	queue_work(system_unbound_wq, &pool->grow);
}

static void odma_count_used(struct odma_bounce_pool *pool, struct device *dev,
			    unsigned int count)
{
	long used = atomic_long_add_return(count, &pool->used);
	long high = atomic_long_read(&pool->high_water);

	while (unlikely(used > high) &&
	       !atomic_long_try_cmpxchg(&pool->high_water, &high, used))
		;
	/* Early enough for the worker to be faster than the next mappings. */
	if (unlikely((u64)used * ODMA_SLOT_SIZE * 4 >
		     (u64)atomic_long_read(&pool->bytes) * 3))
		odma_ask_for_more(pool, dev);
}

static void odma_fail(struct odma_bounce_pool *pool,
		      enum odma_bounce_failure why)
{
	atomic_long_inc(&pool->failures[why]);
}

/* No area has room, and none could be made. */
static void odma_fail_full(struct odma_bounce_pool *pool, struct device *dev,
			   const struct odma_slots_want *want)
{
	size_t bytes = (size_t)want->count << ODMA_SLOT_SHIFT;

	if (bytes > ODMA_AREA_MAX || bytes > pool->limit)
		return odma_fail(pool, ODMA_BOUNCE_TOO_LARGE);
	if (atomic_long_read(&pool->bytes) + ODMA_WORD_BYTES > pool->limit)
		return odma_fail(pool, ODMA_BOUNCE_FULL);
	odma_fail(pool, ODMA_BOUNCE_GROWING);
	odma_ask_for_more(pool, dev);
}

/**
 * odma_take_slots() - room for a mapping
 * @pool: where from
 * @dev: which device has to reach it
 * @req: what is needed
 * @bounced: set to the record
 *
 * Context: any.
 *
 * Return: the area that the mapping is in, or NULL.
 */
struct odma_area *odma_take_slots(struct odma_bounce_pool *pool,
				  struct device *dev,
				  const struct odma_bounce_request *req,
				  struct odma_bounced **bounced)
{
	struct odma_area *area = NULL;
	struct odma_slots_want want;
	struct odma_bounced *b;
	unsigned int offset;

	if (unlikely(!odma_want_slots(req, &want, &offset))) {
		odma_fail(pool, req->size > ODMA_AREA_MAX ?
			  ODMA_BOUNCE_TOO_LARGE : ODMA_BOUNCE_ALIGN);
		return NULL;
	}
	rcu_read_lock();
	b = odma_take_any(pool, dev, req, &want, &area);
	rcu_read_unlock();
	if (unlikely(!b)) {
		b = odma_take_transient(pool, dev, req, &want, &area);
		offset += want.phase << ODMA_SLOT_SHIFT;
	}
	if (unlikely(!b)) {
		odma_fail_full(pool, dev, &want);
		return NULL;
	}
	b->orig = req->orig;
	b->size = req->size;
	b->offset = offset;
	/* Signed when all else is there: the name makes it a mapping. */
	smp_store_release(&b->client, req->client);
	odma_count_used(pool, dev, b->count);
	*bounced = b;
	return area;
}

/**
 * odma_give_slots() - a mapping is gone
 * @area: the area that it is in
 * @b: the mapping, whose name the caller has taken off
 *
 * Context: any, in an RCU section: area and pool may go as soon as nothing is
 * taken there.
 */
void odma_give_slots(struct odma_area *area, struct odma_bounced *b)
{
	struct odma_bounce_pool *pool = area->pool;
	bool transient = area->transient;
	unsigned int count;
	unsigned long flags;

	spin_lock_irqsave(&area->lock, flags);
	count = b->count;
	b->count = 0;
	if (!transient) {
		odma_slots_give(&area->slots, b - area->map, count);
		if (!area->slots.used)
			area->idle_since = jiffies;
	}
	spin_unlock_irqrestore(&area->lock, flags);
	if (unlikely(transient))
		odma_free_transient(area);
	atomic_long_sub(count, &pool->used);
}

/* The first one of those that are as large. */
static struct odma_area *odma_largest_area(struct odma_bounce_pool *pool,
					   struct device *dev)
{
	struct odma_area_list *list = rcu_dereference(pool->areas);
	u64 limit = odma_direct_limit(dev);
	struct odma_area *largest = NULL;
	unsigned int i;

	for (i = 0; list && i < list->count; i++) {
		struct odma_area *area = list->area[i];

		if (!READ_ONCE(area->retired) &&
		    odma_area_reaches(area, dev, limit) &&
		    (!largest || area->bytes > largest->bytes))
			largest = area;
	}
	return largest;
}

/* It stays from now on, or is on its way out. */
static bool odma_promise(struct odma_area *area)
{
	unsigned long flags;
	bool stays;

	spin_lock_irqsave(&area->lock, flags);
	stays = !area->retired;
	if (stays)
		area->promised = true;
	spin_unlock_irqrestore(&area->lock, flags);
	return stays;
}

/**
 * odma_pool_largest() - the largest buffer that a device can have bounced
 * @pool: the device's pool
 * @dev: the device
 *
 * A driver is told this once, and maps as much ever after: the area stays for
 * as long as the pool does.
 *
 * Context: any.
 *
 * Return: bytes: 0 where the device reaches no area.
 */
size_t odma_pool_largest(struct odma_bounce_pool *pool, struct device *dev)
{
	struct odma_area *area;
	size_t bytes;

	rcu_read_lock();
	do {
		area = odma_largest_area(pool, dev);
	} while (area && !odma_promise(area));
	bytes = area ? area->bytes : 0;
	rcu_read_unlock();
	return bytes;
}

/* As many as it takes; without a home, on one node after the other. */
static void odma_first_areas(struct odma_bounce_pool *pool, int home)
{
	int nid = home, ret = 0;

	mutex_lock(&pool->mutex);
	while (!ret && atomic_long_read(&pool->bytes) < pool->initial) {
		if (home == NUMA_NO_NODE)
			nid = next_node_in(nid, node_states[N_MEMORY]);
		ret = odma_grow_by(pool, pool->initial -
				   atomic_long_read(&pool->bytes), nid);
	}
	mutex_unlock(&pool->mutex);
}

/**
 * odma_new_bounce_pool() - a pool with its first areas
 * @name: for people, copied
 * @reach: no byte of it is beyond this physical address
 * @initial: bytes to begin with, at least one word
 * @limit: bytes that it never exceeds
 * @nid: the NUMA node to begin on, or NUMA_NO_NODE for all of them
 *
 * Context: process context, may sleep.
 *
 * Return: the pool, or NULL where not even the first area could be had.
 */
struct odma_bounce_pool *odma_new_bounce_pool(const char *name,
					      phys_addr_t reach, size_t initial,
					      size_t limit, int nid)
{
	struct odma_bounce_pool *pool = kzalloc(sizeof(*pool), GFP_KERNEL);

	if (!pool)
		return NULL;
	pool->name = kstrdup(name, GFP_KERNEL);
	pool->reach = reach;
	pool->initial = round_up(max(initial, ODMA_WORD_BYTES),
				 ODMA_WORD_BYTES);
	pool->limit = max(limit, pool->initial);
	pool->grow_after = jiffies;
	mutex_init(&pool->mutex);
	INIT_WORK(&pool->grow, odma_grow);
	INIT_DELAYED_WORK(&pool->shrink, odma_shrink);
	INIT_LIST_HEAD(&pool->transients);
	spin_lock_init(&pool->transient_lock);
	odma_first_areas(pool, nid);
	if (pool->name && atomic_long_read(&pool->bytes))
		return pool;
	odma_free_bounce_pool(pool);
	return NULL;
}

/**
 * odma_free_bounce_pool() - give a pool's memory back
 * @pool: no device uses it; nothing is mapped there
 *
 * The memory of areas with slots in use, which a driver left behind, is leaked:
 * its device may still write there.
 *
 * Context: process context, may sleep.
 */
void odma_free_bounce_pool(struct odma_bounce_pool *pool)
{
	struct odma_area_list *list;
	unsigned int i, left;

	cancel_work_sync(&pool->grow);
	cancel_delayed_work_sync(&pool->shrink);
	mutex_lock(&pool->mutex);
	list = odma_areas_of(pool);
	RCU_INIT_POINTER(pool->areas, NULL);
	mutex_unlock(&pool->mutex);
	synchronize_rcu();
	for (i = 0; list && i < list->count; i++)
		if (!list->area[i]->slots.used)
			odma_free_area(list->area[i]);
	left = odma_abandon_areas(pool);
	if (left)
		pr_warn("%s: %u slots are in use for good, their drivers left them behind\n",
			pool->name, left);
	kfree(list);
	kfree(pool->name);
	kfree(pool);
}
