// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: lazy invalidation.
 */
#include <linux/delay.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../suites.h"

#define ODMA_QUEUE	256

static bool odma_wait_gone(u64 addr)
{
	int tries;

	for (tries = 0; tries < 200; tries++) {
		if (!odma_soft_reads(odma_soft, addr))
			return true;
		msleep(20);
	}
	return false;
}

static void odma_lazy_begin(struct kunit *test)
{
	odma_iommu_begin(test, "iommu lazy", NULL);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(odma_iommu_dev(test)));
}

/* In reach for a while, then not; and with one invalidation of the domain. */
static void odma_lazy_timer(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 0);
	struct device *dev;
	dma_addr_t addr;

	odma_lazy_begin(test);
	dev = odma_iommu_dev(test);
	addr = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
	KUNIT_EXPECT_TRUE(test, odma_wait_gone(addr));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_soft->flush_alls));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
}

/* No address comes back before it is invalidated: all that the device saw. */
static void odma_lazy_no_reuse(struct kunit *test)
{
	u8 *old = odma_iommu_buffer(test, 0), *new = odma_iommu_buffer(test, 1);
	struct device *dev;
	int i, stale = 0;
	dma_addr_t addr;
	u8 byte;

	odma_lazy_begin(test);
	dev = odma_iommu_dev(test);
	old[0] = 1;
	new[0] = 2;
	for (i = 0; i < 5000; i++) {
		u8 *buf = i % 2 ? old : new;

		addr = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
		if (addr == DMA_MAPPING_ERROR ||
		    odma_soft_read(odma_soft, addr, &byte, 1) || byte != *buf)
			stale++;
		odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, 0, stale);
	KUNIT_EXPECT_GE(test, atomic_read(&odma_soft->flush_alls),
			5000 / ODMA_QUEUE / (int)num_online_cpus());
	KUNIT_EXPECT_LE(test, atomic_read(&odma_soft->flush_alls), 500);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
}

/* What waits is drained before a mapping is told that there is no address. */
static void odma_lazy_exhausted(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 4);
	struct device *dev;
	int i, failed = 0;

	odma_lazy_begin(test);
	dev = odma_iommu_dev(test);
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(17)));
	for (i = 0; i < 50; i++) {
		dma_addr_t addr = odma_map_single(dev, buf, SZ_64K,
						  DMA_TO_DEVICE);

		failed += addr != SZ_64K;
		if (addr == DMA_MAPPING_ERROR)
			continue;
		odma_soft_reads(odma_soft, addr);
		odma_unmap_single(dev, addr, SZ_64K, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, 0, failed);
	KUNIT_EXPECT_GE(test, atomic_read(&odma_soft->flush_alls), 49);
}

/* At detach nothing waits any more. */
static void odma_lazy_detach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	dma_addr_t addr;
	int i;

	odma_lazy_begin(test);
	for (i = 0; i < 10; i++) {
		addr = odma_map_single(fx->dev, buf, 4096, DMA_TO_DEVICE);
		odma_unmap_single(fx->dev, addr, 4096, DMA_TO_DEVICE);
	}
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_GE(test, atomic_read(&odma_soft->flush_alls), 1);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

/* What is freed is out of reach before it is somebody else's. */
static void odma_lazy_memory(struct kunit *test)
{
	struct device *dev;
	dma_addr_t addr;
	void *cpu;

	odma_lazy_begin(test);
	dev = odma_iommu_dev(test);
	cpu = odma_alloc_coherent(dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_free_coherent(dev, SZ_64K, cpu, addr);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
}

static struct kunit_case odma_iommu_lazy_cases[] = {
	KUNIT_CASE(odma_lazy_timer),
	KUNIT_CASE(odma_lazy_no_reuse),
	KUNIT_CASE(odma_lazy_exhausted),
	KUNIT_CASE(odma_lazy_detach),
	KUNIT_CASE(odma_lazy_memory),
	{}
};

struct kunit_suite odma_iommu_lazy_suite = {
	.name = "odma-iommu-lazy",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_lazy_cases,
};
