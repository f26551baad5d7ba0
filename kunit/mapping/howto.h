/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites with the examples of the kernel's DMA API HOWTO
 * (core-api/dma-api-howto.rst) share. Each example is as a driver would write
 * it. What the device does is done by the CPU: it goes to the memory that a DMA
 * address means, and no other way.
 */
#ifndef _ODMA_KUNIT_HOWTO_H
#define _ODMA_KUNIT_HOWTO_H

#include <linux/dma-direct.h>
#include "../shared/fixture.h"

/**
 * struct odma_merger - a backend that merges what lies side by side, counts
 *	what is mapped, and fails when it is told to
 * @live:	mappings
 * @live_lists:	mapped scatterlists
 * @fail:	the mapping that is to fail; 0 for none
 * @unmapped_nents: as given with the list that was unmapped last
 */
struct odma_merger {
	int live;
	int live_lists;
	int fail;
	int unmapped_nents;
};

extern struct odma_merger odma_merger;

/* Every way to be attached, not attached, and over the merger. */
const void *odma_howto_modes(const void *prev, char *desc);
bool odma_is_merging(const struct odma_fixture *fx);

/* Suite hooks: a bound device; exit sees that the example left nothing. */
int odma_howto_init(struct kunit *test);
void odma_howto_exit(struct kunit *test);

/* What a device finds at an address. */
static inline void *odma_bus_to_virt(struct device *dev, dma_addr_t addr)
{
	return phys_to_virt(dma_to_phys(dev, addr));
}

#endif /* _ODMA_KUNIT_HOWTO_H */
