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
#include "swiotlb.h"

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
