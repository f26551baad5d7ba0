// SPDX-License-Identifier: GPL-2.0
/*
 * Putting an attachment together, and taking it apart.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/rculist.h>
#include <linux/slab.h>
#include <odma/bounce.h>
#include <trace/events/odma.h>
#include "core.h"

/*
 * What is here of a device that is refused must not depend on memory: then the
 * counters are all such devices' together.
 */
static DEFINE_PER_CPU(struct odma_counters, odma_spare_counters);

static void odma_free_device(struct odma_device *odev)
{
	odma_return_ranges(odev);
	put_device(odev->dev);
	if (odev->counters != &odma_spare_counters)
		free_percpu(odev->counters);
	kfree(odev->options);
	/* Whoever reports a fault of the device may be looking at it. */
	kfree_rcu(odev, rcu);
}

/* Its name, as the driver may be gone by the time that it is asked for. */
void odma_note_driver(struct odma_device *odev)
{
	const struct device_driver *drv = odev->dev->driver;

	strscpy(odev->driver, drv ? drv->name : "-", sizeof(odev->driver));
}

static void odma_init_device(struct odma_device *odev, struct device *dev,
			     const struct odma_terms *terms)
{
	odev->dev = get_device(dev);
	odev->flags = terms->flags;
	odev->since = ktime_get_boottime_seconds();
	odma_note_driver(odev);
	ratelimit_state_init(&odev->failures, 5 * HZ, 3);
	ratelimit_set_flags(&odev->failures, RATELIMIT_MSG_ON_RELEASE);
}

static struct odma_device *odma_new_device(struct device *dev,
					   const struct odma_terms *terms)
{
	struct odma_device *odev = kzalloc(sizeof(*odev), GFP_KERNEL);

	if (!odev)
		return NULL;
	odma_init_device(odev, dev, terms);
	odev->counters = alloc_percpu(struct odma_counters);
	if (terms->options)
		odev->options = kstrdup(terms->options, GFP_KERNEL);
	if (odev->counters && (odev->options || !terms->options))
		return odev;
	odma_free_device(odev);
	return NULL;
}

/*
 * The driver may be calling what is there, so each member goes from what it was
 * to what it is to be, and never is anything else.
 */
static void odma_put_table(struct dma_map_ops *to,
			   const struct dma_map_ops *from)
{
	unsigned long *dst = (unsigned long *)to;
	const unsigned long *src = (const unsigned long *)from;
	size_t i;

	BUILD_BUG_ON(sizeof(*to) % sizeof(*dst));
	for (i = 0; i < sizeof(*to) / sizeof(*dst); i++)
		WRITE_ONCE(dst[i], src[i]);
}

/* What the kernel calls: the core's entries, and what odev->base has. */
static void odma_build_ops(struct odma_device *odev)
{
	struct dma_map_ops ops = *odev->base;

	ops.alloc = odma_core_alloc;
	ops.free = odma_core_free;
	ops.odma_alloc_pages_op = odma_core_alloc_pages;
	ops.free_pages = odma_core_free_pages;
	/* The kernel takes a missing member for "can't". */
	if (odev->base->mmap)
		ops.mmap = odma_core_mmap;
	if (odev->base->get_sgtable)
		ops.get_sgtable = odma_core_get_sgtable;
	if (odev->backend->noncontiguous)
		ODMA_OPS_SET_NONCONTIGUOUS(&ops, &odma_core_noncontiguous);
	if (odev->flags & ODMA_STATS)
		odma_count_ops(&ops);
	odma_put_table(&odev->ops, &ops);
}

static void odma_set_ops(struct odma_device *odev)
{
	odev->saved_ops = odev->dev->dma_ops;
	odev->saved_iommu = odma_kernel_uses_dma_iommu(odev->dev);
	odma_hold_ops(odev);
}

/**
 * odma_hold_ops() - point a device to its attachment, again
 * @odev: attached
 *
 * The code that configures a device before a bind, and on some architectures
 * after an unbind, may have pointed it elsewhere.
 *
 * Context: process context, odma_mutex held; no driver uses the device.
 */
void odma_hold_ops(struct odma_device *odev)
{
	odma_set_dma_iommu(odev->dev, false);
	set_dma_ops(odev->dev, &odev->ops);
	odma_clear_skip_sync(odev->dev);
}

/**
 * odma_ops_held() - does a device's DMA still come to its attachment?
 * @odev: attached
 *
 * Context: process context, odma_mutex held.
 */
bool odma_ops_held(const struct odma_device *odev)
{
	return odev->dev->dma_ops == &odev->ops &&
	       !odma_kernel_uses_dma_iommu(odev->dev);
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
 * odma_deny() - let a device map and allocate nothing any more
 * @odev: attached
 *
 * What is live can still be undone.
 *
 * Context: process context, odma_mutex held.
 */
void odma_deny(struct odma_device *odev)
{
	odev->allowed = odev->base;
	odma_refusing_ops(&odev->denied, odev->base);
	/* Whoever frees something now finds the table filled in. */
	smp_store_release(&odev->base, &odev->denied);
	odma_build_ops(odev);
}

/* Undo it. */
void odma_allow(struct odma_device *odev)
{
	WRITE_ONCE(odev->base, odev->allowed);
	odev->allowed = NULL;
	odma_build_ops(odev);
}

static void odma_backend_detach(struct odma_device *odev)
{
	if (odev->backend->detach)
		odev->backend->detach(odev);
}

static int odma_add_backend(struct odma_device *odev)
{
	int ret = odma_attach_backend(odev);

	if (ret)
		return ret;
	ret = odma_pool_ops->map(odev);
	if (!ret) {
		ret = odma_add_bypass(odev);
		if (ret)
			odma_pool_ops->unmap(odev);
	}
	if (ret)
		odma_backend_detach(odev);
	return ret;
}

static void odma_remove_backend(struct odma_device *odev)
{
	odma_remove_bypass(odev);
	odma_pool_ops->unmap(odev);
	odma_backend_detach(odev);
}

/* From here on the kernel asks us. */
static int odma_put_in_place(struct odma_device *odev)
{
	int ret;

	odma_build_ops(odev);
	odma_set_ops(odev);
	list_add_tail_rcu(&odev->node, &odma_devices);
	ret = sysfs_create_group(&odev->dev->kobj, &odma_device_group);
	if (ret) {
		list_del_rcu(&odev->node);
		odma_reset_ops(odev);
	}
	return ret;
}

static int odma_fill_device(struct odma_device *odev,
			    const struct odma_terms *terms)
{
	int ret = odma_save_ranges(odev) ?:
		  odma_pool_ops->attach(odev, terms->pools);

	if (ret)
		return ret;
	ret = odma_add_backend(odev);
	if (ret)
		goto pools;
	ret = odma_put_in_place(odev);
	if (ret)
		goto backend;
	odev->plan = odma_pool_ops->get_plan(terms->pools);
	odma_prepare_bounce(odev);
	return 0;

backend:
	odma_remove_backend(odev);
pools:
	odma_pool_ops->detach(odev);
	odma_put_bounce(odev);
	return ret;
}

/* A device holds the module that serves it, and this one. */
static bool odma_get_modules(const struct odma_backend *backend)
{
	if (!try_module_get(THIS_MODULE))
		return false;
	if (try_module_get(backend->owner))
		return true;
	module_put(THIS_MODULE);
	return false;
}

static void odma_put_modules(const struct odma_backend *backend)
{
	module_put(backend->owner);
	module_put(THIS_MODULE);
}

/**
 * odma_install() - put a backend under a device
 * @dev: the device, not attached yet
 * @terms: which one, and how
 *
 * Context: process context, odma_mutex held.
 *
 * Return: the attached device; ERR_PTR(-ENOENT) no such backend, -ENODEV a
 * module is on its way out, -EOPNOTSUPP as odma_may_attach(), -ENOMEM, or what
 * the backend said. An error leaves the device as it was.
 */
struct odma_device *odma_install(struct device *dev,
				 const struct odma_terms *terms)
{
	struct odma_backend *backend = odma_find_backend(terms->backend);
	struct odma_device *odev;
	int ret;

	if (!backend) {
		pr_err("%s not attached: there is no backend '%s' (is its module loaded?)\n",
		       dev_name(dev), terms->backend);
		return ERR_PTR(-ENOENT);
	}
	ret = odma_may_attach(dev, backend, terms);
	if (ret)
		return ERR_PTR(ret);
	ret = -ENODEV;
	if (!odma_get_modules(backend))
		goto out;
	ret = -ENOMEM;
	odev = odma_new_device(dev, terms);
	if (!odev)
		goto modules;
	odev->backend = backend;
	odev->base = backend->ops;
	ret = odma_fill_device(odev, terms);
	if (ret)
		goto free;
	trace_odma_attach(dev, terms->backend, terms->flags);
	pr_info("%s attached to '%s'%s%s%s\n", dev_name(dev), terms->backend,
		odma_flag_words(terms->flags), terms->options ? " " : "",
		terms->options ?: "");
	return odev;

free:
	odma_free_device(odev);
modules:
	odma_put_modules(backend);
out:
	pr_err("%s not attached to '%s': error %d\n", dev_name(dev),
	       terms->backend, ret);
	return ERR_PTR(ret);
}

/**
 * odma_install_refusal() - let a device have no DMA at all
 * @dev: the device, not attached
 * @terms: what it was to be attached to
 *
 * This must not fail, or a driver that was to be kept from something is not.
 *
 * Context: process context, odma_mutex held.
 *
 * Return: the device, in the state ODMA_REFUSED.
 */
struct odma_device *odma_install_refusal(struct device *dev,
					 const struct odma_terms *terms)
{
	struct odma_device *odev;

	odev = kzalloc(sizeof(*odev), GFP_KERNEL | __GFP_NOFAIL);
	odma_init_device(odev, dev, terms);
	odev->counters = alloc_percpu(struct odma_counters);
	if (!odev->counters)
		odev->counters = &odma_spare_counters;
	odev->backend = &odma_refusal;
	odev->base = odma_refusal.ops;
	odev->state = ODMA_REFUSED;
	/* Its driver's module calls us: that one can't be going. */
	__module_get(THIS_MODULE);
	__module_get(THIS_MODULE);
	odma_build_ops(odev);
	odma_set_ops(odev);
	odma_stop_bus_master(dev);
	list_add_tail_rcu(&odev->node, &odma_devices);
	odev->hidden = sysfs_create_group(&dev->kobj, &odma_device_group);
	return odev;
}

/**
 * odma_hide() - a device leaves sysfs
 * @odev: attached
 *
 * Context: process context, odma_mutex held.
 */
void odma_hide(struct odma_device *odev)
{
	if (!odev->hidden)
		sysfs_remove_group(&odev->dev->kobj, &odma_device_group);
	odev->hidden = true;
}

static void odma_uninstall_as(struct odma_device *odev, bool abandon)
{
	const struct odma_backend *backend = odev->backend;

	if (odev->allowed)
		odma_allow(odev);
	odma_hide(odev);
	list_del_rcu(&odev->node);
	odma_reset_ops(odev);
	odma_remove_bypass(odev);
	odma_pool_ops->unmap(odev);
	if (abandon && backend->abandon)
		backend->abandon(odev);
	else
		odma_backend_detach(odev);
	if (abandon && odev->bounce && odev->bounce->abandon)
		odev->bounce->abandon(odev);
	odma_put_bounce(odev);
	odma_pool_ops->detach(odev);
	odma_pool_ops->put_plan(odev->plan);
	trace_odma_detach(odev->dev, backend->name, odev->flags);
	pr_info("%s detached from '%s'\n", dev_name(odev->dev), backend->name);
	odma_unmake_identity_later(odev->dev, odev->group_type);
	odma_free_device(odev);
	odma_put_modules(backend);
}

/**
 * odma_uninstall() - give a device its own DMA back
 * @odev: attached, with nothing live; freed on return
 *
 * Context: process context, odma_mutex held; no driver uses the device.
 */
void odma_uninstall(struct odma_device *odev)
{
	odma_uninstall_as(odev, false);
}

/**
 * odma_abandon() - give a device its own DMA back, whatever is live
 * @odev: attached; freed on return
 *
 * What is live is made unreachable for the device where its backend can do
 * that, and is never freed.
 *
 * Context: process context, odma_mutex held; no driver uses the device.
 */
void odma_abandon(struct odma_device *odev)
{
	odma_uninstall_as(odev, true);
}
