// SPDX-License-Identifier: GPL-2.0
/*
 * The safety net: who provides bounce buffers, and which device uses them.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/rcupdate.h>
#include <linux/workqueue.h>
#include <odma/bounce.h>
#include "../direct/direct.h"
#include "core.h"

static const struct odma_bounce __rcu *odma_bounce;

static void odma_prepare_one(struct odma_device *odev,
			     const struct odma_bounce *bounce)
{
	u64 *mask = odev->dev->dma_mask;

	if (mask && !odma_direct_covers_memory(odev->dev, *mask))
		bounce->prepare(odev, *mask);
}

static struct odma_device *odma_next_unprepared(void)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node)
		if (odev->unprepared)
			return odev;
	return NULL;
}

static void odma_prepare_late(struct device *dev)
{
	const struct odma_bounce *bounce;
	struct odma_device *odev;

	device_lock(dev);
	mutex_lock(&odma_mutex);
	bounce = rcu_dereference_protected(odma_bounce,
					   lockdep_is_held(&odma_mutex));
	odev = odma_find_device(dev);
	if (odev && odev->unprepared && bounce)
		odma_prepare_one(odev, bounce);
	if (odev)
		odev->unprepared = false;
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
}

static void odma_prepare_rest(struct work_struct *work)
{
	struct odma_device *odev;
	struct device *dev;

	for (;;) {
		mutex_lock(&odma_mutex);
		odev = odma_next_unprepared();
		dev = odev ? get_device(odev->dev) : NULL;
		mutex_unlock(&odma_mutex);
		if (!dev)
			return;
		odma_prepare_late(dev);
		put_device(dev);
	}
}

static DECLARE_WORK(odma_preparer, odma_prepare_rest);

/*
 * They have set their masks when nobody was there to prepare for it. What they
 * reach is the driver core's to change, under the device's lock. Whoever holds
 * that may be waiting for us, so it is a worker who waits for him.
 */
static void odma_prepare_attached(const struct odma_bounce *bounce)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node) {
		odev->unprepared = !device_trylock(odev->dev);
		if (odev->unprepared) {
			queue_work(system_unbound_wq, &odma_preparer);
			continue;
		}
		odma_prepare_one(odev, bounce);
		device_unlock(odev->dev);
	}
}

/**
 * odma_prepare_bounce() - a device is attached: have buffers that it reaches
 * @odev: the device, whose driver may leave the mask what it is
 *
 * Context: process context, may sleep, odma_mutex held.
 */
void odma_prepare_bounce(struct odma_device *odev)
{
	const struct odma_bounce *bounce;

	bounce = rcu_dereference_protected(odma_bounce,
					   lockdep_is_held(&odma_mutex));
	if (bounce && !odev->backend->translates)
		odma_prepare_one(odev, bounce);
}

/**
 * odma_register_bounce() - offer bounce buffers to all attached devices
 * @bounce: kept by the caller until it is unregistered
 *
 * Context: process context.
 *
 * Return: 0, or -EBUSY where there is somebody who does.
 */
int odma_register_bounce(const struct odma_bounce *bounce)
{
	int ret = 0;

	mutex_lock(&odma_mutex);
	if (rcu_access_pointer(odma_bounce)) {
		pr_err("there are bounce buffers already\n");
		ret = -EBUSY;
	} else {
		rcu_assign_pointer(odma_bounce, bounce);
		odma_prepare_attached(bounce);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_register_bounce);

/**
 * odma_unregister_bounce() - take the offer back
 * @bounce: as registered; a device that has used it goes on to, and holds a
 *	reference on its module until it is detached
 *
 * Context: process context, may sleep.
 */
void odma_unregister_bounce(const struct odma_bounce *bounce)
{
	mutex_lock(&odma_mutex);
	if (rcu_access_pointer(odma_bounce) == bounce)
		RCU_INIT_POINTER(odma_bounce, NULL);
	mutex_unlock(&odma_mutex);
	synchronize_rcu();
}
EXPORT_SYMBOL_GPL(odma_unregister_bounce);

/**
 * odma_get_bounce() - the bounce buffers for a device
 * @odev: attached
 *
 * From the first call on until its detach, the device holds a reference on the
 * provider's module.
 *
 * Context: any.
 *
 * Return: the provider, or NULL.
 */
const struct odma_bounce *odma_get_bounce(struct odma_device *odev)
{
	const struct odma_bounce *bounce = READ_ONCE(odev->bounce);

	if (bounce)
		return bounce;
	rcu_read_lock();
	bounce = rcu_dereference(odma_bounce);
	if (bounce && !try_module_get(bounce->owner))
		bounce = NULL;
	/* On two CPUs at once: one of the references is too many. */
	if (bounce && cmpxchg(&odev->bounce, NULL, bounce))
		module_put(bounce->owner);
	rcu_read_unlock();
	return bounce;
}
EXPORT_SYMBOL_GPL(odma_get_bounce);

/* The device is being detached. */
void odma_put_bounce(struct odma_device *odev)
{
	if (odev->bounce)
		module_put(odev->bounce->owner);
	odev->bounce = NULL;
	odev->bounce_priv = NULL;
}

/* Nobody offers anything any more: who did so held a reference on the module */
void odma_bounce_exit(void)
{
	cancel_work_sync(&odma_preparer);
}
