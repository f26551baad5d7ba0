// SPDX-License-Identifier: GPL-2.0
/*
 * Examples of the kernel's DMA API HOWTO: streaming mappings.
 */
#include <linux/irq_work.h>
#include <linux/mm.h>
#include "howto.h"
#include "../suites.h"

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
	KUNIT_EXPECT_EQ(test, count, odma_is_merging(fx) ? 2 : nents);
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
	if (odma_is_merging(fx))
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

static struct kunit_case odma_howto_streaming_cases[] = {
	KUNIT_CASE_PARAM(odma_howto_single, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_page, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_scatterlist, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_receive, odma_howto_modes),
	{}
};

struct kunit_suite odma_howto_streaming_suite = {
	.name = "odma-howto-streaming",
	.suite_init = odma_begin_suite,
	.init = odma_howto_init,
	.exit = odma_howto_exit,
	.test_cases = odma_howto_streaming_cases,
};
