// SPDX-License-Identifier: GPL-2.0
/*
 * Addresses that are not for mappings, and the doorbells of interrupts.
 */
#define pr_fmt(fmt) "odma-iommu-host: " fmt

#include <linux/slab.h>
#include "host.h"

static int odma_host_add_hole(struct list_head *list, u64 start, u64 last)
{
	struct odma_reserved *hole = kzalloc(sizeof(*hole), GFP_KERNEL);

	if (!hole)
		return -ENOMEM;
	hole->start = start;
	hole->last = last;
	hole->type = ODMA_RESERVED_HOLE;
	list_add_tail(&hole->node, list);
	return 0;
}

static void odma_host_free_regions(struct list_head *regions)
{
	struct iommu_resv_region *region, *next;

	list_for_each_entry_safe(region, next, regions, list)
		kfree(region);
}

/**
 * odma_host_get_reserved() - what addresses a device's mappings must not have
 * @dev: in the group of the domain
 * @list: where to append them
 *
 * All of them are holes: what firmware has mapped to itself is mapped since the
 * domain was made; x86's interrupt window (0xfee00000) is not translated; and
 * where the kernel itself maps doorbells, on arm64, it does so in the window
 * that odma_host_prepare_msi() has told it.
 *
 * Context: process context.
 *
 * Return: 0 or -ENOMEM; the caller frees the list in either case.
 */
int odma_host_get_reserved(struct device *dev, struct list_head *list)
{
	struct iommu_group *group = iommu_group_get(dev);
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	int ret;

	if (!group)
		return -ENODEV;
	ret = iommu_get_group_resv_regions(group, &regions);
	list_for_each_entry(region, &regions, list) {
		if (ret)
			break;
		if (region->length)
			ret = odma_host_add_hole(list, region->start,
						 region->start +
						 region->length - 1);
	}
	odma_host_free_regions(&regions);
	iommu_group_put(group);
	return ret;
}

/*
 * The second byte of a page is asked for: page 0, which Intel's driver maps for
 * ISA bridges, has its first one at 0, which is the answer for nothing.
 */
static bool odma_host_is_mapped(const struct odma_host *host, phys_addr_t page)
{
	return iommu_iova_to_phys(host->kernel, page + 1);
}

/* Regions of several devices may overlap, so it goes page by page. */
static int odma_host_map_region(struct odma_host *host,
				const struct iommu_resv_region *region)
{
	size_t page = odma_host_page_size(host);
	phys_addr_t addr = ALIGN_DOWN(region->start, page);
	phys_addr_t end = ALIGN(region->start + region->length, page);
	int ret;

	for (; addr < end; addr += page) {
		if (odma_host_is_mapped(host, addr))
			continue;
		ret = odma_unmanaged_map(host->kernel, addr, addr, page,
					 region->prot, GFP_KERNEL);
		if (ret)
			return ret;
	}
	return 0;
}

/**
 * odma_host_map_direct() - map what firmware uses to itself
 * @host: the domain; what is mapped already stays so
 *
 * Context: process context.
 *
 * Return: 0, -ENOMEM, or what the IOMMU's driver said.
 */
int odma_host_map_direct(struct odma_host *host)
{
	struct iommu_resv_region *region;
	LIST_HEAD(regions);
	int ret;

	ret = iommu_get_group_resv_regions(host->group, &regions);
	list_for_each_entry(region, &regions, list) {
		if (ret)
			break;
		if (region->type == IOMMU_RESV_DIRECT ||
		    region->type == IOMMU_RESV_DIRECT_RELAXABLE)
			ret = odma_host_map_region(host, region);
	}
	odma_host_free_regions(&regions);
	return ret;
}

/**
 * odma_host_prepare_msi() - let interrupts through where they are translated
 * @host: a new domain
 *
 * An IOMMU on x86 lets them pass by itself. On arm64 a doorbell is an address
 * like any other: the kernel maps it when a driver asks for interrupts, in any
 * domain that has been given a window for it.
 *
 * Context: process context.
 *
 * Return: 0, or an error with a line in the log.
 */
int odma_host_prepare_msi(struct odma_host *host)
{
	struct iommu_resv_region *region;
	bool software = false;
	phys_addr_t window = 0;
	LIST_HEAD(regions);
	int ret;

	ret = iommu_get_group_resv_regions(host->group, &regions);
	list_for_each_entry(region, &regions, list) {
		if (region->type == IOMMU_RESV_MSI) {
			software = false;
			break;
		}
		if (region->type == IOMMU_RESV_SW_MSI) {
			software = true;
			window = region->start;
		}
	}
	odma_host_free_regions(&regions);
	if (!ret && software)
		ret = iommu_get_msi_cookie(host->kernel, window);
	if (ret)
		pr_err("%s not taken over: its interrupts could not be let through: error %d\n",
		       dev_name(host->dev), ret);
	return ret;
}
