/* SPDX-License-Identifier: GPL-2.0 */
/*
 * What the driver that leaves things behind has of a page pool.
 */
#ifndef _EDU_LEAVER_H
#define _EDU_LEAVER_H

struct device;
struct leaver_pool;

struct leaver_pool *leaver_pool_create(struct device *dev, unsigned int pages);
void leaver_pool_destroy(struct leaver_pool *pool);
void leaver_pool_return(struct leaver_pool *pool);

#endif /* _EDU_LEAVER_H */
