/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Devices and their pools.
 */
#ifndef _ODMA_SWIOTLB_H
#define _ODMA_SWIOTLB_H

#include "bounce.h"

/**
 * struct odma_bouncer - a device under the backend "swiotlb"
 * @own:	its own pool, or NULL
 * @client:	its name on the records
 * @direct:	the direct path's functions for it, for what it allocates
 * @force:	every buffer bounces
 * @restricted:	it gets no other memory than its pool's
 * @coherent:	it sees the CPU's caches
 */
struct odma_bouncer {
	struct odma_bounce_pool *own;
	struct odma_client *client;
	const struct dma_map_ops *direct;
	bool force;
	bool restricted;
	bool coherent;
};

/* pools.c */
int odma_shared_pools_init(void);
void odma_shared_pools_exit(void);
struct odma_bounce_pool *odma_pool_below(struct device *dev, u64 mask);
struct odma_bounce_pool *odma_largest_pool(void);
int odma_prepare_pool(struct device *dev, u64 mask);
void odma_list_pool(struct odma_bounce_pool *pool);
void odma_unlist_pool(struct odma_bounce_pool *pool);
void odma_abandon_pool(struct odma_bounce_pool *pool);
size_t odma_bounce_max_size(struct odma_bounce_pool *pool,
			    struct odma_client *client, struct device *dev);
int odma_check_pool_kib(const char *whose, unsigned int kib);
extern struct list_head odma_bounce_pools;
extern struct mutex odma_bounce_mutex;

/* client.c */
struct odma_client *odma_get_client(struct device *dev, gfp_t gfp);
bool odma_begin_holdings(void);
const struct odma_client *odma_next_holder(u64 *slots);
void odma_end_holdings(void);
void odma_disown(struct odma_client *client);
void odma_clients_exit(void);
phys_addr_t odma_bounce_for(struct odma_bounce_pool *pool,
			    struct odma_client *client, struct device *dev,
			    phys_addr_t phys, size_t size,
			    unsigned int granule, unsigned long attrs);

/* backend.c */
extern struct odma_backend odma_swiotlb_backend;

/* net.c */
int odma_net_init(void);
void odma_net_exit(void);

/* live.c */
void odma_count_live(const struct odma_client *client,
		     struct odma_leftovers *left);
bool odma_abandon_client(struct odma_client *client);

/* sysfs.c */
void odma_add_pool_files(struct odma_bounce_pool *pool);
void odma_remove_pool_files(struct odma_bounce_pool *pool);
int odma_swiotlb_sysfs_init(void);
void odma_swiotlb_sysfs_exit(void);

/* report.c */
void odma_report_exhausted(struct odma_bounce_pool *pool,
			   const struct odma_client *client, struct device *dev,
			   phys_addr_t phys, size_t size, unsigned long attrs);
void odma_swiotlb_debugfs_init(void);
void odma_swiotlb_debugfs_exit(void);

#endif /* _ODMA_SWIOTLB_H */
