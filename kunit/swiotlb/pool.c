// SPDX-License-Identifier: GPL-2.0
/*
 * Pools of bounce buffers: growing, shrinking, running out and saying so; and
 * those that a device has to itself.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

static int odma_swiotlb_pool_init(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("idle_ms", "50"));
	return odma_unbound_init(test);
}

static void odma_swiotlb_pool_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("idle_ms", "10000"));
	odma_fixture_exit(test);
}

static void odma_swiotlb_files(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=256 limit_kib=512");
	u8 *buf = odma_test_buffer(test, 2);
	dma_addr_t addr, other;

	KUNIT_EXPECT_EQ(test, SZ_256K, odma_pool_file(fx, "bytes"));
	KUNIT_EXPECT_EQ(test, SZ_512K, odma_pool_file(fx, "limit"));
	KUNIT_EXPECT_EQ(test, 128, odma_pool_file(fx, "slots"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "high_water"));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 10000, &addr));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 1, &other));
	KUNIT_EXPECT_EQ(test, 6, odma_pool_file(fx, "used"));
	odma_unmap_all(fx->dev, &addr, 1, 10000);
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, 6, odma_pool_file(fx, "high_water"));
	KUNIT_EXPECT_EQ(test, 0, odma_reset_high_water(fx));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "high_water"));
	odma_unmap_all(fx->dev, &other, 1, 1);
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "high_water"));
	KUNIT_EXPECT_EQ(test, 0, odma_reset_high_water(fx));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "high_water"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_full"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_align"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_too_large"));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SZ_8M, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "failed_too_large"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

struct odma_pool_rule {
	const char *rule;
	long bytes;
	long limit;
};

/* Sizes are in whole words of slots, and no limit is below what there is. */
static void odma_swiotlb_sizes(struct kunit *test)
{
	static const struct odma_pool_rule rules[] = {
		{ "swiotlb pool_kib=1", SZ_128K, SZ_128K },
		{ "swiotlb pool_kib=129", SZ_256K, 16 * 129 * SZ_1K },
		{ "swiotlb pool_kib=512 limit_kib=512", SZ_512K, SZ_512K },
		{ "swiotlb limit_kib=512", SZ_512K, SZ_512K },
		{ "swiotlb limit_kib=2048", SZ_1M, SZ_2M },
		{ "swiotlb pool_kib=6144", 6 * SZ_1M, 96 * SZ_1M },
		{ "swiotlb restricted", SZ_1M, SZ_16M },
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		odma_bouncing(test, rules[i].rule);
		KUNIT_EXPECT_EQ_MSG(test, rules[i].bytes,
				    odma_pool_file(fx, "bytes"), "%s",
				    rules[i].rule);
		KUNIT_EXPECT_EQ_MSG(test, rules[i].limit,
				    odma_pool_file(fx, "limit"), "%s",
				    rules[i].rule);
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

struct odma_bad_rule {
	const char *rule;
	const char *message;
};

/*
 * What no word alone says is said when the rule is written: -EINVAL.
 */
static void odma_swiotlb_bad_together(struct kunit *test)
{
	static const struct odma_bad_rule rules[] = {
		{ "swiotlb pool_kib=512 limit_kib=128",
		  "pool_kib=512 is more than limit_kib=128" },
		{ "swiotlb pool_kib=4000000",
		  "pool_kib=4000000 is more than half of this machine's" },
		{ "swiotlb force auto",
		  "with force all does: say one of them" },
		{ "swiotlb auto pool_kib=128 force",
		  "with force all does: say one of them" },
		{ "swiotlb auto restricted",
		  "with restricted all does: say one of them" },
	};
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		odma_log_mark(&mark);
		KUNIT_EXPECT_EQ(test, -EINVAL,
				odma_add_device_rule(fx, rules[i].rule));
		KUNIT_EXPECT_EQ_MSG(test, 1,
				    odma_log_count(&mark, rules[i].message),
				    "%s", rules[i].rule);
	}
	/* Twice the same is no contradiction. */
	odma_bouncing(test, "swiotlb force restricted");
}

/* Where there is no room it is made at once, and goes when it is not used. */
static void odma_swiotlb_grows(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1024");
	u8 *buf = odma_test_buffer(test, 6);
	dma_addr_t addr;

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_256K, &addr));
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "bytes"),
			SZ_256K + SZ_128K);
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "at_once"));
	odma_unmap_all(fx->dev, &addr, 1, SZ_256K);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_full"));
	/* Unused for a while, it is as small as it was. */
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
	KUNIT_EXPECT_EQ(test, 64, odma_pool_file(fx, "slots"));
}

/* Three quarters are taken: it grows before anything fails. */
static void odma_swiotlb_grows_early(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1024");
	u8 *buf = odma_test_buffer(test, 5);
	dma_addr_t addr, more;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("idle_ms", "10000"));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 104 * SZ_1K, &addr));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_256K, SZ_1M));
	/* What counts is there. */
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, SZ_128K, &more));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "at_once"));
	odma_unmap_all(fx->dev, &more, 1, SZ_128K);
	odma_unmap_all(fx->dev, &addr, 1, 104 * SZ_1K);
}

static void odma_swiotlb_limit(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1000");
	u8 *buf = odma_test_buffer(test, 5);
	dma_addr_t addr[9];
	int count;

	count = odma_fill(fx, fx->dev, buf, SZ_128K, addr, ARRAY_SIZE(addr));
	/* 1000 KiB have room for seven times 128. */
	KUNIT_EXPECT_EQ(test, 7, count);
	KUNIT_EXPECT_EQ(test, 7 * SZ_128K, odma_pool_file(fx, "bytes"));
	KUNIT_EXPECT_EQ(test, 7 * 64, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "failed_full"), 1);
	odma_unmap_all(fx->dev, addr, count, SZ_128K);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
}

/* An area that has but one byte of somebody's stays. */
static void odma_swiotlb_keeps_used(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1024");
	u8 *buf = odma_test_buffer(test, 5);
	dma_addr_t first, held;

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_128K, &first));
	odma_pattern(buf, 100, 7);
	KUNIT_ASSERT_TRUE(test, odma_map_soon(fx, fx->dev, buf, 100, &held));
	odma_unmap_all(fx->dev, &first, 1, SZ_128K);
	odma_pattern(buf, 100, 8);
	msleep(500);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx, held),
						 100, 7));
	odma_unmap_all(fx->dev, &held, 1, 100);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 100, 7));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
}

/*
 * What a mapping had made is what others use, too, and does not make that
 * dispensable which the pool is meant to have.
 */
static void odma_swiotlb_at_once(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=16384");
	u8 *buf = odma_test_buffer(test, 8);
	dma_addr_t addr;

	odma_pattern(buf, SZ_1M, 1);
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M, &addr));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "at_once"));
	KUNIT_EXPECT_EQ(test, 512, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "bytes"), SZ_1M + SZ_128K);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx, addr),
						 SZ_1M, 1));
	/* A part in the middle, by its own address. */
	odma_pattern(odma_device_view(fx, addr) + SZ_512K, 5000, 9);
	odma_sync_single_for_cpu(fx->dev, addr + SZ_512K, 5000,
				 DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf + SZ_512K, 5000, 9));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, SZ_512K, 1));
	msleep(1000);
	odma_pattern(odma_device_view(fx, addr), SZ_1M, 2);
	odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, SZ_1M, 2));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, 1000, &addr));
	odma_unmap_all(fx->dev, &addr, 1, 1000);
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "at_once"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
}

/* Limits hold for that, too, and what it can't have is not counted. */
static void odma_swiotlb_at_once_limit(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=512");
	u8 *buf = odma_test_buffer(test, 7);
	dma_addr_t addr;

	KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, buf, SZ_512K, &addr));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "failed_full"));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "bytes"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "at_once"));
}

/* Two halves of what was taken fail and come back, again and again. */
static void odma_swiotlb_recovers(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=256 limit_kib=256");
	u8 *buf = odma_test_buffer(test, 1);
	dma_addr_t *addr, one;
	int round, i;

	addr = kunit_kcalloc(test, 65, sizeof(*addr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	for (round = 0; round < 5; round++) {
		KUNIT_ASSERT_EQ(test, 64, odma_fill(fx, fx->dev, buf, SZ_4K,
						    addr, 65));
		KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, buf, 1, &one));
		for (i = 0; i < 64; i += 2)
			odma_unmap_all(fx->dev, &addr[i], 1, SZ_4K);
		/* Half is free, and no two pages of it together. */
		KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, buf, SZ_4K + 1,
						      &one));
		for (i = 0; i < 64; i += 2)
			KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf,
							     SZ_4K, &addr[i]));
		odma_unmap_all(fx->dev, addr, 64, SZ_4K);
		KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	}
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "failed_full"), 10);
}

#define ODMA_HOLDERS	4

/* All 16 MiB but 20 KiB: 7 MiB and a bit, 5, 3, and half of one. */
static void odma_exhaust(struct odma_fixture *fx, struct odma_holder *holder,
			 u8 *buf, dma_addr_t *rest)
{
	struct odma_holder *most = &holder[2];

	odma_hold(fx, most, buf, SZ_1M, 7);
	odma_hold(fx, &holder[0], buf, SZ_1M, 3);
	odma_hold(fx, &holder[3], buf, SZ_1M, 5);
	odma_hold(fx, &holder[1], buf, SZ_512K, 1);
	KUNIT_EXPECT_TRUE(fx->test, odma_try_map(&most->pdev->dev, buf,
						 246 * ODMA_SLOT, rest));
}

static void odma_expect_exhausted(struct odma_fixture *fx, u8 *buf)
{
	char *want = kunit_kzalloc(fx->test, 512, GFP_KERNEL);
	long full = odma_pool_file(fx, "failed_full");
	static DEFINE_SPINLOCK(lock);
	struct kmsg_dump_iter mark, again;
	unsigned long flags;
	dma_addr_t addr;
	int lines, i;

	KUNIT_ASSERT_NOT_NULL(fx->test, want);
	snprintf(want, 512,
		 "%s: no bounce buffer for 50000 bytes in the 32-bit pool: largest free run 20480, used %lu of %lu, limit %lu, its share 0 of 8388608; most is held by odma-kunit.9002 (odma-kunit) %lu, odma-kunit.9003 (odma-kunit) %lu, odma-kunit.9000 (odma-kunit) %lu",
		 dev_name(fx->dev), (unsigned long)SZ_16M - 20480,
		 (unsigned long)SZ_16M, (unsigned long)SZ_16M,
		 7UL * SZ_1M + 246 * ODMA_SLOT, 5UL * SZ_1M, 3UL * SZ_1M);
	odma_log_mark(&mark);
	again = mark;
	/* Where nobody may wait. */
	spin_lock_irqsave(&lock, flags);
	addr = odma_map_single(fx->dev, buf, 50000, DMA_TO_DEVICE);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_EQ(fx->test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(fx->test, 1, odma_log_count(&mark, "no bounce buffer"));
	KUNIT_EXPECT_EQ_MSG(fx->test, 1, odma_log_count(&again, want), "%s",
			    want);
	KUNIT_EXPECT_EQ(fx->test, full + 1, odma_pool_file(fx, "failed_full"));
	/* The log is not for filling up. */
	for (i = 0; i < 100; i++)
		odma_map_single(fx->dev, buf, 50000, DMA_TO_DEVICE);
	lines = odma_log_count(&mark, "no bounce buffer");
	KUNIT_EXPECT_LT(fx->test, lines, 10);
	KUNIT_EXPECT_EQ(fx->test, full + 101,
			odma_pool_file(fx, "failed_full"));
	/* What still fits is still served. */
	KUNIT_EXPECT_TRUE(fx->test, odma_try_map(fx->dev, buf, 20480, &addr));
	odma_unmap_all(fx->dev, &addr, 1, 20480);
}

static void odma_swiotlb_exhausted(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = odma_test_buffer(test, 8);
	struct odma_holder *holder;
	dma_addr_t rest, addr;
	long bytes;
	int i;

	holder = kunit_kcalloc(test, ODMA_HOLDERS, sizeof(*holder), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, holder);
	KUNIT_ASSERT_EQ(test, SZ_16M, odma_pool_file(fx, "limit"));
	KUNIT_ASSERT_EQ(test, 0, odma_pool_file(fx, "used"));
	bytes = odma_pool_file(fx, "bytes");
	for (i = 0; i < ODMA_HOLDERS; i++)
		odma_add_holder(test, &holder[i], 9000 + i);
	odma_exhaust(fx, holder, buf, &rest);
	odma_expect_exhausted(fx, buf);
	odma_unmap_all(&holder[2].pdev->dev, &rest, 1, 246 * ODMA_SLOT);
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, 50000, &addr));
	odma_unmap_all(fx->dev, &addr, 1, 50000);
	for (i = 0; i < ODMA_HOLDERS; i++)
		odma_remove_holder(test, &holder[i], 9000 + i);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, bytes));
}

/* Whatever one device does, others have room: half is for them. */
static void odma_swiotlb_share(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = odma_test_buffer(test, 8);
	struct odma_holder other = { };
	struct kmsg_dump_iter mark;
	dma_addr_t addr[9];
	char want[96];
	long failed;
	int i;

	failed = odma_pool_file(fx, "failed_share");
	for (i = 0; i < 8; i++)
		KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M,
						     &addr[i]));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 1, DMA_TO_DEVICE));
	snprintf(want, sizeof(want),
		 ", its share 8388608 of 8388608; most is held by %s",
		 dev_name(fx->dev));
	KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_count(&mark, want), "%s", want);
	KUNIT_EXPECT_EQ(test, failed + 1, odma_pool_file(fx, "failed_share"));
	odma_add_holder(test, &other, 9300);
	odma_hold(fx, &other, buf, SZ_1M, 8);
	odma_remove_holder(test, &other, 9300);
	odma_unmap_all(fx->dev, addr, 1, SZ_1M);
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M, addr));
	odma_unmap_all(fx->dev, addr, 8, SZ_1M);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* A share of its own, of what all devices have. */
static void odma_swiotlb_share_net(struct kunit *test)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 5);
	struct odma_fixture *fx;
	dma_addr_t addr[3];

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	fx = odma_bouncing(test, "direct limit_kib=200");
	odma_banish(fx, page, SZ_128K);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, page_address(page),
					     SZ_128K, &addr[0]));
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, page_address(page),
					     SZ_128K, &addr[1]));
	KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, page_address(page), 1,
					      &addr[2]));
	odma_unmap_all(fx->dev, addr, 2, SZ_128K);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
}

/* Allocations of a restricted device: where, how aligned, and what is in it. */
static void odma_swiotlb_restricted(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 4096, 4097, 12345, SZ_32K, SZ_128K, SZ_128K + 1, SZ_256K,
		300 * SZ_1K, SZ_512K, SZ_512K + 1,
	};
	struct odma_fixture *fx = odma_bouncing(test,
			"swiotlb restricted pool_kib=2048 limit_kib=2048");
	dma_addr_t addr, first;
	u8 *cpu, *in_the_way;
	int i;

	in_the_way = odma_alloc_coherent(fx->dev, 1, &first, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, in_the_way);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t align = PAGE_SIZE << get_order(sizes[i]);

		cpu = odma_alloc_coherent(fx->dev, sizes[i], &addr, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		KUNIT_EXPECT_PTR_EQ(test, cpu, odma_device_view(fx, addr));
		KUNIT_EXPECT_EQ(test, 0, addr & (align - 1));
		KUNIT_EXPECT_EQ(test, 2 + PAGE_ALIGN(sizes[i]) / ODMA_SLOT,
				odma_pool_file(fx, "used"));
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, sizes[i]));
		memset(cpu, 0xee, PAGE_ALIGN(sizes[i]));
		/* A sync of it is legal, and leaves it alone. */
		odma_sync_single_for_device(fx->dev, addr, sizes[i],
					    DMA_BIDIRECTIONAL);
		odma_sync_single_for_cpu(fx->dev, addr, sizes[i],
					 DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0xee, sizes[i]));
		odma_free_coherent(fx->dev, sizes[i], cpu, addr);
		KUNIT_EXPECT_EQ(test, 2, odma_pool_file(fx, "used"));
	}
	odma_free_coherent(fx->dev, 1, in_the_way, first);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* What was allocated goes, whatever free says. */
static void odma_swiotlb_restricted_wrong_free(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
			"swiotlb restricted pool_kib=2048 limit_kib=2048");
	struct kmsg_dump_iter mark;
	struct odma_counters sum;
	dma_addr_t addr;
	void *cpu;
	int i;

	odma_log_mark(&mark);
	for (i = 0; i < 2; i++) {
		cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_free_coherent(fx->dev, i ? SZ_256K : SZ_4K, cpu, addr);
		KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	}
	KUNIT_EXPECT_EQ(test, 2, odma_log_count(&mark,
				"all of them were given back"));
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
}

/* Nothing of what was allocated is beside what is mapped there next. */
static void odma_swiotlb_restricted_dirt(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	u8 *buf = odma_test_buffer(test, 0), *cpu;
	dma_addr_t addr, other;
	int i;

	for (i = 0; i < 3; i++) {
		size_t size = 100 + 1000 * i;

		cpu = odma_alloc_coherent(fx->dev, SZ_128K, &addr, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_128K));
		memset(cpu, 0xee, SZ_128K);
		odma_free_coherent(fx->dev, SZ_128K, cpu, addr);
		KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, size,
						     &other));
		KUNIT_EXPECT_TRUE(test, odma_clear_beside(fx, other, size));
		odma_unmap_all(fx->dev, &other, 1, size);
	}
}

/* The coherent mask is smaller, and nobody told when the pool was made. */
static void odma_swiotlb_restricted_mask(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted bits=64 pool_kib=128 limit_kib=128");
	u8 *buf = odma_test_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t addr, other;
	void *cpu;

	odma_set_masks(fx, DMA_BIT_MASK(64));
	cpu = odma_alloc_coherent(fx->dev, 4096, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(fx->dev, 4096, cpu, addr);
	fx->dev->coherent_dma_mask = DMA_BIT_MASK(fls64(addr) - 1);
	odma_log_mark(&mark);
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 4096, &other,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"reach all of its own pool: say bits="));
	/* What is mapped has the other mask. */
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, 100, &other));
	odma_unmap_all(fx->dev, &other, 1, 100);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

static void odma_swiotlb_restricted_pages(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	struct sg_table sgt;
	struct page *page;
	dma_addr_t addr;
	void *cpu;

	page = odma_alloc_pages(fx->dev, 10000, &addr, DMA_BIDIRECTIONAL,
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_PTR_EQ(test, (u8 *)page_address(page),
			    odma_device_view(fx, addr));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, 10000));
	KUNIT_EXPECT_EQ(test, 6, odma_pool_file(fx, "used"));
	memset(page_address(page), 0xcc, 10000);
	odma_free_pages(fx->dev, 10000, page, addr, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	cpu = odma_alloc_attrs(fx->dev, 4096, &addr, GFP_KERNEL,
			       DMA_ATTR_NO_KERNEL_MAPPING);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, 2, odma_pool_file(fx, "used"));
	odma_free_attrs(fx->dev, 4096, cpu, addr, DMA_ATTR_NO_KERNEL_MAPPING);
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_64K));
	KUNIT_EXPECT_EQ(test, 0, odma_get_sgtable(fx->dev, &sgt, cpu, addr,
						  SZ_64K));
	KUNIT_EXPECT_PTR_EQ(test, sg_page(sgt.sgl), virt_to_page(cpu));
	sg_free_table(&sgt);
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* A driver may take a reference on each page, and put it again. */
static void odma_swiotlb_restricted_refs(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr, other;
	u8 *cpu;
	int i;

	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	for (i = 0; i < SZ_64K; i += PAGE_SIZE) {
		struct page *page = virt_to_page(cpu + i);

		KUNIT_ASSERT_EQ(test, 1, page_count(page));
		get_page(page);
		put_page(page);
		KUNIT_EXPECT_EQ(test, 1, page_count(page));
	}
	odma_pattern(cpu, SZ_64K, 1);
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 4096, &other));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(cpu, SZ_64K, 1));
	odma_unmap_all(fx->dev, &other, 1, 4096);
	odma_free_coherent(fx->dev, SZ_64K, cpu, addr);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

static void odma_swiotlb_restricted_full(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	struct kmsg_dump_iter mark;
	dma_addr_t addr, other;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, SZ_64K + 1, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_log_mark(&mark);
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, SZ_64K, &other,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"no bounce buffer for 65536 bytes"));
	KUNIT_EXPECT_NULL(test, odma_alloc_pages(fx->dev, SZ_64K, &other,
						 DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 34, odma_pool_file(fx, "used"));
	odma_free_coherent(fx->dev, SZ_64K + 1, cpu, addr);
	cpu = odma_alloc_coherent(fx->dev, SZ_128K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(fx->dev, SZ_128K, cpu, addr);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* Any other device allocates as it would without bouncing. */
static void odma_swiotlb_allocates_elsewhere(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb pool_kib=128");
	dma_addr_t addr;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, 5000, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	odma_free_coherent(fx->dev, 5000, cpu, addr);
}

/*
 * A driver that goes without unmapping: its slots, and the pool, stay what they
 * are until somebody does. The next driver goes on with that pool.
 */
static void odma_swiotlb_left_behind(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=8192");
	u8 *buf = odma_test_buffer(test, 6);
	dma_addr_t addr, large, own;

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 5000, &addr));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_256K, &large));
	KUNIT_EXPECT_EQ(test, 1, odma_pool_file(fx, "at_once"));
	odma_log_leftovers(true);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	KUNIT_EXPECT_EQ(test, 131, odma_pool_file(fx, "used"));
	/* What is mapped now is somewhere else. */
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 5000, &own));
	KUNIT_EXPECT_TRUE(test, own + 5000 <= addr || addr + 5000 <= own);
	/* The device has written, and that gets to where it belongs. */
	memset(phys_to_virt(dma_to_phys(fx->dev, addr)), 0x77, 5000);
	odma_unmap_single(fx->dev, addr, 5000, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NULL(test, memchr_inv(buf, 0x77, 5000));
	odma_unmap_single(fx->dev, large, SZ_256K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 3, odma_pool_file(fx, "used"));
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* Detached, and still it is to be had back. */
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	memset(phys_to_virt(dma_to_phys(fx->dev, own)), 0x66, 5000);
	dma_unmap_single(fx->dev, own, 5000, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NULL(test, memchr_inv(buf, 0x66, 5000));
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	odma_log_leftovers(false);
}

static struct kunit_case odma_swiotlb_pool_cases[] = {
	KUNIT_CASE(odma_swiotlb_files),
	KUNIT_CASE(odma_swiotlb_sizes),
	KUNIT_CASE(odma_swiotlb_bad_together),
	KUNIT_CASE(odma_swiotlb_grows),
	KUNIT_CASE(odma_swiotlb_grows_early),
	KUNIT_CASE(odma_swiotlb_limit),
	KUNIT_CASE(odma_swiotlb_keeps_used),
	KUNIT_CASE(odma_swiotlb_at_once),
	KUNIT_CASE(odma_swiotlb_at_once_limit),
	KUNIT_CASE(odma_swiotlb_recovers),
	KUNIT_CASE(odma_swiotlb_exhausted),
	KUNIT_CASE(odma_swiotlb_share),
	KUNIT_CASE(odma_swiotlb_share_net),
	KUNIT_CASE(odma_swiotlb_restricted),
	KUNIT_CASE(odma_swiotlb_restricted_wrong_free),
	KUNIT_CASE(odma_swiotlb_restricted_dirt),
	KUNIT_CASE(odma_swiotlb_restricted_mask),
	KUNIT_CASE(odma_swiotlb_restricted_pages),
	KUNIT_CASE(odma_swiotlb_restricted_refs),
	KUNIT_CASE(odma_swiotlb_restricted_full),
	KUNIT_CASE(odma_swiotlb_allocates_elsewhere),
	KUNIT_CASE(odma_swiotlb_left_behind),
	{}
};

struct kunit_suite odma_swiotlb_pool_suite = {
	.name = "odma-swiotlb-pool",
	.suite_init = odma_begin_suite,
	.init = odma_swiotlb_pool_init,
	.exit = odma_swiotlb_pool_exit,
	.test_cases = odma_swiotlb_pool_cases,
};
