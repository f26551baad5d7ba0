/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What those files of the core call that know of pools; coherent/main.c offers
 * it to the others.
 */
#ifndef _ODMA_COHERENT_CORE_H
#define _ODMA_COHERENT_CORE_H

#include <linux/types.h>

struct dentry;
struct odma_device;
struct odma_leftovers;
struct odma_pool_plan;
struct odma_pool_sums;
struct sg_table;
struct vm_area_struct;

/* How many pools may be declared for one device. */
#define ODMA_DEVICE_POOLS	8

/* plan.c */
int odma_check_pool_option(const char *device, const char *value);
int odma_create_plan(const char *device, const char *options,
		     struct odma_pool_plan **plan);
struct odma_pool_plan *odma_get_plan(struct odma_pool_plan *plan);
void odma_put_plan(struct odma_pool_plan *plan);

/* set.c */
int odma_attach_pools(struct odma_device *odev,
		      const struct odma_pool_plan *plan);
void odma_detach_pools(struct odma_device *odev);
int odma_map_pools(struct odma_device *odev);
void odma_unmap_pools(struct odma_device *odev);
void *odma_alloc_from_pools(struct odma_device *odev, size_t size,
			    dma_addr_t *handle, bool *only);
bool odma_free_to_pools(struct odma_device *odev, void *cpu, size_t *size);
int odma_mmap_from_pools(struct odma_device *odev, struct vm_area_struct *vma,
			 void *cpu, size_t size);
int odma_sgtable_from_pools(struct odma_device *odev, struct sg_table *sgt,
			    void *cpu, size_t size);

/* global.c */
int odma_set_global_pool(const char *text);
int odma_show_global_pool(char *buf);
void odma_drop_global_pool(void);

/* main.c */
void odma_pools_init(void);
void odma_pools_exit(void);

/* report.c */
void odma_report_full(struct odma_device *odev, size_t size);
void odma_sum_pools(const struct odma_device *odev, struct odma_pool_sums *sum);
void odma_live_in_pools(struct odma_device *odev, struct odma_leftovers *left);
void odma_pools_debugfs(struct dentry *dir);

#endif /* _ODMA_COHERENT_CORE_H */
