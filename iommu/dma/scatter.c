// SPDX-License-Identifier: GPL-2.0
/*
 * Scatterlists: all of one in a row of addresses.
 *
 * First every entry gets its place in the row, in its own DMA fields, then all
 * are mapped at once, then entries that have become neighbours are joined. The
 * way back is one unmap and one invalidation.
 *
 * Source: seeds page dma-map-sg.md.
 */
#define pr_fmt(fmt) "odma-iommu: " fmt

#include <linux/memremap.h>
#include <linux/scatterlist.h>
#include <trace/events/odma.h>
#include "pages.h"

/*
 * Where the row is longer than the boundary it begins at one, as it is aligned
 * to its size; where it is not it crosses none. So a place in the row says it.
 */
static bool odma_crosses(size_t at, size_t size, unsigned long boundary)
{
	return (at ^ (at + size - 1)) & ~boundary;
}

/*
 * Each entry's place, from the beginning of the row. One that would cross a
 * boundary begins there, and before it addresses stay without a mapping.
 * The length of the row is 0 where there is nothing to map.
 */
static int odma_lay_out(const struct odma_translated *t,
			struct scatterlist *sgl, int nents, size_t *length,
			enum odma_failure *why)
{
	unsigned long boundary = dma_get_seg_boundary(t->odev->dev);
	const struct odma_domain *d = t->domain;
	struct scatterlist *sg;
	size_t row = 0;
	int i;

	for_each_sg(sgl, sg, nents, i) {
		size_t offset = odma_page_offset(d, sg->offset);

		if (unlikely(is_pci_p2pdma_page(sg_page(sg)))) {
			*why = ODMA_FAIL_P2PDMA;
			return -EREMOTEIO;
		}
		sg_dma_len(sg) = sg->length;
		if (unlikely(!sg->length))
			continue;
		if (unlikely(odma_crosses(row + offset, sg->length,
					  boundary))) {
			row = ALIGN(row, boundary + 1);
			if (odma_crosses(offset, sg->length, boundary)) {
				*why = ODMA_FAIL_BOUNDARY;
				return -EINVAL;
			}
		}
		sg_dma_address(sg) = row + offset;
		row += odma_page_span(d, sg->offset, sg->length);
	}
	*length = row;
	return 0;
}

/* The entries from @sg on that are one row in memory and for the device. */
static struct scatterlist *odma_next_run(const struct odma_domain *d,
					 struct scatterlist *sg, int *left,
					 phys_addr_t *phys, u64 *iova,
					 size_t *size)
{
	*size = 0;
	for (; *left; sg = sg_next(sg), (*left)--) {
		size_t offset = odma_page_offset(d, sg->offset);

		if (!sg->length)
			continue;
		if (*size && (*phys + *size != sg_phys(sg) - offset ||
			      *iova + *size != sg_dma_address(sg) - offset))
			break;
		if (!*size) {
			*phys = sg_phys(sg) - offset;
			*iova = sg_dma_address(sg) - offset;
		}
		*size += odma_page_span(d, sg->offset, sg->length);
	}
	return sg;
}

/* What was mapped of a list whose mapping failed further on. */
static void odma_unmap_runs(struct odma_domain *d, struct scatterlist *sg,
			    int nents)
{
	struct odma_iommu_gather gather;
	phys_addr_t phys;
	size_t size;
	u64 iova;

	odma_iommu_gather_init(&gather);
	while (nents) {
		sg = odma_next_run(d, sg, &nents, &phys, &iova, &size);
		if (size)
			odma_domain_unmap(d, iova, size, &gather);
	}
	if (!odma_gather_is_empty(&gather.range))
		odma_domain_flush(d, &gather);
}

/* Provider functions know no lists: they get each run. */
static int odma_map_runs(struct odma_translated *t, struct scatterlist *sgl,
			 int nents, unsigned int prot, gfp_t gfp)
{
	struct odma_domain *d = t->domain;
	struct scatterlist *sg = sgl;
	int left = nents, ret = 0;
	phys_addr_t phys;
	size_t size;
	u64 iova;

	while (left && !ret) {
		int before = left;

		sg = odma_next_run(d, sg, &left, &phys, &iova, &size);
		if (size)
			ret = odma_domain_map(d, iova, phys, size, prot, gfp);
		if (ret)
			nents -= before;
	}
	if (ret)
		odma_unmap_runs(d, sgl, nents);
	return ret;
}

static int odma_map_row(struct odma_translated *t, struct scatterlist *sgl,
			int nents, unsigned int prot, gfp_t gfp)
{
	struct odma_pgtable *pgtable = t->domain->base.pgtable;

	if (pgtable)
		return odma_pgtable_map_sg(pgtable, sgl, nents, prot, gfp);
	return odma_map_runs(t, sgl, nents, prot, gfp);
}

/**
 * odma_map_list() - translate a row of addresses to all of a list
 * @t: the device
 * @sgl: the list
 * @nents: its entries
 * @prot: what the device may do, ODMA_READ, ...
 * @mask: the mask that applies, streaming or coherent
 * @gfp: for tables
 * @why: set where it fails
 *
 * Each entry has its own address and length in its DMA fields then.
 *
 * Context: any that @gfp allows.
 *
 * Return: bytes of the row, whole pages, 0 where there is nothing to map; a
 * negative number where it fails.
 */
ssize_t odma_map_list(struct odma_translated *t, struct scatterlist *sgl,
		      int nents, unsigned int prot, u64 mask, gfp_t gfp,
		      enum odma_failure *why)
{
	struct scatterlist *sg;
	size_t row;
	int i, ret;
	u64 iova;

	ret = odma_lay_out(t, sgl, nents, &row, why);
	if (unlikely(ret || !row))
		return ret;
again:
	iova = odma_iova_alloc(t, row, mask);
	if (unlikely(!iova)) {
		*why = odma_why_no_iova(t, row, mask);
		return -ENOMEM;
	}
	for_each_sg(sgl, sg, nents, i)
		sg_dma_address(sg) += iova;
	ret = odma_map_row(t, sgl, nents, prot, gfp);
	if (likely(!ret))
		return row;
	if (odma_set_aside(t, iova, row, ret)) {
		for_each_sg(sgl, sg, nents, i)
			sg_dma_address(sg) -= iova;
		goto again;
	}
	*why = odma_why_not_translated(ret);
	return ret;
}

/**
 * odma_map_table() - the same, without a hole and for as long as it likes
 * @t: the device
 * @sgt: whole pages
 * @size: their bytes
 * @prot: what the device may do, ODMA_READ, ...
 * @mask: the mask that applies, streaming or coherent
 * @gfp: for tables
 * @why: set where it fails
 *
 * For memory that is allocated: entries and boundaries are for lists.
 *
 * Context: any that @gfp allows.
 *
 * Return: the device's address, or DMA_MAPPING_ERROR.
 */
dma_addr_t odma_map_table(struct odma_translated *t, struct sg_table *sgt,
			  size_t size, unsigned int prot, u64 mask, gfp_t gfp,
			  enum odma_failure *why)
{
	struct scatterlist *sg;
	u64 iova, at;
	int i, ret;

again:
	iova = odma_iova_alloc(t, size, mask);
	if (!iova) {
		*why = odma_why_no_iova(t, size, mask);
		return DMA_MAPPING_ERROR;
	}
	at = iova;
	for_each_sgtable_sg(sgt, sg, i) {
		sg_dma_address(sg) = at;
		sg_dma_len(sg) = sg->length;
		at += sg->length;
	}
	ret = odma_map_row(t, sgt->sgl, sgt->orig_nents, prot, gfp);
	if (!ret)
		return iova;
	if (odma_set_aside(t, iova, size, ret))
		goto again;
	*why = odma_why_not_translated(ret);
	return DMA_MAPPING_ERROR;
}

/*
 * An entry goes on where the last one ended: then both are one, if that is not
 * too long for the device. Results move to the front of the list, never past
 * the entry that they come from.
 */
static int odma_join_list(struct odma_translated *t, struct scatterlist *sgl,
			  int nents)
{
	unsigned long boundary = dma_get_seg_boundary(t->odev->dev);
	unsigned int max = dma_get_max_seg_size(t->odev->dev);
	struct scatterlist *sg, *to = NULL;
	int i, count = 0;

	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t addr = sg_dma_address(sg);
		unsigned int len = sg->length;

		sg_dma_len(sg) = 0;
		sg_dma_address(sg) = DMA_MAPPING_ERROR;
		if (unlikely(!len))
			continue;
		if (to && sg_dma_address(to) + sg_dma_len(to) == addr &&
		    (addr & boundary) && sg_dma_len(to) <= max &&
		    len <= max - sg_dma_len(to)) {
			sg_dma_len(to) += len;
			continue;
		}
		to = to ? sg_next(to) : sgl;
		sg_dma_address(to) = addr;
		sg_dma_len(to) = len;
		count++;
	}
	/* A list of empty entries is mapped as it is. */
	return count ?: nents;
}

static void odma_list_for_device(struct scatterlist *sgl, int nents)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		odma_cache_for_device(sg_phys(sg), sg->length);
}

static void odma_list_for_cpu(struct scatterlist *sgl, int nents,
			      enum dma_data_direction dir)
{
	struct scatterlist *sg;
	int i;

	if (dir == DMA_TO_DEVICE)
		return;
	for_each_sg(sgl, sg, nents, i)
		odma_cache_for_cpu(sg_phys(sg), sg->length, dir);
}

static noinline int odma_list_refused(struct device *dev,
				      struct scatterlist *sgl, int nents,
				      enum dma_data_direction dir,
				      unsigned long attrs,
				      enum odma_failure why)
{
	struct scatterlist *sg;
	size_t size = 0;
	int i;

	for_each_sg(sgl, sg, nents, i)
		size += sg->length;
	odma_forget_list(sgl, nents);
	odma_map_failed(dev, sg_phys(sgl), size, dir, attrs, why);
	switch (why) {
	case ODMA_FAIL_P2PDMA:
		return -EREMOTEIO;
	case ODMA_FAIL_IOVA:
	case ODMA_FAIL_MASK:
	case ODMA_FAIL_TABLES:
		return -ENOMEM;
	default:
		return -EINVAL;
	}
}

static noinline void odma_trace_map_list(struct device *dev,
					 struct scatterlist *sgl, int nents,
					 enum dma_data_direction dir,
					 unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		trace_odma_map(dev, sg_phys(sg), sg_dma_address(sg), sg->length,
			       dir, attrs);
}

static noinline void odma_trace_unmap_list(struct device *dev,
					   struct scatterlist *sgl, int nents,
					   enum dma_data_direction dir,
					   unsigned long attrs)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			trace_odma_unmap(dev, sg_dma_address(sg),
					 sg_dma_len(sg), dir, attrs);
}

static noinline void odma_trace_sync_list(struct device *dev,
					  struct scatterlist *sgl, int nents,
					  enum dma_data_direction dir,
					  bool for_cpu)
{
	struct scatterlist *sg;
	int i;

	for_each_sg(sgl, sg, nents, i)
		if (sg_dma_len(sg))
			trace_odma_sync(dev, sg_dma_address(sg),
					sg_dma_len(sg), dir, for_cpu);
}

static noinline int odma_map_apart_traced(struct odma_translated *t,
					  struct scatterlist *sgl, int nents,
					  enum dma_data_direction dir,
					  unsigned long attrs)
{
	int ret = odma_map_list_apart(t, sgl, nents, dir, attrs);

	if (ret > 0 && trace_odma_map_enabled())
		odma_trace_map_list(t->odev->dev, sgl, nents, dir, attrs);
	return ret;
}

int odma_iommu_map_sg(struct device *dev, struct scatterlist *sgl, int nents,
		      enum dma_data_direction dir, unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);
	enum odma_failure why;
	ssize_t row;

	if (unlikely(nents <= 0))
		return -EINVAL;
	if (unlikely(!t->plain) && odma_list_apart(t, sgl, nents, dir))
		return odma_map_apart_traced(t, sgl, nents, dir, attrs);
	if (!t->coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_list_for_device(sgl, nents);
	row = odma_map_list(t, sgl, nents, odma_iommu_prot(t, dir, attrs),
			    *dev->dma_mask, GFP_ATOMIC | __GFP_NOWARN, &why);
	if (unlikely(row < 0))
		return odma_list_refused(dev, sgl, nents, dir, attrs, why);
	if (trace_odma_map_enabled())
		odma_trace_map_list(dev, sgl, nents, dir, attrs);
	return odma_join_list(t, sgl, nents);
}

static void odma_iommu_unmap_list(struct odma_translated *t,
				  struct scatterlist *sgl, int nents)
{
	struct odma_domain *d = t->domain;
	struct odma_iommu_gather gather;
	u64 first = 0, start = 0, next = 0;
	struct scatterlist *sg;
	size_t gone = 0, want = 0;
	int i;

	odma_iommu_gather_init(&gather);
	for_each_sg(sgl, sg, nents, i) {
		dma_addr_t addr = sg_dma_address(sg);
		size_t offset = odma_page_offset(d, addr);

		if (!sg_dma_len(sg))
			break;
		/* Before a boundary there may be a hole. */
		if (addr - offset != next) {
			if (want)
				gone += odma_domain_unmap(d, start,
							  next - start,
							  &gather);
			else
				first = addr - offset;
			start = addr - offset;
		}
		next = addr - offset + odma_page_span(d, addr, sg_dma_len(sg));
		want += odma_page_span(d, addr, sg_dma_len(sg));
	}
	if (!want)
		return;
	gone += odma_domain_unmap(d, start, next - start, &gather);
	odma_unmap_done(t, first, next - first, want - gone, &gather);
}

void odma_iommu_unmap_sg(struct device *dev, struct scatterlist *sgl,
			 int nents, enum dma_data_direction dir,
			 unsigned long attrs)
{
	struct odma_translated *t = odma_translated(dev);

	if (trace_odma_unmap_enabled())
		odma_trace_unmap_list(dev, sgl, nents, dir, attrs);
	if (unlikely(!t->plain) && odma_list_apart(t, sgl, nents, dir)) {
		odma_unmap_list_apart(t, sgl, nents, dir, attrs);
		return;
	}
	odma_iommu_unmap_list(t, sgl, nents);
	/* The device writes no more: no line is fetched too early. */
	if (!t->coherent && !(attrs & DMA_ATTR_SKIP_CPU_SYNC))
		odma_list_for_cpu(sgl, nents, dir);
}

/* Memory that was allocated in pieces: its first entry has all addresses. */
static bool odma_is_one_row(const struct scatterlist *sgl)
{
	return sg_dma_len(sgl) != sgl->length;
}

static void odma_iommu_sync_list(struct device *dev, struct scatterlist *sgl,
				 int nents, enum dma_data_direction dir,
				 bool for_cpu)
{
	struct odma_translated *t = odma_translated(dev);

	if (unlikely(!t->plain) && odma_list_apart(t, sgl, nents, dir) &&
	    !odma_is_one_row(sgl))
		odma_sync_list_apart(t, sgl, nents, dir, for_cpu);
	else if (!t->coherent && for_cpu)
		odma_list_for_cpu(sgl, nents, dir);
	else if (!t->coherent)
		odma_list_for_device(sgl, nents);
	if (trace_odma_sync_enabled())
		odma_trace_sync_list(dev, sgl, nents, dir, for_cpu);
}

void odma_iommu_sync_sg_for_cpu(struct device *dev, struct scatterlist *sgl,
				int nents, enum dma_data_direction dir)
{
	odma_iommu_sync_list(dev, sgl, nents, dir, true);
}

void odma_iommu_sync_sg_for_device(struct device *dev, struct scatterlist *sgl,
				   int nents, enum dma_data_direction dir)
{
	odma_iommu_sync_list(dev, sgl, nents, dir, false);
}
