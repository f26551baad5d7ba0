// SPDX-License-Identifier: GPL-2.0
/*
 * odma.ko: loading and unloading.
 */
#include <linux/module.h>
#include <linux/slab.h>
#include "../coherent/coherent.h"
#include "core.h"

static char *global_pool;
module_param(global_pool, charp, 0400);
MODULE_PARM_DESC(global_pool, "memory for rules that say pool=global: <phys>+<size>");

/*
 * The rules of boot time, until they are read: a command line or a file in
 * modprobe.d may give the parameter as often as it likes.
 */
struct odma_boot_rule {
	struct list_head node;
	char text[];
};

static LIST_HEAD(odma_boot_rule_list);

static int odma_attach_set(const char *value, const struct kernel_param *kp)
{
	size_t size = strlen(value) + 1;
	struct odma_boot_rule *rule;

	rule = kmalloc(struct_size(rule, text, size), GFP_KERNEL);
	if (!rule)
		return -ENOMEM;
	memcpy(rule->text, value, size);
	list_add_tail(&rule->node, &odma_boot_rule_list);
	return 0;
}

static const struct kernel_param_ops odma_attach_ops = {
	.set = odma_attach_set,
};
module_param_cb(attach, &odma_attach_ops, NULL, 0);
MODULE_PARM_DESC(attach, "rules at load time, comma separated, as often as needed: <bus> <device> <backend> [stats] [bypass] [require] [key=value]...");

static void odma_read_boot_rules(bool hold)
{
	struct odma_boot_rule *rule, *next;

	list_for_each_entry_safe(rule, next, &odma_boot_rule_list, node) {
		if (hold)
			odma_boot_rules(rule->text);
		list_del(&rule->node);
		kfree(rule);
	}
}

static int __init odma_init(void)
{
	int ret;

	odma_pools_init();
	ret = odma_life_init();
	if (ret)
		goto out;
	ret = odma_identity_init();
	if (ret)
		goto life;
	odma_bind_init();
	ret = odma_direct_init();
	if (ret)
		goto identity;
	ret = odma_sysfs_init();
	if (ret)
		goto direct;
	odma_debugfs_init();
	if (global_pool)
		odma_set_global_pool(global_pool);
	odma_read_boot_rules(true);
	return 0;

direct:
	odma_direct_exit();
identity:
	odma_identity_exit();
life:
	odma_life_exit();
out:
	odma_read_boot_rules(false);
	return ret;
}

/* sysfs first: after it no rule comes in. Then nothing binds any more. */
static void __exit odma_exit(void)
{
	odma_sysfs_exit();
	odma_debugfs_exit();
	odma_bind_exit();
	odma_life_exit();
	odma_bounce_exit();
	odma_identity_exit();
	odma_free_rules();
	odma_pools_exit();
	odma_direct_exit();
}

module_init(odma_init);
module_exit(odma_exit);
MODULE_DESCRIPTION("DMA mapping layer for attached devices");
MODULE_LICENSE("GPL");
