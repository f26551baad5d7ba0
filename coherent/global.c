// SPDX-License-Identifier: GPL-2.0
/*
 * The global pool: one for every device whose rule says pool=global.
 *
 * Source: seeds page coherent.md.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/string.h>
#include <linux/sysfs.h>
#include "../mapping/core.h"
#include "coherent.h"
#include "pool.h"

static struct odma_pool *odma_global;

struct odma_pool *odma_global_pool(void)
{
	lockdep_assert_held(&odma_mutex);
	return odma_global;
}

static int odma_declare_global(const struct odma_pool_range *range)
{
	struct odma_pool *pool;

	if (odma_global) {
		pr_err("no global pool %#llx+%#llx: there is one at %#llx+%#llx, release it first (echo none > /sys/kernel/odma/global_pool)\n",
		       (u64)range->phys, range->size,
		       (u64)odma_global->range.phys, odma_global->range.size);
		return -EBUSY;
	}
	pool = odma_create_pool(range, "every device", NULL);
	if (IS_ERR(pool))
		return PTR_ERR(pool);
	odma_global = pool;
	return 0;
}

static int odma_release_global(void)
{
	int ret;

	if (!odma_global) {
		pr_err("there is no global pool to release\n");
		return -ENOENT;
	}
	ret = odma_retire_pools(&odma_global, 1);
	if (ret)
		return ret;
	odma_put_pool(odma_global);
	odma_global = NULL;
	return 0;
}

/**
 * odma_declare_global_coherent() - make the global pool
 * @phys: physical address, page aligned
 * @size: bytes, whole pages
 *
 * Devices whose rule says pool=global allocate from there after their own
 * pools. Each sees it where its dma-ranges put it.
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EBUSY where there is one, or else as
 * odma_declare_coherent_memory().
 */
int odma_declare_global_coherent(phys_addr_t phys, size_t size)
{
	struct odma_pool_range range = {
		.phys = phys,
		.size = size,
		.device = ODMA_POOL_DERIVE,
	};
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_declare_global(&range);
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_declare_global_coherent);

/**
 * odma_release_global_coherent() - undo odma_declare_global_coherent()
 *
 * Context: process context, may sleep.
 *
 * Return: 0; -EBUSY while an allocation is live, and the log lists the
 * holders; -ENOENT where there is none.
 */
int odma_release_global_coherent(void)
{
	int ret;

	mutex_lock(&odma_mutex);
	ret = odma_release_global();
	mutex_unlock(&odma_mutex);
	return ret;
}
EXPORT_SYMBOL_GPL(odma_release_global_coherent);

/**
 * odma_set_global_pool() - the same, in words
 * @text: "<phys>+<size>" or "none"
 *
 * Context: process context, may sleep.
 *
 * Return: as the two functions; -EINVAL for any other text. Each error is also
 * one line in the log.
 */
int odma_set_global_pool(const char *text)
{
	struct odma_pool_range range;

	if (!strcmp(text, "none"))
		return odma_release_global_coherent();
	if (odma_parse_range(text, &range) ||
	    range.device != ODMA_POOL_DERIVE) {
		pr_err("global pool refused: it must be <phys>+<size>, or none\n");
		return -EINVAL;
	}
	return odma_declare_global_coherent(range.phys, range.size);
}

int odma_show_global_pool(char *buf)
{
	int len;

	mutex_lock(&odma_mutex);
	if (odma_global)
		len = sysfs_emit(buf, "%#llx+%#llx\n",
				 (u64)odma_global->range.phys,
				 odma_global->range.size);
	else
		len = sysfs_emit(buf, "none\n");
	mutex_unlock(&odma_mutex);
	return len;
}

/* With odma_mutex held. */
void odma_drop_global_pool(void)
{
	odma_global = NULL;
}
