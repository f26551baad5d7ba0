// SPDX-License-Identifier: GPL-2.0
/*
 * What outlives its driver, and what a device gets whose rule can't be kept.
 */
#include <linux/delay.h>
#include <linux/dma-direct.h>
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/module.h>
#include <linux/workqueue.h>
#include "../coherent/fixture.h"
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../shared/recorder.h"
#include "../suites.h"

#define ODMA_KEPT_POOL	"pool=0x44000000+64K"

static const struct odma_mode odma_lingering_modes[] = {
	{ .name = "direct", .rule = "direct" },
	{ .name = "direct stats", .rule = "direct stats" },
	{ .name = "direct coherent=no", .rule = "direct coherent=no" },
	{ .name = "pool", .rule = "direct " ODMA_KEPT_POOL },
	{ .name = "recorder", .rule = ODMA_RECORDER },
};

static const void *odma_each_lingering(const void *prev, char *desc)
{
	const struct odma_mode *mode = prev;

	mode = mode ? mode + 1 : odma_lingering_modes;
	if (mode == odma_lingering_modes + ARRAY_SIZE(odma_lingering_modes))
		return NULL;
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

static int odma_linger_init(struct kunit *test)
{
	odma_log_leftovers(true);
	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	return odma_unbound_init(test);
}

static void odma_linger_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_recorder);
	odma_log_leftovers(false);
}

/* Of an odd number of pages, the rest of which is not the driver's. */
#define ODMA_LEFT_SIZE	(3 * PAGE_SIZE)

struct odma_left {
	struct work_struct work;
	struct device *dev;
	void *cpu;
	dma_addr_t handle;
};

static void odma_leave(struct odma_fixture *fx, struct odma_left *left)
{
	left->dev = fx->dev;
	left->cpu = dma_alloc_coherent(fx->dev, ODMA_LEFT_SIZE, &left->handle,
				       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(fx->test, left->cpu);
	memset(left->cpu, 0x5a, ODMA_LEFT_SIZE);
}

static void odma_free_left(struct work_struct *work)
{
	struct odma_left *left = container_of(work, struct odma_left, work);

	dma_free_coherent(left->dev, ODMA_LEFT_SIZE, left->cpu, left->handle);
}

/* By somebody else than the driver, as the last file descriptor would. */
static void odma_free_late(struct odma_left *left)
{
	INIT_WORK_ONSTACK(&left->work, odma_free_left);
	schedule_work(&left->work);
	flush_work(&left->work);
	destroy_work_on_stack(&left->work);
}

static void odma_expect_lingering(struct odma_fixture *fx,
				  const struct odma_left *left)
{
	KUNIT_EXPECT_TRUE(fx->test, odma_is_in_state(fx, ODMA_LINGERING));
	KUNIT_EXPECT_NULL(fx->test, memchr_inv(left->cpu, 0x5a,
					       ODMA_LEFT_SIZE));
}

/* Bound in the case's mode, with memory that its driver is going to forget. */
static void odma_bind_and_leave(struct odma_fixture *fx,
				struct odma_left *left)
{
	KUNIT_ASSERT_EQ(fx->test, 0, odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(fx->test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	odma_leave(fx, left);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_expect_lingering(fx, left);
}

/* Freed after the unbind: by whom it came from, once, and then all is over. */
static void odma_linger_free_late(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	odma_bind_and_leave(fx, &left);
	odma_free_late(&left);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_EQ(test, odma_record.allocs, odma_record.frees);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
}

/*
 * What is left behind is found by the addresses that its driver was given, for
 * as long as it is there.
 */
static void odma_linger_ranges(struct kunit *test)
{
	const u64 shift = 1ULL << 40;
	struct bus_dma_region range = odma_range(0, shift, shift);
	struct odma_fixture *fx = test->priv;
	struct odma_left left;
	int i;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, fx->mode->rule));
	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_set_ranges(fx, &range, 1);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	odma_leave(fx, &left);
	for (i = 0; i < 2; i++) {
		odma_unbind_driver(fx, ODMA_DRIVER);
		odma_expect_lingering(fx, &left);
		KUNIT_EXPECT_EQ(test, SZ_1M,
				dma_to_phys(fx->dev, shift + SZ_1M));
		if (!i)
			KUNIT_ASSERT_EQ(test, 0,
					odma_bind_driver(fx, ODMA_DRIVER));
	}
	odma_free_late(&left);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_range_map);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

/* The next driver goes on with the attachment, and frees what it finds. */
static void odma_linger_rebind(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_device *odev;
	struct odma_left left, own;

	odma_bind_and_leave(fx, &left);
	odev = odma_device_of(fx->dev);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_EXPECT_PTR_EQ(test, odev, odma_device_of(fx->dev));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_leave(fx, &own);
	KUNIT_EXPECT_TRUE(test, own.cpu + ODMA_LEFT_SIZE <= left.cpu ||
				left.cpu + ODMA_LEFT_SIZE <= own.cpu);
	odma_free_late(&left);
	odma_free_late(&own);
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* Without its rule, too, a device goes on: nobody else could free that. */
static void odma_linger_detached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	odma_bind_and_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	odma_expect_lingering(fx, &left);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	odma_expect_lingering(fx, &left);
	odma_free_late(&left);
	/* Its driver may be using it. */
	msleep(1500);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* At the next bind, nothing is left: the device is the kernel's again. */
static void odma_linger_until_bind(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	odma_bind_and_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	odma_free_late(&left);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* A rule that says the same may come back; its pools are the old ones. */
static void odma_linger_same_rule(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	odma_bind_and_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_EQ(test, 0, odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_free_late(&left);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

/* One that says something else has to wait. */
static void odma_linger_other_rule(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_left left;

	odma_bind_and_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_add_device_rule(fx, "direct coherent=yes"));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
						"odma-kunit left behind"));
	odma_free_late(&left);
	KUNIT_EXPECT_EQ(test, 0,
			odma_add_device_rule(fx, "direct coherent=yes"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
}

/* Its pages are lost to all but who holds them: nobody gets them twice. */
static void odma_linger_force(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_left left;
	char line[64];

	odma_bind_and_leave(fx, &left);
	snprintf(line, sizeof(line), "platform %s force", dev_name(fx->dev));
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(line));
	fx->ruled = false;
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "by force"));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_NULL(test, memchr_inv(left.cpu, 0x5a, ODMA_LEFT_SIZE));
	KUNIT_EXPECT_GT(test, page_count(odma_page_at(left.cpu)), 0);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_rule(line));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	odma_unbind_driver(fx, ODMA_DRIVER);
	free_pages((unsigned long)left.cpu, get_order(ODMA_LEFT_SIZE));
}

/* The device is gone, and with it its name: the attachment knows it still. */
static void odma_linger_unplugged(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = get_device(fx->dev);
	struct odma_left left;
	int tries;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	odma_leave(fx, &left);
	device_unregister(fx->dev);
	odma_expect_lingering(fx, &left);
	odma_free_late(&left);
	for (tries = 0; tries < 500 && READ_ONCE(dev->dma_ops); tries++)
		msleep(20);
	KUNIT_EXPECT_NULL(test, dev->dma_ops);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	fx->pdev = NULL;
	put_device(dev);
}

static int odma_probe_leaves(struct odma_fixture *fx, struct device *dev)
{
	odma_leave(fx, fx->probe_data);
	return -ENODEV;
}

/* A probe that fails may leave something behind as well. */
static void odma_linger_failed_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;
	int tries;

	fx->probe = odma_probe_leaves;
	fx->probe_data = &left;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(test, 1, fx->probes);
	for (tries = 0; tries < 500 && !odma_is_in_state(fx, ODMA_LINGERING);
	     tries++)
		msleep(20);
	odma_expect_lingering(fx, &left);
	odma_free_late(&left);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
}

static void odma_linger_by_call(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	odma_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	odma_expect_lingering(fx, &left);
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_attach(fx->dev, "direct",
						  ODMA_STATS));
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_free_late(&left);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* Pages that the driver syncs, and what it maps without leaving anything. */
static void odma_linger_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0), *own;
	dma_addr_t addr, handle;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	addr = dma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* The kernel's own unmap does as well: nothing to wait for. */
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	dma_unmap_page(fx->dev, addr, 64, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	own = dma_alloc_pages(fx->dev, PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			      GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, own);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	dma_free_pages(fx->dev, PAGE_SIZE, own, handle, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
}

static void odma_linger_holds_modules(struct kunit *test)
{
	int before = module_refcount(THIS_MODULE);
	struct odma_fixture *fx = test->priv;
	struct odma_left left;

	fx->mode = &odma_lingering_modes[ARRAY_SIZE(odma_lingering_modes) - 1];
	odma_bind_and_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before + 1);
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_unregister_backend(&odma_recorder));
	odma_free_late(&left);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), before);
}

static void odma_expect_no_dma(struct odma_fixture *fx)
{
	struct page *page = odma_test_pages(fx->test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(fx->test, 2, 64);
	struct kunit *test = fx->test;
	dma_addr_t handle;

	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_REFUSED));
	KUNIT_EXPECT_NE(test, 0, dma_set_mask(fx->dev, DMA_BIT_MASK(32)));
	KUNIT_EXPECT_NE(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
	KUNIT_EXPECT_TRUE(test, dma_mapping_error(fx->dev,
				dma_map_page(fx->dev, page, 0, 64,
					     DMA_TO_DEVICE)));
	KUNIT_EXPECT_EQ(test, 0, dma_map_sg(fx->dev, sg, 2, DMA_TO_DEVICE));
	KUNIT_EXPECT_TRUE(test, dma_mapping_error(fx->dev,
				dma_map_resource(fx->dev, 0xf0000000, 64,
						 DMA_TO_DEVICE, 0)));
	KUNIT_EXPECT_NULL(test, dma_alloc_coherent(fx->dev, 64, &handle,
						   GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, dma_alloc_pages(fx->dev, 64, &handle,
						DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, dma_alloc_noncontiguous(fx->dev, 64,
							DMA_TO_DEVICE,
							GFP_KERNEL, 0));
}

/* A word of the rule, or a backend that promises, makes the difference. */
static void odma_linger_required(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;

	odma_record.attach_ret = -ENOMEM;
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx, ODMA_RECORDER " require"));
	odma_log_mark(&mark);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "gets no DMA"));
	KUNIT_EXPECT_EQ(test, 0, fx->probes);
	KUNIT_EXPECT_NULL(test, fx->dev->driver);
	odma_expect_no_dma(fx);
	KUNIT_EXPECT_STREQ(test, odma_device_of(fx->dev)->note, "error -12");
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* Why, can be seen until the next bind, or the end of the rule. */
	odma_expect_no_dma(fx);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx, ODMA_RECORDER " require"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_REFUSED));
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* As soon as it can be kept, it is. */
	odma_record.attach_ret = 0;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
}

/* A backend that is missing is as good as one that fails. */
static void odma_linger_required_missing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx, ODMA_RECORDER " require"));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&odma_recorder));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, 0, fx->probes);
	KUNIT_EXPECT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_REFUSED));
	KUNIT_EXPECT_EQ(test, 0, odma_register_backend(&odma_recorder));
	KUNIT_EXPECT_EQ(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
}

/* Bound without a probe, a driver is past the veto. */
static void odma_bind_past_veto(struct odma_fixture *fx,
				struct device_driver *drv)
{
	device_lock(fx->dev);
	fx->dev->driver = drv;
	KUNIT_EXPECT_EQ(fx->test, 0, device_bind_driver(fx->dev));
	device_unlock(fx->dev);
	KUNIT_EXPECT_PTR_EQ(fx->test, fx->dev->driver, drv);
	KUNIT_EXPECT_NULL(fx->test, fx->dev->pm_domain);
}

/* The driver that the device will be bound to. */
static struct device_driver *odma_get_driver(struct odma_fixture *fx)
{
	struct device_driver *drv;

	KUNIT_ASSERT_EQ(fx->test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	drv = fx->dev->driver;
	KUNIT_ASSERT_NOT_NULL(fx->test, drv);
	device_release_driver(fx->dev);
	return drv;
}

static void odma_linger_required_bound(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_driver *drv = odma_get_driver(fx);

	odma_record.attach_ret = -ENOMEM;
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx, ODMA_RECORDER " require"));
	odma_bind_past_veto(fx, drv);
	odma_expect_no_dma(fx);
}

/* What was left behind may be freed, and there is nothing new. */
static void odma_linger_required_elsewhere(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_driver *drv = odma_get_driver(fx);
	struct odma_left left;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	odma_leave(fx, &left);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	fx->probes = 0;
	KUNIT_EXPECT_NE(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, fx->probes);
	odma_bind_past_veto(fx, drv);
	odma_expect_no_dma(fx);
	KUNIT_EXPECT_NULL(test, memchr_inv(left.cpu, 0x5a, ODMA_LEFT_SIZE));
	device_release_driver(fx->dev);
	odma_expect_lingering(fx, &left);
	odma_free_late(&left);
	KUNIT_EXPECT_EQ(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	KUNIT_EXPECT_STREQ(test, odma_device_of(fx->dev)->backend->name,
			   ODMA_RECORDER);
}

/* The device that odma_share() speaks of, and what it shares with it. */
static struct device *odma_sharer;

static struct odma_device *odma_share(struct device *dev)
{
	return dev == odma_sharer ? odma_device_of(dev->parent) : NULL;
}

/* One that the hardware can't tell from an attached one is attached as well. */
static void odma_linger_peer(struct kunit *test)
{
	struct odma_backend backend = odma_recorder;
	struct odma_fixture *fx = test->priv;
	struct platform_device_info info = {
		.parent = fx->dev,
		.name = "odma-kunit",
		.id = 7777,
		.dma_mask = DMA_BIT_MASK(32),
	};
	struct platform_device *peer;
	struct odma_device *odev;

	backend.name = "odma-kunit-shares";
	backend.shares = odma_share;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&backend));
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "odma-kunit-shares"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	peer = platform_device_register_full(&info);
	KUNIT_ASSERT_FALSE(test, IS_ERR(peer));
	/* Bound before anybody shared anything. */
	KUNIT_EXPECT_NULL(test, odma_device_of(&peer->dev));
	odma_sharer = &peer->dev;
	device_release_driver(&peer->dev);
	KUNIT_EXPECT_EQ(test, 1, device_attach(&peer->dev));
	odev = odma_device_of(&peer->dev);
	KUNIT_EXPECT_NOT_NULL(test, odev);
	if (odev) {
		KUNIT_EXPECT_PTR_EQ(test, odev->backend, &backend);
		KUNIT_EXPECT_NOT_NULL(test, strstr(odev->note,
						   dev_name(fx->dev)));
	}
	/* A rule for another backend could not be kept. */
	device_release_driver(&peer->dev);
	KUNIT_EXPECT_EQ(test, 0,
			odma_add_rule("platform odma-kunit.7777 direct"));
	KUNIT_EXPECT_EQ(test, 1, device_attach(&peer->dev));
	odev = odma_device_of(&peer->dev);
	if (odev)
		KUNIT_EXPECT_PTR_EQ(test, odev->backend, &backend);
	/* And where it can't be attached it gets no DMA. */
	device_release_driver(&peer->dev);
	odma_record.attach_ret = -EBUSY;
	KUNIT_EXPECT_NE(test, 1, device_attach(&peer->dev));
	odev = odma_device_of(&peer->dev);
	KUNIT_EXPECT_NOT_NULL(test, odev);
	if (odev)
		KUNIT_EXPECT_EQ(test, odev->state, ODMA_REFUSED);
	odma_record.attach_ret = 0;
	odma_sharer = NULL;
	platform_device_unregister(peer);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule("platform odma-kunit.7777"));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	KUNIT_EXPECT_EQ(test, 0, odma_unregister_backend(&backend));
}

static const void *odma_first_lingering(const void *prev, char *desc)
{
	return prev ? NULL : odma_each_lingering(NULL, desc);
}

static struct kunit_case odma_linger_cases[] = {
	KUNIT_CASE_PARAM(odma_linger_free_late, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_ranges, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_rebind, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_detached, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_until_bind, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_same_rule, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_other_rule, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_unplugged, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_failed_probe, odma_each_lingering),
	KUNIT_CASE_PARAM(odma_linger_force, odma_first_lingering),
	KUNIT_CASE(odma_linger_by_call),
	KUNIT_CASE(odma_linger_pages),
	KUNIT_CASE(odma_linger_holds_modules),
	KUNIT_CASE(odma_linger_required),
	KUNIT_CASE(odma_linger_required_missing),
	KUNIT_CASE(odma_linger_required_bound),
	KUNIT_CASE(odma_linger_required_elsewhere),
	KUNIT_CASE(odma_linger_peer),
	{}
};

struct kunit_suite odma_linger_suite = {
	.name = "odma-linger",
	.suite_init = odma_begin_suite,
	.init = odma_linger_init,
	.exit = odma_linger_exit,
	.test_cases = odma_linger_cases,
};
