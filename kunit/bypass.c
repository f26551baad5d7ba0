// SPDX-License-Identifier: GPL-2.0
/*
 * The rule word "bypass": which side each call goes to, and when that changes.
 *
 * The backend is the recorder under another name, with what the recorder lacks:
 * a call that it has not seen went to the direct path.
 */
#include <linux/delay.h>
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/kprobes.h>
#include <linux/kthread.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "fixture.h"
#include "log.h"
#include "recorder.h"
#include "suites.h"

#define ODMA_BYPASSED	"odma-bypassed"

/* More than the guest has memory; less, and more than the recorder's least. */
#define ODMA_WIDE	DMA_BIT_MASK(48)
#ifdef CONFIG_ARM64
#define ODMA_NARROW	ODMA_LOW_MASK
#define ODMA_LESS_NARROW	0xa0000000
#else
#define ODMA_NARROW	DMA_BIT_MASK(26)
#define ODMA_LESS_NARROW	DMA_BIT_MASK(28)
#endif

/* What the backend answers, and the direct path never does. */
#define ODMA_MAX_SIZE	12345
#define ODMA_OPT_SIZE	4321
#define ODMA_BOUNDARY	0x3fff
#define ODMA_OWN_ADDR	0x777000

static size_t odma_own_max_size(struct device *dev)
{
	return ODMA_MAX_SIZE;
}

static size_t odma_own_opt_size(void)
{
	return ODMA_OPT_SIZE;
}

static unsigned long odma_own_boundary(struct device *dev)
{
	return ODMA_BOUNDARY;
}

/* The recorder does not expect to be asked from two sides. */
static struct dma_map_ops odma_own_ops;

static int odma_own_option(const char *key, const char *value)
{
	return strcmp(key, "coherent") ? -EINVAL : 0;
}

static struct odma_backend odma_own = {
	.name = ODMA_BYPASSED,
	.owner = THIS_MODULE,
	.ops = &odma_own_ops,
	.check_option = odma_own_option,
};

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

static int odma_bypass_init(struct kunit *test)
{
	const struct odma_bypass_mode *mode = test->param_value;
	struct odma_fixture *fx;

	odma_clear_record();
	odma_own_ops = odma_recorder_ops;
	odma_own_ops.max_mapping_size = odma_own_max_size;
	odma_own_ops.opt_mapping_size = odma_own_opt_size;
	odma_own_ops.get_merge_boundary = odma_own_boundary;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_own));
	/* The fixture takes the parameter for a mode of its own. */
	odma_unbound_init(test);
	fx = test->priv;
	fx->mode = mode ? &mode->mode : &odma_bypass_modes[0].mode;
	odma_record.addr_ret = ODMA_OWN_ADDR;
	odma_record.sg_ret = 1;
	return 0;
}

static void odma_bypass_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_own);
}

/* Bind, and set the masks as a driver does. */
static struct device *odma_bypass_bind(struct kunit *test, const char *rule,
				       bool streaming, bool coherent)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(fx->dev, streaming ? ODMA_WIDE :
							ODMA_NARROW));
	KUNIT_ASSERT_EQ(test, 0,
			odma_set_coherent_mask(fx->dev, coherent ? ODMA_WIDE :
					       ODMA_NARROW));
	odma_record.calls = 0;
	return fx->dev;
}

static struct device *odma_bypass_bind_mode(struct kunit *test)
{
	const struct odma_bypass_mode *mode = test->param_value;

	return odma_bypass_bind(test, mode->mode.rule, mode->streaming,
				mode->coherent);
}

/* The last call went directly, or to the backend as this operation. */
static void odma_expect_side(struct kunit *test, bool direct, enum odma_op op)
{
	KUNIT_EXPECT_EQ(test, odma_record.calls, !direct);
	if (!direct)
		KUNIT_EXPECT_EQ(test, odma_record.op, op);
	odma_record.calls = 0;
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

static const struct {
	const char *name;
	int (*set)(struct device *dev, u64 mask);
} odma_mask_setters[] = {
	{ "odma_set_mask", odma_set_mask },
	{ "dma_set_mask", dma_set_mask },
};

static void odma_expect_map_side(struct kunit *test, bool direct)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr;

	odma_record.calls = 0;
	addr = dma_map_page(fx->dev, page, 0, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_MAP);
	odma_unmap_page(fx->dev, addr, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
}

static void odma_expect_alloc_side(struct kunit *test, bool direct)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	odma_record.calls = 0;
	cpu = dma_alloc_coherent(fx->dev, 64, &handle, GFP_KERNEL);
	odma_expect_side(test, direct, ODMA_OP_ALLOC);
	odma_free_coherent(fx->dev, 64, cpu, handle);
	odma_expect_side(test, direct, ODMA_OP_FREE);
}

/* Nothing is live: the next call follows the mask, both ways, at once. */
static void odma_bypass_mask_changes(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	struct kmsg_dump_iter log;
	int i, round;

	odma_log_mark(&log);
	for (i = 0; i < ARRAY_SIZE(odma_mask_setters); i++) {
		for (round = 0; round < 3; round++) {
			int (*set)(struct device *dev, u64 mask) =
				odma_mask_setters[i].set;

			KUNIT_EXPECT_EQ(test, 0, set(dev, ODMA_NARROW));
			odma_expect_map_side(test, false);
			odma_expect_alloc_side(test, true);
			KUNIT_EXPECT_EQ(test, 0, set(dev, ODMA_WIDE));
			odma_expect_map_side(test, true);
			KUNIT_EXPECT_EQ(test, 0,
					dma_set_coherent_mask(dev,
							      ODMA_NARROW));
			odma_expect_alloc_side(test, false);
			odma_expect_map_side(test, true);
			KUNIT_EXPECT_EQ(test, 0,
					odma_set_coherent_mask(dev, ODMA_WIDE));
			odma_expect_alloc_side(test, true);
		}
	}
	KUNIT_EXPECT_EQ(test, 0, odma_log_count(&log, "has changed"));
}

/*
 * What is live is undone where it was made, new ones join it, the log says so
 * once, and when all are gone the mask has its way.
 */
static void odma_keep_while_mapped(struct kunit *test, bool direct)
{
	struct odma_fixture *fx = test->priv;
	/* In reach of the narrow mask: the direct path has to serve it. */
	struct page *page = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	struct device *dev = fx->dev;
	struct kmsg_dump_iter log;
	struct scatterlist sg[2];
	dma_addr_t a, b;

	sg_init_table(sg, 2);
	sg_set_page(&sg[0], page, 64, 128);
	sg_set_page(&sg[1], page, 64, 256);
	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(dev, direct ? ODMA_WIDE :
					      ODMA_NARROW));
	a = dma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
	odma_log_mark(&log);
	KUNIT_ASSERT_EQ(test, 0, dma_set_mask(dev, direct ? ODMA_NARROW :
					      ODMA_WIDE));
	odma_record.calls = 0;
	odma_sync_single_for_cpu(dev, a, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_SYNC_CPU);
	/* Yet another mask, that calls for the same. */
	*dev->dma_mask = direct ? ODMA_LESS_NARROW : ODMA_WIDE;
	b = odma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_MAP);
	odma_expect_map_side(test, direct);
	KUNIT_EXPECT_GT(test, dma_map_sg(dev, sg, 2, DMA_TO_DEVICE), 0);
	odma_expect_side(test, direct, ODMA_OP_MAP_SG);
	KUNIT_EXPECT_EQ(test, dma_max_mapping_size(dev),
			direct ? SIZE_MAX : ODMA_MAX_SIZE);
	/* The other type of call is not concerned. */
	odma_expect_alloc_side(test, true);
	dma_unmap_page(dev, a, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	odma_unmap_sg(dev, sg, 2, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP_SG);
	odma_expect_map_side(test, direct);
	odma_unmap_page(dev, b, 64, DMA_TO_DEVICE);
	odma_expect_side(test, direct, ODMA_OP_UNMAP);
	odma_expect_map_side(test, !direct);
	KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, "has changed"));
}

static void odma_bypass_live_mapping(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_bypass_bind(test, fx->mode->rule, 1, 1);
	odma_keep_while_mapped(test, true);
	odma_keep_while_mapped(test, false);
	odma_keep_while_mapped(test, true);
}

static void odma_bypass_live_alloc(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	struct kmsg_dump_iter log;
	bool direct = true;
	dma_addr_t handle;
	char words[96];
	int round;
	void *cpu;

	for (round = 0; round < 4; round++, direct = !direct) {
		odma_expect_alloc_side(test, direct);
		cpu = odma_alloc_coherent(dev, 64, &handle, GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		odma_log_mark(&log);
		KUNIT_EXPECT_EQ(test, 0,
				dma_set_coherent_mask(dev, direct ?
						      ODMA_NARROW :
						      ODMA_WIDE));
		odma_expect_alloc_side(test, direct);
		odma_expect_alloc_side(test, direct);
		odma_expect_map_side(test, true);
		dma_free_coherent(dev, 64, cpu, handle);
		odma_expect_side(test, direct, ODMA_OP_FREE);
		odma_expect_alloc_side(test, !direct);
		snprintf(words, sizeof(words),
			 "odma: %s: the coherent mask has changed",
			 dev_name(dev));
		KUNIT_EXPECT_EQ(test, 1, odma_log_count(&log, words));
	}
	KUNIT_EXPECT_EQ(test, odma_record.allocs, odma_record.frees);
}

/* Pages hold the streaming choice. */
static void odma_bypass_live_pages(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	dma_addr_t handle;
	struct page *page;

	page = dma_alloc_pages(dev, PAGE_SIZE, &handle, DMA_FROM_DEVICE,
			       GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, page);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_NARROW));
	odma_record.calls = 0;
	dma_sync_single_for_cpu(dev, handle, PAGE_SIZE, DMA_FROM_DEVICE);
	odma_expect_side(test, true, ODMA_OP_SYNC_CPU);
	odma_expect_alloc_side(test, false);
	dma_free_pages(dev, PAGE_SIZE, page, handle, DMA_FROM_DEVICE);
	odma_expect_side(test, true, ODMA_OP_FREE_PAGES);
	odma_expect_map_side(test, false);
}

/* What failed is not live, whatever it was. */
static void odma_bypass_failures(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	struct scatterlist *sg = odma_test_list(test, 1, 64);
	dma_addr_t handle;
	int i;

	odma_record.addr_ret = DMA_MAPPING_ERROR;
	odma_record.sg_ret = -ENOMEM;
	for (i = 0; i < 2; i++) {
		handle = dma_map_page(dev, page, 0, 64, DMA_TO_DEVICE);
		KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
		KUNIT_EXPECT_EQ(test, 0, dma_map_sg(dev, sg, 1, DMA_TO_DEVICE));
		handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE,
					  0);
		KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
		/* Hundreds of GiB: neither side has them. */
		KUNIT_EXPECT_NULL(test, odma_alloc_attrs(dev, 1UL << 38,
							 &handle,
							 GFP_KERNEL |
							 __GFP_NOWARN,
							 DMA_ATTR_NO_WARN));
		KUNIT_EXPECT_NULL(test, dma_alloc_pages(dev, 1UL << 38,
							&handle,
							DMA_TO_DEVICE,
							GFP_KERNEL |
							__GFP_NOWARN));
		odma_record.addr_ret = ODMA_OWN_ADDR;
		KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev,
								   ODMA_WIDE));
		odma_expect_map_side(test, true);
		odma_expect_alloc_side(test, true);
		odma_record.addr_ret = DMA_MAPPING_ERROR;
		KUNIT_EXPECT_EQ(test, 0,
				dma_set_mask_and_coherent(dev, ODMA_NARROW));
		odma_record.calls = 0;
	}
	/* The direct path fails, too: the mask does not reach this. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	dev->bus_dma_limit = ODMA_WIDE;
	handle = dma_map_resource(dev, 1ULL << 50, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
	dev->bus_dma_limit = 0;
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_NARROW));
	odma_record.addr_ret = ODMA_OWN_ADDR;
	odma_expect_map_side(test, false);
}

/* "All of memory" is what the bus lets through, and what its ranges hold. */
static void odma_bypass_bus_limit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	u64 need = dma_get_required_mask(&fx->ref->dev);

	dev->bus_dma_limit = need >> 1;
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	dev->bus_dma_limit = need;
	odma_expect_map_side(test, true);
	odma_expect_alloc_side(test, true);
	dev->bus_dma_limit = 0;
	/* To the bit. */
	*dev->dma_mask = need >> 1;
	dev->coherent_dma_mask = need >> 1;
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	*dev->dma_mask = need;
	dev->coherent_dma_mask = need;
	odma_expect_map_side(test, true);
	odma_expect_alloc_side(test, true);
	/* No limit of the bus stands in for a mask. */
	dev->bus_dma_limit = ODMA_WIDE;
	*dev->dma_mask = 0;
	odma_expect_map_side(test, false);
	dev->bus_dma_limit = 0;
	*dev->dma_mask = ODMA_WIDE;
}

static void odma_bypass_ranges(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	u64 shift = 0x10000000000;
	struct bus_dma_region all = odma_range(0, shift, SZ_4G);
	struct bus_dma_region low = odma_range(ODMA_RAM, shift, SZ_16M);
	struct bus_dma_region two[] = {
		odma_range(ODMA_RAM + SZ_16M, 0x100000000, SZ_4G),
		odma_range(ODMA_RAM, 0, SZ_16M),
	};
	struct bus_dma_region gap[] = {
		odma_range(ODMA_RAM, 0, SZ_16M),
		odma_range(ODMA_RAM + SZ_32M, SZ_32M, SZ_4G),
	};

	odma_set_ranges(fx, &all, 1);
	odma_expect_map_side(test, true);
	*dev->dma_mask = shift - 1;
	odma_expect_map_side(test, false);
	*dev->dma_mask = ODMA_WIDE;
	/* Most of memory has no address on this bus: no mask covers that. */
	odma_set_ranges(fx, &low, 1);
	odma_expect_map_side(test, false);
	*dev->dma_mask = DMA_BIT_MASK(64);
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, gap, 2);
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, two, 2);
	odma_expect_map_side(test, true);
	*dev->dma_mask = U32_MAX;
	odma_expect_map_side(test, false);
	odma_set_ranges(fx, NULL, 0);
	odma_expect_map_side(test, true);
}

/* The side that a mask leads to is the one that may refuse it. */
static void odma_bypass_supported(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);

	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	KUNIT_EXPECT_EQ(test, 0, odma_set_coherent_mask(dev, ODMA_WIDE));
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	KUNIT_EXPECT_EQ(test, -EIO, dma_set_mask(dev, DMA_BIT_MASK(20)));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	KUNIT_EXPECT_EQ(test, -EIO, odma_set_coherent_mask(dev,
							   DMA_BIT_MASK(20)));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	KUNIT_EXPECT_EQ(test, dma_get_mask(dev), ODMA_WIDE);
	KUNIT_EXPECT_EQ(test, dev->coherent_dma_mask, ODMA_WIDE);
	/* The direct path alone would refuse this one. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_NARROW));
	odma_expect_side(test, false, ODMA_OP_SUPPORTED);
	/* Where the backend has no opinion, any mask will do. */
	odma_own_ops.dma_supported = NULL;
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, DMA_BIT_MASK(20)));
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
}

static void odma_only_required(struct dma_map_ops *ops)
{
	struct dma_map_ops all = *ops;

	memset(ops, 0, sizeof(*ops));
	ops->alloc = all.alloc;
	ops->free = all.free;
	ops->map_sg = all.map_sg;
	ops->unmap_sg = all.unmap_sg;
#ifdef ODMA_HAVE_MAP_PHYS
	ops->map_phys = all.map_phys;
	ops->unmap_phys = all.unmap_phys;
#else
	ops->map_page = all.map_page;
	ops->unmap_page = all.unmap_page;
#endif
}

/*
 * A backend with what it must have: what the direct path lacks as well is NULL,
 * and the rest does what the kernel does without the function.
 */
static void odma_bypass_null_members(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct vm_area_struct *vma;
	struct device *dev;
	struct sg_table sgt;
	dma_addr_t handle;

	vma = kunit_kzalloc(test, sizeof(*vma), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, vma);
	odma_only_required(&odma_own_ops);
	dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	KUNIT_EXPECT_NULL(test, odma_device_of(dev)->ops.opt_mapping_size);
	KUNIT_EXPECT_NULL(test, odma_device_of(dev)->ops.get_merge_boundary);
	KUNIT_EXPECT_EQ(test, dma_max_mapping_size(dev), SIZE_MAX);
	KUNIT_EXPECT_EQ(test, dma_get_merge_boundary(dev), 0);
	KUNIT_EXPECT_EQ(test, dma_get_required_mask(dev), DMA_BIT_MASK(32));
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_NE(test, 0, dma_mapping_error(dev, handle));
	KUNIT_EXPECT_NULL(test, dma_alloc_pages(dev, PAGE_SIZE, &handle,
						DMA_TO_DEVICE, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, -ENXIO, dma_mmap_coherent(dev, vma, fx, 0x1000,
							64));
	KUNIT_EXPECT_EQ(test, -ENXIO, dma_get_sgtable(dev, &sgt, fx, 0x1000,
						      64));
	dma_sync_single_for_cpu(dev, 0x1000, 64, DMA_TO_DEVICE);
	dma_sync_single_for_device(dev, 0x1000, 64, DMA_TO_DEVICE);
	dma_sync_sg_for_cpu(dev, NULL, 0, DMA_TO_DEVICE);
	dma_sync_sg_for_device(dev, NULL, 0, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
	/* None of them is live: the other side can take over, and has all. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_WIDE));
	odma_expect_map_side(test, true);
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, handle, 0xf0000000);
	dma_unmap_resource(dev, handle, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask_and_coherent(dev, ODMA_NARROW));
	odma_expect_map_side(test, false);
}

#ifndef ODMA_HAVE_MAP_PHYS
/* A resource that the backend maps, and for whose unmapping it does nothing. */
static void odma_bypass_unmap_nothing(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev;
	dma_addr_t handle;

	odma_own_ops.unmap_resource = NULL;
	dev = odma_bypass_bind(test, fx->mode->rule, 0, 0);
	handle = dma_map_resource(dev, 0xf0000000, 64, DMA_TO_DEVICE, 0);
	KUNIT_EXPECT_EQ(test, handle, ODMA_OWN_ADDR);
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(dev, ODMA_WIDE));
	odma_expect_map_side(test, false);
	dma_unmap_resource(dev, handle, 64, DMA_TO_DEVICE, 0);
	odma_expect_map_side(test, true);
}
#endif

/* Nobody asked for it: the tables are what they were. */
static void odma_bypass_not_asked(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct device *dev = odma_bypass_bind(test, ODMA_BYPASSED, 1, 1);

	KUNIT_EXPECT_PTR_EQ(test, odma_device_of(dev)->base,
			    (const struct dma_map_ops *)&odma_own_ops);
	odma_expect_map_side(test, false);
	odma_expect_alloc_side(test, false);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
}

/* Over the direct backend the word is no news. */
static void odma_bypass_over_direct(struct kunit *test)
{
	static const char * const rules[][2] = {
		{ "direct", "direct bypass" },
		{ "direct stats coherent=no",
		  "direct coherent=no bypass stats" },
	};
	struct odma_fixture *fx = test->priv;
	int i;

	for (i = 0; i < ARRAY_SIZE(rules); i++) {
		const struct dma_map_ops *base;
		struct device *dev;

		dev = odma_bypass_bind(test, rules[i][0], 1, 1);
		base = odma_device_of(dev)->base;
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
		dev = odma_bypass_bind(test, rules[i][1], 1, 1);
		KUNIT_EXPECT_PTR_EQ(test, odma_device_of(dev)->base, base);
		KUNIT_EXPECT_TRUE(test, odma_device_of(dev)->flags &
				  ODMA_BYPASS);
		odma_expect_map_side(test, true);
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

/* The direct side of a device that does not see the caches has its stock. */
static void odma_bypass_uncached(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle, more;
	struct page *page;
	int round;
	void *cpu;

	for (round = 0; round < 3; round++) {
		struct device *dev = odma_bypass_bind(test, ODMA_BYPASSED
						      " bypass coherent=no",
						      1, 1);

		/* The stock's first page, so the one that is counted. */
		cpu = odma_alloc_coherent(dev, 64, &handle, GFP_ATOMIC);
		KUNIT_ASSERT_NOT_NULL(test, cpu);
		KUNIT_EXPECT_EQ(test, 0, odma_record.calls);
		page = pfn_to_page(PHYS_PFN(handle));
		get_page(page);
		/* More than there is in stock, but not in memory. */
		KUNIT_EXPECT_NULL(test, odma_alloc_attrs(dev, SZ_1M, &more,
							 GFP_ATOMIC,
							 DMA_ATTR_NO_WARN));
		odma_free_coherent(dev, 64, cpu, handle);
		odma_expect_alloc_side(test, true);
		odma_expect_map_side(test, true);
		KUNIT_EXPECT_EQ(test, 0, dma_set_coherent_mask(dev,
							       ODMA_NARROW));
		odma_expect_alloc_side(test, false);
		KUNIT_EXPECT_EQ(test, 2, page_count(page));
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_EXPECT_EQ(test, 1, page_count(page));
		put_page(page);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

/* In and out by hand, and over and over: nothing is left. */
static void odma_bypass_attach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	int round;

	KUNIT_EXPECT_EQ(test, -EINVAL,
			odma_attach(fx->dev, ODMA_BYPASSED, ~ODMA_FLAGS));
	for (round = 0; round < 20; round++) {
		KUNIT_ASSERT_EQ(test, 0, odma_attach(fx->dev, ODMA_BYPASSED,
						     ODMA_BYPASS));
		odma_set_masks(fx, ODMA_WIDE);
		odma_expect_map_side(test, true);
		odma_set_masks(fx, ODMA_NARROW);
		odma_expect_map_side(test, false);
		KUNIT_ASSERT_EQ(test, 0, odma_detach(fx->dev));
		KUNIT_ASSERT_NULL(test, fx->dev->dma_ops);
	}
	/* A backend that does not attach leaves nothing either. */
	odma_own.attach = odma_recorder.attach;
	odma_record.attach_ret = -EIO;
	KUNIT_EXPECT_EQ(test, -EIO, odma_attach(fx->dev, ODMA_BYPASSED,
						ODMA_BYPASS | ODMA_STATS));
	odma_own.attach = NULL;
	odma_record.attach_ret = 0;
	KUNIT_EXPECT_NULL(test, fx->dev->dma_ops);
}

/* The backend finds its own table when the device leaves. */
static const struct dma_map_ops *odma_base_at_detach;

static void odma_note_detach(struct odma_device *odev)
{
	odma_base_at_detach = odev->base;
}

static void odma_bypass_detach(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	odma_own.detach = odma_note_detach;
	odma_base_at_detach = NULL;
	odma_bypass_bind(test, fx->mode->rule, 1, 1);
	odma_unbind_driver(fx, ODMA_DRIVER);
	odma_own.detach = NULL;
	KUNIT_EXPECT_PTR_EQ(test, odma_base_at_detach,
			    (const struct dma_map_ops *)&odma_own_ops);
}

static void odma_expect_file(struct kunit *test, const char *name,
			     const char *want)
{
	struct odma_fixture *fx = test->priv;
	char path[96], text[64] = "";
	struct file *file;
	loff_t pos = 0;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/odma/%s",
		 dev_name(fx->dev), name);
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_EXPECT_STREQ(test, text, want);
}

static void odma_bypass_flags(struct kunit *test)
{
	static const char * const says[][2] = {
		{ "bypass", "bypass\n" }, { "stats", "stats\n" },
		{ "bypass stats", "stats bypass\n" },
		{ "coherent=yes bypass", "bypass coherent=yes\n" },
		{ "", "\n" },
	};
	struct odma_fixture *fx = test->priv;
	char rule[64];
	int i;

	for (i = 0; i < ARRAY_SIZE(says); i++) {
		snprintf(rule, sizeof(rule), ODMA_BYPASSED " %s", says[i][0]);
		odma_bypass_bind(test, rule, 1, 1);
		odma_expect_file(test, "flags", says[i][1]);
		odma_unbind_driver(fx, ODMA_DRIVER);
		KUNIT_ASSERT_EQ(test, 0, odma_remove_device_rule(fx));
	}
}

/*
 * Two CPUs map and unmap, each also what the other one mapped, while the mask
 * changes back and forth. The backend marks its addresses, and knows how many
 * are out: one that is unmapped on the wrong side is missing, or has no mark.
 */
#define ODMA_TAG	BIT_ULL(60)
#define ODMA_SLOTS	8

static struct odma_race {
	struct device *dev;
	struct page *page;
	u64 slots[ODMA_SLOTS];
	atomic_t tagged;
	atomic_t untagged;
	atomic_t not_mine;
	atomic_t direct;
	atomic_t failed;
	int lingers;
	int rounds;
} odma_race;

static dma_addr_t odma_tag_map_phys(struct device *dev, phys_addr_t phys,
				    size_t size, enum dma_data_direction dir,
				    unsigned long attrs)
{
	atomic_inc(&odma_race.tagged);
	return phys | ODMA_TAG;
}

static void odma_tag_unmap_phys(struct device *dev, dma_addr_t addr,
				size_t size, enum dma_data_direction dir,
				unsigned long attrs)
{
	atomic_inc(addr & ODMA_TAG ? &odma_race.untagged :
		   &odma_race.not_mine);
}

ODMA_OPS_ADAPTERS(odma_tag)

/* 0 is no address here: the page is not the first of memory. */
static void odma_race_unmap(u64 addr)
{
	if (!addr)
		return;
	/* Now and then with interrupts off, as a driver's handler has them. */
	if (addr & BIT_ULL(6)) {
		unsigned long flags;

		local_irq_save(flags);
		odma_unmap_page(odma_race.dev, addr, 64, DMA_TO_DEVICE);
		local_irq_restore(flags);
	} else {
		dma_unmap_page(odma_race.dev, addr, 64, DMA_TO_DEVICE);
	}
}

static int odma_race_thread(void *unused)
{
	int round, i;

	for (round = 0; round < odma_race.rounds; round++) {
		for (i = 0; i < ODMA_SLOTS; i++) {
			dma_addr_t addr;

			addr = dma_map_page(odma_race.dev, odma_race.page,
					    i * 64, 64, DMA_TO_DEVICE);
			if (dma_mapping_error(odma_race.dev, addr)) {
				atomic_inc(&odma_race.failed);
				continue;
			}
			if (!(addr & ODMA_TAG))
				atomic_inc(&odma_race.direct);
			odma_race_unmap(xchg(&odma_race.slots[i], addr));
		}
		for (i = 0; i < ODMA_SLOTS; i++)
			odma_race_unmap(xchg(&odma_race.slots[i], 0));
		cond_resched();
	}
	/* Wait to be stopped, so that whoever stops us can. */
	while (!kthread_should_stop())
		msleep(20);
	return 0;
}

/*
 * Nothing was live, and the choice is about to change: the mask goes back, and
 * the other CPU has time for a mapping that the old choice is right for.
 */
static int odma_linger(struct kretprobe_instance *ri, struct pt_regs *regs)
{
	u64 *mask = odma_race.dev->dma_mask;

	if (regs_return_value(regs) || odma_race.lingers++ >= 200)
		return 0;
	*mask = *mask == ODMA_WIDE ? ODMA_NARROW : ODMA_WIDE;
	mdelay(1);
	return 0;
}

static struct kretprobe odma_after_count = {
	.kp.symbol_name = "odma_sum_live",
	.handler = odma_linger,
};

static void odma_bypass_two_cpus(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct task_struct *threads[2];
	struct kmsg_dump_iter log;
	int cpu, i, n = 0;

	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "KMSAN reports the kernel's own kprobes");
	ODMA_OPS_SET_MAP(&odma_own_ops, odma_tag);
	memset(&odma_race, 0, sizeof(odma_race));
	odma_race.dev = odma_bypass_bind(test, fx->mode->rule, 1, 1);
	/* Within the narrow mask, so that no mapping fails on either side. */
	odma_race.page = odma_test_pages(test, GFP_KERNEL | GFP_DMA, 0);
	odma_race.rounds = 1000;
	odma_log_mark(&log);
	/* Registering fills in what must be empty for the next time. */
	odma_after_count.kp.addr = NULL;
	odma_after_count.kp.flags = 0;
	KUNIT_ASSERT_EQ(test, 0, register_kretprobe(&odma_after_count));
	for_each_online_cpu(cpu) {
		if (n == ARRAY_SIZE(threads))
			break;
		threads[n] = kthread_create(odma_race_thread, NULL,
					    "odma-race/%d", cpu);
		KUNIT_ASSERT_FALSE(test, IS_ERR(threads[n]));
		kthread_bind(threads[n++], cpu);
	}
	KUNIT_EXPECT_EQ(test, n, 2);
	for (i = 0; i < n; i++)
		wake_up_process(threads[i]);
	for (i = 0; i < 200; i++) {
		dma_set_mask(odma_race.dev, i % 2 ? ODMA_WIDE : ODMA_NARROW);
		usleep_range(500, 1000);
	}
	for (i = 0; i < n; i++)
		kthread_stop(threads[i]);
	unregister_kretprobe(&odma_after_count);
	/* A slot can only be filled by a thread that empties it afterwards. */
	for (i = 0; i < ODMA_SLOTS; i++)
		KUNIT_EXPECT_EQ(test, odma_race.slots[i], 0);
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_race.not_mine));
	KUNIT_EXPECT_EQ(test, 0, atomic_read(&odma_race.failed));
	KUNIT_EXPECT_EQ(test, atomic_read(&odma_race.tagged),
			atomic_read(&odma_race.untagged));
	/* Both sides had their share. */
	KUNIT_EXPECT_GT(test, atomic_read(&odma_race.tagged), 0);
	KUNIT_EXPECT_GT(test, atomic_read(&odma_race.direct), 0);
	kunit_info(test, "%d by the backend, %d directly, %d times kept",
		   atomic_read(&odma_race.tagged),
		   atomic_read(&odma_race.direct),
		   odma_log_count(&log, "has changed"));
	/* Nothing is live: the mask has its way. */
	KUNIT_EXPECT_EQ(test, 0, dma_set_mask(odma_race.dev, ODMA_NARROW));
	atomic_set(&odma_race.tagged, 0);
	odma_race_unmap(dma_map_page(odma_race.dev, odma_race.page, 0, 64,
				     DMA_TO_DEVICE));
	KUNIT_EXPECT_EQ(test, 1, atomic_read(&odma_race.tagged));
}

static struct kunit_case odma_bypass_cases[] = {
	KUNIT_CASE_PARAM(odma_bypass_map, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_sg, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_sync, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_resource, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_alloc, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_pages, odma_bypass_gen_params),
	KUNIT_CASE_PARAM(odma_bypass_questions, odma_bypass_gen_params),
	KUNIT_CASE(odma_bypass_mask_changes),
	KUNIT_CASE(odma_bypass_live_mapping),
	KUNIT_CASE(odma_bypass_live_alloc),
	KUNIT_CASE(odma_bypass_live_pages),
	KUNIT_CASE(odma_bypass_failures),
	KUNIT_CASE(odma_bypass_bus_limit),
	KUNIT_CASE(odma_bypass_ranges),
	KUNIT_CASE(odma_bypass_supported),
	KUNIT_CASE(odma_bypass_null_members),
#ifndef ODMA_HAVE_MAP_PHYS
	KUNIT_CASE(odma_bypass_unmap_nothing),
#endif
	KUNIT_CASE(odma_bypass_not_asked),
	KUNIT_CASE(odma_bypass_over_direct),
	KUNIT_CASE(odma_bypass_uncached),
	KUNIT_CASE(odma_bypass_attach),
	KUNIT_CASE(odma_bypass_detach),
	KUNIT_CASE(odma_bypass_flags),
	KUNIT_CASE(odma_bypass_two_cpus),
	{}
};

struct kunit_suite odma_bypass_suite = {
	.name = "odma-bypass",
	.suite_init = odma_begin_suite,
	.init = odma_bypass_init,
	.exit = odma_bypass_exit,
	.test_cases = odma_bypass_cases,
};
