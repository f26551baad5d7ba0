// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: single buffers, as driver and device see them.
 */
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

/* Where buffers begin in their first page, and how long they are. */
static const struct { size_t offset, size; } odma_iommu_shapes[] = {
	{ 0, 4096 }, { 0, 1 }, { 1, 1 }, { 4095, 1 }, { 4095, 2 }, { 100, 64 },
	{ 2048, 2048 }, { 17, 2000 }, { 512, 4096 }, { 0, 8192 },
	{ 4000, 12000 }, { 3, 65000 },
};

static bool odma_is_shadowed_here(struct kunit *test, size_t size)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);

	return mode->shadows && size <= (mode->copies ? 1000 : 2048);
}

/* Where it gets copies, the device can't have other bytes of the pages. */
static bool odma_zero_beside(struct kunit *test, dma_addr_t addr, size_t size,
			     size_t page)
{
	size_t before = addr % page, after = -(addr + size) % page, i;
	u8 byte;

	for (i = 0; i < before; i++)
		if (odma_soft_read(odma_soft, addr - before + i, &byte, 1) ||
		    byte)
			return false;
	for (i = 0; i < after; i++)
		if (odma_soft_read(odma_soft, addr + size + i, &byte, 1) ||
		    byte)
			return false;
	return true;
}

/* What is not trusted gets no old bytes of what it is to write. */
static bool odma_is_hidden_here(struct kunit *test, size_t size,
				enum dma_data_direction dir)
{
	return dir == DMA_FROM_DEVICE && odma_iommu_mode(test)->copies &&
	       odma_is_shadowed_here(test, size);
}

static void odma_check_reach(struct kunit *test, dma_addr_t addr, size_t size)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);

	if (odma_is_shadowed_here(test, size)) {
		KUNIT_EXPECT_TRUE(test, odma_zero_beside(test, addr, size,
							 2048));
		return;
	}
	/* Not a page more than it must be; what was there before is gone. */
	if (mode->lazy || mode->shadows)
		return;
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft,
						 ALIGN(addr + size, SZ_4K)));
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft,
						 ALIGN_DOWN(addr, SZ_4K) - 1));
	if (mode->copies)
		KUNIT_EXPECT_TRUE(test, odma_zero_beside(test, addr, size,
							 SZ_4K));
}

/* Unmapped: out of reach at once, or when the lazy ones are through. */
static void odma_check_gone(struct kunit *test, dma_addr_t addr, size_t size)
{
	if (odma_is_shadowed_here(test, size))
		return;
	if (odma_iommu_mode(test)->lazy)
		return;
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr));
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, addr + size - 1));
	KUNIT_EXPECT_FALSE(test, odma_soft_writes(odma_soft, addr));
}

static void odma_single_shape(struct kunit *test, u8 *buf, size_t size,
			      enum dma_data_direction dir)
{
	struct device *dev = odma_iommu_dev(test);
	bool writable = dir != DMA_TO_DEVICE;
	u8 *seen = kunit_kzalloc(test, size, GFP_KERNEL);
	dma_addr_t addr;

	KUNIT_ASSERT_NOT_NULL(test, seen);
	odma_pattern(buf, size, 5);
	addr = odma_map_single(dev, buf, size, dir);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr + size - 1, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr, seen, size));
	if (odma_is_hidden_here(test, size, dir))
		KUNIT_EXPECT_NULL(test, memchr_inv(seen, 0, size));
	else
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(seen, size, 5));
	odma_check_reach(test, addr, size);
	if (!odma_is_shadowed_here(test, size))
		KUNIT_EXPECT_EQ(test, writable,
				odma_soft_writes(odma_soft, addr));
	odma_pattern(seen, size, 9);
	if (writable)
		KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, seen,
							 size));
	odma_unmap_single(dev, addr, size, dir);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, size, writable ? 9 : 5));
	odma_check_gone(test, addr, size);
	kunit_kfree(test, seen);
}

static void odma_iommu_single(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 5);
	int i, dir;

	for (i = 0; i < ARRAY_SIZE(odma_iommu_shapes); i++)
		for (dir = DMA_BIDIRECTIONAL; dir <= DMA_FROM_DEVICE; dir++)
			odma_single_shape(test, buf +
					  odma_iommu_shapes[i].offset,
					  odma_iommu_shapes[i].size, dir);
	/* Lazily unmapped ones may still wait; nothing else is left. */
	if (!odma_iommu_mode(test)->shadows)
		KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

/* One invalidation for one unmap. */
static void odma_iommu_flush_count(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 5);
	bool lazy = odma_iommu_mode(test)->lazy;
	int before = atomic_read(&odma_soft->flushes);
	dma_addr_t addr;

	addr = odma_map_single(dev, buf, 100000, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, before, atomic_read(&odma_soft->flushes));
	odma_unmap_single(dev, addr, 100000, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, before + !lazy, atomic_read(&odma_soft->flushes));
}

/* The kernel's own entry points: as a stock driver calls them. */
static void odma_iommu_kernel_calls(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0;
	dma_addr_t addr;

	addr = dma_map_single(dev, buf + 50, 3000, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_FALSE(test, dma_mapping_error(dev, addr));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr + 7, &byte, 1));
	KUNIT_EXPECT_EQ(test, byte, buf[57]);
	byte = 0xa5;
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr + 9, &byte,
						 1));
	dma_sync_single_for_cpu(dev, addr, 3000, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0xa5, buf[59]);
	buf[60] = 0x5a;
	dma_sync_single_for_device(dev, addr, 3000, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr + 10, &byte,
						1));
	KUNIT_EXPECT_EQ(test, 0x5a, byte);
	dma_unmap_single(dev, addr, 3000, DMA_BIDIRECTIONAL);
}

/* A sync of a part: of copies that part alone changes. */
static void odma_iommu_partial_sync(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 1), marks[300];
	dma_addr_t addr;

	memset(marks, 0xee, sizeof(marks));
	addr = odma_map_single(dev, buf + 10, 900, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr + 100, marks,
						 300));
	odma_sync_single_for_cpu(dev, addr + 150, 100, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0xee, buf[160]);
	KUNIT_EXPECT_EQ(test, 0xee, buf[259]);
	if (odma_iommu_mode(test)->copies || odma_iommu_mode(test)->shadows) {
		KUNIT_EXPECT_NE(test, 0xee, buf[159]);
		KUNIT_EXPECT_NE(test, 0xee, buf[260]);
	}
	odma_unmap_single(dev, addr, 900, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0xee, buf[110]);
	KUNIT_EXPECT_EQ(test, 0xee, buf[409]);
}

static void odma_iommu_skip_sync(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	bool copied = odma_iommu_mode(test)->copies ||
		      odma_iommu_mode(test)->shadows;
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0xee;
	dma_addr_t addr;

	buf[8] = 1;
	addr = odma_map_single_attrs(dev, buf + 8, 500, DMA_FROM_DEVICE,
				     DMA_ATTR_SKIP_CPU_SYNC);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, &byte, 1));
	odma_unmap_single_attrs(dev, addr, 500, DMA_FROM_DEVICE,
				DMA_ATTR_SKIP_CPU_SYNC);
	KUNIT_EXPECT_EQ(test, copied ? 1 : 0xee, buf[8]);
}

static void odma_iommu_privileged(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_leaf leaf;
	dma_addr_t addr;

	addr = odma_map_single_attrs(dev, buf, 4096, DMA_TO_DEVICE,
				     DMA_ATTR_PRIVILEGED);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_TRUE(test, leaf.prot & ODMA_PRIV);
	KUNIT_EXPECT_EQ(test, odma_iommu_mode(test)->mode.uncached,
			!(leaf.prot & ODMA_CACHED));
	KUNIT_EXPECT_FALSE(test, leaf.prot & (ODMA_WRITE | ODMA_DEVICE));
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
}

static void odma_iommu_resource(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	const phys_addr_t bar = 0xfe123450;
	struct odma_leaf leaf;
	dma_addr_t addr;

	addr = odma_map_resource(dev, bar, 0x100, DMA_BIDIRECTIONAL, 0);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, addr % SZ_4K, bar % SZ_4K);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_EQ(test, leaf.phys, ALIGN_DOWN(bar, SZ_4K));
	KUNIT_EXPECT_TRUE(test, leaf.prot & ODMA_DEVICE);
	odma_unmap_resource(dev, addr, 0x100, DMA_BIDIRECTIONAL, 0);
	KUNIT_EXPECT_NE(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(dev, bar, 0, DMA_BIDIRECTIONAL, 0));
}

static void odma_iommu_masks(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = odma_iommu_buffer(test, 4);
	dma_addr_t addr[3];
	int i;

	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(17)));
	/* Size-aligned: of 128 KiB less a page, one of 64 KiB and one of 32. */
	addr[0] = odma_map_single(fx->dev, buf, SZ_64K, DMA_TO_DEVICE);
	addr[1] = odma_map_single(fx->dev, buf, SZ_32K, DMA_TO_DEVICE);
	addr[2] = odma_map_single(fx->dev, buf, SZ_64K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, SZ_64K, addr[0]);
	KUNIT_EXPECT_EQ(test, SZ_32K, addr[1]);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR, addr[2]);
	for (i = 0; i < 2; i++)
		odma_unmap_single(fx->dev, addr[i], i ? SZ_32K : SZ_64K,
				  DMA_TO_DEVICE);
	addr[0] = odma_map_single(fx->dev, buf, SZ_64K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, SZ_64K, addr[0]);
	odma_unmap_single(fx->dev, addr[0], SZ_64K, DMA_TO_DEVICE);
	/* Below the first page there is nothing to give. */
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(12)));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
	KUNIT_EXPECT_EQ(test, DMA_BIT_MASK(32),
			odma_get_required_mask(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_4K - 1, odma_get_merge_boundary(fx->dev));
	KUNIT_EXPECT_EQ(test, SIZE_MAX, odma_max_mapping_size(fx->dev));
	KUNIT_EXPECT_EQ(test, SZ_128K, odma_opt_mapping_size(fx->dev));
}

static void odma_iommu_wrong(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);

	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(dev, buf, 0, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_page(dev, virt_to_page(buf), 0, SIZE_MAX,
				      DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

/* The address of what is unmapped twice goes to nobody. */
static void odma_iommu_unmapped_twice(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t addr, next[2];

	addr = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "unmapped twice"));
	next[0] = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	next[1] = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_NE(test, next[0], next[1]);
	KUNIT_EXPECT_NE(test, next[1], DMA_MAPPING_ERROR);
	odma_unmap_single(dev, next[0], 4096, DMA_TO_DEVICE);
	odma_unmap_single(dev, next[1], 4096, DMA_TO_DEVICE);
}

static void odma_iommu_faults(struct kunit *test)
{
	static const char nothing[] =
		"read at 0x12345 denied by soft: nothing is mapped there";
	static const char forbidden[] =
		"denied by soft: it is mapped, but not for that";
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0;
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, -EFAULT, odma_soft_read(odma_soft, 0x12345,
						      &byte, 1));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, nothing));
	addr = odma_map_single(dev, buf, 4096, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, -EFAULT, odma_soft_write(odma_soft, addr, &byte,
						       1));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, forbidden));
	odma_unmap_single(dev, addr, 4096, DMA_TO_DEVICE);
}

static struct kunit_case odma_iommu_cases[] = {
	KUNIT_CASE_PARAM(odma_iommu_single, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_flush_count, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_iommu_kernel_calls, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_partial_sync, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_skip_sync, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_privileged, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_resource, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_iommu_masks, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_iommu_wrong, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_iommu_unmapped_twice, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_iommu_faults, odma_iommu_plain_modes),
	{}
};

struct kunit_suite odma_iommu_suite = {
	.name = "odma-iommu",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_cases,
};
