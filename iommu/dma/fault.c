// SPDX-License-Identifier: GPL-2.0
/*
 * What providers report of devices.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/export.h>
#include "iommu.h"

/* Under rcu_read_lock(): where it is one of ours, it may be on its way out. */
static struct odma_translated *odma_faulting(struct device *dev)
{
	const struct odma_device *odev = odma_device_of(dev);

	if (!odev || odev->backend != &odma_iommu_backend)
		return NULL;
	return READ_ONCE(odev->priv);
}

/**
 * odma_iommu_fault() - a device did what no mapping allows
 * @domain: its domain
 * @dev: the device, which may be on its way out of the domain
 * @iova: the address
 * @flags: ODMA_FAULT_WRITE, ODMA_FAULT_PERMISSION
 *
 * Counted, and told in the log; at most a few lines in five seconds for each
 * device.
 *
 * Context: any.
 */
void odma_iommu_fault(struct odma_iommu_domain *domain, struct device *dev,
		      u64 iova, unsigned int flags)
{
	static DEFINE_RATELIMIT_STATE(others, 5 * HZ, 3);
	struct odma_translated *t;
	bool tell;

	rcu_read_lock();
	t = odma_faulting(dev);
	if (t)
		atomic_long_inc(&t->faults);
	tell = __ratelimit(t ? &t->fault_limit : &others);
	rcu_read_unlock();
	if (!tell)
		return;
	pr_err("%s: DMA fault: %s at %#llx denied by %s: %s\n", dev_name(dev),
	       flags & ODMA_FAULT_WRITE ? "write" : "read", iova,
	       domain->iommu->name,
	       flags & ODMA_FAULT_PERMISSION ?
	       "it is mapped, but not for that" : "nothing is mapped there");
}
EXPORT_SYMBOL_GPL(odma_iommu_fault);
