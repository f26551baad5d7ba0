// SPDX-License-Identifier: GPL-2.0
/*
 * The registry of IOMMU providers.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/ctype.h>
#include <linux/module.h>
#include "iommu.h"

#define ODMA_IOMMU_NAME_MOST	31

/* Guards providers, domains and who is attached; see iommu.h for the order. */
DEFINE_MUTEX(odma_iommu_mutex);
static LIST_HEAD(odma_iommus);

/* It stands in log lines, between blanks, and may be a file's name. */
static bool odma_iommu_name_ok(const char *name)
{
	size_t i, len = name ? strnlen(name, ODMA_IOMMU_NAME_MOST + 1) : 0;

	for (i = 0; i < len; i++)
		if (!isascii(name[i]) || !isgraph(name[i]) || name[i] == '/')
			return false;
	return len && len <= ODMA_IOMMU_NAME_MOST;
}

static bool odma_iommu_complete(const struct odma_iommu *iommu)
{
	/* Who has one function to map with has all of them. */
	bool maps = iommu->map;

	return iommu->probe && iommu->create && iommu->destroy &&
	       iommu->attach && iommu->detach && iommu->flush &&
	       iommu->flush_all && maps == !!iommu->unmap &&
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

static const char *odma_iommu_wrong(const struct odma_iommu *iommu)
{
	if (!odma_iommu_name_ok(iommu->name))
		return "a name is a word of 1 to 31 characters, no slash";
	if (!odma_iommu_complete(iommu))
		return "a function is missing (see struct odma_iommu)";
	return NULL;
}

static void odma_iommu_refuse(const struct odma_iommu *iommu, const char *why)
{
	const char *name = iommu->name ?: "";

	/* Whatever is in it, it does not spoil the log. */
	pr_err("provider '%*pE' not registered: %s\n",
	       (int)strnlen(name, ODMA_IOMMU_NAME_MOST + 1), name, why);
}

/**
 * __odma_register_iommu() - odma_register_iommu(), which says who calls
 * @iommu: the provider
 * @owner: the module that must stay for as long as a device is attached
 *
 * Context: process context, may sleep.
 *
 * Return: as odma_register_iommu().
 */
int __odma_register_iommu(struct odma_iommu *iommu, struct module *owner)
{
	const char *wrong = odma_iommu_wrong(iommu);
	int ret = -EINVAL;

	if (wrong)
		goto refuse;
	mutex_lock(&odma_iommu_mutex);
	if (odma_iommu_known(iommu->name)) {
		wrong = "there is one of that name";
		ret = -EEXIST;
	} else {
		iommu->owner = owner;
		list_add_tail(&iommu->node, &odma_iommus);
	}
	mutex_unlock(&odma_iommu_mutex);
	if (!wrong)
		return 0;
refuse:
	odma_iommu_refuse(iommu, wrong);
	return ret;
}
EXPORT_SYMBOL_GPL(__odma_register_iommu);

static bool odma_iommu_registered(const struct odma_iommu *wanted)
{
	const struct odma_iommu *iommu;

	list_for_each_entry(iommu, &odma_iommus, node)
		if (iommu == wanted)
			return true;
	return false;
}

/**
 * odma_unregister_iommu() - take an IOMMU back
 * @iommu: a registered one; each device that is attached to it holds a
 *	reference on its module, so at module exit there is none. Of what is not
 *	registered the log says so, and nothing else happens.
 *
 * Context: process context, may sleep.
 */
void odma_unregister_iommu(struct odma_iommu *iommu)
{
	bool registered;

	mutex_lock(&odma_iommu_mutex);
	registered = odma_iommu_registered(iommu);
	if (registered)
		list_del(&iommu->node);
	mutex_unlock(&odma_iommu_mutex);
	if (!registered)
		pr_err("provider not unregistered: %pS names one that was never registered, or is gone already\n",
		       __builtin_return_address(0));
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
	return ERR_PTR(-ENODEV);
}

void odma_put_iommu(const struct odma_iommu *iommu)
{
	module_put(iommu->owner);
}
