/* SPDX-License-Identifier: GPL-2.0 */
/*
 * An IOMMU in software, and a device behind it that reads and writes memory.
 *
 * It walks the tables as hardware would, and it remembers what it found until
 * it is told to forget: whoever does not invalidate is found out.
 */
#ifndef _ODMA_KUNIT_SOFT_IOMMU_H
#define _ODMA_KUNIT_SOFT_IOMMU_H

#include <linux/xarray.h>
#include <odma/iommu.h>
#include "../shared/fixture.h"

/**
 * struct odma_soft_cfg - what IOMMU to be
 * @granule_shift: log2 of the page size
 * @ias:	input bits
 * @first:	lowest address that it translates
 * @last:	highest, 0: all of @ias
 * @page_sizes:	what it says of them, 0: the truth
 * @upper:	the addresses at the upper end of 64 bits: set @first
 * @own:	map by functions of its own
 * @rough:	... whose unmap must not be asked for what is not mapped
 * @features:	ODMA_IOMMU_COHERENT, ...
 * @reserved:	what get_reserved() reports
 * @reserved_count: how many of them
 */
struct odma_soft_cfg {
	u8 granule_shift;
	u8 ias;
	u64 first;
	u64 last;
	unsigned long page_sizes;
	bool upper;
	bool own;
	bool rough;
	unsigned long features;
	const struct odma_reserved *reserved;
	int reserved_count;
};

/**
 * struct odma_soft - one such IOMMU
 * @iommu:	as it is registered
 * @cfg:	what it is
 * @dev:	the devices behind it, which share a domain
 * @attached:	how many of these it translates
 * @domain:	the domain, or NULL
 * @pgt:	its tables
 * @tlb:	what is remembered, by page
 * @tables:	tables that are allocated
 * @fail_in:	so many more table allocations succeed; negative: all
 * @flushes:	of ranges
 * @flush_alls:	of the domain
 * @strays:	unmaps, where it is rough, of what was not mapped
 * @probe_ret:	what probe() says of its devices
 * @attach_ret:	what attach() says
 * @deaf:	it forgets nothing
 * @end_mapped:	bytes that were mapped when the last domain went
 * @end_remembered: pages that were remembered then
 */
struct odma_soft {
	struct odma_iommu iommu;
	struct odma_soft_cfg cfg;
	struct device *dev[2];
	int attached;
	struct odma_iommu_domain *domain;
	struct odma_pgtable *pgt;
	struct xarray tlb;
	atomic_t tables;
	atomic_t fail_in;
	atomic_t flushes;
	atomic_t flush_alls;
	atomic_t strays;
	int probe_ret;
	int attach_ret;
	bool deaf;
	u64 end_mapped;
	unsigned int end_remembered;
};

struct odma_soft *odma_soft_start(struct kunit *test,
				  const struct odma_soft_cfg *cfg,
				  struct device *dev);
void odma_soft_stop(struct kunit *test, struct odma_soft *soft);

/* The device reads or writes: 0 or -EFAULT, with the rest left alone. */
int odma_soft_read(struct odma_soft *soft, u64 iova, void *to, size_t size);
int odma_soft_write(struct odma_soft *soft, u64 iova, const void *from,
		    size_t size);

/* Could it? Asked byte by page, and nothing is moved. */
bool odma_soft_reads(struct odma_soft *soft, u64 iova);
bool odma_soft_writes(struct odma_soft *soft, u64 iova);

/* What the tables say of an address, whatever is remembered: 0 or -ENOENT. */
int odma_soft_leaf(struct odma_soft *soft, u64 iova, struct odma_leaf *leaf);

/* Bytes that are mapped now. */
u64 odma_soft_mapped(struct odma_soft *soft);

#endif /* _ODMA_KUNIT_SOFT_IOMMU_H */
