// SPDX-License-Identifier: GPL-2.0
/*
 * The IOMMU backend: drivers that unmap what they have not mapped, or have not
 * mapped like that. Nothing of another mapping is touched, nothing is given to
 * two, and there is a line for each.
 */
#include <linux/mm.h>
#include <linux/preempt.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

#define ODMA_NEIGHBOURS	8

/* Mappings that the cases must not harm. */
struct odma_neighbours {
	struct kunit *test;
	u8 *buf;
	dma_addr_t addr[ODMA_NEIGHBOURS];
};

/* Whole pages: in no mode are they copied. */
static void odma_neighbours_begin(struct kunit *test, struct odma_neighbours *n)
{
	struct device *dev = odma_iommu_dev(test);
	int i;

	n->test = test;
	n->buf = odma_iommu_buffer(test, 3);
	for (i = 0; i < ODMA_NEIGHBOURS; i++) {
		n->addr[i] = odma_map_single(dev, n->buf + i * SZ_4K, SZ_4K,
					     DMA_TO_DEVICE);
		KUNIT_ASSERT_NE(test, n->addr[i], DMA_MAPPING_ERROR);
	}
}

static dma_addr_t odma_neighbours_lowest(const struct odma_neighbours *n)
{
	dma_addr_t lowest = n->addr[0];
	int i;

	for (i = 1; i < ODMA_NEIGHBOURS; i++)
		lowest = min(lowest, n->addr[i]);
	return lowest;
}

/* They are where they were, and can be unmapped. */
static void odma_neighbours_end(struct odma_neighbours *n)
{
	struct device *dev = odma_iommu_dev(n->test);
	struct kmsg_dump_iter mark;
	struct odma_leaf leaf;
	int i, lost = 0;

	odma_log_mark(&mark);
	for (i = 0; i < ODMA_NEIGHBOURS; i++) {
		lost += odma_soft_leaf(odma_soft, n->addr[i], &leaf) ||
			leaf.phys + (n->addr[i] - leaf.iova) !=
			virt_to_phys(n->buf + i * SZ_4K);
		odma_unmap_single(dev, n->addr[i], SZ_4K, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(n->test, lost, 0);
	KUNIT_EXPECT_EQ(n->test, 0, odma_log_count(&mark, "unmap of"));
	KUNIT_EXPECT_EQ(n->test, 0, atomic_read(&odma_soft->strays));
}

/* Two mappings, of one kind, have nothing in common. */
static void odma_expect_two(struct kunit *test, size_t size)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 2);
	dma_addr_t addr[2];
	int i;

	for (i = 0; i < 2; i++) {
		addr[i] = odma_map_single(dev, buf, size, DMA_TO_DEVICE);
		KUNIT_ASSERT_NE(test, addr[i], DMA_MAPPING_ERROR);
	}
	KUNIT_EXPECT_TRUE(test, addr[0] + size <= addr[1] ||
			  addr[1] + size <= addr[0]);
	for (i = 0; i < 2; i++)
		odma_unmap_single(dev, addr[i], size, DMA_TO_DEVICE);
}

/* Where there is not even a table, and with live mappings in reach of one. */
static void odma_wrong_never_mapped(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct odma_neighbours n;
	struct kmsg_dump_iter mark;
	dma_addr_t stray;

	odma_neighbours_begin(test, &n);
	stray = ALIGN_DOWN(odma_neighbours_lowest(&n), SZ_2M) - SZ_4K;
	KUNIT_ASSERT_FALSE(test, odma_soft_reads(odma_soft, stray));
	odma_log_mark(&mark);
	odma_unmap_single(dev, stray + 64, 64, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
						"0x1000 bytes are not mapped"));
	odma_neighbours_end(&n);
}

static void odma_wrong_twice(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 1);
	struct odma_neighbours n;
	struct kmsg_dump_iter mark;
	dma_addr_t addr;

	odma_neighbours_begin(test, &n);
	addr = odma_map_single(dev, buf, SZ_8K, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_unmap_single(dev, addr, SZ_8K, DMA_BIDIRECTIONAL);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, SZ_8K, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark,
						"0x2000 bytes are not mapped"));
	odma_expect_two(test, SZ_8K);
	odma_neighbours_end(&n);
}

/* No bytes are no page, and no page is given back. */
static void odma_wrong_nothing(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);
	struct kmsg_dump_iter mark;
	struct odma_neighbours n;
	dma_addr_t addr;

	addr = odma_map_single(dev, buf, SZ_4K, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, 0, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "unmap of"));
	odma_neighbours_begin(test, &n);
	KUNIT_EXPECT_TRUE(test, odma_soft_reads(odma_soft, addr));
	odma_unmap_single(dev, addr, SZ_4K, DMA_TO_DEVICE);
	odma_neighbours_end(&n);
}

static void odma_wrong_list(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, 3, SZ_4K);
	struct sg_table sgt = { .sgl = sgl, .orig_nents = 3 };
	struct device *dev = odma_iommu_dev(test);
	struct odma_neighbours n;
	struct kmsg_dump_iter mark;

	odma_neighbours_begin(test, &n);
	KUNIT_ASSERT_EQ(test, 0, odma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0));
	odma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	odma_log_mark(&mark);
	odma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_GE(test, odma_log_count(&mark, "bytes are not mapped"), 1);
	odma_expect_two(test, 3 * SZ_4K);
	odma_neighbours_end(&n);
}

/* Memory that is freed twice is freed once. */
static void odma_wrong_memory(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct odma_neighbours n;
	struct kmsg_dump_iter mark;
	dma_addr_t addr;
	u8 *cpu;

	odma_neighbours_begin(test, &n);
	cpu = odma_alloc_coherent(dev, SZ_8K, &addr, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(dev, SZ_8K, cpu, addr);
	odma_log_mark(&mark);
	odma_free_coherent(dev, SZ_8K, cpu, addr);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "bytes are not mapped"));
	odma_neighbours_end(&n);
}

static void odma_wrong_pages(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	struct odma_neighbours n;
	struct kmsg_dump_iter mark;
	struct page *page;
	dma_addr_t addr;

	odma_neighbours_begin(test, &n);
	page = odma_alloc_pages(dev, SZ_8K, &addr, DMA_TO_DEVICE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	odma_free_pages(dev, SZ_8K, page, addr, DMA_TO_DEVICE);
	odma_log_mark(&mark);
	odma_free_pages(dev, SZ_8K, page, addr, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "bytes are not mapped"));
	odma_neighbours_end(&n);
}

/*
 * Its last page is not there. Who looks first leaves the others alone, too, and
 * they can be unmapped as they were mapped.
 */
static void odma_wrong_longer(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 2);
	struct kmsg_dump_iter mark;
	struct odma_leaf leaf;
	dma_addr_t addr;

	/* Its addresses are aligned to four pages: the fourth is nobody's. */
	addr = odma_map_single(dev, buf, 3 * SZ_4K, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_log_mark(&mark);
	odma_unmap_single(dev, addr, SZ_16K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "bytes are not mapped"));
	odma_expect_two(test, SZ_16K);
	if (!odma_soft_leaf(odma_soft, addr, &leaf))
		odma_unmap_single(dev, addr, 3 * SZ_4K, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_soft->strays));
}

#define ODMA_SHORT	700
#define ODMA_RIGHT	4000

/* Half of each mapping is forgotten: right ones never fail for it. */
static void odma_wrong_shorter(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	int i, forgotten = 0, wrong = 0, order;
	u8 *buf = odma_iommu_buffer(test, 4);
	struct kmsg_dump_iter mark;
	struct odma_leaf leaf;
	dma_addr_t *addr, now;

	addr = kunit_kcalloc(test, ODMA_SHORT, sizeof(*addr), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, addr);
	odma_set_masks(test->priv, DMA_BIT_MASK(24));
	odma_log_mark(&mark);
	for (i = 0; i < ODMA_SHORT; i++)
		addr[i] = odma_map_single(dev, buf, SZ_8K, DMA_TO_DEVICE);
	for (i = 0; i < ODMA_SHORT; i++)
		odma_unmap_single(dev, addr[i], SZ_4K, DMA_TO_DEVICE);
	/* What is kept ready on CPUs goes back to the tree when that is full */
	KUNIT_EXPECT_EQ(test, DMA_MAPPING_ERROR,
			odma_map_resource(dev, 0xfd000000, SZ_8M, DMA_TO_DEVICE,
					  0));
	for (i = 0; i < ODMA_RIGHT; i++) {
		order = i % 4;
		now = odma_map_single(dev, buf, SZ_8K << order, DMA_TO_DEVICE);
		if (now == DMA_MAPPING_ERROR ||
		    odma_soft_leaf(odma_soft, now, &leaf) ||
		    leaf.phys + (now - leaf.iova) != virt_to_phys(buf)) {
			wrong++;
			continue;
		}
		odma_unmap_single(dev, now, SZ_8K << order, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, wrong, 0);
	/* What was forgotten is where it was, and can be unmapped late. */
	for (i = 0; i < ODMA_SHORT; i++) {
		if (odma_soft_leaf(odma_soft, addr[i] + SZ_4K, &leaf))
			continue;
		forgotten++;
		odma_unmap_single(dev, addr[i] + SZ_4K, SZ_4K, DMA_TO_DEVICE);
	}
	KUNIT_EXPECT_EQ(test, forgotten, ODMA_SHORT);
	KUNIT_EXPECT_GE(test, odma_log_count(&mark, "is set aside"), 1);
}

/* Something is behind the first page of where a mapping is going to be. */
static void odma_wrong_in_the_way(struct kunit *test)
{
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 4);
	struct kmsg_dump_iter mark;
	struct odma_leaf leaf;
	dma_addr_t old, now;

	/* The CPU that keeps the address is the one that is asked. */
	migrate_disable();
	old = odma_map_single(dev, buf, SZ_64K, DMA_TO_DEVICE);
	KUNIT_ASSERT_NE(test, old, DMA_MAPPING_ERROR);
	odma_unmap_single(dev, old, SZ_64K, DMA_TO_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_pgtable_map(odma_soft->pgt, old + SZ_8K,
						  virt_to_phys(buf), SZ_4K,
						  ODMA_READ, GFP_KERNEL));
	odma_log_mark(&mark);
	now = odma_map_single(dev, buf, SZ_64K, DMA_TO_DEVICE);
	migrate_enable();
	KUNIT_ASSERT_NE(test, now, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&mark, "0x1000 is set aside"));
	KUNIT_EXPECT_EQ(test, 0, odma_soft_leaf(odma_soft, old + SZ_8K, &leaf));
	odma_unmap_single(dev, now, SZ_64K, DMA_TO_DEVICE);
	odma_unmap_single(dev, old + SZ_8K, SZ_4K, DMA_TO_DEVICE);
}

/* Each makes a mapping of at least two pages, undoes it, says where it was. */
static dma_addr_t odma_kind_list(struct kunit *test)
{
	struct scatterlist *sgl = odma_test_list(test, 4, SZ_4K);
	struct sg_table sgt = { .sgl = sgl, .orig_nents = 4 };
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr;

	KUNIT_ASSERT_EQ(test, 0, odma_map_sgtable(dev, &sgt, DMA_TO_DEVICE, 0));
	addr = sg_dma_address(sgl);
	odma_unmap_sgtable(dev, &sgt, DMA_TO_DEVICE, 0);
	return addr;
}

static dma_addr_t odma_kind_memory(struct kunit *test, size_t size)
{
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr;
	void *cpu = odma_alloc_coherent(dev, size, &addr, GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, cpu);
	odma_free_coherent(dev, size, cpu, addr);
	return addr;
}

static dma_addr_t odma_kind_small(struct kunit *test)
{
	return odma_kind_memory(test, SZ_16K);
}

/* Pages from anywhere. */
static dma_addr_t odma_kind_scattered(struct kunit *test)
{
	return odma_kind_memory(test, SZ_128K);
}

/* Where it is not trusted, its ends are copied. */
static dma_addr_t odma_kind_ragged(struct kunit *test)
{
	u8 *buf = odma_iommu_buffer(test, 2);
	struct device *dev = odma_iommu_dev(test);
	dma_addr_t addr = odma_map_single(dev, buf + 9, 9000, DMA_TO_DEVICE);

	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	odma_unmap_single(dev, addr, 9000, DMA_TO_DEVICE);
	return addr;
}

static void odma_wrong_kinds(struct kunit *test)
{
	static dma_addr_t (*const kinds[])(struct kunit *test) = {
		odma_kind_list, odma_kind_small, odma_kind_scattered,
		odma_kind_ragged,
	};
	struct device *dev = odma_iommu_dev(test);
	u8 *buf = odma_iommu_buffer(test, 0);
	struct odma_leaf leaf;
	dma_addr_t old, now;
	int i;

	/* Where entries are copied, a list is no row of addresses. */
	i = odma_iommu_mode(test)->copies ? 3 : 0;
	for (; i < ARRAY_SIZE(kinds); i++) {
		/* The CPU that keeps the address is the one that is asked. */
		migrate_disable();
		old = ALIGN_DOWN(kinds[i](test), SZ_4K);
		KUNIT_ASSERT_EQ(test, 0,
				odma_pgtable_map(odma_soft->pgt, old + SZ_4K,
						 virt_to_phys(buf), SZ_4K,
						 ODMA_READ, GFP_KERNEL));
		now = ALIGN_DOWN(kinds[i](test), SZ_4K);
		migrate_enable();
		KUNIT_EXPECT_NE(test, old, now);
		/* What is in the way has stayed, and is not given away. */
		KUNIT_EXPECT_EQ(test, 0, odma_soft_leaf(odma_soft, old + SZ_4K,
							&leaf));
		odma_unmap_single(dev, old + SZ_4K, SZ_4K, DMA_TO_DEVICE);
	}
}

static const void *odma_strict_mode(const void *prev, char *desc)
{
	return prev ? NULL : odma_iommu_plain_modes(NULL, desc);
}

static const void *odma_untrusted_mode(const void *prev, char *desc)
{
	const struct odma_iommu_mode *mode = prev;

	if (mode)
		return NULL;
	for (mode = odma_iommu_modes(NULL, desc); mode && !mode->copies;)
		mode = odma_iommu_modes(mode, desc);
	return mode;
}

static struct kunit_case odma_iommu_wrong_cases[] = {
	KUNIT_CASE_PARAM(odma_wrong_never_mapped, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_twice, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_nothing, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_list, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_memory, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_pages, odma_iommu_modes),
	KUNIT_CASE_PARAM(odma_wrong_longer, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_wrong_shorter, odma_iommu_plain_modes),
	KUNIT_CASE_PARAM(odma_wrong_in_the_way, odma_strict_mode),
	KUNIT_CASE_PARAM(odma_wrong_kinds, odma_strict_mode),
	KUNIT_CASE_PARAM(odma_wrong_kinds, odma_untrusted_mode),
	{}
};

/* What is freed twice is said again when the device goes. */
static void odma_wrong_exit(struct kunit *test)
{
	odma_log_leftovers(true);
	odma_iommu_exit(test);
	odma_log_leftovers(false);
}

struct kunit_suite odma_iommu_wrong_suite = {
	.name = "odma-iommu-wrong",
	.suite_init = odma_begin_suite,
	.init = odma_iommu_init,
	.exit = odma_wrong_exit,
	.test_cases = odma_iommu_wrong_cases,
};
