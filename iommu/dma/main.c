// SPDX-License-Identifier: GPL-2.0
/*
 * odma-iommu.ko: loading and unloading.
 */
#include <linux/module.h>
#include "iommu.h"

static int __init odma_iommu_init(void)
{
	int ret;

	ret = iova_cache_get();
	if (ret)
		return ret;
	ret = odma_register_backend(&odma_iommu_backend);
	if (ret) {
		iova_cache_put();
		return ret;
	}
	odma_iommu_debugfs_init();
	return 0;
}

/* Each attached device holds a reference: there is none now. */
static void __exit odma_iommu_exit(void)
{
	odma_iommu_debugfs_exit();
	odma_unregister_backend(&odma_iommu_backend);
	iova_cache_put();
}

module_init(odma_iommu_init);
module_exit(odma_iommu_exit);
MODULE_DESCRIPTION("DMA through an IOMMU for attached devices");
MODULE_LICENSE("GPL");
/* Who is left to ask for, where the kernel drives the IOMMU. */
MODULE_SOFTDEP("post: odma-iommu-host");
ODMA_IMPORT_NS;
