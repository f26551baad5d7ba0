// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: what drivers leave mapped is known, stays theirs, and can
 * be put out of the device's reach.
 */
#include <linux/delay.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../coherent/fixture.h"
#include "../shared/live.h"
#include "../shared/log.h"
#include "../suites.h"

#define ODMA_ENTRIES	5

/* One single buffer, larger than a shadow. */
static void odma_live_single(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 1);
	dma_addr_t addr, other;

	odma_expect_live(test, dev, 0, 0);
	addr = odma_map_single(dev, buf + 100, 5000, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_expect_live(test, dev, 1, SZ_8K);
	other = odma_map_resource(dev, 0xc0000000, SZ_4K, DMA_TO_DEVICE, 0);
	odma_expect_live(test, dev, 2, SZ_8K + SZ_4K);
	odma_unmap_single(dev, addr, 5000, DMA_BIDIRECTIONAL);
	odma_expect_live(test, dev, 1, SZ_4K);
	odma_unmap_resource(dev, other, SZ_4K, DMA_TO_DEVICE, 0);
	odma_expect_live(test, dev, 0, 0);
	/* Not counted by who bounces, either. */
	KUNIT_EXPECT_EQ(test, 0, odma_live_bounced(dev).mappings);
}

/* A shadow is a mapping of its own, and as large as its buffer. */
static void odma_live_small(struct kunit *test)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);
	size_t each = mode->shadows ? 100 : SZ_4K;
	dma_addr_t addr[100];
	int i;

	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		addr[i] = odma_map_single(dev, buf + i, 100, DMA_TO_DEVICE);
		KUNIT_ASSERT_NE(test, addr[i], DMA_MAPPING_ERROR);
	}
	/* Shadows of 128 KiB are 64, and the rest is mapped by pages. */
	KUNIT_EXPECT_EQ(test, ARRAY_SIZE(addr), odma_live_in(dev).mappings);
	if (!mode->shadows || !mode->copies)
		odma_expect_live(test, dev, ARRAY_SIZE(addr),
				 ARRAY_SIZE(addr) * each);
	KUNIT_EXPECT_EQ(test, 0, odma_live_bounced(dev).mappings);
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		odma_unmap_single(dev, addr[i], 100, DMA_TO_DEVICE);
	odma_expect_live(test, dev, 0, 0);
}

/* A list is one mapping, unless its entries are mapped one by one. */
static void odma_live_list(struct kunit *test)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);
	struct scatterlist *sg = odma_test_list(test, ODMA_ENTRIES, 3000);
	struct device *dev = odma_iommu_dev(test);

	KUNIT_ASSERT_LT(test, 0, odma_map_sg(dev, sg, ODMA_ENTRIES,
					     DMA_BIDIRECTIONAL));
	odma_expect_live(test, dev, mode->copies ? ODMA_ENTRIES : 1,
			 ODMA_ENTRIES * SZ_4K);
	odma_unmap_sg(dev, sg, ODMA_ENTRIES, DMA_BIDIRECTIONAL);
	odma_expect_live(test, dev, 0, 0);
}

/* Before a boundary nothing is mapped: that is no end of the list. */
static void odma_live_hole(struct kunit *test)
{
	struct scatterlist *sg = kunit_kcalloc(test, 2, sizeof(*sg),
					       GFP_KERNEL);
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 2);

	KUNIT_ASSERT_NOT_NULL(test, sg);
	dma_set_seg_boundary(dev, SZ_16K - 1);
	sg_init_table(sg, 2);
	sg_set_buf(&sg[0], buf, SZ_4K);
	sg_set_buf(&sg[1], buf, SZ_16K);
	KUNIT_ASSERT_EQ(test, 2, odma_map_sg(dev, sg, 2, DMA_TO_DEVICE));
	odma_expect_live(test, dev, 1, SZ_4K + SZ_16K);
	odma_unmap_sg(dev, sg, 2, DMA_TO_DEVICE);
	odma_expect_live(test, dev, 0, 0);
}

/* Three pages are four addresses to the allocator. */
static void odma_live_memory(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr, other;
	struct page *page;
	void *cpu;

	cpu = odma_alloc_coherent(dev, 3 * SZ_4K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_expect_live(test, dev, 1, 3 * SZ_4K);
	page = odma_alloc_pages(dev, SZ_4K, &other, DMA_BIDIRECTIONAL,
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_expect_live(test, dev, 2, 4 * SZ_4K);
	odma_free_coherent(dev, 3 * SZ_4K, cpu, addr);
	odma_free_pages(dev, SZ_4K, page, other, DMA_BIDIRECTIONAL);
	odma_expect_live(test, dev, 0, 0);
}

/* What the allocator keeps ready on each CPU is no mapping. */
static void odma_live_magazines(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr[64];
	int round, i;

	for (round = 0; round < 20; round++) {
		for (i = 0; i < ARRAY_SIZE(addr); i++)
			addr[i] = odma_map_resource(dev, 0xc0000000,
						    SZ_4K << round % 4,
						    DMA_TO_DEVICE, 0);
		KUNIT_EXPECT_EQ(test, ARRAY_SIZE(addr),
				odma_live_in(dev).mappings);
		for (i = 0; i < ARRAY_SIZE(addr); i++)
			odma_unmap_resource(dev, addr[i], SZ_4K << round % 4,
					    DMA_TO_DEVICE, 0);
		odma_expect_live(test, dev, 0, 0);
	}
}

static const struct odma_reserved odma_live_reserved[] = {
	{ .start = 0x10000, .last = 0x17fff, .type = ODMA_RESERVED_HOLE },
	{ .start = 0x4000, .last = 0x5fff, .prot = ODMA_READ | ODMA_WRITE,
	  .type = ODMA_RESERVED_IDENTITY },
	{ .start = 0x8040, .last = 0x804f, .prot = ODMA_WRITE,
	  .type = ODMA_RESERVED_MSI },
};

/* What is mapped for nobody in particular, pools among it. */
static void odma_live_kept(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr;
	void *cpu;

	odma_iommu_begin(test, "iommu pool=0x44000000+0x100000",
			 &(struct odma_soft_cfg) {
			 .granule_shift = 12, .ias = 48,
			 .reserved = odma_live_reserved,
			 .reserved_count = 3 });
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_1M + 3 * SZ_4K, odma_soft_mapped(odma_soft));
	odma_expect_live(test, fx->dev, 0, 0);
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_GE(test, addr, ODMA_KEPT);
	odma_expect_live(test, fx->dev, 0, 0);
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
	KUNIT_EXPECT_EQ(test, 0, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT + SZ_1M, ODMA_POOL_DERIVE, SZ_1M));
	odma_expect_live(test, fx->dev, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	odma_expect_live(test, fx->dev, 0, 0);
}

/* What was given back with a pool is for mappings again, and counts. */
static void odma_live_unkept(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu", NULL);
	KUNIT_EXPECT_EQ(test, 0, odma_declare_coherent_memory(fx->dev,
				ODMA_KEPT, 0x10000, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(fx->dev));
	*fx->dev->dma_mask = 0x1ffff;
	addr = odma_map_resource(fx->dev, 0xc0000000, SZ_64K, DMA_TO_DEVICE,
				 0);
	KUNIT_ASSERT_EQ(test, 0x10000, addr);
	odma_expect_live(test, fx->dev, 1, SZ_64K);
	odma_unmap_resource(fx->dev, addr, SZ_64K, DMA_TO_DEVICE, 0);
	*fx->dev->dma_mask = DMA_BIT_MASK(64);
	addr = odma_map_single(fx->dev, buf, 1, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, addr, 1, DMA_TO_DEVICE);
}

/* What waits is invalidated before anything is said. */
static void odma_live_lazy(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu lazy", NULL);
	addr = odma_map_single(fx->dev, buf, SZ_4K, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_single(fx->dev, addr, SZ_4K, DMA_TO_DEVICE);
	odma_expect_live(test, fx->dev, 0, 0);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
}

/*
 * Whoever comes late takes away his own, and has it invalidated; nobody was
 * given his addresses meanwhile.
 */
static void odma_live_late(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *old = odma_iommu_buffer(test, 1), *new = odma_iommu_buffer(test, 1);
	dma_addr_t late, addr[100];
	int i;

	late = odma_map_single(dev, old, SZ_8K, DMA_TO_DEVICE);
	odma_expect_live(test, dev, 1, SZ_8K);
	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		addr[i] = odma_map_single(dev, new, SZ_8K, DMA_TO_DEVICE);
		KUNIT_EXPECT_TRUE(test, addr[i] >= late + SZ_8K ||
				  addr[i] + SZ_8K <= late);
		KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr[i]));
	}
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, late));
	odma_unmap_single(dev, late, SZ_8K, DMA_TO_DEVICE);
	odma_expect_live(test, dev, ARRAY_SIZE(addr),
			 ARRAY_SIZE(addr) * SZ_8K);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, late));
	for (i = 0; i < ARRAY_SIZE(addr); i++) {
		KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr[i]));
		odma_unmap_single(dev, addr[i], SZ_8K, DMA_TO_DEVICE);
	}
	odma_expect_live(test, dev, 0, 0);
}

/* With a second device, which shares the domain. */
static struct device *odma_live_peer(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_soft->dev[1] = &fx->ref->dev;
	KUNIT_ASSERT_EQ(test, 0, odma_attach(&fx->ref->dev, "iommu", 0));
	return &fx->ref->dev;
}

/*
 * Each answers for all; what one has left is nobody else's, and is taken away
 * by itself, as it stays attached for that.
 */
static void odma_live_shared(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 1);
	struct device *dev, *peer;
	dma_addr_t left, small, addr;
	int i;

	odma_iommu_begin(test, "iommu shadow", NULL);
	dev = odma_iommu_dev(test);
	peer = odma_live_peer(test);
	left = odma_map_single(peer, buf, SZ_8K, DMA_TO_DEVICE);
	small = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	/* The other one's shadows are no concern of it. */
	odma_expect_live(test, peer, 1, SZ_8K);
	odma_expect_live(test, dev, 2, SZ_8K + 100);
	odma_log_leftovers(true);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(peer));
	odma_log_leftovers(false);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(peer));
	odma_expect_live(test, dev, 2, SZ_8K + 100);
	for (i = 0; i < 100; i++) {
		addr = odma_map_single(dev, buf, SZ_8K, DMA_TO_DEVICE);
		KUNIT_EXPECT_NE(test, addr, left);
		odma_unmap_single(dev, addr, SZ_8K, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, left));
	odma_unmap_single(peer, left, SZ_8K, DMA_TO_DEVICE);
	odma_unmap_single(dev, small, 100, DMA_TO_DEVICE);
	odma_expect_live(test, dev, 0, 0);
	for (i = 0; i < 500 && READ_ONCE(peer->dma_ops); i++)
		msleep(20);
	KUNIT_EXPECT_NULL(test, peer->dma_ops);
}

static struct odma_device *odma_live_ask(struct device *dev,
					 struct device *about)
{
	return odma_device_of(dev)->backend->shares(about);
}

/* Whose domain a device is under that nobody has attached. */
static void odma_live_shares(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *other = &fx->ref->dev, *dev = fx->dev;
	struct odma_device *odev;

	odma_iommu_begin(test, "iommu", NULL);
	odev = odma_device_of(dev);
	KUNIT_EXPECT_NULL(test, odma_live_ask(dev, other));
	odma_soft->dev[1] = other;
	KUNIT_EXPECT_PTR_EQ(test, odev, odma_live_ask(dev, other));
	odev->backend->unplug(odev);
	KUNIT_EXPECT_NULL(test, odma_live_ask(dev, other));
	/* Who joins it then brings the translation back. */
	KUNIT_EXPECT_EQ(test, 0, odma_soft->attached);
	KUNIT_ASSERT_EQ(test, 0, odma_attach(other, "iommu", 0));
	KUNIT_EXPECT_EQ(test, 1, odma_soft->attached);
	KUNIT_EXPECT_PTR_EQ(test, odma_device_of(other),
			    odma_live_ask(dev, dev));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(other));
}

/* The device is away, what it left is not; and nothing is done twice. */
static void odma_live_unplug(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_device *odev = odma_device_of(fx->dev);
	dma_addr_t addr;

	addr = odma_map_single(fx->dev, buf, SZ_4K, DMA_TO_DEVICE);
	odev->backend->unplug(odev);
	odev->backend->unplug(odev);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->attached);
	odma_expect_live(test, fx->dev, 1, SZ_4K);
	odma_unmap_single(fx->dev, addr, SZ_4K, DMA_TO_DEVICE);
	odma_expect_live(test, fx->dev, 0, 0);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->attached);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

/* By force: nothing is in reach before the domain goes, nothing is freed. */
static void odma_live_abandon(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, ODMA_ENTRIES, 3000);
	u8 *buf = odma_iommu_buffer(test, 2);
	dma_addr_t addr[100], small;
	struct page *page;
	int i;

	for (i = 0; i < ARRAY_SIZE(addr) - 1; i++) {
		addr[i] = odma_map_single(fx->dev, buf + 100, 9000,
					  DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr[i]));
	}
	small = odma_map_single(fx->dev, buf, 10, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, small));
	KUNIT_ASSERT_LT(test, 0, odma_map_sg(fx->dev, sg, ODMA_ENTRIES,
					     DMA_BIDIRECTIONAL));
	page = odma_alloc_pages(fx->dev, SZ_4K, &addr[i], DMA_BIDIRECTIONAL,
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr[i]));
	KUNIT_EXPECT_GE(test, odma_live_in(fx->dev).mappings, 102);
	odma_force_out(test, fx->dev);
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->end_mapped);
	KUNIT_EXPECT_EQ(test, 0, odma_soft->end_remembered);
	KUNIT_EXPECT_EQ(test, 1, page_count(page));
	__free_page(page);
	/* So it is none that was left behind. */
	this_cpu_inc(odma_device_of(fx->dev)->counters->frees);
	this_cpu_add(odma_device_of(fx->dev)->counters->free_bytes, SZ_4K);
}

static void odma_live_abandon_shadows(struct kunit *test)
{
	odma_iommu_begin(test, "iommu shadow", NULL);
	odma_live_abandon(test);
}

/* What its drivers left no device of the group reaches when the last is out. */
static void odma_live_abandon_shared(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 1);
	struct device *dev, *peer;
	dma_addr_t left, small;

	odma_iommu_begin(test, "iommu shadow", NULL);
	dev = odma_iommu_dev(test);
	peer = odma_live_peer(test);
	left = odma_map_single(peer, buf, SZ_8K, DMA_TO_DEVICE);
	small = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, small));
	odma_force_out(test, dev);
	KUNIT_EXPECT_EQ(test, 1, odma_soft->attached);
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, small));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, left));
	odma_unmap_single(peer, left, SZ_8K, DMA_TO_DEVICE);
	odma_expect_live(test, peer, 0, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(peer));
	KUNIT_EXPECT_NULL(test, odma_soft->domain);
}

static struct kunit_case odma_iommu_live_cases[] = {
	KUNIT_CASE_PARAM(odma_live_single, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_small, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_list, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_hole, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_live_memory, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_magazines, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_late, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_live_unplug, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_live_abandon, odma_iommu_plain_modes),
	{}
};

struct kunit_suite odma_iommu_live_suite = {
	.name = "odma-iommu-live",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_live_cases,
};

static struct kunit_case odma_iommu_share_cases[] = {
	KUNIT_CASE(odma_live_kept),
	KUNIT_CASE(odma_live_unkept),
	KUNIT_CASE(odma_live_lazy),
	KUNIT_CASE(odma_live_shared),
	KUNIT_CASE(odma_live_shares),
	KUNIT_CASE(odma_live_abandon_shadows),
	KUNIT_CASE(odma_live_abandon_shared),
	{}
};

struct kunit_suite odma_iommu_share_suite = {
	.name = "odma-iommu-share",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_share_cases,
};
