/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Coherent pools: memory that was kept aside, for the allocations of one
 * device, or (the global pool) of every device whose rule says so.
 *
 * For platform code and drivers. An administrator says the same in a rule:
 * pool=<phys>+<size>[@<device address>], see Documentation/pools.md.
 */
#ifndef _ODMA_COHERENT_H
#define _ODMA_COHERENT_H

#include <linux/dma-mapping.h>

struct device;
struct vm_area_struct;

/* As device address: derive it from the physical one and the device's ranges */
#define ODMA_POOL_DERIVE	DMA_MAPPING_ERROR

int odma_declare_coherent_memory(struct device *dev, phys_addr_t phys,
				 dma_addr_t device_addr, size_t size);
int odma_release_coherent_memory(struct device *dev);

int odma_declare_global_coherent(phys_addr_t phys, size_t size);
int odma_release_global_coherent(void);

void *odma_alloc_from_dev_coherent(struct device *dev, size_t size,
				   dma_addr_t *handle);
bool odma_release_from_dev_coherent(struct device *dev, size_t size,
				    void *cpu);
int odma_mmap_from_dev_coherent(struct device *dev,
				struct vm_area_struct *vma, void *cpu,
				size_t size);

#endif /* _ODMA_COHERENT_H */
