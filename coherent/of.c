// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that the device tree gives a device: memory-region nodes that are
 * "shared-dma-pool" with no-map.
 *
 * The kernel has an allocator of its own for such a node, which a driver sets
 * in motion with of_reserved_mem_device_init(). Two allocators must not divide
 * one memory: where the kernel's is at work the node is left to it, and the
 * kernel's dma_alloc_coherent() asks that one before it asks us. While a pool
 * of ours is there we stand in for the node's operations: the kernel's may
 * begin when nothing of the pool is in use, and then has the node for good.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include "../mapping/core.h"
#include "pool.h"

#ifdef CONFIG_OF_RESERVED_MEM

/* The kernel's; the same for every "shared-dma-pool". */
static const struct reserved_mem_ops *odma_kernel_ops;

static struct odma_pool *odma_pool_at(const struct reserved_mem *rmem)
{
	struct odma_pool *pool;

	list_for_each_entry(pool, &odma_pools, node)
		if (pool->range.rmem == rmem)
			return pool;
	return NULL;
}

/* A driver calls of_reserved_mem_device_init(). */
static int odma_let_kernel_in(struct reserved_mem *rmem, struct device *dev)
{
	struct odma_pool *pool;
	int ret = 0;

	mutex_lock(&odma_mutex);
	pool = odma_pool_at(rmem);
	if (pool)
		ret = odma_retire_pools(&pool, 1);
	if (!ret) {
		rmem->ops = odma_kernel_ops;
		ret = rmem->ops->device_init(rmem, dev);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}

/* Nothing to release: what is let in has the kernel's operations back. */
static const struct reserved_mem_ops odma_guard_ops = {
	.device_init = odma_let_kernel_in,
};

static void odma_guard(struct reserved_mem *rmem)
{
	/* A kernel without that allocator leaves them empty. */
	if (!rmem->ops || rmem->ops == &odma_guard_ops)
		return;
	odma_kernel_ops = rmem->ops;
	rmem->ops = &odma_guard_ops;
}

static bool odma_is_pool_node(const struct device_node *node)
{
	return of_device_is_available(node) &&
	       of_device_is_compatible(node, "shared-dma-pool") &&
	       of_property_read_bool(node, "no-map") &&
	       !of_property_read_bool(node, "reusable");
}

/* Why there can be no pool at a node, NULL where there can. */
static const char *odma_not_ours(const struct reserved_mem *rmem)
{
	struct odma_pool *pool;

	if (!rmem || !rmem->size)
		return "the kernel kept no memory aside for it";
	pool = odma_pool_at(rmem);
	if (rmem->priv || (pool && pool->retired))
		return "it is left to the kernel's own pool";
	if (IS_ENABLED(CONFIG_DMA_DECLARE_COHERENT) && !rmem->ops)
		return "memory of it was in use when odma was unloaded";
	return NULL;
}

/* Several devices may name one node: then they share its pool. */
static struct odma_pool *odma_rmem_pool(struct reserved_mem *rmem,
					const char *name)
{
	struct odma_pool_range range = {
		.phys = rmem->base,
		.size = rmem->size,
		.device = ODMA_POOL_DERIVE,
		.rmem = rmem,
	};
	struct odma_pool *pool = odma_pool_at(rmem);

	if (pool) {
		odma_get_pool(pool);
		return pool;
	}
	pool = odma_create_pool(&range, name, NULL);
	if (IS_ERR(pool))
		return NULL;
	odma_guard(rmem);
	return pool;
}

static struct odma_pool *odma_node_pool(struct device *dev,
					struct device_node *node)
{
	struct reserved_mem *rmem = of_reserved_mem_lookup(node);
	const char *why = odma_not_ours(rmem);

	if (!why)
		return odma_rmem_pool(rmem, node->full_name);
	pr_info("%s: no pool at %pOF: %s\n", dev_name(dev), node, why);
	return NULL;
}

/**
 * odma_of_pools() - the pools in a device's memory-region
 * @dev: the device
 * @pools: filled in; each is a reference for the caller to drop
 * @room: at most so many
 *
 * A node that can't be used is reported, and passed over.
 *
 * Context: process context, odma_mutex held.
 *
 * Return: how many.
 */
unsigned int odma_of_pools(struct device *dev, struct odma_pool **pools,
			   unsigned int room)
{
	unsigned int count = 0, i;
	struct device_node *node;

	for (i = 0; count < room; i++) {
		node = of_parse_phandle(dev->of_node, "memory-region", i);
		if (!node)
			break;
		if (odma_is_pool_node(node))
			pools[count] = odma_node_pool(dev, node);
		else
			pools[count] = NULL;
		if (pools[count])
			count++;
		of_node_put(node);
	}
	return count;
}

/*
 * Has the kernel's allocator come to the same memory since? Then it is left to
 * that one. A driver may have been past the guard when that was set up.
 */
bool odma_of_taken(const struct odma_pool *pool)
{
	return pool->range.rmem && READ_ONCE(pool->range.rmem->priv);
}

/*
 * The pool goes: the kernel's allocator need ask nobody any more. But where
 * memory of it stays in use nobody may have the node.
 */
void odma_of_release(const struct odma_pool *pool)
{
	struct reserved_mem *rmem = pool->range.rmem;

	if (rmem && rmem->ops == &odma_guard_ops)
		rmem->ops = pool->map.used ? NULL : odma_kernel_ops;
}

#else

unsigned int odma_of_pools(struct device *dev, struct odma_pool **pools,
			   unsigned int room)
{
	return 0;
}

bool odma_of_taken(const struct odma_pool *pool)
{
	return false;
}

void odma_of_release(const struct odma_pool *pool)
{
}

#endif
