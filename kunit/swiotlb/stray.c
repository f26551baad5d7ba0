// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that a driver gives back and does not have: another device's
 * memory, what it has given back before, and sizes that are wrong.
 */
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <odma/bounce.h>
#include "../shared/live.h"
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

static int odma_stray_init(struct kunit *test)
{
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	return odma_unbound_init(test);
}

static void odma_stray_exit(struct kunit *test)
{
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	/* What is freed twice is said again when the device goes. */
	odma_log_leftovers(true);
	odma_fixture_exit(test);
	odma_log_leftovers(false);
}

/* A restricted device's memory, for another device to map. */
struct odma_export {
	struct platform_device *pdev;
	dma_addr_t addr;
	u8 *cpu;
	struct sg_table sgt;
};

#define ODMA_EXPORTER	"platform odma-kunit.9200"
#define ODMA_EXPORT_RULE \
	ODMA_EXPORTER \
	" swiotlb restricted pool_kib=128 limit_kib=128 coherent=yes"
#define ODMA_EXPORTED	SZ_16K

static void odma_export(struct kunit *test, struct odma_export *from)
{
	struct device *dev;

	KUNIT_ASSERT_EQ(test, 0, odma_add_rule(ODMA_EXPORT_RULE));
	from->pdev = platform_device_register_simple("odma-kunit", 9200, NULL,
						     0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(from->pdev));
	dev = &from->pdev->dev;
	from->cpu = odma_alloc_coherent(dev, ODMA_EXPORTED, &from->addr,
					GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, from->cpu);
	KUNIT_ASSERT_EQ(test, 0, odma_get_sgtable(dev, &from->sgt, from->cpu,
						  from->addr, ODMA_EXPORTED));
	odma_pattern(from->cpu, ODMA_EXPORTED, 3);
}

/* Still there, and still its own. */
static void odma_expect_exported(struct kunit *test, struct odma_export *from)
{
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(from->cpu, ODMA_EXPORTED, 3));
	KUNIT_EXPECT_EQ(test, ODMA_EXPORTED / ODMA_SLOT,
			odma_named_pool_file(test, dev_name(&from->pdev->dev),
					     "used"));
}

static void odma_unexport(struct kunit *test, struct odma_export *from)
{
	struct device *dev = &from->pdev->dev;

	odma_expect_exported(test, from);
	sg_free_table(&from->sgt);
	odma_free_coherent(dev, ODMA_EXPORTED, from->cpu, from->addr);
	KUNIT_EXPECT_EQ(test, 0, odma_named_pool_file(test, dev_name(dev),
						      "used"));
	platform_device_unregister(from->pdev);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(ODMA_EXPORTER));
}

static const char * const odma_importers[] = {
	"direct", "direct stats", "swiotlb auto", "swiotlb force",
	"swiotlb pool_kib=128 limit_kib=256",
};

static void odma_importer_describe(const char * const *rule, char *desc)
{
	strscpy(desc, *rule, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_importer, odma_importers, odma_importer_describe);

/* From now on each unmap of the device's looks whether it has bounced. */
static struct page *odma_has_bounced(struct odma_fixture *fx)
{
	struct page *page = odma_test_pages(fx->test, GFP_KERNEL, 0);
	dma_addr_t addr;

	odma_banish(fx, page, PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	addr = odma_map_page(fx->dev, page, 0, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
	odma_unmap_page(fx->dev, addr, 100, DMA_TO_DEVICE);
	return page;
}

/* Mapped and unmapped as a page and as a list, in each direction. */
static void odma_import(struct odma_fixture *fx, struct odma_export *from)
{
	struct scatterlist *sg = from->sgt.sgl;
	enum dma_data_direction dir;
	dma_addr_t addr;

	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		addr = odma_map_page(fx->dev, sg_page(sg), 0, ODMA_EXPORTED,
				     dir);
		KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
		odma_sync_single_for_cpu(fx->dev, addr, ODMA_EXPORTED, dir);
		odma_sync_single_for_device(fx->dev, addr, ODMA_EXPORTED, dir);
		odma_unmap_page(fx->dev, addr, ODMA_EXPORTED, dir);
		odma_expect_exported(fx->test, from);
		KUNIT_ASSERT_EQ(fx->test, 1, odma_map_sg(fx->dev, sg, 1, dir));
		odma_unmap_sg(fx->dev, sg, 1, dir);
		odma_expect_exported(fx->test, from);
	}
}

/* Where it is, what another device has in its pool is that one's. */
static void odma_stray_import(struct kunit *test)
{
	const char * const *rule = test->param_value;
	struct odma_fixture *fx = odma_bouncing(test, *rule);
	struct odma_export from = { };
	struct kmsg_dump_iter mark;

	odma_export(test, &from);
	odma_has_bounced(fx);
	odma_log_mark(&mark);
	odma_import(fx, &from);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "nothing was touched"));
	odma_unexport(test, &from);
}

/* The list is undone for another entry of it, of which nobody has room. */
static void odma_stray_undone(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "direct");
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	struct odma_export from = { };
	struct page *far;

	odma_export(test, &from);
	far = odma_has_bounced(fx);
	dma_set_seg_boundary(fx->dev, ODMA_SLOT - 1);
	sg_set_page(&sg[0], sg_page(from.sgt.sgl), ODMA_EXPORTED, 0);
	sg_set_page(&sg[1], far, PAGE_SIZE, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2, DMA_FROM_DEVICE));
	odma_expect_exported(test, &from);
	dma_set_seg_boundary(fx->dev, DMA_BIT_MASK(32));
	odma_unexport(test, &from);
}

/* Freed by whom it does not belong to, or unmapped, it stays. */
static void odma_stray_free(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	u8 *buf = odma_test_buffer(test, 0);
	struct odma_export from = { };
	struct kmsg_dump_iter mark;
	dma_addr_t addr;
	void *cpu;

	odma_export(test, &from);
	odma_log_mark(&mark);
	odma_free_coherent(fx->dev, ODMA_EXPORTED, from.cpu, from.addr);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "nothing was touched"));
	odma_expect_exported(test, &from);
	cpu = odma_alloc_coherent(fx->dev, 4096, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_unmap_single(fx->dev, addr, 4096, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "nothing was touched"));
	KUNIT_EXPECT_EQ(test, 2, odma_pool_file(fx, "used"));
	odma_free_coherent(fx->dev, 4096, cpu, addr);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	/* A mapping is no allocation, either. */
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 100, &addr));
	odma_free_coherent(fx->dev, 100, odma_device_view(fx, addr), addr);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "nothing was touched"));
	odma_unmap_all(fx->dev, &addr, 1, 100);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	odma_unexport(test, &from);
}

static void odma_stray_free_twice(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb restricted pool_kib=128 limit_kib=128");
	struct kmsg_dump_iter mark;
	dma_addr_t addr;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, 4096, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(fx->dev, 4096, cpu, addr);
	odma_log_mark(&mark);
	odma_free_coherent(fx->dev, 4096, cpu, addr);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "frees"));
	cpu = odma_alloc_coherent(fx->dev, 3 * 4096, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(fx->dev, 4096, cpu, addr);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
						"frees 4096 bytes where"));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
}

/* The slots are somebody else's by then, or begin elsewhere. */
static void odma_stray_twice(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb force");
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_test_buffer(test, 2);
	struct odma_holder other = { };
	struct kmsg_dump_iter mark;
	dma_addr_t addr, own;

	odma_add_holder(test, &other, 9201);
	/* Each CPU begins its search elsewhere. */
	migrate_disable();
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 5000, &addr));
	odma_unmap_all(fx->dev, &addr, 1, 5000);
	odma_log_mark(&mark);
	odma_unmap_all(fx->dev, &addr, 1, 5000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "nothing was touched"));
	odma_hold(fx, &other, buf, 5000, 1);
	migrate_enable();
	KUNIT_ASSERT_EQ(test, addr, other.addr[0]);
	odma_pattern(buf, 5000, 1);
	odma_unmap_all(fx->dev, &addr, 1, 5000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "nothing was touched"));
	odma_sync_single_for_cpu(fx->dev, addr, 5000, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 5000, 1));
	odma_expect_live(test, &other.pdev->dev, 1, 5000);
	odma_remove_holder(test, &other, 9201);
	/* Its own by now, and it begins two slots before. */
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 9000, &own));
	addr = own + 2 * ODMA_SLOT;
	odma_unmap_all(fx->dev, &addr, 1, 5000);
	KUNIT_EXPECT_EQ(test, used + 5, odma_pool_file(fx, "used"));
	odma_unmap_all(fx->dev, &own, 1, 9000);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* What was mapped ends, all of it and no more. */
static void odma_stray_size(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb force");
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_test_buffer(test, 2);
	struct kmsg_dump_iter mark;
	dma_addr_t addr, next;

	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf, 5000, &addr));
	KUNIT_ASSERT_TRUE(test, odma_try_map(fx->dev, buf + 8192, 100, &next));
	odma_pattern(odma_device_view(fx, addr), 5000, 7);
	odma_log_mark(&mark);
	odma_unmap_all(fx->dev, &addr, 1, 2000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"unmaps 2000 bytes where it has 5000"));
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 5000, 7));
	KUNIT_EXPECT_EQ(test, used + 1, odma_pool_file(fx, "used"));
	odma_unmap_all(fx->dev, &next, 1, 9000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"unmaps 9000 bytes where it has 100"));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

static struct kunit_case odma_stray_cases[] = {
	KUNIT_CASE_PARAM(odma_stray_import, odma_importer_gen_params),
	KUNIT_CASE(odma_stray_undone),
	KUNIT_CASE(odma_stray_free),
	KUNIT_CASE(odma_stray_free_twice),
	KUNIT_CASE(odma_stray_twice),
	KUNIT_CASE(odma_stray_size),
	{}
};

struct kunit_suite odma_swiotlb_stray_suite = {
	.name = "odma-swiotlb-stray",
	.suite_init = odma_begin_suite,
	.init = odma_stray_init,
	.exit = odma_stray_exit,
	.test_cases = odma_stray_cases,
};
