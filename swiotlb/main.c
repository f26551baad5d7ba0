// SPDX-License-Identifier: GPL-2.0
/*
 * odma-swiotlb.ko: loading and unloading.
 */
#include <linux/module.h>
#include "swiotlb.h"

static int __init odma_swiotlb_init(void)
{
	int ret;

	ret = odma_swiotlb_sysfs_init();
	if (ret)
		return ret;
	ret = odma_shared_pools_init();
	if (ret)
		goto sysfs;
	ret = odma_register_backend(&odma_swiotlb_backend);
	if (ret)
		goto pools;
	ret = odma_net_init();
	if (ret)
		goto backend;
	odma_swiotlb_debugfs_init();
	return 0;

backend:
	odma_unregister_backend(&odma_swiotlb_backend);
pools:
	odma_shared_pools_exit();
sysfs:
	odma_swiotlb_sysfs_exit();
	return ret;
}

/* Each device that bounces holds a reference: there is none now. */
static void __exit odma_swiotlb_exit(void)
{
	odma_swiotlb_debugfs_exit();
	odma_net_exit();
	odma_unregister_backend(&odma_swiotlb_backend);
	odma_shared_pools_exit();
	odma_swiotlb_sysfs_exit();
	odma_clients_exit();
}

module_init(odma_swiotlb_init);
module_exit(odma_swiotlb_exit);
MODULE_DESCRIPTION("Bounce buffers for attached devices");
MODULE_LICENSE("GPL");
ODMA_IMPORT_NS;
