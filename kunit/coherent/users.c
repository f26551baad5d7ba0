// SPDX-License-Identifier: GPL-2.0
/*
 * What the kernel builds upon coherent memory, on a device with a pool: small
 * blocks, and memory that is freed when the driver goes.
 */
#include <linux/dmapool.h>
#include "fixture.h"
#include "../suites.h"

#define ODMA_BLOCKS	200

struct odma_block {
	u64 *cpu;
	dma_addr_t handle;
};

/* Each in the device's pool, aligned, and nobody else's. */
static void odma_use_blocks(struct kunit *test, struct dma_pool *blocks,
			    size_t size, size_t align)
{
	struct odma_block *block;
	int i;

	block = kunit_kcalloc(test, ODMA_BLOCKS, sizeof(*block), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, block);
	for (i = 0; i < ODMA_BLOCKS; i++) {
		block[i].cpu = dma_pool_zalloc(blocks, GFP_KERNEL,
					       &block[i].handle);
		KUNIT_ASSERT_NOT_NULL(test, block[i].cpu);
		KUNIT_EXPECT_GE(test, block[i].handle, 0x7000000);
		KUNIT_EXPECT_LE(test, block[i].handle + size,
				0x7000000 + SZ_1M);
		KUNIT_EXPECT_EQ(test, 0, block[i].handle % align);
		KUNIT_EXPECT_NULL(test, memchr_inv(block[i].cpu, 0, size));
		memset(block[i].cpu, i + 1, size);
	}
	for (i = 0; i < ODMA_BLOCKS; i++) {
		KUNIT_EXPECT_NULL(test, memchr_inv(block[i].cpu, i + 1, size));
		dma_pool_free(blocks, block[i].cpu, block[i].handle);
	}
}

static void odma_users_dma_pool(struct kunit *test)
{
	static const struct {
		size_t size;
		size_t align;
		size_t boundary;
	} kinds[] = {
		{ 8, 8, 0 }, { 64, 64, 0 }, { 192, 64, 4096 },
		{ 1000, 16, 0 }, { 4096, 4096, 0 }, { 24, 4, 64 },
	};
	struct odma_fixture *fx = test->priv;
	struct dma_pool *blocks;
	struct odma_pool *pool;
	int i;

	odma_bind_with(fx, "pool=0x44000000+1M@0x7000000 pool=only");
	pool = odma_own_pool(fx, 0);
	for (i = 0; i < ARRAY_SIZE(kinds); i++) {
		blocks = dma_pool_create("odma-kunit", fx->dev, kinds[i].size,
					 kinds[i].align, kinds[i].boundary);
		KUNIT_ASSERT_NOT_NULL(test, blocks);
		odma_use_blocks(test, blocks, kinds[i].size, kinds[i].align);
		KUNIT_EXPECT_GT(test, pool->map.used, 0);
		dma_pool_destroy(blocks);
		KUNIT_EXPECT_EQ(test, pool->map.used, 0);
	}
}

/*
 * A pool of one page serves one page's worth of blocks. (Earlier kernels make
 * nothing of the last one.)
 */
static void odma_users_dma_pool_full(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct dma_pool *blocks;
	dma_addr_t handles[8];
	void *cpu[8];
	int n;

	odma_bind_with(fx, "pool=0x44000000+4K pool=only");
	blocks = dma_pool_create("odma-kunit", fx->dev, 1024, 1024, 0);
	KUNIT_ASSERT_NOT_NULL(test, blocks);
	for (n = 0; n < ARRAY_SIZE(cpu); n++) {
		cpu[n] = dma_pool_alloc(blocks, GFP_NOWAIT | __GFP_NOWARN,
					&handles[n]);
		if (!cpu[n])
			break;
	}
	KUNIT_EXPECT_GE(test, n, 3);
	KUNIT_EXPECT_LE(test, n, 4);
	while (n--)
		dma_pool_free(blocks, cpu[n], handles[n]);
	dma_pool_destroy(blocks);
	KUNIT_EXPECT_EQ(test, odma_own_pool(fx, 0)->map.used, 0);
}

/* The driver goes, and its blocks with it, before the pool does. */
static void odma_users_managed_dma_pool(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct dma_pool *blocks;
	struct odma_pool *pool;
	dma_addr_t handle;
	void *cpu;

	odma_bind_with(fx, "pool=0x44000000+1M@0x7000000 pool=only");
	pool = odma_own_pool(fx, 0);
	blocks = dmam_pool_create("odma-kunit", fx->dev, 256, 64, 0);
	KUNIT_ASSERT_NOT_NULL(test, blocks);
	odma_use_blocks(test, blocks, 256, 64);
	cpu = dma_pool_alloc(blocks, GFP_KERNEL, &handle);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	dma_pool_free(blocks, cpu, handle);
	KUNIT_EXPECT_GT(test, pool->map.used, 0);
	odma_unbind_driver(fx, ODMA_DRIVER);
	/* The rule has it still. */
	KUNIT_EXPECT_EQ(test, pool->map.used, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

static void odma_users_managed(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t first, second;
	struct odma_pool *pool;
	void *cpu[2];

	odma_bind_with(fx, "pool=0x44000000+64K@0x7000000 pool=only");
	pool = odma_own_pool(fx, 0);
	cpu[0] = odmam_alloc_attrs(fx->dev, SZ_16K, &first, GFP_KERNEL, 0);
	KUNIT_ASSERT_NOT_NULL(test, cpu[0]);
	KUNIT_EXPECT_EQ(test, first, 0x7000000);
	cpu[1] = odmam_alloc_coherent(fx->dev, SZ_32K, &second, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu[1]);
	KUNIT_EXPECT_EQ(test, second, 0x7008000);
	KUNIT_EXPECT_NULL(test, odmam_alloc_coherent(fx->dev, SZ_32K, &second,
						     GFP_KERNEL |
						     __GFP_NOWARN));
	KUNIT_EXPECT_EQ(test, pool->map.used, 12);
	odmam_free_coherent(fx->dev, SZ_16K, cpu[0], first);
	KUNIT_EXPECT_EQ(test, pool->map.used, 8);
	odma_unbind_driver(fx, ODMA_DRIVER);
	KUNIT_EXPECT_EQ(test, pool->map.used, 0);
	KUNIT_EXPECT_EQ(test, 0, odma_remove_device_rule(fx));
}

/* As long as names are that come from a firmware's path. */
#define ODMA_LONG_NAME	"odma-kunit-a-device-with-a-name-that-goes-on-and-on"

static unsigned int odma_count_accounts(struct odma_pool *pool)
{
	struct odma_pool_user *user;
	unsigned int count = 0;

	list_for_each_entry(user, &pool->users, node)
		count++;
	return count;
}

static void odma_attach_detach(struct kunit *test, struct device *dev,
			       int times)
{
	while (times--) {
		KUNIT_ASSERT_EQ(test, 0, odma_attach(dev, "direct", 0));
		KUNIT_EXPECT_EQ(test, 0, odma_detach(dev));
	}
}

/* A device has one account with a pool, however often it comes back. */
static void odma_users_long_name(struct kunit *test)
{
	struct platform_device *pdev;
	struct odma_pool_set *set;
	struct odma_pool *pool;
	struct device *dev;

	pdev = platform_device_register_simple(ODMA_LONG_NAME, 1, NULL, 0);
	KUNIT_ASSERT_FALSE(test, IS_ERR(pdev));
	dev = &pdev->dev;
	dma_coerce_mask_and_coherent(dev, DMA_BIT_MASK(64));
	KUNIT_ASSERT_EQ(test, 0, odma_declare_coherent_memory(dev, ODMA_KEPT,
				ODMA_POOL_DERIVE, SZ_64K));
	odma_attach_detach(test, dev, 3);
	KUNIT_ASSERT_EQ(test, 0, odma_attach(dev, "direct", 0));
	set = rcu_dereference_protected(odma_device_of(dev)->pools, 1);
	pool = set->own[0].user->pool;
	KUNIT_EXPECT_STREQ(test, set->own[0].user->device, dev_name(dev));
	KUNIT_EXPECT_EQ(test, 1, odma_count_accounts(pool));
	KUNIT_EXPECT_EQ(test, 0, odma_detach(dev));
	KUNIT_EXPECT_EQ(test, 0, odma_release_coherent_memory(dev));
	platform_device_unregister(pdev);
}

static struct kunit_case odma_pool_users_cases[] = {
	KUNIT_CASE(odma_users_dma_pool),
	KUNIT_CASE(odma_users_dma_pool_full),
	KUNIT_CASE(odma_users_managed_dma_pool),
	KUNIT_CASE(odma_users_managed),
	KUNIT_CASE(odma_users_long_name),
	{}
};

struct kunit_suite odma_pool_users_suite = {
	.name = "odma-pool-users",
	.suite_init = odma_begin_suite,
	.init = odma_pool_init,
	.exit = odma_pool_exit,
	.test_cases = odma_pool_users_cases,
};
