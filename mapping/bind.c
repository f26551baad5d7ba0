// SPDX-License-Identifier: GPL-2.0
/*
 * When a device comes under odma and when it leaves: bus notifiers.
 *
 * The driver core notifies in this order (really_probe() and
 * __device_release_driver()):
 *
 *   BIND_DRIVER       dma_configure is done, probe is next
 *   UNBOUND_DRIVER    remove is done, and managed memory freed
 *   DRIVER_NOT_BOUND  probe failed, managed memory *not* freed
 *   REMOVED_DEVICE    the device is going away
 *
 * Giving a device back at DRIVER_NOT_BOUND would send what the driver manages
 * to an allocator that never gave it: life.c waits for device_lock(), which the
 * driver core holds until the clean-up is done.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/async.h>
#include <linux/device/bus.h>
#include <linux/slab.h>
#include "core.h"

/*
 * struct odma_bus - a bus that is watched
 * @nb: for what the kernel's own code, of IOMMUs for one, has to see first
 * @removal: for what it must not see before
 */
struct odma_bus {
	struct list_head node;
	odma_bus_t bus;
	struct notifier_block nb;
	struct notifier_block removal;
};

static LIST_HEAD(odma_buses);
/*
 * Guards odma_buses. Registering takes the notifier chain's lock, under which
 * odma_bus_event() takes odma_mutex: so odma_mutex can't be held around it.
 */
static DEFINE_MUTEX(odma_buses_mutex);

/* A rule of boot time may have waited for its backend, unchecked. */
static bool odma_rule_holds(const struct odma_rule *rule)
{
	struct odma_backend *backend = odma_find_backend(rule->terms.backend);

	return !backend || !odma_check_options(backend, rule);
}

static void odma_on_bind(struct device *dev)
{
	struct odma_rule *rule = odma_find_rule(dev->bus->name, dev_name(dev));

	if (!rule || odma_rule_holds(rule))
		odma_life_bind(dev, rule ? &rule->terms : NULL);
	else if (odma_is_promise(&rule->terms) && !odma_find_device(dev))
		odma_refuse(dev, &rule->terms, "its words are wrong", -EINVAL);
}

/*
 * Whoever names a backend in a rule means to have it. Loading may wait for all
 * that runs asynchronously, so what does so itself can't wait for it: then the
 * module that was asked for when the rule was read has to be there.
 */
static void odma_fetch_backend(struct device *dev)
{
	const struct odma_rule *rule;
	char *name = NULL;

	mutex_lock(&odma_mutex);
	rule = odma_find_rule(dev->bus->name, dev_name(dev));
	if (rule && !odma_find_backend(rule->terms.backend))
		name = kstrdup(rule->terms.backend, GFP_KERNEL);
	mutex_unlock(&odma_mutex);
	if (name)
		odma_ask_for_backend(name, !current_is_async());
	kfree(name);
}

/* Its group is as the kernel makes groups; its rule may need another one. */
static void odma_fit_group(struct device *dev)
{
	const struct odma_backend *backend = NULL;
	char type[ODMA_TYPE_MAX] = "";
	struct odma_rule *rule;

	mutex_lock(&odma_mutex);
	rule = odma_find_rule(dev->bus->name, dev_name(dev));
	if (rule)
		backend = odma_find_backend(rule->terms.backend);
	mutex_unlock(&odma_mutex);
	if (!backend || backend->translates || odma_make_identity(dev, type))
		return;
	mutex_lock(&odma_mutex);
	rule = odma_find_rule(dev->bus->name, dev_name(dev));
	if (rule && !rule->group_type[0])
		strscpy(rule->group_type, type, ODMA_TYPE_MAX);
	mutex_unlock(&odma_mutex);
}

/* It comes, or comes back. */
static void odma_on_add(struct device *dev)
{
	odma_fetch_backend(dev);
	odma_fit_group(dev);
}

/*
 * The device of one of the rules that name a backend, referenced, or NULL where
 * it is not there; false where there are not so many rules.
 */
static bool odma_ruled_device(const char *backend, unsigned int n,
			      struct device **dev)
{
	struct odma_rule *rule;
	bool found = false;
	odma_bus_t bus;

	*dev = NULL;
	mutex_lock(&odma_mutex);
	list_for_each_entry(rule, &odma_rules, node) {
		if (strcmp(rule->terms.backend, backend) || n--)
			continue;
		bus = odma_find_bus(rule->bus);
		if (bus)
			*dev = bus_find_device_by_name(bus, NULL, rule->device);
		found = true;
		break;
	}
	mutex_unlock(&odma_mutex);
	return found;
}

/* Rules of boot time were there before it, and knew not what it would need. */
static int odma_on_backend(struct notifier_block *nb, unsigned long event,
			   void *data)
{
	const struct odma_backend *backend = data;
	struct device *dev;
	unsigned int n;

	for (n = 0; odma_ruled_device(backend->name, n, &dev); n++) {
		if (dev && !READ_ONCE(dev->driver))
			odma_fit_group(dev);
		put_device(dev);
	}
	return NOTIFY_OK;
}

static struct notifier_block odma_backend_nb = {
	.notifier_call = odma_on_backend,
};

void odma_bind_init(void)
{
	odma_hear_of_backends(&odma_backend_nb);
}

static int odma_bus_event(struct notifier_block *nb, unsigned long event,
			  void *data)
{
	if (event == BUS_NOTIFY_ADD_DEVICE)
		odma_on_add(data);
	else if (event == BUS_NOTIFY_BIND_DRIVER)
		odma_fetch_backend(data);
	mutex_lock(&odma_mutex);
	switch (event) {
	case BUS_NOTIFY_BIND_DRIVER:
		odma_on_bind(data);
		break;
	case BUS_NOTIFY_BOUND_DRIVER:
		odma_end_veto(data);
		break;
	case BUS_NOTIFY_DRIVER_NOT_BOUND:
		odma_end_veto(data);
		odma_life_probe_failed(data);
		break;
	case BUS_NOTIFY_UNBOUND_DRIVER:
		odma_life_unbound(data);
		break;
	case BUS_NOTIFY_REMOVED_DEVICE:
		odma_life_gone(data);
		break;
	}
	mutex_unlock(&odma_mutex);
	return NOTIFY_OK;
}

static int odma_removal_event(struct notifier_block *nb, unsigned long event,
			      void *data)
{
	if (event != BUS_NOTIFY_REMOVED_DEVICE)
		return NOTIFY_DONE;
	mutex_lock(&odma_mutex);
	odma_life_removed(data);
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
	b->removal.notifier_call = odma_removal_event;
	b->removal.priority = INT_MAX;
	ret = bus_register_notifier(bus, &b->nb);
	if (ret)
		goto free;
	ret = bus_register_notifier(bus, &b->removal);
	if (ret)
		goto unregister;
	list_add_tail(&b->node, &odma_buses);
	return 0;

unregister:
	bus_unregister_notifier(bus, &b->nb);
free:
	kfree(b);
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

/* No device is attached any more: each would hold a reference on the module. */
void odma_bind_exit(void)
{
	struct odma_bus *b, *next;

	list_for_each_entry_safe(b, next, &odma_buses, node) {
		bus_unregister_notifier(b->bus, &b->removal);
		bus_unregister_notifier(b->bus, &b->nb);
		list_del(&b->node);
		kfree(b);
	}
}
