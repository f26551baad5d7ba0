// SPDX-License-Identifier: GPL-2.0
/*
 * What reaches a backend: each call of odma_X() and of dma_X() once, with the
 * caller's arguments, and the backend's answer on the way back.
 *
 * Every case runs with the backend's own table and with the counting one.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include "../shared/fixture.h"
#include "../shared/recorder.h"
#include "../shared/log.h"
#include "../suites.h"

static const struct odma_mode odma_recorder_modes[] = {
	{ .name = "recorder", .rule = ODMA_RECORDER },
	{ .name = "recorder stats", .rule = ODMA_RECORDER " stats",
	  .stats = true },
};

static void odma_mode_name(const struct odma_mode *mode, char *desc)
{
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_recorder, odma_recorder_modes, odma_mode_name);

static int odma_recorder_init(struct kunit *test)
{
	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	odma_bound_init(test);
	odma_clear_record();
	return 0;
}

static void odma_recorder_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_recorder);
}

/* Exactly one call since the last look. */
static void odma_expect_call(struct kunit *test, enum odma_op op, u64 addr,
			     size_t size, enum dma_data_direction dir,
			     unsigned long attrs)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, odma_record.calls, 1);
	KUNIT_EXPECT_EQ(test, odma_record.op, op);
	KUNIT_EXPECT_PTR_EQ(test, odma_record.dev, fx->dev);
	KUNIT_EXPECT_EQ(test, odma_record.addr, addr);
	KUNIT_EXPECT_EQ(test, odma_record.size, size);
	KUNIT_EXPECT_EQ(test, odma_record.dir, dir);
	KUNIT_EXPECT_EQ(test, odma_record.attrs, attrs);
	odma_record.calls = 0;
}

static void odma_calls_map_page(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	u64 phys = page_to_phys(page) + PAGE_SIZE + 24;

	odma_record.addr_ret = 0xabc000;
	KUNIT_EXPECT_EQ(test, 0xabc000,
			odma_map_page_attrs(fx->dev, page, PAGE_SIZE + 24, 300,
					    DMA_FROM_DEVICE,
					    DMA_ATTR_WEAK_ORDERING));
	odma_expect_call(test, ODMA_OP_MAP, phys, 300, DMA_FROM_DEVICE,
			 DMA_ATTR_WEAK_ORDERING);
	KUNIT_EXPECT_EQ(test, 0xabc000,
			dma_map_page_attrs(fx->dev, page, PAGE_SIZE + 24, 300,
					   DMA_FROM_DEVICE,
					   DMA_ATTR_WEAK_ORDERING));
	odma_expect_call(test, ODMA_OP_MAP, phys, 300, DMA_FROM_DEVICE,
			 DMA_ATTR_WEAK_ORDERING);
	odma_unmap_page_attrs(fx->dev, 0xabc000, 300, DMA_FROM_DEVICE,
			      DMA_ATTR_SKIP_CPU_SYNC);
	odma_expect_call(test, ODMA_OP_UNMAP, 0xabc000, 300, DMA_FROM_DEVICE,
			 DMA_ATTR_SKIP_CPU_SYNC);
	dma_unmap_page_attrs(fx->dev, 0xabc000, 300, DMA_FROM_DEVICE, 0);
	odma_expect_call(test, ODMA_OP_UNMAP, 0xabc000, 300, DMA_FROM_DEVICE,
			 0);
}

static void odma_calls_map_error(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	dma_addr_t addr;

	odma_record.addr_ret = DMA_MAPPING_ERROR;
	addr = odma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	KUNIT_EXPECT_NE(test, 0, odma_mapping_error(fx->dev, addr));
	addr = dma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(fx->dev, addr));
	/* What failed is not live. */
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).maps);
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).map_bytes);
}

static void odma_calls_map_single(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	char *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));

	odma_record.addr_ret = 0x7000;
	KUNIT_EXPECT_EQ(test, 0x7000, odma_map_single(fx->dev, buf + 33, 70,
						      DMA_TO_DEVICE));
	odma_expect_call(test, ODMA_OP_MAP, virt_to_phys(buf + 33), 70,
			 DMA_TO_DEVICE, 0);
	odma_unmap_single(fx->dev, 0x7000, 70, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_UNMAP, 0x7000, 70, DMA_TO_DEVICE, 0);
}

static void odma_calls_map_sg(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, 6, 128);

	/* Fewer than given: the backend merged some. */
	odma_record.sg_ret = 4;
	KUNIT_EXPECT_EQ(test, 4, odma_map_sg_attrs(fx->dev, sg, 6,
						   DMA_TO_DEVICE,
						   DMA_ATTR_NO_WARN));
	KUNIT_EXPECT_PTR_EQ(test, odma_record.ptr, (void *)sg);
	odma_expect_call(test, ODMA_OP_MAP_SG, 0, 6, DMA_TO_DEVICE,
			 DMA_ATTR_NO_WARN);
	KUNIT_EXPECT_EQ(test, 4, dma_map_sg(fx->dev, sg, 6, DMA_TO_DEVICE));
	odma_expect_call(test, ODMA_OP_MAP_SG, 0, 6, DMA_TO_DEVICE, 0);
	odma_unmap_sg(fx->dev, sg, 6, DMA_TO_DEVICE);
	KUNIT_EXPECT_PTR_EQ(test, odma_record.ptr, (void *)sg);
	odma_expect_call(test, ODMA_OP_UNMAP_SG, 0, 6, DMA_TO_DEVICE, 0);
	dma_unmap_sg(fx->dev, sg, 6, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_UNMAP_SG, 0, 6, DMA_TO_DEVICE, 0);
	/* Merging changes neither what is live nor what is not any more. */
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).maps,
			odma_counted_so_far(fx).unmaps);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).map_bytes,
			fx->mode->stats ? 2 * 6 * 128 : 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).map_bytes,
			odma_counted_so_far(fx).unmap_bytes);
}

static void odma_calls_map_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table sgt = { .orig_nents = 3 };

	sgt.sgl = odma_test_list(test, 3, 128);
	odma_record.sg_ret = 2;
	KUNIT_EXPECT_EQ(test, 0, odma_map_sgtable(fx->dev, &sgt,
						  DMA_BIDIRECTIONAL, 0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 2);
	odma_expect_call(test, ODMA_OP_MAP_SG, 0, 3, DMA_BIDIRECTIONAL, 0);
	/* All of the list is synced and unmapped, not only what was mapped. */
	odma_sync_sgtable_for_cpu(fx->dev, &sgt, DMA_BIDIRECTIONAL);
	odma_expect_call(test, ODMA_OP_SYNC_SG_CPU, 0, 3, DMA_BIDIRECTIONAL,
			 0);
	odma_sync_sgtable_for_device(fx->dev, &sgt, DMA_BIDIRECTIONAL);
	odma_expect_call(test, ODMA_OP_SYNC_SG_DEVICE, 0, 3, DMA_BIDIRECTIONAL,
			 0);
	odma_unmap_sgtable(fx->dev, &sgt, DMA_BIDIRECTIONAL, 0);
	odma_expect_call(test, ODMA_OP_UNMAP_SG, 0, 3, DMA_BIDIRECTIONAL, 0);
}

/* A backend may say one of four errors; everything else is -EIO. */
static void odma_calls_sg_errors(struct kunit *test)
{
	static const int says_means[][2] = {
		{ -EINVAL, -EINVAL }, { -ENOMEM, -ENOMEM }, { -EIO, -EIO },
		{ -EREMOTEIO, -EREMOTEIO }, { 0, -EIO }, { -ENODEV, -EIO },
		{ -EAGAIN, -EIO }, { INT_MIN, -EIO },
	};
	struct odma_fixture *fx = test->priv;
	struct sg_table sgt = { .orig_nents = 2, .nents = 55 };
	int i;

	sgt.sgl = odma_test_list(test, 2, 128);
	for (i = 0; i < ARRAY_SIZE(says_means); i++) {
		odma_record.sg_ret = says_means[i][0];
		KUNIT_EXPECT_EQ(test, says_means[i][1],
				odma_map_sgtable(fx->dev, &sgt, DMA_TO_DEVICE,
						 0));
		KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sgt.sgl, 2,
						     DMA_TO_DEVICE));
		KUNIT_EXPECT_EQ(test, sgt.nents, 55);
	}
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).maps);
}

static void odma_calls_map_resource(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	enum odma_op map = ODMA_OP_MAP_RESOURCE, unmap = ODMA_OP_UNMAP_RESOURCE;

	odma_record.addr_ret = 0x123000;
	KUNIT_EXPECT_EQ(test, 0x123000,
			odma_map_resource(fx->dev, 0xf0000040, 64,
					  DMA_TO_DEVICE, 0));
	odma_expect_call(test, map, 0xf0000040, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, 0x123000,
			dma_map_resource(fx->dev, 0xf0000040, 64,
					 DMA_TO_DEVICE, 0));
	odma_expect_call(test, map, 0xf0000040, 64, DMA_TO_DEVICE, 0);
	odma_unmap_resource(fx->dev, 0x123000, 64, DMA_TO_DEVICE, 0);
	odma_expect_call(test, unmap, 0x123000, 64, DMA_TO_DEVICE, 0);
	dma_unmap_resource(fx->dev, 0x123000, 64, DMA_TO_DEVICE, 0);
	odma_expect_call(test, unmap, 0x123000, 64, DMA_TO_DEVICE, 0);
}

static void odma_calls_sync(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	struct device *dev = fx->dev;

	odma_sync_single_for_cpu(dev, 0x5000, 7, DMA_FROM_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_CPU, 0x5000, 7, DMA_FROM_DEVICE,
			 0);
	dma_sync_single_for_cpu(dev, 0x5000, 7, DMA_FROM_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_CPU, 0x5000, 7, DMA_FROM_DEVICE,
			 0);
	odma_sync_single_for_device(dev, 0x5000, 7, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_DEVICE, 0x5000, 7, DMA_TO_DEVICE,
			 0);
	dma_sync_single_for_device(dev, 0x5000, 7, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_DEVICE, 0x5000, 7, DMA_TO_DEVICE,
			 0);
	odma_sync_single_range_for_cpu(dev, 0x5000, 16, 7, DMA_FROM_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_CPU, 0x5010, 7, DMA_FROM_DEVICE,
			 0);
	odma_sync_single_range_for_device(dev, 0x5000, 16, 7, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_DEVICE, 0x5010, 7, DMA_TO_DEVICE,
			 0);
	odma_sync_sg_for_cpu(dev, sg, 2, DMA_FROM_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_SG_CPU, 0, 2, DMA_FROM_DEVICE, 0);
	dma_sync_sg_for_device(dev, sg, 2, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_SG_DEVICE, 0, 2, DMA_TO_DEVICE, 0);
	odma_sync_sg_for_device(dev, sg, 2, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_SYNC_SG_DEVICE, 0, 2, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).syncs,
			fx->mode->stats ? 12 : 0);
}

/* Zone flags are not the caller's business; the rest of gfp is passed on. */
static void odma_calls_alloc(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_attrs(fx->dev, 5000, &handle,
			       GFP_KERNEL | GFP_DMA | __GFP_NORETRY,
			       DMA_ATTR_WRITE_COMBINE);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_TRUE(test,
			  odma_record.gfp == (GFP_KERNEL | __GFP_NORETRY));
	odma_expect_call(test, ODMA_OP_ALLOC, 0, 5000, DMA_NONE,
			 DMA_ATTR_WRITE_COMBINE);
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).allocs);
	KUNIT_EXPECT_EQ(test, PAGE_ALIGN(5000),
			odma_counted_so_far(fx).alloc_bytes);
	odma_free_attrs(fx->dev, 5000, cpu, handle, DMA_ATTR_WRITE_COMBINE);
	KUNIT_EXPECT_PTR_EQ(test, odma_record.ptr, cpu);
	odma_expect_call(test, ODMA_OP_FREE, handle, 5000, DMA_NONE,
			 DMA_ATTR_WRITE_COMBINE);
	KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).frees);
	cpu = dma_alloc_coherent(fx->dev, 100, &handle, GFP_KERNEL);
	odma_expect_call(test, ODMA_OP_ALLOC, 0, 100, DMA_NONE, 0);
	dma_free_coherent(fx->dev, 100, cpu, handle);
	odma_expect_call(test, ODMA_OP_FREE, handle, 100, DMA_NONE, 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).alloc_bytes,
			odma_counted_so_far(fx).free_bytes);
}

/* __GFP_NOWARN reaches a backend as an attribute, NULL is never freed. */
static void odma_calls_alloc_quietly(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, 64, &handle,
				  GFP_KERNEL | __GFP_NOWARN);
	odma_expect_call(test, ODMA_OP_ALLOC, 0, 64, DMA_NONE,
			 DMA_ATTR_NO_WARN);
	odma_free_coherent(fx->dev, 64, cpu, handle);
	odma_clear_record();
	odma_free_coherent(fx->dev, 64, NULL, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
}

/* What can't be allocated by anybody never reaches the backend. */
static void odma_calls_alloc_refused(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle = 0;
	u64 mask = fx->dev->coherent_dma_mask;

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
	KUNIT_EXPECT_EQ(test, handle, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	KUNIT_EXPECT_EQ(test, 3 + !!ODMA_GFP_REFUSED,
			odma_counted_so_far(fx).failures);
	KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).allocs);
}

/* A driver that wants no warnings is not left alone with its mistakes. */
static void odma_calls_told_once(struct kunit *test)
{
	const gfp_t gfp = GFP_KERNEL | __GFP_NOWARN;
	struct odma_fixture *fx = test->priv;
	u64 mask = fx->dev->coherent_dma_mask;
	struct kmsg_dump_iter mark;
	dma_addr_t handle;
	int i;

	odma_log_mark(&mark);
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 0, &handle,
							    gfp));
		KUNIT_EXPECT_EQ(test, i ? 0 : 1,
				odma_log_count(&mark, "size is 0"));
	}
	for (i = 0; i < 3; i++) {
		KUNIT_EXPECT_NULL(test, odma_alloc_attrs(fx->dev, SIZE_MAX,
							 &handle, GFP_KERNEL,
							 DMA_ATTR_NO_WARN));
		KUNIT_EXPECT_EQ(test, i ? 0 : 1,
				odma_log_count(&mark, "wraps around"));
	}
	fx->dev->coherent_dma_mask = 0;
	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, 64, &handle, gfp));
	fx->dev->coherent_dma_mask = mask;
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "has no DMA mask"));
	KUNIT_EXPECT_NULL(test, odma_alloc_noncontiguous(fx->dev, 64,
							 DMA_TO_DEVICE, gfp,
							 DMA_ATTR_NO_WARN));
	KUNIT_EXPECT_EQ(test, 8, odma_counted_so_far(fx).failures);
}

static void odma_calls_alloc_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(fx->dev, 3 * PAGE_SIZE, &handle,
			       DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_expect_call(test, ODMA_OP_ALLOC_PAGES, 0, 3 * PAGE_SIZE,
			 DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, 3 * PAGE_SIZE,
			odma_counted_so_far(fx).alloc_bytes);
	dma_free_pages(fx->dev, 3 * PAGE_SIZE, page, handle, DMA_TO_DEVICE);
	odma_expect_call(test, ODMA_OP_FREE_PAGES, handle, 3 * PAGE_SIZE,
			 DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, 3 * PAGE_SIZE,
			odma_counted_so_far(fx).free_bytes);
}

static void odma_calls_mmap_and_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct vm_area_struct *vma = kunit_kzalloc(test, sizeof(*vma),
						   GFP_KERNEL);
	struct sg_table sgt;

	KUNIT_ASSERT_NOT_NULL(test, vma);
	KUNIT_EXPECT_EQ(test, -EXDEV,
			odma_mmap_attrs(fx->dev, vma, fx, 0x9000, 4096,
					DMA_ATTR_WRITE_COMBINE));
	KUNIT_EXPECT_PTR_EQ(test, odma_record.ptr, (void *)vma);
	odma_expect_call(test, ODMA_OP_MMAP, 0x9000, 4096, DMA_NONE,
			 DMA_ATTR_WRITE_COMBINE);
	KUNIT_EXPECT_EQ(test, -EXDEV,
			odma_get_sgtable(fx->dev, &sgt, fx, 0x9000, 4096));
	KUNIT_EXPECT_PTR_EQ(test, odma_record.ptr, (void *)fx);
	odma_expect_call(test, ODMA_OP_GET_SGTABLE, 0x9000, 4096, DMA_NONE, 0);
}

static void odma_calls_masks(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, DMA_BIT_MASK(47),
			odma_get_required_mask(fx->dev));
	odma_expect_call(test, ODMA_OP_REQUIRED_MASK, 0, 0, DMA_NONE, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(40)));
	odma_expect_call(test, ODMA_OP_SUPPORTED, DMA_BIT_MASK(40), 0,
			 DMA_NONE, 0);
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(20)));
	KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev), DMA_BIT_MASK(40));
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_set_coherent_mask(fx->dev, DMA_BIT_MASK(20)));
}

/* DMA_NONE, and no mask at all, stop before the backend. */
static void odma_calls_refused(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(test, 1, 64);
	u64 *mask = fx->dev->dma_mask;

	odma_map_page(fx->dev, page, 0, 64, DMA_NONE);
	odma_unmap_page(fx->dev, 0, 64, DMA_NONE);
	odma_map_sg(fx->dev, sg, 1, DMA_NONE);
	odma_unmap_sg(fx->dev, sg, 1, DMA_NONE);
	odma_sync_sg_for_cpu(fx->dev, sg, 1, DMA_NONE);
	odma_sync_single_for_device(fx->dev, 0, 64, DMA_NONE);
	fx->dev->dma_mask = NULL;
	odma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	fx->dev->dma_mask = mask;
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	KUNIT_EXPECT_EQ(test, 7, odma_counted_so_far(fx).failures);
}

static struct kunit_case odma_backend_cases[] = {
	KUNIT_CASE_PARAM(odma_calls_map_page, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_map_error, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_map_single, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_map_sg, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_map_sgtable, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_sg_errors, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_map_resource, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_sync, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_alloc, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_alloc_quietly, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_alloc_refused, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_told_once, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_alloc_pages, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_mmap_and_sgtable, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_masks, odma_recorder_gen_params),
	KUNIT_CASE_PARAM(odma_calls_refused, odma_recorder_gen_params),
	{}
};

struct kunit_suite odma_backend_suite = {
	.name = "odma-backend",
	.suite_init = odma_begin_suite,
	.init = odma_recorder_init,
	.exit = odma_recorder_exit,
	.test_cases = odma_backend_cases,
};
