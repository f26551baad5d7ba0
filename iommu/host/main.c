// SPDX-License-Identifier: GPL-2.0
/*
 * odma-iommu-host.ko: the IOMMU that the kernel's own driver runs (VT-d,
 * AMD-Vi, an SMMU, ...) under the backend "iommu".
 *
 * Nothing here touches hardware: an unmanaged domain of the kernel's IOMMU API
 * takes the place of the one that the kernel's DMA code uses, for as long as
 * the device is attached.
 *
 * Source: the kernel's driver-api/iommu and <linux/iommu.h>; VFIO lends its
 * devices to user space by the same functions.
 */
#include <linux/module.h>
#include "host.h"

/* A device without a domain is one that no IOMMU translates, or could. */
static int odma_host_probe(struct device *dev)
{
	return iommu_get_domain_for_dev(dev) ? 0 : -ENODEV;
}

/*
 * A name to compare with: who has a domain for it holds a reference. Also where
 * the device is alone in it: others may be plugged in.
 */
static void *odma_host_group(struct device *dev)
{
	struct iommu_group *group = iommu_group_get(dev);

	iommu_group_put(group);
	return group;
}

static struct odma_iommu odma_host_iommu = {
	.name = "host",
	.probe = odma_host_probe,
	.can_attach = odma_host_can_attach,
	.group = odma_host_group,
	.create = odma_host_create,
	.destroy = odma_host_destroy,
	.attach = odma_host_attach,
	.detach = odma_host_detach,
	.in_force = odma_host_in_force,
	.get_reserved = odma_host_get_reserved,
	.map = odma_host_map,
	.unmap = odma_host_unmap,
	.miscounts = true,
	.iova_to_phys = odma_host_iova_to_phys,
	.flush = odma_host_flush,
	.flush_all = odma_host_flush_all,
};

static int __init odma_host_init(void)
{
	return odma_register_iommu(&odma_host_iommu);
}

/* Each attached device holds a reference: there is none now. */
static void __exit odma_host_exit(void)
{
	odma_unregister_iommu(&odma_host_iommu);
}

module_init(odma_host_init);
module_exit(odma_host_exit);
MODULE_DESCRIPTION("IOMMU provider: the IOMMU that the kernel's driver runs");
MODULE_LICENSE("GPL");
ODMA_IMPORT_NS;
