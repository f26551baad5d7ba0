// SPDX-License-Identifier: GPL-2.0
/*
 * Attaching one device, and giving it back.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/cc_platform.h>
#include <linux/slab.h>
#include <trace/events/odma.h>
#include "core.h"

/*
 * Guests under SEV or TDX need decrypted buffers, and SME puts a bit into DMA
 * addresses that most devices can't reach: set_memory_decrypted() is not for
 * modules, so such a device must stay with the kernel.
 */
static noinline bool odma_memory_encrypted(void)
{
	return cc_platform_has(CC_ATTR_MEM_ENCRYPT);
}

/* What is translated reaches memory at no address that bypass could give it. */
static int odma_may_bypass(struct device *dev,
			   const struct odma_backend *backend)
{
	if (!backend->translates)
		return 0;
	pr_err("%s not attached: bypass is for backends that don't translate, and '%s' does\n",
	       dev_name(dev), backend->name);
	return -EINVAL;
}

/**
 * odma_may_attach() - can this layer serve the device's DMA at all?
 * @dev: the device
 * @backend: what would serve it, or NULL while that is not there yet
 * @flags: ODMA_BYPASS, ...
 *
 * Says in one log line why not, and what to do about it.
 *
 * Context: process context.
 *
 * Return: 0 or -EOPNOTSUPP; -EINVAL where flags and backend don't go together.
 */
int odma_may_attach(struct device *dev, const struct odma_backend *backend,
		    unsigned long flags)
{
	if (odma_memory_encrypted()) {
		pr_err("%s not attached: memory is encrypted, and a module can't make buffers that a device can read (remedy: boot with mem_encrypt=off, if this is no confidential guest)\n",
		       dev_name(dev));
		return -EOPNOTSUPP;
	}
	if (backend && (flags & ODMA_BYPASS) && odma_may_bypass(dev, backend))
		return -EINVAL;
	if (odma_kernel_translates(dev)) {
		/* Its dma_ops, if any, are dma-iommu's then. */
		if (!backend || backend->translates)
			return 0;
		pr_err("%s not attached: the kernel's IOMMU driver translates it (remedy: with no driver bound, echo identity > /sys/bus/%s/devices/%s/iommu_group/type, as 'scripts/odma attach' does, or boot with iommu=pt; or attach it to 'iommu', which takes the translation over)\n",
		       dev_name(dev), dev->bus ? dev->bus->name : "<bus>",
		       dev_name(dev));
		return -EOPNOTSUPP;
	}
	if (get_dma_ops(dev)) {
		pr_err("%s not attached: its DMA already belongs to another implementation (%ps)\n",
		       dev_name(dev), get_dma_ops(dev));
		return -EOPNOTSUPP;
	}
	return 0;
}

static struct odma_device *odma_new_device(struct device *dev,
					   const char *options,
					   unsigned long flags)
{
	struct odma_device *odev = kzalloc(sizeof(*odev), GFP_KERNEL);

	if (!odev)
		return NULL;
	odev->counters = alloc_percpu(struct odma_counters);
	if (options)
		odev->options = kstrdup(options, GFP_KERNEL);
	if (!odev->counters || (options && !odev->options)) {
		free_percpu(odev->counters);
		kfree(odev->options);
		kfree(odev);
		return NULL;
	}
	odev->dev = get_device(dev);
	odev->flags = flags;
	ratelimit_state_init(&odev->failures, 5 * HZ, 3);
	ratelimit_set_flags(&odev->failures, RATELIMIT_MSG_ON_RELEASE);
	return odev;
}

static void odma_free_device(struct odma_device *odev)
{
	put_device(odev->dev);
	free_percpu(odev->counters);
	kfree(odev->options);
	/* Whoever reports a fault of the device may be looking at it. */
	kfree_rcu(odev, rcu);
}

static void odma_build_ops(struct odma_device *odev)
{
	odev->ops = *odev->base;
	odev->ops.alloc = odma_core_alloc;
	odev->ops.free = odma_core_free;
	odev->ops.odma_alloc_pages_op = odma_core_alloc_pages;
	odev->ops.free_pages = odma_core_free_pages;
	/* The kernel takes a missing member for "can't". */
	if (odev->base->mmap)
		odev->ops.mmap = odma_core_mmap;
	if (odev->base->get_sgtable)
		odev->ops.get_sgtable = odma_core_get_sgtable;
	if (odev->backend->noncontiguous)
		ODMA_OPS_SET_NONCONTIGUOUS(&odev->ops,
					   odev->backend->noncontiguous);
	if (odev->flags & ODMA_STATS)
		odma_count_ops(&odev->ops);
}

static void odma_set_ops(struct odma_device *odev)
{
	odev->saved_ops = odev->dev->dma_ops;
	odev->saved_iommu = odma_kernel_uses_dma_iommu(odev->dev);
	odma_set_dma_iommu(odev->dev, false);
	set_dma_ops(odev->dev, &odev->ops);
	odma_clear_skip_sync(odev->dev);
}

/*
 * Somebody else may have changed the pointer meanwhile (some architectures
 * clear it at every unbind): then it is not ours to restore.
 */
static void odma_reset_ops(struct odma_device *odev)
{
	if (odev->dev->dma_ops == &odev->ops)
		set_dma_ops(odev->dev, odev->saved_ops);
	if (odev->saved_iommu)
		odma_set_dma_iommu(odev->dev, true);
	odma_clear_skip_sync(odev->dev);
}

/**
 * odma_install() - put a backend under a device
 * @dev: the device, not attached yet
 * @name: the backend's name
 * @options: key=value words that the backend has checked, or NULL
 * @flags: ODMA_STATS, ...
 * @pools: what the rule says of pools, or NULL
 *
 * Context: process context, odma_mutex held.
 *
 * Return: the attached device; ERR_PTR(-ENOENT) no such backend, -ENODEV a
 * module is on its way out, -EOPNOTSUPP as odma_may_attach(), -ENOMEM, or what
 * the backend said. An error leaves the device as it was.
 */
struct odma_device *odma_install(struct device *dev, const char *name,
				 const char *options, unsigned long flags,
				 const struct odma_pool_plan *pools)
{
	struct odma_backend *backend = odma_find_backend(name);
	struct odma_device *odev;
	int ret;

	if (!backend) {
		pr_err("%s not attached: there is no backend '%s' (is its module loaded?)\n",
		       dev_name(dev), name);
		return ERR_PTR(-ENOENT);
	}
	ret = odma_may_attach(dev, backend, flags);
	if (ret)
		return ERR_PTR(ret);
	ret = -ENODEV;
	if (!try_module_get(THIS_MODULE))
		goto out;
	if (!try_module_get(backend->owner))
		goto put_self;
	ret = -ENOMEM;
	odev = odma_new_device(dev, options, flags);
	if (!odev)
		goto put_backend;
	odev->backend = backend;
	odev->base = backend->ops;
	ret = odma_pool_ops->attach(odev, pools);
	if (ret)
		goto free;
	ret = odma_attach_backend(odev);
	if (ret)
		goto pools;
	ret = odma_pool_ops->map(odev);
	if (ret)
		goto detach;
	ret = odma_add_bypass(odev);
	if (ret)
		goto unmap;
	odma_build_ops(odev);
	odma_set_ops(odev);
	ret = sysfs_create_group(&dev->kobj, &odma_device_group);
	if (ret)
		goto reset;
	list_add_tail(&odev->node, &odma_devices);
	trace_odma_attach(dev, name, flags);
	pr_info("%s attached to '%s'%s%s%s\n", dev_name(dev), name,
		odma_flag_words(flags), options ? " " : "", options ?: "");
	return odev;

reset:
	odma_reset_ops(odev);
	odma_remove_bypass(odev);
unmap:
	odma_pool_ops->unmap(odev);
detach:
	if (backend->detach)
		backend->detach(odev);
pools:
	odma_pool_ops->detach(odev);
free:
	odma_put_bounce(odev);
	odma_free_device(odev);
put_backend:
	module_put(backend->owner);
put_self:
	module_put(THIS_MODULE);
out:
	pr_err("%s not attached to '%s': error %d\n", dev_name(dev), name, ret);
	return ERR_PTR(ret);
}

/* What is live now stays live for ever: its driver is gone. */
static void odma_report_leaks(const struct odma_device *odev)
{
	struct odma_counters sum;

	odma_sum_counters(odev, &sum);
	if (sum.maps == sum.unmaps && sum.allocs == sum.frees)
		return;
	pr_warn("%s: its driver left %lld mappings (%lld bytes) and %lld allocations (%lld bytes) behind\n",
		dev_name(odev->dev), sum.maps - sum.unmaps,
		sum.map_bytes - sum.unmap_bytes, sum.allocs - sum.frees,
		sum.alloc_bytes - sum.free_bytes);
}

/**
 * odma_restore() - give a device its own DMA back
 * @odev: attached; freed on return
 *
 * Context: process context, odma_mutex held; no driver uses the device.
 */
void odma_restore(struct odma_device *odev)
{
	const struct odma_backend *backend = odev->backend;

	list_del(&odev->node);
	sysfs_remove_group(&odev->dev->kobj, &odma_device_group);
	odma_reset_ops(odev);
	odma_report_leaks(odev);
	odma_remove_bypass(odev);
	odma_pool_ops->unmap(odev);
	if (backend->detach)
		backend->detach(odev);
	odma_put_bounce(odev);
	odma_pool_ops->detach(odev);
	trace_odma_detach(odev->dev, backend->name, odev->flags);
	pr_info("%s detached from '%s'\n", dev_name(odev->dev), backend->name);
	odma_free_device(odev);
	module_put(backend->owner);
	module_put(THIS_MODULE);
}
