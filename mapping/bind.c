// SPDX-License-Identifier: GPL-2.0
/*
 * When a device comes under odma and when it leaves: bus notifiers.
 *
 * The driver core notifies in this order (really_probe() and
 * __device_release_driver()):
 *
 *   BIND_DRIVER       dma_configure is done, probe is next      -> install
 *   UNBOUND_DRIVER    remove is done, and managed memory freed  -> restore
 *   DRIVER_NOT_BOUND  probe failed, managed memory *not* freed  -> reap later
 *   REMOVED_DEVICE    the device is going away                  -> restore
 *
 * Restoring at DRIVER_NOT_BOUND would send what the driver manages back to an
 * allocator that never gave it.  The reaper waits for device_lock(), which the
 * driver core holds until the clean-up is done.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/slab.h>
#include <linux/workqueue.h>
#include "core.h"

struct odma_bus {
	struct list_head node;
	odma_bus_t bus;
	struct notifier_block nb;
};

static LIST_HEAD(odma_buses);
/*
 * Guards odma_buses. Registering takes the notifier chain's lock, under which
 * odma_bus_event() takes odma_mutex: so odma_mutex can't be held around it.
 */
static DEFINE_MUTEX(odma_buses_mutex);
static struct workqueue_struct *odma_wq;

static struct odma_device *odma_next_failed_probe(void)
{
	struct odma_device *odev;

	list_for_each_entry(odev, &odma_devices, node)
		if (odev->probe_failed)
			return odev;
	return NULL;
}

static void odma_restore_if_unbound(struct device *dev)
{
	struct odma_device *odev;

	device_lock(dev);
	mutex_lock(&odma_mutex);
	odev = odma_find_device(dev);
	if (odev && odev->probe_failed) {
		/* Another driver may have bound it in the meantime. */
		odev->probe_failed = false;
		if (!dev->driver)
			odma_restore(odev);
	}
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
}

static void odma_reap(struct work_struct *work)
{
	struct odma_device *odev;
	struct device *dev;

	for (;;) {
		mutex_lock(&odma_mutex);
		odev = odma_next_failed_probe();
		dev = odev ? get_device(odev->dev) : NULL;
		mutex_unlock(&odma_mutex);
		if (!dev)
			return;
		odma_restore_if_unbound(dev);
		put_device(dev);
	}
}

static DECLARE_WORK(odma_reaper, odma_reap);

/* Wait until what failed to probe so far is restored. May sleep for long. */
void odma_settle(void)
{
	flush_work(&odma_reaper);
}

/* A rule of boot time may have waited for its backend, unchecked. */
static bool odma_rule_holds(const struct odma_rule *rule)
{
	struct odma_backend *backend = odma_find_backend(rule->backend);

	return !backend || !odma_check_options(backend, rule);
}

static void odma_on_bind(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);
	struct odma_rule *rule;

	if (odev) {
		/* The probe of another driver has just failed. */
		odev->probe_failed = false;
		return;
	}
	rule = odma_find_rule(dev->bus->name, dev_name(dev));
	if (rule && odma_rule_holds(rule))
		odma_install(dev, rule->backend, rule->options, rule->flags,
			     rule->pools);
}

static void odma_on_unbound(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev)
		odma_restore(odev);
}

static void odma_on_probe_failed(struct device *dev)
{
	struct odma_device *odev = odma_find_device(dev);

	if (odev) {
		odev->probe_failed = true;
		queue_work(odma_wq, &odma_reaper);
	}
}

static int odma_bus_event(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	mutex_lock(&odma_mutex);
	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		odma_on_bind(data);
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		odma_on_probe_failed(data);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
	case BUS_NOTIFY_REMOVED_DEVICE:
		odma_on_unbound(data);
		break;
	}
	mutex_unlock(&odma_mutex);
	return NOTIFY_OK;
}

static bool odma_is_watched(odma_bus_t bus)
{
	struct odma_bus *b;

	list_for_each_entry(b, &odma_buses, node)
		if (b->bus == bus)
			return true;
	return false;
}

static int odma_register_bus(odma_bus_t bus)
{
	struct odma_bus *b = kzalloc(sizeof(*b), GFP_KERNEL);
	int ret;

	if (!b)
		return -ENOMEM;
	b->bus = bus;
	b->nb.notifier_call = odma_bus_event;
	ret = bus_register_notifier(bus, &b->nb);
	if (ret)
		kfree(b);
	else
		list_add_tail(&b->node, &odma_buses);
	return ret;
}

/**
 * odma_watch_bus() - hear of the binds and unbinds on a bus
 * @bus: the bus; watched until the module goes
 *
 * Context: process context, odma_mutex not held.
 *
 * Return: 0, -ENOMEM, or what bus_register_notifier() said.
 */
int odma_watch_bus(odma_bus_t bus)
{
	int ret;

	mutex_lock(&odma_buses_mutex);
	ret = odma_is_watched(bus) ? 0 : odma_register_bus(bus);
	mutex_unlock(&odma_buses_mutex);
	return ret;
}

int odma_bind_init(void)
{
	odma_wq = alloc_workqueue("odma", WQ_UNBOUND, 0);
	return odma_wq ? 0 : -ENOMEM;
}

/* No device is attached any more: each would hold a reference on the module. */
void odma_bind_exit(void)
{
	struct odma_bus *b, *next;

	list_for_each_entry_safe(b, next, &odma_buses, node) {
		bus_unregister_notifier(b->bus, &b->nb);
		list_del(&b->node);
		kfree(b);
	}
	destroy_workqueue(odma_wq);
}
