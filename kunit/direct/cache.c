// SPDX-License-Identifier: GPL-2.0
/*
 * The direct backend, for devices that don't see the CPU's caches.
 *
 * No device here could show a stale line, so what can be seen is tested: the
 * memory's attributes in the page tables, that they are put back, and that
 * cache maintenance loses nothing that the CPU wrote.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "../suites.h"

/* Is this address cached, as far as the page tables say? -1: not mapped. */
#if defined(CONFIG_X86)

static int odma_is_cached(const void *addr)
{
	unsigned int level;
	pte_t *pte = lookup_address((unsigned long)addr, &level);

	return pte ? !(pte_val(*pte) & _PAGE_PCD) : -1;
}

#elif defined(CONFIG_ARM64)

/* What the processor itself finds there: PAR_EL1, in the terms of MAIR_EL1. */
static int odma_is_cached(const void *addr)
{
	u64 par;

	preempt_disable();
	asm volatile("at s1e1r, %0" : : "r" (addr));
	isb();
	par = read_sysreg_par();
	preempt_enable();
	if (par & SYS_PAR_EL1_F)
		return -1;
	return par >> 56 == MAIR_ATTR_NORMAL;
}

#endif

static void odma_expect_cached(struct kunit *test, void *cpu, size_t size,
			       int want)
{
	size_t at;

	for (at = 0; at < size; at += PAGE_SIZE)
		KUNIT_EXPECT_EQ_MSG(test, odma_is_cached(cpu + at), want,
				    "page %zu of %zu", at / PAGE_SIZE,
				    size / PAGE_SIZE);
}

static void odma_cache_coherent_memory(struct kunit *test)
{
	static const size_t sizes[] = { 1, PAGE_SIZE, 5 * PAGE_SIZE, SZ_256K };
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		cpu = odma_alloc_coherent(fx->dev, sizes[i], &handle,
					  GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_expect_cached(test, cpu, sizes[i], !fx->mode->uncached);
		odma_free_coherent(fx->dev, sizes[i], cpu, handle);
		odma_expect_cached(test, phys_to_virt(handle), sizes[i], 1);
	}
}

static void odma_cache_atomic_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, SZ_16K, &handle, GFP_ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_expect_cached(test, cpu, SZ_16K, !fx->mode->uncached);
	odma_free_coherent(fx->dev, SZ_16K, cpu, handle);
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* With the last such device the whole stock goes back, cached. */
	odma_expect_cached(test, phys_to_virt(handle), SZ_16K, 1);
}

/* dma_alloc_pages() gives cached memory, which the driver syncs. */
static void odma_cache_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(fx->dev, SZ_16K, &handle, DMA_TO_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_expect_cached(test, page_address(page), SZ_16K, 1);
	dma_free_pages(fx->dev, SZ_16K, page, handle, DMA_TO_DEVICE);
}

static void odma_cache_no_mapping(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const unsigned long attrs = DMA_ATTR_NO_KERNEL_MAPPING;
	dma_addr_t handle;
	struct page *page;

	page = odma_alloc_attrs(fx->dev, SZ_16K, &handle, GFP_KERNEL, attrs);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_expect_cached(test, phys_to_virt(handle), SZ_16K, 1);
	odma_free_attrs(fx->dev, SZ_16K, page, handle, attrs);
	odma_expect_cached(test, phys_to_virt(handle), SZ_16K, 1);
}

/* A streaming mapping leaves the attributes alone, and every byte in place. */
static void odma_cache_streaming(struct kunit *test)
{
	static const enum dma_data_direction dirs[] = {
		DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL,
	};
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 2));
	dma_addr_t addr;
	int d, i;

	for (d = 0; d < ARRAY_SIZE(dirs); d++) {
		/* Neither beginning nor end is on a cache line's boundary. */
		for (i = 0; i < SZ_16K; i++)
			buf[i] = i * 7 + d;
		addr = odma_map_single(fx->dev, buf + 13, SZ_16K - 50, dirs[d]);
		KUNIT_ASSERT_EQ(test, 0, odma_mapping_error(fx->dev, addr));
		odma_sync_single_for_cpu(fx->dev, addr, SZ_16K - 50, dirs[d]);
		buf[13] ^= 0xff;
		odma_sync_single_for_device(fx->dev, addr, SZ_16K - 50,
					    dirs[d]);
		odma_unmap_single(fx->dev, addr, SZ_16K - 50, dirs[d]);
		buf[13] ^= 0xff;
		for (i = 0; i < SZ_16K; i++)
			if (buf[i] != (u8)(i * 7 + d))
				break;
		KUNIT_EXPECT_EQ(test, i, SZ_16K);
		odma_expect_cached(test, buf, SZ_16K, 1);
	}
}

static struct kunit_case odma_cache_cases[] = {
	KUNIT_CASE_PARAM(odma_cache_coherent_memory, odma_all_modes),
	KUNIT_CASE_PARAM(odma_cache_atomic_memory, odma_all_modes),
	KUNIT_CASE_PARAM(odma_cache_pages, odma_all_modes),
	KUNIT_CASE_PARAM(odma_cache_no_mapping, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_cache_streaming, odma_all_modes),
	{}
};

struct kunit_suite odma_cache_suite = {
	.name = "odma-cache",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_cache_cases,
};
