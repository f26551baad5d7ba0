// SPDX-License-Identifier: GPL-2.0
/*
 * Who holds how much of the pools: for the log, sysfs and debugfs.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/debugfs.h>
#include <linux/seq_file.h>
#include "../mapping/core.h"
#include "coherent.h"
#include "pool.h"

/* More lines than these help nobody, and could be thousands. */
#define ODMA_HOLDER_LINES	8

/* A consistent look at one block; its user lives as long as the pool. */
static struct odma_pool_block odma_read_block(struct odma_pool *pool,
					      unsigned int i)
{
	struct odma_pool_block block;
	unsigned long irqflags;

	spin_lock_irqsave(&pool->lock, irqflags);
	block = pool->blocks[i];
	spin_unlock_irqrestore(&pool->lock, irqflags);
	return block;
}

/**
 * odma_report_holders() - list a pool's live allocations in the log
 * @pool: the pool
 *
 * Context: process context.
 */
void odma_report_holders(struct odma_pool *pool)
{
	unsigned int i, step, lines = 0;

	for (i = 0; i < pool->map.pages; i += step) {
		struct odma_pool_block block = odma_read_block(pool, i);

		step = max(block.pages, 1U);
		if (!block.pages)
			continue;
		if (lines++ < ODMA_HOLDER_LINES)
			pr_err("  %s (%s) holds %#lx+%#lx\n",
			       block.user->device, block.user->driver,
			       (unsigned long)pool->range.phys + i * PAGE_SIZE,
			       block.pages * PAGE_SIZE);
	}
	if (lines > ODMA_HOLDER_LINES)
		pr_err("  ... %u more, see /sys/kernel/debug/odma/pool-holders\n",
		       lines - ODMA_HOLDER_LINES);
}

static void odma_add_pool(struct odma_pool *pool, struct odma_pool_sums *sum)
{
	unsigned long irqflags;
	u64 largest;

	spin_lock_irqsave(&pool->lock, irqflags);
	largest = (u64)odma_bitmap_largest(&pool->map) * PAGE_SIZE;
	sum->size += pool->range.size;
	sum->used += (u64)pool->map.used * PAGE_SIZE;
	sum->high_water += (u64)pool->map.high_water * PAGE_SIZE;
	sum->failures += pool->failures;
	spin_unlock_irqrestore(&pool->lock, irqflags);
	sum->largest = max(sum->largest, largest);
	if (sum->size > sum->used)
		sum->fragmentation = 100 - div64_u64(100 * sum->largest,
						     sum->size - sum->used);
	else
		sum->fragmentation = 0;
}

/**
 * odma_sum_pools() - occupancy of a device's own pools
 * @odev: the attached device
 * @sum: filled in, all 0 where it has none
 *
 * Context: any.
 */
void odma_sum_pools(const struct odma_device *odev, struct odma_pool_sums *sum)
{
	const struct odma_pool_set *set;
	unsigned int i;

	memset(sum, 0, sizeof(*sum));
	rcu_read_lock();
	set = rcu_dereference(odev->pools);
	for (i = 0; set && i < set->count; i++)
		odma_add_pool(set->own[i].user->pool, sum);
	rcu_read_unlock();
}

static void odma_add_account(const struct odma_pool_user *user,
			     struct odma_leftovers *left)
{
	unsigned long irqflags;

	spin_lock_irqsave(&user->pool->lock, irqflags);
	left->allocations += user->blocks;
	left->allocated += (u64)user->pages * PAGE_SIZE;
	spin_unlock_irqrestore(&user->pool->lock, irqflags);
}

/**
 * odma_live_in_pools() - what a device holds of its pools
 * @odev: the attached device
 * @left: added to
 *
 * Context: any.
 */
void odma_live_in_pools(struct odma_device *odev, struct odma_leftovers *left)
{
	const struct odma_pool_set *set;
	struct odma_pool_user *user;
	unsigned int i;

	rcu_read_lock();
	set = rcu_dereference(odev->pools);
	if (set)
		odma_for_each_user(set, user, i)
			if (user)
				odma_add_account(user, left);
	rcu_read_unlock();
}

/* The account with most pages, of all pools that the device may use. */
static struct odma_pool_user odma_top_user(const struct odma_pool_set *set)
{
	struct odma_pool_user top = { .device = "nobody", .driver = "-" };
	struct odma_pool_user *own, *user;
	unsigned long irqflags;
	unsigned int i;

	odma_for_each_user(set, own, i) {
		if (!own)
			continue;
		spin_lock_irqsave(&own->pool->lock, irqflags);
		list_for_each_entry(user, &own->pool->users, node)
			if (user->pages > top.pages)
				top = *user;
		spin_unlock_irqrestore(&own->pool->lock, irqflags);
	}
	return top;
}

/**
 * odma_report_full() - a device that may use nothing else found its pools full
 * @odev: the attached device
 * @size: what it asked for
 *
 * The log gets at most a few lines in five seconds for each device.
 *
 * Context: any.
 */
void odma_report_full(struct odma_device *odev, size_t size)
{
	struct odma_pool_user top = { .device = "nobody", .driver = "-" };
	struct odma_pool_sums sum = {};
	const struct odma_pool_set *set;
	struct odma_pool_user *user;
	unsigned int i;

	if (!__ratelimit(&odev->failures))
		return;
	rcu_read_lock();
	set = rcu_dereference(odev->pools);
	if (set) {
		odma_for_each_user(set, user, i)
			if (user)
				odma_add_pool(user->pool, &sum);
		top = odma_top_user(set);
	}
	/* Names of accounts are there as long as their pools are. */
	pr_err("%s: no room in its pools: %zu bytes asked, largest free run %llu, %llu of %llu in use; %s (%s) holds most, %lu bytes in %u allocations (coherent mask %#llx)\n",
	       dev_name(odev->dev), size, sum.largest, sum.used, sum.size,
	       top.device, top.driver, top.pages * PAGE_SIZE, top.blocks,
	       odev->dev->coherent_dma_mask);
	rcu_read_unlock();
}

static void odma_show_pool(struct seq_file *m, struct odma_pool *pool)
{
	struct odma_pool_sums sum = {};
	unsigned int blocks = 0;
	struct odma_pool_user *user;

	odma_add_pool(pool, &sum);
	list_for_each_entry(user, &pool->users, node)
		blocks += READ_ONCE(user->blocks);
	seq_printf(m, "%#-18llx %10llu %10llu %10llu %10llu %10u%% %11u %8llu  %s%s\n",
		   (u64)pool->range.phys, sum.size >> 10, sum.used >> 10,
		   sum.high_water >> 10, sum.largest >> 10, sum.fragmentation,
		   blocks, sum.failures, pool->name,
		   pool->retired ? " (retired)" : "");
}

static int pools_show(struct seq_file *m, void *unused)
{
	struct odma_pool *pool;

	seq_printf(m, "%-18s %10s %10s %10s %10s %11s %11s %8s  %s\n", "address",
		   "KiB", "used", "high water", "largest", "fragmented",
		   "allocations", "failures", "for");
	mutex_lock(&odma_mutex);
	list_for_each_entry(pool, &odma_pools, node)
		odma_show_pool(m, pool);
	mutex_unlock(&odma_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pools);

static void odma_show_holders(struct seq_file *m, struct odma_pool *pool)
{
	unsigned int i, step;

	for (i = 0; i < pool->map.pages; i += step) {
		struct odma_pool_block block = odma_read_block(pool, i);

		step = max(block.pages, 1U);
		if (block.pages)
			seq_printf(m, "%#-18llx %12lu %-20s %s\n",
				   (u64)pool->range.phys + i * PAGE_SIZE,
				   block.pages * PAGE_SIZE, block.user->device,
				   block.user->driver);
	}
}

static int pool_holders_show(struct seq_file *m, void *unused)
{
	struct odma_pool *pool;

	seq_printf(m, "%-18s %12s %-20s %s\n", "address", "bytes", "device",
		   "driver");
	mutex_lock(&odma_mutex);
	list_for_each_entry(pool, &odma_pools, node)
		odma_show_holders(m, pool);
	mutex_unlock(&odma_mutex);
	return 0;
}
DEFINE_SHOW_ATTRIBUTE(pool_holders);

void odma_pools_debugfs(struct dentry *dir)
{
	debugfs_create_file("pools", 0400, dir, NULL, &pools_fops);
	debugfs_create_file("pool-holders", 0400, dir, NULL,
			    &pool_holders_fops);
}
