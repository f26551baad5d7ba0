// SPDX-License-Identifier: GPL-2.0
/*
 * The backend "swiotlb": what goes into a bounce buffer, and what comes out.
 *
 * The device of these cases is the test: it reads and writes where a mapping's
 * address says.
 */
#include <linux/mm.h>
#include <linux/scatterlist.h>
#include <linux/sizes.h>
#include <linux/workqueue.h>
#include "../shared/log.h"
#include "../suites.h"
#include "fixture.h"

static const enum dma_data_direction odma_directions[] = {
	DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL,
};

static struct odma_fixture *odma_in_mode(struct kunit *test)
{
	const struct odma_mode *mode = test->param_value;

	return odma_bouncing(test, mode->rule);
}

static dma_addr_t odma_map_ok(struct odma_fixture *fx, void *buf, size_t size,
			      enum dma_data_direction dir)
{
	dma_addr_t addr = odma_map_single(fx->dev, buf, size, dir);

	KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_PTR_NE(fx->test, (void *)odma_device_view(fx, addr), buf);
	return addr;
}

/* The device finds the driver's bytes whatever the direction. */
static void odma_bounce_in(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_test_buffer(test, 1);
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_directions); i++) {
		dma_addr_t addr;

		odma_pattern(buf, 5000, i);
		addr = odma_map_ok(fx, buf, 5000, odma_directions[i]);
		KUNIT_EXPECT_EQ(test, used + 3, odma_pool_file(fx, "used"));
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx,
									  addr),
							 5000, i));
		KUNIT_EXPECT_TRUE(test, odma_clear_beside(fx, addr, 5000));
		odma_unmap_single(fx->dev, addr, 5000, odma_directions[i]);
		KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 5000, i));
	}
}

/* Both entries: the kernel's own calls come the same way. */
static void odma_bounce_round_trip(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	u8 *buf = odma_test_buffer(test, 0);

	odma_round_trip(fx, buf, 999, true);
	odma_round_trip(fx, buf, 999, false);
}

/* What the device wrote, and between it the driver's own bytes. */
static void odma_bounce_out(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	u8 *buf = odma_test_buffer(test, 1), *want = odma_test_buffer(test, 1);
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_directions); i++) {
		enum dma_data_direction dir = odma_directions[i];
		dma_addr_t addr;

		odma_pattern(buf, 8192, i);
		memcpy(want, buf, 8192);
		addr = odma_map_ok(fx, buf + 100, 6000, dir);
		memset(odma_device_view(fx, addr) + 2000, 0xd5, 1500);
		if (dir != DMA_TO_DEVICE)
			memset(want + 100 + 2000, 0xd5, 1500);
		odma_unmap_single(fx->dev, addr, 6000, dir);
		KUNIT_EXPECT_EQ(test, 0, memcmp(buf, want, 8192));
	}
}

static void odma_bounce_skip_sync(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	long used = odma_pool_file(fx, "used");
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr;

	odma_pattern(buf, 512, 1);
	addr = odma_map_single_attrs(fx->dev, buf, 512, DMA_FROM_DEVICE,
				     DMA_ATTR_SKIP_CPU_SYNC);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	/* Even so the device must not see what another mapping left there. */
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx, addr),
						 512, 1));
	memset(odma_device_view(fx, addr), 0x77, 512);
	odma_unmap_single_attrs(fx->dev, addr, 512, DMA_FROM_DEVICE,
				DMA_ATTR_SKIP_CPU_SYNC);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 512, 1));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

#define ODMA_SYNC_SIZE	6000UL

struct odma_part {
	size_t offset;
	size_t size;
};

/* At the beginning, inside, across slots, at the very end, and beyond it. */
static const struct odma_part odma_parts[] = {
	{ 0, ODMA_SYNC_SIZE }, { 0, 1 }, { 1, 1 }, { 777, 100 },
	{ 2040, 16 }, { 2047, 2050 }, { 4095, 2 }, { 5999, 1 }, { 5000, 1000 },
	{ 5000, 1001 }, { 5999, 2 }, { 0, 6001 }, { 0, 6144 }, { 5999, 145 },
};

/* The bytes of one part are from there, and all others as they were. */
static void odma_expect_part(struct kunit *test, const u8 *got, u8 seed,
			     u8 other, const struct odma_part *part)
{
	u8 *want = kunit_kzalloc(test, ODMA_SYNC_SIZE, GFP_KERNEL);
	u8 *from = kunit_kzalloc(test, ODMA_SYNC_SIZE, GFP_KERNEL);
	size_t size = min(part->size, ODMA_SYNC_SIZE - part->offset);

	KUNIT_ASSERT_TRUE(test, want && from);
	odma_pattern(want, ODMA_SYNC_SIZE, other);
	odma_pattern(from, ODMA_SYNC_SIZE, seed);
	memcpy(want + part->offset, from + part->offset, size);
	KUNIT_EXPECT_EQ(test, 0, memcmp(got, want, ODMA_SYNC_SIZE));
	kunit_kfree(test, want);
	kunit_kfree(test, from);
}

static void odma_sync_part(struct odma_fixture *fx, u8 *buf, dma_addr_t addr,
			   const struct odma_part *part,
			   enum dma_data_direction dir)
{
	u8 *view = odma_device_view(fx, addr);

	odma_pattern(buf, ODMA_SYNC_SIZE, 1);
	odma_pattern(view, ODMA_SYNC_SIZE, 2);
	odma_sync_single_for_cpu(fx->dev, addr + part->offset, part->size, dir);
	if (dir == DMA_TO_DEVICE)
		KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(buf,
							     ODMA_SYNC_SIZE,
							     1));
	else
		odma_expect_part(fx->test, buf, 2, 1, part);
	KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(view, ODMA_SYNC_SIZE, 2));
	odma_pattern(buf, ODMA_SYNC_SIZE, 3);
	odma_sync_single_for_device(fx->dev, addr + part->offset, part->size,
				    dir);
	if (dir == DMA_FROM_DEVICE)
		KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(view,
							     ODMA_SYNC_SIZE,
							     2));
	else
		odma_expect_part(fx->test, view, 3, 2, part);
	KUNIT_EXPECT_TRUE(fx->test, odma_has_pattern(buf, ODMA_SYNC_SIZE, 3));
	KUNIT_EXPECT_TRUE(fx->test, odma_clear_beside(fx, addr,
						      ODMA_SYNC_SIZE));
}

static void odma_bounce_sync_parts(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	u8 *buf = odma_test_buffer(test, 1) + 1000;
	int i, p;

	for (i = 0; i < ARRAY_SIZE(odma_directions); i++) {
		enum dma_data_direction dir = odma_directions[i];
		dma_addr_t addr = odma_map_ok(fx, buf, ODMA_SYNC_SIZE, dir);

		memset(buf - 1000, 0x99, 1000);
		memset(buf + ODMA_SYNC_SIZE, 0x99, 8192 - 7000);
		for (p = 0; p < ARRAY_SIZE(odma_parts); p++)
			odma_sync_part(fx, buf, addr, &odma_parts[p], dir);
		odma_unmap_single(fx->dev, addr, ODMA_SYNC_SIZE, dir);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf - 1000, 0x99, 1000));
		KUNIT_EXPECT_NULL(test, memchr_inv(buf + ODMA_SYNC_SIZE, 0x99,
						   8192 - 7000));
	}
}

/* A pool full of one mapping's bytes; then none of them is anywhere. */
static void odma_bounce_no_leftovers(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	static const size_t sizes[] = { 1, 100, 2047, 2048, 2049, 7000 };
	u8 *buf = odma_test_buffer(test, 5);
	dma_addr_t addr;
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		memset(buf, 0xaa, SZ_128K);
		addr = odma_map_ok(fx, buf, SZ_128K, DMA_TO_DEVICE);
		KUNIT_EXPECT_EQ(test, 64, odma_pool_file(fx, "used"));
		odma_unmap_single(fx->dev, addr, SZ_128K, DMA_TO_DEVICE);
		dma_set_min_align_mask(fx->dev, i % 2 ? 0xfff : 0);
		memset(buf, 0x55, SZ_128K);
		addr = odma_map_ok(fx, buf + 300, sizes[i], DMA_FROM_DEVICE);
		KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "at_once"));
		KUNIT_EXPECT_NULL(test, memchr_inv(odma_device_view(fx, addr),
						   0x55, sizes[i]));
		KUNIT_EXPECT_TRUE(test, odma_clear_beside(fx, addr, sizes[i]));
		odma_unmap_single(fx->dev, addr, sizes[i], DMA_FROM_DEVICE);
		dma_set_min_align_mask(fx->dev, 0);
	}
}

/* Buffers that share a page, or a cache line, share nothing else. */
static void odma_bounce_sub_page(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr[16];
	int i;

	odma_pattern(buf, PAGE_SIZE, 0);
	for (i = 0; i < 16; i++)
		addr[i] = odma_map_ok(fx, buf + i * 100, 100,
				      DMA_BIDIRECTIONAL);
	for (i = 15; i >= 0; i--) {
		memset(odma_device_view(fx, addr[i]), 0x40 + i, 100);
		odma_unmap_single(fx->dev, addr[i], 100, DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf + i * 100, 0x40 + i,
						   100));
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, i * 100, 0));
	}
}

/* From one byte to the most that it says. */
static void odma_bounce_sizes(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 2, 3, 63, 64, 65, 511, 512, 1500, 2047, 2048, 2049, 4095,
		4096, 4097, 9000, 65535, 65536, SZ_128K - 1, SZ_128K,
		SZ_128K + 1, SZ_256K, SZ_256K + 1, SZ_512K - 7, SZ_1M,
	};
	struct odma_fixture *fx = odma_in_mode(test);
	u8 *buf = odma_test_buffer(test, 9);
	int i;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		dma_addr_t addr;

		odma_pattern(buf, sizes[i], i);
		addr = odma_map_ok(fx, buf, sizes[i], DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(odma_device_view(fx,
									  addr),
							 sizes[i], i));
		odma_pattern(odma_device_view(fx, addr), sizes[i], i + 1);
		odma_unmap_single(fx->dev, addr, sizes[i], DMA_BIDIRECTIONAL);
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, sizes[i], i + 1));
	}
}

static void odma_bounce_bad_calls(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	long used = odma_pool_file(fx, "used");
	u64 failures = odma_counted_so_far(fx).failures;
	u8 *buf = odma_test_buffer(test, 0);

	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, DMA_NONE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 64, 4));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, 0, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SIZE_MAX,
					DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SIZE_MAX - 4000,
					DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, failures + 5, odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* Registers of another device are where they are. */
static void odma_bounce_resource(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	long used = odma_pool_file(fx, "used");
	dma_addr_t addr;

	addr = odma_map_resource(fx->dev, 0xf0000000, 4096, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, addr, 0xf0000000);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
	odma_unmap_resource(fx->dev, addr, 4096, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(fx->dev, 1ULL << 33, 4096,
					  DMA_TO_DEVICE, 0));
}

/* Syncs of memory that no pool has are legal, and leave it alone. */
static void odma_bounce_sync_elsewhere(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	struct page *page;
	dma_addr_t addr;
	int i;

	page = odma_alloc_pages(fx->dev, 8192, &addr, DMA_BIDIRECTIONAL,
				GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_pattern(page_address(page), 8192, 1);
	for (i = 0; i < ARRAY_SIZE(odma_directions); i++) {
		odma_sync_single_for_cpu(fx->dev, addr, 8192,
					 odma_directions[i]);
		odma_sync_single_for_device(fx->dev, addr + 100, 8000,
					    odma_directions[i]);
	}
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(page_address(page), 8192, 1));
	odma_free_pages(fx->dev, 8192, page, addr, DMA_BIDIRECTIONAL);
}

struct odma_elsewhere {
	struct work_struct work;
	struct odma_fixture *fx;
	dma_addr_t addr;
};

static void odma_unmap_here(struct work_struct *work)
{
	struct odma_elsewhere *e = container_of(work, struct odma_elsewhere,
						work);

	odma_unmap_single(e->fx->dev, e->addr, 3000, DMA_FROM_DEVICE);
}

/* Each mapping is undone on another CPU than it was made on. */
static void odma_bounce_other_cpu(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	long used = odma_pool_file(fx, "used");
	struct odma_elsewhere e = { .fx = fx };
	u8 *buf = odma_test_buffer(test, 0);
	int cpu;

	if (num_online_cpus() < 2)
		kunit_skip(test, "one CPU");
	INIT_WORK_ONSTACK(&e.work, odma_unmap_here);
	for_each_online_cpu(cpu) {
		e.addr = odma_map_ok(fx, buf, 3000, DMA_FROM_DEVICE);
		odma_pattern(odma_device_view(fx, e.addr), 3000, cpu);
		schedule_work_on(cpu, &e.work);
		flush_work(&e.work);
		KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 3000, cpu));
	}
	destroy_work_on_stack(&e.work);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* Where nothing may sleep; a debug kernel would say so. */
static void odma_bounce_atomic(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	struct scatterlist *sg = odma_test_list(test, 3, 700);
	static DEFINE_SPINLOCK(lock);
	u8 *buf = odma_test_buffer(test, 1);
	unsigned long flags;
	dma_addr_t addr;
	int nents;

	spin_lock_irqsave(&lock, flags);
	addr = odma_map_single(fx->dev, buf, 8000, DMA_BIDIRECTIONAL);
	if (addr != DMA_MAPPING_ERROR) {
		odma_sync_single_for_cpu(fx->dev, addr, 8000,
					 DMA_BIDIRECTIONAL);
		odma_sync_single_for_device(fx->dev, addr, 8000,
					    DMA_BIDIRECTIONAL);
		odma_unmap_single(fx->dev, addr, 8000, DMA_BIDIRECTIONAL);
	}
	nents = odma_map_sg(fx->dev, sg, 3, DMA_TO_DEVICE);
	if (nents)
		odma_unmap_sg(fx->dev, sg, 3, DMA_TO_DEVICE);
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, nents, 3);
}

static void odma_list_pattern(struct scatterlist *sgl, int nents, u8 seed)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		odma_pattern(sg_virt(sg), sg->length, seed + i);
}

/* Do the driver (or otherwise the device) find this in all of the list? */
static bool odma_list_has(struct odma_fixture *fx, struct scatterlist *sgl,
			  int nents, u8 seed, bool device)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		void *bytes = sg_virt(sg);

		if (!sg->length)
			continue;
		if (device)
			bytes = odma_device_view(fx, sg_dma_address(sg));
		if (!odma_has_pattern(bytes, sg->length, seed + i))
			return false;
	}
	return true;
}

static void odma_device_writes_list(struct odma_fixture *fx,
				    struct scatterlist *sgl, int nents, u8 seed)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg->length)
			odma_pattern(odma_device_view(fx, sg_dma_address(sg)),
				     sg->length, seed + i);
}

static void odma_check_list(struct kunit *test, struct scatterlist *sgl,
			    int nents)
{
	struct odma_fixture *fx = test->priv;
	long used = odma_pool_file(fx, "used");
	struct scatterlist *sg;
	int i;

	odma_list_pattern(sgl, nents, 1);
	KUNIT_ASSERT_EQ(test, nents, odma_map_sg(fx->dev, sgl, nents,
						 DMA_BIDIRECTIONAL));
	for_each_sg(sgl, sg, nents, i) {
		KUNIT_EXPECT_EQ(test, sg_dma_len(sg), sg->length);
		if (sg->length)
			KUNIT_EXPECT_NE(test, sg_dma_address(sg), sg_phys(sg));
	}
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sgl, nents, 1, true));
	odma_device_writes_list(fx, sgl, nents, 50);
	odma_sync_sg_for_cpu(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sgl, nents, 50, false));
	odma_list_pattern(sgl, nents, 60);
	odma_sync_sg_for_device(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sgl, nents, 60, true));
	odma_device_writes_list(fx, sgl, nents, 70);
	odma_unmap_sg(fx->dev, sgl, nents, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sgl, nents, 70, false));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

static void odma_bounce_lists(struct kunit *test)
{
	static const int sizes[] = { 1, 2, 7, 64, 129 };
	struct scatterlist *part[3], *sg;
	int i;

	odma_in_mode(test);
	for (i = 0; i < ARRAY_SIZE(sizes); i++)
		odma_check_list(test, odma_test_list(test, sizes[i], 512),
				sizes[i]);
	for (i = 0; i < 3; i++)
		part[i] = odma_test_list(test, 6, 300);
	sg_chain(part[0], 6, part[1]);
	sg_chain(part[1], 6, part[2]);
	odma_check_list(test, part[0], 5 + 5 + 6);
	/* Entries of no length: first, in between, last. */
	sg = odma_test_list(test, 5, 900);
	sg[0].length = 0;
	sg[2].length = 0;
	sg[4].length = 0;
	odma_check_list(test, sg, 5);
}

static void odma_bounce_list_bad(struct kunit *test)
{
	struct odma_fixture *fx = odma_in_mode(test);
	struct sg_table sgt = { .nents = 13 };

	sgt.sgl = odma_test_list(test, 1, 64);
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, 0,
					     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, 1, DMA_NONE));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_map_sgtable(fx->dev, &sgt,
							DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 13);
}

/* The third entry of four has no room: then there is nothing of any. */
static void odma_bounce_list_undone(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test,
				"swiotlb pool_kib=128 limit_kib=128");
	struct scatterlist *sg = odma_test_list(test, 4, 64);
	struct sg_table sgt = { .sgl = sg, .orig_nents = 4, .nents = 9 };
	int i;

	for (i = 0; i < 4; i++)
		sg_set_page(&sg[i], odma_test_pages(test, GFP_KERNEL, 4),
			    48 * SZ_1K, i * 64);
	odma_list_pattern(sg, 4, 1);
	KUNIT_EXPECT_EQ(test, -ENOMEM, odma_map_sgtable(fx->dev, &sgt,
							DMA_FROM_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 9);
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, 48, odma_pool_file(fx, "high_water"));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 4, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 0, dma_map_sg(fx->dev, sg, 4, DMA_TO_DEVICE));
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sg, 4, 1, false));
	KUNIT_EXPECT_EQ(test, 0, odma_pool_file(fx, "used"));
	odma_check_list(test, sg, 2);
}

/* With "auto" what is in reach stays where it is, and the rest bounces. */
static void odma_bounce_auto(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb auto");
	struct scatterlist *sg = odma_test_list(test, 4, 600);
	long used = odma_pool_file(fx, "used");
	struct page *page = sg_page(&sg[2]);
	dma_addr_t addr;

	odma_banish(fx, page, PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	odma_list_pattern(sg, 4, 1);
	KUNIT_ASSERT_EQ(test, 4, odma_map_sg(fx->dev, sg, 4,
					     DMA_BIDIRECTIONAL));
	KUNIT_EXPECT_EQ(test, used + 1, odma_pool_file(fx, "used"));
	KUNIT_EXPECT_EQ(test, sg_dma_address(&sg[0]), sg_phys(&sg[0]));
	KUNIT_EXPECT_EQ(test, sg_dma_address(&sg[1]), sg_phys(&sg[1]));
	KUNIT_EXPECT_NE(test, sg_dma_address(&sg[2]), sg_phys(&sg[2]));
	KUNIT_EXPECT_LE(test, sg_dma_address(&sg[2]), DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, sg_dma_address(&sg[3]), sg_phys(&sg[3]));
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sg, 4, 1, true));
	odma_device_writes_list(fx, sg, 4, 9);
	odma_unmap_sg(fx->dev, sg, 4, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_list_has(fx, sg, 4, 9, false));
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
	addr = odma_map_page(fx->dev, page, 0, 100, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, used + 1, odma_pool_file(fx, "used"));
	odma_unmap_page(fx->dev, addr, 100, DMA_TO_DEVICE);
	addr = odma_map_page(fx->dev, sg_page(&sg[0]), 0, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, addr, page_to_phys(sg_page(&sg[0])));
	odma_unmap_page(fx->dev, addr, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, used, odma_pool_file(fx, "used"));
}

/* A buffer that may share its line with others' data is not left in place. */
static void odma_bounce_auto_small(struct kunit *test)
{
	bool shares = IS_ENABLED(CONFIG_DMA_BOUNCE_UNALIGNED_KMALLOC);
	struct odma_fixture *fx = odma_bouncing(test,
						"swiotlb auto coherent=no");
	u8 *buf = odma_test_buffer(test, 0);
	dma_addr_t addr;

	odma_set_masks(fx, DMA_BIT_MASK(32));
	odma_pattern(buf, 64, 1);
	addr = odma_map_single(fx->dev, buf, 8, DMA_FROM_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, shares, addr != virt_to_phys(buf));
	odma_pattern(odma_device_view(fx, addr), 8, 1);
	odma_unmap_single(fx->dev, addr, 8, DMA_FROM_DEVICE);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, 64, 1));
	addr = odma_map_single(fx->dev, buf, 8, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, addr, virt_to_phys(buf));
	odma_unmap_single(fx->dev, addr, 8, DMA_TO_DEVICE);
	addr = odma_map_single(fx->dev, buf, 4096, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, addr, virt_to_phys(buf));
	odma_unmap_single(fx->dev, addr, 4096, DMA_FROM_DEVICE);
}

static void odma_bounce_counters(struct kunit *test)
{
	struct odma_fixture *fx = odma_bouncing(test, "swiotlb stats");
	struct scatterlist *sg = odma_test_list(test, 4, 100);
	u8 *buf = odma_test_buffer(test, 0);
	struct odma_counters sum;
	dma_addr_t addr;

	addr = odma_map_ok(fx, buf, 1000, DMA_TO_DEVICE);
	odma_sync_single_for_device(fx->dev, addr, 10, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, addr, 1000, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 4, odma_map_sg(fx->dev, sg, 4, DMA_TO_DEVICE));
	odma_unmap_sg(fx->dev, sg, 4, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, buf, SZ_1G, DMA_TO_DEVICE));
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.maps, 5);
	KUNIT_EXPECT_EQ(test, sum.unmaps, 5);
	KUNIT_EXPECT_EQ(test, sum.map_bytes, 1400);
	KUNIT_EXPECT_EQ(test, sum.unmap_bytes, 1400);
	KUNIT_EXPECT_EQ(test, sum.syncs, 1);
	KUNIT_EXPECT_EQ(test, sum.failures, 1);
}

static void odma_bounce_bad_rules(struct kunit *test)
{
	static const char * const rules[] = {
		"swiotlb nosuch", "swiotlb force=1", "swiotlb auto=yes",
		"swiotlb restricted=1", "swiotlb Force",
		"swiotlb pool_kib", "swiotlb pool_kib=", "swiotlb pool_kib=0",
		"swiotlb pool_kib=x", "swiotlb pool_kib=-1",
		"swiotlb pool_kib=1k", "swiotlb pool_kib=4194304",
		"swiotlb pool_kib=99999999999",
		"swiotlb limit_kib", "swiotlb limit_kib=0",
		"swiotlb limit_kib=many", "swiotlb limit_kib=4194304",
		"swiotlb bits", "swiotlb bits=", "swiotlb bits=23",
		"swiotlb bits=65", "swiotlb bits=-1", "swiotlb bits=0x",
		"swiotlb coherent", "swiotlb coherent=maybe",
		"swiotlb coherent=", "swiotlb =1", "swiotlb force nosuch",
		"swiotlb kib=1", "direct force", "direct bits=28",
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++)
		KUNIT_EXPECT_EQ_MSG(test, -EINVAL,
				    odma_add_device_rule(fx, rules[i]), "%s",
				    rules[i]);
	KUNIT_EXPECT_EQ(test, -ENOENT, odma_remove_device_rule(fx));
}

/* Said at bind time, and the device gets no DMA. */
static void odma_bounce_restricted_uncached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter mark;

	odma_log_mark(&mark);
	KUNIT_ASSERT_EQ(test, 0,
			odma_add_device_rule(fx,
					     "swiotlb restricted coherent=no"));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_TRUE(test, odma_is_in_state(fx, ODMA_REFUSED));
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
				"restricted is for devices that see"));
}

static struct kunit_case odma_swiotlb_cases[] = {
	KUNIT_CASE_PARAM(odma_bounce_in, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_round_trip, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_out, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_skip_sync, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_sync_parts, odma_bouncing_modes),
	KUNIT_CASE(odma_bounce_no_leftovers),
	KUNIT_CASE_PARAM(odma_bounce_sub_page, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_sizes, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_bad_calls, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_resource, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_sync_elsewhere, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_other_cpu, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_atomic, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_lists, odma_bouncing_modes),
	KUNIT_CASE_PARAM(odma_bounce_list_bad, odma_bouncing_modes),
	KUNIT_CASE(odma_bounce_list_undone),
	KUNIT_CASE(odma_bounce_auto),
	KUNIT_CASE(odma_bounce_auto_small),
	KUNIT_CASE(odma_bounce_counters),
	KUNIT_CASE(odma_bounce_bad_rules),
	KUNIT_CASE(odma_bounce_restricted_uncached),
	{}
};

struct kunit_suite odma_swiotlb_suite = {
	.name = "odma-swiotlb",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_swiotlb_cases,
};
