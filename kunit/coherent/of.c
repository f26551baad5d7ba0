// SPDX-License-Identifier: GPL-2.0
/*
 * Pools that the device tree gives: kunit/qemu/arm64.dtso has the devices and
 * their regions, which the kernel makes devices of by itself.
 */
#include <linux/ioport.h>
#include <linux/of.h>
#include <linux/of_reserved_mem.h>
#include "fixture.h"
#include "../shared/log.h"
#include "../suites.h"

#define ODMA_OF_RULES	4

/**
 * struct odma_of - what one case runs on
 * @ruled:	the devices that have a rule
 * @rules:	how many
 * @bound:	the driver is registered
 * @held:	the devices that have the kernel's allocator
 * @helds:	how many
 */
struct odma_of {
	struct device *ruled[ODMA_OF_RULES];
	int rules;
	bool bound;
	struct device *held[ODMA_OF_RULES];
	int helds;
};

static int odma_of_probe(struct platform_device *pdev)
{
	return 0;
}

static const struct of_device_id odma_of_match[] = {
	{ .compatible = "odma,kunit" },
	{ }
};

static struct platform_driver odma_of_driver = {
	.probe = odma_of_probe,
	.driver.name = "odma-kunit-of",
	.driver.of_match_table = odma_of_match,
};

static int odma_of_init(struct kunit *test)
{
	if (!of_have_populated_dt())
		kunit_skip(test, "this machine has no device tree");
	test->priv = kunit_kzalloc(test, sizeof(struct odma_of), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, test->priv);
	odma_mark_log();
	return 0;
}

/* The devices are there for good. */
static struct device *odma_of_device(struct kunit *test, const char *name)
{
	struct device *dev = bus_find_device_by_name(&platform_bus_type, NULL,
						     name);

	KUNIT_ASSERT_NOT_NULL_MSG(test, dev, "%s", name);
	put_device(dev);
	return dev;
}

/* All devices get the driver, and those with a rule come under odma. */
static void odma_of_bind(struct kunit *test)
{
	struct odma_of *of = test->priv;
	int i;

	KUNIT_ASSERT_EQ(test, 0, platform_driver_register(&odma_of_driver));
	of->bound = true;
	for (i = 0; i < of->rules; i++)
		KUNIT_ASSERT_NOT_NULL(test, odma_device_of(of->ruled[i]));
}

static void odma_of_unbind(struct kunit *test)
{
	struct odma_of *of = test->priv;

	while (of->helds)
		of_reserved_mem_device_release(of->held[--of->helds]);
	if (of->bound)
		platform_driver_unregister(&odma_of_driver);
	of->bound = false;
}

static struct device *odma_of_rule(struct kunit *test, const char *name,
				   const char *words)
{
	struct device *dev = odma_of_device(test, name);
	struct odma_of *of = test->priv;
	char rule[128];

	KUNIT_ASSERT_LT(test, of->rules, ODMA_OF_RULES);
	snprintf(rule, sizeof(rule), "platform %s direct %s", name, words);
	KUNIT_ASSERT_EQ(test, 0, odma_add_rule(rule));
	of->ruled[of->rules++] = dev;
	return dev;
}

static struct device *odma_of_attached(struct kunit *test, const char *name)
{
	struct device *dev = odma_of_rule(test, name, "");

	odma_of_bind(test);
	return dev;
}

static void odma_of_exit(struct kunit *test)
{
	struct odma_of *of = test->priv;
	char rule[64];

	odma_tally(test);
	if (!of)
		return;
	odma_of_unbind(test);
	while (of->rules--) {
		snprintf(rule, sizeof(rule), "platform %s",
			 dev_name(of->ruled[of->rules]));
		odma_remove_rule(rule);
	}
}

/* What the device's driver does to have the kernel's own allocator. */
static int odma_of_kernels(struct kunit *test, struct device *dev)
{
	struct odma_of *of = test->priv;
	int ret = of_reserved_mem_device_init(dev);

	KUNIT_ASSERT_LT(test, of->helds, ODMA_OF_RULES);
	if (!ret)
		of->held[of->helds++] = dev;
	return ret;
}

/* A region of the device, as the kernel noted it. */
static struct reserved_mem *odma_of_rmem(struct kunit *test,
					 struct device *dev, int index)
{
	struct device_node *node = of_parse_phandle(dev->of_node,
						    "memory-region", index);
	struct reserved_mem *rmem;

	KUNIT_ASSERT_NOT_NULL(test, node);
	rmem = of_reserved_mem_lookup(node);
	of_node_put(node);
	KUNIT_ASSERT_NOT_NULL(test, rmem);
	return rmem;
}

static struct odma_pool_range odma_of_region(struct kunit *test,
					     struct device *dev, int index)
{
	struct reserved_mem *rmem = odma_of_rmem(test, dev, index);
	struct odma_pool_range range = {
		.phys = rmem->base,
		.size = rmem->size,
	};

	return range;
}

static bool odma_of_claimed(const struct odma_pool_range *range)
{
	if (!request_mem_region(range->phys, range->size, "odma-kunit probe"))
		return true;
	release_mem_region(range->phys, range->size);
	return false;
}

static bool odma_of_get(struct device *dev, struct odma_buffer *buf,
			size_t size)
{
	buf->size = size;
	buf->cpu = odma_alloc_coherent(dev, size, &buf->handle,
				       GFP_KERNEL | __GFP_NOWARN);
	return buf->cpu;
}

static void odma_of_put(struct device *dev, struct odma_buffer *buf)
{
	odma_free_coherent(dev, buf->size, buf->cpu, buf->handle);
}

/* Is what these devices get inside the region? */
static bool odma_of_served(struct device *dev,
			   const struct odma_pool_range *range)
{
	struct odma_buffer buf;
	bool served;

	if (!odma_of_get(dev, &buf, PAGE_SIZE))
		return false;
	served = odma_buffer_at(&buf, range->phys, range->size);
	odma_of_put(dev, &buf);
	return served;
}

/* Page by page, until one is from elsewhere; how many were from the region. */
static int odma_of_fill(struct device *dev, const struct odma_pool_range *range,
			struct odma_buffer *buf, int room)
{
	int n = 0;

	while (n < room && odma_of_get(dev, &buf[n], PAGE_SIZE)) {
		if (!odma_buffer_at(&buf[n], range->phys, range->size)) {
			odma_of_put(dev, &buf[n]);
			break;
		}
		n++;
	}
	return n;
}

static void odma_of_empty(struct device *dev, struct odma_buffer *buf, int n)
{
	while (n--)
		odma_of_put(dev, &buf[n]);
}

/* All of the region and nothing else, then the backend. */
static void odma_of_own(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-own");
	struct odma_pool_range own = odma_of_region(test, dev, 0);
	struct odma_buffer buf[32];
	int n, i;

	KUNIT_EXPECT_EQ(test, own.phys, 0x50003000);
	KUNIT_EXPECT_EQ(test, own.size, 0x15000);
	odma_scribble(test, own.phys, own.size, 0xdb);
	n = odma_of_fill(dev, &own, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, own.size / PAGE_SIZE);
	KUNIT_EXPECT_TRUE(test, odma_memory_is(test, own.phys, own.size, 0));
	for (i = 0; i < n; i++) {
		memset(buf[i].cpu, i, PAGE_SIZE);
		wmb(); /* write-combining buffers */
		KUNIT_EXPECT_TRUE(test, odma_memory_is(test, buf[i].handle,
						       PAGE_SIZE, i));
	}
	odma_of_empty(dev, buf, n);
	KUNIT_EXPECT_TRUE(test, odma_of_served(dev, &own));
}

/* A rule that forbids all other memory needs no range of its own here. */
static void odma_of_only(struct kunit *test)
{
	struct device *dev = odma_of_rule(test, "odma-own", "pool=only");
	struct odma_pool_range range = odma_of_region(test, dev, 0);
	struct odma_buffer buf;

	odma_of_bind(test);
	KUNIT_EXPECT_TRUE(test, odma_of_served(dev, &range));
	KUNIT_EXPECT_FALSE(test, odma_of_get(dev, &buf, range.size + 1));
}

/* Through the kernel's functions it is the same pool. */
static void odma_of_plain_calls(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-coherent");
	struct odma_pool_range own = odma_of_region(test, dev, 0);
	struct odma_buffer ours, kernels = { .size = SZ_16K };

	KUNIT_ASSERT_TRUE(test, odma_of_get(dev, &ours, SZ_16K));
	kernels.cpu = dma_alloc_coherent(dev, SZ_16K, &kernels.handle,
					 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, kernels.cpu);
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&ours, own.phys, own.size));
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&kernels, own.phys, own.size));
	/* Both aligned to their size: apart, or the same. */
	KUNIT_EXPECT_NE(test, ours.handle, kernels.handle);
	dma_free_coherent(dev, SZ_16K, kernels.cpu, kernels.handle);
	odma_of_put(dev, &ours);
}

/* All that odma does to a region is undone when the device is let go. */
static void odma_of_claims(struct kunit *test)
{
	struct device *dev = odma_of_device(test, "odma-own");
	struct odma_pool_range own = odma_of_region(test, dev, 0);
	struct reserved_mem *rmem = odma_of_rmem(test, dev, 0);
	const struct reserved_mem_ops *kernels = rmem->ops;

	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&own));
	odma_of_attached(test, "odma-own");
	KUNIT_EXPECT_TRUE(test, odma_of_claimed(&own));
	KUNIT_EXPECT_PTR_NE(test, rmem->ops, kernels);
	odma_of_unbind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&own));
	KUNIT_EXPECT_PTR_EQ(test, rmem->ops, kernels);
	odma_of_bind(test);
	KUNIT_EXPECT_TRUE(test, odma_of_claimed(&own));
	KUNIT_EXPECT_TRUE(test, odma_of_served(dev, &own));
	odma_of_unbind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&own));
}

/* In the order of the list; what is no pool in it is passed over. */
static void odma_of_list(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-list");
	struct odma_pool_range second = odma_of_region(test, dev, 1);
	struct odma_pool_range own = odma_of_region(test, dev, 3);
	struct odma_buffer buf[16], more[32];
	int n, m;

	n = odma_of_fill(dev, &second, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, second.size / PAGE_SIZE);
	m = odma_of_fill(dev, &own, more, ARRAY_SIZE(more));
	KUNIT_EXPECT_EQ(test, m, own.size / PAGE_SIZE);
	odma_of_empty(dev, buf, n);
	KUNIT_EXPECT_TRUE(test, odma_of_served(dev, &second));
	odma_of_empty(dev, more, m);
	KUNIT_EXPECT_EQ(test, 0, odma_log_lines("no pool "));
}

/* What a rule names comes first, and pool=only holds for all. */
static void odma_of_after_rule(struct kunit *test)
{
	struct device *dev = odma_of_device(test, "odma-own");
	struct odma_pool_range rule = { .phys = ODMA_KEPT, .size = SZ_64K };
	struct odma_pool_range own = odma_of_region(test, dev, 0);
	struct odma_buffer buf[16], more[32], none;
	char words[48];
	int n, m;

	snprintf(words, sizeof(words), "pool=%#llx+64K pool=only", ODMA_KEPT);
	odma_of_rule(test, "odma-own", words);
	odma_of_bind(test);
	n = odma_of_fill(dev, &rule, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, 16);
	m = odma_of_fill(dev, &own, more, ARRAY_SIZE(more));
	KUNIT_EXPECT_EQ(test, m, own.size / PAGE_SIZE);
	KUNIT_EXPECT_FALSE(test, odma_of_get(dev, &none, PAGE_SIZE));
	odma_of_empty(dev, buf, n);
	odma_of_empty(dev, more, m);
}

/* Two devices in turn: every page once, and the region full. */
static void odma_of_shared(struct kunit *test)
{
	struct device *dev[2] = {
		odma_of_rule(test, "odma-sharer-a", ""),
		odma_of_rule(test, "odma-sharer-b", ""),
	};
	struct odma_pool_range shared = odma_of_region(test, dev[0], 0);
	struct odma_buffer buf[64];
	DECLARE_BITMAP(seen, 64) = {};
	int i;

	KUNIT_ASSERT_EQ(test, shared.size, 64 * PAGE_SIZE);
	odma_of_bind(test);
	for (i = 0; i < 64; i++) {
		KUNIT_ASSERT_TRUE(test, odma_of_get(dev[i % 2], &buf[i], 1));
		KUNIT_ASSERT_TRUE(test, odma_buffer_at(&buf[i], shared.phys,
						       shared.size));
		__set_bit((buf[i].handle - shared.phys) / PAGE_SIZE, seen);
	}
	KUNIT_EXPECT_TRUE(test, bitmap_full(seen, 64));
	KUNIT_EXPECT_FALSE(test, odma_of_served(dev[0], &shared));
	KUNIT_EXPECT_FALSE(test, odma_of_served(dev[1], &shared));
	while (i--)
		odma_of_put(dev[i % 2], &buf[i]);
	KUNIT_EXPECT_TRUE(test, odma_of_served(dev[0], &shared));
	odma_of_unbind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&shared));
}

/* Of such a region the kernel itself has marked the memory busy. */
static void odma_of_placed(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-placed");
	struct odma_pool_range placed = odma_of_region(test, dev, 0);
	struct odma_buffer buf[33];
	int n;

	KUNIT_EXPECT_EQ(test, placed.size, SZ_128K);
	n = odma_of_fill(dev, &placed, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, 32);
	odma_of_empty(dev, buf, n);
}

/* Memory that the kernel gives out, that is somebody else's, or that isn't. */
static void odma_of_ignored(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-ignored");
	struct odma_buffer buf;

	KUNIT_EXPECT_NULL(test, rcu_access_pointer(odma_device_of(dev)->pools));
	KUNIT_ASSERT_TRUE(test, odma_of_get(dev, &buf, SZ_16K));
	KUNIT_EXPECT_TRUE(test, page_is_ram(PHYS_PFN(buf.handle)));
	odma_of_put(dev, &buf);
	KUNIT_EXPECT_EQ(test, 0, odma_log_lines("odma: pool "));
	KUNIT_EXPECT_EQ(test, 0, odma_log_lines("no pool "));
}

/* Not attached, it is the kernel's to say: no pool, for nobody asked. */
static void odma_of_not_attached(struct kunit *test)
{
	struct device *dev = odma_of_device(test, "odma-own");
	struct odma_pool_range own = odma_of_region(test, dev, 0);

	odma_of_bind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_served(dev, &own));
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&own));
}

/* Memory that a driver "forgets", past the device's counters. */
static void *odma_of_leak(struct kunit *test, struct device *dev, size_t size)
{
	dma_addr_t handle;
	void *cpu = odma_alloc_from_dev_coherent(dev, size, &handle);

	KUNIT_ASSERT_NOT_NULL(test, cpu);
	memset(cpu, 0x99, size);
	return cpu;
}

/* It stays where it is, and nobody else gets it, until it is freed. */
static void odma_of_leaked(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-own");
	struct odma_pool_range own = odma_of_region(test, dev, 0);
	int pages = own.size / PAGE_SIZE, n;
	void *cpu = odma_of_leak(test, dev, SZ_8K);
	struct odma_buffer buf[32];

	odma_log_leftovers(true);
	odma_of_unbind(test);
	odma_log_leftovers(false);
	KUNIT_EXPECT_TRUE(test, odma_of_claimed(&own));
	odma_of_bind(test);
	KUNIT_EXPECT_TRUE(test, odma_of_claimed(&own));
	n = odma_of_fill(dev, &own, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, pages - 2);
	odma_of_empty(dev, buf, n);
	KUNIT_EXPECT_NULL(test, memchr_inv(cpu, 0x99, SZ_8K));
	KUNIT_EXPECT_TRUE(test, odma_release_from_dev_coherent(dev, SZ_8K,
							       cpu));
	n = odma_of_fill(dev, &own, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, pages);
	odma_of_empty(dev, buf, n);
	odma_of_unbind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&own));
}

/* No rule gets at what is still in use. */
static void odma_of_leaked_is_kept(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-own");
	void *cpu = odma_of_leak(test, dev, SZ_8K);

	odma_log_leftovers(true);
	odma_of_unbind(test);
	odma_log_leftovers(false);
	KUNIT_EXPECT_EQ(test, -EBUSY,
			odma_declare_coherent_memory(dev, 0x50003000,
						     ODMA_POOL_DERIVE, SZ_4K));
	odma_of_bind(test);
	KUNIT_EXPECT_TRUE(test, odma_release_from_dev_coherent(dev, SZ_8K,
							       cpu));
}

/* dma-ranges of the bus: another address, and one region out of reach. */
static void odma_of_far(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-bus:odma-far");
	struct odma_pool_range shared = odma_of_region(test, dev, 0);
	struct odma_pool_range second = odma_of_region(test, dev, 1);
	struct odma_pool_range seen = second;
	struct odma_buffer buf[17];
	int n;

	KUNIT_EXPECT_EQ(test, second.phys, 0x50100000);
	seen.phys = 0x11100000;
	odma_scribble(test, second.phys, second.size, 0xdb);
	odma_scribble(test, shared.phys, shared.size, 0xdb);
	n = odma_of_fill(dev, &seen, buf, ARRAY_SIZE(buf));
	KUNIT_EXPECT_EQ(test, n, 16);
	KUNIT_EXPECT_TRUE(test, odma_memory_is(test, second.phys, second.size,
					       0));
	KUNIT_EXPECT_TRUE(test, odma_memory_is(test, shared.phys, shared.size,
					       0xdb));
	odma_of_empty(dev, buf, n);
}

/* By the kernel's dma_alloc_coherent(): where is it from? */
static bool odma_of_kernel_served(struct device *dev,
				  const struct odma_pool_range *range)
{
	struct odma_buffer buf = { .size = PAGE_SIZE };
	bool served;

	buf.cpu = dma_alloc_coherent(dev, PAGE_SIZE, &buf.handle, GFP_KERNEL);
	if (!buf.cpu)
		return false;
	served = odma_buffer_at(&buf, range->phys, range->size);
	dma_free_coherent(dev, PAGE_SIZE, buf.cpu, buf.handle);
	return served;
}

/* Both calls end in one allocator, the kernel's, and no pool is asked. */
static void odma_of_expect_kernels(struct kunit *test, struct device *dev,
				   const struct odma_pool_range *range)
{
	struct odma_buffer ours, kernels = { .size = PAGE_SIZE };
	dma_addr_t handle;

	KUNIT_ASSERT_TRUE(test, odma_of_get(dev, &ours, PAGE_SIZE));
	kernels.cpu = dma_alloc_coherent(dev, PAGE_SIZE, &kernels.handle,
					 GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, kernels.cpu);
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&ours, range->phys,
					       range->size));
	KUNIT_EXPECT_TRUE(test, odma_buffer_at(&kernels, range->phys,
					       range->size));
	KUNIT_EXPECT_NE(test, ours.handle, kernels.handle);
	KUNIT_EXPECT_NULL(test, odma_alloc_from_dev_coherent(dev, PAGE_SIZE,
							     &handle));
	dma_free_coherent(dev, PAGE_SIZE, kernels.cpu, kernels.handle);
	odma_of_put(dev, &ours);
}

/*
 * The kernel's allocator was first, for a device that odma knows nothing of:
 * its region is left to it, also when that device is gone.
 */
static void odma_of_kernel_first(struct kunit *test)
{
	struct device *theirs = odma_of_device(test, "odma-early-a");
	struct device *ours = odma_of_rule(test, "odma-early-b", "");
	struct odma_pool_range early = odma_of_region(test, ours, 0);

	KUNIT_ASSERT_EQ(test, 0, odma_of_kernels(test, theirs));
	odma_of_bind(test);
	KUNIT_EXPECT_EQ(test, 1,
			odma_log_lines("it is left to the kernel's own pool"));
	KUNIT_EXPECT_TRUE(test, odma_of_kernel_served(theirs, &early));
	KUNIT_EXPECT_FALSE(test, odma_of_served(ours, &early));
	/* The attached device itself. */
	KUNIT_ASSERT_EQ(test, 0, odma_of_kernels(test, ours));
	odma_of_expect_kernels(test, ours, &early);
	odma_of_unbind(test);
	odma_of_bind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_served(ours, &early));
	KUNIT_EXPECT_FALSE(test, odma_of_kernel_served(ours, &early));
}

/* Ours was first, with nothing in use: from then on it is the kernel's. */
static void odma_of_kernel_later(struct kunit *test)
{
	struct device *dev = odma_of_attached(test, "odma-late");
	struct odma_pool_range late = odma_of_region(test, dev, 0);

	KUNIT_EXPECT_TRUE(test, odma_of_served(dev, &late));
	KUNIT_EXPECT_TRUE(test, odma_of_kernel_served(dev, &late));
	KUNIT_ASSERT_EQ(test, 0, odma_of_kernels(test, dev));
	odma_of_expect_kernels(test, dev, &late);
	odma_of_unbind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_claimed(&late));
	odma_of_bind(test);
	KUNIT_EXPECT_FALSE(test, odma_of_served(dev, &late));
}

/* Ours was first and is in use: the kernel's allocator has to wait. */
static void odma_of_kernel_refused(struct kunit *test)
{
	struct device *ours = odma_of_rule(test, "odma-live-a", "");
	struct device *theirs = odma_of_device(test, "odma-live-b");
	struct odma_pool_range live = odma_of_region(test, ours, 0);
	struct odma_buffer buf;

	odma_of_bind(test);
	KUNIT_ASSERT_TRUE(test, odma_of_get(ours, &buf, SZ_4K));
	KUNIT_ASSERT_TRUE(test, odma_buffer_at(&buf, live.phys, live.size));
	odma_mark_log();
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_of_kernels(test, theirs));
	KUNIT_EXPECT_EQ(test, -EBUSY, odma_of_kernels(test, ours));
	KUNIT_EXPECT_EQ(test, 2,
			odma_log_lines(" holds 0x50500000+0x1000"));
	KUNIT_EXPECT_FALSE(test, odma_of_kernel_served(theirs, &live));
	/* That changed nothing for whoever has it. */
	KUNIT_EXPECT_TRUE(test, odma_of_served(ours, &live));
	odma_of_put(ours, &buf);
	KUNIT_EXPECT_EQ(test, 0, odma_of_kernels(test, theirs));
	KUNIT_EXPECT_TRUE(test, odma_of_kernel_served(theirs, &live));
	KUNIT_EXPECT_FALSE(test, odma_of_served(ours, &live));
}

static struct kunit_case odma_of_cases[] = {
	KUNIT_CASE(odma_of_own),
	KUNIT_CASE(odma_of_only),
	KUNIT_CASE(odma_of_plain_calls),
	KUNIT_CASE(odma_of_claims),
	KUNIT_CASE(odma_of_list),
	KUNIT_CASE(odma_of_after_rule),
	KUNIT_CASE(odma_of_shared),
	KUNIT_CASE(odma_of_placed),
	KUNIT_CASE(odma_of_ignored),
	KUNIT_CASE(odma_of_not_attached),
	KUNIT_CASE(odma_of_leaked),
	KUNIT_CASE(odma_of_leaked_is_kept),
	KUNIT_CASE(odma_of_far),
	KUNIT_CASE(odma_of_kernel_first),
	KUNIT_CASE(odma_of_kernel_later),
	KUNIT_CASE(odma_of_kernel_refused),
	{}
};

struct kunit_suite odma_of_suite = {
	.name = "odma-of",
	.suite_init = odma_begin_suite,
	.init = odma_of_init,
	.exit = odma_of_exit,
	.test_cases = odma_of_cases,
};
