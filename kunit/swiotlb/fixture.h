/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites of the bounce buffers share: a device that bounces, what it
 * sees of a mapping, and what its pool says of itself.
 */
#ifndef _ODMA_KUNIT_SWIOTLB_H
#define _ODMA_KUNIT_SWIOTLB_H

#include "../shared/fixture.h"

#define ODMA_SLOT		2048UL
#define ODMA_SHARED_POOL	"32-bit"

/* Generator of parameters: the ways to attach a device all of which bounces. */
const void *odma_bouncing_modes(const void *prev, char *desc);

/* Attach the fixture's device with this rule, and bind a driver to it. */
struct odma_fixture *odma_bouncing(struct kunit *test, const char *rule);

/* The pool of the device that was attached like this. */
const char *odma_pool_name(struct odma_fixture *fx);

/* A file of that pool, or of a pool by its name. */
long odma_pool_file(struct odma_fixture *fx, const char *file);
long odma_named_pool_file(struct kunit *test, const char *pool,
			  const char *file);
int odma_reset_high_water(struct odma_fixture *fx);

/* A file of the module: its references, one of its parameters. */
long odma_swiotlb_refs(struct kunit *test);
int odma_set_swiotlb(const char *parameter, const char *value);

/* Wait until a pool's file has a value in a range: true if it ever did. */
bool odma_wait_pool(struct odma_fixture *fx, const char *file, long min,
		    long max);

/* The bytes that the device sees at an address. */
static inline u8 *odma_device_view(struct odma_fixture *fx, dma_addr_t addr)
{
	return phys_to_virt(dma_to_phys(fx->dev, addr));
}

/* Bytes with a pattern of their own. */
void odma_pattern(u8 *bytes, size_t size, u8 seed);
bool odma_has_pattern(const u8 *bytes, size_t size, u8 seed);

/* Nothing but the buffer is in the slots that it is in. */
bool odma_clear_beside(struct odma_fixture *fx, dma_addr_t addr, size_t size);

/* Nothing but this page is out of the device's reach. */
void odma_banish(struct odma_fixture *fx, struct page *page, size_t size);

u8 *odma_test_buffer(struct kunit *test, int order);

/* Quietly; and with what the worker is about to add. */
bool odma_try_map(struct device *dev, void *buf, size_t size, dma_addr_t *addr);
bool odma_map_soon(struct odma_fixture *fx, struct device *dev, void *buf,
		   size_t size, dma_addr_t *addr);

/* As many as there is room for when it has grown as far as it may. */
int odma_fill(struct odma_fixture *fx, struct device *dev, void *buf,
	      size_t size, dma_addr_t *addr, int max);
void odma_unmap_all(struct device *dev, dma_addr_t *addr, int count,
		    size_t size);

/* Other devices of the same driver, each with mappings of its own. */
struct odma_holder {
	struct platform_device *pdev;
	dma_addr_t addr[16];
	int count;
	size_t size;
};

void odma_add_holder(struct kunit *test, struct odma_holder *holder, int id);
void odma_remove_holder(struct kunit *test, struct odma_holder *holder, int id);
void odma_hold(struct odma_fixture *fx, struct odma_holder *holder, void *buf,
	       size_t size, int count);

/*
 * There and back: what the driver wrote the device finds, and the other way
 * round, by map, sync and unmap; through the kernel's own calls or ours.
 */
void odma_round_trip(struct odma_fixture *fx, u8 *buf, size_t size,
		     bool kernels);

#endif /* _ODMA_KUNIT_SWIOTLB_H */
