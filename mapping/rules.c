// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: which device comes under which backend when a driver binds it.
 *
 *   <bus> <device> <backend> [stats] [bypass] [require] [key=value]...
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/slab.h>
#include <linux/string.h>
#include "core.h"

LIST_HEAD(odma_rules);

struct odma_rule *odma_find_rule(const char *bus, const char *device)
{
	struct odma_rule *rule;

	lockdep_assert_held(&odma_mutex);
	list_for_each_entry(rule, &odma_rules, node)
		if (!strcmp(rule->bus, bus) && !strcmp(rule->device, device))
			return rule;
	return NULL;
}

void odma_free_rule(struct odma_rule *rule)
{
	kfree(rule->bus);
	kfree(rule->device);
	kfree(rule->terms.backend);
	kfree(rule->terms.options);
	kfree(rule);
}

/* With odma_mutex held. */
void odma_end_rule(struct odma_rule *rule)
{
	odma_pool_ops->put_plan(rule->terms.pools);
	list_del(&rule->node);
	odma_free_rule(rule);
}

char *odma_next_word(char **text)
{
	char *word;

	do {
		word = strsep(text, " \t\n");
	} while (word && !*word);
	return word;
}

/**
 * odma_device_name() - a device as its bus calls it
 * @bus: its bus
 * @device: its name, of a PCI device perhaps without the domain
 *
 * Context: process context.
 *
 * Return: the whole name, to be freed with kfree(); NULL where there is no
 * memory for it.
 */
char *odma_device_name(const char *bus, const char *device)
{
	const char *colon = strchr(device, ':');

	if (!strcmp(bus, "pci") && colon && !strchr(colon + 1, ':'))
		return kasprintf(GFP_KERNEL, "0000:%s", device);
	return kstrdup(device, GFP_KERNEL);
}

static int odma_check_pci_name(const char *device)
{
	unsigned int domain, bus, slot, function;
	char rest;

	if (sscanf(device, "%x:%x:%x.%x%c", &domain, &bus, &slot, &function,
		   &rest) == 4)
		return 0;
	pr_err("rule for %s refused: no PCI device is called that (0000:00:04.0, or 00:04.0)\n",
	       device);
	return -EINVAL;
}

static int odma_add_option(struct odma_rule *rule, const char *word)
{
	char *all;

	all = kasprintf(GFP_KERNEL, "%s%s%s", rule->terms.options ?: "",
			rule->terms.options ? " " : "", word);
	if (!all)
		return -ENOMEM;
	kfree(rule->terms.options);
	rule->terms.options = all;
	return 0;
}

static int odma_parse_word(struct odma_rule *rule, const char *word)
{
	if (!strcmp(word, "stats")) {
		rule->terms.flags |= ODMA_STATS;
		return 0;
	}
	if (!strcmp(word, "bypass")) {
		rule->terms.flags |= ODMA_BYPASS;
		return 0;
	}
	if (!strcmp(word, "require")) {
		rule->terms.flags |= ODMA_REQUIRE;
		return 0;
	}
	/* What is not known here may be known to the backend. */
	if (*word != '=')
		return odma_add_option(rule, word);
	pr_err("rule for %s refused: '%s' has no name before the equals sign\n",
	       rule->device, word);
	return -EINVAL;
}

struct odma_rule *odma_parse_rule(char *text)
{
	struct odma_rule *rule = kzalloc(sizeof(*rule), GFP_KERNEL);
	char *bus = odma_next_word(&text);
	char *device = odma_next_word(&text);
	char *backend = odma_next_word(&text);
	char *word;
	int ret = 0;

	if (!rule)
		return ERR_PTR(-ENOMEM);
	if (!backend) {
		pr_err("rule refused: it must be <bus> <device> <backend> [stats] [bypass] [require] [key=value]...\n");
		kfree(rule);
		return ERR_PTR(-EINVAL);
	}
	if (!odma_backend_name_ok(backend)) {
		pr_err("rule for %s refused: no backend can be called '%s' (rules of boot time are separated by commas)\n",
		       device, backend);
		kfree(rule);
		return ERR_PTR(-ENOENT);
	}
	rule->bus = kstrdup(bus, GFP_KERNEL);
	rule->device = odma_device_name(bus, device);
	rule->terms.backend = kstrdup(backend, GFP_KERNEL);
	if (!rule->bus || !rule->device || !rule->terms.backend)
		ret = -ENOMEM;
	else if (!strcmp(bus, "pci"))
		ret = odma_check_pci_name(rule->device);
	while (!ret && (word = odma_next_word(&text)))
		ret = odma_parse_word(rule, word);
	if (ret) {
		odma_free_rule(rule);
		return ERR_PTR(ret);
	}
	return rule;
}

/* The pool= words are ours; what else has a value is the backend's to judge. */
static int odma_check_option(struct odma_backend *backend,
			     const struct odma_rule *rule, const char *key,
			     const char *value)
{
	int ret = -EINVAL;

	if (!strcmp(key, "pool") && value)
		return odma_pool_ops->check(rule->device, value);
	if (backend->check_option)
		ret = backend->check_option(key, value);
	if (ret)
		pr_err("rule for %s refused: backend '%s' does not take %s%s%s (all take stats, bypass, require, pool=)\n",
		       rule->device, rule->terms.backend, key, value ? "=" : "",
		       value ?: "");
	return ret;
}

/* What is given twice says two things; of pools there may be several. */
static int odma_check_once(const struct odma_rule *rule, const char *key,
			   const char *rest)
{
	if (!strcmp(key, "pool") || !odma_word_is(rest, key, NULL))
		return 0;
	pr_err("rule for %s refused: it says '%s' twice\n", rule->device, key);
	return -EINVAL;
}

int odma_check_options(struct odma_backend *backend,
		       const struct odma_rule *rule)
{
	char *copy, *text, *word, *value;
	int ret = 0;

	if (!rule->terms.options)
		return 0;
	copy = kstrdup(rule->terms.options, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	text = copy;
	while (!ret && (word = odma_next_word(&text))) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		ret = odma_check_once(rule, word, text) ?:
		      odma_check_option(backend, rule, word, value);
	}
	kfree(copy);
	if (!ret && backend->check_words)
		ret = backend->check_words(rule->device, rule->terms.options);
	return ret;
}

void odma_free_rules(void)
{
	struct odma_rule *rule, *next;

	mutex_lock(&odma_mutex);
	list_for_each_entry_safe(rule, next, &odma_rules, node)
		odma_end_rule(rule);
	mutex_unlock(&odma_mutex);
}
