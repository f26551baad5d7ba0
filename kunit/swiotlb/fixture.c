// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites of the bounce buffers share.
 *
 * odma-swiotlb.ko exports nothing, and these suites need nothing else than a
 * driver has, and an administrator: its files are read as those would.
 */
#include <linux/delay.h>
#include <linux/fs.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include "fixture.h"

static const struct odma_mode odma_bounce_modes[] = {
	{ .name = "force", .rule = "swiotlb force" },
	{ .name = "coherent=no", .rule = "swiotlb coherent=no",
	  .uncached = true },
	{ .name = "stats", .rule = "swiotlb stats", .stats = true },
	{ .name = "a pool of its own",
	  .rule = "swiotlb pool_kib=2048 limit_kib=8192" },
	{ .name = "restricted",
	  .rule = "swiotlb restricted pool_kib=2048 limit_kib=8192" },
};

const void *odma_bouncing_modes(const void *prev, char *desc)
{
	const struct odma_mode *mode = prev;

	mode = mode ? mode + 1 : odma_bounce_modes;
	if (mode == &odma_bounce_modes[ARRAY_SIZE(odma_bounce_modes)])
		return NULL;
	strscpy(desc, mode->name, KUNIT_PARAM_DESC_SIZE);
	return mode;
}

struct odma_fixture *odma_bouncing(struct kunit *test, const char *rule)
{
	struct odma_fixture *fx = test->priv;

	KUNIT_ASSERT_EQ(test, 0, odma_add_device_rule(fx, rule));
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(fx->dev));
	return fx;
}

static ssize_t odma_read_text(const char *path, char *text, size_t size)
{
	struct file *file = filp_open(path, O_RDONLY, 0);
	loff_t from = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_read(file, text, size - 1, &from);
	filp_close(file, NULL);
	text[max_t(ssize_t, len, 0)] = '\0';
	return len;
}

static int odma_write_text(const char *path, const char *text)
{
	struct file *file = filp_open(path, O_WRONLY, 0);
	loff_t from = 0;
	ssize_t len;

	if (IS_ERR(file))
		return PTR_ERR(file);
	len = kernel_write(file, text, strlen(text), &from);
	filp_close(file, NULL);
	return len < 0 ? len : 0;
}

static long odma_read_number(struct kunit *test, const char *path)
{
	char text[32];
	long number = -1;

	KUNIT_ASSERT_GT_MSG(test, odma_read_text(path, text, sizeof(text)), 0,
			    "%s", path);
	KUNIT_ASSERT_EQ(test, 0, kstrtol(strim(text), 0, &number));
	return number;
}

const char *odma_pool_name(struct odma_fixture *fx)
{
	const struct odma_device *odev = odma_device_of(fx->dev);
	const char *options = odev ? odev->options : NULL;

	if (options && (strstr(options, "_kib=") || strstr(options, "bits=") ||
			strstr(options, "restricted")))
		return dev_name(fx->dev);
	return ODMA_SHARED_POOL;
}

static void odma_pool_path(char *path, size_t size, const char *pool,
			   const char *file)
{
	snprintf(path, size, "/sys/kernel/odma/swiotlb/%s/%s", pool, file);
}

long odma_named_pool_file(struct kunit *test, const char *pool,
			  const char *file)
{
	char path[96];

	odma_pool_path(path, sizeof(path), pool, file);
	return odma_read_number(test, path);
}

long odma_pool_file(struct odma_fixture *fx, const char *file)
{
	return odma_named_pool_file(fx->test, odma_pool_name(fx), file);
}

int odma_reset_high_water(struct odma_fixture *fx)
{
	char path[96];

	odma_pool_path(path, sizeof(path), odma_pool_name(fx), "high_water");
	return odma_write_text(path, "0\n");
}

long odma_swiotlb_refs(struct kunit *test)
{
	return odma_read_number(test, "/sys/module/odma_swiotlb/refcnt");
}

int odma_set_swiotlb(const char *parameter, const char *value)
{
	char path[96];

	snprintf(path, sizeof(path), "/sys/module/odma_swiotlb/parameters/%s",
		 parameter);
	return odma_write_text(path, value);
}

bool odma_wait_pool(struct odma_fixture *fx, const char *file, long min,
		    long max)
{
	int tries;

	for (tries = 0; tries < 500; tries++) {
		long value = odma_pool_file(fx, file);

		if (value >= min && value <= max)
			return true;
		msleep(20);
	}
	return false;
}

/* No 0 among them, and no period that a slot or a page has. */
static u8 odma_pattern_at(size_t i, u8 seed)
{
	return 1 + (i * 7 + i / 251 + seed) % 255;
}

void odma_pattern(u8 *bytes, size_t size, u8 seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		bytes[i] = odma_pattern_at(i, seed);
}

bool odma_has_pattern(const u8 *bytes, size_t size, u8 seed)
{
	size_t i;

	for (i = 0; i < size; i++)
		if (bytes[i] != odma_pattern_at(i, seed))
			return false;
	return true;
}

bool odma_clear_beside(struct odma_fixture *fx, dma_addr_t addr, size_t size)
{
	u8 *bytes = odma_device_view(fx, addr);
	size_t before = addr % ODMA_SLOT;
	size_t after = -(addr + size) % ODMA_SLOT;

	return !memchr_inv(bytes - before, 0, before) &&
	       !memchr_inv(bytes + size, 0, after);
}

void odma_banish(struct odma_fixture *fx, struct page *page, size_t size)
{
	struct bus_dma_region ranges[2] = {
		odma_range(page_to_phys(page), 1ULL << 40, size),
		odma_range(0, 0, 1ULL << 36),
	};

	odma_set_ranges(fx, ranges, ARRAY_SIZE(ranges));
}

u8 *odma_test_buffer(struct kunit *test, int order)
{
	return page_address(odma_test_pages(test, GFP_KERNEL, order));
}

bool odma_try_map(struct device *dev, void *buf, size_t size, dma_addr_t *addr)
{
	*addr = odma_map_single_attrs(dev, buf, size, DMA_BIDIRECTIONAL,
				      DMA_ATTR_NO_WARN);
	return *addr != DMA_MAPPING_ERROR;
}

void odma_unmap_all(struct device *dev, dma_addr_t *addr, int count,
		    size_t size)
{
	while (count--)
		odma_unmap_single(dev, addr[count], size, DMA_BIDIRECTIONAL);
}

/* With what the worker is about to add. */
bool odma_map_soon(struct odma_fixture *fx, struct device *dev, void *buf,
		   size_t size, dma_addr_t *addr)
{
	long limit = odma_pool_file(fx, "limit");
	int tries = 0;

	while (!odma_try_map(dev, buf, size, addr)) {
		bool full = odma_pool_file(fx, "bytes") + SZ_128K > limit;

		tries += full ? 167 : 1;
		if (tries > 500)
			return false;
		msleep(20);
	}
	return true;
}

int odma_fill(struct odma_fixture *fx, struct device *dev, void *buf,
	      size_t size, dma_addr_t *addr, int max)
{
	int count = 0;

	while (count < max && odma_map_soon(fx, dev, buf, size, &addr[count]))
		count++;
	return count;
}

void odma_add_holder(struct kunit *test, struct odma_holder *holder, int id)
{
	char rule[64];

	snprintf(rule, sizeof(rule), "platform odma-kunit.%d swiotlb", id);
	KUNIT_ASSERT_EQ(test, 0, odma_add_rule(rule));
	holder->pdev = platform_device_register_simple("odma-kunit", id, NULL,
						       0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(holder->pdev));
	KUNIT_ASSERT_NOT_NULL(test, odma_device_of(&holder->pdev->dev));
}

void odma_remove_holder(struct kunit *test, struct odma_holder *holder, int id)
{
	char rule[64];

	odma_unmap_all(&holder->pdev->dev, holder->addr, holder->count,
		       holder->size);
	platform_device_unregister(holder->pdev);
	snprintf(rule, sizeof(rule), "platform odma-kunit.%d", id);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_rule(rule));
}

void odma_hold(struct odma_fixture *fx, struct odma_holder *holder, void *buf,
	       size_t size, int count)
{
	holder->size = size;
	holder->count = odma_fill(fx, &holder->pdev->dev, buf, size,
				  holder->addr, count);
	KUNIT_EXPECT_EQ(fx->test, holder->count, count);
}

static dma_addr_t odma_round_trip_map(struct odma_fixture *fx, u8 *buf,
				      size_t size, bool kernels)
{
	dma_addr_t addr;

	if (kernels)
		addr = dma_map_single(fx->dev, buf, size, DMA_BIDIRECTIONAL);
	else
		addr = odma_map_single(fx->dev, buf, size, DMA_BIDIRECTIONAL);
	KUNIT_ASSERT_NE(fx->test, addr, DMA_MAPPING_ERROR);
	return addr;
}

static void odma_round_trip_sync(struct odma_fixture *fx, dma_addr_t addr,
				 size_t size, bool kernels, bool for_cpu)
{
	if (kernels && for_cpu)
		dma_sync_single_for_cpu(fx->dev, addr, size, DMA_BIDIRECTIONAL);
	else if (kernels)
		dma_sync_single_for_device(fx->dev, addr, size,
					   DMA_BIDIRECTIONAL);
	else if (for_cpu)
		odma_sync_single_for_cpu(fx->dev, addr, size,
					 DMA_BIDIRECTIONAL);
	else
		odma_sync_single_for_device(fx->dev, addr, size,
					    DMA_BIDIRECTIONAL);
}

void odma_round_trip(struct odma_fixture *fx, u8 *buf, size_t size,
		     bool kernels)
{
	struct kunit *test = fx->test;
	dma_addr_t addr;
	u8 *view;

	odma_pattern(buf, size, 1);
	addr = odma_round_trip_map(fx, buf, size, kernels);
	view = odma_device_view(fx, addr);
	KUNIT_EXPECT_PTR_NE(test, view, buf);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(view, size, 1));
	odma_pattern(view, size, 2);
	odma_round_trip_sync(fx, addr, size, kernels, true);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, size, 2));
	odma_pattern(buf, size, 3);
	odma_round_trip_sync(fx, addr, size, kernels, false);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(view, size, 3));
	odma_pattern(view, size, 4);
	if (kernels)
		dma_unmap_single(fx->dev, addr, size, DMA_BIDIRECTIONAL);
	else
		odma_unmap_single(fx->dev, addr, size, DMA_BIDIRECTIONAL);
	KUNIT_EXPECT_TRUE(test, odma_has_pattern(buf, size, 4));
}
