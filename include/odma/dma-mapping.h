/* SPDX-License-Identifier: GPL-2.0 */
/*
 * For drivers: the DMA API of <linux/dma-mapping.h>, under odma_ names.
 *
 * Each odma_X() takes what dma_X() takes and returns what it returns.  On an
 * attached device it is served by odma's backend; on any other it is dma_X().
 * In place of the kernel's BUG() and stack traces for wrong use, both fail with
 * an error and one line in the log.
 *
 * scripts/twins compares this list with the kernel's.
 */
#ifndef _ODMA_DMA_MAPPING_H
#define _ODMA_DMA_MAPPING_H

#include <linux/dma-mapping.h>
#include <linux/mm.h>
#include <linux/scatterlist.h>

dma_addr_t odma_map_page_attrs(struct device *dev, struct page *page,
			       size_t offset, size_t size,
			       enum dma_data_direction dir,
			       unsigned long attrs);
void odma_unmap_page_attrs(struct device *dev, dma_addr_t addr, size_t size,
			   enum dma_data_direction dir, unsigned long attrs);
dma_addr_t odma_map_single_attrs(struct device *dev, void *ptr, size_t size,
				 enum dma_data_direction dir,
				 unsigned long attrs);
unsigned int odma_map_sg_attrs(struct device *dev, struct scatterlist *sg,
			       int nents, enum dma_data_direction dir,
			       unsigned long attrs);
void odma_unmap_sg_attrs(struct device *dev, struct scatterlist *sg, int nents,
			 enum dma_data_direction dir, unsigned long attrs);
int odma_map_sgtable(struct device *dev, struct sg_table *sgt,
		     enum dma_data_direction dir, unsigned long attrs);
dma_addr_t odma_map_resource(struct device *dev, phys_addr_t phys, size_t size,
			     enum dma_data_direction dir, unsigned long attrs);
void odma_unmap_resource(struct device *dev, dma_addr_t addr, size_t size,
			 enum dma_data_direction dir, unsigned long attrs);

void odma_sync_single_for_cpu(struct device *dev, dma_addr_t addr, size_t size,
			      enum dma_data_direction dir);
void odma_sync_single_for_device(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir);
void odma_sync_sg_for_cpu(struct device *dev, struct scatterlist *sg,
			  int nents, enum dma_data_direction dir);
void odma_sync_sg_for_device(struct device *dev, struct scatterlist *sg,
			     int nents, enum dma_data_direction dir);

void *odma_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
		       gfp_t gfp, unsigned long attrs);
void odma_free_attrs(struct device *dev, size_t size, void *cpu,
		     dma_addr_t handle, unsigned long attrs);
int odma_get_sgtable_attrs(struct device *dev, struct sg_table *sgt, void *cpu,
			   dma_addr_t handle, size_t size,
			   unsigned long attrs);
int odma_mmap_attrs(struct device *dev, struct vm_area_struct *vma, void *cpu,
		    dma_addr_t handle, size_t size, unsigned long attrs);

bool odma_can_mmap(struct device *dev);

void *odmam_alloc_attrs(struct device *dev, size_t size, dma_addr_t *handle,
			gfp_t gfp, unsigned long attrs);
void odmam_free_coherent(struct device *dev, size_t size, void *cpu,
			 dma_addr_t handle);

struct page *odma_alloc_pages(struct device *dev, size_t size,
			      dma_addr_t *handle, enum dma_data_direction dir,
			      gfp_t gfp);
void odma_free_pages(struct device *dev, size_t size, struct page *page,
		     dma_addr_t handle, enum dma_data_direction dir);
int odma_mmap_pages(struct device *dev, struct vm_area_struct *vma, size_t size,
		    struct page *page);
struct sg_table *odma_alloc_noncontiguous(struct device *dev, size_t size,
					  enum dma_data_direction dir,
					  gfp_t gfp, unsigned long attrs);
void odma_free_noncontiguous(struct device *dev, size_t size,
			     struct sg_table *sgt, enum dma_data_direction dir);
void *odma_vmap_noncontiguous(struct device *dev, size_t size,
			      struct sg_table *sgt);
void odma_vunmap_noncontiguous(struct device *dev, void *cpu);
int odma_mmap_noncontiguous(struct device *dev, struct vm_area_struct *vma,
			    size_t size, struct sg_table *sgt);

int odma_set_mask(struct device *dev, u64 mask);
int odma_set_coherent_mask(struct device *dev, u64 mask);
u64 odma_get_required_mask(struct device *dev);
bool odma_coherent_ok(struct device *dev, phys_addr_t phys, size_t size);
bool odma_pci_p2pdma_supported(struct device *dev);
size_t odma_max_mapping_size(struct device *dev);
size_t odma_opt_mapping_size(struct device *dev);
unsigned long odma_get_merge_boundary(struct device *dev);
bool odma_need_sync(struct device *dev, dma_addr_t addr);
bool odma_dev_need_sync(const struct device *dev);

/*
 * Before it was exported it was an inline function of the kernel's header, and
 * then redirect.h has given that one this name.
 */
#ifndef ODMA_REDIRECT
bool odma_addressing_limited(struct device *dev);
#endif

/* The setters return an error on older kernels, and nothing on later ones. */
typedef typeof(dma_set_max_seg_size(NULL, 0)) odma_set_parm_t;

odma_set_parm_t odma_set_max_seg_size(struct device *dev, unsigned int size);
odma_set_parm_t odma_set_seg_boundary(struct device *dev, unsigned long mask);
odma_set_parm_t odma_set_min_align_mask(struct device *dev, unsigned int mask);

/*
 * An address that failed is the same for every implementation; the kernel's
 * function also tells DMA_API_DEBUG that the driver has looked.
 */
static inline int odma_mapping_error(struct device *dev, dma_addr_t addr)
{
	return dma_mapping_error(dev, addr);
}

static inline u64 odma_get_mask(struct device *dev)
{
	return dma_get_mask(dev);
}

static inline void odma_unmap_single_attrs(struct device *dev, dma_addr_t addr,
					   size_t size,
					   enum dma_data_direction dir,
					   unsigned long attrs)
{
	odma_unmap_page_attrs(dev, addr, size, dir, attrs);
}

static inline void
odma_sync_single_range_for_cpu(struct device *dev, dma_addr_t addr,
			       unsigned long offset, size_t size,
			       enum dma_data_direction dir)
{
	odma_sync_single_for_cpu(dev, addr + offset, size, dir);
}

static inline void
odma_sync_single_range_for_device(struct device *dev, dma_addr_t addr,
				  unsigned long offset, size_t size,
				  enum dma_data_direction dir)
{
	odma_sync_single_for_device(dev, addr + offset, size, dir);
}

static inline void odma_unmap_sgtable(struct device *dev, struct sg_table *sgt,
				      enum dma_data_direction dir,
				      unsigned long attrs)
{
	odma_unmap_sg_attrs(dev, sgt->sgl, sgt->orig_nents, dir, attrs);
}

static inline void odma_sync_sgtable_for_cpu(struct device *dev,
					     struct sg_table *sgt,
					     enum dma_data_direction dir)
{
	odma_sync_sg_for_cpu(dev, sgt->sgl, sgt->orig_nents, dir);
}

static inline void odma_sync_sgtable_for_device(struct device *dev,
						struct sg_table *sgt,
						enum dma_data_direction dir)
{
	odma_sync_sg_for_device(dev, sgt->sgl, sgt->orig_nents, dir);
}

#define odma_map_page(dev, page, offset, size, dir) \
	odma_map_page_attrs(dev, page, offset, size, dir, 0)
#define odma_unmap_page(dev, addr, size, dir) \
	odma_unmap_page_attrs(dev, addr, size, dir, 0)
#define odma_map_single(dev, ptr, size, dir) \
	odma_map_single_attrs(dev, ptr, size, dir, 0)
#define odma_unmap_single(dev, addr, size, dir) \
	odma_unmap_single_attrs(dev, addr, size, dir, 0)
#define odma_map_sg(dev, sg, nents, dir) \
	odma_map_sg_attrs(dev, sg, nents, dir, 0)
#define odma_unmap_sg(dev, sg, nents, dir) \
	odma_unmap_sg_attrs(dev, sg, nents, dir, 0)
#define odma_get_sgtable(dev, sgt, cpu, handle, size) \
	odma_get_sgtable_attrs(dev, sgt, cpu, handle, size, 0)
#define odma_mmap_coherent(dev, vma, cpu, handle, size) \
	odma_mmap_attrs(dev, vma, cpu, handle, size, 0)

static inline void *odma_alloc_coherent(struct device *dev, size_t size,
					dma_addr_t *handle, gfp_t gfp)
{
	return odma_alloc_attrs(dev, size, handle, gfp,
				(gfp & __GFP_NOWARN) ? DMA_ATTR_NO_WARN : 0);
}

static inline void odma_free_coherent(struct device *dev, size_t size,
				      void *cpu, dma_addr_t handle)
{
	odma_free_attrs(dev, size, cpu, handle, 0);
}

static inline void *odma_alloc_wc(struct device *dev, size_t size,
				  dma_addr_t *handle, gfp_t gfp)
{
	unsigned long attrs = DMA_ATTR_WRITE_COMBINE;

	if (gfp & __GFP_NOWARN)
		attrs |= DMA_ATTR_NO_WARN;
	return odma_alloc_attrs(dev, size, handle, gfp, attrs);
}

static inline void odma_free_wc(struct device *dev, size_t size, void *cpu,
				dma_addr_t handle)
{
	odma_free_attrs(dev, size, cpu, handle, DMA_ATTR_WRITE_COMBINE);
}

static inline int odma_mmap_wc(struct device *dev, struct vm_area_struct *vma,
			       void *cpu, dma_addr_t handle, size_t size)
{
	return odma_mmap_attrs(dev, vma, cpu, handle, size,
			       DMA_ATTR_WRITE_COMBINE);
}

static inline void *odmam_alloc_coherent(struct device *dev, size_t size,
					 dma_addr_t *handle, gfp_t gfp)
{
	return odmam_alloc_attrs(dev, size, handle, gfp,
				 (gfp & __GFP_NOWARN) ? DMA_ATTR_NO_WARN : 0);
}

static inline void *odma_alloc_noncoherent(struct device *dev, size_t size,
					   dma_addr_t *handle,
					   enum dma_data_direction dir,
					   gfp_t gfp)
{
	struct page *page = odma_alloc_pages(dev, size, handle, dir, gfp);

	return page ? page_address(page) : NULL;
}

static inline void odma_free_noncoherent(struct device *dev, size_t size,
					 void *cpu, dma_addr_t handle,
					 enum dma_data_direction dir)
{
	odma_free_pages(dev, size, cpu ? virt_to_page(cpu) : NULL, handle,
			dir);
}

static inline int odma_set_mask_and_coherent(struct device *dev, u64 mask)
{
	int ret = odma_set_mask(dev, mask);

	if (!ret)
		odma_set_coherent_mask(dev, mask);
	return ret;
}

static inline int odma_coerce_mask_and_coherent(struct device *dev, u64 mask)
{
	dev->dma_mask = &dev->coherent_dma_mask;
	return odma_set_mask_and_coherent(dev, mask);
}

static inline unsigned int odma_get_max_seg_size(struct device *dev)
{
	return dma_get_max_seg_size(dev);
}

static inline unsigned long odma_get_seg_boundary(struct device *dev)
{
	return dma_get_seg_boundary(dev);
}

static inline unsigned long
odma_get_seg_boundary_nr_pages(struct device *dev, unsigned int page_shift)
{
	return dma_get_seg_boundary_nr_pages(dev, page_shift);
}

static inline unsigned int odma_get_min_align_mask(struct device *dev)
{
	return dma_get_min_align_mask(dev);
}

static inline int odma_get_cache_alignment(void)
{
	return dma_get_cache_alignment();
}

/*
 * What a driver has to remember until it unmaps. Kernels whose own DMA code
 * needs none of it leave it out; a backend may need it on any kernel.
 */
#define DEFINE_ODMA_UNMAP_ADDR(addr_name)	dma_addr_t addr_name
#define DEFINE_ODMA_UNMAP_LEN(len_name)		__u32 len_name
#define odma_unmap_addr(ptr, addr_name)		((ptr)->addr_name)
#define odma_unmap_addr_set(ptr, addr_name, val) \
	((ptr)->addr_name = (val))
#define odma_unmap_len(ptr, len_name)		((ptr)->len_name)
#define odma_unmap_len_set(ptr, len_name, val) \
	((ptr)->len_name = (val))

#endif /* _ODMA_DMA_MAPPING_H */
