/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Everything that depends on the kernel version, and nothing else.
 *
 * The ODMA_HAVE_* macros come from scripts/kernel-features, which looks at the
 * headers of the kernel at hand: a feature that was backported is seen, where
 * a version number would lie.
 */
#ifndef _ODMA_COMPAT_H
#define _ODMA_COMPAT_H

#include <linux/device.h>
#include <linux/dma-map-ops.h>
#include <linux/export.h>
#include <linux/iommu.h>
#include <linux/module.h>

#if !defined(CONFIG_ARCH_HAS_DMA_OPS) && !defined(CONFIG_DMA_OPS)
#error "odma: no dma_ops in struct device: set GART_IOMMU (x86) or XEN (arm64)"
#endif

/*
 * The namespace of our exports is an identifier up to 6.12, a string after it.
 * On the exporting side Kbuild says so, with DEFAULT_SYMBOL_NAMESPACE.
 */
#ifdef ODMA_HAVE_NS_IDENTIFIER
#define ODMA_IMPORT_NS	MODULE_IMPORT_NS(ODMA)
#else
#define ODMA_IMPORT_NS	MODULE_IMPORT_NS("ODMA")
#endif

/* The string helper of trace events lost its second argument in 6.10. */
#ifdef ODMA_HAVE_ASSIGN_STR_1
#define odma_assign_str(dst, src)	__assign_str(dst)
#else
#define odma_assign_str(dst, src)	__assign_str(dst, src)
#endif

/* On some kernels a binary attribute is not for its functions to change. */
#ifdef ODMA_HAVE_CONST_BIN_ATTR
#define ODMA_BIN_ATTR_CONST	const
#define ODMA_BIN_ATTR_LIST	const
#else
#define ODMA_BIN_ATTR_CONST
#define ODMA_BIN_ATTR_LIST
#endif

/* const or not, whatever the kernel's struct device has. */
typedef typeof(((struct device *)NULL)->bus) odma_bus_t;

/* The highest order that the page allocator serves. */
#ifdef MAX_PAGE_ORDER
#define ODMA_MAX_ORDER	MAX_PAGE_ORDER
#else
#define ODMA_MAX_ORDER	(MAX_ORDER - 1)
#endif

/*
 * An earlier bind may have left the device marked as one that needs no sync;
 * the kernel would then drop every sync before it reaches our ops.
 */
static inline void odma_clear_skip_sync(struct device *dev)
{
#if defined(ODMA_HAVE_DMA_SKIP_SYNC) && defined(CONFIG_DMA_NEED_SYNC)
	dev->dma_skip_sync = false;
#endif
}

/*
 * Has the kernel given the device a pool of its own? dma_alloc_attrs() asks
 * that one before any dma_ops, and only dma_free_attrs() knows the way back.
 */
static inline bool odma_has_kernel_pool(const struct device *dev)
{
#ifdef CONFIG_DMA_DECLARE_COHERENT
	return dev->dma_mem;
#else
	return false;
#endif
}

/* Does the kernel bypass dma_ops for this device, in favour of dma-iommu? */
static inline bool odma_kernel_uses_dma_iommu(const struct device *dev)
{
#if defined(ODMA_HAVE_DMA_IOMMU) && defined(CONFIG_IOMMU_DMA)
	return dev->dma_iommu;
#else
	return false;
#endif
}

/* Only for as long as another translation is in the place of dma-iommu's. */
static inline void odma_set_dma_iommu(struct device *dev, bool uses)
{
#if defined(ODMA_HAVE_DMA_IOMMU) && defined(CONFIG_IOMMU_DMA)
	dev->dma_iommu = uses;
#endif
}

/*
 * Of how many devices may a group be whose type is changed? Since 6.4 of any
 * number. No header says so, but one of 6.3 says who is older than that: the
 * kernels in between answer for themselves.
 */
#ifdef ODMA_HAVE_IOMMU_MAP_ATOMIC
#define ODMA_GROUP_TYPE_NEEDS_ONE_DEVICE	1
#else
#define ODMA_GROUP_TYPE_NEEDS_ONE_DEVICE	0
#endif

/*
 * Do interrupts of the group reach only whom they are for? Once the IOMMU's
 * driver said so, since then those who deliver them do.
 */
static inline bool odma_interrupts_checked(struct device *dev,
					   struct iommu_group *group)
{
#if !defined(CONFIG_IOMMU_API)
	return false;
#elif defined(ODMA_HAVE_ISOLATED_MSI)
	return iommu_group_has_isolated_msi(group);
#else
	return device_iommu_capable(dev, IOMMU_CAP_INTR_REMAP);
#endif
}

/*
 * Which memory would be of no use for DMA? Since 6.2 compound pages; before it
 * drivers ask for them, ALSA for one. No header says so, but one of 6.3 says
 * who is older than that, and 6.2 refuses them before we are asked.
 */
#ifdef ODMA_HAVE_IOMMU_MAP_ATOMIC
#define ODMA_GFP_REFUSED	((gfp_t)0)
#else
#define ODMA_GFP_REFUSED	__GFP_COMP
#endif

/* A domain of the kernel's IOMMU API for a device, or an ERR_PTR(). */
static inline struct iommu_domain *odma_unmanaged_alloc(struct device *dev)
{
#ifdef ODMA_HAVE_PAGING_DOMAIN_ALLOC
	return iommu_paging_domain_alloc(dev);
#else
	return iommu_domain_alloc(dev->bus) ?: ERR_PTR(-ENOMEM);
#endif
}

/* Map in one, with tables allocated as gfp says: once a function, then two. */
static inline int odma_unmanaged_map(struct iommu_domain *domain, u64 iova,
				     phys_addr_t phys, size_t size, int prot,
				     gfp_t gfp)
{
#ifdef ODMA_HAVE_IOMMU_MAP_ATOMIC
	if (!gfpflags_allow_blocking(gfp))
		return iommu_map_atomic(domain, iova, phys, size, prot);
	return iommu_map(domain, iova, phys, size, prot);
#else
	/* Zones are for the caller's pages: the kernel refuses them here. */
	gfp &= ~(__GFP_COMP | __GFP_DMA | __GFP_DMA32 | __GFP_HIGHMEM);
	return iommu_map(domain, iova, phys, size, prot, gfp);
#endif
}

/*
 * Backends are written against physical addresses.  ODMA_OPS_ADAPTERS(prefix)
 * turns prefix_map_phys() and prefix_unmap_phys(), both inline, into the
 * entries that the kernel at hand calls, without another call in between;
 * ODMA_OPS_MAP(prefix) initialises those members of a struct dma_map_ops.
 */
#ifdef ODMA_HAVE_MAP_PHYS
#define ODMA_OPS_ADAPTERS(prefix)					\
static dma_addr_t prefix##_op_map(struct device *dev, phys_addr_t phys,	\
		size_t size, enum dma_data_direction dir,		\
		unsigned long attrs)					\
{									\
	return prefix##_map_phys(dev, phys, size, dir, attrs);		\
}									\
static void prefix##_op_unmap(struct device *dev, dma_addr_t addr,	\
		size_t size, enum dma_data_direction dir,		\
		unsigned long attrs)					\
{									\
	prefix##_unmap_phys(dev, addr, size, dir, attrs);		\
}

#define ODMA_OPS_MAP(prefix)						\
	.map_phys = prefix##_op_map,					\
	.unmap_phys = prefix##_op_unmap
#define odma_unmap_op	unmap_phys
#define ODMA_OPS_SET_MAP_ONLY(ops, prefix)				\
	((ops)->map_phys = prefix##_op_map)
#define ODMA_OPS_SET_MAP(ops, prefix)					\
do {									\
	(ops)->map_phys = prefix##_op_map;				\
	(ops)->unmap_phys = prefix##_op_unmap;				\
} while (0)
#else
#define ODMA_OPS_ADAPTERS(prefix)					\
static dma_addr_t prefix##_op_map(struct device *dev, struct page *page,\
		unsigned long offset, size_t size,			\
		enum dma_data_direction dir, unsigned long attrs)	\
{									\
	return prefix##_map_phys(dev, page_to_phys(page) + offset, size,\
				 dir, attrs);				\
}									\
static void prefix##_op_unmap(struct device *dev, dma_addr_t addr,	\
		size_t size, enum dma_data_direction dir,		\
		unsigned long attrs)					\
{									\
	prefix##_unmap_phys(dev, addr, size, dir, attrs);		\
}

#define ODMA_OPS_MAP(prefix)						\
	.map_page = prefix##_op_map,					\
	.unmap_page = prefix##_op_unmap
#define odma_unmap_op	unmap_page
/* What maps, and not what unmaps. */
#define ODMA_OPS_SET_MAP_ONLY(ops, prefix)				\
do {									\
	(ops)->map_page = prefix##_op_map;				\
	(ops)->map_resource = prefix##_map_resource;			\
} while (0)
#define ODMA_OPS_SET_MAP(ops, prefix)					\
do {									\
	(ops)->map_page = prefix##_op_map;				\
	(ops)->unmap_page = prefix##_op_unmap;				\
} while (0)
#endif

/* Call the same entries of a table, for a page of memory. */
static __always_inline dma_addr_t
odma_ops_map(const struct dma_map_ops *ops, struct device *dev,
	     struct page *page, unsigned long offset, size_t size,
	     enum dma_data_direction dir, unsigned long attrs)
{
#ifdef ODMA_HAVE_MAP_PHYS
	return ops->map_phys(dev, page_to_phys(page) + offset, size, dir,
			     attrs);
#else
	return ops->map_page(dev, page, offset, size, dir, attrs);
#endif
}

static __always_inline void
odma_ops_unmap(const struct dma_map_ops *ops, struct device *dev,
	       dma_addr_t addr, size_t size, enum dma_data_direction dir,
	       unsigned long attrs)
{
#ifdef ODMA_HAVE_MAP_PHYS
	ops->unmap_phys(dev, addr, size, dir, attrs);
#else
	ops->unmap_page(dev, addr, size, dir, attrs);
#endif
}

/* Has a backend's table what every driver needs? */
static inline bool odma_ops_complete(const struct dma_map_ops *ops)
{
#ifdef ODMA_HAVE_MAP_PHYS
	bool single = ops->map_phys && ops->unmap_phys;
#else
	bool single = ops->map_page && ops->unmap_page;
#endif
	return single && ops->map_sg && ops->unmap_sg && ops->alloc &&
	       ops->free;
}

/* The member that dma_alloc_pages() calls has changed its name. */
#ifdef ODMA_HAVE_ALLOC_PAGES_OP
#define odma_alloc_pages_op	alloc_pages_op
#else
#define odma_alloc_pages_op	alloc_pages
#endif

/*
 * Pages from anywhere in a row: kernels that ask dma_ops for them want this
 * back, and others ask dma-iommu alone. Then only the twins come to a backend.
 */
#ifdef ODMA_HAVE_NONCONTIGUOUS_OPS
#define ODMA_OPS_SET_NONCONTIGUOUS(ops, functions)			\
do {									\
	(ops)->alloc_noncontiguous = (functions)->alloc;		\
	(ops)->free_noncontiguous = (functions)->free;			\
} while (0)
#else
struct dma_sgt_handle {
	struct sg_table sgt;
	struct page **pages;
};

#define ODMA_OPS_SET_NONCONTIGUOUS(ops, functions)	do { } while (0)
#endif

/*
 * On kernels with map_phys a resource is mapped by that, with DMA_ATTR_MMIO;
 * before them it has two members of its own.
 */
#ifdef ODMA_HAVE_MAP_PHYS
#define ODMA_OPS_RESOURCE(prefix)
#define ODMA_OPS_SET_RESOURCE(ops, prefix)	do { } while (0)
#else
#define ODMA_OPS_RESOURCE(prefix)					\
	.map_resource = prefix##_map_resource,				\
	.unmap_resource = prefix##_unmap_resource
#define ODMA_OPS_SET_RESOURCE(ops, prefix)				\
do {									\
	if ((ops)->map_resource) {					\
		(ops)->map_resource = prefix##_map_resource;		\
		(ops)->unmap_resource = prefix##_unmap_resource;	\
	}								\
} while (0)
#endif

#endif /* _ODMA_COMPAT_H */
