// SPDX-License-Identifier: GPL-2.0
/*
 * Examples of the kernel's DMA API HOWTO: DMA addressing capabilities.
 */
#include <linux/sizes.h>
#include "howto.h"
#include "../suites.h"

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
	bool record = !odma_is_merging(fx) && ODMA_LOW_BITS <= 24;

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
	bool fits = !odma_is_merging(fx) && ODMA_LOW_BITS <= 24;

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
	struct bus_dma_region range = odma_range(0, SZ_2G, SZ_2G);
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

static struct kunit_case odma_howto_masks_cases[] = {
	KUNIT_CASE_PARAM(odma_howto_sound_card, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_sound_card_refused, odma_all_modes),
	KUNIT_CASE_PARAM(odma_howto_24_bits, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_recommended_masks, odma_howto_modes),
	KUNIT_CASE_PARAM(odma_howto_narrow_coherent, odma_howto_modes),
	{}
};

struct kunit_suite odma_howto_masks_suite = {
	.name = "odma-howto-masks",
	.suite_init = odma_begin_suite,
	.init = odma_howto_init,
	.exit = odma_howto_exit,
	.test_cases = odma_howto_masks_cases,
};
