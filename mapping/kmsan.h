/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What KMSAN has to know of a mapping: the CPU hands initialised memory over,
 * and what a device wrote is initialised although no CPU wrote it.
 *
 * The kernel does this in dma_map_*(), after its call of map_page or map_sg, by
 * functions that modules can't call. So a driver that calls dma_map_*() is
 * served by the kernel, attached or not, and only the twins on an attached
 * device are left.
 *
 * Like the kernel's, they do nothing at a sync. What is mapped for the device
 * to write counts as written from then on, and a sync is told a device address,
 * which only the backend could turn into memory.
 *
 * A backend that copies has memory of its own, which no map function sees: it
 * must unpoison that before it copies from it.
 */
#ifndef _ODMA_KMSAN_H
#define _ODMA_KMSAN_H

#include <linux/dma-direction.h>
#include <linux/kmsan-checks.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

/*
 * KMSAN keeps what it knows of each page apart, and pages in a row may come
 * from several allocations: so a page at a time. Architectures that have it
 * have no highmem. Inlined always, for a report to begin with the map function.
 */
static __always_inline void
odma_kmsan_handle(struct page *page, size_t offset, size_t size,
		  enum dma_data_direction dir)
{
	void *cpu;
	size_t part;

	if (!IS_ENABLED(CONFIG_KMSAN))
		return;
	cpu = page_address(page) + offset;
	for (; size; cpu += part, size -= part) {
		part = min(size, PAGE_SIZE - offset_in_page(cpu));
		if (dir != DMA_FROM_DEVICE)
			kmsan_check_memory(cpu, part);
		if (dir != DMA_TO_DEVICE)
			kmsan_unpoison_memory(cpu, part);
	}
}

static __always_inline void
odma_kmsan_handle_sg(struct scatterlist *sgl, int nents,
		     enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	if (!IS_ENABLED(CONFIG_KMSAN))
		return;
	for_each_sg(sgl, sg, nents, i)
		odma_kmsan_handle(sg_page(sg), sg->offset, sg->length, dir);
}

#endif /* _ODMA_KMSAN_H */
