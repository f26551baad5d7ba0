// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: every table allocation fails in turn, and nothing is
 * leaked and nothing half mapped.
 */
#include <linux/gfp.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

#define ODMA_FAIL_PARTS	8

/* A mapping that touches many tables: true if it was made, and then undone. */
struct odma_failing {
	const char *name;
	bool (*once)(struct kunit *test);
};

static bool odma_fail_single(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	static u8 *buf;
	dma_addr_t addr;

	buf = odma_iommu_buffer(test, 2);
	addr = odma_map_single(dev, buf + 9, 9000, DMA_BIDIRECTIONAL);
	if (addr == DMA_MAPPING_ERROR)
		return false;
	odma_unmap_single(dev, addr, 9000, DMA_BIDIRECTIONAL);
	return true;
}

/* Over more than one table of the last level. */
static bool odma_fail_large(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	void *buf = (void *)__get_free_pages(GFP_KERNEL, get_order(SZ_4M));
	dma_addr_t addr;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	/* Not aligned as its addresses are: no blocks. */
	addr = odma_map_single(dev, buf + SZ_4K + 9, SZ_4M - SZ_16K,
			       DMA_FROM_DEVICE);
	if (addr != DMA_MAPPING_ERROR)
		odma_unmap_single(dev, addr, SZ_4M - SZ_16K, DMA_FROM_DEVICE);
	free_pages((unsigned long)buf, get_order(SZ_4M));
	return addr != DMA_MAPPING_ERROR;
}

static bool odma_fail_list(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, ODMA_FAIL_PARTS, 600);
	struct sg_table sgt = { .sgl = sgl, .orig_nents = ODMA_FAIL_PARTS };
	struct device *dev = odma_iommu_dev(test);
	int ret = odma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	int i;

	if (!ret) {
		odma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
		return true;
	}
	KUNIT_EXPECT_EQ(test, -ENOMEM, ret);
	for (i = 0; i < ODMA_FAIL_PARTS; i++) {
		KUNIT_EXPECT_EQ(test, 600, sgl[i].length);
		KUNIT_EXPECT_EQ(test, 0, sg_dma_len(&sgl[i]));
	}
	return false;
}

static bool odma_fail_memory(struct kunit *test, size_t size,
			     unsigned long attrs)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr;
	void *cpu = odma_alloc_attrs(dev, size, &addr, GFP_KERNEL, attrs);

	if (cpu)
		odma_free_attrs(dev, size, cpu, addr, attrs);
	return cpu;
}

static bool odma_fail_contiguous(struct kunit *test)
{
	return odma_fail_memory(test, SZ_64K, DMA_ATTR_FORCE_CONTIGUOUS);
}

static bool odma_fail_scattered(struct kunit *test)
{
	return odma_fail_memory(test, SZ_4M + 4096, 0);
}

static bool odma_fail_cookie(struct kunit *test)
{
	return odma_fail_memory(test, SZ_64K, DMA_ATTR_NO_KERNEL_MAPPING);
}

static bool odma_fail_pages(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr;
	struct page *page = odma_alloc_pages(dev, SZ_16K, &addr, DMA_TO_DEVICE,
					     GFP_KERNEL);

	if (page)
		odma_free_pages(dev, SZ_16K, page, addr, DMA_TO_DEVICE);
	return page;
}

static bool odma_fail_resource(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr = odma_map_resource(dev, 0xfd000000, SZ_4K,
					    DMA_TO_DEVICE, 0);

	if (addr == DMA_MAPPING_ERROR)
		return false;
	odma_unmap_resource(dev, addr, SZ_4K, DMA_TO_DEVICE, 0);
	return true;
}

static const struct odma_failing odma_failing_calls[] = {
	{ "single", odma_fail_single },
	{ "large", odma_fail_large },
	{ "list", odma_fail_list },
	{ "contiguous", odma_fail_contiguous },
	{ "scattered", odma_fail_scattered },
	{ "cookie", odma_fail_cookie },
	{ "pages", odma_fail_pages },
	{ "resource", odma_fail_resource },
};

static const void *odma_next_failing(const void *prev, char *desc)
{
	const struct odma_failing *f = prev;

	f = f ? f + 1 : odma_failing_calls;
	if (f == &odma_failing_calls[ARRAY_SIZE(odma_failing_calls)])
		return NULL;
	strscpy(desc, f->name, KUNIT_PARAM_DESC_SIZE);
	return f;
}

/* A fresh domain each time, so that every table has to be allocated. */
static void odma_fail_each(struct kunit *test, const char *rule, bool own)
{
	const struct odma_failing *call = test->param_value;
	struct odma_fixture *fx = test->priv;
	long used = odma_named_pool_file(test, ODMA_SHARED_POOL, "used");
	int nth, empty;
	bool made = false;

	odma_soft = odma_soft_start(test, &(struct odma_soft_cfg) {
				    .granule_shift = 12, .ias = 48,
				    .own = own }, fx->dev);
	/* Addresses for the largest of them once: lost ones are missed. */
	odma_set_masks(fx, DMA_BIT_MASK(24));
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	for (nth = 0; nth < 20 && !made; nth++) {
		KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
		KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
		empty = odma_soft_mapped(odma_soft);
		atomic_set(&odma_soft->fail_in, nth);
		made = call->once(test);
		atomic_set(&odma_soft->fail_in, -1);
		KUNIT_EXPECT_EQ(test, empty, odma_soft_mapped(odma_soft));
		/* The addresses are not lost: it works now. */
		KUNIT_EXPECT_TRUE(test, call->once(test));
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->tables));
		KUNIT_EXPECT_EQ(test, used,
				odma_named_pool_file(test, ODMA_SHARED_POOL,
						     "used"));
	}
	KUNIT_EXPECT_TRUE(test, made);
	/* 48 bits have three levels below the first. */
	KUNIT_EXPECT_GE(test, nth, 4);
}

static void odma_fail_tables(struct kunit *test)
{
	odma_fail_each(test, "iommu", false);
}

static void odma_fail_tables_lazy(struct kunit *test)
{
	odma_fail_each(test, "iommu lazy", false);
}

static void odma_fail_tables_untrusted(struct kunit *test)
{
	odma_fail_each(test, "iommu untrusted", false);
}

static void odma_fail_tables_own(struct kunit *test)
{
	odma_fail_each(test, "iommu", true);
}

static struct kunit_case odma_iommu_fail_cases[] = {
	KUNIT_CASE_PARAM(odma_fail_tables, odma_next_failing),
	KUNIT_CASE_PARAM(odma_fail_tables_lazy, odma_next_failing),
	KUNIT_CASE_PARAM(odma_fail_tables_untrusted, odma_next_failing),
	KUNIT_CASE_PARAM(odma_fail_tables_own, odma_next_failing),
	{}
};

struct kunit_suite odma_iommu_fail_suite = {
	.name = "odma-iommu-fail",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_no_mode_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_fail_cases,
};
