// SPDX-License-Identifier: GPL-2.0
/*
 * A backend that does nothing but remember what it was asked.
 */
#include <linux/mm.h>
#include <linux/module.h>
#include "recorder.h"

struct odma_record odma_record;

void odma_clear_record(void)
{
	memset(&odma_record, 0, sizeof(odma_record));
}

static void odma_note(enum odma_op op, struct device *dev, u64 addr,
		      size_t size, enum dma_data_direction dir,
		      unsigned long attrs)
{
	odma_record.op = op;
	odma_record.calls++;
	odma_record.dev = dev;
	odma_record.addr = addr;
	odma_record.size = size;
	odma_record.dir = dir;
	odma_record.attrs = attrs;
	odma_record.ptr = NULL;
	odma_record.gfp = 0;
}

static dma_addr_t odma_record_map_phys(struct device *dev, phys_addr_t phys,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	odma_note(ODMA_OP_MAP, dev, phys, size, dir, attrs);
	return odma_record.addr_ret;
}

static void odma_record_unmap_phys(struct device *dev, dma_addr_t addr,
				   size_t size, enum dma_data_direction dir,
				   unsigned long attrs)
{
	odma_note(ODMA_OP_UNMAP, dev, addr, size, dir, attrs);
}

ODMA_OPS_ADAPTERS(odma_record)

static int odma_record_map_sg(struct device *dev, struct scatterlist *sg,
			      int nents, enum dma_data_direction dir,
			      unsigned long attrs)
{
	odma_note(ODMA_OP_MAP_SG, dev, 0, nents, dir, attrs);
	odma_record.ptr = sg;
	return odma_record.sg_ret;
}

static void odma_record_unmap_sg(struct device *dev, struct scatterlist *sg,
				 int nents, enum dma_data_direction dir,
				 unsigned long attrs)
{
	odma_note(ODMA_OP_UNMAP_SG, dev, 0, nents, dir, attrs);
	odma_record.ptr = sg;
}

static dma_addr_t odma_record_map_resource(struct device *dev,
					   phys_addr_t phys, size_t size,
					   enum dma_data_direction dir,
					   unsigned long attrs)
{
	odma_note(ODMA_OP_MAP_RESOURCE, dev, phys, size, dir, attrs);
	return odma_record.addr_ret;
}

static void odma_record_unmap_resource(struct device *dev, dma_addr_t addr,
				       size_t size,
				       enum dma_data_direction dir,
				       unsigned long attrs)
{
	odma_note(ODMA_OP_UNMAP_RESOURCE, dev, addr, size, dir, attrs);
}

static void odma_record_sync_cpu(struct device *dev, dma_addr_t addr,
				 size_t size, enum dma_data_direction dir)
{
	odma_note(ODMA_OP_SYNC_CPU, dev, addr, size, dir, 0);
}

static void odma_record_sync_device(struct device *dev, dma_addr_t addr,
				    size_t size, enum dma_data_direction dir)
{
	odma_note(ODMA_OP_SYNC_DEVICE, dev, addr, size, dir, 0);
}

static void odma_record_sync_sg_cpu(struct device *dev, struct scatterlist *sg,
				    int nents, enum dma_data_direction dir)
{
	odma_note(ODMA_OP_SYNC_SG_CPU, dev, 0, nents, dir, 0);
	odma_record.ptr = sg;
}

static void odma_record_sync_sg_device(struct device *dev,
				       struct scatterlist *sg, int nents,
				       enum dma_data_direction dir)
{
	odma_note(ODMA_OP_SYNC_SG_DEVICE, dev, 0, nents, dir, 0);
	odma_record.ptr = sg;
}

static void *odma_record_alloc(struct device *dev, size_t size,
			       dma_addr_t *handle, gfp_t gfp,
			       unsigned long attrs)
{
	void *cpu = NULL;

	if (!odma_record.no_memory)
		cpu = alloc_pages_exact(size, gfp | __GFP_ZERO);
	odma_note(ODMA_OP_ALLOC, dev, 0, size, DMA_NONE, attrs);
	odma_record.gfp = gfp;
	odma_record.ptr = cpu;
	if (!cpu)
		return NULL;
	odma_record.allocs++;
	*handle = virt_to_phys(cpu);
	return cpu;
}

static void odma_record_free(struct device *dev, size_t size, void *cpu,
			     dma_addr_t handle, unsigned long attrs)
{
	odma_note(ODMA_OP_FREE, dev, handle, size, DMA_NONE, attrs);
	odma_record.ptr = cpu;
	odma_record.frees++;
	free_pages_exact(cpu, size);
}

static struct page *odma_record_alloc_pages(struct device *dev, size_t size,
					    dma_addr_t *handle,
					    enum dma_data_direction dir,
					    gfp_t gfp)
{
	void *cpu = odma_record_alloc(dev, size, handle, gfp, 0);

	odma_record.op = ODMA_OP_ALLOC_PAGES;
	odma_record.dir = dir;
	return cpu ? virt_to_page(cpu) : NULL;
}

static void odma_record_free_pages(struct device *dev, size_t size,
				   struct page *page, dma_addr_t handle,
				   enum dma_data_direction dir)
{
	odma_record_free(dev, size, page_address(page), handle, 0);
	odma_record.op = ODMA_OP_FREE_PAGES;
	odma_record.dir = dir;
}

static int odma_record_mmap(struct device *dev, struct vm_area_struct *vma,
			    void *cpu, dma_addr_t handle, size_t size,
			    unsigned long attrs)
{
	odma_note(ODMA_OP_MMAP, dev, handle, size, DMA_NONE, attrs);
	odma_record.ptr = vma;
	return -EXDEV;
}

static int odma_record_get_sgtable(struct device *dev, struct sg_table *sgt,
				   void *cpu, dma_addr_t handle, size_t size,
				   unsigned long attrs)
{
	odma_note(ODMA_OP_GET_SGTABLE, dev, handle, size, DMA_NONE, attrs);
	odma_record.ptr = cpu;
	return -EXDEV;
}

static int odma_record_supported(struct device *dev, u64 mask)
{
	odma_note(ODMA_OP_SUPPORTED, dev, mask, 0, DMA_NONE, 0);
	return mask > DMA_BIT_MASK(24);
}

static u64 odma_record_required_mask(struct device *dev)
{
	odma_note(ODMA_OP_REQUIRED_MASK, dev, 0, 0, DMA_NONE, 0);
	return DMA_BIT_MASK(47);
}

static int odma_record_attach(struct odma_device *odev)
{
	return odma_record.attach_ret;
}

static void odma_record_detach(struct odma_device *odev)
{
	odma_record.detaches++;
}

const struct dma_map_ops odma_recorder_ops = {
	.alloc			= odma_record_alloc,
	.free			= odma_record_free,
	.odma_alloc_pages_op	= odma_record_alloc_pages,
	.free_pages		= odma_record_free_pages,
	.mmap			= odma_record_mmap,
	.get_sgtable		= odma_record_get_sgtable,
	ODMA_OPS_MAP(odma_record),
	.map_sg			= odma_record_map_sg,
	.unmap_sg		= odma_record_unmap_sg,
	ODMA_OPS_RESOURCE(odma_record),
	.sync_single_for_cpu	= odma_record_sync_cpu,
	.sync_single_for_device	= odma_record_sync_device,
	.sync_sg_for_cpu	= odma_record_sync_sg_cpu,
	.sync_sg_for_device	= odma_record_sync_sg_device,
	.dma_supported		= odma_record_supported,
	.get_required_mask	= odma_record_required_mask,
};

struct odma_backend odma_recorder = {
	.name = ODMA_RECORDER,
	.ops = &odma_recorder_ops,
	.attach = odma_record_attach,
	.detach = odma_record_detach,
};
