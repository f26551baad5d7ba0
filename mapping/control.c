// SPDX-License-Identifier: GPL-2.0
/*
 * Rules come and go: what is checked before one holds, and before it ends.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/device/bus.h>
#include <linux/kmod.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core.h"

/*
 * A boot-time rule may name a backend whose module is yet to come: it is looked
 * up at bind time, and loading it from here would wait for ourselves.
 */
static int odma_check_backend(const struct odma_rule *rule, bool boot)
{
	struct odma_backend *backend;
	int ret;

	mutex_lock(&odma_mutex);
	backend = odma_find_backend(rule->backend);
	if (!backend && !boot) {
		mutex_unlock(&odma_mutex);
		request_module("odma-%s", rule->backend);
		mutex_lock(&odma_mutex);
		backend = odma_find_backend(rule->backend);
	}
	if (backend) {
		ret = odma_check_options(backend, rule);
	} else if (boot) {
		pr_info("rule for %s waits for the backend '%s'\n",
			rule->device, rule->backend);
		ret = 0;
	} else {
		pr_err("rule for %s refused: there is no backend '%s' (is odma-%s.ko loaded? cat /sys/kernel/odma/backends shows what there is)\n",
		       rule->device, rule->backend, rule->backend);
		ret = -ENOENT;
	}
	mutex_unlock(&odma_mutex);
	return ret;
}

static int odma_check_device(const struct odma_rule *rule, struct device *dev)
{
	int ret;

	if (dev->driver) {
		pr_err("rule for %s refused: the driver %s is bound to it, unbind it first (scripts/odma attach does)\n",
		       rule->device, dev->driver->name);
		return -EBUSY;
	}
	if (odma_device_of(dev)) {
		pr_err("rule for %s refused: odma_attach() has it now, odma_detach() it first\n",
		       rule->device);
		return -EBUSY;
	}
	mutex_lock(&odma_mutex);
	ret = odma_may_attach(dev, odma_find_backend(rule->backend),
			      rule->flags);
	mutex_unlock(&odma_mutex);
	return ret;
}

static int odma_insert_rule(struct odma_rule *rule, odma_bus_t bus)
{
	int ret = odma_watch_bus(bus);

	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	if (odma_find_rule(rule->bus, rule->device)) {
		pr_err("rule for %s refused: there is one for it already, detach it first\n",
		       rule->device);
		ret = -EEXIST;
	} else {
		ret = odma_pool_ops->plan(rule->device, rule->options,
					  &rule->pools);
		if (!ret)
			list_add_tail(&rule->node, &odma_rules);
	}
	mutex_unlock(&odma_mutex);
	return ret;
}

/* The device may be plugged in later: then there is nothing to check yet. */
static int odma_place_rule(struct odma_rule *rule, bool boot)
{
	odma_bus_t bus = odma_get_bus(rule->bus);
	struct device *dev;
	int ret;

	if (!bus)
		return -ENODEV;
	ret = odma_check_backend(rule, boot);
	if (ret)
		return ret;
	dev = bus_find_device_by_name(bus, NULL, rule->device);
	if (!dev) {
		pr_info("rule for %s waits: there is no such device on %s yet\n",
			rule->device, rule->bus);
		return odma_insert_rule(rule, bus);
	}
	/* A probe that has just failed may not have given the device back. */
	odma_settle();
	device_lock(dev);
	ret = odma_check_device(rule, dev);
	if (!ret)
		ret = odma_insert_rule(rule, bus);
	device_unlock(dev);
	put_device(dev);
	return ret;
}

/* Longer than any bus, device, backend and options have reason to be. */
#define ODMA_RULE_MAX	256

static int __odma_add_rule(const char *text, bool boot)
{
	struct odma_rule *rule;
	char *copy;
	int ret;

	if (strlen(text) > ODMA_RULE_MAX) {
		pr_err("rule refused: it is longer than %d characters\n",
		       ODMA_RULE_MAX);
		return -EINVAL;
	}
	copy = kstrdup(text, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	rule = odma_parse_rule(strim(copy));
	kfree(copy);
	if (IS_ERR(rule))
		return PTR_ERR(rule);
	ret = odma_place_rule(rule, boot);
	if (ret)
		odma_free_rule(rule);
	return ret;
}

/**
 * odma_add_rule() - attach a device whenever a driver binds it
 * @text: "<bus> <device> <backend> [stats] [bypass] [key=value]...", copied
 *
 * The rule outlives unbinding, unplugging and plugging the device in again; it
 * ends with odma_remove_rule() or with the module. The device need not exist.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -ENODEV no such bus, -ENOENT no such backend, -EINVAL a word it
 * does not know, too few words or too long, -EBUSY a driver is bound now,
 * -EEXIST a rule for the device exists, -EOPNOTSUPP as odma_attach(), -ENOMEM.
 * Each error is also one line in the log.
 */
int odma_add_rule(const char *text)
{
	return __odma_add_rule(text, false);
}
EXPORT_SYMBOL_GPL(odma_add_rule);

static int odma_drop_rule(const char *bus, const char *device)
{
	struct odma_rule *rule;
	int ret = 0;

	mutex_lock(&odma_mutex);
	rule = odma_find_rule(bus, device);
	if (rule) {
		odma_end_rule(rule);
	} else {
		pr_err("%s not detached: there is no rule for it (cat /sys/kernel/odma/rules shows them)\n",
		       device);
		ret = -ENOENT;
	}
	mutex_unlock(&odma_mutex);
	return ret;
}

/* Taking DMA away from under a running driver would lose its mappings. */
static bool odma_in_use(struct device *dev)
{
	bool used;

	mutex_lock(&odma_mutex);
	used = dev->driver && odma_find_device(dev);
	mutex_unlock(&odma_mutex);
	if (used)
		pr_err("%s not detached: its driver %s uses odma now, unbind it first (scripts/odma detach does)\n",
		       dev_name(dev), dev->driver->name);
	return used;
}

static int odma_detach_by_name(const char *busname, const char *device)
{
	odma_bus_t bus = odma_get_bus(busname);
	struct device *dev;
	int ret;

	if (!bus)
		return -ENODEV;
	dev = bus_find_device_by_name(bus, NULL, device);
	if (!dev)
		return odma_drop_rule(busname, device);
	device_lock(dev);
	ret = odma_in_use(dev) ? -EBUSY : odma_drop_rule(busname, device);
	device_unlock(dev);
	put_device(dev);
	return ret;
}

/**
 * odma_remove_rule() - take back a rule
 * @text: "<bus> <device>"
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL not two words, -ENODEV no such bus, -ENOENT no rule for
 * this device, -EBUSY its driver uses odma now, -ENOMEM. Each error is also
 * one line in the log.
 */
int odma_remove_rule(const char *text)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	char *rest, *bus, *device;
	int ret;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	bus = odma_next_word(&rest);
	device = odma_next_word(&rest);
	if (!device || odma_next_word(&rest)) {
		pr_err("not detached: it must be <bus> <device>\n");
		ret = -EINVAL;
	} else {
		ret = odma_detach_by_name(bus, device);
	}
	kfree(copy);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_remove_rule);

/* A bad rule is reported and passed over: the others still hold. */
void odma_boot_rules(char *rules)
{
	char *text = kstrdup(rules, GFP_KERNEL), *rest = text, *rule;

	while ((rule = strsep(&rest, ",")))
		if (*strim(rule))
			__odma_add_rule(rule, true);
	kfree(text);
}
