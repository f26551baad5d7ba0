// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that CPU and device share, and what is left when it is given back.
 */
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../suites.h"

/* Dirty pages into the allocator, so that zeroes have to be written. */
static void odma_dirty_memory(int order, int count)
{
	struct page *pages[16];
	int i;

	for (i = 0; i < count; i++) {
		pages[i] = alloc_pages(GFP_KERNEL | __GFP_NOWARN, order);
		if (pages[i])
			memset(page_address(pages[i]), 0xdb,
			       PAGE_SIZE << order);
	}
	while (i--)
		if (pages[i])
			__free_pages(pages[i], order);
}

/* Zeroed, aligned to its order for the device, and within one power of two. */
static void odma_check_memory(struct kunit *test, void *cpu, dma_addr_t handle,
			      size_t size)
{
	u64 span = PAGE_SIZE << get_order(size);

	KUNIT_EXPECT_EQ(test, handle & (span - 1), 0);
	KUNIT_EXPECT_EQ(test, handle, odma_where(cpu));
	if (size <= SZ_64K)
		KUNIT_EXPECT_EQ(test, handle / SZ_64K,
				(handle + size - 1) / SZ_64K);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, size));
	memset(cpu, 0xee, size);
}

static void odma_memory_sizes(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 8, 100, PAGE_SIZE - 1, PAGE_SIZE, PAGE_SIZE + 1,
		3 * PAGE_SIZE, SZ_32K, 12 * PAGE_SIZE, SZ_64K - 1, SZ_64K,
		SZ_64K + 1, 33 * PAGE_SIZE, SZ_256K, SZ_1M, SZ_2M + 1, SZ_4M,
	};
	struct odma_fixture *fx = test->priv;
	int i;

	odma_dirty_memory(6, 16);
	odma_dirty_memory(0, 16);
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		dma_addr_t handle;
		void *cpu = odma_alloc_coherent(fx->dev, sizes[i], &handle,
						GFP_KERNEL);

		KUNIT_EXPECT_NOT_NULL_MSG(test, cpu, "%zu bytes", sizes[i]);
		if (!cpu)
			continue;
		odma_check_memory(test, cpu, handle, sizes[i]);
		odma_free_coherent(fx->dev, sizes[i], cpu, handle);
	}
}

/* As many 64 KiB buffers as a ring wants: none may cross a 64 KiB boundary. */
static void odma_memory_no_crossing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handles[20];
	void *cpu[20];
	int i;

	for (i = 0; i < ARRAY_SIZE(cpu); i++) {
		cpu[i] = odma_alloc_coherent(fx->dev, SZ_64K - PAGE_SIZE,
					     &handles[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu[i]);
		KUNIT_EXPECT_EQ(test, handles[i] & (SZ_64K - 1), 0);
	}
	while (i--)
		odma_free_coherent(fx->dev, SZ_64K - PAGE_SIZE, cpu[i],
				   handles[i]);
}

/* Twenty pages from each zone that a coherent mask may mean. */
static void odma_memory_masks(struct kunit *test)
{
	static const int bits[] = { 24, 25, 28, 29, 31, 32, 36, 64 };
	struct odma_fixture *fx = test->priv;
	dma_addr_t handles[20];
	void *cpu[20];
	int b, i;

	for (b = 0; b < ARRAY_SIZE(bits); b++) {
		if (bits[b] < ODMA_LOW_BITS)
			continue;
		odma_set_masks(fx, DMA_BIT_MASK(bits[b]));
		for (i = 0; i < ARRAY_SIZE(cpu); i++) {
			cpu[i] = odma_alloc_coherent(fx->dev, PAGE_SIZE,
						     &handles[i], GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL_MSG(test, cpu[i], "%d bits",
						  bits[b]);
			KUNIT_EXPECT_LE(test, handles[i] + PAGE_SIZE - 1,
					DMA_BIT_MASK(bits[b]));
		}
		while (i--)
			odma_free_coherent(fx->dev, PAGE_SIZE, cpu[i],
					   handles[i]);
	}
}

static void odma_memory_bus_limit(struct kunit *test)
{
	const u64 limit = ODMA_LOW_MASK + SZ_32M;
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	odma_set_masks(fx, DMA_BIT_MASK(64));
	fx->dev->bus_dma_limit = limit;
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_LE(test, handle + SZ_64K - 1, limit);
	odma_free_coherent(fx->dev, SZ_64K, cpu, handle);
	fx->dev->bus_dma_limit = 0;
}

/* The zone to ask follows from the mask *and* the shift of the dma-ranges. */
static void odma_memory_ranges(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct bus_dma_region range = odma_range(0, 0x8000000000,
						 ODMA_LOW_MASK + 1);
	dma_addr_t handle;
	void *cpu;

	odma_set_masks(fx, DMA_BIT_MASK(40));
	odma_set_ranges(fx, &range, 1);
	cpu = odma_alloc_coherent(fx->dev, SZ_16K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, handle, odma_where(cpu) + 0x8000000000);
	KUNIT_EXPECT_LE(test, odma_where(cpu) + SZ_16K - 1, ODMA_LOW_MASK);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, SZ_16K));
	odma_free_coherent(fx->dev, SZ_16K, cpu, handle);
	/* All of memory is beyond this mask. */
	odma_set_masks(fx, DMA_BIT_MASK(36));
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 64, &handle,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).failures);
}

/* The driver core takes the ranges away before the last of it is freed. */
static void odma_memory_ranges_gone(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct bus_dma_region range = odma_range(0, 0x8000000000, 1ULL << 36);
	const int pages = 33;
	dma_addr_t handle;
	struct page *page;
	void *cpu;
	int i;

	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_set_ranges(fx, &range, 1);
	cpu = odma_alloc_coherent(fx->dev, pages * PAGE_SIZE, &handle,
				  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	page = odma_page_at(cpu);
	for (i = 0; i < pages; i++)
		get_page(page + i);
	odma_set_ranges(fx, NULL, 0);
	odma_free_coherent(fx->dev, pages * PAGE_SIZE, cpu, handle);
	for (i = 0; i < pages; i++) {
		KUNIT_EXPECT_EQ(test, page_count(page + i), 1);
		put_page(page + i);
	}
}

/* Twice, for the second time the memory is not fresh. */
static void odma_memory_atomic(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const size_t size = 3 * PAGE_SIZE;
	unsigned long flags;
	dma_addr_t handle;
	int round;
	void *cpu;

	for (round = 0; round < 2; round++) {
		local_irq_save(flags);
		cpu = odma_alloc_coherent(fx->dev, size, &handle, GFP_ATOMIC);
		local_irq_restore(flags);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_check_memory(test, cpu, handle, size);
		odma_free_coherent(fx->dev, size, cpu, handle);
	}
}

/* More than there can be in stock: refused quietly enough, nothing lost. */
static void odma_memory_atomic_until_empty(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handles[64];
	void *cpu[64];
	int n = 0;

	while (n < ARRAY_SIZE(cpu)) {
		cpu[n] = odma_alloc_attrs(fx->dev, SZ_64K, &handles[n],
					  GFP_ATOMIC, DMA_ATTR_NO_WARN);
		if (!cpu[n])
			break;
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu[n], 0, SZ_64K));
		memset(cpu[n], n, SZ_64K);
		n++;
	}
	KUNIT_EXPECT_GT(test, n, 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).failures,
			n < ARRAY_SIZE(cpu));
	while (n--) {
		/* Nobody else was given the same memory. */
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu[n], n, SZ_64K));
		odma_free_attrs(fx->dev, SZ_64K, cpu[n], handles[n],
				DMA_ATTR_NO_WARN);
	}
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).alloc_bytes,
			odma_counted_so_far(fx).free_bytes);
}

static void odma_memory_bad_sizes(struct kunit *test)
{
	static const size_t bad[] = {
		0, SIZE_MAX, SIZE_MAX - PAGE_SIZE, SIZE_MAX / 2,
		(PAGE_SIZE << ODMA_MAX_ORDER) + 1, SZ_1G,
	};
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, bad[i],
							    &handle,
							    GFP_KERNEL));
		KUNIT_EXPECT_EQ(test, i + 1, odma_counted_so_far(fx).failures);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).allocs);
}

/* On any device these are refused before the kernel could warn. */
static void odma_memory_bad_calls(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 mask = fx->dev->coherent_dma_mask;
	dma_addr_t handle;
	void *cpu;

	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 0, &handle,
						    GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, SIZE_MAX, &handle,
						    GFP_KERNEL));
	if (ODMA_GFP_REFUSED)
		KUNIT_EXPECT_NULL(test,
				  odma_alloc_coherent(fx->dev, 64, &handle,
						      GFP_KERNEL |
						      ODMA_GFP_REFUSED));
	fx->dev->coherent_dma_mask = 0;
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 64, &handle,
						    GFP_KERNEL));
	fx->dev->coherent_dma_mask = mask;
	odma_free_coherent(fx->dev, 64, NULL, 0);
	/* Zone flags are harmless: the mask decides. */
	cpu = odma_alloc_coherent(fx->dev, 64, &handle, GFP_KERNEL | GFP_DMA);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(fx->dev, 64, cpu, handle);
}

static void odma_memory_attrs(struct kunit *test)
{
	static const unsigned long attrs[] = {
		DMA_ATTR_NO_WARN, DMA_ATTR_SKIP_CPU_SYNC,
		DMA_ATTR_WEAK_ORDERING, DMA_ATTR_WRITE_COMBINE,
		DMA_ATTR_ALLOC_SINGLE_PAGES, DMA_ATTR_FORCE_CONTIGUOUS,
		DMA_ATTR_PRIVILEGED,
		DMA_ATTR_FORCE_CONTIGUOUS | DMA_ATTR_PRIVILEGED,
	};
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(attrs); i++) {
		odma_dirty_memory(2, 8);
		cpu = odma_alloc_attrs(fx->dev, 3 * PAGE_SIZE, &handle,
				       GFP_KERNEL, attrs[i]);
		KUNIT_ASSERT_NOT_NULL_MSG(test, cpu, "%#lx", attrs[i]);
		odma_check_memory(test, cpu, handle, 3 * PAGE_SIZE);
		odma_free_attrs(fx->dev, 3 * PAGE_SIZE, cpu, handle, attrs[i]);
	}
}

/* The cookie is the page; the memory is zeroed all the same. */
static void odma_memory_no_kernel_mapping(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const unsigned long attrs = DMA_ATTR_NO_KERNEL_MAPPING;
	dma_addr_t handle;
	struct page *page;

	odma_dirty_memory(1, 16);
	page = odma_alloc_attrs(fx->dev, 2 * PAGE_SIZE, &handle, GFP_KERNEL,
				attrs);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, handle, page_to_phys(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0,
					   2 * PAGE_SIZE));
	odma_free_attrs(fx->dev, 2 * PAGE_SIZE, page, handle, attrs);
	page = odma_alloc_attrs(fx->dev, 64, &handle, GFP_ATOMIC, attrs);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, handle, page_to_phys(page));
	odma_free_attrs(fx->dev, 64, page, handle, attrs);
}

static void odma_memory_get_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const size_t size = 5 * PAGE_SIZE - 100;
	struct bus_dma_region range = odma_range(0, 1ULL << 40, 1ULL << 36);
	struct sg_table sgt;
	dma_addr_t handle;
	void *cpu;

	odma_set_masks(fx, DMA_BIT_MASK(64));
	odma_set_ranges(fx, &range, 1);
	cpu = odma_alloc_coherent(fx->dev, size, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, handle, odma_where(cpu) + (1ULL << 40));
	KUNIT_EXPECT_EQ(test, 0, odma_get_sgtable(fx->dev, &sgt, cpu, handle,
						  size));
	KUNIT_EXPECT_EQ(test, sgt.orig_nents, 1);
	KUNIT_EXPECT_PTR_EQ(test, sg_page(sgt.sgl), odma_page_at(cpu));
	KUNIT_EXPECT_EQ(test, sgt.sgl->length, 5 * PAGE_SIZE);
	sg_free_table(&sgt);
	odma_free_coherent(fx->dev, size, cpu, handle);
}

/* What a process may not see: pages that were never allocated for it. */
static void odma_memory_mmap_beyond(struct kunit *test)
{
	static const struct {
		unsigned long pgoff;
		unsigned long pages;
	} bad[] = {
		{ 0, 4 }, { 1, 3 }, { 2, 2 }, { 3, 1 }, { 4, 1 },
		{ ULONG_MAX, 1 }, { ULONG_MAX, 2 }, { 1UL << 52, 1 },
	};
	struct odma_fixture *fx = test->priv;
	struct vm_area_struct *vma;
	dma_addr_t handle;
	void *cpu;
	int i;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	cpu = odma_alloc_coherent(fx->dev, 3 * PAGE_SIZE, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		vma->vm_start = 0x10000000;
		vma->vm_end = vma->vm_start + bad[i].pages * PAGE_SIZE;
		vma->vm_pgoff = bad[i].pgoff;
		KUNIT_EXPECT_EQ_MSG(test, -ENXIO,
				    odma_mmap_coherent(fx->dev, vma, cpu,
						       handle, 3 * PAGE_SIZE),
				    "%lu pages at %lu", bad[i].pages,
				    bad[i].pgoff);
	}
	odma_free_coherent(fx->dev, 3 * PAGE_SIZE, cpu, handle);
}

static void odma_memory_alloc_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;

	odma_dirty_memory(2, 8);
	page = dma_alloc_pages(fx->dev, 3 * PAGE_SIZE, &handle,
			       DMA_BIDIRECTIONAL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, handle, page_to_phys(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0,
					   3 * PAGE_SIZE));
	memset(page_address(page), 0x21, 3 * PAGE_SIZE);
	dma_sync_single_for_device(fx->dev, handle, 3 * PAGE_SIZE,
				   DMA_BIDIRECTIONAL);
	dma_sync_single_for_cpu(fx->dev, handle, 3 * PAGE_SIZE,
				DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x21,
					   3 * PAGE_SIZE));
	dma_free_pages(fx->dev, 3 * PAGE_SIZE, page, handle,
		       DMA_BIDIRECTIONAL);
	page = dma_alloc_pages(fx->dev, 64, &handle, DMA_TO_DEVICE,
			       GFP_ATOMIC);
	KUNIT_ASSERT_NOT_NULL(test, page);
	dma_free_pages(fx->dev, 64, page, handle, DMA_TO_DEVICE);
}

static void odma_memory_noncontiguous(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table *sgt;
	void *cpu;

	sgt = dma_alloc_noncontiguous(fx->dev, 10 * PAGE_SIZE,
				      DMA_FROM_DEVICE, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	KUNIT_EXPECT_EQ(test, sg_dma_address(sgt->sgl), sg_phys(sgt->sgl));
	KUNIT_EXPECT_EQ(test, sg_dma_len(sgt->sgl), 10 * PAGE_SIZE);
	cpu = dma_vmap_noncontiguous(fx->dev, 10 * PAGE_SIZE, sgt);
	KUNIT_EXPECT_NOT_NULL(test, cpu);
	if (cpu)
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, 10 * PAGE_SIZE));
	dma_vunmap_noncontiguous(fx->dev, cpu);
	odma_sync_sgtable_for_cpu(fx->dev, sgt, DMA_FROM_DEVICE);
	dma_free_noncontiguous(fx->dev, 10 * PAGE_SIZE, sgt, DMA_FROM_DEVICE);
}

/* Somebody holds a part of it for a while, as a process does that mapped it. */
static void odma_hold_part(struct kunit *test, struct page *page, int pages)
{
	int whole = 1 << get_order(pages * PAGE_SIZE);

	if (pages > 1) {
		KUNIT_EXPECT_TRUE(test, PageCompound(page));
		/* Or the tail would be somebody else's by now. */
		KUNIT_EXPECT_PTR_EQ(test, compound_head(page + whole - 1),
				    page);
	}
	get_page(page + pages - 1);
	KUNIT_EXPECT_EQ(test, page_count(page), 2);
	put_page(page + pages - 1);
}

/* Where the kernel takes __GFP_COMP, it is one thing from first to last. */
static void odma_memory_compound(struct kunit *test)
{
	static const int sizes[] = { 1, 3, 8, 16, 33 };
	const gfp_t gfp = GFP_KERNEL | __GFP_COMP | __GFP_NOWARN;
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;
	struct sg_table *sgt;
	dma_addr_t handle;
	struct page *page;
	void *cpu;
	int i;

	if (ODMA_GFP_REFUSED)
		kunit_skip(test, "this kernel refuses it");
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i] * PAGE_SIZE;

		cpu = dma_alloc_attrs(fx->dev, size, &handle, gfp,
				      DMA_ATTR_WRITE_COMBINE);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_hold_part(test, odma_page_at(cpu), sizes[i]);
		dma_free_attrs(fx->dev, size, cpu, handle,
			       DMA_ATTR_WRITE_COMBINE);
		page = odma_alloc_pages(fx->dev, size, &handle, DMA_TO_DEVICE,
					gfp);
		KUNIT_ASSERT_NOT_NULL(test, page);
		odma_hold_part(test, page, sizes[i]);
		odma_free_pages(fx->dev, size, page, handle, DMA_TO_DEVICE);
		sgt = dma_alloc_noncontiguous(fx->dev, size, DMA_TO_DEVICE, gfp,
					      0);
		KUNIT_ASSERT_NOT_NULL(test, sgt);
		odma_hold_part(test, sg_page(sgt->sgl), sizes[i]);
		dma_free_noncontiguous(fx->dev, size, sgt, DMA_TO_DEVICE);
	}
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.allocs, 3 * ARRAY_SIZE(sizes));
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
	KUNIT_EXPECT_EQ(test, sum.failures, 0);
}

static void odma_memory_counters(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, 2 * PAGE_SIZE + 1, &handle,
				  GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.allocs - sum.frees, 1);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes - sum.free_bytes, 3 * PAGE_SIZE);
	dma_free_coherent(fx->dev, 2 * PAGE_SIZE + 1, cpu, handle);
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.allocs, sum.frees);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
	KUNIT_EXPECT_EQ(test, sum.maps, 0);
}

/*
 * How much memory is free says little, for CPUs keep pages back by the
 * thousand. So look at the pages themselves: who holds a reference?
 */
static int odma_count_held(struct page *page, int from, int to)
{
	int held = 0;

	for (; from < to; from++)
		held += page_count(page + from) == 1;
	return held;
}

/* Small orders stay whole, and a whole block has one reference for all. */
static int odma_references(int pages)
{
	bool whole = is_power_of_2(pages) ||
		     get_order(pages * PAGE_SIZE) <= PAGE_ALLOC_COSTLY_ORDER;

	return whole ? 1 : pages;
}

/* 33 pages must not cost 64: the tail has gone back. */
static void odma_memory_trimmed(struct kunit *test)
{
	static const int sizes[] = { 17, 33, 129, 300 };
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;
	void *cpu;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i] * PAGE_SIZE;
		int whole = 1 << get_order(size);

		cpu = odma_alloc_coherent(fx->dev, size, &handle, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		page = pfn_to_page(PHYS_PFN(handle));
		KUNIT_EXPECT_EQ(test, odma_count_held(page, 0, sizes[i]),
				sizes[i]);
		/* Somebody else may have got a few of them by now. */
		KUNIT_EXPECT_LE(test, odma_count_held(page, sizes[i], whole),
				(whole - sizes[i]) / 2);
		odma_free_coherent(fx->dev, size, cpu, handle);
	}
}

/* With a reference of our own on each page, odma's must be gone after free. */
static void odma_memory_returned(struct kunit *test)
{
	static const int sizes[] = { 1, 2, 3, 16, 21, 64, 129, 511, 512 };
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;
	int i, n, pages;
	void *cpu;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		size_t size = sizes[i] * PAGE_SIZE;

		cpu = odma_alloc_coherent(fx->dev, size, &handle, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		page = pfn_to_page(PHYS_PFN(handle));
		pages = odma_references(sizes[i]);
		for (n = 0; n < pages; n++)
			get_page(page + n);
		odma_free_coherent(fx->dev, size, cpu, handle);
		KUNIT_EXPECT_EQ_MSG(test, odma_count_held(page, 0, pages),
				    pages, "%d pages", sizes[i]);
		for (n = 0; n < pages; n++)
			put_page(page + n);
	}
}

/*
 * What was allocated goes, whatever free says: with a reference of our own on
 * each page, odma's must be gone from all of them.
 */
static void odma_memory_wrong_free(struct kunit *test)
{
	static const struct {
		int pages;
		int freed;
	} wrong[] = {
		{ 36, 33 }, { 33, 36 }, { 33, 64 }, { 64, 33 }, { 40, 2 },
		{ 2, 1 }, { 1, 2 },
	};
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	struct odma_counters sum;
	dma_addr_t handle;
	struct page *page;
	int i, n, pages;
	void *cpu;

	odma_log_mark(&mark);
	for (i = 0; i < ARRAY_SIZE(wrong); i++) {
		cpu = odma_alloc_coherent(fx->dev, wrong[i].pages * PAGE_SIZE,
					  &handle, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		page = pfn_to_page(PHYS_PFN(handle));
		pages = odma_references(wrong[i].pages);
		for (n = 0; n < pages; n++)
			get_page(page + n);
		odma_free_coherent(fx->dev, wrong[i].freed * PAGE_SIZE, cpu,
				   handle);
		KUNIT_EXPECT_EQ_MSG(test, odma_count_held(page, 0, pages),
				    pages, "%d pages as %d", wrong[i].pages,
				    wrong[i].freed);
		for (n = 0; n < pages; n++)
			put_page(page + n);
	}
	KUNIT_EXPECT_GE(test, odma_log_count(&mark, "which are freed"), 1);
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
}

/* Pages of dma_alloc_pages() are the driver's, as is what it notes there. */
static void odma_memory_wrong_free_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;
	dma_addr_t handle;
	struct page *page;
	int n;

	page = odma_alloc_pages(fx->dev, 36 * PAGE_SIZE, &handle,
				DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	for (n = 0; n < 36; n++)
		get_page(page + n);
	odma_log_mark(&mark);
	odma_free_pages(fx->dev, 33 * PAGE_SIZE, page, handle, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "which are freed"));
	KUNIT_EXPECT_EQ(test, odma_count_held(page, 0, 36), 36);
	for (n = 0; n < 36; n++)
		put_page(page + n);
	page = odma_alloc_pages(fx->dev, PAGE_SIZE, &handle, DMA_TO_DEVICE,
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	get_page(page);
	set_page_private(page, 0x12345000);
	odma_free_pages(fx->dev, PAGE_SIZE, page, handle, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "which are freed"));
	KUNIT_EXPECT_EQ(test, page_count(page), 1);
	put_page(page);
}

/* Memory that was made uncached in advance has an extent, too. */
static void odma_memory_wrong_free_atomic(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	int round;
	void *cpu;

	for (round = 0; round < 64; round++) {
		cpu = odma_alloc_coherent(fx->dev, SZ_64K, &handle, GFP_ATOMIC);
		KUNIT_ASSERT_NOT_NULL_MSG(test, cpu, "round %d", round);
		odma_free_coherent(fx->dev, round & 1 ? SZ_128K : SZ_4K, cpu,
				   handle);
	}
}

static struct kunit_case odma_memory_cases[] = {
	KUNIT_CASE_PARAM(odma_memory_sizes, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_no_crossing, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_masks, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_bus_limit, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_ranges, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_ranges_gone, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_atomic, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_atomic_until_empty, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_bad_sizes, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_bad_calls, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_attrs, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_no_kernel_mapping, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_get_sgtable, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_mmap_beyond, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_alloc_pages, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_noncontiguous, odma_all_modes),
	KUNIT_CASE_PARAM(odma_memory_compound, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_counters, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_trimmed, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_returned, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_wrong_free, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_wrong_free_pages, odma_attached_modes),
	KUNIT_CASE_PARAM(odma_memory_wrong_free_atomic, odma_attached_modes),
	{}
};

struct kunit_suite odma_memory_suite = {
	.name = "odma-memory",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_memory_cases,
};
