// SPDX-License-Identifier: GPL-2.0
/*
 * Tables as a whole: made, counted, destroyed.
 */
#include <linux/err.h>
#include <linux/export.h>
#include <linux/slab.h>
#include "pgtable.h"

/**
 * odma_pgtable_create() - make empty tables
 * @cfg: what they are to be like; copied
 *
 * Context: process context, may sleep.
 *
 * Return: the tables, for odma_pgtable_destroy(); ERR_PTR(-EINVAL) for a
 * configuration that the format doesn't have, ERR_PTR(-ENOMEM).
 */
struct odma_pgtable *odma_pgtable_create(const struct odma_pgtable_cfg *cfg)
{
	struct odma_pgtable *pgt = kzalloc(sizeof(*pgt), GFP_KERNEL);
	int ret;

	if (!pgt)
		return ERR_PTR(-ENOMEM);
	pgt->cfg = *cfg;
	if (!pgt->cfg.clean)
		pgt->cfg.clean = odma_clean_tables;
	init_llist_head(&pgt->dead);
	seqcount_init(&pgt->changing);
	raw_spin_lock_init(&pgt->change_lock);
	mutex_init(&pgt->reclaim);
	ret = odma_set_format(pgt);
	if (!ret) {
		pgt->first = odma_new_table(pgt, pgt->start, GFP_KERNEL);
		ret = pgt->first ? 0 : -ENOMEM;
	}
	if (!ret)
		return pgt;
	mutex_destroy(&pgt->reclaim);
	kfree(pgt);
	return ERR_PTR(ret);
}
EXPORT_SYMBOL_GPL(odma_pgtable_create);

static void odma_destroy_table(struct odma_pgtable *pgt, u64 *table,
			       unsigned int level)
{
	unsigned int i;

	for (i = 0; level < ODMA_LAST_LEVEL && i < odma_entries(pgt, level);
	     i++)
		if (odma_is_table(table[i], level) ||
		    odma_is_retired(table[i], level))
			odma_destroy_table(pgt, odma_desc_table(pgt, table[i]),
					   level + 1);
	odma_free_table(pgt, table, level);
}

/**
 * odma_pgtable_destroy() - free the tables
 * @pgt: from odma_pgtable_create(); no hardware walks it any more, and nobody
 *	else uses it. What is still mapped goes with it.
 *
 * Context: process context, may sleep.
 */
void odma_pgtable_destroy(struct odma_pgtable *pgt)
{
	odma_free_dead(pgt);
	odma_destroy_table(pgt, pgt->first, pgt->start);
	mutex_destroy(&pgt->reclaim);
	kfree(pgt);
}
EXPORT_SYMBOL_GPL(odma_pgtable_destroy);

/**
 * odma_pgtable_tables() - how many tables there are
 * @pgt: the tables
 *
 * Context: any.
 */
unsigned int odma_pgtable_tables(const struct odma_pgtable *pgt)
{
	return atomic_read(&pgt->tables);
}
EXPORT_SYMBOL_GPL(odma_pgtable_tables);
