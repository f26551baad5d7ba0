// SPDX-License-Identifier: GPL-2.0
/*
 * The safety net: who provides bounce buffers, and which device uses them.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/rcupdate.h>
#include <odma/bounce.h>
#include "../direct/direct.h"
#include "core.h"

static const struct odma_bounce __rcu *odma_bounce;

/* They have set their masks when nobody was there to prepare for it. */
static void odma_prepare_attached(const struct odma_bounce *bounce)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node) {
		u64 *mask = odev->dev->dma_mask;

		if (mask && !odma_direct_covers_memory(odev->dev, *mask))
			bounce->prepare(odev, *mask);
	}
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
