// SPDX-License-Identifier: GPL-2.0
/*
 * The pools, as the core sees them.
 */
#include "../mapping/core.h"
#include "coherent.h"
#include "pool.h"

static const struct odma_pool_ops odma_coherent_pools = {
	.check		= odma_check_pool_option,
	.plan		= odma_create_plan,
	.get_plan	= odma_get_plan,
	.put_plan	= odma_put_plan,
	.attach		= odma_attach_pools,
	.detach		= odma_detach_pools,
	.map		= odma_map_pools,
	.unmap		= odma_unmap_pools,
	.live		= odma_live_in_pools,
	.sum		= odma_sum_pools,
	.alloc		= odma_alloc_from_pools,
	.full		= odma_report_full,
	.free		= odma_free_to_pools,
	.mmap		= odma_mmap_from_pools,
	.get_sgtable	= odma_sgtable_from_pools,
};

void __init odma_pools_init(void)
{
	odma_pool_ops = &odma_coherent_pools;
}

/* The module goes; whoever declared a pool and didn't release it has gone. */
void odma_pools_exit(void)
{
	mutex_lock(&odma_mutex);
	odma_drop_global_pool();
	odma_end_pools();
	mutex_unlock(&odma_mutex);
}
