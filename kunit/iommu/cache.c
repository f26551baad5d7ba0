// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: memory that a device sees, which looks round the caches,
 * is written back before it does.
 *
 * No device here could show a stale line: what is watched is the function that
 * writes lines back, where an architecture has one.
 */
#include <linux/kprobes.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../suites.h"

#define ODMA_CLEANED	64

/* What was written back since odma_watch_begin(). */
static struct { unsigned long start, size; } odma_cleaned[ODMA_CLEANED];
static unsigned int odma_cleaned_count;

static int odma_see_clean(struct kprobe *p, struct pt_regs *regs)
{
	unsigned int i = odma_cleaned_count;

	if (i == ODMA_CLEANED)
		return 0;
	odma_cleaned[i].start = regs_get_kernel_argument(regs, 0);
	odma_cleaned[i].size = regs_get_kernel_argument(regs, 1);
	odma_cleaned_count++;
	return 0;
}

static struct kprobe odma_clean_probe = {
	.symbol_name = "clflush_cache_range",
	.pre_handler = odma_see_clean,
};

static void odma_watch_begin(struct kunit *test)
{
	if (!IS_ENABLED(CONFIG_X86))
		kunit_skip(test, "instructions, and no function, do it");
	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "KMSAN reports the kernel's own kprobes");
	odma_cleaned_count = 0;
	odma_clean_probe.addr = NULL;
	odma_clean_probe.flags = 0;
	KUNIT_ASSERT_EQ(test, 0, register_kprobe(&odma_clean_probe));
}

static void odma_watch_end(void)
{
	unregister_kprobe(&odma_clean_probe);
}

static bool odma_was_cleaned(const void *cpu, size_t size)
{
	unsigned long start = (unsigned long)cpu;
	unsigned int i;

	for (i = 0; i < odma_cleaned_count; i++)
		if (odma_cleaned[i].start <= start &&
		    odma_cleaned[i].start + odma_cleaned[i].size >=
		    start + size)
			return true;
	return false;
}

/* Of all lanes every byte is the device's to see from the beginning. */
static void odma_cache_lanes(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_leaf leaf;
	struct device *dev;
	dma_addr_t addr;
	int dir;

	odma_watch_begin(test);
	odma_iommu_begin(test, "iommu shadow coherent=no shadow_kib=128", NULL);
	odma_watch_end();
	dev = odma_iommu_dev(test);
	for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++) {
		addr = odma_map_single(dev, buf, 100, dir);
		KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
		KUNIT_EXPECT_EQ(test, 0, odma_soft_leaf(odma_soft, addr,
							&leaf));
		KUNIT_EXPECT_TRUE(test,
				  odma_was_cleaned(phys_to_virt(leaf.phys),
						   leaf.size));
		odma_unmap_single(dev, addr, 100, dir);
	}
}

static void odma_cache_alloc_pages(struct kunit *test)
{
	struct device *dev;
	struct page *page;
	dma_addr_t addr;

	odma_iommu_begin(test, "iommu coherent=no", NULL);
	dev = odma_iommu_dev(test);
	odma_watch_begin(test);
	page = odma_alloc_pages(dev, SZ_8K, &addr, DMA_FROM_DEVICE, GFP_KERNEL);
	odma_watch_end();
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_TRUE(test, odma_was_cleaned(page_address(page), SZ_8K));
	odma_free_pages(dev, SZ_8K, page, addr, DMA_FROM_DEVICE);
}

static struct kunit_case odma_iommu_cache_cases[] = {
	KUNIT_CASE(odma_cache_lanes),
	KUNIT_CASE(odma_cache_alloc_pages),
	{}
};

struct kunit_suite odma_iommu_cache_suite = {
	.name = "odma-iommu-cache",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_cache_cases,
};
