// SPDX-License-Identifier: GPL-2.0
/*
 * A pool's life: claimed, mapped, tried, retired, returned.
 *
 * Source: seeds page coherent.md, "Memory pool initialisation".
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/io.h>
#include <linux/ioport.h>
#include <linux/slab.h>
#include "../mapping/core.h"
#include "pool.h"

LIST_HEAD(odma_pools);

/*
 * The entry in /proc/iomem keeps drivers of the memory away, and tells an
 * administrator where it went.
 */
static int odma_claim(struct odma_pool *pool)
{
	const struct odma_pool_range *range = &pool->range;

	pool->claim = request_mem_region(range->phys, range->size, pool->label);
	/* Of a node of the device tree it may be marked busy as it is. */
	if (pool->claim || range->rmem)
		return 0;
	pr_err("no pool %#llx+%#llx for %s: somebody else uses that memory, see /proc/iomem\n",
	       (u64)range->phys, range->size, pool->name);
	return -EBUSY;
}

/*
 * A disabled PCI BAR or a hole swallows what is written; a small memory behind
 * a large window comes round again. So each page has to keep a word that no
 * other page has, and that no bus reads for want of an answer: ones, zeroes.
 */
static u64 odma_page_word(unsigned int i)
{
	return 0x6f646d6100000000ULL | i;
}

static bool odma_keeps_words(const struct odma_pool *pool, unsigned int pages)
{
	unsigned int i;
	u64 *word;

	for (i = 0; i < pages; i++) {
		word = pool->cpu + (size_t)i * PAGE_SIZE;
		WRITE_ONCE(*word, odma_page_word(i));
		cond_resched();
	}
	mb(); /* write-combining buffers drain before anything is read back */
	for (i = 0; i < pages; i++) {
		word = pool->cpu + (size_t)i * PAGE_SIZE;
		if (READ_ONCE(*word) != odma_page_word(i))
			return false;
		cond_resched();
	}
	return true;
}

/* The first page tells of most mistakes, before millions of others are tried */
static bool odma_is_memory(const struct odma_pool *pool)
{
	return odma_keeps_words(pool, 1) &&
	       odma_keeps_words(pool, pool->map.pages);
}

static int odma_map_pool(struct odma_pool *pool)
{
	const struct odma_pool_range *range = &pool->range;

	pool->cpu = memremap(range->phys, range->size, MEMREMAP_WC);
	if (!pool->cpu) {
		pr_err("no pool %#llx+%#llx for %s: the kernel can't map it (the lines above may say why; a smaller one may do)\n",
		       (u64)range->phys, range->size, pool->name);
		return -ENOMEM;
	}
	if (odma_is_memory(pool))
		return 0;
	pr_err("no pool %#llx+%#llx for %s: what is written there does not stay, so it is no memory (a PCI device's must be enabled: echo 1 > /sys/bus/pci/devices/<device>/enable)\n",
	       (u64)range->phys, range->size, pool->name);
	memunmap(pool->cpu);
	pool->cpu = NULL;
	return -EINVAL;
}

/* Alignment is the device's concern, so it counts in its addresses. */
static unsigned long odma_pool_origin(const struct odma_pool_range *range)
{
	if (range->device == ODMA_POOL_DERIVE)
		return PHYS_PFN(range->phys);
	return range->device >> PAGE_SHIFT;
}

static int odma_fill_pool(struct odma_pool *pool)
{
	unsigned int pages = PHYS_PFN(pool->range.size);
	int ret;

	ret = odma_bitmap_init(&pool->map, odma_pool_origin(&pool->range),
			       pages);
	if (!ret) {
		pool->blocks = kvcalloc(pages, sizeof(*pool->blocks),
					GFP_KERNEL | __GFP_NOWARN);
		ret = pool->blocks ? odma_claim(pool) : -ENOMEM;
	}
	if (ret == -ENOMEM)
		pr_err("no pool %#llx+%#llx for %s: no memory for the records of its pages\n",
		       (u64)pool->range.phys, pool->range.size, pool->name);
	return ret;
}

static void odma_free_users(struct odma_pool *pool)
{
	struct odma_pool_user *user, *next;

	list_for_each_entry_safe(user, next, &pool->users, node) {
		kfree(user->device);
		kfree(user);
	}
}

static void odma_free_pool(struct odma_pool *pool)
{
	if (pool->cpu)
		memunmap(pool->cpu);
	if (pool->claim)
		release_mem_region(pool->range.phys, pool->range.size);
	odma_free_users(pool);
	kvfree(pool->blocks);
	odma_bitmap_destroy(&pool->map);
	put_device(pool->dev);
	kfree(pool->label);
	kfree(pool->name);
	kfree(pool);
}

/**
 * odma_create_pool() - make a pool of memory that was kept aside
 * @range: which memory
 * @name: whose pool, copied
 * @dev: the device that it is declared for, or NULL
 *
 * Context: process context, may sleep, odma_mutex held.
 *
 * Return: the pool, with one reference; ERR_PTR() of -EINVAL, -EBUSY or
 * -ENOMEM. Each but a small allocation's failure is also one line in the log.
 */
struct odma_pool *odma_create_pool(const struct odma_pool_range *range,
				   const char *name, struct device *dev)
{
	struct odma_pool *pool;
	int ret;

	ret = odma_check_range(range, name);
	if (ret)
		return ERR_PTR(ret);
	pool = kzalloc(sizeof(*pool), GFP_KERNEL);
	if (!pool)
		return ERR_PTR(-ENOMEM);
	pool->refs = 1;
	pool->range = *range;
	pool->dev = get_device(dev);
	spin_lock_init(&pool->lock);
	INIT_LIST_HEAD(&pool->users);
	pool->name = kstrdup(name, GFP_KERNEL);
	pool->label = kasprintf(GFP_KERNEL, "odma pool for %s", name);
	ret = pool->name && pool->label ? odma_fill_pool(pool) : -ENOMEM;
	if (!ret)
		ret = odma_map_pool(pool);
	if (ret) {
		odma_free_pool(pool);
		return ERR_PTR(ret);
	}
	list_add_tail(&pool->node, &odma_pools);
	pr_info("pool %#llx+%#llx for %s\n", (u64)range->phys, range->size,
		name);
	return pool;
}

void odma_get_pool(struct odma_pool *pool)
{
	lockdep_assert_held(&odma_mutex);
	pool->refs++;
}

/*
 * Memory that a driver left behind may still be written by its device: then
 * the pool stays as it is, claimed and mapped, for as long as the system runs.
 */
static void odma_abandon_pool(struct odma_pool *pool)
{
	pr_warn("pool %#llx+%#llx of %s is given up with memory in use:\n",
		(u64)pool->range.phys, pool->range.size, pool->name);
	odma_report_holders(pool);
}

/**
 * odma_put_pool() - drop a reference; the last one returns the memory
 * @pool: the pool
 *
 * One of the device tree whose memory a driver left behind stays in the list:
 * the device's next attach finds it there, and does not divide it anew.
 *
 * Context: process context, may sleep, odma_mutex held.
 */
void odma_put_pool(struct odma_pool *pool)
{
	lockdep_assert_held(&odma_mutex);
	if (!--pool->refs && !(pool->range.rmem && pool->map.used))
		odma_end_pool(pool);
}

/**
 * odma_end_pool() - return a pool's memory
 * @pool: the pool, which nobody refers to any more
 *
 * Context: process context, may sleep, odma_mutex held.
 */
void odma_end_pool(struct odma_pool *pool)
{
	list_del(&pool->node);
	odma_of_release(pool);
	synchronize_rcu(); /* a set that was replaced may still be read */
	if (pool->map.used)
		odma_abandon_pool(pool);
	else
		odma_free_pool(pool);
}

/* With odma_mutex held: nothing is attached any more. */
void odma_end_pools(void)
{
	struct odma_pool *pool, *next;

	list_for_each_entry_safe(pool, next, &odma_pools, node)
		odma_end_pool(pool);
}

static bool odma_retire_pool(struct odma_pool *pool)
{
	unsigned long irqflags;

	spin_lock_irqsave(&pool->lock, irqflags);
	pool->retired = !pool->map.used;
	spin_unlock_irqrestore(&pool->lock, irqflags);
	return pool->retired;
}

static void odma_revive_pool(struct odma_pool *pool)
{
	unsigned long irqflags;

	spin_lock_irqsave(&pool->lock, irqflags);
	pool->retired = false;
	spin_unlock_irqrestore(&pool->lock, irqflags);
}

/**
 * odma_retire_pools() - nothing more is to be allocated from these
 * @pools: the pools
 * @count: how many; all are retired or none
 *
 * Context: process context, odma_mutex held.
 *
 * Return: 0, or -EBUSY where one has a live allocation: its holders are listed
 * in the log.
 */
int odma_retire_pools(struct odma_pool *const *pools, unsigned int count)
{
	unsigned int i;

	for (i = 0; i < count; i++) {
		if (odma_retire_pool(pools[i]))
			continue;
		pr_err("pool %#llx+%#llx of %s stays: memory of it is in use:\n",
		       (u64)pools[i]->range.phys, pools[i]->range.size,
		       pools[i]->name);
		odma_report_holders(pools[i]);
		while (i--)
			odma_revive_pool(pools[i]);
		return -EBUSY;
	}
	return 0;
}
