// SPDX-License-Identifier: GPL-2.0
/*
 * odma.ko: loading and unloading.
 */
#include <linux/module.h>
#include "../coherent/coherent.h"
#include "core.h"

#define CREATE_TRACE_POINTS
#include <trace/events/odma.h>

EXPORT_TRACEPOINT_SYMBOL_GPL(odma_map);
EXPORT_TRACEPOINT_SYMBOL_GPL(odma_unmap);
EXPORT_TRACEPOINT_SYMBOL_GPL(odma_sync);

static char *global_pool;
module_param(global_pool, charp, 0400);
MODULE_PARM_DESC(global_pool, "memory for rules that say pool=global: <phys>+<size>");

static char *attach;
module_param(attach, charp, 0400);
MODULE_PARM_DESC(attach, "rules at load time, comma separated: <bus> <device> <backend> [stats] [bypass] [key=value]...");

static int __init odma_init(void)
{
	int ret;

	odma_pools_init();
	ret = odma_life_init();
	if (ret)
		return ret;
	ret = odma_direct_init();
	if (ret)
		goto life;
	ret = odma_sysfs_init();
	if (ret)
		goto direct;
	odma_debugfs_init();
	if (global_pool)
		odma_set_global_pool(global_pool);
	if (attach)
		odma_boot_rules(attach);
	return 0;

direct:
	odma_direct_exit();
life:
	odma_life_exit();
	return ret;
}

/* sysfs first: after it no rule comes in. Then nothing binds any more. */
static void __exit odma_exit(void)
{
	odma_sysfs_exit();
	odma_debugfs_exit();
	odma_bind_exit();
	odma_life_exit();
	odma_free_rules();
	odma_pools_exit();
	odma_direct_exit();
}

module_init(odma_init);
module_exit(odma_exit);
MODULE_DESCRIPTION("DMA mapping layer for attached devices");
MODULE_LICENSE("GPL");
