// SPDX-License-Identifier: GPL-2.0
/*
 * Managed memory: when it is freed, how often, and with which arguments.
 */
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../shared/recorder.h"
#include "../suites.h"

/* Words of the two warnings. */
#define ODMA_LOG_MISMATCH	"freeing what was allocated"
#define ODMA_LOG_UNMANAGED	"frees nothing"

/*
 * A backend that hands out ordinary pages and writes down what comes back, in
 * which order.
 */
#define ODMA_LEDGER	"odma-ledger"
#define ODMA_ENTRIES	16

struct odma_entry {
	void *cpu;
	dma_addr_t handle;
	size_t size;
	unsigned long attrs;
};

static struct odma_ledger {
	struct odma_entry out[ODMA_ENTRIES];
	struct odma_entry back[ODMA_ENTRIES];
	int allocs;
	int frees;
	/* The allocation that is to fail; 0 for none. */
	int fail;
} odma_ledger;

static void *odma_ledger_alloc(struct device *dev, size_t size,
			       dma_addr_t *handle, gfp_t gfp,
			       unsigned long attrs)
{
	struct odma_entry *e = &odma_ledger.out[odma_ledger.allocs %
						ODMA_ENTRIES];

	if (odma_ledger.fail && !--odma_ledger.fail)
		return NULL;
	e->cpu = alloc_pages_exact(size, gfp | __GFP_ZERO);
	if (!e->cpu)
		return NULL;
	e->handle = virt_to_phys(e->cpu) + SZ_1G;
	e->size = size;
	e->attrs = attrs;
	odma_ledger.allocs++;
	*handle = e->handle;
	return e->cpu;
}

static void odma_ledger_free(struct device *dev, size_t size, void *cpu,
			     dma_addr_t handle, unsigned long attrs)
{
	if (odma_ledger.frees < ODMA_ENTRIES)
		odma_ledger.back[odma_ledger.frees] = (struct odma_entry){
			.cpu = cpu, .handle = handle, .size = size,
			.attrs = attrs,
		};
	odma_ledger.frees++;
	free_pages_exact(cpu, size);
}

static struct dma_map_ops odma_ledger_ops;

static struct odma_backend odma_ledger_backend = {
	.name = ODMA_LEDGER,
	.ops = &odma_ledger_ops,
};

static int odma_managed_init(struct kunit *test)
{
	memset(&odma_ledger, 0, sizeof(odma_ledger));
	odma_ledger_ops = odma_recorder_ops;
	odma_ledger_ops.alloc = odma_ledger_alloc;
	odma_ledger_ops.free = odma_ledger_free;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_ledger_backend));
	return odma_unbound_init(test);
}

static void odma_managed_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_ledger_backend);
}

/* Every mode of the fixture, and the backend above. */
static const struct odma_mode odma_ledger_mode = {
	.name = "ledger", .rule = ODMA_LEDGER,
};

static const void *odma_managed_modes(const void *prev, char *desc)
{
	const void *mode;

	if (prev == &odma_ledger_mode)
		return NULL;
	mode = odma_all_modes(prev, desc);
	if (mode)
		return mode;
	strscpy(desc, odma_ledger_mode.name, KUNIT_PARAM_DESC_SIZE);
	return &odma_ledger_mode;
}

/* Bind in the case's mode, with this for a probe. */
static void odma_bind_with(struct kunit *test,
			   int (*probe)(struct odma_fixture *fx,
					struct device *dev))
{
	struct odma_fixture *fx = test->priv;

	fx->probe = probe;
	if (fx->mode->rule)
		KUNIT_ASSERT_EQ(test, 0,
				odma_add_device_rule(fx, fx->mode->rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_EQ(test, fx->attached_in_probe, !!fx->mode->rule);
}

/* Nothing that the device allocated is live. */
static void odma_expect_balance(struct kunit *test, u64 allocs)
{
	struct odma_fixture *fx = test->priv;
	struct odma_counters sum;

	if (!fx->mode->rule)
		return;
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.allocs, allocs);
	KUNIT_EXPECT_EQ(test, sum.frees, allocs);
	KUNIT_EXPECT_EQ(test, sum.alloc_bytes, sum.free_bytes);
}

static void odma_expect_back(struct kunit *test, int nth,
			     const struct odma_entry *want)
{
	const struct odma_entry *have = &odma_ledger.back[nth];

	KUNIT_EXPECT_PTR_EQ(test, have->cpu, want->cpu);
	KUNIT_EXPECT_EQ(test, have->handle, want->handle);
	KUNIT_EXPECT_EQ(test, have->size, want->size);
	KUNIT_EXPECT_EQ(test, have->attrs, want->attrs);
}

/*
 * What devres frees is seen through markers of our own among it: how much was
 * free by then.
 */
#define ODMA_MARKS 4

struct odma_mark {
	struct odma_fixture *fx;
	u64 *frees;
};

static u64 odma_frees_at[ODMA_MARKS];

static void odma_note_frees(void *data)
{
	struct odma_mark *mark = data;

	*mark->frees = odma_counted_so_far(mark->fx).frees;
}

static struct odma_mark odma_marks[ODMA_MARKS];

static int odma_probe_marked(struct odma_fixture *fx, struct device *dev)
{
	dma_addr_t handle;
	int i, ret;

	for (i = 0; i < ODMA_MARKS; i++) {
		odma_marks[i] = (struct odma_mark){ fx, &odma_frees_at[i] };
		if (fx->mode->rule) {
			ret = devm_add_action(dev, odma_note_frees,
					      &odma_marks[i]);
			if (ret)
				return ret;
		}
		if (!odmam_alloc_attrs(dev, (i + 1) * 1000, &handle,
				       GFP_KERNEL,
				       i % 2 ? DMA_ATTR_WRITE_COMBINE : 0))
			return -ENOMEM;
	}
	return fx->probe_ret;
}

/* The last allocation is the first to go, while the device is attached. */
static void odma_expect_reverse_frees(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; fx->mode->rule && i < ODMA_MARKS; i++)
		KUNIT_EXPECT_EQ(test, odma_frees_at[i], ODMA_MARKS - i);
	if (fx->mode != &odma_ledger_mode)
		return;
	KUNIT_EXPECT_EQ(test, odma_ledger.allocs, ODMA_MARKS);
	KUNIT_EXPECT_EQ(test, odma_ledger.frees, ODMA_MARKS);
	for (i = 0; i < ODMA_MARKS; i++)
		odma_expect_back(test, i,
				 &odma_ledger.out[ODMA_MARKS - 1 - i]);
}

static void odma_managed_unbind(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	memset(odma_frees_at, 0, sizeof(odma_frees_at));
	odma_bind_with(test, odma_probe_marked);
	KUNIT_ASSERT_NOT_NULL(test, fx->dev->driver);
	if (fx->mode->rule)
		KUNIT_EXPECT_EQ(test, 0, odma_counted_so_far(fx).frees);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_expect_reverse_frees(test);
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

static void odma_managed_failed_probe(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	memset(odma_frees_at, 0, sizeof(odma_frees_at));
	fx->probe_ret = -ENODEV;
	odma_bind_with(test, odma_probe_marked);
	KUNIT_EXPECT_EQ(test, fx->probes, 1);
	KUNIT_ASSERT_NULL(test, fx->dev->driver);
	KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	odma_expect_reverse_frees(test);
}

/* Zeroed memory, as from odma_alloc_attrs(). */
static void odma_managed_memory(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle = DMA_MAPPING_ERROR;
	void *cpu;

	odma_bind_with(test, NULL);
	cpu = odmam_alloc_coherent(fx->dev, 3 * PAGE_SIZE, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_NE(test, handle, DMA_MAPPING_ERROR);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0, 3 * PAGE_SIZE));
	memset(cpu, 0x5a, 3 * PAGE_SIZE);
	odmam_free_coherent(fx->dev, 3 * PAGE_SIZE, cpu, handle);
	odma_expect_balance(test, 1);
}

/* Freed by hand, in an order of the driver's own, and not again at unbind. */
static void odma_managed_freed_once(struct kunit *test)
{
	static const int order[] = { 1, 3, 0 };
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;
	dma_addr_t handle[4];
	void *cpu[4];
	int i;

	odma_log_mark(&log);
	odma_bind_with(test, NULL);
	for (i = 0; i < 4; i++) {
		cpu[i] = odmam_alloc_coherent(fx->dev, PAGE_SIZE << i,
					      &handle[i], GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu[i]);
	}
	for (i = 0; i < ARRAY_SIZE(order); i++)
		odmam_free_coherent(fx->dev, PAGE_SIZE << order[i],
				    cpu[order[i]], handle[order[i]]);
	if (fx->mode->rule)
		KUNIT_EXPECT_EQ(test, 3, odma_counted_so_far(fx).frees);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "managed free"));
	if (fx->mode != &odma_ledger_mode)
		return;
	KUNIT_EXPECT_EQ(test, odma_ledger.frees, 4);
	odma_expect_back(test, 0, &odma_ledger.out[1]);
	odma_expect_back(test, 1, &odma_ledger.out[3]);
	odma_expect_back(test, 2, &odma_ledger.out[0]);
	odma_expect_back(test, 3, &odma_ledger.out[2]);
}

/* With a reference of our own, a page shows whether its owner let go of it. */
static void odma_managed_page_count(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page[2];
	dma_addr_t handle[2];
	void *cpu[2];
	int i;

	odma_bind_with(test, NULL);
	for (i = 0; i < 2; i++) {
		cpu[i] = odmam_alloc_coherent(fx->dev, PAGE_SIZE, &handle[i],
					      GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu[i]);
		page[i] = odma_page_at(cpu[i]);
		get_page(page[i]);
	}
	odmam_free_coherent(fx->dev, PAGE_SIZE, cpu[0], handle[0]);
	KUNIT_EXPECT_EQ(test, 1, page_count(page[0]));
	KUNIT_EXPECT_EQ(test, 2, page_count(page[1]));
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 1, page_count(page[0]));
	KUNIT_EXPECT_EQ(test, 1, page_count(page[1]));
	put_page(page[0]);
	put_page(page[1]);
}

/* A wrong size, or handle, or both: one line each, and the right free. */
static void odma_managed_mismatch(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;
	int i;

	odma_bind_with(test, NULL);
	for (i = 1; i <= 3; i++) {
		size_t off = i & 1 ? PAGE_SIZE : 0;
		dma_addr_t handle, shift = i & 2 ? 64 : 0;
		void *cpu = odmam_alloc_coherent(fx->dev, 5000, &handle,
						 GFP_KERNEL);

		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_log_mark(&log);
		odmam_free_coherent(fx->dev, 5000 + off, cpu, handle + shift);
		KUNIT_EXPECT_EQ(test, 1,
				odma_log_count(&log, ODMA_LOG_MISMATCH));
		odma_expect_balance(test, i);
		if (fx->mode == &odma_ledger_mode)
			odma_expect_back(test, i - 1, &odma_ledger.out[i - 1]);
	}
	odma_log_mark(&log);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "managed free"));
	if (fx->mode == &odma_ledger_mode)
		KUNIT_EXPECT_EQ(test, odma_ledger.frees, 3);
}

/* The line names the device, what was given and what was allocated. */
static void odma_managed_mismatch_line(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;
	dma_addr_t handle, wrong;
	char words[160];
	void *cpu;

	odma_bind_with(test, NULL);
	cpu = odmam_alloc_coherent(fx->dev, 4321, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	wrong = handle + 0x100;
	odma_log_mark(&log);
	odmam_free_coherent(fx->dev, 1234, cpu, wrong);
	snprintf(words, sizeof(words),
		 "odma: %s: managed free of 1234 bytes at %pad, where 4321 bytes at %pad were allocated",
		 dev_name(fx->dev), &wrong, &handle);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, words));
}

/* Never allocated, plainly allocated, another device's, or freed already. */
static void odma_managed_not_managed(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *ref = &fx->ref->dev;
	dma_addr_t handle, plain_handle, other_handle;
	struct kmsg_dump_iter log;
	void *cpu, *plain, *other;

	odma_bind_with(test, NULL);
	cpu = odmam_alloc_coherent(fx->dev, 100, &handle, GFP_KERNEL);
	plain = odma_alloc_coherent(fx->dev, 100, &plain_handle, GFP_KERNEL);
	other = odmam_alloc_coherent(ref, 100, &other_handle, GFP_KERNEL);
	KUNIT_ASSERT_TRUE(test, cpu && plain && other);
	odmam_free_coherent(fx->dev, 100, cpu, handle);
	odma_log_mark(&log);
	odmam_free_coherent(fx->dev, 100, cpu, handle);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, ODMA_LOG_UNMANAGED));
	odmam_free_coherent(fx->dev, 100, plain, plain_handle);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, ODMA_LOG_UNMANAGED));
	odmam_free_coherent(fx->dev, 100, other, other_handle);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, ODMA_LOG_UNMANAGED));
	odmam_free_coherent(fx->dev, 100, fx, 0x1000);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, dev_name(fx->dev)));
	/* As everywhere, NULL is nothing to free. */
	odmam_free_coherent(fx->dev, 100, NULL, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "managed free"));
	if (fx->mode->rule) {
		KUNIT_EXPECT_EQ(test, 2, odma_counted_so_far(fx).allocs);
		KUNIT_EXPECT_EQ(test, 1, odma_counted_so_far(fx).frees);
	}
	/* What was not freed can still be used, and freed. */
	memset(plain, 0x11, 100);
	memset(other, 0x22, 100);
	odma_free_coherent(fx->dev, 100, plain, plain_handle);
	odmam_free_coherent(ref, 100, other, other_handle);
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "managed free"));
	odma_expect_balance(test, 2);
}

static void odma_managed_group(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *outside, *group;
	int i;

	odma_bind_with(test, NULL);
	outside = odmam_alloc_coherent(fx->dev, 64, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, outside);
	group = devres_open_group(fx->dev, NULL, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, group);
	for (i = 0; i < 3; i++)
		KUNIT_ASSERT_NOT_NULL(test,
				      odmam_alloc_coherent(fx->dev, 64, &handle,
							   GFP_KERNEL));
	devres_close_group(fx->dev, group);
	devres_release_group(fx->dev, group);
	if (fx->mode->rule) {
		KUNIT_EXPECT_EQ(test, 4, odma_counted_so_far(fx).allocs);
		KUNIT_EXPECT_EQ(test, 3, odma_counted_so_far(fx).frees);
	}
	if (fx->mode == &odma_ledger_mode) {
		KUNIT_EXPECT_EQ(test, odma_ledger.frees, 3);
		odma_expect_back(test, 0, &odma_ledger.out[3]);
		odma_unbind_driver(fx, ODMA_DRIVER);
		odma_expect_back(test, 3, &odma_ledger.out[0]);
	}
}

/* An allocation that fails is not there to be freed later. */
static void odma_managed_failure(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u64 mask = fx->dev->coherent_dma_mask;
	dma_addr_t handle;

	odma_bind_with(test, NULL);
	KUNIT_EXPECT_NULL(test, odmam_alloc_coherent(fx->dev, 0, &handle,
						     GFP_KERNEL));
	KUNIT_EXPECT_NULL(test, odmam_alloc_attrs(fx->dev, SIZE_MAX, &handle,
						  GFP_KERNEL,
						  DMA_ATTR_NO_WARN));
	fx->dev->coherent_dma_mask = 0;
	KUNIT_EXPECT_NULL(test, odmam_alloc_coherent(fx->dev, 64, &handle,
						     GFP_KERNEL));
	fx->dev->coherent_dma_mask = mask;
	odma_ledger.fail = 1;
	if (fx->mode == &odma_ledger_mode)
		KUNIT_EXPECT_NULL(test,
				  odmam_alloc_coherent(fx->dev, 64, &handle,
						       GFP_KERNEL));
	odma_expect_balance(test, 0);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, odma_ledger.frees, 0);
}

/*
 * Attributes change what an address is, as NO_KERNEL_MAPPING does: freed
 * without them, it would be taken for something else.
 */
static void odma_managed_attrs(struct kunit *test)
{
	static const unsigned long attrs[] = {
		0, DMA_ATTR_WRITE_COMBINE, DMA_ATTR_NO_KERNEL_MAPPING,
		DMA_ATTR_FORCE_CONTIGUOUS | DMA_ATTR_NO_WARN,
	};
	struct odma_fixture *fx = test->priv;
	int i, round;

	odma_bind_with(test, NULL);
	for (round = 0; round < 2; round++) {
		for (i = 0; i < ARRAY_SIZE(attrs); i++) {
			dma_addr_t handle;
			void *cpu = odmam_alloc_attrs(fx->dev, 9000, &handle,
						      GFP_KERNEL, attrs[i]);

			KUNIT_ASSERT_NOT_NULL(test, cpu);
			/* By hand the first time, at unbind the second. */
			if (!round)
				odmam_free_coherent(fx->dev, 9000, cpu, handle);
		}
	}
	odma_unbind_driver(fx, ODMA_DRIVER);
	if (fx->mode != &odma_ledger_mode)
		return;
	KUNIT_EXPECT_EQ(test, odma_ledger.frees, 8);
	for (i = 0; i < 4; i++) {
		KUNIT_EXPECT_EQ(test, odma_ledger.out[i].attrs, attrs[i]);
		odma_expect_back(test, i, &odma_ledger.out[i]);
		odma_expect_back(test, i + 4, &odma_ledger.out[7 - i]);
	}
}

/*
 * A zone flag is as good here as with odma_alloc_attrs(): kmalloc(), which
 * would complain of it when it needs a new slab, never hears of it.
 */
static void odma_managed_gfp(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;
	dma_addr_t handle;
	int i;

	odma_bind_with(test, NULL);
	odma_log_mark(&log);
	for (i = 0; i < 200; i++)
		KUNIT_ASSERT_NOT_NULL(test,
				      odmam_alloc_coherent(fx->dev, 64, &handle,
							   GFP_KERNEL |
							   GFP_DMA32));
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "Unexpected gfp"));
	KUNIT_EXPECT_NOT_NULL(test, odmam_alloc_coherent(fx->dev, 64, &handle,
							 GFP_ATOMIC));
}

static struct kunit_case odma_managed_cases[] = {
	KUNIT_CASE_PARAM(odma_managed_unbind, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_failed_probe, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_memory, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_freed_once, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_page_count, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_mismatch, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_mismatch_line, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_not_managed, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_group, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_failure, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_attrs, odma_managed_modes),
	KUNIT_CASE_PARAM(odma_managed_gfp, odma_managed_modes),
	{}
};

struct kunit_suite odma_managed_suite = {
	.name = "odma-managed",
	.suite_init = odma_begin_suite,
	.init = odma_managed_init,
	.exit = odma_managed_exit,
	.test_cases = odma_managed_cases,
};
