// SPDX-License-Identifier: GPL-2.0
/*
 * Keeping a driver off a device.
 *
 * The bus notifier that hears of a bind can't stop it, and failing its DMA
 * doesn't keep out a driver that does none or that goes on all the same. But
 * between the notifier and the probe the driver core asks the device's PM
 * domain to be activated, and takes no for an answer. So for that long, all of
 * it under device_lock(), the device has one that says no.
 */
#include <linux/pm.h>
#include <linux/slab.h>
#include "core.h"

/*
 * struct odma_veto - a PM domain for the rest of one bind
 * @domain:	what the device has meanwhile
 * @saved:	what it had, or NULL
 * @error:	what the bind ends in
 */
struct odma_veto {
	struct dev_pm_domain domain;
	struct dev_pm_domain *saved;
	int error;
};

/*
 * What was there is told that the device gives up again: it has to hear of the
 * beginning, too.
 */
static int odma_veto_activate(struct device *dev)
{
	struct odma_veto *veto = container_of(dev->pm_domain, struct odma_veto,
					      domain);
	struct dev_pm_domain *saved = veto->saved;
	int error = veto->error;

	dev->pm_domain = saved;
	kfree(veto);
	if (saved && saved->activate)
		saved->activate(dev);
	return error;
}

static bool odma_is_vetoed(const struct device *dev)
{
	return dev->pm_domain &&
	       dev->pm_domain->activate == odma_veto_activate;
}

/**
 * odma_veto_bind() - have the bind that is under way fail
 * @dev: a device that its bus has just said BUS_NOTIFY_BIND_DRIVER of
 * @error: what for
 *
 * The probe does not run, BUS_NOTIFY_DRIVER_NOT_BOUND follows, and the next
 * bind is a new one. Who is bound without a probe, by device_bind_driver(),
 * stays bound.
 *
 * Context: that notifier; device_lock() held.
 *
 * Return: 0; -ENOMEM, and the bind goes on.
 */
int odma_veto_bind(struct device *dev, int error)
{
	struct odma_veto *veto;

	if (odma_is_vetoed(dev))
		return 0;
	veto = kzalloc(sizeof(*veto), GFP_KERNEL);
	if (!veto)
		return -ENOMEM;
	veto->saved = dev->pm_domain;
	veto->error = error;
	/* No copy of the rest: a PM domain's functions know what it is in. */
	veto->domain.activate = odma_veto_activate;
	dev->pm_domain = &veto->domain;
	return 0;
}

/**
 * odma_end_veto() - a bind is over that may have been refused
 * @dev: a device that its bus has just said BUS_NOTIFY_DRIVER_NOT_BOUND or
 *	BUS_NOTIFY_BOUND_DRIVER of
 *
 * Where the driver core has not come as far as to the veto, this takes it
 * back: it was not meant for the next bind.
 *
 * Context: those notifiers; device_lock() held.
 */
void odma_end_veto(struct device *dev)
{
	struct odma_veto *veto;

	if (!odma_is_vetoed(dev))
		return;
	veto = container_of(dev->pm_domain, struct odma_veto, domain);
	dev->pm_domain = veto->saved;
	kfree(veto);
}
