/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Turns the dma_* calls of a driver into odma_* calls, without a change to its
 * source: it is force-included, see Documentation/redirect.md.
 *
 * The names change before <linux/dma-mapping.h> is read: the kernel's header
 * then declares odma's functions, and every inline function and macro, there
 * and in all other headers, ends in them.  So there is no need to include
 * anything here, which would settle pr_fmt(), DEBUG and the like before the
 * driver has had its say.
 *
 * It takes effect in C; generated .mod.c files come to no harm by it.
 */
#ifndef _ODMA_REDIRECT_H
#define _ODMA_REDIRECT_H

#if defined(__KERNEL__) && !defined(__ASSEMBLY__) && !defined(__ASSEMBLER__)

/* For <odma/dma-mapping.h>, should the driver include that as well. */
#define ODMA_REDIRECT

#define dma_map_page_attrs		odma_map_page_attrs
#define dma_unmap_page_attrs		odma_unmap_page_attrs
#define dma_map_sg_attrs		odma_map_sg_attrs
#define dma_unmap_sg_attrs		odma_unmap_sg_attrs
#define dma_map_sgtable			odma_map_sgtable
#define dma_map_resource		odma_map_resource
#define dma_unmap_resource		odma_unmap_resource

/* Inline functions around others, or functions. */
#ifdef CONFIG_DMA_NEED_SYNC
#define __dma_sync_single_for_cpu	odma_sync_single_for_cpu
#define __dma_sync_single_for_device	odma_sync_single_for_device
#define __dma_sync_sg_for_cpu		odma_sync_sg_for_cpu
#define __dma_sync_sg_for_device	odma_sync_sg_for_device
#define __dma_need_sync			odma_need_sync
#else
#define dma_sync_single_for_cpu		odma_sync_single_for_cpu
#define dma_sync_single_for_device	odma_sync_single_for_device
#define dma_sync_sg_for_cpu		odma_sync_sg_for_cpu
#define dma_sync_sg_for_device		odma_sync_sg_for_device
#define dma_need_sync			odma_need_sync
#endif

#define dma_alloc_attrs			odma_alloc_attrs
#define dma_free_attrs			odma_free_attrs
#define dma_get_sgtable_attrs		odma_get_sgtable_attrs
#define dma_mmap_attrs			odma_mmap_attrs
#define dma_can_mmap			odma_can_mmap
#define dmam_alloc_attrs		odmam_alloc_attrs
#define dmam_free_coherent		odmam_free_coherent

#define dma_alloc_pages			odma_alloc_pages
#define dma_free_pages			odma_free_pages
#define dma_mmap_pages			odma_mmap_pages
#define dma_alloc_noncontiguous		odma_alloc_noncontiguous
#define dma_free_noncontiguous		odma_free_noncontiguous
#define dma_vmap_noncontiguous		odma_vmap_noncontiguous
#define dma_vunmap_noncontiguous	odma_vunmap_noncontiguous
#define dma_mmap_noncontiguous		odma_mmap_noncontiguous

#define dma_set_mask			odma_set_mask
#define dma_set_coherent_mask		odma_set_coherent_mask
#define dma_get_required_mask		odma_get_required_mask
#define dma_addressing_limited		odma_addressing_limited
#define dma_coherent_ok			odma_coherent_ok
#define dma_pci_p2pdma_supported	odma_pci_p2pdma_supported
#define dma_max_mapping_size		odma_max_mapping_size
#define dma_opt_mapping_size		odma_opt_mapping_size
#define dma_get_merge_boundary		odma_get_merge_boundary

/* A backend may need the address to unmap, where the kernel does not. */
#ifndef CONFIG_NEED_DMA_MAP_STATE
#define CONFIG_NEED_DMA_MAP_STATE	1
#endif

/*
 * MODULE_IMPORT_NS(), without the header that has it. Each object of a module
 * may say so.
 */
#ifdef MODULE
static const char odma_redirect_import_ns[]
	__used __section(".modinfo") __aligned(1) = "import_ns=ODMA";
#endif

#endif /* C code of the kernel */

#endif /* _ODMA_REDIRECT_H */
