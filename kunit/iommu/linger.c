// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: what outlives its driver keeps its address, and whoever
 * comes late takes away what is theirs and nothing else.
 */
#include <linux/dma-mapping.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

/*
 * struct odma_legacy - what a driver left behind
 * @buf: mapped as a whole page and more
 * @small: as much as a shadow holds
 */
struct odma_legacy {
	u8 *buf;
	dma_addr_t large;
	dma_addr_t small;
	void *cpu;
	dma_addr_t handle;
};

#define ODMA_LARGE	5000
#define ODMA_SMALL	200
#define ODMA_MEMORY	(3 * PAGE_SIZE)

static void odma_bequeath(struct kunit *test, struct odma_legacy *l)
{
	struct device *dev = odma_iommu_dev(test);

	l->buf = odma_iommu_buffer(test, 2);
	l->large = dma_map_single(dev, l->buf, ODMA_LARGE, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, l->large));
	l->small = dma_map_single(dev, l->buf + SZ_8K, ODMA_SMALL,
				  DMA_FROM_DEVICE);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, l->small));
	l->cpu = dma_alloc_coherent(dev, ODMA_MEMORY, &l->handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, l->cpu);
}

static bool odma_in_reach(const struct odma_legacy *l)
{
	return odma_soft_reads(odma_soft, l->large) &&
	       odma_soft_writes(odma_soft, l->small) &&
	       odma_soft_reads(odma_soft, l->handle);
}

/* The device writes, and the bytes come to where they belong. */
static void odma_settle_legacy(struct kunit *test, const struct odma_legacy *l)
{
	struct device *dev = odma_iommu_dev(test);
	u8 byte = ~l->buf[SZ_8K + 7];

	KUNIT_EXPECT_TRUE(test, odma_in_reach(l));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, l->small + 7,
						 &byte, 1));
	dma_unmap_single(dev, l->small, ODMA_SMALL, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, l->buf[SZ_8K + 7], byte);
	dma_unmap_single(dev, l->large, ODMA_LARGE, DMA_BIDIRECTIONAL);
	dma_free_coherent(dev, ODMA_MEMORY, l->cpu, l->handle);
}

/*
 * Freed memory is out of reach at once, lazy or not. With no driver bound it
 * can't be asked: the domain may be gone with the last of it.
 */
static void odma_expect_freed(struct kunit *test, const struct odma_legacy *l)
{
	KUNIT_EXPECT_NOT_NULL(test, odma_iommu_dev(test)->driver);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, l->handle));
}

static bool odma_apart(dma_addr_t a, size_t a_size, dma_addr_t b, size_t b_size)
{
	return a + a_size <= b || b + b_size <= a;
}

/* Not one address of the one is an address of the other. */
static void odma_expect_apart(struct kunit *test, const struct odma_legacy *a,
			      const struct odma_legacy *b)
{
	KUNIT_EXPECT_TRUE(test, odma_apart(a->large, ODMA_LARGE, b->large,
					   ODMA_LARGE));
	KUNIT_EXPECT_TRUE(test, odma_apart(a->small, ODMA_SMALL, b->small,
					   ODMA_SMALL));
	KUNIT_EXPECT_TRUE(test, odma_apart(a->handle, ODMA_MEMORY, b->handle,
					   ODMA_MEMORY));
	KUNIT_EXPECT_TRUE(test, odma_apart(a->large, ODMA_LARGE, b->handle,
					   ODMA_MEMORY));
}

static void odma_iommu_linger_rebind(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_legacy old, own;

	odma_bequeath(test, &old);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_EXPECT_TRUE(test, odma_in_reach(&old));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_bequeath(test, &own);
	odma_expect_apart(test, &old, &own);
	odma_settle_legacy(test, &old);
	odma_expect_freed(test, &old);
	KUNIT_EXPECT_TRUE(test, odma_in_reach(&own));
	odma_settle_legacy(test, &own);
	odma_expect_freed(test, &own);
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

/* The rule is gone, and so is the driver: the domain is not. */
static void odma_iommu_linger_detached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_legacy old;

	odma_bequeath(test, &old);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	odma_settle_legacy(test, &old);
	odma_expect_freed(test, &old);
	KUNIT_EXPECT_NOT_NULL(test, odma_soft->domain);
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->end_mapped);
}

/* By force: the device reaches nothing of it, and the memory stays. */
static void odma_iommu_linger_force(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_legacy old;
	char line[64];

	odma_bequeath(test, &old);
	odma_unbind_driver(fx, ODMA_DRIVER);
	snprintf(line, sizeof(line), "platform %s force", dev_name(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(line));
	fx->ruled = false;
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
	memset(old.cpu, 0x5a, ODMA_MEMORY);
	KUNIT_EXPECT_NULL(test, memchr_inv(old.cpu, 0x5a, ODMA_MEMORY));
	/* Leaked on purpose; here it may go. */
	free_pages((unsigned long)old.cpu, get_order(ODMA_MEMORY));
}

static bool odma_not_in_force(struct odma_iommu_domain *domain,
			      struct device *dev)
{
	return false;
}

/* Somebody has put another translation under the device meanwhile. */
static void odma_iommu_linger_usurped(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_legacy old;

	odma_bequeath(test, &old);
	odma_unbind_driver(fx, ODMA_DRIVER);
	fx->probes = 0;
	odma_soft->iommu.in_force = odma_not_in_force;
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_attach(fx->dev, "iommu", 0));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, 0, fx->probes);
	KUNIT_EXPECT_NULL(test, fx->dev->driver);
	odma_settle_legacy(test, &old);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	odma_soft->iommu.in_force = NULL;
}

/* A driver that leaves nothing behind but what waits to be invalidated. */
static void odma_iommu_linger_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_legacy l;

	odma_bequeath(test, &l);
	odma_settle_legacy(test, &l);
	odma_expect_freed(test, &l);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

static int odma_iommu_linger_init(struct kunit *test)
{
	odma_log_leftovers(true);
	return odma_iommu_init(test);
}

static void odma_iommu_linger_exit(struct kunit *test)
{
	odma_iommu_exit(test);
	odma_log_leftovers(false);
}

static const void *odma_strict_mode(const void *prev, char *desc)
{
	return prev ? NULL : odma_iommu_modes(NULL, desc);
}

static struct kunit_case odma_iommu_linger_cases[] = {
	KUNIT_CASE_PARAM(odma_iommu_linger_rebind, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_linger_detached, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_linger_nothing, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_linger_usurped, odma_strict_mode),
	KUNIT_CASE_PARAM(odma_iommu_linger_force, odma_strict_mode),
	{}
};

struct kunit_suite odma_iommu_linger_suite = {
	.name = "odma-iommu-linger",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_linger_init,
	.exit = odma_iommu_linger_exit,
	.test_cases = odma_iommu_linger_cases,
};
