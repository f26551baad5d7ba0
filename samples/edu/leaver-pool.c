// SPDX-License-Identifier: GPL-2.0
/*
 * A page pool whose pages are in use when its driver goes, as those of a
 * network card's receive ring are while a socket holds what has come in.
 *
 * The kernel unmaps such a page when it is returned, or, from some version on,
 * all of them when the driver destroys its pool.
 */
#include <linux/err.h>
#include <linux/numa.h>
#include <linux/slab.h>
#ifdef ODMA_HAVE_PAGE_POOL_HELPERS
#include <net/page_pool/helpers.h>
#else
#include <net/page_pool.h>
#endif
#include "leaver.h"

struct leaver_pool {
	struct page_pool *pool;
	unsigned int count;
	struct page *pages[];
};

/* Pages for a device to write to. */
struct leaver_pool *leaver_pool_create(struct device *dev, unsigned int pages)
{
	const struct page_pool_params params = {
		.flags = PP_FLAG_DMA_MAP,
		.pool_size = pages,
		.nid = NUMA_NO_NODE,
		.dev = dev,
		.dma_dir = DMA_FROM_DEVICE,
	};
	struct leaver_pool *p;
	int ret;

	p = kzalloc(struct_size(p, pages, pages), GFP_KERNEL);
	if (!p)
		return ERR_PTR(-ENOMEM);
	p->pool = page_pool_create(&params);
	if (IS_ERR(p->pool)) {
		ret = PTR_ERR(p->pool);
		kfree(p);
		return ERR_PTR(ret);
	}
	for (; p->count < pages; p->count++) {
		p->pages[p->count] = page_pool_alloc_pages(p->pool, GFP_KERNEL);
		if (!p->pages[p->count])
			break;
	}
	if (p->count == pages)
		return p;
	leaver_pool_destroy(p);
	leaver_pool_return(p);
	return ERR_PTR(-ENOMEM);
}

/* The driver is done with it; its pages are not. */
void leaver_pool_destroy(struct leaver_pool *p)
{
	page_pool_destroy(p->pool);
}

/* The last user of each page gives it back; then the pool goes by itself. */
void leaver_pool_return(struct leaver_pool *p)
{
	unsigned int i;

	for (i = 0; i < p->count; i++)
		page_pool_put_full_page(p->pool, p->pages[i], false);
	kfree(p);
}
