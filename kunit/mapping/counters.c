// SPDX-License-Identifier: GPL-2.0
/*
 * What "stats" says of a driver that undoes too much, or the wrong size.
 */
#include <linux/dma-mapping.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include "../shared/fixture.h"
#include "../shared/log.h"
#include "../suites.h"

static const struct odma_mode odma_counted_modes[] = {
	{ .name = "direct", .rule = "direct stats", .stats = true },
	{ .name = "swiotlb", .rule = "swiotlb stats", .stats = true },
};

static const void *odma_each_counted(const void *prev, char *desc)
{
	const struct odma_mode *mode = prev;

	mode = mode ? mode + 1 : odma_counted_modes;
	if (mode == odma_counted_modes + ARRAY_SIZE(odma_counted_modes))
		return NULL;
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

/* A file of the device's, as a number. */
static void odma_expect_value(struct kunit *test, const char *name, long want)
{
	struct odma_fixture *fx = test->priv;
	char path[96], text[32] = "";
	struct file *file;
	loff_t pos = 0;
	long value;

	snprintf(path, sizeof(path), "/sys/bus/platform/devices/%s/odma/%s",
		 dev_name(fx->dev), name);
	file = filp_open(path, O_RDONLY, 0);
	KUNIT_ASSERT_FALSE_MSG(test, IS_ERR(file), "%s", name);
	kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_ASSERT_EQ(test, 0, kstrtol(strim(text), 10, &value));
	KUNIT_EXPECT_EQ_MSG(test, value, want, "%s", name);
}

static void odma_expect_balance(struct kunit *test, long live, long bytes,
				long extra, long stray)
{
	odma_expect_value(test, "live_mappings", live);
	odma_expect_value(test, "live_bytes", bytes);
	odma_expect_value(test, "extra_unmaps", extra);
	odma_expect_value(test, "stray_bytes", stray);
}

/* The words of Documentation/rules.md's column, among all attachments. */
static void odma_expect_line(struct kunit *test, const char *words)
{
	struct file *file = filp_open("/sys/kernel/odma/attachments", O_RDONLY,
				      0);
	static char text[PAGE_SIZE];
	loff_t pos = 0;

	KUNIT_ASSERT_FALSE(test, IS_ERR(file));
	memset(text, 0, sizeof(text));
	kernel_read(file, text, sizeof(text) - 1, &pos);
	filp_close(file, NULL);
	KUNIT_EXPECT_NOT_NULL_MSG(test, strstr(text, words), "'%s' in '%s'",
				  words, text);
}

static dma_addr_t odma_counted_map(struct kunit *test, size_t size)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	dma_addr_t addr = dma_map_page(fx->dev, page, 0, size, DMA_TO_DEVICE);

	KUNIT_ASSERT_NE(test, addr, DMA_MAPPING_ERROR);
	return addr;
}

static void odma_expect_told(struct kunit *test, int lines)
{
	struct odma_fixture *fx = test->priv;
	struct kmsg_dump_iter log;

	odma_log_leftovers(true);
	odma_log_mark(&log);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, lines, odma_log_count(&log, "don't add up"));
	odma_log_leftovers(false);
}

static void odma_counters_twice(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr = odma_counted_map(test, 2048);

	odma_expect_balance(test, 1, 2048, 0, 0);
	dma_unmap_page(fx->dev, addr, 2048, DMA_TO_DEVICE);
	odma_expect_balance(test, 0, 0, 0, 0);
	dma_unmap_page(fx->dev, addr, 2048, DMA_TO_DEVICE);
	odma_expect_balance(test, 0, 0, 1, 2048);
	odma_expect_line(test, " 0 0 0 0\n");
	odma_expect_told(test, 1);
}

static void odma_counters_wrong_size(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr = odma_counted_map(test, 2048), other;

	dma_unmap_page(fx->dev, addr, 512, DMA_TO_DEVICE);
	odma_expect_balance(test, 0, 0, 0, 1536);
	other = odma_counted_map(test, 64);
	odma_expect_balance(test, 1, 1600, 0, 0);
	dma_unmap_page(fx->dev, other, 4096, DMA_TO_DEVICE);
	odma_expect_balance(test, 0, 0, 0, 2496);
	odma_expect_told(test, 1);
}

/* What is right has nothing said of it. */
static void odma_counters_right(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t addr = odma_counted_map(test, 100);

	dma_unmap_page(fx->dev, addr, 100, DMA_TO_DEVICE);
	odma_expect_balance(test, 0, 0, 0, 0);
	odma_expect_value(test, "extra_frees", 0);
	odma_expect_value(test, "stray_alloc_bytes", 0);
	odma_expect_told(test, 0);
}

static struct kunit_case odma_counters_cases[] = {
	KUNIT_CASE_PARAM(odma_counters_twice, odma_each_counted),
	KUNIT_CASE_PARAM(odma_counters_wrong_size, odma_each_counted),
	KUNIT_CASE_PARAM(odma_counters_right, odma_each_counted),
	{}
};

struct kunit_suite odma_counters_suite = {
	.name = "odma-counters",
	.suite_init = odma_begin_suite,
	.init = odma_bound_init,
	.exit = odma_fixture_exit,
	.test_cases = odma_counters_cases,
};
