// SPDX-License-Identifier: GPL-2.0
/*
 * Bounce buffers of devices that do not see the CPU's caches: which bytes are
 * written back before the device may look.
 */
#include <linux/kprobes.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "../suites.h"
#include "fixture.h"

#ifdef CONFIG_X86

/* From the first byte to the last that was written back. */
static unsigned long odma_cleaned_from, odma_cleaned_to;

static int odma_see_clean(struct kprobe *p, struct pt_regs *regs)
{
	odma_cleaned_from = min(odma_cleaned_from, regs->di);
	odma_cleaned_to = max(odma_cleaned_to, regs->di + regs->si);
	return 0;
}

static struct kprobe odma_clean_probe;

static const char * const odma_uncached_rules[] = {
	"swiotlb coherent=no", "swiotlb auto coherent=no",
	"direct coherent=no",
};

static void odma_uncached_describe(const char * const *rule, char *desc)
{
	strscpy(desc, *rule, KUNIT_PARAM_DESC_SIZE);
}

KUNIT_ARRAY_PARAM(odma_uncached, odma_uncached_rules, odma_uncached_describe);

static void odma_expect_cleaned(struct odma_fixture *fx, struct page *page,
				size_t size, unsigned long attrs)
{
	unsigned long view, from, to;
	dma_addr_t addr;

	odma_cleaned_from = ULONG_MAX;
	odma_cleaned_to = 0;
	addr = odma_map_page_attrs(fx->dev, page, 100, size, DMA_FROM_DEVICE,
				   attrs);
	KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
	view = (unsigned long)odma_device_view(fx, addr);
	from = round_down(view, ODMA_SLOT);
	to = round_up(view + size, ODMA_SLOT);
	KUNIT_EXPECT_LE(fx->test, odma_cleaned_from, from);
	KUNIT_EXPECT_GE(fx->test, odma_cleaned_to, to);
	odma_unmap_page_attrs(fx->dev, addr, size, DMA_FROM_DEVICE, attrs);
}

/* All slots of a mapping, whatever the driver says of its own bytes. */
static void odma_cache_slots(struct kunit *test)
{
	const char * const *rule = test->param_value;
	struct odma_fixture *fx;
	struct page *page;

	if (IS_ENABLED(CONFIG_KMSAN))
		kunit_skip(test, "KMSAN reports the kernel's own kprobes");
	KUNIT_ASSERT_EQ(test, 0, odma_set_swiotlb("net", "1"));
	fx = odma_bouncing(test, *rule);
	page = odma_test_pages(test, GFP_KERNEL, 1);
	odma_banish(fx, page, 2 * PAGE_SIZE);
	odma_set_masks(fx, DMA_BIT_MASK(32));
	dma_set_min_align_mask(fx->dev, 0x3ff);
	odma_clean_probe = (struct kprobe) {
		.symbol_name = "clflush_cache_range",
		.pre_handler = odma_see_clean,
	};
	KUNIT_ASSERT_EQ(test, 0, register_kprobe(&odma_clean_probe));
	odma_expect_cleaned(fx, page, 700, 0);
	odma_expect_cleaned(fx, page, 5000, 0);
	odma_expect_cleaned(fx, page, 700, DMA_ATTR_SKIP_CPU_SYNC);
	unregister_kprobe(&odma_clean_probe);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, 0, odma_set_swiotlb("net", "0"));
}

#else

static const void *odma_uncached_gen_params(const void *prev, char *desc)
{
	return prev ? NULL : "";
}

static void odma_cache_slots(struct kunit *test)
{
	kunit_skip(test, "no function to watch: the loop is ours");
}

#endif

static struct kunit_case odma_cache_cases[] = {
	KUNIT_CASE_PARAM(odma_cache_slots, odma_uncached_gen_params),
	{}
};

struct kunit_suite odma_swiotlb_cache_suite = {
	.name = "odma-swiotlb-cache",
	.suite_init = odma_begin_suite,
	.init = odma_unbound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_cache_cases,
};
