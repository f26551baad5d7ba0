/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Every suite there is. A suite is run if, and only if, it is in this list;
 * scripts/kunit compares the list with what ran.
 */
#ifndef _ODMA_KUNIT_SUITES_H
#define _ODMA_KUNIT_SUITES_H

#include <kunit/test.h>

extern struct kunit_suite odma_dispatch_suite;
extern struct kunit_suite odma_backend_suite;
extern struct kunit_suite odma_attach_suite;
extern struct kunit_suite odma_counters_suite;
extern struct kunit_suite odma_linger_suite;
extern struct kunit_suite odma_slow_suite;
extern struct kunit_suite odma_veto_suite;
extern struct kunit_suite odma_rules_suite;
extern struct kunit_suite odma_registry_suite;
extern struct kunit_suite odma_whose_suite;
extern struct kunit_suite odma_reach_suite;
extern struct kunit_suite odma_scatter_suite;
extern struct kunit_suite odma_memory_suite;
extern struct kunit_suite odma_mmap_suite;
extern struct kunit_suite odma_twins_suite;
extern struct kunit_suite odma_cache_suite;
extern struct kunit_suite odma_kmsan_suite;
extern struct kunit_suite odma_managed_suite;
extern struct kunit_suite odma_bypass_suite;
extern struct kunit_suite odma_bypass_masks_suite;
extern struct kunit_suite odma_bypass_attach_suite;
extern struct kunit_suite odma_bypass_race_suite;
extern struct kunit_suite odma_bitmap_suite;
extern struct kunit_suite odma_pool_suite;
extern struct kunit_suite odma_pool_range_suite;
extern struct kunit_suite odma_pool_set_suite;
extern struct kunit_suite odma_pool_free_suite;
extern struct kunit_suite odma_pool_race_suite;
extern struct kunit_suite odma_pool_users_suite;
extern struct kunit_suite odma_of_suite;
extern struct kunit_suite odma_dmapool_suite;
extern struct kunit_suite odma_howto_masks_suite;
extern struct kunit_suite odma_howto_coherent_suite;
extern struct kunit_suite odma_howto_streaming_suite;
extern struct kunit_suite odma_howto_errors_suite;
extern struct kunit_suite odma_slots_suite;
extern struct kunit_suite odma_swiotlb_suite;
extern struct kunit_suite odma_swiotlb_place_suite;
extern struct kunit_suite odma_swiotlb_pool_suite;
extern struct kunit_suite odma_swiotlb_shadow_suite;
extern struct kunit_suite odma_swiotlb_net_suite;
extern struct kunit_suite odma_swiotlb_lock_suite;
extern struct kunit_suite odma_swiotlb_limits_suite;
extern struct kunit_suite odma_swiotlb_live_suite;
extern struct kunit_suite odma_swiotlb_stray_suite;
extern struct kunit_suite odma_swiotlb_grow_suite;
extern struct kunit_suite odma_swiotlb_cache_suite;
extern struct kunit_suite odma_iova_suite;
extern struct kunit_suite odma_iommu_suite;
extern struct kunit_suite odma_iommu_untrusted_suite;
extern struct kunit_suite odma_iommu_shadow_suite;
extern struct kunit_suite odma_iommu_apart_suite;
extern struct kunit_suite odma_iommu_table_suite;
extern struct kunit_suite odma_iommu_top_suite;
extern struct kunit_suite odma_iommu_view_suite;
extern struct kunit_suite odma_iommu_host_fault_suite;
extern struct kunit_suite odma_iommu_host_map_suite;
extern struct kunit_suite odma_iommu_registry_suite;
extern struct kunit_suite odma_iommu_attach_suite;
extern struct kunit_suite odma_iommu_linger_suite;
extern struct kunit_suite odma_iommu_cache_suite;
extern struct kunit_suite odma_iommu_fail_suite;
extern struct kunit_suite odma_iommu_wrong_suite;
extern struct kunit_suite odma_iommu_pci_suite;
extern struct kunit_suite odma_iommu_why_suite;
extern struct kunit_suite odma_iommu_sg_suite;
extern struct kunit_suite odma_iommu_memory_suite;
extern struct kunit_suite odma_iommu_mmap_suite;
extern struct kunit_suite odma_iommu_lazy_suite;
extern struct kunit_suite odma_iommu_race_suite;
extern struct kunit_suite odma_iommu_live_suite;
extern struct kunit_suite odma_iommu_share_suite;
extern struct kunit_suite odma_iommu_report_suite;
extern struct kunit_suite odma_pgtable_suite;
extern struct kunit_suite odma_pgtable_make_suite;
extern struct kunit_suite odma_pgtable_cont_suite;
extern struct kunit_suite odma_pgtable_unmap_suite;
extern struct kunit_suite odma_pgtable_sg_suite;
extern struct kunit_suite odma_pgtable_fail_suite;
extern struct kunit_suite odma_pgtable_reclaim_suite;
extern struct kunit_suite odma_pgtable_clean_suite;
extern struct kunit_suite odma_pgtable_race_suite;
extern struct kunit_suite odma_pgtable_model_suite;
extern struct kunit_suite odma_pgtable_flat_suite;
extern struct kunit_suite odma_pgtable_diff_suite;

#define ODMA_SUITES				\
	&odma_bitmap_suite,			\
	&odma_pool_suite,			\
	&odma_pool_range_suite,			\
	&odma_pool_set_suite,			\
	&odma_pool_free_suite,			\
	&odma_pool_race_suite,			\
	&odma_pool_users_suite,			\
	&odma_of_suite,				\
	&odma_dispatch_suite,			\
	&odma_backend_suite,			\
	&odma_attach_suite,			\
	&odma_counters_suite,			\
	&odma_linger_suite,			\
	&odma_slow_suite,			\
	&odma_veto_suite,			\
	&odma_rules_suite,			\
	&odma_registry_suite,			\
	&odma_whose_suite,			\
	&odma_reach_suite,			\
	&odma_scatter_suite,			\
	&odma_memory_suite,			\
	&odma_mmap_suite,			\
	&odma_twins_suite,			\
	&odma_cache_suite,			\
	&odma_kmsan_suite,			\
	&odma_managed_suite,			\
	&odma_bypass_suite,			\
	&odma_bypass_masks_suite,		\
	&odma_bypass_attach_suite,		\
	&odma_bypass_race_suite,		\
	&odma_dmapool_suite,			\
	&odma_howto_masks_suite,		\
	&odma_howto_coherent_suite,		\
	&odma_howto_streaming_suite,		\
	&odma_howto_errors_suite,		\
	&odma_slots_suite,			\
	&odma_swiotlb_suite,			\
	&odma_swiotlb_place_suite,		\
	&odma_swiotlb_pool_suite,		\
	&odma_swiotlb_shadow_suite,		\
	&odma_swiotlb_net_suite,		\
	&odma_swiotlb_lock_suite,		\
	&odma_swiotlb_limits_suite,		\
	&odma_swiotlb_live_suite,		\
	&odma_swiotlb_stray_suite,		\
	&odma_swiotlb_grow_suite,		\
	&odma_swiotlb_cache_suite,		\
	&odma_iova_suite,			\
	&odma_pgtable_suite,			\
	&odma_pgtable_make_suite,		\
	&odma_pgtable_cont_suite,		\
	&odma_pgtable_unmap_suite,		\
	&odma_pgtable_sg_suite,			\
	&odma_pgtable_fail_suite,		\
	&odma_pgtable_reclaim_suite,		\
	&odma_pgtable_clean_suite,		\
	&odma_pgtable_race_suite,		\
	&odma_pgtable_model_suite,		\
	&odma_pgtable_flat_suite,		\
	&odma_pgtable_diff_suite,		\
	&odma_iommu_suite,			\
	&odma_iommu_untrusted_suite,		\
	&odma_iommu_shadow_suite,		\
	&odma_iommu_apart_suite,		\
	&odma_iommu_table_suite,		\
	&odma_iommu_top_suite,			\
	&odma_iommu_view_suite,			\
	&odma_iommu_host_fault_suite,		\
	&odma_iommu_host_map_suite,		\
	&odma_iommu_registry_suite,		\
	&odma_iommu_attach_suite,		\
	&odma_iommu_linger_suite,		\
	&odma_iommu_why_suite,			\
	&odma_iommu_pci_suite,			\
	&odma_iommu_cache_suite,		\
	&odma_iommu_fail_suite,			\
	&odma_iommu_wrong_suite,		\
	&odma_iommu_sg_suite,			\
	&odma_iommu_memory_suite,		\
	&odma_iommu_mmap_suite,			\
	&odma_iommu_lazy_suite,			\
	&odma_iommu_race_suite,			\
	&odma_iommu_live_suite,		\
	&odma_iommu_share_suite,		\
	&odma_iommu_report_suite

#endif /* _ODMA_KUNIT_SUITES_H */
