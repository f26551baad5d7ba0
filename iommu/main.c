// SPDX-License-Identifier: GPL-2.0
/*
 * odma-iommu.ko: loading and unloading.
 */
#include <linux/module.h>
#include <odma/compat.h>

MODULE_DESCRIPTION("IOMMU page tables");
MODULE_LICENSE("GPL");
ODMA_IMPORT_NS;
