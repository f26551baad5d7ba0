// SPDX-License-Identifier: GPL-2.0
/*
 * Rules: which device comes under which backend when a driver binds it.
 *
 *   <bus> <device> <backend> [stats] [bypass] [key=value]...
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
	kfree(rule->backend);
	kfree(rule->options);
	kfree(rule);
}

/* With odma_mutex held. */
void odma_end_rule(struct odma_rule *rule)
{
	odma_pool_ops->put_plan(rule->pools);
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

static int odma_add_option(struct odma_rule *rule, const char *word)
{
	char *all;

	all = kasprintf(GFP_KERNEL, "%s%s%s", rule->options ?: "",
			rule->options ? " " : "", word);
	if (!all)
		return -ENOMEM;
	kfree(rule->options);
	rule->options = all;
	return 0;
}

static int odma_parse_word(struct odma_rule *rule, const char *word)
{
	if (!strcmp(word, "stats")) {
		rule->flags |= ODMA_STATS;
		return 0;
	}
	if (!strcmp(word, "bypass")) {
		rule->flags |= ODMA_BYPASS;
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
		pr_err("rule refused: it must be <bus> <device> <backend> [stats] [bypass] [key=value]...\n");
		kfree(rule);
		return ERR_PTR(-EINVAL);
	}
	rule->bus = kstrdup(bus, GFP_KERNEL);
	rule->device = kstrdup(device, GFP_KERNEL);
	rule->backend = kstrdup(backend, GFP_KERNEL);
	if (!rule->bus || !rule->device || !rule->backend)
		ret = -ENOMEM;
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
		pr_err("rule for %s refused: backend '%s' does not take %s%s%s (all take stats, bypass, pool=)\n",
		       rule->device, rule->backend, key, value ? "=" : "",
		       value ?: "");
	return ret;
}

int odma_check_options(struct odma_backend *backend,
		       const struct odma_rule *rule)
{
	char *copy, *text, *word, *value;
	int ret = 0;

	if (!rule->options)
		return 0;
	copy = kstrdup(rule->options, GFP_KERNEL);
	if (!copy)
		return -ENOMEM;
	text = copy;
	while (!ret && (word = odma_next_word(&text))) {
		value = strchr(word, '=');
		if (value)
			*value++ = '\0';
		ret = odma_check_option(backend, rule, word, value);
	}
	kfree(copy);
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
