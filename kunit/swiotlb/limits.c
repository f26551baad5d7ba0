// SPDX-License-Identifier: GPL-2.0
/*
 * What a pool promises when memory comes and goes: sizes that a driver was
 * told, areas for one mapping, growth that fails, and who is named for it.
 */
#include <linux/delay.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <trace/events/odma.h>
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

static int odma_limits_init(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("idle_ms", "50"));
	return odma_unbound_init(test);
}

static void odma_limits_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("idle_ms", "10000"));
	odma_fixture_exit(test);
}

/* A size that a driver was told stays possible, however idle the pool is. */
static void odma_limits_promise(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1024");
	u8 *buf = odma_test_buffer(test, 8);
	dma_addr_t addr;
	size_t told;

	KUNIT_EXPECT_EQ(test, SZ_128K, odma_max_mapping_size(fx->dev));
	KUNIT_ASSERT_TRUE(test, odma_map_soon(fx, fx->dev, buf, SZ_256K,
					      &addr));
	told = odma_max_mapping_size(fx->dev);
	KUNIT_EXPECT_GE(test, told, SZ_256K);
	odma_unmap_all(fx->dev, &addr, 1, SZ_256K);
	msleep(500);
	KUNIT_EXPECT_TRUE(test, odma_try_map(fx->dev, buf, told, &addr));
	if (addr != DMA_MAPPING_ERROR)
		odma_unmap_all(fx->dev, &addr, 1, told);
	KUNIT_EXPECT_EQ(test, told, odma_max_mapping_size(fx->dev));
}

/* Made once, where nothing can wait, it serves the next ones, too. */
static void odma_limits_at_once(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1152");
	static DEFINE_SPINLOCK(lock);
	u8 *buf = odma_test_buffer(test, 8);
	unsigned long flags;
	dma_addr_t addr;
	int i, mapped = 0;

	for (i = 0; i < 50; i++) {
		spin_lock_irqsave(&lock, flags);
		if (odma_try_map(fx->dev, buf, SZ_1M, &addr)) {
			odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
			mapped++;
		}
		spin_unlock_irqrestore(&lock, flags);
	}
	KUNIT_EXPECT_EQ(test, 50, mapped);
	KUNIT_EXPECT_GE(test, odma_pool_file(fx, "at_once"), 1);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_full"));
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* The second time it is nobody's, and then nobody's memory. */
static void odma_limits_twice(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1152");
	u8 *buf = odma_test_buffer(test, 8);
	dma_addr_t addr;

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M, &addr));
	odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
	odma_pattern(buf, SZ_1M, 3);
	odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
	odma_sync_single_for_cpu(fx->dev, addr, SZ_1M, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
	odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
	odma_sync_single_for_cpu(fx->dev, addr, SZ_1M, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, SZ_1M, 3));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "bytes"));
}

static void odma_limits_holds(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1152");
	u8 *buf = odma_test_buffer(test, 8);
	struct kmsg_dump_iter mark;
	dma_addr_t addr, other;
	char want[96];

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_1M, &addr));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 5000, &other));
	snprintf(want, sizeof(want), "; most is held by %s (odma-kunit) %lu",
		 dev_name(fx->dev), SZ_1M + 3 * ODMA_SLOT);
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SZ_128K, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ_MSG(test, 1, odma_log_count(&mark, want), "%s", want);
	odma_unmap_all(fx->dev, &other, 1, 5000);
	odma_unmap_all(fx->dev, &addr, 1, SZ_1M);
}

/* Never in one piece: not for want of room, and no more of it is made. */
static void odma_limits_too_large(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=256");
	u8 *buf = odma_test_buffer(test, 7);
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, buf, SZ_512K, &addr));
	KUNIT_EXPECT_FALSE(test, odma_try_map(fx->dev, buf, SZ_8M, &addr));
	KUNIT_EXPECT_EQ(test, 2, odma_pool_file(fx, "failed_too_large"));
	/* Nobody is named who holds nothing of it. */
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SZ_512K, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "a bounce buffer can"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_full"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "failed_growing"));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_pool_file(fx, "bytes"));
}

/* Not too long, but from where it has to begin no pool has so much. */
static void odma_ask_in_vain(struct odma_fixture *fx)
{
	u8 *buf = odma_test_buffer(fx->test, 4);

	dma_set_seg_boundary(fx->dev, SZ_64K - 1);
	dma_set_min_align_mask(fx->dev, SZ_64K - 1);
	KUNIT_EXPECT_EQ(fx->test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf + SZ_32K, SZ_32K + 1,
					DMA_TO_DEVICE));
	dma_set_min_align_mask(fx->dev, 0);
	dma_set_seg_boundary(fx->dev, DMA_BIT_MASK(32));
}

#define ODMA_CROWD	24

/* The largest holders are named, whoever came first. */
static void odma_limits_crowd(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb");
	u8 *buf = odma_test_buffer(test, 0);
	const char *name = "odma-kunit";
	struct odma_holder *holder;
	struct kmsg_dump_iter mark;
	char want[160];
	int i;

	holder = kunit_kcalloc(test, ODMA_CROWD, sizeof(*holder), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, holder);
	for (i = 0; i < ODMA_CROWD; i++) {
		odma_add_holder(test, &holder[i], 9100 + i);
		odma_hold(fx, &holder[i], buf, 2048,
			  i < ODMA_CROWD - 3 ? 1 : i - ODMA_CROWD + 5);
	}
	snprintf(want, sizeof(want),
		 "; most is held by %s.9123 (%s) 8192, %s.9122 (%s) 6144, %s.9121 (%s) 4096",
		 name, name, name, name, name, name);
	odma_log_mark(&mark);
	odma_ask_in_vain(fx);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, want));
	for (i = 0; i < ODMA_CROWD; i++)
		odma_remove_holder(test, &holder[i], 9100 + i);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

#define ODMA_LONG_NAME	"odma-kunit-with-a-name-of-more-than-31-characters.1"

static void odma_limits_long_name(struct kunit *test)
{
	static const char want[] = "; most is held by " ODMA_LONG_NAME
				   " (odma-kunit) 2048";
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_test_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, device_rename(fx->dev, ODMA_LONG_NAME));
	odma_bouncing(test, "swiotlb pool_kib=128 limit_kib=128");
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 100, &addr));
	odma_log_mark(&mark);
	odma_ask_in_vain(fx);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, want));
	odma_unmap_all(fx->dev, &addr, 1, 100);
}

#ifndef CONFIG_ARM64

#define ODMA_STORM_MS	600

/* All of ZONE_DMA: then growing fails, and is tried ten times a second. */
static void odma_limits_growth_pause(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb bits=24 pool_kib=128 limit_kib=65536");
	const int max = SZ_16M / SZ_64K;
	u8 *buf = odma_test_buffer(test, 4);
	dma_addr_t *addr, one;
	unsigned long begin;
	long before, more, most;
	int count = 0, tries = 0;

	addr = kunit_kcalloc(test, max, sizeof(*addr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	while (count < max && tries < 500 &&
	       (!odma_pool_file(fx, "growth_failures") || tries < 10)) {
		if (odma_try_map(fx->dev, buf, SZ_64K, &addr[count])) {
			count++;
			continue;
		}
		tries++;
		msleep(20);
	}
	before = odma_pool_file(fx, "growth_failures");
	KUNIT_EXPECT_GT(test, before, 0);
	begin = jiffies;
	while (time_before(jiffies, begin + msecs_to_jiffies(ODMA_STORM_MS))) {
		if (count < max &&
		    odma_try_map(fx->dev, buf, SZ_64K, &addr[count]))
			count++;
		usleep_range(100, 200);
	}
	more = odma_pool_file(fx, "growth_failures") - before;
	most = (jiffies - begin) * 10 / HZ + 2;
	KUNIT_EXPECT_GE(test, more, 1);
	KUNIT_EXPECT_LE(test, more, most);
	odma_unmap_all(fx->dev, addr, count, SZ_64K);
	KUNIT_EXPECT_TRUE(test, odma_wait_pool(fx, "bytes", SZ_128K, SZ_128K));
	/* It has not forgotten how. */
	KUNIT_EXPECT_TRUE(test, odma_map_soon(fx, fx->dev, buf, SZ_64K, &one));
	odma_unmap_all(fx->dev, &one, 1, SZ_64K);
}

#endif

struct odma_events {
	struct device *dev;
	int maps;
	int unmaps;
};

static void odma_see_map(void *data, struct device *dev, phys_addr_t phys,
			 dma_addr_t addr, size_t size,
			 enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_events *seen = data;

	seen->maps += dev == seen->dev;
}

static void odma_see_unmap(void *data, struct device *dev, dma_addr_t addr,
			   size_t size, enum dma_data_direction dir,
			   unsigned long attrs)
{
	struct odma_events *seen = data;

	seen->unmaps += dev == seen->dev;
}

static const char * const odma_traced_rules[] = {
	"direct", "direct coherent=no", "direct stats", "swiotlb",
	"swiotlb auto", "swiotlb coherent=no auto",
};

static void odma_traced_describe(const char * const *rule, char *desc)
{
	strscpy(desc, *rule, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_traced, odma_traced_rules, odma_traced_describe);

/* One that bounces, one that shares its line, one in place, and a list. */
static void odma_map_traced(struct odma_fixture *fx, u8 *far, u8 *near)
{
	struct scatterlist *sg = odma_test_list(fx->test, 3, 600);
	dma_addr_t addr;

	sg_set_page(&sg[1], virt_to_page(far), 600, 0);
	addr = odma_map_single(fx->dev, far, 100, DMA_FROM_DEVICE);
	odma_unmap_single(fx->dev, addr, 100, DMA_FROM_DEVICE);
	addr = odma_map_single(fx->dev, near, 8, DMA_FROM_DEVICE);
	odma_unmap_single(fx->dev, addr, 8, DMA_FROM_DEVICE);
	addr = odma_map_single(fx->dev, near, 4096, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(fx->test, 3, odma_map_sg(fx->dev, sg, 3,
						 DMA_FROM_DEVICE));
	odma_unmap_sg(fx->dev, sg, 3, DMA_FROM_DEVICE);
}

/* One event for each mapping and one for its end, whichever way it took. */
static void odma_limits_one_event(struct kunit *test)
{
	const char * const *rule = test->param_value;
	struct odma_fixture *fx = odma_bouncing(test, *rule);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct odma_events seen = { .dev = fx->dev };

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	odma_banish(fx, page, PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	KUNIT_ASSERT_EQ(test, 0, register_trace_odma_map(odma_see_map, &seen));
	KUNIT_EXPECT_EQ(test, 0, register_trace_odma_unmap(odma_see_unmap,
							   &seen));
	odma_map_traced(fx, page_address(page), odma_test_buffer(test, 0));
	unregister_trace_odma_unmap(odma_see_unmap, &seen);
	unregister_trace_odma_map(odma_see_map, &seen);
	tracepoint_synchronize_unregister();
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	KUNIT_EXPECT_EQ(test, 6, seen.maps);
	KUNIT_EXPECT_EQ(test, 6, seen.unmaps);
}

static struct kunit_case odma_limits_cases[] = {
	KUNIT_CASE(odma_limits_promise),
	KUNIT_CASE(odma_limits_at_once),
	KUNIT_CASE(odma_limits_twice),
	KUNIT_CASE(odma_limits_holds),
	KUNIT_CASE(odma_limits_too_large),
	KUNIT_CASE(odma_limits_crowd),
	KUNIT_CASE(odma_limits_long_name),
#ifndef CONFIG_ARM64
	KUNIT_CASE(odma_limits_growth_pause),
#endif
	KUNIT_CASE_PARAM(odma_limits_one_event, odma_traced_gen_params),
	{}
};

struct kunit_suite odma_swiotlb_limits_suite = {
	.name = "odma-swiotlb-limits",
	.suite_init = odma_begin_suite,
	.init = odma_limits_init,
	.exit = odma_limits_exit,
	.test_cases = odma_limits_cases,
};
