/* SPDX-License-Identifier: GPL-2.0 */
/*
 * CPU caches, and devices that do not see them.
 *
 * An architecture gives, for memory in the kernel's direct mapping:
 *
 *   odma_cache_clean(cpu, size)  write dirty lines back, so the device reads
 *                                what the CPU wrote
 *   odma_cache_drop(cpu, size)   forget lines, so the CPU reads what the device
 *                                wrote
 *   odma_uncached_map(page, size, attrs)
 *                                a CPU address of the pages that bypasses the
 *                                caches; may sleep; NULL where it fails
 *   odma_uncached_unmap(cpu, page, size)
 *   odma_uncached_prot(prot, attrs)
 *                                the same for a process
 */
#ifndef _ODMA_CACHE_H
#define _ODMA_CACHE_H

#include <linux/dma-direction.h>
#include <linux/dma-map-ops.h>
#include <linux/io.h>

#if defined(CONFIG_X86)
#include "cache-x86.h"
#elif defined(CONFIG_ARM64)
#include "cache-arm64.h"
#else
#error "odma: there is no cache maintenance for this architecture yet"
#endif

static inline void odma_cache_for_device(phys_addr_t phys, size_t size)
{
	/*
	 * Also for a buffer that the device writes: a dirty line that is
	 * evicted later would overwrite what the device wrote.
	 */
	odma_cache_clean(phys_to_virt(phys), size);
}

static inline void odma_cache_for_cpu(phys_addr_t phys, size_t size,
				      enum dma_data_direction dir)
{
	/* Lines may have been fetched ahead of need since the hand-over. */
	if (dir != DMA_TO_DEVICE)
		odma_cache_drop(phys_to_virt(phys), size);
}

/*
 * May a line of the buffer hold other data, which a write-back would put over
 * what the device wrote? Where kmalloc() has objects smaller than a line this
 * depends on the size: a driver that maps a part of its object has to see to
 * that itself.
 */
static inline bool odma_cache_shared(size_t size, enum dma_data_direction dir)
{
#ifdef CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC
	return dir != DMA_TO_DEVICE && !dma_kmalloc_size_aligned(size);
#else
	return false;
#endif
}

#endif /* _ODMA_CACHE_H */
