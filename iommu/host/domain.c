// SPDX-License-Identifier: GPL-2.0
/*
 * Domains: how a group of devices comes under one of ours, and goes back.
 */
#define pr_fmt(fmt) "odma-iommu-host: " fmt

#include <linux/device.h>
#include <linux/module.h>
#include <linux/slab.h>
#include <linux/xarray.h>
#include "host.h"

/*
 * Domains by what fault handlers know of them. A driver of an IOMMU may be
 * about to call ours while the domain goes, and waits for nobody: so that is a
 * number.
 */
static DEFINE_XARRAY_ALLOC1(odma_host_watched);

static int odma_host_watch(struct odma_iommu_domain *domain)
{
	static u32 next;
	struct odma_host *host = domain->priv;
	int ret;

	/* In turn: one that is late finds nobody, and no successor. */
	ret = xa_alloc_cyclic(&odma_host_watched, &host->token, domain,
			      xa_limit_31b, &next, GFP_KERNEL);
	return min(ret, 0);
}

/* No handler knows the domain any more. */
static void odma_host_unwatch(const struct odma_host *host)
{
	xa_erase(&odma_host_watched, host->token);
	synchronize_rcu();
}

/*
 * Some drivers of IOMMUs name no device, or the IOMMU itself; Intel's never
 * calls it.
 */
static int odma_host_fault(struct iommu_domain *kernel, struct device *dev,
			   unsigned long iova, int flags, void *token)
{
	struct odma_iommu_domain *domain;
	struct odma_host *host;

	rcu_read_lock();
	domain = xa_load(&odma_host_watched, (unsigned long)token);
	if (domain) {
		host = domain->priv;
		if (!dev || iommu_get_domain_for_dev(dev) != kernel)
			dev = host->dev;
		odma_iommu_fault(domain, dev, iova, flags & IOMMU_FAULT_WRITE ?
				 ODMA_FAULT_WRITE : 0);
	}
	rcu_read_unlock();
	/* It is in the log now: the driver need not say it again. */
	return 0;
}

static void odma_host_get_geometry(struct odma_iommu_domain *domain,
				   struct device *dev)
{
	struct odma_host *host = domain->priv;

	domain->geometry.page_sizes = host->kernel->pgsize_bitmap;
	domain->geometry.first = host->kernel->geometry.aperture_start;
	domain->geometry.last = host->kernel->geometry.aperture_end;
	if (device_iommu_capable(dev, IOMMU_CAP_CACHE_COHERENCY))
		domain->geometry.features |= ODMA_IOMMU_COHERENT;
}

static const char *odma_host_why(int error)
{
	switch (error) {
	case -EBUSY:
		return " (does VFIO have it, or another module?)";
	case -EPERM:
		return " (firmware uses it at fixed addresses)";
	default:
		return "";
	}
}

/*
 * The group goes back to the kernel's own domain: the default one.
 *
 * It must do so before the IOMMU core forgets the last device of the group,
 * when that is unplugged: 6.12 warns if the domain in force is then another
 * than the default one, and 6.1 remembers ours until we take it away. Where it
 * was too late all the same, nothing is touched that is gone: the group is
 * empty, so no device is switched; its own memory lives by our reference, and
 * with it, on 6.1, the default domain, while 6.12 has set that to NULL, and the
 * domain in force as well, and leaves at once, as both are the same.
 */
static void odma_host_give_back(struct odma_host *host)
{
	if (host->in_force)
		iommu_detach_group(host->kernel, host->group);
	host->in_force = false;
}

/*
 * Somebody may have bound a driver to another device of the group since the
 * first look. After the second one the kernel refuses to.
 */
static int odma_host_switch(struct odma_host *host, struct device *dev)
{
	int ret;

	ret = odma_host_group_is_free(host->group, dev);
	if (ret)
		return ret;
	ret = iommu_attach_group(host->kernel, host->group);
	if (ret) {
		pr_err("%s not taken over: the IOMMU's driver says %d%s\n",
		       dev_name(dev), ret, odma_host_why(ret));
		return ret;
	}
	host->in_force = true;
	ret = odma_host_group_is_free(host->group, dev);
	if (ret)
		odma_host_give_back(host);
	return ret;
}

/*
 * What firmware has the device do all the time must not fail in between: so it
 * is mapped before the switch. Where the IOMMU's driver can't map yet, as it
 * makes its tables at the switch, it is mapped after it, as the kernel does
 * for domains of its own.
 */
static int odma_host_take_over(struct odma_host *host)
{
	int ret;

	odma_host_map_direct(host);
	ret = odma_host_switch(host, host->dev);
	if (ret)
		return ret;
	ret = odma_host_map_direct(host);
	if (ret) {
		pr_err("%s not taken over: what its firmware uses could not be mapped: error %d\n",
		       dev_name(host->dev), ret);
		odma_host_give_back(host);
	}
	return ret;
}

static int odma_host_init_domain(struct odma_iommu_domain *domain)
{
	struct odma_host *host = domain->priv;
	int ret;

	host->kernel = odma_unmanaged_alloc(host->dev);
	if (IS_ERR(host->kernel)) {
		ret = PTR_ERR(host->kernel);
		pr_err("%s not taken over: no domain from the IOMMU's driver: error %d\n",
		       dev_name(host->dev), ret);
		return ret;
	}
	ret = odma_host_watch(domain);
	if (ret)
		goto free;
	iommu_set_fault_handler(host->kernel, odma_host_fault,
				(void *)(unsigned long)host->token);
	ret = odma_host_prepare_msi(host);
	if (!ret)
		ret = odma_host_take_over(host);
	if (!ret)
		return 0;
	odma_host_unwatch(host);
free:
	iommu_domain_free(host->kernel);
	return ret;
}

/**
 * odma_host_create() - a domain, with the device's group already in it
 * @domain: ours, to be filled in
 * @dev: behind one of the kernel's IOMMUs; no driver uses it yet
 *
 * The group changes its domain here and not when the device is attached: many
 * drivers of IOMMUs know only then which addresses and page sizes there are,
 * and some can't map before it. No driver uses the device yet.
 *
 * Context: process context.
 *
 * Return: 0, or an error with a line in the log: -EBUSY somebody else uses the
 * group, -ENOMEM, or what the IOMMU's driver said.
 */
int odma_host_create(struct odma_iommu_domain *domain, struct device *dev)
{
	struct odma_host *host = kzalloc(sizeof(*host), GFP_KERNEL);
	int ret = -ENODEV;

	if (!host)
		return -ENOMEM;
	host->dev = dev;
	host->group = iommu_group_get(dev);
	if (!host->group)
		goto free;
	domain->priv = host;
	ret = odma_host_init_domain(domain);
	if (ret)
		goto put;
	odma_host_get_geometry(domain, dev);
	get_device(dev);
	/* It is loaded, as a device in this domain of its is there. */
	host->driver = dev->iommu->iommu_dev->ops->owner;
	__module_get(host->driver);
	return 0;

put:
	iommu_group_put(host->group);
free:
	kfree(host);
	domain->priv = NULL;
	return ret;
}

void odma_host_destroy(struct odma_iommu_domain *domain)
{
	struct odma_host *host = domain->priv;

	odma_host_give_back(host);
	odma_host_unwatch(host);
	iommu_domain_free(host->kernel);
	module_put(host->driver);
	iommu_group_put(host->group);
	put_device(host->dev);
	kfree(host);
	domain->priv = NULL;
}

/* Somebody has taken the device out of the domain, or never put it there. */
static int odma_host_is_elsewhere(struct device *dev)
{
	pr_err("%s not taken over: its group is under another domain than the one that was made for it (does VFIO have it, or was its group's type changed?)\n",
	       dev_name(dev));
	return -EXDEV;
}

/**
 * odma_host_attach() - a device of the group comes under the domain
 * @domain: ours
 * @dev: the device
 *
 * The translation is mostly there since the domain is, also where the driver of
 * the device that it was made for is gone: then nobody else of the group is
 * asked, as they are translated by it, too. Where all have left it, and the
 * domain was kept for what they left mapped, the group is switched again.
 *
 * Context: process context.
 *
 * Return: 0; -EBUSY, -EXDEV or what the IOMMU's driver said, with a line in the
 * log.
 */
int odma_host_attach(struct odma_iommu_domain *domain, struct device *dev)
{
	struct odma_host *host = domain->priv;
	int ret = odma_host_may_attach(dev);

	if (!ret && !host->in_force)
		ret = odma_host_switch(host, dev);
	if (!ret && iommu_get_domain_for_dev(dev) != host->kernel)
		ret = odma_host_is_elsewhere(dev);
	if (!ret)
		host->devices++;
	return ret;
}

/* Whoever writes to the type of a group puts its default domain there. */
bool odma_host_in_force(struct odma_iommu_domain *domain, struct device *dev)
{
	struct odma_host *host = domain->priv;

	return iommu_get_domain_for_dev(dev) == host->kernel;
}

/* It goes back with its group, when the last one leaves. */
void odma_host_detach(struct odma_iommu_domain *domain, struct device *dev)
{
	struct odma_host *host = domain->priv;

	if (!--host->devices)
		odma_host_give_back(host);
}
