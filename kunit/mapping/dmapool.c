// SPDX-License-Identifier: GPL-2.0
/*
 * The kernel's dma_pool over a device that odma serves: small blocks, cut out
 * of what the device's table allocates.
 */
#include <linux/dmapool.h>
#include <linux/irq_work.h>
#include <linux/log2.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "../shared/recorder.h"
#include "../suites.h"

/* Every mode of the fixture, and a backend that is not the direct one. */
static const struct odma_mode odma_dmapool_recorder = {
	.name = "recorder", .rule = ODMA_RECORDER " stats", .stats = true,
};

static const void *odma_dmapool_modes(const void *prev, char *desc)
{
	const void *mode;

	if (prev == &odma_dmapool_recorder)
		return NULL;
	mode = odma_all_modes(prev, desc);
	if (mode)
		return mode;
	strscpy(desc, odma_dmapool_recorder.name, KUNIT_PARAM_DESC_SIZE);
	return &odma_dmapool_recorder;
}

static int odma_dmapool_init(struct kunit *test)
{
	odma_clear_record();
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_recorder));
	return odma_bound_init(test);
}

static void odma_dmapool_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_recorder);
}

#define ODMA_BLOCKS 200

/* struct odma_blocks - what a case got out of a pool */
struct odma_blocks {
	struct dma_pool *pool;
	size_t size;
	int count;
	u8 *cpu[ODMA_BLOCKS];
	dma_addr_t handle[ODMA_BLOCKS];
};

static struct odma_blocks *odma_new_pool(struct kunit *test, size_t size,
					 size_t align, size_t boundary)
{
	struct odma_fixture *fx = test->priv;
	struct odma_blocks *b = kunit_kzalloc(test, sizeof(*b), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, b);
	b->size = size;
	b->pool = dma_pool_create("odma-kunit", fx->dev, size, align, boundary);
	KUNIT_ASSERT_NOT_NULL(test, b->pool);
	return b;
}

/* Take some, and write to every byte of them what no other block has. */
static void odma_take_blocks(struct kunit *test, struct odma_blocks *b,
			     int count, gfp_t gfp)
{
	while (b->count < count) {
		int i = b->count;

		b->cpu[i] = dma_pool_alloc(b->pool, gfp, &b->handle[i]);
		KUNIT_ASSERT_NOT_NULL(test, b->cpu[i]);
		memset(b->cpu[i], i + 1, b->size);
		b->count++;
	}
}

/* Blocks that overlapped would have overwritten each other. */
static void odma_check_blocks(struct kunit *test, struct odma_blocks *b)
{
	int i;

	for (i = 0; i < b->count; i++)
		KUNIT_EXPECT_NULL_MSG(test,
				      memchr_inv(b->cpu[i], i + 1, b->size),
				      "block %d of %d", i, b->count);
}

static void odma_give_blocks(struct odma_blocks *b)
{
	while (b->count--)
		dma_pool_free(b->pool, b->cpu[b->count], b->handle[b->count]);
	b->count = 0;
}

/* The pool is gone, and so is all of its memory. */
static void odma_end_pool(struct kunit *test, struct odma_blocks *b)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;

	odma_give_blocks(b);
	dma_pool_destroy(b->pool);
	if (!fx->mode->rule)
		return;
	sum = odma_counted_so_far(fx);
	/* It did come from here. */
	KUNIT_EXPECT_GT(test, sum.allocs, 0);
	KUNIT_EXPECT_EQ(test, sum.allocs, sum.frees);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
	if (fx->mode == &odma_dmapool_recorder)
		KUNIT_EXPECT_EQ(test, odma_record.allocs, odma_record.frees);
}

static void odma_dmapool_refuses(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_EXPECT_NULL(test, dma_pool_create("odma-kunit", fx->dev, 0, 8,
						0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("odma-kunit", fx->dev, 64, 24,
						0));
	KUNIT_EXPECT_NULL(test, dma_pool_create("odma-kunit", fx->dev, 64, 8,
						32));
	KUNIT_EXPECT_NULL(test, dma_pool_create("odma-kunit", fx->dev, 64, 8,
						96));
	if (fx->mode->rule)
		KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).allocs);
}

/* Many more than one page has, given back and taken again. */
static void odma_dmapool_blocks(struct kunit *test)
{
	static const size_t sizes[] = { 16, 40, 96, 1000, 4096, 5000, SZ_16K };
	struct odma_fixture *fx = test->priv;
	int i, n;

	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct odma_blocks *b = odma_new_pool(test, sizes[i], 8, 0);

		odma_take_blocks(test, b, 60, GFP_KERNEL);
		odma_check_blocks(test, b);
		odma_give_blocks(b);
		odma_take_blocks(test, b, 100, GFP_KERNEL);
		odma_check_blocks(test, b);
		/* The device's address is of the same memory. */
		for (n = 0; n < b->count; n++)
			KUNIT_EXPECT_EQ(test, b->handle[n],
					odma_where(b->cpu[n]));
		odma_end_pool(test, b);
	}
	if (fx->mode == &odma_dmapool_recorder)
		KUNIT_EXPECT_GT(test, odma_record.allocs, 100 * 3);
}

static void odma_dmapool_zeroed(struct kunit *test)
{
	struct odma_blocks *b = odma_new_pool(test, 256, 8, 0);
	dma_addr_t handle;
	int round;

	/* Dirty blocks into the pool. */
	odma_take_blocks(test, b, 40, GFP_KERNEL);
	odma_give_blocks(b);
	for (round = 0; round < 60; round++) {
		u8 *cpu = dma_pool_zalloc(b->pool, GFP_KERNEL, &handle);

		KUNIT_ASSERT_NOT_NULL(test, cpu);
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, 256));
		b->cpu[b->count] = cpu;
		b->handle[b->count++] = handle;
	}
	odma_end_pool(test, b);
}

static void odma_dmapool_alignment(struct kunit *test)
{
	size_t align;
	int i;

	for (align = 8; align <= 4096; align *= 2) {
		struct odma_blocks *b = odma_new_pool(test, 72, align, 0);

		odma_take_blocks(test, b, 70, GFP_KERNEL);
		odma_check_blocks(test, b);
		for (i = 0; i < b->count; i++) {
			KUNIT_EXPECT_EQ(test, b->handle[i] % align, 0);
			KUNIT_EXPECT_EQ(test, (unsigned long)b->cpu[i] % align,
					0);
		}
		odma_end_pool(test, b);
	}
}

static void odma_dmapool_boundary(struct kunit *test)
{
	static const struct {
		size_t size, boundary;
	} pools[] = {
		{ 96, 256 }, { 96, 4096 }, { 200, 512 }, { 1536, 4096 },
		{ 64, 64 }, { 3000, 4096 }, { 5000, SZ_8K }, { 24, 32 },
	};
	int p, i;

	for (p = 0; p < ARRAY_SIZE(pools); p++) {
		size_t boundary = pools[p].boundary;
		struct odma_blocks *b = odma_new_pool(test, pools[p].size, 8,
						      boundary);

		odma_take_blocks(test, b, 100, GFP_KERNEL);
		odma_check_blocks(test, b);
		for (i = 0; i < b->count; i++) {
			u64 last = b->handle[i] + b->size - 1;

			KUNIT_EXPECT_EQ_MSG(test, b->handle[i] / boundary,
					    last / boundary,
					    "%zu bytes, boundary %zu", b->size,
					    boundary);
		}
		odma_end_pool(test, b);
	}
}

/* Blocks, and a page to cut them from, where sleeping is forbidden. */
static void odma_dmapool_atomic(struct kunit *test)
{
	struct odma_blocks *b = odma_new_pool(test, 512, 8, 0);
	static DEFINE_SPINLOCK(lock);
	unsigned long flags;
	int i;

	spin_lock_irqsave(&lock, flags);
	for (i = 0; i < 30; i++) {
		b->cpu[i] = dma_pool_alloc(b->pool, GFP_ATOMIC, &b->handle[i]);
		if (!b->cpu[i])
			break;
		memset(b->cpu[i], i + 1, 512);
		b->count++;
	}
	spin_unlock_irqrestore(&lock, flags);
	KUNIT_EXPECT_EQ(test, i, 30);
	odma_check_blocks(test, b);
	odma_end_pool(test, b);
}

/* dma-api-howto.md: dma_pool_free() may be called in an interrupt. */
struct odma_free_work {
	struct irq_work work;
	struct odma_blocks *blocks;
	bool in_irq;
};

static void odma_free_in_irq(struct irq_work *work)
{
	struct odma_free_work *fw = container_of(work, struct odma_free_work,
						 work);

	fw->in_irq = in_hardirq();
	odma_give_blocks(fw->blocks);
}

static void odma_dmapool_interrupt(struct kunit *test)
{
	struct odma_free_work fw = {
		.work = IRQ_WORK_INIT_HARD(odma_free_in_irq),
		.blocks = odma_new_pool(test, 128, 8, 0),
	};

	odma_take_blocks(test, fw.blocks, 70, GFP_KERNEL);
	irq_work_queue(&fw.work);
	irq_work_sync(&fw.work);
	KUNIT_EXPECT_TRUE(test, fw.in_irq);
	KUNIT_EXPECT_EQ(test, fw.blocks->count, 0);
	/* They are there to be taken again. */
	odma_take_blocks(test, fw.blocks, 70, GFP_KERNEL);
	odma_check_blocks(test, fw.blocks);
	odma_end_pool(test, fw.blocks);
}

/*
 * No more memory: NULL, what was taken stays good, and with memory there again
 * the pool goes on.
 */
static void odma_dmapool_exhausted(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_blocks *b = odma_new_pool(test, PAGE_SIZE, 8, 0);
	u64 mask = fx->dev->coherent_dma_mask;
	dma_addr_t handle;

	/* All of a page (less would vary), so the next block takes another. */
	odma_take_blocks(test, b, 1, GFP_KERNEL);
	/* No page of so low an address is ever free. */
	fx->dev->coherent_dma_mask = PAGE_SIZE - 1;
	odma_record.no_memory = true;
	KUNIT_EXPECT_NULL(test, dma_pool_alloc(b->pool, GFP_KERNEL |
					       __GFP_NOWARN, &handle));
	KUNIT_EXPECT_NULL(test, dma_pool_alloc(b->pool, GFP_ATOMIC |
					       __GFP_NOWARN, &handle));
	odma_record.no_memory = false;
	fx->dev->coherent_dma_mask = mask;
	odma_check_blocks(test, b);
	if (fx->mode->rule)
		KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).allocs);
	odma_take_blocks(test, b, 9, GFP_KERNEL);
	odma_check_blocks(test, b);
	odma_end_pool(test, b);
}

static struct dma_pool *odma_managed_pool;
static u64 odma_frees_after_pool;

static void odma_count_frees(void *data)
{
	odma_frees_after_pool = odma_counted_so_far(data).frees;
}

/* What is registered first goes last: then the pool's pages are back. */
static int odma_probe_with_pool(struct odma_fixture *fx, struct device *dev)
{
	dma_addr_t handle[3];
	void *cpu[3];
	int i;

	if (fx->mode->rule && devm_add_action(dev, odma_count_frees, fx))
		return -ENOMEM;
	odma_managed_pool = dmam_pool_create("odma-kunit", dev, PAGE_SIZE, 8,
					     0);
	if (!odma_managed_pool)
		return -ENOMEM;
	/* A page a block: all are taken before the first is given back. */
	for (i = 0; i < ARRAY_SIZE(cpu); i++) {
		cpu[i] = dma_pool_alloc(odma_managed_pool, GFP_KERNEL,
					&handle[i]);
		if (!cpu[i])
			return -ENOMEM;
	}
	while (i--)
		dma_pool_free(odma_managed_pool, cpu[i], handle[i]);
	return fx->probe_ret;
}

static void odma_rebind_with_pool(struct kunit *test, int probe_ret)
{
	struct odma_fixture *fx = test->priv;

	odma_unbind_driver(fx, ODMA_DRIVER);
	fx->probe = odma_probe_with_pool;
	fx->probe_ret = probe_ret;
	odma_frees_after_pool = 0;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
}

static void odma_dmapool_managed(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 allocs = 0;

	odma_rebind_with_pool(test, 0);
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	if (fx->mode->rule) {
		allocs = odma_counted_so_far(fx).allocs;
		KUNIT_EXPECT_GT(test, allocs, 0);
		KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).frees);
	}
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_frees_after_pool, allocs);
	KUNIT_EXPECT_TRUE(test, list_empty(&fx->dev->dma_pools));
}

static void odma_dmapool_managed_failed_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_rebind_with_pool(test, -ENODEV);
	KUNIT_ASSERT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	KUNIT_EXPECT_EQ(test, odma_frees_after_pool > 0, !!fx->mode->rule);
	KUNIT_EXPECT_TRUE(test, list_empty(&fx->dev->dma_pools));
}

static void odma_dmapool_managed_by_hand(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;

	odma_rebind_with_pool(test, 0);
	dmam_pool_destroy(odma_managed_pool);
	KUNIT_EXPECT_TRUE(test, list_empty(&fx->dev->dma_pools));
	if (!fx->mode->rule)
		return;
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_GT(test, sum.frees, 0);
	KUNIT_EXPECT_EQ(test, sum.frees, sum.allocs);
	/* Not a second time. */
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_frees_after_pool, sum.frees);
}

static struct kunit_case odma_dmapool_cases[] = {
	KUNIT_CASE_PARAM(odma_dmapool_refuses, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_blocks, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_zeroed, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_alignment, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_boundary, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_atomic, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_interrupt, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_exhausted, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_managed, odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_managed_failed_probe,
			 odma_dmapool_modes),
	KUNIT_CASE_PARAM(odma_dmapool_managed_by_hand, odma_dmapool_modes),
	{}
};

struct kunit_suite odma_dmapool_suite = {
	.name = "odma-dmapool",
	.suite_init = odma_begin_suite,
	.init = odma_dmapool_init,
	.exit = odma_dmapool_exit,
	.test_cases = odma_dmapool_cases,
};
