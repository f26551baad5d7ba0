// SPDX-License-Identifier: GPL-2.0
/*
 * An IOMMU that isn't there, for odma: its tables are kept, invalidating costs
 * nothing. What is measured over it is odma's own work.
 */
#include <linux/module.h>
#include <linux/platform_device.h>
#include <odma/iommu.h>
#include "bench.h"

#define INPUT_BITS	48

static void null_flush_range(void *cookie, u64 iova, size_t size,
			     size_t granule, bool tables)
{
}

static void null_flush_everything(void *cookie)
{
}

static const struct odma_tlb_ops null_tlb_ops = {
	.flush_range = null_flush_range,
	.flush_all = null_flush_everything,
};

static int null_probe(struct device *dev)
{
	return dev_is_platform(dev) ? 0 : -ENODEV;
}

static int null_create(struct odma_iommu_domain *domain, struct device *dev)
{
	const struct odma_pgtable_cfg cfg = {
		.stage = ODMA_STAGE_1,
		.granule_shift = 12,
		.ias = INPUT_BITS,
		.oas = 48,
		.nid = NUMA_NO_NODE,
		.tlb = &null_tlb_ops,
	};
	struct odma_pgtable *tables = odma_pgtable_create(&cfg);

	if (IS_ERR(tables))
		return PTR_ERR(tables);
	domain->geometry.page_sizes = odma_pgtable_sizes(tables);
	domain->geometry.first = 0;
	domain->geometry.last = BIT_ULL(INPUT_BITS) - 1;
	domain->geometry.features = ODMA_IOMMU_COHERENT;
	domain->pgtable = tables;
	return 0;
}

static void null_destroy(struct odma_iommu_domain *domain)
{
	odma_pgtable_destroy(domain->pgtable);
}

static int null_attach(struct odma_iommu_domain *domain, struct device *dev)
{
	return 0;
}

static void null_detach(struct odma_iommu_domain *domain, struct device *dev)
{
}

static void null_flush(struct odma_iommu_domain *domain,
		       struct odma_iommu_gather *gather)
{
	odma_gather_init(&gather->range);
}

static struct odma_iommu null_iommu = {
	.name = "bench-null",
	.probe = null_probe,
	.create = null_create,
	.destroy = null_destroy,
	.attach = null_attach,
	.detach = null_detach,
	.flush = null_flush,
	.flush_all = null_flush,
};

int bench_add_provider(void)
{
	return odma_register_iommu(&null_iommu);
}

void bench_remove_provider(void)
{
	odma_unregister_iommu(&null_iommu);
}
