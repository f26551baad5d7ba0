// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of IOMMU providers, and what they report of devices.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/module.h>
#include "iommu.h"

/* Guards providers, domains and who is attached; see iommu.h for the order. */
DEFINE_MUTEX(odma_iommu_mutex);
static LIST_HEAD(odma_iommus);

static bool odma_iommu_complete(const struct odma_iommu *iommu)
{
	/* Who has one function to map with has all of them. */
	bool maps = iommu->map;

	return iommu->name && iommu->probe && iommu->create &&
	       iommu->destroy && iommu->attach && iommu->detach &&
	       iommu->flush && iommu->flush_all && maps == !!iommu->unmap &&
	       maps == !!iommu->iova_to_phys;
}

static bool odma_iommu_known(const char *name)
{
	struct odma_iommu *iommu;

	list_for_each_entry(iommu, &odma_iommus, node)
		if (!strcmp(iommu->name, name))
			return true;
	return false;
}

/**
 * odma_register_iommu() - offer an IOMMU to the devices behind it
 * @iommu: filled in by the caller, who keeps it until it is unregistered
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL where a function is missing that <odma/iommu.h> asks for;
 * -EEXIST where the name is taken.
 */
int odma_register_iommu(struct odma_iommu *iommu)
{
	int ret = 0;

	if (!odma_iommu_complete(iommu)) {
		pr_err("provider '%s' not registered: a function is missing\n",
		       iommu->name ?: "");
		return -EINVAL;
	}
	mutex_lock(&odma_iommu_mutex);
	if (odma_iommu_known(iommu->name)) {
		pr_err("provider '%s' not registered: there is one of that name\n",
		       iommu->name);
		ret = -EEXIST;
	} else {
		list_add_tail(&iommu->node, &odma_iommus);
	}
	mutex_unlock(&odma_iommu_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_register_iommu);

/**
 * odma_unregister_iommu() - take an IOMMU back
 * @iommu: a registered one; each device that is attached to it holds a
 *	reference on its module, so at module exit there is none
 *
 * Context: process context, may sleep.
 */
void odma_unregister_iommu(struct odma_iommu *iommu)
{
	mutex_lock(&odma_iommu_mutex);
	list_del(&iommu->node);
	mutex_unlock(&odma_iommu_mutex);
}
EXPORT_SYMBOL_GPL(odma_unregister_iommu);

/**
 * odma_get_iommu() - who translates a device
 * @dev: the device
 *
 * Context: process context, odma_iommu_mutex held.
 *
 * Return: the provider, whose module now has one more reference;
 * ERR_PTR(-ENODEV) where nobody does, or what the provider said.
 */
const struct odma_iommu *odma_get_iommu(struct device *dev)
{
	struct odma_iommu *iommu;
	int ret;

	lockdep_assert_held(&odma_iommu_mutex);
	list_for_each_entry(iommu, &odma_iommus, node) {
		ret = iommu->probe(dev);
		if (!ret && try_module_get(iommu->owner))
			return iommu;
		if (ret && ret != -ENODEV)
			return ERR_PTR(ret);
	}
	pr_err("%s: no provider has an IOMMU for it (is its module loaded, odma-iommu-host.ko for instance?)\n",
	       dev_name(dev));
	return ERR_PTR(-ENODEV);
}

void odma_put_iommu(const struct odma_iommu *iommu)
{
	module_put(iommu->owner);
}

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
