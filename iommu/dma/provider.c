// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of IOMMU providers.
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
