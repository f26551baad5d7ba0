// SPDX-License-Identifier: GPL-2.0
/*
 * In place of iommu/pgtable/memory.c: memory for tables, where the caller of
 * the library has none of its own.
 */
#include <linux/slab.h>
#include "../../iommu/pgtable/pgtable.h"

void *odma_table_pages(int nid, size_t size, gfp_t gfp)
{
	const size_t page = 4096;

	return odma_user_alloc(size, size < page ? page : size,
			       gfp | __GFP_ZERO);
}

void odma_free_table_pages(void *table, size_t size)
{
	odma_user_free(table);
}

/* All walkers here see the caches, or say how to clean them. */
void odma_clean_tables(void *cookie, void *cpu, size_t size)
{
}
