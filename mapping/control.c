// SPDX-License-Identifier: GPL-2.0
/*
 * Rules come and go: what is checked before one holds, and before it ends.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/delay.h>
#include <linux/device/bus.h>
#include <linux/slab.h>
#include <linux/string.h>
#include "core.h"

/* Whether, and when, a rule is to hold. */
enum odma_intent {
	ODMA_NOW,	/* it was written, by one who hears what is wrong */
	ODMA_AT_BOOT,	/* with the module: what is missing may yet come */
	ODMA_ONLY_ASK,	/* it isn't to hold, only to be checked */
};

/* A boot-time rule may name a backend whose module is yet to come. */
static int odma_check_backend(const struct odma_rule *rule,
			      enum odma_intent intent)
{
	const char *name = rule->terms.backend;
	struct odma_backend *backend;
	int ret = 0;

	odma_ask_for_backend(name, intent != ODMA_AT_BOOT);
	mutex_lock(&odma_mutex);
	backend = odma_find_backend(name);
	if (backend) {
		ret = odma_check_options(backend, rule);
	} else if (intent == ODMA_AT_BOOT) {
		pr_info("rule for %s waits for the backend '%s'\n",
			rule->device, name);
	} else {
		pr_err("rule for %s refused: there is no backend '%s' (is odma-%s.ko loaded? cat /sys/kernel/odma/backends shows what there is)\n",
		       rule->device, name, name);
		ret = -ENOENT;
	}
	mutex_unlock(&odma_mutex);
	return ret;
}

/* What was attached before may be in a rule's way; with odma_mutex held. */
static int odma_check_attachment(const struct odma_rule *rule,
				 struct device *dev)
{
	struct odma_device *odev;

	/* A probe that has just failed may not have given the device back. */
	odma_life_reap(dev);
	odev = odma_find_device(dev);
	if (!odev || (odev->state == ODMA_LINGERING &&
		      odma_same_terms(odev, &rule->terms)))
		return 0;
	if (odev->state == ODMA_ATTACHED) {
		pr_err("rule for %s refused: odma_attach() has it now, odma_detach() it first\n",
		       rule->device);
		return -EBUSY;
	}
	if (!odma_life_settle(dev))
		return 0;
	pr_err("rule for %s refused: what %s left behind keeps it under '%s%s%s%s' (remedy: have that freed, or echo \"%s %s force\" > /sys/kernel/odma/detach)\n",
	       rule->device, odev->driver, odev->backend->name,
	       odma_flag_words(odev->flags), odev->options ? " " : "",
	       odev->options ?: "", rule->bus, rule->device);
	return -EBUSY;
}

/* How long a device's lock is waited for. */
#define ODMA_LOCK_TRIES	50
#define ODMA_LOCK_MS	20

/*
 * A driver's probe holds it for as long as it takes, waiting for firmware for
 * instance, and may be who has called us: so it is not waited for until it is
 * to be had.
 */
static int odma_lock_device(struct device *dev)
{
	int tries;

	for (tries = 0; tries < ODMA_LOCK_TRIES; tries++) {
		if (device_trylock(dev))
			return 0;
		msleep(ODMA_LOCK_MS);
	}
	pr_err("%s is in use by the driver core, for a probe or a remove that takes long: nothing was changed (remedy: say it again when that is over)\n",
	       dev_name(dev));
	return -EBUSY;
}

/* With the device's lock and odma_mutex held. */
static int odma_check_unused(const struct odma_rule *rule, struct device *dev)
{
	if (dev->driver) {
		pr_err("rule for %s refused: the driver %s is bound to it, unbind it first (scripts/odma attach does)\n",
		       rule->device, dev->driver->name);
		return -EBUSY;
	}
	return odma_check_attachment(rule, dev);
}

static int odma_check_new(const struct odma_rule *rule)
{
	if (!odma_find_rule(rule->bus, rule->device))
		return 0;
	pr_err("rule for %s refused: there is one for it already, detach it first\n",
	       rule->device);
	return -EEXIST;
}

/* A device that goes on with its attachment does so with its pools. */
static int odma_plan_pools(struct odma_rule *rule, struct device *dev)
{
	struct odma_device *odev = dev ? odma_find_device(dev) : NULL;

	if (odev) {
		rule->terms.pools = odma_pool_ops->get_plan(odev->plan);
		return 0;
	}
	return odma_pool_ops->plan(rule->device, rule->terms.options,
				   &rule->terms.pools);
}

/* And with its group as an earlier rule has left it. */
static void odma_take_group(struct odma_rule *rule, struct device *dev)
{
	struct odma_device *odev = dev ? odma_find_device(dev) : NULL;

	if (dev && !odev)
		odma_keep_identity(dev, rule->group_type);
	if (!odev || !odev->group_type[0])
		return;
	strscpy(rule->group_type, odev->group_type, ODMA_TYPE_MAX);
	odev->group_type[0] = '\0';
}

/* With odma_mutex held. */
static int odma_insert_rule(struct odma_rule *rule, struct device *dev)
{
	int ret;

	ret = odma_check_new(rule);
	if (!ret)
		ret = odma_plan_pools(rule, dev);
	if (!ret) {
		odma_take_group(rule, dev);
		list_add_tail(&rule->node, &odma_rules);
	}
	return ret;
}

static bool odma_translates(const struct odma_rule *rule)
{
	const struct odma_backend *backend;
	bool translates;

	mutex_lock(&odma_mutex);
	backend = odma_find_backend(rule->terms.backend);
	translates = !backend || backend->translates;
	mutex_unlock(&odma_mutex);
	return translates;
}

/* Once more with the lock: somebody may have bound it since the first look. */
static int odma_insert_for(struct odma_rule *rule, struct device *dev,
			   enum odma_intent intent)
{
	int ret = odma_lock_device(dev);

	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	ret = odma_check_unused(rule, dev);
	if (!ret && !odma_find_device(dev))
		ret = odma_may_attach(dev,
				      odma_find_backend(rule->terms.backend),
				      &rule->terms);
	/* Which the log knows now; it may be otherwise when a driver comes. */
	if (ret == -EOPNOTSUPP && intent == ODMA_AT_BOOT)
		ret = 0;
	if (!ret)
		ret = odma_insert_rule(rule, dev);
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
	return ret;
}

static int odma_check_unused_now(const struct odma_rule *rule,
				 struct device *dev)
{
	int ret = odma_lock_device(dev);

	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	ret = odma_check_unused(rule, dev);
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
	return ret;
}

static int odma_place_for_device(struct odma_rule *rule, struct device *dev,
				 enum odma_intent intent)
{
	int ret = odma_check_unused_now(rule, dev);

	if (ret)
		return ret;
	if (!odma_translates(rule)) {
		ret = odma_make_identity(dev, rule->group_type);
		if (ret && intent != ODMA_AT_BOOT)
			return ret;
	}
	ret = odma_insert_for(rule, dev, intent);
	if (ret)
		odma_unmake_identity(dev, rule->group_type);
	return ret;
}

/* As odma_place_for_device(), but nothing comes of it. */
static int odma_ask_for_device(struct odma_rule *rule, struct device *dev)
{
	struct odma_backend *backend;
	int ret = 0;

	if (!odma_translates(rule) && odma_kernel_translates(dev))
		ret = odma_group_can_be_identity(dev);
	ret = ret ?: odma_lock_device(dev);
	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	/* With a driver, what it has mapped is no leftover. */
	if (!dev->driver)
		ret = odma_check_attachment(rule, dev);
	backend = odma_find_backend(rule->terms.backend);
	if (!ret && !odma_find_device(dev))
		ret = odma_may_serve(dev, backend, &rule->terms);
	if (!ret)
		ret = odma_life_may_begin(dev, &rule->terms);
	if (!ret && backend && backend->can_attach)
		ret = backend->can_attach(dev);
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
	return ret;
}

/* The device may be plugged in later: then there is nothing to check yet. */
static int odma_place_without_device(struct odma_rule *rule)
{
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_insert_rule(rule, NULL);
	mutex_unlock(&odma_mutex);
	if (!ret)
		pr_info("rule for %s waits: there is no such device on %s yet\n",
			rule->device, rule->bus);
	return ret;
}

static int odma_check_against_rules(const struct odma_rule *rule)
{
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_check_new(rule);
	mutex_unlock(&odma_mutex);
	return ret;
}

static int odma_place_rule(struct odma_rule *rule, enum odma_intent intent)
{
	odma_bus_t bus = odma_get_bus(rule->bus);
	struct device *dev;
	int ret;

	if (!bus)
		return -ENODEV;
	ret = odma_check_backend(rule, intent) ?:
	      odma_check_against_rules(rule);
	if (!ret && intent != ODMA_ONLY_ASK)
		ret = odma_watch_bus(bus);
	if (ret)
		return ret;
	dev = bus_find_device_by_name(bus, NULL, rule->device);
	if (intent == ODMA_ONLY_ASK)
		ret = dev ? odma_ask_for_device(rule, dev) : 0;
	else if (dev)
		ret = odma_place_for_device(rule, dev, intent);
	else
		ret = odma_place_without_device(rule);
	put_device(dev);
	return ret;
}

static int odma_read_rule(const char *text, enum odma_intent intent)
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
	ret = odma_place_rule(rule, intent);
	if (ret || intent == ODMA_ONLY_ASK)
		odma_free_rule(rule);
	return ret;
}

/**
 * odma_add_rule() - attach a device whenever a driver binds it
 * @text: "<bus> <device> <backend> [stats] [bypass] [require] [key=value]...",
 *	copied
 *
 * The rule outlives unbinding, unplugging and plugging the device in again; it
 * ends with odma_remove_rule() or with the module. The device need not exist.
 * Where the kernel's IOMMU driver translates the device and the backend does
 * not, the device's IOMMU group is switched to identity.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -ENODEV no such bus, -ENOENT no such backend, -EINVAL a word it
 * does not know, too few words or too long, -EBUSY a driver is bound now, or on
 * its way (in its probe, for one), or what one left behind needs another
 * backend, -EEXIST a rule for the device exists, -EOPNOTSUPP as odma_attach(),
 * -ENOMEM. Each error is also one line in the log.
 */
int odma_add_rule(const char *text)
{
	return odma_read_rule(text, ODMA_NOW);
}
EXPORT_SYMBOL_GPL(odma_add_rule);

/**
 * odma_check_rule() - would odma_add_rule() take it, with no driver bound?
 * @text: as for odma_add_rule()
 *
 * Context: process context, may sleep.
 *
 * Return: as odma_add_rule(), with a line in the log; nothing is changed.
 */
int odma_check_rule(const char *text)
{
	return odma_read_rule(text, ODMA_ONLY_ASK);
}

/*
 * The device of a name, referenced: one of the bus, or one that has left it but
 * lingers here; NULL where there is none.
 */
static struct device *odma_get_device(const char *busname, const char *device)
{
	odma_bus_t bus = odma_find_bus(busname);
	struct device *dev = NULL;
	struct odma_device *odev;

	if (bus)
		dev = bus_find_device_by_name(bus, NULL, device);
	if (dev)
		return dev;
	mutex_lock(&odma_mutex);
	list_for_each_entry(odev, &odma_devices, node)
		if (!strcmp(odev->dev->bus->name, busname) &&
		    !strcmp(dev_name(odev->dev), device)) {
			dev = get_device(odev->dev);
			break;
		}
	mutex_unlock(&odma_mutex);
	return dev;
}

/* Taking DMA away from under a running driver would lose its mappings. */
static int odma_check_idle(struct device *dev)
{
	if (!dev->driver || !odma_find_device(dev))
		return 0;
	pr_err("%s not detached: its driver %s uses odma now, unbind it first (scripts/odma detach does)\n",
	       dev_name(dev), dev->driver->name);
	return -EBUSY;
}

/* The rule ends, if there is one; with odma_mutex held. */
static int odma_drop_rule(const char *bus, const char *device,
			  char *group_type, bool force)
{
	struct odma_rule *rule = odma_find_rule(bus, device);

	if (rule) {
		strscpy(group_type, rule->group_type, ODMA_TYPE_MAX);
		odma_end_rule(rule);
		return 0;
	}
	if (force)
		return 0;
	pr_err("%s not detached: there is no rule for it (cat /sys/kernel/odma/rules shows them)\n",
	       device);
	return -ENOENT;
}

/* What the rule began ends now, or lingers; with both locks held. */
static int odma_end_attachment(struct device *dev, bool force)
{
	if (force)
		return odma_life_force(dev);
	if (odma_life_settle(dev))
		pr_warn("%s is detached, but lingers: /sys/kernel/odma/attachments names who holds how much of it\n",
			dev_name(dev));
	return 0;
}

static int odma_detach_device(const char *bus, struct device *dev, bool force)
{
	char type[ODMA_TYPE_MAX] = "";
	struct odma_device *odev;
	int ret = odma_lock_device(dev);

	if (ret)
		return ret;
	mutex_lock(&odma_mutex);
	odma_life_reap(dev);
	ret = odma_check_idle(dev);
	if (!ret)
		ret = odma_drop_rule(bus, dev_name(dev), type,
				     force && odma_find_device(dev));
	if (!ret && odma_find_device(dev))
		ret = odma_end_attachment(dev, force);
	/* What lingers needs its addresses to stay what they are. */
	odev = odma_find_device(dev);
	if (odev && *type)
		strscpy(odev->group_type, type, ODMA_TYPE_MAX);
	mutex_unlock(&odma_mutex);
	device_unlock(dev);
	if (!ret && !odev)
		odma_unmake_identity(dev, type);
	return ret;
}

static int odma_detach_by_name(const char *bus, const char *device, bool force)
{
	struct device *dev = odma_get_device(bus, device);
	char type[ODMA_TYPE_MAX];
	int ret = 0;

	if (dev) {
		ret = odma_detach_device(bus, dev, force);
		put_device(dev);
		return ret;
	}
	mutex_lock(&odma_mutex);
	if (odma_find_rule(bus, device))
		ret = odma_drop_rule(bus, device, type, force);
	else
		ret = 1;
	mutex_unlock(&odma_mutex);
	if (ret != 1)
		return ret;
	if (!odma_get_bus(bus))
		return -ENODEV;
	pr_err("%s not detached: there is neither such a device nor a rule for it (cat /sys/kernel/odma/rules shows them)\n",
	       device);
	return -ENOENT;
}

/**
 * odma_remove_rule() - take back a rule
 * @text: "<bus> <device> [force]"
 *
 * What a driver left behind keeps its attachment: with "force" that ends, too,
 * and what is live is lost.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EINVAL other words, -ENODEV no such bus, -ENOENT no rule for
 * this device, -EBUSY its driver uses odma now or is on its way, -ENOMEM. Each
 * error is also one line in the log.
 */
int odma_remove_rule(const char *text)
{
	char *copy = kstrdup(text, GFP_KERNEL);
	char *rest, *bus, *device, *word, *name;
	int ret = -EINVAL;

	if (!copy)
		return -ENOMEM;
	rest = strim(copy);
	bus = odma_next_word(&rest);
	device = odma_next_word(&rest);
	word = odma_next_word(&rest);
	if (!device || odma_next_word(&rest) ||
	    (word && strcmp(word, "force"))) {
		pr_err("not detached: it must be <bus> <device> [force]\n");
		kfree(copy);
		return ret;
	}
	name = odma_device_name(bus, device);
	ret = name ? odma_detach_by_name(bus, name, word) : -ENOMEM;
	kfree(name);
	kfree(copy);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_remove_rule);

/**
 * odma_boot_rules() - the rules that came with the module
 * @rules: comma separated, changed
 *
 * One that is refused is quoted, and the others still hold.
 *
 * Context: process context, may sleep.
 */
void odma_boot_rules(char *rules)
{
	char *rule;

	while ((rule = strsep(&rules, ","))) {
		rule = strim(rule);
		if (*rule && odma_read_rule(rule, ODMA_AT_BOOT))
			pr_err("rule of boot time refused: '%s' (the line before says why)\n",
			       rule);
	}
}
