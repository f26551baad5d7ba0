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

/*
 * The kernel's loop says that it changes the first byte of each line. KMSAN
 * believes that, and would not report what is uninitialised there: for it, one
 * that says what it does.
 */
static inline void odma_cache_flush(void *cpu, size_t size)
{
	const size_t line = boot_cpu_data.x86_clflush_size;
	char *at = PTR_ALIGN_DOWN((char *)cpu, line);

	if (!IS_ENABLED(CONFIG_KMSAN)) {
		clflush_cache_range(cpu, size);
		return;
	}
	/* The lines to flush are complete, */
	mb();
	for (; at < (char *)cpu + size; at += line)
		asm volatile("clflush %0" : : "m" (*at) : "memory");
	/* and they are in memory when the device is told. */
	mb();
}

static inline void odma_cache_clean(void *cpu, size_t size)
{
	odma_cache_flush(cpu, size);
}

static inline void odma_cache_drop(void *cpu, size_t size)
{
	odma_cache_flush(cpu, size);
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
