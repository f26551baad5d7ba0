/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the bounce-buffer backend share.
 *
 *   odma_area         memory that buffers are copied to, cut into slots; or
 *                     made for one mapping alone: a transient one
 *   odma_bounce_pool  areas that grow and shrink together
 *   odma_bounced      one mapping: where its own memory is, and whose it is
 *   odma_bouncer      one device: which pool, which limits
 *
 * A pool's mutex guards its list of areas, read under RCU; an area's lock its
 * slots and what is mapped there. A live mapping keeps its area. Transient
 * areas are not in that list but in one of their own, under a spinlock.
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
 * @offset:	from the first slot's beginning to the buffer's, bytes; in an
 *		area of its own, from the area's
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
 * @node:	in the pool's list of transient areas
 * @pool:	whose it is
 * @phys:	a multiple of ODMA_WORD_BYTES
 * @cpu:	the same, for the CPU
 * @bytes:	a multiple of ODMA_WORD_BYTES
 * @nid:	the memory's NUMA node
 * @contig:	it came from alloc_contig_range()
 * @transient:	made for one mapping, goes with it
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
	struct list_head node;
	struct odma_bounce_pool *pool;
	phys_addr_t phys;
	void *cpu;
	size_t bytes;
	int nid;
	bool contig;
	bool transient;
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
	ODMA_BOUNCE_FAILURES
};

/**
 * struct odma_bounce_pool - areas that grow and shrink together
 * @node:	in the list of all pools
 * @name:	for people
 * @reach:	no byte of it is beyond this physical address
 * @initial:	bytes that it never falls below
 * @limit:	bytes that it never exceeds
 * @mutex:	one change of the list of areas at a time
 * @areas:	the list
 * @bytes:	in all areas
 * @used:	slots that are taken
 * @high_water:	the most that were since it was last reset
 * @transient:	areas made for one mapping, ever
 * @transients:	those that there are now
 * @transient_lock: guards @transients
 * @failures:	mappings that failed, by reason
 * @grow:	makes it larger
 * @grow_nid:	the NUMA node that had too little
 * @grow_after:	jiffies; not before that
 * @grow_failures: how often there was no memory for that
 * @shrink:	gives back what was idle
 * @files:	its folder in sysfs, or NULL
 */
struct odma_bounce_pool {
	struct list_head node;
	char *name;
	phys_addr_t reach;
	size_t initial;
	size_t limit;
	struct mutex mutex; /* changes of areas */
	struct odma_area_list __rcu *areas;
	atomic_long_t bytes;
	atomic_long_t used;
	atomic_long_t high_water;
	atomic_long_t transient;
	struct list_head transients;
	spinlock_t transient_lock; /* any context */
	atomic_long_t failures[ODMA_BOUNCE_FAILURES];
	struct work_struct grow;
	int grow_nid;
	unsigned long grow_after;
	atomic_long_t grow_failures;
	struct delayed_work shrink;
	struct kobject *files;
};

/**
 * struct odma_client - a device that has bounced
 * @node:	in the list of them, which is only added to
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
};

/* area.c */
struct odma_area *odma_new_area(struct odma_bounce_pool *pool, size_t bytes,
				int nid, bool transient, gfp_t gfp);
void odma_free_area(struct odma_area *area);
unsigned int odma_abandon_areas(const struct odma_bounce_pool *pool);
struct odma_area *odma_area_at(phys_addr_t phys);
struct odma_bounced *odma_bounced_at(struct odma_area *area, phys_addr_t phys);
int odma_areas_init(void);
void odma_areas_exit(void);

static inline phys_addr_t odma_bounced_phys(const struct odma_area *area,
					    const struct odma_bounced *b)
{
	return area->phys + ((b - area->map) << ODMA_SLOT_SHIFT) + b->offset;
}

/* pool.c */
struct odma_bounce_pool *odma_new_bounce_pool(const char *name,
					      phys_addr_t reach, size_t initial,
					      size_t limit, int nid);
void odma_free_bounce_pool(struct odma_bounce_pool *pool);
struct odma_area *odma_take_slots(struct odma_bounce_pool *pool,
				  struct device *dev,
				  const struct odma_bounce_request *req,
				  struct odma_bounced **bounced);
void odma_give_slots(struct odma_area *area, struct odma_bounced *b);
size_t odma_pool_largest(struct odma_bounce_pool *pool, struct device *dev);

#endif /* _ODMA_SWIOTLB_POOL_H */
