// SPDX-License-Identifier: GPL-2.0
/*
 * What the suites with the HOWTO's examples share.
 */
#include "howto.h"
#include "../shared/recorder.h"

#define ODMA_MERGER	"odma-merger"

struct odma_merger odma_merger;

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
	.ops = &odma_merger_ops,
};

static const struct odma_mode odma_merger_mode = {
	.name = "merger", .rule = ODMA_MERGER " stats", .stats = true,
};

const void *odma_howto_modes(const void *prev, char *desc)
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

bool odma_is_merging(const struct odma_fixture *fx)
{
	return fx->mode == &odma_merger_mode;
}

int odma_howto_init(struct kunit *test)
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
void odma_howto_exit(struct kunit *test)
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
