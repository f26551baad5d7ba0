// SPDX-License-Identifier: GPL-2.0
/*
 * Uncached memory for those who may not sleep.
 *
 * Making memory uncached sleeps, and drivers allocate in interrupts: so devices
 * that don't see the caches share a stock made in advance, there while one of
 * them is attached.  When half of it is gone a worker adds as much again.
 */
#define pr_fmt(fmt) "odma: " fmt

#include <linux/genalloc.h>
#include <linux/mm.h>
#include <linux/workqueue.h>
#include "../mapping/core.h"
#include "cache.h"
#include "direct.h"

#define ODMA_STOCK_ORDER	get_order(SZ_256K)
#define ODMA_STOCK_SIZE		(PAGE_SIZE << ODMA_STOCK_ORDER)
#define ODMA_STOCK_CHUNKS	16

static struct gen_pool *odma_stock;
static unsigned int odma_stock_users;	/* under odma_mutex */

static int odma_stock_grow(struct gen_pool *pool)
{
	struct page *page;
	void *cpu;

	/* Below 4 GiB, for that is what most such devices reach. */
	page = alloc_pages(GFP_KERNEL | GFP_DMA32 | __GFP_ZERO | __GFP_NOWARN,
			   ODMA_STOCK_ORDER);
	if (!page)
		return -ENOMEM;
	odma_cache_drop(page_address(page), ODMA_STOCK_SIZE);
	cpu = odma_uncached_map(page, ODMA_STOCK_SIZE, 0);
	if (!cpu)
		goto free;
	if (gen_pool_add_virt(pool, (unsigned long)cpu, page_to_phys(page),
			      ODMA_STOCK_SIZE, NUMA_NO_NODE))
		goto unmap;
	return 0;
unmap:
	odma_uncached_unmap(cpu, page, ODMA_STOCK_SIZE);
free:
	__free_pages(page, ODMA_STOCK_ORDER);
	return -ENOMEM;
}

static void odma_stock_refill(struct work_struct *work)
{
	if (gen_pool_size(odma_stock) < ODMA_STOCK_CHUNKS * ODMA_STOCK_SIZE)
		odma_stock_grow(odma_stock);
}

static DECLARE_WORK(odma_stock_work, odma_stock_refill);

/*
 * The pool walks its chunks under rcu_read_lock(), and making memory cached
 * again sleeps: so the walk only collects them.
 */
struct odma_stock_chunks {
	unsigned int count;
	void *cpu[ODMA_STOCK_CHUNKS];
	struct page *page[ODMA_STOCK_CHUNKS];
};

static void odma_stock_collect(struct gen_pool *pool,
			       struct gen_pool_chunk *chunk, void *data)
{
	struct odma_stock_chunks *all = data;

	all->cpu[all->count] = (void *)chunk->start_addr;
	all->page[all->count++] = pfn_to_page(PHYS_PFN(chunk->phys_addr));
}

static void odma_stock_free_chunks(struct gen_pool *pool)
{
	struct odma_stock_chunks all = { };

	gen_pool_for_each_chunk(pool, odma_stock_collect, &all);
	while (all.count--) {
		odma_uncached_unmap(all.cpu[all.count], all.page[all.count],
				    ODMA_STOCK_SIZE);
		__free_pages(all.page[all.count], ODMA_STOCK_ORDER);
	}
}

/* Called with odma_mutex held, at attach. */
int odma_stock_get(void)
{
	if (odma_stock_users++)
		return 0;
	odma_stock = gen_pool_create(PAGE_SHIFT, NUMA_NO_NODE);
	if (!odma_stock)
		goto fail;
	gen_pool_set_algo(odma_stock, gen_pool_first_fit_order_align, NULL);
	if (!odma_stock_grow(odma_stock))
		return 0;
	gen_pool_destroy(odma_stock);
fail:
	odma_stock_users = 0;
	return -ENOMEM;
}

/* Called with odma_mutex held, at detach. */
void odma_stock_put(void)
{
	if (--odma_stock_users)
		return;
	cancel_work_sync(&odma_stock_work);
	/* A device may still write to what its driver did not free. */
	if (gen_pool_avail(odma_stock) != gen_pool_size(odma_stock)) {
		pr_warn("uncached memory lost: a driver did not free what it allocated\n");
		return;
	}
	odma_stock_free_chunks(odma_stock);
	gen_pool_destroy(odma_stock);
}

/* Zeroed memory that the device reaches, or NULL. Any context. */
void *odma_stock_alloc(struct device *dev, size_t size, phys_addr_t *phys)
{
	void *cpu = (void *)gen_pool_alloc(odma_stock, size);

	if (gen_pool_avail(odma_stock) < gen_pool_size(odma_stock) / 2)
		schedule_work(&odma_stock_work);
	if (!cpu)
		return NULL;
	*phys = gen_pool_virt_to_phys(odma_stock, (unsigned long)cpu);
	if (!odma_direct_coherent_reaches(dev, *phys, size)) {
		gen_pool_free(odma_stock, (unsigned long)cpu, size);
		return NULL;
	}
	memset(cpu, 0, size);
	return cpu;
}

/* False where the memory does not come from here. Any context. */
bool odma_stock_free(void *cpu, size_t size)
{
	if (!gen_pool_has_addr(odma_stock, (unsigned long)cpu, size))
		return false;
	gen_pool_free(odma_stock, (unsigned long)cpu, size);
	return true;
}
