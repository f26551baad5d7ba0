/* SPDX-License-Identifier: GPL-2.0 */
/*
 * arm64: maintenance by line to the point of coherency (Arm ARM, D7.5), with
 * the smallest line size of any cache in the system, from CTR_EL0.
 *
 * Source: Arm ARM; Cortex-A53 software developers' errata notice, 819472,
 * 824069, 826319, 827319: there a clean must also invalidate.
 */
#ifndef _ODMA_CACHE_ARM64_H
#define _ODMA_CACHE_ARM64_H

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/vmalloc.h>
#include <asm/alternative.h>
#include <asm/barrier.h>
#include <asm/cpufeature.h>
#include <asm/sysreg.h>

static inline unsigned long odma_cache_line(void)
{
	u64 ctr = read_sysreg(ctr_el0);

	/* Each core tells its own, and the next one may be of another kind. */
	if (cpus_have_final_cap(ARM64_MISMATCHED_CACHE_TYPE))
		ctr = read_sanitised_ftr_reg(SYS_CTR_EL0);
	/* DminLine, bits 19:16: log2 of the line's size in words of 4 bytes */
	return 4UL << ((ctr >> 16) & 0xf);
}

static inline void odma_cache_clean(void *cpu, size_t size)
{
	unsigned long line = odma_cache_line();
	unsigned long end = (unsigned long)cpu + size;
	unsigned long p = (unsigned long)cpu & ~(line - 1);

	for (; p < end; p += line)
		asm volatile(ALTERNATIVE("dc cvac, %0", "dc civac, %0",
					 ARM64_WORKAROUND_CLEAN_CACHE)
			     : : "r" (p) : "memory");
	dsb(sy);
}

/*
 * A line that the buffer shares with its neighbours is also cleaned, so as not
 * to lose what the CPU wrote beside the buffer.
 */
static inline void odma_cache_drop(void *cpu, size_t size)
{
	unsigned long line = odma_cache_line();
	unsigned long start = (unsigned long)cpu;
	unsigned long end = start + size;
	unsigned long p = start & ~(line - 1);

	for (; p < end; p += line) {
		if (p < start || p + line > end)
			asm volatile("dc civac, %0" : : "r" (p) : "memory");
		else
			asm volatile("dc ivac, %0" : : "r" (p) : "memory");
	}
	dsb(sy);
}

static inline pgprot_t odma_uncached_prot(pgprot_t prot, unsigned long attrs)
{
	if (attrs & DMA_ATTR_WRITE_COMBINE)
		return pgprot_writecombine(prot);
	return pgprot_dmacoherent(prot);
}

static inline void *odma_uncached_map(struct page *page, size_t size,
				      unsigned long attrs)
{
	unsigned int i, count = PFN_UP(size);
	struct page **pages;
	void *cpu;

	pages = kvmalloc_array(count, sizeof(*pages), GFP_KERNEL);
	if (!pages)
		return NULL;
	for (i = 0; i < count; i++)
		pages[i] = page + i;
	/* VM_IOREMAP: aligned to its size, as drivers are promised. */
	cpu = vmap(pages, count, VM_MAP | VM_IOREMAP,
		   odma_uncached_prot(PAGE_KERNEL, attrs));
	kvfree(pages);
	return cpu;
}

static inline void odma_uncached_unmap(void *cpu, struct page *page,
				       size_t size)
{
	vunmap(cpu);
}

#endif /* _ODMA_CACHE_ARM64_H */
