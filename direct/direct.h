/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the files of the direct backend share.
 *
 * Direct mapping: the device sees physical memory, shifted by its dma-ranges
 * where it has any.  Memory encryption is refused at attach, so no address here
 * carries an encryption bit.
 */
#ifndef _ODMA_DIRECT_H
#define _ODMA_DIRECT_H

#include <linux/dma-direct.h>
#include <odma/backend.h>

static __always_inline dma_addr_t odma_phys_to_dma(struct device *dev,
						   phys_addr_t phys)
{
	return phys_to_dma_unencrypted(dev, phys);
}

/*
 * The memory of a device that another backend translates may be anywhere; here
 * it is known by its physical address.
 */
static inline bool odma_is_translated(struct device *dev)
{
	const struct odma_device *odev = odma_device_of(dev);

	return odev && odev->backend->translates;
}

static inline dma_addr_t odma_phys_to_handle(struct device *dev,
					     phys_addr_t phys)
{
	return odma_is_translated(dev) ? phys : odma_phys_to_dma(dev, phys);
}

static inline phys_addr_t odma_handle_to_phys(struct device *dev,
					      dma_addr_t handle)
{
	return odma_is_translated(dev) ? handle : dma_to_phys(dev, handle);
}

/* The last address that streaming mappings of the device may use. */
static __always_inline u64 odma_direct_limit(struct device *dev)
{
	return min_not_zero(*dev->dma_mask, dev->bus_dma_limit);
}

/*
 * A size of 0 ends before it begins, and so does a range that wraps or an
 * address outside all dma-ranges: one comparison finds them all.
 */
static __always_inline bool odma_direct_reaches(dma_addr_t addr, size_t size,
						u64 limit)
{
	dma_addr_t end = addr + size - 1;

	return likely(end >= addr && end <= limit);
}

/*
 * A mapping of nothing has an address and reaches nothing. As in the kernel's
 * own direct mapping it is the byte before it that counts.
 */
static inline bool odma_direct_maps_nothing(struct device *dev,
					    dma_addr_t addr, size_t size)
{
	return !size && addr != DMA_MAPPING_ERROR &&
	       addr - 1 <= odma_direct_limit(dev);
}

bool odma_direct_range_holds(struct device *dev, phys_addr_t phys, size_t size);

/* Is the whole buffer in the dma-range that its first byte is in? */
static __always_inline bool odma_direct_in_one_range(struct device *dev,
						     phys_addr_t phys,
						     size_t size)
{
	return likely(!dev->dma_range_map) ||
	       odma_direct_range_holds(dev, phys, size);
}

/* backend.c */
int odma_direct_get_ops(const struct odma_device *odev,
			const struct dma_map_ops **ops);
void odma_direct_put_ops(const struct dma_map_ops *ops);
bool odma_direct_is_coherent(const struct dma_map_ops *ops);
bool odma_direct_spread_net(struct odma_device *odev);

/* reach.c */
gfp_t odma_direct_zone(struct device *dev);
bool odma_direct_smaller_zone(gfp_t *gfp);
bool odma_direct_coherent_reaches(struct device *dev, phys_addr_t phys,
				  size_t size);
int odma_direct_supported(struct device *dev, u64 mask);
u64 odma_direct_required_mask(struct device *dev);
bool odma_direct_misses_memory(struct device *dev);
bool odma_direct_covers_memory(struct device *dev, u64 mask);
dma_addr_t odma_direct_fail(struct device *dev, phys_addr_t phys,
			    dma_addr_t addr, size_t size,
			    enum dma_data_direction dir, unsigned long attrs);
void odma_direct_find_zones(void);

/* net.c */
dma_addr_t odma_direct_bounce(struct device *dev, phys_addr_t phys,
			      dma_addr_t addr, size_t size,
			      enum dma_data_direction dir, unsigned long attrs);
dma_addr_t odma_direct_unreachable(struct device *dev, phys_addr_t phys,
				   dma_addr_t addr, size_t size,
				   enum dma_data_direction dir,
				   unsigned long attrs);
dma_addr_t odma_direct_unshare(struct device *dev, phys_addr_t phys,
			       dma_addr_t addr, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs);
dma_addr_t odma_direct_shared(struct device *dev, phys_addr_t phys,
			      dma_addr_t addr, size_t size,
			      enum dma_data_direction dir, unsigned long attrs);
int odma_direct_undo(struct device *dev, struct scatterlist *sgl, int nents,
		     enum dma_data_direction dir, unsigned long attrs);
int odma_direct_mask_supported(struct device *dev, u64 mask);
size_t odma_direct_max_mapping_size(struct device *dev);

/* extent.c */
#define ODMA_EXTENT_BITS	(BITS_PER_LONG - 16)
#define ODMA_EXTENT_MARK	(0xef64UL << ODMA_EXTENT_BITS)

static inline unsigned long odma_extent_record(size_t size)
{
	return ODMA_EXTENT_MARK | PFN_UP(size);
}

/**
 * odma_note_extent() - put an allocation's size on record
 * @page: its first page
 * @size: bytes, not 0
 *
 * Context: any.
 */
static inline void odma_note_extent(struct page *page, size_t size)
{
	set_page_private(page, odma_extent_record(size));
}

size_t odma_extent(struct page *page, size_t size);
void odma_recount_free(struct odma_device *odev, size_t said, size_t extent);
size_t odma_end_odd_extent(struct device *dev, struct page *page, size_t size);

/**
 * odma_end_extent() - an allocation is about to be freed
 * @dev: the device
 * @page: the first page
 * @size: what the driver says
 *
 * What is on record is what gets freed; where that is not what the driver says
 * it is also one line in the log.
 *
 * Context: any.
 *
 * Return: as odma_extent().
 */
static inline size_t odma_end_extent(struct device *dev, struct page *page,
				     size_t size)
{
	if (unlikely(page_private(page) != odma_extent_record(size)))
		return odma_end_odd_extent(dev, page, size);
	set_page_private(page, 0);
	return PAGE_ALIGN(size);
}

/* memory.c */
void *odma_coherent_alloc(struct device *dev, size_t size, dma_addr_t *handle,
			  gfp_t gfp, unsigned long attrs);
void odma_coherent_free(struct device *dev, size_t size, void *cpu,
			dma_addr_t handle, unsigned long attrs);
void *odma_noncoherent_alloc(struct device *dev, size_t size,
			     dma_addr_t *handle, gfp_t gfp,
			     unsigned long attrs);
void odma_noncoherent_free(struct device *dev, size_t size, void *cpu,
			   dma_addr_t handle, unsigned long attrs);
struct page *odma_direct_alloc_pages(struct device *dev, size_t size,
				     dma_addr_t *handle,
				     enum dma_data_direction dir, gfp_t gfp);
void odma_direct_free_pages(struct device *dev, size_t size,
			    struct page *page, dma_addr_t handle,
			    enum dma_data_direction dir);
int odma_coherent_mmap(struct device *dev, struct vm_area_struct *vma,
		       void *cpu, dma_addr_t handle, size_t size,
		       unsigned long attrs);
int odma_noncoherent_mmap(struct device *dev, struct vm_area_struct *vma,
			  void *cpu, dma_addr_t handle, size_t size,
			  unsigned long attrs);
int odma_direct_get_sgtable(struct device *dev, struct sg_table *sgt,
			    void *cpu, dma_addr_t handle, size_t size,
			    unsigned long attrs);

/* atomic.c */
int odma_stock_get(void);
void odma_stock_put(void);
void *odma_stock_alloc(struct device *dev, size_t size, phys_addr_t *phys);
bool odma_stock_free(void *cpu, size_t size);

#endif /* _ODMA_DIRECT_H */
