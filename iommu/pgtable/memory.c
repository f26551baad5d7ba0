// SPDX-License-Identifier: GPL-2.0
/*
 * Memory for tables, where the caller has none of its own.
 */
#include <linux/gfp.h>
#include <linux/mm.h>
#include "../../direct/cache.h"
#include "pgtable.h"

/* Zeroed, aligned to its size. */
void *odma_table_pages(int nid, size_t size, gfp_t gfp)
{
	struct page *page = alloc_pages_node(nid, gfp | __GFP_ZERO,
					     get_order(size));

	return page ? page_address(page) : NULL;
}

void odma_free_table_pages(void *table, size_t size)
{
	free_pages((unsigned long)table, get_order(size));
}

void odma_clean_tables(void *cookie, void *cpu, size_t size)
{
	odma_cache_clean(cpu, size);
}
