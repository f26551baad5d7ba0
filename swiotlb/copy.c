// SPDX-License-Identifier: GPL-2.0
/*
 * Bytes between a driver's memory and a bounce buffer.
 */
#include <linux/highmem.h>
#include <linux/kmsan-checks.h>
#include <linux/mm.h>
#include <linux/string.h>
#include "bounce.h"

/* Highmem is mapped page by page. */
static noinline void odma_copy_high(void *slot, phys_addr_t orig, size_t size,
				    bool in)
{
	while (size) {
		size_t offset = offset_in_page(orig);
		size_t part = min(size, PAGE_SIZE - offset);
		void *page = kmap_local_page(pfn_to_page(PHYS_PFN(orig)));

		if (in)
			memcpy(slot, page + offset, part);
		else
			memcpy(page + offset, slot, part);
		kunmap_local(page);
		slot += part;
		orig += part;
		size -= part;
	}
}

static bool odma_is_high(phys_addr_t orig)
{
	return IS_ENABLED(CONFIG_HIGHMEM) &&
	       PageHighMem(pfn_to_page(PHYS_PFN(orig)));
}

void odma_copy_in(void *slot, phys_addr_t orig, size_t size)
{
	if (odma_is_high(orig))
		odma_copy_high(slot, orig, size, true);
	else
		memcpy(slot, phys_to_virt(orig), size);
}

void odma_copy_out(phys_addr_t orig, void *slot, size_t size)
{
	/* A device wrote it, which KMSAN can't see. */
	kmsan_unpoison_memory(slot, size);
	if (odma_is_high(orig))
		odma_copy_high(slot, orig, size, false);
	else
		memcpy(phys_to_virt(orig), slot, size);
}
