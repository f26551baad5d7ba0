// SPDX-License-Identifier: GPL-2.0
/*
 * When a device comes under odma, and when it is its own again.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/module.h>
#include <linux/sizes.h>
#include <linux/slab.h>
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../shared/recorder.h"
#include "../suites.h"

/* The recorder is there for every case; the rule is the case's own. */
static int odma_attach_init(struct kunit *test)
{
	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	return odma_unbound_init(test);
}

static void odma_attach_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_recorder);
}

static void odma_expect_usable(struct kunit *test, struct device *dev)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	dma_addr_t addr = odma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);

	KUNIT_EXPECT_EQ(test, addr, page_to_phys(page));
	odma_unmap_page(dev, addr, 64, DMA_TO_DEVICE);
}

/* A shell reads byte by byte; what it gets is one state of the table. */
static void odma_attach_table(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	char *text = kunit_kzalloc(test, SZ_16K, GFP_KERNEL);
	dma_addr_t addr[12];
	struct file *file;
	loff_t pos = 0;
	char *line;
	int i;

	KUNIT_ASSERT_NOT_NULL(test, text);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct stats"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	file = filp_open("/sys/kernel/odma/attachments", O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	KUNIT_EXPECT_EQ(test, 1, kernel_read(file, text, 1, &pos));
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		addr[i] = odma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	while (pos < SZ_16K - 1 &&
	       kernel_read(file, text + pos, 1, &pos) == 1)
		;
	filp_close(file, NULL);
	line = strstr(text, dev_name(fx->dev));
	KUNIT_EXPECT_NOT_NULL(test, line);
	if (line) {
		line = strsep(&line, "\n");
		KUNIT_EXPECT_STREQ(test, " 0 0 0 0", line + strlen(line) - 8);
	}
	for (i = 0; i < ARRAY_SIZE(addr); i++)
		odma_unmap_page(fx->dev, addr[i], 64, DMA_TO_DEVICE);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
}

static void odma_attach_by_rule(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	/* A rule alone changes nothing. */
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, fx->attached_in_probe);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	odma_expect_usable(test, fx->dev);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	odma_expect_usable(test, fx->dev);
	/* The rule holds for the next bind, and then no more. */
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	fx->attached_in_probe = false;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_FALSE(test, fx->attached_in_probe);
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
}

static void odma_attach_many_times(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int round;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	for (round = 1; round <= 20; round++) {
		KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
		KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_NULL(test, fx->dev->dma_ops);
		KUNIT_ASSERT_EQ(test, odma_record.detaches, round);
	}
}

/* Whatever a driver manages is freed before the device leaves odma. */
static int odma_probe_managed(struct odma_fixture *fx, struct device *dev)
{
	dma_addr_t handle;
	int i;

	for (i = 0; i < 3; i++)
		if (!dmam_alloc_coherent(dev, (i + 1) * PAGE_SIZE, &handle,
					 GFP_KERNEL))
			return -ENOMEM;
	return fx->probe_ret;
}

static void odma_attach_managed_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_managed;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, odma_record.allocs, 3);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_record.frees, 3);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

static void odma_attach_failed_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_managed;
	fx->probe_ret = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_EXPECT_TRUE(test, fx->attached_in_probe);
	KUNIT_ASSERT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_EQ(test, odma_record.allocs, 3);
	KUNIT_EXPECT_EQ(test, odma_record.frees, 3);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
	odma_expect_usable(test, fx->dev);
}

/* The same over real memory: a page freed to the wrong side is a bad page. */
static void odma_attach_failed_probe_direct(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_managed;
	fx->probe_ret = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx, "direct coherent=no stats"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, fx->attached_in_probe);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	fx->probe_ret = 0;
	KUNIT_ASSERT_EQ(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, 3, odma_counted_so_far(fx).allocs);
}

/* Deferred, and tried again by the driver core when another device is bound. */
static void odma_attach_deferred_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct platform_device *other;
	int tries;

	fx->probe = odma_probe_managed;
	fx->probe_ret = -EPROBE_DEFER;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	fx->probe_ret = 0;
	fx->attached_in_probe = false;
	other = platform_device_register_simple("odma-kunit", 9999, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(other));
	for (tries = 0; tries < 500 && !READ_ONCE(fx->dev->driver); tries++)
		msleep(20);
	device_lock(fx->dev);
	device_unlock(fx->dev);
	platform_device_unregister(other);
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_TRUE(test, fx->attached_in_probe);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, odma_record.frees, 3 * (fx->probes - 1));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_record.allocs, 3 * fx->probes);
	KUNIT_EXPECT_EQ(test, odma_record.frees, odma_record.allocs);
}

/* No time for the reaper between the failure and the next driver's bind. */
static void odma_attach_second_driver(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_managed;
	fx->probe_ret = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	/* If the reaper runs late it must see that there is a driver again. */
	msleep(50);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, odma_record.frees, 3);
	odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* Here the driver core itself tries the second driver, without a pause. */
static void odma_attach_next_driver_at_once(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe_ret = -ENODEV;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	device_release_driver(fx->dev);
	fx->probes = 0;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 1, device_attach(fx->dev));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	msleep(50);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 0);
	device_release_driver(fx->dev);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

static int odma_override_driver(struct platform_device *pdev, const char *name)
{
#ifdef ODMA_HAVE_DEVICE_DRIVER_OVERRIDE
	return device_set_driver_override(&pdev->dev, name);
#else
	pdev->driver_override = kstrdup(name, GFP_KERNEL);
	return pdev->driver_override ? 0 : -ENOMEM;
#endif
}

static void odma_attach_driver_override(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_override_driver(fx->pdev,
						      "odma-kunit-other"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 0);
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_STREQ(test, fx->dev->driver->name, "odma-kunit-other");
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
}

static void odma_attach_unregister(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_managed;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	get_device(fx->dev);
	device_unregister(fx->dev);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_EQ(test, odma_record.frees, 3);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
	/* The rule waits for a device of that name to come back. */
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
	put_device(fx->dev);
	fx->pdev = NULL;
}

/* Attached without a driver, and gone before one came. */
static void odma_attach_unregister_unbound(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, ODMA_RECORDER, 0));
	get_device(fx->dev);
	device_unregister(fx->dev);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
	put_device(fx->dev);
	fx->pdev = NULL;
}

/* A device that comes when its rule is there already. */
static void odma_attach_rule_first(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct platform_device *later;

	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_rule("platform odma-kunit.8888 direct\n"));
	later = platform_device_register_simple("odma-kunit", 8888, NULL, 0);
	KUNIT_EXPECT_FALSE(test, IS_ERR(later));
	if (!IS_ERR(later)) {
		KUNIT_EXPECT_NOT_NULL(test, odma_device_of(&later->dev));
		KUNIT_EXPECT_EQ(test, -EBUSY,
				odma_remove_rule("platform odma-kunit.8888"));
		platform_device_unregister(later);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule("platform odma-kunit.8888"));
}

static void odma_attach_by_call(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "direct", ODMA_STATS));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, odma_device_of(fx->dev)->flags, ODMA_STATS);
	odma_expect_usable(test, fx->dev);
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).maps);
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_EQ(test, odma_device_of(fx->dev)->flags, ODMA_STATS);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_detach(fx->dev));
	odma_expect_usable(test, fx->dev);
}

static void odma_attach_refused(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const struct bus_type *bus = fx->dev->bus;

	KUNIT_EXPECT_EQ(test, -ENOENT, odma_attach(fx->dev, "nobody", 0));
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_attach(fx->dev, "", 0));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_attach(fx->dev, "direct", BIT(20)));
	fx->dev->bus = NULL;
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_attach(fx->dev, "direct", 0));
	fx->dev->bus = (void *)bus;
	odma_record.attach_ret = -ENOSPC;
	KUNIT_EXPECT_EQ(test, -ENOSPC, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 0);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	odma_expect_usable(test, fx->dev);
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
}

/* A module's bus could go, and come back at the same place, unwatched. */
static void odma_attach_module_bus(struct kunit *test)
{
	static struct bus_type module_bus = { .name = "odma-kunit-bus" };
	struct odma_fixture *fx = test->priv;
	const struct bus_type *bus = fx->dev->bus;
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	fx->dev->bus = &module_bus;
	KUNIT_EXPECT_EQ(test, -ENODEV, odma_attach(fx->dev, "direct", 0));
	fx->dev->bus = (void *)bus;
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "is inside a module"));
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* Somebody else's ops are neither taken over nor lost. */
static void odma_attach_foreign_ops(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	set_dma_ops(fx->dev, &odma_recorder_ops);
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_add_device_rule(fx, "direct"));
	KUNIT_EXPECT_PTR_EQ(test, fx->dev->dma_ops, &odma_recorder_ops);
	set_dma_ops(fx->dev, NULL);
}

/* A backend that fails at bind leaves the driver with the kernel's DMA. */
static void odma_attach_backend_fails(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_record.attach_ret = -ENOMEM;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_EXPECT_FALSE(test, fx->attached_in_probe);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	odma_expect_usable(test, fx->dev);
}

/* A driver that attaches its own device: the end of the bind is the end. */
static int odma_probe_attaches(struct odma_fixture *fx, struct device *dev)
{
	return odma_attach(dev, ODMA_RECORDER, 0);
}

static void odma_attach_in_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	fx->probe = odma_probe_attaches;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_FALSE(test, fx->attached_in_probe);
	KUNIT_EXPECT_NOT_NULL(test, odma_device_of(fx->dev));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_EXPECT_EQ(test, odma_record.detaches, 1);
}

/* Attached by a call before the bind: a rule for it does not attach twice. */
static void odma_attach_call_then_rule(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, ODMA_RECORDER, 0));
	KUNIT_EXPECT_NE(test, 0, odma_add_device_rule(fx, "direct"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_STREQ(test, odma_device_of(fx->dev)->backend->name,
			   ODMA_RECORDER);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* Each attached device keeps odma, and its backend's module, loaded. */
static void odma_attach_holds_modules(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct module *odma;
	int core, own;

	KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	odma = odma_device_of(fx->dev)->backend->owner;
	core = module_refcount(odma);
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	KUNIT_EXPECT_LT(test, module_refcount(odma), core);

	core = module_refcount(odma);
	own = module_refcount(THIS_MODULE);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_EXPECT_EQ(test, module_refcount(odma), core);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, module_refcount(odma), core + 1);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), own + 1);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, module_refcount(odma), core);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), own);
	odma_record.attach_ret = -ENOMEM;
	odma_attach(fx->dev, ODMA_RECORDER, 0);
	KUNIT_EXPECT_EQ(test, module_refcount(odma), core);
	KUNIT_EXPECT_EQ(test, module_refcount(THIS_MODULE), own);
}

/* An earlier bind may have told the kernel to drop every sync. */
static void odma_attach_clears_skip_sync(struct kunit *test)
{
#if defined(ODMA_HAVE_DMA_SKIP_SYNC) && defined(CONFIG_DMA_NEED_SYNC)
	struct odma_fixture *fx = test->priv;

	fx->dev->dma_skip_sync = true;
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, ODMA_RECORDER));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_FALSE(test, fx->dev->dma_skip_sync);
	odma_clear_record();
	dma_sync_single_for_cpu(fx->dev, 0x1000, 64, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, odma_record.op, ODMA_OP_SYNC_CPU);
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(40)));
	KUNIT_EXPECT_FALSE(test, fx->dev->dma_skip_sync);
#else
	kunit_skip(test, "this kernel has no dma_skip_sync");
#endif
}

static int odma_say_yes(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	regs_set_return_value(regs, true);
	return 0;
}

/* As on a machine with SEV, which none of the test machines is. */
static void odma_attach_encrypted_memory(struct kunit *test)
{
	struct kretprobe probe = {
		.kp.symbol_name = "odma_memory_encrypted",
		.handler = odma_say_yes,
		.maxactive = 1,
	};
	struct odma_fixture *fx = test->priv;

	if (IS_ENABLED(CONFIG_CC_IS_CLANG) &&
	    !IS_ENABLED(CONFIG_ARCH_HAS_CC_PLATFORM))
		kunit_skip(test, "clang drops what always returns false");
	KUNIT_ASSERT_EQ(test, 0, register_kretprobe(&probe));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_EQ(test, -EOPNOTSUPP, odma_add_device_rule(fx, "direct"));
	unregister_kretprobe(&probe);
	KUNIT_EXPECT_EQ(test, probe.nmissed, 0);
	KUNIT_EXPECT_NULL(test, odma_device_of(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, "direct", 0));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
}

static bool odma_file_says(struct odma_fixture *fx, const char *name,
			   const char *words)
{
	char path[96], text[64] = "";
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/odma/%s",
		 dev_name(fx->dev), name);
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(fx->test, IS_ERR(file));
	KUNIT_EXPECT_GT(fx->test, kernel_read(file, text, sizeof(text) - 1,
					      &pos), 0);
	filp_close(file, NULL);
	return !strcmp(strim(text), words);
}

/* What arm64 did after a failed probe, and x86 does for a group's type. */
static int odma_lose_ops_and_fail(struct odma_fixture *fx, struct device *dev)
{
	set_dma_ops(dev, NULL);
	return -ENODEV;
}

static void odma_expect_files(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "backend", "direct"));
	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "flags", "stats"));
	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "maps", "0"));
	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "pool_bytes", "0"));
}

/* The kernel's code may point dev->dma_ops elsewhere at any time. */
static void odma_attach_ops_lost(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct stats"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	set_dma_ops(fx->dev, NULL);
	odma_expect_files(test);
	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "state", "attached"));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* Whoever is quicker than the clean-up is served all the same. */
	fx->probe = odma_lose_ops_and_fail;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_NULL(test, fx->dev->driver);
	odma_unbind_driver(fx, ODMA_DRIVER);
	fx->probe = NULL;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_OTHER_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_ATTACHED));
	odma_expect_files(test);
}

/* What lingers comes back to its attachment by itself. */
static void odma_attach_ops_lost_later(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	int tries = 250;
	void *cpu;

	odma_log_leftovers(true);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, "direct stats"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	odma_set_masks(fx, DMA_BIT_MASK(64));
	cpu = odma_alloc_coherent(fx->dev, SZ_16K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	set_dma_ops(fx->dev, NULL);
	odma_expect_files(test);
	KUNIT_EXPECT_TRUE(test, odma_file_says(fx, "state", "lingering"));
	while (!odma_device_of(fx->dev) && tries--)
		msleep(20);
	KUNIT_ASSERT_TRUE(test, odma_is_in_state(fx, ODMA_LINGERING));
	dma_free_coherent(fx->dev, SZ_16K, cpu, handle);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	odma_log_leftovers(false);
}

static struct kunit_case odma_attach_cases[] = {
	KUNIT_CASE(odma_attach_by_rule),
	KUNIT_CASE(odma_attach_table),
	KUNIT_CASE(odma_attach_many_times),
	KUNIT_CASE(odma_attach_managed_memory),
	KUNIT_CASE(odma_attach_failed_probe),
	KUNIT_CASE(odma_attach_failed_probe_direct),
	KUNIT_CASE(odma_attach_deferred_probe),
	KUNIT_CASE(odma_attach_second_driver),
	KUNIT_CASE(odma_attach_next_driver_at_once),
	KUNIT_CASE(odma_attach_driver_override),
	KUNIT_CASE(odma_attach_unregister),
	KUNIT_CASE(odma_attach_unregister_unbound),
	KUNIT_CASE(odma_attach_rule_first),
	KUNIT_CASE(odma_attach_by_call),
	KUNIT_CASE(odma_attach_refused),
	KUNIT_CASE(odma_attach_module_bus),
	KUNIT_CASE(odma_attach_foreign_ops),
	KUNIT_CASE(odma_attach_ops_lost),
	KUNIT_CASE(odma_attach_ops_lost_later),
	KUNIT_CASE(odma_attach_backend_fails),
	KUNIT_CASE(odma_attach_in_probe),
	KUNIT_CASE(odma_attach_call_then_rule),
	KUNIT_CASE(odma_attach_holds_modules),
	KUNIT_CASE(odma_attach_clears_skip_sync),
	KUNIT_CASE(odma_attach_encrypted_memory),
	{}
};

struct kunit_suite odma_attach_suite = {
	.name = "odma-attach",
	.suite_init = odma_begin_suite,
	.init = odma_attach_init,
	.exit = odma_attach_exit,
	.test_cases = odma_attach_cases,
};
