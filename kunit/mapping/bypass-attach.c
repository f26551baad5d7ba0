// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass" from attach to detach, over every kind of backend: one
 * with as little as there may be, the direct one, one for which nobody asked.
 */
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "bypass.h"
#include "../suites.h"

static void odma_only_required(struct dma_map_ops *ops)
{
	struct dma_map_ops all = *ops;

	memset(ops, 0, sizeof(*ops));
	ops->alloc = all.alloc;
	ops->free = all.free;
	ops->map_sg = all.map_sg;
	ops->unmap_sg = all.unmap_sg;
#ifdef ODMA_HAVE_MAP_PHYS
	ops->map_phys = all.map_phys;
	ops->unmap_phys = all.unmap_phys;
#else
	ops->map_page = all.map_page;
	ops->unmap_page = all.unmap_page;
#endif
}

/*
 * A backend with what it must have: what the direct path lacks as well is NULL,
 * and the rest does what the kernel does without the function.
 */
static void odma_bypass_null_members(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct vm_area_struct *vma;
	struct device *dev;
	struct sg_table sgt;
	dma_addr_t handle;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	odma_only_required(&odma_bypassed_ops);
	dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	KUNIT_EXPECT_NULL(test, odma_device_of(dev)->ops.opt_mapping_size);
	KUNIT_EXPECT_NULL(test, odma_device_of(dev)->ops.get_merge_boundary);
	KUNIT_EXPECT_EQ(test, dma_max_mapping_size(dev), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, dma_get_merge_boundary(dev), 0);
	KUNIT_EXPECT_EQ(test, dma_get_required_mask(dev), DMA_BIT_MASK(32));
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
	KUNIT_EXPECT_NULL(test, dma_alloc_pages(dev, PAGE_SIZE, &handle,
						DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ENXIO, dma_mmap_coherent(dev, vma, fx, 0x1000,
							64));
	KUNIT_EXPECT_EQ(test, -ENXIO, dma_get_sgtable(dev, &sgt, fx, 0x1000,
						      64));
	dma_sync_single_for_cpu(dev, 0x1000, 64, DMA_TO_DEVICE);
	dma_sync_single_for_device(dev, 0x1000, 64, DMA_TO_DEVICE);
	dma_sync_sg_for_cpu(dev, NULL, 0, DMA_TO_DEVICE);
	dma_sync_sg_for_device(dev, NULL, 0, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	/* None of them is live: the other side can take over, and has all. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_WIDE));
	odma_expect_map_side(test, true);
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, handle, 0xf0000000);
	dma_unmap_resource(dev, handle, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_NARROW));
	odma_expect_map_side(test, false);
}

#ifndef ODMA_HAVE_MAP_PHYS
/* A resource that the backend maps, and for whose unmapping it does nothing. */
static void odma_bypass_unmap_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev;
	dma_addr_t handle;

	odma_bypassed_ops.unmap_resource = NULL;
	dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, handle, ODMA_OWN_ADDR);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	odma_expect_map_side(test, false);
	dma_unmap_resource(dev, handle, 64, DMA_TO_DEVICE, 0);
	odma_expect_map_side(test, true);
}
#endif

/* Nobody asked for it: the tables are what they were. */
static void odma_bypass_not_asked(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, ODMA_BYPASSED, 1, 1);

	KUNIT_EXPECT_PTR_EQ(test, odma_device_of(dev)->base,
			    (const struct dma_map_ops *)&odma_bypassed_ops);
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
}

/* Over the direct backend the word is no news. */
static void odma_bypass_over_direct(struct kunit *test)
{
	static const char * const rules[][2] = {
		{ "direct", "direct bypass" },
		{ "direct stats coherent=no",
		  "direct coherent=no bypass stats" },
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct dma_map_ops *base;
		struct device *dev;

		dev = odma_bypass_bind(test, rules[i][0], 1, 1);
		base = odma_device_of(dev)->base;
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
		dev = odma_bypass_bind(test, rules[i][1], 1, 1);
		KUNIT_EXPECT_PTR_EQ(test, odma_device_of(dev)->base, base);
		KUNIT_EXPECT_TRUE(test, odma_device_of(dev)->flags &
				  ODMA_BYPASS);
		odma_expect_map_side(test, true);
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

/* The direct side of a device that does not see the caches has its stock. */
static void odma_bypass_uncached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle, more;
	struct page *page;
	int round;
	void *cpu;

	for (round = 0; round < 3; round++) {
		struct device *dev = odma_bypass_bind(test, ODMA_BYPASSED
						      " bypass coherent=no",
						      1, 1);

		/* The stock's first page, so the one that is counted. */
		cpu = odma_alloc_coherent(dev, 64, &handle, GFP_ATOMIC);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
		page = pfn_to_page(PHYS_PFN(handle));
		get_page(page);
		/* More than there is in stock, but not in memory. */
		KUNIT_EXPECT_NULL(test, odma_alloc_attrs(dev, SZ_1M, &more,
							 GFP_ATOMIC,
							 DMA_ATTR_NO_WARN));
		odma_free_coherent(dev, 64, cpu, handle);
		odma_expect_alloc_side(test, true);
		odma_expect_map_side(test, true);
		KUNIT_EXPECT_EQ(test, 0, dma_set_coherent_mask(dev,
							       ODMA_NARROW));
		odma_expect_alloc_side(test, false);
		KUNIT_EXPECT_EQ(test, 2, page_count(page));
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_EXPECT_EQ(test, 1, page_count(page));
		put_page(page);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

/* In and out by hand, and over and over: nothing is left. */
static void odma_bypass_attach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int round;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_attach(fx->dev, ODMA_BYPASSED, ~ODMA_FLAGS));
	for (round = 0; round < 20; round++) {
		KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, ODMA_BYPASSED,
						     ODMA_BYPASS));
		odma_set_masks(fx, ODMA_WIDE);
		odma_expect_map_side(test, true);
		odma_set_masks(fx, ODMA_NARROW);
		odma_expect_map_side(test, false);
		KUNIT_ASSERT_EQ(test, 0, odma_detach(fx->dev));
		KUNIT_ASSERT_NULL(test, fx->dev->dma_ops);
	}
	/* A backend that does not attach leaves nothing either. */
	odma_bypassed.attach = odma_recorder.attach;
	odma_record.attach_ret = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, odma_attach(fx->dev, ODMA_BYPASSED,
						ODMA_BYPASS | ODMA_STATS));
	odma_bypassed.attach = NULL;
	odma_record.attach_ret = 0;
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* The backend finds its own table when the device leaves. */
static const struct dma_map_ops *odma_base_at_detach;

static void odma_note_detach(struct odma_device *odev)
{
	odma_base_at_detach = odev->base;
}

static void odma_bypass_detach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_bypassed.detach = odma_note_detach;
	odma_base_at_detach = NULL;
	odma_bypass_bind(test, fx->mode->rule, 1, 1);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_bypassed.detach = NULL;
	KUNIT_EXPECT_PTR_EQ(test, odma_base_at_detach,
			    (const struct dma_map_ops *)&odma_bypassed_ops);
}

static void odma_expect_file(struct kunit *test, const char *name,
			     const char *want)
{
	struct odma_fixture *fx = test->priv;
	char path[96], text[64] = "";
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/odma/%s",
		 dev_name(fx->dev), name);
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_EXPECT_STREQ(test, text, want);
}

static void odma_bypass_flags(struct kunit *test)
{
	static const char * const says[][2] = {
		{ "bypass", "bypass\n" }, { "stats", "stats\n" },
		{ "bypass stats", "stats bypass\n" },
		{ "coherent=yes bypass", "bypass coherent=yes\n" },
		{ "", "\n" },
	};
	struct odma_fixture *fx = test->priv;
	char rule[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(says); i++) {
		snprintf(rule, sizeof(rule), ODMA_BYPASSED " %s", says[i][0]);
		odma_bypass_bind(test, rule, 1, 1);
		odma_expect_file(test, "flags", says[i][1]);
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

static struct kunit_case odma_bypass_attach_cases[] = {
	KUNIT_CASE(odma_bypass_null_members),
#ifndef ODMA_HAVE_MAP_PHYS
	KUNIT_CASE(odma_bypass_unmap_nothing),
#endif
	KUNIT_CASE(odma_bypass_not_asked),
	KUNIT_CASE(odma_bypass_over_direct),
	KUNIT_CASE(odma_bypass_uncached),
	KUNIT_CASE(odma_bypass_attach),
	KUNIT_CASE(odma_bypass_detach),
	KUNIT_CASE(odma_bypass_flags),
	{}
};

struct kunit_suite odma_bypass_attach_suite = {
	.name = "odma-bypass-attach",
	.suite_init = odma_begin_suite,
	.init = odma_bypass_init,
	.exit = odma_bypass_exit,
	.test_cases = odma_bypass_attach_cases,
};
