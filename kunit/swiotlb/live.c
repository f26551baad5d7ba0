// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce buffers that a driver leaves: known, and for good if it must be.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <odma/bounce.h>
#include "../shared/live.h"
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

#define ODMA_MANY	300

/* Through areas and words; nothing of it when all is unmapped. */
static void odma_swiotlb_live(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_test_buffer(test, 2);
	dma_addr_t *addr;
	int i;

	addr = kunit_kcalloc(test, ODMA_MANY, sizeof(*addr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	odma_expect_live(test, fx->dev, 0, 0);
	for (i = 0; i < ODMA_MANY; i++)
		KUNIT_ASSERT_TRUE(test, odma_map_soon(fx, fx->dev, buf,
						      1 + i * 10, &addr[i]));
	odma_expect_live(test, fx->dev, ODMA_MANY,
			 ODMA_MANY + 10 * ODMA_MANY * (ODMA_MANY - 1) / 2);
	for (i = 0; i < ODMA_MANY; i++)
		odma_unmap_all(fx->dev, &addr[i], 1, 1 + i * 10);
	odma_expect_live(test, fx->dev, 0, 0);
}

/* What was allocated from its pool is counted by who allocates. */
static void odma_swiotlb_live_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, SZ_8K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_expect_live(test, fx->dev, 0, 0);
	odma_free_coherent(fx->dev, SZ_8K, cpu, addr);
}

/* In an area made at once, as there is no other one that is as large. */
static void odma_swiotlb_live_at_once(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=1024");
	u8 *buf = odma_test_buffer(test, 6);
	dma_addr_t addr;
	long before = odma_pool_file(fx, "at_once");

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, SZ_256K, &addr));
	KUNIT_EXPECT_EQ(test, before + 1, odma_pool_file(fx, "at_once"));
	odma_expect_live(test, fx->dev, 1, SZ_256K);
	odma_unmap_all(fx->dev, &addr, 1, SZ_256K);
	odma_expect_live(test, fx->dev, 0, 0);
}

/* What another device has in the same pool is the other's. */
static void odma_swiotlb_live_others(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb force");
	u8 *buf = odma_test_buffer(test, 0);
	struct odma_holder holder = { };
	dma_addr_t addr;

	odma_add_holder(test, &holder, 900);
	odma_hold(fx, &holder, buf, 1000, 7);
	odma_expect_live(test, fx->dev, 0, 0);
	odma_expect_live(test, &holder.pdev->dev, 7, 7000);
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 300, &addr));
	odma_expect_live(test, fx->dev, 1, 300);
	odma_expect_live(test, &holder.pdev->dev, 7, 7000);
	odma_unmap_all(fx->dev, &addr, 1, 300);
	odma_remove_holder(test, &holder, 900);
}

/* A buffer of 5000 bytes that bounces, of a device under direct. */
static dma_addr_t odma_swiotlb_net_begin(struct kunit *test)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	struct odma_fixture *fx;
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	fx = odma_bouncing(test, "direct");
	odma_banish(fx, page, 2 * PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 0, odma_live_bounced(fx->dev).mappings);
	addr = odma_map_single(fx->dev, page_address(page), 5000,
			       DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 1, odma_live_bounced(fx->dev).mappings);
	KUNIT_EXPECT_EQ(test, 5000, odma_live_bounced(fx->dev).bytes);
	return addr;
}

static void odma_swiotlb_net_end(struct kunit *test)
{
	odma_unbind_driver(test->priv, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
}

/* The net under direct: what is in reach is nobody's to count. */
static void odma_swiotlb_live_net(struct kunit *test)
{
	dma_addr_t addr = odma_swiotlb_net_begin(test);
	struct odma_fixture *fx = test->priv;

	odma_unmap_single(fx->dev, addr, 5000, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_live_bounced(fx->dev).mappings);
	odma_swiotlb_net_end(test);
}

/* Whoever bounces next under this name has none of what was left. */
static void odma_swiotlb_abandon_net(struct kunit *test)
{
	dma_addr_t addr = odma_swiotlb_net_begin(test), other;
	struct odma_fixture *fx = test->priv;
	struct odma_device *odev = odma_device_of(fx->dev);
	long refs = odma_swiotlb_refs(test);
	u8 *buf = odma_test_buffer(test, 0);
	void *left = odev->bounce_priv;

	odev->bounce->abandon(odev);
	KUNIT_EXPECT_EQ(test, refs + 1, odma_swiotlb_refs(test));
	WRITE_ONCE(odev->bounce_priv, NULL);
	other = odev->bounce->map(odev, virt_to_phys(buf), 100, 0, 0);
	KUNIT_EXPECT_EQ(test, 1, odma_live_bounced(fx->dev).mappings);
	KUNIT_EXPECT_EQ(test, 100, odma_live_bounced(fx->dev).bytes);
	odev->bounce->unmap(odev, other, 100, DMA_TO_DEVICE, 0);
	/* That was the other one's. */
	WRITE_ONCE(odev->bounce_priv, left);
	odma_unmap_single(fx->dev, addr, 5000, DMA_BIDIRECTIONAL);
	module_put(odev->bounce->owner);
	odma_swiotlb_net_end(test);
}

/* Under our own backend, which counts for itself, the net has nothing. */
static void odma_swiotlb_live_once(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb force");
	struct odma_device *odev = odma_device_of(fx->dev);
	u8 *buf = odma_test_buffer(test, 0);
	phys_addr_t slot;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	KUNIT_ASSERT_NOT_NULL(test, odma_get_bounce(odev));
	slot = odev->bounce->map(odev, virt_to_phys(buf), 100, 0, 0);
	KUNIT_ASSERT_NE(test, PHYS_ADDR_MAX, slot);
	odma_expect_live(test, fx->dev, 1, 100);
	KUNIT_EXPECT_EQ(test, 0, odma_live_bounced(fx->dev).mappings);
	odev->bounce->unmap(odev, slot, 100, DMA_TO_DEVICE, 0);
	odma_swiotlb_net_end(test);
}

/* What the safety net knows the device by; under our backend the same. */
static void *odma_name_on_records(struct odma_fixture *fx)
{
	struct odma_device *odev = odma_device_of(fx->dev);
	u8 *buf = odma_test_buffer(fx->test, 0);
	phys_addr_t slot;
	void *name;

	KUNIT_ASSERT_NOT_NULL(fx->test, odma_get_bounce(odev));
	slot = odev->bounce->map(odev, virt_to_phys(buf), 1, 0, 0);
	KUNIT_ASSERT_NE(fx->test, PHYS_ADDR_MAX, slot);
	odev->bounce->unmap(odev, slot, 1, DMA_TO_DEVICE, 0);
	name = odev->bounce_priv;
	module_put(odev->bounce->owner);
	odev->bounce = NULL;
	odev->bounce_priv = NULL;
	return name;
}

/*
 * By force: the slots stay taken and the module stays, of which the case gives
 * back both; the device that is attached again has none of them.
 */
static void odma_swiotlb_force_out(struct kunit *test, const char *rule)
{
	struct odma_fixture *fx = odma_bouncing(test, rule);
	long refs = odma_swiotlb_refs(test);
	u8 *buf = odma_test_buffer(test, 0);
	const struct odma_bounce *net;
	struct kmsg_dump_iter mark, again;
	struct odma_device *odev;
	struct module *owner;
	phys_addr_t slot;
	dma_addr_t addr;
	void *left;

	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	left = odma_name_on_records(fx);
	owner = odma_device_of(fx->dev)->backend->owner;
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 500, &addr));
	odma_pattern(odma_device_view(fx, addr), 500, 9);
	slot = dma_to_phys(fx->dev, addr);
	odma_log_mark(&mark);
	again = mark;
	odma_force_out(test, fx->dev);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"1 bounce buffers of 500 bytes and 0 allo"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&again,
						"stays taken: a copy of "));
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* One is the device's, and that is detached now. */
	KUNIT_EXPECT_EQ(test, refs, odma_swiotlb_refs(test));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	odma_expect_live(test, fx->dev, 0, 0);
	/* The slot is what it was, and nobody's but the one's that had it. */
	odev = odma_device_of(fx->dev);
	net = odma_get_bounce(odev);
	KUNIT_ASSERT_NOT_NULL(test, net);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(phys_to_virt(slot), 500, 9));
	KUNIT_EXPECT_FALSE(test, net->unmap(odev, slot, 500, DMA_BIDIRECTIONAL,
					    0));
	odev->bounce_priv = left;
	KUNIT_EXPECT_TRUE(test, net->unmap(odev, slot, 500, DMA_BIDIRECTIONAL,
					   0));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 500, 9));
	module_put(owner);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

static void odma_swiotlb_abandon(struct kunit *test)
{
	long used = odma_named_pool_file(test, ODMA_SHARED_POOL, "used");

	odma_swiotlb_force_out(test, "swiotlb force");
	KUNIT_EXPECT_EQ(test, used, odma_named_pool_file(test, ODMA_SHARED_POOL,
							 "used"));
}

static void odma_swiotlb_abandon_own(struct kunit *test)
{
	odma_swiotlb_force_out(test, "swiotlb pool_kib=256 limit_kib=512");
}

/* Nothing is held: then it is a detach like any other. */
static void odma_swiotlb_abandon_nothing(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb restricted");
	long refs = odma_swiotlb_refs(test);

	odma_force_out(test, fx->dev);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, refs - 1, odma_swiotlb_refs(test));
}

static int odma_swiotlb_live_init(struct kunit *test)
{
	return test->param_value ? odma_bound_init(test) :
				   odma_unbound_init(test);
}

static struct kunit_case odma_swiotlb_live_cases[] = {
	KUNIT_CASE_PARAM(odma_swiotlb_live, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_swiotlb_live_memory, odma_bouncing_modes),
	KUNIT_CASE(odma_swiotlb_live_at_once),
	KUNIT_CASE(odma_swiotlb_live_others),
	KUNIT_CASE(odma_swiotlb_live_net),
	KUNIT_CASE(odma_swiotlb_live_once),
	KUNIT_CASE(odma_swiotlb_abandon),
	KUNIT_CASE(odma_swiotlb_abandon_own),
	KUNIT_CASE(odma_swiotlb_abandon_net),
	KUNIT_CASE(odma_swiotlb_abandon_nothing),
	{}
};

struct kunit_suite odma_swiotlb_live_suite = {
	.name = "odma-swiotlb-live",
	.suite_init = odma_begin_suite,
	.init = odma_swiotlb_live_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_swiotlb_live_cases,
};
