// SPDX-License-Identifier: GPL-2.0
/*
 * The twins that are no streaming mapping and no shared memory: cached pages,
 * limits, what a device asks of its buffers. On a device that is attached and
 * on one that is not, each does what dma_X() does for a device of its kind.
 */
#include <linux/anon_inodes.h>
#include <linux/dma-mapping.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/mman.h>
#include <linux/sizes.h>
#include <linux/uaccess.h>
#include "../shared/fixture.h"
#include "../shared/recorder.h"
#include "../suites.h"

static const size_t odma_sizes[] = { 1, PAGE_SIZE, 3 * PAGE_SIZE + 5 };

/* What an attached device has counted; 0 for one that is not. */
static struct odma_counters odma_counted(struct odma_fixture *fx)
{
	struct odma_counters none = {};

	return fx->mode->rule ? odma_counted_so_far(fx) : none;
}

/* Attached, a call has failed and said so; the rest can't be counted. */
static void odma_expect_failures(struct kunit *test,
				 const struct odma_counters *before, int count)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters after = odma_counted(fx);

	if (fx->mode->rule)
		KUNIT_EXPECT_EQ(test, after.failures - before->failures, count);
}

static void odma_expect_allocs(struct kunit *test,
			       const struct odma_counters *before, u64 allocs,
			       u64 frees, u64 bytes)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters after = odma_counted(fx);

	if (!fx->mode->rule)
		return;
	KUNIT_EXPECT_EQ(test, after.allocs - before->allocs, allocs);
	KUNIT_EXPECT_EQ(test, after.frees - before->frees, frees);
	KUNIT_EXPECT_EQ(test, after.alloc_bytes - before->alloc_bytes, bytes);
}

static void odma_twin_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(odma_sizes); i++) {
		struct odma_counters before = odma_counted(fx);
		size_t size = odma_sizes[i];
		struct page *page;
		dma_addr_t handle;

		page = odma_alloc_pages(fx->dev, size, &handle,
					DMA_BIDIRECTIONAL, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, page);
		KUNIT_EXPECT_EQ(test, handle, page_to_phys(page));
		memset(page_address(page), 0x5a, PAGE_ALIGN(size));
		odma_sync_single_for_device(fx->dev, handle, size,
					    DMA_BIDIRECTIONAL);
		odma_expect_allocs(test, &before, 1, 0, PAGE_ALIGN(size));
		odma_free_pages(fx->dev, size, page, handle, DMA_BIDIRECTIONAL);
		odma_expect_allocs(test, &before, 1, 1, PAGE_ALIGN(size));
	}
}

/* The kernel's entry and ours allocate and free in any combination. */
static void odma_twin_pages_mixed(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);
	dma_addr_t a, b;
	struct page *x, *y;

	x = odma_alloc_pages(fx->dev, 100, &a, DMA_TO_DEVICE, GFP_KERNEL);
	y = dma_alloc_pages(fx->dev, 100, &b, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, x);
	KUNIT_ASSERT_NOT_NULL(test, y);
	dma_free_pages(fx->dev, 100, x, a, DMA_TO_DEVICE);
	odma_free_pages(fx->dev, 100, y, b, DMA_TO_DEVICE);
	odma_expect_allocs(test, &before, 2, 2, 2 * PAGE_SIZE);
}

/* Without a stack trace, which would fail the run. */
static void odma_twin_pages_refused(struct kunit *test)
{
	static const gfp_t bad[] = {
		__GFP_DMA, __GFP_DMA32, __GFP_HIGHMEM,
		ODMA_GFP_REFUSED ?: __GFP_DMA,
	};
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);
	u64 mask = fx->dev->coherent_dma_mask;
	dma_addr_t handle;
	int i;

	for (i = 0; i < ARRAY_SIZE(bad); i++) {
		gfp_t gfp = GFP_KERNEL | bad[i];

		KUNIT_EXPECT_NULL(test, odma_alloc_pages(fx->dev, 64, &handle,
							 DMA_TO_DEVICE, gfp));
		KUNIT_EXPECT_NULL(test,
				  odma_alloc_noncontiguous(fx->dev, 64,
							   DMA_TO_DEVICE, gfp,
							   0));
	}
	KUNIT_EXPECT_NULL(test, odma_alloc_pages(fx->dev, 0, &handle,
						 DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, odma_alloc_pages(fx->dev, SIZE_MAX, &handle,
						 DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, odma_alloc_noncoherent(fx->dev, 0, &handle,
						       DMA_TO_DEVICE,
						       GFP_KERNEL));
	KUNIT_EXPECT_NULL(test,
			  odma_alloc_noncontiguous(fx->dev, 64, DMA_TO_DEVICE,
						   GFP_KERNEL,
						   DMA_ATTR_WRITE_COMBINE));
	fx->dev->coherent_dma_mask = 0;
	KUNIT_EXPECT_NULL(test, odma_alloc_pages(fx->dev, 64, &handle,
						 DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, odma_alloc_noncontiguous(fx->dev, 64,
							 DMA_TO_DEVICE,
							 GFP_KERNEL, 0));
	fx->dev->coherent_dma_mask = mask;
	odma_expect_failures(test, &before, 2 * ARRAY_SIZE(bad) + 6);
	odma_expect_allocs(test, &before, 0, 0, 0);
}

/* What was never there is freed without harm. */
static void odma_twin_free_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);

	odma_free_pages(fx->dev, 64, NULL, 0, DMA_TO_DEVICE);
	odma_free_noncoherent(fx->dev, 64, NULL, 0, DMA_TO_DEVICE);
	odma_free_noncontiguous(fx->dev, 64, NULL, DMA_TO_DEVICE);
	odma_expect_allocs(test, &before, 0, 0, 0);
}

static void odma_twin_noncoherent(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_noncoherent(fx->dev, 2 * PAGE_SIZE, &handle,
				     DMA_FROM_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_EQ(test, handle, odma_where(cpu));
	memset(cpu, 0x77, 2 * PAGE_SIZE);
	odma_free_noncoherent(fx->dev, 2 * PAGE_SIZE, cpu, handle,
			      DMA_FROM_DEVICE);
	odma_expect_allocs(test, &before, 1, 1, 2 * PAGE_SIZE);
}

static void odma_twin_noncontiguous(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);
	const size_t size = 2 * PAGE_SIZE + 100;
	struct sg_table *sgt;
	void *cpu;

	sgt = odma_alloc_noncontiguous(fx->dev, size, DMA_BIDIRECTIONAL,
				       GFP_KERNEL, DMA_ATTR_ALLOC_SINGLE_PAGES);
	KUNIT_ASSERT_NOT_NULL(test, sgt);
	KUNIT_EXPECT_EQ(test, sgt->nents, 1);
	KUNIT_EXPECT_EQ(test, sg_dma_len(sgt->sgl), PAGE_ALIGN(size));
	KUNIT_EXPECT_EQ(test, sg_dma_address(sgt->sgl), sg_phys(sgt->sgl));
	odma_expect_allocs(test, &before, 1, 0, PAGE_ALIGN(size));
	cpu = odma_vmap_noncontiguous(fx->dev, size, sgt);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	memset(cpu, 0x3c, PAGE_ALIGN(size));
	KUNIT_EXPECT_EQ(test, 0x3c, *(u8 *)(page_address(sg_page(sgt->sgl)) +
					    PAGE_ALIGN(size) - 1));
	odma_vunmap_noncontiguous(fx->dev, cpu);
	odma_free_noncontiguous(fx->dev, size, sgt, DMA_BIDIRECTIONAL);
	odma_expect_allocs(test, &before, 1, 1, PAGE_ALIGN(size));
}

static void odma_twin_write_combine(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters before = odma_counted(fx);
	dma_addr_t handle;
	void *cpu;

	cpu = odma_alloc_wc(fx->dev, 5000, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, PAGE_ALIGN(5000)));
	memset(cpu, 1, 5000);
	odma_free_wc(fx->dev, 5000, cpu, handle);
	odma_expect_allocs(test, &before, 1, 1, PAGE_ALIGN(5000));
}

/* The same answers as the kernel's functions give for the same device. */
static void odma_twin_answers(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = fx->dev;
	int bits;

	for (bits = 20; bits <= 64; bits += 4) {
		odma_set_masks(fx, DMA_BIT_MASK(bits));
		KUNIT_EXPECT_EQ(test, odma_addressing_limited(dev),
				dma_addressing_limited(&fx->ref->dev));
		KUNIT_EXPECT_EQ(test, odma_max_mapping_size(dev),
				dma_max_mapping_size(dev));
		KUNIT_EXPECT_EQ(test, odma_opt_mapping_size(dev),
				dma_opt_mapping_size(dev));
	}
	KUNIT_EXPECT_EQ(test, odma_get_merge_boundary(dev), 0);
	KUNIT_EXPECT_TRUE(test, odma_can_mmap(dev));
	KUNIT_EXPECT_EQ(test, odma_pci_p2pdma_supported(dev), !fx->mode->rule);
	KUNIT_EXPECT_EQ(test, odma_need_sync(dev, 0x1000),
			dma_need_sync(dev, 0x1000));
	if (fx->mode->rule)
		KUNIT_EXPECT_TRUE(test, odma_dev_need_sync(dev));
	KUNIT_EXPECT_EQ(test, odma_get_cache_alignment(),
			dma_get_cache_alignment());
}

struct odma_span {
	phys_addr_t phys;
	size_t size;
	bool reached;
};

static void odma_expect_spans(struct kunit *test,
			      const struct odma_span *span, int count)
{
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < count; i++, span++)
		KUNIT_EXPECT_EQ_MSG(test, span->reached,
				    odma_coherent_ok(fx->dev, span->phys,
						     span->size),
				    "%pa+%zu", &span->phys, span->size);
}

static void odma_twin_coherent_ok(struct kunit *test)
{
	static const struct odma_span masked[] = {
		{ 0, SZ_16M, true }, { 0, SZ_16M + 1, false },
		{ SZ_16M - 1, 1, true }, { SZ_16M, 1, false },
		{ SZ_8M, SZ_8M, true }, { SZ_8M + 1, SZ_8M, false },
		{ SZ_4M, 0, false }, { SZ_4M, SIZE_MAX, false },
		{ PHYS_ADDR_MAX - 1, 4, false },
	};
	static const struct odma_span limited[] = {
		{ 0, SZ_1M, true }, { 0, SZ_1M + 1, false },
	};
	struct odma_fixture *fx = test->priv;

	/* It is the coherent mask that counts, and the bus. */
	odma_set_masks(fx, DMA_BIT_MASK(24));
	*fx->dev->dma_mask = DMA_BIT_MASK(64);
	odma_expect_spans(test, masked, ARRAY_SIZE(masked));
	fx->dev->bus_dma_limit = SZ_1M - 1;
	odma_expect_spans(test, limited, ARRAY_SIZE(limited));
	fx->dev->bus_dma_limit = 0;
}

static void odma_twin_coherent_ok_shifted(struct kunit *test)
{
	struct bus_dma_region range = odma_range(SZ_256M, 0, SZ_32M);
	static const struct odma_span spans[] = {
		{ SZ_256M, SZ_16M, true }, { SZ_256M, SZ_16M + 1, false },
		{ SZ_256M + SZ_32M, 1, false }, { 0, 1, false },
	};
	struct odma_fixture *fx = test->priv;

	odma_set_masks(fx, DMA_BIT_MASK(24));
	odma_set_ranges(fx, &range, 1);
	odma_expect_spans(test, spans, ARRAY_SIZE(spans));
	odma_set_ranges(fx, NULL, 0);
}

static void odma_twin_parms(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_dma_parameters *parms = fx->dev->dma_parms;

	KUNIT_ASSERT_NOT_NULL(test, parms);
	odma_set_max_seg_size(fx->dev, 12345);
	odma_set_seg_boundary(fx->dev, SZ_1M - 1);
	odma_set_min_align_mask(fx->dev, 0xfff);
	KUNIT_EXPECT_EQ(test, parms->max_segment_size, 12345);
	KUNIT_EXPECT_EQ(test, parms->segment_boundary_mask, SZ_1M - 1);
	KUNIT_EXPECT_EQ(test, parms->min_align_mask, 0xfff);
	KUNIT_EXPECT_EQ(test, odma_get_max_seg_size(fx->dev), 12345);
	KUNIT_EXPECT_EQ(test, odma_get_seg_boundary(fx->dev), SZ_1M - 1);
	KUNIT_EXPECT_EQ(test, odma_get_min_align_mask(fx->dev), 0xfff);
	KUNIT_EXPECT_EQ(test, odma_get_seg_boundary_nr_pages(fx->dev, 12),
			SZ_1M >> 12);
	KUNIT_EXPECT_EQ(test, odma_get_seg_boundary_nr_pages(NULL, 12),
			dma_get_seg_boundary_nr_pages(NULL, 12));
}

/* Where there is no place for them: an error line, and the defaults. */
static void odma_twin_no_parms(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device_dma_parameters *parms = fx->dev->dma_parms;
	struct odma_counters before = odma_counted(fx);

	fx->dev->dma_parms = NULL;
	odma_set_max_seg_size(fx->dev, 12345);
	odma_set_seg_boundary(fx->dev, SZ_1M - 1);
	odma_set_min_align_mask(fx->dev, 0xfff);
	KUNIT_EXPECT_EQ(test, odma_get_max_seg_size(fx->dev), SZ_64K);
	KUNIT_EXPECT_EQ(test, odma_get_seg_boundary(fx->dev), ULONG_MAX);
	KUNIT_EXPECT_EQ(test, odma_get_min_align_mask(fx->dev), 0);
	fx->dev->dma_parms = parms;
	odma_expect_failures(test, &before, 3);
}

static void odma_twin_unmap_state(struct kunit *test)
{
	struct odma_state {
		DEFINE_ODMA_UNMAP_ADDR(addr);
		DEFINE_ODMA_UNMAP_LEN(len);
	} state = {};

	odma_unmap_addr_set(&state, addr, 0x123456789abcULL);
	odma_unmap_len_set(&state, len, 77);
	KUNIT_EXPECT_EQ(test, odma_unmap_addr(&state, addr),
			0x123456789abcULL);
	KUNIT_EXPECT_EQ(test, odma_unmap_len(&state, len), 77);
}

/* A backend that has an answer of its own to every question. */
#define ODMA_LIMITS	"odma-limits"

static size_t odma_limits_max(struct device *dev)
{
	return 111 * SZ_1K;
}

static size_t odma_limits_opt(void)
{
	return 22 * SZ_1K;
}

static unsigned long odma_limits_boundary(struct device *dev)
{
	return SZ_2M - 1;
}

static struct dma_map_ops odma_limits_ops;

static struct odma_backend odma_limits = {
	.name = ODMA_LIMITS,
	.ops = &odma_limits_ops,
};

static void odma_twin_backend_answers(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_limits_ops = odma_recorder_ops;
	odma_limits_ops.max_mapping_size = odma_limits_max;
	odma_limits_ops.opt_mapping_size = odma_limits_opt;
	odma_limits_ops.get_merge_boundary = odma_limits_boundary;
	odma_limits_ops.mmap = NULL;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_limits));
	KUNIT_EXPECT_EQ(test, 0, odma_attach(fx->dev, ODMA_LIMITS, 0));
	KUNIT_EXPECT_EQ(test, odma_max_mapping_size(fx->dev), 111 * SZ_1K);
	KUNIT_EXPECT_EQ(test, odma_opt_mapping_size(fx->dev), 22 * SZ_1K);
	KUNIT_EXPECT_EQ(test, odma_get_merge_boundary(fx->dev), SZ_2M - 1);
	KUNIT_EXPECT_FALSE(test, odma_can_mmap(fx->dev));
	KUNIT_EXPECT_TRUE(test, odma_addressing_limited(fx->dev));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(fx->dev));
	odma_unregister_backend(&odma_limits);
}

#ifdef ODMA_HAVE_KUNIT_VM_MMAP

#define ODMA_MMAP_CASE(name)	KUNIT_CASE_PARAM(name, odma_all_modes)
#define ODMA_BYTES		(3 * PAGE_SIZE)

enum odma_kind { ODMA_PAGES, ODMA_NONCONTIGUOUS, ODMA_WC };

/* Memory of one of the kinds that a process can map. */
struct odma_memory {
	struct device *dev;
	enum odma_kind kind;
	struct sg_table *sgt;
	struct page *page;
	void *cpu;
	dma_addr_t handle;
};

static int odma_memory_mmap(struct file *file, struct vm_area_struct *vma)
{
	struct odma_memory *m = file->private_data;

	switch (m->kind) {
	case ODMA_PAGES:
		return odma_mmap_pages(m->dev, vma, ODMA_BYTES, m->page);
	case ODMA_NONCONTIGUOUS:
		return odma_mmap_noncontiguous(m->dev, vma, ODMA_BYTES,
					       m->sgt);
	default:
		return odma_mmap_wc(m->dev, vma, m->cpu, m->handle,
				    ODMA_BYTES);
	}
}

static const struct file_operations odma_memory_fops = {
	.owner = THIS_MODULE,
	.mmap = odma_memory_mmap,
};

static void odma_memory_get(struct kunit *test, struct odma_memory *m)
{
	switch (m->kind) {
	case ODMA_PAGES:
		m->page = odma_alloc_pages(m->dev, ODMA_BYTES, &m->handle,
					   DMA_TO_DEVICE, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, m->page);
		m->cpu = page_address(m->page);
		break;
	case ODMA_NONCONTIGUOUS:
		m->sgt = odma_alloc_noncontiguous(m->dev, ODMA_BYTES,
						  DMA_TO_DEVICE, GFP_KERNEL, 0);
		KUNIT_ASSERT_NOT_NULL(test, m->sgt);
		m->cpu = odma_vmap_noncontiguous(m->dev, ODMA_BYTES, m->sgt);
		break;
	case ODMA_WC:
		m->cpu = odma_alloc_wc(m->dev, ODMA_BYTES, &m->handle,
				       GFP_KERNEL);
		break;
	}
	KUNIT_ASSERT_NOT_NULL(test, m->cpu);
}

static void odma_memory_put(struct odma_memory *m)
{
	switch (m->kind) {
	case ODMA_PAGES:
		odma_free_pages(m->dev, ODMA_BYTES, m->page, m->handle,
				DMA_TO_DEVICE);
		break;
	case ODMA_NONCONTIGUOUS:
		odma_vunmap_noncontiguous(m->dev, m->cpu);
		odma_free_noncontiguous(m->dev, ODMA_BYTES, m->sgt,
					DMA_TO_DEVICE);
		break;
	case ODMA_WC:
		odma_free_wc(m->dev, ODMA_BYTES, m->cpu, m->handle);
		break;
	}
}

static unsigned long odma_memory_map(struct kunit *test, struct file *file,
				     unsigned long pages, unsigned long pgoff)
{
	return kunit_vm_mmap(test, file, 0, pages * PAGE_SIZE,
			     PROT_READ | PROT_WRITE, MAP_SHARED,
			     pgoff * PAGE_SIZE);
}

/* The last two pages, and nothing beyond them. */
static void odma_expect_mapped(struct kunit *test, struct odma_memory *m,
			       struct file *file)
{
	unsigned long user = odma_memory_map(test, file, 2, 1);
	u8 byte = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR_VALUE(user));
	((u8 *)m->cpu)[ODMA_BYTES - 1] = 0x91 + m->kind;
	KUNIT_EXPECT_EQ(test, 0,
			copy_from_user(&byte, (u8 __user *)user +
				       2 * PAGE_SIZE - 1, 1));
	KUNIT_EXPECT_EQ(test, byte, 0x91 + m->kind);
	vm_munmap(user, 2 * PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, -ENXIO, (int)odma_memory_map(test, file, 3, 1));
	KUNIT_EXPECT_EQ(test, -ENXIO, (int)odma_memory_map(test, file, 4, 0));
	KUNIT_EXPECT_EQ(test, -ENXIO, (int)odma_memory_map(test, file, 1, 3));
}

static void odma_twin_mmap(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	enum odma_kind kind;

	for (kind = ODMA_PAGES; kind <= ODMA_WC; kind++) {
		struct odma_memory m = { .dev = fx->dev, .kind = kind };
		struct file *file;

		odma_memory_get(test, &m);
		file = anon_inode_getfile("odma-kunit", &odma_memory_fops, &m,
					  O_RDWR);
		KUNIT_ASSERT_FALSE(test, IS_ERR(file));
		odma_expect_mapped(test, &m, file);
		fput(file);
		odma_memory_put(&m);
	}
}

#else

/* Without parameters: there, a skipped one is reported as if it had passed. */
#define ODMA_MMAP_CASE(name)	KUNIT_CASE(name)

static void odma_twin_mmap(struct kunit *test)
{
	kunit_skip(test, "this KUnit has no user address space");
}

#endif

static struct kunit_case odma_twins_cases[] = {
	KUNIT_CASE_PARAM(odma_twin_pages, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_pages_mixed, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_pages_refused, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_free_nothing, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_noncoherent, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_noncontiguous, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_write_combine, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_answers, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_coherent_ok, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_coherent_ok_shifted, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_parms, odma_all_modes),
	KUNIT_CASE_PARAM(odma_twin_no_parms, odma_all_modes),
	KUNIT_CASE(odma_twin_unmap_state),
	KUNIT_CASE(odma_twin_backend_answers),
	ODMA_MMAP_CASE(odma_twin_mmap),
	{}
};

struct kunit_suite odma_twins_suite = {
	.name = "odma-twins",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_twins_cases,
};
