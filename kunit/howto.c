// SPDX-License-Identifier: GPL-2.0
/*
 * The examples of the kernel's DMA API HOWTO (core-api/dma-api-howto.rst),
 * each as a driver would write it.
 *
 * What the device does is done by the CPU here: it goes to the memory that a
 * DMA address means, and no other way.
 */
#include <linux/dma-direct.h>
#include <linux/dmapool.h>
#include <linux/irq_work.h>
#include <linux/mm.h>
#include <linux/sizes.h>
#include <linux/vmalloc.h>
#include "fixture.h"
#include "recorder.h"
#include "suites.h"

/*
 * A backend that merges what lies side by side, counts what is mapped, and
 * fails when it is told to.
 */
#define ODMA_MERGER	"odma-merger"

static struct odma_merger {
	int live;
	int live_lists;
	/* The mapping that is to fail; 0 for none. */
	int fail;
	int unmapped_nents;
} odma_merger;

static bool odma_merger_fails(void)
{
	return odma_merger.fail && !--odma_merger.fail;
}

static dma_addr_t odma_merger_map_phys(struct device *dev, phys_addr_t phys,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	if (odma_merger_fails())
		return DMA_MAPPING_ERROR;
	odma_merger.live++;
	return phys;
}

static void odma_merger_unmap_phys(struct device *dev, dma_addr_t addr,
				   size_t size, enum dma_data_direction dir,
				   unsigned long attrs)
{
	odma_merger.live--;
}

ODMA_OPS_ADAPTERS(odma_merger)

static int odma_merger_map_sg(struct device *dev, struct scatterlist *sgl,
			      int nents, enum dma_data_direction dir,
			      unsigned long attrs)
{
	struct scatterlist *sg, *out = NULL;
	int i, count = 0;

	if (odma_merger_fails())
		return -ENOMEM;
	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t addr = sg_phys(sg);
		unsigned int len = sg->length;

		if (out && sg_dma_address(out) + sg_dma_len(out) == addr) {
			sg_dma_len(out) += len;
			continue;
		}
		out = out ? sg_next(out) : sgl;
		sg_dma_address(out) = addr;
		sg_dma_len(out) = len;
		count++;
	}
	odma_merger.live_lists++;
	return count;
}

static void odma_merger_unmap_sg(struct device *dev, struct scatterlist *sg,
				 int nents, enum dma_data_direction dir,
				 unsigned long attrs)
{
	odma_merger.live_lists--;
	odma_merger.unmapped_nents = nents;
}

static struct dma_map_ops odma_merger_ops;

static struct odma_backend odma_merger_backend = {
	.name = ODMA_MERGER,
	.owner = THIS_MODULE,
	.ops = &odma_merger_ops,
};

static const struct odma_mode odma_merger_mode = {
	.name = "merger", .rule = ODMA_MERGER " stats", .stats = true,
};

static const void *odma_howto_modes(const void *prev, char *desc)
{
	const void *mode;

	if (prev == &odma_merger_mode)
		return NULL;
	mode = odma_all_modes(prev, desc);
	if (mode)
		return mode;
	strscpy(desc, odma_merger_mode.name, KUNIT_PARAM_DESC_SIZE);
	return &odma_merger_mode;
}

static int odma_howto_init(struct kunit *test)
{
	memset(&odma_merger, 0, sizeof(odma_merger));
	odma_merger_ops = odma_recorder_ops;
	odma_merger_ops.map_sg = odma_merger_map_sg;
	odma_merger_ops.unmap_sg = odma_merger_unmap_sg;
	ODMA_OPS_SET_MAP(&odma_merger_ops, odma_merger);
	KUNIT_ASSERT_EQ(test, 0, odma_register_backend(&odma_merger_backend));
	return odma_bound_init(test);
}

/* Whatever the example did, it left nothing. */
static void odma_howto_exit(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;

	if (fx && fx->dev && odma_device_of(fx->dev)) {
		struct odma_counters sum = odma_counted_so_far(fx);

		KUNIT_EXPECT_EQ(test, sum.maps, sum.unmaps);
		KUNIT_EXPECT_EQ(test, sum.map_bytes, sum.unmap_bytes);
		KUNIT_EXPECT_EQ(test, sum.allocs, sum.frees);
	}
	KUNIT_EXPECT_EQ(test, odma_merger.live, 0);
	KUNIT_EXPECT_EQ(test, odma_merger.live_lists, 0);
	odma_fixture_exit(test);
	odma_unregister_backend(&odma_merger_backend);
}

/* What a device finds at an address. */
static void *odma_bus_to_virt(struct device *dev, dma_addr_t addr)
{
	return phys_to_virt(dma_to_phys(dev, addr));
}

/*
 * DMA addressing capabilities
 */
#define ODMA_PLAYBACK_BITS	DMA_BIT_MASK(32)
#define ODMA_RECORD_BITS	DMA_BIT_MASK(24)

struct odma_card {
	struct device *dev;
	bool playback_enabled;
	bool record_enabled;
};

/* The most restrictive mask comes last, so it is the one that stays. */
static void odma_card_set_masks(struct odma_card *card)
{
	if (!odma_set_mask(card->dev, ODMA_PLAYBACK_BITS))
		card->playback_enabled = true;
	else
		dev_notice(card->dev, "playback off: not enough DMA\n");
	if (!odma_set_mask(card->dev, ODMA_RECORD_BITS))
		card->record_enabled = true;
	else
		dev_notice(card->dev, "record off: not enough DMA\n");
}

static void odma_howto_sound_card(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct odma_card card = { .dev = fx->dev };
	/* The recorder's functions refuse 24 bits, the others know ZONE_DMA. */
	bool record = fx->mode != &odma_merger_mode && ODMA_LOW_BITS <= 24;

	odma_card_set_masks(&card);
	KUNIT_EXPECT_TRUE(test, card.playback_enabled);
	KUNIT_EXPECT_EQ(test, card.record_enabled, record);
	KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev),
			record ? ODMA_RECORD_BITS : ODMA_PLAYBACK_BITS);
}

/* On this bus memory begins far above what 24 bits reach. */
static void odma_howto_sound_card_refused(struct kunit *test)
{
	struct bus_dma_region range = odma_range(0, SZ_2G, SZ_2G);
	struct odma_fixture *fx = test->priv;
	struct odma_card card = { .dev = fx->dev };

	odma_set_ranges(fx, &range, 1);
	odma_card_set_masks(&card);
	KUNIT_EXPECT_TRUE(test, card.playback_enabled);
	KUNIT_EXPECT_FALSE(test, card.record_enabled);
	KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev), ODMA_PLAYBACK_BITS);
	odma_set_ranges(fx, NULL, 0);
}

/* A device with 24 bits for everything, or none at all. */
static int odma_probe_24_bits(struct odma_fixture *fx, struct device *dev)
{
	if (odma_set_mask_and_coherent(dev, DMA_BIT_MASK(24))) {
		dev_notice(dev, "mydev: No suitable DMA available\n");
		return -EIO;
	}
	return 0;
}

static void odma_howto_24_bits(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	bool fits = fx->mode != &odma_merger_mode && ODMA_LOW_BITS <= 24;

	odma_unbind_driver(fx, ODMA_DRIVER);
	fx->probe = odma_probe_24_bits;
	KUNIT_ASSERT_EQ(test, 0, odma_bind_driver(fx, ODMA_DRIVER));
	KUNIT_EXPECT_EQ(test, !!fx->dev->driver, fits);
	if (fits) {
		KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev),
				DMA_BIT_MASK(24));
		KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask,
				DMA_BIT_MASK(24));
	} else {
		KUNIT_EXPECT_TRUE(test, odma_wait_restored(fx));
	}
}

/* Nothing of 32 bits or more is ever refused, so nobody needs to try less. */
static void odma_howto_recommended_masks(struct kunit *test)
{
	struct bus_dma_region range = odma_range(0, 1ULL << 39, SZ_2G);
	struct odma_fixture *fx = test->priv;
	int bits, round;

	for (round = 0; round < 2; round++) {
		for (bits = 32; bits <= 64; bits++) {
			u64 mask = DMA_BIT_MASK(bits);

			KUNIT_EXPECT_EQ(test, 0,
					odma_set_mask_and_coherent(fx->dev,
								   mask));
			KUNIT_EXPECT_EQ(test, odma_get_mask(fx->dev), mask);
			KUNIT_EXPECT_EQ(test, fx->dev->coherent_dma_mask,
					mask);
		}
		/* Nor where memory is not where the CPU sees it. */
		odma_set_ranges(fx, &range, 1);
	}
	odma_set_ranges(fx, NULL, 0);
}

/* All of memory for buffers, the lowest 4 GiB for descriptors. */
static void odma_howto_narrow_coherent(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	char *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	dma_addr_t handle, addr;
	void *cpu;

	KUNIT_ASSERT_EQ(test, 0, odma_set_mask(fx->dev, DMA_BIT_MASK(64)));
	/* The same as the streaming mask, or smaller, always works. */
	KUNIT_ASSERT_EQ(test, 0, odma_set_coherent_mask(fx->dev,
							DMA_BIT_MASK(32)));
	cpu = odma_alloc_coherent(fx->dev, SZ_64K, &handle, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, cpu);
	KUNIT_EXPECT_LE(test, handle + SZ_64K - 1, DMA_BIT_MASK(32));
	addr = odma_map_single(fx->dev, buf, 100, DMA_TO_DEVICE);
	KUNIT_EXPECT_EQ(test, 0, odma_mapping_error(fx->dev, addr));
	odma_unmap_single(fx->dev, addr, 100, DMA_TO_DEVICE);
	odma_free_coherent(fx->dev, SZ_64K, cpu, handle);
}

/*
 * Types of DMA mappings; optimizing unmap state space consumption
 */
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

/*
 * Using consistent DMA mappings
 */
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

/*
 * Using streaming DMA mappings
 */
static void odma_howto_single(struct kunit *test)
{
	static const enum dma_data_direction dirs[] = {
		DMA_TO_DEVICE, DMA_FROM_DEVICE, DMA_BIDIRECTIONAL,
	};
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 1));
	size_t len = PAGE_SIZE + 100;
	dma_addr_t dma_handle;
	u8 *seen;
	int i;

	for (i = 0; i < ARRAY_SIZE(dirs); i++) {
		bool reads = dirs[i] != DMA_FROM_DEVICE;
		bool writes = dirs[i] != DMA_TO_DEVICE;

		memset(buf, i, 2 * PAGE_SIZE);
		dma_handle = odma_map_single(fx->dev, buf + 40, len, dirs[i]);
		KUNIT_ASSERT_EQ(test, 0, odma_mapping_error(fx->dev,
							    dma_handle));
		seen = odma_bus_to_virt(fx->dev, dma_handle);
		if (reads)
			KUNIT_EXPECT_NULL(test, memchr_inv(seen, i, len));
		if (writes)
			memset(seen, 0x80 + i, len);
		odma_unmap_single(fx->dev, dma_handle, len, dirs[i]);
		KUNIT_EXPECT_NULL(test, memchr_inv(buf + 40, writes ? 0x80 + i :
						   i, len));
		KUNIT_EXPECT_EQ(test, buf[39], i);
		KUNIT_EXPECT_EQ(test, buf[40 + len], i);
	}
}

static void odma_howto_page(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 0);
	dma_addr_t dma_handle;

	memset(page_address(page), 0, PAGE_SIZE);
	dma_handle = odma_map_page(fx->dev, page, 512, 1024, DMA_FROM_DEVICE);
	KUNIT_ASSERT_EQ(test, 0, odma_mapping_error(fx->dev, dma_handle));
	memset(odma_bus_to_virt(fx->dev, dma_handle), 0x33, 1024);
	odma_unmap_page(fx->dev, dma_handle, 1024, DMA_FROM_DEVICE);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0, 512));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page) + 512, 0x33,
					   1024));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page) + 1536, 0,
					   PAGE_SIZE - 1536));
}

/* The hardware gets count entries, unmapping the number that was given. */
static void odma_howto_scatterlist(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct page *page = odma_test_pages(test, GFP_KERNEL, 2);
	struct scatterlist sglist[5], *sg;
	dma_addr_t hw_address[5];
	size_t hw_len[5], bytes = 0;
	int i, count, nents = ARRAY_SIZE(sglist);

	/* Three in a row, a hole, and two in a row. */
	sg_init_table(sglist, nents);
	for (i = 0; i < nents; i++)
		sg_set_page(&sglist[i], page, 1024, (i + (i > 2)) * 1024);
	count = odma_map_sg(fx->dev, sglist, nents, DMA_FROM_DEVICE);
	KUNIT_ASSERT_GT(test, count, 0);
	KUNIT_EXPECT_EQ(test, count, fx->mode == &odma_merger_mode ? 2 : nents);
	for_each_sg(sglist, sg, count, i) {
		hw_address[i] = sg_dma_address(sg);
		hw_len[i] = sg_dma_len(sg);
	}
	memset(page_address(page), 0, 4 * PAGE_SIZE);
	for (i = 0; i < count; i++) {
		memset(odma_bus_to_virt(fx->dev, hw_address[i]), 0x21,
		       hw_len[i]);
		bytes += hw_len[i];
	}
	odma_sync_sg_for_cpu(fx->dev, sglist, nents, DMA_FROM_DEVICE);
	odma_unmap_sg(fx->dev, sglist, nents, DMA_FROM_DEVICE);
	KUNIT_EXPECT_EQ(test, bytes, nents * 1024);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x21, 3072));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page) + 3072, 0, 1024));
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page) + 4096, 0x21,
					   2048));
	if (fx->mode == &odma_merger_mode)
		KUNIT_EXPECT_EQ(test, odma_merger.unmapped_nents, nents);
}

/* The card's receive buffer, and the interrupt that says that it is full. */
struct odma_rx_card {
	struct device *dev;
	struct irq_work irq;
	u8 *rx_buf;
	int rx_len;
	dma_addr_t rx_dma;
	u8 *spare;
	u8 *passed_up;
	bool given;
	int handled;
	bool in_irq;
};

#define ODMA_HEADER_OK	0xc0

static void odma_give_rx_buf_to_card(struct odma_rx_card *cp)
{
	cp->given = true;
}

static int odma_setup_rx_buf(struct odma_rx_card *cp, u8 *buffer, int len)
{
	dma_addr_t mapping;

	mapping = odma_map_single(cp->dev, buffer, len, DMA_FROM_DEVICE);
	if (odma_mapping_error(cp->dev, mapping))
		return -EIO;
	cp->rx_buf = buffer;
	cp->rx_len = len;
	cp->rx_dma = mapping;
	odma_give_rx_buf_to_card(cp);
	return 0;
}

static void odma_rx_interrupt(struct irq_work *work)
{
	struct odma_rx_card *cp = container_of(work, struct odma_rx_card, irq);

	cp->in_irq = in_hardirq();
	cp->handled++;
	/* The card is done with it: look before deciding what it is. */
	odma_sync_single_for_cpu(cp->dev, cp->rx_dma, cp->rx_len,
				 DMA_FROM_DEVICE);
	if (cp->rx_buf[0] != ODMA_HEADER_OK) {
		/* Nobody wrote to it here, so it needs no sync to go back. */
		odma_give_rx_buf_to_card(cp);
		return;
	}
	odma_unmap_single(cp->dev, cp->rx_dma, cp->rx_len, DMA_FROM_DEVICE);
	cp->passed_up = cp->rx_buf;
	odma_setup_rx_buf(cp, cp->spare, cp->rx_len);
}

/* The card fills the buffer that it has and raises its interrupt. */
static void odma_card_receives(struct kunit *test, struct odma_rx_card *cp,
			       u8 header)
{
	u8 *to = odma_bus_to_virt(cp->dev, cp->rx_dma);

	KUNIT_ASSERT_TRUE(test, cp->given);
	cp->given = false;
	to[0] = header;
	memset(to + 1, header ^ 0xff, cp->rx_len - 1);
	irq_work_queue(&cp->irq);
	irq_work_sync(&cp->irq);
	KUNIT_EXPECT_TRUE(test, cp->in_irq);
}

static void odma_howto_receive(struct kunit *test)
{
	struct page *page = odma_test_pages(test, GFP_KERNEL, 1);
	struct odma_fixture *fx = test->priv;
	struct odma_rx_card card = {
		.dev = fx->dev,
		.irq = IRQ_WORK_INIT_HARD(odma_rx_interrupt),
		.spare = page_address(page) + PAGE_SIZE,
	};

	KUNIT_ASSERT_EQ(test, 0, odma_setup_rx_buf(&card, page_address(page),
						   1500));
	odma_card_receives(test, &card, 1);
	odma_card_receives(test, &card, 2);
	KUNIT_EXPECT_NULL(test, card.passed_up);
	KUNIT_EXPECT_PTR_EQ(test, (void *)card.rx_buf, page_address(page));
	odma_card_receives(test, &card, ODMA_HEADER_OK);
	KUNIT_EXPECT_EQ(test, card.handled, 3);
	KUNIT_EXPECT_PTR_EQ(test, (void *)card.passed_up, page_address(page));
	KUNIT_EXPECT_NULL(test, memchr_inv(card.passed_up + 1,
					   ODMA_HEADER_OK ^ 0xff, 1499));
	/* The card has the other buffer now, and nothing comes to the first. */
	odma_card_receives(test, &card, 3);
	KUNIT_EXPECT_EQ(test, card.passed_up[0], ODMA_HEADER_OK);
	KUNIT_EXPECT_EQ(test, card.rx_buf[0], 3);
	odma_unmap_single(fx->dev, card.rx_dma, card.rx_len, DMA_FROM_DEVICE);
}

/*
 * Handling errors. In any mode a buffer of vmalloc() can't be mapped, and with
 * a backend that fails when told, one that could be.
 */
static int odma_map_two(struct device *dev, void *a, void *b, size_t size,
			dma_addr_t handles[2])
{
	handles[0] = odma_map_single(dev, a, size, DMA_TO_DEVICE);
	if (odma_mapping_error(dev, handles[0]))
		goto map_error_handling1;
	handles[1] = odma_map_single(dev, b, size, DMA_TO_DEVICE);
	if (odma_mapping_error(dev, handles[1]))
		goto map_error_handling2;
	return 0;

map_error_handling2:
	odma_unmap_single(dev, handles[0], size, DMA_TO_DEVICE);
map_error_handling1:
	return -EIO;
}

static void odma_howto_unwind_two(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *good = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	void *bad = vmalloc(PAGE_SIZE);
	dma_addr_t handles[2];
	struct odma_counters sum;

	KUNIT_ASSERT_NOT_NULL(test, bad);
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_map_two(fx->dev, bad, good, 64, handles));
	KUNIT_EXPECT_EQ(test, -EIO,
			odma_map_two(fx->dev, good, bad, 64, handles));
	vfree(bad);
	odma_merger.fail = 2;
	if (fx->mode == &odma_merger_mode)
		KUNIT_EXPECT_EQ(test, -EIO, odma_map_two(fx->dev, good, good,
							 64, handles));
	KUNIT_EXPECT_EQ(test, odma_merger.live, 0);
	odma_merger.fail = 0;
	KUNIT_EXPECT_EQ(test, 0, odma_map_two(fx->dev, good, good + 64, 64,
					      handles));
	odma_unmap_single(fx->dev, handles[0], 64, DMA_TO_DEVICE);
	odma_unmap_single(fx->dev, handles[1], 64, DMA_TO_DEVICE);
	if (!fx->mode->stats)
		return;
	/* One in the first half, which was undone, and two in the second. */
	sum = odma_counted_so_far(fx);
	KUNIT_EXPECT_EQ(test, sum.maps,
			fx->mode == &odma_merger_mode ? 4 : 3);
	KUNIT_EXPECT_EQ(test, sum.maps, sum.unmaps);
}

#define ODMA_DMA_BUFFERS 8

static int odma_map_all(struct device *dev, u8 *const bufs[],
			dma_addr_t array[])
{
	int i, save_index = 0;

	for (i = 0; i < ODMA_DMA_BUFFERS; i++) {
		dma_addr_t dma_addr;

		dma_addr = odma_map_single(dev, bufs[i], 128, DMA_FROM_DEVICE);
		if (odma_mapping_error(dev, dma_addr))
			goto map_error_handling;
		array[i] = dma_addr;
		save_index++;
	}
	return 0;

map_error_handling:
	for (i = 0; i < save_index; i++)
		odma_unmap_single(dev, array[i], 128, DMA_FROM_DEVICE);
	return -EIO;
}

static void odma_howto_unwind_loop(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	u8 *buf = page_address(odma_test_pages(test, GFP_KERNEL, 0));
	u8 *bad = vmalloc(PAGE_SIZE), *bufs[ODMA_DMA_BUFFERS];
	dma_addr_t array[ODMA_DMA_BUFFERS];
	int i, fail;

	KUNIT_ASSERT_NOT_NULL(test, bad);
	for (fail = 0; fail <= ODMA_DMA_BUFFERS; fail++) {
		struct odma_counters before = { }, after = { };
		u64 mapped = fx->mode->stats ? fail : 0;

		for (i = 0; i < ODMA_DMA_BUFFERS; i++)
			bufs[i] = buf + i * 128;
		if (fail < ODMA_DMA_BUFFERS && fx->mode == &odma_merger_mode)
			odma_merger.fail = fail + 1;
		else if (fail < ODMA_DMA_BUFFERS)
			bufs[fail] = bad;
		if (fx->mode->rule)
			before = odma_counted_so_far(fx);
		KUNIT_EXPECT_EQ(test, odma_map_all(fx->dev, bufs, array),
				fail < ODMA_DMA_BUFFERS ? -EIO : 0);
		if (fail == ODMA_DMA_BUFFERS)
			while (i--)
				odma_unmap_single(fx->dev, array[i], 128,
						  DMA_FROM_DEVICE);
		KUNIT_EXPECT_EQ(test, odma_merger.live, 0);
		if (fx->mode->rule)
			after = odma_counted_so_far(fx);
		KUNIT_EXPECT_EQ(test, after.maps - before.maps, mapped);
		KUNIT_EXPECT_EQ(test, after.unmaps - before.unmaps, mapped);
	}
	vfree(bad);
}

/* The other calls that may fail say so in their own ways. */
static void odma_howto_failures(struct kunit *test)
{
	struct odma_fixture *fx = test->priv;
	struct scatterlist *sg = odma_test_list(test, 2, 64);
	dma_addr_t handle;

	KUNIT_EXPECT_NULL(test, odma_alloc_coherent(fx->dev, SIZE_MAX, &handle,
						    GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2, DMA_NONE));
	odma_merger.fail = 1;
	if (fx->mode == &odma_merger_mode)
		KUNIT_EXPECT_EQ(test, 0, odma_map_sg(fx->dev, sg, 2,
						     DMA_TO_DEVICE));
	odma_merger.fail = 0;
	KUNIT_EXPECT_EQ(test, odma_merger.live_lists, 0);
	/* Reduce, delay, and try again later: that works. */
	KUNIT_EXPECT_GT(test, odma_map_sg(fx->dev, sg, 2, DMA_TO_DEVICE), 0);
	odma_unmap_sg(fx->dev, sg, 2, DMA_TO_DEVICE);
}

static struct kunit_case odma_howto_cases[] = {
	KUNIT_CASE_PARAM(odma_howto_sound_card, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_sound_card_refused, odma_all_modes),
	KUNIT_CASE_PARAM(odma_howto_24_bits, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_recommended_masks, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_narrow_coherent, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_ring, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_alignment, odma_all_modes),
	KUNIT_CASE_PARAM(odma_howto_default_coherent, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_atomic, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_pool, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_single, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_page, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_scatterlist, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_receive, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_unwind_two, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_unwind_loop, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_failures, odma_howto_modes),
	{}
};

struct kunit_suite odma_howto_suite = {
	.name = "odma-howto",
	.suite_init = odma_begin_suite,
	.init = odma_howto_init,
	.exit = odma_howto_exit,
	.test_cases = odma_howto_cases,
};
