// SPDX-License-Identifier: GPL-2.0
/*
 * Every odma_X() against dma_X(): on a device that is attached and on one that
 * is not, both give what the kernel gives for a device of the same kind.
 */
#include <linux/dma-mapping.h>
#include "../shared/fixture.h"
#include "../suites.h"

static const enum dma_data_direction odma_dirs[] = {
	DMA_BIDIRECTIONAL, DMA_TO_DEVICE, DMA_FROM_DEVICE,
};

static const unsigned long odma_attrs[] = {
	0, DMA_ATTR_SKIP_CPU_SYNC, DMA_ATTR_WEAK_ORDERING, DMA_ATTR_NO_WARN,
	DMA_ATTR_PRIVILEGED,
};

static void odma_test_device_of(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_device *odev = odma_device_of(fx->dev);

	KUNIT_EXPECT_NULL(test, odma_device_of(&fx->ref->dev));
	if (!fx->mode->rule) {
		KUNIT_EXPECT_NULL(test, odev);
		return;
	}
	KUNIT_ASSERT_NOT_NULL(test, odev);
	KUNIT_EXPECT_PTR_EQ(test, odev->dev, fx->dev);
	KUNIT_EXPECT_STREQ(test, odev->backend->name, "direct");
	KUNIT_EXPECT_EQ(test, !!(odev->flags & ODMA_STATS), fx->mode->stats);
}

/* One page, three ways: kernel's reference, kernel's entry, odma's entry. */
static void odma_compare_page(struct kunit *test, struct page *page,
			      size_t offset, size_t size,
			      enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t want, kernel, odma;

	want = dma_map_page_attrs(&fx->ref->dev, page, offset, size, dir,
				  attrs);
	kernel = dma_map_page_attrs(fx->dev, page, offset, size, dir, attrs);
	odma = odma_map_page_attrs(fx->dev, page, offset, size, dir, attrs);
	KUNIT_EXPECT_EQ(test, want, kernel);
	KUNIT_EXPECT_EQ(test, want, odma);
	KUNIT_EXPECT_EQ(test, 0, odma_mapping_error(fx->dev, odma));
	dma_unmap_page_attrs(&fx->ref->dev, want, size, dir, attrs);
	dma_unmap_page_attrs(fx->dev, kernel, size, dir, attrs);
	odma_unmap_page_attrs(fx->dev, odma, size, dir, attrs);
}

static void odma_test_map_page(struct kunit *test)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 2);
	int d;

	for (d = 0; d < ARRAY_SIZE(odma_dirs); d++) {
		odma_compare_page(test, page, 0, PAGE_SIZE, odma_dirs[d], 0);
		odma_compare_page(test, page, 1, 1, odma_dirs[d], 0);
		odma_compare_page(test, page, 100, 2 * PAGE_SIZE, odma_dirs[d],
				  0);
		/* The offset may be beyond the page. */
		odma_compare_page(test, page, PAGE_SIZE + 8, 3 * PAGE_SIZE - 8,
				  odma_dirs[d], 0);
	}
}

static void odma_test_map_attrs(struct kunit *test)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	int a;

	for (a = 0; a < ARRAY_SIZE(odma_attrs); a++)
		odma_compare_page(test, page, 16, 512, DMA_BIDIRECTIONAL,
				  odma_attrs[a]);
}

static void odma_test_map_single(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	char *buf = kunit_kzalloc(test, 1000, GFP_KERNEL);
	dma_addr_t kernel, odma;

	KUNIT_ASSERT_NOT_NULL(test, buf);
	kernel = dma_map_single(fx->dev, buf + 3, 900, DMA_TO_DEVICE);
	odma = odma_map_single(fx->dev, buf + 3, 900, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, kernel, odma);
	KUNIT_EXPECT_EQ(test, odma, virt_to_phys(buf + 3));
	dma_unmap_single(fx->dev, kernel, 900, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, odma, 900, DMA_TO_DEVICE);
}

static void odma_expect_same_list(struct kunit *test, struct scatterlist *a,
				  struct scatterlist *b, int nents)
{
	int i;

	for (i = 0; i < nents; i++, a = sg_next(a), b = sg_next(b)) {
		KUNIT_EXPECT_EQ(test, sg_dma_address(a), sg_dma_address(b));
		KUNIT_EXPECT_EQ(test, sg_dma_len(a), sg_dma_len(b));
	}
}

/* A second list of the same memory, as mapped by the kernel for itself. */
static struct scatterlist *odma_copy_list(struct kunit *test,
					  struct scatterlist *sg, int nents)
{
	struct scatterlist *copy;

	copy = kunit_kcalloc(test, nents, sizeof(*copy), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, copy);
	memcpy(copy, sg, nents * sizeof(*copy));
	return copy;
}

static void odma_test_map_sg(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *ref = &fx->ref->dev;
	struct scatterlist *sg = odma_test_list(test, 8, 1000);
	struct scatterlist *want = odma_copy_list(test, sg, 8);
	int nents = dma_map_sg(ref, want, 8, DMA_TO_DEVICE);

	KUNIT_ASSERT_EQ(test, nents, 8);
	KUNIT_EXPECT_EQ(test, odma_map_sg(fx->dev, sg, 8, DMA_TO_DEVICE),
			nents);
	odma_expect_same_list(test, sg, want, nents);
	odma_unmap_sg(fx->dev, sg, 8, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, dma_map_sg(fx->dev, sg, 8, DMA_TO_DEVICE),
			nents);
	odma_expect_same_list(test, sg, want, nents);
	dma_unmap_sg(fx->dev, sg, 8, DMA_TO_DEVICE);
	dma_unmap_sg(ref, want, 8, DMA_TO_DEVICE);
}

static void odma_test_map_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table sgt = { .orig_nents = 5 };
	struct scatterlist *want;

	sgt.sgl = odma_test_list(test, 5, 256);
	want = odma_copy_list(test, sgt.sgl, 5);
	KUNIT_ASSERT_EQ(test, dma_map_sg(&fx->ref->dev, want, 5,
					 DMA_FROM_DEVICE), 5);
	KUNIT_EXPECT_EQ(test, odma_map_sgtable(fx->dev, &sgt, DMA_FROM_DEVICE,
					       0), 0);
	KUNIT_EXPECT_EQ(test, sgt.nents, 5);
	odma_expect_same_list(test, sgt.sgl, want, 5);
	odma_sync_sgtable_for_cpu(fx->dev, &sgt, DMA_FROM_DEVICE);
	odma_sync_sgtable_for_device(fx->dev, &sgt, DMA_FROM_DEVICE);
	odma_unmap_sgtable(fx->dev, &sgt, DMA_FROM_DEVICE, 0);
	dma_unmap_sg(&fx->ref->dev, want, 5, DMA_FROM_DEVICE);
}

static void odma_test_map_resource(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	const phys_addr_t regs = 0xf0000000;
	dma_addr_t want, odma;

	want = dma_map_resource(&fx->ref->dev, regs, 4096, DMA_TO_DEVICE, 0);
	odma = odma_map_resource(fx->dev, regs, 4096, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, want, odma);
	KUNIT_EXPECT_EQ(test, odma, regs);
	odma_unmap_resource(fx->dev, odma, 4096, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, want, dma_map_resource(fx->dev, regs, 4096,
						     DMA_TO_DEVICE, 0));
	dma_unmap_resource(fx->dev, want, 4096, DMA_TO_DEVICE, 0);
	dma_unmap_resource(&fx->ref->dev, want, 4096, DMA_TO_DEVICE, 0);
}

/* What the CPU wrote is what it reads, whoever synced in between. */
static void odma_test_sync(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 1));
	dma_addr_t addr;

	memset(buf, 0x5a, 2 * PAGE_SIZE);
	addr = odma_map_single(fx->dev, buf, 2 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_EQ(test, 0, odma_mapping_error(fx->dev, addr));
	odma_sync_single_for_cpu(fx->dev, addr, 2 * PAGE_SIZE,
				 DMA_BIDIRECTIONAL);
	memset(buf, 0xa5, PAGE_SIZE);
	odma_sync_single_for_device(fx->dev, addr, 2 * PAGE_SIZE,
				    DMA_BIDIRECTIONAL);
	odma_sync_single_range_for_cpu(fx->dev, addr, PAGE_SIZE, 100,
				       DMA_BIDIRECTIONAL);
	odma_sync_single_range_for_device(fx->dev, addr, PAGE_SIZE, 100,
					  DMA_BIDIRECTIONAL);
	odma_unmap_single(fx->dev, addr, 2 * PAGE_SIZE, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_NULL(test, memchr_inv(buf, 0xa5, PAGE_SIZE));
	KUNIT_EXPECT_NULL(test, memchr_inv(buf + PAGE_SIZE, 0x5a, PAGE_SIZE));
}

static void odma_test_mapping_error(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, odma_mapping_error(fx->dev, DMA_MAPPING_ERROR),
			-ENOMEM);
	KUNIT_EXPECT_EQ(test, odma_mapping_error(fx->dev, 0), 0);
	KUNIT_EXPECT_EQ(test, odma_mapping_error(fx->dev,
						 DMA_MAPPING_ERROR - 1), 0);
}

/* Allocated by one entry, freed by the other: it is the same memory. */
static void odma_test_alloc(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t a, b;
	void *odma, *kernel;

	odma = odma_alloc_coherent(fx->dev, 5000, &a, GFP_KERNEL);
	kernel = dma_alloc_coherent(fx->dev, 5000, &b, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, odma);
	KUNIT_ASSERT_NOT_NULL(test, kernel);
	KUNIT_EXPECT_EQ(test, a, odma_where(odma));
	KUNIT_EXPECT_EQ(test, b, odma_where(kernel));
	KUNIT_EXPECT_NULL(test, memchr_inv(odma, 0, 5000));
	KUNIT_EXPECT_NULL(test, memchr_inv(kernel, 0, 5000));
	dma_free_coherent(fx->dev, 5000, odma, a);
	odma_free_coherent(fx->dev, 5000, kernel, b);
}

static void odma_test_get_sgtable(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct sg_table ours, kernels;
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_coherent(fx->dev, 3 * PAGE_SIZE, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_ASSERT_EQ(test, 0, odma_get_sgtable(fx->dev, &ours, cpu, handle,
						  3 * PAGE_SIZE));
	KUNIT_ASSERT_EQ(test, 0, dma_get_sgtable(&fx->ref->dev, &kernels, cpu,
						 handle, 3 * PAGE_SIZE));
	KUNIT_EXPECT_EQ(test, ours.orig_nents, kernels.orig_nents);
	KUNIT_EXPECT_PTR_EQ(test, sg_page(ours.sgl), sg_page(kernels.sgl));
	KUNIT_EXPECT_PTR_EQ(test, sg_page(ours.sgl), odma_page_at(cpu));
	KUNIT_EXPECT_EQ(test, ours.sgl->length, kernels.sgl->length);
	sg_free_table(&kernels);
	sg_free_table(&ours);
	odma_free_coherent(fx->dev, 3 * PAGE_SIZE, cpu, handle);
}

static void odma_test_masks(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *ref = &fx->ref->dev;
	int bits;

	for (bits = 8; bits <= 64; bits++) {
		u64 mask = DMA_BIT_MASK(bits);

		KUNIT_EXPECT_EQ_MSG(test, odma_set_mask(fx->dev, mask),
				    dma_set_mask(ref, mask), "%d bits", bits);
		KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev),
				dma_get_mask(ref));
		KUNIT_EXPECT_EQ_MSG(test,
				    odma_set_coherent_mask(fx->dev, mask),
				    dma_set_coherent_mask(ref, mask),
				    "%d bits", bits);
		KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask,
				ref->coherent_dma_mask);
	}
}

static void odma_test_both_masks(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 *own = fx->dev->dma_mask;

	KUNIT_EXPECT_EQ(test, 0, odma_set_mask_and_coherent(fx->dev,
							    DMA_BIT_MASK(40)));
	KUNIT_EXPECT_EQ(test, *own, DMA_BIT_MASK(40));
	KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask, DMA_BIT_MASK(40));
	KUNIT_EXPECT_EQ(test, 0,
			odma_coerce_mask_and_coherent(fx->dev,
						      DMA_BIT_MASK(36)));
	KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev), DMA_BIT_MASK(36));
	KUNIT_EXPECT_PTR_EQ(test, fx->dev->dma_mask,
			    &fx->dev->coherent_dma_mask);
	fx->dev->dma_mask = own;
}

static void odma_test_required_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_EQ(test, odma_get_required_mask(fx->dev),
			dma_get_required_mask(&fx->ref->dev));
	KUNIT_EXPECT_EQ(test, dma_get_required_mask(fx->dev),
			dma_get_required_mask(&fx->ref->dev));
}

/* The kernel's functions would BUG(); ours say so, attached or not. */
static void odma_test_no_direction(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	struct sg_table sgt = { .sgl = sg, .orig_nents = 2, .nents = 77 };

	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_page(fx->dev, page, 0, 64, DMA_NONE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_single(fx->dev, page_address(page), 64, 99));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(fx->dev, 0xf0000000, 64, DMA_NONE,
					  0));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2, DMA_NONE));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_map_sgtable(fx->dev, &sgt,
							DMA_NONE, 0));
	KUNIT_EXPECT_EQ(test, sgt.nents, 77);
	odma_unmap_page(fx->dev, 0x1000, 64, DMA_NONE);
	odma_unmap_resource(fx->dev, 0x1000, 64, DMA_NONE, 0);
	odma_unmap_sg(fx->dev, sg, 2, DMA_NONE);
	odma_sync_single_for_cpu(fx->dev, 0x1000, 64, DMA_NONE);
	odma_sync_single_for_device(fx->dev, 0x1000, 64, DMA_NONE);
	odma_sync_sg_for_cpu(fx->dev, sg, 2, DMA_NONE);
	odma_sync_sg_for_device(fx->dev, sg, 2, DMA_NONE);
	odma_compare_page(test, page, 0, 64, DMA_TO_DEVICE, 0);
}

static void odma_test_no_mask(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(test, 1, 64);
	struct sg_table sgt = { .sgl = sg, .orig_nents = 1 };
	u64 *mask = fx->dev->dma_mask;

	fx->dev->dma_mask = NULL;
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(fx->dev, 0xf0000000, 64,
					  DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 1, DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, -EINVAL, odma_map_sgtable(fx->dev, &sgt,
							DMA_TO_DEVICE, 0));
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_mask(fx->dev, DMA_BIT_MASK(32)));
	fx->dev->dma_mask = mask;
	odma_compare_page(test, page, 0, 64, DMA_TO_DEVICE, 0);
}

/* Where mappings are counted, both entries count, and all comes back to 0. */
static void odma_test_counters(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before, after;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	u64 per_map = fx->mode->stats;
	dma_addr_t a, b;

	before = odma_counted_so_far(fx);
	a = dma_map_page(fx->dev, page, 0, 100, DMA_TO_DEVICE);
	after = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, after.maps - before.maps, per_map);
	KUNIT_EXPECT_EQ(test, after.map_bytes - before.map_bytes,
			100 * per_map);
	b = odma_map_page(fx->dev, page, 100, 50, DMA_TO_DEVICE);
	dma_sync_single_for_device(fx->dev, a, 100, DMA_TO_DEVICE);
	odma_sync_single_for_cpu(fx->dev, b, 50, DMA_TO_DEVICE);
	after = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, after.maps - before.maps, 2 * per_map);
	KUNIT_EXPECT_EQ(test, after.map_bytes - before.map_bytes,
			150 * per_map);
	KUNIT_EXPECT_EQ(test, after.syncs - before.syncs, 2 * per_map);
	dma_unmap_page(fx->dev, a, 100, DMA_TO_DEVICE);
	odma_unmap_page(fx->dev, b, 50, DMA_TO_DEVICE);
	after = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, after.maps, after.unmaps);
	KUNIT_EXPECT_EQ(test, after.map_bytes, after.unmap_bytes);
	KUNIT_EXPECT_EQ(test, after.failures, before.failures);
}

static struct kunit_case odma_dispatch_cases[] = {
	KUNIT_CASE_PARAM(odma_test_device_of, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_page, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_attrs, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_single, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_sg, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_sgtable, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_map_resource, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_sync, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_mapping_error, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_alloc, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_get_sgtable, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_masks, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_both_masks, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_required_mask, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_no_direction, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_no_mask, odma_all_modes),
	KUNIT_CASE_PARAM(odma_test_counters, odma_attached_modes),
	{}
};

struct kunit_suite odma_dispatch_suite = {
	.name = "odma-dispatch",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_dispatch_cases,
};
