// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that the device tree gives a device: memory-region nodes that are
 * "shared-dma-pool" with no-map.
 *
 * The kernel has an allocator of its own for such a node, which a driver sets
 * in motion with of_reserved_mem_device_init(). Two allocators must not divide
 * one memory: where the kernel's is at work the node is left to it, and the
 * kernel's dma_alloc_coherent() asks that one before it asks us.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include "../mapping/core.h"
#include "pool.h"

#ifdef CONFIG_OF_RESERVED_MEM

static bool odma_is_pool_node(const struct device_node *node)
{
	return of_device_is_compatible(node, "shared-dma-pool") &&
	       of_property_read_bool(node, "no-map") &&
	       !of_property_read_bool(node, "reusable");
}

/* Several devices may name one node: then they share its pool. */
static struct odma_pool *odma_existing(const struct odma_pool_range *range)
{
	struct odma_pool *pool;

	list_for_each_entry(pool, &odma_pools, node) {
		if (pool->range.rmem != range->rmem)
			continue;
		odma_get_pool(pool);
		return pool;
	}
	return NULL;
}

static struct odma_pool *odma_node_pool(struct device *dev,
					struct device_node *node)
{
	struct reserved_mem *rmem = of_reserved_mem_lookup(node);
	struct odma_pool_range range = {
		.device = ODMA_POOL_DERIVE,
		.rmem = rmem,
	};
	struct odma_pool *pool;

	if (!rmem || !rmem->size) {
		pr_warn("%s: the kernel kept no memory aside for %pOF\n",
			dev_name(dev), node);
		return NULL;
	}
	if (rmem->priv) {
		pr_info("%s: %pOF is left to the kernel's own pool\n",
			dev_name(dev), node);
		return NULL;
	}
	range.phys = rmem->base;
	range.size = rmem->size;
	pool = odma_existing(&range);
	if (!pool)
		pool = odma_create_pool(&range, node->full_name, NULL);
	return IS_ERR(pool) ? NULL : pool;
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
 * that one.
 */
bool odma_of_taken(const struct odma_pool *pool)
{
	return pool->range.rmem && READ_ONCE(pool->range.rmem->priv);
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

#endif
