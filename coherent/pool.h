/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the coherent pools share.
 *
 *   odma_pool       memory that was kept aside: claimed, mapped, divided
 *   odma_pool_user  one device's account with one pool
 *   odma_pool_set   the pools that one attached device allocates from
 *   odma_pool_plan  the pools that a rule asks for
 *
 * odma_mutex guards the list of pools, their references and accounts; a pool's
 * own lock guards what is taken from it; a device's set is read under RCU. A
 * live allocation keeps its pool.
 */
#ifndef _ODMA_COHERENT_POOL_H
#define _ODMA_COHERENT_POOL_H

#include <linux/list.h>
#include <linux/rcupdate.h>
#include <linux/spinlock.h>
#include <odma/coherent.h>
#include "bitmap.h"

struct odma_device;
struct reserved_mem;

/**
 * struct odma_pool_range - memory to make a pool of
 * @phys:	where the CPU sees it
 * @size:	bytes
 * @device:	where the device does, or ODMA_POOL_DERIVE
 * @rmem:	the device-tree node that keeps it for this use, or NULL
 */
struct odma_pool_range {
	phys_addr_t phys;
	u64 size;
	dma_addr_t device;
	struct reserved_mem *rmem;
};

struct odma_pool_user;

/* One allocation, at the index of its first page; no pages: none begins here */
struct odma_pool_block {
	struct odma_pool_user *user;
	unsigned int pages;
};

/**
 * struct odma_pool - memory that was kept aside
 * @node:	in odma_pools
 * @refs:	sets and owners that point here
 * @range:	which memory
 * @name:	whose it is, for people
 * @label:	the same for /proc/iomem
 * @dev:	the device that it was declared for, referenced; or NULL
 * @claim:	the entry in /proc/iomem, or NULL
 * @cpu:	where it is mapped, write-combining
 * @lock:	guards the members that follow
 * @map:	which pages are taken
 * @blocks:	the allocations
 * @users:	the accounts, never fewer while the pool lives; odma_mutex
 *		guards the list too, which is only added to
 * @failures:	allocations that found no room
 * @retired:	nothing is allocated from it any more
 */
struct odma_pool {
	struct list_head node;
	unsigned int refs;
	struct odma_pool_range range;
	char *name;
	char *label;
	struct device *dev;
	struct resource *claim;
	void *cpu;
	spinlock_t lock; /* any context */
	struct odma_bitmap map;
	struct odma_pool_block *blocks;
	struct list_head users;
	u64 failures;
	bool retired;
};

/**
 * struct odma_pool_user - one device's account with one pool
 * @node:	in the pool's users
 * @pool:	the pool
 * @device:	name, whole, as the account is found by it
 * @driver:	name of the driver that was bound last, for people
 * @pages:	what it holds
 * @blocks:	in how many allocations
 *
 * Names, not pointers: it is asked who holds memory when the holder is gone.
 */
struct odma_pool_user {
	struct list_head node;
	struct odma_pool *pool;
	char *device;
	char driver[32];
	unsigned int pages;
	unsigned int blocks;
};

/**
 * struct odma_pool_share - one pool, as one attached device has it
 * @user:	account, or NULL
 * @base:	where the device sees it, DMA_MAPPING_ERROR where it can't.
 *		Kept: the driver core takes dma-ranges away at the end of each
 *		bind, and what was mapped is still to be unmapped then
 */
struct odma_pool_share {
	struct odma_pool_user *user;
	dma_addr_t base;
};

/**
 * struct odma_pool_set - what one attached device allocates from
 * @rcu:	to free it
 * @global:	the global pool
 * @only:	the backend is not asked when all are full
 * @count:	how many own pools there are
 * @own:	they, in the order they are tried
 */
struct odma_pool_set {
	struct rcu_head rcu;
	struct odma_pool_share global;
	bool only;
	unsigned int count;
	struct odma_pool_share own[];
};

static inline const struct odma_pool_share *
odma_share_of(const struct odma_pool_set *set, unsigned int i)
{
	return i < set->count ? &set->own[i] : &set->global;
}

/* Own pools first, then the global one; users may be NULL. */
#define odma_for_each_user(set, u, i)					\
	for ((i) = 0; (i) <= (set)->count &&				\
	     ((u) = odma_share_of(set, i)->user, true); (i)++)

/* A rule of 256 characters has no room for more. */
#define ODMA_PLAN_POOLS	8

/**
 * struct odma_pool_plan - the pools that a rule asks for
 * @refs:	the rule, and what is attached by it
 * @only:	pool=only
 * @global:	pool=global
 * @count:	how many ranges
 * @pool:	made of them, referenced
 */
struct odma_pool_plan {
	unsigned int refs;
	bool only;
	bool global;
	unsigned int count;
	struct odma_pool *pool[ODMA_PLAN_POOLS];
};

extern struct list_head odma_pools;

/* range.c */
int odma_parse_range(const char *text, struct odma_pool_range *range);
int odma_check_range(const struct odma_pool_range *range, const char *name);

/* pool.c */
struct odma_pool *odma_create_pool(const struct odma_pool_range *range,
				   const char *name, struct device *dev);
void odma_get_pool(struct odma_pool *pool);
void odma_put_pool(struct odma_pool *pool);
void odma_end_pool(struct odma_pool *pool);
void odma_end_pools(void);
int odma_retire_pools(struct odma_pool *const *pools, unsigned int count);

/* block.c */
dma_addr_t odma_pool_base(const struct odma_pool *pool, struct device *dev);
struct odma_pool_user *odma_pool_user(struct odma_pool *pool,
				      struct device *dev);
void *odma_pool_alloc(const struct odma_pool_share *share,
		      struct device *dev, size_t size, dma_addr_t *handle);
size_t odma_pool_free(struct odma_pool *pool, struct device *dev, void *cpu,
		      size_t size);
int odma_pool_mmap(struct odma_pool *pool, struct vm_area_struct *vma,
		   void *cpu, size_t size);
int odma_pool_get_sgtable(struct odma_pool *pool, struct sg_table *sgt,
			  void *cpu, size_t size);
bool odma_pool_has(const struct odma_pool *pool, const void *cpu);

/* global.c */
struct odma_pool *odma_global_pool(void);

/* of.c */
unsigned int odma_of_pools(struct device *dev, struct odma_pool **pools,
			   unsigned int room);
bool odma_of_taken(const struct odma_pool *pool);
void odma_of_release(const struct odma_pool *pool);

/* report.c */
void odma_report_holders(struct odma_pool *pool);

#endif /* _ODMA_COHERENT_POOL_H */
