// SPDX-License-Identifier: GPL-2.0
/*
 * Pools: slots out of their areas, or out of one that is made at once.
 *
 * Every CPU begins its search at an area of its own, so that two of them seldom
 * want the same lock, and goes on to the others. On a machine of several nodes
 * the areas on the device's node come before that, and new ones are made there.
 */
#define pr_fmt(fmt) "odma-swiotlb: " fmt

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include "../direct/direct.h"
#include "pool.h"

/*
 * What is made at once is no more than this, unless it is needed: most kernels
 * clear it, where nothing may wait.
 */
#define ODMA_AT_ONCE	((size_t)SZ_512K)

/* All of an area, seen by a device. */
static bool odma_area_reaches(const struct odma_area *area, struct device *dev,
			      u64 limit)
{
	return odma_direct_reaches(odma_phys_to_dma(dev, area->begin),
				   area->bytes, limit) &&
	       odma_direct_in_one_range(dev, area->begin, area->bytes);
}

/*
 * Alignment and boundaries are matters of the device's addresses. Behind a bus
 * that shifts them, those of an area do if they are off by whole words, or by
 * what the mapping asks for.
 */
static noinline bool odma_area_fits(const struct odma_area *area,
				    struct device *dev,
				    const struct odma_bounce_request *req,
				    struct odma_slots_want *want)
{
	u64 addr = odma_phys_to_dma(dev, area->begin);
	u64 off = addr - area->begin;
	u64 unit = want->boundary ? (u64)req->boundary + 1 : 1;

	/* The large ones, which no area crosses as long as nothing is off. */
	if (!want->boundary &&
	    (addr ^ (addr + area->bytes - 1)) & ~(u64)req->boundary)
		return false;
	want->shift = off / ODMA_WORD_BYTES % ODMA_AREA_WORDS;
	return !(off & (ODMA_WORD_BYTES - 1)) ||
	       !((off & (unit - 1)) | (off & req->align));
}

/* Where the device's addresses are translated, memory may be anywhere. */
static bool odma_area_serves(const struct odma_area *area, struct device *dev,
			     const struct odma_bounce_request *req,
			     struct odma_slots_want *want)
{
	return unlikely(req->granule) ||
	       (odma_area_reaches(area, dev, req->limit) &&
		(likely(!dev->dma_range_map) ||
		 odma_area_fits(area, dev, req, want)));
}

/**
 * odma_pool_reaches() - could a device be given any of a pool's memory?
 * @pool: the pool
 * @dev: the device
 * @limit: the last DMA address that the device may be given
 *
 * If not, more of the same won't do.
 *
 * Context: any.
 */
bool odma_pool_reaches(struct odma_bounce_pool *pool, struct device *dev,
		       u64 limit)
{
	struct odma_area_list *list;
	bool reaches = false;
	unsigned int i;

	rcu_read_lock();
	list = rcu_dereference(pool->areas);
	for (i = 0; list && i < list->count && !reaches; i++)
		reaches = odma_area_reaches(list->area[i], dev, limit);
	rcu_read_unlock();
	return reaches;
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

/* Is there a place in an empty area, between two boundaries? */
static bool odma_in_bounds(const struct odma_slots_want *want)
{
	unsigned int boundary = want->boundary;

	return want->phase + want->count <= ODMA_AREA_MAX >> ODMA_SLOT_SHIFT &&
	       (likely(!boundary) ||
		want->phase % boundary + want->count <= boundary);
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
	want->shift = 0;
	return (want->stride <= ODMA_WORD_SLOTS || req->align_to) &&
	       req->boundary >= ODMA_SLOT_SIZE - 1 &&
	       odma_in_bounds(want);
}

/* One more mapping in an area, if there is room. */
static __always_inline struct odma_bounced *
odma_take_in(struct odma_area *area, const struct odma_slots_want *want)
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
static __always_inline struct odma_bounced *
odma_take_any(struct odma_bounce_pool *pool, struct device *dev,
	      const struct odma_bounce_request *req,
	      struct odma_slots_want *want, struct odma_area **taken)
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
			    !odma_area_serves(area, dev, req, want))
				continue;
			b = odma_take_in(area, want);
			*taken = area;
			if (b)
				return b;
		}
	}
	return NULL;
}

/* As much as the mapping needs, to be there wherever the area is. */
static size_t odma_least_bytes(const struct odma_slots_want *want)
{
	unsigned int slots = max(want->phase + want->count, want->stride);

	return max_t(size_t, roundup_pow_of_two(slots) * ODMA_SLOT_SIZE,
		     PAGE_SIZE);
}

/* An area of at least so much; more of it where the pool has much. */
static struct odma_area *odma_area_at_once(struct odma_bounce_pool *pool,
					   size_t least, int nid, gfp_t gfp)
{
	size_t size = atomic_long_read(&pool->bytes);
	struct odma_area *area;

	size = rounddown_pow_of_two(size | PAGE_SIZE) / 8;
	size = max(clamp(size, ODMA_WORD_BYTES, ODMA_AT_ONCE), least);
	area = odma_plan_area(pool, size, nid, gfp);
	/* Less than a word is for want of memory, not of room. */
	while (IS_ERR(area) && size > least &&
	       (size > ODMA_WORD_BYTES || PTR_ERR(area) != -ENOSPC)) {
		size /= 2;
		area = odma_plan_area(pool, size, nid, gfp);
	}
	return IS_ERR(area) ? NULL : area;
}

/*
 * The worker was not fast enough. Whoever comes after this one finds room in
 * the new area, too. May be in atomic context, so it takes luck.
 */
static struct odma_bounced *
odma_take_new(struct odma_bounce_pool *pool, struct device *dev,
	      const struct odma_bounce_request *req,
	      struct odma_slots_want *want, struct odma_area **taken)
{
	gfp_t gfp = req->gfp ? req->gfp | __GFP_NORETRY : GFP_NOWAIT;
	size_t least = odma_least_bytes(want);
	struct odma_bounced *b = NULL;
	struct odma_area *area;

	if (least > ODMA_AREA_MAX)
		return NULL;
	area = odma_area_at_once(pool, least, odma_home(dev), gfp);
	if (!area)
		return NULL;
	/* Before others find it. */
	if (odma_area_serves(area, dev, req, want))
		b = odma_take_in(area, want);
	if (!b || odma_list_area(area, gfp)) {
		odma_drop_area(area);
		return NULL;
	}
	atomic_long_inc(&pool->at_once);
	odma_ask_for_more(pool, odma_home(dev));
	*taken = area;
	return b;
}

/* What another CPU has just added counts, too. */
static noinline struct odma_bounced *
odma_take_hard(struct odma_bounce_pool *pool, struct device *dev,
	       const struct odma_bounce_request *req,
	       struct odma_slots_want *want, struct odma_area **taken)
{
	struct odma_bounced *b;

	if (!req->granule && !odma_pool_reaches(pool, dev, req->limit))
		return NULL;
	b = odma_take_new(pool, dev, req, want, taken);
	if (b)
		return b;
	if (req->gfp & __GFP_FS)
		odma_wait_for_more(pool);
	rcu_read_lock();
	b = odma_take_any(pool, dev, req, want, taken);
	rcu_read_unlock();
	return b;
}

static void odma_count_used(struct odma_bounce_pool *pool, struct device *dev,
			    unsigned int count)
{
	long used = atomic_long_add_return_relaxed(count, &pool->used);
	long high = atomic_long_read(&pool->high_water);

	while (unlikely(used > high) &&
	       !atomic_long_try_cmpxchg(&pool->high_water, &high, used))
		;
	/* Early enough for the worker to be faster than the next mappings. */
	if (unlikely((u64)used * ODMA_SLOT_SIZE * 4 >
		     (u64)atomic_long_read(&pool->bytes) * 3))
		odma_ask_for_more(pool, odma_home(dev));
}

/**
 * odma_share_of() - how much of a pool may one device have?
 * @pool: the pool
 * @client: the device
 *
 * Return: slots.
 */
unsigned long odma_share_of(const struct odma_bounce_pool *pool,
			    const struct odma_client *client)
{
	unsigned long own = READ_ONCE(client->share);

	return own && pool->share != ULONG_MAX ? own : pool->share;
}

/* On its account, unless that would be too much. */
static bool odma_charge(const struct odma_bounce_pool *pool,
			struct odma_client *client, unsigned int count)
{
	unsigned long used = atomic_long_add_return_relaxed(count,
							    &client->used);

	if (likely(used <= odma_share_of(pool, client)))
		return true;
	atomic_long_sub(count, &client->used);
	return false;
}

static void odma_fail(struct odma_bounce_pool *pool,
		      enum odma_bounce_failure why)
{
	atomic_long_inc(&pool->failures[why]);
}

/* No area has room, and none could be made. */
static void odma_fail_full(struct odma_bounce_pool *pool, struct device *dev,
			   const struct odma_bounce_request *req,
			   const struct odma_slots_want *want)
{
	size_t bytes = (size_t)want->count << ODMA_SLOT_SHIFT;

	if (bytes > ODMA_AREA_MAX || bytes > pool->limit)
		return odma_fail(pool, ODMA_BOUNCE_TOO_LARGE);
	if (!req->granule && !odma_pool_reaches(pool, dev, req->limit))
		return odma_fail(pool, ODMA_BOUNCE_REACH);
	if (odma_is_full(pool, odma_least_bytes(want)))
		return odma_fail(pool, ODMA_BOUNCE_FULL);
	odma_fail(pool, ODMA_BOUNCE_GROWING);
	odma_ask_for_more(pool, odma_home(dev));
}

/**
 * odma_take_slots() - room for a mapping
 * @pool: where from
 * @dev: which device has to reach it
 * @req: what is needed
 * @bounced: set to the record
 *
 * Context: any; may sleep where the request says so.
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
	if (unlikely(!odma_charge(pool, req->client, want.count))) {
		odma_fail(pool, ODMA_BOUNCE_SHARE);
		return NULL;
	}
	rcu_read_lock();
	b = odma_take_any(pool, dev, req, &want, &area);
	rcu_read_unlock();
	if (unlikely(!b))
		b = odma_take_hard(pool, dev, req, &want, &area);
	if (unlikely(!b)) {
		atomic_long_sub(want.count, &req->client->used);
		odma_fail_full(pool, dev, req, &want);
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
 * @client: that
 *
 * Context: any, in an RCU section: area and pool may go as soon as nothing is
 * taken there.
 */
void odma_give_slots(struct odma_area *area, struct odma_bounced *b,
		     struct odma_client *client)
{
	struct odma_bounce_pool *pool = area->pool;
	unsigned int count;
	unsigned long flags;

	spin_lock_irqsave(&area->lock, flags);
	count = b->count;
	b->count = 0;
	odma_slots_give(&area->slots, b - area->map, count);
	if (!area->slots.used)
		area->idle_since = jiffies;
	spin_unlock_irqrestore(&area->lock, flags);
	atomic_long_sub(count, &pool->used);
	atomic_long_sub(count, &client->used);
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
	pool->share = ULONG_MAX;
	odma_grow_init(pool);
	odma_grow_first(pool, nid);
	if (pool->name && atomic_long_read(&pool->bytes))
		return pool;
	odma_free_bounce_pool(pool);
	return NULL;
}

/* Its device may still write there: the memory stays away from everybody. */
static unsigned int odma_abandon_area(struct odma_area *area)
{
	unsigned int used = area->slots.used;

	odma_forget_area(area);
	kvfree_rcu(area, rcu);
	return used;
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
	unsigned int i, left = 0;

	odma_grow_stop(pool);
	list = rcu_replace_pointer(pool->areas, NULL, true);
	/* Who has given back the last slot may be about to count it. */
	synchronize_rcu();
	for (i = 0; list && i < list->count; i++)
		if (list->area[i]->slots.used)
			left += odma_abandon_area(list->area[i]);
		else
			odma_free_area(list->area[i]);
	if (left)
		pr_warn("%s: %u slots are in use for good, their drivers left them behind\n",
			pool->name, left);
	kfree(list);
	kfree(pool->name);
	kfree(pool);
}
