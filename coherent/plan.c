// SPDX-License-Identifier: GPL-2.0
/*
 * The pool= words of a rule:
 *
 *   pool=<phys>+<size>[@<device address>]   a pool of the device's own
 *   pool=global                             then the global pool
 *   pool=only                               and never the backend
 *
 * The memory is claimed when the rule is written, so that whoever writes it
 * hears what is wrong; it is the rule's until that is taken back, and an
 * attachment's that was made by it until that is gone.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/slab.h>
#include <linux/string.h>
#include "../mapping/core.h"
#include "coherent.h"
#include "pool.h"

/**
 * odma_check_pool_option() - is this a pool= word?
 * @device: whose rule, for the message
 * @value: what follows the equals sign
 *
 * Return: 0, or -EINVAL with a line in the log.
 */
int odma_check_pool_option(const char *device, const char *value)
{
	struct odma_pool_range range;

	if (!strcmp(value, "global") || !strcmp(value, "only") ||
	    !odma_parse_range(value, &range))
		return 0;
	pr_err("rule for %s refused: pool=%s is not <phys>+<size>[@<device address>], global or only\n",
	       device, value);
	return -EINVAL;
}

static int odma_plan_range(struct odma_pool_plan *plan, const char *device,
			   const char *value)
{
	struct odma_pool_range range;
	struct odma_pool *pool;
	int ret;

	/* A rule of boot time comes here without having been looked at. */
	ret = odma_check_pool_option(device, value);
	if (ret)
		return ret;
	odma_parse_range(value, &range);
	if (plan->count == ODMA_PLAN_POOLS) {
		pr_err("rule for %s refused: more than %d pools\n", device,
		       ODMA_PLAN_POOLS);
		return -EINVAL;
	}
	pool = odma_create_pool(&range, device, NULL);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	plan->pool[plan->count++] = pool;
	return 0;
}

static int odma_plan_word(struct odma_pool_plan *plan, const char *device,
			  const char *value)
{
	if (!strcmp(value, "only")) {
		plan->only = true;
		return 0;
	}
	if (strcmp(value, "global"))
		return odma_plan_range(plan, device, value);
	if (!odma_global_pool()) {
		pr_err("rule for %s refused: there is no global pool (echo <phys>+<size> > /sys/kernel/odma/global_pool makes one)\n",
		       device);
		return -ENOENT;
	}
	plan->global = true;
	return 0;
}

static int odma_plan_words(struct odma_pool_plan *plan, const char *device,
			   char *words)
{
	char *word;
	int ret = 0;

	while (!ret && (word = strsep(&words, " ")))
		if (!strncmp(word, "pool=", 5))
			ret = odma_plan_word(plan, device, word + 5);
	/* One of the device tree comes to light when the device is bound. */
	if (!ret && plan->only && !plan->count && !plan->global &&
	    !IS_ENABLED(CONFIG_OF_RESERVED_MEM)) {
		pr_err("rule for %s refused: pool=only needs a pool\n", device);
		ret = -EINVAL;
	}
	return ret;
}

/**
 * odma_create_plan() - make the pools that a rule asks for
 * @device: whose rule
 * @options: its key=value words, or NULL
 * @plan: set to the plan, or to NULL where the rule says nothing of pools
 *
 * Context: process context, may sleep, odma_mutex held.
 *
 * Return: 0; -EINVAL, -EBUSY as odma_declare_coherent_memory(), -ENOENT no
 * global pool, -ENOMEM. All but the last are also one line in the log.
 */
int odma_create_plan(const char *device, const char *options,
		     struct odma_pool_plan **plan)
{
	struct odma_pool_plan *new;
	char *words;
	int ret = -ENOMEM;

	*plan = NULL;
	if (!options || !strstr(options, "pool="))
		return 0;
	new = kzalloc(sizeof(*new), GFP_KERNEL);
	if (!new)
		return -ENOMEM;
	new->refs = 1;
	words = kstrdup(options, GFP_KERNEL);
	if (words)
		ret = odma_plan_words(new, device, words);
	kfree(words);
	if (ret)
		odma_put_plan(new);
	else
		*plan = new;
	return ret;
}

struct odma_pool_plan *odma_get_plan(struct odma_pool_plan *plan)
{
	lockdep_assert_held(&odma_mutex);
	if (plan)
		plan->refs++;
	return plan;
}

/**
 * odma_put_plan() - a rule, or what was attached by it, is gone
 * @plan: the plan, or NULL
 *
 * Its pools go with the last one, but for those that an attached device still
 * allocates from: they are its set's, and go with that.
 *
 * Context: process context, may sleep, odma_mutex held.
 */
void odma_put_plan(struct odma_pool_plan *plan)
{
	lockdep_assert_held(&odma_mutex);
	if (!plan || --plan->refs)
		return;
	while (plan->count--)
		odma_put_pool(plan->pool[plan->count]);
	kfree(plan);
}
