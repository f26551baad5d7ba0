// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: rules, providers, domains, reserved addresses.
 */
#include <linux/sizes.h>
#include <odma/backend.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../coherent/fixture.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

/* Words that contradict each other: the device keeps the DMA that it had. */
static void odma_attach_contradictions(struct kunit *test)
{
	static const char * const rules[] = {
		"iommu strict lazy", "iommu lazy untrusted",
		"iommu shadow_max=512", "iommu strict shadow_kib=128",
	};
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		odma_log_mark(&mark);
		KUNIT_EXPECT_EQ(test, -EINVAL,
				odma_add_device_rule(fx, rules[i]));
		KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
					"it contradicts itself"));
	}
}

static void odma_attach_bad_words(struct kunit *test)
{
	static const char * const rules[] = {
		"iommu force", "iommu lazy=1", "iommu shadow_max=0",
		"iommu shadow shadow_max=4097", "iommu shadow_kib=65537",
		"iommu shadow_max=x", "iommu coherent=maybe", "iommu bypass",
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_add_device_rule(fx, rules[i]), "%s",
				    rules[i]);
}

static void odma_attach_fails(struct kunit *test, const char *rule,
			      const char *words)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_EXPECT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_REFUSED));
	if (words)
		KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_count(&mark, words), "%s",
				    words);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

static void odma_attach_no_provider(struct kunit *test)
{
	odma_attach_fails(test, "iommu", "no provider has an IOMMU for it");
}

/* The first table and those of reserved addresses; nothing is left behind. */
static void odma_attach_provider_fails(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	odma_soft->probe_ret = -EBUSY;
	odma_attach_fails(test, "iommu", NULL);
	odma_soft->probe_ret = 0;
	odma_soft->attach_ret = -EIO;
	odma_attach_fails(test, "iommu lazy", NULL);
	odma_soft->attach_ret = 0;
	for (i = 0; i < 4; i++) {
		atomic_set(&odma_soft->fail_in, i);
		odma_attach_fails(test, "iommu shadow", NULL);
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->tables));
		KUNIT_EXPECT_EQ(test, 0, odma_soft->attached);
		KUNIT_EXPECT_NULL(test, odma_soft->domain);
	}
}

static void odma_attach_no_bounce(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48 }, fx->dev);
	odma_attach_fails(test, "iommu untrusted",
			  "untrusted takes bounce buffers, and there are none");
}

/* Pages that the CPU's do not consist of */
static void odma_attach_large_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48,
				    .page_sizes = PAGE_SIZE * 4 }, fx->dev);
	odma_attach_fails(test, "iommu", "no page as small as the CPU's");
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
	odma_soft->cfg.page_sizes = 0;
	odma_soft->cfg.first = 0x10000;
	odma_soft->cfg.last = 0x10000;
	odma_attach_fails(test, "iommu", "a domain that can translate nothing");
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

static const struct odma_reserved odma_test_reserved[] = {
	{ .start = 0x10000, .last = 0x17fff, .type = ODMA_RESERVED_HOLE },
	{ .start = 0x4000, .last = 0x5fff, .prot = ODMA_READ | ODMA_WRITE,
	  .type = ODMA_RESERVED_IDENTITY },
	{ .start = 0x8040, .last = 0x804f, .prot = ODMA_WRITE,
	  .type = ODMA_RESERVED_MSI },
};

static const struct odma_soft_cfg odma_reserving = {
	.granule_shift = 12, .ias = 48, .first = 0x2000, .last = 0x1ffff,
	.reserved = odma_test_reserved,
	.reserved_count = ARRAY_SIZE(odma_test_reserved),
};

static bool odma_is_reserved(u64 addr)
{
	return addr < 0x2000 || addr > 0x1ffff ||
	       (addr >= 0x10000 && addr < 0x18000) ||
	       (addr >= 0x4000 && addr < 0x6000) ||
	       (addr >= 0x8000 && addr < 0x9000);
}

/* All that is not reserved is given out, and nothing of what is. */
static void odma_attach_reserved(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_leaf leaf;
	struct device *dev;
	dma_addr_t addr[32];
	int i, count = 0;

	odma_iommu_begin(test, "iommu", &odma_reserving);
	dev = odma_iommu_dev(test);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(dev));
	for (i = 0; i < 2; i++) {
		u64 at = 0x4000 + i * 0x1000;

		KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, at, &leaf));
		KUNIT_EXPECT_EQ(test, at, leaf.phys);
	}
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, 0x8040, &leaf));
	KUNIT_EXPECT_EQ(test, 0x8000, leaf.phys);
	KUNIT_EXPECT_TRUE(test, leaf.prot & ODMA_DEVICE);
	KUNIT_EXPECT_NE(test, 0, odma_soft_leaf(odma_soft, 0x10000, &leaf));
	for (i = 0; i < 32; i++) {
		addr[count] = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
		if (addr[count] == DMA_MAPPING_ERROR)
			continue;
		KUNIT_EXPECT_FALSE(test, odma_is_reserved(addr[count]));
		count++;
	}
	/* 30 pages less 8, 2 and 1. */
	KUNIT_EXPECT_EQ(test, 19, count);
	while (count--)
		odma_unmap_single(dev, addr[count], 4096, DMA_TO_DEVICE);
}

/* Two devices of a group have one domain; it goes with the last of them. */
static void odma_attach_group(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_iommu_domain *domain;
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu", &(struct odma_soft_cfg) {
			 .granule_shift = 12, .ias = 48,
			 .reserved = odma_test_reserved, .reserved_count = 3 });
	domain = odma_soft->domain;
	odma_soft->dev[1] = &fx->ref->dev;
	KUNIT_ASSERT_EQ(test, 0, odma_attach(&fx->ref->dev, "iommu", 0));
	KUNIT_EXPECT_EQ(test, 2, odma_soft->attached);
	KUNIT_EXPECT_PTR_EQ(test, domain, odma_soft->domain);
	addr = odma_map_single(&fx->ref->dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	/* It can't be told whose that is. */
	odma_log_leftovers(true);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_log_leftovers(false);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_single(&fx->ref->dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_EQ(test, 1, odma_soft->attached);
	KUNIT_EXPECT_PTR_EQ(test, domain, odma_soft->domain);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(&fx->ref->dev));
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

/* What is reserved for the next device of a group may be more. */
static void odma_attach_identity_grows(struct kunit *test)
{
	struct odma_reserved r = { .start = 0x4000, .last = 0x4fff,
				   .prot = ODMA_READ | ODMA_WRITE,
				   .type = ODMA_RESERVED_IDENTITY };
	struct odma_fixture *fx = test->priv;
	struct odma_leaf leaf;
	u64 at;

	odma_iommu_begin(test, "iommu", &(struct odma_soft_cfg) {
			 .granule_shift = 12, .ias = 48, .reserved = &r,
			 .reserved_count = 1 });
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_4K, odma_soft_mapped(odma_soft));
	odma_soft->dev[1] = &fx->ref->dev;
	/* It begins where the other one does; then it begins before that. */
	r.last = 0x7fff;
	KUNIT_ASSERT_EQ(test, 0, odma_attach(&fx->ref->dev, "iommu", 0));
	KUNIT_EXPECT_EQ(test, SZ_16K, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(&fx->ref->dev));
	r.start = 0x2000;
	r.last = 0x8fff;
	KUNIT_ASSERT_EQ(test, 0, odma_attach(&fx->ref->dev, "iommu", 0));
	for (at = 0x2000; at < 0x9000; at += SZ_4K) {
		KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, at, &leaf));
		KUNIT_EXPECT_EQ(test, at, leaf.phys);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_detach(&fx->ref->dev));
	odma_soft->cfg.reserved_count = 0;
}

/* A mapping's address is not reserved for another device under its hands. */
static void odma_attach_reserves_live(struct kunit *test)
{
	struct odma_reserved r = { .type = ODMA_RESERVED_HOLE };
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu", NULL);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	addr = odma_map_single(fx->dev, buf, 4096, DMA_TO_DEVICE);
	r.start = addr - SZ_8K;
	r.last = addr + SZ_4K - 1;
	odma_soft->cfg.reserved = &r;
	odma_soft->cfg.reserved_count = 1;
	odma_soft->dev[1] = &fx->ref->dev;
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_attach(&fx->ref->dev, "iommu", 0));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "has mappings there"));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_single(fx->dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	odma_soft->cfg.reserved_count = 0;
}

/* The IOMMU that snoops for all: no cache is looked after then. */
static void odma_attach_coherent(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_leaf leaf;
	struct device *dev;
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu coherent=no", &(struct odma_soft_cfg) {
			 .granule_shift = 12, .ias = 48,
			 .features = ODMA_IOMMU_COHERENT });
	dev = odma_iommu_dev(test);
	addr = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_FALSE(test, leaf.prot & ODMA_CACHED);
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
}

/* A pool is mapped at its own addresses while the device has it. */
static void odma_attach_pool(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_leaf leaf;
	dma_addr_t addr;
	void *cpu;

	odma_iommu_begin(test, "iommu pool=0x44000000+0x100000", NULL);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_1M, odma_soft_mapped(odma_soft));
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_GE(test, addr, ODMA_KEPT);
	KUNIT_EXPECT_LT(test, addr, ODMA_KEPT + SZ_1M);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_EQ(test, leaf.iova, leaf.phys);
	KUNIT_EXPECT_FALSE(test, leaf.prot & ODMA_CACHED);
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
	/* Another one, while it is attached; then where addresses are taken. */
	KUNIT_EXPECT_EQ(test, 0, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT + SZ_1M, ODMA_POOL_DERIVE, SZ_1M));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT + SZ_2M, ODMA_KEPT, SZ_1M));
	KUNIT_EXPECT_EQ(test, -ERANGE, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT + SZ_2M, 1ULL << 50, SZ_1M));
	KUNIT_EXPECT_EQ(test, SZ_2M, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_1M, odma_soft_mapped(odma_soft));
}

/*
 * Where the device sees a pool is settled at its attach: the driver core takes
 * the dma-ranges away before what was mapped by them is unmapped.
 */
static void odma_attach_pool_ranges(struct kunit *test)
{
	const u64 shift = 0x100000000;
	struct odma_fixture *fx = test->priv;
	struct bus_dma_region range = odma_range(0, shift, shift);
	struct odma_leaf leaf;
	dma_addr_t addr;
	void *cpu;

	odma_set_ranges(fx, &range, 1);
	odma_iommu_begin(test, "iommu pool=0x44000000+0x100000", NULL);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT + SZ_1M, ODMA_POOL_DERIVE, SZ_1M));
	odma_set_masks(fx, DMA_BIT_MASK(48));
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, addr, ODMA_KEPT + shift);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_EQ(test, leaf.phys, ODMA_KEPT);
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
	odma_set_ranges(fx, NULL, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_1M, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_NE(test, 0, odma_soft_leaf(odma_soft, addr + SZ_1M,
						&leaf));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
}

static struct kunit_case odma_iommu_attach_cases[] = {
	KUNIT_CASE(odma_attach_contradictions),
	KUNIT_CASE(odma_attach_bad_words),
	KUNIT_CASE(odma_attach_no_provider),
	KUNIT_CASE(odma_attach_provider_fails),
	KUNIT_CASE(odma_attach_no_bounce),
	KUNIT_CASE(odma_attach_large_pages),
	KUNIT_CASE(odma_attach_reserved),
	KUNIT_CASE(odma_attach_group),
	KUNIT_CASE(odma_attach_identity_grows),
	KUNIT_CASE(odma_attach_reserves_live),
	KUNIT_CASE(odma_attach_coherent),
	KUNIT_CASE(odma_attach_pool),
	KUNIT_CASE(odma_attach_pool_ranges),
	{}
};

struct kunit_suite odma_iommu_attach_suite = {
	.name = "odma-iommu-attach",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_attach_cases,
};
