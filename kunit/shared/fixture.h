/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the suites share: a device of their own, attached in each of the ways
 * that a rule offers or not at all, and a reference that is never attached.
 */
#ifndef _ODMA_KUNIT_FIXTURE_H
#define _ODMA_KUNIT_FIXTURE_H

#include <kunit/test.h>
#include <linux/dma-direct.h>
#include <linux/mod_devicetable.h>
#include <linux/platform_device.h>
#include <odma/backend.h>
#include <odma/dma-mapping.h>
#include "../../mapping/core.h"

/* The guests' memory: where it begins, and the mask of all of ZONE_DMA. */
#ifdef CONFIG_ARM64
#define ODMA_RAM	0x40000000ULL
#define ODMA_LOW_BITS	31
#else
#define ODMA_RAM	0ULL
#define ODMA_LOW_BITS	24
#endif
#define ODMA_LOW_MASK	DMA_BIT_MASK(ODMA_LOW_BITS)

/**
 * struct odma_mode - how the device under test is attached
 * @name:	for the report
 * @rule:	what follows the device in a rule, NULL to leave it alone
 * @uncached:	the rule says that the device does not see the caches
 * @stats:	every mapping is counted
 */
struct odma_mode {
	const char *name;
	const char *rule;
	bool uncached;
	bool stats;
};

/**
 * struct odma_fixture - what one case runs on
 * @test:	the case
 * @mode:	how @dev is attached
 * @pdev:	the device under test
 * @dev:	&pdev->dev
 * @ref:	a device of the same kind that odma never touches
 * @ruled:	there is a rule for @dev
 * @bound:	the drivers of @dev that are registered
 * @probe:	stands in for the first driver's probe, may be NULL
 * @probe_ret:	what that probe returns where @probe is NULL
 * @other_probe: stands in for the second driver's probe, may be NULL
 * @probe_data:	for @probe
 * @probes:	how often it ran
 * @attached_in_probe: did it find the device attached?
 */
struct odma_fixture {
	struct kunit *test;
	const struct odma_mode *mode;
	struct platform_device *pdev;
	struct device *dev;
	struct platform_device *ref;
	bool ruled;
	unsigned long bound;
	int (*probe)(struct odma_fixture *fx, struct device *dev);
	int probe_ret;
	int (*other_probe)(struct odma_fixture *fx, struct device *dev);
	void *probe_data;
	int probes;
	bool attached_in_probe;
};

/* The two drivers that know the device under test. */
enum { ODMA_DRIVER, ODMA_OTHER_DRIVER };

/* Generators of parameters: modes. */
const void *odma_all_modes(const void *prev, char *desc);
const void *odma_attached_modes(const void *prev, char *desc);

/* Suite hooks: a device bound in the case's mode, or one with no driver yet. */
int odma_bound_init(struct kunit *test);
int odma_unbound_init(struct kunit *test);
void odma_fixture_exit(struct kunit *test);

int odma_add_device_rule(struct odma_fixture *fx, const char *words);
int odma_remove_device_rule(struct odma_fixture *fx);
int odma_bind_driver(struct odma_fixture *fx, int which);
void odma_unbind_driver(struct odma_fixture *fx, int which);
void odma_remove_device(struct odma_fixture *fx);
bool odma_wait_restored(struct odma_fixture *fx);

/* Is there an attachment, and is it in that state? */
bool odma_is_in_state(struct odma_fixture *fx, enum odma_state state);

void odma_set_masks(struct odma_fixture *fx, u64 mask);
void odma_set_ranges(struct odma_fixture *fx,
		     const struct bus_dma_region *ranges, size_t count);
/* The memory behind an address of the kernel's, of whichever kind that is. */
static inline phys_addr_t odma_where(const void *cpu)
{
	if (is_vmalloc_addr(cpu))
		return page_to_phys(vmalloc_to_page(cpu)) + offset_in_page(cpu);
	return virt_to_phys((void *)cpu);
}

static inline struct page *odma_page_at(const void *cpu)
{
	return pfn_to_page(PHYS_PFN(odma_where(cpu)));
}

struct bus_dma_region odma_range(phys_addr_t cpu, dma_addr_t dma, u64 size);

struct odma_counters odma_counted_so_far(struct odma_fixture *fx);

/* Pages and lists that go away with the case. */
struct page *odma_test_pages(struct kunit *test, gfp_t gfp, int order);
struct scatterlist *odma_test_list(struct kunit *test, int nents, size_t len);

/* The report of main.c. */
int odma_begin_suite(struct kunit_suite *suite);
void odma_tally(struct kunit *test);

#endif /* _ODMA_KUNIT_FIXTURE_H */
