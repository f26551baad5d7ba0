/* SPDX-License-Identifier: GPL-2.0 */
/*
 * x86: CLFLUSH writes a line back and forgets it. Two mappings of one page must
 * not differ in cacheability (Intel SDM, volume 3, "Memory type aliasing"), so
 * uncached memory is the direct mapping itself, changed.
 */
#ifndef _ODMA_CACHE_X86_H
#define _ODMA_CACHE_X86_H

#include <linux/mm.h>
#include <linux/set_memory.h>
#include <asm/cacheflush.h>

static inline void odma_cache_clean(void *cpu, size_t size)
{
	clflush_cache_range(cpu, size);
}

static inline void odma_cache_drop(void *cpu, size_t size)
{
	clflush_cache_range(cpu, size);
}

static inline void *odma_uncached_map(struct page *page, size_t size,
				      unsigned long attrs)
{
	unsigned long addr = (unsigned long)page_address(page);

	return set_memory_uc(addr, PFN_UP(size)) ? NULL : (void *)addr;
}

static inline void odma_uncached_unmap(void *cpu, struct page *page,
				       size_t size)
{
	set_memory_wb((unsigned long)cpu, PFN_UP(size));
}

static inline pgprot_t odma_uncached_prot(pgprot_t prot, unsigned long attrs)
{
	return pgprot_noncached(prot);
}

#endif /* _ODMA_CACHE_X86_H */
