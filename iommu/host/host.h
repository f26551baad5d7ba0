/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The provider for IOMMUs that the kernel's own drivers run, what its files
 * share among themselves.
 */
#ifndef _ODMA_HOST_H
#define _ODMA_HOST_H

#include <linux/iommu.h>
#include <odma/compat.h>
#include <odma/iommu.h>

/*
 * struct odma_host - the provider's part of a domain
 * @kernel:	the kernel's domain, of the unmanaged kind
 * @group:	what is translated by it, referenced
 * @dev:	the device that it was made for, referenced; for messages, as
 *		it may have left the group, or the machine
 * @driver:	the IOMMU driver's module, whose code @kernel is; a device holds
 *		it, too, but may be gone before
 * @token:	what fault handlers know the domain by
 * @devices:	how many are attached; odma_iommu_mutex
 * @in_force:	@kernel is in the place of the group's default domain; likewise
 */
struct odma_host {
	struct iommu_domain *kernel;
	struct iommu_group *group;
	struct device *dev;
	struct module *driver;
	u32 token;
	unsigned int devices;
	bool in_force;
};

static inline size_t odma_host_page_size(const struct odma_host *host)
{
	return 1UL << __ffs(host->kernel->pgsize_bitmap);
}

/* group.c */
int odma_host_may_attach(struct device *dev);
int odma_host_can_attach(struct device *dev);
int odma_host_group_is_free(struct iommu_group *group, struct device *dev);

/* reserved.c */
int odma_host_get_reserved(struct device *dev, struct list_head *list);
int odma_host_map_direct(struct odma_host *host);
int odma_host_prepare_msi(struct odma_host *host);

/* domain.c */
int odma_host_create(struct odma_iommu_domain *domain, struct device *dev);
void odma_host_destroy(struct odma_iommu_domain *domain);
int odma_host_attach(struct odma_iommu_domain *domain, struct device *dev);
bool odma_host_in_force(struct odma_iommu_domain *domain, struct device *dev);
void odma_host_detach(struct odma_iommu_domain *domain, struct device *dev);

/* map.c */
int odma_host_map(struct odma_iommu_domain *domain, u64 iova, phys_addr_t phys,
		  size_t size, unsigned int prot, gfp_t gfp);
size_t odma_host_unmap(struct odma_iommu_domain *domain, u64 iova, size_t size,
		       struct odma_iommu_gather *gather);
phys_addr_t odma_host_iova_to_phys(struct odma_iommu_domain *domain, u64 iova);
void odma_host_flush(struct odma_iommu_domain *domain,
		     struct odma_iommu_gather *gather);
void odma_host_flush_all(struct odma_iommu_domain *domain,
			 struct odma_iommu_gather *gather);

#endif /* _ODMA_HOST_H */
