/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the bounce-buffer backend share.
 *
 *   odma_area         memory that buffers are copied to, cut into slots
 *   odma_bounce_pool  areas that grow and shrink together
 *   odma_bounced      one mapping: where its own memory is, and whose it is
 *   odma_bouncer      one device: which pool, which limits
 *
 * A pool's list of areas is read under RCU, and replaced in any context, under
 * a lock; its mutex is for who makes room or takes it away over a while. An
 * area's lock guards its slots and what is mapped there. A live mapping keeps
 * its area.
 */
#ifndef _ODMA_SWIOTLB_POOL_H
#define _ODMA_SWIOTLB_POOL_H

#include <linux/atomic.h>
#include <linux/dma-direction.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include <odma/backend.h>
#include "slots.h"

struct odma_area;
struct odma_bounce_pool;
struct odma_client;

/**
 * struct odma_bounced - one mapping, at the index of its first slot
 * @orig:	the driver's memory
 * @client:	whose it is
 * @size:	bytes
 * @count:	slots
 * @offset:	from the first slot's beginning to the buffer's, bytes
 */
struct odma_bounced {
	phys_addr_t orig;
	struct odma_client *client;
	u32 size;
	u32 offset;
	u16 count;
};

/* The bytes of a slot that may be other than 0: [from, to) */
struct odma_dirt {
	u16 from;
	u16 to;
};

/**
 * struct odma_area - memory that buffers are copied to
 * @sibling:	another area in the same word, or NULL
 * @pool:	whose it is
 * @phys:	what slots count from, a multiple of ODMA_WORD_BYTES
 * @cpu:	the same, for the CPU
 * @begin:	where its memory begins: at @phys, or further on in that word
 * @bytes:	a power of two
 * @nid:	the memory's NUMA node
 * @rcu:	to free it
 * @idle_since:	jiffies when its last slot became free
 * @lock:	guards what follows; taken in any context
 * @retired:	nothing is taken from it any more
 * @promised:	a driver was told that it may map as much in one piece
 * @slots:	which are free
 * @high_water:	the most slots that were ever taken
 * @dirt:	of each slot; whoever has taken the slot changes it
 * @map:	the mappings
 */
struct odma_area {
	struct odma_area *sibling;
	struct odma_bounce_pool *pool;
	phys_addr_t phys;
	void *cpu;
	phys_addr_t begin;
	size_t bytes;
	int nid;
	struct rcu_head rcu;
	unsigned long idle_since;
	spinlock_t lock; /* any context */
	bool retired;
	bool promised;
	struct odma_slots slots;
	unsigned int high_water;
	struct odma_dirt *dirt;
	struct odma_bounced map[];
};

/**
 * struct odma_area_list - a pool's areas, replaced as a whole
 * @rcu:	to free it
 * @count:	how many
 * @area:	them
 */
struct odma_area_list {
	struct rcu_head rcu;
	unsigned int count;
	struct odma_area *area[];
};

/* Why a mapping got no slots. */
enum odma_bounce_failure {
	ODMA_BOUNCE_FULL,	/* and the limit is reached */
	ODMA_BOUNCE_GROWING,	/* more is on its way */
	ODMA_BOUNCE_TOO_LARGE,	/* no area is as large */
	ODMA_BOUNCE_ALIGN,	/* alignment and boundary contradict */
	ODMA_BOUNCE_REACH,	/* the device reaches none of them */
	ODMA_BOUNCE_SHARE,	/* the device has as much as it may have */
	ODMA_BOUNCE_FAILURES
};

/**
 * struct odma_bounce_pool - areas that grow and shrink together
 * @node:	in the list of all pools
 * @name:	for people
 * @reach:	no byte of it is beyond this physical address
 * @initial:	bytes that it never falls below
 * @limit:	bytes that it never exceeds
 * @share:	slots of it that one device may have at most
 * @mutex:	one at a time makes it larger or smaller over a while
 * @lock:	guards the changes of @areas
 * @areas:	the list
 * @bytes:	in all areas
 * @planned:	the same, with those that are being made: what @limit is for
 * @pieces:	areas of less than a word
 * @used:	slots that are taken
 * @high_water:	the most that were since it was last reset
 * @at_once:	areas that a mapping had to make, ever
 * @failures:	mappings that failed, by reason
 * @grow:	makes it larger
 * @grow_nid:	the NUMA node that had too little
 * @grow_after:	jiffies; not before that
 * @grow_failures: how often there was no memory for that
 * @shrink:	gives back what was idle
 * @shrinks:	it has what it began with, and what comes now may go
 * @files:	its folder in sysfs, or NULL
 */
struct odma_bounce_pool {
	struct list_head node;
	char *name;
	phys_addr_t reach;
	size_t initial;
	size_t limit;
	unsigned long share;
	struct mutex mutex; /* growing and shrinking */
	spinlock_t lock; /* changes of areas, any context */
	struct odma_area_list __rcu *areas;
	atomic_long_t bytes;
	atomic_long_t planned;
	atomic_t pieces;
	atomic_long_t used;
	atomic_long_t high_water;
	atomic_long_t at_once;
	atomic_long_t failures[ODMA_BOUNCE_FAILURES];
	struct work_struct grow;
	int grow_nid;
	unsigned long grow_after;
	atomic_long_t grow_failures;
	struct delayed_work shrink;
	bool shrinks;
	struct kobject *files;
};

/**
 * struct odma_client - a device that has bounced
 * @node:	in the list of them, which is only added to
 * @used:	slots that it has now, of all pools
 * @share:	those that it may have of shared pools, or 0 for what these say
 * @held:	slots of the pool that is being reported on
 * @gone:	it has been made to leave what it holds: a device of that name
 *		is another client from now on
 * @bus:	name of the device's bus, as much as is needed to tell
 * @driver:	of the driver that was bound last
 * @device:	name
 *
 * Names, not pointers: it is asked who holds slots when the holder is gone.
 */
struct odma_client {
	struct list_head node;
	atomic_long_t used;
	unsigned long share;
	u64 held;
	bool gone;
	char bus[16];
	char driver[32];
	char device[];
};

/* What is allocated, and not mapped, has no memory of the driver's. */
#define ODMA_NO_ORIG	PHYS_ADDR_MAX

/**
 * struct odma_bounce_request - what a mapping needs
 * @client:	whose it is, for the record
 * @orig:	the driver's memory
 * @size:	bytes, not 0
 * @limit:	the last DMA address that the device may be given
 * @align:	bits of @orig that the slot's address must have as well
 * @align_to:	what the address must be a multiple of, with @align 0; less than
 *		twice the size if it is more than a word. Or 0
 * @granule:	0, or the page size of what translates the device: the slots are
 *		whole such pages, anywhere in memory, and @orig's offset in one
 *		is kept where that takes no page more
 * @boundary:	which boundary the buffer must not cross, less one
 * @gfp:	with what memory may be had for it, or 0 where nothing may sleep
 */
struct odma_bounce_request {
	struct odma_client *client;
	phys_addr_t orig;
	size_t size;
	u64 limit;
	unsigned int align;
	unsigned int align_to;
	unsigned int granule;
	unsigned long boundary;
	gfp_t gfp;
};

/* The largest area: what the page allocator has in one piece, or 8 MiB. */
#define ODMA_AREA_MAX	min_t(size_t, PAGE_SIZE << ODMA_MAX_ORDER,	\
			      ODMA_AREA_WORDS * ODMA_WORD_BYTES)

/* area.c */
struct odma_area *odma_new_area(struct odma_bounce_pool *pool, size_t bytes,
				int nid, gfp_t gfp);
void odma_free_area(struct odma_area *area);
void odma_forget_area(struct odma_area *area);
struct odma_area *odma_area_at(phys_addr_t phys);
struct odma_bounced *odma_bounced_at(struct odma_area *area, phys_addr_t phys);
int odma_areas_init(void);
void odma_areas_exit(void);

static inline phys_addr_t odma_bounced_phys(const struct odma_area *area,
					    const struct odma_bounced *b)
{
	return area->phys + ((b - area->map) << ODMA_SLOT_SHIFT) + b->offset;
}

/* grow.c */
struct odma_area *odma_plan_area(struct odma_bounce_pool *pool, size_t bytes,
				 int nid, gfp_t gfp);
void odma_drop_area(struct odma_area *area);
int odma_list_area(struct odma_area *area, gfp_t gfp);
void odma_grow_first(struct odma_bounce_pool *pool, int home);
void odma_ask_for_more(struct odma_bounce_pool *pool, int nid);
bool odma_is_full(struct odma_bounce_pool *pool, size_t bytes);
void odma_wait_for_more(struct odma_bounce_pool *pool);
void odma_grow_init(struct odma_bounce_pool *pool);
void odma_grow_stop(struct odma_bounce_pool *pool);

/* pool.c */
struct odma_bounce_pool *odma_new_bounce_pool(const char *name,
					      phys_addr_t reach, size_t initial,
					      size_t limit, int nid);
void odma_free_bounce_pool(struct odma_bounce_pool *pool);
struct odma_area *odma_take_slots(struct odma_bounce_pool *pool,
				  struct device *dev,
				  const struct odma_bounce_request *req,
				  struct odma_bounced **bounced);
void odma_give_slots(struct odma_area *area, struct odma_bounced *b,
		     struct odma_client *client);
unsigned long odma_share_of(const struct odma_bounce_pool *pool,
			    const struct odma_client *client);
bool odma_pool_reaches(struct odma_bounce_pool *pool, struct device *dev,
		       u64 limit);
size_t odma_pool_largest(struct odma_bounce_pool *pool, struct device *dev);

#endif /* _ODMA_SWIOTLB_POOL_H */
