// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: bounce buffers and shadows, where the device sees copies.
 */
#include <linux/mm.h>
#include <linux/prandom.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"
#include "../swiotlb/fixture.h"

static struct device *odma_copies_begin(struct kunit *test, const char *rule)
{
	odma_iommu_begin(test, rule, NULL);
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(odma_iommu_dev(test)));
	return odma_iommu_dev(test);
}

/* The page of a mapping as the device has it: the buffer and zeroes. */
static void odma_expect_padded(struct kunit *test, dma_addr_t addr, size_t size,
			       const u8 *bytes, size_t page)
{
	u8 *seen = kunit_kzalloc(test, SZ_256K, GFP_KERNEL);
	dma_addr_t start = ALIGN_DOWN(addr, page);
	size_t before = addr - start;
	size_t span = ALIGN(before + size, page);

	KUNIT_ASSERT_NOT_NULL(test, seen);
	KUNIT_ASSERT_LE(test, span, SZ_256K);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_read(odma_soft, start, seen, span));
	KUNIT_EXPECT_EQ(test, 0, memcmp(seen + before, bytes, size));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen, 0, before));
	KUNIT_EXPECT_NULL(test, memchr_inv(seen + before + size, 0,
					   span - before - size));
	kunit_kfree(test, seen);
}

/*
 * What is beside a mapping is 0, whatever was there before: @beside says that
 * the device itself has written there, too.
 */
static void odma_copies_padding(struct kunit *test, const char *rule,
				size_t page, size_t most, bool beside)
{
	struct device *dev = odma_copies_begin(test, rule);
	u8 *buf = odma_iommu_buffer(test, 6), *junk, *was;
	struct rnd_state rnd;
	dma_addr_t addr;
	int i;

	junk = kunit_kzalloc(test, 2 * SZ_256K, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, junk);
	memset(junk, 0xff, SZ_256K);
	was = junk + SZ_256K;
	memcpy(was, buf, SZ_256K);
	prandom_seed_state(&rnd, 8);
	for (i = 0; i < 300; i++) {
		size_t size = 1 + prandom_u32_state(&rnd) % most;
		size_t at = prandom_u32_state(&rnd) % (SZ_256K - size);
		dma_addr_t start, last;

		/* What is whole pages needs no copy. */
		if (!((at | size) % SZ_4K))
			continue;
		addr = odma_map_single(dev, buf + at, size, DMA_FROM_DEVICE);
		KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
		odma_expect_padded(test, addr, size, buf + at, page);
		start = beside ? ALIGN_DOWN(addr, page) : addr;
		last = beside ? ALIGN(addr + size, page) : addr + size;
		KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, start, junk,
							 last - start));
		odma_unmap_single(dev, addr, size, DMA_FROM_DEVICE);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf + at, 0xff, size));
		memcpy(buf + at, was + at, size);
		KUNIT_EXPECT_EQ(test, 0, memcmp(buf, was, SZ_256K));
	}
}

static void odma_untrusted_padding(struct kunit *test)
{
	odma_copies_padding(test, "iommu untrusted", SZ_4K, 150000, true);
}

static void odma_shadow_padding(struct kunit *test)
{
	odma_copies_padding(test, "iommu shadow shadow_max=4096 shadow_kib=128",
			    2048, 4096, false);
}

/* Whole pages are the device's as they are, without a copy. */
static void odma_untrusted_whole_pages(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	u8 *buf = odma_iommu_buffer(test, 3);
	struct odma_leaf leaf;
	dma_addr_t addr;

	addr = odma_map_single(dev, buf, SZ_16K, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	KUNIT_EXPECT_EQ(test, virt_to_phys(buf),
			leaf.phys + (addr - leaf.iova));
	odma_unmap_single(dev, addr, SZ_16K, DMA_TO_DEVICE);
}

/* Does the device see this byte of a buffer where the driver has it? */
static bool odma_in_place(struct kunit *test, dma_addr_t addr, const u8 *byte)
{
	struct odma_leaf leaf;

	KUNIT_ASSERT_EQ(test, 0, odma_soft_leaf(odma_soft, addr, &leaf));
	return leaf.phys + (addr - leaf.iova) == virt_to_phys((void *)byte);
}

/*
 * What fits a packet is in one row, as there are devices that want it so, and
 * nothing of it is where the driver has it.
 */
static void odma_untrusted_row(struct kunit *test)
{
	static const struct {
		unsigned int at;
		unsigned int size;
	} bufs[] = {
		{ 0, 100 }, { 4095, 2 }, { 4095, 4098 }, { 0, 8193 },
		{ 100, SZ_32K }, { 0, SZ_64K - 1 }, { 4095, SZ_64K },
	};
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	u8 *buf = odma_iommu_buffer(test, 5);
	struct odma_leaf leaf;
	unsigned int at, i;

	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		dma_addr_t addr = odma_map_single(dev, buf + bufs[i].at,
						  bufs[i].size, DMA_TO_DEVICE);
		phys_addr_t first;

		KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
		KUNIT_ASSERT_EQ(test, 0,
				odma_soft_leaf(odma_soft, addr, &leaf));
		first = leaf.phys + (addr - leaf.iova);
		KUNIT_EXPECT_NE(test, first, virt_to_phys(buf + bufs[i].at));
		for (at = 0; at < bufs[i].size; at++) {
			KUNIT_ASSERT_EQ(test, 0,
					odma_soft_leaf(odma_soft, addr + at,
						       &leaf));
			KUNIT_ASSERT_EQ(test, first + at,
					leaf.phys + (addr + at - leaf.iova));
		}
		odma_unmap_single(dev, addr, bufs[i].size, DMA_TO_DEVICE);
	}
}

/* However large, only the ends of a large buffer are copied. */
static void odma_untrusted_ends(struct kunit *test)
{
	static const struct {
		unsigned int at;
		unsigned int size;
		unsigned int copied;
	} bufs[] = {
		{ 0, SZ_128K - 1, 1 }, { 1, SZ_128K - 1, 1 },
		{ 0, SZ_64K + SZ_4K + 1, 1 }, { 4095, SZ_64K + 2, 2 },
		{ 100, SZ_128K - 200, 2 },
	};
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	long used = odma_named_pool_file(test, ODMA_SHARED_POOL, "used");
	u8 *buf = odma_iommu_buffer(test, 5);
	dma_addr_t addr;
	int i;

	KUNIT_EXPECT_EQ(test, SIZE_MAX, odma_max_mapping_size(dev));
	for (i = 0; i < ARRAY_SIZE(bufs); i++) {
		u8 *start = buf + bufs[i].at;
		size_t last = bufs[i].size - 1;

		addr = odma_map_single(dev, start, last + 1, DMA_TO_DEVICE);
		KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
		KUNIT_EXPECT_EQ(test, offset_in_page(start),
				offset_in_page(addr));
		KUNIT_EXPECT_EQ(test, used + bufs[i].copied * 2,
				odma_named_pool_file(test, ODMA_SHARED_POOL,
						     "used"));
		KUNIT_EXPECT_EQ(test, !bufs[i].at,
				odma_in_place(test, addr, start));
		KUNIT_EXPECT_TRUE(test, odma_in_place(test, addr + 4096,
						      start + 4096));
		KUNIT_EXPECT_EQ(test, !((bufs[i].at + bufs[i].size) % SZ_4K),
				odma_in_place(test, addr + last, start + last));
		odma_unmap_single(dev, addr, last + 1, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, used,
			odma_named_pool_file(test, ODMA_SHARED_POOL, "used"));
}

#define ODMA_SYNCED	100000

/* What either side writes anywhere the other one sees after a sync of that. */
static void odma_untrusted_sync(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	u8 *buf = odma_iommu_buffer(test, 5), *seen, *bytes;
	struct rnd_state rnd;
	dma_addr_t addr;
	int i;

	seen = kunit_kzalloc(test, 2 * ODMA_SYNCED, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, seen);
	bytes = seen + ODMA_SYNCED;
	prandom_seed_state(&rnd, 21);
	addr = odma_map_single(dev, buf + 77, ODMA_SYNCED, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	for (i = 0; i < 400; i++) {
		size_t at = prandom_u32_state(&rnd) % ODMA_SYNCED;
		size_t size = 1 + prandom_u32_state(&rnd) % (ODMA_SYNCED - at);

		prandom_bytes_state(&rnd, bytes, size);
		if (i % 2) {
			memcpy(buf + 77 + at, bytes, size);
			odma_sync_single_for_device(dev, addr + at, size,
						    DMA_BIDIRECTIONAL);
		} else {
			odma_soft_write(odma_soft, addr + at, bytes, size);
			odma_sync_single_for_cpu(dev, addr + at, size,
						 DMA_BIDIRECTIONAL);
		}
		odma_soft_read(odma_soft, addr, seen, ODMA_SYNCED);
		KUNIT_EXPECT_EQ(test, 0, memcmp(seen + at, bytes, size));
		KUNIT_EXPECT_EQ(test, 0, memcmp(seen, buf + 77, ODMA_SYNCED));
	}
	odma_unmap_single(dev, addr, ODMA_SYNCED, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
}

/* Its mask says nothing of where the copies may be. */
static void odma_untrusted_mask(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	u8 *buf = odma_iommu_buffer(test, 3);
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(20)));
	addr = odma_map_single(dev, buf + 1, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_expect_padded(test, addr, 100, buf + 1, SZ_4K);
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	addr = odma_map_single(dev, buf + 1, 20000, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr + 19999, DMA_BIT_MASK(20));
	odma_expect_padded(test, addr, 20000, buf + 1, SZ_4K);
	odma_unmap_single(dev, addr, 20000, DMA_TO_DEVICE);
}

/* No bounce buffer for the last entry: the others are given back. */
static void odma_untrusted_full(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu untrusted");
	long used = odma_named_pool_file(test, ODMA_SHARED_POOL, "used");
	u8 *buf = odma_iommu_buffer(test, 9);
	struct scatterlist *sg;
	struct sg_table sgt;
	int i;

	KUNIT_ASSERT_EQ(test, 0, sg_alloc_table(&sgt, 9000, GFP_KERNEL));
	/* Two pages of each are more than the pool may have. */
	for_each_sgtable_sg(&sgt, sg, i)
		sg_set_buf(sg, buf + 1, SZ_1M);
	KUNIT_EXPECT_EQ(test, -ENOMEM, odma_map_sgtable(dev, &sgt,
							DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_EQ(test, used, odma_named_pool_file(test, ODMA_SHARED_POOL,
							 "used"));
	sg_free_table(&sgt);
}

/* Neither tables nor TLB are touched for what is small. */
static void odma_shadow_no_tables(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 1);
	u64 mapped = odma_soft_mapped(odma_soft);
	dma_addr_t addr;
	int i;

	KUNIT_EXPECT_EQ(test, SZ_1M, mapped);
	for (i = 0; i < 100; i++) {
		addr = odma_map_single(dev, buf + i, 2048 - i,
				       DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_EQ(test, mapped, odma_soft_mapped(odma_soft));
		odma_unmap_single(dev, addr, 2048 - i, DMA_BIDIRECTIONAL);
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
	addr = odma_map_single(dev, buf, 2049, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, mapped + SZ_4K, odma_soft_mapped(odma_soft));
	odma_unmap_single(dev, addr, 2049, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_soft->flushes));
}

/* More than there is room for is mapped by pages. */
static void odma_shadow_full(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test,
					       "iommu shadow shadow_kib=128");
	u64 mapped = odma_soft_mapped(odma_soft);
	u8 *buf = odma_iommu_buffer(test, 0), byte;
	static dma_addr_t addr[200];
	int i, more = 0;

	for (i = 0; i < 200; i++) {
		addr[i] = odma_map_single(dev, buf + i, 1000, DMA_TO_DEVICE);
		KUNIT_ASSERT_NE(test, addr[i], DMA_MAPPING_ERROR);
		KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr[i],
							&byte, 1));
		KUNIT_EXPECT_EQ(test, byte, buf[i]);
	}
	more = (odma_soft_mapped(odma_soft) - mapped) / SZ_4K;
	KUNIT_EXPECT_EQ(test, 200 - SZ_128K / 2048, more);
	for (i = 0; i < 200; i++)
		odma_unmap_single(dev, addr[i], 1000, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, mapped, odma_soft_mapped(odma_soft));
}

/* The offset in the page stays, where the device asks for it. */
static void odma_shadow_alignment(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	struct device_dma_parameters parms = { };
	u8 *buf = odma_iommu_buffer(test, 1);
	static const unsigned int masks[] = { 0, 63, 511, 2047, 4095 };
	dma_addr_t addr;
	int i, at;

	dev->dma_parms = &parms;
	for (i = 0; i < ARRAY_SIZE(masks); i++) {
		odma_set_min_align_mask(dev, masks[i]);
		for (at = 0; at < 4096; at += 77) {
			addr = odma_map_single(dev, buf + at, 1500,
					       DMA_TO_DEVICE);
			KUNIT_EXPECT_EQ(test, addr & masks[i], at & masks[i]);
			odma_unmap_single(dev, addr, 1500, DMA_TO_DEVICE);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
	dev->dma_parms = NULL;
}

/* The shadows go where the mask reaches, and are nowhere else then. */
static void odma_shadow_moves(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0);
	dma_addr_t old, addr;

	old = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	odma_unmap_single(dev, old, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_GT(test, old, DMA_BIT_MASK(24));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, old));
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(24)));
	addr = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr, DMA_BIT_MASK(24));
	KUNIT_EXPECT_FALSE(test, odma_soft_reads(odma_soft, old));
	KUNIT_EXPECT_EQ(test, SZ_1M, odma_soft_mapped(odma_soft));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_soft->flushes));
	odma_expect_padded(test, addr, 100, buf, 2048);
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_soft->flushes));
}

/* The coherent mask is not theirs, nor is one that is only asked about. */
static void odma_shadow_coherent_mask(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t held, addr;

	held = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	addr = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	odma_log_mark(&mark);
	KUNIT_EXPECT_EQ(test, 0, odma_set_coherent_mask(dev, DMA_BIT_MASK(24)));
	odma_unmap_single(dev, held, 100, DMA_TO_DEVICE);
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, dma_set_coherent_mask(dev, DMA_BIT_MASK(25)));
	KUNIT_EXPECT_EQ(test, held, odma_map_single(dev, buf, 100,
						    DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "its shadows stay"));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->flushes));
	odma_unmap_single(dev, held, 100, DMA_TO_DEVICE);
}

/* Where they can't go, as one is in use, or as they are too large: by pages. */
static void odma_shadow_stays(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t held, addr;

	held = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	odma_log_mark(&mark);
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(24)));
	addr = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_LE(test, addr, DMA_BIT_MASK(24));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "its shadows stay"));
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, held));
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_soft->flushes));
	odma_unmap_single(dev, held, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(dev, DMA_BIT_MASK(16)));
	addr = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_LE(test, addr, DMA_BIT_MASK(16));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "its shadows stay"));
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, SZ_1M, odma_soft_mapped(odma_soft));
}

static void odma_shadow_twice(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	addr = odma_map_single(dev, buf, 100, DMA_TO_DEVICE);
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "unmapped twice"));
}

/* May it write, and does it see what was there? Read it may, in stage 1. */
static void odma_expect_shadow(struct kunit *test, enum dma_data_direction dir,
			       bool writes, bool sees)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0, was = buf[5];
	dma_addr_t addr;

	addr = odma_map_single(dev, buf, 100, dir);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_FALSE(test, odma_in_place(test, addr, buf));
	KUNIT_EXPECT_EQ_MSG(test, writes, odma_soft_writes(odma_soft, addr),
			    "direction %d", dir);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_read(odma_soft, addr + 5, &byte, 1));
	KUNIT_EXPECT_EQ_MSG(test, sees ? was : 0, byte, "direction %d", dir);
	odma_unmap_single(dev, addr, 100, dir);
	/* It has written nothing: the driver has what it saw. */
	KUNIT_EXPECT_EQ(test, sees ? was : 0, buf[5]);
}

static void odma_shadow_directions(struct kunit *test)
{
	odma_copies_begin(test, "iommu shadow");
	odma_expect_shadow(test, DMA_TO_DEVICE, false, true);
	odma_expect_shadow(test, DMA_FROM_DEVICE, true, true);
	odma_expect_shadow(test, DMA_BIDIRECTIONAL, true, true);
}

/* Of what it is to write it sees nothing, nor what the slot had before. */
static void odma_shadow_directions_untrusted(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0xa5;
	struct device *dev;
	dma_addr_t addr;

	dev = odma_copies_begin(test, "iommu shadow untrusted");
	odma_expect_shadow(test, DMA_TO_DEVICE, false, true);
	odma_expect_shadow(test, DMA_BIDIRECTIONAL, true, true);
	addr = odma_map_single(dev, buf, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr + 5, &byte,
						 1));
	odma_unmap_single(dev, addr, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 0xa5, buf[5]);
	odma_expect_shadow(test, DMA_FROM_DEVICE, true, false);
}

/* Two more, of which one is before and one is behind what is unmapped twice. */
static void odma_shadow_neighbour(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0xa5;
	dma_addr_t first, addr, next;
	struct kmsg_dump_iter mark;

	first = odma_map_single(dev, buf, 100, DMA_FROM_DEVICE);
	addr = odma_map_single(dev, buf + 512, 100, DMA_FROM_DEVICE);
	next = odma_map_single(dev, buf + 1024, 100, DMA_FROM_DEVICE);
	KUNIT_ASSERT_LT(test, first, addr);
	KUNIT_ASSERT_LT(test, addr, next);
	odma_unmap_single(dev, addr, 100, DMA_FROM_DEVICE);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "unmapped twice"));
	/* In the middle, and in the zeroes behind it. */
	odma_unmap_single(dev, first + 50, 50, DMA_FROM_DEVICE);
	odma_unmap_single(dev, next + 100, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 2, odma_log_count(&mark, "of that size"));
	KUNIT_EXPECT_EQ(test, addr, odma_map_single(dev, buf + 512, 100,
						    DMA_FROM_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, first, &byte, 1));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, next, &byte, 1));
	odma_unmap_single(dev, first, 100, DMA_FROM_DEVICE);
	odma_unmap_single(dev, next, 100, DMA_FROM_DEVICE);
	odma_unmap_single(dev, addr, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 0xa5, buf[0]);
	KUNIT_EXPECT_EQ(test, 0xa5, buf[1024]);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "of that size"));
}

/* An address that is somebody else's by now goes to nobody. */
static void odma_shadow_wrong_size(struct kunit *test)
{
	struct device *dev = odma_copies_begin(test, "iommu shadow");
	u8 *buf = odma_iommu_buffer(test, 0), byte = 0xa5;
	struct kmsg_dump_iter mark;
	dma_addr_t addr, other;

	addr = odma_map_single(dev, buf, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_soft_write(odma_soft, addr, &byte, 1));
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, 64, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "the wrong size"));
	KUNIT_EXPECT_EQ(test, 0xa5, buf[0]);
	other = odma_map_single(dev, buf, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NE(test, addr, other);
	odma_unmap_single(dev, other, 100, DMA_FROM_DEVICE);
	odma_unmap_single(dev, addr, 100, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&mark, "the wrong size"));
}

static struct kunit_case odma_iommu_untrusted_cases[] = {
	KUNIT_CASE(odma_untrusted_padding),
	KUNIT_CASE(odma_untrusted_whole_pages),
	KUNIT_CASE(odma_untrusted_row),
	KUNIT_CASE(odma_untrusted_ends),
	KUNIT_CASE(odma_untrusted_sync),
	KUNIT_CASE(odma_untrusted_mask),
	KUNIT_CASE(odma_untrusted_full),
	{}
};

struct kunit_suite odma_iommu_untrusted_suite = {
	.name = "odma-iommu-untrusted",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_untrusted_cases,
};

static struct kunit_case odma_iommu_shadow_cases[] = {
	KUNIT_CASE(odma_shadow_padding),
	KUNIT_CASE(odma_shadow_no_tables),
	KUNIT_CASE(odma_shadow_full),
	KUNIT_CASE(odma_shadow_alignment),
	KUNIT_CASE(odma_shadow_moves),
	KUNIT_CASE(odma_shadow_coherent_mask),
	KUNIT_CASE(odma_shadow_stays),
	KUNIT_CASE(odma_shadow_twice),
	KUNIT_CASE(odma_shadow_directions),
	KUNIT_CASE(odma_shadow_directions_untrusted),
	KUNIT_CASE(odma_shadow_neighbour),
	KUNIT_CASE(odma_shadow_wrong_size),
	{}
};

struct kunit_suite odma_iommu_shadow_suite = {
	.name = "odma-iommu-shadow",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_unbound_init,
	.exit = odma_iommu_exit,
	.test_cases = odma_iommu_shadow_cases,
};
