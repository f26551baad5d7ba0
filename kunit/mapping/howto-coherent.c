// SPDX-License-Identifier: GPL-2.0
/*
 * Examples of the kernel's DMA API HOWTO: consistent memory, a ring of
 * descriptors in it, and the state that unmapping takes.
 */
#include <linux/dmapool.h>
#include <linux/sizes.h>
#include "howto.h"
#include "../suites.h"

#define ODMA_RING	16
#define ODMA_DESC_VALID	BIT(31)
#define ODMA_DESC_DONE	BIT(30)

struct odma_desc {
	__le64 address;
	__le32 len;
	__le32 flags;
};

struct odma_ring_state {
	u8 *buf;
	DEFINE_ODMA_UNMAP_ADDR(mapping);
	DEFINE_ODMA_UNMAP_LEN(len);
};

struct odma_ring {
	struct device *dev;
	struct odma_desc *desc;
	dma_addr_t dma;
	struct odma_ring_state state[ODMA_RING];
};

static int odma_ring_fill(struct odma_ring *ring, int i, u8 *buf, u32 len)
{
	struct odma_ring_state *ringp = &ring->state[i];
	struct odma_desc *desc = &ring->desc[i];
	dma_addr_t mapping;

	mapping = odma_map_single(ring->dev, buf, len, DMA_FROM_DEVICE);
	if (odma_mapping_error(ring->dev, mapping))
		return -EIO;
	ringp->buf = buf;
	odma_unmap_addr_set(ringp, mapping, mapping);
	odma_unmap_len_set(ringp, len, len);
	desc->address = cpu_to_le64(mapping);
	desc->len = cpu_to_le32(len);
	/* The device must not see a descriptor before what is in it. */
	wmb();
	desc->flags = cpu_to_le32(ODMA_DESC_VALID);
	return 0;
}

/* Descriptors by the ring's address, buffers by the descriptors'. */
static void odma_ring_device(struct odma_ring *ring)
{
	struct odma_desc *desc = odma_bus_to_virt(ring->dev, ring->dma);
	int i;

	for (i = 0; i < ODMA_RING; i++, desc++) {
		if (!(le32_to_cpu(desc->flags) & ODMA_DESC_VALID))
			continue;
		memset(odma_bus_to_virt(ring->dev, le64_to_cpu(desc->address)),
		       0x40 + i, le32_to_cpu(desc->len));
		desc->flags = cpu_to_le32(ODMA_DESC_DONE);
	}
}

static u8 *odma_ring_reap(struct odma_ring *ring, int i)
{
	struct odma_ring_state *ringp = &ring->state[i];

	if (!(le32_to_cpu(ring->desc[i].flags) & ODMA_DESC_DONE))
		return NULL;
	odma_unmap_single(ring->dev, odma_unmap_addr(ringp, mapping),
			  odma_unmap_len(ringp, len), DMA_FROM_DEVICE);
	ring->desc[i].flags = 0;
	return ringp->buf;
}

static void odma_howto_ring(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_ring ring = { .dev = fx->dev };
	size_t size = ODMA_RING * sizeof(*ring.desc);
	struct page *page = odma_test_pages(test, GFP_KERNEL, 2);
	int round, i;

	ring.desc = odma_alloc_coherent(fx->dev, size, &ring.dma, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, ring.desc);
	for (round = 0; round < 3; round++) {
		/* The device finds a part of the ring at a time. */
		for (i = round; i < ODMA_RING; i += 2)
			KUNIT_EXPECT_EQ(test, 0,
					odma_ring_fill(&ring, i,
						       page_address(page) +
						       i * 512, 200 + i));
		odma_ring_device(&ring);
		for (i = 0; i < ODMA_RING; i++) {
			bool given = i >= round && (i - round) % 2 == 0;
			u8 *buf = odma_ring_reap(&ring, i);

			KUNIT_EXPECT_EQ(test, !!buf, given);
			if (buf)
				KUNIT_EXPECT_NULL(test,
						  memchr_inv(buf, 0x40 + i,
							     200 + i));
		}
	}
	odma_free_coherent(fx->dev, size, ring.desc, ring.dma);
}

static void odma_howto_alignment(struct kunit *test)
{
	static const size_t sizes[] = {
		1, 64, 4095, 4096, 4097, SZ_8K, 3 * SZ_4K, SZ_16K + 1, SZ_32K,
		SZ_32K + 1, 15 * SZ_4K, SZ_64K - 1, SZ_64K,
	};
	struct odma_fixture *fx = test->priv;
	int i, n;

	/* Several of each, or the first would be well placed by chance. */
	for (i = 0; i < ARRAY_SIZE(sizes); i++) {
		u64 span = PAGE_SIZE << get_order(sizes[i]);
		dma_addr_t handle[8];
		void *cpu[8];

		for (n = 0; n < 8; n++) {
			cpu[n] = odma_alloc_coherent(fx->dev, sizes[i],
						     &handle[n], GFP_KERNEL);
			KUNIT_ASSERT_NOT_NULL(test, cpu[n]);
			KUNIT_EXPECT_EQ(test, handle[n] % span, 0);
			KUNIT_EXPECT_EQ(test, (unsigned long)cpu[n] % span, 0);
			KUNIT_EXPECT_EQ(test, handle[n] / SZ_64K,
					(handle[n] + sizes[i] - 1) / SZ_64K);
		}
		while (n--)
			odma_free_coherent(fx->dev, sizes[i], cpu[n],
					   handle[n]);
	}
}

/* 32 bits, unless the driver says that it can take more. */
static void odma_howto_default_coherent(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle;
	void *cpu;

	KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask, DMA_BIT_MASK(32));
	KUNIT_EXPECT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
	KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask, DMA_BIT_MASK(32));
	cpu = odma_alloc_coherent(fx->dev, SZ_1M, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_LE(test, handle + SZ_1M - 1, DMA_BIT_MASK(32));
	odma_free_coherent(fx->dev, SZ_1M, cpu, handle);
}

/* Allocated under a lock that interrupts take; freed with them enabled. */
static void odma_howto_atomic(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	static DEFINE_SPINLOCK(lock);
	dma_addr_t handle[4];
	unsigned long flags;
	void *cpu[4];
	int i;

	spin_lock_irqsave(&lock, flags);
	for (i = 0; i < 4; i++)
		cpu[i] = odma_alloc_coherent(fx->dev, 1000 << i, &handle[i],
					     GFP_ATOMIC);
	spin_unlock_irqrestore(&lock, flags);
	while (i--) {
		KUNIT_EXPECT_NOT_NULL(test, cpu[i]);
		if (!cpu[i])
			continue;
		KUNIT_EXPECT_NULL(test, memchr_inv(cpu[i], 0, 1000 << i));
		odma_free_coherent(fx->dev, 1000 << i, cpu[i], handle[i]);
	}
}

/* Queue heads of 96 bytes, aligned to 32, none across a 4 KiB boundary. */
static void odma_howto_pool(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	dma_addr_t handle[90];
	struct dma_pool *pool;
	void *cpu[90];
	int i;

	pool = dma_pool_create("mydev", fx->dev, 96, 32, 4096);
	KUNIT_ASSERT_NOT_NULL(test, pool);
	for (i = 0; i < ARRAY_SIZE(cpu); i++) {
		cpu[i] = dma_pool_alloc(pool, i % 2 ? GFP_KERNEL : GFP_ATOMIC,
					&handle[i]);
		KUNIT_ASSERT_NOT_NULL(test, cpu[i]);
		KUNIT_EXPECT_EQ(test, handle[i] % 32, 0);
		KUNIT_EXPECT_EQ(test, handle[i] / 4096,
				(handle[i] + 95) / 4096);
		KUNIT_EXPECT_EQ(test, odma_where(cpu[i]),
				dma_to_phys(fx->dev, handle[i]));
	}
	while (i--)
		dma_pool_free(pool, cpu[i], handle[i]);
	dma_pool_destroy(pool);
}

static struct kunit_case odma_howto_coherent_cases[] = {
	KUNIT_CASE_PARAM(odma_howto_ring, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_alignment, odma_all_modes),
	KUNIT_CASE_PARAM(odma_howto_default_coherent, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_atomic, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_pool, odma_howto_modes),
	{}
};

struct kunit_suite odma_howto_coherent_suite = {
	.name = "odma-howto-coherent",
	.suite_init = odma_begin_suite,
	.init = odma_howto_init,
	.exit = odma_howto_exit,
	.test_cases = odma_howto_coherent_cases,
};
