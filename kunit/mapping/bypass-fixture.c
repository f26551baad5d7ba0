// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of the rule word "bypass" share.
 */
#include <linux/dma-mapping.h>
#include "bypass.h"

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
struct dma_map_ops odma_bypassed_ops;

static int odma_own_option(const char *key, const char *value)
{
	return strcmp(key, "coherent") ? -EINVAL : 0;
}

struct odma_backend odma_bypassed = {
	.name = ODMA_BYPASSED,
	.ops = &odma_bypassed_ops,
	.check_option = odma_own_option,
};

static const struct odma_mode odma_bypass_mode = {
	.name = "bypass", .rule = ODMA_BYPASSED " bypass",
};

int odma_bypass_init(struct kunit *test)
{
	struct odma_fixture *fx;

	odma_clear_record();
	odma_bypassed_ops = odma_recorder_ops;
	odma_bypassed_ops.max_mapping_size = odma_own_max_size;
	odma_bypassed_ops.opt_mapping_size = odma_own_opt_size;
	odma_bypassed_ops.get_merge_boundary = odma_own_boundary;
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_bypassed));
	/* The fixture takes the parameter for a mode of its own. */
	odma_unbound_init(test);
	fx = test->priv;
	fx->mode = &odma_bypass_mode;
	odma_record.addr_ret = ODMA_OWN_ADDR;
	odma_record.sg_ret = 1;
	return 0;
}

void odma_bypass_exit(struct kunit *test)
{
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_bypassed);
}

struct device *odma_bypass_bind(struct kunit *test, const char *rule,
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

void odma_expect_side(struct kunit *test, bool direct, enum odma_op op)
{
	KUNIT_EXPECT_EQ(test, odma_record.calls, !direct);
	if (!direct)
		KUNIT_EXPECT_EQ(test, odma_record.op, op);
	odma_record.calls = 0;
}

void odma_expect_map_side(struct kunit *test, bool direct)
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

void odma_expect_alloc_side(struct kunit *test, bool direct)
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
