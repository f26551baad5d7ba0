// SPDX-License-Identifier: GPL-2.0
/*
 * A device behind a software IOMMU.
 */
#include <linux/mm.h>
#include "fixture.h"
#include "../swiotlb/fixture.h"

struct odma_soft *odma_soft;

static const struct odma_soft_cfg odma_soft_4k = {
	.granule_shift = 12, .ias = 48,
};

static const struct odma_iommu_mode odma_iommu_all_modes[] = {
	{ .mode = { .name = "strict", .rule = "iommu" },
	  .soft = { .granule_shift = 12, .ias = 48 } },
	{ .mode = { .name = "own functions", .rule = "iommu strict" },
	  .soft = { .granule_shift = 12, .ias = 39, .own = true } },
	{ .mode = { .name = "coherent=no", .rule = "iommu coherent=no",
		    .uncached = true },
	  .soft = { .granule_shift = 12, .ias = 40 } },
	{ .mode = { .name = "lazy", .rule = "iommu lazy" },
	  .soft = { .granule_shift = 12, .ias = 48 }, .lazy = true },
	{ .mode = { .name = "rough functions", .rule = "iommu strict" },
	  .soft = { .granule_shift = 12, .ias = 39, .own = true,
		    .rough = true } },
	{ .mode = { .name = "untrusted", .rule = "iommu untrusted" },
	  .soft = { .granule_shift = 12, .ias = 48 }, .copies = true },
	{ .mode = { .name = "untrusted coherent=no",
		    .rule = "iommu untrusted coherent=no", .uncached = true },
	  .soft = { .granule_shift = 12, .ias = 48, .own = true },
	  .copies = true },
	{ .mode = { .name = "shadow", .rule = "iommu shadow" },
	  .soft = { .granule_shift = 12, .ias = 48 }, .shadows = true },
	{ .mode = { .name = "shadow untrusted",
		    .rule = "iommu shadow untrusted coherent=no shadow_max=1000 shadow_kib=128",
		    .uncached = true },
	  .soft = { .granule_shift = 12, .ias = 48 }, .copies = true,
	  .shadows = true },
};

#define ODMA_PLAIN_MODES	5

static const void *odma_mode_before(const void *prev, char *desc, size_t count)
{
	const struct odma_iommu_mode *mode = prev;

	mode = mode ? mode + 1 : odma_iommu_all_modes;
	if (mode == &odma_iommu_all_modes[count])
		return NULL;
	strscpy(desc, mode->mode.name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

const void *odma_iommu_modes(const void *prev, char *desc)
{
	return odma_mode_before(prev, desc, ARRAY_SIZE(odma_iommu_all_modes));
}

const void *odma_iommu_plain_modes(const void *prev, char *desc)
{
	return odma_mode_before(prev, desc, ODMA_PLAIN_MODES);
}

const struct odma_iommu_mode *odma_iommu_mode(struct kunit *test)
{
	return test->param_value ?: &odma_iommu_all_modes[0];
}

int odma_iommu_unbound_init(struct kunit *test)
{
	odma_soft = NULL;
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	return odma_unbound_init(test);
}

int odma_iommu_no_mode_init(struct kunit *test)
{
	const void *param = test->param_value;
	int ret;

	test->param_value = NULL;
	ret = odma_iommu_unbound_init(test);
	test->param_value = param;
	return ret;
}

struct odma_soft *odma_iommu_begin(struct kunit *test, const char *rule,
				   const struct odma_soft_cfg *cfg)
{
	struct odma_fixture *fx = test->priv;

	odma_soft = odma_soft_start(test, cfg ?: &odma_soft_4k, fx->dev);
	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	return odma_soft;
}

int odma_iommu_init(struct kunit *test)
{
	const struct odma_iommu_mode *mode = odma_iommu_mode(test);
	struct odma_fixture *fx;

	odma_iommu_unbound_init(test);
	odma_iommu_begin(test, mode->mode.rule, &mode->soft);
	fx = test->priv;
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	return 0;
}

void odma_iommu_exit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	if (fx) {
		odma_unbind_driver(fx, ODMA_DRIVER);
		odma_unbind_driver(fx, ODMA_OTHER_DRIVER);
	}
	if (odma_soft)
		odma_soft_stop(test, odma_soft);
	odma_soft = NULL;
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
	odma_fixture_exit(test);
}

u8 *odma_iommu_buffer(struct kunit *test, unsigned int order)
{
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, order));

	odma_pattern(buf, PAGE_SIZE << order, order);
	return buf;
}
