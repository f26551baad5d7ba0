// SPDX-License-Identifier: GPL-2.0
/*
 * The same for the kernel: an IOMMU driver whose hardware isn't there, over the
 * kernel's own page tables, so that the kernel's dma-iommu can be measured as
 * odma is.
 */
#include <linux/io-pgtable.h>
#include <linux/iommu.h>
#include <linux/module.h>
#include <linux/platform_device.h>
#include <linux/slab.h>
#include "bench.h"

#define INPUT_BITS	48
#define PAGE_SIZES	(SZ_4K | SZ_2M | SZ_1G)

struct null_domain {
	struct iommu_domain domain;
	struct io_pgtable_ops *tables;
};

static struct iommu_device null_device;

static struct null_domain *null_domain_of(struct iommu_domain *domain)
{
	return container_of(domain, struct null_domain, domain);
}

static void null_flush_all(void *cookie)
{
}

static void null_flush_walk(unsigned long iova, size_t size, size_t granule,
			    void *cookie)
{
}

/* As drivers do that invalidate by ranges. */
static void null_add_page(struct iommu_iotlb_gather *gather,
			  unsigned long iova, size_t granule, void *cookie)
{
	iommu_iotlb_gather_add_page(cookie, gather, iova, granule);
}

static const struct iommu_flush_ops null_flush_ops = {
	.tlb_flush_all = null_flush_all,
	.tlb_flush_walk = null_flush_walk,
	.tlb_add_page = null_add_page,
};

static bool null_capable(struct device *dev, enum iommu_cap cap)
{
	return cap == IOMMU_CAP_CACHE_COHERENCY ||
	       cap == IOMMU_CAP_DEFERRED_FLUSH;
}

static struct iommu_domain *null_domain_alloc(struct device *dev)
{
	struct io_pgtable_cfg cfg = {
		.pgsize_bitmap = PAGE_SIZES,
		.ias = INPUT_BITS,
		.oas = 48,
		.coherent_walk = true,
		.tlb = &null_flush_ops,
		.iommu_dev = dev,
	};
	struct null_domain *null = kzalloc(sizeof(*null), GFP_KERNEL);

	if (!null)
		return NULL;
	null->tables = alloc_io_pgtable_ops(ARM_64_LPAE_S1, &cfg,
					    &null->domain);
	if (!null->tables) {
		kfree(null);
		return NULL;
	}
	null->domain.pgsize_bitmap = PAGE_SIZES;
	null->domain.geometry.aperture_end = BIT_ULL(INPUT_BITS) - 1;
	null->domain.geometry.force_aperture = true;
	return &null->domain;
}

static void null_domain_free(struct iommu_domain *domain)
{
	free_io_pgtable_ops(null_domain_of(domain)->tables);
	kfree(null_domain_of(domain));
}

static int null_attach(struct iommu_domain *domain, struct device *dev)
{
	return 0;
}

static int null_map(struct iommu_domain *domain, unsigned long iova,
		    phys_addr_t phys, size_t size, size_t count, int prot,
		    gfp_t gfp, size_t *mapped)
{
	struct io_pgtable_ops *tables = null_domain_of(domain)->tables;

	return tables->map_pages(tables, iova, phys, size, count, prot, gfp,
				 mapped);
}

static size_t null_unmap(struct iommu_domain *domain, unsigned long iova,
			 size_t size, size_t count,
			 struct iommu_iotlb_gather *gather)
{
	struct io_pgtable_ops *tables = null_domain_of(domain)->tables;

	return tables->unmap_pages(tables, iova, size, count, gather);
}

static phys_addr_t null_iova_to_phys(struct iommu_domain *domain,
				     dma_addr_t iova)
{
	struct io_pgtable_ops *tables = null_domain_of(domain)->tables;

	return tables->iova_to_phys(tables, iova);
}

static void null_flush(struct iommu_domain *domain)
{
}

static void null_sync(struct iommu_domain *domain,
		      struct iommu_iotlb_gather *gather)
{
}

static struct iommu_device *null_probe(struct device *dev)
{
	return dev_is_platform(dev) ? &null_device : ERR_PTR(-ENODEV);
}

static const struct iommu_ops null_ops = {
	.owner = THIS_MODULE,
	.capable = null_capable,
	.domain_alloc_paging = null_domain_alloc,
	.probe_device = null_probe,
	.device_group = generic_device_group,
	.pgsize_bitmap = PAGE_SIZES,
	.default_domain_ops = &(const struct iommu_domain_ops) {
		.attach_dev = null_attach,
		.map_pages = null_map,
		.unmap_pages = null_unmap,
		.iova_to_phys = null_iova_to_phys,
		.flush_iotlb_all = null_flush,
		.iotlb_sync = null_sync,
		.free = null_domain_free,
	},
};

/* Without a firmware node it serves every device that has none either. */
int bench_add_iommu(void)
{
	int ret = iommu_device_sysfs_add(&null_device, NULL, NULL,
					 "odma-bench-null");

	if (ret)
		return ret;
	ret = iommu_device_register(&null_device, &null_ops, NULL);
	if (ret)
		iommu_device_sysfs_remove(&null_device);
	return ret;
}

void bench_remove_iommu(void)
{
	iommu_device_unregister(&null_device);
	iommu_device_sysfs_remove(&null_device);
}
