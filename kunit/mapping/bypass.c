// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass": which side each call goes to, by which mask.
 */
#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include "bypass.h"
#include "../suites.h"

/**
 * struct odma_bypass_mode - a way to be attached, and masks
 * @mode: for the fixture
 * @streaming: the streaming mask covers all of memory
 * @coherent: the coherent mask does
 */
struct odma_bypass_mode {
	struct odma_mode mode;
	bool streaming;
	bool coherent;
};

#define ODMA_BYPASS_MODE(words, count, s, c)				\
	{								\
		.mode = {						\
			.name = words ", " #s " streaming, " #c " coherent",\
			.rule = ODMA_BYPASSED " " words,		\
			.stats = count,					\
		},							\
		.streaming = odma_##s,					\
		.coherent = odma_##c,					\
	}

enum { odma_narrow, odma_wide };

static const struct odma_bypass_mode odma_bypass_modes[] = {
	ODMA_BYPASS_MODE("bypass", false, wide, wide),
	ODMA_BYPASS_MODE("bypass", false, wide, narrow),
	ODMA_BYPASS_MODE("bypass", false, narrow, wide),
	ODMA_BYPASS_MODE("bypass", false, narrow, narrow),
	ODMA_BYPASS_MODE("bypass stats", true, wide, wide),
	ODMA_BYPASS_MODE("bypass stats", true, wide, narrow),
	ODMA_BYPASS_MODE("bypass stats", true, narrow, wide),
	ODMA_BYPASS_MODE("bypass stats", true, narrow, narrow),
};

static void odma_bypass_name(const struct odma_bypass_mode *mode, char *desc)
{
	strscpy(desc, mode->mode.name, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_bypass, odma_bypass_modes, odma_bypass_name);

static int odma_sides_init(struct kunit *test)
{
	const struct odma_bypass_mode *mode = test->param_value;
	struct odma_fixture *fx;
	int ret;

	ret = odma_bypass_init(test);
	fx = test->priv;
	fx->mode = &mode->mode;
	return ret;
}

static struct device *odma_bypass_bind_mode(struct kunit *test)
{
	const struct odma_bypass_mode *mode = test->param_value;

	return odma_bypass_bind(test, mode->mode.rule, mode->streaming,
				mode->coherent);
}

static bool odma_maps_directly(struct kunit *test)
{
	return ((const struct odma_bypass_mode *)test->param_value)->streaming;
}

static bool odma_allocs_directly(struct kunit *test)
{
	return ((const struct odma_bypass_mode *)test->param_value)->coherent;
}

static void odma_bypass_map(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	bool direct = odma_maps_directly(test);
	u64 want = direct ? page_to_phys(page) + 8 : ODMA_OWN_ADDR;
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, want, odma_map_page(dev, page, 8, 64,
						  DMA_TO_DEVICE));
	odma_expect_side(test, direct, ODMA_OP_MAP);
	odma_unmap_page(dev, want, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	KUNIT_EXPECT_EQ(test, want, dma_map_page(dev, page, 8, 64,
						 DMA_TO_DEVICE));
	odma_expect_side(test, direct, ODMA_OP_MAP);
	dma_unmap_page(dev, want, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).maps,
			fx->mode->stats ? 2 : 0);
	KUNIT_EXPECT_EQ(test, odma_counted_so_far(fx).unmaps,
			fx->mode->stats ? 2 : 0);
}

static void odma_bypass_sg(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	struct scatterlist *sg = odma_test_list(test, 3, 64);
	bool direct = odma_maps_directly(test);
	/* The backend says 1, whatever it is given. */
	int want = direct ? 3 : 1;

	KUNIT_EXPECT_EQ(test, want, odma_map_sg(dev, sg, 3, DMA_TO_DEVICE));
	odma_expect_side(test, direct, ODMA_OP_MAP_SG);
	odma_sync_sg_for_cpu(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_SG_CPU);
	dma_sync_sg_for_device(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_SG_DEVICE);
	odma_unmap_sg(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_SG);
	KUNIT_EXPECT_EQ(test, want, dma_map_sg(dev, sg, 3, DMA_TO_DEVICE));
	odma_expect_side(test, direct, ODMA_OP_MAP_SG);
	dma_sync_sg_for_cpu(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_SG_CPU);
	odma_sync_sg_for_device(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_SG_DEVICE);
	dma_unmap_sg(dev, sg, 3, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_SG);
}

static void odma_bypass_sync(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	bool direct = odma_maps_directly(test);
	dma_addr_t addr = odma_map_page(dev, page, 0, 64, DMA_FROM_DEVICE);

	odma_record.calls = 0;
	odma_sync_single_for_cpu(dev, addr, 64, DMA_FROM_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_CPU);
	dma_sync_single_for_cpu(dev, addr, 64, DMA_FROM_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_CPU);
	odma_sync_single_for_device(dev, addr, 64, DMA_FROM_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_DEVICE);
	dma_sync_single_for_device(dev, addr, 64, DMA_FROM_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_DEVICE);
	odma_unmap_page(dev, addr, 64, DMA_FROM_DEVICE);
}

static void odma_bypass_resource(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	bool direct = odma_maps_directly(test);
	u64 want = direct ? 0xf0000000 : ODMA_OWN_ADDR;

	KUNIT_EXPECT_EQ(test, want, odma_map_resource(dev, 0xf0000000, 64,
						      DMA_TO_DEVICE, 0));
	odma_expect_side(test, direct, ODMA_OP_MAP_RESOURCE);
	dma_unmap_resource(dev, want, 64, DMA_TO_DEVICE, 0);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_RESOURCE);
	KUNIT_EXPECT_EQ(test, want, dma_map_resource(dev, 0xf0000000, 64,
						     DMA_TO_DEVICE, 0));
	odma_expect_side(test, direct, ODMA_OP_MAP_RESOURCE);
	odma_unmap_resource(dev, want, 64, DMA_TO_DEVICE, 0);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_RESOURCE);
}

static void odma_bypass_alloc(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	bool direct = odma_allocs_directly(test);
	struct vm_area_struct *vma;
	struct sg_table sgt;
	dma_addr_t handle;
	void *cpu;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	/* Beyond the memory: the direct path says -ENXIO, the other -EXDEV. */
	vma->vm_pgoff = 100;
	cpu = odma_alloc_coherent(dev, 100, &handle, GFP_KERNEL);
	odma_expect_side(test, direct, ODMA_OP_ALLOC);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, direct ? -ENXIO : -EXDEV,
			dma_mmap_coherent(dev, vma, cpu, handle, 100));
	odma_expect_side(test, direct, ODMA_OP_MMAP);
	KUNIT_EXPECT_EQ(test, direct ? 0 : -EXDEV,
			odma_get_sgtable(dev, &sgt, cpu, handle, 100));
	odma_expect_side(test, direct, ODMA_OP_GET_SGTABLE);
	if (direct)
		sg_free_table(&sgt);
	dma_free_coherent(dev, 100, cpu, handle);
	odma_expect_side(test, direct, ODMA_OP_FREE);
	cpu = dma_alloc_coherent(dev, 100, &handle, GFP_KERNEL);
	odma_expect_side(test, direct, ODMA_OP_ALLOC);
	odma_free_coherent(dev, 100, cpu, handle);
	odma_expect_side(test, direct, ODMA_OP_FREE);
	KUNIT_EXPECT_EQ(test, odma_record.allocs, odma_record.frees);
}

/* Pages are synced like streaming mappings, and go with them. */
static void odma_bypass_pages(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	bool direct = odma_maps_directly(test);
	struct sg_table *sgt;
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_BIDIRECTIONAL,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_expect_side(test, direct, ODMA_OP_ALLOC_PAGES);
	/* Either way the coherent mask was kept. */
	if (direct)
		KUNIT_EXPECT_LE(test, handle + PAGE_SIZE - 1,
				dev->coherent_dma_mask);
	dma_sync_single_for_cpu(dev, handle, PAGE_SIZE, DMA_BIDIRECTIONAL);
	odma_expect_side(test, direct, ODMA_OP_SYNC_CPU);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_BIDIRECTIONAL);
	odma_expect_side(test, direct, ODMA_OP_FREE_PAGES);
	sgt = dma_alloc_noncontiguous(dev, PAGE_SIZE, DMA_BIDIRECTIONAL,
				      GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	odma_expect_side(test, direct, ODMA_OP_ALLOC_PAGES);
	dma_sync_sgtable_for_device(dev, sgt, DMA_BIDIRECTIONAL);
	odma_expect_side(test, direct, ODMA_OP_SYNC_SG_DEVICE);
	dma_free_noncontiguous(dev, PAGE_SIZE, sgt, DMA_BIDIRECTIONAL);
	odma_expect_side(test, direct, ODMA_OP_FREE_PAGES);
}

static void odma_bypass_questions(struct kunit *test)
{
	struct device *dev = odma_bypass_bind_mode(test);
	struct odma_fixture *fx = test->priv;
	bool direct = odma_maps_directly(test);
	u64 own = DMA_BIT_MASK(47);

	KUNIT_EXPECT_EQ(test, dma_max_mapping_size(dev),
			direct ? SIZE_MAX : ODMA_MAX_SIZE);
	KUNIT_EXPECT_EQ(test, dma_opt_mapping_size(dev), ODMA_OPT_SIZE);
	KUNIT_EXPECT_EQ(test, dma_get_merge_boundary(dev),
			direct ? 0 : ODMA_BOUNDARY);
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	direct = odma_allocs_directly(test);
	KUNIT_EXPECT_EQ(test, dma_get_required_mask(dev),
			direct ? dma_get_required_mask(&fx->ref->dev) : own);
	odma_expect_side(test, direct, ODMA_OP_REQUIRED_MASK);
	KUNIT_EXPECT_EQ(test, odma_get_required_mask(dev),
			direct ? dma_get_required_mask(&fx->ref->dev) : own);
	odma_expect_side(test, direct, ODMA_OP_REQUIRED_MASK);
}

static struct kunit_case odma_bypass_cases[] = {
	KUNIT_CASE_PARAM(odma_bypass_map, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_sg, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_sync, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_resource, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_alloc, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_pages, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_questions, odma_bypass_gen_params),
	{}
};

struct kunit_suite odma_bypass_suite = {
	.name = "odma-bypass",
	.suite_init = odma_begin_suite,
	.init = odma_sides_init,
	.exit = odma_bypass_exit,
	.test_cases = odma_bypass_cases,
};
